/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "login/actions.h"
#include "login/page.h"
#include "model/admin_permissions.h"

/* delete_account: the user's own account with all that hangs on it. The role is looked at twice: for the page, and for its form. */

static int may_delete(const lk_action_context_t *context)
{
    const lk_role_t *role = lk_realm_role(context->realm, "account", "delete-account");
    lk_role_set_t roles;
    lk_user_roles(context->req->arena, context->realm, context->user, &roles);
    return role != NULL && lk_role_set_has(&roles, role);
}

/* A page of its own says that the role is missing; what is posted without it, submit refuses. */
lk_status_t lk_delete_account_is_possible(const lk_action_context_t *context, int *ret_possible, lk_error_t *err)
{
    (void)err;
    *ret_possible = strcmp(context->req->method, "POST") == 0 || may_delete(context) ? 1 : LK_ACTION_ANSWERED;
    if (*ret_possible == LK_ACTION_ANSWERED) {
        lk_event_drop(context->req);
        lk_login_error_page(context->req, context->realm, context->client, 200, "deletingAccountForbidden", context->reply);
        lk_page_headers(context->realm, LK_PAGE_NO_STORE, context->reply);
    }
    return LK_OK;
}

/* The browser stays: the client is not told, since there is nobody left to sign in. */
static void show_deleted(const lk_action_context_t *context)
{
    json_t *model = lk_page_model(context->req, context->realm, context->client, NULL);
    lk_page_message(model, "info", "userDeletedSuccessfully", NULL);
    lk_page_show(context->req, context->realm, 200, "info", model, context->reply);
    lk_page_headers(context->realm, LK_PAGE_NO_STORE, context->reply);
    lk_login_clear_cookies(context->req, context->realm, context->reply);
    lk_login_clear_restart_cookie(context->req, context->realm, context->reply);
}

/* With what administrators' permissions said of it. */
static lk_status_t delete_user(const lk_action_context_t *context, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    lk_sql_t *tx = NULL;
    lk_rows_t rows;
    lk_status_t status = lk_tx_begin(req->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = lk_admin_permissions_forget(tx, req->arena, context->realm, context->user->id, err);
    if (status == LK_OK)
        status = lk_query(tx, req->arena, LK_Q_USER_DELETE, &rows, err, context->realm->id, context->user->id);
    if (status == LK_OK)
        status = lk_tx_commit(&tx, err);
    lk_tx_rollback(&tx);
    return status;
}

lk_status_t lk_delete_account_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    if (!may_delete(context)) {
        lk_event_detail(req, "reason", "does not have the required roles for user deletion");
        lk_event_error(req, "user_delete_error");
        lk_page_message(context->model, "error", "deletingAccountForbidden", NULL);
        return LK_OK;
    }
    lk_status_t status = delete_user(context, err);
    if (status != LK_OK)
        return status;
    *ret_done = LK_ACTION_ANSWERED;
    lk_event_success(req);
    show_deleted(context);
    return LK_OK;
}
