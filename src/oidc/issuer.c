/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "oidc/issuer.h"

#include <string.h>
#include "broker/upstream.h"
#include "core/json.h"
#include "crypto/jwks.h"

#define KUBERNETES_ISSUER "https://kubernetes.default.svc.cluster.local"

static const char *config(const lk_identity_provider_t *provider, const char *name, const char *fallback)
{
    const char *value = lk_json_config(provider->config, name, NULL);
    return value != NULL && *value != '\0' ? value : fallback;
}

/* --- one function a kind of provider: 0 where it can issue assertions --- */

/* Not the types with several tenants behind one issuer: there a subject is not enough to know somebody by. */
static int read_openid(lk_arena_t *arena, const lk_identity_provider_t *provider, lk_issuer_t *issuer)
{
    lk_upstream_t upstream;
    if (lk_upstream_settings(arena, provider, &upstream, NULL) != LK_OK || !upstream.type->is_oidc || upstream.type->is_entra)
        return -1;
    issuer->name = upstream.issuer;
    issuer->client_id = upstream.client_id;
    issuer->jwks_url = upstream.use_jwks_url ? upstream.jwks_url : NULL;
    issuer->public_key = upstream.public_key;
    issuer->public_key_id = upstream.public_key_id;
    return 0;
}

static int read_grant(lk_arena_t *arena, const lk_identity_provider_t *provider, lk_issuer_t *issuer)
{
    (void)arena;
    issuer->name = config(provider, "issuer", NULL);
    issuer->jwks_url = lk_json_config_bool(provider->config, "useJwksUrl", 1) ? config(provider, "jwksUrl", NULL) : NULL;
    issuer->public_key = config(provider, "publicKeySignatureVerifier", NULL);
    issuer->public_key_id = config(provider, "publicKeySignatureVerifierKeyId", NULL);
    return 0;
}

static int read_kubernetes(lk_arena_t *arena, const lk_identity_provider_t *provider, lk_issuer_t *issuer)
{
    (void)arena;
    issuer->name = config(provider, "issuer", KUBERNETES_ISSUER);
    issuer->is_kubernetes = 1;
    return 0;
}

static const struct {
    const char *provider_id; /* NULL: any other */
    int (*read)(lk_arena_t *arena, const lk_identity_provider_t *provider, lk_issuer_t *issuer);
    const char *implied; /* the flag that need not be set: it is what the type is for */
} kinds[] = {{"jwt-authorization-grant", read_grant, "jwtAuthorizationGrantEnabled"},
             {"kubernetes", read_kubernetes, "supportsClientAssertions"},
             {NULL, read_openid, NULL}};

static int is_issuer(lk_arena_t *arena, const lk_identity_provider_t *provider, const char *name, const char *flag,
                     lk_issuer_t *issuer)
{
    size_t kind = 0;
    while (kinds[kind].provider_id != NULL && strcmp(kinds[kind].provider_id, provider->provider_id) != 0)
        ++kind;
    int implied = kinds[kind].implied != NULL && strcmp(kinds[kind].implied, flag) == 0;
    *issuer = (lk_issuer_t){.provider = provider};
    return provider->enabled && (implied || lk_json_config_bool(provider->config, flag, 0)) &&
           kinds[kind].read(arena, provider, issuer) == 0 && issuer->name != NULL && strcmp(issuer->name, name) == 0;
}

lk_status_t lk_issuer_find(lk_arena_t *arena, const lk_realm_t *realm, const char *name, const char *flag, lk_issuer_t *ret_issuer,
                           lk_error_t *err)
{
    lk_issuer_t issuer;
    for (size_t i = 0; i != realm->num_identity_providers; ++i)
        if (is_issuer(arena, &realm->identity_providers[i], name, flag, &issuer)) {
            *ret_issuer = issuer;
            return LK_OK;
        }
    return lk_fail(err, LK_NOT_FOUND, NULL, "No Identity Provider for provided issuer");
}

static lk_status_t verify_with_one(const lk_request_t *req, const lk_issuer_t *issuer, const lk_jws_t *jws, lk_error_t *err)
{
    lk_key_t *key;
    if (issuer->public_key == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "%s has neither jwksUrl nor a public key", issuer->provider->alias);
    lk_status_t status = lk_key_from_public(req->arena, issuer->public_key, NULL, "sig", &key, err);
    if (status != LK_OK)
        return status;
    if (jws->kid != NULL && strcmp(issuer->public_key_id != NULL ? issuer->public_key_id : key->kid, jws->kid) != 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "the token's kid is not that of the provider's key");
    return lk_jws_verify_foreign(req->arena, jws, key, err);
}

lk_status_t lk_issuer_verify(const lk_request_t *req, const lk_issuer_t *issuer, const lk_assertion_t *assertion, lk_error_t *err)
{
    const lk_jws_t *jws = &assertion->jws;
    if (issuer->is_kubernetes)
        return lk_kubernetes_verify(req, issuer->name, jws, err);
    if (issuer->jwks_url == NULL)
        return verify_with_one(req, issuer, jws, err);
    if (!req->may_wait && !lk_jwks_is_settled(req->arena, issuer->jwks_url, jws))
        return lk_fail(err, LK_ELSEWHERE, "temporarily_unavailable", "Keys are being fetched");
    return lk_jwks_verify(req->arena, issuer->jwks_url, jws, err);
}
