/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_HTTP_OTLP_H
#define LK_HTTP_OTLP_H

#include "core/buffer.h"
#include "http/spans.h"

/* An ExportTraceServiceRequest of the OpenTelemetry protocol, as protobuf. */
void lk_otlp_write(lk_arena_t *arena, lk_buffer_t *message, const lk_spans_options_t *options, const lk_span_t *spans,
                   size_t count);

#endif
