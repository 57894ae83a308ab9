/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_TABLE_H
#define LK_CLI_TABLE_H

#include "cli/cli.h"

/* Tables for people, JSON for programs: -o says which; else a table on a terminal alone. */
typedef struct st_lk_column_t {
    const char *title, *member;
} lk_column_t;

int lk_shows_json(const lk_cli_t *cli);
/* A list of objects with these columns, or as JSON. Exit code. */
int lk_show_list(lk_cli_t *cli, json_t *list, const lk_column_t *columns, size_t count);
/* One object: a line for each member. */
int lk_show_object(lk_cli_t *cli, json_t *object);
/* 0, or the exit code after it has said that -o is neither. */
int lk_check_show(lk_cli_t *cli);

#endif
