-- name: user_rep_select
SELECT rep FROM user_rep WHERE realm_id = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR username = $3)

-- What a search asks of users.
-- $2: ids, separated by blanks; $3, $18: patterns that "search" fits, $4: more of them, as an array; patterns of
-- $5: username, $6: email, $7: first name, $8: last name; $9, $10: createdTimestamp from, to; $11: attributes that are there, as JSON;
-- $12, $13: an identity provider and the id there; $14, $15: enabled, emailVerified; $16: service accounts too; $17: regular expressions.
-- The planner multiplies what conditions on the same text leave: where a field is looked for by the index of "search", CASE hides from it that
-- this is the same once more.
-- text: user_filter
    AND ($2::text IS NULL OR u.id = ANY (string_to_array($2, ' ')))
    AND ($3::text IS NULL OR u.search LIKE $3) AND ($4::text IS NULL OR u.search LIKE ALL ($4::text[]))
    AND ($5::text IS NULL OR (left($5, 1) <> '%' AND u.username LIKE $5) OR (left($5, 1) = '%' AND CASE WHEN u.username LIKE $5 THEN true ELSE false END))
    AND ($6::text IS NULL OR (left($6, 1) <> '%' AND u.email LIKE $6) OR (left($6, 1) = '%' AND CASE WHEN u.email LIKE $6 THEN true ELSE false END))
    AND ($7::text IS NULL OR (left($7, 1) <> '%' AND starts_with(u.username, lower(u.first_name)) = ANY ('{t,f}') AND lower(u.first_name) COLLATE "C" LIKE $7) OR (left($7, 1) = '%' AND CASE WHEN lower(u.first_name) LIKE $7 THEN true ELSE false END))
    AND ($8::text IS NULL OR (left($8, 1) <> '%' AND starts_with(u.username, lower(u.last_name)) = ANY ('{t,f}') AND lower(u.last_name) COLLATE "C" LIKE $8) OR (left($8, 1) = '%' AND CASE WHEN lower(u.last_name) LIKE $8 THEN true ELSE false END))
    AND ($9::text IS NULL OR u.created_timestamp >= $9::bigint) AND ($10::text IS NULL OR u.created_timestamp <= $10::bigint)
    AND ($11::text IS NULL OR u.attributes @> $11::jsonb)
    AND (($12::text IS NULL AND $13::text IS NULL) OR EXISTS (SELECT 1 FROM federated_identity f WHERE f.realm_id = u.realm_id AND f.user_id = u.id
        AND ($12::text IS NULL OR f.identity_provider = $12) AND ($13::text IS NULL OR f.external_user_id = $13)))
    AND ($14::text IS NULL OR u.enabled = $14::boolean) AND ($15::text IS NULL OR u.email_verified = $15::boolean)
    AND ($16::boolean OR u.service_account_client_id IS NULL) AND ($17::text IS NULL OR u.search ~ ALL ($17::text[])) AND ($18::text IS NULL OR u.search LIKE $18)

-- A part of all of them, in the shape of group_members and role_users. $2: service accounts too; $3: the user name before, "" at first.
-- name: users_all
SELECT part.username AS key, r.rep FROM (
    SELECT realm_id, id, username FROM user_entity
    WHERE realm_id = $1 AND username COLLATE "C" > $3 AND ($2::boolean OR service_account_client_id IS NULL)
    ORDER BY username COLLATE "C" OFFSET $4::int LIMIT $5::int) part
JOIN user_rep r ON r.realm_id = part.realm_id AND r.id = part.id ORDER BY part.username COLLATE "C"

-- The page where it is found among the first users, $21 of them at most: whatever many users have is.
-- name: users_walk planned
SELECT r.rep FROM (SELECT u.realm_id, u.id, u.username FROM (SELECT * FROM user_entity WHERE realm_id = $1 ORDER BY username COLLATE "C" LIMIT $21::int) u WHERE u.realm_id = $1
@user_filter
    ORDER BY u.username COLLATE "C" OFFSET $19::int LIMIT $20::int) f
JOIN user_rep r ON r.realm_id = f.realm_id AND r.id = f.id ORDER BY f.username COLLATE "C"

-- All that fit, sorted then: the order must not lead the planner back to the walk.
-- name: users_search planned
SELECT r.rep FROM (SELECT x.realm_id, x.id, x.username FROM (SELECT u.realm_id, u.id, u.username FROM user_entity u WHERE u.realm_id = $1
@user_filter
    OFFSET 0) x ORDER BY x.username COLLATE "C" OFFSET $19::int LIMIT $20::int) f
JOIN user_rep r ON r.realm_id = f.realm_id AND r.id = f.id ORDER BY f.username COLLATE "C"

-- One word, the beginning of a field, from $2 to $3 in the order of bytes. $4: beginnings of it, which a user's name could be that the e-mail
-- address goes on; $5: the page and all before it, $6, $7: the page; $8: which addresses to look at, see 0082.
-- name: users_beginning planned
SELECT r.rep FROM (SELECT $1::text AS realm_id, a.username FROM (
    (SELECT u.username FROM user_entity u WHERE u.realm_id = $1 AND u.username COLLATE "C" BETWEEN $2 AND $3 AND u.service_account_client_id IS NULL
        ORDER BY u.username COLLATE "C" LIMIT $5::int)
    UNION (SELECT u.username FROM user_entity u WHERE u.realm_id = $1 AND u.username = ANY ($4::text[]) AND u.email COLLATE "C" BETWEEN $2 AND $3
        AND u.service_account_client_id IS NULL)
    UNION (SELECT x.username FROM (SELECT u.username FROM user_entity u WHERE u.realm_id = $1 AND u.email IS NOT NULL
        AND CASE WHEN starts_with(u.email, u.username) THEN 2 WHEN left(u.email, 5) = left(u.username, 5) THEN 1 ELSE 0 END = ANY ($8::int[])
        AND u.email COLLATE "C" BETWEEN $2 AND $3 AND u.service_account_client_id IS NULL OFFSET 0) x ORDER BY x.username COLLATE "C" LIMIT $5::int)
    UNION (SELECT x.username FROM (SELECT u.username FROM user_entity u WHERE u.realm_id = $1 AND u.first_name IS NOT NULL
        AND NOT starts_with(u.username, lower(u.first_name)) AND lower(u.first_name) COLLATE "C" BETWEEN $2 AND $3 AND u.service_account_client_id IS NULL OFFSET 0) x
        ORDER BY x.username COLLATE "C" LIMIT $5::int)
    UNION (SELECT x.username FROM (SELECT u.username FROM user_entity u WHERE u.realm_id = $1 AND u.last_name IS NOT NULL
        AND NOT starts_with(u.username, lower(u.last_name)) AND lower(u.last_name) COLLATE "C" BETWEEN $2 AND $3 AND u.service_account_client_id IS NULL OFFSET 0) x
        ORDER BY x.username COLLATE "C" LIMIT $5::int)
    ) a ORDER BY a.username COLLATE "C" OFFSET $6::int LIMIT $7::int) f
JOIN user_rep r ON r.realm_id = f.realm_id AND r.username = f.username ORDER BY f.username COLLATE "C"

-- name: users_count planned
SELECT count(*) AS count FROM user_entity u WHERE u.realm_id = $1
@user_filter

-- What fine-grained permissions say of a user (v.said, of lk_fine_users): of the user or all users, and of groups or all groups; any that
-- refuses outweighs those that allow.
-- text: user_verdict
    (SELECT d.u >= 0 AND d.g >= 0 AND d.u + d.g > 0 FROM (SELECT coalesce((v.said->'users'->>u.id)::int, (v.said->>'allUsers')::int) AS u,
        coalesce((SELECT min((v.said->'groups'->>m.group_id)::int) FROM user_group_membership m WHERE m.realm_id = u.realm_id AND m.user_id = u.id),
            (SELECT (v.said->>'allGroups')::int FROM user_group_membership m WHERE m.realm_id = u.realm_id AND m.user_id = u.id LIMIT 1), 0) AS g) d)

-- The same lists where not all users may be seen. $19: who may; $22: who may be managed.
-- name: users_permitted planned
SELECT r.rep, (SELECT
@user_verdict
    FROM (VALUES ($22::jsonb)) v (said)) AS manage
FROM (SELECT x.realm_id, x.id, x.username FROM (SELECT u.realm_id, u.id, u.username FROM user_entity u, (VALUES ($19::jsonb)) v (said) WHERE u.realm_id = $1
@user_filter
    AND
@user_verdict
    OFFSET 0) x ORDER BY x.username COLLATE "C" OFFSET $20::int LIMIT $21::int) u
JOIN user_rep r ON r.realm_id = u.realm_id AND r.id = u.id ORDER BY u.username COLLATE "C"

-- name: users_permitted_count planned
SELECT count(*) AS count FROM user_entity u, (VALUES ($19::jsonb)) v (said) WHERE u.realm_id = $1
@user_filter
    AND
@user_verdict

-- name: group_members_permitted
SELECT u.username AS key, u.rep, (SELECT
@user_verdict
    FROM (VALUES ($7::jsonb)) v (said)) AS manage
FROM (VALUES ($6::jsonb)) v (said), user_group_membership h JOIN user_rep u ON u.realm_id = h.realm_id AND u.id = h.user_id
WHERE h.realm_id = $1 AND h.group_id = $2 AND u.username > $3 AND
@user_verdict
ORDER BY u.username OFFSET $4::int LIMIT $5::int

-- name: role_users_permitted
SELECT u.username AS key, u.rep, (SELECT
@user_verdict
    FROM (VALUES ($7::jsonb)) v (said)) AS manage
FROM (VALUES ($6::jsonb)) v (said), user_role h JOIN user_rep u ON u.realm_id = h.realm_id AND u.id = h.user_id
WHERE h.realm_id = $1 AND h.role_id = $2 AND u.username > $3 AND
@user_verdict
ORDER BY u.username OFFSET $4::int LIMIT $5::int

-- name: user_update
UPDATE user_entity SET username = r->>'username', email = r->>'email', email_verified = coalesce((r->>'emailVerified')::boolean, false),
    enabled = coalesce((r->>'enabled')::boolean, false), first_name = r->>'firstName', last_name = r->>'lastName',
    attributes = coalesce(r->'attributes', '{}'), required_actions = coalesce(r->'requiredActions', '[]'), rep = $3::jsonb
FROM (SELECT $2::jsonb AS r) given WHERE realm_id = $1 AND id = r->>'id'

-- name: user_delete
DELETE FROM user_entity WHERE realm_id = $1 AND id = $2

-- name: user_row_lock
SELECT id FROM user_entity WHERE realm_id = $1 AND id = $2 FOR UPDATE

-- name: user_group_add
INSERT INTO user_group_membership (realm_id, user_id, group_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING

-- name: user_group_remove
DELETE FROM user_group_membership WHERE realm_id = $1 AND user_id = $2 AND group_id = $3

-- name: credential_list
SELECT id, type, user_label, created_date, credential_data FROM credential WHERE realm_id = $1 AND user_id = $2 AND type <> 'password-history'
ORDER BY priority, created_date, id

-- name: credential_insert
INSERT INTO credential (realm_id, user_id, id, type, user_label, created_date, priority, secret_data, credential_data)
SELECT $1, $2, $3, $4, $5, $6::bigint, coalesce(max(priority), 0) + 10, $7, $8 FROM credential WHERE realm_id = $1 AND user_id = $2

-- name: credential_delete
DELETE FROM credential WHERE realm_id = $1 AND user_id = $2 AND id = $3

-- name: credential_label
UPDATE credential SET user_label = $4 WHERE realm_id = $1 AND user_id = $2 AND id = $3

-- $3: the ids in their new order, as JSON.
-- name: credential_order
UPDATE credential c SET priority = 10 * o.position FROM jsonb_array_elements_text($3::jsonb) WITH ORDINALITY AS o (id, position)
WHERE c.realm_id = $1 AND c.user_id = $2 AND c.id = o.id

-- Sessions of a user ($2) or a client ($3), or both; $4: offline ones; clients: {client.id: clientId}.
-- name: sessions_select
SELECT s.started || ' ' || s.id AS key, s.id, s.user_id, u.username, s.ip_address, s.started, s.last_access, s.remember_me, s.notes,
    (SELECT jsonb_object_agg(c.id, c.client_id) FROM client_session x JOIN client c ON c.realm_id = x.realm_id AND c.id = x.client_id
        WHERE x.realm_id = s.realm_id AND x.session_id = s.id AND x.offline = s.offline) AS clients
FROM user_session s JOIN user_entity u ON u.realm_id = s.realm_id AND u.id = s.user_id
WHERE s.realm_id = $1 AND ($2::text IS NULL OR s.user_id = $2) AND s.offline = $4::boolean AND ($3::text IS NULL OR EXISTS (
    SELECT 1 FROM client_session x WHERE x.realm_id = s.realm_id AND x.session_id = s.id AND x.offline = s.offline AND x.client_id = $3))
    AND ($7 = '' OR (s.started, s.id) > (nullif(split_part($7, ' ', 1), '')::bigint, split_part($7, ' ', 2)))
ORDER BY s.started, s.id OFFSET $5::int LIMIT $6::int

-- Those of a client ($2), of one sort ($3: offline), of users whose name holds $4, or from the address $4.
-- name: sessions_of_realm
SELECT s.id, s.user_id, u.username, s.ip_address, s.started, s.last_access, s.remember_me, s.offline,
    (SELECT jsonb_object_agg(c.id, c.client_id) FROM client_session x JOIN client c ON c.realm_id = x.realm_id AND c.id = x.client_id
        WHERE x.realm_id = s.realm_id AND x.session_id = s.id AND x.offline = s.offline) AS clients
FROM user_session s JOIN user_entity u ON u.realm_id = s.realm_id AND u.id = s.user_id
WHERE s.realm_id = $1 AND ($2::text IS NULL OR EXISTS (SELECT 1 FROM client_session x
        WHERE x.realm_id = s.realm_id AND x.session_id = s.id AND x.offline = s.offline AND x.client_id = $2))
    AND ($3::text IS NULL OR s.offline = $3::boolean) AND ($4::text IS NULL OR strpos(u.username, $4) <> 0 OR s.ip_address = $4)
ORDER BY s.started, s.id OFFSET $5::int LIMIT $6::int

-- name: sessions_count
SELECT count(*) AS count FROM client_session x WHERE x.realm_id = $1 AND x.client_id = $2 AND x.offline = $3::boolean

-- name: sessions_stats
SELECT c.id, c.client_id, count(*) FILTER (WHERE NOT x.offline) AS active, count(*) FILTER (WHERE x.offline) AS offline
FROM client_session x JOIN client c ON c.realm_id = x.realm_id AND c.id = x.client_id WHERE x.realm_id = $1 GROUP BY c.id, c.client_id ORDER BY c.client_id

-- name: sessions_remove_all
DELETE FROM user_session WHERE realm_id = $1 AND NOT offline

-- Takes a client out of all of a user's sessions.
-- name: sessions_client_revoke
DELETE FROM client_session x USING user_session s WHERE s.realm_id = $1 AND s.user_id = $2 AND x.realm_id = s.realm_id AND x.session_id = s.id
    AND x.offline = s.offline AND x.client_id = $3 RETURNING x.offline
