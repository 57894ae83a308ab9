/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "store/pool.h"

/* What the server's SQLSTATEs mean to us. */

/* By SQLSTATE, or by its class where two letters stand; the first that fits. */
static const struct {
    const char *state;
    lk_status_t kind;
    lk_aftermath_t aftermath;
} states[] = {
    {"23505", LK_CONFLICT, LK_CONN_KEEPS},   /* unique_violation */
    {"23503", LK_NOT_FOUND, LK_CONN_KEEPS},  /* foreign_key_violation: what was found a moment ago has been deleted meanwhile */
    {"23", LK_INVALID, LK_CONN_KEEPS},       /* other constraints */
    {"22", LK_INVALID, LK_CONN_KEEPS},       /* data_exception */
    {"25006", LK_UNAVAILABLE, LK_CONN_LOST}, /* read_only_sql_transaction: no primary any more */
    {"26000", LK_UNAVAILABLE, LK_CONN_SHARED},
    {"42P05", LK_UNAVAILABLE, LK_CONN_SHARED}, /* prepared statements that are not this connection's: a pooler's doing */
    {"40", LK_CONFLICT, LK_CONN_KEEPS},        /* serialization_failure, deadlock_detected */
    {"57014", LK_UNAVAILABLE, LK_CONN_KEEPS},  /* query_canceled: statement_timeout */
    {"57P", LK_UNAVAILABLE, LK_CONN_LOST},     /* shut down, crashed, starting, database dropped */
    {"08P01", LK_INTERNAL, LK_CONN_KEEPS},     /* protocol_violation: not this statement's number of parameters */
    {"08", LK_UNAVAILABLE, LK_CONN_CUT},       /* a pooler's words when it has lost the server */
    {"53", LK_UNAVAILABLE, LK_CONN_KEEPS},     /* disk, memory, connections */
    {"55P03", LK_UNAVAILABLE, LK_CONN_KEEPS},
    {"58", LK_UNAVAILABLE, LK_CONN_KEEPS}}; /* system_error */

static const char *const texts[] = {[LK_CONFLICT] = "Duplicate resource error",
                                    [LK_NOT_FOUND] = "What this refers to does not exist",
                                    [LK_INVALID] = "Invalid value",
                                    [LK_UNAVAILABLE] = "The database is not available",
                                    [LK_INTERNAL] = "Internal server error"};

static const char *field(const PGresult *result, int which)
{
    return result != NULL ? PQresultErrorField(result, which) : NULL;
}

/* PgBouncer gives all that ends a connection the state 08P01, which is a statement's own error where the server says it. */
static const char *state_of(const PGresult *result)
{
    const char *state = field(result, PG_DIAG_SQLSTATE), *severity = field(result, PG_DIAG_SEVERITY);
    return state != NULL && severity != NULL && strcmp(state, "08P01") == 0 && strcmp(severity, "FATAL") == 0 ? "08006" : state;
}

static size_t find(const char *state)
{
    size_t i = 0;
    while (i != sizeof(states) / sizeof(states[0]) && strncmp(states[i].state, state, strlen(states[i].state)) != 0)
        ++i;
    return i;
}

const char *lk_result_line(const char *text, char *buffer, size_t size)
{
    size_t len = 0;
    while (*(text += strspn(text, "\n\t ")) != '\0' && len < size - 1) {
        size_t more = strcspn(text, "\n");
        int written = snprintf(buffer + len, size - len, "%s%.*s", len != 0 ? "; " : "", (int)more, text);
        len += (size_t)written;
        text += more;
    }
    buffer[len == 0 ? 0 : len < size ? len : size - 1] = '\0';
    return buffer;
}

lk_status_t lk_result_error(PGconn *pg, const PGresult *result, lk_error_t *err)
{
    const char *state = state_of(result), *constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
    size_t row = state != NULL ? find(state) : 0;
    lk_status_t kind = LK_UNAVAILABLE;
    if (state != NULL && row != sizeof(states) / sizeof(states[0]))
        kind = states[row].kind;
    else if (state != NULL && PQstatus(pg) == CONNECTION_OK)
        kind = LK_INTERNAL;
    lk_fail(err, kind, kind == LK_UNAVAILABLE ? "temporarily_unavailable" : NULL, "%s", texts[kind]);
    if (err == NULL)
        return kind;
    char line[301];
    lk_error_detail(
        err, "%s %s %s", state != NULL ? state : "connection", constraint != NULL ? constraint : "",
        lk_result_line(state != NULL ? field(result, PG_DIAG_MESSAGE_PRIMARY) : PQerrorMessage(pg), line, sizeof(line)));
    /* Which row broke the constraint: "Key (realm_id, username)=(..., ...) already exists." */
    const char *key = constraint != NULL ? field(result, PG_DIAG_MESSAGE_DETAIL) : NULL;
    if (key != NULL)
        lk_error_detail(err, "%.200s", key);
    return kind;
}

lk_aftermath_t lk_result_aftermath(const PGresult *result)
{
    const char *state = state_of(result);
    size_t row = state != NULL ? find(state) : sizeof(states) / sizeof(states[0]);
    return row != sizeof(states) / sizeof(states[0]) ? states[row].aftermath : LK_CONN_KEEPS;
}
