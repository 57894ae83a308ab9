/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include "broker/entra.h"
#include "broker/upstream.h"
#include "command/command.h"
#include "core/fetch.h"
#include "core/json.h"
#include "core/time.h"

/* latchkey doctor: looks, from where it runs, at what usually breaks, changes nothing, and says what to do. */

#define MAX_SKEW 30 /* seconds: tokens of a provider whose clock is further ahead look as if they were from the future */

#define PUBLIC_TIMEOUT_MS 3000
#define MAIL_TIMEOUT_MS 3000

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

/* --- the database: what an account that may connect may still not do --- */

static void check_database(lk_arena_t *arena)
{
    static const struct {
        const char *column, *good, *advice;
    } checks[] = {
        {"writable", "it takes writes", "this is a standby, or the database is read-only: connect to the primary (db-url-host)"},
        {"may_create", "its account may change the schema, as an upgrade does", "GRANT CREATE ON SCHEMA to the account"},
        {"may_write", "its account may write the tables",
         "the tables belong to somebody else: GRANT ALL ON ALL TABLES IN SCHEMA to the account"},
    };
    lk_rows_t rows;
    lk_error_t err = {0};
    if (lk_sql_run(lk_process.app.sql, arena, LK_Q_DOCTOR_DATABASE, NULL, 0, &rows, &err) != LK_OK || rows.count == 0) {
        say(0, lk_printf(arena, "database: %s: %s", err.text, err.detail), "the account may not even ask about itself");
        return;
    }
    for (size_t i = 0; i != sizeof(checks) / sizeof(checks[0]); ++i)
        say(lk_row_bool(&rows, 0, checks[i].column), lk_printf(arena, "database: %s", checks[i].good), checks[i].advice);
    long skew = (long)(lk_row_int(&rows, 0, "now", 0) - lk_now());
    say(skew <= MAX_SKEW && skew >= -MAX_SKEW, lk_printf(arena, "database: its clock is %ld seconds ahead of this one", skew),
        "set the clocks");
    printf("         its connection is %s\n", lk_row_bool(&rows, 0, "tls") ? "encrypted" : "not encrypted, or a local one");
}

/* --- the public address, as a browser or an application sees it --- */

/* What a realm says of itself there tells whether proxy and settings agree. Nobody may answer yet: that is no trouble. */
static void check_public(lk_arena_t *arena)
{
    const lk_settings_t *s = &lk_process.settings;
    const char *base = public_url(arena), *expected = lk_printf(arena, "%s/realms/master", base);
    lk_fetched_t answer;
    lk_error_t err = {0};
    json_t *document = NULL;
    if (s->hostname == NULL)
        return;
    if (s->proxy_headers == NULL || *s->proxy_headers == '\0')
        printf("         proxy-headers is not set: behind a proxy, events and sslRequired go by the proxy's address\n");
    const lk_fetch_t fetch = {.url = lk_printf(arena, "%s/.well-known/openid-configuration", expected),
                              .timeout_ms = PUBLIC_TIMEOUT_MS};
    if (lk_fetch(arena, &fetch, &answer, &err) != LK_OK || answer.status >= 500) {
        printf("         %s does not answer from here: start Latchkey, or look from where browsers are\n", base);
        return;
    }
    lk_json_parse(arena, (const char *)answer.body.base, answer.body.len, &document, NULL);
    const char *issuer = lk_json_str(document, "issuer", "nothing");
    say(strcmp(issuer, expected) == 0, lk_printf(arena, "public address: %s says that its issuer is %s", base, issuer),
        "hostname and what the proxy sends (X-Forwarded-Host, -Proto, its path) must give one address: set hostname with scheme "
        "and path, and proxy-headers");
}

/* --- mail --- */

static int connect_within(const struct addrinfo *address)
{
    int fd = socket(address->ai_family, address->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, address->ai_protocol), failure = 1;
    socklen_t len = sizeof(failure);
    struct pollfd poll_fd = {.fd = fd, .events = POLLOUT};
    if (fd < 0)
        return 0;
    if (connect(fd, address->ai_addr, address->ai_addrlen) == 0 || poll(&poll_fd, 1, MAIL_TIMEOUT_MS) == 1)
        (void)getsockopt(fd, SOL_SOCKET, SO_ERROR, &failure, &len);
    close(fd);
    return failure == 0;
}

static void check_mail(lk_arena_t *arena, const lk_realm_t *realm)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    const char *host = lk_json_config(realm->smtp_server, "host", ""), *port = lk_json_config(realm->smtp_server, "port", "");
    if (*host == '\0')
        return;
    if (*port == '\0')
        port = lk_json_config_bool(realm->smtp_server, "ssl", 0) ? "465" : "25";
    int good = getaddrinfo(host, port, &hints, &found) == 0 && connect_within(found);
    if (found != NULL)
        freeaddrinfo(found);
    printf("\nRealm %s, mail\n", realm->name);
    say(good, lk_printf(arena, "  %s port %s can be reached", host, port),
        "check smtpServer of the realm, and the network policy of the pod");
    say(*lk_json_config(realm->smtp_server, "from", "") != '\0', "  it has a sender", "set \"from\" in smtpServer");
}

/* --- identity providers --- */

/* The provider's own document names the issuer that its tokens will have. */
static void check_issuer(lk_arena_t *arena, const lk_upstream_t *upstream)
{
    lk_fetched_t answer;
    json_t *document = NULL;
    const char *issuer = upstream->issuer;
    if (issuer == NULL || strchr(issuer, '{') != NULL || strchr(issuer, ',') != NULL)
        return;
    const char *url = lk_printf(arena, "%s/.well-known/openid-configuration", issuer);
    if (lk_fetch(arena, &(lk_fetch_t){.url = url}, &answer, NULL) != LK_OK || answer.status != 200 ||
        lk_json_parse(arena, (const char *)answer.body.base, answer.body.len, &document, NULL) != LK_OK)
        return; /* not everybody has one */
    const char *said = lk_json_str(document, "issuer", "nothing");
    say(strcmp(said, issuer) == 0, lk_printf(arena, "  issuer: the provider calls itself %s", said),
        "set issuer of the identity provider to that");
}

static void check_keys(lk_arena_t *arena, const lk_upstream_t *upstream)
{
    lk_fetched_t answer;
    json_t *document = NULL;
    if (!upstream->use_jwks_url || upstream->jwks_url == NULL)
        return;
    if (lk_fetch(arena, &(lk_fetch_t){.url = upstream->jwks_url}, &answer, NULL) != LK_OK)
        return; /* said already */
    lk_json_parse(arena, (const char *)answer.body.base, answer.body.len, &document, NULL);
    size_t count = json_array_size(json_object_get(document, "keys"));
    say(count != 0, lk_printf(arena, "  %zu keys at %s", count, upstream->jwks_url), "jwksUrl is not an address of keys");
}

static void check_secret(lk_arena_t *arena, const lk_upstream_t *upstream)
{
    const char *token;
    lk_error_t err = {0};
    if (lk_entra_uses_workload(upstream)) {
        int good = lk_entra_workload_token(arena, &token, &err) == LK_OK;
        say(good, good ? "  the pod's token stands in for a secret" : lk_printf(arena, "  %s", err.detail),
            "label the pod azure.workload.identity/use=true, and look whether the webhook runs");
    } else if (strcmp(upstream->client_auth, "private_key_jwt") != 0) {
        say(upstream->client_secret != NULL, "  a client secret is set", "set clientSecret, or another clientAuthMethod");
    }
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
    const char *uri = lk_upstream_redirect_uri(&req, realm, provider->alias);
    printf("         register this redirect URI there: %s\n", uri);
    if (upstream.logout_url != NULL)
        printf("         and, for signing out: %s/logout_response\n", uri);
    if (upstream.type->is_oidc)
        printf("         a front-channel logout URL, if it tells of logouts so: %s/frontchannel_logout\n", uri);
    check_secret(arena, &upstream);
    if (upstream.type->is_oidc)
        check_issuer(arena, &upstream);
    check_address(arena, "keys", upstream.use_jwks_url ? upstream.jwks_url : NULL);
    check_keys(arena, &upstream);
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
        if (realm != NULL)
            check_mail(arena, realm);
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
    say(status == LK_OK, status == LK_OK ? "database: it answers" : lk_printf(arena, "database: %s: %s", err.text, err.detail),
        "check address, password, network policy and, where it is about certificates, db-tls-mode and db-tls-trust-store-file");
    check_public(arena);
    if (status == LK_OK)
        check_database(arena);
    if (status == LK_OK)
        status = lk_realms_create(lk_process.app.store, lk_process.app.notice, &lk_process.app.realms, &err);
    if (status == LK_OK)
        check_realms(arena);
    printf("\n%d trouble%s\n", troubles, troubles == 1 ? "" : "s");
    return troubles == 0 ? LK_EXIT_OK : LK_EXIT_FAILED;
}
