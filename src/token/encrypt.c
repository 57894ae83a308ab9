/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "crypto/jwe.h"
#include "model/client_keys.h"
#include "token/token.h"

#define DEFAULT_ENC "A128CBC-HS256" /* OpenID Connect Registration section 2 */

/* What a client may have encrypted for it, by its attributes. */
static const struct {
    const char *alg, *enc;
    const char *fallback; /* where enc is missing; NULL: then nothing is encrypted, as in Keycloak */
} kinds[] = {
    [LK_ENCRYPT_ID] = {"id.token.encrypted.response.alg", "id.token.encrypted.response.enc", DEFAULT_ENC},
    [LK_ENCRYPT_USERINFO] = {"user.info.encrypted.response.alg", "user.info.encrypted.response.enc", DEFAULT_ENC},
    [LK_ENCRYPT_AUTHORIZATION] = {"authorization.encrypted.response.alg", "authorization.encrypted.response.enc", NULL},
};
#define NUM_KINDS (sizeof(kinds) / sizeof(kinds[0]))

static const char *enc_of(const lk_client_t *client, lk_encrypt_kind_t kind)
{
    const char *enc = lk_client_attribute(client, kinds[kind].enc, "");
    return *enc != '\0' ? enc : kinds[kind].fallback;
}

int lk_client_encrypts(const lk_client_t *client, lk_encrypt_kind_t kind)
{
    return *lk_client_attribute(client, kinds[kind].alg, "") != '\0' && enc_of(client, kind) != NULL;
}

lk_status_t lk_encryption_ready(const lk_request_t *req, const lk_client_t *client, lk_error_t *err)
{
    for (size_t i = 0; i != NUM_KINDS; ++i)
        if (lk_client_encrypts(client, (lk_encrypt_kind_t)i) && !lk_client_keys_ready(req, client))
            return lk_fail(err, LK_ELSEWHERE, "temporarily_unavailable", "Keys are being fetched");
    return LK_OK;
}

lk_status_t lk_encrypt_for(const lk_request_t *req, const lk_client_t *client, lk_encrypt_kind_t kind, const char *cty,
                           const char *text, size_t len, char **ret_token, lk_error_t *err)
{
    const char *alg = lk_client_attribute(client, kinds[kind].alg, ""), *enc = enc_of(client, kind);
    const lk_key_t *key;
    if (!lk_jwe_alg_is_known(alg) || !lk_jwe_enc_is_known(enc))
        return lk_fail(err, LK_INVALID, "invalid_client_metadata", "The client asks for an unknown encryption");
    lk_status_t status = lk_client_keys_encryption(req, client, alg, &key, err);
    if (status != LK_OK) {
        const char *reason = err != NULL ? lk_strdup(req->arena, err->detail) : "";
        lk_fail(err, LK_INVALID, "invalid_client_metadata", "The client has no key to encrypt for");
        return lk_error_detail(err, "%s", reason), LK_INVALID;
    }
    return lk_jwe_encrypt(req->arena, key, alg, enc, cty, text, len, ret_token, err);
}
