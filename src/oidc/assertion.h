/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_ASSERTION_H
#define LK_OIDC_ASSERTION_H

#include "crypto/jws.h"
#include "token/token.h"

/* Assertions: JWTs that vouch for a client or for a user (RFC 7521, RFC 7523). */

typedef struct st_lk_assertion_t {
    lk_jws_t jws;
    const char *issuer, *subject, *jti; /* NULL where missing */
    int64_t iat, exp, nbf;              /* seconds; 0 where missing */
    int has_exp;
} lk_assertion_t;

/* Takes it apart; nothing is trusted yet. LK_INVALID where it is no JWT with claims of the right types. */
lk_status_t lk_assertion_read(lk_arena_t *arena, const char *text, lk_assertion_t *ret_assertion, lk_error_t *err);
typedef struct st_lk_assertion_rules_t {
    int64_t span; /* seconds that it may be good for, from its iat or, without one, from now */
    int64_t skew; /* seconds that the issuer's clock may be ahead */
    int reusable; /* may come again, and needs no jti */
} lk_assertion_rules_t;

/* The following fail as LK_DENIED with the text that tells which check it was, and without a code. */

/* It is for one of the audiences, and for nobody else. */
lk_status_t lk_assertion_check_audience(const lk_assertion_t *assertion, const char *const *audiences, size_t count,
                                        lk_error_t *err);
lk_status_t lk_assertion_check_times(const lk_assertion_t *assertion, const lk_assertion_rules_t *rules, lk_error_t *err);
/* Its jti was never seen from `user` (whoever may choose jtis), on any replica. Call it last: it uses the assertion up. */
lk_status_t lk_assertion_use(const lk_request_t *req, const lk_realm_t *realm, const lk_assertion_t *assertion, const char *user,
                             const lk_assertion_rules_t *rules, lk_error_t *err);

#endif
