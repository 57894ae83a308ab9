#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""org.keycloak:keycloak-admin-client, Keycloak's own in Java, through the life of a realm: admin-client/Life.java prints the results."""
import pathlib
import subprocess
import sys

sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "api")]
from keycloak import TOP, jars_of  # noqa: E402
from latchkey import Server  # noqa: E402

jars, server = jars_of("admin-client"), Server(realms=())
try:
    done = subprocess.run(["java", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", f"{jars}/*", str(TOP / "t/keycloak/admin-client/Life.java"), server.base], timeout=120)
finally:
    server.stop()
sys.exit(done.returncode)
