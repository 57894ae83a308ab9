/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <string.h>
#include "core/buffer.h"
#include "core/encode.h"

/* --- base64 and hex --- */

static const char url_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
static const char standard_alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

static char *encode(lk_arena_t *arena, const unsigned char *in, size_t len, const char *alphabet, int pad)
{
    char *text = lk_alloc(arena, (len + 2) / 3 * 4 + 1), *out = text;
    for (; len >= 3; in += 3, len -= 3) {
        *out++ = alphabet[in[0] >> 2];
        *out++ = alphabet[(in[0] & 3) << 4 | in[1] >> 4];
        *out++ = alphabet[(in[1] & 15) << 2 | in[2] >> 6];
        *out++ = alphabet[in[2] & 63];
    }
    if (len != 0) {
        *out++ = alphabet[in[0] >> 2];
        *out++ = alphabet[(in[0] & 3) << 4 | (len == 2 ? in[1] >> 4 : 0)];
        if (len == 2)
            *out++ = alphabet[(in[1] & 15) << 2];
        for (size_t i = len; pad && i != 3; ++i)
            *out++ = '=';
    }
    *out = '\0';
    return text;
}

char *lk_base64url(lk_arena_t *arena, const void *bytes, size_t len)
{
    return encode(arena, bytes, len, url_alphabet, 0);
}

char *lk_base64(lk_arena_t *arena, const void *bytes, size_t len)
{
    return encode(arena, bytes, len, standard_alphabet, 1);
}

/* Both alphabets of RFC 4648; -1 for anything else. */
static const signed char sextets[128] = {
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,
    -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 62, -1, 62, -1, 63, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, -1, -1, -1, -1, -1, -1,
    -1, 0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, -1, -1, -1, -1, 63,
    -1, 26, 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, -1, -1, -1, -1, -1,
};

static int sextet(char c)
{
    return (unsigned char)c < sizeof(sextets) ? sextets[(unsigned char)c] : -1;
}

int lk_base64_decode(lk_arena_t *arena, const char *text, size_t len, lk_bytes_t *ret_bytes)
{
    while (len != 0 && text[len - 1] == '=')
        --len;
    if (len % 4 == 1)
        return -1;
    unsigned char *bytes = lk_alloc(arena, len / 4 * 3 + 3), *out = bytes;
    size_t whole = len - len % 4;
    for (size_t i = 0; i != whole; i += 4) {
        int a = sextet(text[i]), b = sextet(text[i + 1]), c = sextet(text[i + 2]), d = sextet(text[i + 3]);
        if ((a | b | c | d) < 0)
            return -1;
        *out++ = (unsigned char)(a << 2 | b >> 4);
        *out++ = (unsigned char)(b << 4 | c >> 2);
        *out++ = (unsigned char)(c << 6 | d);
    }
    unsigned bits = 0;
    for (size_t i = whole; i != len; ++i) {
        int value = sextet(text[i]);
        if (value < 0)
            return -1;
        bits = bits << 6 | (unsigned)value;
        if (i != whole)
            *out++ = (unsigned char)(bits >> (6 - 2 * (i % 4)));
    }
    *out = '\0';
    *ret_bytes = (lk_bytes_t){bytes, (size_t)(out - bytes)};
    return 0;
}

char *lk_hex(lk_arena_t *arena, const void *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    const unsigned char *in = bytes;
    char *text = lk_alloc(arena, len * 2 + 1);
    for (size_t i = 0; i != len; ++i) {
        text[2 * i] = digits[in[i] >> 4];
        text[2 * i + 1] = digits[in[i] & 15];
    }
    return text;
}

static int has_among(const char *list, const char *separators, const char *wanted)
{
    size_t len = strlen(wanted);
    for (const char *at = list; at != NULL && *(at += strspn(at, separators)) != '\0'; at += strcspn(at, separators))
        if (strcspn(at, separators) == len && memcmp(at, wanted, len) == 0)
            return 1;
    return 0;
}

int lk_has_word(const char *words, const char *word)
{
    return has_among(words, " ", word);
}

int lk_word_next(const char **at, size_t *len)
{
    if (*at == NULL)
        return 0;
    *at += *len;
    *at += strspn(*at, " ");
    *len = strcspn(*at, " ");
    return *len != 0;
}

int lk_has_item(const char *items, const char *item)
{
    return has_among(items, ", ", item);
}

/* --- UTF-8 --- */

size_t lk_utf8_length(const char *text)
{
    size_t count = 0;
    for (; *text != '\0'; ++text)
        count += (*text & 0xc0) != 0x80;
    return count;
}

/* Length of the valid sequence at `text`, or 0. Overlong forms, surrogates and what is beyond U+10FFFF are not valid (RFC 3629). */
static size_t sequence(const unsigned char *text, size_t len, unsigned *ret_code)
{
    static const unsigned least[] = {0, 0, 0x80, 0x800, 0x10000};
    unsigned c = text[0];
    size_t n = c < 0x80 ? 1 : (c & 0xe0) == 0xc0 ? 2 : (c & 0xf0) == 0xe0 ? 3 : (c & 0xf8) == 0xf0 ? 4 : 0;
    if (n == 0 || n > len)
        return 0;
    unsigned code = n == 1 ? c : c & (0x7fu >> n);
    for (size_t i = 1; i != n; ++i) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    if (code < least[n] || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
        return 0;
    *ret_code = code;
    return n;
}

/* Bytes before the first word that is not all ASCII: most texts are. */
static size_t plain_words(const char *text, size_t len)
{
    uint64_t word;
    size_t at = 0;
    for (; len - at >= sizeof(word); at += sizeof(word)) {
        memcpy(&word, text + at, sizeof(word));
        if ((word & 0x8080808080808080u) != 0)
            break;
    }
    return at;
}

int lk_utf8_valid(const char *text, size_t len)
{
    unsigned code;
    for (size_t at = plain_words(text, len); at != len;) {
        size_t n = sequence((const unsigned char *)text + at, len - at, &code);
        if (n == 0)
            return 0;
        at += n;
    }
    return 1;
}

static char *repair_utf8(lk_arena_t *arena, const char *text, size_t len)
{
    lk_buffer_t out;
    unsigned code;
    lk_buffer_init(&out, arena, len * 3 + 1);
    for (size_t at = 0; at != len;) {
        size_t n = sequence((const unsigned char *)text + at, len - at, &code);
        lk_buffer_append(&out, n == 0 ? "\xef\xbf\xbd" : text + at, n == 0 ? 3 : n);
        at += n == 0 ? 1 : n;
    }
    return out.base;
}

static unsigned lower(unsigned c)
{
    if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) || (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f))
        return c + 32;
    if (c >= 0x400 && c <= 0x40f)
        return c + 80;
    if (c >= 0x100 && c <= 0x17f && c != 0x130 && c != 0x131 && c != 0x138 && c != 0x149 && c != 0x178 && c != 0x17f) {
        int odd_is_upper = (c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e);
        return (c & 1) == (unsigned)odd_is_upper ? c + 1 : c;
    }
    return c;
}

char *lk_utf8_lower(lk_arena_t *arena, const char *text)
{
    size_t len = strlen(text);
    lk_buffer_t out;
    lk_buffer_init(&out, arena, len + 1);
    for (size_t at = 0; at != len;) {
        unsigned code, small;
        size_t n = sequence((const unsigned char *)text + at, len - at, &code);
        if (n == 0 || (small = lower(code)) == code)
            lk_buffer_append(&out, text + at, n == 0 ? 1 : n);
        else if (n == 1)
            lk_buffer_putc(&out, (char)small);
        else /* all that have a smaller form here stay two bytes long */
            lk_buffer_append(&out, (char[]){(char)(0xc0 | small >> 6), (char)(0x80 | (small & 0x3f))}, 2);
        at += n == 0 ? 1 : n;
    }
    return out.base;
}

/* --- percent --- */

static int hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)(c | 32);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

char *lk_percent_decode(lk_arena_t *arena, const char *text, size_t len, int form)
{
    char *decoded = lk_alloc(arena, len + 1), *out = decoded;
    for (size_t i = 0; i != len; ++i) {
        char c = text[i];
        if (c == '%') {
            int high = i + 2 < len ? hex_digit(text[i + 1]) : -1, low = i + 2 < len ? hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            c = (char)(high << 4 | low);
            i += 2;
        } else if (form && c == '+') {
            c = ' ';
        }
        if (c == '\0')
            return NULL;
        *out++ = c;
    }
    *out = '\0';
    size_t decoded_len = (size_t)(out - decoded);
    return lk_utf8_valid(decoded, decoded_len) ? decoded : repair_utf8(arena, decoded, decoded_len);
}
