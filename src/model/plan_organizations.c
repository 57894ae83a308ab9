/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"
#include "model/plan_internal.h"

#include <string.h>
#include "crypto/crypto.h"
#include "model/export.h"

/* Organizations of a realm file: what they name elsewhere (members, identity providers) has rows of its own, and members are users:
 * those that the file does not name stay. */

/* --- who can be a member --- */

static void add_names(lk_plan_t *plan, json_t *names, const json_t *users)
{
    json_t *user;
    size_t i;
    json_array_foreach((json_t *)users, i, user)
    {
        json_array_append_new(names, json_string(lk_utf8_lower(plan->arena, lk_json_str(user, "username", ""))));
    }
}

lk_status_t lk_plan_find_members(lk_plan_t *plan, lk_export_t *export, const json_t *file, lk_error_t *err)
{
    json_t *organization, *names = lk_json_own(plan->arena, json_array()), *users, *user;
    size_t i;
    json_array_foreach(json_object_get(file, "organizations"), i, organization)
    {
        add_names(plan, names, json_object_get(organization, "members"));
    }
    plan->known_users = lk_json_own(plan->arena, json_object());
    lk_status_t status = lk_export_users_named(export, plan->arena, names, &users, err);
    if (status != LK_OK)
        return status;
    json_array_foreach(users, i, user)
    {
        json_object_set_new_nocheck(plan->known_users, lk_json_str(user, "username", ""), json_true());
    }
    names = lk_json_own(plan->arena, json_array());
    add_names(plan, names, json_object_get(file, "users"));
    json_array_foreach(names, i, user)
    {
        json_object_set_new_nocheck(plan->known_users, json_string_value(user), json_true());
    }
    return LK_OK;
}

/* --- one of the file, as those that are here are written --- */

static json_t *find(const json_t *list, const char *member, const char *value)
{
    json_t *thing;
    size_t i;
    json_array_foreach((json_t *)list, i, thing)
    {
        if (strcmp(lk_json_str(thing, member, ""), value) == 0)
            return thing;
    }
    return NULL;
}

/* Those that are here, as the file has them where it names them; then who is new. */
static json_t *merge_members(lk_plan_t *plan, const json_t *given, const json_t *there)
{
    json_t *members = lk_json_own(plan->arena, json_deep_copy(there != NULL ? there : lk_json_own(plan->arena, json_array())));
    json_t *member;
    size_t i;
    json_array_foreach((json_t *)given, i, member)
    {
        const char *name = lk_utf8_lower(plan->arena, lk_json_str(member, "username", ""));
        const char *type = lk_json_str(member, "membershipType", "UNMANAGED");
        json_t *old = find(members, "username", name);
        if (old == NULL && json_object_get(plan->known_users, name) == NULL)
            continue;
        if (old == NULL) {
            old = json_pack("{s:s}", "username", name);
            json_array_append_new(members, old);
        }
        json_object_set_new_nocheck(old, "membershipType", json_string(type));
        if (json_is_array(json_object_get(member, "groups")))
            json_object_set_nocheck(old, "groups", json_object_get(member, "groups"));
    }
    return members;
}

static json_t *known_providers(lk_plan_t *plan, const json_t *given)
{
    json_t *providers = lk_json_own(plan->arena, json_array()), *provider;
    size_t i;
    json_array_foreach((json_t *)given, i, provider)
    {
        const char *alias = lk_json_str(provider, "alias", "");
        if (find(json_object_get(plan->wanted, "identityProviders"), "alias", alias) != NULL)
            json_array_append_new(providers, json_pack("{s:s}", "alias", alias));
    }
    return providers;
}

void lk_plan_prepare_organization(lk_plan_t *plan, json_t *given, const json_t *target)
{
    const json_t *members = json_object_get(given, "members"), *providers = json_object_get(given, "identityProviders");
    if (json_object_get(given, "domains") != NULL)
        json_object_set_nocheck(given, "domains", lk_import_domains(plan->arena, given));
    if (json_is_array(members))
        json_object_set_nocheck(given, "members", merge_members(plan, members, json_object_get(target, "members")));
    if (json_is_array(providers))
        json_object_set_nocheck(given, "identityProviders", known_providers(plan, providers));
    if (target != NULL)
        return;
    if (lk_json_str(given, "id", NULL) == NULL)
        json_object_set_new_nocheck(given, "id", json_string(lk_random_uuid(plan->arena)));
    if (lk_json_str(given, "alias", NULL) == NULL)
        json_object_set_new_nocheck(given, "alias", json_string(lk_json_str(given, "name", "")));
}

/* Whose each provider is, their own representations say. */
void lk_plan_give_providers(lk_plan_t *plan)
{
    json_t *organizations = json_object_get(plan->wanted, "organizations"), *provider, *organization;
    size_t i, j;
    json_array_foreach(json_object_get(plan->wanted, "identityProviders"), i, provider)
    {
        const char *owner = NULL;
        json_array_foreach(organizations, j, organization)
        {
            if (find(json_object_get(organization, "identityProviders"), "alias", lk_json_str(provider, "alias", "")) != NULL)
                owner = lk_json_str(organization, "id", NULL);
        }
        if (owner != NULL)
            json_object_set_new_nocheck(provider, "organizationId", json_string(owner));
        else
            json_object_del(provider, "organizationId");
    }
}

static void collect_ids(json_t *ids, const json_t *groups)
{
    json_t *group;
    size_t i;
    json_array_foreach((json_t *)groups, i, group)
    {
        json_object_set_new_nocheck(ids, lk_json_str(group, "id", ""), json_true());
        collect_ids(ids, json_object_get(group, "subGroups"));
    }
}

/* Takes the members of an organization out of its groups that are no more. */
static void leave_groups(lk_plan_t *plan, const json_t *before, json_t *organization)
{
    json_t *there = lk_json_own(plan->arena, json_object()), *left = lk_json_own(plan->arena, json_object()), *member;
    size_t i;
    collect_ids(there, json_object_get(before, "groups"));
    collect_ids(left, json_object_get(organization, "groups"));
    json_array_foreach(json_object_get(organization, "members"), i, member)
    {
        json_t *groups = json_object_get(member, "groups");
        for (size_t k = json_array_size(groups); k-- != 0;) {
            const char *id = json_string_value(json_array_get(groups, k));
            if (json_object_get(there, id) != NULL && json_object_get(left, id) == NULL)
                json_array_remove(groups, k);
        }
    }
}

void lk_plan_leave_groups(lk_plan_t *plan)
{
    json_t *organization;
    size_t i;
    json_array_foreach(json_object_get(plan->wanted, "organizations"), i, organization)
    {
        const json_t *before = find(json_object_get(plan->current, "organizations"), "id", lk_json_str(organization, "id", ""));
        if (before != NULL)
            leave_groups(plan, before, organization);
    }
}

/* --- writing --- */

static lk_status_t write_one(lk_plan_t *plan, lk_sql_t *tx, json_t *organization, const json_t *groups, int is_new, lk_error_t *err)
{
    lk_import_t im = {.arena = plan->arena};
    const char *id = lk_json_str(organization, "id", "");
    const json_t *members = json_object_get(organization, "members");
    lk_rows_t ignored;
    lk_error_t reason = {0};
    lk_rep_fill(&lk_organization_fields, organization);
    lk_status_t status =
        lk_query(tx, plan->arena, is_new ? LK_Q_ORGANIZATION_INSERT : LK_Q_ORGANIZATION_UPDATE, &ignored, &reason, plan->realm_id,
                 lk_json_text(plan->arena, organization), lk_import_rep(&im, &lk_organization_fields, organization));
    if (status == LK_CONFLICT)
        return lk_fail(err, LK_CONFLICT, "duplicate", "organization \"%.200s\": its name, alias or a domain occurs twice",
                       lk_json_str(organization, "name", ""));
    if (status != LK_OK && err != NULL)
        *err = reason;
    if (status == LK_OK && json_is_array(members))
        status = lk_query(tx, plan->arena, LK_Q_APPLY_ORGANIZATION_MEMBERS, &ignored, err, plan->realm_id, id,
                          lk_json_text(plan->arena, members));
    return status == LK_OK ? lk_write_organization_groups(tx, plan->arena, plan->realm_id, organization, groups, err) : status;
}

lk_status_t lk_plan_write_organizations(lk_plan_t *plan, lk_sql_t *tx, const json_t *groups, lk_error_t *err)
{
    const json_t *before = json_object_get(plan->current, "organizations"), *after = json_object_get(plan->wanted, "organizations");
    lk_status_t status = LK_OK;
    lk_rows_t ignored;
    json_t *organization;
    size_t i;
    json_array_foreach((json_t *)before, i, organization)
    {
        const char *id = lk_json_str(organization, "id", "");
        if (status == LK_OK && find(after, "id", id) == NULL)
            status = lk_query(tx, plan->arena, LK_Q_UNAPPLY_ORGANIZATION, &ignored, err, plan->realm_id, id);
    }
    json_array_foreach((json_t *)after, i, organization)
    {
        const json_t *old = find(before, "id", lk_json_str(organization, "id", ""));
        if (status == LK_OK && (old == NULL || !json_equal(old, organization)))
            status =
                write_one(plan, tx, organization, json_object_get(groups, lk_json_str(organization, "name", "")), old == NULL, err);
    }
    return status;
}
