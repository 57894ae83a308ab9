/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/realm_keys.h"

#include <string.h>
#include "core/json.h"
#include "crypto/crypto.h"
#include "model/key_component.h"
#include "model/snapshot.h"

#define KEY_PROVIDER "org.keycloak.keys.KeyProvider"

/* Keycloak's key providers: where each keeps its key, and what it is for unless the config says so. */
typedef struct st_provider_t {
    const char *id, *member; /* of the config: private key or secret */
    const char *alg, *use;   /* alg NULL: that of the curve */
    int is_secret;
} provider_t;
static const provider_t providers[] = {
    {"rsa-generated", "privateKey", "RS256", "sig", 0},        {"rsa", "privateKey", "RS256", "sig", 0},
    {"rsa-enc-generated", "privateKey", "RSA-OAEP", "enc", 0}, {"rsa-enc", "privateKey", "RSA-OAEP", "enc", 0},
    {"hmac-generated", "secret", "HS256", "sig", 1},           {"aes-generated", "secret", "AES", "enc", 1},
    {"ecdsa-generated", "ecdsaPrivateKey", NULL, "sig", 0},    {"eddsa-generated", "eddsaPrivateKey", "EdDSA", "sig", 0},
    {"ecdh-generated", "ecdhPrivateKey", "ECDH-ES", "enc", 0},
};

static const struct {
    const char *curve, *alg;
} curve_algs[] = {{"P-256", "ES256"}, {"P-384", "ES384"}, {"P-521", "ES512"}};

static const provider_t *find_provider(const char *id)
{
    for (size_t i = 0; i != sizeof(providers) / sizeof(providers[0]); ++i)
        if (strcmp(providers[i].id, id) == 0)
            return &providers[i];
    return NULL;
}

static const char *alg_of_curve(const char *curve)
{
    for (size_t i = 0; curve != NULL && i != sizeof(curve_algs) / sizeof(curve_algs[0]); ++i)
        if (strcmp(curve_algs[i].curve, curve) == 0)
            return curve_algs[i].alg;
    return NULL;
}

static const char *curve_of_alg(const char *alg)
{
    for (size_t i = 0; i != sizeof(curve_algs) / sizeof(curve_algs[0]); ++i)
        if (strcmp(curve_algs[i].alg, alg) == 0)
            return curve_algs[i].curve;
    return NULL;
}

static lk_status_t read_secret(lk_arena_t *arena, const provider_t *provider, const json_t *config, lk_key_t **ret_key,
                               lk_error_t *err)
{
    const char *text = lk_json_config(config, provider->member, ""), *kid = lk_json_config(config, "kid", NULL);
    lk_bytes_t secret;
    if (kid == NULL || lk_base64_decode(arena, text, strlen(text), &secret) != 0 || secret.len == 0)
        return lk_fail(err, LK_INVALID, NULL, "no kid or no secret");
    *ret_key = lk_key_from_secret(arena, lk_strdup(arena, kid), secret,
                                  lk_strdup(arena, lk_json_config(config, "algorithm", provider->alg)), provider->use);
    return LK_OK;
}

/* The file is remembered whether it can be read or not: it may come, or get well. */
static lk_status_t read_file(lk_snapshot_t *snapshot, lk_arena_t *scratch, const char *name, lk_key_file_text_t *ret_text,
                             lk_error_t *err)
{
    lk_key_file_t *file = LK_NEW(snapshot->arena, lk_key_file_t);
    const char *realm_name = snapshot->super.name;
    lk_status_t status = lk_key_file_path(snapshot->arena, snapshot->keys_dir, realm_name, name, &file->path, err);
    if (status != LK_OK)
        return status;
    file->next = snapshot->key_files;
    snapshot->key_files = file;
    return lk_key_file_read(scratch, snapshot->keys_dir, realm_name, file->path, ret_text, &file->was, err);
}

/* config and scratch need not outlive the key. */
static lk_status_t read_key(lk_snapshot_t *snapshot, lk_arena_t *scratch, const provider_t *provider, const json_t *config,
                            lk_key_t **ret_key, lk_error_t *err)
{
    lk_arena_t *arena = snapshot->arena;
    if (provider->is_secret)
        return read_secret(arena, provider, config, ret_key, err);
    lk_key_file_text_t given = {lk_json_config(config, provider->member, NULL), lk_json_config(config, "certificate", NULL)};
    const char *file = lk_json_config(config, LK_KEY_FILE_MEMBER, NULL);
    if (given.key == NULL && file != NULL && lk_key_provider_takes_file(provider->id)) {
        lk_status_t status = read_file(snapshot, scratch, file, &given, err);
        if (status != LK_OK)
            return status;
    }
    if (given.key == NULL)
        return lk_fail(err, LK_INVALID, NULL, "no private key");
    const char *member = strcmp(provider->id, "ecdh-generated") == 0 ? "ecdhAlgorithm" : "algorithm";
    const char *alg = lk_strdup(arena, lk_json_config(config, member, provider->alg)), *use = provider->use;
    if (strcmp(lk_json_config(config, "keyUse", ""), "ENC") == 0)
        use = "enc";
    lk_key_t *key = NULL;
    lk_status_t status = lk_key_from_private(arena, given.key, given.certificate, alg, use, &key, err);
    if (status != LK_OK)
        return status;
    if (provider->alg == NULL)
        key->alg = alg_of_curve(key->curve);
    const char *kid = lk_json_config(config, "kid", NULL);
    if (kid != NULL && *kid != '\0')
        key->kid = lk_strdup(arena, kid);
    *ret_key = key;
    return LK_OK;
}

static lk_key_status_t key_status(const json_t *config)
{
    if (!lk_json_config_bool(config, "enabled", 1))
        return LK_KEY_DISABLED;
    return lk_json_config_bool(config, "active", 1) ? LK_KEY_ACTIVE : LK_KEY_PASSIVE;
}

static void add_key(lk_snapshot_t *snapshot, lk_arena_t *scratch, lk_realm_key_t *keys, const lk_rows_t *rows, int row,
                    const json_t *rep)
{
    const char *id = lk_row_str(rows, row, "id");
    const provider_t *provider = find_provider(lk_row_str(rows, row, "provider_id"));
    const json_t *config = json_object_get(rep, "config");
    lk_error_t err = {0};
    lk_key_t *key = NULL;
    if (provider == NULL)
        lk_fail(&err, LK_INVALID, NULL, "unknown provider");
    if (provider == NULL || read_key(snapshot, scratch, provider, config, &key, &err) != LK_OK) {
        if (snapshot->notice != NULL)
            snapshot->notice(LK_LOG_WARN, "latchkey.model",
                             lk_printf(scratch, "Realm %s: the key of component %s (%s) is left out: %s%s%s%s",
                                       snapshot->super.name, id, lk_row_str(rows, row, "provider_id"), err.text,
                                       *err.detail != '\0' ? " (" : "", err.detail, *err.detail != '\0' ? ")" : ""));
        return;
    }
    lk_realm_key_t added = {.key = key,
                            .component_id = lk_strdup(snapshot->arena, id),
                            .provider_id = provider->id,
                            .priority = lk_json_config_int(config, "priority", 0),
                            .status = key_status(config)};
    /* Highest priority first; among equals the order of the rows: by id. */
    size_t at = snapshot->super.num_keys++;
    for (; at != 0 && keys[at - 1].priority < added.priority; --at)
        keys[at] = keys[at - 1];
    keys[at] = added;
}

static void read_user_profile(lk_snapshot_t *snapshot, const json_t *rep)
{
    const char *text = lk_json_config(json_object_get(rep, "config"), "kc.user.profile.config", NULL);
    json_t *profile;
    if (text != NULL && lk_json_parse(snapshot->arena, text, strlen(text), &profile, NULL) == LK_OK && json_is_object(profile))
        snapshot->super.user_profile = profile;
}

static lk_bytes_t find_seal_secret(const lk_realm_t *realm)
{
    lk_bytes_t secret = {0};
    for (size_t i = 0; i != realm->num_keys; ++i) {
        const lk_realm_key_t *entry = &realm->keys[i];
        if (entry->status != LK_KEY_ACTIVE || entry->key->type != LK_KEY_OCT)
            continue;
        if (strcmp(entry->key->alg, "AES") == 0)
            return entry->key->secret;
        if (secret.len == 0)
            secret = entry->key->secret;
    }
    return secret;
}

static void write_jwks(lk_snapshot_t *snapshot)
{
    const lk_realm_t *realm = &snapshot->super;
    json_t *keys = json_array();
    for (size_t i = 0; i != realm->num_keys; ++i)
        if (realm->keys[i].status != LK_KEY_DISABLED && realm->keys[i].key->type != LK_KEY_OCT)
            json_array_append_new(keys, lk_key_to_jwk(snapshot->arena, realm->keys[i].key));
    for (size_t i = 0; i != realm->num_retired_keys; ++i)
        json_array_append(keys, realm->retired_keys[i].jwk);
    const char *text = lk_json_text(snapshot->arena, lk_json_own(snapshot->arena, json_pack("{s:o}", "keys", keys)));
    snapshot->super.jwks = (lk_bytes_t){(const unsigned char *)text, strlen(text)};
    snapshot->super.jwks_etag = lk_printf(snapshot->arena, "\"%.16s\"", lk_sha256_base64url(snapshot->arena, text, strlen(text)));
}

lk_status_t lk_snapshot_read_components(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    lk_arena_t *scratch = lk_arena_create("components");
    lk_realm_key_t *keys = LK_NEW_ARRAY(snapshot->arena, lk_realm_key_t, (size_t)rows->count);
    lk_status_t status = LK_OK;
    snapshot->super.keys = keys;
    for (int row = 0; status == LK_OK && row != rows->count; ++row) {
        const char *text = lk_row_str(rows, row, "rep");
        json_t *rep;
        status = lk_json_parse(scratch, text, strlen(text), &rep, err);
        if (status != LK_OK)
            status = lk_fail(err, LK_INTERNAL, NULL, NULL);
        else if (strcmp(lk_row_str(rows, row, "provider_type"), KEY_PROVIDER) == 0)
            add_key(snapshot, scratch, keys, rows, row, rep);
        else
            read_user_profile(snapshot, rep);
    }
    snapshot->super.seal_secret = find_seal_secret(&snapshot->super);
    lk_arena_destroy(&scratch);
    return status;
}

/* A provider that is there decides over its key: where it is disabled, none that was retired before stands in for it. */
static int has_provider(const lk_realm_t *realm, const char *kid)
{
    for (size_t i = 0; i != realm->num_keys; ++i)
        if (strcmp(realm->keys[i].key->kid, kid) == 0)
            return 1;
    return 0;
}

lk_status_t lk_snapshot_read_retired_keys(lk_snapshot_t *snapshot, const lk_rows_t *rows, lk_error_t *err)
{
    lk_retired_key_t *retired = LK_NEW_ARRAY(snapshot->arena, lk_retired_key_t, (size_t)rows->count);
    lk_status_t status = LK_OK;
    snapshot->super.retired_keys = retired;
    for (int row = 0; status == LK_OK && row != rows->count; ++row) {
        const char *text = lk_row_str(rows, row, "jwk");
        lk_key_t *key;
        if (has_provider(&snapshot->super, lk_row_str(rows, row, "kid")))
            continue;
        lk_retired_key_t *entry = &retired[snapshot->super.num_retired_keys];
        if ((status = lk_json_parse(snapshot->arena, text, strlen(text), &entry->jwk, err)) != LK_OK ||
            (status = lk_key_from_jwk(snapshot->arena, entry->jwk, &key, err)) != LK_OK)
            break;
        entry->key = key;
        ++snapshot->super.num_retired_keys;
    }
    write_jwks(snapshot);
    return status;
}

const lk_key_t *lk_realm_signing_key(const lk_realm_t *realm, const char *alg)
{
    for (size_t i = 0; i != realm->num_keys; ++i) {
        const lk_realm_key_t *entry = &realm->keys[i];
        if (entry->status == LK_KEY_ACTIVE && entry->key->alg != NULL && strcmp(entry->key->alg, alg) == 0)
            return entry->key;
    }
    return NULL;
}

const lk_key_t *lk_realm_key_by_kid(const lk_realm_t *realm, const char *kid)
{
    for (size_t i = 0; kid != NULL && i != realm->num_keys; ++i)
        if (realm->keys[i].status != LK_KEY_DISABLED && strcmp(realm->keys[i].key->kid, kid) == 0)
            return realm->keys[i].key;
    for (size_t i = 0; kid != NULL && i != realm->num_retired_keys; ++i)
        if (strcmp(realm->retired_keys[i].key->kid, kid) == 0)
            return realm->retired_keys[i].key;
    return NULL;
}

/* --- keys made on demand --- */

/* Which provider makes keys for an algorithm, and what its configuration says beside the key. First match of the prefix. */
static const struct {
    const char *prefix, *provider_id, *use;
    int names_alg; /* the provider makes keys for several algorithms */
} makers[] = {
    {"RSA", "rsa-enc-generated", "ENC", 1}, {"RS", "rsa-generated", "SIG", 1}, {"PS", "rsa-generated", "SIG", 1},
    {"HS", "hmac-generated", NULL, 1},      {"AES", "aes-generated", NULL, 0}, {"ES", "ecdsa-generated", NULL, 0},
    {"EdDSA", "eddsa-generated", NULL, 0},
};

static void set_config(json_t *config, const char *name, const char *value)
{
    json_object_set_new(config, name, json_pack("[s]", value));
}

lk_status_t lk_key_component(lk_arena_t *arena, const char *subject, const char *alg, int64_t priority, const char *name,
                             json_t **ret_rep, lk_error_t *err)
{
    size_t i = 0;
    while (i != sizeof(makers) / sizeof(makers[0]) && strncmp(alg, makers[i].prefix, strlen(makers[i].prefix)) != 0)
        ++i;
    if (i == sizeof(makers) / sizeof(makers[0]) || (alg[0] == 'E' && alg[1] == 'S' && curve_of_alg(alg) == NULL))
        return lk_fail(err, LK_INTERNAL, NULL, "No key can be made for algorithm %.50s", alg);
    json_t *config = lk_json_own(arena, json_object());
    set_config(config, "priority", lk_printf(arena, "%lld", (long long)priority));
    if (makers[i].names_alg)
        set_config(config, "algorithm", alg);
    if (makers[i].use != NULL)
        set_config(config, "keyUse", makers[i].use);
    if (curve_of_alg(alg) != NULL)
        set_config(config, "ecdsaEllipticCurveKey", curve_of_alg(alg));
    lk_status_t status = lk_key_component_complete(arena, makers[i].provider_id, config, subject, err);
    if (status == LK_OK)
        *ret_rep =
            lk_json_own(arena, json_pack("{s:s, s:s, s:O}", "name", name, "providerId", makers[i].provider_id, "config", config));
    return status;
}

/* Another replica may make the same key at the same time: the realm's row is locked, and the second finds the first one's. */
lk_status_t lk_key_store(lk_realms_t *realms, lk_arena_t *arena, const char *realm_id, const json_t *rep, lk_error_t *err)
{
    lk_sql_t *tx = NULL;
    lk_rows_t rows;
    lk_status_t status = lk_tx_begin(lk_realms_store(realms), LK_READ_COMMITTED, &tx, err);
    if (status == LK_OK)
        status = lk_query(tx, arena, LK_Q_REALM_LOCK, &rows, err, realm_id);
    if (status == LK_OK)
        status = lk_query(tx, arena, LK_Q_KEY_COMPONENT_INSERT, &rows, err, realm_id, lk_random_uuid(arena),
                          lk_json_str(rep, "providerId", NULL), lk_json_text(arena, rep));
    if (status == LK_OK)
        status = lk_realm_commit(realms, arena, &tx, realm_id, err);
    lk_tx_rollback(&tx);
    return status;
}

lk_status_t lk_realm_ensure_key(lk_realms_t *realms, lk_arena_t *arena, const lk_realm_t *realm, const char *alg,
                                const lk_realm_t **ret_realm, const lk_key_t **ret_key, lk_error_t *err)
{
    const lk_key_t *key = lk_realm_signing_key(realm, alg);
    if (key == NULL) {
        json_t *rep;
        const char *name = lk_printf(arena, "fallback-%s", alg);
        lk_status_t status = lk_key_component(arena, realm->name, alg, -100, name, &rep, err);
        if (status == LK_OK)
            status = lk_key_store(realms, arena, realm->id, rep, err);
        if (status == LK_OK)
            status = lk_realms_get_by_id(realms, arena, realm->id, &realm, err);
        if (status != LK_OK)
            return status;
        key = lk_realm_signing_key(realm, alg);
    }
    if (key == NULL)
        return lk_fail(err, LK_INTERNAL, NULL, "No active key for algorithm %.50s", alg);
    if (ret_realm != NULL)
        *ret_realm = realm;
    *ret_key = key;
    return LK_OK;
}
