/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <time.h>
#include "login/events.h"

typedef struct st_name_t {
    const char *from, *to;
} name_t;

/* What a page says, and what the event calls it. */
static const name_t pages[] = {
    {"clientNotFoundMessage", "client_not_found"},
    {"clientDisabledMessage", "client_disabled"},
    {"bearerOnlyMessage", "not_allowed"},
    {"realmNotEnabledMessage", "realm_disabled"},
    {"registrationNotAllowedMessage", "registration_disabled"},
    {"accountDisabledMessage", "user_disabled"},
    {"differentUserAuthenticated", "different_user_authenticated"},
    {"expiredCodeMessage", "expired_code"},
    {"cookieNotFoundMessage", "cookie_not_found"},
    {"staleCodeMessage", "invalid_code"},
    {"invalidRequestMessage", "invalid_request"},
    {"invalidParameterMessage", "invalid_redirect_uri"},
    {"invalidRedirectUriMessage", "invalid_redirect_uri"},
    {"missingParameterMessage", "invalid_request"},
};

/* What the client is told. */
static const name_t redirects[] = {
    {"access_denied", "rejected_by_user"},  {"unsupported_response_type", "invalid_request"}, {"invalid_scope", "invalid_request"},
    {"unauthorized_client", "not_allowed"}, {"temporarily_unavailable", "expired_code"},
};

/* These are answers, not failures: Keycloak says nothing of them. */
static const char *const silent[] = {"login_required", "interaction_required", "consent_required"};

static const char *const refusals[] = {[LK_LOGIN_UNKNOWN_USER] = "user_not_found",
                                       [LK_LOGIN_WRONG_PASSWORD] = "invalid_user_credentials",
                                       [LK_LOGIN_DISABLED] = "user_disabled",
                                       [LK_LOGIN_LOCKED] = "user_temporarily_disabled"};

static const char *find(const name_t *names, size_t count, const char *name, const char *fallback)
{
    for (size_t i = 0; i != count; ++i)
        if (strcmp(names[i].from, name) == 0)
            return names[i].to;
    return fallback;
}
#define FIND(names, name, fallback) find(names, sizeof(names) / sizeof((names)[0]), name, fallback)

void lk_login_event_begin(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login,
                          lk_event_type_t type)
{
    lk_event_begin(req, realm, type);
    lk_event_client(req, client != NULL ? client->client_id : login->auth.client_id);
    lk_event_detail(req, "auth_method", "openid-connect");
    lk_event_detail(req, "redirect_uri", login->auth.redirect_uri);
    lk_event_detail(req, "code_id", login->sid != NULL ? login->sid : login->root);
    if (login->remember_me)
        lk_event_detail(req, "remember_me", "true");
}

void lk_login_event_page(const lk_request_t *req, const char *key, const char *reason)
{
    lk_event_detail(req, "reason", reason);
    lk_event_error(req, FIND(pages, key, "invalid_request"));
}

void lk_login_event_redirect(const lk_request_t *req, const lk_auth_request_t *auth, const char *error, const char *description)
{
    for (size_t i = 0; i != sizeof(silent) / sizeof(silent[0]); ++i)
        if (strcmp(silent[i], error) == 0) {
            lk_event_drop(req);
            return;
        }
    lk_event_detail(req, "redirect_uri", auth->redirect_uri);
    lk_event_detail(req, "response_type", auth->response_type);
    if (description == NULL && strcmp(error, "unsupported_response_type") == 0)
        description = "Unsupported response_type";
    lk_event_detail(req, "reason", description);
    lk_event_error(req, FIND(redirects, error, error));
}

/* Of the user alone: neither client nor login belong to it. */
static void tell_lockout(const lk_request_t *req, const lk_login_check_t *check)
{
    char until[32];
    time_t seconds = (time_t)check->locked_until;
    struct tm local;
    int for_good = check->lockout == LK_LOCKOUT_FOR_GOOD;
    if (check->lockout == LK_LOCKOUT_NONE || req->events == NULL || req->events->last == NULL)
        return;
    strftime(until, sizeof(until), "%Y-%m-%dT%H:%M:%S", localtime_r(&seconds, &local));
    lk_event_begin(req, req->events->last->realm,
                   for_good ? LK_EVENT_USER_DISABLED_BY_PERMANENT_LOCKOUT : LK_EVENT_USER_DISABLED_BY_TEMPORARY_LOCKOUT);
    lk_event_user(req, check->user->id);
    lk_event_detail(req, "reason", "brute_force_attack detected");
    lk_event_detail(req, "num_failures", lk_printf(req->arena, "%lld", (long long)check->failures));
    if (!for_good)
        lk_event_detail(req, "not_before", lk_strdup(req->arena, until));
    lk_event_success(req);
}

void lk_login_event_refused(const lk_request_t *req, const char *username, const lk_login_check_t *check)
{
    lk_event_detail(req, "username", username != NULL && *username != '\0' ? username : NULL);
    lk_event_user(req, check->user != NULL ? check->user->id : NULL);
    lk_event_error(req, refusals[check->result]);
    tell_lockout(req, check);
}

void lk_login_event_resume(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login,
                           lk_event_type_t type)
{
    int goes_on = req->events != NULL && (req->events->open != NULL || req->events->last != NULL);
    if (goes_on) {
        lk_event_follow(req, type);
        return;
    }
    lk_login_event_begin(req, realm, client, login, type);
    lk_event_detail(req, "auth_type", "code");
}

static void tell_consent(const lk_request_t *req, const lk_client_t *client, const lk_login_t *login)
{
    if (!client->consent_required)
        lk_event_detail(req, "consent", "no_consent_required");
    else
        lk_event_detail(req, "consent", login->consented ? "consent_granted" : "persistent_consent");
}

void lk_login_event_other_user(const lk_request_t *req, const lk_client_t *client, const lk_login_t *login, const lk_user_t *other)
{
    tell_consent(req, client, login);
    lk_event_detail(req, "previous_user", other->id);
    lk_login_event_page(req, "differentUserAuthenticated", NULL);
}

void lk_login_event_done(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login,
                         const lk_user_t *user, const lk_session_t *session)
{
    lk_login_event_resume(req, realm, client, login, LK_EVENT_LOGIN);
    lk_event_user(req, user->id);
    lk_event_session(req, session->id);
    lk_event_detail(req, "code_id", session->id);
    lk_event_detail(req, "response_type", login->auth.response_type);
    lk_event_detail(req, "response_mode", login->auth.response_mode != NULL ? login->auth.response_mode : "query");
    lk_event_detail(req, "username", user->username);
    tell_consent(req, client, login);
    lk_event_success(req);
}
