-- What a realm's snapshot is built from: all in one read-only transaction.

-- name: realm_id_by_name
SELECT id FROM realm WHERE name = $1

-- name: realm_name_by_id
SELECT name FROM realm WHERE id = $1

-- name: realm_version
SELECT version FROM realm WHERE id = $1

-- name: realm_touch repeatable
WITH touched AS (UPDATE realm SET version = version + 1 WHERE id = $1 RETURNING id)
SELECT pg_notify('latchkey', id) FROM touched

-- name: realm_lock
SELECT version FROM realm WHERE id = $1 FOR UPDATE

-- name: snapshot_realm
SELECT id, name, version, rep FROM realm WHERE id = $1

-- name: snapshot_roles
SELECT r.id, r.name, r.client_id, c.client_id AS client_name, r.rep,
    (SELECT string_agg(x.child_id, E'\n') FROM role_composite x WHERE x.realm_id = r.realm_id AND x.role_id = r.id) AS children
FROM role r LEFT JOIN client c ON c.realm_id = r.realm_id AND c.id = r.client_id
WHERE r.realm_id = $1
ORDER BY r.id

-- name: snapshot_groups
SELECT g.id, g.parent_id, g.name, g.is_default, g.rep,
    (SELECT string_agg(x.role_id, E'\n') FROM group_role x WHERE x.realm_id = g.realm_id AND x.group_id = g.id) AS roles
FROM user_group g
WHERE g.realm_id = $1

-- name: snapshot_scopes
SELECT s.id, s.name, s.realm_default, s.rep,
    (SELECT string_agg(x.role_id, E'\n') FROM scope_mapping x WHERE x.realm_id = s.realm_id AND x.scope_id = s.id) AS roles
FROM client_scope s
WHERE s.realm_id = $1
ORDER BY s.position, s.id

-- name: snapshot_components
SELECT id, provider_type, provider_id, rep FROM component
WHERE realm_id = $1 AND provider_type IN ('org.keycloak.keys.KeyProvider', 'org.keycloak.userprofile.UserProfileProvider')
ORDER BY id

-- name: snapshot_identity_providers
SELECT id, alias, rep FROM identity_provider WHERE realm_id = $1 ORDER BY alias

-- name: snapshot_provider_mappers
SELECT alias, rep FROM identity_provider_mapper WHERE realm_id = $1 ORDER BY alias, id

-- name: snapshot_authenticator_configs
SELECT alias, rep FROM authenticator_config WHERE realm_id = $1

-- name: snapshot_required_actions
SELECT alias, rep FROM required_action WHERE realm_id = $1

-- name: snapshot_flows
SELECT id, alias, rep FROM authentication_flow WHERE realm_id = $1

-- name: client_load
SELECT c.id, c.client_id, c.rep,
    (SELECT string_agg(x.scope_id, E'\n' ORDER BY s.position) FROM client_scope_of_client x
        JOIN client_scope s ON s.realm_id = x.realm_id AND s.id = x.scope_id
        WHERE x.realm_id = c.realm_id AND x.client_id = c.id AND x.is_default) AS default_scopes,
    (SELECT string_agg(x.scope_id, E'\n' ORDER BY s.position) FROM client_scope_of_client x
        JOIN client_scope s ON s.realm_id = x.realm_id AND s.id = x.scope_id
        WHERE x.realm_id = c.realm_id AND x.client_id = c.id AND NOT x.is_default) AS optional_scopes,
    (SELECT string_agg(x.role_id, E'\n') FROM scope_mapping x WHERE x.realm_id = c.realm_id AND x.client_id = c.id) AS scope_roles,
    (SELECT u.id FROM user_entity u WHERE u.realm_id = c.realm_id AND u.service_account_client_id = c.id) AS service_account
FROM client c
WHERE c.realm_id = $1 AND c.client_id = $2

-- name: client_id_by_federated_subject
SELECT client_id FROM client
WHERE realm_id = $1 AND rep -> 'attributes' ->> 'jwt.credential.issuer' = $2 AND rep -> 'attributes' ->> 'jwt.credential.sub' = $3
    AND rep ->> 'clientAuthenticatorType' = 'federated-jwt'
LIMIT 2

-- name: client_id_by_uuid
SELECT client_id FROM client WHERE realm_id = $1 AND id = $2

-- name: key_rotation_realm
SELECT name, rep FROM realm WHERE id = $1 FOR UPDATE

-- name: key_components
SELECT id, provider_id, rep FROM component WHERE realm_id = $1 AND provider_type = 'org.keycloak.keys.KeyProvider' ORDER BY id

-- name: key_component_insert repeatable
INSERT INTO component (realm_id, id, parent_id, provider_type, provider_id, rep)
SELECT $1, $2, $1, 'org.keycloak.keys.KeyProvider', $3, $4::jsonb
WHERE NOT EXISTS (SELECT 1 FROM component x WHERE x.realm_id = $1 AND x.provider_type = 'org.keycloak.keys.KeyProvider'
    AND x.rep->>'name' = $4::jsonb->>'name')
