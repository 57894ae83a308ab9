#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Web Authentication with authenticators that are written here, right ones and ones that are wrong on purpose: who vouches for a new credential, for what
and where an answer was given, what may be used twice. With real browsers: t/browser/passkeys.t."""
import datetime
import hashlib
import html
import json
import os
import re
import shutil
import sys
import tempfile

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID, ObjectIdentifier

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)), os.path.dirname(os.path.dirname(os.path.abspath(__file__)))]
from latchkey import Browser, Server, Tap  # noqa: E402
from signing import Key, b64  # noqa: E402

AAGUID = bytes(range(16))
PERSON = {"username": "pat", "password": "wonderland1"}


def cbor(value):
    """Canonical enough for maps that are written in their order."""
    def head(kind, number):
        return bytes([kind << 5 | number]) if number < 24 else bytes([kind << 5 | 24, number]) if number < 256 else bytes([kind << 5 | 25]) + number.to_bytes(2, "big")
    if isinstance(value, int):
        return head(0, value) if value >= 0 else head(1, -1 - value)
    if isinstance(value, (bytes, str)):
        data = value if isinstance(value, bytes) else value.encode()
        return head(2 if isinstance(value, bytes) else 3, len(data)) + data
    if isinstance(value, list):
        return head(4, len(value)) + b"".join(map(cbor, value))
    return head(5, len(value)) + b"".join(cbor(key) + cbor(item) for key, item in value.items())


def der(key, text):
    return key.private.sign(text, ec.ECDSA(hashes.SHA256()))


def certificate(subject, key, issuer, issuer_key, ca=False, aaguid=None):
    now = datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(issuer).public_key(key.public).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
    if aaguid:
        builder = builder.add_extension(x509.UnrecognizedExtension(ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4"), b"\x04\x10" + aaguid), critical=False)
    return builder.sign(issuer_key.private, hashes.SHA256())


def name(**parts):
    return x509.Name([x509.NameAttribute(getattr(NameOID, part), value) for part, value in parts.items()])


class Authenticator:
    """A credential and its counter."""

    def __init__(self, id=b"credential-1", alg="ES256"):
        self.key, self.id, self.counter = Key(alg), id, 0

    def cose(self):
        numbers = self.key.public.public_numbers()
        return cbor({1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")})

    def data(self, rp, flags, attested):
        self.counter += 1
        head = hashlib.sha256(rp.encode()).digest() + bytes([flags | (0x40 if attested else 0)]) + self.counter.to_bytes(4, "big")
        return head + (AAGUID + len(self.id).to_bytes(2, "big") + self.id + self.cose() if attested else b"")

    def statement(self, format, data, client_hash):
        text = data + client_hash
        if format == "packed":
            return {"alg": -7, "sig": der(self.key, text)}
        if format in ("trusted", "other-model", "stranger"):
            key, chain = MODELS[format]
            return {"alg": -7, "sig": der(key, text), "x5c": [one.public_bytes(serialization.Encoding.DER) for one in chain]}
        if format == "fido-u2f":
            numbers = self.key.public.public_numbers()
            point = b"\x04" + numbers.x.to_bytes(32, "big") + numbers.y.to_bytes(32, "big")
            key, chain = MODELS["trusted"]
            return {"sig": der(key, b"\0" + data[:32] + client_hash + self.id + point), "x5c": [chain[0].public_bytes(serialization.Encoding.DER)]}
        return {"packed-forged": {"alg": -7, "sig": der(Key("ES256"), text)}, "packed-other-alg": {"alg": -8, "sig": der(self.key, text)},
                "none-with-more": {"sig": b""}, "tpm": {"ver": "2.0"}}.get(format, {})

    def create(self, page, format="none", origin=None, rp=None, flags=5, **client):
        options = options_of(page)
        said = json.dumps({"type": "webauthn.create", "challenge": options["challenge"], "origin": origin or ORIGIN, "crossOrigin": False, **client}).encode()
        data = self.data(rp or options["rp"]["id"], flags, True)
        kind = {"trusted": "packed", "other-model": "packed", "stranger": "packed"}.get(format, format.split("-")[0] if format != "fido-u2f" else format)
        # The order of Web Authentication's examples.
        attestation = cbor({"fmt": kind, "attStmt": self.statement(format, data, hashlib.sha256(said).digest()), "authData": data})
        return {"clientDataJSON": b64(said), "attestationObject": b64(attestation), "authenticatorLabel": "key", "transports": "usb,nfc,pigeon", "error": ""}

    def get(self, page, origin=None, rp=None, flags=5, key=None, **client):
        options = options_of(page)
        said = json.dumps({"type": "webauthn.get", "challenge": options["challenge"], "origin": origin or ORIGIN, **client}).encode()
        data = self.data(rp or options["rpId"], flags, False)
        return {"clientDataJSON": b64(said), "authenticatorData": b64(data), "signature": b64(der(key or self.key, data + hashlib.sha256(said).digest())),
                "credentialId": b64(self.id), "userHandle": "", "error": ""}


def options_of(page):
    return json.loads(html.unescape(re.search(r'data-options="([^"]+)"', page.text)[1]))


def with_keys(realm):
    realm = json.loads(realm)
    flow = next(flow for flow in realm["authenticationFlows"] if flow["alias"] == "Browser - Conditional 2FA")
    next(one for one in flow["authenticationExecutions"] if one["authenticator"] == "webauthn-authenticator")["requirement"] = "ALTERNATIVE"
    realm.update(webAuthnPolicyAttestationConveyancePreference="direct", webAuthnPolicyUserVerificationRequirement="required", webAuthnPolicyCreateTimeout=30,
                 webAuthnPolicyExtraOrigins=["https://app.example.test"], eventsEnabled=True, enabledEventTypes=["UPDATE_CREDENTIAL_ERROR", "LOGIN_ERROR"])
    realm["users"].append({"username": "pat", "email": "pat@example.test", "firstName": "A", "lastName": "B", "enabled": True, "emailVerified": True,
                           "requiredActions": ["webauthn-register"], "credentials": [{"type": "password", "value": "wonderland1"}]})
    return json.dumps(realm)


tap, folder = Tap(), tempfile.mkdtemp(prefix="lk-webauthn-")
vendor, vendor_key, stranger_key = name(COMMON_NAME="Vendor"), Key("ES256"), Key("ES256")
own = name(COUNTRY_NAME="SE", ORGANIZATION_NAME="Vendor", ORGANIZATIONAL_UNIT_NAME="Authenticator Attestation", COMMON_NAME="Model 1")
model_key = Key("ES256")
MODELS = {"trusted": (model_key, [certificate(own, model_key, vendor, vendor_key, aaguid=AAGUID)]),
          "other-model": (model_key, [certificate(own, model_key, vendor, vendor_key, aaguid=AAGUID[::-1])]),
          "stranger": (model_key, [certificate(own, model_key, vendor, stranger_key, aaguid=AAGUID)])}
with open(f"{folder}/vendor.pem", "wb") as file:
    file.write(certificate(vendor, vendor_key, vendor, vendor_key, ca=True).public_bytes(serialization.Encoding.PEM))
server = Server(f"--truststore-paths={folder}/vendor.pem", edit=with_keys)
ORIGIN = f"http://127.0.0.1:{server.port}"
AUTH = server.base + "/realms/acme/protocol/openid-connect/auth?client_id=echo&response_type=code&scope=openid&redirect_uri=http%3A%2F%2Fapp.test%2Fcb&state=s"


def after_password():
    browser = Browser()
    page = browser.submit(browser.get(AUTH), **PERSON)
    return browser, browser.get(page.headers["location"]) if "/login-actions/" in page.headers.get("location", "") else page


def reasons():
    """Why, of all refusals, as the events tell; the latest last."""
    form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
    token = Browser().request("POST", server.base + "/realms/master/protocol/openid-connect/token", form).json()["access_token"]
    events = Browser().get(server.base + "/admin/realms/acme/events?max=100", headers={"Authorization": "Bearer " + token}).json()
    return [next((value for key, value in event["details"].items() if key.endswith("_error_detail")), None) for event in reversed(events)]


def refused(answers, page, browser, message, what):
    """Each answer is refused with that message, and the reasons are these."""
    before = len(reasons())
    for answer, _ in answers:
        page = browser.submit(page, **answer(page))
        if message not in page.text:
            tap.ok(False, what, page.text[:500])
            return page
    got = reasons()[before:]
    for text, (_, expected) in zip(got, answers):
        tap.ok(text is not None and expected in text, f"{what}: {expected}", text)
    tap.is_(len(got), len(answers), f"{what}: each is told")
    return page


key = Authenticator()
try:
    browser, page = after_password()
    options = options_of(page)
    tap.is_((options["rp"], options["attestation"], options["timeout"], options["authenticatorSelection"], [one["alg"] for one in options["pubKeyCredParams"]]),
            ({"id": "127.0.0.1", "name": "keycloak"}, "direct", 30000, {"userVerification": "required"}, [-7, -257]), "what the browser is asked for follows the realm's policy")
    old = key.create(page)
    page = refused([
        (lambda page: {**key.create(page), "error": "NotAllowedError: no"}, "NotAllowedError"),
        (lambda page: old, "the challenge is another"),
        (lambda page: key.create(page, type="webauthn.get"), "another type"),
        (lambda page: key.create(page, origin="https://evil.example"), "the origin is another"),
        (lambda page: key.create(page, crossOrigin=True), "a frame of another origin"),
        (lambda page: key.create(page, rp="evil.example"), "another relying party"),
        (lambda page: key.create(page, flags=4), "nobody was present"),
        (lambda page: key.create(page, flags=1), "has not verified its user"),
        (lambda page: {**key.create(page), "attestationObject": "AAAA"}, "no object with fmt"),
        (lambda page: key.create(page, "none-with-more"), "with a statement"),
        (lambda page: key.create(page, "packed-forged"), "the signature is not"),
        (lambda page: key.create(page, "packed-other-alg"), "another algorithm"),
        (lambda page: key.create(page, "other-model"), "not one of this authenticator's"),
        (lambda page: key.create(page, "stranger"), "leads to nobody"),
        (lambda page: key.create(page, "tpm"), "a format that is not there"),
    ], page, browser, "could not be registered", "registration")
    done = browser.submit(page, **key.create(page, "trusted", origin="https://app.example.test"))
    tap.ok("code" in done.location(), "by a certificate that leads to a trusted vendor, from another origin of the realm's", done.text[:500])

    browser, page = after_password()
    tap.is_([(one["id"], one["transports"]) for one in options_of(page)["allowCredentials"]], [(b64(key.id), ["usb", "nfc"])], "the next login asks for that credential")
    other, stale = Authenticator(b"credential-2"), key.get(page)
    page = refused([
        (lambda page: {**stale, "signature": b64(b"x" * 70)}, "the signature is not the credential's"),
        (lambda page: stale, "the challenge is another"),
        (lambda page: key.get(page, type="webauthn.create"), "another type"),
        (lambda page: key.get(page, origin="https://evil.example"), "the origin is another"),
        (lambda page: key.get(page, rp="evil.example"), "another relying party"),
        (lambda page: key.get(page, flags=1), "has not verified its user"),
        (lambda page: key.get(page, key=other.key), "the signature is not the credential's"),
        (lambda page: other.get(page), "not one of the user's"),
        (lambda page: {**key.get(page), "userHandle": b64("somebody else")}, "another user's"),
        (lambda page: {**key.get(page), "authenticatorData": ""}, "too short"),
    ], page, browser, "The passkey was not accepted.", "login")
    answer = key.get(page)
    done = browser.submit(page, **answer)
    tap.ok("code" in done.location(), "the right answer lets in", done.text[:500])
    again = browser.submit(page, **answer)
    tap.ok("code" not in again.location(), "once", again.text[:200])
    key.counter = 0
    browser, page = after_password()
    refused([(lambda page: key.get(page), "may have been copied")], page, browser, "The passkey was not accepted.", "a counter that lags")
    key.counter = 100

    for count, format in enumerate(("packed", "fido-u2f")):
        more = Authenticator(b"credential-of-" + format.encode())
        browser = Browser()
        page = browser.submit(browser.get(AUTH + "&kc_action=webauthn-register"), **PERSON)
        page = browser.submit(page, **key.get(page))
        page = browser.get(page.headers["location"])
        done = browser.submit(page, **more.create(page, format))
        tap.ok(done.location().get("kc_action_status") == "success", f"another one, attested by {format}", done.text[:500])
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if tap.failed:
        print("# " + server.output()[-3000:].replace("\n", "\n# "))
    if server.process.poll() is None:
        server.process.kill()
    shutil.rmtree(folder)
tap.done()
