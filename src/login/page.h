/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_PAGE_H
#define LK_LOGIN_PAGE_H

#include "login/state.h"

/* Models of the login theme's pages (themes/base/login/README) and the headers that pages and redirects of a login carry. */

enum { LK_PAGE_NO_STORE = 1 };

/* The members that every page has: realm, client, url, locale, texts of the realm. client and login may be NULL. New reference. */
/* The language that somebody chooses by a page's link, where the realm has it; else NULL. */
const char *lk_page_chosen_locale(const lk_request_t *req, const lk_realm_t *realm);
json_t *lk_page_model(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login);
/* The page's message: type "error", "warning", "info", "success"; `key` is the theme's; `argument` (NULL: none) fills {0}. */
void lk_page_message(json_t *model, const char *type, const char *key, const char *argument);
void lk_page_message_two(json_t *model, const char *type, const char *key, const char *first, const char *second);
/* {"key": ..., "args": [...]}: a text of the theme, as a model has it. New reference. */
json_t *lk_page_text(const char *key, const char *argument);
/* rootUrl and baseUrl of the client joined as Keycloak does; "" where there is none. */
const char *lk_page_client_address(const lk_request_t *req, const lk_client_t *client);
/* A message at a field. The last takes an array of arguments, which may be NULL. */
void lk_page_field_message(json_t *model, const char *field, const char *key, const char *argument);
void lk_page_field_message_args(json_t *model, const char *field, const char *key, json_t *args);
/* Ends the answer; takes over the model. */
void lk_page_show(const lk_request_t *req, const lk_realm_t *realm, int status, const char *template_name, json_t *model,
                  lk_reply_t *reply);
void lk_page_headers(const lk_realm_t *realm, int flags, lk_reply_t *reply);

#endif
