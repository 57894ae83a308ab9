/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "oidc/client_policy.h"
#include "oidc/oidc.h"

/* Token introspection (RFC 7662). */

static lk_status_t introspecting_client(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t **ret_client,
                                        lk_error_t *err)
{
    lk_status_t status = lk_client_authenticate(req, realm, ret_client, err);
    if (status == LK_DENIED && strcmp(err->code, "unauthorized_client") == 0) {
        lk_event_error(req, "invalid_client_credentials");
        lk_event_follow(req, LK_EVENT_INTROSPECT_TOKEN); /* Keycloak tells it twice */
        lk_event_detail(req, "detail", "Client authentication failed.");
        lk_event_error(req, "invalid_client");
        return lk_fail_http(err, LK_DENIED, 401, "invalid_client", "Client authentication failed.");
    }
    if (status == LK_OK && (*ret_client)->public_client)
        return lk_fail_http(err, LK_DENIED, 403, "invalid_request", "Client not allowed.");
    return status == LK_OK ? lk_client_policies_at(LK_POLICY_INTROSPECT, req, realm, *ret_client, err) : status;
}

static lk_status_t inactive(const lk_request_t *req, lk_reply_t *reply)
{
    lk_event_detail(req, "reason", "Access token JWT check failed");
    lk_event_error(req, "invalid_token");
    lk_reply_json(reply, 200, json_pack("{s:b}", "active", 0));
    lk_reply_set_header(reply, "cache-control", "no-cache");
    return LK_OK;
}

/* The claims once more, signed (Keycloak's "jwt"), where the client may have them and asks for them. */
static lk_status_t add_jwt(lk_token_context_t *context, const lk_client_t *client, json_t *extra, lk_error_t *err)
{
    const char *accept = lk_request_header(context->req, "accept");
    lk_buffer_t claims;
    char *token;
    if (accept == NULL || strstr(accept, "application/jwt") == NULL ||
        !lk_client_attribute_bool(client, "client.introspection.response.allow.jwt.claim.enabled", 0))
        return LK_OK;
    lk_buffer_init(&claims, context->req->arena, LK_MAX_REPLY_BODY);
    lk_status_t status = lk_token_claims(context, LK_TOKEN_INTROSPECTION, extra, &claims, err);
    if (status == LK_OK)
        status =
            lk_token_sign(context, lk_token_alg(context->realm, client, "access.token.signed.response.alg"), &claims, &token, err);
    if (status == LK_OK)
        json_object_set_new(extra, "jwt", json_string(token));
    return status;
}

static lk_status_t answer_active(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                 const lk_bearer_t *bearer, lk_reply_t *reply, lk_error_t *err)
{
    static const char *const copied[] = {"exp", "iat", "jti", "iss", "typ", "azp", "sid", "scope", "auth_time", "cnf"};
    lk_token_context_t context;
    lk_buffer_t claims;
    json_t *extra = lk_json_own(req->arena, json_object());
    for (size_t i = 0; i != sizeof(copied) / sizeof(copied[0]); ++i) {
        json_t *value = json_object_get(bearer->token.claims, copied[i]);
        if (value != NULL)
            json_object_set(extra, copied[i], value);
    }
    lk_bearer_context(req, realm, bearer, &context);
    lk_status_t status = add_jwt(&context, client, extra, err);
    if (status != LK_OK)
        return status;
    json_object_set_new(extra, "client_id", json_string(bearer->client->client_id));
    json_object_set_new(extra, "username", json_string(bearer->user->username));
    int has_key = json_object_get(json_object_get(bearer->token.claims, "cnf"), "jkt") != NULL;
    json_object_set_new(extra, "token_type", json_string(has_key ? "DPoP" : bearer->token.typ));
    json_object_set_new(extra, "active", json_true());
    lk_buffer_init(&claims, req->arena, LK_MAX_REPLY_BODY);
    if ((status = lk_token_claims(&context, LK_TOKEN_INTROSPECTION, extra, &claims, err)) != LK_OK)
        return status;
    if (!lk_bearer_is_for(&context, bearer, client->client_id))
        return inactive(req, reply);
    lk_event_user(req, bearer->user->id);
    lk_event_session(req, bearer->token.sid);
    lk_event_detail(req, "token_id", bearer->token.jti);
    lk_event_detail(req, "token_issued_for", bearer->client->client_id);
    lk_event_detail(req, "token_type", bearer->token.typ);
    lk_event_success(req);
    lk_reply_text(reply, 200, "application/json", claims.base);
    lk_reply_set_header(reply, "cache-control", "no-cache");
    return LK_OK;
}

/* What a resource server needs of a requesting party token (UMA 2.0 federated authorization, section 5.1.1), and nothing of the
 * party. */
static json_t *show_permissions(const lk_bearer_t *bearer)
{
    static const char *const copied[] = {"acr", "aud", "exp", "iat", "nbf", "jti", "typ"};
    const json_t *claims = bearer->token.claims, *given = json_object_get(json_object_get(claims, "authorization"), "permissions");
    json_t *shown = json_pack("{s:b}", "active", 1), *permission, *list = json_array();
    size_t i;
    for (i = 0; i != sizeof(copied) / sizeof(copied[0]); ++i)
        if (json_object_get(claims, copied[i]) != NULL)
            json_object_set(shown, copied[i], json_object_get(claims, copied[i]));
    json_array_foreach((json_t *)given, i, permission)
    {
        json_t *entry = json_copy(permission);
        if (json_object_get(permission, "rsid") != NULL) /* the names of the standard, beside Keycloak's */
            json_object_set(entry, "resource_id", json_object_get(permission, "rsid"));
        if (json_object_get(permission, "scopes") != NULL)
            json_object_set(entry, "resource_scopes", json_object_get(permission, "scopes"));
        json_array_append_new(list, entry);
    }
    if (given != NULL)
        json_object_set(shown, "permissions", list);
    json_decref(list);
    return shown;
}

static lk_status_t answer_permissions(const lk_request_t *req, const lk_client_t *client, const lk_bearer_t *bearer,
                                      lk_reply_t *reply)
{
    if (!lk_json_names(json_object_get(bearer->token.claims, "aud"), client->client_id))
        return inactive(req, reply);
    lk_event_user(req, bearer->user->id);
    lk_event_session(req, bearer->token.sid);
    lk_event_success(req);
    lk_reply_json(reply, 200, show_permissions(bearer));
    lk_reply_set_header(reply, "cache-control", "no-cache");
    return LK_OK;
}

lk_status_t lk_introspect_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_bearer_t bearer;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status == LK_OK)
        lk_event_begin(req, realm, LK_EVENT_INTROSPECT_TOKEN);
    if (status != LK_OK || (status = introspecting_client(req, realm, &client, err)) != LK_OK)
        return status;
    const char *token = lk_pairs_get(&req->form, "token");
    if (token == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Token not provided.");
    const char *hint = lk_pairs_get(&req->form, "token_type_hint");
    if (hint != NULL && strcmp(hint, "refresh_token") == 0) /* they are this server's own: nobody else is told about them */
        return inactive(req, reply);
    status = lk_bearer_check_any(req, realm, token, &bearer, err);
    if (status == LK_DENIED)
        return inactive(req, reply);
    if (status == LK_OK && hint != NULL && strcmp(hint, "requesting_party_token") == 0)
        return answer_permissions(req, client, &bearer, reply);
    return status != LK_OK ? status : answer_active(req, realm, client, &bearer, reply, err);
}
