/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <libxml/parser.h>
#include <libxml/tree.h>
#include "theme/internal.h"

/* XHTML with tal:, metal: and i18n: attributes, to segments. A page may name a layout (metal:layout on its root) whose metal:slot
 * elements are filled by the page's metal:fill elements, and use parts of other files (metal:use). */

#define MAX_DEPTH 64

typedef struct st_compiler_t {
    lk_arena_t *arena;
    const lk_theme_table_t *files; /* of the theme */
    const lk_theme_file_t *file;
    const char *origin;
    lk_template_t *tmpl;
    lk_scope_t scope;
    lk_buffer_t text;    /* literal text not yet a segment */
    const xmlNode *page; /* root of the page that fills the layout's slots; NULL without a layout */
    int depth;
    lk_error_t *err;
} compiler_t;

static lk_status_t compile_children(compiler_t *compiler, const xmlNode *node);
static lk_status_t compile_used(compiler_t *compiler, const xmlNode *node, const char *name);

static lk_status_t fail_at(const compiler_t *compiler, const xmlNode *node, const char *reason)
{
    lk_fail(compiler->err, LK_INVALID, NULL, "A template cannot be used");
    lk_error_detail(compiler->err, "%s:%ld: %s", compiler->origin, node != NULL ? xmlGetLineNo(node) : 0, reason);
    return LK_INVALID;
}

static lk_segment_t *add_raw(compiler_t *compiler, lk_segment_kind_t kind)
{
    lk_template_t *tmpl = compiler->tmpl;
    if (tmpl->count == tmpl->capacity) {
        size_t capacity = tmpl->capacity != 0 ? tmpl->capacity * 2 : 64;
        lk_segment_t *grown = LK_NEW_ARRAY(compiler->arena, lk_segment_t, capacity);
        if (tmpl->count != 0)
            memcpy(grown, tmpl->segments, tmpl->count * sizeof(*grown));
        tmpl->segments = grown;
        tmpl->capacity = capacity;
    }
    lk_segment_t *segment = &tmpl->segments[tmpl->count++];
    *segment = (lk_segment_t){.kind = kind};
    return segment;
}

static void flush_text(compiler_t *compiler)
{
    if (compiler->text.len == 0)
        return;
    lk_segment_t *segment = add_raw(compiler, LK_SEGMENT_TEXT);
    segment->text = lk_strndup(compiler->arena, compiler->text.base, compiler->text.len);
    segment->len = compiler->text.len;
    lk_buffer_init(&compiler->text, compiler->arena, LK_THEME_MAX_TEXT);
}

static lk_segment_t *add(compiler_t *compiler, lk_segment_kind_t kind)
{
    flush_text(compiler);
    return add_raw(compiler, kind);
}

static lk_status_t parse_expr(compiler_t *compiler, const xmlNode *node, const char *text, int is_message,
                              const lk_expr_t **ret_expr)
{
    const char *problem = NULL;
    *ret_expr = (is_message ? lk_expr_parse_message : lk_expr_parse)(compiler->arena, &compiler->scope, text, &problem);
    return *ret_expr != NULL ? LK_OK : fail_at(compiler, node, problem != NULL ? problem : "broken expression");
}

/* Value of prefix:name, or NULL. Owned by the arena. */
static const char *special(compiler_t *compiler, const xmlNode *node, const char *prefix, const char *name)
{
    for (const xmlAttr *attr = node->properties; attr != NULL; attr = attr->next)
        if (attr->ns != NULL && attr->ns->prefix != NULL && strcmp((const char *)attr->ns->prefix, prefix) == 0 &&
            strcmp((const char *)attr->name, name) == 0) {
            xmlChar *value = xmlNodeListGetString(node->doc, attr->children, 1);
            const char *text = lk_strdup(compiler->arena, value != NULL ? (const char *)value : "");
            xmlFree(value);
            return text;
        }
    return NULL;
}

static unsigned attribute_flags(const char *name)
{
    static const char *const urls[] = {"href", "src", "action", "formaction"};
    static const char *const booleans[] = {"checked",   "selected", "disabled", "required",
                                           "autofocus", "readonly", "hidden",   "multiple"};
    for (size_t i = 0; i != sizeof(urls) / sizeof(urls[0]); ++i)
        if (strcasecmp(urls[i], name) == 0)
            return LK_ATTRIBUTE_URL;
    for (size_t i = 0; i != sizeof(booleans) / sizeof(booleans[0]); ++i)
        if (strcasecmp(booleans[i], name) == 0)
            return LK_ATTRIBUTE_BOOLEAN;
    return 0;
}

/* "name expression; name expression" */
static lk_status_t compile_dynamic(compiler_t *compiler, const xmlNode *node, const char *list, int is_message)
{
    lk_status_t status = LK_OK;
    while (list != NULL && status == LK_OK && *(list += strspn(list, "; \t\n")) != '\0') {
        size_t len = strcspn(list, ";"), name_len = strcspn(list, " \t\n;");
        const lk_expr_t *expr = NULL;
        const char *name = lk_strndup(compiler->arena, list, name_len);
        const char *text = lk_strndup(compiler->arena, list + name_len, len - name_len);
        text += strspn(text, " \t\n");
        if ((status = parse_expr(compiler, node, text, is_message, &expr)) == LK_OK) {
            lk_segment_t *segment = add(compiler, LK_SEGMENT_ATTRIBUTE);
            segment->text = name;
            segment->flags = attribute_flags(name);
            segment->expr = expr;
        }
        list += len;
    }
    return status;
}

/* Whether a list of tal:attributes or i18n:attributes sets this name. */
static int is_set_by(const char *list, const char *name)
{
    size_t name_len = strlen(name);
    while (list != NULL && *(list += strspn(list, "; \t\n")) != '\0') {
        if (strcspn(list, " \t\n;") == name_len && strncmp(list, name, name_len) == 0)
            return 1;
        list += strcspn(list, ";");
    }
    return 0;
}

static lk_status_t compile_attributes(compiler_t *compiler, const xmlNode *node)
{
    const char *dynamic = special(compiler, node, "tal", "attributes"), *translated = special(compiler, node, "i18n", "attributes");
    for (const xmlAttr *attr = node->properties; attr != NULL; attr = attr->next) {
        const char *name = (const char *)attr->name;
        if ((attr->ns != NULL && attr->ns->prefix != NULL && strcmp((const char *)attr->ns->prefix, "xml") != 0) ||
            is_set_by(dynamic, name) || is_set_by(translated, name))
            continue;
        xmlChar *value = xmlNodeListGetString(node->doc, attr->children, 1);
        lk_buffer_printf(&compiler->text, " %s=\"", name);
        lk_buffer_html(&compiler->text, value != NULL ? (const char *)value : "");
        lk_buffer_putc(&compiler->text, '"');
        xmlFree(value);
    }
    lk_status_t status = compile_dynamic(compiler, node, dynamic, 0);
    return status != LK_OK ? status : compile_dynamic(compiler, node, translated, 1);
}

static int is_void(const char *name)
{
    static const char *const names[] = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"};
    for (size_t i = 0; i != sizeof(names) / sizeof(names[0]); ++i)
        if (strcasecmp(names[i], name) == 0)
            return 1;
    return 0;
}

static const xmlNode *find_fill(compiler_t *compiler, const char *slot)
{
    for (const xmlNode *node = compiler->page != NULL ? compiler->page->children : NULL; node != NULL; node = node->next) {
        const char *fill = node->type == XML_ELEMENT_NODE ? special(compiler, node, "metal", "fill") : NULL;
        if (fill != NULL && strcmp(fill, slot) == 0)
            return node;
    }
    return NULL;
}

static lk_status_t add_value(compiler_t *compiler, const xmlNode *node, const char *text, int is_message)
{
    const lk_expr_t *expr;
    int structure = strncmp(text, "structure ", 10) == 0, display = strncmp(text, "display ", 8) == 0;
    lk_status_t status = parse_expr(compiler, node, text + (structure ? 10 : display ? 8 : 0), is_message, &expr);
    if (status != LK_OK)
        return status;
    lk_segment_t *segment = add(compiler, structure ? LK_SEGMENT_STRUCTURE : LK_SEGMENT_VALUE);
    segment->expr = expr;
    segment->flags = display || structure ? LK_SEGMENT_TRANSLATE : 0;
    return LK_OK;
}

static lk_status_t compile_content(compiler_t *compiler, const xmlNode *node)
{
    const char *content = special(compiler, node, "tal", "content"), *message = special(compiler, node, "i18n", "translate");
    const char *slot = special(compiler, node, "metal", "slot");
    const xmlNode *fill = slot != NULL ? find_fill(compiler, slot) : NULL;
    const char *used = special(compiler, node, "metal", "use");
    if (fill != NULL)
        return compile_content(compiler, fill);
    if (used != NULL)
        return compile_used(compiler, node, used);
    if (content != NULL)
        return add_value(compiler, node, content, 0);
    return message != NULL ? add_value(compiler, node, message, 1) : compile_children(compiler, node);
}

static lk_status_t compile_tag(compiler_t *compiler, const xmlNode *node)
{
    const char *name = (const char *)node->name, *replace = special(compiler, node, "tal", "replace");
    int is_block = node->ns != NULL && node->ns->prefix != NULL && strcmp((const char *)node->ns->prefix, "tal") == 0;
    lk_status_t status;
    if (replace != NULL)
        return add_value(compiler, node, replace, 0);
    if (is_block || special(compiler, node, "tal", "omit-tag") != NULL)
        return compile_content(compiler, node);
    lk_buffer_printf(&compiler->text, "<%s", name);
    if ((status = compile_attributes(compiler, node)) != LK_OK)
        return status;
    lk_buffer_putc(&compiler->text, '>');
    if (is_void(name))
        return LK_OK;
    if ((status = compile_content(compiler, node)) == LK_OK)
        lk_buffer_printf(&compiler->text, "</%s>", name);
    return status;
}

static lk_status_t push_local(compiler_t *compiler, const xmlNode *node, const char *name, unsigned *ret_slot)
{
    if (compiler->scope.count == LK_THEME_MAX_LOCALS)
        return fail_at(compiler, node, "too many variables");
    *ret_slot = (unsigned)compiler->scope.count;
    compiler->scope.names[compiler->scope.count++] = name;
    return LK_OK;
}

/* tal:repeat="name expression" around the element. */
static lk_status_t compile_repeat(compiler_t *compiler, const xmlNode *node)
{
    const char *repeat = special(compiler, node, "tal", "repeat");
    const lk_expr_t *expr;
    unsigned slot = 0;
    if (repeat == NULL)
        return compile_tag(compiler, node);
    size_t name_len = strcspn(repeat, " ");
    lk_status_t status = parse_expr(compiler, node, repeat + name_len + strspn(repeat + name_len, " "), 0, &expr);
    if (status == LK_OK)
        status = push_local(compiler, node, lk_strndup(compiler->arena, repeat, name_len), &slot);
    if (status != LK_OK)
        return status;
    lk_segment_t *begin = add(compiler, LK_SEGMENT_REPEAT);
    size_t begin_at = (size_t)(begin - compiler->tmpl->segments);
    begin->slot = slot;
    begin->expr = expr;
    if ((status = compile_tag(compiler, node)) != LK_OK)
        return status;
    lk_segment_t *next = add(compiler, LK_SEGMENT_NEXT);
    next->slot = slot;
    next->jump = begin_at + 1;
    compiler->tmpl->segments[begin_at].jump = compiler->tmpl->count;
    --compiler->scope.count;
    return LK_OK;
}

static lk_status_t compile_element(compiler_t *compiler, const xmlNode *node)
{
    const char *condition = special(compiler, node, "tal", "condition");
    const lk_expr_t *expr;
    lk_status_t status;
    if (condition == NULL)
        return compile_repeat(compiler, node);
    if ((status = parse_expr(compiler, node, condition, 0, &expr)) != LK_OK)
        return status;
    lk_segment_t *unless = add(compiler, LK_SEGMENT_UNLESS);
    size_t at = (size_t)(unless - compiler->tmpl->segments);
    unless->expr = expr;
    if ((status = compile_repeat(compiler, node)) != LK_OK)
        return status;
    flush_text(compiler);
    compiler->tmpl->segments[at].jump = compiler->tmpl->count;
    return LK_OK;
}

static void add_plain(compiler_t *compiler, const char *content)
{
    int blank = content[strspn(content, " \t\r\n")] == '\0';
    if (blank && strchr(content, '\n') != NULL)
        lk_buffer_putc(&compiler->text, '\n');
    else
        lk_buffer_html(&compiler->text, content);
}

static lk_status_t compile_children(compiler_t *compiler, const xmlNode *node)
{
    lk_status_t status = LK_OK;
    if (++compiler->depth > MAX_DEPTH)
        return fail_at(compiler, node, "nested too deeply");
    for (const xmlNode *child = node->children; child != NULL && status == LK_OK; child = child->next)
        if (child->type == XML_ELEMENT_NODE)
            status = compile_element(compiler, child);
        else if (child->type == XML_TEXT_NODE || child->type == XML_CDATA_SECTION_NODE)
            add_plain(compiler, (const char *)child->content);
    --compiler->depth;
    return status;
}

static lk_status_t parse_file(const lk_theme_file_t *file, xmlDoc **ret_doc, lk_error_t *err)
{
    xmlParserCtxt *context = xmlNewParserCtxt();
    xmlDoc *doc =
        context == NULL
            ? NULL
            : xmlCtxtReadMemory(context, (const char *)file->resource.bytes.base, (int)file->resource.bytes.len, file->path,
                                "UTF-8", XML_PARSE_NONET | XML_PARSE_NOERROR | XML_PARSE_NOWARNING | XML_PARSE_NOCDATA);
    lk_status_t status = LK_OK;
    if (doc == NULL || xmlDocGetRootElement(doc) == NULL) {
        const xmlError *problem = context != NULL ? xmlCtxtGetLastError(context) : NULL;
        status = lk_fail(err, LK_INVALID, NULL, "A template is not well-formed");
        lk_error_detail(err, "%s:%d: %s", file->origin, problem != NULL ? problem->line : 0,
                        problem != NULL && problem->message != NULL ? problem->message : "?");
        xmlFreeDoc(doc);
    } else {
        *ret_doc = doc;
    }
    xmlFreeParserCtxt(context);
    return status;
}

/* The file of that name beside the one that is compiled. */
static lk_status_t parse_other(compiler_t *compiler, const xmlNode *node, const char *name, xmlDoc **ret_doc)
{
    const char *path = compiler->file->path, *slash = strrchr(path, '/');
    int len = slash != NULL ? (int)(slash - path) + 1 : 0;
    const lk_theme_file_t *found =
        lk_theme_table_find(compiler->files, lk_printf(compiler->arena, "%.*s%s.xhtml", len, path, name));
    return found == NULL ? fail_at(compiler, node, "there is no such file") : parse_file(found, ret_doc, compiler->err);
}

/* metal:use="name": what is within that file's root stands here. */
static lk_status_t compile_used(compiler_t *compiler, const xmlNode *node, const char *name)
{
    xmlDoc *doc = NULL;
    lk_status_t status = parse_other(compiler, node, name, &doc);
    if (status == LK_OK)
        status = compile_children(compiler, xmlDocGetRootElement(doc));
    xmlFreeDoc(doc);
    return status;
}

lk_status_t lk_template_compile(lk_arena_t *arena, const lk_theme_table_t *files, const lk_theme_file_t *file,
                                lk_template_t *ret_template, lk_error_t *err)
{
    lk_template_t tmpl = {0};
    compiler_t compiler = {.arena = arena, .files = files, .file = file, .origin = file->origin, .tmpl = &tmpl, .err = err};
    xmlDoc *doc = NULL, *layout_doc = NULL;
    lk_status_t status = parse_file(file, &doc, err);
    if (status != LK_OK)
        return status;
    lk_buffer_init(&compiler.text, arena, LK_THEME_MAX_TEXT);
    const xmlNode *root = xmlDocGetRootElement(doc);
    const char *layout = special(&compiler, root, "metal", "layout");
    if (layout != NULL) {
        if ((status = parse_other(&compiler, root, layout, &layout_doc)) != LK_OK)
            goto Exit;
        compiler.page = root;
        root = xmlDocGetRootElement(layout_doc);
    }
    lk_buffer_puts(&compiler.text, "<!DOCTYPE html>\n");
    if ((status = compile_element(&compiler, root)) == LK_OK) {
        lk_buffer_putc(&compiler.text, '\n');
        flush_text(&compiler);
        *ret_template = tmpl;
    }
Exit:
    xmlFreeDoc(layout_doc);
    xmlFreeDoc(doc);
    return status;
}

int lk_theme_url_safe(const char *url)
{
    static const char *const schemes[] = {"javascript:", "vbscript:", "data:"};
    char plain[16] = "";
    size_t len = 0;
    /* Browsers skip blanks and control characters in a scheme. */
    for (const char *c = url; *c != '\0' && len + 1 < sizeof(plain); ++c)
        if ((unsigned char)*c > 0x20)
            plain[len++] = (char)tolower((unsigned char)*c);
    for (size_t i = 0; i != sizeof(schemes) / sizeof(schemes[0]); ++i)
        if (strncmp(plain, schemes[i], strlen(schemes[i])) == 0)
            return 0;
    return 1;
}
