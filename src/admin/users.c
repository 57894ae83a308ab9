/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/federated.h"
#include "model/profile.h"
#include "model/user_write.h"
#include "oidc/oidc.h"

#define PAGE_SIZE "100"

static json_t *parsed(lk_arena_t *arena, const char *text)
{
    json_t *value = NULL;
    return text != NULL && lk_json_parse(arena, text, strlen(text), &value, NULL) == LK_OK ? value : NULL;
}

/* A row as a representation, columns and rep together. In the arena. */
static json_t *user_rep(lk_arena_t *arena, const lk_rows_t *rows, int row)
{
    static const struct {
        const char *member, *column;
    } texts[] = {
        {"id", "id"}, {"username", "username"}, {"email", "email"}, {"firstName", "first_name"}, {"lastName", "last_name"}};
    json_t *rep = parsed(arena, lk_row_str(rows, row, "rep")), *attributes = parsed(arena, lk_row_str(rows, row, "attributes"));
    for (size_t i = 0; i != sizeof(texts) / sizeof(texts[0]); ++i) {
        const char *text = lk_row_str(rows, row, texts[i].column);
        if (text != NULL)
            json_object_set_new(rep, texts[i].member, json_string(text));
    }
    json_object_set_new(rep, "emailVerified", json_boolean(lk_row_bool(rows, row, "email_verified")));
    json_object_set_new(rep, "enabled", json_boolean(lk_row_bool(rows, row, "enabled")));
    json_object_set_new(rep, "createdTimestamp", json_integer(lk_row_int(rows, row, "created_timestamp", 0)));
    json_object_set_new(rep, "notBefore", json_integer(lk_row_int(rows, row, "not_before", 0)));
    json_object_set_new(rep, "totp", json_boolean(lk_row_bool(rows, row, "totp")));
    json_object_set_new(rep, "disableableCredentialTypes", json_array());
    json_object_set(rep, "requiredActions", parsed(arena, lk_row_str(rows, row, "required_actions")));
    if (json_object_size(attributes) != 0)
        json_object_set(rep, "attributes", attributes);
    return rep;
}

lk_status_t lk_admin_reply_user(lk_admin_t *admin, const char *id, lk_error_t *err)
{
    lk_rows_t rows;
    lk_arena_t *arena = admin->req->arena;
    lk_status_t status = lk_admin_sql(admin, LK_Q_ADMIN_USERS, &rows, err, id, NULL, NULL, "0", "1", NULL, NULL);
    if (status == LK_OK && rows.count == 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "User not found");
    return status == LK_OK ? lk_admin_reply(admin, lk_rep_answer(&lk_user_fields, user_rep(arena, &rows, 0), 0)) : status;
}

lk_status_t lk_admin_reply_users(lk_admin_t *admin, const lk_rows_t *rows, int brief, int may_manage)
{
    json_t *list = json_array();
    for (int i = 0; i != rows->count; ++i) {
        json_t *user = lk_rep_answer(&lk_user_fields, user_rep(admin->req->arena, rows, i), brief ? LK_ANSWER_BRIEF : 0);
        if (may_manage)
            json_object_set_new(user, "access", json_pack("{s:b}", "manage", 1));
        json_array_append_new(list, user);
    }
    return lk_admin_reply(admin, list);
}

static json_t *user_answer(lk_arena_t *arena, const lk_rows_t *rows, int row)
{
    json_t *answer = lk_rep_answer(&lk_user_fields, user_rep(arena, rows, row), 0);
    json_object_set_new(answer, "access",
                        json_pack("{s:b, s:b, s:b, s:b, s:b, s:b}", "manageGroupMembership", 1, "resetPassword", 1, "view", 1,
                                  "mapRoles", 1, "impersonate", 1, "manage", 1));
    return answer;
}

/* LIKE pattern of a search: anywhere in the text, "x*" from its beginning, quoted: the whole. */
static const char *like(lk_arena_t *arena, const char *text, int exact)
{
    lk_buffer_t out;
    if (text == NULL)
        return NULL;
    lk_buffer_init(&out, arena, 4096);
    if (!exact)
        lk_buffer_putc(&out, '%');
    for (const char *c = lk_utf8_lower(arena, text); *c != '\0'; ++c)
        lk_buffer_printf(&out, strchr("%_\\", *c) != NULL ? "\\%c" : *c == '*' ? "%%" : "%c", *c);
    if (!exact)
        lk_buffer_putc(&out, '%');
    return out.base;
}

static lk_status_t find_users(const lk_admin_t *admin, const char *id, lk_rows_t *ret_rows, lk_error_t *err)
{
    const lk_request_t *req = admin->req;
    const char *username = id != NULL ? NULL : lk_pairs_get(&req->query, "username"), *exact = lk_pairs_get(&req->query, "exact");
    const char *search = id != NULL ? NULL : lk_pairs_get(&req->query, "search"),
               *email = id != NULL ? NULL : lk_pairs_get(&req->query, "email");
    int is_exact = exact != NULL && strcmp(exact, "true") == 0;
    return lk_query(req->app->sql, req->arena, LK_Q_ADMIN_USERS, ret_rows, err, admin->realm->id, id,
                    is_exact && username != NULL ? lk_utf8_lower(req->arena, username) : NULL, like(req->arena, search, 0),
                    lk_admin_first(req), lk_admin_max(req, PAGE_SIZE), email != NULL ? lk_utf8_lower(req->arena, email) : NULL,
                    is_exact ? NULL : like(req->arena, username, 0));
}

lk_status_t lk_admin_users_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_rows_t rows;
    lk_status_t status = lk_admin_begin(req, "view-users", &admin, err);
    if (status == LK_OK)
        status = find_users(&admin, NULL, &rows, err);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (int i = 0; i != rows.count; ++i)
        json_array_append_new(list, user_answer(req->arena, &rows, i));
    lk_admin_answer(&admin, list, reply);
    return LK_OK;
}

lk_status_t lk_admin_users_count(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_rows_t rows;
    lk_status_t status = lk_admin_begin(req, "view-users", &admin, err);
    if (status == LK_OK)
        status = lk_query(req->app->sql, req->arena, LK_Q_ADMIN_USER_COUNT, &rows, err, admin.realm->id);
    if (status == LK_OK)
        lk_admin_answer(&admin, json_integer(lk_row_int(&rows, 0, "count", 0)), reply);
    return status;
}

lk_status_t lk_admin_user_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_rows_t rows;
    lk_federated_t *links;
    size_t num_links;
    lk_status_t status = lk_admin_begin(req, "view-users", &admin, err);
    if (status == LK_OK)
        status = find_users(&admin, req->params[1], &rows, err);
    if (status == LK_OK && rows.count == 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "User not found");
    if (status == LK_OK)
        status = lk_federated_links(req->app->sql, req->arena, admin.realm, req->params[1], NULL, &links, &num_links, err);
    if (status != LK_OK)
        return status;
    json_t *answer = user_answer(req->arena, &rows, 0);
    if (num_links != 0)
        json_object_set_new(answer, "federatedIdentities", lk_federated_show(links, num_links));
    lk_admin_answer(&admin, answer, reply);
    return LK_OK;
}

static const char *text_of(lk_arena_t *arena, const json_t *rep, const char *member, int lower)
{
    const char *text = lk_json_str(rep, member, NULL);
    return text == NULL || *text == '\0' ? NULL : lower ? lk_utf8_lower(arena, text) : text;
}

static const char *boolean(const json_t *rep, const char *member)
{
    return lk_json_bool(rep, member, 0) ? "true" : "false";
}

static const char *json_member(lk_arena_t *arena, const json_t *rep, const char *member, const char *fallback)
{
    const json_t *value = json_object_get(rep, member);
    return value == NULL ? fallback : lk_json_text(arena, value);
}

static lk_status_t update_user(const lk_admin_t *admin, lk_sql_t *tx, const char *id, int *ret_service_account, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_rows_t rows;
    lk_status_t status = lk_query(tx, arena, LK_Q_ADMIN_USER_LOCK, &rows, err, admin->realm->id, id);
    if (status != LK_OK || rows.count == 0)
        return status != LK_OK ? status : lk_fail(err, LK_NOT_FOUND, NULL, "User not found");
    *ret_service_account = lk_row_str(&rows, 0, "service_account_client_id") != NULL;
    json_t *rep = user_rep(arena, &rows, 0), *old = lk_user_values(arena, rep), *given;
    lk_rep_patch(&lk_user_fields, rep, admin->body);
    given = lk_user_values(arena, json_object_get(admin->body, "attributes") != NULL ? admin->body : rep);
    if (json_object_get(given, "username") == NULL)
        json_object_set(given, "username", json_object_get(old, "username"));
    lk_user_set_values(rep, lk_profile_accept(arena, admin->realm, LK_PROFILE_ADMIN, old, given));
    json_t *stored = lk_json_own(arena, lk_rep_stored(&lk_user_fields, rep));
    const char *username = text_of(arena, rep, "username", 1);
    status =
        lk_query(tx, arena, LK_Q_ADMIN_USER_UPDATE, &rows, err, admin->realm->id, id, username, text_of(arena, rep, "email", 1),
                 boolean(rep, "emailVerified"), boolean(rep, "enabled"), text_of(arena, rep, "firstName", 0),
                 text_of(arena, rep, "lastName", 0), json_member(arena, rep, "attributes", "{}"),
                 json_member(arena, rep, "requiredActions", "[]"), lk_json_text(arena, stored));
    return status == LK_CONFLICT ? lk_admin_message(err, LK_CONFLICT, "User exists with same username") : status;
}

lk_status_t lk_admin_user_put(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    int service_account = 0;
    lk_sql_t *tx = NULL;
    lk_status_t status = lk_admin_begin(req, "manage-users", &admin, err);
    if (status == LK_OK)
        status = lk_admin_check(&admin, &lk_user_fields, err);
    if (status == LK_OK)
        status = lk_tx_begin(req->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = update_user(&admin, tx, req->params[1], &service_account, err);
    if (status == LK_OK)
        status =
            service_account ? lk_realm_commit(req->app->realms, req->arena, &tx, admin.realm->id, err) : lk_tx_commit(&tx, err);
    lk_tx_rollback(&tx);
    reply->status = 204;
    return status;
}

lk_status_t lk_admin_user_logout(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_status_t status = lk_admin_begin(req, "manage-users", &admin, err);
    if (status == LK_OK)
        status = lk_user_logout(req, admin.realm, req->params[1], err);
    reply->status = 204;
    return status;
}

/* --- user profile --- */

#define PROFILE_PROVIDER "declarative-user-profile"
#define PROFILE_TYPE "org.keycloak.userprofile.UserProfileProvider"

lk_status_t lk_admin_profile_get(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_status_t status = lk_admin_begin(req, "view-realm", &admin, err);
    if (status == LK_OK)
        lk_admin_answer(&admin,
                        admin.realm->user_profile != NULL ? json_deep_copy(admin.realm->user_profile)
                                                          : json_loads(lk_profile_default, 0, NULL),
                        reply);
    return status;
}

static lk_status_t store_profile(const lk_admin_t *admin, lk_sql_t *tx, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_rows_t rows, written;
    const char *text = lk_json_text(arena, admin->body);
    lk_status_t status = lk_query(tx, arena, LK_Q_ADMIN_COMPONENT_PROFILE, &rows, err, admin->realm->id);
    if (status != LK_OK)
        return status;
    json_t *rep = rows.count != 0 ? parsed(arena, lk_row_str(&rows, 0, "rep"))
                                  : lk_json_own(arena, json_pack("{s:s, s:{}}", "providerId", PROFILE_PROVIDER, "config"));
    json_t *config = json_object_get(rep, "config");
    if (config == NULL)
        json_object_set_new(rep, "config", config = json_object());
    json_object_set_new(config, "kc.user.profile.config", json_pack("[s]", text));
    if (rows.count != 0)
        return lk_query(tx, arena, LK_Q_ADMIN_COMPONENT_UPDATE, &written, err, admin->realm->id, lk_row_str(&rows, 0, "id"),
                        lk_json_text(arena, rep));
    return lk_query(tx, arena, LK_Q_ADMIN_COMPONENT_INSERT, &written, err, admin->realm->id, lk_random_uuid(arena), PROFILE_TYPE,
                    PROFILE_PROVIDER, lk_json_text(arena, rep));
}

lk_status_t lk_admin_profile_put(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t admin;
    lk_sql_t *tx = NULL;
    lk_status_t status = lk_admin_begin(req, "manage-realm", &admin, err);
    if (status == LK_OK && !json_is_object(admin.body))
        status = lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    if (status == LK_OK)
        status = lk_tx_begin(req->app->store, LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = store_profile(&admin, tx, err);
    if (status == LK_OK)
        status = lk_realm_commit(req->app->realms, req->arena, &tx, admin.realm->id, err);
    lk_tx_rollback(&tx);
    if (status == LK_OK)
        lk_admin_answer(&admin, json_incref(admin.body), reply);
    return status;
}
