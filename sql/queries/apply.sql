-- What a plan writes: each statement's parameters are the realm and then the table's columns in the order of an import's rows; a removal's
-- are the realm and the key.

-- name: apply_realm
UPDATE realm SET rep = $2::text::jsonb WHERE id = $1

-- name: apply_client
UPDATE client SET client_id = $3, rep = $4::text::jsonb WHERE realm_id = $1 AND id = $2
-- name: apply_client_scope
UPDATE client_scope SET name = $3, position = $4::int, realm_default = $5, rep = $6::text::jsonb WHERE realm_id = $1 AND id = $2
-- name: apply_scope_of_client
UPDATE client_scope_of_client SET is_default = $4::boolean WHERE realm_id = $1 AND client_id = $2 AND scope_id = $3
-- name: apply_role
UPDATE role SET client_id = $3, name = $4, rep = $5::text::jsonb WHERE realm_id = $1 AND id = $2
-- name: apply_group
UPDATE user_group SET parent_id = $3, name = $4, is_default = $5::boolean, rep = $6::text::jsonb WHERE realm_id = $1 AND id = $2
-- name: apply_provider
UPDATE identity_provider SET alias = $3, rep = $4::text::jsonb WHERE realm_id = $1 AND id = $2
-- name: apply_provider_mapper
UPDATE identity_provider_mapper SET alias = $3, rep = $4::text::jsonb WHERE realm_id = $1 AND id = $2
-- name: apply_component
UPDATE component SET parent_id = $3, provider_type = $4, provider_id = $5, rep = $6::text::jsonb WHERE realm_id = $1 AND id = $2
-- name: apply_flow
UPDATE authentication_flow SET alias = $3, rep = $4::text::jsonb WHERE realm_id = $1 AND id = $2
-- name: apply_authenticator_config
UPDATE authenticator_config SET alias = $3, rep = $4::text::jsonb WHERE realm_id = $1 AND id = $2
-- name: apply_required_action
UPDATE required_action SET rep = $3::text::jsonb WHERE realm_id = $1 AND alias = $2
-- name: apply_user
UPDATE user_entity SET username = $3, email = $4, email_verified = $5::boolean, enabled = $6::boolean, first_name = $7, last_name = $8,
    created_timestamp = $9::bigint, service_account_client_id = $10, not_before = $11::bigint, attributes = $12::text::jsonb,
    required_actions = $13::text::jsonb, rep = $14::text::jsonb WHERE realm_id = $1 AND id = $2
-- name: apply_federated_identity
UPDATE federated_identity SET external_user_id = $4, external_username = $5, token = $6
WHERE realm_id = $1 AND user_id = $2 AND identity_provider = $3

-- name: unapply_client
DELETE FROM client WHERE realm_id = $1 AND id = $2
-- name: unapply_client_scope
DELETE FROM client_scope WHERE realm_id = $1 AND id = $2
-- name: unapply_scope_of_client
DELETE FROM client_scope_of_client WHERE realm_id = $1 AND client_id = $2 AND scope_id = $3
-- name: unapply_role
DELETE FROM role WHERE realm_id = $1 AND id = $2
-- name: unapply_composite
DELETE FROM role_composite WHERE realm_id = $1 AND role_id = $2 AND child_id = $3
-- name: unapply_scope_mapping
DELETE FROM scope_mapping WHERE realm_id = $1 AND client_id IS NOT DISTINCT FROM $2 AND scope_id IS NOT DISTINCT FROM $3 AND role_id = $4
-- name: unapply_group
DELETE FROM user_group WHERE realm_id = $1 AND id = $2
-- name: unapply_group_role
DELETE FROM group_role WHERE realm_id = $1 AND group_id = $2 AND role_id = $3
-- name: unapply_provider
DELETE FROM identity_provider WHERE realm_id = $1 AND id = $2
-- name: unapply_provider_mapper
DELETE FROM identity_provider_mapper WHERE realm_id = $1 AND id = $2
-- name: unapply_component
DELETE FROM component WHERE realm_id = $1 AND id = $2
-- name: unapply_flow
DELETE FROM authentication_flow WHERE realm_id = $1 AND id = $2
-- name: unapply_authenticator_config
DELETE FROM authenticator_config WHERE realm_id = $1 AND id = $2
-- name: unapply_required_action
DELETE FROM required_action WHERE realm_id = $1 AND alias = $2
-- name: unapply_user_role
DELETE FROM user_role WHERE realm_id = $1 AND user_id = $2 AND role_id = $3
-- name: unapply_membership
DELETE FROM user_group_membership WHERE realm_id = $1 AND user_id = $2 AND group_id = $3
-- name: unapply_federated_identity
DELETE FROM federated_identity WHERE realm_id = $1 AND user_id = $2 AND identity_provider = $3
