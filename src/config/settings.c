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

typedef struct st_reader_t {
    lk_arena_t *arena;
    const char **values;  /* by row of the table */
    const char **sources; /* "command line", "environment", "file" */
    const char **without_meaning;
    size_t num_without_meaning;
} reader_t;

static lk_status_t unknown(const char *name, const char *source, lk_error_t *err)
{
    return lk_fail(err, LK_INVALID, NULL, "Unknown option '%s' (%s). Did you mean '--%s'? See --help.", name, source,
                   lk_option_nearest(name));
}

/* A source that comes earlier wins: what has a value keeps it. */
static void take(reader_t *reader, const lk_option_t *option, const char *name, const char *value, const char *source)
{
    size_t row = (size_t)(option - lk_options);
    if (option->type == LK_OPTION_NO_MEANING) {
        for (size_t i = 0; i != reader->num_without_meaning; ++i)
            if (strcmp(reader->without_meaning[i], name) == 0)
                return;
        if (reader->num_without_meaning != lk_num_options)
            reader->without_meaning[reader->num_without_meaning++] = lk_strdup(reader->arena, name);
        return;
    }
    if (reader->values[row] != NULL)
        return;
    reader->values[row] = lk_strdup(reader->arena, value);
    reader->sources[row] = source;
}

/* --- command line
 * ------------------------------------------------------------------------------------------------------------------- */

static lk_status_t read_command_line(reader_t *reader, int argc, char *const *argv, lk_error_t *err)
{
    for (int i = 0; i < argc; ++i) {
        const char *text = argv[i];
        if (strncmp(text, "--", 2) != 0)
            return lk_fail(err, LK_INVALID, NULL, "Unexpected argument '%s': options begin with --. See --help.", text);
        const char *equals = strchr(text, '=');
        const char *name = equals != NULL ? lk_strndup(reader->arena, text + 2, (size_t)(equals - text - 2)) : text + 2;
        const lk_option_t *option = lk_option_find(name);
        if (option == NULL)
            return unknown(text, "command line", err);
        const char *value = equals != NULL ? equals + 1 : NULL;
        if (value == NULL && option->type == LK_OPTION_FLAG)
            value = "true";
        if (value == NULL && i + 1 < argc && strncmp(argv[i + 1], "--", 2) != 0)
            value = argv[++i];
        if (value == NULL && option->type != LK_OPTION_NO_MEANING)
            return lk_fail(err, LK_INVALID, NULL, "Option '%s' needs a value: %s=...", text, text);
        take(reader, option, name, value, "command line");
    }
    return LK_OK;
}

/* --- environment
 * ---------------------------------------------------------------------------------------------------------------------- */

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

/* "KC_HTTP_PORT" to "http-port". */
static char *option_name(lk_arena_t *arena, const char *variable, size_t len)
{
    char *name = lk_strndup(arena, variable, len);
    for (char *c = name; *c != '\0'; ++c)
        *c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
    return name;
}

static lk_status_t read_secret_file(reader_t *reader, const lk_option_t *option, const char *name, const char *path,
                                    lk_error_t *err)
{
    char *text;
    lk_status_t status = read_file(reader->arena, path, &text, err);
    if (status != LK_OK)
        return status;
    text[strcspn(text, "\r\n")] = '\0';
    take(reader, option, name, text, "file named by the environment");
    return LK_OK;
}

static lk_status_t read_environment(reader_t *reader, char *const *environment, lk_error_t *err)
{
    for (; *environment != NULL; ++environment) {
        const char *equals = strchr(*environment, '=');
        if (strncmp(*environment, "KC_", 3) != 0 || equals == NULL)
            continue;
        const char *name = option_name(reader->arena, *environment + 3, (size_t)(equals - *environment - 3));
        const lk_option_t *option = lk_option_find(name);
        size_t len = strlen(name);
        if (option == NULL && len > 5 && strcmp(name + len - 5, "-file") == 0) {
            const char *base = lk_strndup(reader->arena, name, len - 5);
            const lk_option_t *secret = lk_option_find(base);
            if (secret != NULL && (secret->flags & LK_OPTION_SECRET)) {
                lk_status_t status = read_secret_file(reader, secret, base, equals + 1, err);
                if (status != LK_OK)
                    return status;
                continue;
            }
        }
        if (option == NULL) /* as Keycloak does: the environment may hold what others read */
            continue;
        take(reader, option, name, equals + 1, "environment");
    }
    return LK_OK;
}

/* --- configuration file
 * ------------------------------------------------------------------------------------------------------------------- */

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    for (size_t len = strlen(text); len != 0 && strchr(" \t\r", text[len - 1]) != NULL; --len)
        text[len - 1] = '\0';
    return text;
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
        take(reader, option, name, trim(equals + 1), "file");
    }
    return status;
}

/* --- values
 * -------------------------------------------------------------------------------------------------------------------------------
 */

static lk_status_t bad_value(const lk_option_t *option, const char *value, const char *source, const char *allowed, lk_error_t *err)
{
    return lk_fail(err, LK_INVALID, NULL, "Invalid value for option '--%s' (%s): '%s'. Expected: %s", option->name, source,
                   option->flags & LK_OPTION_SECRET ? "(hidden)" : value, allowed);
}

/* Milliseconds of "10s", "500ms", "PT10S"-less; -1 where it is none. */
static int64_t parse_duration(const char *text)
{
    static const struct {
        const char *unit;
        int64_t ms;
    } units[] = {{"", 1000}, {"ms", 1}, {"s", 1000}, {"m", 60000}, {"h", 3600000}, {"d", 86400000}};
    char *end;
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

static lk_status_t store_value(lk_settings_t *settings, const lk_option_t *option, const char *value, const char *source,
                               lk_error_t *err)
{
    void *field = (char *)settings + option->offset;
    char *end;
    long number;
    int64_t duration;
    switch (option->type) {
    case LK_OPTION_NO_MEANING:
        return LK_OK;
    case LK_OPTION_CHOICE:
        if (!is_choice(option->allowed, value))
            return bad_value(option, value, source, option->allowed, err);
        /* fall through */
    case LK_OPTION_TEXT:
        *(const char **)field = *value != '\0' ? value : NULL;
        return LK_OK;
    case LK_OPTION_BOOL:
    case LK_OPTION_FLAG:
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
            return bad_value(option, value, source, "true, false", err);
        *(int *)field = strcmp(value, "true") == 0;
        return LK_OK;
    case LK_OPTION_INT:
        number = strtol(value, &end, 10);
        if (*value == '\0' || *end != '\0' || number < 0 || number > INT_MAX)
            return bad_value(option, value, source, "a whole number", err);
        *(int *)field = (int)number;
        return LK_OK;
    case LK_OPTION_DURATION:
        if ((duration = parse_duration(value)) < 0)
            return bad_value(option, value, source, "a duration such as 500ms, 10s, 5m, 1h", err);
        *(int64_t *)field = duration;
        return LK_OK;
    }
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
                       .values = LK_NEW_ARRAY(arena, const char *, lk_num_options),
                       .sources = LK_NEW_ARRAY(arena, const char *, lk_num_options),
                       .without_meaning = LK_NEW_ARRAY(arena, const char *, lk_num_options + 1)};
    lk_settings_t settings = {.dev_mode = dev_mode, .without_meaning = reader.without_meaning};
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

lk_log_level_t lk_settings_log_level(const lk_settings_t *settings)
{
    lk_log_level_t level = LK_LOG_INFO, one;
    int has_category;
    for (const char *at = settings->log_level; at != NULL && *at != '\0'; at += strcspn(at, ","), at += *at == ',')
        if (parse_level(at, strcspn(at, ","), &one, &has_category) == 0 && !has_category)
            level = one;
    return level;
}

static void show_value(FILE *out, const lk_option_t *option, const void *field)
{
    switch (option->type) {
    case LK_OPTION_NO_MEANING:
        return;
    case LK_OPTION_TEXT:
    case LK_OPTION_CHOICE:
        if (*(const char *const *)field != NULL)
            fprintf(out, "kc.%s = %s\n", option->name, option->flags & LK_OPTION_SECRET ? "*******" : *(const char *const *)field);
        return;
    case LK_OPTION_BOOL:
    case LK_OPTION_FLAG:
        fprintf(out, "kc.%s = %s\n", option->name, *(const int *)field ? "true" : "false");
        return;
    case LK_OPTION_INT:
        fprintf(out, "kc.%s = %d\n", option->name, *(const int *)field);
        return;
    case LK_OPTION_DURATION:
        fprintf(out, "kc.%s = %lldms\n", option->name, (long long)*(const int64_t *)field);
        return;
    }
}

void lk_settings_show(FILE *out, const lk_settings_t *settings)
{
    for (size_t i = 0; i != lk_num_options; ++i)
        show_value(out, &lk_options[i], (const char *)settings + lk_options[i].offset);
}
