#!/usr/bin/env python3
"""Pipes keep their names, whatever looked into them first; a signal ends a run that has not had a byte yet; lines are read
and written compressed, whole or broken off; and whatever a window zstd took."""

import gzip
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
sys.path.insert(0, os.path.join(HERE, "..", "gen"))
import capture  # noqa: E402
import dztest  # noqa: E402

RAW = 101


def packets(count=3):
    """One UDP flow for each."""
    out = []
    for i in range(count):
        header = bytes([0x45, 0, 0, 48, 0, 1, 0, 0, 64, 17, 0, 0, 192, 0, 2, 10, 198, 51, 100, 20])
        datagram = (40000 + i).to_bytes(2, "big") + (9999).to_bytes(2, "big") + (28).to_bytes(2, "big") + b"\0\0" + b"x" * 20
        out.append(capture.Packet((1700000000 + i) * 10**9, header + datagram))
    return out


def feed(path, content):
    """Writes to a FIFO, byte after byte at first, in a thread."""
    def run():
        with open(path, "wb", buffering=0) as f:
            for at in range(min(len(content), 64)):
                f.write(content[at:at + 1])
            f.write(content[64:])
    thread = threading.Thread(target=run)
    thread.start()
    return thread


def names(t):
    """A FIFO that was looked into is still called what it is called: by groups, and where it breaks off."""
    whole = capture.pcap(packets(), RAW)
    for what, content in (("pcap", whole), ("pcapng", capture.pcapng(packets(), RAW)), ("pcap.gz", gzip.compress(whole))):
        fifo = t.path("pipe-" + what)
        os.mkfifo(fifo)
        thread = feed(fifo, content)
        done = t.run("compare", "-F", "json", "--by", "input", fifo)
        thread.join()
        t.expect(what + " from a FIFO", done, 0)
        groups = [group["name"] for group in json.loads(done.stdout)["groups"]]
        t.report.equal(what + " from a FIFO: the group", groups, ["pipe-" + what])
        thread = feed(fifo, content[:-5])
        done = t.run("compare", fifo)
        thread.join()
        t.expect(what + " cut, from a FIFO", done, 1, "pipe-%s: broken off after packet" % what)


def ended_by_signal(t, what, number, *arguments, stdin=None, before=b""):
    with subprocess.Popen([dztest.PROGRAM, "-q", *arguments], stdin=stdin or subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as p:
        if before:
            p.stdin.write(before)
            p.stdin.flush()
        time.sleep(0.3)  # it waits by now; were it not, the test would only be easier
        p.send_signal(number)
        late = threading.Timer(10, p.kill)
        late.start()
        out = p.stdout.read()
        status = p.wait()
        late.cancel()
    t.report.equal(what + ": exit status", status, 0)
    return out


def signals(t):
    """However little has come: nothing, part of what tells the format, part of a header, of a packet, of gzip's own header."""
    fifo = t.path("silent")
    os.mkfifo(fifo)
    whole = capture.pcap(packets(), RAW)
    for number in (signal.SIGTERM, signal.SIGINT):
        ended_by_signal(t, "a FIFO that nobody writes to, %s" % number.name, number, fifo)
        for what, size, records in (("nothing", 0, 0), ("two bytes", 2, 0), ("part of a header", 20, 0), ("half a packet", 24 + 16 + 48 + 30, 1)):
            out = ended_by_signal(t, "%s, %s" % (what, number.name), number, "-", before=whole[:size])
            t.report.equal("%s, %s: records" % (what, number.name), out.count(b"\n"), records)
        for size in (2, 12):
            ended_by_signal(t, "%d bytes of gzip, %s" % (size, number.name), number, "-", before=gzip.compress(whole)[:size])


def unpack(path):
    """By the tools that made the formats."""
    program = ["gzip", "-dc"] if path.endswith(".gz") else ["zstd", "-dqc"]
    return subprocess.run(program, stdin=open(path, "rb"), capture_output=True, check=False)


def pack(path, content):
    program = ["gzip", "-c"] if path.endswith(".gz") else ["zstd", "-qc"]
    done = subprocess.run(program, input=content, capture_output=True, check=True)
    with open(path, "wb") as f:
        f.write(done.stdout)
    return path


ENDINGS = [ending for ending, program in ((".gz", "gzip"), (".zst", "zstd")) if shutil.which(program)]


def compressed_lines(t):
    many = t.file("many.pcap", capture.pcap(packets(2000), RAW))
    plain = t.run("-q", many).stdout
    t.report.equal("lines", plain.count(b"\n"), 2000)
    lines = t.file("lines.jsonl", plain)
    expected = t.run("compare", "-F", "json", lines).stdout
    for ending in ENDINGS:
        path = t.path("out" + ending)
        for threads in ("1", "2"):
            t.expect("-o " + ending, t.run("-q", "-j", threads, "-o", path, many), 0)
            t.report.check(unpack(path).stdout == plain, "-o %s, -j %s: other lines", ending, threads)
        t.report.check(os.path.getsize(path) * 5 < len(plain), "%s has %d bytes of %d", ending, os.path.getsize(path), len(plain))
        for what, given in (("of our own", path), ("of %s's" % ending, pack(t.path("packed" + ending), plain))):
            done = t.run("compare", "-F", "json", given)
            t.expect("lines %s" % what, done, 0)
            t.report.check(done.stdout == expected, "%s, %s: another comparison", what, given)
        with open(path, "rb") as f:
            done = t.run("compare", "-F", "json", "-", text=f.read())
        t.report.check(done.stdout == expected, "%s on standard input: another comparison", ending)
        t.expect("-F csv", t.run("-q", "-F", "csv", "-o", path, many), 0)
        t.report.check(unpack(path).stdout == t.run("-q", "-F", "csv", many).stdout, "-F csv -o %s: other rows", ending)
        empty = t.file("empty.pcap", capture.pcap([], RAW))
        t.expect("no flows", t.run("-q", "-o", path, empty), 0)
        t.report.equal("no flows: lines", (unpack(path).returncode, unpack(path).stdout), (0, b""))


def library(t):
    """Profiles are read compressed, too."""
    capture_path = os.path.join(dztest.SOURCE, "pcaps", "doh.pcap")
    for ending in ENDINGS:
        path = t.path("library.json" + ending)
        t.expect("profile -o " + ending, t.run("profile", "-o", path, capture_path), 0)
        done = t.run("score", "--profiles", path, capture_path)
        t.report.check(done.returncode == 0 and b'"match"' in done.stdout, "a library as %s: %s", ending, done.stderr)


def broken_off(t):
    """Cut anywhere, a file gives all lines up to its last whole one; a run that ends in the middle leaves such a file."""
    many = t.file("broken.pcap", capture.pcap(packets(400), RAW))
    plain = t.run("-q", many).stdout
    for ending in ENDINGS:
        path = t.path("whole" + ending)
        t.run("-q", "-o", path, many)
        with open(path, "rb") as f:
            content = f.read()
        for size in range(len(content) // 7, len(content), len(content) // 7):
            cut = t.file("cut" + ending, content[:size])
            done = t.run("compare", "-F", "json", cut)
            flows = sum(group["flows"] for group in json.loads(done.stdout)["groups"]) if done.stdout else 0
            whole, after = unpack(cut).stdout.count(b"\n"), re.search(r"broken off after line (\d+)", done.stderr)
            t.expect("cut after %d bytes%s" % (size, ending), done, 1, "cut" + ending)
            t.report.check(flows >= whole and after and int(after[1]) == flows, "cut after %d bytes%s: %d flows, %d lines: %s", size, ending, flows,
                           whole, done.stderr)
            most = max(flows, whole)
        t.report.check(most > 300, "%s: only %d lines of 400 before the last cut", ending, most)
        # a limit on the size of files ends the run as a full disk does
        limit = len(content) // 2
        done = t.run("-q", "-o", path, many, preexec_fn=lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                                                                resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))))
        t.expect("a full disk" + ending, done, 1, path)
        left = unpack(path).stdout
        t.report.check(plain.startswith(left) and (not left or left.endswith(b"\n")), "a full disk%s: no whole lines", ending)


def killed(t):
    """kill -9 in the middle of a stream: what was handed over can be read, whole lines all."""
    for ending in ENDINGS:
        path = t.path("killed" + ending)
        with subprocess.Popen([dztest.PROGRAM, "-q", "--no-expiry", "--max-flows", "50", "-o", path, "-"], stdin=subprocess.PIPE,
                              stderr=subprocess.DEVNULL) as p:
            p.stdin.write(capture.pcap(packets(5000), RAW))
            p.stdin.flush()
            for _ in range(100):
                time.sleep(0.05)
                if os.path.exists(path) and unpack(path).stdout.count(b"\n") > 4000:
                    break
            p.kill()
        left = unpack(path).stdout
        t.report.check(left.count(b"\n") > 4000, "killed%s: %d lines", ending, left.count(b"\n"))
        if ending == ".gz":  # the program zstd keeps the last of what it has unpacked to itself
            t.report.check(left.endswith(b"}\n"), "killed%s: ends in %r", ending, left[-3:])
        done = t.run("compare", path)
        after = re.search(r"broken off after line (\d+)", done.stderr)
        t.expect("killed%s, read again" % ending, done, 1)
        t.report.check(after and int(after[1]) >= left.count(b"\n"), "killed%s, read again: %s", ending, done.stderr)


def long_window(t):
    """zstd --long=28 and beyond, which the program itself refuses to unpack unless it is asked to."""
    if ".zst" not in ENDINGS:
        return
    content = capture.pcap(packets(100), RAW)
    for window in (27, 28, 30):
        done = subprocess.run(["zstd", "-qc", "--long=%d" % window], input=content, capture_output=True, check=True)
        done = t.run("-q", t.file("window-%d.pcap.zst" % window, done.stdout))
        t.expect("--long=%d" % window, done, 0)
        t.report.equal("--long=%d: flows" % window, done.stdout.count(b"\n"), 100)


def main():
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        t = dztest.Folder(report, folder)
        names(t)
        signals(t)
        compressed_lines(t)
        library(t)
        broken_off(t)
        killed(t)
        long_window(t)
    report.finish("pipes")


if __name__ == "__main__":
    main()
