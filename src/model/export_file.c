/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/export_internal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/json_write.h"

/* --- one file --- */

/* Written beside its place and moved there once it is whole; what is no regular file (/dev/stdout) is written as it is. */
typedef struct st_output_t {
    const char *path, *temporary; /* temporary: NULL where `path` is written itself */
    int fd;
    lk_json_writer_t json;
} output_t;

static lk_status_t cannot_write(const char *path, const char *reason, lk_error_t *err)
{
    return lk_fail(err, LK_UNAVAILABLE, NULL, "%.300s: %s", path, reason);
}

static lk_status_t output_open(lk_arena_t *arena, const char *path, output_t *ret_output, lk_error_t *err)
{
    struct stat info;
    output_t output = {.path = path};
    if (stat(path, &info) != 0 || S_ISREG(info.st_mode))
        output.temporary = lk_printf(arena, "%s.part", path);
    const char *name = output.temporary != NULL ? output.temporary : path;
    output.fd = open(name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (output.fd < 0)
        return cannot_write(path, strerror(errno), err);
    *ret_output = output;
    lk_json_writer_init(&ret_output->json, output.fd);
    return LK_OK;
}

/* With a `status` that is a failure: takes the file away, and returns that status. */
static lk_status_t output_close(output_t *output, lk_status_t status, lk_error_t *err)
{
    lk_error_t reason = {0};
    lk_status_t written = lk_json_writer_end(&output->json, &reason);
    if (close(output->fd) != 0 && written == LK_OK)
        written = lk_fail(&reason, LK_UNAVAILABLE, NULL, "%s", strerror(errno));
    if (written == LK_OK && status == LK_OK && output->temporary != NULL && rename(output->temporary, output->path) != 0)
        written = lk_fail(&reason, LK_UNAVAILABLE, NULL, "%s", strerror(errno));
    if (output->temporary != NULL && (status != LK_OK || written != LK_OK))
        unlink(output->temporary);
    if (status == LK_OK && written != LK_OK)
        return cannot_write(output->path, reason.text, err);
    return status;
}

/* --- one realm --- */

typedef struct st_job_t {
    lk_app_t *app;
    const lk_export_options_t *options;
    lk_export_t *export;
    lk_error_t *err;
} job_t;

static void report(const job_t *job, const char *category, const char *text)
{
    if (job->app->notice != NULL)
        job->app->notice(LK_LOG_INFO, category, text);
}

/* What a walk over users has left over from its last batch, for the next file. */
typedef struct st_cursor_t {
    lk_export_next_t next;
    const char *position;
    lk_arena_t *arena;
    json_t *batch;
    size_t at; /* in batch */
} cursor_t;

static void cursor_end(cursor_t *cursor)
{
    lk_arena_destroy(&cursor->arena);
}

/* *ret_element is NULL behind the last one; it lives until the next call. */
static lk_status_t cursor_next(const job_t *job, cursor_t *cursor, const json_t **ret_element)
{
    if (cursor->arena == NULL || (cursor->at == json_array_size(cursor->batch) && cursor->at != 0)) {
        lk_arena_destroy(&cursor->arena);
        cursor->arena = lk_arena_create("export batch");
        cursor->at = 0;
        lk_status_t status = cursor->next(job->export, cursor->arena, &cursor->position, &cursor->batch, job->err);
        if (status != LK_OK)
            return status;
    }
    *ret_element = json_array_get(cursor->batch, cursor->at);
    cursor->at += *ret_element != NULL;
    return LK_OK;
}

/* Writes an array of at most `max` elements, its first one given, as a member. *ret_next is the element behind it. */
static lk_status_t write_array(const job_t *job, lk_json_writer_t *json, const char *name, cursor_t *cursor, const json_t *first,
                               size_t max, size_t *ret_count, const json_t **ret_next)
{
    lk_status_t status = LK_OK;
    size_t count = 0;
    lk_json_writer_name(json, name);
    lk_json_writer_open(json, '[');
    for (; first != NULL && count != max && status == LK_OK; ++count) {
        lk_json_writer_value(json, first);
        status = cursor_next(job, cursor, &first);
    }
    lk_json_writer_close(json);
    *ret_count = count;
    *ret_next = first;
    return status;
}

static lk_status_t write_all(const job_t *job, lk_json_writer_t *json, const char *name, lk_export_next_t next, int omit_empty)
{
    cursor_t cursor = {.next = next, .position = ""};
    const json_t *first;
    size_t count;
    lk_status_t status = cursor_next(job, &cursor, &first);
    if (status == LK_OK && (first != NULL || !omit_empty))
        status = write_array(job, json, name, &cursor, first, SIZE_MAX, &count, &first);
    cursor_end(&cursor);
    return status;
}

/* The realm's members in their order, clients and users (where they belong into this file) among them. */
static lk_status_t write_realm(const job_t *job, lk_json_writer_t *json, int with_users)
{
    const json_t *rep = lk_export_rep(job->export), *member;
    const char *name;
    lk_status_t status = LK_OK;
    lk_json_writer_open(json, '{');
    for (size_t i = 0; i != lk_realm_fields.num_fields && status == LK_OK; ++i) {
        name = lk_realm_fields.fields[i].name;
        if (strcmp(name, "clients") == 0) {
            status = write_all(job, json, name, lk_export_clients, 0);
        } else if (strcmp(name, "users") == 0 && with_users) {
            status = write_all(job, json, name, lk_export_users, 1);
        } else if ((member = json_object_get(rep, name)) != NULL) {
            lk_json_writer_name(json, name);
            lk_json_writer_value(json, member);
        }
    }
    json_object_foreach((json_t *)rep, name, member)
    {
        if (lk_field_find(&lk_realm_fields, name) == NULL) {
            lk_json_writer_name(json, name);
            lk_json_writer_value(json, member);
        }
    }
    lk_json_writer_close(json);
    return status;
}

static lk_status_t write_realm_file(const job_t *job, lk_arena_t *arena, const char *path, int with_users)
{
    output_t output;
    lk_status_t status = output_open(arena, path, &output, job->err);
    if (status != LK_OK)
        return status;
    status = write_realm(job, &output.json, with_users);
    return output_close(&output, status, job->err);
}

/* REALM-users-N.json with at most `max` users in each; none where there are no users. */
static lk_status_t write_users_files(const job_t *job, lk_arena_t *arena, const char *realm, size_t max)
{
    cursor_t cursor = {.next = lk_export_users, .position = ""};
    const json_t *user;
    lk_status_t status = cursor_next(job, &cursor, &user);
    size_t done = 0, count;
    for (int file = 0; status == LK_OK && user != NULL; ++file) {
        output_t output;
        status = output_open(arena, lk_printf(arena, "%s/%s-users-%d.json", job->options->dir, realm, file), &output, job->err);
        if (status != LK_OK)
            break;
        json_t *name = json_string(realm);
        lk_json_writer_open(&output.json, '{');
        lk_json_writer_name(&output.json, "realm");
        lk_json_writer_value(&output.json, name);
        json_decref(name);
        status = write_array(job, &output.json, "users", &cursor, user, max, &count, &user);
        lk_json_writer_close(&output.json);
        status = output_close(&output, status, job->err);
        if (status == LK_OK)
            report(job, "latchkey.export", lk_printf(arena, "Users %zu - %zu exported", done, done + count - 1));
        done += count;
    }
    cursor_end(&cursor);
    return status;
}

static lk_status_t export_to_dir(const job_t *job, lk_arena_t *arena)
{
    const lk_export_options_t *options = job->options;
    const char *realm = lk_export_realm_name(job->export), *path = lk_printf(arena, "%s/%s-realm.json", options->dir, realm);
    lk_status_t status = write_realm_file(job, arena, path, options->users == LK_EXPORT_REALM_FILE);
    if (status != LK_OK)
        return status;
    report(job, "latchkey.export", lk_printf(arena, "Realm '%s' - data exported", realm));
    if (options->users == LK_EXPORT_SAME_FILE)
        return write_users_files(job, arena, realm, SIZE_MAX);
    if (options->users == LK_EXPORT_DIFFERENT_FILES)
        return write_users_files(job, arena, realm, (size_t)options->users_per_file);
    return LK_OK;
}

/* --- all realms that are asked for --- */

/* Several realms in one file are an array, as Keycloak writes them. */
static lk_status_t export_to_file(job_t *job, lk_sql_t *tx, lk_arena_t *arena, const lk_rows_t *realms)
{
    output_t output;
    int is_array = job->options->realm == NULL;
    lk_status_t status = output_open(arena, job->options->file, &output, job->err);
    if (status != LK_OK)
        return status;
    if (is_array)
        lk_json_writer_open(&output.json, '[');
    for (int i = 0; i != realms->count && status == LK_OK; ++i) {
        lk_arena_t *one = lk_arena_create("export realm");
        status = lk_export_open(tx, one, lk_row_str(realms, i, "id"), 0, &job->export, job->err);
        if (status == LK_OK)
            status = write_realm(job, &output.json, 1);
        lk_arena_destroy(&one);
    }
    if (is_array)
        lk_json_writer_close(&output.json);
    return output_close(&output, status, job->err);
}

static lk_status_t export_all(job_t *job, lk_sql_t *tx, lk_arena_t *arena)
{
    const lk_export_options_t *options = job->options;
    lk_rows_t realms;
    lk_status_t status = lk_query(tx, arena, LK_Q_EXPORT_REALMS, &realms, job->err, options->realm);
    if (status != LK_OK)
        return status;
    if (realms.count == 0)
        return lk_fail(job->err, LK_NOT_FOUND, NULL, "realm not found by realm name '%.200s'", options->realm);
    if (options->file != NULL)
        return export_to_file(job, tx, arena, &realms);
    if (mkdir(options->dir, 0700) != 0 && errno != EEXIST)
        return cannot_write(options->dir, strerror(errno), job->err);
    for (int i = 0; i != realms.count && status == LK_OK; ++i) {
        lk_arena_t *one = lk_arena_create("export realm");
        status = lk_export_open(tx, one, lk_row_str(&realms, i, "id"), 0, &job->export, job->err);
        if (status == LK_OK)
            status = export_to_dir(job, one);
        lk_arena_destroy(&one);
    }
    return status;
}

lk_status_t lk_export_files(lk_app_t *app, const lk_export_options_t *options, lk_error_t *err)
{
    job_t job = {app, options, NULL, err};
    lk_sql_t *tx = NULL;
    lk_arena_t *arena = lk_arena_create("export");
    const char *what = options->realm != NULL ? lk_printf(arena, "Export of realm '%s' requested.", options->realm)
                                              : "Full model export requested";
    report(&job, "latchkey.export", what);
    report(&job, "latchkey.export",
           options->file != NULL ? lk_printf(arena, "Exporting into file %s", options->file)
                                 : lk_printf(arena, "Exporting into directory %s", options->dir));
    lk_status_t status = lk_tx_begin(app->store, LK_REPEATABLE_READ_ONLY, &tx, err);
    if (status == LK_OK)
        status = export_all(&job, tx, arena);
    if (status == LK_OK)
        report(&job, "latchkey.export", "Export finished successfully");
    lk_tx_rollback(&tx);
    lk_arena_destroy(&arena);
    return status;
}
