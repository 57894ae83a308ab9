/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "broker/state.h"

#include <stddef.h>
#include <string.h>
#include "core/json.h"
#include "core/pack.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/federated.h"

#define SEAL_STATE "broker-state"
#define SEAL_CONTENT "broker-content"

#define SHORT_STATE 16 /* characters of its id */

/* --- the state --- */

#define STATE(key, member)                                                                                                         \
    {                                                                                                                              \
        (key), LK_PACK_TEXT, offsetof(lk_broker_state_t, member), 1                                                                \
    }
static const lk_pack_t state_members[] = {STATE("i", id), STATE("a", alias), STATE("n", nonce), STATE("v", verifier),
                                          STATE("k", linking_user)};
#define NUM_STATE (sizeof(state_members) / sizeof(state_members[0]))

static int64_t expiry(const lk_realm_t *realm)
{
    int64_t a = realm->access_code_lifespan_login, b = realm->access_code_lifespan_user_action;
    return lk_now() + (a > b ? a : b);
}

lk_status_t lk_broker_state_seal(const lk_request_t *req, const lk_realm_t *realm, const lk_broker_state_t *state, int is_short,
                                 const char **ret_text, lk_error_t *err)
{
    json_t *object = lk_pack(state_members, NUM_STATE, 1, state);
    json_object_set_new(object, "l", lk_login_pack(state->login));
    *ret_text = lk_seal_json(req->arena, realm->seal_secret, SEAL_STATE, object);
    if (!is_short)
        return LK_OK;
    const char *sealed = *ret_text;
    *ret_text = state->id;
    return lk_broker_login_put(req->app->sql, req->arena, realm, state->id, expiry(realm), sealed, NULL, err);
}

/* A short one is the name of what was put away. */
static const json_t *unseal_state(const lk_request_t *req, const lk_realm_t *realm, const char *text)
{
    const char *sealed = text, *tokens;
    if (strlen(text) == SHORT_STATE &&
        (lk_broker_login_get(req->app->sql, req->arena, realm, text, &sealed, &tokens, NULL) != LK_OK || sealed == NULL))
        return NULL;
    return lk_unseal_json(req->arena, realm->seal_secret, SEAL_STATE, sealed);
}

lk_status_t lk_broker_state_open(const lk_request_t *req, const lk_realm_t *realm, const char *alias, const char *text,
                                 lk_broker_state_t *ret_state, lk_error_t *err)
{
    const json_t *object = unseal_state(req, realm, text);
    lk_broker_state_t state = {.login = NULL};
    const char *why = NULL;
    if (object != NULL) {
        lk_unpack(state_members, NUM_STATE, 1, &state, object);
        state.login = lk_login_unpack(req->arena, json_object_get(object, "l"));
    }
    if (state.login == NULL || state.id == NULL || state.alias == NULL)
        why = "the state is none of ours";
    else if (strcmp(state.alias, alias) != 0)
        why = "the state is of another provider";
    else if (!lk_login_is_of_browser(req, realm, state.login))
        why = "the state is of another browser, or too old";
    if (why != NULL) {
        lk_fail(err, LK_INVALID, NULL, NULL);
        return lk_error_detail(err, "%s", why);
    }
    *ret_state = state;
    return LK_OK;
}

/* --- what is put away --- */

#define TEXT(key, member)                                                                                                          \
    {                                                                                                                              \
        (key), LK_PACK_TEXT, offsetof(lk_brokered_t, member), 1                                                                    \
    }
#define JSON(key, member)                                                                                                          \
    {                                                                                                                              \
        (key), LK_PACK_JSON, offsetof(lk_brokered_t, member), 1                                                                    \
    }
#define FLAG(key, member)                                                                                                          \
    {                                                                                                                              \
        (key), LK_PACK_FLAG, offsetof(lk_brokered_t, member), 1                                                                    \
    }
static const lk_pack_t members[] = {
    TEXT("alias", alias),
    TEXT("id", id),
    TEXT("formerId", former_id),
    TEXT("username", username),
    TEXT("localUsername", local_username),
    TEXT("email", email),
    TEXT("firstName", first_name),
    TEXT("lastName", last_name),
    TEXT("sessionId", session_id),
    TEXT("idToken", id_token),
    TEXT("tokens", tokens),
    TEXT("userId", user_id),
    FLAG("mailed", mailed),
    TEXT("existingUser", existing_user),
    TEXT("existingBy", existing_by),
    TEXT("existingValue", existing_value),
    TEXT("linkedUser", linked_user),
    TEXT("newUser", new_user),
    JSON("attributes", attributes),
    JSON("sessionNotes", session_notes),
    JSON("claims", claims),
    FLAG("emailUnverified", email_unverified),
    FLAG("emailUnproved", email_unproved),
    FLAG("mustReview", must_review),
    FLAG("emailChanged", email_changed),
    FLAG("joins", joins),
    FLAG("mustSetPassword", must_set_password),
};
#define NUM_MEMBERS (sizeof(members) / sizeof(members[0]))

static char *seal_tokens(lk_arena_t *arena, const lk_realm_t *realm, const lk_brokered_t *brokered)
{
    return brokered->tokens != NULL ? lk_broker_token_seal(arena, realm, brokered->tokens) : NULL;
}

lk_status_t lk_brokered_put_tokens(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login,
                                   const lk_brokered_t *brokered, lk_error_t *err)
{
    return lk_broker_login_put(req->app->sql, req->arena, realm, login->tab, expiry(realm), NULL,
                               seal_tokens(req->arena, realm, brokered), err);
}

lk_status_t lk_brokered_put(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login,
                            const lk_brokered_t *brokered, lk_error_t *err)
{
    json_t *object = lk_pack(members, NUM_MEMBERS, 1, brokered);
    json_object_set_new(object, "login", lk_login_pack(login));
    return lk_broker_login_put(req->app->sql, req->arena, realm, login->tab, expiry(realm),
                               lk_seal_json(req->arena, realm->seal_secret, SEAL_CONTENT, object),
                               seal_tokens(req->arena, realm, brokered), err);
}

lk_status_t lk_brokered_get(const lk_request_t *req, const lk_realm_t *realm, const char *tab, lk_login_t **ret_login,
                            lk_brokered_t **ret_brokered, lk_error_t *err)
{
    const char *content, *tokens;
    lk_status_t status = lk_broker_login_get(req->app->sql, req->arena, realm, tab, &content, &tokens, err);
    if (status != LK_OK)
        return status;
    const json_t *object = lk_unseal_json(req->arena, realm->seal_secret, SEAL_CONTENT, content);
    lk_login_t *login = object == NULL ? NULL : lk_login_unpack(req->arena, json_object_get(object, "login"));
    lk_brokered_t *brokered = LK_NEW(req->arena, lk_brokered_t);
    lk_unpack(members, NUM_MEMBERS, 1, brokered, object);
    *ret_login = login != NULL && lk_login_is_of_browser(req, realm, login) ? login : NULL;
    *ret_brokered = brokered;
    return LK_OK;
}
