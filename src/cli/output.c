/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "cli/output.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

/* The shortest digits that read back as the same number, written as Java writes a double: 2.5, 1000.0, 1.0E10. */
static void put_real(lk_buffer_t *out, double number)
{
    char text[40] = "";
    for (int digits = 1; digits <= 17; ++digits) {
        snprintf(text, sizeof(text), "%.*e", digits - 1, number);
        if (strtod(text, NULL) == number)
            break;
    }
    double size = fabs(number);
    char *mark = strchr(text, 'e');
    long exponent = strtol(mark + 1, NULL, 10), fraction = mark - text - (text[0] == '-') - 2 - exponent;
    if (number == 0 || (size >= 1e-3 && size < 1e7)) {
        lk_buffer_printf(out, "%.*f", (int)(fraction < 1 ? 1 : fraction), number);
        return;
    }
    lk_buffer_printf(out, "%.*s%sE%ld", (int)(mark - text), text, memchr(text, '.', (size_t)(mark - text)) == NULL ? ".0" : "",
                     exponent);
}

static void put_scalar(lk_buffer_t *out, const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        lk_buffer_json_stringn(out, json_string_value(value), json_string_length(value));
        break;
    case JSON_INTEGER:
        lk_buffer_printf(out, "%lld", (long long)json_integer_value(value));
        break;
    case JSON_REAL:
        put_real(out, json_real_value(value));
        break;
    default:
        lk_buffer_puts(out, json_is_true(value) ? "true" : json_is_false(value) ? "false" : "null");
    }
}

static void put(lk_buffer_t *out, const json_t *value, int depth);

static void put_array(lk_buffer_t *out, const json_t *array, int depth)
{
    lk_buffer_puts(out, "[");
    for (size_t i = 0; i != json_array_size(array); ++i) {
        lk_buffer_puts(out, i == 0 ? " " : ", ");
        put(out, json_array_get(array, i), depth);
    }
    lk_buffer_puts(out, " ]");
}

static void put_object(lk_buffer_t *out, const json_t *object, int depth)
{
    const char *name, *before = "\n";
    json_t *member;
    if (json_object_size(object) == 0) {
        lk_buffer_puts(out, "{ }");
        return;
    }
    lk_buffer_puts(out, "{");
    json_object_foreach((json_t *)(uintptr_t)object, name, member)
    {
        lk_buffer_printf(out, "%s%*s", before, 2 * (depth + 1), "");
        lk_buffer_json_string(out, name);
        lk_buffer_puts(out, " : ");
        put(out, member, depth + 1);
        before = ",\n";
    }
    lk_buffer_printf(out, "\n%*s}", 2 * depth, "");
}

static void put(lk_buffer_t *out, const json_t *value, int depth)
{
    if (json_is_object(value))
        put_object(out, value, depth);
    else if (json_is_array(value))
        put_array(out, value, depth);
    else
        put_scalar(out, value);
}

void lk_output_json(lk_buffer_t *out, const json_t *value)
{
    put(out, value, 0);
}

/* Each leaf is a column with a comma behind it; what a filter names and the value lacks is an empty column. */
static void put_columns(lk_buffer_t *out, const json_t *value, const lk_fields_t *fields, int unquoted)
{
    const char *name;
    json_t *member;
    if (json_is_array(value)) {
        for (size_t i = 0; i != json_array_size(value); ++i)
            put_columns(out, json_array_get(value, i), fields, unquoted);
    } else if (json_is_object(value) && (fields == NULL || lk_fields_all(fields))) {
        json_object_foreach((json_t *)(uintptr_t)value, name, member)
        {
            put_columns(out, member, NULL, unquoted);
        }
    } else if (json_is_object(value)) {
        for (; fields != NULL; fields = fields->next)
            if (!fields->excluded)
                put_columns(out, json_object_get(value, fields->name), fields->children, unquoted);
    } else {
        if (unquoted && json_is_string(value))
            lk_buffer_append(out, json_string_value(value), json_string_length(value));
        else if (value != NULL)
            put_scalar(out, value);
        lk_buffer_putc(out, ',');
    }
}

void lk_output_csv(lk_buffer_t *out, const json_t *value, const lk_fields_t *fields, int unquoted)
{
    size_t count = json_is_array(value) ? json_array_size(value) : 1;
    for (size_t i = 0; i != count; ++i) {
        size_t start = out->len;
        put_columns(out, json_is_array(value) ? json_array_get(value, i) : value, fields, unquoted);
        if (out->len != start)
            --out->len; /* the last comma */
        lk_buffer_putc(out, '\n');
    }
}

int lk_view_read(lk_cli_t *cli, lk_view_t *ret_view)
{
    const char *format = lk_cli_option(cli, LK_O_FORMAT), *fields = lk_cli_option(cli, LK_O_FIELDS);
    lk_view_t view = {.csv = format != NULL && strcasecmp(format, "csv") == 0,
                      .unquoted = lk_cli_has(cli, LK_O_NOQUOTES),
                      .compressed = lk_cli_has(cli, LK_O_COMPRESSED)};
    if (format != NULL && !view.csv && strcasecmp(format, "json") != 0)
        return lk_cli_usage(cli, "Unsupported output format: %s", format);
    if (fields != NULL && fields[0] == '\0')
        return lk_cli_usage(cli, "Fields spec is null or empty!");
    if (fields != NULL && lk_fields_parse(cli->arena, fields, &view.fields, &cli->err) != LK_OK)
        return lk_cli_fail(cli);
    *ret_view = view;
    return LK_EXIT_OK;
}

static void print(const char *text, size_t len)
{
    fwrite(text, 1, len, stdout);
    fflush(stdout);
    if (len != 0 && text[len - 1] != '\n')
        fputc('\n', stderr);
}

int lk_view_print_json(lk_cli_t *cli, const lk_view_t *view, json_t *value)
{
    lk_buffer_t out;
    lk_buffer_init(&out, cli->arena, LK_CLI_MAX_BODY);
    if (view->fields != NULL)
        value = lk_fields_filter(cli->arena, view->fields, value);
    if (view->csv)
        lk_output_csv(&out, value, view->fields, view->unquoted);
    else
        lk_output_json(&out, value);
    print(out.base != NULL ? out.base : "", out.len);
    return LK_EXIT_OK;
}

int lk_view_print(lk_cli_t *cli, const lk_view_t *view, const char *content_type, const char *body, size_t len)
{
    int is_json = strcmp(content_type, "application/json") == 0, shaped = view->csv || view->fields != NULL;
    json_t *value = NULL;
    if (shaped && (view->compressed || !is_json)) {
        fprintf(stderr, "Cannot create CSV nor filter returned fields because the response is %s\n",
                is_json ? "compressed" : "not json");
        return LK_EXIT_OK;
    }
    if (view->compressed || !is_json) {
        print(body, len);
        return LK_EXIT_OK;
    }
    if (lk_json_parse(cli->arena, body, len, &value, &cli->err) != LK_OK) {
        lk_fail(&cli->err, LK_INVALID, NULL, "Error processing results: %s", lk_strdup(cli->arena, cli->err.text));
        return lk_cli_fail(cli);
    }
    return lk_view_print_json(cli, view, value);
}
