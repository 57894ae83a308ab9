/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "http/edge.h"

static lk_status_t handle_root(const lk_request_t *req, lk_reply_t *reply, lk_error_t *err)
{
    (void)err;
    lk_reply_redirect(reply, 302, lk_printf(req->arena, "%s/admin/", req->base_url));
    return LK_OK;
}

/* Every path of the server. */
const lk_route_t lk_routes[] = {
    {LK_GET, "/", handle_root, LK_LANE_LOOP, LK_ERRORS_ADMIN, 0, NULL},
};
const size_t lk_num_routes = sizeof(lk_routes) / sizeof(lk_routes[0]);
