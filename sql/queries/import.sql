-- Statements of realm import, deletion and renaming, and of the master realm.

-- name: import_realm_id
SELECT id FROM realm WHERE name = $1

-- name: import_take_turn
-- Until the transaction ends.
SELECT pg_try_advisory_xact_lock(hashtextextended('latchkey import ' || $1, 0)) AS mine

-- name: import_insert_realm
INSERT INTO realm (id, name, rep) VALUES ($1, $2, $3::text::jsonb)

-- name: import_delete_realm
DELETE FROM realm WHERE id = $1

-- name: import_shared_email
SELECT email, min(username) AS first, max(username) AS second FROM user_entity
WHERE realm_id = $1 AND email IS NOT NULL GROUP BY email HAVING count(*) > 1 ORDER BY email LIMIT 1

-- name: import_other_realms
SELECT name FROM realm WHERE name <> $1 ORDER BY name

-- name: import_rename_realm
UPDATE realm SET name = $2 WHERE id = $1

-- The built-in clients' own URLs name their realm.
-- name: import_rename_urls
UPDATE client SET rep = replace(rep::text, $3, $4)::jsonb WHERE realm_id = $1 AND client_id = $2

-- name: master_find
SELECT m.id, r.id AS admin_role, c.id AS client FROM realm m
LEFT JOIN role r ON r.realm_id = m.id AND r.client_id IS NULL AND r.name = 'admin'
LEFT JOIN client c ON c.realm_id = m.id AND c.client_id = $1
WHERE m.name = 'master'

-- name: master_remove_client
DELETE FROM client WHERE realm_id = $1 AND client_id = $2

-- name: master_rename_client
UPDATE client SET client_id = $3, rep = jsonb_set(rep, '{name}', to_jsonb($4::text)) WHERE realm_id = $1 AND client_id = $2
