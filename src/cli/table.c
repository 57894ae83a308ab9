/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "cli/table.h"

#include <string.h>
#include <unistd.h>
#include "cli/output.h"
#include "core/encode.h"

#define MAX_COLUMNS 8
#define MAX_CELL (64 * 1024)

int lk_check_show(lk_cli_t *cli)
{
    const char *format = lk_cli_option(cli, LK_O_SHOW);
    if (format != NULL && strcmp(format, "json") != 0 && strcmp(format, "table") != 0)
        return lk_cli_usage(cli, "Unsupported output format: %s", format);
    return LK_EXIT_OK;
}

int lk_shows_json(const lk_cli_t *cli)
{
    const char *format = lk_cli_option(cli, LK_O_SHOW);
    return format != NULL ? strcmp(format, "json") == 0 : !isatty(STDOUT_FILENO);
}

static int show_json(lk_cli_t *cli, json_t *value)
{
    return lk_view_print_json(cli, &(lk_view_t){NULL}, value);
}

/* What stands in a cell: text as it is, but for what would steer a terminal. */
static const char *cell(lk_arena_t *arena, const json_t *value)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, MAX_CELL);
    lk_buffer_puts(&out, "");
    if (json_is_string(value))
        for (const char *c = json_string_value(value); *c != '\0'; ++c)
            lk_buffer_putc(&out, (unsigned char)*c < ' ' || *c == 127 ? ' ' : *c);
    else if (value != NULL && !json_is_null(value))
        lk_buffer_puts(&out, lk_json_text(arena, value));
    return out.base;
}

static void print_cell(const char *text, int wide, int last)
{
    printf("%s%*s", text, last ? 0 : wide - (int)lk_utf8_length(text) + 2, "");
}

int lk_show_list(lk_cli_t *cli, json_t *list, const lk_column_t *columns, size_t count)
{
    int wide[MAX_COLUMNS] = {0};
    if (lk_shows_json(cli))
        return show_json(cli, list);
    for (size_t i = 0; i != count; ++i) {
        wide[i] = (int)lk_utf8_length(columns[i].title);
        for (size_t row = 0; row != json_array_size(list); ++row) {
            int own = (int)lk_utf8_length(cell(cli->arena, json_object_get(json_array_get(list, row), columns[i].member)));
            wide[i] = own > wide[i] ? own : wide[i];
        }
    }
    for (size_t i = 0; i != count; ++i)
        print_cell(columns[i].title, wide[i], i + 1 == count);
    putchar('\n');
    for (size_t row = 0; row != json_array_size(list); ++row, putchar('\n'))
        for (size_t i = 0; i != count; ++i)
            print_cell(cell(cli->arena, json_object_get(json_array_get(list, row), columns[i].member)), wide[i], i + 1 == count);
    return LK_EXIT_OK;
}

int lk_show_object(lk_cli_t *cli, json_t *object)
{
    const char *name;
    json_t *value;
    int wide = 0;
    if (lk_shows_json(cli))
        return show_json(cli, object);
    json_object_foreach(object, name, value)
    {
        wide = (int)lk_utf8_length(name) > wide ? (int)lk_utf8_length(name) : wide;
    }
    json_object_foreach(object, name, value)
    {
        print_cell(name, wide, 0);
        printf("%s\n", cell(cli->arena, value));
    }
    return LK_EXIT_OK;
}
