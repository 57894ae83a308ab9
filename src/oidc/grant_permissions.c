/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/json.h"
#include "core/time.h"
#include "model/authz_cache.h"
#include "oidc/grant.h"
#include "oidc/uma.h"
#include "token/binding.h"

/* urn:ietf:params:oauth:grant-type:uma-ticket: what a user or client may do at a resource server, decided by its policies. The
 * answer is a requesting party token with the permissions, the permissions alone, or whether there are any. A client may ask by
 * itself, which is Keycloak's extension, or with the permission ticket that the resource server gave it (UMA 2.0 grant,
 * section 3.3). */

#define FORMAT_ID_TOKEN "http://openid.net/specs/openid-connect-core-1_0.html#IDToken"
#define FORMAT_CLAIMS "urn:ietf:params:oauth:token-type:jwt"

static const char *form(const lk_uma_t *uma, const char *name)
{
    return lk_pairs_get(&uma->req->form, name);
}

/* --- who asks --- */

/* The token that stands for client and user; its key is proven as where a token is turned in for another one. */
static const char *bearer_of(const lk_request_t *req)
{
    const char *header = lk_request_header(req, "authorization");
    return header != NULL && strncasecmp(header, "Bearer ", 7) == 0 ? header + 7 + strspn(header + 7, " ") : NULL;
}

static lk_status_t refuse_bearer(lk_error_t *err, const lk_error_t *why)
{
    lk_fail(err, LK_INVALID, "invalid_grant", "Invalid bearer token");
    return lk_error_detail(err, "%s%s", why->text, why->detail);
}

lk_status_t lk_grant_permissions_client(const lk_request_t *req, const lk_realm_t *realm, lk_reply_t *reply,
                                        const lk_client_t **ret_client, lk_error_t *err)
{
    const char *bearer = bearer_of(req);
    lk_verified_t token;
    lk_error_t why = {0};
    if (bearer == NULL)
        return lk_client_authenticate_page(req, realm, reply, ret_client, err);
    if (lk_token_verify(req, realm, bearer, 0, &token, &why) != LK_OK || token.azp == NULL)
        return refuse_bearer(err, &why);
    lk_status_t status = lk_realm_client(req->app->realms, realm, token.azp, ret_client, err);
    if (status == LK_OK && *ret_client == NULL)
        return refuse_bearer(err, &why);
    return status == LK_OK ? lk_client_cors(req, *ret_client, reply, err) : status;
}

/* Asker and claims are those of a token. */
static void set_asker(lk_uma_t *uma, const lk_bearer_t *bearer, const json_t **ret_claims)
{
    lk_bearer_context(uma->req, uma->realm, bearer, &uma->asker);
    if (bearer->session == NULL)
        uma->asker.acr = NULL;
    *ret_claims = bearer->token.claims;
}

static lk_status_t read_token(lk_uma_t *uma, const char *text, int id_token_too, const json_t **ret_claims, lk_error_t *err)
{
    lk_bearer_t bearer;
    lk_status_t status = (id_token_too ? lk_bearer_check_any : lk_bearer_check_given)(uma->req, uma->realm, text, &bearer, err);
    if (status == LK_OK)
        status = lk_binding_match(uma->req, &bearer.token, "invalid_grant", err);
    if (status == LK_OK)
        set_asker(uma, &bearer, ret_claims);
    return status;
}

/* An ID token as the claim token: of the client's own user. */
static lk_status_t read_id_token(lk_uma_t *uma, const char *text, const json_t **ret_claims, lk_error_t *err)
{
    lk_error_t why = {0};
    lk_status_t status = read_token(uma, text, 1, ret_claims, &why);
    if (status == LK_DENIED) {
        lk_fail(err, LK_INVALID, "unauthorized_client", "Invalid signature");
        return lk_error_detail(err, "the claim token: %s%s", why.text, why.detail);
    }
    if (status != LK_OK)
        *err = why;
    return status;
}

/* The client for itself, as if by the client credentials grant. */
static lk_status_t read_service_account(lk_uma_t *uma, const json_t **ret_claims, lk_error_t *err)
{
    lk_buffer_t text;
    json_t *claims;
    uma->asker.grant = LK_GRANT_CLIENT_CREDENTIALS;
    lk_status_t status = lk_grant_service_account(&uma->asker, err);
    if (status != LK_OK)
        return status;
    lk_token_prepare(&uma->asker);
    lk_buffer_init(&text, uma->req->arena, LK_MAX_REPLY_BODY);
    status = lk_token_claims(&uma->asker, LK_TOKEN_ACCESS, NULL, &text, err);
    if (status == LK_OK)
        status = lk_json_parse(uma->req->arena, text.base, text.len, &claims, err);
    if (status == LK_OK) {
        json_object_set_new(claims, "scope", json_string(uma->asker.scopes.token_scope));
        *ret_claims = claims;
    }
    return status;
}

static lk_status_t read_asker(lk_uma_t *uma, const lk_client_t *client, const json_t **ret_claims, lk_error_t *err)
{
    const char *bearer = bearer_of(uma->req), *claim_token = form(uma, "claim_token"), *format = form(uma, "claim_token_format"),
               *subject = form(uma, "subject_token");
    lk_error_t why = {0};
    uma->asker = (lk_token_context_t){.req = uma->req, .realm = uma->realm, .client = client, .now = lk_now()};
    if (bearer == NULL && claim_token != NULL && (format == NULL || strcasecmp(format, FORMAT_ID_TOKEN) == 0)) {
        lk_status_t status = read_id_token(uma, claim_token, ret_claims, err);
        if (status == LK_OK && uma->asker.client != client)
            return lk_fail(err, LK_INVALID, "invalid_claim_token", "Token issued to a different client");
        return status;
    }
    if (bearer == NULL && subject == NULL)
        return read_service_account(uma, ret_claims, err);
    lk_status_t status = read_token(uma, bearer != NULL ? bearer : subject, 0, ret_claims, &why);
    if (status == LK_DENIED && bearer != NULL)
        return refuse_bearer(err, &why);
    if (status == LK_DENIED) {
        lk_fail(err, LK_INVALID, "unauthorized_client", "Invalid identity");
        return lk_error_detail(err, "the subject token: %s%s", why.text, why.detail);
    }
    if (status != LK_OK)
        *err = why;
    return status;
}

/* What the client claims besides, as JSON in base64: {"name": ["value"]}. */
static lk_status_t read_claims(lk_uma_t *uma, json_t *claims, lk_error_t *err)
{
    const char *token = form(uma, "claim_token"), *format = form(uma, "claim_token_format"), *name;
    lk_bytes_t bytes;
    json_t *given = NULL, *value;
    if (format == NULL || strcasecmp(format, FORMAT_ID_TOKEN) == 0 || token == NULL)
        return LK_OK;
    if (strcasecmp(format, FORMAT_CLAIMS) != 0)
        return lk_fail(err, LK_INVALID, "invalid_request", "Claim token format [%s] not supported", format);
    if (lk_base64_decode(uma->req->arena, token, strlen(token), &bytes) != 0 ||
        lk_json_parse(uma->req->arena, (const char *)bytes.base, bytes.len, &given, NULL) != LK_OK || !json_is_object(given))
        return lk_fail(err, LK_INVALID, "invalid_request", "Invalid claims");
    json_object_foreach(given, name, value)
    {
        if (!json_is_array(value))
            return lk_fail(err, LK_INVALID, "invalid_request", "Invalid claims");
        json_object_set(claims, name, value);
    }
    return LK_OK;
}

/* --- where --- */

static lk_status_t load_server(lk_uma_t *uma, const char *client_id, const lk_authz_server_t **ret_server, lk_error_t *err)
{
    if (client_id == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "You must provide the issuedFor");
    lk_status_t status = lk_realm_client(uma->req->app->realms, uma->realm, client_id, &uma->server, err);
    if (status == LK_OK && uma->server == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Unknown resource server id: [%s]", client_id);
    if (status == LK_OK)
        status = lk_authz_current(lk_realms_authz(uma->req->app->realms), uma->req->app->sql, uma->req->arena, uma->realm->id,
                                  uma->server->id, ret_server, err);
    return status == LK_OK && *ret_server == NULL
               ? lk_fail(err, LK_INVALID, "invalid_request", "Client does not support permissions")
               : status;
}

/* --- for whom policies are evaluated --- */

static void add_roles(const lk_uma_t *uma, const char *client_id, const json_t *names, lk_role_set_t *set)
{
    size_t i;
    json_t *name;
    json_array_foreach(json_object_get(names, "roles"), i, name)
    {
        const lk_role_t *role = json_is_string(name) ? lk_realm_role(uma->realm, client_id, json_string_value(name)) : NULL;
        if (role != NULL)
            lk_role_set_direct(set, &role, 1);
    }
}

/* The roles that the token tells of. */
static void token_roles(const lk_uma_t *uma, const json_t *claims, lk_role_set_t *set)
{
    const char *client_id;
    json_t *names;
    lk_role_set_init(set, uma->req->arena, uma->realm);
    add_roles(uma, NULL, json_object_get(claims, "realm_access"), set);
    json_object_foreach(json_object_get(claims, "resource_access"), client_id, names)
    {
        add_roles(uma, client_id, names, set);
    }
}

static lk_status_t load_shared(const lk_uma_t *uma, json_t **ret_shared, lk_error_t *err)
{
    lk_rows_t rows;
    lk_arena_t *arena = uma->req->arena;
    *ret_shared = lk_json_own(arena, json_array());
    lk_status_t status =
        lk_query(uma->req->app->sql, arena, LK_Q_TICKET_GRANTED, &rows, err, uma->realm->id, uma->server->id, uma->asker.user->id);
    for (int i = 0; status == LK_OK && i != rows.count; ++i)
        json_array_append_new(*ret_shared,
                              json_pack("[s, s?]", lk_row_str(&rows, i, "resource_id"), lk_row_str(&rows, i, "scope_id")));
    return status;
}

static lk_status_t prepare(lk_uma_t *uma, const lk_authz_server_t *server, const json_t *claims, lk_error_t *err)
{
    lk_arena_t *arena = uma->req->arena;
    lk_role_set_t *roles = LK_NEW(arena, lk_role_set_t), *user_roles = LK_NEW(arena, lk_role_set_t);
    const lk_user_t *user = uma->asker.user;
    json_t *shared;
    lk_status_t status = load_shared(uma, &shared, err);
    if (status != LK_OK)
        return status;
    token_roles(uma, claims, roles);
    lk_user_roles(arena, uma->realm, user, user_roles);
    uma->asker_id = user->service_account_client_id != NULL ? user->service_account_client_id : user->id;
    if (strcmp(uma->asker_id, uma->server->id) == 0)
        uma->asker_id = ""; /* what it owns has no other owner */
    lk_authz_init(&uma->authz, arena, server,
                  &(lk_authz_subject_t){.realm = uma->realm,
                                        .user = user,
                                        .roles = roles,
                                        .user_roles = user_roles,
                                        .client = uma->asker.client->id,
                                        .scope = lk_json_str(claims, "scope", NULL),
                                        .claims = claims,
                                        .context = uma->claims,
                                        .shared = shared,
                                        .now = lk_now()});
    return LK_OK;
}

/* --- what is asked for --- */

static lk_status_t read_limit(lk_uma_t *uma, lk_error_t *err)
{
    const char *text = form(uma, "response_permissions_limit"), *names = form(uma, "response_include_resource_name");
    char *end;
    uma->with_names = names == NULL || strcasecmp(names, "true") == 0;
    uma->left = INT64_MAX;
    if (text == NULL)
        return LK_OK;
    uma->left = strtol(text, &end, 10);
    return *text == '\0' || *end != '\0' ? lk_fail(err, LK_INVALID, "invalid_request", "response_permissions_limit is no number")
                                         : LK_OK;
}

/* The token that is to be extended; what it permitted counts as long as it is valid. */
static lk_status_t read_extended(lk_uma_t *uma, lk_error_t *err)
{
    const char *text = form(uma, "rpt");
    lk_verified_t token;
    lk_error_t why = {0};
    if (text == NULL)
        return LK_OK;
    if (lk_token_verify(uma->req, uma->realm, text, 1, &token, &why) != LK_OK) {
        lk_fail_http(err, LK_DENIED, 403, "invalid_rpt", "RPT signature is invalid");
        return lk_error_detail(err, "%s%s", why.text, why.detail);
    }
    uma->is_extension = 1;
    if (token.exp > lk_now())
        uma->had = json_object_get(json_object_get(token.claims, "authorization"), "permissions");
    return LK_OK;
}

/* --- the answer --- */

/* Whether one permission is what another one asks for: of the same resource, and a scope in common or none at all. */
static int meets(const json_t *asked, const json_t *granted)
{
    const char *id = lk_json_str(asked, "rsid", NULL), *other = lk_json_str(granted, "rsid", NULL);
    const json_t *scopes = json_object_get(asked, "scopes"), *others = json_object_get(granted, "scopes");
    size_t i;
    json_t *name;
    if ((id == NULL) != (other == NULL) || (id != NULL && strcmp(id, other) != 0))
        return 0;
    if (id != NULL && json_array_size(scopes) == 0 && json_array_size(others) == 0)
        return 1;
    json_array_foreach((json_t *)others, i, name)
    {
        if (lk_json_lists(scopes, json_string_value(name)))
            return 1;
    }
    return 0;
}

static int are_met(const json_t *asked, const json_t *granted)
{
    size_t i, j;
    json_t *wanted, *permission;
    json_array_foreach((json_t *)asked, i, wanted)
    {
        int is_met = 0;
        json_array_foreach((json_t *)granted, j, permission)
        {
            is_met |= meets(wanted, permission);
        }
        if (!is_met)
            return 0;
    }
    return 1;
}

/* A token that is extended must get all that is asked for; otherwise anything will do. */
static int is_granted(const lk_uma_t *uma)
{
    return json_array_size(uma->granted) != 0 && (!uma->is_extension || are_met(uma->asked, uma->granted));
}

/* A token of the resource server's making, issued to the client that asks: its scopes and mappers show the user, and it goes with
 * the user's session. */
static lk_status_t answer_token(lk_uma_t *uma, lk_reply_t *reply, lk_error_t *err)
{
    const lk_token_context_t *asker = &uma->asker;
    lk_token_context_t context = *asker;
    lk_response_t response = {.token_type = lk_binding_token_type(uma->req)};
    char *access_token, *refresh_token = NULL;
    const char *jti;
    context.client = uma->server;
    context.issued_for = asker->client;
    context.client_session = asker->client == uma->server ? asker->client_session : NULL;
    context.grant = LK_GRANT_PERMISSIONS;
    context.nonce = NULL;
    context.auth_time = 0;
    context.own_audiences = (lk_strings_t){0};
    context.authorization = lk_json_own(uma->req->arena, json_pack("{s:O}", "permissions", uma->granted));
    lk_status_t status = LK_OK;
    if (context.client_session != NULL)
        lk_scopes_of_token(uma->req->arena, uma->realm, uma->server, context.client_session->scope, &context.scopes);
    else
        status = lk_scopes_of_request(uma->req, uma->realm, uma->server, NULL, &context.scopes, err);
    if (status != LK_OK)
        return status;
    lk_token_prepare(&context);
    status = lk_token_access(&context, &access_token, &response.expires_in, err);
    if (status == LK_OK && asker->session != NULL && lk_client_attribute_bool(asker->client, "use.refresh.tokens", 1))
        status = lk_token_refresh(&context, &refresh_token, &jti, &response.refresh_expires_in, err);
    if (status != LK_OK)
        return status;
    lk_token_watch_size(&context, "The requesting party token", access_token);
    response.access_token = access_token;
    response.refresh_token = refresh_token;
    response.upgraded = uma->is_extension && are_met(uma->had, uma->granted) ? "true" : "false";
    lk_token_answer(&context, &response, reply);
    return LK_OK;
}

static lk_status_t answer(lk_uma_t *uma, lk_reply_t *reply, lk_error_t *err)
{
    const char *mode = form(uma, "response_mode");
    if (mode == NULL)
        return answer_token(uma, reply, err);
    if (strcmp(mode, "decision") == 0)
        lk_reply_json(reply, 200, json_pack("{s:b}", "result", 1));
    else if (strcmp(mode, "permissions") == 0)
        lk_reply_json(reply, 200, json_incref(uma->granted));
    else
        return lk_fail(err, LK_INVALID, "invalid_request", "Invalid response_mode");
    return LK_OK;
}

static lk_status_t read_request(lk_uma_t *uma, const lk_client_t *client, lk_error_t *err)
{
    lk_arena_t *arena = uma->req->arena;
    const char *text = form(uma, "ticket");
    const json_t *ticket = NULL, *token_claims = NULL;
    const lk_authz_server_t *server = NULL;
    json_t *claims = lk_json_own(arena, json_object());
    lk_status_t status = read_asker(uma, client, &token_claims, err);
    if (status == LK_OK)
        status = read_extended(uma, err);
    if (status == LK_OK && text != NULL)
        status = lk_ticket_verify(uma->req, uma->realm, text, &ticket, err);
    if (status != LK_OK)
        return status;
    json_object_update(claims, json_object_get(ticket, "claims"));
    uma->claims = claims;
    status = read_claims(uma, claims, err);
    if (status == LK_OK)
        status = read_limit(uma, err);
    if (status == LK_OK)
        status = load_server(uma, ticket != NULL ? lk_json_str(ticket, "azp", NULL) : form(uma, "audience"), &server, err);
    if (status == LK_OK)
        status = prepare(uma, server, token_claims, err);
    if (status != LK_OK)
        return status;
    uma->asked = lk_json_own(arena, ticket != NULL ? json_deep_copy(json_object_get(ticket, "permissions")) : json_array());
    return ticket == NULL ? lk_uma_read_permissions(uma, err) : LK_OK;
}

/* With a permission ticket, what is not granted is asked the owners for, unless the client wants otherwise. */
static int submits(const lk_uma_t *uma)
{
    const char *text = form(uma, "submit_request");
    return form(uma, "ticket") != NULL && (text == NULL || strcasecmp(text, "true") == 0);
}

lk_status_t lk_grant_permissions(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                                 lk_error_t *err)
{
    lk_uma_t uma = {.req = req, .realm = realm};
    lk_event_detail(req, "auth_method", "oauth_credentials");
    lk_event_detail(req, "audience", lk_pairs_get(&req->form, "audience"));
    if (client->public_client && lk_pairs_get(&req->form, "claim_token") != NULL) /* nobody vouches for what it says */
        return lk_fail_http(err, LK_DENIED, 403, "invalid_grant", "Public clients are not allowed to send claims");
    lk_status_t status = read_request(&uma, client, err);
    if (status == LK_OK)
        lk_event_user(req, uma.asker.user->id);
    if (status == LK_OK)
        status = lk_uma_evaluate(&uma, err);
    int is_submitted = status == LK_OK && submits(&uma);
    if (is_submitted)
        status = lk_uma_submit(&uma, err);
    if (status == LK_OK && !is_granted(&uma))
        return lk_fail_http(err, LK_DENIED, 403, "access_denied", is_submitted ? "request_submitted" : "not_authorized");
    if (status == LK_OK)
        status = answer(&uma, reply, err);
    if (status == LK_OK)
        lk_event_success(req);
    return status;
}
