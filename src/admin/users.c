/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "admin/fine_grained.h"
#include "admin/listing.h"
#include "admin/users.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/federated.h"
#include "model/organization.h"
#include "model/profile.h"
#include "model/profile_validators.h"
#include "model/user_write.h"

/* Users: one, a new one, what changes. Search is in user_search.c. */

/* --- answers --- */

void lk_user_hide(lk_admin_t *admin, json_t *shown)
{
    json_t *attributes = json_object_get(shown, "attributes");
    if (attributes == NULL)
        return;
    json_t *visible = lk_profile_visible(admin->req->arena, admin->realm, LK_PROFILE_ADMIN, attributes);
    if (json_object_size(visible) != 0)
        json_object_set(shown, "attributes", visible);
    else
        json_object_del(shown, "attributes");
}

static json_t *show(lk_admin_t *admin, const json_t *rep)
{
    json_t *shown = lk_rep_answer(&lk_user_fields, rep, 0);
    lk_user_hide(admin, shown);
    json_object_set_new(shown, "access", lk_admin_access(admin, &lk_access_to_user, NULL, admin->user));
    return shown;
}

lk_status_t lk_admin_reply_user(lk_admin_t *admin, const char *id, lk_error_t *err)
{
    json_t *rep;
    lk_status_t status = lk_kind_find(admin, &lk_kind_user, id, &rep, err);
    return status == LK_OK ? lk_admin_reply(admin, lk_rep_answer(&lk_user_fields, rep, 0)) : status;
}

json_t *lk_admin_show_user(lk_admin_t *admin, const lk_rows_t *rows, int row, unsigned flags)
{
    int brief = lk_admin_flag(admin, "briefRepresentation", 0), by_row = (flags & LK_USERS_BY_ROW) != 0;
    json_t *user = lk_rep_answer(&lk_user_fields, lk_admin_json(admin, rows, row, "rep"), brief ? LK_ANSWER_BRIEF : 0);
    if ((flags & LK_USERS_HIDE) != 0)
        lk_user_hide(admin, user);
    if ((flags & LK_USERS_ACCESS) != 0)
        json_object_set_new(
            user, "access",
            json_pack("{s:b}", "manage", by_row ? lk_row_bool(rows, row, "manage") : lk_admin_can(admin, "manage-users")));
    return user;
}

typedef struct st_users_t {
    enum en_lk_query_t query;
    const char *of;
    const char *seen, *managed; /* what lk_fine_users says, where not all may be seen */
    unsigned flags;
} users_t;

static lk_status_t read_users(lk_admin_t *admin, const lk_listing_t *listing, const lk_page_t *page, lk_rows_t *ret_rows,
                              lk_error_t *err)
{
    const users_t *users = listing->filter;
    if (users->seen == NULL)
        return lk_admin_sql(admin, users->query, ret_rows, err, users->of, page->after, page->first, page->max);
    return lk_admin_sql(admin, users->query, ret_rows, err, users->of, page->after, page->first, page->max, users->seen,
                        users->managed);
}

static json_t *show_row(lk_admin_t *admin, const lk_listing_t *listing, const lk_rows_t *rows, int row)
{
    const users_t *users = listing->filter;
    return lk_admin_show_user(admin, rows, row, users->flags);
}

static lk_status_t reply_users(lk_admin_t *admin, const users_t *given, const char *max, lk_error_t *err)
{
    users_t *users = LK_NEW(admin->req->arena, users_t);
    *users = *given;
    return lk_admin_reply_listing(
        admin, &(lk_listing_t){.read = read_users, .show = show_row, .filter = users, .max = strtol(max, NULL, 10)}, err);
}

lk_status_t lk_admin_reply_users(lk_admin_t *admin, enum en_lk_query_t query, const char *of, const char *max, unsigned flags,
                                 lk_error_t *err)
{
    return reply_users(admin, &(users_t){.query = query, .of = of, .flags = flags}, max, err);
}

lk_status_t lk_admin_reply_holders(lk_admin_t *admin, enum en_lk_query_t all, enum en_lk_query_t permitted, const char *id,
                                   unsigned flags, lk_error_t *err)
{
    const char *max = lk_admin_max(admin->req, LK_ADMIN_ALL);
    if (lk_admin_can(admin, "view-users"))
        return lk_admin_reply_users(admin, all, id, max, flags, err);
    users_t users = {.query = permitted,
                     .of = id,
                     .seen = lk_fine_users(admin, "view"),
                     .managed = lk_fine_users(admin, "manage"),
                     .flags = flags | LK_USERS_BY_ROW};
    return users.seen != NULL ? reply_users(admin, &users, max, err) : lk_admin_reply(admin, json_array());
}

lk_status_t lk_user_get(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    json_t *rep;
    lk_federated_t *links;
    size_t num_links;
    lk_status_t status = lk_kind_find(admin, &lk_kind_user, admin->id, &rep, err);
    if (status == LK_OK)
        status = lk_federated_links(admin->sql, arena, admin->realm, admin->id, NULL, &links, &num_links, err);
    if (status != LK_OK)
        return status;
    json_t *shown = show(admin, rep);
    if (num_links != 0 || admin->realm->num_identity_providers != 0)
        json_object_set_new(shown, "federatedIdentities", lk_federated_show(links, num_links));
    if (lk_admin_flag(admin, "userProfileMetadata", 0))
        json_object_set_new(shown, "userProfileMetadata", lk_profile_metadata(arena, admin->realm, LK_PROFILE_ADMIN, 1));
    return lk_admin_reply(admin, shown);
}

lk_status_t lk_user_unmanaged_attributes(lk_admin_t *admin, lk_error_t *err)
{
    const lk_profile_t *profile = lk_realm_profile(admin->req->arena, admin->realm);
    json_t *unmanaged = json_object(), *value;
    const char *name;
    json_object_foreach(admin->user->attributes, name, value)
    {
        if (profile->unmanaged_view != 0 && lk_profile_attribute(profile, name) == NULL)
            json_object_set(unmanaged, name, value);
    }
    return lk_admin_reply(admin, unmanaged);
}

/* --- checking --- */

/* Keycloak's answer to values that the profile does not take: one error by itself, more in a list. */
static lk_status_t invalid_values(lk_admin_t *admin, json_t *errors, lk_error_t *err)
{
    json_t *first = json_array_get(errors, 0);
    admin->refusal = json_array_size(errors) == 1 ? first : lk_json_own(admin->req->arena, json_pack("{s:O}", "errors", errors));
    return lk_fail(err, LK_INVALID, lk_json_str(first, "errorMessage", NULL), "%s", lk_json_str(first, "field", ""));
}

static lk_status_t check_taken(lk_admin_t *admin, const json_t *values, const char *own_id, lk_error_t *err)
{
    unsigned taken;
    lk_status_t status = lk_user_taken(admin->sql, admin->req->arena, admin->realm, values, own_id, &taken, err);
    if (status != LK_OK || taken == 0)
        return status;
    return lk_admin_message(err, LK_CONFLICT,
                            taken & LK_TAKEN_USERNAME ? "User exists with same username" : "User exists with same email");
}

static const char *first_value(const json_t *values, const char *name)
{
    return json_string_value(json_array_get(json_object_get(values, name), 0));
}

/* Another user name, where users may not change theirs, is none that an administrator may give either. */
static void check_username_change(const lk_realm_t *realm, const json_t *old, const json_t *given, json_t *errors)
{
    const char *was = first_value(old, "username"), *is = first_value(given, "username");
    if (old != NULL && was != NULL && is != NULL && strcmp(was, is) != 0 && !realm->edit_username_allowed &&
        !realm->registration_email_as_username)
        lk_profile_report(errors, "username", "error-user-attribute-read-only", NULL);
}

/* Another value for what administrators may see and not change. */
static void check_read_only(lk_admin_t *admin, const json_t *old, const json_t *given, json_t *errors)
{
    const lk_profile_t *profile = lk_realm_profile(admin->req->arena, admin->realm);
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)given, name, value)
    {
        const lk_profile_attribute_t *attribute = lk_profile_attribute(profile, name);
        const char *first = first_value(given, name);
        if (attribute != NULL && (attribute->edit & LK_PROFILE_ADMIN) == 0 && first != NULL && *first != '\0' &&
            strcmp(name, "username") != 0 && !json_equal(value, json_object_get(old, name)))
            lk_profile_report(errors, name, "error-user-attribute-read-only", NULL);
    }
}

/* What is to be stored of the given values. */
static lk_status_t accept_values(lk_admin_t *admin, const char *id, const json_t *old, json_t *given, json_t **ret_values,
                                 lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    json_t *errors = lk_json_own(arena, json_array());
    if (admin->realm->registration_email_as_username && first_value(given, "email") != NULL)
        json_object_set(given, "username", json_object_get(given, "email"));
    lk_status_t status = check_taken(admin, given, id, err);
    if (status == LK_OK && old != NULL)
        status = lk_organization_check_address(admin->sql, arena, admin->realm, id, given, errors, err);
    if (status != LK_OK)
        return status;
    lk_profile_validate(arena, admin->realm, LK_PROFILE_ADMIN, given, errors);
    if (admin->realm->registration_email_as_username && first_value(given, "email") == NULL)
        lk_profile_report(errors, "email", "error-user-attribute-required", NULL);
    check_username_change(admin->realm, old, given, errors);
    if (old != NULL)
        check_read_only(admin, old, given, errors);
    if (json_array_size(errors) != 0)
        return invalid_values(admin, errors, err);
    *ret_values = lk_profile_accept(arena, admin->realm, LK_PROFILE_ADMIN, old, given);
    return LK_OK;
}

static const char *text_of(const json_t *value)
{
    return json_is_string(value) ? json_string_value(value) : "";
}

/* Only actions that the realm knows. */
static void keep_known_actions(const lk_realm_t *realm, json_t *rep)
{
    json_t *known = json_array(), *action;
    size_t i;
    json_array_foreach(json_object_get(rep, "requiredActions"), i, action)
    {
        for (size_t j = 0; j != realm->num_required_actions; ++j)
            if (strcmp(realm->required_actions[j].alias, text_of(action)) == 0)
                json_array_append(known, action);
    }
    json_object_set_new(rep, "requiredActions", known);
}

/* --- what comes with a user --- */

typedef struct st_companions_t {
    lk_new_password_t password;
    int has_password, is_temporary;
} companions_t;

/* Hashes a password among the credentials; outside of the transaction. */
static lk_status_t prepare_password(lk_admin_t *admin, const char *id, const json_t *rep, companions_t *ret_companions,
                                    lk_error_t *err)
{
    lk_user_t user = {.id = id, .username = lk_json_str(rep, "username", ""), .email = lk_json_str(rep, "email", NULL)};
    lk_status_t status = LK_OK;
    size_t i;
    json_t *credential;
    json_array_foreach(json_object_get(admin->body, "credentials"), i, credential)
    {
        const char *value = lk_json_str(credential, "value", "");
        if (*value == '\0' || status != LK_OK)
            continue;
        status = lk_new_password_prepare(admin->sql, admin->req->arena, admin->realm, &user, value, &ret_companions->password, err);
        ret_companions->has_password = 1;
        ret_companions->is_temporary = lk_json_bool(credential, "temporary", 0);
    }
    return status;
}

static lk_status_t check_credentials(lk_admin_t *admin, lk_error_t *err)
{
    size_t i;
    json_t *credential;
    lk_status_t status = LK_OK;
    json_array_foreach(json_object_get(admin->body, "credentials"), i, credential)
    {
        if (status == LK_OK &&
            (!json_is_object(credential) || lk_rep_check(&lk_credential_fields, credential, "$", 0, NULL) != LK_OK))
            status = lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
        if (status == LK_OK && lk_json_str(credential, "value", NULL) == NULL &&
            lk_json_str(credential, "secretData", NULL) == NULL)
            status = lk_admin_message(err, LK_INVALID, "Credential without a value");
    }
    return status;
}

/* A credential that is hashed already keeps its label and date. */
static lk_status_t store_hashed(lk_admin_t *admin, const char *id, const json_t *credential, lk_error_t *err)
{
    lk_rows_t rows;
    lk_arena_t *arena = admin->req->arena;
    long long created = (long long)json_integer_value(json_object_get(credential, "createdDate"));
    return lk_admin_sql(admin, LK_Q_CREDENTIAL_INSERT, &rows, err, id, lk_random_uuid(arena),
                        lk_json_str(credential, "type", "password"), lk_json_str(credential, "userLabel", NULL),
                        lk_printf(arena, "%lld", created != 0 ? created : (long long)lk_now_ms()),
                        lk_json_str(credential, "secretData", ""), lk_json_str(credential, "credentialData", "{}"));
}

static int asks_for_action(const json_t *body, const char *alias)
{
    size_t i;
    json_t *action;
    json_array_foreach(json_object_get(body, "requiredActions"), i, action)
    {
        if (strcmp(text_of(action), alias) == 0)
            return 1;
    }
    return 0;
}

static lk_status_t store_credentials(lk_admin_t *admin, const char *id, companions_t *companions, lk_error_t *err)
{
    lk_user_t user = {.id = id};
    lk_status_t status = LK_OK;
    size_t i;
    json_t *credential;
    json_array_foreach(json_object_get(admin->body, "credentials"), i, credential)
    {
        int is_hashed = lk_json_str(credential, "secretData", NULL) != NULL;
        if (status == LK_OK && is_hashed &&
            !(companions->has_password && strcmp(lk_json_str(credential, "type", ""), "password") == 0))
            status = store_hashed(admin, id, credential, err);
    }
    if (status == LK_OK && companions->has_password)
        status = lk_new_password_store(admin->sql, admin->req->arena, admin->realm, &user, &companions->password,
                                       companions->is_temporary || asks_for_action(admin->body, "UPDATE_PASSWORD"), err);
    return status;
}

static lk_status_t join_groups(lk_admin_t *admin, const char *id, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = LK_OK;
    size_t i;
    json_t *path;
    json_array_foreach(json_object_get(admin->body, "groups"), i, path)
    {
        const char *text = text_of(path);
        const lk_group_t *group =
            lk_realm_group_by_path(admin->realm, *text == '/' ? text : lk_printf(admin->req->arena, "/%s", text));
        if (status == LK_OK && group == NULL)
            status =
                lk_admin_message(err, LK_INVALID, lk_printf(admin->req->arena, "Unable to find group specified by path: %s", text));
        if (status == LK_OK)
            status = lk_admin_sql(admin, LK_Q_USER_GROUP_ADD, &rows, err, id, group->id);
    }
    return status;
}

/* Links to providers that the realm does not have are passed over. */
static lk_status_t add_links(lk_admin_t *admin, const char *id, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    size_t i;
    json_t *entry;
    json_array_foreach(json_object_get(admin->body, "federatedIdentities"), i, entry)
    {
        lk_federated_t link = {.alias = lk_json_str(entry, "identityProvider", ""),
                               .user_id = lk_json_str(entry, "userId", ""),
                               .username = lk_json_str(entry, "userName", NULL)};
        if (status == LK_OK && lk_realm_identity_provider(admin->realm, link.alias) != NULL)
            status = lk_federated_add(admin->sql, admin->req->arena, admin->realm, id, &link, err);
    }
    return status == LK_CONFLICT ? lk_admin_message(err, LK_CONFLICT, "User is already linked with provider") : status;
}

/* --- a new one --- */

static lk_status_t check_body(lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = lk_admin_check(admin, &lk_user_fields, err);
    return status == LK_OK ? check_credentials(admin, err) : status;
}

static int is_blank(const char *text)
{
    return text == NULL || text[strspn(text, " \t\r\n")] == '\0';
}

static lk_status_t prepare_new(lk_admin_t *admin, const char *id, json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    json_t *values;
    if (!admin->realm->registration_email_as_username && is_blank(lk_json_str(rep, "username", NULL)))
        return lk_admin_message(err, LK_INVALID, "User name is missing");
    lk_status_t status = accept_values(admin, id, NULL, lk_user_values(arena, rep), &values, err);
    if (status != LK_OK)
        return status;
    lk_user_set_values(rep, values);
    keep_known_actions(admin->realm, rep);
    json_object_set_new(rep, "id", json_string(id));
    json_object_del(rep, "notBefore");
    if (json_object_get(rep, "createdTimestamp") == NULL)
        json_object_set_new(rep, "createdTimestamp", json_integer(lk_now_ms()));
    return LK_OK;
}

lk_status_t lk_user_add(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const char *id = lk_random_uuid(arena);
    companions_t companions = {.has_password = 0};
    lk_status_t status = check_body(admin, err);
    if (status != LK_OK)
        return status;
    json_t *rep = lk_json_own(arena, lk_rep_strict(&lk_user_fields, admin->body));
    if ((status = prepare_new(admin, id, rep, err)) == LK_OK)
        status = prepare_password(admin, id, rep, &companions, err);
    if (status == LK_OK)
        status = lk_admin_begin_write(admin, err);
    if (status == LK_OK && (status = lk_user_create(admin->sql, arena, admin->realm, rep, err)) == LK_CONFLICT)
        return lk_admin_message(err, LK_CONFLICT, "User exists with same username");
    if (status == LK_OK)
        status = join_groups(admin, id, err);
    if (status == LK_OK)
        status = add_links(admin, id, err);
    if (status == LK_OK)
        status = store_credentials(admin, id, &companions, err);
    return status == LK_OK ? lk_admin_reply_created(admin, id) : status;
}

/* --- changes --- */

static int is_locked_out(const json_t *old)
{
    return json_object_get(json_object_get(old, "attributes"), "disabledReason") != NULL;
}

/* Whoever is enabled again is so without the failures that locked them out. */
static lk_status_t forgive(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    lk_rows_t rows;
    if (lk_json_bool(old, "enabled", 0) || !lk_json_bool(rep, "enabled", 0))
        return LK_OK;
    if (is_locked_out(old))
        json_object_del(json_object_get(rep, "attributes"), "disabledReason");
    return lk_admin_sql(admin, LK_Q_LOGIN_FAILURE_CLEAR, &rows, err, admin->id);
}

/* Lays the body over what is there: attributes, where they are given, with all members of the profile. */
static lk_status_t patch(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    json_t *had = lk_user_values(arena, old), *given, *values;
    const char *username = lk_json_str(admin->body, "username", NULL);
    if (username != NULL && is_blank(username))
        return lk_admin_message(err, LK_INVALID, "User name is missing");
    lk_rep_patch(&lk_user_fields, rep, admin->body);
    given = lk_user_values(arena, json_is_object(json_object_get(admin->body, "attributes")) ? admin->body : rep);
    if (json_object_get(given, "username") == NULL)
        json_object_set(given, "username", json_object_get(had, "username"));
    lk_status_t status = accept_values(admin, admin->id, had, given, &values, err);
    if (status != LK_OK)
        return status;
    lk_user_set_values(rep, values);
    keep_known_actions(admin->realm, rep);
    json_object_set(rep, "id", json_object_get(old, "id"));
    return LK_OK;
}

lk_status_t lk_user_change(lk_admin_t *admin, lk_error_t *err)
{
    companions_t companions = {.has_password = 0};
    lk_rows_t rows;
    json_t *old;
    lk_status_t status = check_body(admin, err);
    lk_user_t before = *admin->user;
    if (status == LK_OK)
        status = prepare_password(admin, admin->id, lk_json_own(admin->req->arena, json_pack("{s:s}", "username", before.username)),
                                  &companions, err);
    if (status == LK_OK)
        status = lk_admin_begin_write(admin, err);
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_USER_ROW_LOCK, &rows, err, admin->id);
    if (status == LK_OK)
        status = lk_kind_find(admin, &lk_kind_user, admin->id, &old, err);
    if (status != LK_OK)
        return status;
    json_t *rep = lk_json_own(admin->req->arena, json_deep_copy(old));
    if ((status = patch(admin, old, rep, err)) == LK_OK)
        status = forgive(admin, old, rep, err);
    if (status == LK_OK)
        status = lk_kind_write(admin, &lk_kind_user, rep, err);
    return status == LK_OK ? store_credentials(admin, admin->id, &companions, err) : status;
}

lk_status_t lk_user_remove(lk_admin_t *admin, lk_error_t *err)
{
    lk_admin_tell(admin, admin->id, "username", admin->user->username);
    lk_status_t status = lk_fine_forget(admin, admin->id, err);
    return status == LK_OK ? lk_kind_remove(admin, &lk_kind_user, admin->id, err) : status;
}

const lk_kind_t lk_kind_user = {.fields = &lk_user_fields,
                                .id = "id",
                                .name = "username",
                                .missing = "User not found",
                                .exists = "User exists with same username",
                                .taken = "User exists with same username",
                                .select = LK_Q_USER_REP_SELECT,
                                .insert = LK_Q_USER_INSERT,
                                .update = LK_Q_USER_UPDATE,
                                .remove = LK_Q_USER_DELETE,
                                .show = show};
