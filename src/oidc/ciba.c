/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "oidc/ciba.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include "core/fetch.h"
#include "core/json.h"
#include "core/time.h"
#include "model/device.h"
#include "oidc/auth_request.h"
#include "oidc/client_policy.h"
#include "oidc/oidc.h"

/* Client initiated backchannel authentication (OpenID Connect CIBA 1.0): the client asks for a user, the authentication channel (an
 * HTTP service of the operator's that reaches the user, Keycloak's "ciba-http-auth-channel") asks the user and says how it ended,
 * and the client polls, after a ping where it wants one. */

#define MAX_BINDING_MESSAGE 50
#define MAX_LIFESPAN 3600 /* seconds */
#define MAX_NOTIFICATION_TOKEN 1024
#define CHANNEL_TOKEN_TYPE "CIBA" /* not "Bearer": it opens nothing but the callback */

typedef struct st_ask_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *client;
    const lk_user_t *user;
    lk_auth_check_t check; /* the parameters, those of a signed request in front */
    const char *scope;     /* as asked for */
    lk_device_t row;
    int64_t lifespan;
} ask_t;

int lk_ciba_is_enabled(const lk_client_t *client)
{
    return lk_client_attribute_bool(client, "oidc.ciba.grant.enabled", 0);
}

static lk_status_t invalid(lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, "invalid_request", "%s", text);
}

static const char *parameter(const ask_t *ask, const char *name)
{
    return lk_pairs_get(&ask->check.parameters, name);
}

static int is_ping(const ask_t *ask)
{
    const char *realms = lk_json_config(ask->realm->attributes, "cibaBackchannelTokenDeliveryMode", "poll");
    return strcmp(lk_client_attribute(ask->client, "ciba.backchannel.token.delivery.mode", realms), "ping") == 0;
}

/* --- what the client asks for --- */

static int is_plain(const char *message)
{
    size_t len = strlen(message);
    for (size_t i = 0; i != len; ++i)
        if (!isalnum((unsigned char)message[i]) && strchr("-._+/!?#", message[i]) == NULL)
            return 0;
    return len != 0 && len <= MAX_BINDING_MESSAGE;
}

static lk_status_t read_lifespan(ask_t *ask, lk_error_t *err)
{
    const char *text = parameter(ask, "requested_expiry");
    char *end;
    ask->lifespan = lk_json_config_int(ask->realm->attributes, "cibaExpiresIn", 120);
    if (text == NULL)
        return LK_OK;
    errno = 0;
    long value = strtol(text, &end, 10);
    if (*text == '\0' || isspace((unsigned char)*text) || *end != '\0' || errno != 0 || value < INT32_MIN || value > INT32_MAX)
        return lk_fail(err, LK_INVALID, "invalid_request", "For input string: \"%.100s\"", text);
    if (value > 0) /* nonsense is passed over, as Keycloak does */
        ask->lifespan = value < MAX_LIFESPAN ? value : MAX_LIFESPAN;
    return LK_OK;
}

static lk_status_t read_notification(ask_t *ask, lk_error_t *err)
{
    const char *token = parameter(ask, "client_notification_token");
    if (!is_ping(ask))
        return token == NULL ? LK_OK : invalid(err, "Client Notification token supported only for the ping mode");
    if (token == NULL || *token == '\0')
        return invalid(err, "Client Notification token needs to be provided with the ping mode");
    if (strlen(token) > MAX_NOTIFICATION_TOKEN)
        return invalid(err, "Client Notification token length is limited to 1024 characters");
    if (lk_client_attribute(ask->client, "ciba.backchannel.client.notification.endpoint", NULL) == NULL)
        return invalid(err, "The client has no notification endpoint");
    ask->row.notification = token;
    return LK_OK;
}

static lk_status_t find_user(ask_t *ask, lk_error_t *err)
{
    const char *hint = parameter(ask, "login_hint");
    if (hint == NULL)
        return invalid(err, "missing parameter : login_hint");
    lk_status_t status = lk_user_by_login(ask->req->app->sql, ask->req->arena, ask->realm, hint, &ask->user, err);
    if (status != LK_OK)
        return status;
    return ask->user != NULL && ask->user->enabled ? LK_OK : invalid(err, "invalid_user");
}

static lk_status_t read_request(ask_t *ask, lk_error_t *err)
{
    lk_scopes_t scopes;
    const char *message = parameter(ask, "binding_message");
    ask->scope = parameter(ask, "scope");
    if (ask->scope == NULL)
        return invalid(err, "missing parameter : scope");
    lk_status_t status = lk_scopes_of_request(ask->req, ask->realm, ask->client, ask->scope, &scopes, err);
    if (status == LK_OK && message != NULL && !is_plain(message))
        status = lk_fail(err, LK_INVALID, "invalid_binding_message",
                         "the binding_message value has to be max 50 characters in length and must contain only basic plain-text "
                         "characters without spaces");
    if (status == LK_OK && parameter(ask, "user_code") != NULL)
        status = invalid(err, "User code not supported");
    if (status == LK_OK)
        status = read_notification(ask, err);
    if (status == LK_OK)
        status = read_lifespan(ask, err);
    if (status == LK_OK)
        status = find_user(ask, err);
    if (status != LK_OK)
        return status;
    ask->row.client_id = ask->client->id;
    ask->row.user_id = ask->user->id;
    ask->row.scope = ask->scope;
    ask->row.expires = lk_now() + ask->lifespan;
    ask->row.polling_interval = lk_json_config_int(ask->realm->attributes, "cibaInterval", 5);
    return LK_OK;
}

/* --- the authentication channel --- */

/* What the channel proves itself with when it calls back. */
static lk_status_t make_token(const ask_t *ask, char **ret_token, lk_error_t *err)
{
    const char *issuer = lk_realm_issuer(ask->req, ask->realm), *alg = ask->realm->default_signature_algorithm;
    lk_token_context_t context = {.req = ask->req, .realm = ask->realm, .client = ask->client};
    lk_buffer_t text;
    json_t *claims = json_pack("{s:I, s:I, s:s, s:s, s:s, s:s, s:s, s:s}", "exp", (json_int_t)ask->row.expires, "iat",
                               (json_int_t)lk_now(), "jti", ask->row.user_code, "iss", issuer, "aud", issuer, "sub", ask->user->id,
                               "typ", CHANNEL_TOKEN_TYPE, "azp", ask->client->client_id);
    lk_buffer_init(&text, ask->req->arena, SIZE_MAX);
    lk_buffer_puts(&text, lk_json_text(ask->req->arena, lk_json_own(ask->req->arena, claims)));
    return lk_token_sign(&context, alg != NULL && *alg != '\0' ? alg : "RS256", &text, ret_token, err);
}

static lk_status_t tell_channel(const ask_t *ask, lk_error_t *err)
{
    lk_arena_t *arena = ask->req->arena;
    lk_fetched_t answer = {0};
    lk_error_t failure = {0};
    char *token = NULL;
    lk_status_t status = make_token(ask, &token, err);
    if (status != LK_OK)
        return status;
    json_t *body =
        lk_json_own(arena, json_pack("{s:s*, s:s, s:s, s:b, s:s*}", "binding_message", parameter(ask, "binding_message"),
                                     "login_hint", parameter(ask, "login_hint"), "scope", ask->scope, "is_consent_required",
                                     ask->client->consent_required, "acr_values", parameter(ask, "acr_values")));
    lk_fetch_t call = {.url = ask->req->app->ciba_channel_uri,
                       .json = lk_json_text(arena, body),
                       .authorization = lk_printf(arena, "Bearer %s", token)};
    if (lk_fetch(arena, &call, &answer, &failure) == LK_OK && answer.status == 201)
        return LK_OK;
    if (failure.detail[0] == '\0')
        lk_error_detail(&failure, "it answers %ld, not 201", answer.status);
    status = lk_fail_http(err, LK_UNAVAILABLE, 503, "server_error", "Failed to send authentication request");
    lk_error_detail(err, "the authentication channel: %s", failure.detail);
    return status;
}

/* The request is stored first: the channel may call back before it has answered. */
lk_status_t lk_ciba_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    ask_t ask = {.req = req};
    lk_status_t status = lk_request_realm(req, &ask.realm, err);
    if (status != LK_OK || (status = lk_client_authenticate(req, ask.realm, &ask.client, err)) != LK_OK)
        return status;
    if (!lk_ciba_is_enabled(ask.client))
        return lk_fail_http(err, LK_DENIED, 401, "invalid_grant", "Client not allowed OIDC CIBA Grant");
    ask.check = (lk_auth_check_t){.req = req, .realm = ask.realm, .client = ask.client, .sent = req->form, .parameters = req->form};
    if ((status = lk_request_object_take_signed(&ask.check, err)) != LK_OK || (status = read_request(&ask, err)) != LK_OK ||
        (status = lk_client_policies_of_request(LK_POLICY_BACKCHANNEL, &ask.check, NULL, err)) != LK_OK)
        return status;
    if (req->app->ciba_channel_uri == NULL)
        return lk_fail_http(err, LK_UNAVAILABLE, 503, "server_error", "No authentication channel is configured");
    if ((status = lk_backchannel_create(req->app->sql, req->arena, ask.realm, &ask.row, err)) != LK_OK ||
        (status = tell_channel(&ask, err)) != LK_OK)
        return status;
    json_t *body = json_pack("{s:s, s:I}", "auth_req_id", ask.row.id, "expires_in", (json_int_t)ask.lifespan);
    if (ask.row.polling_interval > 0)
        json_object_set_new(body, "interval", json_integer(ask.row.polling_interval));
    lk_reply_set_header(reply, "cache-control", "no-store");
    lk_reply_json(reply, 200, body);
    return LK_OK;
}

/* --- how it ended --- */

static lk_status_t deny_callback(lk_error_t *err, int status)
{
    return lk_fail_http(err, LK_DENIED, status, "invalid_token", "Invalid token");
}

/* CIBA section 10.2. That the client cannot be reached is no failure of the channel's: it may poll all the same. */
static void ping(const lk_request_t *req, const lk_client_t *client, const lk_device_t *row)
{
    const char *url = lk_client_attribute(client, "ciba.backchannel.client.notification.endpoint", NULL);
    lk_error_t failure = {0};
    lk_fetched_t answer;
    if (url == NULL || row->notification == NULL)
        return;
    json_t *body = lk_json_own(req->arena, json_pack("{s:s}", "auth_req_id", row->id));
    lk_fetch_t call = {
        .url = url, .json = lk_json_text(req->arena, body), .authorization = lk_printf(req->arena, "Bearer %s", row->notification)};
    lk_status_t status = lk_fetch(req->arena, &call, &answer, &failure);
    if (status == LK_OK && answer.status / 100 != 2)
        lk_error_detail(&failure, "it answers %ld", answer.status);
    if ((status != LK_OK || answer.status / 100 != 2) && req->app->notice != NULL)
        req->app->notice(LK_LOG_WARN, "latchkey.oidc",
                         lk_printf(req->arena, "CIBA ping of client %s: %s", client->client_id, failure.detail));
}

lk_status_t lk_ciba_callback_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    static const char *const endings[] = {"SUCCEED", "UNAUTHORIZED", "CANCELLED"};
    const char *text = lk_request_bearer(req);
    const lk_realm_t *realm;
    const lk_client_t *client = NULL;
    lk_verified_t token;
    lk_device_t row;
    json_t *body = NULL;
    size_t ending = 0;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    if (text == NULL)
        return deny_callback(err, 401);
    if (lk_token_verify(req, realm, text, 0, &token, err) != LK_OK || token.jti == NULL || token.typ == NULL ||
        strcmp(token.typ, CHANNEL_TOKEN_TYPE) != 0)
        return deny_callback(err, 403);
    if (lk_json_parse(req->arena, (const char *)req->body.base, req->body.len, &body, NULL) != LK_OK)
        body = NULL;
    const char *said = lk_json_str(body, "status", "");
    while (ending != 3 && strcmp(endings[ending], said) != 0)
        ++ending;
    if (ending == 3)
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    if ((status = lk_backchannel_decide(req->app->sql, req->arena, realm, token.jti, ending == 0, &row, err)) != LK_OK)
        return status;
    if (row.id == NULL) /* decided already, fetched, or too late */
        return deny_callback(err, 403);
    if ((status = lk_realm_client_by_uuid(req->app->realms, realm, row.client_id, &client, err)) != LK_OK)
        return status;
    if (client != NULL)
        ping(req, client, &row);
    lk_reply_json(reply, 200, json_object());
    return LK_OK;
}
