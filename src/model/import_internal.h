/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_IMPORT_INTERNAL_H
#define LK_MODEL_IMPORT_INTERNAL_H

#include "crypto/password.h"
#include "model/fields.h"
#include "model/import.h"

/* --- rows to be written --- */

/* The tables that an import fills, in the order in which they may be written (foreign keys). */
typedef enum en_lk_import_table_t {
    LK_TABLE_CLIENT,
    LK_TABLE_SCOPE,
    LK_TABLE_CLIENT_SCOPE,
    LK_TABLE_ROLE,
    LK_TABLE_COMPOSITE,
    LK_TABLE_SCOPE_MAPPING,
    LK_TABLE_GROUP,
    LK_TABLE_GROUP_ROLE,
    LK_TABLE_PROVIDER,
    LK_TABLE_PROVIDER_MAPPER,
    LK_TABLE_COMPONENT,
    LK_TABLE_FLOW,
    LK_TABLE_AUTHENTICATOR_CONFIG,
    LK_TABLE_REQUIRED_ACTION,
    LK_TABLE_USER,
    LK_TABLE_USER_ROLE,
    LK_TABLE_MEMBERSHIP,
    LK_TABLE_CREDENTIAL,
    LK_TABLE_FEDERATED_IDENTITY,
    LK_TABLE_CONSENT,
    LK_NUM_TABLES
} lk_import_table_t;

/* Rows of one realm, collected in an arena and written with one COPY per table. */
typedef struct st_lk_rowset_t {
    lk_arena_t *arena;
    json_t *seen; /* keys of rows that may be asked for twice */
    struct {
        const char **values;
        size_t count, capacity; /* rows */
    } tables[LK_NUM_TABLES];
} lk_rowset_t;

/* Of each row, without the realm's id; and by how many of its first values it is known. */
int lk_rowset_width(lk_import_table_t table);
int lk_rowset_key_width(lk_import_table_t table);

void lk_rowset_init(lk_rowset_t *rows, lk_arena_t *arena);
/* The values, without the realm's id, must live as long as the arena. lk_row(rows, LK_TABLE_ROLE, id, client, name, rep) */
void lk_rowset_add(lk_rowset_t *rows, lk_import_table_t table, const char *const *values, int num_values);
#define lk_row(rows, table, ...)                                                                                                   \
    lk_rowset_add((rows), (table), (const char *const[]){__VA_ARGS__},                                                             \
                  (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)))
/* The same, for a row that is its own key: a second one is left out. Values must not be NULL. */
void lk_rowset_add_once(lk_rowset_t *rows, lk_import_table_t table, const char *const *values, int num_values);
#define lk_row_once(rows, table, ...)                                                                                              \
    lk_rowset_add_once((rows), (table), (const char *const[]){__VA_ARGS__},                                                        \
                       (int)(sizeof((const char *const[]){__VA_ARGS__}) / sizeof(const char *)))
/* What is written is no longer in the set, and still known to lk_row_once. */
lk_status_t lk_rowset_write(lk_rowset_t *rows, lk_sql_t *tx, const char *realm_id, lk_error_t *err);

/* --- users: they may be too many to be held at once --- */

/* Gives the users once, in batches. */
typedef struct st_lk_user_source_t {
    /* *ret_users: an array, or NULL after the last; its elements live in `arena`. */
    lk_status_t (*next)(struct st_lk_user_source_t *self, lk_arena_t *arena, json_t **ret_users, lk_error_t *err);
    const char *where; /* of the last batch: what its JSON paths start with, "$.users" or a file's name before it */
    size_t first;      /* of the last batch: the index of its first user */
} lk_user_source_t;

#define LK_USER_BATCH 1000

/* Elements of an array in memory, which must outlive the source. */
typedef struct st_lk_array_source_t {
    lk_user_source_t super;
    const json_t *users; /* may be NULL */
    size_t position;
} lk_array_source_t;
void lk_array_source_init(lk_array_source_t *source, const json_t *users);

/* --- one import --- */

typedef struct st_lk_import_t {
    lk_arena_t *arena; /* that of the rows, which lives to the end; while users are walked: that of their batch */
    const char *realm_id, *realm_name;
    int is_master;
    const char *file_version; /* keycloakVersion, or NULL */
    int version;              /* as a number: 2602 is 26.2; 0: not known */
    int strict;               /* unknown members are refused */
    json_t *given;            /* the realm as it came, in strict types, without users */
    const json_t *defaults;   /* conf/realm-defaults.json for this realm */
    const json_t *master;     /* conf/master-defaults.json for this realm */
    const json_t *rep;        /* of the realm, as stored */
    /* Ids by name. */
    json_t *clients;                                   /* clientId -> client.id */
    json_t *scopes;                                    /* name -> {"id", "protocol"} */
    json_t *roles;                                     /* clientId, or "" for the realm -> {name -> id} */
    json_t *groups;                                    /* path -> id */
    json_t *organization_groups;                       /* an organization's name -> its groups, for lk_write_organization_groups */
    json_t *providers, *flows, *authenticator_configs; /* alias -> true */
    json_t *built_in;                                  /* clientId -> true: the client was made here, not given */
    json_t *built_in_roles;                            /* role id -> true: made here */
    int made_offline_scope;
    json_t *protecting;       /* clientId -> client.id: with authorizationServicesEnabled */
    json_t *service_accounts; /* clientId -> client.id, where the client has serviceAccountsEnabled and no user yet */
    const char *default_role_id, *default_role_name;
    lk_rowset_t rows;
    lk_user_source_t *users;
    const char *policy; /* passwordPolicy, or NULL */
    lk_hashing_t hashing;
    struct st_lk_import_keys_t *keys; /* that are being made; NULL: none */
} lk_import_t;

/* Each fills im->rows with its part, in this order; none touches the database. */
lk_status_t lk_import_scopes(lk_import_t *im, lk_error_t *err);
lk_status_t lk_import_clients(lk_import_t *im, lk_error_t *err);
lk_status_t lk_import_roles(lk_import_t *im, lk_error_t *err);
lk_status_t lk_import_scope_mappings(lk_import_t *im, lk_error_t *err);
lk_status_t lk_import_groups(lk_import_t *im, lk_error_t *err);
lk_status_t lk_import_organization_groups(lk_import_t *im, lk_error_t *err);
lk_status_t lk_import_providers(lk_import_t *im, lk_error_t *err);
lk_status_t lk_import_flows(lk_import_t *im, lk_error_t *err);
lk_status_t lk_import_components(lk_import_t *im, lk_error_t *err);
/* The realm's keys: collected by lk_import_components, made beside the rest, and at last added to im->rows. im->arena must be the
 * same. */
typedef struct st_lk_import_keys_t lk_import_keys_t;
void lk_import_add_key(lk_import_t *im, const char *id, const char *parent_id, const char *provider_id, const char *path,
                       json_t *component);
lk_status_t lk_import_start_keys(lk_import_t *im, lk_error_t *err);
lk_status_t lk_import_finish_keys(lk_import_t *im, lk_error_t *err);
/* Users for the service accounts that no given user stands for, once these are known, into im->rows. */
void lk_import_service_accounts(lk_import_t *im);
/* An organization's domains, by name in lower case; they may be given by their names alone. */
json_t *lk_import_domains(lk_arena_t *arena, const json_t *organization);
/* Makes the groups of an organization that is written, and who is in them, what `flat` and its "members" say. */
lk_status_t lk_write_organization_groups(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, const json_t *organization,
                                         const json_t *flat, lk_error_t *err);
lk_status_t lk_import_write_organizations(lk_import_t *im, lk_sql_t *tx, lk_error_t *err);
/* Checks the users, hashes plain-text passwords and writes both batch by batch, im->rows before the first, and roles that users
 * alone name. */
lk_status_t lk_import_write_users(lk_import_t *im, lk_sql_t *tx, lk_error_t *err);
/* The same into im->rows: for a few users. */
lk_status_t lk_import_collect_users(lk_import_t *im, lk_error_t *err);
/* Emails that two users of the realm have, unless it allows that: LK_CONFLICT. */
lk_status_t lk_import_check_emails(lk_import_t *im, lk_sql_t *tx, lk_error_t *err);

/* All rows of a realm that is whole, users among them, without adding anything to it; im->arena, im->users and im->is_master are
 * given. Service accounts that lack a user are left in im->service_accounts. */
lk_status_t lk_import_collect(lk_import_t *im, const json_t *realm, lk_error_t *err);

/* The whole of an import; `realm` without users. */
lk_status_t lk_import_run(lk_app_t *app, lk_arena_t *arena, const json_t *realm, lk_user_source_t *users,
                          const lk_import_options_t *options, lk_import_result_t *ret_result, lk_error_t *err);

/* Calls on_realm for each realm of a file (one, or an array of them) or a folder; `realm` has no users, which `users` gives. */
typedef lk_status_t (*lk_on_realm_t)(void *context, lk_arena_t *arena, json_t *realm, lk_user_source_t *users, lk_error_t *err);
lk_status_t lk_import_each_realm(const char *path, lk_on_realm_t on_realm, void *context, lk_error_t *err);

/* --- helpers --- */

/* The built-in realm's parts: "realm-defaults.json" or "master-defaults.json" of the conf folder, with {realm} filled in. */
lk_status_t lk_defaults_load(lk_arena_t *arena, const char *file, const char *realm_name, const json_t **ret_defaults,
                             lk_error_t *err);
/* An object of the file in strict types, checked against its table; lives in im->arena. */
lk_status_t lk_import_object(lk_import_t *im, const lk_representation_t *rep, const json_t *value, const char *path,
                             json_t **ret_object, lk_error_t *err);
/* The lengths of what Keycloak has columns for; for what the admin API takes. */
lk_status_t lk_import_check_limits(const lk_import_t *im, const lk_representation_t *rep, const json_t *value, const char *path,
                                   lk_error_t *err);
/* Its "id" (or `member`), made where it is missing. */
const char *lk_import_id(lk_import_t *im, const json_t *object, const char *member);
/* What belongs into the rep column. */
const char *lk_import_rep(lk_import_t *im, const lk_representation_t *rep, const json_t *value);
/* The id of a role of the realm (client_id NULL) or of a client; one that is not there is made, as Keycloak does for the roles of
 * users and groups and for scope mappings. Fails where the client is unknown. */
lk_status_t lk_import_role(lk_import_t *im, const char *client_id, const char *name, const char *path, const char **ret_id,
                           lk_error_t *err);
/* The id, or NULL. */
const char *lk_import_role_id(const lk_import_t *im, const char *client_id, const char *name);
/* `id` NULL: a new one. client_uuid is NULL for a realm role. */
const char *lk_import_add_role(lk_import_t *im, const char *client_id, const char *client_uuid, const char *id, const char *name,
                               const char *rep);
/* By path, with or without the first slash; or NULL. */
const char *lk_import_group_id(const lk_import_t *im, lk_arena_t *arena, const char *path);
/* Calls add() with the id of each role that realmRoles and clientRoles of a group or user name. */
lk_status_t lk_import_each_role(lk_import_t *im, const json_t *object, const char *path,
                                void (*add)(void *context, const char *role_id), void *context, lk_error_t *err);

/* Errors name the place. lk_import_unknown: what the file refers to is not there. lk_import_twice: a name or id that must be
 * unique. */
lk_status_t lk_import_unknown(const char *path, const char *what, const char *name, lk_error_t *err);
lk_status_t lk_import_twice(const char *path, const char *what, const char *name, lk_error_t *err);

/* --- files of older versions (import_old.c) --- */

/* Gives im->given the members of today, and sets im->version. */
void lk_import_modernise(lk_import_t *im);
void lk_import_modernise_user(json_t *user);
/* The realm's settings before defaults are filled in. */
void lk_import_modernise_rep(json_t *rep);
void lk_import_modernise_provider(json_t *provider);
/* authenticatorFlow was spelt autheticatorFlow; Keycloak writes both. */
void lk_import_modernise_flow(const lk_import_t *im, json_t *flow);
/* The order that required actions have today. */
void lk_import_modernise_action(const lk_import_t *im, const char *alias, json_t *action);
/* Before 24 users could have any attributes: the configuration of the user profile that keeps it so; NULL where none is needed. */
const char *lk_import_open_profile(lk_import_t *im);
void lk_import_modernise_client(const lk_import_t *im, const char *client_id, json_t *client);
/* 1 where the file says that it is of a version before this one. */
int lk_import_is_older(const lk_import_t *im, int version);
/* The i-th client scope that a file of this version is too old for, or NULL. */
const char *lk_import_younger_scope(const lk_import_t *im, size_t i, int *ret_is_default);
int lk_import_is_younger_account_role(const lk_import_t *im, const char *name);
int lk_import_is_younger_action(const lk_import_t *im, const char *alias);
int lk_import_is_gone_flow(const lk_import_t *im, const char *alias);

/* --- the master realm (master.c) --- */

/* In a transaction: gives master what it holds of a realm, the client "<realm>-realm" with its roles as part of the role admin.
 * Nothing where there is no master realm yet, or where it has that client. */
lk_status_t lk_master_add_realm(lk_sql_t *tx, lk_arena_t *arena, const char *realm_name, lk_error_t *err);
/* In a transaction: deletes the realm and its client in master. */
lk_status_t lk_realm_remove_rows(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, const char *realm_name, lk_error_t *err);

#endif
