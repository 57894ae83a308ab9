/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "login/events.h"
#include "login/page.h"
#include "login/respond.h"
#include "oidc/auth_request.h"
#include "oidc/client_policy.h"
#include "oidc/oidc.h"

/* The authorization endpoint (RFC 6749 3.1, OpenID Connect Core 3.1.2): finds the client and what it asks for, and hands over to
 * login/. */

static lk_status_t find_client(lk_auth_check_t *check, lk_error_t *err)
{
    const char *client_id = lk_pairs_get(&check->parameters, "client_id");
    if (client_id == NULL || *client_id == '\0' || lk_pairs_count(&check->parameters, "client_id") > 1) {
        lk_auth_refuse_page(check, "invalidRequestMessage", NULL,
                            "Parameter 'client_id' not present or present multiple times in the HTTP request parameters");
        return LK_OK;
    }
    lk_status_t status = lk_realm_client(check->req->app->realms, check->realm, client_id, &check->client, err);
    if (status != LK_OK)
        return status;
    if (check->client == NULL) {
        lk_auth_refuse_page(check, "clientNotFoundMessage", NULL, NULL);
    } else if (!check->client->enabled) {
        lk_auth_refuse_page(check, "clientDisabledMessage", NULL, NULL);
    } else if (check->client->bearer_only) {
        lk_auth_refuse_page(check, "bearerOnlyMessage", NULL, NULL);
        check->page_status = 403;
    }
    return check->page_error == NULL ? lk_encryption_ready(check->req, check->client, err) : LK_OK;
}

static lk_status_t answer_page(const lk_auth_check_t *check, lk_reply_t *reply)
{
    if (check->page_argument != NULL && strcmp(check->page_argument, "redirect_uri") == 0)
        lk_event_detail(check->req, "redirect_uri", lk_pairs_get(&check->parameters, "redirect_uri"));
    lk_login_event_page(check->req, check->page_error, check->page_reason);
    json_t *model = lk_page_model(check->req, check->realm, check->client, NULL);
    lk_page_message(model, "error", check->page_error, check->page_argument);
    lk_page_show(check->req, check->realm, check->page_status, "error", model, reply);
    return LK_OK;
}

typedef lk_status_t (*begin_t)(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                               const lk_auth_request_t *auth, lk_reply_t *reply, lk_error_t *err);

/* What stands in the URL and in the form. */
static lk_pairs_t all_parameters(const lk_request_t *req)
{
    lk_pair_t *entries = LK_NEW_ARRAY(req->arena, lk_pair_t, req->query.count + req->form.count + 1);
    for (size_t i = 0; i != req->query.count; ++i)
        entries[i] = req->query.entries[i];
    for (size_t i = 0; i != req->form.count; ++i)
        entries[req->query.count + i] = req->form.entries[i];
    return (lk_pairs_t){entries, req->query.count + req->form.count};
}

/* What is wrong with a request object is for the log; the browser sees an error page. */
static lk_status_t take_object(lk_auth_check_t *check, lk_error_t *err)
{
    lk_status_t status = lk_request_object_take(check, err);
    if (status != LK_INVALID)
        return status;
    const char *reason = *err->detail != '\0' ? err->detail : err->text;
    if (strncmp(reason, LK_REQUEST_OBJECT_REFUSED, sizeof(LK_REQUEST_OBJECT_REFUSED) - 1) == 0)
        reason += sizeof(LK_REQUEST_OBJECT_REFUSED) - 1;
    lk_auth_refuse_page(check, "invalidRequestMessage", NULL, lk_strdup(check->req->arena, reason));
    return LK_OK;
}

/* Before anything is known of the request; what a policy says counts more than what is wrong with a request object. */
static void check_policies(lk_auth_check_t *check)
{
    lk_error_t err = {0};
    if (lk_client_policies_of_request(LK_POLICY_ENTER, check, NULL, &err) != LK_OK)
        lk_auth_refuse_page(check, lk_strdup(check->req->arena, err.text), NULL, lk_strdup(check->req->arena, err.text));
}

static lk_status_t handle(const lk_request_t *req, int registration, begin_t begin, lk_reply_t *reply, lk_error_t *err)
{
    lk_pairs_t sent = all_parameters(req);
    lk_auth_check_t check = {.req = req, .sent = sent, .parameters = sent};
    lk_status_t status = lk_request_realm(req, &check.realm, err);
    if (status != LK_OK)
        return status;
    lk_event_begin(req, check.realm, registration ? LK_EVENT_REGISTER : LK_EVENT_LOGIN);
    lk_event_client(req, lk_pairs_get(&check.parameters, "client_id"));
    if (!check.realm->enabled)
        lk_auth_refuse_page(&check, "realmNotEnabledMessage", NULL, NULL);
    else if (registration && !check.realm->registration_allowed)
        lk_auth_refuse_page(&check, "registrationNotAllowedMessage", NULL, NULL);
    else if ((status = find_client(&check, err)) != LK_OK)
        return status;
    if (check.page_error == NULL) {
        if ((status = take_object(&check, err)) != LK_OK)
            return status;
        check_policies(&check);
    }
    if (check.page_error == NULL)
        lk_auth_request_check(&check);
    if (check.is_elsewhere)
        return lk_fail(err, LK_ELSEWHERE, "temporarily_unavailable", "A client policy asks another server");
    if (check.page_error != NULL)
        return answer_page(&check, reply);
    if (check.error != NULL)
        return lk_login_redirect_error(req, check.realm, check.client, &check.auth, check.error, check.description, reply, err);
    lk_event_drop(req);
    return begin(req, check.realm, check.client, &check.auth, reply, err);
}

lk_status_t lk_authorize_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return handle(req, 0, lk_login_start, reply, err);
}

/* The same request, but the walk begins at the registration page. */
lk_status_t lk_registrations_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const char *token = lk_pairs_get(&req->query, "token");
    return token != NULL ? lk_invitation_start(req, token, reply, err) : handle(req, 1, lk_registration_start, reply, err);
}
