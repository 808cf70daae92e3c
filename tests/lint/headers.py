#!/usr/bin/env python3
"""What a header must say before anyone reads its .c file.

usage: headers.py [<root of the tree>]
Every header under app/ and sync/: a comment of two lines or more on top that names the
thread; the errors, if a function returns enum err; a guard made from the path; at most
150 lines; half of its prototypes commented (when there are more than three), and 60 % over
the whole tree.
A comment line covers the prototypes below it up to an empty line.
"""
import re
import sys
from pathlib import Path

MAX_LINES = 150
LONGER = {
    "sync/event/fact.h": 220,  # holds the frozen record layout beside the functions
    "sync/store/store.h": 240,  # the one contract that everything above the store sees
}
FEW = 3  # so few prototypes are what the comment on top speaks of
FILE_PERCENT = 50
TREE_PERCENT = 60


def prototypes(lines):
    """(documented, all) of the file-level prototypes."""
    documented = total = depth = 0
    covered = False
    statement = ""
    statement_covered = False
    for line in lines:
        code, _, comment = line.partition("//")
        if not line.strip():
            covered = False
        elif not code.strip():
            covered = True
        if code.startswith("#"):
            continue
        if depth == 0 and code.strip():
            if not statement:
                statement_covered = covered
            statement += " " + code.strip()
            statement_covered = statement_covered or bool(comment)
        depth += code.count("{") - code.count("}")
        if depth == 0 and (statement.endswith(";") or "}" in code):
            if re.search(r"\w\s*\(.*\)[^(]*;$", statement) and "typedef" not in statement \
                    and "{" not in statement:
                total += 1
                documented += statement_covered
            statement = ""
    return documented, total


def check_header(path, text):
    lines = text.splitlines()
    top = 0
    while top < len(lines) and lines[top].startswith("//"):
        top += 1
    head = "\n".join(lines[:top])
    if top < 2:
        yield 1, "begins with fewer than two lines of comment: what it is for, who calls it"
    if not re.search(r"thread", head, re.I):
        yield 1, "the comment on top does not name the thread (\"Any thread.\" will do)"
    comments = " ".join(line.partition("//")[2] for line in lines)
    if re.search(r"enum err \*?\w+\s*\(", text) and \
            not re.search(r"ERR_[A-Z]+|\berrors?\b|\bfail", comments, re.I):
        yield 1, "functions return enum err, and no comment says when"
    guard = re.sub(r"\W", "_", path).upper()
    if f"#ifndef {guard}\n#define {guard}\n" not in text:
        yield top + 1, f"the guard is not {guard}"
    limit = LONGER.get(path, MAX_LINES)
    if len(lines) > limit:
        yield len(lines), f"{len(lines)} lines, at most {limit}"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    files = sorted(p for top in ("app", "sync") for p in (root / top).glob("**/*.h"))
    broken = documented = total = 0
    for p in files:
        path = p.relative_to(root).as_posix()
        text = p.read_text(encoding="utf-8")
        found = list(check_header(path, text))
        d, t = prototypes(text.splitlines())
        documented += d
        total += t
        if t > FEW and 100 * d < FILE_PERCENT * t:
            found.append((1, f"{d} of {t} prototypes commented, at least {FILE_PERCENT} %"))
        for number, what in found:
            print(f"{path}:{number}: {what}")
        broken += len(found)
    percent = 100 * documented // max(total, 1)
    if total and percent < TREE_PERCENT:
        print(f"{percent} % of all prototypes commented, at least {TREE_PERCENT} %")
        broken += 1
    print(f"headers: {len(files)} files, {documented} of {total} prototypes commented "
          f"({percent} %), {broken} broken rules")
    sys.exit(1 if broken else 0)


main()
