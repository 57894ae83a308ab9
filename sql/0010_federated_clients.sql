-- SPDX-FileCopyrightText: 2026 The Latchkey authors
-- SPDX-License-Identifier: MIT
-- Clients by whom an identity provider names them (federated-jwt).
CREATE INDEX client_federated ON client (realm_id, (rep -> 'attributes' ->> 'jwt.credential.sub'))
    WHERE rep -> 'attributes' ->> 'jwt.credential.sub' IS NOT NULL;
