/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "http/mailer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "core/log.h"
#include "core/time.h"
#include "theme/theme.h"

#define CATEGORY "latchkey.mail"
#define MAX_QUEUED 1000
#define MAX_TEXT (256 * 1024)
#define STOP_SECONDS 5

/* A rendered letter that waits; what it holds of the realm's server is its own copy, in an arena of its own. */
typedef struct st_waiting_t {
    struct st_waiting_t *next;
    lk_arena_t *arena;
    lk_mail_t mail;
} waiting_t;

static struct {
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    pthread_t thread;
    const lk_themes_t *themes;
    waiting_t *head, **tail;
    size_t count;
    int64_t stop_at; /* seconds; 0: goes on */
} lane = {.mutex = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER, .tail = &lane.head};

/* --- rendering --- */

/* Paragraphs of the text, each a list of lines that are a link or not: what the template writes. */
static json_t *paragraphs(lk_arena_t *arena, const char *text)
{
    json_t *all = json_array(), *lines = NULL;
    while (*text != '\0') {
        size_t len = strcspn(text, "\r\n");
        const char *line = lk_strndup(arena, text, len);
        int is_link = strncmp(line, "http://", 7) == 0 || strncmp(line, "https://", 8) == 0;
        if (len != 0 && lines == NULL)
            json_array_append_new(all, json_pack("{s:o}", "lines", lines = json_array()));
        if (len != 0)
            json_array_append_new(lines, json_pack("{s:s, s:b}", is_link ? "link" : "text", line, "isLast", 0));
        else
            lines = NULL;
        text += len;
        text += *text == '\r';
        text += *text == '\n';
    }
    return all;
}

static const char *message(lk_arena_t *arena, const lk_letter_t *letter, const json_t *model, const char *suffix)
{
    const char *key = lk_printf(arena, "%s%s", letter->key, suffix);
    return lk_theme_text(lane.themes, letter->theme, "email", letter->locale, model, key, letter->args, arena);
}

static lk_status_t render(lk_arena_t *arena, const lk_letter_t *letter, lk_mail_t *ret_mail, lk_error_t *err)
{
    lk_buffer_t html;
    json_t *model = lk_json_own(arena, json_pack("{s:s}", "lang", letter->locale != NULL ? letter->locale : "en"));
    if (letter->texts != NULL)
        json_object_set(model, "localizationTexts", letter->texts);
    lk_letter_server(letter->smtp, ret_mail);
    ret_mail->to = letter->to;
    ret_mail->subject = message(arena, letter, model, "Subject");
    ret_mail->text = message(arena, letter, model, "Body");
    json_object_set_new(model, "subject", json_string(ret_mail->subject));
    json_object_set_new(model, "paragraphs", paragraphs(arena, ret_mail->text));
    lk_buffer_init(&html, arena, MAX_TEXT);
    lk_status_t status = lk_theme_render(lane.themes, letter->theme, "email/letter", model, letter->locale, &html, err);
    ret_mail->html = html.base;
    return status;
}

static lk_status_t send_now(lk_arena_t *arena, const lk_letter_t *letter, lk_error_t *err)
{
    lk_mail_t mail = {0};
    lk_status_t status = render(arena, letter, &mail, err);
    return status == LK_OK ? lk_mail_send(arena, &mail, err) : status;
}

/* --- the lane --- */

static lk_status_t post(lk_arena_t *unused, const lk_letter_t *letter, lk_error_t *err)
{
    lk_arena_t *arena = lk_arena_create("mail");
    waiting_t *waiting = LK_NEW(arena, waiting_t);
    lk_letter_t own = *letter;
    (void)unused;
    own.smtp = lk_json_own(arena, json_deep_copy(letter->smtp));
    own.to = lk_strdup(arena, letter->to);
    waiting->arena = arena;
    lk_status_t status = render(arena, &own, &waiting->mail, err);
    if (status != LK_OK) {
        lk_arena_destroy(&arena);
        return status;
    }
    pthread_mutex_lock(&lane.mutex);
    int is_full = lane.count == MAX_QUEUED;
    if (!is_full) {
        *lane.tail = waiting;
        lane.tail = &waiting->next;
        ++lane.count;
        pthread_cond_signal(&lane.wake);
    }
    pthread_mutex_unlock(&lane.mutex);
    if (!is_full)
        return LK_OK;
    lk_arena_destroy(&arena);
    return lk_fail(err, LK_UNAVAILABLE, NULL, "Too many mails wait to be sent");
}

/* The next one, or NULL at the end. */
static waiting_t *take(void)
{
    pthread_mutex_lock(&lane.mutex);
    while (lane.head == NULL && lane.stop_at == 0)
        pthread_cond_wait(&lane.wake, &lane.mutex);
    waiting_t *next = lane.head;
    if (next != NULL) {
        lane.head = next->next;
        if (lane.head == NULL)
            lane.tail = &lane.head;
        --lane.count;
    }
    pthread_mutex_unlock(&lane.mutex);
    return next;
}

static int is_over(void)
{
    pthread_mutex_lock(&lane.mutex);
    int over = lane.stop_at != 0 && lk_now() > lane.stop_at;
    pthread_mutex_unlock(&lane.mutex);
    return over;
}

static void *run(void *context)
{
    for (waiting_t *waiting; (waiting = take()) != NULL;) {
        lk_error_t err = {0};
        lk_arena_t *arena = waiting->arena;
        if (is_over())
            lk_log(LK_LOG_WARN, CATEGORY, NULL, "A mail is not sent: the server stops");
        else if (lk_mail_send(arena, &waiting->mail, &err) != LK_OK)
            lk_log(LK_LOG_WARN, CATEGORY, NULL, "A mail cannot be sent: %s%s", err.text, err.detail);
        lk_arena_destroy(&arena);
    }
    return context;
}

static const lk_mailer_t mailer = {send_now, post};

const lk_mailer_t *lk_mailer_start(const lk_themes_t *themes)
{
    lane.themes = themes;
    return pthread_create(&lane.thread, NULL, run, NULL) == 0 ? &mailer : NULL;
}

void lk_mailer_stop(void)
{
    if (lane.themes == NULL)
        return;
    pthread_mutex_lock(&lane.mutex);
    lane.stop_at = lk_now() + STOP_SECONDS;
    pthread_cond_signal(&lane.wake);
    pthread_mutex_unlock(&lane.mutex);
    pthread_join(lane.thread, NULL);
    lane.themes = NULL;
}
