/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_TOKEN_MAPPER_H
#define LK_TOKEN_MAPPER_H

#include "token/claims.h"
#include "token/token.h"
#include "token/values.h"

/* Protocol mappers: what turns a user, a session, roles and settings into claims. mappers.c has the table, plan.c compiles the
 * mappers of a client and its scopes, the map_*.c files hold what runs for each token. */

/* Roles as tokens show them, by owner: the realm's own first (client NULL). */
typedef struct st_lk_role_names_t {
    const char *client; /* clientId */
    const char **names;
    size_t count, max;
    struct st_lk_role_names_t *next;
} lk_role_names_t;

/* One token that is being built. */
typedef struct st_lk_build_t {
    lk_arena_t *arena;
    lk_token_context_t *context;
    lk_token_kind_t kind;
    lk_claim_t claims;
    const char **audiences;
    size_t num_audiences, max_audiences;
} lk_build_t;

void lk_build_add_audience(lk_build_t *build, const char *audience);

/* --- plans --- */

typedef struct st_lk_step_t lk_step_t;
typedef struct st_lk_mapper_type_t lk_mapper_type_t;

/* How values become a claim. */
typedef enum en_lk_put_t {
    LK_PUT_ONE,   /* the first value; replaces */
    LK_PUT_MERGE, /* a list; what is there already is not repeated */
    LK_PUT_APPEND /* a list, put behind one that is there */
} lk_put_t;

/* A mapper, compiled: what its settings decide is decided. Lives as long as the client's plans. */
struct st_lk_step_t {
    const lk_mapper_type_t *type;
    unsigned kinds; /* of tokens: bits 1 << lk_token_kind_t */
    int rank;
    lk_claim_path_t path; /* depth 0: the mapper has no claim of its own */
    lk_put_t put;
    lk_convert_t convert;
    const char *text, *extra; /* what the type's settings say: the attribute's or role's name, a prefix, ...; see the table */
    int flag;                 /* likewise: full.path, aggregate.attrs */
    int is_audience;          /* the claim is "aud" itself */
    const void *more;         /* likewise: what the type's own compile function made */
    const lk_scope_t *scope;  /* whose mapper it is; NULL: the client's own */
};

/* One mapper type. */
struct st_lk_mapper_type_t {
    const char *name;
    unsigned kinds; /* of tokens that it can stand in */
    int rank;       /* lower ones run first */
    unsigned flags; /* LK_MAPPER_... */
    const char *text_setting, *extra_setting, *flag_setting;
    void (*run)(lk_build_t *build, const lk_step_t *step);
    /* What the settings above do not cover; 0 drops the mapper. NULL: nothing. */
    int (*compile)(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step);
};
enum {
    LK_MAPPER_ALWAYS = 1,      /* has no switches: stands in all its kinds of tokens */
    LK_MAPPER_NEEDS_CLAIM = 2, /* does nothing without claim.name */
    LK_MAPPER_NEEDS_TEXT = 4,  /* does nothing without its text_setting */
    LK_MAPPER_MULTIVALUED = 8, /* the setting "multivalued" decides between the first value and a list */
    LK_MAPPER_LIST = 16,       /* always a list */
    LK_MAPPER_ROLES = 32       /* its lists are put behind one another; ${client_id} in the claim's name */
};
const lk_mapper_type_t *lk_mapper_type_find(const char *name);
/* 1 where the server knows this mapper type: for the admin API. */
int lk_mapper_type_is_known(const char *name);

/* Ranks, lower ones first: what changes roles, what the token begins with, what reads users and sessions, what reads roles. */
enum {
    LK_RANK_ROLE_NAMES,
    LK_RANK_ROLES_ADDED,
    LK_RANK_FIRST,
    LK_RANK_CLAIMS,
    LK_RANK_AUDIENCES,
    LK_RANK_ROLES,
    LK_RANK_LAST,
    LK_NUM_RANKS
};

typedef struct st_lk_plan_t {
    const lk_scope_t *const *scopes; /* what it was made for */
    size_t num_scopes;
    int is_lightweight;     /* access tokens have only what says so itself */
    const lk_step_t *steps; /* in the order of their running */
    size_t num_steps;
    size_t num_role_steps;        /* of them the first ones, which change roles: they run once for all tokens */
    const lk_role_set_t *allowed; /* roles that the client and its scopes let through; NULL: all */
    struct st_lk_plan_t *next;
} lk_plan_t;
/* The plan for a client with these scopes; made at first use and kept with the client. `arena` takes it where the client has too
 * many already. */
const lk_plan_t *lk_plan_get(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const lk_scopes_t *scopes,
                             int is_lightweight);

/* --- what runs --- */

/* Sets the step's claim to the values, converted. Values that do not convert are null in lists, and otherwise left out. */
void lk_step_put(lk_build_t *build, const lk_step_t *step, const char *const *values, size_t count);
void lk_step_put_at(lk_build_t *build, const lk_step_t *step, const lk_claim_path_t *path, const char *const *values, size_t count);

/* The effective roles by name, for all tokens of a context. */
lk_role_names_t *lk_role_names_make(lk_arena_t *arena, const lk_realm_t *realm, const lk_role_set_t *roles);

/* map_user.c */
void lk_map_attribute(lk_build_t *build, const lk_step_t *step);
void lk_map_property(lk_build_t *build, const lk_step_t *step);
void lk_map_full_name(lk_build_t *build, const lk_step_t *step);
void lk_map_address(lk_build_t *build, const lk_step_t *step);
void lk_map_groups(lk_build_t *build, const lk_step_t *step);
void lk_map_organizations(lk_build_t *build, const lk_step_t *step);
void lk_map_organization_groups(lk_build_t *build, const lk_step_t *step);
int lk_compile_organization_groups(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step);
int lk_compile_organization(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step);
void lk_map_subject(lk_build_t *build, const lk_step_t *step);
void lk_map_pairwise_subject(lk_build_t *build, const lk_step_t *step);
int lk_compile_attribute(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step);
int lk_compile_property(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step);
int lk_compile_address(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step);
int lk_compile_pairwise_subject(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step);

/* map_roles.c */
void lk_map_role_name(lk_build_t *build, const lk_step_t *step);
void lk_map_hardcoded_role(lk_build_t *build, const lk_step_t *step);
void lk_map_realm_roles(lk_build_t *build, const lk_step_t *step);
void lk_map_client_roles(lk_build_t *build, const lk_step_t *step);
void lk_map_audience_resolve(lk_build_t *build, const lk_step_t *step);

/* map_session.c */
void lk_map_audience(lk_build_t *build, const lk_step_t *step);
void lk_map_hardcoded_claim(lk_build_t *build, const lk_step_t *step);
void lk_map_allowed_origins(lk_build_t *build, const lk_step_t *step);
void lk_map_session_note(lk_build_t *build, const lk_step_t *step);
void lk_map_acr(lk_build_t *build, const lk_step_t *step);
void lk_map_session_state(lk_build_t *build, const lk_step_t *step);
void lk_map_amr(lk_build_t *build, const lk_step_t *step);
void lk_map_scope_parameter(lk_build_t *build, const lk_step_t *step);
void lk_map_nonce(lk_build_t *build, const lk_step_t *step);
void lk_map_claims_parameter(lk_build_t *build, const lk_step_t *step);
void lk_map_claims_parameter_value(lk_build_t *build, const lk_step_t *step);
int lk_compile_audience(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step);
int lk_compile_hardcoded_claim(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step);

#endif
