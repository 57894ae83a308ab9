/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_BROKER_MAPPERS_H
#define LK_BROKER_MAPPERS_H

#include "broker/brokered.h"
#include "model/federated.h"

/* Identity provider mappers: what of somebody's description becomes what of the user. */

/* What the user shall be after this login. The mappers write into it; what they leave alone stays. */
typedef struct st_lk_patch_t {
    lk_arena_t *arena;
    const lk_realm_t *realm;
    const lk_user_t *user; /* as they are; NULL: a new one */
    const char *username, *email, *first_name, *last_name;
    int email_verified;
    json_t *attributes;
    signed char *roles;  /* by lk_role_t.index: 1 granted, -1 taken away, 0 as it was; granted by one mapper wins */
    signed char *groups; /* by place in realm->groups */
    int revoke_only;     /* a mapper in mode LEGACY: it takes roles away, and grants none */
} lk_patch_t;
void lk_patch_init(lk_patch_t *patch, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user);
void lk_patch_role(lk_patch_t *patch, const lk_role_t *role, int on);
void lk_patch_group(lk_patch_t *patch, const lk_group_t *group, int on);
/* values: an array, or NULL to take it away. username, email, firstName and lastName are members, not attributes. */
void lk_patch_attribute(lk_patch_t *patch, const char *name, json_t *values);
/* The change to be stored; returns 0 where nothing would change. */
int lk_patch_change(const lk_patch_t *patch, lk_user_change_t *ret_change);

/* What a mapper's functions work with. */
typedef struct st_lk_mapping_t {
    lk_arena_t *arena;
    const lk_realm_t *realm;
    const lk_upstream_t *upstream;
    const lk_provider_mapper_t *mapper;
    lk_brokered_t *brokered;
    lk_patch_t *patch; /* NULL while preparing */
} lk_mapping_t;
const char *lk_mapping_config(const lk_mapping_t *mapping, const char *name, const char *fallback);

/* What happens at later logins in mode LEGACY, each mapper in its own old way. */
typedef enum en_lk_legacy_t { LK_LEGACY_NOTHING, LK_LEGACY_APPLY, LK_LEGACY_REVOKE } lk_legacy_t;
typedef struct st_lk_idp_mapper_type_t {
    const char *id;
    /* At each login, before it is known who this is: changes the description. May be NULL. */
    void (*prepare)(const lk_mapping_t *mapping);
    /* For a new user, and for a known one in mode FORCE. May be NULL. */
    void (*apply)(const lk_mapping_t *mapping);
    lk_legacy_t legacy;
} lk_idp_mapper_type_t;

/* Runs all mappers' prepare. */
void lk_idp_mappers_prepare(lk_arena_t *arena, const lk_realm_t *realm, const lk_upstream_t *upstream, lk_brokered_t *brokered);
/* Runs those that speak now: all for a new user (patch->user NULL), by their sync mode for a known one. */
void lk_idp_mappers_apply(lk_arena_t *arena, const lk_realm_t *realm, const lk_upstream_t *upstream, lk_brokered_t *brokered,
                          lk_patch_t *patch);

/* The functions of the table, by file. map_roles.c: */
void lk_idp_map_claim_to_role(const lk_mapping_t *mapping);
void lk_idp_map_claims_to_role(const lk_mapping_t *mapping);
void lk_idp_map_claims_to_group(const lk_mapping_t *mapping);
void lk_idp_map_hardcoded_role(const lk_mapping_t *mapping);
void lk_idp_map_hardcoded_group(const lk_mapping_t *mapping);
void lk_idp_map_external_role(const lk_mapping_t *mapping);
/* map_attributes.c: */
void lk_idp_map_attribute_prepare(const lk_mapping_t *mapping);
void lk_idp_map_attribute(const lk_mapping_t *mapping);
void lk_idp_map_json_prepare(const lk_mapping_t *mapping);
void lk_idp_map_json(const lk_mapping_t *mapping);
void lk_idp_map_hardcoded_attribute_prepare(const lk_mapping_t *mapping);
void lk_idp_map_hardcoded_attribute(const lk_mapping_t *mapping);
void lk_idp_map_session_attribute(const lk_mapping_t *mapping);
void lk_idp_map_session_notes(const lk_mapping_t *mapping);
void lk_idp_map_username_prepare(const lk_mapping_t *mapping);
void lk_idp_map_username(const lk_mapping_t *mapping);
/* claims.c: */
/* 1 where a claim's value, or one of its elements, is `wanted`, or matches it as a pattern. */
int lk_claim_is(lk_arena_t *arena, const json_t *value, const char *wanted, int is_pattern);

#endif
