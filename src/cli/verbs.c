/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "cli/cli.h"

/* The table of verbs: kcadm's own first, then the short way for the daily work. */

#define ALWAYS (LK_TAKES_GLOBAL | LK_TAKES_LOGIN | LK_TAKES_SESSION)
#define WRITES (ALWAYS | LK_TAKES_REQUEST | LK_TAKES_BODY | LK_TAKES_FIELDS)

const lk_verb_t lk_verbs[] = {
    {"config credentials", lk_verb_credentials, LK_TAKES_GLOBAL | LK_TAKES_LOGIN | LK_TAKES_STATUS, "--server URL --realm REALM", 0,
     "Sign in and keep the session in the config file",
     "lkadm config credentials --server https://sso.example/auth --realm master --user admin\n"
     "lkadm config credentials --server https://sso.example/auth --realm acme --client deployer --secret SECRET\n"
     "lkadm config credentials --status\n",
     NULL},
    {"config truststore", lk_verb_truststore, LK_TAKES_GLOBAL | LK_TAKES_TRUSTSTORE, "[FILE | --delete]", 1,
     "Trust the certificates (PEM) of a file", "lkadm config truststore /etc/ssl/company-ca.pem\n", NULL},
    {"config", lk_verb_config, LK_TAKES_GLOBAL, "credentials|truststore", 0, "Set up the session and the truststore", NULL, NULL},
    {"create", lk_verb_write, WRITES | LK_TAKES_OUTPUT | LK_TAKES_ID, "RESOURCE", 1, "Create a resource",
     "lkadm create realms -s realm=demo -s enabled=true\n"
     "lkadm create users -r demo -s username=alice -s enabled=true -s 'attributes.team=[\"red\"]' -i\n"
     "lkadm create clients -r demo -f client.json -s clientId=web -s 'redirectUris=[\"https://app.example/*\"]'\n",
     "POST"},
    {"get", lk_verb_get, ALWAYS | LK_TAKES_REQUEST | LK_TAKES_FIELDS | LK_TAKES_PAGE | LK_TAKES_FORMAT, "RESOURCE", 1,
     "Get a resource",
     "lkadm get realms --fields id,realm,enabled\n"
     "lkadm get users -r demo -q username=alice -q exact=true\n"
     "lkadm get clients -r demo --fields 'id,clientId,protocolMappers(name,config(*))'\n"
     "lkadm get users -r demo --offset 0 --limit 100 --format csv --noquotes --fields username,email\n",
     "GET"},
    {"update", lk_verb_write, WRITES | LK_TAKES_OUTPUT | LK_TAKES_MERGE, "RESOURCE", 1, "Update a resource",
     "lkadm update realms/demo -s registrationAllowed=true\n"
     "lkadm update clients/ID -r demo -s 'redirectUris+=https://new.example/*' -d 'redirectUris[0]'\n"
     "lkadm update clients/ID -r demo -f client.json --merge\n",
     "PUT"},
    {"delete", lk_verb_write, WRITES | LK_TAKES_OUTPUT, "RESOURCE", 1, "Delete a resource", "lkadm delete users/ID -r demo\n",
     "DELETE"},
    {"get-roles", lk_verb_get_roles, ALWAYS | LK_TAKES_FIELDS | LK_TAKES_FORMAT | LK_TAKES_SUBJECT | LK_TAKES_WHICH, "", 0,
     "List roles: of the realm, of a client, or those of a user, group or composite role",
     "lkadm get-roles -r demo --cclientid realm-management --fields name\n"
     "lkadm get-roles -r demo --uusername alice --effective\n",
     NULL},
    {"add-roles", lk_verb_change_roles, ALWAYS | LK_TAKES_SUBJECT, "", 0, "Add roles to a user, a group or a composite role",
     "lkadm add-roles -r demo --uusername alice --rolename offline_access\n"
     "lkadm add-roles -r demo --gname Operators --cclientid realm-management --rolename view-users\n",
     "POST"},
    {"remove-roles", lk_verb_change_roles, ALWAYS | LK_TAKES_SUBJECT, "", 0,
     "Remove roles from a user, a group or a composite role",
     "lkadm remove-roles -r demo --gpath /Operators/Night --rolename admin\n", "DELETE"},
    {"set-password", lk_verb_set_password, ALWAYS | LK_TAKES_PASSWORD, "", 0, "Set a user's password",
     "lkadm set-password -r demo --username alice --temporary\n", NULL},
    {"new-object", lk_verb_new_object, LK_TAKES_GLOBAL | LK_TAKES_BODY | LK_TAKES_FIELDS, "", 0,
     "Make a JSON object, without a server", "lkadm new-object -s enabled=true -f client.json\n", NULL},
    {"completion", lk_verb_completion, LK_TAKES_GLOBAL, "bash|zsh", 1, "Print the completion of a shell",
     "lkadm completion bash > /etc/bash_completion.d/lkadm\n", NULL},
    {"manual", lk_verb_manual, LK_TAKES_GLOBAL, "", 0, "Print the manual page", "lkadm manual | man -l -\n", NULL},
    {"help", lk_verb_help, LK_TAKES_GLOBAL, "[COMMAND]", 2, "Print help", NULL, NULL},
};
const size_t lk_num_verbs = sizeof(lk_verbs) / sizeof(lk_verbs[0]);

/* The longest name that the arguments begin with. */
const lk_verb_t *lk_verb_find(int argc, char **argv, int *ret_words)
{
    for (int words = argc < 2 ? argc : 2; words != 0; --words)
        for (const lk_verb_t *verb = lk_verbs; verb != lk_verbs + lk_num_verbs; ++verb) {
            size_t first = strcspn(verb->name, " ");
            int two = verb->name[first] == ' ';
            if (two == (words == 2) && strlen(argv[0]) == first && strncmp(argv[0], verb->name, first) == 0 &&
                (!two || strcmp(argv[1], verb->name + first + 1) == 0)) {
                *ret_words = words;
                return verb;
            }
        }
    return NULL;
}
