/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "admin/account.h"
#include "core/cors.h"
#include "core/encode.h"
#include "core/json.h"
#include "login/page.h"
#include "model/profile.h"

#define ACCOUNT "account" /* the client whose roles count, and the audience of tokens */
#define PROFILE "view-profile manage-account"

#define ORGANIZATIONS "organizationsEnabled"
#define UMA "userManagedAccessAllowed"

static lk_status_t not_there(lk_admin_t *account, lk_error_t *err)
{
    const char *rest = account->args[0];
    if (rest[0] == 'v' && strspn(rest + 1, "0123456789") != 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "API version not found");
    return lk_fail(err, LK_NOT_FOUND, NULL, NULL);
}

static lk_status_t credentials_are_off(lk_admin_t *account, lk_error_t *err)
{
    (void)account;
    return lk_admin_message(err, LK_INVALID, "Feature oid4vc-vci not enabled");
}

/* clang-format off */
const lk_admin_row_t lk_account_rows[] = {
    {"GET", "", lk_account_profile_get, 0, PROFILE, NULL},
    {"POST", "", lk_account_profile_set, LK_ADMIN_NO_CACHE, "manage-account", NULL},
    {"GET", "/credentials", lk_account_credentials, 0, PROFILE, NULL},
    {"DELETE", "/credentials/{id}", lk_account_credential_remove, LK_ADMIN_NO_CACHE, "manage-account", NULL},
    {"PUT", "/credentials/{id}/label", lk_account_credential_label, LK_ADMIN_NO_CACHE, "manage-account", NULL},
    {"GET", "/sessions", lk_account_sessions, 0, PROFILE, NULL},
    {"GET", "/sessions/devices", lk_account_devices, 0, PROFILE, NULL},
    {"DELETE", "/sessions", lk_account_sessions_end, LK_ADMIN_NO_CACHE | LK_ADMIN_OUTBOUND, "manage-account", NULL},
    {"DELETE", "/sessions/{id}", lk_account_session_end, LK_ADMIN_NO_CACHE | LK_ADMIN_OUTBOUND, "manage-account", NULL},
    {"GET", "/applications", lk_account_applications, 0, "view-applications manage-account", NULL},
    {"GET", "/applications/{client}/consent", lk_account_consent_get, LK_ADMIN_CACHE, "view-consent manage-consent manage-account", NULL},
    {"PUT", "/applications/{client}/consent", lk_account_consent_set, 0, "manage-consent manage-account", NULL},
    {"POST", "/applications/{client}/consent", lk_account_consent_set, 0, "manage-consent manage-account", NULL},
    {"DELETE", "/applications/{client}/consent", lk_account_consent_remove, 0, "manage-consent manage-account", NULL},
    {"GET", "/groups", lk_account_groups, 0, "view-groups manage-account", NULL},
    {"GET", "/supportedLocales", lk_account_locales, LK_ADMIN_CACHE, NULL, NULL},
    {"GET", "/linked-accounts", lk_account_links, LK_ADMIN_CACHE, PROFILE, NULL},
    {"GET", "/linked-accounts/{provider}", lk_account_link_begin, LK_ADMIN_CACHE, "manage-account", NULL},
    {"DELETE", "/linked-accounts/{provider}", lk_account_link_remove, 0, "manage-account", NULL},
    {"GET", "/organizations", lk_account_organizations, LK_ADMIN_CACHE, PROFILE, ORGANIZATIONS},
    {"GET", "/resources", lk_account_resources, LK_ADMIN_CACHE, PROFILE, UMA},
    {"GET", "/resources/shared-with-me", lk_account_shared_with_me, LK_ADMIN_CACHE, PROFILE, UMA},
    {"GET", "/resources/shared-with-others", lk_account_shared_with_others, LK_ADMIN_CACHE, PROFILE, UMA},
    {"GET", "/resources/pending-requests", lk_account_pending_requests, LK_ADMIN_CACHE, PROFILE, UMA},
    {"GET", "/resources/{id}", lk_account_resource_get, LK_ADMIN_CACHE, PROFILE, UMA},
    {"GET", "/resources/{id}/user", lk_account_resource_user, LK_ADMIN_CACHE, PROFILE, UMA},
    {"GET", "/resources/{id}/permissions", lk_account_permissions, LK_ADMIN_CACHE, PROFILE, UMA},
    {"PUT", "/resources/{id}/permissions", lk_account_permissions_set, 0, "manage-account", UMA},
    {"GET", "/resources/{id}/permissions/requests", lk_account_permission_requests, LK_ADMIN_CACHE, PROFILE, UMA},
    {"GET", "/verifiable-credentials", credentials_are_off, 0, NULL, NULL},
    {"GET", "/{rest*}", not_there, 0, NULL, NULL},
    {"POST", "/{rest*}", not_there, 0, NULL, NULL},
    {"PUT", "/{rest*}", not_there, 0, NULL, NULL},
    {"DELETE", "/{rest*}", not_there, 0, NULL, NULL},
};
/* clang-format on */
const size_t lk_num_account_rows = sizeof(lk_account_rows) / sizeof(lk_account_rows[0]);

static lk_status_t unauthorized(lk_error_t *err)
{
    return lk_fail_http(err, LK_DENIED, 401, NULL, "HTTP 401 Unauthorized");
}

/* A lightweight token does not say whom it is for; what it would say is computed. */
static int is_for_account(const lk_admin_t *account, const lk_bearer_t *bearer)
{
    lk_token_context_t context;
    lk_buffer_t claims;
    if (lk_json_names(json_object_get(bearer->token.claims, "aud"), ACCOUNT))
        return 1;
    if (bearer->token.jti == NULL || strlen(bearer->token.jti) < 4 || strncmp(bearer->token.jti + 2, "lt", 2) != 0)
        return 0;
    lk_buffer_init(&claims, account->req->arena, LK_MAX_REPLY_BODY);
    lk_bearer_context(account->req, account->realm, bearer, &context);
    return lk_token_claims(&context, LK_TOKEN_INTROSPECTION, NULL, &claims, NULL) == LK_OK &&
           lk_bearer_is_for(&context, bearer, ACCOUNT);
}

static lk_status_t authenticate(lk_admin_t *account, lk_error_t *err)
{
    const char *header = lk_request_header(account->req, "authorization");
    lk_bearer_t bearer;
    if (header == NULL || strncasecmp(header, "Bearer ", 7) != 0)
        return unauthorized(err);
    lk_status_t status = lk_bearer_check(account->req, account->realm, header + 7, &bearer, err);
    if (status == LK_DENIED || (status == LK_OK && !is_for_account(account, &bearer)))
        return unauthorized(err);
    if (status != LK_OK)
        return status;
    account->user = bearer.user;
    account->id = bearer.user->id;
    lk_admin_caller_of(account->req, account->realm, &bearer, &account->caller);
    return LK_OK;
}

static int has_role(const lk_admin_t *account, const char *roles)
{
    const char *at = roles;
    for (size_t len = 0; lk_word_next(&at, &len);) {
        const lk_role_t *role = lk_realm_role(account->realm, ACCOUNT, lk_strndup(account->req->arena, at, len));
        if (role != NULL && lk_role_set_has(&account->caller.roles, role))
            return 1;
    }
    return roles == NULL;
}

/* The row's roles, and the switch of the realm. */
static lk_status_t require(const lk_admin_t *account, lk_error_t *err)
{
    const char *needed = account->row->also;
    if (!has_role(account, account->row->role))
        return lk_fail_http(err, LK_DENIED, 403, NULL, "HTTP 403 Forbidden");
    if (needed == NULL || lk_json_bool(account->realm->rep, needed, 0))
        return LK_OK;
    return strcmp(needed, UMA) == 0 ? lk_fail_http(err, LK_DENIED, 403, "errorMessage", "User-managed access not enabled")
                                    : lk_fail(err, LK_NOT_FOUND, NULL, NULL);
}

/* A realm without its client "account" has none of this. */
static lk_status_t check_enabled(const lk_request_t *req, const lk_realm_t *realm, lk_error_t *err)
{
    const lk_client_t *client = NULL;
    lk_status_t status = lk_realm_client(req->app->realms, realm, ACCOUNT, &client, err);
    if (status == LK_OK && (client == NULL || !client->enabled))
        return lk_fail(err, LK_NOT_FOUND, NULL, "account management not enabled");
    return status;
}

/* A label is no body of the usual kind, and read where it is used. */
static lk_status_t read_body(lk_admin_t *account, lk_error_t *err)
{
    const lk_request_t *req = account->req;
    if (req->body.len == 0 || strcmp(req->method, "GET") == 0 || account->row->handle == lk_account_credential_label)
        return LK_OK;
    return lk_json_parse_kept(req->arena, (const char *)req->body.base, req->body.len, &account->body, NULL) == LK_OK
               ? LK_OK
               : lk_fail(err, LK_INVALID, account->row->also != NULL ? "unknown_error" : "invalid_request",
                         "Cannot parse the JSON");
}

/* A browser that comes for a page, whichever of the account console's: users are led to what they can change. */
static int wants_page(const lk_request_t *req, const lk_admin_row_t *row)
{
    const char *accept = lk_request_header(req, "accept");
    return strcmp(row->method, "GET") == 0 && lk_request_header(req, "authorization") == NULL &&
           (accept == NULL || strstr(accept, "json") == NULL);
}

static lk_status_t show_page(const lk_request_t *req, const lk_realm_t *realm, lk_reply_t *reply)
{
    static const char *const actions[] = {"UPDATE_PROFILE", "UPDATE_EMAIL", "UPDATE_PASSWORD", "CONFIGURE_TOTP"};
    json_t *model = lk_page_model(req, realm, NULL, NULL), *links = json_array();
    const char *issuer = lk_realm_issuer(req, realm);
    for (size_t i = 0; i != sizeof(actions) / sizeof(actions[0]); ++i) {
        lk_buffer_t url;
        if (strcmp(actions[i], LK_UPDATE_EMAIL) == 0 && lk_realm_update_email(realm) == NULL)
            continue;
        lk_buffer_init(&url, req->arena, 4096);
        lk_buffer_printf(
            &url,
            "%s/protocol/openid-connect/auth?client_id=account&response_type=code&scope=openid&kc_action=%s&redirect_uri=", issuer,
            actions[i]);
        lk_buffer_percent(&url, lk_printf(req->arena, "%s/account/", issuer));
        json_array_append_new(links, json_pack("{s:s, s:{s:s}}", "url", url.base, "text", "key",
                                               lk_printf(req->arena, "requiredAction.%s", actions[i])));
    }
    json_object_set_new(model, "links", links);
    lk_page_show(req, realm, 200, "account", model, reply);
    lk_page_headers(realm, 0, reply);
    lk_reply_set_header(reply, "cache-control", "no-cache");
    return LK_OK;
}

/* Their own language, where the realm has it; else the browser's. */
const char *lk_account_text(lk_admin_t *account, const char *text)
{
    lk_arena_t *arena = account->req->arena;
    const lk_realm_t *realm = account->realm;
    size_t len = strlen(text);
    if (len < 4 || strncmp(text, "${", 2) != 0 || text[len - 1] != '}')
        return text;
    json_t *model = lk_json_own(arena, lk_page_model(account->req, realm, NULL, NULL));
    const char *own = json_string_value(json_array_get(json_object_get(account->user->attributes, "locale"), 0)),
               *locale = lk_json_str(json_object_get(model, "locale"), "tag", "en");
    for (size_t i = 0; own != NULL && realm->internationalization_enabled && i != realm->supported_locales.count; ++i)
        if (strcmp(realm->supported_locales.entries[i], own) == 0)
            locale = own;
    return account->req->app->message(account->req->app, realm->login_theme, locale, model, lk_strndup(arena, text + 2, len - 3),
                                      arena);
}

static int is_cached(const lk_admin_row_t *row)
{
    return strcmp(row->method, "GET") == 0 ? (row->flags & LK_ADMIN_CACHE) != 0 : (row->flags & LK_ADMIN_NO_CACHE) == 0;
}

lk_status_t lk_account_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_admin_t account = {.req = req, .reply = reply, .row = req->row, .sql = req->app->sql, .args = req->params + 1};
    lk_status_t status = lk_request_realm(req, &account.realm, err);
    if (status == LK_OK)
        status = check_enabled(req, account.realm, err);
    if (status != LK_OK)
        return status;
    if (wants_page(req, account.row))
        return show_page(req, account.realm, reply);
    if ((status = authenticate(&account, err)) != LK_OK)
        return status;
    lk_strings_t origins = lk_client_web_origins(req->arena, req, account.caller.client);
    if ((status = lk_cors_require(req, reply, origins.entries, origins.count, NULL, err)) == LK_OK)
        status = require(&account, err);
    if (status == LK_OK)
        status = lk_admin_check_form(req, account.row, err);
    if (status == LK_OK)
        status = read_body(&account, err);
    if (strcmp(req->method, "GET") != 0)
        reply->status = 204;
    if (status == LK_OK)
        status = account.row->handle(&account, err);
    if (status != LK_OK && account.refusal != NULL) {
        lk_reply_json(reply, lk_error_http_status(err), json_incref(account.refusal));
        return LK_OK;
    }
    lk_reply_set_header(reply, "cache-control", is_cached(account.row) ? "" : "no-cache");
    return status;
}
