-- Identity providers and their mappers. $2: internalId or NULL, $3: alias or NULL.
-- name: provider_select
SELECT rep || jsonb_build_object('internalId', id, 'alias', alias) AS rep FROM identity_provider
WHERE realm_id = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR alias = $3) ORDER BY alias

-- name: provider_insert
INSERT INTO identity_provider (realm_id, id, alias, rep) SELECT $1, r->>'internalId', r->>'alias', $3::jsonb FROM (SELECT $2::jsonb AS r) x

-- name: provider_update
UPDATE identity_provider SET alias = r->>'alias', rep = $3::jsonb FROM (SELECT $2::jsonb AS r) x WHERE realm_id = $1 AND id = r->>'internalId'

-- The links of users to it go too.
-- name: provider_delete
WITH links AS (DELETE FROM federated_identity WHERE realm_id = $1 AND identity_provider = (
    SELECT alias FROM identity_provider WHERE realm_id = $1 AND id = $2))
DELETE FROM identity_provider WHERE realm_id = $1 AND id = $2

-- $2: id or NULL, $3: the provider's alias.
-- name: provider_mapper_select
SELECT rep || jsonb_build_object('id', id, 'identityProviderAlias', alias) AS rep FROM identity_provider_mapper
WHERE realm_id = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR alias = $3) ORDER BY rep->>'name', id

-- name: provider_mapper_insert
INSERT INTO identity_provider_mapper (realm_id, id, alias, rep)
SELECT $1, r->>'id', r->>'identityProviderAlias', $3::jsonb FROM (SELECT $2::jsonb AS r) x

-- name: provider_mapper_update
UPDATE identity_provider_mapper SET rep = $3::jsonb FROM (SELECT $2::jsonb AS r) x WHERE realm_id = $1 AND id = r->>'id'

-- name: provider_mapper_delete
DELETE FROM identity_provider_mapper WHERE realm_id = $1 AND id = $2
