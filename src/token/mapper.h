/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_TOKEN_MAPPER_H
#define LK_TOKEN_MAPPER_H

#include "token/claims.h"
#include "token/token.h"

/* Protocol mappers: what turns a user, a session, roles and settings into claims. mappers.c has the table. */

/* Roles as a token shows them; mappers may add and rename before others read them. */
typedef struct st_lk_role_names_t {
    const char *client; /* clientId; NULL: the realm's own */
    const char **names;
    size_t count;
    struct st_lk_role_names_t *next;
} lk_role_names_t;

/* One token that is being built. */
typedef struct st_lk_build_t {
    lk_arena_t *arena;
    lk_token_context_t *context;
    lk_token_kind_t kind;
    lk_claim_t claims;
    lk_role_names_t roles; /* the realm's; the clients' follow */
    const char **audiences;
    size_t num_audiences, max_audiences;
} lk_build_t;

/* Runs the mappers of the client and of its scopes for this kind of token, in Keycloak's order: by the type's rank, the client's
 * own first, so that a scope's mapper wins over the client's where both set one claim. */
void lk_mappers_run(lk_build_t *build);
void lk_build_add_audience(lk_build_t *build, const char *audience);
/* 1 where the server knows this mapper type: for the admin API. */
int lk_mapper_type_is_known(const char *type);

#endif
