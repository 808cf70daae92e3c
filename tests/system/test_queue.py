#!/usr/bin/env python3
"""The badge queue under kill -9: a desk admits and prints as fast as it can, is killed at
random moments and started again on the same store. Afterwards nothing is lost or doubled:
every admitted person has one badge in the printer's folder and a fact that says so, or a job
that says it may have come out, which nobody prints again until a human says so.

usage: test_queue.py [KILLS [SEED]]
"""
import collections
import json
import os
import random
import signal
import sys

import kill_kit
import kit

EVERY_S = 0.6
LIFE_S = 2.5  # after the first command is answered


def set_up(work):
    hub = kit.Hub(work)
    hub.init()
    hub.start()
    desk = kit.Kiosk(work, "Desk A", "desk", hub, size="800x480")
    desk.options = ["--printer", f"file:{desk.labels},delay=150"]
    kill_kit.know_people(hub, desk)
    return desk


def facts(desk, kind):
    return [json.loads(line) for line in desk.dump(kind).splitlines()]


class Jobs:
    """What the facts say, folded a second time: who was admitted, jobs and their ends."""

    def __init__(self, desk):
        self.admitted = {f["subject"] for f in facts(desk, "admit")}
        said = facts(desk, "print.job")
        self.jobs = {f["fact"]: f for f in said if "of" not in f["body"]}
        self.states = collections.defaultdict(list)
        for f in said:
            if "of" in f["body"]:
                self.states[f["body"]["of"]].append(f["body"]["state"])
        self.prints = facts(desk, "badge.print")
        self.printed = {f["body"]["of"] for f in self.prints}

    def open(self):
        return [ref for ref in self.jobs if ref not in self.printed and not self.states[ref]]

    def at_printer(self):
        return [ref for ref in self.jobs
                if ref not in self.printed and self.states[ref][-1:] == ["sent"]]

    def unsure(self):
        return {ref for ref in self.jobs
                if ref not in self.printed and self.states[ref][-1:] == ["unknown"]}


def badges(desk):
    """What lies in the printer's folder: label -> badge code."""
    found = {}
    for label in desk.labels_printed():
        codes = kit.read_codes(label)
        require(len(codes) == 1, f"{label.name} has not one code but {codes}")
        found[label] = codes[0]
    return found


def require(is_right, what):
    if not is_right:
        raise kit.Failed(what)


def judge(desk):
    j = Jobs(desk)
    code_of = {ref: kit.badge_code(f["subject"], f["body"]["serial"])
               for ref, f in j.jobs.items()}
    out = collections.Counter(badges(desk).values())
    unsure = j.unsure()
    require(not j.open(), f"not taken up again: {j.open()}")
    require(len(set(code_of.values())) == len(code_of), "two jobs are about one badge")
    require({f["subject"] for f in j.jobs.values()} == j.admitted,
              "who was admitted and who has a job differ")
    require(set(out) <= set(code_of.values()), "a badge came out that nobody asked for")
    for ref in j.jobs:
        count = out[code_of[ref]]
        require(count == 1 if ref in j.printed else count <= 1,
                  f"the badge of {ref} came out {count} times, it said {j.states[ref]}")
        require(ref in j.printed or ref in unsure, f"{ref} has no end: {j.states[ref]}")
        require(j.states[ref].count("sent") == 1, f"{ref} was not sent once: {j.states[ref]}")
    require(len(j.prints) == len(j.printed), "a badge was noted twice")
    order = list(badges(desk).values())
    asked = sorted(j.jobs, key=lambda ref: j.jobs[ref]["hlc"])
    require(order == [code_of[ref] for ref in asked if out[code_of[ref]]],
            "they came out in another order than they were asked for")
    came = sum(out[code_of[ref]] for ref in unsure)
    return len(j.jobs), len(j.printed), len(unsure), came


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 30
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else random.SystemRandom().randrange(1 << 32)
    print(f"queue: {kills} kills, seed {seed}", flush=True)
    rng = random.Random(seed)
    work = kit.Work(os.environ["FOYER_BUILD"])
    desk = set_up(work)
    scanner = kill_kit.Scanner(desk.fifo, kill_kit.admissible_codes(rng), EVERY_S)
    scanner.start()
    before = kit.time.monotonic()
    desk.start()
    life_s = kit.time.monotonic() - before + LIFE_S
    work.end(desk.process, signal.SIGKILL)
    for _ in range(kills):
        kill_kit.kill_once(work, desk, rng.uniform(0, life_s))
    scanner.is_ended.set()
    scanner.join()
    desk.start()  # what waits is printed by itself
    kit.wait_until(lambda: not Jobs(desk).open(), "all that waits is printed", 300)
    kit.wait_until(lambda: not Jobs(desk).at_printer(), "the last one has its result", 60)
    desk.stop()
    jobs, printed, unsure, came = judge(desk)
    print(f"queue: {jobs} badges: {printed} printed, {unsure} a human looks after "
          f"({came} of them had come out); none lost, none doubled")
    desk.verify()
    if printed < kills // 2:
        sys.exit("queue: too few badges were printed to say anything")


try:
    main()
except kit.Failed as e:
    sys.exit(f"queue: {e}")
