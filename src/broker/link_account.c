/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/broker.h"
#include "broker/state.h"
#include "core/json.h"
#include "login/finish.h"
#include "login/page.h"

/* A user who is signed in links an account at a provider: kc_action=idp_link:<alias>. */

static const lk_identity_provider_t *provider_of(const lk_action_context_t *context)
{
    const char *alias = lk_login_action_argument(context->login);
    return alias != NULL ? lk_realm_identity_provider(context->realm, alias) : NULL;
}

/* There is such a provider, and the user may change their links. */
lk_status_t lk_broker_can_link(const lk_action_context_t *context, int *ret_possible, lk_error_t *err)
{
    static const char *const enough[] = {"manage-account", "manage-account-links"};
    lk_role_set_t roles;
    (void)err;
    *ret_possible = 0;
    lk_user_roles(context->req->arena, context->realm, context->user, &roles);
    for (size_t i = 0; i != sizeof(enough) / sizeof(enough[0]); ++i) {
        const lk_role_t *role = lk_realm_role(context->realm, "account", enough[i]);
        if (role != NULL && lk_role_set_has(&roles, role))
            *ret_possible = provider_of(context) != NULL;
    }
    return LK_OK;
}

void lk_broker_link_show(const lk_action_context_t *context)
{
    json_object_set_new(context->model, "idpDisplayName", json_string(lk_broker_display_name(provider_of(context))));
}

/* "Continue": to the provider. Where its addresses have to be discovered first, which may take long, by way of .../login. */
lk_status_t lk_broker_link_answer(const lk_action_context_t *context, lk_reply_t *reply, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const lk_identity_provider_t *provider = provider_of(context);
    lk_upstream_t upstream;
    lk_error_t reason = {0};
    lk_status_t status = lk_upstream_settings(req->arena, provider, &upstream, &reason);
    if (status != LK_OK) {
        lk_broker_note(req, context->realm, provider->alias, "linking", &reason);
        lk_login_end_action(context->login, "error");
        return lk_login_continue(req, context->realm, context->client, context->login, context->user, reply, err);
    }
    if (upstream.authorization_url != NULL && upstream.client_id != NULL)
        status = lk_broker_start(req, context->realm, &upstream, context->login, context->user->id, reply, err);
    else
        lk_reply_redirect(reply, 303,
                          lk_login_provider_url(req, req->base_url, context->realm, context->login, NULL, provider->alias));
    lk_page_headers(context->realm, LK_PAGE_NO_STORE, reply);
    return status;
}

const char *lk_broker_linking_user(const lk_login_t *login, const char *alias)
{
    const char *asked = login->auth.kc_action_status == NULL ? login->auth.kc_action : NULL;
    if (login->user_id == NULL || asked == NULL || strncmp(asked, "idp_link:", 9) != 0 || strcmp(asked + 9, alias) != 0)
        return NULL;
    return login->user_id;
}

/* GET /realms/{realm}/broker/{alias}/link: what came before kc_action, and is off in Keycloak unless a switch of its own allows it.
 */
lk_status_t lk_broker_legacy_link_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    lk_error_t reason = {0};
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    lk_error_detail(&reason, "this address links no more: clients ask for kc_action=idp_link:%.60s", req->params[1]);
    return lk_broker_refuse(req, realm, req->params[1], 400, "invalidRequestMessage", &reason, reply);
}

/* --- back from the provider --- */

static lk_status_t refuse(const lk_broker_step_t *step, const char *key, const char *why, lk_reply_t *reply)
{
    lk_error_t reason = {0};
    lk_error_detail(&reason, "%s", why);
    lk_broker_note(step->req, step->realm, step->brokered->alias, "linking", &reason);
    lk_event_error(step->req, "identity_provider_login_failure");
    json_t *model = lk_page_model(step->req, step->realm, step->client, NULL);
    lk_page_message(model, "error", key, lk_broker_display_name(step->upstream->provider));
    lk_page_show(step->req, step->realm, 400, "error", model, reply);
    lk_page_headers(step->realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

lk_status_t lk_broker_link_end(const lk_broker_step_t *step, const char *user_id, const char *how, lk_reply_t *reply,
                               lk_error_t *err)
{
    const lk_request_t *req = step->req;
    const lk_user_t *user;
    lk_status_t status = lk_user_by_id(req->app->sql, req->arena, step->realm, user_id, &user, err);
    if (status != LK_OK)
        return status;
    if (user == NULL || !user->enabled)
        return lk_broker_refuse(req, step->realm, step->upstream->provider->alias, 400, "accountDisabledMessage", NULL, reply);
    if (strcmp(how, "success") == 0)
        lk_broker_event_linked(step, user);
    else
        lk_event_drop(req);
    lk_login_end_action(step->login, how);
    return lk_login_continue(req, step->realm, step->client, step->login, user, reply, err);
}

/* Nobody has that account there yet, and the user has no other one. */
static lk_status_t add_link(const lk_broker_step_t *step, const char *user_id, const lk_federated_t *link, const char **ret_refusal,
                            lk_error_t *err)
{
    const lk_request_t *req = step->req;
    lk_federated_t *links;
    size_t count;
    lk_status_t status = lk_federated_links(req->app->sql, req->arena, step->realm, user_id, link->alias, &links, &count, err);
    if (status == LK_OK && count != 0)
        *ret_refusal = "identityProviderAlreadyLinkedToCurrentUserMessage";
    if (status == LK_OK && count == 0)
        status = lk_federated_add(req->app->sql, req->arena, step->realm, user_id, link, err);
    return status;
}

lk_status_t lk_broker_link_arrived(const lk_broker_step_t *step, const char *user_id, const lk_user_t *known, lk_reply_t *reply,
                                   lk_error_t *err)
{
    const lk_request_t *req = step->req;
    lk_federated_t link = lk_broker_link_of(step);
    const char *refusal = NULL;
    lk_status_t status = LK_OK;
    if (known != NULL && strcmp(known->id, user_id) != 0)
        return refuse(step, "identityProviderAlreadyLinkedMessage", "the account is linked to another user", reply);
    if (known != NULL)
        status = lk_federated_update(req->app->sql, req->arena, step->realm, user_id, link.user_id, &link, err);
    else
        status = add_link(step, user_id, &link, &refusal, err);
    if (status == LK_CONFLICT) /* another login, or another account, was faster */
        return refuse(step, "identityProviderAlreadyLinkedMessage", "the account has been linked meanwhile", reply);
    if (status != LK_OK)
        return status;
    if (refusal != NULL)
        return refuse(step, refusal, "the user is linked to another account there", reply);
    return lk_broker_link_end(step, user_id, "success", reply, err);
}
