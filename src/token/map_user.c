/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include <openssl/evp.h>
#include "core/json.h"
#include "core/url.h"
#include "token/mapper.h"

/* Mappers that show the user. */

/* --- properties --- */

typedef enum en_property_kind_t { TEXT, FLAG, NUMBER } property_kind_t;
typedef struct st_property_t {
    const char *name;
    size_t offset;
    property_kind_t kind;
    int is_attribute; /* attribute mappers see it too */
} property_t;
static const property_t properties[] = {{"username", offsetof(lk_user_t, username), TEXT, 1},
                                        {"email", offsetof(lk_user_t, email), TEXT, 1},
                                        {"firstName", offsetof(lk_user_t, first_name), TEXT, 1},
                                        {"lastName", offsetof(lk_user_t, last_name), TEXT, 1},
                                        {"id", offsetof(lk_user_t, id), TEXT, 0},
                                        {"emailVerified", offsetof(lk_user_t, email_verified), FLAG, 0},
                                        {"enabled", offsetof(lk_user_t, enabled), FLAG, 0},
                                        {"createdTimestamp", offsetof(lk_user_t, created_timestamp), NUMBER, 0}};

static const property_t *find_property(const char *name)
{
    for (size_t i = 0; i != sizeof(properties) / sizeof(properties[0]); ++i)
        if (strcmp(properties[i].name, name) == 0)
            return &properties[i];
    return NULL;
}

static const char *property_text(lk_arena_t *arena, const property_t *property, const lk_user_t *user)
{
    const char *at = (const char *)user + property->offset;
    switch (property->kind) {
    case TEXT:
        return *(const char *const *)at;
    case FLAG:
        return *(const int *)at ? "true" : "false";
    case NUMBER:
        return lk_printf(arena, "%lld", (long long)*(const int64_t *)at);
    }
    return NULL;
}

int lk_compile_property(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step)
{
    (void)arena, (void)client, (void)mapper;
    step->more = find_property(step->text);
    return step->more != NULL;
}

void lk_map_property(lk_build_t *build, const lk_step_t *step)
{
    const char *value = property_text(build->arena, step->more, build->context->user);
    if (value != NULL)
        lk_step_put(build, step, &value, 1);
}

/* --- attributes --- */

/* A growing list of texts. */
typedef struct st_texts_t {
    const char **entries;
    size_t count, max;
} texts_t;

static void push_text(lk_arena_t *arena, texts_t *texts, const char *text)
{
    if (texts->count == texts->max) {
        const char **grown = LK_NEW_ARRAY(arena, const char *, texts->max * 2 + 4);
        if (texts->count != 0)
            memcpy(grown, texts->entries, texts->count * sizeof(*grown));
        texts->entries = grown;
        texts->max = texts->max * 2 + 4;
    }
    texts->entries[texts->count++] = text;
}

static int has_text(const texts_t *texts, const char *text)
{
    for (size_t i = 0; i != texts->count; ++i)
        if (strcmp(texts->entries[i], text) == 0)
            return 1;
    return 0;
}

/* Adds the values of an attribute out of {"name": [values]}. */
static void collect(lk_arena_t *arena, const json_t *attributes, const char *name, int distinct, texts_t *texts)
{
    json_t *value;
    size_t i;
    json_array_foreach(json_object_get(attributes, name), i, value)
    {
        const char *text = json_string_value(value);
        if (text != NULL && !(distinct && has_text(texts, text)))
            push_text(arena, texts, text);
    }
}

/* The user's own, else those of the first group that has the attribute, or whose parents have it; with `all`, those of all. */
static void attribute_values(lk_build_t *build, const char *name, const property_t *property, int all, texts_t *texts)
{
    const lk_user_t *user = build->context->user;
    const char *own = property != NULL ? property_text(build->arena, property, user) : NULL;
    if (own != NULL)
        push_text(build->arena, texts, own);
    else
        collect(build->arena, user->attributes, name, all, texts);
    for (size_t i = 0; i != user->num_groups && (texts->count == 0 || all); ++i)
        for (const lk_group_t *group = user->groups[i]; group != NULL && (texts->count == 0 || all); group = group->parent)
            collect(build->arena, group->attributes, name, all, texts);
}

int lk_compile_attribute(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step)
{
    (void)arena, (void)client, (void)mapper;
    const property_t *property = find_property(step->text);
    step->more = property != NULL && property->is_attribute ? property : NULL;
    return 1;
}

void lk_map_attribute(lk_build_t *build, const lk_step_t *step)
{
    texts_t texts = {NULL, 0, 0};
    attribute_values(build, step->text, step->more, step->flag, &texts);
    if (texts.count != 0)
        lk_step_put(build, step, texts.entries, texts.count);
}

/* --- names, address, groups --- */

void lk_map_full_name(lk_build_t *build, const lk_step_t *step)
{
    const char *name = lk_user_full_name(build->arena, build->context->user);
    (void)step;
    if (name != NULL && *name != '\0')
        lk_claims_set_text(build->arena, &build->claims, "name", name);
}

/* OpenID Connect Core 5.1.1. */
static const struct {
    const char *setting, *attribute, *claim;
} address_parts[] = {
    {"user.attribute.street", "street", "street_address"}, {"user.attribute.locality", "locality", "locality"},
    {"user.attribute.region", "region", "region"},         {"user.attribute.postal_code", "postal_code", "postal_code"},
    {"user.attribute.country", "country", "country"},      {"user.attribute.formatted", "formatted", "formatted"}};
#define NUM_PARTS (sizeof(address_parts) / sizeof(address_parts[0]))

int lk_compile_address(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step)
{
    const char **names = LK_NEW_ARRAY(arena, const char *, NUM_PARTS);
    (void)client;
    for (size_t i = 0; i != NUM_PARTS; ++i)
        names[i] = lk_json_config(mapper->config, address_parts[i].setting, address_parts[i].attribute);
    step->more = names;
    return 1;
}

void lk_map_address(lk_build_t *build, const lk_step_t *step)
{
    const char *const *names = step->more;
    for (size_t i = 0; i != NUM_PARTS; ++i) {
        texts_t texts = {NULL, 0, 0};
        attribute_values(build, names[i], NULL, 0, &texts);
        if (texts.count != 0)
            lk_claims_set_path(build->arena, &build->claims,
                               &(lk_claim_path_t){(const char *const[]){"address", address_parts[i].claim}, 2},
                               lk_claims_quote(build->arena, texts.entries[0]));
    }
}

void lk_map_groups(lk_build_t *build, const lk_step_t *step)
{
    const lk_user_t *user = build->context->user;
    const char **names = LK_NEW_ARRAY(build->arena, const char *, user->num_groups + 1);
    for (size_t i = 0; i != user->num_groups; ++i)
        names[i] = step->flag ? user->groups[i]->path : user->groups[i]->name;
    if (user->num_groups != 0)
        lk_step_put(build, step, names, user->num_groups);
}

/* --- subject --- */

void lk_map_subject(lk_build_t *build, const lk_step_t *step)
{
    (void)step;
    lk_claims_set_text(build->arena, &build->claims, "sub", build->context->user->id);
}

/* Host of the sector identifier, else of the redirect URI (OpenID Connect Core 8.1). */
int lk_compile_pairwise_subject(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step)
{
    const char *uri = lk_json_config(mapper->config, "sectorIdentifierUri", NULL);
    if (uri == NULL || *uri == '\0')
        uri = client->redirect_uris.count != 0 ? client->redirect_uris.entries[0] : "";
    size_t len;
    const char *host = lk_url_host(uri, &len);
    step->text = host == NULL ? uri : lk_strndup(arena, host, len);
    if (step->extra == NULL)
        step->extra = "";
    return 1;
}

/* A UUID of SHA-256(sector + user id + salt), made by MD5 as version 3 UUIDs are. */
void lk_map_pairwise_subject(lk_build_t *build, const lk_step_t *step)
{
    const char *text = lk_printf(build->arena, "%s%s%s", step->text, build->context->user->id, step->extra);
    unsigned char hash[EVP_MAX_MD_SIZE], d[EVP_MAX_MD_SIZE];
    unsigned len;
    if (!EVP_Digest(text, strlen(text), hash, &len, EVP_sha256(), NULL) || !EVP_Digest(hash, len, d, &len, EVP_md5(), NULL))
        return;
    d[6] = (unsigned char)((d[6] & 0x0f) | 0x30);
    d[8] = (unsigned char)((d[8] & 0x3f) | 0x80);
    lk_claims_set_text(build->arena, &build->claims, "sub",
                       lk_printf(build->arena, "%02x%02x%02x%02x-%02x%02x-%02x%02x-%02x%02x-%02x%02x%02x%02x%02x%02x", d[0], d[1],
                                 d[2], d[3], d[4], d[5], d[6], d[7], d[8], d[9], d[10], d[11], d[12], d[13], d[14], d[15]));
}
