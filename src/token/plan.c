/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <string.h>
#include "core/json.h"
#include "token/mapper.h"

/* Mappers of a client and its scopes, compiled once into a flat list. */

/* A client rarely has more than a few sets of scopes; whoever asks for ever new ones is served, and not remembered. */
#define MAX_PLANS 64

typedef struct st_plans_t {
    pthread_mutex_t lock; /* of arena, count, and of adding; `first` is read without */
    lk_arena_t *arena;
    lk_plan_t *first;
    size_t count;
} plans_t;

/* --- compiling --- */

/* Claims that no mapper sets, as in Keycloak: of tokens, and of the token endpoint's answer. */
static const char *const token_claims[] = {"exp", "iat", "iss", "jti", "typ", "scope", "nonce", "session_state", NULL};
static const char *const response_claims[] = {
    "access_token",  "token_type", "expires_in", "refresh_expires_in", "refresh_token", "id_token", "not-before-policy",
    "session_state", "scope",      "error",      "error_description",  "error_uri",     NULL};

/* Claims that tokens have a place of their own for, and that Keycloak does not carry over into userinfo. */
static const char *const not_of_userinfo[] = {"auth_time", "azp", "acr", NULL};

static int is_listed(const char *const *names, const lk_claim_path_t *path)
{
    if (path->depth != 1)
        return 0;
    while (*names != NULL && strcmp(*names, path->names[0]) != 0)
        ++names;
    return *names != NULL;
}

/* The switches id.token.claim and its like; one that is missing follows an older one. */
static unsigned switched_on(const json_t *config, int lightweight)
{
    int access = lk_json_config_bool(config, "access.token.claim", 0), id = lk_json_config_bool(config, "id.token.claim", 0);
    const int on[] = {[LK_TOKEN_ACCESS] = lightweight ? lk_json_config_bool(config, "lightweight.claim", 0) : access,
                      [LK_TOKEN_ID] = id,
                      [LK_TOKEN_USERINFO] = lk_json_config_bool(config, "userinfo.token.claim", id),
                      [LK_TOKEN_INTROSPECTION] = lk_json_config_bool(config, "introspection.token.claim", access),
                      [LK_TOKEN_RESPONSE] = lk_json_config_bool(config, "access.tokenResponse.claim", 0)};
    unsigned kinds = 0;
    for (size_t i = 0; i != sizeof(on) / sizeof(on[0]); ++i)
        kinds |= on[i] ? 1u << i : 0;
    return kinds;
}

static const char *setting(const json_t *config, const char *name)
{
    const char *text = name != NULL ? lk_json_config(config, name, NULL) : NULL;
    return text != NULL && *text != '\0' ? text : NULL;
}

static void compile_claim(lk_arena_t *arena, const json_t *config, lk_step_t *step)
{
    const char *name = setting(config, "claim.name");
    unsigned flags = step->type->flags;
    int multivalued = flags & LK_MAPPER_LIST || (flags & LK_MAPPER_MULTIVALUED && lk_json_config_bool(config, "multivalued", 0));
    step->path = lk_claim_path(arena, name != NULL ? name : "");
    step->convert = lk_value_converter(setting(config, "jsonType.label"));
    step->put = !multivalued ? LK_PUT_ONE : flags & LK_MAPPER_ROLES ? LK_PUT_APPEND : LK_PUT_MERGE;
    if (step->path.depth == 0 || !(flags & LK_MAPPER_NEEDS_CLAIM))
        return;
    const char *outermost = step->path.names[0];
    if (strcmp(outermost, "realm_access") == 0 || strcmp(outermost, "resource_access") == 0)
        step->put = step->put == LK_PUT_APPEND ? LK_PUT_MERGE : step->put; /* sets of roles */
    if (is_listed(token_claims, &step->path))
        step->kinds &= 1u << LK_TOKEN_RESPONSE;
    if (is_listed(response_claims, &step->path))
        step->kinds &= ~(1u << LK_TOKEN_RESPONSE);
    if (is_listed(not_of_userinfo, &step->path))
        step->kinds &= ~(1u << LK_TOKEN_USERINFO);
    if (step->path.depth == 1 && strcmp(outermost, "auth_time") == 0)
        step->convert = lk_value_long;
    if (step->path.depth == 1 && strcmp(outermost, "aud") == 0) {
        step->is_audience = 1;
        step->rank = LK_RANK_FIRST;
    }
}

/* Returns 0 where the mapper can do nothing in any token. */
static int compile(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, int lightweight, lk_step_t *step)
{
    const lk_mapper_type_t *type = lk_mapper_type_find(mapper->type);
    if (type == NULL || type->kinds == 0)
        return 0;
    *step = (lk_step_t){.type = type,
                        .kinds = type->kinds,
                        .rank = type->rank,
                        .text = setting(mapper->config, type->text_setting),
                        .extra = setting(mapper->config, type->extra_setting),
                        .flag = type->flag_setting != NULL && lk_json_config_bool(mapper->config, type->flag_setting, 0)};
    if (!(type->flags & LK_MAPPER_ALWAYS))
        step->kinds &= switched_on(mapper->config, lightweight);
    compile_claim(arena, mapper->config, step);
    if (step->kinds == 0 || (type->flags & LK_MAPPER_NEEDS_CLAIM && step->path.depth == 0) ||
        (type->flags & LK_MAPPER_NEEDS_TEXT && step->text == NULL))
        return 0;
    return type->compile == NULL || type->compile(arena, client, mapper, step);
}

static size_t compile_all(lk_arena_t *arena, const lk_client_t *client, const lk_scope_t *scope, const lk_mapper_t *mappers,
                          size_t count, int lightweight, lk_step_t *steps)
{
    size_t num_steps = 0;
    for (size_t i = 0; i != count; ++i) {
        num_steps += (size_t)compile(arena, client, &mappers[i], lightweight, &steps[num_steps]);
        if (num_steps != 0)
            steps[num_steps - 1].scope = scope;
    }
    return num_steps;
}

/* By rank; within one rank the client's own first, so that a scope's mapper wins over the client's where both set one claim. */
static void sort_by_rank(const lk_step_t *steps, size_t count, lk_step_t *ret_sorted)
{
    for (int rank = 0; rank != LK_NUM_RANKS; ++rank)
        for (size_t i = 0; i != count; ++i)
            if (steps[i].rank == rank)
                *ret_sorted++ = steps[i];
}

static void add_roles(lk_role_set_t *set, const lk_role_t *const *roles, size_t count)
{
    for (size_t i = 0; i != count; ++i)
        lk_role_set_add(set, roles[i]);
}

static const lk_role_set_t *allowed_roles(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client,
                                          const lk_plan_t *plan)
{
    if (client->full_scope_allowed)
        return NULL;
    lk_role_set_t *allowed = LK_NEW(arena, lk_role_set_t);
    lk_role_set_init(allowed, arena, realm);
    for (size_t i = 0; i != realm->num_roles; ++i)
        if (realm->roles[i].client_uuid != NULL && strcmp(realm->roles[i].client_uuid, client->id) == 0)
            lk_role_set_add(allowed, &realm->roles[i]);
    add_roles(allowed, client->scope_roles, client->num_scope_roles);
    for (size_t i = 0; i != plan->num_scopes; ++i)
        add_roles(allowed, plan->scopes[i]->roles, plan->scopes[i]->num_roles);
    return allowed;
}

static lk_plan_t *make_plan(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const lk_scopes_t *scopes,
                            int is_lightweight)
{
    lk_plan_t *plan = LK_NEW(arena, lk_plan_t);
    const lk_scope_t **entries = LK_NEW_ARRAY(arena, const lk_scope_t *, scopes->count);
    size_t max = client->num_mappers, count;
    for (size_t i = 0; i != scopes->count; ++i) {
        entries[i] = scopes->entries[i];
        max += scopes->entries[i]->num_mappers;
    }
    plan->scopes = entries;
    plan->num_scopes = scopes->count;
    plan->is_lightweight = is_lightweight;
    lk_step_t *steps = LK_NEW_ARRAY(arena, lk_step_t, max + 1), *sorted = LK_NEW_ARRAY(arena, lk_step_t, max + 1);
    count = compile_all(arena, client, NULL, client->mappers, client->num_mappers, is_lightweight, steps);
    for (size_t i = 0; i != scopes->count; ++i)
        count +=
            compile_all(arena, client, entries[i], entries[i]->mappers, entries[i]->num_mappers, is_lightweight, steps + count);
    sort_by_rank(steps, count, sorted);
    plan->steps = sorted;
    plan->num_steps = count;
    while (plan->num_role_steps != count && sorted[plan->num_role_steps].rank <= LK_RANK_ROLES_ADDED)
        ++plan->num_role_steps;
    plan->allowed = allowed_roles(arena, realm, client, plan);
    return plan;
}

/* --- keeping --- */

static pthread_mutex_t first_use = PTHREAD_MUTEX_INITIALIZER; /* of client->plans being set */

/* `plans` is the one member of a snapshot that changes, once. */
static plans_t *plans_of(const lk_client_t *client)
{
    void **slot = (void **)&((lk_client_t *)client)->plans;
    plans_t *plans = __atomic_load_n(slot, __ATOMIC_ACQUIRE);
    if (plans != NULL)
        return plans;
    pthread_mutex_lock(&first_use);
    plans = *slot;
    if (plans == NULL) {
        lk_arena_t *arena = lk_arena_create("plans");
        plans = LK_NEW(arena, plans_t);
        plans->arena = arena;
        pthread_mutex_init(&plans->lock, NULL);
        __atomic_store_n(slot, plans, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&first_use);
    return plans;
}

static lk_plan_t *find_plan(lk_plan_t *plan, const lk_scopes_t *scopes, int is_lightweight)
{
    while (plan != NULL && (plan->is_lightweight != is_lightweight || plan->num_scopes != scopes->count ||
                            memcmp(plan->scopes, scopes->entries, scopes->count * sizeof(*scopes->entries)) != 0))
        plan = plan->next;
    return plan;
}

const lk_plan_t *lk_plan_get(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const lk_scopes_t *scopes,
                             int is_lightweight)
{
    plans_t *plans = plans_of(client);
    lk_plan_t *plan = find_plan(__atomic_load_n(&plans->first, __ATOMIC_ACQUIRE), scopes, is_lightweight);
    if (plan != NULL)
        return plan;
    pthread_mutex_lock(&plans->lock);
    plan = find_plan(plans->first, scopes, is_lightweight);
    if (plan == NULL && plans->count < MAX_PLANS) {
        plan = make_plan(plans->arena, realm, client, scopes, is_lightweight);
        plan->next = plans->first;
        ++plans->count;
        __atomic_store_n(&plans->first, plan, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&plans->lock);
    return plan != NULL ? plan : make_plan(arena, realm, client, scopes, is_lightweight);
}

void lk_plans_free(void *object)
{
    plans_t *plans = object;
    lk_arena_t *arena = plans->arena;
    pthread_mutex_destroy(&plans->lock);
    lk_arena_destroy(&arena);
}
