/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include "core/json.h"
#include "login/authenticators.h"
#include "model/pattern.h"

/* auth-conditional-otp-form: whether a one-time password is asked for is decided by the user, their roles, the request's headers,
 * and in the end by the form's own configuration. The first that has an opinion decides. */

typedef enum en_vote_t { ABSTAIN, SKIP, SHOW } vote_t;

static vote_t by_attribute(const lk_walk_t *walk)
{
    const char *name = lk_json_config(walk->config, "otpControlAttribute", "");
    const char *value = json_string_value(json_array_get(json_object_get(walk->user->attributes, name), 0));
    if (value == NULL)
        return ABSTAIN;
    return strcmp(value, "skip") == 0 ? SKIP : strcmp(value, "force") == 0 ? SHOW : ABSTAIN;
}

static int has_role(const lk_walk_t *walk, const char *member)
{
    const char *name = lk_json_config(walk->config, member, "");
    const lk_role_t *role = *name != '\0' ? lk_walk_role(walk, name) : NULL;
    lk_role_set_t roles;
    if (role == NULL)
        return 0;
    lk_user_roles(walk->req->arena, walk->realm, walk->user, &roles);
    return lk_role_set_has(&roles, role);
}

static vote_t by_role(const lk_walk_t *walk)
{
    return has_role(walk, "skipOtpRole") ? SKIP : has_role(walk, "forceOtpRole") ? SHOW : ABSTAIN;
}

/* "x-forwarded-for" as people write it: "X-Forwarded-For". */
static const char *written(lk_arena_t *arena, const char *name)
{
    char *copy = lk_strdup(arena, name);
    for (char *at = copy; *at != '\0'; ++at)
        if (at == copy || at[-1] == '-')
            *at = (char)toupper((unsigned char)*at);
    return copy;
}

/* The pattern is for "Name: value" of any header; names have come in lower case. */
static int any_header(const lk_walk_t *walk, const char *member)
{
    lk_arena_t *arena = walk->req->arena;
    const char *pattern = lk_json_config(walk->config, member, "");
    const lk_pairs_t *headers = &walk->req->headers;
    for (size_t i = 0; *pattern != '\0' && i != headers->count; ++i) {
        const lk_pair_t *header = &headers->entries[i];
        if (lk_pattern_match(arena, pattern, lk_printf(arena, "%s: %s", written(arena, header->name), header->value)) ==
                LK_PATTERN_MATCH ||
            lk_pattern_match(arena, pattern, lk_printf(arena, "%s: %s", header->name, header->value)) == LK_PATTERN_MATCH)
            return 1;
    }
    return 0;
}

static vote_t by_header(const lk_walk_t *walk)
{
    return any_header(walk, "noOtpRequiredForHeaderPattern") ? SKIP : any_header(walk, "forceOtpForHeaderPattern") ? SHOW : ABSTAIN;
}

static vote_t by_default(const lk_walk_t *walk)
{
    return strcmp(lk_json_config(walk->config, "defaultOtpOutcome", ""), "skip") == 0 ? SKIP : SHOW;
}

lk_status_t lk_conditional_otp_show(lk_walk_t *walk, lk_flow_outcome_t *ret_outcome, lk_error_t *err)
{
    static vote_t (*const voters[])(const lk_walk_t *walk) = {by_attribute, by_role, by_header, by_default};
    vote_t vote = ABSTAIN;
    for (size_t i = 0; vote == ABSTAIN; ++i)
        vote = voters[i](walk);
    *ret_outcome = LK_FLOW_DONE;
    if (vote == SKIP)
        return LK_OK;
    lk_status_t status = lk_walk_check_setup(walk, walk->execution, ret_outcome, err);
    return status == LK_OK && *ret_outcome == LK_FLOW_DONE ? lk_form_otp_show(walk, ret_outcome, err) : status;
}
