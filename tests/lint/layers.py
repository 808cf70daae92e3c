#!/usr/bin/env python3
"""Who may include whom: the table of rooms in ARCHITECTURE.md, as a test.

usage: layers.py [<root of the tree>]
Names file:line, the include and the rule it breaks; exits 1 when there is any.
"""
import re
import sys
from pathlib import Path

# Rooms a room may include, besides itself. An entry ending in .h is that one header.
EVERY_SYNC = ["sync/base", "sync/event", "sync/exchange", "sync/store", "sync/net",
              "sync/connectors", "sync/agent", "sync/hub"]
EVERY_APP = ["app/text", "app/image", "app/badge", "app/labels", "app/devices", "app/ui",
             "app/screens", "app/flows"]
ROOMS = {
    "sync/base": [],
    "sync/event": ["sync/base"],
    "sync/exchange": ["sync/base", "sync/event"],
    "sync/store": ["sync/base", "sync/event", "sync/exchange"],
    "sync/net": ["sync/base"],
    "sync/connectors": ["sync/base", "sync/event"],
    "sync/agent": ["sync/base", "sync/event", "sync/exchange", "sync/store", "sync/net"],
    "sync/hub": EVERY_SYNC,
    "app/text": ["sync/base"],
    "app/image": ["sync/base"],
    "app/badge": ["sync/base", "sync/event", "app/text", "app/image"],
    "app/labels": ["sync/base"],
    "app/devices": ["sync/base", "app/labels"],
    "app/ui": ["sync/base", "app/text", "app/image"],
    "app/screens": ["sync/base", "sync/event", "app/ui", "app/text", "app/image"],
    # Of ui and agent only the values: what was typed, which sound, how the link is.
    "app/flows": ["sync/base", "sync/event", "sync/store", "app/badge", "app/labels",
                  "app/devices", "app/screens", "app/ui/input.h", "app/ui/sound.h", "sync/agent/agent.h"],
    "app": EVERY_SYNC[:-1] + EVERY_APP,
}

# Outside libraries and the only rooms that may include them.
LIBRARIES = [
    (r"jansson\.h", EVERY_SYNC + ["app/badge"]),
    (r"sodium\.h", EVERY_SYNC),
    (r"zstd\w*\.h", ["sync/base"]),
    (r"libintl\.h", ["sync/base"]),
    (r"utf8proc\.h|glib\.h|glib/.*", ["sync/event"]),
    (r"sqlite3\w*\.h|gcrypt\.h", ["sync/store"]),
    (r"curl/.*|avahi-.*|ares\w*\.h", ["sync/net"]),
    (r"csv\.h|libical/.*|expat\.h|libxml/.*", ["sync/connectors"]),
    (r"microhttpd\.h|gnutls/.*|libpq-fe\.h", ["sync/hub"]),
    (r"fribidi\w*\.h|fribidi/.*|linebreak\.h|graphemebreak\.h|wordbreak\.h|unibreak\w*\.h"
     r"|hb\w*\.h|harfbuzz/.*|(SDL2/)?SDL_ttf\.h", ["app/text"]),
    (r"png\.h|jpeglib\.h|turbojpeg\.h|qrencode\.h", ["app/image"]),
    (r"(libusb-1\.0/)?libusb\.h|cups/.*", ["app/devices"]),
    (r"(SDL2/)?SDL\w*\.h", ["app/ui", "app/text", "app"]),
    (r"ini\.h", ["app"]),
]
ISO_C = set("""assert ctype errno fenv float inttypes iso646 limits locale math setjmp signal
    stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings
    tgmath time uchar wchar wctype""".split())
# Everything else of the system (POSIX, Linux) is for the rooms that meet the machine.
SYSTEM = r"(sys|linux|net|netinet|arpa)/\w+\.h|(\w+)\.h"
SYSTEM_NAMES = set("""dirent dlfcn fcntl fnmatch getopt glob grp iconv libgen mqueue netdb poll
    pthread pwd regex sched semaphore spawn syslog termios ucontext unistd utime""".split())
SYSTEM_ROOMS = ["sync/base", "sync/store", "sync/net", "sync/agent", "sync/hub",
                "app/devices", "app/text", "app/ui", "app"]

FORBIDDEN = {
    "rand": "randomness comes from libsodium or from a seed in the struct",
    "srand": "randomness comes from libsodium or from a seed in the struct",
    "gets": "unbounded", "strcpy": "unbounded: use snprintf or memcpy",
    "strcat": "unbounded: use snprintf or struct bytes", "sprintf": "unbounded: use snprintf",
}
PURE = ["sync/event", "sync/exchange", "sync/connectors", "app/labels", "app/flows"]
IMPURE = "clock_gettime gettimeofday g_get_real_time g_get_monotonic_time fopen socket"
SQL = re.compile(r'"[^"]*\b(SELECT\b.*\bFROM\b|INSERT (OR \w+ )?INTO\b|UPDATE \w+ SET\b'
                 r'|DELETE FROM\b|CREATE (TABLE|INDEX|TRIGGER)\b|PRAGMA \w)')
SQL_FILES = re.compile(r"sync/store/|sync/hub/postgres\w*\.c$")


def room_of(path):
    """sync/store/log.c -> sync/store; app/main.c -> app"""
    parts = path.split("/")[:-1]
    return "/".join(parts[:2])


def without_comments(text):
    """Comments become blanks, line numbers stay; strings are kept."""
    def blank(m):
        s = m.group(0)
        return s if s[0] in "\"'" else re.sub(r"[^\n]", " ", s)
    return re.sub(r'"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'|//[^\n]*|/\*.*?\*/', blank,
                  text, flags=re.S)


def broken_rule(room, header, is_ours):
    """The rule that room breaks by including header, or None."""
    if is_ours:
        if "/" not in header:
            return "say the whole path from the root of the tree"
        if header.startswith("tests/"):
            return "the product never includes tests"
        target = room_of(header)
        if target not in ROOMS:
            return f"{target} is not a room of the table"
        if target == room or target in ROOMS[room] or header in ROOMS[room]:
            return None
        if room.startswith("sync") and target.startswith("app"):
            return "sync never uses app"
        return f"{room} may use {', '.join(ROOMS[room]) or 'no other room'}"
    for pattern, rooms in LIBRARIES:
        if re.fullmatch(pattern, header):
            return None if room in rooms else f"only {', '.join(rooms)} may use this library"
    if header.removesuffix(".h") in ISO_C:
        return None
    m = re.fullmatch(SYSTEM, header)
    if m and (m.group(1) or m.group(2) in SYSTEM_NAMES):
        if room in SYSTEM_ROOMS:
            return None
        return f"{room} is pure: system headers belong to {', '.join(SYSTEM_ROOMS)}"
    return "an unknown library: give it one room in tests/lint/layers.py"


def check_file(path, text):
    room = room_of(path)
    if room not in ROOMS:
        yield 1, path, f"{room} is not a room of the table"
        return
    impure = IMPURE.split() if room in PURE else []
    for number, line in enumerate(without_comments(text).splitlines(), 1):
        m = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if m:
            rule = broken_rule(room, m.group(2), m.group(1) == '"')
            if rule:
                yield number, m.group(0).strip(), rule
            continue
        code = re.sub(r'"(?:\\.|[^"\\])*"', '""', line)
        for call in re.findall(r"(?<![\w.>])(\w+)\s*\(", code):
            if call in FORBIDDEN:
                yield number, call + "()", FORBIDDEN[call]
            if call in impure:
                yield number, call + "()", f"{room} is pure: no clock, no files, no sockets"
        if SQL.search(line) and not SQL_FILES.match(path):
            yield number, line.strip(), "SQL belongs to sync/store"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    files = sorted(p for top in ("app", "sync") for p in (root / top).glob("**/*.[ch]"))
    if not files:
        sys.exit(f"{root}: no sources under app/ or sync/")
    broken = 0
    for p in files:
        path = p.relative_to(root).as_posix()
        for number, what, rule in check_file(path, p.read_text(encoding="utf-8")):
            print(f"{path}:{number}: {what}: {rule}")
            broken += 1
    print(f"layers: {len(files)} files, {broken} broken rules")
    sys.exit(1 if broken else 0)


main()
