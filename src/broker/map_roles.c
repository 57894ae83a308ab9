/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/mappers.h"
#include "core/json.h"

/* Mappers that grant roles and memberships, and take them away. */

/* "client.role" or "role": the part before any of the dots, from the last on, may be a client. */
static const lk_role_t *role_named(const lk_mapping_t *mapping, const char *name)
{
    if (name == NULL)
        return NULL;
    char *copy = lk_strdup(mapping->arena, name);
    for (char *dot = strrchr(copy, '.'); dot != NULL; dot = strrchr(copy, '.')) {
        *dot = '\0';
        const lk_role_t *role = lk_realm_role(mapping->realm, copy, name + (dot - copy) + 1);
        if (role != NULL)
            return role;
    }
    return lk_realm_role(mapping->realm, NULL, name);
}

static void set_role(const lk_mapping_t *mapping, int on)
{
    lk_patch_role(mapping->patch, role_named(mapping, lk_mapping_config(mapping, "role", NULL)), on);
}

void lk_idp_map_claim_to_role(const lk_mapping_t *mapping)
{
    const json_t *value = lk_brokered_claim(mapping->arena, mapping->brokered, lk_mapping_config(mapping, "claim", NULL));
    set_role(mapping, lk_claim_is(mapping->arena, value, lk_mapping_config(mapping, "claim.value", ""), 0));
}

/* "claims": a JSON text of [{"key": path, "value": wanted}], all of which must hold. */
static int claims_hold(const lk_mapping_t *mapping)
{
    const char *text = lk_mapping_config(mapping, "claims", "[]");
    int is_pattern = lk_json_config_bool(mapping->mapper->config, "are.claim.values.regex", 0);
    json_t *list, *entry;
    size_t i;
    if (lk_json_parse(mapping->arena, text, strlen(text), &list, NULL) != LK_OK)
        return 0;
    json_array_foreach(list, i, entry)
    {
        const json_t *value = lk_brokered_claim(mapping->arena, mapping->brokered, lk_json_str(entry, "key", NULL));
        if (!lk_claim_is(mapping->arena, value, lk_json_str(entry, "value", ""), is_pattern))
            return 0;
    }
    return 1;
}

void lk_idp_map_claims_to_role(const lk_mapping_t *mapping)
{
    set_role(mapping, claims_hold(mapping));
}

static void set_group(const lk_mapping_t *mapping, int on)
{
    const char *path = lk_mapping_config(mapping, "group", NULL);
    if (path != NULL)
        lk_patch_group(mapping->patch, lk_realm_group_by_path(mapping->realm, path), on);
}

void lk_idp_map_claims_to_group(const lk_mapping_t *mapping)
{
    set_group(mapping, claims_hold(mapping));
}

void lk_idp_map_hardcoded_role(const lk_mapping_t *mapping)
{
    set_role(mapping, 1);
}

void lk_idp_map_hardcoded_group(const lk_mapping_t *mapping)
{
    set_group(mapping, 1);
}

/* A role of the access token of another Keycloak: "client.role" or "role". */
void lk_idp_map_external_role(const lk_mapping_t *mapping)
{
    const json_t *token = json_object_get(mapping->brokered->claims, "access_token");
    const char *wanted = lk_mapping_config(mapping, "external.role", ""), *dot = strchr(wanted, '.');
    const json_t *roles = json_object_get(json_object_get(token, "realm_access"), "roles");
    if (dot != NULL) {
        const char *client = lk_strndup(mapping->arena, wanted, (size_t)(dot - wanted));
        roles = json_object_get(json_object_get(json_object_get(token, "resource_access"), client), "roles");
        wanted = dot + 1;
    }
    set_role(mapping, lk_claim_is(mapping->arena, roles, wanted, 0));
}
