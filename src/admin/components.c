/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "core/time.h"
#include "model/key_component.h"
#include "model/retired_key.h"

/* Components (keys, client registration policies, user storage), and the keys that come of them. */

#define HIDDEN "**********"

/* Members of config that hold keys: never shown where Keycloak generates them, masked where they were given. */
static const char *const key_members[] = {"privateKey",      "certificate",    "secret",         "kid",
                                          "ecdsaPrivateKey", "ecdsaPublicKey", "ecdhPrivateKey", "ecdhPublicKey",
                                          "eddsaPrivateKey", "eddsaPublicKey", "keyUse",         LK_KEY_FILE_MEMBER};
static const char *const masked_members[] = {"privateKey", "secret", "keystorePassword", "keyPassword", "bindCredential"};

static int is_key(const json_t *rep)
{
    return strcmp(lk_json_str(rep, "providerType", ""), LK_KEY_PROVIDER_TYPE) == 0;
}

static json_t *show_component(lk_admin_t *admin, const json_t *rep)
{
    json_t *shown = lk_rep_answer(&lk_component_fields, rep, 0), *config = json_copy(json_object_get(rep, "config"));
    int is_generated = is_key(rep) && strstr(lk_json_str(rep, "providerId", ""), "-generated") != NULL;
    for (size_t i = 0; is_generated && i != sizeof(key_members) / sizeof(key_members[0]); ++i)
        json_object_del(config, key_members[i]);
    for (size_t i = 0; i != sizeof(masked_members) / sizeof(masked_members[0]); ++i)
        if (json_object_get(config, masked_members[i]) != NULL)
            json_object_set_new(config, masked_members[i], json_pack("[s]", HIDDEN));
    json_object_set_new(shown, "config", config != NULL ? config : json_object());
    return shown;
}

/* An update adds to the configuration; what is masked stays. */
static json_t *merged_config(const json_t *old, const json_t *given)
{
    json_t *config = old != NULL ? json_copy((json_t *)old) : json_object(), *values;
    const char *name;
    json_object_foreach((json_t *)given, name, values)
    {
        const char *first = json_string_value(json_array_get(values, 0));
        if (first != NULL && strcmp(first, HIDDEN) == 0)
            continue;
        if (json_array_size(values) == 0)
            json_object_del(config, name);
        else
            json_object_set(config, name, values);
    }
    return config;
}

static lk_status_t prepare(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    lk_error_t reason = {0};
    const char *provider = lk_json_str(rep, "providerId", "");
    if (lk_json_str(rep, "parentId", NULL) == NULL)
        json_object_set_new(rep, "parentId", json_string(admin->realm->id));
    json_object_set_new(rep, "config", merged_config(json_object_get(old, "config"), json_object_get(rep, "config")));
    if (lk_json_str(rep, "providerType", NULL) == NULL || (is_key(rep) && !lk_key_provider_known(provider)))
        return lk_fail(err, LK_INVALID, NULL, "Invalid provider type or no such provider");
    if (!is_key(rep))
        return LK_OK;
    json_t *config = json_object_get(rep, "config");
    lk_status_t status =
        lk_key_component_check(admin->req->arena, provider, config, admin->req->app->keys_dir, admin->realm->name, &reason);
    if (status == LK_OK)
        status = lk_key_component_complete(admin->req->arena, provider, config, admin->realm->name, &reason);
    return status == LK_INVALID ? lk_admin_message(err, LK_INVALID, reason.text) : status;
}

/* Whoever disables a provider wants its keys gone, those too that it had before. What it signed with until now lives on where the
 * key is another one. */
static lk_status_t written(lk_admin_t *admin, const json_t *old, const json_t *rep, lk_error_t *err)
{
    const char *id = lk_json_str(rep, "id", "");
    const json_t *config = json_object_get(rep, "config"), *before = json_object_get(old, "config");
    const lk_realm_key_t *entry = old != NULL && is_key(old) ? lk_realm_key_of(admin->realm, id) : NULL;
    int changed = 0, count;
    if (entry == NULL)
        return LK_OK;
    if (!lk_json_config_bool(config, "enabled", 1))
        return lk_retired_key_forget(admin->sql, admin->req->arena, admin->realm->id, id, entry->key->kid, &count, err);
    for (size_t i = 0; i != sizeof(key_members) / sizeof(key_members[0]); ++i)
        changed |= !json_equal(json_object_get(config, key_members[i]), json_object_get(before, key_members[i]));
    if (!changed)
        return LK_OK;
    return lk_retired_key_keep(admin->sql, admin->req->arena, admin->realm->id, entry, lk_now(), err);
}

/* type, parent and name of a list's query. */
static int matches(lk_admin_t *admin, const json_t *rep)
{
    static const char *const filters[][2] = {{"type", "providerType"}, {"parent", "parentId"}, {"name", "name"}};
    for (size_t i = 0; i != sizeof(filters) / sizeof(filters[0]); ++i) {
        const char *wanted = lk_pairs_get(&admin->req->query, filters[i][0]);
        if (wanted != NULL && strcmp(lk_json_str(rep, filters[i][1], ""), wanted) != 0)
            return 0;
    }
    return 1;
}

const lk_kind_t lk_kind_component = {.fields = &lk_component_fields,
                                     .id = "id",
                                     .name = "name",
                                     .missing = "Could not find component",
                                     .select = LK_Q_COMPONENT_SELECT,
                                     .insert = LK_Q_COMPONENT_INSERT,
                                     .update = LK_Q_COMPONENT_UPDATE,
                                     .remove = LK_Q_COMPONENT_DELETE,
                                     .prepare = prepare,
                                     .written = written,
                                     .matches = matches,
                                     .show = show_component};

/* The key of a provider that is deleted while it is enabled is published until what it signed has ended, unless the query says
 * `compromised=true`; which may be said of one that is deleted already, too. */
lk_status_t lk_component_remove(lk_admin_t *admin, lk_error_t *err)
{
    const char *id = admin->args[0], *said = lk_pairs_get(&admin->req->query, "compromised");
    const lk_realm_key_t *entry = lk_realm_key_of(admin->realm, id);
    int forget = (said != NULL && strcmp(said, "true") == 0) || (entry != NULL && entry->status == LK_KEY_DISABLED), count = 0;
    lk_status_t status = LK_OK;
    if (forget)
        status = lk_retired_key_forget(admin->sql, admin->req->arena, admin->realm->id, id, entry != NULL ? entry->key->kid : NULL,
                                       &count, err);
    else if (entry != NULL)
        status = lk_retired_key_keep(admin->sql, admin->req->arena, admin->realm->id, entry, lk_now(), err);
    if (status == LK_OK)
        status = lk_admin_remove(admin, err);
    if (status != LK_NOT_FOUND || count == 0)
        return status;
    *err = (lk_error_t){0};
    return LK_OK;
}

/* Which components could stand below one: none that this server has. */
lk_status_t lk_component_types_below(lk_admin_t *admin, lk_error_t *err)
{
    json_t *component;
    lk_status_t status = lk_kind_find(admin, &lk_kind_component, admin->args[0], &component, err);
    if (status == LK_NOT_FOUND)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Could not find parent component");
    if (status == LK_OK && lk_pairs_get(&admin->req->query, "type") == NULL)
        return lk_fail(err, LK_INVALID, NULL, "must specify a subtype");
    return status == LK_OK ? lk_admin_reply(admin, json_array()) : status;
}

/* --- keys --- */

static json_t *show_key(lk_admin_t *admin, const lk_realm_key_t *key)
{
    static const char *const statuses[] = {
        [LK_KEY_ACTIVE] = "ACTIVE", [LK_KEY_PASSIVE] = "PASSIVE", [LK_KEY_DISABLED] = "DISABLED"};
    static const struct {
        lk_key_type_t type;
        const char *name;
    } types[] = {{LK_KEY_RSA, "RSA"}, {LK_KEY_EC, "EC"}, {LK_KEY_OKP, "OKP"}, {LK_KEY_OCT, "OCT"}};
    const char *type = "OCT";
    for (size_t i = 0; i != sizeof(types) / sizeof(types[0]); ++i)
        if (types[i].type == key->key->type)
            type = types[i].name;
    int64_t end = key->key->certificate != NULL ? lk_certificate_end(admin->req->arena, key->key->certificate) : 0;
    json_t *shown =
        json_pack("{s:s, s:I, s:s, s:s, s:s, s:s*, s:s*, s:s*, s:s}", "providerId", key->component_id, "providerPriority",
                  (json_int_t)key->priority, "kid", key->key->kid, "status", statuses[key->status], "type", type, "algorithm",
                  key->key->alg, "publicKey", key->key->public_key, "certificate", key->key->certificate, "use",
                  key->key->use != NULL && strcmp(key->key->use, "enc") == 0 ? "ENC" : "SIG");
    if (end != 0)
        json_object_set_new(shown, "validTo", json_integer(end * 1000));
    return shown;
}

lk_status_t lk_keys_get(lk_admin_t *admin, lk_error_t *err)
{
    json_t *active = json_object(), *keys = json_array();
    for (size_t i = 0; i != admin->realm->num_keys; ++i) {
        const lk_realm_key_t *key = &admin->realm->keys[i];
        if (key->status == LK_KEY_ACTIVE && key->key->alg != NULL && json_object_get(active, key->key->alg) == NULL)
            json_object_set_new(active, key->key->alg, json_string(key->key->kid));
        json_array_append_new(keys, show_key(admin, key));
    }
    return lk_admin_reply(admin, json_pack("{s:o, s:o}", "active", active, "keys", keys));
}
