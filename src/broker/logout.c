/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/broker.h"
#include "broker/brokered.h"
#include "broker/state.h"
#include "core/json.h"
#include "crypto/jws.h"
#include "model/federated.h"
#include "oidc/oidc.h"

/* Signing out goes both ways: from a session here to the provider that it came from, and from the provider to its sessions here. */

#define EVENT "http://schemas.openid.net/event/backchannel-logout"

/* --- there --- */

static void add(lk_buffer_t *url, const char *name, const char *value)
{
    if (value == NULL)
        return;
    lk_buffer_printf(url, "%c%s=", memchr(url->base, '?', url->len) == NULL ? '?' : '&', name);
    lk_buffer_form(url, value);
}

static const char *logout_url(const lk_request_t *req, const lk_broker_logout_t *logout, const char *state, const char *back)
{
    const lk_upstream_t *upstream = logout->upstream;
    lk_buffer_t url;
    lk_buffer_init(&url, req->arena, 131072);
    lk_buffer_puts(&url, upstream->logout_url);
    add(&url, "state", state);
    add(&url, "id_token_hint", upstream->logout_id_token ? logout->id_token : NULL);
    add(&url, "client_id", upstream->logout_client_id ? upstream->client_id : NULL);
    add(&url, "post_logout_redirect_uri", back);
    return url.base;
}

lk_status_t lk_broker_logout_prepare(const lk_request_t *req, const lk_realm_t *realm, const char *sid,
                                     lk_broker_logout_t *ret_logout, lk_error_t *err)
{
    const char *alias, *sealed;
    lk_upstream_t *upstream = LK_NEW(req->arena, lk_upstream_t);
    lk_error_t reason = {0};
    *ret_logout = (lk_broker_logout_t){.upstream = NULL};
    lk_status_t status = lk_broker_session_load(req->app->sql, req->arena, realm, sid, &alias, &sealed, err);
    const lk_identity_provider_t *provider = status == LK_OK && alias != NULL ? lk_realm_identity_provider(realm, alias) : NULL;
    if (status != LK_OK || provider == NULL)
        return status;
    if (lk_upstream_load(req->arena, provider, upstream, &reason) != LK_OK) {
        lk_broker_note(req, realm, alias, "logout", &reason);
        return LK_OK;
    }
    json_t *answer = lk_broker_token_answer(req->arena, lk_broker_token_open(req->arena, realm, sealed));
    ret_logout->id_token = lk_json_str(answer, "id_token", NULL);
    if (upstream->logout_url != NULL && *upstream->logout_url != '\0')
        ret_logout->upstream = upstream;
    return LK_OK;
}

const char *lk_broker_logout_url(const lk_request_t *req, const lk_realm_t *realm, const lk_broker_logout_t *logout,
                                 const char *state)
{
    if (logout->upstream == NULL || logout->upstream->backchannel_logout)
        return NULL;
    return logout_url(
        req, logout, state,
        lk_printf(req->arena, "%s/logout_response", lk_upstream_redirect_uri(req, realm, logout->upstream->provider->alias)));
}

void lk_broker_logout_call(const lk_request_t *req, const lk_realm_t *realm, const lk_broker_logout_t *logout, const char *sid)
{
    lk_fetched_t answer;
    lk_error_t reason = {0};
    if (logout->upstream == NULL || !logout->upstream->backchannel_logout)
        return;
    lk_status_t status = lk_fetch(req->arena, &(lk_fetch_t){.url = logout_url(req, logout, sid, NULL)}, &answer, &reason);
    if (status == LK_OK && answer.status >= 400)
        lk_error_detail(&reason, "%s: status %ld", logout->upstream->logout_url, answer.status);
    if (*reason.detail != '\0')
        lk_broker_note(req, realm, logout->upstream->provider->alias, "logout", &reason);
}

/* --- here: POST /realms/{realm}/protocol/openid-connect/logout/backchannel-logout (Back-Channel Logout 1.0 section 2.6) --- */

static lk_status_t end_sessions(const lk_request_t *req, const lk_realm_t *realm, const char *alias, const json_t *claims,
                                lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(req->app->sql, req->arena, LK_Q_BROKER_SESSIONS_OF, &rows, err, realm->id, alias,
                                  lk_json_str(claims, "sid", NULL), lk_json_str(claims, "sub", NULL));
    for (int i = 0; status == LK_OK && i != rows.count; ++i)
        status = lk_session_end(req, realm, lk_row_str(&rows, i, "id"), lk_row_bool(&rows, i, "offline"), err);
    return status;
}

/* What makes it a logout token, and no other one of that issuer. */
static const char *what_is_wrong(const json_t *claims)
{
    if (!json_is_object(json_object_get(json_object_get(claims, "events"), EVENT)))
        return "The logoutToken event claim is not valid";
    if (json_object_get(claims, "nonce") != NULL)
        return "The logoutToken must not have a nonce";
    if (lk_json_str(claims, "sid", NULL) == NULL && lk_json_str(claims, "sub", NULL) == NULL)
        return "The logoutToken needs a sid or a sub";
    return NULL;
}

lk_status_t lk_broker_backchannel_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    const char *token = lk_pairs_get(&req->form, "logout_token"), *wrong;
    lk_jws_t jws;
    lk_error_t reason = {0};
    int known = 0;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    if (token == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "No logout token");
    if (lk_jws_parse(req->arena, token, &jws, NULL) != LK_OK)
        return lk_fail(err, LK_INVALID, "invalid_request", "The decode of the logoutToken failed");
    for (size_t i = 0; i != realm->num_identity_providers; ++i) {
        const lk_identity_provider_t *provider = &realm->identity_providers[i];
        lk_upstream_t upstream;
        if (lk_upstream_settings(req->arena, provider, &upstream, NULL) != LK_OK || !upstream.type->is_oidc ||
            !lk_upstream_is_issuer(req->arena, &upstream, jws.claims))
            continue;
        known = 1;
        if (lk_upstream_load(req->arena, provider, &upstream, &reason) != LK_OK ||
            lk_upstream_check_token(req, &upstream, &jws, &reason) != LK_OK)
            continue;
        if ((wrong = what_is_wrong(jws.claims)) != NULL)
            return lk_fail(err, LK_INVALID, "invalid_request", "%s", wrong);
        reply->status = 200;
        reply->content_type = "application/json";
        return end_sessions(req, realm, provider->alias, jws.claims, err);
    }
    lk_fail(err, LK_INVALID, "invalid_request",
            known ? "LogoutToken verification with identity provider failed" : "No Identity Provider has been found");
    return lk_error_detail(err, "%s", reason.detail);
}
