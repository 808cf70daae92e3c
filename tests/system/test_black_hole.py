#!/usr/bin/env python3
"""A kiosk whose hub swallows everything, or answers without an end: its memory does not grow
with the rounds, and people are checked in as ever."""
import os
import re
import socket
import sys
import threading

import kit

EVENING = "2015-03-23T17:30:00-05:00"
ROUNDS = 60      # before the first look at the memory, and between the first and the second
FLOOD_ROUNDS = 3
FLOOD_MB = 64    # what a device takes of one answer, sync/net/http.h
# A sanitizer keeps what is freed; that is not the kiosk's.
os.environ["ASAN_OPTIONS"] = os.environ.get("ASAN_OPTIONS", "") + ":quarantine_size_mb=1"


class Hole(threading.Thread):
    """Takes every connection and request; answers nothing, or zeros for ever."""

    def __init__(self):
        super().__init__(daemon=True)
        self.listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.floods = False
        self.requests = self.flooded = 0

    def run(self):
        while True:
            device, _ = self.listening.accept()
            threading.Thread(target=self.serve, args=(device,), daemon=True).start()

    def serve(self, device):
        is_new = True
        try:
            while device.recv(65536):
                self.requests += is_new
                is_new = False
                if self.floods:
                    self.flood(device)
        except OSError:
            pass
        device.close()

    def flood(self, device):
        device.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n")
        zeros = bytes(1 << 16)
        sent = 0
        try:
            while True:
                device.sendall(zeros)
                sent += len(zeros)
        finally:
            self.flooded = max(self.flooded, sent)


def memory(kiosk):
    """Resident MB."""
    with open(f"/proc/{kiosk.process.pid}/status", encoding="ascii") as f:
        return int(re.search(r"VmRSS:\s+(\d+)", f.read()).group(1)) / 1024


def rounds(kiosk, hole, count):
    """Every time the link comes up, the kiosk asks anew."""
    for _ in range(count):
        before = hole.requests
        kiosk.do("link down", "wait offline")
        kiosk.do("link up")
        kit.wait_until(lambda: hole.requests > before, "the kiosk asks", 60)


def admit(kiosk, codes, count):
    for _ in range(count):
        kiosk.scan(next(codes))
        kiosk.do("wait verdict admitted", "key escape")


def main():
    work = kit.Work(os.environ["FOYER_BUILD"])
    hub = kit.Hub(work, now=EVENING)
    hub.init()
    hub.start()
    kiosk = kit.Kiosk(work, "Door", "door", hub, gate="plenary", size="800x480", now=EVENING)
    kiosk.enrol()
    kiosk.start()
    kiosk.do("wait people 600 60000", "wait sent 60000", limit_s=130)
    kiosk.stop()
    hub.stop()
    hole = Hole()
    hole.start()
    kiosk.options = ["--hub", hole.url]
    kiosk.start()
    codes = iter([kit.badge_code(row["id"]) for row in kit.people().values()
                  if row["kind"] == "week" and row["status"] == "ok" and row["paid"] != "no" and
                  not row["note"]])
    admit(kiosk, codes, 20)
    rounds(kiosk, hole, ROUNDS)
    first = memory(kiosk)
    rounds(kiosk, hole, ROUNDS)
    second = memory(kiosk)  # before more names are drawn, which costs glyphs
    admit(kiosk, codes, 20)
    print(f"memory after {ROUNDS} rounds {first:.1f} MB, after {2 * ROUNDS} {second:.1f} MB")
    kit.check(second < 1.05 * first, "a hub that swallows everything does not make it grow")
    hole.floods = True
    rounds(kiosk, hole, FLOOD_ROUNDS)
    kit.wait_until(lambda: hole.flooded > FLOOD_MB << 20, "an answer was too long", 60)
    admit(kiosk, codes, 20)
    third = memory(kiosk)
    print(f"{hole.flooded >> 20} MB of one answer were sent, memory {third:.1f} MB")
    kit.check(third < second + 2 * FLOOD_MB, "an answer without an end has one")
    kit.check(kiosk.state()["unsent"] >= 60 and not kiosk.state()["online"], "all waits for a hub")
    kiosk.stop()
    hub.start()
    kiosk.options = []
    kiosk.start()
    kiosk.do("wait sent 60000", limit_s=70)
    kit.check(len(hub.verb("dump", "--kind", "admit").splitlines()) == 60, "and arrives")
    kiosk.stop()
    hub.stop()


try:
    main()
except kit.Failed as e:
    sys.exit(f"black_hole: {e}")
