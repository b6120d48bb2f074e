#!/usr/bin/env python3
"""Pipes: they keep their names, whatever looked into them first; a signal ends a run that has not had a byte yet."""

import gzip
import json
import os
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


def main():
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        t = dztest.Folder(report, folder)
        names(t)
        signals(t)
    report.finish("pipes")


if __name__ == "__main__":
    main()
