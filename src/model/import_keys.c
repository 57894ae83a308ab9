/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/import_internal.h"

#include <pthread.h>
#include "model/key_component.h"

/* Keys of the new realm are made in a thread of their own while the rest is prepared and users are written: two RSA keys take as
 * long as some thousand users. */

typedef struct st_import_key_t {
    struct st_import_key_t *next;
    const char *id, *parent_id, *provider_id, *path;
    json_t *component; /* its config is the thread's until that has ended */
} import_key_t;

struct st_lk_import_keys_t {
    import_key_t *first, **last;
    const char *realm_name;
    lk_arena_t *arena; /* the thread's; NULL: it does not run */
    pthread_t thread;
    lk_status_t status;
    lk_error_t err;
};

void lk_import_add_key(lk_import_t *im, const char *id, const char *parent_id, const char *provider_id, const char *path,
                       json_t *component)
{
    if (im->keys == NULL) {
        im->keys = LK_NEW(im->arena, lk_import_keys_t);
        im->keys->last = &im->keys->first;
        im->keys->realm_name = im->realm_name;
    }
    import_key_t *key = LK_NEW(im->arena, import_key_t);
    *key = (import_key_t){NULL, id, parent_id, provider_id, path, component};
    json_object_set_new_nocheck(component, "config", json_deep_copy(json_object_get(component, "config")));
    *im->keys->last = key;
    im->keys->last = &key->next;
}

static void *make_keys(void *context)
{
    lk_import_keys_t *keys = context;
    lk_error_t reason = {0};
    for (import_key_t *key = keys->first; key != NULL && keys->status == LK_OK; key = key->next) {
        keys->status = lk_key_component_complete(keys->arena, key->provider_id, json_object_get(key->component, "config"),
                                                 keys->realm_name, &reason);
        if (keys->status != LK_OK)
            lk_fail(&keys->err, keys->status, "unknown", "%s.config: %s", key->path, reason.text);
    }
    return NULL;
}

/* Also where the import ends before it asks for them. */
static void await_keys(void *context)
{
    lk_import_keys_t *keys = context;
    if (keys->arena == NULL)
        return;
    pthread_join(keys->thread, NULL);
    lk_arena_destroy(&keys->arena);
}

lk_status_t lk_import_start_keys(lk_import_t *im, lk_error_t *err)
{
    lk_import_keys_t *keys = im->keys;
    if (keys == NULL)
        return LK_OK;
    keys->arena = lk_arena_create("import keys");
    if (pthread_create(&keys->thread, NULL, make_keys, keys) != 0) {
        lk_arena_destroy(&keys->arena);
        return lk_fail(err, LK_UNAVAILABLE, NULL, "No thread could be started to make the realm's keys");
    }
    lk_defer(im->arena, await_keys, keys);
    return LK_OK;
}

lk_status_t lk_import_finish_keys(lk_import_t *im, lk_error_t *err)
{
    lk_import_keys_t *keys = im->keys;
    if (keys == NULL)
        return LK_OK;
    await_keys(keys);
    if (keys->status != LK_OK && err != NULL)
        *err = keys->err;
    for (import_key_t *key = keys->first; key != NULL && keys->status == LK_OK; key = key->next)
        lk_row(&im->rows, LK_TABLE_COMPONENT, key->id, key->parent_id, LK_KEY_PROVIDER_TYPE, key->provider_id,
               lk_import_rep(im, &lk_component_fields, key->component));
    return keys->status;
}
