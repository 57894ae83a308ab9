/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <unistd.h>
#include "config/options.h"
#include "tap.h"

static lk_arena_t *arena;
static lk_settings_t settings;
static lk_error_t err;

#define NOTHING ((const char *[]){NULL})
/* load(dev_mode, environment, arguments...) */
#define load(dev_mode, environment, ...) load_settings((dev_mode), (environment), (const char *[]){__VA_ARGS__, NULL})

static int load_settings(int dev_mode, const char *const *environment, const char *const *arguments)
{
    int count = 0;
    while (arguments[count] != NULL)
        ++count;
    return lk_settings_load(arena, dev_mode, count, (char *const *)arguments, (char *const *)environment, &settings, &err);
}

static const char *config_file(const char *content)
{
    static char path[] = "config.test.XXXXXX";
    memcpy(path, "config.test.XXXXXX", sizeof(path));
    int fd = mkstemp(path);
    ok(fd >= 0 && write(fd, content, strlen(content)) == (ssize_t)strlen(content), "a file is there");
    close(fd);
    return path;
}

static void test_defaults(void)
{
    is_int(load(0, NOTHING, "--optimized"), LK_OK, "start without anything");
    is_int(settings.http_port, 8080, "port");
    is_int(settings.http_enabled, 0, "no plain HTTP");
    is_int(settings.hostname_strict, 1, "a hostname is wanted");
    is_int(settings.shutdown_timeout, 10000, "durations are milliseconds");
    is_str(settings.hostname, NULL, "no text");
    is_str(settings.http_relative_path, "/", "path");
    is_int(load(1, NOTHING, "--verbose"), LK_OK, "start-dev");
    is_int(settings.http_enabled && !settings.hostname_strict, 1, "has plain HTTP and any host");
    is_int(load(1, NOTHING, "--http-enabled=false"), LK_OK, "unless told otherwise");
    is_int(settings.http_enabled, 0, "is off then");
}

static void test_precedence(void)
{
    const char *path =
        config_file("# comment\n\nhttp-port=1001\nkc.http-host = from file \nhttps-port=${PORT:1003}\nhostname=${NAME}\n"
                    "db-url-host=${NONE}\nlog-level=info\nlog-level=warn\n");
    const char *environment[] = {"KC_HTTP_HOST=from environment",
                                 "KC_HTTP_PORT=1002",
                                 "NAME=sso.example",
                                 "KC_HOSTNAME=",
                                 "HOME=/",
                                 "KC_UNHEARD_OF=x",
                                 NULL};
    char *file = lk_printf(arena, "--config-file=%s", path);
    is_int(load(0, environment, file, "--http-port", "1004"), LK_OK, "three sources");
    is_int(settings.http_port, 1004, "the command line wins");
    is_str(settings.http_host, "from environment", "over the environment");
    is_int(settings.https_port, 1003, "over the file");
    is_str(settings.hostname, "sso.example", "an empty variable is none; the file's placeholder is filled");
    is_str(settings.db_url_host, "${NONE}", "one without a value stays");
    is_int(lk_settings_log_level(&settings), LK_LOG_WARN, "the last of two");
    is_int(load(0, environment, "-cf", path, "--http-port=1", "--http-port=2"), LK_OK, "-cf");
    is_int(settings.http_port, 2, "the last of two on the command line");
    const char *by_variable[] = {lk_printf(arena, "KC_CONFIG_FILE=%s", path), NULL};
    is_int(load(0, by_variable, "--verbose"), LK_OK, "KC_CONFIG_FILE");
    is_int(settings.http_port, 1001, "names the file");
    unlink(path);
    is_int(load(0, by_variable, "--verbose"), LK_INVALID, "a file that is not there");
}

static void test_secrets(void)
{
    const char *path = config_file("s3cret pass\n");
    const char *environment[] = {lk_printf(arena, "KC_DB_PASSWORD_FILE=%s", path), "KEYCLOAK_ADMIN=root",
                                 "KC_DB_URL=jdbc:postgresql://h/d?password=hidden", NULL};
    is_int(load(0, environment, "--bootstrap-admin-password=hidden"), LK_OK, "a secret in a file");
    is_str(settings.db_password, "s3cret pass", "its first line");
    is_str(settings.bootstrap_admin_username, "root", "the old name of a variable");
    char *shown = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&shown, &len);
    lk_settings_show(out, &settings);
    fclose(out);
    ok(strstr(shown, "hidden") == NULL && strstr(shown, "s3cret") == NULL, "show-config hides them");
    ok(strstr(shown, "kc.db-password = ******* (file of the environment)\n") != NULL, "but says where they came from");
    ok(strstr(shown, "kc.http-port = 8080 (default)\n") != NULL, "as with all");
    free(shown);
    unlink(path);
    is_int(load(0, environment, "--verbose"), LK_INVALID, "a secret's file that is not there");
}

static void test_mistakes(void)
{
    static const struct {
        const char *argument, *said;
    } mistakes[] = {{"--http-prot=80", "'--http-port'"},
                    {"--hostnmae=x", "'--hostname'"},
                    {"--http-port=many", "'many'. Expected: a port"},
                    {"--http-port=65536", "'65536'. Expected: a port"},
                    {"--db-pool-max-size=-1", "a whole number"},
                    {"--db=oracle", "'oracle'. Expected: postgres"},
                    {"--http-enabled=yes", "'yes'. Expected: true, false"},
                    {"--http-relative-path=auth", "begins with /"},
                    {"--shutdown-delay=2 days", "a duration"},
                    {"--log-level=loud", "'loud'"},
                    {"--log-level=org.keycloak:loud", "'org.keycloak:loud'"},
                    {"--http-port", "needs a value"},
                    {"now", "Unexpected argument 'now'"}};
    for (size_t i = 0; i != sizeof(mistakes) / sizeof(mistakes[0]); ++i) {
        is_int(load(0, NOTHING, mistakes[i].argument), LK_INVALID, mistakes[i].argument);
        ok(strstr(err.text, mistakes[i].said) != NULL, "says why: %s", err.text);
    }
    const char *path = config_file("http-port=1\nnot a setting\n");
    is_int(load(0, NOTHING, "-cf", path), LK_INVALID, "a line that is none");
    ok(strstr(err.text, "line 2") != NULL, "is named by its number");
    unlink(path);
    path = config_file("http-prot=1\n");
    is_int(load(0, NOTHING, "-cf", path), LK_INVALID, "an unknown option in the file");
    ok(strstr(err.text, "line 1") != NULL && strstr(err.text, "'--http-port'") != NULL, "is named with the nearest one");
    unlink(path);
}

static void test_without_meaning(void)
{
    const char *environment[] = {"KC_CACHE=local", "KC_LOG_LEVEL_ORG_KEYCLOAK=debug", NULL};
    is_int(load(0, environment, "--features=preview", "--cache=ispn", "--db-username-second=x", "-Dx=y", "--spi-theme--default=x"),
           LK_OK, "Keycloak's options without meaning here");
    static const char *const expected[] = {
        "features", "cache", "db-username-second", "-Dx=y", "spi-theme--default", "log-level-org-keycloak"};
    for (size_t i = 0; i != sizeof(expected) / sizeof(expected[0]); ++i)
        is_str(settings.without_meaning[i], expected[i], "is named once");
    is_str(settings.without_meaning[6], NULL, "and nothing else");
}

static const char *conninfo(const char *url, const char *properties)
{
    lk_settings_t s = {.db_url = url, .db_url_properties = properties, .db_username = "kc", .db_password = "p'w"};
    char *text;
    return lk_settings_conninfo(arena, &s, &text, &err) == LK_OK ? text : NULL;
}
#define LOGIN " user='kc' password='p\\'w' fallback_application_name='latchkey'"

static void test_conninfo(void)
{
    is_str(conninfo(NULL, NULL), "host='localhost' dbname='keycloak'" LOGIN, "Keycloak's defaults");
    is_str(conninfo("jdbc:postgresql://db:5433/sso", NULL), "host='db' port='5433' dbname='sso'" LOGIN, "JDBC");
    is_str(conninfo("jdbc:postgresql://a,[::1]:6/sso?targetServerType=primary&sslmode=require", NULL),
           "host='a,::1' port='5432,6' dbname='sso' target_session_attrs='read-write' sslmode='require'" LOGIN,
           "JDBC with several hosts");
    is_str(conninfo("postgresql://db/sso", "?sslmode=verify-full"), "dbname='sso' host='db' sslmode='verify-full'" LOGIN,
           "libpq's URI and properties");
    is_str(conninfo("jdbc:mysql://db/sso", NULL), NULL, "another database");
    is_str(conninfo("jdbc:postgresql://db/sso?nonsense=1", NULL), NULL, "an unknown property");
    ok(strstr(err.text, "nonsense") != NULL, "is named");
}

static void test_table(void)
{
    for (size_t i = 0; i != lk_num_options; ++i) {
        const lk_option_t *option = &lk_options[i];
        ok(lk_option_find(option->name) == option || strchr(option->name, '<') != NULL, "%s is found", option->name);
        if (option->type != LK_OPTION_NO_MEANING)
            ok(option->help != NULL && option->offset < sizeof(settings), "%s has a help text and a field", option->name);
    }
    ok(lk_option_find("log-level-") == NULL, "a placeholder stands for something");
}

int main(void)
{
    arena = lk_arena_create("test");
    test_defaults();
    test_precedence();
    test_secrets();
    test_mistakes();
    test_without_meaning();
    test_conninfo();
    test_table();
    lk_arena_destroy(&arena);
    return tap_done();
}
