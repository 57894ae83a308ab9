/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "token/mapper.h"

/* Mappers that show the session, the client and plain settings. */

int lk_compile_audience(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step)
{
    (void)arena, (void)client, (void)mapper;
    if (step->text == NULL)
        step->text = step->extra;
    return step->text != NULL;
}

void lk_map_audience(lk_build_t *build, const lk_step_t *step)
{
    lk_build_add_audience(build, step->text);
}

int lk_compile_hardcoded_claim(lk_arena_t *arena, const lk_client_t *client, const lk_mapper_t *mapper, lk_step_t *step)
{
    (void)client, (void)mapper;
    step->more = step->convert(arena, step->text);
    return step->more != NULL;
}

void lk_map_hardcoded_claim(lk_build_t *build, const lk_step_t *step)
{
    if (step->is_audience)
        lk_step_put(build, step, &step->text, 1);
    else
        lk_claims_set_path(build->arena, &build->claims, &step->path, step->more);
}

void lk_map_allowed_origins(lk_build_t *build, const lk_step_t *step)
{
    lk_strings_t origins = lk_client_web_origins(build->arena, build->context->req, build->context->client);
    (void)step;
    if (origins.count != 0)
        lk_claims_set(build->arena, &build->claims, "allowed-origins",
                      lk_claims_list(build->arena, origins.entries, origins.count, 0));
}

/* What Keycloak notes of a client that acts for itself. */
static const char *service_note(const lk_token_context_t *context, const char *name)
{
    if (strcmp(name, "client_id") == 0 || strcmp(name, "clientId") == 0)
        return context->client->client_id;
    if (strcmp(name, "clientHost") == 0 || strcmp(name, "clientAddress") == 0)
        return context->req->client_ip;
    return NULL;
}

void lk_map_session_note(lk_build_t *build, const lk_step_t *step)
{
    const lk_token_context_t *context = build->context;
    const char *value = NULL;
    if (strcmp(step->text, "AUTH_TIME") == 0 && context->auth_time != 0)
        value = lk_printf(build->arena, "%lld", (long long)context->auth_time);
    else if (context->session != NULL)
        value = lk_json_config(context->session->notes, step->text, NULL);
    else if (context->grant == LK_GRANT_CLIENT_CREDENTIALS)
        value = service_note(context, step->text);
    if (value != NULL)
        lk_step_put(build, step, &value, 1);
}

void lk_map_acr(lk_build_t *build, const lk_step_t *step)
{
    (void)step;
    lk_claims_set_text(build->arena, &build->claims, "acr", build->context->acr != NULL ? build->context->acr : "1");
}

/* Authentication method references: the executions here carry none. */
void lk_map_amr(lk_build_t *build, const lk_step_t *step)
{
    (void)step;
    lk_claims_set(build->arena, &build->claims, "amr", "[]");
}

void lk_map_nonce(lk_build_t *build, const lk_step_t *step)
{
    (void)step;
    lk_claims_set_text(build->arena, &build->claims, "nonce", build->context->nonce);
}
