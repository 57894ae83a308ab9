/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/broker.h"
#include "core/json.h"
#include "core/time.h"
#include "login/finish.h"
#include "login/page.h"
#include "login/steps.h"

/* The beginning of a login: may the browser's session do, or must somebody sign in? */

static int64_t session_auth_time(const lk_session_t *session)
{
    int64_t noted = lk_json_config_int(session->notes, "AUTH_TIME", 0);
    return noted != 0 ? noted : session->started;
}

/* The level of assurance that a session's cookie gives is 0: whoever asks for more (acr_values, numbers or names of acr.loa.map)
 * gets the sign-in page. */
static int asks_for_more(const lk_realm_t *realm, const lk_client_t *client, const char *acr_values)
{
    const char *map_text = lk_client_attribute(client, "acr.loa.map", lk_json_str(realm->attributes, "acr.loa.map", "{}"));
    json_t *map = acr_values == NULL ? NULL : json_loads(map_text, 0, NULL);
    int level = 0;
    for (const char *at = acr_values; at != NULL && *at != '\0';) {
        size_t len = strcspn(at, " ");
        char word[64] = "";
        memcpy(word, at, len < sizeof(word) ? len : sizeof(word) - 1);
        json_t *mapped = json_object_get(map, word);
        if (mapped != NULL)
            level = (int)(json_is_string(mapped) ? strtol(json_string_value(mapped), NULL, 10) : json_integer_value(mapped));
        else
            level = (int)strtol(word, NULL, 10);
        if (level > 0)
            break;
        at += len;
        at += strspn(at, " ");
    }
    json_decref(map);
    return level > 0;
}

/* Why the session will not do; 0 where it will. */
typedef enum en_refusal_t { SESSION_DOES, SESSION_TOO_OLD, LEVEL_TOO_LOW } refusal_t;
static refusal_t judge_session(const lk_realm_t *realm, const lk_client_t *client, const lk_auth_request_t *auth,
                               const lk_session_t *session)
{
    if (lk_has_word(auth->prompt, "login"))
        return SESSION_TOO_OLD;
    if (auth->max_age != LK_MAX_AGE_ABSENT && session_auth_time(session) + auth->max_age < lk_now())
        return SESSION_TOO_OLD;
    return asks_for_more(realm, client, auth->acr_values) ? LEVEL_TOO_LOW : SESSION_DOES;
}

static lk_status_t ask_again(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_login_t *login,
                             const lk_user_t *user, const lk_session_t *session, refusal_t refusal, lk_reply_t *reply)
{
    login->expected_user = user->id;
    login->sid = session->id;
    json_t *model = lk_page_model(req, realm, client, login);
    json_object_set_new(model, "auth", json_pack("{s:s, s:b}", "attemptedUsername", user->username, "showUsername", 1));
    if (refusal == SESSION_TOO_OLD)
        lk_page_message(model, "info", "reauthenticate", NULL);
    lk_login_show_form(req, realm, client, login, model, reply);
    return LK_OK;
}

/* To the provider that kc_idp_hint names, or that the realm's browser flow has as its default. */
static lk_status_t go_to_provider(const lk_request_t *req, const lk_realm_t *realm, lk_login_t *login,
                                  const lk_identity_provider_t *provider, const lk_user_t *user, const lk_session_t *session,
                                  lk_reply_t *reply)
{
    if (session != NULL) {
        login->expected_user = user->id;
        login->sid = session->id;
    }
    lk_login_set_restart_cookie(req, realm, login, reply);
    lk_reply_redirect(reply, 303, lk_login_provider_url(req, req->base_url, realm, login, provider->alias));
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

/* With the session of the browser's cookie, with another provider, or with the sign-in page. */
static lk_status_t enter(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_login_t *login,
                         unsigned how, lk_reply_t *reply, lk_error_t *err)
{
    const lk_session_t *session;
    const lk_user_t *user;
    lk_status_t status = lk_login_cookie_session(req, realm, &session, &user, err);
    if (status != LK_OK)
        return status;
    if (session == NULL && lk_request_cookie(req, "KEYCLOAK_IDENTITY") != NULL)
        lk_login_clear_cookies(req, realm, reply);
    refusal_t refusal = session == NULL ? SESSION_TOO_OLD : judge_session(realm, client, &login->auth, session);
    if (refusal == SESSION_DOES)
        return lk_login_continue_session(req, realm, client, login, user, session, how, reply, err);
    const lk_identity_provider_t *provider = lk_broker_chosen(realm, &login->auth);
    if (provider != NULL && (!(how & LK_LOGIN_PASSIVE) || lk_broker_passes_prompt_none(provider)))
        return go_to_provider(req, realm, login, provider, user, session, reply);
    if (how & LK_LOGIN_PASSIVE)
        return lk_login_redirect_error(req, realm, client, &login->auth, "login_required", NULL, reply, err);
    if (!(how & LK_LOGIN_RESUMED))
        lk_login_set_restart_cookie(req, realm, login, reply);
    if (session != NULL)
        return ask_again(req, realm, client, login, user, session, refusal, reply);
    if (lk_has_word(login->auth.prompt, "create")) {
        lk_reply_redirect(reply, 302, lk_login_action_url(req, realm, login, "registration", NULL));
        return LK_OK;
    }
    lk_login_show_form(req, realm, client, login, lk_page_model(req, realm, client, login), reply);
    return LK_OK;
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
    if (!lk_login_begins_with_redirect(auth) || passive)
        return enter(req, realm, client, login, passive ? LK_LOGIN_PASSIVE : 0, reply, err);
    lk_login_set_restart_cookie(req, realm, login, reply);
    lk_reply_redirect(reply, 302, lk_login_resume_url(req, realm, login, "authenticate"));
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

int lk_login_begins_with_redirect(const lk_auth_request_t *auth)
{
    return auth->pushed_id != NULL || auth->device_id != NULL;
}

lk_status_t lk_login_resume(const lk_request_t *req, lk_step_t *step, lk_reply_t *reply, lk_error_t *err)
{
    return enter(req, step->realm, step->client, step->login, LK_LOGIN_RESUMED, reply, err);
}
