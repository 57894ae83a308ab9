/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "model/federated.h"
#include "token/acr.h"
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

/* Keycloak keeps the provider's tokens among the notes, too. */
static const char *session_note(const lk_build_t *build, const lk_session_t *session, const char *name)
{
    const lk_token_context_t *context = build->context;
    const char *value = lk_json_config(session->notes, name, NULL);
    if (value == NULL && session->broker_alias != NULL)
        lk_broker_session_note(context->req->app->sql, build->arena, context->realm, session->id, name, &value, NULL);
    return value;
}

void lk_map_session_note(lk_build_t *build, const lk_step_t *step)
{
    const lk_token_context_t *context = build->context;
    const char *value = NULL;
    if (strcmp(step->text, "AUTH_TIME") == 0 && context->auth_time != 0)
        value = lk_printf(build->arena, "%lld", (long long)context->auth_time);
    else if (context->session != NULL)
        value = session_note(build, context->session, step->text);
    else if (context->grant == LK_GRANT_CLIENT_CREDENTIALS)
        value = service_note(context, step->text);
    if (value != NULL)
        lk_step_put(build, step, &value, 1);
}

void lk_map_acr(lk_build_t *build, const lk_step_t *step)
{
    const lk_token_context_t *context = build->context;
    const char *acr = context->acr != NULL ? context->acr : lk_acr_name(build->arena, context->realm, context->client, NULL, 1);
    (void)step;
    lk_claims_set_text(build->arena, &build->claims, "acr", acr);
}

/* --- amr: authentication method references --- */

static const json_t *execution_config(const lk_realm_t *realm, const char *id)
{
    const json_t *execution;
    size_t i;
    for (size_t flow = 0; flow != realm->num_flows; ++flow)
        json_array_foreach((json_t *)realm->flows[flow].executions, i, execution)
        {
            if (strcmp(lk_json_str(execution, "id", ""), id) == 0)
                return json_object_get(realm->authenticator_configs, lk_json_str(execution, "authenticatorConfig", ""));
        }
    return NULL;
}

/* What the executions that were done call themselves (default.reference.value), each for so long (default.reference.maxAge). */
void lk_map_amr(lk_build_t *build, const lk_step_t *step)
{
    const lk_token_context_t *context = build->context;
    const char *text = context->session != NULL ? lk_json_str(context->session->notes, "AUTHENTICATORS_COMPLETED", NULL) : NULL,
               *id;
    json_t *completed = NULL, *values = lk_json_own(build->arena, json_array());
    const json_t *when;
    (void)step;
    if (text != NULL && lk_json_parse(build->arena, text, strlen(text), &completed, NULL) != LK_OK)
        completed = NULL;
    json_object_foreach(completed, id, when)
    {
        const json_t *config = execution_config(context->realm, id);
        const char *value = lk_json_config(config, "default.reference.value", "");
        if (*value != '\0' && json_integer_value(when) + lk_json_config_int(config, "default.reference.maxAge", 0) >= context->now)
            json_array_append_new(values, json_string(value));
    }
    lk_claims_set(build->arena, &build->claims, "amr", lk_json_text(build->arena, values));
}

/* What sid was called before: adapters of old versions read it. */
void lk_map_session_state(lk_build_t *build, const lk_step_t *step)
{
    (void)step;
    if (build->context->session != NULL)
        lk_claims_set_text(build->arena, &build->claims, "session_state", build->context->session->id);
}

void lk_map_nonce(lk_build_t *build, const lk_step_t *step)
{
    (void)step;
    lk_claims_set_text(build->arena, &build->claims, "nonce", build->context->nonce);
}

/* What the scope was asked for with. */
void lk_map_scope_parameter(lk_build_t *build, const lk_step_t *step)
{
    const lk_scopes_t *scopes = &build->context->scopes;
    lk_step_t put = *step;
    put.put = step->scope != NULL && step->scope->parameter_repeats ? LK_PUT_MERGE : LK_PUT_ONE;
    for (size_t i = 0; step->scope != NULL && i != scopes->count; ++i)
        if (scopes->entries[i] == step->scope) {
            lk_strings_t parameters = lk_scopes_parameters(build->arena, scopes, i);
            lk_step_put(build, &put, parameters.entries, parameters.count);
        }
}
