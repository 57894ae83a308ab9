/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "admin/handlers.h"
#include "admin/registration.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/event.h"
#include "oidc/client_policy.h"
#include "oidc/oidc.h"

/* --- Keycloak's own representation --- */

static lk_status_t read_default(lk_admin_t *admin, const json_t *body, json_t **ret_rep, lk_error_t *err)
{
    lk_status_t status = lk_admin_check(admin, &lk_client_fields, err);
    *ret_rep = lk_json_own(admin->req->arena, json_deep_copy(body));
    return status;
}

static json_t *show_default(const lk_registration_t *registration, const json_t *rep)
{
    lk_admin_t admin = registration->admin;
    json_t *shown = lk_kind_show(&admin, &lk_kind_client, rep);
    json_object_del(shown, "access");
    json_object_set_new(shown, "defaultRoles", json_array());
    if (registration->access_token != NULL)
        json_object_set_new(shown, "registrationAccessToken", json_string(registration->access_token));
    return shown;
}

/* --- keycloak.json --- */

static json_t *show_installation(const lk_registration_t *registration, const json_t *rep)
{
    lk_admin_t admin = registration->admin;
    return lk_client_keycloak_json(&admin);
}

typedef struct st_provider_t {
    const char *name;
    lk_status_t (*read)(lk_admin_t *admin, const json_t *body, json_t **ret_rep, lk_error_t *err); /* NULL: it is read only */
    json_t *(*show)(const lk_registration_t *registration, const json_t *rep);
    int is_oidc; /* the client cannot choose its own id, and scripts may call it */
} provider_t;

static const provider_t providers[] = {{"openid-connect", lk_oidc_metadata_read, lk_oidc_metadata_show, 1},
                                       {"default", read_default, show_default, 0},
                                       {"install", NULL, show_installation, 0}};

static const provider_t *find_provider(const char *name)
{
    for (size_t i = 0; i != sizeof(providers) / sizeof(providers[0]); ++i)
        if (strcmp(providers[i].name, name) == 0)
            return &providers[i];
    return NULL;
}

/* --- the four acts --- */

static lk_status_t invalid(lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, "invalid_client_metadata", "%s", text);
}

/* The stored representation by clientId; NULL where there is none. */
static lk_status_t find_client(lk_admin_t *admin, const char *client_id, json_t **ret_rep, lk_error_t *err)
{
    lk_error_t why = {0};
    lk_status_t status = lk_kind_find_named(admin, &lk_kind_client, client_id, ret_rep, &why);
    if (status == LK_NOT_FOUND) {
        *ret_rep = NULL;
        return LK_OK;
    }
    if (status != LK_OK && err != NULL)
        *err = why;
    return status;
}

static lk_status_t check_new(const provider_t *provider, const lk_admin_t *admin, lk_error_t *err)
{
    if (provider->is_oidc && json_object_get(admin->body, "client_id") != NULL)
        return invalid(err, "Client Identifier included");
    return LK_OK;
}

static lk_status_t create(lk_registration_t *registration, const provider_t *provider, lk_error_t *err)
{
    lk_admin_t *admin = &registration->admin;
    json_t *rep = NULL, *stored = NULL;
    const char *id;
    lk_status_t status = check_new(provider, admin, err);
    if (status == LK_OK)
        status = provider->read(admin, admin->body, &rep, err);
    if (status == LK_OK)
        status = lk_registration_check_policies(registration, rep, err);
    if (status == LK_OK)
        status = lk_kind_create(admin, &lk_kind_client, rep, NULL, &id, err);
    if (status == LK_CONFLICT)
        return invalid(err, "Client Identifier in use");
    if (status == LK_OK)
        status = lk_registration_token_renew(admin, id, registration->authenticated, &registration->access_token, err);
    if (status == LK_OK)
        status = lk_kind_find(admin, &lk_kind_client, id, &stored, err);
    if (status != LK_OK)
        return status;
    lk_event_client(admin->req, lk_json_str(stored, "clientId", ""));
    lk_admin_reply(admin, provider->show(registration, stored));
    return lk_admin_reply_created(admin, lk_json_str(stored, "clientId", ""));
}

/* A new token, unless a client policy keeps the old one. */
static lk_status_t renew_token(lk_registration_t *registration, const char *id, lk_error_t *err)
{
    lk_admin_t *admin = &registration->admin;
    lk_policy_effects_t effects = {0};
    lk_policy_subject_t subject = {
        .stage = LK_POLICY_RENEW, .req = admin->req, .realm = admin->realm, .updater = admin->updater, .effects = &effects};
    lk_status_t status = lk_realm_client_by_uuid(admin->req->app->realms, admin->realm, id, &subject.client, err);
    if (status == LK_OK)
        status = lk_client_policies_apply(&subject, err);
    if (status != LK_OK || effects.keep_registration_token) {
        registration->access_token = lk_request_bearer(admin->req);
        return status;
    }
    return lk_registration_token_renew(admin, id, registration->authenticated, &registration->access_token, err);
}

static lk_status_t update(lk_registration_t *registration, const provider_t *provider, lk_error_t *err)
{
    lk_admin_t *admin = &registration->admin;
    json_t *rep, *stored;
    const char *id = lk_json_str(registration->old, "id", "");
    lk_status_t status = provider->read(admin, admin->body, &rep, err);
    if (status == LK_OK && strcmp(lk_json_str(rep, "clientId", ""), registration->client_id) != 0)
        return invalid(err, "Client Identifier modified");
    if (status == LK_OK)
        status = lk_registration_check_policies(registration, rep, err);
    if (status == LK_OK)
        status = lk_kind_update(admin, &lk_kind_client, registration->old, rep, err);
    if (status == LK_OK && registration->registrant == LK_REGISTRANT_CLIENT)
        status = renew_token(registration, id, err);
    if (status == LK_OK)
        status = lk_kind_find(admin, &lk_kind_client, id, &stored, err);
    return status == LK_OK ? lk_admin_reply(admin, provider->show(registration, stored)) : status;
}

static lk_status_t view(lk_registration_t *registration, const provider_t *provider, lk_error_t *err)
{
    lk_admin_t *admin = &registration->admin;
    lk_status_t status = lk_registration_check_policies(registration, NULL, err);
    if (status == LK_OK && provider->read == NULL)
        status = lk_realm_client(admin->req->app->realms, admin->realm, registration->client_id, &admin->client, err);
    return status == LK_OK ? lk_admin_reply(admin, provider->show(registration, registration->old)) : status;
}

static lk_status_t erase(lk_registration_t *registration, const provider_t *provider, lk_error_t *err)
{
    lk_status_t status = lk_registration_check_policies(registration, NULL, err);
    if (status == LK_OK && lk_client_is_internal(&registration->admin, registration->client_id))
        return lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
    return status == LK_OK ? lk_kind_remove(&registration->admin, &lk_kind_client, lk_json_str(registration->old, "id", ""), err)
                           : status;
}

static const struct {
    const char *method;
    lk_registration_act_t act;
    lk_event_type_t event;
    lk_status_t (*run)(lk_registration_t *registration, const provider_t *provider, lk_error_t *err);
    lk_admin_row_t row; /* for the transaction */
} acts[] = {{"POST", LK_REGISTER, LK_EVENT_CLIENT_REGISTER, create, {"POST", "", NULL, 0, NULL}},
            {"GET", LK_REGISTRATION_VIEW, LK_EVENT_CLIENT_INFO, view, {"GET", "", NULL, 0, NULL}},
            {"PUT", LK_REGISTRATION_UPDATE, LK_EVENT_CLIENT_UPDATE, update, {"PUT", "", NULL, 0, NULL}},
            {"DELETE", LK_REGISTRATION_DELETE, LK_EVENT_CLIENT_DELETE, erase, {"DELETE", "", NULL, 0, NULL}}};

static size_t find_act(const char *method)
{
    size_t i = 0;
    while (strcmp(acts[i].method, method) != 0)
        ++i;
    return i;
}

/* keycloak.json may be asked for by the client itself, with its secret. */
static lk_status_t authorize(lk_registration_t *registration, const provider_t *provider, lk_error_t *err)
{
    const lk_request_t *req = registration->admin.req;
    const lk_client_t *client;
    lk_status_t status;
    if (provider->read != NULL || registration->registrant != LK_REGISTRANT_ANONYMOUS)
        return lk_registration_authorize(registration, err);
    status = lk_client_authenticate(req, registration->admin.realm, &client, err);
    if (status == LK_DENIED || (status == LK_OK && strcmp(client->client_id, registration->client_id) != 0))
        return lk_fail_http(err, LK_DENIED, 401, "invalid_token", "Failed to authenticate client");
    registration->registrant = LK_REGISTRANT_BEARER;
    return status;
}

static lk_status_t run(lk_registration_t *registration, const provider_t *provider, size_t act, lk_error_t *err)
{
    lk_admin_t *admin = &registration->admin;
    admin->reply->status = strcmp(acts[act].method, "DELETE") == 0 ? 204 : 200;
    lk_status_t status = acts[act].act == LK_REGISTRATION_VIEW ? LK_OK : lk_admin_begin_write(admin, err);
    if (status == LK_OK && registration->client_id != NULL)
        status = find_client(admin, registration->client_id, &registration->old, err);
    if (status == LK_OK && provider->is_oidc)
        status = lk_registration_check_origin(registration, err);
    if (status == LK_OK)
        status = authorize(registration, provider, err);
    if (status == LK_OK)
        status = acts[act].run(registration, provider, err);
    if (status == LK_OK)
        status = lk_admin_commit(admin, err);
    lk_tx_rollback(&admin->tx);
    return status;
}

static lk_status_t begin(lk_registration_t *registration, size_t act, lk_error_t *err)
{
    lk_admin_t *admin = &registration->admin;
    const lk_request_t *req = admin->req;
    lk_status_t status = lk_request_realm(req, &admin->realm, err);
    if (status != LK_OK)
        return status;
    if (!admin->realm->enabled)
        return lk_fail_http(err, LK_DENIED, 403, NULL, "Realm not enabled");
    lk_event_begin(req, admin->realm, acts[act].event);
    lk_event_client(req, registration->client_id);
    status = lk_registration_authenticate(registration, err);
    int wants_body = acts[act].act == LK_REGISTER || acts[act].act == LK_REGISTRATION_UPDATE;
    if (status == LK_OK && wants_body &&
        (lk_json_parse_kept(req->arena, (const char *)req->body.base, req->body.len, &admin->body, NULL) != LK_OK ||
         !json_is_object(admin->body)))
        status = lk_fail(err, LK_INVALID, "invalid_request", "Cannot parse the JSON");
    return status;
}

lk_status_t lk_registration_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    static const lk_admin_mount_t mount = {.kind = &lk_kind_client};
    const provider_t *provider = find_provider(req->params[1]);
    size_t act = find_act(req->method);
    lk_registration_t registration = {.act = acts[act].act, .client_id = acts[act].act == LK_REGISTER ? NULL : req->params[2]};
    registration.admin = (lk_admin_t){.req = req, .reply = reply, .mount = &mount, .row = &acts[act].row, .sql = req->app->sql};
    if (provider == NULL || (provider->read == NULL && registration.act != LK_REGISTRATION_VIEW))
        return provider == NULL ? lk_fail(err, LK_NOT_FOUND, NULL, "Client registration provider not found")
                                : lk_fail_http(err, LK_INVALID, 405, NULL, NULL);
    lk_status_t status = begin(&registration, act, err);
    if (status == LK_OK)
        status = run(&registration, provider, act, err);
    if (status == LK_OK)
        lk_event_success(req);
    lk_reply_set_header(reply, "cache-control", "");
    return status;
}

/* --- for administrators: a new token for a client that lost its own --- */

lk_status_t lk_client_registration_token(lk_admin_t *admin, lk_error_t *err)
{
    json_t *rep;
    const char *token;
    lk_status_t status = lk_kind_find(admin, &lk_kind_client, admin->client->id, &rep, err);
    if (status == LK_OK)
        status = lk_registration_token_renew(admin, admin->client->id, "authenticated", &token, err);
    if (status != LK_OK)
        return status;
    json_t *shown = lk_kind_show(admin, &lk_kind_client, rep);
    json_object_set_new(shown, "registrationAccessToken", json_string(token));
    if (json_object_get(shown, "secret") != NULL)
        json_object_set_new(shown, "secret", json_string("**********"));
    json_object_del(shown, "access");
    return lk_admin_reply(admin, shown);
}

/* --- initial access tokens --- */

static const lk_field_t initial_fields[] = {
    LK_FIELD_FREE("expiration", INT, 0, "0"),
    LK_FIELD_FREE("count", INT, 0, "1"),
    LK_FIELD_FREE("webOrigins", STRINGS, 0, NULL),
};
static const lk_representation_t initial_rep = LK_REPRESENTATION("ClientInitialAccessCreatePresentation", initial_fields);

lk_status_t lk_initial_access_list(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status =
        lk_admin_sql(admin, LK_Q_INITIAL_ACCESS_SELECT, &rows, err, lk_printf(admin->req->arena, "%lld", (long long)lk_now()));
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (int i = 0; i != rows.count; ++i)
        json_array_append(list, lk_admin_json(admin, &rows, i, "rep"));
    return lk_admin_reply(admin, list);
}

lk_status_t lk_initial_access_create(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const char *id = lk_random_uuid(arena), *token;
    lk_rows_t rows;
    lk_status_t status = lk_admin_check(admin, &initial_rep, err);
    if (status != LK_OK)
        return status;
    json_t *given = lk_json_own(arena, lk_rep_strict(&initial_rep, admin->body)), *origins = json_object_get(given, "webOrigins");
    int64_t expiration = lk_json_int(given, "expiration", 0), count = lk_json_int(given, "count", 1), now = lk_now();
    if (expiration < 0)
        return lk_fail(err, LK_INVALID, "Invalid value for expiration", "The expiration time interval cannot be less than 0");
    if (count < 0)
        return lk_fail(err, LK_INVALID, "Invalid value for count", "The count cannot be less than 0");
    status = lk_admin_sql(admin, LK_Q_INITIAL_ACCESS_INSERT, &rows, err, id, lk_printf(arena, "%lld", (long long)now),
                          lk_printf(arena, "%lld", (long long)expiration), lk_printf(arena, "%lld", (long long)count));
    json_t *claims = json_object();
    if (json_array_size(origins) != 0)
        json_object_set(claims, "allowed-origins", origins);
    if (status == LK_OK)
        status = lk_registration_token_sign(admin, id, "InitialAccessToken", expiration != 0 ? now + expiration : 0, claims, &token,
                                            err);
    else
        json_decref(claims);
    if (status != LK_OK)
        return status;
    admin->made_id = id;
    lk_admin_reply(admin,
                   json_pack("{s:s, s:s, s:I, s:I, s:I, s:I}", "id", id, "token", token, "timestamp", (json_int_t)now, "expiration",
                             (json_int_t)expiration, "count", (json_int_t)count, "remainingCount", (json_int_t)count));
    return lk_admin_reply_created(admin, id);
}

lk_status_t lk_initial_access_remove(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_admin_sql(admin, LK_Q_INITIAL_ACCESS_DELETE, &rows, err, admin->args[0]);
}
