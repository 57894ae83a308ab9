/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "crypto/jws.h"
#include "model/session.h"
#include "token/token.h"

/* What tokens of a client would hold: nobody signs in, nothing is stored. */

static lk_scopes_t asked_scopes(lk_admin_t *admin)
{
    lk_scopes_t scopes;
    lk_scopes_of_token(admin->req->arena, admin->realm, admin->client, lk_pairs_get(&admin->req->query, "scope"), &scopes);
    return scopes;
}

/* A session as if the user had just signed in. */
static void pretend_session(lk_arena_t *arena, lk_token_context_t *context)
{
    lk_session_t *session = LK_NEW(arena, lk_session_t);
    lk_client_session_t *part = LK_NEW(arena, lk_client_session_t);
    *session = (lk_session_t){.id = lk_random_token(arena, 18),
                              .user_id = context->user->id,
                              .started = context->now,
                              .last_access = context->now,
                              .notes = lk_json_own(arena, json_object())};
    *part = (lk_client_session_t){.client_id = context->client->id,
                                  .started = context->now,
                                  .last_refresh = context->now,
                                  .notes = lk_json_own(arena, json_object())};
    context->session = session;
    context->client_session = part;
}

static lk_status_t prepare(lk_admin_t *admin, lk_token_context_t *context, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const char *user_id = lk_pairs_get(&admin->req->query, "userId"), *audience = lk_pairs_get(&admin->req->query, "audience");
    if (user_id == NULL || *user_id == '\0')
        return lk_fail(err, LK_NOT_FOUND, NULL, "No userId provided");
    *context = (lk_token_context_t){.req = admin->req,
                                    .realm = admin->realm,
                                    .client = admin->client,
                                    .scopes = asked_scopes(admin),
                                    .grant = LK_GRANT_HYBRID,
                                    .acr = "1",
                                    .now = lk_now()};
    lk_status_t status = lk_user_by_id(admin->sql, arena, admin->realm, user_id, &context->user, err);
    if (status == LK_OK && context->user == NULL)
        status = lk_fail(err, LK_NOT_FOUND, NULL, "No user found");
    if (status != LK_OK)
        return status;
    if (audience != NULL && *audience != '\0') {
        const char **only = LK_NEW_ARRAY(arena, const char *, 1);
        only[0] = audience;
        context->only_audiences = (lk_strings_t){only, 1};
    }
    pretend_session(arena, context);
    lk_token_prepare(context);
    return LK_OK;
}

static lk_status_t reply_claims(lk_admin_t *admin, const char *token, lk_error_t *err)
{
    lk_jws_t jws;
    lk_status_t status = lk_jws_parse(admin->req->arena, token, &jws, err);
    return status == LK_OK ? lk_admin_reply(admin, json_deep_copy(jws.claims)) : status;
}

lk_status_t lk_evaluate_access_token(lk_admin_t *admin, lk_error_t *err)
{
    lk_token_context_t context;
    char *token;
    int64_t expires_in;
    lk_status_t status = prepare(admin, &context, err);
    if (status == LK_OK)
        status = lk_token_access(&context, &token, &expires_in, err);
    return status == LK_OK ? reply_claims(admin, token, err) : status;
}

lk_status_t lk_evaluate_id_token(lk_admin_t *admin, lk_error_t *err)
{
    lk_token_context_t context;
    char *token;
    lk_status_t status = prepare(admin, &context, err);
    if (status == LK_OK)
        status = lk_token_id(&context, NULL, NULL, NULL, &token, err);
    return status == LK_OK ? reply_claims(admin, token, err) : status;
}

lk_status_t lk_evaluate_userinfo(lk_admin_t *admin, lk_error_t *err)
{
    lk_token_context_t context;
    lk_status_t status = prepare(admin, &context, err);
    if (status != LK_OK)
        return status;
    admin->reply->content_type = "application/json; charset=UTF-8";
    return lk_token_claims(&context, LK_TOKEN_USERINFO, NULL, &admin->reply->body, err);
}

/* --- where claims and roles come from --- */

static void list_mappers(json_t *list, const lk_mapper_t *mappers, size_t count, const char *id, const char *name, const char *type)
{
    for (size_t i = 0; i != count; ++i)
        if (strcmp(mappers[i].protocol, "openid-connect") == 0)
            json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "mapperId", mappers[i].id, "mapperName",
                                                  mappers[i].name, "containerId", id, "containerName", name, "containerType", type,
                                                  "protocolMapper", mappers[i].type));
}

lk_status_t lk_evaluate_mappers(lk_admin_t *admin, lk_error_t *err)
{
    const lk_client_t *client = admin->client;
    lk_scopes_t scopes = asked_scopes(admin);
    json_t *list = json_array();
    list_mappers(list, client->mappers, client->num_mappers, client->id, client->name != NULL ? client->name : "", "client");
    for (size_t i = 0; i != scopes.count; ++i)
        list_mappers(list, scopes.entries[i]->mappers, scopes.entries[i]->num_mappers, scopes.entries[i]->id,
                     scopes.entries[i]->name, "client-scope");
    return lk_admin_reply(admin, list);
}

static void grant(lk_role_set_t *set, const lk_role_t *const *roles, size_t count)
{
    for (size_t i = 0; i != count; ++i)
        lk_role_set_add(set, roles[i]);
}

/* Roles that the client's tokens may show with these scopes. */
static void granted_roles(lk_admin_t *admin, lk_role_set_t *ret_set)
{
    const lk_client_t *client = admin->client;
    lk_scopes_t scopes = asked_scopes(admin);
    lk_role_set_init(ret_set, admin->req->arena, admin->realm);
    for (size_t i = 0; i != admin->realm->num_roles; ++i)
        if (client->full_scope_allowed || lk_role_is_of(&admin->realm->roles[i], client->id))
            lk_role_set_add(ret_set, &admin->realm->roles[i]);
    grant(ret_set, client->scope_roles, client->num_scope_roles);
    for (size_t i = 0; i != scopes.count; ++i)
        grant(ret_set, scopes.entries[i]->roles, scopes.entries[i]->num_roles);
}

static lk_status_t roles_of_container(lk_admin_t *admin, int is_granted, lk_error_t *err)
{
    const lk_client_t *client = NULL;
    lk_role_set_t granted;
    lk_status_t status = LK_OK;
    if (strcmp(admin->args[0], admin->realm->name) != 0)
        status = lk_admin_find_client(admin, admin->args[0], "Role Container not found", &client, err);
    if (status != LK_OK)
        return status;
    granted_roles(admin, &granted);
    const char *container = client != NULL ? client->id : NULL;
    return lk_admin_reply(admin, lk_roles_select(admin, is_granted ? &granted : NULL, is_granted ? NULL : &granted, container, 1));
}

lk_status_t lk_evaluate_granted(lk_admin_t *admin, lk_error_t *err)
{
    return roles_of_container(admin, 1, err);
}

lk_status_t lk_evaluate_not_granted(lk_admin_t *admin, lk_error_t *err)
{
    return roles_of_container(admin, 0, err);
}
