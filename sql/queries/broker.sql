-- Who is linked to $3 at the identity provider $2.
-- name: broker_user
SELECT u.*, (SELECT o.organizations FROM organizations_of_user o WHERE o.realm_id = u.realm_id AND o.user_id = u.user_id) AS organizations, f.external_user_id, f.external_username, f.token FROM federated_identity f
JOIN user_with_grants u ON u.realm_id = f.realm_id AND u.user_id = f.user_id
WHERE f.realm_id = $1 AND f.identity_provider = $2 AND f.external_user_id = $3

-- Of one provider, or ($3 NULL) of all.
-- name: broker_links
SELECT identity_provider, external_user_id, external_username, token FROM federated_identity
WHERE realm_id = $1 AND user_id = $2 AND identity_provider = coalesce($3, identity_provider) ORDER BY identity_provider

-- name: broker_link_insert
INSERT INTO federated_identity (realm_id, user_id, identity_provider, external_user_id, external_username, token)
VALUES ($1, $2, $3, $4, $5, $6)

-- name: broker_link_update
UPDATE federated_identity SET external_user_id = $5, external_username = $6, token = coalesce($7, token)
WHERE realm_id = $1 AND user_id = $2 AND identity_provider = $3 AND external_user_id = $4

-- name: broker_link_delete
DELETE FROM federated_identity WHERE realm_id = $1 AND user_id = $2 AND identity_provider = $3

-- name: broker_login_put
INSERT INTO broker_login (realm_id, id, expires, content, tokens) VALUES ($1, $2, $3::bigint, $4, $5)
ON CONFLICT (realm_id, id) DO UPDATE SET content = EXCLUDED.content, tokens = coalesce(EXCLUDED.tokens, broker_login.tokens)

-- name: broker_login_get
SELECT content, tokens FROM broker_login WHERE realm_id = $1 AND id = $2 AND expires > $3::bigint

-- The login $2 became the session $3.
-- name: broker_login_to_session
WITH done AS (DELETE FROM broker_login WHERE realm_id = $1 AND id = $2 RETURNING tokens)
INSERT INTO broker_session (realm_id, session_id, offline, tokens)
SELECT $1, $3, false, tokens FROM done WHERE tokens IS NOT NULL
ON CONFLICT (realm_id, session_id, offline) DO UPDATE SET tokens = EXCLUDED.tokens

-- Of a session that was made otherwise and that a login by a provider joined, the note says which provider is signed out of.
-- name: broker_session_get
SELECT coalesce(s.notes->>'identity_provider', s.broker_alias) AS broker_alias, b.tokens FROM user_session s
LEFT JOIN broker_session b ON b.realm_id = s.realm_id AND b.session_id = s.id AND b.offline = s.offline
WHERE s.realm_id = $1 AND s.id = $2 AND NOT s.offline
UNION ALL SELECT content, tokens FROM broker_login WHERE realm_id = $1 AND id = $2 AND expires > $3::bigint

-- The session $2 is about to end without its provider being told: who signs out of it until $3 still is sent there.
-- name: broker_session_put_away
INSERT INTO broker_login (realm_id, id, expires, content, tokens)
SELECT s.realm_id, s.id, $3::bigint, coalesce(s.notes->>'identity_provider', s.broker_alias), b.tokens FROM user_session s
LEFT JOIN broker_session b ON b.realm_id = s.realm_id AND b.session_id = s.id AND b.offline = s.offline
WHERE s.realm_id = $1 AND s.id = $2 AND NOT s.offline AND coalesce(s.notes->>'identity_provider', s.broker_alias) IS NOT NULL
ON CONFLICT (realm_id, id) DO NOTHING

-- A user who comes from an identity provider. $11, $12: ids of roles and groups, as JSON arrays.
-- name: broker_user_insert
WITH u AS (
    INSERT INTO user_entity (realm_id, id, username, email, email_verified, enabled, first_name, last_name, created_timestamp, attributes, required_actions)
    VALUES ($1, $2, $3, $4, $5::boolean, true, $6, $7, $8::bigint, $9::jsonb, $10::jsonb)
    RETURNING realm_id, id
), r AS (
    INSERT INTO user_role (realm_id, user_id, role_id) SELECT u.realm_id, u.id, x FROM u, jsonb_array_elements_text($11::jsonb) x
    ON CONFLICT DO NOTHING
)
INSERT INTO user_group_membership (realm_id, user_id, group_id) SELECT u.realm_id, u.id, x FROM u, jsonb_array_elements_text($12::jsonb) x
ON CONFLICT DO NOTHING

-- What a login by an identity provider changes. $9 ... $12: ids of roles to add and to take away, of groups to join and to leave.
-- name: broker_user_update
WITH u AS (
    UPDATE user_entity SET username = $3, email = $4, email_verified = $5::boolean, first_name = $6, last_name = $7, attributes = $8::jsonb
    WHERE realm_id = $1 AND id = $2
    RETURNING realm_id, id
), r AS (
    INSERT INTO user_role (realm_id, user_id, role_id) SELECT u.realm_id, u.id, x FROM u, jsonb_array_elements_text($9::jsonb) x
    ON CONFLICT DO NOTHING
), g AS (
    INSERT INTO user_group_membership (realm_id, user_id, group_id) SELECT u.realm_id, u.id, x FROM u, jsonb_array_elements_text($11::jsonb) x
    ON CONFLICT DO NOTHING
), gone AS (
    DELETE FROM user_role WHERE realm_id = $1 AND user_id = $2 AND role_id IN (SELECT jsonb_array_elements_text($10::jsonb))
)
DELETE FROM user_group_membership WHERE realm_id = $1 AND user_id = $2 AND group_id IN (SELECT jsonb_array_elements_text($12::jsonb))
-- Sessions that came from the provider $2, by its own name of the session ($3) or by the user there ($4).
-- name: broker_sessions_of
SELECT s.id, s.offline FROM user_session s
WHERE s.realm_id = $1 AND s.broker_alias = $2 AND (s.broker_session_id = $3 OR ($3::text IS NULL AND s.user_id IN (
    SELECT f.user_id FROM federated_identity f WHERE f.realm_id = $1 AND f.identity_provider = $2 AND f.external_user_id = $4)))

