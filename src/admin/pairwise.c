/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "core/fetch.h"
#include "core/json.h"
#include "core/url.h"

/* The sector of a pairwise subject (OpenID Connect Core 8.1): the host that a client's redirect URIs share, or that of a document
 * that lists them all. */

#define MAX_DOCUMENT (64 * 1024)
#define TIMEOUT_MS 5000
#define FAILED "Failed to get redirect URIs from the Sector Identifier URI."

/* Text and error code are the same: see json_error in http/reply.c. */
static lk_status_t refuse(lk_error_t *err, const char *text)
{
    return lk_fail(err, LK_INVALID, "=", "%s", text);
}

static lk_status_t check_hosts(const json_t *redirect_uris, const char *root, lk_error_t *err)
{
    static const char none[] = "Client redirect URIs must contain a valid host component.",
                      several[] = "Without a configured Sector Identifier URI, client redirect URIs must not contain multiple host "
                                  "components.";
    const char *first = NULL;
    size_t first_len = 0, len, i;
    const json_t *uri;
    json_array_foreach(redirect_uris, i, uri)
    {
        const char *text = json_string_value(uri), *host = text == NULL ? NULL : lk_url_host(*text == '/' ? root : text, &len);
        if (host == NULL)
            continue;
        if (first != NULL && (len != first_len || memcmp(host, first, len) != 0))
            return refuse(err, several);
        first = host;
        first_len = len;
    }
    return first != NULL ? LK_OK : refuse(err, none);
}

static lk_status_t fetch(const lk_request_t *req, const char *uri, json_t **ret_uris, lk_error_t *err)
{
    const lk_fetch_t call = {.url = uri, .timeout_ms = TIMEOUT_MS, .max_bytes = MAX_DOCUMENT};
    lk_fetched_t answer;
    if (!req->may_wait)
        return lk_fail(err, LK_ELSEWHERE, "temporarily_unavailable", "The sector's document is being fetched");
    if (lk_fetch(req->arena, &call, &answer, err) != LK_OK || answer.status != 200 ||
        lk_json_parse(req->arena, (const char *)answer.body.base, answer.body.len, ret_uris, NULL) != LK_OK ||
        !json_is_array(*ret_uris))
        return refuse(err, FAILED);
    return LK_OK;
}

static lk_status_t check_document(const lk_request_t *req, const char *uri, const json_t *redirect_uris, lk_error_t *err)
{
    static const char unlike[] = "Client redirect URIs does not match redirect URIs fetched from the Sector Identifier URI.";
    json_t *listed = NULL;
    const json_t *redirect_uri;
    size_t i, len;
    if ((strncmp(uri, "http://", 7) != 0 && strncmp(uri, "https://", 8) != 0) || lk_url_host(uri, &len) == NULL)
        return lk_fail(err, LK_INVALID, "Invalid Sector Identifier URI.", "Malformed Sector Identifier URI.");
    lk_status_t status = fetch(req, uri, &listed, err);
    json_array_foreach(redirect_uris, i, redirect_uri)
    {
        const char *text = json_string_value(redirect_uri);
        if (status == LK_OK && text != NULL && !lk_json_names(listed, text))
            return refuse(err, unlike);
    }
    return status;
}

lk_status_t lk_pairwise_check(const lk_request_t *req, const json_t *client, const json_t *mapper, lk_error_t *err)
{
    const json_t *redirect_uris = json_object_get(client, "redirectUris");
    const char *uri = lk_json_config(json_object_get(mapper, "config"), "sectorIdentifierUri", "");
    if (*uri != '\0')
        return check_document(req, uri, redirect_uris, err);
    return check_hosts(redirect_uris, lk_json_str(client, "rootUrl", ""), err);
}
