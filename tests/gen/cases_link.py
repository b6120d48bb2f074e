"""Cases: file formats, link types, what is not IP, what is cut or contradicts itself."""

import struct

import wire
from capture import FORMATS
from scene import Scene
from wire import TCP, UDP, Vlan

A4, B4, C4 = "192.0.2.1", "198.51.100.2", "203.0.113.3"
A6, B6 = "2001:db8::1", "2001:db8:1::2"


def talk(flow):
    """A small TCP connection, opened and closed, with lengths in several bins."""
    flow.handshake().send(0, 100).send(1, 1400).send(1, 1460).send(0, 0).send(0, 12).send(1, 1)
    return flow.goodbye().ends_with("fin")


def ask(flow):
    """A few datagrams."""
    return flow.send(0, 33).send(1, 512).send(0, 0).send(1, 1472 - 8)


def formats():
    for name in FORMATS:
        s = Scene("format-" + name.replace(".", "-"), format=name)
        talk(s.flow(A4, 40001, B4, 80))
        ask(s.flow(A6, 40002, B6, 5000, UDP))
        yield s
    s = Scene("nanoseconds", format="pcap-nano")
    s.now += 123456789
    s.flow(A4, 40001, B4, 5000, UDP).send(0, 1, gap=0.000000001).send(1, 2, gap=0.000000345).send(0, 3)
    yield s
    s = Scene("empty")  # a capture without packets is not an error
    yield s


def links():
    for name in ("raw", "raw-12", "raw-14", "null-le", "null-be", "null-freebsd", "null-darwin", "null-netbsd", "loop", "ppp", "ppp-bare",
                 "ppp-hdlc", "c-hdlc", "sll", "sll2", "pppoe", "nflog"):
        s = Scene("link-" + name, link=name)
        talk(s.flow(A4, 40001, B4, 80))
        ask(s.flow(A6, 40002, B6, 5000, UDP))
        yield s
    s = Scene("link-ipv4", link="ipv4")
    talk(s.flow(A4, 40001, B4, 80))
    yield s
    s = Scene("link-ipv6", link="ipv6")
    talk(s.flow(A6, 40001, B6, 80))
    yield s
    for name in ("sll", "sll2"):  # Linux puts the tag behind the cooked header
        s = Scene("link-%s-vlan" % name, link=name)
        talk(s.flow(A4, 40001, B4, 80, encap=[Vlan(7)]))
        yield s
    s = Scene("link-ppp-mpls", link="ppp")
    talk(s.flow(A4, 40001, B4, 80, encap=[wire.Mpls(16, 17)]))
    yield s


def not_ip():
    s = Scene("not-ip")
    talk(s.flow(A4, 40001, B4, 80))
    arp = struct.pack(">HHBBH", 1, 0x0800, 6, 4, 1) + bytes(20)
    s.put(wire.ethernet_frame(arp, wire.ARP), "not-ip")
    s.put(wire.ethernet_frame(bytes(40), 0x88CC), "not-ip")          # LLDP
    s.put(wire.ethernet_frame(b"\x42\x42\x03" + bytes(35), 38), "not-ip")  # spanning tree: a length, then LLC
    packet, kind = Vlan(5).wrap(arp, wire.ARP)
    s.put(wire.ethernet_frame(packet, kind), "not-ip")
    packet, kind = wire.Pppoe().wrap(b"\x01\x01\x00\x04", 0x880B)    # LCP in a PPPoE session
    s.put(wire.ethernet_frame(packet, kind), "not-ip")
    s.put(wire.ethernet_frame(b"\x11\x09\0\0\0\0", 0x8863), "not-ip")  # PPPoE discovery
    yield s
    for name, frame in (("c-hdlc", b"\x8f\0\x80\x35" + bytes(18)), ("ppp", b"\xff\x03\xc0\x21\x01\x01\0\x04"),
                        ("null-le", struct.pack("<I", 7) + bytes(20)),
                        ("sll", struct.pack(">HHH8sH", 0, 1, 6, bytes(8), wire.ARP) + arp)):
        s = Scene("not-ip-" + name, link=name)
        ask(s.flow(A4, 40001, B4, 5000, UDP))
        s.put(frame, "not-ip")
        yield s


def padding():
    """Ethernet pads to 60 bytes, and drivers leave trailers: neither is part of the IP packet."""
    s = Scene("padding")
    f = s.flow(A4, 40001, B4, 80)
    f.handshake()                          # 54-byte frames, padded to 60
    f.send(0, 1).send(1, 6)                # 55 and 60 bytes
    f.send(0, 100, trailer=b"\xde\xad\xbe\xef" * 4)
    f.send(1, 0, trailer=b"GET / HTTP/1.1\r\n\r\n" * 4)
    u = s.flow(A6, 1, B6, 2, UDP)
    u.send(0, 0).send(1, 0, trailer=bytes(100))
    yield s
    s = Scene("padding-vlan", encap=[Vlan(3)])
    s.flow(A4, 40001, B4, 80).handshake().send(0, 1, trailer=b"\xff" * 9)
    yield s


def cuts():
    """A short snapshot length changes no length: headers are believed."""
    s = Scene("snaplen")
    f = s.flow(A4, 40001, B4, 80)
    for size in (0, 10, 100, 1000, 1460):
        f.send(0, size, cut=14 + 20 + 20).send(1, size, cut=14 + 20 + 20 + 5)
    g = s.flow(A6, 40001, B6, 80, UDP)
    for size in (0, 10, 100, 1000, 1452):
        g.send(0, size, cut=14 + 40 + 8).send(1, size, cut=14 + 40 + 8 + 1)
    s.flow(A4, None, B4, None, wire.ICMP).send(0, 1000, cut=14 + 20 + 8).send(1, 1000, icmp=(0, 0), cut=14 + 20 + 8)
    yield s
    s = Scene("truncated")  # not enough to tell the flow
    f = s.flow(A4, 40001, B4, 80)
    f.send(0, 100)
    for cut in (0, 5, 13, 14, 20, 33, 34, 37):
        f.send(0, 100, cut=cut, verdict="truncated", advance=False)
    f.send(1, 50)
    g = s.flow(A6, 40002, B6, 80, UDP)
    for cut in (14, 53, 54, 57):
        g.send(0, 100, cut=cut, verdict="truncated")
    g.send(0, 100)
    yield s
    s = Scene("truncated-vlan", encap=[Vlan(9)])
    f = s.flow(A4, 40001, B4, 80).send(0, 100)
    for cut in (15, 17, 18, 30):
        f.send(0, 100, cut=cut, verdict="truncated", advance=False)
    yield s


def malformed():
    s = Scene("malformed")
    f = s.flow(A4, 40001, B4, 80).send(0, 10)
    good = wire.ipv4(A4, B4, TCP, wire.tcp(A4, 40001, B4, 80, 1, 1, "A", b"x" * 40))
    for bad in (b"\x55" + good[1:],                       # IP version 5
                b"\x44" + good[1:],                       # a header of 16 bytes
                good[:2] + b"\0\x0a" + good[4:],          # total length below the header's
                b"\x65" + good[1:]):                      # version 6 under the ethertype of IPv4
        s.put(wire.ethernet_frame(bad, wire.IPV4), "malformed")
    f.send(1, 10)
    yield s
    s = Scene("segmentation-offload")  # total length 0: the packet was too long for the field, or not filled in yet
    f = s.flow(A4, 40001, B4, 80)
    f.send(0, 30000, ip={"total": 0}).send(1, 200).send(1, 65000 - 40, ip={"total": 0})
    yield s


def cases():
    for group in (formats, links, not_ip, padding, cuts, malformed):
        yield from group()
