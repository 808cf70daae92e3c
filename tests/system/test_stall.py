#!/usr/bin/env python3
"""Peers that stall do not hold the hub's memory, and devices go on syncing meanwhile.

A thousand connections from one address (127.0.0.2) ask for much and give little: half a head,
half of a body of 4 MiB, a body that comes by single bytes, and a real device's signed request
for a megabyte (recorded, for anyone may repeat it) whose answer nobody reads. Twice. The hub's
memory must stay far below what they ask for, two real kiosks must see each other's admissions
all the while, the connections must end.
Doorbells of devices that vanished must end as well.
"""
import os
import re
import resource
import socket
import sys
import threading
import time

import kit

EVENING = "2015-03-23T17:30:00-05:00"
PEERS = 250          # of each of the four kinds, but for
READERS = 80         # those that do not read: each makes the hub read a megabyte
BODY = 4 * 1024 * 1024 - 1
SENT = 512 * 1024    # of such a body
ANSWER = 1300000
EXTRA_PEOPLE = 3000  # so that an answer is as long as an answer can be
END_S = 130          # more than any deadline of the hub for a peer
# A sanitizer keeps what is freed; that is not the hub's.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"


class Tap(threading.Thread):
    """Between one kiosk and the hub: keeps what was asked, and how long the answers were."""

    def __init__(self, hub):
        super().__init__(daemon=True)
        self.hub = hub
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.lock = threading.Lock()
        self.asked = []  # [bytes of the request, bytes of its answer]

    def run(self):
        while True:
            device, _ = self.listening.accept()
            host, port = self.hub.address.split(":")
            hub = socket.create_connection((host, int(port)))
            mine = []
            for a, b, note in ((device, hub, self.on_request), (hub, device, self.on_answer)):
                threading.Thread(target=self.pump, args=(a, b, note, mine), daemon=True).start()

    @staticmethod
    def pump(source, target, note, mine):
        try:
            while data := source.recv(65536):
                note(data, mine)
                target.sendall(data)
        except OSError:
            pass
        target.close()

    def on_request(self, data, mine):
        with self.lock:
            if not mine or mine[-1][1]:  # the last one was answered: a new request
                mine.append([b"", 0])
                self.asked.append(mine[-1])
            mine[-1][0] += data

    @staticmethod
    def on_answer(data, mine):
        mine[-1][1] += len(data)

    def longest(self, start):
        with self.lock:
            return max((a for a in self.asked if a[0].startswith(start)), key=lambda a: a[1])[0]

    def last(self, start):
        with self.lock:
            return [a for a in self.asked if a[0].startswith(start)][-1][0]


def metric(hub, name):
    host, port = hub.address.split(":")
    with socket.create_connection((host, int(port)), 30) as s:
        s.sendall(b"GET /metrics HTTP/1.0\r\n\r\n")
        text = b""
        while data := s.recv(65536):
            text += data
    return int(re.search(rf"^{name} (\d+)$", text.decode(), re.M).group(1))


def memory(process):
    """Resident MB."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) / 1024


class Peer:
    """One connection that stalls."""

    def __init__(self, hub, data):
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        self.socket.bind(("127.0.0.2", 0))
        self.socket.settimeout(30)
        host, port = hub.address.split(":")
        self.socket.connect((host, int(port)))
        self.socket.setblocking(False)
        self.left, self.is_over = data, False
        self.push()

    def push(self, most=None):
        """Sends what goes; the hub may have had enough."""
        try:
            while self.left and not self.is_over:
                sent = self.socket.send(self.left[:most or len(self.left)])
                self.left = self.left[sent:]
                if most:
                    return
        except BlockingIOError:
            pass
        except OSError:
            self.is_over = True

    def close(self):
        self.socket.close()


class Crowd(threading.Thread):
    """The thousand, kept alive until told to go."""

    def __init__(self, hub, answer):
        super().__init__(daemon=True)
        head = f"POST /v1/sync HTTP/1.1\r\nHost: hub\r\nContent-Length: {BODY}\r\n\r\n".encode()
        half = head[:40]
        # Two bodies, and an answer as long as the protocol lets it be.
        self.asks_mb = (PEERS * SENT * 2 + READERS * ANSWER) / 1e6
        self.peers, self.trickles = [], []
        for i in range(PEERS):
            self.peers += [Peer(hub, half), Peer(hub, head + bytes(SENT))]
            self.peers += [Peer(hub, answer)] if i < READERS else [Peer(hub, half)]
            self.trickles.append(Peer(hub, head))
            self.trickles[-1].left = bytes(SENT)
        self.is_ended = threading.Event()

    def run(self):
        while not self.is_ended.wait(0.5):
            for peer in self.peers:
                peer.push()
            for peer in self.trickles:
                peer.push(1)

    def end(self):
        self.is_ended.set()
        self.join()
        for peer in self.peers + self.trickles:
            peer.close()


def sync_meanwhile(a, b, codes, times):
    """Admissions at one kiosk come to the other."""
    for _ in range(times):
        before = b.state()["in"]
        a.scan(next(codes))
        a.do("wait verdict admitted 20000")
        b.do(f"wait in {before + 1} 60000", limit_s=70)


def extra_people(work):
    path = work.dir / "extra-people.csv"
    rows = ["id,name,kind,paid,status,note"]
    for i in range(EXTRA_PEOPLE):
        name = "".join(kit.BASE32[(i >> (5 * k)) & 31] for k in range(16))
        rows.append(f"{name},Example Person {i},week,yes,ok,{'a word or two ' * 12}")
    path.write_text("\n".join(rows) + "\n", encoding="utf-8")
    return path


def set_up(work):
    hub = kit.Hub(work, now=EVENING)
    hub.init()
    hub.verb("import", extra_people(work))
    hub.start()
    tap = Tap(hub)
    tap.start()
    kiosks = []
    for name in ("door-a", "door-b"):
        kiosk = kit.Kiosk(work, name, "door", hub, gate="tshirt", size="800x480", now=EVENING)
        kiosk.enrol()
        kiosk.options = ["--hub", tap.url] if name == "door-b" else []
        kiosk.start()
        kiosk.do("wait people 3600 60000", "wait sent 60000", limit_s=130)
        kiosks.append(kiosk)
    return hub, tap, kiosks


def stall(hub, tap, kiosks, codes):
    """One thousand; returns them, and how large the hub became, in MB."""
    request = re.sub(rb"Accept-Encoding:[^\r]*\r\n", b"", tap.longest(b"POST /v1/sync"))
    crowd = Crowd(hub, request)
    crowd.start()
    kit.check(metric(hub, "foyer_http_connections") > 2 * PEERS, "the thousand are connected")
    top = 0
    held = 0
    for _ in range(4):
        sync_meanwhile(*kiosks, codes, 1)
        top = max(top, memory(hub.process))
        held = max(held, metric(hub, "foyer_http_held_bytes") / 1e6)
    print(f"{4 * PEERS} peers ask for {crowd.asks_mb:.0f} MB, the hub holds {held:.0f} MB of it",
          flush=True)
    return crowd, top


def stall_twice(hub, tap, kiosks, codes):
    before = memory(hub.process)
    crowd, first = stall(hub, tap, kiosks, codes)
    kit.wait_until(lambda: metric(hub, "foyer_http_connections") < 20,
                   "the hub ends who stalls", END_S)
    kit.check(metric(hub, "foyer_http_stalled_total") >= 3 * PEERS,
          "the hub ends those that would go on for ever")
    kit.check(metric(hub, "foyer_http_held_bytes") < 1e6, "nothing is held afterwards")
    crowd.end()
    crowd, second = stall(hub, tap, kiosks, codes)
    crowd.end()
    print(f"memory: {before:.0f} MB, with a thousand {first:.0f} MB, the second time "
          f"{second:.0f} MB", flush=True)
    kit.check(max(first, second) - before < crowd.asks_mb / 2,
          "memory stays far below what is asked for")


def vanish(hub, tap):
    """Devices that hold the doorbell and are gone without a word."""
    waits = [Peer(hub, tap.last(b"GET /v1/wait")) for _ in range(PEERS)]
    kit.wait_until(lambda: metric(hub, "foyer_http_connections") >= PEERS, "they wait")
    for peer in waits:
        peer.close()
    kit.wait_until(lambda: metric(hub, "foyer_http_connections") < 20,
                   "doorbells of the vanished end", END_S)
    print(f"ok: {PEERS} doorbells of vanished devices are let go", flush=True)


def main():
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 8 * PEERS:
        print(f"this system allows {hard} open files, {8 * PEERS} are needed")
        sys.exit(77)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 8 * PEERS), hard))
    work = kit.Work(os.environ["FOYER_BUILD"])
    hub, tap, kiosks = set_up(work)
    codes = iter([kit.badge_code(row["id"]) for row in kit.people().values()
                  if row["paid"] != "no" and row["kind"] == "week" and row["status"] == "ok" and
                  not row["note"]])
    stall_twice(hub, tap, kiosks, codes)
    sync_meanwhile(*kiosks, codes, 1)
    vanish(hub, tap)
    sync_meanwhile(*kiosks, codes, 1)
    for kiosk in kiosks:
        kiosk.stop()
    hub.stop()


try:
    main()
except kit.Failed as e:
    sys.exit(f"stall: {e}")
