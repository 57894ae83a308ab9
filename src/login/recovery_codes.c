/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include "core/buffer.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/actions.h"
#include "login/authenticators.h"
#include "login/otp.h"
#include "login/page.h"

/* Recovery codes: twelve that are shown once, stored as SHA-512 as Keycloak stores them, and good in their order, each once. They
 * have 60 bits, so that a fast hash is enough. */

#define CODES 12
#define CODE_LENGTH 12
#define MAX_LABEL 255

/* --- setting them up --- */

/* 32 characters that nobody takes for one another. */
static const char *new_codes(lk_arena_t *arena)
{
    static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    unsigned char bytes[CODES * CODE_LENGTH];
    char *text = lk_alloc(arena, CODES * (CODE_LENGTH + 1)), *out = text;
    lk_random(bytes, sizeof(bytes));
    for (size_t i = 0; i != sizeof(bytes); ++i) {
        if (i != 0 && i % CODE_LENGTH == 0)
            *out++ = ',';
        *out++ = alphabet[bytes[i] % 32];
    }
    *out = '\0';
    OPENSSL_cleanse(bytes, sizeof(bytes));
    return text;
}

/* What comes back must be what was shown: the login keeps its hash. */
lk_status_t lk_recovery_codes_load(const lk_action_context_t *context, lk_error_t *err)
{
    (void)err;
    const char *codes = new_codes(context->req->arena), *at = codes;
    json_t *shown = json_array();
    for (int i = 0; i != CODES; ++i, at += CODE_LENGTH + 1)
        json_array_append_new(shown, json_string(lk_printf(context->req->arena, "%.4s-%.4s-%.4s", at, at + 4, at + 8)));
    json_object_set_new(context->model, "recoveryAuthnCodesConfigBean",
                        json_pack("{s:o, s:s, s:I}", "generatedRecoveryAuthnCodesList", shown,
                                  "generatedRecoveryAuthnCodesAsString", codes, "generatedAt", (json_int_t)lk_now_ms()));
    context->login->challenge = lk_sha256_base64url(context->req->arena, codes, strlen(codes));
    return LK_OK;
}

static const char *hash(lk_arena_t *arena, const char *code)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;
    EVP_Digest(code, strlen(code), digest, &len, EVP_sha512(), NULL);
    return lk_base64(arena, digest, len);
}

/* What the page posts back: twelve different codes. New reference, or NULL. */
static json_t *hashes_of(lk_arena_t *arena, const char *codes)
{
    json_t *list = json_array();
    if (codes == NULL || strlen(codes) != CODES * (CODE_LENGTH + 1) - 1)
        return json_decref(list), NULL;
    for (int i = 0; i != CODES; ++i, codes += CODE_LENGTH + 1) {
        const char *code = lk_strndup(arena, codes, CODE_LENGTH);
        if (strspn(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != CODE_LENGTH || (i + 1 != CODES && codes[CODE_LENGTH] != ',') ||
            strstr(codes + CODE_LENGTH, code) != NULL)
            return json_decref(list), NULL;
        json_array_append_new(list, json_pack("{s:i, s:s}", "number", i + 1, "encodedHashedValue", hash(arena, code)));
    }
    return list;
}

lk_status_t lk_recovery_codes_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const char *label = lk_pairs_get(&req->form, "userLabel"), *realm_id = context->realm->id, *user_id = context->user->id;
    const char *given = lk_pairs_get(&req->form, "generatedRecoveryAuthnCodes");
    int is_ours =
        given != NULL && lk_secret_equal(context->login->challenge, lk_sha256_base64url(req->arena, given, strlen(given)));
    json_t *codes = is_ours ? hashes_of(req->arena, given) : NULL;
    lk_rows_t rows;
    lk_event_detail(req, "credential_type", LK_RECOVERY_CODES);
    if (codes == NULL || (label != NULL && strlen(label) > MAX_LABEL)) {
        json_decref(codes);
        lk_page_message(context->model, "error", "recovery-codes-error-invalid", NULL);
        return LK_OK;
    }
    json_t *secret = lk_json_own(req->arena, json_pack("{s:o}", "codes", codes));
    json_t *data =
        lk_json_own(req->arena, json_pack("{s:s, s:i, s:i}", "algorithm", "SHA-512", "totalCodes", CODES, "remainingCodes", CODES));
    lk_status_t status =
        lk_query(req->app->sql, req->arena, LK_Q_CREDENTIALS_REMOVE, &rows, err, realm_id, user_id, LK_RECOVERY_CODES);
    if (status == LK_OK)
        status =
            lk_query(req->app->sql, req->arena, LK_Q_CREDENTIAL_INSERT, &rows, err, realm_id, user_id, lk_random_uuid(req->arena),
                     LK_RECOVERY_CODES, label, lk_printf(req->arena, "%lld", (long long)lk_now_ms()),
                     lk_json_text(req->arena, secret), lk_json_text(req->arena, data));
    *ret_done = status == LK_OK;
    return status;
}

/* --- signing in with one --- */

typedef struct st_codes_t {
    const char *id, *data_text;
    json_t *secret, *data, *next; /* next: the code whose turn it is, NULL where there is none */
} codes_t;

static lk_status_t load(const lk_walk_t *walk, codes_t *ret_codes, lk_error_t *err)
{
    const lk_request_t *req = walk->req;
    lk_rows_t rows;
    lk_status_t status =
        lk_query(req->app->sql, req->arena, LK_Q_CREDENTIALS_OF, &rows, err, walk->realm->id, walk->user->id, LK_RECOVERY_CODES);
    *ret_codes = (codes_t){0};
    if (status != LK_OK || rows.count == 0)
        return status;
    const char *secret = lk_row_str(&rows, 0, "secret_data"), *data = lk_row_str(&rows, 0, "credential_data");
    if (lk_json_parse(req->arena, secret, strlen(secret), &ret_codes->secret, NULL) != LK_OK ||
        lk_json_parse(req->arena, data, strlen(data), &ret_codes->data, NULL) != LK_OK)
        return LK_OK;
    ret_codes->id = lk_row_str(&rows, 0, "id");
    ret_codes->data_text = data;
    ret_codes->next = json_array_get(json_object_get(ret_codes->secret, "codes"), 0);
    return LK_OK;
}

static lk_status_t show(lk_walk_t *walk, const codes_t *codes, int refused, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    json_t *model = lk_walk_model(walk);
    json_object_set_new(
        model, "recoveryAuthnCodesInputBean",
        json_pack("{s:s}", "codeNumber", lk_printf(walk->req->arena, "%lld", (long long)lk_json_int(codes->next, "number", 1))));
    if (refused) {
        lk_event_user(walk->req, walk->user->id);
        lk_event_error(walk->req, "invalid_user_credentials");
        lk_page_field_message(model, "recoveryCodeInput", "recovery-codes-error-invalid", NULL);
    }
    return lk_walk_show(walk, "login-recovery-authn-code-input", model, ret_outcome, err);
}

lk_status_t lk_recovery_code_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    codes_t codes;
    lk_status_t status = load(walk, &codes, err);
    return status == LK_OK ? show(walk, &codes, 0, ret_outcome, err) : status;
}

/* As it was written down: with the hyphens of the page, or without, in any case. */
static const char *plain_code(lk_arena_t *arena, const char *given)
{
    char *code = lk_strdup(arena, given), *out = code;
    for (const char *at = code; *at != '\0'; ++at)
        if (*at != '-' && *at != ' ')
            *out++ = (char)toupper((unsigned char)*at);
    *out = '\0';
    return code;
}

/* The next one is good now. Of two requests with it at once one wins. */
static lk_status_t use(lk_walk_t *walk, codes_t *codes, int *ret_used, lk_error_t *err)
{
    const lk_request_t *req = walk->req;
    lk_rows_t rows;
    json_t *list = json_object_get(codes->secret, "codes");
    json_array_remove(list, 0);
    json_object_set_new(codes->data, "remainingCodes", json_integer((json_int_t)json_array_size(list)));
    lk_status_t status =
        lk_query(req->app->sql, req->arena, LK_Q_CREDENTIAL_CHANGE, &rows, err, walk->realm->id, walk->user->id, codes->id,
                 codes->data_text, lk_json_text(req->arena, codes->data), lk_json_text(req->arena, codes->secret));
    *ret_used = status == LK_OK && rows.count != 0;
    if (!*ret_used || json_array_size(list) != 0)
        return status;
    /* That was the last: they are gone, and the user makes new ones. */
    status = lk_query(req->app->sql, req->arena, LK_Q_CREDENTIALS_REMOVE, &rows, err, walk->realm->id, walk->user->id,
                      LK_RECOVERY_CODES);
    if (status == LK_OK)
        status =
            lk_user_add_required_action(req->app->sql, req->arena, walk->realm, walk->user->id, LK_CONFIGURE_RECOVERY_CODES, err);
    const lk_user_t *user = NULL;
    if (status == LK_OK)
        status = lk_user_by_id(req->app->sql, req->arena, walk->realm, walk->user->id, &user, err);
    if (user != NULL)
        lk_walk_set_user(walk, user);
    return status;
}

lk_status_t lk_recovery_code_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *given = lk_pairs_get(&walk->req->form, "recoveryCodeInput");
    codes_t codes;
    int taken, good = 0;
    lk_status_t status = lk_otp_take_try(walk->req, walk->realm, walk->user->id, &taken, err);
    if (status == LK_OK)
        status = load(walk, &codes, err);
    if (status != LK_OK)
        return status;
    if (taken && given != NULL && codes.next != NULL && strcmp(lk_json_str(codes.data, "algorithm", ""), "SHA-512") == 0 &&
        lk_secret_equal(lk_json_str(codes.next, "encodedHashedValue", NULL),
                        hash(walk->req->arena, plain_code(walk->req->arena, given))))
        status = use(walk, &codes, &good, err);
    if (status != LK_OK)
        return status;
    *ret_outcome = LK_FLOW_DONE;
    return good ? LK_OK : show(walk, &codes, 1, ret_outcome, err);
}
