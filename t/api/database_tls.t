#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The database's certificates, good and bad, and a database that wants to see ours. `latchkey doctor` says what start would meet."""
import http.server
import os
import shutil
import ssl
import subprocess
import tempfile
import threading

from certificates import Authority, chain, lenient, pkcs12
from latchkey import TOP, Service, Tap, serve
from postgres import Postgres, until

PROGRAM = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey")
tap = Tap()
folder = tempfile.mkdtemp(prefix="lk-tls-")
os.chmod(folder, 0o755)


def show(certificate, *above):
    """Postgres shows this certificate from its next connection on."""
    chain(f"{postgres.data}/server.crt", certificate, *above)
    shutil.copy(certificate + ".key", f"{postgres.data}/server.key")
    os.chmod(f"{postgres.data}/server.key", 0o600)
    for name in ("server.crt", "server.key"):
        if os.getuid() == 0:
            shutil.chown(f"{postgres.data}/{name}", "postgres", "postgres")
    postgres.reload()


def options(*more, host="127.0.0.1", tls="sslmode=verify-full", trust=True, user="test"):
    return [f"--db-url=jdbc:postgresql://{host}:{postgres.port}/latchkey?{tls}", f"--db-username={user}", "--db-connect-timeout=200ms",
            *([f"--db-tls-trust-store-file={authority.root}.pem"] if trust else []), *more]


def doctor(*more, environment=None, **kind):
    run = subprocess.run([PROGRAM, "doctor", "--hostname=sso.example", *options(*more, **kind)], capture_output=True, text=True,
                         env={**os.environ, **(environment or {})}, timeout=60)
    return next((line for line in run.stdout.splitlines() if line.startswith(("ok       database:", "TROUBLE  database:"))), run.stdout + run.stderr), run.stdout


def accepts(name, *more, **kind):
    line, _ = doctor(*more, **kind)
    tap.is_(line, "ok       database: it answers", name)


def refuses(words, name, *more, **kind):
    line, _ = doctor(*more, **kind)
    tap.ok(line.startswith("TROUBLE") and all(word in line for word in words), name, line)


authority = Authority(folder, "root")
other = Authority(folder, "other-root")
good, intermediate = authority.server("good"), authority.intermediate("intermediate")
weak, weak_intermediate = authority.server("sha1-leaf", digest="sha1"), authority.intermediate("sha1-intermediate", digest="sha1")
SHA1 = "--db-tls-allow-sha1=true"

with open(f"{folder}/pg_hba", "w") as file:
    file.write("local all all trust\nhostssl all cert-user 127.0.0.1/32 cert clientcert=verify-full\nhostssl all token-user 127.0.0.1/32 password\nhost all all 127.0.0.1/32 trust\n")
postgres = Postgres(folder, wrapper=("env", "OPENSSL_CONF=" + lenient(folder)))
postgres.create("latchkey")
for role in ("cert-user", "token-user"):
    postgres.query("latchkey", f'CREATE ROLE "{role}" LOGIN SUPERUSER')
shutil.copy(authority.root + ".pem", f"{postgres.data}/ca.crt")
postgres.configure(ssl_ca_file=f"{postgres.data}/ca.crt", hba_file=f"{folder}/pg_hba", ssl="on", files=lambda: show(good))

# --- the server's chain ---
accepts("a good certificate", )
accepts("sslrootcert in the URL", trust=False, tls=f"sslmode=verify-full&sslrootcert={authority.root}.pem")
accepts("db-tls-mode=verify-server", "--db-tls-mode=verify-server", tls="")
accepts("a bundle of several roots", f"--db-tls-trust-store-file={chain(folder + '/bundle', other.root, authority.root)}", trust=False)
accepts("a trust store in PKCS12", f"--db-tls-trust-store-file={pkcs12(folder + '/trust.p12', 'pw', trusted=[authority.root])}",
        "--db-tls-trust-store-password=pw", trust=False)
refuses(["trust.p12", "password"], "its wrong password is said", f"--db-tls-trust-store-file={folder}/trust.p12", "--db-tls-trust-store-password=no", trust=False)
with open(f"{folder}/java.jks", "wb") as file:
    file.write(b"\xfe\xed\xfe\xed\0\0\0\2")
refuses(["java.jks", "keytool"], "a Java key store is named, with the way out", f"--db-tls-trust-store-file={folder}/java.jks", trust=False)
refuses(["certificate 1", "CN=root", "db-tls-trust-store-file"], "an unknown authority",
        f"--db-tls-trust-store-file={other.root}.pem", trust=False)
refuses(["db-tls-trust-store-file"], "none but the system's authorities", trust=False)
refuses(["localhost", "127.0.0.1", "does not match"], "another host's certificate", host="localhost")
show(authority.server("expired", ends="20210101000000Z"))
refuses(["certificate 0", "CN=expired", "expired"], "one that has expired")
show(weak)
refuses(["certificate 0", "CN=sha1-leaf", "RSA-SHA1", "db-tls-allow-sha1"], "a SHA-1 leaf")
accepts("a SHA-1 leaf, when allowed", SHA1)
show(authority.server("below-sha1", by=weak_intermediate), weak_intermediate)
refuses(["certificate 1", "CN=sha1-intermediate", "RSA-SHA1", "db-tls-allow-sha1"], "a SHA-1 intermediate")
accepts("a SHA-1 intermediate, when allowed", SHA1)
show(authority.server("below", by=intermediate), intermediate)
accepts("a good intermediate", SHA1)
show(authority.server("md5", digest="md5"))
refuses(["CN=md5", "certificate 0"], "MD5 is refused where SHA-1 is allowed", SHA1)
show(authority.server("small", bits=1024))
refuses(["CN=small", "certificate 0"], "so is a short key", SHA1)
show(weak)
refuses(["CN=root"], "and an authority that is not trusted", SHA1, f"--db-tls-trust-store-file={other.root}.pem", trust=False)

# --- our own certificate ---
show(good)
client = authority.sign("cert-user", "basicConstraints=CA:FALSE")
both = chain(f"{folder}/client.pem", client)
with open(both, "a") as file, open(client + ".key") as key:
    file.write(key.read())
os.chmod(both, 0o644)
refuses(["certificate"], "the server wants a certificate", user="cert-user")
accepts("our certificate as PEM that others may read", f"--db-mtls-key-store-file={both}", user="cert-user")
accepts("and as PKCS12", f"--db-mtls-key-store-file={pkcs12(folder + '/client.p12', 'pw', client)}", "--db-mtls-key-store-password=pw", user="cert-user")
refuses(["no private key"], "a file without a key", f"--db-mtls-key-store-file={authority.root}.pem", user="cert-user")

# --- a token as the password ---


class Entra(Service):
    asked, token, lifetime, status = [], "token-1", 3600, 200

    def do_POST(self):
        Entra.asked.append((self.path, self.rfile.read(int(self.headers["Content-Length"])).decode()))
        body = f'{{"access_token":"{Entra.token}","expires_in":{Entra.lifetime},"error":"e","error_description":"AADSTS700016"}}'.encode()
        self.send_response(Entra.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


entra = serve(Entra)
with open(f"{folder}/federated", "w") as file:
    file.write("federated-1\n")
azure = {"AZURE_AUTHORITY_HOST": f"http://127.0.0.1:{entra.server_port}/", "AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "client",
         "AZURE_FEDERATED_TOKEN_FILE": f"{folder}/federated"}
postgres.query("latchkey", "ALTER ROLE \"token-user\" PASSWORD 'token-1'")
accepts("a token of Entra ID is the password", "--db-password-source=entra", user="token-user", environment=azure)
path, form = Entra.asked[-1]
tap.ok(path == "/tenant/oauth2/v2.0/token" and "client_assertion=federated-1" in form and "ossrdbms-aad.database.windows.net%2F.default" in form,
       "asked for with the pod's federated token, for the database", (path, form))
accepts("Azure's plugin in the JDBC URL means the same", user="token-user", environment=azure, tls="sslmode=verify-full&authenticationPluginClassName="
        "com.azure.identity.extensions.jdbc.postgresql.AzurePostgresqlAuthenticationPlugin")
Entra.token = "token-2"
refuses(["password authentication failed"], "Postgres checks it", "--db-password-source=entra", user="token-user", environment=azure)
Entra.status = 400
refuses(["AADSTS700016"], "what Entra says is passed on", "--db-password-source=entra", user="token-user", environment=azure)
line, _ = doctor("--db-password-source=entra", user="token-user")
tap.ok("AZURE_FEDERATED_TOKEN_FILE" in line, "missing variables are named", line)
Entra.status, Entra.lifetime, Entra.token = 200, 1, "token-1"

# --- a running server: what is renewed, what is replaced ---
trusted = f"{folder}/mounted.pem"
shutil.copy(authority.root + ".pem", trusted)
with open(f"{folder}/log", "w") as log:
    server = subprocess.Popen(
        [PROGRAM, "start", "--http-enabled=true", "--http-host=127.0.0.1", "--http-port=0", "--http-management-port=0", "--hostname-strict=false",
         "--db-pool-min-size=3", "--shutdown-delay=0s", *options("--db-password-source=entra", f"--db-tls-trust-store-file={trusted}", user="token-user", trust=False)],
        stdout=log, stderr=subprocess.STDOUT, env={**os.environ, **azure, "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin"})


def connections():
    return int(postgres.query("latchkey", "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'latchkey'")[0])


def log_has(text):
    with open(f"{folder}/log") as file:
        return text in file.read()


try:
    until(lambda: log_has("started in"), 30)
    until(lambda: connections() == 4, 10)
    tap.ok(True, "db-pool-min-size connections are kept open, and the listener's")
    shutil.copy(other.root + ".pem", trusted)
    show(other.server("renewed"))
    Entra.token = "token-3"
    postgres.query("latchkey", "ALTER ROLE \"token-user\" PASSWORD 'token-3'")
    postgres.query("latchkey", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'latchkey'")
    until(lambda: connections() == 4, 15)
    tap.ok(True, "a renewed certificate, trust file and token are taken up while running")
finally:
    server.terminate()
    tap.is_(server.wait(timeout=30), 0, "it ends well")

# --- other connections of the process stay strict ---
shutil.copy(authority.root + ".pem", trusted)
show(weak)


def upstream(certificate):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    context.load_cert_chain(certificate + ".pem", certificate + ".key")
    service = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Entra)
    service.socket = context.wrap_socket(service.socket, server_side=True)
    threading.Thread(target=service.serve_forever, daemon=True).start()
    return {**azure, "AZURE_AUTHORITY_HOST": f"https://127.0.0.1:{service.server_port}/"}


roots = f"--truststore-paths={authority.root}.pem"
accepts("an HTTPS upstream whose root truststore-paths names", "--db-password-source=entra", SHA1, roots, user="token-user", environment=upstream(good))
refuses(["certificate"], "without it, it is refused", "--db-password-source=entra", SHA1, user="token-user", environment=upstream(good))
refuses(["certificate"], "an HTTPS upstream with a SHA-1 chain is refused though the database's is allowed", "--db-password-source=entra", SHA1, roots,
        user="token-user", environment=upstream(weak))

# --- a primary is wanted ---
show(good)
postgres.query("latchkey", "ALTER DATABASE latchkey SET default_transaction_read_only = on")
refuses(["read-only"], "a server that is read-only is none", tls="sslmode=verify-full&targetServerType=primary")
accepts("unless any will do")
postgres.stop()
shutil.rmtree(folder, ignore_errors=True)
tap.done()
