"""Capture files: pcap in both byte orders and resolutions, and pcapng."""

import gzip
import struct


class Packet:
    """A frame as captured: time in nanoseconds since 1970, the bytes kept, its length on the wire."""

    def __init__(self, time_ns, frame, caplen=None, wirelen=None):
        self.time_ns = time_ns
        self.bytes = frame if caplen is None else frame[:caplen]
        self.wirelen = len(frame) if wirelen is None else wirelen


def pcap(packets, linktype, order="<", nano=False, snaplen=262144):
    out = [struct.pack(order + "IHHiIII", 0xA1B23C4D if nano else 0xA1B2C3D4, 2, 4, 0, 0, snaplen, linktype)]
    for p in packets:
        seconds, rest = divmod(p.time_ns, 10**9)
        out.append(struct.pack(order + "IIII", seconds, rest if nano else rest // 1000, len(p.bytes), p.wirelen))
        out.append(p.bytes)
    return b"".join(out)


def _block(order, kind, body):
    body += b"\0" * (-len(body) % 4)
    size = struct.pack(order + "I", len(body) + 12)
    return struct.pack(order + "I", kind) + size + body + size


def _option(order, code, value):
    return struct.pack(order + "HH", code, len(value)) + value + b"\0" * (-len(value) % 4)


def pcapng(packets, linktype, order="<", nano=False, snaplen=262144, strange=False):
    """strange: with blocks that a reader is to pass over (name resolution, statistics, one of private use)."""
    out = [_block(order, 0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1))]
    options = _option(order, 9, bytes([9 if nano else 6])) + struct.pack(order + "HH", 0, 0)
    out.append(_block(order, 1, struct.pack(order + "HHI", linktype, 0, snaplen) + options))
    if strange:
        out.append(_block(order, 4, struct.pack(order + "HH", 0, 0)))
        out.append(_block(order, 0x80000BAD, b"whatever"))
    for p in packets:
        ticks = p.time_ns if nano else p.time_ns // 1000
        out.append(_block(order, 6, struct.pack(order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF,
                                                len(p.bytes), p.wirelen) + p.bytes))
        if strange:
            out.append(_block(order, 5, struct.pack(order + "III", 0, 0, 0)))
    return b"".join(out)


def sections(packets, linktype):
    """Two sections of different byte order, clock and snapshot length, as two files one after the other make them."""
    half = len(packets) // 2
    return pcapng(packets[:half], linktype, nano=True, snaplen=96) + pcapng(packets[half:], linktype, order=">", strange=True)


FORMATS = {
    "pcap": lambda p, l: pcap(p, l),
    "pcap-be": lambda p, l: pcap(p, l, order=">"),
    "pcap-nano": lambda p, l: pcap(p, l, nano=True),
    "pcap-nano-be": lambda p, l: pcap(p, l, order=">", nano=True),
    "pcapng": lambda p, l: pcapng(p, l),
    "pcapng-be": lambda p, l: pcapng(p, l, order=">"),
    "pcapng-nano": lambda p, l: pcapng(p, l, nano=True, strange=True),
    "pcapng-sections": sections,
    "pcap-small-snaplen": lambda p, l: pcap(p, l, snaplen=64),
    "pcap.gz": lambda p, l: gzip.compress(pcap(p, l), mtime=0),
    "pcapng.gz": lambda p, l: gzip.compress(pcapng(p, l), mtime=0),
}
