-- The schema. Every key begins with the realm, so that a distributed Postgres can shard by it. Keycloak's free-form parts are jsonb
-- ("rep": the representation without what has columns or tables of its own); what is searched or joined is a column.

CREATE TABLE realm (
    id text PRIMARY KEY,
    name text NOT NULL UNIQUE,
    version bigint NOT NULL DEFAULT 1,      -- bumped by every change of configuration
    rep jsonb NOT NULL
);

CREATE TABLE client (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id text NOT NULL,
    client_id text NOT NULL,
    rep jsonb NOT NULL,                     -- with protocolMappers, in order; without scopes
    PRIMARY KEY (realm_id, id),
    UNIQUE (realm_id, client_id)
);

CREATE TABLE client_scope (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id text NOT NULL,
    name text NOT NULL,
    position int NOT NULL,                  -- order of creation
    realm_default text CHECK (realm_default IN ('default', 'optional')), -- what new clients get; NULL: neither
    rep jsonb NOT NULL,                     -- with protocolMappers
    PRIMARY KEY (realm_id, id),
    UNIQUE (realm_id, name)
);

CREATE TABLE client_scope_of_client (
    realm_id text NOT NULL,
    client_id text NOT NULL,                -- client.id
    scope_id text NOT NULL,
    is_default boolean NOT NULL,
    PRIMARY KEY (realm_id, client_id, scope_id),
    FOREIGN KEY (realm_id, client_id) REFERENCES client ON DELETE CASCADE,
    FOREIGN KEY (realm_id, scope_id) REFERENCES client_scope ON DELETE CASCADE
);
CREATE INDEX ON client_scope_of_client (realm_id, scope_id);

-- A client's representation with the names of its scopes, those of its own protocol.
CREATE VIEW client_rep AS
SELECT c.realm_id, c.id, c.client_id, c.rep || jsonb_build_object('id', c.id, 'clientId', c.client_id,
    'defaultClientScopes', coalesce(x.defaults, '[]'), 'optionalClientScopes', coalesce(x.optionals, '[]')) AS rep
FROM client c LEFT JOIN LATERAL (
    SELECT jsonb_agg(s.name ORDER BY s.position) FILTER (WHERE a.is_default) AS defaults,
        jsonb_agg(s.name ORDER BY s.position) FILTER (WHERE NOT a.is_default) AS optionals
    FROM client_scope_of_client a JOIN client_scope s ON s.realm_id = a.realm_id AND s.id = a.scope_id
    WHERE a.realm_id = c.realm_id AND a.client_id = c.id
        AND coalesce(s.rep->>'protocol', 'openid-connect') = coalesce(c.rep->>'protocol', 'openid-connect')) x ON true;

CREATE TABLE role (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id text NOT NULL,
    client_id text,                         -- client.id; NULL: a realm role
    name text NOT NULL,
    rep jsonb NOT NULL,                     -- description, attributes
    PRIMARY KEY (realm_id, id),
    FOREIGN KEY (realm_id, client_id) REFERENCES client ON DELETE CASCADE
);
CREATE UNIQUE INDEX role_name ON role (realm_id, coalesce(client_id, ''), name);

CREATE TABLE role_composite (
    realm_id text NOT NULL,
    role_id text NOT NULL,
    child_id text NOT NULL,
    PRIMARY KEY (realm_id, role_id, child_id),
    FOREIGN KEY (realm_id, role_id) REFERENCES role ON DELETE CASCADE,
    FOREIGN KEY (realm_id, child_id) REFERENCES role ON DELETE CASCADE
);
CREATE INDEX ON role_composite (realm_id, child_id);

-- Which roles may stand in a token of a client without full scope, or belong to a client scope. Exactly one of client and scope.
CREATE TABLE scope_mapping (
    realm_id text NOT NULL,
    client_id text,
    scope_id text,
    role_id text NOT NULL,
    FOREIGN KEY (realm_id, client_id) REFERENCES client ON DELETE CASCADE,
    FOREIGN KEY (realm_id, scope_id) REFERENCES client_scope ON DELETE CASCADE,
    FOREIGN KEY (realm_id, role_id) REFERENCES role ON DELETE CASCADE,
    CHECK ((client_id IS NULL) <> (scope_id IS NULL))
);
CREATE UNIQUE INDEX ON scope_mapping (realm_id, coalesce(client_id, ''), coalesce(scope_id, ''), role_id);

CREATE TABLE user_group (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id text NOT NULL,
    parent_id text,
    name text NOT NULL,
    is_default boolean NOT NULL DEFAULT false, -- new users join it
    rep jsonb NOT NULL,                     -- attributes, description
    PRIMARY KEY (realm_id, id),
    FOREIGN KEY (realm_id, parent_id) REFERENCES user_group ON DELETE CASCADE
);
CREATE UNIQUE INDEX ON user_group (realm_id, coalesce(parent_id, ''), name);

CREATE TABLE group_role (
    realm_id text NOT NULL,
    group_id text NOT NULL,
    role_id text NOT NULL,
    PRIMARY KEY (realm_id, group_id, role_id),
    FOREIGN KEY (realm_id, group_id) REFERENCES user_group ON DELETE CASCADE,
    FOREIGN KEY (realm_id, role_id) REFERENCES role ON DELETE CASCADE
);
CREATE INDEX ON group_role (realm_id, role_id);

CREATE TABLE identity_provider (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id text NOT NULL,                       -- internalId
    alias text NOT NULL,
    rep jsonb NOT NULL,
    PRIMARY KEY (realm_id, id),
    UNIQUE (realm_id, alias)
);
CREATE TABLE identity_provider_mapper (
    realm_id text NOT NULL,
    id text NOT NULL,
    alias text NOT NULL,
    rep jsonb NOT NULL,
    PRIMARY KEY (realm_id, id),
    FOREIGN KEY (realm_id, alias) REFERENCES identity_provider (realm_id, alias) ON UPDATE CASCADE ON DELETE CASCADE
);

-- Keys, user profile, client registration policies, ...
CREATE TABLE component (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id text NOT NULL,
    parent_id text NOT NULL,
    provider_type text NOT NULL,
    provider_id text NOT NULL,
    rep jsonb NOT NULL,
    PRIMARY KEY (realm_id, id)
);

CREATE TABLE authentication_flow (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id text NOT NULL,
    alias text NOT NULL,
    rep jsonb NOT NULL,                     -- with authenticationExecutions
    PRIMARY KEY (realm_id, id),
    UNIQUE (realm_id, alias)
);
CREATE TABLE authenticator_config (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id text NOT NULL,
    alias text NOT NULL,
    rep jsonb NOT NULL,
    PRIMARY KEY (realm_id, id)
);
CREATE TABLE required_action (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    alias text NOT NULL,
    rep jsonb NOT NULL,
    PRIMARY KEY (realm_id, alias)
);

CREATE TABLE user_entity (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id text NOT NULL,
    username text NOT NULL,                 -- lower case
    email text,                             -- lower case
    email_verified boolean NOT NULL DEFAULT false,
    enabled boolean NOT NULL DEFAULT false,
    first_name text,
    last_name text,
    created_timestamp bigint,               -- milliseconds
    service_account_client_id text,         -- client.id
    not_before bigint NOT NULL DEFAULT 0,   -- seconds
    attributes jsonb NOT NULL DEFAULT '{}', -- {"name": ["value", ...]}
    required_actions jsonb NOT NULL DEFAULT '[]',
    rep jsonb NOT NULL DEFAULT '{}',        -- the rest
    PRIMARY KEY (realm_id, id),
    UNIQUE (realm_id, username)
);
CREATE INDEX user_email ON user_entity (realm_id, email);
CREATE UNIQUE INDEX user_service_account ON user_entity (realm_id, service_account_client_id) WHERE service_account_client_id IS NOT NULL;

CREATE TABLE user_role (
    realm_id text NOT NULL,
    user_id text NOT NULL,
    role_id text NOT NULL,
    PRIMARY KEY (realm_id, user_id, role_id),
    FOREIGN KEY (realm_id, user_id) REFERENCES user_entity ON DELETE CASCADE,
    FOREIGN KEY (realm_id, role_id) REFERENCES role ON DELETE CASCADE
);
CREATE INDEX ON user_role (realm_id, role_id);
CREATE TABLE user_group_membership (
    realm_id text NOT NULL,
    user_id text NOT NULL,
    group_id text NOT NULL,
    PRIMARY KEY (realm_id, user_id, group_id),
    FOREIGN KEY (realm_id, user_id) REFERENCES user_entity ON DELETE CASCADE,
    FOREIGN KEY (realm_id, group_id) REFERENCES user_group ON DELETE CASCADE
);
CREATE INDEX ON user_group_membership (realm_id, group_id);

-- A user with what a token needs, in one row: roles and groups as ids separated by newlines.
CREATE VIEW user_with_grants AS
SELECT u.realm_id, u.id AS user_id, u.username, u.email, u.email_verified, u.enabled AS user_enabled, u.first_name, u.last_name,
    u.created_timestamp, u.service_account_client_id, u.not_before AS user_not_before, u.attributes, u.required_actions, u.rep AS user_rep,
    (SELECT string_agg(x.role_id, E'\n') FROM user_role x WHERE x.realm_id = u.realm_id AND x.user_id = u.id) AS role_ids,
    (SELECT string_agg(x.group_id, E'\n') FROM user_group_membership x WHERE x.realm_id = u.realm_id AND x.user_id = u.id) AS group_ids
FROM user_entity u;

CREATE TABLE credential (
    realm_id text NOT NULL,
    user_id text NOT NULL,
    id text NOT NULL,
    type text NOT NULL,                     -- password, otp, ...
    user_label text,
    created_date bigint,                    -- milliseconds
    priority int NOT NULL,
    secret_data text NOT NULL,              -- JSON as Keycloak writes it
    credential_data text NOT NULL,
    rep jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (realm_id, user_id, id),
    FOREIGN KEY (realm_id, user_id) REFERENCES user_entity ON DELETE CASCADE
);

CREATE TABLE federated_identity (
    realm_id text NOT NULL,
    user_id text NOT NULL,
    identity_provider text NOT NULL,        -- alias
    external_user_id text NOT NULL,
    external_username text,
    token text,
    PRIMARY KEY (realm_id, user_id, identity_provider),
    UNIQUE (realm_id, identity_provider, external_user_id),
    FOREIGN KEY (realm_id, user_id) REFERENCES user_entity ON DELETE CASCADE
);

CREATE TABLE user_consent (
    realm_id text NOT NULL,
    user_id text NOT NULL,
    client_id text NOT NULL,                -- client.id
    scope_ids jsonb NOT NULL DEFAULT '[]',  -- granted client scopes, by id
    created_date bigint NOT NULL,
    last_updated_date bigint NOT NULL,
    PRIMARY KEY (realm_id, user_id, client_id),
    FOREIGN KEY (realm_id, user_id) REFERENCES user_entity ON DELETE CASCADE,
    FOREIGN KEY (realm_id, client_id) REFERENCES client ON DELETE CASCADE
);

-- A login that lasts. An offline session is a row of its own with the id of the online session that it came from.
CREATE TABLE user_session (
    realm_id text NOT NULL,
    id text NOT NULL,                       -- sid, 24 characters
    offline boolean NOT NULL,
    user_id text NOT NULL,
    started bigint NOT NULL,                -- seconds
    last_access bigint NOT NULL,
    remember_me boolean NOT NULL DEFAULT false,
    ip_address text,
    auth_method text,
    broker_alias text,
    broker_session_id text,
    notes jsonb NOT NULL DEFAULT '{}',
    PRIMARY KEY (realm_id, id, offline),
    FOREIGN KEY (realm_id, user_id) REFERENCES user_entity ON DELETE CASCADE
);
CREATE INDEX ON user_session (realm_id, user_id);
CREATE INDEX ON user_session (realm_id, last_access);

CREATE TABLE client_session (
    realm_id text NOT NULL,
    session_id text NOT NULL,
    offline boolean NOT NULL,
    client_id text NOT NULL,                -- client.id
    started bigint NOT NULL,
    last_refresh bigint NOT NULL,
    redirect_uri text,
    scope text,                             -- as asked for
    notes jsonb NOT NULL DEFAULT '{}',      -- nonce, acr, auth_time of this client's login, ...
    PRIMARY KEY (realm_id, session_id, offline, client_id),
    FOREIGN KEY (realm_id, session_id, offline) REFERENCES user_session (realm_id, id, offline) ON DELETE CASCADE,
    FOREIGN KEY (realm_id, client_id) REFERENCES client ON DELETE CASCADE
);
CREATE INDEX ON client_session (realm_id, client_id);

-- Rotation of refresh tokens (revokeRefreshToken): one row for each login of a client in the session, by the reuse_id of its tokens.
CREATE TABLE refresh_chain (
    realm_id text NOT NULL,
    session_id text NOT NULL,
    offline boolean NOT NULL,
    client_id text NOT NULL,                -- client.id
    chain text NOT NULL,                    -- reuse_id, "" where the token had none
    token_id text NOT NULL,                 -- jti of the newest token that was redeemed
    uses int NOT NULL,                      -- how often it was
    redeemed bigint NOT NULL,               -- when it first was, in seconds: tokens issued earlier are stale
    PRIMARY KEY (realm_id, session_id, offline, client_id, chain),
    FOREIGN KEY (realm_id, session_id, offline, client_id) REFERENCES client_session ON DELETE CASCADE
);

-- Sealed values that were redeemed (codes, action tokens, form submissions), and tokens that were revoked. Unique key: once, everywhere.
CREATE TABLE used_value (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    kind text NOT NULL,                     -- code, action, revoked, ...
    id text NOT NULL,
    expires bigint NOT NULL,                -- seconds; then the row may go
    session_id text,
    PRIMARY KEY (realm_id, kind, id)
);
CREATE INDEX ON used_value (expires);

-- Device authorizations (RFC 8628) until their tokens are fetched.
CREATE TABLE device_code (
    realm_id text NOT NULL,
    id text NOT NULL,                       -- device_code
    user_code text NOT NULL,                -- capitals, without the dash
    client_id text NOT NULL,                -- client.id
    scope text,
    code_challenge text,
    code_challenge_method text,
    expires bigint NOT NULL,                -- seconds
    polling_interval int NOT NULL,          -- seconds
    next_poll bigint NOT NULL DEFAULT 0,    -- seconds: earlier ones are told to slow down
    status text NOT NULL DEFAULT 'pending', -- granted, denied
    session_id text,                        -- of the session that granted it
    PRIMARY KEY (realm_id, id),
    UNIQUE (realm_id, user_code),
    FOREIGN KEY (realm_id, client_id) REFERENCES client ON DELETE CASCADE
);
CREATE INDEX ON device_code (expires);

-- Brute-force detection.
CREATE TABLE login_failure (
    realm_id text NOT NULL,
    user_id text NOT NULL,
    failures int NOT NULL DEFAULT 0,
    temporary_lockouts int NOT NULL DEFAULT 0,
    not_before bigint NOT NULL DEFAULT 0,   -- seconds: refused until then
    last_failure bigint NOT NULL DEFAULT 0, -- milliseconds
    last_ip text,
    PRIMARY KEY (realm_id, user_id),
    FOREIGN KEY (realm_id, user_id) REFERENCES user_entity ON DELETE CASCADE
);
