/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/broker.h"
#include "core/json.h"
#include "core/time.h"
#include "login/authenticators.h"
#include "login/organization.h"
#include "login/page.h"
#include "token/acr.h"

/* The beginning of a login: what does not need a person. */

/* --- may the browser's session do? --- */

static int64_t session_auth_time(const lk_session_t *session)
{
    int64_t noted = lk_json_config_int(session->notes, "AUTH_TIME", 0);
    return noted != 0 ? noted : session->started;
}

static int is_older(const lk_session_t *session, int64_t max_age)
{
    return max_age != LK_MAX_AGE_ABSENT && session_auth_time(session) + max_age < lk_now();
}

static int is_too_old(const lk_realm_t *realm, const lk_auth_request_t *auth, const lk_session_t *session)
{
    return lk_has_word(auth->prompt, "login") || is_older(session, auth->max_age) ||
           is_older(session, lk_login_action_max_age(realm, auth));
}

static json_t *session_note(const lk_request_t *req, const lk_session_t *session, const char *name)
{
    const char *text = lk_json_str(session->notes, name, NULL);
    json_t *value = NULL;
    return text != NULL && lk_json_parse(req->arena, text, strlen(text), &value, NULL) == LK_OK ? value : NULL;
}

/* Whoever must sign in again goes on with the session, and with nothing of what it had proved. */
static void sign_in_again(lk_walk_t *walk)
{
    walk->login->forced = 1;
    walk->login->completed = NULL;
    walk->notice = "reauthenticate";
    walk->notice_type = "info";
}

lk_status_t lk_walk_take_session(lk_walk_t *walk, int *ret_enough, lk_error_t *err)
{
    const lk_user_t *user;
    lk_login_t *login = walk->login;
    *ret_enough = 0;
    lk_status_t status = lk_login_cookie_session(walk->req, walk->realm, &walk->session, &user, err);
    if (status == LK_OK && walk->session == NULL && lk_request_cookie(walk->req, "KEYCLOAK_IDENTITY") != NULL)
        lk_login_clear_cookies(walk->req, walk->realm, walk->reply);
    if (status != LK_OK || walk->session == NULL || (walk->user != NULL && strcmp(walk->user->id, user->id) != 0))
        return status;
    lk_walk_set_user(walk, user);
    login->sid = walk->session->id;
    login->levels = session_note(walk->req, walk->session, LK_NOTE_LEVELS);
    login->completed = session_note(walk->req, walk->session, LK_NOTE_COMPLETED);
    if (is_too_old(walk->realm, &login->auth, walk->session)) {
        sign_in_again(walk);
        return LK_OK;
    }
    login->level = lk_walk_session_level(walk);
    int64_t requested;
    status = lk_walk_requested_level(walk, &requested, err);
    *ret_enough = requested <= login->level;
    if (!*ret_enough && login->auth.kc_action != NULL) {
        walk->notice = "authenticateStrong";
        walk->notice_type = "info";
    }
    return status;
}

/* Which organization it is for, where that is asked, is a later step's to find out. */
lk_status_t lk_cookie_authenticate(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    int enough;
    lk_status_t status = lk_walk_take_session(walk, &enough, err);
    walk->by_session = status == LK_OK && enough && !lk_organization_is_asked(walk);
    *ret_outcome = walk->by_session ? LK_FLOW_DONE : LK_FLOW_ATTEMPTED;
    return status;
}

/* --- to the provider that kc_idp_hint names, or that the execution has as its default --- */

lk_status_t lk_redirector_authenticate(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *alias = walk->login->auth.kc_idp_hint;
    (void)err;
    *ret_outcome = LK_FLOW_ATTEMPTED;
    if (alias == NULL)
        alias = lk_json_config(walk->config, "defaultProvider", NULL);
    const lk_identity_provider_t *provider = alias != NULL ? lk_realm_identity_provider(walk->realm, alias) : NULL;
    if (provider == NULL || !provider->enabled || (walk->notice_type != NULL && strcmp(walk->notice_type, "error") == 0) ||
        (walk->passive && !lk_broker_passes_prompt_none(provider)))
        return LK_OK;
    lk_reply_redirect(walk->reply, 303,
                      lk_login_provider_url(walk->req, walk->req->base_url, walk->realm, walk->login, NULL, alias));
    lk_page_headers(walk->realm, LK_PAGE_NO_STORE, walk->reply);
    *ret_outcome = LK_FLOW_ANSWERED;
    return LK_OK;
}

/* --- the request --- */

/* prompt=create: to the registration page, unless somebody is signed in. */
static lk_status_t wants_account(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, unsigned how,
                                 int *ret_wants, lk_error_t *err)
{
    const lk_session_t *session;
    const lk_user_t *user;
    *ret_wants = 0;
    if (!lk_has_word(login->auth.prompt, "create") || (how & LK_LOGIN_PASSIVE))
        return LK_OK;
    lk_status_t status = lk_login_cookie_session(req, realm, &session, &user, err);
    *ret_wants = status == LK_OK && session == NULL;
    return status;
}

/* With the session of the browser's cookie, with another provider, or with the first page of the flow. */
static lk_status_t enter(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_login_t *login,
                         unsigned how, lk_reply_t *reply, lk_error_t *err)
{
    int wants = 0;
    lk_status_t status = wants_account(req, realm, login, how, &wants, err);
    if (status != LK_OK)
        return status;
    if (!wants)
        return lk_login_walk(req, realm, client, login, how, reply, err);
    if (!(how & LK_LOGIN_RESUMED))
        lk_login_set_restart_cookie(req, realm, login, reply);
    lk_reply_redirect(reply, 302, lk_login_action_url(req, realm, login, "registration", NULL));
    return LK_OK;
}

/* What the browser's address must not keep, since it is good for one login only: lk_login_start redirects to
 * login-actions/authenticate, which goes on. */
static int begins_with_redirect(const lk_auth_request_t *auth)
{
    return auth->pushed_id != NULL || auth->device_id != NULL;
}

lk_status_t lk_login_start(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                           const lk_auth_request_t *auth, lk_reply_t *reply, lk_error_t *err)
{
    int new_root, passive = lk_has_word(auth->prompt, "none");
    if (lk_has_word(auth->prompt, "create") && !realm->registration_allowed) {
        lk_login_error_page(req, realm, client, 400, "registrationNotAllowedMessage", reply);
        lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
        return LK_OK;
    }
    lk_login_t *login = lk_login_new(req, realm, client, auth, &new_root);
    if (new_root)
        lk_login_set_root_cookies(req, realm, login, reply);
    if (!begins_with_redirect(auth) || passive)
        return enter(req, realm, client, login, passive ? LK_LOGIN_PASSIVE : 0, reply, err);
    lk_login_set_restart_cookie(req, realm, login, reply);
    lk_reply_redirect(reply, 302, lk_login_resume_url(req, realm, login, "authenticate"));
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}
