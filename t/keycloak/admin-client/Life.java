// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
import jakarta.ws.rs.ClientErrorException;
import jakarta.ws.rs.core.Response;
import java.util.*;
import java.util.concurrent.Callable;
import org.keycloak.admin.client.CreatedResponseUtil;
import org.keycloak.admin.client.Keycloak;
import org.keycloak.admin.client.resource.*;
import org.keycloak.representations.idm.*;

/** org.keycloak:keycloak-admin-client through the life of a realm; prints TAP. The argument is the server's address. */
public class Life {
    static int count, failed;

    static void ok(boolean condition, String name) {
        if (!condition)
            failed++;
        System.out.println((condition ? "ok " : "not ok ") + ++count + " - " + name);
    }

    static void is(Object got, Object expected, String name) {
        ok(Objects.equals(got, expected), name);
        if (!Objects.equals(got, expected))
            System.out.println("# got " + got + ", expected " + expected);
    }

    /** The call is refused with that status. */
    static void refused(int status, Callable<?> call, String name) {
        int got = 0;
        try {
            Object answer = call.call();
            if (answer instanceof Response)
                got = ((Response) answer).getStatus();
        } catch (ClientErrorException refusal) {
            got = refusal.getResponse().getStatus();
        } catch (Exception other) {
            System.out.println("# " + other);
        }
        is(got, status, name);
    }

    static Callable<Void> does(Runnable action) {
        return () -> {
            action.run();
            return null;
        };
    }

    static RealmResource realm(Keycloak admin) {
        RealmRepresentation given = new RealmRepresentation();
        given.setRealm("life");
        given.setEnabled(true);
        admin.realms().create(given);
        refused(409, does(() -> admin.realms().create(given)), "a realm that exists");
        RealmResource realm = admin.realm("life");
        RealmRepresentation got = realm.toRepresentation();
        got.setDisplayName("Life");
        realm.update(got);
        is(realm.toRepresentation().getDisplayName(), "Life", "a realm is updated by what it was");
        ok(admin.serverInfo().getInfo().getSystemInfo().getVersion() != null, "server information");
        return realm;
    }

    static ClientResource clients(RealmResource realm) {
        ClientRepresentation given = new ClientRepresentation();
        given.setClientId("web");
        given.setServiceAccountsEnabled(true);
        given.setDirectAccessGrantsEnabled(true);
        given.setRedirectUris(List.of("https://app.example/*"));
        String id = CreatedResponseUtil.getCreatedId(realm.clients().create(given));
        refused(409, () -> realm.clients().create(given), "a client that exists");
        ClientResource client = realm.clients().get(id);
        ClientRepresentation got = client.toRepresentation();
        got.setDescription("D");
        client.update(got);
        is(realm.clients().findByClientId("web").get(0).getDescription(), "D", "a client is updated and found");
        ok(!client.generateNewSecret().getValue().equals(got.getSecret()), "a new secret");
        ProtocolMapperRepresentation mapper = new ProtocolMapperRepresentation();
        mapper.setName("colour");
        mapper.setProtocol("openid-connect");
        mapper.setProtocolMapper("oidc-hardcoded-claim-mapper");
        mapper.setConfig(new HashMap<>(Map.of("claim.name", "colour", "claim.value", "blue", "access.token.claim", "true")));
        CreatedResponseUtil.getCreatedId(client.getProtocolMappers().createMapper(mapper));
        is(client.getProtocolMappers().getMappers().get(0).getConfig().get("claim.value"), "blue", "a mapper");
        ClientScopeRepresentation scope = new ClientScopeRepresentation();
        scope.setName("extra");
        scope.setProtocol("openid-connect");
        String scopeId = CreatedResponseUtil.getCreatedId(realm.clientScopes().create(scope));
        client.addOptionalClientScope(scopeId);
        ok(client.getOptionalClientScopes().stream().anyMatch(one -> one.getName().equals("extra")), "an optional scope");
        client.roles().create(new RoleRepresentation("reader", "reads", false));
        ok(client.roles().get("reader").toRepresentation().getClientRole(), "a role of a client");
        is(client.getServiceAccountUser().getUsername(), "service-account-web", "the service account");
        return client;
    }

    static UserResource people(RealmResource realm, ClientResource client) {
        realm.roles().create(new RoleRepresentation("walker", "walks", false));
        realm.roles().create(new RoleRepresentation("runner", "runs", false));
        RoleRepresentation walker = realm.roles().get("walker").toRepresentation(), runner = realm.roles().get("runner").toRepresentation();
        realm.roles().get("runner").addComposites(List.of(walker));
        is(realm.roles().get("runner").getRoleComposites().size(), 1, "a composite role");
        GroupRepresentation group = new GroupRepresentation();
        group.setName("Operators");
        String groupId = CreatedResponseUtil.getCreatedId(realm.groups().add(group));
        realm.groups().group(groupId).roles().realmLevel().add(List.of(walker));
        is(realm.getGroupByPath("/Operators").getId(), groupId, "a group by its path");
        UserRepresentation given = new UserRepresentation();
        given.setUsername("alice");
        given.setEmail("alice@life.example");
        given.setEmailVerified(true);
        given.setFirstName("Alice");
        given.setLastName("A");
        given.setEnabled(true);
        String id = CreatedResponseUtil.getCreatedId(realm.users().create(given));
        refused(409, () -> realm.users().create(given), "a user who exists");
        UserResource user = realm.users().get(id);
        CredentialRepresentation password = new CredentialRepresentation();
        password.setType("password");
        password.setValue("second");
        password.setTemporary(false);
        user.resetPassword(password);
        is(user.credentials().get(0).getType(), "password", "a password");
        UserRepresentation got = user.toRepresentation();
        got.setLastName("B");
        user.update(got);
        is(realm.users().searchByUsername("alice", true).get(0).getLastName(), "B", "a user is updated and found");
        user.joinGroup(groupId);
        is(user.groups().get(0).getPath(), "/Operators", "a user's groups");
        is(realm.groups().group(groupId).members().get(0).getUsername(), "alice", "a group's members");
        user.roles().realmLevel().add(List.of(runner));
        String clientId = client.toRepresentation().getId();
        user.roles().clientLevel(clientId).add(List.of(client.roles().get("reader").toRepresentation()));
        ok(user.roles().getAll().getClientMappings().containsKey("web"), "roles of a user");
        ok(user.roles().realmLevel().listEffective().stream().anyMatch(one -> one.getName().equals("walker")), "effective roles");
        is(realm.users().count(), 1, "users are counted");
        return user;
    }

    static void sessions(String server, RealmResource realm, ClientResource client, UserResource user) {
        String secret = client.getSecret().getValue();
        try (Keycloak app = Keycloak.getInstance(server, "life", "alice", "second", "web", secret)) {
            ok(app.tokenManager().getAccessToken().getToken().length() > 100, "the user signs in");
            is(user.getUserSessions().size(), 1, "a session");
            refused(403, () -> app.realm("life").users().list(), "without rights");
        }
        user.logout();
        is(user.getUserSessions().size(), 0, "logout");
        is(client.getUserSessions(0, 10).size(), 0, "none of the client");
    }

    static void rest(RealmResource realm) {
        IdentityProviderRepresentation provider = new IdentityProviderRepresentation();
        provider.setAlias("up");
        provider.setProviderId("oidc");
        provider.setConfig(new HashMap<>(Map.of("clientId", "a", "clientSecret", "b", "authorizationUrl", "http://127.0.0.1:9/a", "tokenUrl", "http://127.0.0.1:9/t")));
        is(realm.identityProviders().create(provider).getStatus(), 201, "an identity provider");
        is(realm.identityProviders().get("up").toRepresentation().getConfig().get("clientSecret"), "**********", "whose secret is hidden");
        realm.identityProviders().get("up").remove();
        is(realm.flows().copy("browser", new HashMap<>(Map.of("newName", "mine"))).getStatus(), 201, "a flow is copied");
        ok(realm.flows().getExecutions("mine").size() > 3, "its executions");
        ok(realm.flows().getRequiredActions().size() > 3, "required actions");
        ComponentRepresentation key = new ComponentRepresentation();
        key.setName("k");
        key.setProviderId("rsa-generated");
        key.setProviderType("org.keycloak.keys.KeyProvider");
        key.setConfig(new org.keycloak.common.util.MultivaluedHashMap<>(Map.of("priority", List.of("5"))));
        String id = CreatedResponseUtil.getCreatedId(realm.components().add(key));
        ok(realm.keys().getKeyMetadata().getKeys().stream().anyMatch(one -> id.equals(one.getProviderId())), "a component, and its key");
        realm.components().component(id).remove();
        RealmEventsConfigRepresentation events = realm.getRealmEventsConfig();
        events.setEventsEnabled(true);
        events.setAdminEventsEnabled(true);
        realm.updateRealmEventsConfig(events);
        ok(realm.getRealmEventsConfig().isAdminEventsEnabled(), "events are configured");
        ok(realm.getEvents() != null && realm.getAdminEvents() != null, "events are read");
        ok(realm.getDefaultGroups().isEmpty(), "default groups");
        ok(!realm.users().userProfile().getConfiguration().getAttributes().isEmpty(), "the user profile");
    }

    static void end(Keycloak admin, RealmResource realm, ClientResource client, UserResource user) {
        user.remove();
        refused(404, user::toRepresentation, "a user who is gone");
        client.remove();
        refused(404, does(client::remove), "a client that is gone");
        realm.remove();
        refused(404, realm::toRepresentation, "a realm that is gone");
        ok(admin.realms().findAll().stream().noneMatch(one -> one.getRealm().equals("life")), "and not listed");
    }

    public static void main(String[] arguments) {
        try (Keycloak admin = Keycloak.getInstance(arguments[0], "master", "admin", "admin", "admin-cli")) {
            RealmResource realm = realm(admin);
            ClientResource client = clients(realm);
            UserResource user = people(realm, client);
            sessions(arguments[0], realm, client, user);
            rest(realm);
            end(admin, realm, client, user);
        } catch (RuntimeException error) {
            ok(false, "it goes on to the end: " + error);
            error.printStackTrace();
        }
        System.out.println("1.." + count);
        System.exit(failed == 0 ? 0 : 1);
    }
}
