#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Events of users: logged in Keycloak's form, counted, stored where the realm says so."""
import re
import urllib.parse
import urllib.request

from latchkey import Server, Tap

tap = Tap()


def token(server, **form):
    request = urllib.request.Request(f"{server.base}/realms/acme/protocol/openid-connect/token", urllib.parse.urlencode(form).encode())
    try:
        return urllib.request.urlopen(request).status
    except urllib.error.HTTPError as error:
        return error.code


server = Server("--metrics-enabled=true", "--event-metrics-user-enabled=true", "--event-metrics-user-tags=realm,clientId", "--event-metrics-user-events=login,client_login",
                "--spi-events-listener--jboss-logging--success-level=info")
try:
    client = {"client_id": "echo", "client_secret": "echo-secret"}
    token(server, grant_type="client_credentials", **client)
    token(server, grant_type="client_credentials", client_id="echo", client_secret='x"\n, error="forged')
    token(server, grant_type="password", username='no"body\nINFO', password="x", **client)
    log = server.output()
    tap.ok(re.search(r'INFO  \[org\.keycloak\.events\] \(\w+\) type="CLIENT_LOGIN", realmId="[^"]+", realmName="acme", clientId="echo", userId="[0-9a-f-]+", ipAddress="127\.0\.0\.1", grant_type="client_credentials"', log),
           "a success in the log, at the level that was asked for", log[-1500:])
    tap.ok(re.search(r'WARN  \[org\.keycloak\.events\] \(\w+\) type="CLIENT_LOGIN_ERROR", .*userId="null", ipAddress="127\.0\.0\.1", error="invalid_client_credentials"', log), "a failure as a warning", log[-1500:])
    tap.ok(re.search(r'type="LOGIN_ERROR".*error="user_not_found".*username="no\\"body', log) and not re.search(r"^INFO", log, re.M), "what a visitor sends makes no line and no member of its own", log[-1500:])
    tap.ok("echo-secret" not in log and "forged" not in log, "no secret in the log")

    management = re.search(r"management port (\d+)", log).group(1)
    metrics = urllib.request.urlopen(f"http://127.0.0.1:{management}/auth/metrics").read().decode()
    tap.ok('keycloak_user_events_total{client_id="echo",error="",event="client_login",realm="acme"} 1' in metrics, "successes are counted", metrics[-800:])
    tap.ok('keycloak_user_events_total{client_id="echo",error="user_not_found",event="login",realm="acme"} 1' in metrics, "errors by their name", metrics[-800:])
    tap.ok("latchkey_events_stored_total 0\n" in metrics, "nothing is stored where the realm does not ask for it")

    server.admin("PUT", "/realms/acme/events/config", {"eventsEnabled": True})
    for _ in range(20):
        token(server, grant_type="client_credentials", **client)
    events = server.admin("GET", "/realms/acme/events?type=CLIENT_LOGIN&max=100").json()
    tap.is_([len(events), {event["clientId"] for event in events}], [20, {"echo"}], "all are stored, and seen at once")
finally:
    server.stop()
tap.done()
