/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <strings.h>
#include "core/json.h"
#include "login/events.h"
#include "login/page.h"

/* --- locale --- */

/* The realm's locale that a tag or language range asks for: "de-AT" is answered with "de". NULL where it has none. */
static const char *supported_locale(const lk_realm_t *realm, const char *tag, size_t len)
{
    for (size_t i = 0; i != realm->supported_locales.count; ++i) {
        const char *locale = realm->supported_locales.entries[i];
        size_t locale_len = strlen(locale);
        if (locale_len <= len && strncasecmp(locale, tag, locale_len) == 0 && (locale_len == len || tag[locale_len] == '-'))
            return locale;
    }
    return NULL;
}

/* First supported one of a list: ui_locales (separated by spaces) or Accept-Language (by commas, with weights that are taken as
 * ordered). */
static const char *first_supported(const lk_realm_t *realm, const char *list, const char *separators)
{
    for (const char *at = list; at != NULL && *at != '\0';) {
        at += strspn(at, separators);
        size_t len = strcspn(at, separators);
        const char *end = memchr(at, ';', len), *locale = supported_locale(realm, at, end == NULL ? len : (size_t)(end - at));
        if (locale != NULL)
            return locale;
        at += len;
    }
    return NULL;
}

const char *lk_page_chosen_locale(const lk_request_t *req, const lk_realm_t *realm)
{
    int may_choose = realm->internationalization_enabled && strstr(req->path, "/login-actions/") != NULL;
    return may_choose ? first_supported(realm, lk_pairs_get(&req->query, "kc_locale"), " ") : NULL;
}

static const char *page_locale(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login)
{
    const char *locale = NULL,
               *fallback = realm->default_locale != NULL && *realm->default_locale != '\0' ? realm->default_locale : "en";
    if (!realm->internationalization_enabled)
        return "en";
    if ((locale = lk_page_chosen_locale(req, realm)) != NULL)
        return locale;
    if ((locale = first_supported(realm, lk_request_cookie(req, "KEYCLOAK_LOCALE"), " ")) != NULL)
        return locale;
    if (login != NULL && (locale = first_supported(realm, login->auth.ui_locales, " ")) != NULL)
        return locale;
    locale = first_supported(realm, lk_request_header(req, "accept-language"), ", ");
    return locale != NULL ? locale : fallback;
}

/* `here`: the login's own address; NULL where there is none to go on with. */
static json_t *locale_links(const lk_request_t *req, const lk_realm_t *realm, const char *here, const char *current)
{
    json_t *supported = json_array();
    for (size_t i = 0; here != NULL && i != realm->supported_locales.count; ++i) {
        const char *tag = realm->supported_locales.entries[i], *url = lk_printf(req->arena, "%s&kc_locale=%s", here, tag);
        json_array_append_new(supported,
                              json_pack("{s:s, s:{s:s}, s:s, s:b}", "tag", tag, "label", "key",
                                        lk_printf(req->arena, "locale_%s", tag), "url", url, "current", strcmp(tag, current) == 0));
    }
    return json_pack("{s:s, s:s, s:o}", "tag", current, "current", current, "supported", supported);
}

/* --- model --- */

static json_t *text(const char *value)
{
    return json_string(value != NULL ? value : "");
}

static json_t *realm_model(const lk_realm_t *realm)
{
    const char *display = realm->display_name != NULL && *realm->display_name != '\0' ? realm->display_name : realm->name;
    const char *html = realm->display_name_html != NULL && *realm->display_name_html != '\0' ? realm->display_name_html : display;
    return json_pack("{s:b, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:b, s:b, s:b}", "password", 1, "name", realm->name, "displayName",
                     display, "displayNameHtml", html, "rememberMe", realm->remember_me, "registrationAllowed",
                     realm->registration_allowed, "resetPasswordAllowed", realm->reset_password_allowed, "loginWithEmailAllowed",
                     realm->login_with_email_allowed, "registrationEmailAsUsername", realm->registration_email_as_username,
                     "internationalizationEnabled", realm->internationalization_enabled, "editUsernameAllowed",
                     realm->edit_username_allowed);
}

const char *lk_page_client_address(const lk_request_t *req, const lk_client_t *client)
{
    if (client->base_url == NULL || *client->base_url == '\0')
        return client->root_url != NULL && strstr(client->root_url, "://") != NULL ? client->root_url : "";
    if (strstr(client->base_url, "://") != NULL)
        return client->base_url;
    if (client->root_url != NULL && strstr(client->root_url, "://") != NULL)
        return lk_printf(req->arena, "%s%s", client->root_url, client->base_url);
    const char *host = strstr(req->base_url, "://");
    if (host != NULL && (client->root_url == NULL || *client->root_url == '\0')) /* of the host, not of the server below it */
        return lk_printf(req->arena, "%.*s%s", (int)(host + 3 + strcspn(host + 3, "/") - req->base_url), req->base_url,
                         client->base_url);
    return lk_printf(req->arena, "%s%s", req->base_url, client->base_url);
}

static json_t *client_model(const lk_request_t *req, const lk_client_t *client)
{
    return json_pack("{s:s, s:o, s:s}", "clientId", client->client_id, "name",
                     text(client->name != NULL && *client->name != '\0' ? client->name : client->client_id), "baseUrl",
                     lk_page_client_address(req, client));
}

static json_t *url_model(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login)
{
    const char *theme = realm->login_theme != NULL && *realm->login_theme != '\0' ? realm->login_theme : "base";
    json_t *url = json_pack("{s:s}", "resourcesPath",
                            lk_printf(req->arena, "%s/resources/%s/login/%s", req->base_path, req->app->theme_version, theme));
    if (login == NULL)
        return url;
    const struct {
        const char *member, *action;
        int shown;
    } links[] = {{"loginUrl", "authenticate", 1},
                 {"registrationUrl", "registration", realm->registration_allowed},
                 {"loginResetCredentialsUrl", "reset-credentials", realm->reset_password_allowed},
                 {"loginRestartFlowUrl", "restart", 1}};
    lk_login_code_t code = lk_login_code(req->arena, realm, login);
    for (size_t i = 0; i != sizeof(links) / sizeof(links[0]); ++i)
        if (links[i].shown)
            json_object_set_new(url, links[i].member, json_string(lk_login_page_url(req, realm, login, &code, links[i].action)));
    return url;
}

json_t *lk_page_model(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login)
{
    const char *locale = page_locale(req, realm, login);
    json_t *model = json_object(), *url = url_model(req, realm, login);
    json_object_set_new(model, "realm", realm_model(realm));
    json_object_set_new(model, "url", url);
    json_object_set_new(model, "locale",
                        locale_links(req, realm, client != NULL ? lk_json_str(url, "loginUrl", NULL) : NULL, locale));
    if (client != NULL)
        json_object_set_new(model, "client", client_model(req, client));
    json_t *texts = json_object_get(realm->localization_texts, locale);
    if (texts != NULL)
        json_object_set(model, "localizationTexts", texts);
    return model;
}

json_t *lk_page_text(const char *key, const char *argument)
{
    json_t *object = json_pack("{s:s}", "key", key);
    if (argument != NULL)
        json_object_set_new(object, "args", json_pack("[s]", argument));
    return object;
}

void lk_page_message(json_t *model, const char *type, const char *key, const char *argument)
{
    json_object_set_new(model, "message", json_pack("{s:s, s:o}", "type", type, "text", lk_page_text(key, argument)));
}

void lk_page_message_two(json_t *model, const char *type, const char *key, const char *first, const char *second)
{
    json_object_set_new(model, "message",
                        json_pack("{s:s, s:{s:s, s:[s?, s?]}}", "type", type, "text", "key", key, "args", first, second));
}

/* A field may have several. */
static void add_field_message(json_t *model, const char *field, json_t *text)
{
    json_t *fields = json_object_get(model, "messagesPerField");
    if (fields == NULL)
        json_object_set_new(model, "messagesPerField", fields = json_object());
    json_t *texts = json_object_get(fields, field);
    if (texts == NULL)
        json_object_set_new(fields, field, texts = json_array());
    json_array_append_new(texts, text);
}

void lk_page_field_message(json_t *model, const char *field, const char *key, const char *argument)
{
    add_field_message(model, field, lk_page_text(key, argument));
}

void lk_page_field_message_args(json_t *model, const char *field, const char *key, json_t *args)
{
    json_t *message = lk_page_text(key, NULL);
    if (args != NULL)
        json_object_set(message, "args", args);
    add_field_message(model, field, message);
}

/* --- answers --- */

void lk_page_headers(const lk_realm_t *realm, int flags, lk_reply_t *reply)
{
    (void)realm;
    if (flags & LK_PAGE_NO_STORE)
        lk_reply_set_header(reply, "cache-control", "no-store, must-revalidate, max-age=0");
}

void lk_page_show(const lk_request_t *req, const lk_realm_t *realm, int status, const char *template_name, json_t *model,
                  lk_reply_t *reply)
{
    const char *locale = lk_json_str(json_object_get(model, "locale"), "tag", "en");
    reply->page_locale = lk_strdup(req->arena, locale);
    reply->page_theme = realm->login_theme;
    lk_reply_page(reply, status, template_name, model);
    lk_reply_set_header(reply, "content-language", reply->page_locale);
}

void lk_login_error_page(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, int status, const char *key,
                         lk_reply_t *reply)
{
    lk_login_event_page(req, key, NULL);
    json_t *model = lk_page_model(req, realm, client, NULL);
    lk_page_message(model, "error", key, NULL);
    lk_page_show(req, realm, status, "error", model, reply);
}
