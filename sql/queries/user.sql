-- name: user_by_id
SELECT u.id AS user_id, u.username, u.email, u.email_verified, u.enabled, u.first_name, u.last_name, u.created_timestamp,
       u.service_account_client_id, u.not_before, u.attributes, u.required_actions, u.rep AS user_rep,
       (SELECT string_agg(r.role_id, E'\n') FROM user_role r WHERE r.realm_id = u.realm_id AND r.user_id = u.id) AS role_ids,
       (SELECT string_agg(g.group_id, E'\n') FROM user_group_membership g WHERE g.realm_id = u.realm_id AND g.user_id = u.id) AS group_ids
FROM user_entity u WHERE u.realm_id = $1 AND u.id = $2;

-- name: user_by_login
SELECT u.id AS user_id, u.username, u.email, u.email_verified, u.enabled, u.first_name, u.last_name, u.created_timestamp,
       u.service_account_client_id, u.not_before, u.attributes, u.required_actions, u.rep AS user_rep,
       (SELECT string_agg(r.role_id, E'\n') FROM user_role r WHERE r.realm_id = u.realm_id AND r.user_id = u.id) AS role_ids,
       (SELECT string_agg(g.group_id, E'\n') FROM user_group_membership g WHERE g.realm_id = u.realm_id AND g.user_id = u.id) AS group_ids
FROM user_entity u WHERE u.realm_id = $1 AND (u.username = $2 OR ($3::boolean AND u.email = $2)) ORDER BY u.username = $2 DESC LIMIT 1;

-- name: user_required_actions_update
UPDATE user_entity SET required_actions = $3::jsonb WHERE realm_id = $1 AND id = $2;

-- name: user_disable
UPDATE user_entity SET enabled = false WHERE realm_id = $1 AND id = $2;

-- name: user_password
SELECT id, credential_data, secret_data FROM credential WHERE realm_id = $1 AND user_id = $2 AND type = 'password' ORDER BY priority LIMIT 1;

-- name: user_password_rehash
UPDATE credential SET credential_data = $4, secret_data = $5 WHERE realm_id = $1 AND user_id = $2 AND id = $3;

-- name: user_password_history
SELECT credential_data, secret_data FROM credential WHERE realm_id = $1 AND user_id = $2 AND type IN ('password', 'password-history')
ORDER BY type, created_date DESC LIMIT $3::int;

-- name: user_password_replace
WITH old AS (DELETE FROM credential WHERE realm_id = $1 AND user_id = $2 AND type = 'password' AND $7::int = 0),
     kept AS (UPDATE credential SET type = 'password-history' WHERE realm_id = $1 AND user_id = $2 AND type = 'password' AND $7::int > 0)
INSERT INTO credential (realm_id, user_id, id, type, created_date, priority, credential_data, secret_data)
VALUES ($1, $2, $3, 'password', $4::bigint, 10, $5, $6);

-- name: user_password_history_trim
DELETE FROM credential c WHERE c.realm_id = $1 AND c.user_id = $2 AND c.type = 'password-history' AND c.id NOT IN
    (SELECT k.id FROM credential k WHERE k.realm_id = $1 AND k.user_id = $2 AND k.type = 'password-history' ORDER BY k.created_date DESC LIMIT $3::int);

-- name: login_failure_get
SELECT failures, temporary_lockouts, not_before, last_failure FROM login_failure WHERE realm_id = $1 AND user_id = $2;

-- name: login_failure_count
INSERT INTO login_failure AS f (realm_id, user_id, failures, last_failure, last_ip) VALUES ($1, $2, 1, $3::bigint, $5)
ON CONFLICT (realm_id, user_id) DO UPDATE SET failures = CASE WHEN $3::bigint - f.last_failure > $4::bigint THEN 1 ELSE f.failures + 1 END,
    last_failure = $3::bigint, last_ip = $5
RETURNING failures, temporary_lockouts;

-- name: login_failure_lock
UPDATE login_failure SET not_before = greatest(not_before, $3::bigint), temporary_lockouts = temporary_lockouts + $4::int
WHERE realm_id = $1 AND user_id = $2;

-- name: login_failure_clear
DELETE FROM login_failure WHERE realm_id = $1 AND user_id = $2;
