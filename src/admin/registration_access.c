/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/registration.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "crypto/jws.h"
#include "model/realm_keys.h"

/* Who registers, reads and changes clients: nobody in particular, the holder of an initial access token, the client itself, or a
 * user with roles. */

#define INITIAL "InitialAccessToken"
#define OWN "RegistrationAccessToken"

static lk_status_t unauthorized(lk_error_t *err, const char *text)
{
    return lk_fail_http(err, LK_DENIED, 401, "invalid_token", "%s", text);
}

static lk_status_t forbidden(lk_error_t *err)
{
    return lk_fail_http(err, LK_DENIED, 403, "insufficient_scope", "Forbidden");
}

/* --- tokens --- */

lk_status_t lk_registration_token_sign(lk_admin_t *admin, const char *jti, const char *typ, int64_t exp, json_t *claims,
                                       const char **ret_token, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const char *issuer = lk_realm_issuer(admin->req, admin->realm);
    const lk_key_t *key = lk_realm_signing_key(admin->realm, "HS512");
    char *token;
    json_t *all = lk_json_own(arena, json_pack("{s:I, s:I, s:s, s:s, s:s, s:s}", "exp", (json_int_t)exp, "iat",
                                               (json_int_t)lk_now(), "jti", jti, "iss", issuer, "aud", issuer, "typ", typ));
    json_object_update(all, claims);
    json_decref(claims);
    if (key == NULL)
        return lk_fail(err, LK_INTERNAL, "server_error", "The realm has no active key for HS512");
    const char *text = lk_json_text(arena, all);
    lk_status_t status = lk_jws_sign(arena, key, "HS512", "JWT", text, strlen(text), &token, err);
    if (status == LK_OK)
        *ret_token = token;
    return status;
}

lk_status_t lk_registration_token_renew(lk_admin_t *admin, const char *client_uuid, const char *authenticated,
                                        const char **ret_token, lk_error_t *err)
{
    const char *jti = lk_random_uuid(admin->req->arena);
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, LK_Q_REGISTRATION_TOKEN_SET, &rows, err, client_uuid, jti);
    if (status != LK_OK)
        return status;
    return lk_registration_token_sign(
        admin, jti, OWN, 0, json_pack("{s:s, s:[]}", "registration_auth", authenticated, "allowed-origins"), ret_token, err);
}

/* --- who --- */

static lk_status_t read_bearer(lk_registration_t *registration, const char *text, lk_error_t *err)
{
    lk_admin_t *admin = &registration->admin;
    lk_bearer_t bearer;
    lk_status_t status = lk_bearer_check(admin->req, admin->realm, text, &bearer, err);
    if (status != LK_OK)
        return status == LK_DENIED ? unauthorized(err, "Failed decode token") : status;
    lk_admin_caller_of(admin->req, admin->realm, &bearer, &admin->caller);
    registration->registrant = LK_REGISTRANT_BEARER;
    return LK_OK;
}

lk_status_t lk_registration_authenticate(lk_registration_t *registration, lk_error_t *err)
{
    const lk_request_t *req = registration->admin.req;
    const char *text = lk_request_bearer(req);
    registration->authenticated = "anonymous";
    if (text == NULL)
        return LK_OK;
    registration->authenticated = "authenticated";
    if (lk_token_verify(req, registration->admin.realm, text, 0, &registration->token, NULL) != LK_OK ||
        registration->token.typ == NULL || registration->token.jti == NULL)
        return unauthorized(err, "Failed decode token");
    if (strcmp(registration->token.typ, INITIAL) == 0) {
        registration->registrant = LK_REGISTRANT_INITIAL;
    } else if (strcmp(registration->token.typ, OWN) == 0) {
        registration->registrant = LK_REGISTRANT_CLIENT;
        registration->access_token = text;
        registration->authenticated = lk_json_str(registration->token.claims, "registration_auth", "anonymous");
    } else {
        return read_bearer(registration, text, err);
    }
    return LK_OK;
}

/* --- may they --- */

/* One of the clients that the token allows is used up; the row stays locked until the client is made, or is not. */
static lk_status_t use_initial(lk_registration_t *registration, lk_error_t *err)
{
    lk_admin_t *admin = &registration->admin;
    const char *id = registration->token.jti;
    lk_rows_t rows;
    lk_status_t status =
        lk_admin_sql(admin, LK_Q_INITIAL_ACCESS_FOR_USE, &rows, err, id, lk_printf(admin->req->arena, "%lld", (long long)lk_now()));
    if (status != LK_OK)
        return status;
    if (rows.count == 0)
        return unauthorized(err, "Missing initial access token in database");
    if (lk_row_int(&rows, 0, "remaining", 0) <= 0)
        return unauthorized(err, "No remaining count on initial access token");
    if (lk_row_bool(&rows, 0, "expired"))
        return unauthorized(err, "Expired initial access token");
    return lk_admin_sql(admin, LK_Q_INITIAL_ACCESS_USE, &rows, err, id);
}

static lk_status_t check_own(lk_registration_t *registration, const char *refusal, lk_error_t *err)
{
    lk_rows_t rows;
    if (registration->old == NULL)
        return unauthorized(err, refusal);
    lk_status_t status =
        lk_admin_sql(&registration->admin, LK_Q_REGISTRATION_TOKEN_GET, &rows, err, lk_json_str(registration->old, "id", ""));
    if (status == LK_OK && (rows.count == 0 || strcmp(lk_row_str(&rows, 0, "token_id"), registration->token.jti) != 0))
        return unauthorized(err, refusal);
    return status;
}

lk_status_t lk_registration_authorize(lk_registration_t *registration, lk_error_t *err)
{
    static const char *const updaters[] = {[LK_REGISTRANT_ANONYMOUS] = "ByAnonymous",
                                           [LK_REGISTRANT_INITIAL] = "ByInitialAccessToken",
                                           [LK_REGISTRANT_CLIENT] = "ByRegistrationAccessToken",
                                           [LK_REGISTRANT_BEARER] = "ByAuthenticatedUser"};
    static const struct {
        const char *roles, *refusal;
    } acts[] = {
        [LK_REGISTER] = {"create-client manage-clients", "Not authorized to create client. Maybe missing token or bad token type."},
        [LK_REGISTRATION_VIEW] = {"view-clients", "Not authorized to view client. Not valid token or client credentials provided."},
        [LK_REGISTRATION_UPDATE] = {"manage-clients", "Not authorized to update client. Maybe missing token or bad token type."},
        [LK_REGISTRATION_DELETE] = {"manage-clients", "Not authorized to update client. Maybe missing token or bad token type."}};
    int is_new = registration->act == LK_REGISTER;
    if (registration->registrant == LK_REGISTRANT_CLIENT && is_new) { /* a client is nobody where another is to be made */
        registration->registrant = LK_REGISTRANT_ANONYMOUS;
        registration->authenticated = "anonymous";
        registration->access_token = NULL;
    }
    registration->admin.updater = updaters[registration->registrant];
    if (registration->registrant == LK_REGISTRANT_BEARER) {
        if (!lk_admin_can(&registration->admin, acts[registration->act].roles))
            return forbidden(err);
        return registration->old == NULL && !is_new ? lk_fail(err, LK_NOT_FOUND, "invalid_request", "Client not found") : LK_OK;
    }
    if (registration->registrant == LK_REGISTRANT_INITIAL && is_new)
        return use_initial(registration, err);
    if (registration->registrant == LK_REGISTRANT_INITIAL && registration->act == LK_REGISTRATION_VIEW)
        return unauthorized(err, "Not initial access token allowed");
    if (registration->registrant == LK_REGISTRANT_CLIENT)
        return check_own(registration, acts[registration->act].refusal, err);
    if (registration->registrant == LK_REGISTRANT_ANONYMOUS && is_new)
        return LK_OK;
    return unauthorized(err, acts[registration->act].refusal);
}
