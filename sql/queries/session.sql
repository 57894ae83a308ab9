-- An offline session has the id of the online one it came from, and is there already where that one asked for offline tokens before.
-- name: session_create repeatable
WITH s AS (
    INSERT INTO user_session AS x (realm_id, id, offline, user_id, started, last_access, remember_me, ip_address, auth_method, broker_alias,
        broker_session_id, notes)
    VALUES ($1, $2, $3::boolean, $4, $5::bigint, $6::bigint, $7::boolean, $8, $9, $10, $11, $12::jsonb)
    ON CONFLICT (realm_id, id, offline) DO UPDATE SET last_access = greatest(x.last_access, EXCLUDED.last_access) WHERE x.user_id = EXCLUDED.user_id
    RETURNING realm_id, id, offline
)
INSERT INTO client_session (realm_id, session_id, offline, client_id, started, last_refresh, redirect_uri, scope, notes)
SELECT realm_id, id, offline, $13, $14::bigint, $15::bigint, $16, $17, $18::jsonb FROM s WHERE $13::text IS NOT NULL
ON CONFLICT (realm_id, session_id, offline, client_id) DO UPDATE SET started = EXCLUDED.started, last_refresh = EXCLUDED.last_refresh,
    redirect_uri = EXCLUDED.redirect_uri, scope = EXCLUDED.scope, notes = EXCLUDED.notes

-- What is noted already stays: a login that goes on with a session knows its own notes alone.
-- name: session_attach repeatable
WITH s AS (
    UPDATE user_session SET last_access = greatest(last_access, $4::bigint), notes = notes || $5::jsonb
    WHERE realm_id = $1 AND id = $2 AND offline = $3::boolean
    RETURNING realm_id, id, offline
)
INSERT INTO client_session (realm_id, session_id, offline, client_id, started, last_refresh, redirect_uri, scope, notes)
SELECT realm_id, id, offline, $6, $7::bigint, $8::bigint, $9, $10, $11::jsonb FROM s
ON CONFLICT (realm_id, session_id, offline, client_id) DO UPDATE SET started = EXCLUDED.started, last_refresh = EXCLUDED.last_refresh,
    redirect_uri = EXCLUDED.redirect_uri, scope = EXCLUDED.scope, notes = EXCLUDED.notes

-- text: session_columns
SELECT EXISTS (SELECT 1 FROM used_value x WHERE x.realm_id = $1 AND x.kind = 'revoked' AND x.id = $5) AS revoked, s.id AS session_id, s.offline, s.started AS session_started, s.last_access, s.remember_me, s.ip_address, s.auth_method,
    s.broker_alias, s.broker_session_id, s.notes AS session_notes,
    c.client_id AS cs_client_id, c.started AS cs_started, c.last_refresh, c.redirect_uri, c.scope, c.notes AS cs_notes, u.*,

-- text: session_tables
FROM user_session s
JOIN user_with_grants u ON u.realm_id = s.realm_id AND u.user_id = s.user_id
LEFT JOIN client_session c ON c.realm_id = s.realm_id AND c.session_id = s.id AND c.offline = s.offline AND c.client_id = $4
WHERE s.realm_id = $1 AND s.id = $2 AND s.offline = $3::boolean

-- $5: jti of a token, or NULL
-- name: session_load
@session_columns
    (SELECT o.organizations FROM organizations_of_user o WHERE o.realm_id = u.realm_id AND o.user_id = u.user_id) AS organizations
@session_tables

-- The same in a realm without organizations: of each execution, half of what Postgres does is to make ready for looking at them.
-- name: session_load_plain
@session_columns
    NULL AS organizations
@session_tables

-- Those of a user ($2), longest unused first; with_client: the client $3 takes part. $4: the session that is gone on with, or NULL.
-- name: sessions_to_limit
SELECT s.id, s.started, s.last_access, s.remember_me, EXISTS (SELECT 1 FROM client_session c
    WHERE c.realm_id = s.realm_id AND c.session_id = s.id AND c.offline = s.offline AND c.client_id = $3) AS with_client
FROM user_session s WHERE s.realm_id = $1 AND s.user_id = $2 AND NOT s.offline AND s.id IS DISTINCT FROM $4
ORDER BY s.last_access, s.started, s.id LIMIT 1000

-- name: session_remove repeatable
DELETE FROM user_session WHERE realm_id = $1 AND id = $2 AND offline = $3::boolean

-- name: session_detach repeatable
DELETE FROM client_session WHERE realm_id = $1 AND session_id = $2 AND offline = $3::boolean AND client_id = $4

-- $5: now
-- name: session_refresh repeatable
WITH c AS (
    UPDATE client_session SET last_refresh = $5::bigint
    WHERE realm_id = $1 AND session_id = $2 AND offline = $3::boolean AND client_id = $4
    RETURNING 1
)
UPDATE user_session SET last_access = $5::bigint
WHERE realm_id = $1 AND id = $2 AND offline = $3::boolean AND EXISTS (SELECT 1 FROM c)

-- $5: now, $6: chain, $7: jti, $8: iat, $9: refreshTokenMaxReuse, $10: attempt, $11: seconds of grace. The row's lock makes concurrent refreshes count one after
-- the other.
-- name: session_refresh_rotate repeatable
WITH c AS (
    UPDATE client_session SET last_refresh = $5::bigint
    WHERE realm_id = $1 AND session_id = $2 AND offline = $3::boolean AND client_id = $4
    RETURNING realm_id, session_id, offline, client_id
), r AS (
    INSERT INTO refresh_chain AS x (realm_id, session_id, offline, client_id, chain, token_id, uses, redeemed, attempt)
    SELECT realm_id, session_id, offline, client_id, $6, $7, 1, $5::bigint, $10 FROM c
    ON CONFLICT (realm_id, session_id, offline, client_id, chain) DO UPDATE SET
        token_id = EXCLUDED.token_id,
        uses = CASE WHEN x.attempt = EXCLUDED.attempt THEN x.uses WHEN x.token_id = EXCLUDED.token_id THEN x.uses + 1 ELSE 1 END,
        redeemed = CASE WHEN x.token_id = EXCLUDED.token_id THEN x.redeemed ELSE EXCLUDED.redeemed END,
        attempt = EXCLUDED.attempt
    WHERE x.attempt = EXCLUDED.attempt OR
        CASE WHEN x.token_id = EXCLUDED.token_id THEN x.uses <= $9::int OR x.redeemed + $11::bigint > $5::bigint ELSE $8::bigint >= x.redeemed END
    RETURNING 1
)
UPDATE user_session SET last_access = $5::bigint
WHERE realm_id = $1 AND id = $2 AND offline = $3::boolean AND EXISTS (SELECT 1 FROM r)

-- name: session_refresh_refused
SELECT token_id = $6 AS is_newest FROM refresh_chain
WHERE realm_id = $1 AND session_id = $2 AND offline = $3::boolean AND client_id = $4 AND chain = $5

-- $6: attempt
-- name: use_once repeatable
WITH first AS (
    INSERT INTO used_value AS x (realm_id, kind, id, expires, session_id, attempt) VALUES ($1, $2, $3, $4::bigint, $5, $6)
    ON CONFLICT (realm_id, kind, id) DO UPDATE SET attempt = EXCLUDED.attempt WHERE x.attempt = EXCLUDED.attempt
    RETURNING session_id
)
SELECT true AS first, session_id FROM first
UNION ALL
SELECT false, session_id FROM used_value WHERE realm_id = $1 AND kind = $2 AND id = $3 AND NOT EXISTS (SELECT 1 FROM first)

-- name: is_used
SELECT session_id FROM used_value WHERE realm_id = $1 AND kind = $2 AND id = $3
