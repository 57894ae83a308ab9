-- Organizations: companies and the like that users of a realm belong to.
CREATE TABLE organization (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id text NOT NULL,
    name text NOT NULL,
    alias text NOT NULL,
    rep jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (realm_id, id),
    UNIQUE (realm_id, name),
    UNIQUE (realm_id, alias)
);
CREATE TABLE organization_domain (
    realm_id text NOT NULL,
    name text NOT NULL,                     -- lower case
    organization_id text NOT NULL,
    verified boolean NOT NULL DEFAULT false,
    PRIMARY KEY (realm_id, name),
    FOREIGN KEY (realm_id, organization_id) REFERENCES organization ON DELETE CASCADE
);
CREATE INDEX ON organization_domain (realm_id, organization_id);
CREATE TABLE organization_member (
    realm_id text NOT NULL,
    organization_id text NOT NULL,
    user_id text NOT NULL,
    managed boolean NOT NULL DEFAULT false, -- the user is there because of the organization, and goes with it
    PRIMARY KEY (realm_id, organization_id, user_id),
    FOREIGN KEY (realm_id, organization_id) REFERENCES organization ON DELETE CASCADE,
    FOREIGN KEY (realm_id, user_id) REFERENCES user_entity ON DELETE CASCADE
);
CREATE INDEX ON organization_member (realm_id, user_id);

CREATE VIEW organization_rep AS
SELECT o.realm_id, o.id, o.name, o.rep || jsonb_strip_nulls(jsonb_build_object('id', o.id, 'name', o.name, 'alias', o.alias, 'domains',
    (SELECT jsonb_agg(jsonb_build_object('name', d.name, 'verified', d.verified) ORDER BY d.name) FROM organization_domain d
        WHERE d.realm_id = o.realm_id AND d.organization_id = o.id))) AS rep
FROM organization o;

-- What tokens say of a user's organizations.
CREATE VIEW organizations_of_user AS
SELECT m.realm_id, m.user_id, jsonb_agg(jsonb_build_object('id', o.id, 'alias', o.alias, 'attributes', coalesce(o.rep->'attributes', '{}')) ORDER BY o.alias) AS organizations
FROM organization_member m JOIN organization o ON o.realm_id = m.realm_id AND o.id = m.organization_id
WHERE coalesce(o.rep->>'enabled', 'true') = 'true' GROUP BY m.realm_id, m.user_id;
