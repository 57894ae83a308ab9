#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""The tables agree with what stands elsewhere: options with the manual, routes with the tests, statements with the code."""
import os
import re
import subprocess
from tree import TOP, check, done, files, text

latchkey = os.environ.get("LATCHKEY", str(TOP / "build/latchkey"))
sources = "".join(text(path) for path in files("*.c", "*.h", under="src"))
manual = text("docs/options.md") if (TOP / "docs/options.md").exists() else ""
clean = {name: value for name, value in os.environ.items() if not name.startswith("KC_")}
run = subprocess.run([latchkey, "show-config", "--markdown"], capture_output=True, text=True, env=clean, cwd="/")
stale = os.path.getmtime(latchkey) < (TOP / "src/config/options.c").stat().st_mtime  # the program is that of another state
check("docs/options.md is what show-config --markdown prints", [] if stale or run.stdout == manual else ["make it anew", run.stderr.strip()])

lkadm = os.path.join(os.path.dirname(latchkey), "lkadm")
run = subprocess.run([lkadm, "manual"], capture_output=True, text=True)
stale = os.path.getmtime(lkadm) < max((TOP / f"src/cli/{name}.c").stat().st_mtime for name in ("options", "verbs", "help"))
check("docs/lkadm.1 is what lkadm manual prints", [] if stale or run.stdout == text("docs/lkadm.1") else ["make it anew", run.stderr.strip()])
guide, verbs = text("docs/lkadm.md"), re.findall(r'^    \{"([a-z -]+)", lk_verb_', text("src/cli/verbs.c"), re.M)
check("each verb of lkadm is in its guide", (name for name in verbs if f"lkadm {name}" not in guide))

names = re.findall(r'^    \{"([a-z-]+)", (?:NULL|"[^"]*"), command_|^    \{"([a-z-]+)", NULL, lk_command_', text("src/main.c"), re.M)
page = text("docs/latchkey.1").replace("\\-", "-")
check("each command of latchkey is in its manual page", (name for name in map("".join, names) if not re.search(rf"^\.B[RI]? .*{name}\b", page, re.M)))

settings = re.findall(r'^    SETTING\("(\w+)"', text("src/broker/upstream.c"), re.M)
check("each setting of an identity provider is documented", (name for name in settings if f"`{name}`" not in text("docs/identity-providers.md")))

variables = set(re.findall(r'getenv\("(\w+)"\)', sources)) - {"PATH"}
pages = "".join(text(path) for path in files("*.md", "*.1", "README", under="."))
check("each variable of the environment is documented", (name for name in sorted(variables) if name not in pages))


def route_pattern(path):
    """The part below the realm: tests often put the realm's URL into a variable."""
    tail = re.sub(r"^/realms/\{\w+\}(?=/)|^/admin/realms/\{\w+\}(?=/)", "", path)
    return re.compile("".join(r"[^\s\"'`/]*" if part.startswith("{") else re.escape(part) for part in re.split(r"(\{\w+\*?\})", tail)))


def admin_routes():
    """The mounts of src/admin/routes.c, each with its rows; a row that many mounts share needs one test."""
    source = text("src/admin/routes.c")
    names = dict(re.findall(r'^#define (\w+) (.*)', source, re.M))
    rows = {name: re.findall(r'^\s*\{"[A-Z]+", "([^"]*)"', body, re.M) for name, body in re.findall(r"lk_admin_row_t (\w+)\[\] = \{(.*?)^\};", source, re.S | re.M)}
    seen = set()
    for prefix, table in re.findall(r'^\s*\{([^,]*), .*ROWS\((\w+)\)', source, re.M):
        while re.search(r"\b[A-Z]+\b", re.sub(r'"[^"]*"', "", prefix)):
            prefix = re.sub(r'("[^"]*")|\b([A-Z]+)\b', lambda match: match[1] or names[match[2]], prefix)
        if table not in seen:
            yield from ("/admin" + "".join(re.findall(r'"([^"]*)"', prefix)) + path for path in rows[table])
        seen.add(table)


def mounts():
    """The prefixes of src/admin/routes.c as docs/admin.md writes them, each with its rows."""
    source = text("src/admin/routes.c")
    names = dict(re.findall(r'^#define (\w+) (.*)', source, re.M))
    rows = {name: re.findall(r'^\s*\{"([A-Z]+)", "([^"]*)"', body, re.M) for name, body in re.findall(r"lk_admin_row_t (\w+)\[\] = \{(.*?)^\};", source, re.S | re.M)}
    for prefix, table in re.findall(r'^\s*\{([^,]*), .*ROWS\((\w+)\)', source, re.M):
        while re.search(r"\b[A-Z]+\b", re.sub(r'"[^"]*"', "", prefix)):
            prefix = re.sub(r'("[^"]*")|\b([A-Z]+)\b', lambda match: match[1] or names[match[2]], prefix)
        yield "".join(re.findall(r'"([^"]*)"', prefix)), rows[table]


def undocumented():
    lines = re.findall(r"^\| `([^`]*)` \| [\w-]+ \| (.*) \|$", text("docs/admin.md"), re.M)
    for prefix, rows in mounts():
        documented = " ".join(listing for path, listing in lines if path == prefix)
        for method, path in rows:
            if not re.search(r"`%s` [A-Z/]*\b%s\b" % (re.escape(path or "."), method), documented):
                yield f"{method} {prefix}{path}"
    yield from (f"gone: {path}" for path, _ in lines if path not in {prefix for prefix, _ in mounts()})


check("docs/admin.md has each resource of the admin REST API", undocumented())

tests = "\n".join(text(path) for path in files("*", under="t") if path.suffix in {".t", ".py", ".c", ".js", ".mjs", ".pass"} and path.parts[1] != "src")
routes = sorted(set(re.findall(r'^\s*\{[^"]*"(/[^"]*)"', text("src/http/routes.c"), re.M)) | set(admin_routes()))
check("each route is named in a test", (path for path in routes if not route_pattern(path).search(tests)))

names = [name for path in files("*.sql", under="sql/queries") for name in re.findall(r"^-- name: (\S+)", text(path), re.M)]
check("each statement is used", (name for name in names if not re.search(rf"\bLK_Q_{name.upper()}\b", sources)))
done()
