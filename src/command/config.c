/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include "command/command.h"

int lk_command_show_config(void)
{
    int code = lk_process_load_settings(0);
    if (code == LK_EXIT_OK && lk_process.settings.markdown)
        lk_options_markdown(stdout);
    else if (code == LK_EXIT_OK)
        lk_settings_show(stdout, &lk_process.settings);
    return code;
}

int lk_command_build(void)
{
    int code = lk_process_load_settings(0);
    if (code == LK_EXIT_OK)
        puts("There is nothing to build: give these options to start.");
    return code;
}
