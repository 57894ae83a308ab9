# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The declared user profile in the forms that people fill in."""
from engine import case

BOTH = {"view": ["admin", "user"], "edit": ["admin", "user"]}
EXTRA = [
    {"name": "department", "displayName": "Department", "permissions": BOTH, "required": {"roles": ["user"]}, "validations": {"options": {"options": ["sales", "it"]}}, "annotations": {"inputType": "select"}},
    {"name": "age", "displayName": "${age}", "permissions": BOTH, "validations": {"integer": {"min": 18, "max": 99}}, "annotations": {"inputType": "html5-number", "inputHelperTextBefore": "In years"}},
    {"name": "phone", "permissions": BOTH, "validations": {"pattern": {"pattern": "[0-9]+", "error-message": "digits only"}, "length": {"min": 3, "max": 10}}},
    {"name": "site", "permissions": BOTH, "validations": {"uri": {}}},
    {"name": "born", "permissions": BOTH, "validations": {"local-date": {}}},
    {"name": "badge", "permissions": {"view": ["admin", "user"], "edit": ["admin"]}},
    {"name": "secret", "permissions": {"view": ["admin"], "edit": ["admin"]}},
    {"name": "about", "permissions": BOTH, "annotations": {"inputType": "textarea", "inputTypeRows": "3"}, "group": "user-metadata"},
    {"name": "hobbies", "permissions": BOTH, "multivalued": True},
    {"name": "half", "permissions": BOTH, "validations": {"double": {"min": "0.5", "max": "1.5"}}},
]
PERSON = {"email": "newbie@example.test", "firstName": "New", "lastName": "Bie"}


def profile(c, extra=(), **settings):
    now = c.admin("GET", "/users/profile", record=False).json()
    c.quiet("PUT", "/users/profile", json={**now, "attributes": now["attributes"] + list(extra), **settings})


def register(c):
    return c.get("registrations?response_type=code&client_id=app&redirect_uri=http://app.test/cb&scope=openid&state=r", browser=True)


def send(c, page, label, password="secret", **fields):
    answer = c.submit(page, label=label, **{"password": password, "password-confirm": password, **fields})
    return answer if answer.status_code == 200 else page


@case("profile/registration")
def _(c):
    c.quiet("PUT", "", json={"registrationAllowed": True})
    profile(c, EXTRA)
    page = send(c, register(c), "empty")
    page = send(c, page, "wrong values", username="a b", email="nobody@", firstName="<x>", lastName="y" * 256, department="hr", age="7", phone="x", site="no uri", born="32", half="9")
    page = send(c, page, "wrong types", username="al", email="a b@example.test", firstName="X", lastName="Y", department="it", age="seven", phone="12", half="z")
    page = send(c, page, "long", username="u" * 256, department="it", phone="1" * 11, **PERSON)
    page = send(c, page, "taken", username="ALICE", email="bob@example.test", firstName="X", lastName="Y", department="it")
    send(c, page, "right", username="Newbie", department="it", age="20", phone="123456", site="https://x.test", badge="self-made", secret="mine", unknown="x",
         about="two\nlines", **PERSON)
    made = c.admin("GET", f"/users/{c.user_id('newbie')}", record=False).json()
    c.note("made", {k: made.get(k) for k in ("username", "email", "emailVerified", "firstName", "lastName", "attributes", "enabled", "requiredActions")})


@case("profile/registration-with-policy")
def _(c):
    c.quiet("PUT", "", json={"registrationAllowed": True, "passwordPolicy": "length(8) and digits(2) and upperCase(1) and specialChars(1) and notUsername(undefined) and notEmail(undefined) and regexPattern(^[a-z].*) and maxLength(12)"})
    page = register(c)
    for password in ("", "short", "longenough", "longenough12", "Longenough12", "Ab12345678!", "newbie", "ab12345678!ABCDEFG"):
        page = send(c, page, "password " + password, password=password, username="newbie", **PERSON)
    c.submit(page, label="not the same", username="newbie", **PERSON, password="abC12345!", **{"password-confirm": "other"})


@case("profile/registration-email-as-username")
def _(c):
    c.quiet("PUT", "", json={"registrationAllowed": True, "registrationEmailAsUsername": True})
    page = send(c, register(c), "empty")
    page = send(c, page, "taken", **{**PERSON, "email": "alice@example.test"})
    send(c, page, "right", **PERSON)
    made = c.admin("GET", "/users?search=newbie", record=False).json()[0]
    c.note("made", {k: made.get(k) for k in ("username", "email", "firstName", "lastName")})


@case("profile/update-profile")
def _(c):
    profile(c, EXTRA)
    bob = c.user_id("bob")
    rep = c.admin("GET", f"/users/{bob}", record=False).json()
    c.quiet("PUT", f"/users/{bob}", json={**rep, "attributes": {"badge": ["b1"], "secret": ["s1"], "hobbies": ["x", "y"], "department": ["it"]}, "requiredActions": ["UPDATE_PROFILE"]})
    page = c.submit(c.authorize(record=False), username="bob", password="canwefixit", record=False)
    page = c.get(page.headers["location"], browser=True, label="page")
    page = c.submit(page, username="bob", email="nobody", firstName="", lastName="x", department="none")
    page = c.submit(page, username="bob", email="alice@example.test", firstName="B", lastName="x", department="it")
    answer = c.submit(page, username="other", email="Bob2@Example.test", firstName="Bobby", lastName="Builder", department="sales", age="30", badge="own", secret="own", hobbies="z")
    c.note("location", c.params(answer).get("state"))
    rep = c.admin("GET", f"/users/{bob}", record=False).json()
    c.note("bob", {k: rep.get(k) for k in ("username", "email", "emailVerified", "firstName", "lastName", "attributes", "requiredActions")})


@case("profile/edit-username")
def _(c):
    c.quiet("PUT", "", json={"editUsernameAllowed": True})
    c.quiet("PUT", f"/users/{c.user_id('bob')}", json={"requiredActions": ["UPDATE_PROFILE"]})
    page = c.submit(c.authorize(record=False), username="bob", password="canwefixit", record=False)
    page = c.get(page.headers["location"], browser=True, label="page")
    page = c.submit(page, username="alice", email="bob@example.test", firstName="B", lastName="x")
    c.submit(page, username="Robert", email="bob@example.test", firstName="B", lastName="x")
    c.note("renamed", c.admin("GET", "/users?username=robert&exact=true", record=False).json()[0]["username"])


@case("profile/verify-profile")
def _(c):
    profile(c, EXTRA[:1])
    page = c.submit(c.authorize(record=False), username="bob", password="canwefixit", record=False)
    page = c.get(page.headers["location"], browser=True, label="page")
    c.submit(page, username="bob", email="bob@example.test", firstName="Bob", lastName="Builder", department="it")
    c.password("bob", "canwefixit", record=True)


@case("profile/unmanaged-attributes")
def _(c):
    bob = c.user_id("bob")
    names = ("username", "email", "firstName", "lastName", "attributes")
    for policy in (None, "ADMIN_VIEW", "ADMIN_EDIT", "ENABLED"):
        profile(c, unmanagedAttributePolicy=policy)
        rep = c.admin("GET", f"/users/{bob}", record=False).json()
        c.note(f"{policy} before", rep.get("attributes"))
        c.admin("PUT", f"/users/{bob}", json={**rep, "attributes": {"free": ["a", ""], "blank": [""], "none": [], "spaces": ["  "], "two": ["b", "a"]}}, label=f"{policy} put")
        rep = c.admin("GET", f"/users/{bob}", record=False).json()
        c.note(f"{policy} after", {k: rep.get(k) for k in names})
        c.admin("PUT", f"/users/{bob}", json={"firstName": "Only"}, label=f"{policy} only a name")
        rep = c.admin("GET", f"/users/{bob}", record=False).json()
        c.note(f"{policy} after only a name", {k: rep.get(k) for k in names})
        c.admin("PUT", f"/users/{bob}", json={"attributes": {}, "email": "", "lastName": ""}, label=f"{policy} empty")
        rep = c.admin("GET", f"/users/{bob}", record=False).json()
        c.note(f"{policy} after empty", {k: rep.get(k) for k in names})
