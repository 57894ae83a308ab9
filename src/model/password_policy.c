/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/password_policy.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "model/pattern.h"

#define MAX_CONFIG 1024

typedef struct st_check_t {
    lk_arena_t *arena;
    const lk_password_subject_t *subject;
    const char *password;
    const char *config; /* what is in the parentheses, "" where nothing */
    int64_t number;     /* the same, or the default */
} check_t;

/* Letters beyond ASCII count as far as Latin-1, Greek and Cyrillic go: what lk_utf8_lower knows. */
typedef enum en_class_t { CLASS_DIGIT, CLASS_LOWER, CLASS_UPPER, CLASS_SPECIAL, CLASS_OTHER } class_t;

static class_t class_of(lk_arena_t *arena, const char *letter, size_t len)
{
    if (len == 1) {
        unsigned char c = (unsigned char)*letter;
        return isdigit(c) ? CLASS_DIGIT : islower(c) ? CLASS_LOWER : isupper(c) ? CLASS_UPPER : CLASS_SPECIAL;
    }
    const unsigned char *bytes = (const unsigned char *)letter;
    /* U+0080 ... U+00BF, multiplication and division sign, U+2000 ... U+2BFF: punctuation, symbols, currencies. */
    if (bytes[0] == 0xc2 || (bytes[0] == 0xc3 && (bytes[1] == 0x97 || bytes[1] == 0xb7)) || (bytes[0] == 0xe2 && bytes[1] < 0xb0))
        return CLASS_SPECIAL;
    const char *lower = lk_utf8_lower(arena, lk_strndup(arena, letter, len));
    if (memcmp(lower, letter, len) != 0)
        return CLASS_UPPER;
    return bytes[0] <= 0xd1 ? CLASS_LOWER : CLASS_OTHER;
}

static size_t letter_length(const char *at)
{
    size_t len = 1;
    while (((unsigned char)at[len] & 0xc0) == 0x80)
        ++len;
    return len;
}

static int64_t count_class(const check_t *check, class_t wanted)
{
    int64_t count = 0;
    for (const char *at = check->password; *at != '\0';) {
        size_t len = letter_length(at);
        count += class_of(check->arena, at, len) == wanted;
        at += len;
    }
    return count;
}

/* In UTF-16 units, as Java counts. */
static int64_t java_length(const char *text)
{
    int64_t count = 0;
    for (; *text != '\0'; ++text)
        count += ((unsigned char)*text & 0xc0) != 0x80 ? ((unsigned char)*text >= 0xf0) + 1 : 0;
    return count;
}

static int has_length(const check_t *check)
{
    return java_length(check->password) >= check->number;
}
static int has_max_length(const check_t *check)
{
    return java_length(check->password) <= check->number;
}
static int has_digits(const check_t *check)
{
    return count_class(check, CLASS_DIGIT) >= check->number;
}
static int has_lower(const check_t *check)
{
    return count_class(check, CLASS_LOWER) >= check->number;
}
static int has_upper(const check_t *check)
{
    return count_class(check, CLASS_UPPER) >= check->number;
}
static int has_special(const check_t *check)
{
    return count_class(check, CLASS_SPECIAL) >= check->number;
}
static int is_not(const check_t *check, const char *text)
{
    return text == NULL || strcmp(lk_utf8_lower(check->arena, check->password), lk_utf8_lower(check->arena, text)) != 0;
}
static int is_not_username(const check_t *check)
{
    return is_not(check, check->subject->username);
}
static int is_not_email(const check_t *check)
{
    return is_not(check, check->subject->email);
}
static int contains_no_username(const check_t *check)
{
    const char *username = check->subject->username;
    return username == NULL || *username == '\0' ||
           strstr(lk_utf8_lower(check->arena, check->password), lk_utf8_lower(check->arena, username)) == NULL;
}
static int matches_pattern(const check_t *check)
{
    return lk_pattern_match(check->arena, check->config, check->password) == LK_PATTERN_MATCH;
}

typedef enum en_value_t { VALUE_NONE, VALUE_NUMBER, VALUE_PATTERN, VALUE_HASH, VALUE_TEXT } value_t;

/* In the order in which Keycloak asks them, which is that of a Java HashMap of 16 buckets. */
static const struct st_policy_t {
    const char *id;
    value_t value;
    int64_t fallback;
    int (*holds)(const check_t *check); /* NULL: not about the text of a password */
    const char *key, *text;             /* %s: the number */
} policies[] = {
    {"notContainsUsername", VALUE_NONE, 0, contains_no_username, "invalidPasswordNotContainsUsernameMessage",
     "Invalid password: Can not contain the username."},
    {"specialChars", VALUE_NUMBER, 1, has_special, "invalidPasswordMinSpecialCharsMessage",
     "Invalid password: must contain at least %s special characters."},
    {"upperCase", VALUE_NUMBER, 1, has_upper, "invalidPasswordMinUpperCaseCharsMessage",
     "Invalid password: must contain at least %s upper case characters."},
    {"passwordHistory", VALUE_NUMBER, 3, NULL, "invalidPasswordHistoryMessage",
     "Invalid password: must not be equal to any of last %s passwords."},
    {"lowerCase", VALUE_NUMBER, 1, has_lower, "invalidPasswordMinLowerCaseCharsMessage",
     "Invalid password: must contain at least %s lower case characters."},
    {"length", VALUE_NUMBER, 8, has_length, "invalidPasswordMinLengthMessage", "Invalid password: minimum length %s."},
    {"regexPattern", VALUE_PATTERN, 0, matches_pattern, "invalidPasswordRegexPatternMessage",
     "Invalid password: fails to match regex pattern(s)."},
    {"digits", VALUE_NUMBER, 1, has_digits, "invalidPasswordMinDigitsMessage",
     "Invalid password: must contain at least %s numerical digits."},
    {"notUsername", VALUE_NONE, 0, is_not_username, "invalidPasswordNotUsernameMessage",
     "Invalid password: must not be equal to the username."},
    {"maxLength", VALUE_NUMBER, 64, has_max_length, "invalidPasswordMaxLengthMessage", "Invalid password: maximum length %s."},
    {"notEmail", VALUE_NONE, 0, is_not_email, "invalidPasswordNotEmailMessage",
     "Invalid password: must not be equal to the email."},
    {"hashAlgorithm", VALUE_HASH, 0, NULL, NULL, NULL},
    {"hashIterations", VALUE_NUMBER, 0, NULL, NULL, NULL},
    {"forceExpiredPasswordChange", VALUE_NUMBER, 365, NULL, NULL, NULL},
    {"maxAuthAge", VALUE_NUMBER, 300, NULL, NULL, NULL},
    {"passwordAge", VALUE_NUMBER, 30, NULL, NULL, NULL},
    {"passwordBlacklist", VALUE_TEXT, 0, NULL, NULL, NULL},
    {"recoveryCodesWarningThreshold", VALUE_NUMBER, 4, NULL, NULL, NULL},
};
#define NUM_POLICIES (sizeof(policies) / sizeof(policies[0]))

static const char *const hash_algorithms[] = {"argon2", "pbkdf2", "pbkdf2-sha256", "pbkdf2-sha512"};

/* --- the policy's text --- */

typedef struct st_item_t {
    char id[64], config[MAX_CONFIG];
} item_t;

/* The next "id" or "id(config)" of a list joined by " and "; returns where to go on, NULL at the end. */
static const char *next_item(const char *at, item_t *ret_item)
{
    if (at == NULL || *(at += strspn(at, " ")) == '\0')
        return NULL;
    const char *end = strstr(at, " and ");
    const char *rest = end != NULL ? end + 5 : at + strlen(at);
    size_t len = end != NULL ? (size_t)(end - at) : strlen(at);
    while (len != 0 && at[len - 1] == ' ')
        --len;
    const char *open = memchr(at, '(', len);
    size_t id_len = open != NULL ? (size_t)(open - at) : len;
    size_t config_len = open != NULL && at[len - 1] == ')' ? len - id_len - 2 : 0;
    if (id_len >= sizeof(ret_item->id))
        id_len = sizeof(ret_item->id) - 1;
    if (config_len >= MAX_CONFIG)
        config_len = MAX_CONFIG - 1;
    memcpy(ret_item->id, at, id_len);
    ret_item->id[id_len] = '\0';
    if (config_len != 0)
        memcpy(ret_item->config, open + 1, config_len);
    ret_item->config[config_len] = '\0';
    return rest;
}

static int parse_number(const char *text, int64_t *ret_number)
{
    char *end;
    errno = 0;
    long long number = strtoll(text, &end, 10);
    if (end == text || *end != '\0' || errno != 0)
        return 0;
    *ret_number = number;
    return 1;
}

/* The last item of that id; regexPattern may come several times, which the caller walks itself. Returns 0 where there is none. */
static int find_item(const char *policy, const char *id, item_t *ret_item)
{
    item_t item;
    int found = 0;
    for (const char *at = policy; (at = next_item(at, &item)) != NULL;) {
        if (strcmp(item.id, id) == 0) {
            *ret_item = item;
            found = 1;
        }
    }
    return found;
}

int64_t lk_password_policy_number(const char *policy, const char *id, int64_t fallback)
{
    item_t item;
    int64_t number;
    if (!find_item(policy, id, &item))
        return fallback;
    if (parse_number(item.config, &number))
        return number;
    for (size_t i = 0; i != NUM_POLICIES; ++i)
        if (strcmp(policies[i].id, id) == 0)
            return policies[i].fallback;
    return fallback;
}

static lk_status_t refuse(const struct st_policy_t *row, int64_t number, lk_error_t *err)
{
    const char *mark = strstr(row->text, "%s");
    if (mark == NULL)
        return lk_fail(err, LK_INVALID, row->key, "%s", row->text);
    return lk_fail(err, LK_INVALID, row->key, "%.*s%lld%s", (int)(mark - row->text), row->text, (long long)number, mark + 2);
}

static int holds_all_patterns(check_t *check, const char *policy)
{
    item_t item;
    for (const char *at = policy; (at = next_item(at, &item)) != NULL;) {
        check->config = item.config;
        if (strcmp(item.id, "regexPattern") == 0 && !matches_pattern(check))
            return 0;
    }
    return 1;
}

lk_status_t lk_password_policy_check(lk_arena_t *arena, const char *policy, const lk_password_subject_t *subject,
                                     const char *password, lk_error_t *err)
{
    check_t check = {.arena = arena, .subject = subject, .password = password};
    item_t item;
    for (size_t i = 0; i != NUM_POLICIES; ++i) {
        if (policies[i].holds == NULL || !find_item(policy, policies[i].id, &item))
            continue;
        check.config = item.config;
        check.number = lk_password_policy_number(policy, policies[i].id, 0);
        if (policies[i].value == VALUE_PATTERN ? !holds_all_patterns(&check, policy) : !policies[i].holds(&check))
            return refuse(&policies[i], check.number, err);
    }
    return LK_OK;
}

const char *lk_password_policy_argument(lk_arena_t *arena, const char *policy, const char *message_key)
{
    for (size_t i = 0; i != NUM_POLICIES; ++i)
        if (policies[i].key != NULL && strcmp(policies[i].key, message_key) == 0 && policies[i].value == VALUE_NUMBER)
            return lk_printf(arena, "%lld", (long long)lk_password_policy_number(policy, policies[i].id, policies[i].fallback));
    return NULL;
}

lk_hashing_t lk_password_policy_hashing(lk_arena_t *arena, const char *policy)
{
    item_t item;
    lk_hashing_t hashing = {0};
    if (find_item(policy, "hashAlgorithm", &item) && item.config[0] != '\0')
        hashing.algorithm = lk_strdup(arena, item.config);
    int64_t iterations = lk_password_policy_number(policy, "hashIterations", 0);
    hashing.iterations = iterations > 0 && iterations <= 10000000 ? (int)iterations : 0;
    return hashing;
}

/* --- what administrators set --- */

static lk_status_t validate_item(lk_arena_t *arena, const struct st_policy_t *row, const char *config, lk_error_t *err)
{
    int64_t number;
    if (row->value == VALUE_NUMBER && *config != '\0' && !parse_number(config, &number))
        return lk_fail(err, LK_INVALID, NULL, "Invalid config for %s: Not a valid number", row->id);
    if (row->value == VALUE_PATTERN && lk_pattern_match(arena, config, "") == LK_PATTERN_BROKEN)
        return lk_fail(err, LK_INVALID, NULL, "Invalid config for %s: Not a valid regular expression", row->id);
    if (row->value != VALUE_HASH || *config == '\0')
        return LK_OK;
    for (size_t i = 0; i != sizeof(hash_algorithms) / sizeof(hash_algorithms[0]); ++i)
        if (strcmp(hash_algorithms[i], config) == 0)
            return LK_OK;
    return lk_fail(err, LK_INVALID, NULL, "Invalid config for hashAlgorithm: Password hashing provider not found");
}

lk_status_t lk_password_policy_validate(lk_arena_t *arena, const char *policy, lk_error_t *err)
{
    item_t item;
    for (const char *at = policy; (at = next_item(at, &item)) != NULL;) {
        size_t i = 0;
        while (i != NUM_POLICIES && strcmp(policies[i].id, item.id) != 0)
            ++i;
        if (i == NUM_POLICIES)
            return lk_fail(err, LK_INVALID, NULL, "Password policy not found");
        lk_status_t status = validate_item(arena, &policies[i], item.config, err);
        if (status != LK_OK)
            return status;
    }
    return LK_OK;
}
