/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_JSON_WRITE_H
#define LK_CORE_JSON_WRITE_H

#include <jansson.h>
#include "core/arena.h"
#include "core/buffer.h"
#include "core/error.h"

/* JSON text written to a file while it is made, laid out as Jackson's pretty printer does (and with it Keycloak's exports): a
 * member per line, two spaces a level, arrays in one line. A failure to write is remembered and told at the end. */
#define LK_JSON_MAX_OPEN 16

typedef struct st_lk_json_writer_t {
    int fd;    /* borrowed */
    int error; /* errno of the first failure */
    lk_arena_t *arena;
    lk_buffer_t text; /* not yet written */
    int indent;       /* in levels of objects */
    size_t num_open;
    struct {
        char close;
        int is_empty;
    } open[LK_JSON_MAX_OPEN];
} lk_json_writer_t;

void lk_json_writer_init(lk_json_writer_t *writer, int fd);
/* Opens an object ('{') or array ('[') where a value may stand. */
void lk_json_writer_open(lk_json_writer_t *writer, char bracket);
void lk_json_writer_close(lk_json_writer_t *writer);
/* In an object: the next value's name. */
void lk_json_writer_name(lk_json_writer_t *writer, const char *name);
/* A whole value: after a name, or as an array's next element. */
void lk_json_writer_value(lk_json_writer_t *writer, const json_t *value);
/* Writes the rest and frees what the writer holds. LK_UNAVAILABLE with the reason where anything was not written. */
lk_status_t lk_json_writer_end(lk_json_writer_t *writer, lk_error_t *err);

#endif
