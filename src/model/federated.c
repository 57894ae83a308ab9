/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/federated.h"

#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/user_row.h"

static lk_federated_t link_of_row(const lk_rows_t *rows, int row, const char *alias)
{
    return (lk_federated_t){.alias = alias,
                            .user_id = lk_row_str(rows, row, "external_user_id"),
                            .username = lk_row_str(rows, row, "external_username"),
                            .token = lk_row_str(rows, row, "token")};
}

lk_status_t lk_federated_user(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *alias, const char *external_id,
                              const lk_user_t **ret_user, lk_federated_t *ret_link, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_BROKER_USER, &rows, err, realm->id, alias, external_id);
    if (status != LK_OK)
        return status;
    *ret_user = NULL;
    if (rows.count == 0)
        return LK_OK;
    *ret_link = link_of_row(&rows, 0, alias);
    return lk_user_from_row(arena, realm, &rows, 0, ret_user, err);
}

lk_status_t lk_federated_links(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id, const char *alias,
                               lk_federated_t **ret_links, size_t *ret_count, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_BROKER_LINKS, &rows, err, realm->id, user_id, alias);
    if (status != LK_OK)
        return status;
    *ret_count = (size_t)rows.count;
    *ret_links = LK_NEW_ARRAY(arena, lk_federated_t, *ret_count);
    for (int i = 0; i != rows.count; ++i)
        (*ret_links)[i] = link_of_row(&rows, i, lk_row_str(&rows, i, "identity_provider"));
    return LK_OK;
}

lk_status_t lk_federated_add(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                             const lk_federated_t *link, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_BROKER_LINK_INSERT, &rows, err, realm->id, user_id, link->alias, link->user_id, link->username,
                    link->token);
}

lk_status_t lk_federated_update(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                const char *external_id, const lk_federated_t *link, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_BROKER_LINK_UPDATE, &rows, err, realm->id, user_id, link->alias, external_id, link->user_id,
                    link->username, link->token);
}

lk_status_t lk_federated_remove(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id, const char *alias,
                                lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_BROKER_LINK_DELETE, &rows, err, realm->id, user_id, alias);
}

/* --- users --- */

static const char *text_of(lk_arena_t *arena, const json_t *value, const char *fallback)
{
    return value != NULL ? lk_json_text(arena, value) : fallback;
}

lk_status_t lk_broker_user_update(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                  const lk_user_change_t *change, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_BROKER_USER_UPDATE, &rows, err, realm->id, user_id, change->username, change->email,
                    change->email_verified ? "true" : "false", change->first_name, change->last_name,
                    text_of(arena, change->attributes, "{}"), text_of(arena, change->add_roles, "[]"),
                    text_of(arena, change->remove_roles, "[]"), text_of(arena, change->join_groups, "[]"),
                    text_of(arena, change->leave_groups, "[]"));
}

lk_status_t lk_broker_user_insert(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id,
                                  const lk_user_change_t *change, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_BROKER_USER_INSERT, &rows, err, realm->id, user_id, change->username, change->email,
                    change->email_verified ? "true" : "false", change->first_name, change->last_name,
                    lk_printf(arena, "%lld", (long long)lk_now_ms()), text_of(arena, change->attributes, "{}"),
                    text_of(arena, change->required_actions, "[]"), text_of(arena, change->add_roles, "[]"),
                    text_of(arena, change->join_groups, "[]"));
}

/* --- logins that come back from a provider --- */

lk_status_t lk_broker_login_put(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *tab, int64_t expires,
                                const char *content, const char *tokens, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_BROKER_LOGIN_PUT, &rows, err, realm->id, tab, lk_printf(arena, "%lld", (long long)expires),
                    content, tokens);
}

lk_status_t lk_broker_login_get(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *tab,
                                const char **ret_content, const char **ret_tokens, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status =
        lk_query(sql, arena, LK_Q_BROKER_LOGIN_GET, &rows, err, realm->id, tab, lk_printf(arena, "%lld", (long long)lk_now()));
    if (status != LK_OK)
        return status;
    *ret_content = rows.count != 0 ? lk_row_str(&rows, 0, "content") : NULL;
    *ret_tokens = rows.count != 0 ? lk_row_str(&rows, 0, "tokens") : NULL;
    return LK_OK;
}

lk_status_t lk_broker_login_done(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *tab, const char *sid,
                                 lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_BROKER_LOGIN_TO_SESSION, &rows, err, realm->id, tab, sid);
}

lk_status_t lk_broker_session_put_away(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid, int64_t expires,
                                       lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(sql, arena, LK_Q_BROKER_SESSION_PUT_AWAY, &rows, err, realm->id, sid,
                    lk_printf(arena, "%lld", (long long)expires));
}

lk_status_t lk_broker_session_load(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid,
                                   const char **ret_alias, const char **ret_tokens, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status =
        lk_query(sql, arena, LK_Q_BROKER_SESSION_GET, &rows, err, realm->id, sid, lk_printf(arena, "%lld", (long long)lk_now()));
    if (status != LK_OK)
        return status;
    *ret_alias = rows.count != 0 ? lk_row_str(&rows, 0, "broker_alias") : NULL;
    *ret_tokens = rows.count != 0 ? lk_row_str(&rows, 0, "tokens") : NULL;
    return LK_OK;
}

/* --- what a provider gave --- */

#define SEAL_TOKENS "broker-tokens"

char *lk_broker_token_seal(lk_arena_t *arena, const lk_realm_t *realm, const char *answer)
{
    return lk_seal_json(arena, realm->seal_secret, SEAL_TOKENS,
                        json_pack("{s:s, s:I}", "answer", answer, "at", (json_int_t)lk_now()));
}

const json_t *lk_broker_token_open(lk_arena_t *arena, const lk_realm_t *realm, const char *sealed)
{
    return lk_unseal_json(arena, realm->seal_secret, SEAL_TOKENS, sealed);
}

json_t *lk_broker_token_answer(lk_arena_t *arena, const json_t *opened)
{
    const char *text = lk_json_str(opened, "answer", NULL);
    json_t *answer;
    return text != NULL && lk_json_parse(arena, text, strlen(text), &answer, NULL) == LK_OK ? answer : NULL;
}

static const struct {
    const char *note, *member;
} notes[] = {{"FEDERATED_ACCESS_TOKEN", "access_token"},
             {"FEDERATED_REFRESH_TOKEN", "refresh_token"},
             {"FEDERATED_ID_TOKEN", "id_token"},
             {"FEDERATED_TOKEN_EXPIRATION", "expires_in"}};
#define NUM_NOTES (sizeof(notes) / sizeof(notes[0]))

lk_status_t lk_broker_session_note(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *sid, const char *name,
                                   const char **ret_value, lk_error_t *err)
{
    const char *alias, *sealed;
    size_t i = 0;
    *ret_value = NULL;
    while (i != NUM_NOTES && strcmp(notes[i].note, name) != 0)
        ++i;
    if (i == NUM_NOTES)
        return LK_OK;
    lk_status_t status = lk_broker_session_load(sql, arena, realm, sid, &alias, &sealed, err);
    const lk_identity_provider_t *provider = status == LK_OK && alias != NULL ? lk_realm_identity_provider(realm, alias) : NULL;
    if (provider == NULL || !lk_json_config_bool(provider->config, "storeTokenInSession", 1))
        return status;
    const json_t *opened = lk_broker_token_open(arena, realm, sealed), *answer = lk_broker_token_answer(arena, opened);
    int64_t span = lk_json_int(answer, "expires_in", 0);
    *ret_value = lk_json_str(answer, notes[i].member, NULL);
    if (answer != NULL && strcmp(notes[i].member, "expires_in") == 0)
        *ret_value = lk_printf(arena, "%lld", (long long)(span > 0 ? lk_json_int(opened, "at", 0) + span : 0));
    return LK_OK;
}
