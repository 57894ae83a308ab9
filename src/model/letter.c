/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/letter.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"

static const struct {
    const char *name;
    size_t offset;
} members[] = {
    {"host", offsetof(lk_mail_t, host)},
    {"port", offsetof(lk_mail_t, port)},
    {"user", offsetof(lk_mail_t, user)},
    {"password", offsetof(lk_mail_t, password)},
    {"authTokenUrl", offsetof(lk_mail_t, token_url)},
    {"authTokenScope", offsetof(lk_mail_t, token_scope)},
    {"authTokenClientId", offsetof(lk_mail_t, token_client_id)},
    {"authTokenClientSecret", offsetof(lk_mail_t, token_client_secret)},
    {"from", offsetof(lk_mail_t, from)},
    {"fromDisplayName", offsetof(lk_mail_t, from_name)},
    {"replyTo", offsetof(lk_mail_t, reply_to)},
    {"replyToDisplayName", offsetof(lk_mail_t, reply_to_name)},
    {"envelopeFrom", offsetof(lk_mail_t, envelope_from)},
};

void lk_letter_server(const json_t *smtp, lk_mail_t *ret_mail)
{
    for (size_t i = 0; i != sizeof(members) / sizeof(members[0]); ++i) {
        const char *text = lk_json_config(smtp, members[i].name, NULL);
        *(const char **)((char *)ret_mail + members[i].offset) = text != NULL && *text != '\0' ? text : NULL;
    }
    ret_mail->ssl = lk_json_config_bool(smtp, "ssl", 0);
    ret_mail->starttls = lk_json_config_bool(smtp, "starttls", 0);
    ret_mail->timeout_ms = (long)lk_json_config_int(smtp, "timeout", 0);
    if (!lk_json_config_bool(smtp, "auth", 0))
        ret_mail->user = NULL;
    if (strcmp(lk_json_config(smtp, "authType", "basic"), "token") != 0)
        ret_mail->token_url = NULL;
}

/* The attribute "locale" where the realm has that language. */
static const char *locale_of(const lk_realm_t *realm, const lk_user_t *user)
{
    const char *locale = user != NULL ? json_string_value(json_array_get(json_object_get(user->attributes, "locale"), 0)) : NULL;
    const char *fallback = realm->default_locale != NULL && *realm->default_locale != '\0' ? realm->default_locale : "en";
    return locale != NULL && lk_strings_contain(&realm->supported_locales, locale) ? locale : fallback;
}

lk_letter_t lk_letter_to(const lk_realm_t *realm, const lk_user_t *user, const char *key)
{
    const char *locale = locale_of(realm, user);
    return (lk_letter_t){.to = user->email,
                         .locale = locale,
                         .theme = realm->email_theme,
                         .key = key,
                         .texts = json_object_get(realm->localization_texts, locale),
                         .smtp = realm->smtp_server};
}

json_t *lk_letter_period(int64_t seconds)
{
    static const struct {
        int64_t seconds;
        const char *name;
    } units[] = {{86400, "days"}, {3600, "hours"}, {60, "minutes"}, {1, "seconds"}};
    size_t i = 0;
    while (i != 3 && (seconds % units[i].seconds != 0 || seconds == 0))
        ++i;
    int64_t count = seconds / units[i].seconds;
    char key[64] = "linkExpirationFormatter.timePeriodUnit.";
    strncat(key, units[i].name, sizeof(key) - strlen(key) - 1);
    if (count == 1)
        strncat(key, ".1", sizeof(key) - strlen(key) - 1);
    return json_pack("{s:s, s:[I]}", "key", key, "args", (json_int_t)count);
}
