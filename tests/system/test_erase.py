#!/usr/bin/env python3
"""A person is erased, then the event: afterwards no file of the hub or of a kiosk holds a
name, and nothing that calls again brings one back."""
import os
import re
import sys

import kit

GONE = "Mona Monday"  # erased while the event goes on
ADMITTED = ("Jan Mullender", "Conor O'Brien")


def files_with(folder, *names):
    """(file, name) below a folder: database, log, snapshots, whatever is there. The reserve
    is 16 MiB of zeros and is left out once that was seen."""
    needle = re.compile(b"|".join(re.escape(name.encode()) for name in names))
    found = []
    for path in sorted(folder.rglob("*")):
        data = path.read_bytes() if path.is_file() else b""
        if path.name == "reserve":
            data = data.strip(b"\0")
        found += [(path.relative_to(folder).as_posix(), hit.decode())
                  for hit in set(needle.findall(data))]
    return found


def check_gone(folders, names, when):
    def none_left():
        return not any(files_with(folder, *names) for folder in folders)
    try:
        kit.wait_until(none_left, "gone", 20)
    except kit.Failed:
        left = [(folder.name, *one) for folder in folders for one in files_with(folder, *names)]
        raise kit.Failed(f"{when}: still there: {left[:5]}") from None


def main():
    work = kit.Work(os.environ["FOYER_BUILD"])
    people = kit.people()
    hub = kit.Hub(work)
    hub.init()
    hub.start()
    desk = kit.Kiosk(work, "Desk A", "desk", hub, size="800x480")
    away = kit.Kiosk(work, "Desk B", "desk", hub, size="800x480")
    for kiosk in (desk, away):
        kiosk.enrol()
        kiosk.start()
        kiosk.do("wait online 20000", "wait people 651 20000")
    for name in ADMITTED:
        desk.scan(hub.ticket(people[name]["id"]))
        desk.do("wait verdict admitted", "wait printed", "tap done", "wait screen desk")
    desk.do("wait sent 20000")
    folders = [hub.dir, desk.dir, away.dir]
    for folder in folders:
        kit.wait_until(lambda f=folder: files_with(f, GONE), f"{folder.name} holds {GONE}")

    away.do("link down")
    hub.verb("erase-person", people[GONE]["id"])
    check_gone([hub.dir, desk.dir], [GONE], "a person erased")
    if not files_with(desk.dir, ADMITTED[0]):
        raise kit.Failed("the others are gone, too")
    away.do("link up", "wait online 20000")
    check_gone([away.dir], [GONE], "a person erased, by the desk that was away")
    print(f"{GONE} is erased everywhere, the others stay", flush=True)

    away.do("link down")
    event = re.search(r"\(([0-9a-f]{32})\)", hub.verb("status")).group(1)
    if hub.verb("erase", event, ok=False):
        raise kit.Failed("erased before it was closed")
    hub.verb("close", ok=False)
    hub.verb("close", "--yes")
    hub.verb("erase", ok=False)
    hub.verb("erase", "00000000", ok=False)
    if "people     650" not in hub.verb("status"):
        raise kit.Failed("people are gone without a confirmation")
    hub.verb("erase", event[:8])
    names = [name for name in people if len(name.encode()) > 5]  # "O" is in any file
    check_gone([hub.dir, desk.dir], names, "the event erased")
    print(f"no file of the hub and of a desk holds one of {len(names)} names", flush=True)

    # The desk that was away still has everybody, and more of them: it is told, and obeys.
    if not files_with(away.dir, ADMITTED[0]):
        raise kit.Failed("the desk that is away cannot know yet")
    away.do("link up", "wait online 20000", "wait people 0 20000")
    check_gone(folders, names, "the event erased, after the last desk called")
    hub.import_demo()
    check_gone(folders, names, "an import after the erasure")
    for kiosk in (desk, away):
        kiosk.verify()
        kiosk.stop()
    hub.verify()
    hub.stop()
    check_gone(folders, names, "all stopped")
    print("the desk that was away erased them when it called; all verify", flush=True)


try:
    main()
except kit.Failed as e:
    sys.exit(f"erase: {e}")
