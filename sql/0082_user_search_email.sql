-- E-mail addresses by how much of the user name they begin with: all of it (2), its first five characters (1) or less (0). A search for up to five
-- characters needs none of 1, as it finds those users by their names.
DROP INDEX IF EXISTS user_by_email;
CREATE INDEX user_by_email ON user_entity (realm_id, (CASE WHEN starts_with(email, username) THEN 2 WHEN left(email, 5) = left(username, 5) THEN 1 ELSE 0 END),
    email COLLATE "C", username COLLATE "C") INCLUDE (service_account_client_id) WHERE email IS NOT NULL;
