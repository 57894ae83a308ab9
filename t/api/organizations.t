#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Organizations: the name first, a choice that tokens and refreshed tokens keep, members that go with their organization, invitations and what ends them."""
import html
import os
import sys
from urllib.parse import quote

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from latchkey import Browser, Server, Tap, claims  # noqa: E402
from mail_sink import Sink  # noqa: E402

tap, server, sink = Tap(), Server(), Sink()
realm, admin = server.base + "/realms/acme", "/realms/acme"
oidc = realm + "/protocol/openid-connect"
secret = {"client_id": "echo", "client_secret": "echo-secret"}


def authorize(browser, scope="openid", **more):
    query = "".join(f"&{name}={quote(value)}" for name, value in more.items())
    return browser.get(f"{oidc}/auth?client_id=echo&response_type=code&redirect_uri=http%3A%2F%2Fapp.test%2Fcb&state=s&scope={quote(scope)}{query}")


def tokens(**form):
    return Browser().request("POST", oidc + "/token", {**secret, **form}).json()


def redeem(answer):
    return tokens(grant_type="authorization_code", code=answer.location()["code"], redirect_uri="http://app.test/cb")


def organization(name, **more):
    server.admin("POST", admin + "/organizations", {"name": name, "domains": [{"name": f"{name}.test"}], **more})
    return next(one["id"] for one in server.admin("GET", admin + "/organizations?search=" + name).json())


def post(path, **form):
    """A form of the admin API's."""
    token = Browser().request("POST", server.base + "/realms/master/protocol/openid-connect/token",
                              {"grant_type": "password", "client_id": "admin-cli", "username": "admin", "password": "admin"}).json()["access_token"]
    return Browser().request("POST", server.base + "/admin" + admin + path, form, headers={"Authorization": "Bearer " + token})


def asks(page, field):
    return f'name="{field}"' in page.text


def members(made):
    return sorted((one["username"], one["membershipType"]) for one in server.admin("GET", f"{admin}/organizations/{made}/members").json())


def link(count):
    return next(one for one in sink.wait(count).links if "token=" in one or "key=" in one)


try:
    server.admin("PUT", admin, {"realm": "acme", "organizationsEnabled": True, "smtpServer": {"host": "127.0.0.1", "port": str(sink.port), "from": "acme@example.test"}})
    mine = server.admin("GET", admin + "/clients?clientId=echo").json()[0]["id"]
    scope = next(one["id"] for one in server.admin("GET", admin + "/client-scopes").json() if one["name"] == "organization")
    server.admin("PUT", f"{admin}/clients/{mine}/optional-client-scopes/{scope}")
    tap.ok(asks(authorize(Browser()), "password"), "without an organization the login page is as ever")
    north, south = organization("north"), organization("south")
    alice = server.admin("GET", admin + "/users?username=alice").json()[0]["id"]
    for made in (north, south):
        server.admin("POST", f"{admin}/organizations/{made}/members", alice)

    # the name, the choice, the password
    browser = Browser()
    page = authorize(browser, "openid organization")
    tap.ok(asks(page, "username") and not asks(page, "password"), "with one the name is asked for first")
    page = browser.submit(page, username="alice")
    tap.ok('value="south"' in page.text and 'value="north"' in page.text, "who belongs to two chooses one")
    page = browser.submit(page, **{"kc.org": "south"})
    got = redeem(browser.submit(page, password="wonderland1"))
    tap.is_(claims(got["access_token"]).get("organization"), ["south"], "the token names it")
    got = tokens(grant_type="refresh_token", refresh_token=got["refresh_token"])
    tap.is_(claims(got["access_token"]).get("organization"), ["south"], "and so does a refreshed one")
    page = authorize(browser, "openid organization")
    tap.ok('value="north"' in page.text, "the session does not answer which")
    got = redeem(browser.submit(page, **{"kc.org": "north"}))
    tap.is_(claims(got["access_token"]).get("organization"), ["north"], "another one by single sign-on")
    tap.is_(authorize(browser).status, 302, "who asks for none is not asked")
    tap.is_(authorize(browser, "openid organization", prompt="none").location().get("error"), "login_required", "prompt=none shows no choice")
    server.admin("DELETE", f"{admin}/organizations/{north}/members/{alice}")
    got = tokens(grant_type="refresh_token", refresh_token=got["refresh_token"])
    tap.is_(claims(got["access_token"]).get("organization"), ["south"], "who has left one is not said to be in it")
    stranger = Browser()
    page = stranger.submit(authorize(stranger), username="who@nowhere.test")
    tap.ok(asks(page, "password"), "unknown names come to the password page as known ones do")
    page = stranger.submit(page, password="guess")
    tap.ok("Invalid username or password." in page.text, "and learn no more there")

    # invitations
    invite = f"/organizations/{south}/members/invite-user"
    tap.is_(post(invite, email="New@Else.test", firstName="N").status, 204, "somebody is invited")
    first = link(1)
    tap.is_(Browser().get(realm + "/login-actions/action-token?key=" + first.split("token=")[1]).status, 400, "the link for the registration page is none of other links'")
    browser = Browser()
    page = browser.get(first)
    tap.ok("join the south organization" in html.unescape(page.text) and 'value="new@else.test"' in page.text, "the page names the organization and the address", page.text[:300])
    pending = server.admin("GET", f"{admin}/organizations/{south}/invitations").json()
    tap.is_([one["email"] for one in pending], ["new@else.test"], "it is listed")
    server.admin("DELETE", f"{admin}/organizations/{south}/invitations/{pending[0]['id']}")
    person = {"username": "newcomer", "email": "new@else.test", "firstName": "N", "lastName": "E", "password": "newcomers-password-1", "password-confirm": "newcomers-password-1"}
    tap.is_(browser.submit(page, **person).status, 400, "withdrawn while the page was open: nobody registers")
    tap.is_(server.admin("GET", admin + "/users?username=newcomer").json(), [], "and there is no user")
    post(invite, email="new@else.test")
    tap.is_(post(f"/organizations/{south}/invitations/{server.admin('GET', f'{admin}/organizations/{south}/invitations').json()[0]['id']}/resend").status, 204, "sent anew")
    old, new = link(2), link(3)
    tap.is_(Browser().get(old).status, 400, "the older link is void")
    browser = Browser()
    done = browser.submit(browser.get(new), **person)
    tap.is_(done.status, 302, "who follows the new one registers", )
    tap.ok(("newcomer", "MANAGED") in members(south), "and belongs to it", members(south))
    tap.is_(post(f"/organizations/{south}/members/invite-existing-user", id=alice).status, 204, "a user is invited")
    server.admin("DELETE", f"{admin}/organizations/{south}/members/{alice}")
    browser = Browser()
    page = browser.get(link(4))
    tap.ok(("alice", "UNMANAGED") not in members(south), "opening the link alone does nothing")
    go_on = next(part.split('"')[0] for part in html.unescape(page.text).split('href="') if "action-token" in part)
    tap.is_(browser.get(go_on if go_on.startswith("http") else server.base.rsplit("/auth", 1)[0] + go_on).status, 302, "saying yes")
    tap.ok(("alice", "UNMANAGED") in members(south), "makes a member")

    # what becomes of members
    browser = Browser()
    server.admin("PUT", f"{admin}/organizations/{south}", {"name": "south", "domains": [{"name": "south.test"}], "enabled": False})
    page = browser.submit(authorize(browser), username="newcomer")
    tap.ok(page.status == 400 and "disabled" in page.text, "managed members of a disabled organization are kept out")
    browser = Browser()
    page = browser.submit(authorize(browser), username="alice")
    tap.is_(browser.submit(page, password="wonderland1").status, 302, "others are not")
    server.admin("DELETE", f"{admin}/organizations/{south}")
    tap.is_([len(server.admin("GET", admin + "/users?username=" + name).json()) for name in ("newcomer", "alice")], [0, 1], "and go with it")
finally:
    sink.close()
    server.stop()
tap.done()
