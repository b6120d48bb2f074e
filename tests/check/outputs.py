#!/usr/bin/env python3
"""What may not happen to files: an output that is an input, through any door; an old document that is lost because the new one failed;
a run that was cut short and says it was not. Signals, and what is on the disk after them."""

import fcntl
import json
import os
import resource
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "gen")]
import capture  # noqa: E402
import dztest  # noqa: E402
import wire  # noqa: E402

DONE, FAILED, USAGE = 0, 1, 2
STREAM_GOES_ON = b"distribooze: interrupted: the stream is read to its end; again to give up\n"
STATISTICS = {"compare": (), "cluster": (), "profile": (), "score": ("--evaluate", "--min-flows", "1"), "report": ()}


def packets(count, ports=2):
    return [capture.Packet((1592301963 + i) * 10**9, wire.ipv4("192.0.2.1", "198.51.100.2", wire.UDP, wire.udp(
        "192.0.2.1", 1000 + i % ports, "198.51.100.2", 123, bytes(10 + i % 50)))) for i in range(count)]


def content(path):
    with open(path, "rb") as f:
        return f.read()


def refused(t, what, path, *arguments, said="overwritten", **more):
    """The command is refused, and the file is as it was."""
    before = content(path)
    t.expect(what, t.run(*arguments, **more), USAGE, said)
    t.report.check(content(path) == before, "%s: %s was written to", what, os.path.basename(path))


def doors(t):
    """No output is an input, by whatever name it comes."""
    folder = t.path("folder")
    os.mkdir(folder)
    inside = t.file("folder/a.pcap", content(t.good))
    t.file("folder/notes", b"no capture")
    rules = t.file("rules", b"udp:123@MINE\n")
    link, hard = t.path("link"), t.path("hard")
    os.symlink(t.good, link)
    os.link(t.good, hard)
    for command, extra in [("flows", ())] + list(STATISTICS.items()):
        for name in (t.good, link, hard):
            refused(t, "%s -o %s" % (command, os.path.basename(name)), t.good, command, *extra, "-o", name, t.good)
        refused(t, command + " -o, a capture in the folder", inside, command, *extra, "-o", inside, folder)
        with open(t.good, "rb") as given:
            refused(t, command + " -o, standard input", t.good, command, *extra, "-o", t.good, "-", text=None, stdin_file=given)
        with open(t.good, "ab") as out:
            done = subprocess.run([dztest.PROGRAM, command, *extra, t.good], stdout=out, stderr=subprocess.PIPE, check=False)
            t.report.equal(command + ": standard output is the input", done.returncode, USAGE)
        if not dztest.without_ndpi():
            refused(t, command + " -o, rules", rules, command, *extra, "-o", rules, "--protocols", rules, t.good)
        for _ in range(2):  # the second time it is there, and no capture
            done = t.run(command, "-q", *extra, "-o", t.path("folder/out"), folder)
            t.expect(command + " -o, no capture in the folder", done, DONE)
        os.unlink(t.path("folder/out"))
    refused(t, "--stats, an input", t.good, "-q", "--stats", t.good, t.good)
    if not dztest.without_ndpi():
        refused(t, "--stats, rules", rules, "-q", "--stats", rules, "--categories", rules, t.good, said="rules")
    both = t.file("both", b"precious")
    refused(t, "--stats and -o", both, "-q", "-o", both, "--stats", both, t.good, said="--stats: ")
    library = t.path("library.json")
    t.expect("profile", t.run("profile", "-q", "-o", library, t.good), DONE)
    refused(t, "score -o, its library", library, "score", "-p", library, "-o", library, t.good)


def full_disk():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64, resource.RLIM_INFINITY))


def documents(t):
    """A document that cannot be written leaves the old one, and nothing else."""
    for command, extra in STATISTICS.items():
        os.mkdir(t.path("docs-" + command))
        old = t.file("docs-" + command + "/old", b"precious")
        done = t.run(command, "-q", *extra, "-o", old, t.good, preexec_fn=full_disk)
        t.expect(command + " to a full disk", done, FAILED, old, "File too large")
        t.report.equal(command + " to a full disk: the old document", content(old), b"precious")
        done = t.run(command, "-q", *extra, "-o", old, t.good)
        t.expect(command + " over the old document", done, DONE)
        t.report.check(len(content(old)) > 50, "%s: the old document is still there", command)
        t.report.equal(command + ": files beside it", os.listdir(os.path.dirname(old)), ["old"])


# ---- signals ----

def wait_until_blocked(pipe):
    """Until the pipe that nobody reads is full, and stays so."""
    filled, until = -1, time.monotonic() + 20
    while time.monotonic() < until:
        size = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, bytes(4)))[0]
        if size == filled and size > 0:
            return
        filled = size
        time.sleep(0.05)


def stopped(t, number, ignored=False):
    """flows with files, which are still being written when the signal comes."""
    stats = t.path("stopped.json")
    handler = signal.SIG_IGN if ignored else signal.SIG_DFL
    with subprocess.Popen([dztest.PROGRAM, "-q", "--max-flows", "1", "--stats", stats, t.many], stdout=subprocess.PIPE,
                          preexec_fn=lambda: signal.signal(number, handler)) as p:
        wait_until_blocked(p.stdout.fileno())
        p.send_signal(number)
        time.sleep(0.05)
        lines = p.stdout.read().split(b"\n")
        status = p.wait()
    name = "flows, %s%s" % (number.name, ", ignored from the start" if ignored else "")
    with open(stats, encoding="utf-8") as f:
        account = json.load(f)
    t.report.equal(name + ": exit status", status, 0 if ignored else 128 + number)
    t.report.equal(name + ": stopped", account["stopped"], not ignored)
    t.report.equal(name + ": what follows the last line", lines[-1], b"")
    t.report.equal(name + ": records", len(lines) - 1, account["flows"]["records"])
    ends = [json.loads(line)["distribooze"]["end_reason"] for line in lines[:-1]]
    t.report.equal(name + ": flows that it cut", ends.count("shutdown"), 0 if ignored else 1)
    t.report.check((len(ends) < t.flows) != ignored, "%s: %d of %d flows", name, len(ends), t.flows)


def packets_of(lines):
    return sum(json.loads(line)["network"]["packets"] for line in lines if line)


def run_until_blocked(t, stats, *arguments):
    """-> the lines of a run that is interrupted in the midst of its files."""
    with subprocess.Popen([dztest.PROGRAM, "-q", "--max-flows", "1", "--stats", stats, *arguments], stdout=subprocess.PIPE,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as p:
        wait_until_blocked(p.stdout.fileno())
        p.send_signal(signal.SIGINT)
        time.sleep(0.05)
        lines = p.stdout.read().split(b"\n")
        t.report.equal("a run to resume: exit status", p.wait(), 130)
    return lines


def resumed(t):
    """--resume-from skips exactly the packets of the stopped run, file by file: together they read all of them once."""
    other = t.file("other.pcap", capture.pcap(packets(t.flows, 1), 101))  # of the same times: both files are read side by side
    whole = 2 * t.flows
    small = "-b", "2", "-w", "1000"
    for threads in ("1", "3"):
        first, second = t.path("first.json"), t.path("second.json")
        lines = run_until_blocked(t, first, "-j", threads, *small, t.many, other)
        done = t.run("-q", "-j", threads, "--max-flows", "1", *small, "--resume-from", first, "--stats", second, t.many, other)
        t.expect("--resume-from", done, DONE)
        with open(first, encoding="utf-8") as f:
            before = json.load(f)
        with open(second, encoding="utf-8") as f:
            after = json.load(f)
        t.report.check(0 < before["packets"] < whole, "the run to resume read %d packets of %d", before["packets"], whole)
        t.report.equal("packets of both runs", packets_of(lines) + packets_of(done.stdout.split(b"\n")), whole)
        t.report.equal("accounted for", (after["resumed"], after["packets"]), (before["packets"], whole - before["packets"]))
        t.report.equal("files of the first run", sum(file["packets"] for file in before["inputs"]["files"]), before["packets"])
        t.report.equal("files", {file["path"]: file["packets"] for file in after["inputs"]["files"]}, {t.many: t.flows, other: t.flows})
        again = t.run("-q", "--resume-from", second, "--stats", second, t.many, other)
        t.expect("--resume-from a run that read all", again, DONE)
        t.report.equal("records of it", again.stdout, b"")
    refused(t, "-o over --resume-from", first, "-q", "-o", first, "--resume-from", first, t.many)
    t.expect("--resume-from nothing", t.run("--resume-from", t.path("gone"), t.many), USAGE, "--resume-from: ", "No such file")
    for text in (b"", b"{", b"[]", b"{}", b'{"inputs":{"files":[{"path":"x","packets":-1}]}}', b'{"inputs":{"files":[7]}}', b'{"inputs":{"files":{}}}'):
        t.expect("--resume-from %r" % text, t.run("--resume-from", t.file("bad.json", text), t.many), USAGE, "bad.json", "not what --stats wrote")
    strange = t.file("strange.json", json.dumps({"inputs": {"files": [{"path": t.good, "packets": 9}, {"path": "else", "packets": 1}]}}).encode())
    t.expect("--resume-from of a file that has shrunk", t.run("--resume-from", strange, t.good), FAILED, "has 8 packets, but the earlier run read 9", "1 of the files")


def ended(t, command, extra, number):
    """A statistic that waits for its input: nothing is written."""
    fifo, old = t.path("fifo-" + command), t.file("old-" + command, b"precious")
    if not os.path.exists(fifo):
        os.mkfifo(fifo)
    with subprocess.Popen([dztest.PROGRAM, command, *extra, "-o", old, fifo], stderr=subprocess.PIPE,
                          preexec_fn=lambda: signal.signal(number, signal.SIG_DFL)) as p:
        keep = os.open(fifo, os.O_RDWR)
        os.write(keep, content(t.good)[:-8])
        time.sleep(0.3)
        late = threading.Timer(10, p.kill)
        late.start()
        if number == signal.SIGINT:  # the first is only told
            p.send_signal(number)
            t.report.equal("%s, the first SIGINT" % command, p.stderr.readline(), STREAM_GOES_ON)
        p.send_signal(number)
        said = p.stderr.read().decode()
        status = p.wait()
        late.cancel()
        os.close(keep)
    name = "%s, %s" % (command, number.name)
    t.report.equal(name + ": exit status", status, 128 + number)
    t.report.equal(name + ": what is said", said, "distribooze: %s: nothing was written\n" % ("interrupted" if number == signal.SIGINT else "terminated"))
    t.report.equal(name + ": the old output", content(old), b"precious")


def pipeline(t):
    """SIGINT goes to all of a pipeline: whoever reads waits for what the writer still brings."""
    fifo = os.path.join(t.folder, "pipeline")
    os.mkfifo(fifo)
    lines = subprocess.run([dztest.PROGRAM, "-q", t.good], capture_output=True, check=True).stdout
    with subprocess.Popen([dztest.PROGRAM, "compare", "-F", "csv", fifo], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as p:
        with open(fifo, "wb", buffering=0) as writer:
            time.sleep(0.3)
            p.send_signal(signal.SIGINT)
            t.report.equal("pipeline: what is said", p.stderr.readline(), STREAM_GOES_ON)
            writer.write(lines)
        told = p.stdout.read()
        t.report.equal("pipeline: exit status", p.wait(), 0)
    t.report.equal("pipeline: output", told, subprocess.run([dztest.PROGRAM, "compare", "-q", "-F", "csv", "-"], input=lines, capture_output=True,
                                                            check=True).stdout)


def signals(t):
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        stopped(t, number)
    stopped(t, signal.SIGHUP, ignored=True)
    for command, extra in STATISTICS.items():
        if command != "score":
            ended(t, command, extra, signal.SIGTERM)
    ended(t, "compare", (), signal.SIGINT)
    pipeline(t)
    ended(t, "score", STATISTICS["score"], signal.SIGHUP)


def waiting(t):
    """What a stream has brought is in a file within a second or so, though the stream goes on. Of the packets of two flows in turn,
    each ends the flow of the one before (--max-flows 1), so seven records are due, and an eighth is not."""
    for output in ("-o", "stdout"):
        path = t.path("waiting-" + output)
        with open(path, "wb") as out:
            arguments = ["-o", path] if output == "-o" else []
            with subprocess.Popen([dztest.PROGRAM, "-q", "--max-flows", "1", *arguments, "-"], stdin=subprocess.PIPE, stdout=out) as p:
                p.stdin.write(content(t.good))
                p.stdin.flush()
                began = time.monotonic()
                while content(path).count(b"\n") < 7 and time.monotonic() - began < 10:
                    time.sleep(0.05)
                took = time.monotonic() - began
                t.report.equal("a stream into a file (%s): records while it waits" % output, content(path).count(b"\n"), 7)
                t.report.check(took < 3, "a stream into a file (%s): after %.1f s", output, took)  # a busy machine needs some of it
                p.stdin.close()
                p.wait()
        t.report.equal("a stream into a file (%s): records at its end" % output, content(path).count(b"\n"), 8)


class Test(dztest.Folder):
    def run(self, *arguments, stdin_file=None, **more):
        if not stdin_file:
            return super().run(*arguments, **more)
        done = subprocess.run([dztest.PROGRAM, *arguments], stdin=stdin_file, capture_output=True, check=False, timeout=60)
        done.stderr = done.stderr.decode("utf-8", "replace")
        return done


def main():
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        t = Test(report, folder)
        t.good = t.file("good.pcap", capture.pcap(packets(8), 101))
        t.flows = 12000  # more than three threads have read when one of them waits for the reader of their output
        t.many = t.file("many.pcap", capture.pcap(packets(t.flows, t.flows), 101))
        for part in (doors, documents, signals, resumed, waiting):
            part(t)
    report.finish()


if __name__ == "__main__":
    main()
