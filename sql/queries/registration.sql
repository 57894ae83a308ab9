-- name: initial_access_insert
INSERT INTO client_initial_access (realm_id, id, time, expiration, count, remaining) VALUES ($1, $2::uuid, $3::bigint, $4::bigint, $5::int, $5::int)

-- name: initial_access_select
SELECT jsonb_build_object('id', id, 'timestamp', time, 'expiration', expiration, 'count', count, 'remainingCount', remaining) AS rep
FROM client_initial_access WHERE realm_id = $1 AND (expiration = 0 OR time + expiration > $2::bigint) ORDER BY time, id

-- name: initial_access_delete
DELETE FROM client_initial_access WHERE realm_id = $1 AND id::text = $2

-- $3 now. Locks the row, so that a token is not used more often than it may be.
-- name: initial_access_for_use
SELECT remaining, expiration <> 0 AND time + expiration <= $3::bigint AS expired FROM client_initial_access
WHERE realm_id = $1 AND id::text = $2 FOR UPDATE

-- name: initial_access_use
UPDATE client_initial_access SET remaining = remaining - 1 WHERE realm_id = $1 AND id::text = $2

-- name: housekeeping_initial_access
DELETE FROM client_initial_access WHERE (realm_id, id) IN (
    SELECT realm_id, id FROM client_initial_access WHERE expiration <> 0 AND time + expiration < $1::bigint LIMIT $2::int FOR UPDATE SKIP LOCKED)

-- name: registration_token_set
INSERT INTO client_registration (realm_id, client_id, token_id) VALUES ($1, $2, $3)
ON CONFLICT (realm_id, client_id) DO UPDATE SET token_id = excluded.token_id

-- name: registration_token_get
SELECT token_id FROM client_registration WHERE realm_id = $1 AND client_id = $2

-- name: client_count
SELECT count(*) AS count FROM client WHERE realm_id = $1

-- name: registration_policies
SELECT rep || jsonb_build_object('providerId', provider_id) AS rep FROM component
WHERE realm_id = $1 AND provider_type = 'org.keycloak.services.clientregistration.policy.ClientRegistrationPolicy' AND rep->>'subType' = $2
ORDER BY rep->>'name', id
