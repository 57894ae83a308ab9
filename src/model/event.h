/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#ifndef LK_MODEL_EVENT_H
#define LK_MODEL_EVENT_H

#include "core/buffer.h"
#include "core/log.h"
#include "model/realm.h"
#include "store/store.h"

/* What users and clients do, as Keycloak tells it: type, error, details. A request has one current event: lk_event_begin opens it,
 * the code below adds what it comes to know, and lk_event_success or lk_event_error ends it. Where the handler fails with the event
 * open, the edge ends it as an error by itself (lk_events_end), named after the lk_error_t. What has ended is logged, counted and
 * stored once the request's handler is through: nothing here waits for anything. */

/* X(name, stored unless the realm lists its types, its error too) */
#define LK_EVENT_TYPES(X)                                                                                                          \
    X(LOGIN, 1, 1)                                                                                                                 \
    X(REGISTER, 1, 1)                                                                                                              \
    X(LOGOUT, 1, 1)                                                                                                                \
    X(CODE_TO_TOKEN, 1, 1)                                                                                                         \
    X(CLIENT_LOGIN, 1, 1)                                                                                                          \
    X(REFRESH_TOKEN, 0, 0)                                                                                                         \
    X(VALIDATE_ACCESS_TOKEN, 0, 0)                                                                                                 \
    X(INTROSPECT_TOKEN, 0, 0)                                                                                                      \
    X(FEDERATED_IDENTITY_LINK, 1, 1)                                                                                               \
    X(REMOVE_FEDERATED_IDENTITY, 1, 1)                                                                                             \
    X(UPDATE_EMAIL, 1, 1)                                                                                                          \
    X(UPDATE_PROFILE, 1, 1)                                                                                                        \
    X(UPDATE_PASSWORD, 1, 1)                                                                                                       \
    X(UPDATE_TOTP, 1, 1)                                                                                                           \
    X(VERIFY_EMAIL, 1, 1)                                                                                                          \
    X(VERIFY_PROFILE, 1, 1)                                                                                                        \
    X(REMOVE_TOTP, 1, 1)                                                                                                           \
    X(GRANT_CONSENT, 1, 1)                                                                                                         \
    X(UPDATE_CONSENT, 1, 1)                                                                                                        \
    X(REVOKE_GRANT, 1, 1)                                                                                                          \
    X(SEND_VERIFY_EMAIL, 1, 1)                                                                                                     \
    X(SEND_RESET_PASSWORD, 1, 1)                                                                                                   \
    X(SEND_IDENTITY_PROVIDER_LINK, 1, 1)                                                                                           \
    X(RESET_PASSWORD, 1, 1)                                                                                                        \
    X(RESTART_AUTHENTICATION, 1, 1)                                                                                                \
    X(INVALID_SIGNATURE, 0, 0)                                                                                                     \
    X(REGISTER_NODE, 0, 0)                                                                                                         \
    X(UNREGISTER_NODE, 0, 0)                                                                                                       \
    X(USER_INFO_REQUEST, 0, 0)                                                                                                     \
    X(IDENTITY_PROVIDER_LINK_ACCOUNT, 1, 1)                                                                                        \
    X(IDENTITY_PROVIDER_LOGIN, 1, 1)                                                                                               \
    X(IDENTITY_PROVIDER_FIRST_LOGIN, 1, 1)                                                                                         \
    X(IDENTITY_PROVIDER_POST_LOGIN, 1, 1)                                                                                          \
    X(IDENTITY_PROVIDER_RESPONSE, 0, 0)                                                                                            \
    X(IDENTITY_PROVIDER_RETRIEVE_TOKEN, 0, 0)                                                                                      \
    X(IMPERSONATE, 1, 1)                                                                                                           \
    X(CUSTOM_REQUIRED_ACTION, 1, 1)                                                                                                \
    X(EXECUTE_ACTIONS, 1, 1)                                                                                                       \
    X(EXECUTE_ACTION_TOKEN, 1, 1)                                                                                                  \
    X(CLIENT_INFO, 0, 0)                                                                                                           \
    X(CLIENT_REGISTER, 1, 1)                                                                                                       \
    X(CLIENT_UPDATE, 1, 1)                                                                                                         \
    X(CLIENT_DELETE, 1, 1)                                                                                                         \
    X(CLIENT_INITIATED_ACCOUNT_LINKING, 1, 1)                                                                                      \
    X(TOKEN_EXCHANGE, 1, 1)                                                                                                        \
    X(OAUTH2_DEVICE_AUTH, 1, 1)                                                                                                    \
    X(OAUTH2_DEVICE_VERIFY_USER_CODE, 1, 1)                                                                                        \
    X(OAUTH2_DEVICE_CODE_TO_TOKEN, 1, 1)                                                                                           \
    X(AUTHREQID_TO_TOKEN, 1, 1)                                                                                                    \
    X(PERMISSION_TOKEN, 1, 0)                                                                                                      \
    X(DELETE_ACCOUNT, 1, 1)                                                                                                        \
    X(PUSHED_AUTHORIZATION_REQUEST, 0, 0)                                                                                          \
    X(USER_DISABLED_BY_PERMANENT_LOCKOUT, 1, 0)                                                                                    \
    X(USER_DISABLED_BY_TEMPORARY_LOCKOUT, 1, 0)                                                                                    \
    X(OAUTH2_EXTENSION_GRANT, 1, 1)                                                                                                \
    X(FEDERATED_IDENTITY_OVERRIDE_LINK, 1, 1)                                                                                      \
    X(UPDATE_CREDENTIAL, 1, 1)                                                                                                     \
    X(REMOVE_CREDENTIAL, 1, 1)                                                                                                     \
    X(INVITE_ORG, 1, 1)                                                                                                            \
    X(USER_SESSION_DELETED, 0, 0)                                                                                                  \
    X(VERIFIABLE_CREDENTIAL_REQUEST, 1, 1)                                                                                         \
    X(VERIFIABLE_CREDENTIAL_OFFER_REQUEST, 1, 1)                                                                                   \
    X(VERIFIABLE_CREDENTIAL_NONCE_REQUEST, 0, 0)                                                                                   \
    X(VERIFIABLE_CREDENTIAL_CREATE_OFFER, 1, 1)                                                                                    \
    X(VERIFIABLE_CREDENTIAL_PRE_AUTHORIZED_GRANT, 1, 1)                                                                            \
    X(JWT_AUTHORIZATION_GRANT, 1, 1)

#define LK_EVENT_ENUM(name, saved, error_saved) LK_EVENT_##name,
typedef enum en_lk_event_type_t { LK_EVENT_TYPES(LK_EVENT_ENUM) LK_NUM_EVENTS } lk_event_type_t;

#define LK_MAX_EVENT_DETAILS 40

typedef struct st_lk_event_t {
    struct st_lk_event_t *next; /* that has ended after this one */
    lk_event_type_t type;
    const lk_realm_t *realm;
    const char *client_id, *user_id, *session_id; /* NULL where nobody knows */
    const char *error;                            /* "invalid_user_credentials"; NULL: a success */
    int64_t time_ms;
    lk_pair_t details[LK_MAX_EVENT_DETAILS];
    size_t num_details;
} lk_event_t;

/* Of one request, in its arena. */
typedef struct st_lk_events_t {
    lk_event_t *open; /* NULL: none */
    lk_event_t *last; /* that was open before */
    lk_event_t *ended, **tail;
} lk_events_t;

/* Opens an event in place of one that may be open. */
void lk_event_begin(const lk_request_t *req, const lk_realm_t *realm, lk_event_type_t type);
/* The same with all that the one before knew: what follows from it. */
void lk_event_follow(const lk_request_t *req, lk_event_type_t type);
/* These do nothing where no event is open, or the value is NULL. Values must live as long as the request. */
void lk_event_type(const lk_request_t *req, lk_event_type_t type); /* another name for the open one */
void lk_event_client(const lk_request_t *req, const char *client_id);
void lk_event_user(const lk_request_t *req, const char *user_id);
void lk_event_session(const lk_request_t *req, const char *sid);
void lk_event_detail(const lk_request_t *req, const char *name, const char *value);
/* What a profile's values were and are: for each attribute that changes previous_NAME and updated_NAME. */
void lk_event_profile(const lk_request_t *req, const char *context, const json_t *old, const json_t *values);
int lk_event_knows_user(const lk_request_t *req);
void lk_event_success(const lk_request_t *req);
void lk_event_error(const lk_request_t *req, const char *error);
/* What came to nothing without being an error: a page was shown. */
void lk_event_drop(const lk_request_t *req);

/* The request's handler is through: an open event is the error *err, or was none. Returns what has ended, oldest first. */
const lk_event_t *lk_events_end(const lk_request_t *req, lk_status_t status, const lk_error_t *err);

/* "LOGIN_ERROR" */
const char *lk_event_name(lk_arena_t *arena, const lk_event_t *event);
/* All names, errors too, as a JSON array: those that are stored unless the realm says which, or every one. New reference. */
json_t *lk_event_names(int stored_only);
int lk_event_name_is_known(const char *name);
/* The line of the log: type="LOGIN", realmId="..." */
void lk_event_print(const lk_event_t *event, const char *client_ip, lk_buffer_t *out);
/* Whether it is to be stored. */
int lk_event_is_stored(lk_arena_t *arena, const lk_event_t *event);

/* --- the store -----------------------------------------------------------------------------------------------------------------
 */

/* A bounded queue and the one thread that writes it, many events with one statement. Process. */
typedef struct st_lk_event_store_t lk_event_store_t;
lk_event_store_t *lk_event_store_open(lk_sql_t *sql, lk_notice_t notice);
/* Copies; never waits. 0 where the queue is full: the event is lost, counted, and the log says so. */
int lk_event_store_put(lk_event_store_t *store, const lk_event_t *event, const char *client_ip);
/* Waits until what was put before is written, or tried: at most `timeout_ms`. */
void lk_event_store_flush(lk_event_store_t *store, int timeout_ms);
typedef struct st_lk_event_stats_t {
    uint64_t written, lost;
    size_t queued;
} lk_event_stats_t;
void lk_event_store_stats(lk_event_store_t *store, lk_event_stats_t *ret_stats);
/* Writes what is left. */
void lk_event_store_close(lk_event_store_t **store);

#endif
