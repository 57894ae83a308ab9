/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/account.h"
#include "admin/fine_grained.h"
#include "admin/users.h"
#include "crypto/crypto.h"

/* Organizations, their members and identity providers. */

#define PAGE_SIZE "10"
#define MAX_NAME 255

/* --- what may be written --- */

static const char *bad_alias(lk_arena_t *arena, const char *alias)
{
    size_t len = strcspn(alias, " :/?#[]@!$&'()*+,;=\\");
    if (alias[len] == '\0')
        return NULL;
    return alias[len] == ' ' ? "Empty Space not allowed." : lk_printf(arena, "Character '%c' not allowed.", alias[len]);
}

/* The alias is the name where none is given, and stays. */
static lk_status_t check_alias(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    const char *name = lk_json_str(rep, "name", ""), *alias = lk_json_str(rep, "alias", ""), *problem;
    if (old != NULL)
        return strcmp(*alias != '\0' ? alias : name, lk_json_str(old, "alias", "")) == 0
                   ? LK_OK
                   : lk_admin_message(err, LK_INVALID, "Cannot change the alias");
    if (*alias != '\0' && (problem = bad_alias(admin->req->arena, alias)) != NULL)
        return lk_fail_http(err, LK_INVALID, 400, problem, NULL);
    if (*alias == '\0' && (problem = bad_alias(admin->req->arena, name)) != NULL)
        return lk_admin_message(err, LK_INVALID, lk_printf(admin->req->arena, "Name cannot be used as alias: %s", problem));
    if (*alias == '\0')
        json_object_set_new(rep, "alias", json_string(name));
    return LK_OK;
}

static int is_domain(const char *name)
{
    size_t len = strlen(name);
    return len != 0 && len <= MAX_NAME && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789.-_") == len && *name != '.' &&
           name[len - 1] != '.';
}

/* A domain may be given by its name alone; names are in lower case. */
static lk_status_t check_domains(lk_admin_t *admin, json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    json_t *domains = lk_json_own(arena, json_array()), *given;
    size_t i;
    json_array_foreach(json_object_get(rep, "domains"), i, given)
    {
        const char *text = json_is_string(given) ? json_string_value(given) : lk_json_str(given, "name", "");
        const char *name = lk_utf8_lower(arena, text);
        if (*name == '\0')
            return lk_admin_message(err, LK_INVALID, "Domain name cannot be empty");
        if (!is_domain(name))
            return lk_admin_message(err, LK_INVALID, lk_printf(arena, "Invalid domain format: %s", text));
        json_array_append_new(domains, json_pack("{s:s, s:b}", "name", name, "verified", lk_json_bool(given, "verified", 0)));
    }
    json_object_set(rep, "domains", domains);
    return LK_OK;
}

static lk_status_t check_taken(lk_admin_t *admin, const json_t *rep, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_rows_t rows;
    lk_status_t status =
        lk_admin_sql(admin, LK_Q_ORGANIZATION_TAKEN, &rows, err, lk_json_str(rep, "id", ""), lk_json_str(rep, "name", ""),
                     lk_json_str(rep, "alias", ""), lk_json_text(arena, json_object_get(rep, "domains")));
    if (status != LK_OK || rows.count == 0)
        return status;
    const char *what = lk_row_str(&rows, 0, "what");
    if (strcmp(what, "name") == 0)
        return lk_admin_message(err, LK_CONFLICT, "A organization with the same name already exists.");
    if (strcmp(what, "alias") == 0)
        return lk_admin_message(err, LK_CONFLICT, "A organization with the same alias already exists");
    return lk_admin_message(err, LK_INVALID,
                            lk_printf(arena, "Domain %s is already linked to organization %s in realm %s",
                                      lk_row_str(&rows, 0, "value"), lk_row_str(&rows, 0, "owner"), admin->realm->name));
}

static lk_status_t prepare(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    const char *name = lk_json_str(rep, "name", ""), *url = lk_json_str(rep, "redirectUrl", "");
    if (*name == '\0')
        return lk_admin_message(err, LK_INVALID, "Name can not be null");
    lk_rep_fill(&lk_organization_fields, rep);
    if (old == NULL) /* a new one's id is never the caller's */
        json_object_set_new(rep, "id", json_string(lk_random_uuid(admin->req->arena)));
    if (*url == '\0')
        json_object_del(rep, "redirectUrl");
    lk_status_t status = old == NULL ? check_alias(admin, old, rep, err) : LK_OK;
    if (status == LK_OK && *url != '\0' && strncmp(url, "https://", 8) != 0 && strncmp(url, "http://", 7) != 0)
        status = lk_admin_message(err, LK_INVALID, "Organization redirect URL is not valid.");
    if (status == LK_OK)
        status = check_domains(admin, rep, err);
    if (status == LK_OK)
        status = check_taken(admin, rep, err);
    return status == LK_OK && old != NULL ? check_alias(admin, old, rep, err) : status;
}

const lk_kind_t lk_kind_organization = {.fields = &lk_organization_fields,
                                        .id = "id",
                                        .name = "name",
                                        .missing = "Organization not found.",
                                        .exists = "A organization with the same name already exists.",
                                        .select = LK_Q_ORGANIZATION_SELECT,
                                        .insert = LK_Q_ORGANIZATION_INSERT,
                                        .update = LK_Q_ORGANIZATION_UPDATE,
                                        .remove = LK_Q_ORGANIZATION_DELETE,
                                        .prepare = prepare};

/* --- what paths name --- */

lk_status_t lk_resolve_organizations(lk_admin_t *admin, lk_error_t *err)
{
    return admin->realm->organizations_enabled ? LK_OK
                                               : lk_admin_message(err, LK_NOT_FOUND, "Organizations not enabled for this realm.");
}

lk_status_t lk_resolve_organization(lk_admin_t *admin, lk_error_t *err)
{
    json_t *rep;
    admin->id = admin->req->params[1];
    lk_status_t status = lk_resolve_organizations(admin, err);
    if (status == LK_OK && (status = lk_kind_find(admin, &lk_kind_organization, admin->id, &rep, err)) == LK_NOT_FOUND)
        return lk_admin_message(err, LK_NOT_FOUND, lk_kind_organization.missing);
    admin->found = rep;
    return status;
}

/* --- organizations --- */

static json_t *show(lk_admin_t *admin, const json_t *rep, int brief)
{
    (void)admin;
    return lk_rep_answer(&lk_organization_fields, rep, brief ? LK_ANSWER_BRIEF : 0);
}

static lk_status_t reply_list(lk_admin_t *admin, const lk_rows_t *rows)
{
    json_t *list = json_array();
    int brief = lk_admin_flag(admin, "briefRepresentation", 1);
    for (int i = 0; i != rows->count; ++i)
        json_array_append_new(list, show(admin, lk_admin_json(admin, rows, i, "rep"), brief));
    return lk_admin_reply(admin, list);
}

/* q=key:value as what the attributes must hold, or NULL. */
static const char *attributes_asked(lk_admin_t *admin)
{
    lk_pairs_t asked = lk_admin_attributes_asked(admin);
    json_t *attributes = lk_json_own(admin->req->arena, json_object());
    for (size_t i = 0; i != asked.count; ++i)
        json_object_set_new(attributes, asked.entries[i].name, json_pack("[s]", asked.entries[i].value));
    return asked.count != 0 ? lk_json_text(admin->req->arena, attributes) : NULL;
}

#define ASKED(admin)                                                                                                               \
    lk_pairs_get(&(admin)->req->query, "search"), lk_admin_flag((admin), "exact", 0) ? "true" : "false", attributes_asked(admin),  \
        (admin)->by_permission ? lk_fine_organizations(admin) : NULL

lk_status_t lk_organizations_list(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, LK_Q_ORGANIZATION_SEARCH, &rows, err, ASKED(admin), lk_admin_first(admin->req),
                                      lk_admin_max(admin->req, PAGE_SIZE));
    return status == LK_OK ? reply_list(admin, &rows) : status;
}

static lk_status_t reply_count(lk_admin_t *admin, lk_status_t status, const lk_rows_t *rows)
{
    return status == LK_OK ? lk_admin_reply(admin, json_integer(lk_row_int(rows, 0, "count", 0))) : status;
}

lk_status_t lk_organizations_count(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, LK_Q_ORGANIZATION_COUNT, &rows, err, ASKED(admin));
    return reply_count(admin, status, &rows);
}

lk_status_t lk_organization_get(lk_admin_t *admin, lk_error_t *err)
{
    (void)err;
    return lk_admin_reply(admin, show(admin, admin->found, 0));
}

/* What is not given is gone, but for the attributes. */
lk_status_t lk_organization_update(lk_admin_t *admin, lk_error_t *err)
{
    static const char *const optional[] = {"alias", "description", "redirectUrl", "domains", "enabled"};
    lk_status_t status = lk_admin_check(admin, &lk_organization_fields, err);
    if (status != LK_OK)
        return status;
    if (*lk_json_str(admin->body, "name", "") == '\0')
        return lk_admin_message(err, LK_CONFLICT, lk_kind_organization.exists);
    json_t *given = lk_json_own(admin->req->arena, json_deep_copy(admin->found));
    for (size_t i = 0; i != sizeof(optional) / sizeof(optional[0]); ++i)
        json_object_del(given, optional[i]);
    lk_rep_patch(&lk_organization_fields, given, admin->body);
    return lk_kind_replace(admin, &lk_kind_organization, admin->found, given, err);
}

lk_status_t lk_organization_remove(lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = lk_fine_forget(admin, admin->id, err);
    return status == LK_OK ? lk_kind_remove(admin, &lk_kind_organization, admin->id, err) : status;
}

/* What a member sees of an organization: its domains are names alone. */
static json_t *show_to_member(const json_t *rep)
{
    static const char *const copied[] = {"id", "name", "alias", "enabled", "description"};
    json_t *shown = json_object(), *names = json_array(), *domain;
    size_t i;
    for (i = 0; i != sizeof(copied) / sizeof(copied[0]); ++i)
        if (json_object_get(rep, copied[i]) != NULL)
            json_object_set(shown, copied[i], json_object_get(rep, copied[i]));
    json_array_foreach(json_object_get(rep, "domains"), i, domain)
    {
        json_array_append(names, json_object_get(domain, "name"));
    }
    json_object_set_new(shown, "domains", names);
    return shown;
}

lk_status_t lk_account_organizations(lk_admin_t *account, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(account, LK_Q_ORGANIZATIONS_WITH_MEMBER, &rows, err, account->id, NULL);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (int i = 0; i != rows.count; ++i)
        json_array_append_new(list, show_to_member(lk_admin_json(account, &rows, i, "rep")));
    return lk_admin_reply(account, list);
}

/* --- members --- */

json_t *lk_member_show(lk_admin_t *admin, const lk_rows_t *rows, int row, int brief)
{
    json_t *shown = lk_rep_answer(&lk_user_fields, lk_admin_json(admin, rows, row, "rep"), brief ? LK_ANSWER_BRIEF : 0);
    lk_user_hide(admin, shown);
    json_object_set_new(shown, "membershipType", json_string(lk_row_bool(rows, row, "managed") ? "MANAGED" : "UNMANAGED"));
    return shown;
}

static const char *member_pattern(lk_admin_t *admin)
{
    const char *search = lk_pairs_get(&admin->req->query, "search");
    if (search == NULL || *search == '\0')
        return NULL;
    const char *const format = lk_admin_flag(admin, "exact", 0) ? "%%\n%s\n%%" : "%%%s%%";
    return lk_printf(admin->req->arena, format, lk_like_escaped(admin->req->arena, lk_utf8_lower(admin->req->arena, search)));
}

static const char *managed_asked(lk_admin_t *admin)
{
    const char *type = lk_pairs_get(&admin->req->query, "membershipType");
    return type == NULL ? NULL : strcmp(type, "MANAGED") == 0 ? "true" : "false";
}

/* --- who may ask for whom --- */

const lk_user_need_t lk_user_seen = {"view-users", "view"}, lk_user_managed = {"manage-users", "manage"},
                     lk_user_grouped = {"manage-users", "manage-group-membership"};

int lk_members_are_seen(const lk_admin_t *admin)
{
    return lk_admin_can(admin, "view-users") || lk_fine_allows(admin, LK_FINE(LK_GUARDED_USERS, "view"), NULL, NULL);
}

lk_status_t lk_members_require_looking(const lk_admin_t *admin, lk_error_t *err)
{
    return lk_members_are_seen(admin) ? LK_OK : lk_admin_require(admin, "query-users", err);
}

/* Whoever may not look for users is not told that there is none. */
static lk_status_t nobody(const lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = lk_members_require_looking(admin, err);
    return status == LK_OK ? lk_fail(err, LK_NOT_FOUND, NULL, "HTTP 404 Not Found") : status;
}

lk_status_t lk_user_allow(const lk_admin_t *admin, const lk_user_t *user, const lk_user_need_t *need, lk_error_t *err)
{
    return lk_fine_allows(admin, LK_FINE(LK_GUARDED_USERS, need->scope), NULL, user) ? LK_OK
                                                                                     : lk_admin_require(admin, need->role, err);
}

lk_status_t lk_user_require(lk_admin_t *admin, const char *id, const lk_user_need_t *need, lk_error_t *err)
{
    const lk_user_t *user = NULL;
    lk_status_t status = lk_user_by_id(admin->sql, admin->req->arena, admin->realm, id, &user, err);
    if (status == LK_OK && user == NULL)
        return nobody(admin, err);
    return status == LK_OK ? lk_user_allow(admin, user, need, err) : status;
}

/* --- lists of members --- */

lk_status_t lk_members_list(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_members_require_looking(admin, err);
    if (status == LK_OK && !lk_members_are_seen(admin))
        return lk_admin_reply(admin, json_array());
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_ORGANIZATION_MEMBERS, &rows, err, admin->id, NULL, member_pattern(admin),
                              managed_asked(admin), lk_admin_first(admin->req), lk_admin_max(admin->req, PAGE_SIZE));
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    int brief = lk_admin_flag(admin, "briefRepresentation", 1);
    for (int i = 0; i != rows.count; ++i)
        json_array_append_new(list, lk_member_show(admin, &rows, i, brief));
    return lk_admin_reply(admin, list);
}

lk_status_t lk_members_count(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_members_require_looking(admin, err);
    if (status == LK_OK && !lk_members_are_seen(admin))
        return lk_admin_reply(admin, json_integer(0));
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_ORGANIZATION_MEMBERS_COUNT, &rows, err, admin->id, NULL, member_pattern(admin),
                              managed_asked(admin));
    return reply_count(admin, status, &rows);
}

/* --- one member --- */

lk_status_t lk_member_find(lk_admin_t *admin, const lk_user_need_t *need, lk_rows_t *ret_rows, lk_error_t *err)
{
    const char *id = admin->args[0];
    lk_status_t status = lk_admin_sql(admin, LK_Q_ORGANIZATION_MEMBERS, ret_rows, err, admin->id, id, NULL, NULL, "0", "1");
    if (status == LK_OK && ret_rows->count == 0)
        return nobody(admin, err);
    return status == LK_OK ? lk_user_require(admin, id, need, err) : status;
}

lk_status_t lk_member_get(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_member_find(admin, &lk_user_seen, &rows, err);
    return status == LK_OK ? lk_admin_reply(admin, lk_member_show(admin, &rows, 0, 0)) : status;
}

static lk_status_t list_of_user(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, LK_Q_ORGANIZATIONS_WITH_MEMBER, &rows, err, admin->args[0],
                                      admin->by_permission ? lk_fine_organizations(admin) : NULL);
    return status == LK_OK ? reply_list(admin, &rows) : status;
}

lk_status_t lk_member_organizations(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_member_find(admin, &lk_user_seen, &rows, err);
    return status == LK_OK ? list_of_user(admin, err) : status;
}

/* Also of who belongs to none. */
lk_status_t lk_organizations_of_user(lk_admin_t *admin, lk_error_t *err)
{
    lk_status_t status = lk_user_require(admin, admin->args[0], &lk_user_seen, err);
    return status == LK_OK ? list_of_user(admin, err) : status;
}

/* The body is an id or alias, in quotes or not. */
static const char *body_word(const lk_admin_t *admin)
{
    const char *text = (const char *)admin->req->body.base;
    size_t len = admin->req->body.len;
    if (len > 1 && text[0] == '"' && text[len - 1] == '"')
        ++text, len -= 2;
    return lk_strndup(admin->req->arena, text, len);
}

/* What events of members keep. */
static void tell_organization(lk_admin_t *admin)
{
    admin->told = lk_json_own(admin->req->arena, show(admin, admin->found, 1));
}

lk_status_t lk_member_add(lk_admin_t *admin, lk_error_t *err)
{
    const char *id = body_word(admin);
    lk_rows_t rows;
    lk_status_t status = lk_user_require(admin, id, &lk_user_managed, err);
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_ORGANIZATION_MEMBER_ADD, &rows, err, admin->id, id, "false");
    if (status == LK_OK && rows.affected == 0)
        return lk_admin_message(err, LK_CONFLICT, "User is already a member of the organization.");
    tell_organization(admin);
    return status == LK_OK ? lk_admin_reply_created(admin, id) : status;
}

lk_status_t lk_member_remove(lk_admin_t *admin, lk_error_t *err)
{
    lk_rows_t rows;
    tell_organization(admin);
    lk_status_t status = lk_member_find(admin, &lk_user_managed, &rows, err);
    if (status == LK_OK)
        status = lk_admin_sql(admin, LK_Q_ORGANIZATION_MEMBER_REMOVE, &rows, err, admin->id, admin->args[0]);
    return status == LK_OK && rows.affected == 0 ? nobody(admin, err) : status;
}

/* --- identity providers --- */

static int is_linked(const lk_admin_t *admin, const json_t *provider)
{
    return strcmp(lk_json_str(provider, "organizationId", ""), admin->id) == 0;
}

lk_status_t lk_organization_providers_list(lk_admin_t *admin, lk_error_t *err)
{
    json_t *all, *provider;
    size_t i;
    lk_status_t status = lk_kind_all(admin, &lk_kind_identity_provider, NULL, &all, err);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    json_array_foreach(all, i, provider)
    {
        if (is_linked(admin, provider))
            json_array_append_new(list, lk_kind_show(admin, &lk_kind_identity_provider, provider));
    }
    return lk_admin_reply(admin, list);
}

lk_status_t lk_organization_provider_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *provider;
    lk_status_t status = lk_kind_find_named(admin, &lk_kind_identity_provider, admin->args[0], &provider, err);
    if (status == LK_NOT_FOUND || (status == LK_OK && !is_linked(admin, provider)))
        return lk_admin_message(err, LK_NOT_FOUND, "Identity provider not associated with the organization");
    return status == LK_OK ? lk_admin_reply(admin, lk_kind_show(admin, &lk_kind_identity_provider, provider)) : status;
}

static lk_status_t link_provider(lk_admin_t *admin, json_t *provider, const char *organization_id, lk_error_t *err)
{
    json_t *changed = lk_json_own(admin->req->arena, json_deep_copy(provider));
    if (organization_id != NULL)
        json_object_set_new(changed, "organizationId", json_string(organization_id));
    else
        json_object_del(changed, "organizationId");
    return lk_kind_write(admin, &lk_kind_identity_provider, changed, err);
}

lk_status_t lk_organization_provider_add(lk_admin_t *admin, lk_error_t *err)
{
    json_t *provider;
    lk_status_t status = lk_kind_find_named(admin, &lk_kind_identity_provider, body_word(admin), &provider, err);
    if (status == LK_NOT_FOUND)
        return lk_admin_message(err, LK_INVALID, "Identity provider not found with the given alias");
    if (status == LK_OK && *lk_json_str(provider, "organizationId", "") != '\0')
        return lk_admin_message(err, is_linked(admin, provider) ? LK_CONFLICT : LK_INVALID,
                                is_linked(admin, provider) ? "Identity provider already associated to the organization"
                                                           : "Identity provider already associated with a different organization");
    return status == LK_OK ? link_provider(admin, provider, admin->id, err) : status;
}

lk_status_t lk_organization_provider_remove(lk_admin_t *admin, lk_error_t *err)
{
    json_t *provider;
    lk_status_t status = lk_kind_find_named(admin, &lk_kind_identity_provider, admin->args[0], &provider, err);
    if (status == LK_NOT_FOUND || (status == LK_OK && !is_linked(admin, provider)))
        return lk_admin_message(err, LK_NOT_FOUND, "Identity provider not found with the given alias");
    return status == LK_OK ? link_provider(admin, provider, NULL, err) : status;
}
