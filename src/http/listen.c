/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <unistd.h>
#include "http/edge.h"

/* How long what was sent may stay unacknowledged: clients that do not read lose their connection. Milliseconds. */
#define SEND_TIMEOUT 60000

static void set_flag(int fd, int level, int option, int value)
{
    setsockopt(fd, level, option, &value, sizeof(value));
}

static uint16_t *port_of(lk_address_t *address)
{
    return address->address.ss_family == AF_INET6 ? &((struct sockaddr_in6 *)&address->address)->sin6_port
                                                  : &((struct sockaddr_in *)&address->address)->sin_port;
}

/* What is accepted inherits the TCP options. */
static int bind_socket(const lk_address_t *address, int shared)
{
    int fd = socket(address->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd == -1)
        return -1;
    set_flag(fd, SOL_SOCKET, SO_REUSEADDR, 1);
    if (shared)
        set_flag(fd, SOL_SOCKET, SO_REUSEPORT, 1);
    if (address->address.ss_family == AF_INET6)
        set_flag(fd, IPPROTO_IPV6, IPV6_V6ONLY, !IN6_IS_ADDR_UNSPECIFIED(&((struct sockaddr_in6 *)&address->address)->sin6_addr));
    set_flag(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_flag(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, SEND_TIMEOUT);
    if (bind(fd, (const struct sockaddr *)&address->address, address->len) == 0 && (!shared || listen(fd, 4096) == 0))
        return fd;
    int saved = errno;
    close(fd);
    errno = saved;
    return -1;
}

static lk_status_t listen_fail(const lk_address_t *address, lk_error_t *err)
{
    char host[NI_MAXHOST] = "?", port[NI_MAXSERV] = "?";
    getnameinfo((const struct sockaddr *)&address->address, address->len, host, sizeof(host), port, sizeof(port),
                NI_NUMERICHOST | NI_NUMERICSERV);
    return lk_fail(err, LK_UNAVAILABLE, NULL, "cannot listen on %s port %s: %s%s", host, port, strerror(errno),
                   errno == EADDRINUSE ? "; stop who has it, or take another port" : "");
}

lk_status_t lk_listen_open(const lk_address_t *address, int *ret_fd, lk_error_t *err)
{
    int fd = bind_socket(address, 1);
    if (fd == -1)
        return listen_fail(address, err);
    *ret_fd = fd;
    return LK_OK;
}

/* SO_REUSEPORT would silently share the port with another process of this user: try without. Chooses a port where it is 0. */
static lk_status_t claim(lk_address_t *address, int *port, lk_error_t *err)
{
    struct sockaddr_storage bound;
    socklen_t len = sizeof(bound);
    *port_of(address) = htons((uint16_t)*port);
    int fd = bind_socket(address, 0);
    if (fd == -1)
        return listen_fail(address, err);
    if (getsockname(fd, (struct sockaddr *)&bound, &len) == 0) {
        address->address = bound;
        *port = ntohs(*port_of(address));
    }
    close(fd);
    return LK_OK;
}

static int has_ipv6(void)
{
    int fd = socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd == -1)
        return 0;
    struct sockaddr_in6 any = {.sin6_family = AF_INET6, .sin6_addr = in6addr_any};
    int works = bind(fd, (struct sockaddr *)&any, sizeof(any)) == 0;
    close(fd);
    return works;
}

static lk_status_t find_addresses(const char *host, struct addrinfo **ret_found, lk_error_t *err)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    int everywhere = host == NULL || *host == '\0';
    if (everywhere)
        host = has_ipv6() ? "::" : "0.0.0.0";
    int failed = getaddrinfo(host, "0", &hints, ret_found);
    return failed == 0 ? LK_OK : lk_fail(err, LK_INVALID, NULL, "cannot listen on host \"%s\": %s", host, gai_strerror(failed));
}

/* All addresses of one host get the same port. */
static lk_status_t resolve(lk_server_t *server, const lk_listen_options_t *listen, int is_tls, int is_management, int *port,
                           lk_error_t *err)
{
    struct addrinfo *found;
    lk_status_t status = LK_OK;
    if (listen->port == -1)
        return LK_OK;
    *port = listen->port;
    if ((status = find_addresses(listen->host, &found, err)) != LK_OK)
        return status;
    for (struct addrinfo *at = found; at != NULL && status == LK_OK; at = at->ai_next) {
        if (server->num_addresses == LK_MAX_LISTENERS)
            break;
        lk_address_t *address = server->addresses + server->num_addresses++;
        *address = (lk_address_t){.len = at->ai_addrlen, .is_tls = is_tls, .is_management = is_management};
        memcpy(&address->address, at->ai_addr, at->ai_addrlen);
        status = claim(address, port, err);
    }
    freeaddrinfo(found);
    return status;
}

lk_status_t lk_listen_resolve(lk_server_t *server, lk_error_t *err)
{
    const lk_server_options_t *options = &server->options;
    lk_status_t status;
    server->ports[0] = server->ports[1] = server->ports[2] = -1;
    if ((status = resolve(server, &options->http, 0, 0, server->ports, err)) != LK_OK)
        return status;
    if ((status = resolve(server, &options->https, 1, 0, server->ports + 1, err)) != LK_OK)
        return status;
    return resolve(server, &options->management, options->management_tls, 1, server->ports + 2, err);
}
