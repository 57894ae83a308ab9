#!/usr/bin/env python3
# SPDX-FileCopyrightText: 2026 The Latchkey authors
# SPDX-License-Identifier: MIT
"""Files of at most 800 lines, functions of at most 120, no cloned blocks."""
import re
from tree import check, code, done, files, note, numbered, text

MAX_FILE, MAX_FUNCTION, CLONE = 800, 120, 8


def functions(path):
    """(name, first line, lines) of each function: its braces stand in the first column."""
    lines = code(path).splitlines()
    start = None
    for number, line in enumerate(lines):
        if line == "{" and number and not lines[number - 1].rstrip().endswith(("=", ";")):
            start = number
        elif line == "}" and start is not None:
            head = " ".join(lines[max(0, start - 6):start])
            names = re.findall(r"\b(\w+)\(", head)
            yield names[-1] if names else "?", start, number - start + 1
            start = None


def meaningful(path):
    """Lines that say something, blanks squeezed: (number, text)."""
    for number, line in numbered(code(path)):
        line = re.sub(r"\s+", " ", line).strip()
        if len(line) > 3 and not line.startswith(("#include", "#define", '{"')) and '""' not in line:
            yield number, line


def clones(paths):
    seen = {}
    for path in paths:
        lines = list(meaningful(path))
        end = 0
        for at in range(len(lines) - CLONE + 1):
            window = tuple(line for _, line in lines[at:at + CLONE])
            first = seen.setdefault(window, (path, lines[at][0]))
            if first != (path, lines[at][0]) and at >= end:
                end = at + CLONE
                yield f"{path}:{lines[at][0]} repeats {first[0]}:{first[1]}"


sources = files("*.c", "*.h", under="src")
everything = sources + files("*.c", "*.h", under="t")
check(f"files have at most {MAX_FILE} lines", (f"{path}: {n}" for path in everything + files("*.py", "*.t", "*.js", "*.mjs", under="t")
                                               for n in [text(path).count("\n")] if n > MAX_FILE))
lengths = [(size, f"{path}:{line} {name}: {size} lines") for path in sources for name, line, size in functions(path)]
check(f"functions have at most {MAX_FUNCTION} lines", (what for size, what in lengths if size > MAX_FUNCTION))
check(f"no {CLONE} lines stand in two places", clones(sources))
ordered = sorted(size for size, _ in lengths)
note(f"{len(ordered)} functions: median {ordered[len(ordered) // 2]}, p90 {ordered[len(ordered) * 9 // 10]}, longest {ordered[-1]} lines; "
     f"{len(sources)} files, {sum(text(path).count(chr(10)) for path in sources)} lines")
done()
