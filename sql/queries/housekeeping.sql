-- A row where the lease $1 is ours until $2 (seconds), because nobody had it at $3.
-- name: lease_take
INSERT INTO lease (name, until) VALUES ($1, $2::bigint)
ON CONFLICT (name) DO UPDATE SET until = excluded.until WHERE lease.until <= $3::bigint

-- name: housekeeping_realms
SELECT id, rep->>'ssoSessionIdleTimeout' AS idle, rep->>'ssoSessionIdleTimeoutRememberMe' AS remembered_idle,
    rep->>'offlineSessionIdleTimeout' AS offline_idle, rep->>'maxDeltaTimeSeconds' AS max_delta,
    rep->>'eventsExpiration' AS events, rep->'attributes'->>'adminEventsExpiration' AS admin_events,
    rep->'attributes'->>'latchkey.keys.rotation.period' AS rotation
FROM realm ORDER BY id

-- Sessions that nobody used since $2 (plain), $3 (remembered), $4 (offline), in seconds since 1970; at most $5 rows. Those that are past
-- their maximum cannot be used any more, so they go the same way.
-- name: housekeeping_sessions
DELETE FROM user_session WHERE (realm_id, id, offline) IN (
    SELECT realm_id, id, offline FROM user_session
    WHERE realm_id = $1 AND last_access < greatest($2::bigint, $3::bigint, $4::bigint)
        AND last_access < CASE WHEN offline THEN $4::bigint WHEN remember_me THEN $3::bigint ELSE $2::bigint END
    LIMIT $5::int FOR UPDATE SKIP LOCKED)

-- name: housekeeping_used_values
DELETE FROM used_value WHERE (realm_id, kind, id) IN (
    SELECT realm_id, kind, id FROM used_value WHERE expires < $1::bigint LIMIT $2::int FOR UPDATE SKIP LOCKED)

-- Failures before $2 (milliseconds) whose lock was over at $3 (seconds).
-- name: housekeeping_failures
DELETE FROM login_failure WHERE (realm_id, user_id) IN (
    SELECT realm_id, user_id FROM login_failure WHERE realm_id = $1 AND last_failure < $2::bigint AND not_before < $3::bigint
    LIMIT $4::int FOR UPDATE SKIP LOCKED)

-- name: housekeeping_broker_logins
DELETE FROM broker_login WHERE (realm_id, id) IN (
    SELECT realm_id, id FROM broker_login WHERE expires < $1::bigint LIMIT $2::int FOR UPDATE SKIP LOCKED)

-- They can be sent anew for 30 days.
-- name: housekeeping_invitations
DELETE FROM organization_invitation WHERE (realm_id, id) IN (
    SELECT realm_id, id FROM organization_invitation WHERE expires < $1::bigint - 2592000 LIMIT $2::int FOR UPDATE SKIP LOCKED)

-- What the account may do here, and what the server is.
-- name: doctor_database
SELECT NOT pg_is_in_recovery() AND current_setting('transaction_read_only') = 'off' AS writable,
    has_schema_privilege(current_schema(), 'CREATE') AS may_create,
    coalesce(has_table_privilege(to_regclass('realm'), 'INSERT, UPDATE, DELETE'), true) AS may_write,
    floor(extract(epoch FROM clock_timestamp()))::bigint AS now,
    coalesce((SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()), false) AS tls
