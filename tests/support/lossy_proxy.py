#!/usr/bin/env python3
"""A TCP proxy that misbehaves when told to: between real kiosks and a real hub.

usage: lossy_proxy.py --to HOST:PORT --control PATH [--seed N] [--lanes N]
Each lane listens on a loopback port of its own and forwards to the same address, so that one
kiosk can be cut off while its neighbour is not. Prints "lane I PORT" for each, then "seed N"
and "ready". PATH is a Unix socket; a line sent there is a command, each gets one line back:

  fault LANE|* NAME [key=value ...]     from now on, for old and new connections
      pass                  forwards at once
      delay ms=200          holds each piece for a random time up to ms
      trickle rate=200      forwards so many bytes a second, a few at a time
      cut p=0.2             each piece, with chance p: forwards a part of it and resets both
                            sides, so that a body ends in its middle
      hole forget=0.5       takes connections and forwards nothing. When the hole ends the
                            bytes go on, but for the share `forget` of the connections, which
                            stay silent for ever, as behind a router that lost its table
      refuse                ends new connections at once and resets the old ones
  drop LANE|*               resets the connections there are now
  stats                     connections open and ever, bytes, pieces held and connections cut

All chance comes from the seed; what it meets (bytes, moments) is the system's.
"""
import argparse
import asyncio
import os
import random
import socket
import struct
import sys

PIECE = 16384
FAULTS = {"pass": {}, "delay": {"ms": 200.0}, "trickle": {"rate": 200.0}, "cut": {"p": 0.2},
          "hole": {"forget": 0.5}, "refuse": {}}


class Gone(Exception):
    """The connection is over: cut, refused or forgotten."""


class Lane:
    """One listening port and its present fault."""

    def __init__(self, proxy, number):
        self.proxy, self.number = proxy, number
        self.fault, self.values = "pass", {}
        self.connections = set()
        self.changed = asyncio.Event()

    def set_fault(self, fault, values):
        self.fault, self.values = fault, {**FAULTS[fault], **values}
        self.changed.set()
        self.changed = asyncio.Event()
        if fault == "refuse":
            self.drop()

    def drop(self):
        for c in list(self.connections):
            c.reset()


class Connection:
    """A client and the hub, joined by two pumps."""

    def __init__(self, lane, reader, writer):
        self.lane, self.proxy = lane, lane.proxy
        self.ends = [(reader, writer)]
        self.tasks = []
        self.is_forgotten = False
        self.was_in_hole = False

    def reset(self):
        """RST, not FIN: the peer learns that bytes may be missing."""
        for _, writer in self.ends:
            sock = writer.get_extra_info("socket")
            if sock is not None and sock.fileno() >= 0:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            writer.transport.abort()
        for task in self.tasks:
            task.cancel()

    async def run(self):
        lane, reader = self.lane, self.ends[0][0]
        lane.connections.add(self)
        self.proxy.ever += 1
        try:
            if lane.fault == "refuse":
                raise Gone
            if not await self.pass_hole(reader):
                raise Gone
            self.ends.append(await asyncio.open_connection(*self.proxy.to))
            (a_in, a_out), (b_in, b_out) = self.ends
            self.tasks = [asyncio.ensure_future(self.pump(a_in, b_out)),
                          asyncio.ensure_future(self.pump(b_in, a_out))]
            await asyncio.gather(*self.tasks)
        except (OSError, Gone, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self.reset()
            lane.connections.discard(self)

    async def pump(self, reader, writer):
        while True:
            piece = await reader.read(PIECE)
            if not await self.pass_hole(reader):
                return
            if not piece:
                if writer.can_write_eof():
                    writer.write_eof()
                return
            await self.forward(piece, writer)
            self.proxy.bytes += len(piece)

    async def pass_hole(self, reader):
        """Waits while the lane is a hole. False: forgotten, and now this end closed."""
        lane = self.lane
        while lane.fault == "hole" and not self.is_forgotten:
            if not self.was_in_hole:
                self.was_in_hole = True
                self.is_forgotten = self.proxy.rng.random() < lane.values["forget"]
            self.proxy.held += 1
            await lane.changed.wait()
        self.was_in_hole = False
        while self.is_forgotten:
            if not await reader.read(PIECE):
                return False
        return True

    async def forward(self, piece, writer):
        lane, rng = self.lane, self.proxy.rng
        if lane.fault == "cut" and rng.random() < lane.values["p"]:
            self.proxy.cuts += 1
            writer.write(piece[:rng.randrange(len(piece))])
            await asyncio.sleep(0)  # let the part go out before the reset
            raise Gone
        if lane.fault == "delay":
            self.proxy.held += 1
            await self.sleep(rng.uniform(0, lane.values["ms"] / 1000))
        if lane.fault == "trickle":
            piece = await self.trickle(piece, writer)
        if piece:
            writer.write(piece)
            await writer.drain()

    async def trickle(self, piece, writer):
        """Forwards drops until the fault ends; returns what is left then."""
        self.proxy.held += 1
        while piece and self.lane.fault == "trickle":
            size = self.proxy.rng.randint(1, 16)
            writer.write(piece[:size])
            await writer.drain()
            piece = piece[size:]
            await self.sleep(size / self.lane.values["rate"])
        return piece

    async def sleep(self, seconds):
        """Ends early when the fault changes."""
        try:
            await asyncio.wait_for(self.lane.changed.wait(), seconds)
        except asyncio.TimeoutError:
            pass


class Proxy:
    def __init__(self, to, seed):
        self.to, self.rng = to, random.Random(seed)
        self.lanes = []
        self.ever = self.bytes = self.held = self.cuts = 0

    async def open_lane(self):
        lane = Lane(self, len(self.lanes))
        self.lanes.append(lane)
        server = await asyncio.start_server(
            lambda r, w: Connection(lane, r, w).run(), "127.0.0.1", 0, backlog=1024)
        return server.sockets[0].getsockname()[1]

    def command(self, line):
        words = line.split()
        if words == ["stats"]:
            count = sum(len(lane.connections) for lane in self.lanes)
            return (f"open {count} ever {self.ever} bytes {self.bytes} held {self.held} "
                    f"cut {self.cuts}")
        if len(words) < 2 or words[0] not in ("fault", "drop"):
            return "error: fault, drop or stats"
        try:
            lanes = self.lanes if words[1] == "*" else [self.lanes[int(words[1])]]
            if words[0] == "drop":
                for lane in lanes:
                    lane.drop()
                return "ok"
            values = {k: float(v) for k, v in (w.split("=") for w in words[3:])}
            if words[2] not in FAULTS or set(values) - set(FAULTS[words[2]]):
                raise ValueError(words[2])
        except (ValueError, IndexError) as e:
            return f"error: {line}: {e}"
        for lane in lanes:
            lane.set_fault(words[2], values)
        return "ok"

    async def on_control(self, reader, writer):
        while line := (await reader.readline()).decode().strip():
            writer.write((self.command(line) + "\n").encode())
            await writer.drain()
        writer.close()


async def serve(args):
    host, port = args.to.rsplit(":", 1)
    seed = args.seed if args.seed is not None else random.SystemRandom().randrange(1 << 32)
    proxy = Proxy((host, int(port)), seed)
    for i in range(args.lanes):
        print(f"lane {i} {await proxy.open_lane()}")
    server = await asyncio.start_unix_server(proxy.on_control, args.control)
    os.chmod(args.control, 0o600)
    print(f"seed {seed}\nready", flush=True)
    await server.serve_forever()


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--to", required=True)
    parser.add_argument("--control", required=True)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--lanes", type=int, default=1)
    try:
        asyncio.run(serve(parser.parse_args()))
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
