/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/broker.h"
#include "broker/state.h"
#include "core/json.h"
#include "core/time.h"
#include "login/finish.h"
#include "login/page.h"

/* GET or POST /realms/{realm}/broker/{alias}/endpoint: the browser comes back from the provider with a code, or an error. */

#define UNEXPECTED "identityProviderUnexpectedErrorMessage"
#define STATE_SPAN 7200 /* seconds that a used state is remembered; a login lives shorter */

typedef struct st_visit_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_upstream_t upstream;
    lk_broker_state_t state;
} visit_t;

static lk_status_t refuse(const visit_t *visit, int status, const char *key, const lk_error_t *reason, lk_reply_t *reply)
{
    return lk_broker_refuse(visit->req, visit->realm, visit->req->params[1], status, key, reason, reply);
}

/* --- an error of the provider --- */

/* The login page again, with a word about what happened. */
static lk_status_t login_page(const visit_t *visit, const char *key, lk_reply_t *reply, lk_error_t *err)
{
    return lk_login_walk_again(visit->req, visit->realm, visit->client, visit->state.login, "error", key,
                               lk_broker_display_name(visit->upstream.provider), reply, err);
}

static lk_status_t answer_error(visit_t *visit, const char *error, lk_reply_t *reply, lk_error_t *err)
{
    const lk_request_t *req = visit->req;
    const lk_auth_request_t *auth = &visit->state.login->auth;
    const char *description = lk_request_param(req, "error_description");
    int needs_person = strcmp(error, "login_required") == 0 || strcmp(error, "interaction_required") == 0 ||
                       strcmp(error, "consent_required") == 0;
    lk_error_t reason = {0};
    lk_event_drop(req); /* it was told where it happened */
    lk_error_detail(&reason, "the provider says %.60s: %.300s", error, description != NULL ? description : "");
    if (needs_person && lk_has_word(auth->prompt, "none"))
        return lk_login_redirect_error(req, visit->realm, visit->client, auth, error, NULL, reply, err);
    if (strcmp(error, "temporarily_unavailable") == 0 && description != NULL && strcmp(description, "authentication_expired") == 0)
        return lk_broker_start(req, visit->realm, &visit->upstream, visit->state.login, visit->state.linking_user, reply, err);
    int denied = strcmp(error, "access_denied") == 0;
    if (visit->state.linking_user != NULL) {
        const lk_broker_step_t step = {req, visit->realm, visit->client, visit->state.login, &visit->upstream, NULL};
        lk_broker_note(req, visit->realm, req->params[1], "linking", &reason);
        return lk_broker_link_end(&step, visit->state.linking_user, denied ? "cancelled" : "error", reply, err);
    }
    lk_broker_note(req, visit->realm, req->params[1], denied ? "access denied" : "error", &reason);
    return login_page(visit, denied ? "access-denied-when-idp-auth" : UNEXPECTED, reply, err);
}

/* --- a code --- */

static lk_status_t redeem(visit_t *visit, const char *code, lk_brokered_t *ret_brokered, lk_error_t *err)
{
    const lk_request_t *req = visit->req;
    const lk_pair_t grant[] = {{"grant_type", "authorization_code"},
                               {"code", code},
                               {"redirect_uri", lk_upstream_redirect_uri(req, visit->realm, visit->upstream.provider->alias)},
                               {"code_verifier", visit->state.verifier}};
    lk_upstream_tokens_t tokens;
    lk_status_t status =
        lk_upstream_tokens(req, visit->realm, &visit->upstream, grant, visit->state.verifier != NULL ? 4 : 3, &tokens, err);
    return status == LK_OK ? lk_brokered_read(req, visit->realm, &visit->upstream, &tokens, visit->state.nonce, ret_brokered, err)
                           : status;
}

static lk_status_t answer_code(visit_t *visit, const char *code, lk_reply_t *reply, lk_error_t *err)
{
    const lk_request_t *req = visit->req;
    lk_brokered_t brokered;
    lk_error_t reason = {0};
    int first;
    lk_status_t status = lk_use_once(req->app->sql, req->arena, visit->realm, "broker-state", visit->state.id,
                                     lk_now() + STATE_SPAN, NULL, &first, NULL, err);
    if (status != LK_OK)
        return status;
    if (!first) {
        lk_error_detail(&reason, "the state has come back before");
        return refuse(visit, 400, "staleCodeMessage", &reason, reply);
    }
    if (redeem(visit, code, &brokered, &reason) != LK_OK)
        return refuse(visit, 502, UNEXPECTED, &reason, reply);
    lk_broker_step_t step = {req, visit->realm, visit->client, visit->state.login, &visit->upstream, &brokered};
    return lk_broker_arrived(&step, visit->state.linking_user, reply, err);
}

lk_status_t lk_broker_endpoint_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    visit_t visit = {.req = req};
    lk_error_t reason = {0};
    const char *alias = req->params[1], *code = lk_request_param(req, "code"), *error = lk_request_param(req, "error");
    const char *state = lk_request_param(req, "state");
    lk_status_t status = lk_request_realm(req, &visit.realm, err);
    if (status != LK_OK)
        return status;
    lk_event_begin(req, visit.realm, LK_EVENT_IDENTITY_PROVIDER_LOGIN);
    const lk_identity_provider_t *provider = lk_realm_identity_provider(visit.realm, alias);
    if (provider == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Identity Provider [%s] not found.", alias);
    if (state == NULL)
        return refuse(&visit, 400, "identityProviderMissingStateMessage", NULL, reply);
    if (lk_broker_state_open(req, visit.realm, alias, state, &visit.state, &reason) != LK_OK)
        return refuse(&visit, 400, "invalidRequestMessage", &reason, reply);
    lk_event_client(req, visit.state.login->auth.client_id);
    lk_event_detail(req, "code_id", visit.state.login->root);
    if (lk_upstream_load(req->arena, provider, &visit.upstream, &reason) != LK_OK)
        return refuse(&visit, 502, UNEXPECTED, &reason, reply);
    status = lk_realm_client(req->app->realms, visit.realm, visit.state.login->auth.client_id, &visit.client, err);
    if (status != LK_OK)
        return status;
    if (visit.client == NULL || !visit.client->enabled)
        return refuse(&visit, 400, "clientDisabledMessage", NULL, reply);
    if (error != NULL)
        return answer_error(&visit, error, reply, err);
    if (code == NULL)
        return refuse(&visit, 400, "identityProviderMissingCodeOrErrorMessage", NULL, reply);
    return answer_code(&visit, code, reply, err);
}
