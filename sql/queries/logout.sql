-- name: logout_clients_of_session
SELECT client_id FROM client_session WHERE realm_id = $1 AND session_id = $2 AND offline = $3::boolean;

-- name: logout_user_of_session
SELECT user_id, coalesce(notes->>'identity_provider', broker_alias) AS broker_alias FROM user_session WHERE realm_id = $1 AND id = $2 AND offline = $3::boolean;

-- name: logout_sessions_of_user
SELECT id FROM user_session WHERE realm_id = $1 AND user_id = $2 AND NOT offline;

-- name: logout_user_not_before
UPDATE user_entity SET not_before = $3::bigint WHERE realm_id = $1 AND id = $2;
