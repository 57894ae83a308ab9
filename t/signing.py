# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Keys, JWKs and compact JWS for tests that are a client: right ones, and ones that are wrong on purpose."""
import base64
import hashlib
import hmac
import json
import time
import uuid

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CURVES = {"ES256": (ec.SECP256R1, "P-256", 32), "ES384": (ec.SECP384R1, "P-384", 48), "ES512": (ec.SECP521R1, "P-521", 66)}


def b64(data):
    return base64.urlsafe_b64encode(data.encode() if isinstance(data, str) else data).rstrip(b"=").decode()


def number(value, length=0):
    return b64(value.to_bytes(length or (value.bit_length() + 7) // 8, "big"))


class Key:
    """A key pair for one algorithm."""

    def __init__(self, alg="RS256", kid=None):
        self.alg, self.kid = alg, kid
        if alg in CURVES:
            self.private = ec.generate_private_key(CURVES[alg][0]())
        elif alg == "EdDSA":
            self.private = ed25519.Ed25519PrivateKey.generate()
        else:
            self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.public = self.private.public_key()

    def members(self):
        if self.alg in CURVES:
            (_, name, size), numbers = CURVES[self.alg], self.public.public_numbers()
            return {"crv": name, "kty": "EC", "x": number(numbers.x, size), "y": number(numbers.y, size)}
        if self.alg == "EdDSA":
            return {"crv": "Ed25519", "kty": "OKP", "x": b64(self.public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw))}
        numbers = self.public.public_numbers()
        return {"e": number(numbers.e), "kty": "RSA", "n": number(numbers.n)}

    def jwk(self, **more):
        return {**({"kid": self.kid} if self.kid else {}), **self.members(), **more}

    def jwks(self):
        return {"keys": [self.jwk(use="sig", alg=self.alg)]}

    def thumbprint(self):
        return b64(hashlib.sha256(json.dumps(self.members(), separators=(",", ":"), sort_keys=True).encode()).digest())

    def pem(self):
        return self.public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()

    def signature(self, text):
        digest = {"256": hashes.SHA256, "384": hashes.SHA384, "512": hashes.SHA512}.get(self.alg[2:], hashes.SHA256)()
        if self.alg in CURVES:
            r, s = decode_dss_signature(self.private.sign(text, ec.ECDSA(digest)))
            size = CURVES[self.alg][2]
            return r.to_bytes(size, "big") + s.to_bytes(size, "big")
        if self.alg == "EdDSA":
            return self.private.sign(text)
        pad = padding.PSS(padding.MGF1(digest), digest.digest_size) if self.alg.startswith("PS") else padding.PKCS1v15()
        return self.private.sign(text, pad, digest)

    def sign(self, claims, **header):
        return assemble({"alg": self.alg, **({"kid": self.kid} if self.kid else {}), **header}, claims, self.signature)


def assemble(header, claims, signature):
    """Header members that are None are left out."""
    header = {name: value for name, value in header.items() if value is not None}
    text = b64(json.dumps(header)) + "." + b64(json.dumps(claims))
    return text + "." + b64(signature(text.encode()))


def sign_secret(secret, claims, alg="HS256", **header):
    digest = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}[alg]
    return assemble({"alg": alg, **header}, claims, lambda text: hmac.new(secret.encode(), text, digest).digest())


def assertion_claims(client, audience, **changes):
    """What a client says of itself (RFC 7523 section 3); a change to None leaves the claim out."""
    now = int(time.time())
    claims = {"iss": client, "sub": client, "aud": audience, "jti": str(uuid.uuid4()), "iat": now, "exp": now + 60, **changes}
    return {name: value for name, value in claims.items() if value is not None}


def proof(key, method, url, token=None, header=None, **changes):
    """A DPoP proof (RFC 9449 section 4.2) by that key, bound to the access token."""
    claims = {"htm": method, "htu": url, "jti": str(uuid.uuid4()), "iat": int(time.time()), **changes}
    if token is not None:
        claims["ath"] = b64(hashlib.sha256(token.encode()).digest())
    claims = {name: value for name, value in claims.items() if value is not None}
    return key.sign(claims, **{"typ": "dpop+jwt", "jwk": key.jwk(), **(header or {})})
