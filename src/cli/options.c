/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdarg.h>
#include <string.h>
#include "cli/cli.h"
#include "core/encode.h"

/* The options' table, and reading a command line by it: kcadm's names, letters and messages. */

/* clang-format off */
const lk_cli_option_t lk_cli_options[] = {
    {LK_O_HELP, NULL, "--help", LK_FLAG, NULL, LK_TAKES_GLOBAL, "Print help for the command"},
    {LK_O_TRACE, "-x", NULL, LK_FLAG, NULL, LK_TAKES_GLOBAL, "Say where in the program an error came from"},
    {LK_O_CONFIG, NULL, "--config", LK_VALUE, "FILE", LK_TAKES_GLOBAL, "The config file (~/.config/latchkey/lkadm.config)"},
    {LK_O_NO_CONFIG, NULL, "--no-config", LK_FLAG, NULL, LK_TAKES_SESSION, "Neither read nor write a config file"},
    {LK_O_TOKEN, NULL, "--token", LK_VALUE, "TOKEN", LK_TAKES_SESSION, "Send this access token instead of signing in"},
    {LK_O_INSECURE, NULL, "--insecure", LK_FLAG, NULL, LK_TAKES_LOGIN | LK_TAKES_SESSION, "Do not check the server's certificate"},
    {LK_O_TRUSTSTORE, NULL, "--truststore", LK_VALUE, "PATH", LK_TAKES_LOGIN | LK_TAKES_SESSION, "Trust the certificates (PEM) of this file"},
    {LK_O_TRUSTPASS, NULL, "--trustpass", LK_VALUE, "PASSWORD", LK_TAKES_LOGIN | LK_TAKES_SESSION | LK_TAKES_TRUSTSTORE, "Accepted; a PEM truststore has no password"},
    {LK_O_SERVER, NULL, "--server", LK_VALUE, "URL", LK_TAKES_LOGIN, "The server, with its path: https://sso.example/auth"},
    {LK_O_REALM, NULL, "--realm", LK_VALUE, "REALM", LK_TAKES_LOGIN, "The realm to sign in to"},
    {LK_O_USER, NULL, "--user", LK_VALUE, "USER", LK_TAKES_LOGIN, "The user to sign in"},
    {LK_O_PASSWORD, NULL, "--password", LK_VALUE, "PASSWORD", LK_TAKES_LOGIN, "The user's password; else KC_CLI_PASSWORD, else asked for"},
    {LK_O_CLIENT, NULL, "--client", LK_VALUE, "CLIENT_ID", LK_TAKES_LOGIN, "The client to sign in by (admin-cli)"},
    {LK_O_SECRET, NULL, "--secret", LK_VALUE, "SECRET", LK_TAKES_LOGIN, "The client's secret; else KC_CLI_CLIENT_SECRET, else asked for"},
    {LK_O_KEYSTORE, NULL, "--keystore", LK_VALUE, "PATH", LK_TAKES_LOGIN, "Refused: there are no Java keystores here"},
    {LK_O_STOREPASS, NULL, "--storepass", LK_VALUE, "PASSWORD", LK_TAKES_LOGIN, "Refused with --keystore"},
    {LK_O_KEYPASS, NULL, "--keypass", LK_VALUE, "PASSWORD", LK_TAKES_LOGIN, "Refused with --keystore"},
    {LK_O_ALIAS, NULL, "--alias", LK_VALUE, "ALIAS", LK_TAKES_LOGIN, "Refused with --keystore"},
    {LK_O_STATUS, NULL, "--status", LK_FLAG, NULL, LK_TAKES_STATUS, "Say whether the session of the config file is valid"},
    {LK_O_DELETE_TRUST, "-d", "--delete", LK_FLAG, NULL, LK_TAKES_TRUSTSTORE, "Forget the truststore"},
    {LK_O_TARGET, "-r", "--target-realm", LK_VALUE, "REALM", LK_TAKES_SESSION, "The realm to work on, where it is not the one signed in to"},
    {LK_O_ROOT, "-a", "--admin-root", LK_VALUE, "URL", LK_TAKES_SESSION, "The admin REST API's root (SERVER/admin)"},
    {LK_O_SET, "-s", "--set", LK_PAIRS, "NAME=VALUE", LK_TAKES_BODY | LK_TAKES_SETS, "Set a member: a.b, \"a.b\".c, a[0], a+=VALUE; JSON or text"},
    {LK_O_DELETE, "-d", "--delete", LK_MANY, "NAME", LK_TAKES_BODY, "Leave a member out: a.b, a[0]"},
    {LK_O_FILE, "-f", "--file", LK_VALUE, "FILE", LK_TAKES_BODY, "Read the object from a file; - is standard input"},
    {LK_O_BODY, "-b", "--body", LK_VALUE, "CONTENT", LK_TAKES_BODY, "Send this content as it is"},
    {LK_O_QUERY, "-q", "--query", LK_PAIRS, "NAME=VALUE", LK_TAKES_REQUEST, "Add a parameter to the query"},
    {LK_O_HEADER, "-h", "--header", LK_PAIRS, "NAME=VALUE", LK_TAKES_REQUEST, "Send a header"},
    {LK_O_PRINT_HEADERS, "-H", "--print-headers", LK_FLAG, NULL, LK_TAKES_REQUEST, "Print the answer's headers"},
    {LK_O_MERGE, "-m", "--merge", LK_FLAG, NULL, LK_TAKES_MERGE, "Merge into what the server has; the default without --file"},
    {LK_O_NO_MERGE, "-n", "--no-merge", LK_FLAG, NULL, LK_TAKES_MERGE, "Do not merge"},
    {LK_O_OUTPUT, "-o", "--output", LK_FLAG, NULL, LK_TAKES_OUTPUT, "Print the resource afterwards"},
    {LK_O_ID, "-i", "--id", LK_FLAG, NULL, LK_TAKES_ID, "Print the new resource's id alone"},
    {LK_O_FIELDS, "-F", "--fields", LK_VALUE, "FILTER", LK_TAKES_FIELDS, "Members to print: id,name,a(b,c(*)),*,-secret"},
    {LK_O_COMPRESSED, "-c", "--compressed", LK_FLAG, NULL, LK_TAKES_FIELDS, "Print the answer as it came"},
    {LK_O_OFFSET, "-o", "--offset", LK_VALUE, "NUMBER", LK_TAKES_PAGE, "The first of the list, from 0"},
    {LK_O_LIMIT, "-l", "--limit", LK_VALUE, "NUMBER", LK_TAKES_PAGE, "How many of the list"},
    {LK_O_FORMAT, NULL, "--format", LK_VALUE, "FORMAT", LK_TAKES_FORMAT, "json or csv"},
    {LK_O_NOQUOTES, NULL, "--noquotes", LK_FLAG, NULL, LK_TAKES_FORMAT, "Text in csv without quotes"},
    {LK_O_UUSERNAME, NULL, "--uusername", LK_VALUE, "NAME", LK_TAKES_SUBJECT, "A user, by name"},
    {LK_O_UID, NULL, "--uid", LK_VALUE, "ID", LK_TAKES_SUBJECT, "A user, by id"},
    {LK_O_GNAME, NULL, "--gname", LK_VALUE, "NAME", LK_TAKES_SUBJECT, "A group, by name"},
    {LK_O_GPATH, NULL, "--gpath", LK_VALUE, "PATH", LK_TAKES_SUBJECT, "A group, by path"},
    {LK_O_GID, NULL, "--gid", LK_VALUE, "ID", LK_TAKES_SUBJECT, "A group, by id"},
    {LK_O_RNAME, NULL, "--rname", LK_VALUE, "NAME", LK_TAKES_SUBJECT, "A composite role, by name"},
    {LK_O_RID, NULL, "--rid", LK_VALUE, "ID", LK_TAKES_SUBJECT, "A composite role, by id"},
    {LK_O_CCLIENTID, NULL, "--cclientid", LK_VALUE, "CLIENT_ID", LK_TAKES_SUBJECT, "Roles of this client"},
    {LK_O_CID, NULL, "--cid", LK_VALUE, "ID", LK_TAKES_SUBJECT, "Roles of the client with this id"},
    {LK_O_ROLENAME, NULL, "--rolename", LK_MANY, "NAME", LK_TAKES_SUBJECT, "A role, by name"},
    {LK_O_ROLEID, NULL, "--roleid", LK_MANY, "ID", LK_TAKES_SUBJECT, "A role, by id"},
    {LK_O_EFFECTIVE, NULL, "--effective", LK_FLAG, NULL, LK_TAKES_WHICH, "With those that come through groups and composites"},
    {LK_O_AVAILABLE, NULL, "--available", LK_FLAG, NULL, LK_TAKES_WHICH, "Those that could be added"},
    {LK_O_ALL, NULL, "--all", LK_FLAG, NULL, LK_TAKES_WHICH, "Those of the realm and of all clients"},
    {LK_O_USERNAME, NULL, "--username", LK_VALUE, "NAME", LK_TAKES_PASSWORD, "The user, by name"},
    {LK_O_USERID, NULL, "--userid", LK_VALUE, "ID", LK_TAKES_PASSWORD, "The user, by id"},
    {LK_O_NEW_PASSWORD, "-p", "--new-password", LK_VALUE, "PASSWORD", LK_TAKES_PASSWORD | LK_TAKES_USER, "The password; else KC_CLI_PASSWORD, else asked for"},
    {LK_O_TEMPORARY, "-t", "--temporary", LK_FLAG, NULL, LK_TAKES_PASSWORD | LK_TAKES_USER, "To be changed at the next login"},
    {LK_O_SHOW, "-o", "--output", LK_VALUE, "FORMAT", LK_TAKES_DAILY, "table (on a terminal) or json"},
    {LK_O_PUBLIC, NULL, "--public", LK_FLAG, NULL, LK_TAKES_CLIENT, "A client without a secret: a browser's or a device's"},
    {LK_O_SERVICE, NULL, "--service", LK_FLAG, NULL, LK_TAKES_CLIENT, "A service: client credentials, no login page"},
    {LK_O_REDIRECT, NULL, "--redirect", LK_MANY, "URI", LK_TAKES_CLIENT, "Where logins may return to"},
    {LK_O_LOGOUT, NULL, "--logout", LK_MANY, "URI", LK_TAKES_CLIENT, "Where logouts may return to"},
    {LK_O_NAME, NULL, "--name", LK_VALUE, "NAME", LK_TAKES_CLIENT | LK_TAKES_MAPPER, "Its name"},
    {LK_O_DESCRIPTION, NULL, "--description", LK_VALUE, "TEXT", LK_TAKES_CLIENT | LK_TAKES_GRANT, "Its description"},
    {LK_O_CLAIM, NULL, "--claim", LK_VALUE, "NAME", LK_TAKES_MAPPER, "The claim it makes"},
    {LK_O_EMAIL, NULL, "--email", LK_VALUE, "ADDRESS", LK_TAKES_USER, "The user's e-mail address, taken as verified"},
    {LK_O_FIRST, NULL, "--first", LK_VALUE, "NAME", LK_TAKES_USER, "The first name"},
    {LK_O_LAST, NULL, "--last", LK_VALUE, "NAME", LK_TAKES_USER, "The last name"},
    {LK_O_CLIENT_ROLE, NULL, "--of-client", LK_VALUE, "CLIENT_ID", LK_TAKES_GRANT, "Roles of this client instead of the realm's"},
    {LK_O_FOR_CLIENT, NULL, "--for-client", LK_VALUE, "CLIENT_ID", LK_TAKES_EXPLAIN, "The client whose token it is (else the token's azp)"},
    {LK_O_FOR_USER, NULL, "--for-user", LK_VALUE, "NAME", LK_TAKES_EXPLAIN, "Make an example token for this user"},
    {LK_O_SCOPE, NULL, "--scope", LK_VALUE, "SCOPES", LK_TAKES_EXPLAIN, "Scopes to ask for (else the token's; openid)"},
    {LK_O_AUDIENCE, NULL, "--audience", LK_MANY, "NAME", LK_TAKES_EXPLAIN | LK_TAKES_ISTIO, "The audiences of the RequestAuthentication"},
    {LK_O_INLINE, NULL, "--inline", LK_FLAG, NULL, LK_TAKES_ISTIO, "Put the keys themselves into it instead of their address"},
    {LK_O_ROLE, NULL, "--role", LK_VALUE, "ROLE", LK_TAKES_ISTIO, "The role that the AuthorizationPolicy asks for"},
    {LK_O_NAMESPACE, NULL, "--namespace", LK_VALUE, "NAME", LK_TAKES_ISTIO, "The namespace (default)"},
    {LK_O_WORKLOAD, NULL, "--workload", LK_VALUE, "APP", LK_TAKES_ISTIO, "The workloads: those with the label app=APP"},
    {LK_O_REGENERATE, NULL, "--regenerate", LK_FLAG, NULL, LK_TAKES_SECRET, "Make a new secret; the old one ends at once"},
};
/* clang-format on */
const size_t lk_num_cli_options = sizeof(lk_cli_options) / sizeof(lk_cli_options[0]);

const lk_cli_option_t *lk_option_find(const lk_verb_t *verb, const char *name, size_t len)
{
    for (const lk_cli_option_t *option = lk_cli_options; option != lk_cli_options + lk_num_cli_options; ++option) {
        const char *own = len == 2 ? option->letter : option->name;
        if ((option->taken_by & verb->takes) != 0 && own != NULL && strlen(own) == len && strncmp(own, name, len) == 0)
            return option;
    }
    return NULL;
}

const char *lk_cli_option(const lk_cli_t *cli, lk_option_id_t id)
{
    for (size_t i = cli->num_given; i != 0; --i)
        if (cli->given[i - 1].id == id)
            return cli->given[i - 1].value;
    return NULL;
}

int lk_cli_has(const lk_cli_t *cli, lk_option_id_t id)
{
    return lk_cli_option(cli, id) != NULL;
}

const char *lk_cli_each(const lk_cli_t *cli, lk_option_id_t id, size_t *at)
{
    while (*at != cli->num_given)
        if (cli->given[(*at)++].id == id)
            return cli->given[*at - 1].value;
    return NULL;
}

int lk_cli_usage(const lk_cli_t *cli, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fputs(lk_vprintf(cli->arena, format, args), stderr);
    va_end(args);
    if (cli->verb->run == lk_verb_help)
        fprintf(stderr, "\nTry 'lkadm help' for more information on the available options.\n");
    else
        fprintf(stderr, "\nTry 'lkadm %s --help' for more information on the available options.\n", cli->verb->name);
    return LK_EXIT_USAGE;
}

int lk_cli_fail(lk_cli_t *cli)
{
    const lk_error_t *err = &cli->err;
    const char *text = err->text[0] != '\0' ? err->text : err->detail[0] != '\0' ? err->detail : lk_status_name(err->kind);
    fprintf(stderr, "%s\n", text);
    if (lk_cli_has(cli, LK_O_TRACE) && err->file != NULL)
        fprintf(stderr, "%s:%d: %s\n", err->file, err->line, err->function);
    return LK_EXIT_FAILED;
}

/* The value of an option: behind "=" (or its letter), or the next argument where that is no option itself. */
static int take_value(lk_cli_t *cli, const lk_cli_option_t *option, const char *attached, char **argv, int argc, int *at)
{
    const char *name = option->name != NULL ? option->name : option->letter, *value = attached;
    if (value == NULL) {
        if (*at + 1 == argc)
            return lk_cli_usage(cli, "Missing required parameter for option '%s' (<%s>)", name, name + strspn(name, "-"));
        value = argv[++*at];
        if (value[0] == '-' && value[1] != '\0' && lk_option_find(cli->verb, value, strcspn(value, "=")) != NULL)
            return lk_cli_usage(cli, "Expected parameter for option '%s' but found '%s'", name, value);
    }
    if ((option->id == LK_O_OFFSET || option->id == LK_O_LIMIT) && (value[0] == '\0' || value[strspn(value, "0123456789")] != '\0'))
        return lk_cli_usage(cli, "Invalid value for option '%s': '%s' is not an int", name, value);
    if (option->kind == LK_PAIRS && (value[0] == '=' || strchr(value, '=') == NULL))
        return lk_cli_usage(cli, "Invalid key=value parameter: [%s]", value);
    cli->given[cli->num_given++] = (lk_given_t){option->id, value};
    return LK_EXIT_OK;
}

/* Letters stand alone, as in kcadm: -cH is no option, -q=a=b and -q a=b are the same. */
static int take_option(lk_cli_t *cli, char **argv, int argc, int *at)
{
    const char *given = argv[*at];
    size_t len = strcspn(given, "=");
    const lk_cli_option_t *option = lk_option_find(cli->verb, given, len);
    if (option == NULL || cli->num_given == LK_CLI_MAX_GIVEN)
        return lk_cli_usage(cli, "Unknown option: '%.*s'", (int)len, given); /* what stands behind "=" may be a secret */
    const char *name = option->name != NULL ? option->name : option->letter;
    if (option->kind <= LK_VALUE && lk_cli_has(cli, option->id))
        return lk_cli_usage(cli,
                            option->kind == LK_FLAG ? "option '%s' should be specified only once"
                                                    : "option '%s' (<%s>) should be specified only once",
                            name, name + 2);
    if (option->kind != LK_FLAG)
        return take_value(cli, option, given[len] == '=' ? given + len + 1 : NULL, argv, argc, at);
    cli->given[cli->num_given++] = (lk_given_t){option->id, ""};
    return LK_EXIT_OK;
}

int lk_cli_parse(lk_cli_t *cli, int argc, char **argv)
{
    int code = LK_EXIT_OK, plain = 0;
    for (int i = 0; i < argc && code == LK_EXIT_OK; ++i) {
        if (!lk_utf8_valid(argv[i], strlen(argv[i]))) /* nothing below can be made JSON of it */
            code = lk_cli_usage(cli, "Argument %d is not UTF-8", i + 1);
        else if (!plain && strcmp(argv[i], "--") == 0)
            plain = 1;
        else if (!plain && argv[i][0] == '-' && argv[i][1] != '\0')
            code = take_option(cli, argv, argc, &i);
        else if (cli->num_words == cli->verb->most_words)
            code =
                lk_cli_usage(cli, "Unmatched argument at index %d: '%s'", i + 1 + (strchr(cli->verb->name, ' ') != NULL), argv[i]);
        else
            cli->words[cli->num_words++] = argv[i];
    }
    return code;
}
