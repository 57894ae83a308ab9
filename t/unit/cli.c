/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "tap.h"
#include "cli/attributes.h"
#include "cli/fields.h"
#include "cli/output.h"

/* lkadm's paths, filters and output: what kcadm makes of the same. */

static lk_arena_t *arena;

static const char *set(const char *object, const char *assignment)
{
    lk_error_t err = {0};
    json_t *value = NULL;
    if (lk_json_parse(arena, object, strlen(object), &value, &err) != LK_OK ||
        lk_attribute_set(arena, value, assignment, &err) != LK_OK)
        return lk_strdup(arena, err.text);
    return lk_json_text(arena, value);
}

static const char *del(const char *object, const char *key)
{
    lk_error_t err = {0};
    json_t *value = NULL;
    if (lk_json_parse(arena, object, strlen(object), &value, &err) != LK_OK ||
        lk_attribute_delete(arena, value, key, &err) != LK_OK)
        return lk_strdup(arena, err.text);
    return lk_json_text(arena, value);
}

static void test_set(void)
{
    static const struct {
        const char *object, *assignment, *expected;
    } cases[] = {
        {"{}", "n=1", "{\"n\":1}"},
        {"{}", "b=true", "{\"b\":true}"},
        {"{}", "z=null", "{\"z\":null}"},
        {"{}", "s=\"q\"", "{\"s\":\"q\"}"},
        {"{}", "s=\"true\"", "{\"s\":\"true\"}"},
        {"{}", "e=", "{\"e\":null}"},
        {"{}", "x=01", "{\"x\":\"01\"}"},
        {"{}", "x=[]x", "{\"x\":\"[]x\"}"},
        {"{}", "x=\"a\"b\"", "{\"x\":\"a\\\"b\"}"},
        {"{}", "x={\"a\":[1]}", "{\"x\":{\"a\":[1]}}"},
        {"{}", "w=a=b", "{\"w\":\"a=b\"}"},
        {"{}", "x=\"q", "Invalid string value: \"q"},
        {"{}", "q.r.s=1", "{\"q\":{\"r\":{\"s\":1}}}"},
        {"{}", "a.\"b.c\".d=1", "{\"a\":{\"b.c\":{\"d\":1}}}"},
        {"{}", "p[2]=x", "{\"p\":[null,null,\"x\"]}"},
        {"{}", "a[0]b=1", "{\"a[0]b\":1}"},
        {"{}", "a+=1", "{\"a\":[1]}"},
        {"{\"a\":[1]}", "a+=[2]", "{\"a\":[1,[2]]}"},
        {"{\"l\":[1,2]}", "l[1]={\"z\":1}", "{\"l\":[1,{\"z\":1}]}"},
        {"{\"l\":[{\"a\":1}]}", "l[0].a=5", "{\"l\":[{\"a\":5}]}"},
        {"{\"d\":\"t\"}", "d.a=1", "Failed to set attribute \"d.a\": 'd' is no object"},
        {"{}", "a[]=1", "Invalid attribute key: a[] (Invalid array index: '[]')"},
        {"{}", "a[ 0]=1", "Invalid attribute key: a[ 0] (Invalid array index: '[ 0]')"},
        {"{}", "a[-1]=1", "Invalid attribute key: a[-1] (Invalid array index: '[-1]')"},
        {"{}", "a[10001]=1", "Invalid attribute key: a[10001] (Invalid array index: '[10001]')"},
        {"{}", "a[99999999999999999999]=1",
         "Invalid attribute key: a[99999999999999999999] (Invalid array index: '[99999999999999999999]')"},
        {"{}", "a]=1", "Invalid attribute key: a] (']' not allowed here)"},
        {"{}", ".a=1", "Invalid attribute key: .a (at position 1)"},
        {"{}", "a.=1", "Invalid attribute key: a. (at position 2)"},
        {"{}", "a..b=1", "Invalid attribute key: a..b (at position 3)"},
        {"{}", "\"a=1", "Invalid attribute key: \"a (at position 2)"},
        {"{}", "\"a\"b=1", "Invalid attribute key: \"a\"b (at position 4)"},
    };
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i)
        is_str(set(cases[i].object, cases[i].assignment), cases[i].expected, cases[i].assignment);
}

static void test_delete(void)
{
    static const char object[] = "{\"l\":[1,2,{\"a\":1}],\"o\":{\"p\":{\"q\":1}}}";
    is_str(del(object, "l[1]"), "{\"l\":[1,{\"a\":1}],\"o\":{\"p\":{\"q\":1}}}", "an item");
    is_str(del(object, "l[9]"), object, "an item that is not there");
    is_str(del(object, "o.p.q"), "{\"l\":[1,2,{\"a\":1}],\"o\":{\"p\":{}}}", "a member far down");
    is_str(del(object, "l[2].a"), "{\"l\":[1,2,{}],\"o\":{\"p\":{\"q\":1}}}", "a member in an array");
    is_str(del(object, "z.y.x"), object, "nothing at all");
    is_str(del(object, "l.p"), object, "a member of an array");
}

static const char *filtered(const char *spec)
{
    static const char object[] = "{\"a\":{\"b\":{\"c\":1},\"e\":3},\"f\":[{\"b\":1,\"c\":2}],\"g\":[1,[2]],\"h\":\"x\"}";
    lk_error_t err = {0};
    lk_fields_t *fields = NULL;
    json_t *value = NULL;
    if (lk_fields_parse(arena, spec, &fields, &err) != LK_OK)
        return lk_strdup(arena, err.text);
    lk_json_parse(arena, object, strlen(object), &value, NULL);
    return lk_json_text(arena, lk_fields_filter(arena, fields, value));
}

static void test_fields(void)
{
    static const struct {
        const char *spec, *expected;
    } cases[] = {
        {"a", "{\"a\":{}}"},
        {"*", "{\"a\":{},\"f\":[{}],\"g\":[1,[2]],\"h\":\"x\"}"},
        {"*,-a", "{\"f\":[{}],\"g\":[1,[2]],\"h\":\"x\"}"},
        {"a(*)", "{\"a\":{\"b\":{},\"e\":3}}"},
        {"a(b(c),e),h", "{\"a\":{\"b\":{\"c\":1},\"e\":3},\"h\":\"x\"}"},
        {"a(-b)", "{\"a\":{}}"},
        {"*,a(e)", "{\"a\":{\"e\":3},\"f\":[{}],\"g\":[1,[2]],\"h\":\"x\"}"},
        {"f(b)", "{\"f\":[{\"b\":1}]}"},
        {"nosuch", "{}"},
        {"-", "{}"},
        {"a(", "Invalid fields specification at position 2: a("},
        {"a)", "Invalid fields specification at position 1: a)"},
        {"a,,b", "Invalid fields specification at position 2: a,,b"},
        {"a(b", "Invalid fields specification at position 3: a(b"},
        {"a(b))", "Invalid fields specification at position 4: a(b))"},
        {"a(b)(c)", "Invalid fields specification at position 4: a(b)(c)"},
        {"", "Invalid fields specification at position 0: "},
    };
    for (size_t i = 0; i != sizeof(cases) / sizeof(cases[0]); ++i)
        is_str(filtered(cases[i].spec), cases[i].expected, cases[i].spec);
    char *deep = lk_alloc(arena, 400);
    for (int i = 0; i != 130; ++i)
        memcpy(deep + 2 * i, "a(", 2);
    ok(strncmp(filtered(deep), "Invalid fields specification", 28) == 0, "too deep");
}

static const char *printed(const char *text, int csv)
{
    json_t *value = NULL;
    lk_buffer_t out;
    lk_json_parse(arena, text, strlen(text), &value, NULL);
    lk_buffer_init(&out, arena, 65536);
    if (csv)
        lk_output_csv(&out, value, NULL, csv == 2);
    else
        lk_output_json(&out, value);
    return out.base;
}

static void test_output(void)
{
    is_str(printed("[1,2.50,1e3,1e10,0.0001,-0.5,null,true,\"\\u00e9\\n\",[],{},[{\"a\":[{}]}]]", 0),
           "[ 1, 2.5, 1000.0, 1.0E10, 1.0E-4, -0.5, null, true, \"\xc3\xa9\\n\", [ ], { }, [ {\n  \"a\" : [ { } ]\n} ] ]",
           "JSON as Jackson prints it");
    is_str(printed("[{\"a\":\"x\\\"y\",\"b\":null,\"c\":[1,\"z\"],\"d\":{\"e\":1}},{\"a\":\"2\"},3,[]]", 1),
           "\"x\\\"y\",null,1,\"z\",1\n\"2\"\n3\n\n", "csv");
    is_str(printed("[{\"a\":\"x\\\"y\"}]", 2), "x\"y\n", "without quotes");
}

int main(void)
{
    arena = lk_arena_create("test");
    test_set();
    test_delete();
    test_fields();
    test_output();
    lk_arena_destroy(&arena);
    return tap_done();
}
