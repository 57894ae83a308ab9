/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include <stdlib.h>
#include <string.h>
#include "theme/internal.h"

void lk_theme_table_add(lk_arena_t *arena, lk_theme_table_t *table, const char *name, const void *value)
{
    if (table->count == table->capacity) {
        size_t capacity = table->capacity != 0 ? table->capacity * 2 : 64;
        lk_theme_entry_t *entries = LK_NEW_ARRAY(arena, lk_theme_entry_t, capacity);
        if (table->count != 0)
            memcpy(entries, table->entries, table->count * sizeof(*entries));
        table->entries = entries;
        table->capacity = capacity;
    }
    table->entries[table->count] = (lk_theme_entry_t){name, value, table->count};
    ++table->count;
}

static int compare_names(const void *left, const void *right)
{
    return strcmp(((const lk_theme_entry_t *)left)->name, ((const lk_theme_entry_t *)right)->name);
}

static int compare_by_age(const void *left, const void *right)
{
    size_t a = ((const lk_theme_entry_t *)left)->order, b = ((const lk_theme_entry_t *)right)->order;
    int order = compare_names(left, right);
    return order != 0 ? order : (a > b) - (a < b);
}

void lk_theme_table_sort(lk_theme_table_t *table)
{
    size_t kept = 0;
    if (table->count != 0)
        qsort(table->entries, table->count, sizeof(table->entries[0]), compare_by_age);
    for (size_t i = 0; i != table->count; ++i) {
        if (kept != 0 && compare_names(&table->entries[kept - 1], &table->entries[i]) == 0)
            --kept;
        table->entries[kept++] = table->entries[i];
    }
    table->count = kept;
}

const void *lk_theme_table_find(const lk_theme_table_t *table, const char *name)
{
    lk_theme_entry_t wanted = {.name = name};
    const lk_theme_entry_t *found =
        table->count != 0 ? bsearch(&wanted, table->entries, table->count, sizeof(wanted), compare_names) : NULL;
    return found != NULL ? found->value : NULL;
}
