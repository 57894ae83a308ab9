-- name: user_rep_select
SELECT rep FROM user_rep WHERE realm_id = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR username = $3)

-- What the index user_parts holds (0230).
-- text: user_parts
    (E'\n' || substr(u.username, 2) || E'\n' || coalesce(substr(u.email, 2), '') || E'\n' || coalesce(substr(lower(u.first_name), 2), '') || E'\n' || coalesce(substr(lower(u.last_name), 2), '') || E'\n')

-- What the index user_beginnings holds.
-- text: user_beginnings
    ARRAY[left(u.username, 3), left(u.email, 3), left(lower(u.first_name), 3), left(lower(u.last_name), 3)]

-- How much of the user name an e-mail address begins with, as the index user_by_email has it (0240).
-- text: user_shared_beginning
    CASE WHEN starts_with(u.email, u.username) THEN 6 WHEN left(u.email, 5) = left(u.username, 5) THEN 5 WHEN left(u.email, 4) = left(u.username, 4) THEN 4
        WHEN left(u.email, 3) = left(u.username, 3) THEN 3 WHEN left(u.email, 2) = left(u.username, 2) THEN 2 WHEN left(u.email, 1) = left(u.username, 1) THEN 1 ELSE 0 END

-- What an index is asked for: a field, of those whose letters `fields` has, begins as `beginning` does; or, unless `behind` is NULL, it goes on with that
-- pattern behind its first character. Where `fields` has none, user_beginnings is asked instead: two B-trees that both begin with the realm are never
-- combined by the planner.
-- text: user_word beginning behind fields
    AND ({beginning}::text IS NULL
        OR ('u' = ANY ({fields}::text[]) AND u.username LIKE {beginning})
        OR ('e' = ANY ({fields}) AND u.email IS NOT NULL AND
@user_shared_beginning
        = ANY ('{0,1,2,3,4,5,6}') AND u.email LIKE {beginning})
        OR ('f' = ANY ({fields}) AND u.first_name IS NOT NULL AND starts_with(u.username, lower(u.first_name)) = ANY ('{t,f}') AND lower(u.first_name) LIKE {beginning})
        OR ('l' = ANY ({fields}) AND u.last_name IS NOT NULL AND starts_with(u.username, lower(u.last_name)) = ANY ('{t,f}') AND lower(u.last_name) LIKE {beginning})
        OR ({fields} = '{}' AND
@user_beginnings
            @> ARRAY[left({beginning}, 3)])
        OR ({behind}::text IS NOT NULL AND
@user_parts
            LIKE {behind}))

-- Service accounts too; enabled and emailVerified, where they are asked for.
-- text: user_flags service_accounts enabled verified
    AND ({service_accounts}::boolean OR u.service_account_client_id IS NULL)
    AND ({enabled}::text IS NULL OR u.enabled = {enabled}::boolean) AND ({verified}::text IS NULL OR u.email_verified = {verified}::boolean)

-- The first users of one of four kinds, enabled or not, with a verified address or not, if that kind is asked for.
-- text: users_of_kind is_enabled is_verified enabled verified count
    FROM user_entity WHERE realm_id = $1 AND enabled = {is_enabled} AND email_verified = {is_verified}
        AND ({enabled}::text IS NULL OR {enabled}::boolean = {is_enabled}) AND ({verified}::text IS NULL OR {verified}::boolean = {is_verified})
    ORDER BY username COLLATE "C" LIMIT {count}::int

-- What a search asks of users. $2: ids, separated by blanks; $3 to $5, $6 to $8: two things that an index is asked for;
-- $9: patterns that "search" fits; $10: regular expressions; patterns of
-- $11: username, $12: email, $13: first name, $14: last name; $15, $16: createdTimestamp from, to; $17: attributes that are there, as JSON;
-- $18, $19: an identity provider and the id there; $20, $21: enabled, emailVerified; $22: service accounts too; $23: three
-- characters each that some field begins with: another way to what several words have in common.
-- text: user_filter
    AND ($2::text IS NULL OR u.id = ANY (string_to_array($2, ' ')))
@user_word $3 $4 $5
@user_word $6 $7 $8
    AND ($9::text IS NULL OR u.search LIKE ALL ($9::text[])) AND ($10::text IS NULL OR u.search ~ ALL ($10::text[]))
    AND ($11::text IS NULL OR u.username LIKE $11) AND ($12::text IS NULL OR u.email LIKE $12)
    AND ($13::text IS NULL OR lower(u.first_name) LIKE $13) AND ($14::text IS NULL OR lower(u.last_name) LIKE $14)
    AND ($15::text IS NULL OR (u.created_timestamp >= $15::bigint AND u.created_timestamp / 86400000 >= $15::bigint / 86400000))
    AND ($16::text IS NULL OR (u.created_timestamp <= $16::bigint AND u.created_timestamp / 86400000 <= $16::bigint / 86400000))
    AND ($17::text IS NULL OR u.attributes @> $17::jsonb)
@user_flags $22 $20 $21
    AND ($23::text IS NULL OR
@user_beginnings
        @> $23::text[])

-- The identity provider and the id there: of one user after the other, or looked up.
-- text: user_linked
    AND (($18::text IS NULL AND $19::text IS NULL) OR EXISTS (SELECT 1 FROM federated_identity f WHERE f.realm_id = u.realm_id AND f.user_id = u.id
        AND ($18::text IS NULL OR f.identity_provider = $18) AND ($19::text IS NULL OR f.external_user_id = $19)))

-- text: user_of_links
    AND (($18::text IS NULL AND $19::text IS NULL) OR u.id = ANY (ARRAY(SELECT f.user_id FROM federated_identity f WHERE f.realm_id = $1
        AND ($18::text IS NULL OR f.identity_provider = $18) AND ($19::text IS NULL OR f.external_user_id = $19)
        AND ($18::text IS NOT NULL OR f.identity_provider = ANY (ARRAY(SELECT p.alias FROM identity_provider p WHERE p.realm_id = $1))))))

-- A part of all of them, in the shape of group_members and role_users. $2: service accounts too; $3: the user name before, "" at first.
-- name: users_all
SELECT part.username AS key, r.rep FROM (
    SELECT $1::text AS realm_id, username FROM user_entity
    WHERE realm_id = $1 AND username COLLATE "C" > $3 AND ($2::boolean OR service_account_client_id IS NULL)
    ORDER BY username COLLATE "C" OFFSET $4::int LIMIT $5::int) part
JOIN user_rep r ON r.realm_id = part.realm_id AND r.username = part.username ORDER BY part.username COLLATE "C"

-- Those that are enabled ($2), or not, and have a verified address ($3), or not; service accounts too. $4: the page and all before it, $5, $6: the page.
-- name: users_flagged planned
SELECT r.rep FROM (SELECT $1::text AS realm_id, flagged.username FROM (
        (SELECT username COLLATE "C" AS username
@users_of_kind true true $2 $3 $4
        ) UNION ALL (SELECT username COLLATE "C" AS username
@users_of_kind true false $2 $3 $4
        ) UNION ALL (SELECT username COLLATE "C" AS username
@users_of_kind false true $2 $3 $4
        ) UNION ALL (SELECT username COLLATE "C" AS username
@users_of_kind false false $2 $3 $4
        ) ORDER BY username OFFSET $5::int LIMIT $6::int) flagged) f
JOIN user_rep r ON r.realm_id = f.realm_id AND r.username = f.username ORDER BY f.username COLLATE "C"

-- The page where it is found among the first users, $26 of them at most: whatever many users have is.
-- name: users_walk planned
SELECT r.rep FROM (SELECT u.realm_id, u.id, u.username FROM (SELECT * FROM user_entity WHERE realm_id = $1 ORDER BY username COLLATE "C" LIMIT $26::int) u WHERE u.realm_id = $1
@user_filter
@user_linked
    ORDER BY u.username COLLATE "C" OFFSET $24::int LIMIT $25::int) f
JOIN user_rep r ON r.realm_id = f.realm_id AND r.id = f.id ORDER BY f.username COLLATE "C"

-- The same among those that are enabled, or not, and have a verified address, or not.
-- name: users_walk_flagged planned
SELECT r.rep FROM (SELECT u.realm_id, u.id, u.username FROM (
        (SELECT *, username COLLATE "C" AS name
@users_of_kind true true $20 $21 $26
        ) UNION ALL (SELECT *, username COLLATE "C" AS name
@users_of_kind true false $20 $21 $26
        ) UNION ALL (SELECT *, username COLLATE "C" AS name
@users_of_kind false true $20 $21 $26
        ) UNION ALL (SELECT *, username COLLATE "C" AS name
@users_of_kind false false $20 $21 $26
        ) ORDER BY name LIMIT $26::int) u WHERE u.realm_id = $1
@user_filter
@user_linked
    ORDER BY u.username COLLATE "C" OFFSET $24::int LIMIT $25::int) f
JOIN user_rep r ON r.realm_id = f.realm_id AND r.id = f.id ORDER BY f.username COLLATE "C"

-- All that fit, sorted then: the order must not lead the planner back to the walk, nor the limit to reading all users until it is reached. Where there are more than $26, what is answered is no page.
-- name: users_search planned
SELECT r.rep, f.found FROM (SELECT x.realm_id, x.id, x.username, count(*) OVER () AS found FROM (SELECT u.realm_id, u.id, u.username FROM user_entity u WHERE u.realm_id = $1
@user_filter
@user_of_links
    OFFSET 0 LIMIT (SELECT $26::int + 1)) x ORDER BY x.username COLLATE "C" OFFSET $24::int LIMIT $25::int) f
JOIN user_rep r ON r.realm_id = f.realm_id AND r.id = f.id ORDER BY f.username COLLATE "C"

-- Users that an identity provider has, counted up to $3.
-- name: users_of_provider
SELECT count(*) AS count FROM (SELECT 1 FROM federated_identity WHERE realm_id = $1 AND identity_provider = $2 LIMIT $3::int) f

-- Of patterns for user_parts, in the order of what they promise, the one that the fewest of the sampled texts have. $1 is not asked for.
-- name: users_rarest
SELECT c.part FROM unnest($2::text[]) WITH ORDINALITY c (part, rank) WHERE $1::text IS NOT NULL
ORDER BY (SELECT count(*) FROM pg_stats s, unnest(s.histogram_bounds::text::text[]) b (value) WHERE s.schemaname = current_schema() AND s.tablename = 'user_parts' AND b.value LIKE c.part), c.rank
LIMIT 1

-- A part of users_word: those of whom the first or last name (`field`) begins so, and is not, or is, what the user name begins with.
-- text: users_of_name field letter begins
    '{letter}' = ANY ($10) AND u.realm_id = $1 AND u.{field} IS NOT NULL
        AND starts_with(u.username, lower(u.{field})) = {begins} AND lower(u.{field}) COLLATE "C" BETWEEN $2 AND $3
@user_flags $12 $14 $15
        OFFSET 0) x ORDER BY x.username COLLATE "C" LIMIT $5::int)

-- One word in any of the fields $10: at the beginning, from $2 to $3 in the order of bytes, or, where $9 is not NULL, at another place, which is
-- looked up by $9 and has to fit $11. $4: beginnings of it, which a user's name could be that the e-mail address goes on; $5: the page and all before
-- it, $6, $7: the page; $8: which addresses to look at, see 0240; $12: service
-- accounts too; $14, $15: enabled, emailVerified. Where more than $13 have it at another place, what is answered is no page.
-- name: users_word planned
WITH part AS MATERIALIZED (SELECT u.username FROM user_entity u WHERE $9::text IS NOT NULL AND u.realm_id = $1 AND
@user_parts
        LIKE $9
@user_flags $12 $14 $15
        AND (('u' = ANY ($10::text[]) AND u.username LIKE $11) OR ('e' = ANY ($10) AND u.email LIKE $11) OR ('f' = ANY ($10) AND lower(u.first_name) LIKE $11) OR ('l' = ANY ($10) AND lower(u.last_name) LIKE $11))
    OFFSET 0 LIMIT (SELECT $13::int + 1)),
near AS MATERIALIZED (SELECT u.username FROM (SELECT * FROM user_entity WHERE NOT 'u' = ANY ($10) AND realm_id = $1 AND username COLLATE "C" BETWEEN $2 AND $3
        ORDER BY username COLLATE "C" LIMIT 3000) u
    WHERE (('e' = ANY ($10) AND u.email COLLATE "C" BETWEEN $2 AND $3) OR ('f' = ANY ($10) AND lower(u.first_name) COLLATE "C" BETWEEN $2 AND $3)
        OR ('l' = ANY ($10) AND lower(u.last_name) COLLATE "C" BETWEEN $2 AND $3))
@user_flags $12 $14 $15
    ORDER BY u.username COLLATE "C" LIMIT $5::int),
few (near) AS MATERIALIZED (SELECT count(*) < $5::int FROM near)
SELECT r.rep, (SELECT count(*) FROM part) AS found FROM (SELECT $1::text AS realm_id, a.username FROM (
    (SELECT u.username FROM user_entity u WHERE 'u' = ANY ($10) AND u.realm_id = $1 AND u.username COLLATE "C" BETWEEN $2 AND $3
@user_flags $12 $14 $15
        ORDER BY u.username COLLATE "C" LIMIT $5::int)
    UNION (SELECT u.username FROM user_entity u WHERE 'e' = ANY ($10) AND u.realm_id = $1 AND u.username = ANY ($4::text[]) AND u.email COLLATE "C" BETWEEN $2 AND $3
@user_flags $12 $14 $15
        )
    UNION (SELECT x.username FROM (SELECT u.username FROM user_entity u WHERE 'e' = ANY ($10) AND u.realm_id = $1 AND u.email IS NOT NULL
        AND
@user_shared_beginning
        = ANY ($8::int[]) AND u.email COLLATE "C" BETWEEN $2 AND $3
@user_flags $12 $14 $15
        OFFSET 0) x ORDER BY x.username COLLATE "C" LIMIT $5::int)
    UNION (SELECT x.username FROM (SELECT u.username FROM user_entity u WHERE (SELECT f.near FROM few f) AND NOT 'u' = ANY ($10) AND 'e' = ANY ($10) AND u.realm_id = $1 AND u.email IS NOT NULL
        AND
@user_shared_beginning
        = 6 AND u.email COLLATE "C" BETWEEN $2 AND $3
@user_flags $12 $14 $15
        OFFSET 0) x ORDER BY x.username COLLATE "C" LIMIT $5::int)
    UNION (SELECT x.username FROM (SELECT u.username FROM user_entity u WHERE
@users_of_name first_name f false
    UNION (SELECT x.username FROM (SELECT u.username FROM user_entity u WHERE (SELECT f.near FROM few f) AND NOT 'u' = ANY ($10) AND
@users_of_name first_name f true
    UNION (SELECT x.username FROM (SELECT u.username FROM user_entity u WHERE
@users_of_name last_name l false
    UNION (SELECT x.username FROM (SELECT u.username FROM user_entity u WHERE (SELECT f.near FROM few f) AND NOT 'u' = ANY ($10) AND
@users_of_name last_name l true
    UNION (SELECT n.username FROM near n)
    UNION (SELECT p.username FROM part p ORDER BY p.username COLLATE "C" LIMIT $5::int)
    ) a ORDER BY a.username COLLATE "C" OFFSET $6::int LIMIT $7::int) f
JOIN user_rep r ON r.realm_id = f.realm_id AND r.username = f.username ORDER BY f.username COLLATE "C"

-- Those of some days: a page's users of each day, in the order of their names, and of these the first. $2, $3: createdTimestamp from, to, either may be
-- NULL; $4: the page and all before it, $5, $6: the page.
-- name: users_created planned
WITH RECURSIVE days (day) AS (
    (SELECT u.created_timestamp / 86400000 FROM user_entity u WHERE u.realm_id = $1 AND u.created_timestamp / 86400000 >= coalesce($2::text::bigint, -9223372036854775807) / 86400000
        ORDER BY u.created_timestamp / 86400000 LIMIT 1)
    UNION ALL SELECT (SELECT u.created_timestamp / 86400000 FROM user_entity u WHERE u.realm_id = $1 AND u.created_timestamp / 86400000 > d.day
        ORDER BY u.created_timestamp / 86400000 LIMIT 1) FROM days d WHERE d.day < coalesce($3::text::bigint, 9223372036854775807) / 86400000)
SELECT r.rep, 0 AS found FROM (SELECT $1::text AS realm_id, x.username FROM days d, LATERAL (SELECT u.username FROM user_entity u
        WHERE u.realm_id = $1 AND u.created_timestamp / 86400000 = d.day AND ($2::text IS NULL OR u.created_timestamp >= $2::bigint)
            AND ($3::text IS NULL OR u.created_timestamp <= $3::bigint)
        ORDER BY u.username COLLATE "C" LIMIT $4::int) x
    ORDER BY x.username COLLATE "C" OFFSET $5::int LIMIT $6::int) f
JOIN user_rep r ON r.realm_id = f.realm_id AND r.username = f.username ORDER BY f.username COLLATE "C"

-- Those of whom one of the fields $3 is $2. $4: service accounts too; $5: the page and all before it, $6, $7: the page.
-- name: users_exact planned
SELECT r.rep FROM (SELECT $1::text AS realm_id, a.username FROM (
    (SELECT u.username FROM user_entity u WHERE 'u' = ANY ($3::text[]) AND u.realm_id = $1 AND u.username = $2 AND ($4::boolean OR u.service_account_client_id IS NULL))
    UNION (SELECT u.username FROM user_entity u WHERE 'e' = ANY ($3) AND u.realm_id = $1 AND u.email = $2 AND ($4::boolean OR u.service_account_client_id IS NULL)
        ORDER BY u.username COLLATE "C" LIMIT $5::int)
    UNION (SELECT x.username FROM (VALUES (true), (false)) b (begins), LATERAL (SELECT u.username FROM user_entity u WHERE 'f' = ANY ($3) AND u.realm_id = $1
        AND u.first_name IS NOT NULL AND starts_with(u.username, lower(u.first_name)) = b.begins AND lower(u.first_name) COLLATE "C" = $2
        AND ($4::boolean OR u.service_account_client_id IS NULL) ORDER BY u.username COLLATE "C" LIMIT $5::int) x)
    UNION (SELECT x.username FROM (VALUES (true), (false)) b (begins), LATERAL (SELECT u.username FROM user_entity u WHERE 'l' = ANY ($3) AND u.realm_id = $1
        AND u.last_name IS NOT NULL AND starts_with(u.username, lower(u.last_name)) = b.begins AND lower(u.last_name) COLLATE "C" = $2
        AND ($4::boolean OR u.service_account_client_id IS NULL) ORDER BY u.username COLLATE "C" LIMIT $5::int) x)
    ) a ORDER BY a.username COLLATE "C" OFFSET $6::int LIMIT $7::int) f
JOIN user_rep r ON r.realm_id = f.realm_id AND r.username = f.username ORDER BY f.username COLLATE "C"

-- name: users_count planned
SELECT count(*) AS count FROM user_entity u WHERE u.realm_id = $1
@user_filter
@user_of_links

-- What fine-grained permissions say of a user (v.said, of lk_fine_users): of the user or all users, and of groups or all groups; any that
-- refuses outweighs those that allow.
-- text: user_verdict
    (SELECT d.u >= 0 AND d.g >= 0 AND d.u + d.g > 0 FROM (SELECT coalesce((v.said->'users'->>u.id)::int, (v.said->>'allUsers')::int) AS u,
        coalesce((SELECT min((v.said->'groups'->>m.group_id)::int) FROM user_group_membership m WHERE m.realm_id = u.realm_id AND m.user_id = u.id),
            (SELECT (v.said->>'allGroups')::int FROM user_group_membership m WHERE m.realm_id = u.realm_id AND m.user_id = u.id LIMIT 1), 0) AS g) d)

-- Whom a permission allows, where none is for all users or groups: few, who are found by what names them.
-- text: user_named
    AND u.id IN (SELECT n.key FROM jsonb_each($24::jsonb->'users') n WHERE n.value = '1' UNION ALL SELECT m.user_id FROM user_group_membership m
        WHERE m.realm_id = $1 AND m.group_id IN (SELECT n.key FROM jsonb_each($24::jsonb->'groups') n WHERE n.value = '1'))

-- Who is seen of those that fit, and the parts of such lists. $24: who may be seen; $27: who may be managed.
-- text: permitted
@user_of_links
    AND
@user_verdict

-- text: permitted_number
SELECT count(*) AS count FROM user_entity u, (VALUES ($24::jsonb)) v (said) WHERE u.realm_id = $1
@user_filter

-- text: permitted_of_all
SELECT r.rep, (SELECT
@user_verdict
    FROM (VALUES ($27::jsonb)) v (said)) AS manage
FROM (SELECT x.realm_id, x.id, x.username FROM (SELECT u.realm_id, u.id, u.username FROM user_entity u, (VALUES ($24::jsonb)) v (said) WHERE u.realm_id = $1
@user_filter

-- text: permitted_page
@permitted
    OFFSET 0) x ORDER BY x.username COLLATE "C" OFFSET $25::int LIMIT $26::int) u
JOIN user_rep r ON r.realm_id = u.realm_id AND r.id = u.id ORDER BY u.username COLLATE "C"

-- The same lists where not all users may be seen. By a walk, of $28 users at most:
-- name: users_permitted_walk planned
SELECT r.rep, (SELECT
@user_verdict
    FROM (VALUES ($27::jsonb)) v (said)) AS manage
FROM (SELECT u.realm_id, u.id, u.username FROM (SELECT * FROM user_entity WHERE realm_id = $1 ORDER BY username COLLATE "C" LIMIT $28::int) u,
    (VALUES ($24::jsonb)) v (said) WHERE u.realm_id = $1
@user_filter
@user_of_links
    AND
@user_verdict
    ORDER BY u.username COLLATE "C" OFFSET $25::int LIMIT $26::int) u
JOIN user_rep r ON r.realm_id = u.realm_id AND r.id = u.id ORDER BY u.username COLLATE "C"

-- All that fit.
-- name: users_permitted planned
@permitted_of_all
@permitted_page

-- name: users_permitted_count planned
@permitted_number
@permitted

-- name: users_permitted_named planned
@permitted_of_all
@user_named
@permitted_page

-- name: users_permitted_named_count planned
@permitted_number
@user_named
@permitted

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

-- Takes a client out of all of a user's sessions, or, where $4 is false, out of the offline ones.
-- name: sessions_client_revoke
DELETE FROM client_session x USING user_session s WHERE s.realm_id = $1 AND s.user_id = $2 AND x.realm_id = s.realm_id AND x.session_id = s.id
    AND x.offline = s.offline AND x.client_id = $3 AND ($4::boolean OR x.offline) RETURNING x.offline
