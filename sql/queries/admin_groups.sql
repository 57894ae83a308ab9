-- name: group_insert
INSERT INTO user_group (realm_id, id, parent_id, name, rep)
SELECT $1, r->>'id', r->>'parentId', r->>'name', $3::jsonb FROM (SELECT $2::jsonb AS r) x

-- name: group_update
UPDATE user_group SET name = r->>'name', rep = $3::jsonb FROM (SELECT $2::jsonb AS r) x WHERE realm_id = $1 AND id = r->>'id'

-- name: group_delete
DELETE FROM user_group WHERE realm_id = $1 AND id = $2

-- name: group_tree_lock
SELECT id FROM realm WHERE id = $1 FOR NO KEY UPDATE

-- name: group_move
WITH RECURSIVE above AS (
    SELECT g.id, g.parent_id, 1 AS level FROM user_group g WHERE g.realm_id = $1 AND g.id = $3
    UNION ALL SELECT g.id, g.parent_id, a.level + 1 FROM above a JOIN user_group g ON g.realm_id = $1 AND g.id = a.parent_id WHERE a.level < 1000)
UPDATE user_group SET parent_id = $3 WHERE realm_id = $1 AND id = $2 AND NOT EXISTS (SELECT FROM above WHERE above.id = $2)

-- name: group_set_default
UPDATE user_group SET is_default = $3::boolean WHERE realm_id = $1 AND id = $2

-- name: group_members
SELECT part.username AS key, r.rep FROM (
    SELECT u.realm_id, u.id, u.username FROM user_group_membership m JOIN user_entity u ON u.realm_id = m.realm_id AND u.id = m.user_id
    WHERE m.realm_id = $1 AND m.group_id = $2 AND u.username > $3 ORDER BY u.username OFFSET $4::int LIMIT $5::int) part
JOIN user_rep r ON r.realm_id = part.realm_id AND r.id = part.id ORDER BY part.username
