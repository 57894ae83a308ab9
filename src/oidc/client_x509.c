/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "crypto/certificate.h"
#include "model/pattern.h"
#include "oidc/client_auth.h"

/* tls_client_auth (RFC 8705 section 2.1): the client's certificate, of which TLS has proven that it has the key, has the subject
 * that the client is registered with. */

static lk_status_t deny(lk_error_t *err, const char *reason)
{
    return lk_client_deny(err, "invalid_client", reason);
}

static int matches(const lk_client_auth_t *auth, lk_certificate_name_t which, const char *wanted)
{
    lk_arena_t *arena = auth->req->arena;
    if (!lk_client_attribute_bool(auth->client, "x509.allow.regex.pattern.comparison", 0))
        return lk_certificate_is_named(arena, auth->req->certificate, which, wanted);
    const char *name = lk_certificate_name(arena, auth->req->certificate, which);
    return name != NULL && lk_pattern_match(arena, wanted, name) == LK_PATTERN_MATCH;
}

lk_status_t lk_client_by_certificate(lk_client_auth_t *auth, lk_error_t *err)
{
    const char *client_id = lk_request_param(auth->req, "client_id");
    if (client_id == NULL)
        return lk_client_refuse(err, "Missing client_id parameter");
    lk_status_t status = lk_client_auth_find(auth, client_id, &auth->client, err);
    if (status != LK_OK)
        return status;
    if (!lk_client_may_prove(auth->client))
        return deny(err, "the client is unknown, disabled, public or bearer-only");
    const char *subject = lk_client_attribute(auth->client, "x509.subjectdn", "");
    const char *issuer = lk_client_attribute(auth->client, "x509.casubjectdn", "");
    if (auth->req->certificate.base == NULL)
        return deny(err, "the connection has no client certificate");
    if (*subject == '\0')
        return deny(err, "the client has no x509.subjectdn");
    if (!matches(auth, LK_CERTIFICATE_SUBJECT, subject))
        return deny(err, "the certificate's subject is not the client's x509.subjectdn");
    if (*issuer != '\0' && !matches(auth, LK_CERTIFICATE_ISSUER, issuer))
        return deny(err, "the certificate's issuer is not the client's x509.casubjectdn");
    return LK_OK;
}
