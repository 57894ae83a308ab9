/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/cors.h"
#include "core/url.h"

static int listed(const char *origin, const char *const *origins, size_t num_origins)
{
    for (size_t i = 0; i < num_origins; ++i)
        if (strcmp(origins[i], "*") == 0 || strcmp(origins[i], origin) == 0)
            return 1;
    return 0;
}

static void allow(lk_reply_t *reply, const char *origin, const char *expose)
{
    lk_reply_set_header(reply, "access-control-allow-origin", origin);
    lk_reply_set_header(reply, "access-control-allow-credentials", "true");
    if (expose != NULL)
        lk_reply_set_header(reply, "access-control-expose-headers", expose);
    if (lk_reply_has_header(reply, "dpop-nonce")) /* which a script has to read */
        lk_reply_header(reply, "access-control-expose-headers", "DPoP-Nonce");
}

int lk_cors_is_own(const lk_request_t *req, const char *origin)
{
    size_t len = strlen(origin);
    return len != 0 && len == lk_url_origin(req->base_url) && strncmp(req->base_url, origin, len) == 0;
}

lk_status_t lk_cors_require(const lk_request_t *req, lk_reply_t *reply, const char *const *origins, size_t num_origins,
                            const char *expose, lk_error_t *err)
{
    const char *origin = lk_request_header(req, "origin");
    int is_listed = origin != NULL && listed(origin, origins, num_origins);
    if (is_listed)
        allow(reply, origin, expose);
    if (is_listed || origin == NULL || lk_cors_is_own(req, origin))
        return LK_OK;
    lk_fail_http(err, LK_DENIED, 403, "Invalid origin", NULL);
    return lk_error_detail(err, "%.100s is not among the client's web origins", origin);
}

void lk_cors_allow_all(const lk_request_t *req, lk_reply_t *reply, const char *expose)
{
    const char *origin = lk_request_header(req, "origin");
    if (origin != NULL)
        allow(reply, origin, expose);
}
