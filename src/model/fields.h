/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_FIELDS_H
#define LK_MODEL_FIELDS_H

#include <stddef.h>
#include "core/arena.h"
#include "core/error.h"
#include "core/json.h"

/* A representation (RealmRepresentation, ClientRepresentation, ...) is a table of its fields. Reading, checking, defaults, the C struct that
 * the server works with, and answers all walk the same table: a new field is one row. */

typedef enum en_lk_field_type_t {
    LK_FIELD_STRING,   /* const char * */
    LK_FIELD_BOOL,     /* int */
    LK_FIELD_INT,      /* int64_t; 32 bits checked */
    LK_FIELD_LONG,     /* int64_t */
    LK_FIELD_STRINGS,  /* lk_strings_t: array of strings */
    LK_FIELD_MAP,      /* const json_t *: object of strings */
    LK_FIELD_MULTIMAP, /* const json_t *: object of arrays of strings */
    LK_FIELD_OBJECT,   /* const json_t *: any object */
    LK_FIELD_ARRAY     /* const json_t *: any array */
} lk_field_type_t;

enum {
    LK_FIELD_READ_ONLY = 1, /* taken from no input: computed */
    LK_FIELD_BRIEF = 2,     /* in brief representations too */
    LK_FIELD_SECRET = 4,    /* shown as ********** to those who may only view, never logged */
    LK_FIELD_CHILD = 8,     /* has a table of its own: not stored in rep, not in the answer of the plain GET */
    LK_FIELD_NULL_KEEPS = 16 /* an explicit null in an update keeps the old value */
};

typedef struct st_lk_strings_t {
    const char *const *entries;
    size_t count;
} lk_strings_t;

typedef struct st_lk_field_t {
    const char *name;      /* Keycloak's JSON name */
    lk_field_type_t type;
    unsigned flags;
    const char *fallback;  /* JSON text the server fills in, or NULL for absent */
    int offset;            /* in the C struct, or -1 */
} lk_field_t;

typedef struct st_lk_representation_t {
    const char *name;      /* "RealmRepresentation", for messages */
    const lk_field_t *fields;
    size_t num_fields;
} lk_representation_t;

const lk_field_t *lk_field_find(const lk_representation_t *rep, const char *name);
/* Checks the types of the members that the table knows. LK_INVALID, text: the JSON path ("$.accessTokenLifespan") and the reason. With
 * `refuse_unknown`, an unknown member is an error too: "Unrecognized field \"x\"" (the admin API); imports keep unknown members. */
lk_status_t lk_rep_check(const lk_representation_t *rep, const json_t *value, const char *path, int refuse_unknown, lk_error_t *err);
/* Sets what is missing to the table's defaults. */
void lk_rep_fill(const lk_representation_t *rep, json_t *value);
/* Reads into the C struct by offset; strings and JSON are borrowed from `value`, which must outlive the struct. */
void lk_rep_load(const lk_representation_t *rep, lk_arena_t *arena, const json_t *value, void *ret_struct);
/* An update: members of `patch` replace those of `target`, except read-only and child ones; maps are replaced whole. */
void lk_rep_patch(const lk_representation_t *rep, json_t *target, const json_t *patch);
/* The part of `value` that belongs into the rep column: without child and read-only members. New reference. */
json_t *lk_rep_stored(const lk_representation_t *rep, const json_t *value);

int lk_strings_contain(const lk_strings_t *strings, const char *text);

#endif
