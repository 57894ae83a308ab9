# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What OAuth2-Proxy 7.15.6 (provider keycloak-oidc, PKCE, nonce checked) says to its provider and does with the answers, as it was recorded
on the wire. It stands where the real one stands, behind the gateway's ext_authz. `calls` lists what it said: (endpoint, authentication,
status of the answer)."""
import base64
import contextlib
import hashlib
import http.cookies
import json
import secrets
import threading
import time
from urllib.parse import parse_qs, quote, quote_plus, unquote, urlencode, urlsplit

import jwt
import requests
from stack import Service

TIMEOUT = 30  # seconds
IN_ID_TOKEN = ("sub", "email", "email_verified", "groups", "preferred_username")


def hash_of(text):
    return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b"=").decode()


class Refused(Exception):
    """What ends a request: a status, and a page's text."""

    def __init__(self, status, text):
        super().__init__(text)
        self.status, self.text = status, text


class Provider:
    """The provider's endpoints, as found at start, and the client's credentials there."""

    def __init__(self, issuer, client, secret, callback):
        self.client, self.secret, self.callback, self.calls = client, secret, callback, []
        answer = requests.get(issuer + "/.well-known/openid-configuration", timeout=TIMEOUT)
        self.endpoints = answer.json() if answer.status_code == 200 else {}
        if self.endpoints.get("issuer") != issuer:
            raise Refused(500, f"oidc: issuer did not match: {answer.status_code} {answer.text[:200]}")
        self.keys = jwt.PyJWKClient(self.endpoints["jwks_uri"])  # which fetches anew for an unknown kid

    def login_url(self, state, nonce, verifier):
        return self.endpoints["authorization_endpoint"] + "?" + urlencode({
            "approval_prompt": "force", "client_id": self.client, "code_challenge": hash_of(verifier), "code_challenge_method": "S256",
            "nonce": hash_of(nonce), "redirect_uri": self.callback, "response_type": "code", "scope": "openid email profile", "state": state})

    def tokens(self, **form):
        """HTTP Basic first; after any error the same again with the secret in the form."""
        url, headers = self.endpoints["token_endpoint"], {"User-Agent": "oauth2-proxy/v7.15.6"}
        attempts = [("basic", form, (quote_plus(self.client), quote_plus(self.secret))),
                    ("post", {**form, "client_id": self.client, "client_secret": self.secret}, None)]
        for way, body, auth in attempts:
            answer = requests.post(url, data=body, auth=auth, headers=headers, timeout=TIMEOUT)
            self.calls.append((form["grant_type"], way, answer.status_code))
            if answer.status_code == 200:
                return answer.json()
        raise Refused(answer.status_code, answer.text)

    def verify(self, token):
        """Signature, issuer, audience; no leeway for the expiry."""
        try:
            key = self.keys.get_signing_key_from_jwt(token)
            return jwt.decode(token, key, algorithms=self.endpoints["id_token_signing_alg_values_supported"], audience=self.client,
                              issuer=self.endpoints["issuer"])
        except (jwt.PyJWTError, jwt.PyJWKClientError) as error:
            raise Refused(500, str(error)) from error

    def userinfo(self, access_token):
        answer = requests.get(self.endpoints["userinfo_endpoint"], headers={"Authorization": "Bearer " + access_token}, timeout=TIMEOUT)
        self.calls.append(("userinfo", "bearer", answer.status_code))
        return answer.json() if answer.status_code == 200 else {}

    def session(self, tokens, nonce=None, old=None):
        """What is kept of a token answer; a refresh may leave the ID token out, and does not repeat the nonce."""
        id_token = tokens.get("id_token") or (old or {}).get("id_token")
        if id_token is None:
            raise Refused(500, "token response did not contain an id_token")
        claims = self.verify(id_token)
        if nonce is not None and claims.get("nonce") != hash_of(nonce):
            raise Refused(500, "nonce did not match")
        if any(name not in claims for name in IN_ID_TOKEN):
            claims = {**self.userinfo(tokens["access_token"]), **claims}
        if "email" not in claims:
            raise Refused(500, "neither the id_token nor the profileURL set an email")
        if claims.get("email_verified", True) is not True:
            raise Refused(500, f"email in id_token ({claims['email']}) isn't verified")
        access = jwt.decode(tokens["access_token"], options={"verify_signature": False})
        roles = ["role:" + role for role in access.get("realm_access", {}).get("roles", [])]
        for client, entry in access.get("resource_access", {}).items():
            roles += [f"role:{client}:{role}" for role in entry["roles"]]
        return {"user": claims["sub"], "email": claims["email"], "preferred_username": claims.get("preferred_username", ""), "id_token": id_token,
                "groups": claims.get("groups", []) + roles, "access_token": tokens["access_token"], "refresh_token": tokens["refresh_token"],
                "expires": claims["exp"], "created": int(time.time()), "refreshed": old is not None}


class Proxy:
    """Its sessions, and what it makes of each request."""

    def __init__(self, issuer, client, secret, callback, cookie_refresh):
        self.provider = Provider(issuer, client, secret, callback)
        self.cookie_refresh, self.sessions, self.logins, self.lock = cookie_refresh, {}, {}, threading.Lock()

    @property
    def calls(self):
        return self.provider.calls

    def start(self, path):
        state, nonce, verifier = (secrets.token_urlsafe(32) for _ in range(3))
        self.logins[state] = (nonce, verifier)
        return 302, {"Location": self.provider.login_url(f"{state}:{quote(path, safe='')}", nonce, verifier), "Set-Cookie": f"_oauth2_proxy_csrf={state}; Path=/; HttpOnly"}

    def callback(self, query, cookies):
        if "error" in query:
            raise Refused(403, "The upstream identity provider returned an error: " + query["error"])
        state, _, path = query.get("state", "").partition(":")
        if state not in self.logins or cookies.get("_oauth2_proxy_csrf") != state:
            raise Refused(403, "Unable to find a valid CSRF token")
        nonce, verifier = self.logins.pop(state)
        try:
            tokens = self.provider.tokens(grant_type="authorization_code", code=query["code"], redirect_uri=self.provider.callback, code_verifier=verifier)
        except Refused as refused:
            raise Refused(500, "code redeem failed") from refused
        ticket = secrets.token_urlsafe(32)
        self.sessions[ticket] = self.provider.session(tokens, nonce)
        return 302, {"Location": unquote(path), "Set-Cookie": f"_oauth2_proxy={ticket}; Path=/; HttpOnly; SameSite=Lax"}

    def sign_out(self, query, ticket):
        session = self.sessions.pop(ticket, {})
        return 302, {"Location": query["rd"].replace("{id_token}", session.get("id_token", "")), "Set-Cookie": "_oauth2_proxy=; Path=/; Max-Age=0"}

    def refresh(self, ticket):
        """The stale session of a ticket renewed: by one request, for which the others wait. None where it has ended; or where the provider
        was away and the ID token is one of a refresh, which has no nonce, and so is no good any more."""
        with self.lock:
            session = self.sessions.get(ticket)
            if session is None or int(time.time()) - session["created"] <= self.cookie_refresh:
                return session
            try:
                tokens = self.provider.tokens(grant_type="refresh_token", refresh_token=session["refresh_token"])
            except Refused as refused:
                if not any(code in refused.text for code in ("invalid_grant", "invalid_client")):
                    return session if session["expires"] > time.time() and not session["refreshed"] else None
                del self.sessions[ticket]
                return None
            self.sessions[ticket] = self.provider.session(tokens, old=session)
            return self.sessions[ticket]

    def bearer(self, authorization):
        """The session that a bearer token makes by itself."""
        token = authorization.removeprefix("Bearer ")
        claims = self.provider.verify(token)
        if claims.get("email_verified", True) is not True:
            raise Refused(500, f"email in id_token ({claims.get('email', '')}) isn't verified")
        return {"user": claims["sub"], "email": claims.get("email", claims["sub"]), "preferred_username": claims.get("preferred_username", ""),
                "groups": claims.get("groups", []), "id_token": token, "access_token": token}

    def check(self, path, headers):
        url = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        cookies = {name: morsel.value for name, morsel in http.cookies.SimpleCookie(headers.get("cookie", "")).items()}
        ticket = cookies.get("_oauth2_proxy")
        if url.path == "/oauth2/callback":
            return self.callback(query, cookies)
        if url.path == "/oauth2/sign_out":
            return self.sign_out(query, ticket)
        session = None
        if headers.get("authorization", "").startswith("Bearer "):
            with contextlib.suppress(Refused):
                session = self.bearer(headers["authorization"])
        session = session or self.refresh(ticket)
        if session is None:
            return self.start(path) if "text/html" in headers.get("accept", "") else (401, {})
        return 200, {"X-Auth-Request-User": session["user"], "X-Auth-Request-Email": session["email"], "X-Auth-Request-Groups": ",".join(session["groups"]),
                     "X-Auth-Request-Preferred-Username": session["preferred_username"], "X-Auth-Request-Access-Token": session["access_token"],
                     "Authorization": "Bearer " + session["id_token"]}


def service(proxy):
    class Authorizer(Service):
        def answer(self):
            try:
                return *proxy.check(self.path, self.headers), ""
            except Refused as refused:
                return refused.status, {}, refused.text

    return Authorizer
