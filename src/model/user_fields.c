/* SPDX-FileCopyrightText: 2026 The Latchkey authors
 * SPDX-License-Identifier: MIT */
#include "model/user.h"

#define FIELD(...) LK_FIELD(lk_user_t, __VA_ARGS__)

static const lk_field_t federated_identity_fields[] = {
    LK_FIELD_FREE("identityProvider", STRING, 0, NULL),
    LK_FIELD_FREE("userId", STRING, 0, NULL),
    LK_FIELD_FREE("userName", STRING, 0, NULL),
};
static const lk_representation_t federated_identity_rep =
    LK_REPRESENTATION("FederatedIdentityRepresentation", federated_identity_fields);

/* UserRepresentation. The columns of user_entity win over what rep holds; what has columns is CHILD here, so that rep keeps the
 * rest. */
static const lk_field_t user_fields[] = {
    FIELD("id", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL, id),
    FIELD("username", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL, username),
    FIELD("firstName", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL, first_name),
    FIELD("lastName", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL, last_name),
    FIELD("email", STRING, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL, email),
    FIELD("emailVerified", BOOL, LK_FIELD_BRIEF | LK_FIELD_COLUMN, "false", email_verified),
    FIELD("attributes", MULTIMAP, LK_FIELD_COLUMN | LK_FIELD_LENIENT, NULL, attributes),
    LK_FIELD_FREE("userProfileMetadata", OBJECT, LK_FIELD_READ_ONLY, NULL),
    FIELD("enabled", BOOL, LK_FIELD_BRIEF | LK_FIELD_COLUMN, "false", enabled),
    LK_FIELD_FREE("self", STRING, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("origin", STRING, LK_FIELD_READ_ONLY, NULL),
    FIELD("createdTimestamp", LONG, LK_FIELD_BRIEF | LK_FIELD_COLUMN, NULL, created_timestamp),
    LK_FIELD_FREE("totp", BOOL, LK_FIELD_READ_ONLY, NULL),
    LK_FIELD_FREE("federationLink", STRING, 0, NULL),
    FIELD("serviceAccountClientId", STRING, LK_FIELD_COLUMN, NULL, service_account_client_id),
    LK_FIELD_OF("credentials", ARRAY, LK_FIELD_CHILD | LK_FIELD_SECRET, NULL, lk_credential_fields),
    LK_FIELD_FREE("disableableCredentialTypes", STRINGS, LK_FIELD_READ_ONLY, NULL),
    FIELD("requiredActions", STRINGS, LK_FIELD_COLUMN, NULL, required_actions),
    LK_FIELD_OF("federatedIdentities", ARRAY, LK_FIELD_CHILD, NULL, federated_identity_rep),
    LK_FIELD_FREE("realmRoles", STRINGS, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("clientRoles", MULTIMAP, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("clientConsents", ARRAY, LK_FIELD_CHILD, NULL),
    FIELD("notBefore", INT, LK_FIELD_COLUMN, "0", not_before),
    LK_FIELD_FREE("verifiableCredentials", ARRAY, 0, NULL),
    LK_FIELD_FREE("issuedVerifiableCredentials", ARRAY, 0, NULL),
    LK_FIELD_FREE("applicationRoles", MULTIMAP, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("socialLinks", ARRAY, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("groups", STRINGS, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("access", OBJECT, LK_FIELD_READ_ONLY, NULL),
};
const lk_representation_t lk_user_fields = LK_REPRESENTATION("UserRepresentation", user_fields);

/* CredentialRepresentation: as stored, or with a password to be hashed (value). */
static const lk_field_t credential_fields[] = {
    LK_FIELD_FREE("id", STRING, LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("type", STRING, LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("userLabel", STRING, LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("createdDate", LONG, LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("secretData", STRING, LK_FIELD_COLUMN | LK_FIELD_SECRET, NULL),
    LK_FIELD_FREE("credentialData", STRING, LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("priority", INT, LK_FIELD_COLUMN, NULL),
    LK_FIELD_FREE("value", STRING, LK_FIELD_CHILD | LK_FIELD_SECRET, NULL),
    LK_FIELD_FREE("temporary", BOOL, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("device", STRING, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("hashedSaltedValue", STRING, LK_FIELD_CHILD | LK_FIELD_SECRET, NULL),
    LK_FIELD_FREE("salt", STRING, LK_FIELD_CHILD | LK_FIELD_SECRET, NULL),
    LK_FIELD_FREE("hashIterations", INT, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("counter", INT, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("algorithm", STRING, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("digits", INT, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("period", INT, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("config", OBJECT, LK_FIELD_CHILD, NULL),
    LK_FIELD_FREE("federationLink", STRING, 0, NULL),
};
const lk_representation_t lk_credential_fields = LK_REPRESENTATION("CredentialRepresentation", credential_fields);
