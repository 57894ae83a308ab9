/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_TOKEN_BINDING_H
#define LK_TOKEN_BINDING_H

#include "core/reply.h"
#include "token/token.h"

/* Tokens that are good only together with a key: a DPoP proof's (RFC 9449), or a TLS certificate's (RFC 8705). What a request
 * proves is its `binding`, and the tokens that are issued for it say so in their claim "cnf". */

/* The signature algorithms of proofs, in the words of WWW-Authenticate. */
#define LK_DPOP_ALGS "PS384 RS384 EdDSA ES384 ES256 RS256 ES512 PS256 PS512 RS512"
#define LK_DPOP_MISSING "DPoP proof is missing"
#define LK_DPOP_OTHER_KEY "DPoP Proof public key thumbprint does not match dpop_jkt"
#define LK_DPOP_USE_NONCE "use_dpop_nonce" /* RFC 9449 section 8 */
#define LK_DPOP_MISMATCH "DPoP confirmation doesn't match DPoP proof"

struct st_lk_binding_t {
    const char *jkt;          /* thumbprint of the DPoP proof's key (RFC 7638), or NULL */
    const char *x5t;          /* thumbprint of the client's certificate, or NULL */
    int is_lightweight;       /* a client policy wants access tokens that say little, whatever the client says */
    int no_new_refresh_token; /* a client policy wants none where one is refreshed */
};

/* The request's proof, where it has one: *ret_jkt is its key's thumbprint, NULL where it has none. `access_token` is what it must
 * belong to, or NULL. Each is good once, on every replica. LK_INVALID invalid_request with Keycloak's words otherwise. */
lk_status_t lk_dpop_check(const lk_request_t *req, const lk_realm_t *realm, const char *access_token, const char **ret_jkt,
                          lk_error_t *err);
/* The header DPoP-Nonce, for the next proof of who has sent one, where the realm's attribute latchkey.dpopNonceSeconds asks for
 * nonces (RFC 9449 sections 8 and 9). To be called before the proof is checked: the header stays where that fails. */
void lk_dpop_offer_nonce(const lk_request_t *req, const lk_realm_t *realm, lk_reply_t *reply);
/* 1 where the request's Authorization has the scheme DPoP. */
int lk_dpop_is_presented(const lk_request_t *req);

/* What a request for tokens proves, and what its client must prove. */
lk_status_t lk_binding_read(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_binding_t *ret_binding,
                            lk_error_t *err);
/* The claim "cnf" of tokens for this request, as JSON; NULL where they are bound to nothing. */
const char *lk_binding_claim(const lk_request_t *req);
/* The same for the refresh token: a client that has to prove itself needs no other proof. */
const char *lk_binding_refresh_claim(const lk_request_t *req, const lk_client_t *client);
/* "Bearer" or "DPoP". */
const char *lk_binding_token_type(const lk_request_t *req);
/* A token that is turned in for another one, with what the request proves. LK_INVALID with that code otherwise. */
lk_status_t lk_binding_match(const lk_request_t *req, const lk_verified_t *token, const char *code, lk_error_t *err);
/* The same for an access token that is presented in the Authorization header. LK_DENIED otherwise. */
lk_status_t lk_binding_check_bearer(const lk_request_t *req, const lk_realm_t *realm, const lk_bearer_t *bearer, const char *token,
                                    lk_error_t *err);

#endif
