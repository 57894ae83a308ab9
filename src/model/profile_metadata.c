/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/profile.h"

#include <string.h>
#include "core/json.h"

/* The profile as clients are told it (UserProfileMetadata): what there is, who must give it, what may be changed. */

/* Validators as they run: values that are empty pass, and there is one value unless the attribute says so. */
static json_t *validators(const lk_profile_attribute_t *attribute)
{
    json_t *shown = json_object(), *config;
    const char *name;
    json_object_foreach((json_t *)attribute->validations, name, config)
    {
        json_t *copy = json_is_object(config) ? json_copy(config) : json_object();
        if (strcmp(name, "multivalued") != 0)
            json_object_set_new(copy, "ignore.empty.value", json_true());
        json_object_set_new(shown, name, copy);
    }
    if (!attribute->multivalued && !attribute->is_implicit && json_object_get(shown, "multivalued") == NULL)
        json_object_set_new(shown, "multivalued", json_pack("{s:s}", "max", "1"));
    return shown;
}

static json_t *show_attribute(lk_arena_t *arena, const lk_realm_t *realm, const lk_profile_attribute_t *attribute, unsigned who,
                              int exists)
{
    const char *display_name = attribute->display_name != NULL         ? attribute->display_name
                               : lk_profile_is_member(attribute->name) ? lk_printf(arena, "${%s}", attribute->name)
                                                                       : attribute->name;
    int is_fixed_name = exists && strcmp(attribute->name, "username") == 0 && !realm->edit_username_allowed;
    json_t *shown = json_pack("{s:s, s:s, s:b, s:b}", "name", attribute->name, "displayName", display_name, "required",
                              (attribute->required & who) != 0, "readOnly", (attribute->edit & who) == 0 || is_fixed_name);
    if (attribute->annotations != NULL)
        json_object_set(shown, "annotations", (json_t *)attribute->annotations);
    json_object_set_new(shown, "validators", validators(attribute));
    if (attribute->group != NULL)
        json_object_set_new(shown, "group", json_string(attribute->group));
    json_object_set_new(shown, "multivalued", json_boolean(attribute->multivalued));
    return shown;
}

json_t *lk_profile_metadata(lk_arena_t *arena, const lk_realm_t *realm, unsigned who, int exists)
{
    const lk_profile_t *profile = lk_realm_profile(arena, realm);
    json_t *attributes = json_array();
    for (size_t i = 0; i != profile->num_attributes; ++i)
        if (profile->attributes[i].view & who)
            json_array_append_new(attributes, show_attribute(arena, realm, &profile->attributes[i], who, exists));
    json_t *groups = profile->groups != NULL ? json_deep_copy(profile->groups) : json_array();
    return json_pack("{s:o, s:o}", "attributes", attributes, "groups", groups);
}

/* Attributes that the server writes, and administrators see whatever the profile says. */
static int is_ours(const char *name)
{
    static const char *const names[] = {"disabledReason", LK_EMAIL_PENDING, "terms_and_conditions"};
    for (size_t i = 0; i != sizeof(names) / sizeof(names[0]); ++i)
        if (strcmp(names[i], name) == 0)
            return 1;
    return 0;
}

json_t *lk_profile_visible(lk_arena_t *arena, const lk_realm_t *realm, unsigned who, const json_t *values)
{
    const lk_profile_t *profile = lk_realm_profile(arena, realm);
    json_t *result = lk_json_own(arena, json_object()), *value;
    const char *name;
    json_object_foreach((json_t *)values, name, value)
    {
        const lk_profile_attribute_t *attribute = lk_profile_attribute(profile, name);
        if (((who & LK_PROFILE_ADMIN) && is_ours(name)) || ((attribute != NULL ? attribute->view : profile->unmanaged_view) & who))
            json_object_set(result, name, value);
    }
    return result;
}
