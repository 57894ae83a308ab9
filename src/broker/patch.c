/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/mappers.h"
#include "core/json.h"

/* What mappers want of a user, gathered, and what of that is a change. */

void lk_patch_init(lk_patch_t *patch, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user)
{
    *patch = (lk_patch_t){.arena = arena,
                          .realm = realm,
                          .user = user,
                          .attributes = lk_json_own(arena, user != NULL ? json_deep_copy(user->attributes) : json_object()),
                          .roles = lk_alloc(arena, realm->num_roles + 1),
                          .groups = lk_alloc(arena, realm->num_groups + 1)};
    if (user == NULL)
        return;
    patch->username = user->username;
    patch->email = user->email;
    patch->first_name = user->first_name;
    patch->last_name = user->last_name;
    patch->email_verified = user->email_verified;
}

static void mark(signed char *at, int on, int revoke_only)
{
    if (on && !revoke_only)
        *at = 1;
    else if (!on && *at == 0)
        *at = -1;
}

void lk_patch_role(lk_patch_t *patch, const lk_role_t *role, int on)
{
    if (role != NULL)
        mark(patch->roles + role->index, on, patch->revoke_only);
}

void lk_patch_group(lk_patch_t *patch, const lk_group_t *group, int on)
{
    if (group != NULL)
        mark(patch->groups + (group - patch->realm->groups), on, patch->revoke_only);
}

void lk_patch_attribute(lk_patch_t *patch, const char *name, json_t *values)
{
    const struct {
        const char *name;
        const char **member;
    } members[] = {{"username", &patch->username},
                   {"email", &patch->email},
                   {"firstName", &patch->first_name},
                   {"lastName", &patch->last_name}};
    const char *text = json_string_value(json_array_get(values, 0));
    for (size_t i = 0; i != sizeof(members) / sizeof(members[0]); ++i)
        if (strcmp(members[i].name, name) == 0) {
            if (text != NULL)
                *members[i].member = text;
            return;
        }
    if (json_array_size(values) == 0)
        json_object_del(patch->attributes, name);
    else
        json_object_set(patch->attributes, name, values);
}

static int has_role(const lk_user_t *user, const lk_role_t *role)
{
    for (size_t i = 0; user != NULL && i != user->num_roles; ++i)
        if (user->roles[i] == role)
            return 1;
    return 0;
}

static int is_member(const lk_user_t *user, const lk_group_t *group)
{
    for (size_t i = 0; user != NULL && i != user->num_groups; ++i)
        if (user->groups[i] == group)
            return 1;
    return 0;
}

static int same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* An id goes into the list that the wish and what is there already ask for. */
static void sort_in(int wish, int is_there, const char *id, json_t *add, json_t *remove)
{
    if (wish == 1 && !is_there)
        json_array_append_new(add, json_string(id));
    if (wish == -1 && is_there)
        json_array_append_new(remove, json_string(id));
}

int lk_patch_change(const lk_patch_t *patch, lk_user_change_t *ret_change)
{
    const lk_realm_t *realm = patch->realm;
    const lk_user_t *user = patch->user;
    lk_user_change_t change = {.username = patch->username,
                               .email = patch->email,
                               .first_name = patch->first_name,
                               .last_name = patch->last_name,
                               .email_verified = patch->email_verified,
                               .attributes = patch->attributes};
    json_t **lists[] = {&change.add_roles, &change.remove_roles, &change.join_groups, &change.leave_groups};
    size_t moves = 0;
    for (size_t i = 0; i != 4; ++i)
        *lists[i] = lk_json_own(patch->arena, json_array());
    for (size_t i = 0; i != realm->num_roles; ++i)
        if (patch->roles[i] != 0)
            sort_in(patch->roles[i], has_role(user, &realm->roles[i]), realm->roles[i].id, change.add_roles, change.remove_roles);
    for (size_t i = 0; i != realm->num_groups; ++i)
        if (patch->groups[i] != 0)
            sort_in(patch->groups[i], is_member(user, &realm->groups[i]), realm->groups[i].id, change.join_groups,
                    change.leave_groups);
    for (size_t i = 0; i != 4; ++i)
        moves += json_array_size(*lists[i]);
    *ret_change = change;
    return moves != 0 || user == NULL || !same(user->username, change.username) || !same(user->email, change.email) ||
           !same(user->first_name, change.first_name) || !same(user->last_name, change.last_name) ||
           user->email_verified != change.email_verified || !json_equal(user->attributes, change.attributes);
}
