# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Pushed authorization requests (RFC 9126) beyond the plain case."""
from engine import case

SECRET = {"client_id": "app", "client_secret": "app-secret"}
REQUEST = {"response_type": "code", "redirect_uri": "http://app.test/cb", "scope": "openid", "state": "par", "nonce": "n"}


def push(c, record=True, **form):
    return c.post("ext/par/request", data={**SECRET, **REQUEST, **form}, record=record).json().get("request_uri")


def follow(c, answer):
    while answer.status_code in (302, 303) and not answer.headers["location"].startswith("http://app.test"):
        answer = c.get(answer.headers["location"], browser=True, label="follow")
    return answer


def change(c, client="app", **attributes):
    rep = c.admin("GET", f"/clients/{c.client_id(client)}", record=False).json()
    rep["attributes"].update(attributes)
    c.quiet("PUT", f"/clients/{rep['id']}", json=rep)


@case("par/login")
def _(c):
    uri = push(c)
    page = follow(c, c.get(f"auth?client_id=app&request_uri={uri}", browser=True))
    done = c.submit(page, username="alice", password="wonderland")
    c.redeem(c.params(done)["code"])
    follow(c, c.get(f"auth?client_id=app&request_uri={uri}", browser=True))


@case("par/single-sign-on")
def _(c):
    c.login()
    done = follow(c, c.get(f"auth?client_id=app&request_uri={push(c)}", browser=True))
    c.redeem(c.params(done)["code"])
    follow(c, c.get(f"auth?client_id=app&request_uri={push(c, prompt='none')}", browser=True))
    follow(c, c.get(f"auth?client_id=app&request_uri={push(c, prompt='login')}", browser=True))


@case("par/what-stands-beside")
def _(c):
    uri = push(c)
    c.get(f"auth?client_id=app&request_uri={uri}&state=other&scope=email&nonce=x", browser=True)
    c.get(f"auth?client_id=spa&request_uri={uri}", browser=True)
    c.get(f"auth?request_uri={uri}", browser=True)
    c.get(f"auth?client_id=app&request_uri={uri}&request_uri={uri}", browser=True)


@case("par/bad-requests")
def _(c):
    c.post("ext/par/request", data=REQUEST)
    c.post("ext/par/request", data={**REQUEST, "client_id": "nobody"})
    c.post("ext/par/request", data={**REQUEST, **SECRET, "response_type": "nonsense"})
    c.post("ext/par/request", data={**SECRET, "redirect_uri": "http://app.test/cb"})
    c.post("ext/par/request", data={**SECRET, "response_type": "code"})
    c.post("ext/par/request", data={**REQUEST, **SECRET, "scope": "nonsense"})
    c.post("ext/par/request", data={**REQUEST, **SECRET, "response_mode": "nonsense"})
    c.post("ext/par/request", data={**REQUEST, **SECRET, "response_type": "token"})
    c.post("ext/par/request", data={**REQUEST, **SECRET, "code_challenge": "short", "code_challenge_method": "S256"})
    c.post("ext/par/request", data=[*REQUEST.items(), *SECRET.items(), ("state", "twice")])
    c.get("ext/par/request")


@case("par/public-client")
def _(c):
    form = {**REQUEST, "client_id": "spa", "redirect_uri": "http://localhost:3000/"}
    c.post("ext/par/request", data=form)
    c.post("ext/par/request", data={**form, "code_challenge": "a" * 43, "code_challenge_method": "S256"})
    c.post("ext/par/request", data={**form, "code_challenge": "a" * 43, "code_challenge_method": "plain"})


@case("par/required")
def _(c):
    change(c, **{"require.pushed.authorization.requests": "true"})
    c.authorize()
    c.get(f"auth?client_id=app&request_uri={push(c)}", browser=True)
    c.quiet("PUT", "", json={"attributes": {"parRequestUriLifespan": "30"}})
    push(c)
