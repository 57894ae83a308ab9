#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Keycloak's admin client for Node (admin_client.mjs) through the life of a realm."""
from stack import Stack, Tap, run_node

tap = Tap()
with Stack() as stack:
    latchkey = stack.latchkey(realms=())
    run_node(tap, "interop/admin_client.mjs", BASE=latchkey.base)
    stack.done(tap)
