/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/snapshot.h"

#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "model/groups.h"
#include "model/parameter.h"

/* A row's jsonb column, owned by the snapshot. */
static lk_status_t parse_rep(lk_arena_t *arena, const lk_rows_t *rows, int row, json_t **ret_rep, lk_error_t *err)
{
    const char *text = lk_row_str(rows, row, "rep");
    json_t *rep;
    if (lk_json_parse(arena, text, strlen(text), &rep, err) != LK_OK || !json_is_object(rep))
        return lk_fail(err, LK_INTERNAL, NULL, NULL);
    *ret_rep = rep;
    return LK_OK;
}

/* --- roles --- */

static int compare_text(const char *a, const char *b)
{
    return a == NULL || b == NULL ? (a != NULL) - (b != NULL) : strcmp(a, b);
}

static int compare_roles_by_id(const void *a, const void *b)
{
    return strcmp(((const lk_role_t *)a)->id, ((const lk_role_t *)b)->id);
}

static int compare_roles_by_name(const void *a, const void *b)
{
    const lk_role_t *left = *(const lk_role_t *const *)a, *right = *(const lk_role_t *const *)b;
    int order = compare_text(left->client_id, right->client_id);
    return order != 0 ? order : strcmp(left->name, right->name);
}

const lk_role_t *lk_realm_role_by_id(const lk_realm_t *realm, const char *id)
{
    lk_role_t wanted = {.id = id};
    return realm->num_roles != 0 ? bsearch(&wanted, realm->roles, realm->num_roles, sizeof(wanted), compare_roles_by_id) : NULL;
}

const lk_role_t *lk_realm_role(const lk_realm_t *realm, const char *client_id_or_null, const char *name)
{
    lk_role_t wanted = {.name = name, .client_id = client_id_or_null};
    const lk_role_t *key = &wanted, *const *roles = ((const lk_snapshot_t *)realm)->roles_by_name;
    const lk_role_t *const *found =
        realm->num_roles != 0 ? bsearch(&key, roles, realm->num_roles, sizeof(*roles), compare_roles_by_name) : NULL;
    return found != NULL ? *found : NULL;
}

/* How many texts separated by newlines there are. */
static size_t count_lines(const char *text)
{
    size_t count = text != NULL && *text != '\0';
    for (const char *at = text; count != 0 && (at = strchr(at, '\n')) != NULL; ++at)
        ++count;
    return count;
}

const void **lk_lines_resolve(lk_arena_t *arena, const lk_realm_t *realm, const char *lines,
                              const void *(*find)(const lk_realm_t *realm, const char *id), size_t *ret_count)
{
    size_t found = 0, count = count_lines(lines);
    const void **entries = LK_NEW_ARRAY(arena, const void *, count);
    char id[256];
    for (size_t i = 0; i != count; ++i) {
        size_t len = strcspn(lines, "\n");
        if (len < sizeof(id)) {
            memcpy(id, lines, len);
            id[len] = '\0';
            const void *entry = find(realm, id);
            if (entry != NULL)
                entries[found++] = entry;
        }
        lines += len + 1;
    }
    *ret_count = found;
    return entries;
}

static const void *find_role(const lk_realm_t *realm, const char *id)
{
    return lk_realm_role_by_id(realm, id);
}

static const void *find_scope(const lk_realm_t *realm, const char *id)
{
    return lk_realm_scope_by_id(realm, id);
}

const lk_role_t *const *lk_roles_resolve(lk_arena_t *arena, const lk_realm_t *realm, const char *ids, size_t *ret_count)
{
    return (const lk_role_t *const *)lk_lines_resolve(arena, realm, ids, find_role, ret_count);
}

const lk_scope_t *const *lk_scopes_by_ids(lk_arena_t *arena, const lk_realm_t *realm, const char *ids, size_t *ret_count)
{
    return (const lk_scope_t *const *)lk_lines_resolve(arena, realm, ids, find_scope, ret_count);
}

static lk_status_t build_roles(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    lk_arena_t *arena = snapshot->arena;
    lk_realm_t *realm = &snapshot->super;
    size_t count = (size_t)rows->count;
    lk_role_t *roles = LK_NEW_ARRAY(arena, lk_role_t, count);
    for (size_t i = 0; i != count; ++i) {
        json_t *rep;
        if (parse_rep(arena, rows, (int)i, &rep, err) != LK_OK)
            return lk_error_detail(err, "role %zu of realm %s", i, realm->name);
        roles[i] = (lk_role_t){.id = lk_strdup(arena, lk_row_str(rows, (int)i, "id")),
                               .name = lk_strdup(arena, lk_row_str(rows, (int)i, "name")),
                               .client_uuid = lk_strdup(arena, lk_row_str(rows, (int)i, "client_id")),
                               .client_id = lk_strdup(arena, lk_row_str(rows, (int)i, "client_name")),
                               .index = (unsigned)i, /* of the row, until they are sorted */
                               .rep = rep};
    }
    /* The database sorts by its collation, bsearch by bytes. */
    qsort(roles, count, sizeof(*roles), compare_roles_by_id);
    realm->roles = roles;
    realm->num_roles = count;
    snapshot->roles_by_name = LK_NEW_ARRAY(arena, const lk_role_t *, count);
    for (size_t i = 0; i != count; ++i) {
        int row = (int)roles[i].index;
        roles[i].index = (unsigned)i;
        roles[i].children = lk_roles_resolve(arena, realm, lk_row_str(rows, row, "children"), &roles[i].num_children);
        snapshot->roles_by_name[i] = &roles[i];
    }
    qsort(snapshot->roles_by_name, count, sizeof(*snapshot->roles_by_name), compare_roles_by_name);
    return LK_OK;
}

/* --- groups --- */

static int compare_groups_by_path(const void *a, const void *b)
{
    return strcmp((*(const lk_group_t *const *)a)->path, (*(const lk_group_t *const *)b)->path);
}

const lk_group_t *lk_realm_group_by_id(const lk_realm_t *realm, const char *id)
{
    lk_group_tree_t tree = lk_group_tree_of_realm(realm);
    return lk_group_tree_find(&tree, id);
}

const lk_group_t *lk_realm_group_by_path(const lk_realm_t *realm, const char *path)
{
    lk_group_t wanted = {.path = path};
    const lk_group_t *key = &wanted, *const *groups = ((const lk_snapshot_t *)realm)->groups_by_path;
    const lk_group_t *const *found =
        realm->num_groups != 0 ? bsearch(&key, groups, realm->num_groups, sizeof(*groups), compare_groups_by_path) : NULL;
    return found != NULL ? *found : NULL;
}

static lk_status_t build_groups(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    lk_realm_t *realm = &snapshot->super;
    lk_group_tree_t tree;
    lk_status_t status = lk_group_tree_read(snapshot->arena, realm, rows, &tree, err);
    if (status != LK_OK)
        return status;
    realm->groups = tree.entries;
    realm->num_groups = tree.count;
    snapshot->groups_by_path = LK_NEW_ARRAY(snapshot->arena, const lk_group_t *, tree.count);
    for (size_t i = 0; i != tree.count; ++i)
        snapshot->groups_by_path[i] = &tree.entries[i];
    qsort(snapshot->groups_by_path, tree.count, sizeof(*snapshot->groups_by_path), compare_groups_by_path);
    return LK_OK;
}

/* --- client scopes --- */

void lk_mappers_load(lk_arena_t *arena, json_t *rep, const lk_mapper_t **ret_mappers, size_t *ret_count)
{
    const json_t *array = json_object_get(rep, "protocolMappers");
    size_t count = json_array_size(array);
    lk_mapper_t *mappers = LK_NEW_ARRAY(arena, lk_mapper_t, count);
    for (size_t i = 0; i != count; ++i)
        lk_rep_load(&lk_mapper_fields, arena, json_array_get(array, i), &mappers[i]);
    *ret_mappers = mappers;
    *ret_count = count;
}

static int compare_scopes_by_name(const void *a, const void *b)
{
    return strcmp((*(const lk_scope_t *const *)a)->name, (*(const lk_scope_t *const *)b)->name);
}

const lk_flow_t *lk_realm_flow(const lk_realm_t *realm, const char *alias)
{
    for (size_t i = 0; i != realm->num_flows; ++i)
        if (strcmp(realm->flows[i].alias, alias) == 0)
            return &realm->flows[i];
    return NULL;
}

const lk_scope_t *lk_realm_scope(const lk_realm_t *realm, const char *name)
{
    lk_scope_t wanted = {.name = name};
    const lk_scope_t *key = &wanted, *const *scopes = ((const lk_snapshot_t *)realm)->scopes_by_name;
    const lk_scope_t *const *found =
        realm->num_scopes != 0 ? bsearch(&key, scopes, realm->num_scopes, sizeof(*scopes), compare_scopes_by_name) : NULL;
    return found != NULL ? *found : NULL;
}

const lk_scope_t *lk_realm_scope_by_id(const lk_realm_t *realm, const char *id)
{
    for (size_t i = 0; i != realm->num_scopes; ++i)
        if (strcmp(realm->scopes[i].id, id) == 0)
            return &realm->scopes[i];
    return NULL;
}

static lk_status_t build_scopes(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    lk_arena_t *arena = snapshot->arena;
    lk_realm_t *realm = &snapshot->super;
    size_t count = (size_t)rows->count;
    lk_scope_t *scopes = LK_NEW_ARRAY(arena, lk_scope_t, count);
    snapshot->scopes_by_name = LK_NEW_ARRAY(arena, const lk_scope_t *, count);
    for (size_t i = 0; i != count; ++i) {
        lk_scope_t *scope = &scopes[i];
        json_t *rep;
        if (parse_rep(arena, rows, (int)i, &rep, err) != LK_OK)
            return lk_error_detail(err, "client scope %zu of realm %s", i, realm->name);
        lk_rep_load(&lk_scope_fields, arena, rep, scope);
        scope->id = lk_strdup(arena, lk_row_str(rows, (int)i, "id"));
        scope->name = lk_strdup(arena, lk_row_str(rows, (int)i, "name"));
        scope->include_in_token_scope = lk_json_config_bool(scope->attributes, "include.in.token.scope", 1);
        scope->display_on_consent_screen = lk_json_config_bool(scope->attributes, "display.on.consent.screen", 1);
        scope->consent_screen_text = lk_json_str(scope->attributes, "consent.screen.text", NULL);
        lk_parameter_load(scope);
        scope->realm_default = lk_strdup(arena, lk_row_str(rows, (int)i, "realm_default"));
        scope->roles = lk_roles_resolve(arena, realm, lk_row_str(rows, (int)i, "roles"), &scope->num_roles);
        lk_mappers_load(arena, rep, &scope->mappers, &scope->num_mappers);
        snapshot->scopes_by_name[i] = scope;
    }
    qsort(snapshot->scopes_by_name, count, sizeof(*snapshot->scopes_by_name), compare_scopes_by_name);
    realm->scopes = scopes;
    realm->num_scopes = count;
    return LK_OK;
}

/* --- what is only listed --- */

static lk_status_t build_identity_providers(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    lk_arena_t *arena = snapshot->arena;
    size_t count = (size_t)rows->count;
    lk_identity_provider_t *providers = LK_NEW_ARRAY(arena, lk_identity_provider_t, count);
    for (size_t i = 0; i != count; ++i) {
        lk_identity_provider_t *provider = &providers[i];
        json_t *rep;
        if (parse_rep(arena, rows, (int)i, &rep, err) != LK_OK)
            return lk_error_detail(err, "identity provider %zu of realm %s", i, snapshot->super.name);
        lk_rep_load(&lk_identity_provider_fields, arena, rep, provider);
        provider->rep = rep;
        provider->internal_id = lk_strdup(arena, lk_row_str(rows, (int)i, "id"));
        provider->alias = lk_strdup(arena, lk_row_str(rows, (int)i, "alias"));
        /* Before Keycloak 26 this lived in the config map. */
        provider->hide_on_login |= lk_json_config_bool(provider->config, "hideOnLoginPage", 0);
    }
    snapshot->super.identity_providers = providers;
    snapshot->super.num_identity_providers = count;
    return LK_OK;
}

/* Rows come by alias, as the providers do. */
static lk_status_t build_provider_mappers(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    lk_arena_t *arena = snapshot->arena;
    size_t count = (size_t)rows->count, at = 0;
    lk_provider_mapper_t *mappers = LK_NEW_ARRAY(arena, lk_provider_mapper_t, count);
    for (size_t i = 0; i != count; ++i) {
        json_t *rep;
        if (parse_rep(arena, rows, (int)i, &rep, err) != LK_OK)
            return lk_error_detail(err, "identity provider mapper %zu of realm %s", i, snapshot->super.name);
        lk_rep_load(&lk_identity_provider_mapper_fields, arena, rep, &mappers[i]);
    }
    for (size_t i = 0; i != snapshot->super.num_identity_providers; ++i) {
        lk_identity_provider_t *provider = (lk_identity_provider_t *)&snapshot->super.identity_providers[i];
        provider->mappers = mappers + at;
        while (at != count && strcmp(lk_row_str(rows, (int)at, "alias"), provider->alias) == 0)
            ++at;
        provider->num_mappers = (size_t)(mappers + at - provider->mappers);
    }
    return LK_OK;
}

static lk_status_t build_authenticator_configs(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    json_t *configs = lk_json_own(snapshot->arena, json_object()), *rep;
    for (int i = 0; i != rows->count; ++i) {
        if (parse_rep(snapshot->arena, rows, i, &rep, err) != LK_OK)
            return lk_error_detail(err, "authenticator configuration %d of realm %s", i, snapshot->super.name);
        json_object_set(configs, lk_row_str(rows, i, "alias"), json_object_get(rep, "config"));
    }
    snapshot->super.authenticator_configs = configs;
    return LK_OK;
}

static int compare_actions(const void *a, const void *b)
{
    const lk_required_action_t *left = a, *right = b;
    return left->priority != right->priority ? (left->priority > right->priority) - (left->priority < right->priority)
                                             : strcmp(left->alias, right->alias);
}

static lk_status_t build_required_actions(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    lk_arena_t *arena = snapshot->arena;
    size_t count = (size_t)rows->count;
    lk_required_action_t *actions = LK_NEW_ARRAY(arena, lk_required_action_t, count);
    for (size_t i = 0; i != count; ++i) {
        json_t *rep;
        if (parse_rep(arena, rows, (int)i, &rep, err) != LK_OK)
            return lk_error_detail(err, "required action %zu of realm %s", i, snapshot->super.name);
        lk_rep_load(&lk_required_action_fields, arena, rep, &actions[i]);
        actions[i].alias = lk_strdup(arena, lk_row_str(rows, (int)i, "alias"));
    }
    qsort(actions, count, sizeof(*actions), compare_actions);
    snapshot->super.required_actions = actions;
    snapshot->super.num_required_actions = count;
    return LK_OK;
}

static lk_status_t build_flows(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    lk_arena_t *arena = snapshot->arena;
    size_t count = (size_t)rows->count;
    lk_flow_t *flows = LK_NEW_ARRAY(arena, lk_flow_t, count);
    for (size_t i = 0; i != count; ++i) {
        json_t *rep;
        if (parse_rep(arena, rows, (int)i, &rep, err) != LK_OK)
            return lk_error_detail(err, "flow %zu of realm %s", i, snapshot->super.name);
        lk_rep_load(&lk_flow_fields, arena, rep, &flows[i]);
        flows[i].rep = rep;
        flows[i].id = lk_strdup(arena, lk_row_str(rows, (int)i, "id"));
        flows[i].alias = lk_strdup(arena, lk_row_str(rows, (int)i, "alias"));
    }
    snapshot->super.flows = flows;
    snapshot->super.num_flows = count;
    return LK_OK;
}

/* --- the realm itself --- */

static lk_status_t build_settings(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    lk_realm_t *realm = &snapshot->super;
    json_t *rep;
    realm->name = lk_strdup(snapshot->arena, lk_row_str(rows, 0, "name"));
    if (parse_rep(snapshot->arena, rows, 0, &rep, err) != LK_OK)
        return lk_error_detail(err, "realm %s", realm->name);
    lk_rep_load(&lk_realm_fields, snapshot->arena, rep, realm);
    realm->rep = rep;
    realm->id = lk_strdup(snapshot->arena, lk_row_str(rows, 0, "id"));
    realm->name = lk_strdup(snapshot->arena, lk_row_str(rows, 0, "name"));
    realm->version = lk_row_int(rows, 0, "version", 0);
    realm->clients = &snapshot->clients;
    return LK_OK;
}

/* Nobody signs in by the provider of an organization that is switched off, or that the realm does without. */
static void give_providers(lk_realm_t *realm, lk_identity_provider_t *providers)
{
    for (size_t i = 0; i != realm->num_identity_providers; ++i) {
        const char *owner = lk_json_str(providers[i].rep, "organizationId", "");
        if (*owner == '\0')
            continue;
        providers[i].organization = lk_realm_organization_by_id(realm, owner);
        providers[i].enabled &=
            realm->organizations_enabled && providers[i].organization != NULL && providers[i].organization->enabled;
    }
}

static lk_status_t build_organizations(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    lk_organization_t *organizations = LK_NEW_ARRAY(snapshot->arena, lk_organization_t, (size_t)rows->count + 1);
    (void)err;
    for (int i = 0; i != rows->count; ++i)
        organizations[i] = (lk_organization_t){.id = lk_strdup(snapshot->arena, lk_row_str(rows, i, "id")),
                                               .alias = lk_strdup(snapshot->arena, lk_row_str(rows, i, "alias")),
                                               .name = lk_strdup(snapshot->arena, lk_row_str(rows, i, "name")),
                                               .redirect_url = lk_strdup(snapshot->arena, lk_row_str(rows, i, "redirect_url")),
                                               .enabled = lk_row_bool(rows, i, "enabled")};
    snapshot->super.organizations = organizations;
    snapshot->super.num_organizations = (size_t)rows->count;
    give_providers(&snapshot->super, (lk_identity_provider_t *)snapshot->super.identity_providers);
    return LK_OK;
}

/* By the id that the realm's representation remembers, or by Keycloak's name for it. */
static const lk_role_t *find_default_role(lk_snapshot_t *snapshot)
{
    const lk_realm_t *realm = &snapshot->super;
    const json_t *remembered = json_object_get(realm->rep, "defaultRole");
    const char *id = lk_json_str(remembered, "id", NULL), *name = lk_json_str(remembered, "name", NULL);
    const lk_role_t *role = id != NULL ? lk_realm_role_by_id(realm, id) : NULL;
    if (role == NULL && name != NULL)
        role = lk_realm_role(realm, NULL, name);
    if (role == NULL)
        role =
            lk_realm_role(realm, NULL, lk_printf(snapshot->arena, "default-roles-%s", lk_utf8_lower(snapshot->arena, realm->name)));
    return role;
}

/* Statements in the order of what depends on what: groups and scopes point at roles. All go to the database in one round trip. */
static const struct {
    enum en_lk_query_t query;
    lk_status_t (*build)(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err);
} parts[] = {
    {LK_Q_SNAPSHOT_REALM, build_settings},
    {LK_Q_SNAPSHOT_ROLES, build_roles},
    {LK_Q_SNAPSHOT_GROUPS, build_groups},
    {LK_Q_SNAPSHOT_SCOPES, build_scopes},
    {LK_Q_SNAPSHOT_COMPONENTS, lk_snapshot_read_components},
    {LK_Q_SNAPSHOT_RETIRED_KEYS, lk_snapshot_read_retired_keys},
    {LK_Q_SNAPSHOT_IDENTITY_PROVIDERS, build_identity_providers},
    {LK_Q_SNAPSHOT_PROVIDER_MAPPERS, build_provider_mappers},
    {LK_Q_SNAPSHOT_REQUIRED_ACTIONS, build_required_actions},
    {LK_Q_SNAPSHOT_FLOWS, build_flows},
    {LK_Q_SNAPSHOT_AUTHENTICATOR_CONFIGS, build_authenticator_configs},
    {LK_Q_SNAPSHOT_ORGANIZATIONS, build_organizations},
};
#define NUM_PARTS (sizeof(parts) / sizeof(parts[0]))

static lk_status_t read_parts(lk_store_t *store, lk_arena_t *arena, const char *realm_id, lk_rows_t *ret_rows, lk_error_t *err)
{
    lk_statement_t statements[NUM_PARTS];
    lk_sql_t *tx = NULL;
    for (size_t i = 0; i != NUM_PARTS; ++i)
        statements[i] = (lk_statement_t){parts[i].query, &realm_id, 1};
    lk_status_t status = lk_tx_begin(store, LK_REPEATABLE_READ_ONLY, &tx, err);
    if (status != LK_OK)
        return status;
    lk_tx_last(tx);
    status = lk_sql_run_all(tx, arena, statements, NUM_PARTS, ret_rows, err);
    if (status == LK_OK)
        status = lk_tx_commit(&tx, err);
    lk_tx_rollback(&tx);
    return status;
}

static const char *scopes_supported(const lk_snapshot_t *snapshot)
{
    const lk_realm_t *realm = &snapshot->super;
    json_t *names = lk_json_own(snapshot->arena, json_pack("[s]", "openid"));
    for (size_t i = 0; i != realm->num_scopes; ++i)
        if ((realm->scopes[i].protocol == NULL || strcmp(realm->scopes[i].protocol, "openid-connect") == 0) &&
            lk_json_config_bool(realm->scopes[i].attributes, "include.in.openid.provider.metadata", 1))
            json_array_append_new(names, json_string(realm->scopes[i].name));
    return lk_json_text(snapshot->arena, names);
}

/* The levels that every realm has, and the names that it gives to its own. */
static const char *acr_values_supported(const lk_snapshot_t *snapshot)
{
    json_t *supported = lk_json_own(snapshot->arena, json_pack("[s, s]", "0", "1")), *names, *level;
    const char *text = lk_json_str(snapshot->super.attributes, "acr.loa.map", "{}"), *name;
    if (lk_json_parse(snapshot->arena, text, strlen(text), &names, NULL) == LK_OK)
        json_object_foreach(names, name, level) if (strcmp(name, "0") != 0 && strcmp(name, "1") != 0)
            json_array_append_new(supported, json_string(name));
    return lk_json_text(snapshot->arena, supported);
}

static lk_status_t build(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    for (size_t i = 0; i != NUM_PARTS && status == LK_OK; ++i)
        status = parts[i].build(snapshot, &rows[i], err);
    if (status == LK_OK) {
        snapshot->super.default_role = find_default_role(snapshot);
        snapshot->super.scopes_supported = scopes_supported(snapshot);
        snapshot->super.acr_values_supported = acr_values_supported(snapshot);
    }
    return status;
}

lk_status_t lk_snapshot_load(lk_store_t *store, lk_notice_t notice, const char *keys_dir, const char *realm_id,
                             lk_snapshot_t **ret_snapshot, lk_error_t *err)
{
    lk_arena_t *scratch = lk_arena_create("snapshot rows");
    lk_snapshot_t *snapshot = NULL;
    lk_rows_t rows[NUM_PARTS];
    lk_status_t status = read_parts(store, scratch, realm_id, rows, err);
    if (status == LK_OK && rows[0].count != 0) {
        lk_arena_t *arena = lk_arena_create("snapshot");
        snapshot = LK_NEW(arena, lk_snapshot_t);
        snapshot->arena = arena;
        snapshot->notice = notice;
        snapshot->keys_dir = keys_dir;
        atomic_init(&snapshot->refs, 1);
        lk_client_cache_init(&snapshot->clients);
        status = build(snapshot, rows, err);
    }
    if (status == LK_OK)
        *ret_snapshot = snapshot;
    else
        lk_snapshot_unref(snapshot);
    lk_arena_destroy(&scratch);
    return status;
}

lk_snapshot_t *lk_snapshot_ref(lk_snapshot_t *snapshot)
{
    atomic_fetch_add_explicit(&snapshot->refs, 1, memory_order_relaxed);
    return snapshot;
}

void lk_snapshot_unref(void *object)
{
    lk_snapshot_t *snapshot = object;
    if (snapshot == NULL || atomic_fetch_sub_explicit(&snapshot->refs, 1, memory_order_acq_rel) != 1)
        return;
    lk_client_cache_free(&snapshot->clients, snapshot->free_plans);
    lk_arena_t *arena = snapshot->arena;
    lk_arena_destroy(&arena);
}
