/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include "core/buffer.h"
#include "core/qr.h"

#define MAX_VERSION 20
#define MAX_SIZE (17 + 4 * MAX_VERSION)
#define MAX_CODEWORDS 1085
#define MAX_ECC 30
#define NUM_MASKS 8
#define QUIET_ZONE 4
#define LEVEL_L 1 /* as the format information says it */

/* Table 9 of the standard, level L: error correction codewords of a block, and blocks, by version. */
static const struct st_blocks_t {
    unsigned char ecc, count;
} blocks_of[MAX_VERSION + 1] = {{0, 0},  {7, 1},  {10, 1}, {15, 1}, {20, 1}, {26, 1}, {18, 2}, {20, 2}, {24, 2}, {30, 2}, {18, 4},
                                {20, 4}, {24, 4}, {26, 4}, {30, 4}, {22, 6}, {24, 6}, {28, 6}, {30, 6}, {28, 7}, {28, 8}};

typedef struct st_symbol_t {
    int version, size;
    unsigned char dark[MAX_SIZE][MAX_SIZE];  /* by row, then column */
    unsigned char fixed[MAX_SIZE][MAX_SIZE]; /* belongs to a pattern, holds no data */
} symbol_t;

typedef struct st_bits_t {
    unsigned char bytes[MAX_CODEWORDS];
    unsigned count; /* of bits */
} bits_t;

/* --- codewords ------------------------------------------------------------------------------------------------------------- */

/* Modules that are left for data and error correction, in bytes. */
static unsigned num_codewords(int version)
{
    unsigned v = (unsigned)version, modules = (16 * v + 128) * v + 64;
    if (v >= 2) {
        unsigned n = v / 7 + 2; /* alignment patterns in a row */
        modules -= (25 * n - 10) * n - 55;
    }
    return (modules - (v >= 7 ? 36 : 0)) / 8;
}

static unsigned num_data(int version)
{
    return num_codewords(version) - blocks_of[version].ecc * blocks_of[version].count;
}

static unsigned length_bits(int version)
{
    return version < 10 ? 8 : 16;
}

static void put_bits(bits_t *bits, unsigned value, unsigned count)
{
    for (unsigned i = count; i-- != 0; ++bits->count)
        bits->bytes[bits->count / 8] |= (unsigned char)((value >> i & 1) << (7 - bits->count % 8));
}

/* Mode, length, bytes, terminator, and the standard's padding. */
static void encode_data(bits_t *bits, int version, const char *text, size_t len)
{
    unsigned capacity = num_data(version) * 8;
    put_bits(bits, 4, 4);
    put_bits(bits, (unsigned)len, length_bits(version));
    for (size_t i = 0; i != len; ++i)
        put_bits(bits, (unsigned char)text[i], 8);
    bits->count = (bits->count + (capacity - bits->count < 4 ? capacity - bits->count : 4) + 7) / 8 * 8;
    for (unsigned pad = 0xec; bits->count < capacity; pad ^= 0xec ^ 0x11)
        put_bits(bits, pad, 8);
}

/* In GF(256) modulo x^8 + x^4 + x^3 + x^2 + 1. */
static unsigned char multiply(unsigned a, unsigned b)
{
    unsigned product = 0;
    for (; b != 0; b >>= 1, a = a << 1 ^ (a & 0x80 ? 0x11d : 0))
        product ^= b & 1 ? a : 0;
    return (unsigned char)product;
}

/* The generator polynomial (x - 1)(x - 2)...(x - 2^(degree-1)) without its leading 1. */
static void make_generator(unsigned char *generator, unsigned degree)
{
    unsigned char root = 1;
    memset(generator, 0, degree);
    generator[degree - 1] = 1;
    for (unsigned i = 0; i != degree; ++i, root = multiply(root, 2))
        for (unsigned j = 0; j != degree; ++j)
            generator[j] = multiply(generator[j], root) ^ (j + 1 != degree ? generator[j + 1] : 0);
}

static void correct_errors(const unsigned char *data, unsigned len, const unsigned char *generator, unsigned degree,
                           unsigned char *ret_ecc)
{
    memset(ret_ecc, 0, degree);
    for (unsigned i = 0; i != len; ++i) {
        unsigned char factor = data[i] ^ ret_ecc[0];
        memmove(ret_ecc, ret_ecc + 1, degree - 1);
        ret_ecc[degree - 1] = 0;
        for (unsigned j = 0; j != degree; ++j)
            ret_ecc[j] ^= multiply(generator[j], factor);
    }
}

/* Data in blocks, each with its error correction, then one codeword of each block in turn. The last blocks may be longer by one. */
static void interleave(const unsigned char *data, int version, unsigned char *ret_codewords)
{
    unsigned char generator[MAX_ECC], ecc[MAX_ECC];
    unsigned count = blocks_of[version].count, degree = blocks_of[version].ecc, total = num_data(version), shorter = total / count,
             num_short = count - total % count;
    make_generator(generator, degree);
    for (unsigned b = 0; b != count; ++b) {
        unsigned len = shorter + (b >= num_short);
        for (unsigned i = 0; i != len; ++i)
            ret_codewords[i < shorter ? i * count + b : shorter * count + b - num_short] = data[i];
        correct_errors(data, len, generator, degree, ecc);
        for (unsigned i = 0; i != degree; ++i)
            ret_codewords[total + i * count + b] = ecc[i];
        data += len;
    }
}

/* --- modules --------------------------------------------------------------------------------------------------------------- */

static void fix(symbol_t *symbol, int row, int column, int dark)
{
    if (row < 0 || column < 0 || row >= symbol->size || column >= symbol->size)
        return;
    symbol->dark[row][column] = dark != 0;
    symbol->fixed[row][column] = 1;
}

/* Squares within squares: dark where the distance from the middle is in the set. */
static void draw_square(symbol_t *symbol, int row, int column, int radius, unsigned dark_distances)
{
    for (int y = -radius; y <= radius; ++y)
        for (int x = -radius; x <= radius; ++x)
            fix(symbol, row + y, column + x, (int)(dark_distances >> (abs(y) > abs(x) ? abs(y) : abs(x)) & 1));
}

static void draw_alignment(symbol_t *symbol)
{
    int last = symbol->version / 7 + 1, end = symbol->size - 7;
    int step = (4 * symbol->version + 4 + 2 * last - 1) / (2 * last) * 2;
    for (int i = 0; symbol->version >= 2 && i <= last; ++i)
        for (int j = 0; j <= last; ++j)
            if (!(i == 0 && j == 0) && !(i == 0 && j == last) && !(i == last && j == 0))
                draw_square(symbol, i == 0 ? 6 : end - (last - i) * step, j == 0 ? 6 : end - (last - j) * step, 2, 5);
}

/* `value` followed by the remainder of its division by `generator`, of `degree` bits. */
static unsigned with_check_bits(unsigned value, unsigned generator, int degree)
{
    unsigned remainder = value;
    for (int i = 0; i != degree; ++i)
        remainder = remainder << 1 ^ (remainder >> (degree - 1)) * generator;
    return value << degree | remainder;
}

static void draw_format(symbol_t *symbol, int mask)
{
    unsigned bits = with_check_bits(LEVEL_L << 3 | (unsigned)mask, 0x537, 10) ^ 0x5412;
    int size = symbol->size;
    for (int i = 0; i != 15; ++i) {
        int dark = (int)(bits >> i & 1);
        fix(symbol, i < 6 ? i : i < 8 ? i + 1 : 8, i < 8 ? 8 : i == 8 ? 7 : 14 - i, dark);
        fix(symbol, i < 8 ? 8 : size - 15 + i, i < 8 ? size - 1 - i : 8, dark);
    }
    fix(symbol, size - 8, 8, 1);
}

static void draw_patterns(symbol_t *symbol)
{
    int size = symbol->size;
    for (int i = 0; i != size; ++i) {
        fix(symbol, 6, i, i % 2 == 0);
        fix(symbol, i, 6, i % 2 == 0);
    }
    draw_square(symbol, 3, 3, 4, 0xb);
    draw_square(symbol, 3, size - 4, 4, 0xb);
    draw_square(symbol, size - 4, 3, 4, 0xb);
    draw_alignment(symbol);
    draw_format(symbol, 0);
    unsigned version_bits = with_check_bits((unsigned)symbol->version, 0x1f25, 12);
    for (int i = 0; symbol->version >= 7 && i != 18; ++i) {
        fix(symbol, i / 3, size - 11 + i % 3, (int)(version_bits >> i & 1));
        fix(symbol, size - 11 + i % 3, i / 3, (int)(version_bits >> i & 1));
    }
}

/* In pairs of columns from the right, up and down in turn; the column of the timing pattern is left out. */
static void draw_codewords(symbol_t *symbol, const unsigned char *codewords)
{
    unsigned at = 0, end = num_codewords(symbol->version) * 8;
    for (int pair = 0, right = symbol->size - 1; right > 0; ++pair, right -= right == 8 ? 3 : 2)
        for (int i = 0; i != 2 * symbol->size; ++i) {
            int row = pair % 2 == 0 ? symbol->size - 1 - i / 2 : i / 2, column = right - i % 2;
            if (!symbol->fixed[row][column] && at != end) {
                symbol->dark[row][column] = codewords[at / 8] >> (7 - at % 8) & 1;
                ++at;
            }
        }
}

static int is_masked(int mask, int y, int x)
{
    switch (mask) {
    case 0:
        return (y + x) % 2 == 0;
    case 1:
        return y % 2 == 0;
    case 2:
        return x % 3 == 0;
    case 3:
        return (y + x) % 3 == 0;
    case 4:
        return (y / 2 + x / 3) % 2 == 0;
    case 5:
        return y * x % 2 + y * x % 3 == 0;
    case 6:
        return (y * x % 2 + y * x % 3) % 2 == 0;
    default:
        return ((y + x) % 2 + y * x % 3) % 2 == 0;
    }
}

/* Applied twice it takes itself away. */
static void apply_mask(symbol_t *symbol, int mask)
{
    for (int y = 0; y != symbol->size; ++y)
        for (int x = 0; x != symbol->size; ++x)
            if (!symbol->fixed[y][x])
                symbol->dark[y][x] ^= is_masked(mask, y, x);
    draw_format(symbol, mask);
}

/* What a scanner has trouble with: long runs and squares of one colour. (The standard weighs two more; any mask can be read.) */
static int penalty(const symbol_t *symbol)
{
    int sum = 0;
    for (int y = 0; y != symbol->size; ++y) {
        int across = 0, down = 0;
        for (int x = 1; x != symbol->size; ++x) {
            across = symbol->dark[y][x] == symbol->dark[y][x - 1] ? across + 1 : 0;
            down = symbol->dark[x][y] == symbol->dark[x - 1][y] ? down + 1 : 0;
            sum += (across == 4 ? 3 : across > 4) + (down == 4 ? 3 : down > 4);
            if (y != 0 && across != 0 && symbol->dark[y - 1][x] == symbol->dark[y][x] &&
                symbol->dark[y - 1][x - 1] == symbol->dark[y][x])
                sum += 3;
        }
    }
    return sum;
}

static void mask_best(symbol_t *symbol)
{
    int best = 0, least = INT_MAX;
    for (int mask = 0; mask != NUM_MASKS; ++mask) {
        apply_mask(symbol, mask);
        int sum = penalty(symbol);
        if (sum < least) {
            least = sum;
            best = mask;
        }
        apply_mask(symbol, mask);
    }
    apply_mask(symbol, best);
}

static const char *draw_path(lk_arena_t *arena, const symbol_t *symbol)
{
    lk_buffer_t path;
    lk_buffer_init(&path, arena, MAX_SIZE * MAX_SIZE * 16);
    for (int y = 0; y != symbol->size; ++y)
        for (int x = 0, end; x < symbol->size; x = end) {
            for (end = x; end < symbol->size && symbol->dark[y][end] == symbol->dark[y][x]; ++end)
                ;
            if (symbol->dark[y][x])
                lk_buffer_printf(&path, "M%d %dh%dv1h-%dz", x + QUIET_ZONE, y + QUIET_ZONE, end - x, end - x);
        }
    return path.base;
}

const char *lk_qr_path(lk_arena_t *arena, const char *text, unsigned *ret_size)
{
    size_t len = strlen(text);
    int version = 1;
    while (version <= MAX_VERSION && 4 + length_bits(version) + len * 8 > num_data(version) * 8)
        ++version;
    if (version > MAX_VERSION)
        return NULL;
    symbol_t *symbol = lk_alloc(arena, sizeof(*symbol));
    bits_t *bits = lk_alloc(arena, sizeof(*bits));
    unsigned char *codewords = lk_alloc(arena, MAX_CODEWORDS);
    symbol->version = version;
    symbol->size = 17 + 4 * version;
    encode_data(bits, version, text, len);
    interleave(bits->bytes, version, codewords);
    draw_patterns(symbol);
    draw_codewords(symbol, codewords);
    mask_best(symbol);
    *ret_size = (unsigned)symbol->size + 2 * QUIET_ZONE;
    return draw_path(arena, symbol);
}
