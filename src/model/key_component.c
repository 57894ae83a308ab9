/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/key_component.h"

#include <stdlib.h>
#include <string.h>
#include "core/json.h"
#include "crypto/crypto.h"
#include "crypto/keys.h"
#include "model/key_file.h"

/* Keycloak's generated key providers: which members of config hold the key, and how it is made. */
typedef struct st_provider_t {
    const char *provider_id;
    const char *secret;               /* the member that shows whether there is a key */
    const char *public_half;          /* certificate, public key or kid */
    const char *parameter, *fallback; /* size or curve */
    lk_status_t (*make)(lk_arena_t *arena, const struct st_provider_t *provider, const char *parameter, const char *subject,
                        const char **ret_secret, const char **ret_public_half, lk_error_t *err);
} provider_t;

static lk_status_t make_rsa(lk_arena_t *arena, const provider_t *provider, const char *parameter, const char *subject,
                            const char **ret_secret, const char **ret_public_half, lk_error_t *err)
{
    long bits = strtol(parameter, NULL, 10);
    if (bits != 1024 && bits != 2048 && bits != 3072 && bits != 4096)
        return lk_fail(err, LK_INVALID, NULL, "'Key size' should be 1024, 2048, 3072 or 4096");
    return lk_key_generate_rsa(arena, (int)bits, subject, ret_secret, ret_public_half, err);
}

static lk_status_t make_curve(lk_arena_t *arena, const provider_t *provider, const char *parameter, const char *subject,
                              const char **ret_secret, const char **ret_public_half, lk_error_t *err)
{
    const char *const edwards[] = {"Ed25519", "Ed448", NULL}, *const others[] = {"P-256", "P-384", "P-521", NULL};
    int is_edwards = strncmp(provider->provider_id, "eddsa", 5) == 0;
    const char *const *known = is_edwards ? edwards : others;
    while (*known != NULL && strcmp(*known, parameter) != 0)
        ++known;
    if (*known == NULL)
        return lk_fail(err, LK_INVALID, NULL, "'Elliptic Curve' should be %s",
                       is_edwards ? "Ed25519 or Ed448" : "P-256, P-384 or P-521");
    return lk_key_generate_curve(arena, parameter, ret_secret, ret_public_half, err);
}

#define SECRET_SIZES "'Secret size' should be 16, 24, 32, 64, 128, 256 or 512"

static lk_status_t make_secret(lk_arena_t *arena, const provider_t *provider, const char *parameter, const char *subject,
                               const char **ret_secret, const char **ret_public_half, lk_error_t *err)
{
    long size = strtol(parameter, NULL, 10);
    if (size < 16 || size > 512)
        return lk_fail(err, LK_INVALID, NULL, SECRET_SIZES);
    *ret_secret = lk_random_token(arena, (size_t)size);
    *ret_public_half = lk_random_uuid(arena);
    return LK_OK;
}

static const provider_t providers[] = {
    {"rsa-generated", "privateKey", "certificate", "keySize", "2048", make_rsa},
    {"rsa-enc-generated", "privateKey", "certificate", "keySize", "2048", make_rsa},
    {"hmac-generated", "secret", "kid", "secretSize", "128", make_secret},
    {"aes-generated", "secret", "kid", "secretSize", "32", make_secret},
    {"ecdsa-generated", "ecdsaPrivateKey", "ecdsaPublicKey", "ecdsaEllipticCurveKey", "P-256", make_curve},
    {"ecdh-generated", "ecdhPrivateKey", "ecdhPublicKey", "ecdhEllipticCurveKey", "P-256", make_curve},
    {"eddsa-generated", "eddsaPrivateKey", "eddsaPublicKey", "eddsaEllipticCurveKey", "Ed25519", make_curve},
};

/* Providers whose key comes with their configuration. */
static const char *const given_providers[] = {"rsa", "rsa-enc", "java-keystore", "hmac", "aes"};

static const provider_t *find_provider(const char *provider_id)
{
    for (size_t i = 0; i != sizeof(providers) / sizeof(providers[0]); ++i)
        if (strcmp(providers[i].provider_id, provider_id) == 0)
            return &providers[i];
    return NULL;
}

int lk_key_provider_known(const char *provider_id)
{
    for (size_t i = 0; i != sizeof(given_providers) / sizeof(given_providers[0]); ++i)
        if (strcmp(given_providers[i], provider_id) == 0)
            return 1;
    return find_provider(provider_id) != NULL;
}

static void set_config(json_t *config, const char *name, const char *value)
{
    json_object_set_new(config, name, json_pack("[s]", value));
}

lk_status_t lk_key_component_complete(lk_arena_t *arena, const char *provider_id, json_t *config, const char *realm_name,
                                      lk_error_t *err)
{
    const provider_t *provider = find_provider(provider_id);
    if (provider == NULL || lk_json_config(config, provider->secret, NULL) != NULL)
        return LK_OK;
    const char *parameter = lk_json_config(config, provider->parameter, provider->fallback), *secret, *public_half;
    lk_status_t status = provider->make(arena, provider, parameter, realm_name, &secret, &public_half, err);
    if (status != LK_OK)
        return status;
    set_config(config, provider->secret, secret);
    if (provider->make == make_curve)
        set_config(config, provider->parameter, parameter);
    if (lk_json_config(config, provider->public_half, NULL) == NULL)
        set_config(config, provider->public_half, public_half);
    return LK_OK;
}

int lk_key_provider_takes_file(const char *provider_id)
{
    return strcmp(provider_id, "rsa") == 0 || strcmp(provider_id, "rsa-enc") == 0;
}

static lk_status_t check_file(lk_arena_t *arena, const char *name, const char *keys_dir, const char *realm_name, lk_error_t *err)
{
    const char *path;
    lk_key_file_text_t text;
    struct stat now;
    lk_key_t *key;
    lk_error_t why = {0};
    lk_status_t status = lk_key_file_path(arena, keys_dir, realm_name, name, &path, err);
    if (status == LK_OK)
        status = lk_key_file_read(arena, keys_dir, realm_name, path, &text, &now, err);
    if (status == LK_OK && lk_key_from_private(arena, text.key, text.certificate, NULL, NULL, &key, &why) != LK_OK)
        status = lk_fail(err, LK_INVALID, NULL, "The key file cannot be used: %s", why.text);
    if (status == LK_OK && key->type != LK_KEY_RSA)
        status = lk_fail(err, LK_INVALID, NULL, "The key file has no RSA key");
    return status;
}

static int has_odd_size(const provider_t *provider, const json_t *config)
{
    static const char *const sizes[] = {"16", "24", "32", "64", "128", "256", "512"};
    if (provider == NULL || provider->make != make_secret)
        return 0;
    for (size_t i = 0; i != sizeof(sizes) / sizeof(sizes[0]); ++i)
        if (strcmp(sizes[i], lk_json_config(config, provider->parameter, provider->fallback)) == 0)
            return 0;
    return 1;
}

lk_status_t lk_key_component_check(lk_arena_t *arena, const char *provider_id, const json_t *config, const char *keys_dir,
                                   const char *realm_name, lk_error_t *err)
{
    static const char *const switches[][2] = {{"enabled", "Enabled"}, {"active", "Active"}};
    const char *priority = lk_json_config(config, "priority", "0"), *private_key = lk_json_config(config, "privateKey", ""),
               *file = lk_json_config(config, LK_KEY_FILE_MEMBER, "");
    char *end;
    lk_key_t *key;
    (void)strtoll(priority, &end, 10);
    if (*end != '\0')
        return lk_fail(err, LK_INVALID, NULL, "'Priority' should be a number");
    if (has_odd_size(find_provider(provider_id), config))
        return lk_fail(err, LK_INVALID, NULL, SECRET_SIZES);
    for (size_t i = 0; i != sizeof(switches) / sizeof(switches[0]); ++i) {
        const char *value = lk_json_config(config, switches[i][0], "true");
        if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
            return lk_fail(err, LK_INVALID, NULL, "'%s' should be 'true' or 'false'", switches[i][1]);
    }
    if (strcmp(provider_id, "java-keystore") == 0)
        return lk_fail(err, LK_INVALID, NULL, "Java key stores are not read: give the key as PEM to the provider rsa");
    if (!lk_key_provider_takes_file(provider_id))
        return LK_OK;
    if (*file != '\0')
        return *private_key == '\0' ? check_file(arena, file, keys_dir, realm_name, err)
                                    : lk_fail(err, LK_INVALID, NULL, "The key comes as text or as a file, not both");
    if (*private_key == '\0')
        return lk_fail(err, LK_INVALID, NULL, "'Private RSA Key' is required");
    if (lk_key_from_private(arena, private_key, NULL, NULL, NULL, &key, NULL) != LK_OK)
        return lk_fail(err, LK_INVALID, NULL, "Failed to decode private key");
    return LK_OK;
}
