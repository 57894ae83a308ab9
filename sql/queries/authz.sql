-- Authorization services: what clients' authorizationSettings hold.

-- $2: client.id, NULL: of all clients that have any.
-- name: authz_select
SELECT id, client_id, rep->'authorizationSettings' AS settings FROM client
WHERE realm_id = $1 AND ($2::text IS NULL OR id = $2) AND rep ? 'authorizationSettings'

-- The settings of the client $2, and their stamp; NULL where it is still $3.
-- name: authz_current
SELECT authz_stamp AS stamp, CASE WHEN authz_stamp IS DISTINCT FROM $3::bigint THEN rep->'authorizationSettings' END AS settings FROM client
WHERE realm_id = $1 AND id = $2 AND authz_stamp IS NOT NULL

-- The client of administrators' permissions, in a realm that has one; and the lock that other writers of its settings take first
-- (realm_lock), in the strength that keeps nobody from signing in.
-- name: authz_lock_permissions
SELECT rep->'adminPermissionsClient'->>'id' AS client_id FROM realm
WHERE id = $1 AND rep->'adminPermissionsClient'->>'id' IS NOT NULL FOR NO KEY UPDATE

-- Those that have a resource of that name, and its id. The row is locked too, for who changes the client alone.
-- name: authz_lock_resource
SELECT rep->'authorizationSettings' AS settings, (SELECT r->>'_id' FROM jsonb_array_elements(rep->'authorizationSettings'->'resources') r WHERE r->>'name' = $3 LIMIT 1) AS resource
FROM client WHERE realm_id = $1 AND id = $2 AND rep->'authorizationSettings'->'resources' @> jsonb_build_array(jsonb_build_object('name', $3::text)) FOR UPDATE

-- $3: NULL takes them away.
-- name: authz_update
UPDATE client SET rep = CASE WHEN $3::jsonb IS NULL THEN rep - 'authorizationSettings' - 'authorizationServicesEnabled'
    ELSE rep || jsonb_build_object('authorizationSettings', $3::jsonb) END
WHERE realm_id = $1 AND id = $2

-- What policies refer to, by id or by the name that realm files have for it: $2 is [{"kind", "text"}].
-- name: authz_references
WITH RECURSIVE asked AS (SELECT * FROM jsonb_to_recordset($2::jsonb) AS a(kind text, text text)),
path (id, path) AS (
    SELECT id, '/' || name FROM user_group WHERE realm_id = $1 AND parent_id IS NULL AND EXISTS (SELECT FROM asked WHERE kind = 'groups')
    UNION ALL
    SELECT g.id, p.path || '/' || g.name FROM path p JOIN user_group g ON g.realm_id = $1 AND g.parent_id = p.id)
SELECT a.kind, a.text, f.id, f.name FROM asked a JOIN LATERAL (
    SELECT id, username AS name FROM user_entity WHERE a.kind = 'users' AND realm_id = $1 AND (id = a.text OR username = lower(a.text))
    UNION ALL
    SELECT id, client_id FROM client WHERE a.kind = 'clients' AND realm_id = $1 AND (id = a.text OR client_id = a.text)
    UNION ALL
    SELECT id, name FROM client_scope WHERE a.kind = 'clientScopes' AND realm_id = $1 AND (id = a.text OR name = a.text)
    UNION ALL
    SELECT r.id, coalesce(c.client_id || '/', '') || r.name FROM role r LEFT JOIN client c ON c.realm_id = r.realm_id AND c.id = r.client_id
    WHERE a.kind = 'roles' AND r.realm_id = $1 AND (r.id = a.text OR coalesce(c.client_id || '/', '') || r.name = a.text)
    UNION ALL
    SELECT id, path FROM path WHERE a.kind = 'groups' AND (id = a.text OR path = a.text)) f ON true

-- The service account of the client $2 gets the role $3.
-- name: authz_protect
INSERT INTO user_role (realm_id, user_id, role_id) SELECT $1, id, $3 FROM user_entity WHERE realm_id = $1 AND service_account_client_id = $2
ON CONFLICT DO NOTHING

-- --- permission tickets ---

-- What owners granted to the user $3 at the resource server $2.
-- name: ticket_granted
SELECT resource_id, scope_id FROM permission_ticket WHERE realm_id = $1 AND client_id = $2 AND requester = $3 AND granted

-- Requests that nobody answered.
-- name: housekeeping_permission_tickets
DELETE FROM permission_ticket WHERE (realm_id, id) IN (
    SELECT realm_id, id FROM permission_ticket WHERE expires < $1::bigint LIMIT $2::int FOR UPDATE SKIP LOCKED)

-- A new one, unless it is there already or the requester has $10 of them at the resource server; $8: granted, $9: expires or NULL.
-- name: ticket_insert
INSERT INTO permission_ticket (realm_id, id, client_id, resource_id, scope_id, owner, requester, granted, expires)
SELECT $1, $2, $3, $4, $5, $6, $7, $8::boolean, $9::bigint
WHERE (SELECT count(*) FROM permission_ticket WHERE realm_id = $1 AND client_id = $3 AND requester = $7) < $10::int
ON CONFLICT DO NOTHING

-- name: ticket_select
SELECT id, resource_id, scope_id, owner, requester, granted::text AS granted FROM permission_ticket WHERE realm_id = $1 AND client_id = $2 AND id = $3

-- Those of a resource server ($2), or of them the ones that concern the user $3; filters that are NULL take all. $6, $7: an id or a name.
-- name: ticket_list
SELECT t.id, t.resource_id, t.scope_id, t.owner, t.requester, t.granted::text AS granted, o.username AS owner_name, r.username AS requester_name
FROM permission_ticket t LEFT JOIN user_entity o ON o.realm_id = t.realm_id AND o.id = t.owner
    JOIN user_entity r ON r.realm_id = t.realm_id AND r.id = t.requester
WHERE t.realm_id = $1 AND t.client_id = $2 AND ($3::text IS NULL OR t.owner = $3 OR t.requester = $3)
    AND ($4::text IS NULL OR t.resource_id = $4) AND ($5::text IS NULL OR t.scope_id = $5)
    AND ($6::text IS NULL OR t.owner = $6 OR o.username = lower($6)) AND ($7::text IS NULL OR t.requester = $7 OR r.username = lower($7))
    AND ($8::boolean IS NULL OR t.granted = $8::boolean)
ORDER BY t.id OFFSET $9::bigint LIMIT $10::bigint

-- name: ticket_grant
UPDATE permission_ticket SET granted = true, expires = NULL WHERE realm_id = $1 AND client_id = $2 AND id = $3

-- name: ticket_remove
DELETE FROM permission_ticket WHERE realm_id = $1 AND client_id = $2 AND id = $3

-- What is about a resource or scope that is gone.
-- name: ticket_forget
DELETE FROM permission_ticket WHERE realm_id = $1 AND client_id = $2 AND (resource_id = $3 OR scope_id = $3)

-- --- what owners of resources see ---

-- Resources of a realm, by name: those of the owner $2, with one of the ids in the array $3, and with $4 in their names; NULL takes all.
-- name: account_resources
SELECT c.id AS client_id, r AS resource, (SELECT coalesce(jsonb_agg(s), '[]') FROM jsonb_path_query(c.rep, '$.authorizationSettings.scopes[*]') s WHERE r->'scopes' ? (s->>'id')) AS scopes
FROM client c CROSS JOIN LATERAL jsonb_path_query(c.rep, '$.authorizationSettings.resources[*]') r
WHERE c.realm_id = $1 AND c.rep ? 'authorizationSettings' AND ($2::text IS NULL OR r->>'owner' = $2) AND ($3::jsonb IS NULL OR $3::jsonb ? (r->>'_id'))
    AND ($4::text IS NULL OR strpos(lower(r->>'name'), lower($4)) > 0)
ORDER BY r->>'name', r->>'_id' OFFSET $5::bigint LIMIT $6::bigint

-- Permission tickets with whom they are for and what scope: of the resource $2, the owner $3, the requester $4; $5: granted ones, or not; NULL takes all.
-- name: account_tickets
SELECT t.id, t.resource_id, t.granted, t.requester, u.username, u.email, u.first_name, u.last_name, s.scope
FROM permission_ticket t JOIN user_entity u ON u.realm_id = t.realm_id AND u.id = t.requester
    JOIN client c ON c.realm_id = t.realm_id AND c.id = t.client_id
    LEFT JOIN LATERAL (SELECT s AS scope FROM jsonb_path_query(c.rep, '$.authorizationSettings.scopes[*]') s WHERE s->>'id' = t.scope_id LIMIT 1) s ON true
WHERE t.realm_id = $1 AND ($2::text IS NULL OR t.resource_id = $2) AND ($3::text IS NULL OR t.owner = $3) AND ($4::text IS NULL OR t.requester = $4)
    AND ($5::boolean IS NULL OR t.granted = $5::boolean)
ORDER BY u.username, t.resource_id, s.scope->>'name'

-- Clients that the account API shows to everybody: those whose alwaysDisplayInConsole is $2.
-- name: account_clients
SELECT client_id FROM client WHERE realm_id = $1 AND rep->'alwaysDisplayInConsole' = $2::jsonb AND rep->'bearerOnly' IS DISTINCT FROM 'true'::jsonb ORDER BY client_id
