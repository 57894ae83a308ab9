/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_FIELDS_H
#define LK_MODEL_FIELDS_H

#include <stddef.h>
#include "core/arena.h"
#include "core/error.h"
#include "core/json.h"

/* A representation (RealmRepresentation, ClientRepresentation, ...) is a table of its fields. Reading, checking, defaults, the C
 * struct that the server works with, and answers all walk the same table: a new field is one row. */

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
    LK_FIELD_READ_ONLY = 1,     /* taken from no input: computed */
    LK_FIELD_BRIEF = 2,         /* in brief representations too */
    LK_FIELD_SECRET = 4,        /* shown as ********** to those who may only view, never logged */
    LK_FIELD_CHILD = 8,         /* has a table of its own: not stored in rep, not in the answer of the plain GET */
    LK_FIELD_FIXED = 16,        /* set at creation; an update does not change it */
    LK_FIELD_EXPORT = 32,       /* stored, but shown in exports only */
    LK_FIELD_MERGE = 64,        /* an update of this map adds to it and replaces; an empty or null value removes its key */
    LK_FIELD_LENIENT = 256,     /* a multimap whose values may be single texts */
    LK_FIELD_KEEPS_EMPTY = 512, /* with LK_FIELD_MERGE: an empty value is one, and null alone removes */
    LK_FIELD_COLUMN = 128,      /* has a column: not stored in rep, but part of updates and answers; the column wins */
    LK_FIELD_PRIMITIVE = 1024   /* a Java boolean or int: null, and an empty text, are false and 0 */
};

typedef struct st_lk_strings_t {
    const char *const *entries;
    size_t count;
} lk_strings_t;

typedef struct st_lk_field_t {
    const char *name; /* Keycloak's JSON name */
    lk_field_type_t type;
    unsigned flags;
    const char *fallback;                    /* JSON text the server fills in, or NULL for absent */
    int offset;                              /* in the C struct, or -1 */
    const struct st_lk_representation_t *of; /* what an object is, or each entry of an array; NULL: anything */
} lk_field_t;

/* A row of a table: LK_FIELD(lk_client_t, "clientId", STRING, flags, fallback, client_id); LK_FIELD_FREE for what the struct leaves
 * out. */
#define LK_FIELD(struct_type, name, type, flags, fallback, member)                                                                 \
    {                                                                                                                              \
        (name), LK_FIELD_##type, (flags), (fallback), (int)offsetof(struct_type, member), NULL                                     \
    }
#define LK_FIELD_FREE(name, type, flags, fallback)                                                                                 \
    {                                                                                                                              \
        (name), LK_FIELD_##type, (flags), (fallback), -1, NULL                                                                     \
    }
#define LK_FIELD_OF(name, type, flags, fallback, representation)                                                                   \
    {                                                                                                                              \
        (name), LK_FIELD_##type, (flags), (fallback), -1, &(representation)                                                        \
    }
#define LK_REPRESENTATION(name, fields)                                                                                            \
    {                                                                                                                              \
        (name), (fields), sizeof(fields) / sizeof((fields)[0]), 0                                                                  \
    }
#define LK_REPRESENTATION_OPEN(name, fields)                                                                                       \
    {                                                                                                                              \
        (name), (fields), sizeof(fields) / sizeof((fields)[0]), 1                                                                  \
    }

typedef struct st_lk_representation_t {
    const char *name; /* "RealmRepresentation", for messages */
    const lk_field_t *fields;
    size_t num_fields;
    int is_open; /* Keycloak's class ignores members that it does not know */
} lk_representation_t;

const lk_field_t *lk_field_find(const lk_representation_t *rep, const char *name);
/* Types are checked as Jackson checks them, which Keycloak's clients rely on: "300" is a number, 1 and "true" are booleans, numbers
 * and booleans are text where text is asked for, null is absent (but for LK_FIELD_PRIMITIVE), and so is an empty text where a
 * number or boolean is asked for. What is stored, loaded and answered is the strict type.
 *
 * Checks the types of the members that the table knows. LK_INVALID, text: the JSON path ("$.accessTokenLifespan") and the reason.
 * With `refuse_unknown`, an unknown member is an error too: "Unrecognized field \"x\"" (the admin API); imports keep unknown
 * members. */
lk_status_t lk_rep_check(const lk_representation_t *rep, const json_t *value, const char *path, int refuse_unknown,
                         lk_error_t *err);
/* lk_rep_check, of what is in the members that have a table themselves too. */
lk_status_t lk_rep_check_deep(const lk_representation_t *rep, const json_t *value, lk_error_t *err);
/* Makes members that passed what they stand for, in place and with what is in them: after it, a name is text. */
void lk_rep_convert(const lk_representation_t *rep, json_t *value);
/* Sets what is missing to the table's defaults. */
void lk_rep_fill(const lk_representation_t *rep, json_t *value);
/* Reads into the C struct by offset; what is missing gets its default. Strings and JSON are borrowed from `value`, which must
 * outlive the struct. */
void lk_rep_load(const lk_representation_t *rep, lk_arena_t *arena, const json_t *value, void *ret_struct);
/* An update: members of `patch` replace those of `target`, except read-only, fixed and child ones; maps are replaced whole unless
 * they say LK_FIELD_MERGE; null keeps what was. Members that the table does not know are left out. */
void lk_rep_patch(const lk_representation_t *rep, json_t *target, const json_t *patch);
/* An update that is the whole: what `patch` has, and of `old` the fixed and child members alone. New reference. */
json_t *lk_rep_replace(const lk_representation_t *rep, const json_t *old, const json_t *patch);
/* All members but null and read-only ones, in their strict types; unknown members stay. New reference. */
json_t *lk_rep_strict(const lk_representation_t *rep, const json_t *value);
/* The part of `value` that belongs into the rep column: without child, column and read-only members; unknown members stay. New
 * reference.
 */
json_t *lk_rep_stored(const lk_representation_t *rep, const json_t *value);

enum {
    LK_ANSWER_BRIEF = 1, /* LK_FIELD_BRIEF members only */
    LK_ANSWER_MASK = 2,  /* secrets as ********** */
    LK_ANSWER_EXPORT = 4 /* with LK_FIELD_EXPORT and unknown members, as stored */
};
/* What the admin API shows of a stored value: members in the table's order, without child ones (the caller adds them). New
 * reference. */
json_t *lk_rep_answer(const lk_representation_t *rep, const json_t *value, unsigned flags);

/* The tables: one *_fields.c per group. Structs by offset: lk_realm_t, lk_client_t, lk_role_t, lk_group_t, lk_scope_t, lk_mapper_t,
 * lk_identity_provider_t, lk_provider_mapper_t, lk_required_action_t, lk_user_t; the others have no struct (offset -1). */
extern const lk_representation_t lk_realm_fields, lk_client_fields, lk_user_fields, lk_credential_fields, lk_role_fields,
    lk_group_fields, lk_organization_fields, lk_scope_fields, lk_mapper_fields, lk_identity_provider_fields,
    lk_identity_provider_mapper_fields, lk_component_fields, lk_flow_fields, lk_execution_fields, lk_execution_info_fields,
    lk_authenticator_config_fields, lk_required_action_fields;

/* Fills a RealmRepresentation to be stored: the table's defaults, the attributes that every realm has, and the settings that
 * Keycloak shows both as a member and as an attribute (oauth2DeviceCodeLifespan, ...): the member wins where it is in `given`, what
 * the caller sent. */
void lk_realm_rep_complete(json_t *value, const json_t *given);

/* The same for a ClientRepresentation that is new: defaults, those that depend on others (fullScopeAllowed, webOrigins), and a
 * secret where the client needs one and has none. */
void lk_client_rep_complete(lk_arena_t *arena, json_t *value);
/* What a new client of the admin API gets beside that where it says that its protocol is openid-connect: before
 * lk_client_rep_complete. */
void lk_client_rep_complete_oidc(lk_arena_t *arena, json_t *value);
/* The origins of redirect URIs, each once. New reference. */
json_t *lk_client_origins(const json_t *redirect_uris);
/* A protocol mapper that comes with a client or client scope: a claim of the ID token is one of userinfo too unless it says
 * otherwise. */
void lk_mapper_rep_complete(json_t *value);

/* All members of `value`, those of the table in its order and before the others; null ones are left out. New reference. */
json_t *lk_rep_ordered(const lk_representation_t *rep, const json_t *value);

/* The strings of a JSON array, borrowed from it; other values count as "". NULL is fine. */
/* The member that is longer than Keycloak's column for it, or NULL. */
const char *lk_rep_over_limit(const lk_representation_t *rep, const json_t *value, size_t *ret_max);
lk_strings_t lk_strings_from_json(lk_arena_t *arena, const json_t *array);
int lk_strings_contain(const lk_strings_t *strings, const char *text);

#endif
