"""kill -9 of a kiosk that scans as fast as it can (kill9.py, test_queue.py)."""
import os
import signal
import threading

import kit


class Scanner(threading.Thread):
    """Keeps writing codes into the pipe, whoever reads it, one after the other."""

    def __init__(self, fifo, codes, every_s):
        super().__init__(daemon=True)
        self.fifo, self.codes, self.every_s, self.at = fifo, codes, every_s, 0
        self.is_ended = threading.Event()

    def run(self):
        while not self.is_ended.wait(self.every_s):
            try:
                fd = os.open(self.fifo, os.O_WRONLY | os.O_NONBLOCK)
            except OSError:
                continue  # nobody reads just now
            try:
                os.write(fd, self.codes[self.at % len(self.codes)].encode() + b"\n")
                self.at += 1
            except OSError:
                pass
            finally:
                os.close(fd)


def admissible_codes(rng):
    """Badge codes of all who are let in at once, in a random order."""
    codes = [kit.badge_code(row["id"]) for row in kit.people().values()
             if row["status"] in ("", "ok") and row["paid"] != "no" and not row["note"]]
    rng.shuffle(codes)
    return codes


def know_people(hub, kiosk):
    """The kiosk gets everybody from the hub; afterwards both are down."""
    kiosk.enrol()
    kiosk.start()
    kiosk.do("wait people 600 20000", "wait sent 20000")
    kiosk.stop()
    hub.stop()


def kill_once(work, kiosk, delay_s):
    kiosk.launch()
    try:
        kiosk.process.wait(delay_s)
    except kit.subprocess.TimeoutExpired:
        pass
    else:
        raise kit.Failed(f"the kiosk ended by itself: {work.log(kiosk.name)}")
    work.end(kiosk.process, signal.SIGKILL)
    kiosk.process = None
