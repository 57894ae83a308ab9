-- SPDX-FileCopyrightText: 2026 The Latchkey authors
-- SPDX-License-Identifier: MIT
-- What users ask owners of resources for, and what these granted (UMA): resources and scopes are in the resource server's authorizationSettings.
CREATE TABLE permission_ticket (
    realm_id text NOT NULL,
    id text NOT NULL,
    client_id text NOT NULL,                -- client.id of the resource server
    resource_id text NOT NULL,
    scope_id text,                          -- NULL: the resource itself
    owner text NOT NULL,                    -- the user, or the resource server's client.id
    requester text NOT NULL,
    granted boolean NOT NULL,
    expires bigint,                         -- seconds; NULL: granted, which lasts until it is taken back
    PRIMARY KEY (realm_id, id),
    FOREIGN KEY (realm_id, client_id) REFERENCES client ON DELETE CASCADE,
    FOREIGN KEY (realm_id, requester) REFERENCES user_entity ON DELETE CASCADE
);
CREATE UNIQUE INDEX permission_ticket_of ON permission_ticket (realm_id, client_id, resource_id, requester, coalesce(scope_id, ''));
CREATE INDEX ON permission_ticket (realm_id, requester);
CREATE INDEX ON permission_ticket (expires);
ALTER TABLE permission_ticket SET (autovacuum_vacuum_scale_factor = 0.05);
