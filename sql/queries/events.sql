-- Many events ($2: a JSON array of objects with the columns' names) of many realms; $1 is that of the first, for statistics alone.
-- Events of a realm that is gone are passed over.
-- name: events_insert
INSERT INTO event (realm_id, id, time, type, client_id, user_id, session_id, ip_address, error, details)
SELECT e.realm_id, e.id, e.time, e.type, e.client_id, e.user_id, e.session_id, e.ip_address, e.error, e.details
FROM jsonb_to_recordset($2::jsonb) AS e(realm_id text, id uuid, time bigint, type text, client_id text, user_id text, session_id text,
    ip_address text, error text, details jsonb)
WHERE $1::text IS NOT NULL AND EXISTS (SELECT FROM realm r WHERE r.id = e.realm_id)
ON CONFLICT DO NOTHING

-- $2 types and $3 client, user and address, each NULL for any; $6, $7 times; $8 ascending; $9 first, $10 max.
-- name: events_select
SELECT jsonb_strip_nulls(jsonb_build_object('id', id, 'time', time, 'type', type, 'realmId', realm_id, 'clientId', client_id,
    'userId', user_id, 'sessionId', session_id, 'ipAddress', ip_address, 'error', error, 'details', details)) AS rep
FROM event
WHERE realm_id = $1 AND ($2::jsonb IS NULL OR $2::jsonb ? type) AND ($3::text IS NULL OR client_id = $3)
    AND ($4::text IS NULL OR user_id = $4) AND ($5::text IS NULL OR ip_address LIKE $5) AND time >= $6::bigint AND time <= $7::bigint
ORDER BY CASE WHEN $8::boolean THEN time ELSE -time END, CASE WHEN $8::boolean THEN id END, id DESC OFFSET $9::int LIMIT $10::int

-- name: events_clear
DELETE FROM event WHERE realm_id = $1

-- name: admin_event_insert
INSERT INTO admin_event (realm_id, id, time, operation_type, resource_type, resource_path, auth_realm_id, auth_client_id, auth_user_id,
    auth_ip_address, representation, error)
VALUES ($1, $2::uuid, $3::bigint, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- $2 operation types, $3 resource types, $4 resource path, $5 realm, $6 client, $7 user, $8 address of who did it, each NULL for any;
-- $9, $10 times; $11 ascending; $12 first, $13 max.
-- name: admin_events_select
SELECT jsonb_strip_nulls(jsonb_build_object('id', id, 'time', time, 'realmId', realm_id, 'authDetails', jsonb_build_object('realmId',
    auth_realm_id, 'clientId', auth_client_id, 'userId', auth_user_id, 'ipAddress', auth_ip_address), 'operationType', operation_type,
    'resourceType', resource_type, 'resourcePath', resource_path, 'representation', representation, 'error', error, 'details', details))
    AS rep
FROM admin_event
WHERE realm_id = $1 AND ($2::jsonb IS NULL OR $2::jsonb ? operation_type) AND ($3::jsonb IS NULL OR $3::jsonb ? resource_type)
    AND ($4::text IS NULL OR resource_path LIKE $4) AND ($5::text IS NULL OR auth_realm_id = $5)
    AND ($6::text IS NULL OR auth_client_id = $6) AND ($7::text IS NULL OR auth_user_id = $7)
    AND ($8::text IS NULL OR auth_ip_address = $8) AND time >= $9::bigint AND time <= $10::bigint
ORDER BY CASE WHEN $11::boolean THEN time ELSE -time END, CASE WHEN $11::boolean THEN id END, id DESC OFFSET $12::int LIMIT $13::int

-- name: admin_events_clear
DELETE FROM admin_event WHERE realm_id = $1

-- Older than $2 milliseconds.
-- name: housekeeping_events
DELETE FROM event WHERE (realm_id, id) IN (
    SELECT realm_id, id FROM event WHERE realm_id = $1 AND time < $2::bigint LIMIT $3::int FOR UPDATE SKIP LOCKED)

-- name: housekeeping_admin_events
DELETE FROM admin_event WHERE (realm_id, id) IN (
    SELECT realm_id, id FROM admin_event WHERE realm_id = $1 AND time < $2::bigint LIMIT $3::int FOR UPDATE SKIP LOCKED)
