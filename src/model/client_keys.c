/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/client_keys.h"

#include <string.h>
#include "core/json.h"
#include "crypto/jwks.h"

const char *lk_client_url(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client, const char *url)
{
    return lk_client_url_below(arena, req, client->root_url, url);
}

const char *lk_client_url_below(lk_arena_t *arena, const lk_request_t *req, const char *root, const char *url)
{
    if (*url != '/')
        return url;
    if (root == NULL || strstr(root, "://") == NULL)
        root = lk_strndup(arena, req->base_url, strlen(req->base_url) - strlen(req->base_path));
    size_t len = strlen(root);
    return lk_printf(arena, "%.*s%s", (int)(len != 0 && root[len - 1] == '/' ? len - 1 : len), root, url);
}

/* NULL where the client's keys are not at an address. */
static const char *set_url(const lk_request_t *req, const lk_client_t *client)
{
    const char *url = lk_client_attribute(client, "jwks.url", "");
    if (!lk_client_attribute_bool(client, "use.jwks.url", 0) || *url == '\0')
        return NULL;
    return lk_client_url(req->arena, req, client, url);
}

static const json_t *set_text(const lk_request_t *req, const lk_client_t *client)
{
    const char *text = lk_client_attribute(client, "jwks.string", "");
    json_t *set;
    if (!lk_client_attribute_bool(client, "use.jwks.string", 0) ||
        lk_json_parse(req->arena, text, strlen(text), &set, NULL) != LK_OK)
        return NULL;
    return set;
}

static lk_status_t refuse(const lk_client_t *client, const char *why, lk_error_t *err)
{
    lk_fail(err, LK_NOT_FOUND, NULL, "Unable to load public key");
    return lk_error_detail(err, "client %s: %s", client->client_id, why);
}

static lk_status_t move(lk_error_t *err)
{
    return lk_fail(err, LK_ELSEWHERE, "temporarily_unavailable", "Keys are being fetched");
}

int lk_client_keys_ready(const lk_request_t *req, const lk_client_t *client)
{
    const char *url = set_url(req, client);
    return url == NULL || req->may_wait || lk_jwks_is_settled(req->arena, url, NULL);
}

static lk_status_t verify_with_one(const lk_request_t *req, const lk_client_t *client, const lk_jws_t *jws, lk_error_t *err)
{
    const char *text = lk_client_attribute(client, "jwt.credential.certificate", ""),
               *kid = lk_client_attribute(client, "jwt.credential.kid", "");
    lk_key_t *key;
    if (*text == '\0')
        text = lk_client_attribute(client, "jwt.credential.public.key", "");
    if (*text == '\0')
        return refuse(client, "it has neither a key set nor a certificate", err);
    if (lk_key_from_public(req->arena, text, jws->alg, "sig", &key, err) != LK_OK)
        return refuse(client, "its certificate cannot be read", err);
    if (!lk_jws_fits(jws, key))
        return refuse(client, "its certificate is not for the token's algorithm", err);
    if (jws->kid != NULL && strcmp(jws->kid, *kid != '\0' ? kid : key->kid) != 0)
        return refuse(client, "the token names another key than that of its certificate", err);
    return lk_jws_verify(jws, key, err);
}

lk_status_t lk_client_keys_verify(const lk_request_t *req, const lk_client_t *client, const lk_jws_t *jws, lk_error_t *err)
{
    const char *url = set_url(req, client);
    const json_t *set;
    if (url != NULL) {
        if (!req->may_wait && !lk_jwks_is_settled(req->arena, url, jws))
            return move(err);
        lk_status_t status = lk_jwks_verify(req->arena, url, jws, err);
        return status == LK_UNAVAILABLE ? refuse(client, "its key set cannot be had", err) : status;
    }
    if ((set = set_text(req, client)) != NULL)
        return lk_jwks_verify_with(req->arena, set, jws, err);
    return verify_with_one(req, client, jws, err);
}

lk_status_t lk_client_keys_encryption(const lk_request_t *req, const lk_client_t *client, const char *alg, const lk_key_t **ret_key,
                                      lk_error_t *err)
{
    const char *url = set_url(req, client);
    const json_t *set;
    if (url != NULL) {
        lk_status_t status = lk_jwks_encryption_key(req->arena, url, alg, ret_key, err);
        return status == LK_UNAVAILABLE ? refuse(client, "its key set cannot be had", err) : status;
    }
    if ((set = set_text(req, client)) != NULL)
        return lk_jwks_encryption_key_with(req->arena, set, alg, ret_key, err);
    return refuse(client, "it has no key set to encrypt for", err);
}
