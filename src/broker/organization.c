/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "broker/first_login.h"
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
    return lk_organization_provider_fits(req->app->sql, req->arena, step->realm, step->upstream->provider, email, ret_fits, err);
}
