"""Cases: link types that are seldom met, and what stands between Ethernet and IP."""

import struct

import wire
import wire_below as below
from cases_encap import OUT4, both
from cases_link import A4, A6, B4, B6, ask, talk
from scene import Scene
from wire_tunnels import Capwap, capwap_header
from wire import UDP, InnerEthernet, Vlan

LINKS = ("token-ring", "token-ring-routed", "arcnet-bsd", "arcnet-exception", "arcnet-linux", "fddi", "atm-rfc1483", "frame-relay",
         "frame-relay-3", "frame-relay-4", "frame-relay-snap", "frame-relay-cisco", "frame-relay-bridged", "frame-relay-direction",
         "ppp-direction", "c-hdlc-direction", "enc", "slip", "ip-over-fc", "ieee1394", "ppp-pppd", "netanalyzer", "netanalyzer-transparent",
         "mpacket", "pflog", "ipnet", "ipoib", "pktap", "pktap-raw", "pktap-149", "ppi-ethernet",
         "ppi-wlan", "wlan", "wlan-qos", "wlan-qos-ht", "wlan-four-addresses", "wlan-a-msdu", "radiotap", "radiotap-fields",
         "radiotap-extended", "prism", "prism-avs", "avs", "dsa", "edsa", "brcm", "brcm-prepend")


def links():
    for name in LINKS:
        yield both("link-" + name, [], link=name)
    s = Scene("link-arcnet-linux-rfc1051", link="arcnet-linux-rfc1051")
    talk(s.flow(A4, 40001, B4, 80))
    yield s
    s = Scene("link-dsa-tagged", link="dsa-tagged")
    f = talk(s.flow(A4, 40001, B4, 80))
    f.vlan.append(100)  # 0x64 of the tag
    yield s
    s = Scene("link-pktap-inside", link="pktap")  # a link type inside that nobody knows
    talk(s.flow(A4, 40001, B4, 80))
    s.put(below.pktap(b"\0" * 60, 195), "not-ip")
    s.put(struct.pack("<III", 108, 0, 1) + bytes(160), "not-ip")  # a record that is no packet
    s.put(struct.pack("<III", 12, 1, 1) + bytes(60), "not-ip")
    yield s


def wlan():
    s = Scene("wlan-others", link="radiotap")
    f = s.flow(A4, 40001, B4, 5000, UDP)
    f.send(0, 10)
    packet = wire.ipv4(A4, B4, UDP, wire.udp(A4, 40001, B4, 5000, bytes(20)))

    def put(verdict, tap=None, **how):
        s.put(below.radiotap(below.wlan(packet, wire.IPV4, **how), **(tap or {})), verdict)

    put("encrypted", flags=0x41)
    put("encrypted", flags=0x41, qos=0)
    put("not-ip", kind=0x80)  # a beacon
    put("not-ip", kind=0xB4)  # ready to send
    put("not-ip", kind=0x48)  # no data
    put("not-ip", kind=0xC8)  # no data, with QoS
    put("not-ip", sequence=0x1231)  # the second fragment of a frame
    put("not-ip", kind=0x09)  # no such version
    put("malformed", tap={"flags": 0x40})  # came with a wrong check sum
    f.send(1, 30)
    yield s


class Msdu:
    """Packets of an A-MSDU, and what becomes of each."""

    def __init__(self, scene):
        self.scene, self.packets, self.verdicts = scene, [], []

    def add(self, flow, side, size):
        """A datagram of the flow."""
        (source, sport), (destination, dport) = flow.ends[side], flow.ends[1 - side]
        packet = wire.ip(source, destination, UDP, wire.udp(source, sport, destination, dport, bytes(size)))
        self.packets.append((packet, wire.ethertype_of(source)))
        self.verdicts.append((flow, side, len(packet), size))
        return self

    def other(self, packet, ethertype, verdict):
        self.packets.append((packet, ethertype))
        self.verdicts.append(verdict)
        return self

    def put(self, around=lambda frame: frame, cut=None, lost=0, **how):
        """Stores the frame; the last `lost` packets of it lie behind the cut, and only the first of them is accounted for."""
        frame, parts = below.a_msdu(self.packets, **how)
        frame, scene = around(frame), self.scene
        sizes = [len(frame) - sum(parts[1:])] + parts[1:]
        kept = self.verdicts[:len(parts) - lost] + ["truncated"] * bool(lost)

        def count():
            for size, verdict in zip(sizes, kept):
                if isinstance(verdict, tuple):
                    verdict[0].count(*verdict[1:], size)
                scene.index += 1
        first = kept[0] if isinstance(kept[0], str) else "ok"
        for verdict in kept[1:]:
            name = verdict if isinstance(verdict, str) else "ok"
            scene.verdicts[name] = scene.verdicts.get(name, 0) + 1
        scene.subframes += len(kept) - 1
        if first != "ok":
            count()
        scene.put(frame, first, cut=cut, count=count)


def aggregates():
    """Frames that hold several packets: each is counted for itself, also where a batch of them is full in between. As layer `frame`
    each has its part of the frame, and the first what stands before all of them."""
    for threads in ("1", "3"):
        s = Scene("wlan-aggregates-" + threads, link="wlan", options=("-j", threads), layers=("ip", "payload", "frame"))
        a, b, c = (s.flow(A4, 40001 + i, B4, 5000, UDP) for i in range(3))
        d = s.flow(A6, 40001, B6, 5000, UDP)
        Msdu(s).add(a, 0, 10).add(b, 0, 33).add(d, 0, 60).put()
        Msdu(s).other(bytes(28), 0x0806, "not-ip").add(a, 1, 100).put(fourth=True)
        Msdu(s).add(c, 0, 20).other(bytes(28), 0x0806, "not-ip").add(c, 1, 21).put(ht=True)
        Msdu(s).add(a, 0, 11).put()  # one alone
        Msdu(s).add(a, 1, 500).add(b, 1, 501).add(b, 0, 502).add(a, 0, 503).put(cut=800, lost=2)
        for i in range(300):  # more than a batch has room for
            Msdu(s).add(a, i % 2, i).add(d, i % 2, 300 - i).add(b, 0, 5).put()
        yield s
    s = Scene("wlan-aggregates-large", link="wlan", options=("-j", "2"), layers=("ip", "frame"))
    a, b = (s.flow(A4, 40001 + i, B4, 5000, UDP) for i in range(2))
    for i in range(40):
        frame = Msdu(s)
        for j in range(170):
            frame.add((a, b)[j % 2], 0, 1 + i % 8)
        frame.put()
    yield s
    s = Scene("wlan-aggregates-capwap", layers=("ip", "frame"))
    tunnel = dict(encap=[Capwap(*OUT4, wlan="plain")], tunnel="capwap")
    a, b = s.flow(A4, 40001, B4, 5000, UDP, **tunnel), s.flow(A6, 40001, B6, 5000, UDP, **tunnel)
    carrier = s.flow(OUT4[0], 50000, OUT4[1], 5247, UDP)

    def capwap(frame):
        body = wire.udp(OUT4[0], 50000, OUT4[1], 5247, capwap_header(True) + frame)
        return wire.ethernet_frame(wire.ipv4(*OUT4, UDP, body), wire.IPV4)

    Msdu(s).add(a, 0, 10).add(b, 0, 12).put(around=capwap)
    Msdu(s).add(b, 1, 14).other(bytes(28), 0x0806, "not-ip").add(a, 1, 16).put(around=capwap)
    frame, _ = below.a_msdu([(bytes(28), 0x0806), (bytes(30), 0x0806)])  # nothing to open: the carrier's packet, once
    carrier.send(0, payload=capwap_header(True) + frame)
    yield s


def shims():
    for name, tag in (("vn-tag", below.VN_TAG), ("e-tag", below.E_TAG), ("cisco-metadata", below.CISCO_METADATA), ("hsr", below.HSR),
                      ("arista-64", below.ARISTA_64), ("arista-48", below.ARISTA_48), ("nsh", below.Nsh()),
                      ("nsh-type2", below.Nsh(0, 2)), ("macsec", below.MacSec()), ("macsec-no-channel", below.MacSec(False))):
        yield both("shim-" + name, [tag])
    for name, tag in (("fabricpath", below.FABRICPATH), ("backbone", below.BACKBONE), ("trill", below.TRILL),
                      ("trill-options", below.TRILL_OPTIONS), ("nsh-ethernet", below.Nsh())):
        yield both("shim-" + name, [tag, InnerEthernet()])
    yield both("shim-vlan-vn-tag", [Vlan(5), below.VN_TAG])
    yield both("shim-vn-tag-vlan", [below.VN_TAG, Vlan(5)])
    yield both("shim-backbone-vlans", [Vlan(7, 0x88A8), below.BACKBONE, InnerEthernet(), Vlan(8)])
    yield both("shim-nsh-nsh", [below.Nsh(), below.Nsh(8, 2)])
    yield both("shim-nsh-mpls", [below.Nsh(), wire.Mpls(16)])
    for tpid in (0x9200, 0x9300):
        yield both("qinq-%x" % tpid, [Vlan(200, tpid), Vlan(201)])
    s = Scene("shim-macsec-encrypted")
    talk(s.flow(A4, 40001, B4, 80, encap=[below.MacSec()]))
    packet, kind = below.MacSec(encrypted=True).wrap(bytes(60), wire.IPV4)
    s.put(wire.ethernet_frame(packet, kind), "encrypted")
    yield s
    s = Scene("shim-services")  # the same five-tuple for two customers of a provider's backbone: two flows
    other = below.Around(0x88E7, bytes.fromhex("00000bb9"))
    flows = [s.flow(A6, 40001, B6, 5000, UDP, encap=[tag, InnerEthernet()]) for tag in (below.BACKBONE, other)]
    for f in flows:
        f.send(0, 10)
    for f in flows:
        ask(f)
    yield s


def too_long():
    """IP in MPLS whose length goes on behind the frame's end, as slicing brokers leave it; in Ethernet it counts as well."""
    for name, encap in (("ethernet", []), ("mpls", [wire.Mpls(16, 17)])):
        s = Scene("longer-than-frame-" + name)
        f4, f6 = s.flow(A4, 40001, B4, 5000, UDP, encap=encap), s.flow(A6, 40002, B6, 5000, UDP, encap=encap)
        for flow, head in ((f4, 20), (f6, 40)):
            size = 1000
            full = head + 8 + size
            frame = 14 + 8 * bool(encap) + full
            flow.send(0, size, cut=110, wirelen=110)
            part = flow.part
            assert part.bytes[0] == full and frame > 110
        yield s


def cases():
    yield from aggregates()
    for group in (links, wlan, shims, too_long):
        for scene in group():
            scene.layers = ["ip"]  # how a packet is reached does not depend on what is measured of it
            yield scene
