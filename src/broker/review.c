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
 * valid
 * ("missing"), or never ("off"). */

#define EXECUTION "idp-review-profile"

/* The user that somebody would be. */
static lk_user_t *user_of(const lk_first_login_t *first)
{
    const lk_brokered_t *brokered = first->step.brokered;
    lk_user_t *user = LK_NEW(first->step.req->arena, lk_user_t);
    user->id = "";
    user->username = brokered->local_username;
    user->email = brokered->email;
    user->first_name = brokered->first_name;
    user->last_name = brokered->last_name;
    user->attributes = brokered->attributes;
    return user;
}

static lk_profile_form_t form_of(const lk_first_login_t *first, json_t *model)
{
    return (lk_profile_form_t){
        .req = first->step.req, .realm = first->step.realm, .user = user_of(first), .model = model, .is_review = 1};
}

static json_t *model_of(const lk_first_login_t *first)
{
    const lk_broker_step_t *step = &first->step;
    return lk_page_model(step->req, step->realm, step->client, step->login);
}

static void show(const lk_first_login_t *first, json_t *model)
{
    lk_profile_form_t form = form_of(first, model);
    lk_profile_show(&form);
    lk_first_login_page(first, EXECUTION, "idp-review-user-profile", model);
}

void lk_review_show(const lk_first_login_t *first)
{
    show(first, model_of(first));
}

static int is_complete(const lk_first_login_t *first)
{
    lk_arena_t *arena = first->step.req->arena;
    json_t *errors = lk_json_own(arena, json_array());
    return lk_profile_validate(arena, first->step.realm, LK_PROFILE_USER, lk_profile_values(arena, user_of(first)), errors) == 0;
}

lk_status_t lk_review_run(const lk_first_login_t *first, const json_t *config, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *when = lk_json_config(config, "update.profile.on.first.login", "missing");
    const lk_broker_step_t *step = &first->step;
    (void)err;
    *ret_outcome = LK_STEP_DONE;
    if (step->brokered->reviewed || strcmp(when, "off") == 0 || (strcmp(when, "on") != 0 && is_complete(first)))
        return LK_OK;
    json_t *model = model_of(first);
    if (step->brokered->email == NULL) {
        lk_error_t reason = {0};
        lk_error_detail(&reason, "the provider gave no e-mail address; the person is asked for it (missingEmail)");
        lk_broker_note(step->req, step->realm, step->brokered->alias, "first login", &reason);
        json_object_set_new(
            model, "explanation",
            json_pack("{s:s, s:[s]}", "key", "brokeredEmailMissing", "args", lk_broker_display_name(step->upstream->provider)));
    }
    show(first, model);
    *ret_outcome = LK_STEP_ANSWERED;
    return LK_OK;
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
    brokered->reviewed = 1;
    brokered->confirmed = brokered->proved = brokered->otp_proved = 0;
}

lk_status_t lk_review_submit(const lk_first_login_t *first, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    json_t *model = model_of(first), *values = NULL;
    lk_profile_form_t form = form_of(first, model);
    lk_status_t status = lk_profile_submit(&form, &values, err);
    *ret_outcome = values != NULL ? LK_STEP_DONE : LK_STEP_ANSWERED;
    if (status == LK_OK && values == NULL) {
        show(first, model);
        return LK_OK;
    }
    json_decref(model);
    if (status == LK_OK)
        describe(first->step.req->arena, values, first->step.brokered);
    return status;
}
