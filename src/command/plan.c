/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "command/command.h"
#include "config/options.h"
#include "model/plan.h"

/* plan and apply: what a realm file would change, and doing it. Terraform's exit codes, where they are asked for. */

enum { EXIT_CHANGES = 2, MAX_SHOWN = 60 };

typedef struct st_report_t {
    int apply;
    json_t *realms; /* of the JSON output; NULL for text */
    size_t counts[LK_CHANGE_DELETE + 1];
} report_t;

static const struct {
    char sign;
    const char *word, *total;
} actions[] = {
    [LK_CHANGE_CREATE] = {'+', "create", "to add"},
    [LK_CHANGE_UPDATE] = {'~', "update", "to change"},
    [LK_CHANGE_DELETE] = {'-', "delete", "to delete"},
};

static void print_value(const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    int shown = MAX_SHOWN;
    while (text != NULL && strlen(text) > MAX_SHOWN && shown != 0 && (text[shown] & 0xc0) == 0x80)
        --shown; /* not within a character */
    if (text != NULL && strlen(text) > MAX_SHOWN)
        printf("%.*s...", shown, text);
    else
        fputs(json_is_null(value) ? "nothing" : text != NULL ? text : "?", stdout);
    free(text);
}

static void print_change(const lk_planned_t *change)
{
    size_t i;
    json_t *field;
    printf("  %c %s ", actions[change->action].sign, change->kind);
    for (const char *at = change->name; *at != '\0'; ++at)
        putchar((unsigned char)*at < ' ' || *at == 0x7f ? '?' : *at); /* nothing that a terminal obeys */
    json_array_foreach(change->fields, i, field)
    {
        printf(i == 0 ? ": %s " : ", %s ", json_string_value(json_object_get(field, "field")));
        print_value(json_object_get(field, "from"));
        fputs(" -> ", stdout);
        print_value(json_object_get(field, "to"));
    }
    putchar('\n');
}

static json_t *change_to_json(const lk_planned_t *change)
{
    json_t *result =
        json_pack("{s:s, s:s, s:s}", "action", actions[change->action].word, "kind", change->kind, "name", change->name);
    if (change->fields != NULL)
        json_object_set(result, "fields", change->fields);
    return result;
}

static void on_plan(void *context, const lk_plan_t *plan)
{
    report_t *report = context;
    size_t count;
    const lk_planned_t *changes = lk_plan_changes(plan, &count);
    json_t *list = json_array();
    if (report->realms == NULL)
        printf("Realm %s%s\n", lk_plan_realm(plan), count == 0 ? ": nothing to do" : "");
    for (size_t i = 0; i != count; ++i) {
        ++report->counts[changes[i].action];
        if (report->realms == NULL)
            print_change(&changes[i]);
        else
            json_array_append_new(list, change_to_json(&changes[i]));
    }
    if (report->realms != NULL)
        json_array_append_new(report->realms, json_pack("{s:s, s:O}", "realm", lk_plan_realm(plan), "changes", list));
    json_decref(list);
}

static void print_end(const report_t *report)
{
    size_t total = 0;
    for (size_t i = 0; i != sizeof(actions) / sizeof(actions[0]); ++i)
        total += report->counts[i];
    if (report->realms != NULL) {
        char *text = json_dumps(report->realms, JSON_INDENT(2));
        puts(text != NULL ? text : "[]");
        free(text);
    } else if (total != 0) {
        for (size_t i = 0; i != sizeof(actions) / sizeof(actions[0]); ++i)
            printf("%s%zu %s", i == 0 ? (report->apply ? "Done: " : "Plan: ") : ", ", report->counts[i], actions[i].total);
        putchar('\n');
    }
}

/* Whether the argument behind this one is its value. */
static int takes_value(const char *argument)
{
    if (strcmp(argument, "-o") == 0 || strcmp(argument, "-cf") == 0)
        return 1;
    if (strncmp(argument, "--", 2) != 0 || strchr(argument, '=') != NULL)
        return 0;
    const lk_option_t *option = lk_option_find(argument + 2);
    return option != NULL && option->type != LK_OPTION_FLAG && option->type != LK_OPTION_NO_MEANING;
}

/* The first argument that is no option: the file or folder. It is taken out of the arguments, for the options' reader. */
static const char *take_path(void)
{
    const char *path = NULL;
    int kept = 0;
    for (int i = 0; i < lk_process.argc; ++i) {
        char *argument = lk_process.argv[i];
        if (path == NULL && argument[0] != '-' && (i == 0 || !takes_value(lk_process.argv[i - 1])))
            path = argument;
        else
            lk_process.argv[kept++] = argument;
    }
    lk_process.argc = kept;
    return path;
}

static int run(const char *command, int apply)
{
    lk_error_t err = {0};
    report_t report = {.apply = apply};
    const lk_settings_t *s = &lk_process.settings;
    const char *path = take_path();
    int code = lk_process_load_settings(0);
    if (path == NULL)
        path = s->file != NULL ? s->file : s->dir;
    if (code == LK_EXIT_OK && path == NULL) {
        fprintf(stderr, "latchkey %s: give a realm file, or a folder of them\n", command);
        code = LK_EXIT_USAGE;
    }
    if (code == LK_EXIT_OK)
        code = lk_process_open();
    if (code != LK_EXIT_OK)
        return s->detailed_exitcode ? LK_EXIT_FAILED : code;
    report.realms = strcmp(s->output, "json") == 0 ? json_array() : NULL;
    lk_status_t status = lk_plan_path(&lk_process.app, path, apply, on_plan, &report, &err);
    if (status == LK_OK)
        print_end(&report);
    json_decref(report.realms);
    if (status != LK_OK && apply)
        lk_process_tell_refused("UPDATE", path, &err);
    if (status != LK_OK)
        return lk_process_fail(apply ? "The realm was not changed" : "No plan can be made", &err);
    int has_changes = report.counts[LK_CHANGE_CREATE] + report.counts[LK_CHANGE_UPDATE] + report.counts[LK_CHANGE_DELETE] != 0;
    return s->detailed_exitcode && !apply && has_changes ? EXIT_CHANGES : LK_EXIT_OK;
}

int lk_command_plan(void)
{
    return run("plan", 0);
}

int lk_command_apply(void)
{
    return run("apply", 1);
}
