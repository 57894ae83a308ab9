/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/authz.h"
#include "admin/fine_grained.h"
#include "core/time.h"
#include "model/authz_cache.h"

/* --- what is read of them --- */

/* Scopes that were asked for in this request: few. */
#define MAX_ASKED 32
#define OF_MEMBERS LK_NUM_GUARDED /* what groups say of a scope of their members */

struct st_lk_fine_t {
    lk_arena_t *arena; /* of the request: parts of a list have others */
    int is_read;
    lk_status_t status;
    lk_error_t error;
    lk_authz_t authz;
    struct {
        int type; /* lk_guarded_t, or OF_MEMBERS */
        const char *scope;
        lk_verdicts_t verdicts;
    } asked[MAX_ASKED];
    size_t num_asked;
};

void lk_fine_init(lk_admin_t *admin)
{
    const lk_realm_t *own = admin->caller.realm, *realm = admin->realm;
    if (realm->admin_permissions_enabled && lk_admin_permissions_client_id(realm) != NULL && strcmp(own->id, realm->id) == 0)
        admin->fine = LK_NEW(admin->req->arena, struct st_lk_fine_t);
    if (admin->fine != NULL)
        admin->fine->arena = admin->req->arena;
}

static lk_status_t read_permissions(const lk_admin_t *admin, struct st_lk_fine_t *fine)
{
    lk_arena_t *arena = fine->arena;
    const lk_admin_caller_t *caller = &admin->caller;
    const lk_authz_server_t *server;
    lk_status_t status = lk_authz_current(lk_realms_authz(admin->req->app->realms), admin->req->app->sql, arena, admin->realm->id,
                                          lk_admin_permissions_client_id(admin->realm), &server, &fine->error);
    if (status == LK_OK && server == NULL)
        return lk_fail(&fine->error, LK_INTERNAL, NULL, "The realm's permissions are gone");
    if (status != LK_OK)
        return status;
    const lk_authz_subject_t subject = {.realm = admin->realm,
                                        .user = caller->user,
                                        .roles = &caller->roles,
                                        .client = caller->client->id,
                                        .scope = lk_json_str(caller->claims, "scope", NULL),
                                        .claims = caller->claims,
                                        .now = lk_now()};
    lk_authz_init(&fine->authz, arena, server, &subject);
    return LK_OK;
}

/* NULL: they have nothing to say. */
static struct st_lk_fine_t *permissions(const lk_admin_t *admin)
{
    struct st_lk_fine_t *fine = admin->fine;
    if (fine == NULL)
        return NULL;
    if (!fine->is_read) {
        fine->is_read = 1;
        fine->status = read_permissions(admin, fine);
    }
    return fine->status == LK_OK ? fine : NULL;
}

void lk_fine_of(const lk_admin_t *admin, const lk_authz_t *authz, lk_admin_t *ret_admin)
{
    *ret_admin = *admin;
    ret_admin->fine = LK_NEW(admin->req->arena, struct st_lk_fine_t);
    *ret_admin->fine = (struct st_lk_fine_t){.arena = admin->req->arena, .is_read = 1, .status = LK_OK, .authz = *authz};
}

const lk_error_t *lk_fine_failure(const lk_admin_t *admin)
{
    return admin->fine != NULL && admin->fine->status != LK_OK ? &admin->fine->error : NULL;
}

/* Where the verdicts on a scope are kept, by what `type` says; *ret_is_new: they are not there yet. NULL: nothing is said. */
static lk_verdicts_t *kept(struct st_lk_fine_t *fine, int type, const char *scope, int *ret_is_new)
{
    *ret_is_new = 0;
    if (fine == NULL)
        return NULL;
    for (size_t i = 0; i != fine->num_asked; ++i)
        if (fine->asked[i].type == type && strcmp(fine->asked[i].scope, scope) == 0)
            return &fine->asked[i].verdicts;
    if (fine->num_asked == MAX_ASKED)
        return NULL;
    *ret_is_new = 1;
    fine->asked[fine->num_asked].type = type;
    fine->asked[fine->num_asked].scope = scope;
    return &fine->asked[fine->num_asked++].verdicts;
}

static const lk_verdicts_t *verdicts(const lk_admin_t *admin, lk_guarded_t type, const char *scope)
{
    struct st_lk_fine_t *fine = permissions(admin);
    int is_new;
    lk_verdicts_t *said = kept(fine, (int)type, scope, &is_new);
    if (is_new)
        lk_admin_permissions_ask(&fine->authz, type, scope, said);
    return said;
}

/* --- verdicts --- */

/* Whether something is refused of all of the type, or nothing can be known: then nothing that is allowed of all of it counts, and
 * what is said of groups gives their members nothing. So Keycloak has it. */
static int is_any_refused(const lk_admin_t *admin, lk_guarded_t type)
{
    const char *scope;
    for (size_t i = 0; (scope = lk_guarded_scope(type, i)) != NULL; ++i) {
        const lk_verdicts_t *said = verdicts(admin, type, scope);
        if (said == NULL || said->all == LK_REFUSED)
            return 1;
    }
    return 0;
}

/* What counts of them where the thing itself is asked for. */
static lk_verdicts_t counting(const lk_admin_t *admin, lk_guarded_t type, const lk_verdicts_t *said)
{
    int is_void = said->all == LK_ALLOWED && is_any_refused(admin, type);
    return (lk_verdicts_t){is_void ? LK_UNDECIDED : said->all, said->single};
}

static void refuse_single(json_t *single, const json_t *refused)
{
    const char *id;
    json_t *said;
    json_object_foreach((json_t *)refused, id, said)
    {
        if (json_integer_value(said) == LK_REFUSED)
            json_object_set(single, id, said);
    }
}

/* NULL where groups say nothing of the scope. */
static const lk_verdicts_t *verdicts_of_members(const lk_admin_t *admin, const char *scope)
{
    const char *of_members = lk_guarded_of_members(scope), *id;
    int is_new, gives = of_members != NULL && !is_any_refused(admin, LK_GUARDED_USERS);
    const lk_verdicts_t *of_groups = of_members != NULL ? verdicts(admin, LK_GUARDED_GROUPS, of_members) : NULL;
    const lk_verdicts_t *own = of_groups != NULL ? verdicts(admin, LK_GUARDED_GROUPS, scope) : NULL;
    lk_verdicts_t *said = own != NULL ? kept(permissions(admin), OF_MEMBERS, scope, &is_new) : NULL;
    json_t *of_group;
    if (said == NULL || !is_new)
        return said;
    said->all = !gives && of_groups->all == LK_ALLOWED ? LK_UNDECIDED : of_groups->all;
    said->single = lk_json_own(admin->fine->arena, json_object());
    json_object_foreach(of_groups->single, id, of_group)
    {
        if (gives || json_integer_value(of_group) == LK_REFUSED)
            json_object_set(said->single, id, of_group);
    }
    refuse_single(said->single, own->single);
    return said;
}

static lk_verdict_t said_of_groups(const lk_admin_t *admin, const char *scope, const lk_user_t *user)
{
    const lk_verdicts_t *said = verdicts_of_members(admin, scope);
    return said != NULL ? lk_verdicts_groups(said, user->groups, user->num_groups) : LK_UNDECIDED;
}

static lk_verdict_t said_of(const lk_admin_t *admin, lk_guarded_t type, const char *scope, const char *id, const lk_user_t *user)
{
    const lk_verdicts_t *all = verdicts(admin, type, scope);
    if (all == NULL)
        return LK_UNDECIDED;
    const lk_verdicts_t own = counting(admin, type, all);
    lk_verdict_t said = lk_verdicts_single(&own, user != NULL ? user->id : id);
    return user != NULL ? lk_verdict_of(said, said_of_groups(admin, scope, user)) : said;
}

int lk_fine_allows(const lk_admin_t *admin, const lk_fine_scope_t *asked, const char *id, const lk_user_t *user)
{
    lk_verdict_t said = said_of(admin, asked->type, asked->scope, id, user);
    if (said == LK_UNDECIDED && asked->fallback != NULL)
        said = said_of(admin, asked->type, asked->fallback, id, user);
    return said == LK_ALLOWED;
}

/* Of each group what is said of it and of those above it, for those in which somebody can be. */
static json_t *said_of_trees(const lk_admin_t *admin, const lk_verdicts_t *groups)
{
    json_t *said = lk_json_own(admin->req->arena, json_object());
    const lk_verdicts_t single = {LK_UNDECIDED, groups->single};
    for (size_t i = 0; json_object_size(groups->single) != 0 && i != admin->realm->num_groups; ++i) {
        const lk_group_t *group = &admin->realm->groups[i];
        lk_verdict_t verdict = lk_verdicts_groups(&single, &group, 1);
        if (verdict != LK_UNDECIDED)
            json_object_set_new(said, group->id, json_integer(verdict));
    }
    return said;
}

const char *lk_fine_organizations(const lk_admin_t *admin)
{
    const lk_verdicts_t *said = verdicts(admin, LK_GUARDED_ORGANIZATIONS, "view");
    if (said == NULL)
        return "{}";
    json_t *shown = lk_json_own(admin->req->arena, json_pack("{s:O, s:i}", "single", said->single, "all",
                                                             (int)counting(admin, LK_GUARDED_ORGANIZATIONS, said).all));
    return lk_json_text(admin->req->arena, shown);
}

const char *lk_fine_users(const lk_admin_t *admin, const char *scope)
{
    const lk_verdicts_t *users = verdicts(admin, LK_GUARDED_USERS, scope);
    const lk_verdicts_t *groups = verdicts_of_members(admin, scope);
    if (users == NULL || groups == NULL)
        return NULL;
    json_t *said =
        json_pack("{s:O, s:i, s:O, s:i}", "users", users->single, "allUsers", (int)counting(admin, LK_GUARDED_USERS, users).all,
                  "groups", said_of_trees(admin, groups), "allGroups", (int)groups->all);
    return lk_json_text(admin->req->arena, lk_json_own(admin->req->arena, said));
}

int lk_fine_is_of_any_user(const lk_admin_t *admin, const char *scope)
{
    const lk_verdicts_t *users = verdicts(admin, LK_GUARDED_USERS, scope), *groups = verdicts_of_members(admin, scope);
    return (users != NULL && counting(admin, LK_GUARDED_USERS, users).all == LK_ALLOWED) ||
           (groups != NULL && groups->all == LK_ALLOWED);
}

int lk_fine_gives_role(const lk_admin_t *admin, const lk_role_t *role, enum en_lk_role_use_t use)
{
    static const struct {
        const char *of_role, *of_client;
    } scopes[] = {[LK_ROLE_FOR_HOLDER] = {"map-role", "map-roles"},
                  [LK_ROLE_FOR_ROLE] = {"map-role-composite", "map-roles-composite"},
                  [LK_ROLE_FOR_SCOPE] = {"map-role-client-scope", "map-roles-client-scope"}};
    return lk_fine_allows(admin, LK_FINE(LK_GUARDED_ROLES, scopes[use].of_role), role->id, NULL) ||
           (role->client_uuid != NULL &&
            lk_fine_allows(admin, LK_FINE(LK_GUARDED_CLIENTS, scopes[use].of_client), role->client_uuid, NULL));
}

/* --- what else some requests need --- */

static int may_change_members(const lk_admin_t *admin, const char *group_id)
{
    return group_id != NULL && lk_fine_allows(admin, LK_FINE(LK_GUARDED_GROUPS, "manage-membership"), group_id, NULL);
}

/* Who joins a group, or leaves it: the group must be theirs to fill as well. */
static int may_change_group(const lk_admin_t *admin)
{
    return may_change_members(admin, admin->args[0]);
}

/* A new user's groups: theirs to fill, and where not all users are theirs, all of the groups' members. */
static int may_create_user(const lk_admin_t *admin)
{
    const json_t *paths = json_object_get(admin->body, "groups");
    int all = lk_fine_allows(admin, LK_FINE(LK_GUARDED_USERS, "manage"), NULL, NULL);
    size_t i;
    json_t *path;
    json_array_foreach((json_t *)paths, i, path)
    {
        const char *text = json_is_string(path) ? json_string_value(path) : "";
        const lk_group_t *group =
            lk_realm_group_by_path(admin->realm, *text == '/' ? text : lk_printf(admin->req->arena, "/%s", text));
        if (group == NULL || !may_change_members(admin, group->id) ||
            (!all && !lk_fine_allows(admin, LK_FINE(LK_GUARDED_GROUPS, "manage-members"), group->id, NULL)))
            return 0;
    }
    return all || json_array_size(paths) != 0;
}

/* A password among what is changed. */
static int may_set_credentials(const lk_admin_t *admin)
{
    const lk_fine_scope_t reset = {LK_GUARDED_USERS, "reset-password", "manage"};
    return json_object_get(admin->body, "credentials") == NULL || lk_fine_allows(admin, &reset, NULL, admin->user);
}

/* A group that is moved, not made. */
static int may_move_group(const lk_admin_t *admin)
{
    const char *id = lk_json_str(admin->body, "id", NULL);
    return id == NULL || lk_fine_allows(admin, LK_FINE(LK_GUARDED_GROUPS, "manage"), id, NULL);
}

static int may_list_groups(const lk_admin_t *admin)
{
    return lk_admin_can(admin, "query-groups") || lk_fine_allows(admin, LK_FINE(LK_GUARDED_GROUPS, "view"), NULL, NULL);
}

/* Clients that hold administrators' roles, or these permissions, are for roles alone to change. */
static int may_change_client(const lk_admin_t *admin)
{
    const char *id = admin->client != NULL ? admin->client->client_id : admin->role != NULL ? admin->role->client_id : NULL;
    return id != NULL && strcmp(id, LK_ADMIN_PERMISSIONS_CLIENT) != 0 && !lk_admin_is_fixed_client(admin->realm, id);
}

/* Client scopes are of all clients, and only what is seen is changed. */
static int sees_all_clients(const lk_admin_t *admin)
{
    return lk_fine_allows(admin, LK_FINE(LK_GUARDED_CLIENTS, "view"), NULL, NULL);
}

static int may_list_organizations(const lk_admin_t *admin)
{
    return lk_admin_can(admin, "query-organizations") ||
           lk_fine_allows(admin, LK_FINE(LK_GUARDED_ORGANIZATIONS, "view"), NULL, NULL);
}

static int sees_organization(const lk_admin_t *admin)
{
    return lk_fine_allows(admin, LK_FINE(LK_GUARDED_ORGANIZATIONS, "view"), admin->id, NULL);
}

static int sees_owner(const lk_admin_t *admin)
{
    return lk_fine_allows(admin, LK_FINE(LK_GUARDED_ORGANIZATIONS, "view"), lk_json_str(admin->found, "id", ""), NULL);
}

/* The user whose token would be shown. */
static int may_show_example(const lk_admin_t *admin)
{
    const char *id = lk_pairs_get(&admin->req->query, "userId");
    const lk_user_t *user = NULL;
    return id != NULL && lk_user_by_id(admin->sql, admin->req->arena, admin->realm, id, &user, NULL) == LK_OK && user != NULL &&
           lk_fine_allows(admin, LK_FINE(LK_GUARDED_USERS, "view"), NULL, user);
}

/* --- which request needs what --- */

/* Whom a request is about. */
typedef enum en_about_t {
    ABOUT_ALL,   /* of the type: lists, and what is made new */
    ABOUT_IT,    /* what the mount's resolver found */
    ABOUT_ROLE,  /* the client that the resolved role is of */
    ABOUT_ARG,   /* the user that the row's first placeholder names */
    ABOUT_OWNER, /* the organization whose groups the mount is about */
    ABOUT_NOBODY /* all is for the last column to say */
} about_t;

#define REALM "/realms/{realm}"
#define USER REALM "/users/{user}"
#define GROUP REALM "/groups/{group}"
#define CLIENT REALM "/clients/{client}"
#define SCOPE REALM "/client-scopes/{scope}"
#define ORGANIZATION REALM "/organizations/{organization}"
#define AUTHZ CLIENT "/authz/resource-server"
#define ALL_USERS                                                                                                                  \
    ABOUT_ALL,                                                                                                                     \
    {                                                                                                                              \
        LK_GUARDED_USERS
#define THE_USER                                                                                                                   \
    ABOUT_IT,                                                                                                                      \
    {                                                                                                                              \
        LK_GUARDED_USERS
#define ALL_GROUPS                                                                                                                 \
    ABOUT_ALL,                                                                                                                     \
    {                                                                                                                              \
        LK_GUARDED_GROUPS
#define THE_GROUP                                                                                                                  \
    ABOUT_IT,                                                                                                                      \
    {                                                                                                                              \
        LK_GUARDED_GROUPS
#define ALL_CLIENTS                                                                                                                \
    ABOUT_ALL,                                                                                                                     \
    {                                                                                                                              \
        LK_GUARDED_CLIENTS
#define THE_CLIENT                                                                                                                 \
    ABOUT_IT,                                                                                                                      \
    {                                                                                                                              \
        LK_GUARDED_CLIENTS

/* The first that fits; a method or path that is NULL is any. What is not here is for roles alone. */
/* clang-format off */
static const struct operation {
    const char *prefix, *method, *path;
    about_t about;
    lk_fine_scope_t asked;
    int (*besides)(const lk_admin_t *admin);
} operations[] = {
    {REALM "/users", "GET", NULL, ALL_USERS, "view"}},
    {REALM "/users", "POST", "", ABOUT_NOBODY, {LK_GUARDED_USERS, "manage"}, may_create_user},
    {REALM, "GET", "/ui-ext/brute-force-user", ALL_USERS, "view"}},
    {REALM, "GET", "/ui-ext/available-roles/{kind}/{id}", ABOUT_NOBODY, {LK_GUARDED_USERS, "view"}},
    {REALM, "GET", "/ui-ext/effective-roles/{kind}/{id}", ABOUT_NOBODY, {LK_GUARDED_USERS, "view"}},
    {REALM, "GET", "/ui-ext/effective-roles-all/{kind}/{id}", ABOUT_NOBODY, {LK_GUARDED_USERS, "view"}},
    {REALM, "POST", "/ui-ext/role-mapping-delete/{kind}/{id}", ABOUT_NOBODY, {LK_GUARDED_USERS, "map-roles"}},
    {REALM, "GET", "/attack-detection/brute-force/users/{user}", ABOUT_ARG, {LK_GUARDED_USERS, "view"}},
    {REALM, "DELETE", "/attack-detection/brute-force/users/{user}", ABOUT_ARG, {LK_GUARDED_USERS, "manage"}},
    {USER, "PUT", "/reset-password", THE_USER, "reset-password", "manage"}},
    {USER, "POST", "/impersonation", THE_USER, "impersonate"}},
    {USER, "PUT", "/groups/{group}", THE_USER, "manage-group-membership"}, may_change_group},
    {USER, "DELETE", "/groups/{group}", THE_USER, "manage-group-membership"}, may_change_group},
    {USER, "GET", NULL, THE_USER, "view"}},
    {USER, "PUT", "", THE_USER, "manage"}, may_set_credentials},
    {USER, NULL, NULL, THE_USER, "manage"}},
    {USER "/role-mappings", "GET", NULL, THE_USER, "view"}},
    {USER "/role-mappings", NULL, NULL, THE_USER, "map-roles"}},
    {USER "/federated-identity", "GET", NULL, THE_USER, "view"}},
    {USER "/federated-identity", NULL, NULL, THE_USER, "manage"}},

    {REALM, "GET", "/groups", ALL_GROUPS, "view"}},
    {REALM, "GET", "/groups/count", ALL_GROUPS, "view"}},
    {REALM, "POST", "/groups", ALL_GROUPS, "manage"}},
    {REALM "/group-by-path/{path*}", "GET", NULL, THE_GROUP, "view"}},
    {GROUP, "GET", "/members", THE_GROUP, "view-members"}},
    {GROUP, "GET", "/children", THE_GROUP, "view"}, may_list_groups},
    {GROUP, "GET", NULL, THE_GROUP, "view"}},
    {GROUP, "POST", "/children", THE_GROUP, "manage"}, may_move_group},
    {GROUP, NULL, NULL, THE_GROUP, "manage"}},
    {GROUP "/role-mappings", "GET", NULL, THE_GROUP, "view"}},
    {GROUP "/role-mappings", NULL, NULL, THE_GROUP, "manage"}},

    {REALM "/clients", "GET", NULL, ALL_CLIENTS, "view"}},
    {REALM "/clients", "POST", NULL, ALL_CLIENTS, "manage"}},
    {CLIENT, "GET", "/evaluate-scopes/generate-example-access-token", THE_CLIENT, "view"}, may_show_example},
    {CLIENT, "GET", "/evaluate-scopes/generate-example-id-token", THE_CLIENT, "view"}, may_show_example},
    {CLIENT, "GET", "/evaluate-scopes/generate-example-userinfo", THE_CLIENT, "view"}, may_show_example},
    {CLIENT, "GET", NULL, THE_CLIENT, "view"}},
    {CLIENT, NULL, NULL, THE_CLIENT, "manage"}, may_change_client},
    {CLIENT "/default-client-scopes", "GET", NULL, THE_CLIENT, "view"}},
    {CLIENT "/default-client-scopes", NULL, NULL, THE_CLIENT, "manage"}, may_change_client},
    {CLIENT "/optional-client-scopes", "GET", NULL, THE_CLIENT, "view"}},
    {CLIENT "/optional-client-scopes", NULL, NULL, THE_CLIENT, "manage"}, may_change_client},
    {CLIENT "/protocol-mappers", "GET", NULL, THE_CLIENT, "view"}},
    {CLIENT "/protocol-mappers", NULL, NULL, THE_CLIENT, "manage"}, may_change_client},
    {CLIENT "/scope-mappings", "GET", NULL, THE_CLIENT, "view"}},
    {CLIENT "/scope-mappings", NULL, NULL, THE_CLIENT, "manage"}, may_change_client},
    {CLIENT "/roles", "GET", NULL, THE_CLIENT, "view"}},
    {CLIENT "/roles", NULL, NULL, THE_CLIENT, "manage"}, may_change_client},
    {CLIENT "/roles/{role}", "GET", NULL, ABOUT_ROLE, {LK_GUARDED_CLIENTS, "view"}},
    {CLIENT "/roles/{role}", NULL, NULL, ABOUT_ROLE, {LK_GUARDED_CLIENTS, "manage"}, may_change_client},
    {REALM "/roles-by-id/{role}", "GET", NULL, ABOUT_ROLE, {LK_GUARDED_CLIENTS, "view"}},
    {REALM "/roles-by-id/{role}", NULL, NULL, ABOUT_ROLE, {LK_GUARDED_CLIENTS, "manage"}, may_change_client},
    {AUTHZ, "GET", "", THE_CLIENT, "view"}, may_change_client},
    {AUTHZ, NULL, NULL, THE_CLIENT, "manage"}, may_change_client},
    {AUTHZ "/resource", "GET", NULL, THE_CLIENT, "view"}, may_change_client},
    {AUTHZ "/resource", NULL, NULL, THE_CLIENT, "manage"}, may_change_client},
    {AUTHZ "/scope", "GET", NULL, THE_CLIENT, "view"}, may_change_client},
    {AUTHZ "/scope", NULL, NULL, THE_CLIENT, "manage"}, may_change_client},
    {AUTHZ "/policy", "GET", NULL, THE_CLIENT, "view"}, may_change_client},
    {AUTHZ "/policy", NULL, NULL, THE_CLIENT, "manage"}, may_change_client},
    {AUTHZ "/permission", "GET", NULL, THE_CLIENT, "view"}, may_change_client},
    {AUTHZ "/permission", NULL, NULL, THE_CLIENT, "manage"}, may_change_client},
    {REALM "/client-scopes", "GET", NULL, ALL_CLIENTS, "view"}},
    {REALM "/client-scopes", NULL, NULL, ALL_CLIENTS, "manage"}, sees_all_clients},
    {SCOPE "/protocol-mappers", "GET", NULL, ALL_CLIENTS, "view"}},
    {SCOPE "/protocol-mappers", NULL, NULL, ALL_CLIENTS, "manage"}, sees_all_clients},
    {SCOPE "/scope-mappings", "GET", NULL, ALL_CLIENTS, "view"}},
    {SCOPE "/scope-mappings", NULL, NULL, ALL_CLIENTS, "manage"}, sees_all_clients},
    {REALM "/clients-initial-access", "GET", NULL, ALL_CLIENTS, "view"}},
    {REALM "/clients-initial-access", NULL, NULL, ALL_CLIENTS, "manage"}},
    {REALM, "POST", "/client-description-converter", ALL_CLIENTS, "manage"}},
    {REALM "/default-default-client-scopes", "GET", NULL, ALL_CLIENTS, "view"}},
    {REALM "/default-default-client-scopes", NULL, NULL, ALL_CLIENTS, "manage"}},
    {REALM "/default-optional-client-scopes", "GET", NULL, ALL_CLIENTS, "view"}},
    {REALM "/default-optional-client-scopes", NULL, NULL, ALL_CLIENTS, "manage"}},

    {REALM "/organizations", "GET", "", ABOUT_NOBODY, {LK_GUARDED_ORGANIZATIONS, "view"}, may_list_organizations},
    {REALM "/organizations", "GET", "/count", ABOUT_NOBODY, {LK_GUARDED_ORGANIZATIONS, "view"}, may_list_organizations},
    {REALM "/organizations", "POST", "", ABOUT_ALL, {LK_GUARDED_ORGANIZATIONS, "manage"}},
    {ORGANIZATION, "GET", "", ABOUT_IT, {LK_GUARDED_ORGANIZATIONS, "view"}},
    {ORGANIZATION, "GET", "/members", ABOUT_IT, {LK_GUARDED_ORGANIZATIONS, "view"}},
    {ORGANIZATION, "GET", "/members/count", ABOUT_IT, {LK_GUARDED_ORGANIZATIONS, "view"}},
    {ORGANIZATION, "GET", "/members/{user}", ABOUT_IT, {LK_GUARDED_ORGANIZATIONS, "view"}},
    {ORGANIZATION, "GET", "/members/{user}/groups", ABOUT_IT, {LK_GUARDED_ORGANIZATIONS, "view"}},
    {ORGANIZATION, "GET", "/members/{user}/organizations", ABOUT_IT, {LK_GUARDED_ORGANIZATIONS, "view"}},
    {ORGANIZATION, "GET", "/identity-providers", ABOUT_IT, {LK_GUARDED_ORGANIZATIONS, "view"}},
    {ORGANIZATION, "GET", "/identity-providers/{alias}", ABOUT_IT, {LK_GUARDED_ORGANIZATIONS, "view"}},
    {ORGANIZATION, NULL, NULL, ABOUT_IT, {LK_GUARDED_ORGANIZATIONS, "manage"}, sees_organization},
    {ORGANIZATION "/groups", "GET", NULL, ABOUT_OWNER, {LK_GUARDED_ORGANIZATIONS, "view"}},
    {ORGANIZATION "/groups", NULL, NULL, ABOUT_OWNER, {LK_GUARDED_ORGANIZATIONS, "manage"}, sees_owner},
    {ORGANIZATION "/groups/group-by-path/{path*}", "GET", NULL, ABOUT_OWNER, {LK_GUARDED_ORGANIZATIONS, "view"}},
    {ORGANIZATION "/groups/{group}", "GET", NULL, ABOUT_OWNER, {LK_GUARDED_ORGANIZATIONS, "view"}},
    {ORGANIZATION "/groups/{group}", NULL, NULL, ABOUT_OWNER, {LK_GUARDED_ORGANIZATIONS, "manage"}, sees_owner},
    {ORGANIZATION "/groups/{group}/role-mappings", "GET", NULL, ABOUT_OWNER, {LK_GUARDED_ORGANIZATIONS, "view"}},
    {ORGANIZATION "/groups/{group}/role-mappings", NULL, NULL, ABOUT_OWNER, {LK_GUARDED_ORGANIZATIONS, "manage"}, sees_owner},
};
#define NUM_OPERATIONS (sizeof(operations) / sizeof(operations[0]))
/* clang-format on */

static int fits(const char *pattern, const char *text)
{
    return pattern == NULL || strcmp(pattern, text) == 0;
}

static const struct operation *operation_of(const lk_admin_t *admin)
{
    for (size_t i = 0; i != NUM_OPERATIONS; ++i)
        if (strcmp(operations[i].prefix, admin->mount->prefix) == 0 && fits(operations[i].method, admin->row->method) &&
            fits(operations[i].path, admin->row->path))
            return &operations[i];
    return NULL;
}

/* --- requests --- */

int lk_fine_begins(const lk_admin_t *admin)
{
    struct st_lk_fine_t *fine = permissions(admin);
    return fine != NULL && lk_admin_permissions_any(&fine->authz);
}

/* The user that a row's placeholder names; NULL where there is none, or it cannot be read. */
static const lk_user_t *user_of_row(const lk_admin_t *admin)
{
    const lk_user_t *user = NULL;
    return lk_user_by_id(admin->sql, admin->req->arena, admin->realm, admin->args[0], &user, NULL) == LK_OK ? user : NULL;
}

static int allows_operation(const lk_admin_t *admin, const struct operation *operation)
{
    const lk_user_t *user = operation->about == ABOUT_ARG ? user_of_row(admin) : admin->user;
    if (operation->about == ABOUT_NOBODY)
        return 1;
    if (operation->about == ABOUT_ALL)
        return lk_fine_allows(admin, &operation->asked, NULL, NULL);
    if (operation->about == ABOUT_ROLE)
        return admin->role->client_uuid != NULL && lk_fine_allows(admin, &operation->asked, admin->role->client_uuid, NULL);
    if (operation->about == ABOUT_OWNER)
        return lk_fine_allows(admin, &operation->asked, lk_json_str(admin->found, "id", ""), NULL);
    if (operation->asked.type == LK_GUARDED_USERS)
        return user != NULL && lk_fine_allows(admin, &operation->asked, NULL, user);
    return lk_fine_allows(admin, &operation->asked, admin->id, NULL);
}

int lk_fine_allows_request(const lk_admin_t *admin)
{
    const struct operation *operation = admin->fine != NULL ? operation_of(admin) : NULL;
    return operation != NULL && allows_operation(admin, operation) && (operation->besides == NULL || operation->besides(admin));
}

int lk_fine_sees_missing(const lk_admin_t *admin)
{
    const struct operation *operation = operation_of(admin);
    return operation != NULL && lk_fine_allows(admin, LK_FINE(operation->asked.type, "view"), NULL, NULL);
}

/* --- the client --- */

int lk_fine_is_client(const lk_admin_t *admin, const lk_client_t *client)
{
    const char *id = lk_admin_permissions_client_id(admin->realm);
    return id != NULL && strcmp(id, client->id) == 0;
}

/* As it comes: client policies, and what else is done for new clients, are not for this one. */
static lk_status_t make_client(lk_admin_t *admin, const char **ret_id, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_kind_t plain = lk_kind_client;
    json_t *client = lk_json_own(arena, lk_admin_permissions_client("")), *settings = lk_authz_new();
    plain.prepare = NULL;
    json_object_del(client, "id");
    json_object_set_new(client, "authorizationSettings", settings);
    lk_admin_permissions_complete(arena, settings);
    lk_rep_fill(&lk_client_fields, client);
    return lk_kind_create(admin, &plain, client, NULL, ret_id, err);
}

lk_status_t lk_fine_enable(lk_admin_t *admin, json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const lk_client_t *client = NULL;
    const char *id = NULL;
    lk_rows_t rows;
    json_t *settings;
    const char *made_id = admin->made_id;
    if (!lk_json_bool(rep, "adminPermissionsEnabled", 0) || admin->realm->admin_permissions_enabled)
        return LK_OK;
    lk_status_t status = lk_realm_client(admin->req->app->realms, admin->realm, LK_ADMIN_PERMISSIONS_CLIENT, &client, err);
    if (status == LK_OK && client == NULL)
        status = make_client(admin, &id, err);
    else if (status == LK_OK)
        id = client->id;
    admin->made_id = made_id; /* what the request's event is about */
    if (status == LK_OK)
        status = lk_authz_get(admin->sql, arena, admin->realm->id, id, &settings, err);
    if (status != LK_OK)
        return status;
    if (settings == NULL)
        settings = lk_json_own(arena, lk_authz_new());
    lk_admin_permissions_complete(arena, settings);
    json_object_set_new(rep, "adminPermissionsClient", lk_admin_permissions_reference(id));
    return lk_admin_sql(admin, LK_Q_AUTHZ_UPDATE, &rows, err, id, lk_json_text(arena, settings));
}

lk_status_t lk_fine_forget(lk_admin_t *admin, const char *id, lk_error_t *err)
{
    return lk_admin_permissions_forget(admin->sql, admin->req->arena, admin->realm, id, err);
}
