#!/usr/bin/env python3
"""Filters and what is around a packet: -f sees the beginning of the frame, --filter-inner the innermost IP packet; where the one left
out what it means, it is told."""

import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "gen")]
import capture  # noqa: E402
import dztest  # noqa: E402
import wire  # noqa: E402

DONE, FAILED, USAGE = 0, 1, 2
A, B = "192.0.2.1", "198.51.100.2"
PLAIN, TAGGED, PRIORITY, LABELLED = (), (wire.Vlan(7),), (wire.Vlan(0),), (wire.Mpls(16),)
VXLAN = (wire.Vxlan("203.0.113.1", "203.0.113.2", 5), wire.InnerEthernet())


def frame(port, around, size=20):
    packet, ethertype = wire.ipv4(A, B, wire.UDP, wire.udp(A, 1000, B, port, bytes(size))), wire.IPV4
    for layer in reversed(around):
        packet, ethertype = layer.wrap(packet, ethertype)
    return wire.ethernet_frame(packet, ethertype)


def save(t, name, *frames):
    return t.file(name, capture.pcap([capture.Packet((1592301963 + i) * 10**9, f) for i, f in enumerate(frames)], 1))


def packets(done):
    return sum(json.loads(line)["network"]["packets"] for line in done.stdout.splitlines())


def account(t, *arguments):
    stats = t.path("stats.json")
    done = t.run("--stats", stats, *arguments)
    with open(stats, encoding="utf-8") as f:
        return done, json.load(f)


def what_is_seen(t):
    """Of two packets of each kind, one to port 53 and one to 123, --filter-inner takes the one, and -f where nothing is around it."""
    for name, around, outer in (("plain", PLAIN, 1), ("tagged", TAGGED, 0), ("priority", PRIORITY, 0), ("mpls", LABELLED, 0), ("vxlan", VXLAN, 0),
                                ("both", VXLAN + TAGGED, 0)):
        path = save(t, name + ".pcap", frame(53, around), frame(123, around))
        done, stats = account(t, "-f", "udp port 53", path)
        t.expect(name + ", -f", done, DONE)
        t.report.equal(name + ", -f: packets", packets(done), outer)
        t.report.equal(name + ", -f: hidden", (stats["filtered"], stats["hidden"]), (2 - outer, 1 - outer))
        hint = "at least 1 packet that it means"
        t.report.check((hint in done.stderr) == (not outer), "%s, -f: it said: %s", name, done.stderr)
        t.report.check(outer or "--filter-inner 'udp port 53'" in done.stderr, "%s, -f: it said: %s", name, done.stderr)
        for threads in ("1", "3"):
            done, stats = account(t, "-j", threads, "--filter-inner", "udp port 53", path)
            t.expect(name + ", --filter-inner", done, DONE)
            t.report.equal(name + ", --filter-inner: packets", packets(done), 1)
            t.report.equal(name + ", --filter-inner: filtered", (stats["filtered"], stats["hidden"], sum(stats["verdicts"].values())), (1, 0, 1))
        done = t.run("compare", "-F", "json", "-f", "udp port 53", path)
        t.report.check((hint in done.stderr) == (not outer), "%s, compare -f: it said: %s", name, done.stderr)
        done = t.run("compare", "-F", "json", "--filter-inner", "udp port 53", path)
        t.report.equal(name + ", compare --filter-inner: packets", json.loads(done.stdout)["groups"][0]["packets"], 1)


def what_is_not_said(t):
    """No hint where the filter left out what it does not mean, or is about what is around the packet."""
    path = save(t, "lengths.pcap", *[frame(53, around, size) for around in (PLAIN, TAGGED) for size in (20, 40, 60)])
    for expression, left in (("udp port 99", 6), ("not vlan and udp", 0), ("ether host 02:00:00:00:00:09", 6), ("less 70", 4)):
        done, stats = account(t, "-f", expression, path)
        t.expect(expression, done, DONE)
        hidden = stats["hidden"]
        t.report.check(expression == "less 70" or not hidden, "%s: %d of %d packets hidden", expression, hidden, stats["filtered"])
    plain = save(t, "plain-lengths.pcap", *[frame(53, PLAIN, size) for size in (20, 40, 60)])
    t.report.equal("less 70: 62 and 82, 102 bytes of frame", account(t, "-f", "less 70", plain)[1]["filtered"], 2)
    t.report.equal("less 90 of plain frames: none is behind anything", account(t, "-f", "less 90", plain)[1]["hidden"], 0)
    t.report.equal("both filters", packets(account(t, "-f", "vlan", "--filter-inner", "less 70", path)[0]), 2)
    t.expect("a wrong filter", t.run("--filter-inner", "udp prt 53", path), USAGE, "--filter-inner: 'udp prt 53'")
    t.expect("a filter of frames", t.run("--filter-inner", "vlan 7", path), USAGE, "--filter-inner: 'vlan 7'")


def main():
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        t = dztest.Folder(report, folder)
        what_is_seen(t)
        what_is_not_said(t)
    report.finish()


if __name__ == "__main__":
    main()
