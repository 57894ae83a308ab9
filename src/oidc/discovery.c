/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/cors.h"
#include "core/embedded.h"
#include "core/json.h"
#include "model/realm_keys.h"
#include "oidc/oidc.h"

/* OpenID Provider Metadata (Discovery 1.0, RFC 8414): a text with holes, the same for every realm. ${issuer} is where browsers go,
 * ${own} where clients call, which hostname-backchannel-dynamic turns into the address that the caller used. */

#define METADATA "src/oidc/openid-configuration.json"
#define UMA_METADATA "src/oidc/uma2-configuration.json"
#define NEVER_STORE "no-cache, must-revalidate, no-transform, no-store"

static lk_status_t show_metadata(const lk_request_t *req, const char *file, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    const char *issuer = lk_realm_issuer(req, realm), *text = (const char *)lk_embedded_find(file)->base, *hole;
    const char *own = lk_printf(req->arena, "%s%s", req->own_url, issuer + strlen(req->base_url));
    const struct {
        char initial;
        const char *value;
    } holes[] = {{'i', issuer}, {'o', own}, {'s', realm->scopes_supported}, {'a', realm->acr_values_supported}};
    reply->content_type = "application/json";
    for (; (hole = strstr(text, "${")) != NULL; text = strchr(hole, '}') + 1) {
        lk_buffer_append(&reply->body, text, (size_t)(hole - text));
        for (size_t i = 0; i != sizeof(holes) / sizeof(holes[0]); ++i)
            if (holes[i].initial == hole[2])
                lk_buffer_puts(&reply->body, holes[i].value);
    }
    lk_buffer_puts(&reply->body, text);
    lk_reply_set_header(reply, "cache-control", NEVER_STORE);
    lk_cors_allow_all(req, reply, NULL);
    return LK_OK;
}

lk_status_t lk_discovery_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return show_metadata(req, METADATA, reply, err);
}

/* UMA 2.0 grant, section 2. */
lk_status_t lk_uma_discovery_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    return show_metadata(req, UMA_METADATA, reply, err);
}

static int publishes_a_key(const lk_realm_t *realm)
{
    for (size_t i = 0; i != realm->num_keys; ++i)
        if (realm->keys[i].status != LK_KEY_DISABLED && realm->keys[i].key->type != LK_KEY_OCT)
            return 1;
    return 0;
}

/* Whoever caches an empty set knows no key for minutes. What the first token would be signed with is made now, where that is a key
 * that is published. */
static lk_status_t ensure_key(const lk_request_t *req, const lk_realm_t **realm, lk_error_t *err)
{
    const lk_key_t *key;
    const char *alg = (*realm)->default_signature_algorithm;
    if (publishes_a_key(*realm))
        return LK_OK;
    if (alg == NULL || *alg == '\0' || strncmp(alg, "HS", 2) == 0)
        alg = "RS256";
    return lk_realm_ensure_key(req->app->realms, req->arena, *realm, alg, realm, &key, err);
}

/* The realm's public keys (RFC 7517). */
lk_status_t lk_certs_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    if (!realm->enabled)
        return lk_fail_http(err, LK_DENIED, 403, "access_denied", "Realm not enabled");
    if ((status = ensure_key(req, &realm, err)) != LK_OK)
        return status;
    lk_reply_set_header(reply, "cache-control", "no-cache");
    lk_cors_allow_all(req, reply, NULL);
    if (lk_reply_unchanged(req, realm->jwks_etag, reply))
        return LK_OK;
    reply->content_type = "application/json";
    lk_buffer_append(&reply->body, realm->jwks.base, realm->jwks.len);
    return LK_OK;
}

/* What Keycloak's oldest adapters read. */
lk_status_t lk_realm_info_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    const char *issuer = lk_realm_issuer(req, realm);
    const lk_key_t *key = lk_realm_signing_key(realm, "RS256");
    lk_reply_json(reply, 200,
                  json_pack("{s:s, s:s, s:s, s:s, s:I}", "realm", realm->name, "public_key",
                            key != NULL && key->public_key != NULL ? key->public_key : "", "token-service",
                            lk_printf(req->arena, "%s/protocol/openid-connect", issuer), "account-service",
                            lk_printf(req->arena, "%s/account", issuer), "tokens-not-before", (json_int_t)realm->not_before));
    reply->content_type = "application/json; charset=UTF-8";
    lk_reply_set_header(reply, "cache-control", "no-cache");
    lk_cors_allow_all(req, reply, NULL);
    return LK_OK;
}
