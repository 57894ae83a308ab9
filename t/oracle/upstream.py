# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Another realm that cases have as an identity provider."""
import json

import requests


class Upstream:
    """Makes the upstream realm and the identity provider `up` in the case's realm; removes the realm at the end."""

    def __init__(self, c, more_config=None, **idp):
        self.c, self.realm = c, c.realm + "u"
        realm = {"realm": self.realm, "enabled": True, "sslRequired": "none",
                 "users": [{"username": name, "enabled": True, "email": name + "@up.test", "emailVerified": True, "firstName": name.title(), "lastName": "Up",
                            "credentials": [{"type": "password", "value": "upstream"}]} for name in ("erin", "frank")],
                 "clients": [{"clientId": "broker", "secret": "broker-secret", "redirectUris": [f"{c.base}/realms/{c.realm}/broker/up/endpoint*"]}]}
        requests.post(f"{c.base}/admin/realms", json=realm, headers=c._admin.header(), timeout=60).raise_for_status()
        up = f"{c.base}/realms/{self.realm}/protocol/openid-connect"
        config = {"clientId": "broker", "clientSecret": "broker-secret", "clientAuthMethod": "client_secret_post", "issuer": f"{c.base}/realms/{self.realm}", "authorizationUrl": up + "/auth",
                  "tokenUrl": up + "/token", "userInfoUrl": up + "/userinfo", "logoutUrl": up + "/logout", "jwksUrl": up + "/certs", "useJwksUrl": "true", "validateSignature": "true",
                  "defaultScope": "openid profile email", "syncMode": "IMPORT", **(more_config or {})}
        c.quiet("POST", "/identity-provider/instances", json={"alias": "up", "displayName": "Upstream", "providerId": "oidc", "enabled": True, "trustEmail": True, **idp, "config": config})

    def __enter__(self):
        return self

    def __exit__(self, *_):
        requests.delete(f"{self.c.base}/admin/realms/{self.realm}", headers=self.c._admin.header(), timeout=60)
        text = json.dumps(self.c.steps).replace(self.c.realm + "u", "{upstream}").replace("{realm}u", "{upstream}")
        self.c.steps[:] = json.loads(text)

    def walk(self, answer, user="erin", record=True):
        """Follows redirects, signs in at the provider where it asks, and stops at a page or at the client."""
        c = self.c
        for _ in range(12):
            if answer.status_code in (302, 303):
                if not answer.headers["location"].startswith(c.base):
                    return answer
                answer = c.get(answer.headers["location"], browser=True, record=record, label="follow")
            elif f"/realms/{self.realm}/" in answer.request.url and "kc-form-login" in answer.text:
                answer = c.submit(answer, record=False, username=user, password="upstream")
            else:
                return answer
        return answer
