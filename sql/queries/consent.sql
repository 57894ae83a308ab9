-- name: consent_get
SELECT scope_ids FROM user_consent WHERE realm_id = $1 AND user_id = $2 AND client_id = $3;

-- name: consent_put
INSERT INTO user_consent (realm_id, user_id, client_id, scope_ids, created_date, last_updated_date)
VALUES ($1, $2, $3, $4::jsonb, $5::bigint, $5::bigint)
ON CONFLICT (realm_id, user_id, client_id) DO UPDATE SET scope_ids = excluded.scope_ids, last_updated_date = excluded.last_updated_date;
