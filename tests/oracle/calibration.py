#!/usr/bin/env python3
"""How far the answers of compare can be trusted: the tables of docs/STATISTICS.md, made by one command.

    calibration.py                       a short round, as make check runs it; exit 1 when a bound is broken
    calibration.py --full [FOLDER]...    the whole, as Markdown; folders of captures, by default pcaps/ and the test data's
    calibration.py --intervals           of the whole only the last table

A/A: the flows of one capture and label are dealt at random to two groups, which then differ by chance alone; compare must find
a difference in no more than one of twenty. What is dealt as one piece is dependent, so it is dealt in several ways: by
sessions (flows of one host, each begun within 1 s or 10 s of the one before), and in runs of 5 and 20 flows in the order of
time. Pieces of one kind (flows in runs) need not be what compare takes for sessions: that is the point.
Power and coverage are of made flows, whose truth is known. Parting a capture by time is no null: hosts and what they do
change (drift), and that is a difference.
"""

import argparse
import collections
import json
import os
import random
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

LEAST_FLOWS = 20      # of a label in a capture, to be a set
LEAST_PIECES = 7      # to be dealt: 3 and 4 of them can be split in 35 ways, and 6 in 20 at most, each with its mirror image
MOST_FALSE = 18       # of 200 at p <= 0.05: what 5 % gives in all but 1 of 200 tables
BINS = 48
SECOND = 10 ** 9


def compare(lines, *options):
    """-> the one pair of `compare --by label` over lines whose labels are A and B; None when one group is missing."""
    done = subprocess.run([dztest.PROGRAM, "compare", "-q", "-F", "json", *options, "-"], input="".join(lines).encode(), capture_output=True,
                          check=False, timeout=300)
    if done.returncode:
        sys.exit("compare: exit status %d: %s" % (done.returncode, done.stderr.decode()))
    told = json.loads(done.stdout)
    return told["test"]["pairs"][0] if "test" in told else None


# ---- sets of flows ----

class Flow:
    """A line of a flow, cut where the label stands."""

    def __init__(self, line):
        record = json.loads(line)
        self.host = record["source"]["ip"]
        start = record["event"]["start"]
        self.start = seconds(start)
        self.label = record["distribooze"]["label"]
        mark = '"label":' + json.dumps(self.label, ensure_ascii=False)
        self.before, self.after = line.split(mark, 1)

    def named(self, name):
        return '%s"label":"%s"%s' % (self.before, name, self.after)


def seconds(stamp):
    """Of the day and the days before: enough to take differences."""
    day, clock = stamp.rstrip("Z").split("T")
    year, month, date = (int(x) for x in day.split("-"))
    hour, minute, rest = clock.split(":")
    return ((year * 372 + month * 31 + date) * 24 + int(hour)) * 3600 + int(minute) * 60 + float(rest)


def sets_of(folders):
    """-> {name: [flows of one capture and label that counted a packet]}"""
    found = {}
    for capture in dztest.captures(*folders):
        done = subprocess.run([dztest.PROGRAM, "-q", capture], capture_output=True, check=False, timeout=120)
        by_label = collections.defaultdict(list)
        for line in done.stdout.decode().splitlines(True):
            flow = Flow(line)
            by_label[flow.label].append(flow)
        for label, flows in by_label.items():
            if len(flows) >= LEAST_FLOWS and label != "Unknown":
                found["%s %s" % (os.path.basename(capture), label)] = flows
    return found


def sessions(flows, gap):
    pieces = []
    for flow in sorted(flows, key=lambda f: (f.host, f.start)):
        if pieces and pieces[-1][-1].host == flow.host and flow.start - pieces[-1][-1].start <= gap:
            pieces[-1].append(flow)
        else:
            pieces.append([flow])
    return pieces


def runs(flows, length):
    ordered = sorted(flows, key=lambda f: f.start)
    return [ordered[i:i + length] for i in range(0, len(ordered), length)]


WAYS = {"sessions of 1 s": lambda flows: sessions(flows, 1), "sessions of 10 s": lambda flows: sessions(flows, 10),
        "runs of 5": lambda flows: runs(flows, 5), "runs of 20": lambda flows: runs(flows, 20)}


# ---- made flows ----

class Maker:
    """Flows of visits: a visit is a burst of flows of one host, alike among themselves and unlike other visits."""

    def __init__(self, seed):
        self.dice = random.Random(seed)
        capture = os.path.join(dztest.SOURCE, "pcaps", "dns.pcap")
        line = subprocess.run([dztest.PROGRAM, "-q", capture], capture_output=True, check=True).stdout.decode().splitlines()[0]
        self.record = json.loads(line)
        self.record["distribooze"]["lengths"].pop("percent", None)
        self.clock = 0.0
        self.number = 0

    def line(self, label, host, start, source, destination):
        self.number += 1
        record = json.loads(json.dumps(self.record))
        record["source"]["ip"] = host
        stamp = "2026-01-%02dT%02d:%02d:%09.6fZ" % (1 + start // 86400, start // 3600 % 24, start // 60 % 60, start % 60)
        record["event"]["start"] = record["@timestamp"] = record["event"]["end"] = stamp
        record["event"]["id"] = "%032x" % self.number
        mine = record["distribooze"]
        mine["label"] = label
        lengths, total = mine["lengths"], [a + b for a, b in zip(source, destination)]
        lengths["counts"], lengths["count"] = total, sum(total)
        for name, counts in (("source", source), ("destination", destination)):
            lengths[name] = dict(lengths[name], counts=counts, count=sum(counts))
            lengths[name].pop("percent", None)
        return json.dumps(record, separators=(",", ":")) + "\n"

    def shares(self, shift):
        """What a visit's flows are made by: mostly small packets and full ones, in a mixture of its own; `shift` moves some
        of the small packets of the source to another bin."""
        weights = [0.0] * (2 * BINS)
        small, full = self.dice.betavariate(4, 4), self.dice.betavariate(2, 6)
        weights[1], weights[2], weights[BINS + 1] = (1 - shift) * small, 0.5 * (1 - small) + shift * small, 0.3 * (1 - full)
        weights[BINS + 4], weights[BINS + 46] = 0.3 * (1 - full), full
        return weights

    def visit(self, label, host, flows, shift=0.0, mixed=None):
        self.clock += self.dice.uniform(90, 600)
        weights, start, lines = self.shares(shift), self.clock, []
        for _ in range(flows):
            counts = [0] * (2 * BINS)
            kinds = range(2 * BINS)
            for kind in self.dice.choices(kinds, mixed or weights, k=self.dice.randrange(8, 60)):
                counts[kind] += 1
            lines.append(self.line(label, host, start, counts[:BINS], counts[BINS:]))
            start += self.dice.expovariate(1 / 0.7)
        self.clock = start
        return lines

    def visits(self, label, sizes, shift=0.0):
        """One group's; both groups' begin in the same week."""
        self.clock = 0.0
        return [line for size in sizes for line in self.visit(label, "10.0.0.%d" % self.dice.randrange(1, 4), size, shift)]


# ---- A/A ----

class Tally:
    def __init__(self):
        self.tested = self.false = self.refused = 0

    def add(self, pair):
        if pair is None or "p" not in pair:
            self.refused += 1
            return
        self.tested += 1
        self.false += pair["p"] <= 0.05

    def row(self):
        return "%d of %d" % (self.false, self.tested) + (", %d refused" % self.refused if self.refused else "")

    def allowed(self):
        """What 5 % gives in all but one of 200 tables; 18 of 200."""
        mean, spread = 0.05 * self.tested, (0.05 * 0.95 * self.tested) ** 0.5
        return max(MOST_FALSE * self.tested // 200, int(mean + 2.6 * spread))


def deal(pieces, dice):
    while True:
        sides = [dice.random() < 0.5 for _ in pieces]
        if any(sides) and not all(sides):
            return [flow.named("A" if side else "B") for side, piece in zip(sides, pieces) for flow in piece]


def null_tables(found, trials, dice, *options):
    """-> {set: {way: Tally}} of those with pieces enough to reach p <= 0.05 if they were the sessions."""
    table = {}
    for name, flows in found.items():
        row = {}
        for way, cut in WAYS.items():
            pieces, tally = cut(flows), Tally()
            for _ in range(trials if len(pieces) >= LEAST_PIECES else 0):
                tally.add(compare(deal(pieces, dice), *options))
            row[way] = tally
        table[name] = row
    return table


def made_null(trials, seed):
    """Visits in bursts of very unequal size, all of one kind, dealt at random."""
    tally = Tally()
    maker = Maker(seed)
    for _ in range(trials):
        sizes = [1 + int(maker.dice.paretovariate(1.1)) % 30 for _ in range(24)]
        sides = [maker.dice.choice("AB") for _ in sizes]
        tally.add(compare([line for name in "AB" for line in maker.visits(name, [n for n, side in zip(sizes, sides) if side == name])]))
    return tally


def made_sizes(trials, seed):
    """All visits of one kind, but those of A are of 2 flows and those of B of 12."""
    tally = Tally()
    maker = Maker(seed)
    for _ in range(trials):
        tally.add(compare(maker.visits("A", [2] * 15) + maker.visits("B", [12] * 15)))
    return tally


# ---- power, told apart, coverage ----

def power(trials, seed, shift, count, unequal):
    tally, maker = Tally(), Maker(seed)
    for _ in range(trials):
        sizes = [[maker.dice.randrange(1, 16) if unequal else 4 for _ in range(count)] for _ in "AB"]
        tally.add(compare(maker.visits("A", sizes[0]) + maker.visits("B", sizes[1], shift)))
    return tally


def told_apart(trials, seed, shift, a, b):
    """-> mean told apart and H, and how often their intervals hold the means."""
    maker, pairs = Maker(seed), []
    for _ in range(trials):
        lines = []
        for name, count, moved in (("A", a, 0.0), ("B", b, shift)):
            maker.clock = 0.0
            for _ in range(count):
                maker.number += 1
                host = "10.%d.%d.%d" % (maker.number >> 16 & 255, maker.number >> 8 & 255, maker.number & 255)
                lines += maker.visit(name, host, maker.dice.randrange(1, 6), moved)
        pairs.append(compare(lines, "--sessions", "host", "--permutations", "99"))
    result = {"mean": sum(p["told_apart"] for p in pairs) / trials}
    for key in ("told_apart", "h"):
        truth = 0.5 if key == "told_apart" and not shift else sum(max(p.get(key, 0), 0) for p in pairs) / trials
        known = [p[key + "_interval"] for p in pairs if key + "_interval" in p]
        result[key] = (sum(low <= truth <= high for low, high in known), len(known))
    return result


# ---- the two rounds ----

def short(report):
    """Few sets and few trials, with bounds that chance breaks once in some thousand rounds."""
    dice, trials = random.Random(1), 40
    wanted = [os.path.join(dztest.SOURCE, "pcaps")]
    found = {name: flows for name, flows in sets_of(wanted).items() if name in ("dot.pcap DoH_DoT", "dns.pcap DNS", "quic.pcap QUIC")}
    for name, row in null_tables(found, trials, dice, "--permutations", "199").items():
        for way, tally in row.items():
            report.check(tally.false <= 8, "A/A of %s by %s: %s differ", name, way, tally.row())
    tally = made_null(trials, 2)
    report.check(tally.tested >= trials - 2 and tally.false <= 8, "A/A of made visits: %s differ", tally.row())
    tally = made_sizes(trials, 3)
    report.check(tally.tested == trials and tally.false <= 8, "A/A of made visits of unlike sizes: %s differ", tally.row())
    tally = power(20, 4, 0.5, 10, True)
    report.check(tally.false >= 12, "power with 10 sessions a side: %s differ", tally.row())
    for a, b in ((20, 20), (3, 12)):
        got = told_apart(40, 5, 0.0, a, b)
        report.check(abs(got["mean"] - 0.5) < 0.04, "told apart by chance, %d sessions against %d: %.3f", a, b, got["mean"])


def share(part):
    return "%.1f %%" % (100 * part[0] / part[1]) if part[1] else "–"


def full(folders, trials):
    dice = random.Random(1)
    print("A/A: differences found (p ≤ 0.05) where there are none, of %d dealings each:\n" % trials)
    print("| capture and label | " + " | ".join(WAYS) + " |\n|---" * 1 + "|---" * len(WAYS) + "|")
    worst, refusals = 0, []
    for name, row in null_tables(sets_of(folders), trials, dice).items():
        if not any(tally.tested for tally in row.values()):
            refusals.append(name)
            continue
        print("| %s | %s |" % (name, " | ".join(tally.row() if tally.tested else "–" for tally in row.values())))
        sys.stdout.flush()
        worst = max([worst] + [t.false * 200 / t.tested for t in row.values() if t.tested >= 100])
    print("| made visits, bursts of unequal size | %s | | | |" % made_null(trials, 2).row())
    print("| made visits, A of 2 flows and B of 12 | %s | | | |" % made_sizes(trials, 3).row())
    print("\nAt most %.0f of 200. Fewer than %d pieces (–), or no test at all: %s.\n" % (worst, LEAST_PIECES, ", ".join(refusals) or "none"))
    print("Power: differences found where there is one (a share of the source's packets of 32–63 bytes is of 64–95 in B), of %d:\n" % trials)
    print("| sessions a side | moved | sizes equal | unequal |\n|---|---|---|---|")
    for count in (4, 10, 30):
        for shift in (0.1, 0.25, 0.5):
            print("| %d | %.0f %% | %s | %s |" % (count, shift * 100, power(trials, 4, shift, count, False).row(), power(trials, 5, shift, count, True).row()))
            sys.stdout.flush()


def intervals(trials):
    print("\nTold apart, and how often its 95 % interval and that of H hold the truth:\n")
    print("| sessions | moved | told apart, mean | its interval | H's |\n|---|---|---|---|---|")
    for a, b, shift in ((6, 6, 0), (20, 20, 0), (20, 400, 0), (3, 3, 0), (3, 12, 0), (6, 6, 0.25), (20, 20, 0.25), (20, 60, 0.25), (60, 60, 0.25),
                        (6, 6, 0.5), (20, 20, 0.5)):
        got = told_apart(trials, 6, shift, a, b)
        print("| %d v %d | %.0f %% | %.3f | %s | %s |" % (a, b, shift * 100, got["mean"], share(got["told_apart"]),
                                                   share(got["h"]) if shift else "–"))
        sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--trials", type=int, default=200)
    parser.add_argument("--intervals", action="store_true", help="of the whole only the last table")
    parser.add_argument("folders", nargs="*")
    options = parser.parse_args()
    if options.intervals:
        intervals(options.trials)
        return
    if options.full:
        full(options.folders or dztest.capture_folders(), options.trials)
        intervals(options.trials)
        return
    report = dztest.Report()
    short(report)
    report.finish()


if __name__ == "__main__":
    main()
