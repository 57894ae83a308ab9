-- What a partial import looks for: the id of a role of the realm or of a client ($3 client.id or NULL), of a group at the top, of a user.
-- name: partial_role
SELECT id FROM role WHERE realm_id = $1 AND name = $2 AND client_id IS NOT DISTINCT FROM $3

-- name: partial_group
SELECT id FROM user_group WHERE realm_id = $1 AND name = $2 AND parent_id IS NULL

-- name: partial_user
SELECT id FROM user_entity WHERE realm_id = $1 AND (username = $2 OR ($3::text IS NOT NULL AND email = $3))

-- Ids of roles by their names: $2 of the realm (an array), $3 of clients (an object of arrays).
-- name: partial_role_ids
SELECT coalesce(jsonb_agg(r.id), '[]') AS ids FROM role r LEFT JOIN client c ON c.realm_id = r.realm_id AND c.id = r.client_id
WHERE r.realm_id = $1 AND CASE WHEN r.client_id IS NULL THEN $2::jsonb ? r.name ELSE $3::jsonb -> c.client_id ? r.name END

-- name: partial_composites
INSERT INTO role_composite (realm_id, role_id, child_id) SELECT $1, $2, x FROM jsonb_array_elements_text($3::jsonb) x ON CONFLICT DO NOTHING

-- name: partial_role_delete
DELETE FROM role WHERE realm_id = $1 AND id = $2

-- name: partial_group_delete
DELETE FROM user_group WHERE realm_id = $1 AND id = $2

-- name: partial_service_accounts
SELECT jsonb_build_object('id', u.id, 'username', u.username, 'emailVerified', u.email_verified, 'enabled', u.enabled, 'createdTimestamp',
    u.created_timestamp, 'totp', false, 'serviceAccountClientId', sc.client_id, 'disableableCredentialTypes', '[]'::jsonb, 'requiredActions', '[]'::jsonb,
    'notBefore', 0, 'groups', '[]'::jsonb, 'realmRoles', coalesce((SELECT jsonb_agg(r.name ORDER BY r.name) FROM user_role m
        JOIN role r ON r.realm_id = m.realm_id AND r.id = m.role_id WHERE m.realm_id = u.realm_id AND m.user_id = u.id AND r.client_id IS NULL), '[]'),
    'clientRoles', coalesce((SELECT jsonb_object_agg(x.client_id, x.names) FROM (SELECT c.client_id, jsonb_agg(r.name ORDER BY r.name) AS names
        FROM user_role m JOIN role r ON r.realm_id = m.realm_id AND r.id = m.role_id JOIN client c ON c.realm_id = r.realm_id AND c.id = r.client_id
        WHERE m.realm_id = u.realm_id AND m.user_id = u.id GROUP BY c.client_id) x), '{}')) AS rep
FROM user_entity u JOIN client sc ON sc.realm_id = u.realm_id AND sc.id = u.service_account_client_id
WHERE u.realm_id = $1 ORDER BY u.username
