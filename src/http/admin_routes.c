/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/account.h"
#include "admin/protection.h"
#include "http/routes.h"

static lk_route_t make_route(lk_arena_t *arena, const lk_admin_mount_t *mount, const lk_admin_row_t *row)
{
    lk_admin_route_t *admin = LK_NEW(arena, lk_admin_route_t);
    *admin = (lk_admin_route_t){mount, row};
    return (lk_route_t){.methods = lk_method_parse(row->method, strlen(row->method)),
                        .path = lk_printf(arena, "/admin%s%s", mount->prefix, row->path),
                        .handle = lk_admin_handle,
                        .lane = (row->flags & LK_ADMIN_HASH) != 0       ? LK_LANE_HASH
                                : (row->flags & LK_ADMIN_OUTBOUND) != 0 ? LK_LANE_OUTBOUND
                                                                        : LK_LANE_QUICK,
                        .errors = LK_ERRORS_ADMIN,
                        .flags = (row->flags & LK_ADMIN_LARGE) != 0 ? LK_ROUTE_LARGE_BODY : 0,
                        .cors = "DELETE, POST, GET, PUT",
                        .row = admin};
}

#define ACCOUNT_CORS "HEAD, DELETE, POST, GET, OPTIONS, PUT"

/* With the version in the address, or without. */
static const char *const account_versions[] = {"", "/v1alpha1"};
enum { NUM_ACCOUNT_VERSIONS = sizeof(account_versions) / sizeof(account_versions[0]) };

static lk_route_t account_route(lk_arena_t *arena, const lk_admin_row_t *row, const char *version)
{
    return (lk_route_t){.methods = lk_method_parse(row->method, strlen(row->method)),
                        .path = lk_printf(arena, "/realms/{realm}/account%s%s", version, row->path),
                        .handle = lk_account_handle,
                        .lane = (row->flags & LK_ADMIN_OUTBOUND) != 0 ? LK_LANE_OUTBOUND : LK_LANE_QUICK,
                        .errors = LK_ERRORS_ADMIN,
                        .cors = ACCOUNT_CORS,
                        .row = row};
}

static lk_route_t protection_route(lk_arena_t *arena, const lk_admin_row_t *row)
{
    return (lk_route_t){.methods = lk_method_parse(row->method, strlen(row->method)),
                        .path = lk_printf(arena, "/realms/{realm}/authz/protection%s", row->path),
                        .handle = lk_protection_handle,
                        .lane = LK_LANE_QUICK,
                        .errors = LK_ERRORS_ADMIN,
                        .row = row};
}

lk_route_t *lk_routes_of_admin(lk_arena_t *arena, size_t *ret_count)
{
    size_t count = lk_num_account_rows * NUM_ACCOUNT_VERSIONS + lk_num_protection_rows;
    for (size_t i = 0; i != lk_num_admin_mounts; ++i)
        count += lk_admin_mounts[i].num_rows;
    lk_route_t *routes = LK_NEW_ARRAY(arena, lk_route_t, count), *next = routes;
    for (size_t i = 0; i != lk_num_admin_mounts; ++i)
        for (size_t j = 0; j != lk_admin_mounts[i].num_rows; ++j)
            *next++ = make_route(arena, &lk_admin_mounts[i], &lk_admin_mounts[i].rows[j]);
    for (size_t i = 0; i != NUM_ACCOUNT_VERSIONS; ++i)
        for (size_t j = 0; j != lk_num_account_rows; ++j)
            *next++ = account_route(arena, &lk_account_rows[j], account_versions[i]);
    for (size_t i = 0; i != lk_num_protection_rows; ++i)
        *next++ = protection_route(arena, &lk_protection_rows[i]);
    *ret_count = count;
    return routes;
}
