#!/usr/bin/env python3
"""A hub that is killed, and a hub restored from a backup of before lunch: what it lost comes
back from the desks, with no step by anybody. Backups are made while it works."""
import os
import shutil
import signal
import sys

import kit

CHANNELS = ("programme", "people", "desk", "fleet")
NAMES = ("Jan Mullender", "Conor O'Brien", "Mona Monday", "Pat Pressman", "Q Sample")


def agree(hub, desks):
    """Waits until all hold the same; returns how many facts the desk channel has."""
    def is_same():
        there = hub.verify()
        return all(desk.verify().get(c) == there[c] for desk in desks for c in CHANNELS)
    for desk in desks:
        desk.do("wait online 30000", "wait sent 30000")
    kit.wait_until(is_same, "hub and desks hold the same", 30)
    return hub.verify()["desk"][0]


def admit(desk, ticket):
    desk.scan(ticket)
    desk.do("wait verdict admitted", "wait printed", "tap done", "wait screen desk")


def main():
    work = kit.Work(os.environ["FOYER_BUILD"])
    people = kit.people()
    hub = kit.Hub(work)
    hub.init()
    hub.start()
    tickets = [hub.ticket(people[name]["id"]) for name in NAMES]
    desks = [kit.Kiosk(work, title, "desk", hub, size="800x480") for title in
             ("Desk A", "Desk B")]
    for desk in desks:
        desk.enrol()
        desk.start()
        desk.do("wait online 20000", "wait people 651 20000")
    a, b = desks
    admit(a, tickets[0])
    agree(hub, desks)
    backup = work.dir / "noon.backup"
    said = hub.verb("backup", backup)
    if "checked" not in said or backup.stat().st_mode & 0o777 != 0o600:
        raise kit.Failed(f"the backup says: {said}")
    if "there already" in hub.verb("backup", backup, ok=False):
        raise kit.Failed("a refusal is no success")
    print(f"a backup of the running hub: {backup.stat().st_size} bytes", flush=True)

    admit(a, tickets[1])
    admit(b, tickets[2])
    agree(hub, desks)
    work.end(hub.process, signal.SIGKILL)
    admit(a, tickets[3])
    hub.start()
    held = agree(hub, desks)
    print(f"the hub is killed and started: all three hold {held} desk facts", flush=True)

    hub.stop()
    if "not empty" in kit.run(work.program("foyer-hub"), "restore", backup, "--dir", hub.dir,
                              ok=False):
        raise kit.Failed("a refusal is no success")
    shutil.rmtree(hub.dir)
    said = kit.run(work.program("foyer-hub"), "restore", backup, "--dir", hub.dir)
    if "are right" not in said or "IETF 92" not in said:
        raise kit.Failed(f"restore says: {said}")
    admit(b, tickets[4])
    hub.start()
    held_after = agree(hub, desks)
    right = held + 4  # an admission, its badge's job, sent, printed
    if held_after != right:
        raise kit.Failed(f"{held_after} desk facts after the restore, not {right}")
    print(f"the hub is restored from the backup: it holds all {held_after} again", flush=True)
    for kiosk in desks:
        kiosk.stop()
    hub.stop()


try:
    main()
except kit.Failed as e:
    sys.exit(f"restore: {e}")
