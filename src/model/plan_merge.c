/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/export_internal.h"
#include "model/import_internal.h"
#include "model/plan_internal.h"

#include <string.h>

/* The kinds of things in a realm file are a table; each list of them is merged by the same walk. */

typedef struct st_merge_t {
    lk_plan_t *plan;
    lk_import_t *im;        /* for what brings files of older versions up to date */
    const json_t *flow_ids; /* of the file -> here */
    lk_error_t *err;
} merge_t;

typedef struct st_kind_t {
    const char *name;
    const char *keys[3]; /* the members by which things are the same, up to NULL */
    const char *id;
    const lk_representation_t *fields;
    const char *const *kept; /* members that a file does not change in what is there; up to NULL */
    const char *child;       /* a member that is a list with a kind of its own, or NULL */
    const struct st_kind_t *child_kind;
    int is_never_deleted;
    void (*prepare)(merge_t *merge, json_t *given, const json_t *target); /* target: NULL for a new thing; may be NULL */
    void (*normalise)(merge_t *merge, json_t *given);                     /* before it is looked for; may be NULL */
    int goes_by_id;                                                       /* what names such things does so by their ids */
} kind_t;

static const char *const kept_of_role[] = {"composite", "scopeParamRequired", NULL};
static const char *const kept_of_client[] = {"protocolMappers", "defaultRoles", "registrationAccessToken", "authorizationSettings",
                                             NULL};
static const char *const kept_of_scope[] = {"protocolMappers", NULL};
static const char *const kept_of_provider[] = {"organizationId", NULL}; /* organizations say which are theirs */
static const char *const kept_of_organization[] = {"alias", "groups", NULL};
static const char *const kept_of_group[] = {"subGroups", NULL};
static const char *const kept_of_component[] = {"subComponents", "parentId", "providerType", NULL};
/* What users do to themselves, or what happens to them, is theirs once they are there. */
static const char *const kept_of_user[] = {
    "id", "credentials", "requiredActions", "createdTimestamp", "clientConsents", "serviceAccountClientId", NULL};

/* --- what is special about a kind --- */

static void prepare_client(merge_t *merge, json_t *given, const json_t *target)
{
    const char *name;
    json_t *id, *overrides = json_copy(json_object_get(given, "authenticationFlowBindingOverrides"));
    lk_import_modernise_client(merge->im, lk_json_str(given, "clientId", ""), given);
    if (overrides == NULL)
        return;
    json_object_foreach(json_object_get(given, "authenticationFlowBindingOverrides"), name, id)
    {
        json_t *here = json_object_get(merge->flow_ids, json_is_string(id) ? json_string_value(id) : "");
        if (here != NULL)
            json_object_set_nocheck(overrides, name, here);
    }
    json_object_set_new_nocheck(given, "authenticationFlowBindingOverrides", overrides);
}

static void prepare_provider(merge_t *merge, json_t *given, const json_t *target)
{
    lk_import_modernise_provider(given);
}

static int is_same_step(const json_t *a, const json_t *b)
{
    return strcmp(lk_json_str(a, "authenticator", ""), lk_json_str(b, "authenticator", "")) == 0 &&
           strcmp(lk_json_str(a, "flowAlias", ""), lk_json_str(b, "flowAlias", "")) == 0;
}

/* The steps of a flow are one list in its order. Where the same steps stand at the same places they keep their ids and what the
 * file leaves out. */
static void prepare_flow(merge_t *merge, json_t *given, const json_t *target)
{
    static const char *const none[] = {NULL};
    size_t i;
    json_t *step, *merged = json_array(), *ignored = json_array();
    const json_t *there = json_object_get(target, "authenticationExecutions");
    if (json_object_get(given, "authenticationExecutions") != NULL) {
        lk_import_modernise_flow(merge->im, given);
        json_array_foreach(json_object_get(given, "authenticationExecutions"), i, step)
        {
            json_t *old = json_array_get(there, i);
            json_t *next = old != NULL && is_same_step(old, step) ? json_deep_copy(old) : json_object();
            lk_plan_patch(&lk_execution_fields, none, next, step, ignored);
            json_array_append_new(merged, next);
        }
        json_object_set_nocheck(given, "authenticationExecutions", merged);
    }
    json_decref(merged);
    json_decref(ignored);
}

static void prepare_action(merge_t *merge, json_t *given, const json_t *target)
{
    lk_import_modernise_action(merge->im, lk_json_str(given, "alias", ""), given);
}

static void prepare_organization(merge_t *merge, json_t *given, const json_t *target)
{
    lk_plan_prepare_organization(merge->plan, given, target);
}

/* Before it is looked for. */
static void normalise_user(merge_t *merge, json_t *given)
{
    static const char *const lowered[] = {"username", "email"};
    lk_import_modernise_user(given);
    for (size_t i = 0; i != sizeof(lowered) / sizeof(lowered[0]); ++i) {
        const char *text = lk_json_str(given, lowered[i], NULL);
        if (text != NULL)
            json_object_set_new_nocheck(given, lowered[i], json_string(lk_utf8_lower(merge->plan->arena, text)));
    }
}

/* --- the table --- */

static const lk_field_t mapping_fields[] = {
    LK_FIELD_FREE("client", STRING, 0, NULL),
    LK_FIELD_FREE("clientScope", STRING, 0, NULL),
    LK_FIELD_FREE("roles", STRINGS, 0, NULL),
};
static const lk_representation_t mapping_rep = LK_REPRESENTATION("ScopeMappingRepresentation", mapping_fields);

static const kind_t mapper_kind = {"protocol mapper", {"name"}, "id", &lk_mapper_fields, NULL, NULL, NULL, 0, NULL};
static const kind_t group_kind = {"group", {"name"}, "id", &lk_group_fields, kept_of_group, "subGroups", &group_kind, 0, NULL};
static const kind_t organization_group_kind = {.name = "organization group",
                                               .keys = {"name"},
                                               .id = "id",
                                               .fields = &lk_group_fields,
                                               .kept = kept_of_group,
                                               .child = "subGroups",
                                               .child_kind = &organization_group_kind,
                                               .goes_by_id = 1};
static const kind_t realm_role_kind = {"role", {"name"}, "id", &lk_role_fields, kept_of_role, NULL, NULL, 0, NULL};
static const kind_t client_role_kind = {"client role", {"name"}, "id", &lk_role_fields, kept_of_role, NULL, NULL, 0, NULL};
static const kind_t component_kind = {
    "component", {"name", "subType", "providerId"}, "id", &lk_component_fields, kept_of_component, NULL, NULL, 0, NULL};
static const kind_t key_kind = {"key", {"name", "providerId"}, "id", &lk_component_fields, kept_of_component, NULL, NULL, 1, NULL};
static const kind_t mapping_kind = {"scope mapping", {"client", "clientScope"}, NULL, &mapping_rep, NULL, NULL, NULL, 0, NULL};

/* Members of a realm that are lists of one kind. */
static const struct {
    const char *member;
    kind_t kind;
} lists[] = {
    {"clientScopes", {"client scope", {"name"}, "id", &lk_scope_fields, kept_of_scope, "protocolMappers", &mapper_kind, 0, NULL}},
    {"clients",
     {"client", {"clientId"}, "id", &lk_client_fields, kept_of_client, "protocolMappers", &mapper_kind, 0, prepare_client}},
    {"identityProviders",
     {"identity provider",
      {"alias"},
      "internalId",
      &lk_identity_provider_fields,
      kept_of_provider,
      NULL,
      NULL,
      0,
      prepare_provider}},
    {"identityProviderMappers",
     {"identity provider mapper",
      {"identityProviderAlias", "name"},
      "id",
      &lk_identity_provider_mapper_fields,
      NULL,
      NULL,
      NULL,
      0,
      NULL}},
    {"authenticationFlows", {"authentication flow", {"alias"}, "id", &lk_flow_fields, NULL, NULL, NULL, 0, prepare_flow}},
    {"authenticatorConfig", {"authenticator config", {"alias"}, "id", &lk_authenticator_config_fields, NULL, NULL, NULL, 0, NULL}},
    {"requiredActions", {"required action", {"alias"}, NULL, &lk_required_action_fields, NULL, NULL, NULL, 0, prepare_action}},
    {"scopeMappings", {"scope mapping", {"client", "clientScope"}, NULL, &mapping_rep, NULL, NULL, NULL, 0, NULL}},
    {"groups", {"group", {"name"}, "id", &lk_group_fields, kept_of_group, "subGroups", &group_kind, 0, NULL}},
    {"organizations",
     {"organization",
      {"name"},
      "id",
      &lk_organization_fields,
      kept_of_organization,
      "groups",
      &organization_group_kind,
      0,
      prepare_organization}},
    {"users", {"user", {"username"}, NULL, &lk_user_fields, kept_of_user, NULL, NULL, 1, NULL, normalise_user}},
};

/* Members of a realm that are no settings of it, or that it works out. */
static const char *const kept_of_realm[] = {"id",
                                            "realm",
                                            "roles",
                                            "groups",
                                            "users",
                                            "federatedUsers",
                                            "scopeMappings",
                                            "clientScopeMappings",
                                            "clients",
                                            "clientScopes",
                                            "identityProviders",
                                            "identityProviderMappers",
                                            "components",
                                            "authenticationFlows",
                                            "authenticatorConfig",
                                            "requiredActions",
                                            "defaultRole",
                                            "defaultRoles",
                                            "otpSupportedApplications",
                                            "keycloakVersion",
                                            "privateKey",
                                            "publicKey",
                                            "certificate",
                                            "codeSecret",
                                            "organizations",
                                            "adminPermissionsClient",
                                            "userFederationProviders",
                                            "userFederationMappers",
                                            "protocolMappers",
                                            "applications",
                                            "applicationScopeMappings",
                                            "oauthClients",
                                            "clientTemplates",
                                            NULL};

/* --- one list --- */

static const char *name_of(const merge_t *merge, const kind_t *kind, const char *prefix, const json_t *thing)
{
    const char *name = NULL;
    for (size_t i = 0; i != sizeof(kind->keys) / sizeof(kind->keys[0]) && kind->keys[i] != NULL; ++i) {
        const char *part = lk_json_str(thing, kind->keys[i], "");
        if (name == NULL || name[0] == '\0')
            name = part;
        else if (part[0] != '\0')
            name = lk_printf(merge->plan->arena, "%s/%s", name, part);
    }
    return lk_printf(merge->plan->arena, "%s%s", prefix, name != NULL ? name : "");
}

static json_t *find_by_keys(const kind_t *kind, const json_t *list, const json_t *given)
{
    size_t i;
    json_t *thing;
    json_array_foreach((json_t *)list, i, thing)
    {
        int same = 1;
        for (size_t k = 0; same && k != sizeof(kind->keys) / sizeof(kind->keys[0]) && kind->keys[k] != NULL; ++k)
            same = strcmp(lk_json_str(thing, kind->keys[k], ""), lk_json_str(given, kind->keys[k], "")) == 0;
        if (same)
            return thing;
    }
    return NULL;
}

static json_t *find_by_id(const kind_t *kind, const json_t *list, const json_t *given)
{
    size_t i;
    json_t *thing;
    const char *id = kind->id != NULL ? lk_json_str(given, kind->id, NULL) : NULL;
    json_array_foreach((json_t *)list, i, thing)
    {
        if (id != NULL && strcmp(lk_json_str(thing, kind->id, ""), id) == 0)
            return thing;
    }
    return NULL;
}

/* By name, or by id where it has been renamed; of what goes by id the other way round, where the file is of another place. */
static json_t *find_thing(const kind_t *kind, const json_t *list, const json_t *given)
{
    json_t *first = (kind->goes_by_id ? find_by_id : find_by_keys)(kind, list, given);
    return first != NULL ? first : (kind->goes_by_id ? find_by_keys : find_by_id)(kind, list, given);
}

/* What Keycloak makes by itself is no file's. */
static int is_built_in(const merge_t *merge, const kind_t *kind, const json_t *built_in, const json_t *thing)
{
    const char *name = lk_json_str(thing, kind->keys[0], "");
    size_t len = strlen(name);
    if (kind->is_never_deleted || lk_json_bool(thing, "builtIn", 0) || find_by_keys(kind, built_in, thing) != NULL)
        return 1;
    if (kind == &realm_role_kind)
        return strcmp(name, lk_json_str(json_object_get(merge->plan->current, "defaultRole"), "name", "")) == 0 ||
               (merge->im->is_master && (strcmp(name, "admin") == 0 || strcmp(name, "create-realm") == 0));
    if (kind == &client_role_kind)
        return strcmp(name, "uma_protection") == 0;
    return merge->im->is_master && strcmp(kind->keys[0], "clientId") == 0 && len > 6 && strcmp(name + len - 6, "-realm") == 0;
}

static lk_status_t merge_list(merge_t *merge, const kind_t *kind, const char *prefix, const char *path, json_t *list,
                              const json_t *given, const json_t *built_in);

static lk_status_t merge_components(merge_t *merge, const char *prefix, const char *path, json_t *target, const json_t *given,
                                    const json_t *built_in);

static lk_status_t merge_children(merge_t *merge, const kind_t *kind, const char *name, const char *path, json_t *target,
                                  const json_t *given)
{
    const json_t *children = kind->child != NULL ? json_object_get(given, kind->child) : NULL;
    if (children != NULL && !json_is_null(children))
        return merge_list(merge, kind->child_kind, lk_printf(merge->plan->arena, "%s/", name),
                          lk_printf(merge->plan->arena, "%s.%s", path, kind->child),
                          lk_export_member(target, kind->child, JSON_ARRAY), children, NULL);
    const json_t *components = kind->fields == &lk_component_fields ? json_object_get(given, "subComponents") : NULL;
    if (json_object_size(components) != 0)
        return merge_components(merge, lk_printf(merge->plan->arena, "%s/", name),
                                lk_printf(merge->plan->arena, "%s.subComponents", path),
                                lk_export_member(target, "subComponents", JSON_OBJECT), components, NULL);
    return LK_OK;
}

static int is_among(const json_t *seen, const json_t *thing)
{
    const char *name;
    json_t *other;
    json_object_foreach((json_t *)seen, name, other)
    {
        if (other == thing)
            return 1;
    }
    return 0;
}

static lk_status_t merge_thing(merge_t *merge, const kind_t *kind, const char *prefix, const char *path, json_t *list,
                               const json_t *value, json_t *seen)
{
    lk_error_t reason = {0};
    if (lk_rep_check(kind->fields, value, path, 0, &reason) != LK_OK)
        return lk_fail(merge->err, LK_INVALID, "malformed", "%s", reason.text);
    json_t *given =
        lk_json_own(merge->plan->arena, json_deep_copy(lk_json_own(merge->plan->arena, lk_rep_strict(kind->fields, value))));
    if (kind->normalise != NULL)
        kind->normalise(merge, given);
    json_t *target = find_thing(kind, list, given);
    if (target == NULL && kind->keys[1] == NULL && lk_json_str(given, kind->keys[0], "")[0] == '\0')
        return lk_fail(merge->err, LK_INVALID, "malformed", "%s.%s: missing", path, kind->keys[0]);
    const char *name = name_of(merge, kind, prefix, given);
    if (kind->prepare != NULL)
        kind->prepare(merge, given, target);
    if (json_object_get(seen, name) != NULL || (kind->goes_by_id && target != NULL && is_among(seen, target)))
        return lk_import_twice(path, kind->name, name, merge->err);
    json_object_set_nocheck(seen, name, target != NULL ? target : given);
    if (target == NULL) {
        json_array_append(list, given);
        lk_plan_add(merge->plan, LK_CHANGE_CREATE, kind->name, name);
        return LK_OK;
    }
    json_t *fields = lk_json_own(merge->plan->arena, json_array());
    lk_plan_patch(kind->fields, kind->kept, target, given, fields);
    if (json_array_size(fields) != 0)
        lk_plan_add(merge->plan, LK_CHANGE_UPDATE, kind->name, name)->fields = fields;
    return merge_children(merge, kind, name, path, target, given);
}

static lk_status_t merge_list(merge_t *merge, const kind_t *kind, const char *prefix, const char *path, json_t *list,
                              const json_t *given, const json_t *built_in)
{
    size_t i;
    json_t *thing, *seen = lk_json_own(merge->plan->arena, json_object());
    if (!json_is_array(given))
        return lk_fail(merge->err, LK_INVALID, "malformed", "%s: expected an array", path);
    json_array_foreach((json_t *)given, i, thing)
    {
        lk_status_t status = merge_thing(merge, kind, prefix, lk_printf(merge->plan->arena, "%s[%zu]", path, i), list, thing, seen);
        if (status != LK_OK)
            return status;
    }
    for (i = json_array_size(list); i-- != 0;) {
        thing = json_array_get(list, i);
        if (is_among(seen, thing) || is_built_in(merge, kind, built_in, thing))
            continue;
        lk_plan_add(merge->plan, LK_CHANGE_DELETE, kind->name, name_of(merge, kind, prefix, thing));
        json_array_remove(list, i);
    }
    return LK_OK;
}

/* --- what is not simply a list --- */

static lk_status_t merge_components(merge_t *merge, const char *prefix, const char *path, json_t *target, const json_t *given,
                                    const json_t *built_in)
{
    const char *type;
    json_t *list;
    lk_status_t status = LK_OK;
    json_object_foreach((json_t *)given, type, list)
    {
        const kind_t *kind = strcmp(type, "org.keycloak.keys.KeyProvider") == 0 ? &key_kind : &component_kind;
        if (status == LK_OK)
            status = merge_list(merge, kind, prefix, lk_printf(merge->plan->arena, "%s[\"%s\"]", path, type),
                                lk_export_member(target, type, JSON_ARRAY), list, json_object_get(built_in, type));
    }
    return status;
}

static lk_status_t merge_client_lists(merge_t *merge, const kind_t *kind, const char *path, json_t *target, const json_t *given,
                                      const json_t *built_in)
{
    const char *client_id;
    json_t *list;
    lk_status_t status = LK_OK;
    json_object_foreach((json_t *)given, client_id, list)
    {
        if (status == LK_OK)
            status = merge_list(merge, kind, lk_printf(merge->plan->arena, "%s/", client_id),
                                lk_printf(merge->plan->arena, "%s.%s", path, client_id),
                                lk_export_member(target, client_id, JSON_ARRAY), list, json_object_get(built_in, client_id));
    }
    return status;
}

static lk_status_t merge_roles(merge_t *merge, const json_t *given)
{
    json_t *roles = lk_export_member(merge->plan->wanted, "roles", JSON_OBJECT);
    const json_t *realm = json_object_get(given, "realm"), *built_in = json_object_get(merge->im->defaults, "roles");
    lk_status_t status = LK_OK;
    if (realm != NULL)
        status = merge_list(merge, &realm_role_kind, "", "$.roles.realm", lk_export_member(roles, "realm", JSON_ARRAY), realm,
                            json_object_get(built_in, "realm"));
    if (status == LK_OK)
        status = merge_client_lists(merge, &client_role_kind, "$.roles.client", lk_export_member(roles, "client", JSON_OBJECT),
                                    json_object_get(given, "client"), json_object_get(built_in, "client"));
    return status;
}

static void merge_settings(merge_t *merge)
{
    lk_arena_t *arena = merge->plan->arena;
    json_t *given = lk_json_own(arena, json_copy(merge->im->given)), *attributes = json_object_get(given, "attributes");
    json_t *fields = lk_json_own(arena, json_array());
    if (attributes != NULL) {
        json_t *rep = lk_json_own(arena, json_pack("{s:O}", "attributes", attributes));
        lk_import_modernise_rep(rep);
        json_object_set_nocheck(given, "attributes", json_object_get(rep, "attributes"));
    }
    lk_plan_patch(&lk_realm_fields, kept_of_realm, merge->plan->wanted, given, fields);
    if (json_array_size(fields) != 0)
        lk_plan_add(merge->plan, LK_CHANGE_UPDATE, "realm", merge->plan->realm_name)->fields = fields;
}

/* The file's ids of flows -> those of the flows of that name here. */
static const json_t *map_flow_ids(merge_t *merge)
{
    json_t *ids = lk_json_own(merge->plan->arena, json_object()), *flow;
    static const kind_t by_alias = {.keys = {"alias"}};
    size_t i;
    json_array_foreach(json_object_get(merge->im->given, "authenticationFlows"), i, flow)
    {
        const json_t *here = find_by_keys(&by_alias, json_object_get(merge->plan->current, "authenticationFlows"), flow);
        if (here != NULL && lk_json_str(flow, "id", NULL) != NULL)
            json_object_set_nocheck(ids, lk_json_str(flow, "id", ""), json_object_get(here, "id"));
    }
    return ids;
}

static lk_status_t merge_all(merge_t *merge)
{
    lk_plan_t *plan = merge->plan;
    const json_t *given = merge->im->given, *built_in = merge->im->defaults, *list;
    lk_status_t status = LK_OK;
    plan->num_changes = 0;
    merge_settings(merge);
    if (json_object_get(given, "roles") != NULL)
        status = merge_roles(merge, json_object_get(given, "roles"));
    for (size_t i = 0; i != sizeof(lists) / sizeof(lists[0]) && status == LK_OK; ++i) {
        if ((list = json_object_get(given, lists[i].member)) == NULL)
            continue;
        status =
            merge_list(merge, &lists[i].kind, lists[i].kind.child_kind == &group_kind ? "/" : "",
                       lk_printf(plan->arena, "$.%s", lists[i].member), lk_export_member(plan->wanted, lists[i].member, JSON_ARRAY),
                       list, json_object_get(built_in, lists[i].member));
    }
    if (status == LK_OK)
        status = merge_components(merge, "", "$.components", lk_export_member(plan->wanted, "components", JSON_OBJECT),
                                  json_object_get(given, "components"), json_object_get(built_in, "components"));
    if (status == LK_OK)
        status = merge_client_lists(
            merge, &mapping_kind, "$.clientScopeMappings", lk_export_member(plan->wanted, "clientScopeMappings", JSON_OBJECT),
            json_object_get(given, "clientScopeMappings"), json_object_get(built_in, "clientScopeMappings"));
    if (json_object_get(given, "organizations") != NULL) {
        lk_plan_give_providers(plan);
        lk_plan_leave_groups(plan);
    }
    return status;
}

lk_status_t lk_plan_merge(lk_plan_t *plan, const json_t *file, lk_error_t *err)
{
    lk_import_t im = {.arena = plan->arena,
                      .realm_name = plan->realm_name,
                      .is_master = strcmp(plan->realm_name, "master") == 0,
                      .file_version = lk_json_str(file, "keycloakVersion", NULL),
                      .given = lk_json_own(plan->arena, lk_rep_strict(&lk_realm_fields, file))};
    merge_t merge = {plan, &im, NULL, err};
    lk_import_modernise(&im);
    lk_status_t status = lk_defaults_load(plan->arena, "realm-defaults.json", plan->realm_name, &im.defaults, err);
    if (status != LK_OK)
        return status;
    merge.flow_ids = map_flow_ids(&merge);
    status = merge_all(&merge);
    if (status == LK_OK && lk_plan_drop_references(plan))
        status = merge_all(&merge);
    const char *dangling = status == LK_OK ? lk_plan_dangling(plan) : NULL;
    if (dangling != NULL)
        return lk_fail(err, LK_INVALID, "unknown", "the file still names \"%.200s\", which its own list leaves out", dangling);
    return status;
}
