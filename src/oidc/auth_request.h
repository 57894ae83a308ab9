/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_AUTH_REQUEST_H
#define LK_OIDC_AUTH_REQUEST_H

#include "login/login.h"

/* The parameters of an authorization request (OpenID Connect Core 3.1.2.1), wherever they came from: read and checked in Keycloak's
 * order. Until the redirect URI is known to be the client's, what is wrong is told on a page. */
typedef struct st_lk_auth_check_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_pairs_t sent;       /* as they came; with a request object, what stands beside it */
    lk_pairs_t parameters; /* those that count */
    const json_t *object;  /* claims of a request object, or NULL; of one that was pushed exp, nbf and aud alone */
    int object_is_encrypted;
    int pushing; /* at the endpoint for pushed requests */
    lk_auth_request_t auth;
    const char *page_error; /* message key of an error page */
    const char *page_argument;
    const char *page_reason; /* for the event; may be NULL */
    int page_status;
    const char *error, *description; /* of an error redirect; the latter may be NULL */
    int is_elsewhere;                /* another server has to be asked first: neither of them says more */
} lk_auth_check_t;

/* Fills auth; not 0 where page_error or error says what is wrong. */
int lk_auth_request_check(lk_auth_check_t *check);
/* code_challenge and code_challenge_method against the client's pkce.code.challenge.method alone. */
int lk_auth_check_pkce(lk_auth_check_t *check);
/* Always -1. */
int lk_auth_refuse_page(lk_auth_check_t *check, const char *key, const char *argument, const char *reason);

/* request_object.c, before the checks: a request object (by value, by reference or pushed) becomes the parameters. LK_INVALID where
 * it is refused, or missing though the client must send one: code and text are PAR's answer. LK_ELSEWHERE where it, or the client's
 * keys, have to be fetched. */
#define LK_REQUEST_OBJECT_REFUSED "request object: " /* begins the detail of the error */
lk_status_t lk_request_object_take(lk_auth_check_t *check, lk_error_t *err);
/* The same for backchannel authentication (CIBA section 7.1.1), where one may be missing, but not be unsigned. */
lk_status_t lk_request_object_take_signed(lk_auth_check_t *check, lk_error_t *err);

/* par.c: 1 where a request_uri has the form of pushed ones (RFC 9126). */
int lk_par_is_one(const char *request_uri);
/* The parameters that were pushed under it become the request's, and its id auth.pushed_id, where it is this client's, not expired
 * and not used up. LK_INVALID otherwise. */
lk_status_t lk_par_take(lk_auth_check_t *check, const char *request_uri, lk_error_t *err);

#endif
