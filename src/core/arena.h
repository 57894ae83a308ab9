/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_CORE_ARENA_H
#define LK_CORE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

/* Memory with one lifetime: everything in it is freed, and wiped, at once. One thread at a time. Allocation never returns NULL:
 * the process ends when memory does; what a user controls is bounded at the edge instead. */
typedef struct st_lk_arena_t lk_arena_t;

/* `name` (a literal) says whose lifetime it is: "request", "snapshot acme", ... */
lk_arena_t *lk_arena_create(const char *name);
/* Runs the deferred calls, last first, wipes, frees and sets *arena to NULL. NULL is fine. */
void lk_arena_destroy(lk_arena_t **arena);
/* Zeroed, aligned for any type. */
void *lk_alloc(lk_arena_t *arena, size_t size);
#define LK_NEW(arena, type) ((type *)lk_alloc((arena), sizeof(type)))
#define LK_NEW_ARRAY(arena, type, count) ((type *)lk_alloc_array((arena), sizeof(type), (count)))
void *lk_alloc_array(lk_arena_t *arena, size_t size, size_t count);
/* NULL in, NULL out. */
char *lk_strdup(lk_arena_t *arena, const char *text);
char *lk_strndup(lk_arena_t *arena, const char *text, size_t len);
char *lk_printf(lk_arena_t *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));
char *lk_vprintf(lk_arena_t *arena, const char *format, va_list args);
/* Calls release(object) when the arena is destroyed: for what has a release function of its own (json_t, PGresult, a snapshot). */
void lk_defer(lk_arena_t *arena, void (*release)(void *), void *object);

#endif
