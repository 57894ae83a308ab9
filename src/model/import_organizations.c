/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <string.h>

/* Organizations of a realm file. Their members are named, so they come when the users are there. */

static const char *array_text(lk_import_t *im, const json_t *organization, const char *member)
{
    const json_t *array = json_object_get(organization, member);
    return json_is_array(array) ? lk_json_text(im->arena, array) : "[]";
}

json_t *lk_import_domains(lk_arena_t *arena, const json_t *organization)
{
    json_t *domains = lk_json_own(arena, json_array()), *domain;
    size_t i;
    json_array_foreach(json_object_get(organization, "domains"), i, domain)
    {
        const char *name = json_is_string(domain) ? json_string_value(domain) : lk_json_str(domain, "name", "");
        json_array_append_new(
            domains, json_pack("{s:s, s:b}", "name", lk_utf8_lower(arena, name), "verified", lk_json_bool(domain, "verified", 0)));
    }
    return domains;
}

static lk_status_t write_one(lk_import_t *im, lk_sql_t *tx, json_t *organization, const char *path, lk_error_t *err)
{
    const char *name = lk_json_str(organization, "name", ""), *id = lk_import_id(im, organization, "id");
    lk_rows_t rows;
    if (*name == '\0')
        return lk_fail(err, LK_INVALID, "unknown", "%s.name: missing", path);
    json_t *rep = lk_json_own(im->arena, json_copy(organization));
    lk_rep_fill(&lk_organization_fields, rep);
    json_object_set_new(rep, "id", json_string(id));
    if (*lk_json_str(rep, "alias", "") == '\0')
        json_object_set_new(rep, "alias", json_string(name));
    json_object_set(rep, "domains", lk_import_domains(im->arena, organization));
    lk_status_t status = lk_query(tx, im->arena, LK_Q_ORGANIZATION_INSERT, &rows, err, im->realm_id, lk_json_text(im->arena, rep),
                                  lk_import_rep(im, &lk_organization_fields, rep));
    if (status == LK_CONFLICT)
        return lk_fail(err, LK_CONFLICT, "duplicate", "%s: its name, alias or a domain occurs twice", path);
    if (status == LK_OK)
        status = lk_query(tx, im->arena, LK_Q_IMPORT_ORGANIZATION_MEMBERS, &rows, err, im->realm_id, id,
                          array_text(im, organization, "members"));
    if (status == LK_OK)
        status = lk_query(tx, im->arena, LK_Q_IMPORT_ORGANIZATION_PROVIDERS, &rows, err, im->realm_id, id,
                          array_text(im, organization, "identityProviders"));
    if (status == LK_OK)
        status =
            lk_write_organization_groups(tx, im->arena, im->realm_id, rep, json_object_get(im->organization_groups, name), err);
    const char *root = lk_json_str(json_array_get(json_object_get(organization, "groups"), 0), "parentId", NULL);
    if (status == LK_OK && root != NULL)
        status = lk_query(tx, im->arena, LK_Q_IMPORT_ORGANIZATION_GROUP_ROOT, &rows, err, im->realm_id, id, root);
    return status;
}

lk_status_t lk_import_write_organizations(lk_import_t *im, lk_sql_t *tx, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    json_t *value, *organization;
    size_t i;
    json_array_foreach(json_object_get(im->given, "organizations"), i, value)
    {
        const char *path = lk_printf(im->arena, "$.organizations[%zu]", i);
        status = lk_import_object(im, &lk_organization_fields, value, path, &organization, err);
        if (status == LK_OK)
            status = write_one(im, tx, organization, path, err);
        if (status != LK_OK)
            break;
    }
    return status;
}
