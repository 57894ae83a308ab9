/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stddef.h>
#include <string.h>
#include "core/encode.h"
#include "core/json.h"
#include "core/pack.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/finish.h"
#include "login/link_pages.h"
#include "login/page.h"
#include "model/session.h"

/* Making links, sending them, and what they lead to. Opening them is in action_token.c. */

#define PURPOSE "action-token"

enum { ALL = 1 };
#define MEMBER(key, kind, field)                                                                                                   \
    {                                                                                                                              \
        key, LK_PACK_##kind, offsetof(lk_link_t, field), ALL                                                                       \
    }
static const lk_pack_t members[] = {
    MEMBER("i", TEXT, id),
    MEMBER("u", TEXT, user_id),
    MEMBER("m", TEXT, email),
    MEMBER("c", TEXT, client_id),
    MEMBER("r", TEXT, redirect_uri),
    MEMBER("a", TEXT, actions),
    MEMBER("p", TEXT, alias),
    MEMBER("e", NUMBER, expires),
    MEMBER("l", JSON, login),
    MEMBER("o", FLAG, is_of_login),
    MEMBER("g", TEXT, organization),
    MEMBER("n", TEXT, new_email),
    MEMBER("s", FLAG, ends_sessions),
};
#define NUM_MEMBERS (sizeof(members) / sizeof(members[0]))

/* The message of the mail, and the realm's attribute for the lifespan. */
static const struct {
    const char *key, *lifespan;
} types[LK_NUM_LINKS] = {
    [LK_LINK_RESET_PASSWORD] = {"passwordReset", "actionTokenGeneratedByUserLifespan.reset-credentials"},
    [LK_LINK_VERIFY_EMAIL] = {"emailVerification", "actionTokenGeneratedByUserLifespan.verify-email"},
    [LK_LINK_EXECUTE_ACTIONS] = {"executeActions", "actionTokenGeneratedByUserLifespan.execute-actions"},
    [LK_LINK_UPDATE_EMAIL] = {"emailUpdateConfirmation", "actionTokenGeneratedByUserLifespan.update-email"},
    [LK_LINK_JOIN] = {"orgInvite", NULL},
    [LK_LINK_REGISTER] = {"orgInvite", NULL},
    [LK_LINK_IDENTITY_PROVIDER] = {"identityProviderLink", "actionTokenGeneratedByUserLifespan.idp-verify-account-via-email"},
};

/* The address. */
static const char *link_url(const lk_request_t *req, const lk_realm_t *realm, lk_link_t *link)
{
    lk_arena_t *arena = req->arena;
    lk_buffer_t out;
    if (link->id == NULL)
        link->id = lk_random_uuid(arena);
    json_t *packed = lk_pack(members, NUM_MEMBERS, ALL, link);
    json_object_set_new(packed, "t", json_integer(link->type));
    lk_login_t *login = link->login != NULL ? lk_login_unpack(arena, link->login) : NULL;
    lk_buffer_init(&out, arena, 32768);
    lk_buffer_printf(&out, "%s%s%s", lk_realm_issuer(req, realm),
                     link->type == LK_LINK_REGISTER
                         ? "/protocol/openid-connect/registrations?response_type=code&client_id=" LK_INVITED_CLIENT "&token="
                         : "/login-actions/action-token?key=",
                     lk_seal_json(arena, realm->seal_secret, PURPOSE, packed));
    if (login != NULL && link->type == LK_LINK_RESET_PASSWORD)
        lk_buffer_printf(&out, "&execution=%s", lk_login_execution_id(arena, realm, "reset-credential-email"));
    if (login != NULL) {
        lk_buffer_puts(&out, "&client_id=");
        lk_buffer_percent(&out, login->auth.client_id);
        lk_buffer_printf(&out, "&tab_id=%s", login->tab);
    }
    return out.base;
}

int lk_link_open(const lk_request_t *req, const lk_realm_t *realm, const char *key, lk_link_t *ret_link)
{
    json_t *packed = lk_unseal_json(req->arena, realm->seal_secret, PURPOSE, key);
    long long type = lk_json_int(packed, "t", -1);
    *ret_link = (lk_link_t){0};
    if (packed == NULL || type < 0 || type >= LK_NUM_LINKS)
        return 0;
    lk_unpack(members, NUM_MEMBERS, ALL, ret_link, packed);
    ret_link->type = (lk_link_type_t)type;
    return ret_link->id != NULL && ret_link->email != NULL && (ret_link->user_id != NULL || type == LK_LINK_REGISTER);
}

int64_t lk_link_lifespan(const lk_realm_t *realm, lk_link_type_t type)
{
    long long own = lk_json_config_int(realm->attributes, types[type].lifespan, 0);
    return own > 0 ? own : realm->action_token_by_user_lifespan;
}

/* "choose a new password, confirm your e-mail address" */
static json_t *action_texts(lk_arena_t *arena, const char *actions)
{
    json_t *texts = json_array();
    for (size_t len = 0; lk_word_next(&actions, &len);)
        json_array_append_new(texts, json_pack("{s:s}", "key", lk_printf(arena, "requiredAction.%.*s", (int)len, actions)));
    return texts;
}

static json_t *joined(json_t *texts)
{
    json_t *all = NULL, *text;
    size_t i;
    json_array_foreach(texts, i, text)
    {
        all = all == NULL ? json_incref(text) : json_pack("{s:s, s:[o, O]}", "key", "listOfActions", "args", all, text);
    }
    json_decref(texts);
    return all != NULL ? all : json_string("");
}

static const char *shown_name(const lk_realm_t *realm)
{
    return realm->display_name != NULL && *realm->display_name != '\0' ? realm->display_name : realm->name;
}

static lk_status_t send(const lk_request_t *req, const lk_letter_t *letter, int wait, lk_error_t *err)
{
    const lk_mailer_t *mailer = req->app->mailer;
    if (mailer == NULL)
        return lk_fail(err, LK_UNAVAILABLE, NULL, "There is no mailer");
    return wait ? mailer->send(req->arena, letter, err) : mailer->post(req->arena, letter, err);
}

/* As Keycloak's messages take them, which realms may have written anew. */
static json_t *letter_args(const lk_request_t *req, const lk_realm_t *realm, lk_link_t *link, int64_t left)
{
    const char *url = link_url(req, realm, link);
    if (link->new_email != NULL)
        return json_pack("[s, s, s, o]", url, link->new_email, shown_name(realm), lk_letter_period(left));
    return json_pack("[s, I, s, o, o]", url, (json_int_t)((left + 59) / 60), shown_name(realm), lk_letter_period(left),
                     joined(action_texts(req->arena, link->actions)));
}

lk_status_t lk_link_send(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user, lk_link_t *link, int wait,
                         lk_error_t *err)
{
    int64_t left = link->expires - lk_now();
    lk_letter_t letter = lk_letter_to(realm, user, types[link->type].key);
    link->user_id = user->id;
    link->email = user->email != NULL ? user->email : "";
    letter.to = link->new_email != NULL ? link->new_email : letter.to;
    letter.args = lk_json_own(req->arena, letter_args(req, realm, link, left));
    return send(req, &letter, wait, err);
}

lk_status_t lk_link_send_identity_provider(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user,
                                           const lk_login_t *login, const char *alias, const char *display_name, lk_error_t *err)
{
    int64_t lifespan = lk_link_lifespan(realm, LK_LINK_IDENTITY_PROVIDER);
    lk_link_t link = {.type = LK_LINK_IDENTITY_PROVIDER,
                      .user_id = user->id,
                      .email = user->email,
                      .alias = alias,
                      .client_id = login->auth.client_id,
                      .expires = lk_now() + lifespan,
                      .login = lk_json_own(req->arena, lk_login_pack(login)),
                      .is_of_login = 1};
    lk_letter_t letter = lk_letter_to(realm, user, types[link.type].key);
    letter.args =
        lk_json_own(req->arena, json_pack("[s, s, s, s, I, o]", display_name, shown_name(realm), user->username,
                                          link_url(req, realm, &link), (json_int_t)(lifespan / 60), lk_letter_period(lifespan)));
    return send(req, &letter, 0, err);
}

lk_status_t lk_link_send_invitation(const lk_request_t *req, const lk_realm_t *realm, const lk_user_t *user,
                                    const lk_invitation_t *invitation, lk_error_t *err)
{
    const lk_organization_t *organization = lk_realm_organization_by_id(realm, invitation->organization_id);
    const lk_user_t somebody = {.email = invitation->email};
    int64_t lifespan = invitation->expires - invitation->sent;
    lk_link_t link = {.type = user != NULL ? LK_LINK_JOIN : LK_LINK_REGISTER,
                      .id = invitation->id,
                      .user_id = user != NULL ? user->id : NULL,
                      .email = invitation->email,
                      .organization = organization != NULL ? organization->name : "",
                      .expires = invitation->expires};
    lk_letter_t letter = lk_letter_to(realm, user != NULL ? user : &somebody, types[link.type].key);
    letter.to = invitation->email;
    letter.args = lk_json_own(req->arena, json_pack("[s, I, s, o]", link_url(req, realm, &link), (json_int_t)(lifespan / 60),
                                                    link.organization, lk_letter_period(lifespan)));
    return send(req, &letter, 1, err);
}

lk_status_t lk_link_redeem(lk_sql_t *sql, const lk_request_t *req, const lk_realm_t *realm, const lk_login_t *login, int *ret_first,
                           lk_error_t *err)
{
    *ret_first = 1;
    return login->link_id == NULL
               ? LK_OK
               : lk_use_once(sql, req->arena, realm, LK_USED_LINK, login->link_id, login->link_expires, NULL, ret_first, NULL, err);
}

/* --- pages --- */

void lk_link_show_over(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const char *key,
                       lk_reply_t *reply)
{
    json_t *model = lk_page_model(req, realm, client, NULL);
    lk_page_message(model, "info", key, NULL);
    lk_page_show(req, realm, 400, "info", model, reply);
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
}

void lk_link_show_info(const lk_request_t *req, const lk_realm_t *realm, json_t *model, const char *header, const char *argument,
                       lk_reply_t *reply)
{
    json_object_set_new(model, "messageHeader", lk_page_text(header, argument));
    lk_page_show(req, realm, 200, "info", model, reply);
    lk_page_headers(realm, LK_PAGE_NO_STORE, reply);
}

void lk_link_show_end(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, const lk_login_t *login,
                      lk_reply_t *reply)
{
    json_t *model = lk_page_model(req, realm, client, NULL);
    lk_page_message(model, "success", "accountUpdatedMessage", NULL);
    if (login->auth.redirect_uri_was_given)
        json_object_set_new(model, "pageRedirectUri", json_string(login->auth.redirect_uri));
    lk_login_clear_restart_cookie(req, realm, reply);
    lk_link_show_info(req, realm, model, "accountUpdatedMessage", NULL, reply);
}

void lk_link_show_verified(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_reply_t *reply)
{
    json_t *model = lk_page_model(req, realm, client, NULL);
    lk_page_message(model, "success", "emailVerifiedMessage", NULL);
    lk_link_show_info(req, realm, model, "emailVerifiedMessageHeader", NULL, reply);
}

/* What each asks before it does anything: programs that look into mails follow links, too. */
void lk_link_show_question(const lk_request_t *req, const lk_realm_t *realm, const lk_client_t *client, lk_link_t *link,
                           lk_reply_t *reply)
{
    json_t *model = lk_page_model(req, realm, client, NULL);
    const char *header = "confirmExecutionOfActions", *argument = NULL;
    if (link->type == LK_LINK_VERIFY_EMAIL) {
        header = "confirmEmailAddressVerificationHeader";
        lk_page_message(model, "info", "confirmEmailAddressVerification", link->email);
    } else if (link->type == LK_LINK_JOIN) {
        header = "organization.confirm-membership.title";
        argument = link->organization;
        lk_page_message(model, "info", "organization.confirm-membership", argument);
    } else if (link->type == LK_LINK_IDENTITY_PROVIDER) {
        lk_page_message_two(model, "info", "confirmAccountLinking", link->email, link->alias);
    } else {
        lk_page_message(model, "info", "confirmExecutionOfActions", NULL);
        json_object_set_new(model, "requiredActions", action_texts(req->arena, link->actions));
    }
    json_object_set_new(model, "actionUri", json_string(link_url(req, realm, link)));
    lk_link_show_info(req, realm, model, header, argument, reply);
}
