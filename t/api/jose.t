#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Keys of a client at an address, and what is done with them: request objects by value and by reference, encrypted answers. joserfc
signs, encrypts and decrypts."""
import json
import os
import sys
import time
import urllib.parse

from joserfc import jwe, jws
from joserfc.jwk import ECKey, RSAKey

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Service, Tap, claims, serve  # noqa: E402


class Client(Service):
    """The client's own server: documents by path, and how often each was asked for."""
    documents, asked = {}, {}

    def do_GET(self):
        Client.asked[self.path] = Client.asked.get(self.path, 0) + 1
        body = Client.documents.get(self.path)
        self.send_response(200 if body is not None else 404)
        self.end_headers()
        self.wfile.write((body or "").encode())


def published(*keys):
    return json.dumps({"keys": [key.as_dict(private=False) for key in keys]})


def key(kind, kid, use, alg):
    return kind.generate_key(2048 if kind is RSAKey else "P-256", {"kid": kid, "use": use, "alg": alg})


def request_object(signer, **more):
    now = int(time.time())
    said = {"iss": "echo", "aud": realm, "client_id": "echo", "response_type": "code", "redirect_uri": "http://app.test/cb", "scope": "openid",
            "state": "in the object", "nonce": "n", "exp": now + 60, "nbf": now, **more}
    return jws.serialize_compact({"alg": signer.as_dict()["alg"], "kid": signer.kid}, json.dumps(said).encode(), signer, algorithms=ALGS)


def authorize(**parameters):
    """Where the browser is sent by a signed-in user's request; None where it is shown a page."""
    query = {"client_id": "echo", "response_type": "code", "redirect_uri": "http://app.test/cb", "scope": "openid", **parameters}
    answer = person.get(oidc + "/auth?" + urllib.parse.urlencode(query))
    return answer.location() if answer.status == 302 else None


def refused(what, reason, **parameters):
    tap.ok(authorize(**parameters) is None, what)
    tap.ok(reason in server.output(), f"and the log says: {reason}")


def change(**attributes):
    rep = server.admin("GET", f"/realms/acme/clients/{uuid}").json()
    rep["attributes"] = {**rep.get("attributes", {}), **attributes}
    server.admin("PUT", f"/realms/acme/clients/{uuid}", rep)


ALGS = ["RS256", "ES256", "PS256"]
tap, server = Tap(), Server()
realm = server.base + "/realms/acme"
oidc = realm + "/protocol/openid-connect"
listener = serve(Client)
home = "http://127.0.0.1:%d" % listener.server_port
try:
    uuid = server.admin("GET", "/realms/acme/clients?clientId=echo").json()[0]["id"]
    first, second, enc = key(RSAKey, "first", "sig", "RS256"), key(ECKey, "second", "sig", "ES256"), key(ECKey, "enc", "enc", "ECDH-ES+A256KW")
    Client.documents["/keys"] = published(first)
    change(**{"use.jwks.url": "true", "jwks.url": home + "/keys", "request.uris": home + "/objects/*##http://127.0.0.1:1/*"})
    person = Browser()
    page = person.get(oidc + "/auth?" + urllib.parse.urlencode({"client_id": "echo", "response_type": "code", "redirect_uri": "http://app.test/cb", "scope": "openid"}))
    person.submit(page, username="alice", password="wonderland1")

    tap.is_(authorize(request=request_object(first)).get("state"), "in the object", "a request object by value")
    for _ in range(3):
        authorize(request=request_object(first))
    tap.is_(Client.asked["/keys"], 1, "the client's keys are fetched once")
    Client.documents["/keys"] = published(second, enc)
    tap.is_(authorize(request=request_object(second)).get("state"), "in the object", "a new key is fetched when it is named")
    tap.is_(Client.asked["/keys"], 2, "by one call more")
    refused("a key that was withdrawn", "no key of", request=request_object(first))

    Client.documents["/objects/good"] = request_object(second, state="by reference") + "\n"
    Client.documents["/objects/large"] = "x" * 100000
    Client.documents["/objects/junk"] = "junk"
    Client.documents["/elsewhere"] = Client.documents["/objects/good"]
    tap.is_(authorize(request_uri=home + "/objects/good").get("state"), "by reference", "a request object by reference")
    refused("an address that the client has not registered", "'request_uri' not allowed for this client", request_uri=home + "/elsewhere")
    refused("one that climbs out of it", "'request_uri' not allowed for this client", request_uri=home + "/objects/../elsewhere")
    tap.ok("/elsewhere" not in Client.asked, "neither is asked for")
    refused("one with nothing there", "answers 404", request_uri=home + "/objects/none")
    refused("one that answers too much", "too large", request_uri=home + "/objects/large")
    refused("one that answers junk", "three parts", request_uri=home + "/objects/junk")
    refused("one that nobody listens at", "127.0.0.1:1", request_uri="http://127.0.0.1:1/x")
    refused("an object that has expired", "it has expired", request=request_object(second, exp=int(time.time()) - 60))
    refused("one of tomorrow", "not valid yet", request=request_object(second, nbf=int(time.time()) + 86400))
    refused("one for another server", "its audience is another", request=request_object(second, aud="https://other.test"))
    refused("one of another client", "its client_id is another", request=request_object(second, client_id="spa"))
    refused("one that asks for another flow of the client", "its issuer is not the client", request=request_object(second, iss="spa"))

    change(**{"id.token.encrypted.response.alg": "ECDH-ES+A256KW", "id.token.encrypted.response.enc": "A256GCM",
              "user.info.encrypted.response.alg": "ECDH-ES+A256KW", "authorization.encrypted.response.alg": "ECDH-ES+A256KW",
              "authorization.encrypted.response.enc": "A128CBC-HS256"})
    wrapped = jwe.decrypt_compact(authorize(response_mode="jwt")["response"], enc, algorithms=["ECDH-ES+A256KW", "A128CBC-HS256"])
    said = claims(wrapped.plaintext.decode())
    tap.is_((said["iss"], said["aud"], wrapped.headers()["cty"]), (realm, "echo", "JWT"), "an encrypted authorization response")
    form = {"grant_type": "authorization_code", "code": said["code"], "redirect_uri": "http://app.test/cb", "client_id": "echo", "client_secret": "echo-secret"}
    tokens = Browser().request("POST", oidc + "/token", form).json()
    inner = jwe.decrypt_compact(tokens["id_token"], enc, algorithms=["ECDH-ES+A256KW", "A256GCM"]).plaintext.decode()
    tap.is_(claims(inner)["aud"], "echo", "an encrypted ID token")
    info = Browser().request("GET", oidc + "/userinfo", headers={"Authorization": "Bearer " + tokens["access_token"]})
    plain = jwe.decrypt_compact(info.text, enc, algorithms=["ECDH-ES+A256KW", "A128CBC-HS256"]).plaintext
    tap.is_((info.headers["content-type"], json.loads(plain)["sub"]), ("application/jwt", claims(inner)["sub"]), "encrypted userinfo")

    keys = Browser().get(oidc + "/certs").json()["keys"]
    for_us = RSAKey.import_key([k for k in keys if k["use"] == "enc"][0])
    for alg, content in (("RSA-OAEP", "A256GCM"), ("RSA-OAEP-256", "A192CBC-HS384")):
        sealed = jwe.encrypt_compact({"alg": alg, "enc": content, "kid": for_us.kid, "cty": "JWT"}, request_object(second).encode(), for_us,
                                     algorithms=[alg, content])
        change(**{"authorization.encrypted.response.alg": ""})
        tap.is_((authorize(request=sealed) or {}).get("state"), "in the object", f"a request object that {alg} with {content} encrypts")
    refused("one that was changed", "no key of the realm decrypts it", request=sealed[:-6] + "AAAAAA")
    server.stop()
finally:
    listener.shutdown()
    if server.process.poll() is None:
        server.process.kill()
tap.done()
