/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CONFIG_SETTINGS_H
#define LK_CONFIG_SETTINGS_H

#include <stdint.h>
#include <stdio.h>
#include "core/arena.h"
#include "core/error.h"
#include "core/log.h"

/* The settings of the process, one field an option (config/options.c): read once at start, then plain fields, never getters. Text
 * is NULL where nothing was given and there is no default; durations are milliseconds. Lifetime: process. */
typedef struct st_lk_settings_t {
    int dev_mode; /* start-dev: other defaults */
    int import_realm;
    int optimized;
    const char *db;
    int64_t db_connect_timeout;
    const char *db_mtls_key_store_file;
    const char *db_mtls_key_store_password;
    const char *db_password;
    const char *db_password_source;
    int64_t db_pool_max_lifetime;
    int db_pool_max_size;
    int db_pool_min_size;
    const char *db_schema;
    int64_t db_statement_timeout;
    int64_t db_outage_grace;
    int db_tls_allow_sha1;
    const char *db_tls_mode;
    const char *db_tls_trust_store_file;
    const char *db_tls_trust_store_password;
    const char *db_url;
    const char *db_url_database;
    const char *db_url_host;
    const char *db_url_port;
    const char *db_url_properties;
    const char *db_username;
    const char *hostname;
    int hostname_backchannel_dynamic;
    int hostname_strict;
    int http_enabled;
    const char *http_host;
    int http_max_queued_requests;
    int http_metrics_histograms_enabled;
    const char *http_metrics_slos;
    int http_pool_max_threads;
    int http_port;
    const char *http_relative_path;
    const char *https_certificate_file;
    const char *https_certificate_key_file;
    const char *https_cipher_suites;
    const char *https_client_auth;
    int https_port;
    const char *https_protocols;
    const char *https_trust_store_file;
    int64_t https_certificates_reload_period;
    int64_t shutdown_delay;
    int64_t shutdown_timeout;
    int http_access_log_enabled;
    const char *http_access_log_exclude;
    const char *http_access_log_pattern;
    int health_enabled;
    int http_management_health_enabled;
    const char *http_management_host;
    int http_management_port;
    const char *http_management_relative_path;
    const char *http_management_scheme;
    int metrics_enabled;
    int event_metrics_user_enabled;
    const char *event_metrics_user_events;
    const char *event_metrics_user_tags;
    const char *events_error_level;
    const char *events_success_level;
    const char *ciba_channel_uri;
    int token_size_warning;
    const char *proxy_headers;
    const char *proxy_trusted_addresses;
    const char *certificate_provider, *certificate_header; /* spi-x509cert-lookup; the header NULL: the provider's own */
    const char *log_console_output;
    const char *log_level;
    const char *bootstrap_admin_client_id;
    const char *bootstrap_admin_client_secret;
    const char *bootstrap_admin_password;
    const char *bootstrap_admin_username;
    const char *data_dir;
    const char *import_dir;
    const char *config_file;
    const char *theme_dir;
    const char *keys_dir;
    int tracing_enabled;
    const char *tracing_endpoint;
    const char *tracing_protocol;
    const char *tracing_resource_attributes;
    const char *tracing_sampler_ratio;
    const char *tracing_sampler_type;
    const char *tracing_service_name;
    int truststore_kubernetes_enabled;
    const char *truststore_paths;
    int markdown;
    const char *file;
    const char *dir;
    const char *output;
    int detailed_exitcode;
    const char *realm;
    const char *keycloak;
    const char *latchkey;
    const char *client;
    const char *client_secret;
    const char *username;
    const char *password;
    const char *users;
    int64_t users_per_file;
    int override;
    const char *const *sources;         /* of each row of the table: where its value came from; NULL: the default */
    const char *const *without_meaning; /* names of options that were given and mean nothing here; ends with NULL */
} lk_settings_t;

/* Reads options from the command line (argv without the program and the subcommand), the environment (KC_..., and KC_..._FILE for
 * what is secret) and the configuration file; the earlier of these wins. LK_INVALID names the option, and the nearest known one. */
lk_status_t lk_settings_load(lk_arena_t *arena, int dev_mode, int argc, char *const *argv, char *const *environment,
                             lk_settings_t *ret_settings, lk_error_t *err);
/* The libpq connection string; LK_INVALID where the URL cannot be read. Its owner wipes it. */
lk_status_t lk_settings_conninfo(lk_arena_t *arena, const lk_settings_t *settings, char **ret_conninfo, lk_error_t *err);
/* Whether the password is a token of Entra ID: db-password-source, or Azure's plugin named in the JDBC URL. */
int lk_settings_wants_entra_password(const lk_settings_t *settings);
/* The root's level of log-level ("info,org.keycloak:debug"). */
lk_log_level_t lk_settings_log_level(const lk_settings_t *settings);
/* Name, value and where it came from, one line an option that is set; secrets hidden. */
void lk_settings_show(FILE *out, const lk_settings_t *settings);
/* All options: for --help (with their variables and defaults), and for docs/options.md. */
/* All options, or those of a command. */
void lk_options_help(FILE *out, const char *command);
void lk_options_markdown(FILE *out);

#endif
