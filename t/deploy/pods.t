#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What the chart and the overlays start: the container of each rendered Deployment runs the real program, with its arguments, variables, volumes and probes,
on a Postgres that speaks TLS alone; and what points at pods (Services, monitors, policies) points at these."""
import json
import pathlib
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parents[1] / folder) for folder in ("interop", "api")]
import istio  # noqa: E402
import yaml  # noqa: E402
from istio import pick  # noqa: E402
from pods import PROBES, Pod, tls_database  # noqa: E402
from stack import TOP, Browser, Service, Stack, Tap  # noqa: E402

PASSWORD, TOKEN = "the database's password", "a token of Entra ID"
ADMIN = {("latchkey-admin", "username"): "admin", ("latchkey-admin", "password"): "admin"}
EVERYTHING = ("hostname=https://sso.example.com/auth", "database.tls.caConfigMap=database-ca", "realms.configMap=realms", "truststore.configMap=roots", "themes[0].name=acme",
              "themes[0].configMap=theme-acme", "themes[0].items[0].key=login__theme.properties", "themes[0].items[0].path=login/theme.properties", "options.log-level=debug",
              "azure.workloadIdentity.clientId=00000000-0000-0000-0000-000000000000", "database.passwordSource=entra", "autoscaling.enabled=true",
              "metrics.serviceMonitor.enabled=true", "metrics.prometheusRule.enabled=true", "sealedSecrets[0].name=latchkey-admin", "sealedSecrets[0].encryptedData.password=AgBy3i4OJSWK",
              "istio.gatewayAnnotations.external-dns\\.alpha\\.kubernetes\\.io/target=ingress.example.com")
# The Services of those who run Keycloak: selector, and the names or numbers of the pods' ports.
KEYCLOAKS = {"bitnami": ({"app.kubernetes.io/instance": "keycloak", "app.kubernetes.io/name": "keycloak", "app.kubernetes.io/component": "keycloak", "app.kubernetes.io/part-of": "keycloak"}, {"http"}),
             "codecentric": ({"app.kubernetes.io/name": "keycloakx", "app.kubernetes.io/instance": "keycloak"}, {"http", "http-internal"}),
             "operator": ({"app": "keycloak", "app.kubernetes.io/managed-by": "keycloak-operator", "app.kubernetes.io/instance": "keycloak"}, {8080, 9000})}
tap, asked = Tap(), []


class TokenEndpoint(Service):
    """Where a pod's federated token is exchanged."""

    def answer(self):
        asked.append(self.path)
        return 200, {"Content-Type": "application/json"}, json.dumps({"token_type": "Bearer", "expires_in": 3599, "access_token": TOKEN})


def overlay(name):
    made = subprocess.run(["kustomize", "build", f"{istio.CONF}/kustomize/{name}"], capture_output=True, text=True, check=True)
    return [each for each in yaml.safe_load_all(made.stdout) if each]


def matches(selector, labels):
    return selector.items() <= labels.items() and bool(selector)


def check_pointers(name, documents):
    """By the names and labels that a cluster would look for."""
    (deployment,) = pick(documents, "Deployment")
    template = deployment["spec"]["template"]
    labels, ports = template["metadata"]["labels"], {port["name"] for port in template["spec"]["containers"][0]["ports"]}
    tap.ok(matches(deployment["spec"]["selector"]["matchLabels"], labels), f"{name}: the Deployment finds its pods")
    services = pick(documents, "Service")
    tap.ok(services and all(matches(service["spec"]["selector"], labels) and {port["targetPort"] for port in service["spec"]["ports"]} <= ports for service in services),
           f"{name}: so does each Service, and its ports", services)
    tap.ok(all(matches(each["spec"]["selector"]["matchLabels"], labels) for each in pick(documents, "PodDisruptionBudget")) and pick(documents, "PodDisruptionBudget"), f"{name}: the disruption budget")
    tap.ok(all(matches(each["labelSelector"]["matchLabels"], labels) for each in template["spec"]["topologySpreadConstraints"]), f"{name}: the spread over zones and nodes")
    for scaler in pick(documents, "HorizontalPodAutoscaler"):
        tap.ok(scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"] and "replicas" not in deployment["spec"], f"{name}: the autoscaler, which alone says how many", scaler)
    for policy in pick(documents, "NetworkPolicy"):
        tap.ok(matches(policy["spec"]["podSelector"]["matchLabels"], labels) and {port["port"] for rule in policy["spec"]["ingress"] for port in rule["ports"]} == ports, f"{name}: the network policy", policy)
    for monitor in pick(documents, "ServiceMonitor"):
        names = {port["name"] for service in services for port in service["spec"]["ports"]}
        tap.ok({endpoint["port"] for endpoint in monitor["spec"]["endpoints"]} <= names and any(matches(monitor["spec"]["selector"]["matchLabels"], service["metadata"]["labels"]) for service in services),
               f"{name}: the service monitor finds the service", monitor)


with Stack() as stack:
    database = tls_database(stack.folder, {"latchkey": PASSWORD, "latchkey-identity": TOKEN})
    stack.callback(database.stop)
    for path, text in {"database/password": PASSWORD, "realms/acme-realm.json": pathlib.Path(f"{TOP}/t/data/acme-export.json").read_text(), "themes/acme/login/theme.properties": "parent=base\n",
                       "identity/token": "the pod's own token"}.items():
        (stack.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (stack.folder / path).write_text(text)
    (stack.folder / "roots").mkdir()
    (stack.folder / "roots/more.pem").write_bytes((stack.folder / "database-ca/ca.crt").read_bytes())
    # What the webhook of workload identity adds to a pod with its label.
    identity = {"AZURE_AUTHORITY_HOST": f"http://127.0.0.1:{stack.service(TokenEndpoint)}/", "AZURE_TENANT_ID": "tenant", "AZURE_CLIENT_ID": "client",
                "AZURE_FEDERATED_TOKEN_FILE": stack.folder / "identity/token"}
    folders = {"/etc/latchkey/database": "database", "/etc/latchkey/database-ca": "database-ca", "/etc/latchkey/realms": "realms", "/etc/latchkey/truststore": "roots", "/etc/latchkey/themes": "themes"}
    cases = {"the chart": (istio.chart("database.tls.caConfigMap=database-ca"), {}), "the chart with everything": (istio.chart(*EVERYTHING), {**identity, "KC_DB_USERNAME": "latchkey-identity"}),
             "kustomize base": (overlay("base"), {"KC_DB_TLS_TRUST_STORE_FILE": stack.folder / "database-ca/ca.crt"}), "kustomize for AKS": (overlay("overlays/aks"), identity),
             "kustomize from Keycloak": (overlay("overlays/from-keycloak"), {"KC_DB_TLS_TRUST_STORE_FILE": stack.folder / "database-ca/ca.crt"})}
    for name, (documents, settings) in cases.items():
        (deployment,) = pick(documents, "Deployment")
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        mounts = {mount["mountPath"].replace("/etc/latchkey/themes/acme", "/etc/latchkey/themes") for mount in container["volumeMounts"]}
        volumes = {mount: stack.folder / folders[mount] for mount in mounts & folders.keys()}
        unknown = mounts - folders.keys() - {"/tmp"}
        environment = Pod.environment_of(container, documents, {}, {})
        url = environment["KC_DB_URL"].replace(environment["KC_DB_URL"].split("/")[2], f"localhost:{database.port}")
        before = len(asked)
        pod = Pod(name.replace(" ", "-"), documents, stack.folder, volumes, ADMIN, {"KC_DB_URL": url, "KC_SHUTDOWN_DELAY": "0s", "KC_BOOTSTRAP_ADMIN_USERNAME": "admin", "KC_BOOTSTRAP_ADMIN_PASSWORD": "admin", **settings})
        base = f"http://127.0.0.1:{pod.ports['http']}/auth"
        tap.is_(([pod.probe(probe) for probe in PROBES], unknown), ([200] * 3, set()), f"{name}: starts, and its probes answer")
        realms = [Browser().get(f"{base}/realms/{realm}").status for realm in ("master", *(["acme"] if "/etc/latchkey/realms" in volumes else []))]
        tap.is_(set(realms), {200}, f"{name}: has its realms {'out of the ConfigMap' if len(realms) == 2 else ''}")
        metrics = Browser().get(f"http://127.0.0.1:{pod.ports['management']}/metrics")
        tap.ok(metrics.status == 200 and "latchkey_" in metrics.text, f"{name}: shows its metrics where they are looked for")
        issuer = Browser().get(f"{base}/realms/master/.well-known/openid-configuration").json()["issuer"]
        expected = "https://sso.example.com/auth" if "KC_HOSTNAME" in environment else base
        tap.is_(issuer, expected + "/realms/master", f"{name}: its issuer")
        if "AZURE_TENANT_ID" in settings:
            tap.ok(len(asked) > before, f"{name}: the database's password is the pod's identity")
        if "/etc/latchkey/themes" in volumes:
            Browser().get(f"{base}/realms/none")
            tap.ok('"DEBUG"' in pod.said() and "theme" not in [line for line in pod.said().splitlines() if '"ERROR"' in line], f"{name}: options and themes", pod.said()[-800:])
        check_pointers(name, documents)
        pod.stop()
        tap.is_(pod.process.returncode, 0, f"{name}: ends when it is asked to")
    for name, (selector, ports) in KEYCLOAKS.items():
        documents = overlay(f"overlays/from-{name}")
        check_pointers(f"from {name}", documents)
        (deployment,) = pick(documents, "Deployment")
        template = deployment["spec"]["template"]
        there = {port[key] for port in template["spec"]["containers"][0]["ports"] for key in ("name", "containerPort")}
        tap.ok(matches(selector, template["metadata"]["labels"]) and ports <= there, f"from {name}: Keycloak's own Service finds Latchkey's pods", (template["metadata"]["labels"], there))
        probes = {template["spec"]["containers"][0][probe]["httpGet"]["port"] for probe in PROBES}
        tap.ok(probes <= there, f"from {name}: probes at ports that are there", probes)
    (gateway,) = pick(cases["the chart with everything"][0], "Gateway")
    tap.is_(gateway["metadata"]["annotations"], {"external-dns.alpha.kubernetes.io/target": "ingress.example.com"}, "external-dns is told where the host leads")
    (sealed,) = pick(cases["the chart with everything"][0], "SealedSecret")
    tap.is_((sealed["metadata"]["name"], sealed["spec"]["encryptedData"]), ("latchkey-admin", {"password": "AgBy3i4OJSWK"}), "secrets may come sealed")
    if tap.failed:
        stack.end(tap)
tap.done()
