#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Functions that nobody calls here, and secrets that nobody compares with strcmp."""
import re
from tree import check, code, done, files, numbered

BANNED = re.compile(r"\b(strcpy|strcat|stpcpy|sprintf|vsprintf|gets|strtok|strtok_r|atoi|atol|atoll|atof|rand|srand|random|srandom|rand_r|drand48"
                    r"|system|popen|alloca|tmpnam|tempnam|mktemp|localtime|gmtime|ctime|asctime|strerror_l|gethostbyname|setenv|putenv)\s*\(")
SECRET = re.compile(r"\b(?:strn?c(?:ase)?mp|memcmp)\(([^;]*)\)")
SECRETS = re.compile(r"(?:^|[>.\s(,*])(?:\w+_)?(?:secret|password|hash|signature|mac|verifier|csrf|state_checker)(?:$|[\s,)])")
ALLOWED = re.compile(r'""')  # compared with a constant: that is a name or a kind, not a secret

sources = files("*.c", "*.h", under="src")
check("no banned function is called", (f"{path}:{n} {match[1]}" for path in sources + files("*.c", "*.h", under="t")
                                       for n, line in numbered(code(path)) for match in [BANNED.search(line)] if match))
check("secrets are compared in constant time", (f"{path}:{n} {line.strip()}" for path in sources for n, line in numbered(code(path))
                                                for match in [SECRET.search(line)]
                                                if match and SECRETS.search(match[1].split(") ")[0]) and not ALLOWED.search(line)))
done()
