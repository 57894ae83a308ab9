/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_KEY_COMPONENT_H
#define LK_MODEL_KEY_COMPONENT_H

#include <jansson.h>
#include "core/arena.h"
#include "core/error.h"

/* Components of type org.keycloak.keys.KeyProvider. */
#define LK_KEY_PROVIDER_TYPE "org.keycloak.keys.KeyProvider"

#define LK_KEY_FILE_MEMBER "privateKeyFile" /* of config; model/key_file.h */

/* 1 where the provider's key may lie in a file. */
int lk_key_provider_takes_file(const char *provider_id);
/* 1 where the provider is one of Keycloak's. */
int lk_key_provider_known(const char *provider_id);
/* Generates the key of a *-generated provider into its config where there is none yet; other providers are left alone. RSA takes a
 * while: call it outside of transactions. LK_INVALID with Keycloak's text where a size is impossible. */
lk_status_t lk_key_component_complete(lk_arena_t *arena, const char *provider_id, json_t *config, const char *realm_name,
                                      lk_error_t *err);

/* What an administrator gave, before it is stored: LK_INVALID with Keycloak's text where it is no key, or none that is read here.
 * Files are looked for in keys_dir, which may be NULL. */
lk_status_t lk_key_component_check(lk_arena_t *arena, const char *provider_id, const json_t *config, const char *keys_dir,
                                   const char *realm_name, lk_error_t *err);

#endif
