#!/usr/bin/env python3
"""The rule of share/profiles/ndpireader-doh.json gives ndpiReader's verdict: DoH or not, for every flow that it judges.

ndpiReader -D -v 2 prints each flow's bins; with -b it prints a verdict beside the bins of the flows that it judged.
- Its verdicts test this file's own rule (four lines, from the centroids and the threshold in nDPI's example/ndpiReader.c). Readers
  before nDPI 4.8 never fill in their centroids, so that ndpi_bin_similarity() answers -1 and whatever they judge is "DoH": their
  verdicts are then not compared, and the test says so.
- That rule, on the bins that ndpiReader prints, is then held against `distribooze score`, on our own vectors.

Our vectors are not quite its bins. It bins the first 255 packets; it cuts percent to whole numbers twice; and when a TLS flow is
recognised it throws its bins away and puts the first TLS records of application data in their place, up to eight. A verdict that
differs must come with bins that differ by one of these, and is counted.

    doh.py [CAPTURE...]    NDPIREADER=/path/to/another/ndpiReader
"""

import json
import math
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import dztest  # noqa: E402
import ndpireader as reader  # noqa: E402

READER = os.environ.get("NDPIREADER") or "ndpiReader"
LIBRARY = os.path.join(dztest.SOURCE, "share", "profiles", "ndpireader-doh.json")
THRESHOLD = 35.5
CENTROIDS = [{0: 23, 1: 25, 2: 3, 4: 26, 14: 2, 17: 15, 18: 3, 22: 1}, {0: 35, 1: 30, 2: 21, 6: 2, 7: 4, 10: 5, 11: 1}]
VERDICT = re.compile(r"^\t\d+\t.*?\t\[(?P<bins>[\d;,]+)\]\[similarity: [^]]*\].*\[(?P<no>NO )?DoH \((?P<distance>[-\d.]+) distance\)\]", re.M)


def distance(percent):
    return min(math.sqrt(sum((p - c.get(k, 0)) ** 2 for k, p in enumerate(percent))) for c in CENTROIDS)


def cut(counts):
    total = sum(counts)
    return [c * 100 // total if total else 0 for c in counts]


def theirs(path):
    """-> ({key: (bins, label, packets from each end)}, [(bins, says DoH, distance)])"""
    flows = {}
    done = subprocess.run([READER, "-i", path, "-D", "-v", "2", "-b", "2", "-t"], capture_output=True, check=False, timeout=120)
    text = done.stdout.decode("utf-8", "replace")
    for line in text.splitlines():
        flow, packets, bins = reader.FLOW.match(line), reader.PACKETS.search(line), reader.BINS.search(line)
        if not flow or not packets or not bins:
            continue
        protocol = reader.PROTOCOLS.get(flow["protocol"]) or int(flow["protocol"] or 0)
        k = reader.key(flow["a"].strip("[]"), int(flow["ap"]), flow["b"].strip("[]"), int(flow["bp"]), protocol, int(flow["vlan"] or 0))
        flows.setdefault(k, []).append(([int(n) for n in bins[1].split(",")], flow["label"], (int(packets[1]), int(packets[2]))))
    verdicts = [([int(n) for n in re.split("[;,]", m["bins"])], not m["no"], float(m["distance"]))
                for m in VERDICT.finditer(text)]
    return flows, verdicts


def ours(path):
    """-> {key: (counts, matches, distance, packets)} from `distribooze score`"""
    done = subprocess.run([dztest.PROGRAM, "score", "-q", "--profiles", LIBRARY, "--skip-empty", "--no-expiry", path], capture_output=True,
                          check=False, timeout=120)
    flows = {}
    for line in done.stdout.decode("utf-8").splitlines():
        record = json.loads(line)
        rules = record["distribooze"].get("match", {}).get("rules", [{}])
        counts = record["distribooze"]["lengths"]["counts"]
        flows.setdefault(reader.record_key(record), []).append(
            (counts, rules[0].get("matches", False), rules[0].get("distance"), record["network"]["packets"]))
    return flows


def judged(label, packets):
    """Flows that ndpiReader judges: TLS, with packets enough in both directions."""
    return label.split(".")[0] in ("TLS", "DoH_DoT") and min(packets) >= 10 and sum(packets) >= 40


def reason(bins, counts, packets):
    """Why its bins are not ours; None when they are the same."""
    if bins in (cut(counts), cut(cut(counts))):
        return "cut twice" if bins != cut(counts) else None
    return "255 packets, or TLS records in place of payloads" if packets > reader.FIRST else "TLS records in place of payloads"


def compare(report, path, totals):
    capture = os.path.basename(path)
    flows, verdicts = theirs(path)
    mine = ours(path)
    for bins, says, far in verdicts:
        totals["verdicts"] += 1
        if far < 0:
            totals["not initialised"] += 1
            continue
        report.check(says == (distance(bins) <= THRESHOLD), "%s: the reader says %s at %s, by its centroids it is %s", capture, says, far,
                     distance(bins))
    for k, found in flows.items():
        if len(found) > 1 or len(mine.get(k, [])) != 1:
            continue  # flows that either splits
        bins, label, packets = found[0]
        counts, matches, far, ours_packets = mine[k][0]
        if counts and sum(counts):
            report.check(abs(far - distance(cut(counts))) < 1e-9 and matches == (far <= THRESHOLD),
                         "%s %s: our rule says %s at %s, by the centroids it is %s", capture, reader.key_text(k), matches, far,
                         distance(cut(counts)))
        if not judged(label, packets) or not sum(bins):
            continue
        totals["judged"] += 1
        totals["DoH by it"] += distance(bins) <= THRESHOLD
        totals["DoH by us"] += matches
        if (distance(bins) <= THRESHOLD) == matches:
            totals["same"] += 1
            continue
        why = reason(bins, counts, ours_packets)
        totals["differ"] += 1
        print("differs: %s %s %s: its bins are %.1f away, ours %.1f (%s)" % (capture, reader.key_text(k), label, distance(bins), far, why))
        report.check(why is not None, "%s %s: the same bins, another verdict", capture, reader.key_text(k))


def main():
    dztest.need(READER) if "/" not in READER else None
    paths = sys.argv[1:] or dztest.captures(*dztest.capture_folders())
    report = dztest.Report()
    totals = dict.fromkeys(["judged", "same", "differ", "DoH by it", "DoH by us", "verdicts", "not initialised"], 0)
    for path in paths:
        compare(report, path, totals)
    if totals["not initialised"]:
        print("note: this ndpiReader leaves its centroids empty, and calls DoH whatever it judges (%d flows); nDPI 4.8 mended that"
              % totals["not initialised"])
    report.check(totals["judged"] > 0, "ndpiReader judged no flow")
    report.finish(", ".join("%s %d" % item for item in totals.items()))


if __name__ == "__main__":
    main()
