/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "admin/admin.h"
#include "core/json.h"
#include "crypto/jws.h"

#define MASTER "master"
#define MANAGEMENT "realm-management" /* the client that holds a realm's admin roles; in master it is called <realm>-realm */

static lk_status_t unauthorized(lk_error_t *err)
{
    return lk_fail_http(err, LK_DENIED, 401, NULL, "HTTP 401 Unauthorized");
}

/* The name of the realm that a token says to come from: the last part of its issuer. Nothing is believed yet. */
static const char *token_realm(const lk_request_t *req, const char *token)
{
    lk_jws_t jws;
    if (lk_jws_parse(req->arena, token, &jws, NULL) != LK_OK)
        return NULL;
    const char *issuer = lk_json_str(jws.claims, "iss", ""), *at = strstr(issuer, "/realms/");
    return at == NULL ? NULL : lk_percent_decode(req->arena, at + 8, strlen(at + 8), 0);
}

static lk_status_t authenticate(const lk_request_t *req, const lk_realm_t **ret_realm, lk_bearer_t *ret_bearer, lk_error_t *err)
{
    const char *header = lk_request_header(req, "authorization");
    const char *name = header != NULL && strncasecmp(header, "Bearer ", 7) == 0 ? token_realm(req, header + 7) : NULL;
    if (name == NULL)
        return unauthorized(err);
    lk_status_t status = lk_realms_get(req->app->realms, req->arena, name, ret_realm, err);
    if (status == LK_OK)
        status = lk_bearer_check(req, *ret_realm, header + 7, ret_bearer, err);
    return status == LK_DENIED || status == LK_NOT_FOUND ? unauthorized(err) : status;
}

static int has_role(const lk_role_set_t *roles, const lk_realm_t *realm, const char *client, const char *name)
{
    const lk_role_t *role = lk_realm_role(realm, client, name);
    return role != NULL && lk_role_set_has(roles, role);
}

/* view-x is implied by manage-x. */
static int may(const lk_request_t *req, const lk_realm_t *from, const lk_role_set_t *roles, const char *realm_name,
               const char *role)
{
    const char *client = strcmp(from->name, MASTER) == 0 ? lk_printf(req->arena, "%s-realm", realm_name) : MANAGEMENT;
    if (strcmp(from->name, MASTER) != 0 && strcmp(from->name, realm_name) != 0)
        return 0;
    if (has_role(roles, from, client, role))
        return 1;
    return strncmp(role, "view-", 5) == 0 && has_role(roles, from, client, lk_printf(req->arena, "manage-%s", role + 5));
}

static lk_status_t read_body(const lk_request_t *req, json_t **ret_body, lk_error_t *err)
{
    *ret_body = NULL;
    if (req->body.len == 0)
        return LK_OK;
    if (lk_json_parse(req->arena, (const char *)req->body.base, req->body.len, ret_body, NULL) != LK_OK)
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    return LK_OK;
}

lk_status_t lk_admin_begin(const lk_request_t *req, const char *role, lk_admin_t *ret_admin, lk_error_t *err)
{
    const lk_realm_t *from;
    lk_bearer_t bearer;
    lk_role_set_t roles;
    lk_admin_t admin = {.req = req};
    lk_status_t status = authenticate(req, &from, &bearer, err);
    if (status != LK_OK)
        return status;
    lk_user_roles(req->arena, from, bearer.user, &roles);
    if (role == NULL && !(strcmp(from->name, MASTER) == 0 &&
                          (has_role(&roles, from, NULL, "admin") || has_role(&roles, from, NULL, "create-realm"))))
        return lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
    if (role != NULL && (status = lk_realms_get(req->app->realms, req->arena, req->params[0], &admin.realm, err)) != LK_OK)
        return status == LK_NOT_FOUND ? lk_fail(err, LK_NOT_FOUND, NULL, "Realm not found.") : status;
    if (role != NULL && !may(req, from, &roles, admin.realm->name, role))
        return lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
    if ((status = read_body(req, &admin.body, err)) == LK_OK)
        *ret_admin = admin;
    return status;
}

void lk_admin_created(const lk_admin_t *admin, const char *id, lk_reply_t *reply)
{
    reply->status = 201;
    lk_reply_set_header(reply, "location", lk_printf(admin->req->arena, "%s%s/%s", admin->req->base_url, admin->req->path, id));
}

void lk_admin_answer(const lk_admin_t *admin, json_t *value, lk_reply_t *reply)
{
    (void)admin;
    lk_reply_json(reply, 200, value);
    reply->content_type = "application/json; charset=UTF-8";
    lk_reply_set_header(reply, "cache-control", "no-cache");
}

static const char *number_parameter(const lk_request_t *req, const char *name, const char *fallback)
{
    const char *text = lk_pairs_get(&req->query, name);
    return text != NULL && *text != '\0' && strspn(text, "0123456789") == strlen(text) && strlen(text) < 10 ? text : fallback;
}

const char *lk_admin_first(const lk_request_t *req)
{
    return number_parameter(req, "first", "0");
}

const char *lk_admin_max(const lk_request_t *req, const char *fallback)
{
    return number_parameter(req, "max", fallback);
}

lk_status_t lk_admin_message(lk_error_t *err, lk_status_t kind, const char *text)
{
    return lk_fail(err, kind, "errorMessage", "%s", text);
}

/* Where a member stands in the text: Jackson counts the column after the member's colon and value's first characters. */
static long column_of(const lk_request_t *req, const char *member)
{
    const char *quoted = lk_printf(req->arena, "\"%s\"", member);
    const char *at = memmem(req->body.base, req->body.len, quoted, strlen(quoted));
    return at == NULL ? 1 : (long)(at - (const char *)req->body.base) + (long)strlen(quoted) + 3;
}

lk_status_t lk_admin_check(const lk_admin_t *admin, const lk_representation_t *rep, lk_error_t *err)
{
    const char *name;
    json_t *value;
    if (!json_is_object(admin->body) || lk_rep_check(rep, admin->body, "$", 0, NULL) != LK_OK)
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    json_object_foreach(admin->body, name, value)
    {
        if (lk_field_find(rep, name) == NULL)
            return lk_fail(err, LK_INVALID, NULL,
                           "Invalid json representation for %s. Unrecognized field \"%.100s\" at line 1 column %ld.", rep->name,
                           name, column_of(admin->req, name));
    }
    return LK_OK;
}
