/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "command/compare.h"

#include <stdio.h>
#include <string.h>
#include "command/command.h"
#include "core/buffer.h"
#include "core/fetch.h"
#include "core/json.h"

/* latchkey compare: the same questions to a Keycloak and to a Latchkey with the same realm; every answer that differs is shown. */

#define OIDC "/realms/{realm}/protocol/openid-connect"
#define TOKEN OIDC "/token"
#define AS_CLIENT "client_id={client}&client_secret={secret}"

enum { NEEDS_CLIENT = 1, NEEDS_USER = 2, NEEDS_TOKENS = 4, KEEPS_TOKENS = 8, STATUS_ALONE = 16, IS_METADATA = 32 };

typedef struct st_probe_t {
    const char *name;
    int flags;
    const char *path, *form; /* {words} are replaced; without a form it is a GET */
    const char *bearer;      /* the header Authorization, likewise */
} probe_t;

/* clang-format off */
static const probe_t probes[] = {
    {"the realm", 0, "/realms/{realm}", NULL, NULL},
    {"discovery", IS_METADATA, "/realms/{realm}/.well-known/openid-configuration", NULL, NULL},
    {"OAuth metadata", IS_METADATA, "/realms/{realm}/.well-known/oauth-authorization-server", NULL, NULL},
    {"keys", 0, OIDC "/certs", NULL, NULL},
    {"client credentials", NEEDS_CLIENT, TOKEN, "grant_type=client_credentials&scope=openid&" AS_CLIENT, NULL},
    {"password grant", NEEDS_CLIENT | NEEDS_USER | KEEPS_TOKENS, TOKEN, "grant_type=password&scope=openid&username={username}&password={password}&" AS_CLIENT, NULL},
    {"userinfo", NEEDS_TOKENS, OIDC "/userinfo", NULL, "Bearer {access_token}"},
    {"introspection", NEEDS_CLIENT | NEEDS_TOKENS, OIDC "/token/introspect", "token={access_token}&" AS_CLIENT, NULL},
    {"refresh", NEEDS_CLIENT | NEEDS_TOKENS | KEEPS_TOKENS, TOKEN, "grant_type=refresh_token&refresh_token={refresh_token}&" AS_CLIENT, NULL},
    {"revocation", NEEDS_CLIENT | NEEDS_TOKENS, OIDC "/revoke", "token={refresh_token}&" AS_CLIENT, NULL},
    {"a revoked token", NEEDS_CLIENT | NEEDS_TOKENS, TOKEN, "grant_type=refresh_token&refresh_token={refresh_token}&" AS_CLIENT, NULL},
    {"a wrong secret", NEEDS_CLIENT, TOKEN, "grant_type=client_credentials&client_id={client}&client_secret=wrong", NULL},
    {"an unknown client", 0, TOKEN, "grant_type=client_credentials&client_id=latchkey-compare-none&client_secret=x", NULL},
    {"an unknown grant", NEEDS_CLIENT, TOKEN, "grant_type=nonsense&" AS_CLIENT, NULL},
    {"a code that is none", NEEDS_CLIENT, TOKEN, "grant_type=authorization_code&code=nonsense&redirect_uri=http://localhost&" AS_CLIENT, NULL},
    {"a scope that is none", NEEDS_CLIENT, TOKEN, "grant_type=client_credentials&scope=latchkey-compare-none&" AS_CLIENT, NULL},
    {"a wrong password", NEEDS_CLIENT | NEEDS_USER, TOKEN, "grant_type=password&username={username}&password=wrong&" AS_CLIENT, NULL},
    {"a token that is none", 0, OIDC "/userinfo", NULL, "Bearer nonsense"},
    {"a page without a client", STATUS_ALONE, OIDC "/auth?client_id=latchkey-compare-none&response_type=code&redirect_uri=http://localhost", NULL, NULL},
    {"logout", STATUS_ALONE, OIDC "/logout", NULL, NULL},
};
/* clang-format on */
#define NUM_PROBES (sizeof(probes) / sizeof(probes[0]))

typedef struct st_side_t {
    const char *name, *base;
    const char *access_token, *refresh_token;
} side_t;

static const char *value_of(const side_t *side, const char *word, size_t len)
{
    const lk_settings_t *s = &lk_process.settings;
    const struct {
        const char *word, *value;
    } words[] = {{"realm", s->realm},
                 {"client", s->client},
                 {"secret", s->client_secret},
                 {"username", s->username},
                 {"password", s->password},
                 {"access_token", side->access_token},
                 {"refresh_token", side->refresh_token}};
    for (size_t i = 0; i != sizeof(words) / sizeof(words[0]); ++i)
        if (strlen(words[i].word) == len && strncmp(words[i].word, word, len) == 0)
            return words[i].value;
    return NULL;
}

static const char *fill(lk_arena_t *arena, const side_t *side, const char *text, int is_form)
{
    lk_buffer_t filled;
    if (text == NULL)
        return NULL;
    lk_buffer_init(&filled, arena, 1024 * 1024);
    for (const char *open; (open = strchr(text, '{')) != NULL;) {
        size_t len = strcspn(open + 1, "}");
        const char *value = value_of(side, open + 1, len);
        lk_buffer_printf(&filled, "%.*s", (int)(open - text), text);
        if (is_form)
            lk_buffer_form(&filled, value != NULL ? value : "");
        else
            lk_buffer_puts(&filled, value != NULL ? value : "");
        text = open + len + 2;
    }
    lk_buffer_puts(&filled, text);
    return filled.base;
}

/* --- one question to one side --- */

typedef struct st_answer_t {
    long status;
    const char *type;
    json_t *value; /* NULL where it is no JSON */
} answer_t;

static lk_status_t ask(lk_arena_t *arena, side_t *side, const probe_t *probe, answer_t *ret_answer, lk_error_t *err)
{
    lk_fetched_t fetched = {0};
    const lk_fetch_t fetch = {.url = lk_printf(arena, "%s%s", side->base, fill(arena, side, probe->path, 0)),
                              .form = fill(arena, side, probe->form, 1),
                              .authorization = fill(arena, side, probe->bearer, 0)};
    lk_status_t status = lk_fetch(arena, &fetch, &fetched, err);
    if (status != LK_OK)
        return status;
    *ret_answer = (answer_t){fetched.status, fetched.content_type, NULL};
    if (lk_json_parse(arena, (const char *)fetched.body.base, fetched.body.len, &ret_answer->value, NULL) != LK_OK)
        ret_answer->value = NULL;
    if ((probe->flags & KEEPS_TOKENS) != 0) {
        side->access_token = lk_json_str(ret_answer->value, "access_token", NULL);
        side->refresh_token = lk_json_str(ret_answer->value, "refresh_token", NULL);
    }
    return LK_OK;
}

static const char *missing_for(const probe_t *probe, const side_t *sides)
{
    const lk_settings_t *s = &lk_process.settings;
    if ((probe->flags & NEEDS_CLIENT) != 0 && (s->client == NULL || s->client_secret == NULL))
        return "--client and --client-secret";
    if ((probe->flags & NEEDS_USER) != 0 && (s->username == NULL || s->password == NULL))
        return "--username and --password";
    if ((probe->flags & NEEDS_TOKENS) != 0 && (sides[0].refresh_token == NULL || sides[1].refresh_token == NULL))
        return "a client and a user to whom both give tokens by password";
    return NULL;
}

/* A wrong address would make every question differ. */
static int lacks_realm(const side_t *side, const answer_t *answer)
{
    if (answer->status == 200 && lk_json_str(answer->value, "realm", NULL) != NULL)
        return 0;
    fprintf(stderr, "latchkey: %s has no realm there: %s/realms/%s answers %ld: is the name wrong, or the path (/auth) missing?\n",
            side->name, side->base, lk_process.settings.realm, answer->status);
    return 1;
}

/* 0, or -1 where a side does not answer at all. */
static int compare_answers(lk_comparison_t *comparison, side_t *sides, const probe_t *probe)
{
    answer_t answers[2] = {{0}};
    lk_error_t err = {0};
    for (int i = 0; i != 2; ++i)
        if (ask(comparison->arena, &sides[i], probe, &answers[i], &err) != LK_OK) {
            fprintf(stderr, "latchkey: %s does not answer: %s\n", sides[i].name, err.detail);
            return -1;
        }
    for (int i = 0; probe == &probes[0] && i != 2; ++i)
        if (lacks_realm(&sides[i], &answers[i]))
            return -1;
    if (answers[0].status != answers[1].status)
        lk_compare_differ(comparison, "status", lk_printf(comparison->arena, "%ld", answers[0].status),
                          lk_printf(comparison->arena, "%ld", answers[1].status));
    if ((probe->flags & STATUS_ALONE) != 0)
        return 0;
    if (strcmp(answers[0].type, answers[1].type) != 0)
        lk_compare_differ(comparison, "content type", answers[0].type, answers[1].type);
    comparison->may_have_more = (probe->flags & IS_METADATA) != 0;
    lk_compare_values(comparison, "$", answers[0].value, answers[1].value);
    return 0;
}

static const char *base_of(lk_arena_t *arena, const char *url)
{
    size_t len = strlen(url);
    while (len != 0 && url[len - 1] == '/')
        --len;
    return lk_strndup(arena, url, len);
}

static int say_verdict(const lk_comparison_t *comparison, size_t asked, size_t left_out)
{
    printf("\n%zu questions, %zu left out: %zu members differ, %zu members of the metadata are only here\n", asked, left_out,
           comparison->differing, comparison->further);
    if (comparison->differing != 0)
        puts("Not safe to switch before each difference is understood: docs/differences.md lists those that are on purpose.");
    else
        printf("Safe to switch, as far as this was asked%s.\n", left_out != 0 ? "; what was left out is not known" : "");
    return comparison->differing != 0 ? LK_EXIT_FAILED : LK_EXIT_OK;
}

int lk_command_compare(void)
{
    lk_error_t err = {0};
    size_t asked = 0, left_out = 0;
    int code = lk_process_load_settings(0);
    const lk_settings_t *s = &lk_process.settings;
    if (code != LK_EXIT_OK)
        return code;
    if (s->keycloak == NULL || s->latchkey == NULL || s->realm == NULL) {
        fputs("latchkey: compare needs --keycloak=URL --latchkey=URL --realm=NAME, with the path: https://sso.example.com/auth\n",
              stderr);
        return LK_EXIT_USAGE;
    }
    if (lk_process_trust(&err) != LK_OK)
        return lk_process_fail("truststore-paths", &err);
    lk_arena_t *arena = lk_process.arena;
    side_t sides[] = {{"Keycloak", base_of(arena, s->keycloak), NULL, NULL}, {"Latchkey", base_of(arena, s->latchkey), NULL, NULL}};
    lk_comparison_t comparison = {.arena = arena, .keycloak = sides[0].base, .latchkey = sides[1].base};
    for (size_t i = 0; i != NUM_PROBES; ++i) {
        const char *missing = missing_for(&probes[i], sides);
        printf("%s%s%s\n", probes[i].name, missing != NULL ? ": left out, needs " : "", missing != NULL ? missing : "");
        if (missing != NULL)
            ++left_out;
        else if (compare_answers(&comparison, sides, &probes[i]) != 0)
            return LK_EXIT_FAILED;
        else
            ++asked;
    }
    return say_verdict(&comparison, asked, left_out);
}
