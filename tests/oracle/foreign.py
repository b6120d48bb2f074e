#!/usr/bin/env python3
"""Captures of other projects' test suites: as many packets read, and in flows, and in which, as tshark has it.

The test data lists them in pcaps/corpora/expected.tsv: file, packets, packets with IP, and the innermost flows' Community IDs
with their packets, as tshark sees them without putting fragments together.
"""

import collections
import os
import sys
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

# Packets with IP that are in no flow, and packets of tshark's flows that are in others; each with its reason.
APART = {
    # IP payload compression: tshark inflates what is inside; here it is a flow of ipcomp
    "libpcap-AH-IPcomp-IPv4.pcap": (0, 4),
    # Teredo between client and relay, on ports of their own: opened here, as Zeek does, and closed for tshark
    "zeek-Teredo.pcap": (0, 25),
    "zeek-teredo_bubble_with_payload.pcap": (0, 23),
    # 6LoWPAN: the IPv6 header is compressed (RFC 6282), and stands in no byte of the frame
    "tcpdump-802_15_4-data.pcap": (1, 0),
}
# What tshark numbers as packets, though it is none: custom blocks of pcapng.
NO_PACKETS = {"gopacket-be-test202.pcapng": 3}


def cases(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                name, packets, with_ip, ids = line.rstrip("\n").split("\t")
                flows = dict(flow.rsplit("=", 1) for flow in ids.split(";") if flow)
                yield name, int(packets), int(with_ip), collections.Counter({k: int(v) for k, v in flows.items()})


def main():
    folder = dztest.testdata("pcaps", "corpora")
    report, rows = dztest.Report(), list(cases(os.path.join(folder, "expected.tsv")))
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        runs = pool.map(lambda row: dztest.Run("-q", os.path.join(folder, row[0])), rows)
        for (name, packets, with_ip, flows), run in zip(rows, runs):
            have = collections.Counter()
            for record in run.records:
                have[record["network"]["community_id"]] += record["network"]["packets"]
            uncounted, elsewhere = APART.get(name, (0, 0))
            report.equal(name + ": packets", run.stats and run.stats["packets"], packets - NO_PACKETS.get(name, 0))
            if run.stats:
                report.equal(name + ": packets with IP", max(with_ip - run.stats["verdicts"]["ok"], 0), uncounted)
            report.equal(name + ": packets in other flows", sum((flows - have).values()), elsewhere)
    report.check(len(rows) > 50, "only %d captures are listed", len(rows))
    report.finish("%d captures" % len(rows))


if __name__ == "__main__":
    main()
