/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/url.h"
#include "login/page.h"
#include "model/realms.h"
#include "oidc/frontchannel.h"
#include "oidc/oidc.h"

/* Clients that the browser tells of its logout: a page with one iframe each (OpenID Connect Front-Channel Logout 1.0). */

#define MAX_CLIENTS 64 /* of a session; their ids travel in the address where an identity provider is signed out of, too */
#define AUTHORITY_CHARS "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-._:[]"

/* "host:port" of an address, as a policy may name it; NULL where it is none that a policy could. */
static const char *authority_of(lk_arena_t *arena, const char *url)
{
    size_t host_len;
    const char *host = lk_url_host(url, &host_len), *end = url + lk_url_origin(url);
    if (host == NULL)
        return NULL;
    size_t len = (size_t)(end - host);
    return strspn(host, AUTHORITY_CHARS) >= len ? lk_strndup(arena, host, len) : NULL;
}

/* Where the browser tells the client; NULL where it does not. */
static const char *address_of(lk_arena_t *arena, const lk_client_t *client)
{
    const char *url = client->frontchannel_logout ? lk_client_logout_url(arena, client, "frontchannel.logout.url") : NULL;
    return url != NULL && authority_of(arena, url) != NULL ? url : NULL;
}

lk_status_t lk_frontchannel_clients(const lk_request_t *req, const lk_realm_t *realm, const char *sid, json_t **ret_clients,
                                    lk_error_t *err)
{
    lk_rows_t rows;
    const lk_client_t *client;
    json_t *clients = NULL; /* of the arena */
    lk_status_t status = lk_query(req->app->sql, req->arena, LK_Q_LOGOUT_CLIENTS_OF_SESSION, &rows, err, realm->id, sid, "false");
    for (int i = 0; status == LK_OK && i != rows.count && json_array_size(clients) != MAX_CLIENTS; ++i) {
        const char *id = lk_row_str(&rows, i, "client_id");
        status = lk_realm_client_by_uuid(req->app->realms, realm, id, &client, err);
        if (status != LK_OK || client == NULL || address_of(req->arena, client) == NULL)
            continue;
        if (clients == NULL)
            clients = lk_json_own(req->arena, json_array());
        json_array_append_new(clients, json_string(id));
    }
    if (status == LK_OK)
        *ret_clients = clients;
    return status;
}

/* The client's address with session and issuer (section 3 of the specification), which it may do without. */
static const char *with_session(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const char *url,
                                const char *sid)
{
    lk_buffer_t address;
    if (strcmp(lk_client_attribute(client, "frontchannel.logout.session.required", "true"), "false") == 0)
        return url;
    lk_buffer_init(&address, req->arena, 65536);
    lk_buffer_printf(&address, "%s%csid=", url, strchr(url, '?') == NULL ? '?' : '&');
    lk_buffer_form(&address, sid);
    lk_buffer_puts(&address, "&iss=");
    lk_buffer_form(&address, lk_realm_issuer(req, realm));
    return address.base;
}

/* One more host that the page may frame, unless it is there. */
static void allow(lk_buffer_t *hosts, const char *authority)
{
    size_t len = strlen(authority);
    for (const char *at = hosts->base; (at = strstr(at, authority)) != NULL; at += len)
        if (at[-1] == ' ' && at[len] == ' ')
            return;
    lk_buffer_printf(hosts, "%s ", authority);
}

/* The clients for the page, and the hosts for its policy: a client that is gone by now, or has no address any more, is left out. */
static lk_status_t list_clients(const lk_request_t *req, const lk_frontchannel_t *logout, json_t *shown, lk_buffer_t *hosts,
                                lk_error_t *err)
{
    size_t index;
    const json_t *id;
    const lk_client_t *client;
    json_array_foreach(logout->clients, index, id)
    {
        lk_status_t status = lk_realm_client_by_uuid(req->app->realms, logout->realm, json_string_value(id), &client, err);
        if (status != LK_OK)
            return status;
        const char *url = client != NULL ? address_of(req->arena, client) : NULL;
        if (url == NULL)
            continue;
        const char *name = client->name != NULL && *client->name != '\0' ? client->name : client->client_id;
        allow(hosts, authority_of(req->arena, url));
        json_array_append_new(shown, json_pack("{s:s, s:s}", "name", name, "frontChannelLogoutUrl",
                                               with_session(req, logout->realm, client, url, logout->sid)));
    }
    return LK_OK;
}

lk_status_t lk_frontchannel_show(const lk_request_t *req, const lk_frontchannel_t *logout, lk_reply_t *reply, lk_error_t *err)
{
    lk_buffer_t policy;
    json_t *shown = lk_json_own(req->arena, json_array());
    lk_buffer_init(&policy, req->arena, 65536);
    lk_buffer_puts(&policy, "frame-src 'self' ");
    lk_status_t status = list_clients(req, logout, shown, &policy, err);
    if (status != LK_OK)
        return status;
    lk_buffer_puts(&policy, logout->is_framed ? "; object-src 'none';" : "; frame-ancestors 'self'; object-src 'none';");
    json_t *model = lk_page_model(req, logout->realm, logout->asker, NULL);
    json_object_set_new(model, "logout", json_pack("{s:O, s:s?}", "clients", shown, "logoutRedirectUri", logout->redirect_uri));
    lk_page_show(req, logout->realm, 200, "frontchannel-logout", model, reply);
    lk_reply_set_header(reply, "content-security-policy", policy.base);
    return LK_OK;
}
