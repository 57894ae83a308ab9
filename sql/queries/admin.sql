-- name: admin_realm_lock
SELECT name, rep FROM realm WHERE id = $1 FOR UPDATE

-- name: admin_realm_update
UPDATE realm SET rep = $2::jsonb WHERE id = $1

-- name: admin_realm_list
SELECT name FROM realm WHERE $1::text IS NULL OR name = $1 ORDER BY name

-- name: admin_clients
SELECT c.id, c.client_id, c.rep,
    (SELECT json_agg(s.name ORDER BY s.position) FROM client_scope_of_client x JOIN client_scope s ON s.realm_id = x.realm_id AND s.id = x.scope_id
     WHERE x.realm_id = c.realm_id AND x.client_id = c.id AND x.is_default AND coalesce(s.rep->>'protocol', 'openid-connect') = coalesce(c.rep->>'protocol', 'openid-connect')) AS default_scopes,
    (SELECT json_agg(s.name ORDER BY s.position) FROM client_scope_of_client x JOIN client_scope s ON s.realm_id = x.realm_id AND s.id = x.scope_id
     WHERE x.realm_id = c.realm_id AND x.client_id = c.id AND NOT x.is_default AND coalesce(s.rep->>'protocol', 'openid-connect') = coalesce(c.rep->>'protocol', 'openid-connect')) AS optional_scopes
FROM client c WHERE c.realm_id = $1 AND ($2::text IS NULL OR c.id = $2) AND ($3::text IS NULL OR c.client_id = $3)
    AND ($4::text IS NULL OR position(lower($4) in lower(c.client_id)) > 0)
ORDER BY c.client_id OFFSET $5::int LIMIT $6::int

-- name: admin_client_lock
SELECT rep, client_id FROM client WHERE realm_id = $1 AND id = $2 FOR UPDATE

-- name: admin_client_update
UPDATE client SET client_id = $3, rep = $4::jsonb WHERE realm_id = $1 AND id = $2

-- name: admin_client_insert
INSERT INTO client (realm_id, id, client_id, rep) VALUES ($1, $2, $3, $4::jsonb)

-- name: admin_client_delete
DELETE FROM client WHERE realm_id = $1 AND id = $2

-- name: admin_client_realm_scopes
INSERT INTO client_scope_of_client (realm_id, client_id, scope_id, is_default)
SELECT realm_id, $2, id, realm_default = 'default' FROM client_scope WHERE realm_id = $1 AND realm_default IS NOT NULL

-- name: admin_client_scope_assign
INSERT INTO client_scope_of_client (realm_id, client_id, scope_id, is_default) SELECT $1, $2, id, $4::boolean FROM client_scope WHERE realm_id = $1 AND (id = $3 OR name = $3)
ON CONFLICT (realm_id, client_id, scope_id) DO UPDATE SET is_default = excluded.is_default

-- name: admin_client_scope_unassign
DELETE FROM client_scope_of_client WHERE realm_id = $1 AND client_id = $2 AND scope_id = $3

-- name: admin_service_account
INSERT INTO user_entity (realm_id, id, username, enabled, created_timestamp, service_account_client_id) VALUES ($1, $2, $3, true, $4::bigint, $5)
ON CONFLICT DO NOTHING

-- name: admin_service_account_role
INSERT INTO user_role (realm_id, user_id, role_id) SELECT $1, u.id, $3 FROM user_entity u WHERE u.realm_id = $1 AND u.id = $2

-- name: admin_scope_insert
INSERT INTO client_scope (realm_id, id, name, position, rep)
SELECT $1, $2, $3, coalesce(max(position), 0) + 1, $4::jsonb FROM client_scope WHERE realm_id = $1

-- name: admin_scope_mapping_client
INSERT INTO scope_mapping (realm_id, client_id, role_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: admin_scope_mapping_scope
INSERT INTO scope_mapping (realm_id, scope_id, role_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: admin_users
SELECT u.id, u.username, u.email, u.email_verified, u.enabled, u.first_name, u.last_name, u.created_timestamp, u.service_account_client_id,
    u.not_before, u.attributes, u.required_actions, u.rep, EXISTS (SELECT 1 FROM credential c WHERE c.realm_id = u.realm_id AND c.user_id = u.id AND c.type = 'otp') AS totp
FROM user_entity u WHERE u.realm_id = $1 AND ($2::text IS NULL OR u.id = $2) AND ($3::text IS NULL OR u.username = $3)
    AND ($4::text IS NULL OR u.username LIKE $4 OR u.email LIKE $4 OR lower(u.first_name) LIKE $4 OR lower(u.last_name) LIKE $4)
    AND ($2::text IS NOT NULL OR u.service_account_client_id IS NULL)
    AND ($7::text IS NULL OR u.email = $7) AND ($8::text IS NULL OR u.username LIKE $8)
ORDER BY u.username OFFSET $5::int LIMIT $6::int

-- name: admin_user_count
SELECT count(*) AS count FROM user_entity WHERE realm_id = $1 AND service_account_client_id IS NULL

-- name: admin_user_lock
SELECT u.id, u.username, u.email, u.email_verified, u.enabled, u.first_name, u.last_name, u.created_timestamp, u.service_account_client_id,
    u.not_before, u.attributes, u.required_actions, u.rep, false AS totp
FROM user_entity u WHERE u.realm_id = $1 AND u.id = $2 FOR UPDATE

-- name: admin_user_update
UPDATE user_entity SET username = $3, email = $4, email_verified = $5::boolean, enabled = $6::boolean, first_name = $7, last_name = $8,
    attributes = $9::jsonb, required_actions = $10::jsonb, rep = $11::jsonb WHERE realm_id = $1 AND id = $2

-- name: admin_component_profile
SELECT id, rep FROM component WHERE realm_id = $1 AND provider_type = 'org.keycloak.userprofile.UserProfileProvider' LIMIT 1

-- name: admin_component_update
UPDATE component SET rep = $3::jsonb WHERE realm_id = $1 AND id = $2

-- name: admin_component_insert
INSERT INTO component (realm_id, id, parent_id, provider_type, provider_id, rep) VALUES ($1, $2, $1, $3, $4, $5::jsonb)

-- name: admin_group_update
UPDATE user_group SET name = $3, rep = rep || $4::jsonb WHERE realm_id = $1 AND id = $2
