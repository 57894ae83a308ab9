/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "login/actions.h"
#include "login/links.h"
#include "login/page.h"
#include "model/event.h"
#include "model/session.h"

/* VERIFY_EMAIL: a mail with a link, sent when the page is first shown, and again when asked for. */

#define COOLDOWN 30 /* seconds between two mails */
#define USED "verify-email"

int lk_verify_email_is_needed(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user)
{
    (void)req;
    return realm->verify_email && !user->email_verified && user->email != NULL;
}

/* Time is cut into pieces as long as the pause: who sent in this one, or late in the one before, has to wait. */
lk_status_t lk_mail_cooldown(const lk_action_context_t *context, const char *kind, int64_t seconds, int *ret_may, lk_error_t *err)
{
    lk_arena_t *arena = context->req->arena;
    lk_sql_t *sql = context->req->app->sql;
    int64_t now = lk_now(), piece = seconds > 0 ? now / seconds : 0;
    const char *until = NULL;
    int used = 0;
    *ret_may = 1;
    if (seconds <= 0)
        return LK_OK;
    lk_status_t status = lk_is_used(sql, arena, context->realm, kind,
                                    lk_printf(arena, "%s %lld", context->user->id, (long long)piece - 1), &used, &until, err);
    if (status == LK_OK && used && until != NULL && strtoll(until, NULL, 10) > now)
        *ret_may = 0;
    return status == LK_OK && *ret_may
               ? lk_use_once(sql, arena, context->realm, kind, lk_printf(arena, "%s %lld", context->user->id, (long long)piece),
                             (piece + 2) * seconds, lk_printf(arena, "%lld", (long long)(now + seconds)), ret_may, NULL, err)
               : status;
}

/* Once for each login by itself, and for each user once in a while. */
static lk_status_t may_send(const lk_action_context_t *context, int is_again, int *ret_may, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    *ret_may = 1;
    lk_status_t status = is_again ? LK_OK
                                  : lk_use_once(req->app->sql, req->arena, context->realm, USED, context->login->tab,
                                                lk_now() + 86400, NULL, ret_may, NULL, err);
    return status == LK_OK && *ret_may ? lk_mail_cooldown(context, USED, COOLDOWN, ret_may, err) : status;
}

static lk_status_t send(const lk_action_context_t *context, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    lk_link_t link = {.type = LK_LINK_VERIFY_EMAIL,
                      .client_id = context->client->client_id,
                      .expires = lk_now() + lk_link_lifespan(context->realm, LK_LINK_VERIFY_EMAIL),
                      .login = lk_json_own(req->arena, lk_login_pack(context->login)),
                      .is_of_login = 1};
    lk_event_type(req, LK_EVENT_SEND_VERIFY_EMAIL);
    lk_event_detail(req, "email", context->user->email);
    lk_status_t status = lk_link_send(req, context->realm, context->user, &link, 0, err);
    if (status == LK_OK)
        lk_event_success(req);
    else
        lk_event_error(req, "email_send_failed");
    return status;
}

void lk_verify_email_show(const lk_action_context_t *context)
{
    const lk_request_t *req = context->req;
    int is_again = lk_pairs_get(&req->query, "again") != NULL, may = 0;
    json_t *url = json_object_get(context->model, "url");
    lk_error_t err = {0};
    json_object_set_new(url, "loginAction",
                        json_string(lk_printf(req->arena, "%s&again=true", lk_json_str(url, "loginAction", ""))));
    json_object_set_new(context->model, "verifyEmail",
                        json_pack("{s:s, s:[s]}", "key", "emailVerifyInstruction1", "args",
                                  context->user->email != NULL ? context->user->email : ""));
    if (context->user->email == NULL)
        return;
    if (may_send(context, is_again, &may, &err) != LK_OK || (may && send(context, &err) != LK_OK))
        lk_page_message(context->model, "error", "emailSendErrorMessage", NULL);
    else if (!may && is_again)
        lk_page_message(context->model, "error", "emailVerifySendCooldown", "30");
}

/* Nothing is posted to this page; whoever does sees it again. */
lk_status_t lk_verify_email_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    (void)err;
    *ret_done = context->user->email_verified;
    return LK_OK;
}
