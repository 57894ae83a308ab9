/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "core/json.h"
#include "login/finish.h"
#include "login/page.h"

/* The language of pages: chosen by a link, kept in KEYCLOAK_LOCALE and, by update_user_locale, in the user's attribute. */

#define COOKIE "KEYCLOAK_LOCALE"

void lk_login_choose_locale(const lk_request_t *req, const lk_realm_t *realm, lk_login_t *login, lk_reply_t *reply)
{
    const char *locale = lk_page_chosen_locale(req, realm);
    if (locale == NULL)
        return;
    login->locale = locale;
    lk_login_set_cookie(req, realm, COOKIE, locale, -1, 1, reply);
}

static int is_kept(const lk_realm_t *realm)
{
    for (size_t i = 0; realm->internationalization_enabled && i != realm->num_required_actions; ++i)
        if (strcmp(realm->required_actions[i].alias, "update_user_locale") == 0)
            return realm->required_actions[i].enabled;
    return 0;
}

lk_status_t lk_login_keep_locale(const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, const lk_user_t *user,
                                 lk_reply_t *reply, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = LK_OK;
    if (!is_kept(realm))
        return LK_OK;
    const char *own = json_string_value(json_array_get(json_object_get(user->attributes, "locale"), 0));
    const char *locale = login->locale != NULL ? login->locale : own;
    if (login->locale != NULL && (own == NULL || strcmp(own, login->locale) != 0))
        status = lk_query(req->app->sql, req->arena, LK_Q_USER_LOCALE_SET, &rows, err, realm->id, user->id, login->locale);
    if (locale != NULL)
        lk_login_set_cookie(req, realm, COOKIE, locale, -1, 1, reply);
    else if (lk_request_cookie(req, COOKIE) != NULL)
        lk_login_set_cookie(req, realm, COOKIE, "", 0, 1, reply);
    return status;
}
