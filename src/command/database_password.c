/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "command/database_password.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "broker/entra.h"
#include "core/buffer.h"
#include "core/fetch.h"
#include "core/json.h"
#include "core/time.h"

/* A token of Entra ID as the database's password: the pod's federated token proves who asks, so that no secret is stored. */

#define SCOPE "https://ossrdbms-aad.database.windows.net/.default"
#define AUTHORITY "https://login.microsoftonline.com/"
#define MAX_TOKEN 16384
#define AHEAD_S 300 /* a token with less time left is replaced, and used meanwhile where that fails */
#define RETRY_S 10

static struct {
    pthread_mutex_t lock;
    char token[MAX_TOKEN];
    int64_t expires, retry_at; /* seconds */
} cache = {.lock = PTHREAD_MUTEX_INITIALIZER};

static const char *setting(const char *name, const char *fallback)
{
    const char *value = getenv(name);
    return value != NULL && *value != '\0' ? value : fallback;
}

static lk_status_t make_form(lk_arena_t *arena, const char *client, lk_buffer_t *form, lk_error_t *err)
{
    const char *assertion;
    lk_status_t status = lk_entra_workload_token(arena, &assertion, err);
    if (status != LK_OK)
        return status;
    const lk_pair_t pairs[] = {{"grant_type", "client_credentials"},
                               {"client_id", client},
                               {"scope", SCOPE},
                               {"client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"},
                               {"client_assertion", assertion}};
    for (size_t i = 0; i != sizeof(pairs) / sizeof(pairs[0]); ++i) {
        lk_buffer_printf(form, "%s%s=", i != 0 ? "&" : "", pairs[i].name);
        lk_buffer_form(form, pairs[i].value);
    }
    return LK_OK;
}

/* Called with the lock held. */
static lk_status_t keep(const char *url, const lk_fetched_t *answer, const json_t *tokens, lk_error_t *err)
{
    const char *token = lk_json_str(tokens, "access_token", NULL);
    if (answer->status != 200 || token == NULL || strlen(token) >= sizeof(cache.token)) {
        lk_fail(err, LK_UNAVAILABLE, "temporarily_unavailable", "The database is not available");
        return lk_error_detail(err, "no token for the database: %s: status %ld, %s: %.250s", url, answer->status,
                               lk_json_str(tokens, "error", "no token"), lk_json_str(tokens, "error_description", ""));
    }
    memcpy(cache.token, token, strlen(token) + 1);
    cache.expires = lk_now() + lk_json_int(tokens, "expires_in", 0);
    return LK_OK;
}

static lk_status_t ask(lk_arena_t *arena, lk_error_t *err)
{
    lk_buffer_t form;
    lk_fetched_t answer = {0};
    json_t *tokens = NULL;
    const char *url =
        lk_printf(arena, "%s%s/oauth2/v2.0/token", setting("AZURE_AUTHORITY_HOST", AUTHORITY), setting("AZURE_TENANT_ID", ""));
    lk_buffer_init(&form, arena, 4 * MAX_TOKEN);
    lk_status_t status = make_form(arena, setting("AZURE_CLIENT_ID", ""), &form, err);
    if (status == LK_OK)
        status = lk_fetch(arena, &(lk_fetch_t){.url = url, .form = form.base}, &answer, err);
    if (status != LK_OK)
        return LK_UNAVAILABLE;
    if (lk_json_parse(arena, (const char *)answer.body.base, answer.body.len, &tokens, NULL) != LK_OK)
        tokens = NULL;
    return keep(url, &answer, tokens, err);
}

static lk_status_t entra_token(void *context, lk_arena_t *arena, const char **ret_password, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    pthread_mutex_lock(&cache.lock);
    int64_t now = lk_now();
    if (now >= cache.expires || (now >= cache.expires - AHEAD_S && now >= cache.retry_at)) {
        cache.retry_at = now + RETRY_S;
        status = ask(arena, err);
    }
    if (status == LK_OK || now < cache.expires)
        *ret_password = lk_strdup(arena, cache.token);
    status = now < cache.expires ? LK_OK : status;
    pthread_mutex_unlock(&cache.lock);
    return status;
}

lk_status_t lk_database_password_source(const lk_settings_t *settings, lk_store_password_t *ret_source, lk_error_t *err)
{
    static const char *const needed[] = {"AZURE_FEDERATED_TOKEN_FILE", "AZURE_CLIENT_ID", "AZURE_TENANT_ID"};
    *ret_source = NULL;
    if (!lk_settings_wants_entra_password(settings))
        return LK_OK;
    for (size_t i = 0; i != sizeof(needed) / sizeof(needed[0]); ++i)
        if (setting(needed[i], NULL) == NULL)
            return lk_fail(err, LK_INVALID, NULL, "db-password-source=entra needs %s: label the pod azure.workload.identity/use",
                           needed[i]);
    *ret_source = entra_token;
    return LK_OK;
}
