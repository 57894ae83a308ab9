#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Client initiated backchannel authentication: the request, the authentication channel and its callback, polling, ping."""
import json
import os
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Service, Tap, claims, serve  # noqa: E402


class Channel(Service):
    """The operator's service that reaches users, and the client's notification endpoint."""
    calls, answer = [], 201

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        Channel.calls.append((self.path, self.headers["authorization"], body))
        self.send_response(Channel.answer if self.path == "/channel" else 204)
        self.send_header("content-length", "0")
        self.end_headers()


channel = serve(Channel)
address = f"http://127.0.0.1:{channel.server_port}"
secret = {"client_id": "echo", "client_secret": "echo-secret"}


def with_ciba(text):
    realm = json.loads(text)
    realm.setdefault("attributes", {}).update({"cibaInterval": "0", "cibaExpiresIn": "90"})
    for client in realm["clients"]:
        if client["clientId"] == "echo":
            client.setdefault("attributes", {}).update({"oidc.ciba.grant.enabled": "true"})
            other = json.loads(json.dumps(client))
    other.update(id="5f1c9b1e-0000-4000-8000-000000000001", clientId="pinged", protocolMappers=[], serviceAccountsEnabled=False)
    other["attributes"].update({"ciba.backchannel.token.delivery.mode": "ping", "ciba.backchannel.client.notification.endpoint": address + "/notify"})
    realm["clients"].append(other)
    return json.dumps(realm)


option = "--spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri="
tap, server = Tap(), Server(option + address + "/channel", edit=with_ciba)
oidc = server.base + "/realms/acme/protocol/openid-connect"


def ask(**form):
    given = {**secret, "scope": "openid", "login_hint": "alice", **form}
    return Browser().request("POST", oidc + "/ext/ciba/auth", {name: value for name, value in given.items() if value is not None})


def refused(**form):
    answer = ask(**form)
    return answer.status, answer.json()["error"]


def poll(request, **form):
    return Browser().request("POST", oidc + "/token", {**secret, "grant_type": "urn:openid:params:grant-type:ciba", "auth_req_id": request["auth_req_id"], **form})


def decide(status, authorization=None):
    authorization = authorization or [call for call in Channel.calls if call[0] == "/channel"][-1][1]
    return Browser().request("POST", oidc + "/ext/ciba/auth/callback", headers={"Authorization": authorization, "Content-Type": "application/json"},
                             body=json.dumps({"status": status})).status


try:
    tap.is_(refused(scope=None), (400, "invalid_request"), "a scope is needed")
    tap.is_(refused(login_hint=None), (400, "invalid_request"), "and a hint")
    tap.is_(refused(login_hint="nobody"), (400, "invalid_request"), "of somebody who is there")
    tap.is_(refused(login_hint="carol"), (400, "invalid_request"), "and not disabled")
    tap.is_(refused(scope="openid nothing"), (400, "invalid_scope"), "scopes must be known")
    tap.is_(refused(binding_message="two words"), (400, "invalid_binding_message"), "a binding message is one plain word")
    tap.is_(refused(user_code="1"), (400, "invalid_request"), "user codes are not supported")
    tap.is_(refused(requested_expiry="soon"), (400, "invalid_request"), "an expiry is a number")
    tap.is_(refused(client_id="dashboard-none", client_secret="x")[0], 401, "a client must be known")
    tap.is_(len(Channel.calls), 0, "nobody was asked for any of it")

    request = ask(binding_message="W4SCT", acr_values="1").json()
    _, authorization, body = Channel.calls[-1]
    tap.is_((request["expires_in"], "interval" in request), (90, False), "the answer has the realm's expiry")
    tap.is_((body["login_hint"], body["binding_message"], body["scope"], body["is_consent_required"]), ("alice", "W4SCT", "openid", False), "the channel is told whom to ask, and what to show")
    told = claims(authorization.split()[1])
    tap.ok(told["azp"] == "echo" and told["aud"] == told["iss"] == server.base + "/realms/acme", "with a token that says for which client")
    tap.is_(Browser().get(oidc + "/userinfo", headers={"Authorization": authorization}).status, 401, "and that is good for nothing else")
    tap.is_(poll(request).json()["error"], "authorization_pending", "until then the client waits")
    tap.is_(poll({"auth_req_id": "nonsense"}).json()["error"], "invalid_grant", "an unknown request is none")
    tap.is_(poll(request, client_id="pinged").json()["error"], "invalid_grant", "and it is one client's alone")
    device = {**secret, "grant_type": "urn:ietf:params:oauth:grant-type:device_code", "device_code": request["auth_req_id"]}
    tap.is_(Browser().request("POST", oidc + "/token", device).status, 400, "it is no device code")
    tap.is_(Browser().request("POST", oidc + "/ext/ciba/auth/callback", headers={"Content-Type": "application/json"}, body="{}").status, 401, "a callback needs the channel's token")
    tap.is_(decide("SUCCEED", "Bearer x.y.z"), 403, "a true one")
    tap.is_(decide("MAYBE"), 400, "and one of three endings")
    tap.is_(decide("SUCCEED"), 200, "the user agrees")
    tap.is_(decide("CANCELLED"), 403, "once")
    tokens = poll(request).json()
    access = claims(tokens["access_token"])
    tap.ok(access["preferred_username"] == "alice" and access["jti"].startswith("onrtci:") and "id_token" in tokens and "refresh_token" in tokens, "the client has tokens", str(tokens)[:200])
    tap.is_(poll(request).json()["error"], "invalid_grant", "once too")
    again = Browser().request("POST", oidc + "/token", {**secret, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
    tap.is_(again.status, 200, "and they can be refreshed")

    for ending in ("UNAUTHORIZED", "CANCELLED"):
        request = ask().json()
        decide(ending)
        tap.is_(poll(request).json()["error"], "access_denied", f"{ending}: the client is told no")
    tap.is_(refused(client_id="pinged"), (400, "invalid_request"), "a client that wants a ping brings a token for it")
    request = ask(client_id="pinged", client_notification_token="n-token-1").json()
    decide("SUCCEED")
    tap.is_(Channel.calls[-1], ("/notify", "Bearer n-token-1", {"auth_req_id": request["auth_req_id"]}), "and has it")
    tap.is_(poll(request, client_id="pinged").status, 200, "then the tokens")

    Channel.answer = 500
    tap.is_(ask().status, 503, "a channel that fails is no silent success")
    tap.is_(server.stop(), 0, "a graceful end")
finally:
    if server.process.poll() is None:
        server.process.kill()
tap.done()
