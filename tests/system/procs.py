#!/usr/bin/env python3
"""A hub and 20 kiosks, all real processes, under faults; afterwards all hold the same.

usage: procs.py BUILD_DIR [MINUTES [SEED]]
People are scanned everywhere, the same badge often at several desks, while kiosks and hub get
kill -9 and SIGSTOP, their disks fill up and a lossy proxy (tests/support/lossy_proxy.py) stands
between them. Then the faults end. What must hold:

  every kiosk verifies, and to the same facts and folded tables as the hub, by channel
  an admission that was shown green is at the hub, exactly once
  who was admitted twice at a gate that admits once is an open incident, and nobody else
  nothing forked, nothing was refused, no process ended by itself

Disks fill in a mount namespace of the run's own (a small tmpfs, a ballast file); `tc netem`
in a network namespace where the kernel has it. Without the right to either it says so.
"""
import collections
import ctypes
import fcntl
import heapq
import json
import os
import random
import re
import shutil
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from pathlib import Path

import kit

EVENING = "2015-03-23T17:30:00-05:00"  # the gates below are all open
# role, gate, how many; a T-shirt and a badge are had once, the plenary as often as one likes.
PLACES = (("desk", "meeting", 5), ("door", "tshirt", 8), ("door", "plenary", 7))
ONCE = {"meeting", "tshirt"}
SMALL_DISKS = 4     # kiosks that have one, and the hub
DISK_BYTES = 48 << 20
WINDOW = 12         # people who are about to come: so close together that badges meet
SETTLE_S = 300      # more than the longest back-off, answer and doorbell a device waits for
CHANNELS = ("programme", "people", "desk", "fleet")
NAMESPACE = "FOYER_PROCS_NAMESPACE"


def say(text):
    print(f"procs: {text}", flush=True)


# ---- namespaces, disks ------------------------------------------------------------------


def enter_namespaces():
    """Starts this script again in namespaces of its own, if the system allows that."""
    if NAMESPACE in os.environ:
        return
    root = [] if os.getuid() == 0 else ["--user", "--map-root-user"]
    for kinds in (["--mount", "--net"], ["--mount"]):
        words = ["unshare", *root, *kinds]
        if shutil.which("unshare") and subprocess.run(
                [*words, "true"], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            os.environ[NAMESPACE] = " ".join(kinds)
            os.execvp("unshare", [*words, sys.executable, *sys.argv])
    os.environ[NAMESPACE] = ""


def raise_loopback():
    with socket.socket() as s:
        name = struct.pack("16sh", b"lo", 0x1 | 0x40)  # IFF_UP, IFF_RUNNING
        fcntl.ioctl(s, 0x8914, name)                   # SIOCSIFFLAGS


class Netem:
    """Packet loss and delay by the kernel, on the loopback of our own namespace."""

    def __init__(self):
        self.has_it = "--net" in os.environ[NAMESPACE]
        if self.has_it:
            raise_loopback()
            self.has_it = self.set("delay", "1ms")
            self.clear()

    @staticmethod
    def tc(*words):
        return shutil.which("tc") and subprocess.run(
            ["tc", "qdisc", *words], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            check=False).returncode == 0

    def set(self, *how):
        return self.tc("replace", "dev", "lo", "root", "netem", *how)

    def clear(self):
        self.tc("del", "dev", "lo", "root")


class Disk:
    """A small file system that can be full and empty again."""

    def __init__(self, path):
        self.path, self.ballast = path, path / "ballast"
        path.mkdir(parents=True)
        libc = ctypes.CDLL(None, use_errno=True)
        options = f"size={DISK_BYTES},mode=0700".encode()
        if libc.mount(b"foyer", str(path).encode(), b"tmpfs", 0, options) != 0:
            raise OSError(ctypes.get_errno(), "mount")

    def fill(self):
        with open(self.ballast, "ab", buffering=0) as f:
            size = 1 << 20
            while size >= 4096:
                try:
                    if f.write(b"\0" * size) < size:
                        size //= 2
                except OSError:
                    size //= 2

    def empty(self):
        self.ballast.unlink(missing_ok=True)


# ---- the fleet --------------------------------------------------------------------------


class Proxy:
    def __init__(self, work, hub, lanes, seed):
        self.path = work.dir / "proxy.sock"
        self.process = work.start("proxy", sys.executable,
                                  kit.SOURCE / "tests" / "support" / "lossy_proxy.py", "--to",
                                  hub.address, "--control", self.path, "--seed", seed,
                                  "--lanes", lanes)
        log = work.dir / "proxy.log"
        kit.wait_until(lambda: "ready" in log.read_text(), "the proxy listens")
        self.ports = [int(p) for p in re.findall(r"^lane \d+ (\d+)$", log.read_text(), re.M)]
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.connect(str(self.path))
        self.answers = self.socket.makefile()

    def tell(self, *words):
        self.socket.sendall((" ".join(str(w) for w in words) + "\n").encode())
        answer = self.answers.readline().strip()
        if not answer or answer.startswith("error"):
            raise kit.Failed(f"proxy: {words}: {answer}")
        return answer


class Node:
    """A program of the fleet, as the faults see it."""

    def __init__(self, part, disk):
        self.part, self.disk = part, disk
        self.is_killed = self.is_stopped = self.is_full = False

    def check(self):
        """It may end only when we killed it."""
        p = self.part.process
        if not self.is_killed and p.poll() is not None:
            raise kit.Failed(f"{self.part.name} ended by itself with {p.returncode}: "
                             f"{self.part.work.log(self.part.name, 40)}")

    def kill(self):
        self.is_killed, self.is_stopped = True, False
        self.part.work.end(self.part.process, signal.SIGKILL)

    def revive(self):
        self.is_killed = False
        self.part.launch()

    def stop(self):
        self.is_stopped = True
        self.part.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        if self.is_stopped and not self.is_killed:
            self.part.process.send_signal(signal.SIGCONT)
        self.is_stopped = False

    def fill(self):
        self.is_full = True
        self.disk.fill()

    def empty(self):
        self.is_full = False
        self.disk.empty()


class Scanner(threading.Thread):
    """People at one kiosk, as they come; nobody waits for an answer."""

    def __init__(self, kiosk, crowd, seed):
        super().__init__(daemon=True)
        self.kiosk, self.crowd, self.rng = kiosk, crowd, random.Random(seed)
        self.is_ended = threading.Event()
        self.scans = 0

    def run(self):
        while not self.is_ended.wait(self.rng.uniform(0.15, 0.9)):
            try:
                self.kiosk.scan(self.crowd.next(self.rng))
                self.scans += 1
            except OSError:
                pass  # nobody reads just now, or the pipe is full


class Crowd:
    """Who is around at this time of the run."""

    def __init__(self, rng, seconds):
        self.codes = [kit.badge_code(row["id"]) for row in kit.people().values()
                      if row["status"] in ("", "ok") and row["paid"] != "no" and not row["note"]
                      and row["kind"] in ("week", "early", "student")]
        rng.shuffle(self.codes)
        self.began, self.seconds = time.monotonic(), seconds

    def next(self, rng):
        passed = min(1, (time.monotonic() - self.began) / self.seconds)
        first = int(passed * (len(self.codes) - WINDOW))
        return self.codes[first + rng.randrange(WINDOW)]


class Fleet:
    def __init__(self, work, seed):
        self.work = work
        hub = kit.Hub(work, now=EVENING)
        self.hub = Node(hub, self.make_disk(hub.dir))
        hub.init()
        hub.start()
        count = sum(n for _, _, n in PLACES)
        self.proxy = Proxy(work, hub, count, seed)
        self.kiosks = []
        for role, gate, n in PLACES:
            for i in range(n):
                self.add(f"{gate} {i + 1}", role, gate)
        self.nodes = [self.hub, *self.kiosks]

    def make_disk(self, path):
        try:
            return Disk(path) if "--mount" in os.environ[NAMESPACE] else None
        except OSError:
            return None

    def add(self, title, role, gate):
        lane = len(self.kiosks)
        kiosk = kit.Kiosk(self.work, title, role, self.hub.part, gate=gate, now=EVENING,
                          size="800x480")
        kiosk.green = self.work.dir / f"{kiosk.name}-green"
        kiosk.options = ["--hub", f"http://127.0.0.1:{self.proxy.ports[lane]}", "--green-log",
                         kiosk.green]
        disk = self.make_disk(kiosk.dir) if lane % 5 == 0 else None
        kiosk.enrol()
        self.kiosks.append(Node(kiosk, disk))

    def start(self):
        for node in self.kiosks:
            node.part.launch()
        for node in self.kiosks:
            kit.wait_until(node.part.is_up, f"{node.part.name} takes commands", 60)
            node.part.do("wait people 600 60000", "wait sent 60000", limit_s=130)


# ---- the faults -------------------------------------------------------------------------


class Faults:
    """Chooses what happens next, and when it ends. All chance is the seed's."""

    def __init__(self, fleet, netem, rng):
        self.fleet, self.netem, self.rng = fleet, netem, rng
        self.counts = collections.Counter()
        self.ends = []  # heap of (when, number, what ends it)
        self.number = 0
        self.kinds = [(self.kill_kiosk, 6), (self.stop_kiosk, 4), (self.kill_hub, 2),
                      (self.stop_hub, 2), (self.disturb, 10)]
        self.disks = [n for n in fleet.nodes if n.disk]
        if self.disks:
            self.kinds.append((self.fill_disk, 4))
        if netem.has_it:
            self.kinds.append((self.shake, 1))

    def later(self, least_s, most_s, what):
        self.number += 1
        when = time.monotonic() + self.rng.uniform(least_s, most_s)
        heapq.heappush(self.ends, (when, self.number, what))

    def kill(self, node, name):
        if node.is_killed:
            return
        self.counts[f"{name} kill -9"] += 1
        node.kill()
        self.later(0, 2, node.revive)

    def stop(self, node, name):
        if node.is_killed or node.is_stopped:
            return
        self.counts[f"{name} SIGSTOP"] += 1
        node.stop()
        self.later(0.2, 4, node.go_on)

    def kill_kiosk(self):
        self.kill(self.rng.choice(self.fleet.kiosks), "kiosk")

    def stop_kiosk(self):
        self.stop(self.rng.choice(self.fleet.kiosks), "kiosk")

    def kill_hub(self):
        self.kill(self.fleet.hub, "hub")

    def stop_hub(self):
        self.stop(self.fleet.hub, "hub")

    def fill_disk(self):
        node = self.rng.choice(self.disks)
        if not node.is_full:
            self.counts[("hub" if node is self.fleet.hub else "kiosk") + " disk full"] += 1
            node.fill()
            self.later(0.5, 4, node.empty)
            if self.rng.random() < 0.4:  # and it starts again on the full disk
                self.kill(node, "hub" if node is self.fleet.hub else "kiosk")

    def disturb(self):
        """The proxy treats some kiosks badly for a while."""
        lanes = range(len(self.fleet.kiosks))
        lanes = self.rng.sample(lanes, self.rng.choice((1, 3, 8, len(lanes))))
        fault = self.rng.choice((["delay", "ms=400"], ["trickle", "rate=300"], ["cut", "p=0.3"],
                                 ["hole", "forget=0.2"], ["refuse"]))
        self.counts[f"proxy {fault[0]}"] += 1
        for lane in lanes:
            self.fleet.proxy.tell("fault", lane, *fault)
        self.later(0.5, 5, lambda: [self.fleet.proxy.tell("fault", i, "pass") for i in lanes])

    def shake(self):
        self.counts["netem"] += 1
        self.netem.set("delay", "30ms", "20ms", "loss", "5%")
        self.later(0.5, 3, self.netem.clear)

    def end_due(self, now):
        while self.ends and self.ends[0][0] <= now:
            heapq.heappop(self.ends)[2]()

    def run(self, seconds):
        end = time.monotonic() + seconds
        following = 0
        while time.monotonic() < end:
            self.end_due(time.monotonic())
            for node in self.fleet.nodes:
                node.check()
            if time.monotonic() >= following:
                kinds, weights = zip(*self.kinds)
                self.rng.choices(kinds, weights)[0]()
                following = time.monotonic() + self.rng.uniform(0.1, 0.7)
            time.sleep(0.02)
        self.end_due(float("inf"))


# ---- afterwards -------------------------------------------------------------------------


def at_hub(fleet):
    held = fleet.hub.part.verify()
    return {c: held[c] for c in CHANNELS if c in held}


def settle(fleet):
    """All is well again: everything is sent, everybody has everything. Returns what the hub
    holds, and how long it took until all was sent and until all was everywhere."""
    began = time.monotonic()
    for node in fleet.nodes:
        kit.wait_until(lambda: node.part.is_ready() if node is fleet.hub else node.part.is_up(),
                       f"{node.part.name} answers", 60)
    for node in fleet.kiosks:
        try:
            node.part.do(f"wait sent {SETTLE_S}000", limit_s=SETTLE_S + 10)
        except kit.Failed as e:
            raise kit.Failed(f"{e}\n{node.part.state()}\n{os.listdir(node.part.dir)}\n"
                             f"{node.part.work.log(node.part.name, 30)}") from None
    sent = time.monotonic() - began
    end = began + SETTLE_S
    while not hold_same(fleet, head := at_hub(fleet)):
        if time.monotonic() > end:
            raise kit.Failed("the hub still gets facts after all was sent")
    return head, sent, time.monotonic() - began


def hold_same(fleet, head):
    """Waits until every kiosk holds that. False: the hub holds something else by now (a kiosk
    whose line got faster authors one more anchor of its clock)."""
    for node in fleet.kiosks:
        node.check()
        if not kit.wait_until(lambda: holds(node, head) or at_hub(fleet) != head and "moved",
                              f"{node.part.name} holds what the hub holds", SETTLE_S) is True:
            return False
    return at_hub(fleet) == head


def holds(node, head):
    return node.part.verify().items() >= head.items()


def read_admissions(fleet):
    """Every admission at the hub, by pages of its log."""
    found, after = [], 0
    while True:
        lines = fleet.hub.part.verb("dump", "--kind", "admit", "--after", after).splitlines()
        if not lines:
            return found
        found += [json.loads(line) for line in lines]
        after = found[-1]["seq"]


def count_incidents(status):
    return int(re.search(r"^incidents +(\d+) open", status, re.M).group(1))


def judge(fleet):
    """Returns what is wrong, in words, and prints the totals."""
    wrong = []
    held = read_admissions(fleet)
    times = collections.Counter(fact["fact"] for fact in held)
    green = [line.split()[0] for node in fleet.kiosks for line in kit.whole_lines(node.part.green)]
    lost = [ref for ref in green if times[ref] == 0]
    doubled = [ref for ref, n in times.items() if n > 1]
    persons = collections.Counter((fact["body"]["gate"], fact["subject"]) for fact in held)
    twice = {key for key, n in persons.items() if n > 1 and key[0] in ONCE}
    incidents = count_incidents(fleet.hub.part.verb("status"))
    at_kiosks = {node.part.name: count_incidents(node.part.status()) for node in fleet.kiosks}
    text = fleet.hub.part.verb("verify")
    forks, refused = re.search(r"(\d+) forks, (\d+) refused", text).groups()
    quarantined = re.search(r"(\d+) in quarantine", text).group(1)
    say(f"{len(held)} admissions held, {len(green)} shown green, {len(lost)} of these lost, "
        f"{len(doubled)} doubled; {len(twice)} people twice at a gate, {incidents} incidents; "
        f"{quarantined} in quarantine, {forks} forks, {refused} refused")
    for is_wrong, what in (
            (lost, f"lost: {lost[:10]}"), (doubled, f"held twice: {doubled[:10]}"),
            (incidents != len(twice), f"{len(twice)} doubles but {incidents} incidents"),
            (set(at_kiosks.values()) != {incidents}, f"incidents at the kiosks: {at_kiosks}"),
            (quarantined != "0" or forks != "0" or refused != "0", "facts are set aside"),
            (len(green) < 3 * len(fleet.kiosks), "too few admissions to say anything")):
        if is_wrong:
            wrong.append(what)
    return wrong


def main():
    if not 2 <= len(sys.argv) <= 4:
        sys.exit(__doc__)
    enter_namespaces()
    seconds = 60 * float(sys.argv[2] if len(sys.argv) > 2 else 3)
    seed = int(sys.argv[3]) if len(sys.argv) > 3 else random.SystemRandom().randrange(1 << 32)
    say(f"{seconds:.0f} s of faults, seed {seed}")
    rng = random.Random(seed)
    netem = Netem()
    work = kit.Work(Path(sys.argv[1]), keep="FOYER_KEEP" in os.environ)
    fleet = Fleet(work, seed)
    fleet.start()
    faults = Faults(fleet, netem, rng)
    say("disks that fill: " + (", ".join(n.part.name for n in faults.disks) or
                               "none, no right to mount here"))
    say("tc netem: " + ("yes" if netem.has_it else "not on this system"))
    crowd = Crowd(rng, seconds)
    scanners = [Scanner(n.part, crowd, seed + i) for i, n in enumerate(fleet.kiosks)]
    for scanner in scanners:
        scanner.start()
    try:
        faults.run(seconds)
    finally:
        for scanner in scanners:
            scanner.is_ended.set()
    say("; ".join(f"{name} {n}" for name, n in sorted(faults.counts.items())))
    say(f"{sum(s.scans for s in scanners)} scans; proxy: {fleet.proxy.tell('stats')}")
    head, sent, took = settle(fleet)
    say(f"sent after {sent:.0f} s; all {len(fleet.kiosks)} kiosks verify to what the hub holds, "
        f"looked at within {took:.0f} s: " +
        ", ".join(f"{c} {n} facts {h}" for c, (n, h) in head.items()))
    wrong = judge(fleet)
    for node in fleet.kiosks:
        node.part.stop()
    fleet.hub.part.stop()
    if wrong:
        sys.exit(f"procs: seed {seed}: " + "; ".join(wrong))


if __name__ == "__main__":
    try:
        main()
    except kit.Failed as e:
        sys.exit(f"procs: {e}")
