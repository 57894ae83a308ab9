-- What a realm file is made of, read in one read-only transaction; the snapshot's statements give the rest.

-- name: export_realms
SELECT id, name FROM realm WHERE $1::text IS NULL OR name = $1 ORDER BY name <> 'master', name

-- name: export_client_names
SELECT id, client_id FROM client WHERE realm_id = $1 ORDER BY client_id

-- Batches by clientId: $2 is the last one of the batch before.
-- name: export_clients
SELECT client_id, rep FROM client_rep WHERE realm_id = $1 AND client_id > $2 ORDER BY client_id LIMIT $3::int

-- name: export_scope_mappings
SELECT client_id, scope_id, role_id FROM scope_mapping WHERE realm_id = $1

-- name: export_components
SELECT parent_id, provider_type, rep || jsonb_build_object('id', id, 'providerId', provider_id) AS rep FROM component
WHERE realm_id = $1 ORDER BY provider_type, rep->>'name', id

-- name: export_identity_providers
SELECT rep || jsonb_build_object('internalId', id, 'alias', alias) AS rep FROM identity_provider WHERE realm_id = $1 ORDER BY alias

-- name: export_provider_mappers
SELECT rep || jsonb_build_object('id', id, 'identityProviderAlias', alias) AS rep FROM identity_provider_mapper
WHERE realm_id = $1 ORDER BY alias, rep->>'name', id

-- name: export_flows
SELECT rep || jsonb_build_object('id', id, 'alias', alias) AS rep FROM authentication_flow WHERE realm_id = $1 ORDER BY alias

-- name: export_authenticator_configs
SELECT rep || jsonb_build_object('id', id, 'alias', alias) AS rep FROM authenticator_config WHERE realm_id = $1 ORDER BY alias, id

-- name: export_required_actions
SELECT rep || jsonb_build_object('alias', alias) AS rep FROM required_action WHERE realm_id = $1 ORDER BY (rep->>'priority')::int, alias

-- Batches by name: $2 is the last one of the batch before.
-- name: export_users
SELECT u.username, u.role_ids, u.group_ids,
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
FROM user_with_grants u LEFT JOIN client s ON s.realm_id = u.realm_id AND s.id = u.service_account_client_id
WHERE u.realm_id = $1 AND u.username > $2 ORDER BY u.username LIMIT $3::int
