#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Who is told of a logout: clients with a front channel by the browser alone, the others by a logout token."""
import json
import os
import re
import sys
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Service, Tap, claims, serve  # noqa: E402

told = []


class Clients(Service):
    """All of them: a logout token to /NAME is noted."""

    def do_POST(self):
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        told.append((self.path[1:], claims(form["logout_token"][0])["sid"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()


web = serve(Clients)
WEB = f"http://127.0.0.1:{web.server_port}"


def client(name, front=None, **attributes):
    """Each has an address for logout tokens; `front` is the one for the browser."""
    return {"clientId": name, "publicClient": True, "redirectUris": ["http://app.test/*"], "frontchannelLogout": front is not None,
            "attributes": {"backchannel.logout.url": f"{WEB}/{name}", "post.logout.redirect.uris": "+", **({"frontchannel.logout.url": front} if front else {}), **attributes}}


def with_clients(text):
    realm = json.loads(text)
    realm["clients"] += [
        {**client("desk", "https://desk.test:8443/out?from=sso"), "name": "Order <desk>"}, client("mail", "http://mail.test/out", **{"frontchannel.logout.session.required": "false"}),
        client("elsewhere", "http://elsewhere.test/out"), client("flagged", ""), client("odd", "http://x;script-src *@evil.test;/out"), client("quiet")]
    return json.dumps(realm)


tap, server = Tap(), Server(edit=with_clients)
OIDC = server.base + "/realms/acme/protocol/openid-connect"


def sign_in(browser, *names):
    """One session with these clients in it: the tokens of the last."""
    for name in names:
        answer = browser.get(OIDC + "/auth?" + urlencode({"client_id": name, "response_type": "code", "scope": "openid", "redirect_uri": "http://app.test/cb"}))
        if answer.status == 200:
            answer = browser.submit(answer, username="alice", password="wonderland1")
        tokens = browser.request("POST", OIDC + "/token", {"grant_type": "authorization_code", "code": answer.location()["code"], "redirect_uri": "http://app.test/cb", "client_id": name}).json()
    told.clear()
    return tokens


def frames(page):
    return sorted(unescape(address) for address in re.findall(r'<iframe[^>]* src="([^"]*)"', page.text))


try:
    browser = Browser()
    tokens = sign_in(browser, "quiet", "desk", "flagged", "odd", "mail")
    sid = claims(tokens["id_token"])["sid"]
    page = browser.get(OIDC + "/logout?" + urlencode({"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "http://app.test/bye?a=b", "state": "s t"}))
    desk, *rest = sorted(frames(page), reverse=True)
    tap.is_(rest, ["http://mail.test/out"], "clients of the session that have an address are told, one that wants no session without it")
    tap.is_((desk.split("?")[0], parse_qs(urlsplit(desk).query)), ("https://desk.test:8443/out", {"from": ["sso"], "sid": [sid], "iss": [server.base + "/realms/acme"]}), "the others with session and issuer")
    policy = page.headers["content-security-policy"]
    tap.is_(sorted(policy.split(";")[0].split()), ["'self'", "desk.test:8443", "frame-src", "mail.test"], "the policy lets these be framed")
    tap.is_(policy.split(";", 1)[1], " frame-ancestors 'self'; object-src 'none';", "and is no wider else")
    tap.ok("Order &lt;desk&gt;" in page.text and 'title="Signing out of Order &lt;desk&gt;"' in page.text, "their names are text", page.text)
    tap.ok('href="http://app.test/bye?a=b&amp;state=s+t"' in page.text and "frontchannel-logout.js" in page.text, "then the browser goes back")
    tap.is_(told, [("quiet", sid)], "tokens are for those alone that are not told by the browser")
    tap.ok(not any(name == "KEYCLOAK_IDENTITY" for _, name in browser.cookies), "the cookies are gone")
    again = browser.get(OIDC + "/logout?" + urlencode({"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "http://app.test/bye"}))
    tap.is_((again.status, again.headers.get("location")), (302, "http://app.test/bye"), "the second time there is nobody to tell")

    sign_in(browser, "desk", "elsewhere")
    page = browser.submit(browser.get(OIDC + "/logout"), confirmLogout="Logout")
    tap.is_(sorted(urlsplit(address).hostname for address in frames(page)), ["desk.test", "elsewhere.test"], "after the confirmation they are told, too")
    tap.ok("continue" not in page.text and "frontchannel-logout.js" not in page.text, "with nowhere to go the page stays")

    tokens = sign_in(browser, "desk", "quiet")
    answer = Browser().get(OIDC + "/logout?" + urlencode({"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": "http://app.test/bye"}))
    tap.is_((answer.status, [name for name, _ in told]), (302, ["quiet"]), "a browser without the session tells nobody; tokens are sent")

    tokens = sign_in(browser := Browser(), "mail", "quiet")
    server.admin("DELETE", "/realms/acme/sessions/" + claims(tokens["id_token"])["sid"])
    tap.is_([name for name, _ in told], ["quiet"], "so it is when an administrator ends a session")
finally:
    server.stop()
tap.done()
