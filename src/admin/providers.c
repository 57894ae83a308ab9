/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "core/embedded.h"

/* What can be configured: conf/providers.json. Members that are false there are left out. */

#define FILE_NAME "conf/providers.json"

json_t *lk_catalogue(lk_admin_t *admin, const char *file_name, const char *kind)
{
    const lk_bytes_t *file = lk_embedded_find(file_name);
    json_t *all = NULL;
    lk_json_parse(admin->req->arena, (const char *)file->base, file->len, &all, NULL);
    return json_object_get(all, kind);
}

json_t *lk_providers(lk_admin_t *admin, const char *kind)
{
    return lk_catalogue(admin, FILE_NAME, kind);
}

const json_t *lk_provider_find(const json_t *providers, const char *id)
{
    return id != NULL ? lk_json_find(providers, "id", id) : NULL;
}

json_t *lk_provider_properties(const json_t *provider)
{
    static const char *const switches[] = {"secret", "required", "readOnly"};
    json_t *list = json_array(), *property;
    size_t i;
    json_array_foreach(json_object_get(provider, "properties"), i, property)
    {
        json_t *shown = json_copy(property);
        for (size_t j = 0; j != sizeof(switches) / sizeof(switches[0]); ++j)
            if (json_object_get(shown, switches[j]) == NULL)
                json_object_set_new(shown, switches[j], json_false());
        json_array_append_new(list, shown);
    }
    return list;
}

/* The row's last segment is the kind: "authenticator-providers". */
lk_status_t lk_providers_list(lk_admin_t *admin, lk_error_t *err)
{
    const json_t *providers = lk_providers(admin, strrchr(admin->row->path, '/') + 1);
    json_t *list = json_array(), *provider;
    size_t i;
    json_array_foreach((json_t *)providers, i, provider)
    {
        const char *name = lk_json_str(provider, "displayName", "");
        json_t *shown =
            json_pack("{s:O, s:s, s:s}", "id", json_object_get(provider, "id"), "displayName", name, "description", name);
        if (json_object_get(provider, "supportsSecret") != NULL)
            json_object_set(shown, "supportsSecret", json_object_get(provider, "supportsSecret"));
        json_array_append_new(list, shown);
    }
    return lk_admin_reply(admin, list);
}

lk_status_t lk_providers_of_clients(lk_admin_t *admin, lk_error_t *err)
{
    json_t *all = lk_providers(admin, "client-authenticator-providers"), *shown = json_object(), *provider;
    size_t i;
    json_array_foreach(all, i, provider)
    {
        json_object_set_new(shown, lk_json_str(provider, "id", ""), lk_provider_properties(provider));
    }
    return lk_admin_reply(admin, shown);
}

const json_t *lk_execution_provider(lk_admin_t *admin, const char *id)
{
    static const char *const kinds[] = {"authenticator-providers", "client-authenticator-providers", "form-action-providers",
                                        "form-providers"};
    const json_t *found = NULL;
    for (size_t i = 0; found == NULL && i != sizeof(kinds) / sizeof(kinds[0]); ++i)
        found = lk_provider_find(lk_providers(admin, kinds[i]), id);
    return found;
}

lk_status_t lk_provider_config_description(lk_admin_t *admin, lk_error_t *err)
{
    const json_t *provider = lk_execution_provider(admin, admin->args[0]);
    if (provider == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Could not find authenticator provider");
    const char *name = lk_json_str(provider, "displayName", "");
    return lk_admin_reply(admin, json_pack("{s:s, s:s, s:s, s:o}", "name", name, "providerId", admin->args[0], "helpText", name,
                                           "properties", lk_provider_properties(provider)));
}

lk_status_t lk_required_action_config_description(lk_admin_t *admin, lk_error_t *err)
{
    const json_t *provider = lk_provider_find(lk_providers(admin, "required-actions"), admin->args[0]);
    if (json_object_get(provider, "properties") == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Could not find configurable RequiredAction provider");
    return lk_admin_reply(admin, json_pack("{s:o}", "properties", lk_provider_properties(provider)));
}
