#!/usr/bin/env python3
"""Two desks and a hub that never meet once they are enrolled: admissions travel on a stick, in
both directions, until all three hold the same. Then the network comes back."""
import os
import re
import sys

import kit

CHANNELS = ("programme", "people", "desk", "fleet")


def foyer(kiosk, *words, ok=True):
    return kit.run(kiosk.work.program("foyer"), *words, "--dir", kiosk.dir, ok=ok)


def new_facts(said):
    return int(re.search(r"^(\d+) new facts", said, re.M).group(1))


def admit(desk, ticket, verdict="admitted"):
    desk.scan(ticket)
    desk.do(f"wait verdict {verdict}")
    if verdict == "admitted":
        desk.do("wait printed")
    desk.do("tap done", "wait screen desk")


def main():
    work = kit.Work(os.environ["FOYER_BUILD"])
    people = kit.people()
    hub = kit.Hub(work)
    hub.init()
    hub.start()
    ids = [people[n]["id"] for n in ("Jan Mullender", "Conor O'Brien")]
    tickets = [hub.ticket(i) for i in ids]
    desks = [kit.Kiosk(work, title, "desk", hub, size="800x480", options=["--hub", hub.url])
             for title in ("Desk A", "Desk B")]
    door = kit.Kiosk(work, "Room", "room", hub, room="Oak", size="800x480")
    for kiosk in (*desks, door):
        kiosk.enrol()  # the one thing that needs the hub
    a, b = desks
    for desk in desks:
        desk.start()
        desk.do("link down")
    stick = work.dir / "stick"
    stick.mkdir()

    # From the hub: everything. A desk takes it, people and all.
    said = hub.verb("stick", "save", stick)
    if "personal data" not in said:
        raise kit.Failed(f"nothing said of personal data: {said}")
    for desk in desks:
        said = foyer(desk, "stick", "load", stick)
        desk.do("wait people 651 20000")
        if foyer(desk, "stick", "load", stick).split()[0] != "0":
            raise kit.Failed("the same stick again brings nothing new")
    print(f"a desk has all people from the stick: {said.strip()}", flush=True)
    # A room's screen takes what it may see.
    said = foyer(door, "stick", "load", stick)
    if "may not see" not in said or door.verify().get("people", (0,))[0] != 0:
        raise kit.Failed(f"a room's screen took people: {said}")
    if door.verify()["programme"] != hub.verify()["programme"]:
        raise kit.Failed("the room's screen has no programme from the stick")

    # Each desk admits, and what they did travels to the hub and to the other.
    admit(a, tickets[0])
    admit(b, tickets[1])
    for desk in desks:
        said = foyer(desk, "stick", "save", stick, "--channels", "desk,fleet")
        if "people" in said:
            raise kit.Failed(said)
    if len(list(stick.glob("foyer-*.sync"))) != 3 or list(stick.glob("*.new")):
        raise kit.Failed(f"on the stick: {sorted(p.name for p in stick.iterdir())}")
    said = hub.verb("stick", "load", stick)
    if new_facts(said) < 4 or "of 2 devices" not in said or "0 refused" not in said:
        raise kit.Failed(f"the hub says: {said}")
    if "2 admitted" not in hub.verb("status"):
        raise kit.Failed(hub.verb("status"))
    print(f"the hub: {said.strip()}", flush=True)
    hub.verb("stick", "save", stick)
    for desk in desks:
        foyer(desk, "stick", "load", stick)
        desk.do("wait in 2 10000")
    admit(a, tickets[1], "already-in")
    admit(b, tickets[0], "already-in")

    def is_same():
        there = hub.verify()
        return all(desk.verify().get(c) == there[c] for desk in desks for c in CHANNELS)
    if not is_same():
        raise kit.Failed(f"{hub.verify()} {[d.verify() for d in desks]}")
    print("hub and desks hold the same, and never met", flush=True)

    # A cut file: what verifies is taken, the rest is named. Another event's: nothing.
    admitted = sorted(stick.glob("foyer-*-1.sync"), key=lambda p: p.stat().st_size)[-1]
    cut = work.dir / "cut.sync"
    cut.write_bytes(admitted.read_bytes()[:-5])
    said = kit.run(work.program("foyer"), "stick", "load", cut, "--dir", a.dir, ok=False)
    other = kit.Hub(work, name="other")
    other.verb("init")
    if "0 new facts" not in foyer(a, "stick", "load", admitted):
        raise kit.Failed("new facts out of nothing")
    before = other.verify()
    other.verb("stick", "load", stick, ok=False)
    if other.verify() != before:
        raise kit.Failed("a hub took another event's facts")

    # At the next contact the hub says what it has; nothing is lost or twice.
    for desk in desks:
        desk.do("link up", "wait online 30000", "wait sent 30000")
    kit.wait_until(is_same, "the same after the network came back", 30)
    if "2 admitted" not in hub.verb("status"):
        raise kit.Failed(hub.verb("status"))
    for desk in desks:
        desk.stop()
    hub.stop()
    print("the network is back: all is acknowledged, nothing twice", flush=True)


try:
    main()
except kit.Failed as e:
    sys.exit(f"stick: {e}")
