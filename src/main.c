/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "config.h"
#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include "command/command.h"

/* The table of subcommands. */

static int command_version(void)
{
    puts("Latchkey " PACKAGE_VERSION);
    return LK_EXIT_OK;
}

static int command_help(void);

static const struct {
    const char *name, *alias;
    int (*run)(void);
    const char *help;
} commands[] = {
    {"start", NULL, lk_command_start, "Serve, with the Postgres that is configured."},
    {"start-dev", NULL, lk_command_start_dev, "Serve with a private Postgres in the data folder, plain HTTP and any host name."},
    {"import", NULL, lk_command_import, "Import realms from --file or --dir, and end."},
    {"export", NULL, lk_command_export, "Export --realm, or all realms, to --file or --dir, and end."},
    {"plan", NULL, lk_command_plan, "Show what a realm file, or a folder of them, would change."},
    {"apply", NULL, lk_command_apply, "Change realms as a realm file, or a folder of them, says."},
    {"show-config", NULL, lk_command_show_config, "Print the settings in force."},
    {"doctor", NULL, lk_command_doctor,
     "Look at what usually breaks (database, host name, identity providers) and say what to do."},
    {"compare", NULL, lk_command_compare, "Ask a Keycloak and a Latchkey the same questions about --realm, and show what differs."},
    {"build", NULL, lk_command_build, "Accepted for the sake of scripts: there is nothing to build."},
    {"--version", "-V", command_version, "Print the version."},
    {"--help", "-h", command_help, "Print this."},
};
#define NUM_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static int command_help(void)
{
    puts("Usage: latchkey <command> [--option=value ...]\n\nCommands:");
    for (size_t i = 0; i != NUM_COMMANDS; ++i)
        printf("  %-12s %s\n", commands[i].name, commands[i].help);
    lk_options_help(stdout);
    return LK_EXIT_OK;
}

static const char *command_name(int argc, char **argv)
{
    if (argc < 2)
        return "--help";
    for (int i = 2; i < argc; ++i)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help-all") == 0)
            return "--help";
    return argv[1];
}

int main(int argc, char **argv)
{
    const char *name = command_name(argc, argv);
    umask(077);
    for (size_t i = 0; i != NUM_COMMANDS; ++i) {
        if (strcmp(commands[i].name, name) != 0 && (commands[i].alias == NULL || strcmp(commands[i].alias, name) != 0))
            continue;
        mallopt(M_ARENA_MAX, 2); /* one heap a thread would cost more memory than the locks cost time */
        lk_process_begin(argc > 2 ? argc - 2 : 0, argv + (argc > 2 ? 2 : argc));
        int code = commands[i].run();
        lk_process_end();
        return code;
    }
    fprintf(stderr, "latchkey: unknown command '%s'. See latchkey --help.\n", name);
    return LK_EXIT_USAGE;
}
