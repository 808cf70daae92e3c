#!/usr/bin/env python3
"""USB printers, emulated, under the unmodified kiosk at a desk: each language prints a badge; each
fault is said and the badge comes out by itself when it is gone; where nobody can know, the job
is unknown. No badge ever comes out twice."""
import itertools
import os
import shutil
import sys
import threading

import kit
import usb_kit

ADMITTED = "wait verdict admitted"
DPI = {"zebra": 300, "zebra-203": 203, "mute": 203, "brother": 300, "escpos": 203, "disk": 0}


def people():
    """Ids of those who are let in at once, one after the other."""
    for row in kit.people().values():
        if (row["status"], row["paid"], row["note"], row["kind"]) == ("ok", "yes", "", "week"):
            yield row["id"]


class Bench:
    """A desk, its printers, and the badges that came out."""

    def __init__(self, work, hub, title, waiting, badge, *options):
        self.printed = work.dir / f"{title.lower()}-printed"
        self.printed.mkdir()
        self.badge, self.dpi = kit.SOURCE / f"assets/badges/{badge}.json", 0
        self.desk = usb_kit.UsbKiosk(work, title, "desk", hub,
                                     options=["--badge", self.badge, *options],
                                     env={"USB_PRINTED": str(self.printed)})
        self.stand, self.waiting, self.person = None, waiting, None

    def start(self):
        self.desk.start()
        self.desk.do("wait people 651 30000", "wait screen desk", "wait printer offline")
        self.stand = self.desk.stand

    def plug(self, kind, port="1-1", *more):
        self.dpi = DPI[kind]
        self.stand.do(" ".join(["plug", port, kind, *more]))

    def tell(self, words, port="1-1"):
        return self.stand.do(f"do {port} {words}")

    def facts(self, port="1-1"):
        return self.stand.facts(f"do {port} state")

    def count(self):
        return len([f for f in self.printed.iterdir() if f.suffix not in (".pgm", ".fault")])

    def admit(self):
        """Somebody comes; the badge is on its way."""
        self.person = next(self.waiting)
        self.desk.scan(kit.badge_code(self.person))
        self.desk.do(ADMITTED)

    def leave(self):
        self.desk.do("tap done", ok=False)  # it may have left by itself
        self.desk.do("wait screen desk")

    def expect_count(self, count, what):
        kit.check(self.count() == count, f"{what} ({self.count()} came out, {count} should)")

    def expect_printed(self, count, what):
        kit.wait_until(lambda: self.count() >= count, what)
        self.desk.do("wait printer ready 20000")  # and it says so
        self.expect_count(count, what)

    def read_paper(self):
        """The strict reader understood the job; dot for dot it is the person's badge, drawn for
        this printer, and zbar finds its code."""
        faults = [f.read_text() for f in self.printed.glob("*.fault")]
        kit.check(not faults, f"no printer would stumble over it {faults}")
        paper = sorted(self.printed.glob("*.pgm"))[-1]
        kit.run(self.desk.work.build / "tests" / "badge_same", self.badge, self.dpi,
                kit.DEMO / "people.csv", self.person, 1, paper)
        if shutil.which("zbarimg"):
            codes = kit.read_codes(paper)
            kit.check(codes == [kit.badge_code(self.person, 1)], "the badge's code is on the paper")

    def expect_unknown(self, reason):
        kit.wait_until(lambda: any("may have come out" in line and reason in line for line in
                                   self.desk.work.log(self.desk.name, 40).splitlines()),
                       f"{self.desk.name} says of a badge: {reason}")

    def print_one(self, what):
        before = self.count()
        self.admit()
        self.expect_printed(before + 1, what)
        self.leave()
        self.read_paper()

    def fault_before(self, fault, state, what):
        """A fault while nothing prints: the badge waits, and comes when it is gone."""
        before = self.count()
        for one in fault.split():
            self.tell(f"set {one} on")
        self.admit()
        self.desk.do(f"wait printer {state} 10000")
        self.expect_count(before, f"{what}: nothing comes out")
        for one in fault.split():
            self.tell(f"set {one} off")
        self.expect_printed(before + 1, f"{what}: it goes on by itself")
        self.leave()

    def fault_during(self, fault, state):
        """A fault while the printer prints a badge it holds."""
        before = self.count()
        self.tell("print-ms 60000")
        self.admit()
        kit.wait_until(lambda: self.facts()["held"] == 1, "the printer holds the badge")
        self.tell(f"set {fault} on")
        self.desk.do(f"wait printer {state} 10000")
        self.tell("print-ms 60")
        self.tell(f"set {fault} off")
        self.expect_printed(before + 1, f"{fault} while it prints: it comes out, once")
        self.leave()


def unplugged_and_back(b, kind):
    """The cable goes in mid-job: unknown, and not printed again when it is back."""
    before = b.count()
    taken = b.facts()["taken"] + 3000
    b.tell("short 512")
    b.tell("nak-after 3000")
    b.admit()
    kit.wait_until(lambda: b.facts()["taken"] >= taken, "some of the badge is with the printer")
    b.stand.do("unplug 1-1")
    b.expect_unknown("unplugged")
    b.desk.do("wait printer offline")
    b.leave()
    b.plug(kind)
    b.desk.do("wait printer ready 10000")
    b.expect_count(before, "unplugged in mid-job: nothing is printed behind anybody's back")
    b.print_one("unplugged in mid-job: the next one is printed")


def broken_off(b):
    """STALL, and a printer that takes nothing more without a word."""
    before = b.count()
    b.tell("short 512")
    b.tell("stall-after 3000")
    b.admit()
    b.expect_unknown("broke off")
    b.leave()
    b.desk.do("wait printer ready 10000")
    b.print_one("after a STALL the next one is printed")
    b.tell("nak-after 3000")
    b.admit()
    b.expect_unknown("stands still")
    b.tell("nak-after -1")
    b.leave()
    b.desk.do("wait printer ready 10000")
    b.expect_count(before + 1, "a job that was broken off does not come out")
    b.print_one("after it stood still the next one is printed")
    kit.check(b.facts()["resets"] == 2, "reset once after each job that was broken off")


def stopped_and_on(b, state="out-of-labels", fault="media-out"):
    """It stops taking data with a cause that can be seen: it goes on where it was."""
    before = b.count()
    b.tell("nak-after 3000")
    b.tell(f"at-nak {fault}")
    b.admit()
    b.desk.do(f"wait printer {state} 10000")
    b.tell(f"set {fault} off")
    b.tell("nak-after -1")
    b.expect_printed(before + 1, f"{state} in mid-job: the rest of it is taken")
    b.leave()


def waits_for_a_printer(b, kind):
    before = b.count()
    b.stand.do("unplug 1-1")
    b.desk.do("wait printer offline 10000")
    b.admit()
    b.plug(kind, "1-1")
    b.expect_printed(before + 1, f"a badge waited for {kind}")
    b.leave()


def met(b, kind, model, *more):
    b.plug(kind, "1-1", *more)
    b.desk.do("wait printer ready 10000", f"wait text '{model}'")
    b.print_one(f"{kind}{' '.join(('', *more))}: a badge")


def faults_before(b, kind, rows):
    for fault, state in rows:
        b.fault_before(fault, state, f"{kind}, {fault}")


def zebra(b):
    met(b, "zebra", "ZD421")
    faults_before(b, "zebra", (("media-out", "out-of-labels"), ("cover-open", "cover-open"),
                               ("hot", "hot"), ("ribbon-out", "out-of-ribbon"),
                               ("paused", "paused")))
    b.fault_during("media-out", "out-of-labels")


def zebra_that_says_little(b):
    met(b, "zebra", "ZD421")
    b.fault_before("hushed cover-open", "cover-open", "zebra, cover open, silent to ~HS")
    b.fault_before("silent media-out", "out-of-labels", "zebra, media out, wholly silent")
    b.fault_before("silent", "unknown", "zebra, silent without a fault")
    b.tell("split 7")
    b.tell("stale")
    b.desk.do("wait printer ready 10000")
    b.print_one("zebra: answers in pieces, and one nobody asked for")


def zebra_in_mid_job(b):
    met(b, "zebra", "ZD421")
    stopped_and_on(b)
    broken_off(b)


def zebra_pulled(b):
    """It goes, comes back, comes back as another, and in each form of a device id."""
    met(b, "zebra", "ZD421")
    unplugged_and_back(b, "zebra")
    waits_for_a_printer(b, "zebra")
    for kind, model, form in (("zebra", "ZD421", "little"), ("zebra", "ZD421", "bare"),
                              ("zebra-203", "ZD220", "big")):
        b.stand.do("unplug 1-1")
        b.desk.do("wait printer offline 10000")
        met(b, kind, model, f"do=id {form}")


def refused(b):
    """What cannot be used says why, in words, and how to mend it."""
    b.plug("disk", "1-1", "id=04f9:209e")
    b.desk.do("wait printer error 10000", "wait text 'Editor Lite'")
    b.stand.do("unplug 1-1")
    b.desk.do("wait printer offline 10000")
    b.plug("brother", "1-1", "do=id none")
    b.desk.do("wait printer error 10000", "wait text 'language'")
    b.stand.do("unplug 1-1")
    b.desk.do("wait printer offline 10000")
    b.plug("brother", "1-1", "owner=usblp")
    b.desk.do("wait printer error 10000", "wait text 'Usblp uses this printer'")
    b.admit()
    b.stand.do("own 1-1")
    b.expect_printed(1, "usblp has let go: the badge that waited is printed")
    b.leave()
    b.read_paper()


def mute(b):
    """answers=no, and one that has no way back: the port status must do."""
    b.plug("zebra", "1-1", "do=set silent on")
    b.dpi = DPI["mute"]  # it does not say
    b.desk.do("wait printer ready 10000")
    b.print_one("zebra, answers=no: a badge")
    b.fault_before("media-out", "out-of-labels", "zebra, answers=no, media out")
    b.stand.do("unplug 1-1")
    b.desk.do("wait printer offline 10000")
    met(b, "mute", "GK420d")
    b.fault_before("media-out", "out-of-labels", "mute, media out")


def brother(b):
    met(b, "brother", "QL-820NWB")
    faults_before(b, "brother", (("media-out", "out-of-labels"), ("wrong-media", "wrong-labels"),
                                 ("cover-open", "cover-open"), ("jam", "jam")))
    b.fault_during("media-out", "out-of-labels")
    before = b.count()
    b.tell("print-ms 60000")
    b.admit()
    kit.wait_until(lambda: b.facts()["held"] == 1, "the printer holds the badge")
    b.tell("set jam on")
    b.expect_unknown("cutter")
    b.tell("print-ms 60")
    b.tell("set jam off")
    b.leave()
    b.desk.do("wait printer ready 10000")
    b.expect_count(before, "brother, the cutter jams under a badge: somebody decides")
    b.print_one("brother: the next one is printed")


def escpos(b):
    met(b, "escpos", "TM-L90")
    faults_before(b, "escpos", (("media-out", "out-of-labels"), ("cover-open", "cover-open"),
                                ("jam", "jam")))
    b.fault_during("cover-open", "cover-open")
    unplugged_and_back(b, "escpos")


def side_by_side(benches):
    """Each at its own desk, at once. The first failure counts."""
    failures = []

    def run(play, b):
        try:
            b.start()
            play(b)
        except kit.Failed as e:
            failures.append(e)
    threads = [threading.Thread(target=run, args=pair) for pair in benches]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    if failures:
        raise failures[0]


PLAYS = {"Zebra": (zebra, "badge-3x4", ""),
         "Terse": (zebra_that_says_little, "badge-3x4", ""),
         "Stopped": (zebra_in_mid_job, "badge-3x4", ""),
         "Pulled": (zebra_pulled, "badge-3x4", ""),
         "Mute": (mute, "badge-3x4", ",answers=no"),
         "Refused": (refused, "label-62x100", ""),
         "Brother": (brother, "label-62x100", ""),
         "Escpos": (escpos, "label-62", "")}


def main():
    only = sys.argv[1:] or PLAYS
    work = kit.Work(os.environ["FOYER_BUILD"])
    hub = kit.Hub(work)
    hub.init()
    hub.start()
    benches = []
    for number, name in enumerate(only):
        play, badge, options = PLAYS[name]
        b = Bench(work, hub, name, itertools.islice(people(), number, None, len(PLAYS)), badge,
                  "--printer", f"usb,patience=2{options}")
        b.desk.enrol()
        benches.append((play, b))
    side_by_side(benches)
    for _, b in benches:
        b.desk.stop()
    hub.stop()
    work.finish()


if __name__ == "__main__":
    try:
        main()
    except kit.Failed as e:
        print(f"FAILED: {e}")
        sys.exit(1)
