"""Captures read without libpcap: pcap and pcapng, and as much of each packet as the oracles need.

Written for the tests from the formats' descriptions, so that it shares nothing with what it helps to check. It opens no
tunnels and joins no fragments.
"""

import gzip
import ipaddress
import struct


class Packet:
    """One frame: bytes as captured, length on the wire, time in nanoseconds, link type."""

    def __init__(self, linktype, time_ns, data, wirelen):
        self.linktype, self.time_ns, self.bytes, self.wirelen = linktype, time_ns, data, wirelen


def read(path):
    """Yields the packets of a capture; stops where it breaks off."""
    with open(path, "rb") as f:
        data = f.read()
    if data[:2] == b"\x1f\x8b":
        data = gzip.decompress(data)
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        yield from _pcapng(data)
    else:
        yield from _pcap(data)


def _pcap(data):
    magics = {0xA1B2C3D4: 1000, 0xA1B23C4D: 1}
    order = "<" if struct.unpack("<I", data[:4])[0] in magics else ">"
    scale = magics[struct.unpack(order + "I", data[:4])[0]]
    linktype = struct.unpack(order + "I", data[20:24])[0] & 0xFFFF
    at = 24
    while at + 16 <= len(data):
        seconds, fraction, caplen, wirelen = struct.unpack(order + "IIII", data[at:at + 16])
        at += 16
        if at + caplen > len(data):
            return
        yield Packet(linktype, seconds * 10**9 + fraction * scale, data[at:at + caplen], wirelen)
        at += caplen


def _pcapng(data):
    order, at, interfaces = "<", 0, []
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, size = struct.unpack(order + "II", data[at:at + 8])
        if size < 12 or at + size > len(data):
            return
        body = data[at + 8:at + size - 4]
        if kind == 1:
            linktype, _, snaplen = struct.unpack(order + "HHI", body[:8])
            interfaces.append((linktype, snaplen, _resolution(body[8:], order)))
        elif kind == 6:
            number, high, low, caplen, wirelen = struct.unpack(order + "IIIII", body[:20])
            linktype, _, units = interfaces[number]
            yield Packet(linktype, (high << 32 | low) * 10**9 // units, body[20:20 + caplen], wirelen)
        elif kind == 3:
            wirelen = struct.unpack(order + "I", body[:4])[0]
            linktype, snaplen, _ = interfaces[0]
            caplen = min(wirelen, snaplen or wirelen, len(body) - 4)
            yield Packet(linktype, 0, body[4:4 + caplen], wirelen)
        at += size


def _resolution(options, order):
    """Units per second of an interface's time stamps (option 9)."""
    at = 0
    while at + 4 <= len(options):
        code, size = struct.unpack(order + "HH", options[at:at + 4])
        if code == 9:
            value = options[at + 4]
            return 2 ** (value & 0x7F) if value & 0x80 else 10 ** value
        if code == 0:
            break
        at += 4 + (size + 3 & ~3)
    return 10 ** 6


def network_layer(packet):
    """-> (VLAN id or 0, offset of the IP header) or None when the frame holds none."""
    data, kind = packet.bytes, packet.linktype
    vlan = 0
    if kind in (101, 12, 14, 228, 229):
        return 0, 0
    if kind in (0, 108):
        return 0, 4
    if kind in (9, 50):
        start = 2 if data[:2] == b"\xff\x03" else 0
        return (0, start + 2) if data[start:start + 2] in (b"\0\x21", b"\0\x57") else None
    at = {1: 12, 113: 14, 104: 2}.get(kind)
    if kind == 276:
        return (0, 20) if data[:2] in (b"\x08\0", b"\x86\xdd") else None
    if at is None:
        return None
    while data[at:at + 2] in (b"\x81\0", b"\x88\xa8", b"\x91\0"):
        if len(data) < at + 6:
            return None
        vlan = vlan or struct.unpack(">H", data[at + 2:at + 4])[0] & 0xFFF
        at += 4
    if data[at:at + 2] == b"\x88\x64" and data[at + 8:at + 10] in (b"\0\x21", b"\0\x57"):
        return vlan, at + 10
    return (vlan, at + 2) if data[at:at + 2] in (b"\x08\0", b"\x86\xdd") else None


class Ip:
    """The outermost IP packet of a frame."""

    def __init__(self, vlan, data):
        self.vlan, self.version = vlan, data[0] >> 4
        self.fragment_offset, self.more, self.ident = 0, False, 0
        self.data = data
        if self.version == 4:
            self.header = 4 * (data[0] & 15)
            self.length, self.ident, fragment = struct.unpack(">HHH", data[2:8])
            self.fragment_offset, self.more = (fragment & 0x1FFF) * 8, bool(fragment & 0x2000)
            self.protocol = data[9]
            self.source, self.destination = data[12:16], data[16:20]
        else:
            self.header, self.length = 40, 40 + struct.unpack(">H", data[4:6])[0]
            self.protocol = data[6]
            self.source, self.destination = data[8:24], data[24:40]
            while self.protocol in (0, 43, 44, 51, 60) and len(data) >= self.header + 8:
                following, size = data[self.header], data[self.header + 1]
                if self.protocol == 44:
                    offset = struct.unpack(">H", data[self.header + 2:self.header + 4])[0]
                    self.fragment_offset, self.more = offset & 0xFFF8, bool(offset & 1)
                    self.ident = struct.unpack(">I", data[self.header + 4:self.header + 8])[0]
                    self.header += 8
                elif self.protocol == 51:
                    self.header += 4 * (size + 2)
                else:
                    self.header += 8 * (size + 1)
                self.protocol = following
        self.sport = self.dport = 0
        if self.protocol in (6, 17, 132) and not self.fragment_offset and len(data) >= self.header + 4:
            self.sport, self.dport = struct.unpack(">HH", data[self.header:self.header + 4])

    @property
    def whole(self):
        """Whether the capture holds all of the packet."""
        return len(self.data) >= self.length

    def ends(self):
        return (str(ipaddress.ip_address(self.source)), self.sport), (str(ipaddress.ip_address(self.destination)), self.dport)


def ip(packet):
    """The outermost IP packet, or None."""
    found = network_layer(packet)
    if not found:
        return None
    vlan, at = found
    data = packet.bytes[at:]
    if len(data) < 20 or data[0] >> 4 not in (4, 6) or (data[0] >> 4 == 6 and len(data) < 40):
        return None
    if data[0] >> 4 == 4 and (data[0] & 15) < 5:
        return None
    return Ip(vlan, data)
