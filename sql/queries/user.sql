-- name: user_by_id
SELECT u.*, (SELECT o.organizations FROM organizations_of_user o WHERE o.realm_id = u.realm_id AND o.user_id = u.user_id) AS organizations
FROM user_with_grants u WHERE realm_id = $1 AND user_id = $2

-- $2: user name in lower case, $3: e-mail in lower case or NULL. An e-mail's owner goes before a user of that name.
-- name: user_by_login
SELECT u.*, (SELECT o.organizations FROM organizations_of_user o WHERE o.realm_id = u.realm_id AND o.user_id = u.user_id) AS organizations
FROM user_with_grants u WHERE realm_id = $1 AND (username = $2 OR email = $3)
ORDER BY (email = $3) DESC NULLS LAST LIMIT 1

-- The same with what a password check needs.
-- name: user_for_login
SELECT u.*, (SELECT o.organizations FROM organizations_of_user o WHERE o.realm_id = u.realm_id AND o.user_id = u.user_id) AS organizations, c.id AS credential_id, c.secret_data, c.credential_data, c.created_date, f.not_before AS locked_until
FROM user_with_grants u
LEFT JOIN LATERAL (SELECT * FROM credential x WHERE x.realm_id = u.realm_id AND x.user_id = u.user_id AND x.type = 'password'
    ORDER BY x.priority, x.id LIMIT 1) c ON true
LEFT JOIN login_failure f ON f.realm_id = u.realm_id AND f.user_id = u.user_id
WHERE u.realm_id = $1 AND (u.username = $2 OR u.email = $3)
ORDER BY (u.email = $3) DESC NULLS LAST LIMIT 1

-- Locks the row for the transaction that counts a failure.
-- name: login_failure_lock
INSERT INTO login_failure AS f (realm_id, user_id) VALUES ($1, $2)
ON CONFLICT (realm_id, user_id) DO UPDATE SET failures = f.failures
RETURNING failures, temporary_lockouts, not_before, last_failure

-- name: login_failure_store
UPDATE login_failure SET failures = $3::int, temporary_lockouts = $4::int, not_before = $5::bigint, last_failure = $6::bigint, last_ip = $7
WHERE realm_id = $1 AND user_id = $2

-- Clears the failures unless the user was locked meanwhile, by guesses that ran beside this one.
-- name: login_success repeatable
WITH cleared AS (DELETE FROM login_failure WHERE realm_id = $1 AND user_id = $2 AND not_before <= $3::bigint)
SELECT EXISTS (SELECT 1 FROM login_failure WHERE realm_id = $1 AND user_id = $2 AND not_before > $3::bigint) AS locked

-- $2: NULL for everybody.
-- name: login_failure_clear repeatable
DELETE FROM login_failure WHERE realm_id = $1 AND ($2::text IS NULL OR user_id = $2)

-- name: login_failure_get
SELECT f.failures, f.temporary_lockouts, f.not_before, f.last_failure, f.last_ip, u.enabled, u.attributes ? 'disabledReason' AS locked_out
FROM user_entity u LEFT JOIN login_failure f ON f.realm_id = u.realm_id AND f.user_id = u.id WHERE u.realm_id = $1 AND u.id = $2

-- name: user_lock_out repeatable
UPDATE user_entity SET enabled = false, attributes = attributes || '{"disabledReason": ["permanentLockout"]}'
WHERE realm_id = $1 AND id = $2

-- name: user_terms_accepted
UPDATE user_entity SET attributes = attributes || jsonb_build_object('terms_and_conditions', jsonb_build_array($3::text))
WHERE realm_id = $1 AND id = $2

-- name: user_locale_set
UPDATE user_entity SET attributes = attributes || jsonb_build_object('locale', jsonb_build_array($3::text))
WHERE realm_id = $1 AND id = $2

-- name: user_passwords
SELECT id, type, secret_data, credential_data FROM credential
WHERE realm_id = $1 AND user_id = $2 AND type IN ('password', 'password-history')
ORDER BY type, CASE WHEN type = 'password' THEN priority ELSE 0 END, created_date DESC NULLS LAST

-- A new hash of the same password; not where it was changed meanwhile.
-- name: password_rehash repeatable
UPDATE credential SET secret_data = $4, credential_data = $5
WHERE realm_id = $1 AND user_id = $2 AND id = $3 AND secret_data = $6

-- A new password keeps the old one's id.
-- name: password_update
UPDATE credential SET secret_data = $4, credential_data = $5, created_date = $6::bigint, user_label = NULL
WHERE realm_id = $1 AND user_id = $2 AND id = $3

-- name: password_insert
INSERT INTO credential (realm_id, user_id, id, type, created_date, priority, secret_data, credential_data)
SELECT $1, $2, $3, 'password', $6::bigint, coalesce(max(priority), 0) + 10, $4, $5 FROM credential WHERE realm_id = $1 AND user_id = $2

-- name: password_history_add
INSERT INTO credential (realm_id, user_id, id, type, created_date, priority, secret_data, credential_data)
SELECT realm_id, user_id, $4, 'password-history', created_date, priority + 10, secret_data, credential_data
FROM credential WHERE realm_id = $1 AND user_id = $2 AND id = $3

-- name: password_history_trim
DELETE FROM credential WHERE realm_id = $1 AND user_id = $2 AND type = 'password-history' AND id NOT IN (
    SELECT id FROM credential WHERE realm_id = $1 AND user_id = $2 AND type = 'password-history'
    ORDER BY created_date DESC NULLS LAST LIMIT $3::int)

-- name: user_required_actions_set repeatable
UPDATE user_entity SET required_actions = $3::jsonb WHERE realm_id = $1 AND id = $2

-- name: user_required_action_add repeatable
UPDATE user_entity SET required_actions = required_actions || to_jsonb($3::text)
WHERE realm_id = $1 AND id = $2 AND NOT required_actions ? $3::text

-- name: user_required_action_remove repeatable
UPDATE user_entity SET required_actions = required_actions - $3::text WHERE realm_id = $1 AND id = $2

-- The address ($3) is the user's own, if it still is the one that they have.
-- The user has confirmed the new address $3, which is stored already.
-- name: user_email_updated repeatable
UPDATE user_entity SET email_verified = true, required_actions = required_actions - 'VERIFY_EMAIL' - 'UPDATE_EMAIL'
WHERE realm_id = $1 AND id = $2 AND email = $3

-- name: user_email_verified repeatable
UPDATE user_entity SET email_verified = true, required_actions = required_actions - 'VERIFY_EMAIL' WHERE realm_id = $1 AND id = $2 AND email = $3
