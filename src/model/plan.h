/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_PLAN_H
#define LK_MODEL_PLAN_H

#include "core/json.h"
#include "model/app.h"

/* What a realm file would change in the realm of its name, and doing it. A member that the file leaves out stays as it is; so does
 * a key of a map. A list that the file has is owned by it: what it does not name goes, except what Keycloak makes by itself, keys,
 * and users. */

typedef enum en_lk_planned_kind_t { LK_CHANGE_CREATE, LK_CHANGE_UPDATE, LK_CHANGE_DELETE } lk_planned_kind_t;

typedef struct st_lk_planned_t {
    lk_planned_kind_t action;
    const char *kind, *name; /* "client role", "shop/buyer" */
    json_t *fields;          /* of an update: [{"field", "from", "to"}], secrets masked; null is absent */
} lk_planned_t;

typedef struct st_lk_plan_t lk_plan_t;

const char *lk_plan_realm(const lk_plan_t *plan);
const lk_planned_t *lk_plan_changes(const lk_plan_t *plan, size_t *ret_count);

/* Plans and, with `apply`, carries out in one transaction; a realm that is not there is made by an import. `on_plan` is told of
 * each realm of the file or folder before anything of it is written. A failure leaves that realm as it was. */
typedef void (*lk_on_plan_t)(void *context, const lk_plan_t *plan);
lk_status_t lk_plan_path(lk_app_t *app, const char *path, int apply, lk_on_plan_t on_plan, void *context, lk_error_t *err);

#endif
