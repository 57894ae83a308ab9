#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Each file has its header, is listed where it must be, and names no place of any one machine."""
import re
from tree import TOP, check, done, files, numbered, text

HOLDER, LICENSE = "SPDX-FileCopyrightText: 2026 The Latchkey authors", "SPDX-License-Identifier: MIT"
C_HEADER = f"/* {HOLDER}\n * {LICENSE} */\n"
lists = "".join(text(path) for path in files("*.am"))
sources = files("*.c", "*.h", under="src")
tests = files("*.c", "*.h", under="t")
scripts = files("*.t", "*.py", "*.sh", "*.js", "*.mjs", "quickstart", "run", under=".")


def listed(paths):
    return (f"{path} is in no room.am" for path in paths if not re.search(rf"(?<!\S){re.escape(str(path))}(?!\S)", lists))


# Put together here, so that this file does not name them itself.
PLACES = re.compile("|".join(["/wo" r"rk/(?:main|steering|shared|\.library)", "/fa" "rm/", "/tm" "p/wt", "registry" r"\.npmjs",
                              r"repo1?\.mav" "en", r"pypi" r"\.org", r"proxy\.gol" "ang", "crates" r"\.io/", r"deb\.deb" "ian"]))
UNFINISHED = re.compile(r"\b(?:TO" "DO|FIX" "ME|X" r"XX)\b")
texts = [path for path in files("*") if path.suffix not in {".png", ".ico", ".woff2", ".jpg", ".gif"} and "corpus" not in path.parts
         and path.parts[:2] != ("t", "data")]

check("C files begin with the licence", (str(path) for path in sources + tests if not text(path).startswith(C_HEADER)))
check("scripts begin with the licence", (str(path) for path in scripts if path.parts[0] != "themes" and not all(
    line in "".join(text(path).splitlines(True)[:4]) for line in (HOLDER, LICENSE))))
check("sources are built", listed(sources))
check("tests in C are built", listed(tests))
check("themes are compiled in", listed(path for path in files("*", under="themes") if path.name not in {"room.am", "README"}))
check("test scripts are executable", (str(path) for path in files("*.t", "quickstart", "run", "autogen.sh") if not (TOP / path).stat().st_mode & 0o100))
check("each room has its page in docs/internals", (room.name for room in (TOP / "src").iterdir() if room.is_dir() and any(room.glob("*.c"))
                                                    and not (TOP / "docs/internals" / f"{room.name}.md").exists()))


def named(page):
    """(file or name, is it there) of each C file and each name of ours that a page of docs/internals quotes; lk_verb_x stands for any."""
    for quoted in re.findall(r"`([^`\n]+)`", text(page)):
        yield from ((name, name in there) for name in re.findall(r"[\w-]+\.[ch]\b", quoted) if "*" not in quoted)
        yield from ((name, name in words) for name in re.findall(r"\b(?:lk|LK)_\w+[a-zA-Z0-9]\b(?!\*)", quoted) if not name.endswith("_x"))


there = {path.name for path in sources + tests}
words = {word for path in sources + tests + files("*.sql", under="sql") for word in re.findall(r"\w+", text(path))}
words |= {f"LK_Q_{word.upper()}" for word in words}
check("docs/internals names what is there", (f"{page}: {name}" for page in files("*.md", under="docs/internals") for name, known in named(page) if not known))
check("nothing names a machine's path or a registry's host", (f"{path}:{n}" for path in texts for n, line in numbered(text(path)) if PLACES.search(line)))
check("nothing is marked unfinished", (f"{path}:{n}" for path in sources + tests + scripts for n, line in numbered(text(path)) if UNFINISHED.search(line)))
done()
