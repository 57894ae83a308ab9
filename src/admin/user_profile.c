/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>
#include "admin/handlers.h"
#include "core/json.h"
#include "crypto/crypto.h"
#include "model/profile.h"
#include "model/profile_validators.h"

/* The realm's user profile: a component whose configuration is its JSON as text. */

#define PROFILE_PROVIDER "declarative-user-profile"
#define PROFILE_TYPE "org.keycloak.userprofile.UserProfileProvider"

lk_status_t lk_profile_get(lk_admin_t *admin, lk_error_t *err)
{
    const json_t *profile = admin->realm->user_profile;
    return lk_admin_reply(admin, profile != NULL ? json_deep_copy(profile) : json_loads(lk_profile_default, 0, NULL));
}

lk_status_t lk_profile_metadata_get(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply(admin, lk_profile_metadata(admin->req->arena, admin->realm, LK_PROFILE_ADMIN, 0));
}

static lk_status_t store(lk_admin_t *admin, const json_t *profile, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_rows_t rows, written;
    lk_status_t status = lk_query(admin->sql, arena, LK_Q_ADMIN_COMPONENT_PROFILE, &rows, err, admin->realm->id);
    if (status != LK_OK)
        return status;
    json_t *rep = rows.count != 0 ? lk_admin_json(admin, &rows, 0, "rep")
                                  : lk_json_own(arena, json_pack("{s:s, s:{}}", "providerId", PROFILE_PROVIDER, "config"));
    json_t *config = json_object_get(rep, "config");
    if (config == NULL)
        json_object_set_new(rep, "config", config = json_object());
    json_object_set_new(config, "kc.user.profile.config", json_pack("[s]", lk_json_text(arena, profile)));
    if (rows.count != 0)
        return lk_admin_sql(admin, LK_Q_ADMIN_COMPONENT_UPDATE, &written, err, lk_row_str(&rows, 0, "id"),
                            lk_json_text(arena, rep));
    return lk_admin_sql(admin, LK_Q_ADMIN_COMPONENT_INSERT, &written, err, lk_random_uuid(arena), PROFILE_TYPE, PROFILE_PROVIDER,
                        lk_json_text(arena, rep));
}

/* --- what a profile must be --- */

/* What is wrong with it, in Keycloak's words: all of it in one message. */
static void report(json_t *errors, const char *format, const char *name, const char *value)
{
    json_array_append_new(errors, json_sprintf(format, name, value));
}

/* Each of `list` must be one of `known`. */
static void check_words(const json_t *list, const char *const *known, size_t count, const char *format, const char *name,
                        json_t *errors)
{
    size_t i, k;
    json_t *word;
    json_array_foreach((json_t *)list, i, word)
    {
        const char *text = json_is_string(word) ? json_string_value(word) : "null";
        for (k = 0; k != count && strcmp(known[k], text) != 0;)
            ++k;
        if (k == count)
            report(errors, format, name, text);
    }
}

static void check_scopes(const lk_admin_t *admin, const json_t *list, const char *format, const char *name, json_t *errors)
{
    size_t i;
    json_t *scope;
    json_array_foreach((json_t *)list, i, scope)
    {
        const char *text = json_is_string(scope) ? json_string_value(scope) : "null";
        if (lk_realm_scope(admin->realm, text) == NULL)
            report(errors, format, name, text);
    }
}

static int has_name(const json_t *list, size_t before, const char *name)
{
    for (size_t i = 0; i < before && i < json_array_size(list); ++i)
        if (strcmp(lk_json_str(json_array_get(list, i), "name", ""), name) == 0)
            return 1;
    return 0;
}

static void check_attribute(const lk_admin_t *admin, const json_t *profile, size_t index, json_t *errors)
{
    static const char *const who[] = {"admin", "user"};
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    const json_t *attributes = json_object_get(profile, "attributes"), *attribute = json_array_get(attributes, index);
    const json_t *permissions = json_object_get(attribute, "permissions"), *required = json_object_get(attribute, "required");
    const char *name = lk_json_str(attribute, "name", ""), *group = lk_json_str(attribute, "group", NULL), *validator;
    json_t *config;
    if (*name == '\0') {
        json_array_append_new(errors, json_string("Attribute configuration without 'name' is not allowed"));
        return;
    }
    if (has_name(attributes, index, name)) {
        report(errors, "Attribute configuration already exists with 'name':'%s'%s", name, "");
        return;
    }
    if (name[strspn(name, letters)] != '\0')
        report(errors, "Invalid attribute name (only letters, numbers and '.' '_' '-' special characters allowed): %s'%s", name,
               "");
    json_object_foreach(json_object_get(attribute, "validations"), validator, config)
    {
        if (!lk_profile_validator_is_known(validator))
            report(errors, "Validator '%s' defined for attribute '%s' doesn't exist", validator, name);
    }
    check_words(json_object_get(permissions, "view"), who, 2,
                "'permissions.view' configuration for attribute '%s' contains unsupported role '%s'", name, errors);
    check_words(json_object_get(permissions, "edit"), who, 2,
                "'permissions.edit' configuration for attribute '%s' contains unsupported role '%s'", name, errors);
    check_words(json_object_get(required, "roles"), who, 2,
                "'required.roles' configuration for attribute '%s' contains unsupported role '%s'", name, errors);
    check_scopes(admin, json_object_get(required, "scopes"),
                 "'required.scopes' configuration for attribute '%s' contains unsupported scope '%s'", name, errors);
    check_scopes(admin, json_object_get(json_object_get(attribute, "selector"), "scopes"),
                 "'selector.scopes' configuration for attribute '%s' contains unsupported scope '%s'", name, errors);
    if (group != NULL && !has_name(json_object_get(profile, "groups"), SIZE_MAX, group))
        report(errors, "Attribute '%s' references unknown group '%s'", name, group);
}

static lk_status_t refuse(lk_admin_t *admin, const json_t *errors, lk_error_t *err)
{
    lk_buffer_t text;
    lk_buffer_init(&text, admin->req->arena, 65536);
    for (size_t i = 0; i != json_array_size(errors); ++i)
        lk_buffer_printf(&text, "%s%s", i == 0 ? "[" : ", ", json_string_value(json_array_get(errors, i)));
    lk_buffer_putc(&text, ']');
    return lk_admin_message(err, LK_INVALID, text.base);
}

static lk_status_t check(lk_admin_t *admin, const json_t *profile, lk_error_t *err)
{
    static const char *const fixed[] = {"username", "email"};
    json_t *errors = lk_json_own(admin->req->arena, json_array());
    const json_t *attributes = json_object_get(profile, "attributes");
    size_t nameless = 0;
    for (size_t i = 0; i != json_array_size(attributes); ++i)
        check_attribute(admin, profile, i, errors);
    for (size_t i = 0; attributes != NULL && i != 2; ++i)
        if (!has_name(attributes, SIZE_MAX, fixed[i]))
            report(errors, "The attribute '%s' can not be removed%s", fixed[i], "");
    for (size_t i = 0; i != json_array_size(json_object_get(profile, "groups")); ++i)
        nameless += *lk_json_str(json_array_get(json_object_get(profile, "groups"), i), "name", "") == '\0';
    if (nameless != 0)
        json_array_append_new(errors, json_sprintf("Name is mandatory for groups, found %d group(s) without name.", (int)nameless));
    return json_array_size(errors) == 0 ? LK_OK : refuse(admin, errors, err);
}

/* --- writing it --- */

static const lk_field_t profile_fields[] = {
    LK_FIELD_FREE("attributes", ARRAY, 0, NULL),
    LK_FIELD_FREE("groups", ARRAY, 0, NULL),
    LK_FIELD_FREE("unmanagedAttributePolicy", STRING, 0, NULL),
};
static const lk_representation_t profile_rep = LK_REPRESENTATION("UPConfig", profile_fields);

static const char *const policies[] = {"ENABLED", "ADMIN_VIEW", "ADMIN_EDIT"};

static lk_status_t read(lk_admin_t *admin, json_t **ret_profile, lk_error_t *err)
{
    static const char cannot[] = "Cannot parse the JSON";
    if (admin->body == NULL) { /* back to what realms begin with */
        *ret_profile = lk_json_own(admin->req->arena, json_loads(lk_profile_default, 0, NULL));
        return LK_OK;
    }
    size_t i = 0;
    json_t *attribute;
    if (!json_is_object(admin->body))
        return lk_fail(err, LK_INVALID, "unknown_error", cannot);
    lk_status_t status = lk_admin_check(admin, &profile_rep, err);
    const char *policy = lk_json_str(admin->body, "unmanagedAttributePolicy", policies[0]);
    while (i != 3 && strcmp(policies[i], policy) != 0)
        ++i;
    if (status == LK_OK && i == 3)
        return lk_fail(err, LK_INVALID, "unknown_error", cannot);
    json_t *profile = *ret_profile = lk_json_own(admin->req->arena, lk_rep_strict(&profile_rep, admin->body));
    json_array_foreach(json_object_get(profile, "attributes"), i, attribute)
    {
        if (json_object_get(attribute, "multivalued") == NULL)
            json_object_set_new(attribute, "multivalued", json_false());
    }
    if (json_object_get(profile, "groups") == NULL)
        json_object_set_new(profile, "groups", json_array());
    return status;
}

static int is_new(const lk_admin_t *admin, const json_t *profile)
{
    json_t *standard = lk_json_own(admin->req->arena, json_loads(lk_profile_default, 0, NULL));
    return !json_equal(admin->realm->user_profile != NULL ? admin->realm->user_profile : standard, profile);
}

lk_status_t lk_profile_put(lk_admin_t *admin, lk_error_t *err)
{
    json_t *profile = NULL;
    lk_status_t status = read(admin, &profile, err);
    if (status == LK_OK)
        status = check(admin, profile, err);
    if (status == LK_OK)
        status = store(admin, profile, err);
    if (status != LK_OK)
        return status;
    admin->untold = !is_new(admin, profile);
    lk_admin_reply(admin, json_incref(profile));
    admin->reply->content_type = "application/json";
    return LK_OK;
}
