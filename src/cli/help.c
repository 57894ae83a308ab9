/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>
#include "cli/cli.h"

/* Help, completion and the manual page, all made from the tables of verbs and options. */

void lk_help_overview(FILE *out)
{
    fputs("lkadm: administer Latchkey, or a Keycloak, by its admin REST API\n\nUsage: lkadm COMMAND [ARGUMENTS]\n\nCommands:\n",
          out);
    for (const lk_verb_t *verb = lk_verbs; verb != lk_verbs + lk_num_verbs; ++verb)
        if (verb->run != lk_verb_config)
            fprintf(out, "  %-18s  %s\n", verb->name, verb->help);
    fputs("\nBegin with 'lkadm config credentials'. 'lkadm help COMMAND' says what a command takes.\n", out);
}

int lk_help_group(const char *first, FILE *out)
{
    size_t len = strlen(first);
    int count = 0;
    for (const lk_verb_t *verb = lk_verbs; verb != lk_verbs + lk_num_verbs; ++verb)
        if (strncmp(verb->name, first, len) == 0 && verb->name[len] == ' ') {
            if (count++ == 0)
                fprintf(out, "Usage: lkadm %s COMMAND [ARGUMENTS]\n\nCommands:\n", first);
            fprintf(out, "  %-18s  %s\n", verb->name, verb->help);
        }
    return count;
}

/* "-s, --set NAME=VALUE" */
static const char *spelling(const lk_cli_option_t *option, char *text, size_t size)
{
    snprintf(text, size, "%s%s%s%s%s", option->letter != NULL ? option->letter : "",
             option->letter != NULL && option->name != NULL ? ", " : "", option->name != NULL ? option->name : "",
             option->argument != NULL ? " " : "", option->argument != NULL ? option->argument : "");
    return text;
}

/* The options of a verb that are shared by nearly all, or those that are not; whether there are any. */
static int put_options(const lk_verb_t *verb, int shared, const char *title, FILE *out)
{
    const unsigned of_all = LK_TAKES_GLOBAL | LK_TAKES_LOGIN | LK_TAKES_SESSION;
    char text[80];
    int count = 0;
    for (const lk_cli_option_t *option = lk_cli_options; option != lk_cli_options + lk_num_cli_options; ++option)
        if ((option->taken_by & verb->takes) != 0 && ((option->taken_by & ~of_all) == 0) == shared)
            fprintf(out, "%s  %-30s  %s\n", count++ == 0 ? title : "", spelling(option, text, sizeof(text)), option->help);
    return count;
}

void lk_help_verb(const lk_verb_t *verb, FILE *out)
{
    fprintf(out, "Usage: lkadm %s%s%s [ARGUMENTS]\n\n%s.\n", verb->name, *verb->usage != '\0' ? " " : "", verb->usage, verb->help);
    int has_own = put_options(verb, 0, "\nArguments:\n", out);
    put_options(verb, 1, has_own ? "\nServer and session:\n" : "\nArguments:\n", out);
    if (verb->examples != NULL)
        fputs("\nExamples:\n", out);
    for (const char *line = verb->examples; line != NULL && *line != '\0'; line += strcspn(line, "\n") + 1)
        fprintf(out, "  $ %.*s\n", (int)strcspn(line, "\n"), line);
}

int lk_verb_help(lk_cli_t *cli)
{
    int words;
    if (cli->num_words == 0) {
        lk_help_overview(stdout);
        return LK_EXIT_OK;
    }
    const lk_verb_t *verb = lk_verb_find((int)cli->num_words, (char **)(uintptr_t)cli->words, &words);
    if (verb == NULL && lk_help_group(cli->words[0], stdout) != 0)
        return LK_EXIT_OK;
    if (verb == NULL)
        return lk_cli_usage(cli, "Unknown command: %s", cli->words[0]);
    lk_help_verb(verb, stdout);
    return LK_EXIT_OK;
}

/* The options of a verb as words, the way both shells want them. */
static void put_option_words(const lk_verb_t *verb)
{
    for (const lk_cli_option_t *option = lk_cli_options; option != lk_cli_options + lk_num_cli_options; ++option)
        if ((option->taken_by & verb->takes) != 0)
            printf("%s%s%s ", option->letter != NULL ? option->letter : "",
                   option->letter != NULL && option->name != NULL ? " " : "", option->name != NULL ? option->name : "");
}

/* The first words of all names, or the second words behind `first`. */
static void put_verb_words(const char *first)
{
    const char *last = "";
    size_t last_len = 0;
    for (const lk_verb_t *verb = lk_verbs; verb != lk_verbs + lk_num_verbs; ++verb) {
        size_t len = strcspn(verb->name, " ");
        if (first != NULL) {
            if (verb->name[len] == ' ' && strlen(first) == len && strncmp(first, verb->name, len) == 0)
                printf("%s ", verb->name + len + 1);
        } else if (len != last_len || strncmp(verb->name, last, len) != 0) {
            printf("%.*s ", (int)len, verb->name);
            last = verb->name, last_len = len;
        }
    }
}

/* One function for both: zsh runs it through bashcompinit. */
static void print_completion(void)
{
    puts("_lkadm() {\n"
         "    local current=\"${COMP_WORDS[COMP_CWORD]}\" words\n"
         "    case \"${COMP_WORDS[1]} ${COMP_WORDS[2]}\" in");
    for (int two = 1; two >= 0; --two)
        for (const lk_verb_t *verb = lk_verbs; verb != lk_verbs + lk_num_verbs; ++verb)
            if ((strchr(verb->name, ' ') != NULL) == two) {
                printf("    \"%s\"%s) words=\"", verb->name, two ? "" : "\\ *");
                put_verb_words(two ? "" : verb->name);
                put_option_words(verb);
                puts("\" ;;");
            }
    for (const lk_verb_t *verb = lk_verbs; verb != lk_verbs + lk_num_verbs; ++verb) {
        size_t len = strcspn(verb->name, " ");
        if (verb->name[len] == ' ' && (verb == lk_verbs || strncmp(verb[-1].name, verb->name, len + 1) != 0)) {
            char first[32];
            snprintf(first, sizeof(first), "%.*s", (int)len, verb->name);
            printf("    \"%s\"\\ *) words=\"", first);
            put_verb_words(first);
            puts("\" ;;");
        }
    }
    fputs("    *) words=\"", stdout);
    put_verb_words(NULL);
    puts("\" ;;\n"
         "    esac\n"
         "    if [ \"$COMP_CWORD\" -eq 1 ]; then words=\"");
    put_verb_words(NULL);
    puts("\"; fi\n"
         "    COMPREPLY=($(compgen -W \"$words\" -- \"$current\"))\n"
         "}\n"
         "complete -o default -F _lkadm lkadm");
}

int lk_verb_completion(lk_cli_t *cli)
{
    const char *shell = cli->num_words != 0 ? cli->words[0] : "";
    if (strcmp(shell, "bash") != 0 && strcmp(shell, "zsh") != 0)
        return lk_cli_usage(cli, "Unsupported shell: '%s': bash or zsh", shell);
    puts(shell[0] == 'z' ? "#compdef lkadm\nautoload -U +X bashcompinit && bashcompinit" : "# bash completion of lkadm");
    print_completion();
    return LK_EXIT_OK;
}

/* Text for roff: a backslash and a leading dot or quote are its own. */
static void put_roff(const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", stdout);
    for (; *text != '\0'; ++text) {
        if (*text == '\\' || *text == '-')
            putchar('\\');
        fputs(*text == '\\' ? "e" : (char[]){*text, '\0'}, stdout);
    }
}

static void put_manual_options(void)
{
    char text[80];
    fputs(".SH OPTIONS\nWhich command takes which: \\fBlkadm help\\fR \\fICOMMAND\\fR.\n", stdout);
    for (const lk_cli_option_t *option = lk_cli_options; option != lk_cli_options + lk_num_cli_options; ++option) {
        fputs(".TP\n\\fB", stdout);
        put_roff(spelling(option, text, sizeof(text)));
        fputs("\\fR\n", stdout);
        put_roff(option->help);
        fputs(".\n", stdout);
    }
}

int lk_verb_manual(lk_cli_t *cli)
{
    (void)cli;
    puts(".\\\" SPDX-FileCopyrightText: 2026 The Latchkey authors\n.\\\" SPDX-License-Identifier: MIT\n"
         ".\\\" Made by: lkadm manual\n"
         ".TH LKADM 1\n.SH NAME\nlkadm \\- administer Latchkey, or a Keycloak, by its admin REST API\n"
         ".SH SYNOPSIS\n\\fBlkadm\\fR \\fICOMMAND\\fR [\\fIARGUMENTS\\fR]\n.SH COMMANDS");
    for (const lk_verb_t *verb = lk_verbs; verb != lk_verbs + lk_num_verbs; ++verb) {
        fputs(".TP\n\\fB", stdout);
        put_roff(verb->name);
        fputs("\\fR ", stdout);
        put_roff(verb->usage);
        putchar('\n');
        put_roff(verb->help);
        fputs(".\n", stdout);
        for (const char *line = verb->examples; line != NULL && *line != '\0'; line += strcspn(line, "\n") + 1) {
            char example[256];
            snprintf(example, sizeof(example), "%.*s", (int)strcspn(line, "\n"), line);
            fputs(".br\n", stdout);
            put_roff(example);
            putchar('\n');
        }
    }
    put_manual_options();
    puts(".SH ENVIRONMENT\n\\fBKC_CLI_PASSWORD\\fR, \\fBKC_CLI_CLIENT_SECRET\\fR: the password and the client's secret.\n"
         ".SH FILES\n\\fI~/.config/latchkey/lkadm.config\\fR (below \\fBXDG_CONFIG_HOME\\fR where that is set): server, realm and\n"
         "tokens, readable by its owner alone.\n"
         ".SH EXIT STATUS\n0 done; 1 it failed (standard error says why); 2 the command is wrong.\n.SH SEE "
         "ALSO\n\\fBlatchkey\\fR(1)");
    return LK_EXIT_OK;
}
