/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "broker/mappers.h"

#include <string.h>
#include "core/json.h"

/* The table of mapper types, and when each of them speaks. */
/* clang-format off */
static const lk_idp_mapper_type_t types[] = {
    {"oidc-user-attribute-idp-mapper", lk_idp_map_attribute_prepare, lk_idp_map_attribute, LK_LEGACY_APPLY},
    {"oidc-username-idp-mapper", lk_idp_map_username_prepare, lk_idp_map_username, LK_LEGACY_NOTHING},
    {"hardcoded-attribute-idp-mapper", lk_idp_map_hardcoded_attribute_prepare, lk_idp_map_hardcoded_attribute, LK_LEGACY_APPLY},
    {"hardcoded-user-session-attribute-idp-mapper", lk_idp_map_session_attribute, NULL, LK_LEGACY_NOTHING},
    {"oidc-user-session-note-idp-mapper", lk_idp_map_session_notes, NULL, LK_LEGACY_NOTHING},
    {"oidc-role-idp-mapper", NULL, lk_idp_map_claim_to_role, LK_LEGACY_REVOKE},
    {"oidc-advanced-role-idp-mapper", NULL, lk_idp_map_claims_to_role, LK_LEGACY_NOTHING},
    {"oidc-advanced-group-idp-mapper", NULL, lk_idp_map_claims_to_group, LK_LEGACY_NOTHING},
    {"oidc-hardcoded-role-idp-mapper", NULL, lk_idp_map_hardcoded_role, LK_LEGACY_NOTHING},
    {"oidc-hardcoded-group-idp-mapper", NULL, lk_idp_map_hardcoded_group, LK_LEGACY_NOTHING},
    {"keycloak-oidc-role-to-role-idp-mapper", NULL, lk_idp_map_external_role, LK_LEGACY_REVOKE},
    {"google-user-attribute-mapper", lk_idp_map_json_prepare, lk_idp_map_json, LK_LEGACY_NOTHING},
    {"github-user-attribute-mapper", lk_idp_map_json_prepare, lk_idp_map_json, LK_LEGACY_NOTHING},
    {"microsoft-user-attribute-mapper", lk_idp_map_json_prepare, lk_idp_map_json, LK_LEGACY_NOTHING},
    {"linkedin-user-attribute-mapper", lk_idp_map_json_prepare, lk_idp_map_json, LK_LEGACY_NOTHING},
    {"gitlab-user-attribute-mapper", lk_idp_map_json_prepare, lk_idp_map_json, LK_LEGACY_NOTHING},
    {"facebook-user-attribute-mapper", lk_idp_map_json_prepare, lk_idp_map_json, LK_LEGACY_NOTHING},
    {"paypal-user-attribute-mapper", lk_idp_map_json_prepare, lk_idp_map_json, LK_LEGACY_NOTHING},
    {"openshift-v4-user-attribute-mapper", lk_idp_map_json_prepare, lk_idp_map_json, LK_LEGACY_NOTHING},
};
/* clang-format on */

static const lk_idp_mapper_type_t *find(const char *id)
{
    for (size_t i = 0; id != NULL && i != sizeof(types) / sizeof(types[0]); ++i)
        if (strcmp(types[i].id, id) == 0)
            return &types[i];
    return NULL;
}

const char *lk_mapping_config(const lk_mapping_t *mapping, const char *name, const char *fallback)
{
    const char *value = lk_json_config(mapping->mapper->config, name, NULL);
    return value != NULL && *value != '\0' ? value : fallback;
}

void lk_idp_mappers_prepare(lk_arena_t *arena, const lk_realm_t *realm, const lk_upstream_t *upstream, lk_brokered_t *brokered)
{
    for (size_t i = 0; i != upstream->provider->num_mappers; ++i) {
        lk_mapping_t mapping = {arena, realm, upstream, &upstream->provider->mappers[i], brokered, NULL};
        const lk_idp_mapper_type_t *type = find(mapping.mapper->type);
        if (type != NULL && type->prepare != NULL)
            type->prepare(&mapping);
    }
}

static void speak(const lk_mapping_t *mapping, const lk_idp_mapper_type_t *type)
{
    lk_sync_t sync = lk_sync_parse(lk_mapping_config(mapping, "syncMode", NULL));
    if (sync == LK_SYNC_INHERIT)
        sync = mapping->upstream->sync;
    if (mapping->patch->user == NULL || sync == LK_SYNC_FORCE || (sync == LK_SYNC_LEGACY && type->legacy == LK_LEGACY_APPLY)) {
        type->apply(mapping);
    } else if (sync == LK_SYNC_LEGACY && type->legacy == LK_LEGACY_REVOKE) {
        lk_patch_t only_revoke = *mapping->patch;
        lk_mapping_t narrowed = *mapping;
        only_revoke.revoke_only = 1;
        narrowed.patch = &only_revoke;
        type->apply(&narrowed);
    }
}

void lk_idp_mappers_apply(lk_arena_t *arena, const lk_realm_t *realm, const lk_upstream_t *upstream, lk_brokered_t *brokered,
                          lk_patch_t *patch)
{
    for (size_t i = 0; i != upstream->provider->num_mappers; ++i) {
        lk_mapping_t mapping = {arena, realm, upstream, &upstream->provider->mappers[i], brokered, patch};
        const lk_idp_mapper_type_t *type = find(mapping.mapper->type);
        if (type != NULL && type->apply != NULL)
            speak(&mapping, type);
    }
}
