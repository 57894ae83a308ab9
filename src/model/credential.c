/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/credential.h"

#include <string.h>

static const lk_credential_type_t types[] = {
    {LK_PASSWORD_CREDENTIAL, "basic-authentication", "kcAuthenticatorPasswordClass", "UPDATE_PASSWORD", 1},
    {LK_OTP_CREDENTIAL, "two-factor", "kcAuthenticatorOTPClass", "CONFIGURE_TOTP", 0},
    {LK_RECOVERY_CODES, "two-factor", "kcAuthenticatorRecoveryAuthnCodesClass", "CONFIGURE_RECOVERY_AUTHN_CODES", 0},
    {LK_WEBAUTHN_CREDENTIAL, "two-factor", "kcAuthenticatorWebAuthnClass", "webauthn-register", 0},
    {LK_PASSKEY_CREDENTIAL, "passwordless", "kcAuthenticatorWebAuthnPasswordlessClass", "webauthn-register-passwordless", 0},
};
#define NUM_TYPES (sizeof(types) / sizeof(types[0]))

const lk_credential_type_t *lk_credential_type_at(size_t i)
{
    return i < NUM_TYPES ? &types[i] : NULL;
}

const lk_credential_type_t *lk_credential_type(const char *name)
{
    for (size_t i = 0; i != NUM_TYPES; ++i)
        if (strcmp(types[i].name, name) == 0)
            return &types[i];
    return NULL;
}

const lk_credential_type_t *lk_credential_type_added(const char *action)
{
    for (size_t i = 0; i != NUM_TYPES; ++i)
        if (!types[i].is_fixed && strcmp(types[i].action, action) == 0)
            return &types[i];
    return NULL;
}

int lk_credential_row(const lk_rows_t *rows, const char *id)
{
    for (int i = 0; id != NULL && i != rows->count; ++i)
        if (strcmp(lk_row_str(rows, i, "id"), id) == 0)
            return i;
    return -1;
}

lk_status_t lk_credential_find(lk_sql_t *sql, lk_arena_t *arena, const lk_realm_t *realm, const char *user_id, const char *id,
                               lk_credential_t *ret_credential, lk_error_t *err)
{
    lk_rows_t rows;
    lk_status_t status = lk_query(sql, arena, LK_Q_CREDENTIAL_LIST, &rows, err, realm->id, user_id);
    if (status != LK_OK)
        return status;
    int row = lk_credential_row(&rows, id);
    *ret_credential = row < 0 ? (lk_credential_t){NULL}
                              : (lk_credential_t){id, lk_row_str(&rows, row, "type"), lk_row_str(&rows, row, "user_label")};
    return LK_OK;
}
