"""A scene: packets that are sent, and the flow records that must come of them.

The expected values are noted when a packet is built, from what was put into
it; nothing is ever read back from the bytes.
"""

import wire
from capture import Packet

START_NS = 1592301963 * 10**9  # 2020-06-16T10:06:03Z
LAYERS = "ip", "payload", "frame"


class Part:
    """One expected record of a flow."""

    def __init__(self, flow, time_ns, index):
        self.flow, self.start, self.end, self.first_index = flow, time_ns, time_ns, index
        self.packets, self.bytes = [0, 0], [0, 0]
        self.lengths = {layer: ([], []) for layer in LAYERS + ("tls", "tls-data")}
        self.flags = [0, 0]
        self.input = 0
        self.end_reason = "eof"

    def as_json(self, scene):
        flow = self.flow
        source, destination = flow.ends
        result = {
            "source": list(source), "destination": list(destination), "protocol": flow.protocol,
            "packets": self.packets, "bytes": self.bytes, "start": self.start, "end": self.end,
            "input": self.input, "end_reason": self.end_reason, "tunnel": flow.tunnel, "vlan": flow.vlan,
            "lengths": {layer: {"source": sides[0], "destination": sides[1]} for layer, sides in self.lengths.items()},
        }
        if flow.protocol == wire.TCP:
            result["flags"] = self.flags
        result.update(flow.extra)
        return result


class Flow:
    """Who talks to whom. ends[0] is the initiator, ends[1] the responder."""

    def __init__(self, scene, source, sport, destination, dport, protocol, encap, vlan, tunnel):
        self.scene, self.protocol, self.encap = scene, protocol, list(encap)
        self.ends = (source, sport), (destination, dport)
        self.vlan = [v for v in vlan]
        self.tunnel = tunnel
        self.parts, self.part = [], None
        self.seq = [1000, 5000000]
        self.extra = {}  # more fields to be found in the records

    # ---- what is expected ----

    def count(self, side, ip_len, payload_len, frame_len, flags="", measured=True):
        scene = self.scene
        if self.part is None:
            self.part = Part(self, scene.now, scene.index)
            self.part.input = scene.input
            self.parts.append(self.part)
        part = self.part
        part.start, part.end = min(part.start, scene.now), max(part.end, scene.now)
        part.packets[side] += 1
        part.bytes[side] += ip_len
        part.flags[side] |= sum(wire.FLAGS[f] for f in flags)
        if measured:
            for layer, length in zip(LAYERS, (ip_len, payload_len, frame_len)):
                part.lengths[layer][side].append(length)

    def tls(self, side, content_type, length):
        """A TLS record of which the header can be seen in the capture."""
        self.part.lengths["tls"][side].append(length)
        if content_type == 23:
            self.part.lengths["tls-data"][side].append(length)

    def ends_with(self, reason):
        """The record ends here; the next packet of the flow begins another one."""
        self.part.end_reason = reason
        self.part = None
        return self

    # ---- what is sent ----

    def transport(self, side, payload, flags, seq, ack, options, icmp):
        (source, sport), (destination, dport) = self.ends[side], self.ends[1 - side]
        if self.protocol == wire.TCP:
            return wire.tcp(source, sport, destination, dport, seq, ack, flags, payload, options)
        if self.protocol == wire.UDP:
            return wire.udp(source, sport, destination, dport, payload)
        if self.protocol in (wire.ICMP, wire.ICMPV6):
            return wire.icmp(source, destination, icmp[0], icmp[1], payload)
        if self.protocol == wire.SCTP:
            return wire.sctp(sport, dport, payload)
        if self.protocol == wire.UDPLITE:
            return wire.udplite(source, sport, destination, dport, payload)
        if self.protocol == wire.DCCP:
            return wire.dccp(sport, dport, payload)
        return payload

    def send(self, side, size=0, flags="A", payload=None, seq=None, options=b"", icmp=(8, 0), ip=None, encap=None,
             cut=None, verdict="ok", measured=True, wirelen=None, trailer=b"", gap=0.001, ip_len=None, advance=True, segments=None):
        """One packet from an end (0: initiator) with `size` bytes of payload.

        ip: more arguments of the IP header; cut: bytes captured; trailer: bytes after the IP packet; verdict: what becomes of it;
        measured: whether it is in the vectors; ip_len: length that counts when it is not the built one; segments: the sizes of
        payload that it counts as."""
        scene = self.scene
        if payload is None:
            payload = bytes((i * 7 + size) & 0xFF for i in range(size))
        seq_ = self.seq[side] if seq is None else seq
        body = self.transport(side, payload, flags, seq_, self.seq[1 - side], options, icmp)
        if self.protocol == wire.TCP and seq is None and advance:
            self.seq[side] += len(payload) + ("S" in flags) + ("F" in flags)
        source, destination = self.ends[side][0], self.ends[1 - side][0]
        packet = wire.ip(source, destination, self.protocol, body, **(ip or {}))
        known = self.protocol in (wire.TCP, wire.UDP, wire.ICMP, wire.ICMPV6)
        frame = scene.frame(packet + trailer, source, self.encap if encap is None else encap)

        def count():
            for piece in segments or [len(payload)]:
                less = len(payload) - piece
                self.count(side, (ip_len or len(packet)) - less, piece if known else 0, (wirelen or len(frame)) - less,
                           flags if self.protocol == wire.TCP else "", measured)
        assert segments is None or sum(segments) == len(payload)
        scene.added += len(segments or [0]) - 1
        scene.put(frame, verdict, cut, wirelen, gap, count)
        return self

    def lose(self, side, size=0, flags="A", gap=0.001):
        """A packet that was sent, and not captured."""
        self.seq[side] += size + ("S" in flags) + ("F" in flags)
        self.scene.wait(gap)
        return self

    def handshake(self):
        return self.send(0, flags="S").send(1, flags="SA").send(0, flags="A")

    def goodbye(self):
        """FIN from both, and the last ACK."""
        return self.send(0, flags="FA").send(1, flags="FA").send(0, flags="A")

    def send_fragments(self, side, size, cuts, ident=99, order=None, missing=(), lost_first=None, gap=0.001,
                       later_measured=True):
        """One datagram of `size` bytes of payload in fragments; cuts: offsets into the transport bytes, multiples of 8.

        order: the order in which they appear; missing: fragments that the capture lacks; lost_first: the flow (without ports) that
        later fragments count in that appear while the first one has not been seen; later_measured: whether later fragments are in
        the vectors."""
        payload = bytes(i & 0xFF for i in range(size))
        body = self.transport(side, payload, "A", self.seq[side], self.seq[1 - side], b"", (8, 0))
        if self.protocol == wire.TCP:
            self.seq[side] += size
        head = {wire.TCP: 20, wire.UDP: 8, wire.ICMP: 8, wire.ICMPV6: 8}[self.protocol]
        source, destination = self.ends[side][0], self.ends[1 - side][0]
        edges = [0] + list(cuts) + [len(body)]
        pieces = []
        for i in range(len(edges) - 1):
            offset, piece, more = edges[i], body[edges[i]:edges[i + 1]], i < len(edges) - 2
            if wire.is_v6(source):
                packet = wire.ipv6(source, destination, self.protocol, piece,
                                   extensions=[(wire.FRAGMENT, 8, offset, more, ident)])
            else:
                packet = wire.ipv4(source, destination, self.protocol, piece, ident=ident, more=more, offset=offset)
            pieces.append((i, packet, len(piece) - head if i == 0 else 0))
        seen_first = False
        for i in order or range(len(pieces)):
            if i in missing:
                continue
            number, packet, counted = pieces[i]
            seen_first = seen_first or number == 0
            flow = self if seen_first or lost_first is None else lost_first
            frame = self.scene.frame(packet, source, self.encap)
            end = side if flow is self else flow.side_of(source)
            self.scene.put(frame, "ok", None, None, gap, lambda: flow.count(
                end, len(packet), counted, len(frame), "A" if self.protocol == wire.TCP and number == 0 else "",
                number == 0 or later_measured))
        return self

    def side_of(self, host):
        return 0 if self.ends[0][0] == host else 1


class Scene:
    """The packets of one case, in one or more captures, and everything expected of it."""

    def __init__(self, name, link="ethernet", format="pcap", options=(), layers=LAYERS, encap=()):
        self.name, self.link, self.format = name, wire.LINKS[link], format
        self.options, self.layers, self.encap = list(options), list(layers), list(encap)
        self.now, self.index, self.input = START_NS, 0, 0
        self.captures = [[]]
        self.file_names = None  # None: NAME.EXT, or NAME-0.EXT, ...
        self.operands = None    # None: the captures in order; "directory": the folder that holds them
        self.flows = []
        self.verdicts = {}
        self.subframes = 0
        self.exit, self.notes = 0, []
        self.pad = 60
        self.added = 0  # packets that records have more than the captures

    def flow(self, source, sport, destination, dport, protocol=wire.TCP, encap=(), tunnel=None):
        stack = self.encap + list(encap)
        vlan = []
        tunnelled = False
        for e in stack:  # the tags of the outer frame; of those in tunnels the innermost
            if isinstance(e, wire.Tunnel):
                tunnelled = True
            if isinstance(e, wire.Vlan) and e.vid:
                vlan = vlan[:1] if tunnelled and len(vlan) > 1 else vlan
                vlan.append(e.vid)
        flow = Flow(self, source, sport, destination, dport, protocol, stack, vlan[:2], tunnel)
        self.flows.append(flow)
        return flow

    def frame(self, packet, source, encap):
        ethertype = wire.ethertype_of(source)
        for e in reversed(encap):
            packet, ethertype = e.wrap(packet, ethertype)
        return self.link_frame(packet, ethertype)

    def link_frame(self, packet, ethertype):
        if self.link.number == 1:
            return wire.ethernet_frame(packet, ethertype, pad=self.pad)
        return self.link.frame(packet, ethertype)

    def put(self, frame, verdict="ok", cut=None, wirelen=None, gap=0.001, count=None):
        """Appends a frame to the capture, notes its verdict and, when it is ok, counts it."""
        self.captures[-1].append(Packet(self.now, frame, cut, wirelen))
        self.verdicts[verdict] = self.verdicts.get(verdict, 0) + 1
        if verdict == "ok" and count:
            count()
        self.index += 1
        self.wait(gap)
        return self

    def wait(self, seconds):
        self.now += round(seconds * 10**9)
        return self

    def store(self, last, position):
        """Packets are stored as they were sent, but for this one of the capture (-1: the last one), which is stored there."""
        packets = self.captures[-1]
        packets.insert(position, packets.pop(last))
        return self

    def next_capture(self):
        self.captures.append([])
        self.input += 1

    def expected(self, files):
        packets = [p for capture in self.captures for p in capture]
        records = [part.as_json(self) for flow in self.flows for part in flow.parts]
        for record in records:
            record["input"] = files[record["input"]]
        return {
            "name": self.name, "options": self.options, "layers": self.layers, "exit": self.exit,
            "captures": files, "directory": self.operands == "directory", "reverse": self.operands == "reverse",
            "accounting": {"packets": len(packets), "bytes": sum(p.wirelen for p in packets),
                           "verdicts": self.verdicts, "added": self.added, "subframes": self.subframes},
            "records": records,
        }
