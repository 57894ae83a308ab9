/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "core/time.h"
#include "login/authenticators.h"
#include "login/events.h"
#include "model/session.h"
#include "oidc/oidc.h"

/* user-session-limits: how many sessions a user may have, in the realm and with one client. One more is refused, or ends those that
 * were used longest ago. */

#define TERMINATE "Terminate oldest session"

/* The sessions of the walk's user, longest unused first, and what becomes of each. */
enum { STAYS, ENDS, HAS_EXPIRED };
typedef struct st_limits_t {
    const lk_rows_t *rows;
    char *fates;
    int exceeded;
} limits_t;

static void set_expired_aside(const lk_walk_t *walk, const limits_t *limits)
{
    for (int row = 0; row != limits->rows->count; ++row) {
        const lk_session_t session = {.started = lk_row_int(limits->rows, row, "started", 0),
                                      .last_access = lk_row_int(limits->rows, row, "last_access", 0),
                                      .remember_me = lk_row_bool(limits->rows, row, "remember_me")};
        if (lk_session_expires(walk->realm, &session) <= lk_now())
            limits->fates[row] = HAS_EXPIRED;
    }
}

/* Leaves room for the new one among `most` (0: any number) of those of which `column` is true; NULL: of all. */
static void limit(limits_t *limits, int64_t most, const char *column)
{
    int64_t stay = 0;
    for (int pass = 0; most > 0 && pass != 2; ++pass)
        for (int row = 0; row != limits->rows->count; ++row) {
            if (limits->fates[row] != STAYS || (column != NULL && !lk_row_bool(limits->rows, row, column)))
                continue;
            if (pass == 0) {
                ++stay;
            } else if (stay >= most) {
                limits->fates[row] = ENDS;
                limits->exceeded = 1;
                --stay;
            }
        }
}

static lk_status_t end_those(const lk_walk_t *walk, const limits_t *limits, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    for (int row = 0; status == LK_OK && row != limits->rows->count; ++row)
        if (limits->fates[row] == ENDS)
            status = lk_session_end(walk->req, walk->realm, lk_row_str(limits->rows, row, "id"), 0, err);
    return status;
}

/* On a page, or as the answer of a grant that has none (Keycloak answers that with a page, too). */
static lk_status_t refuse(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const char *message = lk_json_config(walk->config, "errorMessage", "");
    lk_event_error(walk->req, "generic_authentication_error");
    if (walk->reply == NULL)
        return lk_fail(err, LK_INVALID, "invalid_grant", "%s", *message != '\0' ? message : "There are too many sessions");
    walk->failure = *message != '\0' ? message : "sessionLimitExceeded";
    walk->failure_status = 403;
    *ret_outcome = LK_FLOW_FAILED;
    return LK_OK;
}

/* Without its settings it lets nobody in, as Keycloak's. */
static lk_status_t refuse_all(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome)
{
    lk_event_error(walk->req, "invalid_user_credentials");
    walk->failure_status = 400;
    *ret_outcome = LK_FLOW_FAILED;
    return LK_OK;
}

lk_status_t lk_session_limits(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    const lk_request_t *req = walk->req;
    lk_rows_t rows;
    if (walk->config == NULL)
        return refuse_all(walk, ret_outcome);
    lk_status_t status = lk_query(req->app->sql, req->arena, LK_Q_SESSIONS_TO_LIMIT, &rows, err, walk->realm->id, walk->user->id,
                                  walk->client->id, walk->login->sid);
    if (status != LK_OK)
        return status;
    limits_t limits = {&rows, lk_alloc(req->arena, (size_t)rows.count + 1), 0};
    memset(limits.fates, STAYS, (size_t)rows.count + 1);
    set_expired_aside(walk, &limits);
    limit(&limits, lk_json_config_int(walk->config, "userClientLimit", 0),
          "with_client"); /* what this ends makes room in the realm */
    limit(&limits, lk_json_config_int(walk->config, "userRealmLimit", 0), NULL);
    if (limits.exceeded && strcmp(lk_json_config(walk->config, "behavior", ""), TERMINATE) != 0)
        return refuse(walk, ret_outcome, err);
    *ret_outcome = LK_FLOW_DONE;
    return end_those(walk, &limits, err);
}
