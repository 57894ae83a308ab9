/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "cli/lookup.h"

#include <stdint.h>
#include <string.h>

/* The id of the one item whose `member` is `value`. */
static const char *only_one(lk_cli_t *cli, const json_t *list, const char *member, const char *value, const char *what,
                            const char *by)
{
    const char *id = NULL;
    size_t i;
    json_t *item;
    if (list == NULL)
        return NULL;
    json_array_foreach((json_t *)(uintptr_t)list, i, item)
    {
        if (strcmp(lk_json_str(item, member, ""), value) != 0)
            continue;
        if (id != NULL) {
            lk_fail(&cli->err, LK_CONFLICT, NULL, "Multiple %ss found for %s: %s. Use its id instead", what, by, value);
            return NULL;
        }
        id = lk_json_str(item, "id", NULL);
    }
    if (id == NULL)
        lk_fail(&cli->err, LK_NOT_FOUND, NULL, "%c%s not found for %s: %s", what[0] - 'a' + 'A', what + 1, by, value);
    return id;
}

const char *lk_find_user(lk_cli_t *cli, const char *name)
{
    json_t *list = lk_call_get(cli, lk_url_realm(cli, "/users?username=%s&exact=true", name));
    if (json_array_size(list) == 1) /* names are kept in lower case */
        return lk_json_str(json_array_get(list, 0), "id", NULL);
    return only_one(cli, list, "username", name, "user", "username");
}

const char *lk_find_client(lk_cli_t *cli, const char *client_id)
{
    return only_one(cli, lk_call_get(cli, lk_url_realm(cli, "/clients?clientId=%s", client_id)), "clientId", client_id, "client",
                    "clientId");
}

/* Groups with that name at any depth of the answer's tree. */
static void collect(const json_t *groups, const char *name, json_t *found)
{
    size_t i;
    json_t *group;
    json_array_foreach((json_t *)(uintptr_t)groups, i, group)
    {
        if (strcmp(lk_json_str(group, "name", ""), name) == 0)
            json_array_append(found, group);
        collect(json_object_get(group, "subGroups"), name, found);
    }
}

const char *lk_find_group(lk_cli_t *cli, const char *name)
{
    json_t *found = lk_json_own(cli->arena, json_array()),
           *list = lk_call_get(cli, lk_url_realm(cli, "/groups?search=%s&exact=true", name));
    if (list == NULL)
        return NULL;
    collect(list, name, found);
    return only_one(cli, found, "name", name, "group", "name");
}

const char *lk_find_group_path(lk_cli_t *cli, const char *path)
{
    const char *url = lk_url_realm(cli, "/group-by-path");
    lk_buffer_t whole;
    lk_buffer_init(&whole, cli->arena, 64 * 1024);
    lk_buffer_puts(&whole, url);
    for (const char *part = path + strspn(path, "/"); *part != '\0'; part += strcspn(part, "/"), part += strspn(part, "/")) {
        lk_buffer_putc(&whole, '/');
        lk_buffer_percent(&whole, lk_strndup(cli->arena, part, strcspn(part, "/")));
    }
    const json_t *group = lk_call_get(cli, whole.base);
    if (group == NULL && cli->err.kind == LK_NOT_FOUND)
        lk_fail(&cli->err, LK_NOT_FOUND, NULL, "Group not found for path: %s", path);
    return lk_json_str(group, "id", NULL);
}

lk_status_t lk_set_password(lk_cli_t *cli, const char *user_id, const char *password, int temporary)
{
    json_t *body =
        lk_json_own(cli->arena, json_pack("{s:s, s:s, s:b}", "type", "password", "value", password, "temporary", temporary));
    static const char *const lines[] = {"Content-Type: application/json", NULL};
    const char *text = lk_json_text(cli->arena, body);
    lk_bytes_t bytes = {(const unsigned char *)text, strlen(text)};
    lk_fetched_t fetched;
    return lk_call(cli,
                   &(lk_call_t){.method = "PUT",
                                .url = lk_url_realm(cli, "/users/%s/reset-password", user_id),
                                .body = &bytes,
                                .lines = lines,
                                .plain = 1},
                   &fetched);
}
