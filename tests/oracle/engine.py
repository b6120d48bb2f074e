#!/usr/bin/env python3
"""Bulk lines, template and queries in an engine that really runs: $DISTRIBOOZE_ENGINE names it (http://127.0.0.1:9200), an empty
one, Elasticsearch or OpenSearch; without it the test is skipped.

Every record is stored, with the template and without, in an index nobody prepared; sent again, each is answered with 409 and
the count stays; the pooled distribution of each label is that of `distribooze compare --pooled`, to the last count, the mean
one that of the records; hits are read back; templates of other shapes are taken; README's commands do what they say, also when a
record is refused. Queries see one layer and width of an index that mixes them. What it makes it deletes.
"""

import json
import os
import re
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "gen")]
import dztest  # noqa: E402
from generate import generate  # noqa: E402

SHARE = os.path.join(dztest.SOURCE, "share", "elastic")
ENGINE = os.environ.get("DISTRIBOOZE_ENGINE", "").rstrip("/")
STREAM = "logs-distribooze.flow-test%d" % os.getpid()  # not every Elasticsearch can delete a data stream
PLAIN, OTHER = "distribooze-plain", "distribooze-other"


def run(*arguments, data=b""):
    done = subprocess.run([dztest.PROGRAM, *arguments], input=data, capture_output=True, check=True)
    return done.stdout


def ask(method, path, body=None, kind="application/json"):
    """-> (HTTP status, the answer)"""
    request = urllib.request.Request(ENGINE + path, body, {"content-type": kind}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as error:
        text = error.read()
        return error.code, json.loads(text) if text.startswith(b"{") else {"error": text.decode("utf-8", "replace")}


def send(index, bulk):
    """-> {status: records}, the first reason of an error"""
    _, answer = ask("POST", "/%s/_bulk?refresh=true" % index, bulk, "application/x-ndjson")
    statuses, reason = {}, None
    for item in answer.get("items", []):
        result = item["create"]
        statuses[result["status"]] = statuses.get(result["status"], 0) + 1
        reason = reason or (result["status"] not in (201, 409) and json.dumps(result.get("error"))) or None
    return statuses, reason or answer.get("error")


def code_block(document, begins):
    """The commands that stand after this text."""
    with open(os.path.join(dztest.SOURCE, *document.split("/")), encoding="utf-8") as f:
        return re.search(re.escape(begins) + r".*?\n```\w*\n(.*?)```", f.read(), re.S)[1]


def shell(commands, folder, **names):
    """Runs them in a folder, with distribooze, curl and jq."""
    tools = os.path.join(folder, "bin")
    os.makedirs(tools, exist_ok=True)
    if not os.path.exists(os.path.join(tools, "distribooze")):
        os.symlink(os.path.abspath(dztest.PROGRAM), os.path.join(tools, "distribooze"))
    environment = dict(os.environ, E=ENGINE, PATH=tools + ":" + os.environ["PATH"], **names)
    return subprocess.run(["bash", "-euo", "pipefail", "-c", commands], cwd=folder, env=environment, capture_output=True, text=True, check=False)


def pooled_of_program(records):
    """{label: (flows, counts)}"""
    told = json.loads(run("compare", "-q", "--pooled", "--direction", "total", "--top", "0", "-F", "json", "-", data=records))
    return {group["name"]: (group["flows"], group["counts"]) for group in told["groups"]}


def five_commands(report, records):
    """From a bare engine to the distribution of each label, word by word as the two READMEs have it."""
    errors, expected, pcaps = "false", pooled_of_program(records), os.path.join(os.path.abspath(dztest.SOURCE), "pcaps")
    for document, begins in (("README.md", "From a bare engine"), ("share/elastic/README.md", "Five commands")):
        with tempfile.TemporaryDirectory() as folder:
            os.symlink(pcaps, os.path.join(folder, "pcaps"))
            os.symlink(os.path.abspath(os.path.join(dztest.SOURCE, "share")), os.path.join(folder, "share"))
            for name in os.listdir(SHARE):
                if document.startswith("share"):
                    os.symlink(os.path.abspath(os.path.join(SHARE, name)), os.path.join(folder, name))
            done = shell(code_block(document, begins).replace("CAPTURE...", "pcaps"), folder)
            report.check(done.returncode == 0, "%s: exit status %d: %s", document, done.returncode, done.stderr)
            rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('["')]
            report.check(errors in re.findall("true$|false", done.stdout, re.M), "%s: says no '%s': %.200s", document, errors, done.stdout)
            report.equal(document + ": the last command", {row[0]: (row[1], [int(n) for n in row[-1]]) for row in rows}, expected)
        ask("DELETE", "/_data_stream/logs-distribooze.flow-default")
        if count("logs-distribooze.flow-default"):
            errors = "true"  # they are there already, and stay


def refused(report, bulk):
    """One record of many is refused: the others are stored, and the command of the README shows what happened."""
    lines = bulk.splitlines(keepends=True)[:40]
    bad = json.loads(lines[9])
    bad["network"]["bytes"] = "many"
    lines[9] = json.dumps(bad).encode() + b"\n"
    command = [line for line in code_block("share/elastic/README.md", "Five commands").splitlines() if "_bulk" in line][0]
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "flows.bulk"), "wb") as f:
            f.write(b"".join(lines))
        done = shell(command.replace("flow-default", "flow-refused"), folder)
    parser, text, answers = json.JSONDecoder(), done.stdout.strip(), []
    while text:
        value, end = parser.raw_decode(text)
        answers.append(value)
        text = text[end:].strip()
    report.equal("a refused record: errors, and statuses", answers, [True, [{"status": 201, "records": 19}, {"status": 400, "records": 1}]])
    report.equal("a refused record: documents", count("logs-distribooze.flow-refused"), 19)
    ask("DELETE", "/_data_stream/logs-distribooze.flow-refused")


HOSTILE = ["xn--mnchen-3ya.de", "m\u00fcnchen.example", "\u202egpj.exe", "\u0000\u001b]0;x\u0007", "2020-01-01", "10.0.0.1", "\U0001f600.example",
           "\"}\n{\"delete\":{}}", "a" * 2000, "", " ", "null", "1e400"]


def strange(report, bulk):
    """Hostile and non-ASCII names, in the index as they were sent; IPv6, tunnels and whatever else the generated captures have; the
    largest records there are."""
    head, line = bulk.splitlines()[:2]
    made = []
    for i, name in enumerate(HOSTILE):
        record = json.loads(line)
        record["event"]["id"] = "strange%d" % i
        record["destination"]["domain"] = record["distribooze"]["label"] = record["distribooze"]["input"] = name
        made += [json.dumps({"create": {"_id": "strange%d" % i}}), json.dumps(record)]
    stored(report, "strange names", STREAM + "-strange", "".join(text + "\n" for text in made).encode())
    answer = ask("GET", "/%s-strange/_search?size=100" % STREAM)[1]
    report.equal("strange names: read back", {hit["_id"]: hit["_source"]["destination"]["domain"] for hit in answer["hits"]["hits"]},
                 {"strange%d" % i: name for i, name in enumerate(HOSTILE)})
    with tempfile.TemporaryDirectory() as folder:
        captures = [os.path.join(folder, name) for case in generate(folder) if not case["directory"] for name in case["captures"]]
        made = subprocess.run([dztest.PROGRAM, "-q", "-F", "bulk", *captures], capture_output=True, check=False).stdout
    report.check(made.count(b'"ipv6"') > 30, "generated captures: only %d of IPv6", made.count(b'"ipv6"'))
    stored(report, "generated captures", STREAM + "-generated", made)
    largest = run("-q", "-F", "bulk", "-w", "1", "-b", "2048", "--values", "counts,percent,vector", *dztest.captures(os.path.join(dztest.SOURCE, "pcaps")))
    report.check(max(map(len, largest.splitlines())) > 20000, "the largest records have %d bytes", max(map(len, largest.splitlines())))
    lines = largest.splitlines(keepends=True)
    for at in range(0, len(lines), 100):  # some megabytes a request
        stored(report, "the largest records", "%s-largest%d" % (OTHER, at), b"".join(lines[at:at + 100]))
        ask("DELETE", "/%s-largest%d" % (OTHER, at))
    for path in ("/_data_stream/%s-strange" % STREAM, "/_data_stream/%s-generated" % STREAM):
        ask("DELETE", path)


def query(name):
    with open(os.path.join(SHARE, name), "rb") as f:
        return f.read()


def count(index):
    return ask("GET", "/%s/_count" % index)[1].get("count")


def bins(bucket):
    return [bucket[name]["value"] for name in sorted(bucket) if name[0] == "b" and name[1:].isdigit()]


def stored(report, what, index, bulk):
    records = bulk.count(b"\n") // 2
    report.equal(what + ": answers", send(index, bulk), ({201: records}, None))
    report.equal(what + ": answers, sent again", send(index, bulk)[0], {409: records})
    report.equal(what + ": documents", count(index), records)


def elsewhere(report):
    """Every record of the captures of the test data, where those are there, some megabytes a request: without a template, and with it."""
    paths = dztest.captures(*dztest.capture_folders()[1:])
    if not paths:
        return
    # Without a check: some of the captures are damaged.
    lines = subprocess.run([dztest.PROGRAM, "-q", "-F", "bulk", *paths], capture_output=True, check=False).stdout.splitlines(keepends=True)
    report.check(len(lines) > 2000, "captures of the test data: only %d lines", len(lines))
    for what, index in (("without a template", OTHER + "-elsewhere"), ("with the template", STREAM + "-elsewhere")):
        for at in range(0, len(lines), 4000):
            part = b"".join(lines[at:at + 4000])
            report.equal("captures of the test data, %s" % what, send(index, part), ({201: part.count(b"\n") // 2}, None))
            report.equal("captures of the test data, %s, sent again" % what, send(index, part)[0], {409: part.count(b"\n") // 2})
        report.equal("captures of the test data, %s: documents" % what, count(index) or 0, len(lines) // 2)
        for path in ("/" + index, "/_data_stream/" + index):
            ask("DELETE", path)


def pooled(report, records):
    """Sums of the engine against sums of the program."""
    _, answer = ask("POST", "/%s/_search" % STREAM, query("query-pooled.json"))
    theirs = {b["key"]: (b["doc_count"], [int(n) for n in bins(b)]) for b in answer["aggregations"]["label"]["buckets"]}
    ours = pooled_of_program(records)
    if not report.check(len(ours) > 10, "compare has only the groups %s", sorted(ours)):
        return
    report.equal("pooled", theirs, ours)


def mean(report, records):
    """Means of shares, by script where the engine has scripts, and without."""
    shares = {}
    for line in records.splitlines():
        own = json.loads(line)["distribooze"]
        if own["lengths"]["count"]:
            shares.setdefault(own["label"], []).append([n / own["lengths"]["count"] for n in own["lengths"]["counts"]])
    ours = {label: [sum(column) / len(rows) for column in zip(*rows)] for label, rows in shares.items()}
    status, answer = ask("POST", "/%s/_search" % STREAM, query("query-mean.json"))
    if status == 200:
        theirs = {b["key"]: bins(b["flows"]) for b in answer["aggregations"]["label"]["buckets"] if b["flows"]["doc_count"]}
        compare_means(report, "mean", theirs, ours)
    else:
        print("note: no mean by script: %s" % json.dumps(answer.get("error"))[:150])
    pages, body = [], json.loads(query("query-mean-by-count.json"))
    body["aggs"]["part"]["composite"]["size"] = 40
    while True:
        page = ask("POST", "/%s/_search" % STREAM, json.dumps(body).encode())[1]
        pages.append(page)
        if "after_key" not in page["aggregations"]["part"]:
            break
        body["aggs"]["part"]["composite"]["after"] = page["aggregations"]["part"]["after_key"]
    report.check(len(pages) > 2, "only %d pages", len(pages))
    done = subprocess.run([dztest.need("jq"), "-c", "-s", "-f", os.path.join(SHARE, "mean-by-count.jq")],
                          input="\n".join(json.dumps(page) for page in pages).encode(), capture_output=True, check=True)
    theirs = {row[0]: row[2] for row in map(json.loads, done.stdout.splitlines())}
    compare_means(report, "mean by count", theirs, ours)


def compare_means(report, what, theirs, ours):
    report.equal(what + ": labels", sorted(theirs), sorted(ours))
    for label in ours:
        off = max(abs(a - b) for a, b in zip(theirs.get(label, [1e9]), ours[label]))
        report.check(off < 1e-9, "%s of %s is off by %g", what, label, off)


def hits(report, records):
    """Whole hits and their _source go back into the program."""
    _, answer = ask("GET", "/%s/_search?size=10000" % STREAM)
    want = json.loads(run("compare", "-q", "-F", "json", "-", data=records))
    for what, pick in (("hits", lambda hit: hit), ("_source", lambda hit: hit["_source"])):
        lines = "".join(json.dumps(pick(hit)) + "\n" for hit in answer["hits"]["hits"]).encode()
        got = json.loads(run("compare", "-q", "-F", "json", "-", data=lines))
        report.equal("compare of %s: groups" % what, {g["name"]: g["flows"] for g in got["groups"]},
                     {g["name"]: g["flows"] for g in want["groups"]})


def shapes(report):
    """Other widths, layers and directions go into one index, and the pooled query keeps them apart."""
    paths = dztest.captures(os.path.join(dztest.SOURCE, "pcaps"))
    for options in (["-w", "64", "-b", "24"], ["-l", "payload"], ["-u"], ["-w", "8", "-b", "250"], ["-w", "1", "-b", "300"],
                    ["--values", "both,bins"], ["--values", "percent"], ["--values", "percent", "-w", "8", "-b", "250"]):
        index = "%s-%s" % (OTHER, "".join(c for c in "".join(options) if c.isalnum()))
        stored(report, " ".join(options), index, run("-q", "-F", "bulk", *options, *paths))
        ask("DELETE", "/" + index)
    for options in (["-b", "250"], ["-b", "2048"], ["-w", "64", "-b", "24"]):
        status, answer = ask("PUT", "/_index_template/distribooze", run("--print-template", *options))
        report.equal("template %s" % " ".join(options), (status, answer.get("error")), (200, None))
    # A template of another width: its bins have other names, and those that come are mapped as they come.
    status, answer = ask("PUT", "/_index_template/distribooze", run("--print-template", "-w", "64", "-b", "24"))
    stored(report, "a template of another width", STREAM + "-width", run("-q", "-F", "bulk", *paths))
    report.equal("a template of another width: pooled", buckets("query-pooled.json", STREAM + "-width"), buckets("query-pooled.json", STREAM))
    ask("DELETE", "/_data_stream/%s-width" % STREAM)


def buckets(name, stream):
    return ask("POST", "/%s/_search" % stream, query(name))[1].get("aggregations")


QUERIES = ["query-pooled.json", "query-mean.json", "query-mean-by-count.json", "query-label-time.json", "query-top-talkers.json"]


def alike_numbers(a, b):
    """The same answer, but for the order in which an engine adds fractions up."""
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(alike_numbers(a[name], b[name]) for name in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(alike_numbers, a, b))
    return abs(a - b) < 1e-9 if isinstance(a, float) and isinstance(b, float) else a == b


def mixed(report):
    """Records of other layers, widths and of one direction join the others in the index: no query's answer changes by those that
    have another layer or width."""
    paths = dztest.captures(os.path.join(dztest.SOURCE, "pcaps"))
    before = {name: buckets(name, STREAM) for name in QUERIES}
    for i, options in enumerate((["-l", "payload"], ["-l", "tls"], ["-w", "64", "-b", "24"], ["-w", "8", "-b", "250"], ["-l", "frame", "-u"])):
        more = run("-q", "-F", "bulk", *options, *paths[:4]).replace(b'{"create":{"_id":"', b'{"create":{"_id":"x%d' % i)
        report.equal("into the same index: %s" % " ".join(options), set(send(STREAM, more)[0]), {201})
    for name in QUERIES:
        report.check(alike_numbers(buckets(name, STREAM), before[name]), "%s: another answer with other layers and widths in the index", name)
    for name in sorted(os.listdir(SHARE)):
        if name.startswith("query-"):
            text = query(name)
            report.check(b'"distribooze.lengths.layer": "ip"' in text and b'"distribooze.lengths.bin_width": 32' in text, "%s: no filter", name)


def alike(report, version):
    """The flow itself is the nearest to its own vector. OpenSearch may lack the plug-in."""
    opensearch = version.get("distribution") == "opensearch"
    engine = "opensearch" if opensearch else "elasticsearch"
    status, answer = ask("PUT", "/_index_template/distribooze", run("--print-template", "--values", "counts,bins,vector", "--template-for", engine))
    if status != 200 and opensearch:
        print("note: no vectors: %s" % json.dumps(answer.get("error"))[:150])
        return
    ssh = os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap")
    send(STREAM + "-vector", run("-q", "-F", "bulk", "--values", "counts,bins,vector", ssh))
    status, answer = ask("POST", "/%s-vector/_search" % STREAM, query("query-alike-%s.json" % engine))
    found = answer.get("hits", {}).get("hits", [])
    if report.check(found, "flows alike: %s", json.dumps(answer)[:300]):
        # Elasticsearch 9 keeps vectors in bytes.
        report.check(found[0]["_score"] > 0.995, "the nearest flow has the score %s", found[0]["_score"])
        report.equal("the nearest flow: label", found[0]["_source"]["distribooze"]["label"], "SSH")


def main():
    if not ENGINE:
        dztest.skip("DISTRIBOOZE_ENGINE names no engine")
    report = dztest.Report()
    _, root = ask("GET", "/")
    paths = dztest.captures(os.path.join(dztest.SOURCE, "pcaps"))
    records, bulk = run("-q", *paths), run("-q", "-F", "bulk", *paths)
    try:
        five_commands(report, records)
        ask("DELETE", "/_index_template/distribooze")
        stored(report, "without a template", PLAIN, bulk)
        with open(os.path.join(SHARE, "template.json"), "rb") as f:
            report.equal("template", ask("PUT", "/_index_template/distribooze", f.read())[0], 200)
        stored(report, "with the template", STREAM, bulk)
        elsewhere(report)
        pooled(report, records)
        mean(report, records)
        hits(report, records)
        for name in ("query-label-time.json", "query-top-talkers.json"):
            status, answer = ask("POST", "/%s/_search" % STREAM, query(name))
            report.check(status == 200 and list(answer["aggregations"].values())[0]["buckets"], "%s: %s", name, str(answer)[:300])
        strange(report, bulk)
        refused(report, bulk)
        shapes(report)
        mixed(report)
        alike(report, root.get("version", {}))
    finally:
        for path in ("/_data_stream/" + STREAM, "/_data_stream/%s-vector" % STREAM, "/" + PLAIN, "/_index_template/distribooze"):
            ask("DELETE", path)
    report.finish("%s records in %s" % (bulk.count(b"\n") // 2, json.dumps(root.get("version", {}).get("number"))))


if __name__ == "__main__":
    main()
