/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "admin/account.h"
#include "admin/users.h"
#include "core/json.h"
#include "login/flow.h"
#include "login/webauthn.h"
#include "model/credential.h"
#include "model/password_policy.h"

/* What a user signs in with. */

#define MAX_LABEL 255

/* --- which types there are --- */

/* The type that an authenticator asks for; mails and the like of forgotten passwords are for none. */
static const char *type_of(const char *authenticator)
{
    const lk_authenticator_t *found = lk_authenticator_find(authenticator);
    if (authenticator != NULL && strcmp(authenticator, "idp-username-password-form") == 0)
        return LK_PASSWORD_CREDENTIAL;
    return found == NULL || found->credential == NULL || (found->flags & LK_STEP_RESET) != 0 ? NULL : found->credential;
}

/* Adds what the flow asks for to the names of types, in flows below it too. */
static void mark_flow(const lk_realm_t *realm, const lk_flow_t *flow, int depth, json_t *asked)
{
    size_t i;
    json_t *execution;
    json_array_foreach(flow != NULL && depth < 16 ? (json_t *)flow->executions : NULL, i, execution)
    {
        const char *below = lk_json_str(execution, "flowAlias", NULL);
        const char *type = type_of(lk_json_str(execution, "authenticator", NULL));
        if (strcmp(lk_json_str(execution, "requirement", ""), "DISABLED") == 0)
            continue;
        if (type != NULL)
            json_object_set_new(asked, type, json_true());
        if (below != NULL)
            mark_flow(realm, lk_realm_flow(realm, below), depth + 1, asked);
    }
}

/* A type is shown where some flow of the realm asks for it, whether it is one that anybody comes through or not, as in Keycloak. */
static json_t *types_asked(const lk_admin_t *account)
{
    json_t *asked = lk_json_own(account->req->arena, json_object());
    const lk_realm_t *realm = account->realm;
    for (size_t i = 0; i != realm->num_flows; ++i)
        if (lk_json_bool(realm->flows[i].rep, "topLevel", 0))
            mark_flow(realm, &realm->flows[i], 0, asked);
    if (json_is_true(lk_webauthn_policy_json(account->req->arena, realm, &lk_webauthn_passwordless, "PasskeysEnabled")))
        json_object_set_new(asked, LK_PASSKEY_CREDENTIAL, json_true());
    return asked;
}

static int has_action(const lk_realm_t *realm, const char *alias)
{
    for (size_t i = 0; alias != NULL && i != realm->num_required_actions; ++i)
        if (strcmp(realm->required_actions[i].alias, alias) == 0)
            return realm->required_actions[i].enabled;
    return 0;
}

/* --- out --- */

static json_t *message(const char *key, const char *parameter)
{
    return parameter != NULL ? json_pack("{s:s, s:[s]}", "key", key, "parameters", parameter) : json_pack("{s:s}", "key", key);
}

/* How many codes are left; and that new ones would be well. */
static void add_codes(const lk_admin_t *account, json_t *shown, const json_t *data)
{
    lk_arena_t *arena = account->req->arena;
    json_int_t total = json_integer_value(json_object_get(data, "totalCodes")),
               left = json_integer_value(json_object_get(data, "remainingCodes"));
    json_object_set_new(
        shown, "infoMessage",
        message("recovery-codes-number-used", lk_printf(arena, "%lld/%lld", (long long)(total - left), (long long)total)));
    if (left >= lk_password_policy_number(account->realm->password_policy, "recoveryCodesWarningThreshold", 4))
        return;
    json_object_set_new(shown, "warningMessageTitle",
                        message("recovery-codes-number-remaining", lk_printf(arena, "%lld", (long long)left)));
    json_object_set_new(shown, "warningMessageDescription", message("recovery-codes-generate-new-codes", NULL));
}

static void add_transports(const lk_admin_t *account, json_t *shown, const json_t *data)
{
    lk_buffer_t text;
    size_t i;
    json_t *transport;
    lk_buffer_init(&text, account->req->arena, 4096);
    json_array_foreach(json_object_get(data, "transports"), i, transport)
    {
        lk_buffer_printf(&text, "%s%s", i != 0 ? ", " : "", json_is_string(transport) ? json_string_value(transport) : "");
    }
    if (text.len != 0)
        json_object_set_new(shown, "infoProperties", json_pack("[o]", message("webauthn-transports", text.base)));
}

static json_t *show(const lk_admin_t *account, const lk_rows_t *rows, int row)
{
    json_t *shown = json_pack("{s:o}", "credential", lk_credential_show(rows, row)), *data = NULL;
    const char *type = lk_row_str(rows, row, "type"),
               *text = lk_json_str(json_object_get(shown, "credential"), "credentialData", "{}");
    if (lk_json_parse(account->req->arena, text, strlen(text), &data, NULL) != LK_OK)
        return shown;
    if (strcmp(type, LK_RECOVERY_CODES) == 0)
        add_codes(account, shown, data);
    else if (strncmp(type, "webauthn", 8) == 0)
        add_transports(account, shown, data);
    return shown;
}

static json_t *container(const lk_admin_t *account, const lk_rows_t *rows, const lk_credential_type_t *type, int with_credentials)
{
    lk_arena_t *arena = account->req->arena;
    const char *name = type->name;
    json_t *shown = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "type", name, "category", type->category, "displayName",
                              lk_printf(arena, "%s-display-name", name), "helptext", lk_printf(arena, "%s-help-text", name),
                              "iconCssClass", type->icon, "removeable", !type->is_fixed);
    json_t *credentials = json_array();
    for (int i = 0; i != rows->count; ++i)
        if (strcmp(lk_row_str(rows, i, "type"), name) == 0)
            json_array_append_new(credentials, show(account, rows, i));
    int updates = type->is_fixed && json_array_size(credentials) != 0;
    if (has_action(account->realm, type->action))
        json_object_set_new(shown, updates ? "updateAction" : "createAction", json_string(type->action));
    if (with_credentials)
        json_object_set(shown, "userCredentialMetadatas", credentials);
    json_decref(credentials);
    return shown;
}

lk_status_t lk_account_credentials(lk_admin_t *account, lk_error_t *err)
{
    const char *wanted = lk_pairs_get(&account->req->query, "type");
    const lk_credential_type_t *type;
    int with_credentials = lk_admin_flag(account, "user-credentials", 1);
    const json_t *asked = types_asked(account);
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(account, LK_Q_CREDENTIAL_LIST, &rows, err, account->id);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (size_t i = 0; (type = lk_credential_type_at(i)) != NULL; ++i)
        if (json_object_get(asked, type->name) != NULL && (wanted == NULL || *wanted == '\0' || strcmp(wanted, type->name) == 0))
            json_array_append_new(list, container(account, &rows, type, with_credentials));
    return lk_admin_reply(account, list);
}

/* --- changes --- */

static lk_status_t find_credential(lk_admin_t *account, lk_credential_t *ret_credential, lk_error_t *err)
{
    lk_status_t status =
        lk_credential_find(account->sql, account->req->arena, account->realm, account->id, account->args[0], ret_credential, err);
    return status == LK_OK && ret_credential->id == NULL ? lk_fail(err, LK_NOT_FOUND, NULL, "Credential not found") : status;
}

lk_status_t lk_account_credential_remove(lk_admin_t *account, lk_error_t *err)
{
    lk_credential_t credential;
    lk_status_t status = find_credential(account, &credential, err);
    const lk_credential_type_t *type = status == LK_OK ? lk_credential_type(credential.type) : NULL;
    if (type != NULL && type->is_fixed)
        return lk_fail(err, LK_INVALID, NULL, "Credential type cannot be removed");
    return status == LK_OK ? lk_credential_remove(account, err) : status;
}

/* A JSON text, or another value that is one as well; null takes the label away. */
static lk_status_t read_label(const lk_admin_t *account, const char **ret_label, lk_error_t *err)
{
    const lk_bytes_t *body = &account->req->body;
    const char *text = (const char *)body->base;
    json_t *value = NULL;
    *ret_label = NULL;
    if (lk_json_parse(account->req->arena, text, body->len, &value, NULL) != LK_OK || json_is_object(value) || json_is_array(value))
        return lk_admin_message(err, LK_INVALID, "invalidRequestMessage");
    if (json_is_null(value))
        return LK_OK;
    *ret_label = json_is_string(value) ? json_string_value(value) : lk_json_text(account->req->arena, value);
    return strlen(*ret_label) <= MAX_LABEL ? LK_OK : lk_admin_message(err, LK_INVALID, "invalidRequestMessage");
}

lk_status_t lk_account_credential_label(lk_admin_t *account, lk_error_t *err)
{
    lk_credential_t credential;
    const char *label;
    lk_rows_t rows;
    lk_status_t status = find_credential(account, &credential, err);
    if (status == LK_OK)
        status = read_label(account, &label, err);
    return status == LK_OK ? lk_admin_sql(account, LK_Q_CREDENTIAL_LABEL, &rows, err, account->id, account->args[0], label)
                           : status;
}
