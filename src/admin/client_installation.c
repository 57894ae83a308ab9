/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"

/* keycloak.json: what Keycloak's adapters read. */

static int has_roles(const lk_admin_t *admin)
{
    for (size_t i = 0; i != admin->realm->num_roles; ++i)
        if (lk_role_is_of(&admin->realm->roles[i], admin->client->id))
            return 1;
    return 0;
}

static json_t *credentials(const lk_client_t *client)
{
    const char *secret = client->secret != NULL ? client->secret : "";
    const char *type = client->client_authenticator_type != NULL ? client->client_authenticator_type : "client-secret";
    if (strcmp(type, "client-secret") == 0)
        return json_pack("{s:s}", "secret", secret);
    if (strcmp(type, "client-secret-jwt") == 0)
        return json_pack("{s:{s:s}}", "secret-jwt", "secret", secret);
    if (strcmp(type, "client-jwt") == 0)
        return json_pack("{s:{s:s, s:s, s:s, s:s, s:i, s:s}}", "jwt", "client-key-password",
                         "REPLACE WITH THE KEY PASSWORD IN KEYSTORE", "client-keystore-file",
                         "REPLACE WITH THE LOCATION OF YOUR KEYSTORE FILE", "client-keystore-password",
                         "REPLACE WITH THE KEYSTORE PASSWORD", "client-key-alias", client->client_id, "token-timeout", 10,
                         "client-keystore-type", "jks");
    return json_object();
}

json_t *lk_client_keycloak_json(const lk_admin_t *admin)
{
    const lk_client_t *client = admin->client;
    json_t *json = json_pack("{s:s}", "realm", admin->realm->name);
    if (client->bearer_only)
        json_object_set_new(json, "bearer-only", json_true());
    json_object_set_new(json, "auth-server-url", json_string(lk_printf(admin->req->arena, "%s/", admin->req->base_url)));
    json_object_set_new(json, "ssl-required", json_string(admin->realm->ssl_required));
    json_object_set_new(json, "resource", json_string(client->client_id));
    if (client->public_client && !client->bearer_only)
        json_object_set_new(json, "public-client", json_true());
    if (has_roles(admin))
        json_object_set_new(json, "verify-token-audience", json_true());
    if (!client->public_client && !client->bearer_only)
        json_object_set_new(json, "credentials", credentials(client));
    if (has_roles(admin))
        json_object_set_new(json, "use-resource-role-mappings", json_true());
    json_object_set_new(json, "confidential-port", json_integer(0));
    return json;
}

/* As Jackson indents it: a blank on both sides of the colon. */
static void write_pretty(lk_arena_t *arena, lk_buffer_t *out, const json_t *value, int depth)
{
    const char *name, *separator = "";
    json_t *member;
    if (!json_is_object(value) || json_object_size(value) == 0) {
        lk_buffer_puts(out, json_is_object(value) ? "{ }" : lk_json_text(arena, value));
        return;
    }
    lk_buffer_putc(out, '{');
    json_object_foreach((json_t *)value, name, member)
    {
        lk_buffer_printf(out, "%s\n%*s", separator, depth * 2 + 2, "");
        lk_buffer_json_string(out, name);
        lk_buffer_puts(out, " : ");
        write_pretty(arena, out, member, depth + 1);
        separator = ",";
    }
    lk_buffer_printf(out, "\n%*s}", depth * 2, "");
}

lk_status_t lk_client_installation(lk_admin_t *admin, lk_error_t *err)
{
    if (strcmp(admin->args[0], "keycloak-oidc-keycloak-json") != 0)
        return lk_fail(err, LK_NOT_FOUND, NULL, "Unknown Provider");
    lk_reply_text(admin->reply, 200, "text/plain", "");
    write_pretty(admin->req->arena, &admin->reply->body, lk_json_own(admin->req->arena, lk_client_keycloak_json(admin)), 0);
    return LK_OK;
}
