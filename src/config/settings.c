/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "config/options.h"
#include "core/buffer.h"

/* Three sources, one parser: whatever the source, a value becomes text for a row of the table. */

#define MAX_FILE (1024 * 1024)
#define DEFAULT_FILE "conf/keycloak.conf"

static const char FROM_COMMAND_LINE[] = "command line", FROM_ENVIRONMENT[] = "environment",
                  FROM_NAMED_FILE[] = "file of the environment", FROM_FILE[] = "configuration file";

typedef struct st_reader_t {
    lk_arena_t *arena;
    const char **values;  /* by row of the table */
    const char **sources; /* one of FROM_... */
    char *const *environment;
    const char **without_meaning;
    size_t num_without_meaning;
} reader_t;

static lk_status_t unknown(const char *name, const char *source, lk_error_t *err)
{
    const char *nearest = lk_option_nearest(name);
    if (nearest == NULL)
        return lk_fail(err, LK_INVALID, NULL, "Unknown option '%s' (%s). See --help.", name, source);
    return lk_fail(err, LK_INVALID, NULL, "Unknown option '%s' (%s). Did you mean '--%s'? See --help.", name, source, nearest);
}

static void ignore(reader_t *reader, const char *name)
{
    for (size_t i = 0; i != reader->num_without_meaning; ++i)
        if (strcmp(reader->without_meaning[i], name) == 0)
            return;
    if (reader->num_without_meaning != lk_num_options)
        reader->without_meaning[reader->num_without_meaning++] = lk_strdup(reader->arena, name);
}

/* A source that comes earlier wins, and within one what comes last. An empty value is none. */
static void take(reader_t *reader, const lk_option_t *option, const char *name, const char *value, const char *source)
{
    size_t row = (size_t)(option - lk_options);
    if (option->type == LK_OPTION_NO_MEANING) {
        ignore(reader, name);
        return;
    }
    if ((reader->values[row] != NULL && reader->sources[row] != source) || *value == '\0')
        return;
    reader->values[row] = lk_strdup(reader->arena, value);
    reader->sources[row] = source;
}

/* --- command line --- */

/* Java's own options ("-Dname=value"), which scripts made for Keycloak may pass. */
static int is_java_option(const char *text)
{
    return strncmp(text, "-D", 2) == 0 || strncmp(text, "-X", 2) == 0;
}

static const char *long_name(const char *text)
{
    static const char *const shorts[][2] = {{"-cf", "--config-file"}, {"-v", "--verbose"}, {"-o", "--output"}};
    for (size_t i = 0; i != sizeof(shorts) / sizeof(shorts[0]); ++i)
        if (strcmp(shorts[i][0], text) == 0)
            return shorts[i][1];
    return text;
}

static lk_status_t read_command_line(reader_t *reader, int argc, char *const *argv, lk_error_t *err)
{
    for (int i = 0; i < argc; ++i) {
        const char *text = long_name(argv[i]);
        if (is_java_option(text)) {
            ignore(reader, text);
            continue;
        }
        if (strncmp(text, "--", 2) != 0)
            return lk_fail(err, LK_INVALID, NULL, "Unexpected argument '%s': options begin with --. See --help.", text);
        const char *equals = strchr(text, '=');
        const char *name = equals != NULL ? lk_strndup(reader->arena, text + 2, (size_t)(equals - text - 2)) : text + 2;
        const lk_option_t *option = lk_option_find(name);
        if (option == NULL)
            return unknown(name, "command line", err);
        const char *value = equals != NULL ? equals + 1 : NULL;
        if (value == NULL && option->type == LK_OPTION_FLAG)
            value = "true";
        if (value == NULL && i + 1 < argc && argv[i + 1][0] != '-')
            value = argv[++i];
        if (value == NULL && option->type != LK_OPTION_NO_MEANING)
            return lk_fail(err, LK_INVALID, NULL, "Option '--%s' needs a value: --%s=...", name, name);
        take(reader, option, name, value != NULL ? value : "", FROM_COMMAND_LINE);
    }
    return LK_OK;
}

/* --- environment --- */

static lk_status_t read_file(lk_arena_t *arena, const char *path, char **ret_text, lk_error_t *err)
{
    FILE *file = fopen(path, "re");
    if (file == NULL)
        return lk_fail(err, LK_INVALID, NULL, "Cannot read %s: %s", path, strerror(errno));
    lk_buffer_t text;
    lk_buffer_init(&text, arena, MAX_FILE);
    char piece[4096];
    size_t n;
    while ((n = fread(piece, 1, sizeof(piece), file)) != 0)
        lk_buffer_append(&text, piece, n);
    fclose(file);
    explicit_bzero(piece, sizeof(piece));
    if (text.overflow)
        return lk_fail(err, LK_INVALID, NULL, "%s is larger than %d bytes", path, MAX_FILE);
    *ret_text = text.base;
    return LK_OK;
}

/* Keycloak's older names. */
static const struct {
    const char *variable, *name;
} old_variables[] = {{"KEYCLOAK_ADMIN", "bootstrap-admin-username"}, {"KEYCLOAK_ADMIN_PASSWORD", "bootstrap-admin-password"}};

/* "KC_HTTP_PORT" to "http-port"; NULL for what is not ours. */
static const char *variable_name(lk_arena_t *arena, const char *variable, size_t len)
{
    for (size_t i = 0; i != sizeof(old_variables) / sizeof(old_variables[0]); ++i)
        if (strlen(old_variables[i].variable) == len && memcmp(old_variables[i].variable, variable, len) == 0)
            return old_variables[i].name;
    if (len < 4 || memcmp(variable, "KC_", 3) != 0)
        return NULL;
    char *name = lk_strndup(arena, variable + 3, len - 3);
    for (char *c = name; *c != '\0'; ++c)
        *c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
    return name;
}

static lk_status_t read_secret_file(reader_t *reader, const lk_option_t *option, const char *name, const char *path,
                                    lk_error_t *err)
{
    char *text;
    if (*path == '\0') /* an empty value is none */
        return LK_OK;
    lk_status_t status = read_file(reader->arena, path, &text, err);
    if (status != LK_OK)
        return status;
    text[strcspn(text, "\r\n")] = '\0';
    take(reader, option, name, text, FROM_NAMED_FILE);
    return LK_OK;
}

/* Of "db-password-file" the secret option db-password; NULL where there is none. */
static const lk_option_t *secret_of_file(lk_arena_t *arena, const char *name)
{
    static const char suffix[] = "-file";
    size_t len = strlen(name), suffix_len = sizeof(suffix) - 1;
    if (len <= suffix_len || strcmp(name + len - suffix_len, suffix) != 0)
        return NULL;
    const char *base = lk_strndup(arena, name, len - suffix_len);
    const lk_option_t *option = lk_option_find(base);
    return option != NULL && (option->flags & LK_OPTION_SECRET) ? option : NULL;
}

static lk_status_t read_environment(reader_t *reader, char *const *environment, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    for (; status == LK_OK && *environment != NULL; ++environment) {
        const char *equals = strchr(*environment, '='), *name = NULL;
        if (equals != NULL)
            name = variable_name(reader->arena, *environment, (size_t)(equals - *environment));
        if (name == NULL)
            continue;
        const lk_option_t *option = lk_option_find(name), *secret = secret_of_file(reader->arena, name);
        if (secret != NULL) /* "db-password-<datasource>" would match too */
            status = read_secret_file(reader, secret, secret->name, equals + 1, err);
        else if (option != NULL) /* as in Keycloak: the environment may hold what others read */
            take(reader, option, name, equals + 1, FROM_ENVIRONMENT);
    }
    return status;
}

/* --- configuration file --- */

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    for (size_t len = strlen(text); len != 0 && strchr(" \t\r", text[len - 1]) != NULL; --len)
        text[len - 1] = '\0';
    return text;
}

static const char *variable_value(const reader_t *reader, const char *name, size_t len)
{
    for (char *const *at = reader->environment; *at != NULL; ++at)
        if (strncmp(*at, name, len) == 0 && (*at)[len] == '=')
            return *at + len + 1;
    return NULL;
}

/* ${NAME} and ${NAME:default} become what the environment says; without either the text stays. */
static const char *fill_placeholders(reader_t *reader, const char *text)
{
    lk_buffer_t filled;
    const char *hole, *end;
    lk_buffer_init(&filled, reader->arena, MAX_FILE);
    lk_buffer_puts(&filled, "");
    while ((hole = strstr(text, "${")) != NULL && (end = strchr(hole, '}')) != NULL) {
        size_t len = strcspn(hole + 2, ":}");
        const char *value = variable_value(reader, hole + 2, len), *fallback = hole + 2 + len;
        lk_buffer_append(&filled, text, (size_t)(hole - text));
        if (value != NULL)
            lk_buffer_puts(&filled, value);
        else if (*fallback == ':')
            lk_buffer_append(&filled, fallback + 1, (size_t)(end - fallback - 1));
        else
            lk_buffer_append(&filled, hole, (size_t)(end + 1 - hole));
        text = end + 1;
    }
    lk_buffer_puts(&filled, text);
    return filled.overflow ? "" : filled.base;
}

static lk_status_t read_config_file(reader_t *reader, const char *path, lk_error_t *err)
{
    char *text, *line, *rest;
    int number = 0;
    lk_status_t status = read_file(reader->arena, path, &text, err);
    for (rest = text; status == LK_OK && (line = strsep(&rest, "\n")) != NULL;) {
        ++number;
        line = trim(line);
        if (*line == '\0' || *line == '#')
            continue;
        char *equals = strchr(line, '=');
        if (equals == NULL)
            return lk_fail(err, LK_INVALID, NULL, "%s, line %d: expected name=value", path, number);
        *equals = '\0';
        const char *name = trim(line);
        if (strncmp(name, "kc.", 3) == 0)
            name += 3;
        const lk_option_t *option = lk_option_find(name);
        if (option == NULL)
            return unknown(name, lk_printf(reader->arena, "%s, line %d", path, number), err);
        take(reader, option, name, fill_placeholders(reader, trim(equals + 1)), FROM_FILE);
    }
    return status;
}

/* --- values --- */

static lk_status_t bad_value(const lk_option_t *option, const char *value, const char *source, const char *allowed, lk_error_t *err)
{
    return lk_fail(err, LK_INVALID, NULL, "Invalid value for option '--%s' (%s): '%s'. Expected: %s", option->name, source,
                   option->flags & LK_OPTION_SECRET ? "(hidden)" : value, allowed);
}

/* Milliseconds of "10s", "500ms"; "-1" is none, 0; -1 for what cannot be read. */
static int64_t parse_duration(const char *text)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    char *end;
    if (strcmp(text, "-1") == 0)
        return 0;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || errno != 0 || number < 0 || number > 1000000000)
        return -1;
    for (size_t i = 0; i != sizeof(units) / sizeof(units[0]); ++i)
        if (strcasecmp(units[i].unit, end) == 0)
            return number * units[i].ms;
    return -1;
}

static int is_choice(const char *allowed, const char *value)
{
    size_t len = strlen(value);
    for (const char *at = allowed; len != 0 && *at != '\0'; at += strcspn(at, ","), at += *at == ',')
        if (strcspn(at, ",") == len && memcmp(at, value, len) == 0)
            return 1;
    return 0;
}

/* One part of log-level: "debug", or "org.keycloak:debug". */
static int parse_level(const char *text, size_t len, lk_log_level_t *ret_level, int *ret_has_category)
{
    char word[16] = "";
    const char *colon = memrchr(text, ':', len);
    size_t skip = colon != NULL ? (size_t)(colon - text) + 1 : 0;
    if (len - skip >= sizeof(word))
        return -1;
    memcpy(word, text + skip, len - skip);
    *ret_has_category = colon != NULL;
    return lk_log_level_parse(word, ret_level);
}

static int are_levels(const char *text)
{
    lk_log_level_t level;
    int has_category;
    for (; *text != '\0'; text += strcspn(text, ","), text += *text == ',')
        if (parse_level(text, strcspn(text, ","), &level, &has_category) != 0)
            return 0;
    return 1;
}

lk_log_level_t lk_settings_log_level(const lk_settings_t *settings)
{
    lk_log_level_t level = LK_LOG_INFO, one;
    int has_category;
    for (const char *at = settings->log_level; at != NULL && *at != '\0'; at += strcspn(at, ","), at += *at == ',')
        if (parse_level(at, strcspn(at, ","), &one, &has_category) == 0 && !has_category)
            level = one;
    return level;
}

static lk_status_t store_number(void *field, const lk_option_t *option, const char *value, const char *source, lk_error_t *err)
{
    char *end;
    errno = 0;
    long number = strtol(value, &end, 10);
    int is_port = option->type == LK_OPTION_PORT;
    if (*end != '\0' || errno != 0 || number < 0 || number > (is_port ? 65535 : INT_MAX))
        return bad_value(option, value, source, is_port ? "a port from 0 to 65535" : "a whole number", err);
    *(int *)field = (int)number;
    return LK_OK;
}

static lk_status_t store_value(lk_settings_t *settings, const lk_option_t *option, const char *value, const char *source,
                               lk_error_t *err)
{
    void *field = (char *)settings + option->offset;
    int64_t duration;
    switch (option->type) {
    case LK_OPTION_NO_MEANING:
        return LK_OK;
    case LK_OPTION_CHOICE:
        if (!is_choice(option->allowed, value))
            return bad_value(option, value, source, option->allowed, err);
        break;
    case LK_OPTION_PATH:
        if (*value != '/')
            return bad_value(option, value, source, "a path that begins with /", err);
        break;
    case LK_OPTION_LEVELS:
        if (!are_levels(value))
            return bad_value(option, value, source,
                             "all, trace, debug, info, warn, error, fatal or off; <category>:<level> after a comma", err);
        break;
    case LK_OPTION_TEXT:
        break;
    case LK_OPTION_BOOL:
    case LK_OPTION_FLAG:
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
            return bad_value(option, value, source, "true, false", err);
        *(int *)field = strcmp(value, "true") == 0;
        return LK_OK;
    case LK_OPTION_INT:
    case LK_OPTION_PORT:
        return store_number(field, option, value, source, err);
    case LK_OPTION_DURATION:
        if ((duration = parse_duration(value)) < 0)
            return bad_value(option, value, source, "a duration such as 500ms, 10s, 5m, 1h", err);
        *(int64_t *)field = duration;
        return LK_OK;
    }
    *(const char **)field = value;
    return LK_OK;
}

/* start-dev is for a developer's own machine: plain HTTP, any host name. */
static const struct {
    const char *name, *value;
} dev_defaults[] = {{"http-enabled", "true"}, {"hostname-strict", "false"}};

static const char *default_value(const lk_option_t *option, int dev_mode)
{
    for (size_t i = 0; dev_mode && i != sizeof(dev_defaults) / sizeof(dev_defaults[0]); ++i)
        if (strcmp(dev_defaults[i].name, option->name) == 0)
            return dev_defaults[i].value;
    return option->fallback;
}

lk_status_t lk_settings_load(lk_arena_t *arena, int dev_mode, int argc, char *const *argv, char *const *environment,
                             lk_settings_t *ret_settings, lk_error_t *err)
{
    reader_t reader = {.arena = arena,
                       .environment = environment,
                       .values = LK_NEW_ARRAY(arena, const char *, lk_num_options),
                       .sources = LK_NEW_ARRAY(arena, const char *, lk_num_options),
                       .without_meaning = LK_NEW_ARRAY(arena, const char *, lk_num_options + 1)};
    lk_settings_t settings = {.dev_mode = dev_mode, .sources = reader.sources, .without_meaning = reader.without_meaning};
    lk_status_t status = read_command_line(&reader, argc, argv, err);
    if (status == LK_OK)
        status = read_environment(&reader, environment, err);
    const char *file = reader.values[lk_option_find("config-file") - lk_options];
    if (status == LK_OK && (file != NULL || access(DEFAULT_FILE, R_OK) == 0))
        status = read_config_file(&reader, file != NULL ? file : DEFAULT_FILE, err);
    for (size_t i = 0; status == LK_OK && i != lk_num_options; ++i) {
        const char *value = reader.values[i] != NULL ? reader.values[i] : default_value(&lk_options[i], dev_mode);
        if (value != NULL)
            status = store_value(&settings, &lk_options[i], value, reader.values[i] != NULL ? reader.sources[i] : "default", err);
    }
    if (status == LK_OK)
        *ret_settings = settings;
    return status;
}

/* In the largest unit that it is whole in. */
static void show_duration(FILE *out, int64_t ms)
{
    static const struct {
        int64_t ms;
        const char *name;
    } units[] = {{3600000, "h"}, {60000, "m"}, {1000, "s"}, {1, "ms"}};
    size_t i = 0;
    while (ms % units[i].ms != 0 || (ms == 0 && units[i].ms != 1))
        ++i;
    fprintf(out, "%lld%s", (long long)(ms / units[i].ms), units[i].name);
}

static void show_value(FILE *out, const lk_option_t *option, const void *field)
{
    switch (option->type) {
    case LK_OPTION_BOOL:
    case LK_OPTION_FLAG:
        fputs(*(const int *)field ? "true" : "false", out);
        return;
    case LK_OPTION_INT:
    case LK_OPTION_PORT:
        fprintf(out, "%d", *(const int *)field);
        return;
    case LK_OPTION_DURATION:
        show_duration(out, *(const int64_t *)field);
        return;
    default:
        fputs(option->flags & LK_OPTION_SECRET ? "*******" : *(const char *const *)field, out);
    }
}

static int is_set(const lk_settings_t *settings, const lk_option_t *option)
{
    return option->type != LK_OPTION_NO_MEANING && (settings->sources[option - lk_options] != NULL || option->fallback != NULL);
}

void lk_settings_show(FILE *out, const lk_settings_t *settings)
{
    for (size_t i = 0; i != lk_num_options; ++i) {
        if (!is_set(settings, &lk_options[i]))
            continue;
        fprintf(out, "kc.%s = ", lk_options[i].name);
        show_value(out, &lk_options[i], (const char *)settings + lk_options[i].offset);
        fprintf(out, " (%s)\n", settings->sources[i] != NULL ? settings->sources[i] : "default");
    }
}
