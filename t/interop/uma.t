#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""python-keycloak as a resource server: it registers resources, hands out permission tickets, shares what users own, and asks what they may."""
import pathlib
import sys

from keycloak import KeycloakAdmin, KeycloakOpenID, KeycloakOpenIDConnection, KeycloakUMA
from keycloak.exceptions import KeycloakDeleteError, KeycloakGetError, KeycloakPostError
from keycloak.uma_permissions import UMAPermission

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "api"))
from latchkey import Server, Tap, claims  # noqa: E402

tap, server = Tap(), Server(realms=())


def refused(kind, call, status, name):
    try:
        call()
        tap.ok(False, name, "it was not refused")
    except kind as error:
        tap.ok(error.response_code == status, name, error)


def set_up():
    admin = KeycloakAdmin(server_url=server.base + "/", username="admin", password="admin", realm_name="master", user_realm_name="master")
    admin.create_realm({"realm": "shared", "enabled": True, "users": [
        {"username": name, "enabled": True, "email": name + "@example.org", "firstName": name, "lastName": "X", "credentials": [{"type": "password", "value": name}]} for name in ("alice", "bob")]})
    admin.change_current_realm("shared")
    client = admin.create_client({"clientId": "albums", "secret": "albums", "serviceAccountsEnabled": True, "directAccessGrantsEnabled": True, "authorizationServicesEnabled": True})
    admin.assign_client_role(admin.get_user_id("alice"), client, [admin.get_client_role(client, "uma_protection")])
    return admin, client


def uma_of(**who):
    return KeycloakUMA(KeycloakOpenIDConnection(server_url=server.base + "/", realm_name="shared", client_id="albums", client_secret_key="albums", **who))


try:
    admin, client = set_up()
    openid = KeycloakOpenID(server_url=server.base + "/", realm_name="shared", client_id="albums", client_secret_key="albums")
    albums, alices = uma_of(), uma_of(username="alice", password="alice")
    well_known = albums.uma_well_known
    tap.ok(well_known["resource_registration_endpoint"].endswith("/realms/shared/authz/protection/resource_set"), "uma_well_known")

    made = albums.resource_set_create({"name": "public", "type": "urn:album", "uris": ["/public/*"], "scopes": ["view", "edit"]})
    public = made["_id"]
    tap.is_(sorted(scope["name"] for scope in albums.resource_set_read(public)["scopes"]), ["edit", "view"], "resource_set_create, resource_set_read")
    refused(KeycloakPostError, lambda: albums.resource_set_create({"name": "public"}), 409, "a name that is taken")
    albums.resource_set_update(public, {"name": "public", "type": "urn:album", "uris": ["/public/*"], "scopes": ["view", "edit"], "displayName": "Public"})
    tap.is_(albums.resource_set_read(public).get("displayName"), "Public", "resource_set_update")
    tap.is_(albums.resource_set_list_ids(uri="/public/7", matchingUri=True), [public], "resource_set_list_ids by a URI that matches")
    tap.is_(albums.resource_set_list_ids(exact_name=True, name="pub"), [], "and by an exact name")

    policy = admin.create_client_authz_client_policy({"name": "whoever comes by albums", "clients": [client]}, client)
    admin.create_client_authz_scope_permission({"name": "to view", "resources": [public], "scopes": [scope["id"] for scope in admin.get_client_authz_scopes(client) if scope["name"] == "view"],
                                                "policies": [policy["id"]]}, client)
    bob = openid.token("bob", "bob")["access_token"]
    tap.is_([[entry["rsname"], entry["scopes"]] for entry in openid.uma_permissions(bob)], [["public", ["view"]]], "uma_permissions: all that he may")
    tap.ok(openid.has_uma_access(bob, "public#view").is_authorized, "has_uma_access")
    status = openid.has_uma_access(bob, "public#edit")
    tap.ok(status.is_logged_in and not status.is_authorized and status.missing_permissions == {"public#edit"}, "and what he may not", status)
    refused(KeycloakPostError, lambda: openid.uma_permissions("nonsense", "public#view"), 400, "a token that is none")

    private = alices.resource_set_create({"name": "private", "ownerManagedAccess": True, "scopes": ["view", "edit"]})
    tap.is_(private["owner"]["name"], "alice", "whoever registers a resource owns it")
    ticket = albums.permission_ticket_create([UMAPermission(resource="private", scope="view")])
    refused(KeycloakPostError, lambda: openid.uma_permissions(bob, f"{private['_id']}#view"), 403, "bob may not")
    shared = alices.policy_resource_create(private["_id"], {"name": "bob too", "scopes": ["view"], "users": ["bob"]})
    tap.ok(openid.has_uma_access(bob, f"{private['_id']}#view").is_authorized, "until alice shares it")
    tap.ok(not openid.has_uma_access(bob, f"{private['_id']}#edit").is_authorized, "as far as she does")
    tap.is_([entry["name"] for entry in alices.policy_query(resource=private["_id"])], ["bob too"], "policy_query")
    alices.policy_update(shared["id"], {**shared, "scopes": ["view", "edit"]})
    tap.ok(openid.has_uma_access(bob, f"{private['_id']}#edit").is_authorized, "policy_update")
    alices.policy_delete(shared["id"])
    tap.ok(not openid.has_uma_access(bob, f"{private['_id']}#view").is_authorized, "policy_delete")
    tap.ok(not albums.permissions_check(bob, [UMAPermission(resource="private", scope="view")]), "permissions_check")
    tap.ok(albums.permissions_check(bob, [UMAPermission(resource="public", scope="view")]), "and of what he may")
    tap.ok("ticket" in ticket and claims(ticket["ticket"])["permissions"] == [{"rsid": private["_id"], "scopes": ["view"]}], "permission_ticket_create")

    rpt = openid.connection.raw_post("realms/shared/protocol/openid-connect/token", data={"grant_type": "urn:ietf:params:oauth:grant-type:uma-ticket", "audience": "albums", "subject_token": bob,
                                                                                       "client_id": "albums", "client_secret": "albums"}).json()["access_token"]
    seen = openid.introspect(token=rpt, rpt=rpt, token_type_hint="requesting_party_token")
    tap.ok(seen.get("active") and [entry["rsname"] for entry in seen["permissions"]] == ["public"], "introspect a requesting party token", seen)
    albums.resource_set_delete(public)
    refused(KeycloakGetError, lambda: albums.resource_set_read(public), 404, "resource_set_delete")
    refused(KeycloakDeleteError, lambda: albums.resource_set_delete(public), 404, "once")
finally:
    server.stop()
tap.done()
