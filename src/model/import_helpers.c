/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <ctype.h>
#include <string.h>
#include "crypto/crypto.h"

lk_status_t lk_import_unknown(const char *path, const char *what, const char *name, lk_error_t *err)
{
    return lk_fail(err, LK_INVALID, "unknown", "%.200s: there is no %s \"%.200s\"", path, what, name != NULL ? name : "null");
}

lk_status_t lk_import_twice(const char *path, const char *what, const char *name, lk_error_t *err)
{
    return lk_fail(err, LK_CONFLICT, "duplicate", "%.200s: %s \"%.200s\" occurs twice", path, what, name);
}

lk_status_t lk_import_check_limits(const lk_import_t *im, const lk_representation_t *rep, const json_t *value, const char *path,
                                   lk_error_t *err)
{
    size_t max;
    const char *member = im->strict ? lk_rep_over_limit(rep, value, &max) : NULL;
    return member == NULL ? LK_OK : lk_fail(err, LK_INVALID, "limit", "%s.%s: longer than %zu characters", path, member, max);
}

lk_status_t lk_import_object(lk_import_t *im, const lk_representation_t *rep, const json_t *value, const char *path,
                             json_t **ret_object, lk_error_t *err)
{
    lk_error_t reason = {0};
    if (lk_rep_check(rep, value, path, im->strict, &reason) != LK_OK)
        return lk_fail(err, LK_INVALID, "malformed", "%s", reason.text);
    *ret_object = lk_json_own(im->arena, lk_rep_strict(rep, value));
    return lk_import_check_limits(im, rep, *ret_object, path, err);
}

const char *lk_import_id(lk_import_t *im, const json_t *object, const char *member)
{
    const char *id = lk_json_str(object, member, NULL);
    return id != NULL && id[0] != '\0' ? id : lk_random_uuid(im->arena);
}

const char *lk_import_rep(lk_import_t *im, const lk_representation_t *rep, const json_t *value)
{
    json_t *stored = lk_rep_stored(rep, value);
    char *text = lk_json_text(im->arena, stored);
    json_decref(stored);
    return text;
}

/* Keycloak trims the names of roles that it looks up. */
static const char *trim(lk_arena_t *arena, const char *name)
{
    while (isspace((unsigned char)*name))
        ++name;
    size_t len = strlen(name);
    if (len == 0 || !isspace((unsigned char)name[len - 1]))
        return name;
    while (len != 0 && isspace((unsigned char)name[len - 1]))
        --len;
    return lk_strndup(arena, name, len);
}

const char *lk_import_role_id(const lk_import_t *im, const char *client_id, const char *name)
{
    const json_t *roles = json_object_get(im->roles, client_id != NULL ? client_id : "");
    return json_string_value(json_object_get(roles, name));
}

lk_status_t lk_import_role(lk_import_t *im, const char *client_id, const char *name, const char *path, const char **ret_id,
                           lk_error_t *err)
{
    name = trim(im->arena, name);
    const char *id = lk_import_role_id(im, client_id, name);
    if (id == NULL) {
        const char *client_uuid = NULL;
        if (client_id != NULL && (client_uuid = json_string_value(json_object_get(im->clients, client_id))) == NULL)
            return lk_import_unknown(path, "client", client_id, err);
        id = lk_import_add_role(im, client_id, client_uuid, NULL, name, "{}");
    }
    *ret_id = id;
    return LK_OK;
}

const char *lk_import_add_role(lk_import_t *im, const char *client_id, const char *client_uuid, const char *id, const char *name,
                               const char *rep)
{
    const char *key = client_id != NULL ? client_id : "";
    json_t *roles = json_object_get(im->roles, key);
    if (roles == NULL)
        json_object_set_new_nocheck(im->roles, key, roles = json_object());
    if (id == NULL)
        id = lk_random_uuid(im->rows.arena);
    json_object_set_new_nocheck(roles, name, json_string(id));
    lk_row(&im->rows, LK_TABLE_ROLE, id, client_uuid, lk_strdup(im->rows.arena, name), rep);
    return id;
}

lk_status_t lk_import_each_role(lk_import_t *im, const json_t *object, const char *path,
                                void (*add)(void *context, const char *role_id), void *context, lk_error_t *err)
{
    const char *id, *client_id;
    json_t *name, *names;
    size_t i;
    lk_status_t status;
    json_array_foreach(json_object_get(object, "realmRoles"), i, name)
    {
        if ((status = lk_import_role(im, NULL, json_string_value(name), path, &id, err)) != LK_OK)
            return status;
        add(context, id);
    }
    json_object_foreach(json_object_get(object, "clientRoles"), client_id, names)
    {
        json_array_foreach(names, i, name)
        {
            if ((status = lk_import_role(im, client_id, json_string_value(name), lk_printf(im->arena, "%s.clientRoles", path), &id,
                                         err)) != LK_OK)
                return status;
            add(context, id);
        }
    }
    return LK_OK;
}

static lk_status_t next_of_array(lk_user_source_t *super, lk_arena_t *arena, json_t **ret_users, lk_error_t *err)
{
    lk_array_source_t *source = (lk_array_source_t *)super;
    size_t size = json_array_size(source->users);
    if (source->position == size) {
        *ret_users = NULL;
        return LK_OK;
    }
    json_t *batch = lk_json_own(arena, json_array());
    super->first = source->position;
    for (size_t i = 0; i != LK_USER_BATCH && source->position != size; ++i)
        json_array_append(batch, json_array_get(source->users, source->position++));
    *ret_users = batch;
    return LK_OK;
}

void lk_array_source_init(lk_array_source_t *source, const json_t *users)
{
    *source = (lk_array_source_t){{next_of_array, "$.users", 0}, users, 0};
}
