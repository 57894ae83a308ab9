/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include "command/command.h"
#include "core/buffer.h"
#include "core/fetch.h"
#include "crypto/keystore.h"

/* Whom outgoing calls trust: the system's authorities and those that truststore-paths names. The database has a trust store of its
 * own. */

#define KUBERNETES "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
#define MAX_BYTES (8 * 1024 * 1024)

static lk_status_t add_file(lk_arena_t *arena, lk_buffer_t *roots, const char *path, lk_error_t *err)
{
    lk_keystore_t store;
    lk_status_t status = lk_keystore_read(arena, path, NULL, &store, err);
    if (status != LK_OK)
        return status;
    lk_buffer_puts(roots, store.certificates);
    lk_buffer_putc(roots, '\n');
    return LK_OK;
}

static lk_status_t add_folder(lk_arena_t *arena, lk_buffer_t *roots, const char *path, lk_error_t *err)
{
    static const char *const endings[] = {".pem", ".crt", ".p12", ".pfx", ".pkcs12"};
    DIR *folder = opendir(path);
    lk_status_t status = folder != NULL ? LK_OK : lk_fail(err, LK_INVALID, NULL, "%s cannot be read: %s", path, strerror(errno));
    for (struct dirent *entry; status == LK_OK && (entry = readdir(folder)) != NULL;) {
        const char *ending = strrchr(entry->d_name, '.');
        for (size_t i = 0; ending != NULL && status == LK_OK && i != sizeof(endings) / sizeof(endings[0]); ++i)
            if (strcmp(ending, endings[i]) == 0)
                status = add_file(arena, roots, lk_printf(arena, "%s/%s", path, entry->d_name), err);
    }
    if (folder != NULL)
        closedir(folder);
    return status;
}

static lk_status_t add_paths(lk_arena_t *arena, lk_buffer_t *roots, const char *paths, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    lk_error_t why = {0};
    for (const char *at = paths; status == LK_OK && *(at += strspn(at, ", ")) != '\0';) {
        size_t len = strcspn(at, ",");
        const char *path = lk_strndup(arena, at, len);
        struct stat info;
        int is_folder = stat(path, &info) == 0 && S_ISDIR(info.st_mode);
        status = is_folder ? add_folder(arena, roots, path, &why) : add_file(arena, roots, path, &why);
        if (status != LK_OK)
            status = lk_fail(err, status, NULL, "truststore-paths: %s", why.text);
        at += len;
    }
    return status;
}

lk_status_t lk_process_trust(lk_error_t *err)
{
    const lk_settings_t *s = &lk_process.settings;
    const char *system = lk_keystore_system_roots();
    int in_cluster = s->truststore_kubernetes_enabled && access(KUBERNETES, R_OK) == 0;
    lk_buffer_t roots;
    if (s->truststore_paths == NULL && !in_cluster)
        return LK_OK;
    lk_buffer_init(&roots, lk_process.arena, MAX_BYTES);
    lk_status_t status = system != NULL ? add_file(lk_process.arena, &roots, system, err) : LK_OK;
    if (status == LK_OK && in_cluster)
        status = add_file(lk_process.arena, &roots, KUBERNETES, err);
    if (status == LK_OK && s->truststore_paths != NULL)
        status = add_paths(lk_process.arena, &roots, s->truststore_paths, err);
    if (status == LK_OK && roots.overflow)
        status = lk_fail(err, LK_INVALID, NULL, "truststore-paths: more than %d bytes of certificates", MAX_BYTES);
    if (status == LK_OK)
        lk_fetch_init(roots.base);
    return status;
}
