/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_USER_FILTER_H
#define LK_ADMIN_USER_FILTER_H

#include "admin/handlers.h"

/* What a request asks of users, in the words of the statements in sql/queries/admin_users.sql. All of it lives in the request's
 * arena. */

/* A text that a field holds: the whole of it, at its beginning, or anywhere. */
typedef struct st_lk_user_word_t {
    const char *text; /* lower case; NULL: no word */
    const char *to;   /* behind all that begins with it, in the order of bytes; the text itself where that is the whole field */
    const char *beginning; /* the same as a pattern */
    int is_whole;
    const char *part;    /* pattern by which the trigrams find it behind the first character; NULL: it has to begin the field */
    const char *pieces;  /* array: of a long text, patterns of which one is to become `part`; NULL: it is that already */
    const char *pattern; /* of the whole text */
    const char *fields;  /* array of letters: username, email, first and last name */
    int is_all;          /* it says all that is asked of those fields */
} lk_user_word_t;

typedef struct st_lk_user_filter_t {
    const char *ids;
    lk_user_word_t words[2]; /* what an index is asked for: the two that say most */
    size_t num_words;        /* in all */
    const char *beginnings;  /* array: the first characters of words, where there are several */
    const char *patterns;    /* array: each fits "search" */
    const char *expressions; /* array, of words with a star inside: regular expressions that stay in one field */
    const char *username, *email, *first_name, *last_name; /* patterns */
    const char *created_from, *created_to;                 /* milliseconds */
    const char *attributes;                                /* JSON */
    const char *provider, *external_id, *enabled, *verified;
    int with_service_accounts;
} lk_user_filter_t;

lk_status_t lk_user_filter_read(lk_admin_t *admin, lk_user_filter_t *ret_filter, lk_error_t *err);
/* A whole user name or e-mail address. */
int lk_user_word_is_unique(const lk_user_word_t *word);
/* A Postgres array of texts, grown by one; at its end NULL where it has none. */
void lk_user_array_add(lk_buffer_t *array, const char *text);
const char *lk_user_array_end(lk_buffer_t *array);

#endif
