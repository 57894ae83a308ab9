-- Search in the order of user names, whatever the collation of the database: in that of their bytes, which is also what lets an index find what
-- begins with a text.
CREATE INDEX user_by_name ON user_entity (realm_id, username COLLATE "C");
-- What begins with a text and the user name does not. A search for "jo" finds the user jo@example.test by the name already: the flag sets
-- such texts apart, so that what remains to be read is little even where a million users share the beginning.
CREATE INDEX user_by_email ON user_entity (realm_id, starts_with(email, username), email COLLATE "C", username COLLATE "C")
    INCLUDE (service_account_client_id) WHERE email IS NOT NULL;
CREATE INDEX user_by_first_name ON user_entity (realm_id, starts_with(username, lower(first_name)), lower(first_name) COLLATE "C", username COLLATE "C")
    INCLUDE (first_name, service_account_client_id) WHERE first_name IS NOT NULL;
CREATE INDEX user_by_last_name ON user_entity (realm_id, starts_with(username, lower(last_name)), lower(last_name) COLLATE "C", username COLLATE "C")
    INCLUDE (last_name, service_account_client_id) WHERE last_name IS NOT NULL;
