# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Clients: what creation fills in, what an update keeps, secrets, service accounts, their scopes, protocol mappers, nodes and more."""
import base64
import datetime
import json

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import pkcs12
from engine import case

MISSING = "00000000-0000-4000-8000-000000000000"
MAPPER = {"name": "m", "protocol": "openid-connect", "protocolMapper": "oidc-hardcoded-claim-mapper", "config": {"claim.name": "c", "claim.value": "v"}}


def conflict(c, method, path, body):
    """Keycloak leaves out its headers where the database noticed it; we do not."""
    answer = c.admin(method, path, json=body, record=False)
    c.note(f"{method} {path.split('/')[1]} twice", [answer.status_code, answer.json()])


def make(c, **fields):
    c.quiet("POST", "/clients", json=fields)
    return c.client_id(fields["clientId"])


def scope_id(c, name):
    return next(s["id"] for s in c.admin("GET", "/client-scopes", record=False).json() if s["name"] == name)


@case("admin-clients/defaults-of-new-ones")
def _(c):
    for fields in ({"publicClient": True}, {"bearerOnly": True}, {"serviceAccountsEnabled": True, "standardFlowEnabled": False},
                   {"rootUrl": "https://root.test", "redirectUris": ["/cb", "https://other.test/*"]}, {"secret": "given", "attributes": {"a": "b", "empty": ""}},
                   {"consentRequired": True, "directGrantsOnly": True}, {"defaultClientScopes": ["email"], "optionalClientScopes": ["phone", "nothing"]},
                   {"protocolMappers": [MAPPER]}, {"defaultRoles": ["one"]}, {"enabled": False, "id": "my-own-id-" + c.realm},
                   {"clientAuthenticatorType": "client-jwt"}, {"protocol": None, "name": "", "description": ""}):
        name = "-".join(sorted(fields))
        c.admin("POST", "/clients", json={"clientId": name, **fields}, label="POST " + name)
        c.admin("GET", "/clients?clientId=" + name, label="GET " + name)


@case("admin-clients/refused")
def _(c):
    for fields in ({"redirectUris": ["data:x"]}, {"rootUrl": "javascript:x"}, {"rootUrl": "not a url"}, {"baseUrl": "javascript:x"}, {"redirectUris": ["http://a.test/#frag"]},
                   {"redirectUris": ["http://a.test/*/b"]}, {"redirectUris": ["*"]}, {"webOrigins": ["javascript:x"]}, {"adminUrl": "javascript:x"}, {"protocol": "nothing"},
                   {"clientAuthenticatorType": "nothing"}, {"attributes": {"jwks.url": "javascript:x"}}, {"attributes": {"backchannel.logout.url": "javascript:x"}},
                   {"attributes": {"access.token.lifespan": "x"}}, {"attributes": {"pkce.code.challenge.method": "x"}}, 
                   {"unknownField": 1}, {"enabled": "maybe"}, {"redirectUris": "http://a.test/cb"}, {"clientId": ""}, {"clientId": "spaces are fine"},
                   {"protocolMappers": [{**MAPPER, "protocolMapper": "nothing"}]}, {"attributes": {"a": {"b": "c"}}}, {"defaultClientScopes": ["nothing"]}):
        c.admin("POST", "/clients", json={"clientId": "c" + str(len(c.steps)), **fields}, label=f"POST {fields}"[:90])
    app = c.client_id("app")
    conflict(c, "PUT", f"/clients/{app}", {"clientId": "spa"})
    for fields in ({"redirectUris": ["data:x"]}, {"rootUrl": "javascript:x"}, {"unknownField": 1}, {"id": MISSING}, {"protocol": "nothing"}, {"clientId": ""}):
        c.admin("PUT", f"/clients/{app}", json={"clientId": "app", **fields}, label=f"PUT {fields}"[:90])
    c.admin("GET", f"/clients/{app}")


@case("admin-clients/updates")
def _(c):
    made = make(c, clientId="made", attributes={"keep": "1", "change": "1", "drop": "1"}, protocolMappers=[MAPPER], redirectUris=["https://a.test/*"],
                authenticationFlowBindingOverrides={})
    for fields in ({"attributes": {"change": "2", "drop": ""}}, {"redirectUris": []}, {"webOrigins": ["+"]}, {"publicClient": True}, {"publicClient": False}, {"bearerOnly": True},
                   {"protocolMappers": [{**MAPPER, "name": "other"}]}, {"protocolMappers": []}, {"defaultClientScopes": ["email"]}, {"fullScopeAllowed": False}, {"secret": "mine"},
                   {"name": "", "description": ""}, {"serviceAccountsEnabled": True, "bearerOnly": False}, {"clientId": "renamed"}, {"enabled": None}):
        c.admin("PUT", f"/clients/{made}", json=fields, label=f"PUT {fields}"[:90])
        c.admin("GET", f"/clients/{made}", label="GET")
    c.admin("GET", f"/clients/{made}/service-account-user")
    c.admin("PUT", f"/clients/{made}", json={"serviceAccountsEnabled": False})
    c.admin("GET", f"/clients/{made}/service-account-user")
    c.note("users", sorted(u["username"] for u in c.admin("GET", "/users?search=service", record=False).json()))


@case("admin-clients/lists")
def _(c):
    make(c, clientId="found", attributes={"kind": "a b", "other": "x"})
    c.admin("GET", "/clients?q=kind:%22a%20b%22")
    for query in ("search=true", "clientId=FOUND&search=true", "clientId=FOUND", "clientId=o&search=true&first=1&max=2", "first=2", "max=1", "first=-1&max=-1"):
        c.note(query, [x["clientId"] for x in c.admin("GET", "/clients?" + query, record=False).json()])


@case("admin-clients/secrets")
def _(c):
    app = c.client_id("app")
    c.admin("GET", f"/clients/{app}/client-secret/rotated")
    c.admin("DELETE", f"/clients/{app}/client-secret/rotated")
    c.admin("POST", f"/clients/{MISSING}/client-secret")
    c.admin("POST", f"/clients/{c.client_id('spa')}/client-secret")
    c.admin("GET", f"/clients/{c.client_id('spa')}/client-secret")


@case("admin-clients/service-account")
def _(c):
    spa = c.client_id("spa")
    c.admin("GET", f"/clients/{MISSING}/service-account-user")
    c.quiet("PUT", f"/clients/{spa}", json={"publicClient": False, "serviceAccountsEnabled": True, "secret": "s"})
    c.admin("GET", f"/clients/{spa}/service-account-user")
    c.admin("GET", f"/clients/{spa}/default-client-scopes")
    c.token(client="spa", secret="s", grant_type="client_credentials", record=True)


@case("admin-clients/scopes")
def _(c):
    app = c.client_id("app")
    c.admin("PUT", f"/clients/{app}/default-client-scopes/{MISSING}")
    c.admin("DELETE", f"/clients/{app}/default-client-scopes/{MISSING}")
    c.admin("PUT", f"/clients/{MISSING}/default-client-scopes/{scope_id(c, 'phone')}")
    c.admin("PUT", f"/clients/{app}/default-client-scopes/{scope_id(c, 'phone')}")
    c.admin("GET", f"/clients/{app}/default-client-scopes")
    c.admin("GET", f"/clients/{app}/optional-client-scopes")
    c.admin("PUT", f"/clients/{app}/default-client-scopes/{scope_id(c, 'role_list')}")
    c.admin("GET", f"/clients/{app}/default-client-scopes")
    c.admin("DELETE", f"/clients/{app}/optional-client-scopes/{scope_id(c, 'profile')}")
    c.admin("GET", f"/clients/{app}/default-client-scopes")
    c.admin("GET", f"/clients/{app}")


@case("admin-clients/protocol-mappers")
def _(c):
    c.quiet("POST", "/client-scopes", json={"name": "mine", "protocol": "openid-connect"})
    for path in (f"/clients/{make(c, clientId='made')}/protocol-mappers", f"/client-scopes/{scope_id(c, 'mine')}/protocol-mappers"):
        c.admin("GET", path + "/models")
        c.admin("POST", path + "/models", json=MAPPER)
        c.admin("POST", path + "/models", json=MAPPER)
        c.admin("POST", path + "/models", json={**MAPPER, "name": "n", "protocolMapper": "nothing"})
        c.admin("POST", path + "/models", json={**MAPPER, "name": "o", "unknown": 1})
        c.admin("POST", path + "/models", json={**MAPPER, "name": "p", "protocol": "saml"})
        c.admin("POST", path + "/models", json={"name": "q"})
        conflict(c, "POST", path + "/models", {**MAPPER, "name": None})
        c.admin("POST", path + "/models", json={**MAPPER, "name": "r", "config": {"claim.name": ""}})
        c.admin("POST", path + "/add-models", json=[{**MAPPER, "name": "s"}, {**MAPPER, "name": "t", "config": None}])
        c.admin("POST", path + "/add-models", json=[{**MAPPER, "name": "u"}, {**MAPPER, "name": "s"}])
        c.admin("GET", path + "/models")
        c.admin("GET", path + "/protocol/openid-connect")
        c.admin("GET", path + "/protocol/saml")
        own = next(m for m in c.admin("GET", path + "/models", record=False).json() if m["name"] == "m")
        c.admin("GET", path + "/models/" + own["id"])
        c.admin("GET", path + "/models/" + MISSING)
        c.admin("PUT", path + "/models/" + own["id"], json={**own, "name": "changed", "config": {"claim.name": "d", "claim.value": "w"}})
        c.admin("GET", path + "/models/" + own["id"])
        c.admin("PUT", path + "/models/" + own["id"], json={**own, "name": "s"})
        c.admin("PUT", path + "/models/" + own["id"], json={**own, "protocolMapper": "nothing"})
        c.admin("PUT", path + "/models/" + MISSING, json=own)
        c.admin("DELETE", path + "/models/" + own["id"])
        c.admin("DELETE", path + "/models/" + own["id"])
    c.admin("GET", f"/clients/{MISSING}/protocol-mappers/models")
    c.admin("GET", f"/client-scopes/{MISSING}/protocol-mappers/models")


@case("admin-clients/nodes")
def _(c):
    app = c.client_id("app")
    c.admin("POST", f"/clients/{app}/nodes", json={"node": "n1.test"})
    c.admin("POST", f"/clients/{app}/nodes", json={})
    c.note("nodes", sorted(c.admin("GET", f"/clients/{app}", record=False).json().get("registeredNodes", {})))
    c.admin("DELETE", f"/clients/{app}/nodes/n1.test")
    c.admin("DELETE", f"/clients/{app}/nodes/n1.test")
    c.admin("GET", f"/clients/{app}/test-nodes-available")
    c.admin("POST", f"/clients/{app}/push-revocation")
    c.admin("GET", f"/clients/{app}/management/permissions")
    c.admin("PUT", f"/clients/{app}/management/permissions", json={"enabled": True})


@case("admin-clients/installation")
def _(c):
    app = c.client_id("app")
    c.quiet("POST", f"/clients/{app}/roles", json={"name": "more"})
    bearer = make(c, clientId="bearer", bearerOnly=True)
    plain = make(c, clientId="plain", secret="plain")
    jwt = make(c, clientId="jwt", clientAuthenticatorType="client-jwt")
    for client in (app, bearer, plain, jwt):
        c.admin("GET", f"/clients/{client}/installation/providers/keycloak-oidc-keycloak-json")
    c.admin("GET", f"/clients/{app}/installation/providers/nothing")
    c.admin("GET", f"/clients/{MISSING}/installation/providers/keycloak-oidc-keycloak-json")


@case("admin-clients/evaluate")
def _(c):
    app, spa, alice = c.client_id("app"), c.client_id("spa"), c.user_id("alice")
    base = f"/clients/{app}/evaluate-scopes"
    c.admin("GET", f"{base}/generate-example-access-token?scope=openid%20phone&userId={alice}&audience=app")
    c.admin("GET", f"{base}/generate-example-access-token?userId={MISSING}")
    c.admin("GET", f"{base}/generate-example-access-token")
    c.admin("GET", f"{base}/generate-example-access-token?scope=nothing&userId={alice}")
    c.admin("GET", f"{base}/protocol-mappers?scope=address")
    c.admin("GET", f"{base}/scope-mappings/{app}/granted")
    c.admin("GET", f"{base}/scope-mappings/{app}/not-granted")
    c.admin("GET", f"{base}/scope-mappings/{MISSING}/granted")
    c.quiet("PUT", f"/clients/{spa}", json={"fullScopeAllowed": False})
    c.admin("GET", f"/clients/{spa}/evaluate-scopes/scope-mappings/{c.realm}/granted")
    c.admin("GET", f"/clients/{spa}/evaluate-scopes/scope-mappings/{c.realm}/not-granted")
    c.admin("GET", f"/clients/{spa}/evaluate-scopes/scope-mappings/{app}/not-granted")
    c.admin("GET", f"/clients/{spa}/evaluate-scopes/generate-example-userinfo?userId={alice}")


@case("admin-clients/client-scopes")
def _(c):
    for fields in ({"name": "one"}, {"name": "two", "protocol": "openid-connect", "attributes": {"include.in.token.scope": "false", "empty": ""}, "protocolMappers": [MAPPER]},
                   {"name": "three", "protocol": "nothing"}, {"name": ""}, {"name": "one"}, {"name": "ünïcode"}, {"name": "five", "protocol": "saml"},
                   {"name": "six", "id": "own-" + c.realm, "protocol": "openid-connect"}):
        c.admin("POST", "/client-scopes", json=fields, label=f"POST {fields}"[:60])
    two = scope_id(c, "two")
    c.admin("GET", f"/client-scopes/{two}")
    c.admin("PUT", f"/client-scopes/{two}", json={"name": "two", "description": "Two", "attributes": {"include.in.token.scope": "true"}})
    c.admin("GET", f"/client-scopes/{two}")
    c.admin("PUT", f"/client-scopes/{two}", json={"name": "bad name"})
    c.admin("PUT", f"/client-scopes/{two}", json={"name": "two", "protocolMappers": []})
    c.admin("GET", f"/client-scopes/{two}")
    c.admin("PUT", f"/client-scopes/{MISSING}", json={"name": "x"})
    c.admin("GET", f"/client-templates/{two}")
    for kind in ("default", "optional"):
        answer = c.admin("PUT", f"/default-{kind}-client-scopes/{two}", record=False)
        c.note(f"{kind} added", [answer.status_code, answer.text])
        c.admin("PUT", f"/default-{kind}-client-scopes/{MISSING}")
        c.admin("DELETE", f"/default-{kind}-client-scopes/{MISSING}")
        c.note(kind, sorted(s["name"] for s in c.admin("GET", f"/default-{kind}-client-scopes", record=False).json()))
    c.admin("DELETE", f"/default-optional-client-scopes/{two}")
    c.note("default", sorted(s["name"] for s in c.admin("GET", "/default-default-client-scopes", record=False).json()))
    c.quiet("PUT", f"/clients/{c.client_id('app')}/default-client-scopes/{two}")
    c.admin("DELETE", f"/client-scopes/{two}")
    c.admin("GET", f"/clients/{c.client_id('app')}/default-client-scopes")


@case("admin-clients/certificates")
def _(c):
    app = c.client_id("app")
    for kind in ("jwt.credential", "saml.signing", "odd"):
        c.admin("GET", f"/clients/{app}/certificates/{kind}")
    made = c.admin("POST", f"/clients/{app}/certificates/jwt.credential/generate", record=False)
    c.note("generated", [made.status_code, sorted(made.json())])
    kept = c.admin("GET", f"/clients/{app}/certificates/jwt.credential", record=False).json()
    c.note("kept", [sorted(kept), kept.get("certificate") == made.json().get("certificate")])
    c.note("attributes", sorted(c.admin("GET", f"/clients/{app}", record=False).json()["attributes"]))


CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIIC/zCCAeegAwIBAgIUWYB4nerDz7sqMDA/PLFA355mdVAwDQYJKoZIhvcNAQEL
BQAwDzENMAsGA1UEAwwEdGVzdDAeFw0yNjExMjgxNjIzMjJaFw0yNjEyMjgxNjIz
MjJaMA8xDTALBgNVBAMMBHRlc3QwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEK
AoIBAQC6wUImVCRNJxUyiOKZR1ZPhU51g6iWfIOrrOrptBa98BXFnk86o3NX1TPe
J4DRg+xP0eu8/LAyTskoLRJlOmt1TWuwQZR6KMR7LO+933SY3q6XnVSnHiog7xVs
DgMf4wPdkPie7F+VEcGwqcoaGtkhdltz+x3w4FXYuSSc7W8YbuL60l+wZDX1Hfyy
5F5WlPgyyj9YSlyKoTqP9oVgWA1Mk06Y6/P1be51Vz5CHZVw5hKZ32V+5zj9vLv5
6M7xNsjAz4P/EY9yKKHtzcSn3UuKET9fT7oWfSeuI2UlJKnJ87LJetXjDHdWVyli
I35jNrWhe57sZIbLCs/eKvnHXdxLAgMBAAGjUzBRMB0GA1UdDgQWBBRZkGsCuayz
9vDZAxaDWwlt9XjfqjAfBgNVHSMEGDAWgBRZkGsCuayz9vDZAxaDWwlt9XjfqjAP
BgNVHRMBAf8EBTADAQH/MA0GCSqGSIb3DQEBCwUAA4IBAQCjscUb9/1vSTrAgYeS
4PhrlpJkcwiV0wyuDYXTEFWWFz5KLcwlSBVbR6M2ZCLlBwkCSoEWTsnTIkpt+KMg
QD4sdbkMxM8w009TJWki4MipsMoU0/9PKlGOBGWDmtOHY7d4t6ovpsMHwKkLezyP
IUy5cSmlfuwxsn0lSTSbhRhGh8DdvUdlhGlBv/7LTrvNytvhOBqIT48X3r48ckIL
AikUFOc+qpyGx0lT4lE0Y1gR470Zg1eRxBjJsqYjyOa8KX89JD/s+b771dU6jKsB
Fg3hYV6EA2yzjQbDgd3iDi4akQjpVO+alLBS8dT39y4agYzgKpNUBC2ESx0UiT9q
ug0J
-----END CERTIFICATE-----
"""
PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAusFCJlQkTScVMojimUdW
T4VOdYOolnyDq6zq6bQWvfAVxZ5POqNzV9Uz3ieA0YPsT9HrvPywMk7JKC0SZTpr
dU1rsEGUeijEeyzvvd90mN6ul51Upx4qIO8VbA4DH+MD3ZD4nuxflRHBsKnKGhrZ
IXZbc/sd8OBV2LkknO1vGG7i+tJfsGQ19R38suReVpT4Mso/WEpciqE6j/aFYFgN
TJNOmOvz9W3udVc+Qh2VcOYSmd9lfuc4/by7+ejO8TbIwM+D/xGPciih7c3Ep91L
ihE/X0+6Fn0nriNlJSSpyfOyyXrV4wx3VlcpYiN+Yza1oXue7GSGywrP3ir5x13c
SwIDAQAB
-----END PUBLIC KEY-----"""


@case("admin-clients/certificates-from-outside")
def _(c):
    app = c.client_id("app")
    here = f"/clients/{app}/certificates/jwt.credential"
    for step in ("upload", "upload-certificate"):
        for label, fields in (
                ("certificate", {"keystoreFormat": "Certificate PEM", "file": CERTIFICATE}), ("public key", {"keystoreFormat": "Public Key PEM", "file": PUBLIC_KEY}),
                ("empty set", {"keystoreFormat": "JSON Web Key Set", "file": '{"keys":[]}'}), ("no format", {"file": CERTIFICATE}), ("no file", {"keystoreFormat": "Certificate PEM"})):
            answer = c.admin("POST", f"{here}/{step}", record=False, files={k: (None, v) for k, v in fields.items()})
            c.note(f"{step}: {label}", [answer.status_code, answer.json()])
        c.note(f"{step}: kept", c.admin("GET", here, record=False).json())
    made = c.admin("POST", here + "/generate", record=False).json()
    c.admin("POST", here + "/upload-certificate", record=False, files={"keystoreFormat": (None, "Certificate PEM"), "file": (None, CERTIFICATE)})
    kept = c.admin("GET", here, record=False).json()
    c.note("the private key stays", [kept.get("privateKey") == made["privateKey"], kept.get("certificate") == made["certificate"]])
    for body in ({}, {"format": "PKCS12"}, {"format": "nonsense", "keyPassword": "x", "storePassword": "y"}, {"format": "PKCS12", "keyAlias": "a", "keyPassword": "p"},
                 {"format": "PKCS12", "keyAlias": "a", "keyPassword": "p", "storePassword": "s", "keySize": 2048}):
        for step in ("download", "generate-and-download"):
            answer = c.admin("POST", f"{here}/{step}", record=False, json=body)
            # which formats there are is no matter of this case: no Java key stores are made here
            c.note(f"{step} {json.dumps(body)}", [answer.status_code, answer.headers["content-type"], answer.content[:1] == b"0" if answer.status_code == 200 else answer.status_code != 406 and answer.json()])


@case("admin-clients/certificate-stores")
def _(c):
    """Key stores in and out, and what is none: by the lengths of what came of them, for keys are new each time."""
    app = c.client_id("app")
    here = f"/clients/{app}/certificates/"
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "app")])
    own = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(7).not_valid_before(
        datetime.datetime(2026, 1, 1)).not_valid_after(datetime.datetime(2036, 1, 1)).sign(key, hashes.SHA256())
    store = pkcs12.serialize_key_and_certificates(b"app", key, own, None, serialization.BestAvailableEncryption(b"store"))

    def upload(label, step, file, **fields):
        answer = c.admin("POST", here + step, record=False, files={"file": ("file", file), **{name: (None, value) for name, value in fields.items()}})
        said = answer.json() if answer.text.startswith("{") else answer.text
        c.note(f"{label}: {step}", [answer.status_code, sorted(said) if answer.status_code == 200 else said])

    keys = {"keystoreFormat": "PKCS12", "keyAlias": "app", "keyPassword": "store", "storePassword": "store"}
    for step in ("jwt.credential/upload", "jwt.credential/upload-certificate", "odd/upload", "saml.signing/upload-certificate"):
        upload("good", step, store, **keys)
    kept = c.admin("GET", here + "jwt.credential", record=False).json()
    c.note("the certificate is the store's", [base64.b64decode(kept["certificate"]) == own.public_bytes(serialization.Encoding.DER), sorted(kept)])
    for label, file, fields in (("wrong password", store, {**keys, "storePassword": "wrong"}), ("wrong alias", store, {**keys, "keyAlias": "other"}), ("wrong key password", store, {**keys, "keyPassword": "wrong"}),
                                ("no password", store, {"keystoreFormat": "PKCS12", "keyAlias": "app"}), ("no alias", store, {"keystoreFormat": "PKCS12", "storePassword": "store"}),
                                ("no store", b"nonsense", keys), ("no certificate", b"nonsense", {"keystoreFormat": "Certificate PEM"}), ("no key", b"nonsense", {"keystoreFormat": "Public Key PEM"}),
                                ("no set", b"nonsense", {"keystoreFormat": "JSON Web Key Set"}), ("another format", store, {"keystoreFormat": "nonsense"})):
        for step in ("jwt.credential/upload", "jwt.credential/upload-certificate"):
            upload(label, step, file, **fields)
    c.note("nothing of it", c.admin("GET", here + "jwt.credential", record=False).json() == kept)
    for attribute in ("jwt.credential", "odd", "none"):
        answer = c.admin("POST", f"{here}{attribute}/download", record=False, json={"format": "PKCS12", "keyAlias": "a", "keyPassword": "p", "storePassword": "s"})
        if answer.status_code != 200:
            c.note(f"download {attribute}", [answer.status_code, answer.json()])
            continue
        out = pkcs12.load_pkcs12(answer.content, b"s")
        c.note(f"download {attribute}", [out.key is not None, out.cert and out.cert.certificate == own, sorted((more.friendly_name or b"").decode() for more in out.additional_certs)])
    for body in ([], {"nonsense": 1}):
        c.admin("POST", here + "jwt.credential/download", json=body)
    for method, path in (("GET", ""), ("POST", "/generate"), ("POST", "/download"), ("POST", "/generate-and-download")):
        c.admin(method, f"/clients/none/certificates/jwt.credential{path}", json={} if method == "POST" else None)


@case("admin-clients/certificates-key-set")
def _(c):
    """A key set is the client's own, and stands above what is below any prefix; each upload takes the other's place."""
    app = c.client_id("app")
    here = f"/clients/{app}/certificates/"
    key = {"kty": "RSA", "kid": "one", "use": "sig", "e": "AQAB", "n": "sXchDaQebHnPiGvyDOAT4saGEUetSyo9MKLOoWFsueri23bOdgWp4Dy1WlUzewbgBHod5pcM9H95GQRV3JDXboIRROSBigeC5yjU1hGzHHyXss8UDprecbAYxknTcQkhslANGRUZmdTOQ5qTRsLAt6BTYuyvVRdhS8exSZEy_c4gs_7svlJJQ4H9_NxsiIoLwAEk7-Q3UXERGYw_75IDrGA84-lA_-Ct4eTlXHBIY2EaV7t7LjJaynVJCpkv4LKjTTAumiGUIuQhrNhZLuF_RJLqHpM2kgWFLU7-VTdL1VbC2tejvcI2BlMkEpk1BzBZI0KQB0GaDWFLN-aEAw3vRw"}

    def upload(label, prefix, step="upload", **fields):
        answer = c.admin("POST", f"{here}{prefix}/{step}", record=False, files={name: (None, value) for name, value in fields.items()})
        c.note(label, [answer.status_code, answer.json()])
        attributes = c.admin("GET", f"/clients/{app}", record=False).json()["attributes"]
        c.note("then", [c.admin("GET", here + name, record=False).json() for name in ("jwt.credential", "saml.signing")] + [sorted(name for name in attributes if name.startswith(("jwt", "saml", "jwks", "use")))])

    sets = {"keystoreFormat": "JSON Web Key Set", "file": json.dumps({"keys": [{**key, "use": "enc", "kid": "other"}, key]})}
    bare = "".join(CERTIFICATE.strip().split("\n")[1:-1])
    upload("a set", "jwt.credential", **sets)
    upload("a certificate without its frame", "jwt.credential", keystoreFormat="Certificate PEM", file=bare)
    upload("a set below another prefix", "saml.signing", "upload-certificate", **sets)
    upload("a public key", "jwt.credential", keystoreFormat="Public Key PEM", file=PUBLIC_KEY)
    upload("no key for signatures", "jwt.credential", keystoreFormat="JSON Web Key Set", file=json.dumps({"keys": [{**key, "use": "enc"}]}))
    upload("a key for anything", "jwt.credential", keystoreFormat="JSON Web Key Set", file=json.dumps({"keys": [{name: value for name, value in key.items() if name != "use"}]}))
    upload("another format", "jwt.credential", keystoreFormat="nonsense", keyAlias="a", keyPassword="k", storePassword="s", file="x")
    c.admin("POST", here + "jwt.credential/generate", record=False)
    for body in ({"format": "PKCS12"}, {"format": "PKCS12", "storePassword": "s"}, {"format": "PKCS12", "keyPassword": "s"}):
        c.admin("POST", here + "jwt.credential/download", json=body, label=f"download {body}")
