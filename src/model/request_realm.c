/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <arpa/inet.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>
#include "core/buffer.h"
#include "core/json.h"
#include "model/realms.h"

/* Takes an address in host order. */
static int is_local_v4(uint32_t address)
{
    return address >> 24 == 127 || address >> 24 == 10 || address >> 20 == 0xac1 || address >> 16 == 0xc0a8 ||
           address >> 16 == 0xa9fe;
}

int lk_address_is_local(const char *ip)
{
    struct in_addr v4;
    struct in6_addr v6;
    if (ip == NULL)
        return 0;
    if (inet_pton(AF_INET, ip, &v4) == 1)
        return is_local_v4(ntohl(v4.s_addr));
    if (inet_pton(AF_INET6, ip, &v6) != 1)
        return 0;
    if (IN6_IS_ADDR_V4MAPPED(&v6)) {
        memcpy(&v4, &v6.s6_addr[12], sizeof(v4));
        return is_local_v4(ntohl(v4.s_addr));
    }
    return IN6_IS_ADDR_LOOPBACK(&v6) || IN6_IS_ADDR_LINKLOCAL(&v6) || (v6.s6_addr[0] & 0xfe) == 0xfc;
}

lk_status_t lk_request_realm(const lk_request_t *req, const lk_realm_t **ret_realm, lk_error_t *err)
{
    const lk_realm_t *realm;
    lk_status_t status = lk_realms_get(req->app->realms, req->arena, req->params[0], &realm, err);
    if (status != LK_OK)
        return status;
    if (!req->is_https && strcasecmp(realm->ssl_required, "none") != 0 &&
        (strcasecmp(realm->ssl_required, "all") == 0 || !lk_address_is_local(req->client_ip)))
        return lk_fail_http(err, LK_DENIED, 403, "invalid_request", "HTTPS required");
    *ret_realm = realm;
    return LK_OK;
}

const char *lk_realm_issuer(const lk_request_t *req, const lk_realm_t *realm)
{
    const char *base = lk_json_config(realm->attributes, "frontendUrl", "");
    lk_buffer_t issuer;
    lk_buffer_init(&issuer, req->arena, 8192);
    lk_buffer_puts(&issuer, *base != '\0' ? base : req->base_url);
    while (issuer.len != 0 && issuer.base[issuer.len - 1] == '/')
        issuer.base[--issuer.len] = '\0';
    lk_buffer_puts(&issuer, "/realms/");
    lk_buffer_percent(&issuer, realm->name);
    return issuer.base;
}
