CREATE TABLE organization_invitation (
    realm_id text NOT NULL,
    id text NOT NULL,                       -- of the link in the mail
    organization_id text NOT NULL,
    email text NOT NULL,                    -- lower case
    first_name text,
    last_name text,
    sent bigint NOT NULL,                   -- seconds
    expires bigint NOT NULL,
    PRIMARY KEY (realm_id, id),
    UNIQUE (realm_id, organization_id, email),
    FOREIGN KEY (realm_id, organization_id) REFERENCES organization ON DELETE CASCADE
);
ALTER TABLE organization_invitation SET (autovacuum_vacuum_scale_factor = 0.05);
