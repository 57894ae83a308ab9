/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "broker/first_login.h"
#include "core/json.h"
#include "model/organization.h"

/* First logins by an identity provider of an organization: whoever comes by it belongs to it. */

/* idp-add-organization-member. They join when there is a user. */
lk_status_t lk_idp_add_member(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    (void)err;
    walk->brokering->brokered->joins = 1;
    *ret_outcome = LK_FLOW_DONE;
    return LK_OK;
}

lk_status_t lk_broker_join(const lk_broker_step_t *step, lk_sql_t *sql, const char *user_id, int is_new, lk_error_t *err)
{
    const lk_organization_t *organization = step->upstream->provider->organization;
    if (!step->brokered->joins || organization == NULL)
        return LK_OK;
    return lk_organization_join(sql, step->req->arena, step->realm, organization->id, user_id, is_new, NULL, err);
}

lk_status_t lk_broker_domain_fits(const lk_broker_step_t *step, const char *email, int *ret_fits, lk_error_t *err)
{
    const lk_request_t *req = step->req;
    const lk_identity_provider_t *provider = step->upstream->provider;
    const lk_organization_t *owner = NULL;
    const char *wanted = lk_json_config(provider->config, LK_ORGANIZATION_DOMAIN, ""),
               *domain = lk_domain_of_address(req->arena, email);
    *ret_fits = 1;
    if (provider->organization == NULL || *wanted == '\0' || email == NULL || *email == '\0')
        return LK_OK;
    if (strcmp(wanted, LK_ANY_DOMAIN) != 0) {
        *ret_fits = domain != NULL && strcasecmp(domain, wanted) == 0;
        return LK_OK;
    }
    lk_status_t status = lk_organization_of_domain(req->app->sql, req->arena, step->realm, domain, &owner, err);
    *ret_fits = owner == provider->organization;
    return status;
}
