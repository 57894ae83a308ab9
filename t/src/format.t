#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""C is formatted as .clang-format says, where clang-format is installed (./quickstart check installs Debian's)."""
import shutil
import subprocess
from tree import TOP, check, done, files

if not shutil.which("clang-format"):
    print("1..0 # SKIP clang-format is not installed")
    raise SystemExit(0)
paths = [str(path) for path in files("*.c", "*.h", under="src") + files("*.c", "*.h", under="t")]
run = subprocess.run(["clang-format", "--dry-run", "-Werror", "--ferror-limit=1", *paths], cwd=TOP, capture_output=True, text=True)
check("C is formatted", [line for line in run.stderr.splitlines() if "error:" in line])
done()
