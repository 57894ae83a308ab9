/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>
#include "core/json.h"
#include "core/pack.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/state.h"
#include "token/acr.h"

#define SEAL_FORM "login-form"
#define SEAL_RESTART "login-restart"

/* What is sealed, as a table. */
enum { CLIENT_DATA = 1, THE_REST = 2, ALL = CLIENT_DATA | THE_REST };
#define AUTH(key, kind, field, group)                                                                                              \
    {                                                                                                                              \
        key, LK_PACK_##kind, offsetof(lk_login_t, auth) + offsetof(lk_auth_request_t, field), group                                \
    }
#define LOGIN(key, kind, field)                                                                                                    \
    {                                                                                                                              \
        key, LK_PACK_##kind, offsetof(lk_login_t, field), THE_REST                                                                 \
    }
static const lk_pack_t members[] = {
    AUTH("ru", TEXT, redirect_uri, CLIENT_DATA),
    AUTH("rt", TEXT, response_type, CLIENT_DATA),
    AUTH("rm", TEXT, response_mode, CLIENT_DATA),
    AUTH("st", TEXT, state, CLIENT_DATA),
    AUTH("ci", TEXT, client_id, THE_REST),
    AUTH("sc", TEXT, scope, THE_REST),
    AUTH("no", TEXT, nonce, THE_REST),
    AUTH("cc", TEXT, code_challenge, THE_REST),
    AUTH("cm", TEXT, code_challenge_method, THE_REST),
    AUTH("pr", TEXT, prompt, THE_REST),
    AUTH("lh", TEXT, login_hint, THE_REST),
    AUTH("av", TEXT, acr_values, THE_REST),
    AUTH("cl", TEXT, claims, THE_REST),
    AUTH("ul", TEXT, ui_locales, THE_REST),
    AUTH("ka", TEXT, kc_action, THE_REST),
    AUTH("ks", TEXT, kc_action_status, THE_REST),
    AUTH("ih", TEXT, kc_idp_hint, THE_REST),
    AUTH("di", TEXT, device_id, THE_REST),
    AUTH("dj", TEXT, dpop_jkt, THE_REST),
    AUTH("pi", TEXT, pushed_id, THE_REST),
    AUTH("fl", TEXT, flow, THE_REST),
    AUTH("fv", NUMBER, flow_level, THE_REST),
    AUTH("ma", NUMBER, max_age, THE_REST),
    AUTH("rg", FLAG, redirect_uri_was_given, THE_REST),
    LOGIN("cu", TEXT, client_uuid),
    LOGIN("r", TEXT, root),
    LOGIN("t", TEXT, tab),
    LOGIN("s", NUMBER, started),
    LOGIN("u", TEXT, user_id),
    LOGIN("at", NUMBER, auth_time),
    LOGIN("eu", TEXT, expected_user),
    LOGIN("an", TEXT, attempted),
    LOGIN("og", TEXT, organization),
    LOGIN("lo", TEXT, locale),
    LOGIN("pg", JSON, progress),
    LOGIN("cp", JSON, completed),
    LOGIN("lv", JSON, levels),
    LOGIN("su", JSON, setup),
    LOGIN("l", NUMBER, level),
    LOGIN("ex", TEXT, current),
    LOGIN("ch", TEXT, challenge),
    LOGIN("si", TEXT, sid),
    LOGIN("ba", TEXT, broker_alias),
    LOGIN("bs", TEXT, broker_session_id),
    LOGIN("sn", JSON, session_notes),
    LOGIN("iv", TEXT, invitation),
    LOGIN("fc", FLAG, forced),
    LOGIN("li", TEXT, link_id),
    LOGIN("lp", TEXT, link_alias),
    LOGIN("lu", TEXT, link_user),
    LOGIN("le", NUMBER, link_expires),
    LOGIN("rc", FLAG, is_reset),
    LOGIN("bl", FLAG, by_link),
    LOGIN("b", FLAG, by_cookie),
    LOGIN("pk", FLAG, by_passkey),
    LOGIN("m", FLAG, remember_me),
    LOGIN("c", FLAG, consented),
    LOGIN("x", FLAG, registration),
    LOGIN("f", FLAG, finished),
};
#define NUM_MEMBERS (sizeof(members) / sizeof(members[0]))

static char *write_members(lk_arena_t *arena, const lk_login_t *login, unsigned groups, const char *client_data_hash)
{
    json_t *object = lk_json_own(arena, lk_pack(members, NUM_MEMBERS, groups, login));
    if (client_data_hash != NULL)
        json_object_set_new(object, "cd", json_string(client_data_hash));
    return lk_json_text(arena, object);
}

static void read_members(lk_login_t *login, const json_t *object, unsigned groups)
{
    lk_unpack(members, NUM_MEMBERS, groups, login, object);
}

json_t *lk_login_pack(const lk_login_t *login)
{
    return lk_pack(members, NUM_MEMBERS, ALL, login);
}

lk_login_t *lk_login_unpack(lk_arena_t *arena, const json_t *packed)
{
    lk_login_t *login = LK_NEW(arena, lk_login_t);
    read_members(login, packed, ALL);
    return login->root != NULL && login->tab != NULL ? login : NULL;
}

static char *client_data_of(lk_arena_t *arena, const lk_auth_request_t *auth)
{
    lk_login_t login = {.auth = *auth};
    char *text = write_members(arena, &login, CLIENT_DATA, NULL);
    return lk_base64url(arena, text, strlen(text));
}

lk_login_code_t lk_login_code(lk_arena_t *arena, const lk_realm_t *realm, const lk_login_t *login)
{
    const char *client_data = client_data_of(arena, &login->auth);
    char *text = write_members(arena, login, THE_REST, lk_sha256_base64url(arena, client_data, strlen(client_data)));
    return (lk_login_code_t){lk_seal(arena, realm->seal_secret, SEAL_FORM, text, strlen(text)), client_data};
}

/* --- the root: AUTH_SESSION_ID --- */

static char *root_signature(lk_arena_t *arena, const lk_realm_t *realm, const char *root)
{
    unsigned char mac[32];
    const char *text = lk_printf(arena, "AUTH_SESSION_ID %s %s", realm->id, root);
    lk_hmac_sha256(realm->seal_secret.base, realm->seal_secret.len, text, strlen(text), mac);
    return lk_base64url(arena, mac, sizeof(mac));
}

static const char *cookie_root(const lk_request_t *req, const lk_realm_t *realm)
{
    const char *cookie = lk_request_cookie(req, "AUTH_SESSION_ID"), *dot;
    lk_bytes_t bytes;
    if (cookie == NULL || lk_base64_decode(req->arena, cookie, strlen(cookie), &bytes) != 0)
        return NULL;
    if ((dot = memchr(bytes.base, '.', bytes.len)) == NULL)
        return NULL;
    const char *root = lk_strndup(req->arena, (const char *)bytes.base, (size_t)(dot - (const char *)bytes.base));
    return lk_secret_equal(root_signature(req->arena, realm, root), dot + 1) ? root : NULL;
}

void lk_login_set_cookie(const lk_request_t *req, const lk_realm_t *realm, const char *name, const char *value, long max_age,
                         int http_only, lk_reply_t *reply)
{
    lk_cookie_t cookie = {.name = name,
                          .value = value,
                          .path = lk_printf(req->arena, "%s/realms/%s/", req->base_path, realm->name),
                          .max_age = max_age,
                          .http_only = http_only,
                          .secure = req->is_secure_context};
    lk_reply_cookie(reply, &cookie);
}

void lk_login_set_root_cookies(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, lk_reply_t *reply)
{
    const char *text = lk_printf(req->arena, "%s.%s", login->root, root_signature(req->arena, realm, login->root));
    unsigned char digest[32];
    lk_sha256(login->root, strlen(login->root), digest);
    lk_login_set_cookie(req, realm, "AUTH_SESSION_ID", lk_base64url(req->arena, text, strlen(text)), -1, 1, reply);
    lk_login_set_cookie(req, realm, "KC_AUTH_SESSION_HASH", lk_hex(req->arena, digest, sizeof(digest)), 60, 0, reply);
}

void lk_login_set_logout_cookie(const lk_request_t *req, const lk_realm_t *realm, const char *tab, lk_reply_t *reply)
{
    const char *text = lk_printf(req->arena, "%s.%s", tab, root_signature(req->arena, realm, tab));
    lk_login_set_cookie(req, realm, "AUTH_SESSION_ID", lk_base64url(req->arena, text, strlen(text)), -1, 1, reply);
}

/* --- KC_RESTART --- */

/* Browsers take cookies of 4096 bytes with name and attributes. */
#define MAX_COOKIE_VALUE 3800

void lk_login_set_restart_cookie(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, lk_reply_t *reply)
{
    lk_login_t finished = {.finished = 1, .root = login->root, .tab = login->tab, .started = login->started};
    const char *text = write_members(req->arena, login->finished ? &finished : login, ALL, NULL);
    const char *sealed = lk_seal(req->arena, realm->seal_secret, SEAL_RESTART, text, strlen(text));
    if (strlen(sealed) <= MAX_COOKIE_VALUE)
        lk_login_set_cookie(req, realm, "KC_RESTART", sealed, -1, 1, reply);
}

void lk_login_clear_restart_cookie(const lk_request_t *req, const lk_realm_t *realm, lk_reply_t *reply)
{
    if (lk_request_cookie(req, "KC_RESTART") != NULL)
        lk_login_set_cookie(req, realm, "KC_RESTART", "", 0, 0, reply);
}

static int is_expired(const lk_realm_t *realm, const lk_login_t *login)
{
    int64_t span = login->user_id != NULL ? realm->access_code_lifespan_user_action : realm->access_code_lifespan_login;
    int64_t since = login->user_id != NULL && login->auth_time > login->started ? login->auth_time : login->started;
    return lk_now() > since + span;
}

/* The login that KC_RESTART remembers, of this browser's root; NULL where there is none. */
static lk_login_t *restart_login(const lk_request_t *req, const lk_realm_t *realm)
{
    json_t *object = lk_unseal_json(req->arena, realm->seal_secret, SEAL_RESTART, lk_request_cookie(req, "KC_RESTART"));
    if (object == NULL)
        return NULL;
    lk_login_t *login = LK_NEW(req->arena, lk_login_t);
    read_members(login, object, ALL);
    return login->root == NULL || login->tab == NULL ? NULL : login;
}

int lk_login_is_of_browser(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login)
{
    const char *root = cookie_root(req, realm);
    return root != NULL && strcmp(root, login->root) == 0 && !is_expired(realm, login);
}

/* 1 where the browser is in the middle of another login (its KC_RESTART opens and is not finished). */
static int is_in_progress(const lk_request_t *req, const lk_realm_t *realm)
{
    const lk_login_t *login = restart_login(req, realm);
    const char *root = cookie_root(req, realm);
    return login != NULL && root != NULL && !login->finished && !is_expired(realm, login) && strcmp(login->root, root) == 0;
}

void lk_login_leave_restart_cookie(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, lk_reply_t *reply)
{
    lk_login_t finished = *login;
    if (is_in_progress(req, realm)) {
        lk_login_set_cookie(req, realm, "KC_RESTART", lk_request_cookie(req, "KC_RESTART"), -1, 1, reply);
        return;
    }
    finished.finished = 1;
    lk_login_clear_restart_cookie(req, realm, reply);
    lk_login_set_restart_cookie(req, realm, &finished, reply);
}

/* --- new and opened --- */

lk_login_t *lk_login_new(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_auth_request_t *auth,
                         int *ret_new_root)
{
    lk_login_t *login = LK_NEW(req->arena, lk_login_t);
    *ret_new_root = !is_in_progress(req, realm);
    login->auth = *auth;
    login->client_uuid = client->id;
    login->root = *ret_new_root ? lk_random_token(req->arena, 18) : cookie_root(req, realm);
    login->tab = lk_random_token(req->arena, 8);
    login->started = lk_now();
    login->level = LK_LEVEL_NONE;
    return login;
}

void lk_login_forget(lk_login_t *login)
{
    login->user_id = login->current = login->attempted = login->organization = NULL;
    login->progress = login->completed = login->levels = login->setup = NULL;
    login->level = LK_LEVEL_NONE;
    login->consented = login->by_cookie = login->by_passkey = login->forced = 0;
    if (login->sid == NULL) /* else it goes on with that session, whose user signs in again */
        login->expected_user = NULL;
}

static lk_login_t *form_login(const lk_request_t *req, const lk_realm_t *realm)
{
    const char *code = lk_pairs_get(&req->query, "session_code"), *client_data = lk_pairs_get(&req->query, "client_data");
    if (code == NULL && (code = lk_pairs_get(&req->form, "code")) == NULL)
        code = lk_pairs_get(&req->form, "session_code");
    json_t *object = lk_unseal_json(req->arena, realm->seal_secret, SEAL_FORM, code), *data;
    lk_bytes_t bytes;
    if (object == NULL || client_data == NULL ||
        !lk_secret_equal(lk_json_str(object, "cd", NULL), lk_sha256_base64url(req->arena, client_data, strlen(client_data))) ||
        lk_base64_decode(req->arena, client_data, strlen(client_data), &bytes) != 0 ||
        lk_json_parse(req->arena, (const char *)bytes.base, bytes.len, &data, NULL) != LK_OK)
        return NULL;
    lk_login_t *login = LK_NEW(req->arena, lk_login_t);
    read_members(login, object, THE_REST);
    read_members(login, data, CLIENT_DATA);
    return login->root == NULL || login->tab == NULL ? NULL : login;
}

lk_login_open_t lk_login_open(const lk_request_t *req, const lk_realm_t *realm, lk_login_t **ret_login)
{
    const char *root = cookie_root(req, realm);
    lk_login_t *login = form_login(req, realm);
    if (root == NULL)
        return LK_LOGIN_NONE;
    if (login != NULL && strcmp(login->root, root) == 0 && !is_expired(realm, login)) {
        *ret_login = login;
        return LK_LOGIN_OPENED;
    }
    lk_login_t *restart = restart_login(req, realm);
    const char *tab = lk_pairs_get(&req->query, "tab_id");
    if (login == NULL && restart != NULL && !restart->finished && strcmp(restart->root, root) == 0 && restart->user_id != NULL &&
        tab != NULL && lk_secret_equal(restart->tab, tab) &&
        !is_expired(realm, restart)) { /* Keycloak's own addresses of later steps name the tab alone */
        *ret_login = restart;
        return LK_LOGIN_OPENED;
    }
    if (restart == NULL || restart->finished || strcmp(restart->root, root) != 0)
        return login != NULL ? LK_LOGIN_EXPIRED : LK_LOGIN_NONE;
    lk_login_forget(restart); /* what was proved so far: the login begins again, with the request as it was */
    restart->started = lk_now();
    *ret_login = restart;
    return LK_LOGIN_RESTARTED;
}

/* --- addresses --- */

static void add_parameter(lk_buffer_t *url, const char *name, const char *value)
{
    if (value == NULL)
        return;
    lk_buffer_printf(url, "%s%s=", memchr(url->base, '?', url->len) == NULL ? "?" : "&", name);
    lk_buffer_form(url, value);
}

/* `place`: "login-actions/authenticate" */
static char *url_of(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const char *base, const char *place,
                    const char *execution, const lk_login_code_t *code)
{
    lk_buffer_t url;
    lk_buffer_init(&url, req->arena, 65536);
    lk_buffer_printf(&url, "%s/realms/", base);
    lk_buffer_percent(&url, realm->name);
    lk_buffer_printf(&url, "/%s", place);
    add_parameter(&url, "session_code", code->session_code);
    add_parameter(&url, "execution", execution);
    add_parameter(&url, "client_id", login->auth.client_id);
    add_parameter(&url, "tab_id", login->tab);
    add_parameter(&url, "client_data", code->client_data);
    return url.base;
}

static const char *action_place(const lk_request_t *req, const char *action)
{
    return lk_printf(req->arena, "login-actions/%s", action);
}

char *lk_login_action_url(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const char *action,
                          const char *execution)
{
    lk_login_code_t code = lk_login_code(req->arena, realm, login);
    return url_of(req, realm, login, req->base_url, action_place(req, action), execution, &code);
}

char *lk_login_page_url(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const lk_login_code_t *code,
                        const char *action)
{
    return url_of(req, realm, login, req->base_url, action_place(req, action), NULL, code);
}

char *lk_login_resume_url(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const char *action)
{
    lk_login_code_t code = {.client_data = client_data_of(req->arena, &login->auth)};
    return url_of(req, realm, login, req->base_url, action_place(req, action), NULL, &code);
}

char *lk_login_form_url(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const char *action)
{
    lk_login_code_t code = {.client_data = client_data_of(req->arena, &login->auth)};
    return url_of(req, realm, login, req->base_path, action_place(req, action), NULL, &code);
}

static char *broker_url(const lk_request_t *req, const char *base, const lk_realm_t *realm, const lk_login_t *login,
                        const lk_login_code_t *code, const char *step)
{
    return url_of(req, realm, login, base, lk_printf(req->arena, "broker/%s", step), NULL, code);
}

char *lk_login_broker_url(const lk_request_t *req, const char *base, const lk_realm_t *realm, const lk_login_t *login,
                          const char *step)
{
    lk_login_code_t code = lk_login_code(req->arena, realm, login);
    return broker_url(req, base, realm, login, &code, step);
}

char *lk_login_provider_url(const lk_request_t *req, const char *base, const lk_realm_t *realm, const lk_login_t *login,
                            const lk_login_code_t *code, const char *alias)
{
    lk_buffer_t step;
    lk_buffer_init(&step, req->arena, 4096);
    lk_buffer_percent(&step, alias);
    lk_buffer_puts(&step, "/login");
    return code != NULL ? broker_url(req, base, realm, login, code, step.base)
                        : lk_login_broker_url(req, base, realm, login, step.base);
}

char *lk_login_execution_id(lk_arena_t *arena, const lk_realm_t *realm, const char *authenticator)
{
    unsigned char d[32];
    const char *text = lk_printf(arena, "execution %s %s", realm->id, authenticator);
    lk_sha256(text, strlen(text), d);
    return lk_printf(arena, "%02x%02x%02x%02x-%02x%02x-4%01x%02x-a%01x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1], d[2], d[3], d[4],
                     d[5], d[6] & 15, d[7], d[8] & 15, d[9], d[10], d[11], d[12], d[13], d[14], d[15]);
}
