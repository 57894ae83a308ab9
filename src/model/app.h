/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_APP_H
#define LK_MODEL_APP_H

#include "core/json.h"
#include "core/log.h"
#include "store/store.h"

/* The Keycloak whose place this takes: in realm files and in what clients ask for. */
#define LK_KEYCLOAK_VERSION "26.7.4"

struct st_lk_realms_t;
struct st_lk_event_store_t;
struct st_lk_mailer_t;

/* What every handler can reach: lifetime of the process. */
typedef struct st_lk_app_t {
    lk_store_t *store;
    lk_sql_t *sql;                       /* lk_store_sql(store) */
    struct st_lk_realms_t *realms;       /* model/realms.h */
    struct st_lk_event_store_t *events;  /* model/event.h; NULL outside of the server */
    const struct st_lk_mailer_t *mailer; /* model/letter.h; NULL outside of the server */
    lk_notice_t notice;
    const char *version;
    /* A message of the login theme in a language, for answers that are no pages: lk_theme_message, which is a room above. The key
     * where there is none; NULL outside of the server. */
    const char *(*message)(const struct st_lk_app_t *app, const char *theme, const char *locale, const json_t *model,
                           const char *key, lk_arena_t *arena);
    const void *themes;           /* for it */
    const char *theme_version;    /* part of resource URLs: changes with the theme's content */
    int token_size_warning;       /* bytes; 0: no token is too large */
    const char *keys_dir;         /* the operator's folder of key files, or NULL */
    const char *ciba_channel_uri; /* where users are asked for backchannel authentication, or NULL */
    int64_t started_ms;
} lk_app_t;

#endif
