"""Cases: packets that were put together by the host, and what was on the wire in their place.

The maximum segment size that an end announces is what the other one may send as payload, less what TCP's own options take
(RFC 9293, 3.7.1; RFC 6691); without it an Ethernet frame's 1,500 bytes of IP are the measure.
"""

import struct

from cases_link import A4, A6, B4, B6
from scene import Scene
from wire import UDP

STAMPS = b"\x01\x01\x08\x0a" + bytes(8)  # 12 bytes in every segment (RFC 7323, appendix A)


def mss(size, before=b"", after=b""):
    return before + b"\x02\x04" + struct.pack("!H", size) + after


def opened(flow, client, server, stamps=b""):
    """The handshake; the second announcement comes behind other options."""
    flow.send(0, flags="S", options=mss(client, after=stamps))
    return flow.send(1, flags="SA", options=mss(server, b"\x01\x03\x03\x07", stamps)).send(0, 0, options=stamps)


def cut(size, full):
    """Full segments, and one with the rest."""
    return [full] * (size // full) + ([size % full] if size % full else [])


def cases():
    for option in ([], ["--resegment"]):
        end = "-cut" if option else ""

        def one(name, **more):
            return Scene("segments-" + name + end, options=option, **more)

        def sizes(size, full):
            return cut(size, full) if option else None

        for version, (a, b), full in (("ipv4", (A4, B4), 1460), ("ipv6", (A6, B6), 1440)):
            s = one(version)
            f = opened(s.flow(a, 40001, b, 80), full, full)
            f.send(0, full).send(1, full)                    # what fits is no matter
            f.send(1, 10 * full, segments=sizes(10 * full, full)).send(0, 0)
            f.send(1, full + 1, segments=sizes(full + 1, full)).send(0, 30000, segments=sizes(30000, full)).send(1, 0)
            f.extra = {"oversized": 3, "retransmissions": [0, 0]}
            yield s
        s = one("stamps")  # 12 bytes less
        f = opened(s.flow(A4, 40001, B4, 80), 1460, 1460, STAMPS)
        f.send(1, 1448, options=STAMPS).send(1, 14480 + 7, options=STAMPS, segments=sizes(14487, 1448)).send(0, 0, options=STAMPS)
        f.send(1, 1449, options=STAMPS, segments=sizes(1449, 1448))
        f.extra = {"oversized": 2}
        yield s
        s = one("stamps-ipv6")
        f = opened(s.flow(A6, 40001, B6, 80), 1440, 1440, STAMPS)
        f.send(1, 1428, options=STAMPS).send(1, 20000, options=STAMPS, segments=sizes(20000, 1428))
        f.extra = {"oversized": 1}
        yield s
        s = one("jumbo")  # frames of 9,000 bytes are what this link has
        f = opened(s.flow(A4, 40001, B4, 80), 8960, 8960)
        f.send(1, 8960).send(1, 8960).send(1, 30000, segments=sizes(30000, 8960))
        f.extra = {"oversized": 1}
        yield s
        s = one("smaller-link")  # one end has the smaller link: both keep to it
        f = opened(s.flow(A4, 40001, B4, 80), 1360, 1460)
        f.send(1, 1360).send(1, 5000, segments=sizes(5000, 1360)).send(0, 1360).send(0, 5000, segments=sizes(5000, 1360))
        f.extra = {"oversized": 2}
        yield s
        s = one("syn-only")  # the other direction was not captured
        f = s.flow(A4, 40001, B4, 80).send(0, flags="S", options=mss(1380)).lose(1, flags="SA")
        f.send(0, 0).send(0, 1380).send(0, 2800, segments=sizes(2800, 1380))
        f.extra = {"oversized": 1}
        yield s
        s = one("middle")  # no SYN: by Ethernet's measure
        f = s.flow(A4, 40001, B4, 80).send(0, 10).send(1, 1460).send(1, 4000, segments=sizes(4000, 1460))
        f.extra = {"oversized": 1}
        yield s
        s = one("silly")  # sizes that nobody means, and options that lie, are not believed
        for port, options in ((40001, mss(0)), (40002, mss(63)), (40003, b"\x02\x00\x02\x04"), (40004, b"\x03\xff\x02\x04"),
                              (40005, b"\x00\x02\x04\x01"), (40006, b"\x01\x01\x01\x02")):
            f = s.flow(A4, port, B4, 80).send(0, flags="S", options=options).send(0, 1460).send(0, 3000, segments=sizes(3000, 1460))
            f.extra = {"oversized": 1}
        yield s
        s = one("again")  # each of the segments was sent again
        f = opened(s.flow(A4, 40001, B4, 80), 1460, 1460).send(1, 4380, segments=sizes(4380, 1460))
        f.send(1, 4380, seq=f.seq[1] - 4380, segments=sizes(4380, 1460))
        f.extra = {"oversized": 2, "retransmissions": [0, 3 if option else 1]}
        yield s
        s = one("udp")  # cannot be told from the outside
        f = s.flow(A4, 40001, B4, 443, UDP).send(0, 1472).send(1, 1473).send(1, 12000)
        f.extra = {"oversized": 2}
        yield s
        s = one("vlan", link="ethernet")  # a tag makes a frame longer, not its packet
        f = s.flow(A4, 40001, B4, 443, UDP).send(0, 1472, trailer=b"\0" * 8)
        f.extra = {"oversized": 0}
        yield s
        s = one("fragments")  # each is no larger than the link
        f = s.flow(A4, 40001, B4, 5000, UDP)
        f.send_fragments(0, 4000, [1480, 2960])
        f.extra = {"oversized": 0}
        yield s
    s = Scene("segments-one-way", options=["--resegment", "--unidirectional"])
    f = opened(s.flow(A4, 40001, B4, 80), 1460, 1460).send(1, 4380, segments=[1460] * 3).send(0, 0)
    assert f
    yield s
