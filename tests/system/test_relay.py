#!/usr/bin/env python3
"""A hub, a relay and two desks as real processes: the uplink becomes a black hole, the desks go
to the relay and see each other's admissions, a newcomer bootstraps from the relay; when the
uplink is back, everything is at the hub and each of them holds the same."""
import os
import re
import sys

import kit
import procs

CHANNELS = ("programme", "people", "desk", "fleet")
LANES = {"desk-a": 0, "desk-b": 1, "relay": 2}


class Relay(kit.Hub):
    """The hub's program as a relay; its way to the hub leads through the proxy."""

    def __init__(self, work, hub):
        super().__init__(work, name="relay")
        self.hub = hub

    def join(self):
        said = self.hub.verb("enrol", "--name", "Relay", "--role", "relay")
        code = re.search(r"^code (\S+)$", said, re.M).group(1)
        return self.verb("join", self.hub.url, code)

    def launch(self):
        self.process = self.work.start(
            self.name, self.work.program("foyer-hub"), "serve", "--dir", self.dir, "--listen",
            self.address, "--upstream", self.uplink)

    def status(self, name):
        return re.search(rf"^{name} +(.*)$", self.verb("status"), re.M).group(1)


def admit(desk, ticket):
    desk.scan(ticket)
    desk.do("wait verdict admitted", "wait printed", "tap done")


def main():
    people = kit.people()
    jan, conor, zoe = (people[n]["id"] for n in ("Jan Mullender", "Conor O'Brien",
                                                 "Zoë Müller-Ortiz"))
    work = kit.Work(os.environ["FOYER_BUILD"])
    hub = kit.Hub(work)
    hub.init()
    hub.start()
    tickets = {p: hub.ticket(p) for p in (jan, conor, zoe)}
    proxy = procs.Proxy(work, hub, len(LANES), 1)
    relay = Relay(work, hub)
    kit.check("enrolled" in relay.join(), "the relay joined")
    relay.uplink = f"http://127.0.0.1:{proxy.ports[LANES['relay']]}"
    relay.start()
    kit.wait_until(lambda: relay.status("people") == "651", "the relay has the people")
    desks = []
    for name in ("desk-a", "desk-b"):
        way = f"http://127.0.0.1:{proxy.ports[LANES[name]]},{relay.url}"
        desk = kit.Kiosk(work, name, "desk", hub, options=("--hub", way))
        desk.enrol()
        desk.start()
        desk.do("wait people 651 20000", "wait sent 20000")
        desks.append(desk)
    a, b = desks
    kit.check(not a.state()["relay"], "with an uplink the desks are at the hub")
    admit(a, tickets[jan])
    b.do("wait in 1 5000", "wait sent 10000")

    proxy.tell("fault", "*", "hole")
    admit(a, tickets[conor])
    a.do("wait on-lan 40000")
    b.do("wait in 2 40000")
    kit.check(a.state()["relay"] and b.state()["relay"], "without one they are at the relay")
    kit.check(a.state()["on_lan"] > 0 and a.state()["unsent"] == 0, "sent no further than the LAN")
    a.do("wait text 'not at the hub yet'")
    admit(b, tickets[zoe])
    a.do("wait in 3 3000")
    kit.wait_until(lambda: "OFFLINE" in relay.status("upstream"), "the relay knows it too", 60)

    proxy.tell("fault", "*", "pass")
    proxy.tell("drop", "*")
    for desk in desks:
        desk.do("wait sent 60000")
    kit.wait_until(lambda: not any(d.state()["relay"] for d in desks), "back at the hub", 90)
    kit.wait_until(lambda: "online" in relay.status("upstream"), "the relay's uplink", 60)
    for desk in desks:
        desk.do("wait sent 20000", "wait in 3 20000")
    kit.wait_until(lambda: relay.status("to send").startswith("facts of 0 "), "all handed on")
    kit.check_same(hub, [relay, a, b], CHANNELS)
    kit.check(a.state()["incidents"] == 0, "no incident came of it")
    for desk in desks:
        desk.do("quit")
        desk.stop()
    relay.stop()
    hub.stop()


try:
    main()
except kit.Failed as e:
    sys.exit(f"relay: {e}")
