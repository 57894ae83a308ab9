/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_USER_AGENT_H
#define LK_CORE_USER_AGENT_H

#include "core/arena.h"

#define LK_MAX_USER_AGENT 512 /* bytes that are looked at */

/* What a program says of itself in User-Agent, in the words that Keycloak's account REST API has for the common ones. */
typedef struct st_lk_user_agent_t {
    const char *browser; /* "Firefox/133.0"; "Other/Unknown" */
    const char *os, *os_version;
    const char *device; /* "Mac", "iPhone", "Pixel 7"; "Other" */
    int is_mobile;
} lk_user_agent_t;

/* `text` may be NULL. The strings are the arena's. */
lk_user_agent_t lk_user_agent_parse(lk_arena_t *arena, const char *text);

#endif
