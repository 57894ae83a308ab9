/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/broker.h"
#include "broker/state.h"
#include "core/json.h"
#include "core/time.h"
#include "model/federated.h"
#include "oidc/oidc.h"

/* GET /realms/{realm}/broker/{alias}/token: what the provider gave, for applications that talk to it in the user's name; refreshed
 * where it has expired. */

#define MIN_VALIDITY 5 /* seconds that a token should still be good for, unless the provider says otherwise */

/* With the headers of a good answer. */
static lk_status_t refuse(lk_reply_t *reply, int status, const char *text)
{
    lk_reply_json(reply, status, json_pack("{s:s}", "errorMessage", text));
    return LK_OK;
}

/* The caller's token names the role broker.read-token. */
static int may_read(const lk_verified_t *token)
{
    const json_t *roles = json_object_get(json_object_get(json_object_get(token->claims, "resource_access"), "broker"), "roles");
    size_t i;
    json_t *role;
    json_array_foreach((json_t *)roles, i, role)
    {
        if (json_is_string(role) && strcmp(json_string_value(role), "read-token") == 0)
            return 1;
    }
    return 0;
}

static int64_t expires_at(const json_t *stored, const json_t *answer)
{
    int64_t span = lk_json_int(answer, "expires_in", 0);
    return span > 0 ? lk_json_int(stored, "at", 0) + span : 0;
}

/* Trades the refresh token in, and keeps the answer with the link; the old refresh token where there is no new one. */
static lk_status_t refresh(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user, const lk_federated_t *link,
                           const json_t *old, json_t **ret_answer, lk_error_t *err)
{
    lk_upstream_t upstream;
    lk_upstream_tokens_t tokens;
    const char *refresh_token = lk_json_str(old, "refresh_token", "");
    const lk_pair_t grant[] = {{"grant_type", "refresh_token"}, {"refresh_token", refresh_token}};
    lk_status_t status = lk_upstream_load(req->arena, lk_realm_identity_provider(realm, link->alias), &upstream, err);
    if (status == LK_OK)
        status = lk_upstream_tokens(req, realm, &upstream, grant, 2, &tokens, err);
    if (status != LK_OK)
        return status;
    json_object_update_missing(tokens.answer, (json_t *)old);
    lk_federated_t renewed = *link;
    renewed.token = lk_broker_token_seal(req->arena, realm, lk_json_text(req->arena, tokens.answer));
    *ret_answer = tokens.answer;
    return lk_federated_update(req->app->sql, req->arena, realm, user->id, link->user_id, &renewed, err);
}

static lk_status_t answer(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user, const lk_federated_t *link,
                          lk_reply_t *reply, lk_error_t *err)
{
    const json_t *stored = lk_broker_token_open(req->arena, realm, link->token);
    json_t *given = lk_broker_token_answer(req->arena, stored), *renewed;
    lk_error_t reason = {0};
    int64_t expires = expires_at(stored, given);
    int64_t margin = lk_json_config_int(lk_realm_identity_provider(realm, link->alias)->config, "minValidityToken", MIN_VALIDITY);
    if (given == NULL)
        return refuse(reply, 400, "The identity provider's token is not there any more: sign in again.");
    if (expires != 0 && expires < lk_now() + margin && json_object_get(given, "refresh_token") != NULL) {
        if (refresh(req, realm, user, link, given, &renewed, &reason) == LK_OK) {
            given = renewed;
            expires = lk_now() + lk_json_int(given, "expires_in", 0);
        } else {
            lk_broker_note(req, realm, link->alias, "refresh of a stored token", &reason);
        }
    }
    if (expires != 0)
        json_object_set_new(given, "accessTokenExpiration", json_integer(expires));
    lk_reply_json(reply, 200, json_incref(given));
    return LK_OK;
}

lk_status_t lk_broker_token_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const char *token = lk_request_bearer(req), *alias = req->params[1];
    const lk_realm_t *realm;
    lk_bearer_t bearer;
    lk_federated_t *links;
    size_t count = 0;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    lk_reply_set_header(reply, "cache-control", "no-cache");
    if (token == NULL)
        return refuse(reply, 400, "Invalid token.");
    status = lk_bearer_check(req, realm, token, &bearer, err);
    if (status != LK_OK)
        return status == LK_DENIED ? refuse(reply, 400, "Invalid token.") : status;
    if ((status = lk_client_cors(req, bearer.client, reply, err)) != LK_OK)
        return status;
    if (!may_read(&bearer.token))
        return refuse(reply, 403,
                      lk_printf(req->arena, "Client [%s] not authorized to retrieve tokens from identity provider [%s].",
                                bearer.client->client_id, alias));
    const lk_identity_provider_t *provider = lk_realm_identity_provider(realm, alias);
    if (provider == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Identity Provider [%s] not found.", alias);
    if (!provider->store_token)
        return refuse(reply, 400, lk_printf(req->arena, "Identity Provider [%s] does not support this operation.", alias));
    status = lk_federated_links(req->app->sql, req->arena, realm, bearer.user->id, alias, &links, &count, err);
    if (status != LK_OK)
        return status;
    if (count == 0)
        return refuse(reply, 400,
                      lk_printf(req->arena, "User [%s] is not associated with identity provider [%s].", bearer.user->id, alias));
    return answer(req, realm, bearer.user, &links[0], reply, err);
}
