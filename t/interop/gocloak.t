#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""gocloak, the admin client of Go programs, through the life of a realm (gocloak/main.go)."""
from stack import TOP, Stack, Tap, run_program

tap = Tap()
with Stack() as stack:
    latchkey = stack.latchkey()
    run_program(tap, ["go", "run", "."], cwd=f"{TOP}/t/interop/gocloak", GOFLAGS="-mod=readonly", GOTOOLCHAIN="local", BASE=latchkey.base)
    stack.done(tap)
