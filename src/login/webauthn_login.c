/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "login/authenticators.h"
#include "login/events.h"
#include "login/page.h"
#include "login/webauthn.h"

/* Signing in with a security key (webauthn-authenticator) or with a passkey alone (webauthn-authenticator-passwordless), which also
 * says who it is where nobody is known yet (Web Authentication level 2, section 7.2). */

#define MAX_USER_HANDLE 64 /* bytes */

/* --- the page --- */

static json_t *labels_of(const lk_rows_t *rows)
{
    json_t *list = json_array();
    for (int i = 0; i != rows->count; ++i) {
        const char *label = lk_row_str(rows, i, "user_label");
        json_array_append_new(list, json_pack("{s:s}", "label", label != NULL ? label : ""));
    }
    return list;
}

static lk_status_t show(lk_walk_t *walk, const lk_webauthn_kind_t *kind, const char *refusal, lk_flow_outcome_t *ret_outcome,
                        lk_error_t *err)
{
    lk_arena_t *arena = walk->req->arena;
    lk_rows_t rows = {0};
    lk_status_t status = walk->user != NULL ? lk_webauthn_list(walk->req, walk->realm, walk->user->id, kind, &rows, err) : LK_OK;
    if (status != LK_OK)
        return status;
    lk_webauthn_challenge(walk->req, walk->login);
    json_t *model = lk_walk_model(walk), *allowed = json_array();
    int64_t timeout = json_integer_value(lk_webauthn_policy_json(arena, walk->realm, kind, "CreateTimeout"));
    lk_webauthn_describe(arena, &rows, allowed);
    json_t *options = lk_json_own(arena, json_pack("{s:s, s:s, s:o, s:s*, s:o*}", "challenge", walk->login->challenge, "rpId",
                                                   lk_webauthn_rp_id(walk->req, walk->realm, kind), "allowCredentials", allowed,
                                                   "userVerification", lk_webauthn_verification(arena, walk->realm, kind),
                                                   "timeout", timeout > 0 ? json_integer(timeout * 1000) : NULL));
    json_object_set_new(model, "webauthn",
                        json_pack("{s:s, s:o}", "options", lk_json_text(arena, options), "authenticators", labels_of(&rows)));
    if (refusal != NULL)
        lk_page_message(model, "error", refusal, NULL);
    return lk_walk_show(walk, "webauthn-authenticate", model, ret_outcome, err);
}

/* --- what comes back --- */

/* A stored credential that could be the one. */
typedef struct st_stored_t {
    const char *id, *text; /* of the row */
    json_t *data;
} stored_t;

/* Whom the passkey names, where nobody is known; the handle is the user's id as Keycloak writes it. */
static lk_status_t find_user(const lk_walk_t *walk, const lk_user_t **ret_user, lk_error_t *err)
{
    lk_bytes_t handle = lk_webauthn_field(walk->req, "userHandle");
    *ret_user = walk->user;
    if (handle.len > MAX_USER_HANDLE ||
        memchr(handle.base != NULL ? handle.base : (const unsigned char *)"", 0, handle.len) != NULL)
        return lk_webauthn_refuse(err, "the user handle is none of ours");
    const char *id = lk_strndup(walk->req->arena, handle.len != 0 ? (const char *)handle.base : "", handle.len);
    if (walk->user != NULL)
        return handle.len == 0 || strcmp(id, walk->user->id) == 0 ? LK_OK
                                                                  : lk_webauthn_refuse(err, "the credential is another user's");
    lk_status_t status =
        handle.len != 0 ? lk_user_by_id(walk->req->app->sql, walk->req->arena, walk->realm, id, ret_user, err) : LK_OK;
    return status != LK_OK || *ret_user != NULL ? status : lk_webauthn_refuse(err, "the passkey names no user");
}

static lk_status_t find_credential(const lk_walk_t *walk, const lk_webauthn_kind_t *kind, const lk_user_t *user,
                                   stored_t *ret_stored, lk_error_t *err)
{
    lk_arena_t *arena = walk->req->arena;
    lk_bytes_t given = lk_webauthn_field(walk->req, "credentialId"), known;
    lk_rows_t rows;
    lk_status_t status = lk_webauthn_list(walk->req, walk->realm, user->id, kind, &rows, err);
    for (int i = 0; status == LK_OK && i != rows.count; ++i) {
        const char *text = lk_row_str(&rows, i, "credential_data"), *id;
        json_t *data;
        if (lk_json_parse(arena, text, strlen(text), &data, NULL) != LK_OK ||
            (id = lk_json_str(data, "credentialId", NULL)) == NULL || lk_base64_decode(arena, id, strlen(id), &known) != 0 ||
            known.len == 0 || known.len != given.len || memcmp(known.base, given.base, given.len) != 0)
            continue;
        *ret_stored = (stored_t){lk_row_str(&rows, i, "id"), text, data};
        return LK_OK;
    }
    return status != LK_OK ? status : lk_webauthn_refuse(err, "the credential is not one of the user's");
}

/* Authenticators that count must have counted on: else there are two of them (section 6.1.1). Of two answers at once one wins. */
static lk_status_t count(const lk_walk_t *walk, const lk_user_t *user, stored_t *stored, uint32_t counter, lk_error_t *err)
{
    int64_t known = lk_json_int(stored->data, "counter", 0);
    lk_rows_t rows;
    if (known == 0 && counter == 0)
        return LK_OK;
    if ((int64_t)counter <= known)
        return lk_webauthn_refuse(err, "the signature counter has not grown: the credential may have been copied");
    json_object_set_new(stored->data, "counter", json_integer((json_int_t)counter));
    lk_status_t status = lk_query(walk->req->app->sql, walk->req->arena, LK_Q_CREDENTIAL_CHANGE, &rows, err, walk->realm->id,
                                  user->id, stored->id, stored->text, lk_json_text(walk->req->arena, stored->data), NULL);
    return status != LK_OK || rows.count != 0 ? status : lk_webauthn_refuse(err, "the credential was used meanwhile");
}

static lk_status_t verify(const lk_walk_t *walk, const lk_webauthn_kind_t *kind, const lk_user_t *user, lk_error_t *err)
{
    const lk_request_t *req = walk->req;
    lk_authenticator_data_t data;
    lk_key_t *key;
    stored_t stored = {0};
    const char *alg;
    unsigned char hash[32];
    lk_bytes_t cose, signature = lk_webauthn_field(req, "signature");
    lk_status_t status = find_credential(walk, kind, user, &stored, err);
    if (status == LK_OK)
        status = lk_webauthn_client_data(req, walk->realm, kind, walk->login, "webauthn.get", hash, err);
    if (status == LK_OK)
        status = lk_authenticator_data_read(lk_webauthn_field(req, "authenticatorData"), &data, err);
    if (status == LK_OK)
        status = lk_webauthn_check_data(req, walk->realm, kind, &data, err);
    if (status != LK_OK)
        return status;
    const char *text = lk_json_str(stored.data, "credentialPublicKey", "");
    if (lk_base64_decode(req->arena, text, strlen(text), &cose) != 0)
        return lk_webauthn_refuse(err, "the stored key is broken");
    if ((status = lk_cose_key_read(req->arena, cose, &key, &alg, err)) != LK_OK ||
        (status = lk_webauthn_verify(key, alg, data.raw, hash, signature, err)) != LK_OK)
        return status;
    lk_event_detail(req, "public_key_credential_id", lk_json_str(stored.data, "credentialId", NULL));
    return count(walk, user, &stored, data.counter, err);
}

static lk_status_t tell_refused(lk_walk_t *walk, const lk_webauthn_kind_t *kind, const lk_user_t *user, const char *key,
                                const char *why, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    if (user != NULL)
        lk_event_user(walk->req, user->id);
    lk_event_detail(walk->req, "web_authn_authentication_error", key);
    lk_event_detail(walk->req, "web_authn_authentication_error_detail", why);
    lk_event_error(walk->req, "invalid_user_credentials");
    return show(walk, kind, key, ret_outcome, err);
}

static lk_status_t submit(lk_walk_t *walk, const lk_webauthn_kind_t *kind, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *failure = lk_pairs_get(&walk->req->form, "error");
    const lk_user_t *user = walk->user;
    lk_error_t why = {0};
    if (failure != NULL && *failure != '\0')
        return tell_refused(walk, kind, user, "webauthn-error-api-get",
                            lk_strndup(walk->req->arena, failure, strnlen(failure, 200)), ret_outcome, err);
    lk_status_t status = find_user(walk, &user, &why);
    if (status == LK_OK)
        status = verify(walk, kind, user, &why);
    if (status == LK_INVALID)
        return tell_refused(walk, kind, user, "webauthn-error-auth-verification", lk_strdup(walk->req->arena, why.detail),
                            ret_outcome, err);
    if (status != LK_OK) {
        *err = why;
        return status;
    }
    if (!user->enabled) {
        lk_login_event_refused(walk->req, user->username, &(lk_login_check_t){.result = LK_LOGIN_DISABLED, .user = user});
        return show(walk, kind, "accountDisabledMessage", ret_outcome, err);
    }
    lk_walk_set_user(walk, user);
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}

/* --- the table's --- */

lk_status_t lk_webauthn_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    return show(walk, &lk_webauthn_second_factor, NULL, ret_outcome, err);
}

lk_status_t lk_webauthn_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    return submit(walk, &lk_webauthn_second_factor, ret_outcome, err);
}

/* Somebody who is known must have one; nobody yet may show one. */
lk_status_t lk_passkey_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    *ret_outcome = LK_FLOW_DONE;
    if (walk->user != NULL)
        status = lk_walk_check_setup(walk, walk->execution, ret_outcome, err);
    return status == LK_OK && *ret_outcome == LK_FLOW_DONE ? show(walk, &lk_webauthn_passwordless, NULL, ret_outcome, err) : status;
}

lk_status_t lk_passkey_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    return submit(walk, &lk_webauthn_passwordless, ret_outcome, err);
}
