/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "crypto/jwks.h"

#include <string.h>
#include "core/remote.h"
#include "crypto/jwe.h"

#define MAX_KEYS 64

typedef struct st_key_set_t {
    const lk_key_t *keys[MAX_KEYS];
    size_t count;
} key_set_t;

/* Keys that cannot be read (of types that nobody here knows) are left out, as RFC 7517 section 5 asks for. */
static void *read_set(lk_arena_t *arena, const json_t *document)
{
    const json_t *list = json_object_get(document, "keys");
    key_set_t *set = LK_NEW(arena, key_set_t);
    size_t i;
    json_t *jwk;
    if (!json_is_array(list))
        return NULL;
    json_array_foreach(list, i, jwk)
    {
        lk_key_t *key;
        if (set->count != MAX_KEYS && lk_key_from_jwk(arena, jwk, &key, NULL) == LK_OK)
            set->keys[set->count++] = key;
    }
    return set;
}

static lk_remote_t sets = LK_REMOTE(read_set);

static int is_for_signatures(const lk_key_t *key)
{
    return key->use == NULL || strcmp(key->use, "sig") == 0;
}

static int is_meant(const lk_jws_t *jws, const lk_key_t *key)
{
    return is_for_signatures(key) &&
           (jws->kid != NULL ? key->kid != NULL && strcmp(key->kid, jws->kid) == 0 : lk_jws_fits(jws, key));
}

static lk_status_t verify(lk_arena_t *arena, const key_set_t *set, const lk_jws_t *jws)
{
    lk_status_t status = LK_NOT_FOUND;
    for (size_t i = 0; i != set->count; ++i) {
        if (!is_meant(jws, set->keys[i]))
            continue;
        if (lk_jws_verify(jws, set->keys[i], NULL) == LK_OK) /* by the parsed key: libjwt would parse it for each token */
            return LK_OK;
        status = LK_INVALID;
    }
    return status;
}

static lk_status_t refuse(const lk_jws_t *jws, lk_status_t kind, const char *where, size_t count, lk_error_t *err)
{
    lk_fail(err, kind, NULL, "Invalid token signature");
    return lk_error_detail(err, "no key of %s verifies (alg %s, kid %s, %zu keys)", where, jws->alg != NULL ? jws->alg : "none",
                           jws->kid != NULL ? jws->kid : "none", count);
}

lk_status_t lk_jwks_verify(lk_arena_t *arena, const char *url, const lk_jws_t *jws, lk_error_t *err)
{
    const void *set = NULL;
    lk_status_t verified = LK_NOT_FOUND;
    for (int anew = 0; anew != 2; ++anew) {
        lk_status_t status = lk_remote_get(&sets, arena, url, anew, &set, err);
        if (status != LK_OK)
            return status;
        if ((verified = verify(arena, set, jws)) == LK_OK)
            return LK_OK;
    }
    return refuse(jws, verified, url, ((const key_set_t *)set)->count, err);
}

lk_status_t lk_jwks_reload(lk_arena_t *arena, const char *url, lk_error_t *err)
{
    const void *set;
    return lk_remote_get(&sets, arena, url, 1, &set, err);
}

lk_status_t lk_jwks_verify_with(lk_arena_t *arena, const json_t *object, const lk_jws_t *jws, lk_error_t *err)
{
    const key_set_t *set = read_set(arena, object);
    lk_status_t status = set != NULL ? verify(arena, set, jws) : LK_NOT_FOUND;
    return status == LK_OK ? LK_OK : refuse(jws, status, "the set", set != NULL ? set->count : 0, err);
}

/* --- keys to encrypt with --- */

static lk_status_t find_encryption_key(const key_set_t *set, const char *where, const char *alg, const lk_key_t **ret_key,
                                       lk_error_t *err)
{
    for (size_t i = 0; set != NULL && i != set->count; ++i) {
        const lk_key_t *key = set->keys[i];
        if (key->use == NULL || strcmp(key->use, "enc") != 0)
            continue;
        if (key->alg != NULL ? strcmp(key->alg, alg) == 0 : lk_jwe_alg_fits(alg, key)) {
            *ret_key = key;
            return LK_OK;
        }
    }
    lk_fail(err, LK_INVALID, NULL, "No key to encrypt with");
    return lk_error_detail(err, "%s has no key of use enc for %s", where, alg);
}

lk_status_t lk_jwks_encryption_key(lk_arena_t *arena, const char *url, const char *alg, const lk_key_t **ret_key, lk_error_t *err)
{
    const void *set = NULL;
    lk_status_t status = LK_INVALID;
    for (int anew = 0; status == LK_INVALID && anew != 2; ++anew) {
        status = lk_remote_get(&sets, arena, url, anew, &set, err);
        if (status == LK_OK)
            status = find_encryption_key(set, url, alg, ret_key, err);
    }
    return status;
}

lk_status_t lk_jwks_encryption_key_with(lk_arena_t *arena, const json_t *object, const char *alg, const lk_key_t **ret_key,
                                        lk_error_t *err)
{
    return find_encryption_key(read_set(arena, object), "the set", alg, ret_key, err);
}

int lk_jwks_is_settled(lk_arena_t *arena, const char *url, const lk_jws_t *jws)
{
    const void *set;
    if (!lk_remote_is_settled(&sets, url, 0))
        return 0;
    if (jws == NULL || lk_remote_get(&sets, arena, url, 0, &set, NULL) != LK_OK)
        return 1;
    return verify(arena, set, jws) == LK_OK || lk_remote_is_settled(&sets, url, 1);
}
