#!/usr/bin/env python3
"""A kiosk whose hub has moved finds it by an SRV record of a real name server (dnsmasq), and
does not take up with a hub of another event that the record names first."""
import os
import shutil
import sys

import kit

DOMAIN = "venue.example"


def serve_names(work, records):
    """A name server that knows these (port, priority) of the service; returns its address."""
    address = f"127.0.0.1:{kit.free_port()}"
    port = address.split(":")[1]
    work.start("dnsmasq", shutil.which("dnsmasq"), "--no-daemon", f"--port={port}",
               "--listen-address=127.0.0.1", "--bind-interfaces", "--no-resolv", "--no-hosts",
               "--conf-file=/dev/null", "--pid-file=", f"--address=/hub.{DOMAIN}/127.0.0.1",
               *(f"--srv-host=_foyer-hub._tcp.{DOMAIN},hub.{DOMAIN},{p},{order}"
                 for p, order in records))
    return address


def main():
    work = kit.Work(os.environ["FOYER_BUILD"])
    hub = kit.Hub(work)
    hub.init()
    hub.start()
    other = kit.Hub(work, name="other")
    other.verb("init")
    other.start()
    ports = [int(h.address.split(":")[1]) for h in (other, hub)]
    server = serve_names(work, [(ports[0], 1), (ports[1], 2)])
    ways = ("--domain", DOMAIN, "--nameserver", server)
    foyer = work.program("foyer")
    said = kit.wait_until(lambda: kit.run(foyer, "discover", *ways, ok=False), "the name server")
    lines = [line for line in said.splitlines() if line.startswith("srv ")]
    kit.check([other.url in lines[0], hub.url in lines[1]] == [True, True],
          f"both are found, in order: {lines}")
    nowhere = f"http://127.0.0.1:{kit.free_port()}"
    desk = kit.Kiosk(work, "desk", "desk", hub, options=("--hub", nowhere, *ways))
    desk.enrol()
    desk.start()
    desk.do("wait people 651 40000", "wait sent 20000")
    kit.check("another event" in work.log("desk", 200), "the stranger was asked and left alone")
    wrong = kit.run(foyer, "discover", "--domain", "other.example", "--nameserver", server,
                    ok=False)
    kit.check("srv      nothing" in wrong, "a domain without the record is said to have none")
    desk.do("quit")
    desk.stop()
    other.stop()
    hub.stop()


if not shutil.which("dnsmasq"):
    print("srv: dnsmasq is not here: ./run test installs it")
    sys.exit(77)
try:
    main()
except kit.Failed as e:
    sys.exit(f"srv: {e}")
