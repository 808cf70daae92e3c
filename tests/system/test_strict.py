#!/usr/bin/env python3
"""A strict gate: two real kiosks and a hub. The same badge at both at once, many times: one of
them is green each time. A hub that stands still or is gone: nobody waits for it, both are
green, and the incident says why."""
import os
import signal
import sys

import kit

EVENING = "2015-03-24T19:30:00-05:00"  # the social event is open
ROUNDS = 20


def verdict(kiosk, person):
    """What this kiosk says about the person, once it does."""
    def said():
        state = kiosk.state()
        return state["person"] == person and state["verdict"]
    return kit.wait_until(said, f"{kiosk.name} decides about {person}")


def scan_at_both(kiosks, person):
    code = kit.badge_code(person)
    for kiosk in kiosks:
        kiosk.scan(code)
    return [verdict(kiosk, person) for kiosk in kiosks]


def race(kiosks, people):
    wins = [0, 0]
    for n in range(ROUNDS):
        order = kiosks if n % 2 == 0 else kiosks[::-1]
        said = dict(zip((k.name for k in order), scan_at_both(order, people[n])))
        green = [i for i, k in enumerate(kiosks) if said[k.name] == "admitted"]
        if len(green) != 1 or sorted(said.values()) != ["admitted", "already-in"]:
            raise kit.Failed(f"round {n}, {people[n]}: {said}")
        wins[green[0]] += 1
    print(f"   {kiosks[0].name} won {wins[0]}, {kiosks[1].name} {wins[1]}")


def type_in(desk, person, names):
    """An admission taken on paper, of somebody a scanner saw as well."""
    name = names[person]
    desk.do(f"type {name}", "wait text 'In 19:3'", f'tap "{name}"', "tap from-paper",
            "wait text 'Admitted on paper'", "tap digit 1", "type 9:0", "tap digit 5",
            "wait text '19:05'", "tap enter-paper", f"wait text 'From paper: {name}, 19:05'",
            "wait incident 2 10000")
    desk.do("tap look 1", "wait text 'one was taken on paper'",
            "wait text 'from paper, typed in at 19:3'", "tap close")
    kit.check(True, "an admission from paper is kept, and its double says so")


def main():
    names = {row["id"]: row["name"] for row in kit.people().values()}
    people = [row["id"] for row in kit.people().values()
              if "social" in row["gates"].split() and row["status"] == "ok"
              and row["paid"] == "yes" and not row["note"]]
    work = kit.Work(os.environ["FOYER_BUILD"])
    hub = kit.Hub(work, now=EVENING)
    hub.init()
    hub.start()
    door = kit.Kiosk(work, "Door", "door", hub, gate="social", now=EVENING)
    desk = kit.Kiosk(work, "Desk", "desk", hub, gate="social", now=EVENING)
    kiosks = [door, desk]
    for kiosk in kiosks:
        kiosk.enrol()
        kiosk.start()
        kiosk.do("wait people 651 30000", "wait sent 30000")
    race(kiosks, people)
    kit.check(True, f"{ROUNDS} badges at two kiosks at once: one green each time")
    for kiosk in kiosks:
        kiosk.do(f"wait in {ROUNDS} 20000", "wait sent 20000")
        kit.check(kiosk.state()["incidents"] == 0, f"no incident at {kiosk.name}")
    twice = people[ROUNDS]
    hub.process.send_signal(signal.SIGSTOP)
    said = scan_at_both(kiosks, twice)
    kit.check(said == ["admitted", "admitted"], "a hub that stands still holds up nobody")
    desk.do("wait text 'hub did not answer: not confirmed'")
    hub.process.send_signal(signal.SIGCONT)
    desk.do("tap done", "wait incident 1 30000", "tap look",
            "wait text 'the hub answered neither desk in time'",
            "wait text 'went on without the hub'", "tap close")
    kit.check(True, "the incident says that the hub did not answer")
    type_in(desk, people[0], names)
    hub.stop()
    alone = people[ROUNDS + 1]
    door.scan(kit.badge_code(alone))
    kit.check(verdict(door, alone) == "admitted", "no hub, no wait")
    hub.start()
    for kiosk in kiosks:
        kiosk.do(f"wait in {ROUNDS + 2} 60000", "wait sent 30000")
        kit.check(kiosk.state()["incidents"] == 2, f"two incidents at {kiosk.name}")
    at_hub = hub.verify()
    for kiosk in kiosks:
        kit.check(kiosk.verify()["desk"] == at_hub["desk"], f"{kiosk.name} holds what the hub does")
        kiosk.do("quit")
        kiosk.stop()
    hub.stop()


try:
    main()
except kit.Failed as e:
    sys.exit(f"strict: {e}")
