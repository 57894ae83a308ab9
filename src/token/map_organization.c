/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "token/mapper.h"

/* The organizations that a user belongs to, as far as the scope asks for them: "organization" is the only one that there is, or
 * that was chosen at the login, "organization:acme" that one, "organization:*" all. */

typedef struct st_wanted_t {
    int as_object, id, attributes;
} wanted_t;

int lk_compile_organization(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step)
{
    (void)client;
    wanted_t *wanted = LK_NEW(arena, wanted_t);
    wanted->id = lk_json_config_bool(mapper->config, "addOrganizationId", 0);
    wanted->attributes = lk_json_config_bool(mapper->config, "addOrganizationAttributes", 0);
    wanted->as_object =
        wanted->id || wanted->attributes || strcmp(lk_json_config(mapper->config, "jsonType.label", ""), "JSON") == 0;
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

static void describe(json_t *claim, const json_t *organization, const wanted_t *wanted)
{
    json_t *about = wanted->attributes ? json_copy(json_object_get(organization, "attributes")) : json_object();
    if (wanted->id)
        json_object_set(about, "id", json_object_get(organization, "id"));
    json_object_set_new(claim, lk_json_str(organization, "alias", ""), about);
}

void lk_map_organizations(lk_build_t *build, const lk_step_t *step)
{
    const json_t *all = build->context->user->organizations;
    const wanted_t *wanted = step->more;
    const char **aliases = LK_NEW_ARRAY(build->arena, const char *, json_array_size(all) + 1);
    json_t *claim = lk_json_own(build->arena, json_object()), *organization;
    size_t count = 0, i;
    if (!build->context->realm->organizations_enabled)
        return;
    json_array_foreach((json_t *)all, i, organization)
    {
        const char *alias = lk_json_str(organization, "alias", "");
        if (!is_asked(build, alias))
            continue;
        aliases[count++] = alias;
        describe(claim, organization, wanted);
    }
    if (count != 0 && wanted->as_object)
        lk_claims_set_path(build->arena, &build->claims, &step->path, lk_json_text(build->arena, claim));
    else if (count != 0)
        lk_step_put(build, step, aliases, count);
}
