# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Signed and encrypted answers: ID tokens, userinfo, introspection, authorization responses (JARM); keys of realm and client."""
import base64
import hashlib
import hmac
import json
import os
import time
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes, padding as block_padding
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from engine import case, decode_jwt

REALM_ALGS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "HS256", "HS384", "HS512"]
_keys = {}


def b64u(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64u(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def key(name):
    if name not in _keys:
        _keys[name] = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return _keys[name]


def jwk(name, **members):
    numbers = key(name).public_key().public_numbers()
    return {"kty": "RSA", "kid": name, "n": b64u(numbers.n.to_bytes(256, "big")), "e": "AQAB", **members}


def jwks(*keys):
    encryption = [jwk("enc-key", use="enc", alg=alg) for alg in PADDINGS]
    return json.dumps({"keys": list(keys or [jwk("sig-key", use="sig", alg="RS256"), *encryption])})


def sign(claims, alg="RS256", name="sig-key", **header):
    """A JWS of the client's."""
    text = b64u(json.dumps({"alg": alg, "kid": name, **header}).encode()) + "." + b64u(json.dumps(claims).encode())
    if alg == "none":
        return text + "."
    if alg.startswith("HS"):
        return text + "." + b64u(hmac.new(name.encode(), text.encode(), hashlib.sha256).digest())
    return text + "." + b64u(key(name).sign(text.encode(), padding.PKCS1v15(), hashes.SHA256()))


def oaep(digest):
    return padding.OAEP(mgf=padding.MGF1(algorithm=digest()), algorithm=digest(), label=None)


PADDINGS = {"RSA-OAEP": oaep(hashes.SHA1), "RSA-OAEP-256": oaep(hashes.SHA256), "RSA1_5": padding.PKCS1v15()}


def unwrap(token, name="enc-key"):
    """Header and plain text of a JWE for the client."""
    head, wrapped, iv, text, tag = token.split(".")
    header = json.loads(unb64u(head))
    cek = key(name).decrypt(unb64u(wrapped), PADDINGS[header["alg"]])
    if header["enc"].endswith("GCM"):
        return header, AESGCM(cek).decrypt(unb64u(iv), unb64u(text) + unb64u(tag), head.encode()).decode()
    half = len(cek) // 2
    unpadder = block_padding.PKCS7(128).unpadder()
    decryptor = Cipher(algorithms.AES(cek[half:]), modes.CBC(unb64u(iv))).decryptor()
    return header, (unpadder.update(decryptor.update(unb64u(text)) + decryptor.finalize()) + unpadder.finalize()).decode()


def note_jwe(c, label, token):
    if token is None or token.count(".") != 4:
        return c.note(label, {"not encrypted": token})
    header, text = unwrap(token)
    if not decode_jwt(text):
        text = json.loads(text)
    return c.note(label, {"header": header, "content": text})


def change(c, client="app", **attributes):
    rep = c.admin("GET", f"/clients/{c.client_id(client)}", record=False).json()
    rep["attributes"].update({k: v or "" for k, v in attributes.items()})
    c.quiet("PUT", f"/clients/{rep['id']}", json=rep)


def with_keys(c, **attributes):
    change(c, **{"use.jwks.string": "true", "jwks.string": jwks(), **attributes})


def tokens(c, **form):
    return c.password(scope="openid", **form)


@case("jwe/id-token")
def _(c):
    with_keys(c, **{"id.token.encrypted.response.alg": "RSA-OAEP"})
    note_jwe(c, "no enc", tokens(c).get("id_token"))
    for alg, enc in (("RSA-OAEP", "A256GCM"), ("RSA-OAEP-256", "A128GCM"), ("RSA-OAEP", "A192GCM"), ("RSA1_5", "A128CBC-HS256"),
                     ("RSA-OAEP", "A192CBC-HS384"), ("RSA-OAEP", "A256CBC-HS512")):
        change(c, **{"id.token.encrypted.response.alg": alg, "id.token.encrypted.response.enc": enc})
        note_jwe(c, f"{alg} {enc}", tokens(c).get("id_token"))
    change(c, **{"id.token.signed.response.alg": "ES256"})
    note_jwe(c, "signed by ES256", tokens(c).get("id_token"))


@case("jwe/no-key")
def _(c):
    with_keys(c, **{"id.token.encrypted.response.alg": "RSA-OAEP", "id.token.encrypted.response.enc": "A256GCM"})
    for keys in (jwk("enc-key", use="enc", alg="RSA-OAEP-256"), jwk("enc-key"), jwk("enc-key", use="enc")):
        change(c, **{"jwks.string": jwks(keys)})
        c.token(grant_type="password", username="alice", password="wonderland", scope="openid", record=True)
    change(c, **{"use.jwks.string": "false"})
    c.token(grant_type="password", username="alice", password="wonderland", scope="openid", record=True)
    change(c, **{"id.token.encrypted.response.alg": "nonsense"})
    c.token(grant_type="password", username="alice", password="wonderland", scope="openid", record=True)
    change(c, **{"id.token.encrypted.response.alg": None, "access.token.signed.response.alg": "nonsense"})
    c.token(grant_type="password", username="alice", password="wonderland", scope="openid", record=True)


@case("jwe/id-token-code-flow")
def _(c):
    with_keys(c, **{"id.token.encrypted.response.alg": "RSA-OAEP", "id.token.encrypted.response.enc": "A256GCM"})
    answer = c.redeem(c.login()["code"], record=False).json()
    note_jwe(c, "code", answer.get("id_token"))
    again = c.token(grant_type="refresh_token", refresh_token=answer["refresh_token"]).json()
    note_jwe(c, "refresh", again.get("id_token"))
    c.quiet("PUT", f"/clients/{c.client_id('app')}", json={"clientId": "app", "implicitFlowEnabled": True})
    note_jwe(c, "implicit", c.login(response_type="id_token").get("id_token"))


@case("jwe/userinfo")
def _(c):
    def ask(label):
        token = tokens(c)["access_token"]
        answer = c.get("userinfo", headers={"Authorization": f"Bearer {token}"}, record=False)
        kind = answer.headers.get("content-type", "")
        c.note(label + " type", {"status": answer.status_code, "type": kind})
        if answer.text.count(".") == 4:
            note_jwe(c, label, answer.text)
        else:
            c.note(label, answer.json() if "json" in kind else answer.text)
    with_keys(c, **{"user.info.encrypted.response.alg": "RSA-OAEP", "user.info.encrypted.response.enc": "A256GCM"})
    ask("encrypted")
    change(c, **{"user.info.response.signature.alg": "RS256"})
    ask("signed and encrypted")
    change(c, **{"user.info.encrypted.response.enc": None})
    ask("without enc")
    for alg in ("ES256", "PS384", "HS256"):
        change(c, **{"user.info.encrypted.response.alg": None, "user.info.response.signature.alg": alg})
        ask(alg)


@case("jwe/introspection")
def _(c):
    def ask(label, **headers):
        token = tokens(c)["access_token"]
        answer = c.post("token/introspect", data={"client_id": "app", "client_secret": "app-secret", "token": token}, headers=headers, record=False)
        kind = answer.headers.get("content-type", "")
        c.note(label + " type", {"status": answer.status_code, "type": kind})
        c.note(label, answer.json() if "json" in kind else answer.text)
    ask("plain", Accept="application/json")
    ask("jwt", Accept="application/jwt")
    ask("both", Accept="application/json, application/jwt")
    ask("token-introspection+jwt", Accept="application/token-introspection+jwt")
    change(c, **{"client.introspection.response.allow.jwt.claim.enabled": "true"})
    ask("allowed, json", Accept="application/json")
    ask("allowed, jwt", Accept="application/jwt")
    with_keys(c, **{"id.token.encrypted.response.alg": "RSA-OAEP", "access.token.signed.response.alg": "ES256"})
    ask("allowed, ES256", Accept="application/jwt")
    c.post("token/introspect", data={"client_id": "app", "client_secret": "app-secret", "token": "junk"}, headers={"Accept": "application/jwt"})


@case("jwe/signature-algorithms")
def _(c):
    for alg in REALM_ALGS:
        change(c, **{"access.token.signed.response.alg": alg, "id.token.signed.response.alg": alg})
        answer = tokens(c)
        c.note(alg, {name: decode_jwt(answer[name])[0]["alg"] for name in ("access_token", "id_token")})
        c.note(alg + " at_hash", len(decode_jwt(answer["id_token"])[1]["at_hash"]))
    c.note("published", sorted([k["alg"], k["use"], k["kty"], k.get("crv", "")] for k in c.jwks(fresh=True)["keys"]))


@case("jarm/modes")
def _(c):
    c.quiet("PUT", f"/clients/{c.client_id('app')}", json={"clientId": "app", "implicitFlowEnabled": True})
    c.login()
    for mode in ("jwt", "query.jwt", "fragment.jwt"):
        c.authorize(response_mode=mode)
    c.authorize(response_mode="form_post.jwt")
    c.authorize(response_mode="jwt", response_type="id_token token")
    c.authorize(response_mode="query.jwt", response_type="code id_token")
    c.authorize(response_mode="fragment.jwt", response_type="code id_token token")
    c.authorize(response_mode="jwt", prompt="none", scope="openid nonsense")
    c.authorize(response_mode="nonsense.jwt")
    c.authorize(response_mode="jwt", response_type="nonsense")
    c.authorize(response_mode="jwt", response_type="none")
    c.authorize(response_mode="jwt", state=None)


@case("jarm/errors-without-session")
def _(c):
    c.authorize(response_mode="jwt", prompt="none")
    c.authorize(response_mode="fragment.jwt", prompt="none")
    c.authorize(response_mode="form_post.jwt", prompt="none")
    c.authorize(response_mode="query.jwt", response_type=None)


@case("jarm/algorithms")
def _(c):
    c.login()
    for alg in ("PS256", "ES256", "EdDSA", "HS256"):
        change(c, **{"authorization.signed.response.alg": alg})
        c.authorize(response_mode="jwt")


@case("jarm/encrypted")
def _(c):
    c.login()
    with_keys(c, **{"authorization.encrypted.response.alg": "RSA-OAEP"})
    note_jwe(c, "no enc", c.params(c.authorize(response_mode="jwt", record=False)).get("response"))
    change(c, **{"authorization.encrypted.response.enc": "A256GCM"})
    note_jwe(c, "query", c.params(c.authorize(response_mode="query.jwt", record=False)).get("response"))
    note_jwe(c, "error", c.params(c.authorize(response_mode="jwt", scope="openid nonsense", record=False)).get("response"))
    c.quiet("PUT", f"/clients/{c.client_id('app')}", json={"clientId": "app", "implicitFlowEnabled": True})
    note_jwe(c, "hybrid", c.params(c.authorize(response_mode="query.jwt", response_type="code id_token", record=False)).get("response"))


def follow(c, answer, label):
    """What became of an authorization request: a page, or parameters at the client."""
    while answer.status_code in (302, 303) and not answer.headers["location"].startswith("http://app.test"):
        answer = c.get(answer.headers["location"], browser=True, record=False)
    got = c.params(answer) if answer.status_code in (302, 303) else c.norm.page(answer.text)
    keep = {k: got[k] for k in ("state", "error", "error_description", "title", "messages") if k in got}
    c.note(label, {"status": answer.status_code, **keep, "code": "code" in got})


def claims(c, **more):
    now = int(time.time())
    got = {"iss": "app", "aud": c.base + "/realms/" + c.realm, "client_id": "app", "response_type": "code", "redirect_uri": "http://app.test/cb",
           "scope": "openid", "state": "from-object", "nonce": "n-object", "exp": now + 300, "iat": now, "nbf": now, "jti": b64u(os.urandom(9)), **more}
    return {k: v for k, v in got.items() if v is not None}


def ask(c, label, token, **params):
    follow(c, c.authorize(record=False, **{"request": token, **params}), label)


@case("request-object/unsigned")
def _(c):
    c.login()
    ask(c, "plain", sign(claims(c), alg="none"))
    ask(c, "no iss, aud, exp", sign(claims(c, iss=None, aud=None, exp=None, nbf=None, iat=None), alg="none"))
    ask(c, "parameters beside", sign(claims(c, state=None), alg="none"), state="beside")
    ask(c, "other response_type", sign(claims(c, response_type="code id_token"), alg="none"))
    ask(c, "no response_type inside", sign(claims(c, response_type=None), alg="none"))
    ask(c, "other client inside", sign(claims(c, client_id="spa"), alg="none"))
    ask(c, "no client inside", sign(claims(c, client_id=None), alg="none"))
    ask(c, "other scope beside", sign(claims(c), alg="none"), scope="openid email")
    ask(c, "no openid", sign(claims(c, scope="email"), alg="none"), scope="email")
    ask(c, "redirect inside only", sign(claims(c), alg="none"), redirect_uri=None)
    ask(c, "foreign redirect inside", sign(claims(c, redirect_uri="http://evil.test/cb"), alg="none"))
    ask(c, "request inside", sign(claims(c, request="x"), alg="none"))
    ask(c, "request_uri inside", sign(claims(c, request_uri="http://x.test"), alg="none"))
    ask(c, "both", sign(claims(c), alg="none"), request_uri="http://app.test/object")
    ask(c, "claims inside", sign(claims(c, claims={"id_token": {"acr": {"essential": True, "values": ["gold"]}}}), alg="none"))
    ask(c, "max_age inside", sign(claims(c, max_age=100000), alg="none"))
    ask(c, "number as text", sign(claims(c, max_age="100000"), alg="none"))
    ask(c, "prompt inside", sign(claims(c, prompt="login"), alg="none"))


@case("request-object/what-is-refused-here")
def _(c):
    with_keys(c)
    c.login()
    ask(c, "crit", sign(claims(c), crit=["exp"]))
    ask(c, "encrypted, an array inside", sealer(c)("[]"))
    ask(c, "none with a signature", sign(claims(c), alg="none") + "AAAA")
    change(c, **{"jwks.string": jwks(jwk("sig-key"))})
    ask(c, "key without use", sign(claims(c)))


@case("request-object/times")
def _(c):
    with_keys(c)
    c.login()
    now = int(time.time())
    for alg in ("none", "RS256"):
        ask(c, alg + " expired", sign(claims(c, exp=now - 60), alg=alg))
        ask(c, alg + " expired a moment ago", sign(claims(c, exp=now - 5), alg=alg))
        ask(c, alg + " not yet", sign(claims(c, nbf=now + 120), alg=alg))
        ask(c, alg + " nearly", sign(claims(c, nbf=now + 5), alg=alg))
        ask(c, alg + " of tomorrow", sign(claims(c, iat=now + 86400), alg=alg))
        ask(c, alg + " other audience", sign(claims(c, aud="http://other.test"), alg=alg))
        ask(c, alg + " audience list", sign(claims(c, aud=["http://other.test", c.base + "/realms/" + c.realm]), alg=alg))
        ask(c, alg + " other issuer", sign(claims(c, iss="spa"), alg=alg))
        ask(c, alg + " exp as text", sign(claims(c, exp=str(now + 300)), alg=alg))
        ask(c, alg + " exp junk", sign(claims(c, exp="soon"), alg=alg))


@case("request-object/signed")
def _(c):
    c.login()
    ask(c, "no keys", sign(claims(c)))
    with_keys(c)
    ask(c, "right", sign(claims(c)))
    ask(c, "no kid", sign(claims(c), kid=None))
    ask(c, "unknown kid", sign(claims(c), kid="other"))
    ask(c, "enc key", sign(claims(c), name="enc-key"))
    ask(c, "another's", sign(claims(c), name="stranger", kid="sig-key"))
    ask(c, "changed", sign(claims(c)).replace(".", ".e", 1))
    ask(c, "secret", sign(claims(c), alg="HS256", name="app-secret"))
    ask(c, "wrong secret", sign(claims(c), alg="HS256", name="wrong"))
    ask(c, "public key as secret", sign(claims(c), alg="HS256", name=jwk("sig-key")["n"]))
    ask(c, "typ", sign(claims(c), typ="oauth-authz-req+jwt"))
    ask(c, "odd typ", sign(claims(c), typ="at+jwt"))
    ask(c, "unknown alg", sign(claims(c), alg="RS257"))
    ask(c, "embedded jwk", sign(claims(c), name="stranger", kid=None, jwk=jwk("stranger")))
    change(c, **{"jwks.string": jwks(jwk("sig-key", use="sig"))})
    ask(c, "key without alg", sign(claims(c)))
    change(c, **{"jwks.string": jwks(jwk("sig-key", use="sig", alg="PS256"))})
    ask(c, "key of another alg", sign(claims(c)))
    change(c, **{"jwks.string": "junk"})
    ask(c, "junk as keys", sign(claims(c)))


@case("request-object/policy")
def _(c):
    with_keys(c)
    c.login()
    for alg in (None, "any", "none", "RS256", "PS256", "HS256"):
        change(c, **{"request.object.signature.alg": alg})
        ask(c, f"{alg}: none", sign(claims(c), alg="none"))
        ask(c, f"{alg}: RS256", sign(claims(c)))
        ask(c, f"{alg}: HS256", sign(claims(c), alg="HS256", name="app-secret"))
    change(c, **{"request.object.signature.alg": None})
    for required in ("not required", "request or request_uri", "request only", "request_uri only"):
        change(c, **{"request.object.required": required})
        follow(c, c.authorize(record=False), f"{required}: without")
        ask(c, f"{required}: by value", sign(claims(c)))
        follow(c, c.authorize(record=False, request_uri="http://127.0.0.1:9/none"), f"{required}: by reference")


def sealer(c):
    """What encrypts for the realm, with any header."""
    enc = [k for k in c.jwks(fresh=True)["keys"] if k["use"] == "enc"][0]
    public = rsa.RSAPublicNumbers(65537, int.from_bytes(unb64u(enc["n"]), "big")).public_key()

    def wrap(text, alg="RSA-OAEP", size=32, **header):
        head = b64u(json.dumps({k: v for k, v in {"alg": alg, "enc": f"A{size * 8}GCM", "kid": enc["kid"], **header}.items() if v}).encode())
        cek, iv = os.urandom(size), os.urandom(12)
        sealed = AESGCM(cek).encrypt(iv, text.encode(), head.encode())
        return ".".join([head, b64u(public.encrypt(cek, PADDINGS.get(alg, PADDINGS["RSA-OAEP"]))), b64u(iv), b64u(sealed[:-16]), b64u(sealed[-16:])])
    return wrap


@case("request-object/encrypted")
def _(c):
    with_keys(c)
    c.login()
    wrap = sealer(c)
    ask(c, "signed", wrap(sign(claims(c))))
    ask(c, "cty", wrap(sign(claims(c)), cty="JWT"))
    ask(c, "unsigned inside", wrap(sign(claims(c), alg="none")))
    ask(c, "JSON inside", wrap(json.dumps(claims(c))))
    ask(c, "no kid", wrap(sign(claims(c)), kid=None))
    ask(c, "unknown kid", wrap(sign(claims(c)), kid="other"))
    ask(c, "RSA-OAEP-256", wrap(sign(claims(c)), alg="RSA-OAEP-256"))
    ask(c, "RSA1_5", wrap(sign(claims(c)), alg="RSA1_5"))
    ask(c, "A128GCM", wrap(sign(claims(c)), size=16))
    ask(c, "changed", wrap(sign(claims(c)))[:-3] + "AAA")
    ask(c, "twice", wrap(wrap(sign(claims(c)))))
    ask(c, "wrong enc name", wrap(sign(claims(c)), enc="A256XYZ"))
    change(c, **{"request.object.encryption.alg": "RSA-OAEP-256"})
    ask(c, "other alg asked", wrap(sign(claims(c))))
    ask(c, "not encrypted", sign(claims(c)))
    change(c, **{"request.object.encryption.alg": "RSA-OAEP", "request.object.encryption.enc": "A128GCM"})
    ask(c, "other enc asked", wrap(sign(claims(c))))
    ask(c, "as asked", wrap(sign(claims(c)), size=16))


def broken(token):
    """A JWE, broken in one way each."""
    parts = token.split(".")
    yield "no parts", "...."
    yield "four parts", ".".join(parts[:4])
    yield "six parts", token + ".x"
    for at, part in enumerate(("header", "key", "iv", "text", "tag")):
        yield "no " + part, ".".join(parts[:at] + [""] + parts[at + 1:])
        yield part + " that is no base64url", ".".join(parts[:at] + ["%%%"] + parts[at + 1:])
        yield part + " of other bytes", ".".join(parts[:at] + [b64u(b"nonsense" * 2)] + parts[at + 1:])
    for label, head in (("header: array", "[]"), ("header: text", '"x"'), ("header: empty", "{}"), ("header: no alg", '{"enc":"A256GCM"}'), ("header: no enc", '{"alg":"RSA-OAEP"}'),
                        ("header: alg a number", '{"alg":1,"enc":"A256GCM"}'), ("header: cut off", '{"alg":"RSA-OAEP","enc"'), ("header: alg dir", '{"alg":"dir","enc":"A256GCM"}'),
                        ("header: alg none", '{"alg":"none","enc":"A256GCM"}'), ("header: alg unknown", '{"alg":"XYZ","enc":"A256GCM"}')):
        yield label, ".".join([b64u(head.encode())] + parts[1:])


@case("request-object/malformed-jwe")
def _(c):
    with_keys(c)
    c.login()
    wrap = sealer(c)
    for label, token in broken(wrap(sign(claims(c)))):
        ask(c, label, token)
    for label, text in (("nothing", ""), ("a word", "nonsense"), ("two dots", ".."), ("cut off JSON", '{"client_id":'), ("header only", b64u(b'{"alg":"RS256"}') + "..")):
        ask(c, label + " inside", wrap(text))


@case("request-object/malformed-jws")
def _(c):
    with_keys(c)
    c.login()
    good = sign(claims(c))
    parts = good.split(".")
    for label, token in (("a word", "nonsense"), ("one dot", "a.b"), ("two dots", ".."), ("four parts", good + ".x"), ("header that is no base64url", "%%%." + ".".join(parts[1:])),
                         ("claims that are no base64url", parts[0] + ".%%%." + parts[2]), ("header: array", b64u(b"[]") + "." + ".".join(parts[1:])),
                         ("header: empty", b64u(b"{}") + "." + ".".join(parts[1:])), ("claims: array", parts[0] + "." + b64u(b"[]") + "." + parts[2]),
                         ("no signature", parts[0] + "." + parts[1] + "."), ("short signature", good[:-8])):
        ask(c, label, token)


@case("id-token-hint/malformed")
def _(c):
    with_keys(c, **{"id.token.encrypted.response.alg": "RSA-OAEP", "id.token.encrypted.response.enc": "A256GCM"})
    sealed = tokens(c)["id_token"]
    change(c, **{"id.token.encrypted.response.alg": "", "id.token.encrypted.response.enc": ""})
    got = tokens(c)
    plain = got["id_token"]
    c.login()
    hints = [("nothing", ""), ("a word", "nonsense"), ("dots", "...."), ("encrypted for the client", sealed), ("changed", plain[:-8] + "AAAAAAAA"), ("no signature", plain.rsplit(".", 1)[0] + "."),
             ("an access token", got["access_token"]), ("a refresh token", got["refresh_token"]), ("of a stranger", sign({"sub": "x"})),
             ("for the realm, a word", sealer(c)("nonsense")), ("for the realm, a good one", sealer(c)(plain))]
    for label, hint in hints:
        follow(c, c.authorize(record=False, prompt="none", id_token_hint=hint), "authorize: " + label)
    for label, hint in hints:
        answer = c.get("logout?" + urlencode({"id_token_hint": hint, "post_logout_redirect_uri": "http://app.test/cb"}), browser=True, record=False)
        follow(c, answer, "logout: " + label)


@case("request-object/pushed")
def _(c):
    with_keys(c)
    c.login()

    def push(label, token, follow_it=True, **form):
        data = {"client_id": "app", "client_secret": "app-secret", "request": token, **form}
        answer = c.post("ext/par/request", data={k: v for k, v in data.items() if v is not None}, label="push " + label)
        if answer.status_code == 201 and follow_it:
            follow(c, c.get(f"auth?client_id=app&request_uri={answer.json()['request_uri']}", browser=True, record=False), label)
    push("signed", sign(claims(c)))
    push("unsigned", sign(claims(c), alg="none"))
    push("beside", sign(claims(c, state=None)), state="beside")
    push("other client", sign(claims(c, client_id="spa")))
    push("foreign redirect", sign(claims(c, redirect_uri="http://evil.test/cb")))
    push("junk", "junk")
    push("wrongly signed", sign(claims(c), name="stranger", kid="sig-key"))
    change(c, **{"request.object.signature.alg": "PS256"})
    push("other alg", sign(claims(c)))
    change(c, **{"request.object.signature.alg": None, "request.object.required": "request only"})
    c.post("ext/par/request", data={"client_id": "app", "client_secret": "app-secret", "response_type": "code", "redirect_uri": "http://app.test/cb",
                                    "scope": "openid"}, label="push plain")
    push("required", sign(claims(c)))


@case("request-object/reference-refused")
def _(c):
    with_keys(c)
    c.login()
    for uris in ("", "http://127.0.0.1:9/*", "http://app.test/*", "+"):
        change(c, **{"request.uris": uris})
        follow(c, c.authorize(record=False, request_uri="http://127.0.0.1:9/none"), f"[{uris}] closed port")
        follow(c, c.authorize(record=False, request_uri="http://127.0.0.1:9/../none"), f"[{uris}] dots")
        follow(c, c.authorize(record=False, request_uri="file:///etc/passwd"), f"[{uris}] file")
    follow(c, c.authorize(record=False, request_uri=""), "empty")
    follow(c, c.authorize(record=False, request=""), "empty request")
