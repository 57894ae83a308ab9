/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include "command/command.h"

int lk_command_import(void)
{
    lk_error_t err = {0};
    const lk_settings_t *s = &lk_process.settings;
    int code = lk_process_load_settings(0);
    if (code != LK_EXIT_OK)
        return code;
    if ((s->file == NULL) == (s->dir == NULL)) {
        fputs("Must specify either --dir or --file options.\n", stderr);
        return LK_EXIT_USAGE;
    }
    if ((code = lk_process_open()) != LK_EXIT_OK)
        return code;
    lk_import_options_t options = {.override = s->override};
    const char *path = s->file != NULL ? s->file : s->dir;
    if (lk_import_path(&lk_process.app, path, &options, &err) != LK_OK) {
        lk_process_tell_refused("CREATE", path, &err);
        return lk_process_fail("Nothing was imported", &err);
    }
    return LK_EXIT_OK;
}
