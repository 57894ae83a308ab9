/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/json_write.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_AT (64 * 1024)
/* Of one value: a user's or client's whole text is far below. */
#define MAX_TEXT (256 * 1024 * 1024)

static void begin_text(lk_json_writer_t *writer)
{
    writer->arena = lk_arena_create("json writer");
    lk_buffer_init(&writer->text, writer->arena, MAX_TEXT);
}

static void flush(lk_json_writer_t *writer)
{
    const char *at = writer->text.base;
    size_t left = writer->text.len;
    if (writer->text.overflow && writer->error == 0)
        writer->error = EFBIG;
    while (left != 0 && writer->error == 0) {
        ssize_t written = write(writer->fd, at, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0) {
            writer->error = errno;
            break;
        }
        at += written;
        left -= (size_t)written;
    }
    lk_arena_destroy(&writer->arena);
    begin_text(writer);
}

void lk_json_writer_init(lk_json_writer_t *writer, int fd)
{
    memset(writer, 0, sizeof(*writer));
    writer->fd = fd;
    begin_text(writer);
}

static void new_line(lk_json_writer_t *writer)
{
    lk_buffer_putc(&writer->text, '\n');
    for (int i = 0; i != writer->indent; ++i)
        lk_buffer_puts(&writer->text, "  ");
}

/* What stands before the next element of an array; members have had theirs with their name. */
static void separate(lk_json_writer_t *writer)
{
    if (writer->num_open == 0 || writer->open[writer->num_open - 1].close != ']')
        return;
    lk_buffer_puts(&writer->text, writer->open[writer->num_open - 1].is_empty ? " " : ", ");
    writer->open[writer->num_open - 1].is_empty = 0;
}

void lk_json_writer_name(lk_json_writer_t *writer, const char *name)
{
    if (!writer->open[writer->num_open - 1].is_empty)
        lk_buffer_putc(&writer->text, ',');
    writer->open[writer->num_open - 1].is_empty = 0;
    new_line(writer);
    lk_buffer_json_string(&writer->text, name);
    lk_buffer_puts(&writer->text, " : ");
}

void lk_json_writer_open(lk_json_writer_t *writer, char bracket)
{
    separate(writer);
    if (writer->num_open == LK_JSON_MAX_OPEN)
        abort();
    lk_buffer_putc(&writer->text, bracket);
    writer->indent += bracket == '{';
    writer->open[writer->num_open].close = bracket == '{' ? '}' : ']';
    writer->open[writer->num_open++].is_empty = 1;
}

void lk_json_writer_close(lk_json_writer_t *writer)
{
    char close = writer->open[--writer->num_open].close;
    writer->indent -= close == '}';
    if (close == ']' || writer->open[writer->num_open].is_empty)
        lk_buffer_putc(&writer->text, ' ');
    else
        new_line(writer);
    lk_buffer_putc(&writer->text, close);
}

static void write_scalar(lk_json_writer_t *writer, const json_t *value)
{
    if (json_is_string(value)) {
        lk_buffer_json_stringn(&writer->text, json_string_value(value), json_string_length(value));
        return;
    }
    char *text = json_dumps(value, JSON_ENCODE_ANY);
    lk_buffer_puts(&writer->text, text != NULL ? text : "null");
    free(text);
}

static void write_value(lk_json_writer_t *writer, const json_t *value);

static void write_object(lk_json_writer_t *writer, const json_t *object)
{
    const char *name;
    json_t *member;
    int is_first = 1;
    lk_buffer_putc(&writer->text, '{');
    ++writer->indent;
    json_object_foreach((json_t *)object, name, member)
    {
        if (!is_first)
            lk_buffer_putc(&writer->text, ',');
        is_first = 0;
        new_line(writer);
        lk_buffer_json_string(&writer->text, name);
        lk_buffer_puts(&writer->text, " : ");
        write_value(writer, member);
    }
    --writer->indent;
    if (is_first)
        lk_buffer_putc(&writer->text, ' ');
    else
        new_line(writer);
    lk_buffer_putc(&writer->text, '}');
}

static void write_value(lk_json_writer_t *writer, const json_t *value)
{
    size_t i;
    json_t *element;
    if (json_is_object(value)) {
        write_object(writer, value);
    } else if (json_is_array(value)) {
        lk_buffer_putc(&writer->text, '[');
        json_array_foreach((json_t *)value, i, element)
        {
            lk_buffer_puts(&writer->text, i != 0 ? ", " : " ");
            write_value(writer, element);
        }
        lk_buffer_puts(&writer->text, " ]");
    } else {
        write_scalar(writer, value);
    }
}

void lk_json_writer_value(lk_json_writer_t *writer, const json_t *value)
{
    separate(writer);
    write_value(writer, value);
    if (writer->text.len >= FLUSH_AT)
        flush(writer);
}

lk_status_t lk_json_writer_end(lk_json_writer_t *writer, lk_error_t *err)
{
    flush(writer);
    lk_arena_destroy(&writer->arena);
    if (writer->error != 0)
        return lk_fail(err, LK_UNAVAILABLE, NULL, "%s", strerror(writer->error));
    return LK_OK;
}
