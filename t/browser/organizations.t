#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Signing in where the realm has organizations, in a real browser (organizations.mjs): by name, by the provider that the address leads to, by an invitation."""
import json
import pathlib
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / room) for room in ("interop", "api")]
from mail_sink import Sink  # noqa: E402
from stack import Service, Stack, Tap, free_port, run_node  # noqa: E402


class App(Service):
    """Where logins lead."""

    def answer(self):
        return 200, {"Content-Type": "text/html"}, "<!doctype html><title>App</title><h1>App</h1>"


class Mailbox(Service):
    """/<number>: the link in the mail of that number."""

    def answer(self):
        return 200, {"Content-Type": "text/plain"}, sink.wait(int(self.path.strip("/"))).links[0]


def user(name, domain="example.test"):
    return {"username": name, "email": f"{name}@{domain}", "firstName": "Test", "lastName": "Person", "enabled": True, "emailVerified": True, "credentials": [{"type": "password", "value": "wonderland1"}]}


def acme(realm):
    """Ann belongs to two organizations; the second has a provider, the realm plain of the same server."""
    oidc = f"{PLAIN}/protocol/openid-connect"
    config = {"clientId": "acme", "clientSecret": "secret", "issuer": PLAIN, "authorizationUrl": f"{oidc}/auth", "tokenUrl": f"{oidc}/token", "jwksUrl": f"{oidc}/certs", "useJwksUrl": "true",
              "validateSignature": "true", "disableUserInfo": "true", "defaultScope": "openid profile email", "loginHint": "true", "kc.org.domain": "south.test", "kc.org.broker.redirect.mode.email-matches": "true"}
    realm.update(organizationsEnabled=True, identityProviderMappers=[], smtpServer={"host": "127.0.0.1", "port": str(sink.port), "from": "acme@example.test"},
                 identityProviders=[{"alias": "south", "displayName": "South's own", "providerId": "oidc", "enabled": True, "trustEmail": True, "config": config}],
                 organizations=[{"name": "North Inc", "alias": "north", "domains": [{"name": "north.test"}], "redirectUrl": f"http://127.0.0.1:{app_port}/joined", "members": [{"username": "ann"}]},
                                {"name": "South Inc", "alias": "south", "domains": [{"name": "south.test"}], "members": [{"username": "ann"}], "identityProviders": [{"alias": "south"}]}])
    realm["clients"].append({"clientId": "app", "publicClient": True, "redirectUris": [f"http://127.0.0.1:{app_port}/*"], "optionalClientScopes": ["organization"], "protocolMappers": []})
    realm["users"].append(user("ann"))
    for one in realm["users"]:
        one.pop("federatedIdentities", None)


def plain(realm):
    realm["clients"].append({"clientId": "acme", "secret": "secret", "redirectUris": [f"{BASE}/realms/acme/broker/*"], "defaultClientScopes": ["basic", "profile"], "optionalClientScopes": ["email"]})
    realm["users"] = [user("sue", "south.test")]


def edited(text):
    realm = json.loads(text)
    {"acme": acme, "plain": plain}[realm["realm"]](realm)
    return json.dumps(realm)


tap, sink = Tap(), Sink()
with Stack() as stack:
    app_port, port = stack.service(App), free_port()
    BASE = f"http://127.0.0.1:{port}/auth"
    PLAIN = f"{BASE}/realms/plain"
    stack.latchkey(f"--http-port={port}", realms=("acme", "plain"), edit=edited)
    run_node(tap, "browser/organizations.mjs", BASE=BASE, APP=f"http://127.0.0.1:{app_port}", MAILBOX=f"http://127.0.0.1:{stack.service(Mailbox)}")
    stack.done(tap)
