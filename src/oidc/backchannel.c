/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <curl/curl.h>
#include "broker/broker.h"
#include "core/time.h"
#include "oidc/oidc.h"

/* Ending sessions, and telling their clients (OpenID Connect Back-Channel Logout 1.0): all at once, over libcurl, for a few seconds
 * at most. */

#define MAX_CALLS 64
#define CALL_TIMEOUT_MS 5000

static size_t discard(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes;
    (void)context;
    return size * count;
}

static CURL *prepare_call(lk_arena_t *arena, const char *url, const char *logout_token)
{
    CURL *curl = curl_easy_init();
    if (curl == NULL)
        return NULL;
    curl_easy_setopt(curl, CURLOPT_URL, url);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, lk_printf(arena, "logout_token=%s", logout_token));
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, discard);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, (long)CALL_TIMEOUT_MS);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_USERAGENT, "latchkey");
    return curl;
}

const char *lk_client_logout_url(lk_arena_t *arena, const lk_client_t *client, const char *attribute)
{
    const char *url = lk_client_attribute(client, attribute, "");
    if (*url == '/' && client->root_url != NULL)
        return lk_printf(arena, "%s%s", client->root_url, url);
    return strncmp(url, "http://", 7) == 0 || strncmp(url, "https://", 8) == 0 ? url : NULL;
}

static void perform_all(CURLM *multi)
{
    int64_t until = lk_ticks_us() + (CALL_TIMEOUT_MS + 500) * 1000;
    int running = 1;
    while (running != 0 && lk_ticks_us() < until)
        if (curl_multi_perform(multi, &running) != CURLM_OK ||
            (running != 0 && curl_multi_poll(multi, NULL, 0, 100, NULL) != CURLM_OK))
            return;
}

/* Where the client wants a token; NULL where it does not. One that the browser tells gets none, as in Keycloak: not even where
 * there is no browser. */
static const char *logout_url(lk_arena_t *arena, const lk_client_t *client)
{
    return client->frontchannel_logout ? NULL : lk_client_logout_url(arena, client, "backchannel.logout.url");
}

/* A client that does not answer does not keep the session alive: what failed is not told again, as in Keycloak. */
static lk_status_t tell_clients(const lk_request_t *req, const lk_realm_t *realm, const lk_rows_t *clients, const char *user_id,
                                const char *sid, lk_error_t *err)
{
    CURLM *multi = NULL;
    CURL *calls[MAX_CALLS];
    int count = 0;
    lk_status_t status = LK_OK;
    for (int i = 0; i != clients->count && count != MAX_CALLS; ++i) {
        const lk_client_t *client;
        char *token;
        status = lk_realm_client_by_uuid(req->app->realms, realm, lk_row_str(clients, i, "client_id"), &client, err);
        const char *url = status == LK_OK && client != NULL ? logout_url(req->arena, client) : NULL;
        if (url == NULL || lk_token_logout(req, realm, client, user_id, sid, &token, err) != LK_OK)
            continue;
        if (multi == NULL && (multi = curl_multi_init()) == NULL)
            break;
        if ((calls[count] = prepare_call(req->arena, url, token)) != NULL)
            curl_multi_add_handle(multi, calls[count++]);
    }
    if (multi == NULL)
        return LK_OK;
    perform_all(multi);
    for (int i = 0; i != count; ++i) {
        curl_multi_remove_handle(multi, calls[i]);
        curl_easy_cleanup(calls[i]);
    }
    curl_multi_cleanup(multi);
    return LK_OK;
}

lk_status_t lk_session_end(const lk_request_t *req, const lk_realm_t *realm, const char *sid, int offline, lk_error_t *err)
{
    lk_rows_t clients, user;
    lk_broker_logout_t logout = {.upstream = NULL};
    const char *is_offline = offline ? "true" : "false";
    lk_status_t status =
        lk_query(req->app->sql, req->arena, LK_Q_LOGOUT_CLIENTS_OF_SESSION, &clients, err, realm->id, sid, is_offline);
    if (status == LK_OK)
        status = lk_query(req->app->sql, req->arena, LK_Q_LOGOUT_USER_OF_SESSION, &user, err, realm->id, sid, is_offline);
    if (status == LK_OK && user.count != 0 && lk_row_str(&user, 0, "broker_alias") != NULL)
        status = lk_broker_logout_prepare(req, realm, sid, &logout, err);
    if (status == LK_OK)
        status = lk_session_remove(req->app->sql, req->arena, realm, sid, offline, NULL, err);
    if (status != LK_OK || user.count == 0)
        return status;
    lk_event_user(req, lk_row_str(&user, 0, "user_id"));
    lk_broker_logout_call(req, realm, &logout, sid);
    return tell_clients(req, realm, &clients, lk_row_str(&user, 0, "user_id"), sid, err);
}

lk_status_t lk_user_logout_others(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, const char *kept_sid,
                                  lk_error_t *err)
{
    lk_rows_t sessions;
    lk_status_t status = lk_query(req->app->sql, req->arena, LK_Q_LOGOUT_SESSIONS_OF_USER, &sessions, err, realm->id, user_id);
    for (int i = 0; status == LK_OK && i != sessions.count; ++i) {
        const char *sid = lk_row_str(&sessions, i, "id");
        if (kept_sid == NULL || strcmp(sid, kept_sid) != 0)
            status = lk_session_end(req, realm, sid, 0, err);
    }
    return status;
}

lk_status_t lk_user_logout(const lk_request_t *req, const lk_realm_t *realm, const char *user_id, lk_error_t *err)
{
    lk_rows_t done;
    lk_status_t status = lk_user_logout_others(req, realm, user_id, NULL, err);
    if (status == LK_OK)
        status = lk_query(req->app->sql, req->arena, LK_Q_LOGOUT_USER_NOT_BEFORE, &done, err, realm->id, user_id,
                          lk_printf(req->arena, "%lld", (long long)lk_now()));
    return status;
}
