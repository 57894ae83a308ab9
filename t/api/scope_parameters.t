#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Client scopes with a parameter, as measured on a Keycloak with the feature parameterized-scopes: asked for, refused, in tokens and claims, consented to."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap, claims  # noqa: E402

SCOPES = {"group": ("string", {}), "one": ("string", {"parameterized.scope.repeatable": "false"}), "num": ("integer", {}), "flag": ("boolean", {}),
          "pat": ("custom", {"parameterized.scope.regexp": "[a-c]+"}), "who": ("username", {}), "for": ("delegation", {})}
ME, SECRET = {"username": "alice", "password": "wonderland1"}, {"client_id": "echo", "client_secret": "echo-secret"}


def scope(name):
    kind, more = SCOPES[name]
    claim = {"claim.name": "p_" + name, "jsonType.label": "long" if kind == "integer" else "String", "access.token.claim": "true"}
    return {"name": name, "protocol": "openid-connect", "attributes": {"is.parameterized.scope": "true", "parameterized.scope.type": kind, "include.in.token.scope": "true", **more},
            "protocolMappers": [{"name": "value", "protocol": "openid-connect", "protocolMapper": "oidc-parameterized-scope-mapper", "config": claim}]}


def with_scopes(text):
    realm = json.loads(text)
    realm["clientScopes"] += [scope(name) for name in SCOPES]
    next(client for client in realm["clients"] if client["clientId"] == "echo")["optionalClientScopes"] += list(SCOPES)
    return json.dumps(realm)


tap, server = Tap(), Server(edit=with_scopes)
realm = server.base + "/realms/acme"


def token(**form):
    return Browser().request("POST", realm + "/protocol/openid-connect/token", {**SECRET, **form}).json()


def asked(words, **form):
    """What is granted of the words, and the claims; or the error."""
    answer = token(**{"grant_type": "password", **ME, "scope": words, **form})
    if "error" in answer:
        return answer["error_description"]
    mine = [word for word in answer["scope"].split() if word.partition(":")[0] in SCOPES]
    return sorted(mine), {name[2:]: value for name, value in claims(answer["access_token"]).items() if name.startswith("p_")}


def admin(method, path, body=None):
    answer = server.admin(method, "/realms/acme" + path, body)
    return answer.status, answer.json() if answer.text else None


try:
    for words, expected in {
            "group:a": (["group:a"], {"group": ["a"]}), "group:a group:b group:a": (["group:a", "group:b"], {"group": ["a", "b"]}), "group:a:b": (["group:a:b"], {"group": ["a:b"]}),
            "one:a": (["one:a"], {"one": "a"}), "num:-5 num:+7": (["num:+7", "num:-5"], {"num": [-5, 7]}), "flag:TRUE": (["flag:TRUE"], {"flag": "TRUE"}), "pat:abc": (["pat:abc"], {"pat": ["abc"]}),
            "who:bob who:alice": (["who:bob"], {"who": ["bob"]}), "who:alice": ([], {}), "for:bob": ([], {})}.items():
        tap.is_(asked(words), expected, words)
    for words in ("group", "group:", "group:a b", "one:a one:b", "num", "num:x", "num:5.5", "num:99999999999999999999", "flag:yes", "flag:true flag:false", "pat:abd", "pat", "other:a", "who:nobody", "who:bob who:nobody",
                  "for:nobody"):
        tap.is_(asked(words), f"Invalid scopes: {words}", words + " is refused")
    tap.is_(asked("group:a", grant_type="client_credentials"), (["group:a"], {"group": ["a"]}), "a service account may ask, too")

    tokens = token(grant_type="password", scope="openid group:a group:b num:5", **ME)
    again = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    tap.ok("group:b" in claims(tokens["refresh_token"])["scope"].split(), "the refresh token remembers them")
    fewer = token(**again, scope="openid group:b num:6")
    tap.is_(claims(fewer["access_token"]).get("p_group"), ["b"], "a refresh may ask for fewer")
    tap.ok("num" not in fewer["scope"], "and not for others", fewer["scope"])

    for words in ("openid group", "openid nonsense"):
        tap.is_(token(**again, scope=words).get("error_description"), f"Invalid scopes: {words}", f"a refresh that asks for {words} is refused")

    [client] = admin("GET", "/clients?clientId=echo")[1]
    admin("PUT", f"/clients/{client['id']}", {**client, "consentRequired": True})
    consented = []
    for words in ("openid group:a", "openid group:a", "openid group:b", "openid group:b group:a"):
        browser = Browser()
        page = browser.get(f"{realm}/protocol/openid-connect/auth?client_id=echo&response_type=code&redirect_uri=http%3A%2F%2Fapp.test%2Fcb&scope={words.replace(' ', '%20')}")
        answer = browser.submit(page, **ME)
        if "/required-action" in answer.headers.get("location", ""):
            answer = browser.get(answer.headers["location"])
        asks = answer.status == 200
        consented.append(asks and "<b>" + words[-1] + "</b>" in answer.text)
        if asks:
            browser.submit(answer, accept="Yes")
    tap.is_(consented, [True, False, True, False], "consent is given to a parameter, each once")
    [alice] = admin("GET", "/users?username=alice&exact=true")[1]
    [consent] = admin("GET", f"/users/{alice['id']}/consents")[1]
    tap.is_(sorted(name for name in consent["grantedClientScopes"] if name.startswith("group")), ["group:a", "group:b"], "and shown with it")

    new = {"name": "new", "protocol": "openid-connect"}
    for attributes, message in (({}, "Parameterized scope must have a parameter type"), ({"parameterized.scope.type": "nonsense"}, "Invalid parameter type 'nonsense'"),
                                ({"parameterized.scope.type": "custom"}, "Custom parameterized scope type requires a regex pattern"),
                                ({"parameterized.scope.type": "custom", "parameterized.scope.regexp": "["}, "Invalid regex for the Parameterized Scope regexp [")):
        tap.is_(admin("POST", "/client-scopes", {**new, "attributes": {"is.parameterized.scope": "true", **attributes}}), (400, {"errorMessage": message}), message)
    [group] = [one for one in admin("GET", "/client-scopes")[1] if one["name"] == "group"]
    tap.is_(admin("PUT", f"/clients/{client['id']}/default-client-scopes/{group['id']}"),
            (400, {"error": "invalid_request", "error_description": "Can't assign a Parameterized Scope to a Client as a Default Scope"}), "no client has one by default")
    tap.is_(admin("PUT", f"/default-default-client-scopes/{group['id']}"), (400, {"errorMessage": "Can't assign a Parameterized Scope as a Default Scope"}), "nor the realm's clients")
finally:
    server.stop()
tap.done()
