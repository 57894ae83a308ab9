/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "login/actions.h"
#include "login/page.h"
#include "model/consent.h"

/* Consent: which client scopes a user has granted to a client, asked once and kept until it is revoked. */

/* Scopes that want to be shown and that the user may have. */
static lk_status_t requested_scopes(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const char *scope,
                                    const lk_user_t *user, lk_scopes_t *ret_scopes, lk_error_t *err)
{
    lk_role_set_t roles;
    lk_status_t status = lk_scopes_of_request(req, realm, client, scope, ret_scopes, err);
    if (status != LK_OK)
        return status;
    lk_user_roles(req->arena, realm, user, &roles);
    lk_scopes_permit(req->arena, ret_scopes, &roles);
    return LK_OK;
}

lk_status_t lk_consent_needed(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                              const lk_auth_request_t *auth, const lk_user_t *user, int *ret_needed, lk_error_t *err)
{
    lk_scopes_t scopes;
    json_t *granted;
    *ret_needed = 0;
    if (auth->device_id != NULL) { /* whoever holds the device must be told apart from whoever signs in: always asked */
        *ret_needed = 1;
        return LK_OK;
    }
    if (!client->consent_required)
        return LK_OK;
    lk_status_t status = requested_scopes(req, realm, client, auth->scope, user, &scopes, err);
    if (status == LK_OK)
        status = lk_consent_load(req->app->sql, req->arena, realm, user->id, client->id, &granted, err);
    if (status != LK_OK)
        return status;
    *ret_needed = granted == NULL || lk_has_word(auth->prompt, "consent");
    for (size_t i = 0; i != scopes.count; ++i)
        if (scopes.entries[i]->display_on_consent_screen && !lk_scopes_is_consented(req->arena, &scopes, i, granted))
            *ret_needed = 1;
    return LK_OK;
}

/* A scope with parameters once for each: "group: a". */
static void list_scope(lk_arena_t *arena, const lk_scopes_t *scopes, size_t entry, json_t *shown)
{
    const lk_scope_t *scope = scopes->entries[entry];
    lk_strings_t parameters = lk_scopes_parameters(arena, scopes, entry);
    const char *text =
        scope->consent_screen_text != NULL && *scope->consent_screen_text != '\0' ? scope->consent_screen_text : scope->name;
    if (parameters.count == 0)
        json_array_append_new(shown, json_pack("{s:s}", "consentScreenText", text));
    for (size_t i = 0; i != parameters.count; ++i)
        json_array_append_new(shown,
                              json_pack("{s:s, s:s}", "consentScreenText", text, "dynamicScopeParameter", parameters.entries[i]));
}

lk_status_t lk_consent_show(const lk_request_t *req, const lk_step_t *step, lk_reply_t *reply, lk_error_t *err)
{
    lk_scopes_t scopes;
    lk_status_t status = requested_scopes(req, step->realm, step->client, step->login->auth.scope, step->user, &scopes, err);
    if (status != LK_OK)
        return status;
    json_t *model = lk_page_model(req, step->realm, step->client, step->login), *shown = json_array();
    for (size_t i = 0; i != scopes.count; ++i)
        if (scopes.entries[i]->display_on_consent_screen)
            list_scope(req->arena, &scopes, i, shown);
    json_object_set_new(model, "oauth",
                        json_pack("{s:s, s:o}", "code", lk_login_code(req->arena, step->realm, step->login).session_code,
                                  "clientScopesRequested", shown));
    json_object_set_new(json_object_get(model, "url"), "oauthAction",
                        json_string(lk_login_form_url(req, step->realm, step->login, "consent")));
    lk_page_show(req, step->realm, 200, "login-oauth-grant", model, reply);
    lk_page_headers(step->realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

static lk_status_t store_consent(const lk_request_t *req, const lk_step_t *step, lk_error_t *err)
{
    lk_scopes_t scopes;
    json_t *ids;
    lk_status_t status = requested_scopes(req, step->realm, step->client, step->login->auth.scope, step->user, &scopes, err);
    if (status == LK_OK)
        status = lk_consent_load(req->app->sql, req->arena, step->realm, step->user->id, step->client->id, &ids, err);
    if (status != LK_OK)
        return status;
    if (ids == NULL)
        ids = lk_json_own(req->arena, json_array());
    for (size_t i = 0; i != scopes.count; ++i)
        if (scopes.entries[i]->display_on_consent_screen)
            lk_scopes_consent(req->arena, &scopes, i, ids);
    return lk_consent_store(req->app->sql, req->arena, step->realm, step->user->id, step->client->id, ids, err);
}

lk_status_t lk_login_consent_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_step_t step;
    int answered;
    lk_status_t status = lk_step_begin_proved(req, &step, &answered, reply, err);
    if (status != LK_OK || answered)
        return status;
    if (lk_pairs_get(&req->form, "accept") == NULL) {
        if (step.login->auth.device_id == NULL)
            lk_login_clear_restart_cookie(req, step.realm, reply);
        return lk_login_redirect_error(req, step.realm, step.client, &step.login->auth, "access_denied", NULL, reply, err);
    }
    if (step.client->consent_required && (status = store_consent(req, &step, err)) != LK_OK)
        return status;
    step.login->consented = 1;
    return lk_login_continue(req, step.realm, step.client, step.login, step.user, reply, err);
}
