/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "crypto/jwe.h"

#include <string.h>
#include <openssl/err.h>
#include "core/buffer.h"
#include "core/json.h"
#include "crypto/crypto.h"
#include "crypto/jwe_internal.h"

#define MAX_TOKEN (128 * 1024)        /* bytes of what others send */
#define MAX_SEALED (24 * 1024 * 1024) /* of what we write */
#define NUM_PARTS 5

static lk_status_t refuse(lk_error_t *err, const char *why)
{
    lk_fail(err, LK_INVALID, NULL, "Invalid token");
    return lk_error_detail(err, "%s", why), LK_INVALID;
}

lk_status_t lk_jwe_encrypt(lk_arena_t *arena, const lk_key_t *key, const char *alg, const char *enc, const char *cty,
                           const void *plain, size_t len, char **ret_token, lk_error_t *err)
{
    const lk_jwe_alg_t *management = lk_jwe_alg_find(alg);
    const lk_jwe_enc_t *encryption = lk_jwe_enc_find(enc);
    lk_bytes_t parts[NUM_PARTS - 1]; /* encrypted key, IV, ciphertext, tag */
    lk_buffer_t token;
    if (management == NULL || encryption == NULL || !lk_jwe_alg_fits(alg, key))
        return lk_fail(err, LK_INTERNAL, NULL, "Key cannot encrypt with %.20s and %.20s", alg, enc);
    lk_cek_t cek = {.len = lk_jwe_enc_key_len(encryption)};
    json_t *header = lk_json_own(arena, json_pack("{s:s, s:s}", "alg", alg, "enc", enc));
    if (cty != NULL)
        json_object_set_new(header, "cty", json_string(cty));
    if (key->kid != NULL)
        json_object_set_new(header, "kid", json_string(key->kid));
    int ok = lk_jwe_alg_seal(arena, management, key, enc, header, &cek, &parts[0]);
    lk_buffer_init(&token, arena, MAX_SEALED);
    const char *text = lk_json_text(arena, header);
    lk_buffer_puts(&token, lk_base64url(arena, text, strlen(text)));
    ok = ok && lk_jwe_enc_seal(arena, encryption, &cek, (lk_bytes_t){(const unsigned char *)token.base, token.len},
                               (lk_bytes_t){plain, len}, &parts[1], &parts[2], &parts[3]);
    lk_wipe(&cek, sizeof(cek));
    for (size_t i = 0; ok && i != NUM_PARTS - 1; ++i) {
        lk_buffer_putc(&token, '.');
        lk_buffer_puts(&token, lk_base64url(arena, parts[i].base, parts[i].len));
    }
    if (!ok || token.overflow)
        return lk_fail_openssl(err, LK_INTERNAL, "Encryption failed");
    *ret_token = token.base;
    return LK_OK;
}

int lk_jwe_is_one(const char *token)
{
    size_t dots = 0;
    for (; *token != '\0'; ++token)
        dots += *token == '.';
    return dots == NUM_PARTS - 1;
}

lk_status_t lk_jwe_parse(lk_arena_t *arena, const char *token, lk_jwe_t *ret_jwe, lk_error_t *err)
{
    lk_jwe_t jwe = {0};
    lk_bytes_t *const parts[] = {&jwe.encrypted_key, &jwe.iv, &jwe.ciphertext, &jwe.tag};
    if (strnlen(token, MAX_TOKEN + 1) > MAX_TOKEN || !lk_jwe_is_one(token))
        return refuse(err, "the token has not five parts, or is too long");
    jwe.aad = lk_strdup(arena, token);
    jwe.aad_len = strcspn(token, ".");
    lk_status_t status = lk_jose_object(arena, jwe.aad, jwe.aad_len, &jwe.header, err);
    if (status != LK_OK)
        return status;
    const char *at = jwe.aad + jwe.aad_len;
    for (size_t i = 0; i != NUM_PARTS - 1; ++i) {
        size_t len = strcspn(++at, ".");
        if (!lk_jose_part(arena, at, len, parts[i]))
            return refuse(err, "a part of the token is not base64url");
        at += len;
    }
    if (json_object_get(jwe.header, "crit") != NULL || json_object_get(jwe.header, "zip") != NULL)
        return refuse(err, "the header has critical extensions, or asks for compression");
    jwe.alg = lk_json_str(jwe.header, "alg", NULL);
    jwe.enc = lk_json_str(jwe.header, "enc", NULL);
    jwe.kid = lk_json_str(jwe.header, "kid", NULL);
    jwe.cty = lk_json_str(jwe.header, "cty", NULL);
    *ret_jwe = jwe;
    return LK_OK;
}

lk_status_t lk_jwe_decrypt(lk_arena_t *arena, const lk_jwe_t *jwe, const lk_key_t *key, lk_bytes_t *ret_plain, lk_error_t *err)
{
    const lk_jwe_alg_t *alg = lk_jwe_alg_find(jwe->alg);
    const lk_jwe_enc_t *enc = lk_jwe_enc_find(jwe->enc);
    if (alg == NULL || enc == NULL)
        return refuse(err, "an algorithm of the token is not known");
    if (!key->has_private || !lk_jwe_alg_fits(jwe->alg, key))
        return refuse(err, "the key does not go with the token's algorithm");
    lk_cek_t cek = {.len = lk_jwe_enc_key_len(enc)};
    int ok = lk_jwe_alg_open(arena, jwe, alg, key, &cek) && lk_jwe_enc_open(arena, enc, &cek, jwe, ret_plain);
    lk_wipe(&cek, sizeof(cek));
    ERR_clear_error();
    return ok ? LK_OK : refuse(err, "the token cannot be decrypted");
}
