/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "login/page.h"
#include "model/device.h"
#include "oidc/auth_request.h"
#include "oidc/device.h"
#include "oidc/oidc.h"

/* Device authorization (RFC 8628): the device's request, and the pages on which a person enters its code and reads how it ended. */

int lk_device_is_enabled(const lk_client_t *client)
{
    return lk_client_attribute_bool(client, "oauth2.device.authorization.grant.enabled", 0);
}

static lk_status_t refuse(lk_error_t *err, const char *code, const char *text)
{
    return lk_fail(err, LK_INVALID, code, "%s", text);
}

/* The checks of an authorization request that make sense without a browser. */
static lk_status_t check_pkce(const lk_request_t *req, const lk_client_t *client, lk_device_t *device, lk_error_t *err)
{
    lk_auth_check_t check = {.req = req,
                             .client = client,
                             .auth = {.response_type = "code",
                                      .code_challenge = lk_pairs_get(&req->form, "code_challenge"),
                                      .code_challenge_method = lk_pairs_get(&req->form, "code_challenge_method")}};
    if (lk_auth_check_pkce(&check) != 0)
        return refuse(err, check.error, check.description);
    device->code_challenge = check.auth.code_challenge;
    device->code_challenge_method = check.auth.code_challenge_method;
    return LK_OK;
}

static lk_status_t begin(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply,
                         lk_error_t *err)
{
    lk_scopes_t scopes;
    lk_device_t device = {.client_id = client->id};
    int64_t lifespan = lk_client_attribute_int(client, "oauth2.device.code.lifespan", realm->device_code_lifespan);
    device.polling_interval = lk_client_attribute_int(client, "oauth2.device.polling.interval", realm->device_polling_interval);
    lk_scopes_of_token(req->arena, realm, client, lk_pairs_get(&req->form, "scope"), &scopes);
    device.scope = scopes.full_scope;
    device.expires = lk_now() + lifespan;
    lk_status_t status = check_pkce(req, client, &device, err);
    if (status == LK_OK)
        status = lk_device_create(req->app->sql, req->arena, realm, &device, err);
    if (status != LK_OK)
        return status;
    const char *page = lk_printf(req->arena, "%s/device", lk_realm_issuer(req, realm));
    lk_reply_json(reply, 200,
                  json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "device_code", device.id, "user_code", device.user_code,
                            "verification_uri", page, "verification_uri_complete",
                            lk_printf(req->arena, "%s?user_code=%s", page, device.user_code), "expires_in", (json_int_t)lifespan,
                            "interval", (json_int_t)device.polling_interval));
    return LK_OK;
}

/* RFC 8628 section 3.1 */
lk_status_t lk_device_authorization_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK || (status = lk_client_authenticate_page(req, realm, reply, &client, err)) != LK_OK)
        return status;
    lk_reply_set_header(reply, "cache-control", "no-store, must-revalidate, max-age=0");
    if (!lk_device_is_enabled(client))
        return refuse(
            err, "unauthorized_client",
            "Client is not allowed to initiate OAuth 2.0 Device Authorization Grant. The flow is disabled for the client.");
    return begin(req, realm, client, reply, err);
}

static lk_status_t show_form(const lk_request_t *req, const lk_realm_t *realm, int wrong, lk_reply_t *reply)
{
    json_t *model = lk_page_model(req, realm, NULL, NULL);
    if (wrong)
        lk_page_message(model, "error", "oauth2DeviceInvalidUserCodeMessage", NULL);
    json_object_set_new(json_object_get(model, "url"), "oauth2DeviceVerificationAction",
                        json_string(lk_printf(req->arena, "%s/realms/%s/device", req->base_path, realm->name)));
    lk_page_show(req, realm, 200, "login-oauth2-device-verify-user-code", model, reply);
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
    return LK_OK;
}

/* Who enters a device's code signs in for it, and says yes or no on the consent page. */
lk_status_t lk_device_page_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    const lk_client_t *client = NULL;
    lk_device_t device = {.id = NULL};
    const char *user_code = lk_pairs_get(&req->form, "device_user_code");
    if (user_code == NULL)
        user_code = lk_pairs_get(&req->query, "user_code");
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status == LK_OK && user_code == NULL)
        return show_form(req, realm, 0, reply);
    if (status == LK_OK)
        status = lk_device_find(req->app->sql, req->arena, realm, user_code, &device, err);
    if (status == LK_OK && device.id != NULL)
        status = lk_realm_client_by_uuid(req->app->realms, realm, device.client_id, &client, err);
    if (status != LK_OK)
        return status;
    if (client == NULL || !client->enabled || !lk_device_is_enabled(client))
        return show_form(req, realm, 1, reply);
    lk_auth_request_t auth = {
        .client_id = client->client_id, .scope = device.scope, .device_id = device.id, .max_age = LK_MAX_AGE_ABSENT};
    return lk_login_start(req, realm, client, &auth, reply, err);
}

/* How it ended: ?error= is what lk_login_redirect_error was told. */
lk_status_t lk_device_status_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    static const struct {
        const char *error, *message;
    } failures[] = {{"access_denied", "oauth2DeviceConsentDeniedMessage"}, {"expired_token", "oauth2DeviceExpiredUserCodeMessage"}};
    const char *error = lk_pairs_get(&req->query, "error"), *message = "oauth2DeviceVerificationFailedMessage";
    const lk_realm_t *realm;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    for (size_t i = 0; error != NULL && i != sizeof(failures) / sizeof(failures[0]); ++i)
        if (strcmp(failures[i].error, error) == 0)
            message = failures[i].message;
    json_t *model = lk_page_model(req, realm, NULL, NULL);
    lk_page_message(model, "info", error != NULL ? message : "oauth2DeviceVerificationCompleteMessage", NULL);
    json_object_set_new(
        model, "messageHeader",
        json_pack("{s:s}", "key",
                  error != NULL ? "oauth2DeviceVerificationFailedHeader" : "oauth2DeviceVerificationCompleteHeader"));
    lk_page_show(req, realm, 200, "info", model, reply);
    lk_page_headers(realm, 0, reply);
    return LK_OK;
}
