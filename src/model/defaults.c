/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <string.h>
#include "core/buffer.h"
#include "core/embedded.h"

#define MAX_DEFAULTS (1024 * 1024)

/* A name as it stands inside a JSON string. */
static const char *json_inner(lk_arena_t *arena, const char *text)
{
    lk_buffer_t buffer;
    lk_buffer_init(&buffer, arena, MAX_DEFAULTS);
    lk_buffer_json_string(&buffer, text);
    return lk_strndup(arena, buffer.base + 1, buffer.len - 2);
}

static char *replace_all(lk_arena_t *arena, const char *text, const char *placeholder, const char *with)
{
    lk_buffer_t buffer;
    lk_buffer_init(&buffer, arena, MAX_DEFAULTS);
    for (const char *hit; (hit = strstr(text, placeholder)) != NULL; text = hit + strlen(placeholder)) {
        lk_buffer_append(&buffer, text, (size_t)(hit - text));
        lk_buffer_puts(&buffer, with);
    }
    lk_buffer_puts(&buffer, text);
    return buffer.overflow ? NULL : buffer.base;
}

lk_status_t lk_defaults_load(lk_arena_t *arena, const char *file, const char *realm_name, const json_t **ret_defaults,
                             lk_error_t *err)
{
    const lk_bytes_t *found = lk_embedded_find(lk_printf(arena, "conf/%s", file));
    if (found == NULL)
        return lk_fail(err, LK_INTERNAL, NULL, "%s is not compiled in", file);
    char *text = lk_strndup(arena, (const char *)found->base, found->len);
    text = replace_all(arena, text, "{realm}", json_inner(arena, realm_name));
    if (text != NULL)
        text = replace_all(arena, text, "{realm_lower}", json_inner(arena, lk_utf8_lower(arena, realm_name)));
    if (text == NULL)
        return lk_fail(err, LK_INVALID, "name", "$.realm: too long");
    json_t *value;
    lk_status_t status = lk_json_parse(arena, text, strlen(text), &value, err);
    if (status == LK_OK)
        *ret_defaults = value;
    return status;
}
