-- SPDX-FileCopyrightText: 2026 The Latchkey authors
-- SPDX-License-Identifier: MIT
-- Owners see what they share.
CREATE INDEX ON permission_ticket (realm_id, owner);
