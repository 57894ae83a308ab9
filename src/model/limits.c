/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/fields.h"

#include "core/encode.h"
#include "core/json.h"

/* Keycloak's columns: what is longer could not go back. */
static const struct {
    const lk_representation_t *rep;
    const char *member;
    size_t max; /* in characters */
} limits[] = {
    {&lk_realm_fields, "id", 36},
    {&lk_realm_fields, "displayName", 255},
    {&lk_client_fields, "clientId", 255},
    {&lk_client_fields, "name", 255},
    {&lk_client_fields, "description", 255},
    {&lk_client_fields, "secret", 255},
    {&lk_role_fields, "id", 36},
    {&lk_role_fields, "name", 255},
    {&lk_role_fields, "description", 255},
    {&lk_group_fields, "id", 36},
    {&lk_group_fields, "name", 255},
    {&lk_group_fields, "description", 255},
    {&lk_user_fields, "id", 36},
    {&lk_user_fields, "username", 255},
    {&lk_user_fields, "email", 255},
    {&lk_user_fields, "firstName", 255},
    {&lk_user_fields, "lastName", 255},
    {&lk_scope_fields, "id", 36},
    {&lk_scope_fields, "name", 255},
    {&lk_scope_fields, "description", 255},
    {&lk_flow_fields, "id", 36},
    {&lk_flow_fields, "alias", 255},
    {&lk_identity_provider_fields, "internalId", 36},
    {&lk_identity_provider_fields, "alias", 255},
    {&lk_identity_provider_fields, "displayName", 255},
    {&lk_identity_provider_mapper_fields, "id", 36},
    {&lk_identity_provider_mapper_fields, "name", 255},
    {&lk_mapper_fields, "id", 36},
    {&lk_mapper_fields, "name", 255},
    {&lk_component_fields, "id", 36},
    {&lk_component_fields, "name", 255},
    {&lk_organization_fields, "name", 255},
    {&lk_organization_fields, "alias", 255},
};

const char *lk_rep_over_limit(const lk_representation_t *rep, const json_t *value, size_t *ret_max)
{
    for (size_t i = 0; i != sizeof(limits) / sizeof(limits[0]); ++i) {
        const char *text = limits[i].rep == rep ? lk_json_str(value, limits[i].member, NULL) : NULL;
        if (text != NULL && lk_utf8_length(text) > limits[i].max) {
            *ret_max = limits[i].max;
            return limits[i].member;
        }
    }
    return NULL;
}
