/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/counters.h"
#include "model/app.h"
#include "token/token.h"

/* Tokens travel in headers, and what stands on the way refuses a request with large ones, far from here and without a word of why.
 */

#define MAX_LABELS 1024

static lk_counters_t large = {"latchkey_large_tokens_total", "Tokens larger than token-size-warning", NULL, NULL};

static const char *labels_of(const lk_token_context_t *context)
{
    lk_buffer_t labels;
    lk_buffer_init(&labels, context->req->arena, MAX_LABELS);
    lk_labels_put(&labels, "client_id", context->client->client_id);
    lk_labels_put(&labels, "realm", context->realm->name);
    return labels.overflow ? "client_id=\"too long\"" : labels.base;
}

void lk_token_watch_size(const lk_token_context_t *context, const char *what, const char *token)
{
    const lk_app_t *app = context->req->app;
    size_t size = token != NULL ? strlen(token) : 0;
    if (app->token_size_warning <= 0 || size <= (size_t)app->token_size_warning)
        return;
    /* The first of this client's; what there is no room for counts as one client. */
    if (lk_counters_add(&large, labels_of(context), 1) != 0 || app->notice == NULL)
        return;
    app->notice(
        LK_LOG_WARN, "latchkey.token",
        lk_printf(context->req->arena,
                  "%s of client %s in realm %s has %zu bytes, the limit (token-size-warning) is %d: servers and proxies refuse "
                  "requests with "
                  "large headers, often at 8 KiB for one or 60 KiB for all. Put fewer roles into it: turn fullScopeAllowed of the "
                  "client off and "
                  "map the roles that it needs, ask for groups instead of roles, or take mappers away. Said once for each client",
                  what, context->client->client_id, context->realm->name, size, app->token_size_warning));
}
