#!/usr/bin/env python3
"""The frozen record bytes once more, written from the comment in sync/event/fact.h alone.

usage: fact_vectors.py [<test_fact.c>]
Without a file it prints the vectors; with one it exits non-zero unless the file holds each
of them as a hex literal. Standard library only; Ed25519 follows RFC 8032, section 6.
"""
import hashlib
import re
import struct
import sys

SEED = bytes(range(32))
EVENT = b"foyer test event"
STREAM = 0x1122334455667788
DESK = 3
SALT = bytes(range(0xa0, 0xb0))

P = 2**255 - 19
Q = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    m, n = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    c, d = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(s, a):
    out = (0, 1, 1, 0)
    while s:
        out = add(out, a) if s & 1 else out
        a = add(a, a)
        s >>= 1
    return out


def base_point():
    y = 4 * pow(5, P - 2, P) % P
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    x = x if (x * x - x2) % P == 0 else x * ROOT % P
    x = P - x if x & 1 else x
    return x, y, 1, x * y % P


def pack(a):
    z = pow(a[2], P - 2, P)
    return (a[1] * z % P | (a[0] * z % P & 1) << 255).to_bytes(32, "little")


def number(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def expand(seed):
    h = hashlib.sha512(seed).digest()
    a = int.from_bytes(h[:32], "little")
    return a & (1 << 254) - 8 | 1 << 254, h[32:]


def public_key(seed):
    return pack(times(expand(seed)[0], base_point()))


def sign(seed, text):
    a, prefix = expand(seed)
    key = pack(times(a, base_point()))
    r = number(prefix, text) % Q
    r_point = pack(times(r, base_point()))
    s = (r + number(r_point, key, text) * a) % Q
    return r_point + s.to_bytes(32, "little")


def blake(*parts):
    return hashlib.blake2b(b"".join(parts), digest_size=32).digest()


def header(channel, n, hlc, mono, prev, basis, kind, subject, by):
    seq, age, mode, flags = basis
    return (struct.pack(">BBBBQQ", 1, channel, len(kind), len(subject), STREAM, n)
            + struct.pack(">QQQQQ", hlc, 0xb007, mono, *prev)
            + struct.pack(">QIBBB", seq, age, mode, flags, len(by))
            + kind + subject + by)


def vectors():
    key = public_key(SEED)
    yield "public key", key
    yield "device id", blake(key)[:8]
    ms = 1427119800000
    headers = [
        header(DESK, 1, ms << 16 | 3, 123456, (0, 0), (77, 1500, 1, 0), b"admit",
               b"0123456789ABCDEF", b"s042"),
        header(DESK, 2, ms << 16 | 4, 123999, (STREAM, 1), (78, 0xffffffff, 3, 1),
               b"admit.void", b"0123456789ABCDEF", b""),
        header(DESK, 3, (ms + 1) << 16, 124000, (0, 0), (0, 0, 0, 0), b"badge.print",
               "Zoë".encode(), b"self"),
    ]
    bodies = [
        SALT + b'{"by_code":"badge","gate":"meeting"}',
        SALT + b'{"of":"1122334455667788/1","reason":"wrong person"}',
        SALT + b'{"serial":1}',
    ]
    before = h = blake(b"foyer stream 1", EVENT, struct.pack(">QB", STREAM, DESK), key)
    yield "h_0", h
    records = b""
    for i, (head, body) in enumerate(zip(headers, bodies)):
        digest = blake(body)
        h = blake(h, head, digest)
        yield f"header {i + 1}", head
        yield f"body digest {i + 1}", digest
        yield f"h_{i + 1}", h
        kept, flag = (digest, 1) if i == 2 else (body, 0)  # the third one was erased
        records += struct.pack(">BHI", flag, len(head), len(kept)) + head + kept
    signature = sign(SEED, b"foyer batch 1" + struct.pack(">QQ", STREAM, 3) + h)
    yield "signature", signature
    yield "batch", (b"FYB1" + key + struct.pack(">QBQI", STREAM, DESK, 1, 3) + before
                    + records + signature)


def main():
    if len(sys.argv) < 2:
        for name, value in vectors():
            print(name, value.hex())
        return
    with open(sys.argv[1], encoding="utf-8") as f:
        literals = re.sub(r'"\s+"', "", f.read())  # C joins neighbouring strings
    missing = [n for n, v in vectors() if f'"{v.hex()}"' not in literals]
    for name in missing:
        print(f"{sys.argv[1]} does not hold the {name} that fact_vectors.py computes")
    print(f"fact vectors: {len(list(vectors()))} computed, {len(missing)} missing")
    sys.exit(1 if missing else 0)


main()
