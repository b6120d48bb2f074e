#!/usr/bin/env python3
"""Captures whose times overlap give the flows of one capture with all their packets, whatever the number of threads."""

import os
import random
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.path.insert(0, os.path.join(HERE, "..", "gen"))
import capture  # noqa: E402
import dztest  # noqa: E402

RAW, SECOND = 101, 10**9


def datagram(flow, back, size):
    ports = (10000 + flow).to_bytes(2, "big"), (9999).to_bytes(2, "big")
    hosts = bytes([192, 0, 2, flow % 50]), bytes([198, 51, 100, flow % 7])
    if back:
        ports, hosts = ports[::-1], hosts[::-1]
    total = 28 + size
    header = bytes([0x45, 0]) + total.to_bytes(2, "big") + bytes([0, 1, 0, 0, 64, 17, 0, 0]) + hosts[0] + hosts[1]
    return header + ports[0] + ports[1] + (8 + size).to_bytes(2, "big") + b"\0\0" + b"x" * size


def made(seed, count=3000, flows=60):
    """Packets over some hours, so that flows idle, go on, and share their time with others."""
    dice = random.Random(seed)
    now, out = 1700000000 * SECOND, []
    for _ in range(count):
        now += int(dice.expovariate(1) * 8 * SECOND)
        out.append(capture.Packet(now, datagram(dice.randrange(flows), dice.random() < 0.4, dice.randrange(1400))))
    return out


def dealt(packets, files, seed):
    """To files at random, each in its own order; some files get a part of the time alone, as rotated ones do."""
    dice = random.Random(seed)
    out = [[] for _ in range(files)]
    span = len(packets) // files + 1
    for i, packet in enumerate(packets):
        out[min(files - 1, max(0, i // span + dice.randrange(-2, 3)))].append(packet)
    return out


def flows(run):
    """What the records say, but for the input's name, and the ids that are made of it."""
    out = []
    for record in run.records:
        del record["distribooze"]["input"], record["event"]["id"]
        out.append(record)
    return sorted(out, key=str)


def overlapping(report, folder):
    for seed, files in ((1, 2), (2, 5), (3, 9)):
        packets = made(seed)
        whole, parts = os.path.join(folder, "whole-%d.pcap" % seed), []
        with open(whole, "wb") as f:
            f.write(capture.pcap(packets, RAW, nano=True))
        for i, part in enumerate(dealt(packets, files, seed)):
            form = ("pcap-nano", "pcapng-nano", "gz")[i % 3]
            name = os.path.join(folder, "part-%d-%d.%s" % (seed, i, form))
            with open(name, "wb") as f:
                f.write(capture.FORMATS["pcap-nano.gz" if form == "gz" else form](part, RAW))
            parts.append(name)
        expected = flows(dztest.Run("-q", whole))
        report.check(len(expected) > 100, "only %d flows", len(expected))
        for threads in ("1", "3"):
            run = dztest.Run("-q", "-j", threads, *reversed(parts))
            got = flows(run)
            report.equal("%d files, -j %s: packets" % (files, threads), run.stats["packets"], len(packets))
            report.equal("%d files, -j %s: flows" % (files, threads), len(got), len(expected))
            report.check(got == expected, "%d files, -j %s: other flows than one file gives", files, threads)


def sections(report, folder):
    """Sections of one file that overlap are told; those that do not, and what is no section, are not."""
    packets = made(4, 200)
    halves = packets[:100], packets[100:]
    files = {"in-order": (halves, False), "overlapping": ((packets[::2], packets[1::2]), True), "one": ((packets[::-1],), False)}
    for name, (parts, told) in files.items():
        path = os.path.join(folder, name + ".pcapng")
        with open(path, "wb") as f:
            f.write(b"".join(capture.pcapng(part, RAW, nano=True) for part in parts))
        run = dztest.Run(path)
        report.equal("sections %s: packets" % name, run.stats["packets"], len(packets))
        report.equal("sections %s: warnings" % name, run.stderr.count("sections within captures overlap in time"), int(told))


def main():
    report = dztest.Report()
    capture.FORMATS.setdefault("pcap-nano.gz", lambda p, l: capture.gzip.compress(capture.pcap(p, l, nano=True), mtime=0))
    with tempfile.TemporaryDirectory() as folder:
        overlapping(report, folder)
        sections(report, folder)
    report.finish("captures whose times overlap")


if __name__ == "__main__":
    main()
