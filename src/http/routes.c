/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "admin/admin.h"
#include "admin/registration.h"
#include "broker/broker.h"
#include "http/edge.h"
#include "login/login.h"
#include "oidc/oidc.h"

static lk_status_t handle_root(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    (void)err;
    lk_reply_redirect(reply, 302, lk_printf(req->arena, "%s/admin/", req->base_url));
    return LK_OK;
}

/* Where Keycloak's administration console would be. */
static lk_status_t handle_console(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    (void)err;
    lk_reply_redirect(reply, 302, lk_printf(req->arena, "%s/admin/master/console/", req->base_url));
    return LK_OK;
}

#define REALM "/realms/{realm}"
#define OIDC REALM "/protocol/openid-connect"
#define ACTIONS REALM "/login-actions"
#define BROKER REALM "/broker/{alias}"
#define GET_POST (LK_GET | LK_POST)
#define ANY (LK_GET | LK_POST | LK_PUT | LK_DELETE)
#define REGISTRATION_CORS "DELETE, POST, GET, OPTIONS, PUT"
#define READABLE "GET, HEAD, OPTIONS"

/* Every path of the server but those of admin/routes.c. */
/* clang-format off */
const lk_route_t lk_routes[] = {
    {LK_GET, "/", handle_root, LK_LANE_LOOP, LK_ERRORS_ADMIN, 0, NULL},

    {LK_GET, REALM, lk_realm_info_handle, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, READABLE},
    {LK_GET, REALM "/.well-known/openid-configuration", lk_discovery_handle, LK_LANE_QUICK, LK_ERRORS_ADMIN, LK_ROUTE_AWAITED, "GET"},
    {LK_GET, REALM "/.well-known/oauth-authorization-server", lk_discovery_handle, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, "GET"},
    {LK_GET, "/.well-known/oauth-authorization-server" REALM, lk_discovery_handle, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, "GET"},
    {LK_GET, REALM "/.well-known/uma2-configuration", lk_uma_discovery_handle, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, "GET"},
    {LK_GET, OIDC "/certs", lk_certs_handle, LK_LANE_QUICK, LK_ERRORS_OAUTH, LK_ROUTE_AWAITED, "GET"},
    {LK_POST, OIDC "/token", lk_token_handle, LK_LANE_GRANT, LK_ERRORS_OAUTH, LK_ROUTE_NO_STORE, "POST, OPTIONS"},
    {GET_POST, OIDC "/userinfo", lk_userinfo_handle, LK_LANE_QUICK, LK_ERRORS_OAUTH, 0, READABLE},
    {LK_POST, OIDC "/token/introspect", lk_introspect_handle, LK_LANE_QUICK, LK_ERRORS_OAUTH, 0, NULL},
    {LK_POST, OIDC "/revoke", lk_revoke_handle, LK_LANE_QUICK, LK_ERRORS_OAUTH, 0, "POST, OPTIONS"},
    {GET_POST, OIDC "/logout", lk_logout_handle, LK_LANE_OUTBOUND, LK_ERRORS_OAUTH, 0, READABLE},
    {LK_POST, OIDC "/logout/logout-confirm", lk_logout_confirm_handle, LK_LANE_OUTBOUND, LK_ERRORS_PAGE, 0, NULL},
    {LK_POST, OIDC "/logout/backchannel-logout", lk_broker_backchannel_handle, LK_LANE_BROKER, LK_ERRORS_OAUTH, 0, NULL},
    {GET_POST, OIDC "/auth", lk_authorize_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_POST, OIDC "/auth/device", lk_device_authorization_handle, LK_LANE_QUICK, LK_ERRORS_OAUTH, 0, "POST, OPTIONS"},
    {LK_GET, OIDC "/auth/device", lk_device_page_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {GET_POST, REALM "/device", lk_device_page_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, REALM "/device/status", lk_device_status_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_POST, OIDC "/ext/ciba/auth", lk_ciba_handle, LK_LANE_OUTBOUND, LK_ERRORS_OAUTH, 0, NULL},
    {LK_POST, OIDC "/ext/ciba/auth/callback", lk_ciba_callback_handle, LK_LANE_OUTBOUND, LK_ERRORS_OAUTH, 0, NULL},
    {LK_POST, OIDC "/ext/par/request", lk_par_handle, LK_LANE_QUICK, LK_ERRORS_OAUTH, 0, "POST, OPTIONS"},
    {GET_POST, OIDC "/registrations", lk_registrations_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, OIDC "/login-status-iframe.html", lk_session_iframe_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, OIDC "/login-status-iframe.html/init", lk_session_iframe_init_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, OIDC "/3p-cookies/{page}", lk_third_party_cookies_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},

    {LK_GET, ACTIONS "/authenticate", lk_login_authenticate_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_POST, ACTIONS "/authenticate", lk_login_authenticate_handle, LK_LANE_HASH, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, ACTIONS "/required-action", lk_login_required_action_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_POST, ACTIONS "/required-action", lk_login_required_action_handle, LK_LANE_HASH, LK_ERRORS_PAGE, 0, NULL},
    {LK_POST, ACTIONS "/consent", lk_login_consent_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, ACTIONS "/registration", lk_login_registration_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_POST, ACTIONS "/registration", lk_login_registration_handle, LK_LANE_HASH, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, ACTIONS "/reset-credentials", lk_login_reset_credentials_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_POST, ACTIONS "/reset-credentials", lk_login_reset_credentials_handle, LK_LANE_HASH, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, ACTIONS "/restart", lk_login_restart_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {GET_POST, ACTIONS "/action-token", lk_login_action_token_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},

    {LK_GET, ACTIONS "/first-broker-login", lk_broker_first_login_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, ACTIONS "/post-broker-login", lk_broker_post_login_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_POST, ACTIONS "/post-broker-login", lk_broker_post_login_handle, LK_LANE_HASH, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, REALM "/broker/after-post-broker-login", lk_broker_after_post_login_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_POST, ACTIONS "/first-broker-login", lk_broker_first_login_handle, LK_LANE_HASH, LK_ERRORS_PAGE, 0, NULL},

    {GET_POST, BROKER "/login", lk_broker_login_handle, LK_LANE_BROKER, LK_ERRORS_PAGE, 0, NULL},
    {GET_POST, BROKER "/endpoint", lk_broker_endpoint_handle, LK_LANE_BROKER, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, BROKER "/endpoint/logout_response", lk_logout_response_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, BROKER "/endpoint/frontchannel_logout", lk_broker_frontchannel_handle, LK_LANE_BROKER, LK_ERRORS_OAUTH, 0, NULL},
    {LK_GET, BROKER "/link", lk_broker_legacy_link_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, BROKER "/token", lk_broker_token_handle, LK_LANE_BROKER, LK_ERRORS_ADMIN, 0, "GET, HEAD, OPTIONS"},
    {LK_GET, REALM "/broker/after-first-broker-login", lk_broker_after_first_login_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},

    {LK_POST, REALM "/clients-registrations/{provider}", lk_registration_handle, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, REGISTRATION_CORS},
    {LK_GET | LK_PUT | LK_DELETE, REALM "/clients-registrations/{provider}/{client}", lk_registration_handle, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, REGISTRATION_CORS},

    {LK_GET, "/resources/{version}/{type}/{theme}/{path*}", lk_resource_handle, LK_LANE_LOOP, LK_ERRORS_ADMIN, LK_ROUTE_NOT_RESOURCE, NULL},
    {LK_GET, "/admin", handle_console, LK_LANE_LOOP, LK_ERRORS_ADMIN, 0, NULL},
    {ANY, REALM "/protocol/{protocol}/{rest*}", lk_unknown_protocol_handle, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, NULL},
    {ANY, REALM "/{rest*}", lk_unknown_handle, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, NULL},

    {LK_GET, "/admin/serverinfo", lk_server_info_handle, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, NULL},
    {LK_GET, "/admin/{realm}/console", lk_console_handle, LK_LANE_QUICK, LK_ERRORS_PAGE, 0, NULL},
    {LK_GET, "/admin/{realm}/console/whoami", lk_whoami_handle, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, NULL},

    {LK_GET, "/admin/realms", lk_admin_realms_get, LK_LANE_QUICK, LK_ERRORS_ADMIN, 0, NULL},
    {LK_POST, "/admin/realms", lk_admin_realms_post, LK_LANE_HASH, LK_ERRORS_ADMIN, LK_ROUTE_LARGE_BODY, NULL},
};
/* clang-format on */
const size_t lk_num_routes = sizeof(lk_routes) / sizeof(lk_routes[0]);
