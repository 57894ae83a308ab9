/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/first_login.h"
#include "core/json.h"
#include "login/links.h"
#include "login/page.h"

/* idp-email-verification: the user who is here already proves by a mail that the provider's account is theirs. */

#define EXECUTION "idp-email-verification"

static int is_confirmed(const lk_broker_step_t *step)
{
    const lk_login_t *login = step->login;
    return login->link_alias != NULL && login->link_user != NULL && strcmp(login->link_alias, step->brokered->alias) == 0 &&
           strcmp(login->link_user, step->brokered->existing_user) == 0;
}

static void show(const lk_first_login_t *first)
{
    const lk_broker_step_t *step = &first->step;
    json_t *model = lk_page_model(step->req, step->realm, step->client, step->login);
    const char *name = lk_broker_display_name(step->upstream->provider);
    lk_page_message(model, "info", "linkIdpMessage", name);
    json_object_set_new(model, "idpDisplayName", json_string(name));
    json_object_set_new(model, "brokerContext",
                        json_pack("{s:s}", "username", step->brokered->username != NULL ? step->brokered->username : ""));
    lk_first_login_page(first, EXECUTION, "login-idp-link-email", model);
}

/* "Click here to send it again" has the execution in its address. */
static int asks_again(const lk_broker_step_t *step)
{
    const char *execution = lk_pairs_get(&step->req->query, "execution");
    return execution != NULL && strcmp(execution, lk_login_execution_id(step->req->arena, step->realm, EXECUTION)) == 0;
}

/* Where the realm has no mail server, or the user no address, it does not apply. */
lk_status_t lk_link_mail_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_broker_step_t *step = &first->step;
    const lk_request_t *req = step->req;
    lk_brokered_t *brokered = step->brokered;
    const lk_user_t *user = NULL;
    lk_status_t status = LK_OK;
    (void)config;
    *ret_outcome = LK_STEP_ATTEMPTED;
    if (brokered->existing_user == NULL || *lk_json_str(step->realm->smtp_server, "host", "") == '\0')
        return LK_OK;
    if (is_confirmed(step)) {
        brokered->linked_user = brokered->existing_user;
        *ret_outcome = LK_STEP_DONE;
        return LK_OK;
    }
    status = lk_user_by_id(req->app->sql, req->arena, step->realm, brokered->existing_user, &user, err);
    if (status != LK_OK || user == NULL || user->email == NULL)
        return status;
    *ret_outcome = LK_STEP_ANSWERED;
    if (!brokered->mailed || asks_again(step)) {
        lk_error_t reason = {0};
        if (lk_link_send_identity_provider(req, step->realm, user, step->login, brokered->alias,
                                           lk_broker_display_name(step->upstream->provider), &reason) != LK_OK)
            return lk_broker_refuse(req, step->realm, brokered->alias, 500, "emailSendErrorMessage", &reason, first->reply);
        brokered->mailed = 1;
    }
    show(first);
    return LK_OK;
}
