/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "core/json.h"
#include "core/remote.h"
#include "crypto/jwks.h"
#include "oidc/issuer.h"

/* The keys that a Kubernetes cluster signs its service accounts' tokens with. Where this server runs in that cluster, it asks as
 * the service account that it has itself: the API server answers nobody else unless it was told to. */

#define OWN_TOKEN "/var/run/secrets/kubernetes.io/serviceaccount/token"
#define MAX_TOKEN 16384

static void *read_address(lk_arena_t *arena, const json_t *document)
{
    return lk_strdup(arena, lk_json_str(document, "jwks_uri", NULL));
}

static void *read_keys(lk_arena_t *arena, const json_t *document)
{
    return json_is_array(json_object_get(document, "keys")) ? lk_json_own(arena, json_deep_copy(document)) : NULL;
}

static lk_remote_t addresses = LK_REMOTE(read_address), key_sets = LK_REMOTE(read_keys);

/* Read anew each time: the kubelet renews it. NULL where there is none, or where it is another issuer's, who must not see it. */
static const char *own_authorization(lk_arena_t *arena, const char *issuer)
{
    char *token = lk_alloc(arena, MAX_TOKEN);
    FILE *file = fopen(OWN_TOKEN, "re");
    lk_jws_t jws;
    if (file == NULL)
        return NULL;
    size_t len = fread(token, 1, MAX_TOKEN - 1, file);
    fclose(file);
    token[len] = '\0';
    token[strcspn(token, "\r\n")] = '\0';
    if (lk_jws_parse(arena, token, &jws, NULL) != LK_OK || strcmp(lk_json_str(jws.claims, "iss", ""), issuer) != 0)
        return NULL;
    return lk_printf(arena, "Bearer %s", token);
}

lk_status_t lk_kubernetes_verify(const lk_request_t *req, const char *issuer, const lk_jws_t *jws, lk_error_t *err)
{
    lk_arena_t *arena = req->arena;
    const char *discovery = lk_printf(arena, "%s/.well-known/openid-configuration", issuer);
    lk_status_t status = LK_OK;
    const void *found;
    if (!req->may_wait) /* two calls may be due, so all of this runs where it may wait */
        return lk_fail(err, LK_ELSEWHERE, "temporarily_unavailable", "Keys are being fetched");
    const char *authorization = own_authorization(arena, issuer);
    for (int anew = 0; anew != 2; ++anew) {
        if ((status = lk_remote_get_as(&addresses, arena, discovery, authorization, 0, &found, err)) != LK_OK ||
            (status = lk_remote_get_as(&key_sets, arena, found, authorization, anew, &found, err)) != LK_OK)
            return status;
        if ((status = lk_jwks_verify_with(arena, found, jws, err)) == LK_OK)
            return LK_OK;
    }
    return status;
}
