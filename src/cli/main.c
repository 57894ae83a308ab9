/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "config.h"
#include <string.h>
#include <sys/stat.h>
#include "cli/cli.h"

/* lkadm. Everything of interest is in the tables: verbs.c and options.c. */

static int run(lk_cli_t *cli, int argc, char **argv)
{
    int code = lk_cli_parse(cli, argc, argv);
    if (lk_cli_has(cli, LK_O_HELP)) {
        lk_help_verb(cli->verb, stdout);
        return LK_EXIT_OK;
    }
    return code == LK_EXIT_OK ? cli->verb->run(cli) : code;
}

int main(int argc, char **argv)
{
    int words = 0, code;
    umask(077);
    if (argc < 2 || strcmp(argv[1], "--help") == 0) {
        lk_help_overview(stdout);
        return argc < 2 ? LK_EXIT_FAILED : LK_EXIT_OK;
    }
    if (strcmp(argv[1], "--version") == 0) {
        puts("lkadm " PACKAGE_VERSION);
        return LK_EXIT_OK;
    }
    lk_arena_t *arena = lk_arena_create("lkadm");
    lk_cli_t *cli = LK_NEW(arena, lk_cli_t);
    cli->arena = arena;
    cli->verb = lk_verb_find(argc - 1, argv + 1, &words);
    if (cli->verb == NULL && argc > 2 && strcmp(argv[2], "--help") == 0 && lk_help_group(argv[1], stdout) != 0) {
        code = LK_EXIT_OK;
    } else if (cli->verb == NULL && lk_help_group(argv[1], stderr) != 0) {
        code = LK_EXIT_USAGE;
    } else if (cli->verb == NULL) {
        fprintf(stderr, "Unmatched argument at index 0: '%s'\nTry 'lkadm --help' for more information on the available options.\n",
                argv[1]);
        code = LK_EXIT_USAGE;
    } else {
        code = run(cli, argc - 1 - words, argv + 1 + words);
    }
    lk_arena_destroy(&arena);
    if (fflush(stdout) != 0 && code == LK_EXIT_OK)
        code = LK_EXIT_FAILED;
    return code;
}
