#!/usr/bin/env python3
"""--max-memory keeps a run within its limit; and a run that gets no more memory writes the flows it has. No packet is lost in either.
A comparison of many groups takes memory of the order of its output, and lines with as many labels as flows take no time of the order of their square."""

import collections
import json
import os
import random
import re
import resource
import struct
import subprocess
import sys
import tempfile

sys.path[:0] = [os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"),
                os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "gen")]
import dztest  # noqa: E402

FLOWS = 200000
MEGA = 1 << 20


def write_flows(path):
    """Each packet is a flow of its own, which nDPI does not know."""
    payload = bytes([0x5A, 0x13, 0x77] * 7) + b"zz"
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for first in range(0, FLOWS, 10000):
            frames = []
            for i in range(first, first + 10000):
                ip = struct.pack(">BBHHHBBHII", 0x45, 0, 28 + len(payload), 0, 0, 64, 17, 0, 0x0A000000 + i, 0xC6336402)
                frame = bytes(12) + b"\x08\0" + ip + struct.pack(">HHHH", 40000, 31337, 8 + len(payload), 0) + payload
                frames.append(struct.pack("<IIII", 1592301963, i, len(frame), len(frame)) + frame)
            out.write(b"".join(frames))


def run(folder, *arguments, limit=None):
    """-> exit code, records by end reason, packets in them, the accounting, what was said, most memory in bytes"""
    lines, stats = os.path.join(folder, "flows.jsonl"), os.path.join(folder, "stats.json")
    for path in (lines, stats):
        if os.path.exists(path):
            os.unlink(path)
    process = subprocess.Popen([dztest.PROGRAM, "-o", lines, "--stats", stats, *arguments], stderr=subprocess.PIPE, text=True,
                               preexec_fn=limit and (lambda: resource.setrlimit(resource.RLIMIT_AS, (limit, limit))))
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    with open(lines, "rb") as text:  # by its bytes: so many records would take more memory here than there
        reasons, counted = collections.Counter(), 0
        for line in text:
            assert line.startswith(b'{"@timestamp"') and line.endswith(b"}\n"), line
            reasons[re.search(rb'"end_reason":"([a-z]+)"', line)[1].decode()] += 1
            counted += int(re.search(rb'"network":{.*?"packets":([0-9]+)', line)[1])
    with open(stats) as text:
        return process.returncode, reasons, counted, json.load(text), said, usage.ru_maxrss * 1024


def starts_with_little():
    """Whether this build's memory is its own: sanitizers take terabytes of addresses, and more of memory."""
    alone = subprocess.run([dztest.PROGRAM, "--version"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (200 * MEGA, 200 * MEGA)))
    return alone.returncode == 0


def check_limit(report, folder, path, plain):
    free = run(folder, path)[5]
    for threads in ("1", "2"):
        code, reasons, packets, stats, said, most = run(folder, "-j", threads, "--max-memory", "64M", path)
        what = "--max-memory 64M -j " + threads
        report.equal(what + ": exit status", code, 0)
        report.equal(what + ": packets in records", packets, FLOWS)
        report.check(reasons["evicted"] > 0, "%s: nothing was evicted: %s", what, reasons)
        report.check("--max-memory" in said, "%s: nothing is said of it: %s", what, said)
        report.check(not plain or most < 80 * MEGA < free, "%s: %d MB, and %d MB without", what, most // MEGA, free // MEGA)


def check_exhausted(report, folder, path):
    for threads in ("1", "2"):
        what = "out of memory -j " + threads
        code, reasons, packets, stats, said, _ = run(folder, "-j", threads, path, limit=150 * MEGA)
        report.equal(what + ": exit status", code, 1)
        report.check(0 < packets < FLOWS, "%s: %d packets", what, packets)
        report.equal(what + ": packets read", stats["packets"], packets)
        report.equal(what + ": stopped", stats["stopped"], True)
        report.equal(what + ": end reasons", set(reasons), {"shutdown"})
        report.check("out of memory" in said, "%s: nothing is said of it: %s", what, said)


def check_comparison(report, folder):
    """Of many groups there are many pairs: the memory is of the order of what is printed, and no tree of it is kept."""
    path, printed = os.path.join(folder, "labels.jsonl"), os.path.join(folder, "compare.json")
    flows = dztest.Run("-q", os.path.join(dztest.SOURCE, "pcaps")).records
    with open(path, "w") as lines:
        for i in range(600):
            flows[i % len(flows)]["distribooze"]["label"] = "L%d" % (i // 2)
            lines.write(json.dumps(flows[i % len(flows)]) + "\n")
    process = subprocess.Popen([dztest.PROGRAM, "compare", "-F", "json", "--top", "0", "-o", printed, path])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    report.equal("300 labels: exit status", process.returncode, 0)
    with open(printed) as text:
        report.equal("300 labels: pairs", len(json.load(text)["test"]["pairs"]), 300 * 299 // 2)
    most, size = usage.ru_maxrss * 1024, os.path.getsize(printed)
    report.check(most < 8 * size, "300 labels: %d MB for %d MB of output", most // MEGA, size // MEGA)


def check_labels(report, folder):
    """Lines may name as many labels as there are flows: the time to read them does not grow with their square."""
    few, many = os.path.join(folder, "few.jsonl"), os.path.join(folder, "many.jsonl")
    rng, count = random.Random(1), 40000
    record = next(r for r in dztest.Run("-q", "-b", "4", "-w", "400", os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap")).records)
    lengths = record["distribooze"]["lengths"]
    with open(few, "w") as two, open(many, "w") as each:
        for i in range(count):
            for side in ("source", "destination"):
                lengths[side].pop("percent", None)
                lengths[side]["counts"] = [rng.randrange(1, 9) for _ in range(4)]
                lengths[side]["count"] = record[side]["packets"] = sum(lengths[side]["counts"])
            lengths.pop("percent", None)
            lengths["counts"] = [a + b for a, b in zip(lengths["source"]["counts"], lengths["destination"]["counts"])]
            lengths["count"] = record["network"]["packets"] = sum(lengths["counts"])
            # From the last to the first: a list that is kept in order has to make room for each at its beginning.
            for out_file, label in ((two, "L%d" % (i % 2)), (each, "L%06d" % (count - i))):
                record["distribooze"]["label"] = label
                out_file.write(json.dumps(record, separators=(",", ":")) + "\n")
    for words in (["compare", "--by", "input"], ["profile"], ["score", "--evaluate"]):
        times = []
        for path in (few, many):
            process = subprocess.Popen([dztest.PROGRAM, *words, "-q", "-o", os.path.join(folder, "labels.out"), path])
            _, status, usage = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            report.equal("labels, %s: exit status" % words[0], process.returncode, 0)
            times.append(usage.ru_utime)
        report.check(times[1] < 8 * times[0] + 0.2, "%s: %.2f s with two labels, %.2f s with %d", words[0], times[0], times[1], count)


def main():
    dztest.need_ndpi()
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "flows.pcap")
        write_flows(path)
        plain = starts_with_little()
        check_limit(report, folder, path, plain)
        if plain:
            check_exhausted(report, folder, path)
            check_comparison(report, folder)
            check_labels(report, folder)
        else:
            print("without limits of memory: this build does not start with them")
    report.finish()


if __name__ == "__main__":
    main()
