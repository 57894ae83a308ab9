/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "login/respond.h"
#include "oidc/client_policy_parts.h"

/* For which clients and requests a client policy is meant: each condition is 1, 0, or ABSTAINS. */

#define ABSTAINS                                                                                                                   \
    (-1) /* it says nothing of such a request: the other conditions decide, and if all abstain the policy is not meant */

static int any_client(const lk_policy_subject_t *subject, const json_t *config)
{
    (void)subject, (void)config;
    return 1;
}

static int access_type(const lk_policy_subject_t *subject, const json_t *config)
{
    return lk_json_lists(json_object_get(config, "type"), lk_policy_access_type(lk_policy_rep(subject)));
}

static int has_role(const lk_policy_subject_t *subject, const json_t *config)
{
    const char *id = subject->client != NULL ? subject->client->id : "";
    for (size_t i = 0; i != subject->realm->num_roles; ++i) {
        const lk_role_t *role = &subject->realm->roles[i];
        if (role->client_uuid != NULL && strcmp(role->client_uuid, id) == 0 &&
            lk_json_lists(json_object_get(config, "roles"), role->name))
            return 1;
    }
    return 0;
}

static int has_scope_of(const json_t *wanted, const lk_scope_t *const *scopes, size_t count, const char *asked)
{
    for (size_t i = 0; i != count; ++i)
        if (lk_json_lists(wanted, scopes[i]->name) && (asked == NULL || lk_has_word(asked, scopes[i]->name)))
            return 1;
    return 0;
}

/* A default scope of the client, or an optional one that the request asks for. */
static int has_scope(const lk_policy_subject_t *subject, const json_t *config)
{
    const json_t *wanted = json_object_get(config, "scopes");
    int optional = strcmp(lk_json_str(config, "type", "Default"), "Optional") == 0;
    const char *asked = subject->auth != NULL ? subject->auth->scope : lk_pairs_get(&subject->req->form, "scope");
    if (subject->client == NULL)
        return 0;
    if (!optional)
        return has_scope_of(wanted, subject->client->default_scopes, subject->client->num_default_scopes, NULL);
    return has_scope_of(wanted, subject->client->optional_scopes, subject->client->num_optional_scopes, asked != NULL ? asked : "");
}

static int has_updater(const lk_policy_subject_t *subject, const json_t *config)
{
    return subject->updater == NULL ? ABSTAINS : lk_json_lists(json_object_get(config, "update-client-source"), subject->updater);
}

/* "role", or "client.role", that the user who stores the client has in any way. */
static int has_updater_role(const lk_policy_subject_t *subject, const json_t *config)
{
    const lk_realm_t *realm = subject->realm;
    lk_role_set_t roles;
    if (subject->updating_user == NULL)
        return subject->updater == NULL ? ABSTAINS : 0;
    lk_user_roles(subject->req->arena, realm, subject->updating_user, &roles);
    for (size_t i = 0; i != realm->num_roles; ++i) {
        const lk_role_t *role = &realm->roles[i];
        const char *name =
            role->client_id != NULL ? lk_printf(subject->req->arena, "%s.%s", role->client_id, role->name) : role->name;
        if (lk_role_set_has(&roles, role) && lk_json_lists(json_object_get(config, "roles"), name))
            return 1;
    }
    return 0;
}

/* By the name alone, wherever the group is; not those above. */
static int has_updater_group(const lk_policy_subject_t *subject, const json_t *config)
{
    const lk_user_t *user = subject->updating_user;
    if (subject->updater == NULL)
        return ABSTAINS;
    for (size_t i = 0; user != NULL && i != user->num_groups; ++i)
        if (lk_json_lists(json_object_get(config, "groups"), user->groups[i]->name))
            return 1;
    return 0;
}

static int has_grant(const lk_policy_subject_t *subject, const json_t *config)
{
    const char *grant = subject->auth != NULL ? "authorization_code" : subject->grant_type;
    return grant == NULL ? ABSTAINS : lk_json_lists(json_object_get(config, "grant_types"), grant);
}

/* [{"key": "a", "value": "b"}], as text or as it is: all of them. */
static int has_attributes(const lk_policy_subject_t *subject, const json_t *config)
{
    const json_t *given = json_object_get(config, "attributes");
    json_t *parsed = json_is_string(given) ? json_loads(json_string_value(given), 0, NULL) : json_incref((json_t *)given), *pair;
    size_t i;
    int result = json_array_size(parsed) != 0;
    json_array_foreach(parsed, i, pair)
    {
        if (strcmp(lk_policy_attribute(subject, lk_json_str(pair, "key", "")), lk_json_str(pair, "value", "")) != 0)
            result = 0;
    }
    json_decref(parsed);
    return result;
}

static int has_protocol(const lk_policy_subject_t *subject, const json_t *config)
{
    return strcmp(lk_json_str(config, "protocol", ""), lk_json_str(lk_policy_rep(subject), "protocol", "openid-connect")) == 0;
}

/* Who stores a client from one of these addresses; names of hosts say nothing of a sender without asking a resolver backwards. */
static int has_updater_host(const lk_policy_subject_t *subject, const json_t *config)
{
    return subject->updater == NULL ? ABSTAINS : lk_json_lists(json_object_get(config, "trusted-hosts"), subject->req->client_ip);
}

static int has_acr(const lk_policy_subject_t *subject, const json_t *config)
{
    const char *wanted = lk_json_str(config, "acr-property", "");
    if (subject->auth == NULL)
        return ABSTAINS;
    return subject->auth->acr_values != NULL && lk_has_word(subject->auth->acr_values, wanted);
}

static int has_provider(const lk_policy_subject_t *subject, const json_t *config)
{
    return subject->provider == NULL ? ABSTAINS
                                     : lk_json_lists(json_object_get(config, "identity_provider_aliases"), subject->provider);
}

static const struct {
    const char *name;
    int (*holds)(const lk_policy_subject_t *subject, const json_t *config);
} conditions[] = {
    {"any-client", any_client},
    {"client-access-type", access_type},
    {"client-roles", has_role},
    {"client-scopes", has_scope},
    {"client-updater-context", has_updater},
    {"grant-type", has_grant},
    {"client-attributes", has_attributes},
    {"client-type", has_protocol},
    {"client-updater-source-groups", has_updater_group},
    {"client-updater-source-roles", has_updater_role},
    {"client-updater-source-host", has_updater_host},
    {"acr-condition", has_acr},
    {"identity-provider-alias", has_provider},
};

/* A condition that nobody knows holds for nobody. */
int lk_policy_holds(const lk_policy_subject_t *subject, const json_t *condition)
{
    const char *name = lk_json_str(condition, "condition", "");
    const json_t *config = json_object_get(condition, "configuration");
    for (size_t i = 0; i != sizeof(conditions) / sizeof(conditions[0]); ++i)
        if (strcmp(conditions[i].name, name) == 0) {
            int vote = conditions[i].holds(subject, config);
            return vote == ABSTAINS ? vote : vote != lk_json_config_bool(config, "is-negative-logic", 0);
        }
    lk_policy_tell_unknown(subject, "condition", name);
    return 0;
}
