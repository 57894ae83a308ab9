/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_PLAN_INTERNAL_H
#define LK_MODEL_PLAN_INTERNAL_H

#include "model/fields.h"
#include "model/plan.h"

struct st_lk_plan_t {
    lk_arena_t *arena;
    const char *realm_id, *realm_name; /* realm_id: NULL where the realm is not there yet */
    json_t *current, *wanted;          /* whole representations, with the users that the file names */
    json_t *known_users;               /* {name: true}: those whom the file's organizations name and who are here, or will be */
    const json_t *file;
    lk_planned_t *changes;
    size_t num_changes, max_changes;
};

lk_planned_t *lk_plan_add(lk_plan_t *plan, lk_planned_kind_t action, const char *kind, const char *name);

/* Makes plan->wanted out of plan->current and the file, and notes the changes (plan_merge.c). `file` in today's members. */
lk_status_t lk_plan_merge(lk_plan_t *plan, const json_t *file, lk_error_t *err);
/* plan_references.c. Where plan->wanted lacks what plan->current has: makes wanted a copy of current whose parts do not name what
 * goes, for the file to be merged once more; otherwise 0. */
int lk_plan_drop_references(lk_plan_t *plan);
/* What plan->wanted still names though it is gone, by the file's fault; or NULL. */
const char *lk_plan_dangling(lk_plan_t *plan);
/* Writes what the two representations differ in (plan_rows.c). */
lk_status_t lk_plan_write(lk_plan_t *plan, lk_sql_t *tx, lk_error_t *err);

/* --- organizations (plan_organizations.c) --- */

struct st_lk_export_t;
/* Who of the file's members there is: before the merge. */
lk_status_t lk_plan_find_members(lk_plan_t *plan, struct st_lk_export_t *export, const json_t *file, lk_error_t *err);
/* One of the file, so that it can be compared with `target`, which is NULL for a new one. */
void lk_plan_prepare_organization(lk_plan_t *plan, json_t *given, const json_t *target);
/* Makes plan->wanted's identity providers say whose they are. */
void lk_plan_give_providers(lk_plan_t *plan);
/* Takes members out of groups of organizations that plan->wanted has no more. */
void lk_plan_leave_groups(lk_plan_t *plan);
/* `groups`: lk_import_t.organization_groups of plan->wanted. */
lk_status_t lk_plan_write_organizations(lk_plan_t *plan, lk_sql_t *tx, const json_t *groups, lk_error_t *err);

/* --- values (plan_values.c) --- */

/* Merges the members of `given` that `fields` knows (and those that it does not) into `target`, and notes what changed in
 * `ret_fields`. `kept`: names, ended by NULL, of members that are left alone. */
void lk_plan_patch(const lk_representation_t *fields, const char *const *kept, json_t *target, const json_t *given,
                   json_t *ret_fields);

#endif
