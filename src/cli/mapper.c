/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>
#include "cli/attributes.h"
#include "cli/daily.h"
#include "cli/lookup.h"
#include "cli/table.h"

/* lkadm mapper: protocol mappers of a client by short names. */

static const struct {
    const char *name, *type;
    const char *value;  /* the config that the third word gives; NULL: there is none */
    const char *claim;  /* the claim where --claim gives none; NULL: named as the third word */
    const char *config; /* further config, "name=value" with spaces between */
    int names_client;   /* the third word is a client, which must be there */
} types[] = {
    {"attribute", "oidc-usermodel-attribute-mapper", "user.attribute", NULL, "jsonType.label=String"},
    {"property", "oidc-usermodel-property-mapper", "user.attribute", NULL, "jsonType.label=String"},
    {"groups", "oidc-group-membership-mapper", NULL, "groups", "full.path=true"},
    {"realm-roles", "oidc-usermodel-realm-role-mapper", "usermodel.realmRoleMapping.rolePrefix", "roles",
     "multivalued=true jsonType.label=String"},
    {"client-roles", "oidc-usermodel-client-role-mapper", "usermodel.clientRoleMapping.clientId", "roles",
     "multivalued=true jsonType.label=String", 1},
    {"audience", "oidc-audience-mapper", "included.custom.audience", "", ""},
    {"client-audience", "oidc-audience-mapper", "included.client.audience", "", "", 1},
    {"hardcoded", "oidc-hardcoded-claim-mapper", "claim.value", "", "jsonType.label=String"},
    {"session-note", "oidc-usersessionmodel-note-mapper", "user.session.note", NULL, "jsonType.label=String"},
};
#define NUM_TYPES (sizeof(types) / sizeof(types[0]))

static void set_default(json_t *config, const char *name, const char *value)
{
    if (value != NULL && value[0] != '\0' && json_object_get(config, name) == NULL)
        json_object_set_new(config, name, json_string(value));
}

/* The config of a short type: what the words say, then what is usual; every claim goes into all three. */
static json_t *config_of(lk_cli_t *cli, size_t type, const char *value)
{
    static const char *const targets[] = {"id.token.claim", "access.token.claim", "userinfo.token.claim",
                                          "introspection.token.claim"};
    json_t *config = json_object();
    const char *claim = lk_cli_option(cli, LK_O_CLAIM);
    if (type != NUM_TYPES) {
        set_default(config, types[type].value != NULL ? types[type].value : "", value);
        set_default(config, "claim.name", claim != NULL ? claim : types[type].claim != NULL ? types[type].claim : value);
        for (const char *word = types[type].config; *word != '\0'; word += strcspn(word, " "), word += strspn(word, " ")) {
            size_t len = strcspn(word, "=");
            set_default(config, lk_strndup(cli->arena, word, len),
                        lk_strndup(cli->arena, word + len + 1, strcspn(word + len + 1, " ")));
        }
    } else {
        set_default(config, "claim.name", claim);
    }
    for (size_t i = 0; i != sizeof(targets) / sizeof(targets[0]); ++i)
        set_default(config, targets[i], "true");
    return config;
}

static const char *type_names(lk_arena_t *arena)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, 4096);
    for (size_t i = 0; i != NUM_TYPES; ++i)
        lk_buffer_printf(&out, "%s, ", types[i].name);
    return out.base;
}

/* mapper add CLIENT TYPE [VALUE] */
int lk_verb_mapper_add(lk_cli_t *cli)
{
    const char *value = cli->num_words > 2 ? cli->words[2] : NULL, *given = cli->num_words > 1 ? cli->words[1] : "", *name, *id,
               *set;
    size_t type = 0;
    while (type != NUM_TYPES && strcmp(types[type].name, given) != 0)
        ++type;
    if (given[0] != '\0' && type == NUM_TYPES && strstr(given, "-mapper") == NULL)
        return lk_cli_usage(cli, "Unknown mapper type: %s. Known are %sand Keycloak's own (oidc-...-mapper)", given,
                            type_names(cli->arena));
    if (type != NUM_TYPES && types[type].value != NULL && value == NULL && strcmp(given, "realm-roles") != 0)
        return lk_cli_usage(cli, "%s needs a value: its %s", given, types[type].value);
    if (type != NUM_TYPES && strcmp(given, "hardcoded") == 0 && !lk_cli_has(cli, LK_O_CLAIM))
        return lk_cli_usage(cli, "hardcoded needs --claim");
    int code = lk_daily_begin(cli, 2);
    if (code != LK_EXIT_OK)
        return code;
    if ((name = lk_cli_option(cli, LK_O_NAME)) == NULL)
        name = value != NULL ? lk_printf(cli->arena, "%s %s", given, value) : given;
    json_t *mapper =
        lk_json_own(cli->arena, json_pack("{s:s, s:s, s:s, s:o}", "name", name, "protocol", "openid-connect", "protocolMapper",
                                          type != NUM_TYPES ? types[type].type : given, "config", config_of(cli, type, value)));
    for (size_t at = 0; (set = lk_cli_each(cli, LK_O_SET, &at)) != NULL;) { /* config is a flat map: no paths */
        size_t len = strcspn(set, "=");
        json_object_set_new(json_object_get(mapper, "config"), lk_strndup(cli->arena, set, len), json_string(set + len + 1));
    }
    int names_client = type != NUM_TYPES && types[type].names_client;
    if ((names_client && lk_find_client(cli, value) == NULL) || (id = lk_find_client(cli, cli->words[0])) == NULL ||
        lk_call_send(cli, "POST", lk_url_realm(cli, "/clients/%s/protocol-mappers/models", id), mapper, NULL) != LK_OK)
        return lk_cli_fail(cli);
    return lk_show_object(cli, mapper);
}

/* Begins the verb; the client's mappers and their address. 0, or the exit code. */
static int load_mappers(lk_cli_t *cli, size_t least_words, json_t **ret_list, const char **ret_url)
{
    int code = lk_daily_begin(cli, least_words);
    const char *id;
    if (code != LK_EXIT_OK)
        return code;
    if ((id = lk_find_client(cli, cli->words[0])) == NULL)
        return lk_cli_fail(cli);
    *ret_url = lk_url_realm(cli, "/clients/%s/protocol-mappers/models", id);
    return (*ret_list = lk_call_get(cli, *ret_url)) != NULL ? LK_EXIT_OK : lk_cli_fail(cli);
}

int lk_verb_mapper_list(lk_cli_t *cli)
{
    static const lk_column_t columns[] = {{"NAME", "name"}, {"TYPE", "protocolMapper"}, {"CLAIM", "claim"}};
    const char *url = NULL;
    json_t *list = NULL, *mapper;
    size_t i;
    int code = load_mappers(cli, 1, &list, &url);
    if (code != LK_EXIT_OK)
        return code;
    if (!lk_shows_json(cli))
        json_array_foreach(list, i, mapper)
        {
            int is_audience = strcmp(lk_json_str(mapper, "protocolMapper", ""), "oidc-audience-mapper") == 0;
            const char *claim = lk_json_str(json_object_get(mapper, "config"), "claim.name", is_audience ? "aud" : "");
            json_object_set_new(mapper, "claim", json_string(claim));
        }
    return lk_show_list(cli, list, columns, 3);
}

int lk_verb_mapper_remove(lk_cli_t *cli)
{
    const char *url = NULL;
    json_t *list = NULL, *mapper;
    size_t i;
    int code = load_mappers(cli, 2, &list, &url);
    if (code != LK_EXIT_OK)
        return code;
    json_array_foreach(list, i, mapper)
    {
        if (strcmp(lk_json_str(mapper, "name", ""), cli->words[1]) != 0)
            continue;
        url = lk_printf(cli->arena, "%s/%s", url, lk_json_str(mapper, "id", ""));
        return lk_call_send(cli, "DELETE", url, NULL, NULL) == LK_OK ? LK_EXIT_OK : lk_cli_fail(cli);
    }
    lk_fail(&cli->err, LK_NOT_FOUND, NULL, "Mapper not found for name: %s", cli->words[1]);
    return lk_cli_fail(cli);
}
