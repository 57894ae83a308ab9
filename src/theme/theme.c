/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <libxml/parser.h>
#include "core/json.h"
#include "crypto/crypto.h"
#include "theme/internal.h"

#define BASE "base"
#define MAX_THEMES 64
#define MAX_BUNDLES 256
#define TEMPLATE_SUFFIX ".xhtml"

struct st_lk_themes_t {
    lk_arena_t *arena;
    lk_theme_t themes[MAX_THEMES]; /* [0] is base */
    size_t count;
    const char *version;
};

static const char *suffix_of(const char *path)
{
    const char *dot = strrchr(path, '.');
    return dot != NULL ? dot : "";
}

static const lk_theme_file_t *file_at(const lk_theme_t *theme, size_t index)
{
    return theme->files.entries[index].value;
}

static lk_status_t load_templates(lk_arena_t *arena, lk_theme_t *theme, lk_error_t *err)
{
    theme->templates = LK_NEW_ARRAY(arena, lk_template_t, theme->files.count + 1);
    for (size_t i = 0; i != theme->files.count; ++i) {
        const lk_theme_file_t *file = file_at(theme, i);
        const char *suffix = suffix_of(file->path);
        if (strcmp(suffix, TEMPLATE_SUFFIX) != 0)
            continue;
        lk_template_t *tmpl = &theme->templates[theme->num_templates];
        lk_status_t status = lk_template_compile(arena, &theme->files, file, tmpl, err);
        if (status != LK_OK)
            return status;
        tmpl->name = lk_strndup(arena, file->path, (size_t)(suffix - file->path));
        ++theme->num_templates;
    }
    return LK_OK;
}

static lk_theme_bundle_t *find_bundle(const lk_theme_t *theme, const char *type, const char *locale, size_t len)
{
    for (size_t i = 0; i != theme->num_bundles; ++i)
        if (strcmp(theme->bundles[i].type, type) == 0 && strlen(theme->bundles[i].locale) == len &&
            strncmp(theme->bundles[i].locale, locale, len) == 0)
            return &theme->bundles[i];
    return NULL;
}

static lk_theme_bundle_t *make_bundle(lk_theme_t *theme, const char *type, const char *locale)
{
    lk_theme_bundle_t *bundle = find_bundle(theme, type, locale, strlen(locale));
    if (bundle != NULL || theme->num_bundles == MAX_BUNDLES)
        return bundle;
    bundle = &theme->bundles[theme->num_bundles++];
    *bundle = (lk_theme_bundle_t){.type = type, .locale = locale};
    return bundle;
}

/* "login/messages/messages_de.properties": type and locale. The parent's file of that name goes first: single texts are replaced.
 */
static lk_status_t load_bundles(lk_arena_t *arena, lk_theme_t *theme, lk_error_t *err)
{
    static const char middle[] = "/messages/messages_";
    theme->bundles = LK_NEW_ARRAY(arena, lk_theme_bundle_t, MAX_BUNDLES);
    for (size_t i = 0; i != theme->files.count; ++i) {
        const lk_theme_file_t *file = file_at(theme, i);
        const char *at = strstr(file->path, middle), *suffix = suffix_of(file->path);
        if (at == NULL || strcmp(suffix, ".properties") != 0)
            continue;
        const char *locale = at + sizeof(middle) - 1;
        lk_theme_bundle_t *bundle = make_bundle(theme, lk_strndup(arena, file->path, (size_t)(at - file->path)),
                                                lk_strndup(arena, locale, (size_t)(suffix - locale)));
        if (bundle == NULL)
            return lk_fail(err, LK_INVALID, NULL, "More than %d message bundles", MAX_BUNDLES);
        lk_status_t status = lk_theme_texts_parse(arena, file, &bundle->texts, err);
        if (status != LK_OK)
            return status;
    }
    return LK_OK;
}

static int compare_locales(const void *left, const void *right)
{
    return strcmp(*(const char *const *)left, *(const char *const *)right);
}

static void sort_bundles(lk_arena_t *arena, lk_theme_t *theme)
{
    size_t num_locales = 0;
    theme->locales = LK_NEW_ARRAY(arena, const char *, theme->num_bundles + 1);
    for (size_t i = 0; i != theme->num_bundles; ++i) {
        lk_theme_table_sort(&theme->bundles[i].texts);
        if (strcmp(theme->bundles[i].type, "login") == 0)
            theme->locales[num_locales++] = theme->bundles[i].locale;
    }
    qsort(theme->locales, num_locales, sizeof(*theme->locales), compare_locales);
}

static lk_status_t load_theme(lk_arena_t *arena, lk_theme_t *theme, lk_error_t *err)
{
    lk_status_t status = load_bundles(arena, theme, err);
    if (status != LK_OK)
        return status;
    sort_bundles(arena, theme);
    lk_theme_table_sort(&theme->files); /* only now: until here the parent's files are among them */
    return load_templates(arena, theme, err);
}

static lk_status_t read_folder(lk_themes_t *themes, const char *dir, const char *name, lk_theme_t *theme, lk_error_t *err)
{
    struct stat st;
    const char *path = lk_printf(themes->arena, "%s/%s", dir, name);
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode))
        return LK_OK;
    theme->name = lk_strdup(themes->arena, name);
    return lk_theme_files_read(themes->arena, path, &theme->files, err);
}

/* Own files over those of base. */
static lk_status_t read_theme(lk_themes_t *themes, const char *dir, const char *name, lk_error_t *err)
{
    lk_theme_t *theme = &themes->themes[themes->count];
    if (themes->count == MAX_THEMES)
        return lk_fail(err, LK_INVALID, NULL, "More than %d themes", MAX_THEMES);
    for (size_t i = 0; i != themes->themes[0].files.count; ++i)
        lk_theme_table_add(themes->arena, &theme->files, themes->themes[0].files.entries[i].name,
                           themes->themes[0].files.entries[i].value);
    lk_status_t status = read_folder(themes, dir, name, theme, err);
    themes->count += theme->name != NULL;
    return status;
}

static lk_status_t read_themes(lk_themes_t *themes, const char *dir, lk_error_t *err)
{
    struct dirent *entry;
    DIR *folder = opendir(dir);
    if (folder == NULL)
        return lk_fail(err, LK_INVALID, NULL, "theme-dir: %s cannot be read: %s", dir, strerror(errno));
    lk_status_t status = read_folder(themes, dir, BASE, &themes->themes[0], err);
    while (status == LK_OK && (entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.' && strcmp(entry->d_name, BASE) != 0)
            status = read_theme(themes, dir, entry->d_name, err);
    closedir(folder);
    return status;
}

static const char *make_version(lk_themes_t *themes)
{
    lk_buffer_t etags;
    lk_buffer_init(&etags, themes->arena, 4 * 1024 * 1024);
    for (size_t i = 0; i != themes->count; ++i)
        for (size_t j = 0; j != themes->themes[i].files.count; ++j)
            lk_buffer_puts(&etags, file_at(&themes->themes[i], j)->resource.etag);
    return lk_strndup(themes->arena, lk_sha256_base64url(themes->arena, etags.base, etags.len), 8);
}

lk_status_t lk_themes_load(const char *dir, lk_themes_t **ret_themes, lk_error_t *err)
{
    lk_arena_t *arena = lk_arena_create("themes");
    lk_themes_t *themes = LK_NEW(arena, lk_themes_t);
    lk_status_t status = LK_OK;
    xmlInitParser();
    themes->arena = arena;
    themes->count = 1;
    themes->themes[0].name = BASE;
    lk_theme_files_builtin(arena, &themes->themes[0].files);
    if (dir != NULL)
        status = read_themes(themes, dir, err);
    for (size_t i = 0; status == LK_OK && i != themes->count; ++i)
        status = load_theme(arena, &themes->themes[i], err);
    if (status != LK_OK) {
        lk_arena_destroy(&arena);
        return status;
    }
    themes->version = make_version(themes);
    *ret_themes = themes;
    return LK_OK;
}

void lk_themes_free(lk_themes_t **themes)
{
    if (*themes == NULL)
        return;
    lk_arena_t *arena = (*themes)->arena;
    *themes = NULL;
    lk_arena_destroy(&arena);
}

const char *lk_themes_version(const lk_themes_t *themes)
{
    return themes->version;
}

static const lk_theme_t *find_theme(const lk_themes_t *themes, const char *name)
{
    for (size_t i = 0; name != NULL && i != themes->count; ++i)
        if (strcmp(themes->themes[i].name, name) == 0)
            return &themes->themes[i];
    return &themes->themes[0];
}

/* The locale's, its language's, English. */
static void choose_bundles(const lk_theme_t *theme, const char *type, const char *locale, lk_page_t *page)
{
    const lk_theme_bundle_t *bundles[] = {find_bundle(theme, type, locale, strlen(locale)),
                                          find_bundle(theme, type, locale, strcspn(locale, "-_")),
                                          find_bundle(theme, type, "en", 2)};
    for (size_t i = 0; i != 3; ++i)
        if (bundles[i] != NULL && (page->num_bundles == 0 || page->bundles[page->num_bundles - 1] != bundles[i]))
            page->bundles[page->num_bundles++] = bundles[i];
}

static void begin_page(const lk_theme_t *theme, const char *type, const char *locale, const json_t *model, lk_arena_t *arena,
                       lk_page_t *ret_page)
{
    memset(ret_page, 0, sizeof(*ret_page));
    ret_page->locale = locale != NULL ? locale : "en";
    ret_page->model = model;
    ret_page->localization = json_object_get(model, "localizationTexts");
    ret_page->arena = arena;
    choose_bundles(theme, type, ret_page->locale, ret_page);
}

lk_status_t lk_theme_render(const lk_themes_t *themes, const char *theme_name, const char *template_name, const json_t *model,
                            const char *locale, lk_buffer_t *out, lk_error_t *err)
{
    const lk_theme_t *theme = find_theme(themes, theme_name);
    const char *slash = strchr(template_name, '/');
    const char *type = slash != NULL ? lk_strndup(out->arena, template_name, (size_t)(slash - template_name)) : "login";
    const char *name = slash != NULL ? template_name : lk_printf(out->arena, "login/%s", template_name);
    lk_page_t page;
    for (size_t i = 0; i != theme->num_templates; ++i) {
        if (strcmp(theme->templates[i].name, name) != 0)
            continue;
        begin_page(theme, type, locale, model, out->arena, &page);
        page.name = template_name;
        page.out = out;
        lk_template_render(&theme->templates[i], &page);
        return out->overflow ? lk_fail(err, LK_INTERNAL, NULL, "The page %s is too large", template_name) : LK_OK;
    }
    return lk_fail(err, LK_INTERNAL, NULL, "There is no template %s", name);
}

lk_status_t lk_theme_resource(const lk_themes_t *themes, const char *theme_name, const char *path,
                              lk_theme_resource_t *ret_resource, lk_error_t *err)
{
    const lk_theme_file_t *file = lk_theme_table_find(&find_theme(themes, theme_name)->files, path);
    if (file == NULL || file->resource.content_type == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "HTTP 404 Not Found");
    *ret_resource = file->resource;
    return LK_OK;
}

const char *lk_theme_text(const lk_themes_t *themes, const char *theme_name, const char *type, const char *locale,
                          const json_t *model, const char *key, const json_t *args, lk_arena_t *arena)
{
    lk_page_t page;
    begin_page(find_theme(themes, theme_name), type, locale, model, arena, &page);
    json_t *message = lk_json_own(arena, json_pack("{s:s}", "key", key));
    if (args != NULL)
        json_object_set(message, "args", (json_t *)args);
    return lk_value_text(&page, (lk_value_t){message, NULL}, 0);
}

const char *lk_theme_message(const lk_themes_t *themes, const char *theme_name, const char *locale, const json_t *model,
                             const char *key, const json_t *args, lk_arena_t *arena)
{
    return lk_theme_text(themes, theme_name, "login", locale, model, key, args, arena);
}

const char *const *lk_theme_locales(const lk_themes_t *themes, const char *theme_name)
{
    return find_theme(themes, theme_name)->locales;
}
