/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "crypto/jwe.h"

static const struct {
    const char *name;
    lk_key_type_t key_type;
} algs[] = {{"RSA-OAEP", LK_KEY_RSA},      {"RSA-OAEP-256", LK_KEY_RSA},  {"RSA1_5", LK_KEY_RSA},       {"ECDH-ES", LK_KEY_EC},
            {"ECDH-ES+A128KW", LK_KEY_EC}, {"ECDH-ES+A192KW", LK_KEY_EC}, {"ECDH-ES+A256KW", LK_KEY_EC}};

int lk_jwe_alg_fits(const char *alg, const lk_key_t *key)
{
    for (size_t i = 0; i != sizeof(algs) / sizeof(algs[0]); ++i)
        if (strcmp(algs[i].name, alg) == 0)
            return algs[i].key_type == key->type;
    return 0;
}
