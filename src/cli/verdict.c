/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "cli/verdict.h"

#include <stdint.h>
#include <string.h>
#include "cli/realm_meta.h"
#include "core/time.h"

#define ISTIO_SKEW_S 60  /* Envoy's jwt_authn takes a token that ended up to this long ago */
#define LARGE_TOKEN 6000 /* bytes of claims: with cookies and headers beside them, 8 KB are soon reached */

typedef struct st_case_t {
    lk_cli_t *cli;
    const lk_explained_t *token;
    const char *issuer;
    const json_t *keys;
    json_t *rows;
} case_t;

static void say(const case_t *given, const char *who, const char *takes, const char *why)
{
    json_array_append_new(given->rows, json_pack("{s:s, s:s, s:s}", "who", who, "takes", takes, "why", why));
}

/* `aud` is a text or a list of texts (RFC 7519 section 4.1.3). */
static int has_audience(const json_t *claims, const char *name)
{
    const json_t *aud = json_object_get(claims, "aud");
    size_t i;
    json_t *one;
    if (json_is_string(aud))
        return strcmp(json_string_value(aud), name) == 0;
    json_array_foreach((json_t *)(uintptr_t)aud, i,
                       one) if (json_is_string(one) && strcmp(json_string_value(one), name) == 0) return 1;
    return 0;
}

static int key_is_published(const json_t *keys, const char *kid)
{
    size_t i;
    json_t *key;
    json_array_foreach(json_object_get(keys, "keys"), i, key) if (strcmp(lk_json_str(key, "kid", ""), kid) == 0) return 1;
    return 0;
}

/* What both look at: the form, the key, the issuer, the time. NULL: nothing wrong. */
static const char *common_fault(const case_t *given, long skew)
{
    const json_t *claims = given->token->claims, *header = given->token->header;
    const char *issuer = lk_json_str(claims, "iss", ""), *alg = lk_json_str(header, "alg", ""),
               *kid = lk_json_str(header, "kid", "");
    lk_arena_t *arena = given->cli->arena;
    if (header != NULL && (strncmp(alg, "HS", 2) == 0 || strcmp(alg, "none") == 0))
        return lk_printf(arena, "it is signed with %s, which no one but the server can check: a refresh token?", alg);
    if (header != NULL && !key_is_published(given->keys, kid))
        return lk_printf(arena, "no published key has its kid %s: signed by another realm, or by a key that is gone", kid);
    if (strcmp(issuer, given->issuer) != 0)
        return lk_printf(arena, "its issuer is %s, the realm's is %s: hostname and proxy settings", issuer, given->issuer);
    if (!given->token->is_example && lk_json_int(claims, "exp", 0) + skew < lk_now())
        return lk_printf(arena, "it expired %lld s ago", (long long)(lk_now() - lk_json_int(claims, "exp", 0)));
    return NULL;
}

/* What OAuth2-Proxy's keycloak-oidc provider checks of a token (also of a Bearer token, with skip_jwt_bearer_tokens). */
static void judge_proxy(const case_t *given)
{
    static const char who[] = "OAuth2-Proxy (keycloak-oidc)";
    const json_t *claims = given->token->claims;
    const char *client = given->token->client, *fault = common_fault(given, 0);
    int is_access = strcmp(lk_json_str(claims, "typ", "Bearer"), "Bearer") == 0;
    if (fault == NULL && !has_audience(claims, client))
        fault = lk_printf(
            given->cli->arena, "aud does not name %s%s", client,
            is_access
                ? ": as a Bearer token it needs an audience mapper (lkadm mapper add CLIENT client-audience CLIENT); after a login "
                  "the ID token is used, which has it"
                : "");
    if (fault == NULL && json_is_false(json_object_get(claims, "email_verified")))
        fault = "email_verified is false: verify the address, or for a service account take the scope email away from the client";
    if (fault == NULL && json_object_get(claims, "email") == NULL && json_object_get(claims, "email_verified") == NULL &&
        !is_access)
        fault = "there is no email claim: give the user an address and the client the scope email";
    say(given, who, fault == NULL ? "yes" : "no",
        fault != NULL ? fault : "issuer, key, time, audience and e-mail are as it wants them");
}

static void judge_istio(const case_t *given)
{
    static const char who[] = "Istio RequestAuthentication";
    const char *fault = common_fault(given, ISTIO_SKEW_S), *audience;
    int listed = !lk_cli_has(given->cli, LK_O_AUDIENCE);
    for (size_t at = 0; fault == NULL && (audience = lk_cli_each(given->cli, LK_O_AUDIENCE, &at)) != NULL;)
        listed |= has_audience(given->token->claims, audience);
    if (fault == NULL && !listed)
        fault = "403 \"Audiences in Jwt are not allowed\": none of the rule's audiences is in aud";
    say(given, who, fault == NULL ? "yes" : "no",
        fault != NULL ? fault
        : lk_cli_has(given->cli, LK_O_AUDIENCE)
            ? "issuer, key, time and audience are as the rule wants them"
            : "issuer, key and time are right; the rule must not list audiences, or --audience NAME says whether they fit");
}

json_t *lk_verdicts(lk_cli_t *cli, const lk_explained_t *token)
{
    const json_t *discovery = lk_realm_discovery(cli), *keys = discovery != NULL ? lk_realm_keys(cli, discovery) : NULL;
    if (keys == NULL)
        return NULL;
    case_t given = {cli, token, lk_json_str(discovery, "issuer", ""), keys, lk_json_own(cli->arena, json_array())};
    judge_proxy(&given);
    judge_istio(&given);
    size_t size = strlen(lk_json_text(cli->arena, token->claims));
    if (size > LARGE_TOKEN)
        say(&given, "Proxies' header limits", "perhaps",
            lk_printf(cli->arena, "%zu bytes of claims: many proxies stop at 8 KB of headers", size));
    return given.rows;
}
