#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Includes point downward only; a library is known to its own room only; only http/ and command/ write logs."""
import re
from tree import check, code, done, files, numbered, text

ENDPOINTS = {"oidc", "login", "broker", "admin"}
MODEL = {"core", "store", "crypto", "model"}
MAY = {
    "core": {"core"},
    "crypto": {"core", "crypto"},
    "store": {"core", "crypto", "store"},
    "theme": {"core", "crypto", "theme"},
    "config": {"core", "config"},
    "cli": {"core", "cli"},
    "model": MODEL,
    "token": MODEL | {"token"},
    # The endpoints share headers where a protocol crosses their border: a login ends in a code, a logout in back-channel calls.
    **{room: MODEL | {"token"} | ENDPOINTS for room in ENDPOINTS},
    "http": MODEL | {"token", "theme", "http"} | ENDPOINTS,
    "command": MODEL | {"token", "theme", "config", "http", "command"} | ENDPOINTS,
}
SPEAKS = {"http", "command"}
LIBRARIES = {"h2o": {"http"}, "libpq-fe.h": {"store", "config"}, "libxml": {"theme"}, "curl": {"core", "broker", "oidc", "command"},
             "jwt.h": {"crypto"}, "argon2.h": {"crypto"}, "sodium.h": {"crypto"}}


def includes(pattern):
    for path in files("*.c", "*.h", under="src"):
        for number, line in numbered(text(path)):
            match = re.match(pattern, line)
            if match:
                yield path, path.parts[1], number, match[1]


check("includes point downward", (f"{path}:{number} includes {name}" for path, room, number, name in includes(r'#include "([^"]+/[^"]+)"')
                                  if room in MAY and name.split("/")[0] not in MAY[room]))
check("each room is known to this guard", (str(path) for path in files("*.c", "*.h", under="src") if path.parts[1] not in {*MAY, "main.c"}))
check("includes of our own name their room", (f"{path}:{number} includes {name}" for path, room, number, name in includes(r'#include "([^"]+)"')
                                              if "/" not in name and name != "config.h"))
check("libraries stay in their rooms", (f"{path}:{number} includes {name}" for path, room, number, name in includes(r"#include <([^>]+)>")
                                        for library, rooms in LIBRARIES.items()
                                        if (name == library or name.startswith((library + "/", library + "."))) and room not in rooms))
check("only http and the commands write logs", (f"{path}:{number}" for path in files("*.c", under="src") if path.parts[1] not in SPEAKS
                                        and path.name != "log.c" for number, line in numbered(code(path)) if re.search(r"\blk_log\(", line)))
done()
