/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <pthread.h>
#include <string.h>
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/password_policy.h"

/* Users are walked once, in batches, each with an arena of its own, so that memory does not grow with them. Roles that users alone
 * name are found on the way: they go to im->rows, which is written before the batch that names them. */

static lk_status_t add_user(lk_import_t *im, lk_rowset_t *rows, const json_t *user, const char *path, lk_error_t *err);

static lk_status_t add_batch(lk_import_t *im, lk_rowset_t *rows, const json_t *users, lk_error_t *err)
{
    size_t i;
    json_t *value, *user;
    lk_status_t status = LK_OK;
    json_array_foreach((json_t *)users, i, value)
    {
        const char *path = lk_printf(im->arena, "%s[%zu]", im->users->where, im->users->first + i);
        status = lk_import_object(im, &lk_user_fields, value, path, &user, err);
        if (status == LK_OK)
            lk_import_modernise_user(user);
        if (status == LK_OK)
            status = add_user(im, rows, user, path, err);
        if (status != LK_OK)
            break;
    }
    return status;
}

/* A batch goes to the database while the next one is read: Latchkey and Postgres work at the same time. The transaction is the
 * writer's from `hand_over` to `await`. */
typedef struct st_writer_t {
    lk_import_t *im;
    lk_sql_t *tx;
    lk_arena_t *batch; /* of the rows; NULL: nothing is being written */
    lk_rowset_t rows;
    pthread_t thread;
    lk_status_t status;
    lk_error_t err;
} writer_t;

static void *write_batch(void *context)
{
    writer_t *writer = context;
    writer->status = lk_rowset_write(&writer->rows, writer->tx, writer->im->realm_id, &writer->err);
    return NULL;
}

static lk_status_t await(writer_t *writer, lk_error_t *err)
{
    if (writer->batch == NULL)
        return LK_OK;
    pthread_join(writer->thread, NULL);
    lk_arena_destroy(&writer->batch);
    if (writer->status != LK_OK && err != NULL)
        *err = writer->err;
    return writer->status;
}

/* Takes over the batch, in all cases. */
static lk_status_t hand_over(writer_t *writer, const lk_rowset_t *rows, lk_arena_t *batch, lk_error_t *err)
{
    lk_status_t status = await(writer, err);
    if (status == LK_OK)
        status = lk_rowset_write(&writer->im->rows, writer->tx, writer->im->realm_id, err);
    if (status == LK_OK) {
        writer->rows = *rows;
        if (pthread_create(&writer->thread, NULL, write_batch, writer) == 0) {
            writer->batch = batch;
            return LK_OK;
        }
        status = lk_rowset_write(&writer->rows, writer->tx, writer->im->realm_id, err);
    }
    lk_arena_destroy(&batch);
    return status;
}

lk_status_t lk_import_write_users(lk_import_t *im, lk_sql_t *tx, lk_error_t *err)
{
    lk_arena_t *outer = im->arena;
    writer_t writer = {.im = im, .tx = tx};
    lk_status_t status = LK_OK;
    int end = 0;
    while (!end && status == LK_OK) {
        lk_arena_t *batch = lk_arena_create("import users");
        json_t *users;
        lk_rowset_t rows;
        im->arena = batch;
        lk_rowset_init(&rows, batch);
        status = im->users->next(im->users, batch, &users, err);
        end = status != LK_OK || users == NULL;
        if (!end)
            status = add_batch(im, &rows, users, err);
        im->arena = outer;
        if (!end && status == LK_OK)
            status = hand_over(&writer, &rows, batch, err);
        else
            lk_arena_destroy(&batch);
    }
    lk_status_t written = await(&writer, status == LK_OK ? err : NULL);
    return status == LK_OK ? written : status;
}

lk_status_t lk_import_collect_users(lk_import_t *im, lk_error_t *err)
{
    for (json_t *users;;) {
        lk_status_t status = im->users->next(im->users, im->arena, &users, err);
        if (status == LK_OK && users != NULL)
            status = add_batch(im, &im->rows, users, err);
        if (status != LK_OK || users == NULL)
            return status;
    }
}

/* --- one user --- */

static int is_plain_password(const json_t *credential)
{
    return strcmp(lk_json_str(credential, "type", "password"), "password") == 0 && lk_json_str(credential, "value", "")[0] != '\0';
}

static lk_status_t check_policy(lk_import_t *im, const json_t *user, const char *password, const char *path, lk_error_t *err)
{
    lk_error_t reason = {0};
    lk_password_subject_t who = {lk_json_str(user, "username", ""), lk_json_str(user, "email", NULL)};
    if (lk_password_policy_check(im->arena, im->policy, &who, password, &reason) == LK_OK)
        return LK_OK;
    return lk_fail(err, LK_INVALID, "policy", "%s: the password does not meet the policy: %s", path, reason.text);
}

typedef struct st_target_t {
    lk_rowset_t *rows;
    const char *user_id;
} target_t;

static void add_user_role(void *context, const char *role_id)
{
    target_t *target = context;
    lk_row_once(target->rows, LK_TABLE_USER_ROLE, target->user_id, role_id);
}

static const char *json_or(lk_import_t *im, const json_t *user, const char *name, const char *fallback)
{
    const json_t *value = json_object_get(user, name);
    return value != NULL ? lk_json_text(im->arena, value) : fallback;
}

static const char *number(lk_import_t *im, const json_t *object, const char *name, long long fallback)
{
    return lk_printf(im->arena, "%lld", lk_json_int(object, name, fallback));
}

/* NULL for an empty string too. */
static const char *text_or_null(const json_t *object, const char *name)
{
    const char *text = lk_json_str(object, name, "");
    return text[0] != '\0' ? text : NULL;
}

/* A one-time password's secret in the old form. */
static lk_password_t old_otp(lk_import_t *im, const json_t *credential)
{
    const char *type = lk_json_str(credential, "type", "");
    json_t *data = json_pack(
        "{s:s, s:I, s:I, s:I, s:s}", "subType", strcmp(type, "hotp") == 0 ? "hotp" : "totp", "digits",
        (json_int_t)lk_json_int(credential, "digits", 6), "counter", (json_int_t)lk_json_int(credential, "counter", 0), "period",
        (json_int_t)lk_json_int(credential, "period", 30), "algorithm", lk_json_str(credential, "algorithm", "HmacSHA1"));
    json_t *secret =
        json_pack("{s:s}", "value", lk_json_str(credential, "value", lk_json_str(credential, "hashedSaltedValue", "")));
    return (lk_password_t){lk_json_text(im->arena, lk_json_own(im->arena, data)),
                           lk_json_text(im->arena, lk_json_own(im->arena, secret))};
}

/* secret_data stays NULL where there is nothing to keep. */
static lk_status_t stored_credential(lk_import_t *im, const json_t *user, const json_t *credential, const char *path,
                                     lk_password_t *ret_stored, lk_error_t *err)
{
    const char *type = lk_json_str(credential, "type", "password"), *secret_data = lk_json_str(credential, "secretData", NULL);
    *ret_stored = (lk_password_t){NULL, NULL};
    if (is_plain_password(credential)) {
        const char *password = lk_json_str(credential, "value", "");
        lk_status_t status = check_policy(im, user, password, path, err);
        return status == LK_OK ? lk_password_hash(im->arena, password, &im->hashing, ret_stored, err) : status;
    }
    if (secret_data != NULL)
        *ret_stored = (lk_password_t){lk_json_str(credential, "credentialData", "{}"), secret_data};
    else if (strcmp(type, "totp") == 0 || strcmp(type, "hotp") == 0 || strcmp(type, "otp") == 0)
        *ret_stored = old_otp(im, credential);
    else
        lk_password_from_legacy(im->arena, credential, ret_stored, NULL); /* files of Keycloak 8 and older */
    return LK_OK;
}

static lk_status_t add_credential(lk_import_t *im, lk_rowset_t *rows, const json_t *user, const char *user_id, size_t i,
                                  const char *path, lk_error_t *err)
{
    const json_t *value = json_array_get(json_object_get(user, "credentials"), i);
    const char *at = lk_printf(im->arena, "%s.credentials[%zu]", path, i);
    json_t *credential;
    lk_password_t stored;
    lk_status_t status = lk_import_object(im, &lk_credential_fields, value, at, &credential, err);
    if (status == LK_OK)
        status = stored_credential(im, user, credential, at, &stored, err);
    if (status != LK_OK || stored.secret_data == NULL)
        return status;
    const char *type = lk_json_str(credential, "type", "password");
    if (strcmp(type, "totp") == 0 || strcmp(type, "hotp") == 0)
        type = "otp";
    lk_row(rows, LK_TABLE_CREDENTIAL, user_id, lk_import_id(im, credential, "id"), type, lk_json_str(credential, "userLabel", NULL),
           number(im, credential, "createdDate", lk_now_ms()), number(im, credential, "priority", (long long)(i + 1) * 10),
           stored.secret_data, stored.credential_data, lk_import_rep(im, &lk_credential_fields, credential));
    return LK_OK;
}

static lk_status_t add_credentials(lk_import_t *im, lk_rowset_t *rows, const json_t *user, const char *user_id, const char *path,
                                   lk_error_t *err)
{
    lk_status_t status = LK_OK;
    for (size_t i = 0; i != json_array_size(json_object_get(user, "credentials")) && status == LK_OK; ++i)
        status = add_credential(im, rows, user, user_id, i, path, err);
    return status;
}

static lk_status_t add_groups(lk_import_t *im, lk_rowset_t *rows, const json_t *user, const char *user_id, const char *path,
                              lk_error_t *err)
{
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(user, "groups"), i, name)
    {
        const char *id = lk_import_group_id(im, im->arena, json_string_value(name));
        if (id == NULL)
            return lk_import_unknown(lk_printf(im->arena, "%s.groups[%zu]", path, i), "group", json_string_value(name), err);
        lk_row_once(rows, LK_TABLE_MEMBERSHIP, user_id, id);
    }
    return LK_OK;
}

static lk_status_t add_identities(lk_import_t *im, lk_rowset_t *rows, const json_t *user, const char *user_id, const char *path,
                                  lk_error_t *err)
{
    size_t i;
    json_t *link;
    json_array_foreach(json_object_get(user, "federatedIdentities"), i, link)
    {
        const char *provider = lk_json_str(link, "identityProvider", NULL), *external_id = lk_json_str(link, "userId", NULL);
        if (provider == NULL || external_id == NULL)
            return lk_fail(err, LK_INVALID, "unknown", "%s.federatedIdentities[%zu]: identityProvider and userId are needed", path,
                           i);
        lk_row(rows, LK_TABLE_FEDERATED_IDENTITY, user_id, provider, external_id, lk_json_str(link, "userName", NULL),
               lk_json_str(link, "token", NULL));
    }
    json_array_foreach(json_object_get(user, "socialLinks"), i, link)
    {
        lk_row(rows, LK_TABLE_FEDERATED_IDENTITY, user_id, lk_json_str(link, "socialProvider", ""),
               lk_json_str(link, "socialUserId", ""), lk_json_str(link, "socialUsername", NULL), NULL);
    }
    return LK_OK;
}

static lk_status_t add_consents(lk_import_t *im, lk_rowset_t *rows, const json_t *user, const char *user_id, const char *path,
                                lk_error_t *err)
{
    size_t i, j;
    json_t *consent, *name;
    json_array_foreach(json_object_get(user, "clientConsents"), i, consent)
    {
        const char *client_id = lk_json_str(consent, "clientId", "");
        const char *client_uuid = json_string_value(json_object_get(im->clients, client_id));
        if (client_uuid == NULL)
            return lk_import_unknown(lk_printf(im->arena, "%s.clientConsents[%zu]", path, i), "client", client_id, err);
        json_t *ids = lk_json_own(im->arena, json_array());
        json_array_foreach(json_object_get(consent, "grantedClientScopes"), j, name)
        {
            const char *id =
                json_is_string(name) ? lk_json_str(json_object_get(im->scopes, json_string_value(name)), "id", NULL) : NULL;
            if (id != NULL)
                json_array_append_new(ids, json_string(id));
        }
        lk_row(rows, LK_TABLE_CONSENT, user_id, client_uuid, lk_json_text(im->arena, ids),
               number(im, consent, "createdDate", lk_now_ms()), number(im, consent, "lastUpdatedDate", lk_now_ms()));
    }
    return LK_OK;
}

static lk_status_t add_roles(lk_import_t *im, lk_rowset_t *rows, const json_t *user, const char *user_id, const char *path,
                             lk_error_t *err)
{
    return lk_import_each_role(im, user, path, add_user_role, &(target_t){rows, user_id}, err);
}

/* The client that the user is the service account of: *ret_client_uuid, NULL where it is none. */
static lk_status_t take_service_account(lk_import_t *im, const json_t *user, const char *path, const char **ret_client_uuid,
                                        lk_error_t *err)
{
    const char *client_id = lk_json_str(user, "serviceAccountClientId", NULL);
    *ret_client_uuid = NULL;
    if (client_id == NULL)
        return LK_OK;
    *ret_client_uuid = json_string_value(json_object_get(im->clients, client_id));
    if (*ret_client_uuid == NULL)
        return lk_import_unknown(lk_printf(im->arena, "%s.serviceAccountClientId", path), "client", client_id, err);
    json_object_del(im->service_accounts, client_id);
    return LK_OK;
}

static lk_status_t add_user(lk_import_t *im, lk_rowset_t *rows, const json_t *user, const char *path, lk_error_t *err)
{
    static lk_status_t (*const parts[])(lk_import_t *, lk_rowset_t *, const json_t *, const char *, const char *, lk_error_t *) = {
        add_roles, add_groups, add_consents, add_identities, add_credentials,
    };
    if (lk_json_str(user, "username", "")[0] == '\0')
        return lk_fail(err, LK_INVALID, "unknown", "%s.username: missing", path);
    const char *id = lk_import_id(im, user, "id"), *email = text_or_null(user, "email"), *client_uuid;
    lk_status_t status = take_service_account(im, user, path, &client_uuid, err);
    lk_row(rows, LK_TABLE_USER, id, lk_utf8_lower(im->arena, lk_json_str(user, "username", "")),
           email != NULL ? lk_utf8_lower(im->arena, email) : NULL, lk_json_bool(user, "emailVerified", 0) ? "t" : "f",
           lk_json_bool(user, "enabled", 0) ? "t" : "f", text_or_null(user, "firstName"), text_or_null(user, "lastName"),
           number(im, user, "createdTimestamp", lk_now_ms()), client_uuid, number(im, user, "notBefore", 0),
           json_or(im, user, "attributes", "{}"), json_or(im, user, "requiredActions", "[]"),
           lk_import_rep(im, &lk_user_fields, user));
    for (size_t i = 0; i != sizeof(parts) / sizeof(parts[0]) && status == LK_OK; ++i)
        status = parts[i](im, rows, user, id, path, err);
    return status;
}
