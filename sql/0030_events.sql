-- What users did (RealmRepresentation.eventsEnabled) and what administrators did. Times are milliseconds since 1970.
CREATE TABLE event (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id uuid NOT NULL,
    time bigint NOT NULL,
    type text NOT NULL,                     -- "LOGIN", "LOGIN_ERROR"
    client_id text,                         -- clientId
    user_id text,
    session_id text,
    ip_address text,
    error text,
    details jsonb,                          -- NULL: none
    PRIMARY KEY (realm_id, id)
);
CREATE INDEX event_time ON event (realm_id, time);
CREATE INDEX event_user ON event (realm_id, user_id, time);

CREATE TABLE admin_event (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id uuid NOT NULL,
    time bigint NOT NULL,
    operation_type text NOT NULL,           -- "CREATE", "UPDATE", "DELETE", "ACTION"
    resource_type text,                     -- "CLIENT"
    resource_path text,                     -- "clients/ID"
    auth_realm_id text, auth_client_id text, auth_user_id text, auth_ip_address text,
    representation text,                    -- NULL: the realm does not keep it
    error text,
    details jsonb,
    PRIMARY KEY (realm_id, id)
);
CREATE INDEX admin_event_time ON admin_event (realm_id, time);
