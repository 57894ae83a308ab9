/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CONFIG_OPTIONS_H
#define LK_CONFIG_OPTIONS_H

#include <stddef.h>
#include "config/settings.h"

typedef enum en_lk_option_type_t {
    LK_OPTION_NO_MEANING, /* Keycloak's, without meaning here: accepted and logged once */
    LK_OPTION_TEXT,
    LK_OPTION_BOOL,
    LK_OPTION_FLAG, /* on the command line without a value too */
    LK_OPTION_INT,
    LK_OPTION_PORT,     /* 0 to 65535; 0 takes a free one */
    LK_OPTION_PATH,     /* of a URL: begins with a slash */
    LK_OPTION_LEVELS,   /* "info,org.keycloak:debug" */
    LK_OPTION_DURATION, /* "10s", "500ms", "5m", "1h", "1d"; a bare number is seconds */
    LK_OPTION_CHOICE
} lk_option_type_t;

enum { LK_OPTION_SECRET = 1 };

typedef struct st_lk_option_t {
    const char *name; /* "http-port"; "log-level-<category>" stands for all that begin like it */
    lk_option_type_t type;
    const char *fallback; /* as if it had been given, or NULL */
    const char *allowed;  /* of a choice: "a,b" */
    unsigned flags;
    size_t offset; /* in lk_settings_t */
    const char *category, *help;
} lk_option_t;

extern const lk_option_t lk_options[];
extern const size_t lk_num_options;

/* By exact name, else by the part before a placeholder; NULL where there is none. */
const lk_option_t *lk_option_find(const char *name);
/* The known name with the fewest changes to this one. */
const char *lk_option_nearest(const char *name);

#endif
