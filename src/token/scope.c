/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "token/token.h"

#define OPENID "openid"
#define OFFLINE "offline_access"
#define ORGANIZATION "organization"
#define EACH_ORGANIZATION ORGANIZATION ":"
#define ALL_ORGANIZATIONS ORGANIZATION ":*"
#define MAX_SCOPE 65536

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
    lk_buffer_init(&visible, arena, MAX_SCOPE);
    lk_buffer_init(&full, arena, MAX_SCOPE);
    if (scopes->openid) {
        put_word(&visible, OPENID);
        put_word(&full, OPENID);
    }
    for (size_t i = 0; i != scopes->count; ++i) {
        const char *words = scopes->entries[i]->name;
        if (scopes->organizations != NULL && strcmp(words, ORGANIZATION) == 0)
            words = scopes->organizations;
        if (scopes->entries[i]->include_in_token_scope && *words != '\0')
            put_word(&visible, words);
        if (*words != '\0')
            put_word(&full, words);
    }
    scopes->token_scope = visible.base;
    scopes->full_scope = full.base;
}

/* --- organizations --- */

static int is_word(const char *at, size_t len, const char *word)
{
    return strncmp(at, word, len) == 0 && word[len] == '\0';
}

int lk_scope_asks_organization(const char *words, const char *alias)
{
    for (const char *at = words; *(at += strspn(at, " ")) != '\0'; at += strcspn(at, " ")) {
        size_t len = strcspn(at, " "), prefix = strlen(EACH_ORGANIZATION);
        if (len >= prefix && (is_word(at, len, ALL_ORGANIZATIONS) || is_word(at + prefix, len - prefix, alias)))
            return 1;
    }
    return 0;
}

const char *lk_scope_wished_organization(lk_arena_t *arena, const char *scope)
{
    for (const char *at = scope; at != NULL && *(at += strspn(at, " ")) != '\0'; at += strcspn(at, " ")) {
        size_t len = strcspn(at, " "), prefix = strlen(EACH_ORGANIZATION);
        if (is_word(at, len, ORGANIZATION))
            return "";
        if (len > prefix && strncmp(at, EACH_ORGANIZATION, prefix) == 0)
            return lk_strndup(arena, at + prefix, len - prefix);
    }
    return NULL;
}

/* The length of the client scope's own name: "organization:acme" asks for "organization" with a parameter. */
static size_t name_length(const lk_realm_t *realm, const char *at, size_t len)
{
    size_t prefix = strlen(EACH_ORGANIZATION);
    if (len < prefix || strncmp(at, EACH_ORGANIZATION, prefix) != 0)
        return len;
    int known = len == prefix || is_word(at, len, ALL_ORGANIZATIONS) || !realm->organizations_enabled;
    for (size_t i = 0; i != realm->num_organizations && !known; ++i)
        known = realm->organizations[i].enabled && is_word(at + prefix, len - prefix, realm->organizations[i].alias);
    return known ? strlen(ORGANIZATION) : len;
}

/* "organization" and one that is named do not go together. */
static int add_organization(lk_arena_t *arena, lk_scopes_t *scopes, const char *at, size_t len, int *is_plain)
{
    const char *word = lk_strndup(arena, at, len);
    if (len == strlen(ORGANIZATION))
        *is_plain = 1;
    else if (scopes->organizations == NULL)
        scopes->organizations = word;
    else
        scopes->organizations = lk_printf(arena, "%s %s", scopes->organizations, word);
    return !*is_plain || scopes->organizations == NULL;
}

void lk_scopes_of_member(lk_arena_t *arena, lk_scopes_t *scopes, const lk_user_t *user)
{
    lk_buffer_t words;
    json_t *organization;
    size_t i;
    if (scopes->organizations == NULL || *scopes->organizations == '\0')
        return;
    lk_buffer_init(&words, arena, MAX_SCOPE);
    if (lk_scope_asks_organization(scopes->organizations, "*"))
        lk_buffer_puts(&words, ALL_ORGANIZATIONS);
    json_array_foreach((json_t *)user->organizations, i, organization)
    {
        const char *alias = lk_json_str(organization, "alias", "");
        if (words.len == 0 || strcmp(words.base, ALL_ORGANIZATIONS) != 0)
            if (lk_scope_asks_organization(scopes->organizations, alias))
                put_word(&words, lk_printf(arena, EACH_ORGANIZATION "%s", alias));
    }
    scopes->organizations = words.len != 0 ? words.base : "";
    write_names(arena, scopes);
}

/* --- names --- */

/* Returns 0 where a name is unknown to the client; it is passed over. */
static int read_names(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const char *names,
                      const lk_scope_t **entries, lk_scopes_t *scopes)
{
    int known = 1, is_plain = 0;
    for (const char *at = names; at != NULL && *(at += strspn(at, " ")) != '\0'; at += strcspn(at, " ")) {
        size_t len = strcspn(at, " "), name_len = name_length(realm, at, len);
        const lk_scope_t *found = find(client->optional_scopes, client->num_optional_scopes, at, name_len);
        if (is_word(at, len, OPENID))
            scopes->openid = 1;
        else if (found == NULL && find(client->default_scopes, client->num_default_scopes, at, name_len) == NULL)
            known = 0;
        else if (name_len == strlen(ORGANIZATION) && strncmp(at, ORGANIZATION, name_len) == 0)
            known &= add_organization(arena, scopes, at, len, &is_plain);
        if (found != NULL && !has(entries, scopes->count, found))
            entries[scopes->count++] = found;
    }
    return known;
}

static int resolve(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const char *names,
                   lk_scopes_t *ret_scopes)
{
    size_t max = client->num_default_scopes + client->num_optional_scopes;
    const lk_scope_t **entries = LK_NEW_ARRAY(arena, const lk_scope_t *, max + 1);
    *ret_scopes = (lk_scopes_t){.entries = entries};
    for (size_t i = 0; i != client->num_default_scopes; ++i)
        if (is_oidc(client->default_scopes[i]))
            entries[ret_scopes->count++] = client->default_scopes[i];
    int known = read_names(arena, realm, client, names, entries, ret_scopes);
    for (size_t i = 0; i != ret_scopes->count; ++i)
        ret_scopes->offline |= strcmp(entries[i]->name, OFFLINE) == 0;
    if (!realm->organizations_enabled)
        ret_scopes->organizations = "";
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
    if (!resolve(arena, realm, client, scope, &scopes) || has_empty_name(scope))
        return lk_fail(err, LK_INVALID, "invalid_scope", "Invalid scopes: %s", scope);
    *ret_scopes = scopes;
    return LK_OK;
}

void lk_scopes_of_token(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const char *scope,
                        lk_scopes_t *ret_scopes)
{
    resolve(arena, realm, client, scope, ret_scopes);
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
