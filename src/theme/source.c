/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/embedded.h"
#include "theme/internal.h"

#define BUILTIN "themes/base/"
#define MAX_FILE_SIZE (8 * 1024 * 1024)
#define MAX_FILES 4096
#define MAX_DEPTH 8

void lk_theme_files_add(lk_arena_t *arena, lk_theme_files_t *files, const char *path, const char *origin, lk_bytes_t bytes)
{
    if (files->count == files->capacity) {
        size_t capacity = files->capacity != 0 ? files->capacity * 2 : 64;
        lk_theme_file_t *entries = LK_NEW_ARRAY(arena, lk_theme_file_t, capacity);
        if (files->count != 0)
            memcpy(entries, files->entries, files->count * sizeof(*entries));
        files->entries = entries;
        files->capacity = capacity;
    }
    files->entries[files->count] = (lk_theme_file_t){path, origin, bytes, files->count};
    ++files->count;
}

static int compare_files(const void *left, const void *right)
{
    return strcmp(((const lk_theme_file_t *)left)->path, ((const lk_theme_file_t *)right)->path);
}

static int compare_files_by_age(const void *left, const void *right)
{
    size_t a = ((const lk_theme_file_t *)left)->order, b = ((const lk_theme_file_t *)right)->order;
    int order = compare_files(left, right);
    return order != 0 ? order : (a > b) - (a < b);
}

void lk_theme_files_sort(lk_theme_files_t *files)
{
    size_t kept = 0;

    if (files->count != 0)
        qsort(files->entries, files->count, sizeof(files->entries[0]), compare_files_by_age);
    for (size_t i = 0; i < files->count; ++i) {
        if (kept != 0 && compare_files(&files->entries[kept - 1], &files->entries[i]) == 0)
            --kept;
        files->entries[kept++] = files->entries[i];
    }
    files->count = kept;
}

const lk_theme_file_t *lk_theme_files_find(const lk_theme_files_t *files, const char *path)
{
    lk_theme_file_t wanted = {.path = path};
    return files->count != 0 ? bsearch(&wanted, files->entries, files->count, sizeof(wanted), compare_files) : NULL;
}

void lk_theme_files_builtin(lk_arena_t *arena, lk_theme_files_t *files)
{
    for (const lk_embedded_t *entry = lk_embedded; entry->path != NULL; ++entry)
        if (strncmp(entry->path, BUILTIN, sizeof(BUILTIN) - 1) == 0)
            lk_theme_files_add(arena, files, entry->path + sizeof(BUILTIN) - 1, entry->path, entry->bytes);
}

static lk_status_t fail_file(lk_error_t *err, const char *path, const char *reason)
{
    lk_fail(err, LK_INVALID, NULL, "A theme cannot be read");
    return lk_error_detail(err, "%s: %s", path, reason);
}

static lk_status_t read_file(lk_arena_t *arena, const char *path, size_t size, lk_bytes_t *ret_bytes, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    unsigned char *bytes;
    size_t len = 0;
    int fd;

    if (size > MAX_FILE_SIZE)
        return fail_file(err, path, "larger than 8 MiB");
    if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)) == -1)
        return fail_file(err, path, strerror(errno));
    bytes = lk_alloc(arena, size + 1);
    while (len < size) {
        ssize_t got = read(fd, bytes + len, size - len);
        if (got == -1 && errno == EINTR)
            continue;
        if (got <= 0) {
            status = fail_file(err, path, got == 0 ? "changed while it was read" : strerror(errno));
            goto Exit;
        }
        len += (size_t)got;
    }
    *ret_bytes = (lk_bytes_t){bytes, len};
Exit:
    close(fd);
    return status;
}

static lk_status_t read_folder(lk_arena_t *arena, const char *dir, const char *prefix, int depth, lk_theme_files_t *files,
                               lk_error_t *err);

/* Symbolic links are followed: a mounted ConfigMap consists of them. */
static lk_status_t read_entry(lk_arena_t *arena, const char *full, const char *path, int depth, lk_theme_files_t *files,
                              lk_error_t *err)
{
    struct stat st;
    lk_bytes_t bytes;
    lk_status_t status;

    if (stat(full, &st) != 0)
        return fail_file(err, full, strerror(errno));
    if (S_ISDIR(st.st_mode))
        return read_folder(arena, full, lk_printf(arena, "%s/", path), depth + 1, files, err);
    if (!S_ISREG(st.st_mode))
        return LK_OK;
    if (files->count >= MAX_FILES)
        return fail_file(err, full, "more than 4096 files in one theme");
    if ((status = read_file(arena, full, (size_t)st.st_size, &bytes, err)) == LK_OK)
        lk_theme_files_add(arena, files, path, full, bytes);
    return status;
}

static lk_status_t read_folder(lk_arena_t *arena, const char *dir, const char *prefix, int depth, lk_theme_files_t *files,
                               lk_error_t *err)
{
    lk_status_t status = LK_OK;
    struct dirent *entry;
    DIR *folder;

    if (depth > MAX_DEPTH)
        return fail_file(err, dir, "more than 8 folders deep");
    if ((folder = opendir(dir)) == NULL)
        return fail_file(err, dir, strerror(errno));
    while (status == LK_OK && (entry = readdir(folder)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        const char *full = lk_printf(arena, "%s/%s", dir, entry->d_name);
        status = read_entry(arena, full, lk_printf(arena, "%s%s", prefix, entry->d_name), depth, files, err);
    }
    closedir(folder);
    return status;
}

lk_status_t lk_theme_files_read(lk_arena_t *arena, const char *dir, lk_theme_files_t *files, lk_error_t *err)
{
    return read_folder(arena, dir, "", 0, files, err);
}
