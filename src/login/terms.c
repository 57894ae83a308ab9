/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/time.h"
#include "login/actions.h"

/* Anything but a refusal, which the table sees to, accepts; when that was stays with the user. */
lk_status_t lk_terms_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    lk_rows_t rows;
    lk_status_t status = lk_query(req->app->sql, req->arena, LK_Q_USER_TERMS_ACCEPTED, &rows, err, context->realm->id,
                                  context->user->id, lk_printf(req->arena, "%lld", (long long)lk_now()));
    *ret_done = status == LK_OK;
    return status;
}
