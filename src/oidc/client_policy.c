/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <string.h>
#include "core/embedded.h"
#include "core/json.h"
#include "oidc/auth_request.h"
#include "oidc/client_policy_parts.h"

#define FILE_NAME "conf/client_profiles.json"

/* --- what there is to look at --- */

const json_t *lk_policy_rep(const lk_policy_subject_t *subject)
{
    return subject->rep != NULL ? subject->rep : subject->client->rep;
}

const char *lk_policy_attribute(const lk_policy_subject_t *subject, const char *name)
{
    return lk_json_str(json_object_get(lk_policy_rep(subject), "attributes"), name, "");
}

const char *lk_policy_access_type(const json_t *rep)
{
    return lk_json_bool(rep, "bearerOnly", 0) ? "bearer-only" : lk_json_bool(rep, "publicClient", 0) ? "public" : "confidential";
}

lk_status_t lk_policy_bad_request(lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, "invalid_request", "%s", text);
}

/* Nobody shall believe that it works. */
void lk_policy_tell_unknown(const lk_policy_subject_t *subject, const char *what, const char *name)
{
    const lk_request_t *req = subject->req;
    if (req->app->notice != NULL)
        req->app->notice(LK_LOG_WARN, "org.keycloak.services",
                         lk_printf(req->arena, "client policies of realm %s: the %s %s is not there, and has no effect (client %s)",
                                   subject->realm->name, what, name, subject->client != NULL ? subject->client->client_id : "new"));
}

/* --- policies --- */

static json_t *global_profiles;

static void load_global(void)
{
    const lk_bytes_t *file = lk_embedded_find(FILE_NAME);
    global_profiles = json_loadb((const char *)file->base, file->len, 0, NULL);
}

const json_t *lk_global_client_profiles(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, load_global);
    return global_profiles;
}

static const json_t *find_profile(const lk_realm_t *realm, const char *name)
{
    const json_t *found = lk_json_find(json_object_get(json_object_get(realm->rep, "clientProfiles"), "profiles"), "name", name);
    return found != NULL ? found : lk_json_find(json_object_get(lk_global_client_profiles(), "profiles"), "name", name);
}

static int is_meant(const lk_policy_subject_t *subject, const json_t *policy)
{
    const json_t *list = json_object_get(policy, "conditions");
    size_t i;
    json_t *condition;
    int is_meant = 0;
    if (!lk_json_bool(policy, "enabled", 0))
        return 0;
    json_array_foreach((json_t *)list, i, condition)
    {
        int vote = lk_policy_holds(subject, condition);
        if (vote == 0)
            return 0;
        is_meant |= vote > 0;
    }
    return is_meant;
}

static lk_status_t apply_profile(const lk_policy_subject_t *subject, const json_t *profile, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    size_t i;
    json_t *executor;
    json_array_foreach(json_object_get(profile, "executors"), i, executor)
    {
        if (status == LK_OK)
            status = lk_policy_execute(subject, executor, err);
    }
    return status;
}

lk_status_t lk_client_policies_apply(const lk_policy_subject_t *subject, lk_error_t *err)
{
    const json_t *policies = json_object_get(json_object_get(subject->realm->rep, "clientPolicies"), "policies");
    lk_status_t status = LK_OK;
    size_t i, j;
    json_t *policy, *name;
    json_array_foreach((json_t *)policies, i, policy)
    {
        if (status != LK_OK || !is_meant(subject, policy))
            continue;
        json_array_foreach(json_object_get(policy, "profiles"), j, name)
        {
            const json_t *profile = json_is_string(name) ? find_profile(subject->realm, json_string_value(name)) : NULL;
            if (status == LK_OK && profile != NULL)
                status = apply_profile(subject, profile, err);
        }
    }
    return status;
}

lk_status_t lk_client_policies_of_request(lk_policy_stage_t stage, const lk_auth_check_t *check, lk_policy_effects_t *effects,
                                          lk_error_t *err)
{
    lk_policy_subject_t subject = {.stage = stage,
                                   .req = check->req,
                                   .realm = check->realm,
                                   .client = check->client,
                                   .auth = stage != LK_POLICY_BACKCHANNEL ? &check->auth : NULL,
                                   .check = check,
                                   .effects = effects};
    return lk_client_policies_apply(&subject, err);
}

lk_status_t lk_client_policies_of_assertion(const lk_token_context_t *context, const json_t *claims, const char *provider,
                                            lk_policy_effects_t *effects, lk_error_t *err)
{
    lk_policy_subject_t subject = {.stage = LK_POLICY_ASSERTION,
                                   .req = context->req,
                                   .realm = context->realm,
                                   .client = context->client,
                                   .claims = claims,
                                   .provider = provider,
                                   .effects = effects};
    return lk_client_policies_apply(&subject, err);
}

lk_status_t lk_client_policies_at(lk_policy_stage_t stage, const lk_request_t *req, const lk_realm_t *realm,
                                  const lk_client_t *client, lk_error_t *err)
{
    lk_policy_subject_t subject = {.stage = stage, .req = req, .realm = realm, .client = client};
    return lk_client_policies_apply(&subject, err);
}
