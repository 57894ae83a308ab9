# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Authentication flows as realms configure them: steps of their own, conditions, alternatives, levels of assurance."""
import json
import pathlib
import re
import sys

from engine import case, decode_jwt

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from logins import bind, look, send, totp  # noqa: E402

def claims(c, answer):
    """What the token says of how somebody signed in."""
    tokens = c.redeem(c.params(answer)["code"], record=False).json()
    payload = decode_jwt(tokens["id_token"])[1]
    c.note("how", {"acr": payload.get("acr"), "amr": sorted(payload.get("amr", [])), "has auth_time": "auth_time" in payload})


def begin(c, label="page", **parameters):
    return look(c, c.authorize(record=False, **parameters), label)


def execution(page, index):
    return re.findall(r'name="authenticationExecution"[^>]*value="([^"]+)"', page.text)[index]


def essential(*values):
    return json.dumps({"id_token": {"acr": {"essential": True, "values": list(values)}}})


@case("flows/step-up", realm="flows")
def _(c):
    bind(c, browser="stepup")
    first = send(c, begin(c), "password", username="alice", password="wonderland")
    claims(c, first)
    claims(c, begin(c, acr_values="bronze"))
    page = begin(c, acr_values="silver")
    page = send(c, page, "wrong code", otp="000000")
    second = send(c, page, "code", otp=totp())
    claims(c, second)
    claims(c, begin(c, acr_values="silver"))
    claims(c, begin(c))
    claims(c, send(c, begin(c, acr_values="3"), "password again", password="wonderland"))
    claims(c, send(c, begin(c, acr_values="gold"), "and again", password="wonderland"))
    begin(c, acr_values="gold", prompt="none")
    claims(c, begin(c, acr_values="bronze", prompt="none"))


@case("flows/step-up-at-once", realm="flows")
def _(c):
    bind(c, browser="stepup")
    page = send(c, begin(c, acr_values="silver gold"), "password", username="alice", password="wonderland")
    claims(c, send(c, page, "code", otp=totp()))
    claims(c, send(c, begin(c, acr_values="bronze", prompt="login"), "password again", password="wonderland"))


@case("flows/levels-without-conditions", realm="flows")
def _(c):
    app = c.admin("GET", f"/clients/{c.client_id('app')}", record=False).json()
    app["attributes"]["acr.loa.map"] = json.dumps({"low": 0, "mid": 1, "high": 2})
    c.quiet("PUT", f"/clients/{app['id']}", json=app)
    claims(c, send(c, begin(c), "password", username="erin", password="justerin"))
    for values in ("0", "low", "unknown", "high low", "high 0", "1"):
        answer = begin(c, acr_values=values)
        if answer.status_code == 302:
            claims(c, answer)
    claims(c, send(c, answer, "password", password="justerin"))
    claims(c, send(c, begin(c, acr_values="high"), "password", password="justerin"))
    c.token(record=True, grant_type="client_credentials")
    for wanted in ("1", "high"):
        begin(c, acr_values=wanted, prompt="none")
    claims(c, begin(c))


@case("flows/step-up-without-second-factor", realm="flows")
def _(c):
    bind(c, browser="stepup")
    send(c, begin(c, acr_values="silver"), "password", username="erin", password="justerin")


@case("flows/step-up-levels", realm="flows")
def _(c):
    bind(c, browser="stepup")
    begin(c, claims=essential("platinum"))
    page = send(c, begin(c, acr_values="platinum"), "password", username="alice", password="wonderland")
    claims(c, page)
    page = begin(c, claims=essential("silver"))
    claims(c, send(c, page, "code", otp=totp()))
    send(c, begin(c, claims=essential("4")), "a level that is not there", password="wonderland")
    send(c, begin(c, acr_values="7"), "the same, not essential", password="wonderland")


@case("flows/step-up-defaults", realm="flows")
def _(c):
    bind(c, browser="stepup")
    app = c.admin("GET", f"/clients/{c.client_id('app')}", record=False).json()
    app["attributes"]["default.acr.values"] = "silver"
    c.quiet("PUT", f"/clients/{app['id']}", json=app)
    page = send(c, begin(c), "password", username="alice", password="wonderland")
    claims(c, send(c, page, "code", otp=totp()))
    app["attributes"]["default.acr.values"] = ""
    app["attributes"]["minimum.acr.value"] = "gold"
    c.quiet("PUT", f"/clients/{app['id']}", json=app)
    claims(c, send(c, begin(c), "minimum", password="wonderland"))
    claims(c, send(c, begin(c, acr_values="bronze"), "minimum over acr_values", password="wonderland"))


@case("flows/realm-levels", realm="flows")
def _(c):
    realm = c.admin("GET", "", record=False).json()
    realm["attributes"]["acr.loa.map"] = json.dumps({"low": 0, "mid": 1, "high": 2})
    c.quiet("PUT", "", json={**realm, "browserFlow": "stepup"})
    app = c.admin("GET", f"/clients/{c.client_id('app')}", record=False).json()
    app["attributes"]["acr.loa.map"] = ""
    c.quiet("PUT", f"/clients/{app['id']}", json=app)
    claims(c, send(c, begin(c, acr_values="mid"), "password", username="alice", password="wonderland"))
    claims(c, begin(c))
    claims(c, send(c, begin(c, acr_values="high"), "code", otp=totp()))
    claims(c, begin(c))


@case("flows/name-then-password", realm="flows")
def _(c):
    bind(c, browser="pages")
    page = begin(c)
    again = send(c, page, "unknown", username="nobody")
    again = send(c, again, "empty", username="")
    page = send(c, again, "name", username="alice")
    page = send(c, page, "wrong password", password="nope")
    page = send(c, page, "password", password="wonderland")
    send(c, page, "code", otp=totp())


@case("flows/hidden-user-name", realm="flows")
def _(c):
    bind(c, browser="pages")
    page = begin(c, login_hint="erin")
    page = send(c, page, "name", username="erin")
    send(c, page, "password", password="justerin")
    page = begin(c, prompt="login")
    send(c, page, "password again", password="justerin")


@case("flows/denied", realm="flows")
def _(c):
    bind(c, browser="pages")
    page = send(c, begin(c), "form", username="bob")
    send(c, page, "password", password="canwefixit")


@case("flows/another-way", realm="flows")
def _(c):
    bind(c, browser="alternatives")
    page = send(c, begin(c), "name", username="alice")
    ways = send(c, page, "try another way", tryAnotherWay="on")
    page = send(c, ways, "the password", authenticationExecution=execution(ways, 0))
    page = send(c, page, "another again", tryAnotherWay="on")
    page = send(c, page, "the code", authenticationExecution=execution(page, 1))
    send(c, page, "code", otp=totp())


@case("flows/one-way-only", realm="flows")
def _(c):
    bind(c, browser="alternatives")
    page = send(c, begin(c), "name", username="erin")
    send(c, page, "password", password="justerin")


@case("flows/second-factor-required", realm="flows")
def _(c):
    bind(c, browser="strict")
    page = send(c, begin(c), "password", username="erin", password="justerin")
    if page.status_code == 302:
        page = c.get(page.headers["location"], browser=True, record=False)
        c.note("set up", [page.status_code, c.norm.page(page.text)["messages"]])


@case("flows/conditions", realm="flows")
def _(c):
    bind(c, browser="credential")
    page = send(c, begin(c), "with a code", username="alice", password="wonderland")
    send(c, page, "code", otp=totp())
    c.browser.cookies.clear()
    send(c, begin(c), "without one", username="erin", password="justerin")


@case("flows/attribute", realm="flows")
def _(c):
    bind(c, browser="attribute")
    send(c, begin(c), "as it says", username="alice", password="wonderland")
    c.browser.cookies.clear()
    send(c, begin(c), "otherwise", username="erin", password="justerin")


@case("flows/name-alone", realm="flows")
def _(c):
    bind(c, browser="open")
    send(c, begin(c), "form", username="erin")


@case("flows/no-cookie", realm="flows")
def _(c):
    bind(c, browser="disabled")
    send(c, begin(c), "form", username="erin", password="justerin")
    begin(c)
    begin(c, prompt="none")


@case("flows/client-override", realm="flows")
def _(c):
    flows = {f["alias"]: f["id"] for f in c.admin("GET", "/authentication/flows", record=False).json()}
    app = c.admin("GET", f"/clients/{c.client_id('app')}", record=False).json()
    app["authenticationFlowBindingOverrides"] = {"browser": flows["pages"], "direct_grant": flows["grant name"]}
    c.quiet("PUT", f"/clients/{app['id']}", json=app)
    begin(c)
    c.token(record=True, grant_type="password", username="erin")


@case("flows/direct-grant", realm="flows")
def _(c):
    ask = lambda **form: c.token(record=True, grant_type="password", **form)
    bind(c, directGrant="grant otp")
    ask(username="alice", password="wonderland")
    ask(username="alice", password="wonderland", totp="000000")
    ask(username="alice", password="wonderland", totp=totp())
    bind(c, directGrant="grant deny")
    ask(username="erin", password="justerin")
    bind(c, directGrant="grant name")
    ask(username="erin")
    ask(username="nobody")
    ask()


@case("flows/registration", realm="flows")
def _(c):
    bind(c, registration="join")
    page = c.get("registrations?client_id=app&redirect_uri=http%3A%2F%2Fapp.test%2Fcb&response_type=code&scope=openid", browser=True, record=False)
    look(c, page, "registration")
    fields = {"username": "frida", "email": "frida@example.test", "firstName": "Frida", "lastName": "New"}
    page = send(c, page, "without the terms", **fields)
    send(c, page, "with the terms", termsAccepted="on", **fields)
