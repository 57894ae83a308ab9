/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "admin/users.h"
#include "core/json.h"
#include "core/time.h"
#include "login/links.h"

/* Mails that an administrator sends to users, and the one to see whether mails can be sent. */

/* The client and where the last page leads, as the query asks; 400 in Keycloak's words. */
static lk_status_t read_target(lk_admin_t *admin, lk_link_t *link, lk_error_t *err)
{
    const lk_request_t *req = admin->req;
    const lk_client_t *client = NULL;
    const char *client_id = lk_pairs_get(&req->query, "client_id"), *redirect_uri = lk_pairs_get(&req->query, "redirect_uri");
    if (redirect_uri != NULL && client_id == NULL)
        return lk_admin_message(err, LK_INVALID, "Client id missing");
    if (client_id == NULL)
        return LK_OK;
    lk_status_t status = lk_realm_client(req->app->realms, admin->realm, client_id, &client, err);
    if (status != LK_OK)
        return status;
    if (client == NULL)
        return lk_admin_message(err, LK_INVALID, "Client doesn't exist");
    if (!client->enabled)
        return lk_admin_message(err, LK_INVALID, "Client is not enabled");
    link->client_id = client->client_id;
    link->redirect_uri = redirect_uri;
    if (redirect_uri != NULL && lk_redirect_uri_check(req->arena, req, client, redirect_uri) == NULL)
        return lk_admin_message(err, LK_INVALID, "Invalid redirect uri.");
    return LK_OK;
}

static lk_status_t read_lifespan(lk_admin_t *admin, lk_link_t *link, lk_error_t *err)
{
    const char *text = lk_pairs_get(&admin->req->query, "lifespan");
    if (text != NULL && (*text == '\0' || text[strspn(text, "0123456789")] != '\0' || strlen(text) > 9))
        return lk_fail(err, LK_NOT_FOUND, NULL, NULL);
    link->expires = lk_now() + (text != NULL ? strtol(text, NULL, 10) : admin->realm->action_token_by_admin_lifespan);
    return LK_OK;
}

static lk_status_t prepare(lk_admin_t *admin, lk_link_t *link, lk_error_t *err)
{
    lk_status_t status = read_lifespan(admin, link, err);
    if (status == LK_OK && admin->user->email == NULL)
        status = lk_admin_message(err, LK_INVALID, "User email missing");
    if (status == LK_OK && !admin->user->enabled)
        status = lk_admin_message(err, LK_INVALID, "User is disabled");
    return status == LK_OK ? read_target(admin, link, err) : status;
}

/* What went wrong with the server is for the log; what is wrong with an address is for whoever asked. */
static lk_status_t not_sent(lk_error_t *err, const char *what, int with_reason)
{
    lk_error_t why = *err;
    if (with_reason && why.kind == LK_INVALID)
        lk_fail_http(err, LK_INTERNAL, 500, "errorMessage", "%s: %.400s", what, why.text);
    else
        lk_fail_http(err, LK_INTERNAL, 500, "errorMessage", "%s", what);
    return lk_error_detail(err, "%.400s", why.detail);
}

lk_status_t lk_user_send_verify_email(lk_admin_t *admin, lk_error_t *err)
{
    lk_link_t link = {.type = LK_LINK_VERIFY_EMAIL};
    lk_status_t status = prepare(admin, &link, err);
    if (status == LK_OK && lk_link_send(admin->req, admin->realm, admin->user, &link, 1, err) != LK_OK)
        return not_sent(err, "Failed to send verify email", 0);
    return status;
}

static lk_status_t send_actions(lk_admin_t *admin, const char *actions, lk_error_t *err)
{
    lk_link_t link = {.type = LK_LINK_EXECUTE_ACTIONS, .actions = actions};
    lk_status_t status = prepare(admin, &link, err);
    if (status == LK_OK && lk_link_send(admin->req, admin->realm, admin->user, &link, 1, err) != LK_OK)
        return not_sent(err, "Failed to send execute actions email", 1);
    return status;
}

static int is_known_action(const lk_realm_t *realm, const json_t *action)
{
    for (size_t i = 0; json_is_string(action) && i != realm->num_required_actions; ++i)
        if (strcmp(realm->required_actions[i].alias, json_string_value(action)) == 0)
            return realm->required_actions[i].enabled;
    return 0;
}

lk_status_t lk_user_send_actions(lk_admin_t *admin, lk_error_t *err)
{
    lk_buffer_t actions;
    json_t *action;
    size_t i;
    if (admin->body != NULL && !json_is_array(admin->body))
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    lk_buffer_init(&actions, admin->req->arena, 4096);
    lk_buffer_puts(&actions, "");
    json_array_foreach(admin->body, i, action)
    {
        if (!is_known_action(admin->realm, action))
            return lk_admin_message(err, LK_INVALID, "Provided invalid required actions");
        lk_buffer_printf(&actions, "%s%s", i != 0 ? " " : "", json_string_value(action));
    }
    return send_actions(admin, actions.base, err);
}

lk_status_t lk_user_send_reset_password(lk_admin_t *admin, lk_error_t *err)
{
    return send_actions(admin, "UPDATE_PASSWORD", err);
}

/* To the administrator's own address, by the server of the body, whose secrets may be those that the realm has. */
lk_status_t lk_smtp_test(lk_admin_t *admin, lk_error_t *err)
{
    static const char *const secrets[] = {"password", "authTokenClientSecret"};
    const lk_mailer_t *mailer = admin->req->app->mailer;
    if (!json_is_object(admin->body))
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    for (size_t i = 0; i != 2; ++i)
        if (strcmp(lk_json_str(admin->body, secrets[i], ""), "**********") == 0)
            json_object_set(admin->body, secrets[i], json_object_get(admin->realm->smtp_server, secrets[i]));
    lk_letter_t letter = lk_letter_to(admin->realm, admin->caller.user, "emailTest");
    letter.smtp = admin->body;
    letter.args = lk_json_own(admin->req->arena, json_pack("[s]", admin->realm->name));
    if (mailer == NULL || letter.to == NULL || mailer->send(admin->req->arena, &letter, err) != LK_OK)
        return not_sent(err, "Failed to send email", 0);
    return LK_OK;
}
