/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/entra.h"
#include "broker/upstream.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "crypto/jws.h"

/* How this client proves who it is at the provider's token endpoint: one row a method of clientAuthMethod. */

#define ASSERTION_SPAN 60 /* seconds */
#define ASSERTION_TYPE "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

typedef struct st_call_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_upstream_t *upstream;
    lk_buffer_t *form;
    const char **authorization;
} call_t;

static void add(const call_t *call, const char *name, const char *value)
{
    lk_buffer_printf(call->form, "%s%s=", call->form->len != 0 ? "&" : "", name);
    lk_buffer_form(call->form, value);
}

static const char *secret_of(const call_t *call)
{
    return call->upstream->client_secret != NULL ? call->upstream->client_secret : "";
}

/* --- secrets --- */

static lk_status_t by_post(const call_t *call, lk_error_t *err)
{
    (void)err;
    add(call, "client_id", call->upstream->client_id);
    if (call->upstream->client_secret != NULL)
        add(call, "client_secret", call->upstream->client_secret);
    return LK_OK;
}

static lk_status_t by_basic_text(const call_t *call, const char *id, const char *secret)
{
    const char *text = lk_printf(call->req->arena, "%s:%s", id, secret);
    *call->authorization = lk_printf(call->req->arena, "Basic %s", lk_base64(call->req->arena, text, strlen(text)));
    return LK_OK;
}

/* RFC 6749 section 2.3.1: encoded before they are joined. */
static lk_status_t by_basic(const call_t *call, lk_error_t *err)
{
    (void)err;
    return by_basic_text(call, lk_upstream_encoded(call->req->arena, call->upstream->client_id),
                         lk_upstream_encoded(call->req->arena, secret_of(call)));
}

static lk_status_t by_basic_unencoded(const call_t *call, lk_error_t *err)
{
    (void)err;
    return by_basic_text(call, call->upstream->client_id, secret_of(call));
}

/* --- assertions (RFC 7523) --- */

static lk_status_t add_assertion(const call_t *call, const lk_key_t *key, const char *alg, lk_error_t *err)
{
    const lk_upstream_t *upstream = call->upstream;
    lk_arena_t *arena = call->req->arena;
    int64_t now = lk_now();
    char *token;
    const char *audience = upstream->assertion_audience != NULL ? upstream->assertion_audience : upstream->token_url;
    const char *claims = lk_json_text(
        arena, lk_json_own(arena, json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "iss", upstream->client_id, "sub",
                                            upstream->client_id, "aud", audience, "jti", lk_random_uuid(arena), "iat",
                                            (json_int_t)now, "nbf", (json_int_t)now, "exp", (json_int_t)(now + ASSERTION_SPAN))));
    lk_status_t status = lk_jws_sign(arena, key, alg, "JWT", claims, strlen(claims), &token, err);
    if (status != LK_OK)
        return status;
    add(call, "client_id", upstream->client_id);
    add(call, "client_assertion_type", ASSERTION_TYPE);
    add(call, "client_assertion", token);
    return LK_OK;
}

static lk_status_t by_secret_jwt(const call_t *call, lk_error_t *err)
{
    const char *alg = call->upstream->assertion_alg != NULL ? call->upstream->assertion_alg : "HS256";
    lk_bytes_t secret = {(const unsigned char *)secret_of(call), strlen(secret_of(call))};
    return add_assertion(call, lk_key_from_secret(call->req->arena, NULL, secret, alg, "sig"), alg, err);
}

static lk_status_t by_private_key(const call_t *call, lk_error_t *err)
{
    const char *alg = call->upstream->assertion_alg != NULL ? call->upstream->assertion_alg : "RS256";
    const lk_key_t *key = lk_realm_signing_key(call->realm, alg);
    if (key == NULL)
        return lk_fail(err, LK_INTERNAL, NULL, "The realm has no active key for %s", alg);
    if (!call->upstream->x509_header || key->type != LK_KEY_RSA)
        return add_assertion(call, key, alg, err);
    lk_key_t shown = *key; /* Entra knows certificates by their thumbprint */
    shown.x5t = lk_json_str(lk_json_own(call->req->arena, lk_key_to_jwk(call->req->arena, key)), "x5t", NULL);
    return add_assertion(call, &shown, alg, err);
}

/* The pod's own token in place of a secret (workload identity). */
static lk_status_t by_workload(const call_t *call, lk_error_t *err)
{
    const char *token;
    lk_status_t status = lk_entra_workload_token(call->req->arena, &token, err);
    if (status != LK_OK)
        return status;
    add(call, "client_id", call->upstream->client_id);
    add(call, "client_assertion_type", ASSERTION_TYPE);
    add(call, "client_assertion", token);
    return LK_OK;
}

static const struct {
    const char *name;
    lk_status_t (*add)(const call_t *call, lk_error_t *err);
} methods[] = {{"client_secret_post", by_post},
               {"client_secret_basic", by_basic},
               {"client_secret_basic_unencoded", by_basic_unencoded},
               {"client_secret_jwt", by_secret_jwt},
               {"private_key_jwt", by_private_key}};

lk_status_t lk_upstream_authenticate(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                                     lk_buffer_t *form, const char **ret_authorization, lk_error_t *err)
{
    const call_t call = {req, realm, upstream, form, ret_authorization};
    if (lk_entra_uses_workload(upstream))
        return by_workload(&call, err);
    for (size_t i = 0; i != sizeof(methods) / sizeof(methods[0]); ++i)
        if (strcmp(methods[i].name, upstream->client_auth) == 0)
            return methods[i].add(&call, err);
    return lk_fail(err, LK_INTERNAL, NULL, "clientAuthMethod %s is not known", upstream->client_auth);
}
