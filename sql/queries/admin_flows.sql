-- Authentication flows, their configurations, required actions.

-- name: flow_select
SELECT rep || jsonb_build_object('id', id, 'alias', alias) AS rep FROM authentication_flow
WHERE realm_id = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR alias = $3) ORDER BY alias

-- name: flow_insert
INSERT INTO authentication_flow (realm_id, id, alias, rep) SELECT $1, r->>'id', r->>'alias', $3::jsonb FROM (SELECT $2::jsonb AS r) x

-- name: flow_update
UPDATE authentication_flow SET alias = r->>'alias', rep = $3::jsonb FROM (SELECT $2::jsonb AS r) x WHERE realm_id = $1 AND id = r->>'id'

-- name: flow_delete
DELETE FROM authentication_flow WHERE realm_id = $1 AND id = $2

-- Who is bound to a flow by its alias is bound to its new one: the realm ($2 old alias, $3 new), its identity providers.
-- name: flow_rename_in_realm
UPDATE realm SET rep = rep || (SELECT coalesce(jsonb_object_agg(k, $3::text), '{}') FROM unnest(ARRAY['browserFlow', 'registrationFlow', 'directGrantFlow',
    'resetCredentialsFlow', 'clientAuthenticationFlow', 'dockerAuthenticationFlow', 'firstBrokerLoginFlow']) AS k WHERE rep->>k = $2)
WHERE id = $1

-- name: flow_rename_in_providers
UPDATE identity_provider SET rep = rep || (SELECT coalesce(jsonb_object_agg(k, $3::text), '{}')
    FROM unnest(ARRAY['firstBrokerLoginFlowAlias', 'postBrokerLoginFlowAlias']) AS k WHERE rep->>k = $2)
WHERE realm_id = $1 AND (rep->>'firstBrokerLoginFlowAlias' = $2 OR rep->>'postBrokerLoginFlowAlias' = $2)

-- name: authenticator_config_select
SELECT rep || jsonb_build_object('id', id, 'alias', alias) AS rep FROM authenticator_config
WHERE realm_id = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR alias = $3) ORDER BY id

-- name: authenticator_config_insert
INSERT INTO authenticator_config (realm_id, id, alias, rep) SELECT $1, r->>'id', r->>'alias', $3::jsonb FROM (SELECT $2::jsonb AS r) x

-- name: authenticator_config_update
UPDATE authenticator_config SET alias = r->>'alias', rep = $3::jsonb FROM (SELECT $2::jsonb AS r) x WHERE realm_id = $1 AND id = r->>'id'

-- name: authenticator_config_delete
DELETE FROM authenticator_config WHERE realm_id = $1 AND id = $2

-- name: required_action_select
SELECT rep || jsonb_build_object('alias', alias) AS rep FROM required_action
WHERE realm_id = $1 AND ($2::text IS NULL OR alias = $2) AND ($3::text IS NULL OR alias = $3) ORDER BY coalesce((rep->>'priority')::int, 0), alias

-- name: required_action_insert
INSERT INTO required_action (realm_id, alias, rep) SELECT $1, r->>'alias', $3::jsonb FROM (SELECT $2::jsonb AS r) x

-- name: required_action_update
UPDATE required_action SET rep = $3::jsonb FROM (SELECT $2::jsonb AS r) x WHERE realm_id = $1 AND alias = r->>'alias'

-- name: required_action_delete
DELETE FROM required_action WHERE realm_id = $1 AND alias = $2
