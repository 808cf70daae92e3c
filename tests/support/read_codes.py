#!/usr/bin/python3
"""Reads the QR codes of printed labels by decoders that are not ours.

usage: read_codes.py all-say CODE FILE.pgm...    zbarimg and zxing-cpp must both read exactly
                                                 that, at full size and as a scanner sees it:
                                                 small and with specks
       read_codes.py list FILE.pgm...            a line for each code that zxing-cpp reads
Debian's own Python has zxing-cpp, so this script names it.
"""
import concurrent.futures
import subprocess
import sys
from pathlib import Path

import numpy
import zxingcpp


def read_pgm(path):
    data = path.read_bytes()
    head, pixels = data.split(b"\n255\n", 1)
    w, h = map(int, head.split()[1:3])
    return numpy.frombuffer(pixels, numpy.uint8).reshape(h, w)


def half(image):
    h, w = (side // 2 * 2 for side in image.shape)
    parts = image[:h, :w].reshape(h // 2, 2, w // 2, 2)
    return parts.mean((1, 3)).astype(numpy.uint8)


def as_seen(image):
    """No scanner sees a speck of one dot as sharp as the file has it."""
    image = half(noisy(image))
    while image.shape[1] > 800:
        image = half(image)
    return image


def noisy(image):
    """One dot in a hundred is wrong, the same ones each time."""
    wrong = numpy.random.default_rng(4).random(image.shape) < 0.01
    return numpy.where(wrong, 255 - image, image).astype(numpy.uint8)


def by_zbar(image):
    h, w = image.shape
    r = subprocess.run(["zbarimg", "-q", "--raw", "-Sbinary", "pgm:-"],
                       input=b"P5\n%d %d\n255\n" % (w, h) + image.tobytes(),
                       stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return r.stdout


def by_zxing(image):
    found = zxingcpp.read_barcode(numpy.ascontiguousarray(image))
    return found.text.encode() if found else b""


def wrong_readings(path, want):
    image, wrong = read_pgm(path), []
    for what, seen in (("", image), (" with specks", as_seen(image))):
        for name, read in (("zbar", by_zbar), ("zxing-cpp", by_zxing)):
            got = read(seen)
            if got != want:
                wrong.append(f"{path.name}{what}: {name} reads {got!r}, not {want!r}")
    return wrong


def all_say(want, files):
    with concurrent.futures.ProcessPoolExecutor() as pool:
        found = pool.map(wrong_readings, files, [want.encode()] * len(files))
        wrong = [line for lines in found for line in lines]
    print("\n".join([*wrong, f"{len(files)} labels, {len(wrong)} wrong readings"]))
    sys.exit(1 if wrong or not files else 0)


def main():
    if sys.argv[1] == "list":
        for path in sys.argv[2:]:
            for code in zxingcpp.read_barcodes(read_pgm(Path(path))):
                print(code.text)
    else:
        all_say(sys.argv[2], [Path(path) for path in sys.argv[3:]])


main()
