/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "login/profile.h"

#include <ctype.h>
#include <string.h>
#include "core/json.h"
#include "login/page.h"
#include "model/organization.h"
#include "model/profile.h"
#include "model/user_write.h"

static int is_username(const lk_profile_attribute_t *attribute)
{
    return strcmp(attribute->name, "username") == 0;
}

/* The address of a user who is there has an action of its own. */
static int is_moved_email(const lk_profile_form_t *form, const lk_profile_attribute_t *attribute)
{
    return form->user != NULL && !form->is_review && strcmp(attribute->name, "email") == 0 &&
           lk_realm_update_email(form->realm) != NULL;
}

/* What the person sees: in a registration only what they can fill in. */
static int is_shown(const lk_profile_form_t *form, const lk_profile_attribute_t *attribute)
{
    if (form->only != NULL)
        return strcmp(attribute->name, form->only) == 0;
    if (attribute->is_implicit || is_moved_email(form, attribute))
        return 0;
    if (is_username(attribute))
        return !form->realm->registration_email_as_username &&
               (form->user == NULL || form->is_review || form->realm->edit_username_allowed);
    return ((form->user == NULL ? attribute->edit : attribute->edit | attribute->view) & LK_PROFILE_USER) != 0;
}

static int is_editable(const lk_profile_form_t *form, const lk_profile_attribute_t *attribute)
{
    return is_shown(form, attribute) && (is_username(attribute) || (attribute->edit & LK_PROFILE_USER) != 0);
}

/* --- fields of the page --- */

/* How annotations name the kinds of fields, and what stands in the page. Every other "html5-x" is an input of type x. */
static const struct {
    const char *input_type, *kind, *type;
} kinds[] = {{"textarea", "isTextarea", NULL},
             {"select", "isSelect", NULL},
             {"multiselect", "isSelect", "multiple"},
             {"select-radiobuttons", "isChoice", "radio"},
             {"multiselect-checkboxes", "isChoice", "checkbox"}};

static void set_kind(json_t *field, const lk_profile_attribute_t *attribute)
{
    const char *input_type = lk_json_str(attribute->annotations, "inputType", "text");
    for (size_t i = 0; i != sizeof(kinds) / sizeof(kinds[0]); ++i) {
        if (strcmp(kinds[i].input_type, input_type) != 0)
            continue;
        json_object_set_new(field, kinds[i].kind, json_true());
        if (kinds[i].type != NULL)
            json_object_set_new(field, "type", json_string(kinds[i].type));
        return;
    }
    json_object_set_new(field, "isInput", json_true());
    json_object_set_new(field, "type", json_string(strncmp(input_type, "html5-", 6) == 0 ? input_type + 6 : "text"));
}

static int contains(const json_t *array, const char *text)
{
    size_t i;
    json_t *entry;
    json_array_foreach((json_t *)array, i, entry)
    {
        if (json_is_string(entry) && strcmp(json_string_value(entry), text) == 0)
            return 1;
    }
    return 0;
}

/* [{"value", "label", "selected"}] of the validator "options". */
static json_t *options_of(lk_arena_t *arena, const lk_profile_attribute_t *attribute, const json_t *values)
{
    const json_t *labels = json_object_get(attribute->annotations, "inputOptionLabels");
    const char *prefix = lk_json_str(attribute->annotations, "inputOptionLabelsI18nPrefix", NULL);
    json_t *result = json_array(), *option;
    size_t i;
    json_array_foreach(json_object_get(json_object_get(attribute->validations, "options"), "options"), i, option)
    {
        const char *value = json_is_string(option) ? json_string_value(option) : "";
        const char *label = prefix != NULL ? lk_printf(arena, "${%s.%s}", prefix, value) : lk_json_str(labels, value, value);
        json_array_append_new(result,
                              json_pack("{s:s, s:s, s:s, s:b}", "value", value, "label", label, "id",
                                        lk_printf(arena, "%s-%zu", attribute->name, i), "selected", contains(values, value)));
    }
    return result;
}

/* An input for each value, and one where there is none. */
static json_t *inputs_of(lk_arena_t *arena, const lk_profile_attribute_t *attribute, const json_t *values)
{
    json_t *inputs = json_array();
    size_t count = attribute->multivalued && json_array_size(values) > 1 ? json_array_size(values) : 1;
    for (size_t i = 0; i != count; ++i) {
        const char *value = json_string_value(json_array_get(values, i));
        json_array_append_new(inputs, json_pack("{s:s, s:s}", "value", value != NULL ? value : "", "id",
                                                i == 0 ? attribute->name : lk_printf(arena, "%s-%zu", attribute->name, i)));
    }
    return inputs;
}

static void set_text(json_t *field, const char *name, const char *text)
{
    if (text != NULL)
        json_object_set_new(field, name, json_string(text));
}

static json_t *field_of(const lk_profile_form_t *form, const lk_profile_attribute_t *attribute, const json_t *values)
{
    static const struct {
        const char *name, *token;
    } autocomplete[] = {{"username", "username"}, {"email", "email"}, {"firstName", "given-name"}, {"lastName", "family-name"}};
    json_t *error = json_object_get(json_object_get(form->model, "messagesPerField"), attribute->name);
    json_t *field =
        json_pack("{s:s, s:s, s:b, s:b, s:o, s:o}", "name", attribute->name, "label",
                  attribute->display_name != NULL ? attribute->display_name : attribute->name, "required",
                  (attribute->required & LK_PROFILE_USER) != 0, "readOnly", !is_editable(form, attribute), "inputs",
                  inputs_of(form->req->arena, attribute, values), "options", options_of(form->req->arena, attribute, values));
    set_kind(field, attribute);
    set_text(field, "rows", lk_json_str(attribute->annotations, "inputTypeRows", NULL));
    set_text(field, "placeholder", lk_json_str(attribute->annotations, "inputTypePlaceholder", NULL));
    set_text(field, "helperText", lk_json_str(attribute->annotations, "inputHelperTextBefore", NULL));
    set_text(field, "helperTextAfter", lk_json_str(attribute->annotations, "inputHelperTextAfter", NULL));
    for (size_t i = 0; i != sizeof(autocomplete) / sizeof(autocomplete[0]); ++i)
        if (strcmp(autocomplete[i].name, attribute->name) == 0)
            set_text(field, "autocomplete", autocomplete[i].token);
    if (error != NULL)
        json_object_set(field, "error", error);
    return field;
}

static const char *skip_blanks(const char *text, size_t *ret_len)
{
    while (isspace((unsigned char)*text))
        ++text;
    *ret_len = strlen(text);
    while (*ret_len != 0 && isspace((unsigned char)text[*ret_len - 1]))
        --*ret_len;
    return text;
}

/* What was posted for an attribute: an array of texts without blanks around them. */
static json_t *posted_values(const lk_request_t *req, const char *name)
{
    json_t *values = json_array();
    for (size_t i = 0; i != req->form.count; ++i) {
        if (strcmp(req->form.entries[i].name, name) != 0)
            continue;
        size_t len;
        const char *text = skip_blanks(req->form.entries[i].value, &len);
        json_array_append_new(values, json_stringn(text, len));
    }
    return values;
}

static json_t *shown_values(const lk_profile_form_t *form, const json_t *old, const char *name)
{
    if (lk_pairs_get(&form->req->form, name) != NULL)
        return lk_json_own(form->req->arena, posted_values(form->req, name));
    return json_object_get(old, name);
}

/* Where the two password fields of a registration go. */
static int is_before_password(const lk_profile_form_t *form, const lk_profile_attribute_t *attribute)
{
    return form->user == NULL && !form->no_password &&
           strcmp(attribute->name, form->realm->registration_email_as_username ? "email" : "username") == 0;
}

/* What the user has; an address that waits for being confirmed, where that is asked for. */
static const json_t *old_values(const lk_profile_form_t *form)
{
    json_t *old = form->user != NULL ? lk_profile_values(form->req->arena, form->user) : NULL;
    if (form->only != NULL && json_object_get(old, LK_EMAIL_PENDING) != NULL)
        json_object_set(old, form->only, json_object_get(old, LK_EMAIL_PENDING));
    return old;
}

static void add_fields(const lk_profile_form_t *form, const lk_profile_t *profile, const char *group, json_t *fields)
{
    const json_t *old = old_values(form);
    if (form->email != NULL)
        old = lk_json_own(form->req->arena, json_pack("{s:[s]}", "email", form->email));
    for (size_t i = 0; i != profile->num_attributes; ++i) {
        const lk_profile_attribute_t *attribute = &profile->attributes[i];
        int is_here = group == NULL ? attribute->group == NULL : attribute->group != NULL && strcmp(attribute->group, group) == 0;
        if (!is_here || !is_shown(form, attribute))
            continue;
        json_array_append_new(fields, field_of(form, attribute, shown_values(form, old, attribute->name)));
        if (is_before_password(form, attribute))
            json_array_append_new(fields, json_pack("{s:b}", "isPassword", 1));
    }
}

void lk_profile_show(const lk_profile_form_t *form)
{
    const lk_profile_t *profile = lk_realm_profile(form->req->arena, form->realm);
    json_t *fields = json_array(), *group;
    size_t i;
    add_fields(form, profile, NULL, fields);
    json_array_foreach(profile->groups, i, group)
    {
        add_fields(form, profile, lk_json_str(group, "name", ""), fields);
    }
    json_object_set_new(form->model, "fields", fields);
}

/* --- what was posted --- */

static json_t *given_values(const lk_profile_form_t *form, const lk_profile_t *profile, const json_t *old)
{
    json_t *given = lk_json_own(form->req->arena, json_object());
    for (size_t i = 0; i != profile->num_attributes; ++i) {
        const char *name = profile->attributes[i].name;
        if (is_editable(form, &profile->attributes[i]))
            json_object_set_new(given, name, posted_values(form->req, name));
        else if (json_object_get(old, name) != NULL)
            json_object_set(given, name, json_object_get(old, name));
    }
    lk_user_lower_values(form->req->arena, given);
    if (form->realm->registration_email_as_username && json_array_size(json_object_get(given, "email")) != 0)
        json_object_set(given, "username", json_object_get(given, "email"));
    return given;
}

/* A field that the person may see, but not change, must come back as it was. */
static void check_read_only(const lk_profile_form_t *form, const lk_profile_t *profile, const json_t *old, json_t *errors)
{
    for (size_t i = 0; form->user != NULL && i != profile->num_attributes; ++i) {
        const lk_profile_attribute_t *attribute = &profile->attributes[i];
        if (is_username(attribute) || is_editable(form, attribute) || lk_pairs_get(&form->req->form, attribute->name) == NULL ||
            (!is_shown(form, attribute) && !is_moved_email(form, attribute)))
            continue;
        json_t *posted = posted_values(form->req, attribute->name);
        if (!json_equal(posted, json_object_get(old, attribute->name)))
            json_array_append_new(errors, json_pack("{s:s, s:s, s:[s]}", "field", attribute->name, "errorMessage",
                                                    "error-user-attribute-read-only", "params", attribute->name));
        json_decref(posted);
    }
}

static lk_status_t check_taken(const lk_profile_form_t *form, const json_t *values, int *valid, lk_error_t *err)
{
    unsigned taken;
    const lk_request_t *req = form->req;
    lk_status_t status =
        lk_user_taken(req->app->sql, req->arena, form->realm, values, form->user != NULL ? form->user->id : "", &taken, err);
    if (status != LK_OK || taken == 0)
        return status;
    if (form->user == NULL && !form->is_review && ((taken & LK_TAKEN_EMAIL) != 0 || *valid))
        lk_event_error(req, (taken & LK_TAKEN_EMAIL) != 0 ? "email_in_use" : "username_in_use");
    if ((taken & LK_TAKEN_USERNAME) && !form->realm->registration_email_as_username)
        lk_page_field_message(form->model, "username", "usernameExistsMessage", NULL);
    if ((taken & LK_TAKEN_EMAIL) || form->realm->registration_email_as_username)
        lk_page_field_message(form->model, "email", "emailExistsMessage", NULL);
    *valid = 0;
    return LK_OK;
}

static void drop_others(const json_t *errors, const char *only)
{
    for (size_t i = json_array_size(errors); i-- != 0;)
        if (strcmp(lk_json_str(json_array_get(errors, i), "field", ""), only) != 0)
            json_array_remove((json_t *)errors, i);
}

/* As Keycloak says it of an address that was left empty, or is of nothing but spaces: more than once, save to who registers.
 * Returns 1 where there is no more to say. */
static int show_missing_email(const lk_profile_form_t *form)
{
    const char *posted = lk_pairs_get(&form->req->form, "email");
    if (posted == NULL || form->is_review)
        return 0;
    lk_page_field_message(form->model, "email", "missingEmailMessage", NULL);
    if (form->user != NULL && *posted != '\0')
        lk_page_field_message(form->model, "email", "error-invalid-email", NULL);
    return form->user == NULL;
}

static void show_errors(const lk_profile_form_t *form, const json_t *errors)
{
    size_t i;
    json_t *error;
    json_array_foreach((json_t *)errors, i, error)
    {
        const char *field = lk_json_str(error, "field", ""), *key = lk_json_str(error, "errorMessage", "");
        if (strcmp(field, "username") == 0 && strcmp(key, "error-user-attribute-required") == 0)
            key = "missingUsernameMessage";
        if (form->user == NULL && json_object_get(json_object_get(form->model, "messagesPerField"), field) != NULL)
            continue; /* who registers is told one thing of each field */
        if (strcmp(field, "email") == 0 && strcmp(key, "error-user-attribute-required") == 0 && show_missing_email(form))
            continue;
        lk_page_field_message_args(form->model, field, key, json_object_get(error, "params"));
    }
}

lk_status_t lk_profile_submit(const lk_profile_form_t *form, json_t **ret_values, lk_error_t *err)
{
    lk_arena_t *arena = form->req->arena;
    const lk_profile_t *profile = lk_realm_profile(arena, form->realm);
    const json_t *old = form->user != NULL ? lk_profile_values(arena, form->user) : NULL;
    json_t *errors = lk_json_own(arena, json_array()), *given = given_values(form, profile, old);
    json_t *values = lk_profile_accept(arena, form->realm, LK_PROFILE_USER, old, given);
    int valid;
    lk_status_t status = LK_OK;
    if (json_object_get(given, "username") != NULL) /* which the profile lets nobody but us decide upon */
        json_object_set(values, "username", json_object_get(given, "username"));
    check_read_only(form, profile, old, errors);
    if (form->user != NULL)
        status = lk_organization_check_address(form->req->app->sql, arena, form->realm, form->user->id, values, errors, err);
    lk_profile_validate(arena, form->realm, LK_PROFILE_USER, values, errors);
    if (form->only != NULL)
        drop_others(errors, form->only);
    show_errors(form, errors);
    valid = json_array_size(errors) == 0;
    if (status == LK_OK && !form->is_review)
        status = check_taken(form, values, &valid, err);
    if (status == LK_OK)
        *ret_values = valid ? values : NULL;
    return status;
}

/* --- the required actions --- */

void lk_update_profile_show(const lk_action_context_t *context)
{
    lk_profile_show(&(lk_profile_form_t){context->req, context->realm, context->user, context->model, 0, 0, NULL});
}

lk_status_t lk_update_profile_submit(const lk_action_context_t *context, int *ret_done, lk_error_t *err)
{
    lk_profile_form_t form = {context->req, context->realm, context->user, context->model, 0, 0, NULL};
    json_t *values;
    lk_status_t status = lk_profile_submit(&form, &values, err);
    if (status != LK_OK || values == NULL)
        return status;
    *ret_done = 1;
    lk_event_profile(context->req, "UPDATE_PROFILE", lk_profile_values(context->req->arena, context->user), values);
    return lk_user_store_values(context->req->app->sql, context->req->arena, context->realm, context->user->id, values, err);
}

/* VERIFY_PROFILE: asked of users whose profile is not valid; the page says what is wrong. */
static json_t *stored_errors(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user)
{
    json_t *errors = lk_json_own(req->arena, json_array());
    lk_profile_validate(req->arena, realm, LK_PROFILE_USER, lk_profile_values(req->arena, user), errors);
    return errors;
}

int lk_verify_profile_is_needed(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user)
{
    return json_array_size(stored_errors(req, realm, user)) != 0;
}

void lk_verify_profile_show(const lk_action_context_t *context)
{
    lk_profile_form_t form = {context->req, context->realm, context->user, context->model, 0, 0, NULL};
    if (json_object_get(context->model, "messagesPerField") == NULL)
        show_errors(&form, stored_errors(context->req, context->realm, context->user));
    lk_profile_show(&form);
}
