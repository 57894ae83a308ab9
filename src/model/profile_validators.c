/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/profile_validators.h"

#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/arena.h"
#include "core/encode.h"
#include "core/json.h"
#include "model/pattern.h"
#include "model/profile.h"

#define MAX_LOCAL_PART 64
#define MAX_DOMAIN 255
#define MAX_LABEL 63

typedef struct st_value_t {
    const json_t *config;
    const char *attribute, *text;
    json_t *errors;
} value_t;

void lk_profile_report(json_t *errors, const char *attribute, const char *key, json_t *more)
{
    json_t *params = json_pack("[s]", attribute);
    json_array_extend(params, more);
    json_decref(more);
    json_array_append_new(errors, json_pack("{s:s, s:s, s:o}", "field", attribute, "errorMessage", key, "params", params));
}

static void report(const value_t *value, const char *key, json_t *more)
{
    lk_profile_report(value->errors, value->attribute, key, more);
}

long long lk_profile_number(const json_t *config, const char *name, long long fallback)
{
    const json_t *member = json_object_get(config, name);
    return json_is_integer(member) ? json_integer_value(member) : lk_json_config_int(config, name, fallback);
}

/* A limit, or JSON null where there is none. */
static json_t *limit(const value_t *value, const char *name)
{
    const json_t *member = json_object_get(value->config, name);
    return member != NULL && !json_is_null(member) ? json_integer(lk_profile_number(value->config, name, 0)) : json_null();
}

/* Of the messages for a value that is too small, too big, or out of a range of which both ends are told. */
static const char *text_of_range(int has_min, int has_max, const char *const texts[3])
{
    return !has_max ? texts[0] : !has_min ? texts[1] : texts[2];
}

static void check_length(const value_t *value)
{
    static const char *const texts[] = {"error-invalid-length-too-short", "error-invalid-length-too-long", "error-invalid-length"};
    json_t *min = limit(value, "min"), *max = limit(value, "max");
    long long count = (long long)lk_utf8_length(value->text);
    int wrong =
        (json_is_integer(min) && count < json_integer_value(min)) || (json_is_integer(max) && count > json_integer_value(max));
    if (wrong)
        report(value, text_of_range(!json_is_null(min), !json_is_null(max), texts), json_pack("[O, O]", min, max));
    json_decref(min);
    json_decref(max);
}

/* --- e-mail addresses --- */

static int has_any(const char *text, size_t len, const char *forbidden)
{
    for (size_t i = 0; i != len; ++i)
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f || strchr(forbidden, text[i]) != NULL)
            return 1;
    return 0;
}

static int local_part_valid(const char *text, size_t len)
{
    if (len == 0 || len > MAX_LOCAL_PART)
        return 0;
    if (len > 2 && text[0] == '"' && text[len - 1] == '"')
        return !has_any(text + 1, len - 2, "\"\\");
    if (text[0] == '.' || text[len - 1] == '.' || has_any(text, len, " \"(),:;<>@[\\]"))
        return 0;
    for (size_t i = 1; i < len; ++i)
        if (text[i] == '.' && text[i - 1] == '.')
            return 0;
    return 1;
}

static int label_valid(const char *text, size_t len)
{
    return len != 0 && len <= MAX_LABEL && text[0] != '-' && text[len - 1] != '-' && !has_any(text, len, " \"(),:;<>@[\\]_");
}

static int domain_valid(const char *text)
{
    size_t len = strlen(text);
    if (len > 2 && text[0] == '[' && text[len - 1] == ']')
        return strspn(text + 1, "0123456789abcdefABCDEFIPv:.") == len - 2;
    if (len > MAX_DOMAIN)
        return 0;
    for (;; text += len + 1) {
        len = strcspn(text, ".");
        if (!label_valid(text, len))
            return 0;
        if (text[len] == '\0')
            return 1;
    }
}

int lk_email_valid(const char *email)
{
    const char *at = strrchr(email, '@');
    return at != NULL && local_part_valid(email, (size_t)(at - email)) && domain_valid(at + 1);
}

static void check_email(const value_t *value)
{
    if (!lk_email_valid(value->text))
        report(value, "error-invalid-email", json_pack("[s]", value->text));
}

/* --- characters --- */

static void check_person_name(const value_t *value)
{
    if (has_any(value->text, strlen(value->text), "!\"#$%&()*/;<=>?[\\]^{|}~"))
        report(value, "error-person-name-invalid-character", NULL);
}

static void check_username(const value_t *value)
{
    if (has_any(value->text, strlen(value->text), " !\"#$%&'()*,/:;<=>?[\\]^`{|}~") || strstr(value->text, "\xc2\xa0") != NULL)
        report(value, "error-username-invalid-character", NULL);
}

/* Code points of the scripts Latin and Common, beyond ASCII: the only ones that user names may use, lest they look like another's.
 */
static const struct {
    uint32_t first, last;
} latin_or_common[] = {{0x80, 0x2ff},    {0x1d00, 0x1d25}, {0x1e00, 0x1eff}, {0x2000, 0x2bff}, {0x2c60, 0x2c7f},  {0x2e00, 0x2e7f},
                       {0x3000, 0x3004}, {0x3008, 0x3020}, {0xa720, 0xa7ff}, {0xff01, 0xff65}, {0x1f000, 0x1faff}};

static int is_latin_or_common(uint32_t code)
{
    for (size_t i = 0; i != sizeof(latin_or_common) / sizeof(latin_or_common[0]); ++i)
        if (code >= latin_or_common[i].first && code <= latin_or_common[i].last)
            return 1;
    return code < 0x80;
}

static void check_homograph(const value_t *value)
{
    for (const unsigned char *at = (const unsigned char *)value->text; *at != '\0';) {
        uint32_t code = *at++;
        int more = code >= 0xf0 ? 3 : code >= 0xe0 ? 2 : code >= 0xc0 ? 1 : 0;
        code &= more == 0 ? 0xff : 0x3fu >> more;
        for (; more != 0 && (*at & 0xc0) == 0x80; --more)
            code = code << 6 | (*at++ & 0x3f);
        if (!is_latin_or_common(code)) {
            report(value, "error-username-invalid-character", NULL);
            return;
        }
    }
}

static void check_pattern(const value_t *value)
{
    const char *pattern = lk_json_str(value->config, "pattern", "");
    lk_arena_t *arena = lk_arena_create("pattern");
    if (lk_pattern_match(arena, pattern, value->text) != LK_PATTERN_MATCH)
        report(value, lk_json_str(value->config, "error-message", "error-pattern-no-match"), json_pack("[s]", pattern));
    lk_arena_destroy(&arena);
}

static void check_options(const value_t *value)
{
    const json_t *options = json_object_get(value->config, "options");
    size_t i;
    json_t *option;
    json_array_foreach((json_t *)options, i, option)
    {
        if (json_is_string(option) && strcmp(json_string_value(option), value->text) == 0)
            return;
    }
    report(value, "error-invalid-value", NULL);
}

/* --- numbers, dates, addresses --- */

static int read_double(const char *text, double *ret_number)
{
    char *end;
    errno = 0;
    double number = strtod(text, &end);
    if (end == text || *end != '\0' || errno != 0 || strspn(text, "+-0123456789.eE") != strlen(text))
        return 0;
    *ret_number = number;
    return 1;
}

/* Number or text of the config as a number; 0 where it is absent. */
static int config_double(const value_t *value, const char *name, double *ret_number)
{
    const json_t *member = json_object_get(value->config, name);
    if (json_is_number(member)) {
        *ret_number = json_number_value(member);
        return 1;
    }
    return json_is_string(member) && read_double(json_string_value(member), ret_number);
}

static json_t *bound(int known, double number, int whole)
{
    return !known ? json_null() : whole && fabs(number) < 0x1p63 ? json_integer((json_int_t)number) : json_real(number);
}

static void check_number(const value_t *value, int whole)
{
    static const char *const texts[] = {"error-number-out-of-range-too-small", "error-number-out-of-range-too-big",
                                        "error-number-out-of-range"};
    double number, min = 0, max = 0;
    int has_min = config_double(value, "min", &min), has_max = config_double(value, "max", &max);
    if (!read_double(value->text, &number) || (whole && strpbrk(value->text, ".eE") != NULL))
        report(value, "error-invalid-number", NULL);
    else if ((has_min && number < min) || (has_max && number > max))
        report(value, text_of_range(has_min, has_max, texts),
               json_pack("[o, o]", bound(has_min, min, whole), bound(has_max, max, whole)));
}

static void check_integer(const value_t *value)
{
    check_number(value, 1);
}

static void check_double(const value_t *value)
{
    check_number(value, 0);
}

/* yyyy-mm-dd that exists. */
static int is_date(const char *text)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int year, month, day, end = 0;
    if (sscanf(text, "%4d-%2d-%2d%n", &year, &month, &day, &end) != 3 || text[end] != '\0' || end != 10 || month < 1 || month > 12)
        return 0;
    int leap = month == 2 && year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day >= 1 && day <= days[month - 1] + leap;
}

static void check_iso_date(const value_t *value)
{
    if (!is_date(value->text))
        report(value, "error-invalid-date", json_pack("[s]", value->text));
}

/* In the user's locale: any of the usual orders. */
static void check_local_date(const value_t *value)
{
    size_t digits = 0;
    for (const char *at = value->text; *at != '\0'; ++at)
        digits += *at >= '0' && *at <= '9';
    if (digits < 3 || digits > 8 || strspn(value->text, "0123456789./- ") != strlen(value->text))
        report(value, "error-invalid-date", NULL);
}

/* http and https, unless the profile says which. */
static int allows_scheme(const json_t *config, const char *scheme, size_t len)
{
    const json_t *given = json_object_get(config, "allowedSchemes");
    static const char *const usual[] = {"http", "https"};
    size_t count = given != NULL ? json_array_size(given) : sizeof(usual) / sizeof(usual[0]);
    for (size_t i = 0; i != count; ++i) {
        const char *name = given != NULL ? json_string_value(json_array_get(given, i)) : usual[i];
        if (name != NULL && strlen(name) == len && strncasecmp(name, scheme, len) == 0)
            return 1;
    }
    return 0;
}

static void check_uri(const value_t *value)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
    size_t len = strspn(value->text, letters);
    const char *fragment = strchr(value->text, '#');
    if (len == 0 || value->text[len] != ':')
        report(value, "error-invalid-uri", json_pack("[s, s]", value->text, "URI is not absolute"));
    else if (!allows_scheme(value->config, value->text, len))
        report(value, "error-invalid-uri-scheme", json_pack("[s, s%]", value->text, value->text, len));
    else if (fragment != NULL && !lk_json_bool(value->config, "allowFragment", 1))
        report(value, "error-invalid-uri-fragment", json_pack("[s, s]", value->text, fragment + 1));
}

/* In the order in which Keycloak tells of what they find. */
static const struct {
    const char *name;
    void (*check)(const value_t *value);
} validators[] = {
    {"options", check_options},
    {"iso-date", check_iso_date},
    {"local-date", check_local_date},
    {"integer", check_integer},
    {"double", check_double},
    {"length", check_length},
    {"email", check_email},
    {"pattern", check_pattern},
    {"uri", check_uri},
    {"person-name-prohibited-characters", check_person_name},
    {"username-prohibited-characters", check_username},
    {"up-username-not-idn-homograph", check_homograph},
};

/* Besides those: what is no matter of one value that is not empty, or is checked for every profile. */
int lk_profile_validator_is_known(const char *validator)
{
    static const char *const others[] = {"multivalued", "not-empty", "not-blank", "organization-member-validator"};
    for (size_t i = 0; i != sizeof(validators) / sizeof(validators[0]); ++i)
        if (strcmp(validators[i].name, validator) == 0)
            return 1;
    for (size_t i = 0; i != sizeof(others) / sizeof(others[0]); ++i)
        if (strcmp(others[i], validator) == 0)
            return 1;
    return strncmp(validator, "up-", 3) == 0;
}

void lk_profile_run_validators(const json_t *validations, const char *attribute, const json_t *values, json_t *errors)
{
    for (size_t i = 0; i != sizeof(validators) / sizeof(validators[0]); ++i) {
        const json_t *config = json_object_get(validations, validators[i].name);
        for (size_t j = 0; config != NULL && j != json_array_size(values); ++j)
            validators[i].check(&(value_t){config, attribute, json_string_value(json_array_get(values, j)), errors});
    }
}
