/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "../../src/theme/render.c"
#include "core/buffer.h"
#include "fuzz.h"

/* The input as each thing that a theme or a realm's own texts are made of: a template, which is rendered where it compiles, a
 * message bundle, a message's format, and HTML of an administrator, of which no more than plain tags may be left. */

static const char model_text[] =
    "{\"a\":{\"b\":\"<x>\",\"c\":[{\"n\":1},{\"n\":\"${k}\"}]},\"t\":true,\"m\":{\"key\":\"k\",\"args\":[\"<b>\",2]},"
    "\"u\":\"javascript:1\",\"localizationTexts\":{\"k\":\"{0} is '{1}' of {1,number} <b onclick=1>\"}}";

static void check_html(lk_arena_t *arena, const char *text)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, LK_THEME_MAX_TEXT);
    sanitise(text, &out);
    for (const char *at = strchr(out.base, '<'); at != NULL; at = strchr(at + 1, '<')) {
        const char *name = at + 1 + (at[1] == '/'), *end = name + strspn(name, "abcdefghijklmnopqrstuvwxyz");
        LK_FUZZ_CHECK(end != name && (*end == '>' || out.overflow));
    }
}

static void check_texts(lk_arena_t *arena, const lk_theme_file_t *file, const char *text)
{
    static const char *const args[] = {"one", "<two>"};
    lk_theme_table_t texts = {0};
    lk_error_t err;
    LK_FUZZ_CHECK(lk_theme_format(arena, text, args, 2) != NULL);
    if (lk_theme_texts_parse(arena, file, &texts, &err) == LK_OK) {
        lk_theme_table_sort(&texts);
        for (size_t i = 0; i != texts.count; ++i)
            LK_FUZZ_CHECK(lk_theme_table_find(&texts, texts.entries[i].name) == texts.entries[i].value);
    }
}

static void check_template(lk_arena_t *arena, const lk_theme_file_t *file)
{
    lk_theme_table_t files = {0};
    lk_template_t compiled;
    lk_buffer_t out;
    lk_error_t err;
    json_t *model;
    lk_theme_table_add(arena, &files, file->path, file);
    lk_theme_table_sort(&files);
    if (lk_template_compile(arena, &files, file, &compiled, &err) != LK_OK)
        return;
    LK_FUZZ_CHECK(lk_json_parse(arena, model_text, strlen(model_text), &model, NULL) == LK_OK);
    lk_buffer_init(&out, arena, LK_THEME_MAX_TEXT);
    lk_page_t page = {.name = "page", .locale = "en", .model = model, .arena = arena, .out = &out};
    page.localization = json_object_get(model, "localizationTexts");
    lk_template_render(&compiled, &page);
    LK_FUZZ_CHECK(out.overflow || strlen(out.base) <= LK_THEME_MAX_TEXT);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    lk_arena_t *arena = lk_arena_create("fuzz");
    char *text = lk_fuzz_text(data, size);
    const lk_theme_file_t file = {.path = "login/page.xhtml", .origin = "page", .resource = {.bytes = {data, size}}};
    check_html(arena, text);
    check_texts(arena, &file, text);
    if (size < 16384)
        check_template(arena, &file);
    lk_theme_url_safe(text);
    lk_arena_destroy(&arena);
    free(text);
    return 0;
}
