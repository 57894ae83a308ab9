/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_PROFILE_H
#define LK_LOGIN_PROFILE_H

#include "login/actions.h"

/* The form of the user's profile, as the realm declares it: shared by "update profile" and registration. */
typedef struct st_lk_profile_form_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_user_t *user; /* NULL: somebody who registers */
    json_t *model;         /* of the page */
    int is_review;         /* of a user to be, as an identity provider described them: whether they exist is asked later */
    int no_password;       /* somebody who registers without one */
    const char *email;     /* that is proposed to somebody who registers, or NULL */
    const char *only;      /* the one attribute that is asked for, or NULL: all */
} lk_profile_form_t;

/* Adds the model's "fields": with what was posted, or else what the user has. */
void lk_profile_show(const lk_profile_form_t *form);
/* Checks what was posted. *ret_values is what is to be stored, in the arena; or NULL, and the fields have messages. */
lk_status_t lk_profile_submit(const lk_profile_form_t *form, json_t **ret_values, lk_error_t *err);

#endif
