# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Front-channel logout: the page that lets the browser tell the clients of its session."""
import re
from urllib.parse import parse_qsl, urlencode, urlsplit

from engine import case


def client(c, client_id, url=None, flag=True, session_required=None, **more):
    attributes = {"post.logout.redirect.uris": "+", **({"frontchannel.logout.url": url} if url else {}),
                  **({"frontchannel.logout.session.required": session_required} if session_required is not None else {})}
    c.quiet("POST", "/clients", json={"clientId": client_id, "publicClient": True, "redirectUris": ["http://app.test/*"], "frontchannelLogout": flag, "attributes": attributes, **more})


def log_in(c, *names):
    """One session with these clients in it; the ID token of the last."""
    for name in names:
        code = c.login(client_id=name)["code"]
        tokens = c.token(client=name, secret=None, grant_type="authorization_code", redirect_uri="http://app.test/cb", code=code).json()
    return tokens["id_token"]


def framed(c, answer):
    """The frames of the page, by what they have in common with every other page of that kind."""
    policy = answer.headers.get("content-security-policy", "")
    hosts = re.match(r"frame-src 'self' ([^;]*?) ?; frame-ancestors 'self'; object-src 'none';$", policy)
    frames = []
    for address in re.findall(r'<iframe[^>]*? src="([^"]*)"', answer.text):
        parts = urlsplit(address.replace("&amp;", "&"))
        query = [[k, {"sid": "{sid}", "iss": v.replace(c.base, "{base}").replace(c.realm, "{realm}")}.get(k, v)] for k, v in parse_qsl(parts.query)]
        frames.append([parts._replace(query="").geturl(), query])
    onward = re.search(r'<a[^>]*id="continue"[^>]*>', answer.text)
    onward = onward and re.search(r'href="([^"]*)"', onward.group(0)).group(1).replace("&amp;", "&")
    names = sorted(n.strip() for n in re.findall(r"<li>\s*(?:<span>)?([^<]*)", answer.text))
    c.note("frames", {"hosts": sorted(set(hosts.group(1).split(" "))) if hosts else policy, "frames": sorted(frames), "continue": onward, "names": names})
    return answer


def log_out(c, record=True, **params):
    """Not recorded where several hosts are in the policy, in no order, or where the answer has nothing new but its status."""
    answer = framed(c, c.get("logout?" + urlencode(params), browser=True, label="logout", record=record))
    c.note("answer", [answer.status_code, answer.headers.get("location")])


def confirm(c, page):
    return framed(c, c.submit(page, session_code=re.search(r'name="session_code" value="([^"]*)"', page.text).group(1), confirmLogout="Logout"))


@case("logout-front/by-hint")
def _(c):
    client(c, "one", "http://one.test/out", name="The first one")
    client(c, "two", "https://two.test:8443/out?x=y")
    client(c, "silent", "http://silent.test/out", session_required="false")
    client(c, "empty", "http://one.test/other", session_required="")
    client(c, "absent", "http://absent.test/out")
    client(c, "back", "http://back.test/out", flag=False)
    client(c, "without")
    hint = log_in(c, "one", "two", "silent", "empty", "back", "without")
    log_out(c, record=False, id_token_hint=hint, post_logout_redirect_uri="http://app.test/bye?a=b", state="s/ t")
    c.note("signed out", c.params(c.authorize(client_id="one", prompt="none", record=False)).get("error"))


@case("logout-front/no-redirect")
def _(c):
    client(c, "one", "http://one.test/out")
    log_out(c, id_token_hint=log_in(c, "one"))


@case("logout-front/confirmed")
def _(c):
    client(c, "one", "http://one.test/out")
    log_in(c, "one")
    confirm(c, c.get("logout", browser=True))
    log_in(c, "one")
    page = c.get("logout?" + urlencode({"client_id": "one", "post_logout_redirect_uri": "http://app.test/bye", "state": "s"}), browser=True)
    confirm(c, page)
    c.login()
    confirm(c, c.get("logout", browser=True, record=False))
    c.login()
    confirm(c, c.get("logout?" + urlencode({"client_id": "app", "post_logout_redirect_uri": "http://app.test/bye"}), browser=True, record=False))


@case("logout-front/none-to-tell")
def _(c):
    client(c, "back", "http://back.test/out", flag=False)
    client(c, "without")
    client(c, "one", "http://one.test/out")
    there = {"post_logout_redirect_uri": "http://app.test/bye"}
    log_out(c, id_token_hint=log_in(c, "back", "without"), **there)
    hint = log_in(c, "one")
    c.browser.cookies.clear()
    log_out(c, record=False, id_token_hint=hint, **there)
