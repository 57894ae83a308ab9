/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "login/organization.h"

#include <string.h>
#include <strings.h>
#include "broker/broker.h"
#include "core/json.h"
#include "login/events.h"
#include "login/forms.h"
#include "login/page.h"
#include "model/organization.h"

/* The authenticator "organization". Who names themselves is led to their organization's identity provider where its domain says so
 * and they have nothing to sign in with here, or goes on to what else the flow asks for. */

#define CHOSEN "kc.org"
#define REDIRECTS "kc.org.broker.redirect.mode.email-matches"

/* Somebody, as far as their name tells. */
typedef struct st_who_t {
    const char *name;                      /* as it was given */
    const lk_user_t *user;                 /* NULL: nobody here */
    const char *domain;                    /* of the e-mail address, in lower case; or NULL */
    const lk_organization_t *organization; /* that all comes down to, or NULL */
    int is_its_domain;
} who_t;

static int is_active(const lk_realm_t *realm)
{
    return realm->organizations_enabled && realm->num_organizations != 0;
}

static const char *wished(const lk_walk_t *walk)
{
    return lk_scope_wished_organization(walk->req->arena, walk->login->auth.scope);
}

static const lk_organization_t *named_by_scope(const lk_walk_t *walk)
{
    const char *alias = is_active(walk->realm) ? wished(walk) : NULL;
    const lk_organization_t *organization = alias != NULL ? lk_realm_organization(walk->realm, alias) : NULL;
    return organization != NULL && organization->enabled ? organization : NULL;
}

int lk_organization_shows(const lk_walk_t *walk, const lk_identity_provider_t *provider)
{
    const lk_organization_t *named = named_by_scope(walk);
    if (named != NULL)
        return provider->organization == named;
    return !walk->asks_name || provider->organization == walk->organization;
}

int lk_organization_is_asked(const lk_walk_t *walk)
{
    return is_active(walk->realm) && wished(walk) != NULL && lk_walk_find(walk, "authenticator", "organization") != NULL;
}

void lk_organization_switch(lk_walk_t *walk)
{
    walk->login->organization = NULL;
    lk_walk_reset(walk->login);
}

/* --- who is it? --- */

static const lk_organization_t *only_membership(const lk_walk_t *walk, const lk_user_t *user)
{
    return json_array_size(user->organizations) == 1
               ? lk_realm_organization_by_id(walk->realm, lk_json_str(json_array_get(user->organizations, 0), "id", ""))
               : NULL;
}

/* What the scope names; where the user belongs; whose the address' domain is. */
static lk_status_t find_organization(const lk_walk_t *walk, who_t *who, lk_error_t *err)
{
    const lk_request_t *req = walk->req;
    const lk_organization_t *owner;
    who->domain = lk_domain_of_address(req->arena, who->user != NULL ? who->user->email : who->name);
    lk_status_t status = lk_organization_of_domain(req->app->sql, req->arena, walk->realm, who->domain, &owner, err);
    if (status != LK_OK)
        return status;
    who->organization = named_by_scope(walk);
    if (who->organization == NULL && walk->login->organization != NULL)
        who->organization = lk_realm_organization(walk->realm, walk->login->organization);
    if (who->organization == NULL && who->user != NULL)
        who->organization = only_membership(walk, who->user);
    if (who->organization == NULL)
        who->organization = owner;
    who->is_its_domain = owner != NULL && owner == who->organization;
    return LK_OK;
}

static lk_status_t find(lk_walk_t *walk, const char *name, who_t *ret_who, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    *ret_who = (who_t){.name = name, .user = walk->user};
    if (walk->user == NULL && *name != '\0' && strlen(name) <= LK_MAX_USERNAME)
        status = lk_user_by_login(walk->req->app->sql, walk->req->arena, walk->realm, name, &ret_who->user, err);
    return status == LK_OK ? find_organization(walk, ret_who, err) : status;
}

/* --- pages --- */

/* 1 where a person would be needed and must not be asked. */
static int must_be_silent(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome)
{
    walk->needs_person |= walk->passive;
    *ret_outcome = LK_FLOW_ANSWERED;
    return walk->passive;
}

static lk_status_t ask_name(lk_walk_t *walk, const lk_organization_t *organization, const char *field, const char *key,
                            lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    if (must_be_silent(walk, ret_outcome))
        return LK_OK;
    walk->asks_name = 1;
    walk->organization = organization;
    return key != NULL ? lk_form_refuse(walk, "login-username", field, key, ret_outcome, err)
                       : lk_form_show(walk, "login-username", lk_form_model(walk), ret_outcome, err);
}

static lk_status_t ask_which(lk_walk_t *walk, const who_t *who, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    json_t *organization, *list;
    size_t i;
    if (must_be_silent(walk, ret_outcome))
        return LK_OK;
    json_t *model = lk_walk_model(walk);
    json_object_set_new(model, "organizations", list = json_array());
    json_array_foreach((json_t *)who->user->organizations, i, organization)
    {
        const lk_organization_t *known = lk_realm_organization_by_id(walk->realm, lk_json_str(organization, "id", ""));
        if (known != NULL)
            json_array_append_new(list, json_pack("{s:s, s:s}", "alias", known->alias, "name", known->name));
    }
    return lk_walk_show(walk, "select-organization", model, ret_outcome, err);
}

static lk_status_t refuse(lk_walk_t *walk, int status, const char *key, const char *argument, lk_flow_outcome_t *ret_outcome)
{
    json_t *model = lk_page_model(walk->req, walk->realm, walk->client, walk->login);
    lk_page_message(model, "error", key, argument);
    lk_page_show(walk->req, walk->realm, status, "error", model, walk->reply);
    lk_page_headers(walk->realm, LK_PAGE_NO_STORE, walk->reply);
    *ret_outcome = LK_FLOW_ANSWERED;
    return LK_OK;
}

/* Of a user who may not sign in at all. */
static lk_status_t refuse_user(lk_walk_t *walk, const who_t *who, lk_flow_outcome_t *ret_outcome)
{
    lk_login_check_t check = {.result = who->user->enabled ? LK_LOGIN_UNKNOWN_USER : LK_LOGIN_DISABLED, .user = who->user};
    if (must_be_silent(walk, ret_outcome))
        return LK_OK;
    lk_login_event_refused(walk->req, who->name, &check);
    return refuse(walk, 400, who->user->enabled ? "invalidUserMessage" : "accountDisabledMessage", NULL, ret_outcome);
}

static lk_status_t refuse_stranger(lk_walk_t *walk, const who_t *who, lk_flow_outcome_t *ret_outcome)
{
    const lk_organization_t *organization = who->organization;
    if (must_be_silent(walk, ret_outcome))
        return LK_OK;
    lk_event_user(walk->req, who->user->id);
    lk_event_error(walk->req, "access_denied");
    return refuse(walk, 403, organization != NULL ? "notMemberOfOrganization" : "notMemberOfAnyOrganization",
                  organization != NULL ? organization->alias : NULL, ret_outcome);
}

/* --- to the organization's identity provider --- */

/* The one provider of their organizations that a managed member is linked to; NULL where there is none, or several. */
static lk_status_t find_home(lk_walk_t *walk, const who_t *who, const char **ret_alias, lk_error_t *err)
{
    lk_rows_t rows;
    *ret_alias = NULL;
    if (who->user == NULL)
        return LK_OK;
    lk_status_t status = lk_query(walk->req->app->sql, walk->req->arena, LK_Q_ORGANIZATION_HOME_PROVIDERS, &rows, err,
                                  walk->realm->id, who->user->id);
    if (status == LK_OK && rows.count == 1)
        *ret_alias = lk_row_str(&rows, 0, "alias");
    return status;
}

static int leads_to(const lk_identity_provider_t *provider, const who_t *who)
{
    const char *domain = lk_json_config(provider->config, LK_ORGANIZATION_DOMAIN, "");
    return provider->organization == who->organization && lk_json_config_bool(provider->config, REDIRECTS, 0) &&
           (strcasecmp(domain, who->domain) == 0 || (strcmp(domain, LK_ANY_DOMAIN) == 0 && who->is_its_domain));
}

static const char *provider_of_domain(const lk_walk_t *walk, const who_t *who)
{
    const lk_identity_provider_t **ordered = lk_realm_providers_in_order(walk->req->arena, walk->realm);
    for (size_t i = 0; who->domain != NULL && i != walk->realm->num_identity_providers; ++i)
        if (leads_to(ordered[i], who))
            return ordered[i]->alias;
    return NULL;
}

/* Whoever has a credential here is not sent away. *ret_alias NULL: there is nowhere to go. */
static lk_status_t find_provider(lk_walk_t *walk, const who_t *who, const char **ret_alias, lk_error_t *err)
{
    int has = 0;
    *ret_alias = NULL;
    lk_status_t status = who->user != NULL ? lk_walk_has_credential(walk, "password", &has, err) : LK_OK;
    if (status != LK_OK || (who->user != NULL && walk->credentials[strspn(walk->credentials, " ")] != '\0'))
        return status;
    if ((status = find_home(walk, who, ret_alias, err)) != LK_OK || *ret_alias != NULL)
        return status;
    *ret_alias = provider_of_domain(walk, who);
    return LK_OK;
}

/* A provider that is switched off is none, and what else there is decides. */
static lk_status_t go_to(lk_walk_t *walk, const who_t *who, const char *alias, lk_flow_outcome_t *ret_outcome)
{
    const lk_identity_provider_t *provider = lk_realm_identity_provider(walk->realm, alias);
    *ret_outcome = LK_FLOW_ATTEMPTED;
    if (provider == NULL || !provider->enabled)
        return LK_OK;
    if (!lk_broker_passes_prompt_none(provider) && must_be_silent(walk, ret_outcome))
        return LK_OK;
    walk->login->auth.login_hint = who->name;
    if (walk->login->sid == NULL) /* who it is the provider says */
        walk->login->expected_user = NULL;
    lk_reply_redirect(walk->reply, 303,
                      lk_login_provider_url(walk->req, walk->req->base_url, walk->realm, walk->login, NULL, alias));
    lk_page_headers(walk->realm, LK_PAGE_NO_STORE, walk->reply);
    *ret_outcome = LK_FLOW_ANSWERED;
    return LK_OK;
}

/* --- where it leads --- */

/* "organization", and several that it may mean. */
static int must_choose(const lk_walk_t *walk, const who_t *who)
{
    const char *wish = wished(walk);
    return who->user != NULL && wish != NULL && *wish == '\0' && walk->login->organization == NULL &&
           json_array_size(who->user->organizations) > 1;
}

/* On to the rest of the flow, unless a passkey has said all of it; or with the session that the question of the organization has
 * kept waiting. */
static lk_status_t pass(lk_walk_t *walk, const who_t *who, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    int belongs = who->user != NULL && (who->organization == NULL || lk_user_is_member(who->user, "id", who->organization->id)),
        enough = 0;
    lk_status_t status = LK_OK;
    *ret_outcome = walk->login->by_passkey ? LK_FLOW_DONE : LK_FLOW_ATTEMPTED;
    if (who->user == NULL)
        walk->login->attempted = who->name;
    if (belongs && lk_organization_is_asked(walk))
        status = lk_walk_take_session(walk, &enough, err);
    if (status == LK_OK && enough) {
        walk->by_session = 1;
        *ret_outcome = LK_FLOW_DONE;
    }
    return status;
}

static lk_status_t decide(lk_walk_t *walk, const who_t *who, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *alias;
    int must_belong = who->user != NULL && lk_json_config_bool(walk->config, "requiresUserMembership", 0);
    if (who->user != NULL && (!who->user->enabled || who->user->service_account_client_id != NULL))
        return refuse_user(walk, who, ret_outcome);
    if (who->user != NULL && walk->user == NULL)
        lk_walk_set_user(walk, who->user);
    if (must_choose(walk, who))
        return ask_which(walk, who, ret_outcome, err);
    if (who->organization != NULL) {
        lk_status_t status = find_provider(walk, who, &alias, err);
        if (status != LK_OK || alias != NULL)
            return status == LK_OK ? go_to(walk, who, alias, ret_outcome) : status;
        if (who->user == NULL)
            return ask_name(walk, who->organization, NULL, who->domain != NULL ? "orgDomainWithoutAccount" : NULL, ret_outcome,
                            err);
    }
    if (must_belong && (who->organization == NULL || !lk_user_is_member(who->user, "id", who->organization->id)))
        return refuse_stranger(walk, who, ret_outcome);
    return pass(walk, who, ret_outcome, err);
}

lk_status_t lk_organization_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *hint = walk->login->auth.login_hint;
    int is_back = walk->notice_type != NULL && strcmp(walk->notice_type, "error") == 0; /* from a provider that said no */
    who_t who;
    *ret_outcome = LK_FLOW_ATTEMPTED;
    if (!is_active(walk->realm) || walk->login->forced)
        return LK_OK;
    if (walk->user == NULL && (hint == NULL || is_back))
        return ask_name(walk, NULL, NULL, NULL, ret_outcome, err);
    lk_status_t status = find(walk, walk->user != NULL ? walk->user->username : hint, &who, err);
    return status == LK_OK ? decide(walk, &who, ret_outcome, err) : status;
}

lk_status_t lk_organization_submit(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *name = lk_pairs_get(&walk->req->form, "username"), *chosen = lk_pairs_get(&walk->req->form, CHOSEN);
    who_t who;
    if (lk_passkey_is_posted(walk)) {
        lk_status_t status = lk_form_take_passkey(walk, "login-username", ret_outcome, err);
        if (status != LK_OK || *ret_outcome != LK_FLOW_DONE)
            return status;
    }
    if (walk->user == NULL)
        lk_form_take_remember_me(walk);
    if (walk->user == NULL && (name == NULL || *name == '\0'))
        return ask_name(walk, NULL, "username", "invalidUsernameMessage", ret_outcome, err);
    if (walk->user != NULL && chosen != NULL && lk_user_is_member(walk->user, "alias", chosen))
        walk->login->organization = chosen;
    lk_status_t status = find(walk, walk->user != NULL ? walk->user->username : name, &who, err);
    return status == LK_OK ? decide(walk, &who, ret_outcome, err) : status;
}
