"""Cases: every encapsulation, alone, stacked, fragmented and too deep."""

import struct

import wire
from cases_link import A4, A6, B4, B6, C4, ask, talk
from scene import Scene
from wire import (DCCP, ESP, FRAGMENT, HOPBYHOP, ICMP, ICMPV6, ROUTING, AH, DESTOPTS, NO_NEXT, SCTP, TCP, UDP, UDPLITE, Geneve, Gre, Gtpu,
                  InnerEthernet, IpInIp, Mpls, Pppoe, Teredo, Vlan, Vxlan)

OUT4 = "10.99.0.1", "10.99.0.2"
OUT6 = "2001:db8:99::1", "2001:db8:99::2"


def both(name, encap, tunnel=None, **more):
    """An IPv4 and an IPv6 flow in the same encapsulation."""
    s = Scene(name, **more)
    talk(s.flow(A4, 40001, B4, 80, encap=encap, tunnel=tunnel))
    ask(s.flow(A6, 40002, B6, 5000, UDP, encap=encap, tunnel=tunnel))
    return s


def link_shims():
    yield both("vlan", [Vlan(100)])
    yield both("vlan-priority", [Vlan(0, priority=5)])  # a priority tag is no VLAN
    yield both("qinq", [Vlan(200, 0x88A8), Vlan(201)])
    yield both("qinq-9100", [Vlan(200, 0x9100), Vlan(201)])
    yield both("qinq-8100", [Vlan(4094), Vlan(1)])
    yield both("mpls", [Mpls(16)])
    yield both("mpls-stack", [Mpls(1000, 2000, 3000)])
    yield both("vlan-mpls", [Vlan(12), Mpls(16, 17)])
    yield both("pppoe", [Pppoe()])
    yield both("vlan-pppoe", [Vlan(35), Pppoe()])
    yield both("qinq-pppoe", [Vlan(200, 0x88A8), Vlan(201), Pppoe()])

    for name, encap in (("snap", [wire.Snap()]), ("vlan-snap", [Vlan(9), wire.Snap()])):  # packets of up to 1492 bytes
        s = Scene(name)
        s.flow(A4, 40001, B4, 80, encap=encap).handshake().send(0, 1).send(1, 1452).goodbye().ends_with("fin")
        s.flow(A6, 40002, B6, 5000, UDP, encap=encap).send(0, 33).send(1, 1000)
        yield s
    yield both("mpls-pseudowire", [wire.MplsEthernet(16, 17), InnerEthernet()])

    s = Scene("vlan-keys")  # the same five-tuple in two VLANs and in none: three flows
    flows = [s.flow(A4, 40001, B4, 5000, UDP, encap=e) for e in ([], [Vlan(1)], [Vlan(2)])]
    for f in flows:
        f.send(0, 10)
    for f in flows:
        f.send(1, 100)
    yield s
    s = Scene("vlan-ignored", options=["--ignore-vlan"])
    f = s.flow(A4, 40001, B4, 5000, UDP, encap=[Vlan(1)])
    f.send(0, 10).send(1, 100, encap=[Vlan(2)]).send(0, 20, encap=[])
    yield s
    s = Scene("vlan-inner-keys")  # the same five-tuple of two customers of one provider: two flows
    flows = [s.flow(A4, 40001, B4, 5000, UDP, encap=[Vlan(7, 0x88A8), Vlan(i)]) for i in (1, 2)]
    for f in flows:
        f.send(0, 10)
    for f in flows:
        f.send(1, 100)
    yield s
    s = Scene("vlan-inner-ignored", options=["--ignore-vlan"])
    f = s.flow(A4, 40001, B4, 5000, UDP, encap=[Vlan(7, 0x88A8), Vlan(1)])
    f.send(0, 10).send(1, 100, encap=[Vlan(7, 0x88A8), Vlan(2)])
    yield s


def ip_options():
    s = Scene("ipv4-options")
    f = s.flow(A4, 40001, B4, 80)
    f.send(0, 10, ip={"options": b"\x94\x04\0\0"}).send(1, 20, ip={"options": b"\x01" * 40})
    f.send(0, 30, options=b"\x01" * 40)
    g = s.flow(A4, 40002, B4, 5000, UDP)
    g.send(0, 64, ip={"options": b"\x07\x27" + bytes(38)})
    yield s
    s = Scene("ipv6-extensions")
    f = s.flow(A6, 40001, B6, 80)
    f.send(0, 10, ip={"extensions": [(HOPBYHOP, 8)]})
    f.send(1, 20, ip={"extensions": [(DESTOPTS, 24)]})
    f.send(0, 30, ip={"extensions": [(HOPBYHOP, 8), (ROUTING, 24), (DESTOPTS, 8)]})
    f.send(1, 40, ip={"extensions": [(AH, 24)]})
    f.send(0, 50, ip={"extensions": [(FRAGMENT, 8, 0, False, 1)]})  # an atomic fragment (RFC 6946)
    g = s.flow(A6, None, B6, None, ICMPV6)
    g.send(0, 32, icmp=(128, 0), ip={"extensions": [(HOPBYHOP, 16)]}).send(1, 32, icmp=(129, 0))
    yield s
    s = Scene("ipv4-ah")  # stepped over in IPv4 as in IPv6: 24 bytes that are neither UDP's nor payload
    s.flow(A4, 40001, B4, 5000, UDP).send(0, 20, ip={"authentication": 24}).send(1, 30)
    yield s


def transports():
    s = Scene("icmp")
    f = s.flow(A4, None, B4, None, ICMP)
    for size in (0, 8, 56, 1472):
        f.send(0, size, icmp=(8, 0)).send(1, size, icmp=(0, 0))
    s.flow(B4, None, A4, None, ICMP).send(0, 28, icmp=(3, 3))  # has no counterpart: a flow of its own
    s.flow(A4, None, B4, None, ICMP).send(0, 28, icmp=(3, 3)).send(0, 100, icmp=(3, 3))
    s.flow(A4, None, B4, None, ICMP).send(0, 28, icmp=(3, 1))  # another code
    s.flow(A4, None, B4, None, ICMP).send(0, 12, icmp=(13, 0)).send(1, 12, icmp=(14, 0))
    yield s
    s = Scene("icmpv6")
    f = s.flow(A6, None, B6, None, ICMPV6)
    f.send(0, 56, icmp=(128, 0)).send(1, 56, icmp=(129, 0))
    s.flow(A6, None, B6, None, ICMPV6).send(0, 24, icmp=(135, 0)).send(1, 24, icmp=(136, 0))
    s.flow(B6, None, A6, None, ICMPV6).send(0, 48, icmp=(1, 4))
    yield s
    s = Scene("sctp")
    s.flow(A4, 2905, B4, 2905, SCTP).send(0, 20).send(0, 100)
    s.flow(A6, 2906, B6, 36412, SCTP).send(0, 20).send(1, 60).send(0, 1400)
    yield s
    s = Scene("udplite-dccp")  # ports as UDP's (RFC 3828, 3.1; RFC 4340, 5.1): two flows of each are not one
    for protocol in (UDPLITE, DCCP):
        s.flow(A4, 5004, B4, 5006, protocol).send(0, 100).send(1, 60)
        s.flow(A4, 5005, B4, 5006, protocol).send(0, 40)
        s.flow(A6, 5004, B6, 5006, protocol).send(0, 100)
    yield s
    s = Scene("portless")
    for protocol in (2, ESP, 89, 103, 112):
        s.flow(A4, None, B4, None, protocol).send(0, 24).send(1, 40).send(0, 200)
    s.flow(A6, None, B6, None, ESP).send(0, 24).send(1, 40)
    s.flow(A6, None, B6, None, NO_NEXT).send(0, 0)
    yield s
    s = Scene("same-ends")  # from a host and port to itself: all packets have the same sender
    s.flow(A4, 7, A4, 7, UDP).send(0, 10).send(0, 20)
    yield s
    s = Scene("same-host")
    s.flow("127.0.0.1", 40001, "127.0.0.1", 80).handshake().send(0, 10).send(1, 20)
    yield s


def fragments():
    s = Scene("fragments-ipv4")
    f = s.flow(A4, 40001, B4, 5000, UDP)
    f.send_fragments(0, 4000, [1480, 2960], ident=1).send(1, 100)
    f.send_fragments(1, 2000, [1480], ident=2)
    f.send_fragments(0, 3000, [8], ident=3)
    g = s.flow(A4, 40001, B4, 5001).send_fragments(0, 2000, [1480], ident=4)
    assert g
    h = s.flow(A4, None, B4, None, ICMP).send_fragments(0, 3000, [1480, 2960], ident=5)
    assert h
    yield s
    s = Scene("fragments-ipv6")
    f = s.flow(A6, 40001, B6, 5000, UDP)
    f.send_fragments(0, 4000, [1448, 2896], ident=1).send(1, 100)
    f.send_fragments(1, 2000, [1448], ident=2)
    yield s
    s = Scene("fragments-interleaved")  # two datagrams of different ports under way at once
    f = s.flow(A4, 40001, B4, 5000, UDP)
    g = s.flow(A4, 40002, B4, 5000, UDP)
    f.send_fragments(0, 3000, [1480, 2960], ident=10, missing=(1, 2))
    g.send_fragments(0, 3000, [1480, 2960], ident=11, missing=(2,))
    f.send_fragments(0, 3000, [1480, 2960], ident=10, missing=(0,))
    g.send_fragments(0, 3000, [1480, 2960], ident=11, missing=(0, 1))
    yield s
    s = Scene("fragments-first-last")  # ports are known only from the first fragment on
    f = s.flow(A4, 40001, B4, 5000, UDP)
    g = s.flow(A4, 0, B4, 0, UDP)
    f.send_fragments(0, 3000, [1480, 2960], ident=20, order=[2, 0, 1], lost_first=g)
    yield s
    s = Scene("fragments-first-missing")
    g = s.flow(A4, 0, B4, 0, UDP)
    f = s.flow(A4, 40001, B4, 5000, UDP)
    f.send_fragments(0, 3000, [1480, 2960], ident=21, missing=(0,), lost_first=g)
    f.send(0, 10)
    yield s
    s = Scene("fragments-vlan", encap=[Vlan(6)])
    s.flow(A4, 40001, B4, 5000, UDP).send_fragments(0, 4000, [1480, 2960]).send(1, 100)
    yield s


def tunnels():
    for name, source, destination in (("v4", *OUT4), ("v6", *OUT6)):
        for inner, (a, b) in (("4", (A4, B4)), ("6", (A6, B6))):
            t = IpInIp(source, destination)
            tunnel = t.name_for(wire.ethertype_of(a))
            s = Scene("tunnel-" + tunnel)
            talk(s.flow(a, 40001, b, 80, encap=[t], tunnel=tunnel))
            ask(s.flow(a, 40002, b, 5000, UDP, encap=[t], tunnel=tunnel))
            yield s
        yield both("tunnel-gre-" + name, [Gre(source, destination)], "gre")
        yield both("tunnel-gre-ethernet-" + name, [Gre(source, destination), InnerEthernet()], "gre")
        yield both("tunnel-vxlan-" + name, [Vxlan(source, destination), InnerEthernet()], "vxlan")
        yield both("tunnel-geneve-" + name, [Geneve(source, destination), InnerEthernet()], "geneve")
        yield both("tunnel-gtp-u-" + name, [Gtpu(source, destination)], "gtp-u")
    yield both("tunnel-gre-options", [Gre(*OUT4, key=7, sequence=9, checksum=True)], "gre")
    yield both("tunnel-gre-key", [Gre(*OUT4, key=7)], "gre")
    yield both("tunnel-gre-sequence", [Gre(*OUT4, sequence=7)], "gre")
    yield both("tunnel-nvgre", [Gre(*OUT4, key=0x12345600), InnerEthernet()], "gre")
    yield both("tunnel-erspan-1", [wire.Erspan(*OUT4, type=1), InnerEthernet()], "gre")
    yield both("tunnel-erspan-2", [wire.Erspan(*OUT4, type=2), InnerEthernet()], "gre")
    yield both("tunnel-pptp", [wire.Pptp(*OUT4)], "gre")
    yield both("tunnel-pptp-ack", [wire.Pptp(*OUT4, acknowledgement=5)], "gre")
    yield both("tunnel-geneve-ip", [Geneve(*OUT4)], "geneve")
    yield both("tunnel-geneve-options", [Geneve(*OUT4, tlv=bytes.fromhex("0102800101020304") + b"\0\1\2\1" + bytes(4)), InnerEthernet()],
               "geneve")
    yield both("tunnel-gtp-u-sequence", [Gtpu(*OUT4, sequence=77)], "gtp-u")
    yield both("tunnel-gtp-u-extension", [Gtpu(*OUT4, extension=True)], "gtp-u")
    for name, options in (("plain", {}), ("origin", {"origin": True}), ("both", {"origin": True, "authentication": True})):
        s = Scene("tunnel-teredo-" + name)
        talk(s.flow("2001:0:102:304::1", 40001, B6, 80, encap=[Teredo(*OUT4, **options)], tunnel="teredo"))
        yield s

    # Behind VLAN, MPLS or PPPoE.
    yield both("tunnel-vlan-gre", [Vlan(77), Gre(*OUT4)], "gre")
    yield both("tunnel-mpls-vxlan", [Mpls(16), Vxlan(*OUT4), InnerEthernet()], "vxlan")
    yield both("tunnel-raw-gtp-u", [Gtpu(*OUT4)], "gtp-u", link="raw")
    # The innermost tunnel is named.
    yield both("nested-gre-vxlan", [Gre("10.98.0.1", "10.98.0.2"), Vxlan(*OUT4), InnerEthernet()], "vxlan")
    yield both("nested-vxlan-gre", [Vxlan("10.98.0.1", "10.98.0.2"), InnerEthernet(), Gre(*OUT6)], "gre")
    yield both("nested-pppoe-gtp-u-gre", [Pppoe(), Gtpu("10.98.0.1", "10.98.0.2"), Gre(*OUT4)], "gre")

    # What looks like a tunnel and carries no packet stays the flow that it is.
    s = Scene("tunnel-control")
    s.flow(*_at(OUT4, 2152, 2152), UDP).send(0, payload=struct.pack(">BBHIHBB", 0x32, 1, 4, 0, 1, 0, 0)).send(
        1, payload=struct.pack(">BBHIHBBBB", 0x32, 2, 6, 0, 1, 0, 0, 14, 0))  # GTP-U echo
    s.flow(*_at(OUT4, 50000, 3544), UDP).send(0, payload=b"\xffneither an IPv6 packet nor an indication")
    s.flow(OUT4[0], None, OUT4[1], None, wire.GRE).send(0, payload=struct.pack(">HH", 0, 0x88CC) + bytes(30))
    yield s

    s = Scene("tunnels-closed", options=["--no-tunnels"])
    inner = wire.ipv4(A4, B4, UDP, wire.udp(A4, 1, B4, 2, b"q" * 50))
    vxlan, gtpu = Vxlan(*OUT4), Gtpu(*OUT4)
    frame = wire.ethernet_frame(inner, wire.IPV4, pad=0)
    s.flow(*_at(OUT4, 50000, 4789), UDP).send(0, payload=vxlan.header(frame, wire.ETHERNET) + frame)
    s.flow(*_at(OUT4, 2152, 2152), UDP).send(0, payload=gtpu.header(inner, wire.IPV4) + inner)
    s.flow(OUT4[0], None, OUT4[1], None, wire.GRE).send(0, payload=struct.pack(">HH", 0, wire.IPV4) + inner)
    s.flow(OUT4[0], None, OUT4[1], None, wire.IPIP).send(0, payload=inner).send(1, payload=inner)
    yield s

    s = Scene("tunnels-apart")  # the same inner flow seen in a tunnel and bare is one flow: the key is the innermost packet's
    f = s.flow(A4, 40001, B4, 5000, UDP, encap=[Gre(*OUT4)], tunnel="gre")
    f.send(0, 10).send(1, 20)
    yield s

    s = Scene("tunnel-fragments")  # the outer packet in two pieces: the inner packet counts once, in full, with the first
    gre = Gre(*OUT4, fragment_at=1000)
    f = s.flow(A4, 40001, B4, 5000, UDP, encap=[gre], tunnel="gre")
    f.send(0, 100)
    packet = wire.ipv4(A4, B4, UDP, wire.udp(A4, 40001, B4, 5000, bytes(1400)))
    (first, kind), (second, _) = gre.wrap_fragments(packet, wire.IPV4)
    frame = wire.ethernet_frame(first, kind)
    s.put(frame, count=lambda: f.count(0, len(packet), 1400, len(frame)))
    s.put(wire.ethernet_frame(second, kind), "tunnel-fragment")
    f.send(1, 50)
    yield s

    s = Scene("tunnel-inner-fragments")  # the inner packet in two pieces, each in a packet of its own
    s.flow(A4, 40001, B4, 5000, UDP, encap=[Gre(*OUT4)], tunnel="gre").send_fragments(0, 3000, [1400, 2800]).send(1, 5)
    yield s

    s = Scene("too-deep")  # eight IP headers are opened, not nine
    deep = [IpInIp("10.1.0.%d" % i, "10.2.0.%d" % i) for i in range(8)]
    f = s.flow(A4, 40001, B4, 5000, UDP, encap=deep[:7], tunnel="ipip")
    f.send(0, 10).send(1, 100)
    f.send(0, 10, encap=deep, verdict="too-deep")
    f.send(0, 10, encap=deep * 4, verdict="too-deep")
    yield s


def _at(hosts, sport, dport):
    return hosts[0], sport, hosts[1], dport


def cases():
    for group in (link_shims, ip_options, transports, fragments, tunnels):
        yield from group()
    assert C4
