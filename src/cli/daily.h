/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_DAILY_H
#define LK_CLI_DAILY_H

#include "cli/cli.h"

/* The short way: lkadm client|mapper|role|group|user VERB. The first word of the verb's name is the kind. */
int lk_verb_list(lk_cli_t *cli);
int lk_verb_show(lk_cli_t *cli);
int lk_verb_remove(lk_cli_t *cli);
int lk_verb_client_add(lk_cli_t *cli);
int lk_verb_client_secret(lk_cli_t *cli);
int lk_verb_role_add(lk_cli_t *cli);
int lk_verb_group_add(lk_cli_t *cli);
int lk_verb_group_member(lk_cli_t *cli);
int lk_verb_user_add(lk_cli_t *cli);
int lk_verb_grant(lk_cli_t *cli);
int lk_verb_mapper_add(lk_cli_t *cli);
int lk_verb_mapper_list(lk_cli_t *cli);
int lk_verb_mapper_remove(lk_cli_t *cli);
int lk_verb_explain(lk_cli_t *cli);
int lk_verb_istio(lk_cli_t *cli);
/* Begins such a verb: its words are there, the format is known, the session is open. 0, or the exit code. */
int lk_daily_begin(lk_cli_t *cli, size_t least_words);

#endif
