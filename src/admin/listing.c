/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "admin/handlers.h"
#include "admin/listing.h"

/* Lists that are sent while they are read. Each part is read, shown and written in memory that goes with it; between two parts
 * nothing is held but the key of the last row, so what is written meanwhile may be in the list or not, and what was there all the
 * time is in it once. */

#define PART 200            /* rows of one part */
#define MAX_KEY (64 * 1024) /* names are shorter */

typedef struct st_parts_t {
    lk_admin_t admin;
    lk_listing_t listing;
    lk_buffer_t after;
    long first, max; /* what is left of them */
    int num_shown;
} parts_t;

/* Whether one that is shown stands before the page, or behind it. */
static int is_outside(parts_t *parts)
{
    if (!parts->listing.counts_shown)
        return 0;
    if (parts->first != 0)
        return parts->first-- != 0;
    return parts->max == 0 || parts->max-- == 0;
}

static void write_rows(lk_admin_t *part, parts_t *parts, const lk_rows_t *rows)
{
    lk_buffer_t *body = &parts->admin.reply->body;
    for (int i = 0; i != rows->count; ++i) {
        json_t *shown = lk_json_own(part->req->arena, parts->listing.show(part, &parts->listing, rows, i));
        if (shown == NULL || is_outside(parts))
            continue;
        if (parts->num_shown++ != 0)
            lk_buffer_putc(body, ',');
        lk_buffer_puts(body, lk_json_text(part->req->arena, shown));
    }
}

/* Notes where the next part begins; 0 where there is none. */
static int move_on(parts_t *parts, const lk_rows_t *rows, long asked)
{
    if (!parts->listing.counts_shown) {
        parts->first = 0;
        parts->max -= rows->count;
    }
    if (rows->count < asked || parts->max == 0)
        return 0;
    parts->after.len = 0;
    lk_buffer_puts(&parts->after, lk_row_str(rows, rows->count - 1, "key"));
    return 1;
}

static lk_status_t write_part(parts_t *parts, int *ret_goes_on, lk_error_t *err)
{
    lk_arena_t *scratch = lk_arena_create("part of a list");
    lk_request_t req = *parts->admin.req;
    lk_admin_t part = parts->admin;
    int counts_shown = parts->listing.counts_shown;
    long asked = parts->max < PART && !counts_shown ? parts->max : PART;
    lk_page_t page = {.after = parts->after.base};
    lk_rows_t rows;
    req.arena = scratch;
    part.req = &req;
    page.first = lk_printf(scratch, "%ld", counts_shown ? 0 : parts->first);
    page.max = lk_printf(scratch, "%ld", asked);
    lk_status_t status = parts->listing.read(&part, &parts->listing, &page, &rows, err);
    if (status == LK_OK) {
        write_rows(&part, parts, &rows);
        *ret_goes_on = move_on(parts, &rows, asked);
    }
    lk_arena_destroy(&scratch);
    return status;
}

static lk_status_t write_more(lk_reply_t *reply, lk_error_t *err)
{
    parts_t *parts = reply->rest;
    int goes_on = 1;
    lk_status_t status = LK_OK;
    while (status == LK_OK && goes_on && reply->body.len < 2) /* rows that are not shown may fill a part */
        status = write_part(parts, &goes_on, err);
    reply->more = goes_on ? write_more : NULL;
    if (!goes_on)
        lk_buffer_putc(&reply->body, ']');
    return status;
}

lk_status_t lk_admin_reply_listing(lk_admin_t *admin, const lk_listing_t *listing, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    parts_t *parts = LK_NEW(arena, parts_t);
    lk_admin_reply(admin, json_array());
    *parts =
        (parts_t){.admin = *admin, .listing = *listing, .first = strtol(lk_admin_first(admin->req), NULL, 10), .max = listing->max};
    lk_buffer_init(&parts->after, arena, MAX_KEY);
    lk_buffer_puts(&parts->after, "");
    admin->reply->rest = parts;
    admin->reply->body.len = 1; /* the bracket */
    return write_more(admin->reply, err);
}
