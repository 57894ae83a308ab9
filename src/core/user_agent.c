/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/user_agent.h"

#define COUNT(list) (sizeof(list) / sizeof(list[0]))
#define UNKNOWN "Unknown"
#define OTHER "Other"

/* --- browsers: the first row whose marks are there --- */

static const struct {
    const char *mark, *second; /* both must be there; NULL: no second one */
    const char *version_after; /* NULL: after `mark` */
    const char *name;
    int num_parts; /* of the version */
} browsers[] = {
    {"EdgiOS/", NULL, NULL, "Edge Mobile", 3},
    {"EdgA/", NULL, NULL, "Edge Mobile", 3},
    {"Edg/", NULL, NULL, "Edge", 3},
    {"Edge/", NULL, NULL, "Edge", 3},
    {"OPR/", "Mobile Safari/", NULL, "Opera Mobile", 3},
    {"OPR/", NULL, NULL, "Opera", 3},
    {"Vivaldi/", NULL, NULL, "Vivaldi", 3},
    {"YaBrowser/", NULL, NULL, "Yandex Browser", 3},
    {"SamsungBrowser/", NULL, NULL, "Samsung Internet", 3},
    {"CriOS/", NULL, NULL, "Chrome Mobile iOS", 3},
    {"FxiOS/", NULL, NULL, "Firefox iOS", 3},
    {"HeadlessChrome/", NULL, NULL, "HeadlessChrome", 3},
    {"Chrome/", "; wv)", NULL, "Chrome Mobile WebView", 3},
    {"Chrome/", "Mobile Safari/", NULL, "Chrome Mobile", 3},
    {"Chrome/", NULL, NULL, "Chrome", 3},
    {"Firefox/", "Android", NULL, "Firefox Mobile", 3},
    {"Firefox/", NULL, NULL, "Firefox", 3},
    {"Safari/", "Mobile/", "Version/", "Mobile Safari", 3},
    {"Safari/", "Version/", "Version/", "Safari", 3},
    {"AppleWebKit/", "Mobile/", "\n", "Mobile Safari UI/WKWebView", 3},
    {"Trident/7.0", NULL, "rv:", "IE", 3},
    {"MSIE ", NULL, NULL, "IE", 3},
    {"Googlebot/", NULL, NULL, "Googlebot", 3},
    {"bingbot/", NULL, NULL, "bingbot", 3},
    {"python-requests/", NULL, NULL, "Python Requests", 2},
    {"curl/", NULL, NULL, "curl", 3},
    {"Wget/", NULL, NULL, "Wget", 3},
    {"Go-http-client/", NULL, NULL, "Go-http-client", 3},
    {"Apache-HttpClient/", NULL, NULL, "Apache-HttpClient", 3},
    {"okhttp/", NULL, NULL, "okhttp", 3},
    {"axios/", NULL, NULL, "axios", 3},
    {"PostmanRuntime/", NULL, NULL, "PostmanRuntime", 3},
    {"Java/", NULL, NULL, "Java", 3},
};

/* The digits from `at` on, parted by '.' or '_', as many parts as are wanted; NULL where there are none. */
static const char *version_at(lk_arena_t *arena, const char *at, int num_parts)
{
    size_t len = 0;
    for (int part = 0; part != num_parts; ++part) {
        size_t start = len != 0 ? len + 1 : 0, digits = 0;
        if (len != 0 && at[len] != '.' && at[len] != '_')
            break;
        digits = strspn(at + start, "0123456789");
        if (digits == 0)
            break;
        len = start + digits;
    }
    if (len == 0)
        return NULL;
    char *version = lk_strndup(arena, at, len);
    for (char *c = version; *c != '\0'; ++c)
        if (*c == '_')
            *c = '.';
    return version;
}

static const char *version_after(lk_arena_t *arena, const char *text, const char *mark, int num_parts)
{
    const char *at = strstr(text, mark);
    const char *version = at != NULL ? version_at(arena, at + strlen(mark), num_parts) : NULL;
    return version != NULL ? version : UNKNOWN;
}

static const char *browser_of(lk_arena_t *arena, const char *text)
{
    for (size_t i = 0; i != COUNT(browsers); ++i)
        if (strstr(text, browsers[i].mark) != NULL && (browsers[i].second == NULL || strstr(text, browsers[i].second) != NULL)) {
            const char *after = browsers[i].version_after != NULL ? browsers[i].version_after : browsers[i].mark;
            return lk_printf(arena, "%s/%s", browsers[i].name, version_after(arena, text, after, browsers[i].num_parts));
        }
    return OTHER "/" UNKNOWN;
}

/* --- operating systems --- */

static const struct {
    const char *mark, *name;
    const char *version; /* what it is; NULL: the digits after `version_after` */
    const char *version_after;
} systems[] = {
    {"Windows NT 10.0", "Windows", "10", NULL},   {"Windows NT 6.3", "Windows", "8.1", NULL},
    {"Windows NT 6.2", "Windows", "8", NULL},     {"Windows NT 6.1", "Windows", "7", NULL},
    {"Windows NT 6.0", "Windows", "Vista", NULL}, {"Windows NT 5.1", "Windows", "XP", NULL},
    {"Windows", "Windows", UNKNOWN, NULL},        {"iPhone OS ", "iOS", NULL, "iPhone OS "},
    {"iPad; CPU OS ", "iOS", NULL, "CPU OS "},    {"Android", "Android", NULL, "Android "},
    {"Mac OS X", "Mac OS X", NULL, "Mac OS X "},  {"CrOS", "Chrome OS", NULL, "CrOS x86_64 "},
    {"CFNetwork/", "iOS", UNKNOWN, NULL},         {"Ubuntu", "Ubuntu", NULL, "Ubuntu/"},
    {"Fedora", "Fedora", NULL, "Fedora/"},        {"Debian", "Debian", NULL, "Debian/"},
    {"FreeBSD", "FreeBSD", UNKNOWN, NULL},        {"Linux", "Linux", UNKNOWN, NULL},
};

static void find_system(lk_arena_t *arena, const char *text, lk_user_agent_t *agent)
{
    for (size_t i = 0; i != COUNT(systems); ++i)
        if (strstr(text, systems[i].mark) != NULL) {
            agent->os = systems[i].name;
            agent->os_version =
                systems[i].version != NULL ? systems[i].version : version_after(arena, text, systems[i].version_after, 3);
            return;
        }
}

/* --- devices --- */

static const struct {
    const char *mark, *name;
} devices[] = {
    {"iPhone;", "iPhone"},        {"iPad;", "iPad"},       {"iPod", "iPod"},      {"Macintosh", "Mac"},
    {"CFNetwork/", "iOS-Device"}, {"Googlebot", "Spider"}, {"bingbot", "Spider"},
};

/* How makers begin the names of their models, and what they are called. */
static const struct {
    const char *begin, *maker;
    int is_dropped; /* `begin` itself is no part of the name */
} makers[] = {
    {"SAMSUNG ", "Samsung ", 1}, {"SM-S", "Samsung ", 0},   {"SM-A", "Samsung ", 0},
    {"SM-G", "Samsung ", 0},     {"HUAWEI ", "Huawei ", 1}, {"Redmi ", "XiaoMi ", 0},
};

/* "(Linux; Android 13; Pixel 7 Build/TQ3A)": what follows the version; NULL where nothing does. */
static const char *model_of(lk_arena_t *arena, const char *text)
{
    const char *at = strstr(text, "Linux; Android "), *maker = "";
    if (at == NULL || strstr(text, "; wv)") != NULL)
        return NULL;
    at += strlen("Linux; Android ");
    at += strcspn(at, ";)");
    if (strncmp(at, "; ", 2) != 0)
        return NULL;
    at += 2;
    for (size_t i = 0; i != COUNT(makers); ++i)
        if (strncmp(at, makers[i].begin, strlen(makers[i].begin)) == 0) {
            maker = makers[i].maker;
            at += makers[i].is_dropped ? strlen(makers[i].begin) : 0;
            break;
        }
    size_t len = strcspn(at, ";)");
    const char *build = strstr(at, " Build/");
    if (build != NULL && build < at + len)
        len = (size_t)(build - at);
    return len != 0 ? lk_printf(arena, "%s%.*s", maker, (int)len, at) : NULL;
}

static const char *device_of(lk_arena_t *arena, const char *text, int is_mobile)
{
    for (size_t i = 0; i != COUNT(devices); ++i)
        if (strstr(text, devices[i].mark) != NULL)
            return devices[i].name;
    if (strstr(text, "Android") == NULL)
        return OTHER;
    const char *model = model_of(arena, text);
    return model != NULL ? model : is_mobile ? "Generic Smartphone" : "Generic Tablet";
}

lk_user_agent_t lk_user_agent_parse(lk_arena_t *arena, const char *text)
{
    lk_user_agent_t agent = {OTHER "/" UNKNOWN, OTHER, UNKNOWN, OTHER, 0};
    if (text == NULL)
        return agent;
    text = lk_strndup(arena, text, strnlen(text, LK_MAX_USER_AGENT));
    agent.is_mobile = strcasestr(text, "mobile") != NULL;
    agent.browser = browser_of(arena, text);
    find_system(arena, text, &agent);
    agent.device = device_of(arena, text, agent.is_mobile);
    return agent;
}
