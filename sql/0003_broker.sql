-- A login that came back from an identity provider and is not finished. "content" and "tokens" are sealed.
CREATE TABLE broker_login (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id text NOT NULL,                       -- the login's tab
    expires bigint NOT NULL,                -- seconds; then the row may go
    content text,                           -- who it is, as far as the first login has come; NULL where the user is known
    tokens text,                            -- what the provider gave, for the session
    PRIMARY KEY (realm_id, id)
);
CREATE INDEX ON broker_login (expires);

-- What a session keeps of its identity provider: the ID token that signs out there, and the tokens.
CREATE TABLE broker_session (
    realm_id text NOT NULL,
    session_id text NOT NULL,
    offline boolean NOT NULL,
    tokens text NOT NULL,                   -- sealed
    PRIMARY KEY (realm_id, session_id, offline),
    FOREIGN KEY (realm_id, session_id, offline) REFERENCES user_session (realm_id, id, offline) ON DELETE CASCADE
);
CREATE INDEX user_session_broker ON user_session (realm_id, broker_alias, broker_session_id) WHERE broker_alias IS NOT NULL;
