#!/usr/bin/env python3
"""profile --rule on flows of which points, threshold and F1 on inputs left out can be worked out by hand, and score by such a
rule on captures, worked out anew."""

import json
import math
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "golden")]
import dztest  # noqa: E402
import lines as golden  # noqa: E402

DONE, FAILED = 0, 1


def flow(number, name, label, bins):
    """A flow of that input with one packet in each of the source's bins."""
    record = golden.line(0, 0, name, 0)
    counts = [bins.count(k) for k in range(golden.BINS)]
    nothing = [0] * golden.BINS
    record["event"]["id"] = "%032x" % number
    record["distribooze"]["label"] = label
    record["network"]["protocol"] = "dns"
    record["source"].update(packets=len(bins), bytes=100 * len(bins))
    record["destination"].update(packets=0, bytes=0)
    record["distribooze"]["lengths"].update(count=len(bins), sum=100 * len(bins), counts=counts, source=golden.side(counts), destination=golden.side(nothing))
    return json.dumps(record)


class Test(dztest.Folder):
    def write(self, name, flows):
        return self.file(name, "".join(flow(i, *f) + "\n" for i, f in enumerate(flows)).encode())

    def rule(self, what, *words):
        done = self.run("profile", "--rule", "DNS", *words)
        self.expect(what, done, DONE)
        library = json.loads(done.stdout)
        self.report.equal(what + ": nothing but the rule", (library["profiles"], [r["name"] for r in library["rules"]]), ([], ["DNS"]))
        return library["rules"][0], done.stderr


def by_hand(t):
    # Bin 1 in each input, others in bin 3: one point, the least radius, nothing wrong.
    clear = t.write("clear.jsonl", [(name, label, bins) for name in "abc" for label, bins in (("DNS", [1, 1]), ("Other", [3]))])
    rule, said = t.rule("clear", clear)
    t.report.equal("clear: the rule", (rule["percent"], rule["threshold"]), ([[0, 100, 0, 0, 0, 0, 0, 0]], 3))
    t.report.check("F1 1.00" in rule["source"] and "3 of 3 inputs" in rule["source"] and "3 found, 0 missed, 0 wrongly" in said, "clear: %s; %s", rule, said)
    # c's flows are in a bin of its own: whoever learns from others misses them, and finds those of a, b and d. Each flow weighs
    # one half: found 3/2, missed 1/2, F1 = 3 / (3 + 1/2).
    odd = t.write("odd.jsonl", [(name, label, bins) for name in "abcd"
                                for label, bins in (("DNS", [2 if name == "c" else 1]), ("Other", [4]))])
    rule, said = t.rule("odd", odd)
    t.report.check("F1 0.86" in rule["source"] and "3 found, 1 missed, 0 wrongly" in said, "odd: %s; %s", rule, said)
    # Each input's flows in a bin of their own, which the next one's other flows have: nothing can be learnt.
    never = t.write("never.jsonl", [(str(i), label, [i if label == "DNS" else (i + 1) % 5]) for i in range(5) for label in ("DNS", "Other")])
    rule, said = t.rule("never", never)
    t.report.check(" 0 found" in said or "F1 0." in rule["source"] and float(rule["source"].split("F1 ")[1].split()[0]) < 0.67, "never: %s; %s", rule, said)
    # The same where others are in a bin that no DNS has: a rule finds all that it was made of, and nothing that was left out.
    apart = t.write("apart.jsonl", [(str(i), label, [i if label == "DNS" else 7]) for i in range(5) for label in ("DNS", "Other")])
    rule, said_ = t.rule("apart", apart)
    t.report.check("F1 0.00" in rule["source"] and "0 found, 5 missed, 0 wrongly" in said_, "apart: %s; %s", rule, said_)
    # Always yes: 5 halves found, 5 halves wrongly: 2 * 2.5 / (2 * 2.5 + 2.5).
    t.report.check("0.67 by always saying yes" in said, "never: %s", said)
    # One input with a hundred flows weighs as much as one with one.
    many = t.write("many.jsonl", [("a", "DNS", [1])] * 100 + [(name, "DNS", [2]) for name in "bcd"] + [(name, "Other", [4]) for name in "abcd"])
    rule, said = t.rule("many", many)
    t.report.check("3 found, 100 missed, 0 wrongly" in said, "many: flows alike: %s", said)
    t.report.equal("many: the first point", rule["percent"][0], [0, 0, 100, 0, 0, 0, 0, 0])
    # "Unknown" may be anything, and other protocols are not asked.
    other = t.write("other.jsonl", [(name, label, bins) for name in "abc" for label, bins in (("DNS", [1]), ("Unknown", [1]))])
    rule, said = t.rule("unknown", other)
    t.report.check("F1 1.00" in rule["source"], "Unknown counts against a rule: %s", rule)


def ways(t):
    """From flows, from their library, from the libraries of their parts in any order: the same bytes."""
    flows = [(name, label, bins) for name in "abcd" for label, bins in (("DNS", [1, ord(name) - 96]), ("Other", [3, 4]))]
    everything = t.write("all.jsonl", flows)
    expected = t.run("profile", "-q", "--rule", "dns", everything).stdout
    parts = []
    for name in "abcd":
        parts.append(t.path(name + ".json"))
        t.run("profile", "-q", "-o", parts[-1], t.write(name + ".jsonl", [f for f in flows if f[0] == name]))
    for order in (parts, parts[::-1], parts[2:] + parts[:2]):
        t.report.equal("of libraries", t.run("profile", "-q", "--rule", "DNS", *order).stdout, expected)
    rule = t.file("rule.json", expected)
    t.report.equal("a rule among profiles", len(json.loads(t.run("profile", "-q", rule, *parts).stdout)["rules"]), 1)


def refused(t):
    two = t.write("two.jsonl", [(name, "DNS", [1]) for name in "ab"] + [("c", "Other", [1])])
    for what, words, said in (("two inputs", ["--rule", "DNS", two], "takes 3 inputs that have DNS, and there are 2"),
                              ("one input", ["--rule", "Other", two], "and there is 1"), ("no such label", ["--rule", "SSH", two], "no flow has the label 'SSH'"),
                              ("no cells", ["--rule", "DNS", "--cells", "0", two], "cells"), ("few cells", ["--rule", "DNS", "--cells", "1", two], "inputs")):
        done = t.run("profile", *words)
        t.expect(what, done, FAILED, "--rule", said)
        t.report.check(not done.stdout, "%s: output", what)


def captures(t):
    """A rule from the reference library: score says of each flow what the points and the threshold say."""
    reference = os.path.join(dztest.SOURCE, "share", "profiles", "reference-payload.json")
    done = t.run("profile", "--rule", "doh_dot", reference)
    t.expect("from the reference library", done, DONE, "5 of 24 inputs have it", "rough")
    path, rule = t.file("doh.json", done.stdout), json.loads(done.stdout)["rules"][0]
    records = t.run("score", "-q", "-p", path, os.path.join(dztest.SOURCE, "pcaps", "doh.pcap")).stdout.splitlines()
    for record in map(json.loads, records):
        counts = record["distribooze"]["lengths"]["counts"]
        percent = [c * 100 // max(sum(counts), 1) for c in counts]
        distance = min(math.sqrt(sum((a - b) ** 2 for a, b in zip(percent, point))) for point in rule["percent"])
        match = record["distribooze"]["match"]["rules"][0]
        t.report.check(abs(match["distance"] - distance) < 1e-9 and match["matches"] == (distance <= rule["threshold"]), "scored %s, expected %s", match, distance)
    t.report.check(sum(json.loads(r)["distribooze"]["match"]["rules"][0]["matches"] for r in records) * 2 > len(records), "the rule does not find DoH")


def main():
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        test = Test(report, folder)
        for part in (by_hand, ways, refused, captures):
            part(test)
    report.finish()


if __name__ == "__main__":
    main()
