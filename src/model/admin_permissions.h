/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_ADMIN_PERMISSIONS_H
#define LK_MODEL_ADMIN_PERMISSIONS_H

#include "model/authz.h"

/* Fine-grained admin permissions (version 2): a realm that enables them has a client of this name, a resource server whose
 * resources are what is administered. One of each type stands for all of it and is called by the type; others are called by the id
 * of the one thing that they stand for, and are there as long as a permission is about them. */
#define LK_ADMIN_PERMISSIONS_CLIENT "admin-permissions"

typedef enum en_lk_guarded_t {
    LK_GUARDED_USERS,
    LK_GUARDED_GROUPS,
    LK_GUARDED_CLIENTS,
    LK_GUARDED_ROLES,
    LK_GUARDED_ORGANIZATIONS
} lk_guarded_t;
enum { LK_NUM_GUARDED = LK_GUARDED_ORGANIZATIONS + 1 };

const char *lk_guarded_name(lk_guarded_t type);
/* The type of that name; -1: none. */
int lk_guarded_by_name(const char *name);
/* The type's scopes by number; NULL behind the last. */
const char *lk_guarded_scope(lk_guarded_t type, size_t i);
int lk_guarded_has_scope(lk_guarded_t type, const char *scope);
/* The scope of groups that gives their members what `scope` gives users; NULL: none. */
const char *lk_guarded_of_members(const char *scope);

/* "authorizationSchema". New reference. */
json_t *lk_admin_permissions_schema(void);
/* Puts the resources of the types, and all scopes, into settings in their stored form, where they are not there yet. */
void lk_admin_permissions_complete(lk_arena_t *arena, json_t *settings);
/* A resource for one thing of the type; in the settings then. Borrowed. */
json_t *lk_admin_permissions_add(lk_arena_t *arena, json_t *settings, lk_guarded_t type, const char *name);
/* Takes away the resources of single things that no permission is about. */
void lk_admin_permissions_tidy(json_t *settings);
/* Something of that id is about to go: no permission is about it any more, and those that were about nothing else go with it. `tx`
 * is the transaction that removes it, which calls this before it locks anything else: writers lock the realm first, and what they
 * read of these settings stays so until they commit. */
lk_status_t lk_admin_permissions_forget(lk_sql_t *tx, lk_arena_t *arena, const lk_realm_t *realm, const char *id, lk_error_t *err);
/* The id of the realm's client; NULL: it never enabled them. */
const char *lk_admin_permissions_client_id(const lk_realm_t *realm);
/* What the realm's representation keeps of it: "adminPermissionsClient". New reference. */
json_t *lk_admin_permissions_reference(const char *id);
/* The client, as a representation without its settings. New reference. */
json_t *lk_admin_permissions_client(const char *id);

/* --- what they say ------------------------------------------------------------------------------------------------------------ */

/* Nothing is said, or: any that refuses outweighs those that allow. */
typedef enum en_lk_verdict_t { LK_REFUSED = -1, LK_UNDECIDED = 0, LK_ALLOWED = 1 } lk_verdict_t;
lk_verdict_t lk_verdict_of(lk_verdict_t a, lk_verdict_t b);

/* One scope of a type: what is said of single things stands in place of what is said of all. */
typedef struct st_lk_verdicts_t {
    lk_verdict_t all;
    json_t *single; /* id -> 1, -1; in the arena */
} lk_verdicts_t;

void lk_admin_permissions_ask(lk_authz_t *authz, lk_guarded_t type, const char *scope, lk_verdicts_t *ret_verdicts);
/* Whether a policy is a permission that says something: one without policies says nothing. */
int lk_admin_permissions_is_one(const json_t *policy);
/* Whether any permission permits the subject anything. */
int lk_admin_permissions_any(lk_authz_t *authz);
lk_verdict_t lk_verdicts_single(const lk_verdicts_t *verdicts, const char *id);
/* Of the groups that somebody is in and those above them, taken together. */
lk_verdict_t lk_verdicts_groups(const lk_verdicts_t *verdicts, const lk_group_t *const *groups, size_t num_groups);

#endif
