/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_LOGIN_WEBAUTHN_H
#define LK_LOGIN_WEBAUTHN_H

#include "crypto/webauthn.h"
#include "login/state.h"

/* Web Authentication: what registering (webauthn_register.c) and signing in (webauthn_login.c) have in common. A realm has two
 * policies: for second factors, and for passkeys that stand alone. Credentials are stored as Keycloak stores them. */

typedef struct st_lk_webauthn_kind_t {
    const char *credential; /* type: "webauthn", "webauthn-passwordless" */
    const char *action;     /* the required action that registers one */
    const char *prefix;     /* of the realm's members, "webAuthnPolicy..." */
    int passwordless;
} lk_webauthn_kind_t;
extern const lk_webauthn_kind_t lk_webauthn_second_factor, lk_webauthn_passwordless;

/* A member of the realm's policy, by its name behind the prefix ("RpId"); NULL where the realm does not say ("not specified"). */
const char *lk_webauthn_policy(lk_arena_t *arena, const lk_realm_t *realm, const lk_webauthn_kind_t *kind, const char *name);
const json_t *lk_webauthn_policy_json(lk_arena_t *arena, const lk_realm_t *realm, const lk_webauthn_kind_t *kind, const char *name);
/* "required", "preferred", "discouraged", or NULL; passkeys are required to verify their user where the realm does not say. */
const char *lk_webauthn_verification(lk_arena_t *arena, const lk_realm_t *realm, const lk_webauthn_kind_t *kind);
/* The relying party's id: the realm's, else the host that the browser asked for. */
const char *lk_webauthn_rp_id(const lk_request_t *req, const lk_realm_t *realm, const lk_webauthn_kind_t *kind);
/* Puts a new challenge into the login; what is sealed from now on has it. */
void lk_webauthn_challenge(const lk_request_t *req, lk_login_t *login);
/* The user's credentials of that kind: columns id, user_label, credential_data. */
lk_status_t lk_webauthn_list(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, const lk_webauthn_kind_t *kind,
                             lk_rows_t *ret_rows, lk_error_t *err);
/* Adds {"id", "type", "transports"} of each to an array, for the browser. */
void lk_webauthn_describe(lk_arena_t *arena, const lk_rows_t *rows, json_t *list);

/* What a page posted, decoded; empty where it is missing or broken. */
lk_bytes_t lk_webauthn_field(const lk_request_t *req, const char *name);

/* Checks the client data (section 5.8.1) of "webauthn.create" or "webauthn.get" and uses the login's challenge up; ret_hash is what
 * the authenticator has signed. LK_INVALID with the reason as the detail. */
lk_status_t lk_webauthn_client_data(const lk_request_t *req, const lk_realm_t *realm, const lk_webauthn_kind_t *kind,
                                    const lk_login_t *login, const char *type, unsigned char ret_hash[32], lk_error_t *err);
/* The relying party, presence, and verification where the policy requires it. */
lk_status_t lk_webauthn_check_data(const lk_request_t *req, const lk_realm_t *realm, const lk_webauthn_kind_t *kind,
                                   const lk_authenticator_data_t *data, lk_error_t *err);

#endif
