/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>
#include "core/buffer.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/event.h"

#define MAX_QUEUED 20000 /* some 12 MB */
#define MAX_BATCH 500
#define MAX_BATCH_BYTES (8 * 1024 * 1024)
#define MAX_EVENT_BYTES (16 * 1024)
#define GATHER_MS 50 /* an event waits so long for others to be written along with it */
#define RETRY_MS 1000

/* An event as the JSON object that events_insert takes. */
typedef struct st_entry_t {
    struct st_entry_t *next;
    size_t len;
    char text[];
} entry_t;

struct st_lk_event_store_t {
    pthread_mutex_t mutex;
    pthread_cond_t wake, written; /* wake: for the writer; written: for those that flush */
    pthread_t thread;
    entry_t *head, **tail;
    size_t queued;         /* with those that are being written */
    uint64_t put, handled; /* numbers of events so far: taken, and written or given up */
    uint64_t done, lost;
    int flushing, closing, is_full;
    lk_sql_t *sql;
    lk_notice_t notice;
};

static void say(lk_event_store_t *store, lk_log_level_t level, const char *text)
{
    if (store->notice != NULL)
        store->notice(level, "latchkey.events", text);
}

/* Called with the mutex held; gives it back meanwhile. */
static void wait_ms(pthread_cond_t *cond, pthread_mutex_t *mutex, int ms)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_nsec += (long)ms * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_cond_clockwait(cond, mutex, CLOCK_MONOTONIC, &until);
}

static lk_status_t write_text(lk_event_store_t *store, const entry_t *first, size_t count, lk_error_t *err)
{
    lk_arena_t *arena = lk_arena_create("events");
    lk_buffer_t batch;
    lk_rows_t rows;
    lk_buffer_init(&batch, arena, MAX_BATCH_BYTES + 2);
    lk_buffer_putc(&batch, '[');
    for (size_t i = 0; i != count; ++i, first = first->next)
        lk_buffer_printf(&batch, "%s%s", i != 0 ? "," : "", first->text);
    lk_buffer_putc(&batch, ']');
    lk_status_t status = lk_query(store->sql, arena, LK_Q_EVENTS_INSERT, &rows, err, "", batch.base);
    lk_arena_destroy(&arena);
    return status;
}

/* What the database refuses in company is tried alone, so that one event takes no others with it. Returns how many are written. */
static size_t write_one_by_one(lk_event_store_t *store, const entry_t *first, size_t count)
{
    size_t written = 0;
    for (size_t i = 0; i != count; ++i, first = first->next) {
        lk_error_t err = {0};
        written += write_text(store, first, 1, &err) == LK_OK;
    }
    return written;
}

static int should_wait(lk_event_store_t *store)
{
    pthread_mutex_lock(&store->mutex);
    int closing = store->closing;
    if (!closing)
        wait_ms(&store->wake, &store->mutex, RETRY_MS);
    pthread_mutex_unlock(&store->mutex);
    return !closing;
}

/* While the database is away it is tried again: an event's id makes that safe. */
static size_t write_batch(lk_event_store_t *store, const entry_t *first, size_t count)
{
    for (int attempt = 0;; ++attempt) {
        lk_error_t err = {0};
        lk_status_t status = write_text(store, first, count, &err);
        if (status == LK_OK)
            return count;
        if (status != LK_UNAVAILABLE && status != LK_WRITE_UNCERTAIN) {
            say(store, LK_LOG_ERROR, err.detail);
            return count > 1 ? write_one_by_one(store, first, count) : 0;
        }
        if (attempt == 0)
            say(store, LK_LOG_WARN, "Events cannot be stored; they wait for the database");
        if (!should_wait(store))
            return 0;
    }
}

/* Called with the mutex held. */
static entry_t *take_batch(lk_event_store_t *store, size_t *ret_count)
{
    entry_t *first = store->head, *last = NULL;
    size_t bytes = 0;
    *ret_count = 0;
    while (store->head != NULL && *ret_count != MAX_BATCH && bytes + store->head->len + 1 < MAX_BATCH_BYTES) {
        bytes += store->head->len + 1;
        last = store->head;
        store->head = last->next;
        ++*ret_count;
    }
    if (last != NULL)
        last->next = NULL;
    if (store->head == NULL)
        store->tail = &store->head;
    return first;
}

/* Called with the mutex held. */
static void write_queue(lk_event_store_t *store)
{
    size_t count;
    entry_t *first = take_batch(store, &count), *next;
    pthread_mutex_unlock(&store->mutex);
    size_t written = write_batch(store, first, count);
    for (; first != NULL; first = next) {
        next = first->next;
        free(first);
    }
    pthread_mutex_lock(&store->mutex);
    store->queued -= count;
    store->handled += count;
    store->done += written;
    store->lost += count - written;
    store->is_full = 0;
    pthread_cond_broadcast(&store->written);
}

static void *serve(void *_store)
{
    lk_event_store_t *store = _store;
    prctl(PR_SET_NAME, "lk-events");
    pthread_mutex_lock(&store->mutex);
    while (!store->closing || store->head != NULL) {
        if (store->head == NULL)
            pthread_cond_wait(&store->wake, &store->mutex);
        if (store->head != NULL && !store->flushing && !store->closing && store->queued < MAX_BATCH)
            wait_ms(&store->wake, &store->mutex, GATHER_MS);
        if (store->head != NULL)
            write_queue(store);
    }
    pthread_mutex_unlock(&store->mutex);
    return NULL;
}

lk_event_store_t *lk_event_store_open(lk_sql_t *sql, lk_notice_t notice)
{
    lk_event_store_t *store = calloc(1, sizeof(*store));
    if (store == NULL)
        abort();
    store->sql = sql;
    store->notice = notice;
    store->tail = &store->head;
    pthread_mutex_init(&store->mutex, NULL);
    pthread_cond_init(&store->wake, NULL);
    pthread_cond_init(&store->written, NULL);
    if (pthread_create(&store->thread, NULL, serve, store) != 0)
        abort();
    return store;
}

static void put_member(lk_buffer_t *text, const char *name, const char *value)
{
    if (value == NULL)
        return;
    lk_buffer_printf(text, "%s\"%s\":", text->len > 1 ? "," : "", name);
    lk_buffer_json_string(text, value);
}

static void put_details(lk_buffer_t *text, const lk_event_t *event)
{
    for (size_t i = 0; i != event->num_details; ++i) {
        lk_buffer_puts(text, i == 0 ? ",\"details\":{" : ",");
        lk_buffer_json_string(text, event->details[i].name);
        lk_buffer_putc(text, ':');
        lk_buffer_json_string(text, event->details[i].value);
    }
    lk_buffer_puts(text, event->num_details != 0 ? "}}" : "}");
}

static entry_t *make_entry(const lk_event_t *event, const char *client_ip)
{
    lk_arena_t *arena = lk_arena_create("event");
    lk_buffer_t text;
    lk_buffer_init(&text, arena, MAX_EVENT_BYTES);
    lk_buffer_putc(&text, '{');
    put_member(&text, "realm_id", event->realm->id);
    put_member(&text, "id", lk_ordered_uuid(arena)); /* within a millisecond lists go by it */
    lk_buffer_printf(&text, ",\"time\":%lld", (long long)event->time_ms);
    put_member(&text, "type", lk_event_name(arena, event));
    put_member(&text, "client_id", event->client_id);
    put_member(&text, "user_id", event->user_id);
    put_member(&text, "session_id", event->session_id);
    put_member(&text, "ip_address", client_ip);
    put_member(&text, "error", event->error);
    put_details(&text, event);
    entry_t *entry = text.overflow ? NULL : malloc(sizeof(*entry) + text.len + 1);
    if (entry != NULL) {
        entry->next = NULL;
        entry->len = text.len;
        memcpy(entry->text, text.base, text.len);
        entry->text[text.len] = '\0';
    }
    lk_arena_destroy(&arena);
    return entry;
}

int lk_event_store_put(lk_event_store_t *store, const lk_event_t *event, const char *client_ip)
{
    entry_t *entry = make_entry(event, client_ip);
    int first_lost = 0;
    pthread_mutex_lock(&store->mutex);
    int fits = entry != NULL && store->queued != MAX_QUEUED && !store->closing;
    if (fits) {
        *store->tail = entry;
        store->tail = &entry->next;
        ++store->put;
        if (++store->queued == 1 || store->queued == MAX_BATCH)
            pthread_cond_signal(&store->wake);
    } else {
        ++store->lost;
        first_lost = !store->is_full;
        store->is_full = 1;
    }
    pthread_mutex_unlock(&store->mutex);
    if (!fits)
        free(entry);
    if (first_lost)
        say(store, LK_LOG_ERROR, "The queue of events is full: events are lost");
    return fits;
}

void lk_event_store_flush(lk_event_store_t *store, int timeout_ms)
{
    int64_t until = lk_ticks_us() / 1000 + timeout_ms, left;
    pthread_mutex_lock(&store->mutex);
    uint64_t all = store->put;
    ++store->flushing;
    pthread_cond_signal(&store->wake);
    while (store->handled < all && (left = until - lk_ticks_us() / 1000) > 0)
        wait_ms(&store->written, &store->mutex, (int)left);
    --store->flushing;
    pthread_mutex_unlock(&store->mutex);
}

void lk_event_store_stats(lk_event_store_t *store, lk_event_stats_t *ret_stats)
{
    pthread_mutex_lock(&store->mutex);
    *ret_stats = (lk_event_stats_t){store->done, store->lost, store->queued};
    pthread_mutex_unlock(&store->mutex);
}

void lk_event_store_close(lk_event_store_t **_store)
{
    lk_event_store_t *store = *_store;
    if (store == NULL)
        return;
    pthread_mutex_lock(&store->mutex);
    store->closing = 1;
    pthread_cond_signal(&store->wake);
    pthread_mutex_unlock(&store->mutex);
    pthread_join(store->thread, NULL);
    pthread_cond_destroy(&store->wake);
    pthread_cond_destroy(&store->written);
    pthread_mutex_destroy(&store->mutex);
    free(store);
    *_store = NULL;
}
