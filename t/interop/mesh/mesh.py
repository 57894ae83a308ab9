# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The customer's whole system on loopback, each part from its manifest in conf/: Postgres that speaks TLS alone, Redis, a stand-in for Entra
ID, two replicas of Latchkey as the chart's pods, OAuth2-Proxy behind the ingress, mod_auth_openidc behind a second one (the other application
of the same realm) and OAuth2-Proxy's recorded behaviour behind a third, and the echo service behind its sidecar with its policies."""
import concurrent.futures
import json
import pathlib
import re
import sys
import tomllib
import urllib.request

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[up] / folder) for up, folder in ((1, "."), (2, "api"))]
import istio  # noqa: E402
from echo import Echo  # noqa: E402
from entra import Entra  # noqa: E402
from oauth2_proxy import Proxy, Refused, service  # noqa: E402
from pods import Pod, tls_database  # noqa: E402
from postgres import until  # noqa: E402
from stack import TOP, Browser, Part, Stack, claims, free_port, program  # noqa: E402,F401

REFRESH = 1  # seconds after which a session is stale, instead of the manifest's minutes
CACHE = 2  # seconds that a sidecar keeps the keys, instead of Istio's five minutes
DATABASE_PASSWORD, CLIENT_SECRET = "the database's password", "oauth2-proxy's secret: a/b+c%"
MANY_ROLES = [f"orders-region-{i:03}-reader" for i in range(500)]
CHART = ("hostname=https://sso.example.com/auth", "database.url=jdbc:postgresql://NAME.postgres.database.azure.com:5432/latchkey?targetServerType=primary",
         "database.tls.caConfigMap=database-ca", "realms.configMap=realms")


class Restarting(Part):
    """A program that ends where what it needs is not there yet, and is started again, as a kubelet does."""

    def answers(self):
        if self.process.poll() is not None:
            with self.log.open("a") as log:
                self.process = type(self.process)(self.command, stdout=log, stderr=log, env=self.env)
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=1) as answer:
                return answer.status == 200
        except OSError:
            return False

    def start(self):
        while True:
            try:
                return super().start()
            except SystemExit:
                if not re.search("connection refused|unexpected status|EOF|reset by peer", self.log.read_text()):
                    raise


class Mesh(Stack):
    def __init__(self):
        super().__init__()
        self.ingress, self.second, self.third, self.proxy_port, self.party_port, self.recorded_port = (free_port() for _ in range(6))
        self.origin, self.other, self.replayed = (f"http://127.0.0.1:{port}" for port in (self.ingress, self.second, self.third))
        self.issuer = f"{self.origin}/auth/realms/acme"
        self.oidc = self.issuer + "/protocol/openid-connect"
        self.entra = Entra(self, f"{self.issuer}/broker/entra/endpoint")
        self.prepare_files()
        self.prepare_database()
        self.documents = istio.chart(*CHART)

    # --- what the manifests take for granted ---

    def prepare_files(self):
        for name in ("database", "realms"):
            (self.folder / name).mkdir()
        (self.folder / "database/password").write_text(DATABASE_PASSWORD)
        (self.folder / "realms/acme-realm.json").write_text(json.dumps(self.realm()))

    def realm(self):
        """The acme realm with the addresses of here, and with what makes mistakes of a client expensive: refresh tokens that are good once, and
        a lock after three wrong passwords."""
        realm = json.loads((pathlib.Path(TOP) / "t/data/acme-export.json").read_text().replace("http://localhost:4180/oauth2/callback", f"{self.other}/*")
                           .replace("http://127.0.0.1:9/backchannel", f"http://127.0.0.1:{self.party_port}/oauth2/callback?logout=backchannel"))
        realm.update(revokeRefreshToken=True, refreshTokenMaxReuse=0, bruteForceProtected=True, failureFactor=3)
        echo = next(client for client in realm["clients"] if client["clientId"] == "echo")
        proxy = {**echo, "clientId": "oauth2-proxy", "secret": CLIENT_SECRET, "redirectUris": [f"{self.origin}/oauth2/callback", f"{self.replayed}/oauth2/callback"],
                 "attributes": {"post.logout.redirect.uris": f"{self.origin}/*##{self.replayed}/*"}}
        proxy["protocolMappers"] = [{**mapper, "id": f"00000000-0000-4000-8000-00000000000{i}"} for i, mapper in enumerate(echo["protocolMappers"]) if mapper["name"] != "aud"]
        proxy["protocolMappers"].append({"name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
                                         "config": {"included.client.audience": "oauth2-proxy", "access.token.claim": "true"}})
        for client in (proxy, echo):  # as docs/istio.md asks for
            client["protocolMappers"].append({"name": "realm roles", "protocol": "openid-connect", "protocolMapper": "oidc-usermodel-realm-role-mapper", "config": {
                "claim.name": "realm_access.roles", "jsonType.label": "String", "multivalued": "true", "id.token.claim": "true", "access.token.claim": "false"}})
        realm["clients"].append({key: value for key, value in proxy.items() if key != "id"})
        realm["roles"]["realm"] += [{"name": name} for name in ("orders-read", *MANY_ROLES)]
        next(user for user in realm["users"] if user["username"] == "alice")["realmRoles"].append("orders-read")
        realm["users"].append({"username": "crowd", "enabled": True, "email": "crowd@example.test", "emailVerified": True, "firstName": "C", "lastName": "Rowd",
                               "credentials": [{"type": "password", "value": "everything1"}], "realmRoles": ["orders-read", *MANY_ROLES]})
        realm["identityProviders"] = [self.entra.provider()]
        realm["identityProviderMappers"] = [{"name": name, "identityProviderAlias": "entra", "identityProviderMapper": kind, "config": {"syncMode": "INHERIT", **config}} for name, kind, config in (
            ("readers", "oidc-role-idp-mapper", {"claim": "roles", "claim.value": "Orders.Admin", "role": "orders-read"}),
            ("name", "oidc-username-idp-mapper", {"template": "${ALIAS}.${CLAIM.preferred_username | localpart}", "target": "LOCAL"}))]
        return realm

    def prepare_database(self):
        self.database = tls_database(self.folder, {"latchkey": DATABASE_PASSWORD})
        self.callback(lambda: self.database.process.poll() is not None or self.database.stop())
        self.database.stop()

    # --- the parts ---

    def start_replica(self, number):
        settings = {"KC_DB_URL": self.documents_url().replace("NAME.postgres.database.azure.com:5432", f"localhost:{self.database.port}"), "KC_HOSTNAME": f"{self.origin}/auth",
                    "KC_SHUTDOWN_DELAY": "1s"}
        return Pod(f"latchkey-{number}", self.documents, self.folder, {f"/etc/latchkey/{name}": self.folder / name for name in ("database", "realms", "database-ca")},
                  secrets={("latchkey-admin", "username"): "admin", ("latchkey-admin", "password"): "admin"}, settings=settings, ports={"http": self.latchkey_ports[number], "management": self.management_ports[number]})

    def documents_url(self):
        (deployment,) = istio.pick(self.documents, "Deployment")
        return next(each["value"] for each in deployment["spec"]["template"]["spec"]["containers"][0]["env"] if each["name"] == "KC_DB_URL")

    def start_redis(self):
        (redis,) = istio.pick(istio.read("gateway/redis.yaml"), "StatefulSet")
        _, *arguments = redis["spec"]["template"]["spec"]["containers"][0]["args"]
        (self.folder / "redis").mkdir()
        return Part("redis", [program("redis-server"), "--bind", "127.0.0.1", "--port", str(self.redis_port), "--dir", str(self.folder / "redis"), *arguments], self.redis_port, self.folder)

    def proxy_settings(self, origin):
        """oauth2-proxy.cfg of the manifest, at this origin."""
        (config,) = istio.pick(istio.read("gateway/oauth2-proxy.yaml"), "ConfigMap")
        text = config["data"]["oauth2-proxy.cfg"]
        for old, new in {'redirect_url = "https://sso.example.com': f'redirect_url = "{origin}', "https://sso.example.com": self.origin, '"sso.example.com"': f'"{origin.removeprefix("http://")}", "{self.origin.removeprefix("http://")}"',
                         "redis.sso.svc.cluster.local:6379": f"127.0.0.1:{self.redis_port}", '"0.0.0.0:4180"': f'"127.0.0.1:{self.proxy_port}"', 'cookie_refresh = "4m"': f'cookie_refresh = "{REFRESH}s"'}.items():
            assert old in text, old
            text = text.replace(old, new)
        return text

    def start_proxy(self):
        path = self.folder / "oauth2-proxy.cfg"
        path.write_text(self.proxy_settings(self.origin))
        return Restarting("oauth2-proxy", [program("oauth2-proxy"), f"--config={path}"], self.proxy_port, self.folder,
                          env={"OAUTH2_PROXY_CLIENT_SECRET": CLIENT_SECRET, "OAUTH2_PROXY_COOKIE_SECRET": "0123456789abcdef0123456789abcdef"})

    def start_recorded(self):
        config = tomllib.loads(self.proxy_settings(self.replayed))

        def is_made():
            try:
                self.recorded = Proxy(config["oidc_issuer_url"], config["client_id"], CLIENT_SECRET, config["redirect_url"], REFRESH)
            except (Refused, OSError):
                return False
            return True

        until(is_made, 60, 0.2)
        self.service(service(self.recorded), self.recorded_port)

    def start_party(self):
        return self.relying_party(self.party_port, origin=self.other, issuer=self.issuer, redis=self.redis_port, refresh_before=600 - REFRESH)

    def start_all(self, during=lambda: None):
        """Everything at once, on an empty database; `during` runs beside."""
        self.latchkey_ports, self.management_ports = ([free_port(), free_port()] for _ in range(2))
        latchkeys = list(zip(self.latchkey_ports, self.management_ports, strict=True))
        self.redis_port, self.sidecar_port, self.sidecar_admin = free_port(), free_port(), free_port()
        echo = self.service(Echo)
        self.parts = {}

        def envoy(port, authorizer):
            return lambda: self.gateway(port, latchkeys, authorizer, [self.sidecar_port], origin=self.origin)

        begin = {"postgres": self.database.start, "redis": self.start_redis, "latchkey-0": lambda: self.start_replica(0), "latchkey-1": lambda: self.start_replica(1),
                 "sidecar": lambda: self.envoy("sidecar", self.sidecar_port, istio.sidecar(self.sidecar_port, self.sidecar_admin, self.origin, latchkeys, echo, cache=f"{CACHE}s")),
                 "ingress": envoy(self.ingress, self.proxy_port), "second": envoy(self.second, self.party_port), "third": envoy(self.third, self.recorded_port),
                 "oauth2-proxy": self.start_proxy, "mod_auth_openidc": self.start_party, "recorded": self.start_recorded}
        # Some programs end with the thread that began them: the pool outlives them.
        pool = self.enter_context(concurrent.futures.ThreadPoolExecutor(len(begin) + 1))
        beside = pool.submit(during)
        begun = {name: pool.submit(start) for name, start in begin.items()}
        for name, part in begun.items():
            self.parts[name] = part.result()
            if name in ("redis", "latchkey-0", "latchkey-1", "oauth2-proxy"):
                self.callback(self.parts[name].stop)
        beside.result()
        self.parts["postgres"] = self.database

    # --- seen from outside ---

    def statistics(self, admin, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{admin}/stats?filter={name}", timeout=5) as answer:
            return {line.split(": ")[0].rsplit(".", 1)[1]: int(line.split(": ")[1]) for line in answer.read().decode().splitlines()}

    def administrator(self):
        """A token of realm master, from inside: through the gateway it would need https."""
        form = {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}
        return Browser().request("POST", f"http://127.0.0.1:{self.latchkey_ports[0]}/auth/realms/master/protocol/openid-connect/token", form).json()["access_token"]

    def admin(self, method, path, body=None):
        """A call of the admin REST API of realm acme."""
        return Browser().request(method, f"http://127.0.0.1:{self.latchkey_ports[0]}/auth/admin/realms/acme{path}", body=None if body is None else json.dumps(body),
                                 headers={"Authorization": "Bearer " + self.administrator(), "Content-Type": "application/json"})

    def token(self, **form):
        return Browser().request("POST", self.oidc + "/token", {"client_id": "oauth2-proxy", "client_secret": CLIENT_SECRET, **form})

    def finish(self, tap):
        for number in (0, 1):
            self.parts[f"latchkey-{number}"].stop()
            tap.is_(self.parts[f"latchkey-{number}"].process.returncode, 0, f"replica {number} ends gracefully")
        self.end(tap)
