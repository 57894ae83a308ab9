/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_RESOURCE_H
#define LK_ADMIN_RESOURCE_H

#include "admin/admin.h"
#include "core/json.h"

/* A kind of thing that realms hold: each has an id, a representation, and a name that is unique among its like. The statements take
 * and give whole representations, so that which member has a column is known to SQL alone. */
typedef struct st_lk_kind_t {
    const lk_representation_t *fields;
    const char *id;      /* its members: "id" */
    const char *name;    /* and "clientId"; NULL: nothing is unique */
    const char *missing; /* what a 404 says */
    const char *exists;  /* what the 409 of a new one says, with %s for the name */
    const char *taken;   /* and that of another name for an old one; NULL: "Duplicate resource error" */
    int replaces;        /* an update is the whole: what it does not name is gone */
    int by_name;         /* paths address it by its name */
    /* select($1 realm, $2 id or NULL, $3 name, parent or what else narrows the list, or NULL): column rep */
    enum en_lk_query_t select;
    /* insert and update($1 realm, $2 the whole representation, $3 the part that is stored as rep); remove($1 realm, $2 id) */
    enum en_lk_query_t insert, update, remove;
    /* Checks and completes what is about to be written; `old` is NULL for a new one. May be NULL. */
    lk_status_t (*prepare)(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err);
    /* What else a write changes, in the same transaction. May be NULL. */
    lk_status_t (*written)(lk_admin_t *admin, const json_t *old, const json_t *rep, lk_error_t *err);
    /* Whether a list's query asks for this one. May be NULL. */
    int (*matches)(lk_admin_t *admin, const json_t *rep);
    /* Turns the stored representation into the answer. New reference. NULL: the table of fields does it. */
    json_t *(*show)(lk_admin_t *admin, const json_t *rep);
} lk_kind_t;

extern const lk_kind_t lk_kind_client, lk_kind_client_scope, lk_kind_role, lk_kind_group, lk_kind_user, lk_kind_component,
    lk_kind_identity_provider, lk_kind_provider_mapper, lk_kind_organization, lk_kind_organization_group;

/* --- things in general ------------------------------------------------------------------------------------------------------ */

/* All of a kind, or those with that third parameter; an array of representations in the arena. */
lk_status_t lk_kind_all(lk_admin_t *admin, const lk_kind_t *kind, const char *narrow, json_t **ret_list, lk_error_t *err);
/* One, in the arena; 404 in the kind's words. */
lk_status_t lk_kind_find(lk_admin_t *admin, const lk_kind_t *kind, const char *id, json_t **ret_rep, lk_error_t *err);
lk_status_t lk_kind_find_named(lk_admin_t *admin, const lk_kind_t *kind, const char *name, json_t **ret_rep, lk_error_t *err);
/* Makes one of what was given (its id is kept) and leaves its id in *ret_id; 409 in the kind's words. `columns`: members that the
 * statement needs and no caller may give; may be NULL. */
lk_status_t lk_kind_create(lk_admin_t *admin, const lk_kind_t *kind, const json_t *given, const json_t *columns,
                           const char **ret_id, lk_error_t *err);
/* Lays `patch` over `old` and writes the result. */
lk_status_t lk_kind_update(lk_admin_t *admin, const lk_kind_t *kind, const json_t *old, const json_t *patch, lk_error_t *err);
/* Writes `rep` in the place of `old`. */
lk_status_t lk_kind_replace(lk_admin_t *admin, const lk_kind_t *kind, const json_t *old, json_t *rep, lk_error_t *err);
/* 400 where a member is longer than Keycloak's column for it. */
lk_status_t lk_admin_check_limits(const lk_representation_t *fields, const json_t *rep, lk_error_t *err);
/* Writes a representation as it is, without the kind's hooks. */
lk_status_t lk_kind_write(lk_admin_t *admin, const lk_kind_t *kind, const json_t *rep, lk_error_t *err);
lk_status_t lk_kind_remove(lk_admin_t *admin, const lk_kind_t *kind, const char *id, lk_error_t *err);
json_t *lk_kind_show(lk_admin_t *admin, const lk_kind_t *kind, const json_t *rep);

/* Handlers of the mount's kind. The first two are for collections; the others for the one that the mount's resolver, or the row's
 * last placeholder, names. */
lk_status_t lk_admin_list(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_admin_create(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_admin_get(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_admin_update(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_admin_remove(lk_admin_t *admin, lk_error_t *err);

/* --- what a mount's prefix names --------------------------------------------------------------------------------------------- */

lk_status_t lk_resolve_client(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_resolve_resource_server(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_resolve_scope(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_resolve_group(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_resolve_group_by_path(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_resolve_user(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_resolve_realm_role(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_resolve_client_role(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_resolve_provider(lk_admin_t *admin, lk_error_t *err);
/* 404 where the realm has none at all. */
lk_status_t lk_resolve_organizations(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_resolve_organization(lk_admin_t *admin, lk_error_t *err);
/* All groups of an organization, one of them. */
lk_status_t lk_resolve_organization_groups(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_resolve_organization_group(lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_resolve_organization_group_by_path(lk_admin_t *admin, lk_error_t *err);
/* For one that is no group of the realm's own: 400 with `refusal` where it is an organization's, else 404. */
lk_status_t lk_admin_refuse_organization_group(lk_admin_t *admin, const char *id, const char *refusal, const char *missing,
                                               lk_error_t *err);
lk_status_t lk_resolve_role_by_id(lk_admin_t *admin, lk_error_t *err);
/* A client by its id (client.id), with the text of the 404. */
lk_status_t lk_admin_find_client(lk_admin_t *admin, const char *id, const char *missing, const lk_client_t **ret_client,
                                 lk_error_t *err);

/* keycloak.json of admin->client. New reference. */
json_t *lk_client_keycloak_json(const lk_admin_t *admin);
/* Sets attributes of admin->client; those that are null are removed. */
lk_status_t lk_client_set_attributes(lk_admin_t *admin, const json_t *values, lk_error_t *err);
/* 400 with all that Keycloak does not like. */
lk_status_t lk_realm_spans_check(const json_t *realm, lk_error_t *err); /* a whole RealmRepresentation */
lk_status_t lk_client_check(lk_admin_t *admin, const json_t *rep, lk_error_t *err);
/* Protocol mappers that come with a client or client scope: defaults, ids. */
void lk_mappers_complete(lk_arena_t *arena, json_t *mappers, int are_new);
/* Those of a body that makes or changes a client or client scope: without a name, protocol or type, or twice, they are Keycloak's
 * 409. */
lk_status_t lk_mappers_check(lk_admin_t *admin, const lk_kind_t *kind, const json_t *rep, lk_error_t *err);

enum { LK_GROUP_FULL = 1, LK_GROUP_COUNT = 2, LK_GROUP_ACCESS = 4 };
/* `count`: of its children, shown with LK_GROUP_COUNT; takes over the reference to `children`, which may be NULL. */
/* `admin` is asked for LK_GROUP_ACCESS alone. */
json_t *lk_group_show(const lk_admin_t *admin, const lk_group_t *group, unsigned flags, long count, json_t *children);

/* Roles let them see all groups, permissions some. */
int lk_group_is_seen(const lk_admin_t *admin, const lk_group_t *group);

/* A user's links to identity providers. New reference. */
struct st_lk_federated_t;
json_t *lk_federated_show(const struct st_lk_federated_t *links, size_t count);

/* --- roles ------------------------------------------------------------------------------------------------------------------- */

/* Whether it is of that client, or of the realm (NULL), or of any (LK_ANY_CONTAINER). */
#define LK_ANY_CONTAINER ""
int lk_role_is_of(const lk_role_t *role, const char *client_uuid);
json_t *lk_role_show(const lk_realm_t *realm, const lk_role_t *role, int brief);
/* Roles of a container that are in the first set and not in the second, by name; either set may be
 * NULL. New reference. */
json_t *lk_roles_select(lk_admin_t *admin, const lk_role_set_t *in, const lk_role_set_t *not_in, const char *client_uuid,
                        int brief);

/* Who holds roles: a user, a group, a client or client scope (their scope mappings). Kind of the mounts of role_mappings
 * (routes.c). */
typedef struct st_lk_role_holder_t {
    enum en_lk_query_t roles;       /* ($1 realm, $2 its id): column role_ids, an id a line */
    enum en_lk_query_t add, remove; /* ($1 realm, $2 its id, $3 ids of roles as a JSON array) */
    int is_scope;                   /* roles are what tokens may show, and are named by their id alone */
} lk_role_holder_t;
extern const lk_role_holder_t lk_roles_of_user, lk_roles_of_group, lk_roles_of_organization_group, lk_roles_of_client,
    lk_roles_of_scope;

/* --- providers: conf/providers.json --------------------------------------------------------------------------------------- */

/* All of a kind ("required-actions"): an array in the arena, to be read. */
json_t *lk_providers(lk_admin_t *admin, const char *kind);
/* The same of another file. */
json_t *lk_catalogue(lk_admin_t *admin, const char *file_name, const char *kind);
/* What serverinfo lists, and of its "componentTypes" those that others ask for. */
#define LK_SERVER_INFO "conf/server_info.json"
#define LK_REGISTRATION_POLICIES "org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy"
#define LK_CLIENT_POLICY_CONDITIONS "org.keycloak.services.clientpolicy.condition.ClientPolicyConditionProvider"
#define LK_CLIENT_POLICY_EXECUTORS "org.keycloak.services.clientpolicy.executor.ClientPolicyExecutorProvider"
/* What can be set of one, with the switches that the file leaves out; a new reference. */
json_t *lk_provider_properties(const json_t *provider);
/* NULL where there is none of that id; `id` may be NULL. */
const json_t *lk_provider_find(const json_t *providers, const char *id);
/* Of any kind that can stand in a flow. */
const json_t *lk_execution_provider(lk_admin_t *admin, const char *id);

/* --- admin_events.c: what lk_admin_handle tells of each write ---------------------------------------------------------------- */

/* It is done, and about to be committed. Reads are passed over. */
lk_status_t lk_admin_event_store(const lk_admin_t *admin, lk_error_t *err);
/* Something that a write did besides, or instead: one event more. `operation` "CREATE". `rep` may be NULL. */
lk_status_t lk_admin_event_add(const lk_admin_t *admin, const char *operation, const char *resource, const char *path,
                               const json_t *rep, lk_error_t *err);
/* The event of a removal keeps what the thing was called. */
void lk_admin_tell(lk_admin_t *admin, const char *id, const char *name_member, const char *name);
/* It was refused: into the log alone, as nothing of it is stored. */
void lk_admin_event_refused(const lk_admin_t *admin, const lk_error_t *err);
/* The same of a realm that was to be made, by a caller of another. */
void lk_admin_event_refused_realm(const lk_admin_t *admin, const lk_error_t *err);

/* --- what handlers need ------------------------------------------------------------------------------------------------------ */

/* 200 with JSON; takes over the reference. */
lk_status_t lk_admin_reply(lk_admin_t *admin, json_t *value);
/* 201 with the Location of what was made below the request's path. */
lk_status_t lk_admin_reply_created(lk_admin_t *admin, const char *id);
/* Runs a statement in the request's transaction, or on any connection: lk_admin_sql(admin, LK_Q_X, &rows, err, ...); the realm's id
 * is its first parameter. */
#define lk_admin_sql(admin, query, ret_rows, err, ...)                                                                             \
    lk_query((admin)->sql, (admin)->req->arena, (query), (ret_rows), (err), (admin)->realm->id, __VA_ARGS__)
/* A row's column of type jsonb, in the arena; NULL for SQL's NULL. */
json_t *lk_admin_json(lk_admin_t *admin, const lk_rows_t *rows, int row, const char *column);
/* The transaction of a row with LK_ADMIN_LATE, or of what is no row of the tables (row->flags tell which locks it takes). */
lk_status_t lk_admin_begin_write(lk_admin_t *admin, lk_error_t *err);
/* Its end; nothing where none was begun. */
lk_status_t lk_admin_commit(lk_admin_t *admin, lk_error_t *err);
/* 501: what Keycloak has behind a feature that is off. */
lk_status_t lk_admin_not_enabled(lk_admin_t *admin, lk_error_t *err);
/* A user as the answer. */
lk_status_t lk_admin_reply_user(lk_admin_t *admin, const char *id, lk_error_t *err);
/* Users are shown with `access` (by the row's column `manage`), and without what the profile hides. */
enum { LK_USERS_ACCESS = 1, LK_USERS_BY_ROW = 2, LK_USERS_HIDE = 4 };
json_t *lk_admin_show_user(lk_admin_t *admin, const lk_rows_t *rows, int row, unsigned flags);
/* The users that a statement gives ($1 realm, $2 `of`, $3 the user name before, $4 first, $5 max; columns key and rep). */
lk_status_t lk_admin_reply_users(lk_admin_t *admin, enum en_lk_query_t query, const char *of, const char *max, unsigned flags,
                                 lk_error_t *err);
/* Which users hold something: `all` is such a statement of its id; where not all users are the caller's to see, `permitted` is,
 * which takes what lk_fine_users says as well ($6 view, $7 manage). */
lk_status_t lk_admin_reply_holders(lk_admin_t *admin, enum en_lk_query_t all, enum en_lk_query_t permitted, const char *id,
                                   unsigned flags, lk_error_t *err);
/* A number of the query, or the fallback. */
long lk_admin_number(const lk_admin_t *admin, const char *name, long fallback);
/* The attributes that q asks for: "name:value name:\"a value\"". */
lk_pairs_t lk_admin_attributes_asked(const lk_admin_t *admin);
/* Whether a query parameter says "true". */
int lk_admin_flag(const lk_admin_t *admin, const char *name, int fallback);
/* The part of an array that first and max ask for, max being `max` where it is not given. New reference; takes over the one to
 * `list`. */
json_t *lk_admin_page(const lk_admin_t *admin, json_t *list, const char *max);
/* Checks each element of a body that is an array against a table. */
lk_status_t lk_admin_check_all(const lk_admin_t *admin, const lk_representation_t *rep, lk_error_t *err);

#endif
