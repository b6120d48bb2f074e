"""Tunnels beside those of wire.py. Written from the documents that each class names."""

import struct

import wire
from wire import ETHERNET, GRE, IPV4, IPV6, Tunnel, UdpTunnel, ppp_protocol
from wire_below import wlan

ETHERIP, PIM, L2TP, MPLS_IN_IP, ETHERNET_IN_IP = 97, 103, 115, 137, 143


class VxlanGpe(UdpTunnel):
    """draft-ietf-nvo3-vxlan-gpe: flags I and P, the protocol in what VXLAN reserves."""

    name, port = "vxlan", 4790

    def header(self, packet, ethertype):
        protocol = {IPV4: 1, IPV6: 2, ETHERNET: 3, 0x894F: 4, 0x8847: 5}[ethertype]
        return struct.pack(">II", 0x0C000000 | protocol, 7 << 8)


class VxlanReserved(UdpTunnel):
    """RFC 7348, section 5: all that is reserved is set, and must not matter."""

    name, port = "vxlan", 4789

    def header(self, packet, ethertype):
        assert ethertype == ETHERNET
        return struct.pack(">II", 0xFBFFFFFF, 7 << 8 | 0xFF)


class L2tp2(UdpTunnel):
    """RFC 2661, section 3.1; options: length, sequence, offset, address (of PPP)."""

    name, port = "l2tp", 1701

    def header(self, packet, ethertype):
        o = self.options
        flags = 2 | (0x4000 if o.get("length") else 0) | (0x0800 if o.get("sequence") else 0) | (0x0200 if o.get("offset") else 0)
        body = struct.pack(">HH", 17, o.get("session", 99))
        body += struct.pack(">HH", 5, 0) if o.get("sequence") else b""
        body += struct.pack(">H", o["offset"]) + bytes(o["offset"]) if o.get("offset") else b""
        body += (b"\xff\x03" if o.get("address") else b"") + struct.pack(">H", ppp_protocol(ethertype))
        length = struct.pack(">H", 4 + len(body) + len(packet)) if o.get("length") else b""
        return struct.pack(">H", flags) + length + body


def l2tp3(cookie, sublayer, session=1234):
    return struct.pack(">I", session) + bytes(range(1, cookie + 1)) + (b"\x40\0\0\x01" if sublayer else b"")


class L2tp3Udp(UdpTunnel):
    """RFC 3931, section 4.1.2.1."""

    name, port = "l2tp", 1701

    def header(self, packet, ethertype):
        return struct.pack(">HH", 3, 0) + l2tp3(self.options.get("cookie", 0), self.options.get("sublayer"))


class L2tp3Ip(Tunnel):
    """RFC 3931, section 4.1.1.1."""

    name = "l2tp"

    def inside(self, packet, ethertype):
        return L2TP, l2tp3(self.options.get("cookie", 0), self.options.get("sublayer")) + packet


class Capwap(UdpTunnel):
    """RFC 5415, section 4.3: header of 2 words, and as many more as options say; 802.3, or with `wlan` 802.11."""

    name, port = "capwap", 5247

    def inside(self, packet, ethertype):
        if self.options.get("wlan"):
            assert ethertype != ETHERNET
            packet = wlan(packet, ethertype, swapped=self.options["wlan"] == "swapped")
        return super().inside(packet, ethertype)

    def header(self, packet, ethertype):
        assert ethertype == ETHERNET or self.options.get("wlan")
        return capwap_header(self.options.get("wlan"), self.options.get("radio", b""))


def capwap_header(native=False, radio=b"", fragment=None):
    """radio: a MAC address or wireless information, padded; fragment: (number, offset in bytes, last)"""
    words, number, offset = 2 + len(radio) // 4, 0, 0
    first = words << 19 | 1 << 14 | 1 << 9 | (0x100 if native else 0) | (0x20 if radio else 0)
    if fragment:
        number, offset, last = fragment
        first |= 0x80 | (0x40 if last else 0)
    return struct.pack(">IHH", first, number, offset // 8 << 3) + radio


class Tzsp(UdpTunnel):
    """version, type, what is inside (1 Ethernet, 18 802.11), tags, the end."""

    name, port = "tzsp", 37008

    def inside(self, packet, ethertype):
        if self.options.get("wlan"):
            packet = wlan(packet, ethertype)
        return super().inside(packet, ethertype)

    def header(self, packet, ethertype):
        return struct.pack(">BBH", 1, 0, 18 if self.options.get("wlan") else 1) + b"\x0a\x01\xb0\0\x12\x01\x06\x01"


class MplsUdp(UdpTunnel):
    """RFC 7510"""

    name, port = "mpls", 6635

    def header(self, packet, ethertype):
        return struct.pack(">I", 16 << 12 | 0x100 | 64)


class MplsIp(Tunnel):
    """RFC 4023"""

    name = "mpls"

    def inside(self, packet, ethertype):
        return MPLS_IN_IP, struct.pack(">I", 16 << 12 | 0x100 | 64) + packet


class GreUdp(UdpTunnel):
    """RFC 8086"""

    name, port = "gre", 4754

    def header(self, packet, ethertype):
        return struct.pack(">HHI", 0x2000, ethertype, 77)


class Gue(UdpTunnel):
    """draft-ietf-intarea-gue: version 0, or with `bare` version 1, which is IP itself."""

    name, port = "gue", 6080

    def header(self, packet, ethertype):
        if self.options.get("bare"):
            return b""
        protocol = {IPV4: 4, IPV6: 41, ETHERNET: 143}[ethertype]
        extra = self.options.get("extra", b"")
        return struct.pack(">BBH", len(extra) // 4, protocol, 0) + extra


class Fou(UdpTunnel):
    """IP straight in UDP, on any port."""

    name, port = "fou", 5555

    def header(self, packet, ethertype):
        return b""


class Ayiya(UdpTunnel):
    """draft-massar-v6ops-ayiya-02: an identity of 16 bytes, a signature of 20."""

    name, port = "ayiya", 5072

    def header(self, packet, ethertype):
        return bytes([0x41, 0x52, 0x11, 41 if ethertype == IPV6 else 4]) + bytes(4) + bytes(16) + bytes(20)


class Amt(UdpTunnel):
    """RFC 7450, section 5.1.6: multicast data."""

    name, port = "amt", 2268

    def header(self, packet, ethertype):
        return bytes([6, 0])


class Lisp(UdpTunnel):
    """RFC 9300, section 5: with an instance id, or with a nonce."""

    name, port = "lisp", 4341

    def header(self, packet, ethertype):
        instance = self.options.get("instance")
        if instance is None:
            return struct.pack(">II", 0x80123456, 1)
        return struct.pack(">II", 0x08000000, instance << 8)


class PimRegister(Tunnel):
    """RFC 7761, section 4.9.3"""

    name = "pim-register"

    def inside(self, packet, ethertype):
        return PIM, b"\x21\0\xde\xff" + bytes(4) + packet


class EtherIp(Tunnel):
    """RFC 3378"""

    name = "etherip"

    def inside(self, packet, ethertype):
        assert ethertype == ETHERNET
        return ETHERIP, b"\x30\0" + packet


class EthernetInIp(Tunnel):
    """RFC 8986, section 4.9: behind a routing header"""

    name = "srv6"

    def wrap(self, packet, ethertype):
        assert ethertype == ETHERNET
        return wire.ipv6(self.source, self.destination, ETHERNET_IN_IP, packet, extensions=[(wire.ROUTING, 24)]), IPV6


class Eoip(Tunnel):
    """MikroTik's: GRE version 1 with a key, in its place the length, and the tunnel's number with its lowest byte first."""

    name = "eoip"

    def inside(self, packet, ethertype):
        assert ethertype == ETHERNET
        return GRE, struct.pack(">HHH", 0x2001, 0x6400, len(packet)) + struct.pack("<H", self.options.get("id", 300)) + packet


class Wccp(Tunnel):
    """draft-wilson-wrec-wccp-v2, section 4.12.2: type 0x883e, with a header of 4 bytes or, in version 1, without."""

    name = "gre"

    def inside(self, packet, ethertype):
        return GRE, struct.pack(">HH", 0, 0x883E) + (b"\0\x5a\0\0" if self.options.get("header") else b"") + packet


class ArubaGre(Tunnel):
    """802.11 in GRE, of the types 0x8200 and up."""

    name = "gre"

    def inside(self, packet, ethertype):
        return GRE, struct.pack(">HH", 0, 0x8210) + wlan(packet, ethertype, qos=0)


class MetaDataGre(Tunnel):
    """Cisco MetaData in GRE: what follows is told first."""

    name = "gre"

    def inside(self, packet, ethertype):
        return GRE, struct.pack(">HHH", 0, 0x8909, ethertype) + bytes.fromhex("0101 00010012") + packet
