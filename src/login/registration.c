/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/events.h"
#include "login/flow.h"
#include "login/invitation.h"
#include "login/page.h"
#include "login/profile.h"
#include "model/password_policy.h"
#include "model/user_write.h"

#define PASSWORD "registration-password-action"
#define TERMS "registration-terms-and-conditions"
#define TERMS_ACTION "TERMS_AND_CONDITIONS"

/* Which of its parts the realm's flow "registration" has: a password, terms to be agreed to. */
static int has_part(const lk_realm_t *realm, const char *authenticator)
{
    return lk_flow_has(realm, realm->registration_flow, authenticator);
}

static int has_password(const lk_realm_t *realm)
{
    return lk_realm_flow(realm, realm->registration_flow != NULL ? realm->registration_flow : "") == NULL ||
           has_part(realm, PASSWORD);
}

static lk_status_t show(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login,
                        const lk_invitation_t *invitation, json_t *model, lk_reply_t *reply)
{
    const lk_organization_t *organization =
        invitation != NULL ? lk_realm_organization_by_id(realm, invitation->organization_id) : NULL;
    if (organization != NULL)
        json_object_set_new(model, "invitedBy", lk_page_text("registerOrgTitle", organization->name));
    if (has_part(realm, TERMS))
        json_object_set_new(model, "termsAcceptanceRequired", json_true());
    json_object_set_new(json_object_get(model, "url"), "registrationAction",
                        json_string(lk_login_action_url(req, realm, login, "registration",
                                                        lk_login_execution_id(req->arena, realm, "registration-user-creation"))));
    lk_profile_show(&(lk_profile_form_t){.req = req,
                                         .realm = realm,
                                         .model = model,
                                         .no_password = !has_password(realm),
                                         .email = invitation != NULL ? invitation->email : NULL});
    lk_page_show(req, realm, 200, "register", model, reply);
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

lk_status_t lk_registration_show(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                 const lk_login_t *login, const lk_invitation_t *invitation, lk_reply_t *reply)
{
    return show(req, realm, login, invitation, lk_page_model(req, realm, client, login), reply);
}

lk_status_t lk_registration_start(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                  const lk_auth_request_t *auth, lk_reply_t *reply, lk_error_t *err)
{
    int new_root;
    lk_login_t *login = lk_login_new(req, realm, client, auth, &new_root);
    (void)err;
    if (new_root)
        lk_login_set_root_cookies(req, realm, login, reply);
    return lk_registration_show(req, realm, client, login, NULL, reply);
}

/* What is to become a user. */
typedef struct st_newcomer_t {
    json_t *rep;
    lk_user_t user; /* as far as the password's policy asks */
    lk_new_password_t password;
} newcomer_t;

static void introduce(const lk_request_t *req, const json_t *values, newcomer_t *ret_newcomer)
{
    json_t *rep = lk_json_own(req->arena, json_pack("{s:s, s:b, s:I}", "id", lk_random_uuid(req->arena), "enabled", 1,
                                                    "createdTimestamp", (json_int_t)lk_now_ms()));
    lk_user_set_values(rep, values);
    *ret_newcomer = (newcomer_t){.rep = rep,
                                 .user = {.id = lk_json_str(rep, "id", NULL),
                                          .username = lk_json_str(rep, "username", NULL),
                                          .email = lk_json_str(rep, "email", NULL)}};
}

/* The user, the default role and groups, the password, what they were invited to: all or nothing. */
static lk_status_t create(const lk_request_t *req, const lk_realm_t *realm, const newcomer_t *newcomer,
                          const lk_invitation_t *invitation, lk_error_t *err)
{
    lk_sql_t *tx = NULL;
    lk_status_t status = lk_tx_begin(req->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = lk_user_create(tx, req->arena, realm, newcomer->rep, err);
    if (status == LK_OK && has_part(realm, TERMS))
        status = lk_user_remove_required_action(tx, req->arena, realm, newcomer->user.id, TERMS_ACTION, err);
    if (status == LK_OK && newcomer->password.hash.secret_data != NULL)
        status = lk_new_password_store(tx, req->arena, realm, &newcomer->user, &newcomer->password, 0, err);
    if (status == LK_OK && invitation != NULL)
        status = lk_invitation_accept(tx, req->arena, realm, invitation, newcomer->user.id, 1, err);
    if (status == LK_OK)
        status = lk_tx_commit(&tx, err);
    lk_tx_rollback(&tx);
    return status;
}

/* Checks the password where the profile is right already; 1 in *ret_valid where it will do. */
static lk_status_t check_password(const lk_request_t *req, const lk_realm_t *realm, json_t *model, newcomer_t *newcomer,
                                  int *ret_valid, lk_error_t *err)
{
    const char *password = lk_pairs_get(&req->form, "password");
    *ret_valid = 1;
    if (!has_password(realm))
        return LK_OK;
    *ret_valid = lk_new_password_check(model, password, lk_pairs_get(&req->form, "password-confirm"), "password");
    if (!*ret_valid)
        return LK_OK;
    lk_status_t status =
        lk_new_password_prepare(req->app->sql, req->arena, realm, &newcomer->user, password, &newcomer->password, err);
    if (status != LK_INVALID)
        return status;
    *ret_valid = 0;
    lk_page_field_message(model, "password", err->code, lk_password_policy_argument(req->arena, realm->password_policy, err->code));
    return LK_OK;
}

/* Where the flow has terms they must be agreed to; when that was the user keeps, as Keycloak does. */
static int check_terms(const lk_request_t *req, const lk_realm_t *realm, json_t *model, newcomer_t *newcomer)
{
    if (!has_part(realm, TERMS))
        return 1;
    if (lk_pairs_get(&req->form, "termsAccepted") == NULL) {
        lk_page_field_message(model, "termsAccepted", "termsAcceptanceRequired", NULL);
        return 0;
    }
    json_t *attributes = json_object_get(newcomer->rep, "attributes");
    if (attributes == NULL)
        json_object_set_new(newcomer->rep, "attributes", attributes = json_object());
    json_object_set_new(attributes, "terms_and_conditions", json_pack("[s]", lk_printf(req->arena, "%lld", (long long)lk_now())));
    return 1;
}

/* The invitation is for its address alone. */
static int check_invited(const lk_invitation_t *invitation, json_t *model, const newcomer_t *newcomer)
{
    if (invitation == NULL || newcomer->user.email == NULL || strcmp(newcomer->user.email, invitation->email) == 0)
        return invitation == NULL || newcomer->user.email != NULL;
    lk_page_field_message(model, "email", "orgInviteEmailMismatch", NULL);
    return 0;
}

static void begin_event(const lk_request_t *req)
{
    static const char *const details[][2] = {
        {"username", "username"}, {"email", "email"}, {"first_name", "firstName"}, {"last_name", "lastName"}};
    lk_event_type(req, LK_EVENT_REGISTER);
    lk_event_detail(req, "register_method", "form");
    for (size_t i = 0; i != sizeof(details) / sizeof(details[0]); ++i)
        lk_event_detail(req, details[i][0], lk_pairs_get(&req->form, details[i][1]));
}

static lk_status_t refuse_beside(const lk_request_t *req, const lk_step_t *step, const lk_user_t *other, json_t *model,
                                 lk_reply_t *reply)
{
    json_decref(model);
    lk_login_event_begin(req, step->realm, step->client, step->login, LK_EVENT_LOGIN);
    lk_login_refuse_other_user(req, step->realm, step->client, step->login, other, reply);
    return LK_OK;
}

static lk_status_t register_user(const lk_request_t *req, lk_step_t *step, const lk_invitation_t *invitation, lk_reply_t *reply,
                                 lk_error_t *err)
{
    json_t *model = lk_page_model(req, step->realm, step->client, step->login), *values;
    newcomer_t newcomer;
    const lk_user_t *user = NULL, *other = NULL;
    int valid = 0;
    begin_event(req);
    lk_status_t status = lk_profile_submit(&(lk_profile_form_t){.req = req, .realm = step->realm, .model = model}, &values, err);
    introduce(req, status == LK_OK ? values : NULL, &newcomer);
    if (status == LK_OK)
        status = check_password(req, step->realm, model, &newcomer, &valid, err);
    if (status == LK_OK)
        valid &= check_terms(req, step->realm, model, &newcomer);
    if (status == LK_OK && values != NULL)
        valid &= check_invited(invitation, model, &newcomer);
    if (status == LK_OK && (values == NULL || !valid)) {
        lk_event_error(req, "invalid_registration");
        return show(req, step->realm, step->login, invitation, model, reply);
    }
    if (status == LK_OK)
        status = lk_login_join_session(req, step->realm, step->login, NULL, &other, err);
    if (status == LK_OK && other != NULL) /* nobody is made who could not go on */
        return refuse_beside(req, step, other, model, reply);
    if (status == LK_OK)
        status = create(req, step->realm, &newcomer, invitation, err);
    if (status == LK_CONFLICT) { /* somebody was quicker */
        lk_event_error(req, "username_in_use");
        lk_page_field_message(model, "username", "usernameExistsMessage", NULL);
        return show(req, step->realm, step->login, invitation, model, reply);
    }
    json_decref(model);
    if (status == LK_OK)
        status = lk_user_by_id(req->app->sql, req->arena, step->realm, newcomer.user.id, &user, err);
    if (status != LK_OK)
        return status;
    lk_event_user(req, user->id);
    lk_event_success(req);
    lk_login_event_begin(req, step->realm, step->client, step->login, LK_EVENT_LOGIN);
    step->login->user_id = user->id;
    step->login->auth_time = lk_now();
    return lk_login_continue(req, step->realm, step->client, step->login, user, reply, err);
}

lk_status_t lk_login_registration_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_step_t step;
    const lk_invitation_t *invitation = NULL;
    int answered;
    lk_status_t status = lk_step_begin(req, &step, &answered, reply, err);
    if (status != LK_OK || answered)
        return status;
    if (step.login->invitation != NULL) {
        status = lk_invitation_check(req, step.realm, step.client, step.login->invitation, &invitation, reply, err);
        if (status != LK_OK || invitation == NULL)
            return status;
    } else if (!step.realm->registration_allowed) {
        lk_login_error_page(req, step.realm, step.client, 400, "registrationNotAllowedMessage", reply);
        return LK_OK;
    }
    if (strcmp(req->method, "POST") == 0)
        return register_user(req, &step, invitation, reply, err);
    return lk_registration_show(req, step.realm, step.client, step.login, invitation, reply);
}
