/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_LISTING_H
#define LK_ADMIN_LISTING_H

#include "admin/admin.h"
#include "core/json.h"

/* What a part of a list is read by: parameters of its statement. */
typedef struct st_lk_page_t {
    const char *after;       /* key of the last row before; "" at first */
    const char *first, *max; /* rows to pass over, rows to give */
} lk_page_t;

/* A list as long as it may be, of rows in the order of a key that no two share. */
typedef struct st_lk_listing_t {
    /* Reads the rows behind page->after, `page->max` of them where there are so many: columns key, and what `show` needs. */
    lk_status_t (*read)(lk_admin_t *part, const struct st_lk_listing_t *listing, const lk_page_t *page, lk_rows_t *ret_rows,
                        lk_error_t *err);
    /* New reference; NULL leaves the row out. */
    json_t *(*show)(lk_admin_t *part, const struct st_lk_listing_t *listing, const lk_rows_t *rows, int row);
    const void *filter; /* their own, in the request's arena */
    long max;           /* `first` is the query's */
    int counts_shown;   /* both count what is shown; else rows, which saves reading those before the first */
} lk_listing_t;

/* 200 with the array, in parts where it is long. `part` is the request as it is here, with an arena that goes with the part. */
lk_status_t lk_admin_reply_listing(lk_admin_t *admin, const lk_listing_t *listing, lk_error_t *err);

#endif
