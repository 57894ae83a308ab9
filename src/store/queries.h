/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_STORE_QUERIES_H
#define LK_STORE_QUERIES_H

/* What the generator makes of the sql folder, in queries.gen.c. */

/* One statement of sql/queries: "-- name: user_by_id" and the text up to the next such line. The index is enum en_lk_query_t. */
typedef struct st_lk_query_text_t {
    const char *name; /* "user_by_id"; also the name under which a connection prepares it */
    const char *text;
    int repeatable; /* 1: may be done twice without harm, 2: only reads; where nobody knows whether it was done, it is done again */
    int planned;    /* never prepared: its best plan hangs on the values */
} lk_query_text_t;
extern const lk_query_text_t lk_query_texts[];

/* One file sql/NNNN_name.sql, in the order of the numbers. */
typedef struct st_lk_migration_t {
    int number;
    int works_with;   /* the newest migration that a program must know at least to work with the schema; 0: any does */
    const char *name; /* "initial" */
    const char *text;
} lk_migration_t;
extern const lk_migration_t lk_migrations[];
extern const int lk_num_migrations;

#endif
