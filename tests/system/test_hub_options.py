#!/usr/bin/env python3
"""A slip of the pen in an option of the hub is said, and nothing is done."""
import os
import subprocess
import sys

import kit


def main():
    work = kit.Work(os.environ["FOYER_BUILD"])
    folder = os.path.join(work.dir, "hub")
    for words, said in ((["init", "--evnt-id", "00"], "--evnt-id"),
                        (["init", "--event-id"], "--event-id"),
                        (["serve", "--bakup", "/safe"], "--bakup"),
                        (["join", "http://127.0.0.1:1", "CODE", "too"], "too")):
        done = subprocess.run([work.program("foyer-hub"), *words, "--dir", folder],
                              capture_output=True, text=True, timeout=60)
        kit.check(done.returncode == 2 and f"{said}: unknown" in done.stderr,
                  f"{' '.join(words)}: refused with the word")
        kit.check(not os.path.exists(folder), "and nothing is made")


try:
    main()
except kit.Failed as e:
    sys.exit(f"hub_options: {e}")
