# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""What the guards share: the project's own files, and TAP. A guard calls check(name, problems) for each rule, then done()."""
import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
LEFT_OUT = {".git", "node_modules", "autom4te.cache", "build-aux", "__pycache__", ".data"}
count = failed = 0


def files(*patterns, under="."):
    """Paths relative to the top, sorted; what is generated or installed is left out."""
    found = set()
    for pattern in patterns:
        for path in (TOP / under).rglob(pattern):
            name = path.relative_to(TOP)
            if path.is_file() and not LEFT_OUT & set(name.parts) and not name.parts[0].startswith("build"):
                found.add(name)
    return sorted(found)


def text(path):
    return (TOP / path).read_text(errors="replace")


def code(path):
    """C without comments and string contents, line by line as it stands."""
    blank = lambda match: re.sub(r"[^\n]", " ", match[0]) if match[0].startswith("/") else '""' if match[0][0] == '"' else "' '"
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\'', blank, text(path), flags=re.S)


def numbered(content):
    return enumerate(content.splitlines(), 1)


def check(name, problems):
    global count, failed
    problems = list(problems)
    count += 1
    failed += bool(problems)
    print(f"{'not ok' if problems else 'ok'} {count} - {name}")
    for problem in problems[:40]:
        print(f"#   {problem}")


def note(line):
    print(f"# {line}")


def done():
    print(f"1..{count}")
    sys.exit(1 if failed else 0)
