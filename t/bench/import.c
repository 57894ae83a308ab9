/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "../unit/database.h"
#include "core/time.h"
#include "model/import.h"

/* How long realms take, and how much memory: `make t/bench/import && t/bench/import [users ...]`. */

/* Resident kilobytes that are the process's own, without the mapped file. */
static long resident_kb(void)
{
    char line[256];
    long kb = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status != NULL && fgets(line, sizeof(line), status) != NULL)
        if (strncmp(line, "RssAnon:", 8) == 0)
            kb = strtol(line + 8, NULL, 10);
    if (status != NULL)
        fclose(status);
    return kb;
}

/* Users as Keycloak exports them, with ready hashes. */
static const char *write_realm(const database_t *db, lk_arena_t *arena, long users)
{
    const char *path = lk_printf(arena, "%s/big.json", db->folder);
    FILE *file = fopen(path, "w");
    fprintf(file, "{\"realm\": \"big%ld\", \"enabled\": true, \"groups\": [{\"name\": \"staff\"}], \"users\": [", users);
    for (long i = 0; i != users; ++i)
        fprintf(
            file,
            "%s\n  {\"id\": \"%08lx-b184-4ebc-a0bc-3c56b4d44f64\", \"username\": \"user%ld\", \"email\": \"user%ld@example.test\", "
            "\"emailVerified\": true, \"enabled\": true, \"createdTimestamp\": 1795449343592, \"totp\": false, \"firstName\": "
            "\"First%ld\", \"lastName\": \"Last\", \"attributes\": {\"department\": [\"R&D\"]}, \"credentials\": [{\"id\": "
            "\"%08lx-4be2-4e39-8285-561dfc21bf22\", \"type\": \"password\", \"createdDate\": 1795449343833, \"secretData\": "
            "\"{\\\"value\\\":\\\"rFmkzoQmKrbK6OtnHVVyjTbZnlezNRHZGFf/1gWsMlA=\\\",\\\"salt\\\":\\\"I99EAFW0QZd1W93Q+r6cIA==\\\","
            "\\\"additionalParameters\\\":{}}\", \"credentialData\": \"{\\\"hashIterations\\\":5,\\\"algorithm\\\":\\\"argon2\\\","
            "\\\"additionalParameters\\\":{\\\"hashLength\\\":[\\\"32\\\"],\\\"memory\\\":[\\\"7168\\\"],\\\"type\\\":[\\\"id\\\"],"
            "\\\"version\\\":[\\\"1.3\\\"],\\\"parallelism\\\":[\\\"1\\\"]}}\"}], \"disableableCredentialTypes\": [], "
            "\"requiredActions\": [], \"realmRoles\": [\"default-roles-big%ld\"], \"notBefore\": 0, \"groups\": [\"/staff\"]}",
            i != 0 ? "," : "", i, i, i, i, i, users);
    fputs("]}\n", file);
    fclose(file);
    return path;
}

static void measure(database_t *db, const char *what, const char *path)
{
    lk_error_t err = {0};
    long before = resident_kb();
    int64_t start = lk_ticks_us();
    if (lk_import_path(&db->app, path, &(lk_import_options_t){0}, &err) != LK_OK)
        printf("%s: %s (%s)\n", what, err.text, err.detail);
    else
        printf("%-16s %8.2f s %8ld kB before, %ld kB after\n", what, (double)(lk_ticks_us() - start) / 1e6, before, resident_kb());
}

int main(int argc, char **argv)
{
    static char five[] = "5000", hundred[] = "100000", *defaults[] = {five, hundred};
    lk_arena_t *arena = lk_arena_create("bench");
    database_t db;
    lk_error_t err = {0};
    if (database_open(&db) != 0 || lk_bootstrap_master(&db.app, "admin", "admin", NULL, NULL, &err) != LK_OK)
        return 1;
    char **sizes = argc > 1 ? argv + 1 : defaults;
    measure(&db, "a name alone", write_realm(&db, arena, 0));
    for (int i = 0; i != (argc > 1 ? argc - 1 : 2); ++i)
        measure(&db, lk_printf(arena, "%s users", sizes[i]), write_realm(&db, arena, strtol(sizes[i], NULL, 10)));
    for (int i = 0; i != (argc > 1 ? argc - 1 : 2); ++i) {
        const lk_realm_t *realm;
        int64_t start = lk_ticks_us();
        lk_status_t status = lk_realms_get(db.app.realms, arena, lk_printf(arena, "big%s", sizes[i]), &realm, &err);
        if (status == LK_OK)
            status = lk_realm_delete(&db.app, arena, realm, &err);
        printf("deleted again    %8.2f s %s\n", (double)(lk_ticks_us() - start) / 1e6, status == LK_OK ? "" : err.text);
    }
    database_close(&db);
    lk_arena_destroy(&arena);
    return 0;
}
