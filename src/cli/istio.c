/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "cli/daily.h"
#include "cli/realm_meta.h"

/* lkadm istio: what a mesh needs to take this realm's tokens. Needs no rights: discovery and keys are public. */

/* YAML in double quotes is JSON. */
static const char *quoted(lk_arena_t *arena, const char *text)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, 64 * 1024);
    lk_buffer_json_string(&out, text);
    return out.base;
}

static void print_head(lk_cli_t *cli, const char *api, const char *kind, const char *name)
{
    const char *space = lk_cli_option(cli, LK_O_NAMESPACE), *app = lk_cli_option(cli, LK_O_WORKLOAD);
    printf("apiVersion: %s\nkind: %s\nmetadata:\n  name: %s\n  namespace: %s\nspec:\n", api, kind, quoted(cli->arena, name),
           quoted(cli->arena, space != NULL ? space : "default"));
    if (app != NULL)
        printf("  selector:\n    matchLabels:\n      app: %s\n", quoted(cli->arena, app));
}

static int print_authentication(lk_cli_t *cli, const json_t *discovery, const char *issuer)
{
    const char *audience;
    size_t at = 0;
    print_head(cli, "security.istio.io/v1", "RequestAuthentication", cli->session->target);
    printf("  jwtRules:\n  - issuer: %s\n", quoted(cli->arena, issuer));
    if (lk_cli_has(cli, LK_O_INLINE)) {
        json_t *keys = lk_realm_keys(cli, discovery);
        if (keys == NULL)
            return lk_cli_fail(cli);
        printf("    jwks: |\n      %s\n", lk_json_text(cli->arena, keys));
    } else {
        printf("    jwksUri: %s\n", quoted(cli->arena, lk_json_str(discovery, "jwks_uri", "")));
    }
    if (lk_cli_has(cli, LK_O_AUDIENCE)) {
        puts("    audiences:");
        while ((audience = lk_cli_each(cli, LK_O_AUDIENCE, &at)) != NULL)
            printf("    - %s\n", quoted(cli->arena, audience));
    }
    puts("    forwardOriginalToken: true");
    return LK_EXIT_OK;
}

static void print_policy(lk_cli_t *cli, const char *issuer)
{
    const char *role = lk_cli_option(cli, LK_O_ROLE);
    puts("---");
    print_head(cli, "security.istio.io/v1", "AuthorizationPolicy", lk_printf(cli->arena, "%s-required", cli->session->target));
    printf("  action: ALLOW\n  rules:\n  - from:\n    - source:\n        requestPrincipals: [%s]\n",
           quoted(cli->arena, lk_printf(cli->arena, "%s/*", issuer)));
    if (role != NULL)
        printf("    when:\n    - key: request.auth.claims[realm_access][roles]\n      values: [%s]\n", quoted(cli->arena, role));
}

int lk_verb_istio(lk_cli_t *cli)
{
    int code;
    json_t *discovery;
    if (lk_session_open(cli) != LK_OK)
        return lk_cli_fail(cli);
    if ((discovery = lk_realm_discovery(cli)) == NULL)
        return lk_cli_fail(cli);
    const char *issuer = lk_json_str(discovery, "issuer", "");
    if ((code = print_authentication(cli, discovery, issuer)) != LK_EXIT_OK)
        return code;
    print_policy(cli, issuer);
    return LK_EXIT_OK;
}
