/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_FORMS_H
#define LK_LOGIN_FORMS_H

#include "login/authenticators.h"

/* What the pages have in common where somebody says who they are. */

#define LK_MAX_USERNAME 255

/* With the name, "remember me" and the identity providers. New reference. */
json_t *lk_form_model(lk_walk_t *walk);
lk_status_t lk_form_show(lk_walk_t *walk, const char *template_name, json_t *model, lk_flow_outcome_t *ret_outcome,
                         lk_error_t *err);
/* The page again, with a message at that field; NULL: above all of it. */
lk_status_t lk_form_refuse(lk_walk_t *walk, const char *template_name, const char *field, const char *key,
                           lk_flow_outcome_t *ret_outcome, lk_error_t *err);
/* A passkey that was posted to the page (lk_passkey_is_posted): LK_FLOW_DONE, or the page again. */
lk_status_t lk_form_take_passkey(lk_walk_t *walk, const char *template_name, lk_flow_outcome_t *ret_outcome, lk_error_t *err);
void lk_form_take_remember_me(lk_walk_t *walk);

#endif
