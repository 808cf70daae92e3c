#!/usr/bin/env python3
"""The demo's people: many scripts, no address, and what the generators make."""
import csv
import os
import subprocess
import sys
import unicodedata
from pathlib import Path

ROOT = Path(os.environ.get("FOYER_SOURCE", Path(__file__).resolve().parents[2]))


def scripts_of(name):
    """{'LATIN', 'CJK', …} by the Unicode names of the letters."""
    return {unicodedata.name(c).split()[0] for c in name if unicodedata.category(c)[0] == "L"}


def main():
    faults = []
    folder = ROOT / "assets" / "ietf92"
    with open(folder / "people.csv", encoding="utf-8", newline="") as f:
        people = list(csv.DictReader(f))
    scripts = {}
    for p in people:
        for s in scripts_of(p["name"]):
            scripts[s] = scripts.get(s, 0) + 1
        if scripts_of(p["name"]) - {"LATIN"} and not p["latin"]:
            faults.append(f"{p['name']}: no Latin form")
    many = sorted(s for s, n in scripts.items() if n >= 2)
    if len(many) < 14:
        faults.append(f"only {len(many)} scripts: {many}")
    for key in ("id", "ticket"):
        if len({p[key] for p in people}) != len(people):
            faults.append(f"a {key} stands twice")
    wanted = [("Zoë Müller-Ortiz", "Example Networks", "week"),
              ("Jan Mullender", "Delta University", "student"),
              ("Aisling Mulligan", "", "day"), ("محمد ملا", "Example University", "week")]
    for name, org, kind in wanted:
        if not any((p["name"], p["org"], p["kind"]) == (name, org, kind) for p in people):
            faults.append(f"{name} of {org or 'nowhere'} is missing")
    for path in sorted((ROOT / "assets").glob("ietf*/*")):
        text = path.read_text(encoding="utf-8")
        if "@" in text:
            faults.append(f"{path.name} holds an @: no address belongs there")
    for maker in ("make_people.py", "make_agenda.py"):
        run = subprocess.run([sys.executable, ROOT / "tests" / "data" / maker, "--check"],
                             capture_output=True, text=True, check=False)
        if run.returncode:
            faults.append(run.stdout.strip() or run.stderr.strip())
    for fault in faults:
        print(fault)
    print(f"{len(people)} people, {len(many)} scripts: {' '.join(many).lower()}")
    sys.exit(1 if faults else 0)


main()
