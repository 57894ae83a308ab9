-- A user as a realm file has it; roles and groups as ids separated by newlines.
CREATE VIEW user_export AS
SELECT u.realm_id, u.username, u.role_ids, u.group_ids,
    u.user_rep || jsonb_strip_nulls(jsonb_build_object('id', u.user_id, 'username', u.username, 'firstName', u.first_name,
        'lastName', u.last_name, 'email', u.email, 'emailVerified', u.email_verified, 'enabled', u.user_enabled,
        'createdTimestamp', u.created_timestamp, 'notBefore', u.user_not_before, 'serviceAccountClientId', s.client_id,
        'requiredActions', u.required_actions, 'attributes', CASE WHEN u.attributes <> '{}' THEN u.attributes END)) AS rep,
    (SELECT jsonb_agg(x.rep || jsonb_strip_nulls(jsonb_build_object('id', x.id, 'type', x.type, 'userLabel', x.user_label,
            'createdDate', x.created_date, 'secretData', x.secret_data, 'credentialData', x.credential_data)) ORDER BY x.priority, x.id)
        FROM credential x WHERE x.realm_id = u.realm_id AND x.user_id = u.user_id) AS credentials,
    (SELECT jsonb_agg(jsonb_strip_nulls(jsonb_build_object('identityProvider', x.identity_provider, 'userId', x.external_user_id,
            'userName', x.external_username, 'token', x.token)) ORDER BY x.identity_provider)
        FROM federated_identity x WHERE x.realm_id = u.realm_id AND x.user_id = u.user_id) AS identities,
    (SELECT jsonb_agg(jsonb_build_object('clientId', c.client_id, 'grantedClientScopes', x.scope_ids, 'createdDate', x.created_date,
            'lastUpdatedDate', x.last_updated_date) ORDER BY c.client_id)
        FROM user_consent x JOIN client c ON c.realm_id = x.realm_id AND c.id = x.client_id
        WHERE x.realm_id = u.realm_id AND x.user_id = u.user_id) AS consents
FROM user_with_grants u LEFT JOIN client s ON s.realm_id = u.realm_id AND s.id = u.service_account_client_id;
