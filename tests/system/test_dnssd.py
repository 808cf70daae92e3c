#!/usr/bin/env python3
"""A kiosk whose hub is out of reach finds the relay that announces itself by DNS-SD, through a
real avahi-daemon on a bus of its own, in a network and mount namespace of its own. A hub of
another event announces itself too and is left alone."""
import os
import re
import shutil
import subprocess
import sys

import kit

INSIDE = "FOYER_DNSSD_INSIDE"
BUS = """<busconfig>
  <type>system</type>
  <listen>unix:path={path}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/>
    <allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/>
  </policy>
</busconfig>
"""
AVAHI = """[server]
host-name=foyer-test
use-ipv6=no
allow-interfaces=lo
enable-dbus=yes
"""


def skip(why):
    print(f"dnssd: {why}")
    sys.exit(77)


def enter():
    """Runs this script again where 127.0.0.1 and /run/avahi-daemon are its own."""
    for program in ("dbus-daemon", "avahi-daemon", "unshare", "ip"):
        if not shutil.which(program):
            skip(f"{program} is not here: ./run test installs it")
    root = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    words = ["unshare", *root, "--mount", "--net"]
    if subprocess.run([*words, "true"], stderr=subprocess.DEVNULL, check=False).returncode:
        skip("this machine allows no namespaces")
    os.environ[INSIDE] = "1"
    os.execvp("unshare", [*words, sys.executable, *sys.argv])


def start_avahi(work):
    """The daemon; skips where it does not come up."""
    for words in (["ip", "link", "set", "lo", "up", "multicast", "on"],
                  ["mount", "-t", "tmpfs", "tmpfs", "/run"],
                  ["mkdir", "/run/avahi-daemon"]):
        if subprocess.run(words, stderr=subprocess.DEVNULL, check=False).returncode:
            skip(f"{' '.join(words)} is not allowed here")
    bus = work.dir / "bus"
    (work.dir / "bus.conf").write_text(BUS.format(path=bus))
    (work.dir / "avahi.conf").write_text(AVAHI)
    work.start("dbus", "dbus-daemon", f"--config-file={work.dir / 'bus.conf'}", "--nofork",
               "--nopidfile")
    kit.wait_until(bus.exists, "the bus")
    daemon = work.start("avahi", "avahi-daemon", "-f", work.dir / "avahi.conf",
                        "--no-drop-root", "--no-chroot", "--no-rlimits")
    kit.wait_until(lambda: daemon.poll() is not None or
                   "startup complete" in work.log("avahi"), "avahi-daemon")
    if daemon.poll() is not None:
        skip(f"avahi-daemon does not run here: {work.log('avahi')}")
    return daemon


class Published(kit.Hub):
    """One that announces itself."""

    def launch(self):
        self.process = self.work.start(
            self.name, self.work.program("foyer-hub"), "serve", "--dir", self.dir, "--listen",
            self.address, "--publish")

    def is_announced(self):
        return "announced on the LAN" in self.work.log(self.name, 100)


def main():
    work = kit.Work(os.environ["FOYER_BUILD"])
    foyer = work.program("foyer")
    os.environ["DBUS_SYSTEM_BUS_ADDRESS"] = f"unix:path={work.dir / 'bus'}"
    alone = kit.run(foyer, "discover", ok=False)
    kit.check("no avahi-daemon runs here" in alone, "without a daemon it says so and goes on")
    daemon = start_avahi(work)
    hub = kit.Hub(work)
    hub.init()
    hub.start()
    relay, other = Published(work, name="relay"), Published(work, name="other")
    said = hub.verb("enrol", "--name", "Relay", "--role", "relay")
    relay.verb("join", hub.url, re.search(r"^code (\S+)$", said, re.M).group(1))
    other.verb("init")
    for node in (other, relay):
        node.start()
        kit.wait_until(node.is_announced, f"{node.name} is announced")
    said = kit.run(foyer, "discover")
    kit.check(re.search(rf"^dns-sd +{relay.url} +relay of", said, re.M), "the relay is found")
    kit.check(re.search(rf"^dns-sd +{other.url} +hub of", said, re.M), "so is the stranger")
    nowhere = f"http://127.0.0.1:{kit.free_port()}"
    desk = kit.Kiosk(work, "desk", "desk", hub, options=("--hub", nowhere))
    desk.enrol()
    desk.start()
    desk.do("wait people 651 60000", "wait sent 20000")
    kit.check(desk.state()["relay"], "the desk is at the relay, and what it sent is at the hub")
    kit.check(other.url not in work.log("desk", 500), "it never asked the stranger")
    work.end(daemon)
    kit.check("no avahi-daemon" in kit.run(foyer, "discover", ok=False), "the daemon may go")
    kit.check(relay.is_ready(), "the relay goes on without it")
    desk.do("quit")
    desk.stop()
    for node in (relay, other, hub):
        node.stop()


if INSIDE not in os.environ:
    enter()
try:
    main()
except kit.Failed as e:
    sys.exit(f"dnssd: {e}")
