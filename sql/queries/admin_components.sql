-- name: component_select
SELECT rep || jsonb_build_object('id', id, 'parentId', parent_id, 'providerType', provider_type, 'providerId', provider_id) AS rep FROM component
WHERE realm_id = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR parent_id = $3) ORDER BY provider_type, rep->>'name', id

-- name: component_insert
INSERT INTO component (realm_id, id, parent_id, provider_type, provider_id, rep)
SELECT $1, r->>'id', r->>'parentId', r->>'providerType', r->>'providerId', $3::jsonb FROM (SELECT $2::jsonb AS r) x

-- name: component_update
UPDATE component SET parent_id = r->>'parentId', provider_id = r->>'providerId', rep = $3::jsonb FROM (SELECT $2::jsonb AS r) x WHERE realm_id = $1 AND id = r->>'id'

-- name: component_delete
DELETE FROM component WHERE realm_id = $1 AND (id = $2 OR parent_id = $2)
