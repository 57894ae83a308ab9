/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "oidc/client_auth.h"
#include "oidc/issuer.h"

/* federated-jwt: a client without a secret of its own, for whom an identity provider of the realm vouches, or the Kubernetes
 * cluster that it runs in. */

#define SPAN 300             /* seconds from iat, as in Keycloak */
#define KUBERNETES_SPAN 3600 /* the kubelet renews a token when most of its hour has passed */

static lk_status_t deny(lk_error_t *err, const char *reason)
{
    return lk_client_deny(err, "invalid_client", reason);
}

/* The client of whom the provider speaks when it says `subject`. */
static lk_status_t find_client(lk_client_auth_t *auth, const char *alias, const char *subject, lk_error_t *err)
{
    const lk_request_t *req = auth->req;
    lk_rows_t rows;
    lk_status_t status =
        lk_query(req->app->sql, req->arena, LK_Q_CLIENT_ID_BY_FEDERATED_SUBJECT, &rows, err, auth->realm->id, alias, subject);
    if (status != LK_OK)
        return status;
    if (rows.count != 1)
        return deny(err, rows.count == 0 ? "the subject is no client's" : "the subject is that of several clients");
    if ((status = lk_client_auth_find(auth, lk_row_str(&rows, 0, "client_id"), &auth->client, err)) != LK_OK)
        return status;
    if (!lk_client_may_prove(auth->client))
        return deny(err, "the client is disabled, public or bearer-only");
    if (auth->client_id != NULL && strcmp(auth->client_id, auth->client->client_id) != 0)
        return deny(err, "the client that is spoken of is not the client_id");
    return LK_OK;
}

static lk_status_t check_claims(lk_client_auth_t *auth, const lk_issuer_t *issuer, lk_error_t *err)
{
    const json_t *config = issuer->provider->config;
    const char *audience = lk_json_config_bool(config, "allowClientIdAsAudience", 0) && issuer->client_id != NULL
                               ? issuer->client_id
                               : lk_realm_issuer(auth->req, auth->realm);
    int64_t span = lk_json_config_int(config, "fedClientAssertionMaxExp", 0);
    lk_assertion_rules_t rules = {.span = span != 0               ? span
                                          : issuer->is_kubernetes ? KUBERNETES_SPAN
                                                                  : SPAN,
                                  .skew = lk_json_config_int(config, "allowedClockSkew", 0),
                                  .reusable =
                                      issuer->is_kubernetes || lk_json_config_bool(config, "supportsClientAssertionReuse", 0)};
    return lk_client_auth_claims(auth, &audience, 1, &rules, issuer->provider->alias, err);
}

lk_status_t lk_client_by_issuer(lk_client_auth_t *auth, lk_error_t *err)
{
    const lk_assertion_t *assertion = &auth->assertion;
    lk_issuer_t issuer;
    lk_error_t why = {0};
    lk_status_t status = lk_client_auth_assertion(auth, "", "invalid_client", &why);
    if (status != LK_OK) /* Keycloak does not say what */
        return deny(err, *why.detail != '\0' ? why.detail : why.text);
    if (assertion->issuer == NULL || assertion->subject == NULL)
        return deny(err, "the assertion has no issuer or no subject");
    if (lk_issuer_find(auth->req->arena, auth->realm, assertion->issuer, "supportsClientAssertions", &issuer, NULL) != LK_OK)
        return deny(err, "the assertion's issuer is no identity provider that may vouch for clients");
    if ((status = find_client(auth, issuer.provider->alias, assertion->subject, err)) != LK_OK)
        return status;
    const lk_alg_t *alg = lk_alg_find(assertion->jws.alg);
    if (alg == NULL || lk_alg_is_hmac(alg))
        return lk_client_refuse(err, "Invalid signature algorithm");
    status = lk_issuer_verify(auth->req, &issuer, assertion, &why);
    if (status == LK_ELSEWHERE) {
        *err = why;
        return status;
    }
    if (status != LK_OK) {
        deny(err, "the issuer's signature:");
        return lk_error_detail(err, "%s %s", why.text, why.detail);
    }
    return check_claims(auth, &issuer, err);
}
