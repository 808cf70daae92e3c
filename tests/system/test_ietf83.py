#!/usr/bin/env python3
"""IETF 83 as it was: the door screens show what the meeting's own agenda.csv says, also
around the Sunday on which Europe changed to summer time."""
import csv
import os
import sys

import kit

ROOMS_MONDAY = ("212/213", "241", "242AB", "243", "252A", "252B", "253", "Maillot")
# local date and time of the look, its UTC offset, room
LOOKS = [("2012-03-26", "09:30", "+02:00", room) for room in ROOMS_MONDAY] + [
    ("2012-03-24", "09:29", "+01:00", "Hall Maillot A"),  # a minute before
    ("2012-03-24", "09:30", "+01:00", "Hall Maillot A"),  # Saturday, winter time
    ("2012-03-24", "17:59", "+01:00", "Hall Maillot A"),
    ("2012-03-25", "09:59", "+02:00", "241"),             # Sunday, the clocks went forward
    ("2012-03-25", "10:00", "+02:00", "241"),
    ("2012-03-25", "14:49", "+02:00", "252B"),
    ("2012-03-25", "15:00", "+02:00", "252B"),
    ("2012-03-25", "18:30", "+02:00", "Hall Maillot A"),
    ("2012-03-26", "08:59", "+02:00", "241"),
    ("2012-03-26", "11:29", "+02:00", "241"),
]


def rows_on(rows, date, clock, room):
    at = clock.replace(":", "")
    return [r for r in rows if r["Date"] == date and r["Room"] == room
            and r["Start"] <= at < r["End"] and r["Status"] == "sched"]


def next_today(rows, date, clock, room):
    at = clock.replace(":", "")
    later = [r for r in rows if r["Date"] == date and r["Room"] == room and r["Start"] > at]
    return sorted(later, key=lambda r: r["Start"])[:1]


def hhmm(text):
    return f"{text[:2]}:{text[2:]}"


def expected(rows, date, clock, room):
    """Texts that must be on the screen."""
    on = rows_on(rows, date, clock, room)
    main = [r for r in on if r["Type"] not in ("break", "reg")] or on
    if not main:
        return ["Next here"] + [hhmm(r["Start"]) for r in next_today(rows, date, clock, room)]
    row = main[0]
    return ["Now", row["Description"], hhmm(row["Start"]), hhmm(row["End"])]


def look(work, hub, rows, at):
    date, clock, offset, room = at
    kiosk = kit.Kiosk(work, "door", "room", hub, now=f"{date}T{clock}{offset}",
                      options=["--room", room])
    kiosk.start()
    wants = expected(rows, date, clock, room)
    kiosk.do("wait screen room", *(f"wait text '{w}'" if "'" not in w else "state"
                                   for w in wants), f"wait text '{clock}'")
    kiosk.do("quit")
    kiosk.stop()
    print(f"ok: {date} {clock} {room}: {' · '.join(wants)}")


def main():
    with open(kit.SOURCE / "tests" / "data" / "ietf83-agenda.csv", newline="",
              encoding="utf-8") as f:
        rows = list(csv.DictReader(f))
    folder = kit.SOURCE / "assets" / "ietf83"
    work = kit.Work(os.environ["FOYER_BUILD"])
    hub = kit.Hub(work, now="2012-03-24T08:00:00+01:00")
    hub.verb("init")
    hub.start()
    said = hub.verb("import", *(folder / n for n in ("event.json", "rooms.csv", "agenda.json",
                                                     "extra.csv")))
    print(said)
    said = hub.verb("status")
    sessions = len([r for r in rows if r["Session ID"].isdigit()])
    if sessions != 149 or f"{len(rows)} sessions" not in said:
        sys.exit(f"149 sessions and {len(rows) - 149} other rows expected: {said}")
    door = kit.Kiosk(work, "door", "room", hub, room="241")
    door.enrol()
    door.start()
    door.do("wait online", "wait sent", "quit")
    door.stop()
    for at in LOOKS:
        look(work, hub, rows, at)
    hub.stop()


try:
    main()
except kit.Failed as e:
    sys.exit(f"ietf83: {e}")
