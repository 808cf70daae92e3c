#!/usr/bin/env python3
"""A kiosk that was enrolled and never synced: a good signed ticket passes, a forged one does
not, and once the hub is back the admission belongs to its person."""
import os
import sys

import kit


def main():
    zoe = kit.people()["Zoë Müller-Ortiz"]["id"]
    work = kit.Work(os.environ["FOYER_BUILD"])
    hub = kit.Hub(work)
    hub.verb("init")
    hub.start()
    hub.import_demo()
    kiosk = kit.Kiosk(work, "kiosk-1", "checkin", hub)
    kiosk.enrol()
    ticket = hub.ticket(zoe)
    hub.stop()
    kiosk.start()
    kiosk.do("wait screen message")
    kiosk.scan(ticket)
    kiosk.do("wait verdict admitted", "tap done")
    kiosk.scan(kit.flip(ticket, 40))
    kiosk.do("wait verdict forged", "tap done")
    kiosk.scan(kit.badge_code(zoe))
    kiosk.do("wait verdict needs-staff", "tap done")
    hub.start()
    kiosk.do("wait online 60000", "wait in 1 20000", "wait sent 20000", "wait screen attract")
    said = hub.verb("status")
    if "1 admitted" not in said or ", 0 in quarantine" not in said:
        raise kit.Failed(f"the admission did not find its person: {said}")
    kiosk.do("quit")
    kiosk.stop()
    hub.stop()
    print("ok: admitted before the first sync, and folded after it")


try:
    main()
except kit.Failed as e:
    sys.exit(f"never_synced: {e}")
