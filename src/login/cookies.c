/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/time.h"
#include "crypto/crypto.h"
#include "crypto/jws.h"
#include "login/state.h"

/* The cookies of a session: KEYCLOAK_IDENTITY (who), KEYCLOAK_SESSION (for the session iframe), KEYCLOAK_REMEMBER_ME (the name). */

#define IDENTITY_TYPE "Serialized-ID"
#define REMEMBER_ME_SPAN 31536000

static int64_t max_lifespan(const lk_realm_t *realm, const lk_session_t *session)
{
    int64_t remembered = session->remember_me ? realm->sso_session_max_remember_me : 0;
    return remembered > 0 ? remembered : realm->sso_session_max;
}

static lk_status_t sign_identity(const lk_request_t *req, const lk_realm_t *realm, const lk_session_t *session, char **ret_token,
                                 lk_error_t *err)
{
    const lk_key_t *key = lk_realm_signing_key(realm, "HS512");
    lk_buffer_t claims;
    if (key == NULL)
        return lk_fail(err, LK_INTERNAL, "server_error", "The realm has no HS512 key");
    lk_buffer_init(&claims, req->arena, 4096);
    lk_buffer_printf(&claims,
                     "{\"exp\":%lld,\"iat\":%lld,\"jti\":\"%s\",\"iss\":", (long long)(lk_now() + max_lifespan(realm, session)),
                     (long long)lk_now(), lk_random_uuid(req->arena));
    lk_buffer_json_string(&claims, lk_realm_issuer(req, realm));
    lk_buffer_puts(&claims, ",\"sub\":");
    lk_buffer_json_string(&claims, session->user_id);
    lk_buffer_puts(&claims, ",\"typ\":\"" IDENTITY_TYPE "\",\"sid\":");
    lk_buffer_json_string(&claims, session->id);
    lk_buffer_printf(&claims, ",\"state_checker\":\"%s\"}", lk_random_token(req->arena, 32));
    return lk_jws_sign(req->arena, key, "HS512", "JWT", claims.base, claims.len, ret_token, err);
}

lk_status_t lk_login_set_session_cookies(const lk_request_t *req, const lk_realm_t *realm, const lk_session_t *session,
                                         const char *username, lk_reply_t *reply, lk_error_t *err)
{
    char *identity;
    lk_status_t status = sign_identity(req, realm, session, &identity, err);
    if (status != LK_OK)
        return status;
    long span = (long)max_lifespan(realm, session);
    lk_login_set_cookie(req, realm, "KEYCLOAK_IDENTITY", identity, session->remember_me ? span : -1, 1, reply);
    lk_login_set_cookie(req, realm, "KEYCLOAK_SESSION", lk_sha256_base64url(req->arena, session->id, strlen(session->id)), span, 0,
                        reply);
    if (session->remember_me)
        lk_login_set_cookie(req, realm, "KEYCLOAK_REMEMBER_ME",
                            lk_printf(req->arena, "username:%s", lk_base64url(req->arena, username, strlen(username))),
                            REMEMBER_ME_SPAN, 1, reply);
    return LK_OK;
}

const char *lk_login_remembered_username(const lk_request_t *req)
{
    static const char prefix[] = "username:";
    const char *cookie = lk_request_cookie(req, "KEYCLOAK_REMEMBER_ME");
    lk_bytes_t name;
    if (cookie == NULL || strncmp(cookie, prefix, sizeof(prefix) - 1) != 0)
        return NULL;
    cookie += sizeof(prefix) - 1;
    if (lk_base64_decode(req->arena, cookie, strlen(cookie), &name) != 0 || !lk_utf8_valid((const char *)name.base, name.len))
        return NULL;
    return (const char *)name.base;
}

void lk_login_clear_cookies(const lk_request_t *req, const lk_realm_t *realm, lk_reply_t *reply)
{
    lk_login_set_cookie(req, realm, "KEYCLOAK_IDENTITY", "", 0, 0, reply);
    lk_login_set_cookie(req, realm, "KEYCLOAK_SESSION", "", 0, 0, reply);
}

lk_status_t lk_login_cookie_session(const lk_request_t *req, const lk_realm_t *realm, const lk_session_t **ret_session,
                                    const lk_user_t **ret_user, lk_error_t *err)
{
    const char *cookie = lk_request_cookie(req, "KEYCLOAK_IDENTITY");
    lk_verified_t identity;
    *ret_session = NULL;
    *ret_user = NULL;
    if (cookie == NULL || *cookie == '\0' || lk_token_verify(req, realm, cookie, 0, &identity, NULL) != LK_OK ||
        identity.sid == NULL || identity.typ == NULL || strcmp(identity.typ, IDENTITY_TYPE) != 0)
        return LK_OK;
    lk_session_found_t found;
    lk_status_t status = lk_session_load(req->app->sql, req->arena, realm, &(lk_session_query_t){.sid = identity.sid}, &found, err);
    if (status != LK_OK || found.session == NULL || !found.user->enabled || strcmp(found.session->user_id, identity.subject) != 0 ||
        identity.iat < found.user->not_before)
        return status;
    *ret_session = found.session;
    *ret_user = found.user;
    return LK_OK;
}
