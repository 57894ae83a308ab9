/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_CREDENTIAL_H
#define LK_MODEL_CREDENTIAL_H

#include "model/realms.h"
#include "store/store.h"

/* What users sign in with: the types that there are, and one user's own. */

#define LK_PASSWORD_CREDENTIAL "password"
#define LK_OTP_CREDENTIAL "otp"
#define LK_RECOVERY_CODES "recovery-authn-codes"
#define LK_WEBAUTHN_CREDENTIAL "webauthn"
#define LK_PASSKEY_CREDENTIAL "webauthn-passwordless"

typedef struct st_lk_credential_type_t {
    const char *name;            /* as credentials are stored */
    const char *category, *icon; /* what account pages show it by, in Keycloak's words */
    const char *action;          /* the required action that sets one up */
    int is_fixed;                /* the action changes the one that there is, and nobody takes theirs away */
} lk_credential_type_t;

/* In the order in which account pages show them; NULL behind the last. */
const lk_credential_type_t *lk_credential_type_at(size_t i);
/* NULL: there is none of that name. */
const lk_credential_type_t *lk_credential_type(const char *name);
/* The type that a required action adds credentials of, "otp" of CONFIGURE_TOTP; NULL: it adds none. */
const lk_credential_type_t *lk_credential_type_added(const char *action);

typedef struct st_lk_credential_t {
    const char *id, *type, *label; /* id: NULL where the user has no such credential; label may be NULL */
} lk_credential_t;
/* One of the user's own by its id, which may be NULL. Former passwords are none. */
lk_status_t lk_credential_find(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id, const char *id,
                               lk_credential_t *ret_credential, lk_error_t *err);
/* The same in rows that have a column "id"; -1 where it is not among them. */
int lk_credential_row(const lk_rows_t *rows, const char *id);

#endif
