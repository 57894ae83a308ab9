/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "token/token.h"

#define PURPOSE "authorization-code"

static const struct {
    const char *key;
    size_t offset;
} texts[] = {{"i", offsetof(lk_code_t, id)},
             {"s", offsetof(lk_code_t, sid)},
             {"c", offsetof(lk_code_t, client_uuid)},
             {"r", offsetof(lk_code_t, redirect_uri)},
             {"o", offsetof(lk_code_t, scope)},
             {"n", offsetof(lk_code_t, nonce)},
             {"h", offsetof(lk_code_t, code_challenge)},
             {"m", offsetof(lk_code_t, code_challenge_method)},
             {"j", offsetof(lk_code_t, jkt)},
             {"a", offsetof(lk_code_t, acr)}};
#define NUM_TEXTS (sizeof(texts) / sizeof(texts[0]))

char *lk_code_seal(lk_arena_t *arena, const lk_realm_t *realm, const lk_code_t *code)
{
    json_t *object = json_pack("{s:I, s:I}", "t", (json_int_t)code->auth_time, "e", (json_int_t)code->expires);
    for (size_t i = 0; i != NUM_TEXTS; ++i) {
        const char *text = *(const char *const *)((const char *)code + texts[i].offset);
        if (text != NULL)
            json_object_set_new(object, texts[i].key, json_string(text));
    }
    const char *text = lk_json_text(arena, lk_json_own(arena, object));
    return lk_printf(arena, "%s.%s.%s", code->id, code->sid, lk_seal(arena, realm->seal_secret, PURPOSE, text, strlen(text)));
}

lk_status_t lk_code_open(lk_arena_t *arena, const lk_realm_t *realm, const char *text, lk_code_t *ret_code, lk_error_t *err)
{
    const char *dot = strchr(text, '.'), *sealed = dot != NULL ? strchr(dot + 1, '.') : NULL;
    lk_bytes_t bytes;
    json_t *object;
    lk_code_t code = {0};
    if (sealed == NULL || lk_unseal(arena, realm->seal_secret, PURPOSE, sealed + 1, &bytes, NULL) != LK_OK ||
        lk_json_parse(arena, (const char *)bytes.base, bytes.len, &object, NULL) != LK_OK)
        return lk_fail(err, LK_INVALID, "invalid_grant", "Code not valid");
    for (size_t i = 0; i != NUM_TEXTS; ++i)
        *(const char **)((char *)&code + texts[i].offset) = lk_json_str(object, texts[i].key, NULL);
    code.auth_time = lk_json_int(object, "t", 0);
    code.expires = lk_json_int(object, "e", 0);
    if (code.id == NULL || code.sid == NULL || code.client_uuid == NULL)
        return lk_fail(err, LK_INVALID, "invalid_grant", "Code not valid");
    *ret_code = code;
    return LK_OK;
}
