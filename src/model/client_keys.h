/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_CLIENT_KEYS_H
#define LK_MODEL_CLIENT_KEYS_H

#include "crypto/jws.h"
#include "model/realm.h"

/* The public keys of a client: those of the set at `jwks.url` (where `use.jwks.url` is true), of the set in `jwks.string`
 * (`use.jwks.string`), or the one key of `jwt.credential.certificate` or `jwt.credential.public.key`, which signs only.
 *
 * Sets at an address are kept for the process and fetched again when a token names a key that is not in them (crypto/jwks.h). All
 * verifies returns LK_ELSEWHERE where a call is due and the request's lane may not wait for it: the caller must not have
 * changed anything yet, and passes it on; the handler then runs again in the outbound lane. */

/* Before a handler changes anything: 1 where no set has to be fetched, or the lane may wait for one. */
int lk_client_keys_ready(const lk_request_t *req, const lk_client_t *client);

/* Checks a signature of the client's (private_key_jwt, request objects) with the key that the header names, or where it names none
 * with each that fits. Never HS256 and its like. LK_INVALID: none verifies it; LK_NOT_FOUND: there is none that it could
 * mean, or they cannot be had; the detail says why. */
lk_status_t lk_client_keys_verify(const lk_request_t *req, const lk_client_t *client, const lk_jws_t *jws, lk_error_t *err);

/* The key that is encrypted for with `alg` (RSA-OAEP, ECDH-ES, ...). LK_INVALID or LK_NOT_FOUND where there is none. Waits where
 * the set has to be fetched, since an answer is written last: handlers ask lk_client_keys_ready first. */
lk_status_t lk_client_keys_encryption(const lk_request_t *req, const lk_client_t *client, const char *alg, const lk_key_t **ret_key,
                                      lk_error_t *err);

/* An address of the client's as it is called: relative ones belong to its rootUrl, or to this server. */
const char *lk_client_url(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client, const char *url);
/* The same by the rootUrl, which may be NULL. */
const char *lk_client_url_below(lk_arena_t *arena, const lk_request_t *req, const char *root, const char *url);

#endif
