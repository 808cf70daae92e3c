#!/usr/bin/env python3
"""The kiosk program from outside: start to first frame, and a minute of rest.

usage: bench_kiosk.py <build folder> <folder with kiosk-1500 and kiosk-100000>
Prints the same columns as bench_store. FOYER_REST sets the seconds of rest (60).
"""
import os
import statistics
import subprocess
import sys
import time

ROUNDS = 5
CROWDS = (1500, 100000)
ENV = {"SDL_VIDEODRIVER": "dummy", "SDL_FRAMEBUFFER_ACCELERATION": "0",
       "SDL_AUDIODRIVER": "dummy", "SDL_RENDER_DRIVER": "software", "FOYER_TIMES": "1"}


def line(what, got, budget, is_met):
    print(f"{what:46} {got:38} {budget:16} {'' if is_met else 'missed'}", flush=True)


def start(build, folder, people):
    return subprocess.Popen(
        [f"{build}/foyer", "--dir", f"{folder}/kiosk-{people}", "--role", "checkin",
         "--gate", "meeting", "--size", "1080x1920"],
        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        env={**os.environ, **ENV}, text=True)


def stop(kiosk):
    kiosk.terminate()
    try:
        kiosk.wait(10)
    except subprocess.TimeoutExpired:
        kiosk.kill()
        kiosk.wait()


def forget(folder):
    """Out of the page cache with the store, as after a boot."""
    for name in os.listdir(folder):
        fd = os.open(os.path.join(folder, name), os.O_RDONLY)
        os.fdatasync(fd)
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(fd)


def wait_for_frame(kiosk):
    for text in kiosk.stderr:
        if text.startswith("first-frame-ms"):
            return int(text.split()[1])
    sys.exit("bench: foyer ended before its first frame")


def first_frames(build, folder):
    times = {people: [] for people in CROWDS}
    inside = {people: [] for people in CROWDS}
    for _ in range(ROUNDS):
        for people in CROWDS:
            forget(f"{folder}/kiosk-{people}")
            began = time.monotonic()
            kiosk = start(build, folder, people)
            inside[people].append(wait_for_frame(kiosk))
            times[people].append(1000 * (time.monotonic() - began))
            stop(kiosk)
    for people in CROWDS:
        ms = statistics.median(times[people])
        line(f"start -> first frame, {people} people",
             f"{ms:.0f} ms (of it in the program {statistics.median(inside[people]):.0f})",
             "<= 150 ms", ms <= 150)


def cpu_ns(pid):
    total = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with open(f"/proc/{pid}/task/{task}/schedstat", encoding="ascii") as f:
            total += int(f.read().split()[0])
    return total


def memory_mb(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as f:
        fields = dict(row.split(":", 1) for row in f if ":" in row)
    return [int(fields[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon")]


def rest(build, folder):
    seconds = float(os.environ.get("FOYER_REST", "60"))
    kiosks = {people: start(build, folder, people) for people in CROWDS}
    for kiosk in kiosks.values():
        wait_for_frame(kiosk)
    time.sleep(10)  # search keys are read, the log is moved
    before = {people: cpu_ns(kiosk.pid) for people, kiosk in kiosks.items()}
    began = time.monotonic()
    time.sleep(seconds)
    for people, kiosk in kiosks.items():
        used = cpu_ns(kiosk.pid) - before[people]
        percent = 100 * used / ((time.monotonic() - began) * 1e9)
        line(f"CPU at rest for {seconds:.0f} s, {people} people",
             f"{percent:.3f} % of a core ({used / 1e6:.1f} ms)", "<= 0.1 %", percent <= 0.1)
    for people, kiosk in kiosks.items():
        rss, anon = memory_mb(kiosk.pid)
        most = 40 if people == 1500 else 64
        line(f"memory at rest, {people} people",
             f"{rss:.1f} MB resident ({anon:.1f} its own)", f"<= {most} MB", rss <= most)
        stop(kiosk)


def main():
    build, folder = sys.argv[1:3]
    first_frames(build, folder)
    rest(build, folder)


main()
