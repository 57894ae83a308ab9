/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <string.h>
#include "admin/handlers.h"
#include "core/multipart.h"
#include "crypto/jwks.h"
#include "crypto/key_pair.h"
#include "crypto/keys.h"

/* A client's keys and certificates, which stand in its attributes below a prefix ("jwt.credential"); or a key set, which is the
 * client's own and stands above them all. */

#define DEFAULT_BITS 4096
#define KEY_SET "jwks.string"
#define USES_KEY_SET "use.jwks.string"
#define MISSING_PASSWORD "password-missing"

static const char *const parts[][2] = {
    {"privateKey", "private.key"}, {"publicKey", "public.key"}, {"certificate", "certificate"}, {"kid", "kid"}, {"jwks", NULL}};
enum { PRIVATE_KEY, PUBLIC_KEY, CERTIFICATE, KID, KEYS, NUM_PARTS };

static const char *attribute_name(const lk_admin_t *admin, size_t part)
{
    return lk_printf(admin->req->arena, "%s.%s", admin->args[0], parts[part][1]);
}

static json_t *shown(const char *const *values)
{
    json_t *info = json_object();
    for (size_t i = 0; i != NUM_PARTS; ++i)
        if (values[i] != NULL)
            json_object_set_new(info, parts[i][0], json_string(values[i]));
    return info;
}

/* The set, and its first key for signatures. */
static lk_status_t read_key_set(lk_arena_t *arena, const char *text, const char **values)
{
    json_t *set = NULL, *jwk;
    size_t i;
    lk_key_t *key;
    lk_error_t why = {0};
    if (lk_json_parse(arena, text, strlen(text), &set, NULL) != LK_OK)
        return LK_NOT_FOUND;
    json_array_foreach(json_object_get(set, "keys"), i, jwk)
    {
        if (strcmp(lk_json_str(jwk, "use", ""), "sig") != 0 || lk_key_from_jwk(arena, jwk, &key, &why) != LK_OK ||
            key->public_key == NULL)
            continue;
        values[PUBLIC_KEY] = key->public_key;
        values[KID] = lk_json_str(jwk, "kid", key->kid);
        values[KEYS] = text;
        return LK_OK;
    }
    return LK_NOT_FOUND;
}

/* A set that nothing can be read from is as none. */
static void read_values(const lk_admin_t *admin, const char **values)
{
    if (lk_client_attribute_bool(admin->client, USES_KEY_SET, 0) &&
        read_key_set(admin->req->arena, lk_client_attribute(admin->client, KEY_SET, ""), values) == LK_OK)
        return;
    for (size_t i = 0; i != KEYS; ++i)
        values[i] = lk_client_attribute(admin->client, attribute_name(admin, i), NULL);
}

lk_status_t lk_certificate_info(lk_admin_t *admin, lk_error_t *err)
{
    const char *values[NUM_PARTS] = {NULL};
    read_values(admin, values);
    return lk_admin_reply(admin, shown(values));
}

static json_t *text_or_null(const char *text)
{
    return text != NULL ? json_string(text) : json_null();
}

/* What is NULL is removed; a set takes the place of the keys, and keys that of the set. */
static lk_status_t store(lk_admin_t *admin, const char *const *values, lk_error_t *err)
{
    const char *set = values[KEYS];
    json_t *attributes = lk_json_own(admin->req->arena, json_object());
    for (size_t i = 0; i != KEYS; ++i)
        json_object_set_new(attributes, attribute_name(admin, i), text_or_null(set == NULL ? values[i] : NULL));
    json_object_set_new(attributes, KEY_SET, text_or_null(set));
    json_object_set_new(attributes, USES_KEY_SET, text_or_null(set != NULL ? "true" : NULL));
    return lk_client_set_attributes(admin, attributes, err);
}

/* --- made here --- */

static lk_status_t make(lk_admin_t *admin, int bits, const char **values, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    lk_status_t status =
        lk_key_generate_rsa(arena, bits, admin->client->client_id, &values[PRIVATE_KEY], &values[CERTIFICATE], err);
    if (status == LK_OK)
        status = lk_admin_begin_write(admin, err); /* not before: large keys take seconds */
    return status == LK_OK ? store(admin, values, err) : status;
}

lk_status_t lk_certificate_generate(lk_admin_t *admin, lk_error_t *err)
{
    const char *values[NUM_PARTS] = {NULL};
    lk_status_t status = make(admin, DEFAULT_BITS, values, err);
    return status == LK_OK ? lk_admin_reply(admin, shown(values)) : status;
}

/* --- as a key store --- */

static const lk_field_t store_fields[] = {
    LK_FIELD_FREE("realmCertificate", BOOL, 0, NULL), LK_FIELD_FREE("storePassword", STRING, 0, NULL),
    LK_FIELD_FREE("keyPassword", STRING, 0, NULL),    LK_FIELD_FREE("keyAlias", STRING, 0, NULL),
    LK_FIELD_FREE("realmAlias", STRING, 0, NULL),     LK_FIELD_FREE("format", STRING, 0, NULL),
    LK_FIELD_FREE("keySize", INT, 0, NULL),           LK_FIELD_FREE("validity", INT, 0, NULL),
};
static const lk_representation_t store_rep = LK_REPRESENTATION("KeyStoreConfig", store_fields);

/* `what`: for the texts; `has_key`: a private key goes into the store. */
static lk_status_t check_config(lk_admin_t *admin, const char *what, int has_key, lk_error_t *err)
{
    lk_status_t status = lk_admin_check(admin, &store_rep, err);
    const char *format = lk_json_str(admin->body, "format", NULL);
    if (status == LK_OK && format != NULL && strcmp(format, "PKCS12") != 0)
        return lk_fail_http(err, LK_INVALID, 406, NULL, "Not supported keystore format. Supported keystore formats: [PKCS12]");
    if (status == LK_OK && has_key && lk_json_str(admin->body, "keyPassword", NULL) == NULL)
        return lk_fail(err, LK_INVALID, MISSING_PASSWORD, "Need to specify a key password for jks %s", what);
    if (status == LK_OK && lk_json_str(admin->body, "storePassword", NULL) == NULL)
        return lk_fail(err, LK_INVALID, MISSING_PASSWORD, "Need to specify a store password for jks %s", what);
    return status;
}

static lk_status_t reply_store(lk_admin_t *admin, const char *const *values, lk_error_t *err)
{
    lk_arena_t *arena = admin->req->arena;
    const lk_key_pair_t pair = {values[PRIVATE_KEY], values[CERTIFICATE]};
    const lk_key_t *own = lk_realm_signing_key(admin->realm, "RS256");
    const lk_authority_t authority = {lk_json_bool(admin->body, "realmCertificate", 1) && own != NULL ? own->certificate : NULL,
                                      lk_json_str(admin->body, "realmAlias", admin->realm->name)};
    lk_bytes_t bytes;
    lk_status_t status = lk_key_pair_pack(arena, &pair, lk_json_str(admin->body, "storePassword", ""),
                                          lk_json_str(admin->body, "keyAlias", admin->client->client_id), &authority, &bytes, err);
    if (status != LK_OK)
        return status;
    lk_reply_text(admin->reply, 200, "application/octet-stream", "");
    lk_buffer_append(&admin->reply->body, bytes.base, bytes.len);
    return LK_OK;
}

lk_status_t lk_certificate_download(lk_admin_t *admin, lk_error_t *err)
{
    const char *values[NUM_PARTS] = {NULL};
    read_values(admin, values);
    lk_status_t status = check_config(admin, "download", values[PRIVATE_KEY] != NULL, err);
    if (status == LK_OK && values[CERTIFICATE] == NULL)
        return lk_fail(err, LK_NOT_FOUND, NULL, "keypair not generated for client");
    return status == LK_OK ? reply_store(admin, values, err) : status;
}

lk_status_t lk_certificate_make_download(lk_admin_t *admin, lk_error_t *err)
{
    const char *values[NUM_PARTS] = {NULL};
    lk_status_t status = check_config(admin, "generation and download", 1, err);
    json_int_t bits = status == LK_OK ? lk_json_int(admin->body, "keySize", 0) : 0;
    if (status == LK_OK)
        status = make(admin, bits > 0 ? (int)bits : DEFAULT_BITS, values, err);
    return status == LK_OK ? reply_store(admin, values, err) : status;
}

/* --- from outside --- */

typedef struct st_upload_t {
    lk_arena_t *arena;
    lk_parts_t form;
    const char *text;
    lk_bytes_t bytes;
    const char **values;
} upload_t;

/* 500, as Keycloak where a file is not what it was said to be; the log says what. */
static lk_status_t unreadable(lk_error_t *err, const char *what)
{
    lk_fail_http(err, LK_INVALID, 500, "unknown_error", "For more on this error consult the server log.");
    return lk_error_detail(err, "%s", what);
}

static lk_status_t take_certificate(upload_t *upload, lk_error_t *err)
{
    upload->values[CERTIFICATE] = lk_certificate_of_pem(upload->arena, upload->text);
    return upload->values[CERTIFICATE] != NULL ? LK_OK : unreadable(err, "the file is no certificate in PEM");
}

static lk_status_t take_public_key(upload_t *upload, lk_error_t *err)
{
    upload->values[PUBLIC_KEY] = upload->text;
    return lk_public_key_is_pem(upload->text) ? LK_OK : unreadable(err, "the file is no public key in PEM");
}

static lk_status_t take_key_set(upload_t *upload, lk_error_t *err)
{
    return read_key_set(upload->arena, upload->text, upload->values);
}

static lk_status_t take_pkcs12(upload_t *upload, lk_error_t *err)
{
    const char *password = lk_part_text(upload->arena, &upload->form, "storePassword");
    const char *alias = lk_part_text(upload->arena, &upload->form, "keyAlias");
    lk_key_pair_t pair;
    if (password == NULL)
        return lk_fail(err, LK_INVALID, NULL, "error loading keystore");
    lk_status_t status = lk_key_pair_open(upload->arena, upload->bytes, password, alias != NULL ? alias : "", &pair, err);
    if (alias == NULL && status == LK_NOT_FOUND)
        return unreadable(err, "no alias was given");
    if (status != LK_OK)
        return status;
    upload->values[PRIVATE_KEY] = pair.private_key;
    upload->values[CERTIFICATE] = pair.certificate;
    return LK_OK;
}

static const struct {
    const char *name;
    lk_status_t (*take)(upload_t *upload, lk_error_t *err);
} formats[] = {{"Certificate PEM", take_certificate},
               {"Public Key PEM", take_public_key},
               {"JSON Web Key Set", take_key_set},
               {"PKCS12", take_pkcs12}};
#define NUM_FORMATS (sizeof(formats) / sizeof(formats[0]))

static lk_status_t read_upload(const lk_admin_t *admin, const char **values, lk_error_t *err)
{
    const lk_request_t *req = admin->req;
    upload_t upload = {.arena = req->arena, .values = values};
    const char *format = NULL;
    size_t i = 0;
    if (lk_multipart_parse(req->arena, lk_request_header(req, "content-type"), req->body, &upload.form) == 0)
        format = lk_part_text(req->arena, &upload.form, "keystoreFormat");
    if (format == NULL)
        return lk_fail(err, LK_INVALID, NULL, "keystoreFormat cannot be null");
    const lk_part_t *file = lk_part_find(&upload.form, "file");
    if (file == NULL || file->content.len == 0)
        return lk_fail(err, LK_INVALID, NULL, "file cannot be empty");
    while (i != NUM_FORMATS && strcmp(formats[i].name, format) != 0)
        ++i;
    if (i == NUM_FORMATS && strcmp(format, "JKS") != 0 && strcmp(format, "BCFKS") != 0)
        return lk_part_text(req->arena, &upload.form, "storePassword") != NULL
                   ? lk_fail(err, LK_INVALID, NULL, "error loading keystore")
                   : unreadable(err, "the format is unknown");
    if (i == NUM_FORMATS)
        return lk_fail_http(err, LK_INVALID, 406, NULL,
                            "Not supported keystore format. Supported keystore formats: "
                            "[PKCS12, Certificate PEM, Public Key PEM, JSON Web Key Set]");
    upload.bytes = file->content;
    upload.text = lk_part_text(req->arena, &upload.form, "file");
    lk_status_t status = formats[i].take(&upload, err);
    return status == LK_NOT_FOUND
               ? lk_fail(err, LK_INVALID, "certificate-not-found", "Certificate or key with given alias not found in the keystore")
               : status;
}

lk_status_t lk_certificate_upload(lk_admin_t *admin, lk_error_t *err)
{
    const char *values[NUM_PARTS] = {NULL};
    lk_status_t status = read_upload(admin, values, err);
    if (status == LK_OK)
        status = store(admin, values, err);
    return status == LK_OK ? lk_admin_reply(admin, shown(values)) : status;
}
