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

-- Who holds roles: a user, a group, or, by its scope mappings, a client or a client scope ($2).
-- text: roles_held table holder
SELECT string_agg(role_id, E'\n') AS role_ids FROM {table} WHERE realm_id = $1 AND {holder} = $2

-- text: roles_add table holder
INSERT INTO {table} (realm_id, {holder}, role_id) SELECT $1, $2, jsonb_array_elements_text($3::jsonb) ON CONFLICT DO NOTHING

-- text: roles_remove table holder
DELETE FROM {table} WHERE realm_id = $1 AND {holder} = $2 AND $3::jsonb ? role_id

-- name: user_roles
@roles_held user_role user_id

-- name: user_roles_add
@roles_add user_role user_id

-- name: user_roles_remove
@roles_remove user_role user_id

-- name: group_roles
@roles_held group_role group_id

-- name: group_roles_add
@roles_add group_role group_id

-- name: group_roles_remove
@roles_remove group_role group_id

-- name: client_scope_roles
@roles_held scope_mapping client_id

-- name: client_scope_roles_add
@roles_add scope_mapping client_id

-- name: client_scope_roles_remove
@roles_remove scope_mapping client_id

-- name: scope_roles
@roles_held scope_mapping scope_id

-- name: scope_roles_add
@roles_add scope_mapping scope_id

-- name: scope_roles_remove
@roles_remove scope_mapping scope_id

-- name: role_users
SELECT part.username AS key, r.rep FROM (
    SELECT u.realm_id, u.id, u.username FROM user_role m JOIN user_entity u ON u.realm_id = m.realm_id AND u.id = m.user_id
    WHERE m.realm_id = $1 AND m.role_id = $2 AND u.username > $3 ORDER BY u.username OFFSET $4::int LIMIT $5::int) part
JOIN user_rep r ON r.realm_id = part.realm_id AND r.id = part.id ORDER BY part.username
