#!/usr/bin/env python3
"""A million made flows, dealt to libraries at random and put together in any order, give the bytes of one library of all.

Part of `make check-long` (about a minute). Flows have more shapes than a profile may have cells, so that all of its levels but the
coarsest are passed through, at other places in each part. `library_merges.py COUNT` makes so many.
"""

import json
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

PARTS, LABELS, INPUTS, BINS, PIECE = 5, 6, 40, 48, 2000
CELLS = ("4096", "300")  # the most a profile may have: the default, and few


def template():
    """A record as the program writes it, as text around what is made anew in each."""
    line = subprocess.run([dztest.PROGRAM, "-q", os.path.join(dztest.SOURCE, "pcaps", "dns.pcap")], capture_output=True, check=True).stdout
    record = json.loads(line.splitlines()[0])
    mine = record["distribooze"]
    mine["label"], mine["input"], record["network"]["protocol"] = "@label@", "@input@", "@protocol@"
    lengths = mine["lengths"]
    for part, name in ((lengths, "all"), (lengths["source"], "source"), (lengths["destination"], "destination")):
        part.pop("percent", None)
        part["counts"], part["count"] = "@%s@" % name, "@n-%s@" % name
    text = json.dumps(record, separators=(",", ":"))
    for name in ("all", "source", "destination"):
        text = text.replace('"@%s@"' % name, "%%(%s)s" % name).replace('"@n-%s@"' % name, "%%(n-%s)d" % name)
    for name in ("label", "input", "protocol"):
        text = text.replace("@%s@" % name, "%%(%s)s" % name)
    return text + "\n"


def made(dice, text):
    """Few packets in few bins: some shapes come again and again, most do not."""
    sides = [[0] * BINS, [0] * BINS]
    label, widest = dice.randrange(LABELS), 2 + dice.randrange(12)
    for _ in range(1 + dice.randrange(14)):
        sides[dice.random() < 0.4][(label * 5 + dice.randrange(widest)) % BINS] += 1
    sides.append([a + b for a, b in zip(*sides)])
    values = {"label": "L%d" % label, "input": "in-%d.pcap" % dice.randrange(INPUTS), "protocol": ("tls", "quic", "dns")[dice.randrange(3)]}
    for name, counts in zip(("source", "destination", "all"), sides):
        values[name], values["n-" + name] = "[%s]" % ",".join(map(str, counts)), sum(counts)
    return text % values


class Profile:
    def __init__(self, path, cells):
        self.path = path
        self.process = subprocess.Popen([dztest.PROGRAM, "profile", "-q", "--cells", cells, "-o", path, "-"], stdin=subprocess.PIPE)

    def add(self, lines):
        self.process.stdin.write("".join(lines).encode())

    def finish(self):
        self.process.stdin.close()
        if self.process.wait():
            sys.exit("profile failed")


def deal(folder, count, dice):
    """-> for each number of cells: the library of all, and those of the parts."""
    text = template()
    runs = [(Profile(os.path.join(folder, "all-" + cells), cells),
             [Profile(os.path.join(folder, "part-%s-%d" % (cells, i)), cells) for i in range(PARTS)]) for cells in CELLS]
    for first in range(0, count, PIECE):
        lines = [made(dice, text) for _ in range(min(PIECE, count - first))]
        hands = [dice.randrange(PARTS + 1) for _ in lines]  # the last part gets a third
        for whole, parts in runs:
            whole.add(lines)
            for i, part in enumerate(parts):
                part.add([line for line, hand in zip(lines, hands) if min(hand, PARTS - 1) == i])
    for whole, parts in runs:
        for profile in (whole, *parts):
            profile.finish()
    return [(cells, whole.path, [part.path for part in parts]) for cells, (whole, parts) in zip(CELLS, runs)]


def merged(paths, to):
    subprocess.run([dztest.PROGRAM, "profile", "-q", "-o", to, *paths], check=True)
    return to


def content(path):
    with open(path, "rb") as file:
        return file.read()


def main():
    count, dice, report = int(sys.argv[1]) if len(sys.argv) > 1 else 1000000, random.Random(1), dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        for cells, whole, parts in deal(folder, count, dice):
            expected = content(whole)
            library = json.loads(expected)
            report.equal("--cells %s: flows" % cells, sum(profile["flows"] for profile in library["profiles"]), count)
            levels = [profile["cells"]["level"] for profile in library["profiles"]]
            report.check(min(levels) > 0, "--cells %s: some profile has room for all its shapes (levels %s)", cells, levels)
            for turn in range(4):
                dice.shuffle(parts)
                cut = dice.randrange(1, PARTS)
                halves = [merged(parts[:cut], os.path.join(folder, "a")), merged(parts[cut:], os.path.join(folder, "b"))]
                report.check(content(merged(halves, os.path.join(folder, "c"))) == expected, "--cells %s, turn %d: other bytes than one library of all",
                             cells, turn)
    report.finish("%d flows in libraries" % count)


if __name__ == "__main__":
    main()
