/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "token/mapper.h"

/* The table of protocol mapper types, and how their values become claims. */

enum {
    ACCESS = 1 << LK_TOKEN_ACCESS,
    ID = 1 << LK_TOKEN_ID,
    USERINFO = 1 << LK_TOKEN_USERINFO,
    INTROSPECTION = 1 << LK_TOKEN_INTROSPECTION,
    RESPONSE = 1 << LK_TOKEN_RESPONSE,
    TOKENS = ACCESS | INTROSPECTION,
    CLAIMS = TOKENS | ID | USERINFO,

    ALWAYS = LK_MAPPER_ALWAYS,
    ONE = LK_MAPPER_NEEDS_CLAIM | LK_MAPPER_NEEDS_TEXT, /* a claim made of a setting */
    ROLES = LK_MAPPER_NEEDS_CLAIM | LK_MAPPER_MULTIVALUED | LK_MAPPER_ROLES,
    ROLE = LK_MAPPER_ALWAYS | LK_MAPPER_NEEDS_TEXT
};
#define REALM_PREFIX "usermodel.realmRoleMapping.rolePrefix"
#define CLIENT_PREFIX "usermodel.clientRoleMapping.rolePrefix"

/* clang-format off */
static const lk_mapper_type_t types[] = {
    /* name, where it may stand, rank, flags, settings: text, extra, flag, what runs, what compiles */
    {"oidc-usermodel-attribute-mapper", CLAIMS, LK_RANK_CLAIMS, ONE | LK_MAPPER_MULTIVALUED, "user.attribute", NULL, "aggregate.attrs", lk_map_attribute, lk_compile_attribute},
    {"oidc-usermodel-property-mapper", CLAIMS, LK_RANK_CLAIMS, ONE, "user.attribute", NULL, NULL, lk_map_property, lk_compile_property},
    {"oidc-usermodel-realm-role-mapper", CLAIMS, LK_RANK_ROLES, ROLES, NULL, REALM_PREFIX, NULL, lk_map_realm_roles, NULL},
    {"oidc-usermodel-client-role-mapper", CLAIMS, LK_RANK_ROLES, ROLES, "usermodel.clientRoleMapping.clientId", CLIENT_PREFIX, NULL, lk_map_client_roles, NULL},
    {"oidc-group-membership-mapper", CLAIMS, LK_RANK_CLAIMS, LK_MAPPER_NEEDS_CLAIM | LK_MAPPER_LIST, NULL, NULL, "full.path", lk_map_groups, NULL},
    {"oidc-hardcoded-claim-mapper", CLAIMS | RESPONSE, LK_RANK_CLAIMS, ONE, "claim.value", NULL, NULL, lk_map_hardcoded_claim, lk_compile_hardcoded_claim},
    {"oidc-usersessionmodel-note-mapper", CLAIMS | RESPONSE, LK_RANK_CLAIMS, ONE, "user.session.note", NULL, NULL, lk_map_session_note, NULL},
    {"oidc-full-name-mapper", CLAIMS, LK_RANK_CLAIMS, 0, NULL, NULL, NULL, lk_map_full_name, NULL},
    {"oidc-address-mapper", CLAIMS, LK_RANK_CLAIMS, 0, NULL, NULL, NULL, lk_map_address, lk_compile_address},
    {"oidc-audience-mapper", TOKENS | ID, LK_RANK_CLAIMS, 0, "included.client.audience", "included.custom.audience", NULL, lk_map_audience, lk_compile_audience},
    {"oidc-audience-resolve-mapper", TOKENS, LK_RANK_AUDIENCES, 0, NULL, NULL, NULL, lk_map_audience_resolve, NULL},
    {"oidc-allowed-origins-mapper", TOKENS, LK_RANK_CLAIMS, 0, NULL, NULL, NULL, lk_map_allowed_origins, NULL},
    {"oidc-sub-mapper", TOKENS, LK_RANK_FIRST, 0, NULL, NULL, NULL, lk_map_subject, NULL},
    {"oidc-sha256-pairwise-sub-mapper", CLAIMS, LK_RANK_LAST, ALWAYS, NULL, "pairwiseSubAlgorithmSalt", NULL, lk_map_pairwise_subject, lk_compile_pairwise_subject},
    {"oidc-acr-mapper", TOKENS | ID, LK_RANK_CLAIMS, 0, NULL, NULL, NULL, lk_map_acr, NULL},
    {"oidc-session-state-mapper", CLAIMS, LK_RANK_CLAIMS, 0, NULL, NULL, NULL, lk_map_session_state, NULL},
    {"oidc-amr-mapper", ACCESS | ID, LK_RANK_CLAIMS, 0, NULL, NULL, NULL, lk_map_amr, NULL},
    {"oidc-nonce-backwards-compatible-mapper", TOKENS, LK_RANK_CLAIMS, ALWAYS, NULL, NULL, NULL, lk_map_nonce, NULL},
    {"oidc-claims-param-token-mapper", ID | USERINFO, LK_RANK_CLAIMS, 0, NULL, NULL, NULL, lk_map_claims_parameter, NULL},
    {"oidc-claims-param-value-idtoken-mapper", ID, LK_RANK_CLAIMS, LK_MAPPER_NEEDS_TEXT, "claim.name", NULL, NULL, lk_map_claims_parameter_value, NULL},
    {"oidc-role-name-mapper", CLAIMS, LK_RANK_ROLE_NAMES, ROLE, "role", "new.role.name", NULL, lk_map_role_name, NULL},
    {"oidc-hardcoded-role-mapper", CLAIMS, LK_RANK_ROLES_ADDED, ROLE, "role", NULL, NULL, lk_map_hardcoded_role, NULL},
    {"oidc-organization-membership-mapper", CLAIMS, LK_RANK_CLAIMS, LK_MAPPER_NEEDS_CLAIM | LK_MAPPER_MULTIVALUED, NULL, NULL, NULL, lk_map_organizations, lk_compile_organization},
    {"oidc-parameterized-scope-mapper", CLAIMS, LK_RANK_CLAIMS, LK_MAPPER_NEEDS_CLAIM, NULL, NULL, NULL, lk_map_scope_parameter, NULL},
    {"oidc-organization-group-membership-mapper", CLAIMS, LK_RANK_LAST, 0, NULL, NULL, "addGroupRoleMappings", lk_map_organization_groups, lk_compile_organization_groups},
};
/* clang-format on */

const lk_mapper_type_t *lk_mapper_type_find(const char *name)
{
    for (size_t i = 0; name != NULL && i != sizeof(types) / sizeof(types[0]); ++i)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

int lk_mapper_type_is_known(const char *name)
{
    return lk_mapper_type_find(name) != NULL;
}

void lk_step_put_at(lk_build_t *build, const lk_step_t *step, const lk_claim_path_t *path, const char *const *values, size_t count)
{
    if (step->is_audience) {
        build->num_audiences = 0;
        for (size_t i = 0; i != count; ++i)
            lk_build_add_audience(build, values[i]);
        return;
    }
    if (step->put == LK_PUT_ONE) {
        lk_claims_set_path(build->arena, &build->claims, path, step->convert(build->arena, values[0]));
        return;
    }
    const char **items = LK_NEW_ARRAY(build->arena, const char *, count);
    for (size_t i = 0; i != count; ++i) {
        items[i] = step->convert(build->arena, values[i]);
        if (items[i] == NULL)
            items[i] = "null";
    }
    lk_claims_add_path(build->arena, &build->claims, path, items, count,
                       step->put == LK_PUT_MERGE ? LK_CLAIM_DISTINCT : LK_CLAIM_APPEND);
}

void lk_step_put(lk_build_t *build, const lk_step_t *step, const char *const *values, size_t count)
{
    lk_step_put_at(build, step, &step->path, values, count);
}
