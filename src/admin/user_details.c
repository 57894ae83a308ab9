/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "admin/account.h"
#include "admin/fine_grained.h"
#include "admin/users.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/state.h"
#include "model/consent.h"
#include "oidc/oidc.h"

/* A user's groups, consents, and the sessions that an administrator begins and ends. */

/* --- groups --- */

static int compare_groups(const void *a, const void *b)
{
    return strcmp((*(const lk_group_t *const *)a)->name, (*(const lk_group_t *const *)b)->name);
}

/* The user's groups that the query asks for, by name; their number in *ret_count. */
static const lk_group_t **groups_asked(lk_admin_t *admin, size_t *ret_count)
{
    const char *search = lk_pairs_get(&admin->req->query, "search");
    const lk_group_t **groups = LK_NEW_ARRAY(admin->req->arena, const lk_group_t *, admin->user->num_groups);
    size_t count = 0;
    for (size_t i = 0; i != admin->user->num_groups; ++i)
        if (search == NULL || strcasestr(admin->user->groups[i]->name, search) != NULL)
            groups[count++] = admin->user->groups[i];
    qsort(groups, count, sizeof(*groups), compare_groups);
    *ret_count = count;
    return groups;
}

/* Administrators see those that they may; people see all of their own. */
static lk_status_t answer_groups(lk_admin_t *admin, int are_own)
{
    size_t count;
    const lk_group_t **groups = groups_asked(admin, &count);
    json_t *list = json_array();
    for (size_t i = 0; i != count; ++i)
        if (are_own || lk_group_is_seen(admin, groups[i]))
            json_array_append_new(
                list, lk_group_show(admin, groups[i], lk_admin_flag(admin, "briefRepresentation", 1) ? 0 : LK_GROUP_FULL, 0, NULL));
    return lk_admin_reply(admin, are_own ? list : lk_admin_page(admin, list, LK_ADMIN_ALL));
}

lk_status_t lk_user_groups(lk_admin_t *admin, lk_error_t *err)
{
    return answer_groups(admin, 0);
}

lk_status_t lk_account_groups(lk_admin_t *account, lk_error_t *err)
{
    return answer_groups(account, 1);
}

lk_status_t lk_user_groups_count(lk_admin_t *admin, lk_error_t *err)
{
    size_t count;
    groups_asked(admin, &count);
    return lk_admin_reply(admin, json_pack("{s:I}", "count", (json_int_t)count));
}

static lk_status_t change_group(lk_admin_t *admin, enum en_lk_query_t query, lk_error_t *err)
{
    lk_rows_t rows;
    const lk_group_t *group = lk_realm_group_by_id(admin->realm, admin->args[0]);
    if (group == NULL)
        return lk_admin_refuse_organization_group(
            admin, admin->args[0], "Cannot access organization related group via non Organization API.", "Group not found", err);
    return lk_admin_sql(admin, query, &rows, err, admin->id, group->id);
}

lk_status_t lk_user_group_add(lk_admin_t *admin, lk_error_t *err)
{
    return change_group(admin, LK_Q_USER_GROUP_ADD, err);
}

lk_status_t lk_user_group_remove(lk_admin_t *admin, lk_error_t *err)
{
    return change_group(admin, LK_Q_USER_GROUP_REMOVE, err);
}

/* --- consents --- */

static json_t *scope_names(lk_arena_t *arena, const lk_realm_t *realm, const json_t *ids)
{
    json_t *names = json_array(), *id;
    size_t i;
    json_array_foreach((json_t *)ids, i, id)
    {
        const char *name;
        if (lk_consent_scope(arena, realm, id, &name) != NULL)
            json_array_append_new(names, json_string(name));
    }
    return names;
}

static json_t *consent_of(json_t *list, const char *client_id)
{
    size_t i;
    json_t *consent;
    json_array_foreach(list, i, consent)
    {
        if (strcmp(lk_json_str(consent, "clientId", ""), client_id) == 0)
            return consent;
    }
    consent = json_pack("{s:s, s:[], s:n, s:n, s:[]}", "clientId", client_id, "grantedClientScopes", "createdDate",
                        "lastUpdatedDate", "additionalGrants");
    json_array_append_new(list, consent);
    return consent;
}

/* Clients with offline tokens, which count as granted. */
static lk_status_t add_offline(lk_admin_t *admin, json_t *list, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, LK_Q_SESSIONS_SELECT, &rows, err, admin->id, NULL, "true", "0", LK_ADMIN_ALL, "");
    for (int i = 0; status == LK_OK && i != rows.count; ++i) {
        const char *id;
        json_t *client_id;
        json_t *clients = lk_admin_json(admin, &rows, i, "clients");
        json_object_foreach(clients, id, client_id)
        {
            json_t *consent = consent_of(list, json_string_value(client_id));
            json_object_set_new(consent, "additionalGrants", json_pack("[{s:s, s:s}]", "client", id, "key", "Offline Token"));
        }
    }
    return status;
}

lk_status_t lk_user_consents(lk_admin_t *admin, lk_error_t *err)
{
    const lk_consent_t *consents;
    size_t count;
    json_t *list = lk_json_own(admin->req->arena, json_array());
    lk_status_t status = lk_consent_list(admin->sql, admin->req->arena, admin->realm, admin->id, &consents, &count, err);
    for (size_t i = 0; status == LK_OK && i != count; ++i)
        json_array_append_new(list,
                              json_pack("{s:s, s:o, s:I, s:I, s:[]}", "clientId", consents[i].client_id, "grantedClientScopes",
                                        scope_names(admin->req->arena, admin->realm, consents[i].scope_ids), "createdDate",
                                        (json_int_t)consents[i].created_date, "lastUpdatedDate",
                                        (json_int_t)consents[i].last_updated_date, "additionalGrants"));
    if (status == LK_OK)
        status = add_offline(admin, list, err);
    return status == LK_OK ? lk_admin_reply(admin, json_incref(list)) : status;
}

lk_status_t lk_user_consent_remove(lk_admin_t *admin, lk_error_t *err)
{
    const lk_client_t *client;
    lk_rows_t parts;
    int existed, was_offline = 0;
    lk_status_t status = lk_realm_client(admin->req->app->realms, admin->realm, admin->args[0], &client, err);
    if (status == LK_OK && client == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Client not found");
    if (status == LK_OK)
        status = lk_consent_remove(admin->sql, admin->req->arena, admin->realm, admin->id, client->id, &existed, err);
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_SESSIONS_CLIENT_REVOKE, &parts, err, admin->id, client->id, existed ? "true" : "false");
    for (int i = 0; status == LK_OK && i != parts.count; ++i)
        was_offline |= lk_row_bool(&parts, i, "offline");
    if (status == LK_OK && !existed && !was_offline)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Consent nor offline token not found");
    return status;
}

/* --- sessions begun and ended --- */

lk_status_t lk_user_end_sessions(lk_admin_t *admin, lk_error_t *err)
{
    return lk_user_logout(admin->req, admin->realm, admin->id, err);
}

/* A session of the user's for the administrator's browser; the administrator's own one ends where it is of the same realm. */
lk_status_t lk_user_impersonate(lk_admin_t *admin, lk_error_t *err)
{
    const lk_request_t *req = admin->req;
    lk_arena_t *arena = req->arena;
    if (!admin->user->enabled)
        return lk_admin_message(err, LK_INVALID, "User is disabled");
    if (admin->user->service_account_client_id != NULL)
        return lk_admin_message(err, LK_INVALID, "Service accounts cannot be impersonated");
    int same_realm = strcmp(admin->caller.realm->id, admin->realm->id) == 0;
    lk_status_t status =
        same_realm && admin->caller.session != NULL ? lk_session_end(req, admin->realm, admin->caller.session->id, 0, err) : LK_OK;
    lk_session_t session = {.id = lk_random_token(arena, 18),
                            .user_id = admin->user->id,
                            .started = lk_now(),
                            .last_access = lk_now(),
                            .ip_address = req->client_ip,
                            .auth_method = "openid-connect",
                            .notes = lk_json_own(arena, json_pack("{s:s, s:s}", "IMPERSONATOR_ID", admin->caller.user->id,
                                                                  "IMPERSONATOR_USERNAME", admin->caller.user->username))};
    if (status == LK_OK)
        status = lk_session_create(req->app->sql, arena, admin->realm, &session, NULL, err);
    if (status == LK_OK)
        status = lk_login_set_session_cookies(req, admin->realm, &session, admin->user->username, admin->reply, err);
    if (status != LK_OK)
        return status;
    return lk_admin_reply(admin, json_pack("{s:b, s:s}", "sameRealm", same_realm, "redirect",
                                           lk_printf(arena, "%s/realms/%s/account", req->base_url, admin->realm->name)));
}
