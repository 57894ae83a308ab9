/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/actions.h"
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

static const EVP_MD *digest_of(const lk_realm_t *realm)
{
    const char *name = realm->otp_policy_algorithm != NULL ? realm->otp_policy_algorithm : "HmacSHA1";
    return strcmp(name, "HmacSHA512") == 0 ? EVP_sha512() : strcmp(name, "HmacSHA256") == 0 ? EVP_sha256() : EVP_sha1();
}

static long code_at(const lk_realm_t *realm, const char *secret, uint64_t counter)
{
    unsigned char message[8], mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    long modulus = 1;
    for (int i = 7; i >= 0; --i, counter >>= 8)
        message[i] = (unsigned char)counter;
    if (HMAC(digest_of(realm), secret, (int)strlen(secret), message, sizeof(message), mac, &len) == NULL)
        return -1;
    const unsigned char *at = mac + (mac[len - 1] & 15);
    for (int64_t i = 0; i != realm->otp_policy_digits; ++i)
        modulus *= 10;
    return (((long)(at[0] & 0x7f) << 24) | at[1] << 16 | at[2] << 8 | at[3]) % modulus;
}

static int is_code(const lk_realm_t *realm, const char *secret, const char *text)
{
    int64_t period = realm->otp_policy_period > 0 ? realm->otp_policy_period : 30, step = lk_now() / period;
    char *end;
    long given = strtol(text, &end, 10);
    if ((int64_t)strlen(text) != realm->otp_policy_digits || *end != '\0')
        return 0;
    for (int64_t i = -realm->otp_policy_look_ahead; i <= realm->otp_policy_look_ahead; ++i)
        if (code_at(realm, secret, (uint64_t)(step + i)) == given)
            return 1;
    return 0;
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
