/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/realm.h"

#include <stdlib.h>
#include <string.h>
#include "core/json.h"

const lk_identity_provider_t *lk_realm_identity_provider(const lk_realm_t *realm, const char *alias)
{
    for (size_t i = 0; i != realm->num_identity_providers; ++i)
        if (strcmp(realm->identity_providers[i].alias, alias) == 0)
            return &realm->identity_providers[i];
    return NULL;
}

static int compare_organization(const void *id, const void *organization)
{
    return strcmp(id, ((const lk_organization_t *)organization)->id);
}

const lk_organization_t *lk_realm_organization_by_id(const lk_realm_t *realm, const char *id)
{
    return realm->num_organizations != 0
               ? bsearch(id, realm->organizations, realm->num_organizations, sizeof(lk_organization_t), compare_organization)
               : NULL;
}

const lk_organization_t *lk_realm_organization(const lk_realm_t *realm, const char *alias)
{
    for (size_t i = 0; i != realm->num_organizations; ++i)
        if (strcmp(realm->organizations[i].alias, alias) == 0)
            return &realm->organizations[i];
    return NULL;
}

#define LAST_PLACE 10000 /* Keycloak's, for what has no guiOrder */

static int64_t place_of(const lk_identity_provider_t *provider)
{
    return lk_json_config_int(provider->config, "guiOrder", LAST_PLACE);
}

const lk_identity_provider_t **lk_realm_providers_in_order(lk_arena_t *arena, const lk_realm_t *realm)
{
    const lk_identity_provider_t **list = lk_alloc(arena, (realm->num_identity_providers + 1) * sizeof(*list));
    for (size_t i = 0, at; i != realm->num_identity_providers; ++i) {
        const lk_identity_provider_t *provider = &realm->identity_providers[i];
        for (at = i; at != 0 && place_of(list[at - 1]) > place_of(provider); --at)
            list[at] = list[at - 1];
        list[at] = provider;
    }
    return list;
}

const char *lk_client_attribute(const lk_client_t *client, const char *name, const char *fallback)
{
    return lk_json_config(client->attributes, name, fallback);
}

int64_t lk_client_attribute_int(const lk_client_t *client, const char *name, int64_t fallback)
{
    return lk_json_config_int(client->attributes, name, fallback);
}

int lk_client_attribute_bool(const lk_client_t *client, const char *name, int fallback)
{
    return lk_json_config_bool(client->attributes, name, fallback);
}

/* --- role sets --- */

void lk_role_set_init(lk_role_set_t *set, lk_arena_t *arena, const lk_realm_t *realm)
{
    set->words = (realm->num_roles + 63) / 64;
    set->bits = LK_NEW_ARRAY(arena, uint64_t, set->words);
}

void lk_role_set_direct(lk_role_set_t *set, const lk_role_t *const *roles, size_t count)
{
    for (size_t i = 0; i != count; ++i)
        set->bits[roles[i]->index / 64] |= (uint64_t)1 << (roles[i]->index % 64);
}

int lk_role_set_has(const lk_role_set_t *set, const lk_role_t *role)
{
    return (int)(set->bits[role->index / 64] >> (role->index % 64) & 1);
}

/* A role that is in the set has brought its composites with it, so rings end. Depth is bounded by the number of composite roles;
 * deep chains do not occur, but recursion is cheap here all the same. */
void lk_role_set_add(lk_role_set_t *set, const lk_role_t *role)
{
    if (lk_role_set_has(set, role))
        return;
    set->bits[role->index / 64] |= (uint64_t)1 << (role->index % 64);
    for (size_t i = 0; i != role->num_children; ++i)
        lk_role_set_add(set, role->children[i]);
}

void lk_role_set_intersect(lk_role_set_t *set, const lk_role_set_t *other)
{
    for (size_t i = 0; i != set->words; ++i)
        set->bits[i] &= other->bits[i];
}
