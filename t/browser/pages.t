#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Each page that a person meets, in a real browser (pages.mjs), with and without JavaScript. SHOTS=FOLDER keeps pictures of them."""
import json
import pathlib
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / room) for room in ("interop", "api")]
from mail_sink import Sink  # noqa: E402
from stack import Service, Stack, Tap, free_port, run_node  # noqa: E402

WALKS = ("js", "plain")


class App(Service):
    """Where logins lead: a page, whatever comes back. /told says which of its pages for logouts were called."""

    told = []

    def answer(self):
        if self.path.startswith("/out/"):
            self.told.append(self.path)
        elif self.path == "/told":
            return 200, {"Content-Type": "application/json"}, json.dumps(self.told)
        return 200, {"Content-Type": "text/html"}, "<!doctype html><title>App</title><h1>App</h1>"


class Mailbox(Service):
    """/<address>/<number>: the link in the mail of that number to that address."""

    def answer(self):
        address, number = self.path.strip("/").split("/")
        until = time.time() + 10
        while time.time() < until:
            mails = [mail for mail in sink.mails if mail.envelope["to"] == [address]]
            if len(mails) >= int(number):
                return 200, {"Content-Type": "text/plain"}, mails[int(number) - 1].links[0]
            time.sleep(0.02)
        return 404, {}, ""


def user(name, *actions, **fields):
    return {"username": name, "email": f"{name}@example.test", "firstName": "Test", "lastName": "Person", "enabled": True, "emailVerified": True,
            "requiredActions": actions, "credentials": [{"type": "password", "value": "wonderland1"}], **fields}


def provider(alias, name, scope):
    """An identity provider of acme: the realm plain of the same server."""
    oidc = f"{PLAIN}/protocol/openid-connect"
    return {"alias": alias, "displayName": name, "providerId": "oidc", "enabled": True, "trustEmail": True, "config": {
        "clientId": "acme", "clientSecret": "secret", "issuer": PLAIN, "authorizationUrl": f"{oidc}/auth", "tokenUrl": f"{oidc}/token",
        "jwksUrl": f"{oidc}/certs", "useJwksUrl": "true", "validateSignature": "true", "disableUserInfo": "true", "defaultScope": scope}}


def acme(realm):
    """Everything that has a page is switched on, and there are users of their own for each of the two walks."""
    realm.update(smtpServer={"host": "127.0.0.1", "port": str(sink.port), "from": "acme@example.test"}, registrationAllowed=True, resetPasswordAllowed=True, displayName="Acme Corporation", identityProviderMappers=[],
                 identityProviders=[provider("aad", "Acme (Entra ID)", "openid profile email"), provider("partner", "Partner", "openid profile")])
    app = {"enabled": True, "publicClient": True, "redirectUris": [f"http://127.0.0.1:{app_port}/*"], "attributes": {"post.logout.redirect.uris": "+"}}
    realm["clients"] += [{"clientId": "app", "name": "Order desk", **app}, {"clientId": "careful", "name": "Travel planner", "consentRequired": True, **app},
                         {"clientId": "tv", "name": "Television", "publicClient": True, "attributes": {"oauth2.device.authorization.grant.enabled": "true"}}]
    for name in ("calendar", "wiki"):
        told = {"frontchannel.logout.url": f"http://127.0.0.1:{app_port}/out/{name}", **app["attributes"]}
        realm["clients"].append({**app, "clientId": name, "name": name.capitalize(), "frontchannelLogout": True, "attributes": told})
    for walk in WALKS:
        realm["users"] += [user(f"{walk}-password", "UPDATE_PASSWORD"), user(f"{walk}-otp", "CONFIGURE_TOTP"), user(f"{walk}-person"),
                           user(f"{walk}-profile", "UPDATE_PROFILE"), user(f"{walk}-terms", "TERMS_AND_CONDITIONS"), user(f"{walk}-twin"),
                           user(f"{walk}-forgetful"), user(f"{walk}-unproved", "VERIFY_EMAIL", emailVerified=False)]
    for user_of_acme in realm["users"]:
        user_of_acme.pop("federatedIdentities", None)
    next(action for action in realm["requiredActions"] if action["alias"] == "TERMS_AND_CONDITIONS")["enabled"] = True


def plain(realm):
    """The provider; one of its people has an address that acme knows."""
    realm["clients"].append({"clientId": "acme", "secret": "secret", "redirectUris": [f"{BASE}/realms/acme/broker/*"],
                             "defaultClientScopes": ["basic", "profile"], "optionalClientScopes": ["email"]})
    realm["users"] = [user(f"{walk}-{name}") for walk in WALKS for name in ("guest", "twin")]


def for_browsers(text):
    realm = json.loads(text)
    {"acme": acme, "plain": plain}[realm["realm"]](realm)
    return json.dumps(realm)


tap, sink = Tap(), Sink()
with Stack() as stack:
    app_port, port = stack.service(App), free_port()
    BASE = f"http://127.0.0.1:{port}/auth"
    PLAIN = f"{BASE}/realms/plain"
    stack.latchkey(f"--http-port={port}", realms=("acme", "plain"), edit=for_browsers)
    run_node(tap, "browser/pages.mjs", REALM=f"{BASE}/realms/acme", APP=f"http://127.0.0.1:{app_port}", MAILBOX=f"http://127.0.0.1:{stack.service(Mailbox)}")
    stack.done(tap)
