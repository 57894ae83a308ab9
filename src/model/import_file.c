/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/buffer.h"
#include "model/json_scan.h"

/* Files are mapped, not read: the users in them are parsed one batch at a time. */

typedef struct st_mapped_t {
    const char *name; /* without its folder, for messages */
    lk_span_t text;
} mapped_t;

static void unmap(void *context)
{
    mapped_t *mapped = context;
    munmap((void *)mapped->text.base, (size_t)(mapped->text.end - mapped->text.base));
}

static lk_status_t map_file(lk_arena_t *arena, const char *path, const mapped_t **ret_mapped, lk_error_t *err)
{
    struct stat info;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &info) != 0) {
        int reason = errno;
        if (fd >= 0)
            close(fd);
        return lk_fail(err, LK_NOT_FOUND, NULL, "%.300s: %s", path, strerror(reason));
    }
    const char *slash = strrchr(path, '/');
    mapped_t *mapped = LK_NEW(arena, mapped_t);
    mapped->name = lk_strdup(arena, slash != NULL ? slash + 1 : path);
    void *base = info.st_size > 0 ? mmap(NULL, (size_t)info.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    close(fd);
    if (base == NULL || base == MAP_FAILED)
        return lk_fail(err, LK_INVALID, "malformed", "%.300s: the file is empty or cannot be read", path);
    madvise(base, (size_t)info.st_size, MADV_SEQUENTIAL);
    mapped->text = (lk_span_t){base, (const char *)base + info.st_size};
    lk_defer(arena, unmap, mapped);
    if (mapped->text.end - mapped->text.base >= 3 && memcmp(base, "\xef\xbb\xbf", 3) == 0)
        mapped->text.base += 3;
    *ret_mapped = mapped;
    return LK_OK;
}

/* --- users in files --- */

typedef struct st_users_t {
    const char *where; /* "$.users", with the file's name before it where it is another one */
    lk_span_t array;   /* with its brackets */
} users_t;

typedef struct st_file_source_t {
    lk_user_source_t super;
    const users_t *lists;
    size_t num_lists, list; /* list: the one that is being read */
    const char *at;         /* in it; NULL before its start */
    size_t index;           /* of the next user in it */
} file_source_t;

/* Parses the user at source->at and steps behind it and its comma; source->at is left at the closing bracket. */
static lk_status_t parse_user(file_source_t *source, lk_arena_t *arena, json_t *batch, lk_error_t *err)
{
    const users_t *list = &source->lists[source->list];
    const char *end = lk_scan_value(source->at, list->array.end);
    if (end == NULL)
        return lk_fail(err, LK_INVALID, "malformed", "%s[%zu]: not JSON", list->where, source->index);
    lk_span_t text = lk_scan_expand(arena, (lk_span_t){source->at, end});
    json_t *user;
    lk_error_t reason = {0};
    if (lk_json_parse_kept(arena, text.base, (size_t)(text.end - text.base), &user, &reason) != LK_OK)
        return lk_fail(err, LK_INVALID, "malformed", "%s[%zu]: %s", list->where, source->index, reason.text);
    json_array_append(batch, user);
    ++source->index;
    source->at = lk_scan_space(end, list->array.end);
    if (*source->at == ',')
        source->at = lk_scan_space(source->at + 1, list->array.end);
    else if (*source->at != ']')
        return lk_fail(err, LK_INVALID, "malformed", "%s[%zu]: ',' or ']' expected behind it", list->where, source->index - 1);
    return LK_OK;
}

static lk_status_t next_of_files(lk_user_source_t *super, lk_arena_t *arena, json_t **ret_users, lk_error_t *err)
{
    file_source_t *source = (file_source_t *)super;
    json_t *batch = lk_json_own(arena, json_array());
    for (; source->list != source->num_lists; ++source->list, source->at = NULL) {
        const users_t *list = &source->lists[source->list];
        if (source->at == NULL) {
            source->at = lk_scan_space(list->array.base + 1, list->array.end);
            source->index = 0;
        }
        super->where = list->where;
        super->first = source->index;
        while (*source->at != ']' && json_array_size(batch) != LK_USER_BATCH) {
            lk_status_t status = parse_user(source, arena, batch, err);
            if (status != LK_OK)
                return status;
        }
        if (json_array_size(batch) != 0)
            break;
    }
    *ret_users = json_array_size(batch) != 0 ? batch : NULL;
    return LK_OK;
}

/* --- one realm --- */

typedef struct st_job_t {
    lk_on_realm_t on_realm;
    void *context;
    lk_error_t *err;
} job_t;

/* Fails as the parser of the whole text does, which knows the line; or with a reason of its own where that one has none. */
static lk_status_t not_json(lk_arena_t *arena, const mapped_t *file, lk_error_t *err)
{
    json_t *value;
    lk_error_t reason = {0};
    if (lk_json_parse_kept(arena, file->text.base, (size_t)(file->text.end - file->text.base), &value, &reason) == LK_OK)
        return lk_fail(err, LK_INVALID, "malformed", "%.100s: a realm, or an array of realms, is expected", file->name);
    return lk_fail(err, LK_INVALID, "malformed", "%.100s: %s", file->name, reason.text);
}

/* The realm without its users: an empty array stands for them, with as many line ends, so that the parser's line numbers are right.
 */
static lk_span_t without_users(lk_arena_t *arena, lk_span_t realm, lk_span_t users)
{
    lk_buffer_t text;
    lk_buffer_init(&text, arena, (size_t)(realm.end - realm.base) + 2);
    lk_buffer_append(&text, realm.base, (size_t)(users.base - realm.base));
    lk_buffer_putc(&text, '[');
    for (const char *at = users.base; (at = memchr(at, '\n', (size_t)(users.end - at))) != NULL; ++at)
        lk_buffer_putc(&text, '\n');
    lk_buffer_putc(&text, ']');
    lk_buffer_append(&text, users.end, (size_t)(realm.end - users.end));
    return (lk_span_t){text.base, text.base + text.len};
}

static int is_array(lk_span_t value)
{
    return value.base != value.end && *value.base == '[';
}

/* `more` are users of the realm in files of their own. */
static lk_status_t import_one(const job_t *job, const mapped_t *file, lk_span_t realm, const users_t *more, size_t num_more)
{
    lk_arena_t *arena = lk_arena_create("import file");
    lk_span_t text = realm, own = {0};
    users_t *lists = LK_NEW_ARRAY(arena, users_t, num_more + 1);
    file_source_t users = {.super = {next_of_files, "$.users", 0}, .lists = lists};
    int found = lk_scan_member(realm, "users", &own);
    lk_status_t status = found < 0 ? not_json(arena, file, job->err) : LK_OK;
    if (found == 1 && is_array(own)) {
        text = without_users(arena, realm, own);
        lists[users.num_lists++] = (users_t){"$.users", own};
    }
    if (num_more != 0)
        memcpy(lists + users.num_lists, more, num_more * sizeof(*more));
    users.num_lists += num_more;
    json_t *rep;
    lk_error_t reason = {0};
    text = lk_scan_expand(arena, text);
    if (status == LK_OK) {
        status = lk_json_parse_kept(arena, text.base, (size_t)(text.end - text.base), &rep, &reason);
        if (status == LK_OK)
            status = job->on_realm(job->context, arena, rep, &users.super, &reason);
        if (status != LK_OK && job->err != NULL) {
            lk_fail(job->err, status, reason.code, "%.100s: %s", file->name, reason.text);
            lk_error_detail(job->err, "%s", reason.detail);
        }
    }
    lk_arena_destroy(&arena);
    return status;
}

static lk_status_t import_array(const job_t *job, const mapped_t *file, lk_arena_t *arena)
{
    const char *at = lk_scan_space(file->text.base + 1, file->text.end);
    while (at != file->text.end && *at != ']') {
        const char *end = lk_scan_value(at, file->text.end);
        if (end == NULL)
            return not_json(arena, file, job->err);
        lk_status_t status = import_one(job, file, (lk_span_t){at, end}, NULL, 0);
        if (status != LK_OK)
            return status;
        at = lk_scan_space(end, file->text.end);
        if (at != file->text.end && *at == ',')
            at = lk_scan_space(at + 1, file->text.end);
    }
    return at == file->text.end ? not_json(arena, file, job->err) : LK_OK;
}

static lk_status_t import_file(const job_t *job, lk_arena_t *arena, const char *path, const users_t *more, size_t num_more)
{
    const mapped_t *file;
    lk_status_t status = map_file(arena, path, &file, job->err);
    if (status != LK_OK)
        return status;
    mapped_t trimmed = *file;
    trimmed.text.base = lk_scan_space(file->text.base, file->text.end);
    if (is_array(trimmed.text))
        return import_array(job, &trimmed, arena);
    return import_one(job, &trimmed, trimmed.text, more, num_more);
}

/* --- folders --- */

static int ends_with(const char *text, const char *end)
{
    size_t len = strlen(text), end_len = strlen(end);
    return len >= end_len && strcmp(text + len - end_len, end) == 0;
}

/* Where `name` is "<realm>-users-N.json" or "<realm>-federated-users-N.json": the length of the part before "-users-" and such;
 * else 0. */
static size_t realm_part_of_users_file(const char *name)
{
    const char *marker = NULL;
    for (const char *at = name; (at = strstr(at, "-users-")) != NULL; ++at)
        marker = at;
    if (marker == NULL || !ends_with(name, ".json"))
        return 0;
    const char *digits = marker + 7;
    size_t len = strspn(digits, "0123456789");
    return len != 0 && strcmp(digits + len, ".json") == 0 ? (size_t)(marker - name) : 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strverscmp((*a)->d_name, (*b)->d_name);
}

static int is_json_file(const struct dirent *entry)
{
    return entry->d_name[0] != '.' && ends_with(entry->d_name, ".json");
}

typedef struct st_folder_t {
    const char *path;
    struct dirent **entries;
    size_t num_entries;
} folder_t;

static lk_status_t add_users_file(lk_arena_t *arena, const folder_t *folder, const char *name, users_t *ret_users, lk_error_t *err)
{
    const mapped_t *file;
    lk_status_t status = map_file(arena, lk_printf(arena, "%s/%s", folder->path, name), &file, err);
    if (status != LK_OK)
        return status;
    lk_span_t users;
    if (lk_scan_member(file->text, "users", &users) != 1 || !is_array(users))
        return lk_fail(err, LK_INVALID, "malformed", "%.200s: $.users: expected an array", name);
    *ret_users = (users_t){lk_printf(arena, "%s: $.users", file->name), users};
    return LK_OK;
}

/* "<realm>-realm.json" with its "<realm>-users-N.json", in the order of N; any other file by itself. */
static lk_status_t import_of_folder(const job_t *job, const folder_t *folder, const char *name)
{
    lk_arena_t *arena = lk_arena_create("import folder");
    users_t *more = LK_NEW_ARRAY(arena, users_t, folder->num_entries);
    size_t num_more = 0, len = ends_with(name, "-realm.json") ? strlen(name) - strlen("-realm.json") : 0;
    lk_status_t status = LK_OK;
    for (size_t i = 0; i != folder->num_entries && status == LK_OK; ++i) {
        const char *other = folder->entries[i]->d_name;
        if (len == 0 || realm_part_of_users_file(other) != len || strncmp(other, name, len) != 0)
            continue;
        status = add_users_file(arena, folder, other, &more[num_more], job->err);
        num_more += status == LK_OK;
    }
    if (status == LK_OK)
        status = import_file(job, arena, lk_printf(arena, "%s/%s", folder->path, name), more, num_more);
    lk_arena_destroy(&arena);
    return status;
}

static lk_status_t import_folder(const job_t *job, const char *path)
{
    folder_t folder = {.path = path};
    int count = scandir(path, &folder.entries, is_json_file, by_name);
    if (count < 0)
        return lk_fail(job->err, LK_NOT_FOUND, NULL, "%.300s: %s", path, strerror(errno));
    folder.num_entries = (size_t)count;
    lk_status_t status = LK_OK;
    for (size_t i = 0; i != folder.num_entries && status == LK_OK; ++i)
        if (realm_part_of_users_file(folder.entries[i]->d_name) == 0)
            status = import_of_folder(job, &folder, folder.entries[i]->d_name);
    for (size_t i = 0; i != folder.num_entries; ++i)
        free(folder.entries[i]);
    free(folder.entries);
    return status;
}

lk_status_t lk_import_each_realm(const char *path, lk_on_realm_t on_realm, void *context, lk_error_t *err)
{
    struct stat info;
    job_t job = {on_realm, context, err};
    if (stat(path, &info) == 0 && S_ISDIR(info.st_mode))
        return import_folder(&job, path);
    lk_arena_t *arena = lk_arena_create("import");
    lk_status_t status = import_file(&job, arena, path, NULL, 0);
    lk_arena_destroy(&arena);
    return status;
}

/* --- import --- */

typedef struct st_target_t {
    lk_app_t *app;
    const lk_import_options_t *options;
} target_t;

static lk_status_t import_realm(void *context, lk_arena_t *arena, json_t *realm, lk_user_source_t *users, lk_error_t *err)
{
    target_t *target = context;
    lk_import_result_t result;
    lk_status_t status = lk_import_run(target->app, arena, realm, users, target->options, &result, err);
    if (status != LK_OK || target->app->notice == NULL)
        return status;
    const char *format = result.skipped ? "Realm '%s' already exists. Import skipped" : "Realm '%s' imported";
    target->app->notice(LK_LOG_INFO, "latchkey.import", lk_printf(arena, format, result.realm));
    return LK_OK;
}

lk_status_t lk_import_path(lk_app_t *app, const char *path, const lk_import_options_t *options, lk_error_t *err)
{
    target_t target = {app, options};
    return lk_import_each_realm(path, import_realm, &target, err);
}
