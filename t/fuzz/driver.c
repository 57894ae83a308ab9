/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include "fuzz.h"

/* Runs a target over its corpus without libFuzzer: each file as it is, each beginning of it, and a few hundred mutations that are
 * the same in every run. A TAP program: one test per file. Other files or folders may be named as arguments. */

#define MAX_FILE (1024 * 1024)
#define MAX_PREFIXES 256
#define MUTATIONS 128
#define MAX_CHANGES 4

static int files, failed;

static uint32_t next_random(uint32_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

/* A copy that ends where the input ends, for the address sanitizer. */
static void run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size != 0 ? size : 1);

    if (copy == NULL)
        abort();
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void mutate(uint8_t *data, size_t size, uint32_t *state)
{
    static const uint8_t odd[] = {0, 1, '"', '%', '&', '+', '.', '/', ';', '=', '\\', '{', '[', 0x7f, 0x80, 0xc3, 0xff};
    uint32_t changes = 1 + next_random(state) % MAX_CHANGES;

    while (changes-- != 0) {
        size_t at = next_random(state) % size;
        uint32_t kind = next_random(state) % 3;
        if (kind == 0)
            data[at] ^= (uint8_t)(1u << next_random(state) % 8);
        else if (kind == 1)
            data[at] = odd[next_random(state) % sizeof(odd)];
        else
            data[at] = data[next_random(state) % size];
    }
}

static void run_all(const uint8_t *data, size_t size)
{
    uint32_t state = 2463534242u;
    uint8_t *changed = malloc(size != 0 ? size : 1);

    if (changed == NULL)
        abort();
    run(data, size);
    for (size_t len = 0; len < size && len != MAX_PREFIXES; ++len)
        run(data, len);
    for (int i = 0; i != MUTATIONS && size != 0; ++i) {
        memcpy(changed, data, size);
        mutate(changed, size, &state);
        run(changed, size);
    }
    free(changed);
}

static void run_file(const char *path)
{
    static uint8_t data[MAX_FILE];
    FILE *file = fopen(path, "rb");
    size_t size;

    printf("# %s\n", path);
    fflush(stdout); /* a crash should name its input */
    if (file == NULL) {
        printf("not ok %d - %s: %s\n", ++files, path, strerror(errno));
        ++failed;
        return;
    }
    size = fread(data, 1, sizeof(data), file);
    fclose(file);
    run_all(data, size);
    printf("ok %d - %s\n", ++files, strrchr(path, '/') != NULL ? strrchr(path, '/') + 1 : path);
}

static void run_path(const char *path)
{
    struct dirent **entries = NULL;
    char full[4096];
    int count = scandir(path, &entries, NULL, alphasort);

    if (count < 0) {
        run_file(path);
        return;
    }
    for (int i = 0; i != count; ++i) {
        snprintf(full, sizeof(full), "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            run_file(full);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    const char *name = strrchr(argv[0], '/') != NULL ? strrchr(argv[0], '/') + 1 : argv[0];
    char corpus[4096];

    for (int i = 1; i < argc; ++i)
        run_path(argv[i]);
    if (argc == 1) {
        snprintf(corpus, sizeof(corpus), "%s/%s", LK_FUZZ_CORPUS, name);
        run_path(corpus);
    }
    printf("1..%d\n", files);
    return failed != 0 || files == 0;
}
