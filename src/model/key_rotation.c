/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/key_rotation.h"

#include <string.h>
#include "core/json.h"
#include "crypto/crypto.h"
#include "model/key_component.h"
#include "model/realms.h"
#include "model/snapshot.h"

#define DAY 86400
#define PREFIX "latchkey.keys.rotation."
#define CREATED PREFIX "created" /* of a component: when it was made, and when it stopped signing; seconds since 1970 */
#define RETIRED PREFIX "retired"

typedef struct st_spans_t {
    int64_t period, ahead, keep;
} spans_t;

/* A component that takes part. */
typedef struct st_entry_t {
    const char *id, *provider_id, *alg; /* alg: what tells families apart; "" for a curve's own */
    json_t *rep, *config;
    int64_t created, retired, priority; /* 0: unknown, and so long ago; not retired */
    int is_active, is_enabled;
} entry_t;

typedef struct st_rotation_t {
    lk_app_t *app;
    lk_arena_t *arena;
    const char *realm_id, *realm_name;
    int64_t now;
    spans_t spans;
    entry_t *entries;
    size_t count;
    lk_sql_t *tx;
    const entry_t *wanted; /* a key like this one has to be made first, outside of the transaction */
    json_t *made;
    int changed;
} rotation_t;

/* What may be different between two keys of one family is only the key itself. */
static const struct {
    const char *provider_id, *family; /* member of the config that tells its keys apart */
    const char *fallback;
    const char *members[3]; /* that hold the key */
} providers[] = {{"rsa-generated", "algorithm", "RS256", {"privateKey", "certificate", "kid"}},
                 {"ecdsa-generated", "ecdsaEllipticCurveKey", "P-256", {"ecdsaPrivateKey", "ecdsaPublicKey", "kid"}},
                 {"eddsa-generated", "eddsaEllipticCurveKey", "Ed25519", {"eddsaPrivateKey", "eddsaPublicKey", "kid"}}};
#define NUM_PROVIDERS (sizeof(providers) / sizeof(providers[0]))

static int64_t longest(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

int64_t lk_key_rotation_keep(const json_t *realm)
{
    int64_t token =
        longest(lk_json_int(realm, "accessTokenLifespan", 300), lk_json_int(realm, "accessTokenLifespanForImplicitFlow", 900));
    int64_t session = longest(
        longest(lk_json_int(realm, "ssoSessionMaxLifespan", 36000), lk_json_int(realm, "ssoSessionMaxLifespanRememberMe", 0)), DAY);
    return longest(lk_json_config_int(json_object_get(realm, "attributes"), PREFIX "keep", session), token);
}

static spans_t read_spans(const json_t *realm)
{
    const json_t *attributes = json_object_get(realm, "attributes");
    spans_t spans = {.period = lk_json_config_int(attributes, PREFIX "period", 0)};
    int64_t half = spans.period / 2;
    spans.ahead = lk_json_config_int(attributes, PREFIX "ahead", DAY);
    if (spans.ahead < 0 || spans.ahead > half)
        spans.ahead = half;
    spans.keep = lk_key_rotation_keep(realm);
    return spans;
}

static void set_config(entry_t *entry, const char *name, const char *value)
{
    json_object_set_new(entry->config, name, json_pack("[s]", value));
}

static size_t provider_of(const char *provider_id)
{
    size_t i = 0;
    while (i != NUM_PROVIDERS && strcmp(providers[i].provider_id, provider_id) != 0)
        ++i;
    return i;
}

static lk_status_t add_entry(rotation_t *rotation, const lk_rows_t *rows, int row, lk_error_t *err)
{
    const char *text = lk_row_str(rows, row, "rep");
    size_t provider = provider_of(lk_row_str(rows, row, "provider_id"));
    entry_t entry = {.id = lk_row_str(rows, row, "id"), .provider_id = lk_row_str(rows, row, "provider_id")};
    if (provider == NUM_PROVIDERS)
        return LK_OK;
    lk_status_t status = lk_json_parse(rotation->arena, text, strlen(text), &entry.rep, err);
    if (status != LK_OK)
        return status;
    if ((entry.config = json_object_get(entry.rep, "config")) == NULL)
        return LK_OK;
    entry.alg = lk_json_config(entry.config, providers[provider].family, providers[provider].fallback);
    entry.created = lk_json_config_int(entry.config, CREATED, 0);
    entry.retired = lk_json_config_int(entry.config, RETIRED, 0);
    entry.priority = lk_json_config_int(entry.config, "priority", 0);
    entry.is_active = lk_json_config_bool(entry.config, "active", 1);
    entry.is_enabled = lk_json_config_bool(entry.config, "enabled", 1);
    rotation->entries[rotation->count++] = entry;
    return LK_OK;
}

static lk_status_t read_realm(rotation_t *rotation, lk_error_t *err)
{
    lk_rows_t rows;
    json_t *realm;
    lk_status_t status = lk_query(rotation->tx, rotation->arena, LK_Q_KEY_ROTATION_REALM, &rows, err, rotation->realm_id);
    if (status != LK_OK || rows.count == 0)
        return status;
    const char *text = lk_row_str(&rows, 0, "rep");
    rotation->realm_name = lk_strdup(rotation->arena, lk_row_str(&rows, 0, "name"));
    if ((status = lk_json_parse(rotation->arena, text, strlen(text), &realm, err)) != LK_OK)
        return status;
    rotation->spans = read_spans(realm);
    if (rotation->spans.period <= 0)
        return LK_OK;
    status = lk_query(rotation->tx, rotation->arena, LK_Q_KEY_COMPONENTS, &rows, err, rotation->realm_id);
    rotation->entries = LK_NEW_ARRAY(rotation->arena, entry_t, (size_t)rows.count + 1);
    rotation->count = 0;
    for (int row = 0; status == LK_OK && row != rows.count; ++row)
        status = add_entry(rotation, &rows, row, err);
    return status;
}

static lk_status_t store(rotation_t *rotation, const entry_t *entry, lk_error_t *err)
{
    lk_rows_t rows;
    rotation->changed = 1;
    return lk_query(rotation->tx, rotation->arena, LK_Q_ADMIN_COMPONENT_UPDATE, &rows, err, rotation->realm_id, entry->id,
                    lk_json_text(rotation->arena, entry->rep));
}

static int is_sibling(const entry_t *a, const entry_t *b)
{
    return strcmp(a->provider_id, b->provider_id) == 0 && strcmp(a->alg, b->alg) == 0;
}

/* What signs now is the active one of highest priority. */
static int is_signer(const rotation_t *rotation, const entry_t *entry)
{
    if (!entry->is_active || !entry->is_enabled)
        return 0;
    for (size_t i = 0; i != rotation->count; ++i) {
        const entry_t *other = &rotation->entries[i];
        if (other != entry && is_sibling(other, entry) && other->is_active && other->is_enabled &&
            (other->priority > entry->priority || (other->priority == entry->priority && other < entry)))
            return 0;
    }
    return 1;
}

static int is_waiting(const entry_t *entry)
{
    return entry->is_enabled && !entry->is_active && entry->created != 0 && entry->retired == 0;
}

static int has_successor(const rotation_t *rotation, const entry_t *signer)
{
    for (size_t i = 0; i != rotation->count; ++i)
        if (is_sibling(&rotation->entries[i], signer) && is_waiting(&rotation->entries[i]))
            return 1;
    return 0;
}

static const char *seconds(const rotation_t *rotation, int64_t value)
{
    return lk_printf(rotation->arena, "%lld", (long long)value);
}

/* --- the steps --- */

static lk_status_t remove_retired(rotation_t *rotation, entry_t *entry, lk_error_t *err)
{
    lk_rows_t rows;
    if (entry->retired == 0 || rotation->now < entry->retired + rotation->spans.keep)
        return LK_OK;
    rotation->changed = 1;
    return lk_query(rotation->tx, rotation->arena, LK_Q_COMPONENT_DELETE, &rows, err, rotation->realm_id, entry->id);
}

/* The successor signs, and everything that signed before it only verifies. */
static lk_status_t promote(rotation_t *rotation, entry_t *entry, lk_error_t *err)
{
    lk_status_t status = LK_OK;
    if (!is_waiting(entry) || rotation->now < entry->created + rotation->spans.ahead)
        return LK_OK;
    for (size_t i = 0; status == LK_OK && i != rotation->count; ++i) {
        entry_t *other = &rotation->entries[i];
        if (other == entry || !is_sibling(other, entry) || !other->is_active)
            continue;
        other->is_active = 0;
        other->retired = rotation->now;
        set_config(other, "active", "false");
        set_config(other, RETIRED, seconds(rotation, rotation->now));
        status = store(rotation, other, err);
    }
    entry->is_active = 1;
    set_config(entry, "active", "true");
    return status == LK_OK ? store(rotation, entry, err) : status;
}

static lk_status_t make_successor(rotation_t *rotation, entry_t *entry, lk_error_t *err)
{
    lk_rows_t rows;
    if (!is_signer(rotation, entry) || has_successor(rotation, entry) || rotation->now < entry->created + rotation->spans.period)
        return LK_OK;
    if (rotation->made == NULL || strcmp(lk_json_str(rotation->made, "providerId", ""), entry->provider_id) != 0) {
        rotation->wanted = entry;
        return LK_OK;
    }
    const char *text = lk_json_text(rotation->arena, rotation->made);
    rotation->made = NULL;
    rotation->changed = 1;
    return lk_query(rotation->tx, rotation->arena, LK_Q_KEY_COMPONENT_INSERT, &rows, err, rotation->realm_id,
                    lk_random_uuid(rotation->arena), entry->provider_id, text);
}

static lk_status_t walk(rotation_t *rotation, lk_error_t *err)
{
    lk_status_t (*const steps[])(rotation_t * rotation, entry_t * entry, lk_error_t * err) = {remove_retired, promote,
                                                                                              make_successor};
    lk_status_t status = LK_OK;
    rotation->wanted = NULL;
    for (size_t step = 0; step != sizeof(steps) / sizeof(steps[0]); ++step)
        for (size_t i = 0; status == LK_OK && rotation->wanted == NULL && i != rotation->count; ++i)
            status = steps[step](rotation, &rotation->entries[i], err);
    return status;
}

/* Outside of the transaction: an RSA key takes a while. */
static lk_status_t make_key(rotation_t *rotation, lk_error_t *err)
{
    const entry_t *like = rotation->wanted;
    const size_t provider = provider_of(like->provider_id);
    json_t *rep = lk_json_own(rotation->arena, json_deep_copy(like->rep)), *config = json_object_get(rep, "config");
    for (size_t i = 0; i != sizeof(providers[0].members) / sizeof(providers[0].members[0]); ++i)
        json_object_del(config, providers[provider].members[i]);
    entry_t entry = {.config = config};
    set_config(&entry, "active", "false");
    set_config(&entry, CREATED, seconds(rotation, rotation->now));
    json_object_del(config, RETIRED);
    json_object_set_new(rep, "name",
                        json_string(lk_printf(rotation->arena, "rotated-%s-%lld", like->alg, (long long)rotation->now)));
    json_object_set_new(rep, "providerId", json_string(like->provider_id));
    rotation->made = rep;
    return lk_key_component_complete(rotation->arena, like->provider_id, config, rotation->realm_name, err);
}

lk_status_t lk_key_rotation_run(lk_app_t *app, lk_arena_t *arena, const char *realm_id, int64_t now, int *ret_changed,
                                lk_error_t *err)
{
    rotation_t rotation = {.app = app, .arena = arena, .realm_id = realm_id, .now = now};
    lk_status_t status = LK_OK;
    for (int attempt = 0; status == LK_OK && attempt != 2; ++attempt) {
        if (attempt != 0 && (status = make_key(&rotation, err)) != LK_OK)
            break;
        if ((status = lk_tx_begin(lk_realms_store(app->realms), LK_READ_COMMITTED, &rotation.tx, err)) == LK_OK &&
            (status = read_realm(&rotation, err)) == LK_OK && (status = walk(&rotation, err)) == LK_OK && rotation.changed)
            status = lk_realm_commit(app->realms, arena, &rotation.tx, realm_id, err);
        lk_tx_rollback(&rotation.tx);
        if (rotation.wanted == NULL || rotation.changed)
            break;
    }
    if (ret_changed != NULL)
        *ret_changed = rotation.changed;
    return status;
}
