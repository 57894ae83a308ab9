/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "admin/fine_grained.h"
#include "core/json.h"
#include "crypto/jws.h"

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

/* The administrators' own programs, whose old registrations let no role through, act for all that their user is. */
static int is_for_administrators(const lk_client_t *client)
{
    return strcmp(client->client_id, "admin-cli") == 0 || strcmp(client->client_id, "security-admin-console") == 0;
}

void lk_admin_caller_of(const lk_request_t *req, const lk_realm_t *realm, const lk_bearer_t *bearer, lk_admin_caller_t *ret_caller)
{
    lk_token_context_t context;
    *ret_caller = (lk_admin_caller_t){
        .realm = realm, .user = bearer->user, .client = bearer->client, .session = bearer->session, .claims = bearer->token.claims};
    if (is_for_administrators(bearer->client)) {
        lk_user_roles(req->arena, realm, bearer->user, &ret_caller->roles);
        return;
    }
    lk_bearer_context(req, realm, bearer, &context);
    ret_caller->roles = context.roles;
}

static lk_status_t authenticate(const lk_request_t *req, lk_admin_caller_t *ret_caller, lk_error_t *err)
{
    const char *token = lk_request_bearer(req), *name = token != NULL ? token_realm(req, token) : NULL;
    const lk_realm_t *realm;
    lk_bearer_t bearer;
    if (name == NULL)
        return unauthorized(err);
    lk_status_t status = lk_realms_get(req->app->realms, req->arena, name, &realm, err);
    if (status == LK_OK)
        status = lk_bearer_check(req, realm, token, &bearer, err);
    if (status != LK_OK)
        return status == LK_DENIED || status == LK_NOT_FOUND ? unauthorized(err) : status;
    lk_admin_caller_of(req, realm, &bearer, ret_caller);
    return LK_OK;
}

static lk_status_t read_body(const lk_request_t *req, int any_type, json_t **ret_body, lk_error_t *err)
{
    const char *type = lk_request_header(req, "content-type");
    *ret_body = NULL;
    if (req->body.len == 0 ||
        (type != NULL && (strncasecmp(type, "text/plain", 10) == 0 || strncasecmp(type, "multipart/", 10) == 0)))
        return LK_OK;
    if (lk_json_parse_kept(req->arena, (const char *)req->body.base, req->body.len, ret_body, NULL) != LK_OK && !any_type)
        return lk_fail(err, LK_INVALID, "invalid_request", "Cannot parse the JSON");
    return LK_OK;
}

/* Whom their roles refuse may still have a permission: which, is seen once it is known what the request is about. */
static lk_status_t check_roles(lk_admin_t *admin, const char *roles, lk_error_t *err)
{
    lk_fine_init(admin);
    if (!lk_admin_can(admin, roles) && lk_fine_begins(admin)) {
        admin->by_permission = 1;
        return LK_OK;
    }
    return lk_admin_require(admin, roles, err);
}

lk_status_t lk_admin_begin(const lk_request_t *req, const char *roles, lk_admin_t *ret_admin, lk_error_t *err)
{
    lk_admin_t admin = {.req = req};
    int any_type = roles != NULL && (((const lk_admin_route_t *)req->row)->row->flags & LK_ADMIN_ANY_TYPE) != 0;
    lk_status_t status = authenticate(req, &admin.caller, err);
    if (status == LK_OK && roles != NULL &&
        (status = lk_realms_get(req->app->realms, req->arena, req->params[0], &admin.realm, err)) == LK_NOT_FOUND)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Realm not found.");
    if (status == LK_OK && roles != NULL)
        status = check_roles(&admin, roles, err);
    if (status == LK_OK)
        status = read_body(req, any_type, &admin.body, err);
    if (status == LK_OK)
        *ret_admin = admin;
    return status;
}

const char *lk_admin_url(const lk_request_t *req)
{
    lk_buffer_t url;
    lk_buffer_init(&url, req->arena, 8192);
    lk_buffer_puts(&url, req->base_url);
    for (const char *at = req->path; *at != '\0';) {
        size_t len = strcspn(at, "/");
        lk_buffer_percent(&url, lk_strndup(req->arena, at, len));
        at += len;
        if (*at == '/')
            lk_buffer_putc(&url, *at++);
    }
    return url.base;
}

void lk_admin_created(const lk_admin_t *admin, const char *id, lk_reply_t *reply)
{
    reply->status = 201;
    lk_buffer_t location;
    lk_buffer_init(&location, admin->req->arena, 16384);
    lk_buffer_puts(&location, lk_admin_url(admin->req));
    lk_buffer_puts(&location, *id != '\0' ? "/" : "");
    lk_buffer_percent(&location, id);
    lk_reply_set_header(reply, "location", location.base);
}

void lk_admin_answer(const lk_admin_t *admin, json_t *value, lk_reply_t *reply)
{
    (void)admin;
    lk_reply_json(reply, 200, value);
    reply->content_type = "application/json; charset=UTF-8";
    lk_reply_set_header(reply, "cache-control", "no-cache");
}

static const char *number_parameter(const lk_request_t *req, const char *name)
{
    const char *text = lk_pairs_get(&req->query, name);
    return text != NULL && *text != '\0' ? text : NULL;
}

/* Nothing is behind so many; a sum with max stays a number of 32 bits. */
#define FIRST_OF_NONE "999999999"

const char *lk_admin_first(const lk_request_t *req)
{
    const char *text = number_parameter(req, "first");
    if (text == NULL || strspn(text, "0123456789") != strlen(text))
        return "0";
    return strlen(text) < 10 ? text : FIRST_OF_NONE;
}

const char *lk_admin_max(const lk_request_t *req, const char *fallback)
{
    const char *text = number_parameter(req, "max");
    if (text == NULL)
        return fallback;
    return strspn(text, "0123456789") == strlen(text) && strlen(text) < 10 ? text : LK_ADMIN_ALL;
}

lk_status_t lk_admin_message(lk_error_t *err, lk_status_t kind, const char *text)
{
    return lk_fail(err, kind, "errorMessage", "%s", text);
}

/* How many characters from `at` on are of `set`; what is between the two is no string. */
static size_t span_of(const char *set, const char *at, const char *end)
{
    const char *from = at;
    while (at != end && *at != '\0' && strchr(set, *at) != NULL)
        ++at;
    return (size_t)(at - from);
}

/* Where Jackson stands when it meets a member that it does not know: behind a number or literal, or behind the first character of
 * another value. Lines and columns begin with 1. */
static void position_of(const lk_request_t *req, const char *member, int *ret_line, int *ret_column)
{
    const char *quoted = lk_printf(req->arena, "\"%s\"", member), *from = (const char *)req->body.base, *end = from + req->body.len;
    const char *at = from, *colon = NULL;
    *ret_line = *ret_column = 1;
    /* A text of the same words may stand before it. */
    while (colon == NULL && (at = memmem(at, (size_t)(end - at), quoted, strlen(quoted))) != NULL) {
        at += strlen(quoted);
        colon = at + span_of(" \t\r\n", at, end);
        if (colon == end || *colon != ':')
            colon = NULL;
    }
    if (colon == NULL)
        return;
    at = colon + 1 + span_of(" \t\r\n", colon + 1, end);
    int is_bare = at != end && strchr("\"[{", *at) == NULL;
    while (++at < end && is_bare && strchr(",]} \t\r\n", *at) == NULL)
        ;
    for (; from != at && from != end; ++from) {
        *ret_column = *from == '\n' ? 1 : *ret_column + 1;
        *ret_line += *from == '\n';
    }
}

/* Members that Keycloak does not know, in this object and in those of its members that have a table themselves. */
static lk_status_t check_names(const lk_admin_t *admin, const lk_representation_t *rep, const json_t *object, lk_error_t *err)
{
    const char *name;
    json_t *value, *entry;
    size_t i;
    lk_status_t status = LK_OK;
    json_object_foreach((json_t *)object, name, value)
    {
        int line, column;
        const lk_field_t *field = lk_field_find(rep, name);
        if (field == NULL) {
            if (rep->is_open)
                continue;
            position_of(admin->req, name, &line, &column);
            return lk_fail(err, LK_INVALID, NULL,
                           "Invalid json representation for %s. Unrecognized field \"%.100s\" at line %d column %d.", rep->name,
                           name, line, column);
        }
        if (field->of != NULL && json_is_object(value))
            status = check_names(admin, field->of, value, err);
        for (i = 0; field->of != NULL && status == LK_OK && (entry = json_array_get(value, i)) != NULL; ++i)
            status = check_names(admin, field->of, entry, err);
        if (status != LK_OK)
            return status;
    }
    return LK_OK;
}

lk_status_t lk_admin_check_map(const lk_admin_t *admin, lk_error_t *err)
{
    return json_is_object(admin->body) ? LK_OK : lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
}

lk_status_t lk_admin_check(const lk_admin_t *admin, const lk_representation_t *rep, lk_error_t *err)
{
    if (lk_rep_check_deep(rep, admin->body, err) != LK_OK)
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    lk_rep_convert(rep, admin->body);
    return check_names(admin, rep, admin->body, err);
}
