/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "token/mapper.h"

/* What a client asked for by the claims parameter (OpenID Connect Core 5.5), kept with its session. Like Keycloak these mappers
 * heed essential claims alone. */

static const char *property(const lk_user_t *user, const char *name)
{
    const struct {
        const char *name, *value;
    } properties[] = {{"given_name", user->first_name},
                      {"family_name", user->last_name},
                      {"preferred_username", user->username},
                      {"email", user->email}};
    for (size_t i = 0; i != sizeof(properties) / sizeof(properties[0]); ++i)
        if (strcmp(properties[i].name, name) == 0)
            return properties[i].value;
    return NULL;
}

/* The members of the part that this token is asked about; NULL where nothing was asked for. */
static json_t *wanted(const lk_build_t *build)
{
    const lk_client_session_t *session = build->context->client_session;
    const char *text = session != NULL ? lk_json_str(session->notes, LK_NOTE_CLAIMS, NULL) : NULL;
    json_t *claims;
    if (text == NULL || lk_json_parse(build->arena, text, strlen(text), &claims, NULL) != LK_OK)
        return NULL;
    return json_object_get(claims, build->kind == LK_TOKEN_ID ? "id_token" : "userinfo");
}

/* The user's name and address. */
void lk_map_claims_parameter(lk_build_t *build, const lk_step_t *step)
{
    json_t *claims = wanted(build), *value;
    const char *name;
    (void)step;
    json_object_foreach(claims, name, value)
    {
        const char *text = strcmp(name, "name") == 0 ? lk_user_full_name(build->arena, build->context->user)
                                                     : property(build->context->user, name);
        if (json_is_true(json_object_get(value, "essential")) && text != NULL && *text != '\0')
            lk_claims_set_text(build->arena, &build->claims, name, text);
    }
}

/* The value itself, of the claim that the mapper names. */
void lk_map_claims_parameter_value(lk_build_t *build, const lk_step_t *step)
{
    const json_t *value = json_object_get(wanted(build), step->text);
    const char *text = lk_json_str(value, "value", NULL);
    if (text != NULL && json_is_true(json_object_get(value, "essential")))
        lk_claims_set_text(build->arena, &build->claims, step->text, text);
}
