/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "crypto/crypto.h"
#include "model/federated.h"

/* Identity providers and their mappers; users' links to them. */

#define MASK "**********"

/* A secret that comes back as it was shown is the one that is stored. */
static lk_status_t prepare(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    json_t *config = json_object_get(rep, "config");
    const char *secret = lk_json_str(config, "clientSecret", NULL), *alias = lk_json_str(rep, "alias", "");
    if (*alias == '\0')
        return lk_admin_message(err, LK_INVALID, "Missing alias");
    if (old == NULL)
        lk_rep_fill(&lk_identity_provider_fields, rep);
    if (old != NULL && lk_secret_equal(MASK, secret))
        json_object_set(config, "clientSecret", json_object_get(json_object_get(old, "config"), "clientSecret"));
    (void)admin;
    return LK_OK;
}

static json_t *show(lk_admin_t *admin, const json_t *rep)
{
    json_t *shown = lk_rep_answer(&lk_identity_provider_fields, rep, 0), *config = json_copy(json_object_get(rep, "config"));
    (void)admin;
    if (json_object_get(config, "clientSecret") != NULL)
        json_object_set_new(config, "clientSecret", json_string(MASK));
    json_object_set_new(shown, "config", config != NULL ? config : json_object());
    return shown;
}

const lk_kind_t lk_kind_identity_provider = {.fields = &lk_identity_provider_fields,
                                             .id = "internalId",
                                             .name = "alias",
                                             .missing = "HTTP 404 Not Found",
                                             .exists = "Identity Provider %s already exists",
                                             .by_name = 1,
                                             .select = LK_Q_PROVIDER_SELECT,
                                             .insert = LK_Q_PROVIDER_INSERT,
                                             .update = LK_Q_PROVIDER_UPDATE,
                                             .remove = LK_Q_PROVIDER_DELETE,
                                             .prepare = prepare,
                                             .show = show};

/* --- mappers: below a provider --- */

static lk_status_t prepare_mapper(lk_admin_t *admin, const json_t *old, json_t *rep, lk_error_t *err)
{
    (void)old;
    (void)err;
    json_object_set_new(rep, "identityProviderAlias", json_string(admin->narrow));
    lk_rep_fill(&lk_identity_provider_mapper_fields, rep);
    return LK_OK;
}

const lk_kind_t lk_kind_provider_mapper = {.fields = &lk_identity_provider_mapper_fields,
                                           .id = "id",
                                           .name = "name",
                                           .missing = "Model not found",
                                           .exists = "Mapper %s already exists",
                                           .select = LK_Q_PROVIDER_MAPPER_SELECT,
                                           .insert = LK_Q_PROVIDER_MAPPER_INSERT,
                                           .update = LK_Q_PROVIDER_MAPPER_UPDATE,
                                           .remove = LK_Q_PROVIDER_MAPPER_DELETE,
                                           .prepare = prepare_mapper};

lk_status_t lk_resolve_provider(lk_admin_t *admin, lk_error_t *err)
{
    admin->id = admin->narrow = admin->req->params[1];
    return lk_realm_identity_provider(admin->realm, admin->id) != NULL ? LK_OK
                                                                       : lk_fail(err, LK_NOT_FOUND, NULL, "HTTP 404 Not Found");
}

/* --- a user's links --- */

json_t *lk_federated_show(const lk_federated_t *links, size_t count)
{
    json_t *list = json_array();
    for (size_t i = 0; i != count; ++i)
        json_array_append_new(list, json_pack("{s:s, s:s, s:s*}", "identityProvider", links[i].alias, "userId", links[i].user_id,
                                              "userName", links[i].username));
    return list;
}

lk_status_t lk_user_links_list(lk_admin_t *admin, lk_error_t *err)
{
    lk_federated_t *links;
    size_t count;
    lk_status_t status = lk_federated_links(admin->sql, admin->req->arena, admin->realm, admin->id, NULL, &links, &count, err);
    return status == LK_OK ? lk_admin_reply(admin, lk_federated_show(links, count)) : status;
}

lk_status_t lk_user_link_add(lk_admin_t *admin, lk_error_t *err)
{
    lk_federated_t link = {.alias = admin->args[0],
                           .user_id = lk_json_str(admin->body, "userId", NULL),
                           .username = lk_json_str(admin->body, "userName", NULL)};
    if (lk_realm_identity_provider(admin->realm, link.alias) == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Identity provider not found");
    if (link.user_id == NULL)
        return lk_admin_message(err, LK_INVALID, "Missing userId");
    lk_status_t status = lk_federated_add(admin->sql, admin->req->arena, admin->realm, admin->id, &link, err);
    return status == LK_CONFLICT ? lk_admin_message(err, LK_CONFLICT, "User is already linked with provider") : status;
}

lk_status_t lk_user_link_remove(lk_admin_t *admin, lk_error_t *err)
{
    lk_federated_t *links;
    size_t count;
    lk_status_t status =
        lk_federated_links(admin->sql, admin->req->arena, admin->realm, admin->id, admin->args[0], &links, &count, err);
    if (status == LK_OK && count == 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Link not found");
    return status == LK_OK ? lk_federated_remove(admin->sql, admin->req->arena, admin->realm, admin->id, admin->args[0], err)
                           : status;
}
