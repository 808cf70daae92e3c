"""A kiosk on a machine with emulated USB devices (usb_stand.c has the commands)."""
import os
import re
import shutil
import signal
import subprocess
import sys

import kit


class Stand:
    """The machine: its ports, its devices, and one program that runs on it."""

    def __init__(self, work, name, *command, env=None):
        self.work, self.name = work, name
        program = work.build / "tests" / "usb_stand"
        if not program.exists() or not shutil.which("umockdev-wrapper"):
            print("skipped: umockdev and libumockdev-dev are not installed")
            sys.exit(77)
        words = [str(w) for w in (program, work.dir / f"{name}.log", *command)]
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, **kit.HEADLESS, **(env or {})})
        work.running.append(self.process)

    def ask(self, line):
        """One command; (True, answer) or (False, reason)."""
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
            reply = self.process.stdout.readline()
        except BrokenPipeError:
            reply = ""
        if not reply:
            raise kit.Failed(f"the stand is gone at \"{line}\"")
        word, _, rest = reply.rstrip("\n").partition(" ")
        return word == "ok", rest

    def do(self, line):
        """One command that must work; its answer."""
        is_done, answer = self.ask(line)
        if not is_done:
            raise kit.Failed(f"{line}: {answer}")
        return answer

    def facts(self, line):
        """An answer like "open=1 claimed=3" as numbers."""
        return {k: int(v) for k, v in re.findall(r"(\w+)=(-?\d+)", self.do(line))}

    def look(self, port):
        return self.facts(f"look {port}")

    def open_count(self):
        return int(self.do("open"))

    def end_program(self, number=signal.SIGTERM):
        """Asks it to end and gives its exit status; it must listen."""
        self.ask(f"kill {int(number)}")
        return int(self.do("wait"))

    def close(self):
        self.process.stdin.close()
        try:
            self.process.wait(kit.WAIT_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise kit.Failed("the stand did not end") from None
        self.work.running.remove(self.process)
        if self.process.returncode != 0:
            raise kit.Failed(f"the stand ended with {self.process.returncode}")


class UsbKiosk(kit.Kiosk):
    """The unmodified kiosk on such a machine; options say which devices it uses."""

    def __init__(self, work, title, role, hub, env=None, **more):
        super().__init__(work, title, role, hub, **more)
        self.stand, self.env = None, env

    def launch(self):
        if not self.stand:
            self.stand = Stand(self.work, self.name, *self.command(), env=self.env)
        self.process = self.stand.process
        self.stand.do("start")

    def stop(self):
        """Ends the kiosk and the machine; Failed when one of them complains."""
        if not self.stand:
            return
        self.do("quit", ok=False)
        status = int(self.stand.do("wait"))
        self.stand.close()
        self.stand = self.process = None
        if status != 0:
            raise kit.Failed(f"{self.name} ended with {status}: "
                             f"{self.work.log(self.name, 60)}")
