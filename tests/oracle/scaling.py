#!/usr/bin/env python3
"""The recipes of docs/SCALING.md, run as they stand there, against what distribooze says of the same captures.

Libraries put together by GNU parallel and by Spark are one run's, byte for byte; the pooled distribution of each label that DuckDB,
pandas and polars find is that of `compare --pooled`. Recipes whose tool is not installed are left out, and said so; without
any the test is skipped. $DISTRIBOOZE_PYTHON is the Python that has them.
"""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

PYTHON = os.environ.get("DISTRIBOOZE_PYTHON") or sys.executable
# Captures that share no flow: the others hold the same flows in other wrappings.
PARTS = ["bittorrent", "dns", "doh", "dot", "instagram", "netflix", "quic", "ssh", "web"]


def recipes():
    """{name: (language, code)} of docs/SCALING.md"""
    with open(os.path.join(dztest.SOURCE, "docs", "SCALING.md"), encoding="utf-8") as f:
        return {name: (kind, body) for name, kind, body in re.findall(r"<!-- run: (\w+) -->\n```(\w+)\n(.*?)```", f.read(), re.S)}


def installed(name):
    if name == "parallel":
        return shutil.which("parallel") is not None
    module = {"spark": "pyspark"}.get(name, name)
    found = subprocess.run([PYTHON, "-c", "import " + module], capture_output=True, check=False).returncode == 0
    return found and (name != "spark" or shutil.which("java") is not None)


def run(report, name, recipe, folder):
    """-> what it prints, or None"""
    kind, body = recipe
    command = ["sh", "-e", "-c", body] if kind == "sh" else [PYTHON, "-c", body]
    path = os.path.dirname(dztest.PROGRAM) + os.pathsep + os.environ.get("PATH", "")
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=400,
                          env=dict(os.environ, PATH=path, SPARK_LOCAL_IP="127.0.0.1"))
    report.equal("%s: exit status" % name, done.returncode, 0)
    if done.returncode:
        print(done.stderr.decode("utf-8", "replace")[-1500:])
        return None
    return done.stdout.decode()


def pooled(name, printed):
    """{label: counts} of what a recipe printed"""
    found = {}
    if name == "duckdb":
        for label, number, lengths in (line.split("\t") for line in printed.splitlines()):
            found.setdefault(label, []).append(int(lengths))
            assert len(found[label]) == int(number) + 1, "bins out of order"
        return found
    return {row[0]: [int(n) for n in row[1:]] for row in list(csv.reader(io.StringIO(printed)))[1:] if row}


def main():
    report = dztest.Report()
    known = recipes()
    report.equal("recipes", sorted(known), ["duckdb", "pandas", "parallel", "polars", "spark"])
    there = [name for name in known if installed(name)]
    if not there:
        dztest.skip("none of %s is installed" % ", ".join(known))
    for name in known:
        if name not in there:
            print("note: %s is not installed" % name)
    with tempfile.TemporaryDirectory() as folder:
        captures = os.path.join(folder, "captures")
        os.mkdir(captures)
        for part in PARTS:
            os.symlink(os.path.join(os.path.abspath(dztest.SOURCE), "pcaps", part + ".pcap"), os.path.join(captures, part + ".pcap"))
        paths = [os.path.join(captures, part + ".pcap") for part in PARTS]
        one = os.path.join(folder, "one.json")
        subprocess.run([dztest.PROGRAM, "profile", "-q", "-o", one, *paths], check=True)
        for name, options in (("flows.jsonl", []), ("flows.csv", ["-F", "csv"])):
            subprocess.run([dztest.PROGRAM, "-q", "-o", os.path.join(folder, name), *options, *paths], check=True)
        told = json.loads(subprocess.run([dztest.PROGRAM, "compare", "-q", "--pooled", "--direction", "total", "--top", "0", "-F", "json",
                                          os.path.join(folder, "flows.jsonl")], capture_output=True, check=True).stdout)
        ours = {group["name"]: group["counts"] for group in told["groups"]}
        report.check(len(ours) > 5, "only the labels %s", sorted(ours))
        for name in there:
            printed = run(report, name, known[name], folder)
            if printed is None:
                continue
            if name in ("parallel", "spark"):
                with open(one, "rb") as a, open(os.path.join(folder, "all.json"), "rb") as b:
                    report.check(a.read() == b.read(), "%s: the library is not that of one run", name)
                os.remove(os.path.join(folder, "all.json"))
            else:
                report.equal("pooled by " + name, pooled(name, printed), ours)
    report.finish("run: " + ", ".join(there))


if __name__ == "__main__":
    main()
