/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "login/actions.h"
#include "login/page.h"
#include "model/password_policy.h"

int lk_new_password_check(json_t *model, const char *password, const char *confirmation, const char *password_field)
{
    if (password == NULL || *password == '\0') {
        lk_page_field_message(model, password_field, "missingPasswordMessage", NULL);
        return 0;
    }
    if (confirmation == NULL || strcmp(password, confirmation) != 0) {
        lk_page_field_message(model, "password-confirm",
                              strcmp(password_field, "password") == 0 ? "invalidPasswordConfirmMessage" : "notMatchPasswordMessage",
                              NULL);
        return 0;
    }
    return 1;
}

/* A refusal of the password policy comes as LK_INVALID with the message's key as the code. */
static lk_status_t show_policy_refusal(const lk_action_context_t *context, const char *field, const lk_error_t *err)
{
    lk_page_field_message(context->model, field, err->code,
                          lk_password_policy_argument(context->req->arena, context->realm->password_policy, err->code));
    return LK_OK;
}

/* Each is told twice: as Keycloak's old event and as its new one. */
static void tell_refused(const lk_request_t *req, const char *error)
{
    lk_event_type(req, LK_EVENT_UPDATE_CREDENTIAL);
    lk_event_error(req, error);
    lk_event_follow(req, LK_EVENT_UPDATE_PASSWORD);
    lk_event_error(req, error);
}

lk_status_t lk_update_password_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const char *password = lk_pairs_get(&req->form, "password-new");
    lk_event_detail(req, "credential_type", "password");
    if (!lk_new_password_check(context->model, password, lk_pairs_get(&req->form, "password-confirm"), "password-new")) {
        tell_refused(req, password == NULL || *password == '\0' ? "password_missing" : "password_confirm_error");
        return LK_OK;
    }
    lk_status_t status = lk_user_set_password(req->app->sql, req->arena, context->realm, context->user, password, 0, err);
    if (status == LK_INVALID) {
        lk_event_detail(req, "reason", lk_strdup(req->arena, err->text));
        tell_refused(req, "password_rejected");
        return show_policy_refusal(context, "password-new", err);
    }
    *ret_done = status == LK_OK;
    if (status == LK_OK) {
        lk_event_success(req);
        lk_event_follow(req, LK_EVENT_UPDATE_CREDENTIAL);
    }
    return status;
}
