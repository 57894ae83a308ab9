/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "login/actions.h"
#include "login/page.h"
#include "model/credential.h"

/* kc_action=delete_credential:<id>: a credential of the user's own, once they have confirmed it. */

static lk_status_t find(const lk_action_context_t *context, lk_credential_t *ret_owned, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    *ret_owned = (lk_credential_t){NULL};
    return lk_credential_find(req->app->sql, req->arena, context->realm, context->user->id,
                              lk_login_action_argument(context->login), ret_owned, err);
}

const char *lk_credential_type_named(lk_arena_t *arena, const char *id)
{
    size_t len = id != NULL ? strlen(id) : 0;
    return len > 3 && strcmp(id + len - 3, "-id") == 0 ? lk_strndup(arena, id, len - 3) : NULL;
}

/* What a user federation holds: nothing of that is here to be deleted, and that counts as done. */
static const char *type_of_name(const lk_action_context_t *context)
{
    return lk_credential_type_named(context->req->arena, lk_login_action_argument(context->login));
}

/* Asked of the page alone: what is gone when the form comes back, submit refuses. */
lk_status_t lk_delete_credential_is_possible(const lk_action_context_t *context, int *ret_possible, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    const char *id = lk_login_action_argument(context->login);
    lk_credential_t owned;
    *ret_possible = 1;
    if (strcmp(req->method, "POST") == 0)
        return LK_OK;
    lk_status_t status = find(context, &owned, err);
    if (status != LK_OK || owned.id != NULL || type_of_name(context) != NULL)
        return status;
    *ret_possible = 0;
    lk_event_type(req, LK_EVENT_CUSTOM_REQUIRED_ACTION);
    lk_event_detail(req, "credential_id", id);
    lk_event_error(req, id == NULL ? "missing_credential_id" : "credential_not_found");
    lk_event_follow(req, LK_EVENT_LOGIN);
    return LK_OK;
}

lk_status_t lk_delete_credential_load(const lk_action_context_t *context, lk_error_t *err)
{
    lk_credential_t owned;
    lk_status_t status = find(context, &owned, err);
    int is_labelled = owned.label != NULL && owned.label[strspn(owned.label, " \t")] != '\0';
    const char *shown = is_labelled ? owned.label : owned.type != NULL ? owned.type : type_of_name(context);
    json_object_set_new(context->model, "credentialLabel", json_string(shown != NULL ? shown : ""));
    return status;
}

static void refuse(const lk_action_context_t *context, const lk_credential_t *owned, const char *reason, const char *key)
{
    const lk_request_t *req = context->req;
    lk_event_detail(req, "reason", reason);
    lk_event_error(req, "delete_credential_failed");
    if (owned->type != NULL && strcmp(owned->type, LK_OTP_CREDENTIAL) == 0) {
        lk_event_follow(req, LK_EVENT_REMOVE_TOTP);
        lk_event_error(req, "delete_credential_failed");
    }
    lk_login_error_page(req, context->realm, context->client, 400, key, context->reply);
    lk_page_headers(context->realm, LK_PAGE_NO_STORE, context->reply);
}

static lk_status_t delete_owned(const lk_action_context_t *context, const lk_credential_t *owned, int *ret_done, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    lk_rows_t rows;
    lk_status_t status =
        lk_query(req->app->sql, req->arena, LK_Q_CREDENTIAL_DELETE, &rows, err, context->realm->id, context->user->id, owned->id);
    *ret_done = status == LK_OK;
    if (status == LK_OK && strcmp(owned->type, LK_OTP_CREDENTIAL) == 0) { /* told twice, as Keycloak's old event too */
        lk_event_type(req, LK_EVENT_REMOVE_TOTP);
        lk_event_success(req);
        lk_event_follow(req, LK_EVENT_REMOVE_CREDENTIAL);
    }
    return status;
}

/* A password is changed, not deleted. */
lk_status_t lk_delete_credential_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    lk_credential_t owned;
    lk_status_t status = find(context, &owned, err);
    if (status != LK_OK)
        return status;
    lk_event_detail(req, "credential_type", owned.type);
    lk_event_detail(req, "credential_id", owned.id);
    lk_event_detail(req, "credential_user_label", owned.label);
    if (owned.id == NULL && type_of_name(context) != NULL) {
        *ret_done = 1;
        return LK_OK;
    }
    const lk_credential_type_t *type = owned.id != NULL ? lk_credential_type(owned.type) : NULL;
    if (owned.id != NULL && (type == NULL || !type->is_fixed))
        return delete_owned(context, &owned, ret_done, err);
    *ret_done = LK_ACTION_ANSWERED;
    if (owned.id == NULL)
        refuse(context, &owned, "Credential not found", "credentialNotFoundMessage");
    else
        refuse(context, &owned, "Credential type cannot be removed", "credentialNotRemovableMessage");
    return LK_OK;
}
