#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Functions that nobody calls here, and secrets that nobody compares with strcmp."""
import re
from tree import check, code, done, files, numbered

BANNED = re.compile(r"\b(strcpy|strcat|stpcpy|sprintf|vsprintf|gets|strtok|atoi|atol|atoll|atof|rand|srand|random|srandom|rand_r|drand48"
                    r"|system|popen|alloca|tmpnam|tempnam|mktemp|localtime|gmtime|ctime|asctime|strerror_l|gethostbyname|putenv)\s*\(")
SECRET = re.compile(r"\b(?:strn?c(?:ase)?mp|memcmp)\(([^;]*)\)")
SECRETS = re.compile(r"(?:^|[>.\s(,*])(?:\w+_)?(?:secret|password|hash|signature|mac|verifier|csrf|state_checker)(?:$|[\s,)])")
CONSTANT = re.compile(r'""')  # that is a name or a kind, not a secret
# Both sides come from whoever asks, so that time tells nothing.
ASKERS_OWN = {("src/login/update_password.c", "confirmation"), ("src/model/password_policy.c", "check->password")}

sources = files("*.c", "*.h", under="src")
check("no banned function is called", (f"{path}:{n} {match[1]}" for path in sources + files("*.c", "*.h", under="t")
                                       for n, line in numbered(code(path)) for match in [BANNED.search(line)] if match))
check("secrets are compared in constant time", (f"{path}:{n} {line.strip()}" for path in sources for n, line in numbered(code(path))
                                                for match in [SECRET.search(line)]
                                                if match and SECRETS.search(match[1].split(") ")[0]) and not CONSTANT.search(line)
                                                and not any(str(path) == name and word in line for name, word in ASKERS_OWN)))
done()
