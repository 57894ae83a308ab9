/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include "core/json.h"
#include "theme/internal.h"

#define MAX_OPEN 32

static const char *const allowed[] = {"b", "i", "em", "strong", "small", "span", "div", "p", "br", "code"};

static const char *allowed_tag(const char *name, size_t len)
{
    for (size_t i = 0; i != sizeof(allowed) / sizeof(allowed[0]); ++i)
        if (strlen(allowed[i]) == len && strncasecmp(allowed[i], name, len) == 0)
            return allowed[i];
    return NULL;
}

/* Tags of the list are left, without attributes; all else is dropped, what stays open is closed. */
static void sanitise(const char *html, lk_buffer_t *out)
{
    const char *open[MAX_OPEN];
    size_t depth = 0;
    while (*html != '\0') {
        size_t plain = strcspn(html, "<>");
        lk_buffer_append(out, html, plain);
        html += plain;
        if (*html != '<') {
            if (*html == '>')
                lk_buffer_puts(out, "&gt;");
            html += *html != '\0';
            continue;
        }
        const char *end = strchr(html, '>'), *name = html + 1 + (html[1] == '/');
        size_t len = 0;
        while (isalnum((unsigned char)name[len]))
            ++len;
        const char *tag = end != NULL ? allowed_tag(name, len) : NULL;
        if (tag != NULL && html[1] != '/' && depth != MAX_OPEN) {
            lk_buffer_printf(out, "<%s>", tag);
            if (strcmp(tag, "br") != 0)
                open[depth++] = tag;
        } else if (tag != NULL && html[1] == '/' && depth != 0 && strcmp(open[depth - 1], tag) == 0) {
            lk_buffer_printf(out, "</%s>", open[--depth]);
        }
        html = end != NULL ? end + 1 : html + strlen(html);
    }
    while (depth != 0)
        lk_buffer_printf(out, "</%s>", open[--depth]);
}

static void put_attribute(const lk_page_t *page, const lk_segment_t *segment)
{
    lk_value_t value = lk_expr_eval(page, segment->expr, 0);
    if (value.json == NULL && value.text == NULL)
        return;
    if (json_is_false(value.json) || json_is_null(value.json) || ((segment->flags & LK_ATTRIBUTE_BOOLEAN) && !lk_value_true(value)))
        return;
    const char *text = segment->flags & LK_ATTRIBUTE_BOOLEAN ? segment->text : lk_value_text(page, value, LK_TEXT_TRANSLATE);
    if ((segment->flags & LK_ATTRIBUTE_URL) && !lk_theme_url_safe(text))
        text = "#";
    lk_buffer_printf(page->out, " %s=\"", segment->text);
    lk_buffer_html(page->out, text);
    lk_buffer_putc(page->out, '"');
}

static void put_value(const lk_page_t *page, const lk_segment_t *segment)
{
    unsigned flags = segment->flags & LK_SEGMENT_TRANSLATE ? LK_TEXT_TRANSLATE : 0;
    lk_buffer_html(page->out, lk_value_text(page, lk_expr_eval(page, segment->expr, flags), flags));
}

static void put_structure(const lk_page_t *page, const lk_segment_t *segment)
{
    unsigned flags = LK_TEXT_TRANSLATE | LK_TEXT_STRUCTURE;
    sanitise(lk_value_text(page, lk_expr_eval(page, segment->expr, flags), flags), page->out);
}

/* Sets the variable to element `index` of the array that is being repeated; 0 past its end. */
static int set_element(lk_page_t *page, unsigned slot, const json_t *array, size_t index)
{
    if (index >= json_array_size(array))
        return 0;
    page->locals[slot].value = (lk_value_t){json_array_get(array, index), NULL};
    page->locals[slot].index = index;
    page->locals[slot].length = json_array_size(array);
    return 1;
}

void lk_template_render(const lk_template_t *tmpl, lk_page_t *page)
{
    const json_t *arrays[LK_THEME_MAX_LOCALS] = {NULL};
    for (size_t at = 0; at < tmpl->count;) {
        const lk_segment_t *segment = &tmpl->segments[at++];
        switch (segment->kind) {
        case LK_SEGMENT_TEXT:
            lk_buffer_append(page->out, segment->text, segment->len);
            break;
        case LK_SEGMENT_VALUE:
            put_value(page, segment);
            break;
        case LK_SEGMENT_STRUCTURE:
            put_structure(page, segment);
            break;
        case LK_SEGMENT_ATTRIBUTE:
            put_attribute(page, segment);
            break;
        case LK_SEGMENT_UNLESS:
            if (!lk_value_true(lk_expr_eval(page, segment->expr, 0)))
                at = segment->jump;
            break;
        case LK_SEGMENT_REPEAT:
            arrays[segment->slot] = lk_expr_eval(page, segment->expr, 0).json;
            if (!set_element(page, segment->slot, arrays[segment->slot], 0))
                at = segment->jump;
            break;
        case LK_SEGMENT_NEXT:
            if (set_element(page, segment->slot, arrays[segment->slot], page->locals[segment->slot].index + 1))
                at = segment->jump;
            break;
        }
    }
}
