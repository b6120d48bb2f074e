#!/usr/bin/env python3
"""Libraries of profiles among the inputs of compare and report: what they say of them is worked out here anew, from the records that the
libraries were made of, and from the cells in their JSON."""

import json
import math
import os
import random
import re
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import dztest  # noqa: E402

DONE, FAILED, USAGE = 0, 1, 2
NAMES = ("doh", "dot", "ssh", "web", "quic", "netflix")


def near(a, b, slack=1e-7):
    return abs(a - b) <= slack


def all_near(a, b, slack=1e-7):
    return len(a) == len(b) and all(near(x, y, slack) for x, y in zip(a, b))


def hellinger(a, b):
    return math.sqrt(sum((math.sqrt(x) - math.sqrt(y)) ** 2 for x, y in zip(a, b)) / 2)


class Test(dztest.Folder):
    def __init__(self, report, folder):
        super().__init__(report, folder)
        self.lines = {name: self.file(name + ".jsonl", self.run("-q", os.path.join(dztest.SOURCE, "pcaps", name + ".pcap")).stdout) for name in NAMES}
        self.libraries = {name: self.library(name + ".json", self.lines[name]) for name in NAMES}

    def library(self, name, *inputs):
        self.expect("profile " + name, self.run("profile", "-q", "-o", self.path(name), *inputs), DONE)
        return self.path(name)

    def compare(self, *words):
        done = self.run("compare", "-q", "-F", "json", *words)
        self.expect("compare " + " ".join(words), done, DONE)
        return json.loads(done.stdout)

    def page(self, *words):
        """The data of a report."""
        self.expect("report " + " ".join(words), self.run("report", "-q", "-o", self.path("page.html"), *words), DONE)
        with open(self.path("page.html"), encoding="utf-8") as f:
            return json.loads(re.search(r'id="data">(.*?)</script>', f.read(), re.S).group(1))


def check_groups(t, what, told, expected):
    """Groups of libraries are those of the flows that went into them."""
    t.report.equal(what + ": groups", [g["name"] for g in told["groups"]], [g["name"] for g in expected["groups"]])
    for ours, theirs in zip(told["groups"], expected["groups"]):
        name = what + ": " + ours["name"]
        for field in ("flows", "empty_flows", "packets", "bytes", "count", "counts"):
            t.report.equal(name + ": " + field, ours[field], theirs[field])
        t.report.check(all_near(ours["mean"], theirs["mean"]), "%s: mean %s, expected %s", name, ours["mean"], theirs["mean"])
        t.report.check(all_near(ours["sd"], theirs["sd"], 1e-5), "%s: sd %s, expected %s", name, ours["sd"], theirs["sd"])
        t.report.check(all("to" not in b or b["to"] for b in ours["leading"]), "%s: leading %s", name, ours["leading"])
        for q, value in ours["quantiles"].items():
            low, high = ours["quantile_ranges"][q]
            t.report.check(low <= value and (high is None or value <= high + 1), "%s: %s %s is not in %s to %s", name, q, value, low, high)
    for ours, theirs in zip(told["distances"], expected["distances"]):
        t.report.check(all_near(ours, theirs, 1e-5), "%s: distances %s, expected %s", what, ours, theirs)


def groups(t):
    lines, libraries = list(t.lines.values()), list(t.libraries.values())
    for options in ([], ["--direction", "total"], ["--distance", "wasserstein"], ["--pooled"]):
        expected = t.compare(*options, *lines)
        told = t.compare(*options, *libraries)
        check_groups(t, "libraries %s" % options, told, expected)
        for mixed in (lines[:3] + libraries[3:], libraries[:3] + lines[3:], libraries[2:] + lines[:2]):
            check_groups(t, "a mixture %s" % options, t.compare(*options, *mixed), expected)
    t.report.equal("why there is no test", t.compare(*libraries)["no_test"], "libraries keep no sessions")
    t.report.check("test" not in t.compare(*libraries) and "test" in t.compare(*lines), "libraries are tested, or lines are not")
    for one, several in zip(t.compare(t.library("all.json", *lines))["pairs"], t.compare(*libraries)["pairs"]):
        t.report.check(near(one.get("told_apart", 0), several.get("told_apart", 0)) and one["text"] == several["text"],
                       "one library of all: %s; of several: %s", one, several)


def cells_of(path, label):
    """(input, mean shape, flows) of each cell."""
    library = json.load(open(path, encoding="utf-8"))
    cells = next(p for p in library["profiles"] if p["name"] == label)["cells"]["list"]
    found = []
    for cell in cells:
        shape = [0.0] * 2 * library["bins"]
        for at, share in zip(cell["at"], cell["shares"]):
            shape[at] = share / sum(cell["shares"])
        found.append((cell["input"], shape, cell["flows"]))
    return found


def drawn(sides, by_inputs, k, turns=400):
    """How often the nearest of k flows (or of the flows of k inputs) of each side is of a flow's own side, by drawing."""
    dice, shares = random.Random(3), []
    units = [[(cell[0] if by_inputs else (i, n), cell[1]) for i, cell in enumerate(side) for n in range(1 if by_inputs else cell[2])] for side in sides]
    for own, other in ((0, 1), (1, 0)):
        won = weight = 0.0
        for name, shape, flows in [(c[0] if by_inputs else (i, 0), c[1], c[2]) for i, c in enumerate(sides[own])]:
            nearest = []
            for side in (own, other):
                best = {}
                for unit, there in units[side]:
                    if side == other or unit != name:
                        best[unit] = min(best.get(unit, 9.0), hellinger(shape, there))
                nearest.append(list(best.values()))
            for _ in range(turns):
                a, b = (min(dice.sample(n, k)) for n in nearest)
                won += flows / turns * (0.5 if abs(a - b) < 1e-9 else a < b)
            weight += flows
        shares.append(won / weight)
    return sum(shares) / 2


def told_apart(t):
    # Each label in one library of one capture: flow by flow.
    pair = t.compare("--label", "DoH_DoT,SSH", t.libraries["doh"], t.libraries["ssh"])["pairs"][0]
    sides = [cells_of(t.libraries["doh"], "DoH_DoT"), cells_of(t.libraries["ssh"], "SSH")]
    t.report.equal("of one capture each: drawn", pair["drawn"], "flows")
    t.report.equal("of one capture each: flows", pair["flows"], [sum(c[2] for c in side) for side in sides])
    t.report.equal("of one capture each: k", pair["k"], min(pair["flows"] + [11]) - 1)
    t.report.check(near(pair["told_apart"], drawn(sides, False, pair["k"]), 0.02), "told apart %s, by drawing %s", pair["told_apart"],
                   drawn(sides, False, pair["k"]))
    # Both labels are in two captures: inputs are drawn, whoever is asked.
    twin = t.path("twin.json")
    t.run("profile", "-q", "--site", "elsewhere", "-o", twin, t.lines["ssh"])
    parts = [t.libraries[n] for n in ("doh", "dot", "ssh")] + [twin]
    everything = t.library("everything.json", *parts)
    sides = [cells_of(everything, label) for label in ("DoH_DoT", "SSH")]
    share = drawn(sides, True, 1)
    for inputs in ([everything], parts, [t.lines["doh"]] + parts[1:]):
        pair = t.compare("--label", "DoH_DoT,SSH", *inputs)["pairs"][0]
        t.report.equal("two captures each: %s" % inputs, (pair["drawn"], pair.get("inputs"), pair["k"]), ("inputs", [2, 2], 1))
        t.report.check(near(pair["told_apart"], share, 0.02), "%s: told apart %s, by drawing %s", inputs, pair["told_apart"], share)


def by_input(t):
    """A library is one group by input, by the name of its operand."""
    told = t.compare("--by", "input", "--label", "DoH_DoT", "a=" + t.libraries["doh"], t.libraries["dot"])
    t.report.equal("two libraries by input", sorted(g["name"] for g in told["groups"]), sorted(["a", t.libraries["dot"]]))
    told = t.compare("--by", "input", t.libraries["web"])
    labels = json.load(open(t.libraries["web"], encoding="utf-8"))["profiles"]
    t.report.equal("all labels of a library by input", told["groups"][0]["flows"], sum(p["flows"] for p in labels))
    own = t.path("by-input.json")
    t.run("profile", "-q", "--by", "input", "-o", own, *t.lines.values())
    t.report.equal("a library by input", sorted(g["name"] for g in t.compare("--by", "input", own)["groups"]), sorted(n + ".pcap" for n in NAMES))


def check_page(t, what, told, expected, library_flows):
    """The page of libraries has the vectors and cells of the flows that went into them (shares are whole 1/100000)."""
    t.report.equal(what + ": groups", [g["name"] for g in told["groups"]], [g["name"] for g in expected["groups"]])
    t.report.equal(what + ": of libraries", told["read"]["library_flows"], library_flows)
    for field in ("flows", "packets", "bytes", "input_count"):
        t.report.equal(what + ": " + field, told["read"][field], expected["read"][field])
    t.report.check(not {"clusters", "map"} & set(told), "%s: clusters of what is no flow: %s", what, list(told))
    for ours, theirs, shapes, wanted in zip(told["groups"], expected["groups"], told["typical"], expected["typical"]):
        name = what + ": " + ours["name"]
        t.report.equal(name + ": flows", (ours["flows"], ours["empty"], ours["packets"], ours["bytes"]), (theirs["flows"], theirs["empty"], theirs["packets"], theirs["bytes"]))
        for way in ("mean", "pooled"):
            gaps = [abs(a - b) for mine, other in zip(ours[way]["sides"], theirs[way]["sides"]) for a, b in zip(mine, other)]
            t.report.check(max(gaps) <= 1, "%s: %s differs by %d", name, way, max(gaps))
        t.report.equal(name + ": kinds of shape", (shapes["steps"], shapes["all"], shapes["flows"]), (wanted["steps"], wanted["all"], wanted["flows"]))
        t.report.equal(name + ": typical shapes", sorted((s["flows"], s["inputs"]) for s in shapes["shapes"]), sorted((s["flows"], s["inputs"]) for s in wanted["shapes"]))
    gaps = [abs(a - b) for mine, other in zip(told["distances"], expected["distances"]) for a, b in zip(mine, other)]
    t.report.check(max(gaps) <= 1.1e-4, "%s: distances differ by %g", what, max(gaps))


def reports(t):
    lines, libraries = list(t.lines.values()), list(t.libraries.values())
    flows = {name: sum(1 for _ in open(path, "rb")) for name, path in t.lines.items()}
    expected = t.page(*lines)
    told = t.page(*libraries)
    check_page(t, "report of libraries", told, expected, sum(flows.values()))
    t.report.check(not {"time", "flows"} & set(told) and "first" not in told["read"], "libraries keep no flows and times: %s", list(told))
    compare = t.compare(*libraries)
    t.report.equal("report: told apart as compare tells it", told["verdicts"]["pairs"], compare["pairs"])
    t.report.equal("report: why there is no test", told["verdicts"]["no_test"], compare["no_test"])
    mixed = t.page(*libraries[:3], *lines[3:])
    check_page(t, "report of a mixture", mixed, expected, sum(flows[n] for n in NAMES[:3]))
    single = sum(flows[n] for n in NAMES[3:])
    t.report.equal("a mixture: flows in the table, over time", (mixed["flows"]["total"], sum(sum(s["flows"]) for s in mixed["time"]["series"])), (single, single))
    # One capture, half of it in a library: its flows are of one input.
    doh = open(t.lines["doh"], "rb").readlines()
    halves = [t.file("doh-%d.jsonl" % i, b"".join(doh[i::2])) for i in range(2)]
    told, wanted = t.page(t.library("half.json", halves[0]), halves[1]), t.page("--label", "DoH_DoT", t.lines["doh"])
    told["distances"] = wanted["distances"] = [[0]]
    wanted["read"]["input_count"] = 2
    check_page(t, "halves of a capture", told, wanted, len(doh[0::2]))
    whole = t.page("--by", "input", "a=" + t.libraries["doh"], t.libraries["dot"], t.lines["ssh"])
    t.report.equal("report by input", sorted(g["name"] for g in whole["groups"]), sorted(["a", t.libraries["dot"], "ssh.pcap"]))
    bare = t.page(t.library("bare.json", "--cells", "0", t.lines["doh"]), t.lines["ssh"])
    doh = next(i for i, g in enumerate(bare["groups"]) if g["name"] == "DoH_DoT")
    t.report.check("dispersion" not in bare["groups"][doh] and bare["typical"][doh]["shapes"] == [] and bare["typical"][doh]["means_only"],
                   "a library without cells: %s", bare["typical"][doh])
    done = t.run("report", "--score", "-o", t.path("page.html"), t.libraries["doh"])
    t.expect("libraries scored", done, DONE, "none to score")
    t.expect("a label that no library has", t.run("report", "-o", t.path("page.html"), "--label", "Nothing", t.libraries["doh"]), FAILED, "--label")
    payload = t.file("payload-doh.jsonl", t.run("-q", "-l", "payload", os.path.join(dztest.SOURCE, "pcaps", "doh.pcap")).stdout)
    for inputs in ((t.libraries["ssh"], payload), (payload, t.libraries["ssh"])):
        t.expect("a report of what is of other layers", t.run("report", "-o", t.path("page.html"), *inputs), FAILED, "layer payload")
    t.expect("one side", t.run("report", "-o", t.path("page.html"), "--direction", "source", t.libraries["doh"]), FAILED, "both or total")


def old(t):
    """What 0.1.0 wrote: no cells, no direction both."""
    for name in ("doh", "ssh"):
        library = json.load(open(t.libraries[name], encoding="utf-8"))
        for field in ("skip_empty", "skip_retransmissions", "direction", "cells", "ndpi"):
            library.pop(field)
        for profile in library["profiles"]:
            profile.pop("both")
            profile.pop("cells")
        library["version"] = 1
        t.file("old-%s.json" % name, json.dumps(library).encode())
    done = t.run("compare", t.path("old-doh.json"), t.path("old-ssh.json"))
    t.expect("libraries of 0.1.0", done, DONE, "--direction total is taken")
    t.report.check(b"without cells only the means can be compared" in done.stdout, "it does not say that there are no cells: %s", done.stdout)
    t.expect("a report of 0.1.0's", t.run("report", "-o", t.path("page.html"), "--direction", "total", t.path("old-doh.json")), FAILED, "both directions side by side")
    told = t.compare("--direction", "total", t.path("old-doh.json"), t.path("old-ssh.json"))
    expected = t.compare("--direction", "total", t.lines["doh"], t.lines["ssh"])
    check_groups(t, "libraries of 0.1.0", told, expected)
    t.report.check(all("told_apart" not in p for p in told["pairs"]) and all("dispersion" not in g for g in told["groups"]), "more is told than is known")
    t.expect("both directions and a library of 0.1.0", t.run("compare", t.lines["doh"], t.path("old-ssh.json")), FAILED, "old-ssh.json",
             "use --direction total")


def mean(cells):
    total = sum(c[2] for c in cells)
    return [sum(c[1][k] * c[2] for c in cells) / total for k in range(len(cells[0][1]))]


def baseline(t):
    """The distance of means, and how far each of the baseline's inputs lies from its others."""
    parts = {}
    for name in ("doh", "dot", "quic"):  # three inputs of one label: QUIC's flows stand for DoH
        lines = open(t.lines[name], "rb").read().replace(b'"label":"QUIC"', b'"label":"DoH_DoT"')
        parts[name] = t.library("part-%s.json" % name, t.file("part-%s.jsonl" % name, lines))
    known = t.library("known.json", t.libraries["ssh"], *parts.values())
    own = {name: cells_of(path, "DoH_DoT") for name, path in parts.items()}
    theirs = sorted(hellinger(mean(own[n]), mean([c for m in own if m != n for c in own[m]])) for n in own)
    everything = mean([c for cells in own.values() for c in cells])
    for name, label in (("netflix", "NetFlix"), ("doh", "DoH_DoT")):
        lines = open(t.lines[name], "rb").read().replace(b'"label":"%s"' % label.encode(), b'"label":"DoH_DoT"')
        # As many flows as the largest input has: fewer would be far from it by chance.
        told = t.compare("--baseline", known, t.file("now.jsonl", lines * 200))["baseline"]
        here = mean(cells_of(t.libraries[name], label))
        row = next(r for r in told["groups"] if r["name"] == "DoH_DoT")
        distance = hellinger(here, everything)
        t.report.check(near(row["distance"], distance, 1e-6), "%s: distance %s, expected %s", name, row["distance"], distance)
        t.report.check(all_near(row["inputs_distances"], [theirs[0], theirs[1], theirs[2]], 1e-6), "%s: inputs %s, expected %s", name,
                       row["inputs_distances"], theirs)
        nearer = sum(d < distance for d in theirs)
        t.report.equal(name + ": nearer", (row["inputs"], row["inputs_nearer"]), (3, nearer))
        t.report.equal(name + ": verdict", row["verdict"], "beyond" if nearer == 3 else "within")
        t.report.equal(name + ": only in the baseline", sorted(told["only_in_baseline"]), ["ICMP", "SSH"])
    few = t.compare("--baseline", known, t.file("now.jsonl", lines.splitlines(keepends=True)[0]))["baseline"]["groups"][0]
    t.report.check(few["verdict"] == "few-inputs" and few["inputs"] == 3 and few["inputs_alike"] < 3 and "inputs_nearer" not in few
                   and "for so few flows (1) may be chance" in few["text"], "one flow against inputs of many: %s", few)
    told = t.compare("--baseline", known, t.lines["ssh"], t.lines["web"])["baseline"]
    t.report.equal("of one input", [r["verdict"] for r in told["groups"]], ["few-inputs"])
    t.report.equal("the same flows", told["groups"][0]["distance"] < 1e-6, True)
    t.report.check("TLS" in told["only_here"] and sorted(told["only_in_baseline"]) == ["DoH_DoT", "ICMP"], "labels without a counterpart: %s", told)
    text = t.run("compare", "-q", "--label", "TLS", "--baseline", known, t.lines["web"]).stdout.decode()
    t.report.check("Only here: TLS" in text and "DoH_DoT" not in text, "--label does not choose in the baseline: %s", text)
    t.report.equal("a library against a library", t.compare("--baseline", known, t.libraries["ssh"])["baseline"]["groups"][0]["verdict"], "few-inputs")
    for what, words, said in (("another layer", ["-l", "payload", os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap")], "the inputs hold"),
                              ("by host", ["--by", "host", t.lines["ssh"]], "by label, not by host"),
                              ("by two things", ["--by", "label,host", t.lines["ssh"]], "label,host")):
        t.expect("a baseline and " + what, t.run("compare", "--baseline", known, *words), FAILED, "--baseline", said)
    t.expect("no baseline", t.run("compare", "--baseline", t.path("none.json"), t.lines["ssh"]), FAILED, "--baseline", "none.json")
    t.expect("over the baseline", t.run("compare", "--baseline", known, "-o", known, t.lines["ssh"]), FAILED, "overwritten")
    old = t.path("old-doh.json")
    t.expect("an old baseline", t.run("compare", "--baseline", old, t.lines["doh"]), FAILED, "--direction total")
    told = t.compare("--direction", "total", "--baseline", old, t.lines["doh"])["baseline"]["groups"][0]
    t.report.check(told["distance"] < 1e-6 and "told_apart" not in told and "inputs" not in told, "an old baseline: %s", told)


def refused(t):
    payload = t.file("payload.jsonl", t.run("-q", "-l", "payload", os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap")).stdout)
    skipped = t.file("skipped.jsonl", t.run("-q", "--skip-empty", os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap")).stdout)
    one_way = t.file("one-way.jsonl", t.run("-q", "-u", os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap")).stdout)
    for what, lines, words, option in (("another layer", payload, "layer payload", "with -l payload"), ("other settings", skipped, "without empty packets", "with --skip-empty"),
                                       ("one-way records", one_way, "one-way", "with -u")):
        other = t.library("other.json", lines)
        for inputs in ((t.libraries["ssh"], lines), (t.lines["ssh"], other), (other, t.lines["ssh"]), (t.libraries["ssh"], other)):
            t.expect("%s: %s" % (what, inputs), t.run("compare", *inputs), FAILED, words, "they cannot be put together", option)
    ssh = t.libraries["ssh"]
    t.expect("one side of a library", t.run("compare", "--direction", "source", ssh), FAILED, "ssh.json", "both or total")
    t.expect("a library by other things", t.run("compare", "--by", "host", ssh), FAILED, "ssh.json", "by label, not by host")
    t.expect("a library by two things", t.run("compare", "--by", "label,host", ssh), FAILED, "ssh.json", "label,host")
    t.expect("a library in windows of time", t.run("compare", "--every", "10m", ssh), FAILED, "ssh.json")
    t.expect("a label that it does not have", t.run("compare", "--label", "Nothing", ssh), FAILED, "--label")
    good = open(ssh, encoding="utf-8").read()
    for what, text, said in (("cut", good[:-40], "breaks off"), ("a cell of no flows", good.replace('"protocol":"ssh","flows":1', '"protocol":"ssh","flows":0', 1), "flows"),
                             ("an unknown cut", good.replace('"cut":[', '"cut":[9,', 1), "cut")):
        t.report.check(text != good, "%s: nothing is broken", what)
        t.expect("a damaged library: " + what, t.run("compare", t.file("bad.json", text.encode())), FAILED, "bad.json", said)
    newer = t.file("newer.json", good.replace('"ndpi":["', '"ndpi":["9.', 1).encode())
    for inputs in ((newer, ssh), (newer, t.lines["ssh"])):
        t.report.check("labels are those of nDPI" in t.run("compare", *inputs).stderr, "two releases of nDPI are not told: %s", inputs)
    t.report.check("nDPI" not in t.run("compare", ssh, t.lines["ssh"]).stderr, "two releases of nDPI where there is one")


def odd(t):
    """One flow, flows all alike, no flow with a length, and very many groups."""
    library = json.load(open(t.libraries["ssh"], encoding="utf-8"))
    profile = next(p for p in library["profiles"] if p["name"] == "SSH")
    library["profiles"] = [dict(profile, name="%05d" % i) for i in range(10000)]
    many = t.file("many.json", json.dumps(library).encode())
    told = t.compare("--top", "3", many)
    t.report.equal("10,000 groups", (len(told["groups"]), told["groups_left_out"]), (3, 9997))
    for pair in told["pairs"]:  # the same flows on both sides: the nearest is as near in either
        t.report.check(pair["where"] == [] and pair["told_apart"] <= 0.5, "groups that are the same: %s", pair)
    text = t.run("compare", "-q", "--top", "2", many).stdout.decode()
    t.report.check("the means are the same" in text, "groups that are the same: %s", text)
    one = json.loads(json.dumps(library))
    cell = profile["cells"]["list"][0]
    shares = {at: share for at, share in zip(cell["at"], cell["shares"])}
    alike = dict(profile, cells={"level": 0, "list": [cell]}, flows=cell["flows"])
    for part, bins in (("both", 96), ("total", 48), ("source", 48), ("destination", 48)):
        alike[part] = dict(profile[part], flows=cell["flows"])
    alike["both"]["shares"] = [str(shares.get(k, 0)) for k in range(96)]
    one["profiles"] = [dict(alike, name="a"), dict(alike, name="b")]
    told = t.compare(t.file("one.json", json.dumps(one).encode()))
    t.report.check("told_apart" not in told["pairs"][0] or cell["flows"] > 1, "groups of one flow are told apart: %s", told["pairs"])
    empty = dict(profile, cells={"level": 0, "list": []}, name="empty")
    for part, bins in (("both", 96), ("total", 48), ("source", 48), ("destination", 48)):
        empty[part] = {"flows": 0, "counts": [0] * bins, "shares": ["0"] * bins, "squares": ["0"] * bins}
    one["profiles"] = [dict(profile, name="a"), empty]
    told = t.compare(t.file("empty.json", json.dumps(one).encode()))
    t.report.equal("no flow with a length", told["pairs"][0]["verdict"], "empty")


def main():
    dztest.need_ndpi()
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        test = Test(report, folder)
        for part in (groups, told_apart, by_input, reports, old, baseline, refused, odd):
            part(test)
    report.finish()


if __name__ == "__main__":
    main()
