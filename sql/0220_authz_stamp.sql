-- SPDX-FileCopyrightText: 2026 The Latchkey authors
-- SPDX-License-Identifier: MIT
-- What a resource server's settings are, in short: replicas that have them in memory see by it whether they still are. Made by Postgres, so that no writer forgets it.
ALTER TABLE client ADD COLUMN authz_stamp bigint GENERATED ALWAYS AS (hashtextextended(rep->>'authorizationSettings', 0)) STORED;
