-- Groups of organizations: a tree of each one's own, which only its members can be in. They stand apart from the realm's groups, as
-- nothing that those give (roles, attributes, a place in a token's groups) comes from these.
ALTER TABLE organization ADD COLUMN group_root text NOT NULL DEFAULT gen_random_uuid()::text; -- what stands as parent of the outermost ones
CREATE TABLE organization_group (
    realm_id text NOT NULL,
    organization_id text NOT NULL,
    id text NOT NULL,
    parent_id text,
    name text NOT NULL,
    rep jsonb NOT NULL DEFAULT '{}',        -- attributes, description
    PRIMARY KEY (realm_id, id),
    FOREIGN KEY (realm_id, organization_id) REFERENCES organization ON DELETE CASCADE,
    FOREIGN KEY (realm_id, parent_id) REFERENCES organization_group ON DELETE CASCADE
);
CREATE UNIQUE INDEX ON organization_group (realm_id, organization_id, coalesce(parent_id, ''), name);
CREATE INDEX ON organization_group (realm_id, parent_id);
CREATE TABLE organization_group_role (
    realm_id text NOT NULL,
    group_id text NOT NULL,
    role_id text NOT NULL,
    PRIMARY KEY (realm_id, group_id, role_id),
    FOREIGN KEY (realm_id, group_id) REFERENCES organization_group ON DELETE CASCADE,
    FOREIGN KEY (realm_id, role_id) REFERENCES role ON DELETE CASCADE
);
CREATE INDEX ON organization_group_role (realm_id, role_id);
-- Who leaves the organization leaves its groups.
CREATE TABLE organization_group_member (
    realm_id text NOT NULL,
    organization_id text NOT NULL,
    user_id text NOT NULL,
    group_id text NOT NULL,
    PRIMARY KEY (realm_id, organization_id, user_id, group_id),
    FOREIGN KEY (realm_id, organization_id, user_id) REFERENCES organization_member ON DELETE CASCADE,
    FOREIGN KEY (realm_id, group_id) REFERENCES organization_group ON DELETE CASCADE
);
CREATE INDEX ON organization_group_member (realm_id, group_id);

-- The groups of one organization that a user is in, each with its path and the ids of its roles.
CREATE VIEW organization_groups_of_user AS
SELECT m.realm_id, m.organization_id, m.user_id, jsonb_agg(jsonb_build_object('path', (
        WITH RECURSIVE up AS (
            SELECT g.parent_id, '/' || g.name AS path FROM organization_group g WHERE g.realm_id = m.realm_id AND g.id = m.group_id
            UNION ALL SELECT g.parent_id, '/' || g.name || up.path FROM up JOIN organization_group g ON g.realm_id = m.realm_id AND g.id = up.parent_id)
        SELECT path FROM up WHERE parent_id IS NULL), 'roles', (
        SELECT string_agg(r.role_id, E'\n') FROM organization_group_role r WHERE r.realm_id = m.realm_id AND r.group_id = m.group_id))) AS groups
FROM organization_group_member m GROUP BY m.realm_id, m.organization_id, m.user_id;

CREATE OR REPLACE VIEW organizations_of_user AS
SELECT m.realm_id, m.user_id, jsonb_agg(jsonb_build_object('id', o.id, 'alias', o.alias, 'attributes', coalesce(o.rep->'attributes', '{}'), 'domains',
        (SELECT jsonb_agg(d.name) FROM organization_domain d WHERE d.realm_id = o.realm_id AND d.organization_id = o.id), 'groups',
        (SELECT g.groups FROM organization_groups_of_user g WHERE g.realm_id = m.realm_id AND g.organization_id = m.organization_id AND g.user_id = m.user_id))
    ORDER BY o.alias) AS organizations
FROM organization_member m JOIN organization o ON o.realm_id = m.realm_id AND o.id = m.organization_id
WHERE coalesce(o.rep->>'enabled', 'true') = 'true' GROUP BY m.realm_id, m.user_id;
