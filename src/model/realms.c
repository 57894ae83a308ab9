/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/realms.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "core/time.h"
#include "model/authz_cache.h"
#include "model/realm_keys.h"
#include "model/snapshot.h"

#define BUCKETS 256
#define MAX_REALMS_WITH_FILES 1024 /* whose key files are watched */
/* A realm that cannot be compared with the database is served as it was for a while: keys, discovery, tokens for clients themselves
 * need nothing more. How long, how often the comparison is tried meanwhile, and how long it may take while the realm's users wait.
 */
#define AWAY_US (300 * INT64_C(1000000))
#define AWAY_RETRY_US 500000
#define PATIENCE_S 1

/* A realm that is known here, or being looked for. In the bucket of its name, under the registry's lock. */
typedef struct st_entry_t {
    struct st_entry_t *next;
    char *name;
    lk_snapshot_t *snapshot; /* NULL: not read yet, or no such realm */
    uint64_t changed;        /* counts invalidations, from 1 */
    uint64_t checked;        /* value of `changed` that the snapshot is good for */
    int64_t asked;           /* when it last was, in seconds of the monotonic clock */
    int users;               /* threads that are about it: an entry without a realm goes with its last */
    int reread;              /* a key's file has changed, which the realm's version does not show */
    int loading;             /* one of them reads it; the others wait */
    int failures;            /* of reading; tells those who waited that `failure` is theirs too */
    lk_error_t failure;
    int64_t away_us;  /* since when the database has been; 0: it is not */
    int64_t retry_us; /* not asked again before */
} entry_t;

struct st_lk_realms_t {
    lk_store_t *store;
    lk_notice_t notice;
    const char *keys_dir;
    void (*free_plans)(void *plans);
    int64_t grace_us;
    pthread_mutex_t lock;
    pthread_cond_t loaded;
    lk_authz_cache_t *authz;
    lk_realms_stats_t stats; /* but for `realms` */
    entry_t *buckets[BUCKETS];
    char unknown[LK_UNKNOWN_NAMES][LK_UNKNOWN_NAME_SIZE];
    unsigned next_unknown;
};

lk_store_t *lk_realms_store(lk_realms_t *realms)
{
    return realms->store;
}

lk_sql_t *lk_realms_sql(lk_realms_t *realms)
{
    return lk_store_sql(realms->store);
}

lk_authz_cache_t *lk_realms_authz(lk_realms_t *realms)
{
    return realms->authz;
}

static void on_change(void *context, const char *realm_id)
{
    lk_realms_invalidate(context, realm_id);
}

lk_status_t lk_realms_create(lk_store_t *store, lk_notice_t notice, lk_realms_t **ret_realms, lk_error_t *err)
{
    lk_realms_t *realms = calloc(1, sizeof(*realms));
    lk_authz_cache_t *authz = lk_authz_cache_create(LK_AUTHZ_CACHE_SIZE);
    if (realms == NULL || authz == NULL) {
        free(realms);
        lk_authz_cache_free(&authz);
        return lk_fail(err, LK_INTERNAL, NULL, "Out of memory");
    }
    realms->authz = authz;
    realms->store = store;
    realms->notice = notice;
    realms->grace_us = AWAY_US;
    pthread_mutex_init(&realms->lock, NULL);
    pthread_cond_init(&realms->loaded, NULL);
    lk_status_t status = lk_store_listen(store, on_change, realms, err);
    if (status != LK_OK) {
        lk_realms_free(&realms);
        return status;
    }
    *ret_realms = realms;
    return LK_OK;
}

static void free_entry(entry_t *entry)
{
    lk_snapshot_unref(entry->snapshot);
    free(entry->name);
    free(entry);
}

void lk_realms_free(lk_realms_t **realms)
{
    lk_realms_t *self = *realms;
    *realms = NULL;
    if (self == NULL)
        return;
    for (size_t i = 0; i != BUCKETS; ++i) {
        for (entry_t *entry = self->buckets[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            free_entry(entry);
        }
    }
    lk_authz_cache_free(&self->authz);
    pthread_cond_destroy(&self->loaded);
    pthread_mutex_destroy(&self->lock);
    free(self);
}

void lk_realms_set_grace(lk_realms_t *realms, int64_t milliseconds)
{
    realms->grace_us = milliseconds * 1000;
}

void lk_realms_set_plans_free(lk_realms_t *realms, void (*free_plans)(void *plans))
{
    realms->free_plans = free_plans;
}

void lk_realms_stats(lk_realms_t *realms, lk_realms_stats_t *ret_stats)
{
    pthread_mutex_lock(&realms->lock);
    *ret_stats = realms->stats;
    for (size_t i = 0; i != BUCKETS; ++i)
        for (const entry_t *entry = realms->buckets[i]; entry != NULL; entry = entry->next)
            ret_stats->realms += entry->snapshot != NULL;
    pthread_mutex_unlock(&realms->lock);
}

/* --- under the lock --- */

static entry_t **bucket_of(lk_realms_t *realms, const char *name)
{
    return &realms->buckets[lk_text_hash(name) % BUCKETS];
}

static entry_t *find_by_name(lk_realms_t *realms, const char *name)
{
    entry_t *entry = *bucket_of(realms, name);
    while (entry != NULL && strcmp(entry->name, name) != 0)
        entry = entry->next;
    return entry;
}

static entry_t *find_by_id(lk_realms_t *realms, const char *id)
{
    for (size_t i = 0; i != BUCKETS; ++i)
        for (entry_t *entry = realms->buckets[i]; entry != NULL; entry = entry->next)
            if (entry->snapshot != NULL && strcmp(entry->snapshot->super.id, id) == 0)
                return entry;
    return NULL;
}

static entry_t *add_entry(lk_realms_t *realms, const char *name)
{
    entry_t *entry = calloc(1, sizeof(*entry)), **bucket = bucket_of(realms, name);
    if (entry == NULL || (entry->name = strdup(name)) == NULL)
        abort();
    entry->next = *bucket;
    entry->changed = 1;
    *bucket = entry;
    return entry;
}

static void remove_entry(lk_realms_t *realms, entry_t *entry)
{
    entry_t **at = bucket_of(realms, entry->name);
    while (*at != entry)
        at = &(*at)->next;
    *at = entry->next;
    free_entry(entry);
}

static int is_unknown(const lk_realms_t *realms, const char *name)
{
    for (size_t i = 0; i != LK_UNKNOWN_NAMES; ++i)
        if (realms->unknown[i][0] != '\0' && strcmp(realms->unknown[i], name) == 0)
            return 1;
    return 0;
}

static void remember_unknown(lk_realms_t *realms, const char *name)
{
    size_t len = strlen(name);
    if (len < LK_UNKNOWN_NAME_SIZE)
        memcpy(realms->unknown[realms->next_unknown++ % LK_UNKNOWN_NAMES], name, len + 1);
}

void lk_realms_invalidate(lk_realms_t *realms, const char *realm_id)
{
    pthread_mutex_lock(&realms->lock);
    /* Names that were unknown may exist now: a new realm, or another name of an old one. */
    memset(realms->unknown, 0, sizeof(realms->unknown));
    for (size_t i = 0; i != BUCKETS; ++i)
        for (entry_t *entry = realms->buckets[i]; entry != NULL; entry = entry->next)
            if (realm_id == NULL || entry->snapshot == NULL || strcmp(entry->snapshot->super.id, realm_id) == 0)
                ++entry->changed;
    pthread_mutex_unlock(&realms->lock);
}

void lk_realms_set_keys_dir(lk_realms_t *realms, const char *keys_dir)
{
    realms->keys_dir = keys_dir;
}

/* A file that is being written, or broken, is no reason to give up the key that was in it. */
static int is_worth_reading(lk_realms_t *realms, const lk_snapshot_t *snapshot, const lk_key_file_t *file)
{
    lk_arena_t *scratch = lk_arena_create("key file");
    lk_key_file_text_t text;
    struct stat now;
    lk_key_t *key;
    lk_error_t err = {0};
    if (!lk_key_file_changed(file)) {
        lk_arena_destroy(&scratch);
        return 0;
    }
    int good = lk_key_file_read(scratch, realms->keys_dir, snapshot->super.name, file->path, &text, &now, &err) == LK_OK &&
               lk_key_from_private(scratch, text.key, text.certificate, NULL, NULL, &key, &err) == LK_OK;
    if (!good && realms->notice != NULL)
        realms->notice(LK_LOG_WARN, "latchkey.model",
                       lk_printf(scratch, "Realm %s: %s has changed and is not taken, its old key stays: %s (%s)",
                                 snapshot->super.name, file->path, err.text, err.detail));
    lk_arena_destroy(&scratch);
    return good;
}

static int has_new_key(lk_realms_t *realms, const lk_snapshot_t *snapshot)
{
    const lk_key_file_t *file = snapshot->key_files;
    while (file != NULL && !is_worth_reading(realms, snapshot, file))
        file = file->next;
    return file != NULL;
}

/* Those whose keys came from files, each with a reference. */
static size_t with_key_files(lk_realms_t *realms, lk_snapshot_t **ret_snapshots, size_t max)
{
    size_t count = 0;
    pthread_mutex_lock(&realms->lock);
    for (size_t i = 0; i != BUCKETS; ++i)
        for (entry_t *entry = realms->buckets[i]; entry != NULL && count != max; entry = entry->next)
            if (entry->snapshot != NULL && entry->snapshot->key_files != NULL)
                ret_snapshots[count++] = lk_snapshot_ref(entry->snapshot);
    pthread_mutex_unlock(&realms->lock);
    return count;
}

/* Without the lock while it waits for disks. */
void lk_realms_check_key_files(lk_realms_t *realms)
{
    lk_snapshot_t *snapshots[MAX_REALMS_WITH_FILES];
    size_t count = with_key_files(realms, snapshots, MAX_REALMS_WITH_FILES);
    for (size_t i = 0; i != count; ++i) {
        if (has_new_key(realms, snapshots[i])) {
            pthread_mutex_lock(&realms->lock);
            entry_t *entry = find_by_id(realms, snapshots[i]->super.id);
            if (entry != NULL) {
                entry->reread = 1;
                ++entry->changed;
            }
            pthread_mutex_unlock(&realms->lock);
        }
        lk_snapshot_unref(snapshots[i]);
    }
}

/* --- reading --- */

/* 1 where the database has another version than the snapshot, or the realm no more. */
static lk_status_t is_outdated(lk_realms_t *realms, const lk_realm_t *realm, int *ret_outdated, lk_error_t *err)
{
    lk_arena_t *scratch = lk_arena_create("realm version");
    lk_rows_t rows;
    lk_status_t status = lk_query(lk_store_hasty(realms->store), scratch, LK_Q_REALM_VERSION, &rows, err, realm->id);
    if (status == LK_OK)
        *ret_outdated = rows.count == 0 || lk_row_int(&rows, 0, "version", 0) != realm->version;
    lk_arena_destroy(&scratch);
    return status;
}

/* A realm without any secret of its own (imported without keys): gets one, since login states are sealed with it. */
static lk_status_t add_seal_secret(lk_realms_t *realms, lk_arena_t *scratch, lk_snapshot_t **snapshot, lk_error_t *err)
{
    const char *id = lk_strdup(scratch, (*snapshot)->super.id);
    json_t *rep;
    lk_status_t status = lk_key_component(scratch, (*snapshot)->super.name, "AES", -100, "fallback-AES", &rep, err);
    lk_snapshot_unref(*snapshot);
    *snapshot = NULL;
    if (status == LK_OK)
        status = lk_key_store(realms, scratch, id, rep, err);
    if (status == LK_OK)
        status = lk_snapshot_load(realms->store, realms->notice, realms->keys_dir, id, snapshot, err);
    return status;
}

/* *ret_snapshot is NULL where there is no realm of that name. */
static lk_status_t read_snapshot(lk_realms_t *realms, const char *name, lk_snapshot_t **ret_snapshot, lk_error_t *err)
{
    lk_arena_t *scratch = lk_arena_create("realm");
    lk_rows_t rows;
    lk_snapshot_t *snapshot = NULL;
    lk_status_t status = lk_query(lk_realms_sql(realms), scratch, LK_Q_REALM_ID_BY_NAME, &rows, err, name);
    if (status == LK_OK && rows.count != 0)
        status = lk_snapshot_load(realms->store, realms->notice, realms->keys_dir, lk_row_str(&rows, 0, "id"), &snapshot, err);
    if (status == LK_OK && snapshot != NULL && snapshot->super.seal_secret.len == 0)
        status = add_seal_secret(realms, scratch, &snapshot, err);
    if (status == LK_OK) {
        if (snapshot != NULL)
            snapshot->free_plans = realms->free_plans;
        *ret_snapshot = snapshot;
    }
    lk_arena_destroy(&scratch);
    return status;
}

static void note_presence(entry_t *entry, lk_status_t status)
{
    int64_t now = lk_ticks_us();
    if (status != LK_UNAVAILABLE)
        entry->away_us = 0;
    else if (entry->away_us == 0)
        entry->away_us = now;
    entry->retry_us = now + AWAY_RETRY_US;
}

/* 1 where the snapshot serves although nobody knows whether it is the newest. */
static int serves_while_away(const lk_realms_t *realms, const entry_t *entry)
{
    return entry->snapshot != NULL && entry->away_us != 0 && lk_ticks_us() - entry->away_us < realms->grace_us;
}

/* Brings an entry up to date. Called and returns with the lock held, which it gives up while it reads. */
static lk_status_t load_entry(lk_realms_t *realms, entry_t *entry, lk_error_t *err)
{
    lk_snapshot_t *old = entry->snapshot != NULL ? lk_snapshot_ref(entry->snapshot) : NULL, *fresh = NULL;
    uint64_t changed = entry->changed;
    int outdated = 1, reread = entry->reread;
    lk_error_t failure = {0};
    lk_status_t status = LK_OK;
    entry->loading = 1;
    entry->reread = 0;
    pthread_mutex_unlock(&realms->lock);
    if (old != NULL)
        status = is_outdated(realms, &old->super, &outdated, &failure);
    outdated |= reread;
    if (status == LK_OK && outdated)
        status = read_snapshot(realms, entry->name, &fresh, &failure);
    pthread_mutex_lock(&realms->lock);
    entry->loading = 0;
    note_presence(entry, status);
    if (status == LK_OK) {
        entry->checked = changed;
        realms->stats.compared += old != NULL;
        realms->stats.read += outdated;
        if (outdated) {
            lk_snapshot_unref(entry->snapshot);
            entry->snapshot = fresh;
        }
    } else {
        ++entry->failures;
        entry->failure = failure;
        entry->reread |= reread;
        if (err != NULL)
            *err = failure;
    }
    pthread_cond_broadcast(&realms->loaded);
    lk_snapshot_unref(old);
    return status;
}

/* Waits for the thread that reads the entry; its failure is this one's too. Where the database hangs, what is known serves. */
static lk_status_t wait_for_entry(lk_realms_t *realms, entry_t *entry, lk_error_t *err)
{
    int failures = entry->failures;
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += PATIENCE_S;
    if (pthread_cond_timedwait(&realms->loaded, &realms->lock, &until) != 0 && entry->loading && entry->away_us == 0)
        note_presence(entry, LK_UNAVAILABLE);
    if (entry->failures == failures)
        return LK_OK;
    if (err != NULL)
        *err = entry->failure;
    return entry->failure.kind;
}

static void leave_entry(lk_realms_t *realms, entry_t *entry)
{
    if (--entry->users != 0 || entry->snapshot != NULL)
        return;
    if (entry->checked == entry->changed)
        remember_unknown(realms, entry->name);
    remove_entry(realms, entry);
}

/* The realm's current snapshot with a reference; NULL where there is none of that name. Called with the lock held. */
static lk_status_t current_snapshot(lk_realms_t *realms, const char *name, lk_snapshot_t **ret_snapshot, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    entry_t *entry = find_by_name(realms, name);
    if (entry == NULL && is_unknown(realms, name)) {
        *ret_snapshot = NULL;
        return LK_OK;
    }
    if (entry == NULL)
        entry = add_entry(realms, name);
    ++entry->users;
    entry->asked = lk_ticks_us() / 1000000;
    ++realms->stats.asked;
    while (status == LK_OK && entry->checked != entry->changed) {
        if (serves_while_away(realms, entry) && (entry->loading || lk_ticks_us() < entry->retry_us))
            break;
        if (!entry->loading) {
            /* What this thread read itself is new enough for it, even where the realm changed again meanwhile. */
            status = load_entry(realms, entry, err);
            break;
        }
        status = wait_for_entry(realms, entry, err);
    }
    if (status == LK_UNAVAILABLE && serves_while_away(realms, entry))
        status = LK_OK;
    realms->stats.served_undated += status == LK_OK && serves_while_away(realms, entry);
    if (status == LK_OK)
        *ret_snapshot = entry->snapshot != NULL ? lk_snapshot_ref(entry->snapshot) : NULL;
    leave_entry(realms, entry);
    return status;
}

static lk_status_t hand_out(lk_arena_t *arena, lk_snapshot_t *snapshot, const lk_realm_t **ret_realm, lk_error_t *err)
{
    if (snapshot == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Realm does not exist");
    lk_defer(arena, lk_snapshot_unref, snapshot);
    *ret_realm = &snapshot->super;
    return LK_OK;
}

lk_status_t lk_realms_get(lk_realms_t *realms, lk_arena_t *arena, const char *name, const lk_realm_t **ret_realm, lk_error_t *err)
{
    lk_snapshot_t *snapshot = NULL;
    pthread_mutex_lock(&realms->lock);
    lk_status_t status = current_snapshot(realms, name, &snapshot, err);
    pthread_mutex_unlock(&realms->lock);
    return status == LK_OK ? hand_out(arena, snapshot, ret_realm, err) : status;
}

/* The name of a realm: of a known one, or else from the database. *ret_name is NULL where there is none. */
static lk_status_t name_of_id(lk_realms_t *realms, lk_arena_t *arena, const char *id, const char **ret_name, lk_error_t *err)
{
    pthread_mutex_lock(&realms->lock);
    const entry_t *entry = find_by_id(realms, id);
    const char *name = entry != NULL && entry->checked == entry->changed ? lk_strdup(arena, entry->name) : NULL;
    pthread_mutex_unlock(&realms->lock);
    lk_rows_t rows;
    lk_status_t status = LK_OK;
    if (name == NULL) {
        status = lk_query(lk_realms_sql(realms), arena, LK_Q_REALM_NAME_BY_ID, &rows, err, id);
        if (status == LK_OK && rows.count != 0)
            name = lk_row_str(&rows, 0, "name");
    }
    if (status == LK_OK)
        *ret_name = name;
    return status;
}

lk_status_t lk_realms_get_by_id(lk_realms_t *realms, lk_arena_t *arena, const char *id, const lk_realm_t **ret_realm,
                                lk_error_t *err)
{
    const char *name;
    const lk_realm_t *realm;
    lk_status_t status = name_of_id(realms, arena, id, &name, err);
    if (status == LK_OK && name == NULL)
        status = lk_fail(err, LK_NOT_FOUND, NULL, "Realm does not exist");
    if (status == LK_OK)
        status = lk_realms_get(realms, arena, name, &realm, err);
    if (status == LK_OK && strcmp(realm->id, id) != 0)
        status = lk_fail(err, LK_NOT_FOUND, NULL, "Realm does not exist");
    if (status == LK_OK)
        *ret_realm = realm;
    return status;
}

void lk_realms_trim(lk_realms_t *realms, int64_t seconds)
{
    int64_t now = lk_ticks_us() / 1000000;
    pthread_mutex_lock(&realms->lock);
    for (size_t i = 0; i != BUCKETS; ++i) {
        for (entry_t *entry = realms->buckets[i], *next; entry != NULL; entry = next) {
            next = entry->next;
            if (entry->users == 0 && now - entry->asked >= seconds)
                remove_entry(realms, entry);
        }
    }
    pthread_mutex_unlock(&realms->lock);
    lk_authz_cache_trim(realms->authz, seconds);
}

/* --- changing --- */

lk_status_t lk_realm_touch(lk_sql_t *tx, lk_arena_t *arena, const char *realm_id, lk_error_t *err)
{
    lk_rows_t rows;
    return lk_query(tx, arena, LK_Q_REALM_TOUCH, &rows, err, realm_id);
}

lk_status_t lk_realm_commit(lk_realms_t *realms, lk_arena_t *arena, lk_sql_t **tx, const char *realm_id, lk_error_t *err)
{
    lk_tx_last(*tx);
    lk_status_t status = lk_realm_touch(*tx, arena, realm_id, err);
    if (status == LK_OK)
        status = lk_tx_commit(tx, err);
    lk_tx_rollback(tx);
    /* Also where nobody knows whether it was written. */
    lk_realms_invalidate(realms, realm_id);
    return status;
}
