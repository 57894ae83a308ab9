/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "crypto/crypto.h"
#include "crypto/jws.h"
#include "oidc/oidc.h"

/* Who is the client that asks (RFC 6749 section 2.3)? */

#define MESSAGE "Invalid client or Invalid client credentials"

typedef struct st_credentials_t {
    const char *client_id, *secret; /* NULL where not given */
} credentials_t;

static lk_status_t refuse(lk_error_t *err, const char *code, const char *reason)
{
    lk_fail_http(err, LK_DENIED, 401, code, MESSAGE);
    return lk_error_detail(err, "%s", reason);
}

/* HTTP Basic; id and secret are form-encoded (RFC 6749 section 2.3.1). */
static int read_basic(const lk_request_t *req, credentials_t *credentials)
{
    const char *header = lk_request_header(req, "authorization");
    lk_bytes_t bytes;
    if (header == NULL || strncasecmp(header, "Basic ", 6) != 0)
        return 0;
    header += 6;
    if (lk_base64_decode(req->arena, header, strlen(header), &bytes) != 0)
        return -1;
    const char *text = (const char *)bytes.base, *colon = strchr(text, ':');
    if (colon == NULL)
        return -1;
    credentials->client_id = lk_percent_decode(req->arena, text, (size_t)(colon - text), 1);
    credentials->secret = lk_percent_decode(req->arena, colon + 1, strlen(colon + 1), 1);
    if (credentials->secret == NULL) /* a secret with a bare % that was not encoded */
        credentials->secret = lk_strdup(req->arena, colon + 1);
    return credentials->client_id == NULL ? -1 : 0;
}

/* What stands in the form wins over the header, as in Keycloak. */
static int read_credentials(const lk_request_t *req, credentials_t *credentials)
{
    const char *client_id = lk_pairs_get(&req->form, "client_id"), *secret = lk_pairs_get(&req->form, "client_secret");
    if (read_basic(req, credentials) != 0)
        return -1;
    if (client_id != NULL)
        credentials->client_id = client_id;
    if (secret != NULL)
        credentials->secret = secret;
    return 0;
}

static lk_status_t check_secret(const lk_request_t *req, const lk_client_t *client, const credentials_t *credentials,
                                lk_error_t *err)
{
    const char *rotated = lk_client_attribute(client, "client.secret.rotated", NULL);
    if (lk_pairs_get(&req->form, "client_assertion") != NULL && credentials->secret == NULL)
        return refuse(err, "unauthorized_client", "the client authenticates by secret, not by assertion");
    if (credentials->secret == NULL || *credentials->secret == '\0')
        return refuse(err, "unauthorized_client", "no client secret was given");
    if (lk_secret_equal(client->secret, credentials->secret) ||
        (rotated != NULL && *rotated != '\0' && lk_secret_equal(rotated, credentials->secret)))
        return LK_OK;
    return refuse(err, "unauthorized_client", "the client secret is wrong");
}

/* One row a method (clientAuthenticatorType). */
static const struct {
    const char *type;
    lk_status_t (*check)(const lk_request_t *req, const lk_client_t *client, const credentials_t *credentials, lk_error_t *err);
} methods[] = {{"client-secret", check_secret}};

static lk_status_t check_method(const lk_request_t *req, const lk_client_t *client, const credentials_t *credentials,
                                lk_error_t *err)
{
    const char *type = client->client_authenticator_type != NULL ? client->client_authenticator_type : "client-secret";
    for (size_t i = 0; i != sizeof(methods) / sizeof(methods[0]); ++i)
        if (strcmp(methods[i].type, type) == 0)
            return methods[i].check(req, client, credentials, err);
    return refuse(err, "unauthorized_client", "the client's authenticator type is not supported");
}

lk_status_t lk_client_authenticate(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t **ret_client,
                                   lk_error_t *err)
{
    credentials_t credentials = {NULL, NULL};
    const lk_client_t *client;
    if (read_credentials(req, &credentials) != 0 || credentials.client_id == NULL)
        return refuse(err, "invalid_client", "no client id was given, or the Authorization header cannot be read");
    lk_event_client(req, credentials.client_id);
    lk_status_t status = lk_realm_client(req->app->realms, realm, credentials.client_id, &client, err);
    if (status != LK_OK)
        return status;
    if (client == NULL)
        return refuse(err, "invalid_client", "unknown client");
    if (!client->enabled)
        return refuse(err, "unauthorized_client", "the client is disabled");
    if (client->bearer_only)
        return refuse(err, "unauthorized_client", "the client is bearer-only");
    if (!client->public_client && (status = check_method(req, client, &credentials, err)) != LK_OK)
        return status;
    lk_event_detail(req, "client_auth_method",
                    client->client_authenticator_type != NULL ? client->client_authenticator_type : "client-secret");
    *ret_client = client;
    return LK_OK;
}

int lk_client_secret_verifies(const lk_request_t *req, const lk_client_t *client, const lk_jws_t *jws)
{
    if (client->secret == NULL || *client->secret == '\0' || jws->alg == NULL || strncmp(jws->alg, "HS", 2) != 0)
        return 0;
    lk_bytes_t secret = {(const unsigned char *)client->secret, strlen(client->secret)};
    return lk_jws_verify(jws, lk_key_from_secret(req->arena, NULL, secret, jws->alg, "sig"), NULL) == LK_OK;
}
