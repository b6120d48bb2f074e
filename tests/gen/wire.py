"""Bytes on the wire: headers, and the encapsulations that wrap a packet.

Knows formats only; what is counted where is the matter of scene.py. Every
encapsulation is an object with wrap(packet, ethertype) -> (packet, ethertype);
ETHERNET as the ethertype means that the packet is a whole Ethernet frame.
"""

import ipaddress
import struct

IPV4, IPV6, ARP = 0x0800, 0x86DD, 0x0806
ETHERNET = 0x6558  # transparent Ethernet bridging, as GRE names it
ICMP, IPIP, TCP, UDP, IPV6_IN_IP, ROUTING, FRAGMENT, GRE, ESP, AH, ICMPV6, NO_NEXT, DESTOPTS, SCTP = (
    1, 4, 6, 17, 41, 43, 44, 47, 50, 51, 58, 59, 60, 132)
HOPBYHOP, DCCP, UDPLITE = 0, 33, 136
WITH_PORTS = TCP, UDP, DCCP, SCTP, UDPLITE

FLAGS = {"F": 0x01, "S": 0x02, "R": 0x04, "P": 0x08, "A": 0x10, "U": 0x20, "E": 0x40, "C": 0x80}


def address(text):
    return ipaddress.ip_address(text).packed


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(">%dH" % (len(data) // 2), data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def is_v6(text):
    return ":" in text


def pseudo(source, destination, protocol, size):
    if is_v6(source):
        return address(source) + address(destination) + struct.pack(">II", size, protocol)
    return address(source) + address(destination) + struct.pack(">HH", protocol, size)


# ---- transport ----

def tcp(source, sport, destination, dport, seq, ack, flags, payload, options=b""):
    options += b"\0" * (-len(options) % 4)
    bits = sum(FLAGS[f] for f in flags)
    head = struct.pack(">HHIIBBHHH", sport, dport, seq & 0xFFFFFFFF, ack & 0xFFFFFFFF,
                       (5 + len(options) // 4) << 4, bits, 65535, 0, 0) + options
    sum_ = checksum(pseudo(source, destination, TCP, len(head) + len(payload)) + head + payload)
    return head[:16] + struct.pack(">H", sum_) + head[18:] + payload


def udp(source, sport, destination, dport, payload):
    head = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0)
    sum_ = checksum(pseudo(source, destination, UDP, len(head) + len(payload)) + head + payload) or 0xFFFF
    return head[:6] + struct.pack(">H", sum_) + payload


def icmp(source, destination, type_, code, payload):
    v6 = is_v6(source)
    body = struct.pack(">BBHHH", type_, code, 0, 0x1234, 1) + payload
    sum_ = checksum((pseudo(source, destination, ICMPV6, len(body)) if v6 else b"") + body)
    return body[:2] + struct.pack(">H", sum_) + body[4:]


def sctp(sport, dport, payload):
    return struct.pack(">HHII", sport, dport, 0x11223344, 0) + payload


# ---- IP ----

def udplite(source, sport, destination, dport, payload):
    """The field of UDP's length tells how much the checksum covers (RFC 3828, 3.1); 0: all of it."""
    head = struct.pack(">HHHH", sport, dport, 0, 0)
    sum_ = checksum(pseudo(source, destination, UDPLITE, 8 + len(payload)) + head + payload)
    return head[:6] + struct.pack(">H", sum_ or 0xFFFF) + payload


def dccp(sport, dport, payload):
    """A DCCP-Data packet with a long sequence number (RFC 4340, 5.1): data offset 4 words, X = 1, type 2."""
    return struct.pack(">HHBBHBBHL", sport, dport, 4, 0, 0, 2 << 1 | 1, 0, 0, 7) + payload


def ipv4(source, destination, protocol, body, ident=0, more=False, offset=0, options=b"", total=None, dont=False,
         authentication=0):
    """offset in bytes; total overrides the total length field (0 as in captures of segmentation offload); authentication:
    the size of an authentication header before the body."""
    if authentication:
        protocol, body = AH, extension(AH, protocol, authentication) + body
    options += b"\x01" * (-len(options) % 4)
    ihl = 5 + len(options) // 4
    length = 4 * ihl + len(body) if total is None else total
    fragment = (0x2000 if more else 0) | (0x4000 if dont else 0) | offset // 8
    head = struct.pack(">BBHHHBBH", 0x40 | ihl, 0, length, ident, fragment, 64, protocol, 0)
    head += address(source) + address(destination) + options
    return head[:10] + struct.pack(">H", checksum(head)) + head[12:] + body


def extension(kind, next_header, size=8, offset=0, more=False, ident=0):
    """One IPv6 extension header (RFC 8200; AH: RFC 4302)."""
    if kind == FRAGMENT:
        return struct.pack(">BBHI", next_header, 0, offset // 8 << 3 | (1 if more else 0), ident)
    if kind == AH:
        return struct.pack(">BBHII", next_header, size // 4 - 2, 0, 1, 1) + b"\0" * (size - 12)
    if kind == ROUTING:
        return struct.pack(">BBBB", next_header, size // 8 - 1, 4, 0) + b"\0" * (size - 4)
    # Hop-by-hop and destination options: one PadN option fills the header.
    return struct.pack(">BBBB", next_header, size // 8 - 1, 1, size - 4) + b"\0" * (size - 4)


def ipv6(source, destination, protocol, body, extensions=(), length=None):
    """extensions: tuples of extension()'s arguments without next_header, in order: (kind, size, offset, more, ident)"""
    first = protocol
    for kind, *rest in reversed(extensions):
        body = extension(kind, first, *rest) + body
        first = kind
    return (struct.pack(">IHBB", 0x60000000, len(body) if length is None else length, first, 64)
            + address(source) + address(destination) + body)


def ip(source, destination, protocol, body, **more):
    return (ipv6 if is_v6(source) else ipv4)(source, destination, protocol, body, **more)


def ethertype_of(source):
    return IPV6 if is_v6(source) else IPV4


# ---- link layers: wrap(packet, ethertype) -> frame ----

MAC = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")


def ethernet_frame(packet, ethertype, pad=60, filler=b"\0"):
    frame = MAC[1] + MAC[0] + struct.pack(">H", ethertype) + packet
    return frame + filler * max(0, pad - len(frame))


def ppp_protocol(ethertype):
    return {IPV4: 0x0021, IPV6: 0x0057, 0x8847: 0x0281, 0x880B: 0xC021}[ethertype]


class Link:
    """A link type: its number in capture files, and how it frames a packet."""

    def __init__(self, number, frame):
        self.number, self.frame = number, frame


def _null(order, v6=10):
    return lambda packet, ethertype: struct.pack(order + "I", 2 if ethertype == IPV4 else v6) + packet


def nflog_frame(packet, ethertype):
    """Attributes as netlink has them, here in little-endian order: a prefix, then the packet."""
    def attribute(kind, value):
        return struct.pack("<HH", 4 + len(value), kind) + value + b"\0" * (-len(value) % 4)
    return struct.pack(">BBH", 2 if ethertype == IPV4 else 10, 0, 5) + attribute(10, b"drop: \0") + attribute(9, packet)


LINKS = {
    "pppoe": Link(51, lambda p, e: Pppoe().wrap(p, e)[0]),
    "nflog": Link(239, nflog_frame),
    "ethernet": Link(1, ethernet_frame),
    "raw": Link(101, lambda p, e: p),
    "raw-12": Link(12, lambda p, e: p),    # DLT_RAW on most systems, seen in old files
    "raw-14": Link(14, lambda p, e: p),    # DLT_RAW on OpenBSD
    "ipv4": Link(228, lambda p, e: p),
    "ipv6": Link(229, lambda p, e: p),
    "null-le": Link(0, _null("<")),
    "null-be": Link(0, _null(">")),
    "null-freebsd": Link(0, _null("<", 28)),
    "null-darwin": Link(0, _null("<", 30)),
    "null-netbsd": Link(0, _null("<", 24)),
    "loop": Link(108, _null(">", 24)),
    "ppp": Link(9, lambda p, e: b"\xff\x03" + struct.pack(">H", ppp_protocol(e)) + p),
    "ppp-bare": Link(9, lambda p, e: struct.pack(">H", ppp_protocol(e)) + p),
    "ppp-hdlc": Link(50, lambda p, e: b"\xff\x03" + struct.pack(">H", ppp_protocol(e)) + p),
    "c-hdlc": Link(104, lambda p, e: b"\x0f\x00" + struct.pack(">H", e) + p),
    "sll": Link(113, lambda p, e: struct.pack(">HHH8sH", 0, 1, 6, MAC[0] + b"\0\0", e) + p),
    "sll2": Link(276, lambda p, e: struct.pack(">HHIHBB8s", e, 0, 2, 1, 0, 6, MAC[0] + b"\0\0") + p),
    "user0": Link(147, lambda p, e: p),    # private use: nobody can know what is in it
}


# ---- encapsulations, outermost first in lists ----

class Vlan:
    def __init__(self, vid, tpid=0x8100, priority=0):
        self.tci, self.tpid = priority << 13 | vid, tpid
        self.vid = vid

    def wrap(self, packet, ethertype):
        return struct.pack(">HH", self.tci, ethertype) + packet, self.tpid


class Mpls:
    """A stack of labels (RFC 3032); what is inside shows by its first nibble only."""

    def __init__(self, *labels):
        self.labels = labels

    def wrap(self, packet, ethertype):
        stack = b"".join(struct.pack(">I", label << 12 | (0x100 if i == len(self.labels) - 1 else 0) | 64)
                         for i, label in enumerate(self.labels))
        return stack + packet, 0x8847


class MplsEthernet(Mpls):
    """An Ethernet pseudowire (RFC 4448), with its control word."""

    def wrap(self, packet, ethertype):
        assert ethertype == ETHERNET
        return super().wrap(b"\0\0\0\1" + packet, ethertype)


class Pppoe:
    """RFC 2516, session stage."""

    def wrap(self, packet, ethertype):
        body = struct.pack(">H", ppp_protocol(ethertype)) + packet
        return struct.pack(">BBHH", 0x11, 0, 7, len(body)) + body, 0x8864


class Snap:
    """IEEE 802.2 with SNAP (RFC 1042): a length in place of the ethertype."""

    def wrap(self, packet, ethertype):
        body = b"\xaa\xaa\x03\0\0\0" + struct.pack(">H", ethertype) + packet
        return body, len(body)


class Tunnel:
    """Base of what rides on an outer IP header of its own. name: as distribooze.tunnel tells it."""

    name = None

    def __init__(self, source, destination, fragment_at=None, **options):
        self.source, self.destination, self.options = source, destination, options
        self.fragment_at = fragment_at  # cut the outer packet there: wrap_fragments() yields the pieces

    def inside(self, packet, ethertype):
        """-> (protocol of the outer IP header, its body)"""
        raise NotImplementedError

    def wrap(self, packet, ethertype):
        protocol, body = self.inside(packet, ethertype)
        return ip(self.source, self.destination, protocol, body), ethertype_of(self.source)

    def wrap_fragments(self, packet, ethertype, ident=77):
        protocol, body = self.inside(packet, ethertype)
        at = self.fragment_at
        return [(ipv4(self.source, self.destination, protocol, body[:at], ident=ident, more=True), IPV4),
                (ipv4(self.source, self.destination, protocol, body[at:], ident=ident, offset=at), IPV4)]


class IpInIp(Tunnel):
    def inside(self, packet, ethertype):
        return (IPIP if ethertype == IPV4 else IPV6_IN_IP), packet

    def name_for(self, ethertype):
        return {(IPV4, False): "ipip", (IPV6, False): "6in4", (IPV4, True): "4in6", (IPV6, True): "6in6"}[
            ethertype, is_v6(self.source)]


class Gre(Tunnel):
    """RFC 2784 and 2890: options checksum, key, sequence."""

    name = "gre"

    def inside(self, packet, ethertype):
        key, seq, check = (self.options.get(k) for k in ("key", "sequence", "checksum"))
        flags = (0x8000 if check else 0) | (0x2000 if key is not None else 0) | (0x1000 if seq is not None else 0)
        head = struct.pack(">HH", flags, ethertype)
        head += b"\0\0\0\0" if check else b""
        head += struct.pack(">I", key) if key is not None else b""
        head += struct.pack(">I", seq) if seq is not None else b""
        if check:
            head = head[:4] + struct.pack(">H", checksum(head + packet)) + head[6:]
        return GRE, head + packet


class Erspan(Tunnel):
    """Mirrored Ethernet frames in GRE (draft-foschiano-erspan): type 1 without, type 2 with a header of its own."""

    name = "gre"

    def inside(self, packet, ethertype):
        assert ethertype == ETHERNET
        if self.options.get("type") == 1:
            return GRE, struct.pack(">HH", 0, 0x88BE) + packet
        return GRE, struct.pack(">HHI", 0x1000, 0x88BE, 5) + struct.pack(">HHI", 0x1007, 0x0801, 3) + packet


class Pptp(Tunnel):
    """GRE version 1 (RFC 2637), with PPP inside."""

    name = "gre"

    def inside(self, packet, ethertype):
        body = b"\xff\x03" + struct.pack(">H", ppp_protocol(ethertype)) + packet
        ack = self.options.get("acknowledgement")
        head = struct.pack(">HHHHI", 0x3001 | (0x80 if ack is not None else 0), 0x880B, len(body), 9, 77)
        return GRE, head + (struct.pack(">I", ack) if ack is not None else b"") + body


class UdpTunnel(Tunnel):
    port = None

    def inside(self, packet, ethertype):
        return UDP, udp(self.source, self.options.get("sport", 50000), self.destination,
                        self.options.get("dport", self.port), self.header(packet, ethertype) + packet)


class Vxlan(UdpTunnel):
    """RFC 7348; takes Ethernet frames."""

    name, port = "vxlan", 4789

    def header(self, packet, ethertype):
        assert ethertype == ETHERNET
        return struct.pack(">II", 0x08000000, self.options.get("vni", 5) << 8)


class Geneve(UdpTunnel):
    """RFC 8926; any ethertype."""

    name, port = "geneve", 6081

    def header(self, packet, ethertype):
        options = self.options.get("tlv", b"")
        return struct.pack(">BBHI", len(options) // 4, 0, ethertype, 9 << 8) + options


class Gtpu(UdpTunnel):
    """3GPP TS 29.281, G-PDU; optional sequence number and extension header (0x85: PDU session container)."""

    name, port = "gtp-u", 2152

    def header(self, packet, ethertype):
        flags, extra = 0x30, b""
        if self.options.get("sequence") is not None or self.options.get("extension"):
            kind = 0x85 if self.options.get("extension") else 0
            flags |= (2 if self.options.get("sequence") is not None else 0) | (4 if kind else 0)
            extra = struct.pack(">HBB", self.options.get("sequence") or 0, 0, kind)
            if kind:
                extra += bytes([1, 0x10, 0x09, 0])  # length in units of 4 bytes, content, no next extension
        return struct.pack(">BBHI", flags, 255, len(extra) + len(packet), 1) + extra


class Teredo(UdpTunnel):
    """RFC 4380; optional authentication and origin indications before the IPv6 packet."""

    name, port = "teredo", 3544

    def header(self, packet, ethertype):
        assert ethertype == IPV6
        head = b""
        if self.options.get("authentication"):
            head += struct.pack(">HBB", 1, 0, 0) + b"\x11" * 8 + b"\0"
        if self.options.get("origin"):
            head += struct.pack(">HHI", 0, 0x1234 ^ 0xFFFF, 0x01020304 ^ 0xFFFFFFFF)
        return head


class InnerEthernet:
    """The Ethernet header of a frame carried in a tunnel; inner frames are not padded."""

    def wrap(self, packet, ethertype):
        return ethernet_frame(packet, ethertype, pad=0), ETHERNET
