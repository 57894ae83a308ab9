/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_PROFILE_H
#define LK_LOGIN_PROFILE_H

#include "login/actions.h"

/* The names and the e-mail address that a person may fill in: shared by "update profile" and registration. */

typedef struct st_lk_profile_field_t {
    const char *name, *missing_key;
} lk_profile_field_t;

/* Text of a posted field without surrounding blanks; "" where it is missing. */
const char *lk_profile_posted(const lk_request_t *req, const char *name);
/* Adds the page's values of email, firstName, lastName, and of username where `with_username`. */
void lk_profile_show_fields(json_t *model, int with_username, const char *(*value)(const void *context, const char *name),
                            const void *context);
/* Checks what was posted; field messages where it will not do. *ret_valid is 1 where it will. */
lk_status_t lk_profile_check(const lk_request_t *req, const lk_realm_t *realm, json_t *model, const char *user_id,
                             int with_username, int *ret_valid, lk_error_t *err);

#endif
