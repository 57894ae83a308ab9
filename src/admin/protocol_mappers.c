/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "crypto/crypto.h"
#include "token/mapper.h"

/* Protocol mappers of a client or client scope: the mount's kind. They are an array in its representation. */

#define SALT "pairwiseSubAlgorithmSalt"

static json_t *without_empty(const json_t *config)
{
    json_t *kept = json_object(), *value;
    const char *name;
    json_object_foreach((json_t *)config, name, value)
    {
        if (json_is_string(value) && json_string_length(value) != 0)
            json_object_set(kept, name, value);
    }
    return kept;
}

static json_t *completed(lk_arena_t *arena, const json_t *given)
{
    json_t *mapper = lk_rep_strict(&lk_mapper_fields, given);
    lk_rep_fill(&lk_mapper_fields, mapper);
    if (lk_json_str(mapper, "id", NULL) == NULL)
        json_object_set_new(mapper, "id", json_string(lk_random_uuid(arena)));
    json_t *config = without_empty(json_object_get(mapper, "config"));
    if (strcmp(lk_json_str(mapper, "protocolMapper", ""), LK_PAIRWISE_MAPPER) == 0 && json_object_get(config, SALT) == NULL)
        json_object_set_new(config, SALT, json_string(lk_random_uuid(arena)));
    json_object_set_new(mapper, "config", config);
    return mapper;
}

void lk_mappers_complete(lk_arena_t *arena, json_t *mappers, int are_new)
{
    for (size_t i = 0; i != json_array_size(mappers); ++i) {
        json_array_set_new(mappers, i, completed(arena, json_array_get(mappers, i)));
        if (are_new)
            lk_mapper_rep_complete(json_array_get(mappers, i));
    }
}

/* --- the array of what the mount resolved --- */

typedef struct st_holder_t {
    json_t *rep, *mappers;
} holder_t;

static lk_status_t load(lk_admin_t *admin, holder_t *holder, lk_error_t *err)
{
    lk_status_t status = lk_kind_find(admin, admin->mount->kind, admin->id, &holder->rep, err);
    if (status != LK_OK)
        return status;
    holder->mappers = json_object_get(holder->rep, "protocolMappers");
    if (!json_is_array(holder->mappers))
        json_object_set_new(holder->rep, "protocolMappers", holder->mappers = json_array());
    return LK_OK;
}

static lk_status_t store(lk_admin_t *admin, holder_t *holder, lk_error_t *err)
{
    return lk_kind_write(admin, admin->mount->kind, holder->rep, err);
}

/* The one that the row names. */
static lk_status_t load_one(lk_admin_t *admin, holder_t *holder, size_t *ret_index, lk_error_t *err)
{
    size_t i;
    json_t *mapper;
    lk_status_t status = load(admin, holder, err);
    if (status != LK_OK)
        return status;
    json_array_foreach(holder->mappers, i, mapper)
    {
        if (strcmp(lk_json_str(mapper, "id", ""), admin->args[0]) == 0) {
            *ret_index = i;
            return LK_OK;
        }
    }
    return lk_fail(err, LK_NOT_FOUND, NULL, "Model not found");
}

/* --- reading --- */

/* What the mapper does is shown rather than what is stored: a switch that is not there goes with another one. */
static json_t *show(const json_t *mapper)
{
    static const char *const switches[][2] = {{"access.token.claim", "introspection.token.claim"},
                                              {"id.token.claim", "userinfo.token.claim"}};
    json_t *shown = lk_rep_answer(&lk_mapper_fields, mapper, 0), *config = json_copy(json_object_get(mapper, "config"));
    int is_oidc = strncmp(lk_json_str(mapper, "protocolMapper", ""), "oidc-", 5) == 0;
    for (size_t i = 0; is_oidc && i != sizeof(switches) / sizeof(switches[0]); ++i)
        if (json_object_get(config, switches[i][1]) == NULL)
            json_object_set(config, switches[i][1], json_object_get(config, switches[i][0]));
    json_object_set_new(shown, "config", config != NULL ? config : json_object());
    return shown;
}

static lk_status_t list(lk_admin_t *admin, const char *protocol, lk_error_t *err)
{
    holder_t holder;
    json_t *shown = json_array(), *mapper;
    size_t i;
    lk_status_t status = load(admin, &holder, err);
    if (status != LK_OK)
        return status;
    json_array_foreach(holder.mappers, i, mapper)
    {
        if (protocol == NULL || strcmp(lk_json_str(mapper, "protocol", ""), protocol) == 0)
            json_array_append_new(shown, show(mapper));
    }
    return lk_admin_reply(admin, shown);
}

lk_status_t lk_mappers_list(lk_admin_t *admin, lk_error_t *err)
{
    return list(admin, NULL, err);
}

lk_status_t lk_mappers_of_protocol(lk_admin_t *admin, lk_error_t *err)
{
    return list(admin, admin->args[0], err);
}

lk_status_t lk_mapper_get(lk_admin_t *admin, lk_error_t *err)
{
    holder_t holder;
    size_t index;
    lk_status_t status = load_one(admin, &holder, &index, err);
    return status == LK_OK ? lk_admin_reply(admin, show(json_array_get(holder.mappers, index))) : status;
}

/* --- writing --- */

static lk_status_t check(const lk_admin_t *admin, const holder_t *holder, const json_t *mapper, lk_error_t *err)
{
    const char *type = lk_json_str(mapper, "protocolMapper", NULL);
    if (type == NULL || !lk_mapper_type_is_known(type))
        return lk_fail(err, LK_NOT_FOUND, NULL, "ProtocolMapper provider not found");
    if (strcmp(type, LK_PAIRWISE_MAPPER) == 0 &&
        json_object_get(holder->rep, "clientId") != NULL) /* a client scope has no sector */
        return lk_pairwise_check(admin->req, holder->rep, mapper, err);
    return lk_admin_check_limits(&lk_mapper_fields, mapper, err);
}

static int has_twin(const json_t *mappers, size_t before, const char *name, const char *protocol)
{
    for (size_t i = 0; i != before; ++i) {
        const json_t *other = json_array_get(mappers, i);
        if (strcmp(lk_json_str(other, "name", ""), name) == 0 && strcmp(lk_json_str(other, "protocol", ""), protocol) == 0)
            return 1;
    }
    return 0;
}

lk_status_t lk_mappers_check(lk_admin_t *admin, const lk_kind_t *kind, const json_t *rep, lk_error_t *err)
{
    const json_t *mappers = json_object_get(admin->body, "protocolMappers");
    for (size_t i = 0; i != json_array_size(mappers); ++i) {
        const json_t *mapper = json_array_get(mappers, i);
        const char *name = lk_json_str(mapper, "name", NULL), *protocol = lk_json_str(mapper, "protocol", NULL);
        lk_status_t status = lk_admin_check_limits(&lk_mapper_fields, mapper, err);
        if (status != LK_OK)
            return status;
        if (name == NULL || protocol == NULL || lk_json_str(mapper, "protocolMapper", NULL) == NULL)
            return lk_fail(err, LK_CONFLICT, "conflict", "Duplicate resource error");
        if (has_twin(mappers, i, name, protocol))
            return lk_admin_message(err, LK_CONFLICT,
                                    lk_printf(admin->req->arena, kind->exists, lk_json_str(rep, kind->name, "null")));
    }
    return LK_OK;
}

/* Adds one, unless another one of the protocol has its name. *ret_id is its id. */
static lk_status_t add(lk_admin_t *admin, holder_t *holder, const json_t *given, const char **ret_id, lk_error_t *err)
{
    const char *name = lk_json_str(given, "name", NULL), *protocol = lk_json_str(given, "protocol", "openid-connect");
    lk_status_t status = check(admin, holder, given, err);
    if (status != LK_OK)
        return status;
    if (name == NULL || lk_json_str(given, "protocol", NULL) == NULL)
        return lk_fail(err, LK_CONFLICT, "conflict", "Duplicate resource error");
    if (has_twin(holder->mappers, json_array_size(holder->mappers), name, protocol))
        return lk_fail(err, LK_CONFLICT, "conflict", "Protocol mapper name must be unique per protocol");
    json_t *mapper = completed(admin->req->arena, given);
    json_array_append_new(holder->mappers, mapper);
    *ret_id = lk_json_str(mapper, "id", "");
    return LK_OK;
}

lk_status_t lk_mapper_create(lk_admin_t *admin, lk_error_t *err)
{
    holder_t holder;
    const char *id;
    lk_status_t status = lk_admin_check(admin, &lk_mapper_fields, err);
    if (status == LK_OK)
        status = load(admin, &holder, err);
    if (status == LK_OK && (status = add(admin, &holder, admin->body, &id, err)) == LK_CONFLICT &&
        json_is_string(json_object_get(admin->body, "name")))
        return lk_admin_message(err, LK_CONFLICT, "Protocol mapper exists with same name");
    if (status == LK_OK)
        status = store(admin, &holder, err);
    return status == LK_OK ? lk_admin_reply_created(admin, id) : status;
}

lk_status_t lk_mappers_create(lk_admin_t *admin, lk_error_t *err)
{
    holder_t holder;
    const char *id;
    size_t i;
    json_t *given;
    lk_status_t status = lk_admin_check_all(admin, &lk_mapper_fields, err);
    if (status == LK_OK)
        status = load(admin, &holder, err);
    if (status != LK_OK)
        return status;
    json_array_foreach(admin->body, i, given)
    {
        if (status == LK_OK)
            status = add(admin, &holder, given, &id, err);
    }
    return status == LK_OK ? store(admin, &holder, err) : status;
}

lk_status_t lk_mapper_update(lk_admin_t *admin, lk_error_t *err)
{
    holder_t holder;
    size_t index;
    lk_status_t status = load_one(admin, &holder, &index, err);
    if (status == LK_OK)
        status = lk_admin_check(admin, &lk_mapper_fields, err);
    if (status == LK_OK)
        status = check(admin, &holder, admin->body, err);
    if (status != LK_OK)
        return status;
    /* Its name stays, and so does its protocol. */
    json_t *old = json_array_get(holder.mappers, index), *mapper = completed(admin->req->arena, admin->body);
    static const char *const kept[] = {"id", "name", "protocol"};
    if (json_is_null(json_object_get(admin->body, "config")))
        json_object_set(mapper, "config", json_object_get(old, "config"));
    for (size_t i = 0; i != sizeof(kept) / sizeof(kept[0]); ++i)
        json_object_set(mapper, kept[i], json_object_get(old, kept[i]));
    json_array_set_new(holder.mappers, index, mapper);
    return store(admin, &holder, err);
}

lk_status_t lk_mapper_remove(lk_admin_t *admin, lk_error_t *err)
{
    holder_t holder;
    size_t index;
    lk_status_t status = load_one(admin, &holder, &index, err);
    if (status != LK_OK)
        return status;
    json_array_remove(holder.mappers, index);
    return store(admin, &holder, err);
}
