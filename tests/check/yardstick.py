#!/usr/bin/env python3
"""compare --yardstick: its shares are those that compare itself gives of each two of its inputs, label by label; and what is held
against them has as many sessions drawn."""

import itertools
import json
import os
import re
import random
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "golden")]
import dztest  # noqa: E402
import lines as golden  # noqa: E402

DONE, FAILED, USAGE = 0, 1, 2


class Test(dztest.Folder):
    def flows(self, name, label, sessions, dice):
        """An input's flows of a label: two in each session, each session minutes after the one before."""
        text = ""
        for i in range(sessions * 2):
            record = golden.line(0, i % 2, name, 0)
            counts = [dice.randrange(1, 9) * (dice.random() < 0.5) for _ in range(golden.BINS)]
            counts[dice.randrange(3)] += 1
            nothing = [0] * golden.BINS
            record["event"].update(id="%032x" % dice.randrange(1 << 60), start=golden.START % (0, i // 2 * 5, i % 2))
            record["source"] = {"ip": "192.0.2.1", "port": 1000 + i, "packets": sum(counts), "bytes": 100 * sum(counts)}
            record["destination"].update(packets=0, bytes=0)
            record["distribooze"]["label"] = label
            record["distribooze"]["lengths"].update(count=sum(counts), sum=100 * sum(counts), counts=counts, source=golden.side(counts),
                                                    destination=golden.side(nothing))
            text += json.dumps(record) + "\n"
        return text

    def compare(self, *words):
        done = self.run("compare", "-q", "-F", "json", "--sessions", "10s", *words)
        self.expect("compare " + " ".join(words), done, DONE)
        return json.loads(done.stdout)


def quantile(values, share):
    values, at = sorted(values), share * (len(values) - 1)
    low = int(at)
    return values[low] + (values[min(low + 1, len(values) - 1)] - values[low]) * (at - low)


def shares(t):
    dice, parts = random.Random(5), {}
    for label in ("DNS", "SSH", "QUIC"):
        for name in "abcde" if label == "DNS" else "abc" if label == "SSH" else "a":
            # Each has three sessions, so that k is 2 for every pair.
            parts[name, label] = t.file("%s-%s.jsonl" % (name, label), t.flows(name, label, 3, dice).encode())
    everything = t.file("all.jsonl", b"".join(open(p, "rb").read() for p in parts.values()))
    expected = []
    for (a, b) in itertools.combinations(parts, 2):
        if a[1] == b[1]:
            pair = t.compare("--by", "input", parts[a], parts[b])["test"]["pairs"][0]
            t.report.equal("k of %s and %s" % (a, b), pair["k"], 2)
            expected.append(pair["told_apart"])
    few = [t.file("few-%s.jsonl" % n, t.flows(n, "Other", 6, dice).encode()) for n in "xy"]
    told = t.compare("--by", "input", "--yardstick", everything, *few)
    row = next(r for r in told["yardstick"]["rows"] if r["k"] == 2)
    t.report.equal("pairs, labels and inputs", (row["pairs"], row["labels"], row["inputs"], told["yardstick"]["inputs"]), (13, 2, 5, 5))
    t.report.equal("rows", [(r["gap"], r["k"], r["pairs"]) for r in told["yardstick"]["rows"]], [(10, 1, 13), (10, 2, 13)])
    for ours, share in zip(row["quartiles"], (0.25, 0.5, 0.75)):
        t.report.check(abs(ours - quantile(expected, share)) < 1e-9, "quartiles %s of %s", row["quartiles"], expected)
    # The pair has six sessions a side, and k of 5; it is held against the yardstick's most, 2.
    pair = told["test"]["pairs"][0]
    mark = pair["yardstick"]
    t.report.equal("what is held against it", (pair["k"], mark["k"], mark["pairs"]), (5, 2, 13))
    t.report.equal("how many are below", mark["below"], sum(e < mark["told_apart"] for e in expected))
    # Two sessions fewer tell apart less often, and where the pair's own k is there it is what was told.
    three = t.compare("--by", "input", "--yardstick", everything, parts["a", "DNS"], parts["b", "DNS"])["test"]["pairs"][0]
    t.report.check(three["verdict"] == "few-sessions" and three["yardstick"]["told_apart"] == three["told_apart"], "the same k: %s", three)
    text = t.run("compare", "-q", "--sessions", "10s", "--by", "input", "--yardstick", everything, *few).stdout.decode()
    t.report.check("by 2 sessions the median pair of captures of one service is told apart %.0f %% (half" % (100 * row["quartiles"][1]) in text and
                   "more than %d of 13 pairs" % mark["below"] in text, "its words: %s", text)
    own = t.compare("--by", "input", "--label", "SSH,Other", "--yardstick", everything, *few)["yardstick"]
    t.report.equal("--label chooses in the yardstick, too", {r["labels"] for r in own["rows"]}, {1})
    return everything, few


def shipped(t, few):
    doh, dot = (os.path.join(dztest.SOURCE, "pcaps", n) for n in ("doh.pcap", "dot.pcap"))
    table = [line[4:-2].split(", ") for line in open(os.path.join(dztest.SOURCE, "src", "stats", "yardstick.def"), encoding="ascii") if line.startswith("ROW(")]
    told = json.loads(t.run("compare", "-q", "-F", "json", "--by", "input", "--label", "DoH_DoT", doh, dot).stdout)
    pair = told["test"]["pairs"][0]
    mark = pair["yardstick"]
    row = [r for r in table if r[0] == "IP" and (1, 3, 10, 30, 60)[int(r[1])] == pair["gap"] and int(r[2]) <= pair["k"]][-1]
    t.report.equal("the shipped one", [mark["k"], mark["pairs"], mark["labels"], mark["inputs"]] + mark["quartiles"],
                   [int(x) for x in row[2:6]] + [float(x) for x in row[6:9]])
    t.report.check("below" not in mark and "yardstick" not in told and mark["told_apart"] <= pair["told_apart"], "the shipped one: %s", pair)
    for words in (["--direction", "total"], ["--distance", "euclidean"], ["--sessions", "10s"], ["-w", "64"], ["--skip-empty"]):
        done = t.run("compare", "-q", "-F", "json", "--by", "input", "--label", "DoH_DoT", *words, doh, dot)
        t.report.check(done.returncode == DONE and b"yardstick" not in done.stdout, "the shipped one is of another kind than %s", words)


def refused(t, everything, few):
    library = t.path("library.json")
    t.run("profile", "-q", "-o", library, everything)
    for what, words, status, said in (("nothing", ["--yardstick", t.path("none")], FAILED, "none"), ("a library", ["--yardstick", library], FAILED, "library of profiles"),
                                      ("no test", ["--permutations", "0", "--yardstick", everything], USAGE, "--yardstick"),
                                      ("means", ["--pooled", "--yardstick", everything], USAGE, "--yardstick"),
                                      ("the output", ["-o", everything, "--yardstick", everything], FAILED, "overwritten"),
                                      ("other records", ["--yardstick", os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap")], FAILED, "the inputs hold")):
        t.expect("yardstick: " + what, t.run("compare", *words, *few), status, said)
        t.expect("yardstick of report: " + what, t.run("report", "-o", t.path("page.html"), *[w if w != "-o" else "--output" for w in words], *few), status, said)
    words = ["--sessions", "10s", "--by", "input", "--yardstick", everything, *few]
    t.expect("yardstick of report", t.run("report", "-q", "-o", t.path("page.html"), *words), DONE)
    with open(t.path("page.html"), encoding="utf-8") as f:
        page = json.loads(re.search(r'id="data">(.*?)</script>', f.read(), re.S).group(1))
    told = t.compare(*words)["test"]["pairs"]
    t.report.check("below" in told[0]["yardstick"] and page["verdicts"]["pairs"] == told, "the page: %s, compare: %s", page["verdicts"]["pairs"], told)
    one = t.run("compare", "-q", "--sessions", "10s", "--by", "input", "--yardstick", few[0], *few)
    t.report.check(b"sessions enough in two of them" in one.stdout, "one input is no yardstick: %s", one.stdout)


def main():
    dztest.need_ndpi()
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        test = Test(report, folder)
        everything, few = shares(test)
        shipped(test, few)
        refused(test, everything, few)
    report.finish()


if __name__ == "__main__":
    main()
