/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include "admin/handlers.h"
#include "core/json.h"

/* What Keycloak refuses in a ClientRepresentation, in its words; all complaints come at once. */

enum { RELATIVE = 1, NO_FRAGMENT = 2, IS_URI = 4 };

/* Texts that hold URLs: members and attributes; several values in an array, or separated by "##". */
static const struct {
    const char *member, *attribute;
    const char *name; /* in the complaint */
    unsigned rules;
    const char *illegal_scheme, *invalid; /* instead of "uses an illegal scheme" and "is not a valid URL" */
} urls[] = {
    {"rootUrl", NULL, "Root URL", NO_FRAGMENT},
    {"redirectUris", NULL, "A redirect URI", RELATIVE | NO_FRAGMENT | IS_URI},
    {"baseUrl", NULL, "Base URL", 0},
    {"adminUrl", NULL, "Admin URL", 0},
    {NULL, "backchannel.logout.url", "Backchannel logout URL", 0},
    {NULL, "frontchannel.logout.url", "Front-channel logout URL", 0},
    {NULL, "logoUri", "Logo URL", 0},
    {NULL, "policyUri", "Policy URL", 0},
    {NULL, "tosUri", "Terms of service URL", 0},
    {NULL, "jwks.url", "JWKS URL", 0},
    {NULL, "post.logout.redirect.uris", "A post-logout redirect URI", RELATIVE | NO_FRAGMENT | IS_URI},
    {NULL, "request.uris", "Valid request URIs", RELATIVE | IS_URI, "has a value with illegal scheme", "has an invalid value"},
};

static int has_illegal_scheme(const char *url)
{
    return strncasecmp(url, "javascript:", 11) == 0 || strncasecmp(url, "data:", 5) == 0;
}

/* Characters that no URI may hold. */
static int has_odd_character(const char *url)
{
    return url[strcspn(url, " \"<>\\^`{|}")] != '\0';
}

static int is_url(const char *url)
{
    const char *colon = strstr(url, "://");
    return colon != NULL && colon != url && colon[3] != '\0' && !has_odd_character(url);
}

static const char *complaint_about(size_t i, const char *url)
{
    unsigned rules = urls[i].rules;
    if (*url == '\0' || (strcmp(url, "+") == 0 || strcmp(url, "-") == 0))
        return NULL;
    if (has_illegal_scheme(url))
        return urls[i].illegal_scheme != NULL ? urls[i].illegal_scheme : "uses an illegal scheme";
    if ((rules & NO_FRAGMENT) && strchr(url, '#') != NULL)
        return "must not contain an URL fragment";
    if (strncmp(url, "${", 2) == 0 || ((rules & RELATIVE) == 0 && strcmp(urls[i].name, "Root URL") != 0 && *url == '/'))
        return NULL;
    if ((rules & RELATIVE) ? has_odd_character(url) : !is_url(url))
        return urls[i].invalid != NULL ? urls[i].invalid : (rules & IS_URI) ? "is not a valid URI" : "is not a valid URL";
    return NULL;
}

static void complain(lk_buffer_t *out, const char *subject, const char *complaint)
{
    if (complaint != NULL)
        lk_buffer_printf(out, "%s%s%s%s", out->len != 0 ? "; " : "", subject, *complaint != '\0' ? " " : "", complaint);
}

static void check_urls(lk_buffer_t *out, lk_arena_t *arena, const json_t *rep, size_t i)
{
    const json_t *value = urls[i].member != NULL ? json_object_get(rep, urls[i].member)
                                                 : json_object_get(json_object_get(rep, "attributes"), urls[i].attribute);
    const char *complaint = NULL;
    json_t *entry;
    size_t at;
    json_array_foreach((json_t *)value, at, entry)
    {
        if (complaint == NULL && json_is_string(entry))
            complaint = complaint_about(i, json_string_value(entry));
    }
    for (const char *text = json_string_value(value); complaint == NULL && text != NULL;) {
        const char *end = urls[i].rules & RELATIVE ? strstr(text, "##") : NULL;
        complaint = complaint_about(i, end != NULL ? lk_strndup(arena, text, (size_t)(end - text)) : text);
        text = end != NULL ? end + 2 : NULL;
    }
    complain(out, urls[i].name, complaint);
}

/* --- levels of authentication --- */

static json_t *loa_map(lk_arena_t *arena, const json_t *attributes)
{
    const char *text = lk_json_str(attributes, "acr.loa.map", "{}");
    json_t *map = NULL, *level;
    const char *name;
    if (lk_json_parse(arena, text, strlen(text), &map, NULL) != LK_OK || !json_is_object(map))
        return NULL;
    json_object_foreach(map, name, level)
    {
        if (!json_is_integer(level) && lk_json_config_int(map, name, -1) < 0)
            return NULL;
    }
    return map;
}

static void check_levels(lk_buffer_t *out, lk_arena_t *arena, const json_t *attributes)
{
    json_t *map = loa_map(arena, attributes);
    const char *minimum = lk_json_str(attributes, "minimum.acr.value", ""),
               *text = lk_json_str(attributes, "default.acr.values", "");
    if (map == NULL) {
        complain(out, "Invalid client configuration (ACR-LOA map) for client", "");
        return;
    }
    for (const char *end; *text != '\0'; text = *end != '\0' ? end + 2 : end) {
        end = strstr(text, "##") != NULL ? strstr(text, "##") : text + strlen(text);
        if (json_object_get(map, lk_strndup(arena, text, (size_t)(end - text))) == NULL) {
            complain(
                out,
                "Default ACR values need to contain values specified in the ACR-To-Loa mapping or number levels from set realm "
                "browser flow",
                "");
            break;
        }
    }
    if (*minimum != '\0' && json_object_get(map, minimum) == NULL)
        complain(
            out,
            "Minimum ACR value needs to be value specified in the ACR-To-Loa mapping or number level from set realm browser flow",
            "");
}

/* No client's session may outlast the session that it belongs to. */
static const struct {
    const char *attribute, *complaint, *with_remember_me;
    const char *field, *limit, *remembered; /* of the realm */
    const char *realm_complaint;
} spans[] = {
    {"client.session.idle.timeout", "Client session idle timeout cannot exceed realm SSO session idle timeout",
     " and RememberMe idle timeout", "clientSessionIdleTimeout", "ssoSessionIdleTimeout", "ssoSessionIdleTimeoutRememberMe",
     "Client Session Idle Timeout cannot be greater than Realm SSO Idle Timeout"},
    {"client.session.max.lifespan", "Client session max lifespan cannot exceed realm SSO session max lifespan",
     " and RememberMe max lifespan", "clientSessionMaxLifespan", "ssoSessionMaxLifespan", "ssoSessionMaxLifespanRememberMe",
     "Client session max lifespan cannot exceed realm SSO session max lifespan"},
};
#define NUM_SPANS (sizeof(spans) / sizeof(spans[0]))

static int is_too_long(const json_t *realm, size_t span, int64_t wanted)
{
    int64_t limit = lk_json_int(realm, spans[span].limit, 0), remembered = lk_json_int(realm, spans[span].remembered, 0);
    return wanted > (lk_json_bool(realm, "rememberMe", 0) && remembered > limit ? remembered : limit);
}

lk_status_t lk_realm_spans_check(const json_t *realm, lk_error_t *err)
{
    int remember_me = lk_json_bool(realm, "rememberMe", 0);
    for (size_t i = 0; i != NUM_SPANS; ++i)
        if (is_too_long(realm, i, lk_json_int(realm, spans[i].field, 0)))
            return lk_fail(err, LK_INVALID, "errorMessage", "%s%s.", remember_me ? spans[i].complaint : spans[i].realm_complaint,
                           remember_me ? spans[i].with_remember_me : "");
    return LK_OK;
}

static void check_spans(lk_buffer_t *out, lk_arena_t *arena, const lk_admin_t *admin, const json_t *attributes)
{
    json_t *realm = lk_json_own(arena, json_deep_copy(admin->realm->rep));
    lk_rep_fill(&lk_realm_fields, realm);
    for (size_t i = 0; i != NUM_SPANS; ++i)
        if (is_too_long(realm, i, lk_json_config_int(attributes, spans[i].attribute, 0)))
            complain(out, lk_printf(arena, "%s%s.", spans[i].complaint, admin->realm->remember_me ? spans[i].with_remember_me : ""),
                     "");
}

static int is_flow_binding(const lk_admin_t *admin, const json_t *overrides)
{
    const char *name;
    json_t *id;
    json_object_foreach((json_t *)overrides, name, id)
    {
        int known = !json_is_string(id) || json_string_length(id) == 0;
        for (size_t i = 0; !known && i != admin->realm->num_flows; ++i)
            known = strcmp(admin->realm->flows[i].id, json_string_value(id)) == 0;
        if (!known)
            return 0;
    }
    return 1;
}

static lk_status_t check_sectors(const lk_admin_t *admin, const json_t *rep, lk_error_t *err)
{
    size_t i;
    json_t *mapper;
    json_array_foreach(json_object_get(rep, "protocolMappers"), i, mapper)
    {
        lk_status_t status = LK_OK;
        if (strcmp(lk_json_str(mapper, "protocolMapper", ""), LK_PAIRWISE_MAPPER) == 0)
            status = lk_pairwise_check(admin->req, rep, mapper, err);
        if (status == LK_INVALID)
            return lk_fail(err, LK_INVALID, "invalid_input", "%s", lk_strdup(admin->req->arena, err->text));
        if (status != LK_OK)
            return status;
    }
    return LK_OK;
}

lk_status_t lk_client_check(lk_admin_t *admin, const json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_buffer_t out;
    const char *id = lk_json_str(rep, "clientId", ""), *protocol = lk_json_str(rep, "protocol", "openid-connect");
    const char *notify = lk_json_str(json_object_get(rep, "attributes"), "ciba.backchannel.client.notification.endpoint", "");
    lk_buffer_init(&out, arena, 4096);
    if (id[strspn(id, " \t\r\n")] == '\0')
        complain(&out, "Client ID cannot be blank", "");
    for (size_t i = 0; i != sizeof(urls) / sizeof(urls[0]); ++i)
        check_urls(&out, arena, rep, i);
    if (*notify != '\0' && !is_url(notify))
        complain(&out, "The url [backchannel_client_notification_endpoint] is malformed", "");
    check_levels(&out, arena, json_object_get(rep, "attributes"));
    check_spans(&out, arena, admin, json_object_get(rep, "attributes"));
    if (strcmp(protocol, "openid-connect") != 0 && strcmp(protocol, "saml") != 0 && strcmp(protocol, "docker-v2") != 0)
        complain(&out, lk_printf(arena, "Invalid protocol: %s", protocol), "");
    if (out.len != 0)
        return lk_fail(err, LK_INVALID, "invalid_input", "%s", out.base);
    if (!is_flow_binding(admin, json_object_get(rep, "authenticationFlowBindingOverrides")))
        return lk_fail(err, LK_INVALID, "invalid_input", "Unknown authentication flow");
    return check_sectors(admin, rep, err);
}
