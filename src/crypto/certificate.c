/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "crypto/certificate.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include "core/buffer.h"
#include "crypto/crypto.h"

#define MAX_CERTIFICATE 65536 /* bytes, encoded */
#define MAX_NAME 4096
#define BEGIN "-----BEGIN CERTIFICATE-----"
#define END "-----END CERTIFICATE-----"

static X509 *parse(lk_bytes_t der)
{
    const unsigned char *at = der.base;
    X509 *certificate = der.len != 0 ? d2i_X509(NULL, &at, (long)der.len) : NULL;
    ERR_clear_error();
    if (certificate != NULL && at == der.base + der.len)
        return certificate;
    X509_free(certificate);
    return NULL;
}

int lk_certificate_decode(lk_arena_t *arena, const char *text, size_t len, lk_bytes_t *ret_der)
{
    lk_bytes_t der;
    if (len > MAX_CERTIFICATE)
        return -1;
    char *copy = lk_strndup(arena, text, len), *begin = strstr(copy, BEGIN), *body = begin != NULL ? begin + strlen(BEGIN) : copy;
    char *end = strstr(body, END), *to = body;
    if (end != NULL)
        *end = '\0';
    for (const char *from = body; *from != '\0'; ++from)
        if (!isspace((unsigned char)*from))
            *to++ = *from;
    if (lk_base64_decode(arena, body, (size_t)(to - body), &der) != 0)
        return -1;
    X509 *certificate = parse(der);
    if (certificate == NULL)
        return -1;
    X509_free(certificate);
    *ret_der = der;
    return 0;
}

char *lk_certificate_thumbprint(lk_arena_t *arena, lk_bytes_t der)
{
    return lk_sha256_base64url(arena, der.base, der.len);
}

/* --- names --- */

char *lk_certificate_name(lk_arena_t *arena, lk_bytes_t der, lk_certificate_name_t which)
{
    X509 *certificate = parse(der);
    BIO *bio = certificate != NULL ? BIO_new(BIO_s_mem()) : NULL;
    char *text, *result = NULL;
    if (bio != NULL) {
        const X509_NAME *name =
            which == LK_CERTIFICATE_SUBJECT ? X509_get_subject_name(certificate) : X509_get_issuer_name(certificate);
        if (X509_NAME_print_ex(bio, name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB) >= 0) {
            long len = BIO_get_mem_data(bio, &text);
            result = lk_strndup(arena, text, (size_t)len);
        }
    }
    BIO_free(bio);
    X509_free(certificate);
    ERR_clear_error();
    return result;
}

/* By name, as Java and OpenSSL write them, or by number ("1.2.3", "OID.1.2.3"). */
static int nid_of(const char *type, size_t len)
{
    static const struct {
        const char *type;
        int nid;
    } types[] = {{"CN", NID_commonName},
                 {"C", NID_countryName},
                 {"L", NID_localityName},
                 {"ST", NID_stateOrProvinceName},
                 {"S", NID_stateOrProvinceName},
                 {"O", NID_organizationName},
                 {"OU", NID_organizationalUnitName},
                 {"UID", NID_userId},
                 {"DC", NID_domainComponent},
                 {"STREET", NID_streetAddress},
                 {"T", NID_title},
                 {"GIVENNAME", NID_givenName},
                 {"SURNAME", NID_surname},
                 {"SERIALNUMBER", NID_serialNumber},
                 {"E", NID_pkcs9_emailAddress},
                 {"EMAILADDRESS", NID_pkcs9_emailAddress},
                 {"BUSINESSCATEGORY", NID_businessCategory},
                 {"JURISDICTIONCOUNTRYNAME", NID_jurisdictionCountryName}};
    char text[64];
    for (size_t i = 0; i != sizeof(types) / sizeof(types[0]); ++i)
        if (strlen(types[i].type) == len && strncasecmp(types[i].type, type, len) == 0)
            return types[i].nid;
    if (len == 0 || len >= sizeof(text))
        return NID_undef;
    memcpy(text, type, len);
    text[len] = '\0';
    int nid = OBJ_txt2nid(strncasecmp(text, "OID.", 4) == 0 ? text + 4 : text);
    ERR_clear_error();
    return nid;
}

static int hex(char c)
{
    const char *digits = "0123456789abcdef", *at = c != '\0' ? strchr(digits, tolower((unsigned char)c)) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* One character of a value, its escape undone (RFC 2253 section 2.4); *at moves on. */
static char unescape(const char **at)
{
    const char *text = *at;
    int high = text[0] == '\\' ? hex(text[1]) : -1, low = high != -1 ? hex(text[2]) : -1;
    size_t len = low != -1 ? 3 : text[0] == '\\' && text[1] != '\0' ? 2 : 1;
    *at += len;
    return len == 3 ? (char)(high << 4 | low) : text[len - 1];
}

static const char *fold_value(const char *at, lk_buffer_t *out)
{
    int quoted = 0, space = 0, begun = 0;
    while (*at != '\0' && (quoted || strchr(",;+", *at) == NULL)) {
        if (*at == '"') {
            quoted = !quoted;
            ++at;
        } else if (*at == ' ') {
            space = begun;
            ++at;
        } else {
            if (space)
                lk_buffer_putc(out, ' ');
            lk_buffer_putc(out, (char)tolower((unsigned char)unescape(&at)));
            space = 0;
            begun = 1;
        }
    }
    return at;
}

/* "CN = Some  Client" as "13=some client": what is compared. Returns where the part ends, or NULL where it is none. */
static const char *fold_part(const char *text, lk_buffer_t *out)
{
    const char *equals = strchr(text += strspn(text, " "), '=');
    size_t type_len = equals != NULL ? (size_t)(equals - text) : 0;
    while (type_len != 0 && text[type_len - 1] == ' ')
        --type_len;
    int nid = nid_of(text, type_len);
    if (nid == NID_undef && (type_len == 0 || strspn(text, "0123456789.") < type_len))
        return NULL;
    if (nid == NID_undef) /* a number that OpenSSL has no name for */
        lk_buffer_append(out, text, type_len);
    else
        lk_buffer_printf(out, "#%d", nid);
    lk_buffer_putc(out, '=');
    const char *end = fold_value(equals + 1, out);
    lk_buffer_putc(out, '\n');
    return end;
}

static char *fold(lk_arena_t *arena, const char *name)
{
    lk_buffer_t out;
    lk_buffer_init(&out, arena, MAX_NAME);
    while ((name = fold_part(name, &out)) != NULL)
        if (*name++ == '\0')
            return out.overflow ? NULL : out.base;
    return NULL;
}

int lk_certificate_name_is(lk_arena_t *arena, const char *name, const char *wanted)
{
    const char *given = fold(arena, name), *expected = fold(arena, wanted);
    return given != NULL && expected != NULL && strcmp(given, expected) == 0;
}

int lk_certificate_is_named(lk_arena_t *arena, lk_bytes_t der, lk_certificate_name_t which, const char *wanted)
{
    const char *name = lk_certificate_name(arena, der, which);
    return name != NULL && lk_certificate_name_is(arena, name, wanted);
}
