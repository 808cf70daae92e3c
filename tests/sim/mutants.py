#!/usr/bin/env python3
"""Plants one fault at a time in the product and demands that the simulator turns red.

usage: mutants.py [--seeds N] [--jobs N] BUILD [NAME...]

BUILD is a build directory with foyer-sim in it. Each tests/sim/mutants/NAME.patch is a
unified diff of a few lines with a word about the fault before it. The patched files are
compiled beside the tree and linked in front of the libraries, whose own object is then
not drawn in: the tree and the build stay as they are. Prints one line for each fault: the
first seed that found it and what the oracle said. Exits 1 when a fault survives N seeds,
when a patch no longer applies, and when the product is red in that seed without the fault.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATCHES = ROOT / "tests/sim/mutants"


class Broken(Exception):
    """The gate itself can not work: a patch, a compiler or a linker refused."""


def run(command, **more):
    done = subprocess.run(command, capture_output=True, text=True, errors="replace", **more)
    if done.returncode:
        raise Broken(f"{shlex.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Mutant:
    def __init__(self, path):
        text = path.read_text()
        head, _, _ = text.partition("--- a/")
        self.path = path
        self.name = path.stem
        self.what = " ".join(head.split())
        self.files = re.findall(r"^\+\+\+ b/(\S+)$", text, re.M)


class Build:
    """How the build compiles each file and links foyer-sim."""

    def __init__(self, folder):
        self.folder = folder
        entries = json.loads((folder / "compile_commands.json").read_text())
        self.compile = {os.path.relpath(e["file"], ROOT): e for e in entries}
        lines = run(["ninja", "-C", str(folder), "-t", "commands", "foyer-sim"]).splitlines()
        self.link = next(l for l in reversed(lines) if " -o foyer-sim" in l or "/foyer-sim " in l)
        self.program = folder / re.search(r"-o (\S*foyer-sim)", self.link)[1]

    def compile_file(self, name, source, output):
        entry = self.compile[name]
        words = shlex.split(entry["command"])
        words[words.index("-o") + 1] = str(output)
        words = [str(source) if w == entry["file"] else w for w in words]
        run(words + ["-w"], cwd=entry["directory"])

    def link_sim(self, objects, output):
        """The objects come first, so that the libraries' own are not drawn in."""
        command = re.sub(r"-o \S*foyer-sim", f"-o {shlex.quote(str(output))}", self.link)
        first = re.search(r"\S+\.o\b", command).start()
        named = " ".join(shlex.quote(str(o)) for o in objects)
        run(["sh", "-c", f"{command[:first]}{named} {command[first:]}"], cwd=self.folder)


def plant(mutant, build, folder):
    """Builds foyer-sim with the fault; returns its path."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in mutant.files:
        target = folder / "src" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text((ROOT / name).read_text())
    run(["patch", "-s", "-p1", "-F3", "--no-backup-if-mismatch", "-d", str(folder / "src"),
         "-i", str(mutant.path)])
    objects = []
    for name in mutant.files:
        objects.append(folder / (name.replace("/", "_") + ".o"))
        build.compile_file(name, folder / "src" / name, objects[-1])
    program = folder / "foyer-sim"
    build.link_sim(objects, program)
    return program


def hunt(program, first, count):
    """Runs seeds until the first red one: (seed, what the oracle said), or None."""
    command = [str(program), "--from", str(first), "--count", str(count)]
    last = "no output"
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          errors="replace") as sim:
        for line in sim.stdout:
            found = re.match(r"seed (\d+): (.*)", line)
            if found:
                sim.kill()
                return int(found[1]), found[2]
            last = line.strip() or last
    return (0, last) if sim.returncode else None


def judge(mutant, build, folder, seeds):
    try:
        found = hunt(plant(mutant, build, folder / mutant.name), 1, seeds)
    except Broken as trouble:
        return False, f"{mutant.name}: the fault could not be planted\n{trouble}"
    if found and not found[0]:
        return False, f"UNFAIR    {mutant.name:34} kills the program before any seed: {found[1]}"
    if not found:
        return False, f"SURVIVED  {mutant.name:34} {seeds} seeds stayed green: {mutant.what}"
    if hunt(build.program, found[0], 1):
        return False, f"RED       {mutant.name:34} seed {found[0]} is red without the fault, too"
    return True, f"caught    {mutant.name:34} seed {found[0]:>5}  {found[1][:110]}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--seeds", type=int, default=300)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("names", nargs="*")
    options = parser.parse_args()
    run(["ninja", "-C", str(options.build), "foyer-sim"])  # as the sources are now
    build = Build(options.build.resolve())
    mutants = [Mutant(p) for p in sorted(PATCHES.glob("*.patch"))]
    mutants = [m for m in mutants if not options.names or m.name in options.names]
    if not mutants:
        sys.exit(f"no such fault in {PATCHES}: {' '.join(options.names)}")
    folder = build.folder / "mutants"
    survivors = 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for is_caught, line in pool.map(
                lambda m: judge(m, build, folder, options.seeds), mutants):
            survivors += not is_caught
            print(line, flush=True)
    print(f"{len(mutants) - survivors} of {len(mutants)} planted faults caught")
    sys.exit(survivors > 0)


if __name__ == "__main__":
    main()
