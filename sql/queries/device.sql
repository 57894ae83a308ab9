-- name: device_code_insert
INSERT INTO device_code (realm_id, id, user_code, client_id, scope, code_challenge, code_challenge_method, expires, polling_interval,
    user_id, notification)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8::bigint, $9::int, $10, $11)
ON CONFLICT (realm_id, user_code) DO NOTHING

-- What a person may still grant; $3: now.
-- name: device_code_by_user_code
SELECT id, client_id, scope FROM device_code
WHERE realm_id = $1 AND user_code = $2 AND status = 'pending' AND expires > $3::bigint AND user_id IS NULL

-- name: device_code_decide
UPDATE device_code SET status = $3, session_id = $4
WHERE realm_id = $1 AND id = $2 AND status = 'pending' AND expires > $5::bigint

-- The same for a backchannel request, by what the authentication channel knows it as; $3: granted or denied, $4: now.
-- name: backchannel_decide
UPDATE device_code SET status = $3
WHERE realm_id = $1 AND user_code = $2 AND status = 'pending' AND expires > $4::bigint AND user_id IS NOT NULL
RETURNING id, client_id, notification

-- The row as it is, and whether this poll ($3: now) is too early; the next one may come an interval later.
-- name: device_code_poll
WITH before AS (
    SELECT realm_id, id, next_poll > $3::bigint AS too_early FROM device_code WHERE realm_id = $1 AND id = $2 FOR UPDATE
)
UPDATE device_code d SET next_poll = $3::bigint + d.polling_interval FROM before b
WHERE d.realm_id = b.realm_id AND d.id = b.id
RETURNING d.client_id, d.scope, d.code_challenge, d.code_challenge_method, d.expires, d.status, d.session_id, d.user_id, b.too_early

-- name: device_code_redeem
DELETE FROM device_code WHERE realm_id = $1 AND id = $2 AND status = 'granted'

-- name: housekeeping_device_codes
DELETE FROM device_code WHERE (realm_id, id) IN (
    SELECT realm_id, id FROM device_code WHERE expires < $1::bigint LIMIT $2::int FOR UPDATE SKIP LOCKED)
