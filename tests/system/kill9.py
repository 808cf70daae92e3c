#!/usr/bin/env python3
"""kill -9 of a kiosk at random moments: what was shown green is in the store afterwards.

usage: kill9.py BUILD_DIR [KILLS [SEED]]
A kiosk at a gate where a scan admits at once reads codes as fast as it can. It is killed
KILLS times (200) at a random moment between its start and 400 ms after the time it needs to
show its first admission, and started again on the same store. Its --green-log gets a line, fsynced, when the frame with an admission was
presented. At the end every line's fact must be in the store, and the store must verify.
"""
import json
import random
import signal
import sys
import time

import kill_kit
import kit

EVENING = "2015-03-23T17:30:00-05:00"  # the plenary's gate is open, re-entry is free
KILL_WITHIN_S = 0.4  # after the first admission could be shown
SCAN_EVERY_S = 0.015


def set_up(work):
    """A kiosk that knows the people and stands alone: the network is not what is tested."""
    hub = kit.Hub(work, now=EVENING)
    hub.init()
    hub.start()
    log = work.dir / "green.log"
    kiosk = kit.Kiosk(work, "Plenary", "door", hub, gate="plenary", now=EVENING, size="800x480",
                      options=["--green-log", log])
    kill_kit.know_people(hub, kiosk)
    return kiosk, log


def measure_start(work, kiosk, log):
    """Seconds from the start of the program to the first admission that was shown."""
    began = time.monotonic()
    kiosk.launch()
    kit.wait_until(lambda: kit.whole_lines(log), "an admission is shown")
    took = time.monotonic() - began
    work.end(kiosk.process, signal.SIGKILL)
    return took


def main():
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    kills = int(sys.argv[2]) if len(sys.argv) > 2 else 200
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 32)
    print(f"kill9: {kills} kills, seed {seed}", flush=True)
    rng = random.Random(seed)
    work = kit.Work(sys.argv[1])
    kiosk, log = set_up(work)
    scanner = kill_kit.Scanner(kiosk.fifo, kill_kit.admissible_codes(rng), SCAN_EVERY_S)
    scanner.start()
    within_s = measure_start(work, kiosk, log) + KILL_WITHIN_S
    began = time.monotonic()
    for _ in range(kills):
        shown = len(kit.whole_lines(log))
        kill_kit.kill_once(work, kiosk, rng.uniform(0, within_s))
        if len(kit.whole_lines(log)) == shown:  # a busy machine: give it longer lives
            within_s = min(1.2 * within_s, 10)
    took = time.monotonic() - began
    scanner.is_ended.set()
    green = kit.whole_lines(log)
    facts = [json.loads(line) for line in kiosk.dump("admit").splitlines()]
    held = {fact["fact"] for fact in facts}
    lost = [line for line in green if line.split()[0] not in held]
    print(f"kill9: {took:.0f} s, each within {within_s:.2f} s; {len(green)} admissions shown green, {len(held)} in the "
          f"store, {len(lost)} lost")
    kiosk.verify()
    if lost:
        sys.exit("kill9: lost: " + ", ".join(lost[:10]))
    if len(green) < kills // 4:
        sys.exit("kill9: too few admissions were shown to say anything")


try:
    main()
except kit.Failed as e:
    sys.exit(f"kill9: {e}")
