/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_HTTP_MAILER_H
#define LK_HTTP_MAILER_H

#include "model/letter.h"

struct st_lk_themes_t;

/* The mail lane: a bounded queue and one thread, so that a slow mail server holds nobody up. One for the process. */
const lk_mailer_t *lk_mailer_start(const struct st_lk_themes_t *themes);
/* What waits is still sent, for a few seconds at most. */
void lk_mailer_stop(void);

#endif
