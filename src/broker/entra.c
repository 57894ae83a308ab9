/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "broker/entra.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "core/url.h"

#define TEMPLATE "{tenantid}"
#define CONSUMERS "9188040d-6c67-4c5b-b112-36a304b66dad" /* the tenant of all personal accounts */
#define MAX_PAGES 50
#define MAX_TOKEN_FILE 16384

#define refuse(err, ...) (lk_fail((err), LK_DENIED, NULL, NULL), lk_error_detail((err), __VA_ARGS__))

/* --- tenants --- */

static const char *const authorities[] = {"https://login.microsoftonline.com/", "https://login.microsoftonline.us/",
                                          "https://login.partner.microsoftonline.cn/", "https://sts.windows.net/"};

static int begins(const char *text, const char *prefix)
{
    return text != NULL && strncmp(text, prefix, strlen(prefix)) == 0;
}

/* 1 for a provider of type microsoft, one whose issuer has {tenantid} in it, and one at Entra's own addresses. */
static int is_of_entra(const lk_upstream_t *upstream)
{
    if (upstream->type->is_entra || (upstream->issuer != NULL && strstr(upstream->issuer, TEMPLATE) != NULL))
        return 1;
    for (size_t i = 0; i != sizeof(authorities) / sizeof(authorities[0]); ++i)
        if (begins(upstream->token_url, authorities[i]) || begins(upstream->issuer, authorities[i]))
            return 1;
    return 0;
}

static int is_guid(const char *text)
{
    return text != NULL && strlen(text) == 36 && strspn(text, "0123456789abcdefABCDEF-") == 36;
}

const char *lk_entra_tenant(lk_arena_t *arena, const char *issuer)
{
    size_t len = lk_url_origin(issuer);
    const char *segment = issuer[len] == '/' ? issuer + len + 1 : "", *tid = lk_strndup(arena, segment, strcspn(segment, "/"));
    return is_guid(tid) ? tid : NULL;
}

/* Tenants that may come: the list that is set, else the one tenant of the provider's addresses. */
static int is_allowed(lk_arena_t *arena, const lk_upstream_t *upstream, const char *tid)
{
    const char *list = upstream->allowed_tenants;
    if (list == NULL)
        list = upstream->tenant != NULL && strcmp(upstream->tenant, "consumers") == 0 ? CONSUMERS : upstream->tenant;
    if (list == NULL)
        return 0;
    if (strcmp(list, "*") == 0 && upstream->allowed_tenants != NULL)
        return 1;
    return lk_has_item(lk_utf8_lower(arena, list), lk_utf8_lower(arena, tid));
}

static const char *fill(lk_arena_t *arena, const char *issuer, const char *tid)
{
    lk_buffer_t out;
    const char *hole;
    lk_buffer_init(&out, arena, 8192);
    while ((hole = strstr(issuer, TEMPLATE)) != NULL) {
        lk_buffer_append(&out, issuer, (size_t)(hole - issuer));
        lk_buffer_puts(&out, tid);
        issuer = hole + strlen(TEMPLATE);
    }
    lk_buffer_puts(&out, issuer);
    return out.base;
}

lk_status_t lk_entra_issuer(lk_arena_t *arena, const lk_upstream_t *upstream, const json_t *claims, const char **ret_issuer,
                            lk_error_t *err)
{
    const char *tid = lk_json_str(claims, "tid", NULL);
    int is_template = strstr(upstream->issuer, TEMPLATE) != NULL;
    if (!is_template && upstream->allowed_tenants == NULL)
        return LK_OK;
    if (!is_guid(tid))
        return refuse(err, "the token has no tenant (tid)");
    if (!is_allowed(arena, upstream, tid))
        return refuse(err, "tenant %s may not sign in: put it into allowedTenants of the identity provider, or set tenantId to it",
                      tid);
    if (is_template)
        *ret_issuer = fill(arena, upstream->issuer, tid);
    return LK_OK;
}

/* --- groups that did not fit (more than 200) --- */

/* A token for Graph of the application itself, where the user's is not for Graph. */
static lk_status_t application_token(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                                     const char *graph, const char **ret_token, lk_error_t *err)
{
    lk_upstream_tokens_t tokens;
    const lk_pair_t grant[] = {{"grant_type", "client_credentials"},
                               {"scope", lk_printf(req->arena, "%.*s/.default", (int)lk_url_origin(graph), graph)}};
    lk_status_t status = lk_upstream_tokens(req, realm, upstream, grant, 2, &tokens, err);
    if (status == LK_OK)
        *ret_token = tokens.access_token;
    return status;
}

static lk_status_t get_page(lk_arena_t *arena, const char *url, const char *access_token, json_t **ret_page, lk_error_t *err)
{
    lk_fetched_t answer;
    lk_fetch_t fetch = {
        .url = url, .json = "{\"securityEnabledOnly\":true}", .authorization = lk_printf(arena, "Bearer %s", access_token)};
    lk_status_t status = lk_fetch(arena, &fetch, &answer, err);
    if (status != LK_OK)
        return status;
    if (answer.status == 200 && lk_json_parse(arena, (const char *)answer.body.base, answer.body.len, ret_page, NULL) == LK_OK &&
        json_is_array(json_object_get(*ret_page, "value")))
        return LK_OK;
    lk_fail(err, LK_UNAVAILABLE, NULL, NULL);
    return lk_error_detail(err, "%s: status %ld: %.300s; the user has too many groups for the token, and Graph must tell them", url,
                           answer.status, (const char *)answer.body.base);
}

static lk_status_t fetch_groups(lk_arena_t *arena, const char *graph, const char *first, const char *access_token,
                                json_t **ret_groups, lk_error_t *err)
{
    json_t *groups = lk_json_own(arena, json_array()), *page;
    const char *url = first;
    for (int i = 0; url != NULL; ++i) {
        if (i == MAX_PAGES || !begins(url, graph))
            return refuse(err, "%s: more pages of groups than are taken, or elsewhere than at Graph", url);
        lk_status_t status = get_page(arena, url, access_token, &page, err);
        if (status != LK_OK)
            return status;
        json_array_extend(groups, json_object_get(page, "value"));
        url = lk_json_str(page, "@odata.nextLink", NULL);
    }
    *ret_groups = groups;
    return LK_OK;
}

/* Whether anything here looks at groups. */
static int wants_groups(lk_arena_t *arena, const lk_identity_provider_t *provider)
{
    for (size_t i = 0; i != provider->num_mappers; ++i)
        if (strstr(lk_json_text(arena, provider->mappers[i].config), "groups") != NULL)
            return 1;
    return 0;
}

typedef struct st_question_t {
    const lk_request_t *req;
    const lk_realm_t *realm;
    const lk_upstream_t *upstream;
    const char *access_token, *oid;
} question_t;

static lk_status_t ask_as(const question_t *question, const char *who, const char *access_token, json_t **ret_groups,
                          lk_error_t *err)
{
    lk_arena_t *arena = question->req->arena;
    const char *graph = question->upstream->graph_url;
    return fetch_groups(arena, graph, lk_printf(arena, "%s/%s/getMemberObjects", graph, who), access_token, ret_groups, err);
}

static lk_status_t ask_as_user(const question_t *question, json_t **ret_groups, lk_error_t *err)
{
    return ask_as(question, "me", question->access_token, ret_groups, err);
}

static lk_status_t ask_as_application(const question_t *question, json_t **ret_groups, lk_error_t *err)
{
    const char *token;
    if (!is_guid(question->oid))
        return refuse(err, "the token has no oid, which Graph is to be asked about");
    lk_status_t status =
        application_token(question->req, question->realm, question->upstream, question->upstream->graph_url, &token, err);
    return status == LK_OK ? ask_as(question, lk_printf(question->req->arena, "users/%s", question->oid), token, ret_groups, err)
                           : status;
}

/* groupsFrom: "me", "application", or, where it is not set, the one and then, where Graph refuses the user's token, the other. */
static lk_status_t resolve_groups(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                                  const char *access_token, json_t *id_claims, lk_error_t *err)
{
    const question_t question = {req, realm, upstream, access_token, lk_json_str(id_claims, "oid", NULL)};
    const char *from = upstream->groups_from;
    int as_user = from == NULL || strcmp(from, "application") != 0, as_application = from == NULL || strcmp(from, "me") != 0;
    json_t *groups = NULL;
    lk_status_t status = LK_UNAVAILABLE;
    if (json_object_get(json_object_get(id_claims, "_claim_names"), "groups") == NULL ||
        !wants_groups(req->arena, upstream->provider))
        return LK_OK;
    if (as_user && access_token != NULL)
        status = ask_as_user(&question, &groups, err);
    if (status != LK_OK && as_application)
        status = ask_as_application(&question, &groups, err);
    if (status == LK_OK)
        json_object_set(id_claims, "groups", groups);
    return status;
}

/* --- e-mail --- */

/* Anybody can write any address into a tenant of their own: only a domain whose owner was verified (xms_edov) says something. */
static void judge_email(const lk_upstream_t *upstream, const json_t *id_claims, lk_brokered_t *brokered)
{
    const json_t *edov = json_object_get(id_claims, "xms_edov");
    const char *text = json_string_value(edov);
    int is_verified = json_is_true(edov) || json_integer_value(edov) == 1 ||
                      (text != NULL && (strcmp(text, "1") == 0 || strcmp(text, "true") == 0));
    int many_tenants = upstream->issuer != NULL && strstr(upstream->issuer, TEMPLATE) != NULL && !is_guid(upstream->tenant);
    brokered->email_unproved = !is_verified;
    brokered->email_unverified = !is_verified && (edov != NULL || many_tenants);
}

lk_status_t lk_entra_complete(const lk_request_t *req, const lk_realm_t *realm, const lk_upstream_t *upstream,
                              const char *access_token, lk_brokered_t *brokered, lk_error_t *err)
{
    json_t *id_claims = json_object_get(brokered->claims, "id_token");
    if (!is_of_entra(upstream))
        return LK_OK;
    judge_email(upstream, id_claims, brokered);
    return resolve_groups(req, realm, upstream, access_token, id_claims, err);
}

/* --- workload identity --- */

static const char *variable(const char *value)
{
    return value != NULL && *value != '\0' ? value : NULL;
}

int lk_entra_uses_workload(const lk_upstream_t *upstream)
{
    const char *file = variable(getenv("AZURE_FEDERATED_TOKEN_FILE")), *client = variable(getenv("AZURE_CLIENT_ID"));
    const char *tenant = variable(getenv("AZURE_TENANT_ID")), *authority = variable(getenv("AZURE_AUTHORITY_HOST"));
    return file != NULL && client != NULL && tenant != NULL && strcmp(client, upstream->client_id) == 0 &&
           begins(upstream->token_url, authority != NULL ? authority : authorities[0]);
}

lk_status_t lk_entra_workload_token(lk_arena_t *arena, const char **ret_token, lk_error_t *err)
{
    const char *path = getenv("AZURE_FEDERATED_TOKEN_FILE");
    char *text = lk_alloc(arena, MAX_TOKEN_FILE);
    FILE *file = fopen(path, "re");
    size_t len = file != NULL ? fread(text, 1, MAX_TOKEN_FILE - 1, file) : 0;
    if (file != NULL)
        fclose(file);
    while (len != 0 && isspace((unsigned char)text[len - 1]))
        text[--len] = '\0';
    if (len == 0)
        return refuse(err, "%s (AZURE_FEDERATED_TOKEN_FILE) cannot be read or is empty", path);
    *ret_token = text;
    return LK_OK;
}
