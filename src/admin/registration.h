/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_ADMIN_REGISTRATION_H
#define LK_ADMIN_REGISTRATION_H

#include "admin/resource.h"

/* Dynamic client registration: /realms/{realm}/clients-registrations/{provider}[/{client_id}]; OpenID Connect's (RFC 7591, 7592)
 * and Keycloak's own. */

typedef enum en_lk_registrant_t {
    LK_REGISTRANT_ANONYMOUS,
    LK_REGISTRANT_INITIAL, /* an initial access token */
    LK_REGISTRANT_CLIENT,  /* the client's registration access token */
    LK_REGISTRANT_BEARER   /* somebody with roles of realm-management */
} lk_registrant_t;

typedef enum en_lk_registration_act_t {
    LK_REGISTER,
    LK_REGISTRATION_VIEW,
    LK_REGISTRATION_UPDATE,
    LK_REGISTRATION_DELETE
} lk_registration_act_t;

typedef struct st_lk_registration_t {
    lk_admin_t admin;
    lk_registration_act_t act;
    lk_registrant_t registrant;
    const char *authenticated; /* "anonymous" or "authenticated": which of the realm's policies count */
    lk_verified_t token;       /* of LK_REGISTRANT_INITIAL and _CLIENT */
    const char *client_id;     /* of the address; NULL for a new one */
    json_t *old;               /* the client's representation; NULL where there is none */
    const char *access_token;  /* to be given to the client; NULL: none */
} lk_registration_t;

/* registration_access.c: who is it, and may they? */
lk_status_t lk_registration_authenticate(lk_registration_t *registration, lk_error_t *err);
lk_status_t lk_registration_authorize(lk_registration_t *registration, lk_error_t *err);
/* A new registration access token for the client, stored. */
lk_status_t lk_registration_token_renew(lk_admin_t *admin, const char *client_uuid, const char *authenticated,
                                        const char **ret_token, lk_error_t *err);
/* HS512 by the realm's key; takes over `claims`, to which iat, jti, iss and aud are added. */
lk_status_t lk_registration_token_sign(lk_admin_t *admin, const char *jti, const char *typ, int64_t exp, json_t *claims,
                                       const char **ret_token, lk_error_t *err);

/* registration_policy.c: what the realm's policies say of it; they may change what is to be stored. `rep`: NULL where nothing is.
 */
lk_status_t lk_registration_check_policies(lk_registration_t *registration, json_t *rep, lk_error_t *err);

/* Scripts of other origins register, and manage, what the policies registration-web-origins name: 403 for the others. */
lk_status_t lk_registration_check_origin(lk_registration_t *registration, lk_error_t *err);

/* registration_oidc.c: OpenID Connect's client metadata. */
/* Into a ClientRepresentation, in the arena. */
lk_status_t lk_oidc_metadata_read(lk_admin_t *admin, const json_t *metadata, json_t **ret_rep, lk_error_t *err);
/* And back. New reference. */
json_t *lk_oidc_metadata_show(const lk_registration_t *registration, const json_t *rep);

/* registration.c: the handler of all of them. */
lk_status_t lk_registration_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err);

#endif
