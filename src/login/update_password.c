/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "login/actions.h"
#include "login/page.h"
#include "oidc/oidc.h"

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

/* A refusal of the password policy comes as LK_INVALID: the message's key in err->code, its argument in err->text. */
static lk_status_t show_policy_refusal(json_t *model, const char *field, const lk_error_t *err)
{
    lk_page_field_message(model, field, err->code, *err->text != '\0' ? err->text : NULL);
    return LK_OK;
}

lk_status_t lk_update_password_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const char *password = lk_pairs_get(&req->form, "password-new");
    if (!lk_new_password_check(context->model, password, lk_pairs_get(&req->form, "password-confirm"), "password-new"))
        return LK_OK;
    lk_status_t status = lk_user_set_password(req->app->sql, req->arena, context->realm, context->user, password, 0, err);
    if (status == LK_INVALID)
        return show_policy_refusal(context->model, "password-new", err);
    *ret_done = status == LK_OK;
    if (status == LK_OK && lk_pairs_get(&req->form, "logout-sessions") != NULL)
        status = lk_user_logout(req, context->realm, context->user->id, err);
    return status;
}

lk_status_t lk_terms_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    (void)err;
    *ret_done = lk_pairs_get(&context->req->form, "accept") != NULL;
    return LK_OK;
}
