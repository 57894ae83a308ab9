/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "core/fetch.h"
#include "core/json.h"
#include "core/time.h"
#include "crypto/jwe.h"
#include "crypto/jws.h"
#include "login/respond.h"
#include "model/client_keys.h"
#include "oidc/auth_request.h"
#include "oidc/oidc.h"

/* Request objects (OpenID Connect Core 6, RFC 9101): the parameters of an authorization request as a JWT, by value or by reference,
 * signed with the client's key or secret, encrypted for the realm. What they say takes the place of what stands beside them. */

#define CLOCK_SKEW 30 /* seconds */
#define FETCH_TIMEOUT_MS 5000
#define MAX_OBJECT (64 * 1024)
#define CIBA_ALG "ciba.backchannel.auth.request.signing.alg"
#define INVALID_REQUEST "invalidRequestMessage"

/* An object on its way: each step looks at what the one before made of it. */
typedef struct st_object_t {
    lk_auth_check_t *check;
    const char *text; /* as it came */
    lk_jws_t jws;     /* inside of the encryption; alg "none" where it is bare JSON */
} object_t;

static lk_status_t refuse(lk_error_t *err, const char *why)
{
    lk_fail(err, LK_INVALID, "invalid_request_object", INVALID_REQUEST);
    return lk_error_detail(err, LK_REQUEST_OBJECT_REFUSED "%s", why), LK_INVALID;
}

/* --- where it comes from --- */

static lk_status_t fetch(object_t *object, const char *uri, lk_error_t *err)
{
    const lk_request_t *req = object->check->req;
    const lk_fetch_t call = {.url = uri,
                             .accept = "application/oauth-authz-req+jwt, application/jwt, */*",
                             .timeout_ms = FETCH_TIMEOUT_MS,
                             .max_bytes = MAX_OBJECT};
    lk_fetched_t answer;
    if ((uri = lk_request_uri_check(req->arena, req, object->check->client, uri)) == NULL)
        return refuse(err, "Specified 'request_uri' not allowed for this client.");
    if (!req->may_wait)
        return lk_fail(err, LK_ELSEWHERE, "temporarily_unavailable", "The request object is being fetched");
    lk_status_t status = lk_fetch(req->arena, &call, &answer, err);
    if (status != LK_OK)
        return refuse(err, lk_strdup(req->arena, err->detail));
    if (answer.status != 200)
        return refuse(err, lk_printf(req->arena, "%s answers %ld", uri, answer.status));
    const char *text = (const char *)answer.body.base;
    text += strspn(text, " \t\r\n");
    object->text = lk_strndup(req->arena, text, strcspn(text, " \t\r\n"));
    return LK_OK;
}

/* --- decryption --- */

static int is_wanted(const object_t *object, const char *attribute, const char *given)
{
    const char *wanted = lk_client_attribute(object->check->client, attribute, "");
    return *wanted == '\0' || (given != NULL && strcmp(wanted, given) == 0);
}

/* With the key that the header names, or each that goes with its algorithm. */
static lk_status_t decrypt(const object_t *object, const lk_jwe_t *jwe, lk_bytes_t *ret_plain, lk_error_t *err)
{
    const lk_realm_t *realm = object->check->realm;
    for (size_t i = 0; i != realm->num_keys; ++i) {
        const lk_realm_key_t *entry = &realm->keys[i];
        if (entry->status == LK_KEY_DISABLED || entry->key->use == NULL || strcmp(entry->key->use, "enc") != 0 ||
            !lk_jwe_alg_fits(jwe->alg, entry->key) || (jwe->kid != NULL && strcmp(jwe->kid, entry->key->kid) != 0))
            continue;
        if (lk_jwe_decrypt(object->check->req->arena, jwe, entry->key, ret_plain, err) == LK_OK)
            return LK_OK;
    }
    return refuse(err, "no key of the realm decrypts it");
}

/* JSON without a signature may stand inside of the encryption. */
static lk_status_t read_plain(object_t *object, lk_bytes_t plain, lk_error_t *err)
{
    lk_arena_t *arena = object->check->req->arena;
    json_t *claims;
    if (plain.len != 0 && plain.base[0] != '{') {
        object->text = (const char *)plain.base;
        return LK_OK;
    }
    if (lk_json_parse(arena, (const char *)plain.base, plain.len, &claims, NULL) != LK_OK || !json_is_object(claims))
        return refuse(err, "its plain text is neither a JWT nor JSON");
    object->jws = (lk_jws_t){.claims = claims, .alg = "none"};
    return LK_OK;
}

static lk_status_t open(object_t *object, lk_error_t *err)
{
    lk_jwe_t jwe;
    lk_bytes_t plain;
    if (!lk_jwe_is_one(object->text))
        return LK_OK;
    if (lk_jwe_parse(object->check->req->arena, object->text, &jwe, err) != LK_OK)
        return refuse(err, lk_strdup(object->check->req->arena, err->detail));
    if (!is_wanted(object, "request.object.encryption.alg", jwe.alg) ||
        !is_wanted(object, "request.object.encryption.enc", jwe.enc))
        return refuse(err, "it is encrypted otherwise than the client has registered");
    object->check->object_is_encrypted = 1;
    lk_status_t status = decrypt(object, &jwe, &plain, err);
    return status != LK_OK ? status : read_plain(object, plain, err);
}

/* --- signature and claims --- */

static lk_status_t verify(object_t *object, lk_error_t *err)
{
    const lk_auth_check_t *check = object->check;
    lk_jws_t *jws = &object->jws;
    if (jws->claims == NULL && lk_jws_parse(check->req->arena, object->text, jws, err) != LK_OK)
        return refuse(err, lk_strdup(check->req->arena, err->detail));
    if (jws->alg == NULL || !is_wanted(object, "request.object.signature.alg", jws->alg))
        return refuse(err, "it is signed otherwise than the client has registered");
    if (strcmp(jws->alg, "none") == 0)
        return jws->signature.len == 0 ? LK_OK : refuse(err, "alg none with a signature");
    if (strncmp(jws->alg, "HS", 2) == 0)
        return lk_client_secret_verifies(check->req, check->client, jws) ? LK_OK
                                                                         : refuse(err, "the client's secret did not sign it");
    lk_status_t status = lk_client_keys_verify(check->req, check->client, jws, err);
    return status == LK_OK || status == LK_ELSEWHERE ? status : refuse(err, lk_strdup(check->req->arena, err->detail));
}

/* A time that is no number counts as one that is long over. */
static int64_t time_claim(const json_t *claims, const char *name, int64_t fallback)
{
    const json_t *value = json_object_get(claims, name);
    return value == NULL || json_is_null(value) ? fallback : lk_json_time(value);
}

/* The realm itself, or one of its endpoints, as clients of other standards write it. */
static int is_own_address(const char *text, const char *issuer)
{
    size_t len = strlen(issuer);
    return strncmp(text, issuer, len) == 0 && (text[len] == '\0' || text[len] == '/');
}

static int names_us(const lk_auth_check_t *check, const json_t *audience)
{
    const char *issuer = lk_realm_issuer(check->req, check->realm);
    const json_t *value;
    size_t i;
    if (audience == NULL || json_is_null(audience))
        return 1;
    if (json_is_string(audience))
        return is_own_address(json_string_value(audience), issuer);
    json_array_foreach(audience, i, value)
    {
        if (json_is_string(value) && is_own_address(json_string_value(value), issuer))
            return 1;
    }
    return 0;
}

/* A claim that is no text is another than the one that is wanted. */
static int is_or_missing(const json_t *claims, const char *name, const char *wanted)
{
    const json_t *value = json_object_get(claims, name);
    return value == NULL || json_is_null(value) || (json_is_string(value) && strcmp(json_string_value(value), wanted) == 0);
}

/* RFC 9101 section 6.3: what it says must be meant for here, and for now. */
static lk_status_t check_claims(object_t *object, lk_error_t *err)
{
    const lk_auth_check_t *check = object->check;
    const json_t *claims = object->jws.claims;
    const char *client_id = check->client->client_id;
    int64_t now = lk_now();
    if (!is_or_missing(claims, "client_id", client_id))
        return refuse(err, "its client_id is another");
    if (json_object_get(claims, "request_uri") != NULL)
        return refuse(err, "it has a request_uri");
    if (!is_or_missing(claims, "iss", client_id))
        return refuse(err, "its issuer is not the client");
    if (!names_us(check, json_object_get(claims, "aud")))
        return refuse(err, "its audience is another");
    if (time_claim(claims, "exp", now) + CLOCK_SKEW < now)
        return refuse(err, "it has expired");
    if (time_claim(claims, "nbf", now) > now + CLOCK_SKEW)
        return refuse(err, "it is not valid yet");
    return LK_OK;
}

/* --- its parameters --- */

static int is_about_the_object(const char *name)
{
    static const char *const names[] = {"iss", "aud", "exp", "nbf", "iat", "jti", "sub", "request"};
    for (size_t i = 0; i != sizeof(names) / sizeof(names[0]); ++i)
        if (strcmp(names[i], name) == 0)
            return 1;
    return 0;
}

static const char *text_of(lk_arena_t *arena, const json_t *value)
{
    return json_is_string(value) ? json_string_value(value) : lk_json_text(arena, value);
}

/* What a pushed object does not say is not said at all (RFC 9126 section 3); otherwise what stands beside it fills the gaps. */
static void take_parameters(object_t *object)
{
    lk_auth_check_t *check = object->check;
    const lk_pairs_t *beside = &check->parameters;
    json_t *claims = object->jws.claims, *value;
    lk_pair_t *entries = LK_NEW_ARRAY(check->req->arena, lk_pair_t, json_object_size(claims) + beside->count + 1);
    const char *name;
    size_t count = 0;
    json_object_foreach(claims, name, value)
    {
        if (!json_is_null(value) && !is_about_the_object(name))
            entries[count++] = (lk_pair_t){name, text_of(check->req->arena, value)};
    }
    for (size_t i = 0; !check->pushing && i != beside->count; ++i) {
        name = beside->entries[i].name;
        if (strcmp(name, "request") != 0 && strcmp(name, "request_uri") != 0 && json_object_get(claims, name) == NULL)
            entries[count++] = beside->entries[i];
    }
    check->parameters = (lk_pairs_t){entries, count};
    check->object = claims;
}

static lk_status_t refuse_signed(lk_error_t *err, const char *text)
{
    char detail[sizeof(err->detail)];
    snprintf(detail, sizeof(detail), "%s", err->detail);
    lk_fail(err, LK_INVALID, "invalid_request", "%s", text);
    return lk_error_detail(err, "%s", *detail != '\0' ? detail : "request object");
}

/* Signed, with the algorithm that the client has registered and a key of its own, never its secret. */
static lk_status_t check_signed(const object_t *object, lk_error_t *err)
{
    const char *alg = object->jws.alg, *wanted = lk_client_attribute(object->check->client, CIBA_ALG, NULL);
    if (alg == NULL)
        return refuse_signed(err, "Signed algorithm not specified");
    if (strcmp(alg, "none") == 0)
        return refuse_signed(err, "None signed algorithm is not allowed");
    if (strncmp(alg, "HS", 2) == 0)
        return refuse_signed(err, "Signed algorithm is not allowed");
    if (wanted == NULL || strcmp(wanted, alg) != 0)
        return refuse_signed(err, "Client requested algorithm not registered in advance or request signed with different algorithm "
                                  "other than client requested algorithm");
    return LK_OK;
}

/* What Keycloak says of a text that cannot be read, by how far it gets with it. */
static const char *unread(lk_arena_t *arena, const char *text)
{
    lk_bytes_t header;
    json_t *parsed;
    size_t len = strcspn(text, ".");
    if (len == 0 && *text != '\0')
        return "Could not infer header from JWT";
    if (len == 0 || lk_base64_decode(arena, text, len, &header) != 0 ||
        lk_json_parse(arena, (const char *)header.base, header.len, &parsed, NULL) != LK_OK)
        return "Failed to parse JWT header";
    return "Failed to build JWS";
}

lk_status_t lk_request_object_take_signed(lk_auth_check_t *check, lk_error_t *err)
{
    const char *request = lk_pairs_get(&check->parameters, "request"), *uri = lk_pairs_get(&check->parameters, "request_uri");
    object_t object = {.check = check, .text = request};
    lk_status_t status = LK_OK;
    if (object.text != NULL && uri != NULL)
        return refuse_signed(err, "Illegal to use both 'request' and 'request_uri' parameters together");
    if (uri != NULL && (status = fetch(&object, uri, err)) != LK_OK)
        return status == LK_INVALID ? refuse_signed(err, "Specified 'request_uri' not allowed for this client.") : status;
    if (object.text == NULL)
        return LK_OK;
    if (strlen(object.text) > MAX_OBJECT || open(&object, err) != LK_OK ||
        (object.jws.claims == NULL && lk_jws_parse(check->req->arena, object.text, &object.jws, err) != LK_OK))
        return refuse_signed(err, unread(check->req->arena, object.text));
    if ((status = check_signed(&object, err)) != LK_OK)
        return status;
    status = lk_client_keys_verify(check->req, check->client, &object.jws, err);
    if (status != LK_OK)
        return status == LK_ELSEWHERE ? status : refuse_signed(err, "Failed to verify signature");
    if (check_claims(&object, err) != LK_OK)
        return refuse_signed(err, "Invalid signed authentication request");
    take_parameters(&object);
    return LK_OK;
}

static lk_status_t read_object(object_t *object, lk_error_t *err)
{
    lk_status_t (*const steps[])(object_t * object, lk_error_t * err) = {open, verify, check_claims};
    lk_status_t status = LK_OK;
    if (strlen(object->text) > MAX_OBJECT)
        return refuse(err, "it is too long");
    for (size_t i = 0; status == LK_OK && i != sizeof(steps) / sizeof(steps[0]); ++i)
        status = steps[i](object, err);
    if (status == LK_OK)
        take_parameters(object);
    return status;
}

/* Whether the client must send one, by `request.object.required`. */
static int is_missing(const lk_client_t *client, const char *request, const char *request_uri)
{
    const char *required = lk_client_attribute(client, "request.object.required", "");
    return (strcmp(required, "request or request_uri") == 0 && request == NULL && request_uri == NULL) ||
           (strcmp(required, "request only") == 0 && request == NULL) ||
           (strcmp(required, "request_uri only") == 0 && request_uri == NULL);
}

lk_status_t lk_request_object_take(lk_auth_check_t *check, lk_error_t *err)
{
    const char *request = lk_pairs_get(&check->parameters, "request"),
               *request_uri = lk_pairs_get(&check->parameters, "request_uri");
    object_t object = {.check = check, .text = request};
    lk_status_t status = LK_OK;
    if (request != NULL && request_uri != NULL)
        return refuse(err, "both request and request_uri were given");
    if (is_missing(check->client, request, request_uri)) {
        refuse(err, "the client has to send one");
        return lk_fail(err, LK_INVALID, "invalid_request", INVALID_REQUEST);
    }
    if (request_uri != NULL && lk_par_is_one(request_uri))
        return lk_par_take(check, request_uri, err);
    if (request_uri != NULL)
        status = fetch(&object, request_uri, err);
    return object.text == NULL || status != LK_OK ? status : read_object(&object, err);
}
