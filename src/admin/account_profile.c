/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "admin/account.h"
#include "admin/users.h"
#include "core/json.h"
#include "model/event.h"
#include "model/federated.h"
#include "model/organization.h"
#include "model/profile.h"
#include "model/profile_validators.h"
#include "model/user_write.h"

/* A user's own profile, and links to identity providers. */

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

/* Errors name attributes as the form labels them; numbers are texts here. */
static void label(const lk_admin_t *account, json_t *errors)
{
    const lk_profile_t *profile = lk_realm_profile(account->req->arena, account->realm);
    size_t i;
    json_t *error;
    json_array_foreach(errors, i, error)
    {
        const lk_profile_attribute_t *attribute = lk_profile_attribute(profile, lk_json_str(error, "field", ""));
        json_t *params = json_object_get(error, "params");
        for (size_t j = 0; j != json_array_size(params); ++j)
            if (json_is_integer(json_array_get(params, j)))
                json_array_set_new(params, j, json_string(lk_json_text(account->req->arena, json_array_get(params, j))));
        if (attribute != NULL && attribute->display_name != NULL)
            json_array_set_new(params, 0, json_string(attribute->display_name));
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

/* Of an address that must be there and is given as a blank, Keycloak says twice that it is missing. */
static int blanks_email(const lk_admin_t *account)
{
    const lk_profile_attribute_t *email = lk_profile_attribute(lk_realm_profile(account->req->arena, account->realm), "email");
    return email != NULL && (email->required & LK_PROFILE_USER) != 0 && *lk_json_str(account->body, "email", "?") == '\0';
}

/* A name that is not given is the old one; where it may be changed, Keycloak wants to see it all the same. A blank is none that
 * stays. */
static lk_status_t check(lk_admin_t *account, const json_t *old, json_t *given, lk_error_t *err)
{
    lk_arena_t *arena = account->req->arena;
    json_t *errors = lk_json_own(arena, json_array());
    unsigned taken = 0;
    int may_rename = account->realm->edit_username_allowed, is_blank = *lk_json_str(account->body, "username", "?") == '\0';
    int is_nameless =
        *first_value(given, "username") == '\0' && (may_rename || is_blank) && !account->realm->registration_email_as_username;
    if (*first_value(given, "username") == '\0')
        json_object_set(given, "username", json_object_get(old, "username"));
    int renamed = strcmp(first_value(old, "username"), first_value(given, "username")) != 0;
    lk_status_t status = lk_user_taken(account->sql, arena, account->realm, given, account->id, &taken, err);
    if (status == LK_OK)
        status = lk_organization_check_address(account->sql, arena, account->realm, account->id, given, errors, err);
    if (status != LK_OK)
        return status;
    lk_profile_validate(arena, account->realm, LK_PROFILE_USER, given, errors);
    if (blanks_email(account))
        lk_profile_report(errors, "email", "missingEmailMessage", NULL);
    if ((renamed || is_nameless) && !may_rename)
        lk_profile_report(errors, "username", "error-user-attribute-read-only", NULL);
    if (renamed && !may_rename)
        lk_profile_report(errors, "username", "readOnlyUsernameMessage", NULL);
    if (lk_realm_update_email(account->realm) != NULL && strcmp(first_value(old, "email"), first_value(given, "email")) != 0)
        lk_profile_report(errors, "email", "error-user-attribute-read-only", NULL);
    if (is_nameless)
        lk_profile_report(errors, "username", "missingUsernameMessage", NULL);
    if (taken & LK_TAKEN_USERNAME)
        lk_profile_report(errors, "username", "usernameExistsMessage", NULL);
    if (taken & LK_TAKEN_EMAIL)
        lk_profile_report(errors, "email", "emailExistsMessage", NULL);
    return json_array_size(errors) == 0 ? LK_OK : refuse(account, errors, taken != 0, err);
}

/* What people send of themselves, and what comes back of the answer without a meaning. */
static const lk_field_t user_fields[] = {
    LK_FIELD_FREE("id", STRING, 0, NULL),
    LK_FIELD_FREE("username", STRING, 0, NULL),
    LK_FIELD_FREE("firstName", STRING, 0, NULL),
    LK_FIELD_FREE("lastName", STRING, 0, NULL),
    LK_FIELD_FREE("email", STRING, 0, NULL),
    LK_FIELD_FREE("emailVerified", BOOL, 0, NULL),
    LK_FIELD_FREE("enabled", BOOL, 0, NULL),
    LK_FIELD_FREE("attributes", MULTIMAP, LK_FIELD_LENIENT, NULL),
    LK_FIELD_FREE("userProfileMetadata", OBJECT, 0, NULL),
};
static const lk_representation_t user_rep = LK_REPRESENTATION("UserRepresentation", user_fields);

lk_status_t lk_account_profile_set(lk_admin_t *account, lk_error_t *err)
{
    lk_arena_t *arena = account->req->arena;
    lk_status_t status = lk_admin_check(account, &user_rep, err);
    if (status != LK_OK)
        return status;
    json_t *old = lk_profile_values(arena, account->user), *given = lk_user_values(arena, account->body);
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

static json_t *show_link(lk_admin_t *account, const lk_identity_provider_t *provider, const lk_federated_t *link)
{
    int is_plain = strstr(provider->provider_id, "oidc") != NULL || strcmp(provider->provider_id, "saml") == 0;
    const char *name = provider->display_name;
    if (name == NULL || *name == '\0')
        name = is_plain ? provider->alias : lk_idp_type_name(account, provider->provider_id);
    return json_pack("{s:b, s:b, s:s, s:s, s:s, s:s*}", "connected", link != NULL, "social", !is_plain, "providerAlias",
                     provider->alias, "providerName", provider->alias, "displayName", name, "linkedUsername",
                     link != NULL ? link->username : NULL);
}

static int is_shown(const lk_identity_provider_t *provider, const lk_federated_t *link)
{
    const char *when = lk_json_config(provider->config, "showInAccountConsole", "ALWAYS");
    return strcmp(when, "NEVER") != 0 && (link != NULL || strcmp(when, "WHEN_LINKED") != 0);
}

static int compare_aliases(const void *a, const void *b)
{
    return strcmp((*(const lk_identity_provider_t *const *)a)->alias, (*(const lk_identity_provider_t *const *)b)->alias);
}

/* A search and a page are for one who asks for what is linked or what is not; the former goes by aliases alone. */
static int is_wanted(lk_admin_t *account, const lk_identity_provider_t *provider, const lk_federated_t *link, const char *linked)
{
    const char *search = lk_pairs_get(&account->req->query, "search");
    if (!provider->enabled || !is_shown(provider, link))
        return 0;
    if (*linked == '\0')
        return 1;
    if ((strcasecmp(linked, "true") == 0) != (link != NULL))
        return 0;
    return search == NULL || lk_idp_is_searched(account->req->arena, provider->alias, search) ||
           (link == NULL && provider->display_name != NULL &&
            lk_idp_is_searched(account->req->arena, provider->display_name, search));
}

lk_status_t lk_account_links(lk_admin_t *account, lk_error_t *err)
{
    const char *linked = lk_pairs_get(&account->req->query, "linked");
    size_t count, num_providers = account->realm->num_identity_providers;
    lk_federated_t *links;
    lk_status_t status =
        lk_federated_links(account->sql, account->req->arena, account->realm, account->id, NULL, &links, &count, err);
    if (status != LK_OK)
        return status;
    if (linked == NULL)
        linked = "";
    json_t *list = json_array();
    const lk_identity_provider_t **ordered = lk_realm_providers_in_order(account->req->arena, account->realm);
    if (*linked != '\0' && strcasecmp(linked, "true") != 0)
        qsort(ordered, num_providers, sizeof(*ordered), compare_aliases);
    for (size_t i = 0; i != num_providers; ++i) {
        const lk_federated_t *link = link_to(links, count, ordered[i]->alias);
        if (is_wanted(account, ordered[i], link, linked))
            json_array_append_new(list, show_link(account, ordered[i], link));
    }
    return lk_admin_reply(account, *linked != '\0' ? lk_admin_page(account, list, LK_ADMIN_ALL) : list);
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
        return lk_admin_message(err, LK_INVALID, lk_account_text(account, "${federatedIdentityLinkNotActiveMessage}"));
    if (status == LK_OK && count == 1 && passwords.count == 0)
        return lk_admin_message(err, LK_INVALID, lk_account_text(account, "${federatedIdentityRemovingLastProviderMessage}"));
    return status == LK_OK ? lk_federated_remove(account->sql, arena, account->realm, account->id, alias, err) : status;
}
