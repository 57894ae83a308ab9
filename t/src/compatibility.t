#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""docs/compatibility.md against the source: what it says is here is in the tables, what is in the tables is in it, and its tests are there."""
import re
from tree import TOP, check, done, text

DOC = text("docs/compatibility.md")
# section: (file, pattern of a row's name)
TABLES = {
    "Protocol mappers (OpenID Connect)": [("src/token/mappers.c", r'\{"(oidc-[a-z0-9-]+)"')],
    "Grants": [("src/oidc/token.c", r'\{"([a-z_:.0-9-]+)", lk_grant_')],
    "Client authentication": [("src/oidc/client_auth.c", r'\{"([a-z0-9-]+)", lk_client_by')],
    "Signature algorithms": [("src/crypto/alg.c", r'\{"([A-Za-z0-9]+)", LK_KEY_')],
    "Key management algorithms": [("src/crypto/jwe_alg.c", r'\{"([A-Z0-9_+-]+)", LK_KEY_')],
    "Content encryption algorithms": [("src/crypto/jwe_enc.c", r'\{"([A-Z0-9-]+)", EVP_')],
    "Key providers": [("src/model/realm_keys.c", r'\{"([a-z-]+)", "(?:[a-zA-Z]+Key|secret)"')],
    "Authenticators of flows": [("src/login/authenticators.c", r'(?m)^    \{"([a-z0-9-]+)", '), ("src/broker/first_login.c", r'(?m)^    \{"([a-z0-9-]+)", ')],
}
ELSEWHERE = {"none", "implicit", "conditional-level-of-authentication"}  # at another endpoint; named by a macro

def rows(title):
    section = DOC.split(f"## {title}\n", 1)[1].split("\n## ", 1)[0]
    return dict(re.findall(r"(?m)^\| `([^`]+)` \| (yes|no) \|", section))


for title, sources in TABLES.items():
    said, there = rows(title), set()
    for path, pattern in sources:
        there |= set(re.findall(pattern, text(path)))
    false = sorted(name for name, here in said.items() if here == "yes" and name not in there | ELSEWHERE)
    unknown = sorted(there - set(said))
    check(f"{title}: the page and the source agree",
          [f"said to be here, and is not: {name}" for name in false] + [f"here, and not on the page: {name}" for name in unknown])
    for name in sorted(name for name, here in said.items() if here == "no" and name in there):
        print(f"# {title}: the source has {name}; the page says no")

cases = set(text("t/oracle.pass").split("\n"))
tests = set(re.findall(r"(?m)^\|.*?\| yes \| `([^`]+)`", DOC))
lost = sorted(test for test in tests if test not in cases and not (TOP / test).exists())
check("every test that it names is there", lost if len(tests) > 20 else ["the page has no tests"])
untested = re.findall(r"(?m)^\| `([^`]+)` \| yes \|  \|", DOC)
check("whatever is here has a test", untested)
routes = text("src/http/routes.c").replace('BROKER "', 'REALM "/broker/{alias}').replace('ACTIONS "', 'REALM "/login-actions')
protection = text("src/admin/protection.c")
for name, path in re.findall(r'#define (\w+) "(/[^"]+)"', protection):
    protection = protection.replace(f'{name} "', f'"{path}').replace(f'", {name},', f'", "{path}",')
protection = {"/authz/protection" + path for path in re.findall(r'(?m)^    \{"[A-Z]+", "([^"]+)", lk_protection', protection)}
endpoints = [name for name, here in rows("Endpoints of a realm").items() if here == "yes"]
absent = [name for name in endpoints if f'OIDC "{name.replace("/protocol/openid-connect", "")}"' not in routes and f'REALM "{name}"' not in routes and name not in protection]
check("every endpoint is a route", absent if endpoints else ["the page has no endpoints"])
done()
