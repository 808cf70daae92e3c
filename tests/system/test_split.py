#!/usr/bin/env python3
"""Two desks and a hub that stops: both admit, the hub comes back, all three hold the same,
and the double admission is one incident with its basis everywhere."""
import json
import os
import sys

import kit

CHANNELS = ("programme", "people", "desk", "fleet")


def admit(hub, desk, person, verdict="admitted"):
    desk.scan(hub.tickets[person])
    desk.do(f"wait verdict {verdict}", *(["wait printed"] if verdict == "admitted" else []),
            "tap done")


def main():
    people = kit.people()
    jan, twice, zoe = (people[n]["id"] for n in ("Jan Mullender", "Conor O'Brien",
                                                 "Zoë Müller-Ortiz"))
    work = kit.Work(os.environ["FOYER_BUILD"])
    hub = kit.Hub(work)
    hub.verb("init")
    hub.start()
    hub.import_demo()
    hub.tickets = {p: hub.ticket(p) for p in (jan, twice, zoe)}
    desks = [kit.Kiosk(work, name, "desk", hub) for name in ("desk-a", "desk-b")]
    for desk in desks:
        desk.enrol()
        desk.start()
        desk.do("wait people 651 20000", "wait sent 20000")
    a, b = desks
    admit(hub, a, jan)
    b.do("wait in 1 5000")
    kit.wait_until(lambda: a.verify()["desk"] == b.verify()["desk"],
                   "the printed badge is known at the other desk")
    admit(hub, b, jan, "already-in")
    kit.check(b.state()["in"] == 1, "an admission at one desk is known at the other")
    hub.stop()
    for desk in desks:
        desk.do("wait offline 20000")
        admit(hub, desk, twice)
    admit(hub, b, zoe)
    kit.check(a.state()["unsent"] > 0 and b.state()["unsent"] > 0, "both have facts to send")
    hub.start()
    for desk in desks:
        desk.do("wait online 60000", "wait in 3 20000", "wait incident 1 20000",
                "wait sent 20000")
    kit.check_same(hub, desks, CHANNELS)
    for desk in desks:
        kit.check(desk.state()["incidents"] == 1, f"one incident at {desk.name}")
        desk.do("tap look", "wait text 'One badge'",
                "wait text 'in touch with the hub'", "tap close")
    said = [line for line in hub.verb("status").splitlines() if line.startswith("incident ")]
    kit.check(len(said) == 1 and "Conor O'Brien" in said[0] and "hub" in said[0],
          f"one incident at the hub, with its reason: {said}")
    held = [json.loads(line) for line in b.dump("admit").splitlines()]
    kit.check(len(held) == 4, "four admissions are kept, none overwritten")
    for desk in desks:
        desk.do("quit")
        desk.stop()
    hub.stop()


try:
    main()
except kit.Failed as e:
    sys.exit(f"split: {e}")
