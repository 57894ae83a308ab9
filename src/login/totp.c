/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/buffer.h"
#include "core/json.h"
#include "core/qr.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/actions.h"
#include "login/otp.h"
#include "login/page.h"

/* Setting up one-time passwords by time (RFC 6238) or by counter (RFC 4226), as the realm's policy says. The secret is shown once
 * and stored when its first code is right. */

#define SECRET_SIZE 20
#define MAX_SECRET 128

static const char *base32(lk_arena_t *arena, const unsigned char *bytes, size_t len)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    char *text = lk_alloc(arena, len * 8 / 5 + 2), *out = text;
    unsigned bits = 0;
    int count = 0;
    for (size_t i = 0; i != len; ++i) {
        bits = bits << 8 | bytes[i];
        for (count += 8; count >= 5; count -= 5)
            *out++ = alphabet[bits >> (count - 5) & 31];
    }
    if (count > 0)
        *out++ = alphabet[bits << (5 - count) & 31];
    *out = '\0';
    return text;
}

static const char *algorithm_of(const lk_realm_t *realm)
{
    return realm->otp_policy_algorithm != NULL ? realm->otp_policy_algorithm : "HmacSHA1";
}

static int is_by_counter(const lk_realm_t *realm)
{
    return realm->otp_policy_type != NULL && strcmp(realm->otp_policy_type, "hotp") == 0;
}

/* *ret_counter: where the counter stands after it. */
static int is_code(const lk_realm_t *realm, const char *secret, const char *text, int64_t *ret_counter)
{
    *ret_counter = 0;
    if (is_by_counter(realm))
        *ret_counter = lk_otp_next_counter(secret, algorithm_of(realm), realm->otp_policy_digits, realm->otp_policy_initial_counter,
                                           realm->otp_policy_look_ahead, text);
    if (is_by_counter(realm))
        return *ret_counter >= 0;
    return lk_otp_matches(secret, algorithm_of(realm), realm->otp_policy_digits, realm->otp_policy_period,
                          realm->otp_policy_look_ahead, text);
}

static const char *in_fours(lk_arena_t *arena, const char *text)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, SIZE_MAX);
    for (size_t i = 0; text[i] != '\0'; ++i) {
        if (i != 0 && i % 4 == 0)
            lk_buffer_putc(&out, ' ');
        lk_buffer_putc(&out, text[i]);
    }
    return out.base;
}

/* What authenticator applications scan. */
static const char *key_uri(const lk_action_context_t *context, const char *encoded)
{
    const lk_realm_t *realm = context->realm;
    const char *issuer = realm->display_name != NULL && *realm->display_name != '\0' ? realm->display_name : realm->name;
    lk_buffer_t uri;
    lk_buffer_init(&uri, context->req->arena, SIZE_MAX);
    lk_buffer_printf(&uri, "otpauth://%s/", is_by_counter(realm) ? "hotp" : "totp");
    lk_buffer_percent(&uri, issuer);
    lk_buffer_putc(&uri, ':');
    lk_buffer_percent(&uri, context->user->username);
    lk_buffer_printf(&uri, "?secret=%s&digits=%lld&algorithm=%s&issuer=", encoded, (long long)realm->otp_policy_digits,
                     algorithm_of(realm) + strlen("Hmac"));
    lk_buffer_percent(&uri, issuer);
    if (is_by_counter(realm))
        lk_buffer_printf(&uri, "&counter=%lld", (long long)realm->otp_policy_initial_counter);
    else
        lk_buffer_printf(&uri, "&period=%lld", (long long)realm->otp_policy_period);
    return uri.base;
}

void lk_configure_totp_show(const lk_action_context_t *context)
{
    const lk_realm_t *realm = context->realm;
    lk_arena_t *arena = context->req->arena;
    const char *posted = lk_pairs_get(&context->req->form, "totpSecret");
    const char *secret = posted != NULL && strlen(posted) <= MAX_SECRET ? posted : lk_random_token(arena, SECRET_SIZE * 3 / 4);
    const char *encoded = base32(arena, (const unsigned char *)secret, strlen(secret));
    unsigned size = 0;
    const char *path = lk_qr_path(arena, key_uri(context, encoded), &size);
    json_object_set_new(context->model, "totp",
                        json_pack("{s:s, s:s, s:o*, s:{s:s, s:I, s:I}}", "totpSecret", secret, "totpSecretEncoded",
                                  in_fours(arena, encoded), "qrCode",
                                  path != NULL ? json_pack("{s:i, s:s}", "size", (int)size, "path", path) : NULL, "policy",
                                  "algorithm", algorithm_of(realm) + strlen("Hmac"), "digits", (json_int_t)realm->otp_policy_digits,
                                  "period", (json_int_t)realm->otp_policy_period));
}

lk_status_t lk_configure_totp_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const char *secret = lk_pairs_get(&req->form, "totpSecret"), *code = lk_pairs_get(&req->form, "totp"),
               *label = lk_pairs_get(&req->form, "userLabel");
    lk_rows_t rows;
    int64_t counter = 0;
    if (code == NULL || *code == '\0') {
        lk_page_field_message(context->model, "totp", "missingTotpMessage", NULL);
        return LK_OK;
    }
    if (secret == NULL || strlen(secret) > MAX_SECRET || !is_code(context->realm, secret, code, &counter)) {
        lk_page_field_message(context->model, "totp", "invalidTotpMessage", NULL);
        return LK_OK;
    }
    json_t *data = lk_json_own(
        req->arena, json_pack("{s:s, s:I, s:I, s:I, s:s}", "subType", is_by_counter(context->realm) ? "hotp" : "totp", "digits",
                              (json_int_t)context->realm->otp_policy_digits, "counter", (json_int_t)counter, "period",
                              (json_int_t)context->realm->otp_policy_period, "algorithm", algorithm_of(context->realm)));
    json_t *secret_data = lk_json_own(req->arena, json_pack("{s:s}", "value", secret));
    lk_status_t status =
        lk_query(req->app->sql, req->arena, LK_Q_CREDENTIAL_INSERT, &rows, err, context->realm->id, context->user->id,
                 lk_random_uuid(req->arena), "otp", label, lk_printf(req->arena, "%lld", (long long)lk_now_ms()),
                 lk_json_text(req->arena, secret_data), lk_json_text(req->arena, data));
    *ret_done = status == LK_OK;
    return status;
}
