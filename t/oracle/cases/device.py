# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The device authorization grant (RFC 8628) beyond the plain case: its pages, refusals, expiry, PKCE."""
import time
from engine import case

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
SECRET = {"client_id": "app", "client_secret": "app-secret"}


def enable(c, client="app", **fields):
    rep = c.admin("GET", f"/clients/{c.client_id(client)}", record=False).json()
    rep["attributes"].update({"oauth2.device.authorization.grant.enabled": "true", **fields})
    c.quiet("PUT", f"/clients/{rep['id']}", json=rep)


def begin(c, record=False, **form):
    return c.post("auth/device", {**SECRET, "scope": "openid", **form}, record=record).json()


def poll(c, device, **form):
    return c.token(record=True, grant_type=GRANT, device_code=device["device_code"], **form)


def follow(c, answer):
    while answer.status_code in (302, 303):
        answer = c.get(answer.headers["location"], browser=True, label="follow")
    return answer


def quietly(c, answer, **fields):
    """A login in progress travels otherwise than Keycloak's: what is on its way to the consent page is not compared."""
    answer = c.submit(answer, record=False, **fields) if fields else answer
    while answer.status_code in (302, 303):
        answer = c.get(answer.headers["location"], browser=True, record=False)
    return answer


def device_page(c, query="", **kw):
    return c.get(f"{c.base}/realms/{c.realm}/device{query}", browser=True, label="GET device", **kw)


@case("device/code-page")
def _(c):
    enable(c)
    device = begin(c)
    device_page(c)
    device_page(c, "?user_code=WRONG")
    device_page(c, "?user_code=" + device["user_code"].lower())
    device_page(c, "?user_code=" + device["user_code"].replace("-", ""))
    for error in ("", "?error=access_denied", "?error=expired_token", "?error=other"):
        device_page(c, "/status" + error)


@case("device/refused")
def _(c):
    enable(c)
    device = begin(c)
    page = follow(c, device_page(c, "?user_code=" + device["user_code"]))
    page = quietly(c, page, username="alice", password="wonderland")
    follow(c, c.submit(page, cancel="No"))
    poll(c, device)
    poll(c, device)
    follow(c, device_page(c, "?user_code=" + device["user_code"]))


@case("device/granted")
def _(c):
    enable(c)
    device = begin(c, scope="openid offline_access")
    page = follow(c, device_page(c, "?user_code=" + device["user_code"]))
    page = quietly(c, page, username="alice", password="wonderland")
    follow(c, c.submit(page, accept="Yes"))
    follow(c, device_page(c, "?user_code=" + device["user_code"]))
    poll(c, device)
    poll(c, device)


@case("device/single-sign-on")
def _(c):
    enable(c)
    c.login()
    device = begin(c)
    page = quietly(c, device_page(c, "?user_code=" + device["user_code"]))
    follow(c, c.submit(page, accept="Yes"))
    poll(c, device)


@case("device/bad-requests")
def _(c):
    enable(c)
    device = begin(c, record=True, scope="nonsense")
    c.post("auth/device", {"client_id": "app", "scope": "openid"})
    c.post("auth/device", {"client_id": "nobody"})
    c.post("auth/device", {"client_id": "spa"})
    c.get("auth/device")
    c.token(record=True, grant_type=GRANT)
    device = begin(c)
    c.token(record=True, client="spa", secret=None, grant_type=GRANT, device_code=device["device_code"])
    enable(c, "spa")
    c.token(record=True, client="spa", secret=None, grant_type=GRANT, device_code=device["device_code"])


@case("device/lifespan")
def _(c):
    enable(c)
    c.quiet("PUT", "", json={"oauth2DeviceCodeLifespan": 2, "oauth2DevicePollingInterval": 2})
    device = begin(c, record=True)
    time.sleep(3.1)
    poll(c, device)
    enable(c, **{"oauth2.device.code.lifespan": "100", "oauth2.device.polling.interval": "7"})
    begin(c, record=True)


@case("device/pkce")
def _(c):
    enable(c, "spa")
    challenge = {"code_challenge": "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "code_challenge_method": "S256"}
    device = c.post("auth/device", {"client_id": "spa", "scope": "openid", **challenge}).json()
    page = follow(c, device_page(c, "?user_code=" + device["user_code"]))
    page = quietly(c, page, username="alice", password="wonderland")
    follow(c, c.submit(page, accept="Yes"))
    form = dict(client="spa", secret=None, record=True, grant_type=GRANT, device_code=device["device_code"])
    c.token(**form)
    time.sleep(5.2)
    c.token(**form, code_verifier="x" * 43)
    time.sleep(5.2)
    c.token(**form, code_verifier="dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
