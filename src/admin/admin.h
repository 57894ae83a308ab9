/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_ADMIN_H
#define LK_ADMIN_ADMIN_H

#include "core/reply.h"
#include "model/groups.h"
#include "model/import.h"
#include "token/token.h"

/* Keycloak's admin REST API. Its paths are two tables in admin/routes.c: mounts (a prefix, what it addresses, whose roles are
 * needed) and the rows below them, which are shared by all mounts of one shape. lk_admin_handle does for each request what all of
 * them need, then calls the row's handler. */

/* Who asks, by their token. */
typedef struct st_lk_admin_caller_t {
    const lk_realm_t *realm; /* theirs: master, or the one that is administered */
    const lk_user_t *user;
    const lk_client_t *client;
    const lk_session_t *session; /* NULL for client credentials */
    lk_role_set_t roles;         /* that the user has now, as far as the client's scope lets them through */
    const json_t *claims;        /* of their token */
} lk_admin_caller_t;
void lk_admin_caller_of(const lk_request_t *req, const lk_realm_t *realm, const lk_bearer_t *bearer, lk_admin_caller_t *ret_caller);

typedef struct st_lk_admin_t {
    const lk_request_t *req;
    lk_admin_caller_t caller;
    const lk_realm_t *realm;   /* that is administered; NULL for /admin/realms itself */
    json_t *body;              /* NULL where there is none */
    struct st_lk_fine_t *fine; /* fine-grained permissions: admin/fine_grained.h; NULL: they have no say */
    int by_permission;         /* their roles were not enough to begin: what the request does is for those to allow */
    const char *updater;       /* who changes a client, in the words of client policies; NULL: "ByAuthenticatedUser" */
    /* of the handlers in the tables: */
    lk_reply_t *reply;
    const struct st_lk_admin_mount_t *mount;
    const struct st_lk_admin_row_t *row;
    lk_sql_t *sql;           /* the transaction of a row that writes; else any connection */
    lk_sql_t *tx;            /* the same transaction; NULL where there is none */
    const char *const *args; /* values of the row's own placeholders */
    const char *made_id;     /* of what was created */
    json_t *told;            /* what the event keeps in place of the body; in the arena, or NULL: the body */
    int untold;              /* nothing happened that an event would tell */
    json_t *refusal;         /* the body of a failing answer that is more than a text; in the arena, or NULL */
    /* what the mount's resolver found: */
    const char *id;     /* of it */
    const char *narrow; /* third parameter of lk_kind_t.select */
    const lk_client_t *client;
    const lk_scope_t *scope;
    const lk_role_t *role;
    const lk_group_t *group;
    lk_group_tree_t groups; /* of an organization */
    const lk_user_t *user;
    const json_t *found; /* a representation, where the model has nothing for it */
    json_t *authz;       /* authorizationSettings of `client`: model/authz.h; its own for rows that change them */
    const struct st_lk_authz_server_t *authz_server; /* the same with its index, for rows that only read them */
} lk_admin_t;

typedef lk_status_t (*lk_admin_handler_t)(lk_admin_t *admin, lk_error_t *err);

enum {
    LK_ADMIN_NO_CHANGE = 1, /* not a GET, but changes no configuration: no transaction */
    LK_ADMIN_USERS = 2,     /* changes users or sessions: a transaction, but the realm stays the same */
    LK_ADMIN_HASH = 4,      /* hashes passwords, makes keys */
    LK_ADMIN_OUTBOUND = 8,  /* calls other servers */
    LK_ADMIN_LARGE = 16,    /* takes large bodies */
    LK_ADMIN_ANY_TYPE = 32, /* takes bodies that are not JSON; admin->body is NULL then */
    LK_ADMIN_NO_CACHE = 64, /* not a GET, but answers with Cache-Control: no-cache as those do */
    LK_ADMIN_CACHE = 128,   /* a GET that does not */
    LK_ADMIN_WHOLE = 512,   /* a list that knows no pages: "first" and "max" mean nothing */
    LK_ADMIN_LATE = 256     /* the handler begins the transaction itself (lk_admin_begin_write), after what takes long */
};

/* One method of one path. Without flags, a row that is no GET runs in a transaction that holds the realm's lock and ends with the
 * realm's next version; admin->realm is exactly what the transaction sees. Its answer is 204 unless the handler says otherwise. */
typedef struct st_lk_admin_row_t {
    const char *method;
    const char *path; /* below the mount's prefix */
    lk_admin_handler_t handle;
    unsigned flags;
    const char *role; /* that is needed where it is not the mount's */
    const char *also; /* and besides; may be NULL */
} lk_admin_row_t;

typedef struct st_lk_admin_mount_t {
    const char *prefix; /* below /admin */
    /* "clients": view-clients for a GET, manage-clients for the rest; one of several is enough; NULL: that of the role that the
     * resolver found */
    const char *area;
    /* Finds what the prefix's placeholders name (admin->req->params[1], ...), or says 404. May be NULL. */
    lk_status_t (*resolve)(lk_admin_t *admin, lk_error_t *err);
    const void *kind; /* what the handlers work on: an lk_kind_t, or of a type that these rows agree on */
    const lk_admin_row_t *rows;
    size_t num_rows;
    /* Roles that are enough to be told that what the prefix names is not there: asked before the resolver runs, the row's own after
     * it. NULL: the row's own, before. */
    const char *first;
} lk_admin_mount_t;

typedef struct st_lk_admin_route_t {
    const lk_admin_mount_t *mount;
    const lk_admin_row_t *row;
} lk_admin_route_t;

extern const lk_admin_mount_t lk_admin_mounts[];
extern const size_t lk_num_admin_mounts;
/* The handler of all of them; req->row is the lk_admin_route_t. */
lk_status_t lk_admin_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

/* Admin roles of a realm, separated by blanks, any of which is enough; view-x is implied by manage-x, =view-x is not. They are
 * roles of the client <realm>-realm in master, or of realm-management in the realm itself. */
#define LK_ADMIN_ANY_ROLE                                                                                                          \
    "view-realm view-users view-clients view-events view-identity-providers view-authorization create-client query-users "         \
    "query-groups query-clients query-realms"
#define LK_ADMIN_ANYBODY "*" /* no role at all, though a user of this realm or of master */
int lk_admin_can(const lk_admin_t *admin, const char *roles);
/* 403 where they have none of them. */
lk_status_t lk_admin_require(const lk_admin_t *admin, const char *roles, lk_error_t *err);
/* The same for a realm that is not the one of the route. */
int lk_admin_caller_can(lk_arena_t *arena, const lk_admin_caller_t *caller, const lk_realm_t *realm, const char *roles);
/* What the caller may do with one thing, as its representation's "access" tells. */
typedef struct st_lk_access_t {
    int type; /* lk_guarded_t */
    struct {
        const char *member, *roles, *scope, *fallback; /* fallback: where nothing is said of the scope */
    } rows[8];                                         /* up to the first without a member */
} lk_access_t;
extern const lk_access_t lk_access_to_user, lk_access_to_group, lk_access_to_client;
/* Of the thing with that id, or of a user. New reference. */
json_t *lk_admin_access(const lk_admin_t *admin, const lk_access_t *access, const char *id, const lk_user_t *user);

/* Roles are of their client's area, or of the realm's: "clients", "realm". */
const char *lk_role_area(const lk_role_t *role);
int lk_admin_sees_role(const lk_admin_t *admin, const lk_role_t *role);
/* What roles are handed out to: users and groups; other roles, which then are composed of them; what tokens of clients may show. */
enum en_lk_role_use_t { LK_ROLE_FOR_HOLDER, LK_ROLE_FOR_ROLE, LK_ROLE_FOR_SCOPE };
/* Whether the caller may hand out a role: nobody gives away an admin role that they could not act by. */
int lk_admin_gives_role(const lk_admin_t *admin, const lk_role_t *role, enum en_lk_role_use_t use);
/* 403 where one of the roles, an array of their ids, is not theirs to hand out, or to take away. */
lk_status_t lk_admin_require_roles(const lk_admin_t *admin, const json_t *ids, enum en_lk_role_use_t use, lk_error_t *err);
int lk_admin_may_create_realms(const lk_admin_t *admin);
/* The clients that hold administrators' roles: nobody's to change, nor are their roles. */
int lk_admin_is_fixed_client(const lk_realm_t *realm, const char *client_id);
/* Those, and the others that the server itself lives by: nobody's to delete, and no file's to replace. */
int lk_client_is_internal(const lk_admin_t *admin, const char *client_id);

/* Who asks, may they, for which realm (of the route), with which body. 401, 403, 404 "Realm not found.", 400 for a body that is no
 * JSON. `roles` NULL: for /admin/realms itself, whose handlers ask for roles by themselves. */
lk_status_t lk_admin_begin(const lk_request_t *req, const char *roles, lk_admin_t *ret_admin, lk_error_t *err);
/* The request's own address, without its query. In the arena. */
const char *lk_admin_url(const lk_request_t *req);
/* Whether "first" or "max" is no number (of 32 bits), or a body not JSON though the row takes nothing else: 404, 415. */
lk_status_t lk_admin_check_form(const lk_request_t *req, const lk_admin_row_t *row, lk_error_t *err);
/* 201 with the Location of the new thing below the request's path. */
void lk_admin_created(const lk_admin_t *admin, const char *id, lk_reply_t *reply);
void lk_admin_answer(const lk_admin_t *admin, json_t *value, lk_reply_t *reply);
/* first and max of a list; the second is `fallback` where it is not given, LK_ADMIN_ALL where it is below zero. */
#define LK_ADMIN_ALL "2147483647"
const char *lk_admin_first(const lk_request_t *req);
const char *lk_admin_max(const lk_request_t *req, const char *fallback);
/* {"errorMessage": text} */
lk_status_t lk_admin_message(lk_error_t *err, lk_status_t kind, const char *text);
/* Checks a body against a table, as Jackson would; refuses unknown members in Keycloak's words. */
/* 400 where the body is no object: for bodies whose members are free. */
lk_status_t lk_admin_check_map(const lk_admin_t *admin, lk_error_t *err);
lk_status_t lk_admin_check(const lk_admin_t *admin, const lk_representation_t *rep, lk_error_t *err);

lk_status_t lk_admin_realms_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
/* /admin/serverinfo, /admin/{realm}/console/whoami, and a page where Keycloak has its console */
lk_status_t lk_server_info_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_whoami_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_console_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);
lk_status_t lk_admin_realms_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

#endif
