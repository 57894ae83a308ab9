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

/* What the browser is asked for: any passkey where nobody is known, else one of `rows`. */
static const char *options_of(const lk_walk_t *walk, const lk_webauthn_kind_t *kind, const lk_rows_t *rows)
{
    lk_arena_t *arena = walk->req->arena;
    json_t *allowed = json_array();
    int64_t timeout = json_integer_value(lk_webauthn_policy_json(arena, walk->realm, kind, "CreateTimeout"));
    lk_webauthn_describe(arena, rows, allowed);
    return lk_json_text(arena,
                        lk_json_own(arena, json_pack("{s:s, s:s, s:o, s:s*, s:o*}", "challenge", walk->login->challenge, "rpId",
                                                     lk_webauthn_rp_id(walk->req, walk->realm, kind), "allowCredentials", allowed,
                                                     "userVerification", lk_webauthn_verification(arena, walk->realm, kind),
                                                     "timeout", timeout > 0 ? json_integer(timeout * 1000) : NULL)));
}

static lk_status_t list(const lk_walk_t *walk, const lk_webauthn_kind_t *kind, lk_rows_t *ret_rows, lk_error_t *err)
{
    *ret_rows = (lk_rows_t){0};
    return walk->user != NULL ? lk_webauthn_list(walk->req, walk->realm, walk->user->id, kind, ret_rows, err) : LK_OK;
}

static lk_status_t show(lk_walk_t *walk, const lk_webauthn_kind_t *kind, const char *refusal, lk_flow_outcome_t *ret_outcome,
                        lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = list(walk, kind, &rows, err);
    if (status != LK_OK)
        return status;
    lk_webauthn_challenge(walk->req, walk->login);
    json_t *model = lk_walk_model(walk);
    json_object_set_new(model, "webauthn",
                        json_pack("{s:s, s:o}", "options", options_of(walk, kind, &rows), "authenticators", labels_of(&rows)));
    if (refusal != NULL)
        lk_page_message(model, "error", refusal, NULL);
    return lk_walk_show(walk, "webauthn-authenticate", model, ret_outcome, err);
}

/* --- on the pages of user name and password --- */

static int is_offered(const lk_walk_t *walk)
{
    return json_is_true(lk_webauthn_policy_json(walk->req->arena, walk->realm, &lk_webauthn_passwordless, "PasskeysEnabled"));
}

void lk_passkey_challenge(lk_walk_t *walk)
{
    if (is_offered(walk))
        lk_webauthn_challenge(walk->req, walk->login);
}

lk_status_t lk_passkey_offer(lk_walk_t *walk, json_t *model, lk_error_t *err)
{
    lk_arena_t *arena = walk->req->arena;
    lk_rows_t rows;
    lk_status_t status = is_offered(walk) ? list(walk, &lk_webauthn_passwordless, &rows, err) : LK_OK;
    if (status != LK_OK || !is_offered(walk) || (walk->user != NULL && rows.count == 0))
        return status;
    const char *mediation = lk_webauthn_policy(arena, walk->realm, &lk_webauthn_passwordless, "Mediation");
    json_object_set_new(model, "webauthn",
                        json_pack("{s:s, s:s}", "options", options_of(walk, &lk_webauthn_passwordless, &rows), "mediation",
                                  mediation != NULL ? mediation : "conditional"));
    if (mediation == NULL || strcmp(mediation, "conditional") == 0)
        json_object_set_new(json_object_get(model, "login"), "autocomplete", json_string("username webauthn"));
    return LK_OK;
}

int lk_passkey_is_posted(const lk_walk_t *walk)
{
    return is_offered(walk) && lk_pairs_get(&walk->req->form, "clientDataJSON") != NULL;
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

static lk_status_t refuse(lk_walk_t *walk, const lk_user_t *user, const char *key, const char *why, const char **ret_refusal)
{
    if (user != NULL)
        lk_event_user(walk->req, user->id);
    lk_event_detail(walk->req, "web_authn_authentication_error", key);
    lk_event_detail(walk->req, "web_authn_authentication_error_detail", why);
    lk_event_error(walk->req, "invalid_user_credentials");
    *ret_refusal = key;
    return LK_OK;
}

/* *ret_refusal is the key of what to say; NULL where it is the walk's user who has answered. */
static lk_status_t check(lk_walk_t *walk, const lk_webauthn_kind_t *kind, const char **ret_refusal, lk_error_t *err)
{
    const char *failure = lk_pairs_get(&walk->req->form, "error");
    const lk_user_t *user = walk->user;
    lk_error_t why = {0};
    *ret_refusal = NULL;
    if (failure != NULL && *failure != '\0')
        return refuse(walk, user, "webauthn-error-api-get", lk_strndup(walk->req->arena, failure, strnlen(failure, 200)),
                      ret_refusal);
    lk_status_t status = find_user(walk, &user, &why);
    if (status == LK_OK)
        status = verify(walk, kind, user, &why);
    if (status == LK_INVALID)
        return refuse(walk, user, "webauthn-error-auth-verification", lk_strdup(walk->req->arena, why.detail), ret_refusal);
    if (status != LK_OK) {
        *err = why;
        return status;
    }
    if (!user->enabled) {
        lk_login_event_refused(walk->req, user->username, &(lk_login_check_t){.result = LK_LOGIN_DISABLED, .user = user});
        *ret_refusal = "accountDisabledMessage";
        return LK_OK;
    }
    lk_walk_set_user(walk, user);
    return LK_OK;
}

lk_status_t lk_passkey_check(lk_walk_t *walk, const char **ret_refusal, lk_error_t *err)
{
    lk_status_t status = check(walk, &lk_webauthn_passwordless, ret_refusal, err);
    walk->login->by_passkey = status == LK_OK && *ret_refusal == NULL;
    return status;
}

static lk_status_t submit(lk_walk_t *walk, const lk_webauthn_kind_t *kind, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *refusal;
    lk_status_t status = check(walk, kind, &refusal, err);
    if (status == LK_OK && refusal != NULL)
        return show(walk, kind, refusal, ret_outcome, err);
    *ret_outcome = LK_FLOW_DONE;
    return status;
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
