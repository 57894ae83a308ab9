/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/entra.h"
#include "broker/upstream.h"

/* The types of identity providers. One that speaks OpenID Connect is a row with its addresses; names of claims where it calls them
 * otherwise; a function where it takes another call to know somebody. */

#define SETTINGS(name) static const char *const name[][2]
#define END                                                                                                                        \
    {                                                                                                                              \
        NULL, NULL                                                                                                                 \
    }

SETTINGS(keycloak) = {{"isAccessTokenJWT", "true"}, END};

SETTINGS(google) = {{"issuer", "https://accounts.google.com"},
                    {"authorizationUrl", "https://accounts.google.com/o/oauth2/v2/auth"},
                    {"tokenUrl", "https://oauth2.googleapis.com/token"},
                    {"userInfoUrl", "https://openidconnect.googleapis.com/v1/userinfo"},
                    {"jwksUrl", "https://www.googleapis.com/oauth2/v3/certs"},
                    {"defaultScope", "openid profile email"},
                    {"userNameClaim", "email"},
                    {"validateSignature", "true"},
                    END};

SETTINGS(linkedin) = {{"issuer", "https://www.linkedin.com/oauth"},
                      {"authorizationUrl", "https://www.linkedin.com/oauth/v2/authorization"},
                      {"tokenUrl", "https://www.linkedin.com/oauth/v2/accessToken"},
                      {"userInfoUrl", "https://api.linkedin.com/v2/userinfo"},
                      {"jwksUrl", "https://www.linkedin.com/oauth/openid/jwks"},
                      {"defaultScope", "openid profile email"},
                      {"userNameClaim", "email"},
                      {"disableNonce", "true"},
                      {"validateSignature", "true"},
                      END};

SETTINGS(gitlab) = {{"issuer", "https://gitlab.com"},
                    {"authorizationUrl", "https://gitlab.com/oauth/authorize"},
                    {"tokenUrl", "https://gitlab.com/oauth/token"},
                    {"userInfoUrl", "https://gitlab.com/api/v4/user"},
                    {"jwksUrl", "https://gitlab.com/oauth/discovery/keys"},
                    {"defaultScope", "openid read_user"},
                    {"userIDClaim", "id|sub"},
                    {"userNameClaim", "username|preferred_username|nickname"},
                    {"validateSignature", "true"},
                    END};

SETTINGS(github) = {{"authorizationUrl", "https://github.com/login/oauth/authorize"},
                    {"tokenUrl", "https://github.com/login/oauth/access_token"},
                    {"userInfoUrl", "https://api.github.com/user"},
                    {"defaultScope", "user:email"},
                    {"userIDClaim", "id"},
                    {"userNameClaim", "login"},
                    END};

SETTINGS(microsoft) = {{"issuer", "https://login.microsoftonline.com/{tenantid}/v2.0"},
                       {"authorizationUrl", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"},
                       {"tokenUrl", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"},
                       {"jwksUrl", "https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys"},
                       {"logoutUrl", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/logout"},
                       {"defaultScope", "openid profile email User.Read"},
                       {"userIDClaim", "oid|sub"},
                       {"userNameClaim", "preferred_username|upn|unique_name"},
                       {"validateSignature", "true"},
                       {"pkceEnabled", "true"},
                       {"pkceMethod", "S256"},
                       END};

/* The primary address that was verified, of a user who shows none. */
static lk_status_t complete_github(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                                   const char *access_token, lk_brokered_t *brokered, lk_error_t *err)
{
    json_t *list, *entry;
    size_t i;
    (void)realm;
    if (brokered->email != NULL)
        return LK_OK;
    lk_status_t status =
        lk_upstream_get(req->arena, lk_printf(req->arena, "%s/emails", upstream->userinfo_url), access_token, &list, err);
    json_array_foreach(status == LK_OK ? list : NULL, i, entry)
    {
        if (lk_json_bool(entry, "primary", 0) && lk_json_bool(entry, "verified", 0))
            brokered->email = lk_json_str(entry, "email", NULL);
    }
    return status;
}

static const lk_broker_type_t types[] = {
    {.id = "oidc", .is_oidc = 1, .complete = lk_entra_complete},
    {.id = "keycloak-oidc", .is_oidc = 1, .settings = keycloak},
    {.id = "oauth2"},
    {.id = "microsoft", .is_oidc = 1, .is_entra = 1, .settings = microsoft, .complete = lk_entra_complete},
    {.id = "google", .is_oidc = 1, .settings = google},
    {.id = "gitlab", .is_oidc = 1, .settings = gitlab},
    {.id = "linkedin-openid-connect", .is_oidc = 1, .settings = linkedin},
    {.id = "github", .settings = github, .complete = complete_github},
};

const lk_broker_type_t *lk_broker_type(const char *provider_id)
{
    for (size_t i = 0; provider_id != NULL && i != sizeof(types) / sizeof(types[0]); ++i)
        if (strcmp(types[i].id, provider_id) == 0)
            return &types[i];
    return NULL;
}
