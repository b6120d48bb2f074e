#!/usr/bin/env python3
"""The same flows carried in different ways give the same records: the captures of pcaps/ that were made at once.

What must be equal follows from how they were made (pcaps/README.md): the encapsulated copies hold the very packets of the
bare capture; the parts of a session that tcpdump cut hold those of the whole; and fragments carry, beside one IP header
each, the bytes of the packets that were fragmented.

    pcaps-copies.py [FOLDER]        FOLDER: what pcaps/make wrote, else pcaps/
"""

import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

ENCAPSULATIONS = {"vlan": None, "qinq": None, "gre": "gre", "gretap": "gre", "vxlan": "vxlan", "vxlan6": "vxlan", "vxlan-frag": "vxlan"}
IPV4_HEADER = 20


def capture(name):
    return os.path.join(sys.argv[1] if len(sys.argv) > 1 else os.path.join(dztest.SOURCE, "pcaps"), name)


def run(report, *arguments):
    done = dztest.Run("-q", *arguments)
    report.equal(done.command + ": exit status", done.exit, 0)
    return done.records


def sessions(records):
    """The TCP flows of a capture by the client's address and port: the rest is neighbour discovery of the link."""
    return {(r["source"]["ip"], r["source"]["port"]): r for r in records if r["network"]["transport"] == "tcp"}


def content(record):
    """What does not depend on how the packets were carried. Times are those of another link."""
    sides = [(side["ip"], side["port"], side["packets"], side["bytes"]) for side in (record["source"], record["destination"])]
    return sides, record["network"]["community_id"], record["distribooze"]["label"], record["distribooze"]["lengths"]


def check_encapsulations(report):
    for layer in "ip", "payload":
        bare = sessions(run(report, "--layer", layer, capture("encap-bare.pcap")))
        report.equal("encap-bare.pcap: sessions", len(bare), 2)
        for kind, tunnel in ENCAPSULATIONS.items():
            name = "encap-%s.pcap" % kind
            copies = sessions(run(report, "--layer", layer, capture(name)))
            report.equal(name + ": sessions", sorted(copies), sorted(bare))
            for key in sorted(set(copies) & set(bare)):
                what = "%s: %s of %s" % (name, layer, key)
                report.equal(what, content(copies[key]), content(bare[key]))
                report.equal(what + ": tunnel", copies[key]["distribooze"].get("tunnel"), tunnel)


def check_rotation(report):
    whole = run(report, capture("rotated-whole.pcap"))
    report.equal("rotated-whole.pcap: flows", len(whole), 1)
    parts = run(report, *[capture("rotated/session-%d.pcap" % i) for i in (1, 2, 3)])
    report.equal("rotated: flows", len(parts), 1)
    report.equal("rotated: the flow", [content(r) for r in parts], [content(r) for r in whole])


def check_fragments(report):
    bare = sessions(run(report, capture("fragments-bare.pcap")))
    cut = sessions(run(report, capture("fragments.pcap")))
    report.equal("fragments: sessions", sorted(cut), sorted(bare))
    report.equal("fragments-bare.pcap: sessions", len(bare), 2)
    for key in sorted(set(cut) & set(bare)):
        for side in "source", "destination":
            without = [r[side]["bytes"] - IPV4_HEADER * r[side]["packets"] for r in (cut[key], bare[key])]
            report.equal("fragments: bytes after the IP headers, %s of %s" % (side, key), *without)
        longest = cut[key]["distribooze"]["lengths"]["max"]
        report.check(longest <= 576, "fragments: a packet of %d bytes crossed a link whose MTU is 576", longest)
        report.equal("fragments: more packets than before", cut[key]["network"]["packets"] > bare[key]["network"]["packets"], True)


def main():
    report = dztest.Report()
    check_encapsulations(report)
    check_rotation(report)
    check_fragments(report)
    report.finish()


if __name__ == "__main__":
    main()
