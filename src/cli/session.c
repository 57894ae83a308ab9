/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "cli/session.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>
#include "cli/file.h"
#include "core/fetch.h"
#include "core/time.h"

#define EXPIRES_SOON_MS 5000 /* a token that ends within this time is refreshed */

/* --config, or lkadm.config in the user's own configuration. */
static const char *config_file(lk_cli_t *cli)
{
    const char *given = lk_cli_option(cli, LK_O_CONFIG), *base = getenv("XDG_CONFIG_HOME"), *home = getenv("HOME");
    if (lk_cli_has(cli, LK_O_NO_CONFIG))
        return NULL;
    if (given != NULL)
        return given;
    if (base != NULL && base[0] == '/')
        return lk_printf(cli->arena, "%s/latchkey/lkadm.config", base);
    return lk_printf(cli->arena, "%s/.config/latchkey/lkadm.config", home != NULL ? home : "");
}

static lk_status_t read_config(lk_cli_t *cli, lk_session_t *session)
{
    lk_bytes_t text;
    session->config = lk_json_own(cli->arena, json_object());
    if (session->file == NULL || access(session->file, F_OK) != 0)
        return LK_OK;
    chmod(session->file, 0600); /* it holds tokens; somebody may have copied it about */
    if (lk_file_read(cli->arena, session->file, 1024 * 1024, &text, &cli->err) != LK_OK)
        return cli->err.kind;
    if (text.len == 0)
        return LK_OK;
    if (lk_json_parse(cli->arena, (const char *)text.base, text.len, &session->config, &cli->err) != LK_OK ||
        !json_is_object(session->config))
        return lk_fail(&cli->err, LK_INVALID, NULL, "Failed to load config file: %s is not what 'lkadm config credentials' writes",
                       session->file);
    return LK_OK;
}

static lk_status_t save(lk_cli_t *cli)
{
    const lk_session_t *session = cli->session;
    if (session->file == NULL)
        return LK_OK;
    char *text = json_dumps(session->config, JSON_INDENT(2));
    lk_status_t status = lk_file_write_private(cli->arena, session->file, text, &cli->err);
    explicit_bzero(text, strlen(text));
    free(text);
    return status;
}

static lk_status_t use_truststore(lk_cli_t *cli, const char *path)
{
    lk_bytes_t pem;
    if (path == NULL)
        return LK_OK;
    if (access(path, F_OK) != 0)
        return lk_fail(&cli->err, LK_INVALID, NULL, "Truststore file not found: %s", path);
    if (lk_file_read(cli->arena, path, 4 * 1024 * 1024, &pem, &cli->err) != LK_OK)
        return cli->err.kind;
    if (strstr((const char *)pem.base, "-----BEGIN CERTIFICATE-----") == NULL)
        return lk_fail(&cli->err, LK_INVALID, NULL,
                       "%s holds no certificate in PEM. A Java keystore has no meaning here: keytool -exportcert -rfc writes one",
                       path);
    lk_fetch_init((const char *)pem.base);
    return LK_OK;
}

lk_status_t lk_session_load(lk_cli_t *cli)
{
    lk_session_t *session = cli->session = LK_NEW(cli->arena, lk_session_t);
    session->file = config_file(cli);
    session->unchecked = lk_cli_has(cli, LK_O_INSECURE);
    if (lk_cli_has(cli, LK_O_KEYSTORE))
        return lk_fail(
            &cli->err, LK_INVALID, NULL,
            "Java keystores have no meaning here: use --secret, or sign the client's assertion elsewhere and give --token");
    if (read_config(cli, session) != LK_OK)
        return cli->err.kind;
    const char *trust = lk_cli_option(cli, LK_O_TRUSTSTORE);
    return use_truststore(cli, trust != NULL ? trust : lk_json_str(session->config, "truststore", NULL));
}

static lk_status_t check_server(lk_cli_t *cli)
{
    lk_session_t *session = cli->session;
    size_t len = strlen(session->server);
    if (strncmp(session->server, "http://", 7) != 0 && strncmp(session->server, "https://", 8) != 0)
        return lk_fail(&cli->err, LK_INVALID, NULL, "Invalid server endpoint url: %s", session->server);
    while (len != 0 && session->server[len - 1] == '/')
        --len;
    session->server = lk_strndup(cli->arena, session->server, len);
    return LK_OK;
}

/* Server and realm: from the options, else from the config. */
static lk_status_t locate(lk_cli_t *cli)
{
    lk_session_t *session = cli->session;
    const char *server = lk_cli_option(cli, LK_O_SERVER), *realm = lk_cli_option(cli, LK_O_REALM);
    session->server = server != NULL ? server : lk_json_str(session->config, "serverUrl", NULL);
    session->realm = realm != NULL ? realm : lk_json_str(session->config, "realm", NULL);
    if (session->server == NULL)
        return lk_fail(&cli->err, LK_INVALID, NULL,
                       session->file == NULL ? "Illegal state - no current endpoint in config data"
                                             : "No server specified. Use --server, or 'lkadm config credentials'.");
    if (session->realm == NULL)
        return lk_fail(&cli->err, LK_INVALID, NULL,
                       session->file == NULL ? "Illegal state - no current realm in config data"
                                             : "No realm or target realm specified. Use --realm, or 'lkadm config credentials'.");
    if (check_server(cli) != LK_OK)
        return cli->err.kind;
    const char *target = lk_cli_option(cli, LK_O_TARGET), *root = lk_cli_option(cli, LK_O_ROOT);
    session->target = target != NULL ? target : session->realm;
    session->root = root != NULL ? lk_strndup(cli->arena, root, strlen(root) - (root[0] != '\0' && root[strlen(root) - 1] == '/'))
                                 : lk_printf(cli->arena, "%s/admin", session->server);
    return LK_OK;
}

/* {clientId, token, ...} of the current server and realm, or NULL. */
static json_t *entry_of(const lk_session_t *session)
{
    return json_object_get(json_object_get(json_object_get(session->config, "endpoints"), session->server), session->realm);
}

static char *read_line(lk_cli_t *cli)
{
    char line[1024];
    if (fgets(line, sizeof(line), stdin) == NULL)
        return NULL;
    char *copy = lk_strndup(cli->arena, line, strcspn(line, "\r\n"));
    explicit_bzero(line, sizeof(line));
    return copy;
}

const char *lk_secret_ask(lk_cli_t *cli, const char *variable, const char *prompt)
{
    struct termios before, silent;
    const char *value = variable != NULL ? getenv(variable) : NULL;
    if (value != NULL)
        return value;
    int terminal = tcgetattr(STDIN_FILENO, &before) == 0;
    if (terminal) {
        fprintf(stderr, "%s: ", prompt);
        silent = before;
        silent.c_lflag &= ~(tcflag_t)ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
    }
    value = read_line(cli);
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
        fputc('\n', stderr);
    }
    if (value == NULL)
        lk_fail(&cli->err, LK_INVALID, NULL, "Console is not active, but password is required");
    return value;
}

static void add_param(lk_buffer_t *form, const char *name, const char *value)
{
    if (value == NULL)
        return;
    lk_buffer_printf(form, "%s%s=", form->len != 0 ? "&" : "", name);
    lk_buffer_form(form, value);
}

/* Puts the tokens of the answer into the config; session->token is set. */
static lk_status_t keep_tokens(lk_cli_t *cli, const json_t *answer, const char *client, const char *secret, const char *grant)
{
    lk_session_t *session = cli->session;
    const char *refresh = lk_json_str(answer, "refresh_token", NULL);
    json_t *entry = json_pack("{s:s, s:s, s:s?, s:s, s:I}", "clientId", client, "token", lk_json_str(answer, "access_token", ""),
                              "refreshToken", refresh, "grantTypeForAuthentication", grant, "expiresAt",
                              (json_int_t)(lk_now_ms() + lk_json_int(answer, "expires_in", 60) * 1000));
    if (refresh != NULL)
        json_object_set_new(entry, "refreshExpiresAt",
                            json_integer(lk_now_ms() + lk_json_int(answer, "refresh_expires_in", 0) * 1000));
    if (secret != NULL) /* as kcadm does: a service account's token has nothing else to be renewed by */
        json_object_set_new(entry, "secret", json_string(secret));
    json_t *endpoints = json_object_get(session->config, "endpoints");
    if (!json_is_object(endpoints))
        json_object_set_new(session->config, "endpoints", endpoints = json_object());
    json_t *realms = json_object_get(endpoints, session->server);
    if (!json_is_object(realms))
        json_object_set_new(endpoints, session->server, realms = json_object());
    json_object_set_new(realms, session->realm, entry);
    session->token = lk_json_str(entry, "token", NULL);
    return LK_OK;
}

static lk_status_t refused(lk_cli_t *cli, const json_t *answer, long status)
{
    const char *error = lk_json_str(answer, "error", NULL), *why = lk_json_str(answer, "error_description", NULL);
    if (error == NULL)
        return lk_fail(&cli->err, LK_DENIED, NULL, "Failed to sign in - HTTP %ld%s", status,
                       status == 404 ? ": no such realm, or no such path: is the server's path (/auth) missing?" : "");
    return lk_fail(&cli->err, LK_DENIED, NULL, why != NULL ? "%2$s [%1$s]" : "%1$s", error, why);
}

static lk_status_t token_call(lk_cli_t *cli, const char *form, json_t **ret_answer)
{
    lk_session_t *session = cli->session;
    lk_fetched_t fetched;
    lk_buffer_t url;
    lk_buffer_init(&url, cli->arena, 8192);
    lk_buffer_printf(&url, "%s/realms/", session->server);
    lk_buffer_percent(&url, session->realm);
    lk_buffer_puts(&url, "/protocol/openid-connect/token");
    lk_fetch_t fetch = {.url = url.base, .form = form, .unchecked = session->unchecked};
    json_t *answer = NULL;
    if (lk_fetch(cli->arena, &fetch, &fetched, &cli->err) != LK_OK)
        return lk_fail(&cli->err, LK_UNAVAILABLE, NULL, "Failed to send request - %s", lk_strdup(cli->arena, cli->err.detail));
    if (lk_json_parse(cli->arena, (const char *)fetched.body.base, fetched.body.len, &answer, NULL) != LK_OK ||
        fetched.status != 200)
        return refused(cli, answer, fetched.status);
    *ret_answer = answer;
    return LK_OK;
}

/* Signs in as the options say, keeps the tokens in the config (and file), and says so. */
static lk_status_t sign_in(lk_cli_t *cli)
{
    lk_session_t *session = cli->session;
    const char *user = lk_cli_option(cli, LK_O_USER), *client = lk_cli_option(cli, LK_O_CLIENT),
               *secret = lk_cli_option(cli, LK_O_SECRET), *password = lk_cli_option(cli, LK_O_PASSWORD);
    json_t *answer = NULL;
    lk_buffer_t form;
    fprintf(stderr,
            user != NULL ? "Logging into %1$s as user %2$s of realm %3$s\n"
                         : "Logging into %1$s as service-account-%2$s of realm %3$s\n",
            session->server, user != NULL ? user : client, session->realm);
    if (user != NULL && password == NULL && (password = lk_secret_ask(cli, "KC_CLI_PASSWORD", "Enter password")) == NULL)
        return cli->err.kind;
    if (secret == NULL && client != NULL)
        secret = getenv("KC_CLI_CLIENT_SECRET");
    if (user == NULL && secret == NULL && (secret = lk_secret_ask(cli, NULL, "Enter client secret")) == NULL)
        return cli->err.kind;
    if (client == NULL)
        client = "admin-cli";
    lk_buffer_init(&form, cli->arena, 64 * 1024);
    add_param(&form, "grant_type", user != NULL ? "password" : "client_credentials");
    add_param(&form, "client_id", client);
    add_param(&form, "client_secret", secret);
    add_param(&form, "username", user);
    add_param(&form, "password", password);
    if (token_call(cli, form.base, &answer) != LK_OK)
        return cli->err.kind;
    return keep_tokens(cli, answer, client, secret, user != NULL ? "password" : "client_credentials");
}

/* A fresh token by the refresh token, or by the secret of a service account. */
static lk_status_t refresh(lk_cli_t *cli, const json_t *entry)
{
    const char *token = lk_json_str(entry, "refreshToken", NULL), *secret = lk_json_str(entry, "secret", NULL),
               *client = lk_json_str(entry, "clientId", "admin-cli"),
               *grant = lk_json_str(entry, "grantTypeForAuthentication", "password");
    int service = strcmp(grant, "client_credentials") == 0;
    json_t *answer = NULL;
    lk_buffer_t form;
    if (service ? secret == NULL
                : token == NULL || (lk_json_int(entry, "refreshExpiresAt", 0) < lk_now_ms() &&
                                    lk_json_int(entry, "refreshExpiresAt", 0) > lk_json_int(entry, "expiresAt", 0)))
        return lk_fail(&cli->err, LK_DENIED, NULL, "Session has expired. Login again with 'lkadm config credentials'");
    lk_buffer_init(&form, cli->arena, 64 * 1024);
    add_param(&form, "grant_type", service ? grant : "refresh_token");
    add_param(&form, "client_id", client);
    add_param(&form, "client_secret", secret);
    add_param(&form, "refresh_token", service ? NULL : token);
    if (token_call(cli, form.base, &answer) != LK_OK)
        return lk_fail(&cli->err, cli->err.kind, NULL,
                       cli->err.kind == LK_DENIED ? "Session has expired (%s). Login again with 'lkadm config credentials'" : "%s",
                       lk_strdup(cli->arena, cli->err.text));
    keep_tokens(cli, answer, lk_strdup(cli->arena, client), lk_strdup(cli->arena, secret), lk_strdup(cli->arena, grant));
    return save(cli);
}

lk_status_t lk_session_open(lk_cli_t *cli)
{
    if (lk_session_load(cli) != LK_OK || locate(cli) != LK_OK)
        return cli->err.kind;
    lk_session_t *session = cli->session;
    if (lk_cli_has(cli, LK_O_TOKEN)) {
        session->token = lk_cli_option(cli, LK_O_TOKEN);
        return LK_OK;
    }
    if (lk_cli_has(cli, LK_O_USER) || lk_cli_has(cli, LK_O_CLIENT)) {
        session->file = NULL; /* this one time: nothing is kept */
        return sign_in(cli);
    }
    json_t *entry = entry_of(session);
    session->token = lk_json_str(entry, "token", NULL);
    if (entry != NULL && lk_json_int(entry, "expiresAt", 0) < lk_now_ms() + EXPIRES_SOON_MS)
        return refresh(cli, entry);
    return LK_OK;
}

int lk_verb_config(lk_cli_t *cli)
{
    lk_help_verb(cli->verb, stdout);
    return LK_EXIT_FAILED;
}

static int print_status(lk_cli_t *cli)
{
    const json_t *entry = entry_of(cli->session);
    if (entry == NULL) {
        puts("You are not logged in");
        return LK_EXIT_OK;
    }
    long long left = (lk_json_int(entry, "expiresAt", 0) - lk_now_ms()) / 1000;
    printf("Logged in (server: %s, realm: %s, expired: %s, timeToExpiry: %llds %s)\n", cli->session->server, cli->session->realm,
           left < 0 ? "true" : "false", left < 0 ? -left : left, left < 0 ? "ago" : "from now");
    return LK_EXIT_OK;
}

int lk_verb_credentials(lk_cli_t *cli)
{
    int status = lk_cli_has(cli, LK_O_STATUS);
    if (!status && !lk_cli_has(cli, LK_O_SERVER))
        return lk_cli_usage(cli, "Required option not specified: --server");
    if (!status && !lk_cli_has(cli, LK_O_REALM))
        return lk_cli_usage(cli, "Required option not specified: --realm");
    if (lk_cli_has(cli, LK_O_KEYSTORE) && lk_cli_has(cli, LK_O_SECRET))
        return lk_cli_usage(cli, "Can't use both --keystore and --secret");
    if (lk_session_load(cli) != LK_OK)
        return lk_cli_fail(cli);
    if (locate(cli) != LK_OK)
        return status ? print_status(cli) : lk_cli_fail(cli);
    if (status)
        return print_status(cli);
    json_object_set_new(cli->session->config, "serverUrl", json_string(cli->session->server));
    json_object_set_new(cli->session->config, "realm", json_string(cli->session->realm));
    if ((lk_cli_has(cli, LK_O_USER) || lk_cli_has(cli, LK_O_CLIENT)) && sign_in(cli) != LK_OK)
        return lk_cli_fail(cli);
    return save(cli) == LK_OK ? LK_EXIT_OK : lk_cli_fail(cli);
}

int lk_verb_truststore(lk_cli_t *cli)
{
    const char *path = cli->num_words != 0 ? cli->words[0] : NULL;
    int forget = lk_cli_has(cli, LK_O_DELETE_TRUST);
    char *whole = NULL;
    if (path == NULL && !forget)
        return lk_cli_usage(cli, "No truststore specified");
    if (path != NULL && forget)
        return lk_cli_usage(cli, "Option --delete is mutually exclusive with specifying a TRUSTSTORE");
    if ((path != NULL && use_truststore(cli, path) != LK_OK) || lk_session_load(cli) != LK_OK)
        return lk_cli_fail(cli);
    json_object_del(cli->session->config, "truststore");
    json_object_del(cli->session->config, "trustpass");
    if (path != NULL && (whole = realpath(path, NULL)) != NULL)
        json_object_set_new(cli->session->config, "truststore", json_string(whole));
    free(whole);
    return save(cli) == LK_OK ? LK_EXIT_OK : lk_cli_fail(cli);
}
