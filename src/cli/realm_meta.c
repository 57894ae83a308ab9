/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "cli/realm_meta.h"

#include <string.h>

json_t *lk_realm_discovery(lk_cli_t *cli)
{
    lk_buffer_t url;
    lk_buffer_init(&url, cli->arena, 64 * 1024);
    lk_buffer_printf(&url, "%s/realms/", cli->session->server);
    lk_buffer_percent(&url, cli->session->target);
    lk_buffer_puts(&url, "/.well-known/openid-configuration");
    return lk_call_get(cli, url.base);
}

/* At the address that the session knows: the one in discovery is the realm's public name, which may not lead there from here. */
json_t *lk_realm_keys(lk_cli_t *cli, const json_t *discovery)
{
    const char *issuer = lk_json_str(discovery, "issuer", ""), *address = lk_json_str(discovery, "jwks_uri", "");
    lk_buffer_t url;
    if (strncmp(address, issuer, strlen(issuer)) != 0)
        return lk_call_get(cli, address);
    lk_buffer_init(&url, cli->arena, 64 * 1024);
    lk_buffer_printf(&url, "%s/realms/", cli->session->server);
    lk_buffer_percent(&url, cli->session->target);
    lk_buffer_puts(&url, address + strlen(issuer));
    return lk_call_get(cli, url.base);
}
