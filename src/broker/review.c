/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>
#include <strings.h>
#include "broker/first_login.h"
#include "core/json.h"
#include "login/page.h"
#include "login/profile.h"
#include "model/profile.h"

/* idp-review-profile: the profile as the provider gave it, to be looked over: always ("on"), where something is missing or not
 * valid ("missing"), or never ("off"). */

/* With what every new user of the realm has; what mappers give comes with the user. */
lk_user_t *lk_broker_user_to_be(const lk_broker_step_t *step)
{
    const lk_brokered_t *brokered = step->brokered;
    const lk_realm_t *realm = step->realm;
    lk_user_t *user = LK_NEW(step->req->arena, lk_user_t);
    user->id = brokered->new_user != NULL ? brokered->new_user : "";
    user->username = brokered->local_username;
    user->email = brokered->email;
    user->first_name = brokered->first_name;
    user->last_name = brokered->last_name;
    user->attributes = brokered->attributes;
    user->enabled = 1;
    user->roles = &realm->default_role;
    user->num_roles = realm->default_role != NULL;
    return user;
}

static lk_profile_form_t form_of(const lk_walk_t *walk, json_t *model)
{
    return (lk_profile_form_t){
        .req = walk->req, .realm = walk->realm, .user = lk_broker_user_to_be(walk->brokering), .model = model, .is_review = 1};
}

static lk_status_t show(lk_walk_t *walk, json_t *model, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_profile_form_t form = form_of(walk, model);
    lk_profile_show(&form);
    return lk_walk_show(walk, "idp-review-user-profile", model, ret_outcome, err);
}

static int is_complete(const lk_walk_t *walk)
{
    lk_arena_t *arena = walk->req->arena;
    json_t *errors = lk_json_own(arena, json_array());
    json_t *values = lk_profile_values(arena, lk_broker_user_to_be(walk->brokering));
    return lk_profile_validate(arena, walk->realm, LK_PROFILE_USER, values, errors) == 0;
}

static void explain_missing_email(const lk_broker_step_t *step, json_t *model)
{
    lk_error_t reason = {0};
    lk_error_detail(&reason, "the provider gave no e-mail address; the person is asked for it (missingEmail)");
    lk_broker_note(step->req, step->realm, step->brokered->alias, "first login", &reason);
    json_object_set_new(
        model, "explanation",
        json_pack("{s:s, s:[s]}", "key", "brokeredEmailMissing", "args", lk_broker_display_name(step->upstream->provider)));
}

lk_status_t lk_idp_review_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *when = lk_json_config(walk->config, "update.profile.on.first.login", "missing");
    const lk_brokered_t *brokered = walk->brokering->brokered;
    int fits = 1;
    lk_status_t status = lk_broker_domain_fits(walk->brokering, brokered->email, &fits, err);
    *ret_outcome = LK_FLOW_DONE;
    if (status != LK_OK ||
        (!brokered->must_review && (strcmp(when, "off") == 0 || (strcmp(when, "on") != 0 && fits && is_complete(walk)))))
        return status;
    json_t *model = lk_walk_model(walk);
    if (brokered->email == NULL)
        explain_missing_email(walk->brokering, model);
    return show(walk, model, ret_outcome, err);
}

/* --- what was posted --- */

/* Takes a name out of the values; what is left are attributes. */
static const char *take(lk_arena_t *arena, json_t *values, const char *name)
{
    const char *text = lk_strdup(arena, json_string_value(json_array_get(json_object_get(values, name), 0)));
    json_object_del(values, name);
    return text != NULL && *text != '\0' ? text : NULL;
}

static void describe(lk_arena_t *arena, json_t *posted, lk_brokered_t *brokered)
{
    json_t *values = lk_json_own(arena, json_deep_copy(posted));
    const char *before = brokered->email;
    const struct {
        const char *name;
        const char **member;
    } members[] = {{"username", &brokered->local_username},
                   {"email", &brokered->email},
                   {"firstName", &brokered->first_name},
                   {"lastName", &brokered->last_name}};
    for (size_t i = 0; i != sizeof(members) / sizeof(members[0]); ++i)
        *members[i].member = take(arena, values, members[i].name);
    brokered->attributes = values;
    brokered->email_changed |= before == NULL || brokered->email == NULL || strcasecmp(before, brokered->email) != 0;
    brokered->must_review = 0;
}

lk_status_t lk_idp_review_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    json_t *model = lk_walk_model(walk), *values = NULL;
    lk_profile_form_t form = form_of(walk, model);
    int fits = 1;
    lk_status_t status = lk_profile_submit(&form, &values, err);
    if (status == LK_OK && values != NULL)
        status = lk_broker_domain_fits(walk->brokering, json_string_value(json_array_get(json_object_get(values, "email"), 0)),
                                       &fits, err);
    if (status == LK_OK && !fits)
        lk_page_field_message(model, "email", "organizationEmailDomainMismatch", NULL);
    if (status == LK_OK && (values == NULL || !fits))
        return show(walk, model, ret_outcome, err);
    json_decref(model);
    *ret_outcome = LK_FLOW_DONE;
    if (status == LK_OK)
        describe(walk->req->arena, values, walk->brokering->brokered);
    return status;
}
