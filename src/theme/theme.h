/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_THEME_THEME_H
#define LK_THEME_THEME_H

#include <jansson.h>
#include "core/arena.h"
#include "core/buffer.h"
#include "core/encode.h"
#include "core/error.h"

/* All themes of the process: compiled templates, message bundles, resources. Immutable after lk_themes_load(), shared by all
 * threads. */
typedef struct st_lk_themes_t lk_themes_t;

/* Loads the built-in theme `base`, and each folder of `dir` (NULL: no folder) as a theme of its own or, where it is called `base`,
 * as replacement of single files of the built-in one. Failure: LK_INVALID whose detail gives file, line and reason. */
lk_status_t lk_themes_load(const char *dir, lk_themes_t **ret_themes, lk_error_t *err);
/* Sets *themes to NULL. NULL is fine. */
void lk_themes_free(lk_themes_t **themes);
/* Changes with the content of any theme: the <version> of /resources/<version>/..., for lk_app_t.theme_version. */
const char *lk_themes_version(const lk_themes_t *themes);

/* Appends a page to `out`. `theme` NULL, unknown, "keycloak" or "keycloak.v2" means `base`. `template_name` is "login" (of the
 * login pages) or "email/password-reset" (another type). `model` is described in themes/base/login/README; text in it is text:
 * everything is escaped here. `locale` may be NULL ("en"); one without a bundle falls back from "de-AT" to "de" to "en". */
lk_status_t lk_theme_render(const lk_themes_t *themes, const char *theme, const char *template_name, const json_t *model,
                            const char *locale, lk_buffer_t *out, lk_error_t *err);

/* A file that browsers load. All three live as long as `themes`. */
typedef struct st_lk_theme_resource_t {
    lk_bytes_t bytes;
    const char *content_type; /* "text/css; charset=utf-8" */
    const char *etag;         /* quoted, strong */
} lk_theme_resource_t;

/* `path` is what follows /resources/<version>/ without the theme's name: for ".../login/acme/css/login.css" theme is "acme" and
 * path "login/css/login.css". Inherited files are found; unknown themes are `base`. LK_NOT_FOUND otherwise. */
lk_status_t lk_theme_resource(const lk_themes_t *themes, const char *theme, const char *path, lk_theme_resource_t *ret_resource,
                              lk_error_t *err);

/* The text of a message in the arena: `model` may be NULL, or hold "localizationTexts"; `args` may be NULL, or an array whose
 * strings, numbers and {"key", "args"} objects replace {0}, {1}, ... An unknown key is its own text. Not escaped. */
const char *lk_theme_message(const lk_themes_t *themes, const char *theme, const char *locale, const json_t *model, const char *key,
                             const json_t *args, lk_arena_t *arena);
/* The same of another type of theme: "email". */
const char *lk_theme_text(const lk_themes_t *themes, const char *theme, const char *type, const char *locale, const json_t *model,
                          const char *key, const json_t *args, lk_arena_t *arena);
/* The locales that the theme's login pages have bundles for: sorted, NULL-terminated, as long as `themes` lives. */
const char *const *lk_theme_locales(const lk_themes_t *themes, const char *theme);

#endif
