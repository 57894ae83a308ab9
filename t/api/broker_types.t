#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Signing in by each type of social identity provider, in the shapes that theirs answer in; and settings of providers that show in what is sent
there or here."""
import gzip
import json
import os
import sys
import time
from urllib.parse import parse_qsl, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Service, Tap, claims, serve  # noqa: E402

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
JWK = {**json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(KEY.public_key())), "kid": "k", "use": "sig", "alg": "RS256"}
OPENID = {"sub": "s-1", "email": "erin@up.test", "email_verified": True, "given_name": "Erin", "family_name": "Up"}
ERIN = ("erin@up.test", "Erin", "Up")

# type: settings beside the addresses; what answers to what path; the account's id and name there; what is known of the person here
TYPES = {
    "github": ({"baseUrl": "{up}", "apiUrl": "{up}/api", "githubJsonFormat": "true"},
               {"/login/oauth/access_token": {"access_token": "gho", "token_type": "bearer"}, "/api/user": {"id": 42, "login": "erin", "name": "Erin Up", "email": None},
                "/api/user/emails": [{"email": "old@up.test", "primary": False, "verified": True}, {"email": "erin@up.test", "primary": True, "verified": True}]},
               ("42", "erin"), ERIN),
    "facebook": ({"fetchedFields": "picture"},
                 {"/token": {"access_token": "fb", "expires_in": 100}, "/userinfo": {"id": "1001", "name": "Erin Up", "first_name": "Erin", "last_name": "Up", "email": "erin@up.test", "picture": {"u": 1}}},
                 ("1001", "erin@up.test"), ERIN),
    "bitbucket": ({}, {"/token": {"access_token": "bb"}, "/userinfo": {"type": "user", "account_id": "5:1", "username": "erin", "display_name": "Erin Up"},
                       "/userinfo/emails": {"values": [{"email": "no@up.test", "is_primary": False, "is_confirmed": True}, {"email": "erin@up.test", "is_primary": True, "is_confirmed": True}]}},
                  ("5:1", "erin"), ERIN),
    "paypal": ({"sandbox": "true"}, {"/token": {"access_token": "pp", "expires_in": 100}, "/userinfo": {"user_id": "https://pp/u/7", "name": "Erin Up", "email": "erin@up.test"}},
               ("https://pp/u/7", "erin@up.test"), ERIN),
    "openshift-v4": ({"baseUrl": "{up}"}, {"/.well-known/oauth-authorization-server": {"issuer": "{up}", "authorization_endpoint": "{up}/authorize", "token_endpoint": "{up}/token"},
                                           "/token": {"access_token": "os"}, "/apis/user.openshift.io/v1/users/~": {"metadata": {"name": "erin", "uid": "u-9"}, "fullName": "Erin Up"}},
                     ("u-9", "erin"), (None, "Erin", "Up")),
    "stackoverflow": ({"key": "the key", "userInfoUrl": "{up}/2.2/me?site=stackoverflow&key={key}&access_token={access_token}"},
                      {"/token": b"access_token=so%29%29&expires=86400", "/2.2/me": {"items": [{"user_id": 77, "link": "https://stackoverflow.com/users/77/erin", "display_name": "Erin Up"}]}},
                      ("77", "erin"), (None, "Erin", "Up")),
    "oauth2": ({"userIDClaim": "uid", "userNameClaim": "nick", "emailClaim": "mail", "fullNameClaim": "label"},
               {"/token": {"access_token": "o2"}, "/userinfo": {"uid": "9", "nick": "erin", "mail": "erin@up.test", "label": "Erin Up"}}, ("9", "erin"), ERIN),
    "gitlab": ({"issuer": "{up}"}, {"/token": {**OPENID, "sub": "3"}, "/userinfo": {"id": 3, "username": "erin", "name": "Erin Up", "email": "erin@up.test"}}, ("3", "erin"), ERIN),
    "google": ({"issuer": "{up}", "hostedDomain": "up.test", "userIp": "true", "offlineAccess": "true"}, {"/token": {**OPENID, "hd": "up.test"}, "/userinfo": OPENID}, ("s-1", "erin@up.test"), ERIN),
    "linkedin-openid-connect": ({"issuer": "{up}"}, {"/token": OPENID, "/userinfo": OPENID}, ("s-1", "erin@up.test"), ERIN),
    "keycloak-oidc": ({"issuer": "{up}"}, {"/token": {**OPENID, "preferred_username": "erin"}, "/userinfo": OPENID}, ("s-1", "erin"), ERIN),
}


class StandIn(Service):
    """Answers as the provider that the first part of the path names."""
    seen, nonces, forged = [], {}, {}

    def answer(self, status, body, more={}):
        text = gzip.compress(body)  # as Stack Exchange does, asked or not
        self.send_response(status)
        for name, value in {"Content-Encoding": "gzip", "Content-Length": str(len(text)), **more}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(text)

    def handle_one(self, form):
        url = urlsplit(self.path)
        name, path, query = url.path.split("/")[1], "/" + url.path.split("/", 2)[2], dict(parse_qsl(url.query))
        up = base + "/" + name
        StandIn.seen.append((name, path, query, form, dict(self.headers)))
        if path in ("/authorize", "/login/oauth/authorize"):
            StandIn.nonces[name] = query.get("nonce")
            back = query["redirect_uri"] + "?" + urlencode({"code": "c", "state": query["state"]})
            return self.answer(302, b"", {"Location": back})
        if path == "/jwks":
            return self.answer(200, json.dumps({"keys": [JWK]}).encode())
        if path not in TYPES[name][1]:
            return self.answer(404, b"{}")
        body = TYPES[name][1][path]
        if isinstance(body, dict) and path == "/token" and "sub" in body:
            token = {"iss": up, "aud": "us", "exp": time.time() + 60, "iat": time.time(), "nonce": StandIn.nonces[name], **body, **StandIn.forged}
            body = {"access_token": "at-" + name, "refresh_token": "rt-" + name, "expires_in": 60, "id_token": jwt.encode(token, KEY, "RS256", {"kid": "k"})}
        self.answer(200, body if isinstance(body, bytes) else json.dumps(body).replace("{up}", up).encode(), {"Content-Type": "text/plain" if isinstance(body, bytes) else "application/json"})

    def do_GET(self):
        self.handle_one({})

    def do_POST(self):
        self.handle_one(dict(parse_qsl(self.rfile.read(int(self.headers["content-length"])).decode())))


provider_server = serve(StandIn)
base = f"http://127.0.0.1:{provider_server.server_port}"
tap, server = Tap(), Server(realms=())
HOME = server.base + "/realms/home"


def provider(name, **more):
    up, own = f"{base}/{name}", {key: value.replace("{up}", f"{base}/{name}") for key, value in TYPES[name][0].items()}
    addresses = {"authorizationUrl": up + "/authorize", "tokenUrl": up + "/token", "userInfoUrl": up + "/userinfo", "jwksUrl": up + "/jwks"}
    if "baseUrl" in own:
        addresses = {}
    return {"alias": name, "providerId": name, "enabled": True, "trustEmail": True, "config": {"clientId": "us", "clientSecret": "s", "syncMode": "FORCE", **addresses, **own, **more}}


def sign_in(name, browser=None, **more):
    browser = browser or Browser()
    answer = browser.get(HOME + "/protocol/openid-connect/auth?" + urlencode(
        {"client_id": "app", "response_type": "code", "scope": "openid", "redirect_uri": "http://app.test/cb", "kc_idp_hint": name, **more}))
    while answer.status in (302, 303) and not answer.headers["location"].startswith("http://app.test"):
        answer = browser.get(answer.headers["location"])
    return answer


def token_of(answer):
    form = {"grant_type": "authorization_code", "code": answer.location().get("code", ""), "redirect_uri": "http://app.test/cb", "client_id": "app", "client_secret": "s"}
    answer = Browser().request("POST", HOME + "/protocol/openid-connect/token", form)
    return claims(answer.json()["access_token"]) if answer.status == 200 else answer.json()


def sent(name, path):
    return [one for one in StandIn.seen if one[:2] == (name, path)][-1]


def change(name, **config):
    answer = server.admin("PUT", "/realms/home/identity-provider/instances/" + name, provider(name, **config))
    assert answer.status == 204, answer.text


try:
    notes = [{"name": note, "protocol": "openid-connect", "protocolMapper": "oidc-usersessionmodel-note-mapper", "config": {
        "user.session.note": note, "claim.name": note, "jsonType.label": "String", "access.token.claim": "true"}} for note in ("FEDERATED_ACCESS_TOKEN", "FEDERATED_REFRESH_TOKEN", "FEDERATED_TOKEN_EXPIRATION")]
    optional = {"attributes": [{"name": name, "permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]}} for name in ("username", "email", "firstName", "lastName")]}
    made = server.admin("POST", "/realms", {
        "realm": "home", "enabled": True, "sslRequired": "none", "identityProviders": [provider(name) for name in TYPES],
        "components": {"org.keycloak.userprofile.UserProfileProvider": [{"name": "p", "providerId": "declarative-user-profile", "config": {"kc.user.profile.config": [json.dumps(optional)]}}]},
        "clients": [{"clientId": "app", "secret": "s", "redirectUris": ["http://app.test/*"], "protocolMappers": notes,
                     "defaultClientScopes": ["basic", "profile", "email", "roles"]}]})
    assert made.status == 201, made.text
    for name, (_, _, account, person) in TYPES.items():
        answer = sign_in(name)
        user = token_of(answer)
        if "sub" not in user:
            tap.ok(False, f"{name}: who it is", (user, answer.status, answer.text[-400:], [line for line in server.output().splitlines() if "latchkey.broker" in line][-2:]))
            continue
        link = server.admin("GET", f"/realms/home/users/{user['sub']}/federated-identity").json()
        tap.is_(([(one["userId"], one["userName"]) for one in link], (user.get("email"), user.get("given_name"), user.get("family_name"))), ([account], person), f"{name}: who it is")
        server.admin("DELETE", "/realms/home/users/" + user["sub"])

    tap.ok(sent("facebook", "/userinfo")[4]["Authorization"] == "Bearer fb" and sent("stackoverflow", "/2.2/me")[2] == {"site": "stackoverflow", "key": "the key", "access_token": "so))"},
           "the access token goes along as each wants it", StandIn.seen[-1])
    asked = sent("google", "/authorize")[2]
    tap.is_((asked["hd"], asked["access_type"], sent("google", "/userinfo")[2]["userIp"]), ("up.test", "offline", "127.0.0.1"), "google's own settings are sent")
    StandIn.forged = {"hd": "other.test"}
    tap.ok(sign_in("google").status == 502 and "hostedDomain wants up.test" in server.output(), "and checked")
    StandIn.forged = {}
    bare = provider("facebook")
    bare["config"] = {"clientId": "us", "clientSecret": "s"}
    server.admin("PUT", "/realms/home/identity-provider/instances/facebook", bare)
    browser = Browser()
    answer = browser.get(HOME + "/protocol/openid-connect/auth?" + urlencode({"client_id": "app", "response_type": "code", "redirect_uri": "http://app.test/cb", "kc_idp_hint": "facebook"}))
    while answer.headers["location"].startswith(server.base):
        answer = browser.get(answer.headers["location"])
    tap.ok(answer.headers["location"].startswith("https://graph.facebook.com/oauth/authorize?"), "the real addresses are those of the type", answer.headers)

    metadata = json.dumps({"issuer": base, "authorization_endpoint": base + "/a", "token_endpoint": base + "/t", "jwks_uri": base + "/j"})
    admin = Browser().request("POST", server.base + "/realms/master/protocol/openid-connect/token", {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}).json()

    def upload(**parts):
        body = "".join(f'--b\r\nContent-Disposition: form-data; name="{name}"; filename="f"\r\n\r\n{text}\r\n' for name, text in parts.items()) + "--b--\r\n"
        return Browser().request("POST", server.base + "/admin/realms/home/identity-provider/import-config", body=body,
                                 headers={"Authorization": "Bearer " + admin["access_token"], "Content-Type": "multipart/form-data; boundary=b"})
    tap.is_(upload(providerId="oidc", file=metadata).json(), {"issuer": base, "authorizationUrl": base + "/a", "tokenUrl": base + "/t", "jwksUrl": base + "/j",
                                                              "validateSignature": "true", "useJwksUrl": "true"}, "settings come from a file with a provider's metadata")
    tap.is_([upload(**parts).status for parts in ({"providerId": "oidc"}, {"file": metadata}, {"providerId": "oidc", "file": "nonsense"}, {"providerId": "nothing", "file": metadata})],
            [400] * 4, "or do not")

    user = token_of(sign_in("gitlab"))
    tap.ok((user["FEDERATED_ACCESS_TOKEN"], user["FEDERATED_REFRESH_TOKEN"]) == ("at-gitlab", "rt-gitlab") and abs(int(user["FEDERATED_TOKEN_EXPIRATION"]) - time.time() - 60) < 30,
           "the provider's tokens are notes of the session for mappers", user)
    change("gitlab", storeTokenInSession="false")
    tap.ok("FEDERATED_ACCESS_TOKEN" not in token_of(sign_in("gitlab")), "unless storeTokenInSession says no")

    for enabled, shown in (("false", False), ("true", True)):
        change("gitlab", clientAuthMethod="private_key_jwt", jwtX509HeadersEnabled=enabled)
        sign_in("gitlab")
        key = next(one for one in Browser().get(HOME + "/protocol/openid-connect/certs").json()["keys"] if one["alg"] == "RS256")
        head = jwt.get_unverified_header(sent("gitlab", "/token")[3]["client_assertion"])
        tap.is_((head["kid"], head.get("x5t")), (key["kid"], key["x5t"] if shown else None), f"jwtX509HeadersEnabled={enabled}")

    change("gitlab", guiOrder="1")
    change("paypal", guiOrder="2")
    page = Browser().get(HOME + "/protocol/openid-connect/auth?" + urlencode({"client_id": "app", "response_type": "code", "redirect_uri": "http://app.test/cb"})).text
    at = [page.index(f'id="social-{name}"') for name in ("gitlab", "paypal", "bitbucket", "openshift-v4")]
    tap.is_(at, sorted(at), "guiOrder is the buttons' order; who has none comes after")
    server.admin("PUT", "/realms/home/users/" + user["sub"] + "/reset-password", {"type": "password", "value": "p", "temporary": False})
    server.admin("PUT", "/realms/home/clients/" + server.admin("GET", "/realms/home/clients?clientId=app").json()[0]["id"], {
        **server.admin("GET", "/realms/home/clients?clientId=app").json()[0], "directAccessGrantsEnabled": True})
    form = {"grant_type": "password", "client_id": "app", "client_secret": "s", "username": user["preferred_username"], "password": "p", "scope": "openid"}
    role = next(one for one in server.admin("GET", "/realms/home/clients?clientId=account").json())["id"]
    manage = [one for one in server.admin("GET", f"/realms/home/clients/{role}/roles").json() if one["name"] in ("view-profile", "manage-account")]
    server.admin("POST", f"/realms/home/users/{user['sub']}/role-mappings/clients/{role}", manage)
    token = Browser().request("POST", HOME + "/protocol/openid-connect/token", form).json()["access_token"]
    for when, expected in (("ALWAYS", (True, True)), ("WHEN_LINKED", (True, False)), ("NEVER", (False, False))):
        change("gitlab", showInAccountConsole=when)
        change("paypal", showInAccountConsole=when)
        shown = [one["providerAlias"] for one in Browser().get(HOME + "/account/linked-accounts", headers={"Authorization": "Bearer " + token, "Accept": "application/json"}).json()]
        tap.is_(("gitlab" in shown, "paypal" in shown), expected, f"showInAccountConsole={when}: one that is linked, one that is not")
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server.process.poll() is None:
        server.process.kill()
provider_server.shutdown()
tap.done()
