#!/usr/bin/env python3
"""Captures whose times overlap give the flows of one capture with all their packets, whatever the number of threads."""

import json
import os
import random
import re
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


def in_sections(parts, gap=b""):
    return gap.join(capture.pcapng(part, RAW, nano=True, order="<>"[i % 2]) for i, part in enumerate(parts))


def sections(report, folder):
    """Sections of one file that overlap are merged, as files are, in any order of theirs and beside other captures; damage in one
    ends that one alone. Sections that do not overlap, and what is no section, are read as they are."""
    packets = made(4, 2000)
    whole = os.path.join(folder, "whole.pcap")
    with open(whole, "wb") as f:
        f.write(capture.pcap(packets, RAW, nano=True))
    expected = flows(dztest.Run("-q", whole))
    half = len(packets) // 2
    files = {"in-order": [packets[:half], packets[half:]], "backwards": [packets[half:], packets[:half]],
             "alternating": [packets[::3], packets[1::3], packets[2::3]], "with-an-empty-one": [packets[1::2], [], packets[::2]]}
    for name, parts in files.items():
        path = os.path.join(folder, name + ".pcapng")
        with open(path, "wb") as f:
            f.write(in_sections(parts))
        for options in ([], ["-j", "3"]):
            run = dztest.Run(*options, path)
            what = "sections %s%s" % (name, " ".join(options))
            report.equal(what + ": packets", run.stats["packets"], len(packets))
            report.equal(what + ": inputs", run.stats["inputs"]["read"], 1)
            report.check("sections" not in run.stderr, "%s: %s", what, run.stderr)
            report.check(flows(run) == expected, "%s: other flows than one section gives", what)
    return whole, packets, expected


def sections_elsewhere(report, folder, whole, packets, expected):
    """Beside other files, by input, resumed, damaged; and where they cannot be reached, said."""
    path, third, data = os.path.join(folder, "two.pcapng"), os.path.join(folder, "third.pcap"), in_sections([packets[1::3], packets[::3]])
    with open(path, "wb") as f:
        f.write(data)
    with open(third, "wb") as f:
        f.write(capture.pcap(packets[2::3], RAW, nano=True))
    report.check(flows(dztest.Run("-q", third, path)) == expected, "sections beside a file: other flows than one file gives")
    apart = dztest.Run("compare", "--by", "input", "-F", "json", path, whole, stats=False)
    groups = {group["name"]: group["packets"] for group in json.loads(apart.stdout)["groups"]}
    report.equal("sections by input: packets", sorted(groups.values()), sorted([len(packets) - len(packets[2::3]), len(packets)]))
    # Cut within the section that is stored last, 10 bytes before its end: its last packet is missing, and nothing else.
    with open(path, "wb") as f:
        f.write(data[:-10])
    run = dztest.Run(path)
    report.equal("a damaged section: packets", run.stats["packets"], len(packets) - len(packets[2::3]) - 1)
    report.check("broken off after packet %d of a section (offset " % (len(packets[::3]) - 1) in run.stderr, "a damaged section: %s", run.stderr)
    offset = int(re.search(r"\(offset (\d+)\)", run.stderr)[1])
    report.check(len(data) - 200 < offset <= len(data), "a damaged section: offset %d of %d", offset, len(data))
    # A third section whose header is damaged: it is told of, and the two before it are merged.
    with open(path, "wb") as f:
        f.write(data + data[:8] + b"none" + data[12:])
    run = dztest.Run(path)
    report.check(run.exit == 1 and "without byte-order magic" in run.stderr, "a damaged section header: exit status %d: %s", run.exit, run.stderr)
    report.equal("a damaged section header: packets", run.stats["packets"], len(packets) - len(packets[2::3]))
    # Compressed, or behind 8 MB without another, they are read as they are stored, and that is told.
    big = [capture.Packet(packets[0].time_ns + i, bytes(60000)) for i in range(200)]
    for name, data in (("packed.gz", capture.gzip.compress(data, mtime=0)), ("far.pcapng", in_sections([big + packets[1::2], packets[::2]]))):
        path = os.path.join(folder, name)
        with open(path, "wb") as f:
            f.write(data)
        run = dztest.Run(path)
        report.equal("sections %s: warnings" % name, run.stderr.count("sections within captures overlap in time"), 1)
    # No section at all: times that go back in one are nothing to tell of.
    path = os.path.join(folder, "one.pcapng")
    with open(path, "wb") as f:
        f.write(in_sections([packets[::-1]]))
    report.check("sections" not in dztest.Run(path).stderr, "one section: is told as several")


def ids(report, folder):
    """A capture's flows have the same ids, whatever other captures are read with it, in any order and by any number of threads."""
    pcaps = os.path.join(dztest.SOURCE, "pcaps")
    paths = [os.path.join(pcaps, name + ".pcap") for name in ("ssh", "dns", "web", "doh")]
    expected = {record["event"]["id"] for path in paths for record in dztest.Run("-q", "--no-expiry", path).records}
    report.check(len(expected) > 300, "only %d ids", len(expected))
    for options, some in (([], paths), ([], paths[::-1]), (["-j", "3"], paths), (["-f", "tcp or udp or icmp"], paths)):
        got = [record["event"]["id"] for record in dztest.Run("-q", "--no-expiry", *options, *some).records]
        report.equal("ids, %s: all there, and once" % " ".join(options), sorted(got), sorted(expected))


def main():
    report = dztest.Report()
    capture.FORMATS.setdefault("pcap-nano.gz", lambda p, l: capture.gzip.compress(capture.pcap(p, l, nano=True), mtime=0))
    with tempfile.TemporaryDirectory() as folder:
        overlapping(report, folder)
        ids(report, folder)
        sections_elsewhere(report, folder, *sections(report, folder))
    report.finish("captures whose times overlap")


if __name__ == "__main__":
    main()
