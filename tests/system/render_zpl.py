#!/usr/bin/python3
"""The ZPL of real badges, drawn by a renderer that is not ours: `./run render-zpl`.

usage: render_zpl.py <build folder> <folder for its files>
Needs the network once, for zpl-renderer-js from npm; so it is no part of `./run test`, where
the strict reader of tests/support/paper.h stands in. Every dot must be the same.
"""
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy
from PIL import Image

RENDERER = "zpl-renderer-js@3.4.0"
DOTS_PER_MM = {"203": 8, "300": 12, "600": 24}
SCRIPT = """
import {readFileSync, writeFileSync} from 'fs';
const {api} = await (await import('zpl-renderer-js')).ready;
const [from, to, w, h, dots] = process.argv.slice(2);
const pictures = await api.zplToBase64MultipleAsync(readFileSync(from, 'latin1'), +w, +h, +dots);
if (pictures.length != 1) throw new Error(pictures.length + ' labels');
writeFileSync(to, Buffer.from(pictures[0], 'base64'));
"""


def install(folder):
    if not (folder / "node_modules" / "zpl-renderer-js").exists():
        subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--prefix", str(folder),
                        RENDERER], check=True, stdout=subprocess.DEVNULL)
    (folder / "render.mjs").write_text(SCRIPT)


def render(folder, job, ours):
    dpi = job.name.rsplit("-", 1)[1].split(".")[0]
    dots = DOTS_PER_MM[dpi]
    png = job.with_suffix(".png")
    r = subprocess.run(["node", str(folder / "render.mjs"), str(job), str(png),
                        str(ours.shape[1] / dots), str(ours.shape[0] / dots), str(dots)],
                       stderr=subprocess.PIPE, check=False)
    if r.returncode:
        sys.exit(f"{job.name}: the renderer refuses it: {r.stderr[:300]!r}")
    return numpy.array(Image.open(png).convert("L")) < 128


def main():
    build, folder = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    folder.mkdir(parents=True, exist_ok=True)
    install(folder)
    out = folder / "jobs"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir()
    subprocess.run([str(build / "tests" / "unit_badge_print")], check=True,
                   env={**os.environ, "FOYER_PRINT_OUT": str(out)})
    bad = 0
    jobs = sorted(out.glob("*.zpl"))
    for job in jobs:
        ours = numpy.array(Image.open(job.with_suffix("")).convert("L")) < 128
        theirs = render(folder, job, ours)
        h, w = ours.shape
        wrong = int((theirs[:h, :w] != ours).sum()) + int(theirs[h:].sum() + theirs[:, w:].sum())
        print(f"{job.name}: {w} x {h} dots, {int(ours.sum())} black, {wrong} differ")
        bad += wrong > 0
    print(f"{len(jobs)} labels, {bad} differ")
    sys.exit(1 if bad or not jobs else 0)


main()
