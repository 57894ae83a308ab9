/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/entra.h"
#include "broker/upstream.h"

/* The types of identity providers. One that speaks OpenID Connect is a row with its addresses; names of claims where it calls them
 * otherwise; a function where it takes another call to know somebody. */

#define SETTINGS(name) static const char *const name[][2]
SETTINGS(keycloak) = {{"isAccessTokenJWT", "true"}, {"", ""}};

/* OpenID Connect providers of whose keys the address is known. */
SETTINGS(verified) = {{"validateSignature", "true"}, {"", ""}};

SETTINGS(google) = {{"issuer", "https://accounts.google.com"},
                    {"authorizationUrl", "https://accounts.google.com/o/oauth2/v2/auth"},
                    {"tokenUrl", "https://oauth2.googleapis.com/token"},
                    {"userInfoUrl", "https://openidconnect.googleapis.com/v1/userinfo"},
                    {"jwksUrl", "https://www.googleapis.com/oauth2/v3/certs"},
                    {"defaultScope", "openid profile email"},
                    {"userNameClaim", "email"},
                    {"", ""}};

SETTINGS(linkedin) = {{"defaultScope", "openid profile email"},
                      {"userNameClaim", "email"},
                      {"disableNonce", "true"},
                      {"issuer", "https://www.linkedin.com/oauth"},
                      {"authorizationUrl", "https://www.linkedin.com/oauth/v2/authorization"},
                      {"tokenUrl", "https://www.linkedin.com/oauth/v2/accessToken"},
                      {"userInfoUrl", "https://api.linkedin.com/v2/userinfo"},
                      {"jwksUrl", "https://www.linkedin.com/oauth/openid/jwks"},
                      {"", ""}};

SETTINGS(gitlab) = {{"issuer", "https://gitlab.com"},
                    {"authorizationUrl", "https://gitlab.com/oauth/authorize"},
                    {"tokenUrl", "https://gitlab.com/oauth/token"},
                    {"userInfoUrl", "https://gitlab.com/api/v4/user"},
                    {"jwksUrl", "https://gitlab.com/oauth/discovery/keys"},
                    {"defaultScope", "openid read_user"},
                    {"userIDClaim", "id|sub"},
                    {"userNameClaim", "username|preferred_username|nickname"},
                    {"", ""}};

SETTINGS(github) = {{"baseUrl", "https://github.com"},
                    {"apiUrl", "https://api.github.com"},
                    {"authorizationUrl", "{baseUrl}/login/oauth/authorize"},
                    {"tokenUrl", "{baseUrl}/login/oauth/access_token"},
                    {"userInfoUrl", "{apiUrl}/user"},
                    {"defaultScope", "user:email"},
                    {"userIDClaim", "id"},
                    {"userNameClaim", "login"},
                    {"", ""}};

SETTINGS(facebook) = {{"authorizationUrl", "https://graph.facebook.com/oauth/authorize"},
                      {"tokenUrl", "https://graph.facebook.com/oauth/access_token"},
                      {"userInfoUrl", "https://graph.facebook.com/me?fields=id,name,email,first_name,last_name{,fetchedFields}"},
                      {"defaultScope", "email"},
                      {"userIDClaim", "id"},
                      {"userNameClaim", "username|email"},
                      {"givenNameClaim", "first_name"},
                      {"familyNameClaim", "last_name"},
                      {"", ""}};

SETTINGS(bitbucket) = {{"authorizationUrl", "https://bitbucket.org/site/oauth2/authorize"},
                       {"tokenUrl", "https://bitbucket.org/site/oauth2/access_token"},
                       {"userInfoUrl", "https://api.bitbucket.org/2.0/user"},
                       {"defaultScope", "account email"},
                       {"userIDClaim", "account_id"},
                       {"userNameClaim", "username"},
                       {"fullNameClaim", "display_name"},
                       {"", ""}};

SETTINGS(paypal) = {{"baseUrl", "https://www.paypal.com"},
                    {"apiUrl", "https://api.paypal.com"},
                    {"authorizationUrl", "{baseUrl}/signin/authorize"},
                    {"tokenUrl", "{apiUrl}/v1/identity/openidconnect/tokenservice"},
                    {"userInfoUrl", "{apiUrl}/v1/oauth2/token/userinfo?schema=openid"},
                    {"defaultScope", "openid profile email"},
                    {"userIDClaim", "user_id"},
                    {"userNameClaim", "email"},
                    {"", ""}};

SETTINGS(paypal_sandbox) = {{"baseUrl", "https://www.sandbox.paypal.com"}, {"apiUrl", "https://api.sandbox.paypal.com"}, {"", ""}};

/* Where to sign in is told by the cluster's API server, in RFC 8414's form. */
SETTINGS(openshift) = {{"baseUrl", "https://api.preview.openshift.com"},
                       {"metadataDescriptorUrl", "{baseUrl}/.well-known/oauth-authorization-server"},
                       {"userInfoUrl", "{baseUrl}/apis/user.openshift.io/v1/users/~"},
                       {"defaultScope", "user:info"},
                       {"userIDClaim", "metadata.uid|metadata.name"},
                       {"userNameClaim", "metadata.name"},
                       {"fullNameClaim", "fullName"},
                       {"", ""}};

/* The access token goes into the address, as identity.c puts it there. */
SETTINGS(stackoverflow) = {
    {"authorizationUrl", "https://stackexchange.com/oauth"},
    {"tokenUrl", "https://stackexchange.com/oauth/access_token"},
    {"userInfoUrl",
     "https://api.stackexchange.com/2.2/me?order=desc&sort=name&site=stackoverflow&key={key}&access_token={access_token}"},
    {"userIDClaim", "items[0].user_id"},
    {"userNameClaim", "items[0].link"},
    {"fullNameClaim", "items[0].display_name"},
    {"", ""}};

SETTINGS(microsoft) = {{"issuer", "https://login.microsoftonline.com/{tenantid}/v2.0"},
                       {"authorizationUrl", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/authorize"},
                       {"tokenUrl", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/token"},
                       {"jwksUrl", "https://login.microsoftonline.com/{tenant}/discovery/v2.0/keys"},
                       {"logoutUrl", "https://login.microsoftonline.com/{tenant}/oauth2/v2.0/logout"},
                       {"defaultScope", "openid profile email User.Read"},
                       {"userIDClaim", "oid|sub"},
                       {"userNameClaim", "preferred_username|upn|unique_name"},
                       {"pkceEnabled", "true"},
                       {"pkceMethod", "S256"},
                       {"", ""}};

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

/* The primary address that was confirmed. */
static lk_status_t complete_bitbucket(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                                      const char *access_token, lk_brokered_t *brokered, lk_error_t *err)
{
    json_t *page, *entry;
    size_t i;
    (void)realm;
    lk_status_t status =
        lk_upstream_get(req->arena, lk_printf(req->arena, "%s/emails", upstream->userinfo_url), access_token, &page, err);
    json_array_foreach(status == LK_OK ? json_object_get(page, "values") : NULL, i, entry)
    {
        if (lk_json_bool(entry, "is_primary", 0) && lk_json_bool(entry, "is_confirmed", 0))
            brokered->email = lk_json_str(entry, "email", NULL);
    }
    return status;
}

/* "https://stackoverflow.com/users/42/erin": the name is in the profile's address. */
static lk_status_t complete_stackoverflow(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                                          const char *access_token, lk_brokered_t *brokered, lk_error_t *err)
{
    const char *slash = brokered->username != NULL ? strrchr(brokered->username, '/') : NULL;
    (void)req, (void)realm, (void)upstream, (void)access_token, (void)err;
    if (slash != NULL && slash[1] != '\0')
        brokered->username = slash + 1;
    return LK_OK;
}

/* hostedDomain goes into the request as a hint; what comes back has to be of one of them ("*": of any). */
static lk_status_t check_hosted_domain(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                                       const char *access_token, lk_brokered_t *brokered, lk_error_t *err)
{
    const char *wanted = upstream->hosted_domain, *hd = lk_json_str(json_object_get(brokered->claims, "id_token"), "hd", NULL);
    (void)realm;
    (void)access_token;
    if (wanted == NULL || (hd != NULL && (strcmp(wanted, "*") == 0 || lk_has_item(wanted, hd))))
        return LK_OK;
    lk_fail(err, LK_DENIED, NULL, NULL);
    return lk_error_detail(err, "the account is of %s, and hostedDomain wants %s", hd != NULL ? hd : "no hosted domain", wanted);
}

/* What is not here speaks another protocol: twitter OAuth 1.0a, saml. */
static const lk_broker_type_t types[] = {
    {.id = "oidc", .is_oidc = 1, .complete = lk_entra_complete},
    {.id = "keycloak-oidc", .is_oidc = 1, .settings = keycloak},
    {.id = "oauth2"},
    {.id = "microsoft", .is_oidc = 1, .is_entra = 1, .also = verified, .settings = microsoft, .complete = lk_entra_complete},
    {.id = "google", .is_oidc = 1, .also = verified, .settings = google, .complete = check_hosted_domain},
    {.id = "gitlab", .is_oidc = 1, .also = verified, .settings = gitlab},
    {.id = "linkedin-openid-connect", .is_oidc = 1, .also = verified, .settings = linkedin},
    {.id = "github", .settings = github, .complete = complete_github},
    {.id = "facebook", .settings = facebook},
    {.id = "bitbucket", .settings = bitbucket, .complete = complete_bitbucket},
    {.id = "paypal", .settings = paypal, .sandbox = paypal_sandbox},
    {.id = "openshift-v4", .settings = openshift},
    {.id = "stackoverflow", .settings = stackoverflow, .complete = complete_stackoverflow},
};

const lk_broker_type_t *lk_broker_type(const char *provider_id)
{
    for (size_t i = 0; provider_id != NULL && i != sizeof(types) / sizeof(types[0]); ++i)
        if (strcmp(types[i].id, provider_id) == 0)
            return &types[i];
    return NULL;
}
