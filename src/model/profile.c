/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/profile.h"

#include <pthread.h>
#include <string.h>
#include "core/json.h"
#include "model/profile_validators.h"

#define PERMISSIONS "\"permissions\":{\"view\":[\"admin\",\"user\"],\"edit\":[\"admin\",\"user\"]},\"multivalued\":false"
#define PERSON_NAME                                                                                                                \
    "\"validations\":{\"length\":{\"max\":255},\"person-name-prohibited-characters\":{}},\"required\":{\"roles\":[\"user\"]},"
const char lk_profile_default[] =
    "{\"attributes\":["
    "{\"name\":\"username\",\"displayName\":\"${username}\",\"validations\":{\"length\":{\"min\":3,\"max\":255},"
    "\"username-prohibited-characters\":{},\"up-username-not-idn-homograph\":{}}," PERMISSIONS "},"
    "{\"name\":\"email\",\"displayName\":\"${email}\",\"validations\":{\"email\":{},\"length\":{\"max\":255}},"
    "\"required\":{\"roles\":[\"user\"]}," PERMISSIONS "},"
    "{\"name\":\"firstName\",\"displayName\":\"${firstName}\"," PERSON_NAME PERMISSIONS "},"
    "{\"name\":\"lastName\",\"displayName\":\"${lastName}\"," PERSON_NAME PERMISSIONS "}],"
    "\"groups\":[{\"name\":\"user-metadata\",\"displayHeader\":\"User metadata\","
    "\"displayDescription\":\"Attributes, which refer to user metadata\"}]}";

/* --- reading --- */

static json_t *default_profile;

static void read_default(void)
{
    default_profile = json_loads(lk_profile_default, 0, NULL);
}

/* Read once for all realms that have none of their own, as long as the process lives. */
static const json_t *profile_of(const lk_realm_t *realm)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    if (realm->user_profile != NULL)
        return realm->user_profile;
    pthread_once(&once, read_default);
    return default_profile;
}

static unsigned read_roles(const json_t *roles)
{
    unsigned who = 0;
    size_t i;
    json_t *role;
    json_array_foreach((json_t *)roles, i, role)
    {
        const char *name = json_is_string(role) ? json_string_value(role) : "";
        who |= strcmp(name, "user") == 0 ? LK_PROFILE_USER : strcmp(name, "admin") == 0 ? LK_PROFILE_ADMIN : 0;
    }
    return who;
}

/* "required": {} means everybody; with roles or scopes it means those. */
static unsigned read_required(const json_t *required)
{
    if (!json_is_object(required))
        return 0;
    const json_t *roles = json_object_get(required, "roles");
    if (json_array_size(roles) != 0)
        return read_roles(roles);
    return json_array_size(json_object_get(required, "scopes")) != 0 ? 0 : LK_PROFILE_USER | LK_PROFILE_ADMIN;
}

static void read_attribute(const json_t *rep, const lk_realm_t *realm, lk_profile_attribute_t *ret_attribute)
{
    const json_t *permissions = json_object_get(rep, "permissions");
    *ret_attribute = (lk_profile_attribute_t){
        .name = lk_json_str(rep, "name", ""),
        .display_name = lk_json_str(rep, "displayName", NULL),
        .group = lk_json_str(rep, "group", NULL),
        .required = read_required(json_object_get(rep, "required")),
        .view = read_roles(json_object_get(permissions, "view")),
        .edit = read_roles(json_object_get(permissions, "edit")),
        .multivalued = lk_json_bool(rep, "multivalued", 0),
        .validations = json_object_get(rep, "validations"),
        .annotations = json_object_get(rep, "annotations"),
    };
    int is_name = strcmp(ret_attribute->name, "username") == 0;
    /* Nobody says who: for these two it is everybody, for all others nobody. */
    if (!json_is_object(permissions) && (is_name || strcmp(ret_attribute->name, "email") == 0))
        ret_attribute->view = ret_attribute->edit = LK_PROFILE_USER | LK_PROFILE_ADMIN;
    if (is_name && !realm->registration_email_as_username)
        ret_attribute->required = LK_PROFILE_USER | LK_PROFILE_ADMIN;
}

static const struct {
    const char *name;
    unsigned view, edit;
} unmanaged_policies[] = {
    {"ENABLED", LK_PROFILE_USER | LK_PROFILE_ADMIN, LK_PROFILE_USER | LK_PROFILE_ADMIN},
    {"ADMIN_EDIT", LK_PROFILE_ADMIN, LK_PROFILE_ADMIN},
    {"ADMIN_VIEW", LK_PROFILE_ADMIN, 0},
};

#define LOCALE "locale"

static int names_locale(const json_t *attributes)
{
    return lk_json_find(attributes, "name", LOCALE) != NULL;
}

const lk_profile_t *lk_realm_profile(lk_arena_t *arena, const lk_realm_t *realm)
{
    const json_t *rep = profile_of(realm);
    const json_t *array = json_object_get(rep, "attributes");
    lk_profile_t *profile = LK_NEW(arena, lk_profile_t);
    lk_profile_attribute_t *attributes = LK_NEW_ARRAY(arena, lk_profile_attribute_t, json_array_size(array) + 1),
                           *next = attributes;
    if (realm->internationalization_enabled && !names_locale(array))
        *next++ = (lk_profile_attribute_t){.name = LOCALE,
                                           .view = LK_PROFILE_USER | LK_PROFILE_ADMIN,
                                           .edit = LK_PROFILE_USER | LK_PROFILE_ADMIN,
                                           .is_implicit = 1};
    for (size_t i = 0; i != json_array_size(array); ++i)
        read_attribute(json_array_get(array, i), realm, next++);
    profile->groups = json_object_get(rep, "groups");
    profile->attributes = attributes;
    profile->num_attributes = (size_t)(next - attributes);
    const char *policy = lk_json_str(rep, "unmanagedAttributePolicy", "");
    for (size_t i = 0; i != sizeof(unmanaged_policies) / sizeof(unmanaged_policies[0]); ++i) {
        if (strcmp(unmanaged_policies[i].name, policy) == 0) {
            profile->unmanaged_view = unmanaged_policies[i].view;
            profile->unmanaged_edit = unmanaged_policies[i].edit;
        }
    }
    return profile;
}

const lk_profile_attribute_t *lk_profile_attribute(const lk_profile_t *profile, const char *name)
{
    for (size_t i = 0; i != profile->num_attributes; ++i)
        if (strcmp(profile->attributes[i].name, name) == 0)
            return &profile->attributes[i];
    return NULL;
}

static void set_value(json_t *values, const char *name, const char *text)
{
    if (text != NULL && *text != '\0')
        json_object_set_new(values, name, json_pack("[s]", text));
}

json_t *lk_profile_values(lk_arena_t *arena, const lk_user_t *user)
{
    json_t *values = lk_json_own(arena, user->attributes != NULL ? json_copy(user->attributes) : json_object());
    set_value(values, "username", user->username);
    set_value(values, "email", user->email);
    set_value(values, "firstName", user->first_name);
    set_value(values, "lastName", user->last_name);
    return values;
}

/* --- validating --- */

static int is_blank(const json_t *value)
{
    const char *text = json_is_string(value) ? json_string_value(value) : "";
    return text[strspn(text, " \t\r\n")] == '\0';
}

/* The values of an attribute that are not blank; owned by the arena. */
static json_t *filled(lk_arena_t *arena, const json_t *values, const char *name)
{
    json_t *result = lk_json_own(arena, json_array()), *value, *array = json_object_get(values, name);
    size_t i;
    if (json_is_string(array) && !is_blank(array))
        json_array_append(result, array);
    json_array_foreach(array, i, value)
    {
        if (!is_blank(value))
            json_array_append(result, value);
    }
    return result;
}

/* More values than one only where the attribute says so; its validator multivalued tells how many. */
static int count_is_valid(const lk_profile_attribute_t *attribute, size_t count, int is_required, long long *ret_min,
                          long long *ret_max)
{
    const json_t *config = json_object_get(attribute->validations, "multivalued");
    *ret_min = lk_profile_number(config, "min", is_required ? 1 : 0);
    *ret_max = lk_profile_number(config, "max", attribute->multivalued ? INT32_MAX : 1);
    return (long long)count >= *ret_min && (long long)count <= *ret_max;
}

static size_t validate_attribute(const lk_profile_attribute_t *attribute, unsigned who, const json_t *values, json_t *errors)
{
    size_t count = json_array_size(values), before = json_array_size(errors);
    long long min, max;
    if (count == 0 && (attribute->required & who)) {
        lk_profile_report(errors, attribute->name, "error-user-attribute-required", NULL);
        return 1;
    }
    if (!count_is_valid(attribute, count, (attribute->required & who) != 0, &min, &max)) {
        lk_profile_report(errors, attribute->name, "error-invalid-multivalued-size", json_pack("[I, I]", min, max));
        return 1;
    }
    lk_profile_run_validators(attribute->validations, attribute->name, values, errors);
    return json_array_size(errors) - before;
}

size_t lk_profile_validate(lk_arena_t *arena, const lk_realm_t *realm, unsigned who, const json_t *values, json_t *errors)
{
    const lk_profile_t *profile = lk_realm_profile(arena, realm);
    size_t count = 0;
    for (size_t i = 0; i != profile->num_attributes; ++i) {
        const lk_profile_attribute_t *attribute = &profile->attributes[i];
        count += validate_attribute(attribute, who, filled(arena, values, attribute->name), errors);
    }
    return count;
}

const lk_required_action_t *lk_realm_update_email(const lk_realm_t *realm)
{
    for (size_t i = 0; i != realm->num_required_actions; ++i)
        if (strcmp(realm->required_actions[i].alias, LK_UPDATE_EMAIL) == 0)
            return realm->required_actions[i].enabled ? &realm->required_actions[i] : NULL;
    return NULL;
}

int lk_profile_is_member(const char *name)
{
    static const char *const members[] = {"username", "email", "firstName", "lastName"};
    for (size_t i = 0; i != sizeof(members) / sizeof(members[0]); ++i)
        if (strcmp(members[i], name) == 0)
            return 1;
    return 0;
}

/* What `who` may set; members of the representation are never unmanaged attributes. */
static int may_edit(const lk_profile_t *profile, const char *name, unsigned who)
{
    const lk_profile_attribute_t *attribute = lk_profile_attribute(profile, name);
    unsigned unmanaged = lk_profile_is_member(name) ? 0 : profile->unmanaged_edit;
    return ((attribute != NULL ? attribute->edit : unmanaged) & who) != 0;
}

json_t *lk_profile_accept(lk_arena_t *arena, const lk_realm_t *realm, unsigned who, const json_t *old, const json_t *given)
{
    const lk_profile_t *profile = lk_realm_profile(arena, realm);
    json_t *result = lk_json_own(arena, json_object()), *value;
    const char *name;
    json_object_foreach((json_t *)given, name, value)
    {
        json_t *kept = filled(arena, given, name);
        if (may_edit(profile, name, who) && json_array_size(kept) != 0)
            json_object_set(result, name, kept);
    }
    json_object_foreach((json_t *)old, name, value)
    {
        if (!may_edit(profile, name, who))
            json_object_set(result, name, value);
    }
    return result;
}
