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
    const char *help, *argument;
} commands[] = {
    {"start", NULL, lk_command_start, "Serve, with the Postgres that is configured."},
    {"start-dev", NULL, lk_command_start_dev, "Serve with a private Postgres in the data folder, plain HTTP and any host name."},
    {"import", NULL, lk_command_import, "Import realms from --file or --dir, and end."},
    {"export", NULL, lk_command_export, "Export --realm, or all realms, to --file or --dir, and end."},
    {"plan", NULL, lk_command_plan, "Show what a realm file, or a folder of them, would change.", " FILE"},
    {"apply", NULL, lk_command_apply, "Change realms as a realm file, or a folder of them, says.", " FILE"},
    {"show-config", NULL, lk_command_show_config, "Print the settings in force."},
    {"doctor", NULL, lk_command_doctor,
     "Look at what usually breaks (database, host name, identity providers) and say what to do."},
    {"compare", NULL, lk_command_compare, "Ask a Keycloak and a Latchkey the same questions about --realm, and show what differs."},
    {"build", NULL, lk_command_build, "Accepted for the sake of scripts: there is nothing to build."},
    {"--version", "-V", command_version, "Print the version."},
    {"--help", "-h", command_help, "Print this."},
};
#define NUM_COMMANDS (sizeof(commands) / sizeof(commands[0]))

static size_t find_command(const char *name)
{
    size_t i = 0;
    while (i != NUM_COMMANDS && strcmp(commands[i].name, name) != 0 &&
           (commands[i].alias == NULL || strcmp(commands[i].alias, name) != 0))
        ++i;
    return i;
}

static int command_help(void)
{
    puts("Usage: latchkey <command> [--option=value ...]\n\nCommands:");
    for (size_t i = 0; i != NUM_COMMANDS; ++i)
        printf("  %-12s %s\n", commands[i].name, commands[i].help);
    lk_options_help(stdout, NULL);
    return LK_EXIT_OK;
}

/* latchkey COMMAND --help */
static int help_on(size_t command)
{
    printf("Usage: latchkey %s%s [--option=value ...]\n\n%s\n", commands[command].name,
           commands[command].argument != NULL ? commands[command].argument : "", commands[command].help);
    lk_options_help(stdout, commands[command].name);
    return LK_EXIT_OK;
}

static int wants_help(int argc, char **argv)
{
    for (int i = 2; i < argc; ++i)
        if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help-all") == 0)
            return 1;
    return 0;
}

int main(int argc, char **argv)
{
    const char *name = argc < 2 ? "--help" : argv[1];
    size_t command = find_command(name);
    umask(077);
    if (command == NUM_COMMANDS) {
        fprintf(stderr, "latchkey: unknown command '%s'. See latchkey --help.\n", name);
        return LK_EXIT_USAGE;
    }
    if (wants_help(argc, argv))
        return help_on(command);
    mallopt(M_ARENA_MAX, 2); /* one heap a thread would cost more memory than the locks cost time */
    lk_process_begin(argc > 2 ? argc - 2 : 0, argv + (argc > 2 ? 2 : argc));
    int code = commands[command].run();
    lk_process_end();
    return code;
}
