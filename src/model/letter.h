/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_LETTER_H
#define LK_MODEL_LETTER_H

#include "core/mail.h"
#include "model/app.h"
#include "model/realm.h"
#include "model/user.h"

/* What is sent to users by mail: a subject and a body of the e-mail theme's messages ("passwordResetSubject", "passwordResetBody"),
 * whose arguments are an array. Who renders and sends is the server's mailer. */
typedef struct st_lk_letter_t {
    const char *to;
    const char *locale; /* NULL: English */
    const char *theme;  /* NULL: base */
    const char *key;    /* "passwordReset" */
    json_t *args;       /* as messages take them; in the arena; NULL: none */
    json_t *texts;      /* localizationTexts for that locale, or NULL */
    const json_t *smtp; /* smtpServer of the realm */
} lk_letter_t;

typedef struct st_lk_mailer_t {
    /* Sends and waits. LK_INVALID, LK_UNAVAILABLE. */
    lk_status_t (*send)(lk_arena_t *arena, const lk_letter_t *letter, lk_error_t *err);
    /* Leaves it to the mail lane, so that nobody learns from the time whether there was something to send. LK_UNAVAILABLE where too
     * many wait already. */
    lk_status_t (*post)(lk_arena_t *arena, const lk_letter_t *letter, lk_error_t *err);
} lk_mailer_t;

/* A letter of the realm's: server, theme, and the user's language. */
lk_letter_t lk_letter_to(const lk_realm_t *realm, const lk_user_t *user, const char *key);
/* {"key": "linkExpirationFormatter.timePeriodUnit.minutes", ...}: a time in words. New reference. */
json_t *lk_letter_period(int64_t seconds);
/* smtpServer as libcurl needs it; sender and server alone. Borrowed from it. */
void lk_letter_server(const json_t *smtp, lk_mail_t *ret_mail);

#endif
