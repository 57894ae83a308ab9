/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <jwt.h>
#include <string.h>
#include <strings.h>
#include <openssl/err.h>
#include "crypto/internal.h"
#include "crypto/jws.h"

#define PEM_LINE 64 /* characters (RFC 7468 section 2) */

static lk_bytes_t public_pem(lk_arena_t *arena, const lk_key_t *key)
{
    size_t len = strlen(key->public_key);
    lk_buffer_t pem;

    lk_buffer_init(&pem, arena, 16384);
    lk_buffer_puts(&pem, "-----BEGIN PUBLIC KEY-----\n");
    for (size_t at = 0; at < len; at += PEM_LINE) {
        lk_buffer_append(&pem, key->public_key + at, len - at < PEM_LINE ? len - at : PEM_LINE);
        lk_buffer_putc(&pem, '\n');
    }
    lk_buffer_puts(&pem, "-----END PUBLIC KEY-----\n");
    return (lk_bytes_t){(const unsigned char *)pem.base, pem.len};
}

lk_status_t lk_jws_verify_foreign(lk_arena_t *arena, const lk_jws_t *jws, const lk_key_t *key, lk_error_t *err)
{
    const lk_alg_t *alg = lk_jws_accepted_alg(jws, key);
    lk_bytes_t key_text;
    jwt_t *jwt;
    int code;

    /* libjwt knows no RSA-PSS and no EdDSA, takes no type but JWT ("logout+jwt", "at+jwt"), and would take any key's text as an
     * HMAC secret where the header says so: the check of the key against the algorithm comes first. */
    if (alg == NULL || jwt_str_alg(alg->name) == JWT_ALG_INVAL || (jws->typ != NULL && strcasecmp(jws->typ, "JWT") != 0))
        return lk_jws_verify(jws, key, err);
    key_text = key->type == LK_KEY_OCT ? key->secret : public_pem(arena, key);
    code = jwt_decode(&jwt, jws->signing_input, key_text.base, (int)key_text.len);
    ERR_clear_error();
    if (code != 0) {
        lk_fail(err, LK_INVALID, NULL, "Invalid token");
        lk_error_detail(err, "libjwt: %s", strerror(code));
        return LK_INVALID;
    }
    jwt_free(jwt);
    return LK_OK;
}
