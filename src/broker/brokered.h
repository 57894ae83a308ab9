/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_BROKER_BROKERED_H
#define LK_BROKER_BROKERED_H

#include "broker/upstream.h"

/* Somebody as an identity provider describes them; mappers add to it and change it before it becomes a user. Text is NULL where
 * absent. */
typedef struct st_lk_brokered_t {
    const char *alias;          /* of the provider */
    const char *id;             /* there: the key of the link */
    const char *former_id;      /* by which older links may know them, or NULL */
    const char *username;       /* there: what the link shows */
    const char *local_username; /* what the user is to be called here */
    const char *email, *first_name, *last_name;
    int email_unverified;          /* the provider says so, or lets everybody say what they like */
    int email_unproved;            /* nobody vouches for it: never reason enough to link without asking */
    json_t *attributes;            /* {"name": [values]} */
    json_t *session_notes;         /* {"name": value} */
    json_t *claims;                /* {"access_token": {}, "id_token": {}, "userinfo": {}}: what mappers look into, in that order */
    const char *session_id;        /* the provider's session, or NULL */
    const char *id_token, *tokens; /* tokens: the token endpoint's answer as it came */
    /* how far the first login has come */
    const char *existing_user; /* who has that e-mail address or name here already */
    const char *existing_by;   /* "email" or "username" */
    const char *existing_value;
    const char *linked_user; /* existing_user, once it is proved or allowed to be the same person */
    const char *new_user;    /* or the id of the user that there will be */
    int must_review;         /* the profile is shown whatever the flow says of it */
    int email_changed;
    int joins;             /* the organization of the provider */
    const char *user_id;   /* who it is here, once that is settled and a flow after the login has still to be walked; else NULL */
    int mailed;            /* the mail that asks for a link has been sent */
    int must_set_password; /* a new user has to choose one */
} lk_brokered_t;

/* --- claims --- */

/* The claim that a path names ("a.b", "a\.b"), in the first of the three that has it; NULL where none has. Borrowed. */
json_t *lk_brokered_claim(lk_arena_t *arena, const lk_brokered_t *brokered, const char *path);
/* Of "a|b" the first claim that is there, as text: numbers and booleans too; NULL for objects, arrays and where there is none. */
const char *lk_claim_text(lk_arena_t *arena, const json_t *object, const char *paths);
/* A value as text; JSON for objects and arrays. */
const char *lk_json_as_text(lk_arena_t *arena, const json_t *value);

/* --- getting to know them (identity.c) --- */

/* Checks what the token endpoint gave and asks for the rest. `nonce` NULL: none was sent. LK_INVALID with the check that failed in
 * the detail; LK_UNAVAILABLE where the provider does not answer. */
lk_status_t lk_brokered_read(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                             const lk_upstream_tokens_t *tokens, const char *nonce, lk_brokered_t *ret_brokered, lk_error_t *err);

/* --- putting them away between two requests (store.c) --- */

struct st_lk_login_t;
lk_status_t lk_brokered_put(const lk_request_t *req, const lk_realm_t *realm, const struct st_lk_login_t *login,
                            const lk_brokered_t *brokered, lk_error_t *err);
/* *ret_login is NULL where nothing is there, or it is not of this browser. */
lk_status_t lk_brokered_get(const lk_request_t *req, const lk_realm_t *realm, const char *tab, struct st_lk_login_t **ret_login,
                            lk_brokered_t **ret_brokered, lk_error_t *err);
/* The tokens alone, for the session that is about to be: the user is known already. */
lk_status_t lk_brokered_put_tokens(const lk_request_t *req, const lk_realm_t *realm, const struct st_lk_login_t *login,
                                   const lk_brokered_t *brokered, lk_error_t *err);

#endif
