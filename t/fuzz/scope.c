/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "fuzz.h"
#include "token/token.h"

/* The parameter `scope`: what a client gets is its defaults and what it named of its optional ones, each once. */

static const lk_scope_t profile = {.name = "profile", .protocol = "openid-connect", .include_in_token_scope = 1};
static const lk_scope_t roles = {.name = "roles", .protocol = "openid-connect"};
static const lk_scope_t saml = {.name = "role_list", .protocol = "saml"};
static const lk_scope_t offline = {.name = "offline_access", .protocol = "openid-connect", .include_in_token_scope = 1};
static const lk_scope_t odd = {.name = "a:b/c\xc3\xa9", .protocol = "openid-connect", .include_in_token_scope = 1};
static const lk_scope_t group = {
    .name = "group", .protocol = "openid-connect", .parameter = LK_PARAMETER_STRING, .parameter_repeats = 1};
static const lk_scope_t *const defaults[] = {&profile, &roles, &saml}, *const optional[] = {&offline, &odd, &group};

static int names(const char *text, const char *name)
{
    size_t len = strlen(name);
    for (const char *at = text; (at = strstr(at, name)) != NULL; ++at)
        if ((at == text || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return 1;
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size);
    const lk_realm_t realm = {.name = "acme", .scopes = NULL};
    const lk_client_t client = {.client_id = "echo",
                                .default_scopes = defaults,
                                .num_default_scopes = 3,
                                .optional_scopes = optional,
                                .num_optional_scopes = 3};
    lk_scopes_t scopes;
    if (lk_scopes_resolve(arena, &realm, &client, text, &scopes, NULL) == LK_OK) {
        int offline_seen = 0, odd_seen = 0;
        for (size_t i = 0; i != scopes.count; ++i) {
            const lk_scope_t *scope = scopes.entries[i];
            LK_FUZZ_CHECK(scope == &profile || scope == &roles || scope == &offline || scope == &odd || scope == &group);
            offline_seen += scope == &offline;
            odd_seen += scope == &odd;
            lk_strings_t parameters = lk_scopes_parameters(arena, &scopes, i);
            LK_FUZZ_CHECK((parameters.count != 0) == (scope == &group));
            for (size_t j = 0; j != parameters.count; ++j)
                LK_FUZZ_CHECK(names(text, lk_printf(arena, "group:%s", parameters.entries[j])));
        }
        LK_FUZZ_CHECK(offline_seen == names(text, offline.name) && odd_seen == names(text, odd.name) &&
                      scopes.offline == offline_seen);
        LK_FUZZ_CHECK(scopes.openid == names(text, "openid") && !names(scopes.token_scope, roles.name) &&
                      names(scopes.full_scope, roles.name));
    }
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
