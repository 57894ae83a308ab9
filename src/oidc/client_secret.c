/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "crypto/crypto.h"
#include "oidc/client_auth.h"

/* client_secret_basic and client_secret_post (RFC 6749 section 2.3.1). Public clients have none to show. */

static lk_status_t deny(lk_error_t *err, const char *reason)
{
    return lk_client_deny(err, "unauthorized_client", reason);
}

static int is_secret(const lk_client_t *client, const char *given)
{
    const char *rotated = lk_client_attribute(client, "client.secret.rotated", NULL);
    return lk_secret_equal(client->secret, given) || (rotated != NULL && *rotated != '\0' && lk_secret_equal(rotated, given));
}

lk_status_t lk_client_by_secret(lk_client_auth_t *auth, lk_error_t *err)
{
    if (auth->client_id == NULL)
        return lk_client_deny(err, "invalid_client", "no client id was given, or the Authorization header cannot be read");
    lk_status_t status = lk_client_auth_find(auth, auth->client_id, &auth->client, err);
    if (status != LK_OK)
        return status;
    if (auth->client == NULL)
        return lk_client_deny(err, "invalid_client", "unknown client");
    if (!auth->client->enabled)
        return lk_client_deny(err, "invalid_client", "the client is disabled");
    if (auth->client->bearer_only)
        return deny(err, "the client is bearer-only");
    if (auth->client->public_client)
        return LK_OK;
    if (auth->secret == NULL || *auth->secret == '\0')
        return deny(err, "no client secret was given");
    return is_secret(auth->client, auth->secret) ? LK_OK : deny(err, "the client secret is wrong");
}
