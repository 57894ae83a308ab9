/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "admin/handlers.h"
#include "core/multipart.h"
#include "oidc/client_policy.h"

/* Parts of a realm's representation that have addresses of their own: texts by language, client policies and profiles. */

static json_t *realm_rep(lk_admin_t *admin)
{
    return lk_json_own(admin->req->arena, json_deep_copy(admin->realm->rep));
}

static lk_status_t store(lk_admin_t *admin, const json_t *rep, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_admin_sql(admin, LK_Q_ADMIN_REALM_UPDATE, &rows, err, lk_json_text(admin->req->arena, rep));
}

/* --- texts by language: args are the locale and the key --- */

static const json_t *texts_of(const lk_admin_t *admin)
{
    return json_object_get(json_object_get(admin->realm->rep, "localizationTexts"), admin->args[0]);
}

lk_status_t lk_locales_list(lk_admin_t *admin, lk_error_t *err)
{
    json_t *list = json_array(), *texts;
    const char *locale;
    json_object_foreach(json_object_get(admin->realm->rep, "localizationTexts"), locale, texts)
    {
        json_array_append_new(list, json_string(locale));
    }
    return lk_admin_reply(admin, list);
}

lk_status_t lk_texts_get(lk_admin_t *admin, lk_error_t *err)
{
    const json_t *texts = texts_of(admin);
    return lk_admin_reply(admin, texts != NULL ? json_deep_copy(texts) : json_object());
}

lk_status_t lk_text_get(lk_admin_t *admin, lk_error_t *err)
{
    const char *text = lk_json_str(texts_of(admin), admin->args[1], NULL);
    if (text == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Localization text not found");
    lk_reply_text(admin->reply, 200, "text/plain; charset=UTF-8", text);
    return LK_OK;
}

/* Puts texts beside those of the locale that are there. */
static lk_status_t put_texts(lk_admin_t *admin, const json_t *texts, lk_error_t *err)
{
    const char *name;
    json_t *text;
    json_t *rep = realm_rep(admin), *all = json_object_get(rep, "localizationTexts"), *mine;
    if (!json_is_object(all))
        json_object_set_new(rep, "localizationTexts", all = json_object());
    if (!json_is_object(mine = json_object_get(all, admin->args[0])))
        json_object_set_new(all, admin->args[0], mine = json_object());
    json_object_update(mine, (json_t *)texts);
    json_object_foreach((json_t *)texts, name, text) /* null takes a text away */
    {
        if (json_is_null(text))
            json_object_del(mine, name);
    }
    return store(admin, rep, err);
}

static const lk_field_t texts_fields[] = {LK_FIELD_FREE("texts", MAP, 0, NULL)};
static const lk_representation_t texts_rep = LK_REPRESENTATION("Map", texts_fields);

/* A form has them as a file. */
static lk_status_t read_file(const lk_admin_t *admin, json_t **ret_texts, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_parts_t form;
    const char *file = NULL;
    if (lk_multipart_parse(arena, lk_request_header(admin->req, "content-type"), admin->req->body, &form) == 0)
        file = lk_part_text(arena, &form, "file");
    if (file == NULL)
        return lk_fail(err, LK_INVALID, NULL, "HTTP 400 Bad Request");
    if (lk_json_parse(arena, file, strlen(file), ret_texts, NULL) != LK_OK || !json_is_object(*ret_texts))
        return lk_fail(err, LK_INVALID, NULL, "Could not read file.");
    return LK_OK;
}

static lk_status_t read_texts(const lk_admin_t *admin, json_t **ret_texts, lk_error_t *err)
{
    const char *type = lk_request_header(admin->req, "content-type");
    if (type != NULL && strncasecmp(type, "multipart/", 10) == 0)
        return read_file(admin, ret_texts, err);
    if (type != NULL && strncasecmp(type, "application/json", 16) != 0)
        return lk_fail_http(err, LK_INVALID, 415, NULL, "The content-type header value did not match the value in @Consumes");
    if (admin->body == NULL && admin->req->body.len != 0)
        return lk_fail(err, LK_INVALID, "invalid_request", "Cannot parse the JSON");
    *ret_texts = admin->body;
    return lk_admin_check_map(admin, err);
}

lk_status_t lk_texts_put(lk_admin_t *admin, lk_error_t *err)
{
    lk_admin_t wrapped = *admin;
    json_t *texts = NULL;
    lk_status_t status = read_texts(admin, &texts, err);
    if (status != LK_OK)
        return status;
    wrapped.body = lk_json_own(admin->req->arena, json_pack("{s:O?}", "texts", texts));
    status = lk_admin_check(&wrapped, &texts_rep, err);
    return status == LK_OK ? put_texts(admin, json_object_get(wrapped.body, "texts"), err) : status;
}

lk_status_t lk_text_put(lk_admin_t *admin, lk_error_t *err)
{
    const lk_bytes_t *body = &admin->req->body;
    const char *type = lk_request_header(admin->req, "content-type");
    if (type == NULL || strncasecmp(type, "text/plain", 10) != 0)
        return lk_fail_http(err, LK_INVALID, 415, NULL, "The content-type header value did not match the value in @Consumes");
    json_t *text = json_stringn((const char *)body->base, body->len);
    if (text == NULL)
        return lk_fail(err, LK_INVALID, NULL, "The text is not UTF-8");
    return put_texts(admin, lk_json_own(admin->req->arena, json_pack("{s:o}", admin->args[1], text)), err);
}

lk_status_t lk_texts_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *rep = realm_rep(admin);
    if (json_object_del(json_object_get(rep, "localizationTexts"), admin->args[0]) != 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "No localization texts for locale %s found.", admin->args[0]);
    return store(admin, rep, err);
}

lk_status_t lk_text_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *rep = realm_rep(admin), *all = json_object_get(rep, "localizationTexts");
    if (json_object_del(json_object_get(all, admin->args[0]), admin->args[1]) != 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Localization text not found");
    return store(admin, rep, err);
}

/* --- client policies and profiles (oidc/client_policy.c enforces them) --- */

/* The realm's own, and those that every realm has where the query asks for them. */
static lk_status_t reply_part(lk_admin_t *admin, const char *member, const char *list, const char *globals, json_t *of_all)
{
    const json_t *part = json_object_get(admin->realm->rep, member);
    json_t *answer = part != NULL ? json_deep_copy(part) : json_pack("{s:[]}", list);
    if (of_all != NULL)
        json_object_set_new(answer, globals, of_all);
    return lk_admin_reply(admin, answer);
}

static const lk_field_t condition_fields[] = {
    LK_FIELD_FREE("condition", STRING, 0, NULL),
    LK_FIELD_FREE("configuration", OBJECT, 0, NULL),
};
static const lk_representation_t condition_rep = LK_REPRESENTATION("ClientPolicyConditionRepresentation", condition_fields);
static const lk_field_t policy_fields[] = {
    LK_FIELD_FREE("name", STRING, 0, NULL),      LK_FIELD_FREE("description", STRING, 0, NULL),
    LK_FIELD_FREE("enabled", BOOL, 0, "false"),  LK_FIELD_OF("conditions", ARRAY, 0, "[]", condition_rep),
    LK_FIELD_FREE("profiles", STRINGS, 0, "[]"),
};
static const lk_representation_t policy_rep = LK_REPRESENTATION("ClientPolicyRepresentation", policy_fields);
static const lk_field_t policies_fields[] = {
    LK_FIELD_OF("policies", ARRAY, 0, "[]", policy_rep),
    LK_FIELD_OF("globalPolicies", ARRAY, LK_FIELD_READ_ONLY, NULL, policy_rep),
};
static const lk_representation_t policies_rep = LK_REPRESENTATION("ClientPoliciesRepresentation", policies_fields);

static const lk_field_t executor_fields[] = {
    LK_FIELD_FREE("executor", STRING, 0, NULL),
    LK_FIELD_FREE("configuration", OBJECT, 0, NULL),
};
static const lk_representation_t executor_rep = LK_REPRESENTATION("ClientPolicyExecutorRepresentation", executor_fields);
static const lk_field_t profile_fields[] = {
    LK_FIELD_FREE("name", STRING, 0, NULL),
    LK_FIELD_FREE("description", STRING, 0, NULL),
    LK_FIELD_OF("executors", ARRAY, 0, NULL, executor_rep),
};
static const lk_representation_t profile_rep = LK_REPRESENTATION("ClientProfileRepresentation", profile_fields);
static const lk_field_t profiles_fields[] = {
    LK_FIELD_OF("profiles", ARRAY, 0, "[]", profile_rep),
    LK_FIELD_OF("globalProfiles", ARRAY, LK_FIELD_READ_ONLY, NULL, profile_rep),
};
static const lk_representation_t profiles_rep = LK_REPRESENTATION("ClientProfilesRepresentation", profiles_fields);

/* The body's list of one of them, whole; each entry has a name that no other one has. `texts`: what is said where there is none,
 * and where it is there twice. */
static lk_status_t read_part(lk_admin_t *admin, const lk_representation_t *rep, const char *const texts[2], json_t **ret_list,
                             lk_error_t *err)
{
    const lk_field_t *list = &rep->fields[0];
    size_t i;
    json_t *entry, *names = lk_json_own(admin->req->arena, json_object());
    lk_status_t status = lk_admin_check(admin, rep, err);
    if (status != LK_OK)
        return status;
    json_t *part = lk_json_own(admin->req->arena, lk_rep_strict(rep, admin->body));
    lk_rep_fill(rep, part);
    *ret_list = json_object_get(part, list->name);
    json_array_foreach(*ret_list, i, entry)
    {
        const char *name = lk_json_str(entry, "name", NULL);
        if (name == NULL || json_object_get(names, name) != NULL)
            return lk_admin_message(err, LK_INVALID, texts[name != NULL]);
        json_object_set_new(names, name, json_true());
        json_array_set_new(*ret_list, i, lk_rep_strict(list->of, entry));
        lk_rep_fill(list->of, json_array_get(*ret_list, i));
    }
    return LK_OK;
}

static lk_status_t put_part(lk_admin_t *admin, const char *member, const char *name, json_t *list, lk_error_t *err)
{
    json_t *rep = realm_rep(admin);
    json_object_set_new(rep, member, json_pack("{s:O}", name, list));
    return store(admin, rep, err);
}

static int is_named_in(const json_t *list, const char *name)
{
    for (size_t i = 0; i != json_array_size(list); ++i)
        if (strcmp(lk_json_str(json_array_get(list, i), "name", ""), name) == 0)
            return 1;
    return 0;
}

static const json_t *global_profiles(void)
{
    return json_object_get(lk_global_client_profiles(), "profiles");
}

/* A profile of the realm's or of all realms that a policy names and that is not there; or NULL. */
static const char *find_unknown_profile(const lk_admin_t *admin, const json_t *policy)
{
    const json_t *own = json_object_get(json_object_get(admin->realm->rep, "clientProfiles"), "profiles");
    const json_t *names = json_object_get(policy, "profiles");
    for (size_t i = 0; i != json_array_size(names); ++i) {
        const char *name = json_string_value(json_array_get(names, i));
        if (!is_named_in(own, name) && !is_named_in(global_profiles(), name))
            return name;
    }
    return NULL;
}

lk_status_t lk_client_policies_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *of_all = lk_admin_flag(admin, "include-global-policies", 0) ? json_array() : NULL;
    return reply_part(admin, "clientPolicies", "policies", "globalPolicies", of_all);
}

/* What serverinfo lists of a type; which of them do something here oidc/client_policy.c knows. */
static const json_t *known_of(lk_admin_t *admin, const char *type)
{
    return json_object_get(lk_catalogue(admin, LK_SERVER_INFO, "componentTypes"), type);
}

/* The first that is not known among what `list` ([{`member`: name}]) names; NULL where there is none. */
static const char *find_unknown(const json_t *list, const char *member, const json_t *known)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)list, i, entry)
    {
        const char *name = lk_json_str(entry, member, "");
        if (lk_provider_find(known, name) == NULL)
            return name;
    }
    return NULL;
}

lk_status_t lk_client_policies_put(lk_admin_t *admin, lk_error_t *err)
{
    static const char *const texts[] = {"client policy without name not allowed", "proposed client policy name duplicated"};
    size_t i;
    json_t *policy, *list;
    lk_status_t status = read_part(admin, &policies_rep, texts, &list, err);
    if (status != LK_OK)
        return status;
    const json_t *known = known_of(admin, LK_CLIENT_POLICY_CONDITIONS);
    json_array_foreach(list, i, policy)
    {
        const char *profile = find_unknown_profile(admin, policy);
        if (profile != NULL)
            return lk_admin_message(
                err, LK_INVALID,
                lk_printf(admin->req->arena, "Policy %s contains invalid profile %s", lk_json_str(policy, "name", ""), profile));
        const char *unknown = find_unknown(json_object_get(policy, "conditions"), "condition", known);
        if (unknown != NULL)
            return lk_admin_message(err, LK_INVALID,
                                    lk_printf(admin->req->arena, "Policy %s contains invalid condition %s",
                                              lk_json_str(policy, "name", "null"), unknown));
    }
    return put_part(admin, "clientPolicies", "policies", list, err);
}

lk_status_t lk_client_profiles_get(lk_admin_t *admin, lk_error_t *err)
{
    return reply_part(admin, "clientProfiles", "profiles", "globalProfiles",
                      lk_admin_flag(admin, "include-global-profiles", 0) ? json_incref((json_t *)global_profiles()) : NULL);
}

lk_status_t lk_client_profiles_put(lk_admin_t *admin, lk_error_t *err)
{
    static const char *const texts[] = {"client profile without its name not allowed.", "proposed client profile name duplicated."};
    size_t i;
    json_t *profile, *list;
    lk_status_t status = read_part(admin, &profiles_rep, texts, &list, err);
    if (status != LK_OK)
        return status;
    const json_t *known = known_of(admin, LK_CLIENT_POLICY_EXECUTORS);
    json_array_foreach(list, i, profile)
    {
        const char *name = lk_json_str(profile, "name", "");
        if (is_named_in(global_profiles(), name))
            return lk_admin_message(
                err, LK_INVALID,
                lk_printf(admin->req->arena, "Proposed profile name '%s' is duplicated as a global profile", name));
        if (find_unknown(json_object_get(profile, "executors"), "executor", known) != NULL)
            return lk_admin_message(
                err, LK_INVALID,
                "proposed client profile contains the executor, which does not have valid provider, or has invalid configuration.");
    }
    return put_part(admin, "clientProfiles", "profiles", list, err);
}
