/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/pattern.h"

#include <stdint.h>
#include <string.h>

#define MAX_STEPS 1000000
#define MAX_DEPTH 10000 /* of matching: each level is about 150 bytes of stack */
#define MAX_NESTING 50  /* of groups */
#define UNBOUNDED INT32_MAX

typedef enum en_type_t { TYPE_SET, TYPE_GROUP, TYPE_REPEAT, TYPE_START, TYPE_END, TYPE_LOOKAHEAD } type_t;

typedef struct st_range_t {
    uint32_t from, to;
    struct st_range_t *next;
} range_t;

typedef struct st_node_t {
    type_t type;
    struct st_node_t *next;       /* in its sequence */
    int negated;                  /* set, lookahead */
    range_t *ranges;              /* set */
    struct st_branch_t *branches; /* group, lookahead */
    struct st_node_t *child;      /* repeat */
    int min, max, lazy;
} node_t;

typedef struct st_branch_t {
    node_t *first; /* NULL: empty */
    struct st_branch_t *next;
} branch_t;

/* --- code points --- */

typedef struct st_letters_t {
    uint32_t *at;
    size_t count;
} letters_t;

static letters_t decode(lk_arena_t *arena, const char *text)
{
    letters_t letters = {LK_NEW_ARRAY(arena, uint32_t, strlen(text) + 1), 0};
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0';) {
        uint32_t code = *at++;
        int more = code >= 0xf0 ? 3 : code >= 0xe0 ? 2 : code >= 0xc0 ? 1 : 0;
        code &= more == 0 ? 0xff : 0x3fu >> more;
        for (; more != 0 && (*at & 0xc0) == 0x80; --more)
            code = code << 6 | (*at++ & 0x3f);
        letters.at[letters.count++] = code;
    }
    return letters;
}

/* --- reading a pattern --- */

typedef struct st_reader_t {
    lk_arena_t *arena;
    letters_t letters;
    size_t at;
    int nesting;
    int broken;
} reader_t;

static uint32_t peek(const reader_t *reader)
{
    return reader->at < reader->letters.count ? reader->letters.at[reader->at] : 0;
}

static uint32_t take(reader_t *reader)
{
    uint32_t code = peek(reader);
    reader->at += reader->at < reader->letters.count;
    return code;
}

static int skip(reader_t *reader, uint32_t code)
{
    if (peek(reader) != code)
        return 0;
    ++reader->at;
    return 1;
}

static node_t *new_node(reader_t *reader, type_t type)
{
    node_t *node = LK_NEW(reader->arena, node_t);
    node->type = type;
    return node;
}

static void add_range(reader_t *reader, node_t *set, uint32_t from, uint32_t to)
{
    range_t *range = LK_NEW(reader->arena, range_t);
    *range = (range_t){from, to, set->ranges};
    set->ranges = range;
}

/* Classes as pairs of first and last; a class in upper case is what they leave. */
static const struct st_class_t {
    char name;
    const char *pairs;
} classes[] = {{'d', "09"}, {'w', "09azAZ__"}, {'s', "\t\r  "}, {'h', "\t\t  "}};
static const struct {
    const char *name, *pairs;
} properties[] = {{"Lower", "az"},       {"Ll", "az"},      {"Upper", "AZ"},    {"Lu", "AZ"}, {"Alpha", "azAZ"},
                  {"L", "azAZ"},         {"Digit", "09"},   {"N", "09"},        {"Nd", "09"}, {"Alnum", "09azAZ"},
                  {"Punct", "!/:@[`{~"}, {"P", "!/:@[`{~"}, {"Space", "\t\r  "}};

static void add_pairs(reader_t *reader, node_t *set, const char *pairs, int inverted)
{
    if (!inverted) {
        for (; *pairs != '\0'; pairs += 2)
            add_range(reader, set, (unsigned char)pairs[0], (unsigned char)pairs[1]);
        return;
    }
    uint32_t from = 0;
    for (uint32_t code = 0; code != 128; ++code) {
        for (const char *pair = pairs; *pair != '\0'; pair += 2) {
            if (code >= (unsigned char)pair[0] && code <= (unsigned char)pair[1]) {
                if (code > from)
                    add_range(reader, set, from, code - 1);
                from = code + 1;
            }
        }
    }
    add_range(reader, set, from, UINT32_MAX);
}

static uint32_t read_hex(reader_t *reader, int digits)
{
    uint32_t code = 0;
    for (; digits != 0; --digits) {
        uint32_t c = take(reader);
        uint32_t value = c >= '0' && c <= '9'   ? c - '0'
                         : c >= 'a' && c <= 'f' ? c - 'a' + 10
                         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                                : 16;
        reader->broken |= value == 16;
        code = code << 4 | (value & 15);
    }
    return code;
}

static void read_property(reader_t *reader, node_t *set, int inverted)
{
    char name[16];
    size_t len = 0;
    if (!skip(reader, '{'))
        name[len++] = (char)take(reader);
    else
        while (peek(reader) != 0 && peek(reader) != '}' && len < sizeof(name) - 1)
            name[len++] = (char)take(reader);
    name[len] = '\0';
    if (len > 1 || reader->letters.at[reader->at - 2] == '{')
        reader->broken |= !skip(reader, '}');
    for (size_t i = 0; i != sizeof(properties) / sizeof(properties[0]); ++i) {
        if (strcmp(properties[i].name, name) == 0) {
            add_pairs(reader, set, properties[i].pairs, inverted);
            return;
        }
    }
    reader->broken = 1;
}

/* What follows a backslash goes into the set. Returns the character where it is a single one, else 0. */
static uint32_t read_escape(reader_t *reader, node_t *set)
{
    static const char controls[] = "t\tn\nr\rf\fe\033a\a";
    uint32_t code = take(reader);
    for (size_t i = 0; i != sizeof(classes) / sizeof(classes[0]); ++i) {
        if ((code | 0x20) == (uint32_t)classes[i].name) {
            add_pairs(reader, set, classes[i].pairs, code < 'a');
            return 0;
        }
    }
    if (code == 'p' || code == 'P') {
        read_property(reader, set, code == 'P');
        return 0;
    }
    for (size_t i = 0; controls[i] != '\0'; i += 2) {
        if (code == (uint32_t)controls[i]) {
            code = (uint32_t)controls[i + 1];
            add_range(reader, set, code, code);
            return code;
        }
    }
    if (code == 'x' || code == 'u')
        code = read_hex(reader, code == 'x' ? 2 : 4);
    else if (code == 0 || (code < 128 && ((code >= '0' && code <= '9') || ((code | 0x20) >= 'a' && (code | 0x20) <= 'z'))))
        reader->broken = 1; /* back references, word boundaries, ... */
    add_range(reader, set, code, code);
    return code;
}

/* One character of a class in brackets that may begin a range; 0 where it was a class of its own. */
static uint32_t read_bracket_item(reader_t *reader, node_t *set)
{
    uint32_t code = take(reader);
    if (code == '\\')
        return read_escape(reader, set);
    if (code == 0 || code == '[' || (code == '&' && peek(reader) == '&'))
        reader->broken = 1; /* unions and intersections of classes */
    add_range(reader, set, code, code);
    return code;
}

static node_t *read_brackets(reader_t *reader)
{
    node_t *set = new_node(reader, TYPE_SET);
    set->negated = skip(reader, '^');
    for (int first = 1; !reader->broken && (first || peek(reader) != ']'); first = 0) {
        uint32_t from = read_bracket_item(reader, set);
        size_t dash = reader->at;
        if (from == 0 || !skip(reader, '-'))
            continue;
        if (peek(reader) == ']') {
            reader->at = dash;
            continue;
        }
        uint32_t to = read_bracket_item(reader, set);
        reader->broken |= to < from;
        add_range(reader, set, from, to);
    }
    reader->broken |= !skip(reader, ']');
    return set;
}

static branch_t *read_branches(reader_t *reader);

static node_t *read_group(reader_t *reader)
{
    node_t *group = new_node(reader, TYPE_GROUP);
    if (skip(reader, '?')) {
        if (peek(reader) == '=' || peek(reader) == '!') {
            group->type = TYPE_LOOKAHEAD;
            group->negated = take(reader) == '!';
        } else if (!skip(reader, ':')) {
            reader->broken = 1; /* flags, lookbehind, names */
        }
    }
    group->branches = read_branches(reader);
    reader->broken |= !skip(reader, ')');
    return group;
}

static node_t *read_atom(reader_t *reader)
{
    uint32_t code = take(reader);
    node_t *node;
    switch (code) {
    case '(':
        return read_group(reader);
    case '[':
        return read_brackets(reader);
    case '^':
        return new_node(reader, TYPE_START);
    case '$':
        return new_node(reader, TYPE_END);
    case '*':
    case '+':
    case '?':
    case '{':
        reader->broken = 1;
        return new_node(reader, TYPE_START);
    default:
        node = new_node(reader, TYPE_SET);
        if (code == '\\') {
            read_escape(reader, node);
        } else if (code == '.') {
            node->negated = 1;
            add_range(reader, node, '\n', '\n');
            add_range(reader, node, '\r', '\r');
        } else {
            add_range(reader, node, code, code);
        }
        return node;
    }
}

static int read_count(reader_t *reader, int fallback)
{
    int64_t count = 0;
    size_t from = reader->at;
    while (peek(reader) >= '0' && peek(reader) <= '9' && count < 100000)
        count = count * 10 + (int64_t)(take(reader) - '0');
    return reader->at == from ? fallback : (int)count;
}

static int read_quantifier(reader_t *reader, int *ret_min, int *ret_max)
{
    *ret_min = peek(reader) == '+';
    *ret_max = peek(reader) == '?' ? 1 : UNBOUNDED;
    if (skip(reader, '*') || skip(reader, '+') || skip(reader, '?'))
        return 1;
    if (!skip(reader, '{'))
        return 0;
    *ret_min = read_count(reader, -1);
    *ret_max = skip(reader, ',') ? read_count(reader, UNBOUNDED) : *ret_min;
    reader->broken |= *ret_min < 0 || *ret_max < *ret_min || !skip(reader, '}');
    return 1;
}

static node_t *read_piece(reader_t *reader)
{
    node_t *atom = read_atom(reader);
    int min, max;
    if (reader->broken || !read_quantifier(reader, &min, &max))
        return atom;
    node_t *repeat = new_node(reader, TYPE_REPEAT);
    repeat->child = atom;
    repeat->min = min;
    repeat->max = max;
    repeat->lazy = skip(reader, '?');
    if (peek(reader) == '+' || peek(reader) == '*')
        reader->broken = 1;
    return repeat;
}

static branch_t *read_branches(reader_t *reader)
{
    branch_t *first = LK_NEW(reader->arena, branch_t), *branch = first;
    node_t **end = &branch->first;
    if (++reader->nesting > MAX_NESTING)
        reader->broken = 1;
    while (!reader->broken && peek(reader) != 0 && peek(reader) != ')') {
        if (skip(reader, '|')) {
            branch = branch->next = LK_NEW(reader->arena, branch_t);
            end = &branch->first;
            continue;
        }
        *end = read_piece(reader);
        end = &(*end)->next;
    }
    --reader->nesting;
    return first;
}

/* --- matching: what is left to do after a node is a chain on the stack --- */

typedef struct st_matcher_t {
    letters_t text;
    int steps, depth;
} matcher_t;

typedef struct st_rest_t {
    enum { REST_SEQUENCE, REST_REPEAT, REST_ACCEPT } kind;
    const node_t *node;
    int count;
    size_t from;
    const struct st_rest_t *up;
} rest_t;

static int match(matcher_t *matcher, const node_t *node, size_t at, const rest_t *rest);

static int in_set(const node_t *set, uint32_t code)
{
    for (const range_t *range = set->ranges; range != NULL; range = range->next)
        if (code >= range->from && code <= range->to)
            return !set->negated;
    return set->negated;
}

/* Repeats of a single character need no stack. */
static int repeat_set(matcher_t *matcher, const node_t *node, size_t at, const rest_t *rest)
{
    int count = 0;
    if (node->lazy) {
        for (;; ++count, ++at) {
            if (count >= node->min && match(matcher, node->next, at, rest))
                return 1;
            if (count == node->max || at == matcher->text.count || !in_set(node->child, matcher->text.at[at]))
                return 0;
        }
    }
    while (count != node->max && at != matcher->text.count && in_set(node->child, matcher->text.at[at])) {
        ++count;
        ++at;
    }
    for (; count >= node->min; --count, --at)
        if (match(matcher, node->next, at, rest))
            return 1;
    return 0;
}

static int repeat(matcher_t *matcher, const node_t *node, int count, size_t at, const rest_t *rest)
{
    rest_t again = {REST_REPEAT, node, count + 1, at, rest};
    int may_stop = count >= node->min, may_go_on = count < node->max;
    if (node->lazy && may_stop && match(matcher, node->next, at, rest))
        return 1;
    if (may_go_on && match(matcher, node->child, at, &again))
        return 1;
    return !node->lazy && may_stop && match(matcher, node->next, at, rest);
}

static int match_rest(matcher_t *matcher, size_t at, const rest_t *rest)
{
    if (rest == NULL)
        return at == matcher->text.count;
    if (rest->kind == REST_ACCEPT)
        return 1;
    if (rest->kind == REST_SEQUENCE)
        return match(matcher, rest->node, at, rest->up);
    /* A round that took nothing would go on for ever: it counts as the last. */
    if (at == rest->from)
        return match(matcher, rest->node->next, at, rest->up);
    return repeat(matcher, rest->node, rest->count, at, rest->up);
}

static int match_branches(matcher_t *matcher, const branch_t *branch, size_t at, const rest_t *rest)
{
    for (; branch != NULL; branch = branch->next)
        if (match(matcher, branch->first, at, rest))
            return 1;
    return 0;
}

static int match_node(matcher_t *matcher, const node_t *node, size_t at, const rest_t *rest)
{
    static const rest_t accept = {.kind = REST_ACCEPT};
    for (; node != NULL; node = node->next) {
        rest_t after = {REST_SEQUENCE, node->next, 0, 0, rest};
        switch (node->type) {
        case TYPE_SET:
            if (at == matcher->text.count || !in_set(node, matcher->text.at[at]))
                return 0;
            ++at;
            break;
        case TYPE_START:
            if (at != 0)
                return 0;
            break;
        case TYPE_END:
            if (at != matcher->text.count)
                return 0;
            break;
        case TYPE_LOOKAHEAD:
            if (match_branches(matcher, node->branches, at, &accept) == node->negated)
                return 0;
            break;
        case TYPE_GROUP:
            return match_branches(matcher, node->branches, at, &after);
        case TYPE_REPEAT:
            return node->child->type == TYPE_SET ? repeat_set(matcher, node, at, rest) : repeat(matcher, node, 0, at, rest);
        }
    }
    return match_rest(matcher, at, rest);
}

static int match(matcher_t *matcher, const node_t *node, size_t at, const rest_t *rest)
{
    if (++matcher->steps > MAX_STEPS || matcher->depth > MAX_DEPTH) {
        matcher->steps = MAX_STEPS + 1;
        return 0;
    }
    ++matcher->depth;
    int matches = match_node(matcher, node, at, rest);
    --matcher->depth;
    return matches;
}

lk_pattern_result_t lk_pattern_match(lk_arena_t *arena, const char *pattern, const char *text)
{
    reader_t reader = {.arena = arena, .letters = decode(arena, pattern)};
    branch_t *branches = read_branches(&reader);
    if (reader.broken || reader.at != reader.letters.count)
        return LK_PATTERN_BROKEN;
    matcher_t matcher = {.text = decode(arena, text)};
    int matches = match_branches(&matcher, branches, 0, NULL);
    if (matcher.steps > MAX_STEPS)
        return LK_PATTERN_COSTLY;
    return matches ? LK_PATTERN_MATCH : LK_PATTERN_NO_MATCH;
}
