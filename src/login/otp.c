/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include "core/json.h"
#include "core/time.h"
#include "login/otp.h"
#include "model/credential.h"

#define TRIES_A_MINUTE 3
#define MAX_DIGITS 10

static const EVP_MD *digest_of(const char *algorithm)
{
    return strcmp(algorithm, "HmacSHA512") == 0 ? EVP_sha512() : strcmp(algorithm, "HmacSHA256") == 0 ? EVP_sha256() : EVP_sha1();
}

/* RFC 4226 section 5.3. */
static int64_t code_at(const char *secret, const char *algorithm, int64_t digits, uint64_t counter)
{
    unsigned char message[8], mac[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    int64_t modulus = 1;
    for (int i = 7; i >= 0; --i, counter >>= 8)
        message[i] = (unsigned char)counter;
    if (HMAC(digest_of(algorithm), secret, (int)strlen(secret), message, sizeof(message), mac, &len) == NULL)
        return -1;
    const unsigned char *at = mac + (mac[len - 1] & 15);
    for (int64_t i = 0; i != digits; ++i)
        modulus *= 10;
    return (((int64_t)(at[0] & 0x7f) << 24) | at[1] << 16 | at[2] << 8 | at[3]) % modulus;
}

static int is_code(const char *code, int64_t digits)
{
    return digits >= 1 && digits <= MAX_DIGITS && (int64_t)strlen(code) == digits && strspn(code, "0123456789") == strlen(code);
}

int64_t lk_otp_next_counter(const char *secret, const char *algorithm, int64_t digits, int64_t counter, int64_t look_ahead,
                            const char *code)
{
    if (!is_code(code, digits) || counter < 0)
        return -1;
    int64_t given = strtoll(code, NULL, 10);
    for (int64_t i = 0; i <= look_ahead; ++i)
        if (code_at(secret, algorithm, digits, (uint64_t)(counter + i)) == given)
            return counter + i + 1;
    return -1;
}

int lk_otp_matches(const char *secret, const char *algorithm, int64_t digits, int64_t period, int64_t look_around, const char *code)
{
    int64_t step = lk_now() / (period > 0 ? period : 30);
    if (!is_code(code, digits))
        return 0;
    int64_t given = strtoll(code, NULL, 10);
    for (int64_t i = -look_around; i <= look_around; ++i)
        if (code_at(secret, algorithm, digits, (uint64_t)(step + i)) == given)
            return 1;
    return 0;
}

static lk_status_t load(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, lk_rows_t *ret_rows, lk_error_t *err)
{
    return lk_query(req->app->sql, req->arena, LK_Q_CREDENTIALS_OF, ret_rows, err, realm->id, user_id, LK_OTP_CREDENTIAL);
}

lk_status_t lk_otp_take_try(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, int *ret_taken, lk_error_t *err)
{
    int64_t minute = lk_now() / 60;
    lk_status_t status = LK_OK;
    *ret_taken = 0;
    for (int i = 0; i != TRIES_A_MINUTE && status == LK_OK && !*ret_taken; ++i)
        status = lk_use_once(req->app->sql, req->arena, realm, "otp-try",
                             lk_printf(req->arena, "%s %lld %d", user_id, (long long)minute, i), (minute + 2) * 60, NULL, ret_taken,
                             NULL, err);
    return status;
}

/* By counter: what was used once, and all before it, is used up. Of two at once one wins. */
static lk_status_t check_counter(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, const lk_rows_t *rows,
                                 int row, json_t *data, const char *secret, const char *code, int *ret_good, lk_error_t *err)
{
    lk_rows_t updated;
    int64_t next = lk_otp_next_counter(secret, lk_json_str(data, "algorithm", "HmacSHA1"), lk_json_int(data, "digits", 6),
                                       lk_json_int(data, "counter", 0), realm->otp_policy_look_ahead, code);
    if (next < 0)
        return LK_OK;
    json_object_set_new(data, "counter", json_integer(next));
    lk_status_t status =
        lk_query(req->app->sql, req->arena, LK_Q_CREDENTIAL_CHANGE, &updated, err, realm->id, user_id, lk_row_str(rows, row, "id"),
                 lk_row_str(rows, row, "credential_data"), lk_json_text(req->arena, data), NULL);
    *ret_good = status == LK_OK && updated.count != 0;
    return status;
}

static lk_status_t check_row(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, const lk_rows_t *rows, int row,
                             const char *code, int *ret_good, lk_error_t *err)
{
    json_t *secret, *data;
    const char *secret_text = lk_row_str(rows, row, "secret_data"), *data_text = lk_row_str(rows, row, "credential_data");
    if (lk_json_parse(req->arena, secret_text, strlen(secret_text), &secret, NULL) != LK_OK ||
        lk_json_parse(req->arena, data_text, strlen(data_text), &data, NULL) != LK_OK)
        return LK_OK;
    if (strcmp(lk_json_str(data, "subType", "totp"), "hotp") == 0)
        return check_counter(req, realm, user_id, rows, row, data, lk_json_str(secret, "value", ""), code, ret_good, err);
    *ret_good = lk_otp_matches(lk_json_str(secret, "value", ""), lk_json_str(data, "algorithm", "HmacSHA1"),
                               lk_json_int(data, "digits", 6), lk_json_int(data, "period", 30), realm->otp_policy_look_ahead, code);
    return LK_OK;
}

lk_status_t lk_otp_list(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, const char *chosen,
                        json_t **ret_list, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = load(req, realm, user_id, &rows, err);
    if (status != LK_OK)
        return status;
    int row = lk_credential_row(&rows, chosen), selected = row < 0 ? 0 : row;
    *ret_list = json_array();
    for (int i = 0; i != rows.count; ++i) {
        const char *label = lk_row_str(&rows, i, "user_label");
        json_array_append_new(*ret_list, json_pack("{s:s, s:s, s:b}", "id", lk_row_str(&rows, i, "id"), "userLabel",
                                                   label != NULL ? label : "", "selected", i == selected));
    }
    return LK_OK;
}

lk_status_t lk_otp_check(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, const char *code, int *ret_good,
                         lk_error_t *err)
{
    lk_rows_t rows;
    int taken, first = 1;
    *ret_good = 0;
    lk_status_t status = lk_otp_take_try(req, realm, user_id, &taken, err);
    if (status == LK_OK && taken)
        status = load(req, realm, user_id, &rows, err);
    if (status != LK_OK || !taken)
        return status;
    for (int i = 0; status == LK_OK && i != rows.count && !*ret_good; ++i)
        status = check_row(req, realm, user_id, &rows, i, code, ret_good, err);
    if (status == LK_OK && *ret_good && !realm->otp_policy_code_reusable)
        status = lk_use_once(req->app->sql, req->arena, realm, "otp-code", lk_printf(req->arena, "%s %s", user_id, code),
                             lk_now() + 300, NULL, &first, NULL, err);
    *ret_good = *ret_good && first;
    return status;
}
