/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "cli/attributes.h"
#include "cli/file.h"
#include "cli/output.h"
#include "cli/request.h"

/* create, get, update, delete and new-object: kcadm's way to any resource. */

#define MAX_HEADERS 64
#define JSON_TYPE "application/json"

/* The URL with --query, --offset and --limit. */
static const char *url_with_query(lk_cli_t *cli)
{
    const char *base = lk_url_of(cli, cli->words[0]), *text, *mark = strchr(base, '?') == NULL ? "?" : "&";
    static const struct {
        lk_option_id_t id;
        const char *name;
    } pages[] = {{LK_O_OFFSET, "first"}, {LK_O_LIMIT, "max"}};
    lk_buffer_t url;
    lk_buffer_init(&url, cli->arena, 1024 * 1024);
    lk_buffer_puts(&url, base);
    for (size_t at = 0; (text = lk_cli_each(cli, LK_O_QUERY, &at)) != NULL; mark = "&") {
        size_t len = strcspn(text, "=");
        lk_buffer_printf(&url, "%s%.*s=", mark, (int)len, text);
        lk_buffer_form(&url, text + len + 1);
    }
    for (size_t i = 0; i != sizeof(pages) / sizeof(pages[0]); ++i)
        if ((text = lk_cli_option(cli, pages[i].id)) != NULL) {
            lk_buffer_printf(&url, "%s%s=%s", mark, pages[i].name, text);
            mark = "&";
        }
    return url.base;
}

/* --header as lines; the body's type where nobody gave one. */
static const char *const *header_lines(lk_cli_t *cli, int with_body)
{
    const char **lines = LK_NEW_ARRAY(cli->arena, const char *, MAX_HEADERS + 2), *text;
    size_t count = 0;
    int typed = 0;
    for (size_t at = 0; (text = lk_cli_each(cli, LK_O_HEADER, &at)) != NULL && count != MAX_HEADERS;) {
        size_t len = strcspn(text, "=");
        lines[count++] = lk_printf(cli->arena, "%.*s: %s", (int)len, text, text + len + 1);
        typed |= strncasecmp(text, "content-type", len) == 0;
    }
    if (!typed) /* libcurl would call an empty body a form */
        lines[count] = with_body ? "Content-Type: " JSON_TYPE : "Content-Type:";
    return lines;
}

static int has_edits(const lk_cli_t *cli)
{
    return lk_cli_has(cli, LK_O_SET) || lk_cli_has(cli, LK_O_DELETE);
}

static lk_status_t apply_edits(lk_cli_t *cli, json_t *object)
{
    for (size_t i = 0; i != cli->num_given; ++i) {
        const lk_given_t *given = &cli->given[i];
        lk_status_t status = given->id == LK_O_SET      ? lk_attribute_set(cli->arena, object, given->value, &cli->err)
                             : given->id == LK_O_DELETE ? lk_attribute_delete(cli->arena, object, given->value, &cli->err)
                                                        : LK_OK;
        if (status != LK_OK)
            return status;
    }
    return LK_OK;
}

static lk_status_t read_object(lk_cli_t *cli, const lk_bytes_t *text, int merged, json_t **ret_object)
{
    json_t *value = NULL;
    if (text->len == 0)
        return lk_fail(&cli->err, LK_INVALID, NULL, "Document provided by --file option is empty");
    if (lk_json_parse(cli->arena, (const char *)text->base, text->len, &value, &cli->err) != LK_OK)
        return lk_fail(&cli->err, LK_INVALID, NULL, "Not a valid JSON document - %s", lk_strdup(cli->arena, cli->err.text));
    if ((has_edits(cli) || merged) && !json_is_object(value))
        return lk_fail(&cli->err, LK_INVALID, NULL, "Not a JSON object: %s", lk_json_text(cli->arena, value));
    *ret_object = value;
    return LK_OK;
}

/* What the server has, with the members of `over` in place of its own. */
static lk_status_t merge_current(lk_cli_t *cli, const char *url, json_t **object)
{
    json_t *current = lk_call_get(cli, url);
    if (current == NULL)
        return cli->err.kind;
    if (!json_is_object(current))
        return lk_fail(&cli->err, LK_INVALID, NULL, "Not a JSON object: what %s answers is none, so there is nothing to merge with",
                       url);
    if (*object != NULL)
        json_object_update(current, *object);
    *object = current;
    return LK_OK;
}

/* The body by -f, -b, -s, -d; base is NULL where there is none. */
static lk_status_t make_body(lk_cli_t *cli, const char *url, int merge, lk_bytes_t *ret_body)
{
    const char *file = lk_cli_option(cli, LK_O_FILE), *text = lk_cli_option(cli, LK_O_BODY);
    lk_bytes_t content = {NULL, 0};
    json_t *object = NULL;
    if (text != NULL && has_edits(cli))
        return lk_fail(&cli->err, LK_INVALID, NULL, "Can't set attributes on content of type other than application/json");
    if (text != NULL) {
        *ret_body = (lk_bytes_t){(const unsigned char *)text, strlen(text)};
        return LK_OK;
    }
    if (file != NULL && (lk_file_read(cli->arena, file, LK_CLI_MAX_BODY, &content, &cli->err) != LK_OK ||
                         read_object(cli, &content, merge, &object) != LK_OK))
        return cli->err.kind;
    if (merge && (file != NULL || has_edits(cli)) && merge_current(cli, url, &object) != LK_OK)
        return cli->err.kind;
    if (object == NULL && has_edits(cli))
        object = lk_json_own(cli->arena, json_object());
    if (object == NULL)
        return LK_OK;
    if (apply_edits(cli, object) != LK_OK)
        return cli->err.kind;
    const char *json = lk_json_text(cli->arena, object);
    *ret_body = (lk_bytes_t){(const unsigned char *)json, strlen(json)};
    return LK_OK;
}

static void print_head(lk_cli_t *cli, const lk_fetched_t *fetched, int refused)
{
    if (!lk_cli_has(cli, LK_O_PRINT_HEADERS))
        return;
    for (const char *line = fetched->head; *line != '\0' && *line != '\r' && *line != '\n'; line += strcspn(line, "\n") + 1)
        printf("%.*s\n", (int)strcspn(line, "\r\n"), line);
    if (!refused)
        putchar('\n');
    fflush(stdout);
}

static int call_and_print_head(lk_cli_t *cli, const lk_call_t *call, lk_fetched_t *ret_fetched)
{
    if (lk_call(cli, call, ret_fetched) != LK_OK)
        return lk_cli_fail(cli);
    print_head(cli, ret_fetched, ret_fetched->status >= 300);
    if (ret_fetched->status < 300)
        return LK_EXIT_OK;
    lk_answer_refused(cli, call->url, ret_fetched);
    return lk_cli_fail(cli);
}

static int show(lk_cli_t *cli, const lk_view_t *view, const lk_fetched_t *fetched)
{
    return lk_view_print(cli, view, fetched->content_type, (const char *)fetched->body.base, fetched->body.len);
}

int lk_verb_get(lk_cli_t *cli)
{
    lk_view_t view = {NULL};
    lk_fetched_t fetched;
    if (cli->num_words == 0)
        return lk_cli_usage(cli, "Resource URI not specified");
    int code = lk_view_read(cli, &view);
    if (code != LK_EXIT_OK)
        return code;
    if (lk_session_open(cli) != LK_OK)
        return lk_cli_fail(cli);
    lk_call_t call = {.method = "GET", .url = url_with_query(cli), .lines = header_lines(cli, 0), .accepts_all = 1};
    code = call_and_print_head(cli, &call, &fetched);
    return code == LK_EXIT_OK ? show(cli, &view, &fetched) : code;
}

static int show_again(lk_cli_t *cli, const lk_view_t *view, const char *url)
{
    lk_fetched_t fetched;
    if (lk_call(cli, &(lk_call_t){.method = "GET", .url = url}, &fetched) != LK_OK)
        return lk_cli_fail(cli);
    return show(cli, view, &fetched);
}

/* After create: the id alone, the resource, or a sentence. */
static int show_created(lk_cli_t *cli, const lk_view_t *view, const char *url, const lk_fetched_t *fetched)
{
    const char *location = lk_head_value(cli->arena, fetched->head, "Location"),
               *id = location != NULL ? strrchr(location, '/') : NULL;
    if (lk_cli_has(cli, LK_O_OUTPUT)) {
        if (location == NULL)
            return show(cli, view, fetched);
        /* The server's own name for itself may not be the address that leads there. */
        return show_again(cli, view, id != NULL ? lk_printf(cli->arena, "%.*s%s", (int)strcspn(url, "?"), url, id) : location);
    }
    if (id == NULL)
        return LK_EXIT_OK;
    if (lk_cli_has(cli, LK_O_ID))
        printf("%s\n", id + 1);
    else {
        const char *kind = strrchr(cli->words[0], '/') != NULL ? strrchr(cli->words[0], '/') + 1 : cli->words[0];
        size_t len = strcspn(kind, "?");
        fprintf(stderr, "Created new %.*s with id '%s'\n", (int)(len != 0 && kind[len - 1] == 's' ? len - 1 : len), kind, id + 1);
    }
    return LK_EXIT_OK;
}

static int check_options(lk_cli_t *cli)
{
    static const lk_option_id_t pairs[][2] = {{LK_O_FILE, LK_O_BODY}, {LK_O_OUTPUT, LK_O_ID}, {LK_O_MERGE, LK_O_NO_MERGE}};
    static const char *const texts[] = {"Options --body and --file are mutually exclusive",
                                        "Options -o and -i are mutually exclusive",
                                        "Options --merge and --no-merge are mutually exclusive"};
    if (cli->num_words == 0)
        return lk_cli_usage(cli, "Resource URI not specified");
    for (size_t i = 0; i != sizeof(pairs) / sizeof(pairs[0]); ++i)
        if (lk_cli_has(cli, pairs[i][0]) && lk_cli_has(cli, pairs[i][1]))
            return lk_cli_usage(cli, "%s", texts[i]);
    return LK_EXIT_OK;
}

int lk_verb_write(lk_cli_t *cli)
{
    int updates = strcmp(cli->verb->method, "PUT") == 0, code = check_options(cli);
    lk_view_t view = {NULL};
    lk_bytes_t body = {NULL, 0};
    lk_fetched_t fetched;
    if (code != LK_EXIT_OK || (code = lk_view_read(cli, &view)) != LK_EXIT_OK)
        return code;
    if (lk_session_open(cli) != LK_OK)
        return lk_cli_fail(cli);
    const char *url = url_with_query(cli);
    int merge = updates && (lk_cli_has(cli, LK_O_MERGE) || (!lk_cli_has(cli, LK_O_NO_MERGE) && !lk_cli_has(cli, LK_O_FILE)));
    if (make_body(cli, url, merge, &body) != LK_OK)
        return lk_cli_fail(cli);
    lk_bytes_t nothing = {(const unsigned char *)"", 0};
    lk_call_t call = {.method = cli->verb->method,
                      .url = url,
                      .body = body.base != NULL ? &body : &nothing,
                      .lines = header_lines(cli, body.base != NULL),
                      .accepts_all = 1};
    if ((code = call_and_print_head(cli, &call, &fetched)) != LK_EXIT_OK)
        return code;
    if (strcmp(cli->verb->method, "POST") == 0)
        return show_created(cli, &view, url, &fetched);
    if (!lk_cli_has(cli, LK_O_OUTPUT))
        return LK_EXIT_OK;
    return updates ? show_again(cli, &view, url) : show(cli, &view, &fetched);
}

int lk_verb_new_object(lk_cli_t *cli)
{
    lk_bytes_t body = {NULL, 0};
    lk_view_t view = {NULL};
    int code = lk_view_read(cli, &view);
    if (code != LK_EXIT_OK)
        return code;
    if (!lk_cli_has(cli, LK_O_FILE) && !has_edits(cli))
        return lk_cli_usage(cli, "No file nor attribute values specified");
    if (make_body(cli, "", 0, &body) != LK_OK)
        return lk_cli_fail(cli);
    return lk_view_print(cli, &view, JSON_TYPE, (const char *)body.base, body.len);
}
