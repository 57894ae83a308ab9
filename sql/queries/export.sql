-- What a realm file is made of, read in one read-only transaction; the snapshot's statements give the rest.

-- name: export_realms
SELECT id, name FROM realm WHERE $1::text IS NULL OR name = $1 ORDER BY name <> 'master', name

-- name: export_client_names
SELECT id, client_id FROM client WHERE realm_id = $1 ORDER BY client_id

-- Batches by clientId: $2 is the last one of the batch before.
-- name: export_clients
SELECT part.client_id, r.rep FROM (
    SELECT realm_id, id, client_id FROM client WHERE realm_id = $1 AND client_id > $2 ORDER BY client_id LIMIT $3::int) part
JOIN client_rep r ON r.realm_id = part.realm_id AND r.id = part.id ORDER BY part.client_id

-- name: export_scope_mappings
SELECT client_id, scope_id, role_id FROM scope_mapping WHERE realm_id = $1

-- name: export_components
SELECT parent_id, provider_type, rep || jsonb_build_object('id', id, 'providerId', provider_id) AS rep FROM component
WHERE realm_id = $1 ORDER BY provider_type, rep->>'name', id

-- name: export_identity_providers
SELECT rep || jsonb_build_object('internalId', id, 'alias', alias) AS rep FROM identity_provider WHERE realm_id = $1 ORDER BY alias

-- name: export_provider_mappers
SELECT rep || jsonb_build_object('id', id, 'identityProviderAlias', alias) AS rep FROM identity_provider_mapper
WHERE realm_id = $1 ORDER BY alias, rep->>'name', id

-- name: export_flows
SELECT rep || jsonb_build_object('id', id, 'alias', alias) AS rep FROM authentication_flow WHERE realm_id = $1 ORDER BY alias

-- name: export_authenticator_configs
SELECT rep || jsonb_build_object('id', id, 'alias', alias) AS rep FROM authenticator_config WHERE realm_id = $1 ORDER BY alias, id

-- name: export_required_actions
SELECT rep || jsonb_build_object('alias', alias) AS rep FROM required_action WHERE realm_id = $1 ORDER BY (rep->>'priority')::int, alias

-- Batches by name: $2 is the last one of the batch before.
-- name: export_users
SELECT * FROM user_export WHERE realm_id = $1 AND username > $2 ORDER BY username LIMIT $3::int

-- $2: a JSON array of names.
-- name: export_users_named
SELECT * FROM user_export WHERE realm_id = $1 AND username IN (SELECT jsonb_array_elements_text($2::text::jsonb)) ORDER BY username
