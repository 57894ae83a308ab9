/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "core/arena.h"

#define BLOCK_SIZE ((size_t)4000)
#define LARGE (BLOCK_SIZE / 2) /* larger pieces get a block of their own */
#define ALIGN ((size_t)16)

typedef struct st_block_t {
    struct st_block_t *next;
    size_t size, used;
    _Alignas(16) unsigned char bytes[];
} block_t;

typedef struct st_deferred_t {
    struct st_deferred_t *next;
    void (*release)(void *);
    void *object;
} deferred_t;

struct st_lk_arena_t {
    const char *name;
    block_t *current, *large;
    deferred_t *deferred;
};

static void *checked(void *memory)
{
    if (memory == NULL) {
        fputs("latchkey: out of memory\n", stderr);
        abort();
    }
    return memory;
}

static block_t *new_block(size_t size, block_t *next)
{
    block_t *block = checked(calloc(1, sizeof(*block) + size));
    block->size = size;
    block->next = next;
    return block;
}

lk_arena_t *lk_arena_create(const char *name)
{
    lk_arena_t *arena = checked(calloc(1, sizeof(*arena)));
    arena->name = name;
    return arena;
}

static void free_blocks(block_t *block)
{
    while (block != NULL) {
        block_t *next = block->next;
        explicit_bzero(block->bytes, block->used);
        free(block);
        block = next;
    }
}

void lk_arena_destroy(lk_arena_t **arena)
{
    lk_arena_t *self = *arena;
    *arena = NULL;
    if (self == NULL)
        return;
    while (self->deferred != NULL) {
        deferred_t *deferred = self->deferred;
        self->deferred = deferred->next;
        deferred->release(deferred->object);
    }
    free_blocks(self->current);
    free_blocks(self->large);
    free(self);
}

void *lk_alloc(lk_arena_t *arena, size_t size)
{
    size = (size + ALIGN - 1) & ~(ALIGN - 1);
    if (size > LARGE) {
        arena->large = new_block(size, arena->large);
        arena->large->used = size;
        return arena->large->bytes;
    }
    if (arena->current == NULL || arena->current->size - arena->current->used < size)
        arena->current = new_block(BLOCK_SIZE, arena->current);
    void *memory = arena->current->bytes + arena->current->used;
    arena->current->used += size;
    return memory;
}

void *lk_alloc_array(lk_arena_t *arena, size_t size, size_t count)
{
    if (count != 0 && size > SIZE_MAX / 2 / count)
        checked(NULL);
    return lk_alloc(arena, size * count);
}

char *lk_strndup(lk_arena_t *arena, const char *text, size_t len)
{
    char *copy = lk_alloc(arena, len + 1);
    memcpy(copy, text, len);
    return copy;
}

char *lk_strdup(lk_arena_t *arena, const char *text)
{
    return text == NULL ? NULL : lk_strndup(arena, text, strlen(text));
}

/* In what is left of the block, if it fits there, so that most is written once. */
char *lk_vprintf(lk_arena_t *arena, const char *format, va_list args)
{
    block_t *block = arena->current;
    size_t room = block != NULL ? block->size - block->used : 0;
    char *text = room != 0 ? (char *)block->bytes + block->used : NULL;
    va_list again;
    va_copy(again, args);
    size_t size = (size_t)vsnprintf(text, room, format, args) + 1;
    if (size <= room && size <= LARGE) {
        lk_alloc(arena, size);
    } else {
        if (room != 0)
            explicit_bzero(text, room); /* what is given out later is zero, and this may be a secret */
        text = lk_alloc(arena, size);
        vsnprintf(text, size, format, again);
    }
    va_end(again);
    return text;
}

char *lk_printf(lk_arena_t *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = lk_vprintf(arena, format, args);
    va_end(args);
    return text;
}

void lk_defer(lk_arena_t *arena, void (*release)(void *), void *object)
{
    deferred_t *deferred = LK_NEW(arena, deferred_t);
    deferred->release = release;
    deferred->object = object;
    deferred->next = arena->deferred;
    arena->deferred = deferred;
}
