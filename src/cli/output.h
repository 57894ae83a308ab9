/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_OUTPUT_H
#define LK_CLI_OUTPUT_H

#include "cli/cli.h"
#include "cli/fields.h"

/* What is printed. JSON as kcadm's: two spaces, " : ", arrays on the line of their brackets. */
void lk_output_json(lk_buffer_t *out, const json_t *value);
/* A line for each item. */
void lk_output_csv(lk_buffer_t *out, const json_t *value, const lk_fields_t *fields, int unquoted);

/* How an answer is to be shown, by --fields, --format, --noquotes and --compressed. */
typedef struct st_lk_view_t {
    lk_fields_t *fields; /* NULL: everything */
    int csv, unquoted, compressed;
} lk_view_t;
/* 0, or the exit code after it has said what is wrong. */
int lk_view_read(lk_cli_t *cli, lk_view_t *ret_view);
/* Prints an answer's body; a line's end that it lacks goes to standard error. Exit code. */
int lk_view_print(lk_cli_t *cli, const lk_view_t *view, const char *content_type, const char *body, size_t len);
int lk_view_print_json(lk_cli_t *cli, const lk_view_t *view, json_t *value);

#endif
