-- Members that are an organization's own are disabled with it.
CREATE OR REPLACE VIEW user_with_grants AS
SELECT u.realm_id, u.id AS user_id, u.username, u.email, u.email_verified, u.enabled AND NOT EXISTS (SELECT 1 FROM organization_member m
        JOIN organization o ON o.realm_id = m.realm_id AND o.id = m.organization_id
        WHERE m.realm_id = u.realm_id AND m.user_id = u.id AND m.managed AND o.rep->>'enabled' = 'false') AS user_enabled, u.first_name, u.last_name,
    u.created_timestamp, u.service_account_client_id, u.not_before AS user_not_before, u.attributes, u.required_actions, u.rep AS user_rep,
    (SELECT string_agg(x.role_id, E'\n') FROM user_role x WHERE x.realm_id = u.realm_id AND x.user_id = u.id) AS role_ids,
    (SELECT string_agg(x.group_id, E'\n') FROM user_group_membership x WHERE x.realm_id = u.realm_id AND x.user_id = u.id) AS group_ids
FROM user_entity u;
