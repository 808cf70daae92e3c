#!/usr/bin/env python3
"""zxing_read.py FILE.pgm...: a line for each code that zxing-cpp reads on these pictures.

The second opinion on printed codes, beside zbarimg. Debian's python3-zxing-cpp belongs to
Debian's own python3.
"""
import sys

import numpy
import zxingcpp

for path in sys.argv[1:]:
    with open(path, "rb") as f:
        w, h = map(int, f.readline().split()[1:3])
        picture = numpy.frombuffer(f.read(w * h), numpy.uint8).reshape(h, w)
    for code in zxingcpp.read_barcodes(picture):
        print(code.text)
