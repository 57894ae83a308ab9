/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "token/token.h"

#define OPENID "openid"
#define OFFLINE "offline_access"

static int is_oidc(const lk_scope_t *scope)
{
    return scope->protocol == NULL || strcmp(scope->protocol, "openid-connect") == 0;
}

static const lk_scope_t *find(const lk_scope_t *const *scopes, size_t count, const char *name, size_t len)
{
    for (size_t i = 0; i != count; ++i)
        if (is_oidc(scopes[i]) && strncmp(scopes[i]->name, name, len) == 0 && scopes[i]->name[len] == '\0')
            return scopes[i];
    return NULL;
}

static int has(const lk_scope_t *const *scopes, size_t count, const lk_scope_t *scope)
{
    for (size_t i = 0; i != count; ++i)
        if (scopes[i] == scope)
            return 1;
    return 0;
}

static void put_word(lk_buffer_t *words, const char *word)
{
    lk_buffer_printf(words, "%s%s", words->len != 0 ? " " : "", word);
}

/* "scope" of the answers: openid, then what wants to be seen; and everything for the refresh token. */
static void write_names(lk_arena_t *arena, lk_scopes_t *scopes)
{
    lk_buffer_t visible, full;
    lk_buffer_init(&visible, arena, 65536);
    lk_buffer_init(&full, arena, 65536);
    if (scopes->openid) {
        put_word(&visible, OPENID);
        put_word(&full, OPENID);
    }
    for (size_t i = 0; i != scopes->count; ++i) {
        if (scopes->entries[i]->include_in_token_scope)
            put_word(&visible, scopes->entries[i]->name);
        put_word(&full, scopes->entries[i]->name);
    }
    scopes->token_scope = visible.base;
    scopes->full_scope = full.base;
}

/* Returns 0 where a name is unknown to the client; it is passed over. */
static int read_names(const lk_client_t *client, const char *names, const lk_scope_t **entries, lk_scopes_t *scopes)
{
    int known = 1;
    for (const char *at = names; at != NULL && *(at += strspn(at, " ")) != '\0'; at += strcspn(at, " ")) {
        size_t len = strcspn(at, " ");
        const lk_scope_t *found = find(client->optional_scopes, client->num_optional_scopes, at, len);
        if (len == strlen(OPENID) && memcmp(at, OPENID, len) == 0)
            scopes->openid = 1;
        else if (found == NULL && find(client->default_scopes, client->num_default_scopes, at, len) == NULL)
            known = 0;
        if (found != NULL && !has(entries, scopes->count, found))
            entries[scopes->count++] = found;
    }
    return known;
}

static int resolve(lk_arena_t *arena, const lk_client_t *client, const char *names, lk_scopes_t *ret_scopes)
{
    size_t max = client->num_default_scopes + client->num_optional_scopes;
    const lk_scope_t **entries = LK_NEW_ARRAY(arena, const lk_scope_t *, max + 1);
    *ret_scopes = (lk_scopes_t){.entries = entries};
    for (size_t i = 0; i != client->num_default_scopes; ++i)
        if (is_oidc(client->default_scopes[i]))
            entries[ret_scopes->count++] = client->default_scopes[i];
    int known = read_names(client, names, entries, ret_scopes);
    for (size_t i = 0; i != ret_scopes->count; ++i)
        ret_scopes->offline |= strcmp(entries[i]->name, OFFLINE) == 0;
    write_names(arena, ret_scopes);
    return known;
}

/* Two spaces in a row have an empty name between them, which nobody knows, as an empty text is one; at the end they are harmless.
 * As Keycloak reads it. */
static int has_empty_name(const char *names)
{
    size_t len = names != NULL ? strlen(names) : 0;
    if (names != NULL && len == 0)
        return 1;
    while (len != 0 && names[len - 1] == ' ')
        --len;
    for (size_t i = 0; i != len; ++i)
        if (names[i] == ' ' && (i == 0 || names[i - 1] == ' '))
            return 1;
    return 0;
}

lk_status_t lk_scopes_resolve(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const char *scope,
                              lk_scopes_t *ret_scopes, lk_error_t *err)
{
    lk_scopes_t scopes;
    (void)realm;
    if (!resolve(arena, client, scope, &scopes) || has_empty_name(scope))
        return lk_fail(err, LK_INVALID, "invalid_scope", "Invalid scopes: %s", scope);
    *ret_scopes = scopes;
    return LK_OK;
}

void lk_scopes_of_token(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const char *scope,
                        lk_scopes_t *ret_scopes)
{
    (void)realm;
    resolve(arena, client, scope, ret_scopes);
}

/* A scope that has roles is for users who have one of them. */
void lk_scopes_permit(lk_arena_t *arena, lk_scopes_t *scopes, const lk_role_set_t *roles)
{
    const lk_scope_t **entries = LK_NEW_ARRAY(arena, const lk_scope_t *, scopes->count + 1);
    size_t count = 0;
    for (size_t i = 0; i != scopes->count; ++i) {
        const lk_scope_t *scope = scopes->entries[i];
        int permitted = scope->num_roles == 0;
        for (size_t j = 0; j != scope->num_roles && !permitted; ++j)
            permitted = lk_role_set_has(roles, scope->roles[j]);
        if (permitted)
            entries[count++] = scope;
    }
    if (count == scopes->count)
        return;
    scopes->entries = entries;
    scopes->count = count;
    write_names(arena, scopes);
}
