#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""How clients prove who they are, where the oracle cannot look: key sets at an address and their rotation, a cluster's service accounts,
certificates on the TLS listener and behind proxies, tokens that are bound to them, replays at the same time, what the log says."""
import datetime
import hashlib
import ipaddress
import json
import os
import re
import shutil
import ssl
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
from latchkey import Browser, Server, Service, Tap, claims, serve  # noqa: E402
from signing import ASSERTION_TYPE, Key, assertion_claims, b64, proof  # noqa: E402


class KeySets(Service):
    """What clients and clusters publish: {path: JSON}; notes who asked."""
    documents, asked = {}, []

    def do_GET(self):
        self.asked.append(self.path)
        body = json.dumps(self.documents.get(self.path, {})).encode()
        self.send_response(200 if self.path in self.documents else 404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def certificate(subject, key, host=None):
    """Of the authority; the authority's own where the subject is its name."""
    own, now = subject is authority_name, datetime.datetime.now(datetime.timezone.utc)
    builder = x509.CertificateBuilder().subject_name(subject).issuer_name(authority_name).public_key(key.public).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - datetime.timedelta(minutes=5)).not_valid_after(now + datetime.timedelta(days=1))
    builder = builder.add_extension(x509.BasicConstraints(ca=own, path_length=None), critical=True)
    if host:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False)
    return builder.sign(authority_key.private, hashes.SHA256())


def name(**parts):
    return x509.Name([x509.NameAttribute(getattr(NameOID, oid), value) for oid, value in parts.items()])


def pem(thing):
    if isinstance(thing, Key):
        return thing.private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    return thing.public_bytes(serialization.Encoding.PEM).decode()


tap, folder = Tap(), tempfile.mkdtemp(prefix="lk-client-auth-")
web = serve(KeySets)
site = f"http://127.0.0.1:{web.server_port}"
authority_name, authority_key, own_key, stranger_key, server_key = name(COMMON_NAME="Example CA"), *(Key("ES256") for _ in range(4))
own = certificate(name(COUNTRY_NAME="DE", ORGANIZATION_NAME="Example, Inc.", COMMON_NAME="Machine 1"), own_key)
stranger = certificate(name(COMMON_NAME="Stranger"), stranger_key)
for file, text in (("ca.pem", pem(certificate(authority_name, authority_key))), ("server.pem", pem(certificate(name(COMMON_NAME="localhost"), server_key, "localhost"))),
                   ("server.key", pem(server_key)), ("own.pem", pem(own) + pem(own_key)), ("stranger.pem", pem(stranger) + pem(stranger_key))):
    with open(f"{folder}/{file}", "w") as out:
        out.write(text)


def client(server, client_id, method, **attributes):
    answer = server.admin("POST", "/realms/acme/clients", {"clientId": client_id, "secret": "secret", "publicClient": False, "serviceAccountsEnabled": True,
                                                           "clientAuthenticatorType": method, "attributes": attributes})
    assert answer.status == 201, answer.text


def post(server, path, headers=None, **form):
    return Browser().request("POST", f"{server.base}/realms/acme/protocol/openid-connect/{path}", form, headers=headers or {})


def at_once(count, call):
    """The statuses of that many calls at the same time, sorted."""
    statuses = []
    threads = [threading.Thread(target=lambda: statuses.append(call().status)) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(statuses)


def key_sets(server):
    realm, first, second = server.base + "/realms/acme", Key("RS256", "first"), Key("ES256", "second")
    KeySets.documents["/client"] = first.jwks()
    client(server, "rotating", "client-jwt", **{"use.jwks.url": "true", "jwks.url": site + "/client"})

    def ask(key, path="token", **more):
        return post(server, path, grant_type="client_credentials", client_assertion_type=ASSERTION_TYPE, client_assertion=key.sign(assertion_claims("rotating", realm)), **more)

    tap.is_([ask(first).status for _ in range(3)], [200] * 3, "private_key_jwt: the key set at jwks.url")
    tap.is_(KeySets.asked.count("/client"), 1, "is fetched once")
    tap.is_([(a.status, a.json()["error_description"]) for a in (ask(second), ask(second))], [(400, "Unable to load public key")] * 2, "a key that is not in it is refused")
    tap.is_(KeySets.asked.count("/client"), 2, "and looked for once in a few seconds, no more")
    KeySets.documents["/client"] = {"keys": first.jwks()["keys"] + second.jwks()["keys"]}
    deadline = time.monotonic() + 20
    while ask(second).status != 200 and time.monotonic() < deadline:
        time.sleep(0.5)
    tap.is_((ask(second).status, ask(first).status), (200, 200), "rotated in, it is found; the old one still counts")
    tap.is_(ask(second, "token/introspect", token="x").json(), {"active": False}, "the same at introspection")
    KeySets.documents.pop("/client")
    tap.is_(ask(first).status, 200, "while the address is away, what was known counts")
    once = first.sign(assertion_claims("rotating", realm))
    form = {"grant_type": "client_credentials", "client_assertion_type": ASSERTION_TYPE, "client_assertion": once}
    tap.is_(at_once(6, lambda: post(server, "token", **form)), [200] + [400] * 5, "six at once with one assertion: one is served")
    tap.ok("Token reuse detected" in server.output(), "and the log says why the others are not")


def cluster(server):
    realm, key, pod = server.base + "/realms/acme", Key("RS256", "cluster"), "system:serviceaccount:shop:cart"
    KeySets.documents.update({"/.well-known/openid-configuration": {"issuer": site, "jwks_uri": site + "/openid/v1/jwks"}, "/openid/v1/jwks": key.jwks()})
    server.admin("POST", "/realms/acme/identity-provider/instances", {"alias": "cluster", "providerId": "kubernetes", "enabled": True, "config": {"issuer": site}})
    client(server, "cart", "federated-jwt", **{"jwt.credential.issuer": "cluster", "jwt.credential.sub": pod})

    def ask(signer=key, **changes):
        made = signer.sign(assertion_claims(pod, [realm], **{"iss": site, "jti": None, "exp": int(time.time()) + 3000, **changes}))
        return [post(server, "token", grant_type="client_credentials", client_assertion_type=ASSERTION_TYPE, client_assertion=made) for _ in range(2)]

    tap.is_([a.status for a in ask()], [200] * 2, "federated-jwt: a pod's own token, again and again, is its client's credential")
    tap.is_([a.status for a in ask(sub="system:serviceaccount:shop:other")], [401] * 2, "another pod's is not")
    tap.is_([a.status for a in ask(aud=["https://kubernetes.default.svc"])], [400] * 2, "nor one for another audience")
    tap.is_([a.status for a in ask(Key("RS256", "cluster"))], [401] * 2, "nor one that the cluster has not signed")


def proofs(server):
    key, evil, url = Key("ES256"), Key("ES256"), server.base + "/realms/acme/protocol/openid-connect/"
    login = {"grant_type": "password", "client_id": "echo", "client_secret": "echo-secret", "username": "alice", "password": "wonderland1", "scope": "openid"}
    bound = post(server, "token", {"DPoP": proof(key, "POST", url + "token")}, **login).json()
    tap.is_((bound["token_type"], claims(bound["access_token"])["cnf"]["jkt"]), ("DPoP", key.thumbprint()), "DPoP: the token names the proof's key")
    same, token = proof(key, "POST", url + "token"), bound["access_token"]
    tap.is_(at_once(4, lambda: post(server, "token", {"DPoP": same}, **login)), [200] + [400] * 3, "four at once with one proof: one is served")
    tap.is_(post(server, "userinfo", {"DPoP": proof(key, "POST", url + "userinfo", token)}, access_token=token).status, 401, "as a form parameter it is not good")
    stolen = Browser().get(url + "userinfo", headers={"Authorization": "DPoP " + token, "DPoP": proof(evil, "GET", url + "userinfo", token)})
    tap.ok(stolen.status == 401 and stolen.headers["www-authenticate"].startswith("DPoP algs="), "nor with a thief's key")
    admin = server.base + "/admin/realms"
    form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
    master = server.base + "/realms/master/protocol/openid-connect/token"
    token = Browser().request("POST", master, form, headers={"DPoP": proof(key, "POST", master)}).json()["access_token"]
    tap.is_([Browser().get(admin, headers=h).status for h in ({"Authorization": "DPoP " + token, "DPoP": proof(key, "GET", admin, token)}, {"Authorization": "Bearer " + token})], [200, 401],
            "the admin API takes it with a proof, and not without")


def over_tls(base, file, form, path="token", headers=None):
    """Status and JSON."""
    context = ssl.create_default_context(cafile=f"{folder}/ca.pem")
    if file is not None:
        context.load_cert_chain(f"{folder}/{file}")
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(f"{base}/realms/acme/protocol/openid-connect/{path}", data, headers or {})
    try:
        with urllib.request.urlopen(request, context=context, timeout=20) as answer:
            return answer.status, json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        return error.code, {}


def listener(server):
    base = f"https://localhost:{re.search(r'https (?:port )?([0-9]+)', server.output())[1]}/auth"
    client(server, "machine", "client-x509", **{"x509.subjectdn": "cn=machine  1, O=\"Example, Inc.\", c=DE", "tls.client.certificate.bound.access.tokens": "true"})
    client(server, "pattern", "client-x509", **{"x509.subjectdn": "CN=Machine \\d,.*", "x509.allow.regex.pattern.comparison": "true"})
    form = {"grant_type": "client_credentials", "client_id": "machine", "scope": "openid"}
    status, body = over_tls(base, "own.pem", form)
    tap.is_(status, 200, "tls_client_auth: the certificate's subject is the client's")
    bound = body.get("access_token", "x.e30.x")
    tap.is_(claims(bound).get("cnf"), {"x5t#S256": b64(hashlib.sha256(own.public_bytes(serialization.Encoding.DER)).digest())}, "and the token is bound to it (RFC 8705)")
    tap.is_([over_tls(base, file, form)[0] for file in ("stranger.pem", None)], [401] * 2, "another certificate, or none, is refused")
    tap.is_([over_tls(base, file, {**form, "client_id": "pattern"})[0] for file in ("own.pem", "stranger.pem")], [200, 401], "a subject by pattern")
    ask = {"Authorization": "Bearer " + bound}
    tap.is_([over_tls(base, file, None, "userinfo", ask)[0] for file in ("own.pem", "stranger.pem", None)], [200, 401, 401], "whoever has stolen the token cannot use it")
    tap.ok("x509.subjectdn" in server.output(), "the log says which check failed")


def behind_proxy():
    quoted, bare = urllib.parse.quote(pem(own)), "".join(line for line in pem(own).splitlines() if "-" not in line)
    ways = (("nginx", "ssl-client-cert", quoted), ("haproxy", "SSL_CLIENT_CERT", bare), ("apache", "X-Certificate", pem(own).strip().replace("\n", " ")),
            ("envoy", "x-forwarded-client-cert", f'By=spiffe://x/y;Hash=ab;Cert="{quoted}";Subject="CN=\\"x\\";,"'), ("traefik", "X-Forwarded-Tls-Client-Cert", bare + "," + bare),
            ("rfc9440", "Client-Cert", f":{bare}:"))
    for provider, header, value in ways:
        renamed = [f"--spi-x509cert-lookup--{provider}--ssl-client-cert={header}"] if header == "X-Certificate" else []
        server = Server(f"--spi-x509cert-lookup--provider={provider}", "--proxy-headers=xforwarded", "--proxy-trusted-addresses=127.0.0.1", *renamed)
        try:
            client(server, "machine", "client-x509", **{"x509.subjectdn": "CN=Machine 1,O=Example\\, Inc.,C=DE"})
            form = {"grant_type": "client_credentials", "client_id": "machine"}
            sent = (value, None, value[:300], *([value + "," + value] if provider == "envoy" else []))
            seen = [post(server, "token", {header: text} if text else {}, **form).status for text in sent]
            tap.is_(seen, [200] + [401] * (len(sent) - 1), f"{provider}: the certificate in {header}; none, half of one, two who claim to be the client")
            server.stop()
        finally:
            if server.process.poll() is None:
                server.process.kill()


server = Server("--https-port=0", f"--https-certificate-file={folder}/server.pem", f"--https-certificate-key-file={folder}/server.key", "--https-client-auth=request",
                f"--https-trust-store-file={folder}/ca.pem")
try:
    key_sets(server)
    cluster(server)
    proofs(server)
    listener(server)
    server.stop()
finally:
    if server.process.poll() is None:
        server.process.kill()
behind_proxy()
shutil.rmtree(folder)
tap.done()
