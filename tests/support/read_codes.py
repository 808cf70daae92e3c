#!/usr/bin/python3
"""Reads the QR code of every printed label by two decoders that are not ours.

usage: read_codes.py <folder of .pgm files> <what each must say>
zbarimg and zxing-cpp must both read exactly that, at full size and as a scanner sees it:
small and with specks. Debian's own Python has zxing-cpp, so this script names it.
"""
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


def main():
    folder, want = Path(sys.argv[1]), sys.argv[2].encode()
    files = sorted(folder.glob("*.pgm"))
    bad = 0
    for path in files:
        image = read_pgm(path)
        for what, seen in (("", image), (" with specks", as_seen(image))):
            for name, read in (("zbar", by_zbar), ("zxing-cpp", by_zxing)):
                got = read(seen)
                if got != want:
                    print(f"{path.name}{what}: {name} reads {got!r}, not {want!r}")
                    bad += 1
    print(f"{len(files)} labels, {bad} wrong readings")
    sys.exit(1 if bad or not files else 0)


main()
