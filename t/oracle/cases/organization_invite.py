# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Invitations to organizations: what administrators do with them, their mails, and where the links lead."""
import html
import pathlib
import re
import sys
import time
from urllib.parse import parse_qsl, urlsplit

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from mails import elsewhere, follow, get, mailing, submit  # noqa: E402

MISSING = "00000000-0000-4000-8000-000000000000"


def prepare(c, **settings):
    sink = mailing(c, organizationsEnabled=True, **settings)
    c.quiet("POST", "/organizations", json={"name": "acme", "domains": [{"name": "acme.test"}], "redirectUrl": "http://app.test/home"})
    return sink, c.admin("GET", "/organizations", record=False).json()[0]["id"]


def invite(c, label, made, how, **form):
    """How it is answered, in few words."""
    got = c.admin("POST", f"/organizations/{made}/members/{how}", record=False, data=form)
    c.note(label, [got.status_code, got.json() if got.content else None])
    return got


def letter(c, sink, count):
    mail = sink.wait(count)
    links = [html.unescape(link) for link in mail.links]  # Keycloak's plain text is HTML
    link = next((link for link in links if "token=" in link or "key=" in link), "")
    c.note(f"mail {count}", {"to": mail.envelope["to"], "from": mail["from"], "type": mail.message.get_content_type(), "path": urlsplit(link).path.replace(c.realm, "{realm}"),
                             "query": sorted({name for name, _ in parse_qsl(urlsplit(link).query)}), "names the organization": "acme" in mail.body("plain")})
    return link


def listed(c, label, made, query=""):
    got = c.admin("GET", f"/organizations/{made}/invitations{query}", record=False)
    rows = got.json() if got.status_code == 200 else got.text
    c.note(label, sorted(([one.get("email"), one.get("firstName"), one.get("lastName"), one.get("status")] for one in rows), key=str) if isinstance(rows, list) else rows)
    return rows


def members(c, made, label):
    c.note(label, sorted([one["username"], one["membershipType"], one.get("email"), one.get("emailVerified")] for one in c.admin("GET", f"/organizations/{made}/members", record=False).json()))


@case("org-invite/requests")
def _(c):
    sink, acme = prepare(c)
    invite(c, "somebody new", acme, "invite-user", email="new@else.test", firstName="N", lastName="E")
    letter(c, sink, 1)
    invite(c, "once more", acme, "invite-user", email="new@else.test")
    invite(c, "no address", acme, "invite-user")
    invite(c, "an empty one", acme, "invite-user", email="")
    invite(c, "a bad one", acme, "invite-user", email="no address")
    invite(c, "of a user who is here", acme, "invite-user", email="alice@example.test")
    invite(c, "bob", acme, "invite-existing-user", id=c.user_id("bob"))
    invite(c, "bob again", acme, "invite-existing-user", id=c.user_id("bob"))
    invite(c, "no id", acme, "invite-existing-user")
    invite(c, "an empty id", acme, "invite-existing-user", id="")
    invite(c, "nobody", acme, "invite-existing-user", id=MISSING)
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"email": ""})
    c.quiet("POST", f"/organizations/{acme}/members", json=c.user_id("alice"))
    invite(c, "a member's address", acme, "invite-user", email="alice@example.test")
    invite(c, "a member", acme, "invite-existing-user", id=c.user_id("alice"))
    invite(c, "somebody who is disabled", acme, "invite-existing-user", id=c.user_id("carol"))
    invite(c, "to none", MISSING, "invite-user", email="x@else.test")
    c.quiet("POST", f"/organizations/{acme}/members", json=c.user_id("bob"))
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"email": "bob@other.test"})
    invite(c, "a member's new address", acme, "invite-user", email="bob@other.test")
    listed(c, "all", acme)


@case("org-invite/no-mail-server")
def _(c):
    sink, acme = prepare(c)
    sink.close()
    invite(c, "somebody new", acme, "invite-user", email="new@else.test")
    listed(c, "all", acme)


@case("org-invite/resource")
def _(c):
    sink, acme = prepare(c)
    c.admin("GET", f"/organizations/{acme}/invitations")
    for name in ("one", "two"):
        invite(c, name, acme, "invite-user", email=f"{name}@else.test", firstName=name.title(), lastName="Last")
    rows = sorted(c.admin("GET", f"/organizations/{acme}/invitations", record=False).json(), key=lambda one: one["email"])
    for row in rows:
        c.note("members", sorted(row))
    first = rows[0]
    c.note("first", {name: value for name, value in first.items() if name not in ("sentDate", "expiresAt", "inviteLink", "id")})
    c.note("times", [(first["sentDate"] - int(time.time())) // 60, (first["expiresAt"] - first["sentDate"])] if isinstance(first.get("sentDate"), int) else [str(first.get("sentDate")), str(first.get("expiresAt"))])
    c.note("link", [urlsplit(first.get("inviteLink") or "").path.replace(c.realm, "{realm}"), sorted(dict(parse_qsl(urlsplit(first.get("inviteLink") or "").query)))])
    got = c.admin("GET", f"/organizations/{acme}/invitations/{first['id']}", record=False)
    c.note("one", [got.status_code, sorted(got.json())])
    for query in ("?search=one", "?search=ONE", "?email=one@else.test", "?email=one", "?status=PENDING", "?status=EXPIRED", "?status=pending", "?status=odd", "?firstName=One", "?firstName=on", "?lastName=Last", "?search=Last"):
        listed(c, query, acme, query)
    c.note("pages", [len(c.admin("GET", f"/organizations/{acme}/invitations{query}", record=False).json()) for query in ("?max=1", "?first=1", "?first=2", "?first=1&max=1")])
    c.admin("GET", f"/organizations/{acme}/invitations/{MISSING}")
    c.admin("DELETE", f"/organizations/{acme}/invitations/{MISSING}")
    c.admin("POST", f"/organizations/{acme}/invitations/{MISSING}/resend")
    got = c.admin("POST", f"/organizations/{acme}/invitations/{first['id']}/resend", record=False)
    c.note("resend", [got.status_code, got.json() if got.content else None])
    c.note("mails", len(sink.mails))
    again = c.admin("GET", f"/organizations/{acme}/invitations", record=False).json()
    c.note("the same", [sorted(one["email"] for one in again), first["id"] in [one["id"] for one in again]])
    newest = next(one for one in again if one["email"] == first["email"])
    got = c.admin("DELETE", f"/organizations/{acme}/invitations/{newest['id']}", record=False)
    c.note("delete", [got.status_code, got.json() if got.content else None])
    listed(c, "left", acme)
    get(c, newest.get("inviteLink") or "/", "the link of one that is gone")


@case("org-invite/registration")
def _(c):
    sink, acme = prepare(c)
    invite(c, "new", acme, "invite-user", email="New@else.test", firstName="N", lastName="E")
    link = letter(c, sink, 1)
    elsewhere(c)
    get(c, link, "where nobody may register")
    c.quiet("PUT", "", json={"registrationAllowed": True})
    elsewhere(c)
    page = get(c, link, "link")
    c.note("address", re.search(r'value="(new@else.test)"', page.text)[1])
    page = submit(c, page, "another address", username="newcomer", email="other@else.test", firstName="N", lastName="E", password="pw", **{"password-confirm": "pw"})
    if page.status_code == 200:
        page = submit(c, page, "the address", username="newcomer", email="new@else.test", firstName="N", lastName="E", password="pw", **{"password-confirm": "pw"})
    follow(c, page, "after")
    members(c, acme, "members")
    listed(c, "left", acme)
    elsewhere(c)
    get(c, link, "once more")


@case("org-invite/registration-refused")
def _(c):
    sink, acme = prepare(c, registrationAllowed=True)
    invite(c, "new", acme, "invite-user", email="new@else.test")
    link = letter(c, sink, 1)
    get(c, link.replace("token=", "token=x"), "broken")
    c.quiet("PUT", f"/organizations/{acme}", json={"name": "acme", "domains": [{"name": "acme.test"}], "enabled": False})
    get(c, link, "the organization is off")
    c.quiet("PUT", f"/organizations/{acme}", json={"name": "acme", "domains": [{"name": "acme.test"}]})
    get(c, link, "on again")
    c.quiet("POST", "/users", json={"username": "other", "email": "new@else.test", "enabled": True})
    submit(c, get(c, link, "somebody has the address now"), "posted", username="newcomer", email="new@else.test", firstName="N", lastName="E", password="pw", **{"password-confirm": "pw"})
    c.quiet("DELETE", f"/organizations/{acme}")
    get(c, link, "the organization is gone")


@case("org-invite/existing-user")
def _(c):
    sink, acme = prepare(c)
    invite(c, "bob", acme, "invite-existing-user", id=c.user_id("bob"))
    link = letter(c, sink, 1)
    elsewhere(c)
    page = get(c, link, "link")
    members(c, acme, "before")
    more = next((one for one in re.findall(r'href="([^"]*)"', page.text) if "key=" in one), None)
    if more:
        more = more.replace("&amp;", "&")
        page = get(c, "{0.scheme}://{0.netloc}".format(urlsplit(c.base)) + more if more.startswith("/") else more, "yes")
        page = follow(c, page, "after")
    members(c, acme, "after")
    listed(c, "left", acme)
    elsewhere(c)
    get(c, link, "once more")


@case("org-invite/existing-user-refused")
def _(c):
    sink, acme = prepare(c)
    invite(c, "bob", acme, "invite-existing-user", id=c.user_id("bob"))
    link = letter(c, sink, 1)
    c.quiet("PUT", f"/organizations/{acme}", json={"name": "acme", "domains": [{"name": "acme.test"}], "enabled": False})
    get(c, link, "the organization is off")
    c.quiet("PUT", f"/organizations/{acme}", json={"name": "acme", "domains": [{"name": "acme.test"}]})
    c.quiet("POST", f"/organizations/{acme}/members", json=c.user_id("bob"))
    get(c, link, "a member already")
    c.quiet("DELETE", f"/organizations/{acme}/members/{c.user_id('bob')}")
    got = listed(c, "invitations", acme)
    for one in got:
        c.quiet("DELETE", f"/organizations/{acme}/invitations/{one['id']}")
    get(c, link, "taken back")


@case("org-invite/events")
def _(c):
    sink, acme = prepare(c)
    c.quiet("PUT", "/events/config", json={"eventsEnabled": True, "adminEventsEnabled": True, "adminEventsDetailsEnabled": True, "enabledEventTypes": []})
    invite(c, "new", acme, "invite-user", email="new@else.test", firstName="N", lastName="E")
    invite(c, "bob", acme, "invite-existing-user", id=c.user_id("bob"))
    for one in c.admin("GET", f"/organizations/{acme}/invitations", record=False).json():
        c.quiet("POST", f"/organizations/{acme}/invitations/{one['id']}/resend")
    for one in c.admin("GET", f"/organizations/{acme}/invitations", record=False).json():
        c.quiet("DELETE", f"/organizations/{acme}/invitations/{one['id']}")
    for one in reversed(c.admin("GET", "/admin-events", record=False).json()):
        if "organizations" in one["resourcePath"]:
            c.note("event", {name: one.get(name) for name in ("operationType", "resourceType", "resourcePath", "error")})
