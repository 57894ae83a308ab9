/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "model/password_policy.h"
#include "model/pattern.h"
#include "tap.h"

static lk_arena_t *arena;

static void test_patterns(void)
{
    static const struct {
        const char *pattern, *text;
        lk_pattern_result_t result;
    } cases[] = {
        {"abc", "abc", LK_PATTERN_MATCH},
        {"abc", "abcd", LK_PATTERN_NO_MATCH},
        {"", "", LK_PATTERN_MATCH},
        {"[a-c]+", "abcabc", LK_PATTERN_MATCH},
        {"[^a-c]+", "xyz", LK_PATTERN_MATCH},
        {"[^a-c]+", "xbz", LK_PATTERN_NO_MATCH},
        {"[]a]+", "]a", LK_PATTERN_MATCH},
        {"[a-]+", "a-", LK_PATTERN_MATCH},
        {"\\d{3}-\\w*", "123-ab_9", LK_PATTERN_MATCH},
        {"\\D+", "abc", LK_PATTERN_MATCH},
        {"\\D+", "ab1", LK_PATTERN_NO_MATCH},
        {"[\\d\\s]+", "1 2\t3", LK_PATTERN_MATCH},
        {"^(?=.*[a-z])(?=.*[0-9]).{4,}$", "abc1", LK_PATTERN_MATCH},
        {"^(?=.*[a-z])(?=.*[0-9]).{4,}$", "abcd", LK_PATTERN_NO_MATCH},
        {"(?!.*password).+", "my password", LK_PATTERN_NO_MATCH},
        {"(?!.*password).+", "my secret", LK_PATTERN_MATCH},
        {"(ab|cd)*e?", "abcdab", LK_PATTERN_MATCH},
        {"(ab|cd){2}", "abcdab", LK_PATTERN_NO_MATCH},
        {"(a*)*b", "aaaab", LK_PATTERN_MATCH},
        {"(a|aa)+$", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", LK_PATTERN_COSTLY},
        {"a.*?c", "abcbc", LK_PATTERN_MATCH},
        {".{2}", "ж€", LK_PATTERN_MATCH},
        {"\\p{Upper}\\p{L}+", "Abc", LK_PATTERN_MATCH},
        {"\\.\\\\", ".\\", LK_PATTERN_MATCH},
        {"\\x41\\u0042", "AB", LK_PATTERN_MATCH},
        {"[a-z", "a", LK_PATTERN_BROKEN},
        {"(a", "a", LK_PATTERN_BROKEN},
        {"a)", "a", LK_PATTERN_BROKEN},
        {"*a", "a", LK_PATTERN_BROKEN},
        {"a{2,1}", "a", LK_PATTERN_BROKEN},
        {"(a)\\1", "aa", LK_PATTERN_BROKEN},
        {"a\\", "a", LK_PATTERN_BROKEN},
    };
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i)
        is_int(lk_pattern_match(arena, cases[i].pattern, cases[i].text), cases[i].result,
               lk_printf(arena, "pattern %s on %s", cases[i].pattern, cases[i].text));
}

/* Texts as long as an attribute may be: no stack is used up by them, and no more steps than allowed. */
static void test_long_texts(void)
{
    static const struct {
        const char *pattern;
        lk_pattern_result_t result;
    } cases[] = {
        {"(?:a|b)*", LK_PATTERN_MATCH},       {"(?:(?:(?:a|b)*)*)*", LK_PATTERN_MATCH}, {"(?:a|b)*?c", LK_PATTERN_NO_MATCH},
        {".*a{99999}", LK_PATTERN_COSTLY},    {".*.*.*b", LK_PATTERN_COSTLY},           {"((a|aa)+?)+b", LK_PATTERN_COSTLY},
        {"(?=(?=a*)a*).*", LK_PATTERN_MATCH}, {"(?:aa|aaa)*b", LK_PATTERN_COSTLY},
    };
    char *text = lk_alloc(arena, 60001);
    memset(text, 'a', 60000);
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i)
        is_int(lk_pattern_match(arena, cases[i].pattern, text), cases[i].result,
               lk_printf(arena, "%s on a long text", cases[i].pattern));
}

static const char *refusal(const char *policy, const char *password)
{
    lk_password_subject_t subject = {.username = "bob77", .email = "bob77@example.test"};
    lk_error_t err = {0};
    return lk_password_policy_check(arena, policy, &subject, password, &err) == LK_OK ? NULL : lk_strdup(arena, err.text);
}

static void test_policies(void)
{
    is_str(refusal("length", "abc"), "Invalid password: minimum length 8.", "length has a default");
    is_str(refusal("length(8) and length(3)", "1234"), NULL, "the last of a kind counts");
    is_str(refusal("length(3)", "жж"), "Invalid password: minimum length 3.", "length counts characters");
    is_str(refusal("length(8) and digits(1) and upperCase(1)", "short"),
           "Invalid password: must contain at least 1 upper case characters.", "the order of checks is Keycloak's");
    is_str(refusal("notUsername(undefined)", "BOB77"), "Invalid password: must not be equal to the username.", "not the user name");
    is_str(refusal("notEmail(undefined)", "Bob77@example.test"), "Invalid password: must not be equal to the email.",
           "not the e-mail");
    is_str(refusal("notContainsUsername(undefined)", "xxBoB77x"), "Invalid password: Can not contain the username.",
           "does not contain the user name");
    ok(refusal("specialChars(1)", "abcdé") != NULL, "a letter with an accent is no special character");
    ok(refusal("specialChars(1)", "ab cd") == NULL && refusal("specialChars(1)", "ab€") == NULL, "a blank and the Euro sign are");
    ok(refusal("upperCase(1)", "Ä") == NULL && refusal("lowerCase(1)", "ä") == NULL && refusal("upperCase(1)", "ä") != NULL,
       "upper and lower case beyond ASCII");
    is_str(refusal("regexPattern([a-z]+) and regexPattern([a-c]+)", "abcd"), "Invalid password: fails to match regex pattern(s).",
           "several patterns all count");
    is_str(refusal("maxLength(5) and length(2)", "abcdef"), "Invalid password: maximum length 5.", "maximum length");
    is_str(refusal(NULL, "x"), NULL, "no policy");
    is_str(lk_password_policy_argument(arena, "length(9)", "invalidPasswordMinLengthMessage"), "9", "argument of a message");
    ok(lk_password_policy_argument(arena, "notEmail", "invalidPasswordNotEmailMessage") == NULL, "message without argument");
}

static const char *invalid(const char *policy)
{
    lk_error_t err = {0};
    return lk_password_policy_validate(arena, policy, &err) == LK_OK ? NULL : lk_strdup(arena, err.text);
}

static void test_validation(void)
{
    is_str(invalid("length(8) and passwordHistory(2) and hashAlgorithm(argon2)"), NULL, "a good policy");
    is_str(invalid(""), NULL, "no policy");
    is_str(invalid("nonsense(1)"), "Password policy not found", "an unknown one");
    is_str(invalid("length(abc)"), "Invalid config for length: Not a valid number", "a number that is none");
    is_str(invalid("regexPattern([a-z)"), "Invalid config for regexPattern: Not a valid regular expression", "a broken pattern");
    is_str(invalid("hashAlgorithm(foo)"), "Invalid config for hashAlgorithm: Password hashing provider not found",
           "an unknown hash");
    lk_hashing_t hashing = lk_password_policy_hashing(arena, "length(8) and hashAlgorithm(pbkdf2-sha256) and hashIterations(1)");
    is_str(hashing.algorithm, "pbkdf2-sha256", "hashing algorithm");
    is_int(hashing.iterations, 1, "hashing iterations");
    hashing = lk_password_policy_hashing(arena, NULL);
    ok(hashing.algorithm == NULL && hashing.iterations == 0, "hashing by default");
    is_int(lk_password_policy_number("passwordHistory(2)", "passwordHistory", -1), 2, "number of a policy");
    is_int(lk_password_policy_number("length(2)", "passwordHistory", -1), -1, "number of an absent policy");
}

int main(void)
{
    arena = lk_arena_create("test");
    test_patterns();
    test_long_texts();
    test_policies();
    test_validation();
    lk_arena_destroy(&arena);
    return tap_done();
}
