/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "core/json.h"
#include "theme/theme.h"
#include "tap.h"

/* Themes as an operator writes them: a folder of templates, bundles and style sheets over the built-in theme. */

#define PAGE(body)                                                                                                                 \
    "<html xmlns:tal=\"http://xml.zope.org/namespaces/tal\" xmlns:i18n=\"http://xml.zope.org/namespaces/i18n\" "                   \
    "xmlns:metal=\"http://xml.zope.org/namespaces/metal\"><body>" body "</body></html>"

static char folder[] = "/tmp/latchkey-theme-XXXXXX";
static lk_arena_t *arena;

static void put_file(const char *path, const char *text)
{
    char full[512];
    for (const char *slash = strchr(path, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        snprintf(full, sizeof(full), "%s/%.*s", folder, (int)(slash - path), path);
        mkdir(full, 0700);
    }
    snprintf(full, sizeof(full), "%s/%s", folder, path);
    FILE *file = fopen(full, "w");
    fputs(text, file);
    fclose(file);
}

static void remove_file(const char *path)
{
    char full[512];
    snprintf(full, sizeof(full), "%s/%s", folder, path);
    remove(full);
}

/* What stands in the page's body, or NULL. */
static const char *render(const lk_themes_t *themes, const char *name, const char *locale, const char *model)
{
    lk_buffer_t out;
    lk_error_t err = {0};
    lk_buffer_init(&out, arena, 1024 * 1024);
    if (lk_theme_render(themes, "acme", name, lk_json_own(arena, json_loads(model, 0, NULL)), locale, &out, &err) != LK_OK)
        return NULL;
    const char *begin = strstr(out.base, "<body>");
    if (begin == NULL)
        return out.base;
    begin += strlen("<body>");
    return lk_strndup(arena, begin, (size_t)(strstr(begin, "</body>") - begin));
}

static void load(lk_themes_t **ret_themes)
{
    lk_error_t err = {0};
    ok(lk_themes_load(folder, ret_themes, &err) == LK_OK, "the folder is read");
    if (*ret_themes == NULL)
        printf("# %s: %s\n", err.text, err.detail);
}

/* Templates of one element each, and what becomes of them with a model. */
static const struct {
    const char *what, *body, *model, *expected;
} pages[] = {
    {"text is escaped", "<p tal:content=\"a\"/>", "{\"a\": \"<b>&'\\\"\"}", "<p>&lt;b&gt;&amp;&#39;&quot;</p>"},
    {"attributes are escaped", "<p tal:attributes=\"title a\"/>", "{\"a\": \"\\\"><script>\"}",
     "<p title=\"&quot;&gt;&lt;script&gt;\"></p>"},
    {"an attribute without a value is left out", "<p tal:attributes=\"title a; lang b\"/>", "{\"b\": \"de\"}",
     "<p lang=\"de\"></p>"},
    {"a boolean attribute is its name", "<input tal:attributes=\"checked a; disabled b\"/>", "{\"a\": true, \"b\": false}",
     "<input checked=\"checked\">"},
    {"an address that runs code is none", "<a tal:attributes=\"href a\">x</a>", "{\"a\": \" java\\tscript:alert(1)\"}",
     "<a href=\"#\">x</a>"},
    {"an address stays", "<a tal:attributes=\"href a\">x</a>", "{\"a\": \"https://a.example/?b&c\"}",
     "<a href=\"https://a.example/?b&amp;c\">x</a>"},
    {"a condition", "<p tal:condition=\"a\">yes</p><p tal:condition=\"not:a\">no</p>", "{\"a\": []}", "<p>no</p>"},
    {"a list", "<i tal:repeat=\"x a\" tal:content=\"x/b\"/>", "{\"a\": [{\"b\": 1}, {\"b\": 2}]}", "<i>1</i><i>2</i>"},
    {"lists within lists, with counters",
     "<p tal:repeat=\"x a\"><tal:block tal:repeat=\"y x\" tal:content=\"string:${repeat/x/number}${y};\"/></p>",
     "{\"a\": [[\"a\", \"b\"], [\"c\"]]}", "<p>1a;1b;</p><p>2c;</p>"},
    {"an empty list is nothing", "<i tal:repeat=\"x a\">x</i>", "{\"a\": []}", ""},
    {"what is missing is nothing", "<p tal:content=\"a/b/c\"/>", "{}", "<p></p>"},
    {"the first that is something", "<p tal:content=\"a|b|string:c\"/>", "{\"b\": \"B\"}", "<p>B</p>"},
    {"simple HTML is left, the rest dropped", "<p tal:content=\"structure a\"/>",
     "{\"a\": \"<b onclick='x'>x<script>y</script><br/><i>z\"}", "<p><b>xy<br><i>z</i></b></p>"},
    {"a message with an argument", "<p i18n:translate=\"greeting(name)\"/>", "{\"name\": \"<A>\"}", "<p>Hello, &lt;A&gt;!</p>"},
    {"the realm's own texts go first", "<p i18n:translate=\"greeting(name)\"/>",
     "{\"name\": \"A\", \"localizationTexts\": {\"greeting\": \"Howdy {0}\"}}", "<p>Howdy A</p>"},
    {"an unknown message is its key", "<p i18n:translate=\"nosuch\"/>", "{}", "<p>nosuch</p>"},
    {"a display text is looked up", "<p tal:content=\"display a\"/>", "{\"a\": \"${plain}\"}", "<p>Plain</p>"},
    {"other text is not", "<p tal:content=\"a\"/>", "{\"a\": \"${plain}\"}", "<p>${plain}</p>"},
};

static void test_pages(void)
{
    char path[64];
    lk_themes_t *themes = NULL;
    put_file("acme/login/messages/messages_en.properties", "greeting = Hello, {0}!\nplain=Plain\n");
    for (size_t i = 0; i != sizeof(pages) / sizeof(pages[0]); ++i) {
        snprintf(path, sizeof(path), "acme/login/p%zu.xhtml", i);
        put_file(path, lk_printf(arena, PAGE("%s"), pages[i].body));
    }
    load(&themes);
    for (size_t i = 0; themes != NULL && i != sizeof(pages) / sizeof(pages[0]); ++i) {
        snprintf(path, sizeof(path), "p%zu", i);
        is_str(render(themes, path, "en", pages[i].model), pages[i].expected, pages[i].what);
        snprintf(path, sizeof(path), "acme/login/p%zu.xhtml", i);
        remove_file(path);
    }
    lk_themes_free(&themes);
}

/* A theme replaces single files; its neighbours and unknown names are base. */
static void test_inheritance(void)
{
    lk_themes_t *themes = NULL;
    lk_theme_resource_t resource;
    lk_error_t err = {0};
    put_file("acme/login/css/login.css", "body{}");
    put_file("acme/login/info.xhtml", PAGE("mine"));
    load(&themes);
    is_str(render(themes, "info", "en", "{}"), "mine", "a template of its own");
    ok(strstr(render(themes, "login", "en", "{}"), "kc-form-login") != NULL, "one of base");
    ok(lk_theme_resource(themes, "acme", "login/css/login.css", &resource, &err) == LK_OK && resource.bytes.len == 6,
       "its style sheet");
    is_str(resource.content_type, "text/css; charset=utf-8", "with its type");
    ok(lk_theme_resource(themes, "other", "login/css/login.css", &resource, &err) == LK_OK && resource.bytes.len != 6,
       "an unknown theme has that of base");
    ok(lk_theme_resource(themes, "acme", "login/login.xhtml", &resource, &err) == LK_NOT_FOUND, "templates are not served");
    ok(lk_theme_resource(themes, "acme", "login/css/../css/login.css", &resource, &err) == LK_NOT_FOUND, "nor what is above");
    lk_themes_free(&themes);
}

static void test_locales(void)
{
    lk_themes_t *themes = NULL;
    put_file("acme/login/x.xhtml", PAGE("<p tal:attributes=\"lang page/lang; dir page/dir\" i18n:translate=\"doLogIn\"/>"));
    put_file("acme/login/messages/messages_ar.properties", "# comment\n\ndoLogIn : \\u0627 \\\n   b\n");
    load(&themes);
    is_str(render(themes, "x", "ar", "{}"), "<p lang=\"ar\" dir=\"rtl\">\u0627 b</p>", "escapes, a continued line, right to left");
    is_str(render(themes, "x", "de-AT", "{}"), "<p lang=\"de-AT\" dir=\"ltr\">Anmelden</p>", "from de-AT to de");
    is_str(render(themes, "x", "xx", "{}"), "<p lang=\"xx\" dir=\"ltr\">Sign In</p>", "from an unknown one to English");
    int seen = 0;
    for (const char *const *locale = lk_theme_locales(themes, "acme"); *locale != NULL; ++locale)
        seen += strcmp(*locale, "ar") == 0;
    is_int(seen, 1, "its own locale is offered, once");
    is_str(lk_theme_message(themes, "acme", "en", NULL, "greeting", lk_json_own(arena, json_pack("[s]", "A")), arena), "Hello, A!",
           "a message outside of a page");
    lk_themes_free(&themes);
    remove_file("acme/login/x.xhtml");
}

/* Files that cannot be used: which, where, why. */
static const struct {
    const char *path, *text, *detail;
} broken[] = {
    {"acme/login/bad.xhtml", "<html><body></html>", "login/bad.xhtml:1: "},
    {"acme/login/bad.xhtml", PAGE("\n<p tal:content=\"a//b\"/>"), "login/bad.xhtml:2: not a path"},
    {"acme/login/bad.xhtml", PAGE("<p tal:content=\"string:$a\"/>"), "a $ that is neither"},
    {"acme/login/bad.xhtml", PAGE("<p tal:repeat=\"x\"/>"), "not a path"},
    {"acme/login/bad.xhtml", PAGE("<p tal:content=\"repeat/x/index\"/>"), "no such counter"},
    {"acme/login/bad.xhtml", "<html xmlns:metal=\"http://xml.zope.org/namespaces/metal\" metal:layout=\"nosuch\"/>",
     "no such file"},
    {"acme/login/messages/messages_fr.properties", "a=\xff", "not UTF-8"},
    {"acme/login/messages/messages_fr.properties", "a=b\nc=\\u00g1", "messages_fr.properties:2: broken \\u escape"},
};

static void test_broken(void)
{
    for (size_t i = 0; i != sizeof(broken) / sizeof(broken[0]); ++i) {
        lk_themes_t *themes = NULL;
        lk_error_t err = {0};
        put_file(broken[i].path, broken[i].text);
        ok(lk_themes_load(folder, &themes, &err) == LK_INVALID && themes == NULL, "broken: %s", broken[i].detail);
        if (!ok(strstr(err.detail, broken[i].detail) != NULL, "it is named"))
            printf("# %s\n", err.detail);
        lk_themes_free(&themes);
        remove_file(broken[i].path);
    }
}

int main(void)
{
    lk_themes_t *themes = NULL;
    lk_error_t err = {0};
    arena = lk_arena_create("test");
    if (mkdtemp(folder) == NULL)
        return 1;
    test_pages();
    test_inheritance();
    test_locales();
    test_broken();
    ok(lk_themes_load("/nonexistent", &themes, &err) == LK_INVALID, "a folder that is not there");
    static const char *const rest[] = {"acme/login/info.xhtml",
                                       "acme/login/css/login.css",
                                       "acme/login/messages/messages_en.properties",
                                       "acme/login/messages/messages_ar.properties",
                                       "acme/login/messages",
                                       "acme/login/css",
                                       "acme/login",
                                       "acme",
                                       ""};
    for (size_t i = 0; i != sizeof(rest) / sizeof(rest[0]); ++i)
        remove_file(rest[i]);
    lk_arena_destroy(&arena);
    return tap_done();
}
