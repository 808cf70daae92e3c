"""Steps of a tour: what was checked, what came of it, and the page that tells it."""
import html
import shutil
import sys
import time
import traceback
from pathlib import Path

import kit


CODES_S = 5


class Report:
    """Steps are numbered as they happen; a step that raises is a failed step, not the end."""

    def __init__(self, out_dir, title):
        self.out = Path(out_dir)
        self.out.mkdir(parents=True, exist_ok=True)
        for pattern in ("*.png", "summary.*"):
            for old in self.out.glob(pattern):
                old.unlink()
        self.title = title
        self.steps = []
        self.began = time.monotonic()

    def step(self, name, what):
        return Step(self, name, what)

    def is_passed(self):
        return bool(self.steps) and all(s.error is None for s in self.steps)

    def verdict(self):
        good = sum(s.error is None for s in self.steps)
        codes = sum(len(p.codes) for s in self.steps for p in s.pictures)
        pictures = sum(len(s.pictures) for s in self.steps)
        return (f"{good} of {len(self.steps)} steps happened; {pictures} pictures; {codes} QR "
                f"codes read back by zbarimg; {time.monotonic() - self.began:.0f} s")

    def write(self):
        (self.out / "summary.md").write_text(self.as_markdown(), encoding="utf-8")
        (self.out / "summary.html").write_text(self.as_html(), encoding="utf-8")

    def as_markdown(self):
        lines = [f"# {self.title}", "", self.verdict() + ".", "",
                 "| | step | what was checked | pictures |", "|---|---|---|---|"]
        for s in self.steps:
            checks = list(s.checks) + ([f"**{s.error}**"] if s.error else [])
            pictures = ", ".join(f"[{p.path.name}]({p.path.name})" for p in s.pictures)
            cells = [f"{s.number:02} {'ok' if s.error is None else 'FAILED'}", s.what,
                     "; ".join(checks), pictures]
            lines.append("| " + " | ".join(c.replace("|", "\\|").replace("\n", " ")
                                           for c in cells) + " |")
        lines += ["", "QR codes read back:", ""]
        for s in self.steps:
            for p in s.pictures:
                lines += [f"- {p.path.name}: `{code}`" for code in p.codes]
        return "\n".join(lines) + "\n"

    def as_html(self):
        parts = ["<!doctype html><meta charset=utf-8><meta name=viewport "
                 "content='width=device-width'><title>", html.escape(self.title), "</title>"
                 "<style>body{font:16px/1.5 Inter,'Noto Sans',sans-serif;max-width:1100px;"
                 "margin:40px auto;padding:0 20px;color:#16202b;background:#f5f3ee}"
                 "section{background:#fff;border:1px solid #ccc;border-radius:12px;"
                 "padding:16px 20px;margin:16px 0}img{max-width:48%;max-height:420px;"
                 "border:1px solid #ccc;margin:4px}.bad{color:#a61b14;font-weight:700}"
                 ".ok{color:#0b6b45;font-weight:700}</style><h1>", html.escape(self.title),
                 "</h1><p>", html.escape(self.verdict()), ".</p>"]
        for s in self.steps:
            word = "<span class=ok>ok</span>" if s.error is None else \
                "<span class=bad>FAILED</span>"
            parts += [f"<section><h2>{s.number:02} {html.escape(s.what)} {word}</h2><ul>"]
            parts += [f"<li>{html.escape(c)}</li>" for c in s.checks]
            if s.error:
                parts.append(f"<li class=bad>{html.escape(s.error)}</li>")
            parts.append("</ul>")
            for p in s.pictures:
                parts.append(f"<a href='{p.path.name}'><img src='{p.path.name}' "
                             f"alt='{html.escape(p.path.stem)}'></a>")
            parts.append("</section>")
        return "".join(parts)


class Picture:
    def __init__(self, path):
        self.path = path
        self.codes = kit.read_codes(path)


class Step:
    """`with report.step(...) as s:` - the pictures and checks of one step."""

    def __init__(self, report, name, what):
        self.report, self.name, self.what = report, name, what
        self.number = len(report.steps) + 1
        self.pictures, self.checks, self.error = [], [], None

    def __enter__(self):
        self.report.steps.append(self)
        self.began = time.monotonic()
        return self

    def __exit__(self, kind, error, trace):
        if isinstance(error, kit.Failed):
            self.error = str(error)
        elif isinstance(error, Exception):
            self.error = f"{type(error).__name__}: {error}"
            traceback.print_exception(kind, error, trace)
        word = "ok  " if self.error is None else "FAIL"
        print(f"{word} {self.number:02} {self.what} ({time.monotonic() - self.began:.1f} s)"
              + (f": {self.error}" if self.error else ""), flush=True)
        return isinstance(error, Exception)

    def check(self, condition, what):
        if not condition:
            raise kit.Failed(f"not so: {what}")
        self.checks.append(what)

    def check_equal(self, got, expected, what):
        if got != expected:
            raise kit.Failed(f"{what}: got {got!r}, expected {expected!r}")
        self.checks.append(f"{what}: {expected}" if len(str(expected)) < 60 else what)

    def _path(self, name):
        return self.report.out / f"{self.number:02}-{name}.png"

    def shot(self, kiosk, name=None, codes=None):
        """A picture of what a kiosk shows. codes: the QR codes that must be on it; a badge
        is drawn by a thread of its own and may come some frames later."""
        path = self._path(name or self.name)

        def take():
            kiosk.do(f"shot {path}")
            if not path.exists() or path.read_bytes()[:8] != b"\x89PNG\r\n\x1a\n":
                raise kit.Failed(f"{kiosk.name} wrote no picture {path.name}")
            return codes is None or sorted(kit.read_codes(path)) == sorted(codes)
        if codes is None:
            take()
        else:
            kit.wait_until(take, f"{kiosk.name} shows {', '.join(codes)}", CODES_S)
        return self._add(path, codes)

    def keep(self, file, name, codes=None):
        """A picture that was made elsewhere: a printed label."""
        path = self._path(name)
        shutil.copyfile(file, path)
        return self._add(path, codes)

    def _add(self, path, codes):
        picture = Picture(path)
        self.pictures.append(picture)
        if codes is not None:
            if sorted(picture.codes) != sorted(codes):
                raise kit.Failed(f"{path.name}: zbarimg reads {picture.codes}, not {codes}")
            self.checks.append(f"zbarimg reads the code of {path.stem[3:]}")
        return picture


def end(report):
    report.write()
    print(report.verdict())
    print(f"summary: {report.out / 'summary.md'}")
    sys.exit(0 if report.is_passed() else 1)
