"""Cases: TLS records followed through TCP streams, whole, cut, repeated, out of order, with holes."""

import struct

from cases_link import A4, A6, B4, B6
from scene import Scene

CCS, ALERT, HANDSHAKE, DATA = 20, 21, 22, 23


def record(kind, length):
    """A record of `length` bytes after its header. The content never looks like a record header."""
    return struct.pack(">BHH", kind, 0x0303, length) + bytes(0xA0 | (i & 0x0F) for i in range(length))


class Stream:
    """One direction's bytes, sent in pieces; the records that the receiver can find are noted by the caller."""

    def __init__(self, flow, side):
        self.flow, self.side, self.bytes, self.sent = flow, side, b"", 0
        self.first = flow.seq[side]

    def add(self, kind, length, seen=True):
        self.bytes += record(kind, length)
        if seen:
            self.flow.tls(self.side, kind, length)
        return self

    def segment(self, size=None, at=None, cut=None):
        """Sends the next bytes, or those at an offset; cut: payload bytes that the capture holds."""
        offset = self.sent if at is None else at
        piece = self.bytes[offset:] if size is None else self.bytes[offset:offset + size]
        self.flow.send(self.side, payload=piece, seq=self.first + offset, flags="PA",
                       cut=None if cut is None else 14 + 20 + 20 + cut)
        self.sent = max(self.sent, offset + len(piece))
        self.flow.seq[self.side] = self.first + self.sent
        return self

    def lose(self, size):
        """Bytes that the capture lacks."""
        self.sent += size
        self.flow.seq[self.side] = self.first + self.sent
        return self


def connection(name, hosts=(A4, B4), **more):
    s = Scene("tls-" + name, layers=["tls", "tls-data", "ip"], **more)
    f = s.flow(hosts[0], 40001, hosts[1], 443).handshake()
    return s, f, Stream(f, 0), Stream(f, 1)


def cases():
    s, f, a, b = connection("whole")
    a.add(HANDSHAKE, 512).segment()
    b.add(HANDSHAKE, 90).add(CCS, 1).add(DATA, 36).segment()
    a.add(CCS, 1).add(DATA, 53).segment()
    b.add(DATA, 255).segment().add(ALERT, 2).segment()
    yield s

    s, f, a, b = connection("ipv6", (A6, B6))
    a.add(HANDSHAKE, 512).segment()
    b.add(HANDSHAKE, 90).add(DATA, 1000).segment()
    yield s

    s, f, a, b = connection("across")  # records longer than segments, and headers cut in all ways
    a.add(HANDSHAKE, 512).segment(200).segment()
    b.add(HANDSHAKE, 4000).add(DATA, 16401).segment(1460)
    for _ in range(13):
        b.segment(1460)
    b.segment()
    for first in (1, 2, 3, 4, 5):
        b.add(DATA, 100 + first).segment(first).segment()
    b.add(DATA, 700)
    for _ in range(6):
        b.segment(1)
    b.segment()
    b.add(DATA, 0).segment().add(DATA, 33).segment()  # empty records are records
    yield s

    s, f, a, b = connection("together")  # one segment ends in the middle of the next record's header
    a.add(HANDSHAKE, 100).add(DATA, 50).add(DATA, 60).segment(105 + 55 + 3).segment(2).segment()
    yield s

    s, f, a, b = connection("repeated")  # segments that come twice, whole and in part, count once
    a.add(HANDSHAKE, 512).segment().segment(at=0)
    b.add(HANDSHAKE, 90).segment().add(DATA, 1000).segment(500).segment(500, at=95).segment(300, at=95 + 100).segment()
    b.add(DATA, 64).segment(at=95 + 1005 - 200)  # the end of the last record again, and a new one
    yield s

    s, f, a, b = connection("cut")  # the capture holds the first bytes of each segment only
    a.add(HANDSHAKE, 512).segment(cut=20)
    b.add(HANDSHAKE, 1000).segment(cut=20).add(DATA, 3000).segment(1460, cut=20).segment(1460, cut=20).segment(cut=20)
    b.add(DATA, 77).segment(cut=5)
    yield s

    s, f, a, b = connection("swapped")  # a segment that comes after its successor has no place any more, and costs no other
    a.add(HANDSHAKE, 512).segment()
    b.add(HANDSHAKE, 90).segment()
    start = b.sent
    b.add(DATA, 300, seen=False).add(DATA, 400)
    b.segment(405, at=start + 305).segment(305, at=start)
    b.add(DATA, 500).segment()
    f.extra = {"tls_lost": {"at_least": 305, "at_most": 305}}
    yield s

    s, f, a, b = connection("hole")  # what follows a hole is found again at the next segment that begins with a record
    a.add(HANDSHAKE, 512).segment()
    b.add(HANDSHAKE, 90).segment()
    b.add(DATA, 3000, seen=False).lose(1460).segment(1000).segment()  # its header is in the hole: its end has no place
    b.add(DATA, 200).segment().add(DATA, 300).segment()
    f.extra = {"tls_lost": {"at_least": 3005 - 1460, "at_most": 3005}}
    yield s

    s, f, a, b = connection("hole-inside")  # a hole inside one record's body: its header was seen, so its end is known
    a.add(HANDSHAKE, 512).segment()
    b.add(HANDSHAKE, 90).segment()
    b.add(DATA, 5000).segment(1460).lose(1460).segment(1460).segment()
    b.add(DATA, 200).segment()
    yield s

    s, f, a, b = connection("late")  # the capture begins in the middle of a record
    b.add(DATA, 2000, seen=False).lose(1000).segment()
    b.add(DATA, 100).segment().add(DATA, 200).segment()
    f.extra = {"tls_lost": {"at_least": 1005, "at_most": 2005}}
    yield s

    s, f, a, b = connection("not-tls")
    f.send(0, payload=b"GET / HTTP/1.1\r\nHost: example.org\r\n\r\n").send(1, payload=b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 900)
    yield s
