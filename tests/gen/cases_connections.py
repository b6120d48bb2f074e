"""Cases: where a connection begins and ends, and who began it, when packets are stored late, lost, or sent again.

RFC 9293: a SYN takes the number before the first byte (3.4); with the number that opened the connection it is that connection's;
with one outside of what was sent it opens another (3.10.7, and RFC 6191).
"""

from cases_link import A4, A6, B4, B6, C4
from scene import Scene
from wire import ICMP, UDP


def conversation(flow):
    """8 packets: 5 of the initiator, 3 of the responder, as far as the last FIN."""
    return flow.handshake().send(0, 100).send(1, 900).send(0, 0, flags="FA").send(1, 0, flags="FA").send(0, 0)


def stored_late():
    s = Scene("connection-syn-last")  # behind the last FIN
    conversation(s.flow(A4, 40001, B4, 80)).ends_with("fin")
    yield s.store(0, 8)
    s = Scene("connection-syn-late-and-again")  # and sent again before
    f = s.flow(A4, 40001, B4, 80)
    f.send(0, flags="S").send(0, flags="S", seq=1000, gap=1)
    f.send(1, flags="SA").send(0, 0).send(0, 100).send(1, 900)
    f.goodbye().ends_with("fin")
    s.store(0, 6)
    f.extra = {"retransmissions": [0, 0]}
    yield s.store(0, 6)
    s = Scene("connection-syn-in-next-capture")
    f = s.flow(A4, 40001, B4, 80)
    conversation(f).ends_with("fin")
    late = s.captures[0].pop(0)
    s.next_capture()
    s.flow(C4, 40001, B4, 5000, UDP).send(0, 10)
    s.captures[1].append(late)
    yield s
    s = Scene("connection-syn-second")  # the reply is stored first: it tells how far the initiator's numbers were
    conversation(s.flow(A4, 40001, B4, 80)).ends_with("fin")
    yield s.store(4, 0)
    s = Scene("connection-payload-first")  # the initiator's own payload is stored before its SYN
    f = s.flow(A4, 40001, B4, 80)
    conversation(f).ends_with("fin")
    f.extra = {"retransmissions": [0, 0]}
    yield s.store(3, 0)
    s = Scene("connection-second-payload-first")  # and that of the second segment before all; nothing is a retransmission
    f = s.flow(A4, 40001, B4, 80).handshake().send(0, 100).send(0, 70000 % 1400).send(1, 10)
    f.goodbye().ends_with("fin")
    f.extra = {"retransmissions": [0, 0]}
    yield s.store(4, 0)
    s = Scene("connection-syn-ack-first")
    conversation(s.flow(A4, 40001, B4, 80)).ends_with("fin")
    yield s.store(1, 0)
    s = Scene("connection-reset-first")  # refused, stored in the wrong order
    s.flow(A4, 40001, B4, 80).send(0, flags="S").send(1, flags="RA").ends_with("rst")
    yield s.store(1, 0)
    s = Scene("connection-fin-first")  # FIN stored before the payload
    f = s.flow(A4, 40001, B4, 80)
    conversation(f).ends_with("fin")
    f.extra = {"retransmissions": [0, 0]}
    yield s.store(5, 3)
    s = Scene("connection-reply-first")  # no SYN to go by: who sent the earliest packet
    f = s.flow(A4, 40001, B4, 53, UDP).send(0, 30).send(1, 90)
    s.store(1, 0)
    yield s
    s = Scene("connection-echo-reply-first")
    s.flow(A4, None, B4, None, ICMP).send(0, 56, icmp=(8, 0)).send(1, 56, icmp=(0, 0))
    yield s.store(1, 0)
    s = Scene("connection-middle-reply-first")  # TCP, joined in the middle
    s.flow(A6, 40001, B6, 80).send(0, 30).send(1, 90).send(0, 0)
    yield s.store(1, 0)
    s = Scene("connection-syn-decides")  # the responder's packet is the earliest by time stamp, and still no initiator
    f = s.flow(A4, 40001, B4, 80)
    f.lose(0, flags="S")
    f.send(1, flags="SA").send(0, 0)
    f.send(0, flags="S", seq=1000).send(0, 10)
    yield s
    s = Scene("connection-one-way", options=["--unidirectional"])
    conversation(s.flow(A4, 40001, B4, 80)).ends_with("fin")
    yield s.store(0, 8)
    s = Scene("connection-wrap")  # the SYN has the last number there is, and is stored late
    f = s.flow(A4, 40001, B4, 80)
    f.seq = [0xFFFFFFFF, 0xFFFFFFF0]
    f.send(0, flags="S")
    f.seq[0] = 0
    f.send(1, flags="SA").send(0, 0).send(0, 100).send(1, 10)
    f.seq[1] &= 0xFFFFFFFF
    f.goodbye().ends_with("fin")
    f.extra = {"retransmissions": [0, 0]}
    yield s.store(0, 5)


def refused():
    s = Scene("refused-same-number")  # one attempt, asked again
    f = s.flow(A4, 40001, B4, 80)
    for _ in range(3):
        f.seq = [1000, 0]
        f.send(0, flags="S", seq=1000)
        f.seq[0] = 1001
        f.send(1, 0, flags="RA", seq=0)
        s.wait(1)
    f.ends_with("rst")
    yield s
    s = Scene("refused-new-numbers")  # three attempts
    f = s.flow(A4, 40001, B4, 80)
    for n in range(3):
        f.seq = [1000 + n * 900000, 0]
        f.send(0, flags="S").send(1, 0, flags="RA", seq=0).ends_with("rst")
        s.wait(1)
    yield s
    s = Scene("refused-then-accepted")
    f = s.flow(A4, 40001, B4, 80)
    f.send(0, flags="S").send(1, 0, flags="RA", seq=0)
    s.wait(1)
    f.seq[0] = 1000
    f.handshake().send(0, 10)
    s.wait(7000)  # an established connection again: 7,440 s
    f.send(1, 20)
    yield s


def again():
    """More than one connection on the same ports."""
    s = Scene("reuse-no-close")
    f = s.flow(A4, 40001, B4, 80).handshake().send(0, 100).send(1, 900)
    s.wait(60)
    f.ends_with("reused")
    f.seq = [9000000, 77]
    conversation(f).ends_with("fin")
    yield s
    s = Scene("reuse-lower-number")  # numbers are compared by their difference
    f = s.flow(A4, 40001, B4, 80)
    f.seq = [3000000000, 5]
    f.handshake().send(0, 100).send(1, 900)
    s.wait(60)
    f.ends_with("reused")
    f.seq = [7, 77]
    conversation(f).ends_with("fin")
    yield s
    s = Scene("reuse-half-closed")
    f = s.flow(A4, 40001, B4, 80).handshake().send(0, 10).send(0, 0, flags="FA").send(1, 0)
    s.wait(5)
    f.ends_with("fin")
    f.seq = [9000000, 77]
    f.handshake().send(1, 5)
    yield s
    s = Scene("reuse-within-a-millisecond")
    f = s.flow(A4, 40001, B4, 80)
    conversation(f).ends_with("fin")
    f.seq = [9000000, 77]
    f.send(0, flags="S", gap=0.0001)
    f.send(1, flags="SA").send(0, 0).send(0, 3)
    yield s
    s = Scene("reuse-one-direction")  # asymmetric routing: only the initiator's packets, a FIN each
    f = s.flow(A4, 40001, B4, 80)
    for n in range(2):
        f.seq = [1000 + n * 500000, 5000000 + n * 1000]
        f.send(0, flags="S").lose(1, flags="SA").send(0, 0).send(0, 100).lose(1, 900).send(0, 0)
        f.send(0, 0, flags="FA").lose(1, flags="FA").send(0, 0)
        s.wait(30)
        f.ends_with("eof" if n else "fin")
    yield s
    s = Scene("reuse-one-direction-no-close")
    f = s.flow(A4, 40001, B4, 80)
    for n in range(2):
        f.seq = [1000 + n * 500000, 5000000 + n * 1000]
        f.send(0, flags="S").lose(1, flags="SA").send(0, 0).send(0, 100)
        s.wait(30)
        f.ends_with("eof" if n else "reused")
    yield s
    s = Scene("reuse-other-direction")  # only the responder's
    f = s.flow(A4, 40001, B4, 80)
    for n in range(2):
        f.seq = [1000 + n * 500000, 5000000 + n * 1000000]
        f.lose(0, flags="S").send(1, flags="SA").lose(0).lose(0, 100).send(1, 0).send(1, 900)
        f.lose(0, flags="FA").send(1, 0, flags="FA").lose(0)
        s.wait(30)
        f.ends_with("eof" if n else "fin")
    yield s
    for name, flags, reason in (("ack", "A", "reused"), ("fin", "FA", "fin"), ("reset", "RA", "rst")):
        s = Scene("reuse-leftover-" + name)  # the responder's last word of a connection that began before the capture
        f = s.flow(B4, 80, A4, 40001)
        f.seq = [4000000, 800000000]
        f.send(0, 0, flags=flags).ends_with(reason)
        s.wait(20)
        conversation(s.flow(A4, 40001, B4, 80)).ends_with("fin")
        yield s
    s = Scene("reuse-leftover-payload")  # the initiator's own
    f = s.flow(A4, 40001, B4, 80)
    f.seq = [700000000, 800000000]
    f.send(0, 50).send(1, 0).ends_with("reused")
    s.wait(20)
    f.seq = [1000, 5000000]
    conversation(f).ends_with("fin")
    yield s
    s = Scene("reuse-turned")  # the other end opens the second one
    f = s.flow(A4, 40001, B4, 40002).handshake().send(0, 100)
    s.wait(60)
    f.ends_with("reused")
    g = s.flow(B4, 40002, A4, 40001)
    g.seq = [900000000, 4]
    conversation(g).ends_with("fin")
    yield s


def one_connection():
    """What looks like more than one, and is not."""
    s = Scene("syn-again")
    f = s.flow(A4, 40001, B4, 80).send(0, flags="S")
    s.wait(1)
    f.send(0, flags="S", seq=1000)
    s.wait(2)
    f.send(0, flags="S", seq=1000).send(1, flags="SA").send(0, 0).send(0, 100)
    f.extra = {"retransmissions": [0, 0]}
    yield s
    s = Scene("syn-ack-again")
    f = s.flow(A4, 40001, B4, 80).send(0, flags="S").send(1, flags="SA")
    s.wait(1)
    f.send(1, flags="SA", seq=5000000).send(0, 0).send(0, 100).send(1, 10)
    f.extra = {"retransmissions": [0, 0]}
    yield s
    s = Scene("syn-ack-other-number")  # SYN cookies (RFC 4987): another number each time, for the same SYN
    f = s.flow(A4, 40001, B4, 80).send(0, flags="S").send(1, flags="SA", seq=123)
    s.wait(1)
    f.send(1, flags="SA").send(0, 0).send(0, 100).send(1, 10)
    yield s
    s = Scene("syn-payload")  # RFC 7413: payload in the SYN, which the SYN-ACK acknowledges
    f = s.flow(A4, 40001, B4, 80).send(0, 200, flags="S").send(1, flags="SA").send(0, 0).send(0, 10)
    f.goodbye().ends_with("fin")
    f.extra = {"retransmissions": [0, 0]}
    yield s
    s = Scene("syn-payload-late")
    f = s.flow(A4, 40001, B4, 80).send(0, 200, flags="S").send(1, flags="SA").send(0, 0).send(0, 10)
    f.goodbye().ends_with("fin")
    f.extra = {"retransmissions": [0, 0]}
    yield s.store(0, 5)
    s = Scene("syn-payload-again")
    f = s.flow(A4, 40001, B4, 80).send(0, 200, flags="S").send(0, 200, flags="S", seq=1000).send(1, flags="SA").send(0, 0)
    f.extra = {"retransmissions": [1, 0]}
    yield s
    s = Scene("simultaneous-open")  # RFC 9293, figure 7
    f = s.flow(A4, 40001, B4, 40002).send(0, flags="S").send(1, 0, flags="S")
    f.send(0, flags="SA", seq=1000).send(1, flags="SA", seq=5000000).send(0, 10).send(1, 20)
    yield s
    s = Scene("payload-after-reset")
    f = s.flow(A4, 40001, B4, 80).handshake().send(0, 100).send(0, 0, flags="R").send(1, 900).send(1, 900)
    f.ends_with("rst")
    yield s
    s = Scene("every-packet-twice")  # a capture of "any" sees forwarded packets on each interface
    f = s.flow(A4, 40001, B4, 80)
    sizes = ((0, 0, "S"), (1, 0, "SA"), (0, 0, "A"), (0, 100, "A"), (1, 900, "A"), (0, 0, "FA"), (1, 0, "FA"), (0, 0, "A"))
    for side, size, flags in sizes:
        seq = f.seq[side]
        f.send(side, size, flags=flags, gap=0.00001).send(side, size, flags=flags, seq=seq)
    f.extra = {"retransmissions": [1, 1]}
    f.ends_with("fin")
    yield s
    s = Scene("begins-in-the-middle")  # and nothing before its first packet is one that was seen
    f = s.flow(A4, 40001, B4, 80)
    f.seq = [70000, 90000]
    f.send(0, 100, seq=70100).send(0, 100).send(1, 10)
    f.seq[0] += 100
    f.send(0, 100, seq=70000).send(0, 5)
    f.extra = {"retransmissions": [1, 0]}
    yield s


def keep_alives():
    def idle(s, sides=(0, 1)):
        f = s.flow(A4, 40001, B4, 22)
        for side, size, flags in ((0, 0, "S"), (1, 0, "SA"), (0, 0, "A"), (0, 40, "A"), (1, 60, "A"), (0, 0, "A")):
            (f.send if side in sides else f.lose)(side, size, flags=flags)
        return f

    def ask(s, f, sides, size):
        s.wait(90)
        f.send(0, size, seq=f.seq[0] - 1)
        if 1 in sides:
            f.send(1, 0)

    for name, sides in (("both", (0, 1)), ("one-direction", (0,))):
        s = Scene("keep-alive-" + name, options=["--skip-retransmissions"])
        f = idle(s, sides)
        for size in (0, 1, 1, 1):
            ask(s, f, sides, size)
        f.send(0, 30)
        f.extra = {"retransmissions": [0, 0]}
        yield s
    s = Scene("keep-alive-responder", options=["--skip-retransmissions"])
    f = idle(s).send(0, 0)
    s.wait(90)
    f.send(1, 1, seq=f.seq[1] - 1).send(0, 0)
    f.extra = {"retransmissions": [0, 0]}
    yield s
    s = Scene("one-byte-again")  # a key that was pressed, lost, and sent again: nobody has acknowledged it
    f = idle(s).send(0, 1)
    f.send(0, 1, seq=f.seq[0] - 1).send(1, 0)
    f.extra = {"retransmissions": [1, 0]}
    yield s


def clocks():
    """Times that go back: the flows are those of the packets in the order of their times, where no time-out came between."""
    s = Scene("clock-back-an-hour")
    for n in range(2):  # the same ports, an hour apart by their time stamps: two flows
        f = s.flow(A4, 40001, B4, 5000, UDP)
        s.now += (1 - n) * 3600 * 10**9 - n * 10**9
        f.send(0, 10).send(1, 20, gap=1)
        s.now -= (1 - n) * 3600 * 10**9
        f.ends_with("idle" if n else "eof")
    yield s
    s = Scene("clock-back-and-on")  # the hour passes again, and the first flow goes on
    f, g = s.flow(A4, 40001, B4, 5000, UDP), s.flow(B4, 5000, A4, 40001, UDP)
    s.wait(3600)
    f.send(0, 10)
    s.wait(-3590)
    g.send(0, 20).send(1, 30).ends_with("idle")
    s.wait(3595)
    f.send(1, 40)
    yield s
    s = Scene("clock-overlap")  # a capture behind one that is longer
    s.flow(A4, 41000, B4, 5000, UDP).send(0, 10, gap=10000).ends_with("idle")
    s.flow(A4, 41001, B4, 5000, UDP).send(0, 10, gap=-9900)
    f = s.flow(A4, 42000, B4, 5000, UDP)
    for _ in range(3):
        f.send(0, 20, gap=4000).ends_with("idle")
    yield s
    s = Scene("clock-one-damaged")  # one time of ten years later: a flow of its own, and the others go on
    f = s.flow(A4, 40001, B4, 5000, UDP).send(0, 10)
    s.now += 3650 * 86400 * 10**9
    s.flow(A4, 40001, B4, 5000, UDP).send(0, 20)
    s.now -= 3650 * 86400 * 10**9
    f.send(1, 30).send(0, 40)
    yield s


def cases():
    for group in (stored_late, refused, again, one_connection, keep_alives, clocks):
        yield from group()
