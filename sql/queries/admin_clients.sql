-- Clients and client scopes.

-- $2: client.id, $3: clientId, either may be NULL.
-- name: client_select
SELECT rep FROM client_rep WHERE realm_id = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR client_id = $3)

-- A part of a list. $2: the whole clientId, $3: a part of it, either may be NULL; $4: the clientId before, "" at first. First which clients, so
-- that only their representations are put together.
-- name: client_list
SELECT part.client_id AS key, r.rep FROM (
    SELECT realm_id, id, client_id FROM client
    WHERE realm_id = $1 AND ($2::text IS NULL OR client_id = $2) AND ($3::text IS NULL OR position(lower($3) in lower(client_id)) > 0)
        AND client_id > $4
    ORDER BY client_id OFFSET $5::int LIMIT $6::int) part
JOIN client_rep r ON r.realm_id = part.realm_id AND r.id = part.id ORDER BY part.client_id

-- name: client_insert
INSERT INTO client (realm_id, id, client_id, rep) SELECT $1, r->>'id', r->>'clientId', $3::jsonb FROM (SELECT $2::jsonb AS r) x

-- name: client_update
UPDATE client SET client_id = r->>'clientId', rep = $3::jsonb FROM (SELECT $2::jsonb AS r) x WHERE realm_id = $1 AND id = r->>'id'

-- name: client_delete
WITH account AS (DELETE FROM user_entity WHERE realm_id = $1 AND service_account_client_id = $2)
DELETE FROM client WHERE realm_id = $1 AND id = $2

-- What a new client gets: the realm's scopes of its protocol, or those that it names ($4 default, $5 optional: JSON arrays of names, or NULL).
-- name: client_scopes_first
INSERT INTO client_scope_of_client (realm_id, client_id, scope_id, is_default)
SELECT realm_id, $2, id, coalesce($4::jsonb ? name, realm_default = 'default') FROM client_scope
WHERE realm_id = $1 AND coalesce(rep->>'protocol', 'openid-connect') = $3
    AND CASE WHEN $4::jsonb IS NULL AND $5::jsonb IS NULL THEN realm_default IS NOT NULL ELSE coalesce($4::jsonb, '[]') ? name OR coalesce($5::jsonb, '[]') ? name END

-- name: client_scope_assign
INSERT INTO client_scope_of_client (realm_id, client_id, scope_id, is_default)
SELECT $1, $2, id, $4::boolean FROM client_scope WHERE realm_id = $1 AND (id = $3 OR name = $3)
ON CONFLICT DO NOTHING

-- name: client_scope_unassign
DELETE FROM client_scope_of_client WHERE realm_id = $1 AND client_id = $2 AND scope_id = $3

-- name: service_account_insert
INSERT INTO user_entity (realm_id, id, username, enabled, created_timestamp, service_account_client_id) VALUES ($1, $2, $3, true, $4::bigint, $5)
ON CONFLICT DO NOTHING

-- name: service_account_role
INSERT INTO user_role (realm_id, user_id, role_id) SELECT $1, u.id, $3 FROM user_entity u WHERE u.realm_id = $1 AND u.id = $2

-- name: service_account_rename
UPDATE user_entity SET username = $3 WHERE realm_id = $1 AND service_account_client_id = $2

-- name: service_account_delete
DELETE FROM user_entity WHERE realm_id = $1 AND service_account_client_id = $2

-- name: scope_select
SELECT rep || jsonb_build_object('id', id, 'name', name) AS rep FROM client_scope
WHERE realm_id = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR name = $3) ORDER BY position, id

-- name: scope_insert
INSERT INTO client_scope (realm_id, id, name, position, rep)
SELECT $1, r->>'id', r->>'name', (SELECT coalesce(max(position), 0) + 1 FROM client_scope WHERE realm_id = $1), $3::jsonb FROM (SELECT $2::jsonb AS r) x

-- name: scope_update
UPDATE client_scope SET name = r->>'name', rep = $3::jsonb FROM (SELECT $2::jsonb AS r) x WHERE realm_id = $1 AND id = r->>'id'

-- name: scope_delete
DELETE FROM client_scope WHERE realm_id = $1 AND id = $2

-- $3: default, optional, or NULL for neither.
-- name: scope_set_realm_default
UPDATE client_scope SET realm_default = $3 WHERE realm_id = $1 AND id = $2
