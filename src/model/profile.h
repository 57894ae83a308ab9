/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_PROFILE_H
#define LK_MODEL_PROFILE_H

#include "model/user.h"

/* The realm's user profile (declarative-user-profile): which attributes users have, who may see and change them, and what is valid.
 * The values of a user are an object of arrays of strings here, with username, email, firstName and lastName among the attributes.
 */

/* Who asks; a bit each, as in permissions and "required". */
enum { LK_PROFILE_USER = 1, LK_PROFILE_ADMIN = 2 };

typedef struct st_lk_profile_attribute_t {
    const char *name, *display_name, *group; /* display_name may be "${email}"; NULL where absent */
    unsigned required, view, edit;           /* of LK_PROFILE_*; requirements that hang on client scopes are not among them */
    int multivalued;
    const json_t *validations; /* {"length": {"max": 255}, ...} or NULL */
    const json_t *annotations; /* or NULL */
    int is_implicit;           /* the language of a realm with several, which the profile does not name: on no page */
} lk_profile_attribute_t;

typedef struct st_lk_profile_t {
    const lk_profile_attribute_t *attributes;
    size_t num_attributes;
    const json_t *groups;                    /* [{"name": ...}], in order; or NULL */
    unsigned unmanaged_view, unmanaged_edit; /* who may see and change attributes that the profile does not name */
} lk_profile_t;

/* Keycloak's default profile, as JSON text. */
extern const char lk_profile_default[];

/* Lives in the arena, borrows from the realm's snapshot. */
const lk_profile_t *lk_realm_profile(lk_arena_t *arena, const lk_realm_t *realm);
/* NULL where the profile does not name it. */
const lk_profile_attribute_t *lk_profile_attribute(const lk_profile_t *profile, const char *name);

/* Whether it is a member of its own in representations: username, email, firstName, lastName. */
int lk_profile_is_member(const char *name);

/* What a user has; owned by the arena. */
json_t *lk_profile_values(lk_arena_t *arena, const lk_user_t *user);
/* Appends {"field": name, "errorMessage": key, "params": [name, ...]} to `errors` for each value that is not valid, and returns how
 * many it appended. Whether a name or e-mail address is taken is the caller's to find out. */
size_t lk_profile_validate(lk_arena_t *arena, const lk_realm_t *realm, unsigned who, const json_t *values, json_t *errors);
/* What is to be stored when `who` sends `given` for a user that has `old` (NULL: a new one): what they may not change stays,
 * attributes that nobody may have go, empty values are none. Owned by the arena. */
json_t *lk_profile_accept(lk_arena_t *arena, const lk_realm_t *realm, unsigned who, const json_t *old, const json_t *given);
/* Those of the values that `who` may see. Owned by the arena. */
json_t *lk_profile_visible(lk_arena_t *arena, const lk_realm_t *realm, unsigned who, const json_t *values);
/* UserProfileMetadata as `who` sees it; `exists`: of a user who is there, whose name may be fixed. New reference. */
json_t *lk_profile_metadata(lk_arena_t *arena, const lk_realm_t *realm, unsigned who, int exists);
/* The realm's action UPDATE_EMAIL, where it is enabled; else NULL. Where it is, people change their e-mail address by it alone. */
#define LK_UPDATE_EMAIL "UPDATE_EMAIL"
#define LK_EMAIL_PENDING "kc.email.pending" /* attribute: an address that is not confirmed yet */
const lk_required_action_t *lk_realm_update_email(const lk_realm_t *realm);

/* "x@example.test", as Keycloak checks it. */
int lk_email_valid(const char *email);

#endif
