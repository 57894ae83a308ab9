/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/cors.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "oidc/auth_request.h"
#include "oidc/oidc.h"
#include "token/binding.h"

/* Pushed authorization requests (RFC 9126). Nothing is stored: the request_uri holds the parameters, sealed; its id is used up with
 * the code that it leads to. */

#define SEAL "par"
#define PREFIX "urn:ietf:params:oauth:request_uri:"
#define DEFAULT_LIFESPAN 60
#define MAX_SEALED 6000 /* bytes; it has to stand in an address */

/* The client's own credentials are not part of the request. */
static int is_credential(const char *name)
{
    static const char *const names[] = {"client_secret", "client_assertion", "client_assertion_type"};
    for (size_t i = 0; i != sizeof(names) / sizeof(names[0]); ++i)
        if (strcmp(names[i], name) == 0)
            return 1;
    return 0;
}

/* What client policies may want to know of a request object; NULL without one. */
static json_t *about_object(const lk_auth_check_t *check)
{
    const json_t *claims = check->object;
    return claims == NULL ? NULL
                          : json_pack("{s:O*, s:O*, s:O*}", "exp", json_object_get(claims, "exp"), "nbf",
                                      json_object_get(claims, "nbf"), "aud", json_object_get(claims, "aud"));
}

static const char *seal(const lk_auth_check_t *check, int64_t lifespan)
{
    lk_arena_t *arena = check->req->arena;
    json_t *parameters = json_object();
    for (size_t i = 0; i != check->parameters.count; ++i)
        if (!is_credential(check->parameters.entries[i].name))
            json_object_set_new(parameters, check->parameters.entries[i].name, json_string(check->parameters.entries[i].value));
    json_t *pushed = json_pack("{s:s, s:s, s:I, s:o, s:o*, s:b}", "id", lk_random_token(arena, 18), "client", check->client->id,
                               "expires", (json_int_t)(lk_now() + lifespan), "parameters", parameters, "object",
                               about_object(check), "encrypted", check->object_is_encrypted);
    return lk_seal_json(arena, check->realm->seal_secret, SEAL, pushed);
}

int lk_par_is_one(const char *request_uri)
{
    return strncmp(request_uri, PREFIX, strlen(PREFIX)) == 0;
}

lk_status_t lk_par_take(lk_auth_check_t *check, const char *request_uri, lk_error_t *err)
{
    const lk_request_t *req = check->req;
    json_t *value, *pushed = lk_unseal_json(req->arena, check->realm->seal_secret, SEAL, request_uri + strlen(PREFIX));
    const char *name;
    int used;
    if (pushed == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request_uri", "The request_uri is not one of this realm");
    if (strcmp(lk_json_str(pushed, "client", ""), check->client->id) != 0 || lk_json_int(pushed, "expires", 0) <= lk_now())
        return lk_fail(err, LK_INVALID, "invalid_request_uri", "The request_uri is another client's, or has expired");
    const char *id = lk_json_str(pushed, "id", "");
    lk_status_t status = lk_is_used(req->app->sql, req->arena, check->realm, LK_USED_PUSHED, id, &used, NULL, err);
    if (status != LK_OK || used)
        return status != LK_OK ? status : lk_fail(err, LK_INVALID, "invalid_request_uri", "The request_uri was used");
    json_t *parameters = json_object_get(pushed, "parameters");
    lk_pair_t *entries = LK_NEW_ARRAY(req->arena, lk_pair_t, json_object_size(parameters) + 1);
    size_t count = 0;
    json_object_foreach(parameters, name, value)
    {
        entries[count++] = (lk_pair_t){name, json_string_value(value)};
    }
    check->parameters = (lk_pairs_t){entries, count};
    check->object = json_object_get(pushed, "object");
    check->object_is_encrypted = lk_json_bool(pushed, "encrypted", 0);
    check->auth.pushed_id = id;
    return LK_OK;
}

static int64_t lifespan_of(const lk_realm_t *realm)
{
    int64_t lifespan = lk_json_config_int(realm->attributes, "parRequestUriLifespan", DEFAULT_LIFESPAN);
    return lifespan <= 0 ? DEFAULT_LIFESPAN : lifespan < LK_MAX_PUSHED_LIFESPAN ? lifespan : LK_MAX_PUSHED_LIFESPAN;
}

/* What the authorization endpoint would tell on a page or in a redirect. */
static lk_status_t refuse(const lk_auth_check_t *check, lk_error_t *err)
{
    if (check->page_argument != NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Invalid parameter: %s", check->page_argument);
    if (check->page_error != NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Invalid Request");
    if (strcmp(check->error, "unauthorized_client") == 0)
        return lk_fail_http(err, LK_DENIED, 401, "unauthorized_client", "%s", check->description);
    return lk_fail(err, LK_INVALID, "invalid_request", "%s",
                   check->description != NULL ? check->description : "Unsupported response type");
}

/* A proof at this endpoint binds the code, as dpop_jkt does (RFC 9449 section 10.1). */
static lk_status_t bind(lk_auth_check_t *check, lk_error_t *err)
{
    const char *jkt, *asked = check->auth.dpop_jkt;
    lk_status_t status = lk_dpop_check(check->req, check->realm, NULL, &jkt, err);
    if (status != LK_OK || jkt == NULL)
        return status;
    if (asked != NULL)
        return strcmp(asked, jkt) == 0 ? LK_OK : lk_fail(err, LK_INVALID, "invalid_request", LK_DPOP_OTHER_KEY ".");
    lk_pair_t *entries = LK_NEW_ARRAY(check->req->arena, lk_pair_t, check->parameters.count + 1);
    memcpy(entries, check->parameters.entries, check->parameters.count * sizeof(*entries));
    entries[check->parameters.count] = (lk_pair_t){"dpop_jkt", jkt};
    check->parameters = (lk_pairs_t){entries, check->parameters.count + 1};
    return LK_OK;
}

lk_status_t lk_par_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_auth_check_t check = {.req = req, .sent = req->form, .parameters = req->form, .pushing = 1};
    lk_status_t status = lk_request_realm(req, &check.realm, err);
    if (status != LK_OK)
        return status;
    lk_dpop_offer_nonce(req, check.realm, reply);
    if (lk_pairs_get(&req->form, "request") != NULL && !req->may_wait) /* an assertion is used up only once */
        return lk_fail(err, LK_ELSEWHERE, "temporarily_unavailable", "Keys may have to be fetched");
    status = lk_client_authenticate_page(req, check.realm, reply, &check.client, err);
    if (status == LK_DENIED && check.client == NULL)
        return lk_fail_http(err, LK_DENIED, 401, "invalid_request", "Authentication failed.");
    if (status != LK_OK)
        return status;
    if (lk_pairs_get(&req->form, "request_uri") != NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "It is not allowed to include request_uri to PAR.");
    if ((status = lk_request_object_take(&check, err)) != LK_OK)
        return status;
    if (lk_auth_request_check(&check) != 0)
        return refuse(&check, err);
    if ((status = bind(&check, err)) != LK_OK)
        return status;
    int64_t lifespan = lifespan_of(check.realm);
    const char *sealed = seal(&check, lifespan);
    if (strlen(sealed) > MAX_SEALED)
        return lk_fail_http(err, LK_INVALID, 413, "invalid_request", "The pushed request is too large");
    lk_reply_json(
        reply, 201,
        json_pack("{s:s, s:I}", "request_uri", lk_printf(req->arena, PREFIX "%s", sealed), "expires_in", (json_int_t)lifespan));
    return LK_OK;
}
