/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "core/mail.h"

#include <curl/curl.h>
#include <string.h>
#include <time.h>
#include "core/buffer.h"
#include "core/encode.h"
#include "core/fetch.h"
#include "core/json.h"
#include "core/time.h"

#define MAX_HEADER 8192
#define WORD_BYTES 45 /* of an encoded word, which may be 75 characters long (RFC 2047 section 2) */

/* --- headers --- */

static int is_plain(const char *text)
{
    for (; *text != '\0'; ++text)
        if (*text < ' ' || *text > '~')
            return 0;
    return 1;
}

/* Encoded words of whole characters; control characters, line ends above all, are blanks. */
static const char *encoded(lk_arena_t *arena, const char *text)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, MAX_HEADER);
    char *clean = lk_strdup(arena, text);
    for (char *c = clean; *c != '\0'; ++c)
        if ((unsigned char)*c < ' ' || *c == 0x7f)
            *c = ' ';
    for (const char *at = clean; *at != '\0';) {
        size_t len = strlen(at);
        if (len > WORD_BYTES)
            for (len = WORD_BYTES; len > 1 && ((unsigned char)at[len] & 0xc0) == 0x80; --len)
                ;
        lk_buffer_printf(&out, "%s=?UTF-8?B?%s?=", out.len != 0 ? "\r\n " : "", lk_base64(arena, at, len));
        at += len;
    }
    return out.len != 0 ? out.base : "";
}

static const char *header_text(lk_arena_t *arena, const char *text)
{
    return is_plain(text) && strstr(text, "=?") == NULL ? text : encoded(arena, text);
}

/* "Name" <address> */
static const char *mailbox(lk_arena_t *arena, const char *address, const char *name)
{
    lk_buffer_t out;
    if (name == NULL || *name == '\0')
        return lk_printf(arena, "<%s>", address);
    if (!is_plain(name))
        return lk_printf(arena, "%s <%s>", encoded(arena, name), address);
    lk_buffer_init(&out, arena, MAX_HEADER);
    for (const char *c = name; *c != '\0'; ++c)
        lk_buffer_printf(&out, *c == '"' || *c == '\\' ? "\\%c" : "%c", *c);
    return lk_printf(arena, "\"%s\" <%s>", out.base, address);
}

/* What may stand between angle brackets on a line of its own. */
static int is_address(const char *text)
{
    return text != NULL && is_plain(text) && strpbrk(text, "<> \"(),;:\\") == NULL && strchr(text, '@') != NULL &&
           strlen(text) < 320;
}

static const char *date_now(lk_arena_t *arena)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t now = (time_t)lk_now();
    struct tm tm;
    gmtime_r(&now, &tm);
    return lk_printf(arena, "%s, %02d %s %d %02d:%02d:%02d +0000", days[tm.tm_wday], tm.tm_mday, months[tm.tm_mon],
                     tm.tm_year + 1900, tm.tm_hour, tm.tm_min, tm.tm_sec);
}

static struct curl_slist *headers_of(lk_arena_t *arena, const lk_mail_t *mail)
{
    const char *host = strchr(mail->from, '@') + 1;
    struct curl_slist *headers = NULL;
    headers = curl_slist_append(headers, lk_printf(arena, "Date: %s", date_now(arena)));
    headers = curl_slist_append(headers, lk_printf(arena, "From: %s", mailbox(arena, mail->from, mail->from_name)));
    headers = curl_slist_append(headers, lk_printf(arena, "To: <%s>", mail->to));
    if (mail->reply_to != NULL)
        headers = curl_slist_append(headers, lk_printf(arena, "Reply-To: %s", mailbox(arena, mail->reply_to, mail->reply_to_name)));
    headers = curl_slist_append(headers, lk_printf(arena, "Subject: %s", header_text(arena, mail->subject)));
    headers = curl_slist_append(headers, lk_printf(arena, "Message-ID: <%llx.%llx@%s>", (unsigned long long)lk_now_ms(),
                                                   (unsigned long long)lk_ticks_us(), host));
    return curl_slist_append(headers, "Content-Type: multipart/alternative");
}

/* --- signing in --- */

/* A token by client credentials, anew for each mail: mails are rare, and tokens short-lived. */
static lk_status_t fetch_token(lk_arena_t *arena, const lk_mail_t *mail, const char **ret_token, lk_error_t *err)
{
    lk_buffer_t form;
    lk_fetched_t fetched;
    json_t *body = NULL;
    lk_buffer_init(&form, arena, MAX_HEADER);
    lk_buffer_puts(&form, "grant_type=client_credentials&client_id=");
    lk_buffer_percent(&form, mail->token_client_id != NULL ? mail->token_client_id : "");
    lk_buffer_puts(&form, "&client_secret=");
    lk_buffer_percent(&form, mail->token_client_secret != NULL ? mail->token_client_secret : "");
    if (mail->token_scope != NULL) {
        lk_buffer_puts(&form, "&scope=");
        lk_buffer_percent(&form, mail->token_scope);
    }
    lk_status_t status = lk_fetch(arena, &(lk_fetch_t){.url = mail->token_url, .form = form.base}, &fetched, err);
    if (status == LK_OK && fetched.status == 200)
        lk_json_parse(arena, (const char *)fetched.body.base, fetched.body.len, &body, NULL);
    *ret_token = lk_json_str(body, "access_token", NULL);
    if (status != LK_OK || *ret_token != NULL)
        return status;
    lk_fail(err, LK_UNAVAILABLE, NULL, NULL);
    return lk_error_detail(err, "%s gives no token: %ld", mail->token_url, fetched.status);
}

static lk_status_t set_sign_in(CURL *curl, lk_arena_t *arena, const lk_mail_t *mail, lk_error_t *err)
{
    const char *token;
    if (mail->user == NULL)
        return LK_OK;
    curl_easy_setopt(curl, CURLOPT_USERNAME, mail->user);
    if (mail->token_url == NULL) {
        curl_easy_setopt(curl, CURLOPT_PASSWORD, mail->password != NULL ? mail->password : "");
        return LK_OK;
    }
    lk_status_t status = fetch_token(arena, mail, &token, err);
    if (status == LK_OK) {
        curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, token);
        curl_easy_setopt(curl, CURLOPT_LOGIN_OPTIONS, "AUTH=XOAUTH2");
    }
    return status;
}

/* --- sending --- */

static void add_part(curl_mime *mime, const char *text, const char *type)
{
    curl_mimepart *part = curl_mime_addpart(mime);
    curl_mime_data(part, text, CURL_ZERO_TERMINATED);
    curl_mime_type(part, type);
    curl_mime_encoder(part, "quoted-printable");
}

static lk_status_t refuse_address(lk_error_t *err, const char *what, const char *address)
{
    return lk_fail(err, LK_INVALID, NULL,
                   "Invalid %s address '%s'. If the address contains UTF-8 characters in the local part please ensure the SMTP "
                   "server supports the SMTPUTF8 extension and enable 'Allow UTF-8' in the email realm configuration.",
                   what, address != NULL ? address : "null");
}

static lk_status_t check(const lk_mail_t *mail, lk_error_t *err)
{
    if (!is_address(mail->from))
        return refuse_address(err, "sender", mail->from);
    if (!is_address(mail->to))
        return refuse_address(err, "recipient", mail->to);
    if ((mail->reply_to != NULL && !is_address(mail->reply_to)) ||
        (mail->envelope_from != NULL && !is_address(mail->envelope_from)))
        return refuse_address(err, "sender",
                              mail->reply_to != NULL && !is_address(mail->reply_to) ? mail->reply_to : mail->envelope_from);
    if (mail->host == NULL || *mail->host == '\0' || strpbrk(mail->host, "/?#@ \r\n") != NULL ||
        (mail->port != NULL && mail->port[strspn(mail->port, "0123456789")] != '\0'))
        return lk_fail(err, LK_INVALID, NULL, "No mail server");
    return LK_OK;
}

static void set_options(CURL *curl, lk_arena_t *arena, const lk_mail_t *mail, char *reason)
{
    long timeout = mail->timeout_ms != 0 ? mail->timeout_ms : LK_MAIL_TIMEOUT_MS;
    const char *port = mail->port != NULL && *mail->port != '\0' ? mail->port : mail->ssl ? "465" : mail->starttls ? "587" : "25";
    const char *sender = mail->envelope_from != NULL ? mail->envelope_from : mail->from;
    curl_easy_setopt(curl, CURLOPT_URL, lk_printf(arena, "%s://%s:%s", mail->ssl ? "smtps" : "smtp", mail->host, port));
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    curl_easy_setopt(curl, CURLOPT_USE_SSL, (long)(mail->starttls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, timeout);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, timeout * 2);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, reason);
    curl_easy_setopt(curl, CURLOPT_MAIL_FROM, lk_printf(arena, "<%s>", sender));
    lk_fetch_trust(curl);
}

lk_status_t lk_mail_send(lk_arena_t *arena, const lk_mail_t *mail, lk_error_t *err)
{
    char reason[CURL_ERROR_SIZE] = "";
    lk_status_t status = check(mail, err);
    if (status != LK_OK)
        return status;
    CURL *curl = curl_easy_init();
    struct curl_slist *headers = headers_of(arena, mail);
    struct curl_slist *to = curl_slist_append(NULL, lk_printf(arena, "<%s>", mail->to));
    curl_mime *mime = curl != NULL ? curl_mime_init(curl) : NULL;
    if (mime == NULL) {
        status = lk_fail(err, LK_INTERNAL, NULL, "libcurl cannot be started");
        goto Exit;
    }
    set_options(curl, arena, mail, reason);
    add_part(mime, mail->text, "text/plain; charset=UTF-8");
    add_part(mime, mail->html, "text/html; charset=UTF-8");
    curl_easy_setopt(curl, CURLOPT_MIMEPOST, mime);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(curl, CURLOPT_MAIL_RCPT, to);
    if ((status = set_sign_in(curl, arena, mail, err)) != LK_OK)
        goto Exit;
    CURLcode code = curl_easy_perform(curl);
    if (code != CURLE_OK) {
        lk_fail(err, LK_UNAVAILABLE, NULL, NULL);
        status = lk_error_detail(err, "mail by %s: %s", mail->host, reason[0] != '\0' ? reason : curl_easy_strerror(code));
    }
Exit:
    if (mime != NULL)
        curl_mime_free(mime);
    curl_slist_free_all(to);
    curl_slist_free_all(headers);
    if (curl != NULL)
        curl_easy_cleanup(curl);
    return status;
}
