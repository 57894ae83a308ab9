// SPDX-FileCopyrightText: 2026 The Latchkey authors
// SPDX-License-Identifier: MIT
// Keycloak's own admin client for Node through the life of a realm: what a program that manages realms does from its making to its end.
import KcAdminClient from "@keycloak/keycloak-admin-client";
import { done, is, ok } from "../tap.mjs";

const { BASE } = process.env;
const admin = new KcAdminClient({ baseUrl: BASE, realmName: "master" });
await admin.auth({ username: "admin", password: "admin", grantType: "password", clientId: "admin-cli" });

async function refused(promise) {
    try {
        await promise;
    } catch (error) {
        return error.response?.status;
    }
    return "not refused";
}

// --- the server and the realm

const info = await admin.serverInfo.find();
ok(info.protocolMapperTypes["openid-connect"].some((type) => type.id === "oidc-usermodel-attribute-mapper"), "server information");
is(await admin.realms.create({ realm: "walk", enabled: true, sslRequired: "none" }), { realmName: "walk" }, "realm made");
ok((await admin.realms.find({ briefRepresentation: true })).some((realm) => realm.realm === "walk"), "and listed");
await admin.realms.update({ realm: "walk" }, { displayName: "A walk", eventsEnabled: true, adminEventsEnabled: true, adminEventsDetailsEnabled: true });
is((await admin.realms.findOne({ realm: "walk" })).displayName, "A walk", "realm changed");
is(await refused(admin.realms.create({ realm: "walk" })), 409, "a second one of that name is refused");
const realm = "walk";

// --- a client with its roles, mappers and scopes

const { id: app } = await admin.clients.create({ realm, clientId: "app", secret: "app-secret", serviceAccountsEnabled: true, directAccessGrantsEnabled: true, redirectUris: ["http://app.test/*"] });
is((await admin.clients.find({ realm, clientId: "app" }))[0].id, app, "client found by its clientId");
await admin.clients.update({ realm, id: app }, { clientId: "app", name: "An app" });
is((await admin.clients.findOne({ realm, id: app })).name, "An app", "client changed");
await admin.clients.createRole({ realm, id: app, name: "editor", description: "Edits" });
await admin.clients.addProtocolMapper({ realm, id: app }, { name: "tier", protocol: "openid-connect", protocolMapper: "oidc-hardcoded-claim-mapper", config: { "claim.name": "tier", "claim.value": "gold", "jsonType.label": "String", "access.token.claim": "true" } });
is((await admin.clients.listProtocolMappers({ realm, id: app })).map((mapper) => mapper.name), ["tier"], "protocol mapper added");
const { id: scope } = await admin.clientScopes.create({ realm, name: "extra", protocol: "openid-connect" });
await admin.clients.addOptionalClientScope({ realm, id: app, clientScopeId: scope });
ok((await admin.clients.listOptionalClientScopes({ realm, id: app })).some((entry) => entry.name === "extra"), "optional scope added");
is((await admin.clients.getClientSecret({ realm, id: app })).value, "app-secret", "secret read");
ok((await admin.clients.getServiceAccountUser({ realm, id: app })).username === "service-account-app", "service account");

// --- roles, groups, users

await admin.roles.create({ realm, name: "reader" });
const reader = await admin.roles.findOneByName({ realm, name: "reader" });
const editor = await admin.clients.findRole({ realm, id: app, roleName: "editor" });
await admin.roles.createComposite({ realm, roleId: reader.id }, [editor]);
is((await admin.roles.getCompositeRoles({ realm, id: reader.id })).map((role) => role.name), ["editor"], "composite role");
const { id: staff } = await admin.groups.create({ realm, name: "staff" });
await admin.groups.createChildGroup({ realm, id: staff }, { name: "leads" });
await admin.groups.addRealmRoleMappings({ realm, id: staff, roles: [{ id: reader.id, name: "reader" }] });
is((await admin.groups.listSubGroups({ realm, parentId: staff })).map((group) => group.path), ["/staff/leads"], "groups");
const { id: user } = await admin.users.create({ realm, username: "walker", enabled: true, email: "walker@example.test", firstName: "W", lastName: "K", credentials: [{ type: "password", value: "secret" }] });
await admin.users.addToGroup({ realm, id: user, groupId: staff });
is((await admin.users.find({ realm, search: "walk" })).map((entry) => entry.id), [user], "user found");
is((await admin.users.listGroups({ realm, id: user })).map((group) => group.name), ["staff"], "in the group");
await admin.users.addClientRoleMappings({ realm, id: user, clientUniqueId: app, roles: [{ id: editor.id, name: "editor" }] });
is((await admin.users.listClientRoleMappings({ realm, id: user, clientUniqueId: app })).map((role) => role.name), ["editor"], "with a client's role");

// --- the realm is used, and tells of it

async function token(form) {
    return fetch(`${BASE}/realms/walk/protocol/openid-connect/token`, { method: "POST", body: new URLSearchParams({ client_id: "app", client_secret: "app-secret", ...form }) });
}
const answer = await token({ grant_type: "password", username: "walker", password: "secret" });
const claims = JSON.parse(Buffer.from((await answer.json()).access_token.split(".")[1], "base64url"));
is([claims.tier, claims.resource_access.app.roles], ["gold", ["editor"]], "the mapper and the role are in a token");
is((await token({ grant_type: "password", username: "walker", password: "wrong" })).status, 400, "a wrong password is refused");
const events = await admin.realms.findEvents({ realm, type: ["LOGIN", "LOGIN_ERROR"] });
is(events.map((event) => [event.type, event.error ?? null]), [["LOGIN_ERROR", "invalid_user_credentials"], ["LOGIN", null]], "events of users");
const made = await admin.realms.findAdminEvents({ realm, operationTypes: "CREATE", resourceTypes: "CLIENT" });
is(made.map((event) => event.resourcePath), [`clients/${app}`], "events of administrators");
ok(!made[0].representation.includes("app-secret"), "without secrets");
await admin.realms.clearEvents({ realm });
is((await admin.realms.findEvents({ realm })).length, 0, "events cleared");

// --- parts of a realm go out and in

const part = await admin.realms.export({ realm, exportClients: true, exportGroupsAndRoles: true });
is([part.clients.find((client) => client.clientId === "app").secret, part.roles.realm.some((role) => role.name === "reader")], ["**********", true], "partial export");
const report = await admin.realms.partialImport({ realm, rep: { ifResourceExists: "SKIP", clients: [{ clientId: "app" }, { clientId: "other" }], users: [{ username: "second", enabled: true }] } });
is([report.added, report.skipped], [2, 1], "partial import");
const access = await admin.realms.createClientsInitialAccess({ realm }, { count: 1, expiration: 60 });
const registered = await fetch(`${BASE}/realms/walk/clients-registrations/openid-connect`, { method: "POST", headers: { Authorization: `Bearer ${access.token}`, "Content-Type": "application/json" }, body: JSON.stringify({ redirect_uris: ["http://r.test/cb"] }) });
is(registered.status, 201, "a client registers itself with an initial access token");
is((await admin.realms.getClientsInitialAccess({ realm }))[0].remainingCount, 0, "which is used up then");
await admin.realms.delClientsInitialAccess({ realm, id: access.id });

// --- flows, components, identity providers, policies

ok((await admin.authenticationManagement.getFlows({ realm })).some((flow) => flow.alias === "browser"), "flows");
await admin.authenticationManagement.copyFlow({ realm, flow: "browser", newName: "mine" });
ok((await admin.authenticationManagement.getExecutions({ realm, flow: "mine" })).length > 3, "flow copied");
const { id: key } = await admin.components.create({ realm, name: "spare", providerId: "rsa-generated", providerType: "org.keycloak.keys.KeyProvider", config: { priority: ["-1"] } });
ok((await admin.realms.getKeys({ realm })).keys.some((entry) => entry.providerId === key), "key added");
await admin.identityProviders.create({ realm, alias: "up", providerId: "oidc", config: { authorizationUrl: "http://up.test/a", tokenUrl: "http://up.test/t", clientId: "c", clientSecret: "s" } });
is((await admin.identityProviders.findOne({ realm, alias: "up" })).config.clientSecret, "**********", "identity provider, without its secret");
await admin.clientPolicies.createProfiles({ realm, profiles: [{ name: "safe", executors: [{ executor: "pkce-enforcer", configuration: { "auto-configure": true } }] }] });
await admin.clientPolicies.updatePolicy({ realm, policies: [{ name: "all", enabled: true, conditions: [{ condition: "any-client", configuration: {} }], profiles: ["safe"] }] });
const { id: bound } = await admin.clients.create({ realm, clientId: "bound" });
is((await admin.clients.findOne({ realm, id: bound })).attributes["pkce.code.challenge.method"], "S256", "a client policy sets what it asks for");

// --- sessions, and the end

ok((await admin.users.listSessions({ realm, id: user })).length > 0, "sessions of the user");
await admin.realms.logoutAll({ realm });
is((await admin.users.listSessions({ realm, id: user })).length, 0, "all are logged out");
await admin.users.del({ realm, id: user });
await admin.clients.del({ realm, id: app });
is(await refused(admin.clients.createRole({ realm, id: app, name: "late" })), 404, "what is gone is not found");
await admin.realms.del({ realm: "walk" });
is(await admin.realms.findOne({ realm: "walk" }), null, "realm deleted");
done();
