-- Organizations. $2: id or NULL, $3: name or NULL.
-- name: organization_select
SELECT rep FROM organization_rep WHERE realm_id = $1 AND ($2::text IS NULL OR id = $2) AND ($3::text IS NULL OR name = $3) ORDER BY name

-- $2: a part of a name or domain, or all of it where $3; $4: attributes that are there, as JSON; $5: what
-- lk_fine_organizations says, or NULL.
-- text: organization_filter
    AND ($2::text IS NULL OR CASE WHEN $3::boolean THEN o.name = $2 ELSE position(lower($2) IN lower(o.name)) <> 0 END
        OR EXISTS (SELECT 1 FROM organization_domain d WHERE d.realm_id = o.realm_id AND d.organization_id = o.id
            AND CASE WHEN $3::boolean THEN d.name = $2 ELSE position(lower($2) IN d.name) <> 0 END))
    AND ($4::text IS NULL OR o.rep->'attributes' @> $4::jsonb)
    AND ($5::text IS NULL OR coalesce(($5::jsonb->'single'->>o.id)::int, ($5::jsonb->>'all')::int, 0) > 0)

-- name: organization_search
SELECT o.rep FROM organization_rep o WHERE o.realm_id = $1
@organization_filter
ORDER BY o.name OFFSET $6::int LIMIT $7::int

-- name: organization_count
SELECT count(*) AS count FROM organization_rep o WHERE o.realm_id = $1
@organization_filter

-- What another organization than $2 has already: its name $3, its alias $4, one of the domains $5 (an array of objects).
-- name: organization_taken
SELECT 'name' AS what, name AS value, name AS owner FROM organization WHERE realm_id = $1 AND id <> $2 AND name = $3
UNION ALL SELECT 'alias', alias, name FROM organization WHERE realm_id = $1 AND id <> $2 AND alias = $4
UNION ALL SELECT 'domain', d.name, o.name FROM organization_domain d JOIN organization o ON o.realm_id = d.realm_id AND o.id = d.organization_id
WHERE d.realm_id = $1 AND d.organization_id <> $2 AND d.name IN (SELECT x->>'name' FROM jsonb_array_elements($5::jsonb) x)

-- name: organization_insert
WITH given AS (SELECT $2::jsonb AS r), made AS (
    INSERT INTO organization (realm_id, id, name, alias, rep) SELECT $1, r->>'id', r->>'name', r->>'alias', $3::jsonb - 'domains' FROM given)
INSERT INTO organization_domain (realm_id, name, organization_id, verified)
SELECT DISTINCT ON (x->>'name') $1, x->>'name', r->>'id', coalesce((x->>'verified')::boolean, false) FROM given, jsonb_array_elements(coalesce(r->'domains', '[]')) x

-- name: organization_update
WITH given AS (SELECT $2::jsonb AS r), changed AS (
    UPDATE organization SET name = r->>'name', rep = $3::jsonb - 'domains' FROM given WHERE realm_id = $1 AND id = r->>'id'), gone AS (
    DELETE FROM organization_domain d USING given WHERE d.realm_id = $1 AND d.organization_id = r->>'id'
        AND d.name NOT IN (SELECT x->>'name' FROM jsonb_array_elements(coalesce(r->'domains', '[]')) x))
INSERT INTO organization_domain (realm_id, name, organization_id, verified)
SELECT DISTINCT ON (x->>'name') $1, x->>'name', r->>'id', coalesce((x->>'verified')::boolean, false) FROM given, jsonb_array_elements(coalesce(r->'domains', '[]')) x
ON CONFLICT (realm_id, name) DO UPDATE SET verified = excluded.verified

-- Its own users go with it, and identity providers are nobody's again.
-- name: organization_delete
WITH members AS (DELETE FROM user_entity u USING organization_member m WHERE u.realm_id = $1 AND m.realm_id = $1 AND m.organization_id = $2
        AND m.managed AND u.id = m.user_id), providers AS (
    UPDATE identity_provider SET rep = rep - 'organizationId' WHERE realm_id = $1 AND rep->>'organizationId' = $2)
DELETE FROM organization WHERE realm_id = $1 AND id = $2

-- $2: organization; $3: id or NULL; $4: a pattern of "search" or NULL; $5: managed or not, or NULL.
-- text: member_filter
JOIN user_entity u ON u.realm_id = m.realm_id AND u.id = m.user_id
WHERE m.realm_id = $1 AND m.organization_id = $2 AND ($3::text IS NULL OR m.user_id = $3) AND ($4::text IS NULL OR u.search LIKE $4)
    AND ($5::text IS NULL OR m.managed = $5::boolean)

-- name: organization_members
SELECT r.rep, m.managed FROM organization_member m JOIN user_rep r ON r.realm_id = m.realm_id AND r.id = m.user_id
@member_filter
ORDER BY u.username COLLATE "C" OFFSET $6::int LIMIT $7::int

-- name: organization_members_count
SELECT count(*) AS count FROM organization_member m
@member_filter

-- name: organization_member_add
INSERT INTO organization_member (realm_id, organization_id, user_id, managed) VALUES ($1, $2, $3, $4::boolean) ON CONFLICT DO NOTHING

-- A user who was there because of the organization goes.
-- name: organization_member_remove
WITH gone AS (DELETE FROM user_entity u USING organization_member m WHERE m.realm_id = $1 AND m.organization_id = $2 AND m.user_id = $3 AND m.managed
    AND u.realm_id = $1 AND u.id = m.user_id)
DELETE FROM organization_member WHERE realm_id = $1 AND organization_id = $2 AND user_id = $3

-- $3: what lk_fine_organizations says, or NULL.
-- name: organizations_with_member
SELECT o.rep FROM organization_member m JOIN organization_rep o ON o.realm_id = m.realm_id AND o.id = m.organization_id
WHERE m.realm_id = $1 AND m.user_id = $2 AND ($3::text IS NULL OR coalesce(($3::jsonb->'single'->>o.id)::int, ($3::jsonb->>'all')::int, 0) > 0)
ORDER BY o.name

-- For realm files: with members and identity providers.
-- name: export_organizations
SELECT o.rep || jsonb_strip_nulls(jsonb_build_object(
    'members', (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('username', u.username, 'groups',
            (SELECT jsonb_agg(g.group_id ORDER BY g.group_id) FROM organization_group_member g
                WHERE g.realm_id = m.realm_id AND g.organization_id = m.organization_id AND g.user_id = m.user_id),
            'membershipType', CASE WHEN m.managed THEN 'MANAGED' ELSE 'UNMANAGED' END)) ORDER BY u.username)
        FROM organization_member m JOIN user_entity u ON u.realm_id = m.realm_id AND u.id = m.user_id WHERE m.realm_id = o.realm_id AND m.organization_id = o.id),
    'identityProviders', (SELECT jsonb_agg(jsonb_build_object('alias', p.alias) ORDER BY p.alias) FROM identity_provider p
        WHERE p.realm_id = o.realm_id AND p.rep->>'organizationId' = o.id))) AS rep
FROM organization_rep o WHERE o.realm_id = $1 ORDER BY o.name

-- name: snapshot_organizations
SELECT id, alias, name, nullif(rep->>'redirectUrl', '') AS redirect_url, coalesce((rep->>'enabled')::boolean, true) AS enabled FROM organization WHERE realm_id = $1 ORDER BY id COLLATE "C"

-- Whose the domain $2 is.
-- name: organization_of_domain
SELECT organization_id AS id FROM organization_domain WHERE realm_id = $1 AND name = $2

-- The providers of their organizations that managed members of them are linked to.
-- name: organization_home_providers
SELECT p.alias FROM organization_member m JOIN identity_provider p ON p.realm_id = m.realm_id AND p.rep->>'organizationId' = m.organization_id
JOIN federated_identity f ON f.realm_id = m.realm_id AND f.user_id = m.user_id AND f.identity_provider = p.alias
WHERE m.realm_id = $1 AND m.user_id = $2 AND m.managed

-- $2: organization, $3: its members as a realm file has them.
-- name: import_organization_members
INSERT INTO organization_member (realm_id, organization_id, user_id, managed)
SELECT $1, $2, u.id, bool_or(coalesce(m->>'membershipType', '') = 'MANAGED') FROM jsonb_array_elements($3::jsonb) m
JOIN user_entity u ON u.realm_id = $1 AND u.username = lower(m->>'username') GROUP BY u.id

-- The same, where there are members already.
-- name: apply_organization_members
INSERT INTO organization_member AS old (realm_id, organization_id, user_id, managed)
SELECT $1, $2, u.id, bool_or(coalesce(m->>'membershipType', '') = 'MANAGED') FROM jsonb_array_elements($3::jsonb) m
JOIN user_entity u ON u.realm_id = $1 AND u.username = lower(m->>'username') GROUP BY u.id
ON CONFLICT (realm_id, organization_id, user_id) DO UPDATE SET managed = EXCLUDED.managed WHERE old.managed <> EXCLUDED.managed

-- Without its own users: a realm file takes nobody away.
-- name: unapply_organization
DELETE FROM organization WHERE realm_id = $1 AND id = $2

-- $3: its identity providers.
-- name: import_organization_providers
UPDATE identity_provider SET rep = rep || jsonb_build_object('organizationId', $2::text)
WHERE realm_id = $1 AND alias IN (SELECT p->>'alias' FROM jsonb_array_elements($3::jsonb) p)

-- Invitations. $3: organization; what has expired is no invitation any more.
-- name: invitation_add
INSERT INTO organization_invitation (realm_id, id, organization_id, email, first_name, last_name, sent, expires)
VALUES ($1, $2, $3, $4, $5, $6, $7::bigint, $8::bigint)
ON CONFLICT (realm_id, organization_id, email) DO UPDATE SET id = EXCLUDED.id, first_name = EXCLUDED.first_name, last_name = EXCLUDED.last_name,
    sent = EXCLUDED.sent, expires = EXCLUDED.expires WHERE organization_invitation.expires <= EXCLUDED.sent

-- $2: organization or NULL, $3: id or NULL; $4: e-mail address, $5, $6: names, $7: a part of one of them, in lower case; $8: whether it has expired by $9.
-- name: invitation_search
SELECT id, organization_id, email, first_name, last_name, sent, expires FROM organization_invitation
WHERE realm_id = $1 AND ($2::text IS NULL OR organization_id = $2) AND ($3::text IS NULL OR id = $3) AND ($4::text IS NULL OR email = $4)
    AND ($5::text IS NULL OR first_name = $5) AND ($6::text IS NULL OR last_name = $6)
    AND ($7::text IS NULL OR position($7 IN email || E'\n' || lower(coalesce(first_name, '')) || E'\n' || lower(coalesce(last_name, ''))) <> 0)
    AND ($8::boolean IS NULL OR (expires <= $9::bigint) = $8::boolean)
ORDER BY sent, email OFFSET $10::int LIMIT $11::int

-- The same invitation by another link.
-- name: invitation_renew
UPDATE organization_invitation SET id = $3, sent = $4::bigint, expires = $5::bigint WHERE realm_id = $1 AND id = $2

-- name: invitation_remove
DELETE FROM organization_invitation WHERE realm_id = $1 AND id = $2
