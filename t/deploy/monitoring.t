#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What watches Latchkey: its metrics by promtool, alert rules with their own tests, a dashboard that asks for nothing that is not there, the systemd unit."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "api"))
from latchkey import TOP, Browser, Server, Tap  # noqa: E402
from postgres import free_port  # noqa: E402

tap, management = Tap(), free_port()
PROMTOOL = shutil.which("promtool") or sys.exit("Bail out! promtool is missing")


def run(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, **more)


server = Server(f"--http-management-port={management}", "--metrics-enabled=true", "--event-metrics-user-enabled=true", "--http-metrics-histograms-enabled=true",
                "--http-metrics-slos=5,50,500")
token = server.base + "/realms/acme/protocol/openid-connect/token"
echo = {"client_id": "echo", "client_secret": "echo-secret", "grant_type": "password", "username": "alice"}
for password in ("wonderland1", "wrong"):
    Browser().request("POST", token, {**echo, "password": password})
metrics = Browser().get(f"http://127.0.0.1:{management}/auth/metrics").text
server.stop()

checked = run(PROMTOOL, "check", "metrics", input=metrics)
tap.ok(checked.returncode in (0, 3), "promtool reads the metrics", checked.stderr)  # 3: style
KEYCLOAKS = ("agroal_", "process_", "system_", "http_server_")
tap.is_([line for line in checked.stdout.splitlines() + checked.stderr.splitlines() if line and not line.startswith(KEYCLOAKS)], [],
        "and finds fault with no name that Keycloak has not chosen")


def value(name, **labels):
    for line in metrics.splitlines():
        match = re.fullmatch(r"(\w+)(?:\{(.*)\})? (\S+)", line)
        if match and match[1] == name and labels.items() <= dict(re.findall(r'(\w+)="((?:[^"\\]|\\.)*)"', match[2] or "")).items():
            return float(match[3])
    return None


HASH = "keycloak_credentials_password_hashing_validations_total"
strength = "Argon2id-1.3[m=7168,t=5,p=1]"
tap.is_(value(HASH, realm="acme", algorithm="argon2", hashing_strength=strength, outcome="valid"), 1, "a right password, named as Keycloak does")
tap.is_(value(HASH, realm="acme", algorithm="argon2", hashing_strength=strength, outcome="invalid"), 1, "and a wrong one")
tap.is_(value("keycloak_user_events_total", realm="acme", event="login", error="invalid_user_credentials"), 1, "its event is counted")
route = {"uri": "/realms/{realm}/protocol/openid-connect/token", "method": "POST"}
tap.is_(value("http_server_requests_seconds_count", status="200", **route), 1, "requests by route, method and status")
tap.is_(value("http_server_requests_seconds_bucket", status="200", le="+Inf", **route), 1, "as a histogram")
tap.ok(value("http_server_requests_seconds_bucket", status="200", le="0.5", **route) >= value("http_server_requests_seconds_bucket", status="200", le="0.005", **route),
       "with the buckets that were asked for")
tap.ok(value("agroal_max_size", datasource="default") == 10, "the pool, as Keycloak's")
tap.ok(value("latchkey_realms_cached") == value("latchkey_realms_read_total") == 1 < value("latchkey_realms_asked_total") and value("latchkey_realms_served_undated_total") == 0,
       "realms are asked for more often than read", [line for line in metrics.splitlines() if line.startswith("latchkey_realms")])

# What appears only once something happened: another server was called, events were lost.
LATER = {"latchkey_upstream_requests_total", "latchkey_upstream_seconds_total", "latchkey_events_lost_total", "up"}
known = LATER | set(re.findall(r"^# TYPE (\w+)", metrics, re.M)) | set(re.findall(r"^(\w+)[{ ]", metrics, re.M))


def unknown(expression):
    bare = re.sub(r"\{[^}]*\}+|\"[^\"]*\"|\[[^\]]*\]|\b(?:by|on|ignoring) \([^)]*\)", "", expression.replace("{realm}", ""))
    words = set(re.findall(r"\b[a-z_:]+\b(?!\s*\()", bare)) - {"and", "or", "by", "job"}
    return {word for word in words if word not in known}


dashboard = json.load(open(f"{TOP}/conf/monitoring/dashboard.json"))
targets = [(panel["title"], target["expr"]) for panel in dashboard["panels"] for target in panel["targets"]]
tap.is_([(title, unknown(expression)) for title, expression in targets if unknown(expression)], [], f"the dashboard's {len(targets)} queries ask for metrics that are there")
rules = open(f"{TOP}/conf/monitoring/alerts.yml").read()
expressions = re.findall(r"expr: (?:\|\n)?((?:.*\n)(?: {12}.*\n)*)", rules)
tap.is_([unknown(expression) for expression in expressions if unknown(expression)], [], f"so do the {len(expressions)} alert rules")

work = tempfile.mkdtemp()
with open(f"{work}/queries.yml", "w") as file:
    file.write("groups:\n- name: dashboard\n  rules:\n" + "".join(
        f"  - {{record: 'q:{i}', expr: {json.dumps(e.replace('$job', 'latchkey').replace('$__rate_interval', '5m'))}}}\n" for i, (_, e) in enumerate(targets)))
for what, command in {"the dashboard's queries are PromQL": ["check", "rules", f"{work}/queries.yml"], "the alert rules are valid": ["check", "rules", f"{TOP}/conf/monitoring/alerts.yml"],
                      "and fire when they should": ["test", "rules", f"{TOP}/conf/monitoring/alerts.test.yml"]}.items():
    done = run(PROMTOOL, *command)
    tap.ok(done.returncode == 0, what, done.stdout + done.stderr)

# The program and its manual are where a package would put them.
unit = open(f"{TOP}/conf/systemd/latchkey.service").read().replace("/usr/local/bin/latchkey", "/bin/true").replace("Documentation=man:latchkey(1)\n", "")
with open(f"{work}/latchkey.service", "w") as file:
    file.write(unit)
verified = run("systemd-analyze", "verify", f"{work}/latchkey.service")
tap.ok(verified.returncode == 0 and not verified.stderr, "systemd takes the unit", verified.stderr)
secured = run("systemd-analyze", "security", "--offline=true", "--threshold=25", f"{work}/latchkey.service")
tap.ok(secured.returncode == 0, "and finds little that it may do", secured.stdout[-300:])
shutil.rmtree(work)
tap.done()
