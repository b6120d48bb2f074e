#!/usr/bin/python3
"""A link between two hosts, with the delay, jitter, loss and bit rate of a real one.

It does for a pair of TAP interfaces what `tc netem` does where the kernel has it: whole Ethernet frames go in at one
end and come out at the other, later or never, in order, never changed. One queue per direction, drop-tail.

    link.py [--delay MS] [--jitter MS] [--loss PERCENT] [--rate MBIT] NETNS-A IF-A NETNS-B IF-B
"""
import argparse
import collections
import ctypes
import fcntl
import os
import random
import select
import struct
import time

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI = 0x0002, 0x1000
CLONE_NEWNET = 0x40000000
FRAMING = 24        # preamble, frame check and gap of Ethernet: bytes that take time but are not in the frame


def open_tap(netns, name):
    """A file descriptor for the TAP interface of that network namespace, which must exist."""
    libc = ctypes.CDLL(None, use_errno=True)
    with open(netns, "rb") as ns:
        if libc.setns(ns.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), "setns", netns)
    fd = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(fd, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TAP | IFF_NO_PI))
    return fd


class Direction:
    """Frames on their way from one end to the other."""

    def __init__(self, source, target, options, seed):
        self.source, self.target, self.options = source, target, options
        self.random = random.Random(seed)
        self.queue = collections.deque()
        self.line_free = 0.0        # when the last bit of the last frame is on the line
        self.last_due = 0.0

    def take(self, now):
        """Read every frame that waits at the source and decide when it arrives."""
        options = self.options
        while True:
            try:
                frame = os.read(self.source, 65536)
            except BlockingIOError:
                return
            if self.random.random() * 100 < options.loss:
                continue
            start = max(now, self.line_free)
            if start - now > options.queue / 1000:
                continue
            self.line_free = start + (len(frame) + FRAMING) * 8 / (options.rate * 1e6)
            delay = max(0.0, self.random.gauss(options.delay, options.jitter)) / 1000
            self.last_due = max(self.last_due, self.line_free + delay)
            self.queue.append((self.last_due, frame))

    def give(self, now):
        """Write every frame whose time has come."""
        while self.queue and self.queue[0][0] <= now:
            try:
                os.write(self.target, self.queue.popleft()[1])
            except OSError:
                pass                # the interface is down: a frame is lost, as on a wire

    def due(self):
        return self.queue[0][0] if self.queue else None


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--delay", type=float, default=15, help="one way, milliseconds")
    parser.add_argument("--jitter", type=float, default=0, help="standard deviation, milliseconds")
    parser.add_argument("--loss", type=float, default=0, help="percent of the frames")
    parser.add_argument("--rate", type=float, default=1000, help="Mbit/s")
    parser.add_argument("--queue", type=float, default=200, help="longest wait for the line, milliseconds")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("ends", nargs=4, metavar="NETNS-A IF-A NETNS-B IF-B")
    options = parser.parse_args()

    a = open_tap(*options.ends[0:2])
    b = open_tap(*options.ends[2:4])
    directions = {a: Direction(a, b, options, options.seed), b: Direction(b, a, options, options.seed + 1)}
    print("up", flush=True)
    while True:
        dues = [d.due() for d in directions.values() if d.queue]
        wait = max(0.0, min(dues) - time.monotonic()) if dues else None
        readable, _, _ = select.select([a, b], [], [], wait)
        now = time.monotonic()
        for fd in readable:
            directions[fd].take(now)
        for direction in directions.values():
            direction.give(time.monotonic())


if __name__ == "__main__":
    main()
