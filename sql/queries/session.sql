-- name: session_create
WITH s AS (
    INSERT INTO user_session (realm_id, id, offline, user_id, started, last_access, remember_me, ip_address, auth_method, broker_alias,
                              broker_session_id, notes)
    VALUES ($1, $2, $3::boolean, $4, $5::bigint, $5::bigint, $6::boolean, $7, $8, $9, $10, $11::jsonb)
    ON CONFLICT (realm_id, id, offline) DO UPDATE SET last_access = excluded.last_access)
INSERT INTO client_session AS c (realm_id, session_id, offline, client_id, started, last_refresh, redirect_uri, scope, notes)
VALUES ($1, $2, $3::boolean, $12, $5::bigint, $5::bigint, $13, $14, $15::jsonb)
ON CONFLICT (realm_id, session_id, offline, client_id) DO UPDATE SET last_refresh = excluded.last_refresh, redirect_uri = excluded.redirect_uri,
    scope = excluded.scope, notes = excluded.notes;

-- name: session_attach
WITH s AS (UPDATE user_session SET last_access = $4::bigint, notes = notes || $5::jsonb WHERE realm_id = $1 AND id = $2 AND offline = $3::boolean
           RETURNING id)
INSERT INTO client_session AS c (realm_id, session_id, offline, client_id, started, last_refresh, redirect_uri, scope, notes)
SELECT $1, s.id, $3::boolean, $6, $4::bigint, $4::bigint, $7, $8, $9::jsonb FROM s
ON CONFLICT (realm_id, session_id, offline, client_id) DO UPDATE SET last_refresh = excluded.last_refresh, redirect_uri = excluded.redirect_uri,
    scope = excluded.scope, notes = excluded.notes;

-- name: session_load
SELECT s.id, s.offline, s.user_id AS session_user_id, s.started, s.last_access, s.remember_me, s.ip_address, s.auth_method, s.broker_alias,
       s.broker_session_id, s.notes,
       c.client_id AS client_uuid, c.started AS client_started, c.last_refresh, c.redirect_uri, c.scope, c.refresh_id, c.refresh_count,
       c.refresh_issued, c.notes AS client_notes,
       u.id AS user_id, u.username, u.email, u.email_verified, u.enabled, u.first_name, u.last_name, u.created_timestamp,
       u.service_account_client_id, u.not_before, u.attributes, u.required_actions, u.rep AS user_rep,
       (SELECT string_agg(r.role_id, E'\n') FROM user_role r WHERE r.realm_id = u.realm_id AND r.user_id = u.id) AS role_ids,
       (SELECT string_agg(g.group_id, E'\n') FROM user_group_membership g WHERE g.realm_id = u.realm_id AND g.user_id = u.id) AS group_ids
FROM user_session s
LEFT JOIN client_session c ON c.realm_id = s.realm_id AND c.session_id = s.id AND c.offline = s.offline AND c.client_id = $4
LEFT JOIN user_entity u ON u.realm_id = s.realm_id AND u.id = s.user_id
WHERE s.realm_id = $1 AND s.id = $2 AND s.offline = $3::boolean;

-- name: session_remove
DELETE FROM user_session WHERE realm_id = $1 AND id = $2 AND offline = $3::boolean;

-- name: session_detach
DELETE FROM client_session WHERE realm_id = $1 AND session_id = $2 AND offline = $3::boolean AND client_id = $4;

-- name: session_touch
WITH s AS (UPDATE user_session SET last_access = $5::bigint WHERE realm_id = $1 AND id = $2 AND offline = $3::boolean)
UPDATE client_session SET last_refresh = $5::bigint WHERE realm_id = $1 AND session_id = $2 AND offline = $3::boolean AND client_id = $4;

-- name: session_rotate
WITH s AS (UPDATE user_session SET last_access = $5::bigint WHERE realm_id = $1 AND id = $2 AND offline = $3::boolean)
UPDATE client_session SET last_refresh = $5::bigint, refresh_id = $6, refresh_issued = $7::bigint,
    refresh_count = CASE WHEN refresh_id = $6 THEN refresh_count + 1 ELSE 1 END
WHERE realm_id = $1 AND session_id = $2 AND offline = $3::boolean AND client_id = $4
  AND (refresh_id IS NULL OR (refresh_id = $6 AND refresh_count <= $8::bigint) OR (refresh_id <> $6 AND refresh_issued <= $7::bigint));

-- name: use_once
INSERT INTO used_value (realm_id, kind, id, expires, session_id) VALUES ($1, $2, $3, $4::bigint, $5) ON CONFLICT DO NOTHING;

-- name: used_value
SELECT session_id FROM used_value WHERE realm_id = $1 AND kind = $2 AND id = $3;
