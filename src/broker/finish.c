/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/broker.h"
#include "broker/first_login.h"
#include "broker/mappers.h"
#include "broker/state.h"
#include "core/json.h"
#include "core/time.h"
#include "login/finish.h"
#include "login/page.h"

/* From somebody who is known at the provider to a user here, and on with the login. */

/* --- the link --- */

lk_federated_t lk_broker_link_of(const lk_broker_step_t *step)
{
    const lk_brokered_t *brokered = step->brokered;
    lk_arena_t *arena = step->req->arena;
    lk_federated_t link = {.alias = brokered->alias, .user_id = brokered->id};
    link.username = step->upstream->case_sensitive_username || brokered->username == NULL
                        ? brokered->username
                        : lk_utf8_lower(arena, brokered->username);
    if (step->upstream->provider->store_token && brokered->tokens != NULL)
        link.token = lk_broker_token_seal(arena, step->realm, brokered->tokens);
    return link;
}

static int same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* --- the user --- */

static int email_is_verified(const lk_broker_step_t *step)
{
    const lk_brokered_t *brokered = step->brokered;
    return step->upstream->provider->trust_email && !brokered->email_changed && !brokered->email_unverified;
}

/* Mode FORCE keeps names and address as they are at the provider. */
static void follow_names(const lk_broker_step_t *step, lk_patch_t *patch)
{
    const lk_brokered_t *brokered = step->brokered;
    if (step->upstream->sync != LK_SYNC_FORCE)
        return;
    if (brokered->email != NULL)
        patch->email = lk_utf8_lower(step->req->arena, brokered->email);
    if (brokered->first_name != NULL)
        patch->first_name = brokered->first_name;
    if (brokered->last_name != NULL)
        patch->last_name = brokered->last_name;
}

static lk_status_t update_user(const lk_broker_step_t *step, lk_sql_t *sql, const lk_user_t *user, lk_error_t *err)
{
    const lk_request_t *req = step->req;
    lk_patch_t patch;
    lk_user_change_t change;
    lk_patch_init(&patch, req->arena, step->realm, user);
    follow_names(step, &patch);
    lk_idp_mappers_apply(req->arena, step->realm, step->upstream, step->brokered, &patch);
    if (patch.email != NULL && !same(user->email, patch.email)) {
        patch.email = lk_utf8_lower(req->arena, patch.email);
        patch.email_verified = same(user->email, patch.email) ? user->email_verified : email_is_verified(step);
    }
    return lk_patch_change(&patch, &change) ? lk_broker_user_update(sql, req->arena, step->realm, user->id, &change, err) : LK_OK;
}

/* The role that lets its owner read the provider's tokens. */
static void add_read_token_role(const lk_broker_step_t *step, lk_patch_t *patch)
{
    if (step->upstream->provider->add_read_token_role)
        lk_patch_role(patch, lk_realm_role(step->realm, "broker", "read-token"), 1);
}

static lk_status_t insert_user(const lk_broker_step_t *step, lk_sql_t *sql, const char *id, lk_error_t *err)
{
    const lk_request_t *req = step->req;
    const lk_realm_t *realm = step->realm;
    const lk_brokered_t *brokered = step->brokered;
    lk_patch_t patch;
    lk_user_change_t change;
    lk_patch_init(&patch, req->arena, realm, NULL);
    patch.username = lk_broker_username(step);
    patch.email = brokered->email != NULL ? lk_utf8_lower(req->arena, brokered->email) : NULL;
    patch.first_name = brokered->first_name;
    patch.last_name = brokered->last_name;
    patch.email_verified = brokered->email != NULL && email_is_verified(step);
    json_object_update(patch.attributes, brokered->attributes);
    lk_patch_role(&patch, realm->default_role, 1);
    for (size_t i = 0; i != realm->num_groups; ++i)
        lk_patch_group(&patch, realm->groups[i].is_default ? &realm->groups[i] : NULL, 1);
    add_read_token_role(step, &patch);
    lk_idp_mappers_apply(req->arena, realm, step->upstream, step->brokered, &patch);
    lk_patch_change(&patch, &change);
    if (brokered->must_set_password)
        change.required_actions = lk_json_own(req->arena, json_pack("[s]", "UPDATE_PASSWORD"));
    return lk_broker_user_insert(sql, req->arena, realm, id, &change, err);
}

const char *lk_broker_username(const lk_broker_step_t *step)
{
    const lk_brokered_t *brokered = step->brokered;
    const char *name =
        step->realm->registration_email_as_username && brokered->email != NULL ? brokered->email : brokered->local_username;
    return name != NULL ? lk_utf8_lower(step->req->arena, name) : NULL;
}

/* --- on with the login --- */

static lk_status_t refuse_other_user(const lk_broker_step_t *step, lk_reply_t *reply, lk_error_t *err)
{
    const lk_request_t *req = step->req;
    const lk_user_t *other = NULL;
    lk_status_t status = lk_user_by_id(req->app->sql, req->arena, step->realm, step->login->expected_user, &other, err);
    if (status != LK_OK)
        return status;
    lk_broker_note(req, step->realm, step->brokered->alias, "differentUserAuthenticated", NULL);
    if (other != NULL)
        lk_login_refuse_other_user(req, step->realm, step->client, step->login, other, reply);
    else
        lk_broker_refuse(req, step->realm, step->brokered->alias, 400, "invalidUserMessage", NULL, reply);
    return LK_OK;
}

/* Whoever could not go on, because the browser has a session of somebody else, leaves nothing behind: no user and no link. */
static lk_status_t refuse_beside(const lk_broker_step_t *step, const char *user_id, int *ret_refused, lk_reply_t *reply,
                                 lk_error_t *err)
{
    const lk_user_t *other;
    lk_status_t status = lk_login_join_session(step->req, step->realm, step->login, user_id, &other, err);
    *ret_refused = status == LK_OK && other != NULL;
    if (!*ret_refused)
        return status;
    lk_broker_note(step->req, step->realm, step->brokered->alias, "differentUserAuthenticated", NULL);
    lk_broker_event_login(step, 1);
    lk_login_refuse_other_user(step->req, step->realm, step->client, step->login, other, reply);
    return LK_OK;
}

lk_status_t lk_broker_go_on(const lk_broker_step_t *step, const char *user_id, int is_first, lk_reply_t *reply, lk_error_t *err)
{
    const lk_request_t *req = step->req;
    lk_login_t *login = step->login;
    const lk_brokered_t *brokered = step->brokered;
    const lk_user_t *user = NULL;
    lk_status_t status = lk_user_by_id(req->app->sql, req->arena, step->realm, user_id, &user, err);
    if (status != LK_OK)
        return status;
    if (user == NULL || !user->enabled)
        return lk_broker_refuse(req, step->realm, brokered->alias, 400, "accountDisabledMessage", NULL, reply);
    lk_broker_event_login(step, is_first);
    if (login->expected_user != NULL && strcmp(login->expected_user, user->id) != 0) {
        lk_event_user(req, user->id);
        return refuse_other_user(step, reply, err);
    }
    login->user_id = user->id;
    login->auth_time = lk_now();
    login->broker_alias = brokered->alias;
    login->broker_session_id = brokered->session_id;
    login->session_notes = brokered->session_notes;
    json_object_set_new(login->session_notes, "identity_provider", json_string(brokered->alias));
    json_object_set_new(login->session_notes, "identity_provider_identity",
                        json_string(brokered->username != NULL ? brokered->username : brokered->id));
    status = lk_brokered_put_tokens(req, step->realm, login, brokered, err);
    return status == LK_OK ? lk_login_continue(req, step->realm, step->client, login, user, reply, err) : status;
}

static lk_status_t enter(const lk_broker_step_t *step, const char *user_id, int is_first, lk_reply_t *reply, lk_error_t *err)
{
    const char *flow = step->upstream->provider->post_login_flow;
    return flow != NULL && *flow != '\0' ? lk_broker_post_login(step, user_id, reply, err)
                                         : lk_broker_go_on(step, user_id, is_first, reply, err);
}

/* Somebody who was linked by another claim before (linkClaim) is found by it, and linked anew. */
static lk_status_t find_user(const lk_broker_step_t *step, const lk_user_t **ret_user, lk_federated_t *ret_link, lk_error_t *err)
{
    const lk_request_t *req = step->req;
    const lk_brokered_t *brokered = step->brokered;
    lk_status_t status =
        lk_federated_user(req->app->sql, req->arena, step->realm, brokered->alias, brokered->id, ret_user, ret_link, err);
    if (status != LK_OK || *ret_user != NULL || brokered->former_id == NULL || strcmp(brokered->former_id, brokered->id) == 0)
        return status;
    return lk_federated_user(req->app->sql, req->arena, step->realm, brokered->alias, brokered->former_id, ret_user, ret_link, err);
}

lk_status_t lk_broker_arrived(const lk_broker_step_t *step, const char *linking_user, lk_reply_t *reply, lk_error_t *err)
{
    const lk_request_t *req = step->req;
    const lk_user_t *user;
    lk_federated_t known, link;
    step->login->setup = NULL; /* it is of who was about to sign in here */
    lk_idp_mappers_prepare(req->arena, step->realm, step->upstream, step->brokered);
    lk_status_t status = find_user(step, &user, &known, err);
    if (status != LK_OK)
        return status;
    if (linking_user != NULL)
        return lk_broker_link_arrived(step, linking_user, user, reply, err);
    if (user == NULL)
        return lk_broker_walk_begin(step, "first-broker-login", reply, err);
    if (!user->enabled)
        return lk_broker_refuse(req, step->realm, step->brokered->alias, 400, "accountDisabledMessage", NULL, reply);
    link = lk_broker_link_of(step);
    if (!same(known.username, link.username) || link.token != NULL || !same(known.user_id, link.user_id))
        status = lk_federated_update(req->app->sql, req->arena, step->realm, user->id, known.user_id, &link, err);
    if (status == LK_OK)
        status = update_user(step, req->app->sql, user, err);
    return status == LK_OK ? enter(step, user->id, 0, reply, err) : status;
}

/* --- GET /realms/{realm}/broker/after-first-broker-login --- */

/* The user, or the changes to one who was there, and the link: all or nothing. */
static lk_status_t store(const lk_broker_step_t *step, const char *new_id, const lk_user_t *existing, lk_error_t *err)
{
    const lk_request_t *req = step->req;
    lk_federated_t link = lk_broker_link_of(step);
    lk_sql_t *tx = NULL;
    lk_status_t status = lk_tx_begin(req->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = existing != NULL ? update_user(step, tx, existing, err) : insert_user(step, tx, new_id, err);
    if (status == LK_OK)
        status = lk_federated_add(tx, req->arena, step->realm, existing != NULL ? existing->id : new_id, &link, err);
    if (status == LK_OK)
        status = lk_broker_join(step, tx, existing != NULL ? existing->id : new_id, existing == NULL, err);
    if (status == LK_OK)
        status = lk_tx_commit(&tx, err);
    lk_tx_rollback(&tx);
    return status;
}

lk_status_t lk_broker_finish_first_login(const lk_broker_step_t *step, lk_reply_t *reply, lk_error_t *err)
{
    const lk_request_t *req = step->req;
    const char *id = step->brokered->linked_user;
    const lk_user_t *existing = NULL;
    int refused;
    lk_status_t status = LK_OK;
    if (id != NULL && (status = lk_user_by_id(req->app->sql, req->arena, step->realm, id, &existing, err)) != LK_OK)
        return status;
    if (id != NULL && existing == NULL)
        return lk_broker_refuse(req, step->realm, step->brokered->alias, 400, "invalidUserMessage", NULL, reply);
    if (id == NULL)
        id = step->brokered->new_user;
    status = refuse_beside(step, id, &refused, reply, err);
    if (status != LK_OK || refused)
        return status;
    status = store(step, id, existing, err);
    if (status == LK_CONFLICT) /* another login, or another account, was faster */
        return lk_broker_refuse(req, step->realm, step->brokered->alias, 409, "federatedIdentityExistsMessage", err, reply);
    if (status == LK_OK)
        lk_broker_event_stored(step, id, existing);
    if (status == LK_OK)
        status = enter(step, id, 1, reply, err);
    if (status == LK_OK)
        lk_reply_set_header(reply, "cache-control", "no-cache");
    return status;
}
