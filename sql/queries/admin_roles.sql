-- Roles, and who holds them. Writing takes ids of roles as a JSON array; reading gives them as lines.

-- name: role_insert
INSERT INTO role (realm_id, id, client_id, name, rep)
SELECT $1, r->>'id', r->>'containerId', r->>'name', $3::jsonb FROM (SELECT $2::jsonb AS r) x

-- name: role_update
UPDATE role SET name = r->>'name', rep = $3::jsonb FROM (SELECT $2::jsonb AS r) x WHERE realm_id = $1 AND id = r->>'id'

-- name: role_delete
DELETE FROM role WHERE realm_id = $1 AND id = $2

-- name: role_composites_add
INSERT INTO role_composite (realm_id, role_id, child_id) SELECT $1, $2, jsonb_array_elements_text($3::jsonb) ON CONFLICT DO NOTHING

-- name: role_composites_remove
DELETE FROM role_composite WHERE realm_id = $1 AND role_id = $2 AND $3::jsonb ? child_id

-- name: user_roles
SELECT string_agg(role_id, E'\n') AS role_ids FROM user_role WHERE realm_id = $1 AND user_id = $2

-- name: user_roles_add
INSERT INTO user_role (realm_id, user_id, role_id) SELECT $1, $2, jsonb_array_elements_text($3::jsonb) ON CONFLICT DO NOTHING

-- name: user_roles_remove
DELETE FROM user_role WHERE realm_id = $1 AND user_id = $2 AND $3::jsonb ? role_id

-- name: group_roles
SELECT string_agg(role_id, E'\n') AS role_ids FROM group_role WHERE realm_id = $1 AND group_id = $2

-- name: group_roles_add
INSERT INTO group_role (realm_id, group_id, role_id) SELECT $1, $2, jsonb_array_elements_text($3::jsonb) ON CONFLICT DO NOTHING

-- name: group_roles_remove
DELETE FROM group_role WHERE realm_id = $1 AND group_id = $2 AND $3::jsonb ? role_id

-- name: client_scope_roles
SELECT string_agg(role_id, E'\n') AS role_ids FROM scope_mapping WHERE realm_id = $1 AND client_id = $2

-- name: client_scope_roles_add
INSERT INTO scope_mapping (realm_id, client_id, role_id) SELECT $1, $2, jsonb_array_elements_text($3::jsonb) ON CONFLICT DO NOTHING

-- name: client_scope_roles_remove
DELETE FROM scope_mapping WHERE realm_id = $1 AND client_id = $2 AND $3::jsonb ? role_id

-- name: scope_roles
SELECT string_agg(role_id, E'\n') AS role_ids FROM scope_mapping WHERE realm_id = $1 AND scope_id = $2

-- name: scope_roles_add
INSERT INTO scope_mapping (realm_id, scope_id, role_id) SELECT $1, $2, jsonb_array_elements_text($3::jsonb) ON CONFLICT DO NOTHING

-- name: scope_roles_remove
DELETE FROM scope_mapping WHERE realm_id = $1 AND scope_id = $2 AND $3::jsonb ? role_id

-- name: role_users
SELECT part.username AS key, r.rep FROM (
    SELECT u.realm_id, u.id, u.username FROM user_role m JOIN user_entity u ON u.realm_id = m.realm_id AND u.id = m.user_id
    WHERE m.realm_id = $1 AND m.role_id = $2 AND u.username > $3 ORDER BY u.username OFFSET $4::int LIMIT $5::int) part
JOIN user_rep r ON r.realm_id = part.realm_id AND r.id = part.id ORDER BY part.username
