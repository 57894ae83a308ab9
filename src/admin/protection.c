/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/protection.h"

#define PROTECTION "uma_protection"
#define REMOTE "allowRemoteResourceManagement"
#define SET "/resource_set"
#define TICKET "/permission/ticket"
#define POLICY "/uma-policy"

/* clang-format off */
const lk_admin_row_t lk_protection_rows[] = {
    {"GET", SET, lk_protection_resources_list, 0, PROTECTION, REMOTE},
    {"POST", SET, lk_protection_resource_create, 0, PROTECTION, REMOTE},
    {"GET", SET "/{id}", lk_protection_resource_get, LK_ADMIN_CACHE, PROTECTION, REMOTE},
    {"PUT", SET "/{id}", lk_protection_resource_update, 0, PROTECTION, REMOTE},
    {"DELETE", SET "/{id}", lk_protection_resource_remove, 0, PROTECTION, REMOTE},
    {"POST", "/permission", lk_protection_ticket_make, LK_ADMIN_NO_CHANGE, NULL, NULL},
    {"GET", TICKET, lk_protection_tickets_list, LK_ADMIN_CACHE, PROTECTION, NULL},
    {"POST", TICKET, lk_protection_ticket_create, 0, PROTECTION, NULL},
    {"PUT", TICKET, lk_protection_ticket_update, 0, PROTECTION, NULL},
    {"GET", TICKET "/count", lk_protection_tickets_count, LK_ADMIN_CACHE, PROTECTION, NULL},
    {"GET", TICKET "/{id}", lk_protection_ticket_get, LK_ADMIN_CACHE, PROTECTION, NULL},
    {"DELETE", TICKET "/{id}", lk_protection_ticket_remove, 0, PROTECTION, NULL},
    {"GET", POLICY, lk_protection_policies_list, 0, NULL, NULL},
    {"POST", POLICY "/{resource}", lk_protection_policy_create, 0, NULL, NULL},
    {"GET", POLICY "/{id}", lk_protection_policy_get, LK_ADMIN_CACHE, NULL, NULL},
    {"PUT", POLICY "/{id}", lk_protection_policy_update, 0, NULL, NULL},
    {"DELETE", POLICY "/{id}", lk_protection_policy_remove, 0, NULL, NULL},
};
/* clang-format on */
const size_t lk_num_protection_rows = sizeof(lk_protection_rows) / sizeof(lk_protection_rows[0]);

int lk_protection_is_server(const lk_admin_t *admin)
{
    const char *client = admin->user->service_account_client_id;
    return client != NULL && strcmp(client, admin->client->id) == 0;
}

const char *lk_protection_owner(const lk_admin_t *admin, const json_t *resource)
{
    return lk_json_str(resource, "owner", admin->client->id);
}

json_t *lk_protection_find(const lk_admin_t *admin, const char *text)
{
    json_t *resource, *named = NULL;
    size_t i;
    json_array_foreach(json_object_get(admin->authz, "resources"), i, resource)
    {
        const char *owner = lk_protection_owner(admin, resource);
        if (strcmp(lk_authz_id(resource), text) == 0)
            return resource;
        if (strcmp(lk_json_str(resource, "name", ""), text) == 0 &&
            (strcmp(owner, admin->id) == 0 || (named == NULL && strcmp(owner, admin->client->id) == 0)))
            named = resource;
    }
    return named;
}

/* The caller's roles are those that the user has now, as far as the client's tokens may show them. */
static lk_status_t authenticate(lk_admin_t *admin, lk_error_t *err)
{
    const lk_request_t *req = admin->req;
    const char *token = lk_request_bearer(req);
    lk_token_context_t context;
    lk_bearer_t bearer;
    lk_error_t why = {0};
    lk_status_t status = token != NULL ? lk_bearer_check(req, admin->realm, token, &bearer, &why) : LK_DENIED;
    if (status == LK_DENIED) {
        lk_fail_http(err, LK_DENIED, 403, "invalid_bearer_token", "Could not obtain bearer access_token from request.");
        return lk_error_detail(err, "%s%s", why.text, why.detail);
    }
    if (status != LK_OK) {
        *err = why;
        return status;
    }
    lk_bearer_context(req, admin->realm, &bearer, &context);
    admin->user = bearer.user;
    admin->client = bearer.client;
    admin->caller = (lk_admin_caller_t){admin->realm, bearer.user, bearer.client, bearer.session, context.roles};
    admin->id = lk_protection_is_server(admin) ? bearer.client->id : bearer.user->id;
    return LK_OK;
}

static lk_status_t check_caller(const lk_admin_t *admin, lk_error_t *err)
{
    const lk_admin_row_t *row = admin->row;
    const lk_role_t *role = row->role != NULL ? lk_realm_role(admin->realm, admin->client->client_id, row->role) : NULL;
    if (admin->authz == NULL)
        return lk_fail_http(err, LK_DENIED, 403, "invalid_clientId",
                            "Client application [%s] is not registered as a resource server.", admin->client->client_id);
    if (row->role != NULL && !lk_protection_is_server(admin) && (role == NULL || !lk_role_set_has(&admin->caller.roles, role)))
        return lk_fail_http(err, LK_DENIED, 403, "invalid_scope", "Requires %s scope.", row->role);
    if (row->also != NULL && !lk_json_bool(admin->authz, row->also, 1))
        return lk_fail(err, LK_INVALID, "not_supported", "Remote management is disabled.");
    return LK_OK;
}

static lk_status_t read_body(lk_admin_t *admin, lk_error_t *err)
{
    const lk_request_t *req = admin->req;
    if (req->body.len == 0 || strcmp(req->method, "GET") == 0)
        return LK_OK;
    return lk_json_parse_kept(req->arena, (const char *)req->body.base, req->body.len, &admin->body, NULL) == LK_OK
               ? LK_OK
               : lk_fail(err, LK_INVALID, "invalid_request", "Cannot parse the JSON");
}

/* Writers of a resource server's settings go one after the other, administrators among them. Readers ask for the settings' stamp
 * each time, so that nothing has to be told to other replicas. */
static lk_status_t run(lk_admin_t *admin, lk_error_t *err)
{
    const lk_request_t *req = admin->req;
    int writes = strcmp(req->method, "GET") != 0 && (admin->row->flags & LK_ADMIN_NO_CHANGE) == 0;
    lk_status_t status = writes ? lk_admin_begin_write(admin, err) : LK_OK;
    if (status == LK_OK)
        status = lk_authz_load(admin, err);
    if (status == LK_OK)
        status = check_caller(admin, err);
    if (status == LK_OK)
        status = read_body(admin, err);
    if (status == LK_OK)
        status = admin->row->handle(admin, err);
    if (status == LK_OK && admin->tx != NULL)
        status = lk_tx_commit(&admin->tx, err);
    lk_tx_rollback(&admin->tx);
    return status;
}

lk_status_t lk_protection_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin = {.req = req, .reply = reply, .row = req->row, .sql = req->app->sql, .args = req->params + 1};
    lk_status_t status = lk_request_realm(req, &admin.realm, err);
    if (status == LK_OK)
        status = authenticate(&admin, err);
    if (status != LK_OK)
        return status;
    if (strcmp(req->method, "GET") != 0)
        reply->status = 204;
    status = run(&admin, err);
    if (status != LK_OK && admin.refusal != NULL) {
        lk_reply_json(reply, lk_error_http_status(err), json_incref(admin.refusal));
        return LK_OK;
    }
    if (status == LK_OK && reply->body.len != 0)
        reply->content_type = "application/json; charset=UTF-8";
    int is_uncached = strcmp(req->method, "GET") == 0 && (admin.row->flags & LK_ADMIN_CACHE) == 0;
    lk_reply_set_header(reply, "cache-control", is_uncached ? "no-cache" : "");
    return status;
}
