/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "token/binding.h"

#include <string.h>
#include "core/json.h"
#include "crypto/certificate.h"
#include "crypto/crypto.h"

static int needs_proof(const lk_client_t *client)
{
    return lk_client_attribute_bool(client, "dpop.bound.access.tokens", 0);
}

static int needs_certificate(const lk_client_t *client)
{
    return lk_client_attribute_bool(client, "tls.client.certificate.bound.access.tokens", 0);
}

lk_status_t lk_binding_read(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_binding_t *ret_binding,
                            lk_error_t *err)
{
    lk_binding_t binding = {NULL, NULL};
    lk_status_t status = lk_dpop_check(req, realm, NULL, &binding.jkt, err);
    if (status != LK_OK)
        return status;
    if (binding.jkt == NULL && needs_proof(client))
        return lk_fail(err, LK_INVALID, "invalid_request", LK_DPOP_MISSING);
    if (needs_certificate(client) && req->certificate.base == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Client Certification missing for MTLS HoK Token Binding");
    if (needs_certificate(client))
        binding.x5t = lk_certificate_thumbprint(req->arena, req->certificate);
    *ret_binding = binding;
    return LK_OK;
}

const char *lk_binding_claim(const lk_request_t *req)
{
    if (req->binding != NULL && req->binding->jkt != NULL)
        return lk_printf(req->arena, "{\"jkt\":\"%s\",\"kc-jkt-type\":\"DPoP\"}", req->binding->jkt);
    if (req->binding != NULL && req->binding->x5t != NULL)
        return lk_printf(req->arena, "{\"x5t#S256\":\"%s\"}", req->binding->x5t);
    return NULL;
}

const char *lk_binding_refresh_claim(const lk_request_t *req, const lk_client_t *client)
{
    return client->public_client || (req->binding != NULL && req->binding->jkt == NULL) ? lk_binding_claim(req) : NULL;
}

const char *lk_binding_token_type(const lk_request_t *req)
{
    return req->binding != NULL && req->binding->jkt != NULL ? "DPoP" : "Bearer";
}

static const char *confirmed(const lk_verified_t *token, const char *name)
{
    return lk_json_str(json_object_get(token->claims, "cnf"), name, NULL);
}

/* 1 where the token is bound to no certificate, or to that of the request. */
static int has_certificate(const lk_request_t *req, const lk_verified_t *token)
{
    const char *x5t = confirmed(token, "x5t#S256");
    return x5t == NULL ||
           (req->certificate.base != NULL && lk_secret_equal(x5t, lk_certificate_thumbprint(req->arena, req->certificate)));
}

lk_status_t lk_binding_match(const lk_request_t *req, const lk_verified_t *token, const char *code, lk_error_t *err)
{
    const char *jkt = confirmed(token, "jkt"), *proven = req->binding != NULL ? req->binding->jkt : NULL;
    if (!has_certificate(req, token))
        return lk_fail(err, LK_INVALID, code,
                       "Client certificate missing, or its thumbprint and one in the refresh token did NOT match");
    if (jkt == NULL)
        return LK_OK;
    if (proven == NULL)
        return lk_fail(err, LK_INVALID, code, LK_DPOP_MISSING);
    return lk_secret_equal(jkt, proven) ? LK_OK : lk_fail(err, LK_INVALID, code, LK_DPOP_MISMATCH);
}

static lk_status_t deny(lk_error_t *err, const char *reason)
{
    lk_fail(err, LK_DENIED, "invalid_token", "Token verification failed");
    return err != NULL ? lk_error_detail(err, "%s", reason) : LK_DENIED;
}

lk_status_t lk_binding_check_bearer(const lk_request_t *req, const lk_realm_t *realm, const lk_bearer_t *bearer, const char *token,
                                    lk_error_t *err)
{
    const char *jkt = confirmed(&bearer->token, "jkt"), *proven;
    lk_error_t why = {0};
    if (!has_certificate(req, &bearer->token))
        return deny(err, "the token is bound to a certificate that the connection does not have");
    if (jkt == NULL)
        return lk_dpop_is_presented(req) || needs_proof(bearer->client) ? deny(err, "the token is bound to no key") : LK_OK;
    if (!lk_dpop_is_presented(req))
        return deny(err, "the token is bound to a key, and was not presented with a proof");
    lk_status_t status = lk_dpop_check(req, realm, token, &proven, &why);
    if (status == LK_INVALID && strcmp(why.code, LK_DPOP_USE_NONCE) == 0)
        return lk_fail(err, LK_DENIED, LK_DPOP_USE_NONCE, "%s", why.text);
    if (status == LK_INVALID)
        return deny(err, why.text);
    if (status != LK_OK) {
        if (err != NULL)
            *err = why;
        return status;
    }
    if (proven == NULL)
        return deny(err, LK_DPOP_MISSING);
    return lk_secret_equal(jkt, proven) ? LK_OK : deny(err, LK_DPOP_MISMATCH);
}
