#!/usr/bin/env python3
"""Shows that layers.py finds what it is for: misplaced lines are put into a copy of the
tree one after another, and each must be reported at its place.

usage: layers_catches.py <root of the tree>
"""
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

MISPLACED = [
    ("app/devices/misplaced.c", '#include "sync/store/store.h"'),
    ("app/devices/misplaced.c", "#include <SDL.h>"),
    ("app/screens/misplaced.c", "#include <sqlite3.h>"),
    ("app/flows/misplaced.c", '#include "app/ui/window.h"'),
    ("sync/event/misplaced.c", "#include <sqlite3.h>"),
    ("sync/event/misplaced.c", '#include "sync/store/store.h"'),
    ("sync/exchange/misplaced.c", "#include <sys/socket.h>"),
    ("sync/store/misplaced.h", '#include "app/ui/input.h"'),
    ("sync/hub/misplaced.c", "#include <curl/curl.h>"),
    ("sync/base/misplaced.c", "#include <somelibrary.h>"),
    ("sync/cellar/misplaced.c", "#include <stdio.h>"),
    ("sync/hub/misplaced.c", 'const char *q = "SELECT n FROM fact";'),
    ("sync/net/misplaced.c", "void f(char *a) { strcpy(a, a); }"),
    ("sync/exchange/misplaced.c", "void f(void) { clock_gettime(0, 0); }"),
]
ALLOWED = [
    ("sync/store/allowed.c", "#include <sqlite3.h>"),
    ("sync/base/allowed.c", "// strcpy(a, b) and #include <sqlite3.h> in a comment"),
    ("app/allowed.c", '#include "sync/agent/agent.h"'),
]


def run(root, copy):
    return subprocess.run([sys.executable, f"{root}/tests/lint/layers.py", str(copy)],
                          capture_output=True, text=True)


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    failed = 0
    with tempfile.TemporaryDirectory() as temp:
        copy = Path(temp)
        for path, line in MISPLACED + ALLOWED:
            file = copy / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text("// line 1\n" + line + "\n")
            result = run(root, copy)
            caught = result.returncode == 1 and (
                f"{path}:2: " in result.stdout or f"{path}:1: " in result.stdout)
            expected = (path, line) in MISPLACED
            if caught != expected:
                failed += 1
            said = result.stdout.splitlines()[0] if result.stdout else result.stderr
            print(f"{'ok  ' if caught == expected else 'FAIL'} {said}")
            shutil.rmtree(copy / path.split("/")[0])
    print(f"layers-catches: {len(MISPLACED) + len(ALLOWED) - failed} passed, {failed} failed")
    sys.exit(1 if failed else 0)


main()
