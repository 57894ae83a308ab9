/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "http/edge.h"
#include "model/realms.h"
#include "theme/theme.h"

/* Files of the themes. The version in their path changes with their content, so that browsers may keep them for long. */
#define MAX_AGE "max-age=2592000"

/* /resources/{version}/{type}/{theme}/{path*} */
lk_status_t lk_resource_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_themes_t *themes = lk_exchange_of(req)->loop->server->options.themes;
    const char *path = lk_printf(req->arena, "%s/%s", req->params[1], req->params[3]);
    lk_theme_resource_t found;
    if (themes == NULL || lk_theme_resource(themes, req->params[2], path, &found, err) != LK_OK) {
        reply->status = 404;
        return LK_OK;
    }
    lk_reply_header(reply, "cache-control", MAX_AGE);
    if (lk_reply_unchanged(req, found.etag, reply))
        return LK_OK;
    reply->content_type = found.content_type;
    lk_buffer_append(&reply->body, found.bytes.base, found.bytes.len);
    return LK_OK;
}

/* What nobody has a row for below a realm: Keycloak looks at the realm first. */
lk_status_t lk_unknown_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    lk_status_t status = lk_realms_get(req->app->realms, req->arena, req->params[0], &realm, err);
    (void)reply;
    return status != LK_OK ? status : lk_fail(err, LK_NOT_FOUND, NULL, NULL);
}

/* /realms/{realm}/protocol/{protocol}/{rest*} */
lk_status_t lk_unknown_protocol_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_status_t status = lk_unknown_handle(req, reply, err);
    int is_ours = strcmp(req->params[1], "openid-connect") == 0;
    if (status != LK_NOT_FOUND || err->text[0] != '\0' || is_ours || req->params[2][0] == '\0')
        return status;
    return lk_fail(err, LK_NOT_FOUND, NULL, "Protocol not found");
}
