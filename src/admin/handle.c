/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/encode.h"
#include "admin/fine_grained.h"
#include "core/cors.h"

/* A request's life: who asks and may they, transaction, what the mount names, the handler, commit. */

static int is_read(const lk_admin_t *admin)
{
    return strcmp(admin->row->method, "GET") == 0 || (admin->row->flags & LK_ADMIN_NO_CHANGE) != 0;
}

/* The roles, any of which is enough for the row. */
static const char *needed_roles(const lk_admin_t *admin)
{
    const char *action = strcmp(admin->row->method, "GET") == 0 ? "view" : "manage", *area = admin->mount->area;
    if (admin->authz != NULL && lk_fine_is_client(admin, admin->client)) /* administrators' permissions are the realm's */
        return is_read(admin) ? "view-realm" : "manage-realm";
    if (admin->row->role != NULL)
        return admin->row->role;
    if (area == NULL)
        area = lk_role_area(admin->role);
    lk_buffer_t roles;
    lk_buffer_init(&roles, admin->req->arena, 1024);
    for (size_t len = 0; lk_word_next(&area, &len);)
        lk_buffer_puts(&roles, lk_printf(admin->req->arena, "%s-%.*s ", action, (int)len, area));
    return roles.base;
}

/* What is asked before the resolver runs: whoever may look for such things is told that there is none. */
static const char *first_roles(const lk_request_t *req, const lk_admin_route_t *route)
{
    const lk_admin_t asked = {.req = req, .mount = route->mount, .row = route->row};
    const char *first = route->mount->first;
    if (first == NULL)
        return needed_roles(&asked);
    return strcmp(first, LK_ADMIN_ANYBODY) == 0 ? first : lk_printf(req->arena, "%s %s", first, needed_roles(&asked));
}

static int is_fixed(const lk_admin_t *admin)
{
    const char *client = admin->client != NULL ? admin->client->client_id : admin->role != NULL ? admin->role->client_id : NULL;
    return client != NULL && lk_admin_is_fixed_client(admin->realm, client);
}

/* And once it is found. */
static lk_status_t check_roles(const lk_admin_t *admin, lk_error_t *err)
{
    const char *needed = needed_roles(admin), *also = admin->row->also;
    if (!is_read(admin) && is_fixed(admin))
        return lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
    int is_open = admin->mount->first == NULL && !admin->by_permission;
    if (!is_open && !lk_admin_can(admin, needed) && !lk_fine_allows_request(admin))
        return lk_admin_require(admin, needed, err);
    return also != NULL ? lk_admin_require(admin, also, err) : LK_OK;
}

/* Whoever may not look for such things is not told that there is none. */
static lk_status_t resolve(lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = admin->mount->resolve != NULL ? admin->mount->resolve(admin, err) : LK_OK;
    if (status == LK_NOT_FOUND && admin->by_permission && !lk_fine_sees_missing(admin))
        return lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
    return status;
}

static int is_cached(const lk_admin_row_t *row)
{
    return strcmp(row->method, "GET") == 0 ? (row->flags & LK_ADMIN_CACHE) != 0 : (row->flags & LK_ADMIN_NO_CACHE) == 0;
}

/* Numbers that are none, or none of 32 bits: no such page. */
static int has_bad_number(const lk_request_t *req)
{
    static const char *const names[] = {"first", "max"};
    for (size_t i = 0; i != 2; ++i) {
        const char *text = lk_pairs_get(&req->query, names[i]);
        char *end = NULL;
        if (text == NULL || *text == '\0')
            continue;
        long long number = strtoll(text, &end, 10);
        if (*end != '\0' || number < INT32_MIN || number > INT32_MAX || strspn(text, "+-0123456789") != strlen(text))
            return 1;
    }
    return 0;
}

lk_status_t lk_admin_check_form(const lk_request_t *req, const lk_admin_row_t *row, lk_error_t *err)
{
    const char *type = lk_request_header(req, "content-type");
    if (has_bad_number(req))
        return lk_fail(err, LK_NOT_FOUND, NULL, NULL);
    if (type == NULL || (row->flags & LK_ADMIN_ANY_TYPE) != 0 || strcmp(row->method, "GET") == 0 ||
        strncasecmp(type, "application/json", 16) == 0)
        return LK_OK;
    return lk_fail_http(err, LK_INVALID, 415, NULL, "The content-type header value did not match the value in @Consumes");
}

static size_t count_placeholders(const char *path)
{
    size_t count = 0;
    while ((path = strchr(path, '{')) != NULL)
        ++count, ++path;
    return count;
}

/* Writers of one realm go one after the other, and each sees what the one before it left. */
static lk_status_t lock_realm(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_realms_t *realms = admin->req->app->realms;
    lk_rows_t rows;
    lk_status_t status = lk_query(admin->sql, arena, LK_Q_REALM_LOCK, &rows, err, admin->realm->id);
    if (status != LK_OK)
        return status;
    if (rows.count == 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Realm not found.");
    if (lk_row_int(&rows, 0, "version", 0) == admin->realm->version)
        return LK_OK;
    lk_realms_invalidate(realms, admin->realm->id);
    return lk_realms_get_by_id(realms, arena, admin->realm->id, &admin->realm, err);
}

lk_status_t lk_admin_begin_write(lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = lk_tx_begin(admin->req->app->store, LK_READ_COMMITTED, &admin->tx, err);
    admin->sql = admin->tx;
    return status == LK_OK && (admin->row->flags & LK_ADMIN_USERS) == 0 ? lock_realm(admin, err) : status;
}

/* What is read once and kept: all of the realm, and the users of its clients. */
static int changes_snapshot(const lk_admin_t *admin)
{
    return (admin->row->flags & LK_ADMIN_USERS) == 0 || (admin->user != NULL && admin->user->service_account_client_id != NULL);
}

lk_status_t lk_admin_commit(lk_admin_t *admin, lk_error_t *err)
{
    if (admin->tx == NULL)
        return LK_OK;
    return changes_snapshot(admin) ? lk_realm_commit(admin->req->app->realms, admin->req->arena, &admin->tx, admin->realm->id, err)
                                   : lk_tx_commit(&admin->tx, err);
}

/* The request as if it asked for no page. */
static const lk_request_t *without_page(const lk_request_t *req)
{
    lk_request_t *whole = LK_NEW(req->arena, lk_request_t);
    lk_pair_t *entries = LK_NEW_ARRAY(req->arena, lk_pair_t, req->query.count);
    *whole = *req;
    whole->query = (lk_pairs_t){entries, 0};
    for (size_t i = 0; i != req->query.count; ++i)
        if (strcmp(req->query.entries[i].name, "first") != 0 && strcmp(req->query.entries[i].name, "max") != 0)
            entries[whole->query.count++] = req->query.entries[i];
    return whole;
}

lk_status_t lk_admin_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_admin_route_t *route = req->row;
    lk_admin_t admin;
    if ((route->row->flags & LK_ADMIN_WHOLE) != 0)
        req = without_page(req);
    lk_status_t status = lk_admin_check_form(req, route->row, err);
    if (status == LK_OK)
        status = lk_admin_begin(req, first_roles(req, route), &admin, err);
    if (status != LK_OK)
        return status;
    lk_strings_t origins = lk_client_web_origins(req->arena, req, admin.caller.client);
    if ((status = lk_cors_require(req, reply, origins.entries, origins.count, "Location", err)) != LK_OK)
        return status;
    admin.mount = route->mount;
    admin.row = route->row;
    admin.reply = reply;
    admin.sql = req->app->sql;
    admin.args = req->params + count_placeholders(route->mount->prefix);
    if (strcmp(route->row->method, "GET") != 0)
        reply->status = 204;
    if (!is_read(&admin) && (route->row->flags & LK_ADMIN_LATE) == 0)
        status = lk_admin_begin_write(&admin, err);
    if (status == LK_OK)
        status = resolve(&admin, err);
    if (status == LK_OK)
        status = check_roles(&admin, err);
    if (status == LK_OK)
        status = admin.row->handle(&admin, err);
    if (status == LK_OK)
        status = lk_admin_event_store(&admin, err);
    if (status == LK_OK)
        status = lk_admin_commit(&admin, err);
    if (status != LK_OK)
        lk_admin_event_refused(&admin, err);
    lk_tx_rollback(&admin.tx);
    if (status != LK_OK && admin.refusal != NULL) {
        lk_reply_json(reply, lk_error_http_status(err), json_incref(admin.refusal));
        return LK_OK;
    }
    lk_reply_set_header(reply, "cache-control", is_cached(admin.row) ? "" : "no-cache");
    return status;
}

/* --- what handlers need --- */

lk_status_t lk_admin_reply(lk_admin_t *admin, json_t *value)
{
    lk_admin_answer(admin, value, admin->reply);
    return LK_OK;
}

lk_status_t lk_admin_reply_created(lk_admin_t *admin, const char *id)
{
    lk_admin_created(admin, id, admin->reply);
    return LK_OK;
}

json_t *lk_admin_json(lk_admin_t *admin, const lk_rows_t *rows, int row, const char *column)
{
    const char *text = lk_row_str(rows, row, column);
    json_t *value = NULL;
    return text != NULL && lk_json_parse(admin->req->arena, text, strlen(text), &value, NULL) == LK_OK ? value : NULL;
}

lk_status_t lk_admin_not_enabled(lk_admin_t *admin, lk_error_t *err)
{
    return lk_fail_http(err, LK_INVALID, 501, "Feature not enabled", "For more on this error consult the server log.");
}

long lk_admin_number(const lk_admin_t *admin, const char *name, long fallback)
{
    const char *text = lk_pairs_get(&admin->req->query, name);
    return text != NULL && *text >= '0' && *text <= '9' ? strtol(text, NULL, 10) : fallback;
}

/* One name or value: quoted, or up to the character that ends it. */
static const char *asked_word(lk_arena_t *arena, const char **at, char end)
{
    char stop = **at == '"' ? '"' : end;
    const char *from = *at + (**at == '"');
    size_t len = 0;
    while (from[len] != '\0' && from[len] != stop)
        ++len;
    *at = from + len + (stop == '"' && from[len] == '"');
    *at += **at == end && end != '\0';
    return lk_strndup(arena, from, len);
}

lk_pairs_t lk_admin_attributes_asked(const lk_admin_t *admin)
{
    const char *at = lk_pairs_get(&admin->req->query, "q");
    size_t max = at != NULL ? strlen(at) / 2 + 1 : 0, count = 0;
    lk_pair_t *pairs = LK_NEW_ARRAY(admin->req->arena, lk_pair_t, max);
    while (at != NULL && *(at += strspn(at, " ")) != '\0' && strchr(at, ':') != NULL && count != max) {
        pairs[count].name = asked_word(admin->req->arena, &at, ':');
        pairs[count++].value = asked_word(admin->req->arena, &at, ' ');
    }
    return (lk_pairs_t){pairs, count};
}

int lk_admin_flag(const lk_admin_t *admin, const char *name, int fallback)
{
    const char *text = lk_pairs_get(&admin->req->query, name);
    return text == NULL || *text == '\0' ? fallback : strcasecmp(text, "true") == 0;
}

json_t *lk_admin_page(const lk_admin_t *admin, json_t *list, const char *max)
{
    size_t first = (size_t)strtol(lk_admin_first(admin->req), NULL, 10), i;
    size_t count = (size_t)strtol(lk_admin_max(admin->req, max), NULL, 10);
    json_t *page = json_array(), *entry;
    json_array_foreach(list, i, entry)
    {
        if (i >= first && i - first < count)
            json_array_append(page, entry);
    }
    json_decref(list);
    return page;
}

lk_status_t lk_admin_check_all(const lk_admin_t *admin, const lk_representation_t *rep, lk_error_t *err)
{
    size_t i;
    json_t *entry;
    lk_admin_t one = *admin;
    lk_status_t status = json_is_array(admin->body) ? LK_OK : lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    json_array_foreach(admin->body, i, entry)
    {
        one.body = entry;
        if (status == LK_OK)
            status = lk_admin_check(&one, rep, err);
    }
    return status;
}
