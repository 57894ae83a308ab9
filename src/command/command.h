/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_COMMAND_COMMAND_H
#define LK_COMMAND_COMMAND_H

#include "config/settings.h"
#include "core/log.h"
#include "model/import.h"
#include "model/realms.h"

/* The subcommands, a file each, and what they share: settings, store and realms. A subcommand is a row in main.c. */

#define LK_LOG_MAIN "latchkey.main"

enum { LK_EXIT_OK = 0, LK_EXIT_FAILED = 1, LK_EXIT_USAGE = 2 };

/* Lifetime: process. */
typedef struct st_lk_process_t {
    lk_arena_t *arena;
    int argc; /* of the subcommand's own arguments */
    char **argv;
    lk_settings_t settings;
    lk_app_t app;
    lk_embedded_pg_t *embedded;
} lk_process_t;
extern lk_process_t lk_process;

void lk_process_begin(int argc, char **argv);
/* What began, in reverse. A server must have ended: its handlers use all of this. */
void lk_process_end(void);
/* Each answers LK_EXIT_OK or has said what is wrong. */
int lk_process_load_settings(int dev_mode);
/* Store (no connection is made yet) and realms, without a server: for a subcommand that works on the model and ends. Without a
 * configured database it is the one of start-dev. */
int lk_process_open(void);
/* The two halves of it, for start, which listens before the database answers. */
lk_status_t lk_process_open_store(lk_error_t *err);
int lk_process_open_model(void);
int lk_process_has_own_database(const lk_settings_t *settings);
void lk_process_init_log(const lk_settings_t *settings);
/* Before the first outgoing call, once. */
lk_status_t lk_process_trust(lk_error_t *err);
#define LK_NO_DATABASE "The database cannot be used ('latchkey doctor' with the same options says what to check)"
/* Logs what failed and why; LK_EXIT_FAILED. */
int lk_process_fail(const char *what, const lk_error_t *err);
/* Into the log as what an administrator was refused: a realm file, by `operation` ("CREATE", "UPDATE"). */
void lk_process_tell_refused(const char *operation, const char *file, const lk_error_t *err);

int lk_command_start(void);
int lk_command_start_dev(void);
int lk_command_import(void);
int lk_command_export(void);
int lk_command_plan(void);
int lk_command_apply(void);
int lk_command_show_config(void);
int lk_command_build(void);
int lk_command_doctor(void);
int lk_command_compare(void);

#endif
