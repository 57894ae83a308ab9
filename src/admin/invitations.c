/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "admin/users.h"
#include "core/time.h"
#include "crypto/crypto.h"
#include "login/links.h"
#include "model/profile.h"

/* Invitations to organizations: sent to somebody new, or to a user. */

#define PAGE_SIZE "10"
#define MAX_NAME 255

/* --- what they look like --- */

static json_t *show(const lk_invitation_t *invitation)
{
    return json_pack("{s:s, s:s, s:s, s:s*, s:s*, s:I, s:I, s:s}", "id", invitation->id, "organizationId",
                     invitation->organization_id, "email", invitation->email, "firstName", invitation->first_name, "lastName",
                     invitation->last_name, "sentDate", (json_int_t)invitation->sent, "expiresAt", (json_int_t)invitation->expires,
                     "status", invitation->expires <= lk_now() ? "EXPIRED" : "PENDING");
}

/* *ret_expired is NULL where either will do. */
static lk_status_t read_status(lk_admin_t *admin, const char **ret_expired, lk_error_t *err)
{
    const char *status = lk_pairs_get(&admin->req->query, "status");
    *ret_expired = status == NULL ? NULL : strcmp(status, "EXPIRED") == 0 ? "true" : "false";
    return status == NULL || strcmp(status, "EXPIRED") == 0 || strcmp(status, "PENDING") == 0
               ? LK_OK
               : lk_fail(err, LK_INVALID, "unknown_error", "For more on this error consult the server log.");
}

static const char *lower_asked(lk_admin_t *admin, const char *name)
{
    const char *text = lk_pairs_get(&admin->req->query, name);
    return text != NULL && *text != '\0' ? lk_utf8_lower(admin->req->arena, text) : NULL;
}

lk_status_t lk_invitations_list(lk_admin_t *admin, lk_error_t *err)
{
    lk_invitation_t *found;
    size_t count;
    const lk_pairs_t *query = &admin->req->query;
    lk_invitation_search_t search = {.organization_id = admin->id,
                                     .email = lower_asked(admin, "email"),
                                     .first_name = lk_pairs_get(query, "firstName"),
                                     .last_name = lk_pairs_get(query, "lastName"),
                                     .search = lower_asked(admin, "search"),
                                     .first = lk_admin_first(admin->req),
                                     .max = lk_admin_max(admin->req, PAGE_SIZE)};
    lk_status_t status = read_status(admin, &search.expired, err);
    if (status == LK_OK)
        status = lk_invitation_search(admin->sql, admin->req->arena, admin->realm, &search, &found, &count, err);
    if (status != LK_OK)
        return status;
    json_t *list = json_array();
    for (size_t i = 0; i != count; ++i)
        json_array_append_new(list, show(&found[i]));
    return lk_admin_reply(admin, list);
}

static lk_status_t find(lk_admin_t *admin, lk_invitation_t **ret_invitation, lk_error_t *err)
{
    size_t count = 0;
    const lk_invitation_search_t search = {.organization_id = admin->id, .id = admin->args[0], .first = "0", .max = "1"};
    lk_status_t status = lk_invitation_search(admin->sql, admin->req->arena, admin->realm, &search, ret_invitation, &count, err);
    return status == LK_OK && count == 0 ? lk_admin_message(err, LK_NOT_FOUND, "Invitation not found") : status;
}

lk_status_t lk_invitation_get(lk_admin_t *admin, lk_error_t *err)
{
    lk_invitation_t *invitation;
    lk_status_t status = find(admin, &invitation, err);
    return status == LK_OK ? lk_admin_reply(admin, show(invitation)) : status;
}

lk_status_t lk_invitation_withdraw(lk_admin_t *admin, lk_error_t *err)
{
    lk_invitation_t *invitation;
    lk_status_t status = find(admin, &invitation, err);
    return status == LK_OK ? lk_invitation_remove(admin->sql, admin->req->arena, admin->realm, invitation->id, NULL, err) : status;
}

/* --- sending --- */

static void date(const lk_admin_t *admin, lk_invitation_t *invitation)
{
    invitation->id = lk_random_uuid(admin->req->arena);
    invitation->sent = lk_now();
    invitation->expires = invitation->sent + admin->realm->action_token_by_admin_lifespan;
}

/* What went wrong with the mail server is for the log. */
static lk_status_t send(lk_admin_t *admin, const lk_user_t *user, const lk_invitation_t *invitation, lk_error_t *err)
{
    if (lk_link_send_invitation(admin->req, admin->realm, user, invitation, err) == LK_OK)
        return LK_OK;
    lk_error_t why = *err;
    lk_fail_http(err, LK_INTERNAL, 500, "errorMessage", "Failed to send invite email");
    return lk_error_detail(err, "%.200s %.200s", why.text, why.detail);
}

/* It is there before the mail is, so that whoever reads that finds it; and gone again where none was sent. */
static lk_status_t invite(lk_admin_t *admin, const lk_user_t *user, lk_invitation_t *invitation, lk_status_t (*taken)(lk_error_t *),
                          lk_error_t *err)
{
    lk_error_t ignored = {0};
    int added;
    invitation->organization_id = admin->id;
    date(admin, invitation);
    lk_status_t status = lk_invitation_add(admin->sql, admin->req->arena, admin->realm, invitation, &added, err);
    if (status == LK_OK && !added)
        return taken(err);
    if (status == LK_OK && (status = send(admin, user, invitation, err)) != LK_OK)
        lk_invitation_remove(admin->sql, admin->req->arena, admin->realm, invitation->id, NULL, &ignored);
    return status;
}

static lk_status_t pending(lk_error_t *err)
{
    return lk_admin_message(err, LK_CONFLICT, "User already has a pending invitation");
}

static lk_status_t duplicate(lk_error_t *err)
{
    return lk_fail_http(err, LK_CONFLICT, 409, "conflict", "Duplicate resource error");
}

static int is_pending(lk_admin_t *admin, const char *email, lk_status_t *ret_status, lk_error_t *err)
{
    lk_invitation_t *found;
    size_t count = 0;
    const lk_invitation_search_t search = {
        .organization_id = admin->id, .email = email, .expired = "false", .first = "0", .max = "1"};
    *ret_status = lk_invitation_search(admin->sql, admin->req->arena, admin->realm, &search, &found, &count, err);
    return count != 0;
}

static const char *name_given(const lk_admin_t *admin, const char *name)
{
    const char *text = lk_pairs_get(&admin->req->form, name);
    return text != NULL && *text != '\0' && strlen(text) <= MAX_NAME ? text : NULL;
}

static lk_status_t belongs(lk_admin_t *admin, const char *user_id, int *ret_belongs, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_admin_sql(admin, LK_Q_ORGANIZATION_MEMBERS, &rows, err, admin->id, user_id, NULL, NULL, "0", "1");
    *ret_belongs = status == LK_OK && rows.count != 0;
    return status;
}

/* By an address: of somebody new, or of a user who is here. */
lk_status_t lk_member_invite(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const char *given = lk_pairs_get(&admin->req->form, "email"), *email = given != NULL ? lk_utf8_lower(arena, given) : "";
    const lk_user_t *user = NULL;
    int is_member = 0;
    lk_status_t status;
    if (*email == '\0')
        return lk_admin_message(err, LK_INVALID, "Email is required to invite a member");
    if (strlen(email) > MAX_NAME || !lk_email_valid(email))
        return lk_admin_message(err, LK_INVALID, "Invalid email format");
    if (is_pending(admin, email, &status, err))
        return pending(err);
    if (status == LK_OK)
        status = lk_user_by_email(admin->sql, arena, admin->realm, email, &user, err);
    if (status == LK_OK && user != NULL)
        status = belongs(admin, user->id, &is_member, err);
    if (status == LK_OK && is_member)
        return lk_admin_message(err, LK_CONFLICT, "User already a member of the organization");
    lk_invitation_t invitation = {.email = email,
                                  .first_name = user != NULL ? user->first_name : name_given(admin, "firstName"),
                                  .last_name = user != NULL ? user->last_name : name_given(admin, "lastName")};
    return status == LK_OK ? invite(admin, user, &invitation, pending, err) : status;
}

lk_status_t lk_member_invite_user(lk_admin_t *admin, lk_error_t *err)
{
    const char *id = lk_pairs_get(&admin->req->form, "id");
    const lk_user_t *user = NULL;
    if (id == NULL || *id == '\0')
        return lk_fail_http(err, LK_INVALID, 400, "To invite a member you need to provide the user id", NULL);
    lk_status_t status = lk_user_by_id(admin->sql, admin->req->arena, admin->realm, id, &user, err);
    if (status != LK_OK)
        return status;
    if (user == NULL && (status = lk_members_require_looking(admin, err)) != LK_OK)
        return status;
    if (user == NULL)
        return lk_admin_message(err, LK_INVALID, "User does not exist");
    if (user->email == NULL || *user->email == '\0')
        return lk_admin_message(err, LK_INVALID, "Email is required to invite a member");
    lk_invitation_t invitation = {.email = user->email, .first_name = user->first_name, .last_name = user->last_name};
    return invite(admin, user, &invitation, duplicate, err);
}

/* By a new link; the old one is good for nothing any more. */
lk_status_t lk_invitation_resend(lk_admin_t *admin, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_invitation_t *old;
    const lk_user_t *user = NULL;
    lk_rows_t rows;
    lk_status_t status = find(admin, &old, err);
    if (status == LK_OK)
        status = lk_user_by_email(admin->sql, arena, admin->realm, old->email, &user, err);
    if (status != LK_OK)
        return status;
    lk_invitation_t renewed = *old;
    date(admin, &renewed);
    if ((status = send(admin, user, &renewed, err)) != LK_OK)
        return status;
    return lk_admin_sql(admin, LK_Q_INVITATION_RENEW, &rows, err, old->id, renewed.id,
                        lk_printf(arena, "%lld", (long long)renewed.sent), lk_printf(arena, "%lld", (long long)renewed.expires));
}
