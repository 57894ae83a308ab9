/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "broker/upstream.h"
#include "command/command.h"
#include "core/fetch.h"

/* latchkey doctor: looks, from where it runs, at what usually breaks, changes nothing, and says what to do. */

#define MAX_SKEW 30 /* seconds: tokens of a provider whose clock is further ahead look as if they were from the future */

static int troubles;

static void say(int good, const char *what, const char *advice)
{
    printf("%s  %s%s%s\n", good ? "ok     " : "TROUBLE", what, advice != NULL && !good ? "\n         -> " : "",
           advice != NULL && !good ? advice : "");
    troubles += !good;
}

static const char *public_url(lk_arena_t *arena)
{
    const lk_settings_t *s = &lk_process.settings;
    const char *path = s->http_relative_path != NULL && strcmp(s->http_relative_path, "/") != 0 ? s->http_relative_path : "";
    if (s->hostname == NULL)
        return lk_printf(arena, "https://<your host>%s", path);
    return strstr(s->hostname, "://") != NULL ? s->hostname : lk_printf(arena, "https://%s%s", s->hostname, path);
}

/* An address of a provider answers, and its clock goes right. */
static void check_address(lk_arena_t *arena, const char *name, const char *url)
{
    lk_fetched_t answer;
    lk_error_t err = {0};
    if (url == NULL)
        return;
    if (lk_fetch(arena, &(lk_fetch_t){.url = url}, &answer, &err) != LK_OK) {
        say(0, lk_printf(arena, "  %s: %s", name, err.detail),
            "check the address, the network policy of the pod, and the certificates that it trusts");
        return;
    }
    say(answer.status < 500, lk_printf(arena, "  %s: %s answers %ld", name, url, answer.status), "the provider itself has trouble");
    if (answer.server_skew > MAX_SKEW || answer.server_skew < -MAX_SKEW)
        say(0, lk_printf(arena, "  its clock is %ld seconds ahead of this one", answer.server_skew),
            "set the clocks, or allowedClockSkew of the provider");
}

static void check_provider(lk_arena_t *arena, const lk_realm_t *realm, const lk_identity_provider_t *provider)
{
    lk_upstream_t upstream;
    lk_error_t err = {0};
    const lk_request_t req = {.arena = arena, .base_url = public_url(arena)};
    if (!provider->enabled)
        return;
    printf("\nRealm %s, identity provider %s (%s)\n", realm->name, provider->alias, provider->provider_id);
    lk_status_t status = lk_upstream_load(arena, provider, &upstream, &err);
    say(status == LK_OK, status == LK_OK ? "  settings and discovery" : lk_printf(arena, "  %s", err.detail),
        "complete the provider's configuration");
    if (status != LK_OK)
        return;
    printf("         register this redirect URI there: %s\n", lk_upstream_redirect_uri(&req, realm, provider->alias));
    check_address(arena, "keys", upstream.use_jwks_url ? upstream.jwks_url : NULL);
    check_address(arena, "token endpoint", upstream.token_url);
    if (upstream.type->is_oidc)
        say(upstream.validate_signature, "  signatures are verified", "set validateSignature to true");
}

static void check_realms(lk_arena_t *arena)
{
    lk_rows_t rows;
    lk_error_t err = {0};
    lk_status_t status = lk_sql_run(lk_process.app.sql, arena, LK_Q_HOUSEKEEPING_REALMS, NULL, 0, &rows, &err);
    for (int i = 0; status == LK_OK && i != rows.count; ++i) {
        const lk_realm_t *realm = NULL;
        status = lk_realms_get_by_id(lk_process.app.realms, arena, lk_row_str(&rows, i, "id"), &realm, &err);
        for (size_t j = 0; realm != NULL && j != realm->num_identity_providers; ++j)
            check_provider(arena, realm, &realm->identity_providers[j]);
    }
    if (status != LK_OK)
        say(0, lk_printf(arena, "realms: %s %s", err.text, err.detail), "start Latchkey once: it brings the database up to date");
}

int lk_command_doctor(void)
{
    lk_error_t err = {0};
    const lk_settings_t *s = &lk_process.settings;
    int code = lk_process_load_settings(0);
    if (code != LK_EXIT_OK)
        return code;
    lk_arena_t *arena = lk_process.arena;
    say(s->hostname != NULL, lk_printf(arena, "issuer: %s/realms/<realm>", public_url(arena)),
        "hostname is not set: the issuer follows the Host and X-Forwarded headers of each request; set hostname");
    lk_process.settings.dev_mode = !lk_process_has_own_database(s);
    lk_status_t status = lk_process_open_store(&err);
    if (status == LK_OK)
        status = lk_store_wait(lk_process.app.store, (int)s->db_connect_timeout, &err);
    say(status == LK_OK, status == LK_OK ? "database: it answers" : lk_printf(arena, "database: %s %s", err.text, err.detail),
        "check address, password, network policy and, where it is about certificates, db-tls-mode and db-tls-trust-store-file");
    if (status == LK_OK)
        status = lk_realms_create(lk_process.app.store, lk_process.app.notice, &lk_process.app.realms, &err);
    if (status == LK_OK)
        check_realms(arena);
    printf("\n%d trouble%s\n", troubles, troubles == 1 ? "" : "s");
    return troubles == 0 ? LK_EXIT_OK : LK_EXIT_FAILED;
}
