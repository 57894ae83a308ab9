/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/key_file.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "core/buffer.h"
#include "crypto/keystore.h"

#define UNREADABLE "The key file cannot be read"

static lk_status_t refuse(lk_error_t *err, const char *text, const char *detail)
{
    lk_fail(err, LK_INVALID, NULL, "%s", text);
    return lk_error_detail(err, "%s", detail);
}

/* One name, or several below each other; nothing that begins with a dot. */
static int is_plain(const char *path)
{
    if (*path == '\0')
        return 0;
    for (const char *at = path;; ++at) {
        if (*at == '/' || *at == '.' || *at == '\0')
            return 0;
        if ((at = strchr(at, '/')) == NULL)
            return 1;
    }
}

lk_status_t lk_key_file_path(lk_arena_t *arena, const char *keys_dir, const char *realm_name, const char *name,
                             const char **ret_path, lk_error_t *err)
{
    if (keys_dir == NULL || *keys_dir == '\0')
        return lk_fail(err, LK_INVALID, NULL, "Key files are not allowed here: the server has no option keys-dir");
    if (!is_plain(name) || !is_plain(realm_name) || strchr(realm_name, '/') != NULL)
        return lk_fail(err, LK_INVALID, NULL, "'Private key file' should be a path below the realm's folder");
    *ret_path = lk_printf(arena, "%s/%s/%s", keys_dir, realm_name, name);
    return LK_OK;
}

/* Mounts of Kubernetes are full of links, so it is where they lead to that counts. */
static int is_below(const char *folder, const char *path)
{
    char real_folder[PATH_MAX], real_path[PATH_MAX];
    if (realpath(folder, real_folder) == NULL || realpath(path, real_path) == NULL)
        return 0;
    size_t len = strlen(real_folder);
    return strncmp(real_path, real_folder, len) == 0 && real_path[len] == '/';
}

/* The block that begins with such a line: "-----BEGIN ... <kind>-----". */
static const char *block_of(lk_arena_t *arena, const char *text, const char *kind)
{
    const char *end_of_kind = lk_printf(arena, "%s-----", kind);
    for (const char *begin = strstr(text, "-----BEGIN "); begin != NULL; begin = strstr(begin + 1, "-----BEGIN ")) {
        const char *line_end = begin + strcspn(begin, "\r\n"), *found = strstr(begin, end_of_kind);
        const char *end = strstr(line_end, "-----END ");
        if (found == NULL || found > line_end || end == NULL)
            continue;
        return lk_strndup(arena, begin, (size_t)(end - begin) + strcspn(end, "\r\n"));
    }
    return NULL;
}

lk_status_t lk_key_file_read(lk_arena_t *arena, const char *keys_dir, const char *realm_name, const char *path,
                             lk_key_file_text_t *ret_text, struct stat *ret_stat, lk_error_t *err)
{
    lk_keystore_t store;
    struct stat now;
    lk_error_t why = {0};
    if (!is_below(lk_printf(arena, "%s/%s", keys_dir, realm_name), path))
        return refuse(err, UNREADABLE, "it is not there, or not in the realm's folder");
    if (stat(path, &now) != 0 || !S_ISREG(now.st_mode))
        return refuse(err, UNREADABLE, "it is no file");
    if (lk_keystore_read(arena, path, NULL, &store, &why) != LK_OK)
        return refuse(err, UNREADABLE, why.text);
    const char *key = store.key != NULL ? block_of(arena, store.key, "PRIVATE KEY") : NULL;
    if (key == NULL)
        return refuse(err, "The key file has no private key", path);
    *ret_text = (lk_key_file_text_t){key, store.certificates != NULL ? block_of(arena, store.certificates, "CERTIFICATE") : NULL};
    *ret_stat = now;
    return LK_OK;
}

int lk_key_file_changed(const lk_key_file_t *file)
{
    struct stat now;
    if (stat(file->path, &now) != 0)
        return file->was.st_ino != 0;
    return now.st_ino != file->was.st_ino || now.st_dev != file->was.st_dev || now.st_size != file->was.st_size ||
           now.st_mtim.tv_sec != file->was.st_mtim.tv_sec || now.st_mtim.tv_nsec != file->was.st_mtim.tv_nsec;
}
