/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "crypto/crypto.h"

static lk_status_t missing(const lk_kind_t *kind, lk_error_t *err)
{
    return lk_fail(err, LK_NOT_FOUND, NULL, "%s", kind->missing);
}

static lk_status_t select_all(lk_admin_t *admin, const lk_kind_t *kind, const char *id, const char *narrow, json_t **ret_list,
                              lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, kind->select, &rows, err, id, narrow);
    if (status != LK_OK)
        return status;
    *ret_list = lk_json_own(admin->req->arena, json_array());
    for (int i = 0; i != rows.count; ++i)
        json_array_append(*ret_list, lk_admin_json(admin, &rows, i, "rep"));
    return LK_OK;
}

lk_status_t lk_kind_all(lk_admin_t *admin, const lk_kind_t *kind, const char *narrow, json_t **ret_list, lk_error_t *err)
{
    return select_all(admin, kind, NULL, narrow, ret_list, err);
}

static lk_status_t find(lk_admin_t *admin, const lk_kind_t *kind, const char *id, const char *narrow, json_t **ret_rep,
                        lk_error_t *err)
{
    json_t *list;
    lk_status_t status = select_all(admin, kind, id, narrow, &list, err);
    if (status != LK_OK)
        return status;
    json_t *found = json_array_get(list, 0);
    if (found == NULL)
        return missing(kind, err);
    *ret_rep = found;
    return LK_OK;
}

lk_status_t lk_kind_find(lk_admin_t *admin, const lk_kind_t *kind, const char *id, json_t **ret_rep, lk_error_t *err)
{
    return find(admin, kind, id, admin->narrow, ret_rep, err);
}

lk_status_t lk_kind_find_named(lk_admin_t *admin, const lk_kind_t *kind, const char *name, json_t **ret_rep, lk_error_t *err)
{
    return find(admin, kind, NULL, name, ret_rep, err);
}

static lk_status_t run(lk_admin_t *admin, const lk_kind_t *kind, enum en_lk_query_t query, const json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_rows_t rows;
    json_t *stored = lk_json_own(arena, lk_rep_stored(kind->fields, rep));
    lk_status_t status = lk_admin_sql(admin, query, &rows, err, lk_json_text(arena, rep), lk_json_text(arena, stored));
    const char *text = query == kind->insert ? kind->exists : kind->taken;
    if (status != LK_CONFLICT)
        return status;
    if (text == NULL)
        return lk_fail(err, LK_CONFLICT, "conflict", "Duplicate resource error");
    return lk_admin_message(err, LK_CONFLICT, lk_printf(arena, text, lk_json_str(rep, kind->name, "null")));
}

lk_status_t lk_admin_check_limits(const lk_representation_t *fields, const json_t *rep, lk_error_t *err)
{
    size_t max;
    const char *too_long = lk_rep_over_limit(fields, rep, &max);
    return too_long == NULL ? LK_OK : lk_fail(err, LK_INVALID, "invalid_request", "%s: longer than %zu characters", too_long, max);
}

static lk_status_t write(lk_admin_t *admin, const lk_kind_t *kind, const json_t *old, json_t *rep, lk_error_t *err)
{
    lk_status_t status = kind->prepare != NULL ? kind->prepare(admin, old, rep, err) : LK_OK;
    if (status == LK_OK)
        status = lk_admin_check_limits(kind->fields, rep, err);
    if (status == LK_OK)
        status = run(admin, kind, old == NULL ? kind->insert : kind->update, rep, err);
    return status == LK_OK && kind->written != NULL ? kind->written(admin, old, rep, err) : status;
}

lk_status_t lk_kind_create(lk_admin_t *admin, const lk_kind_t *kind, const json_t *given, const json_t *columns,
                           const char **ret_id, lk_error_t *err)
{
    json_t *rep = lk_json_own(admin->req->arena, lk_rep_strict(kind->fields, given));
    if (*lk_json_str(rep, kind->id, "") == '\0')
        json_object_set_new(rep, kind->id, json_string(lk_random_uuid(admin->req->arena)));
    json_object_update(rep, (json_t *)columns);
    lk_status_t status = write(admin, kind, NULL, rep, err);
    if (status == LK_OK)
        *ret_id = admin->made_id = lk_json_str(rep, kind->id, "");
    return status;
}

lk_status_t lk_kind_write(lk_admin_t *admin, const lk_kind_t *kind, const json_t *rep, lk_error_t *err)
{
    return run(admin, kind, kind->update, rep, err);
}

lk_status_t lk_kind_update(lk_admin_t *admin, const lk_kind_t *kind, const json_t *old, const json_t *patch, lk_error_t *err)
{
    json_t *rep = lk_json_own(admin->req->arena, kind->replaces ? lk_rep_replace(kind->fields, old, patch) : json_deep_copy(old));
    if (!kind->replaces)
        lk_rep_patch(kind->fields, rep, patch);
    return write(admin, kind, old, rep, err);
}

lk_status_t lk_kind_replace(lk_admin_t *admin, const lk_kind_t *kind, const json_t *old, json_t *rep, lk_error_t *err)
{
    return write(admin, kind, old, rep, err);
}

lk_status_t lk_kind_remove(lk_admin_t *admin, const lk_kind_t *kind, const char *id, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, kind->remove, &rows, err, id);
    return status == LK_OK && rows.affected == 0 ? missing(kind, err) : status;
}

json_t *lk_kind_show(lk_admin_t *admin, const lk_kind_t *kind, const json_t *rep)
{
    return kind->show != NULL ? kind->show(admin, rep) : lk_rep_answer(kind->fields, rep, 0);
}

/* --- handlers --- */

static lk_status_t named_by_row(lk_admin_t *admin, json_t **ret_rep, lk_error_t *err)
{
    const lk_kind_t *kind = admin->mount->kind;
    if (strchr(admin->row->path, '{') == NULL)
        return lk_kind_find(admin, kind, admin->id, ret_rep, err);
    return kind->by_name ? lk_kind_find_named(admin, kind, admin->args[0], ret_rep, err)
                         : lk_kind_find(admin, kind, admin->args[0], ret_rep, err);
}

lk_status_t lk_admin_list(lk_admin_t *admin, lk_error_t *err)
{
    const lk_kind_t *kind = admin->mount->kind;
    json_t *all, *rep;
    size_t i;
    lk_status_t status = lk_kind_all(admin, kind, admin->narrow, &all, err);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    json_array_foreach(all, i, rep)
    {
        if (kind->matches == NULL || kind->matches(admin, rep))
            json_array_append_new(list, lk_kind_show(admin, kind, rep));
    }
    return lk_admin_reply(admin, lk_admin_page(admin, list, LK_ADMIN_ALL));
}

lk_status_t lk_admin_create(lk_admin_t *admin, lk_error_t *err)
{
    const lk_kind_t *kind = admin->mount->kind;
    const char *id;
    lk_status_t status = lk_admin_check(admin, kind->fields, err);
    if (status == LK_OK)
        status = lk_kind_create(admin, kind, admin->body, NULL, &id, err);
    if (status != LK_OK)
        return status;
    return lk_admin_reply_created(admin, kind->by_name ? lk_json_str(admin->body, kind->name, "") : id);
}

lk_status_t lk_admin_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *rep;
    lk_status_t status = named_by_row(admin, &rep, err);
    return status == LK_OK ? lk_admin_reply(admin, lk_kind_show(admin, admin->mount->kind, rep)) : status;
}

lk_status_t lk_admin_update(lk_admin_t *admin, lk_error_t *err)
{
    const lk_kind_t *kind = admin->mount->kind;
    json_t *old;
    lk_status_t status = named_by_row(admin, &old, err);
    if (status == LK_OK)
        status = lk_admin_check(admin, kind->fields, err);
    return status == LK_OK ? lk_kind_update(admin, kind, old, admin->body, err) : status;
}

lk_status_t lk_admin_remove(lk_admin_t *admin, lk_error_t *err)
{
    const lk_kind_t *kind = admin->mount->kind;
    json_t *old;
    lk_status_t status = named_by_row(admin, &old, err);
    if (status != LK_OK)
        return status;
    return lk_kind_remove(admin, kind, lk_json_str(old, kind->id, ""), err);
}
