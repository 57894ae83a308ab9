/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "core/json.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "model/user.h"

/* A realm's password policy, "length(8) and digits(1) and notUsername(undefined)": one row a rule. */

typedef struct st_check_t {
    lk_arena_t *arena;
    const lk_user_t *user;
    const char *password, *argument;
    long number;
} check_t;

static size_t characters(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; ++text)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

static int at_least(const check_t *check, int (*is)(int c))
{
    long count = 0;
    for (const char *c = check->password; *c != '\0'; ++c)
        count += is((unsigned char)*c) != 0;
    return count >= check->number;
}

static int is_special(int c)
{
    return c < 0x80 ? ispunct(c) || c == ' ' : (c & 0xc0) != 0x80;
}

static int check_length(const check_t *check)
{
    return (long)characters(check->password) >= check->number;
}

static int check_max_length(const check_t *check)
{
    return (long)characters(check->password) <= check->number;
}

static int check_digits(const check_t *check)
{
    return at_least(check, isdigit);
}

static int check_lower(const check_t *check)
{
    return at_least(check, islower);
}

static int check_upper(const check_t *check)
{
    return at_least(check, isupper);
}

static int check_special(const check_t *check)
{
    return at_least(check, is_special);
}

static int check_not_username(const check_t *check)
{
    return strcasecmp(check->password, check->user->username) != 0;
}

static int check_not_email(const check_t *check)
{
    return check->user->email == NULL || strcasecmp(check->password, check->user->email) != 0;
}

static int check_not_contains_username(const check_t *check)
{
    return strcasestr(check->password, check->user->username) == NULL;
}

static int check_regex(const check_t *check)
{
    regex_t regex;
    const char *anchored = lk_printf(check->arena, "^(%s)$", check->argument);
    if (regcomp(&regex, anchored, REG_EXTENDED | REG_NOSUB) != 0)
        return 1;
    int found = regexec(&regex, check->password, 0, NULL, 0) == 0;
    regfree(&regex);
    return found;
}

/* key: of the message that a refusal shows; NULL where the rule says nothing about the password itself. */
static const struct {
    const char *name, *key;
    long fallback;
    int (*check)(const check_t *check);
} rules[] = {{"length", "invalidPasswordMinLengthMessage", 8, check_length},
             {"maxLength", "invalidPasswordMaxLengthMessage", 64, check_max_length},
             {"digits", "invalidPasswordMinDigitsMessage", 1, check_digits},
             {"lowerCase", "invalidPasswordMinLowerCaseCharsMessage", 1, check_lower},
             {"upperCase", "invalidPasswordMinUpperCaseCharsMessage", 1, check_upper},
             {"specialChars", "invalidPasswordMinSpecialCharsMessage", 1, check_special},
             {"notUsername", "invalidPasswordNotUsernameMessage", 0, check_not_username},
             {"notEmail", "invalidPasswordNotEmailMessage", 0, check_not_email},
             {"notContainsUsername", "invalidPasswordNotContainsUsernameMessage", 0, check_not_contains_username},
             {"regexPattern", "invalidPasswordRegexPatternMessage", 0, check_regex}};
#define NUM_RULES (sizeof(rules) / sizeof(rules[0]))

/* The argument of a rule in the policy, "" without one; NULL where the policy does not have the rule. */
static const char *rule_argument(lk_arena_t *arena, const char *policy, const char *name)
{
    size_t name_len = strlen(name);
    for (const char *at = policy; at != NULL && *at != '\0';) {
        const char *next = strstr(at, " and ");
        size_t len = next != NULL ? (size_t)(next - at) : strlen(at), word = strcspn(at, "( ");
        if (word == name_len && strncmp(at, name, name_len) == 0) {
            const char *open = memchr(at, '(', len), *end = at + len;
            while (end > at && end[-1] != ')')
                --end;
            return open == NULL || end <= open ? "" : lk_strndup(arena, open + 1, (size_t)(end - open - 2));
        }
        at = next != NULL ? next + 5 : NULL;
    }
    return NULL;
}

static long rule_number(const char *argument, long fallback)
{
    char *end;
    long number = strtol(argument, &end, 10);
    return *argument == '\0' || *end != '\0' ? fallback : number;
}

lk_hashing_t lk_realm_hashing(lk_arena_t *arena, const lk_realm_t *realm)
{
    const char *algorithm = rule_argument(arena, realm->password_policy, "hashAlgorithm");
    const char *iterations = rule_argument(arena, realm->password_policy, "hashIterations");
    return (lk_hashing_t){algorithm != NULL && *algorithm != '\0' ? algorithm : NULL,
                          iterations != NULL ? (int)rule_number(iterations, 0) : 0};
}

static lk_status_t check_rules(lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user, const char *password,
                               lk_error_t *err)
{
    for (size_t i = 0; i != NUM_RULES; ++i) {
        const char *argument = rule_argument(arena, realm->password_policy, rules[i].name);
        if (argument == NULL)
            continue;
        check_t check = {arena, user, password, argument, rule_number(argument, rules[i].fallback)};
        if (!rules[i].check(&check))
            return lk_fail(err, LK_INVALID, rules[i].key, "%s",
                           rules[i].fallback != 0 ? lk_printf(arena, "%ld", check.number) : "");
    }
    return LK_OK;
}

/* How many former passwords may not come back. */
static long history_size(lk_arena_t *arena, const lk_realm_t *realm)
{
    const char *argument = rule_argument(arena, realm->password_policy, "passwordHistory");
    return argument == NULL ? 0 : rule_number(argument, 3);
}

static lk_status_t check_history(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user,
                                 const char *password, long size, lk_error_t *err)
{
    lk_rows_t rows;
    lk_hashing_t hashing = lk_realm_hashing(arena, realm);
    lk_status_t status = size == 0 ? LK_OK
                                   : lk_query(sql, arena, LK_Q_USER_PASSWORD_HISTORY, &rows, err, realm->id, user->id,
                                              lk_printf(arena, "%ld", size));
    for (int i = 0; size != 0 && status == LK_OK && i != rows.count; ++i) {
        lk_password_t stored = {lk_row_str(&rows, i, "credential_data"), lk_row_str(&rows, i, "secret_data")};
        int match, stale;
        status = lk_password_verify(arena, password, &stored, &hashing, &match, &stale, err);
        if (status == LK_OK && match)
            return lk_fail(err, LK_INVALID, "invalidPasswordHistoryMessage", "%ld", size);
    }
    return status;
}

static lk_status_t require_update(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user, lk_error_t *err)
{
    json_t *actions = lk_json_own(arena, json_array());
    for (size_t i = 0; i != user->required_actions.count; ++i)
        if (strcmp(user->required_actions.entries[i], "UPDATE_PASSWORD") != 0)
            json_array_append_new(actions, json_string(user->required_actions.entries[i]));
    json_array_append_new(actions, json_string("UPDATE_PASSWORD"));
    return lk_user_set_required_actions(sql, arena, realm, user->id, actions, err);
}

lk_status_t lk_user_set_password(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const lk_user_t *user,
                                 const char *password, int temporary, lk_error_t *err)
{
    lk_rows_t rows;
    lk_password_t made;
    lk_hashing_t hashing = lk_realm_hashing(arena, realm);
    long history = history_size(arena, realm);
    const char *history_text = lk_printf(arena, "%ld", history);
    lk_status_t status = check_rules(arena, realm, user, password, err);
    if (status == LK_OK)
        status = check_history(sql, arena, realm, user, password, history, err);
    if (status == LK_OK)
        status = lk_password_hash(arena, password, &hashing, &made, err);
    if (status == LK_OK)
        status = lk_query(sql, arena, LK_Q_USER_PASSWORD_REPLACE, &rows, err, realm->id, user->id, lk_random_uuid(arena),
                          lk_printf(arena, "%lld", (long long)lk_now_ms()), made.credential_data, made.secret_data, history_text);
    if (status == LK_OK && history != 0)
        status = lk_query(sql, arena, LK_Q_USER_PASSWORD_HISTORY_TRIM, &rows, err, realm->id, user->id, history_text);
    if (status == LK_OK && temporary)
        status = require_update(sql, arena, realm, user, err);
    return status;
}
