/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_FINE_GRAINED_H
#define LK_ADMIN_FINE_GRAINED_H

#include "admin/handlers.h"
#include "model/admin_permissions.h"

/* Fine-grained permissions: what an administrator may do beside what their roles let them, where the realm enables it. Asked only
 * where roles refuse; the permissions are read then, once in a request. Where they cannot be read, all is refused, and
 * lk_fine_failure says why. Administrators of master have roles alone: the policies are about the realm's own users. */

/* At the request's beginning, once caller and realm are known. */
void lk_fine_init(lk_admin_t *admin);
/* A copy that asks for what the subject of `authz` may do, instead of the caller. */
void lk_fine_of(const lk_admin_t *admin, const lk_authz_t *authz, lk_admin_t *ret_admin);
/* What went wrong; NULL: nothing. */
const lk_error_t *lk_fine_failure(const lk_admin_t *admin);
/* Whether they have any permission at all: whoever has none is refused before anything is looked for. */
int lk_fine_begins(const lk_admin_t *admin);
/* Whether the request, whose resolver has run, is one that they may make. */
int lk_fine_allows_request(const lk_admin_t *admin);
/* Whether they may be told that what the mount's prefix names is not there. */
int lk_fine_sees_missing(const lk_admin_t *admin);

/* What is asked for. */
typedef struct st_lk_fine_scope_t {
    lk_guarded_t type;
    const char *scope, *fallback; /* the second where nothing is said of the first; may be NULL */
} lk_fine_scope_t;
#define LK_FINE(type, scope) (&(const lk_fine_scope_t){(type), (scope), NULL})
/* Of one thing by its id, of a user (then `id` is not looked at), or, where both are NULL, of all. */
int lk_fine_allows(const lk_admin_t *admin, const lk_fine_scope_t *asked, const char *id, const lk_user_t *user);
/* Roles by themselves, or by the client that they are of; none with which the holder could administer more than the caller. */
int lk_fine_gives_role(const lk_admin_t *admin, const lk_role_t *role, enum en_lk_role_use_t use);
/* Which users a scope is given of, for statements with @user_verdict: JSON; NULL: none. */
const char *lk_fine_users(const lk_admin_t *admin, const char *scope);
/* Whether it may be given of users whom no permission names, neither by themselves nor by a group. */
int lk_fine_is_of_any_user(const lk_admin_t *admin, const char *scope);

/* The same of organizations, for @organization_filter: JSON. */
const char *lk_fine_organizations(const lk_admin_t *admin);

/* Switches them on: makes the client, where there is none, and puts into `rep` what the realm keeps of it. In the realm's write. */
lk_status_t lk_fine_enable(lk_admin_t *admin, json_t *rep, lk_error_t *err);
/* Something of that id is about to go: no permission is about it any more. In the write that removes it. */
lk_status_t lk_fine_forget(lk_admin_t *admin, const char *id, lk_error_t *err);
/* The client whose policies these are: nobody's to change but through its permissions. */
int lk_fine_is_client(const lk_admin_t *admin, const lk_client_t *client);

#endif
