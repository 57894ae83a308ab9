/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <poll.h>
#include <string.h>
#include "core/time.h"
#include "store/pool.h"

/* Everything is a pipeline: what belongs together is sent in one piece, ended by one Sync, and answered in one piece. Statements
 * between two Syncs are one transaction unless BEGIN says otherwise. */

#define MAX_SENT (2 * LK_MAX_STATEMENTS + 2)
/* What the server has after its own statement_timeout, before the connection is given up as hung. */
#define GRACE_MS 2000

/* What was sent, in the order of its answers. */
typedef struct st_sent_t {
    enum { CONTROL, PREPARATION, STATEMENT } kind;
    int index; /* of the statement */
} sent_t;

typedef struct st_pipeline_t {
    lk_conn_t *conn;
    const lk_batch_t *batch;
    sent_t sent[MAX_SENT];
    int num_sent;
    PGresult *failure; /* the first one */
    int64_t until_us;
    int timed_out;
    int is_flushed, is_synced; /* the Sync was sent; its answer is there */
    int all_answered;          /* each statement, before the Sync */
} pipeline_t;

/* --- waiting --- */

/* Reads what comes until an answer is whole. 0, or -1 where the time is over; a lost connection is an answer too. */
static int await_answer(PGconn *pg, int64_t until_us)
{
    while (PQisBusy(pg)) {
        struct pollfd fd = {.fd = PQsocket(pg), .events = POLLIN};
        int64_t left_us = until_us - lk_ticks_us();
        if (left_us <= 0 || poll(&fd, 1, (int)(left_us / 1000 + 1)) == 0)
            return -1;
        if (!PQconsumeInput(pg))
            break;
    }
    return 0;
}

static PGresult *next_result(pipeline_t *pipeline)
{
    if (pipeline->timed_out || await_answer(pipeline->conn->pg, pipeline->until_us) != 0) {
        pipeline->timed_out = 1;
        return NULL;
    }
    return PQgetResult(pipeline->conn->pg);
}

/* --- sending --- */

static int note_sent(pipeline_t *pipeline, int kind, int index)
{
    pipeline->sent[pipeline->num_sent++] = (sent_t){kind, index};
    return 1;
}

static int send_control(pipeline_t *pipeline, const char *text)
{
    return PQsendQueryParams(pipeline->conn->pg, text, 0, NULL, NULL, NULL, NULL, 0) && note_sent(pipeline, CONTROL, 0);
}

static int is_prepared(const pipeline_t *pipeline, enum en_lk_query_t query)
{
    if (pipeline->conn->prepared[query])
        return 1;
    for (int i = 0; i != pipeline->num_sent; ++i)
        if (pipeline->sent[i].kind == PREPARATION && pipeline->batch->statements[pipeline->sent[i].index].query == query)
            return 1;
    return 0;
}

static int send_statement(pipeline_t *pipeline, int index, int unprepared)
{
    const lk_statement_t *statement = &pipeline->batch->statements[index];
    const lk_query_text_t *query = &lk_query_texts[statement->query];
    PGconn *pg = pipeline->conn->pg;
    if (unprepared || query->planned)
        return PQsendQueryParams(pg, query->text, statement->num_params, NULL, statement->params, NULL, NULL, 0) &&
               note_sent(pipeline, STATEMENT, index);
    if (!is_prepared(pipeline, statement->query) &&
        !(PQsendPrepare(pg, query->name, query->text, 0, NULL) && note_sent(pipeline, PREPARATION, index)))
        return 0;
    return PQsendQueryPrepared(pg, query->name, statement->num_params, statement->params, NULL, NULL, 0) &&
           note_sent(pipeline, STATEMENT, index);
}

static int send_batch(pipeline_t *pipeline, int unprepared)
{
    const lk_batch_t *batch = pipeline->batch;
    if (!PQenterPipelineMode(pipeline->conn->pg) || (batch->begin != NULL && !send_control(pipeline, batch->begin)))
        return 0;
    for (int i = 0; i != batch->count; ++i)
        if (!send_statement(pipeline, i, unprepared))
            return 0;
    if (batch->commits && !send_control(pipeline, "COMMIT"))
        return 0;
    pipeline->is_flushed = 1; /* from here on nobody knows */
    return PQpipelineSync(pipeline->conn->pg);
}

/* --- taking the answers --- */

/* Takes the result over. */
static void keep_failure(pipeline_t *pipeline, PGresult *result)
{
    if (pipeline->failure == NULL && PQresultStatus(result) != PGRES_PIPELINE_ABORTED)
        pipeline->failure = result;
    else
        PQclear(result);
}

static void take_result(pipeline_t *pipeline, const sent_t *sent, PGresult *result, PGresult **results)
{
    ExecStatusType outcome = PQresultStatus(result);
    if (outcome != PGRES_TUPLES_OK && outcome != PGRES_COMMAND_OK) {
        keep_failure(pipeline, result);
    } else if (sent->kind == STATEMENT) {
        results[sent->index] = result;
    } else {
        if (sent->kind == PREPARATION)
            pipeline->conn->prepared[pipeline->batch->statements[sent->index].query] = 1;
        PQclear(result);
    }
}

/* Each command's result and the NULL behind it. Returns 0 where they end early. */
static int take_answers(pipeline_t *pipeline, PGresult **results)
{
    for (int i = 0; i != pipeline->num_sent; ++i) {
        PGresult *result = next_result(pipeline);
        if (result == NULL)
            return 0;
        take_result(pipeline, &pipeline->sent[i], result, results);
        if (PQstatus(pipeline->conn->pg) != CONNECTION_OK)
            return 0;
        PQclear(next_result(pipeline));
    }
    return pipeline->failure == NULL;
}

/* A transaction without BEGIN commits here: what fails now has undone the statements above. */
static void take_sync(pipeline_t *pipeline)
{
    for (int tries = 0; tries != 4 && !pipeline->is_synced; ++tries) { /* an error, and the NULL behind it, may stand before it */
        PGresult *result = next_result(pipeline);
        pipeline->is_synced = PQresultStatus(result) == PGRES_PIPELINE_SYNC;
        if (result != NULL && !pipeline->is_synced)
            keep_failure(pipeline, result);
        else
            PQclear(result);
    }
}

/* What a batch is that may have been carried out: the least repeatable of its statements decides. */
static lk_outcome_t outcome_of_open(const lk_batch_t *batch)
{
    static const lk_outcome_t outcomes[] = {LK_OPEN, LK_OPEN_REPEATABLE, LK_UNDONE};
    int repeatable = batch->count != 0 ? 2 : 0;
    if (batch->is_inside && (!batch->commits || batch->begin == NULL))
        return batch->commits ? LK_OPEN : LK_UNDONE;
    for (int i = 0; i != batch->count; ++i)
        if (lk_query_texts[batch->statements[i].query].repeatable < repeatable)
            repeatable = lk_query_texts[batch->statements[i].query].repeatable;
    return outcomes[repeatable];
}

/* What the server refused, and what was not sent whole, is undone. Anything else is open, and so is what ended the connection
 * behind the last statement, and what something in between says that has lost the server. */
static lk_outcome_t outcome_of(const pipeline_t *pipeline)
{
    lk_aftermath_t aftermath = lk_result_aftermath(pipeline->failure);
    int refused =
        pipeline->failure != NULL && PQresultErrorField(pipeline->failure, PG_DIAG_SQLSTATE) != NULL && aftermath != LK_CONN_CUT;
    if (pipeline->is_flushed && !pipeline->is_synced && (pipeline->all_answered || !refused))
        return pipeline->timed_out ? LK_OPEN : outcome_of_open(pipeline->batch);
    return refused && aftermath == LK_CONN_KEEPS ? LK_REFUSED : LK_UNDONE;
}

static lk_status_t fail(lk_store_t *store, pipeline_t *pipeline, lk_outcome_t *ret_outcome, lk_error_t *err)
{
    lk_status_t status = lk_result_error(pipeline->conn->pg, pipeline->failure, err);
    lk_aftermath_t aftermath = lk_result_aftermath(pipeline->failure);
    if (pipeline->timed_out && err != NULL)
        lk_error_detail(err, "no answer in time");
    if (aftermath == LK_CONN_SHARED)
        atomic_store(&store->unprepared, 1);
    pipeline->conn->hung |= pipeline->timed_out;
    pipeline->conn->broken |= !pipeline->is_synced || aftermath == LK_CONN_LOST || aftermath == LK_CONN_CUT;
    *ret_outcome = outcome_of(pipeline);
    return status;
}

lk_status_t lk_exec(lk_store_t *store, lk_conn_t *conn, const lk_batch_t *batch, PGresult **results, lk_outcome_t *ret_outcome,
                    lk_error_t *err)
{
    pipeline_t pipeline = {.conn = conn, .batch = batch};
    lk_status_t status = LK_OK;
    pipeline.until_us = lk_ticks_us() + (store->options.statement_timeout_ms + GRACE_MS) * INT64_C(1000);
    for (int i = 0; i != batch->count; ++i)
        results[i] = NULL;
    if (send_batch(&pipeline, atomic_load_explicit(&store->unprepared, memory_order_relaxed))) {
        pipeline.all_answered = take_answers(&pipeline, results);
        take_sync(&pipeline);
    }
    if (!pipeline.is_synced || pipeline.failure != NULL || !PQexitPipelineMode(conn->pg)) {
        status = fail(store, &pipeline, ret_outcome, err);
        for (int i = 0; i != batch->count; ++i)
            PQclear(results[i]);
        if (pipeline.is_synced)
            PQexitPipelineMode(conn->pg);
    }
    PQclear(pipeline.failure);
    return status;
}

lk_status_t lk_exec_text(PGconn *pg, const char *text, int timeout_ms, PGresult **ret_result, lk_error_t *err)
{
    int64_t until_us = lk_ticks_us() + timeout_ms * INT64_C(1000);
    PGresult *result = NULL, *next;
    if (PQsendQuery(pg, text)) {
        while (await_answer(pg, until_us) == 0 && (next = PQgetResult(pg)) != NULL) {
            PQclear(result);
            result = next;
        }
    }
    ExecStatusType outcome = PQresultStatus(result);
    int good = !PQisBusy(pg) && (outcome == PGRES_COMMAND_OK || outcome == PGRES_TUPLES_OK);
    lk_status_t status = good ? LK_OK : lk_result_error(pg, result, err);
    if (good && ret_result != NULL)
        *ret_result = result;
    else
        PQclear(result);
    return status;
}
