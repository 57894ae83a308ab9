-- Searches for a part of a word: the beginnings of fields are in the B-trees of 0080, so that the trigrams need hold what comes after the first
-- character alone. Then a part that is mostly found at beginnings, of which there are many, leaves few or none to look up here.
DROP INDEX IF EXISTS user_search;
DO $$ BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
    CREATE INDEX user_parts ON user_entity USING gin ((E'\n' || substr(username, 2) || E'\n' || coalesce(substr(email, 2), '') || E'\n'
        || coalesce(substr(lower(first_name), 2), '') || E'\n' || coalesce(substr(lower(last_name), 2), '') || E'\n') gin_trgm_ops);
EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'no trigram index for the search of users: %', SQLERRM;
END $$;
-- Enabled or not, with a verified address or not, each in the order of names: a page of any of the four is its first rows.
DROP INDEX user_enabled;
DROP INDEX user_verified;
CREATE INDEX user_by_flags ON user_entity (realm_id, enabled, email_verified, username COLLATE "C");
-- Pages far behind the first, and numbers of users, are counted in the index alone.
DROP INDEX user_by_name;
CREATE INDEX user_by_name ON user_entity (realm_id, username COLLATE "C") INCLUDE (service_account_client_id);
-- Days of creation, each in the order of names.
DROP INDEX user_created;
CREATE INDEX user_by_day ON user_entity (realm_id, (created_timestamp / 86400000), username COLLATE "C") INCLUDE (created_timestamp);
-- The first characters of all fields, for searches of several words. Needs no extension.
CREATE INDEX user_beginnings ON user_entity USING gin
    ((ARRAY[left(username, 3), left(email, 3), left(lower(first_name), 3), left(lower(last_name), 3)]));
-- How many users have a name: what is known of the indexes by names is not asked, as these are partial. Postgres 14 and later.
DO $$ BEGIN
    EXECUTE 'CREATE STATISTICS user_first_names ON (lower(first_name)) FROM user_entity';
    EXECUTE 'CREATE STATISTICS user_last_names ON (lower(last_name)) FROM user_entity';
EXCEPTION WHEN OTHERS THEN RAISE NOTICE 'no statistics of names: %', SQLERRM;
END $$;
