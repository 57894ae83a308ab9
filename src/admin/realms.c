/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "admin/fine_grained.h"
#include "model/password_policy.h"
#include "core/json.h"

static json_t *realm_answer(const lk_realm_t *realm)
{
    json_t *stored = json_deep_copy(realm->rep);
    lk_rep_fill(&lk_realm_fields, stored);
    json_object_set_new(stored, "id", json_string(realm->id));
    json_object_set_new(stored, "realm", json_string(realm->name));
    json_t *answer = lk_rep_answer(&lk_realm_fields, stored, 0);
    json_decref(stored);
    if (realm->default_role != NULL)
        json_object_set_new(answer, "defaultRole",
                            json_pack("{s:s, s:s, s:s, s:b, s:b, s:s}", "id", realm->default_role->id, "name",
                                      realm->default_role->name, "description",
                                      lk_json_str(realm->default_role->rep, "description", "${role_default-roles}"), "composite", 1,
                                      "clientRole", 0, "containerId", realm->id));
    return answer;
}

lk_status_t lk_admin_realms_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_rows_t rows;
    lk_status_t status = lk_admin_begin(req, NULL, &admin, err);
    if (status == LK_OK)
        status = lk_query(req->app->sql, req->arena, LK_Q_ADMIN_REALM_LIST, &rows, err, NULL);
    if (status != LK_OK)
        return status;
    json_t *list = lk_json_own(req->arena, json_array());
    for (int i = 0; i != rows.count; ++i) {
        const lk_realm_t *realm;
        if (lk_realms_get(req->app->realms, req->arena, lk_row_str(&rows, i, "name"), &realm, NULL) != LK_OK)
            continue;
        if (lk_admin_caller_can(req->arena, &admin.caller, realm, "view-realm"))
            json_array_append_new(list, realm_answer(realm));
        else if (lk_admin_caller_can(req->arena, &admin.caller, realm, LK_ADMIN_ANY_ROLE))
            json_array_append_new(list, json_pack("{s:s}", "realm", realm->name));
    }
    if (json_array_size(list) == 0)
        return lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
    lk_admin_answer(&admin, json_incref(list), reply);
    return LK_OK;
}

/* What import says, in the words of the admin API (model/import.h has the codes). */
static lk_status_t import_refusal(lk_error_t *err)
{
    static const struct {
        const char *code, *answer_code, *text;
        int http_status;
    } answers[] = {{"malformed", "errorMessage", "unable to read contents from stream", 400},
                   {"name", "errorMessage", NULL, 400},
                   {"character", "", NULL, 400},
                   {"unknown", "unknown_error", "For more on this error consult the server log.", 500},
                   {"policy", "errorMessage", "Password policy not met. See logs for details", 400},
                   {"limit", "errorMessage", "Database operation failed", 400},
                   {"profile", "invalid_request", "Cannot parse the JSON", 500},
                   {"duplicate", "errorMessage", "Duplicate resource error", 409},
                   {"exists", "errorMessage", NULL, 409}};
    for (size_t i = 0; i != sizeof(answers) / sizeof(answers[0]); ++i) {
        if (strcmp(answers[i].code, err->code) != 0)
            continue;
        lk_error_t reason = *err;
        lk_fail_http(err, reason.kind, answers[i].http_status, answers[i].answer_code, "%s",
                     answers[i].text != NULL ? answers[i].text : reason.text);
        return lk_error_detail(err, "%s", reason.text);
    }
    return err->kind;
}

lk_status_t lk_admin_realms_post(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_import_result_t result;
    lk_import_options_t options = {.fail_if_exists = 1, .refuse_unknown = 1};
    lk_status_t status = lk_admin_begin(req, NULL, &admin, err);
    if (status == LK_INVALID || (status == LK_OK && !json_is_object(admin.body)))
        return lk_admin_message(err, LK_INVALID, "unable to read contents from stream");
    if (status != LK_OK)
        return status;
    status = lk_admin_may_create_realms(&admin) ? lk_import_realm(req->app, req->arena, admin.body, &options, &result, err)
                                                : lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
    if (status != LK_OK)
        lk_admin_event_refused_realm(&admin, err);
    if (status == LK_INVALID || status == LK_CONFLICT)
        return import_refusal(err);
    if (status == LK_OK)
        lk_admin_created(&admin, result.realm, reply);
    return status;
}

/* What an administrator sees of a realm whose settings they may not see. */
static json_t *brief_answer(const lk_admin_t *admin)
{
    json_t *answer =
        json_pack("{s:s, s:b, s:b, s:o}", "realm", admin->realm->name, "bruteForceProtected", admin->realm->brute_force_protected,
                  "organizationsEnabled", admin->realm->organizations_enabled, "supportedLocales", json_array());
    for (size_t i = 0; i != admin->realm->supported_locales.count; ++i)
        json_array_append_new(json_object_get(answer, "supportedLocales"), json_string(admin->realm->supported_locales.entries[i]));
    if (lk_admin_can(admin, "view-users") || lk_fine_allows(admin, LK_FINE(LK_GUARDED_USERS, "view"), NULL, NULL))
        json_object_set_new(answer, "registrationEmailAsUsername", json_boolean(admin->realm->registration_email_as_username));
    return answer;
}

lk_status_t lk_realm_get(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply(admin, lk_admin_can(admin, "view-realm") ? realm_answer(admin->realm) : brief_answer(admin));
}

/* One that stays as it is may name what is not known here: it came with the realm's file. */
static lk_status_t check_password_policy(const lk_admin_t *admin, lk_error_t *err)
{
    const char *policy = lk_json_str(admin->body, "passwordPolicy", NULL), *old = admin->realm->password_policy;
    if (policy == NULL || (old != NULL && strcmp(policy, old) == 0))
        return LK_OK;
    lk_status_t status = lk_password_policy_validate(admin->req->arena, policy, err);
    return status != LK_OK ? lk_admin_message(err, LK_INVALID, lk_strdup(admin->req->arena, err->text)) : LK_OK;
}

static const struct {
    const char *member, *text;
} not_negative[] = {
    {"maxTemporaryLockouts", "Maximum temporary lockouts"},
    {"maxFailureWaitSeconds", "Maximum failure wait seconds"},
    {"minimumQuickLoginWaitSeconds", "Minimum quick login wait seconds"},
    {"waitIncrementSeconds", "Wait increment seconds"},
    {"quickLoginCheckMilliSeconds", "Quick login check milliseconds"},
    {"maxDeltaTimeSeconds", "Maximum delta time seconds"},
    {"failureFactor", "Failure factor"},
    {"maxSecondaryAuthFailures", "Maximum secondary authentication failures"},
};

/* What is one of a few words or no negative number; sslRequired in any case, and stored in small letters. */
static lk_status_t check_members(lk_admin_t *admin, lk_error_t *err)
{
    json_t *body = admin->body;
    const char *strategy = lk_json_str(body, "bruteForceStrategy", "LINEAR"), *ssl = lk_json_str(body, "sslRequired", NULL);
    for (size_t i = 0; i != sizeof(not_negative) / sizeof(not_negative[0]); ++i)
        if (json_integer_value(json_object_get(body, not_negative[i].member)) < 0)
            return lk_admin_message(err, LK_INVALID,
                                    lk_printf(admin->req->arena, "%s may not be a negative value", not_negative[i].text));
    if (strcmp(strategy, "LINEAR") != 0 && strcmp(strategy, "MULTIPLE") != 0)
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    if (ssl != NULL && strcasecmp(ssl, "all") != 0 && strcasecmp(ssl, "external") != 0 && strcasecmp(ssl, "none") != 0)
        return lk_admin_message(err, LK_INVALID, "sslRequired is all, external or none");
    if (ssl != NULL)
        json_object_set_new(body, "sslRequired", json_string(lk_utf8_lower(admin->req->arena, ssl)));
    return LK_OK;
}

/* Where e-mail addresses name users they are unique: of settings that exclude each other the given one wins. */
static void settle_emails(json_t *body)
{
    if (lk_json_bool(body, "duplicateEmailsAllowed", 0)) {
        json_object_set_new(body, "loginWithEmailAllowed", json_false());
        json_object_set_new(body, "registrationEmailAsUsername", json_false());
    } else if (lk_json_bool(body, "loginWithEmailAllowed", 0) || lk_json_bool(body, "registrationEmailAsUsername", 0)) {
        json_object_set_new(body, "duplicateEmailsAllowed", json_false());
    }
}

lk_status_t lk_realm_update(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_rows_t rows;
    lk_status_t status = lk_admin_check(admin, &lk_realm_fields, err);
    if (status != LK_OK)
        return status;
    if ((status = check_password_policy(admin, err)) != LK_OK)
        return status;
    const char *name = admin->realm->name;
    if (lk_json_str(admin->body, "realm", NULL) != NULL && lk_realm_name_check(admin->body, &name, err) != LK_OK)
        return lk_admin_message(err, LK_INVALID, lk_strdup(arena, err->text));
    if ((status = check_members(admin, err)) != LK_OK)
        return status;
    settle_emails(admin->body);
    json_t *rep = lk_json_own(arena, json_deep_copy(admin->realm->rep));
    lk_rep_patch(&lk_realm_fields, rep, admin->body);
    if (*lk_json_str(rep, "passwordPolicy", "x") == '\0')
        json_object_del(rep, "passwordPolicy");
    lk_realm_rep_complete(rep, admin->body);
    json_t *whole = lk_json_own(arena, json_deep_copy(rep));
    lk_rep_fill(&lk_realm_fields, whole);
    if ((status = lk_realm_spans_check(whole, err)) != LK_OK)
        return status;
    if ((status = lk_fine_enable(admin, rep, err)) != LK_OK)
        return status;
    json_t *stored = lk_json_own(arena, lk_rep_stored(&lk_realm_fields, rep));
    if (strcmp(name, admin->realm->name) != 0)
        status = lk_realm_rename(admin->sql, arena, admin->realm->id, admin->realm->name, name, err);
    if (status == LK_CONFLICT)
        return import_refusal(err);
    return status == LK_OK ? lk_admin_sql(admin, LK_Q_ADMIN_REALM_UPDATE, &rows, err, lk_json_text(arena, stored)) : status;
}

/* In a transaction of its own: there is nothing left to lock and no version to be next. */
lk_status_t lk_realm_remove(lk_admin_t *admin, lk_error_t *err)
{
    return lk_realm_delete(admin->req->app, admin->req->arena, admin->realm, err);
}
