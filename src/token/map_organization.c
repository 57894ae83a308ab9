/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "model/organization.h"
#include "token/mapper.h"

/* The organizations that a user belongs to, as far as the scope asks for them: "organization" is the only one that there is, or
 * that was chosen at the login, "organization:acme" that one, "organization:*" all. */

typedef struct st_wanted_t {
    int as_object, id, attributes, domain;
} wanted_t;

int lk_compile_organization(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step)
{
    (void)client;
    wanted_t *wanted = LK_NEW(arena, wanted_t);
    wanted->id = lk_json_config_bool(mapper->config, "addOrganizationId", 0);
    wanted->attributes = lk_json_config_bool(mapper->config, "addOrganizationAttributes", 0);
    wanted->as_object =
        wanted->id || wanted->attributes || strcmp(lk_json_config(mapper->config, "jsonType.label", ""), "JSON") == 0;
    wanted->domain = wanted->as_object && lk_json_config_bool(mapper->config, "addOrganizationDomain", 0);
    step->more = wanted;
    return 1;
}

static int is_asked(const lk_build_t *build, const char *alias)
{
    const lk_client_session_t *session = build->context->client_session;
    const char *words = build->context->scopes.organizations,
               *chosen = session != NULL ? lk_json_str(session->notes, LK_NOTE_ORGANIZATION, NULL) : NULL;
    if (words != NULL)
        return lk_scope_asks_organization(words, alias);
    return json_array_size(build->context->user->organizations) == 1 || (chosen != NULL && strcmp(chosen, alias) == 0);
}

/* The organization's domain that is that of the user's address. */
static const char *domain_of_user(const lk_build_t *build, const json_t *organization)
{
    const char *email = build->context->user->email, *domain = email != NULL ? lk_domain_of_address(build->arena, email) : NULL;
    json_t *one;
    size_t i;
    json_array_foreach(json_object_get(organization, "domains"), i, one)
    {
        if (domain != NULL && strcmp(json_string_value(one), domain) == 0)
            return domain;
    }
    return NULL;
}

/* New reference. */
static json_t *describe(const lk_build_t *build, const json_t *organization, const wanted_t *wanted)
{
    json_t *about = wanted->attributes ? json_copy(json_object_get(organization, "attributes")) : json_object();
    const char *domain = wanted->domain ? domain_of_user(build, organization) : NULL;
    if (domain != NULL)
        json_object_set_new(about, "domain", json_string(domain));
    if (wanted->id)
        json_object_set(about, "id", json_object_get(organization, "id"));
    return about;
}

typedef struct st_asked_t {
    const char **aliases;
    const json_t **organizations;
    size_t count;
} asked_t;

/* Those that the scope asks for, of the user's own. */
static asked_t asked(const lk_build_t *build)
{
    const json_t *all = build->context->user->organizations;
    size_t max = build->context->realm->organizations_enabled ? json_array_size(all) : 0;
    asked_t list = {LK_NEW_ARRAY(build->arena, const char *, max), LK_NEW_ARRAY(build->arena, const json_t *, max), 0};
    for (size_t i = 0; i != max; ++i) {
        const json_t *organization = json_array_get(all, i);
        const char *alias = lk_json_str(organization, "alias", "");
        if (!is_asked(build, alias))
            continue;
        list.aliases[list.count] = alias;
        list.organizations[list.count++] = organization;
    }
    return list;
}

void lk_map_organizations(lk_build_t *build, const lk_step_t *step)
{
    const wanted_t *wanted = step->more;
    asked_t list = asked(build);
    json_t *claim = lk_json_own(build->arena, json_object());
    for (size_t i = 0; wanted->as_object && i != list.count; ++i)
        json_object_set_new(claim, list.aliases[i], describe(build, list.organizations[i], wanted));
    if (list.count != 0 && wanted->as_object)
        lk_claims_set_path(build->arena, &build->claims, &step->path, lk_json_text(build->arena, claim));
    else if (list.count != 0)
        lk_step_put(build, step, list.aliases, list.count);
}

/* --- their groups --- */

int lk_compile_organization_groups(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step)
{
    (void)client;
    (void)mapper;
    step->path = lk_claim_path(arena, "organization");
    return 1;
}

/* What a mapper of organizations has put into this token, or would. NULL: there is none. */
static const lk_step_t *step_of_organizations(const lk_build_t *build)
{
    const lk_plan_t *plan = build->context->plan;
    for (size_t i = 0; i != plan->num_steps; ++i)
        if (plan->steps[i].type->run == lk_map_organizations)
            return &plan->steps[i];
    return NULL;
}

/* `ids`: a role's id a line, or NULL. */
static void add_roles(lk_role_set_t *set, lk_arena_t *arena, const lk_realm_t *realm, const char *ids)
{
    while (ids != NULL && *ids != '\0') {
        size_t len = strcspn(ids, "\n");
        const lk_role_t *role = lk_realm_role_by_id(realm, lk_strndup(arena, ids, len));
        if (role != NULL)
            lk_role_set_add(set, role);
        ids += len + (ids[len] == '\n');
    }
}

static json_t *roles_object(const lk_role_names_t *names)
{
    json_t *list = json_array();
    for (size_t i = 0; i != names->count; ++i)
        json_array_append_new(list, json_string(names->names[i]));
    return json_pack("{s:o}", "roles", list);
}

/* As access tokens show a user's own. */
static void describe_roles(const lk_build_t *build, const lk_role_set_t *roles, json_t *about)
{
    const lk_role_names_t *names = lk_role_names_make(build->arena, build->context->realm, roles);
    json_t *access = json_object();
    if (names->count != 0)
        json_object_set_new(about, "realm_access", roles_object(names));
    for (const lk_role_names_t *of = names->next; of != NULL; of = of->next)
        json_object_set_new(access, of->client, roles_object(of));
    if (json_object_size(access) != 0)
        json_object_set(about, "resource_access", access);
    json_decref(access);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void describe_groups(const lk_build_t *build, const json_t *groups, int with_roles, json_t *about)
{
    size_t count = json_array_size(groups);
    const char **paths = LK_NEW_ARRAY(build->arena, const char *, count);
    json_t *list = json_array(), *group;
    lk_role_set_t roles;
    size_t i;
    lk_role_set_init(&roles, build->arena, build->context->realm);
    json_array_foreach((json_t *)groups, i, group)
    {
        paths[i] = lk_json_str(group, "path", "");
        add_roles(&roles, build->arena, build->context->realm, lk_json_str(group, "roles", NULL));
    }
    qsort(paths, count, sizeof(*paths), compare_paths);
    for (i = 0; i != count; ++i)
        json_array_append_new(list, json_string(paths[i]));
    json_object_set_new(about, "groups", list);
    if (with_roles)
        describe_roles(build, &roles, about);
}

/* Adds to the claim of the mapper of organizations, which becomes an object by it, the paths of the groups that the user is in, and
 * with addGroupRoleMappings the roles that these have, but not those of the groups above. */
void lk_map_organization_groups(lk_build_t *build, const lk_step_t *step)
{
    const lk_step_t *of = step_of_organizations(build);
    const wanted_t nothing = {0}, *wanted = of != NULL && (of->kinds & 1u << build->kind) != 0 ? of->more : &nothing;
    asked_t list = asked(build);
    json_t *claim = lk_json_own(build->arena, json_object());
    for (size_t i = 0; i != list.count; ++i) {
        json_t *about = describe(build, list.organizations[i], wanted);
        describe_groups(build, json_object_get(list.organizations[i], "groups"), step->flag, about);
        json_object_set_new(claim, list.aliases[i], about);
    }
    if (list.count != 0)
        lk_claims_set_path(build->arena, &build->claims, of != NULL ? &of->path : &step->path, lk_json_text(build->arena, claim));
}
