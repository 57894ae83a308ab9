/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_EXPORT_INTERNAL_H
#define LK_MODEL_EXPORT_INTERNAL_H

#include "model/export.h"
#include "model/fields.h"

typedef struct st_lk_export_role_t {
    const char *id, *name, *client_id; /* clientId, or NULL for a realm role */
    const char *client_uuid;
    const char *children; /* ids, a line each; or NULL */
    json_t *rep;
} lk_export_role_t;

struct st_lk_export_t {
    lk_sql_t *tx;
    lk_arena_t *arena;
    const char *realm_id, *realm_name;
    unsigned flags;
    json_t *rep;             /* the realm's */
    lk_export_role_t *roles; /* by client and name */
    size_t num_roles;
    json_t *role_index;  /* id: number in roles */
    json_t *group_paths; /* id: path */
    json_t *client_ids;  /* client.id: clientId */
    json_t *scope_names; /* id: name, in the scopes' order */
};

/* --- export_roles.c: roles, what names them, and groups --- */

lk_status_t lk_export_read_roles(lk_export_t *export, const lk_rows_t *rows, lk_error_t *err);
/* Adds the roles of these ids (a line each, or NULL) by name, to the array `realm_member` and the object of arrays `client_member`.
 */
void lk_export_put_roles(const lk_export_t *export, lk_arena_t *arena, json_t *target, const char *ids, const char *realm_member,
                         const char *client_member);
json_t *lk_export_roles(lk_export_t *export);
/* Sets groups and defaultGroups. */
lk_status_t lk_export_put_groups(lk_export_t *export, const lk_rows_t *rows, lk_error_t *err);
/* After the organizations. */
lk_status_t lk_export_put_organization_groups(lk_export_t *export, const lk_rows_t *rows, lk_error_t *err);
/* Sets scopeMappings and clientScopeMappings. */
void lk_export_put_scope_mappings(lk_export_t *export, const lk_rows_t *rows);

/* --- helpers --- */

/* The JSON of a column; lives in `arena`. */
lk_status_t lk_export_column(lk_arena_t *arena, const lk_rows_t *rows, int row, const char *column, json_t **ret_value,
                             lk_error_t *err);
/* The member, made as an empty value of that type where it is missing. Borrowed. */
json_t *lk_export_member(json_t *object, const char *name, json_type type);

#endif
