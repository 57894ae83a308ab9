/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/actions.h"
#include "login/otp.h"
#include "login/page.h"

/* Setting up one-time passwords by time (RFC 6238). The secret is shown once and stored when its first code is right. */

#define SECRET_SIZE 20

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

static int is_code(const lk_realm_t *realm, const char *secret, const char *text)
{
    return lk_otp_matches(secret, realm->otp_policy_algorithm != NULL ? realm->otp_policy_algorithm : "HmacSHA1",
                          realm->otp_policy_digits, realm->otp_policy_period, realm->otp_policy_look_ahead, text);
}

void lk_configure_totp_show(const lk_action_context_t *context)
{
    const lk_realm_t *realm = context->realm;
    const char *posted = lk_pairs_get(&context->req->form, "totpSecret");
    const char *secret = posted != NULL ? posted : lk_random_token(context->req->arena, SECRET_SIZE * 3 / 4);
    json_object_set_new(context->model, "totp",
                        json_pack("{s:s, s:s, s:s, s:b, s:{s:s, s:s, s:I, s:I}}", "totpSecret", secret, "totpSecretEncoded",
                                  base32(context->req->arena, (const unsigned char *)secret, strlen(secret)), "mode", "manual",
                                  "showPeriod", 1, "policy", "type", "totp", "algorithm",
                                  realm->otp_policy_algorithm != NULL ? realm->otp_policy_algorithm : "HmacSHA1", "digits",
                                  (json_int_t)realm->otp_policy_digits, "period", (json_int_t)realm->otp_policy_period));
}

lk_status_t lk_configure_totp_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const char *secret = lk_pairs_get(&req->form, "totpSecret"), *code = lk_pairs_get(&req->form, "totp"),
               *label = lk_pairs_get(&req->form, "userLabel");
    lk_rows_t rows;
    if (secret == NULL || strlen(secret) > 128 || code == NULL || !is_code(context->realm, secret, code)) {
        lk_page_field_message(context->model, "totp", "invalidTotpMessage", NULL);
        return LK_OK;
    }
    json_t *data = lk_json_own(
        req->arena,
        json_pack("{s:s, s:I, s:i, s:I, s:s}", "subType", "totp", "digits", (json_int_t)context->realm->otp_policy_digits,
                  "counter", 0, "period", (json_int_t)context->realm->otp_policy_period, "algorithm",
                  context->realm->otp_policy_algorithm != NULL ? context->realm->otp_policy_algorithm : "HmacSHA1"));
    json_t *secret_data = lk_json_own(req->arena, json_pack("{s:s}", "value", secret));
    lk_status_t status = lk_query(req->app->sql, req->arena, LK_Q_TOTP_INSERT, &rows, err, context->realm->id, context->user->id,
                                  lk_random_uuid(req->arena), label, lk_printf(req->arena, "%lld", (long long)lk_now_ms()),
                                  lk_json_text(req->arena, secret_data), lk_json_text(req->arena, data));
    *ret_done = status == LK_OK;
    return status;
}
