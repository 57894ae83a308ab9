/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "config/options.h"

/* All write one setting: only the chosen provider's is read. */
#define CERTIFICATE_HEADER(provider)                                                                                               \
    {                                                                                                                              \
        "spi-x509cert-lookup--" provider "--ssl-client-cert", LK_OPTION_TEXT, NULL, NULL, 0,                                       \
            offsetof(lk_settings_t, certificate_header), "Proxy", "The header that holds the client's certificate."                \
    }
#define NO_MEANING(name, category)                                                                                                 \
    {                                                                                                                              \
        (name), LK_OPTION_NO_MEANING, NULL, NULL, 0, 0, (category), NULL                                                           \
    }

/* Every option: a new one is a row here and a field of lk_settings_t. */
/* clang-format off */
const lk_option_t lk_options[] = {
    {"import-realm", LK_OPTION_FLAG, NULL, NULL, 0, offsetof(lk_settings_t, import_realm),
     "General", "Import the realm files of the import folder at start; realms that exist are skipped."},
    {"optimized", LK_OPTION_FLAG, NULL, NULL, 0, offsetof(lk_settings_t, optimized),
     "General", "Accepted: there is nothing to build ahead."},
    NO_MEANING("verbose", "General"),
    NO_MEANING("cache", "Cache"),
    NO_MEANING("cache-config-file", "Cache"),
    NO_MEANING("cache-config-mutate", "Cache"),
    NO_MEANING("cache-embedded-authorization-max-count", "Cache"),
    NO_MEANING("cache-embedded-client-sessions-max-count", "Cache"),
    NO_MEANING("cache-embedded-crl-max-count", "Cache"),
    NO_MEANING("cache-embedded-keys-max-count", "Cache"),
    NO_MEANING("cache-embedded-mtls-enabled", "Cache"),
    NO_MEANING("cache-embedded-mtls-key-store-file", "Cache"),
    NO_MEANING("cache-embedded-mtls-key-store-password", "Cache"),
    NO_MEANING("cache-embedded-mtls-rotation-interval-days", "Cache"),
    NO_MEANING("cache-embedded-mtls-trust-store-file", "Cache"),
    NO_MEANING("cache-embedded-mtls-trust-store-password", "Cache"),
    NO_MEANING("cache-embedded-network-bind-address", "Cache"),
    NO_MEANING("cache-embedded-network-bind-port", "Cache"),
    NO_MEANING("cache-embedded-network-external-address", "Cache"),
    NO_MEANING("cache-embedded-network-external-port", "Cache"),
    NO_MEANING("cache-embedded-offline-client-sessions-max-count", "Cache"),
    NO_MEANING("cache-embedded-offline-sessions-max-count", "Cache"),
    NO_MEANING("cache-embedded-realms-max-count", "Cache"),
    NO_MEANING("cache-embedded-sessions-max-count", "Cache"),
    NO_MEANING("cache-embedded-users-max-count", "Cache"),
    NO_MEANING("cache-metrics-histograms-enabled", "Cache"),
    NO_MEANING("cache-remote-backup-sites", "Cache"),
    NO_MEANING("cache-remote-host", "Cache"),
    NO_MEANING("cache-remote-password", "Cache"),
    NO_MEANING("cache-remote-port", "Cache"),
    NO_MEANING("cache-remote-tls-enabled", "Cache"),
    NO_MEANING("cache-remote-username", "Cache"),
    NO_MEANING("cache-stack", "Cache"),
    NO_MEANING("config-keystore", "General"),
    NO_MEANING("config-keystore-password", "General"),
    NO_MEANING("config-keystore-type", "General"),
    {"db", LK_OPTION_CHOICE, NULL, "postgres,dev-file,dev-mem", 0, offsetof(lk_settings_t, db),
     "Database", "postgres; or dev-file, dev-mem: the private Postgres of start-dev, its default."},
    {"db-connect-timeout", LK_OPTION_DURATION, "10s", NULL, 0, offsetof(lk_settings_t, db_connect_timeout),
     "Database", "How long one connection attempt may take, and how long start waits for the database."},
    NO_MEANING("db-debug-jpql", "Database"),
    NO_MEANING("db-driver", "Database"),
    NO_MEANING("db-log-slow-queries-threshold", "Database"),
    {"db-mtls-key-store-file", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, db_mtls_key_store_file),
     "Database", "Certificate and private key shown to the database: PEM or PKCS12."},
    {"db-mtls-key-store-password", LK_OPTION_TEXT, NULL, NULL, LK_OPTION_SECRET, offsetof(lk_settings_t, db_mtls_key_store_password),
     "Database", "Password of that file, where it is PKCS12."},
    NO_MEANING("db-mtls-key-store-type", "Database"),
    {"db-password", LK_OPTION_TEXT, NULL, NULL, LK_OPTION_SECRET, offsetof(lk_settings_t, db_password),
     "Database", "Password of the database user."},
    {"db-password-source", LK_OPTION_CHOICE, "settings", "settings,entra", 0, offsetof(lk_settings_t, db_password_source),
     "Database", "Latchkey's own: db-password; or a token of Entra ID for each new connection, by workload identity (AZURE_ variables)."},
    NO_MEANING("db-pool-initial-size", "Database"),
    {"db-pool-max-lifetime", LK_OPTION_DURATION, NULL, NULL, 0, offsetof(lk_settings_t, db_pool_max_lifetime),
     "Database", "Age at which a connection is replaced."},
    {"db-pool-max-size", LK_OPTION_INT, "10", NULL, 0, offsetof(lk_settings_t, db_pool_max_size),
     "Database", "Most connections at once."},
    {"db-pool-min-size", LK_OPTION_INT, NULL, NULL, 0, offsetof(lk_settings_t, db_pool_min_size),
     "Database", "Connections kept open where nobody needs them; those above go after five idle minutes."},
    {"db-outage-grace", LK_OPTION_DURATION, "5m", NULL, 0, offsetof(lk_settings_t, db_outage_grace),
     "Database", "Latchkey's own: how long what needs nothing stored (keys, discovery, client credentials) is served while the database is away."},
    {"db-schema", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, db_schema),
     "Database", "Schema of the tables."},
    {"db-statement-timeout", LK_OPTION_DURATION, "30s", NULL, 0, offsetof(lk_settings_t, db_statement_timeout),
     "Database", "Latchkey's own: how long one statement may take; two seconds later the server is given up as hung."},
    {"db-tls-allow-sha1", LK_OPTION_BOOL, "false", NULL, 0, offsetof(lk_settings_t, db_tls_allow_sha1),
     "Database", "Latchkey's own: SHA-1 signatures are good enough in the database's certificate chain, and nowhere else."},
    {"db-tls-mode", LK_OPTION_CHOICE, "disabled", "disabled,verify-server", 0, offsetof(lk_settings_t, db_tls_mode),
     "Database", "Whether the connection is encrypted and the server's certificate checked."},
    {"db-tls-trust-store-file", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, db_tls_trust_store_file),
     "Database", "Authorities that may sign the database's certificate: PEM or PKCS12. Without it: those that the system trusts."},
    {"db-tls-trust-store-password", LK_OPTION_TEXT, NULL, NULL, LK_OPTION_SECRET, offsetof(lk_settings_t, db_tls_trust_store_password),
     "Database", "Password of the trust store, where it is PKCS12."},
    NO_MEANING("db-tls-trust-store-type", "Database"),
    {"db-url", LK_OPTION_TEXT, NULL, NULL, LK_OPTION_SECRET, offsetof(lk_settings_t, db_url),
     "Database", "JDBC URL (jdbc:postgresql://host:port/database?...) or libpq URI of the database."},
    {"db-url-database", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, db_url_database),
     "Database", "Name of the database where no URL is given."},
    {"db-url-host", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, db_url_host),
     "Database", "Host of the database where no URL is given."},
    {"db-url-port", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, db_url_port),
     "Database", "Port of the database where no URL is given."},
    {"db-url-properties", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, db_url_properties),
     "Database", "Properties added to the URL (?sslmode=...)."},
    {"db-username", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, db_username),
     "Database", "Database user."},
    NO_MEANING("db-connect-timeout-<datasource>", "Database"),
    NO_MEANING("db-debug-jpql-<datasource>", "Database"),
    NO_MEANING("db-driver-<datasource>", "Database"),
    NO_MEANING("db-enabled-<datasource>", "Database"),
    NO_MEANING("db-health-exclude-<datasource>", "Database"),
    NO_MEANING("db-kind-<datasource>", "Database"),
    NO_MEANING("db-log-slow-queries-threshold-<datasource>", "Database"),
    NO_MEANING("db-mtls-key-store-file-<datasource>", "Database"),
    NO_MEANING("db-mtls-key-store-password-<datasource>", "Database"),
    NO_MEANING("db-mtls-key-store-type-<datasource>", "Database"),
    NO_MEANING("db-password-<datasource>", "Database"),
    NO_MEANING("db-pool-initial-size-<datasource>", "Database"),
    NO_MEANING("db-pool-max-size-<datasource>", "Database"),
    NO_MEANING("db-pool-min-size-<datasource>", "Database"),
    NO_MEANING("db-schema-<datasource>", "Database"),
    NO_MEANING("db-tls-mode-<datasource>", "Database"),
    NO_MEANING("db-tls-trust-store-file-<datasource>", "Database"),
    NO_MEANING("db-tls-trust-store-password-<datasource>", "Database"),
    NO_MEANING("db-tls-trust-store-type-<datasource>", "Database"),
    NO_MEANING("db-url-database-<datasource>", "Database"),
    NO_MEANING("db-url-full-<datasource>", "Database"),
    NO_MEANING("db-url-host-<datasource>", "Database"),
    NO_MEANING("db-url-port-<datasource>", "Database"),
    NO_MEANING("db-url-properties-<datasource>", "Database"),
    NO_MEANING("db-username-<datasource>", "Database"),
    NO_MEANING("transaction-default-timeout", "General"),
    NO_MEANING("transaction-setup-timeout", "General"),
    NO_MEANING("transaction-xa-enabled", "General"),
    NO_MEANING("transaction-xa-enabled-<datasource>", "General"),
    NO_MEANING("feature-<name>", "General"),
    NO_MEANING("features", "General"),
    NO_MEANING("features-disabled", "General"),
    {"hostname", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, hostname),
     "Hostname", "Public address: a host name, or a full URL. Without it the request's own is used (hostname-strict=false)."},
    NO_MEANING("hostname-admin", "Hostname"),
    {"hostname-backchannel-dynamic", LK_OPTION_BOOL, "false", NULL, 0, offsetof(lk_settings_t, hostname_backchannel_dynamic),
     "Hostname", "In discovery, what clients call keeps the address that the caller used; hostname must be a URL."},
    NO_MEANING("hostname-debug", "Hostname"),
    {"hostname-strict", LK_OPTION_BOOL, "true", NULL, 0, offsetof(lk_settings_t, hostname_strict),
     "Hostname", "Refuse to start without a hostname."},
    NO_MEANING("http-accept-non-normalized-paths", "HTTP"),
    {"http-enabled", LK_OPTION_BOOL, "false", NULL, 0, offsetof(lk_settings_t, http_enabled),
     "HTTP", "Listen on plain HTTP."},
    {"http-host", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, http_host),
     "HTTP", "Address to listen on; all where it is empty."},
    {"http-max-queued-requests", LK_OPTION_INT, NULL, NULL, 0, offsetof(lk_settings_t, http_max_queued_requests),
     "HTTP", "Requests that may wait for a worker in each lane; more are answered with 503."},
    {"http-metrics-histograms-enabled", LK_OPTION_BOOL, "false", NULL, 0, offsetof(lk_settings_t, http_metrics_histograms_enabled),
     "HTTP", "Whether http_server_requests_seconds is a histogram."},
    {"http-metrics-slos", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, http_metrics_slos),
     "HTTP", "Bounds of its buckets: milliseconds, rising, comma separated."},
    {"http-pool-max-threads", LK_OPTION_INT, NULL, NULL, 0, offsetof(lk_settings_t, http_pool_max_threads),
     "HTTP", "Workers of the quick lane."},
    {"http-port", LK_OPTION_PORT, "8080", NULL, 0, offsetof(lk_settings_t, http_port),
     "HTTP", "Port of plain HTTP; 0 takes a free one."},
    {"http-relative-path", LK_OPTION_PATH, "/", NULL, 0, offsetof(lk_settings_t, http_relative_path),
     "HTTP", "Path under which everything is served."},
    {"https-certificate-file", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, https_certificate_file),
     "HTTP", "PEM file with the certificate chain."},
    {"https-certificate-key-file", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, https_certificate_key_file),
     "HTTP", "PEM file with the certificate's private key."},
    {"https-certificates-reload-period", LK_OPTION_DURATION, "1h", NULL, 0, offsetof(lk_settings_t, https_certificates_reload_period),
     "HTTP", "How often certificate and key are read again; -1 or 0: only at SIGHUP."},
    {"https-cipher-suites", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, https_cipher_suites),
     "HTTP", "Cipher suites, OpenSSL's names."},
    {"https-client-auth", LK_OPTION_CHOICE, "none", "none,request,required", 0, offsetof(lk_settings_t, https_client_auth),
     "HTTP", "Whether clients show a certificate."},
    NO_MEANING("https-key-store-file", "HTTP"),
    NO_MEANING("https-key-store-password", "HTTP"),
    NO_MEANING("https-key-store-type", "HTTP"),
    {"https-port", LK_OPTION_PORT, "8443", NULL, 0, offsetof(lk_settings_t, https_port),
     "HTTP", "Port of HTTPS; 0 takes a free one."},
    {"https-protocols", LK_OPTION_TEXT, "TLSv1.3,TLSv1.2", NULL, 0, offsetof(lk_settings_t, https_protocols),
     "HTTP", "TLS versions."},
    {"https-trust-store-file", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, https_trust_store_file),
     "HTTP", "PEM file with the authorities of client certificates."},
    NO_MEANING("https-trust-store-password", "HTTP"),
    NO_MEANING("https-trust-store-type", "HTTP"),
    {"shutdown-delay", LK_OPTION_DURATION, "1s", NULL, 0, offsetof(lk_settings_t, shutdown_delay),
     "HTTP", "Time between going unready and closing the listeners."},
    {"shutdown-timeout", LK_OPTION_DURATION, "10s", NULL, 0, offsetof(lk_settings_t, shutdown_timeout),
     "HTTP", "Time that requests in flight get at the end."},
    {"http-access-log-enabled", LK_OPTION_BOOL, "false", NULL, 0, offsetof(lk_settings_t, http_access_log_enabled),
     "Logging", "Log each request."},
    {"http-access-log-exclude", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, http_access_log_exclude),
     "Logging", "Regular expression of paths that are not logged."},
    NO_MEANING("http-access-log-file-enabled", "Logging"),
    NO_MEANING("http-access-log-file-name", "Logging"),
    NO_MEANING("http-access-log-file-rotate", "Logging"),
    NO_MEANING("http-access-log-file-suffix", "Logging"),
    NO_MEANING("http-access-log-masked-cookies", "Logging"),
    NO_MEANING("http-access-log-masked-headers", "Logging"),
    {"http-access-log-pattern", LK_OPTION_TEXT, "common", NULL, 0, offsetof(lk_settings_t, http_access_log_pattern),
     "Logging", "common, combined, long, or a pattern of fields such as %h %s %b %D."},
    {"health-enabled", LK_OPTION_BOOL, "false", NULL, 0, offsetof(lk_settings_t, health_enabled),
     "Management", "Answer /health on the management port."},
    {"http-management-health-enabled", LK_OPTION_BOOL, "true", NULL, 0, offsetof(lk_settings_t, http_management_health_enabled),
     "Management", "/health on the management port rather than on the main one."},
    {"http-management-host", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, http_management_host),
     "Management", "Address of the management port."},
    {"http-management-port", LK_OPTION_PORT, "9000", NULL, 0, offsetof(lk_settings_t, http_management_port),
     "Management", "Port of health and metrics; 0 takes a free one."},
    {"http-management-relative-path", LK_OPTION_PATH, NULL, NULL, 0, offsetof(lk_settings_t, http_management_relative_path),
     "Management", "Path under which health and metrics are served."},
    {"http-management-scheme", LK_OPTION_CHOICE, "inherited", "http,inherited", 0, offsetof(lk_settings_t, http_management_scheme),
     "Management", "inherited: HTTPS where the main port has it."},
    NO_MEANING("https-management-certificate-file", "Management"),
    NO_MEANING("https-management-certificate-key-file", "Management"),
    NO_MEANING("https-management-certificates-reload-period", "Management"),
    NO_MEANING("https-management-cipher-suites", "Management"),
    NO_MEANING("https-management-client-auth", "Management"),
    NO_MEANING("https-management-key-store-file", "Management"),
    NO_MEANING("https-management-key-store-password", "Management"),
    NO_MEANING("https-management-key-store-type", "Management"),
    NO_MEANING("https-management-protocols", "Management"),
    NO_MEANING("https-management-trust-store-file", "Management"),
    NO_MEANING("https-management-trust-store-password", "Management"),
    NO_MEANING("https-management-trust-store-type", "Management"),
    NO_MEANING("legacy-observability-interface", "General"),
    {"metrics-enabled", LK_OPTION_BOOL, "false", NULL, 0, offsetof(lk_settings_t, metrics_enabled),
     "Management", "Answer /metrics on the management port."},
    {"proxy-headers", LK_OPTION_CHOICE, NULL, "forwarded,xforwarded", 0, offsetof(lk_settings_t, proxy_headers),
     "Proxy", "Which headers of a proxy are believed."},
    NO_MEANING("proxy-protocol-enabled", "Proxy"),
    {"proxy-trusted-addresses", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, proxy_trusted_addresses),
     "Proxy", "Addresses and networks of the proxies whose headers are believed."},
    NO_MEANING("spi-<provider>", "General"),
    {"spi-ciba-auth-channel--ciba-http-auth-channel--http-authentication-channel-uri", LK_OPTION_TEXT, NULL, NULL, 0,
     offsetof(lk_settings_t, ciba_channel_uri), "General", "Where users are asked for backchannel authentication (CIBA): an http or https address."},
    {"spi-events-listener--jboss-logging--error-level", LK_OPTION_CHOICE, "warn", "trace,debug,info,warn,error,fatal", 0,
     offsetof(lk_settings_t, events_error_level), "Logging", "The level that refused logins and other failed events are logged at."},
    {"spi-events-listener--jboss-logging--success-level", LK_OPTION_CHOICE, "debug", "trace,debug,info,warn,error,fatal", 0,
     offsetof(lk_settings_t, events_success_level), "Logging", "The level that logins and other events are logged at."},
    {"spi-x509cert-lookup--provider", LK_OPTION_CHOICE, "default", "default,apache,envoy,haproxy,nginx,rfc9440,traefik", 0,
     offsetof(lk_settings_t, certificate_provider), "Proxy", "Which proxy passes the clients' certificates on, and how; default: HTTPS ends here."},
    CERTIFICATE_HEADER("apache"),
    CERTIFICATE_HEADER("haproxy"),
    CERTIFICATE_HEADER("nginx"),
    CERTIFICATE_HEADER("rfc9440"),
    NO_MEANING("vault", "General"),
    NO_MEANING("vault-dir", "General"),
    NO_MEANING("vault-file", "General"),
    NO_MEANING("vault-pass", "General"),
    NO_MEANING("vault-type", "General"),
    NO_MEANING("log", "Logging"),
    NO_MEANING("log-async", "Logging"),
    NO_MEANING("log-console-async", "Logging"),
    NO_MEANING("log-console-async-queue-length", "Logging"),
    NO_MEANING("log-console-color", "Logging"),
    NO_MEANING("log-console-format", "Logging"),
    NO_MEANING("log-console-include-mdc", "Logging"),
    NO_MEANING("log-console-include-trace", "Logging"),
    NO_MEANING("log-console-json-format", "Logging"),
    NO_MEANING("log-console-level", "Logging"),
    {"log-console-output", LK_OPTION_CHOICE, "default", "default,json", 0, offsetof(lk_settings_t, log_console_output),
     "Logging", "Form of the log's lines."},
    NO_MEANING("log-file", "Logging"),
    NO_MEANING("log-file-async", "Logging"),
    NO_MEANING("log-file-async-queue-length", "Logging"),
    NO_MEANING("log-file-format", "Logging"),
    NO_MEANING("log-file-include-mdc", "Logging"),
    NO_MEANING("log-file-include-trace", "Logging"),
    NO_MEANING("log-file-json-format", "Logging"),
    NO_MEANING("log-file-level", "Logging"),
    NO_MEANING("log-file-output", "Logging"),
    NO_MEANING("log-file-rotation-enabled", "Logging"),
    NO_MEANING("log-file-rotation-file-suffix", "Logging"),
    NO_MEANING("log-file-rotation-max-backup-index", "Logging"),
    NO_MEANING("log-file-rotation-max-file-size", "Logging"),
    NO_MEANING("log-file-rotation-rotate-on-boot", "Logging"),
    {"log-level", LK_OPTION_LEVELS, "info", NULL, 0, offsetof(lk_settings_t, log_level),
     "Logging", "Least level that is logged: trace, debug, info, warn, error, off."},
    NO_MEANING("log-level-<category>", "Logging"),
    NO_MEANING("log-mdc-enabled", "Logging"),
    NO_MEANING("log-mdc-keys", "Logging"),
    NO_MEANING("log-service-environment", "Logging"),
    NO_MEANING("log-service-name", "Logging"),
    NO_MEANING("log-syslog-app-name", "Logging"),
    NO_MEANING("log-syslog-async", "Logging"),
    NO_MEANING("log-syslog-async-queue-length", "Logging"),
    NO_MEANING("log-syslog-counting-framing", "Logging"),
    NO_MEANING("log-syslog-endpoint", "Logging"),
    NO_MEANING("log-syslog-format", "Logging"),
    NO_MEANING("log-syslog-include-mdc", "Logging"),
    NO_MEANING("log-syslog-include-trace", "Logging"),
    NO_MEANING("log-syslog-json-format", "Logging"),
    NO_MEANING("log-syslog-level", "Logging"),
    NO_MEANING("log-syslog-max-length", "Logging"),
    NO_MEANING("log-syslog-output", "Logging"),
    NO_MEANING("log-syslog-protocol", "Logging"),
    NO_MEANING("log-syslog-type", "Logging"),
    NO_MEANING("telemetry-endpoint", "Observability"),
    NO_MEANING("telemetry-header-<header>", "Observability"),
    NO_MEANING("telemetry-logs-enabled", "Observability"),
    NO_MEANING("telemetry-logs-endpoint", "Observability"),
    NO_MEANING("telemetry-logs-header-<header>", "Observability"),
    NO_MEANING("telemetry-logs-level", "Observability"),
    NO_MEANING("telemetry-logs-protocol", "Observability"),
    NO_MEANING("telemetry-metrics-enabled", "Observability"),
    NO_MEANING("telemetry-metrics-endpoint", "Observability"),
    NO_MEANING("telemetry-metrics-header-<header>", "Observability"),
    NO_MEANING("telemetry-metrics-interval", "Observability"),
    NO_MEANING("telemetry-metrics-protocol", "Observability"),
    NO_MEANING("telemetry-protocol", "Observability"),
    NO_MEANING("telemetry-resource-attributes", "Observability"),
    NO_MEANING("telemetry-service-name", "Observability"),
    NO_MEANING("tracing-compression", "Observability"),
    {"tracing-enabled", LK_OPTION_BOOL, "false", NULL, 0, offsetof(lk_settings_t, tracing_enabled),
     "Observability", "Whether a span of each request is sent to a collector (OpenTelemetry)."},
    {"tracing-endpoint", LK_OPTION_TEXT, "http://localhost:4318", NULL, 0, offsetof(lk_settings_t, tracing_endpoint),
     "Observability", "The collector's HTTP endpoint; /v1/traces is put behind it."},
    NO_MEANING("tracing-header-<header>", "Observability"),
    NO_MEANING("tracing-infinispan-enabled", "Observability"),
    NO_MEANING("tracing-jdbc-enabled", "Observability"),
    {"tracing-protocol", LK_OPTION_CHOICE, "http/protobuf", "http/protobuf", 0, offsetof(lk_settings_t, tracing_protocol),
     "Observability", "How the collector is spoken to; its port for HTTP is 4318. Keycloak's default, grpc, is not there."},
    {"tracing-resource-attributes", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, tracing_resource_attributes),
     "Observability", "Attributes of every span's resource: key=value, comma separated."},
    {"tracing-sampler-ratio", LK_OPTION_TEXT, "1.0", NULL, 0, offsetof(lk_settings_t, tracing_sampler_ratio),
     "Observability", "Share of the traces that traceidratio samples, 0 to 1."},
    {"tracing-sampler-type", LK_OPTION_CHOICE, "traceidratio", "always_on,always_off,traceidratio,parentbased_always_on,parentbased_always_off,parentbased_traceidratio", 0, offsetof(lk_settings_t, tracing_sampler_type),
     "Observability", "Which requests are sampled."},
    {"tracing-service-name", LK_OPTION_TEXT, "latchkey", NULL, 0, offsetof(lk_settings_t, tracing_service_name),
     "Observability", "service.name of the spans."},
    {"event-metrics-user-enabled", LK_OPTION_BOOL, "false", NULL, 0, offsetof(lk_settings_t, event_metrics_user_enabled),
     "Observability", "Count user events: keycloak_user_events_total."},
    {"event-metrics-user-events", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, event_metrics_user_events),
     "Observability", "The events that are counted, separated by commas: login,refresh_token. All where not given."},
    {"event-metrics-user-tags", LK_OPTION_TEXT, "realm", NULL, 0, offsetof(lk_settings_t, event_metrics_user_tags),
     "Observability", "What user events are counted by, separated by commas: realm, idp, clientId."},
    NO_MEANING("tls-hostname-verifier", "General"),
    {"truststore-kubernetes-enabled", LK_OPTION_BOOL, "true", NULL, 0, offsetof(lk_settings_t, truststore_kubernetes_enabled),
     "General", "Whether the cluster's own authority is trusted too, where the pod has it."},
    {"truststore-paths", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, truststore_paths),
     "General", "Files or folders of authorities (PEM, PKCS12 without password) that outgoing calls trust beside the system's, comma separated."},
    NO_MEANING("fips-mode", "General"),
    NO_MEANING("openapi-enabled", "General"),
    NO_MEANING("openapi-ui-enabled", "General"),
    NO_MEANING("server-async-bootstrap", "General"),
    {"bootstrap-admin-client-id", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, bootstrap_admin_client_id),
     "Bootstrap", "Client made with the master realm to administer with."},
    {"bootstrap-admin-client-secret", LK_OPTION_TEXT, NULL, NULL, LK_OPTION_SECRET, offsetof(lk_settings_t, bootstrap_admin_client_secret),
     "Bootstrap", "Its secret; without one no client is made."},
    {"bootstrap-admin-password", LK_OPTION_TEXT, NULL, NULL, LK_OPTION_SECRET, offsetof(lk_settings_t, bootstrap_admin_password),
     "Bootstrap", "Password of the first administrator."},
    {"bootstrap-admin-username", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, bootstrap_admin_username),
     "Bootstrap", "First administrator, made with the master realm."},
    {"data-dir", LK_OPTION_TEXT, "data", NULL, 0, offsetof(lk_settings_t, data_dir),
     "Latchkey", "Folder of the embedded Postgres and of import/."},
    {"import-dir", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, import_dir),
     "Latchkey", "Folder of realm files for --import-realm; import/ in the data folder where it is empty."},
    {"config-file", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, config_file),
     "Latchkey", "Configuration file; conf/keycloak.conf where it is there."},
    {"token-size-warning", LK_OPTION_INT, "8000", NULL, 0, offsetof(lk_settings_t, token_size_warning),
     "Latchkey", "Latchkey's own: bytes of an access or ID token above which the log warns, once for each client; 0: never."},
    {"theme-dir", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, theme_dir),
     "Latchkey", "Folder of further themes."},
    {"keys-dir", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, keys_dir),
     "Latchkey", "Folder of key files that realms may use, in a folder of each realm's name."},
    {"markdown", LK_OPTION_FLAG, NULL, NULL, 0, offsetof(lk_settings_t, markdown),
     "Commands", "show-config: print the table of all options for the manual."},
    {"file", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, file),
     "Commands", "import, export: the realm file."},
    {"dir", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, dir),
     "Commands", "import, export: the folder of realm files."},
    {"output", LK_OPTION_CHOICE, "text", "text,json", 0, offsetof(lk_settings_t, output),
     "Commands", "plan, apply: how changes are shown; -o for short."},
    {"detailed-exitcode", LK_OPTION_FLAG, NULL, NULL, 0, offsetof(lk_settings_t, detailed_exitcode),
     "Commands", "plan: end with 2 where there is something to change, with 1 after any error."},
    {"realm", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, realm),
     "Commands", "export, compare: the realm; export takes all realms where it is empty."},
    {"keycloak", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, keycloak),
     "Commands", "compare: address of the Keycloak, with its path."},
    {"latchkey", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, latchkey),
     "Commands", "compare: address of the Latchkey, with its path."},
    {"client", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, client),
     "Commands", "compare: a client that both give tokens to."},
    {"client-secret", LK_OPTION_TEXT, NULL, NULL, LK_OPTION_SECRET, offsetof(lk_settings_t, client_secret),
     "Commands", "compare: its secret."},
    {"username", LK_OPTION_TEXT, NULL, NULL, 0, offsetof(lk_settings_t, username),
     "Commands", "compare: a user whose tokens are compared; needs direct access grants of the client."},
    {"password", LK_OPTION_TEXT, NULL, NULL, LK_OPTION_SECRET, offsetof(lk_settings_t, password),
     "Commands", "compare: the user's password."},
    {"users", LK_OPTION_CHOICE, NULL, "skip,realm_file,same_file,different_files", 0, offsetof(lk_settings_t, users),
     "Commands", "export: where users go: different_files where it is empty, same_file with --file."},
    {"users-per-file", LK_OPTION_INT, "50", NULL, 0, offsetof(lk_settings_t, users_per_file),
     "Commands", "export: users in a file of different_files."},
    {"override", LK_OPTION_BOOL, "true", NULL, 0, offsetof(lk_settings_t, override),
     "Commands", "import: replace a realm that exists."},
};
/* clang-format on */
const size_t lk_num_options = sizeof(lk_options) / sizeof(lk_options[0]);

const lk_option_t *lk_option_find(const char *name)
{
    const lk_option_t *wildcard = NULL;
    for (size_t i = 0; i != lk_num_options; ++i) {
        const char *known = lk_options[i].name, *hole = strchr(known, '<');
        if (hole == NULL && strcmp(known, name) == 0)
            return &lk_options[i];
        if (hole != NULL && strncmp(known, name, (size_t)(hole - known)) == 0 && name[hole - known] != '\0')
            wildcard = &lk_options[i];
    }
    return wildcard;
}

/* Edit distance with swaps of neighbours (optimal string alignment). */
static int distance(const char *a, const char *b)
{
    enum { MAX = 64 };
    int rows[3][MAX + 1];
    size_t a_len = strlen(a), b_len = strlen(b);
    if (a_len > MAX || b_len > MAX)
        return MAX;
    for (size_t j = 0; j <= b_len; ++j)
        rows[0][j] = (int)j;
    for (size_t i = 1; i <= a_len; ++i) {
        int *row = rows[i % 3], *up = rows[(i + 2) % 3], *up2 = rows[(i + 1) % 3];
        row[0] = (int)i;
        for (size_t j = 1; j <= b_len; ++j) {
            int best = up[j - 1] + (a[i - 1] != b[j - 1]);
            best = up[j] + 1 < best ? up[j] + 1 : best;
            best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] && up2[j - 2] + 1 < best)
                best = up2[j - 2] + 1;
            row[j] = best;
        }
    }
    return rows[a_len % 3][b_len];
}

/* The first that goes on where name ends ("proxy": proxy-headers), or what differs in fewer than half of its letters. */
const char *lk_option_nearest(const char *name)
{
    const char *nearest = NULL;
    size_t len = strlen(name);
    int least = (int)(len + 1) / 2;
    for (size_t i = 0; i != lk_num_options; ++i) {
        int d = distance(name, lk_options[i].name);
        if (lk_options[i].type != LK_OPTION_NO_MEANING && strncmp(lk_options[i].name, name, len) == 0 &&
            lk_options[i].name[len] == '-')
            return lk_options[i].name;
        if (d < least) {
            least = d;
            nearest = lk_options[i].name;
        }
    }
    return nearest;
}

/* "http-port" to "KC_HTTP_PORT". */
static void print_variable(FILE *out, const char *name)
{
    fputs("KC_", out);
    for (; *name != '\0'; ++name)
        fputc(*name == '-' ? '_' : *name >= 'a' && *name <= 'z' ? *name - 32 : *name, out);
}

static void print_value_hint(FILE *out, const lk_option_t *option)
{
    static const char *const hints[] = {[LK_OPTION_TEXT] = "=<text>",
                                        [LK_OPTION_BOOL] = "=<true|false>",
                                        [LK_OPTION_FLAG] = "",
                                        [LK_OPTION_INT] = "=<number>",
                                        [LK_OPTION_PORT] = "=<port>",
                                        [LK_OPTION_PATH] = "=<path>",
                                        [LK_OPTION_LEVELS] = "=<level>[,<category>:<level>]",
                                        [LK_OPTION_DURATION] = "=<duration>"};
    if (option->type == LK_OPTION_CHOICE)
        fprintf(out, "=<%s>", option->allowed);
    else
        fputs(hints[option->type], out);
}

/* The text of what belongs to some commands begins with their names: "import, export: the realm file." */
static int is_of_command(const lk_option_t *option, const char *command)
{
    size_t len = strlen(command);
    const char *at = option->help, *end = strchr(at, ':');
    for (; end != NULL && at < end; at += strcspn(at, ",:"), at += strspn(at, ", "))
        if (strncmp(at, command, len) == 0 && (at[len] == ',' || at[len] == ':'))
            return 1;
    return 0;
}

static int is_listed(const lk_option_t *option, const char *command)
{
    static const char commands[] = "Commands";
    int of_commands = strcmp(option->category, commands) == 0;
    if (option->type == LK_OPTION_NO_MEANING)
        return 0;
    if (command == NULL)
        return 1;
    return strncmp(command, "start", 5) == 0 ? !of_commands : of_commands && is_of_command(option, command);
}

static void print_option(FILE *out, const lk_option_t *option)
{
    fprintf(out, "  --%s", option->name);
    print_value_hint(out, option);
    fputs("  (", out);
    print_variable(out, option->name);
    fprintf(out, ")\n      %s%s%s%s\n", option->help, option->fallback != NULL ? " Default: " : "",
            option->fallback != NULL ? option->fallback : "", option->fallback != NULL ? "." : "");
}

void lk_options_help(FILE *out, const char *command)
{
    for (size_t i = 0; i != lk_num_options; ++i) {
        const char *category = lk_options[i].category;
        size_t before = 0;
        while (before != i && !(is_listed(&lk_options[before], command) && strcmp(lk_options[before].category, category) == 0))
            ++before;
        if (before != i || !is_listed(&lk_options[i], command))
            continue; /* its category has been printed */
        fprintf(out, "\n%s:\n", category);
        for (size_t j = i; j != lk_num_options; ++j)
            if (is_listed(&lk_options[j], command) && strcmp(lk_options[j].category, category) == 0)
                print_option(out, &lk_options[j]);
    }
    fputs(command == NULL || strncmp(command, "start", 5) == 0
              ? "\nKeycloak's other options are accepted, have no meaning here and are named once in the log.\n"
              : "\nOptions of start that fit, such as those that name the database, are taken too: latchkey start --help.\n",
          out);
}

void lk_options_markdown(FILE *out)
{
    fputs("# Options\n\nMade by `latchkey show-config --markdown` from the table in `src/config/options.c`. The command line wins "
          "over the "
          "environment, the environment over the configuration file.\n\n| option | variable | default | meaning "
          "|\n|---|---|---|---|\n",
          out);
    for (size_t i = 0; i != lk_num_options; ++i) {
        const lk_option_t *option = &lk_options[i];
        fprintf(out, "| `--%s` | `", option->name);
        print_variable(out, option->name);
        fprintf(out, "` | %s | %s |\n", option->fallback != NULL && option->type != LK_OPTION_NO_MEANING ? option->fallback : "",
                option->type == LK_OPTION_NO_MEANING ? "accepted, no meaning here" : option->help);
    }
}
