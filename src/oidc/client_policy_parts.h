/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_CLIENT_POLICY_PARTS_H
#define LK_OIDC_CLIENT_POLICY_PARTS_H

#include "oidc/client_policy.h"

/* Between the files of client policies: client_policy.c (policies, and what the others share), client_conditions.c,
 * client_executors.c (the table), client_executors_redirect.c and client_executors_fapi.c. */

typedef lk_status_t (*lk_policy_executor_t)(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);

/* The client as it is, or is to be. */
const json_t *lk_policy_rep(const lk_policy_subject_t *subject);
/* "" where it is not there. */
const char *lk_policy_attribute(const lk_policy_subject_t *subject, const char *name);
/* "public", "confidential" or "bearer-only". */
const char *lk_policy_access_type(const json_t *rep);
/* Whether one of the patterns matches the whole text. */
int lk_policy_fits_any(lk_arena_t *arena, const json_t *patterns, const char *text);
/* LK_INVALID as invalid_request. */
lk_status_t lk_policy_bad_request(lk_error_t *err, const char *text);
/* In the log: nobody shall believe that it works. */
void lk_policy_tell_unknown(const lk_policy_subject_t *subject, const char *what, const char *name);

/* 1, 0, or -1 where it says nothing of such a request. */
int lk_policy_holds(const lk_policy_subject_t *subject, const json_t *condition);
lk_status_t lk_policy_execute(const lk_policy_subject_t *subject, const json_t *executor, lk_error_t *err);

/* client_executors_redirect.c */
lk_status_t lk_policy_store_redirects(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);
lk_status_t lk_policy_enter_redirect(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);
lk_status_t lk_policy_use_redirect(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);

/* client_executors_fapi.c */
lk_status_t lk_policy_use_object(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);
lk_status_t lk_policy_enter_pushed(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);
lk_status_t lk_policy_use_assertion(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);
lk_status_t lk_policy_use_binding_message(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);
lk_status_t lk_policy_check_claim(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);
lk_status_t lk_policy_limit_scopes(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);
lk_status_t lk_policy_use_intent(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);
lk_status_t lk_policy_use_signed(const lk_policy_subject_t *subject, const json_t *config, lk_error_t *err);

#endif
