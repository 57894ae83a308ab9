/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_AUTHZ_H
#define LK_MODEL_AUTHZ_H

#include "model/user.h"

/* Authorization services: a client that is a resource server has resources, scopes, and policies, permissions among them. They are
 * stored with the client, as its member authorizationSettings, in this form:
 *
 *   {"allowRemoteResourceManagement", "policyEnforcementMode", "decisionStrategy",
 *    "resources": [{"_id", "name", "type", ..., "owner": a user's id, "scopes": [ids]}],
 *    "policies": [{"id", "name", "type", ..., "config": {}, "resources": [ids], "scopes": [ids], "policies": [ids]}],
 *    "scopes": [{"id", "name", ...}]}
 *
 * Realm files name what is referred to; it is stored by its id, so that a new name changes nothing. */

/* At most so many resources, scopes and policies of a client, each. */
#define LK_AUTHZ_MAX 20000

/* The type of a permission that a resource's owner gave, with the member "owner": administrators do not see them. */
#define LK_AUTHZ_OF_OWNER "uma"

json_t *lk_authz_new(void);
/* Turns the form of realm files into the one that is stored; what is in it already stays as it is. `sql` finds users, roles and
 * groups by their names; NULL leaves those as they are. `settings` in the arena, changed in place. */
lk_status_t lk_authz_intern(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, json_t *settings, lk_error_t *err);
/* The way back, with ids or without; a new object in the arena. */
lk_status_t lk_authz_extern(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, const json_t *settings, int with_ids,
                            json_t **ret_settings, lk_error_t *err);
/* Of one client; *ret_settings is NULL where it is no resource server. In the arena. */
lk_status_t lk_authz_get(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, const char *client_id, json_t **ret_settings,
                         lk_error_t *err);
/* A row's column "settings", in its stored form; in the arena. */
lk_status_t lk_authz_read(lk_arena_t *arena, const lk_rows_t *rows, int row, json_t **ret_settings, lk_error_t *err);
/* Takes an object out of a list, and out of the policies that name it; those that named nothing else there go as well. The id must
 * not be the object's own text. */
void lk_authz_remove(json_t *settings, const char *list, const char *id);
/* Whether the text was in the array. */
int lk_authz_remove_text(json_t *array, const char *text);
/* Interns those of all clients of a realm that was just written. */
lk_status_t lk_authz_intern_all(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, lk_error_t *err);
/* Makes a client's authorizationSettings those of a realm file: without ids, as Keycloak writes them. */
lk_status_t lk_authz_export_client(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, json_t *client, lk_error_t *err);
/* What a user asks the owner of a resource for, or was granted: of the resource server `client_id`. */
typedef struct st_lk_permission_ticket_t {
    const char *client_id, *resource_id, *scope_id; /* scope_id NULL: the resource itself */
    const char *owner, *requester;
    int granted;
} lk_permission_ticket_t;
/* *ret_id is NULL where there is such a one already, or too many of the requester. Requests that nobody answers go after a year. */
lk_status_t lk_permission_ticket_insert(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id,
                                        const lk_permission_ticket_t *ticket, const char **ret_id, lk_error_t *err);
/* LK_INVALID for what policies' configurations refer to, by name or id, and is not there. */
lk_status_t lk_authz_check_references(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, const json_t *settings,
                                      lk_error_t *err);

/* Whether all that new policies name is there, by name or id, in the realm or among the settings: roles and groups that are not are
 * taken out of them, anything else is lk_authz_unknown. Before lk_authz_intern. */
lk_status_t lk_authz_settle_policies(lk_sql_t *sql, lk_arena_t *arena, const char *realm_id, const json_t *settings,
                                     json_t *policies, lk_error_t *err);
/* LK_INVALID with 500, as Keycloak where it comes upon something that is not there; the log says what. */
lk_status_t lk_authz_unknown(lk_error_t *err, const char *list, const char *text);

/* The array that such a text is; empty where it is none. In the arena. */
json_t *lk_authz_list(lk_arena_t *arena, const json_t *config, const char *name);

/* --- evaluation: pure, and in memory ------------------------------------------------------------------------------------------ */

/* Who wants access. */
typedef struct st_lk_authz_subject_t {
    const lk_realm_t *realm;
    const lk_user_t *user;
    const lk_role_set_t *roles;      /* those that count: of the token, or effective */
    const lk_role_set_t *user_roles; /* effective, where a policy fetches them itself; NULL: `roles` */
    const char *client;              /* client.id; NULL: unknown */
    const char *scope;               /* names of client scopes, blanks between them; NULL: none */
    const json_t *claims;            /* of the token, and of the user; may be NULL */
    const json_t *context;           /* what the client claims besides: {"name": ["value"]}; NULL: nothing */
    const json_t *shared;            /* what owners granted the user: [[resource's id, scope's id or null]]; NULL: nothing */
    int64_t now;                     /* seconds */
} lk_authz_subject_t;

/* Where things are, so that no request walks all of them. */
typedef struct st_lk_authz_index_t {
    json_t *resources, *policies, *scopes;                /* id -> object */
    json_t *scope_names;                                  /* name -> object */
    json_t *resource_names, *resource_types, *scoped;     /* name, type, or scope's id -> [resources] */
    json_t *parents;                                      /* type -> [the resource server's own resources] */
    json_t *about_resources, *about_types, *about_scopes; /* id or type -> [permissions] */
} lk_authz_index_t;
/* A resource server's settings with their index: nobody changes either. */
typedef struct st_lk_authz_server_t {
    const json_t *settings;
    lk_authz_index_t index;
} lk_authz_server_t;
/* `settings` must outlive it. */
void lk_authz_server_build(lk_arena_t *arena, const json_t *settings, lk_authz_server_t *ret_server);

/* What policies said of a subject: kept for all requests of one evaluation. */
typedef struct st_lk_authz_t {
    lk_arena_t *arena;
    const json_t *settings;
    lk_authz_subject_t subject;
    lk_authz_index_t index;
    json_t *decisions; /* policy's id -> boolean */
} lk_authz_t;

/* `server` must outlive it. */
void lk_authz_init(lk_authz_t *authz, lk_arena_t *arena, const lk_authz_server_t *server, const lk_authz_subject_t *subject);
/* Whether a policy or permission (of settings) permits. */
int lk_authz_permits(lk_authz_t *authz, const json_t *policy);

/* One resource, or none, and scopes of it. */
typedef struct st_lk_authz_request_t {
    const json_t *resource; /* of settings; NULL: scopes alone */
    const json_t *scopes;   /* ids; empty: the resource itself */
} lk_authz_request_t;

typedef struct st_lk_authz_answer_t {
    int granted;
    json_t *scopes;   /* granted ids; in the arena, as the next two */
    json_t *denied;   /* ids that a permission denied */
    json_t *policies; /* ids of the permissions that were asked */
} lk_authz_answer_t;
void lk_authz_evaluate(lk_authz_t *authz, const lk_authz_request_t *request, lk_authz_answer_t *ret_answer);

extern const lk_representation_t lk_authz_server_fields, lk_authz_resource_fields, lk_authz_scope_fields,
    lk_authz_owner_policy_fields;

/* A resource of a user has what the resource server's own ones of its type have: their scopes, and the permissions about them. Ids
 * of scopes: its own and those; in the arena. */
json_t *lk_authz_scopes_of(const lk_authz_t *authz, const json_t *resource);
/* Whether a pattern of paths takes one: an asterisk behind the last slash stands for all below, "{id}" for one part. */
int lk_authz_uri_matches(const char *pattern, const char *path);

/* Finds by id, then by name: "resources", "policies", "scopes". NULL where there is none. */
json_t *lk_authz_find(const json_t *settings, const char *list, const char *text);
/* The same for many, of one list: by id, then by name, where the first of a name counts. */
typedef struct st_lk_authz_known_t {
    json_t *ids, *names;
} lk_authz_known_t;
void lk_authz_known(lk_arena_t *arena, const json_t *settings, const char *list, lk_authz_known_t *ret_known);
void lk_authz_known_add(const lk_authz_known_t *known, json_t *object);
json_t *lk_authz_known_find(const lk_authz_known_t *known, const char *text);
const char *lk_authz_id(const json_t *object); /* "_id" or "id" */

#endif
