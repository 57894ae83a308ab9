/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "config.h"
#include <stdio.h>
#include <string.h>
#include <curl/curl.h>
#include "command/command.h"
#include "command/database_password.h"
#include "core/time.h"
#include "token/token.h"

lk_process_t lk_process;

extern char **environ;

static void on_notice(lk_log_level_t level, const char *category, const char *text)
{
    lk_log(level, category, NULL, "%s", text);
}

int lk_process_fail(const char *what, const lk_error_t *err)
{
    int has_detail = *err->detail != '\0';
    lk_log(LK_LOG_ERROR, LK_LOG_MAIN, NULL, "%s: %s%s%s%s", what, err->text, has_detail ? " (" : "", err->detail,
           has_detail ? ")" : "");
    return LK_EXIT_FAILED;
}

void lk_process_tell_refused(const char *operation, const char *file, const lk_error_t *err)
{
    lk_log(LK_LOG_WARN, "org.keycloak.events", NULL,
           "operationType=\"%s\", resourceType=\"REALM\", resourcePath=\"%s\", error=\"%s\"", operation, file, err->text);
}

void lk_process_init_log(const lk_settings_t *settings)
{
    lk_log_init(lk_settings_log_level(settings), strcmp(settings->log_console_output, "json") == 0 ? LK_LOG_JSON : LK_LOG_DEFAULT);
}

int lk_process_load_settings(int dev_mode)
{
    lk_error_t err = {0};
    if (lk_settings_load(lk_process.arena, dev_mode, lk_process.argc, lk_process.argv, environ, &lk_process.settings, &err) !=
        LK_OK) {
        fprintf(stderr, "latchkey: %s\n", err.text);
        return LK_EXIT_USAGE;
    }
    lk_process_init_log(&lk_process.settings);
    return LK_EXIT_OK;
}

int lk_process_has_own_database(const lk_settings_t *s)
{
    return s->db_url != NULL || s->db_url_host != NULL || (s->db != NULL && strcmp(s->db, "postgres") == 0);
}

static lk_status_t find_database(char **ret_conninfo, lk_error_t *err)
{
    const char *embedded;
    if (!lk_process.settings.dev_mode || lk_process_has_own_database(&lk_process.settings))
        return lk_settings_conninfo(lk_process.arena, &lk_process.settings, ret_conninfo, err);
    lk_status_t status = lk_embedded_pg_start(lk_process.settings.data_dir, on_notice, &lk_process.embedded, &embedded, err);
    if (status == LK_OK)
        *ret_conninfo = lk_strdup(lk_process.arena, embedded);
    return status;
}

static lk_store_tls_t database_tls(const lk_settings_t *s)
{
    return (lk_store_tls_t){.trust_store = s->db_tls_trust_store_file,
                            .trust_store_password = s->db_tls_trust_store_password,
                            .key_store = s->db_mtls_key_store_file,
                            .key_store_password = s->db_mtls_key_store_password,
                            .allow_sha1 = s->db_tls_allow_sha1};
}

lk_status_t lk_process_open_store(lk_error_t *err)
{
    const lk_settings_t *s = &lk_process.settings;
    char *conninfo;
    lk_status_t status = lk_process_trust(err);
    if (status == LK_OK)
        status = find_database(&conninfo, err);
    if (status != LK_OK)
        return status;
    lk_store_options_t options = {.conninfo = conninfo,
                                  .tls = database_tls(s),
                                  .pool_min = s->db_pool_min_size,
                                  .pool_max = s->db_pool_max_size,
                                  .connect_timeout_ms = (int)s->db_connect_timeout,
                                  .acquire_timeout_ms = 5000,
                                  .statement_timeout_ms = (int)s->db_statement_timeout,
                                  .max_lifetime_s = (int)(s->db_pool_max_lifetime / 1000),
                                  .idle_s = 300,
                                  .notice = on_notice};
    status = lk_database_password_source(s, &options.password, err);
    if (status == LK_OK)
        status = lk_store_open(&options, &lk_process.app.store, err);
    explicit_bzero(conninfo, strlen(conninfo));
    if (status != LK_OK)
        return status;
    lk_process.app.sql = lk_store_sql(lk_process.app.store);
    lk_process.app.notice = on_notice;
    lk_process.app.version = PACKAGE_VERSION;
    lk_process.app.started_ms = lk_now_ms();
    return LK_OK;
}

static lk_status_t bootstrap(lk_error_t *err)
{
    const lk_settings_t *s = &lk_process.settings;
    const char *user = s->bootstrap_admin_username != NULL ? s->bootstrap_admin_username : "temp-admin";
    const char *client = s->bootstrap_admin_client_id != NULL ? s->bootstrap_admin_client_id : "temp-admin";
    return lk_bootstrap_master(&lk_process.app, s->bootstrap_admin_password != NULL ? user : NULL, s->bootstrap_admin_password,
                               s->bootstrap_admin_client_secret != NULL ? client : NULL, s->bootstrap_admin_client_secret, err);
}

/* Waits for the database as long as one connection may take, then brings it up to date. */
int lk_process_open_model(void)
{
    lk_error_t err = {0};
    lk_store_t *store = lk_process.app.store;
    if (lk_store_wait(store, (int)lk_process.settings.db_connect_timeout, &err) != LK_OK || lk_store_migrate(store, &err) != LK_OK)
        return lk_process_fail(LK_NO_DATABASE, &err);
    if (lk_realms_create(store, on_notice, &lk_process.app.realms, &err) != LK_OK)
        return lk_process_fail("The realms cannot be read", &err);
    lk_realms_set_plans_free(lk_process.app.realms, lk_plans_free);
    lk_realms_set_grace(lk_process.app.realms, lk_process.settings.db_outage_grace);
    lk_process.app.keys_dir = lk_process.settings.keys_dir;
    lk_realms_set_keys_dir(lk_process.app.realms, lk_process.settings.keys_dir);
    if (bootstrap(&err) != LK_OK)
        return lk_process_fail("The master realm cannot be made", &err);
    return LK_EXIT_OK;
}

int lk_process_open(void)
{
    lk_error_t err = {0};
    lk_process.settings.dev_mode = !lk_process_has_own_database(&lk_process.settings);
    if (lk_process_open_store(&err) != LK_OK)
        return lk_process_fail(LK_NO_DATABASE, &err);
    return lk_process_open_model();
}

void lk_process_begin(int argc, char **argv)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
    lk_process.arena = lk_arena_create("process");
    lk_process.argc = argc;
    lk_process.argv = argv;
}

void lk_process_end(void)
{
    if (lk_process.app.store != NULL)
        lk_store_close(&lk_process.app.store); /* its listener calls into the realms */
    lk_realms_free(&lk_process.app.realms);
    lk_embedded_pg_stop(&lk_process.embedded);
    lk_arena_destroy(&lk_process.arena);
    curl_global_cleanup();
}
