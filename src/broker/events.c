/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "broker/state.h"
#include "core/json.h"
#include "login/events.h"

/* What is told of brokered logins (model/event.h), with the details that Keycloak gives. */

/* Details of who it is. */
static void event_who(const lk_request_t *req, const lk_brokered_t *brokered)
{
    lk_event_detail(req, "identity_provider", brokered->alias);
    lk_event_detail(req, "identity_provider_identity", brokered->username != NULL ? brokered->username : brokered->id);
    if (brokered->session_id != NULL)
        lk_event_detail(req, "identity_provider_broker_session_id",
                        lk_printf(req->arena, "%s.%s", brokered->alias, brokered->session_id));
}

void lk_broker_event_first(const lk_broker_step_t *step)
{
    lk_login_event_begin(step->req, step->realm, step->client, step->login, LK_EVENT_IDENTITY_PROVIDER_FIRST_LOGIN);
    event_who(step->req, step->brokered);
}

static void begin(const lk_broker_step_t *step, lk_event_type_t type)
{
    lk_event_begin(step->req, step->realm, type);
    lk_event_client(step->req, step->client->client_id);
    lk_event_detail(step->req, "code_id", step->login->root);
}

void lk_broker_event_stored(const lk_broker_step_t *step, const char *user_id, const lk_user_t *existing)
{
    const lk_request_t *req = step->req;
    begin(step, existing != NULL ? LK_EVENT_FEDERATED_IDENTITY_LINK : LK_EVENT_REGISTER);
    lk_event_user(req, user_id);
    lk_event_detail(req, "identity_provider", step->brokered->alias);
    lk_event_detail(req, "identity_provider_identity", step->brokered->username);
    lk_event_detail(req, "username", existing != NULL ? existing->username : lk_broker_username(step));
    if (existing == NULL) {
        lk_event_detail(req, "email", step->brokered->email);
        lk_event_detail(req, "register_method", "broker");
    }
    lk_event_success(req);
}

void lk_broker_event_login(const lk_broker_step_t *step, int is_first)
{
    begin(step, LK_EVENT_IDENTITY_PROVIDER_LOGIN); /* what is through is told as a LOGIN */
    event_who(step->req, step->brokered);
    if (!is_first)
        lk_event_detail(step->req, "redirect_uri", step->login->auth.redirect_uri);
}

void lk_broker_event_linked(const lk_broker_step_t *step, const lk_user_t *user)
{
    const lk_auth_request_t *auth = &step->login->auth;
    lk_login_event_begin(step->req, step->realm, step->client, step->login, LK_EVENT_FEDERATED_IDENTITY_LINK);
    event_who(step->req, step->brokered);
    lk_event_user(step->req, user->id);
    lk_event_detail(step->req, "custom_required_action", "idp_link");
    lk_event_detail(step->req, "remember_me", "false");
    lk_event_detail(step->req, "response_type", auth->response_type);
    lk_event_detail(step->req, "response_mode", auth->response_mode != NULL ? auth->response_mode : "query");
    lk_event_detail(step->req, "username", user->username);
    lk_event_success(step->req);
}
