/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "cli/daily.h"
#include "cli/file.h"
#include "cli/lookup.h"
#include "cli/origin.h"
#include "cli/verdict.h"
#include "cli/table.h"

/* lkadm token explain: which mapper, scope, role or group made each claim of a token, and who would take it. */

#define MAX_TOKEN (1024 * 1024)

static lk_status_t decode_part(lk_cli_t *cli, const char *part, size_t len, json_t **ret_value)
{
    lk_bytes_t text;
    if (lk_base64_decode(cli->arena, part, len, &text) != 0 ||
        lk_json_parse(cli->arena, (const char *)text.base, text.len, ret_value, NULL) != LK_OK || !json_is_object(*ret_value))
        return lk_fail(&cli->err, LK_INVALID, NULL, "That is no JWT: an opaque token, or one that was cut off");
    return LK_OK;
}

/* header.payload.signature, perhaps behind "Bearer ". */
static lk_status_t read_token(lk_cli_t *cli, lk_explained_t *token)
{
    const char *text = cli->words[0], *end;
    lk_bytes_t given;
    if (strcmp(text, "-") == 0) {
        if (lk_file_read(cli->arena, "-", MAX_TOKEN, &given, &cli->err) != LK_OK)
            return cli->err.kind;
        text = (const char *)given.base;
    }
    text += strspn(text, " \t\r\n");
    if (strncmp(text, "Bearer ", 7) == 0)
        text += 7;
    end = strchr(text, '.');
    if (end == NULL || strchr(end + 1, '.') == NULL)
        return lk_fail(&cli->err, LK_INVALID, NULL, "That is no JWT: it has not three parts");
    if (decode_part(cli, text, (size_t)(end - text), &token->header) != LK_OK)
        return cli->err.kind;
    return decode_part(cli, end + 1, strcspn(end + 1, "."), &token->claims);
}

/* The client and the user, whom the token or the options name. */
static lk_status_t find_parties(lk_cli_t *cli, lk_explained_t *token)
{
    const char *client = lk_cli_option(cli, LK_O_FOR_CLIENT), *user = lk_cli_option(cli, LK_O_FOR_USER);
    token->client = client != NULL ? client : lk_json_str(token->claims, "azp", lk_json_str(token->claims, "aud", NULL));
    if (token->client == NULL)
        return lk_fail(&cli->err, LK_INVALID, NULL, "Whose token is it? It has no azp: say --for-client");
    if ((token->client_id = lk_find_client(cli, token->client)) == NULL)
        return cli->err.kind;
    token->user_id = user != NULL ? lk_find_user(cli, user) : lk_json_str(token->claims, "sub", NULL);
    if (user != NULL && token->user_id == NULL)
        return cli->err.kind;
    const char *scope = lk_cli_option(cli, LK_O_SCOPE);
    token->scope = scope != NULL ? scope : lk_json_str(token->claims, "scope", "openid");
    return LK_OK;
}

static lk_status_t make_example(lk_cli_t *cli, lk_explained_t *token)
{
    token->claims =
        lk_call_get(cli, lk_url_realm(cli, "/clients/%s/evaluate-scopes/generate-example-access-token?userId=%s&scope=%s",
                                      token->client_id, token->user_id, token->scope));
    token->is_example = 1;
    return token->claims != NULL ? LK_OK : cli->err.kind;
}

static int show(lk_cli_t *cli, json_t *claims, json_t *verdicts)
{
    static const lk_column_t columns[] = {{"CLAIM", "claim"}, {"VALUE", "value"}, {"MADE BY", "madeBy"}},
                             takers[] = {{"WHO", "who"}, {"TAKES IT", "takes"}, {"WHY", "why"}};
    if (lk_shows_json(cli))
        return lk_show_object(cli, lk_json_own(cli->arena, json_pack("{s:O, s:O}", "claims", claims, "verdicts", verdicts)));
    lk_show_list(cli, claims, columns, 3);
    putchar('\n');
    return lk_show_list(cli, verdicts, takers, 3);
}

int lk_verb_explain(lk_cli_t *cli)
{
    lk_explained_t token = {NULL};
    int makes = lk_cli_has(cli, LK_O_FOR_USER), code;
    if (makes == (cli->num_words != 0))
        return lk_cli_usage(cli,
                            "Give a token (- reads it from standard input), or --for-user and --for-client for an example of one");
    if (makes && !lk_cli_has(cli, LK_O_FOR_CLIENT))
        return lk_cli_usage(cli, "Required option not specified: --for-client");
    if ((code = lk_check_show(cli)) != LK_EXIT_OK)
        return code;
    if ((!makes && read_token(cli, &token) != LK_OK) || lk_session_open(cli) != LK_OK || find_parties(cli, &token) != LK_OK ||
        (makes && make_example(cli, &token) != LK_OK))
        return lk_cli_fail(cli);
    json_t *claims = lk_origins(cli, &token), *verdicts = claims != NULL ? lk_verdicts(cli, &token) : NULL;
    return verdicts != NULL ? show(cli, claims, verdicts) : lk_cli_fail(cli);
}
