/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/cors.h"
#include "core/json.h"
#include "oidc/oidc.h"

/* The pages that keycloak-js loads in hidden frames (OpenID Connect Session Management 1.0). */

#define NEVER_STORE "no-cache, must-revalidate, no-transform, no-store"
#define FRAME_POLICY "frame-src 'self'; object-src 'none';"

static lk_status_t show(const lk_request_t *req, const char *template_name, lk_reply_t *reply)
{
    lk_reply_page(reply, 200, template_name,
                  json_pack("{s:{s:s}}", "url", "resourcesPath",
                            lk_printf(req->arena, "%s/resources/%s/login/base", req->base_path, req->app->theme_version)));
    reply->page_locale = "en";
    lk_reply_set_header(reply, "cache-control", NEVER_STORE);
    lk_reply_set_header(reply, "content-security-policy", FRAME_POLICY);
    lk_reply_set_header(reply, "x-frame-options", ""); /* framed by design */
    return LK_OK;
}

lk_status_t lk_session_iframe_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    lk_status_t status = lk_request_realm(req, &realm, err);
    const char *version = lk_pairs_get(&req->query, "version");
    if (status != LK_OK)
        return status;
    if (version != NULL && strcmp(version, req->app->theme_version) != 0) /* a page of another version's adapter */
        return lk_fail(err, LK_NOT_FOUND, NULL, NULL);
    return show(req, "login-status-iframe", reply);
}

lk_status_t lk_third_party_cookies_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    if (strcmp(req->params[1], "step1.html") == 0)
        return show(req, "3p-cookies-step1", reply);
    if (strcmp(req->params[1], "step2.html") == 0)
        return show(req, "3p-cookies-step2", reply);
    return lk_fail(err, LK_NOT_FOUND, NULL, "HTTP 404 Not Found");
}

/* May this origin ask about the client's session? 204, or 403. */
lk_status_t lk_session_iframe_init_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    const lk_client_t *client = NULL;
    const char *client_id = lk_pairs_get(&req->query, "client_id"), *origin = lk_pairs_get(&req->query, "origin");
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status == LK_OK && client_id != NULL)
        status = lk_realm_client(req->app->realms, realm, client_id, &client, err);
    if (status != LK_OK)
        return status;
    reply->status = 403;
    if (client == NULL || !client->enabled || origin == NULL)
        return LK_OK;
    lk_strings_t origins = lk_client_web_origins(req->arena, req, client);
    if (lk_strings_contain(&origins, "*") || lk_strings_contain(&origins, origin) || lk_cors_is_own(req, origin))
        reply->status = 204;
    return LK_OK;
}
