# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Authentication flows, their executions and configurations, and required actions."""
from engine import case

MISSING = "00000000-0000-4000-8000-000000000000"
FLOWS = "/authentication/flows"


def flow(c, **fields):
    c.quiet("POST", FLOWS, json={"alias": "mine", "providerId": "basic-flow", "topLevel": True, "builtIn": False, **fields})
    return next(f["id"] for f in c.admin("GET", FLOWS, record=False).json() if f["alias"] == fields.get("alias", "mine"))


def executions(c, alias="mine"):
    return c.admin("GET", f"{FLOWS}/{alias}/executions", record=False).json()


def add(c, provider, alias="mine"):
    c.quiet("POST", f"{FLOWS}/{alias}/executions/execution", json={"provider": provider})
    return next(e["id"] for e in executions(c, alias) if e.get("providerId") == provider)


@case("admin-flows/life")
def _(c):
    for fields in ({"alias": "mine", "providerId": "basic-flow", "topLevel": True, "builtIn": False, "description": "d"}, {"alias": "mine", "providerId": "basic-flow"}, {"alias": ""}, {},
                   {"alias": "client", "providerId": "client-flow", "topLevel": True}, {"alias": "odd", "providerId": "nothing", "topLevel": True}, {"alias": "x", "unknown": 1},
                   {"alias": "with id", "id": "own-" + c.realm, "topLevel": True, "providerId": "basic-flow"}, {"alias": "below", "topLevel": False, "providerId": "basic-flow"}):
        c.admin("POST", FLOWS, json=fields, label=f"POST {fields}"[:80])
    c.note("flows", sorted(f["alias"] for f in c.admin("GET", FLOWS, record=False).json()))
    mine = next(f["id"] for f in c.admin("GET", FLOWS, record=False).json() if f["alias"] == "mine")
    c.admin("GET", f"{FLOWS}/{mine}")
    c.admin("GET", f"{FLOWS}/{MISSING}")
    c.admin("PUT", f"{FLOWS}/{mine}", json={"alias": "renamed", "description": "e", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
    c.admin("GET", f"{FLOWS}/{mine}")
    c.admin("PUT", f"{FLOWS}/{mine}", json={"alias": "browser", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
    c.admin("PUT", f"{FLOWS}/{mine}", json={"alias": ""})
    c.admin("PUT", f"{FLOWS}/{MISSING}", json={"alias": "x"})
    c.admin("DELETE", f"{FLOWS}/{mine}")
    c.admin("DELETE", f"{FLOWS}/{mine}")
    browser = next(f["id"] for f in c.admin("GET", FLOWS, record=False).json() if f["alias"] == "browser")
    c.admin("DELETE", f"{FLOWS}/{browser}")
    c.admin("PUT", f"{FLOWS}/{browser}", json={"alias": "other", "providerId": "basic-flow", "topLevel": True, "builtIn": True, "description": "x"})
    c.admin("GET", f"{FLOWS}/{browser}")


@case("admin-flows/copies")
def _(c):
    c.admin("POST", FLOWS + "/browser/copy", json={"newName": "browser"})
    c.admin("POST", FLOWS + "/nothing/copy", json={"newName": "x"})
    c.admin("POST", FLOWS + "/first%20broker%20login/copy", json={"newName": "copied"})
    copied = next(f["id"] for f in c.admin("GET", FLOWS, record=False).json() if f["alias"] == "copied")
    c.admin("GET", f"{FLOWS}/{copied}")
    c.admin("GET", FLOWS + "/copied/executions")
    c.admin("DELETE", f"{FLOWS}/{copied}")
    c.note("flows", sorted(f["alias"] for f in c.admin("GET", FLOWS, record=False).json()))


@case("admin-flows/executions")
def _(c):
    flow(c)
    path = FLOWS + "/mine/executions"
    c.admin("GET", path)
    c.admin("POST", path + "/execution", json={"provider": "auth-cookie"})
    c.admin("POST", path + "/execution", json={"provider": "auth-otp-form"})
    c.admin("POST", path + "/execution", json={"provider": "nothing"})
    c.admin("POST", path + "/execution", json={})
    c.admin("POST", FLOWS + "/nothing/executions/execution", json={"provider": "auth-cookie"})
    c.admin("POST", FLOWS + "/browser/executions/execution", json={"provider": "auth-cookie"})
    c.admin("POST", path + "/flow", json={"alias": "inner", "type": "basic-flow", "description": "in", "provider": "registration-page-form"})
    c.admin("POST", path + "/flow", json={"alias": "inner", "type": "basic-flow"})
    c.admin("POST", path + "/flow", json={"alias": "a form", "type": "form-flow", "provider": "registration-page-form", "description": "f"})
    c.admin("POST", FLOWS + "/inner/executions/execution", json={"provider": "auth-username-password-form"})
    c.admin("POST", FLOWS + "/a%20form/executions/execution", json={"provider": "registration-user-creation"})
    c.admin("GET", path)
    all_ = executions(c)
    cookie, otp, inner = all_[0], all_[1], next(e for e in all_ if e["displayName"] == "inner")
    c.admin("PUT", path, json={**otp, "requirement": "ALTERNATIVE"})
    c.admin("PUT", path, json={**inner, "requirement": "REQUIRED", "displayName": "inner renamed", "description": "changed"})
    c.admin("PUT", path, json={**cookie, "requirement": "CONDITIONAL"})
    c.admin("PUT", path, json={**cookie, "id": MISSING})
    c.admin("PUT", FLOWS + "/nothing/executions", json=cookie)
    c.admin("GET", f"/authentication/executions/{otp['id']}")
    c.admin("GET", f"/authentication/executions/{inner['id']}")
    c.admin("GET", f"/authentication/executions/{MISSING}")
    c.admin("POST", f"/authentication/executions/{otp['id']}/raise-priority")
    c.note("raised", " < ".join(e["displayName"] for e in executions(c)))
    c.admin("POST", f"/authentication/executions/{otp['id']}/lower-priority")
    c.admin("POST", f"/authentication/executions/{otp['id']}/lower-priority")
    c.note("lowered", " < ".join(e["displayName"] for e in executions(c)))
    c.admin("POST", f"/authentication/executions/{MISSING}/raise-priority")
    c.admin("GET", path)
    c.admin("DELETE", f"/authentication/executions/{otp['id']}")
    c.admin("DELETE", f"/authentication/executions/{otp['id']}")
    c.admin("DELETE", f"/authentication/executions/{inner['id']}")
    c.note("left", [e["displayName"] for e in executions(c)])
    c.admin("DELETE", f"/authentication/executions/{executions(c, 'browser')[0]['id']}")
    c.admin("PUT", FLOWS + "/browser/executions", json={**executions(c, "browser")[0], "requirement": "DISABLED"})
    c.note("browser's first", executions(c, "browser")[0]["requirement"])


@case("admin-flows/executions-by-parent")
def _(c):
    mine = flow(c)
    c.admin("POST", "/authentication/executions", json={"parentFlow": mine, "authenticator": "auth-cookie", "requirement": "REQUIRED", "priority": 5, "authenticatorFlow": False})
    c.admin("POST", "/authentication/executions", json={"parentFlow": MISSING, "authenticator": "auth-cookie", "requirement": "REQUIRED"})
    c.admin("GET", FLOWS + "/mine/executions")


@case("admin-flows/configurations")
def _(c):
    flow(c)
    redirector = add(c, "identity-provider-redirector")
    path = f"/authentication/executions/{redirector}/config"
    c.admin("POST", path, json={"alias": "my config", "config": {"defaultProvider": "up", "empty": ""}})
    c.admin("POST", path, json={"alias": "", "config": {}})
    c.admin("POST", path, json={"config": {}})
    c.admin("POST", f"/authentication/executions/{MISSING}/config", json={"alias": "x"})
    c.admin("GET", FLOWS + "/mine/executions")
    made = executions(c)[0]["authenticationConfig"]
    c.admin("GET", f"/authentication/config/{made}")
    c.admin("GET", f"/authentication/executions/{redirector}/config/{made}")
    c.admin("GET", f"/authentication/config/{MISSING}")
    c.admin("PUT", f"/authentication/config/{made}", json={"alias": "renamed", "config": {"defaultProvider": "down"}})
    c.admin("GET", f"/authentication/config/{made}")
    c.admin("PUT", f"/authentication/config/{MISSING}", json={"alias": "x", "config": {}})
    mine = next(f for f in c.admin("GET", FLOWS, record=False).json() if f["alias"] == "mine")
    c.note("in the flow", mine["authenticationExecutions"])
    c.admin("DELETE", f"/authentication/config/{made}")
    c.admin("DELETE", f"/authentication/config/{made}")
    c.admin("GET", FLOWS + "/mine/executions")


@case("admin-flows/in-use")
def _(c):
    mine = flow(c)
    c.quiet("PUT", "", json={"browserFlow": "mine"})
    c.note("browser flow", c.admin("GET", "", record=False).json()["browserFlow"])
    c.quiet("PUT", f"{FLOWS}/{mine}", json={"alias": "renamed", "providerId": "basic-flow", "topLevel": True, "builtIn": False})
    c.note("browser flow", c.admin("GET", "", record=False).json()["browserFlow"])


@case("admin-flows/required-actions")
def _(c):
    path = "/authentication/required-actions"
    c.admin("GET", path + "/VERIFY_EMAIL")
    c.admin("GET", path + "/nothing")
    c.admin("PUT", path + "/VERIFY_EMAIL", json={"alias": "VERIFY_EMAIL", "name": "Verify it", "providerId": "VERIFY_EMAIL", "enabled": True, "defaultAction": True, "priority": 50, "config": {"a": "b"}})
    c.admin("GET", path + "/VERIFY_EMAIL")
    c.admin("PUT", path + "/nothing", json={"alias": "nothing"})
    c.admin("POST", path + "/VERIFY_EMAIL/raise-priority")
    c.note("raised", " < ".join(a["alias"] for a in c.admin("GET", path, record=False).json()[:5]))
    c.admin("POST", path + "/VERIFY_EMAIL/lower-priority")
    c.admin("POST", path + "/nothing/lower-priority")
    c.note("lowered", " < ".join(a["alias"] for a in c.admin("GET", path, record=False).json()[:5]))
    c.admin("DELETE", path + "/VERIFY_EMAIL")
    c.admin("DELETE", path + "/VERIFY_EMAIL")
    c.admin("GET", "/authentication/unregistered-required-actions")
    c.admin("POST", "/authentication/register-required-action", json={"providerId": "VERIFY_EMAIL", "name": "Again"}, label="register")
    c.admin("GET", path + "/VERIFY_EMAIL")
    c.admin("POST", "/authentication/register-required-action", json={"providerId": "nothing", "name": "x"}, label="register an unknown one")
    c.admin("GET", path + "/UPDATE_PASSWORD/config")
    c.admin("PUT", path + "/UPDATE_PASSWORD/config", json={"config": {"max_auth_age": "400"}})
    c.admin("GET", path + "/UPDATE_PASSWORD/config")
    c.admin("GET", path + "/UPDATE_PASSWORD")
    c.admin("DELETE", path + "/UPDATE_PASSWORD/config")
    c.admin("GET", path + "/UPDATE_PASSWORD/config")
    c.admin("GET", path + "/nothing/config")
