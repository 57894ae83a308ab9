/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "core/json.h"
#include "core/time.h"
#include "core/url.h"
#include "crypto/crypto.h"
#include "crypto/jws.h"
#include "token/binding.h"

/* DPoP proofs (RFC 9449 section 4.3). */

#define USED "dpop"
#define AGE 25   /* seconds that a proof is good for: Keycloak's lifetime of 10 and clock skew of 15 */
#define AHEAD 15 /* seconds that the client's clock may be ahead */

typedef struct st_proof_t {
    lk_jws_t jws;
    const json_t *jwk;
    const char *method, *url, *jti, *token_hash, *nonce; /* NULL where missing */
    int64_t issued;
} proof_t;

#define refuse(err, ...) lk_fail((err), LK_INVALID, "invalid_request", __VA_ARGS__)

static lk_status_t unreadable(lk_error_t *err, const char *reason)
{
    refuse(err, "DPoP header verification failure");
    return lk_error_detail(err, "%s", reason);
}

static int is_text_or_missing(const json_t *claims, const char *name)
{
    const json_t *value = json_object_get(claims, name);
    return value == NULL || json_is_string(value);
}

static lk_status_t read(const lk_request_t *req, const char *text, proof_t *ret_proof, lk_error_t *err)
{
    proof_t proof;
    lk_error_t why = {0};
    if (lk_jws_parse(req->arena, text, &proof.jws, &why) != LK_OK)
        return unreadable(err, why.detail);
    const json_t *claims = proof.jws.claims, *iat = json_object_get(claims, "iat");
    proof.jwk = json_object_get(proof.jws.header, "jwk");
    if (proof.jws.alg != NULL && lk_alg_find(proof.jws.alg) == NULL && strcmp(proof.jws.alg, "none") != 0)
        return unreadable(err, "unknown algorithm");
    if (proof.jwk != NULL && !json_is_object(proof.jwk))
        return unreadable(err, "jwk is no object");
    if (!is_text_or_missing(claims, "htm") || !is_text_or_missing(claims, "htu") || !is_text_or_missing(claims, "jti") ||
        !is_text_or_missing(claims, "ath") || !is_text_or_missing(claims, "nonce") || (iat != NULL && !json_is_number(iat)))
        return unreadable(err, "a claim has the wrong type");
    proof.method = lk_json_str(claims, "htm", NULL);
    proof.url = lk_json_str(claims, "htu", NULL);
    proof.jti = lk_json_str(claims, "jti", NULL);
    proof.token_hash = lk_json_str(claims, "ath", NULL);
    proof.nonce = lk_json_str(claims, "nonce", NULL);
    proof.issued = lk_json_time(iat);
    *ret_proof = proof;
    return LK_OK;
}

/* The key is the proof's own, so all depends on what it may be: public, asymmetric, of the algorithm's kind (RFC 9449 section 4.3,
 * 5 to 7). */
static lk_status_t check_header(const proof_t *proof, lk_error_t *err)
{
    static const char *const private_members[] = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"};
    const char *alg = proof->jws.alg, *typ = proof->jws.typ, *kty = lk_json_str(proof->jwk, "kty", "");
    if (typ == NULL || strcmp(typ, "dpop+jwt") != 0)
        return refuse(err, "Invalid or missing type in DPoP header: %.100s", typ != NULL ? typ : "null");
    if (alg == NULL)
        return refuse(err, "No alg in DPoP header");
    if (lk_alg_find(alg) == NULL || lk_alg_is_hmac(lk_alg_find(alg)))
        return refuse(err, "Unsupported DPoP algorithm: %s", alg);
    if (proof->jwk == NULL)
        return refuse(err, "No JWK in DPoP header");
    if (strcmp(kty, "RSA") != 0 && strcmp(kty, "EC") != 0 && strcmp(kty, "OKP") != 0)
        return refuse(err, "Unsupported key type in DPoP header");
    for (size_t i = 0; i != sizeof(private_members) / sizeof(private_members[0]); ++i)
        if (json_object_get(proof->jwk, private_members[i]) != NULL)
            return refuse(err, "Private key material must not be present in DPoP JWK");
    return LK_OK;
}

static lk_status_t check_signature(const lk_request_t *req, const proof_t *proof, const lk_key_t **ret_key, lk_error_t *err)
{
    const char *alg = proof->jws.alg;
    lk_error_t why = {0};
    lk_key_t *key;
    if (lk_key_from_jwk(req->arena, proof->jwk, &key, &why) != LK_OK)
        return unreadable(err, why.text);
    if (!lk_alg_is_for(lk_alg_find(alg), key->type))
        return refuse(err, "Key with algorithm %s and type %s is incorrect for provider algorithm %s", alg,
                      lk_json_str(proof->jwk, "kty", ""), alg);
    if (lk_jws_verify(&proof->jws, key, &why) != LK_OK) {
        refuse(err, "DPoP verification failure: Invalid token signature");
        return lk_error_detail(err, "%s", why.detail);
    }
    *ret_key = key;
    return LK_OK;
}

/* 1 where both are the same but for the case of scheme and host, and the scheme's own port (RFC 9449 section 4.3, 9). */
static int is_same_url(lk_arena_t *arena, const char *given, const char *wanted)
{
    const char *urls[] = {given, wanted};
    for (size_t i = 0; i != 2; ++i) {
        char *copy = lk_strndup(arena, urls[i], strcspn(urls[i], "?#"));
        size_t len = lk_url_origin(copy);
        if (len == 0)
            return 0;
        for (size_t at = 0; at != len; ++at)
            copy[at] = (char)tolower((unsigned char)copy[at]);
        const char *port = strncmp(copy, "https:", 6) == 0 ? ":443" : ":80";
        size_t port_len = strlen(port);
        if (len > port_len && strncmp(copy + len - port_len, port, port_len) == 0)
            memmove(copy + len - port_len, copy + len, strlen(copy + len) + 1);
        urls[i] = copy;
    }
    return strcmp(urls[0], urls[1]) == 0;
}

static lk_status_t check_claims(const lk_request_t *req, const proof_t *proof, const char *access_token, lk_error_t *err)
{
    lk_arena_t *arena = req->arena;
    int64_t now = lk_now();
    if (proof->jti == NULL || *proof->jti == '\0' || proof->method == NULL || proof->url == NULL || proof->issued == 0)
        return refuse(err, "DPoP mandatory claims are missing");
    if (strcmp(proof->method, req->method) != 0)
        return refuse(err, "DPoP HTTP method mismatch");
    if (!is_same_url(arena, proof->url, lk_printf(arena, "%s%s", req->base_url, req->path)) &&
        !is_same_url(arena, proof->url, lk_printf(arena, "%s%s", req->own_url, req->path)))
        return refuse(err, "DPoP HTTP URL mismatch");
    if (proof->issued < now - AGE || proof->issued > now + AHEAD)
        return refuse(err, "DPoP proof is not active");
    if (access_token != NULL && !lk_secret_equal(lk_sha256_base64url(arena, access_token, strlen(access_token)), proof->token_hash))
        return refuse(err, "DPoP proof access token hash mismatch");
    return LK_OK;
}

/* --- nonces (RFC 9449 section 8), where the realm asks for them --- */

#define NONCE "dpop-nonce"

/* For how many seconds a nonce is good; 0: none is asked for, as in Keycloak. */
static int64_t nonce_span(const lk_realm_t *realm)
{
    return lk_json_config_int(realm->attributes, "latchkey.dpopNonceSeconds", 0);
}

/* A nonce is the time of its making, sealed: every replica can read it, and nothing has to be stored. */
static int is_fresh(const lk_request_t *req, const lk_realm_t *realm, const char *nonce)
{
    const json_t *made = lk_unseal_json(req->arena, realm->seal_secret, NONCE, nonce);
    return json_is_integer(made) && lk_now() - json_integer_value(made) <= nonce_span(realm);
}

static lk_status_t check_nonce(const lk_request_t *req, const lk_realm_t *realm, const proof_t *proof, lk_error_t *err)
{
    if (nonce_span(realm) <= 0 || is_fresh(req, realm, proof->nonce))
        return LK_OK;
    lk_fail(err, LK_INVALID, LK_DPOP_USE_NONCE, "The DPoP proof must carry the nonce of the header DPoP-Nonce");
    return lk_error_detail(err, "%s", proof->nonce == NULL ? "no nonce" : "an old or a foreign nonce");
}

void lk_dpop_offer_nonce(const lk_request_t *req, const lk_realm_t *realm, lk_reply_t *reply)
{
    if (nonce_span(realm) <= 0 || lk_request_header(req, "dpop") == NULL)
        return;
    lk_reply_set_header(reply, "dpop-nonce", lk_seal_json(req->arena, realm->seal_secret, NONCE, json_integer(lk_now())));
}

static lk_status_t use(const lk_request_t *req, const lk_realm_t *realm, const proof_t *proof, lk_error_t *err)
{
    int first;
    lk_status_t status =
        lk_use_once(req->app->sql, req->arena, realm, USED, lk_sha256_base64url(req->arena, proof->jti, strlen(proof->jti)),
                    proof->issued + AGE + AHEAD, NULL, &first, NULL, err);
    if (status != LK_OK)
        return status;
    return first ? LK_OK : refuse(err, "DPoP proof has already been used");
}

lk_status_t lk_dpop_check(const lk_request_t *req, const lk_realm_t *realm, const char *access_token, const char **ret_jkt,
                          lk_error_t *err)
{
    const char *text = lk_request_header(req, "dpop");
    const lk_key_t *key = NULL;
    proof_t proof;
    *ret_jkt = NULL;
    if (text == NULL)
        return LK_OK;
    if (*text == '\0')
        return refuse(err, LK_DPOP_MISSING);
    if (lk_pairs_count(&req->headers, "dpop") > 1)
        return unreadable(err, "several proofs");
    lk_status_t status = read(req, text, &proof, err);
    if (status == LK_OK)
        status = check_header(&proof, err);
    if (status == LK_OK)
        status = check_signature(req, &proof, &key, err);
    if (status == LK_OK)
        status = check_claims(req, &proof, access_token, err);
    if (status == LK_OK)
        status = check_nonce(req, realm, &proof, err);
    if (status == LK_OK)
        status = use(req, realm, &proof, err);
    if (status == LK_OK)
        *ret_jkt = lk_key_thumbprint(req->arena, key);
    return status;
}

int lk_dpop_is_presented(const lk_request_t *req)
{
    const char *header = lk_request_header(req, "authorization");
    return header != NULL && strncasecmp(header, "DPoP ", 5) == 0;
}
