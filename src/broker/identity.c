/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/entra.h"
#include "broker/mappers.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "crypto/jwks.h"
#include "model/profile.h"

/* From the token endpoint's answer to somebody who is known: ID token, access token, userinfo. */

#define refuse(err, ...) (lk_fail((err), LK_INVALID, NULL, NULL), lk_error_detail((err), __VA_ARGS__))

/* --- the ID token (OpenID Connect Core 3.1.3.7) --- */

static lk_status_t check_signature(const lk_request_t *req, const lk_upstream_t *upstream, const lk_jws_t *jws, lk_error_t *err)
{
    lk_key_t *key;
    if (jws->alg != NULL && strncmp(jws->alg, "HS", 2) == 0 && upstream->client_secret != NULL) {
        lk_bytes_t secret = {(const unsigned char *)upstream->client_secret, strlen(upstream->client_secret)};
        return lk_jws_verify(jws, lk_key_from_secret(req->arena, NULL, secret, jws->alg, "sig"), err);
    }
    if (!upstream->validate_signature) /* it came from the token endpoint itself, so TLS speaks for it (3.1.3.7, 6) */
        return LK_OK;
    if (upstream->use_jwks_url && upstream->jwks_url != NULL)
        return lk_jwks_verify(req->arena, upstream->jwks_url, jws, err);
    if (upstream->public_key == NULL)
        return refuse(err, "%s has neither jwksUrl nor a public key", upstream->provider->alias);
    if (upstream->public_key_id != NULL && jws->kid != NULL && strcmp(upstream->public_key_id, jws->kid) != 0)
        return refuse(err, "the token's kid is %s, the provider's key is %s", jws->kid, upstream->public_key_id);
    lk_status_t status = lk_key_from_public(req->arena, upstream->public_key, jws->alg, "sig", &key, err);
    return status == LK_OK ? lk_jws_verify_foreign(req->arena, jws, key, err) : status;
}

/* issuer may be a list: "a,b" */
static lk_status_t check_issuer(lk_arena_t *arena, const lk_upstream_t *upstream, const json_t *claims, lk_error_t *err)
{
    const char *issuer = lk_json_str(claims, "iss", NULL), *allowed = upstream->issuer;
    if (allowed == NULL)
        return LK_OK;
    lk_status_t status = lk_entra_issuer(arena, upstream, claims, &allowed, err);
    if (status != LK_OK)
        return status;
    if (issuer != NULL && lk_has_item(allowed, issuer))
        return LK_OK;
    return refuse(err, "issuer is %s, expected %s", issuer != NULL ? issuer : "missing", allowed);
}

static lk_status_t check_audience(const lk_upstream_t *upstream, const json_t *claims, lk_error_t *err)
{
    const json_t *aud = json_object_get(claims, "aud");
    const char *azp = lk_json_str(claims, "azp", NULL), *single = json_string_value(aud);
    int is_ours = single != NULL && strcmp(single, upstream->client_id) == 0;
    size_t i;
    json_t *value;
    json_array_foreach(aud, i, value)
    {
        is_ours |= json_is_string(value) && strcmp(json_string_value(value), upstream->client_id) == 0;
    }
    if (!is_ours)
        return refuse(err, "audience is not %s", upstream->client_id);
    if (json_array_size(aud) > 1 && azp != NULL && strcmp(azp, upstream->client_id) != 0)
        return refuse(err, "authorized party is %s, not %s", azp, upstream->client_id);
    return LK_OK;
}

static lk_status_t check_times(const lk_upstream_t *upstream, const json_t *claims, lk_error_t *err)
{
    int64_t now = lk_now(), skew = upstream->allowed_skew;
    int64_t exp = lk_json_int(claims, "exp", 0), nbf = lk_json_int(claims, "nbf", 0), iat = lk_json_int(claims, "iat", 0);
    if (exp + skew <= now)
        return refuse(err, "expired %lld seconds ago (allowed skew %lld)", (long long)(now - exp), (long long)skew);
    if (nbf - skew > now)
        return refuse(err, "valid only in %lld seconds (allowed skew %lld)", (long long)(nbf - now), (long long)skew);
    if (iat - skew > now + 300)
        return refuse(err, "issued %lld seconds in the future: compare the clocks", (long long)(iat - now));
    return LK_OK;
}

int lk_upstream_is_issuer(lk_arena_t *arena, const lk_upstream_t *upstream, const json_t *claims)
{
    return upstream->issuer != NULL && check_issuer(arena, upstream, claims, NULL) == LK_OK;
}

lk_status_t lk_upstream_check_token(const lk_request_t *req, const lk_upstream_t *upstream, const lk_jws_t *jws, lk_error_t *err)
{
    lk_status_t status = check_signature(req, upstream, jws, err);
    if (status == LK_OK)
        status = check_issuer(req->arena, upstream, jws->claims, err);
    if (status == LK_OK)
        status = check_audience(upstream, jws->claims, err);
    return status == LK_OK ? check_times(upstream, jws->claims, err) : status;
}

static lk_status_t check_nonce(const json_t *claims, const char *nonce, lk_error_t *err)
{
    const char *given = lk_json_str(claims, "nonce", NULL);
    if (nonce != NULL && !lk_secret_equal(nonce, given))
        return refuse(err, given == NULL ? "nonce is missing" : "nonce is not the one that was sent");
    return LK_OK;
}

static lk_status_t check_access_token_hash(lk_arena_t *arena, const lk_jws_t *jws, const char *access_token, lk_error_t *err)
{
    const char *given = lk_json_str(jws->claims, "at_hash", NULL);
    const char *hash = given != NULL && access_token != NULL ? lk_half_hash(arena, jws->alg, access_token) : NULL;
    if (hash != NULL && !lk_secret_equal(hash, given))
        return refuse(err, "at_hash is not that of the access token");
    return LK_OK;
}

static lk_status_t read_id_token(const lk_request_t *req, const lk_upstream_t *upstream, const lk_upstream_tokens_t *tokens,
                                 const char *nonce, json_t **ret_claims, lk_error_t *err)
{
    lk_jws_t jws;
    if (tokens->id_token == NULL)
        return refuse(err, "the answer has no ID token");
    lk_status_t status = lk_jws_parse(req->arena, tokens->id_token, &jws, err);
    if (status == LK_OK)
        status = lk_upstream_check_token(req, upstream, &jws, err);
    if (status == LK_OK)
        status = check_nonce(jws.claims, nonce, err);
    if (status == LK_OK)
        status = check_access_token_hash(req->arena, &jws, tokens->access_token, err);
    if (status == LK_OK)
        *ret_claims = jws.claims;
    else
        lk_error_detail(err, "ID token");
    return status;
}

/* --- the rest --- */

/* Claims that mappers may want: only where its signature holds, since nobody else vouches for them. */
static void read_access_token(const lk_request_t *req, const lk_upstream_t *upstream, const lk_upstream_tokens_t *tokens,
                              json_t *claims)
{
    lk_jws_t jws;
    if (upstream->access_token_is_jwt && tokens->access_token != NULL &&
        lk_jws_parse(req->arena, tokens->access_token, &jws, NULL) == LK_OK && check_signature(req, upstream, &jws, NULL) == LK_OK)
        json_object_set(claims, "access_token", jws.claims);
}

#define TOKEN_HOLE "{access_token}"

static lk_status_t read_userinfo(const lk_request_t *req, const lk_upstream_t *upstream, const lk_upstream_tokens_t *tokens,
                                 const json_t *id_claims, json_t *claims, lk_error_t *err)
{
    json_t *userinfo;
    if (upstream->no_userinfo || upstream->userinfo_url == NULL || tokens->access_token == NULL)
        return LK_OK;
    const char *url = upstream->userinfo_url;
    if (upstream->send_user_ip)
        url = lk_printf(req->arena, "%s%cuserIp=%s", url, strchr(url, '?') == NULL ? '?' : '&', req->client_ip);
    const char *hole = strstr(url, TOKEN_HOLE);
    if (hole != NULL)
        url = lk_printf(req->arena, "%.*s%s%s", (int)(hole - url), url, lk_upstream_encoded(req->arena, tokens->access_token),
                        hole + strlen(TOKEN_HOLE));
    lk_status_t status = lk_upstream_get(req->arena, url, hole == NULL ? tokens->access_token : NULL, &userinfo, err);
    if (status != LK_OK)
        return status;
    const char *given = lk_json_str(userinfo, "sub", NULL), *sub = lk_json_str(id_claims, "sub", NULL);
    if (given != NULL && sub != NULL && strcmp(given, sub) != 0) /* OpenID Connect Core 5.3.2 */
        return refuse(err, "userinfo is of %s, the ID token of %s", given, sub);
    json_object_set(claims, "userinfo", userinfo);
    return LK_OK;
}

/* "essential claim": only users with this value may come. */
static lk_status_t check_filter(lk_arena_t *arena, const lk_upstream_t *upstream, const lk_brokered_t *brokered, lk_error_t *err)
{
    if (!upstream->filter || upstream->filter_claim == NULL)
        return LK_OK;
    const json_t *value = lk_brokered_claim(arena, brokered, upstream->filter_claim);
    if (lk_claim_is(arena, value, upstream->filter_value != NULL ? upstream->filter_value : "", 1))
        return LK_OK;
    return refuse(err, "claim %s does not match what the provider's claim filter wants", upstream->filter_claim);
}

/* A claim of the ID token, else of userinfo. */
static const char *claim_text(lk_arena_t *arena, const json_t *claims, const char *paths)
{
    const char *text = lk_claim_text(arena, json_object_get(claims, "id_token"), paths);
    return text != NULL ? text : lk_claim_text(arena, json_object_get(claims, "userinfo"), paths);
}

/* "Erin Up" where only the full name is known. */
static void split_name(lk_arena_t *arena, const char *name, lk_brokered_t *brokered)
{
    const char *space = name != NULL ? strrchr(name, ' ') : NULL;
    if (name == NULL || brokered->first_name != NULL || brokered->last_name != NULL)
        return;
    brokered->first_name = space != NULL ? lk_strndup(arena, name, (size_t)(space - name)) : name;
    brokered->last_name = space != NULL ? space + 1 : NULL;
}

static void describe(lk_arena_t *arena, const lk_upstream_t *upstream, const lk_upstream_tokens_t *tokens, lk_brokered_t *brokered)
{
    const json_t *claims = brokered->claims;
    brokered->alias = upstream->provider->alias;
    brokered->id = claim_text(arena, claims, upstream->link_claim != NULL ? upstream->link_claim : upstream->id_claim);
    brokered->former_id = upstream->link_claim != NULL ? claim_text(arena, claims, upstream->id_claim) : NULL;
    brokered->email = claim_text(arena, claims, upstream->email_claim);
    brokered->first_name = claim_text(arena, claims, upstream->given_name_claim);
    brokered->last_name = claim_text(arena, claims, upstream->family_name_claim);
    split_name(arena, claim_text(arena, claims, upstream->name_claim), brokered);
    brokered->username = claim_text(arena, claims, upstream->username_claim);
    if (brokered->username == NULL)
        brokered->username = brokered->email != NULL ? brokered->email : brokered->id;
    brokered->session_id = claim_text(arena, claims, "sid");
    if (brokered->session_id == NULL)
        brokered->session_id = lk_json_str(tokens->answer, "session_state", NULL);
    const char *verified = claim_text(arena, claims, "email_verified");
    brokered->email_unverified = brokered->email_unproved = verified != NULL && strcmp(verified, "true") != 0;
    brokered->id_token = tokens->id_token;
    brokered->tokens = tokens->text;
}

/* "missingEmail": "ask" leaves it to the page where the profile is looked over, "username" takes what may be an address too. */
static void replace_missing_email(const lk_upstream_t *upstream, lk_brokered_t *brokered)
{
    const char *how = upstream->missing_email;
    if (brokered->email != NULL || how == NULL || strcmp(how, "username") != 0 || !lk_email_valid(brokered->username))
        return;
    brokered->email = brokered->username;
    brokered->email_unverified = brokered->email_unproved = 1;
}

lk_status_t lk_brokered_read(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                             const lk_upstream_tokens_t *tokens, const char *nonce, lk_brokered_t *ret_brokered, lk_error_t *err)
{
    lk_brokered_t brokered = {.claims = lk_json_own(req->arena, json_object()),
                              .attributes = lk_json_own(req->arena, json_object()),
                              .session_notes = lk_json_own(req->arena, json_object())};
    json_t *id_claims = NULL;
    lk_status_t status = LK_OK;
    if (upstream->type->is_oidc && (status = read_id_token(req, upstream, tokens, nonce, &id_claims, err)) != LK_OK)
        return status;
    if (id_claims != NULL)
        json_object_set(brokered.claims, "id_token", id_claims);
    read_access_token(req, upstream, tokens, brokered.claims);
    if ((status = read_userinfo(req, upstream, tokens, id_claims, brokered.claims, err)) != LK_OK)
        return status;
    describe(req->arena, upstream, tokens, &brokered);
    if (brokered.id == NULL)
        return refuse(err, "no claim %s to know the user by",
                      upstream->link_claim != NULL ? upstream->link_claim : upstream->id_claim);
    if (upstream->type->complete != NULL)
        status = upstream->type->complete(req, realm, upstream, tokens->access_token, &brokered, err);
    if (status == LK_OK)
        status = check_filter(req->arena, upstream, &brokered, err);
    if (status == LK_OK) {
        replace_missing_email(upstream, &brokered);
        brokered.local_username = brokered.username;
        *ret_brokered = brokered;
    }
    return status;
}
