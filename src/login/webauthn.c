/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "login/webauthn.h"

#include <string.h>
#include <openssl/crypto.h>
#include "core/json.h"
#include "core/time.h"
#include "core/url.h"
#include "crypto/crypto.h"
#include "model/credential.h"

#define CHALLENGE 32          /* bytes */
#define MAX_FIELD (64 * 1024) /* characters that a page posts in one field */

const lk_webauthn_kind_t lk_webauthn_second_factor = {LK_WEBAUTHN_CREDENTIAL, "webauthn-register", "webAuthnPolicy", 0};
const lk_webauthn_kind_t lk_webauthn_passwordless = {LK_PASSKEY_CREDENTIAL, "webauthn-register-passwordless",
                                                     "webAuthnPolicyPasswordless", 1};

/* --- the realm's policy --- */

const json_t *lk_webauthn_policy_json(lk_arena_t *arena, const lk_realm_t *realm, const lk_webauthn_kind_t *kind, const char *name)
{
    return json_object_get(realm->rep, lk_printf(arena, "%s%s", kind->prefix, name));
}

const char *lk_webauthn_policy(lk_arena_t *arena, const lk_realm_t *realm, const lk_webauthn_kind_t *kind, const char *name)
{
    const char *text = json_string_value(lk_webauthn_policy_json(arena, realm, kind, name));
    return text != NULL && *text != '\0' && strcmp(text, "not specified") != 0 ? text : NULL;
}

const char *lk_webauthn_verification(lk_arena_t *arena, const lk_realm_t *realm, const lk_webauthn_kind_t *kind)
{
    const char *wanted = lk_webauthn_policy(arena, realm, kind, "UserVerificationRequirement");
    int is_said = lk_webauthn_policy_json(arena, realm, kind, "UserVerificationRequirement") != NULL;
    return wanted == NULL && kind->passwordless && !is_said ? "required" : wanted;
}

/* "https://sso.example:8443/auth" is that origin with a path. */
static const char *origin_of(lk_arena_t *arena, const char *url)
{
    size_t len = lk_url_origin(url);
    return len != 0 ? lk_strndup(arena, url, len) : url;
}

const char *lk_webauthn_rp_id(const lk_request_t *req, const lk_realm_t *realm, const lk_webauthn_kind_t *kind)
{
    const char *id = lk_webauthn_policy(req->arena, realm, kind, "RpId");
    if (id != NULL)
        return id;
    size_t len;
    const char *host = lk_url_host(req->base_url, &len);
    return host != NULL ? lk_strndup(req->arena, host, len) : req->base_url;
}

/* --- for the browser --- */

void lk_webauthn_challenge(const lk_request_t *req, lk_login_t *login)
{
    login->challenge = lk_random_token(req->arena, CHALLENGE);
}

lk_status_t lk_webauthn_list(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, const lk_webauthn_kind_t *kind,
                             lk_rows_t *ret_rows, lk_error_t *err)
{
    return lk_query(req->app->sql, req->arena, LK_Q_CREDENTIALS_OF, ret_rows, err, realm->id, user_id, kind->credential);
}

void lk_webauthn_describe(lk_arena_t *arena, const lk_rows_t *rows, json_t *list)
{
    for (int i = 0; i != rows->count; ++i) {
        const char *text = lk_row_str(rows, i, "credential_data"), *id;
        json_t *data;
        lk_bytes_t bytes;
        if (lk_json_parse(arena, text, strlen(text), &data, NULL) != LK_OK ||
            (id = lk_json_str(data, "credentialId", NULL)) == NULL || lk_base64_decode(arena, id, strlen(id), &bytes) != 0)
            continue;
        json_array_append_new(list,
                              json_pack("{s:s, s:s, s:O*}", "type", "public-key", "id", lk_base64url(arena, bytes.base, bytes.len),
                                        "transports", json_object_get(data, "transports")));
    }
}

/* --- what comes back --- */

lk_bytes_t lk_webauthn_field(const lk_request_t *req, const char *name)
{
    const char *text = lk_pairs_get(&req->form, name);
    lk_bytes_t bytes;
    if (text == NULL || strlen(text) > MAX_FIELD || lk_base64_decode(req->arena, text, strlen(text), &bytes) != 0)
        return (lk_bytes_t){0};
    return bytes;
}

static int is_known_origin(const lk_request_t *req, const lk_realm_t *realm, const lk_webauthn_kind_t *kind, const char *origin)
{
    return strcmp(origin, origin_of(req->arena, req->base_url)) == 0 ||
           lk_json_names(lk_webauthn_policy_json(req->arena, realm, kind, "ExtraOrigins"), origin);
}

static lk_status_t use_challenge(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, lk_error_t *err)
{
    int first;
    lk_status_t status = lk_use_once(req->app->sql, req->arena, realm, "webauthn", login->challenge,
                                     lk_now() + realm->access_code_lifespan_login, NULL, &first, NULL, err);
    return status != LK_OK || first ? status : lk_webauthn_refuse(err, "the challenge was used before");
}

lk_status_t lk_webauthn_client_data(const lk_request_t *req, const lk_realm_t *realm, const lk_webauthn_kind_t *kind,
                                    const lk_login_t *login, const char *type, unsigned char ret_hash[32], lk_error_t *err)
{
    lk_bytes_t bytes = lk_webauthn_field(req, "clientDataJSON");
    json_t *data;
    if (bytes.len == 0 || lk_json_parse(req->arena, (const char *)bytes.base, bytes.len, &data, NULL) != LK_OK)
        return lk_webauthn_refuse(err, "the client data is no JSON");
    if (strcmp(lk_json_str(data, "type", ""), type) != 0)
        return lk_webauthn_refuse(err, "the client data is of another type");
    if (!lk_secret_equal(login->challenge, lk_json_str(data, "challenge", NULL)))
        return lk_webauthn_refuse(err, "the challenge is another");
    if (!is_known_origin(req, realm, kind, lk_json_str(data, "origin", "")))
        return lk_webauthn_refuse(err, "the origin is another");
    if (json_is_true(json_object_get(data, "crossOrigin")))
        return lk_webauthn_refuse(err, "it was done in a frame of another origin");
    lk_sha256(bytes.base, bytes.len, ret_hash);
    return use_challenge(req, realm, login, err);
}

lk_status_t lk_webauthn_check_data(const lk_request_t *req, const lk_realm_t *realm, const lk_webauthn_kind_t *kind,
                                   const lk_authenticator_data_t *data, lk_error_t *err)
{
    unsigned char hash[32];
    const char *rp_id = lk_webauthn_rp_id(req, realm, kind), *verification = lk_webauthn_verification(req->arena, realm, kind);
    lk_sha256(rp_id, strlen(rp_id), hash);
    if (CRYPTO_memcmp(data->rp_hash, hash, sizeof(hash)) != 0)
        return lk_webauthn_refuse(err, "it is for another relying party");
    if (!(data->flags & LK_WEBAUTHN_PRESENT))
        return lk_webauthn_refuse(err, "nobody was present");
    if (verification != NULL && strcmp(verification, "required") == 0 && !(data->flags & LK_WEBAUTHN_VERIFIED))
        return lk_webauthn_refuse(err, "the authenticator has not verified its user");
    return LK_OK;
}
