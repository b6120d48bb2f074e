#!/usr/bin/env python3
"""The vectors of the tool that this project grew from, by that tool's own definition, on its captures and ours, flow by flow.

Its flows are one-way, TCP over IPv4; a packet of n bytes by its IP header falls into slot n / 64 of 47. Its own reader counted
Ethernet padding too; the IP header's length does not, and that is what is compared here.
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402
import pcapread  # noqa: E402

WIDTH, SLOTS = 64, 47

# Flows by label, as ndpiReader 4.2 counts them.
LABELS = {
    "seed/bittorrent.pcap": {"BitTorrent": 24},
    "seed/doh_luca.pcap": {"DoH_DoT": 15},
    "seed/ssh_second_try.pcap": {"SSH": 1},
    "seed/instagram.pcap": {"Instagram": 22, "HTTP": 6, "Facebook": 5, "Dropbox": 2, "TLS": 1, "ICMP": 1, "Unknown": 1},
}


def vectors(path):
    """-> {(source, sport, destination, dport): counts}, packets read"""
    flows, packets = {}, 0
    for packet in pcapread.read(path):
        packets += 1
        ip = pcapread.ip(packet)
        if ip is None or ip.version != 4 or ip.protocol != 6 or ip.vlan:
            continue
        length = ip.length or packet.wirelen - 14
        (a, ap), (b, bp) = ip.ends()
        counts = flows.setdefault((a, ap, b, bp), [0] * SLOTS)
        counts[min(length // WIDTH, SLOTS - 1)] += 1
    return flows, packets


def check_labels(report):
    """What a newcomer sees, with no options at all."""
    for name, expected in LABELS.items():
        path = os.path.join(dztest.TESTDATA, "pcaps", name)
        run = dztest.Run("--version", stats=False)
        if not os.path.exists(path) or b"nDPI 4.2" not in run.stdout:
            continue
        run, got = dztest.Run(path), {}
        for record in run.records:
            label = record["distribooze"]["label"]
            got[label] = got.get(label, 0) + 1
        report.equal(name + ": labels", got, expected)
        if name == "seed/ssh_second_try.pcap":
            record = run.records[0]
            report.equal(name + ": port, packets", (record["destination"]["port"], record["source"]["packets"],
                                                    record["destination"]["packets"]), (27122, 192, 147))


def main():
    report, schema = dztest.Report(), dztest.Schema()
    flows = 0
    for path in dztest.captures(*(folder for folder in dztest.capture_folders() if not folder.endswith("ndpi"))):
        name = os.path.basename(path)
        if name == "fragments.pcap":
            continue  # later fragments have no ports to the reader here
        expected, packets = vectors(path)
        run = dztest.Run("-q", "--no-expiry", "--unidirectional", "--bin-width", str(WIDTH), "--bins", str(SLOTS), "-f", "tcp and ip", path)
        report.equal(name + ": exit status", run.exit, 0)
        schema.check(report, name, run.records)
        dztest.accounting(report, name, run)
        report.equal(name + ": packets read", run.stats and run.stats["packets"], packets)
        got = {}
        for record in run.records:
            source, destination = record["source"], record["destination"]
            got[source["ip"], source["port"], destination["ip"], destination["port"]] = record["distribooze"]["lengths"]["counts"]
        report.equal(name + ": records", len(run.records), len(got))
        for key in sorted(set(expected) | set(got)):
            flows += 1
            report.equal("%s: %s:%d > %s:%d" % ((name,) + key), got.get(key), expected.get(key))
    check_labels(report)
    report.finish("%d one-way flows" % flows)


if __name__ == "__main__":
    main()
