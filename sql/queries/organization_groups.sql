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

-- For realm files, by organization.
-- name: export_organization_groups
SELECT g.organization_id, g.id, coalesce(g.parent_id, o.group_root) AS parent_id, o.group_root, g.name, g.rep,
    (SELECT string_agg(x.role_id, E'\n') FROM organization_group_role x WHERE x.realm_id = g.realm_id AND x.group_id = g.id) AS roles
FROM organization_group g JOIN organization o ON o.realm_id = g.realm_id AND o.id = g.organization_id WHERE g.realm_id = $1

-- A file that says what the outermost groups stand below is taken at its word.
-- name: import_organization_group_root
UPDATE organization SET group_root = $3 WHERE realm_id = $1 AND id = $2 AND NOT EXISTS (SELECT 1 FROM organization_group WHERE realm_id = $1 AND id = $3)

-- What a realm file says of the groups of the organization $2. $3: all of them: id, parent, name, rep (as text), roles (ids).
-- What is moved, renamed or gone stands aside first, by a name that nothing else has: so names may go round, and what stood below a
-- group that goes is elsewhere when it does.
-- name: apply_organization_groups_aside
UPDATE organization_group o SET name = E'\n' || o.id WHERE o.realm_id = $1 AND o.organization_id = $2 AND NOT EXISTS (
    SELECT 1 FROM jsonb_array_elements($3::jsonb) g WHERE g->>'id' = o.id AND g->>'name' = o.name AND coalesce(g->>'parent', '') = coalesce(o.parent_id, ''))

-- name: apply_organization_groups_gone
DELETE FROM organization_group WHERE realm_id = $1 AND organization_id = $2 AND id NOT IN (SELECT g->>'id' FROM jsonb_array_elements($3::jsonb) g)

-- name: apply_organization_groups
INSERT INTO organization_group AS old (realm_id, organization_id, id, parent_id, name, rep)
SELECT $1, $2, g->>'id', g->>'parent', g->>'name', (g->>'rep')::jsonb FROM jsonb_array_elements($3::jsonb) g
ON CONFLICT (realm_id, id) DO UPDATE SET parent_id = excluded.parent_id, name = excluded.name, rep = excluded.rep WHERE old.organization_id = excluded.organization_id

-- name: apply_organization_group_roles_gone
DELETE FROM organization_group_role r USING organization_group o WHERE r.realm_id = $1 AND o.realm_id = $1 AND o.organization_id = $2 AND r.group_id = o.id
    AND NOT EXISTS (SELECT 1 FROM jsonb_array_elements($3::jsonb) g WHERE g->>'id' = r.group_id AND g->'roles' ? r.role_id)

-- name: apply_organization_group_roles
INSERT INTO organization_group_role (realm_id, group_id, role_id)
SELECT $1, o.id, r FROM jsonb_array_elements($3::jsonb) g JOIN organization_group o ON o.realm_id = $1 AND o.organization_id = $2 AND o.id = g->>'id', jsonb_array_elements_text(g->'roles') r
ON CONFLICT DO NOTHING

-- $3: the organization's members as a realm file has them: who has "groups" is in those alone.
-- text: groups_of_members
FROM jsonb_array_elements($3::jsonb) m JOIN user_entity u ON u.realm_id = $1 AND u.username = lower(m->>'username')
WHERE jsonb_typeof(m->'groups') = 'array'

-- name: unknown_organization_group
SELECT i AS id FROM jsonb_array_elements($3::jsonb) m, jsonb_array_elements_text(CASE WHEN jsonb_typeof(m->'groups') = 'array' THEN m->'groups' ELSE '[]' END) i
WHERE NOT EXISTS (SELECT 1 FROM organization_group g WHERE g.realm_id = $1 AND g.organization_id = $2 AND g.id = i) LIMIT 1

-- name: apply_organization_group_members_gone
DELETE FROM organization_group_member o USING (SELECT u.id, m->'groups' AS groups
@groups_of_members
    ) given WHERE o.realm_id = $1 AND o.organization_id = $2 AND o.user_id = given.id AND NOT given.groups ? o.group_id

-- name: apply_organization_group_members
INSERT INTO organization_group_member (realm_id, organization_id, user_id, group_id)
SELECT $1, $2, given.id, i FROM (SELECT u.id, m->'groups' AS groups
@groups_of_members
    ) given JOIN organization_member o ON o.realm_id = $1 AND o.organization_id = $2 AND o.user_id = given.id, jsonb_array_elements_text(given.groups) i
ON CONFLICT DO NOTHING
