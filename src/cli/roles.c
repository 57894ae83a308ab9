/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "cli/lookup.h"
#include "cli/output.h"

/* get-roles, add-roles, remove-roles, set-password. */

enum { NOBODY, USER, GROUP, ROLE };

/* Of whom the roles are: kcadm's three ways to name each. */
typedef struct st_subject_t {
    int kind;
    const char *url; /* of the user, group or role */
} subject_t;

/* Options that exclude each other, with kcadm's text. */
static const struct {
    lk_option_id_t one, other;
    const char *text;
} excluding[] = {
    {LK_O_UID, LK_O_UUSERNAME, "--uid and --uusername are mutually exclusive"},
    {LK_O_GID, LK_O_GNAME, "--gid, --gname and --gpath are mutually exclusive"},
    {LK_O_GID, LK_O_GPATH, "--gid, --gname and --gpath are mutually exclusive"},
    {LK_O_GNAME, LK_O_GPATH, "--gid, --gname and --gpath are mutually exclusive"},
    {LK_O_RID, LK_O_RNAME, "--rid and --rname are mutually exclusive"},
    {LK_O_CID, LK_O_CCLIENTID, "--cid and --cclientid are mutually exclusive"},
};

static int has_user(const lk_cli_t *cli)
{
    return lk_cli_has(cli, LK_O_UID) || lk_cli_has(cli, LK_O_UUSERNAME);
}

static int has_group(const lk_cli_t *cli)
{
    return lk_cli_has(cli, LK_O_GID) || lk_cli_has(cli, LK_O_GNAME) || lk_cli_has(cli, LK_O_GPATH);
}

static int has_role(const lk_cli_t *cli)
{
    return lk_cli_has(cli, LK_O_RID) || lk_cli_has(cli, LK_O_RNAME);
}

static int has_rolename(const lk_cli_t *cli)
{
    return lk_cli_has(cli, LK_O_ROLENAME) || lk_cli_has(cli, LK_O_ROLEID);
}

static int check_subject(lk_cli_t *cli)
{
    for (size_t i = 0; i != sizeof(excluding) / sizeof(excluding[0]); ++i)
        if (lk_cli_has(cli, excluding[i].one) && lk_cli_has(cli, excluding[i].other))
            return lk_cli_usage(cli, "Incompatible options: %s", excluding[i].text);
    if (has_user(cli) && has_group(cli))
        return lk_cli_usage(
            cli, "Incompatible options: --uusername / --uid can't be used at the same time as --gname / --gid / --gpath");
    if (has_user(cli) && has_role(cli))
        return lk_cli_usage(cli, "Incompatible options: --uusername / --uid can't be used at the same time as --rname / --rid");
    if (has_group(cli) && has_role(cli))
        return lk_cli_usage(cli,
                            "Incompatible options: --rname / --rid can't be used at the same time as --gname / --gid / --gpath");
    return LK_EXIT_OK;
}

/* The URL of user, group or composite role. */
static lk_status_t find_subject(lk_cli_t *cli, subject_t *ret_subject)
{
    const char *id = lk_cli_option(cli, LK_O_UID), *name;
    if ((name = lk_cli_option(cli, LK_O_UUSERNAME)) != NULL && (id = lk_find_user(cli, name)) == NULL)
        return cli->err.kind;
    if (id != NULL) {
        *ret_subject = (subject_t){USER, lk_url_realm(cli, "/users/%s", id)};
        return LK_OK;
    }
    id = lk_cli_option(cli, LK_O_GID);
    if (((name = lk_cli_option(cli, LK_O_GNAME)) != NULL && (id = lk_find_group(cli, name)) == NULL) ||
        ((name = lk_cli_option(cli, LK_O_GPATH)) != NULL && (id = lk_find_group_path(cli, name)) == NULL))
        return cli->err.kind;
    if (id != NULL) {
        *ret_subject = (subject_t){GROUP, lk_url_realm(cli, "/groups/%s", id)};
        return LK_OK;
    }
    if ((id = lk_cli_option(cli, LK_O_RID)) != NULL)
        *ret_subject = (subject_t){ROLE, lk_url_realm(cli, "/roles-by-id/%s", id)};
    else if ((name = lk_cli_option(cli, LK_O_RNAME)) != NULL)
        *ret_subject = (subject_t){ROLE, lk_url_realm(cli, "/roles/%s", name)};
    else
        *ret_subject = (subject_t){NOBODY, NULL};
    return LK_OK;
}

/* The client whose roles are meant; NULL in *ret_id: the realm's. */
static lk_status_t find_container(lk_cli_t *cli, const char **ret_id)
{
    const char *name = lk_cli_option(cli, LK_O_CCLIENTID);
    *ret_id = lk_cli_option(cli, LK_O_CID);
    if (name != NULL && (*ret_id = lk_find_client(cli, name)) == NULL)
        return cli->err.kind;
    return LK_OK;
}

/* Where the roles of a subject are: .../role-mappings/{realm,clients/ID} or .../composites/{realm,clients/ID}. */
static const char *mapping_url(lk_cli_t *cli, const subject_t *subject, const char *client, const char *which)
{
    const char *place = subject->kind == ROLE ? "composites" : "role-mappings";
    if (lk_cli_has(cli, LK_O_ALL))
        return lk_printf(cli->arena, "%s/%s", subject->url, place);
    if (client == NULL)
        return lk_printf(cli->arena, "%s/%s/realm%s", subject->url, place, which);
    return lk_printf(cli->arena, "%s/%s/clients/%s%s", subject->url, place, client, which);
}

/* The address of a role by --rolename or --roleid. */
static const char *role_url(lk_cli_t *cli, const char *client, const lk_given_t *given)
{
    if (given->id == LK_O_ROLEID)
        return lk_url_realm(cli, "/roles-by-id/%s", given->value);
    return client != NULL ? lk_url_realm(cli, "/clients/%s/roles/%s", client, given->value)
                          : lk_url_realm(cli, "/roles/%s", given->value);
}

static int check_which(lk_cli_t *cli)
{
    static const lk_option_id_t others[] = {LK_O_EFFECTIVE, LK_O_AVAILABLE};
    static const char *const names[] = {"--effective", "--available"};
    for (size_t i = 0; i != 2; ++i)
        if (lk_cli_has(cli, LK_O_ALL) && lk_cli_has(cli, others[i]))
            return lk_cli_usage(cli, "Incompatible options: --all can't be used at the same time as %s", names[i]);
    if (lk_cli_has(cli, LK_O_ROLENAME) && lk_cli_has(cli, LK_O_ROLEID))
        return lk_cli_usage(cli, "Incompatible options: --roleid and --rolename are mutually exclusive");
    int code = check_subject(cli);
    if (code != LK_EXIT_OK || !has_role(cli))
        return code;
    if (lk_cli_has(cli, LK_O_EFFECTIVE))
        return lk_cli_usage(cli, "Option --effective not supported with composite roles.");
    if (lk_cli_has(cli, LK_O_AVAILABLE))
        return lk_cli_usage(
            cli, "Option --available not supported with composite roles. Try 'lkadm get-roles' for full list of realm roles");
    return LK_EXIT_OK;
}

int lk_verb_get_roles(lk_cli_t *cli)
{
    int code = check_which(cli);
    lk_view_t view = {NULL};
    subject_t subject = {NOBODY, NULL};
    const char *client = NULL, *url = NULL;
    json_t *roles;
    if (code != LK_EXIT_OK || (code = lk_view_read(cli, &view)) != LK_EXIT_OK)
        return code;
    if (lk_session_open(cli) != LK_OK || find_subject(cli, &subject) != LK_OK || find_container(cli, &client) != LK_OK)
        return lk_cli_fail(cli);
    if (subject.kind != NOBODY)
        url = mapping_url(cli, &subject, client,
                          lk_cli_has(cli, LK_O_AVAILABLE)   ? "/available"
                          : lk_cli_has(cli, LK_O_EFFECTIVE) ? "/composite"
                                                            : "");
    for (size_t i = 0; url == NULL && i != cli->num_given; ++i)
        if (cli->given[i].id == LK_O_ROLENAME || cli->given[i].id == LK_O_ROLEID)
            url = role_url(cli, client, &cli->given[i]);
    if (url == NULL)
        url = client != NULL ? lk_url_realm(cli, "/clients/%s/roles", client) : lk_url_realm(cli, "/roles");
    if ((roles = lk_call_get(cli, url)) == NULL)
        return lk_cli_fail(cli);
    return lk_view_print_json(cli, &view, roles);
}

/* The representations of the roles that were named. */
static json_t *roles_given(lk_cli_t *cli, const char *client)
{
    json_t *roles = lk_json_own(cli->arena, json_array());
    for (size_t i = 0; i != cli->num_given; ++i) {
        if (cli->given[i].id != LK_O_ROLENAME && cli->given[i].id != LK_O_ROLEID)
            continue;
        json_t *role = lk_call_get(cli, role_url(cli, client, &cli->given[i]));
        if (role == NULL) {
            if (cli->err.kind == LK_NOT_FOUND)
                lk_fail(&cli->err, LK_NOT_FOUND, NULL, "Role not found for %s: %s", cli->given[i].id == LK_O_ROLEID ? "id" : "name",
                        cli->given[i].value);
            return NULL;
        }
        json_array_append(roles, role);
    }
    return roles;
}

int lk_verb_change_roles(lk_cli_t *cli)
{
    int adds = strcmp(cli->verb->method, "POST") == 0, code = check_subject(cli);
    subject_t subject = {NOBODY, NULL};
    const char *client = NULL;
    json_t *roles;
    if (code != LK_EXIT_OK)
        return code;
    if (!has_rolename(cli))
        return lk_cli_usage(cli, "No role to %1$s specified. Use --rolename or --roleid to specify roles to %1$s",
                            adds ? "add" : "remove");
    if (!has_user(cli) && !has_group(cli) && !has_role(cli))
        return lk_cli_usage(
            cli, "No user nor group nor composite role specified. Use --uusername / --uid to specify user or --gname / --gid / "
                 "--gpath to specify group or --rname / --rid to specify a composite role");
    if (lk_session_open(cli) != LK_OK || find_subject(cli, &subject) != LK_OK || find_container(cli, &client) != LK_OK ||
        (roles = roles_given(cli, client)) == NULL)
        return lk_cli_fail(cli);
    const char *url =
        subject.kind == ROLE ? lk_printf(cli->arena, "%s/composites", subject.url) : mapping_url(cli, &subject, client, "");
    return lk_call_send(cli, cli->verb->method, url, roles, NULL) == LK_OK ? LK_EXIT_OK : lk_cli_fail(cli);
}

int lk_verb_set_password(lk_cli_t *cli)
{
    const char *name = lk_cli_option(cli, LK_O_USERNAME), *id = lk_cli_option(cli, LK_O_USERID),
               *password = lk_cli_option(cli, LK_O_NEW_PASSWORD);
    if (name == NULL && id == NULL)
        return lk_cli_usage(cli, "No user specified. Use --username or --userid to specify user");
    if (name != NULL && id != NULL)
        return lk_cli_usage(cli, "Options --userid and --username are mutually exclusive");
    if ((password == NULL && (password = lk_secret_ask(cli, "KC_CLI_PASSWORD", "Enter password")) == NULL) ||
        lk_session_open(cli) != LK_OK || (name != NULL && (id = lk_find_user(cli, name)) == NULL) ||
        lk_set_password(cli, id, password, lk_cli_has(cli, LK_O_TEMPORARY)) != LK_OK)
        return lk_cli_fail(cli);
    return LK_EXIT_OK;
}
