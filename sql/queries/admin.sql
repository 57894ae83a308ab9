-- name: admin_realm_update
UPDATE realm SET rep = $2::jsonb WHERE id = $1

-- name: admin_realm_list
SELECT name FROM realm WHERE $1::text IS NULL OR name = $1 ORDER BY name

-- name: admin_component_profile
SELECT id, rep FROM component WHERE realm_id = $1 AND provider_type = 'org.keycloak.userprofile.UserProfileProvider' LIMIT 1

-- name: admin_component_update
UPDATE component SET rep = $3::jsonb WHERE realm_id = $1 AND id = $2

-- name: admin_component_insert
INSERT INTO component (realm_id, id, parent_id, provider_type, provider_id, rep) VALUES ($1, $2, $1, $3, $4, $5::jsonb)
