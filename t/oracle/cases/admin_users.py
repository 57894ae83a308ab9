# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Users in the admin REST API, beyond what the shared cases ask."""

from engine import case

MISSING = "00000000-0000-4000-8000-000000000000"
HASH = {"type": "password", "userLabel": "old", "secretData": '{"value":"2o0Y0Lb1sVVGUzyR4C8Ubg==","salt":"c2FsdHNhbHRzYWx0c2FsdA==","additionalParameters":{}}',
        "credentialData": '{"hashIterations":1,"algorithm":"pbkdf2-sha256","additionalParameters":{}}'}


def made(c, **rep):
    """The id of a new user."""
    answer = c.admin("POST", "/users", json={"enabled": True, **rep}, record=False)
    return answer.headers["Location"].rsplit("/", 1)[1]


@case("admin-users/create")
def _(c):
    c.admin("POST", "/users", json={"username": "full", "enabled": True, "emailVerified": True, "email": "Full@Example.TEST", "firstName": "F", "lastName": "L", "groups": ["/staff/leads", "staff"],
                                    "realmRoles": ["reader"], "clientRoles": {"app": ["user"]}, "requiredActions": ["UPDATE_PASSWORD", "terms_and_conditions"], "attributes": {"department": ["R"], "any": ["thing"]},
                                    "credentials": [HASH, {"type": "otp", "value": "x"}]})
    full = c.user_id("full")
    for below in ("", "/groups", "/credentials", "/role-mappings"):
        c.admin("GET", f"/users/{full}{below}")
    c.admin("POST", "/users", json={"username": "temporary", "enabled": True, "credentials": [{"type": "password", "value": "start", "temporary": True}]})
    c.admin("GET", f"/users/{c.user_id('temporary')}")
    c.admin("POST", "/users", json={"username": "given", "id": MISSING, "notBefore": 5, "origin": "x", "totp": True})
    c.admin("GET", f"/users/{c.user_id('given')}")
    c.admin("POST", "/users", json={"username": "linked", "federatedIdentities": [{"identityProvider": "none", "userId": "u", "userName": "n"}]})
    c.admin("GET", f"/users/{c.user_id('linked')}/federated-identity")


@case("admin-users/create-refused")
def _(c):
    for body in ({"username": ""}, {"username": "   "}, {"username": None}, {"username": "a" * 256}, {"username": "ab cd"}, {"username": "ALICE"}, {"email": "only@example.test"}, {"username": "okay", "email": ""},
                 {"username": "nofirst", "email": "a@b.test", "firstName": "a" * 256}, {"username": "badname", "firstName": "<b>"}, {"username": "many", "email": "x" * 300 + "@example.test"},
                 {"username": 7}, {"username": ["x"]}, {"enabled": "no", "username": "edge1"}, {"username": "edge2", "unknown": 1}, {"username": "edge3", "attributes": {"department": "one"}},
                 {"username": "edge5", "credentials": [{"type": "password", "value": ""}]},
                 {"username": "edge7", "requiredActions": "x"}, {"username": "edge8", "requiredActions": ["NO_SUCH"]}, [], "text", 1):
        c.admin("POST", "/users", json=body, label="create " + str(body)[:60])
    c.admin("POST", "/users", data="{broken", headers={"Content-Type": "application/json"})
    c.admin("GET", "/users")
    c.quiet("PUT", "", json={"passwordPolicy": "length(8)"})
    c.admin("POST", "/users", json={"username": "weak", "credentials": [{"type": "password", "value": "short"}]})
    c.admin("GET", "/users?username=weak")
    c.quiet("PUT", "", json={"registrationEmailAsUsername": True})
    c.admin("POST", "/users", json={"email": "mailed@example.test", "enabled": True})
    c.admin("POST", "/users", json={"username": "nomail"})
    c.admin("GET", "/users?search=mailed")


@case("admin-users/update")
def _(c):
    user = made(c, username="changing", email="changing@example.test", firstName="A", lastName="B", attributes={"department": ["D"]})
    for body in ({"enabled": False}, {"emailVerified": True}, {"email": "other@example.test"}, {"email": ""}, {"firstName": None, "lastName": ""}, {"attributes": {}}, {"attributes": {"department": ["E"], "x": ["y"]}},
                 {"firstName": "Z"}, {"username": "renamed"}, {"requiredActions": ["VERIFY_EMAIL"]}, {"requiredActions": []}, {"requiredActions": ["NO_SUCH"]}, {"groups": ["/staff"], "realmRoles": ["reader"]}, {"notBefore": 7}, {"createdTimestamp": 7},
                 {"credentials": [{"type": "password", "value": "secret"}]}, {"id": MISSING}, {"totp": True}):
        c.admin("PUT", f"/users/{user}", json=body, label="update " + str(body))
        c.admin("GET", f"/users/{user}")
    c.admin("GET", f"/users/{user}/credentials")
    c.admin("GET", f"/users/{user}/groups")


@case("admin-users/update-refused")
def _(c):
    user = made(c, username="changing", email="changing@example.test")
    for body in ({"username": "alice"}, {"email": "ALICE@example.test"}, {"username": ""}, {"username": "x"}, {"email": "bad"}, {"email": "bad", "firstName": "<>"}, {"unknown": 1}, [], {"enabled": "x"}):
        c.admin("PUT", f"/users/{user}", json=body, label="update " + str(body))
    c.quiet("PUT", "", json={"editUsernameAllowed": False, "duplicateEmailsAllowed": True, "loginWithEmailAllowed": False})
    c.admin("PUT", f"/users/{user}", json={"username": "byadmin"})
    c.admin("PUT", f"/users/{user}", json={"email": "alice@example.test"})
    c.admin("GET", f"/users/{user}")
    c.admin("GET", f"/users/{user}?userProfileMetadata=true")


@case("admin-users/search")
def _(c):
    made(c, username="ann", email="ann@mail.test", firstName="Ann Marie", lastName="O'Neil", attributes={"department": ["R&D", "Ops"], "level": ["1"]})
    made(c, username="joanna", email="jo@mail.test", firstName="Joanna", lastName="Müller", enabled=False)
    made(c, username="under_score", email="under_score@mail.test", firstName="Under", lastName="Score", emailVerified=True)
    for query in ("search=ann", "search=*ann*", "search=\"ann\"", "search=an*", "search=*an", "search=ann jo", "search=joanna ann", "search=o'neil", "search=MÜLLER", "search=müll", "search=_", "search=%25", "search=100%25", "search=\\", "search=*", "search=",
                  "search= ann ", "search=mail.test", "search=*mail.test", "search=\"Ann Marie\"", "search=\"jo@mail.test\" \"ann\"", "search=ann&enabled=false", "search=j*a", "search=id:{alice}", "search=id:none", "search=id:{alice} {bob}",
                  "username=ann", "username=ANN&exact=true", "username=nn", "username=an*", "username=*n*", "username=under_score", "firstName=ann", "firstName=Ann Marie&exact=true", "firstName=ann marie&exact=true", "lastName=üll", "lastName=MÜLLER&exact=true",
                  "email=mail", "email=JO@mail.test&exact=true", "email=jo&exact=true", "username=ann&email=jo", "emailVerified=true&enabled=true", "emailVerified=maybe", "enabled=false", "enabled=x",
                  "q=department:Ops", "q=department:\"R%26D\"", "q=department:ops", "q=department:Op", "q=level:1 department:Ops", "q=level:2", "q=nothing", "q=", "q=username:ann", "q=department:Ops&exact=true", "q=department:op&exact=false", "q=department:Ops&search=jo",
                  "idpAlias=none", "idpAlias=none&idpUserId=x", "idpUserId=x", "first=0&max=0", "first=2", "first=-1&max=1", "max=-1", "first=1&max=2&search=mail", "briefRepresentation=true&username=ann", "briefRepresentation=false&username=ann",
                  "createdAfter=0", "createdBefore=0", "createdAfter=2015-01-01", "createdBefore=1000", "createdAfter=nonsense", "createdAfter=1000&createdBefore=9999999999999&username=ann"):
        asked = query.format(alice=c.user_id("alice"), bob=c.user_id("bob"))
        for path in ("/users", "/users/count"):
            answer = c.admin("GET", path + "?" + asked, record=False)
            body = answer.json() if "json" in answer.headers.get("content-type", "") else answer.text[:80]
            c.note(f"{path} {query}", [answer.status_code, [user["username"] for user in body] if isinstance(body, list) else body])
    c.admin("GET", "/users?briefRepresentation=true&username=ann")
    c.admin("GET", "/users?briefRepresentation=false&username=ann")


@case("admin-users/links")
def _(c):
    c.quiet("POST", "/identity-provider/instances", json={"alias": "up", "providerId": "oidc", "config": {"clientId": "x", "authorizationUrl": "http://up.test/a", "tokenUrl": "http://up.test/t"}})
    user = made(c, username="linked", federatedIdentities=[{"identityProvider": "up", "userId": "u-1", "userName": "n-1"}])
    c.admin("GET", f"/users/{user}/federated-identity")
    c.admin("GET", f"/users/{user}")
    for query in ("idpAlias=up", "idpAlias=up&idpUserId=u-1", "idpAlias=up&idpUserId=u-2", "idpUserId=u-1", "idpAlias=up&username=ali"):
        c.note(query, [u["username"] for u in c.admin("GET", "/users?" + query, record=False).json()])
        c.note("count " + query, c.admin("GET", "/users/count?" + query, record=False).json())


@case("admin-users/credentials")
def _(c):
    user = made(c, username="holder", credentials=[{"type": "password", "value": "first"}])
    otp = {"type": "otp", "userLabel": "phone", "secretData": '{"value":"abcdefgh"}', "credentialData": '{"subType":"totp","digits":6,"counter":0,"period":30,"algorithm":"HmacSHA1"}'}
    user = made(c, username="many", credentials=[HASH, otp, {**otp, "userLabel": "tablet"}])
    listed = c.admin("GET", f"/users/{user}/credentials").json()
    c.admin("GET", f"/users/{user}")
    password, phone, tablet = (next((x["id"] for x in listed if x.get("userLabel") == label), MISSING) for label in ("old", "phone", "tablet"))

    def order():
        c.note("order", [x.get("userLabel") for x in c.admin("GET", f"/users/{user}/credentials", record=False).json()])
    order()
    c.admin("POST", f"/users/{user}/credentials/{tablet}/moveToFirst")
    order()
    c.admin("POST", f"/users/{user}/credentials/{tablet}/moveAfter/{phone}")
    order()
    c.admin("POST", f"/users/{user}/credentials/{tablet}/moveAfter/{MISSING}")
    c.admin("POST", f"/users/{user}/credentials/{MISSING}/moveToFirst")
    c.admin("PUT", f"/users/{user}/credentials/{phone}/userLabel", data="desk", headers={"Content-Type": "text/plain"})
    c.admin("PUT", f"/users/{user}/credentials/{phone}/userLabel", data="tablet", headers={"Content-Type": "text/plain"})
    c.admin("PUT", f"/users/{user}/credentials/{phone}/userLabel", data="", headers={"Content-Type": "text/plain"})
    c.admin("PUT", f"/users/{user}/credentials/{MISSING}/userLabel", data="desk", headers={"Content-Type": "text/plain"})
    c.admin("PUT", f"/users/{user}/credentials/{phone}/userLabel", json="quoted")
    order()
    c.admin("PUT", f"/users/{user}/disable-credential-types", json=["otp"])
    order()
    c.admin("PUT", f"/users/{user}/disable-credential-types", json=["no-such"])
    c.admin("PUT", f"/users/{user}/disable-credential-types", json={})
    c.admin("PUT", f"/users/{user}/disable-credential-types")
    order()
    c.admin("DELETE", f"/users/{user}/credentials/{password}")
    c.admin("GET", f"/users/{MISSING}/credentials")
    c.admin("GET", "/credential-registrators")
    c.admin("GET", f"/users/{user}/unmanagedAttributes")


@case("admin-users/reset-password")
def _(c):
    bob = c.user_id("bob")
    for body in ({"value": "a"}, {"type": "otp", "value": "a"}, {"type": "password", "value": None}, {"type": "password", "value": "b", "temporary": "x"}, {"type": "password", "value": "b", "unknown": 1}, [], {"type": "password", "value": "c", "userLabel": "mine"}):
        c.admin("PUT", f"/users/{bob}/reset-password", json=body, label="reset " + str(body))
    c.admin("PUT", f"/users/{bob}/reset-password")
    c.admin("PUT", f"/users/{MISSING}/reset-password", json={"value": "a"})
    c.admin("GET", f"/users/{bob}/credentials")
    c.admin("GET", f"/users/{bob}")


@case("admin-users/groups")
def _(c):
    alice, staff = c.user_id("alice"), c.admin("GET", "/groups?search=staff&exact=true", record=False).json()[0]["id"]
    c.admin("PUT", f"/users/{alice}/groups/{staff}")
    c.admin("PUT", f"/users/{alice}/groups/{staff}")
    for query in ("", "?briefRepresentation=false", "?briefRepresentation=true", "?search=lead", "?search=LEAD", "?search=x", "?first=0&max=1", "?first=1&max=5", "?max=0"):
        c.admin("GET", f"/users/{alice}/groups{query}", label="groups" + query)
    c.admin("GET", f"/users/{alice}/groups/count?search=lead")
    c.admin("PUT", f"/users/{alice}/groups/{MISSING}")
    c.admin("DELETE", f"/users/{alice}/groups/{MISSING}")
    c.admin("DELETE", f"/users/{alice}/groups/{staff}")
    c.admin("DELETE", f"/users/{alice}/groups/{staff}")
    c.admin("GET", f"/users/{MISSING}/groups")


@case("admin-users/profile")
def _(c):
    c.quiet("PUT", "/users/profile", json={"attributes": [
        {"name": "username", "permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]}}, {"name": "email", "required": {"roles": ["user"]}, "permissions": {"view": ["admin", "user"], "edit": ["admin", "user"]}},
        {"name": "badge", "displayName": "Badge", "required": {"roles": ["admin"]}, "validations": {"length": {"min": 3, "max": 5}, "pattern": {"pattern": "^[a-z]+$", "error-message": "letters"}}, "annotations": {"inputType": "text"}, "permissions": {"view": ["admin"], "edit": ["admin"]}, "group": "g", "multivalued": False},
        {"name": "fixed", "permissions": {"view": ["admin", "user"], "edit": []}}, {"name": "colours", "multivalued": True, "permissions": {"view": ["admin"], "edit": ["admin"]}}],
        "groups": [{"name": "g", "displayHeader": "G", "displayDescription": "about", "annotations": {"a": "b"}}], "unmanagedAttributePolicy": "ADMIN_EDIT"})
    for body in ({}, {"attributes": {"badge": ["x"]}}, {"attributes": {"badge": ["TOOLONG"]}}, {"attributes": {"badge": ["abc", "def"]}}, {"attributes": {"badge": ["abcd"], "fixed": ["f"], "colours": ["red", "blue"], "free": ["1", "2"]}}):
        c.admin("POST", "/users", json={"username": "tested", "enabled": True, **body}, label="create " + str(body))
    user = c.user_id("tested")
    c.admin("GET", f"/users/{user}")
    c.admin("GET", f"/users/{user}?userProfileMetadata=true")
    c.admin("GET", f"/users/{user}/unmanagedAttributes")
    c.admin("PUT", f"/users/{user}", json={"attributes": {"badge": ["abcd"]}})
    c.admin("GET", f"/users/{user}")
    c.admin("PUT", f"/users/{user}", json={"attributes": {"colours": ["green"]}})
    c.admin("PUT", f"/users/{user}", json={"firstName": "Only"})
    c.admin("GET", f"/users/{user}")
    c.admin("GET", "/users/profile/metadata")


@case("admin-users/sessions")
def _(c):
    c.login(scope="openid offline_access")
    alice, app = c.user_id("alice"), c.client_id("app")
    c.admin("GET", f"/users/{alice}/sessions")
    c.admin("GET", f"/users/{alice}/offline-sessions/{app}")
    c.admin("GET", f"/users/{alice}/offline-sessions/{MISSING}")
    c.admin("GET", f"/users/{alice}/consents")
    for path in ("session-count", "offline-session-count", "user-sessions", "offline-sessions", "user-sessions?first=0&max=0", "offline-sessions?first=1"):
        c.admin("GET", f"/clients/{app}/{path}")
    c.admin("GET", "/client-session-stats")
    offline = c.admin("GET", f"/clients/{app}/offline-sessions", record=False).json()
    if offline:
        sid = offline[0]["id"]
        c.admin("DELETE", f"/sessions/{sid}?isOffline=true")
        c.admin("DELETE", f"/sessions/{sid}?isOffline=true")
    c.admin("GET", f"/clients/{app}/offline-session-count")
    c.admin("DELETE", f"/users/{alice}/consents/app")
    c.admin("DELETE", f"/users/{alice}/consents/none")
    c.admin("POST", f"/users/{MISSING}/logout")
    c.admin("POST", f"/users/{alice}/logout")
    c.admin("GET", f"/users/{alice}/sessions")
    c.admin("GET", f"/users/{alice}")


@case("admin-users/impersonation")
def _(c):
    answer = c.admin("POST", f"/users/{c.user_id('alice')}/impersonation")
    c.note("cookies", sorted(cookie.name for cookie in answer.cookies))
    c.admin("GET", f"/users/{c.user_id('alice')}/sessions")
    c.admin("POST", f"/users/{c.user_id('carol')}/impersonation")
    c.admin("POST", f"/users/{MISSING}/impersonation")
    service = c.admin("GET", f"/clients/{c.client_id('app')}/service-account-user", record=False).json()["id"]
    c.admin("POST", f"/users/{service}/impersonation")
    c.admin("GET", f"/users/{service}")
    c.admin("DELETE", f"/users/{service}")
    c.admin("GET", f"/users/{service}")


@case("admin-users/mail-refused")
def _(c):
    alice, carol = c.user_id("alice"), c.user_id("carol")
    bare = made(c, username="bare")
    c.admin("PUT", f"/users/{alice}/send-verify-email")
    c.admin("PUT", f"/users/{alice}/execute-actions-email", json=["UPDATE_PASSWORD"])
    c.admin("PUT", f"/users/{alice}/reset-password-email")
    c.admin("PUT", f"/users/{bare}/send-verify-email")
    c.admin("PUT", f"/users/{bare}/execute-actions-email", json=["UPDATE_PASSWORD"])
    c.admin("PUT", f"/users/{carol}/send-verify-email")
    c.admin("PUT", f"/users/{carol}/execute-actions-email", json=["UPDATE_PASSWORD"])
    c.admin("PUT", f"/users/{MISSING}/send-verify-email")
    for query in ("?redirect_uri=http://app.test/cb", "?client_id=app&redirect_uri=http://evil.test", "?client_id=none", "?client_id=app&redirect_uri=http://app.test/cb", "?client_id=app", "?lifespan=10", "?lifespan=x"):
        c.admin("PUT", f"/users/{alice}/send-verify-email{query}")
        c.admin("PUT", f"/users/{alice}/execute-actions-email{query}", json=["UPDATE_PASSWORD"])
    for body in (["NO_SUCH"], [], {}, None):
        c.admin("PUT", f"/users/{alice}/execute-actions-email", json=body)
    c.admin("PUT", f"/users/{alice}/execute-actions-email")
    for body in ({}, {"host": "127.0.0.1", "port": "1", "from": "a@example.test"}, {"host": "127.0.0.1", "port": "1"}, {"host": "127.0.0.1", "port": "x", "from": "a@example.test"}, {"host": "no-such-host.invalid", "from": "a@example.test"}, []):
        c.admin("POST", "/testSMTPConnection", json=body, label="test " + str(body))


@case("admin-users/attack-detection")
def _(c):
    alice = c.user_id("alice")
    c.admin("GET", f"/attack-detection/brute-force/users/{alice}")
    c.admin("DELETE", f"/attack-detection/brute-force/users/{alice}")
    c.admin("GET", f"/attack-detection/brute-force/users/{MISSING}")
    c.admin("DELETE", f"/attack-detection/brute-force/users/{MISSING}")
    c.admin("DELETE", "/attack-detection/brute-force/users")
    c.quiet("PUT", "", json={"bruteForceProtected": True, "failureFactor": 2, "quickLoginCheckMilliSeconds": 0, "permanentLockout": True, "maxTemporaryLockouts": 0})
    c.password("alice", "wrong")
    c.password("alice", "wrong")
    c.password("alice", "wrong")
    status = c.admin("GET", f"/attack-detection/brute-force/users/{alice}", record=False).json()
    c.note("locked", {key: status.get(key) for key in ("disabled", "numFailures", "lastIPFailure", "numTemporaryLockouts")})
    c.admin("GET", f"/users/{alice}")
    c.admin("PUT", f"/users/{alice}", json={"enabled": True})
    c.admin("GET", f"/users/{alice}")
    status = c.admin("GET", f"/attack-detection/brute-force/users/{alice}", record=False).json()
    c.note("enabled again", {key: status.get(key) for key in ("disabled", "numFailures", "lastIPFailure")})
    c.admin("GET", "/users-management-permissions")
    c.admin("PUT", "/users-management-permissions", json={"enabled": True})


@case("admin-users/groups-sessions-logout")
def _(c):
    """As the shared case, but for the 404 of a session that is gone, whose misspelling is not copied."""
    alice = c.user_id("alice")
    c.admin("GET", f"/users/{alice}/groups")
    c.admin("GET", f"/users/{alice}/groups/count")
    c.login()
    c.admin("GET", f"/users/{alice}/sessions")
    session = c.admin("GET", f"/users/{alice}/sessions", record=False).json()[0]["id"]
    c.admin("DELETE", f"/sessions/{session}")
    c.note("again", c.admin("DELETE", f"/sessions/{session}", record=False).status_code)
    c.authorize(prompt="none")
    c.admin("POST", f"/users/{alice}/logout")
    c.admin("GET", f"/users/{alice}/consents")
    c.admin("GET", f"/users/{alice}/federated-identity")
    c.admin("GET", f"/users/{alice}/offline-sessions/{c.client_id('app')}")


@case("admin-users/profile-refused")
def _(c):
    for profile in (
            {"attributes": [{"name": "username"}]}, {"attributes": []}, {"groups": []}, [],
            {"attributes": [{"name": "username"}, {"name": "email", "validations": {"nope": {}}}, {"name": "x", "group": "g"}, {"name": "x"}, {"name": ""}]},
            {"attributes": [{"name": "username"}, {"name": "email", "permissions": {"view": ["x"]}, "required": {"roles": ["q"]}}]},
            {"attributes": [{"name": "username"}, {"name": "email"}, {"name": "a b"}, {"name": "c", "selector": {"scopes": ["nope"]}, "required": {"scopes": ["q"]}}], "groups": [{"displayHeader": "x"}]},
            {"attributes": [{"name": "username"}, {"name": "email"}], "unmanagedAttributePolicy": "X"},
            {"attributes": [{"name": "username"}, {"name": "email", "multivalued": True}], "unmanagedAttributePolicy": "ENABLED"}):
        c.admin("PUT", "/users/profile", json=profile)
    c.admin("GET", "/users/profile")
    c.admin("PUT", "/users/profile")


@case("admin-realm/password-policy")
def _(c):
    for policy in ("nonsense(3)", "length(x)", "length(8) and nothing", "regexPattern(()", "hashAlgorithm(foo)", "length(8) and hashIterations", ""):
        c.admin("PUT", "", json={"passwordPolicy": policy}, label=policy)
    c.note("at last", c.admin("GET", "", record=False).json().get("passwordPolicy"))
