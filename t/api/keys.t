#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Keys of a realm that lie in files: which are taken, what happens when one changes, and what is never reached or told."""
import base64
import json
import os
import sys
import tempfile
import time

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap  # noqa: E402

tap = Tap()
folder = tempfile.mkdtemp(prefix="lk-keys-")
os.makedirs(f"{folder}/acme/mounted")
os.makedirs(f"{folder}/other")


def write(path, key, form=serialization.PrivateFormat.PKCS8):
    """As tools do: beside it, then moved into its place. Returns the modulus as a JWK has it."""
    pem = key if isinstance(key, bytes) else key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption())
    with open(f"{folder}/new", "wb") as file:
        file.write(b"# made by a tool\n" + pem)
    os.rename(f"{folder}/new", f"{folder}/{path}")
    if isinstance(key, rsa.RSAPrivateKey):
        n = key.public_key().public_numbers().n
        return base64.urlsafe_b64encode(n.to_bytes(256, "big")).rstrip(b"=").decode()


def make():
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


server = Server(f"--keys-dir={folder}")
oidc = server.base + "/realms/acme/protocol/openid-connect"


def component(name, provider="rsa", **config):
    config = {"priority": "500", "active": "true", "enabled": "true", **config}
    return server.admin("POST", "/realms/acme/components", {"name": name, "providerId": provider, "providerType": "org.keycloak.keys.KeyProvider",
                                                             "config": {key: [value] for key, value in config.items()}})


def published():
    return {key["n"]: key for key in Browser().request("GET", oidc + "/certs").json()["keys"] if key["kty"] == "RSA"}


def signed_by():
    """The kid of a new token, and whether it is in the key set."""
    token = Browser().request("POST", oidc + "/token", {"client_id": "echo", "client_secret": "echo-secret", "grant_type": "client_credentials"}).json()["access_token"]
    head = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(head + "=" * (-len(head) % 4)))["kid"]


def until(condition, seconds=12):
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.2)
    return condition()


try:
    first, second = make(), make()
    n = write("acme/signing.pem", first)
    made = component("from a file", privateKeyFile="signing.pem")
    tap.is_(made.status, 201, "a key in a file is taken")
    tap.ok(n in published() and signed_by() == published()[n]["kid"], "published, and signs")
    shown = server.admin("GET", "/realms/acme/components?name=from%20a%20file").json()[0]["config"]
    tap.is_((shown["privateKeyFile"], "privateKey" in shown), (["signing.pem"], False), "its component says where it is, not what it is")
    exported = server.admin("POST", "/realms/acme/partial-export?exportClients=false", {}).text
    tap.ok("PRIVATE KEY" not in exported, "nor does an export")

    n = write("acme/signing.pem", second, serialization.PrivateFormat.TraditionalOpenSSL)
    tap.ok(until(lambda: n in published()), "another key in the file is read by itself")
    tap.is_(signed_by(), published()[n]["kid"], "and signs")
    write("acme/signing.pem", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    tap.ok(until(lambda: "signing.pem has changed and is not taken" in server.output()), "a broken one is not taken, and the log says so")
    tap.ok(n in published() and signed_by() == published()[n]["kid"], "the old key stays")

    write("acme/mounted/data.pem", first)
    os.symlink("mounted/data.pem", f"{folder}/acme/linked.pem")
    tap.is_(component("link", "rsa-enc", privateKeyFile="linked.pem").status, 201, "a link within the realm's folder is followed, an encryption key too")
    tap.is_([key["use"] for key in published().values() if key["alg"] == "RSA-OAEP" and key["n"] != n].count("enc") > 0, True, "it is published for encryption")

    write("other/secret.pem", make())
    os.symlink("../other/secret.pem", f"{folder}/acme/foreign.pem")
    write("acme/curve.pem", ec.generate_private_key(ec.SECP256R1()))
    write("acme/empty.pem", b"nothing\n")
    for what, path, text in (("a path that climbs", "../other/secret.pem", "'Private key file' should be a path below the realm's folder"),
                             ("an absolute path", "/etc/ssl/private/x.pem", "'Private key file' should be a path below the realm's folder"),
                             ("a hidden file", "mounted/.hidden", "'Private key file' should be a path below the realm's folder"),
                             ("a link to another realm's", "foreign.pem", "The key file cannot be read"),
                             ("a file that is not there", "nothing.pem", "The key file cannot be read"),
                             ("a folder", "mounted", "The key file cannot be read"),
                             ("a key that is not RSA", "curve.pem", "The key file has no RSA key"),
                             ("a file without a key", "empty.pem", "The key file cannot be read")):
        answer = component(what, privateKeyFile=path)
        tap.is_((answer.status, answer.json().get("errorMessage")), (400, text), f"{what} is refused")
    both = component("both", privateKeyFile="signing.pem", privateKey="x")
    tap.is_((both.status, both.json()["errorMessage"]), (400, "The key comes as text or as a file, not both"), "both at once are refused")

    symmetric = server.admin("POST", "/realms", {"realm": "symmetric", "enabled": True, "components": {"org.keycloak.keys.KeyProvider": [
        {"name": name, "providerId": name, "config": {"priority": ["100"]}} for name in ("hmac-generated", "aes-generated")]}})
    keys = Browser().request("GET", server.base + "/realms/symmetric/protocol/openid-connect/certs").json()["keys"]
    tap.ok(symmetric.status == 201 and len(keys) > 0, "a realm without any asymmetric key has one to publish", keys)
    # Keys that an administrator takes away.
    def token():
        return Browser().request("POST", oidc + "/token", {"client_id": "echo", "client_secret": "echo-secret", "grant_type": "client_credentials"}).json()["access_token"]

    def is_taken(access_token):
        told = Browser().request("POST", oidc + "/token/introspect", {"client_id": "echo", "client_secret": "echo-secret", "token": access_token})
        return told.json()["active"]

    def by_kid():
        return {key["kid"]: key for key in Browser().request("GET", oidc + "/certs").json()["keys"]}

    def add(name, **config):
        made = component(name, "rsa-generated" if not config else "rsa", priority="900", **config)
        return made.headers["location"].rsplit("/", 1)[-1]

    def change(name, id, **config):
        shown = server.admin("GET", f"/realms/acme/components/{id}").json()
        shown["config"].update({key: [value] for key, value in config.items()})
        return server.admin("PUT", f"/realms/acme/components/{id}", shown).status

    def remove(id, query=""):
        return server.admin("DELETE", f"/realms/acme/components/{id}{query}").status

    id = add("deleted")
    kid, old = signed_by(), token()
    was = by_kid()[kid]
    tap.is_(remove(id), 204, "a provider whose key signs is deleted")
    tap.is_(by_kid().get(kid), was, "its key is published as before")
    tap.ok(is_taken(old), "what it signed is good")
    tap.ok(signed_by() != kid, "new tokens are signed by another")
    tap.ok(kid not in [key["kid"] for key in server.admin("GET", "/realms/acme/keys").json()["keys"]], "the administrator sees no provider of it")
    exported = server.admin("POST", "/realms/acme/partial-export?exportClients=true", {}).text
    tap.ok(kid not in exported and was["n"] not in exported, "an export has nothing of it")
    tap.is_(remove(id), 404, "a deletion that is sent again finds nothing")
    tap.ok(kid in by_kid() and is_taken(old), "and changes nothing")
    tap.is_(remove(id, "?compromised=true"), 204, "unless it says that the key is compromised")
    tap.ok(kid not in by_kid() and not is_taken(old), "then it is gone, and what it signed refused")
    tap.is_(remove(id, "?compromised=true"), 404, "once")

    id = add("compromised")
    kid, old = signed_by(), token()
    tap.is_(remove(id, "?compromised=true"), 204, "a deletion may say so at once")
    tap.ok(kid not in by_kid() and not is_taken(old), "then nothing stays")

    id = add("disabled")
    kid, old = signed_by(), token()
    tap.is_(change("disabled", id, enabled="false"), 204, "a provider is disabled")
    tap.ok(kid not in by_kid() and not is_taken(old), "its key is gone at once")
    tap.is_(remove(id), 204, "then deleted")
    tap.ok(kid not in by_kid() and not is_taken(old), "and does not come back")

    def pem(key):
        return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()

    id = add("exchanged", privateKey=pem(make()))
    kid, old = signed_by(), token()
    tap.is_(change("exchanged", id, privateKey=pem(make())), 204, "a provider gets another key")
    tap.ok(kid in by_kid() and is_taken(old) and signed_by() != kid, "the one before stays published and signs nothing")
    tap.is_(change("exchanged", id, enabled="false"), 204, "and is disabled")
    tap.ok(kid not in by_kid() and not is_taken(old), "both are gone")

    server.stop()
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
