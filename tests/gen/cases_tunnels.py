"""Cases: tunnels beside those of cases_encap.py, what stays closed of them, and the virtual networks in them."""

import struct

import wire
import wire_below as below
import wire_tunnels as t
from cases_encap import OUT4, OUT6, both
from cases_link import A4, A6, B4, B6, talk
from scene import Scene
from wire import UDP, Geneve, Gre, Gtpu, InnerEthernet, Mpls, Teredo, Vlan, Vxlan

FRAME = InnerEthernet()


def numbered(scene, number):
    """All flows of the scene are in the tunnel of that number."""
    for flow in scene.flows:
        flow.extra["tunnel_id"] = number
    return scene


def opened():
    for name, ends in (("v4", OUT4), ("v6", OUT6)):
        yield numbered(both("tunnel-l2tp-" + name, [t.L2tp2(*ends)], "l2tp"), 99)
        yield both("tunnel-etherip-" + name, [t.EtherIp(*ends), FRAME], "etherip")
        yield both("tunnel-mpls-udp-" + name, [t.MplsUdp(*ends)], "mpls")
        yield both("tunnel-mpls-ip-" + name, [t.MplsIp(*ends)], "mpls")
        yield both("tunnel-capwap-" + name, [t.Capwap(*ends), FRAME], "capwap")
        yield both("tunnel-gue-" + name, [t.Gue(*ends)], "gue")
        yield both("tunnel-lisp-" + name, [t.Lisp(*ends)], "lisp")
    yield numbered(both("tunnel-l2tp-all", [t.L2tp2(*OUT4, length=True, sequence=True, offset=6, address=True)], "l2tp"), 99)
    for cookie in (0, 4, 8):
        for sublayer in (False, True):
            name = "-%d%s" % (cookie, "-sublayer" if sublayer else "")
            how = {"cookie": cookie, "sublayer": sublayer}
            yield numbered(both("tunnel-l2tpv3-ip" + name, [t.L2tp3Ip(*OUT4, **how), FRAME], "l2tp"), 1234)
            yield numbered(both("tunnel-l2tpv3-udp" + name, [t.L2tp3Udp(*OUT4, **how), FRAME], "l2tp"), 1234)
    yield both("tunnel-capwap-wlan", [t.Capwap(*OUT4, wlan="plain", radio=b"\x06" + wire.MAC[0] + b"\0")], "capwap")
    yield both("tunnel-capwap-swapped", [t.Capwap(*OUT4, wlan="swapped", radio=b"\x04\xbf\x23\0\0\0\0\0")], "capwap")
    yield both("tunnel-tzsp", [t.Tzsp(*OUT4), FRAME], "tzsp")
    yield both("tunnel-tzsp-wlan", [t.Tzsp(*OUT4, wlan=True)], "tzsp")
    yield both("tunnel-mpls-udp-pseudowire", [t.MplsUdp(*OUT4), FRAME], "mpls")
    yield numbered(both("tunnel-gre-udp", [t.GreUdp(*OUT4)], "gre"), 77)
    yield both("tunnel-gue-options", [t.Gue(*OUT4, extra=bytes(8))], "gue")
    yield both("tunnel-gue-bare", [t.Gue(*OUT4, bare=True)], "gue")
    yield both("tunnel-gue-ethernet", [t.Gue(*OUT4), FRAME], "gue")
    yield both("tunnel-ayiya", [t.Ayiya(*OUT4)], "ayiya")
    yield both("tunnel-amt", [t.Amt(*OUT4)], "amt")
    yield numbered(both("tunnel-lisp-instance", [t.Lisp(*OUT4, instance=4711)], "lisp"), 4711)
    yield both("tunnel-pim-register", [t.PimRegister(*OUT4)], "pim-register")
    yield both("tunnel-srv6-ethernet", [t.EthernetInIp(*OUT6), FRAME], "srv6")
    yield numbered(both("tunnel-eoip", [t.Eoip(*OUT4), FRAME], "eoip"), 300)
    yield both("tunnel-aruba", [t.ArubaGre(*OUT4)], "gre")
    yield both("tunnel-gre-metadata", [t.MetaDataGre(*OUT4)], "gre")
    yield numbered(both("tunnel-vxlan-reserved", [t.VxlanReserved(*OUT4), FRAME], "vxlan"), 7)
    yield numbered(both("tunnel-vxlan-gpe", [t.VxlanGpe(*OUT4)], "vxlan"), 7)
    yield numbered(both("tunnel-vxlan-gpe-ethernet", [t.VxlanGpe(*OUT4), FRAME], "vxlan"), 7)
    yield numbered(both("tunnel-vxlan-gpe-nsh", [t.VxlanGpe(*OUT4), below.Nsh()], "vxlan"), 7)
    yield numbered(both("tunnel-vxlan-gpe-mpls", [t.VxlanGpe(*OUT4), Mpls(16)], "vxlan"), 7)
    yield numbered(both("tunnel-vxlan-gpe-4789", [t.VxlanGpe(*OUT4, dport=4789)], "vxlan"), 7)
    yield numbered(both("tunnel-geneve-nsh", [Geneve(*OUT4), below.Nsh()], "geneve"), 9)
    for header in (False, True):
        s = Scene("tunnel-wccp-%s" % ("2" if header else "1"))
        talk(s.flow(A4, 40001, B4, 80, encap=[t.Wccp(*OUT4, header=header)], tunnel="gre"))
        yield s


def by_shape():
    """No port says what they are."""
    yield numbered(both("tunnel-vxlan-any-port", [Vxlan(*OUT4, dport=48879), FRAME], "vxlan"), 5)
    s = Scene("tunnel-fou")
    talk(s.flow(A4, 40001, B4, 80, encap=[t.Fou(*OUT4)], tunnel="fou"))
    yield s
    s = Scene("tunnel-teredo-any-port")  # between a client and a relay
    talk(s.flow("2001:0:102:304::1", 40001, B6, 80, encap=[Teredo(*OUT4, sport=51413, dport=40000)], tunnel="teredo"))
    yield s
    s = Scene("shape-alone")  # nearly the same, and each a flow of its own
    inner = wire.ipv4(A4, B4, UDP, wire.udp(A4, 1, B4, 2, b"q" * 50))
    wrong = inner[:10] + b"\0\0" + inner[12:]  # its check sum
    six = wire.ipv6(A6, B6, UDP, wire.udp(A6, 1, B6, 2, b"q" * 50))  # nobody's Teredo address
    teredo = wire.ipv6("2001:0:102:304::1", B6, UDP, wire.udp(A6, 1, B6, 2, b"q" * 50))
    frame = wire.ethernet_frame(inner, wire.IPV4, pad=0)
    network = Vxlan(*OUT4).header(frame, wire.ETHERNET)
    for i, payload in enumerate((wrong, inner + b"\0", six, teredo + b"\0", teredo[:-1],
                                 network + wire.ethernet_frame(wrong, wire.IPV4, pad=0), network + wire.ethernet_frame(inner, 0x88CC))):
        s.flow(OUT4[0], 50000 + i, OUT4[1], 40000, UDP).send(0, payload=payload)
    yield s


def networks():
    """The same five-tuple in two networks is two flows, but where each direction has a number of its own."""
    for name, make in (("vxlan", lambda n: [Vxlan(*OUT4, vni=n), FRAME]), ("nvgre", lambda n: [Gre(*OUT4, key=n << 8 | 3), FRAME]),
                       ("lisp", lambda n: [t.Lisp(*OUT4, instance=n)]), ("eoip", lambda n: [t.Eoip(*OUT4, id=n), FRAME]),
                       ("inner-vlan", lambda n: [Vxlan(*OUT4, vni=1), FRAME, Vlan(n)])):
        tunnel = make(1)[0].name
        s = Scene("network-" + name)
        flows = [s.flow(A4, 40001, B4, 5000, UDP, encap=make(n), tunnel=tunnel) for n in (100, 200)]
        for f, number in zip(flows, (100, 200)):
            f.extra["tunnel_id"] = 1 if name == "inner-vlan" else number
            f.send(0, 10)
        for f in flows:
            f.send(1, 100)
        yield s
        s = Scene("network-%s-ignored" % name, options=["--ignore-vlan"])
        f = s.flow(A4, 40001, B4, 5000, UDP, encap=make(100), tunnel=tunnel)
        f.send(0, 10).send(1, 100, encap=make(200))
        yield s
    for name, a, b in (("gtp-u", [Gtpu(*OUT4)], [Gtpu(*OUT4, sequence=1)]),
                       ("gre-key", [Gre(*OUT4, key=1)], [Gre(*OUT4, key=2)]),
                       ("l2tp", [t.L2tp2(*OUT4, session=1)], [t.L2tp2(*OUT4, session=2)])):
        s = Scene("network-none-" + name)
        f = s.flow(A4, 40001, B4, 5000, UDP, encap=a, tunnel=a[0].name)
        f.extra["tunnel_id"] = 1
        f.send(0, 10).send(1, 100, encap=b)
        yield s


def closed():
    s = Scene("tunnels-that-stay-closed")
    inner = wire.ipv4(A4, B4, UDP, wire.udp(A4, 1, B4, 2, b"q" * 50))
    for i, (port, payload) in enumerate((
            (5247, b"\x01\0\0\0" + bytes(60)),                                   # CAPWAP with DTLS
            (5247, struct.pack(">IHH", 2 << 19 | 1 << 9 | 8, 0, 0) + bytes(20)),  # its keep-alive
            (1701, struct.pack(">HHHHHH", 0xC802, 12, 1, 0, 0, 0)),              # L2TP control
            (1701, struct.pack(">HHHH", 2, 1, 1, 0xC021) + bytes(8)),            # PPP's own
            (6080, struct.pack(">BBH", 0x20, 0, 0) + inner),                     # GUE control
            (4790, struct.pack(">II", 0x0D000001, 0) + inner),                   # VXLAN-GPE's OAM
            (2268, struct.pack(">BBHI", 4, 0, 0, 1) + inner),                    # AMT's membership query
            (2268, bytes([0x16, 0]) + inner),                                    # its version 1, which nobody has written
            (37008, struct.pack(">BBH", 1, 4, 0)),                               # TZSP's keep-alive
            (5072, bytes([0x41, 0x52, 0x14, 59]) + bytes(40)))):                 # AYIYA: echo
        s.flow(OUT4[0], 50000 + i, OUT4[1], port, UDP).send(0, payload=payload)
    s.flow(OUT4[0], None, OUT4[1], None, t.PIM).send(0, payload=b"\x21\0\0\0\x40\0\0\0" + inner)   # null register
    s.flow(OUT4[0], None, OUT4[1], None, t.ETHERIP).send(0, payload=b"\x20\0" + bytes(60))         # version 2
    s.flow(OUT4[0], None, OUT4[1], None, t.L2TP).send(0, payload=bytes(40))                        # control
    s.flow(OUT4[0], None, OUT4[1], None, wire.IPIP).send(0, payload=b"\0no IP")
    yield s
    s = Scene("tunnel-capwap-fragments")  # the inner frame in two pieces, each in a datagram of its own
    f = s.flow(A4, 40001, B4, 5000, UDP, encap=[t.Capwap(*OUT4), FRAME], tunnel="capwap")
    f.send(0, 100)
    packet = wire.ipv4(A4, B4, UDP, wire.udp(A4, 40001, B4, 5000, bytes(1400)))
    inner = wire.ethernet_frame(packet, wire.IPV4, pad=0)

    def piece(number, begin, end, last):
        body = wire.udp(OUT4[0], 50000, OUT4[1], 5247, t.capwap_header(fragment=(number, begin, last)) + inner[begin:end])
        return wire.ethernet_frame(wire.ipv4(*OUT4, UDP, body), wire.IPV4)

    first = piece(7, 0, 1000, False)
    s.put(first, count=lambda: f.count(0, len(packet), 1400, len(first)))
    s.put(piece(7, 1000, None, True), "tunnel-fragment")
    lost = s.flow(OUT4[0], 50000, OUT4[1], 5247, UDP)  # the rest of a packet whose first piece was not captured
    body = t.capwap_header(fragment=(8, 1000, True)) + inner[1000:]
    lost.send(0, payload=body)
    yield s


def big():
    """Lengths of 0 in IP and UDP, as captures on a sender have them of what is longer than 65,535 bytes; here shorter."""
    payload = 3000
    for name, source, destination in (("v4", *OUT4), ("v6", *OUT6)):
        for inner, (a, b) in (("4", (A4, B4)), ("6", (A6, B6))):
            s = Scene("big-tcp-vxlan-%s-%s" % (name, inner))
            f = s.flow(a, 40001, b, 80, encap=[Vxlan(source, destination), FRAME], tunnel="vxlan")
            zero = {"length": 0} if inner == "6" else {"total": 0}
            segment = wire.tcp(a, 40001, b, 80, 1, 1, "A", bytes(payload))
            packet = wire.ip(a, b, wire.TCP, segment, **zero)
            body, _ = FRAME.wrap(packet, wire.ethertype_of(a))
            body = struct.pack(">HHHH", 50000, 4789, 0, 0) + Vxlan(source, destination).header(body, wire.ETHERNET) + body
            outer = wire.ip(source, destination, UDP, body, **({"length": 0} if name == "v6" else {"total": 0}))
            frame = wire.ethernet_frame(outer, wire.ethertype_of(source))
            s.put(frame, count=lambda: f.count(0, len(packet), payload, len(frame), "A"))
            yield s


def cases():
    for group in (opened, by_shape, networks, closed, big):
        for scene in group():
            scene.layers = ["ip"]  # how a packet is reached does not depend on what is measured of it
            yield scene
