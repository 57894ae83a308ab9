-- $7: attributes without the columns' own. Another e-mail address is one that nobody has verified.
-- name: profile_store
UPDATE user_entity SET username = $3, email = $4, first_name = $5, last_name = $6, attributes = $7::jsonb,
    email_verified = email_verified AND email IS NOT DISTINCT FROM $4
WHERE realm_id = $1 AND id = $2

-- Who else has the user name ($2) or the e-mail address ($3, NULL: does not matter); $4: who may have them.
-- name: profile_taken
SELECT username = $2 AS username, email = $3 AS email FROM user_entity WHERE realm_id = $1 AND (username = $2 OR email = $3) AND id <> $4 LIMIT 2

-- $2: a UserRepresentation, $3: the part of it that has no columns.
-- name: user_insert
INSERT INTO user_entity (realm_id, id, username, email, email_verified, enabled, first_name, last_name, created_timestamp, not_before,
    attributes, required_actions, rep)
SELECT $1, r->>'id', r->>'username', r->>'email', coalesce((r->>'emailVerified')::boolean, false), coalesce((r->>'enabled')::boolean, false),
    r->>'firstName', r->>'lastName', (r->>'createdTimestamp')::bigint, coalesce((r->>'notBefore')::bigint, 0),
    coalesce(r->'attributes', '{}'), coalesce(r->'requiredActions', '[]'), $3::jsonb
FROM (SELECT $2::jsonb AS r) given

-- What every new user has: the default role ($3, or NULL) and the default groups.
-- name: user_insert_defaults
WITH granted AS (INSERT INTO user_role (realm_id, user_id, role_id) SELECT $1, $2, $3 WHERE $3::text IS NOT NULL)
INSERT INTO user_group_membership (realm_id, user_id, group_id) SELECT $1, $2, id FROM user_group WHERE realm_id = $1 AND is_default

-- name: credentials_of
SELECT id, user_label, secret_data, credential_data FROM credential WHERE realm_id = $1 AND user_id = $2 AND type = $3
ORDER BY priority, created_date, id

-- $4: as it was read; nothing happens where somebody has used it meanwhile. $6: NULL where the secret stays.
-- name: credential_change
UPDATE credential SET credential_data = $5, secret_data = coalesce($6, secret_data)
WHERE realm_id = $1 AND user_id = $2 AND id = $3 AND credential_data = $4 RETURNING id

-- name: credentials_remove
DELETE FROM credential WHERE realm_id = $1 AND user_id = $2 AND type = $3

-- All types that the user has, the one they prefer first, with spaces between them.
-- name: credential_types
SELECT coalesce(string_agg(type, ' ' ORDER BY priority, created), '') AS types
FROM (SELECT type, min(priority) AS priority, min(created_date) AS created FROM credential WHERE realm_id = $1 AND user_id = $2 GROUP BY type) each
