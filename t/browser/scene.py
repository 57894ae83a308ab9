# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What a walk through the pages needs around it: the realm acme, the realm plain that is its identity provider, an application, a mailbox, people."""
import json
import pathlib
import sys
import time

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / room) for room in ("interop", "api")]
from mail_sink import Sink  # noqa: E402
from stack import Service, Stack, Tap, free_port, run_node  # noqa: E402

sink, app_port, port = Sink(), free_port(), free_port()
APP = f"http://127.0.0.1:{app_port}"
BASE = f"http://127.0.0.1:{port}/auth"
PLAIN = f"{BASE}/realms/plain"
MAIL = {"host": "127.0.0.1", "port": str(sink.port), "from": "acme@example.test"}


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


def person(name, *actions, **fields):
    return {"username": name, "email": f"{name}@example.test", "firstName": "Test", "lastName": "Person", "enabled": True, "emailVerified": True,
            "requiredActions": actions, "credentials": [{"type": "password", "value": "wonderland1"}], **fields}


def provider(alias, name, scope, **config):
    """An identity provider of acme: the realm plain of the same server."""
    oidc = f"{PLAIN}/protocol/openid-connect"
    return {"alias": alias, "displayName": name, "providerId": "oidc", "enabled": True, "trustEmail": True, "config": {
        "clientId": "acme", "clientSecret": "secret", "issuer": PLAIN, "authorizationUrl": f"{oidc}/auth", "tokenUrl": f"{oidc}/token",
        "jwksUrl": f"{oidc}/certs", "useJwksUrl": "true", "validateSignature": "true", "disableUserInfo": "true", "defaultScope": scope, **config}}


def play(script, acme, people):
    """Runs a walk where `acme` has edited that realm and `people` are those of the provider."""
    def edited(text):
        realm = json.loads(text)
        if realm["realm"] == "acme":
            realm.update(smtpServer=MAIL, identityProviderMappers=[])
            for one in realm["users"]:
                one.pop("federatedIdentities", None)
            acme(realm)
        else:
            realm["clients"].append({"clientId": "acme", "secret": "secret", "redirectUris": [f"{BASE}/realms/acme/broker/*"],
                                     "defaultClientScopes": ["basic", "profile"], "optionalClientScopes": ["email"]})
            realm["users"] = people
        return json.dumps(realm)

    tap = Tap()
    with Stack() as stack:
        stack.service(App, app_port)
        stack.latchkey(f"--http-port={port}", realms=("acme", "plain"), edit=edited)
        run_node(tap, script, BASE=BASE, REALM=f"{BASE}/realms/acme", APP=APP, MAILBOX=f"http://127.0.0.1:{stack.service(Mailbox)}")
        stack.done(tap)
