/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_QR_H
#define LK_CORE_QR_H

#include "core/arena.h"

/* A QR code (ISO/IEC 18004, bytes, error correction L) of a text, as the SVG path of its dark modules; *ret_size is the width and
 * height in modules with the quiet zone. NULL where the text is longer than 858 bytes. */
const char *lk_qr_path(lk_arena_t *arena, const char *text, unsigned *ret_size);

#endif
