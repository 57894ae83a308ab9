/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/pattern.h"

#include <stdint.h>
#include <string.h>

#define MAX_STEPS 4000000  /* some 20 ms */
#define MAX_PENDING 131072 /* of what is left to do, and of what else may be tried: 10 MB at most */
#define MAX_NESTING 50     /* of groups */
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

/* --- matching: what follows a sequence is a chain, what else may be tried a stack; both on the heap, for the text may be long ---
 */

/* The sequence of a group has ended, or a round of a repeat. */
typedef struct st_rest_t {
    const node_t *node;
    int count;   /* rounds so far */
    size_t from; /* where the round began */
    size_t up;   /* the rest behind it: an index, or one of the two */
} rest_t;

enum { REST_END, REST_ACCEPT, NUM_FIXED_RESTS }; /* the text must have ended; nothing more is asked for */

typedef struct st_choice_t {
    enum { CHOICE_BRANCH, CHOICE_FEWER, CHOICE_MORE, CHOICE_STOP, CHOICE_ROUND } kind;
    const branch_t *branch;
    const node_t *node; /* the repeat */
    int count;
    size_t at, rest;
    size_t num_rests; /* younger ones are of what was tried before */
} choice_t;

typedef struct st_matcher_t {
    lk_arena_t *arena;
    letters_t text;
    size_t steps;
    rest_t *rests;
    size_t num_rests, max_rests;
    choice_t *choices;
    size_t num_choices, max_choices;
} matcher_t;

typedef struct st_state_t {
    const node_t *node; /* NULL: the sequence has ended */
    size_t at, rest;
} state_t;

typedef enum en_step_t { STEP_ON, STEP_BACK, STEP_FOUND } step_t;

static int explore(matcher_t *matcher, const branch_t *branches, size_t at, size_t rest);

static int is_costly(const matcher_t *matcher)
{
    return matcher->steps > MAX_STEPS;
}

/* The list with room for one more; 0 where there are too many, which ends the match. */
static int make_room(matcher_t *matcher, void **list, size_t count, size_t *max, size_t size)
{
    if (count < *max)
        return 1;
    if (count >= MAX_PENDING) {
        matcher->steps = MAX_STEPS + 1;
        return 0;
    }
    void *grown = lk_alloc_array(matcher->arena, size, *max == 0 ? 64 : *max * 2);
    if (count != 0)
        memcpy(grown, *list, count * size);
    *list = grown;
    *max = *max == 0 ? 64 : *max * 2;
    return 1;
}

static size_t add_rest(matcher_t *matcher, rest_t rest)
{
    if (!make_room(matcher, (void **)&matcher->rests, matcher->num_rests, &matcher->max_rests, sizeof(rest)))
        return REST_ACCEPT;
    matcher->rests[matcher->num_rests] = rest;
    return NUM_FIXED_RESTS + matcher->num_rests++;
}

static step_t add_choice(matcher_t *matcher, choice_t choice)
{
    choice.num_rests = matcher->num_rests;
    if (make_room(matcher, (void **)&matcher->choices, matcher->num_choices, &matcher->max_choices, sizeof(choice)))
        matcher->choices[matcher->num_choices++] = choice;
    return STEP_BACK;
}

static int takes(matcher_t *matcher, const node_t *set, size_t at)
{
    if (at == matcher->text.count || is_costly(matcher))
        return 0;
    ++matcher->steps;
    for (const range_t *range = set->ranges; range != NULL; range = range->next, ++matcher->steps)
        if (matcher->text.at[at] >= range->from && matcher->text.at[at] <= range->to)
            return !set->negated;
    return set->negated;
}

static step_t repeat_set(matcher_t *matcher, const node_t *node, const state_t *state)
{
    int count = 0, most = node->lazy ? node->min : node->max;
    size_t at = state->at;
    for (; count != most && takes(matcher, node->child, at); ++count)
        ++at;
    if (count < node->min)
        return STEP_BACK;
    return add_choice(matcher, (choice_t){node->lazy ? CHOICE_MORE : CHOICE_FEWER, NULL, node, count, at, state->rest, 0});
}

static void begin_round(matcher_t *matcher, state_t *state, const node_t *node, int count)
{
    state->rest = add_rest(matcher, (rest_t){node, count + 1, state->at, state->rest});
    state->node = node->child;
}

static step_t repeat(matcher_t *matcher, state_t *state, const node_t *node, int count)
{
    int may_stop = count >= node->min, may_go_on = count < node->max, stops = may_stop && (node->lazy || !may_go_on);
    if (may_stop && may_go_on)
        add_choice(matcher, (choice_t){stops ? CHOICE_ROUND : CHOICE_STOP, NULL, node, count, state->at, state->rest, 0});
    if (stops)
        state->node = node->next;
    else
        begin_round(matcher, state, node, count);
    return STEP_ON;
}

static step_t end_sequence(matcher_t *matcher, state_t *state)
{
    if (state->rest == REST_ACCEPT)
        return STEP_FOUND;
    if (state->rest == REST_END)
        return state->at == matcher->text.count ? STEP_FOUND : STEP_BACK;
    rest_t rest = matcher->rests[state->rest - NUM_FIXED_RESTS];
    state->rest = rest.up;
    /* A round that took nothing would go on for ever: it counts as the last. */
    if (rest.node->type == TYPE_REPEAT && state->at != rest.from)
        return repeat(matcher, state, rest.node, rest.count);
    state->node = rest.node->next;
    return STEP_ON;
}

static step_t enter_group(matcher_t *matcher, const state_t *state)
{
    size_t after = add_rest(matcher, (rest_t){state->node, 0, 0, state->rest});
    return add_choice(matcher, (choice_t){CHOICE_BRANCH, state->node->branches, NULL, 0, state->at, after, 0});
}

static int holds(matcher_t *matcher, const node_t *node, size_t at)
{
    if (node->type == TYPE_START)
        return at == 0;
    if (node->type == TYPE_END)
        return at == matcher->text.count;
    return explore(matcher, node->branches, at, REST_ACCEPT) != node->negated;
}

static step_t step(matcher_t *matcher, state_t *state)
{
    const node_t *node = state->node;
    ++matcher->steps;
    if (is_costly(matcher))
        return STEP_BACK;
    if (node == NULL)
        return end_sequence(matcher, state);
    if (node->type == TYPE_GROUP)
        return enter_group(matcher, state);
    if (node->type == TYPE_REPEAT)
        return node->child->type == TYPE_SET ? repeat_set(matcher, node, state) : repeat(matcher, state, node, 0);
    if (node->type == TYPE_SET ? !takes(matcher, node, state->at) : !holds(matcher, node, state->at))
        return STEP_BACK;
    state->at += node->type == TYPE_SET;
    state->node = node->next;
    return STEP_ON;
}

/* Begins what the youngest choice says, and leaves there what else it holds. */
static state_t take_choice(matcher_t *matcher)
{
    choice_t *choice = &matcher->choices[matcher->num_choices - 1], taken = *choice;
    state_t state = {NULL, taken.at, taken.rest};
    int has_more = 0;
    matcher->num_rests = taken.num_rests;
    if (taken.kind == CHOICE_BRANCH) {
        choice->branch = taken.branch->next;
        has_more = choice->branch != NULL;
    } else if (taken.kind == CHOICE_FEWER && taken.count > taken.node->min) {
        --choice->count;
        --choice->at;
        has_more = 1;
    } else if (taken.kind == CHOICE_MORE && taken.count != taken.node->max && takes(matcher, taken.node->child, taken.at)) {
        ++choice->count;
        ++choice->at;
        has_more = 1;
    }
    matcher->num_choices -= !has_more;
    if (taken.kind == CHOICE_ROUND)
        begin_round(matcher, &state, taken.node, taken.count);
    else
        state.node = taken.kind == CHOICE_BRANCH ? taken.branch->first : taken.node->next;
    return state;
}

/* Whether one of the branches leads to that rest. Calls itself once for each lookahead that stands in another. */
static int explore(matcher_t *matcher, const branch_t *branches, size_t at, size_t rest)
{
    size_t num_choices = matcher->num_choices, num_rests = matcher->num_rests;
    step_t result = add_choice(matcher, (choice_t){CHOICE_BRANCH, branches, NULL, 0, at, rest, 0});
    while (result != STEP_FOUND && matcher->num_choices > num_choices && !is_costly(matcher)) {
        state_t state = take_choice(matcher);
        while ((result = step(matcher, &state)) == STEP_ON)
            ;
    }
    matcher->num_choices = num_choices;
    matcher->num_rests = num_rests;
    return result == STEP_FOUND;
}

lk_pattern_result_t lk_pattern_match(lk_arena_t *arena, const char *pattern, const char *text)
{
    reader_t reader = {.arena = arena, .letters = decode(arena, pattern)};
    branch_t *branches = read_branches(&reader);
    if (reader.broken || reader.at != reader.letters.count)
        return LK_PATTERN_BROKEN;
    matcher_t matcher = {.arena = arena, .text = decode(arena, text)};
    int matches = explore(&matcher, branches, 0, REST_END);
    if (is_costly(&matcher))
        return LK_PATTERN_COSTLY;
    return matches ? LK_PATTERN_MATCH : LK_PATTERN_NO_MATCH;
}
