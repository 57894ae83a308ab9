/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "broker/mappers.h"
#include "core/json.h"
#include "crypto/crypto.h"

/* Mappers that write names, attributes and notes. */

#define MAX_NAME 4096

/* A claim's values as an array of texts; NULL where there is none. */
static json_t *texts_of(lk_arena_t *arena, const json_t *value)
{
    json_t *texts = lk_json_own(arena, json_array()), *element;
    size_t i;
    if (!json_is_array(value)) {
        const char *text = lk_json_as_text(arena, value);
        if (text != NULL)
            json_array_append_new(texts, json_string(text));
    }
    json_array_foreach(value, i, element)
    {
        const char *text = lk_json_as_text(arena, element);
        if (text != NULL)
            json_array_append_new(texts, json_string(text));
    }
    return json_array_size(texts) != 0 ? texts : NULL;
}

/* Into the description: names and e-mail address are members of it. */
static void describe(const lk_mapping_t *mapping, const char *attribute, json_t *values)
{
    lk_brokered_t *brokered = mapping->brokered;
    const struct {
        const char *name;
        const char **member;
    } members[] = {{"email", &brokered->email},
                   {"firstName", &brokered->first_name},
                   {"lastName", &brokered->last_name},
                   {"username", &brokered->local_username}};
    if (attribute == NULL || values == NULL)
        return;
    for (size_t i = 0; i != sizeof(members) / sizeof(members[0]); ++i)
        if (strcmp(members[i].name, attribute) == 0) {
            *members[i].member = json_string_value(json_array_get(values, 0));
            return;
        }
    json_object_set(brokered->attributes, attribute, values);
}

/* --- claim to attribute --- */

static json_t *claim_values(const lk_mapping_t *mapping)
{
    return texts_of(mapping->arena,
                    lk_brokered_claim(mapping->arena, mapping->brokered, lk_mapping_config(mapping, "claim", NULL)));
}

void lk_idp_map_attribute_prepare(const lk_mapping_t *mapping)
{
    describe(mapping, lk_mapping_config(mapping, "user.attribute", NULL), claim_values(mapping));
}

void lk_idp_map_attribute(const lk_mapping_t *mapping)
{
    const char *attribute = lk_mapping_config(mapping, "user.attribute", NULL);
    if (attribute != NULL)
        lk_patch_attribute(mapping->patch, attribute, claim_values(mapping));
}

/* --- member of the profile to attribute: the social types --- */

/* "contact.address[0].country" */
static json_t *json_values(const lk_mapping_t *mapping)
{
    const char *at = lk_mapping_config(mapping, "jsonField", "");
    const json_t *value = json_object_get(mapping->brokered->claims, "userinfo");
    while (*at != '\0' && value != NULL) {
        size_t len = strcspn(at, ".[");
        char *end = NULL;
        if (len != 0)
            value = json_object_get(value, lk_strndup(mapping->arena, at, len));
        at += len;
        if (*at == '[') {
            value = json_array_get(value, strtoul(at + 1, &end, 10));
            at = *end == ']' ? end + 1 : end + strlen(end);
        }
        at += *at == '.';
    }
    return texts_of(mapping->arena, value);
}

void lk_idp_map_json_prepare(const lk_mapping_t *mapping)
{
    describe(mapping, lk_mapping_config(mapping, "userAttribute", lk_mapping_config(mapping, "jsonField", NULL)),
             json_values(mapping));
}

void lk_idp_map_json(const lk_mapping_t *mapping)
{
    const char *attribute = lk_mapping_config(mapping, "userAttribute", lk_mapping_config(mapping, "jsonField", NULL));
    if (attribute != NULL)
        lk_patch_attribute(mapping->patch, attribute, json_values(mapping));
}

/* --- fixed values --- */

static json_t *fixed_values(const lk_mapping_t *mapping)
{
    return lk_json_own(mapping->arena, json_pack("[s]", lk_mapping_config(mapping, "attribute.value", "")));
}

void lk_idp_map_hardcoded_attribute_prepare(const lk_mapping_t *mapping)
{
    describe(mapping, lk_mapping_config(mapping, "attribute", NULL), fixed_values(mapping));
}

void lk_idp_map_hardcoded_attribute(const lk_mapping_t *mapping)
{
    const char *attribute = lk_mapping_config(mapping, "attribute", NULL);
    if (attribute != NULL)
        lk_patch_attribute(mapping->patch, attribute, fixed_values(mapping));
}

void lk_idp_map_session_attribute(const lk_mapping_t *mapping)
{
    const char *attribute = lk_mapping_config(mapping, "attribute", NULL);
    if (attribute != NULL)
        json_object_set_new(mapping->brokered->session_notes, attribute,
                            json_string(lk_mapping_config(mapping, "attribute.value", "")));
}

/* Claims that are as wanted become notes of their own name. */
void lk_idp_map_session_notes(const lk_mapping_t *mapping)
{
    const char *text = lk_mapping_config(mapping, "claims", "[]");
    int is_pattern = lk_json_config_bool(mapping->mapper->config, "are.claim.values.regex", 0);
    json_t *list, *entry;
    size_t i;
    if (lk_json_parse(mapping->arena, text, strlen(text), &list, NULL) != LK_OK)
        return;
    json_array_foreach(list, i, entry)
    {
        const char *key = lk_json_str(entry, "key", NULL);
        const json_t *value = lk_brokered_claim(mapping->arena, mapping->brokered, key);
        if (value != NULL && lk_claim_is(mapping->arena, value, lk_json_str(entry, "value", ""), is_pattern))
            json_object_set_new(mapping->brokered->session_notes, key, json_string(lk_json_as_text(mapping->arena, value)));
    }
}

/* --- user names: "${ALIAS}.${CLAIM.preferred_username | localpart}" --- */

static const char *upper(lk_arena_t *arena, const char *text)
{
    char *copy = lk_strdup(arena, text);
    for (char *c = copy; *c != '\0'; ++c)
        if (*c >= 'a' && *c <= 'z')
            *c = (char)(*c - 'a' + 'A');
    return copy;
}

static const char *lower(lk_arena_t *arena, const char *text)
{
    return lk_utf8_lower(arena, text);
}

static const char *local_part(lk_arena_t *arena, const char *text)
{
    return lk_strndup(arena, text, strcspn(text, "@"));
}

static const struct {
    const char *name;
    const char *(*transform)(lk_arena_t *arena, const char *text);
} transforms[] = {{"uppercase", upper}, {"lowercase", lower}, {"localpart", local_part}};

static const char *trim(lk_arena_t *arena, const char *text, size_t len)
{
    while (len != 0 && *text == ' ')
        ++text, --len;
    while (len != 0 && text[len - 1] == ' ')
        --len;
    return lk_strndup(arena, text, len);
}

static const char *hole_value(const lk_mapping_t *mapping, const char *name)
{
    if (strcmp(name, "ALIAS") == 0)
        return mapping->upstream->provider->alias;
    if (strcmp(name, "UUID") == 0)
        return lk_random_uuid(mapping->arena);
    if (strncmp(name, "CLAIM.", 6) == 0) {
        const char *text = lk_json_as_text(mapping->arena, lk_brokered_claim(mapping->arena, mapping->brokered, name + 6));
        return text != NULL ? text : "";
    }
    return NULL;
}

static void write_hole(const lk_mapping_t *mapping, const char *hole, size_t len, lk_buffer_t *out)
{
    const char *bar = memchr(hole, '|', len);
    const char *name = trim(mapping->arena, hole, bar != NULL ? (size_t)(bar - hole) : len);
    const char *value = hole_value(mapping, name);
    const char *wanted = bar != NULL ? trim(mapping->arena, bar + 1, len - (size_t)(bar + 1 - hole)) : "";
    for (size_t i = 0; value != NULL && i != sizeof(transforms) / sizeof(transforms[0]); ++i)
        if (strcmp(transforms[i].name, wanted) == 0)
            value = transforms[i].transform(mapping->arena, value);
    if (value != NULL)
        lk_buffer_puts(out, value);
    else
        lk_buffer_printf(out, "${%.*s}", (int)len, hole);
}

static const char *fill_template(const lk_mapping_t *mapping)
{
    const char *at = lk_mapping_config(mapping, "template", "${ALIAS}.${CLAIM.preferred_username}"), *hole, *end;
    lk_buffer_t out;
    lk_buffer_init(&out, mapping->arena, MAX_NAME);
    while ((hole = strstr(at, "${")) != NULL && (end = strchr(hole, '}')) != NULL) {
        lk_buffer_append(&out, at, (size_t)(hole - at));
        write_hole(mapping, hole + 2, (size_t)(end - hole - 2), &out);
        at = end + 1;
    }
    lk_buffer_puts(&out, at);
    return out.base;
}

void lk_idp_map_username_prepare(const lk_mapping_t *mapping)
{
    lk_brokered_t *brokered = mapping->brokered;
    const struct {
        const char *name;
        const char **member;
    } targets[] = {{"LOCAL", &brokered->local_username}, {"BROKER_ID", &brokered->id}, {"BROKER_USERNAME", &brokered->username}};
    const char *target = lk_mapping_config(mapping, "target", "LOCAL"), *name = fill_template(mapping);
    for (size_t i = 0; *name != '\0' && i != sizeof(targets) / sizeof(targets[0]); ++i)
        if (strcmp(targets[i].name, target) == 0)
            *targets[i].member = name;
}

void lk_idp_map_username(const lk_mapping_t *mapping)
{
    if (strcmp(lk_mapping_config(mapping, "target", "LOCAL"), "LOCAL") == 0 && mapping->brokered->local_username != NULL)
        mapping->patch->username = lk_utf8_lower(mapping->arena, mapping->brokered->local_username);
}
