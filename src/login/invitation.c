/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "login/invitation.h"

#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "login/finish.h"
#include "login/link_pages.h"
#include "login/page.h"

/* Opening an invitation to an organization: who is new registers, and belongs to it. */

lk_status_t lk_invitation_check(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const char *id,
                                const lk_invitation_t **ret_invitation, lk_reply_t *reply, lk_error_t *err)
{
    lk_status_t status = lk_invitation_find(req->app->sql, req->arena, realm, id, ret_invitation, err);
    if (status != LK_OK)
        return status;
    const lk_organization_t *organization =
        *ret_invitation != NULL ? lk_realm_organization_by_id(realm, (*ret_invitation)->organization_id) : NULL;
    if (organization != NULL && organization->enabled)
        return LK_OK;
    *ret_invitation = NULL;
    lk_link_show_over(req, realm, client, organization != NULL ? "staleInviteOrgLink" : "expiredActionMessage", reply);
    return LK_OK;
}

const char *lk_invitation_destination(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                      const lk_invitation_t *invitation)
{
    const lk_organization_t *organization = lk_realm_organization_by_id(realm, invitation->organization_id);
    if (organization != NULL && organization->redirect_url != NULL)
        return organization->redirect_url;
    return lk_page_client_address(req, client);
}

static lk_status_t refuse(const lk_request_t *req, const lk_realm_t *realm, const char *key, lk_reply_t *reply)
{
    lk_login_error_page(req, realm, NULL, 400, key, reply);
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

/* A login of the account client, which ends at the organization's address. */
static lk_login_t *begin(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                         const lk_invitation_t *invitation, lk_reply_t *reply)
{
    int new_root;
    lk_auth_request_t auth = {.client_id = client->client_id,
                              .redirect_uri = lk_invitation_destination(req, realm, client, invitation),
                              .redirect_uri_was_given = 1,
                              .response_type = "code",
                              .scope = "openid",
                              .max_age = LK_MAX_AGE_ABSENT};
    lk_login_t *login = lk_login_new(req, realm, client, &auth, &new_root);
    login->invitation = invitation->id;
    if (new_root)
        lk_login_set_root_cookies(req, realm, login, reply);
    return login;
}

lk_status_t lk_invitation_start(const lk_request_t *req, const char *token, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    const lk_client_t *client = NULL;
    const lk_invitation_t *invitation;
    lk_link_t link;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    if (!realm->enabled)
        return refuse(req, realm, "realmNotEnabledMessage", reply);
    if (!lk_link_open(req, realm, token, &link) || link.type != LK_LINK_REGISTER)
        return refuse(req, realm, "invalidCodeMessage", reply);
    status = lk_realm_client(req->app->realms, realm, LK_INVITED_CLIENT, &client, err);
    if (status != LK_OK)
        return status;
    if (client == NULL || !client->enabled)
        return refuse(req, realm, "clientNotFoundMessage", reply);
    status = lk_invitation_check(req, realm, client, link.id, &invitation, reply, err);
    if (status != LK_OK || invitation == NULL)
        return status;
    return lk_registration_show(req, realm, client, begin(req, realm, client, invitation, reply), invitation, reply);
}
