# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Backchannel authentication (CIBA) as far as it goes without an authentication channel."""
import base64
import hashlib
import hmac
import json
import pathlib
import sys
import time
import uuid

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from policies import use  # noqa: E402

GRANT = "urn:openid:params:grant-type:ciba"
SECRET = {"client_id": "app", "client_secret": "app-secret"}


def enable(c, **fields):
    rep = c.admin("GET", f"/clients/{c.client_id('app')}", record=False).json()
    rep["attributes"].update({"oidc.ciba.grant.enabled": "true", **fields})
    c.quiet("PUT", f"/clients/{rep['id']}", json=rep)


def ask(c, **form):
    given = {**SECRET, "scope": "openid", "login_hint": "alice", **form}
    c.post("ext/ciba/auth", {name: value for name, value in given.items() if value is not None})


@case("ciba/off")
def _(c):
    ask(c)
    c.token(record=True, grant_type=GRANT, auth_req_id="x")


@case("ciba/refused")
def _(c):
    enable(c)
    ask(c, client_secret="wrong")
    ask(c, scope=None)
    ask(c, scope="openid nothing")
    ask(c, login_hint=None)
    ask(c, login_hint="nobody")
    ask(c, login_hint="carol")
    ask(c, binding_message="two words")
    ask(c, binding_message="x" * 51)
    ask(c, user_code="1234")
    ask(c, requested_expiry="soon")
    c.token(record=True, grant_type=GRANT)
    c.token(record=True, grant_type=GRANT, auth_req_id="nonsense")
    c.post("ext/ciba/auth/callback", json={"status": "SUCCEED"})
    c.post("ext/ciba/auth/callback", json={"status": "SUCCEED"}, headers={"Authorization": "Bearer x.y.z"})


@case("ciba/ping-without-token")
def _(c):
    enable(c, **{"ciba.backchannel.token.delivery.mode": "ping", "ciba.backchannel.client.notification.endpoint": "http://127.0.0.1:9/notify"})
    ask(c)


# --- signed requests (CIBA section 7.1.1) --------------------------------------------------------------------------------------------
def b64u(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


_keys = {}


def key(name):
    if name not in _keys:
        _keys[name] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _keys[name]


def jwk(name):
    numbers = key(name).public_key().public_numbers()
    return {"kty": "RSA", "kid": name, "use": "sig", "alg": "RS256", "n": b64u(numbers.n.to_bytes(256, "big")), "e": "AQAB"}


def signed(claims, alg="RS256", name="ciba", **header):
    text = b64u(json.dumps({"alg": alg, "kid": name, **header}).encode()) + "." + b64u(json.dumps(claims).encode())
    if alg == "none":
        return text + "."
    if alg == "HS256":
        return text + "." + b64u(hmac.new(b"app-secret", text.encode(), hashlib.sha256).digest())
    return text + "." + b64u(key(name).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))


def good(c, **changes):
    now = int(time.time())
    value = {"iss": "app", "aud": f"{c.base}/realms/{c.realm}", "exp": now + 60, "iat": now, "nbf": now, "jti": str(uuid.uuid4()), "scope": "openid", "login_hint": "alice", **changes}
    return {name: claim for name, claim in value.items() if claim is not None}


def try_signed(c, label, claims=None, text=None, **form):
    """What is refused, and with which words; what is not gets as far as the authentication channel, which is not there."""
    given = {**SECRET, **({"request": text or signed(claims)} if claims is not None or text is not None else {}), **form}
    answer = c.post("ext/ciba/auth", {name: value for name, value in given.items() if value is not None}, record=False)
    c.note(label, "reaches the channel" if answer.status_code in (500, 503) else [answer.status_code, answer.json()])


def registered(c, alg="RS256", **more):
    enable(c, **{"ciba.backchannel.auth.request.signing.alg": alg, "use.jwks.string": "true", "jwks.string": json.dumps({"keys": [jwk("ciba")]}), **more})


@case("ciba/signed")
def _(c):
    registered(c)
    try_signed(c, "good", good(c))
    try_signed(c, "parameters beside it", good(c, login_hint=None), login_hint="alice", scope="openid")
    try_signed(c, "an own scope beside it", good(c), scope="openid nothing")
    try_signed(c, "unsigned", None, login_hint="alice", scope="openid")
    try_signed(c, "no scope", good(c, scope=None))
    try_signed(c, "no user", good(c, login_hint="nobody"))
    try_signed(c, "no hint", good(c, login_hint=None))
    try_signed(c, "unknown scope", good(c, scope="openid nothing"))
    try_signed(c, "binding message", good(c, binding_message="two words"))
    try_signed(c, "expiry as a number", good(c, requested_expiry=30))
    try_signed(c, "expiry as text", good(c, requested_expiry="30"))
    try_signed(c, "expiry that is none", good(c, requested_expiry="soon"))
    try_signed(c, "user code", good(c, user_code="1"))
    try_signed(c, "the client named", good(c, client_id="app"))


@case("ciba/signed-badly")
def _(c):
    registered(c)
    for label, claims in (("no issuer", good(c, iss=None)), ("no audience", good(c, aud=None)),
                          ("audience: token endpoint", good(c, aud=c.oidc("token"))), ("audience: this endpoint", good(c, aud=c.oidc("ext/ciba/auth"))),
                          ("audience: several", good(c, aud=["https://other.test", f"{c.base}/realms/{c.realm}"])),
                          ("no expiry", good(c, exp=None)), ("no nbf", good(c, nbf=None)), ("no iat", good(c, iat=None)), ("no jti", good(c, jti=None)),
                          ("long lived", good(c, exp=int(time.time()) + 7200)), ("a request in it", good(c, request="x"))):
        try_signed(c, label, claims)
    once = signed(good(c))
    try_signed(c, "first", text=once)
    try_signed(c, "again", text=once)
    for label, text in (("alg none", signed(good(c), alg="none")), ("HS256", signed(good(c), alg="HS256")), ("another key of that name", signed(good(c), name="other", kid="ciba")),
                        ("an unknown key", signed(good(c), name="other")), ("nonsense", "nonsense"), ("no algorithm", "e30." + b64u(b"{}") + ".YQ"), ("another alg", signed(good(c), alg="PS256"))):
        try_signed(c, label, text=text)
    try_signed(c, "request_uri", None, request_uri="http://127.0.0.1:9/x")
    try_signed(c, "both", good(c), request_uri="http://127.0.0.1:9/x")
    registered(c, "")
    try_signed(c, "no algorithm registered", good(c))
    try_signed(c, "unsigned where none is registered", None, login_hint="alice", scope="openid")
    registered(c, "ES256")
    try_signed(c, "another registered", good(c))


@case("ciba/signed-times")
def _(c):
    registered(c)
    now = int(time.time())
    for label, changes in (("expired", {"exp": now - 100}), ("not yet", {"nbf": now + 600}), ("another issuer", {"iss": "spa"}), ("another audience", {"aud": "https://other.test"}),
                           ("another client", {"client_id": "spa"})):
        try_signed(c, label, good(c, **changes))


@case("ciba/malformed")
def _(c):
    enable(c)
    for label, form in (("no hint, an ID token", {"login_hint": None, "id_token_hint": "x"}), ("no hint, a token", {"login_hint": None, "login_hint_token": "x"}),
                        ("two hints", {"id_token_hint": "x"}), ("three hints", {"id_token_hint": "x", "login_hint_token": "x"}), ("empty hint", {"login_hint": ""}),
                        ("blank hint", {"login_hint": " "}), ("long hint", {"login_hint": "x" * 300}), ("empty scope", {"scope": ""}), ("scope of spaces", {"scope": "  "}),
                        ("no openid", {"scope": "email"}), ("empty message", {"binding_message": ""}), ("odd message", {"binding_message": "<b>"}),
                        ("long enough", {"binding_message": "x" * 50}), ("not ASCII", {"binding_message": "\u00e9"}), ("empty user code", {"user_code": ""}),
                        ("expiry empty", {"requested_expiry": ""}), ("expiry 0", {"requested_expiry": "0"}), ("expiry negative", {"requested_expiry": "-1"}),
                        ("expiry a fraction", {"requested_expiry": "1.5"}), ("expiry with a space", {"requested_expiry": " 5"}), ("expiry with a plus", {"requested_expiry": "+5"}),
                        ("expiry too large", {"requested_expiry": "99999999999"}), ("expiry very long", {"requested_expiry": "9" * 60}), ("odd acr", {"acr_values": "x y"}),
                        ("notification unasked", {"client_notification_token": "x"}), ("request empty", {"request": ""}), ("request_uri empty", {"request_uri": ""}),
                        ("no client", {"client_id": None, "client_secret": None}), ("unknown client", {"client_id": "nobody"})):
        given = {"scope": "openid", "login_hint": "alice", **form}
        try_signed(c, label, **given)


@case("ciba/malformed-ping")
def _(c):
    enable(c, **{"ciba.backchannel.token.delivery.mode": "ping", "ciba.backchannel.client.notification.endpoint": "http://127.0.0.1:9/notify"})
    for label, token in (("none", None), ("a space", " "), ("long", "x" * 1024), ("too long", "x" * 1025)):
        try_signed(c, label, scope="openid", login_hint="alice", client_notification_token=token)


@case("ciba/malformed-request")
def _(c):
    registered(c)
    text = signed(good(c))
    parts = text.split(".")
    for label, broken in (("two dots", ".."), ("four parts", text + ".x"), ("claims that are no base64url", parts[0] + ".%%%." + parts[2]), ("header: array", b64u(b"[]") + "." + ".".join(parts[1:])),
                          ("header: empty", b64u(b"{}") + "." + ".".join(parts[1:])),
                          ("no signature", parts[0] + "." + parts[1] + "."), ("short signature", text[:-8]), ("five parts", text + ".x.y"), ("five empty parts", "....")):
        try_signed(c, label, text=broken)


@case("ciba/what-is-refused-otherwise")
def _(c):
    enable(c, **{"ciba.backchannel.token.delivery.mode": "ping", "ciba.backchannel.client.notification.endpoint": "http://127.0.0.1:9/notify"})
    try_signed(c, "empty notification token", scope="openid", login_hint="alice", client_notification_token="")
    registered(c)
    parts = signed(good(c)).split(".")
    for label, text in (("a word", "x"), ("one dot", "a.b"), ("header that is no base64url", "%%%." + ".".join(parts[1:])), ("claims: array", parts[0] + "." + b64u(b"[]") + "." + parts[2])):
        try_signed(c, label, text=text)


@case("ciba/malformed-poll")
def _(c):
    enable(c)
    for id in ("", " ", "x.y.z", "a.b.c.d.e", "x" * 3000, "\u00e9"):
        c.token(record=True, grant_type=GRANT, auth_req_id=id)


@case("ciba/signed-by-policy")
def _(c):
    registered(c)
    now = int(time.time())
    use(c, "secure-ciba-signed-authn-req", {"available-period": "600"})
    try_signed(c, "unsigned", None, login_hint="alice", scope="openid")
    try_signed(c, "unsigned, nobody", None, login_hint="nobody", scope="openid")
    try_signed(c, "good", good(c))
    for name in ("exp", "nbf", "iat", "jti", "aud", "iss", "scope", "login_hint"):
        try_signed(c, "no " + name, good(c, **{name: None}), **({name: good(c)[name]} if name in ("scope", "login_hint") else {}))
    try_signed(c, "long lived", good(c, exp=now + 700))
    try_signed(c, "just so long", good(c, nbf=now, exp=now + 600))
    try_signed(c, "long past", good(c, nbf=now - 700))
    try_signed(c, "a little expired", good(c, exp=int(time.time()) - 3))
    try_signed(c, "a little early", good(c, nbf=int(time.time()) + 10))
    try_signed(c, "audiences", good(c, aud=["x", good(c)["aud"]]))
    try_signed(c, "audience of the token endpoint", good(c, aud=c.oidc("token")))
    try_signed(c, "more beside", good(c), binding_message="xyz")
    try_signed(c, "the same beside", good(c), login_hint="alice", scope="openid")
    try_signed(c, "another beside", good(c), login_hint="bob")
    use(c, "secure-ciba-signed-authn-req")
    try_signed(c, "an hour", good(c, nbf=now, exp=now + 3600))
    try_signed(c, "longer", good(c, nbf=now, exp=now + 3700))
    try_signed(c, "exp and audience missing", good(c, exp=None, aud=None))
    use(c, "secure-ciba-session")
    try_signed(c, "no message", good(c))
    try_signed(c, "message", good(c, binding_message="xyz"))
    try_signed(c, "an empty message", good(c, binding_message=""))
