/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>
#include "core/pack.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "token/token.h"

#define PURPOSE "authorization-code"

#define MEMBER(key, kind, field)                                                                                                   \
    {                                                                                                                              \
        key, LK_PACK_##kind, offsetof(lk_code_t, field), 1                                                                         \
    }
static const lk_pack_t members[] = {
    MEMBER("i", TEXT, id),    MEMBER("s", TEXT, sid),   MEMBER("c", TEXT, client_uuid),    MEMBER("r", TEXT, redirect_uri),
    MEMBER("o", TEXT, scope), MEMBER("n", TEXT, nonce), MEMBER("h", TEXT, code_challenge), MEMBER("m", TEXT, code_challenge_method),
    MEMBER("j", TEXT, jkt),   MEMBER("a", TEXT, acr),   MEMBER("t", NUMBER, auth_time),    MEMBER("e", NUMBER, expires),
};
#define NUM_MEMBERS (sizeof(members) / sizeof(members[0]))

char *lk_code_seal(lk_arena_t *arena, const lk_realm_t *realm, const lk_code_t *code)
{
    return lk_printf(arena, "%s.%s.%s", code->id, code->sid,
                     lk_seal_json(arena, realm->seal_secret, PURPOSE, lk_pack(members, NUM_MEMBERS, 1, code)));
}

lk_status_t lk_code_open(lk_arena_t *arena, const lk_realm_t *realm, const char *text, lk_code_t *ret_code, lk_error_t *err)
{
    const char *dot = strchr(text, '.'), *sealed = dot != NULL ? strchr(dot + 1, '.') : NULL;
    json_t *packed = sealed != NULL ? lk_unseal_json(arena, realm->seal_secret, PURPOSE, sealed + 1) : NULL;
    lk_code_t code = {0};
    lk_unpack(members, NUM_MEMBERS, 1, &code, packed);
    if (code.id == NULL || code.sid == NULL || code.client_uuid == NULL)
        return lk_fail(err, LK_INVALID, "invalid_grant", "Code not valid");
    *ret_code = code;
    return LK_OK;
}
