# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Backchannel authentication (CIBA) as far as it goes without an authentication channel."""
from engine import case

GRANT = "urn:openid:params:grant-type:ciba"
SECRET = {"client_id": "app", "client_secret": "app-secret"}


def enable(c, **fields):
    rep = c.admin("GET", f"/clients/{c.client_id('app')}", record=False).json()
    rep["attributes"].update({"oidc.ciba.grant.enabled": "true", **fields})
    c.quiet("PUT", f"/clients/{rep['id']}", json=rep)


def ask(c, **form):
    given = {**SECRET, "scope": "openid", "login_hint": "alice", **form}
    c.post("ext/ciba/auth", {name: value for name, value in given.items() if value is not None})


@case("ciba/off")
def _(c):
    ask(c)
    c.token(record=True, grant_type=GRANT, auth_req_id="x")


@case("ciba/refused")
def _(c):
    enable(c)
    ask(c, client_secret="wrong")
    ask(c, scope=None)
    ask(c, scope="openid nothing")
    ask(c, login_hint=None)
    ask(c, login_hint="nobody")
    ask(c, login_hint="carol")
    ask(c, binding_message="two words")
    ask(c, binding_message="x" * 51)
    ask(c, user_code="1234")
    ask(c, requested_expiry="soon")
    c.token(record=True, grant_type=GRANT)
    c.token(record=True, grant_type=GRANT, auth_req_id="nonsense")
    c.post("ext/ciba/auth/callback", json={"status": "SUCCEED"})
    c.post("ext/ciba/auth/callback", json={"status": "SUCCEED"}, headers={"Authorization": "Bearer x.y.z"})


@case("ciba/ping-without-token")
def _(c):
    enable(c, **{"ciba.backchannel.token.delivery.mode": "ping", "ciba.backchannel.client.notification.endpoint": "http://127.0.0.1:9/notify"})
    ask(c)
