#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""python-keycloak, as its users use it, through the life of a realm: clients, scopes, mappers, roles, groups, users, credentials, sessions, identity
providers, flows, components, events; and its OpenID side with what was made."""
import pathlib
import sys

from keycloak import KeycloakAdmin, KeycloakOpenID
from keycloak.exceptions import KeycloakDeleteError, KeycloakGetError, KeycloakPostError

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))
from latchkey import Server, Tap  # noqa: E402

tap, server = Tap(), Server(realms=())


def refused(kind, status, call, name):
    """The call is refused with that status, by the exception that its users catch."""
    try:
        call()
        tap.ok(False, name, "it was not refused")
    except kind as error:
        tap.ok(error.response_code == status, name, error)


def realm(admin):
    admin.create_realm({"realm": "life", "enabled": True})
    refused(KeycloakPostError, 409, lambda: admin.create_realm({"realm": "life"}), "a realm that exists")
    admin.update_realm("life", {"displayName": "Life", "accessTokenLifespan": 90})
    got = admin.get_realm("life")
    tap.ok(got["displayName"] == "Life" and got["accessTokenLifespan"] == 90 and got["enabled"], "update_realm leaves the rest")
    tap.ok({"life", "master"} <= {one["realm"] for one in admin.get_realms()}, "get_realms")
    tap.ok("systemInfo" in admin.get_server_info(), "get_server_info")
    admin.change_current_realm("life")


def clients(admin):
    made = admin.create_client({"clientId": "web", "directAccessGrantsEnabled": True, "serviceAccountsEnabled": True, "redirectUris": ["https://app.example/*"]})
    tap.is_(admin.get_client_id("web"), made, "create_client, get_client_id")
    tap.is_(admin.create_client({"clientId": "web"}, skip_exists=True), made, "skip_exists")
    admin.update_client(made, {"description": "D"})
    tap.ok(admin.get_client(made)["description"] == "D" and admin.get_client(made)["redirectUris"] == ["https://app.example/*"], "update_client leaves the rest")
    secret = admin.get_client_secrets(made)["value"]
    tap.ok(admin.generate_client_secrets(made)["value"] not in ("", secret), "generate_client_secrets")
    admin.add_mapper_to_client(made, {"name": "team", "protocol": "openid-connect", "protocolMapper": "oidc-usermodel-attribute-mapper", "config": {
        "user.attribute": "team", "claim.name": "team", "jsonType.label": "String", "access.token.claim": "true"}})
    mapper = admin.get_mappers_from_client(made)[0]
    tap.is_(mapper["name"], "team", "add_mapper_to_client")
    mapper["config"]["claim.name"] = "crew"
    admin.update_client_mapper(made, mapper["id"], mapper)
    tap.is_(admin.get_mappers_from_client(made)[0]["config"]["claim.name"], "crew", "update_client_mapper")
    scope = admin.create_client_scope({"name": "extra", "protocol": "openid-connect"})
    admin.add_mapper_to_client_scope(scope, {"name": "colour", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper",
                                             "config": {"claim.name": "colour", "claim.value": "blue", "access.token.claim": "true"}})
    admin.add_client_default_client_scope(made, scope, {})
    tap.ok("extra" in [one["name"] for one in admin.get_client_default_client_scopes(made)], "client scopes")
    admin.add_default_default_client_scope(scope)
    tap.ok("extra" in [one["name"] for one in admin.get_default_default_client_scopes()], "default client scopes of the realm")
    admin.create_client_role(made, {"name": "reader"})
    tap.is_(admin.get_client_role(made, "reader")["clientRole"], True, "create_client_role")
    return made


def people(admin, client):
    admin.create_realm_role({"name": "walker", "description": "walks"})
    admin.create_realm_role({"name": "runner"})
    admin.add_composite_realm_roles_to_role("runner", [admin.get_realm_role("walker")])
    tap.is_([role["name"] for role in admin.get_composite_realm_roles_of_role("runner")], ["walker"], "composite roles")
    user = admin.create_user({"username": "alice", "email": "alice@life.example", "enabled": True, "emailVerified": True, "firstName": "Alice", "lastName": "A",
                              "attributes": {"team": ["red"]}, "credentials": [{"type": "password", "value": "first"}]})
    refused(KeycloakPostError, 409, lambda: admin.create_user({"username": "alice"}), "a user who exists")
    tap.is_(admin.create_user({"username": "alice"}, exist_ok=True), user, "exist_ok")
    tap.is_((admin.get_user_id("alice"), admin.users_count(), admin.get_users({"search": "ALI"})[0]["id"]), (user, 1, user), "users are found")
    admin.update_user(user, {"lastName": "B"})
    tap.is_((admin.get_user(user)["lastName"], admin.get_user(user)["firstName"]), ("B", "Alice"), "update_user leaves the rest")
    admin.set_user_password(user, "second", temporary=False)
    tap.is_([one["type"] for one in admin.get_credentials(user)], ["password"], "set_user_password, get_credentials")
    group = admin.create_group({"name": "Operators"})
    night = admin.create_group({"name": "Night"}, parent=group)
    tap.is_(admin.get_group_by_path("/Operators/Night")["id"], night, "groups by path")
    admin.group_user_add(user, night)
    tap.is_([one["username"] for one in admin.get_group_members(night)], ["alice"], "members of a group")
    tap.is_([one["path"] for one in admin.get_user_groups(user)], ["/Operators/Night"], "groups of a user")
    admin.assign_group_realm_roles(group, [admin.get_realm_role("walker")])
    admin.assign_group_client_roles(group, client, [admin.get_client_role(client, "reader")])
    admin.assign_realm_roles(user, [admin.get_realm_role("runner")])
    tap.ok("runner" in [role["name"] for role in admin.get_realm_roles_of_user(user)], "assign_realm_roles")
    tap.ok({"walker", "runner"} <= {role["name"] for role in admin.get_composite_realm_roles_of_user(user)}, "effective roles")
    admin.assign_client_role(user, client, [admin.get_client_role(client, "reader")])
    tap.is_([role["name"] for role in admin.get_client_roles_of_user(user, client)], ["reader"], "assign_client_role")
    admin.delete_client_roles_of_user(user, client, [admin.get_client_role(client, "reader")])
    tap.is_(admin.get_client_roles_of_user(user, client), [], "delete_client_roles_of_user")
    tap.is_([one["username"] for one in admin.get_realm_role_members("runner")], ["alice"], "members of a role")
    return user


def tokens(admin, client, user):
    """What the roles, mappers and scopes made, as an application sees it."""
    app = KeycloakOpenID(server_url=server.base + "/", realm_name="life", client_id="web", client_secret_key=admin.get_client_secrets(client)["value"])
    tap.ok(app.well_known()["issuer"] == f"{server.base}/realms/life", "well_known")
    token = app.token("alice", "second")
    claims = app.decode_token(token["access_token"])
    tap.ok({"walker", "runner"} <= set(claims["realm_access"]["roles"]) and claims["resource_access"]["web"]["roles"] == ["reader"], "roles of groups and composites", claims)
    tap.ok(claims["colour"] == "blue" and claims.get("team") is None, "a scope's mapper; an attribute that the profile does not know is not taken", claims)
    tap.is_(app.userinfo(app.token("alice", "second", scope="openid")["access_token"])["email"], "alice@life.example", "userinfo")
    tap.is_(app.introspect(token["access_token"])["active"], False, "introspect: a token whose audience is another is not active for this client, as with Keycloak")
    tap.ok(len(admin.get_sessions(user)) >= 1 and len(admin.get_client_all_sessions(client)) >= 1, "sessions of user and client")
    tap.ok(app.refresh_token(token["refresh_token"])["access_token"] != token["access_token"], "refresh_token")
    admin.user_logout(user)
    refused(KeycloakPostError, 400, lambda: app.refresh_token(token["refresh_token"]), "user_logout ends the session")
    refused(KeycloakPostError, 400, lambda: app.token("alice", "first"), "the first password is gone")
    service = app.token(grant_type="client_credentials")
    tap.is_(app.decode_token(service["access_token"])["preferred_username"], "service-account-web", "client credentials")
    tap.is_(admin.get_client_service_account_user(client)["username"], "service-account-web", "get_client_service_account_user")


def rest(admin, user):
    admin.create_idp({"alias": "up", "providerId": "oidc", "enabled": True, "config": {"clientId": "a", "clientSecret": "b", "useJwksUrl": "true", "authorizationUrl": "http://127.0.0.1:9/a", "tokenUrl": "http://127.0.0.1:9/t"}})
    tap.is_([one["alias"] for one in admin.get_idps()], ["up"], "create_idp")
    admin.add_mapper_to_idp("up", {"name": "m", "identityProviderAlias": "up", "identityProviderMapper": "hardcoded-attribute-idp-mapper", "config": {"attribute": "a", "attribute.value": "b", "syncMode": "INHERIT"}})
    tap.is_([one["name"] for one in admin.get_idp_mappers("up")], ["m"], "add_mapper_to_idp")
    admin.delete_idp("up")
    admin.copy_authentication_flow({"newName": "mine"}, "browser")
    flow = next(one for one in admin.get_authentication_flows() if one["alias"] == "mine")
    tap.ok(len(admin.get_authentication_flow_executions("mine")) > 3, "copy_authentication_flow")
    admin.delete_authentication_flow(flow["id"])
    tap.ok("CONFIGURE_TOTP" in [one["alias"] for one in admin.get_required_actions()], "get_required_actions")
    made = admin.create_component({"name": "k", "providerId": "rsa-generated", "providerType": "org.keycloak.keys.KeyProvider", "config": {"priority": ["5"]}})
    tap.is_(admin.get_component(made)["name"], "k", "create_component")
    tap.ok(made in [key.get("providerId") for key in admin.get_keys()["keys"]], "get_keys")
    admin.delete_component(made)
    admin.set_events({"eventsEnabled": True, "adminEventsEnabled": True, "eventsListeners": ["jboss-logging"]})
    admin.create_realm_role({"name": "seen"})
    tap.ok(isinstance(admin.get_events(), list), "get_events")
    tap.ok(isinstance(admin.get_bruteforce_detection_status(user), dict), "get_bruteforce_detection_status")
    tap.ok("attributes" in admin.get_realm_users_profile(), "get_realm_users_profile")
    exported = admin.export_realm(export_clients=True, export_groups_and_role=True)
    tap.ok("web" in [one["clientId"] for one in exported["clients"]] and "Operators" in [one["name"] for one in exported["groups"]], "export_realm")


def end(admin, client, user):
    admin.delete_user(user)
    refused(KeycloakGetError, 404, lambda: admin.get_user(user), "a user who is gone")
    admin.delete_client(client)
    refused(KeycloakDeleteError, 404, lambda: admin.delete_client(client), "a client that is gone")
    admin.change_current_realm("master")
    admin.delete_realm("life")
    refused(KeycloakGetError, 404, lambda: admin.get_realm("life"), "a realm that is gone")


try:
    administrator = KeycloakAdmin(server_url=server.base + "/", username="admin", password="admin", realm_name="master", user_realm_name="master")
    realm(administrator)
    web = clients(administrator)
    alice = people(administrator, web)
    tokens(administrator, web, alice)
    rest(administrator, alice)
    end(administrator, web, alice)
finally:
    server.stop()
tap.done()
