# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The stand-in for Entra ID (entra.mjs) as a part of a stack, the identity provider that speaks with it, and who signs in there."""
import json
import os

from stack import TOP, Browser, free_port, program

TENANT, OTHER_TENANT = "11111111-aaaa-4000-8000-000000000000", "22222222-bbbb-4000-8000-000000000000"
CLIENT, PODS_CLIENT = "33333333-cccc-4000-8000-000000000000", "44444444-dddd-4000-8000-000000000000"
STAFF_GROUP, LAST_GROUP = "11111111-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000449"


class Entra:
    def __init__(self, stack, *redirect_uris):
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        stack.run("entra", [program("node"), os.path.join(TOP, "t/interop/entra.mjs")], self.port, env={
            "PORT": str(self.port), "TENANTS": f"{TENANT},{OTHER_TENANT}", "CLIENT_IDS": f"{CLIENT},{PODS_CLIENT}", "CLIENT_SECRET": "entra-secret", "REDIRECT_URIS": " ".join(redirect_uris)})

    def control(self, **change):
        """Changes how it behaves; returns what it was asked before, and the pod's token."""
        before = Browser().get(self.base + "/control").json()
        Browser().request("PUT", self.base + "/control", body=json.dumps(change), headers={"Content-Type": "application/json"})
        return before

    def provider(self, more={}, tenant=TENANT, **config):
        """The representation of an identity provider of type microsoft at this address."""
        addresses = {name: f"{self.base}/{tenant}{path}" for name, path in (
            ("authorizationUrl", "/oauth2/v2.0/authorize"), ("tokenUrl", "/oauth2/v2.0/token"), ("logoutUrl", "/oauth2/v2.0/logout"), ("jwksUrl", "/discovery/v2.0/keys"))}
        return {"alias": "entra", "displayName": "Company account", "providerId": "microsoft", "enabled": True, "trustEmail": True,
                "config": {"tenantId": tenant, "clientId": CLIENT, "clientSecret": "entra-secret", "syncMode": "FORCE", "issuer": self.base + "/{tenantid}/v2.0",
                           "graphUrl": self.base + "/v1.0", **addresses, **config}, **more}


MAPPERS = [{"name": name, "identityProviderAlias": "entra", "identityProviderMapper": kind, "config": {"syncMode": "INHERIT", **config}} for name, kind, config in (
    ("admins", "oidc-role-idp-mapper", {"claim": "roles", "claim.value": "Orders.Admin", "role": "orders-admin"}),
    ("readers", "oidc-advanced-role-idp-mapper", {"claims": '[{"key": "roles", "value": "Orders\\\\..*"}]', "are.claim.values.regex": "true", "role": "orders-user"}),
    ("staff", "oidc-advanced-group-idp-mapper", {"claims": json.dumps([{"key": "groups", "value": STAFF_GROUP}]), "are.claim.values.regex": "false", "group": "/staff"}),
    ("last", "oidc-advanced-group-idp-mapper", {"claims": json.dumps([{"key": "groups", "value": LAST_GROUP}]), "are.claim.values.regex": "false", "group": "/many"}),
    ("name", "oidc-username-idp-mapper", {"template": "${ALIAS}.${CLAIM.preferred_username | localpart}", "target": "LOCAL"}))]


def sign_in(browser, answer, user, until):
    """From an authorization request through the stand-in's page to the client, or to the page that stops it."""
    for _ in range(15):
        if answer.status in (302, 303):
            where = answer.headers["location"]
            where = where if where.startswith("http") else "/".join(answer.url.split("/")[:3]) + where
            if where.startswith(until):
                return answer
            answer = browser.get(where)
        elif 'id="i0116"' in answer.text:
            answer = browser.request("POST", answer.url, {"login": user})
        else:
            return answer
    return answer
