/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "model/consent.h"
#include "oidc/client_policy.h"
#include "oidc/grant.h"
#include "token/binding.h"

/* The token endpoint (RFC 6749 section 3.2). */

static const struct {
    const char *grant_type;
    lk_grant_t grant;
    const char *repeatable; /* the one parameter that may come several times, or NULL */
    lk_event_type_t event;
    /* Who asks; NULL: lk_client_authenticate_page */
    lk_status_t (*client)(const lk_request_t *req, const lk_realm_t *realm, lk_reply_t *reply, const lk_client_t **ret_client,
                          lk_error_t *err);
} grants[] = {{"authorization_code", lk_grant_authorization_code, NULL, LK_EVENT_CODE_TO_TOKEN},
              {"refresh_token", lk_grant_refresh_token, NULL, LK_EVENT_REFRESH_TOKEN},
              {"password", lk_grant_password, NULL, LK_EVENT_LOGIN},
              {"client_credentials", lk_grant_client_credentials, NULL, LK_EVENT_CLIENT_LOGIN},
              {"urn:ietf:params:oauth:grant-type:token-exchange", lk_grant_token_exchange, "audience", LK_EVENT_TOKEN_EXCHANGE},
              {"urn:ietf:params:oauth:grant-type:device_code", lk_grant_device_code, NULL, LK_EVENT_OAUTH2_DEVICE_CODE_TO_TOKEN},
              {"urn:openid:params:grant-type:ciba", lk_grant_ciba, NULL, LK_EVENT_AUTHREQID_TO_TOKEN},
              {"urn:ietf:params:oauth:grant-type:jwt-bearer", lk_grant_assertion, NULL, LK_EVENT_JWT_AUTHORIZATION_GRANT},
              {"urn:ietf:params:oauth:grant-type:uma-ticket", lk_grant_permissions, "permission", LK_EVENT_PERMISSION_TOKEN,
               lk_grant_permissions_client}};
#define NUM_GRANTS (sizeof(grants) / sizeof(grants[0]))

static int has_duplicates(const lk_request_t *req, const char *repeatable)
{
    for (size_t i = 0; i != req->form.count; ++i) {
        const char *name = req->form.entries[i].name;
        if ((repeatable == NULL || strcmp(name, repeatable) != 0) && lk_pairs_count(&req->form, name) > 1)
            return 1;
    }
    return 0;
}

static lk_status_t find_grant(const lk_request_t *req, const lk_realm_t *realm, size_t *ret_row, lk_error_t *err)
{
    const char *grant_type = lk_pairs_get(&req->form, "grant_type");
    if (req->malformed_form)
        return lk_fail(err, LK_INVALID, "invalid_request", "The form's percent-encoding is broken");
    if (grant_type == NULL)
        return lk_fail(err, LK_INVALID, "invalid_request", "Missing form parameter: grant_type");
    size_t row = 0;
    while (row != NUM_GRANTS && strcmp(grants[row].grant_type, grant_type) != 0)
        ++row;
    if (row == NUM_GRANTS)
        return lk_fail(err, LK_INVALID, "unsupported_grant_type", "Unsupported grant_type");
    lk_event_begin(req, realm, grants[row].event);
    lk_event_detail(req, "grant_type", grant_type);
    *ret_row = row;
    return LK_OK;
}

/* Nobody is there to be asked, so the user must have agreed before, to each scope that has to be shown. */
lk_status_t lk_grant_check_consent(const lk_token_context_t *context, const char *words, lk_error_t *err)
{
    json_t *given = NULL;
    if (!context->client->consent_required)
        return LK_OK;
    lk_status_t status = lk_consent_load(context->req->app->sql, context->req->arena, context->realm, context->user->id,
                                         context->client->id, &given, err);
    if (status != LK_OK)
        return status;
    int missing = given == NULL;
    for (size_t i = 0; i != context->scopes.count; ++i)
        missing |= context->scopes.entries[i]->display_on_consent_screen &&
                   !lk_scopes_is_consented(context->req->arena, &context->scopes, i, given);
    return missing ? lk_fail(err, LK_INVALID, "invalid_scope", "%s %s", words, context->client->client_id) : LK_OK;
}

/* With a code Keycloak gives any refusal the same code. */
static lk_status_t check_policies(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client,
                                  const char *grant_type, lk_policy_effects_t *effects, lk_error_t *err)
{
    lk_policy_subject_t subject = {
        .stage = LK_POLICY_TOKEN, .req = req, .realm = realm, .client = client, .grant_type = grant_type, .effects = effects};
    lk_status_t status = lk_client_policies_apply(&subject, err);
    if (status == LK_INVALID && strcmp(grant_type, "authorization_code") == 0)
        return lk_fail(err, LK_INVALID, "invalid_grant", "%s", lk_strdup(req->arena, err->text));
    return status;
}

lk_status_t lk_token_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    const lk_realm_t *realm;
    const lk_client_t *client;
    lk_binding_t binding;
    size_t row = 0;
    lk_status_t status = lk_request_realm(req, &realm, err);
    if (status != LK_OK)
        return status;
    if (!realm->enabled)
        return lk_fail_http(err, LK_DENIED, 403, "access_denied", "Realm not enabled");
    lk_dpop_offer_nonce(req, realm, reply);
    if ((status = find_grant(req, realm, &row, err)) != LK_OK ||
        (status = (grants[row].client != NULL ? grants[row].client : lk_client_authenticate_page)(req, realm, reply, &client,
                                                                                                  err)) != LK_OK)
        return status;
    if (has_duplicates(req, grants[row].repeatable))
        return lk_fail(err, LK_INVALID, "invalid_request", "duplicated parameter");
    lk_policy_effects_t effects = {0};
    if ((status = check_policies(req, realm, client, grants[row].grant_type, &effects, err)) == LK_OK)
        status = lk_binding_read(req, realm, client, &binding, err);
    if (status != LK_OK)
        return status;
    binding.is_lightweight = effects.is_lightweight;
    binding.no_new_refresh_token = effects.no_new_refresh_token;
    lk_request_t bound = *req;
    bound.binding = &binding;
    return grants[row].grant(&bound, realm, client, reply, err);
}
