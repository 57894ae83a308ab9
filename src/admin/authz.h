/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_AUTHZ_H
#define LK_ADMIN_AUTHZ_H

#include "admin/handlers.h"
#include "model/authz.h"

/* Authorization services of admin->client: what its settings hold is changed in memory (admin->authz) and written whole, under the
 * realm's lock. */

lk_status_t lk_authz_missing(lk_error_t *err);
/* 409, as Keycloak where its database refuses a row. */
lk_status_t lk_authz_duplicate(lk_error_t *err);
/* Reads what the row needs of admin->client's settings into admin->authz, which is NULL where it is no resource server: what is
 * shared by all requests where the row changes nothing, and must not be changed then. */
lk_status_t lk_authz_load(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_authz_save(lk_admin_t *admin, lk_error_t *err);
/* 201 with what was made. */
lk_status_t lk_authz_reply_made(lk_admin_t *admin, json_t *value);
/* A status without a body: 204 where a search found nothing, 404 or 400. */
lk_status_t lk_authz_reply_empty(lk_admin_t *admin, int status);
/* The objects of a list that `matches`, by name, a page of them, as `show` shows them; without max, as many as `max` says:
 * LK_AUTHZ_PAGE where it is the collection itself, as Keycloak. */
#define LK_AUTHZ_PAGE "100"
typedef int (*lk_authz_matches_t)(lk_admin_t *admin, const json_t *object);
typedef json_t *(*lk_authz_show_t)(lk_admin_t *admin, const json_t *object);
lk_status_t lk_authz_reply_list(lk_admin_t *admin, const char *list, lk_authz_matches_t matches, lk_authz_show_t show,
                                const char *max);
/* NULL where there is none, or `id` is. */
json_t *lk_authz_by_id(const lk_admin_t *admin, const char *list, const char *id);
/* An object of the row's id; 404. */
lk_status_t lk_authz_find_one(lk_admin_t *admin, const char *list, json_t **ret_object, lk_error_t *err);
/* Takes an object out of a list, and out of the policies that name it; those that named nothing else there go as well. Saves. The
 * id must not be the object's own text. */
lk_status_t lk_authz_drop(lk_admin_t *admin, const char *list, const char *id, lk_error_t *err);
/* The object of the query parameter "name", as `show` shows it; 204 where there is none, 400 without the parameter. */
lk_status_t lk_authz_search(lk_admin_t *admin, const char *list, lk_authz_show_t show, lk_error_t *err);
/* Whom a resource as it was given belongs to: a user's id, or NULL, which is the resource server. */
lk_status_t lk_authz_read_owner(lk_admin_t *admin, const json_t *given, const char **ret_owner, lk_error_t *err);
/* "uri" of a resource becomes its "uris". */
void lk_authz_take_uri(json_t *body);
int lk_authz_is_type(const char *text);
/* A permission, or any other policy, in the form of its type, or as PolicyRepresentation. New references. */
json_t *lk_authz_show_policy(lk_admin_t *admin, const json_t *policy);
json_t *lk_authz_show_typed(lk_admin_t *admin, const json_t *policy);
json_t *lk_authz_show_brief_policy(lk_admin_t *admin, const json_t *policy);
json_t *lk_authz_show_scope(lk_admin_t *admin, const json_t *scope);
/* {"name", "_id"} */
json_t *lk_authz_show_brief_resource(lk_admin_t *admin, const json_t *resource);
json_t *lk_authz_show_resource(lk_admin_t *admin, const json_t *resource);
/* What is answered to whoever made a policy: its form as it was given. New reference. */
json_t *lk_authz_show_made(lk_admin_t *admin, const json_t *policy, int typed);
/* Whether the body is a policy of the type, in either form. */
lk_status_t lk_authz_check_policy(const lk_admin_t *admin, const char *type, lk_error_t *err);
/* Lays the body, which was checked, over the policy: of the form of its type, or PolicyRepresentation (typed 0). */
lk_status_t lk_authz_read_policy(lk_admin_t *admin, json_t *policy, int typed, lk_error_t *err);
/* Brings the settings into their stored form; what these policies of it name must be there, but for roles and groups, which are
 * passed over. */
lk_status_t lk_authz_settle(lk_admin_t *admin, json_t *policies, lk_error_t *err);
/* Whether the query asks for this resource. */
int lk_authz_resource_is_wanted(lk_admin_t *admin, const json_t *resource);
/* A new resource of the body, which was checked; saved. */
lk_status_t lk_authz_make_resource(lk_admin_t *admin, json_t **ret_resource, lk_error_t *err);
/* Whether the object's name holds the query parameter "name", in any case. */
int lk_authz_matches_name(lk_admin_t *admin, const json_t *object);

/* Before a policy of fine-grained permissions is read from the body: says what is wrong with it, and puts what it names into the
 * settings. Nothing for other resource servers. */
lk_status_t lk_authz_check_permission(lk_admin_t *admin, const char *type, lk_error_t *err);
/* A permission that names nothing is about the resource of its type. */
void lk_authz_name_type(lk_admin_t *admin, json_t *policy);
/* The id of the thing of a type (lk_guarded_t) that a text names, or NULL: users and clients also by their name. */
lk_status_t lk_authz_find_thing(lk_admin_t *admin, int type, const char *text, const char **ret_id, lk_error_t *err);
/* What a resource of theirs, by its name, stands for, as people call it; NULL for other resource servers. */
const char *lk_authz_display_name(lk_admin_t *admin, const char *name);

/* A client becomes a resource server, or is none any more: in the write of the client. */
lk_status_t lk_authz_enable(lk_admin_t *admin, const json_t *old, const json_t *rep, lk_error_t *err);

#endif
