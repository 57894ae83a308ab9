-- Initial access tokens: who holds one may register so many clients. Times are seconds since 1970.
CREATE TABLE client_initial_access (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    id uuid NOT NULL,
    time bigint NOT NULL,
    expiration bigint NOT NULL,             -- seconds after time; 0: never
    count int NOT NULL,
    remaining int NOT NULL,
    PRIMARY KEY (realm_id, id)
);

-- The registration access token that is good for a client now.
CREATE TABLE client_registration (
    realm_id text NOT NULL,
    client_id text NOT NULL,                -- client.id
    token_id text NOT NULL,                 -- its jti
    PRIMARY KEY (realm_id, client_id),
    FOREIGN KEY (realm_id, client_id) REFERENCES client ON DELETE CASCADE
);
