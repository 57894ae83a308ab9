#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Each address of the admin REST API: 401 to a stranger, and to an administrator what the table says."""
import json
import os
import re
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402

# With {client}, {scope}, {role}, {group} of the realm, and {missing} for what does not exist.
TABLE = [
    ("GET", "/clients", 200), ("POST", "/clients", 400), ("GET", "/clients/{client}", 200), ("PUT", "/clients/{missing}", 404), ("DELETE", "/clients/{missing}", 404),
    ("GET", "/clients/{client}/client-secret", 200), ("GET", "/clients/{client}/client-secret/rotated", 404), ("GET", "/clients/{client}/service-account-user", 200),
    ("POST", "/clients/{client}/nodes", 400), ("DELETE", "/clients/{client}/nodes/{missing}", 404),
    ("GET", "/clients/{client}/default-client-scopes", 200), ("PUT", "/clients/{client}/default-client-scopes/{missing}", 404),
    ("GET", "/clients/{client}/protocol-mappers/models", 200), ("GET", "/clients/{client}/protocol-mappers/models/{missing}", 404),
    ("POST", "/clients/{client}/protocol-mappers/add-models", 400), ("GET", "/clients/{client}/protocol-mappers/protocol/{protocol}", 200),
    ("GET", "/client-scopes", 200), ("GET", "/client-templates/{scope}", 200), ("GET", "/default-default-client-scopes", 200), ("PUT", "/default-default-client-scopes/{missing}", 404),
    ("GET", "/clients/{client}/scope-mappings", 200), ("GET", "/clients/{client}/scope-mappings/realm/available", 200),
    ("GET", "/clients/{client}/scope-mappings/realm/composite", 200), ("GET", "/clients/{client}/scope-mappings/clients/{client}/available", 200),
    ("GET", "/clients/{client}/scope-mappings/clients/{missing}/composite", 404),
    ("GET", "/clients/{client}/roles", 200), ("GET", "/clients/{client}/roles/{missing}/management/permissions", 404), ("GET", "/roles/{role}/management/permissions", 501),
    ("GET", "/roles/{role}/composites/realm", 200), ("GET", "/roles/{role}/composites/clients/{client}", 200), ("GET", "/roles/{role}/users", 200), ("GET", "/roles/{role}/groups", 200),
    ("GET", "/groups", 200), ("GET", "/groups/count", 200), ("GET", "/group-by-path/{missing}", 404), ("GET", "/default-groups", 200), ("PUT", "/default-groups/{missing}", 404),
    ("GET", "/identity-provider/instances", 200), ("POST", "/identity-provider/instances", 400), ("GET", "/identity-provider/instances/{provider}", 200),
    ("PUT", "/identity-provider/instances/{missing}", 404), ("DELETE", "/identity-provider/instances/{missing}", 404),
    ("GET", "/identity-provider/instances/{provider}/mappers", 200), ("GET", "/identity-provider/instances/{provider}/mappers/{missing}", 404),
    ("GET", "/identity-provider/instances/{missing}/mappers", 404), ("GET", "/identity-provider/providers/oidc", 200), ("GET", "/identity-provider/providers/{missing}", 400),
    ("POST", "/identity-provider/import-config", 400), ("GET", "/identity-provider/instances/{provider}/mapper-types", 200), ("GET", "/identity-provider/instances/{provider}/export", 204),
    ("GET", "/identity-provider/instances/{provider}/reload-keys", 503), ("GET", "/identity-provider/instances/{provider}/management/permissions", 501),
    ("GET", "/organizations", 404), ("POST", "/organizations", 404), ("GET", "/organizations/count", 404), ("GET", "/organizations/members/{user}/organizations", 404), ("GET", "/organizations/{missing}", 404), ("PUT", "/organizations/{missing}", 404), ("DELETE", "/organizations/{missing}", 404), ("GET", "/organizations/{missing}/members", 404),
    ("GET", "/organizations/{missing}/groups", 404), ("POST", "/organizations/{missing}/groups", 404), ("GET", "/organizations/{missing}/groups/group-by-path/a", 404), ("GET", "/organizations/{missing}/groups/{missing}", 404), ("PUT", "/organizations/{missing}/groups/{missing}", 404), ("DELETE", "/organizations/{missing}/groups/{missing}", 404), ("GET", "/organizations/{missing}/groups/{missing}/children", 404), ("POST", "/organizations/{missing}/groups/{missing}/children", 404), ("GET", "/organizations/{missing}/groups/{missing}/members", 404), ("PUT", "/organizations/{missing}/groups/{missing}/members/{user}", 404), ("DELETE", "/organizations/{missing}/groups/{missing}/members/{user}", 404), ("GET", "/organizations/{missing}/members/{user}/groups", 404),
    ("GET", "/organizations/{missing}/groups/{missing}/role-mappings", 404), ("GET", "/organizations/{missing}/groups/{missing}/role-mappings/realm", 404), ("POST", "/organizations/{missing}/groups/{missing}/role-mappings/realm", 404), ("DELETE", "/organizations/{missing}/groups/{missing}/role-mappings/realm", 404), ("GET", "/organizations/{missing}/groups/{missing}/role-mappings/realm/available", 404), ("GET", "/organizations/{missing}/groups/{missing}/role-mappings/realm/composite", 404), ("GET", "/organizations/{missing}/groups/{missing}/role-mappings/clients/{client}", 404), ("POST", "/organizations/{missing}/groups/{missing}/role-mappings/clients/{client}", 404), ("DELETE", "/organizations/{missing}/groups/{missing}/role-mappings/clients/{client}", 404), ("GET", "/organizations/{missing}/groups/{missing}/role-mappings/clients/{client}/available", 404), ("GET", "/organizations/{missing}/groups/{missing}/role-mappings/clients/{client}/composite", 404),
    ("POST", "/organizations/{missing}/members", 404), ("GET", "/organizations/{missing}/members/count", 404), ("GET", "/organizations/{missing}/members/{user}", 404), ("DELETE", "/organizations/{missing}/members/{user}", 404), ("GET", "/organizations/{missing}/members/{user}/organizations", 404), ("GET", "/organizations/{missing}/identity-providers", 404), ("POST", "/organizations/{missing}/identity-providers", 404), ("GET", "/organizations/{missing}/identity-providers/{provider}", 404), ("DELETE", "/organizations/{missing}/identity-providers/{provider}", 404),
    ("GET", "/users", 200), ("POST", "/users", 400), ("GET", "/users/count", 200), ("GET", "/users/profile", 200), ("PUT", "/users/profile", 200), ("GET", "/users/profile/metadata", 200),
    ("GET", "/users/{user}", 200), ("PUT", "/users/{missing}", 404), ("DELETE", "/users/{missing}", 404), ("GET", "/users/{user}/unmanagedAttributes", 200),
    ("GET", "/users/{user}/credentials", 200), ("DELETE", "/users/{user}/credentials/{missing}", 404), ("PUT", "/users/{user}/credentials/{missing}/userLabel", 404),
    ("POST", "/users/{user}/credentials/{missing}/moveToFirst", 404), ("POST", "/users/{user}/credentials/{missing}/moveAfter/{missing}", 404),
    ("PUT", "/users/{user}/reset-password", 400), ("PUT", "/users/{user}/disable-credential-types", 204), ("GET", "/users/{user}/configured-user-storage-credential-types", 200),
    ("GET", "/users/{user}/groups", 200), ("GET", "/users/{user}/groups/count", 200), ("PUT", "/users/{user}/groups/{missing}", 404), ("GET", "/users/{user}/sessions", 200),
    ("GET", "/users/{user}/offline-sessions/{missing}", 404), ("GET", "/users/{user}/consents", 200), ("DELETE", "/users/{user}/consents/{missing}", 404), ("POST", "/users/{missing}/logout", 404),
    ("POST", "/users/{missing}/impersonation", 404), ("GET", "/client-session-stats", 200), ("DELETE", "/sessions/{missing}", 404), ("POST", "/logout-all", 200), ("POST", "/clear-realm-cache", 204), ("POST", "/clear-user-cache", 204), ("POST", "/clear-keys-cache", 204), ("POST", "/clear-crl-cache", 204),
    ("GET", "/attack-detection/brute-force/users/{user}", 200), ("DELETE", "/attack-detection/brute-force/users/{missing}", 204), ("DELETE", "/attack-detection/brute-force/users", 204),
    ("GET", "/users-management-permissions", 501), ("PUT", "/users/{user}/send-verify-email", 500), ("PUT", "/users/{user}/execute-actions-email", 500),
    ("PUT", "/users/{user}/reset-password-email", 500), ("POST", "/testSMTPConnection", 400), ("GET", "/credential-registrators", 200), ("GET", "/clients/{client}/user-sessions", 200), ("GET", "/clients/{client}/offline-sessions", 200),
    ("GET", "/clients/{client}/session-count", 200), ("GET", "/clients/{client}/offline-session-count", 200),
    ("GET", "/users/{user}/federated-identity", 200), ("POST", "/users/{user}/federated-identity/{missing}", 404), ("DELETE", "/users/{user}/federated-identity/{missing}", 404),
    ("GET", "/groups/{group}", 200), ("GET", "/groups/{group}/children", 200), ("GET", "/groups/{group}/members", 200), ("GET", "/groups/{group}/management/permissions", 501),
    ("GET", "/clients/{client}/test-nodes-available", 200), ("POST", "/clients/{client}/push-revocation", 200), ("GET", "/clients/{client}/management/permissions", 501),
    ("GET", "/clients/{client}/installation/providers/{missing}", 404), ("GET", "/clients/{client}/evaluate-scopes/generate-example-access-token", 404),
    ("GET", "/clients/{client}/evaluate-scopes/generate-example-id-token", 404), ("GET", "/clients/{client}/evaluate-scopes/generate-example-userinfo", 404),
    ("GET", "/clients/{client}/evaluate-scopes/protocol-mappers", 200), ("GET", "/clients/{client}/evaluate-scopes/scope-mappings/{client}/granted", 200),
    ("GET", "/clients/{client}/evaluate-scopes/scope-mappings/{missing}/not-granted", 404),
    ("GET", "/authentication/flows", 200), ("POST", "/authentication/flows", 400), ("GET", "/authentication/flows/{missing}", 404), ("POST", "/authentication/flows/{missing}/copy", 404),
    ("GET", "/authentication/flows/browser/executions", 200), ("POST", "/authentication/flows/browser/executions/execution", 400), ("POST", "/authentication/flows/browser/executions/flow", 400),
    ("POST", "/authentication/executions", 400), ("GET", "/authentication/executions/{missing}", 404), ("POST", "/authentication/executions/{missing}/raise-priority", 404),
    ("POST", "/authentication/executions/{missing}/lower-priority", 404), ("POST", "/authentication/executions/{missing}/config", 400),
    ("GET", "/authentication/executions/{missing}/config/{missing}", 404), ("GET", "/authentication/config/{missing}", 404),
    ("GET", "/authentication/required-actions", 200), ("GET", "/authentication/required-actions/{missing}", 404), ("POST", "/authentication/required-actions/{missing}/raise-priority", 404),
    ("POST", "/authentication/required-actions/{missing}/lower-priority", 404), ("GET", "/authentication/required-actions/{missing}/config", 400),
    ("GET", "/authentication/required-actions/UPDATE_PASSWORD/config-description", 200), ("GET", "/authentication/authenticator-providers", 200),
    ("GET", "/authentication/client-authenticator-providers", 200), ("GET", "/authentication/form-action-providers", 200), ("GET", "/authentication/form-providers", 200),
    ("GET", "/authentication/config-description/{missing}", 404), ("GET", "/authentication/per-client-config-description", 200),
    ("GET", "/authentication/unregistered-required-actions", 200), ("POST", "/authentication/register-required-action", 400),
    ("GET", "/components", 200), ("GET", "/components/{missing}", 404), ("GET", "/components/{missing}/sub-component-types", 404), ("GET", "/keys", 200),
    ("GET", "/localization", 200), ("GET", "/localization/{missing}", 200), ("DELETE", "/localization/{missing}", 404), ("GET", "/localization/{missing}/{missing}", 404),
    ("POST", "/localization/en", 400), ("DELETE", "/localization/en/{missing}", 404),
    ("GET", "/clients/{client}/certificates/jwt.credential", 200), ("POST", "/clients/{client}/certificates/jwt.credential/upload", 400),
    ("POST", "/clients/{client}/certificates/jwt.credential/upload-certificate", 400), ("POST", "/clients/{client}/certificates/jwt.credential/download", 400),
    ("POST", "/clients/{client}/certificates/jwt.credential/generate-and-download", 400), ("POST", "/clients/{missing}/certificates/jwt.credential/generate", 404),
    ("GET", "/workflows", 200), ("POST", "/authentication/config", 400), ("PUT", "/ui-ext", 400), ("GET", "/ui-ext/available-roles/users/{user}", 200), ("GET", "/ui-ext/effective-roles/users/{user}", 200), ("GET", "/ui-ext/effective-roles-all/groups/{group}", 200),
    ("GET", "/ui-ext/role-mappings/roles/{missing}", 200), ("POST", "/ui-ext/role-mapping-delete/users/{missing}", 404), ("GET", "/ui-ext/authentication-management/flows", 200),
    ("GET", "/ui-ext/authentication-management/clients/{missing}", 404), ("GET", "/ui-ext/brute-force-user", 200), ("GET", "/ui-ext/sessions", 200), ("GET", "/ui-ext/sessions/client", 404),
    ("GET", "/client-policies/policies", 200), ("PUT", "/client-policies/policies", 400), ("GET", "/client-policies/profiles", 200), ("PUT", "/client-policies/profiles", 400),
    # of a client that is no resource server
    ("GET", "/clients/{client}/authz/resource-server", 404), ("GET", "/clients/{client}/authz/resource-server/settings", 404), ("GET", "/clients/{client}/authz/resource-server/resource", 404),
    ("GET", "/clients/{client}/authz/resource-server/resource/search", 404), ("GET", "/clients/{client}/authz/resource-server/resource/{missing}", 404), ("GET", "/clients/{client}/authz/resource-server/resource/{missing}/scopes", 404),
    ("GET", "/clients/{client}/authz/resource-server/resource/{missing}/permissions", 404), ("GET", "/clients/{client}/authz/resource-server/resource/{missing}/attributes", 404), ("GET", "/clients/{client}/authz/resource-server/scope", 404),
    ("GET", "/clients/{client}/authz/resource-server/scope/search", 404), ("GET", "/clients/{client}/authz/resource-server/scope/{missing}", 404), ("GET", "/clients/{client}/authz/resource-server/scope/{missing}/permissions", 404),
    ("GET", "/clients/{client}/authz/resource-server/scope/{missing}/resources", 404), ("GET", "/clients/{client}/authz/resource-server/policy", 404), ("GET", "/clients/{client}/authz/resource-server/policy/providers", 404),
    ("GET", "/clients/{client}/authz/resource-server/policy/search", 404), ("GET", "/clients/{client}/authz/resource-server/policy/{missing}", 404), ("GET", "/clients/{client}/authz/resource-server/policy/{missing}/scopes", 404),
    ("GET", "/clients/{client}/authz/resource-server/policy/{missing}/resources", 404), ("GET", "/clients/{client}/authz/resource-server/policy/{missing}/associatedPolicies", 404), ("GET", "/clients/{client}/authz/resource-server/policy/{missing}/dependentPolicies", 404),
    ("GET", "/clients/{client}/authz/resource-server/policy/user/{missing}/scopes", 404),
    ("GET", "/clients/{client}/authz/resource-server/policy/user/search", 404), ("GET", "/clients/{client}/authz/resource-server/policy/user/providers", 404),
    ("GET", "/clients/{client}/authz/resource-server/policy/user/{missing}/dependentPolicies", 404),
    ("GET", "/clients/{client}/authz/resource-server/policy/user/{missing}/resources", 404),
    ("GET", "/clients/{client}/authz/resource-server/policy/user/{missing}/associatedPolicies", 404),
    ("GET", "/clients/{client}/authz/resource-server/policy/user/{missing}", 404), ("GET", "/clients/{client}/authz/resource-server/permission", 404), ("POST", "/clients/{client}/authz/resource-server/import", 404),
    ("POST", "/clients/{client}/authz/resource-server/policy/evaluate", 404), ("POST", "/clients/{client}/authz/resource-server/policy/user", 404),
]

tap, server = Tap(), Server()
try:
    url = server.base + "/admin/realms/acme"
    token = Browser().request("POST", server.base + "/realms/master/protocol/openid-connect/token",
                              {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}).json()["access_token"]
    headers = {"Authorization": "Bearer " + token}
    ask = lambda path: Browser().get(url + path, headers=headers).json()  # noqa: E731
    known = {"client": ask("/clients?clientId=echo")[0]["id"], "scope": ask("/client-scopes")[0]["id"], "role": "boss", "group": ask("/groups")[0]["id"],
             "provider": ask("/identity-provider/instances")[0]["alias"], "user": ask("/users?username=alice&exact=true")[0]["id"],
             "missing": "00000000-0000-4000-8000-000000000000", "protocol": "openid-connect"}
    for method, path, expected in TABLE:
        full = url + re.sub(r"\{(\w+)\}", lambda match: known[match[1]], path)
        tap.is_(Browser().request(method, full).status, 401, f"{method} {path}: not for a stranger")
        answer = Browser().request(method, full, headers=headers)
        tap.is_(answer.status, expected, f"{method} {path}")
        if answer.status >= 400:
            tap.ok({"error", "errorMessage"} & set(json.loads(answer.body)), "  says why", answer.body)
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
