#!/usr/bin/env python3
"""Bulk lines, template and queries in an engine that really runs: $DISTRIBOOZE_ENGINE names it (http://127.0.0.1:9200), an empty
one, Elasticsearch or OpenSearch; without it the test is skipped.

Every record is stored, with the template and without, in an index nobody prepared; sent again, each is answered with 409 and
the count stays; the pooled distribution of each label is that of `distribooze compare --pooled`, to the last count, the mean
one that of the records; hits are read back; templates of other shapes are taken. What it makes it deletes.
"""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.request

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

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


def pooled(report, records):
    """Sums of the engine against sums of the program."""
    _, answer = ask("POST", "/%s/_search" % STREAM, query("query-pooled.json"))
    theirs = {b["key"]: (b["doc_count"], [int(n) for n in bins(b)]) for b in answer["aggregations"]["label"]["buckets"]}
    told = json.loads(run("compare", "-q", "--pooled", "--direction", "total", "--top", "0", "-F", "json", "-", data=records))
    ours = {g["name"]: (g["flows"], g["counts"]) for g in told["groups"]}
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
                    ["--values", "both,bins"], ["--values", "percent"]):
        index = "%s-%s" % (OTHER, "".join(c for c in "".join(options) if c.isalnum()))
        stored(report, " ".join(options), index, run("-q", "-F", "bulk", *options, *paths))
        ask("DELETE", "/" + index)
    for options in (["-b", "250"], ["-b", "2048"], ["-w", "64", "-b", "24"]):
        status, answer = ask("PUT", "/_index_template/distribooze", run("--print-template", *options))
        report.equal("template %s" % " ".join(options), (status, answer.get("error")), (200, None))
    status, before = ask("POST", "/%s/_search" % STREAM, query("query-pooled.json"))
    send(STREAM, run("-q", "-F", "bulk", "-l", "payload", *paths[:2]).replace(b'{"create":{"_id":"', b'{"create":{"_id":"x'))
    status, after = ask("POST", "/%s/_search" % STREAM, query("query-pooled.json"))
    report.equal("pooled, with another layer in the index", after["aggregations"], before["aggregations"])


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
        report.check(found[0]["_score"] > 0.9999, "the nearest flow has the score %s", found[0]["_score"])


def main():
    if not ENGINE:
        dztest.skip("DISTRIBOOZE_ENGINE names no engine")
    report = dztest.Report()
    _, root = ask("GET", "/")
    paths = dztest.captures(os.path.join(dztest.SOURCE, "pcaps"))
    records, bulk = run("-q", *paths), run("-q", "-F", "bulk", *paths)
    try:
        stored(report, "without a template", PLAIN, bulk)
        with open(os.path.join(SHARE, "template.json"), "rb") as f:
            report.equal("template", ask("PUT", "/_index_template/distribooze", f.read())[0], 200)
        stored(report, "with the template", STREAM, bulk)
        pooled(report, records)
        mean(report, records)
        hits(report, records)
        for name in ("query-label-time.json", "query-top-talkers.json"):
            status, answer = ask("POST", "/%s/_search" % STREAM, query(name))
            report.check(status == 200 and list(answer["aggregations"].values())[0]["buckets"], "%s: %s", name, str(answer)[:300])
        shapes(report)
        alike(report, root.get("version", {}))
    finally:
        for path in ("/_data_stream/" + STREAM, "/_data_stream/%s-vector" % STREAM, "/" + PLAIN, "/_index_template/distribooze"):
            ask("DELETE", path)
    report.finish("%s records in %s" % (bulk.count(b"\n") // 2, json.dumps(root.get("version", {}).get("number"))))


if __name__ == "__main__":
    main()
