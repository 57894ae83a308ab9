/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "core/json.h"
#include "crypto/crypto.h"
#include "model/profile.h"

/* The realm's user profile: a component whose configuration is its JSON as text. */

#define PROFILE_PROVIDER "declarative-user-profile"
#define PROFILE_TYPE "org.keycloak.userprofile.UserProfileProvider"

lk_status_t lk_profile_get(lk_admin_t *admin, lk_error_t *err)
{
    const json_t *profile = admin->realm->user_profile;
    return lk_admin_reply(admin, profile != NULL ? json_deep_copy(profile) : json_loads(lk_profile_default, 0, NULL));
}

lk_status_t lk_profile_metadata_get(lk_admin_t *admin, lk_error_t *err)
{
    return lk_admin_reply(admin, lk_profile_metadata(admin->req->arena, admin->realm, LK_PROFILE_ADMIN, 0));
}

static lk_status_t store(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_rows_t rows, written;
    lk_status_t status = lk_query(admin->sql, arena, LK_Q_ADMIN_COMPONENT_PROFILE, &rows, err, admin->realm->id);
    if (status != LK_OK)
        return status;
    json_t *rep = rows.count != 0 ? lk_admin_json(admin, &rows, 0, "rep")
                                  : lk_json_own(arena, json_pack("{s:s, s:{}}", "providerId", PROFILE_PROVIDER, "config"));
    json_t *config = json_object_get(rep, "config");
    if (config == NULL)
        json_object_set_new(rep, "config", config = json_object());
    json_object_set_new(config, "kc.user.profile.config", json_pack("[s]", lk_json_text(arena, admin->body)));
    if (rows.count != 0)
        return lk_admin_sql(admin, LK_Q_ADMIN_COMPONENT_UPDATE, &written, err, lk_row_str(&rows, 0, "id"),
                            lk_json_text(arena, rep));
    return lk_admin_sql(admin, LK_Q_ADMIN_COMPONENT_INSERT, &written, err, lk_random_uuid(arena), PROFILE_TYPE, PROFILE_PROVIDER,
                        lk_json_text(arena, rep));
}

lk_status_t lk_profile_put(lk_admin_t *admin, lk_error_t *err)
{
    if (!json_is_object(admin->body))
        return lk_fail(err, LK_INVALID, "unknown_error", "Cannot parse the JSON");
    lk_status_t status = store(admin, err);
    return status == LK_OK ? lk_admin_reply(admin, json_incref(admin->body)) : status;
}
