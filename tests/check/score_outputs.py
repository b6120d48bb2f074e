#!/usr/bin/env python3
"""score tells the same in JSON, CSV and text: with a library and without, of a label (--is), of rules, and of flows without lengths.
What a library cannot be used for is said; and how flows are dealt for --evaluate, against which truth."""

import csv
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

DONE, FAILED, USAGE = 0, 1, 2
SHARE = os.path.join(os.path.abspath(dztest.SOURCE), "share", "profiles")
RULE = os.path.join(SHARE, "ndpireader-doh.json")


def capture(name):
    return os.path.join(os.path.abspath(dztest.SOURCE), "pcaps", name + ".pcap")


def near(text, number):
    return float(text) == float("%.9g" % number)


def rows_agree(t, what, row, record):
    """A line of CSV against the JSON of the same flow."""
    match, own = record["distribooze"].get("match"), record["distribooze"]
    expected = [record["event"]["id"], record["source"]["ip"], str(record["source"].get("port", "")), own["label"], str(record["network"]["packets"])]
    t.report.equal(what + ": flow", [row["id"], row["source"], row["source_port"], row["label"], row["packets"]], expected)
    nearest = (match or {}).get("nearest")
    if not nearest:
        t.report.equal(what + ": columns of a flow that looks like nothing", [row["distance"], row["margin"], row["own_distance"]], ["", "", ""])
    else:
        t.report.equal(what + ": profile, verdict", [row["profile"], row["verdict"]], [match["profile"], match["verdict"]])
        t.report.check(near(row["distance"], match["distance"]) and near(row["margin"], match["margin"]), "%s: %s, and %s", what, row, match)
        t.report.equal(what + ": agrees", row["agrees"], {True: "true", False: "false", None: ""}[match.get("agrees")])
    asked = (match or {}).get("is")
    if "is" in row:
        t.report.equal(what + ": is", row["is"], {True: "true", False: "false"}[asked["answer"]] if asked else "")
        t.report.check(near(row["is_confidence"], asked["confidence"]) if asked else not row["is_confidence"], "%s: %s, and %s", what, row, asked)
    for rule in (match or {}).get("rules", []):
        t.report.equal(what + ": the rule", row[rule["name"] + " matches"], "true" if rule["matches"] else "false")
        t.report.check(near(row[rule["name"] + " distance"], rule["distance"]), "%s: %s, and %s", what, row, rule)


def text_agrees(t, what, line, record):
    """A line for people."""
    match, own = record["distribooze"].get("match"), record["distribooze"]
    t.report.check(own["label"][:12] in line and record["source"]["ip"] in line, "%s: %r is another flow", what, line)
    if not own["lengths"]["count"]:
        t.report.check(line.endswith("(no lengths)"), "%s: %r has lengths", what, line)
        return
    if match.get("nearest"):
        t.report.check("%.3f" % match["distance"] in line and match["verdict"] in line and match["profile"][:12] in line, "%s: %r, and %s", what, line, match)
    if "is" in match:
        t.report.check(("  is " if match["is"]["answer"] else "  not ") in line, "%s: %r, and %s", what, line, match["is"])
    for rule in match.get("rules", []):
        t.report.check("  %s %s (%.1f)" % ("is" if rule["matches"] else "not", rule["name"], rule["distance"]) in line, "%s: %r, and %s", what, line, rule)


def formats(t):
    for options, names in (((), ("ssh", "web")), (("-l", "tls", "--is", "DoH_DoT"), ("doh", "dns")), (("-p", RULE), ("doh", "dns", "background")),
                           (("-l", "payload", "--is", "DoH_DoT", "--among", "QUIC,TLS"), ("doh", "background"))):
        paths = [capture(name) for name in names]
        records = [json.loads(line) for line in t.run("score", "-q", "-F", "json", *options, *paths).stdout.splitlines()]
        rows = list(csv.DictReader(io.StringIO(t.run("score", "-q", "-F", "csv", *options, *paths).stdout.decode())))
        lines = t.run("score", "-q", "-F", "text", *options, *paths).stdout.decode().splitlines()[1:]
        what = "score " + " ".join(os.path.basename(option) for option in options)
        t.report.equal(what + ": flows", (len(rows), len(lines)), (len(records), len(records)))
        t.report.check(len(records) > 5, "%s: only %d flows", what, len(records))
        for row, line, record in zip(rows, lines, records):
            rows_agree(t, what, row, record)
            text_agrees(t, what, line, record)


def made(line, label, name, source, destination):
    """The record with another label and input, and with these counts by bin."""
    record = json.loads(line)
    own = record["distribooze"]
    own["label"], own["input"] = label, name
    counts = [[bins.get(i, 0) for i in range(48)] for bins in (source, destination)]
    for side, of_side in ((own["lengths"], [sum(both) for both in zip(*counts)]), (own["lengths"]["source"], counts[0]), (own["lengths"]["destination"], counts[1])):
        side.pop("percent", None)
        side["counts"], side["count"] = of_side, sum(of_side)
    record["source"]["packets"], record["destination"]["packets"] = sum(counts[0]), sum(counts[1])
    return json.dumps(record).encode() + b"\n"


def two_answers(t):
    """Rules are told by themselves; --is and "unknown" answer two questions, which is said where their answers differ."""
    done = t.run("score", "-F", "text", "-p", RULE, capture("doh"))
    yes = done.stdout.decode().count("  is DoH (")
    t.expect("a rule: summary", done, DONE, "rule DoH (a distance of 35.5 at most): %d of 21 flows" % yes)
    t.report.check(yes > 15 and "looks most like" not in done.stdout.decode() and "look most like" not in done.stderr, "a rule: it tells labels: %s", done.stderr)
    # Five inputs, in each one flow of DoH_DoT and three of TLS with nothing in common; then one that is half DoH_DoT's and half nobody's.
    line = t.run("-q", capture("doh")).stdout.splitlines()[0]
    known = [made(line, "DoH_DoT", "%d.pcap" % i, {1: 20}, {2: 20}) + 3 * made(line, "TLS", "%d.pcap" % i, {40: 20}, {46: 20}) for i in range(5)]
    library = t.path("two.json")
    t.expect("profile of two labels", t.run("profile", "-q", "-o", library, *(t.file("known%d.jsonl" % i, text) for i, text in enumerate(known))), DONE)
    question = ["score", "-p", library, "--is", "DoH_DoT", "--confidence", "0.01"]
    odd = t.file("odd.jsonl", made(line, "TLS", "new.pcap", {1: 10, 33: 10}, {2: 10, 35: 10}))
    match = json.loads(t.run(*question, "-q", odd).stdout)["distribooze"]["match"]
    t.report.equal("a flow unlike all", (match["verdict"], match["is"]["answer"]), ("unknown", True))
    t.expect("--is of a flow unlike all", t.run(*question, odd), DONE, "1 of these is unlike all that the library has (unknown)", "25 % of such flows")
    same = t.file("same.jsonl", made(line, "TLS", "new.pcap", {1: 20}, {2: 20}))
    t.report.check("unlike all" not in t.run(*question, same).stderr, "--is of a flow that is known: told as unlike")


def libraries(t):
    """What a library holds, and what is asked of it."""
    ssh, library, plain = capture("ssh"), t.path("library.json"), t.path("plain.json")
    t.expect("profile", t.run("profile", "-q", "-o", library, ssh, capture("dns")), DONE)
    t.expect("profile --cells 0", t.run("profile", "-q", "--cells", "0", "-o", plain, ssh), DONE)
    for option, value in (("-w", "64"), ("-b", "20"), ("-l", "payload"), ("--skip-empty", None), ("--skip-retransmissions", None)):
        done = t.run("score", "-p", library, option, *([value] if value else []), ssh)
        t.expect("score -p with %s" % option, done, FAILED, "library.json holds ", ", but the options ask for ")
    t.expect("score -p with the usual layer, as asked", t.run("score", "-p", RULE, "-l", "ip", capture("doh")), FAILED, "layer payload", "the options ask for 48 bins of 32 bytes of layer ip")
    # The program's own defaults, written out, ask for nothing that the rule's library (payload, no empty ones) does not have.
    t.expect("score -p with defaults", t.run("score", "-q", "-p", RULE, "-w", "32", "-b", "48", capture("doh")), DONE)
    t.expect("score, a library without cells", t.run("score", "-p", plain, ssh), DONE, "plain.json")
    with open(library, encoding="utf-8") as f:
        several = json.load(f)
    several["ndpi"] = ["4.2.0", "5.0.0"]
    t.expect("score, a library of two nDPI versions", t.run("score", "-p", t.file("several.json", json.dumps(several).encode()), ssh), DONE, "labels are those of nDPI 4.2.0 and nDPI 5.0.0")
    # Flows that another release labelled, by a library of the file and by the reference library; nothing is said of the same release.
    lines = t.run("-q", ssh).stdout
    version = json.loads(lines.splitlines()[0])["distribooze"]["ndpi"]["version"]
    other = t.file("other.jsonl", lines.replace(b'"ndpi":{"version":"', b'"ndpi":{"version":"9.'))
    for command in (["score", "-p", library], ["report", "-o", os.devnull, "-p", library]):
        t.expect("%s of another release" % command[0], t.run(*command, other), DONE, "labels are those of nDPI %s and nDPI 9.%s," % (version, version))
        t.report.check("labels are those" not in t.run(*command, t.file("same.jsonl", lines)).stderr, "%s: it tells two releases where there is one", command)
    t.expect("score by the reference library, of another release", t.run("score", other), DONE, " and nDPI 9.%s," % version)
    for name, text, words in (("gone", None, "No such file"), ("empty", b"", "empty.json"), ("other", b'{"format":"else"}', "other.json"), ("text", b"no JSON", "text.json")):
        path = t.path(name + ".json") if text is None else t.file(name + ".json", text)
        t.expect("score -p " + name, t.run("score", "-p", path, ssh), FAILED, words)


def reference(t):
    """The reference libraries are found where DISTRIBOOZE_PROFILES says, or beside the program."""
    home = t.path("home")
    os.makedirs(os.path.join(home, "bin"))
    program = os.path.join(home, "bin", "distribooze")
    shutil.copy(os.path.realpath(dztest.PROGRAM), program)
    environment = {name: value for name, value in os.environ.items() if name != "DISTRIBOOZE_PROFILES"}

    def score(**more):
        done = subprocess.run([program, "score", "-q", capture("ssh")], capture_output=True, check=False, timeout=60, env=dict(environment, **more))
        done.stderr = done.stderr.decode()
        return done
    if not os.path.exists("/usr/local/share/distribooze") and not os.path.exists("/usr/share/distribooze"):
        t.expect("no reference library", score(), FAILED, "no --profiles given, and no reference library of layer ip")
    t.expect("an empty folder of libraries", score(DISTRIBOOZE_PROFILES=home), FAILED, "no --profiles given, and no reference library of layer ip")
    t.expect("DISTRIBOOZE_PROFILES", score(DISTRIBOOZE_PROFILES=SHARE), DONE)
    shutil.copytree(SHARE, os.path.join(home, "share", "profiles"))
    beside = score()
    t.expect("beside the program", beside, DONE)
    t.report.equal("beside the program: as by DISTRIBOOZE_PROFILES", beside.stdout, score(DISTRIBOOZE_PROFILES=SHARE).stdout)
    t.expect("DISTRIBOOZE_PROFILES, empty", score(DISTRIBOOZE_PROFILES=""), DONE)


def evaluation(t):
    paths = [capture(name) for name in ("ssh", "dns", "doh", "web", "bittorrent")]

    def judged(*options):
        done = t.run("score", "--evaluate", "-F", "json", "--min-flows", "1", *options, *paths)
        t.expect("score --evaluate " + " ".join(map(os.path.basename, options)), done, DONE)
        return json.loads(done.stdout), done.stderr
    everything = judged()[0]
    t.report.equal("folds by input", everything["folds"], 5)
    for options, kind in ((("--folds", "host"), "host"), (("--folds", "3"), "random"), (("--folds", "2", "--repeats", "3"), "random"), (("--folds", "input"), "input")):
        told = judged(*options)[0]
        t.report.equal(" ".join(options), (told["folds_by"], told["flows"]), (kind, everything["flows"]))
    library = t.path("judge.json")
    t.expect("profile", t.run("profile", "-q", "-o", library, *paths), DONE)
    told = judged("-p", library)[0]
    t.report.equal("judged by a library", (told["folds_by"], told["flows"]), ("library", everything["flows"]))
    # The library has seen these very flows: what is nearest is the flow itself, or one that is equal to it.
    t.report.check(told["accuracy_closed"]["value"] > 0.9, "judged by the library of the same flows: %s", told["accuracy_closed"])
    # Five copies of two captures: each fold's library has every flow of the others. DNS is asked of what runs over UDP as DNS does.
    copies = []
    for i in range(5):
        for name in ("dns", "background"):
            copies.append(t.path("%s-%d.pcap" % (name, i)))
            shutil.copy(capture(name), copies[-1])
    done = t.run("score", "--evaluate", "-F", "json", "--is", "DNS", *copies)
    t.expect("score --evaluate --is", done, DONE)
    told = json.loads(done.stdout).get("is", {})
    # Each copy by itself: read together, their flows would be one.
    dns = 5 * sum(json.loads(line)["distribooze"]["label"] == "DNS" for path in copies[:2] for line in t.run("-q", path).stdout.splitlines())
    t.report.equal("--is: flows of the label", told.get("found", 0) + told.get("missed", 0), dns)
    t.report.check(told.get("found", 0) > 0.9 * dns, "--is: %s of %d", told, dns)
    f1 = 2 * told["found"] / (2 * told["found"] + told["missed"] + told["wrongly"])
    t.report.check(abs(told["f1"] - f1) < 1e-12 and 0 < told["f1_by_input"] <= 1, "--is: F1 of %s should be %g", told, f1)
    text = t.run("score", "--evaluate", "--is", "DNS", *copies).stdout.decode()
    t.report.check("is it DNS? found %d, missed %d, wrongly %d of " % (told["found"], told["missed"], told["wrongly"]) in text, "--is: %s", text[-400:])
    # Truth from outside: half of the flows are told to be of a label of their own.
    ids = [json.loads(line)["event"]["id"] for line in t.run("-q", *paths).stdout.splitlines()]
    truth = t.file("truth.csv", "".join(["id,label\n"] + ["%s,%s\n" % (one, "even" if i % 2 else "odd") for i, one in enumerate(ids[::2])] + ["f" * 32 + ",else\n"]).encode())
    told, said = judged("--truth", truth)
    t.report.check("--truth says nothing of %d flows: they are left out" % (len(ids) - len(ids[::2])) in said, "--truth: %s", said)
    t.report.check("--truth: of 1 of its %d rows there is no flow" % (len(ids[::2]) + 1) in said, "--truth: %s", said)
    t.report.equal("--truth: flows", told["flows"] + told["not_judged_empty"] + told["not_judged_unknown"], len(ids[::2]))
    for name, text in (("none", None), ("bad", b"a,b\n1\n"), ("void", b"")):
        path = t.path(name + ".csv") if text is None else t.file(name + ".csv", text)
        t.expect("--truth " + name, t.run("score", "--evaluate", "--truth", path, *paths), FAILED, "--truth: ")
    for word in ("1", "some", "0", "201", "5x"):
        t.expect("--folds " + word, t.run("score", "--evaluate", "--folds", word, *paths), USAGE, "neither input")
    t.expect("one input", t.run("score", "--evaluate", "--min-flows", "1", capture("web")), DONE, "folds are drawn at random")


def main():
    dztest.need_ndpi()
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        t = dztest.Folder(report, folder)
        for part in (formats, two_answers, libraries, reference, evaluation):
            part(t)
    report.finish()


if __name__ == "__main__":
    main()
