/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "broker/broker.h"
#include "broker/state.h"
#include "core/json.h"
#include "crypto/crypto.h"
#include "login/page.h"
#include "login/steps.h"

/* From the login page's button, or kc_idp_hint, to the provider. */

int lk_broker_passes_prompt_none(const lk_identity_provider_t *provider)
{
    return lk_json_config_bool(provider->config, "acceptsPromptNoneForwardFromClient", 0);
}

const char *lk_broker_display_name(const lk_identity_provider_t *provider)
{
    return provider->display_name != NULL && *provider->display_name != '\0' ? provider->display_name : provider->alias;
}

/* --- the authorization request --- */

static void add(lk_buffer_t *url, const char *name, const char *value)
{
    if (value == NULL || *value == '\0')
        return;
    lk_buffer_printf(url, "%c%s=", memchr(url->base, '?', url->len) == NULL ? '?' : '&', name);
    lk_buffer_form(url, value);
}

/* OpenID Connect providers are always asked for an ID token. */
static const char *scope_of(lk_arena_t *arena, const lk_upstream_t *upstream)
{
    const char *scope = upstream->scope != NULL ? upstream->scope : upstream->type->is_oidc ? "openid" : "";
    int has_openid = strstr(lk_printf(arena, " %s ", scope), " openid ") != NULL;
    return upstream->type->is_oidc && !has_openid ? lk_printf(arena, "openid %s", scope) : scope;
}

/* Parameters of the client's own request that are handed on by name: "forwardParameters": "claims,ui_locales". */
static void add_forwarded(lk_arena_t *arena, const lk_upstream_t *upstream, const lk_auth_request_t *auth, lk_buffer_t *url)
{
    const lk_pair_t known[] = {{"claims", auth->claims},         {"ui_locales", auth->ui_locales}, {"login_hint", auth->login_hint},
                               {"acr_values", auth->acr_values}, {"prompt", auth->prompt},         {"nonce", auth->nonce}};
    const char *names = upstream->forward_parameters != NULL ? lk_printf(arena, ",%s,", upstream->forward_parameters) : "";
    for (size_t i = 0; i != sizeof(known) / sizeof(known[0]); ++i)
        if (strstr(names, lk_printf(arena, ",%s,", known[i].name)) != NULL &&
            strstr(url->base, lk_printf(arena, "&%s=", known[i].name)) == NULL)
            add(url, known[i].name, known[i].value);
}

static const char *authorization_url(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                                     const lk_broker_state_t *state, const char *state_text)
{
    const lk_auth_request_t *auth = &state->login->auth;
    const char *verifier = state->verifier, *challenge = verifier;
    int is_plain = upstream->pkce_method != NULL && strcmp(upstream->pkce_method, "plain") == 0;
    lk_buffer_t url;
    lk_buffer_init(&url, req->arena, 65536);
    lk_buffer_puts(&url, upstream->authorization_url);
    if (verifier != NULL && !is_plain)
        challenge = lk_sha256_base64url(req->arena, verifier, strlen(verifier));
    add(&url, "scope", scope_of(req->arena, upstream));
    add(&url, "state", state_text);
    add(&url, "response_type", "code");
    add(&url, "client_id", upstream->client_id);
    add(&url, "redirect_uri", lk_upstream_redirect_uri(req, realm, upstream->provider->alias));
    add(&url, "prompt", upstream->prompt != NULL ? upstream->prompt : auth->prompt);
    add(&url, "acr_values", auth->acr_values);
    if (upstream->login_hint)
        add(&url, "login_hint", auth->login_hint);
    if (upstream->ui_locales)
        add(&url, "ui_locales", auth->ui_locales);
    if (upstream->pass_max_age && auth->max_age != LK_MAX_AGE_ABSENT)
        add(&url, "max_age", lk_printf(req->arena, "%lld", (long long)auth->max_age));
    if (upstream->hosted_domain != NULL)
        add(&url, "hd", upstream->hosted_domain);
    if (upstream->offline_access)
        add(&url, "access_type", "offline");
    add(&url, "code_challenge", challenge);
    if (verifier != NULL)
        add(&url, "code_challenge_method", is_plain ? "plain" : "S256");
    add(&url, "nonce", state->nonce);
    add_forwarded(req->arena, upstream, auth, &url);
    return url.base;
}

lk_status_t lk_broker_start(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream, lk_login_t *login,
                            const char *linking_user, lk_reply_t *reply, lk_error_t *err)
{
    lk_broker_state_t state = {.login = login,
                               .id = lk_random_token(req->arena, 12),
                               .alias = upstream->provider->alias,
                               .nonce = upstream->type->is_oidc && !upstream->no_nonce ? lk_random_token(req->arena, 16) : NULL,
                               .verifier = upstream->pkce ? lk_random_token(req->arena, 48) : NULL,
                               .linking_user = linking_user};
    const char *text;
    lk_status_t status = lk_broker_state_seal(req, realm, &state, upstream->short_state, &text, err);
    if (status != LK_OK)
        return status;
    lk_reply_redirect(reply, 303, authorization_url(req, realm, upstream, &state, text));
    lk_reply_set_header(reply, "cache-control", "no-cache");
    return LK_OK;
}

/* --- the page that says no --- */

void lk_broker_note(const lk_request_t *req, const lk_realm_t *realm, const char *alias, const char *what, const lk_error_t *reason)
{
    const char *why = reason == NULL ? "" : *reason->detail != '\0' ? reason->detail : reason->text;
    if (req->app->notice != NULL)
        req->app->notice(LK_LOG_WARN, "latchkey.broker",
                         lk_printf(req->arena, "Login by %s of realm %s: %s%s%s (trace %s)", alias, realm->name, what,
                                   *why != '\0' ? ": " : "", why, req->trace_id));
}

lk_status_t lk_broker_refuse(const lk_request_t *req, const lk_realm_t *realm, const char *alias, int status, const char *key,
                             const lk_error_t *reason, lk_reply_t *reply)
{
    lk_broker_note(req, realm, alias, key, reason);
    lk_event_error(req, "identity_provider_login_failure");
    lk_login_error_page(req, realm, NULL, status, key, reply);
    return LK_OK;
}

/* --- GET /realms/{realm}/broker/{alias}/login --- */

lk_status_t lk_broker_login_handle(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    lk_step_t step;
    lk_upstream_t upstream;
    lk_error_t reason = {0};
    const char *alias = req->params[1];
    int answered;
    lk_status_t status = lk_step_begin(req, &step, &answered, reply, err);
    if (answered)
        lk_reply_set_header(reply, "cache-control", "no-cache");
    if (status != LK_OK || answered)
        return status;
    const lk_identity_provider_t *provider = lk_realm_identity_provider(step.realm, alias);
    const char *linking = lk_broker_linking_user(step.login, alias);
    if (provider == NULL)
        lk_fail(&reason, LK_NOT_FOUND, NULL, "Identity Provider [%s] not found.", alias);
    else if (provider->link_only && linking == NULL)
        lk_fail(&reason, LK_DENIED, NULL, "Identity Provider [%s] is not allowed to perform a login.", alias);
    else if (lk_upstream_load(req->arena, provider, &upstream, &reason) == LK_OK)
        return lk_broker_start(req, step.realm, &upstream, step.login, linking, reply, err);
    return lk_broker_refuse(req, step.realm, alias, 502, "couldNotSendAuthenticationRequestMessage", &reason, reply);
}
