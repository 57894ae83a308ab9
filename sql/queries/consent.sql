-- name: consent_get
SELECT scope_ids FROM user_consent WHERE realm_id = $1 AND user_id = $2 AND client_id = $3;

-- name: consent_put
INSERT INTO user_consent (realm_id, user_id, client_id, scope_ids, created_date, last_updated_date)
VALUES ($1, $2, $3, $4::jsonb, $5::bigint, $5::bigint)
ON CONFLICT (realm_id, user_id, client_id) DO UPDATE SET scope_ids = excluded.scope_ids, last_updated_date = excluded.last_updated_date;

-- name: consent_remove
DELETE FROM user_consent WHERE realm_id = $1 AND user_id = $2 AND client_id = $3;

-- name: consent_list
SELECT c.client_id AS client_uuid, k.client_id, c.scope_ids, c.created_date, c.last_updated_date FROM user_consent c
JOIN client k ON k.realm_id = c.realm_id AND k.id = c.client_id
WHERE c.realm_id = $1 AND c.user_id = $2 ORDER BY c.last_updated_date;
