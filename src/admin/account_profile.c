/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "admin/account.h"
#include "admin/users.h"
#include "core/json.h"
#include "model/event.h"
#include "model/federated.h"
#include "model/profile.h"
#include "model/profile_validators.h"
#include "model/user_write.h"

/* A user's own profile, credentials, and links to identity providers. */

/* With UPDATE_EMAIL the address cannot be changed here, and a console may offer the action. */
static void decorate_email(const lk_realm_t *realm, json_t *attribute)
{
    json_t *annotations = json_copy(json_object_get(attribute, "annotations"));
    if (annotations == NULL)
        annotations = json_object();
    if (lk_realm_update_email(realm) != NULL) {
        json_object_set_new(annotations, "kc.required.action.supported", json_true());
        json_object_set_new(attribute, "readOnly", json_true());
    }
    json_object_set_new(attribute, "annotations", annotations);
}

lk_status_t lk_account_profile_get(lk_admin_t *account, lk_error_t *err)
{
    lk_arena_t *arena = account->req->arena;
    const lk_user_t *user = account->user;
    (void)err;
    json_t *rep = json_pack("{s:s, s:b}", "id", user->id, "emailVerified", user->email_verified);
    lk_user_set_values(rep, lk_profile_visible(arena, account->realm, LK_PROFILE_USER, lk_profile_values(arena, user)));
    if (json_object_size(json_object_get(rep, "attributes")) == 0)
        json_object_del(rep, "attributes");
    if (lk_admin_flag(account, "userProfileMetadata", 1)) {
        json_t *metadata = lk_profile_metadata(arena, account->realm, LK_PROFILE_USER, 1), *attribute;
        size_t i;
        json_array_foreach(json_object_get(metadata, "attributes"), i, attribute) /* Keycloak's own decoration */
        {
            if (strcmp(lk_json_str(attribute, "name", ""), "email") == 0)
                decorate_email(account->realm, attribute);
        }
        json_object_set_new(rep, "userProfileMetadata", metadata);
    }
    return lk_admin_reply(account, rep);
}

/* --- changing it --- */

static const char *first_value(const json_t *values, const char *name)
{
    const char *text = json_string_value(json_array_get(json_object_get(values, name), 0));
    return text != NULL ? text : "";
}

/* Errors name attributes as the form labels them. */
static void label(const lk_admin_t *account, json_t *errors)
{
    const lk_profile_t *profile = lk_realm_profile(account->req->arena, account->realm);
    size_t i;
    json_t *error;
    json_array_foreach(errors, i, error)
    {
        const lk_profile_attribute_t *attribute = lk_profile_attribute(profile, lk_json_str(error, "field", ""));
        if (attribute != NULL && attribute->display_name != NULL)
            json_array_set_new(json_object_get(error, "params"), 0, json_string(attribute->display_name));
    }
}

static lk_status_t refuse(lk_admin_t *account, json_t *errors, int is_taken, lk_error_t *err)
{
    label(account, errors);
    json_t *body = json_pack("{s:O}", "errors", errors);
    if (json_array_size(errors) == 1)
        json_object_update(body, json_array_get(errors, 0));
    account->refusal = lk_json_own(account->req->arena, body);
    return lk_fail(err, is_taken ? LK_CONFLICT : LK_INVALID, "invalid", "The profile does not take it");
}

static lk_status_t check(lk_admin_t *account, const json_t *old, const json_t *given, lk_error_t *err)
{
    lk_arena_t *arena = account->req->arena;
    json_t *errors = lk_json_own(arena, json_array());
    unsigned taken = 0;
    int renamed = strcmp(first_value(old, "username"), first_value(given, "username")) != 0;
    lk_status_t status = lk_user_taken(account->sql, arena, account->realm, given, account->id, &taken, err);
    if (status != LK_OK)
        return status;
    lk_profile_validate(arena, account->realm, LK_PROFILE_USER, given, errors);
    if (renamed && !account->realm->edit_username_allowed) {
        lk_profile_report(errors, "username", "error-user-attribute-read-only", NULL);
        lk_profile_report(errors, "username", "readOnlyUsernameMessage", NULL);
    }
    if (lk_realm_update_email(account->realm) != NULL && strcmp(first_value(old, "email"), first_value(given, "email")) != 0)
        lk_profile_report(errors, "email", "error-user-attribute-read-only", NULL);
    if (taken & LK_TAKEN_USERNAME)
        lk_profile_report(errors, "username", "usernameExistsMessage", NULL);
    if (taken & LK_TAKEN_EMAIL)
        lk_profile_report(errors, "email", "emailExistsMessage", NULL);
    return json_array_size(errors) == 0 ? LK_OK : refuse(account, errors, taken != 0, err);
}

lk_status_t lk_account_profile_set(lk_admin_t *account, lk_error_t *err)
{
    lk_arena_t *arena = account->req->arena;
    lk_status_t status = lk_admin_check(account, &lk_user_fields, err);
    if (status != LK_OK)
        return status;
    json_t *old = lk_profile_values(arena, account->user), *given = lk_user_values(arena, account->body);
    if (json_object_get(given, "username") == NULL)
        json_object_set(given, "username", json_object_get(old, "username"));
    if ((status = check(account, old, given, err)) != LK_OK)
        return status;
    lk_event_begin(account->req, account->realm, LK_EVENT_UPDATE_PROFILE);
    lk_event_client(account->req, account->caller.client->client_id);
    lk_event_user(account->req, account->id);
    json_t *values = lk_profile_accept(arena, account->realm, LK_PROFILE_USER, old, given);
    lk_event_profile(account->req, "ACCOUNT", old, values);
    status = lk_user_store_values(account->sql, arena, account->realm, account->id, values, err);
    if (status == LK_OK)
        lk_event_success(account->req);
    return status == LK_CONFLICT ? lk_admin_message(err, LK_CONFLICT, "usernameExistsMessage") : status;
}

/* --- credentials --- */

static const struct {
    const char *type, *category, *display, *help, *icon, *create, *update;
    int is_removable;
} types[] = {
    {"password", "basic-authentication", "password-display-name", "password-help-text", "kcAuthenticatorPasswordClass",
     "UPDATE_PASSWORD", "UPDATE_PASSWORD", 0},
    {"otp", "two-factor", "otp-display-name", "otp-help-text", "kcAuthenticatorOTPClass", "CONFIGURE_TOTP", NULL, 1},
};
enum { NUM_TYPES = sizeof(types) / sizeof(types[0]) };

static json_t *container(const lk_rows_t *rows, size_t type, int with_credentials)
{
    json_t *shown = json_pack("{s:s, s:s, s:s, s:s, s:s, s:b}", "type", types[type].type, "category", types[type].category,
                              "displayName", types[type].display, "helptext", types[type].help, "iconCssClass", types[type].icon,
                              "removeable", types[type].is_removable);
    json_t *credentials = json_array();
    for (int i = 0; i != rows->count; ++i)
        if (strcmp(lk_row_str(rows, i, "type"), types[type].type) == 0)
            json_array_append_new(credentials, json_pack("{s:o}", "credential", lk_credential_show(rows, i)));
    if (types[type].update != NULL && json_array_size(credentials) != 0)
        json_object_set_new(shown, "updateAction", json_string(types[type].update));
    else
        json_object_set_new(shown, "createAction", json_string(types[type].create));
    if (with_credentials)
        json_object_set(shown, "userCredentialMetadatas", credentials);
    json_decref(credentials);
    return shown;
}

lk_status_t lk_account_credentials(lk_admin_t *account, lk_error_t *err)
{
    const char *type = lk_pairs_get(&account->req->query, "type");
    int with_credentials = lk_admin_flag(account, "user-credentials", 1);
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(account, LK_Q_CREDENTIAL_LIST, &rows, err, account->id);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (size_t i = 0; i != NUM_TYPES; ++i)
        if (type == NULL || strcmp(type, types[i].type) == 0)
            json_array_append_new(list, container(&rows, i, with_credentials));
    return lk_admin_reply(account, list);
}

static lk_status_t find_credential(lk_admin_t *account, const char **ret_type, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(account, LK_Q_CREDENTIAL_LIST, &rows, err, account->id);
    for (int i = 0; status == LK_OK && i != rows.count; ++i)
        if (strcmp(lk_row_str(&rows, i, "id"), account->args[0]) == 0)
            return (*ret_type = lk_row_str(&rows, i, "type")), LK_OK;
    return status == LK_OK ? lk_fail(err, LK_NOT_FOUND, NULL, "Credential not found") : status;
}

lk_status_t lk_account_credential_remove(lk_admin_t *account, lk_error_t *err)
{
    const char *type;
    lk_status_t status = find_credential(account, &type, err);
    for (size_t i = 0; status == LK_OK && i != NUM_TYPES; ++i)
        if (strcmp(types[i].type, type) == 0 && !types[i].is_removable)
            return lk_fail(err, LK_INVALID, NULL, "Credential type cannot be removed");
    return status == LK_OK ? lk_credential_remove(account, err) : status;
}

lk_status_t lk_account_credential_label(lk_admin_t *account, lk_error_t *err)
{
    const char *type;
    lk_rows_t rows;
    const lk_bytes_t *body = &account->req->body;
    const char *text = json_is_string(account->body) ? json_string_value(account->body)
                                                     : lk_strndup(account->req->arena, (const char *)body->base, body->len);
    lk_status_t status = find_credential(account, &type, err);
    return status == LK_OK ? lk_admin_sql(account, LK_Q_CREDENTIAL_LABEL, &rows, err, account->id, account->args[0], text) : status;
}

/* --- languages and links --- */

lk_status_t lk_account_locales(lk_admin_t *account, lk_error_t *err)
{
    const lk_strings_t *locales = &account->realm->supported_locales;
    json_t *list = json_array();
    (void)err;
    for (size_t i = 0; account->realm->internationalization_enabled && i != locales->count; ++i)
        json_array_append_new(list, json_string(locales->entries[i]));
    return lk_admin_reply(account, list);
}

static const lk_federated_t *link_to(const lk_federated_t *links, size_t count, const char *alias)
{
    for (size_t i = 0; i != count; ++i)
        if (strcmp(links[i].alias, alias) == 0)
            return &links[i];
    return NULL;
}

static json_t *show_link(const lk_identity_provider_t *provider, const lk_federated_t *link)
{
    int has_name = provider->display_name != NULL && *provider->display_name != '\0';
    int is_plain = strstr(provider->provider_id, "oidc") != NULL || strcmp(provider->provider_id, "saml") == 0;
    return json_pack("{s:b, s:b, s:s, s:s, s:s, s:s*}", "connected", link != NULL, "social", !is_plain, "providerAlias",
                     provider->alias, "providerName", provider->alias, "displayName",
                     has_name ? provider->display_name : provider->alias, "linkedUsername", link != NULL ? link->username : NULL);
}

static int is_shown(const lk_identity_provider_t *provider, const lk_federated_t *link)
{
    const char *when = lk_json_config(provider->config, "showInAccountConsole", "ALWAYS");
    return strcmp(when, "NEVER") != 0 && (link != NULL || strcmp(when, "WHEN_LINKED") != 0);
}

lk_status_t lk_account_links(lk_admin_t *account, lk_error_t *err)
{
    const char *linked = lk_pairs_get(&account->req->query, "linked");
    lk_federated_t *links;
    size_t count;
    lk_status_t status =
        lk_federated_links(account->sql, account->req->arena, account->realm, account->id, NULL, &links, &count, err);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    const lk_identity_provider_t **ordered = lk_realm_providers_in_order(account->req->arena, account->realm);
    for (size_t i = 0; i != account->realm->num_identity_providers; ++i) {
        const lk_identity_provider_t *provider = ordered[i];
        const lk_federated_t *link = link_to(links, count, provider->alias);
        if (provider->enabled && is_shown(provider, link) && (linked == NULL || (strcmp(linked, "true") == 0) == (link != NULL)))
            json_array_append_new(list, show_link(provider, link));
    }
    return lk_admin_reply(account, list);
}

lk_status_t lk_account_link_begin(lk_admin_t *account, lk_error_t *err)
{
    (void)account;
    return lk_admin_message(err, LK_NOT_FOUND,
                            "Legacy client-initiated account linking is disabled. Use AIA with kc_action=idp_link instead.");
}

/* The last way to sign in is not given up. */
lk_status_t lk_account_link_remove(lk_admin_t *account, lk_error_t *err)
{
    lk_arena_t *arena = account->req->arena;
    const char *alias = account->args[0];
    lk_federated_t *links;
    lk_rows_t passwords;
    size_t count;
    if (lk_realm_identity_provider(account->realm, alias) == NULL)
        return lk_admin_message(err, LK_INVALID, "identityProviderNotFoundMessage");
    lk_status_t status = lk_federated_links(account->sql, arena, account->realm, account->id, NULL, &links, &count, err);
    if (status == LK_OK)
        status = lk_admin_sql(account, LK_Q_USER_PASSWORDS, &passwords, err, account->id);
    if (status == LK_OK && link_to(links, count, alias) == NULL)
        return lk_admin_message(err, LK_INVALID, "This identity is not active anymore.");
    if (status == LK_OK && count == 1 && passwords.count == 0)
        return lk_admin_message(err, LK_INVALID, "You can not remove last federated identity as you do not have a password.");
    return status == LK_OK ? lk_federated_remove(account->sql, arena, account->realm, account->id, alias, err) : status;
}
