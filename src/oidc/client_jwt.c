/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "model/client_keys.h"
#include "oidc/client_auth.h"

/* private_key_jwt and client_secret_jwt (OpenID Connect Core section 9, RFC 7523): the client signs who it is. */

#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
#define BY_KEY "Client authentication with signed JWT failed"
#define BY_SECRET "Client authentication with client secret signed JWT failed"
#define SKEW 15     /* seconds, as in Keycloak */
#define MAX_SPAN 60 /* seconds; attribute token.endpoint.auth.signing.max.exp */

static lk_status_t deny(lk_error_t *err, const char *reason)
{
    return lk_client_deny(err, "invalid_client", reason);
}

/* --- what both have in common --- */

lk_status_t lk_client_auth_assertion(lk_client_auth_t *auth, const char *prefix, const char *code, lk_error_t *err)
{
    const char *type = lk_pairs_get(&auth->req->form, "client_assertion_type");
    const char *text = lk_pairs_get(&auth->req->form, "client_assertion");
    lk_error_t why = {0};
    if (type == NULL)
        return lk_client_refuse(err, "Parameter client_assertion_type is missing");
    if (strcmp(type, ASSERTION_TYPE) != 0)
        return lk_client_refuse(err, "Parameter client_assertion_type has value '%.200s' but expected is '%s'", type,
                                ASSERTION_TYPE);
    if (text == NULL)
        return lk_client_refuse(err, "client_assertion parameter missing");
    if (auth->has_assertion)
        return LK_OK;
    if (lk_assertion_read(auth->req->arena, text, &auth->assertion, &why) != LK_OK) {
        lk_fail_http(err, LK_DENIED, 400, code, "%s: Parsing error", prefix);
        return lk_error_detail(err, "%s", why.detail);
    }
    auth->has_assertion = 1;
    return LK_OK;
}

/* The client names itself, twice; a third time in the form where it wants. */
static lk_status_t find_client(lk_client_auth_t *auth, lk_error_t *err)
{
    const lk_assertion_t *assertion = &auth->assertion;
    const char *client_id = lk_pairs_get(&auth->req->form, "client_id");
    const lk_client_t *client;
    if (assertion->subject == NULL || assertion->issuer == NULL || strcmp(assertion->subject, assertion->issuer) != 0)
        return deny(err, "the assertion's issuer is not its subject");
    if (client_id != NULL && strcmp(client_id, assertion->subject) != 0)
        return deny(err, "the assertion's subject is not the client_id");
    lk_status_t status = lk_client_auth_find(auth, assertion->subject, &client, err);
    if (status != LK_OK)
        return status;
    if (client == NULL)
        return deny(err, "the assertion's subject is no client");
    auth->client = client;
    if (!lk_client_may_prove(client))
        return deny(err, "the client is disabled, public or bearer-only");
    return LK_OK;
}

/* The client's only algorithm where it has one, and none of the other kind in any case. */
static int is_alg_allowed(const lk_client_auth_t *auth, int by_secret)
{
    const char *wanted = lk_client_attribute(auth->client, "token.endpoint.auth.signing.alg", "");
    const char *alg = auth->assertion.jws.alg;
    const lk_alg_t *found = lk_alg_find(alg);
    /* An HMAC with any other kind of key is refused when the signature is checked: so says Keycloak's answer. */
    return found != NULL && (by_secret || !lk_alg_is_hmac(found)) && (*wanted == '\0' || strcmp(wanted, alg) == 0);
}

lk_status_t lk_client_auth_claims(lk_client_auth_t *auth, const char *const *audiences, size_t count,
                                  const lk_assertion_rules_t *rules, const char *user, lk_error_t *err)
{
    lk_error_t why = {0};
    lk_status_t status = lk_assertion_check_audience(&auth->assertion, audiences, count, &why);
    if (status == LK_OK)
        status = lk_assertion_check_times(&auth->assertion, rules, &why);
    if (status == LK_OK)
        status = lk_assertion_use(auth->req, auth->realm, &auth->assertion, user, rules, &why);
    if (status == LK_DENIED)
        return lk_client_refuse(err, "%s", why.text);
    if (status != LK_OK)
        *err = why;
    return status;
}

/* A client's own assertions are for the realm, or for an endpoint where clients prove themselves. */
static lk_status_t check_own_claims(lk_client_auth_t *auth, lk_error_t *err)
{
    static const char *const endpoints[] = {"", "/protocol/openid-connect/token", "/protocol/openid-connect/token/introspect",
                                            "/protocol/openid-connect/ext/par/request", "/protocol/openid-connect/ext/ciba/auth"};
    enum { COUNT = sizeof(endpoints) / sizeof(endpoints[0]) };
    const char *audiences[COUNT];
    lk_assertion_rules_t rules = {.span = lk_client_attribute_int(auth->client, "token.endpoint.auth.signing.max.exp", MAX_SPAN),
                                  .skew = SKEW};
    for (size_t i = 0; i != COUNT; ++i)
        audiences[i] = lk_printf(auth->req->arena, "%s%s", lk_realm_issuer(auth->req, auth->realm), endpoints[i]);
    return lk_client_auth_claims(auth, audiences, COUNT, &rules, auth->client->id, err);
}

/* --- private_key_jwt --- */

static lk_status_t refuse_signature(lk_status_t status, const lk_error_t *why, lk_error_t *err)
{
    if (status != LK_NOT_FOUND && status != LK_INVALID) {
        *err = *why;
        return status;
    }
    if (status == LK_NOT_FOUND)
        lk_client_refuse(err, "Unable to load public key");
    else
        lk_client_refuse(err, BY_KEY ": Signature on JWT token failed validation");
    return lk_error_detail(err, "%s %s", why->text, why->detail);
}

lk_status_t lk_client_by_key(lk_client_auth_t *auth, lk_error_t *err)
{
    lk_error_t why = {0};
    lk_status_t status = lk_client_auth_assertion(auth, BY_KEY, "invalid_client", err);
    if (status == LK_OK)
        status = find_client(auth, err);
    if (status != LK_OK)
        return status;
    if (!is_alg_allowed(auth, 0))
        return lk_client_refuse(err, "Invalid signature algorithm");
    if ((status = lk_client_keys_verify(auth->req, auth->client, &auth->assertion.jws, &why)) != LK_OK)
        return refuse_signature(status, &why, err);
    return check_own_claims(auth, err);
}

/* --- client_secret_jwt --- */

static int verifies_with(const lk_request_t *req, const char *secret, const lk_jws_t *jws)
{
    if (secret == NULL || *secret == '\0' || jws->alg == NULL || strncmp(jws->alg, "HS", 2) != 0)
        return 0;
    lk_bytes_t bytes = {(const unsigned char *)secret, strlen(secret)};
    return lk_jws_verify(jws, lk_key_from_secret(req->arena, NULL, bytes, jws->alg, "sig"), NULL) == LK_OK;
}

int lk_client_secret_verifies(const lk_request_t *req, const lk_client_t *client, const lk_jws_t *jws)
{
    return verifies_with(req, client->secret, jws);
}

lk_status_t lk_client_by_secret_key(lk_client_auth_t *auth, lk_error_t *err)
{
    lk_status_t status = lk_client_auth_assertion(auth, BY_SECRET, "unauthorized_client", err);
    if (status == LK_OK)
        status = find_client(auth, err);
    if (status != LK_OK)
        return status;
    const lk_jws_t *jws = &auth->assertion.jws;
    if (!is_alg_allowed(auth, 1))
        return lk_client_refuse(err, "Invalid signature algorithm");
    if (!verifies_with(auth->req, auth->client->secret, jws) &&
        !verifies_with(auth->req, lk_client_attribute(auth->client, "client.secret.rotated", NULL), jws)) {
        lk_fail_http(err, LK_DENIED, 400, "unauthorized_client", "%s: Signature on JWT token by client secret %sfailed validation",
                     BY_SECRET, strncmp(jws->alg, "HS", 2) == 0 ? " " : ""); /* so spelt where an HMAC is wrong */
        return lk_error_detail(err, "the HMAC is not the client secret's");
    }
    return check_own_claims(auth, err);
}
