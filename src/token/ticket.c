/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "crypto/jws.h"
#include "token/claims.h"
#include "token/token.h"

/* Permission tickets: signed with the realm's HMAC key, as refresh tokens are, and told apart from them by having no "typ" and no
 * "iss". */

#define MAX_TICKET 65536

lk_status_t lk_ticket_make(const lk_token_context_t *context, const json_t *permissions, const json_t *claims, char **ret_ticket,
                           lk_error_t *err)
{
    lk_arena_t *arena = context->req->arena;
    lk_claim_t ticket = {0};
    lk_buffer_t payload;
    lk_claims_set_number(arena, &ticket, "exp", context->now + context->realm->access_token_lifespan);
    lk_claims_set_number(arena, &ticket, "iat", context->now);
    lk_claims_set(arena, &ticket, "permissions", lk_json_text(arena, permissions));
    lk_claims_set_text(arena, &ticket, "jti", lk_random_uuid(arena));
    lk_claims_set_text(arena, &ticket, "aud", lk_realm_issuer(context->req, context->realm));
    lk_claims_set_text(arena, &ticket, "sub", context->user->id);
    lk_claims_set_text(arena, &ticket, "azp", context->client->client_id);
    if (json_object_size(claims) != 0)
        lk_claims_set(arena, &ticket, "claims", lk_json_text(arena, claims));
    lk_buffer_init(&payload, arena, MAX_TICKET);
    lk_claims_write(&ticket, &payload);
    if (payload.overflow)
        return lk_fail(err, LK_INVALID, "invalid_request", "The permission ticket would be larger than %d bytes", MAX_TICKET);
    return lk_token_sign(context, "HS512", &payload, ret_ticket, err);
}

static lk_status_t deny(lk_error_t *err, int status, const char *text, const char *reason)
{
    lk_fail_http(err, LK_DENIED, status, "invalid_ticket", "%s", text);
    return lk_error_detail(err, "the permission ticket: %s", reason);
}

lk_status_t lk_ticket_verify(const lk_request_t *req, const lk_realm_t *realm, const char *text, const json_t **ret_claims,
                             lk_error_t *err)
{
    static const char unverified[] = "Ticket verification failed";
    lk_jws_t jws;
    lk_error_t why = {0};
    if (lk_jws_parse(req->arena, text, &jws, &why) != LK_OK)
        return deny(err, 403, unverified, why.detail);
    const lk_key_t *key = jws.kid != NULL ? lk_realm_key_by_kid(realm, jws.kid) : NULL;
    if (key == NULL || key->type != LK_KEY_OCT || lk_jws_verify(&jws, key, NULL) != LK_OK)
        return deny(err, 403, unverified, "its signature is not the realm's");
    if (json_object_get(jws.claims, "typ") != NULL || !json_is_array(json_object_get(jws.claims, "permissions")) ||
        strcmp(lk_json_str(jws.claims, "aud", ""), lk_realm_issuer(req, realm)) != 0)
        return deny(err, 403, unverified, "it is another kind of token");
    if (lk_json_int(jws.claims, "exp", 0) <= lk_now() || lk_json_int(jws.claims, "iat", 0) < realm->not_before)
        return deny(err, 403, "Invalid permission ticket.", "expired");
    *ret_claims = jws.claims;
    return LK_OK;
}
