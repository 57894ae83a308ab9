#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The Helm chart, the kustomize overlays and the manifests around them, by the tools that would apply them: helm, kustomize, kubeconform with the CRDs' schemas."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
import yaml  # noqa: E402
from latchkey import TOP, Tap  # noqa: E402
from schemas import KUBERNETES, make  # noqa: E402

tap, work = Tap(), tempfile.mkdtemp(prefix="lk-manifests-")
PROGRAM, CHART, CONF = os.environ.get("LATCHKEY", f"{TOP}/build/latchkey"), f"{TOP}/conf/helm/latchkey", f"{TOP}/conf"
for tool in ("helm", "kustomize", "kubeconform", "go"):
    shutil.which(tool) or sys.exit(f"Bail out! {tool} is missing")
CONFORM = ["kubeconform", *make(work)]
FULL = ["istio.enabled=true", "istio.certificate.enabled=true", "metrics.serviceMonitor.enabled=true", "metrics.prometheusRule.enabled=true", "metrics.dashboard.enabled=true",
        "autoscaling.enabled=true", "database.tls.caConfigMap=ca", "realms.configMap=realms", "truststore.configMap=roots", "hostname=https://sso.example.com/auth",
        "azure.workloadIdentity.clientId=00000000-0000-0000-0000-000000000000", "database.passwordSource=entra", "themes[0].name=acme", "themes[0].configMap=theme-acme",
        "themes[0].items[0].key=login__theme.properties", "themes[0].items[0].path=login/theme.properties", "options.log-level=debug"]


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, **more)


def template(*values):
    return run("helm", "template", "sso", CHART, "--namespace", "sso", "--kube-version", KUBERNETES, *(word for value in values for word in ("--set", value)))


def conforms(name, text):
    done = run(*CONFORM, input=text)
    tap.ok(done.returncode == 0 and "Skipped: 0" in done.stdout, name, done.stdout + done.stderr)
    return [each for each in yaml.safe_load_all(text) if each]


def kind(things, which, name=None):
    return next(thing for thing in things if thing["kind"] == which and name in (None, thing["metadata"]["name"]))


lint = run("helm", "lint", "--strict", CHART)
tap.ok(lint.returncode == 0, "helm lint", lint.stdout + lint.stderr)
things = {}
for name, values in {"the chart's defaults": [], "the chart with everything": FULL}.items():
    made = template(*values)
    tap.ok(made.returncode == 0, f"helm template: {name}", made.stderr)
    things[name] = conforms(f"kubeconform: {name}", made.stdout)
for overlay in ("base", *(f"overlays/{name}" for name in ("aks", "from-keycloak", "from-bitnami", "from-codecentric", "from-operator"))):
    made = run("kustomize", "build", f"{CONF}/kustomize/{overlay}")
    tap.ok(made.returncode == 0, f"kustomize build {overlay}", made.stderr)
    things[overlay] = conforms(f"kubeconform: {overlay}", made.stdout)
for path in sorted(glob.glob(f"{CONF}/gateway/*.yaml") + glob.glob(f"{CONF}/argocd/**/*.yaml", recursive=True) + [f"{CONF}/istio/request-authentication.yaml"]):
    with open(path) as file:
        conforms(f"kubeconform: {os.path.relpath(path, CONF)}", file.read())

# --- mistakes in values are found before anything is applied ---
for wrong, word in {"replicaCount=many": "replicaCount", "database.url=jdbc:mysql://db/x": "url", "proxyHeaders=x": "proxyHeaders", "imag.tag=1": "imag", "database.passwordSource=vault": "passwordSource",
                    "relativePath=auth": "relativePath", "azure.workloadIdentity.clientId=mine": "clientId"}.items():
    refused = template(wrong)
    tap.ok(refused.returncode != 0 and word in refused.stderr, f"values.schema.json refuses {wrong}", refused.stderr)

# --- what every pod may do ---
for name, all_things in things.items():
    for deployment in (thing for thing in all_things if thing["kind"] == "Deployment"):
        pod = deployment["spec"]["template"]["spec"]
        container = pod["containers"][0]
        tap.is_((pod["securityContext"]["runAsNonRoot"], pod["securityContext"]["seccompProfile"]["type"], pod["automountServiceAccountToken"],
                 container["securityContext"]), (True, "RuntimeDefault", False, {"allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}),
                f"{name}: no root, no capabilities, a read-only root file system, no token of the cluster")

# --- the settings are Latchkey's: it reads each of them itself ---
for name, all_things in things.items():
    deployment = kind(all_things, "Deployment")
    container = deployment["spec"]["template"]["spec"]["containers"][0]
    settings = {each["name"]: each["value"] for each in container.get("env", []) if "value" in each}
    for each in (thing for thing in all_things if thing["kind"] == "ConfigMap" and any(key.startswith("KC_") for key in thing["data"])):
        settings.update(each["data"])
    with open(f"{work}/password", "w") as file:
        file.write("x")
    settings = {key: f"{work}/password" if key.endswith("_FILE") and value.startswith("/etc/latchkey/database/") else value for key, value in settings.items()}
    options = {"--" + key[3:].lower().replace("_", "-") for key in settings if not key.endswith("_PASSWORD_FILE")}
    shown = run(PROGRAM, "show-config", env={"PATH": os.environ["PATH"], **settings})
    known = run(PROGRAM, "--help").stdout + open(f"{TOP}/docs/options.md").read()
    tap.ok(shown.returncode == 0 and not {option for option in options if option[2:] not in known}, f"{name}: {len(settings)} settings that Latchkey knows",
           shown.stderr + str({option for option in options if option[2:] not in known}))

# --- the gateway ---
full = things["the chart with everything"]
policy = kind(full, "AuthorizationPolicy")["spec"]
tap.is_((policy["action"], policy["rules"][0]["to"][0]["operation"]["notPaths"]), ("CUSTOM", ["/auth", "/auth/*"]), "the authorizer is asked about everything but /auth and what is below it")
with open(f"{CONF}/istio/mesh-config.yaml") as file:
    provider = yaml.safe_load(file)["extensionProviders"][0]
tap.is_(provider["name"], policy["provider"]["name"], "by the provider that the mesh configuration names")
authorizer = provider["envoyExtAuthzHttp"]
tap.ok("set-cookie" in authorizer["headersToDownstreamOnDeny"] and "set-cookie" in authorizer["headersToDownstreamOnAllow"] and "cookie" in authorizer["includeRequestHeadersInCheck"],
       "cookies go both ways, also when a session is refreshed")
tap.is_(kind(full, "ServiceAccount")["metadata"]["annotations"]["azure.workload.identity/client-id"], "00000000-0000-0000-0000-000000000000", "workload identity is annotated")
rule = kind(full, "PrometheusRule")["spec"]
with open(f"{CONF}/monitoring/alerts.yml") as file:
    tap.is_(rule, yaml.safe_load(file), "the alert rules are those of conf/monitoring")
shutil.rmtree(work)
tap.done()
