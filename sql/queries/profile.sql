-- name: profile_update
UPDATE user_entity SET username = $3, email = $4, first_name = $5, last_name = $6,
    email_verified = CASE WHEN email IS DISTINCT FROM $4 THEN false ELSE email_verified END
WHERE realm_id = $1 AND id = $2;

-- name: profile_email_taken
SELECT id FROM user_entity WHERE realm_id = $1 AND email = $2 AND id <> $3 LIMIT 1;

-- name: registration_insert
INSERT INTO user_entity (realm_id, id, username, email, first_name, last_name, enabled, created_timestamp)
VALUES ($1, $2, $3, $4, $5, $6, true, $7::bigint);

-- name: registration_role
INSERT INTO user_role (realm_id, user_id, role_id) VALUES ($1, $2, $3);

-- name: registration_groups
INSERT INTO user_group_membership (realm_id, user_id, group_id) SELECT $1, $2, id FROM user_group WHERE realm_id = $1 AND is_default;

-- name: totp_insert
INSERT INTO credential (realm_id, user_id, id, type, user_label, created_date, priority, secret_data, credential_data)
VALUES ($1, $2, $3, 'otp', $4, $5::bigint, 20, $6, $7);

-- name: otp_credentials
SELECT secret_data, credential_data FROM credential WHERE realm_id = $1 AND user_id = $2 AND type = 'otp'
