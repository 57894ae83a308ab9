/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "cli/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/buffer.h"

#define CHUNK 65536

lk_status_t lk_file_read(lk_arena_t *arena, const char *path, size_t max, lk_bytes_t *ret_text, lk_error_t *err)
{
    int own = strcmp(path, "-") != 0, fd = own ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
    lk_buffer_t text;
    ssize_t got = 0;
    if (fd < 0)
        return lk_fail(err, LK_INVALID, NULL, errno == ENOENT ? "File not found: %s" : "Failed to read %s: %s", path,
                       strerror(errno));
    lk_buffer_init(&text, arena, max);
    lk_buffer_puts(&text, "");
    for (char *room; (room = lk_buffer_reserve(&text, CHUNK)) != NULL && (got = read(fd, room, CHUNK)) > 0;)
        text.len += (size_t)got;
    if (own)
        close(fd);
    if (got < 0)
        return lk_fail(err, LK_INVALID, NULL, "Failed to read %s: %s", path, strerror(errno));
    if (text.overflow)
        return lk_fail(err, LK_INVALID, NULL, "%s is larger than %zu MB", path, max >> 20);
    text.base[text.len] = '\0';
    *ret_text = (lk_bytes_t){(const unsigned char *)text.base, text.len};
    return LK_OK;
}

/* The folders above a file, as mkdir -p makes them. */
static void make_folders(lk_arena_t *arena, const char *path)
{
    char *folder = lk_strdup(arena, path);
    for (char *slash = strchr(folder + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(folder, 0700);
        *slash = '/';
    }
}

lk_status_t lk_file_write_private(lk_arena_t *arena, const char *path, const char *text, lk_error_t *err)
{
    const char *fresh = lk_printf(arena, "%s.%ld", path, (long)getpid());
    size_t len = strlen(text);
    make_folders(arena, path);
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return lk_fail(err, LK_INVALID, NULL, "Failed to write %s: %s", path, strerror(errno));
    int whole = write(fd, text, len) == (ssize_t)len && fsync(fd) == 0;
    if (close(fd) != 0 || !whole || rename(fresh, path) != 0) {
        int reason = errno;
        unlink(fresh);
        return lk_fail(err, LK_INVALID, NULL, "Failed to write %s: %s", path, strerror(reason));
    }
    return LK_OK;
}
