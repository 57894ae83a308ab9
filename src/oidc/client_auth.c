/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "oidc/client_auth.h"

#include <string.h>
#include <strings.h>
#include "core/cors.h"
#include "crypto/crypto.h"

/* Who is the client that asks (RFC 6749 section 2.3)? */

/* One row a method, in the order of Keycloak's flow "clients"; type: the client's clientAuthenticatorType. */
static const struct {
    const char *type;
    lk_client_method_t check;
} methods[] = {{"client-secret", lk_client_by_secret},
               {"client-jwt", lk_client_by_key},
               {"client-secret-jwt", lk_client_by_secret_key},
               {"client-x509", lk_client_by_certificate},
               {"federated-jwt", lk_client_by_issuer}};
#define NUM_METHODS (sizeof(methods) / sizeof(methods[0]))

lk_status_t lk_client_deny(lk_error_t *err, const char *code, const char *reason)
{
    lk_fail_http(err, LK_DENIED, 401, code, LK_CLIENT_UNPROVEN);
    return lk_error_detail(err, "%s", reason);
}

lk_status_t lk_client_auth_find(lk_client_auth_t *auth, const char *client_id, const lk_client_t **ret_client, lk_error_t *err)
{
    return lk_realm_client(auth->req->app->realms, auth->realm, client_id, ret_client, err);
}

int lk_client_may_prove(const lk_client_t *client)
{
    return client != NULL && client->enabled && !client->bearer_only && !client->public_client;
}

/* HTTP Basic; id and secret are form-encoded (RFC 6749 section 2.3.1). */
static int read_basic(lk_client_auth_t *auth)
{
    lk_arena_t *arena = auth->req->arena;
    const char *header = lk_request_header(auth->req, "authorization");
    lk_bytes_t bytes;
    if (header == NULL || strncasecmp(header, "Basic ", 6) != 0)
        return 0;
    header += 6;
    if (lk_base64_decode(arena, header, strlen(header), &bytes) != 0)
        return -1;
    const char *text = (const char *)bytes.base, *colon = strchr(text, ':');
    if (colon == NULL)
        return -1;
    auth->client_id = lk_percent_decode(arena, text, (size_t)(colon - text), 1);
    auth->secret = lk_percent_decode(arena, colon + 1, strlen(colon + 1), 1);
    if (auth->secret == NULL) /* a secret with a bare % that was not encoded */
        auth->secret = lk_strdup(arena, colon + 1);
    return auth->client_id == NULL ? -1 : 0;
}

/* What stands in the form wins over the header, as in Keycloak. */
static void read_credentials(lk_client_auth_t *auth)
{
    const char *client_id = lk_pairs_get(&auth->req->form, "client_id"), *secret = lk_pairs_get(&auth->req->form, "client_secret");
    if (read_basic(auth) != 0) {
        auth->client_id = auth->secret = NULL;
        return;
    }
    if (client_id != NULL)
        auth->client_id = client_id;
    if (secret != NULL)
        auth->secret = secret;
}

#define EXPOSED "Access-Control-Allow-Methods"

static int is_own_method(const lk_client_t *client, const char *type)
{
    return strcmp(client->client_authenticator_type != NULL ? client->client_authenticator_type : "client-secret", type) == 0;
}

/* The first method that finds a client whose own it is decides; the others may only find whom it is about. */
lk_status_t lk_client_authenticate(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t **ret_client,
                                   lk_error_t *err)
{
    lk_client_auth_t auth = {.req = req, .realm = realm};
    char reason[sizeof(err->detail)] = "";
    int asserts = lk_pairs_get(&req->form, "client_assertion") != NULL;
    read_credentials(&auth);
    lk_event_client(req, auth.client_id);
    for (size_t i = 0; i != NUM_METHODS; ++i) {
        lk_error_t why = {0};
        lk_status_t status = methods[i].check(&auth, &why);
        if (auth.client != NULL)
            lk_event_client(req, auth.client->client_id);
        int decides = auth.client != NULL && is_own_method(auth.client, methods[i].type);
        if (status == LK_OK && (decides || auth.client->public_client)) {
            lk_event_detail(req, "client_auth_method",
                            auth.client->client_authenticator_type != NULL ? auth.client->client_authenticator_type
                                                                           : "client-secret");
            *ret_client = auth.client;
            return lk_encryption_ready(req, auth.client, err);
        }
        if (status != LK_OK && (status != LK_DENIED || decides)) {
            *err = why;
            return status;
        }
        /* A request with an assertion is about that, whatever else it lacks. */
        if (*reason == '\0' || (asserts && methods[i].check == lk_client_by_key && why.detail[0] != '\0'))
            snprintf(reason, sizeof(reason), "%s", why.detail);
    }
    return lk_client_deny(err, "invalid_client", *reason != '\0' ? reason : "the method is not the client's");
}

lk_status_t lk_client_cors(const lk_request_t *req, const lk_client_t *client, lk_reply_t *reply, lk_error_t *err)
{
    lk_strings_t origins = lk_client_web_origins(req->arena, req, client);
    return lk_cors_require(req, reply, origins.entries, origins.count, EXPOSED, err);
}

lk_status_t lk_client_authenticate_page(const lk_request_t *req, const lk_realm_t *realm, lk_reply_t *reply,
                                        const lk_client_t **ret_client, lk_error_t *err)
{
    lk_status_t status = lk_client_authenticate(req, realm, ret_client, err);
    if (status == LK_OK)
        return lk_client_cors(req, *ret_client, reply, err);
    if (status == LK_DENIED)
        lk_cors_allow_all(req, reply, EXPOSED); /* any page may read why: there is no client whose origins could be asked */
    return status;
}
