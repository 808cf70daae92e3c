#!/usr/bin/env python3
"""Runs the spin model of the exchange and its planted faults; prints a table.

usage: model.py [--short] [--keep <folder>]
Exit 1: a property fails in the model, a run that must be exhaustive was not, or a planted
fault was not found (or one that cannot be seen was). 77: there is no spin.
"""
import argparse
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

MODEL = Path(__file__).with_name("exchange.pml")
SAFE = ["-DSAFETY", "-DNOFAIR", "-DCOLLAPSE"]
FAIR = ["-DNFAIR=3", "-DCOLLAPSE"]
BITS = ["-DSAFETY", "-DNOFAIR", "-DBITSTATE"]
LIMIT_S = 900  # of one run, when the machine is busy
# name, switches of the model, options of the compiler, of pan, exhaustive, in --short
RUNS = [
    ("safety, 2 kiosks x 1 fact, every fault", [], SAFE, ["-m400000", "-w24"], True, False),
    ("safety, 2 x 1, few faults", ["FEW_FAULTS"], SAFE, ["-m400000", "-w22"], True, True),
    ("healing, 2 x 1, few faults, weak fairness", ["FEW_FAULTS", "LIVENESS"], FAIR,
     ["-a", "-f", "-m400000", "-w22"], True, True),
    ("safety, 2 x 1, snapshots and few faults", ["FEW_FAULTS", "SNAPSHOTS"], SAFE,
     ["-m400000", "-w24"], True, False),
    ("safety, 3 x 1, snapshots and few faults", ["FEW_FAULTS", "SNAPSHOTS", "KIOSKS=3"], BITS,
     ["-m200", "-w30", "-k3", "-Q1"], False, False),
    ("safety, 2 x 2, every fault", ["FACTS=2"], BITS,
     ["-m200000", "-w31", "-k3", "-Q2"], False, False),
]
QUICK = ["-m20000", "-w24"]
WIDE = ["-m150", "-w30", "-k3"]
LOOP = ["-a", "-f", "-m100000", "-w22"]
# switch, what it is, the model's other switches, is it to be found
FAULTS = [
    ("NO_DEDUP", "no de-duplication", [], True),
    ("NO_CH", "cursor without ch", [], True),
    ("NO_CH", "cursor without ch, by its harm", ["FEW_FAULTS", "LIVENESS"], True),
    ("NO_SEEN", "no `seen` mark", [], True),
    ("NO_SEEN", "no `seen` mark, by its harm", ["FEW_FAULTS", "LIVENESS"], True),
    ("PRUNE", "pruned once acknowledged", [], True),
    ("PRUNE", "pruned, by its harm", ["FEW_FAULTS", "LIVENESS"], True),
    ("OWN_ONLY", "only own streams offered again", [], True),
    ("OWN_ONLY", "the same, by its harm", ["FEW_FAULTS", "LIVENESS"], True),
    ("STALE", "answers of earlier rounds taken", [], True),
    ("ACK_NEVER_FALLS", "`have` only adopted when higher", [], True),
    ("TWO_COMMITS", "answer applied in two commits", [], True),
    ("GAP_KEEPS_MARKS", "after a gap the old marks stay", [], True),
    ("SNAP_ACKS", "a snapshot acknowledges", ["SNAPSHOTS"], True),
    ("SNAP_KEEPS_LOC", "the locator outlives a snapshot (3 x 1)",
     ["FEW_FAULTS", "SNAPSHOTS", "KIOSKS=3"], True),
    ("HAVE_HIGHER", "`have` higher only, but a rewind forgets", ["FEW_FAULTS"], False),
]
WHY_NOT = ("Not to be seen: without a rewind the marks cover all that was acknowledged (I1), so\n"
           "  no `have` is lower; with one it is forgotten first. The rule is a second line.")


def build(folder, switches, options):
    """spin writes pan.c, gcc compiles it."""
    defines = [f"-D{s}" for s in switches]
    for command in (["spin", *defines, "-a", str(MODEL)],
                    ["gcc", "-O2", "-w", *options, "-o", "pan", "pan.c"]):
        done = subprocess.run(command, cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}:\n{done.stdout}")


def reason(text):
    """Which property; pan quotes the assertion with its macros written out."""
    if "assertion" not in text:
        return "healing (acceptance cycle)" if "cycle" in text else text
    parts = (("acked[", "I1"), ("cur[", "I2"), ("ever[", "I3"), ("log", "I4"))
    return next((name for part, name in parts if part in text), "a gap")


def run(keep, name, switches, options, arguments):
    """One verification; a dictionary of what pan says at its end."""
    folder = Path(keep, re.sub(r"\W+", "-", name))
    folder.mkdir(parents=True, exist_ok=True)
    build(folder, switches, options)
    start = time.monotonic()
    try:
        text = subprocess.run(["./pan", *arguments], cwd=folder, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=LIMIT_S,
                              check=False).stdout
    except subprocess.TimeoutExpired:
        text = ""
    Path(folder, "pan.log").write_text(text, encoding="utf-8")

    def number(pattern):
        m = re.search(pattern, text, re.M)
        return float(m.group(1)) if m else 0.0

    why = re.search(r"assertion violated.*|acceptance cycle|invalid end state", text)
    return {
        "errors": int(number(r"errors: (\d+)")) if "errors:" in text else -1,
        "why": reason(why.group(0)) if why else "",
        "states": number(r"^\s*([\d.e+]+) states, stored"),
        "depth": int(number(r"depth reached (\d+)")),
        "memory": number(r"([\d.]+)\s+total actual memory"),
        "factor": number(r"hash factor: ([\d.e+]+)"),
        "is_whole": "errors:" in text and not re.search(
            r"search depth too small|Search not completed|out of memory|time.?limit", text, re.I),
        "seconds": time.monotonic() - start,
    }


def verify(keep, is_short):
    bad = 0
    print(f"{'property and bounds':44} {'states':>10} {'depth':>7}  {'MB':>6} {'s':>5}  result")
    for name, switches, options, arguments, must_be_whole, has_short in RUNS:
        if is_short and not has_short:
            continue
        r = run(keep, name, switches, options, arguments)
        is_bits = "-DBITSTATE" in options
        how = "exhaustive" if r["is_whole"] and not is_bits else "NOT exhaustive"
        if is_bits:
            how = f"bitstate, hash factor {r['factor']:.0f}, " + (
                "ran to its end" if r["is_whole"] else "cut off, NOT exhaustive")
        is_ok = r["errors"] == 0 and (r["is_whole"] or not must_be_whole)
        bad += not is_ok
        print(f"{name:44} {r['states']:>10.0f} {r['depth']:>7}  {r['memory']:>6.0f} "
              f"{r['seconds']:>5.0f}  {'holds' if is_ok else 'FAILS ' + r['why']}, {how}",
              flush=True)
    return bad


def plant(keep):
    bad = 0
    print(f"\n{'planted fault':44} {'states':>10} {'depth':>7}  {'MB':>6} {'s':>5}  result")
    for switch, what, others, is_visible in FAULTS:
        options, arguments = (SAFE, QUICK) if is_visible else (SAFE, ["-m400000", "-w22"])
        if "LIVENESS" in others:
            options, arguments = FAIR, LOOP
        elif "KIOSKS=3" in others:
            options, arguments = BITS, WIDE
        r = run(keep, f"{switch} {what}", [f"PLANT_{switch}", *others], options, arguments)
        is_found = r["errors"] > 0
        is_ok = is_found if is_visible else r["errors"] == 0 and r["is_whole"]
        bad += not is_ok
        word = f"found: {r['why']}" if is_found else (
            "not visible, exhaustive" if r["is_whole"] else "NOT FOUND")
        print(f"{what:44} {r['states']:>10.0f} {r['depth']:>7}  {r['memory']:>6.0f} "
              f"{r['seconds']:>5.0f}  {word}", flush=True)
        if not is_visible:
            print(f"  {WHY_NOT}")
    return bad


def main():
    args = argparse.ArgumentParser(description="The spin model of the exchange.")
    args.add_argument("--short", action="store_true", help="about a minute")
    args.add_argument("--keep", help="leave pan, its output and trails in this folder")
    options = args.parse_args()
    if not shutil.which("spin") or not shutil.which("gcc"):
        print("there is no spin or no gcc here")
        sys.exit(77)
    keep = options.keep or tempfile.mkdtemp(prefix="foyer-model-")
    try:
        bad = verify(keep, options.short) + plant(keep)
    finally:
        if not options.keep:
            shutil.rmtree(keep)
    print(f"\nmodel: {bad} rows are not as they should be" if bad else "\nmodel: as it should be")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
