/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CLI_CLI_H
#define LK_CLI_CLI_H

#include <stdio.h>
#include "core/buffer.h"
#include "core/error.h"
#include "core/json.h"

/* lkadm: an HTTP client of the admin REST API. Verbs and options are two tables (verbs.c, options.c); help, completion and the
 * manual's section of options are made from them. One process is one verb: everything lives in its arena. */

enum { LK_EXIT_OK = 0, LK_EXIT_FAILED = 1, LK_EXIT_USAGE = 2 };
#define LK_CLI_MAX_BODY (512 * 1024 * 1024)

/* What a verb takes; an option is a row with the groups that have it. */
enum {
    LK_TAKES_GLOBAL = 1 << 0,      /* -x, --config, --help */
    LK_TAKES_LOGIN = 1 << 1,       /* server, realm, user, client: how to sign in */
    LK_TAKES_SESSION = 1 << 2,     /* --no-config, --token, -r, -a: where requests go */
    LK_TAKES_REQUEST = 1 << 3,     /* -q, -h, -H */
    LK_TAKES_BODY = 1 << 4,        /* -s, -d, -f, -b */
    LK_TAKES_FIELDS = 1 << 5,      /* -F, -c */
    LK_TAKES_PAGE = 1 << 6,        /* --offset, --limit */
    LK_TAKES_FORMAT = 1 << 7,      /* --format, --noquotes */
    LK_TAKES_OUTPUT = 1 << 8,      /* -o */
    LK_TAKES_ID = 1 << 9,          /* -i */
    LK_TAKES_MERGE = 1 << 10,      /* -m, -n */
    LK_TAKES_SUBJECT = 1 << 11,    /* --uusername and its kin */
    LK_TAKES_WHICH = 1 << 12,      /* --effective, --available, --all */
    LK_TAKES_PASSWORD = 1 << 13,   /* set-password's */
    LK_TAKES_STATUS = 1 << 14,     /* config credentials' */
    LK_TAKES_TRUSTSTORE = 1 << 15, /* config truststore's */
    LK_TAKES_DAILY = 1 << 16,      /* -o json|table, --search and what the short forms share */
    LK_TAKES_CLIENT = 1 << 17,     /* client add's */
    LK_TAKES_MAPPER = 1 << 18,     /* mapper add's */
    LK_TAKES_USER = 1 << 19,       /* user add's */
    LK_TAKES_GRANT = 1 << 20,      /* --of-client */
    LK_TAKES_EXPLAIN = 1 << 21,    /* token explain's */
    LK_TAKES_ISTIO = 1 << 22,      /* istio's */
    LK_TAKES_SECRET = 1 << 23,     /* client secret's */
    LK_TAKES_SETS = 1 << 24        /* -s, of what is added */
};

typedef enum en_lk_option_id_t {
    LK_O_TRACE,
    LK_O_HELP,
    LK_O_CONFIG,
    LK_O_NO_CONFIG,
    LK_O_TOKEN,
    LK_O_INSECURE,
    LK_O_TRUSTSTORE,
    LK_O_TRUSTPASS,
    LK_O_SERVER,
    LK_O_REALM,
    LK_O_USER,
    LK_O_PASSWORD,
    LK_O_CLIENT,
    LK_O_SECRET,
    LK_O_KEYSTORE,
    LK_O_STOREPASS,
    LK_O_KEYPASS,
    LK_O_ALIAS,
    LK_O_STATUS,
    LK_O_TARGET,
    LK_O_ROOT,
    LK_O_QUERY,
    LK_O_HEADER,
    LK_O_PRINT_HEADERS,
    LK_O_SET,
    LK_O_DELETE,
    LK_O_FILE,
    LK_O_BODY,
    LK_O_FIELDS,
    LK_O_COMPRESSED,
    LK_O_OFFSET,
    LK_O_LIMIT,
    LK_O_FORMAT,
    LK_O_NOQUOTES,
    LK_O_OUTPUT,
    LK_O_ID,
    LK_O_MERGE,
    LK_O_NO_MERGE,
    LK_O_UUSERNAME,
    LK_O_UID,
    LK_O_GNAME,
    LK_O_GPATH,
    LK_O_GID,
    LK_O_RNAME,
    LK_O_RID,
    LK_O_CCLIENTID,
    LK_O_CID,
    LK_O_ROLENAME,
    LK_O_ROLEID,
    LK_O_EFFECTIVE,
    LK_O_AVAILABLE,
    LK_O_ALL,
    LK_O_USERNAME,
    LK_O_USERID,
    LK_O_NEW_PASSWORD,
    LK_O_TEMPORARY,
    LK_O_DELETE_TRUST,
    LK_O_SHOW,
    LK_O_PUBLIC,
    LK_O_SERVICE,
    LK_O_REDIRECT,
    LK_O_LOGOUT,
    LK_O_NAME,
    LK_O_CLAIM,
    LK_O_EMAIL,
    LK_O_FIRST,
    LK_O_LAST,
    LK_O_CLIENT_ROLE,

    LK_O_FOR_USER,
    LK_O_FOR_CLIENT,
    LK_O_SCOPE,
    LK_O_AUDIENCE,
    LK_O_INLINE,
    LK_O_ROLE,
    LK_O_NAMESPACE,
    LK_O_WORKLOAD,
    LK_O_REGENERATE,
    LK_O_DESCRIPTION
} lk_option_id_t;

typedef enum en_lk_option_kind_t { LK_FLAG, LK_VALUE, LK_MANY, LK_PAIRS } lk_option_kind_t;

typedef struct st_lk_cli_option_t {
    lk_option_id_t id;
    const char *letter, *name; /* "-s" or NULL, "--set" */
    lk_option_kind_t kind;
    const char *argument; /* its name in the help; NULL for a flag */
    unsigned taken_by;
    const char *help;
} lk_cli_option_t;
extern const lk_cli_option_t lk_cli_options[];
extern const size_t lk_num_cli_options;

struct st_lk_cli_t;
typedef struct st_lk_verb_t {
    const char *name; /* one word or two */
    int (*run)(struct st_lk_cli_t *cli);
    unsigned takes;
    const char *usage; /* what follows the name */
    unsigned most_words;
    const char *help;     /* a line */
    const char *examples; /* lines, each a whole command */
    const char *method;   /* of create, update, delete */
} lk_verb_t;
extern const lk_verb_t lk_verbs[];
extern const size_t lk_num_verbs;

/* An option as it was given; the order matters for -s and -d. */
typedef struct st_lk_given_t {
    lk_option_id_t id;
    const char *value;
} lk_given_t;

#define LK_CLI_MAX_GIVEN 1024
#define LK_CLI_MAX_WORDS 64

typedef struct st_lk_cli_t {
    lk_arena_t *arena;
    const lk_verb_t *verb;
    lk_given_t given[LK_CLI_MAX_GIVEN];
    size_t num_given;
    const char *words[LK_CLI_MAX_WORDS];
    size_t num_words;
    struct st_lk_session_t *session;
    lk_error_t err;
} lk_cli_t;

/* Reads the arguments after the verb. 0, or LK_EXIT_USAGE when it has said what is wrong. */
int lk_cli_parse(lk_cli_t *cli, int argc, char **argv);
/* The last value of an option ("" of a flag), or NULL. */
const char *lk_cli_option(const lk_cli_t *cli, lk_option_id_t id);
int lk_cli_has(const lk_cli_t *cli, lk_option_id_t id);
/* Its values one after the other: *at begins as 0; NULL after the last. */
const char *lk_cli_each(const lk_cli_t *cli, lk_option_id_t id, size_t *at);
/* Says what is wrong with the command and where its help is; LK_EXIT_USAGE. */
int lk_cli_usage(const lk_cli_t *cli, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Says what failed; LK_EXIT_FAILED. */
int lk_cli_fail(lk_cli_t *cli);

const lk_verb_t *lk_verb_find(int argc, char **argv, int *ret_words);
/* The option of a letter or name ("-s", "--set") where the verb takes it, or NULL. */
const lk_cli_option_t *lk_option_find(const lk_verb_t *verb, const char *name, size_t len);

/* help.c: everything that is made from the tables. */
void lk_help_overview(FILE *out);
void lk_help_verb(const lk_verb_t *verb, FILE *out);
/* The verbs whose name has this first word and another; how many they are. */
int lk_help_group(const char *first, FILE *out);
int lk_verb_help(lk_cli_t *cli);
int lk_verb_completion(lk_cli_t *cli);
int lk_verb_manual(lk_cli_t *cli);

/* The verbs, a file for each family. */
int lk_verb_credentials(lk_cli_t *cli);
int lk_verb_truststore(lk_cli_t *cli);
int lk_verb_config(lk_cli_t *cli);
int lk_verb_get(lk_cli_t *cli);
int lk_verb_write(lk_cli_t *cli);
int lk_verb_new_object(lk_cli_t *cli);
int lk_verb_get_roles(lk_cli_t *cli);
int lk_verb_change_roles(lk_cli_t *cli);
int lk_verb_set_password(lk_cli_t *cli);

#endif
