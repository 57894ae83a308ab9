-- name: admin_realm_lock
SELECT name, rep FROM realm WHERE id = $1 FOR UPDATE

-- name: admin_realm_update
UPDATE realm SET rep = $2::jsonb WHERE id = $1

-- name: admin_realm_list
SELECT name FROM realm WHERE $1::text IS NULL OR name = $1 ORDER BY name

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
