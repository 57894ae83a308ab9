-- Keys that sign no more, since an administrator took them away (0100).

-- The realm, and the longest life that one of its clients gives to its access tokens.
-- name: retired_key_lifespans
SELECT r.rep, (SELECT max((c.rep->'attributes'->>'access.token.lifespan')::bigint) FROM client c
    WHERE c.realm_id = r.id AND c.rep->'attributes'->>'access.token.lifespan' ~ '^[0-9]{1,9}$') AS client_lifespan
FROM realm r WHERE r.id = $1

-- name: retired_key_keep repeatable
INSERT INTO retired_key (realm_id, kid, component_id, jwk, expires) VALUES ($1, $2, $3, $4::text::jsonb, $5::bigint)
ON CONFLICT (realm_id, kid) DO UPDATE SET component_id = excluded.component_id, jwk = excluded.jwk,
    expires = greatest(retired_key.expires, excluded.expires)

-- Those of the provider $2, and the key $3 (may be NULL) whatever provider it was of.
-- name: retired_key_forget repeatable
DELETE FROM retired_key WHERE realm_id = $1 AND (component_id = $2 OR kid = $3)

-- The key set stays small: a hundred at most, those that live longest.
-- name: snapshot_retired_keys
SELECT kid, jwk FROM retired_key WHERE realm_id = $1 ORDER BY expires DESC, kid LIMIT 100

-- What is over at $1 (seconds) goes, $2 rows at most, and every replica reads the realms anew.
-- name: housekeeping_retired_keys
WITH gone AS (
DELETE FROM retired_key WHERE (realm_id, kid) IN (
    SELECT realm_id, kid FROM retired_key WHERE expires < $1::bigint LIMIT $2::int FOR UPDATE SKIP LOCKED)
RETURNING realm_id),
touched AS (UPDATE realm SET version = version + 1 WHERE id IN (SELECT realm_id FROM gone) RETURNING id)
SELECT pg_notify('latchkey', id) FROM touched
