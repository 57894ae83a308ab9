#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The bench runs, each of its loads for a second, and prints a rate for it. No number is judged here: the machine may be busy."""
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "api"))
from latchkey import Tap  # noqa: E402

ROWS = ["client_credentials", "refresh", "password", "userinfo", "introspection", "jwks", "discovery", "browser login"]

tap = Tap()
done = subprocess.run([f"{HERE}/run", "--seconds=1", "--rounds=1"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                      env={name: value for name, value in os.environ.items() if name != "KEYCLOAK_HOME"})
tap.is_(done.returncode, 0, "the bench ends well")
for row in ROWS:
    rate = re.search(rf"^{row} +Latchkey +([\d.]+)/s", done.stdout, re.M)
    tap.ok(rate and float(rate[1]) > 0, row, done.stdout)
tap.ok(re.search(r"ready in [\d.]+ s", done.stdout) and len(re.findall(r"\d+ MB resident", done.stdout)) == 2, "start and memory", done.stdout)
done = subprocess.run([f"{HERE}/replicas", "--seconds=1", "--rounds=1", "--share=0"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
tap.is_((done.returncode, len(re.findall(r"^[a-z ]+ one +[\d.]+/s +two +[\d.]+/s", done.stdout, re.M))), (0, 4), "two replicas beside one")
done = subprocess.run([f"{HERE}/permissions", "20"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
tap.is_((done.returncode, len(re.findall(r"median [\d.]+ ms", done.stdout))), (0, 3), "decisions of authorization services")
tap.done()
