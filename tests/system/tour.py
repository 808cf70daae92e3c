#!/usr/bin/env python3
"""A scripted morning with the real programs; see tour.sh.

usage: tour.py BUILD_DIR OUT_DIR
A hub, a self-service kiosk, two staffed desks and a hallway screen on the demo event, Monday
09:10. Each step shows something in a picture and checks it; the whole fails if one step did
not happen.
"""
import re
import sys

import kit
import report

PEOPLE = kit.people()
ZOE = PEOPLE["Zoë Müller-Ortiz"]["id"]
MULLA = PEOPLE["محمد ملا"]["id"]
TUESDAY = PEOPLE["Tuan Tuesday"]["id"]
UNPAID = PEOPLE["Una Paidley"]["id"]
CANCELLED = PEOPLE["Casey Cancelled-Sample"]["id"]
BLOCKED = PEOPLE["Blake Blocked-Sample"]["id"]
HACKER = PEOPLE["Hank Hackerman"]["id"]
NOTED = PEOPLE["Nora Noteworthy"]["id"]
JAN = PEOPLE["Jan Mullender"]["id"]
TWICE = PEOPLE["Conor O'Brien"]["id"]
ROOM, NEW_ROOM, MOVED = "Continental", "Regency Ballroom", "6tisch"
MOVED_ID = "s92017"  # Monday 13:00; the group meets twice
NETMOD = "https://datatracker.ietf.org/meeting/92/session/netmod"  # on at ROOM at 09:10


class Tour:
    def __init__(self, build, out):
        self.work = kit.Work(build)
        self.report = report.Report(out, "Foyer: a scripted Monday morning at IETF 92")
        self.hub = kit.Hub(self.work)
        self.kiosk = kit.Kiosk(self.work, "Kiosk 1", "checkin", self.hub)
        self.a = kit.Kiosk(self.work, "Desk A", "desk", self.hub)
        self.b = kit.Kiosk(self.work, "Desk B", "desk", self.hub)
        self.door = kit.Kiosk(self.work, "Continental door", "room", self.hub, room=ROOM)
        self.wall = kit.Kiosk(self.work, "Lobby wall", "agenda", self.hub)

    # Setting up is a step too: nothing later means anything without it.
    def open(self):
        with self.report.step("hub", "The hub takes the event in and serves it") as s:
            said = self.hub.init()
            s.check("people.csv: people, 651 rows, 0 skipped" in said, "651 people imported")
            s.check("859 added" in said, "859 facts authored")
            self.hub.start()
            s.check("0 added, 0 changed, 859 the same" in self.hub.import_demo(),
                    "a second import authors nothing")
        with self.report.step("attract", "A kiosk, two desks and two screens enrol") as s:
            for kiosk in (self.kiosk, self.a, self.b, self.door, self.wall):
                kiosk.enrol()
                kiosk.start()
                kiosk.do("wait online 20000")
            for kiosk in (self.kiosk, self.a, self.b):
                kiosk.do("wait people 651 20000")
            self.kiosk.do("wait screen attract")
            s.check_equal(self.kiosk.state()["screen"], "attract", "the kiosk shows")
            s.shot(self.kiosk)

    def check_in(self):
        ticket = self.hub.ticket(MULLA)
        with self.report.step("confirm", "A ticket is scanned: this is your badge") as s:
            self.kiosk.scan(ticket)
            self.kiosk.do("wait screen confirm")
            s.check_equal(self.kiosk.state()["person"], MULLA, "the person found")
            s.shot(self.kiosk, codes=[kit.badge_code(MULLA, 1)])
        with self.report.step("welcome", "Print: admitted, and the badge comes out") as s:
            self.kiosk.do("tap print", "wait verdict admitted")
            self.expect_label(s, self.kiosk, MULLA, "badge-mulla")
            self.kiosk.do("wait printed")
            s.shot(self.kiosk, codes=[kit.badge_code(MULLA, 1)])
            self.kiosk.do("tap done", "wait screen attract")
        with self.report.step("find", "Found by name: mull") as s:
            self.kiosk.do("tap find", "wait screen find", "type mull",
                          "wait text 'Zoë Müller-Ortiz'")
            s.check(True, "typing mull lists Zoë Müller-Ortiz")
            s.shot(self.kiosk)
        with self.report.step("zoe", "Zoë checks in") as s:
            self.kiosk.do("tap 'Zoë Müller-Ortiz'", "wait screen confirm")
            s.shot(self.kiosk, "zoe-confirm", codes=[kit.badge_code(ZOE, 1)])
            self.kiosk.do("tap print", "wait verdict admitted", "wait printed")
            self.expect_label(s, self.kiosk, ZOE, "badge-zoe")
            s.shot(self.kiosk, "zoe-welcome", codes=[kit.badge_code(ZOE, 1)])
            self.kiosk.do("tap done", "wait screen attract")
        # The badge first: the same code twice within three seconds would be one scan.
        with self.report.step("again-badge", "The badge that was printed, at the kiosk") as s:
            self.scan_for(s, self.kiosk, kit.badge_code(ZOE, 1), "already-in")
        with self.report.step("again", "The same ticket again: checked in, since when") as s:
            self.scan_for(s, self.kiosk, ticket, "already-in")

    def expect_label(self, s, kiosk, person, name):
        """One more label, whose code is this person's."""
        known = kiosk.label_count
        labels = kit.wait_until(lambda: kiosk.labels_printed()[known:],
                                f"{kiosk.name} prints a badge")
        kiosk.label_count += len(labels)
        s.check_equal(len(labels), 1, "badges printed")
        s.keep(labels[0], name, codes=[kit.badge_code(person, 1)])

    def scan_for(self, s, kiosk, code, verdict, then="attract"):
        """A scan, the verdict it must come to, its picture, and back to the start."""
        kiosk.scan(code)
        kiosk.do(f"wait verdict {verdict}")
        s.check_equal(kiosk.state()["verdict"], verdict, "the verdict")
        s.shot(kiosk)
        kiosk.do("tap done", f"wait screen {then}")

    def refuse(self):
        ticket = self.hub.ticket(ZOE)
        cases = [
            ("forged", "A ticket with a forged signature", kit.flip(ticket, 40), "forged"),
            ("altered", "A ticket changed to another kind", kit.flip(ticket, 11), "forged"),
            ("other-event", "A ticket signed by another event's key", kit.flip(ticket, 1),
             "other-event"),
            ("unpaid", "Not paid yet", self.hub.ticket(UNPAID), "unpaid"),
            ("cancelled", "A cancelled registration", self.hub.ticket(CANCELLED), "cancelled"),
            ("blocked", "A blocked registration", self.hub.ticket(BLOCKED), "blocked"),
            ("unknown", "A code nobody knows", "HELLO WORLD", "unknown"),
            ("wrong-gate", "A Hackathon ticket at the meeting's gate", self.hub.ticket(HACKER),
             "not-on-list"),
            ("wrong-day", "Tuesday's ticket on Monday", self.hub.ticket(TUESDAY), "wrong-day"),
            ("note", "A note that staff must see", self.hub.ticket(NOTED), "needs-staff"),
            ("noise", "A code that is no text", b"\x00\xff\xfe" * 9, "unknown"),
            ("long", "A code of 4,000 characters", "A" * 4000, "unknown"),
        ]
        for name, what, code, verdict in cases:
            with self.report.step(name, what) as s:
                self.scan_for(s, self.kiosk, code, verdict)

    def signage(self):
        with self.report.step("room", f"The sign at {ROOM}") as s:
            self.door.do(f"wait session {MOVED} room '{ROOM}'")
            s.shot(self.door, codes=[NETMOD])
        with self.report.step("room-change", f"{MOVED.upper()} moves to {NEW_ROOM}") as s:
            self.hub.verb("move", MOVED_ID, "--room", NEW_ROOM)
            self.door.do(f"wait session {MOVED} room '{NEW_ROOM}' 5000")
            s.check(True, f"shown at the door of {ROOM} within 5 s of the push")
            s.shot(self.door, codes=[NETMOD])
        with self.report.step("agenda", "The agenda wall knows too") as s:
            self.wall.do(f"wait session {MOVED} room '{NEW_ROOM}' 5000",
                         f"wait text 'was {ROOM}' 30000")  # the page with it, in its turn
            s.check(True, f"it says where {MOVED.upper()} was")
            s.shot(self.wall)
        with self.report.step("notice", "A notice to every screen") as s:
            self.hub.verb("announce", "Coffee is served", "--text",
                          "In the Regency Foyer until 09:40.", "--minutes", "30")
            for kiosk in (self.door, self.wall):
                kiosk.do("wait text 'Coffee is served' 5000")
            s.check(True, "shown at the door and on the wall within 5 s")
            s.shot(self.door, codes=[NETMOD])
            s.shot(self.wall, "notice-wall")

    def desks(self):
        with self.report.step("desk", "A desk: search, counts, printer") as s:
            self.a.do("wait screen desk", "type mull", "wait text 'Jan Mullender'")
            s.check(True, "651 people, typing mull lists Jan Mullender")
            s.shot(self.a)
            self.a.do("key escape")
        with self.report.step("seen", "What desk A admits is seen at desk B") as s:
            before = self.b.state()["in"]
            self.admit(s, self.a, JAN)
            self.b.do(f"wait in {before + 1} 5000")
            s.check(True, "desk B counts one more within 5 s")

    def cut(self):
        with self.report.step("cut-off", "Desk B is cut off; the morning goes on") as s:
            self.b.do("link down", "wait offline", "wait text 'Offline'")
            s.check(True, "desk B says it is offline")
            s.shot(self.b)

    def staff(self):
        with self.report.step("no-labels", "Desk A is out of labels, then loaded") as s:
            (self.a.labels / "state").write_text("out-of-labels\n")
            self.a.do("wait text 'Out of labels'")
            s.shot(self.a)
            (self.a.labels / "state").write_text("ready\n")
            self.a.do("wait printer ready")
            s.check(True, "the desk says so, and goes on when the printer is ready")
        for name, what, code, verdict in (
                ("desk-unpaid", "Staff see why: not paid", self.hub.ticket(UNPAID), "unpaid"),
                ("desk-forged", "Staff see why: a forged ticket",
                 kit.flip(self.hub.ticket(ZOE), 40), "forged"),
                ("desk-note", "Staff see the note", self.hub.ticket(NOTED), "needs-staff")):
            with self.report.step(name, what) as s:
                self.scan_for(s, self.a, code, verdict, "desk")

    def admit(self, s, desk, person):
        """A ticket at a desk: admitted, the badge comes out, and the desk is free again."""
        desk.scan(self.hub.ticket(person))
        desk.do("wait verdict admitted", "wait printed")
        s.shot(desk, f"admitted-{desk.name}", codes=[kit.badge_code(person, 1)])
        self.expect_label(s, desk, person, f"badge-{desk.name}")
        desk.do("tap done", "wait screen desk")

    def split(self):
        with self.report.step("same-badge", "Both desks admit the same ticket") as s:
            self.admit(s, self.a, TWICE)
            self.a.do("wait sent")
            self.admit(s, self.b, TWICE)
            s.check(self.b.state()["unsent"] > 0, "desk B has facts to send")
            s.shot(self.b, "cut-off-desk-b")
        with self.report.step("heal", "The link is back: everything is sent") as s:
            self.b.do("link up", "wait online 20000", "wait sent 20000")
            s.check_equal(self.b.state()["unsent"], 0, "facts desk B still has to send")
        with self.report.step("incident", "One incident, with its reason, at both desks") as s:
            for desk in (self.a, self.b):
                desk.do("wait incident 1 10000", "tap look", "wait text 'Desk B had'",
                        "wait text 'Desk A · admitted'", "wait text 'Desk B · admitted'")
                s.check_equal(desk.state()["incidents"], 1, f"incidents at {desk.name}")
                s.shot(desk, f"incident-{desk.name}")
            said = re.findall(r"^incident +(.*)$", self.hub.verb("status"), re.M)
            s.check(len(said) == 1 and "Desk B had" in said[0], f"the hub says: {'; '.join(said)}")

    def agree(self, kiosk, channels):
        """Waits until a kiosk and the hub hold the same in these channels."""
        def is_same():
            here, there = kiosk.verify(), self.hub.verify()
            return all(here.get(c) == there[c] for c in channels) and here
        return kit.wait_until(is_same, f"{kiosk.name} and the hub agree on "
                              + ", ".join(channels))

    def verify(self):
        with self.report.step("verify", "Hub and desks hold the same, hash by hash") as s:
            for desk in (self.kiosk, self.a, self.b):
                held = self.agree(desk, ("programme", "people", "desk", "fleet"))
                s.check(True, f"{desk.name} = hub: " + ", ".join(
                    f"{c} {held[c][0]} facts {held[c][1][:8]}" for c in held))
            held = self.agree(self.door, ("programme", "fleet"))
            s.check(not any(int(held[c][0]) for c in ("people", "desk") if c in held),
                    "the room screen holds no people and no admissions")

    def close(self):
        with self.report.step("close", "Everything ends when asked") as s:
            for kiosk in (self.kiosk, self.a, self.b, self.door, self.wall):
                kiosk.stop()
            self.hub.stop()
            s.check(True, "five kiosks and the hub ended with status 0")

    def run(self):
        self.open()
        if self.report.is_passed():
            self.check_in()
            self.desks()
            self.cut()
            self.refuse()
            self.signage()
            self.staff()
            self.split()
            self.verify()
            self.close()
        report.end(self.report)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        Tour(sys.argv[1], sys.argv[2]).run()
    except kit.Failed as e:
        sys.exit(f"tour: {e}")


main()
