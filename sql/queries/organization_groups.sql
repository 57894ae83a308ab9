-- Groups of the organization $2, below a root that has no name.
-- name: organization_groups
SELECT o.group_root AS id, NULL AS parent_id, '' AS name, false AS is_default, '{}'::jsonb AS rep, NULL AS roles FROM organization o WHERE o.realm_id = $1 AND o.id = $2
UNION ALL SELECT g.id, coalesce(g.parent_id, o.group_root), g.name, false, g.rep,
    (SELECT string_agg(x.role_id, E'\n') FROM organization_group_role x WHERE x.realm_id = g.realm_id AND x.group_id = g.id)
FROM organization o JOIN organization_group g ON g.realm_id = o.realm_id AND g.organization_id = o.id WHERE o.realm_id = $1 AND o.id = $2

-- Whose the group $2 is.
-- name: organization_of_group
SELECT organization_id AS id FROM organization_group WHERE realm_id = $1 AND id = $2

-- Two that are moved below one another at once would make a ring: movers of one organization come one after the other.
-- name: organization_groups_lock
SELECT id FROM organization WHERE realm_id = $1 AND id = $2 FOR NO KEY UPDATE

-- name: organization_group_insert
INSERT INTO organization_group (realm_id, organization_id, id, parent_id, name, rep)
SELECT $1, r->>'organizationId', r->>'id', r->>'parentId', r->>'name', $3::jsonb FROM (SELECT $2::jsonb AS r) x

-- name: organization_group_update
UPDATE organization_group SET name = r->>'name', rep = $3::jsonb FROM (SELECT $2::jsonb AS r) x WHERE realm_id = $1 AND id = r->>'id'

-- name: organization_group_move
UPDATE organization_group SET parent_id = $3 WHERE realm_id = $1 AND id = $2

-- name: organization_group_delete
DELETE FROM organization_group WHERE realm_id = $1 AND id = $2

-- name: organization_group_roles
SELECT string_agg(role_id, E'\n') AS role_ids FROM organization_group_role WHERE realm_id = $1 AND group_id = $2

-- name: organization_group_roles_add
INSERT INTO organization_group_role (realm_id, group_id, role_id) SELECT $1, $2, jsonb_array_elements_text($3::jsonb) ON CONFLICT DO NOTHING

-- name: organization_group_roles_remove
DELETE FROM organization_group_role WHERE realm_id = $1 AND group_id = $2 AND role_id IN (SELECT jsonb_array_elements_text($3::jsonb))

-- Members of the group $2.
-- name: organization_group_members
SELECT part.username AS key, r.rep, part.managed FROM (
    SELECT u.realm_id, u.id, u.username, m.managed FROM organization_group_member g
    JOIN organization_member m ON m.realm_id = g.realm_id AND m.organization_id = g.organization_id AND m.user_id = g.user_id
    JOIN user_entity u ON u.realm_id = g.realm_id AND u.id = g.user_id
    WHERE g.realm_id = $1 AND g.group_id = $2 AND u.username > $3 ORDER BY u.username OFFSET $4::int LIMIT $5::int) part
JOIN user_rep r ON r.realm_id = part.realm_id AND r.id = part.id ORDER BY part.username

-- name: organization_group_member_add
INSERT INTO organization_group_member (realm_id, organization_id, user_id, group_id) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING

-- name: organization_group_member_remove
DELETE FROM organization_group_member WHERE realm_id = $1 AND organization_id = $2 AND user_id = $3 AND group_id = $4

-- The groups of the organization $2 that its member $3 is in.
-- name: organization_groups_of_member
SELECT group_id AS id FROM organization_group_member WHERE realm_id = $1 AND organization_id = $2 AND user_id = $3
