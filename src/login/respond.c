/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "crypto/jws.h"
#include "login/events.h"
#include "login/page.h"
#include "login/respond.h"
#include "model/device.h"

#define MAX_PARAMETERS 16

typedef struct st_parameters_t {
    lk_pair_t entries[MAX_PARAMETERS];
    size_t count;
} parameters_t;

static void add(parameters_t *parameters, const char *name, const char *value)
{
    if (value != NULL && parameters->count != MAX_PARAMETERS)
        parameters->entries[parameters->count++] = (lk_pair_t){name, value};
}

/* --- response types and modes --- */

int lk_response_type_parse(const char *text, lk_response_type_t *ret_type)
{
    lk_response_type_t type = {0};
    struct {
        const char *word;
        int *flag;
    } words[] = {{"code", &type.code}, {"token", &type.token}, {"id_token", &type.id_token}, {"none", &type.none}};
    size_t found = 0;
    for (const char *at = text; *at != '\0';) {
        size_t len = strcspn(at, " "), i = 0;
        while (i != 4 && !(strlen(words[i].word) == len && memcmp(words[i].word, at, len) == 0))
            ++i;
        if (i == 4 || *words[i].flag)
            return -1;
        *words[i].flag = 1;
        ++found;
        at += len;
        at += strspn(at, " ");
    }
    if (found == 0 || (type.none && found != 1))
        return -1;
    *ret_type = type;
    return 0;
}

int lk_response_type_is_front_channel(const lk_response_type_t *type)
{
    return type->token || type->id_token;
}

typedef enum en_delivery_t { QUERY, FRAGMENT, FORM_POST } delivery_t;
/* delivery: -1 where the response type decides */
static const struct {
    const char *name;
    int delivery, jwt;
} modes[] = {{"query", QUERY, 0},     {"fragment", FRAGMENT, 0},     {"form_post", FORM_POST, 0},    {"jwt", -1, 1},
             {"query.jwt", QUERY, 1}, {"fragment.jwt", FRAGMENT, 1}, {"form_post.jwt", FORM_POST, 1}};
#define NUM_MODES (sizeof(modes) / sizeof(modes[0]))

int lk_response_mode_is_known(const char *mode)
{
    for (size_t i = 0; i != NUM_MODES; ++i)
        if (strcmp(modes[i].name, mode) == 0)
            return 1;
    return 0;
}

static delivery_t delivery_of(const lk_auth_request_t *auth, int *ret_jwt)
{
    lk_response_type_t type = {0};
    if (auth->response_type != NULL)
        lk_response_type_parse(auth->response_type, &type);
    delivery_t fallback = lk_response_type_is_front_channel(&type) ? FRAGMENT : QUERY;
    *ret_jwt = 0;
    for (size_t i = 0; auth->response_mode != NULL && i != NUM_MODES; ++i)
        if (strcmp(modes[i].name, auth->response_mode) == 0) {
            *ret_jwt = modes[i].jwt;
            return modes[i].delivery == -1 ? fallback : (delivery_t)modes[i].delivery;
        }
    return fallback;
}

/* --- delivery --- */

/* JWT Secured Authorization Response Mode: the parameters become claims of one signed parameter. */
static lk_status_t wrap_in_jwt(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                               parameters_t *parameters, lk_error_t *err)
{
    const char *alg = lk_token_alg(realm, client, "authorization.signed.response.alg");
    lk_token_context_t context = {.req = req, .realm = realm, .client = client};
    lk_buffer_t claims;
    char *token;
    lk_buffer_init(&claims, req->arena, 262144);
    lk_buffer_printf(&claims, "{\"exp\":%lld,\"iss\":", (long long)(lk_now() + realm->access_code_lifespan));
    lk_buffer_json_string(&claims, lk_realm_issuer(req, realm));
    lk_buffer_puts(&claims, ",\"aud\":");
    lk_buffer_json_string(&claims, client->client_id);
    for (size_t i = 0; i != parameters->count; ++i) {
        if (strcmp(parameters->entries[i].name, "iss") == 0)
            continue;
        lk_buffer_putc(&claims, ',');
        lk_buffer_json_string(&claims, parameters->entries[i].name);
        lk_buffer_putc(&claims, ':');
        lk_buffer_json_string(&claims, parameters->entries[i].value);
    }
    lk_buffer_putc(&claims, '}');
    lk_status_t status = lk_token_sign(&context, alg, &claims, &token, err);
    if (status == LK_OK && lk_client_encrypts(client, LK_ENCRYPT_AUTHORIZATION))
        status = lk_encrypt_for(req, client, LK_ENCRYPT_AUTHORIZATION, "JWT", token, strlen(token), &token, err);
    if (status == LK_OK) {
        parameters->count = 0;
        add(parameters, "response", token);
    }
    return status;
}

static const char *redirect_location(const lk_request_t *req, const char *redirect_uri, const parameters_t *parameters,
                                     int fragment)
{
    lk_buffer_t location;
    const char *hash = strchr(redirect_uri, '#');
    size_t base_len = hash == NULL ? strlen(redirect_uri) : (size_t)(hash - redirect_uri);
    lk_buffer_init(&location, req->arena, 1048576);
    lk_buffer_append(&location, redirect_uri, base_len);
    char separator = fragment ? '#' : memchr(redirect_uri, '?', base_len) != NULL ? '&' : '?';
    for (size_t i = 0; i != parameters->count; ++i, separator = '&') {
        lk_buffer_putc(&location, separator);
        lk_buffer_puts(&location, parameters->entries[i].name);
        lk_buffer_putc(&location, '=');
        lk_buffer_form(&location, parameters->entries[i].value);
    }
    if (hash != NULL && !fragment)
        lk_buffer_puts(&location, hash);
    return location.base;
}

/* The order in which Keycloak's form_post page lists its fields. */
static const char *const form_order[] = {
    "iss",   "access_token", "token_type",        "expires_in",    "id_token", "code", "kc_action", "kc_action_status",
    "state", "error",        "error_description", "session_state", "response"};

static void post_form(const lk_request_t *req, const lk_realm_t *realm, const char *redirect_uri, const parameters_t *parameters,
                      lk_reply_t *reply)
{
    json_t *model = lk_page_model(req, realm, NULL, NULL), *fields = json_array();
    for (size_t order = 0; order != sizeof(form_order) / sizeof(form_order[0]); ++order)
        for (size_t i = 0; i != parameters->count; ++i)
            if (strcmp(parameters->entries[i].name, form_order[order]) == 0)
                json_array_append_new(fields,
                                      json_pack("{s:s, s:s}", "name", form_order[order], "value", parameters->entries[i].value));
    json_object_set_new(model, "post", json_pack("{s:s, s:o}", "action", redirect_uri, "parameters", fields));
    lk_page_show(req, realm, 200, "form-post", model, reply);
    reply->content_type = "text/html";
}

static lk_status_t deliver(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                           const lk_auth_request_t *auth, parameters_t *parameters, lk_reply_t *reply, lk_error_t *err)
{
    int jwt;
    lk_status_t status = LK_OK;
    delivery_t delivery = delivery_of(auth, &jwt);
    if (jwt && (status = wrap_in_jwt(req, realm, client, parameters, err)) != LK_OK)
        return status;
    if (delivery == FORM_POST)
        post_form(req, realm, auth->redirect_uri, parameters, reply);
    else
        lk_reply_redirect(reply, 302, redirect_location(req, auth->redirect_uri, parameters, delivery == FRAGMENT));
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

static const char *issuer_parameter(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client)
{
    return lk_client_attribute_bool(client, "exclude.issuer.from.auth.response", 0) ? NULL : lk_realm_issuer(req, realm);
}

/* There is nobody to redirect to: the device asks, and the browser shows how it ended. */
static lk_status_t tell_device(const lk_request_t *req, const lk_realm_t *realm, const lk_auth_request_t *auth,
                               const lk_session_t *session, const char *error, lk_reply_t *reply, lk_error_t *err)
{
    lk_status_t status =
        lk_device_decide(req->app->sql, req->arena, realm, auth->device_id, session != NULL ? session->id : NULL, err);
    if (status != LK_OK)
        return status;
    lk_reply_redirect(reply, 302,
                      lk_printf(req->arena, "%s/device/status%s%s", lk_realm_issuer(req, realm), error != NULL ? "?error=" : "",
                                error != NULL ? error : ""));
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

lk_status_t lk_login_redirect_error(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                    const lk_auth_request_t *auth, const char *error, const char *description, lk_reply_t *reply,
                                    lk_error_t *err)
{
    parameters_t parameters = {.count = 0};
    lk_login_event_redirect(req, auth, error, description);
    if (auth->device_id != NULL)
        return tell_device(req, realm, auth, NULL, error, reply, err);
    add(&parameters, "error", error);
    add(&parameters, "error_description", description);
    add(&parameters, "state", auth->state);
    add(&parameters, "iss", issuer_parameter(req, realm, client));
    return deliver(req, realm, client, auth, &parameters, reply, err);
}

/* --- success --- */

static const char *seal_code(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                             const lk_auth_request_t *auth, const lk_session_t *session, const char *acr, int64_t auth_time)
{
    lk_code_t code = {.id = lk_random_uuid(req->arena),
                      .sid = session->id,
                      .client_uuid = client->id,
                      .redirect_uri = auth->redirect_uri_was_given ? auth->redirect_uri : NULL,
                      .scope = auth->scope,
                      .nonce = auth->nonce,
                      .code_challenge = auth->code_challenge,
                      .code_challenge_method = auth->code_challenge_method,
                      .jkt = auth->dpop_jkt,
                      .acr = acr,
                      .auth_time = auth_time,
                      .expires = lk_now() + realm->access_code_lifespan};
    return lk_code_seal(req->arena, realm, &code);
}

/* The tokens that leave by the front channel, into the parameters. */
static lk_status_t add_tokens(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                              const lk_auth_request_t *auth, lk_token_context_t *context, const lk_response_type_t *type,
                              const char *code, parameters_t *parameters, lk_error_t *err)
{
    char *access_token = NULL, *id_token = NULL;
    int64_t expires_in = 0;
    lk_status_t status = lk_scopes_of_request(req, realm, client, auth->scope, &context->scopes, err);
    if (status != LK_OK)
        return status;
    context->nonce = auth->nonce;
    lk_token_prepare(context);
    if (type->token && (status = lk_token_access(context, &access_token, &expires_in, err)) != LK_OK)
        return status;
    if (type->id_token && (status = lk_token_id(context, access_token, code, auth->state, &id_token, err)) != LK_OK)
        return status;
    add(parameters, "id_token", id_token);
    if (access_token != NULL) {
        add(parameters, "access_token", access_token);
        add(parameters, "token_type", "Bearer");
        add(parameters, "expires_in", lk_printf(req->arena, "%lld", (long long)expires_in));
    }
    return LK_OK;
}

lk_status_t lk_login_respond(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                             const lk_auth_request_t *auth, const lk_user_t *user, const lk_session_t *session,
                             const lk_client_session_t *client_session, const char *acr, int64_t auth_time, lk_reply_t *reply,
                             lk_error_t *err)
{
    parameters_t parameters = {.count = 0};
    lk_response_type_t type = {0};
    lk_status_t status;
    if (auth->device_id != NULL)
        return tell_device(req, realm, auth, session, NULL, reply, err);
    lk_response_type_parse(auth->response_type, &type);
    const char *code = type.code ? seal_code(req, realm, client, auth, session, acr, auth_time) : NULL;
    add(&parameters, "state", auth->state);
    if (!lk_client_attribute_bool(client, "exclude.session.state.from.auth.response", 0))
        add(&parameters, "session_state", session->id);
    add(&parameters, "iss", issuer_parameter(req, realm, client));
    if (auth->kc_action_status != NULL) {
        add(&parameters, "kc_action",
            auth->kc_action != NULL ? lk_strndup(req->arena, auth->kc_action, strcspn(auth->kc_action, ":")) : NULL);
        add(&parameters, "kc_action_status", auth->kc_action_status);
    }
    add(&parameters, "code", code);
    if (lk_response_type_is_front_channel(&type)) {
        lk_token_context_t context = {.req = req,
                                      .realm = realm,
                                      .client = client,
                                      .user = user,
                                      .session = session,
                                      .client_session = client_session,
                                      .grant = type.code ? LK_GRANT_HYBRID : LK_GRANT_IMPLICIT,
                                      .auth_time = auth_time,
                                      .acr = acr,
                                      .now = lk_now()};
        if ((status = add_tokens(req, realm, client, auth, &context, &type, code, &parameters, err)) != LK_OK)
            return status;
    }
    return deliver(req, realm, client, auth, &parameters, reply, err);
}
