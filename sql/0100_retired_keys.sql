-- SPDX-FileCopyrightText: 2026 The Latchkey authors
-- SPDX-License-Identifier: MIT
-- Public keys whose provider was deleted or got another key while it was enabled: published, and verify, while a token that they signed may live.
CREATE TABLE retired_key (
    realm_id text NOT NULL REFERENCES realm ON DELETE CASCADE,
    kid text NOT NULL,
    component_id text NOT NULL,             -- of the provider, which may be there no more
    jwk jsonb NOT NULL,                     -- the public part alone
    expires bigint NOT NULL,                -- seconds
    PRIMARY KEY (realm_id, kid)
);
CREATE INDEX ON retired_key (expires);
ALTER TABLE retired_key SET (autovacuum_vacuum_scale_factor = 0.05);
