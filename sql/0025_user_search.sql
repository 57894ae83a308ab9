-- Search of users. "search" holds what a search without a field looks at, each text between line feeds, so that a pattern can ask for
-- its beginning.
ALTER TABLE user_entity ADD COLUMN search text GENERATED ALWAYS AS (E'\n' || username || E'\n' || coalesce(email, '') || E'\n'
    || lower(coalesce(first_name, '')) || E'\n' || lower(coalesce(last_name, '')) || E'\n') STORED;
ALTER TABLE user_entity ALTER COLUMN search SET STATISTICS 1000;
CREATE INDEX user_created ON user_entity (realm_id, created_timestamp);
CREATE INDEX user_enabled ON user_entity (realm_id, enabled, username);
CREATE INDEX user_verified ON user_entity (realm_id, email_verified, username);
CREATE INDEX user_attributes ON user_entity USING gin (attributes jsonb_path_ops);
-- Parts of words by their trigrams, where the database has that extension and lets us have it; without it such a search reads on until
-- it has a page full.
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX user_search ON user_entity USING gin (search gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'no trigram index for the search of users: %', SQLERRM;
END $$;

-- A user's representation, without what has tables of its own.
CREATE VIEW user_rep AS
SELECT u.realm_id, u.id, u.username, u.rep || jsonb_strip_nulls(jsonb_build_object('id', u.id, 'username', u.username, 'email', u.email,
    'firstName', u.first_name, 'lastName', u.last_name, 'createdTimestamp', coalesce(u.created_timestamp, 0)))
    || jsonb_build_object('emailVerified', u.email_verified, 'enabled', u.enabled, 'notBefore', u.not_before, 'requiredActions', u.required_actions,
    'disableableCredentialTypes', '[]'::jsonb, 'totp', EXISTS (SELECT 1 FROM credential c WHERE c.realm_id = u.realm_id AND c.user_id = u.id AND c.type = 'otp'))
    || CASE WHEN u.attributes = '{}' THEN '{}' ELSE jsonb_build_object('attributes', u.attributes) END AS rep
FROM user_entity u;
