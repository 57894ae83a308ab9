/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>
#include "command/command.h"
#include "model/export.h"

/* Keycloak's words for --users. */
static const struct {
    const char *name;
    lk_export_layout_t layout;
} layouts[] = {
    {"different_files", LK_EXPORT_DIFFERENT_FILES},
    {"same_file", LK_EXPORT_SAME_FILE},
    {"realm_file", LK_EXPORT_REALM_FILE},
    {"skip", LK_EXPORT_SKIP},
};

static lk_export_layout_t layout_of(const char *name)
{
    for (size_t i = 0; i != sizeof(layouts) / sizeof(layouts[0]); ++i)
        if (strcmp(layouts[i].name, name) == 0)
            return layouts[i].layout;
    return LK_EXPORT_DIFFERENT_FILES; /* the option's table has refused any other word */
}

static const char *misuse(const lk_settings_t *s)
{
    if ((s->file == NULL) == (s->dir == NULL))
        return "Must specify either --dir or --file options.";
    if (s->file != NULL && s->users != NULL && strcmp(s->users, "same_file") != 0)
        return "Property '--users' can be used only when exporting to a directory, or value set to 'same_file' when exporting to a "
               "file.";
    if (s->users_per_file < 1 || s->users_per_file > INT32_MAX)
        return "Property '--users-per-file' must be 1 or more.";
    return NULL;
}

int lk_command_export(void)
{
    lk_error_t err = {0};
    const lk_settings_t *s = &lk_process.settings;
    int code = lk_process_load_settings(0);
    if (code != LK_EXIT_OK)
        return code;
    const char *reason = misuse(s);
    if (reason != NULL) {
        fprintf(stderr, "%s\n", reason);
        return LK_EXIT_USAGE;
    }
    if ((code = lk_process_open()) != LK_EXIT_OK)
        return code;
    lk_export_options_t options = {.realm = s->realm,
                                   .file = s->file,
                                   .dir = s->dir,
                                   .users = layout_of(s->users != NULL ? s->users : "different_files"),
                                   .users_per_file = (int)s->users_per_file};
    if (lk_export_files(&lk_process.app, &options, &err) != LK_OK)
        return lk_process_fail("The export failed", &err);
    return LK_EXIT_OK;
}
