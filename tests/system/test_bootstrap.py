#!/usr/bin/env python3
"""A new desk is usable while the people still come, and goes on where it was killed.

A proxy holds the second chunk of the snapshot in its middle. Meanwhile the desk says how many
people it has of how many, admits one who came with the first chunk, by badge and by a signed
ticket one who did not, and accuses nobody of being unknown. Killed then (kill -9) and started
again without the hub it says the same; with the hub it fetches the rest, and the first chunk no
second time.
"""
import os
import random
import re
import socket
import sys
import threading

import kit

PEOPLE = 16000
NOTE = 200  # characters a person, so that two chunks are full
HELD = 20000  # bytes of the second chunk that get through


class Tap(threading.Thread):
    """Between the desk and the hub: notes which chunks are asked for, holds the second one."""

    def __init__(self, hub):
        super().__init__(daemon=True)
        self.hub = hub
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}"
        self.blobs = []  # hashes in the order they were asked for
        self.bytes = 0  # of the hub's answers
        self.is_holding, self.is_refusing = True, False
        self.held, self.let_go = threading.Event(), threading.Event()

    def run(self):
        while True:
            device, _ = self.listening.accept()
            if self.is_refusing:
                device.close()
                continue
            host, port = self.hub.address.split(":")
            hub = socket.create_connection((host, int(port)))
            state = {"left": None}
            for a, b, look in ((device, hub, self.on_request), (hub, device, self.on_answer)):
                threading.Thread(target=self.pump, args=(a, b, look, state), daemon=True).start()

    @staticmethod
    def pump(source, target, look, state):
        try:
            while data := source.recv(65536):
                look(data, state)
                target.sendall(data)
        except OSError:
            pass
        source.close()
        target.close()

    def on_request(self, data, state):
        asked = re.match(rb"GET /v1/blob/([0-9a-f]{64})", data)
        if not asked:
            return
        name = asked.group(1).decode()
        self.blobs.append(name)
        is_second = len(set(self.blobs)) > 1
        state["left"] = HELD if self.is_holding and is_second else None

    def on_answer(self, data, state):
        self.bytes += len(data)
        if state["left"] is None:
            return
        state["left"] -= len(data)
        if state["left"] < 0:
            self.held.set()
            self.let_go.wait()  # the rest does not come
            raise OSError("the device is gone")


def people_csv(path):
    r = random.Random(92)
    letters = "abcdefghijklmnopqrstuvwxyz      "
    with open(path, "w", encoding="utf-8") as f:
        f.write("id,name,org,kind,ticket,note\n")
        for i in range(PEOPLE):
            note = "".join(r.choices(letters, k=NOTE)).strip() + "."
            # The first and the last have no note: nothing keeps them out.
            is_plain = i in (0, PEOPLE - 1)
            f.write(f"7777777777{i:06d},Person {i:05d},Example Networks,week,"
                    f"{i + 1:016x},{'' if is_plain else note}\n")


def check_usable(kiosk, first, last, ticket):
    kiosk.scan(kit.badge_code(first))
    kiosk.do("wait verdict admitted 20000", "tap done")
    kit.check(True, "who came with the first chunk is admitted")
    kiosk.scan(kit.badge_code(last))
    kiosk.do("wait text 'Not known here yet' 20000", "wait text 'Still loading' 5000",
             "tap done")
    kit.check(True, "who did not come yet is not called unknown")
    kiosk.scan(ticket)
    kiosk.do("wait verdict admitted 20000", "tap done")
    kit.check(True, "but is admitted by the signed ticket")


def main():
    work = kit.Work(os.environ["FOYER_BUILD"])
    hub = kit.Hub(work)
    hub.init()
    csv = work.dir / "people.csv"
    people_csv(csv)
    hub.verb("import", csv, "--confirm", limit_s=300)
    hub.start()
    tap = Tap(hub)
    tap.start()
    kiosk = kit.Kiosk(work, "Desk 1", "desk", hub)
    kiosk.options = ["--hub", tap.url, "--discover", "no"]
    kiosk.enrol()
    ids = [f"7777777777{i:06d}" for i in (0, PEOPLE - 1)]
    ticket = hub.ticket(ids[1])
    kiosk.start()
    kit.wait_until(tap.held.is_set, "the second chunk is under way", 120)
    chunk = tap.blobs[0]
    kiosk.do("wait text 'of 16' 20000")
    before = kiosk.state()["people"]
    kit.check(0 < before < PEOPLE, f"{before} people are here, the rest is on its way")
    check_usable(kiosk, ids[0], ids[1], ticket)
    tap.is_refusing = True
    kiosk.process.kill()
    kiosk.process.wait(10)
    work.running.remove(kiosk.process)
    tap.let_go.set()
    kiosk.start()
    kiosk.do("wait text 'of 16' 20000")
    kit.check(kiosk.state()["people"] >= before,
          "killed and started without the hub: it knows them, and that more are to come")
    kiosk.scan(kit.badge_code(ids[0]))
    kiosk.do("wait verdict already-in 20000", "tap done")
    asked, first = len(tap.blobs), tap.bytes
    tap.is_holding = tap.is_refusing = False
    total = PEOPLE + len(kit.people())
    kiosk.do(f"wait people {total} 120000", "wait sent 60000", limit_s=200)
    kit.check(chunk not in tap.blobs[asked:], "the first chunk was not fetched again")
    kit.check(0 < tap.bytes - first < first * 2 / 3,
          f"nor its facts otherwise: {first} bytes came before, {tap.bytes - first} after")
    kiosk.do("wait text 'Up to date' 20000")
    kiosk.stop()
    hub.stop()
    kit.check(kiosk.verify() == hub.verify(), "the desk and the hub hold the same")


try:
    main()
except kit.Failed as e:
    sys.exit(f"bootstrap: {e}")
