/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/encode.h"
#include "core/json.h"
#include "model/app.h"
#include "model/parameter.h"
#include "model/user.h"
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

/* `count` where it is not among them. */
static size_t index_of(const lk_scope_t *const *scopes, size_t count, const lk_scope_t *scope)
{
    size_t i = 0;
    while (i != count && scopes[i] != scope)
        ++i;
    return i;
}

static void put_word(lk_buffer_t *words, const char *word)
{
    lk_buffer_printf(words, "%s%s", words->len != 0 ? " " : "", word);
}

/* What an entry is called there: more than one word where it has parameters. */
static const char *words_of(const lk_scopes_t *scopes, size_t entry)
{
    const char *words = scopes->words[entry] != NULL ? scopes->words[entry] : scopes->entries[entry]->name;
    return scopes->organizations != NULL && strcmp(words, ORGANIZATION) == 0 ? scopes->organizations : words;
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
        const char *words = words_of(scopes, i);
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
    const size_t prefix = strlen(EACH_ORGANIZATION);
    for (size_t len = 0; lk_word_next(&words, &len);)
        if (len >= prefix && (is_word(words, len, ALL_ORGANIZATIONS) || is_word(words + prefix, len - prefix, alias)))
            return 1;
    return 0;
}

const char *lk_scope_wished_organization(lk_arena_t *arena, const char *scope)
{
    const size_t prefix = strlen(EACH_ORGANIZATION);
    for (size_t len = 0; lk_word_next(&scope, &len);) {
        if (is_word(scope, len, ORGANIZATION))
            return "";
        if (len > prefix && strncmp(scope, EACH_ORGANIZATION, prefix) == 0)
            return lk_strndup(arena, scope + prefix, len - prefix);
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

/* --- parameters --- */

/* "group:a" asks for the scope "group" with a parameter. */
static const lk_scope_t *find_with_parameter(lk_arena_t *arena, const lk_client_t *client, const char *at, size_t len)
{
    for (size_t i = 0; i != client->num_optional_scopes; ++i) {
        const lk_scope_t *scope = client->optional_scopes[i];
        size_t name_len = strlen(scope->name);
        if (scope->parameter != LK_PARAMETER_NONE && is_oidc(scope) && name_len < len && at[name_len] == ':' &&
            strncmp(at, scope->name, name_len) == 0 &&
            lk_parameter_fits(arena, scope, lk_strndup(arena, at + name_len + 1, len - name_len - 1)))
            return scope;
    }
    return NULL;
}

/* Returns 0 where the entry has a parameter already and takes only one. */
static int add_parameter(lk_arena_t *arena, const lk_scope_t *scope, const char *at, size_t len, const char **words)
{
    const char *word = lk_strndup(arena, at, len);
    if (*words == NULL || lk_has_word(*words, word)) {
        *words = *words != NULL ? *words : word;
        return 1;
    }
    *words = lk_printf(arena, "%s %s", *words, word);
    return scope->parameter_repeats;
}

lk_strings_t lk_scopes_parameters(lk_arena_t *arena, const lk_scopes_t *scopes, size_t entry)
{
    const char *words = scopes->words[entry];
    if (scopes->entries[entry]->parameter == LK_PARAMETER_NONE || words == NULL)
        return (lk_strings_t){0};
    size_t prefix = strlen(scopes->entries[entry]->name) + 1, count = 0;
    const char **parameters = LK_NEW_ARRAY(arena, const char *, strlen(words) / prefix + 1);
    for (size_t len = 0; lk_word_next(&words, &len);)
        parameters[count++] = lk_strndup(arena, words + prefix, len - prefix);
    return (lk_strings_t){parameters, count};
}

/* What a consent must list. */
static lk_strings_t consent_keys(lk_arena_t *arena, const lk_scopes_t *scopes, size_t entry)
{
    const lk_scope_t *scope = scopes->entries[entry];
    lk_strings_t parameters = lk_scopes_parameters(arena, scopes, entry);
    const char **keys = LK_NEW_ARRAY(arena, const char *, parameters.count + 1);
    for (size_t i = 0; i != parameters.count; ++i)
        keys[i] = lk_printf(arena, "%s:%s", scope->id, parameters.entries[i]);
    keys[parameters.count] = scope->id;
    return (lk_strings_t){keys, parameters.count != 0 ? parameters.count : 1};
}

int lk_scopes_is_consented(lk_arena_t *arena, const lk_scopes_t *scopes, size_t entry, const json_t *consent)
{
    lk_strings_t keys = consent_keys(arena, scopes, entry);
    for (size_t i = 0; i != keys.count; ++i)
        if (!lk_json_lists(consent, keys.entries[i]))
            return 0;
    return 1;
}

void lk_scopes_consent(lk_arena_t *arena, const lk_scopes_t *scopes, size_t entry, json_t *consent)
{
    lk_strings_t keys = consent_keys(arena, scopes, entry);
    for (size_t i = 0; i != keys.count; ++i)
        if (!lk_json_lists(consent, keys.entries[i]))
            json_array_append_new(consent, json_string(keys.entries[i]));
}

/* --- names --- */

/* What a word asks for beside the scopes that the client has by default. */
static const lk_scope_t *find_asked(lk_arena_t *arena, const lk_client_t *client, const char *at, size_t len, size_t name_len)
{
    const lk_scope_t *found = find(client->optional_scopes, client->num_optional_scopes, at, name_len);
    if (found == NULL)
        return find_with_parameter(arena, client, at, len);
    return found->parameter == LK_PARAMETER_NONE ? found : NULL;
}

static int is_default(const lk_client_t *client, const char *at, size_t name_len)
{
    const lk_scope_t *found = find(client->default_scopes, client->num_default_scopes, at, name_len);
    return found != NULL && found->parameter == LK_PARAMETER_NONE;
}

/* Returns 0 where a name is unknown to the client; it is passed over. */
static int read_names(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const char *names,
                      const lk_scope_t **entries, const char **words, lk_scopes_t *scopes)
{
    int known = 1, is_plain = 0;
    const char *at = names;
    for (size_t len = 0; lk_word_next(&at, &len);) {
        size_t name_len = name_length(realm, at, len);
        const lk_scope_t *found = find_asked(arena, client, at, len, name_len);
        if (is_word(at, len, OPENID))
            scopes->openid = 1;
        else if (found == NULL && !is_default(client, at, name_len))
            known = 0;
        else if (name_len == strlen(ORGANIZATION) && strncmp(at, ORGANIZATION, name_len) == 0)
            known &= add_organization(arena, scopes, at, len, &is_plain);
        if (found == NULL)
            continue;
        size_t entry = index_of(entries, scopes->count, found);
        entries[entry] = found;
        scopes->count += entry == scopes->count;
        if (found->parameter != LK_PARAMETER_NONE)
            known &= add_parameter(arena, found, at, len, &words[entry]);
    }
    return known;
}

static int resolve(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const char *names,
                   lk_scopes_t *ret_scopes)
{
    size_t max = client->num_default_scopes + client->num_optional_scopes;
    const lk_scope_t **entries = LK_NEW_ARRAY(arena, const lk_scope_t *, max + 1);
    const char **words = LK_NEW_ARRAY(arena, const char *, max + 1);
    *ret_scopes = (lk_scopes_t){.entries = entries, .words = words};
    for (size_t i = 0; i != client->num_default_scopes; ++i)
        if (is_oidc(client->default_scopes[i]) && client->default_scopes[i]->parameter == LK_PARAMETER_NONE)
            entries[ret_scopes->count++] = client->default_scopes[i];
    int known = read_names(arena, realm, client, names, entries, words, ret_scopes);
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

/* Their parameter is somebody's name. */
static int names_user(const lk_scope_t *scope)
{
    return scope->parameter == LK_PARAMETER_USERNAME || scope->parameter == LK_PARAMETER_DELEGATION;
}

static lk_status_t find_users(const lk_request_t *req, const lk_realm_t *realm, const lk_scopes_t *scopes, size_t entry, int *all,
                              lk_error_t *err)
{
    lk_status_t status = LK_OK;
    if (!names_user(scopes->entries[entry]))
        return LK_OK;
    lk_strings_t names = lk_scopes_parameters(req->arena, scopes, entry);
    for (size_t i = 0; i != names.count && status == LK_OK; ++i) {
        const lk_user_t *user = NULL;
        status = lk_user_by_username(req->app->sql, req->arena, realm, names.entries[i], &user, err);
        *all &= user != NULL && user->enabled;
    }
    return status;
}

lk_status_t lk_scopes_of_request(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const char *scope,
                                 lk_scopes_t *ret_scopes, lk_error_t *err)
{
    int all = 1;
    lk_status_t status = lk_scopes_resolve(req->arena, realm, client, scope, ret_scopes, err);
    for (size_t i = 0; status == LK_OK && i != ret_scopes->count; ++i)
        status = find_users(req, realm, ret_scopes, i, &all, err);
    if (status == LK_OK && !all)
        return lk_fail(err, LK_INVALID, "invalid_scope", "Invalid scopes: %s", scope);
    return status;
}

void lk_scopes_of_token(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const char *scope,
                        lk_scopes_t *ret_scopes)
{
    resolve(arena, realm, client, scope, ret_scopes);
}

/* Keeps the entries that are marked, with the words of `words`. */
static void keep(lk_arena_t *arena, lk_scopes_t *scopes, const char *marks, const char *const *words)
{
    const lk_scope_t **entries = LK_NEW_ARRAY(arena, const lk_scope_t *, scopes->count + 1);
    const char **kept = LK_NEW_ARRAY(arena, const char *, scopes->count + 1);
    size_t count = 0;
    for (size_t i = 0; i != scopes->count; ++i)
        if (marks[i]) {
            kept[count] = words[i];
            entries[count++] = scopes->entries[i];
        }
    scopes->entries = entries;
    scopes->words = kept;
    scopes->count = count;
    write_names(arena, scopes);
}

static int has_all(lk_arena_t *arena, const char *words, const char *wanted)
{
    for (size_t len = 0; lk_word_next(&wanted, &len);)
        if (!lk_has_word(words, lk_strndup(arena, wanted, len)))
            return 0;
    return 1;
}

void lk_scopes_limit(lk_arena_t *arena, lk_scopes_t *scopes, const char *words)
{
    char *marks = lk_alloc(arena, scopes->count + 1);
    if (words == NULL)
        return;
    scopes->openid &= lk_has_word(words, OPENID);
    for (size_t i = 0; i != scopes->count; ++i) {
        marks[i] = (char)(!scopes->entries[i]->include_in_token_scope || has_all(arena, words, words_of(scopes, i)));
        scopes->offline &= marks[i] || strcmp(scopes->entries[i]->name, OFFLINE) != 0;
    }
    keep(arena, scopes, marks, scopes->words);
}

/* A scope that has roles is for users who have one of them. */
void lk_scopes_permit(lk_arena_t *arena, lk_scopes_t *scopes, const lk_role_set_t *roles)
{
    char *marks = lk_alloc(arena, scopes->count + 1);
    int all = 1;
    for (size_t i = 0; i != scopes->count; ++i) {
        const lk_scope_t *scope = scopes->entries[i];
        marks[i] = scope->num_roles == 0;
        for (size_t j = 0; j != scope->num_roles && !marks[i]; ++j)
            marks[i] = (char)lk_role_set_has(roles, scope->roles[j]);
        all &= marks[i];
    }
    if (!all)
        keep(arena, scopes, marks, scopes->words);
}

/* Nobody is somebody else to themselves, and who acts for others must have been told so, which nobody can be here. */
static const char *without_self(lk_arena_t *arena, const lk_scope_t *scope, const char *words, const char *username)
{
    const char *own = lk_printf(arena, "%s:%s", scope->name, username);
    lk_buffer_t left;
    lk_buffer_init(&left, arena, MAX_SCOPE);
    for (size_t len = 0; lk_word_next(&words, &len);) {
        const char *word = lk_strndup(arena, words, len);
        if (scope->parameter == LK_PARAMETER_USERNAME && strcasecmp(word, own) != 0)
            put_word(&left, word);
    }
    return left.len != 0 ? left.base : NULL;
}

void lk_scopes_of_user(lk_arena_t *arena, lk_scopes_t *scopes, const lk_user_t *user)
{
    char *marks = NULL;
    const char **words = NULL;
    for (size_t i = 0; i != scopes->count; ++i) {
        const lk_scope_t *scope = scopes->entries[i];
        if (!names_user(scope))
            continue;
        if (marks == NULL) {
            marks = memset(lk_alloc(arena, scopes->count + 1), 1, scopes->count + 1);
            words = LK_NEW_ARRAY(arena, const char *, scopes->count + 1);
            memcpy(words, scopes->words, scopes->count * sizeof(*words));
        }
        words[i] = without_self(arena, scope, words[i], user->username);
        marks[i] = words[i] != NULL;
    }
    if (marks != NULL)
        keep(arena, scopes, marks, words);
}
