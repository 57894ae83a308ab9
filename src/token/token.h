/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_TOKEN_TOKEN_H
#define LK_TOKEN_TOKEN_H

#include "core/buffer.h"
#include "core/request.h"
#include "model/session.h"

/* From a session to signed tokens: which client scopes, which roles, which claims. Everything here lives in the request's arena. */

/* --- scopes --- */

typedef struct st_lk_scopes_t {
    const lk_scope_t *const *entries; /* default scopes, then the optional ones that were asked for; protocol openid-connect only */
    size_t count;
    int openid;  /* "openid" was asked for */
    int offline; /* offline_access is among them */
    const char
        *token_scope;       /* the "scope" of token and answer: visible names in Keycloak's order, space separated, "" where none */
    const char *full_scope; /* all names: the refresh token's "scope" */
    const char *const
        *words; /* of each entry: what it is asked for as, where that is more than its name ("group:a group:b"), or NULL */
    const char *organizations; /* "organization:acme organization:*", as asked for; NULL: none is named */
} lk_scopes_t;

/* Resolves a scope parameter (NULL: none) for a client. LK_INVALID invalid_scope "Invalid scopes: ..." where a name is unknown to
 * it. */
lk_status_t lk_scopes_resolve(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const char *scope,
                              lk_scopes_t *ret_scopes, lk_error_t *err);

/* The same for a request: where a parameter of the type `username` or `delegation` names no enabled user, that is LK_INVALID too.
 */
lk_status_t lk_scopes_of_request(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const char *scope,
                                 lk_scopes_t *ret_scopes, lk_error_t *err);

/* The same for the scopes of a token: what the client has lost since is passed over. */
void lk_scopes_of_token(lk_arena_t *arena, const lk_realm_t *realm, const lk_client_t *client, const char *scope,
                        lk_scopes_t *ret_scopes);

/* Whether "organization:acme organization:*" asks for the organization of that alias. */
int lk_scope_asks_organization(const char *words, const char *alias);
/* What a requested scope asks for: "" an organization, "acme" that one, "*" all; NULL: none. */
const char *lk_scope_wished_organization(lk_arena_t *arena, const char *scope);
/* Leaves out of what is asked for by name the organizations that the user does not belong to. */
void lk_scopes_of_member(lk_arena_t *arena, lk_scopes_t *scopes, const lk_user_t *user);

/* Leaves out what a parameter cannot give: a user's own name. */
void lk_scopes_of_user(lk_arena_t *arena, lk_scopes_t *scopes, const lk_user_t *user);
/* The parameters of an entry, in the order in which they were asked for. */
lk_strings_t lk_scopes_parameters(lk_arena_t *arena, const lk_scopes_t *scopes, size_t entry);
/* Whether a consent covers an entry, and what makes it do so: the scope's id, or for each parameter "id:parameter". */
int lk_scopes_is_consented(lk_arena_t *arena, const lk_scopes_t *scopes, size_t entry, const json_t *consent);
void lk_scopes_consent(lk_arena_t *arena, const lk_scopes_t *scopes, size_t entry, json_t *consent);

/* Leaves out what shows in a token's scope and is not among the words; NULL: nothing. */
void lk_scopes_limit(lk_arena_t *arena, lk_scopes_t *scopes, const char *words);

/* Leaves out the scopes that are bound to roles of which the user has none. */
void lk_scopes_permit(lk_arena_t *arena, lk_scopes_t *scopes, const lk_role_set_t *roles);

/* --- tokens --- */

/* What a grant is remembered as: the prefix of jti ("onrtac" code, "onrtro" password, "onrtrt" refresh, "trrtcc" client
 * credentials). */
typedef enum en_lk_grant_kind_t {
    LK_GRANT_CODE,
    LK_GRANT_PASSWORD,
    LK_GRANT_REFRESH,
    LK_GRANT_CLIENT_CREDENTIALS,
    LK_GRANT_IMPLICIT, /* no code: the realm's lifespan for the implicit flow */
    LK_GRANT_HYBRID,
    LK_GRANT_EXCHANGE,
    LK_GRANT_DEVICE,
    LK_GRANT_CIBA,
    LK_GRANT_ASSERTION,
    LK_GRANT_PERMISSIONS
} lk_grant_kind_t;

typedef struct st_lk_binding_t lk_binding_t; /* token/binding.h */

typedef struct st_lk_token_context_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_client_t *client;
    const lk_user_t *user;
    const lk_session_t *session;               /* NULL: transient (client credentials) */
    const lk_client_session_t *client_session; /* NULL likewise */
    lk_scopes_t scopes;
    lk_grant_kind_t grant;
    const char *nonce;             /* into the ID token, or NULL */
    int64_t auth_time;             /* 0: no auth_time claim */
    const char *acr;               /* "1" after a password, "0" by the SSO cookie */
    lk_strings_t only_audiences;   /* an exchange's: no other ones, nor roles of other clients; count 0: all */
    const char *reuse_id;          /* of the refresh token that was redeemed: the new one goes on with it; NULL begins a chain */
    int64_t now;                   /* seconds */
    const lk_client_t *issued_for; /* azp, and whose lifespans count, where another client's claims are shown; NULL: `client` */
    const json_t *authorization;   /* the claim "authorization" of a requesting party token; NULL: none */
    lk_strings_t own_audiences;    /* those of a token that is shown again, whatever its mappers say now */
    int64_t not_after;             /* no access token lives longer; 0: it has its lifespan */
    /* filled by lk_token_prepare */
    lk_role_set_t roles;                   /* the user's roles as far as the client's scope lets them through */
    const struct st_lk_plan_t *plan;       /* token/mapper.h */
    struct st_lk_role_names_t *role_names; /* likewise */
    /* left by lk_token_access for the refresh token, and by lk_token_claims, as JSON; may be NULL */
    const char *audiences, *access_nonce, *access_subject;
} lk_token_context_t;

/* Computes the effective roles; call once before the functions below. */
void lk_token_prepare(lk_token_context_t *context);

typedef enum en_lk_token_kind_t {
    LK_TOKEN_ACCESS,
    LK_TOKEN_ID,
    LK_TOKEN_USERINFO,
    LK_TOKEN_INTROSPECTION,
    LK_TOKEN_RESPONSE
} lk_token_kind_t;
/* Signed access token; *ret_expires_in in seconds. */
lk_status_t lk_token_access(lk_token_context_t *context, char **ret_token, int64_t *ret_expires_in, lk_error_t *err);
/* Signed ID token; access_token and code (either may be NULL) give at_hash and c_hash; `state` gives s_hash (hybrid flow). */
lk_status_t lk_token_id(lk_token_context_t *context, const char *access_token, const char *code, const char *state,
                        char **ret_token, lk_error_t *err);
/* HS512, the realm's HMAC key. *ret_jti is what rotation remembers. *ret_expires_in 0: offline without maximum. */
lk_status_t lk_token_refresh(lk_token_context_t *context, char **ret_token, const char **ret_jti, int64_t *ret_expires_in,
                             lk_error_t *err);
/* Writes the claims of userinfo or of an introspection answer as an object. `extra` (may be NULL): members that are added, or that
 * replace. */
lk_status_t lk_token_claims(lk_token_context_t *context, lk_token_kind_t kind, const json_t *extra, lk_buffer_t *out,
                            lk_error_t *err);
/* The algorithm that the client's attribute names, or else the realm's. */
const char *lk_token_alg(const lk_realm_t *realm, const lk_client_t *client, const char *attribute);
/* Signs claims with the realm's key for that algorithm, which is made where there is none. */
lk_status_t lk_token_sign(const lk_token_context_t *context, const char *alg, const lk_buffer_t *claims, char **ret_token,
                          lk_error_t *err);
/* An answer of the token endpoint. Sets cache-control: no-store. */
typedef struct st_lk_response_t {
    const char *access_token, *refresh_token, *id_token; /* the latter two may be NULL */
    const char *token_type, *issued_token_type;          /* the latter may be NULL (RFC 8693) */
    const char *upgraded; /* of a requesting party token, as JSON, and then neither session nor scope are told; NULL: of another */
    int64_t expires_in, refresh_expires_in;
} lk_response_t;
void lk_token_answer(lk_token_context_t *context, const lk_response_t *response, struct st_lk_reply_t *reply);
/* The whole answer of the token endpoint: access_token, expires_in, refresh_expires_in, refresh_token, token_type, id_token,
 * not-before-policy, session_state, scope. With `refresh` 0 no refresh token is made. */
lk_status_t lk_token_response(lk_token_context_t *context, int refresh, struct st_lk_reply_t *reply, lk_error_t *err);
/* Warns once for each client of tokens larger than lk_app_t.token_size_warning; `what` names the kind: "The access token". NULL is
 * none. */
void lk_token_watch_size(const lk_token_context_t *context, const char *what, const char *token);
/* Logout token (Back-Channel Logout 1.0) for one client. */
lk_status_t lk_token_logout(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const char *user_id,
                            const char *sid, char **ret_token, lk_error_t *err);

/* Frees lk_client_t.plans: for lk_realms_set_plans_free. */
void lk_plans_free(void *plans);

/* --- what comes back --- */

/* A permission ticket (UMA 2.0 federated authorization, section 4): what a resource server wants permissions for. A value for this
 * server alone; `permissions` as in the claim of a token. */
lk_status_t lk_ticket_make(const lk_token_context_t *context, const json_t *permissions, const json_t *claims, char **ret_ticket,
                           lk_error_t *err);
/* Its claims. LK_DENIED with the reason in the detail. */
lk_status_t lk_ticket_verify(const lk_request_t *req, const lk_realm_t *realm, const char *text, const json_t **ret_claims,
                             lk_error_t *err);

#define LK_STALE_TOKEN "Stale token"
#define LK_NOT_A_TOKEN "not a signed token" /* as the detail of an error */

/* A token of ours, signature, issuer, realm key and times checked. Claims live in the arena. */
typedef struct st_lk_verified_t {
    const char *typ; /* "Bearer", "ID", "Refresh", "Offline" */
    const char *jti, *subject, *azp, *sid, *scope;
    int64_t iat, exp;
    const json_t *claims;
} lk_verified_t;
/* LK_DENIED with the reason in the detail. `allow_expired`: for id_token_hint. Not-before policies of realm, client and user are
 * the caller's to check where it has loaded them; the realm's is checked here. */
lk_status_t lk_token_verify(const lk_request_t *req, const lk_realm_t *realm, const char *token, int allow_expired,
                            lk_verified_t *ret_token, lk_error_t *err);

/* Sets the context's session, its client's part and user; NULL where they are gone. */
lk_status_t lk_token_load_session(lk_token_context_t *context, const lk_session_query_t *query, lk_error_t *err);

/* A bearer token at userinfo or the admin API: verified, its session alive (or its client's service account), client and user
 * enabled, not revoked, and presented with the key that it is
 * bound to. Fills user, client, session. */
typedef struct st_lk_bearer_t {
    lk_verified_t token;
    const lk_client_t *client;
    const lk_user_t *user;
    const lk_session_t *session; /* NULL for client credentials */
    const lk_client_session_t *client_session;
} lk_bearer_t;
lk_status_t lk_bearer_check(const lk_request_t *req, const lk_realm_t *realm, const char *token, lk_bearer_t *ret_bearer,
                            lk_error_t *err);
/* The same for one that came as a parameter: what it may be bound to is the caller's to check. */
lk_status_t lk_bearer_check_given(const lk_request_t *req, const lk_realm_t *realm, const char *token, lk_bearer_t *ret_bearer,
                                  lk_error_t *err);
/* The same for introspection, which takes ID tokens too. */
lk_status_t lk_bearer_check_any(const lk_request_t *req, const lk_realm_t *realm, const char *token, lk_bearer_t *ret_bearer,
                                lk_error_t *err);
/* A prepared context to show the bearer's claims anew. */
void lk_bearer_context(const lk_request_t *req, const lk_realm_t *realm, const lk_bearer_t *bearer,
                       lk_token_context_t *ret_context);
/* Whether a token is for this client: it names it itself, or the claims do that lk_token_claims has just shown for the context
 * (those of a lightweight token). */
int lk_bearer_is_for(const lk_token_context_t *context, const lk_bearer_t *bearer, const char *client_id);

/* --- authorization codes --- */

/* What a code stands for. It is sealed into the code itself (shape <uuid>.<sid>.<rest>); nothing is stored until it is redeemed. */
typedef struct st_lk_code_t {
    const char *id, *sid, *client_uuid, *redirect_uri; /* redirect_uri NULL: the request had none */
    const char *scope, *nonce, *code_challenge, *code_challenge_method, *acr;
    const char *jkt; /* of the DPoP key that it is bound to (RFC 9449 section 10), or NULL */
    int64_t auth_time, expires;
} lk_code_t;
char *lk_code_seal(lk_arena_t *arena, const lk_realm_t *realm, const lk_code_t *code);
lk_status_t lk_code_open(lk_arena_t *arena, const lk_realm_t *realm, const char *text, lk_code_t *ret_code, lk_error_t *err);

/* --- browsers and clients --- */

/* Keycloak's rules for redirect URIs: exact, trailing * , relative to rootUrl, loopback with any port for public native clients
 * (RFC 8252 section 7.3). Returns the URI to use (the only registered one where `uri` is NULL and the client has just one), or
 * NULL. */
const char *lk_redirect_uri_check(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client, const char *uri);
/* That of a client that has registered one alone, without what "*" stands for; NULL otherwise. */
const char *lk_redirect_uri_only(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client);
/* The parts of a client's attribute that holds several addresses, "##" between them; no more than 200. */
lk_strings_t lk_uris_of_attribute(lk_arena_t *arena, const char *text);
/* The same for post_logout_redirect_uri: attribute post.logout.redirect.uris, ## separated, "+" for the redirect URIs, "-" for
 * none. */
const char *lk_post_logout_uri_check(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client, const char *uri);
/* The same against the client's request.uris: where a request object may be fetched from. NULL where it may not. */
const char *lk_request_uri_check(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client, const char *uri);
/* Origins that may read answers: webOrigins, with "+" for those of the redirect URIs. */
lk_strings_t lk_client_web_origins(lk_arena_t *arena, const lk_request_t *req, const lk_client_t *client);

/* --- encryption for clients (encrypt.c) --- */

typedef enum en_lk_encrypt_kind_t { LK_ENCRYPT_ID, LK_ENCRYPT_USERINFO, LK_ENCRYPT_AUTHORIZATION } lk_encrypt_kind_t;
/* 1 where the client's attributes ask for it. */
int lk_client_encrypts(const lk_client_t *client, lk_encrypt_kind_t kind);
/* Before a handler changes anything: LK_ELSEWHERE where the client's keys have to be fetched first. */
lk_status_t lk_encryption_ready(const lk_request_t *req, const lk_client_t *client, lk_error_t *err);
/* LK_INVALID where the client has no key for it. */
lk_status_t lk_encrypt_for(const lk_request_t *req, const lk_client_t *client, lk_encrypt_kind_t kind, const char *cty,
                           const char *text, size_t len, char **ret_token, lk_error_t *err);

#endif
