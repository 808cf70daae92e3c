#!/usr/bin/env python3
"""The tree speaks of the product only: no names of tools, machines or people's desks.

usage: words.py [<root of the tree>]
"""
import os
import re
import sys
from pathlib import Path

# Written in pieces, so that this file passes its own test.
WORDS = [r"(?<![\w.])/wo" r"rk/", r"cla" r"ude", r"anthro" r"pic", r"chat" r"gpt", r"open" r"ai",
         r"\bA" r"I assistant", r"\bLL" r"M\b", r"session[_ -]id[= :]+[0-9a-f]{8}",
         r"Co-authored" r"-by", r"FIX" r"ME\b", r"\bXX" r"X\b"]
ENDINGS = {"", ".c", ".h", ".md", ".py", ".sh", ".txt", ".json", ".cmake", ".ini", ".html",
           ".js", ".css", ".yml", ".service", ".sql"}
SKIP = {".git", "build", "__pycache__", ".cache"}


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    pattern = re.compile("|".join(WORDS), re.I)
    broken = count = 0
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIP)
        if Path(folder).name == "data" and "assets" in Path(folder).parts:
            continue  # published agendas may say anything
        for name in sorted(files):
            path = Path(folder, name)
            if path.suffix not in ENDINGS or "corpus" in path.parts or path.is_symlink():
                continue
            count += 1
            text = path.read_text(encoding="utf-8", errors="replace")
            for number, line in enumerate(text.splitlines(), 1):
                m = pattern.search(line)
                if m:
                    print(f"{path.relative_to(root)}:{number}: says \"{m.group(0)}\"")
                    broken += 1
    print(f"words: {count} files, {broken} broken rules")
    sys.exit(1 if broken else 0)


main()
