-- E-mail addresses by how much of the user name they begin with: all of it (6), its first five characters (5) or fewer (4 to 0). A search for one to five
-- characters needs none of as many or more, as it finds those users by their names; a longer one none of 6.
DROP INDEX user_by_email;
CREATE INDEX user_by_email ON user_entity (realm_id, (CASE WHEN starts_with(email, username) THEN 6 WHEN left(email, 5) = left(username, 5) THEN 5
    WHEN left(email, 4) = left(username, 4) THEN 4 WHEN left(email, 3) = left(username, 3) THEN 3 WHEN left(email, 2) = left(username, 2) THEN 2
    WHEN left(email, 1) = left(username, 1) THEN 1 ELSE 0 END), email COLLATE "C", username COLLATE "C")
    INCLUDE (service_account_client_id) WHERE email IS NOT NULL;
