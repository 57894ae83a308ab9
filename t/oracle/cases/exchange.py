# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Token exchange (RFC 8693) beyond the plain case: who may exchange what, for which audience, with which scope."""
import pathlib
import sys

from engine import case

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from policies import use  # noqa: E402

TYPE = "urn:ietf:params:oauth:token-type:"
GRANT = "urn:ietf:params:oauth:grant-type:token-exchange"


def client(c, name, **fields):
    """A confidential client that may exchange, whose tokens say little."""
    attributes = {"standard.token.exchange.enabled": "true", **fields.pop("attributes", {})}
    c.quiet("POST", "/clients", json={"clientId": name, "secret": name, "protocol": "openid-connect", "publicClient": False, "directAccessGrantsEnabled": True,
                                      "serviceAccountsEnabled": True,
                                      "fullScopeAllowed": False, "attributes": attributes, **fields})


def audience(c, of, included):
    c.quiet("POST", f"/clients/{c.client_id(of)}/protocol-mappers/models", json={
        "name": "to " + included, "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
        "config": {"included.client.audience": included, "access.token.claim": "true", "introspection.token.claim": "true"}})


def subject(c, name, **form):
    return c.token(client=name, secret=name, grant_type="password", username="alice", password="wonderland", **form).json()["access_token"]


def exchange(c, name, token, secret=None, **form):
    return c.token(record=True, client=name, secret=secret or name, grant_type=GRANT,
                   **{"subject_token": token, "subject_token_type": TYPE + "access_token", **form}).json()


@case("exchange/who-may")
def _(c):
    client(c, "first")
    client(c, "second")
    client(c, "off", attributes={"standard.token.exchange.enabled": "false"})
    client(c, "open", publicClient=True)
    token = subject(c, "first")
    exchange(c, "first", token)
    exchange(c, "second", token)
    audience(c, "first", "second")
    audience(c, "first", "off")
    token = subject(c, "first")
    exchange(c, "second", token)
    exchange(c, "off", token)
    c.token(record=True, client="open", secret=None, grant_type=GRANT, subject_token=token, subject_token_type=TYPE + "access_token")


@case("exchange/parameters")
def _(c):
    client(c, "first")
    token = subject(c, "first", scope="openid")
    exchange(c, "first", token, requested_token_type=TYPE + "access_token")
    exchange(c, "first", token, requested_token_type=TYPE + "id_token")
    exchange(c, "first", token, requested_token_type=TYPE + "jwt")
    exchange(c, "first", token, requested_token_type=TYPE + "saml2")
    exchange(c, "first", token, requested_token_type="nonsense")
    exchange(c, "first", token, subject_token_type=TYPE + "jwt")
    exchange(c, "first", token, subject_token_type=TYPE + "id_token")
    c.token(record=True, client="first", secret="first", grant_type=GRANT)
    c.token(record=True, client="first", secret="first", grant_type=GRANT, subject_token=token)
    c.token(record=True, client="first", secret="first", grant_type=GRANT, subject_token_type=TYPE + "access_token")
    exchange(c, "first", token, actor_token=token, actor_token_type=TYPE + "access_token")
    exchange(c, "first", token, subject_issuer="somewhere")
    exchange(c, "first", token, requested_issuer="somewhere")
    exchange(c, "first", token, requested_subject="bob")
    exchange(c, "first", token, resource="https://api.test")


@case("exchange/scope")
def _(c):
    client(c, "first")
    token = subject(c, "first", scope="openid phone")
    exchange(c, "first", token, scope="openid")
    exchange(c, "first", token, scope="address")
    exchange(c, "first", token, scope="phone address")
    exchange(c, "first", token, scope="nonsense")
    exchange(c, "first", subject(c, "first"), scope="openid")
    exchange(c, "first", subject(c, "first"), requested_token_type=TYPE + "id_token")


@case("exchange/audience")
def _(c):
    client(c, "first", fullScopeAllowed=True)
    client(c, "second")
    audience(c, "first", "second")
    audience(c, "first", "spa")
    token = subject(c, "first")
    exchange(c, "first", token)
    exchange(c, "first", token, audience="second")
    exchange(c, "first", token, audience="first")
    exchange(c, "first", token, audience="account")
    exchange(c, "first", token, audience="broker")
    exchange(c, "first", token, audience="nobody")
    exchange(c, "first", token, audience="")
    c.post("token", [("client_id", "first"), ("client_secret", "first"), ("grant_type", GRANT), ("subject_token", token),
                     ("subject_token_type", TYPE + "access_token"), ("audience", "second"), ("audience", "account")])


@case("exchange/refresh")
def _(c):
    client(c, "first", attributes={"standard.token.exchange.enableRefreshRequestedTokenType": "SAME_SESSION"})
    token = subject(c, "first")
    answer = exchange(c, "first", token, requested_token_type=TYPE + "refresh_token")
    c.token(record=True, client="first", secret="first", grant_type="refresh_token", refresh_token=answer["refresh_token"])
    exchange(c, "first", answer["refresh_token"])
    exchange(c, "first", token, requested_token_type=TYPE + "refresh_token", scope="offline_access")


@case("exchange/subjects")
def _(c):
    client(c, "first")
    client(c, "second", attributes={"standard.token.exchange.enableRefreshRequestedTokenType": "SAME_SESSION"})
    audience(c, "first", "second")
    account = c.token(client="first", secret="first", grant_type="client_credentials").json()["access_token"]
    exchange(c, "first", account)
    exchange(c, "second", account)
    exchange(c, "second", account, requested_token_type=TYPE + "refresh_token")
    token = subject(c, "first")
    again = exchange(c, "second", token)["access_token"]
    exchange(c, "second", again)
    exchange(c, "first", again)
    c.quiet("POST", f"/users/{c.user_id('alice')}/logout")
    exchange(c, "first", token)


@case("exchange/client-policies")
def _(c):
    client(c, "first")
    token = subject(c, "first")

    def tries(label, executor, configuration, condition="any-client", **conditions):
        use(c, executor, configuration, condition, **conditions)
        answer = c.token(client="first", secret="first", grant_type=GRANT, subject_token=token, subject_token_type=TYPE + "access_token")
        c.note(label, [answer.status_code, answer.json().get("error"), answer.json().get("error_description")])

    tries("a claim", "jwt-claim-enforcer", {"claim-name": "azp", "allowed-value": "first"})
    tries("another value", "jwt-claim-enforcer", {"claim-name": "azp", "allowed-value": "second"})
    tries("no claim", "jwt-claim-enforcer", {"claim-name": "plan"})
    tries("a provider", "reject-request", {}, "identity-provider-alias", identity_provider_aliases=["up"])
    tries("not a provider", "reject-request", {}, "identity-provider-alias", identity_provider_aliases=["up"], **{"is-negative-logic": True})


@case("exchange/no-more-scopes")
def _(c):
    client(c, "first")
    client(c, "small", defaultClientScopes=["basic"], optionalClientScopes=["phone", "address"])
    audience(c, "small", "first")
    use(c, "downscope-assertion-grant-enforcer")

    def tries(label, token, *scopes, **form):
        for scope in scopes:
            answer = c.token(client="first", secret="first", grant_type=GRANT, subject_token=token, subject_token_type=TYPE + "access_token", **form, **({"scope": scope} if scope is not None else {}))
            told = answer.json()
            c.note(f"{label}: {scope}", [answer.status_code, told.get("error"), told.get("error_description"), " ".join(sorted(told.get("scope", "-").split()))])

    tries("its own", subject(c, "first", scope="openid"), None, "openid", "profile", "phone", "offline_access", "nonsense", "phone phone")
    tries("its own with phone", subject(c, "first", scope="phone"), None, "phone", "phone address")
    tries("another's", subject(c, "small", scope="openid phone"), None, "openid", "phone", "email")
    tries("another's that is small", subject(c, "small"), None, "", "openid", "email")
    c.note("no assertion", c.token(client="first", secret="first", grant_type="password", username="alice", password="wonderland", scope="phone").status_code)
