"""Cases: when flows begin and end, who began them, retransmissions, several captures."""

import wire
from cases_link import A4, A6, B4, B6, C4, ask, talk
from scene import Scene
from wire import ICMP, TCP, UDP


def initiators():
    s = Scene("initiator-syn-ack")  # the capture began after the SYN: its sender is who gets the SYN-ACK
    f = s.flow(A4, 40001, B4, 80)
    f.seq[0] += 1
    f.send(1, 0, flags="SA").send(0, 0).send(0, 100).send(1, 900)
    yield s
    s = Scene("initiator-middle")  # neither SYN nor SYN-ACK: the first packet's sender
    f = s.flow(B4, 80, A4, 40001)
    f.send(0, 100).send(1, 0).send(0, 200)
    yield s
    s = Scene("initiator-high")  # ends are told by who began, not by address or port
    s.flow("198.51.100.200", 80, "192.0.2.1", 40000).handshake().send(0, 5)
    s.flow("192.0.2.1", 1, "198.51.100.200", 65535).handshake().send(0, 5)
    s.flow(B6, 9, A6, 9, UDP).send(0, 1).send(1, 2)
    yield s


def ends():
    s = Scene("end-fin")
    f = s.flow(A4, 40001, B4, 80).handshake().send(0, 10)
    f.send(1, 100, flags="FPA").send(0, 0).send(0, 0, flags="FA").send(1, 0)
    f.send(1, 0, gap=0.01).send(0, 0)  # trailing ACKs still belong to it
    f.ends_with("fin")
    g = s.flow(A4, 40002, B4, 80).handshake().send(0, 0, flags="FA").send(1, 0).send(1, 700)  # closed on one side only
    assert g
    yield s
    s = Scene("end-rst")
    s.flow(A4, 40001, B4, 80).handshake().send(0, 10).send(1, 0, flags="RA").ends_with("rst")
    f = s.flow(A4, 40002, B4, 80).send(0, 0, flags="S").send(1, 0, flags="RA")  # refused
    f.ends_with("rst")
    g = s.flow(A4, 40003, B4, 80).handshake().send(0, 0, flags="R").send(1, 1000).send(0, 0, flags="R")
    g.ends_with("rst")  # what was under way still counts
    yield s
    s = Scene("port-reuse")  # a new SYN on the key of a closed flow
    f = s.flow(A4, 40001, B4, 80)
    talk(f)
    s.wait(2)
    f.seq = [7000000, 8000000]
    talk(f)
    s.wait(2)
    f.handshake().send(0, 3).send(0, 0, flags="R").ends_with("rst")
    s.wait(1)
    f.handshake().send(0, 4)
    yield s
    s = Scene("port-reuse-no-expiry", options=["--no-expiry"])
    f = s.flow(A4, 40001, B4, 80)
    for _ in range(3):
        f.handshake().send(0, 100).send(1, 1400).goodbye()
        s.wait(100000)
    f.part.end_reason = "fin"  # it was closed, though the input ended it
    ask(s.flow(A4, 40001, B4, 80, UDP))
    yield s


def timeouts():
    """Each class, a little before and a little after its time."""
    s = Scene("timeout-tcp")
    f = s.flow(A4, 40001, B4, 80).handshake().send(0, 10)
    s.wait(7430)
    f.send(0, 20)
    s.wait(7450)
    f.ends_with("idle").send(0, 30)
    yield s
    s = Scene("timeout-tcp-middle")  # no handshake was seen, but both sides talk
    f = s.flow(A4, 40001, B4, 80).send(0, 10).send(1, 10)
    s.wait(7430)
    f.send(0, 20)
    yield s
    s = Scene("timeout-tcp-opening")
    f = s.flow(A4, 40001, B4, 80).send(0, 0, flags="S")
    s.wait(235)
    f.send(0, 0, flags="S", seq=1000)
    s.wait(245)
    f.ends_with("idle").send(0, 0, flags="S", seq=1000)
    yield s
    s = Scene("timeout-tcp-closing")  # closing begins with the second FIN (RFC 5382); a half-closed connection is established
    f = s.flow(A4, 40001, B4, 80).handshake().send(0, 10).goodbye()
    g = s.flow(A4, 40002, B4, 80).handshake().send(0, 10).send(0, 0, flags="FA").send(1, 0)
    s.wait(235)
    f.send(1, 0)
    s.wait(245)
    f.ends_with("fin").send(0, 0)
    g.send(1, 1000)
    yield s
    for name, protocol, seconds in (("udp", UDP, 300), ("icmp", ICMP, 60), ("other", 89, 300)):
        s = Scene("timeout-" + name)
        port = (40001, 5000) if protocol == UDP else (None, None)
        f = s.flow(A4, port[0], B4, port[1], protocol).send(0, 10)
        s.wait(seconds - 2)
        f.send(0, 20)
        s.wait(seconds - 2)
        f.send(0, 30)
        s.wait(seconds + 2)
        f.ends_with("idle").send(0, 40)
        yield s
    s = Scene("timeout-clock")  # time passes with the packets of others, too; and with packets that are not IP
    f = s.flow(A4, 40001, B4, 5000, UDP).send(0, 10)
    g = s.flow(C4, 40001, B4, 5000, UDP)
    for _ in range(4):
        s.wait(100)
        g.send(0, 1)
    f.ends_with("idle")
    s.flow(B4, 5000, A4, 40001, UDP).send(0, 99)  # an answer after the time-out: its sender begins a new flow
    yield s
    s = Scene("timeout-option", options=["--idle-timeout", "10s"])
    f = s.flow(A4, 40001, B4, 5000, UDP).send(0, 10)
    g = s.flow(A4, 40001, B4, 80).handshake()
    s.wait(9)
    f.send(0, 11)
    g.send(0, 11)
    s.wait(11)
    f.ends_with("idle").send(0, 12)
    g.ends_with("idle").send(0, 12)
    yield s
    s = Scene("timeout-none", options=["--no-expiry"])
    f = s.flow(A4, 40001, B4, 5000, UDP)
    for _ in range(5):
        f.send(0, 10)
        s.wait(1000000)
    yield s
    s = Scene("timeout-active", options=["--active-timeout", "35"])
    f = s.flow(A4, 40001, B4, 5000, UDP)
    for i in range(10):  # at 0, 10, 20, ... 90 s: cut when a packet would make the record longer than 35 s
        f.send(i % 2, 10 + i, gap=10)
        if i % 4 == 3:
            f.ends_with("active")
    yield s
    s = Scene("timeout-backwards")  # a clock that steps back ends nothing; whose packet is the earliest by it began the flow
    f = s.flow(B4, 5000, A4, 40001, UDP).send(1, 10)
    g = s.flow(C4, 40001, B4, 5000, UDP).send(0, 10)
    s.wait(-5)
    f.send(0, 20)
    s.wait(6)
    g.send(1, 20)
    yield s


def eviction():
    s = Scene("eviction", options=["--max-flows", "3"])
    a, b, c, d, e = (s.flow(A4, 40000 + i, B4, 5000, UDP) for i in range(5))
    a.send(0, 1), b.send(0, 2), c.send(0, 3), a.send(1, 4)
    b.ends_with("evicted")  # idle for longest when d comes
    d.send(0, 5)
    c.ends_with("evicted")
    e.send(0, 6)
    a.send(0, 7)
    yield s
    s = Scene("eviction-classes", options=["--max-flows", "3"])  # longest idle over all classes of time-out
    t = s.flow(A4, 40000, B4, 80).handshake()
    u = s.flow(A4, 40001, B4, 5000, UDP).send(0, 1)
    i = s.flow(A4, None, B4, None, ICMP).send(0, 8)
    t.ends_with("evicted")
    v = s.flow(A4, 40002, B4, 5000, UDP).send(0, 1)
    u.ends_with("evicted")
    w = s.flow(A4, 40003, B4, 80).send(0, 0, flags="S")
    assert i and v and w
    yield s
    s = Scene("eviction-many", options=["--max-flows", "1"])
    flows = [s.flow(A4, 40000 + n, B4, 5000, UDP) for n in range(50)]
    for f in flows:
        f.send(0, f.ends[0][1] - 40000)
        if f is not flows[-1]:
            f.ends_with("evicted")
    for f in flows[:-1]:
        flows[-1].part and flows[-1].ends_with("evicted")
        f.send(0, 1000)
        if f is not flows[-2]:
            f.ends_with("evicted")
    yield s


def vectors():
    def conversation(s, measure_empty=True, measure_again=True):
        f = s.flow(A4, 40001, B4, 80)
        f.send(0, 0, flags="S", measured=measure_empty).send(1, 0, flags="SA", measured=measure_empty)
        f.send(0, 0, measured=measure_empty)
        f.send(0, 500)
        f.send(0, 500, seq=1001, measured=measure_again)             # all of it again
        f.send(1, 1000)
        f.send(0, 0, measured=measure_empty)
        f.send(1, 400, seq=5000001 + 100, measured=measure_again)    # a part of it again, nothing new
        f.send(1, 600, seq=5000001 + 900, advance=False)             # 100 bytes again, 500 new ones
        f.seq[1] += 500
        f.send(0, 0, measured=measure_empty)
        f.send(0, 0, measured=measure_empty)                         # a repeated ACK carries nothing: no retransmission
        f.extra = {"retransmissions": [1, 1]}
        return f

    s = Scene("retransmissions")
    conversation(s)
    yield s
    s = Scene("retransmissions-skipped", options=["--skip-retransmissions"])
    conversation(s, measure_again=False)
    yield s
    s = Scene("empty-skipped", options=["--skip-empty"])
    conversation(s, measure_empty=False)
    yield s
    for layer, measured in (("ip", True), ("payload", False)):  # later fragments carry payload, but its length is not told apart
        s = Scene("empty-skipped-fragments-" + layer, options=["--skip-empty"], layers=[layer])
        f = s.flow(A4, 40001, B4, 5000, UDP).send(0, 0, measured=False)
        f.send_fragments(0, 4000, [1480, 2960], later_measured=measured)
        s.flow(A4, None, B4, None, 89).send(0, 44, measured=measured)
        yield s
    s = Scene("sequence-wraps")  # sequence numbers pass 2^32 in the middle: nothing of it is a retransmission
    f = s.flow(A4, 40001, B4, 80)
    f.seq = [0xFFFFFC00, 0xFFFFFFF0]
    f.handshake()
    for _ in range(5):
        f.send(0, 500).send(1, 100)
    f.extra = {"retransmissions": [0, 0]}
    yield s
    s = Scene("reordered")  # a segment that comes late is new: what was not seen before is no retransmission
    f = s.flow(A4, 40001, B4, 80).handshake()
    f.send(0, 100).send(0, 100, seq=1001 + 200, advance=False).send(0, 100, seq=1001 + 100, advance=False)
    f.seq[0] += 200
    f.send(0, 100).send(0, 100, seq=1001 + 100, advance=False)  # and the same again is one
    f.extra = {"retransmissions": [1, 0]}
    yield s
    s = Scene("unidirectional", options=["--unidirectional"])
    talk(s.flow(A4, 40001, B4, 80))
    ask(s.flow(A6, 40002, B6, 5000, UDP))
    s.flow(A4, 40003, B4, 5000, UDP).send(0, 9)  # one direction only: one record
    yield s
    s = Scene("every-bin")  # both edges of every bin, and far beyond the last
    f = s.flow(A4, 40001, B4, 5000, UDP)
    for n in range(1, 48):
        for length in (32 * n, 32 * n + 31):
            f.send((n + 1) % 2, length - 28)
    f.send(0, 1504 - 28).send(0, 9000 - 28).send(1, 65535 - 28).send(1, 1503 - 28)
    yield s
    s = Scene("shape", options=["--bin-width", "100", "--bins", "5"])
    f = s.flow(A4, 40001, B4, 5000, UDP)
    for length in (28, 99, 100, 399, 400, 499, 500, 60000):
        f.send(0, length - 28)
    yield s


def captures():
    def spread(s):
        f = s.flow(A4, 40001, B4, 80).handshake().send(0, 10)
        g = s.flow(A6, 40002, B6, 5000, UDP).send(0, 10)
        s.next_capture()
        f.send(1, 1400)
        h = s.flow(A4, 40003, B4, 5000, UDP).send(0, 20)
        s.next_capture()
        g.send(1, 300)
        h.send(1, 30)
        f.goodbye().ends_with("fin")
        return s

    yield spread(Scene("captures-two"))
    s = spread(Scene("captures-reverse"))  # named last to first; time order rules
    s.operands = "reverse"
    yield s
    s = spread(Scene("captures-directory"))
    s.operands = "directory"
    s.file_names = ["cap.pcap9", "cap.pcap10", "another.pcap"]  # neither order of names is the order of time
    yield s
    s = Scene("captures-idle")  # time goes on between captures
    f = s.flow(A4, 40001, B4, 5000, UDP).send(0, 10)
    s.next_capture()
    s.wait(400)
    f.ends_with("idle").send(0, 20)
    yield s
    s = Scene("captures-fragments")  # the first fragment in one capture, the others in the next
    f = s.flow(A4, 40001, B4, 5000, UDP)
    f.send_fragments(0, 3000, [1480, 2960], missing=(1, 2))
    s.next_capture()
    f.send_fragments(0, 3000, [1480, 2960], missing=(0,))
    yield s


def cases():
    for group in (initiators, ends, timeouts, eviction, vectors, captures):
        yield from group()
    assert TCP == wire.TCP
