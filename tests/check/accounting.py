#!/usr/bin/env python3
"""Every packet that was read is accounted for, on every capture there is and with options that change what is counted: the totals
of --stats add up, to one another and to the records."""

import collections
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

SETS = [[], ["--resegment"], ["-j", "3"], ["-f", "udp or icmp"], ["-u", "--active-timeout", "1"], ["--max-flows", "2"], ["--no-expiry", "--no-tunnels", "-j", "2"]]


def direction(record, side):
    return record[side].get("packets", 0), record[side].get("bytes", 0)


def check(report, path, options):
    run = dztest.Run("-q", *options, path)
    what = "%s %s" % (os.path.basename(path), " ".join(options))
    stats, records = run.stats, run.records
    flows, labels = stats["flows"], stats["labels"]
    by_reason = collections.Counter(r["distribooze"]["end_reason"] for r in records)

    report.equal(what + ": packets", stats["packets"] + stats["subframes"], stats["filtered"] + sum(stats["verdicts"].values()))
    report.equal(what + ": packets in flows", flows["packets"], stats["verdicts"]["ok"])
    report.equal(what + ": packets by label", sum(l["packets"] for l in labels.values()), flows["packets"] + flows["added"])
    report.equal(what + ": records", len(records), flows["records"])
    sums = [sum(direction(r, side)[i] for r in records for side in ("source", "destination")) for i in (0, 1)]
    report.equal(what + ": packets in records", sums[0], flows["packets"] + flows["added"])
    report.equal(what + ": bytes in records", sums[1], sum(l["bytes"] for l in labels.values()))
    report.equal(what + ": flows that ended", sum(n for reason, n in flows["ended"].items() if reason != "active"), flows["begun"])
    report.check(flows["peak"] <= flows["begun"], "%s: more flows open at once than there were", what)
    if "-u" not in options:
        report.equal(what + ": by end reason", {k: v for k, v in flows["ended"].items() if v}, dict(by_reason))
    whole = collections.Counter(r["distribooze"]["label"] for r in records if r["distribooze"]["end_reason"] != "active")
    report.equal(what + ": flows by label", {k: l["flows"] for k, l in labels.items() if l["flows"]}, dict(whole))
    if "--max-flows" in options:
        report.check(flows["peak"] <= 2, "%s: %d flows open at once", what, flows["peak"])
    report.equal(what + ": stopped", stats["stopped"], False)


def main():
    report = dztest.Report()
    paths = dztest.captures(*dztest.capture_folders())
    for path in paths:
        for options in SETS:
            check(report, path, options)
    print("%d captures, %d sets of options" % (len(paths), len(SETS)))
    report.finish()


if __name__ == "__main__":
    main()
