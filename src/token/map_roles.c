/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "token/mapper.h"

/* Mappers that change or show roles. */

/* --- role names --- */

static lk_role_names_t *owned_by(lk_arena_t *arena, lk_role_names_t *names, const char *client, int make)
{
    if (client == NULL)
        return names;
    for (; names->next != NULL; names = names->next)
        if (names->next->client == client || strcmp(names->next->client, client) == 0)
            return names->next;
    if (!make)
        return NULL;
    names->next = LK_NEW(arena, lk_role_names_t);
    names->next->client = client;
    return names->next;
}

static void push(lk_arena_t *arena, lk_role_names_t *to, const char *name)
{
    if (to->count == to->max) {
        const char **grown = LK_NEW_ARRAY(arena, const char *, to->max * 2 + 8);
        if (to->count != 0)
            memcpy(grown, to->names, to->count * sizeof(*grown));
        to->names = grown;
        to->max = to->max * 2 + 8;
    }
    to->names[to->count++] = name;
}

/* Roles of one owner stand together in the realm's order, mostly, so the last owner is tried first. */
lk_role_names_t *lk_role_names_make(lk_arena_t *arena, const lk_realm_t *realm, const lk_role_set_t *roles)
{
    lk_role_names_t *all = LK_NEW(arena, lk_role_names_t), *owner = all;
    for (size_t word = 0; word != roles->words; ++word) {
        for (uint64_t bits = roles->bits[word]; bits != 0; bits &= bits - 1) {
            const lk_role_t *role = &realm->roles[word * 64 + (size_t)__builtin_ctzll(bits)];
            if (owner->client != role->client_id)
                owner = owned_by(arena, all, role->client_id, 1);
            push(arena, owner, role->name);
        }
    }
    return all;
}

/* "role" or "client.role": the last dot decides, as in Keycloak, where a role with a dot in its name is out of reach here. */
static const char *split_role(lk_arena_t *arena, const char *text, const char **ret_client)
{
    const char *dot = strrchr(text, '.');
    *ret_client = dot != NULL ? lk_strndup(arena, text, (size_t)(dot - text)) : NULL;
    return dot != NULL ? dot + 1 : text;
}

static size_t find_name(const lk_role_names_t *names, const char *name)
{
    size_t i = 0;
    while (i != names->count && strcmp(names->names[i], name) != 0)
        ++i;
    return i;
}

static void add_role(lk_build_t *build, const char *text)
{
    const char *client, *name = split_role(build->arena, text, &client);
    lk_role_names_t *owner = owned_by(build->arena, build->context->role_names, client, 1);
    if (find_name(owner, name) == owner->count)
        push(build->arena, owner, name);
}

void lk_map_hardcoded_role(lk_build_t *build, const lk_step_t *step)
{
    add_role(build, step->text);
}

void lk_map_role_name(lk_build_t *build, const lk_step_t *step)
{
    const char *client, *name = split_role(build->arena, step->text, &client);
    lk_role_names_t *owner = owned_by(build->arena, build->context->role_names, client, 0);
    size_t i = owner != NULL ? find_name(owner, name) : 0;
    if (owner == NULL || i == owner->count || step->extra == NULL)
        return;
    owner->names[i] = owner->names[--owner->count];
    add_role(build, step->extra);
}

/* --- claims --- */

static void put_roles(lk_build_t *build, const lk_step_t *step, const lk_claim_path_t *path, const lk_role_names_t *roles,
                      const char *prefix)
{
    const char **names = roles->names;
    if (roles->count == 0)
        return;
    if (prefix != NULL && *prefix != '\0') {
        names = LK_NEW_ARRAY(build->arena, const char *, roles->count);
        for (size_t i = 0; i != roles->count; ++i)
            names[i] = lk_printf(build->arena, "%s%s", prefix, roles->names[i]);
    }
    lk_step_put_at(build, step, path, names, roles->count);
}

void lk_map_realm_roles(lk_build_t *build, const lk_step_t *step)
{
    put_roles(build, step, &step->path, build->context->role_names, step->extra);
}

void lk_map_client_roles(lk_build_t *build, const lk_step_t *step)
{
    for (const lk_role_names_t *roles = build->context->role_names->next; roles != NULL; roles = roles->next) {
        if (step->text != NULL && strcmp(step->text, roles->client) != 0)
            continue;
        lk_claim_path_t path = lk_claim_path_of_client(build->arena, &step->path, roles->client);
        put_roles(build, step, &path, roles,
                  step->extra != NULL ? lk_value_of_client(build->arena, step->extra, roles->client) : NULL);
    }
}

/* Every client, but the asking one, of which the token shows roles. */
void lk_map_audience_resolve(lk_build_t *build, const lk_step_t *step)
{
    (void)step;
    for (const lk_role_names_t *roles = build->context->role_names->next; roles != NULL; roles = roles->next)
        if (roles->count != 0 && strcmp(roles->client, build->context->client->client_id) != 0)
            lk_build_add_audience(build, roles->client);
}
