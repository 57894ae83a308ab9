/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <string.h>
#include "crypto/crypto.h"
#include "model/key_component.h"

/* Identity providers, flows, required actions, components. */

/* Keycloak's identity provider types; a file with another one is refused, as there. */
static const char *const provider_ids[] = {
    "oidc",
    "keycloak-oidc",
    "saml",
    "oauth2",
    "google",
    "github",
    "facebook",
    "microsoft",
    "gitlab",
    "bitbucket",
    "instagram",
    "linkedin-openid-connect",
    "twitter",
    "paypal",
    "openshift-v4",
    "stackoverflow",
    "kubernetes",
    "spiffe",
    "jwt-authorization-grant",
    "openid4vp",
};

static int is_known_provider(const char *provider_id)
{
    for (size_t i = 0; i != sizeof(provider_ids) / sizeof(provider_ids[0]); ++i)
        if (strcmp(provider_ids[i], provider_id) == 0)
            return 1;
    return 0;
}

static lk_status_t add_provider(lk_import_t *im, const json_t *value, const char *path, lk_error_t *err)
{
    json_t *provider;
    lk_status_t status = lk_import_object(im, &lk_identity_provider_fields, value, path, &provider, err);
    if (status != LK_OK)
        return status;
    const char *alias = lk_json_str(provider, "alias", ""), *provider_id = lk_json_str(provider, "providerId", "");
    if (alias[0] == '\0')
        return lk_fail(err, LK_INVALID, "unknown", "%s.alias: missing", path);
    if (!is_known_provider(provider_id))
        return lk_import_unknown(lk_printf(im->arena, "%s.providerId", path), "kind of identity provider", provider_id, err);
    lk_import_modernise_provider(provider);
    lk_rep_fill(&lk_identity_provider_fields, provider);
    lk_row(&im->rows, LK_TABLE_PROVIDER, lk_import_id(im, provider, "internalId"), alias,
           lk_import_rep(im, &lk_identity_provider_fields, provider));
    json_object_set_new_nocheck(im->providers, alias, json_true());
    return LK_OK;
}

static lk_status_t add_provider_mapper(lk_import_t *im, const json_t *value, const char *path, lk_error_t *err)
{
    json_t *mapper;
    lk_status_t status = lk_import_object(im, &lk_identity_provider_mapper_fields, value, path, &mapper, err);
    if (status != LK_OK)
        return status;
    const char *alias = lk_json_str(mapper, "identityProviderAlias", "");
    /* Keycloak keeps mappers of no provider; nothing would ever show or use them. */
    if (json_object_get(im->providers, alias) == NULL)
        return LK_OK;
    lk_rep_fill(&lk_identity_provider_mapper_fields, mapper);
    lk_row(&im->rows, LK_TABLE_PROVIDER_MAPPER, lk_import_id(im, mapper, "id"), alias,
           lk_import_rep(im, &lk_identity_provider_mapper_fields, mapper));
    return LK_OK;
}

typedef lk_status_t (*add_t)(lk_import_t *im, const json_t *value, const char *path, lk_error_t *err);

/* Adds each element of a member of the file; the path is that of the member. */
static lk_status_t add_each(lk_import_t *im, const json_t *list, const char *path, add_t add, lk_error_t *err)
{
    size_t i;
    json_t *value;
    lk_status_t status = LK_OK;
    json_array_foreach((json_t *)list, i, value)
    {
        if (status == LK_OK)
            status = add(im, value, lk_printf(im->arena, "%s[%zu]", path, i), err);
    }
    return status;
}

lk_status_t lk_import_providers(lk_import_t *im, lk_error_t *err)
{
    lk_status_t status = add_each(im, json_object_get(im->given, "identityProviders"), "$.identityProviders", add_provider, err);
    if (status == LK_OK)
        status = add_each(im, json_object_get(im->given, "identityProviderMappers"), "$.identityProviderMappers",
                          add_provider_mapper, err);
    return status;
}

/* --- flows --- */

/* Executions have ids of their own, which files of Keycloak do not hold: the admin API addresses them by these. */
static void identify_executions(lk_import_t *im, json_t *flow)
{
    json_t *executions = json_deep_copy(json_object_get(flow, "authenticationExecutions")), *execution;
    size_t i;
    json_array_foreach(executions, i, execution)
    {
        json_object_set_new(execution, "id", json_string(lk_import_id(im, execution, "id")));
    }
    json_object_set_new(flow, "authenticationExecutions", executions);
}

static lk_status_t add_flow(lk_import_t *im, const json_t *value, const char *path, lk_error_t *err)
{
    json_t *flow;
    lk_status_t status = lk_import_object(im, &lk_flow_fields, value, path, &flow, err);
    if (status != LK_OK)
        return status;
    const char *alias = lk_json_str(flow, "alias", NULL);
    if (alias == NULL)
        return lk_fail(err, LK_INVALID, "unknown", "%s.alias: missing", path);
    if (lk_import_is_gone_flow(im, alias))
        return LK_OK;
    lk_import_modernise_flow(im, flow);
    lk_rep_fill(&lk_flow_fields, flow);
    identify_executions(im, flow);
    if (json_object_get(im->flows, alias) != NULL)
        return lk_import_twice(path, "flow", alias, err);
    json_object_set_new_nocheck(im->flows, alias, json_true());
    lk_row(&im->rows, LK_TABLE_FLOW, lk_import_id(im, flow, "id"), alias, lk_import_rep(im, &lk_flow_fields, flow));
    return LK_OK;
}

static lk_status_t add_authenticator_config(lk_import_t *im, const json_t *value, const char *path, lk_error_t *err)
{
    json_t *config;
    lk_status_t status = lk_import_object(im, &lk_authenticator_config_fields, value, path, &config, err);
    if (status != LK_OK)
        return status;
    const char *alias = lk_json_str(config, "alias", "");
    lk_rep_fill(&lk_authenticator_config_fields, config);
    json_object_set_new_nocheck(im->authenticator_configs, alias, json_true());
    lk_row(&im->rows, LK_TABLE_AUTHENTICATOR_CONFIG, lk_import_id(im, config, "id"), alias,
           lk_import_rep(im, &lk_authenticator_config_fields, config));
    return LK_OK;
}

/* A built-in flow that is not there, with the flows inside it and their configurations. */
static lk_status_t add_built_in_flow(lk_import_t *im, const json_t *flow, lk_error_t *err)
{
    const json_t *flows = json_object_get(im->defaults, "authenticationFlows");
    const json_t *configs = json_object_get(im->defaults, "authenticatorConfig");
    if (flow == NULL || json_object_get(im->flows, lk_json_str(flow, "alias", "")) != NULL)
        return LK_OK;
    lk_status_t status = add_flow(im, flow, "", err);
    size_t i;
    json_t *execution;
    json_array_foreach(json_object_get(flow, "authenticationExecutions"), i, execution)
    {
        const char *inner = lk_json_str(execution, "flowAlias", NULL), *alias = lk_json_str(execution, "authenticatorConfig", NULL);
        if (status == LK_OK && inner != NULL)
            status = add_built_in_flow(im, lk_json_find(flows, "alias", inner), err);
        if (status == LK_OK && alias != NULL && json_object_get(im->authenticator_configs, alias) == NULL)
            status = add_authenticator_config(im, lk_json_find(configs, "alias", alias), "", err);
    }
    return status;
}

static lk_status_t add_required_action(lk_import_t *im, const json_t *value, const char *path, lk_error_t *err)
{
    json_t *action;
    lk_status_t status = lk_import_object(im, &lk_required_action_fields, value, path, &action, err);
    if (status != LK_OK)
        return status;
    const char *alias = lk_json_str(action, "alias", lk_json_str(action, "providerId", NULL));
    if (alias == NULL)
        return lk_fail(err, LK_INVALID, "unknown", "%s.alias: missing", path);
    if (strcmp(alias, "terms_and_conditions") == 0) {
        alias = "TERMS_AND_CONDITIONS";
        json_object_set_new(action, "providerId", json_string(alias));
    }
    lk_import_modernise_action(im, alias, action);
    lk_rep_fill(&lk_required_action_fields, action);
    lk_row(&im->rows, LK_TABLE_REQUIRED_ACTION, alias, lk_import_rep(im, &lk_required_action_fields, action));
    return LK_OK;
}

static lk_status_t add_required_actions(lk_import_t *im, lk_error_t *err)
{
    const json_t *given = json_object_get(im->given, "requiredActions"),
                 *built_in = json_object_get(im->defaults, "requiredActions");
    if (given == NULL)
        return add_each(im, built_in, "", add_required_action, err);
    lk_status_t status = add_each(im, given, "$.requiredActions", add_required_action, err);
    /* Younger than the files that leave it out. */
    size_t i;
    json_t *action;
    json_array_foreach((json_t *)built_in, i, action)
    {
        const char *alias = lk_json_str(action, "alias", "");
        if (status == LK_OK && lk_import_is_younger_action(im, alias) && lk_json_find(given, "alias", alias) == NULL)
            status = add_required_action(im, action, "", err);
    }
    return status;
}

/* Steps name flows and configurations, the realm names flows; only the configurations that are there are known by now. */
static lk_status_t check_steps(const lk_import_t *im, lk_error_t *err)
{
    size_t i, j;
    json_t *flow, *step;
    json_array_foreach(json_object_get(im->given, "authenticationFlows"), i, flow)
    {
        if (lk_import_is_gone_flow(im, lk_json_str(flow, "alias", "")))
            continue;
        json_array_foreach(json_object_get(flow, "authenticationExecutions"), j, step)
        {
            const char *inner = lk_json_str(step, "flowAlias", NULL), *config = lk_json_str(step, "authenticatorConfig", NULL);
            const char *path = lk_printf(im->arena, "$.authenticationFlows[%zu].authenticationExecutions[%zu]", i, j);
            if (inner != NULL && json_object_get(im->flows, inner) == NULL)
                return lk_import_unknown(path, "flow", inner, err);
            if (config != NULL && json_object_get(im->authenticator_configs, config) == NULL)
                return lk_import_unknown(path, "authenticator config", config, err);
        }
    }
    return LK_OK;
}

static lk_status_t check_bindings(const lk_import_t *im, lk_error_t *err)
{
    static const char *const bindings[] = {"browserFlow", "registrationFlow", "directGrantFlow", "resetCredentialsFlow"};
    for (size_t i = 0; i != sizeof(bindings) / sizeof(bindings[0]); ++i) {
        const char *alias = lk_json_str(im->given, bindings[i], NULL);
        if (alias != NULL && json_object_get(im->flows, alias) == NULL)
            return lk_import_unknown(lk_printf(im->arena, "$.%s", bindings[i]), "flow", alias, err);
    }
    return LK_OK;
}

lk_status_t lk_import_flows(lk_import_t *im, lk_error_t *err)
{
    lk_status_t status = add_each(im, json_object_get(im->given, "authenticationFlows"), "$.authenticationFlows", add_flow, err);
    if (status == LK_OK)
        status =
            add_each(im, json_object_get(im->given, "authenticatorConfig"), "$.authenticatorConfig", add_authenticator_config, err);
    size_t i;
    json_t *flow;
    json_array_foreach(json_object_get(im->defaults, "authenticationFlows"), i, flow)
    {
        if (status == LK_OK && lk_json_bool(flow, "topLevel", 0))
            status = add_built_in_flow(im, flow, err);
    }
    if (status == LK_OK)
        status = check_steps(im, err);
    if (status == LK_OK)
        status = check_bindings(im, err);
    return status == LK_OK ? add_required_actions(im, err) : status;
}

/* --- components --- */

#define MAX_COMPONENT_DEPTH 8
#define USER_PROFILE_TYPE "org.keycloak.userprofile.UserProfileProvider"

static void open_profile(lk_import_t *im, json_t *component)
{
    const char *profile = lk_import_open_profile(im);
    if (profile == NULL || lk_json_config(json_object_get(component, "config"), "kc.user.profile.config", NULL) != NULL)
        return;
    json_t *config = json_copy(json_object_get(component, "config"));
    json_object_set_new(config, "kc.user.profile.config", json_pack("[s]", profile));
    json_object_set_new_nocheck(component, "config", config);
}

static lk_status_t check_profile(const json_t *component, const char *path, lk_error_t *err)
{
    const char *text = lk_json_config(json_object_get(component, "config"), "kc.user.profile.config", NULL);
    json_t *profile = text != NULL ? json_loads(text, 0, NULL) : NULL;
    int is_broken = text != NULL && !json_is_object(profile);
    json_decref(profile);
    return is_broken ? lk_fail(err, LK_INVALID, "profile", "%s.config: kc.user.profile.config is no JSON", path) : LK_OK;
}

static lk_status_t add_components(lk_import_t *im, const json_t *by_type, const char *parent_id, const char *path, int depth,
                                  lk_error_t *err);

static lk_status_t add_component(lk_import_t *im, const char *type, const json_t *value, const char *parent_id, const char *path,
                                 int depth, lk_error_t *err)
{
    json_t *component;
    lk_status_t status = lk_import_object(im, &lk_component_fields, value, path, &component, err);
    if (status != LK_OK)
        return status;
    lk_rep_fill(&lk_component_fields, component);
    const char *id = lk_import_id(im, component, "id"), *provider_id = lk_json_str(component, "providerId", "");
    if (strcmp(type, USER_PROFILE_TYPE) == 0) {
        open_profile(im, component);
        if ((status = check_profile(component, path, err)) != LK_OK)
            return status;
    }
    int is_key = strcmp(type, LK_KEY_PROVIDER_TYPE) == 0;
    if (is_key && !lk_key_provider_known(provider_id))
        return lk_import_unknown(lk_printf(im->arena, "%s.providerId", path), "key provider", provider_id, err);
    if (is_key)
        lk_import_add_key(im, id, parent_id, provider_id, path, component);
    else
        lk_row(&im->rows, LK_TABLE_COMPONENT, id, parent_id, type, provider_id, lk_import_rep(im, &lk_component_fields, component));
    return add_components(im, json_object_get(component, "subComponents"), id, lk_printf(im->arena, "%s.subComponents", path),
                          depth + 1, err);
}

static lk_status_t add_components(lk_import_t *im, const json_t *by_type, const char *parent_id, const char *path, int depth,
                                  lk_error_t *err)
{
    const char *type;
    json_t *list, *component;
    size_t i;
    lk_status_t status = LK_OK;
    if (depth > MAX_COMPONENT_DEPTH)
        return lk_fail(err, LK_INVALID, "malformed", "%.200s: nested too deep", path);
    json_object_foreach((json_t *)by_type, type, list)
    {
        if (status == LK_OK && !json_is_array(list))
            status = lk_fail(err, LK_INVALID, "malformed", "%.200s[\"%.200s\"]: expected an array", path, type);
        json_array_foreach(list, i, component)
        {
            if (status == LK_OK)
                status = add_component(im, type, component, parent_id, lk_printf(im->arena, "%s[\"%s\"][%zu]", path, type, i),
                                       depth, err);
        }
    }
    return status;
}

/* The key of a file of Keycloak 2 or older, which had it in the realm itself. */
static lk_status_t add_old_key(lk_import_t *im, const char *private_key, lk_error_t *err)
{
    json_t *component = json_pack("{s:s, s:s, s:{s:[s], s:[s]}}", "name", "rsa", "providerId", "rsa", "config", "priority", "100",
                                  "privateKey", private_key);
    const char *certificate = lk_json_str(im->given, "certificate", NULL);
    if (certificate != NULL)
        json_object_set_new(json_object_get(component, "config"), "certificate", json_pack("[s]", certificate));
    lk_json_own(im->arena, component);
    lk_status_t status = add_component(im, LK_KEY_PROVIDER_TYPE, component, im->realm_id, "$.privateKey", 0, err);
    json_object_set_new(component, "name", json_string("rsa-enc"));
    json_object_set_new(component, "providerId", json_string("rsa-enc"));
    return status == LK_OK ? add_component(im, LK_KEY_PROVIDER_TYPE, component, im->realm_id, "$.privateKey", 0, err) : status;
}

/* Whether a file with keys of its own lacks one that came with a later version: HS512 with 24. Anything else is made when it is
 * needed. */
static int lacks_key(const lk_import_t *im, const json_t *given, const json_t *built_in)
{
    size_t i;
    json_t *component;
    const char *alg = lk_json_config(json_object_get(built_in, "config"), "algorithm", "");
    if (strcmp(alg, "HS512") != 0 || !lk_import_is_older(im, 2400))
        return 0;
    json_array_foreach((json_t *)given, i, component)
    {
        if (strcmp(lk_json_config(json_object_get(component, "config"), "algorithm", ""), alg) == 0)
            return 0;
    }
    return 1;
}

static lk_status_t add_missing_keys(lk_import_t *im, const json_t *given, const json_t *built_in, lk_error_t *err)
{
    size_t i;
    json_t *component;
    const char *private_key = json_array_size(given) == 0 ? lk_json_str(im->given, "privateKey", NULL) : NULL;
    lk_status_t status = private_key != NULL ? add_old_key(im, private_key, err) : LK_OK;
    json_array_foreach((json_t *)built_in, i, component)
    {
        int is_rsa = strncmp(lk_json_str(component, "providerId", ""), "rsa", 3) == 0;
        int wanted = json_array_size(given) != 0 ? lacks_key(im, given, component) : private_key == NULL || !is_rsa;
        if (status == LK_OK && wanted)
            status = add_component(im, LK_KEY_PROVIDER_TYPE, component, im->realm_id, "", 0, err);
    }
    return status;
}

lk_status_t lk_import_components(lk_import_t *im, lk_error_t *err)
{
    const json_t *given = json_object_get(im->given, "components");
    lk_status_t status = add_components(im, given, im->realm_id, "$.components", 0, err);
    const char *type;
    json_t *list;
    if (status == LK_OK && lk_import_open_profile(im) != NULL && json_array_size(json_object_get(given, USER_PROFILE_TYPE)) == 0)
        status = add_component(im, USER_PROFILE_TYPE,
                               lk_json_own(im->arena, json_pack("{s:s, s:{}}", "providerId", "declarative-user-profile", "config")),
                               im->realm_id, "", 0, err);
    json_object_foreach(json_object_get(im->defaults, "components"), type, list)
    {
        const json_t *there = json_object_get(given, type);
        if (status != LK_OK)
            return status;
        if (strcmp(type, LK_KEY_PROVIDER_TYPE) == 0)
            status = add_missing_keys(im, there, list, err);
        else if (json_array_size(there) == 0)
            status = add_components(im, lk_json_own(im->arena, json_pack("{s:O}", type, list)), im->realm_id, "$", 0, err);
    }
    return status;
}
