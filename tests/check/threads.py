#!/usr/bin/env python3
"""Any number of threads prints the same bytes and the same accounting: the project's captures and the generated ones as one stream,
in several shapes, and each capture of the test data by itself."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "gen")]
import dztest  # noqa: E402
from generate import generate  # noqa: E402

FILTER = ["-f", "udp or icmp or icmp6"]
SHAPES = [[], ["--no-expiry", "-u"], ["--active-timeout", "2s", "--idle-timeout", "5s"], ["-l", "tls", "-F", "csv"],
          FILTER + ["-F", "bulk"], ["-F", "table", "--no-guess"], ["--resegment", "--skip-retransmissions"]]


def same(report, what, options, paths, threads):
    """One thread against others; -> the run of one thread."""
    alone = dztest.Run("-q", *options, *paths)
    report.check(alone.exit == 0, "%s %s: exit status %d: %s", what, " ".join(options), alone.exit, alone.stderr)
    for number in threads:
        run = dztest.Run("-q", "-j", str(number), *options, *paths)
        where = "%s %s -j %d" % (what, " ".join(options), number)
        report.equal(where + ": exit status", run.exit, alone.exit)
        if run.stdout != alone.stdout:
            at = next((i for i, (a, b) in enumerate(zip(run.lines, alone.lines)) if a != b), min(len(run.lines), len(alone.lines)))
            report.check(False, "%s: line %d of %d differs:\n%.300s\none thread prints\n%.300s", where, at + 1, len(run.lines),
                         run.lines[at] if at < len(run.lines) else "nothing", alone.lines[at] if at < len(alone.lines) else "nothing")
        for name in ("packets", "bytes", "filtered", "verdicts", "not_ip", "tunnels", "labels"):
            report.equal("%s: %s" % (where, name), run.stats[name], alone.stats[name])
        for name in ("begun", "records", "packets", "ended"):
            report.equal("%s: flows %s" % (where, name), run.stats["flows"][name], alone.stats["flows"][name])
    return alone


def check_stream(report):
    """A stream is worked on by one thread, whatever is asked for, and that is said."""
    capture = os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap")
    runs = []
    for options in ([], ["-j", "4"]):
        with open(capture, "rb") as source:
            command = [dztest.PROGRAM, *options, "-"]
            cat = subprocess.Popen(["cat"], stdin=source, stdout=subprocess.PIPE)
            runs.append(subprocess.run(command, stdin=cat.stdout, capture_output=True, timeout=120, check=False))
            cat.stdout.close()
            cat.wait()
    alone, together = runs
    report.equal("stream: exit status", (alone.returncode, together.returncode), (0, 0))
    report.check(alone.stdout and alone.stdout == together.stdout, "stream: the lines of -j 4 are others")
    report.check(b"by one thread, not 4" in together.stderr, "stream: -j 4 says %r", together.stderr)
    report.check(b"one thread" not in alone.stderr, "stream: one thread says %r", alone.stderr)


def can_be_filtered(path):
    """libpcap compiles no filter for some link types."""
    command = [dztest.PROGRAM, "-q", *FILTER, "-o", os.devnull, path]
    return subprocess.run(command, stderr=subprocess.DEVNULL, timeout=120, check=False).returncode != 2


def main():
    report = dztest.Report()
    check_stream(report)
    with tempfile.TemporaryDirectory() as folder:
        cases = generate(folder)
        generated = [os.path.join(folder, name) for case in cases
                     if not case["directory"] for name in case["captures"]]
        filtered = [path for path in generated if can_be_filtered(path)]
        report.check(len(filtered) > len(generated) / 2, "only %d of %d captures can be filtered", len(filtered), len(generated))
        for options in SHAPES:
            run = same(report, "pcaps", options, [os.path.join(dztest.SOURCE, "pcaps")], [2, 5])
            report.check(len(run.lines) > 100, "only %d lines", len(run.lines))
            same(report, "generated", options, filtered if options[:2] == FILTER else generated, [2, 5])
    for path in dztest.captures(*dztest.capture_folders()[1:]):
        same(report, os.path.basename(path), [], [path], [3])
    report.finish()


if __name__ == "__main__":
    main()
