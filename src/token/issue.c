/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "core/reply.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "crypto/jws.h"
#include "model/event.h"
#include "model/realm_keys.h"
#include "token/binding.h"
#include "token/mapper.h"

#define MAX_TOKEN (4 * 1024 * 1024)
#define LOGOUT_SPAN 120

/* --- building --- */

static int is_lightweight(const lk_token_context_t *context)
{
    return (context->req->binding != NULL && context->req->binding->is_lightweight) ||
           lk_client_attribute_bool(context->client, "client.use.lightweight.access.token.enabled", 0);
}

void lk_token_prepare(lk_token_context_t *context)
{
    lk_arena_t *arena = context->req->arena;
    lk_user_roles(arena, context->realm, context->user, &context->roles);
    lk_scopes_permit(arena, &context->scopes, &context->roles);
    lk_scopes_of_member(arena, &context->scopes, context->user);
    lk_scopes_of_user(arena, &context->scopes, context->user);
    context->plan = lk_plan_get(arena, context->realm, context->client, &context->scopes, is_lightweight(context));
    if (context->plan->allowed != NULL)
        lk_role_set_intersect(&context->roles, context->plan->allowed);
    context->role_names = lk_role_names_make(arena, context->realm, &context->roles);
    lk_build_t build = {.arena = arena, .context = context};
    for (size_t i = 0; i != context->plan->num_role_steps; ++i)
        context->plan->steps[i].type->run(&build, &context->plan->steps[i]);
}

static int has_audience(const lk_build_t *build, const char *audience)
{
    for (size_t i = 0; i != build->num_audiences; ++i)
        if (strcmp(build->audiences[i], audience) == 0)
            return 1;
    return 0;
}

void lk_build_add_audience(lk_build_t *build, const char *audience)
{
    if (has_audience(build, audience))
        return;
    if (build->num_audiences == build->max_audiences) {
        const char **grown = LK_NEW_ARRAY(build->arena, const char *, build->max_audiences * 2 + 8);
        for (size_t i = 0; i != build->num_audiences; ++i)
            grown[i] = build->audiences[i];
        build->audiences = grown;
        build->max_audiences = build->max_audiences * 2 + 8;
    }
    build->audiences[build->num_audiences++] = audience;
}

static void begin(lk_build_t *build, lk_token_context_t *context, lk_token_kind_t kind)
{
    *build = (lk_build_t){.arena = context->req->arena, .context = context, .kind = kind};
}

static void run_mappers(lk_build_t *build)
{
    const lk_plan_t *plan = build->context->plan;
    for (size_t i = plan->num_role_steps; i != plan->num_steps; ++i)
        if (plan->steps[i].kinds & 1u << build->kind)
            plan->steps[i].type->run(build, &plan->steps[i]);
}

/* Audiences are a string when single, an array otherwise, as Keycloak writes them. */
static void set_audiences(lk_build_t *build)
{
    if (build->num_audiences != 0)
        lk_claims_set(build->arena, &build->claims, "aud", lk_claims_list(build->arena, build->audiences, build->num_audiences, 1));
}

/* Keycloak's prefix: kind of session, kind of token, grant. */
static const char *new_jti(const lk_token_context_t *context)
{
    static const char *const grants[] = {
        [LK_GRANT_CODE] = "ac",     [LK_GRANT_PASSWORD] = "ro",  [LK_GRANT_REFRESH] = "rt",    [LK_GRANT_CLIENT_CREDENTIALS] = "cc",
        [LK_GRANT_IMPLICIT] = "na", [LK_GRANT_HYBRID] = "na",    [LK_GRANT_EXCHANGE] = "te",   [LK_GRANT_DEVICE] = "dg",
        [LK_GRANT_CIBA] = "ci",     [LK_GRANT_ASSERTION] = "ag", [LK_GRANT_PERMISSIONS] = "na"};
    const char *session = context->session == NULL                               ? "tr"
                          : context->client_session == NULL                      ? context->session->offline ? "ft" : "nt"
                          : context->session->offline || context->scopes.offline ? "of"
                                                                                 : "on";
    return lk_printf(context->req->arena, "%s%s%s:%s", session, is_lightweight(context) ? "lt" : "rt", grants[context->grant],
                     lk_random_uuid(context->req->arena));
}

static int64_t session_end(const lk_token_context_t *context)
{
    if (context->session == NULL)
        return 0;
    if (context->client_session == NULL)
        return lk_session_expires(context->realm, context->session);
    return lk_client_session_expires(context->realm, context->client, context->session, context->client_session);
}

/* As if a session began now where there is none. */
static int64_t session_max_end(const lk_token_context_t *context)
{
    const lk_session_t begun = {.started = context->now};
    const lk_session_t *session = context->session != NULL ? context->session : &begun;
    const lk_client_session_t part = {.started = session->started};
    return lk_client_session_max_end(context->realm, context->client, session,
                                     context->client_session != NULL ? context->client_session : &part);
}

static const lk_client_t *issued_for(const lk_token_context_t *context)
{
    return context->issued_for != NULL ? context->issued_for : context->client;
}

/* No token outlives its session's maximum; -1 is just that. */
static int64_t access_lifespan(const lk_token_context_t *context)
{
    int64_t span = context->grant == LK_GRANT_IMPLICIT ? context->realm->access_token_lifespan_implicit
                                                       : context->realm->access_token_lifespan;
    span = lk_client_attribute_int(issued_for(context), "access.token.lifespan", span);
    if (context->not_after != 0 && context->not_after - context->now < span)
        span = context->not_after - context->now;
    int64_t end = session_max_end(context), rest = end > context->now ? end - context->now : context->realm->sso_session_max;
    return span < 0 || (end > context->now && rest < span) ? rest : span;
}

const char *lk_token_alg(const lk_realm_t *realm, const lk_client_t *client, const char *attribute)
{
    const char *alg = lk_client_attribute(client, attribute, NULL);
    if (alg == NULL || *alg == '\0')
        alg = realm->default_signature_algorithm;
    return alg != NULL && *alg != '\0' ? alg : "RS256";
}

lk_status_t lk_token_sign(const lk_token_context_t *context, const char *alg, const lk_buffer_t *claims, char **ret_token,
                          lk_error_t *err)
{
    const lk_key_t *key = lk_realm_signing_key(context->realm, alg);
    lk_status_t status = LK_OK;
    if (key == NULL) /* as Keycloak does: one is made on demand */
        status = lk_realm_ensure_key(context->req->app->realms, context->req->arena, context->realm, alg, NULL, &key, err);
    if (status == LK_OK)
        status = lk_jws_sign(context->req->arena, key, alg, "JWT", claims->base, claims->len, ret_token, err);
    return status;
}

static lk_status_t sign(lk_build_t *build, const char *alg, char **ret_token, lk_error_t *err)
{
    lk_buffer_t payload;
    lk_buffer_init(&payload, build->arena, MAX_TOKEN);
    lk_claims_write(&build->claims, &payload);
    if (payload.overflow)
        return lk_fail(err, LK_INTERNAL, "server_error", "The token would be larger than %d bytes", MAX_TOKEN);
    return lk_token_sign(build->context, alg, &payload, ret_token, err);
}

static void set_common(lk_build_t *build, int64_t lifespan, const char *jti, const char *typ)
{
    const lk_token_context_t *context = build->context;
    lk_claim_t *claims = &build->claims;
    lk_claims_set_number(build->arena, claims, "exp", context->now + lifespan);
    lk_claims_set_number(build->arena, claims, "iat", context->now);
    lk_claims_set_text(build->arena, claims, "jti", jti);
    lk_claims_set_text(build->arena, claims, "iss", lk_realm_issuer(context->req, context->realm));
    lk_claims_set_text(build->arena, claims, "typ", typ);
    lk_claims_set_text(build->arena, claims, "azp", issued_for(context)->client_id);
    if (context->session != NULL)
        lk_claims_set_text(build->arena, claims, "sid", context->session->id);
}

/* --- the tokens --- */

/* An exchange may ask for less than the mappers give, never for more. */
static lk_status_t keep_audiences(lk_build_t *build, const lk_strings_t *only, lk_error_t *err)
{
    if (only->count == 0)
        return LK_OK;
    for (size_t i = 0; i != only->count; ++i)
        if (!has_audience(build, only->entries[i]))
            return lk_fail(err, LK_INVALID, "invalid_request", "Requested audience not available: %s", only->entries[i]);
    build->audiences = (const char **)only->entries;
    build->num_audiences = only->count;
    lk_claims_keep(&build->claims, "resource_access", only->entries, only->count);
    return LK_OK;
}

/* A requesting party token is for the resource server, whoever else its mappers name. */
static void keep_resource_server(lk_build_t *build)
{
    const lk_token_context_t *context = build->context;
    if (context->grant != LK_GRANT_PERMISSIONS || has_audience(build, context->client->client_id))
        return;
    build->num_audiences = 0;
    lk_build_add_audience(build, context->client->client_id);
}

static void set_authorization(lk_build_t *build)
{
    const json_t *permissions = build->context->authorization;
    if (permissions != NULL)
        lk_claims_set(build->arena, &build->claims, "authorization", lk_json_text(build->arena, permissions));
}

static lk_status_t build_access(lk_build_t *build, lk_token_context_t *context, int64_t lifespan, lk_error_t *err)
{
    begin(build, context, LK_TOKEN_ACCESS);
    const char *jti = new_jti(context);
    set_common(build, lifespan, jti, "Bearer");
    lk_event_detail(context->req, "token_id", jti);
    run_mappers(build);
    lk_status_t status = keep_audiences(build, &context->only_audiences, err);
    if (status != LK_OK)
        return status;
    context->audiences = lk_claims_list(build->arena, build->audiences, build->num_audiences, 1);
    keep_resource_server(build);
    set_audiences(build);
    set_authorization(build);
    if (is_lightweight(context) && context->grant == LK_GRANT_CLIENT_CREDENTIALS && lk_claims_get(&build->claims, "sub") == NULL)
        lk_claims_set_text(build->arena, &build->claims, "sub", context->user->id);
    lk_claims_set_text(build->arena, &build->claims, "scope", context->scopes.token_scope);
    lk_claims_set(build->arena, &build->claims, "cnf", lk_binding_claim(context->req));
    const lk_claim_t *nonce = lk_claims_get(&build->claims, "nonce");
    const lk_claim_t *subject = lk_claims_get(&build->claims, "sub");
    context->access_subject = subject != NULL ? subject->json : NULL;
    context->access_nonce = nonce != NULL ? nonce->json : NULL;
    return LK_OK;
}

lk_status_t lk_token_access(lk_token_context_t *context, char **ret_token, int64_t *ret_expires_in, lk_error_t *err)
{
    lk_build_t build;
    int64_t lifespan = access_lifespan(context);
    lk_status_t status = build_access(&build, context, lifespan, err);
    if (status != LK_OK)
        return status;
    *ret_expires_in = lifespan;
    return sign(&build, lk_token_alg(context->realm, context->client, "access.token.signed.response.alg"), ret_token, err);
}

lk_status_t lk_token_id(lk_token_context_t *context, const char *access_token, const char *code, const char *state,
                        char **ret_token, lk_error_t *err)
{
    lk_build_t build;
    lk_arena_t *arena = context->req->arena;
    const char *alg = lk_token_alg(context->realm, context->client, "id.token.signed.response.alg");
    begin(&build, context, LK_TOKEN_ID);
    lk_build_add_audience(&build, context->client->client_id);
    set_common(&build, access_lifespan(context), lk_random_uuid(arena), "ID");
    lk_claims_set_text(arena, &build.claims, "sub", context->user->id);
    lk_claims_set_text(arena, &build.claims, "nonce", context->nonce);
    if (access_token != NULL)
        lk_claims_set_text(arena, &build.claims, "at_hash", lk_half_hash(arena, alg, access_token));
    if (code != NULL)
        lk_claims_set_text(arena, &build.claims, "c_hash", lk_half_hash(arena, alg, code));
    if (state != NULL)
        lk_claims_set_text(arena, &build.claims, "s_hash", lk_half_hash(arena, alg, state));
    run_mappers(&build);
    set_audiences(&build);
    lk_status_t status = sign(&build, alg, ret_token, err);
    if (status == LK_OK && lk_client_encrypts(context->client, LK_ENCRYPT_ID))
        status =
            lk_encrypt_for(context->req, context->client, LK_ENCRYPT_ID, "JWT", *ret_token, strlen(*ret_token), ret_token, err);
    return status;
}

lk_status_t lk_token_refresh(lk_token_context_t *context, char **ret_token, const char **ret_jti, int64_t *ret_expires_in,
                             lk_error_t *err)
{
    lk_build_t build;
    lk_arena_t *arena = context->req->arena;
    const char *issuer = lk_realm_issuer(context->req, context->realm), *jti = lk_random_uuid(arena);
    int offline = context->session->offline;
    int64_t end = session_end(context);
    begin(&build, context, LK_TOKEN_ACCESS);
    set_common(&build, 0, jti, offline ? "Offline" : "Refresh");
    lk_claims_set(arena, &build.claims, "exp",
                  end != 0 && (!offline || context->realm->offline_session_max_enabled) ? lk_printf(arena, "%lld", (long long)end)
                                                                                        : "0");
    lk_claims_set_text(arena, &build.claims, "aud", issuer);
    lk_claims_set_text(arena, &build.claims, "sub", context->user->id);
    if (context->access_subject != NULL) /* a pairwise one, which must not be told apart by this token */
        lk_claims_set(arena, &build.claims, "sub", context->access_subject);
    lk_claims_set_text(arena, &build.claims, "scope", context->scopes.full_scope);
    lk_claims_set_text(arena, &build.claims, "prov", "default");
    if (context->realm->revoke_refresh_token)
        lk_claims_set_text(arena, &build.claims, "reuse_id", context->reuse_id != NULL ? context->reuse_id : lk_random_uuid(arena));
    lk_claims_set(arena, &build.claims, "nonce", context->access_nonce);
    lk_claims_set(arena, &build.claims, "cnf", lk_binding_refresh_claim(context->req, context->client));
    lk_claims_set(arena, &build.claims, "aud_x", context->audiences);
    set_authorization(&build);
    int never = strcmp(lk_claims_get(&build.claims, "exp")->json, "0") == 0;
    if (never) { /* an offline token without maximum says nothing of its end */
        lk_claim_t *first = build.claims.first;
        build.claims.first = first->next;
    }
    *ret_jti = jti;
    *ret_expires_in = never ? 0 : end - context->now;
    return sign(&build, "HS512", ret_token, err);
}

lk_status_t lk_token_claims(lk_token_context_t *context, lk_token_kind_t kind, const json_t *extra, lk_buffer_t *out,
                            lk_error_t *err)
{
    lk_build_t build;
    const char *name;
    json_t *value;
    begin(&build, context, kind);
    lk_claims_set_text(build.arena, &build.claims, "sub", context->user->id);
    for (size_t i = 0; i != context->own_audiences.count; ++i)
        lk_build_add_audience(&build, context->own_audiences.entries[i]);
    run_mappers(&build);
    set_audiences(&build);
    context->audiences = lk_claims_list(build.arena, build.audiences, build.num_audiences, 1);
    json_object_foreach((json_t *)extra, name, value)
    {
        lk_claims_set(build.arena, &build.claims, name, lk_json_text(build.arena, value));
    }
    lk_claims_write(&build.claims, out);
    if (out->overflow)
        return lk_fail(err, LK_INTERNAL, "server_error", "The claims are too large");
    return LK_OK;
}

/* --- the token endpoint's answer --- */

static void put_member(lk_buffer_t *body, const char *name, const char *text)
{
    lk_buffer_printf(body, ",\"%s\":", name);
    lk_buffer_json_string(body, text);
}

static void put_response_claims(lk_token_context_t *context, lk_buffer_t *body)
{
    lk_build_t build;
    begin(&build, context, LK_TOKEN_RESPONSE);
    run_mappers(&build);
    for (const lk_claim_t *claim = build.claims.first; claim != NULL; claim = claim->next) {
        lk_buffer_putc(body, ',');
        lk_buffer_json_string(body, claim->name);
        lk_buffer_putc(body, ':');
        lk_claims_write(claim, body);
    }
}

static int64_t not_before_policy(const lk_token_context_t *context)
{
    const int64_t policies[] = {context->client->not_before, context->user->not_before};
    int64_t latest = context->realm->not_before;
    for (size_t i = 0; i != sizeof(policies) / sizeof(policies[0]); ++i)
        latest = policies[i] > latest ? policies[i] : latest;
    return latest;
}

void lk_token_answer(lk_token_context_t *context, const lk_response_t *response, lk_reply_t *reply)
{
    lk_buffer_t *body = &reply->body;
    reply->status = 200;
    reply->content_type = "application/json";
    lk_buffer_printf(body, "{\"access_token\":\"%s\",\"expires_in\":%lld,\"refresh_expires_in\":%lld", response->access_token,
                     (long long)response->expires_in, (long long)response->refresh_expires_in);
    if (response->refresh_token != NULL)
        put_member(body, "refresh_token", response->refresh_token);
    put_member(body, "token_type", response->token_type);
    if (response->id_token != NULL)
        put_member(body, "id_token", response->id_token);
    lk_buffer_printf(body, ",\"not-before-policy\":%lld", (long long)not_before_policy(context));
    if (response->upgraded != NULL)
        lk_buffer_printf(body, ",\"upgraded\":%s", response->upgraded);
    if (response->upgraded == NULL && context->session != NULL)
        put_member(body, "session_state", context->session->id);
    if (response->upgraded == NULL)
        put_member(body, "scope", context->scopes.token_scope);
    if (response->issued_token_type != NULL)
        put_member(body, "issued_token_type", response->issued_token_type);
    put_response_claims(context, body);
    lk_buffer_putc(body, '}');
    lk_reply_set_header(reply, "cache-control", "no-store");
    lk_reply_set_header(reply, "pragma", "no-cache");
}

/* The open event, whichever grant it is of, ends well. */
static void tell(const lk_token_context_t *context, const char *refresh_jti, int64_t expires_in)
{
    const lk_request_t *req = context->req;
    lk_event_user(req, context->user->id);
    lk_event_detail(req, "scope", context->scopes.token_scope);
    if (context->session != NULL)
        lk_event_session(req, context->session->id);
    if (context->grant == LK_GRANT_REFRESH) {
        lk_event_detail(req, "updated_refresh_token_id", refresh_jti);
        lk_event_detail(req, "access_token_expiration_time", lk_printf(req->arena, "%lld", (long long)expires_in));
    } else if (refresh_jti != NULL) {
        lk_event_detail(req, "refresh_token_id", refresh_jti);
        lk_event_detail(req, "refresh_token_type", context->session->offline ? "Offline" : "Refresh");
    }
    lk_event_success(req);
}

static int is_suppressed(const lk_request_t *req)
{
    return req->binding != NULL && req->binding->no_new_refresh_token;
}

lk_status_t lk_token_response(lk_token_context_t *context, int refresh, lk_reply_t *reply, lk_error_t *err)
{
    char *access_token, *id_token = NULL, *refresh_token = NULL;
    const char *jti;
    lk_response_t response = {.token_type = lk_binding_token_type(context->req)};
    lk_status_t status = lk_token_access(context, &access_token, &response.expires_in, err);
    if (status == LK_OK && refresh && context->session != NULL && !is_suppressed(context->req) &&
        lk_client_attribute_bool(context->client, "use.refresh.tokens", 1))
        status = lk_token_refresh(context, &refresh_token, &jti, &response.refresh_expires_in, err);
    if (status == LK_OK && context->scopes.openid)
        status = lk_token_id(context, access_token, NULL, NULL, &id_token, err);
    if (status != LK_OK)
        return status;
    tell(context, refresh_token != NULL ? jti : NULL, response.expires_in);
    lk_token_watch_size(context, "The access token", access_token);
    lk_token_watch_size(context, "The ID token", id_token);
    response.access_token = access_token;
    response.refresh_token = refresh_token;
    response.id_token = id_token;
    lk_token_answer(context, &response, reply);
    return LK_OK;
}

lk_status_t lk_token_logout(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const char *user_id,
                            const char *sid, char **ret_token, lk_error_t *err)
{
    const char *alg = realm->default_signature_algorithm != NULL && *realm->default_signature_algorithm != '\0'
                          ? realm->default_signature_algorithm
                          : "RS256";
    const lk_key_t *key = lk_realm_signing_key(realm, alg);
    lk_claim_t claims = {0};
    lk_buffer_t payload;
    int64_t now = lk_now();
    if (key == NULL)
        return lk_fail(err, LK_INTERNAL, "server_error", "The realm has no active key for %s", alg);
    lk_claims_set_number(req->arena, &claims, "exp", now + LOGOUT_SPAN);
    lk_claims_set_number(req->arena, &claims, "iat", now);
    lk_claims_set_text(req->arena, &claims, "jti", lk_random_uuid(req->arena));
    lk_claims_set_text(req->arena, &claims, "iss", lk_realm_issuer(req, realm));
    lk_claims_set_text(req->arena, &claims, "aud", client->client_id);
    lk_claims_set_text(req->arena, &claims, "sub", user_id);
    lk_claims_set_text(req->arena, &claims, "typ", "Logout");
    if (lk_client_attribute_bool(client, "backchannel.logout.session.required", 1))
        lk_claims_set_text(req->arena, &claims, "sid", sid);
    lk_claims_set(req->arena, &claims, "events", "{\"http://schemas.openid.net/event/backchannel-logout\":{}}");
    lk_buffer_init(&payload, req->arena, 65536);
    lk_claims_write(&claims, &payload);
    return lk_jws_sign(req->arena, key, alg, "logout+jwt", payload.base, payload.len, ret_token, err);
}
