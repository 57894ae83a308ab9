/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_OIDC_UMA_H
#define LK_OIDC_UMA_H

#include "model/authz.h"
#include "oidc/oidc.h"

/* At most so many permissions of one request. */
#define LK_UMA_MAX_ASKED 500

/* A request for permissions at a resource server. All in the request's arena. */
typedef struct st_lk_uma_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *server; /* the resource server */
    lk_token_context_t asker;  /* who asks, and through which client: prepared */
    const char *asker_id;      /* the user's; of a service account its client.id, which may own resources as well */
    lk_authz_t authz;
    json_t *asked;        /* [{"rsid": id, name or what else finds resources, or none, "scopes": [names]}]; empty: all there is */
    const json_t *claims; /* {"name": ["value"]}: what the client claims besides; may be NULL */
    const json_t *had;    /* permissions of the token that is to be extended; NULL: there is none */
    int is_extension;     /* there is such a token */
    json_t *entries;      /* what is evaluated: id -> {"resource", "scopes": [ids]} */
    json_t *granted;      /* permissions as tokens tell them */
    int64_t left;         /* how many may still be evaluated */
    int with_names;       /* permissions name their resources */
} lk_uma_t;

/* The form's parameters "permission" into uma->asked: "RESOURCE#SCOPE,SCOPE", by permission_resource_format. */
lk_status_t lk_uma_read_permissions(lk_uma_t *uma, lk_error_t *err);
/* Finds what is asked for, and evaluates it: uma->granted. LK_INVALID invalid_resource or invalid_scope. */
lk_status_t lk_uma_evaluate(lk_uma_t *uma, lk_error_t *err);
/* Asks the owners for what was not granted: a permission ticket for each scope that is not there yet. */
lk_status_t lk_uma_submit(const lk_uma_t *uma, lk_error_t *err);

#endif
