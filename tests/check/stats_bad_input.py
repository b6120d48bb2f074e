#!/usr/bin/env python3
"""What compare, cluster, profile and score do with input that is broken, mixed, empty or none of its kind, and with options that are
wrong: exit status and message, which names the file and the line; and that lines, captures, pipes and mixtures of them all count."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "gen")]
import capture  # noqa: E402
import dztest  # noqa: E402
import wire  # noqa: E402

DONE, FAILED, USAGE = 0, 1, 2
START = 1592301963 * 10**9


def flows(first, sizes):
    """One UDP flow of three packets for each size; by its port it is guessed to be NTP."""
    return [capture.Packet(START + (i * 3 + n) * 10**6, wire.ipv4(
        "192.0.2.1", "198.51.100.2", wire.UDP, wire.udp("192.0.2.1", first + i, "198.51.100.2", 123, bytes(size))))
        for i, size in enumerate(sizes) for n in range(3)]


class Test(dztest.Folder):
    def __init__(self, report, folder):
        super().__init__(report, folder)
        self.capture = self.file("a.pcap", capture.pcap(flows(1000, [4, 40, 400]), 101))
        self.other = self.file("b.pcap", capture.pcap(flows(2000, [5, 50, 500, 1000]), 101))
        self.lines = self.flows("a.jsonl", self.capture)
        self.library = self.path("library.json")
        self.run("profile", "-q", "-o", self.library, self.lines)

    def flows(self, name, *arguments):
        return self.file(name, self.run("flows", "-q", *arguments).stdout)

    def expect(self, what, done, status, *words):
        super().expect(what, done, status, *words)
        if status == USAGE:
            self.report.check(not done.stdout, "%s: output with a command line that is wrong", what)


def broken_lines(t):
    good = open(t.lines, "rb").read().splitlines(True)
    line = json.loads(good[0])
    line["distribooze"]["lengths"]["counts"][3] = -1
    negative = json.dumps(line).encode() + b"\n"
    cases = {"no JSON": (b"{nonsense\n", 2), "cut": (good[1][:300] + b"\n", 2), "no newline at the end": (good[2][:-9], 2),
             "an array": (b"[1]\n", 2), "no record": (b"{\"a\":1}\n", 2), "a negative count": (negative, 2), "bytes": (b"\xff\xfe\x00\n", 2),
             "long": (b"{\"a\":\"" + b"x" * 5000000 + b"\"}\n", 2)}
    for name, (bad, at) in cases.items():
        path = t.file("broken.jsonl", good[0] + bad + (b"" if name.startswith("no newline") else good[1]))
        where = "broken.jsonl:%d: " % at
        for command in (["compare"], ["cluster"], ["profile"], ["score", "--evaluate"], ["score", "-p", t.library]):
            t.expect("%s: %s" % (command[0], name), t.run(*command, path), FAILED, where)
        done = t.run("compare", "--skip-bad", "-F", "json", path)
        t.expect("skipped: " + name, done, DONE, where, "1 line was passed over")
        if done.returncode == DONE:
            t.report.equal("skipped: %s: flows" % name, sum(g["flows"] for g in json.loads(done.stdout)["groups"]),
                           1 if name.startswith("no newline") else 2)
    t.expect("standard input by name", t.run("compare", "-", text=good[0] + b"{\n"), FAILED, "-:2: ")
    filled = b"\n" + good[0] + b"  \n{\"create\":{\"_id\":\"1\"}}\r\n" + good[1].replace(b"\n", b"\r\n") + good[2][:-1]
    done = t.run("compare", "-q", "-F", "json", "-", text=filled)
    t.expect("blank lines, bulk, CRLF, no last newline", done, DONE)
    t.report.equal("flows among blank lines", sum(g["flows"] for g in json.loads(done.stdout)["groups"]), 3)


def mixtures(t):
    payload = t.flows("payload.jsonl", "-l", "payload", t.other)
    narrow = t.flows("narrow.jsonl", "-w", "64", "-b", "24", t.other)
    one_way = t.flows("oneway.jsonl", "-u", t.other)
    for name, path, words in (("layers", payload, "48 bins of 32 bytes of layer payload, whole flows"),
                              ("widths", narrow, "24 bins of 64 bytes of layer ip, whole flows"),
                              ("directions", one_way, "48 bins of 32 bytes of layer ip, one-way")):
        for command in (["compare"], ["cluster"], ["profile"], ["score", "--evaluate"]):
            t.expect("%s: two %s" % (command[0], name), t.run(*command, t.lines, path), FAILED, "a.jsonl", os.path.basename(path), words,
                     "48 bins of 32 bytes of layer ip, whole flows")
        t.expect("score: two " + name, t.run("score", "-p", t.library, path), FAILED, words, t.library)
        t.expect("a library and other " + name, t.run("profile", t.library, path), FAILED, words, t.library)
    t.expect("lines and a capture measured otherwise", t.run("compare", "-l", "payload", t.lines, t.other), FAILED, "a.jsonl", "b.pcap")
    t.expect("one-way has no directions", t.run("compare", "--direction", "source", one_way), FAILED, "oneway.jsonl:1: ", "--direction source")
    for name, path in (("payload.json", payload), ("oneway.json", one_way)):
        library = t.path(name)
        t.run("profile", "-q", "-o", library, path)
        t.expect("two libraries", t.run("profile", t.library, library), FAILED, t.library, library, "bins of 32 bytes of layer")
        # A capture is measured as the library is.
        t.expect("score by " + name, t.run("score", "-p", library, t.other), DONE)
    other = t.path("input.json")
    t.run("profile", "-q", "--by", "input", "-o", other, t.lines)
    t.expect("libraries by different things", t.run("profile", t.library, other), FAILED, "by input, not by label")


def ways_in(t):
    together = t.run("compare", "-q", "-F", "json", t.capture, t.other).stdout
    both = t.flows("both.jsonl", t.capture, t.other)
    text = open(both, "rb").read()
    t.report.check(json.loads(together)["groups"][0]["flows"] == 7, "seven flows: %s", together)
    for what, done in (("lines", t.run("compare", "-q", "-F", "json", both)), ("a pipe", t.run("compare", "-q", "-F", "json", "-", text=text)),
                       ("a capture and lines", t.run("compare", "-q", "-F", "json", t.lines, t.other)),
                       ("a capture on a pipe", t.run("compare", "-q", "-F", "json", t.lines, "-", text=open(t.other, "rb").read()))):
        t.report.equal(what, done.stdout, together)
    for command in ("compare -q -F json %s", "compare -q -F json - < %s", "compare -q -F json <(cat %s)"):
        shell = subprocess.run(["bash", "-c", dztest.PROGRAM + " " + command % t.capture], capture_output=True, check=False, timeout=60)
        t.report.equal(command, shell.stdout, t.run("compare", "-q", "-F", "json", t.lines).stdout)
    t.report.equal("profile of lines and of captures", t.run("profile", "-q", both).stdout, t.run("profile", "-q", t.capture, t.other).stdout)
    t.report.equal("a library from a pipe", t.run("profile", "-q", "-", text=open(t.library, "rb").read()).stdout, open(t.library, "rb").read())
    # Captures of one name in two folders are two inputs.
    os.mkdir(t.path("x"))
    twin = t.file("x/a.pcap", capture.pcap(flows(3000, [4, 40]), 101))
    done = t.run("compare", "-q", "--by", "input", "-F", "json", t.capture, twin)
    t.report.equal("inputs of one name", sorted(g["name"] for g in json.loads(done.stdout)["groups"]), sorted(["a.pcap", twin]))
    t.expect("two inputs are tested", done, DONE)
    named_operands(t, twin)
    t.report.equal("verdicts on two inputs", [p["verdict"] for p in json.loads(done.stdout)["test"]["pairs"]], ["few-sessions"])


def named_operands(t, twin):
    """mon=PATH is a group of that name by input, and so is a directory; a file whose name has a "=" is that file."""
    def groups(*words):
        done = t.run("compare", "-q", "--by", "input", "-F", "json", *words)
        t.expect("named: " + " ".join(words), done, DONE)
        return {g["name"]: g["flows"] for g in json.loads(done.stdout)["groups"]}

    folder = os.path.dirname(twin)
    t.report.equal("two names", groups("mon=" + t.capture, "tue=" + twin), {"mon": 3, "tue": 2})
    t.report.equal("one name twice", groups("mon=" + t.capture, "mon=" + twin), {"mon": 5})
    t.report.equal("lines by name", groups("mon=" + t.lines, "tue=" + twin), {"mon": 3, "tue": 2})
    t.report.equal("a directory", groups(folder + "/", t.capture), {folder: 2, "a.pcap": 3})
    odd = t.file("a=b.pcap", open(t.capture, "rb").read())
    here = os.getcwd()
    os.chdir(os.path.dirname(odd))
    t.report.equal("a file of that name", groups("a=b.pcap"), {"a=b.pcap": 3})
    os.chdir(here)
    t.expect("a name of nothing", t.run("compare", "--by", "input", "mon=" + t.path("none.pcap")), USAGE, "none.pcap")
    t.expect("a window of no length", t.run("compare", "--every", "soon", t.capture), USAGE, "--every", "soon")
    t.expect("a window of nothing", t.run("compare", "--every", "0s", t.capture), USAGE, "--every", "0s", "more than 0")


def nothing(t):
    for command in (["compare"], ["cluster"], ["profile"], ["score", "--evaluate"], ["score", "-p", t.library]):
        name = command[0]
        t.expect(name + ": no operand", t.run(*command), USAGE, "no input given")
        t.expect(name + ": empty", t.run(*command, "-"), FAILED, "-: the input is empty", "holds no flows")
        t.expect(name + ": blank", t.run(*command, "-", text=b"\n\n"), FAILED, "holds no flows")
        t.expect(name + ": missing", t.run(*command, t.path("missing")), USAGE, "missing", "No such file")
        t.expect(name + ": neither", t.run(*command, t.file("text", b"Hello\n")), FAILED, "text: neither a capture nor JSON lines")
        t.expect(name + ": filtered", t.run(*command, "--label", "Nothing", t.lines), FAILED, "none of the 3 flows", "--label")
        t.expect(name + ": few packets", t.run(*command, "--min-packets", "4", t.lines), FAILED, "none of the 3 flows", "--min-packets")
        t.expect(name + ": option", t.run(*command, "--nonsense", t.lines), USAGE, "--nonsense")
        t.expect(name + ": filter", t.run(*command, "-f", "nonsense and", t.capture), USAGE, "--filter")
        t.expect(name + ": over its input", t.run(*command, "-o", t.lines, t.lines), USAGE, "overwritten")
        if command != ["score", "--evaluate"]:
            t.expect(name + ": full disk", t.run(*command, "-o", "/dev/full", t.lines), FAILED, "No space left")
    done = t.run("compare", t.lines, t.file("text", b"Hello\n"))
    t.expect("one of two is no input", done, FAILED, "text: neither")
    t.report.check(b"flows" in done.stdout, "what was readable is not compared")
    cut = t.file("cut.pcap", open(t.capture, "rb").read()[:-7])
    t.expect("a cut capture", t.run("compare", cut), FAILED, "cut.pcap")


def options(t):
    for words, said in ((["compare", "--distance", "far"], "hellinger"), (["compare", "--by", "colour"], "hostname"),
                        (["compare", "--pooled", "--permutations", "9"], "--pooled"), (["cluster", "--eps", "-1"], "--eps"),
                        (["cluster", "--eps", "near"], "auto"), (["cluster", "--min-samples", "0"], "--min-samples"),
                        (["score", "--folds", "10"], "--evaluate"), (["score", "--evaluate", "--folds", "some"], "neither input"), (["score", "--among", "tls"], "--is"), (["score", "-p", t.library, "--nearest", "99"], "16"),
                        (["score", "-p", t.library, "--evaluate", "--folds", "5"], "--profiles"), (["profile", "--direction", "source"], "--direction")):
        t.expect(" ".join(words), t.run(*words, t.lines), USAGE, said)


def few_permutations(t):
    """The least p of N permutations is 1/(N+1), three pairs make it 3/(N+1) by Holm: at most 0.05 from N = 59 on."""
    many = [t.file("%s.pcap" % name, capture.pcap(flows(3000, list(range(first, first + 8))), 101)) for name, first in (("u", 5), ("v", 90), ("w", 700))]
    for permutations in (58, 59):
        said = t.run("compare", "-q", "--by", "input", "--sessions", "none", "--permutations", str(permutations), *many).stdout.decode()
        t.report.equal("%d permutations are too few for three pairs" % permutations, "too few permutations for 3 pairs: use --permutations 599" in said, permutations == 58)


def libraries(t):
    good = open(t.library, encoding="utf-8").read()
    for what, text, said in (("cut", good[:-40], "breaks off"), ("not JSON", "{]", "no JSON"), ("not a library", "{}", "format"),
                             ("version", good.replace('"version":2', '"version":3'), "version is 3"),
                             ("a string", good.replace('"flows":3', '"flows":"3"', 1), "flows must be a whole number"),
                             ("negative", good.replace('"flows":3', '"flows":-3', 1), "flows"),
                             ("bins", good.replace('"bins":48', '"bins":49'), "elements, but must have 98"),
                             ("layer", good.replace('"layer":"ip"', '"layer":"cake"'), "cake"),
                             ("a sum", good.replace('"shares":["', '"shares":["x', 1), "in quotes"),
                             ("a huge sum", good.replace('"shares":["', '"shares":["' + "9" * 40, 1), "in quotes"),
                             ("many bins", good.replace('"bins":48', '"bins":4000000000'), "2048")):
        path = t.file("bad.json", text.encode())
        t.expect("score by a library: " + what, t.run("score", "-p", path, t.lines), FAILED, "bad.json", said)
        if what not in ("not JSON", "not a library"):
            t.expect("profile of a library: " + what, t.run("profile", path), FAILED, "bad.json", said)
    t.expect("a sum past 2^63", t.run("profile", *[t.file("big%d.json" % i, good.replace('"flows":3', '"flows":9000000000000000000', 1).encode())
                                                  for i in range(2)]), FAILED, "2^63")
    t.expect("a library is no flows", t.run("cluster", t.library), FAILED, "is a library of profiles")
    t.expect("no library", t.run("score", "-p", t.path("missing"), t.lines), FAILED, "missing")
    rules = os.path.join(dztest.SOURCE, "share", "profiles", "ndpireader-doh.json")
    t.expect("the shipped library", t.run("score", "-q", "-p", rules, t.capture), DONE)
    text = open(rules, encoding="utf-8").read()
    t.report.equal("the shipped library, as it is written", t.run("profile", "-q", rules, rules).stdout.decode(), text)
    other = t.file("rules.json", text.replace("35.5", "40").encode())
    t.expect("two rules of one name", t.run("profile", rules, other), FAILED, "two rules named 'DoH'")


def schema(t):
    """Libraries keep to docs/profiles.schema.json; its counters are broken to see that it holds."""
    try:
        import jsonschema  # pylint: disable=import-outside-toplevel
    except ImportError:
        print("note: python3-jsonschema is not installed, libraries are not validated")
        return
    with open(os.path.join(dztest.SOURCE, "docs", "profiles.schema.json"), encoding="utf-8") as f:
        rules = json.load(f)
    kind = jsonschema.validators.validator_for(rules)
    kind.check_schema(rules)
    one_way = t.flows("oneway.jsonl", "-u", t.other)
    shipped = os.path.join(dztest.SOURCE, "share", "profiles", "ndpireader-doh.json")
    reference = os.path.join(dztest.SOURCE, "share", "profiles", "reference-%s.json")
    ssh = os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap")
    for words in ([t.library], [shipped], [reference % "tls"], [reference % "ip", reference % "ip"], ["--rule", "DNS", reference % "payload"], ["--cells", "0", ssh],
                  ["--cells", "1", ssh], ["--by", "host", ssh], ["--by", "prefix", ssh], ["--by", "hour", "-l", "tls-data", ssh], ["--skip-empty", "-w", "64", "-b", "2", ssh],
                  [t.capture], [one_way]):
        library = json.loads(t.run("profile", "-q", *words).stdout)
        error = next(kind(rules).iter_errors(library), None)
        t.report.check(error is None, "%s breaks the schema: %s", words, error)
    own = t.path("own.json")
    t.run("profile", "-q", "-o", own, one_way)
    for profiles, flows_ in ((t.library, t.lines), (shipped, t.capture), (own, one_way)):
        records = [json.loads(line) for line in t.run("score", "-q", "-p", profiles, flows_).stdout.splitlines()]
        t.report.check(records and all("match" in r["distribooze"] for r in records), "%s: nothing was scored", profiles)
        dztest.Schema().check(t.report, "scored by " + profiles, records)
    library["unidirectional"] = False
    t.report.check(next(kind(rules).iter_errors(library), None) is not None, "the schema takes whole flows without directions")


def versions(t):
    """Records of two releases of nDPI are told, by each command."""
    lines = t.run("-q", os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap")).stdout
    mixed = t.file("mixed.jsonl", lines + lines.replace(b'"ndpi":{"version":"', b'"ndpi":{"version":"9.'))
    same = t.file("same.jsonl", lines)
    for name in ("compare", "cluster", "profile"):
        done = t.run(name, mixed)
        t.report.check(" and nDPI 9." in done.stderr, "%s: it does not tell two versions of nDPI: %s", name, done.stderr)
        t.report.check("labelled by" not in t.run(name, same).stderr, "%s: it tells two versions where there is one", name)


def named_twice(t):
    """The same file again, by whatever name, is told once, by every command and in every way of reading; not with -q."""
    link = t.path("link.pcap")
    os.symlink(t.capture, link)
    said = "1 file is named more than once (%s)"
    for words in (["compare", t.capture, t.other, link], ["compare", "--by", "input", t.capture, t.other, link], ["flows", "-o", os.devnull, t.capture, link],
                  ["score", "--evaluate", t.capture, t.other, link], ["profile", "-o", os.devnull, t.capture, link]):
        t.report.check(said % link in t.run(*words).stderr, "%s: it does not tell what is named twice", words)
        t.report.check("named" not in t.run(words[0], "-q", *words[1:]).stderr, "%s: told with -q", words)
        t.report.check("named" not in t.run(*words[:-1]).stderr, "%s: told where nothing is named twice", words[:-1])
    t.report.check(said % t.lines in t.run("compare", t.lines, t.lines).stderr, "lines: it does not tell what is named twice")
    folder = t.path("folder")
    os.mkdir(folder)
    for i in range(5):
        os.symlink(t.capture, os.path.join(folder, "%d.pcap" % i))
    names = ", ".join(os.path.join(folder, "%d.pcap" % i) for i in (1, 2, 3))
    t.expect("a folder of links to one file", t.run("flows", "-o", os.devnull, folder), DONE, "4 files are named more than once (%s, ...): each is read" % names)


def folders_in_folders(t):
    """A folder's own files are read; folders in it are told, unless they are named, too, by whatever name."""
    top, day = t.path("week"), os.path.join(t.path("week"), "monday")
    os.makedirs(day)
    os.mkdir(os.path.join(top, ".hidden"))
    for folder in (top, day):
        os.symlink(t.capture, os.path.join(folder, "a%d.pcap" % len(folder)))
        os.symlink(t.other, os.path.join(folder, "b%d.pcap" % len(folder)))
    said = "1 folder is left out (%s)" % day
    for words in (["compare", top], ["flows", "-o", os.devnull, top], ["profile", "-o", os.devnull, top]):
        t.expect("a folder in a folder: %s" % words[0], t.run(*words), DONE, said)
        t.report.check("left out" not in t.run(words[0], "-q", *words[1:]).stderr, "%s: told with -q", words)
        t.report.check("left out" not in t.run(*words, day + "/.").stderr, "%s: told though it is named", words)
    os.mkdir(t.path("month"))
    os.rename(top, os.path.join(t.path("month"), "week"))
    t.expect("folders only", t.run("flows", t.path("month")), FAILED, "1 folder is left out", "no captures in this folder")


def lines_as_they_are(t):
    """Options that ask of packets are told to be of no effect on JSON lines."""
    for words, said in ((["-f", "tcp"], "filters are of packets"), (["-l", "payload"], "48 bins of 32 bytes of layer payload"), (["-w", "64"], "of 64 bytes")):
        t.expect("lines with " + " ".join(words), t.run("compare", *words, t.lines), DONE, said, "taken as they are")
    for words in (["-l", "ip"], []):
        t.report.check("as they are" not in t.run("compare", *words, t.lines).stderr, "%s: a warning for nothing", words)
    t.report.check("as they are" not in t.run("compare", "-f", "udp", t.capture).stderr, "a capture with a filter: a warning for nothing")


def known_inputs(t):
    """Flows of captures that a library was made of are no evidence for it; names that are the same every day say nothing."""
    data = open(t.capture, "rb").read()
    piped = t.file("piped.jsonl", t.run("flows", "-q", "-", text=data).stdout)
    wire_ = t.file("wire.jsonl", open(t.lines, "rb").read().replace(b'"input":"a.pcap"', b'"input":"eth0"')
                   .replace(b'"observer":{', b'"observer":{"ingress":{"interface":{"name":"eth0"}},'))
    t.report.check(b'"eth0"}}' in open(wire_, "rb").read() and b'"input":"eth0"' in open(wire_, "rb").read(), "lines of an interface are not what they should be")
    said = "was made of inputs of the same name as 1 of these (a.pcap)"
    for command in (["compare"], ["report", "-o", os.devnull]):
        t.expect("%s: a baseline of these very flows" % command[0], t.run(*command, "--baseline", t.library, t.capture), DONE, said)
        t.report.check("same name" not in t.run(*command, "--baseline", t.library, t.other).stderr, "%s: other captures are taken for known", command)
    yardstick = ["compare", "--by", "input", "--yardstick", t.capture, t.other]
    t.expect("a yardstick of these very flows", t.run(*yardstick, t.capture), DONE, "holds inputs of the same name as 1 of these (a.pcap)")
    t.report.check("same name" not in t.run(*yardstick, t.file("c.pcap", data)).stderr, "a yardstick of other captures is told as theirs")
    for extra in ([], ["--evaluate"]):
        t.expect("a library of these very flows", t.run("score", "-p", t.library, *extra, t.capture), DONE, said)
        t.report.check("same name" not in t.run("score", "-p", t.library, *extra, t.other).stderr, "%s: other captures are taken for known", extra)
        for path in (piped, wire_):
            library = t.path("same.json")
            t.run("profile", "-q", "-o", library, path)
            t.report.check("same name" not in t.run("score", "-p", library, *extra, path).stderr, "%s: it takes a name that is no capture's for evidence", path)


def labelled(t, name, label, *arguments):
    """Lines whose label is this, whatever the build knows."""
    made = []
    for line in t.run("flows", "-q", *arguments).stdout.splitlines():
        record = json.loads(line)
        record["distribooze"]["label"] = label
        made.append(json.dumps(record).encode() + b"\n")
    return t.file(name, b"".join(made))


def parts_of_flows(t):
    """Interim records, and TCP flows whose beginning was not seen, are told by all commands that take them for flows."""
    ssh = os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap")
    parts, whole = labelled(t, "parts.jsonl", "SSH", "--active-timeout", "10", ssh), labelled(t, "whole.jsonl", "SSH", ssh)
    records = [json.loads(line)["distribooze"] for line in open(parts, encoding="utf-8")]
    interim = sum(record["end_reason"] == "active" for record in records)
    headless = sum("syn" not in record["tcp"]["flags"]["source"] + record["tcp"]["flags"]["destination"] for record in records)
    t.report.check(interim > 2 and headless >= interim, "of %d records %d are interim, %d without SYN", len(records), interim, headless)
    for command in (["compare"], ["cluster"], ["profile", "-o", os.devnull], ["score", "--evaluate"], ["report", "-o", os.devnull]):
        t.expect("interim records: %s" % command, t.run(*command, parts), DONE, "%d of %d records are parts of flows that went on" % (interim, len(records)),
                 "no SYN was seen of %d of %d TCP flows" % (headless, len(records)))
        said = t.run(*command, whole).stderr
        t.report.check("parts of flows" not in said and "no SYN" not in said, "%s: told of whole flows: %s", command, said)
    t.report.check("no SYN" not in t.run("compare", "--direction", "total", parts).stderr, "which side began is of no matter to --direction total")


def conditions(t):
    """On what condition two differ is in all formats: labels that come of one capture each differ as the captures do."""
    def lines(label, name, hosts, bins):
        made = []
        for host in range(hosts):
            for visit in range(4):
                record = json.loads(t.some_line)
                own, number = record["distribooze"], host * 4 + visit
                own["label"], own["input"] = label, name
                record["source"]["ip"] = "10.%d.0.%d" % (len(label), host + 1)
                record["event"]["start"] = "2026-01-01T%02d:%02d:00.000000Z" % (visit, host)
                record["event"]["id"] = "%032x" % (number + 1000 * len(label))
                counts = [number % 3 + 5 if i in bins else 0 for i in range(48)]
                for side in (own["lengths"]["source"], own["lengths"]["destination"], own["lengths"]):
                    side.pop("percent", None)
                    side["counts"] = [2 * count for count in counts] if side is own["lengths"] else counts
                    side["count"] = sum(side["counts"])
                record["source"]["packets"] = record["destination"]["packets"] = sum(counts)
                made.append(json.dumps(record).encode() + b"\n")
        return b"".join(made)

    t.some_line = t.run("-q", t.capture).stdout.splitlines()[0]
    one = t.file("one-capture.jsonl", lines("TLS", "one.pcap", 6, (3, 4)) + lines("DNS.X", "one.pcap", 6, (20, 21)))
    two = t.file("two-captures.jsonl", lines("TLS", "one.pcap", 6, (3, 4)) + lines("DNS.X", "two.pcap", 6, (20, 21)))
    for path, code, words, also in ((one, "differ", "They differ (p = ", []), (two, "differ-if", "They differ if inputs have no habits of their own (p = ", []),
                                    (two, "differ", "They differ (p = ", ["--by", "input"])):
        pair = json.loads(t.run("compare", "-q", "-F", "json", *also, path).stdout)["test"]["pairs"][0]
        t.report.equal("%s %s: verdict" % (path, also), (pair["verdict"], pair["inputs_of_both"]), (code, 1 if path == one else 2))
        t.report.check(pair["text"].startswith(words), "%s: says %s", path, pair["text"])
        t.report.check((",%s," % code).encode() in t.run("compare", "-q", "-F", "csv", *also, path).stdout, "%s: not in CSV", path)
    pair = json.loads(t.run("compare", "-q", "-F", "json", "--sessions", "input", two).stdout)["test"]["pairs"][0]
    t.report.equal("by inputs", pair["verdict"], "few-sessions")


def hosts_of_inputs(t):
    """Inputs whose hosts are the same may be parts of one capture; where nothing can be judged, no share of it is told."""
    two = [labelled(t, name + ".lines", name, os.path.join(dztest.SOURCE, "pcaps", name + ".pcap")) for name in ("ssh", "netflix")]
    done = t.run("score", "--evaluate", *two)
    t.report.check(b"accuracy, closed world     -    no flow has a label" in done.stdout, "labels of one input each: %s", done.stdout)
    told = json.loads(t.run("score", "-q", "--evaluate", "-F", "json", *two).stdout)
    t.report.check("accuracy_closed" not in told, "of no flow there is a share: %s", told.get("accuracy_closed"))
    most = max(label["flows"] for label in told["labels"])
    t.report.check(abs(told["majority"]["value"] - most / told["flows"]) < 1e-9, "the most frequent label of all: %s, %d of %d", told["majority"], most, told["flows"])
    text = t.run("score", "-q", "--evaluate", "--folds", "3", *two).stdout.decode()
    t.report.check("labels only one input has: with folds at random it may be the input" in text, "folds at random of one input a label: %s", text)
    # The same host in both, and two hosts.
    shared = t.file("shared.jsonl", open(t.lines, "rb").read().replace(b'"input":"a.pcap"', b'"input":"b.pcap"').replace(b"192.0.2.1", b"192.0.2.9"))
    t.report.check("of hosts that other inputs have" not in t.run("score", "--evaluate", t.lines, shared).stderr, "hosts of one input each are told as shared")
    t.expect("hosts of both inputs", t.run("score", "--evaluate", t.capture, t.other), DONE, "7 of 7 flows are of hosts that other inputs have, too")


def copies(t):
    """A capture under another name judges itself."""
    again = t.file("again.pcap", open(t.capture, "rb").read())
    said = "3 flows are in more than one input"
    t.expect("a copy of a capture", t.run("score", "--evaluate", t.capture, t.other, again), DONE, said)
    t.report.check("more than one input" not in t.run("score", "--evaluate", t.capture, t.other).stderr, "copies where there are none")
    t.report.check("more than one input" not in t.run("score", "-p", t.library, "--evaluate", t.other, again).stderr, "copies where a library judges")


def asked_for_nothing(t):
    """A label that nobody has is not answered."""
    t.expect("--is of no label", t.run("score", "-p", t.library, "--is", "NOPE", t.other), FAILED, "--is", "NOPE")
    t.expect("--evaluate --is of no label", t.run("score", "--evaluate", "--is", "NOPE", t.capture, t.other), FAILED, "--is", "no flow has the label 'NOPE'")
    t.expect("--evaluate --is of no label, by a library", t.run("score", "-p", t.library, "--evaluate", "--is", "NOPE", t.other), FAILED, "--is", "NOPE")
    t.expect("--bulk-index of lines", t.run("flows", "--bulk-index", "x", t.capture), USAGE, "--bulk-index goes with -F bulk")
    t.expect("--bulk-index of lines, live", t.run("flows", "--bulk-index", "x", "-i", "nothing0"), USAGE, "--bulk-index goes with -F bulk")


def interrupted(t):
    """A first SIGINT while a stream is read is told, and what the stream still brings is read."""
    for signals, status in ((1, DONE), (2, 128 + signal.SIGINT)):
        with subprocess.Popen([dztest.PROGRAM, "compare", "-F", "json", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as p:
            data = open(t.lines, "rb").read()
            p.stdin.write(data)
            p.stdin.flush()
            time.sleep(0.5)  # it waits for more
            for _ in range(signals):
                p.send_signal(signal.SIGINT)
                time.sleep(0.2)
            out, said = p.communicate(timeout=60)
        t.report.equal("%d SIGINT in a stream: exit status" % signals, p.returncode, status)
        t.report.check(b"the stream is read to its end" in said, "SIGINT in a stream: %s", said)
        t.report.equal("%d SIGINT in a stream: an answer" % signals, bool(out), status == DONE)


def main():
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        test = Test(report, folder)
        for part in (broken_lines, mixtures, ways_in, nothing, options, few_permutations, libraries, versions, schema, named_twice, folders_in_folders, lines_as_they_are,
                     known_inputs, parts_of_flows, conditions, hosts_of_inputs, copies, asked_for_nothing, interrupted):
            part(test)
    report.finish()


if __name__ == "__main__":
    main()
