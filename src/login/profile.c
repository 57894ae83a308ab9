/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/page.h"
#include "login/profile.h"

#define MAX_FIELD 255

static const lk_profile_field_t fields[] = {{"username", "missingUsernameMessage"},
                                            {"email", "error-user-attribute-required"},
                                            {"firstName", "error-user-attribute-required"},
                                            {"lastName", "error-user-attribute-required"}};
#define NUM_FIELDS (sizeof(fields) / sizeof(fields[0]))

const char *lk_profile_posted(const lk_request_t *req, const char *name)
{
    const char *value = lk_pairs_get(&req->form, name);
    if (value == NULL)
        return "";
    while (isspace((unsigned char)*value))
        ++value;
    size_t len = strlen(value);
    while (len != 0 && isspace((unsigned char)value[len - 1]))
        --len;
    return lk_strndup(req->arena, value, len);
}

void lk_profile_show_fields(json_t *model, int with_username, const char *(*value)(const void *context, const char *name),
                            const void *context)
{
    json_t *values = json_object();
    for (size_t i = with_username ? 0 : 1; i != NUM_FIELDS; ++i) {
        const char *text = value(context, fields[i].name);
        json_object_set_new(values, fields[i].name, json_string(text != NULL ? text : ""));
    }
    json_object_set_new(model, "values", values);
}

/* One @ with something on both sides, a domain without blanks: what Keycloak's check comes to for what people type. */
static int is_email(const char *text)
{
    const char *at = strchr(text, '@');
    if (at == NULL || at == text || at[1] == '\0' || strchr(at + 1, '@') != NULL || strlen(text) > MAX_FIELD || at[1] == '.' ||
        at[-1] == '.')
        return 0;
    for (const char *c = text; *c != '\0'; ++c)
        if ((unsigned char)*c <= 0x20 || strchr("<>()[],;:\\\"", *c) != NULL)
            return 0;
    return 1;
}

static lk_status_t check_taken(const lk_request_t *req, const lk_realm_t *realm, json_t *model, const char *user_id,
                               int with_username, int *valid, lk_error_t *err)
{
    lk_rows_t rows;
    const lk_user_t *user;
    const char *username = lk_profile_posted(req, "username"), *email = lk_utf8_lower(req->arena, lk_profile_posted(req, "email"));
    lk_status_t status = LK_OK;
    if (with_username && *username != '\0') {
        if ((status = lk_user_by_login(req->app->sql, req->arena, realm, username, &user, err)) != LK_OK)
            return status;
        if (user != NULL && strcmp(user->username, lk_utf8_lower(req->arena, username)) == 0) {
            lk_page_field_message(model, "username", "usernameExistsMessage", NULL);
            *valid = 0;
        }
    }
    if (*email == '\0' || realm->duplicate_emails_allowed)
        return LK_OK;
    if ((status = lk_query(req->app->sql, req->arena, LK_Q_PROFILE_EMAIL_TAKEN, &rows, err, realm->id, email, user_id)) == LK_OK &&
        rows.count != 0) {
        lk_page_field_message(model, "email", "emailExistsMessage", NULL);
        *valid = 0;
    }
    return status;
}

lk_status_t lk_profile_check(const lk_request_t *req, const lk_realm_t *realm, json_t *model, const char *user_id,
                             int with_username, int *ret_valid, lk_error_t *err)
{
    *ret_valid = 1;
    for (size_t i = with_username ? 0 : 1; i != NUM_FIELDS; ++i) {
        const char *value = lk_profile_posted(req, fields[i].name);
        const char *key = *value == '\0'                                                 ? fields[i].missing_key
                          : strcmp(fields[i].name, "email") == 0 && !is_email(value)     ? "invalidEmailMessage"
                          : strlen(value) > MAX_FIELD || strpbrk(value, "<>&\"") != NULL ? "error-invalid-value"
                                                                                         : NULL;
        if (key != NULL) {
            lk_page_field_message(model, fields[i].name, key, NULL);
            *ret_valid = 0;
        }
    }
    return check_taken(req, realm, model, user_id, with_username, ret_valid, err);
}

/* --- the required action --- */

static const char *shown_value(const void *context, const char *name)
{
    const lk_action_context_t *action = context;
    const char *posted = lk_pairs_get(&action->req->form, name);
    if (posted != NULL)
        return posted;
    return strcmp(name, "email") == 0       ? action->user->email
           : strcmp(name, "firstName") == 0 ? action->user->first_name
                                            : action->user->last_name;
}

void lk_update_profile_show(const lk_action_context_t *context)
{
    lk_profile_show_fields(context->model, 0, shown_value, context);
}

lk_status_t lk_update_profile_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    const lk_request_t *req = context->req;
    lk_rows_t rows;
    lk_status_t status = lk_profile_check(req, context->realm, context->model, context->user->id, 0, ret_done, err);
    if (status != LK_OK || !*ret_done)
        return status;
    return lk_query(req->app->sql, req->arena, LK_Q_PROFILE_UPDATE, &rows, err, context->realm->id, context->user->id,
                    context->user->username, lk_utf8_lower(req->arena, lk_profile_posted(req, "email")),
                    lk_profile_posted(req, "firstName"), lk_profile_posted(req, "lastName"));
}

/* VERIFY_PROFILE: asked of users whose profile lacks what the realm requires. */
int lk_verify_profile_is_needed(const lk_realm_t *realm, const lk_user_t *user)
{
    (void)realm;
    return user->email == NULL || *user->email == '\0' || user->first_name == NULL || *user->first_name == '\0' ||
           user->last_name == NULL || *user->last_name == '\0';
}

/* --- registration --- */

static const char *posted_value(const void *context, const char *name)
{
    return lk_pairs_get(&((const lk_request_t *)context)->form, name);
}

static lk_status_t show_registration(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, json_t *model,
                                     lk_reply_t *reply)
{
    json_object_set_new(model, "passwordRequired", json_true());
    json_object_set_new(json_object_get(model, "url"), "registrationAction",
                        json_string(lk_login_action_url(req, realm, login, "registration",
                                                        lk_login_execution_id(req->arena, realm, "registration-user-creation"))));
    lk_profile_show_fields(model, !realm->registration_email_as_username, posted_value, req);
    lk_page_show(req, realm, 200, "register", model, reply);
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

lk_status_t lk_registration_start(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                  const lk_auth_request_t *auth, lk_reply_t *reply, lk_error_t *err)
{
    int new_root;
    lk_login_t *login = lk_login_new(req, realm, client, auth, &new_root);
    (void)err;
    if (new_root)
        lk_login_set_root_cookies(req, realm, login, reply);
    return show_registration(req, realm, login, lk_page_model(req, realm, client, login), reply);
}

/* The user, the default role and groups, the password: all or nothing. */
static lk_status_t create_user(const lk_request_t *req, const lk_realm_t *realm, const char **ret_id, lk_error_t *err)
{
    lk_sql_t *tx = NULL;
    lk_rows_t rows;
    const char *id = lk_random_uuid(req->arena), *email = lk_utf8_lower(req->arena, lk_profile_posted(req, "email"));
    const char *username =
        realm->registration_email_as_username ? email : lk_utf8_lower(req->arena, lk_profile_posted(req, "username"));
    lk_user_t made = {.id = id, .username = username, .email = email};
    lk_status_t status = lk_tx_begin(req->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = lk_query(tx, req->arena, LK_Q_REGISTRATION_INSERT, &rows, err, realm->id, id, username, email,
                          lk_profile_posted(req, "firstName"), lk_profile_posted(req, "lastName"),
                          lk_printf(req->arena, "%lld", (long long)lk_now_ms()));
    if (status == LK_OK && realm->default_role != NULL)
        status = lk_query(tx, req->arena, LK_Q_REGISTRATION_ROLE, &rows, err, realm->id, id, realm->default_role->id);
    if (status == LK_OK)
        status = lk_query(tx, req->arena, LK_Q_REGISTRATION_GROUPS, &rows, err, realm->id, id);
    if (status == LK_OK)
        status = lk_user_set_password(tx, req->arena, realm, &made, lk_pairs_get(&req->form, "password"), 0, err);
    if (status == LK_OK)
        status = lk_tx_commit(&tx, err);
    lk_tx_rollback(&tx);
    if (status == LK_OK)
        *ret_id = id;
    return status;
}

static lk_status_t register_user(const lk_request_t *req, lk_step_t *step, lk_reply_t *reply, lk_error_t *err)
{
    json_t *model = lk_page_model(req, step->realm, step->client, step->login);
    const lk_user_t *user = NULL;
    const char *id = NULL;
    int valid;
    lk_status_t status = lk_profile_check(req, step->realm, model, "", !step->realm->registration_email_as_username, &valid, err);
    if (status == LK_OK && !lk_new_password_check(model, lk_pairs_get(&req->form, "password"),
                                                  lk_pairs_get(&req->form, "password-confirm"), "password"))
        valid = 0;
    if (status == LK_OK && valid && (status = create_user(req, step->realm, &id, err)) == LK_INVALID && *err->code != '\0') {
        lk_page_field_message(model, "password", err->code, *err->text != '\0' ? err->text : NULL); /* the password policy */
        status = LK_OK;
        valid = 0;
    }
    if (status == LK_OK && !valid)
        return show_registration(req, step->realm, step->login, model, reply);
    json_decref(model);
    if (status == LK_OK)
        status = lk_user_by_id(req->app->sql, req->arena, step->realm, id, &user, err);
    if (status != LK_OK)
        return status;
    step->login->user_id = id;
    step->login->auth_time = lk_now();
    return lk_login_continue(req, step->realm, step->client, step->login, user, reply, err);
}

lk_status_t lk_login_registration_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_step_t step;
    int answered;
    lk_status_t status = lk_step_begin(req, &step, &answered, reply, err);
    if (status != LK_OK || answered)
        return status;
    if (!step.realm->registration_allowed) {
        lk_login_error_page(req, step.realm, step.client, 400, "registrationNotAllowedMessage", reply);
        return LK_OK;
    }
    if (strcmp(req->method, "POST") == 0)
        return register_user(req, &step, reply, err);
    return show_registration(req, step.realm, step.login, lk_page_model(req, step.realm, step.client, step.login), reply);
}
