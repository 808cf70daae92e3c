"""What the system tests share: the two programs, run bounded and always ended.

Every wait is for a condition, with a limit. Every process started here is ended when the
script ends, however it ends.
"""
import atexit
import csv
import datetime
import hashlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SOURCE = Path(os.environ.get("FOYER_SOURCE", Path(__file__).resolve().parents[2]))
DEMO = SOURCE / "assets" / "ietf92"
MONDAY = "2015-03-23T09:10:00-05:00"
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
WAIT_S = 20
# A kiosk's event clock begins when its main does. Rather ahead of the hub's than behind it:
# a notice of this moment would not be due yet.
START_S = 0.4
HEADLESS = {"SDL_VIDEODRIVER": "dummy", "SDL_FRAMEBUFFER_ACCELERATION": "0",
            "SDL_AUDIODRIVER": "dummy"}


class Failed(Exception):
    """What was expected and did not happen, in words for the person who reads the log."""


def check(is_right, what):
    if not is_right:
        raise Failed(what)
    print(f"ok: {what}", flush=True)


def check_same(hub, others, channels):
    """Kiosks or relays hold what the hub holds, by their own verify."""
    at_hub = hub.verify()
    for other in others:
        held = other.verify()
        for channel in channels:
            check(held[channel] == at_hub[channel], f"{channel} is the same at {other.name}")


def wait_until(condition, what, limit_s=WAIT_S):
    """Returns the first true answer of condition()."""
    end = time.monotonic() + limit_s
    while True:
        answer = condition()
        if answer:
            return answer
        if time.monotonic() > end:
            raise Failed(f"{what}: not within {limit_s} s")
        time.sleep(0.02)


def run(*command, ok=True, limit_s=60, stdin=None):
    """Runs a command to its end; returns what it printed. Failed when it fails and ok."""
    words = [str(w) for w in command]
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              input=stdin, timeout=limit_s, check=False)
    except subprocess.TimeoutExpired:
        raise Failed(f"{' '.join(words)}: no end within {limit_s} s") from None
    out = done.stdout.decode("utf-8", "replace")
    if ok and done.returncode != 0:
        err = done.stderr.decode("utf-8", "replace").strip()
        raise Failed(f"{' '.join(words)}: ended with {done.returncode}: {err or out.strip()}")
    return out


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Work:
    """One run: a folder that goes away, and the processes started in it."""

    def __init__(self, build, keep=False):
        self.build = Path(build).resolve()
        for program in ("foyer", "foyer-hub"):
            if not os.access(self.build / program, os.X_OK):
                raise Failed(f"{self.build / program} is not there: build it first")
        self.dir = Path(tempfile.mkdtemp(prefix="foyer-"))
        self.running = []
        self.keep = keep
        self.began = time.monotonic()
        atexit.register(self.finish)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda n, _: sys.exit(128 + n))

    def program(self, name):
        return self.build / name

    def clock(self, began, ahead_s=0.0):
        """The event's time now, when it was `began` as this run began."""
        passed = datetime.timedelta(seconds=time.monotonic() - self.began + ahead_s)
        return (datetime.datetime.fromisoformat(began) + passed).isoformat("T", "milliseconds")

    def start(self, log, *command, env=None):
        """Starts a process in the background; its words go to <work>/<log>.log."""
        with open(self.dir / f"{log}.log", "ab") as out:
            p = subprocess.Popen([str(w) for w in command], stdout=out, stderr=out,
                                 stdin=subprocess.DEVNULL, env={**os.environ, **(env or {})})
        self.running.append(p)
        return p

    def log(self, name, lines=15):
        """The last lines a process said."""
        path = self.dir / f"{name}.log"
        text = path.read_text("utf-8", "replace") if path.exists() else ""
        return "\n".join(text.splitlines()[-lines:])

    def end(self, p, number=signal.SIGTERM, limit_s=10):
        """Ends one process and returns its exit status; kills it when it does not listen."""
        if p.poll() is None:
            p.send_signal(number)
            try:
                p.wait(limit_s)
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait(limit_s)
                raise Failed(f"process {p.pid} did not end within {limit_s} s") from None
        if p in self.running:
            self.running.remove(p)
        return p.returncode

    def finish(self):
        for p in list(self.running):
            if p.poll() is None:
                p.terminate()
        end = time.monotonic() + 5
        for p in list(self.running):
            try:
                p.wait(max(0.1, end - time.monotonic()))
            except subprocess.TimeoutExpired:
                p.kill()
                p.wait(5)
        self.running.clear()
        if not self.keep:
            shutil.rmtree(self.dir, ignore_errors=True)


class Hub:
    """A hub on the demo event: init, import, serve and its verbs."""

    def __init__(self, work, now=MONDAY, name="hub"):
        self.work, self.now, self.name = work, now, name
        self.dir = work.dir / name
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}"
        self.process = None

    def verb(self, verb, *words, ok=True, limit_s=60):
        return run(self.work.program("foyer-hub"), verb, "--dir", self.dir, "--now",
                   self.work.clock(self.now), *words, ok=ok, limit_s=limit_s)

    def init(self):
        """A new hub with the demo event in it; returns what the import said."""
        self.verb("init")
        return self.import_demo()

    def import_demo(self):
        return self.verb("import", *(DEMO / name for name in
                                     ("event.json", "rooms.csv", "agenda.json", "extra.csv",
                                      "people.csv")))

    def ticket(self, person):
        return self.verb("ticket", "--person", person).rstrip("\n")  # blanks belong to it

    def verify(self):
        return hashes(self.verb("verify"))

    def launch(self):
        """Starts it without waiting for an answer."""
        self.process = self.work.start(
            self.name, self.work.program("foyer-hub"), "serve", "--dir", self.dir, "--listen",
            self.address, "--now", self.work.clock(self.now))

    def start(self):
        self.launch()
        wait_until(self.is_ready, f"the hub at {self.url} answers")

    def is_ready(self):
        if self.process.poll() is not None:
            raise Failed(f"the hub ended: {self.work.log(self.name)}")
        host, port = self.address.split(":")
        try:
            with socket.create_connection((host, int(port)), 1) as s:
                s.sendall(b"GET /readyz HTTP/1.0\r\n\r\n")
                return b" 200 " in s.recv(200)
        except OSError:
            return False

    def stop(self):
        if self.process:
            status = self.work.end(self.process)
            self.process = None
            if status != 0:
                raise Failed(f"the hub ended with {status}: {self.work.log(self.name)}")


class Kiosk:
    """One kiosk without a display: started, told what to do, looked at."""

    def __init__(self, work, title, role, hub, room=None, gate=None, size="1920x1080",
                 now=MONDAY, options=(), seal="no"):
        name = re.sub(r"\W+", "-", title.lower())
        self.work, self.title, self.name, self.role, self.hub = work, title, name, role, hub
        self.room, self.gate = room, gate
        self.label_count = 0
        self.seal = seal  # "no": its store can be looked at while no hub runs
        self.size, self.now, self.options = size, now, list(options)
        self.dir = work.dir / name
        self.labels = work.dir / f"{name}-labels"
        self.fifo = work.dir / f"{name}-scan"
        self.process = None

    def command(self):
        words = [self.work.program("foyer"), "--dir", self.dir, "--role", self.role, "--now",
                 self.work.clock(self.now, START_S), "--scanner", f"fifo:{self.fifo}", "--printer",
                 f"file:{self.labels}", "--size", self.size, "--allow-script", "--seal", self.seal,
                 *self.options]
        return words

    def launch(self):
        """Starts it without waiting until it takes commands."""
        self.process = self.work.start(self.name, *self.command(), env=HEADLESS)

    def start(self):
        self.launch()
        wait_until(self.is_up, f"{self.name} takes commands")
        return self

    def enrol(self):
        """Gives the kiosk its place in the fleet, by a one-time code."""
        words = ["--name", self.title, "--role", self.role]
        words += ["--room", self.room] if self.room else []
        words += ["--gate", self.gate] if self.gate else []
        code = re.search(r"^code (\S+)$", self.hub.verb("enrol", *words), re.M).group(1)
        run(self.work.program("foyer"), "enrol", "--dir", self.dir, "--hub", self.hub.url,
            "--code", code)

    def verify(self):
        return hashes(run(self.work.program("foyer"), "verify", "--dir", self.dir))

    def status(self):
        return run(self.work.program("foyer"), "status", "--dir", self.dir)

    def dump(self, kind):
        return run(self.work.program("foyer"), "dump", "--dir", self.dir, "--kind", kind)

    def is_up(self):
        if self.process.poll() is not None:
            raise Failed(f"{self.name} ended at once: {self.work.log(self.name)}")
        try:
            return bool(self.do("state"))
        except Failed:
            return False

    def do(self, *commands, ok=True, limit_s=60):
        """Commands of the kiosk's script, in order; Failed with its words when a wait ends."""
        return run(self.work.program("foyer"), "do", "--dir", self.dir, *commands, ok=ok,
                   limit_s=limit_s)

    def state(self):
        text = self.do("state")
        try:
            return json.loads(text)
        except json.JSONDecodeError:
            raise Failed(f"{self.name}: state is no JSON: {text[:200]}") from None

    def scan(self, code):
        """As a scanner does it: a line into the pipe."""
        data = code if isinstance(code, bytes) else code.encode()
        fd = os.open(self.fifo, os.O_WRONLY | os.O_NONBLOCK)
        try:
            os.write(fd, data + b"\n")
        finally:
            os.close(fd)

    def labels_printed(self):
        return sorted(self.labels.glob("label-*.png"))

    def stop(self):
        """Asks it to end (again, if a script did already) and waits for that."""
        if not self.process:
            return
        self.do("quit", ok=False)
        try:
            self.process.wait(WAIT_S)
        except subprocess.TimeoutExpired:
            pass  # ended the hard way below
        status = self.work.end(self.process)
        self.process = None
        if status != 0:
            raise Failed(f"{self.name} ended with {status}: {self.work.log(self.name)}")


def hashes(text):
    """Channel -> (facts, hash of the folded tables), from what a verify says."""
    rows = re.findall(r"^(\w+) +(\d+) facts .* tables ([0-9a-f]{16,})$", text, re.M)
    if not rows or "are right" not in text:
        raise Failed(f"verify says: {text}")
    return {channel: (int(facts), tables) for channel, facts, tables in rows}


def whole_lines(path):
    """Lines of a green log that were finished; a torn last one was never promised."""
    text = path.read_bytes() if path.exists() else b""
    return [line.decode() for line in text.split(b"\n")[:-1] if line]


def read_codes(picture):
    """What an independent decoder reads in a picture: the texts of all its QR codes."""
    done = subprocess.run(["zbarimg", "-q", "--raw", "-Sdisable", "-Sqrcode.enable",
                           str(picture)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          timeout=60, check=False)
    return [line for line in done.stdout.decode("utf-8", "replace").split("\n") if line]


def badge_code(person, serial=0):
    """The badge code of sync/event/code.h, written down a second time."""
    first = person + BASE32[serial >> 5] + BASE32[serial & 31]
    digest = hashlib.blake2b(b"foyer badge 1" + first.encode(), digest_size=32).digest()
    check = digest[0] << 2 | digest[1] >> 6
    return first + BASE32[check >> 5] + BASE32[check & 31]


def base45_decode(text):
    out = bytearray()
    for i in range(0, len(text), 3):
        digits = [BASE45.index(c) for c in text[i:i + 3]]
        value = sum(d * 45 ** k for k, d in enumerate(digits))
        out += value.to_bytes(2 if len(digits) == 3 else 1, "big")
    return bytes(out)


def base45_encode(data):
    out = ""
    for i in range(0, len(data), 2):
        part = data[i:i + 2]
        value = int.from_bytes(part, "big")
        for _ in range(3 if len(part) == 2 else 2):
            out += BASE45[value % 45]
            value //= 45
    return out


def flip(ticket, at):
    """The ticket with one bit of byte `at` turned over."""
    data = bytearray(base45_decode(ticket))
    data[at] ^= 1
    return base45_encode(bytes(data))


def people():
    """The demo people: name -> row of people.csv."""
    with open(DEMO / "people.csv", newline="", encoding="utf-8") as f:
        return {row["name"]: row for row in csv.DictReader(f)}
