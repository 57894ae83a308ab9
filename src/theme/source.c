/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/embedded.h"
#include "crypto/crypto.h"
#include "theme/internal.h"

#define BUILTIN "themes/base/"
#define MAX_FILE_SIZE (8 * 1024 * 1024)
#define MAX_FILES 4096
#define MAX_DEPTH 8

/* NULL: templates and bundles are nobody's business. */
static const char *content_type(const char *path)
{
    static const struct {
        const char *suffix, *type;
    } types[] = {{".css", "text/css; charset=utf-8"},
                 {".js", "text/javascript; charset=utf-8"},
                 {".svg", "image/svg+xml"},
                 {".png", "image/png"},
                 {".jpg", "image/jpeg"},
                 {".ico", "image/x-icon"},
                 {".woff2", "font/woff2"},
                 {".webp", "image/webp"}};
    const char *dot = strrchr(path, '.'), *suffix = dot != NULL ? dot : "";
    for (size_t i = 0; i != sizeof(types) / sizeof(types[0]); ++i)
        if (strcmp(types[i].suffix, suffix) == 0)
            return types[i].type;
    return NULL;
}

static void add_file(lk_arena_t *arena, lk_theme_table_t *files, const char *path, const char *origin, lk_bytes_t bytes)
{
    lk_theme_file_t *file = LK_NEW(arena, lk_theme_file_t);
    const char *etag = lk_printf(arena, "\"%.16s\"", lk_sha256_base64url(arena, bytes.base, bytes.len));
    *file = (lk_theme_file_t){path, origin, {bytes, content_type(path), etag}};
    lk_theme_table_add(arena, files, path, file);
}

void lk_theme_files_builtin(lk_arena_t *arena, lk_theme_table_t *files)
{
    for (const lk_embedded_t *entry = lk_embedded; entry->path != NULL; ++entry)
        if (strncmp(entry->path, BUILTIN, sizeof(BUILTIN) - 1) == 0)
            add_file(arena, files, entry->path + sizeof(BUILTIN) - 1, entry->path, entry->bytes);
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

static lk_status_t read_folder(lk_arena_t *arena, const char *dir, const char *prefix, int depth, lk_theme_table_t *files,
                               lk_error_t *err);

/* Symbolic links are followed: a mounted ConfigMap consists of them. */
static lk_status_t read_entry(lk_arena_t *arena, const char *full, const char *path, int depth, lk_theme_table_t *files,
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
        add_file(arena, files, path, full, bytes);
    return status;
}

static lk_status_t read_folder(lk_arena_t *arena, const char *dir, const char *prefix, int depth, lk_theme_table_t *files,
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

lk_status_t lk_theme_files_read(lk_arena_t *arena, const char *dir, lk_theme_table_t *files, lk_error_t *err)
{
    return read_folder(arena, dir, "", 0, files, err);
}
