/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/broker.h"
#include "broker/brokered.h"
#include "broker/entra.h"
#include "broker/state.h"
#include "core/json.h"
#include "crypto/jws.h"
#include "model/federated.h"
#include "oidc/frontchannel.h"
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

/* *ret_framed, unless NULL: the clients that the browser tells, of the first session that has such. */
static lk_status_t end_sessions(const lk_request_t *req, const lk_realm_t *realm, const char *alias, const json_t *claims,
                                lk_frontchannel_t *ret_framed, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(req->app->sql, req->arena, LK_Q_BROKER_SESSIONS_OF, &rows, err, realm->id, alias,
                                  lk_json_str(claims, "sid", NULL), lk_json_str(claims, "sub", NULL));
    for (int i = 0; status == LK_OK && i != rows.count; ++i) {
        const char *sid = lk_row_str(&rows, i, "id");
        int offline = lk_row_bool(&rows, i, "offline");
        if (ret_framed != NULL && !offline && ret_framed->clients == NULL) {
            ret_framed->sid = sid;
            status = lk_frontchannel_clients(req, realm, sid, &ret_framed->clients, err);
        }
        if (status == LK_OK)
            status = lk_session_end(req, realm, sid, offline, err);
        lk_event_session(req, sid);
    }
    if (status == LK_OK && rows.count != 0)
        lk_event_success(req);
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
        return end_sessions(req, realm, provider->alias, jws.claims, NULL, err);
    }
    lk_fail(err, LK_INVALID, "invalid_request",
            known ? "LogoutToken verification with identity provider failed" : "No Identity Provider has been found");
    return lk_error_detail(err, "%s", reason.detail);
}

/* --- here: GET /realms/{realm}/broker/{alias}/endpoint/frontchannel_logout (Front-Channel Logout 1.0 section 2) --- */

static lk_status_t check_caller(const lk_request_t *req, const lk_realm_t *realm, const char *sid, const char *issuer,
                                lk_error_t *err)
{
    lk_upstream_t upstream;
    const char *alias = req->params[1];
    const lk_identity_provider_t *provider = lk_realm_identity_provider(realm, alias);
    if (provider == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Identity Provider [%s] not found.", alias);
    if (sid == NULL || issuer == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "The logout names no session: sid and iss are needed");
    lk_status_t status = lk_upstream_load(req->arena, provider, &upstream, err);
    if (status != LK_OK)
        return status;
    json_t *claims = lk_json_own(req->arena, json_pack("{s:s, s:s?}", "iss", issuer, "tid", lk_entra_tenant(req->arena, issuer)));
    return upstream.type->is_oidc && lk_upstream_is_issuer(req->arena, &upstream, claims)
               ? LK_OK
               : lk_fail(err, LK_INVALID, "invalid_request", "The logout is not of that identity provider");
}

/* The provider's page calls it in a frame, where browsers keep cookies back: the session is the one whose `sid` is given, which
 * nobody knows but the provider and those whom it told. Clients that the browser has to tell are told by frames in that frame. */
lk_status_t lk_broker_frontchannel_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_frontchannel_t framed = {.is_framed = 1};
    const char *sid = lk_pairs_get(&req->query, "sid");
    lk_status_t status = lk_request_realm(req, &framed.realm, err);
    if (status != LK_OK || (status = check_caller(req, framed.realm, sid, lk_pairs_get(&req->query, "iss"), err)) != LK_OK)
        return status;
    lk_event_begin(req, framed.realm, LK_EVENT_LOGOUT);
    const json_t *claims = lk_json_own(req->arena, json_pack("{s:s}", "sid", sid));
    if ((status = end_sessions(req, framed.realm, req->params[1], claims, &framed, err)) != LK_OK)
        return status;
    lk_reply_text(reply, 200, "text/plain", "");
    if (framed.clients != NULL)
        status = lk_frontchannel_show(req, &framed, reply, err);
    lk_reply_set_header(reply, "cache-control", "no-store");
    lk_reply_set_header(reply, "x-frame-options", ""); /* framed by design */
    return status;
}
