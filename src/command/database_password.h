/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_COMMAND_DATABASE_PASSWORD_H
#define LK_COMMAND_DATABASE_PASSWORD_H

#include "config/settings.h"
#include "store/store.h"

/* Where the password of a new database connection comes from (db-password-source). */

/* The source that the settings name; NULL: the password in the settings themselves. LK_INVALID where what it needs is missing. */
lk_status_t lk_database_password_source(const lk_settings_t *settings, lk_store_password_t *ret_source, lk_error_t *err);

#endif
