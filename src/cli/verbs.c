/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "cli/cli.h"
#include "cli/daily.h"

/* The table of verbs: kcadm's own first, then the short way for the daily work. */

#define ALWAYS (LK_TAKES_GLOBAL | LK_TAKES_LOGIN | LK_TAKES_SESSION)
#define WRITES (ALWAYS | LK_TAKES_REQUEST | LK_TAKES_BODY | LK_TAKES_FIELDS)

#define DAILY (ALWAYS | LK_TAKES_DAILY)

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
    {"client add", lk_verb_client_add, DAILY | LK_TAKES_CLIENT | LK_TAKES_SETS, "CLIENT_ID", 1, "Add a client",
     "lkadm client add web -r acme --redirect https://app.example/* --logout https://app.example/\nlkadm client add batch -r acme "
     "--service\nlkadm client add spa -r acme --public --redirect https://spa.example/*\n",
     NULL},
    {"client list", lk_verb_list, DAILY, "[SEARCH]", 1, "List clients", "lkadm client list -r acme\n", NULL},
    {"client show", lk_verb_show, DAILY, "CLIENT_ID", 1, "Show a client", "lkadm client show web -r acme -o json\n", NULL},
    {"client secret", lk_verb_client_secret, DAILY | LK_TAKES_SECRET, "CLIENT_ID", 1, "Print a client's secret, or make a new one",
     "lkadm client secret web -r acme --regenerate\n", NULL},
    {"client remove", lk_verb_remove, DAILY, "CLIENT_ID", 1, "Remove a client", NULL, NULL},
    {"mapper add", lk_verb_mapper_add, DAILY | LK_TAKES_MAPPER | LK_TAKES_SETS, "CLIENT_ID TYPE [VALUE]", 3,
     "Add a mapper: attribute, property, groups, realm-roles, client-roles, audience, client-audience, hardcoded, session-note, or "
     "oidc-...-mapper",
     "lkadm mapper add web attribute team -r acme\nlkadm mapper add web realm-roles -r acme --claim mesh_roles\nlkadm mapper add "
     "web client-audience web -r acme\nlkadm mapper add web hardcoded blue -r acme --claim colour\n",
     NULL},
    {"mapper list", lk_verb_mapper_list, DAILY, "CLIENT_ID", 1, "List a client's mappers", "lkadm mapper list web -r acme\n", NULL},
    {"mapper remove", lk_verb_mapper_remove, DAILY, "CLIENT_ID NAME", 2, "Remove a mapper",
     "lkadm mapper remove web groups -r acme\n", NULL},
    {"role add", lk_verb_role_add, DAILY | LK_TAKES_GRANT | LK_TAKES_SETS, "ROLE", 1, "Add a role of the realm or of a client",
     "lkadm role add operator -r acme\nlkadm role add read -r acme --of-client orders-api\n", NULL},
    {"role list", lk_verb_list, DAILY | LK_TAKES_GRANT, "[SEARCH]", 1, "List roles",
     "lkadm role list -r acme --of-client orders-api\n", NULL},
    {"role show", lk_verb_show, DAILY | LK_TAKES_GRANT, "ROLE", 1, "Show a role", NULL, NULL},
    {"role remove", lk_verb_remove, DAILY | LK_TAKES_GRANT, "ROLE", 1, "Remove a role", NULL, NULL},
    {"group add", lk_verb_group_add, DAILY, "PATH", 1, "Add a group, and the groups above it",
     "lkadm group add '/Operators/Night shift' -r acme\n", NULL},
    {"group list", lk_verb_list, DAILY, "[SEARCH]", 1, "List groups", NULL, NULL},
    {"group show", lk_verb_show, DAILY, "PATH", 1, "Show a group", NULL, NULL},
    {"group remove", lk_verb_remove, DAILY, "PATH", 1, "Remove a group", NULL, NULL},
    {"group grant", lk_verb_grant, DAILY | LK_TAKES_GRANT, "PATH ROLE...", 64, "Grant roles to a group",
     "lkadm group grant /Operators read -r acme --of-client orders-api\n", "POST"},
    {"group revoke", lk_verb_grant, DAILY | LK_TAKES_GRANT, "PATH ROLE...", 64, "Take roles from a group", NULL, "DELETE"},
    {"group join", lk_verb_group_member, DAILY, "PATH USER...", 64, "Put users into a group",
     "lkadm group join /Operators alice bob -r acme\n", "PUT"},
    {"group leave", lk_verb_group_member, DAILY, "PATH USER...", 64, "Take users out of a group", NULL, "DELETE"},
    {"user add", lk_verb_user_add, DAILY | LK_TAKES_USER | LK_TAKES_SETS, "USER", 1, "Add a user",
     "lkadm user add alice -r acme --email alice@acme.example --first Alice --last A --temporary\n", NULL},
    {"user list", lk_verb_list, DAILY, "[SEARCH]", 1, "List users", "lkadm user list ali -r acme\n", NULL},
    {"user show", lk_verb_show, DAILY, "USER", 1, "Show a user", NULL, NULL},
    {"user remove", lk_verb_remove, DAILY, "USER", 1, "Remove a user", NULL, NULL},
    {"user grant", lk_verb_grant, DAILY | LK_TAKES_GRANT, "USER ROLE...", 64, "Grant roles to a user",
     "lkadm user grant alice operator -r acme\n", "POST"},
    {"user revoke", lk_verb_grant, DAILY | LK_TAKES_GRANT, "USER ROLE...", 64, "Take roles from a user", NULL, "DELETE"},
    {"token explain", lk_verb_explain, DAILY | LK_TAKES_EXPLAIN, "[TOKEN | -]", 1,
     "Say which mapper, scope, role or group made each claim, and who would take the token",
     "lkadm token explain -r acme --for-user alice --for-client web\npbpaste | lkadm token explain - -r acme --audience web\n",
     NULL},
    {"istio", lk_verb_istio, ALWAYS | LK_TAKES_ISTIO, "", 0, "Print RequestAuthentication and AuthorizationPolicy for a realm",
     "lkadm istio -r acme --server https://sso.example/auth --realm acme --no-config --audience web --role operator | kubectl "
     "apply -f -\n"
     "lkadm istio -r acme --inline\n",
     NULL},
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
