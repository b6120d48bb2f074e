"""Bytes below IP beside Ethernet, VLAN, MPLS and PPP: other link types, and what stands between Ethernet and IP.

Written from the formats' descriptions: https://www.tcpdump.org/linktypes.html, and what each class names.
"""

import struct
import zlib

from wire import ETHERNET, IPV4, IPV6, LINKS, MAC, Link, ethernet_frame, ppp_protocol

SNAP = b"\xaa\xaa\x03\0\0\0"


def checked(frame):
    """With its check sum behind it (IEEE 802.3, 3.2.9)."""
    return frame + struct.pack("<I", zlib.crc32(frame))


def snap(packet, ethertype):
    return SNAP + struct.pack(">H", ethertype) + packet


# ---- 802.11 ----

def wlan(packet, ethertype, kind=0x08, flags=0x01, fourth=False, qos=None, ht=False, aggregate=False, pad=0, sequence=0x1230,
         swapped=False):
    """A data frame (IEEE 802.11, 9.3.2.1): to an access point, or between two with a fourth address."""
    return wlan_frame(snap(packet, ethertype), kind, flags, fourth, qos, ht, aggregate, pad, sequence, swapped)


def a_msdu(packets, **how):
    """-> a frame that holds these (packet, ethertype), and the size of each one's part of it (IEEE 802.11, 9.3.2.2.2)."""
    parts = []
    for packet, ethertype in packets:
        body = snap(packet, ethertype)
        part = MAC[0] + MAC[1] + struct.pack(">H", len(body)) + body
        parts.append(part + b"\0" * (-len(part) % 4 if len(parts) < len(packets) - 1 else 0))
    return wlan_frame(b"".join(parts), qos=0x80, **how), [len(part) for part in parts]


def wlan_frame(body, kind=0x08, flags=0x01, fourth=False, qos=None, ht=False, aggregate=False, pad=0, sequence=0x1230, swapped=False):
    if aggregate:  # A-MSDU of one
        body = MAC[0] + MAC[1] + struct.pack(">H", len(body)) + body
        body += b"\0" * (-len(body) % 4)
    flags |= 0x03 if fourth else 0
    flags |= 0x80 if ht else 0
    kind |= 0x80 if qos is not None else 0
    control, order = bytes([kind, flags]), struct.pack("<H", sequence)
    if swapped:
        control, order = control[::-1], order[::-1]
    head = control + b"\x2c\0" + MAC[0] + MAC[1] + MAC[0] + order
    head += MAC[1] if fourth else b""
    head += struct.pack("<H", qos | (0x80 if aggregate else 0)) if qos is not None else b""
    head += b"\0\0\0\0" if ht else b""
    return head + b"\0" * pad + body


def radiotap(frame, flags=None, clock=False, extended=False):
    """Fields in the order of their bits, each aligned to its size; the header's own length at byte 2."""
    present = (1 if clock else 0) | (2 if flags is not None else 0) | (0x80000000 if extended else 0)
    head = struct.pack("<I", present) + (struct.pack("<I", 0x10) if extended else b"")
    if clock:
        head += b"\0" * (-(len(head) + 4) % 8) + struct.pack("<Q", 123456)
    if flags is not None:
        head += bytes([flags])
    return struct.pack("<BBH", 0, 0, len(head) + 4) + head + frame


def ppi(frame, dlt, fields=b""):
    return struct.pack("<BBHI", 0, 0, 8 + len(fields), dlt) + fields + frame


def pktap(frame, dlt):
    return struct.pack("<III", 108, 1, dlt) + b"en0\0" + bytes(108 - 16) + frame


# ---- others ----

def frame_relay(packet, ethertype, address=b"\x18\x41", way="nlpid"):
    """RFC 2427: control, protocol id; with way "snap" behind SNAP; with way "cisco" an ethertype alone."""
    if way == "cisco":
        return address + struct.pack(">H", ethertype) + packet
    if way == "snap":
        return address + b"\x03\0\x80\0\0\0" + struct.pack(">H", ethertype) + packet
    return address + b"\x03" + (b"\xcc" if ethertype == IPV4 else b"\x8e") + packet


def pflog(packet, ethertype):
    """61 bytes and three of padding, as OpenBSD wrote it for long."""
    return bytes([61, 2 if ethertype == IPV4 else 24, 0, 0]) + b"em0".ljust(16, b"\0") + bytes(44) + packet


LINKS.update({
    "token-ring": Link(6, lambda p, e: b"\x10\x40" + MAC[1] + MAC[0] + snap(p, e)),
    "token-ring-routed": Link(6, lambda p, e: b"\x10\x40" + MAC[1] + b"\x82" + MAC[0][1:] + b"\x06\0\0\x10\0\x20" + snap(p, e)),
    "arcnet-bsd": Link(7, lambda p, e: b"\x01\x02" + (b"\xd4" if e == IPV4 else b"\xc4") + b"\0\0\x07" + p),
    "arcnet-exception": Link(7, lambda p, e: b"\x01\x02" + (b"\xd4" if e == IPV4 else b"\xc4") + b"\xff\xff\xff" +
                             (b"\xd4" if e == IPV4 else b"\xc4") + b"\0\0\x07" + p),
    "arcnet-linux": Link(129, lambda p, e: b"\x01\x02\0\0" + (b"\xd4" if e == IPV4 else b"\xc4") + b"\0\0\x07" + p),
    "arcnet-linux-rfc1051": Link(129, lambda p, e: b"\x01\x02\0\0\xf0" + p),
    "fddi": Link(10, lambda p, e: b"\x50" + MAC[1] + MAC[0] + snap(p, e)),
    "atm-rfc1483": Link(100, snap),
    "frame-relay": Link(107, frame_relay),
    "frame-relay-3": Link(107, lambda p, e: frame_relay(p, e, b"\x18\x40\x41")),
    "frame-relay-4": Link(107, lambda p, e: frame_relay(p, e, b"\x18\x40\x40\x41")),
    "frame-relay-snap": Link(107, lambda p, e: frame_relay(p, e, way="snap")),
    "frame-relay-cisco": Link(107, lambda p, e: frame_relay(p, e, way="cisco")),
    "frame-relay-bridged": Link(107, lambda p, e: b"\x18\x41\x03\0\x80\0\x80\xc2\0\x07" + ethernet_frame(p, e)),
    "frame-relay-direction": Link(206, lambda p, e: b"\x01" + frame_relay(p, e)),
    "ppp-direction": Link(204, lambda p, e: b"\0\xff\x03" + struct.pack(">H", ppp_protocol(e)) + p),
    "c-hdlc-direction": Link(205, lambda p, e: b"\x01\x0f\0" + struct.pack(">H", e) + p),
    "slip": Link(8, lambda p, e: b"\x01" + bytes(15) + p),
    "ip-over-fc": Link(122, lambda p, e: b"\x10\0" + MAC[0] + b"\x10\0" + MAC[1] + snap(p, e)),
    "ieee1394": Link(138, lambda p, e: MAC[0] + b"\0\0" + MAC[1] + b"\0\0" + struct.pack(">H", e) + p),
    "ppp-pppd": Link(166, lambda p, e: b"\x01\x03" + struct.pack(">H", ppp_protocol(e)) + p),
    "netanalyzer": Link(240, lambda p, e: b"\0\x05\x40\0" + ethernet_frame(p, e) + b"\xde\xad\xbe\xef"),
    "netanalyzer-transparent": Link(241, lambda p, e: b"\0\x05\x40\0" + b"\x55" * 7 + b"\xd5" + ethernet_frame(p, e)),
    "mpacket": Link(274, lambda p, e: b"\x55" * 7 + b"\xd5" + checked(ethernet_frame(p, e))),
    "enc": Link(109, lambda p, e: struct.pack("<III", 2 if e == IPV4 else 24, 0x1001, 2) + p),
    "pflog": Link(117, pflog),
    "ipnet": Link(226, lambda p, e: struct.pack(">BBHIIIII", 1, 2 if e == IPV4 else 26, 0, len(p), 1, 0, 0, 0) + p),
    "ipoib": Link(242, lambda p, e: bytes(40) + struct.pack(">HH", e, 0) + p),
    "pktap": Link(258, lambda p, e: pktap(ethernet_frame(p, e), 1)),
    "pktap-raw": Link(258, lambda p, e: pktap(p, 12)),
    "pktap-149": Link(149, lambda p, e: pktap(ethernet_frame(p, e), 1)),
    "ppi-ethernet": Link(192, lambda p, e: ppi(ethernet_frame(p, e), 1)),
    "ppi-wlan": Link(192, lambda p, e: ppi(wlan(p, e), 105, struct.pack("<HH", 2, 20) + bytes(20))),
    "wlan": Link(105, wlan),
    "wlan-qos": Link(105, lambda p, e: wlan(p, e, qos=5)),
    "wlan-qos-ht": Link(105, lambda p, e: wlan(p, e, qos=5, ht=True)),
    "wlan-four-addresses": Link(105, lambda p, e: wlan(p, e, fourth=True, qos=0)),
    "wlan-a-msdu": Link(105, lambda p, e: wlan(p, e, qos=0, aggregate=True)),
    "radiotap": Link(127, lambda p, e: radiotap(wlan(p, e))),
    "radiotap-fields": Link(127, lambda p, e: radiotap(wlan(p, e) + b"\xde\xad\xbe\xef", flags=0x10, clock=True)),
    "radiotap-extended": Link(127, lambda p, e: radiotap(wlan(p, e, qos=1, pad=2), flags=0x20, clock=True, extended=True)),
    "prism": Link(119, lambda p, e: struct.pack(">II", 0x44, 144) + bytes(136) + wlan(p, e)),
    "prism-avs": Link(119, lambda p, e: struct.pack(">II", 0x80211001, 64) + bytes(56) + wlan(p, e)),
    "avs": Link(163, lambda p, e: struct.pack(">II", 0x80211002, 72) + bytes(64) + wlan(p, e)),
    "dsa": Link(284, lambda p, e: MAC[1] + MAC[0] + b"\x40\x18\0\0" + struct.pack(">H", e) + p),
    "edsa": Link(285, lambda p, e: MAC[1] + MAC[0] + b"\xda\xda\0\0\x40\x18\0\0" + struct.pack(">H", e) + p),
    "brcm": Link(281, lambda p, e: MAC[1] + MAC[0] + b"\0\0\0\x08" + struct.pack(">H", e) + p),
    "brcm-prepend": Link(282, lambda p, e: b"\0\0\0\x08" + ethernet_frame(p, e)),
})
# A tag of the switch's stands in the place of the frame's own: bit 29, and the id in the lowest 12.
LINKS["dsa-tagged"] = Link(284, lambda p, e: MAC[1] + MAC[0] + b"\x60\x18\x20\x64" + struct.pack(">H", e) + p)


# ---- between Ethernet and IP ----

class Tag:
    """An ethertype of its own, then fixed bytes, then the ethertype of what follows."""

    def __init__(self, own, between):
        self.own, self.between = own, between

    def wrap(self, packet, ethertype):
        return self.between + struct.pack(">H", ethertype) + packet, self.own


VN_TAG = Tag(0x8926, bytes.fromhex("80010002"))
E_TAG = Tag(0x893F, bytes.fromhex("00000001 0000"))  # IEEE 802.1BR, 7.5
CISCO_METADATA = Tag(0x8909, bytes.fromhex("0101 00010012"))  # version 1, 1 word: security group 18
HSR = Tag(0x892F, bytes.fromhex("003c 0007"))  # IEC 62439-3: path and size, sequence
ARISTA_64 = Tag(0xD28B, bytes.fromhex("0001 0010 5ceeed57 384f59c8"))
ARISTA_48 = Tag(0xD28B, bytes.fromhex("0001 0020 ed57 384f59c8"))


class Around:
    """An ethertype of its own, fixed bytes, then a whole frame."""

    def __init__(self, own, between):
        self.own, self.between = own, between

    def wrap(self, packet, ethertype):
        assert ethertype == ETHERNET
        return self.between + packet, self.own


FABRICPATH = Around(0x8903, bytes.fromhex("0120"))
BACKBONE = Around(0x88E7, bytes.fromhex("00000bb8"))  # IEEE 802.1Q, 9.7: service 3000
TRILL = Around(0x22F3, bytes.fromhex("0005 0001 0002"))  # RFC 6325: version 0, 5 hops
TRILL_OPTIONS = Around(0x22F3, bytes.fromhex("0045 0001 0002 01020304"))


class Nsh:
    """RFC 8300: version and length, kind of metadata, next protocol; path; metadata."""

    def __init__(self, metadata=16, kind=1):
        self.metadata, self.kind = metadata, kind

    def wrap(self, packet, ethertype):
        protocol = {IPV4: 1, IPV6: 2, ETHERNET: 3, 0x894F: 4, 0x8847: 5}[ethertype]
        words = (8 + self.metadata) // 4
        return struct.pack(">HBBI", 63 << 6 | words, self.kind, protocol, 0x000007FF) + bytes(self.metadata) + packet, 0x894F


class MacSec:
    """IEEE 802.1AE, 9.3: integrity without encryption; the check value of 16 bytes ends the frame."""

    def __init__(self, channel=True, encrypted=False):
        self.channel, self.encrypted = channel, encrypted

    def wrap(self, packet, ethertype):
        control = (0x20 if self.channel else 0) | (0x0C if self.encrypted else 0)
        body = struct.pack(">H", ethertype) + packet
        head = struct.pack(">BBI", control, len(body) if len(body) < 48 else 0, 7)
        return head + (MAC[0] + b"\0\1" if self.channel else b"") + body + bytes(range(16)), 0x88E5


