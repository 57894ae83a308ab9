/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_REALM_KEYS_H
#define LK_MODEL_REALM_KEYS_H

#include "model/realms.h"

/* A new key as a ComponentRepresentation (name, providerId, config), as Keycloak's generated providers store it, for "RS256",
 * "PS512", "RSA-OAEP", "HS512", "AES", "ES256", "EdDSA", ... `subject` is the common name of an RSA key's certificate: the realm's
 * name. The result lives in the arena. Costs an RSA key's generation where it is one. */
lk_status_t lk_key_component(lk_arena_t *arena, const char *subject, const char *alg, int64_t priority, const char *name,
                             json_t **ret_rep, lk_error_t *err);

/* The active key for `alg`. Where the realm has none, one is made and stored, as Keycloak does on demand: component
 * "fallback-<alg>" of priority -100. *ret_realm (may be NULL) is the snapshot that has it, which then is newer than `realm`. */
lk_status_t lk_realm_ensure_key(lk_realms_t *realms, lk_arena_t *arena, const lk_realm_t *realm, const char *alg,
                                const lk_realm_t **ret_realm, const lk_key_t **ret_key, lk_error_t *err);

#endif
