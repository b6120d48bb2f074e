#!/usr/bin/env python3
"""What the program does with input that is missing, broken, cut or none of its kind, with options that are wrong, and with output
that cannot be written: exit status and message as the manual says, and the records already due are there."""

import json
import os
import re
import resource
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "gen")]
import capture  # noqa: E402
import dztest  # noqa: E402
import wire  # noqa: E402

DONE, FAILED, USAGE = 0, 1, 2
START = 1592301963 * 10**9


def packets(count=3, size=4):
    """UDP packets of one flow each, without a link layer."""
    return [capture.Packet(START + i * 10**6, wire.ipv4(
        "192.0.2.1", "198.51.100.2", wire.UDP, wire.udp("192.0.2.1", 1000 + i, "198.51.100.2", 9, bytes(size)))) for i in range(count)]


class Test(dztest.Folder):
    def __init__(self, report, folder):
        super().__init__(report, folder)
        self.good = self.file("good.pcap", capture.pcap(packets(), 101))

    def expect(self, what, done, status, *words, records=None):
        """And the number of records."""
        super().expect(what, done, status, *words)
        if records is not None:
            self.report.equal(what + ": records", done.stdout.count(b"\n"), records)


def inputs(t):
    """A bad input is named and makes the run fail, and the good one beside it is read all the same."""
    os.mkdir(t.path("nothing"))
    os.mkdir(t.path("texts"))
    t.file("texts/a.txt", b"not a capture\n" * 20)
    t.file("texts/.hidden.pcap", capture.pcap(packets(), 101))
    bad = {
        "nothing": None,
        "texts": None,
        "empty.pcap": t.file("empty.pcap", b""),
        "text.pcap": t.file("text.pcap", b"frame 1: 60 bytes on wire\n" * 50),
        "short.pcap": t.file("short.pcap", b"\xd4\xc3\xb2\xa1\x02\0"),
        "random.gz": t.file("random.gz", b"\x1f\x8b" + bytes(range(200))),
        "other-version.pcap": t.file("other-version.pcap", capture.pcap(packets(), 101)[:4] + b"\x09\0\x09\0" + bytes(16)),
    }
    for name in bad:
        t.expect(name, t.run("-q", t.path(name)), FAILED, name, records=0)
        t.expect(name + " and a good one", t.run("-q", t.path(name), t.good), FAILED, name, records=3)
        t.expect("a good one and " + name, t.run("-q", t.good, t.path(name)), FAILED, name, records=3)
    t.expect("missing.pcap and a good one", t.run("-q", t.path("missing.pcap"), t.good), USAGE, "missing.pcap", records=0)
    t.expect("no packets", t.run("-q", t.file("none.pcap", capture.pcap([], 1))), DONE, records=0)
    link = t.file("link.pcap", capture.pcap(packets(), 147))
    t.expect("link type of private use", t.run("-q", link), FAILED, "link.pcap", "147", records=0)
    unknown = t.file("link2.pcap", capture.pcap(packets(), 9999))
    t.expect("link type that nobody knows", t.run("-q", unknown), FAILED, "link2.pcap", "9999", records=0)
    t.expect("link type beside a good one", t.run("-q", link, t.good), FAILED, "147", records=3)


def unreadable(t):
    secret = t.file("secret.pcap", capture.pcap(packets(), 101))
    os.chmod(secret, 0)
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            print("note: unreadable file: not checked, root reads everything and setpriv is not installed")
            return
        os.chmod(t.folder, 0o755)
        program = t.path("program")
        shutil.copy(dztest.PROGRAM, program)
        os.chmod(program, 0o755)
        command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", program, "-q"]
        if subprocess.run(command + ["--version"], capture_output=True, check=False).returncode:
            print("note: unreadable file: not checked, the program does not run as nobody here")
            return
    else:
        command = [dztest.PROGRAM, "-q"]
    os.makedirs(t.path("gcov"))
    os.chmod(t.path("gcov"), 0o777)  # what a build for coverage notes, where this user may write
    done = subprocess.run(command + [secret, t.good], capture_output=True, check=False, env=dict(os.environ, GCOV_PREFIX=t.path("gcov")))
    done.stderr = done.stderr.decode()
    t.expect("unreadable file", done, FAILED, "secret.pcap", "ermission denied", records=3)
    # In a folder: a capture, a folder, and what is no capture, none of which may be read but the last.
    folder = t.path("mixed")
    os.makedirs(os.path.join(folder, "closed"))
    for name, mode in (("a.pcap", 0o644), ("closed.pcap", 0), ("notes.txt", 0o644)):
        path = t.file("mixed/" + name, b"no capture" if name == "notes.txt" else capture.pcap(packets(), 101))
        os.chmod(path, mode)
    env = dict(os.environ, GCOV_PREFIX=t.path("gcov"))
    stats = os.path.join(t.path("gcov"), "stats.json")  # where that user may write
    done = subprocess.run(command + ["--stats", stats, folder], capture_output=True, check=False, env=env)
    done.stderr = done.stderr.decode()
    t.expect("a folder with an unreadable file", done, FAILED, "mixed/closed.pcap", "ermission denied", records=3)
    with open(stats, encoding="utf-8") as f:
        inputs = json.load(f)["inputs"]
    t.report.equal("a folder with an unreadable file: inputs", (inputs["read"], inputs["unreadable"], inputs["passed_over"]), (1, 1, 1))
    os.chmod(folder, 0o311)
    done = subprocess.run(command + [folder, t.good], capture_output=True, check=False, env=env)
    done.stderr = done.stderr.decode()
    t.expect("a folder that cannot be listed", done, FAILED, "mixed", "ermission denied", records=3)
    os.chmod(folder, 0o755)


def whole_packets(data, size):
    """How many packets of a pcap are whole in its first bytes, and whether the cut falls between packets."""
    at, count = 24, 0
    while at + 16 <= size:
        caplen = struct.unpack("<I", data[at + 8:at + 12])[0]
        if at + 16 + caplen > size:
            return count, False
        at += 16 + caplen
        count += 1
    return count, at == size


def whole_blocks(data, size):
    at, count = 0, 0
    while at + 12 <= size:
        kind, length = struct.unpack("<II", data[at:at + 8])
        if at + length > size:
            return count, False
        at += length
        count += kind == 6
    return count, at == size


def truncation(t):
    """Cut at every byte: what was whole is counted; the message names file and offset."""
    pcap, pcapng = capture.pcap(packets(), 101), capture.pcapng(packets(2), 101)
    for name, data, header, whole in (("cut.pcap", pcap, 24, whole_packets), ("cut.pcapng", pcapng, 28, whole_blocks)):
        for size in range(len(data)):
            count, between = whole(data, size)
            done = t.run("-q", t.file(name, data[:size]))
            what = "%s after %d of %d bytes" % (name, size, len(data))
            if size < header:
                t.expect(what, done, FAILED, name, records=0)
            elif between:
                t.expect(what, done, DONE, records=count)
            else:
                t.expect(what, done, FAILED, name, records=count)
                told = re.search(r"(?:offset|byte|at) (\d+)", done.stderr)
                t.report.check(told and header <= int(told[1]) <= size, "%s: no offset in the message: %s", what, done.stderr.strip())
    data = capture.FORMATS["pcap.gz"](packets(), 101)
    before = 0 if dztest.knows("gzip") else 3
    for size in range(2, len(data) if dztest.knows("gzip") else 0):
        done = t.run("-q", t.file("cut.pcap.gz", data[:size]))
        what = "cut.pcap.gz after %d of %d bytes" % (size, len(data))
        records = done.stdout.count(b"\n")
        # The last 8 bytes are a checksum and a size: without them all packets may be there already.
        t.expect(what, done, FAILED, "cut.pcap.gz")
        t.report.check(before <= records <= 3, "%s: %d records, %d with fewer bytes", what, records, before)
        before = records
    t.report.check(before == 3, "cut.pcap.gz: only %d records with all but the last byte", before)
    both = t.file("cut.pcap", pcap[:-1])
    t.expect("a cut capture and a good one", t.run("-q", both, t.good), FAILED, "cut.pcap", records=3)


def corruption(t):
    """A length that cannot be."""
    data = bytearray(capture.pcap(packets(), 101))
    second = 24 + 16 + 32
    data[second + 8:second + 12] = struct.pack("<I", 0x7FFFFFFF)
    t.expect("a packet of 2 GiB", t.run("-q", t.file("corrupt.pcap", bytes(data))), FAILED, "corrupt.pcap", records=1)
    data = bytearray(capture.pcapng(packets(2), 101))
    third = 28 + 32
    data[third + 4:third + 8] = struct.pack("<I", 7)
    t.expect("a block of 7 bytes", t.run("-q", t.file("corrupt.pcapng", bytes(data))), FAILED, "corrupt.pcapng", records=0)


# A value that each kind of option must refuse, by the name the help gives to its values.
OUT_OF_RANGE = {"--bin-width": ("0", "65537", "-1", "1.5"), "--bins": ("0", "1", "2049", "9999999999999999999999"), "--threads": ("-1", "257"),
                "--max-flows": ("-1", "1x"), "--max-memory": ("63M", "-1", "1x", ""), "--community-id-seed": ("65536", "-1"), "--active-timeout": ("-1", "5 parsecs", ""),
                "--idle-timeout": ("-1", "udp", "quic=5", "udp=", "udp=1,", "0"), "--layer": ("ip ", "IP", ""), "--values": ("all", ""),
                "--format": ("json", ""), "--ndpi-set": ("tls", "tls,cache", ""), "--label": ("", ","), "--completion": ("csh", ""), "--template-for": ("solr", ""), "--min-packets": ("-1", "x")}
OUT_OF_RANGE.update({"--interface": ("",), "--snaplen": ("-1", "262145"), "--buffer-size": ("-1", "64X", "1MM", ""), "--count": ("-1", "x"),
                     "--duration": ("-1", "1 fortnight", ""), "--rotate": ("1", "4095", "10ms", "1M,", "1M,1y", ""), "--keep": ("0", "-1"),
                     "--output-buffer": ("", "1Q"), "--when-full": ("", "panic"), "--stats-interval": ("-1", "")})
FILES = {"--protocols", "--categories", "--resume-from"}
OUTPUTS = {"--output", "--stats"}
# Any text may be a filter's, an index's or a name; filters are below, files in words.py.
FREE = {"--filter", "--filter-inner", "--bulk-index", "--read", "--metrics", "--observer", "--user"}


def options(t):
    usage = t.run("--help")
    t.expect("--help", usage, DONE)
    names = re.findall(r"^ {2,6}(?:-\w, )?(--[\w-]+)( [A-Z|]+)?", usage.stdout.decode(), re.M)
    t.report.check(len(names) > 15, "only %d options in the help", len(names))
    for name, value in names:
        if value:
            t.expect(name + " without a value", t.run(name), USAGE, name)
            short = name in OUT_OF_RANGE or name in FILES or name in OUTPUTS or name in FREE
            t.report.check(short, "%s: what values does it refuse? This test does not know it", name)
        else:
            t.expect(name + " with a value", t.run(name + "=1", t.good), USAGE, name)
        for bad in OUT_OF_RANGE.get(name, ()):
            t.expect("%s '%s'" % (name, bad), t.run(name + "=" + bad, t.good), USAGE, name, records=0)
            if bad and name not in ("--idle-timeout", "--rotate"):  # whose messages quote a part
                t.expect("%s '%s'" % (name, bad), t.run(name, bad, t.good), USAGE, "'%s'" % bad)
        if name in FILES:
            done = t.run(name, t.path("not-there"), t.good)
            t.expect(name, done, done.returncode or FAILED, "not-there", records=0)
        if name in OUTPUTS:
            for where in ("no-folder/x", "."):
                t.expect("%s %s" % (name, where), t.run("-q", name, t.path(where), t.good), FAILED, t.path(where))
    for wrong in ("--nonsense", "-Z", "--layers=ip"):
        t.expect(wrong, t.run(wrong, t.good), USAGE, wrong.split("=")[0], records=0)
    t.expect("no operand", t.run(), USAGE, "no capture")
    t.expect("no operand", t.run("flows"), USAGE, "no capture")
    t.expect("no subcommand, no file", t.run("flow"), USAGE, "flow", records=0)
    for bad in ("tcp port", "host nowhere.invalid", "tcp[", "port 99999"):
        t.expect("filter " + bad, t.run("-f", bad, t.good), USAGE, "'%s'" % bad, "--filter", records=0)
    t.expect("filter for Ethernet only", t.run("-f", "ether host 02:00:00:00:00:01", t.good), USAGE, "ether", records=0)
    t.expect("output over input", t.run("-o", t.good, t.good), USAGE, "good.pcap")
    t.report.check(os.path.getsize(t.good) > 100, "the input was overwritten")


def outputs(t):
    many = t.file("many.pcap", capture.pcap(packets(3000), 101))
    if os.path.exists("/dev/full"):
        with open("/dev/full", "wb") as full:
            for path in (t.good, many):
                done = subprocess.run([dztest.PROGRAM, "-q", path], stdout=full, stderr=subprocess.PIPE, check=False)
                done.stdout, done.stderr = b"", done.stderr.decode()
                t.expect("standard output is full", done, FAILED, "No space left")
        t.expect("-o is full", t.run("-q", "-o", "/dev/full", many), FAILED, "/dev/full", "No space left")
        t.expect("--stats is full", t.run("-q", "--stats", "/dev/full", t.good), FAILED, "/dev/full", "No space left", records=3)
    for arguments in ([], ["-j", "2"], ["-F", "table"]):
        with subprocess.Popen([dztest.PROGRAM, *arguments, many], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
            p.stdout.readline()
            p.stdout.close()
            said = p.stderr.read().decode()
            status = p.wait(60)
        t.report.check(status == 0 and not said, "closed pipe %s: exit status %d, it said: %s", arguments, status, said)
        stats = t.path("stats.json")
        with subprocess.Popen([dztest.PROGRAM, "-q", "--stats", stats, *arguments, many], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as p:
            p.stdout.close()
            p.wait(60)
        t.report.check(os.path.exists(stats), "closed pipe %s: no accounting", arguments)
        os.unlink(stats)
    done = subprocess.run([dztest.PROGRAM, "-q", t.good], stdout=None, stderr=subprocess.PIPE, check=False, preexec_fn=lambda: os.close(1))
    done.stdout, done.stderr = b"", done.stderr.decode()
    t.expect("standard output is closed", done, FAILED)

    # Standard error is closed: what would be said there must not land in the file that got its number.
    path = t.path("records.jsonl")
    subprocess.run([dztest.PROGRAM, "-o", path, t.good], check=False, preexec_fn=lambda: os.close(2))
    with open(path, "rb") as f:
        lines = f.read().splitlines()
    t.report.check(len(lines) == 3 and all(line.startswith(b"{") for line in lines), "standard error is closed: %s", lines)
    for name in ("-", "/dev/stdout"):
        t.expect("--stats " + name, t.run("-q", "--stats", name, t.good), DONE, records=4)
    t.expect("records and accounting to one file", t.run("-o", path, "--stats", path, t.good), USAGE, "--stats", path)
    t.expect("accounting over input", t.run("-o", path, "--stats", t.good, t.good), USAGE, "good.pcap")
    # What is wrong with the command line is told before the output is emptied.
    with open(path, "w", encoding="ascii") as f:
        f.write("precious")
    t.expect("bad file of protocols", t.run("-o", path, "--protocols", t.path("not-there"), t.good), USAGE, "--protocols", "not-there")
    with open(path, encoding="ascii") as f:
        t.report.equal("output after a bad command line", f.read(), "precious")


def file_size_limits(t):
    """A file that must not grow is told as a full disk is."""
    path = t.path("limited.jsonl")
    done = t.run("-q", "-o", path, t.file("some.pcap", capture.pcap(packets(300), 101)),
                 preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192)))
    t.expect("a limit of file sizes", done, FAILED, "limited.jsonl", "File too large")


def libraries_print(t):
    """nDPI has words of its own for protocols that are too many for it: not among the data."""
    rules = t.file("many.rules", "".join("tcp:%d@Mine%d\n" % (i + 1000, i) for i in range(2000)).encode())
    done = t.run("--protocols", rules, t.good)
    if done.returncode and not dztest.without_ndpi():  # a release without a limit takes them
        t.report.equal("too many protocols: standard output", done.stdout, b"")
        t.report.equal("too many protocols: exit status", done.returncode, FAILED)
        t.report.check("many.rules:" in done.stderr and "one too many" in done.stderr, "too many protocols: it said %s", done.stderr[-300:])


def signals(t):
    """SIGINT and SIGTERM in the middle of a stream: every open flow is emitted."""
    data = capture.pcap(packets(50), 101)
    for name, number in (("SIGINT", signal.SIGINT), ("SIGTERM", signal.SIGTERM)):
        # A test that runs in the background inherits that SIGINT is ignored.
        with subprocess.Popen([dztest.PROGRAM, "-q", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)) as p:
            p.stdin.write(data)
            p.stdin.flush()
            time.sleep(0.5)  # it waits for more
            p.send_signal(number)
            late = threading.Timer(10, p.kill)
            late.start()
            out = p.stdout.read()  # its input stays open
            t.report.equal(name + ": exit status", p.wait(), 0)
            late.cancel()
        t.report.equal(name + ": records", out.count(b"\n"), 50)
        t.report.equal(name + ": end reason", out.count(b'"end_reason":"shutdown"'), 50)


    with subprocess.Popen([dztest.PROGRAM, "-q", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_IGN)) as p:
        p.stdin.write(data)
        p.stdin.flush()
        time.sleep(0.5)
        p.send_signal(signal.SIGINT)
        out, _ = p.communicate(timeout=60)
        t.report.equal("SIGINT in the background: exit status", p.returncode, 0)
        t.report.equal("SIGINT in the background: goes on to the end", out.count(b'"end_reason":"eof"'), 50)


def streams(t):
    """Standard input and FIFOs, whole and cut."""
    data = capture.pcap(packets(), 101)
    for name, content, status, records in (("stdin", data, DONE, 3), ("stdin cut", data[:-1], FAILED, 2), ("stdin empty", b"", FAILED, 0),
                                           ("stdin text", b"hello\n" * 30, FAILED, 0)):
        done = subprocess.run([dztest.PROGRAM, "-q", "-"], input=content, capture_output=True, check=False, timeout=60)
        done.stderr = done.stderr.decode()
        t.expect(name, done, status, records=records)
        if status:
            t.report.check("-" in done.stderr or "standard input" in done.stderr, "%s: not named: %s", name, done.stderr)


# ---- the commands that take INPUTs ----

RULE_FILES = {"--protocols", "--categories", "--resume-from"}
FREE_ELSEWHERE = {"--baseline", "--yardstick", "--is", "--among", "--folds", "--truth", "--filter-inner", "--read", "--filter", "--label", "--output", "--title", "--profiles", "--rule", "--site"}


def other_commands(t):
    """What holds for flows holds for the commands that take captures and JSON lines."""
    listed = re.search(r"Commands:\n(.*?)\n'", t.run("--help").stdout.decode(), re.S)[1]
    names = [line.split()[0] for line in listed.split("\n") if line.startswith("  ") and not line.startswith("   ")]
    profiles = t.path("profiles.json")
    t.expect("profile", t.run("profile", "-q", "-o", profiles, os.path.join(dztest.SOURCE, "pcaps", "dns.pcap")), DONE)
    for name in names:
        if name == "flows":
            continue
        extra = {"score": ["--profiles", profiles]}.get(name, [])
        command_options(t, name, extra)
        command_inputs(t, name, extra)


def command_options(t, name, extra):
    found = re.findall(r"^ {2,6}(?:-\w, )?(--[\w-]+)(?: ([A-Z]+))?(?=  |\n)", t.run(name, "--help").stdout.decode(), re.M)
    t.report.check(len(found) > 10, "%s: only %d options in the help", name, len(found))
    for option, value in found:
        what = "%s %s" % (name, option)
        if not value:
            t.expect(what + " with a value", t.run(name, *extra, option + "=1", t.good), USAGE, option)
            continue
        t.expect(what + " without a value", t.run(name, *extra, t.good, option), USAGE, option)
        if option not in FREE_ELSEWHERE:
            for bad in ("5 parsecs", "-3", ""):
                quoted = bad if option in RULE_FILES else "'%s'" % bad
                t.expect("%s '%s'" % (what, bad), t.run(name, *extra, option + "=" + bad, t.good), USAGE, option, quoted)
    t.expect(name + " --nonsense", t.run(name, *extra, "--nonsense", t.good), USAGE, "--nonsense")
    t.expect(name + " without an operand", t.run(name, *extra), USAGE, "input")
    t.expect(name + " with a bad filter", t.run(name, *extra, "-f", "tcp port", t.good), USAGE, "'tcp port'")


def command_inputs(t, name, extra):
    lines = t.run("-q", t.good).stdout
    good = t.file("good.jsonl", lines)
    t.file("cut.pcap", capture.pcap(packets(), 101)[:-1])
    t.file("cut.jsonl", lines[:-40])
    t.file("half.jsonl", b"{}\n" + lines)
    for path in (t.good, good):
        done = t.run(name, "-q", *extra, path)
        t.expect("%s of %s" % (name, os.path.basename(path)), done, DONE)
        t.report.check(len(done.stdout) > 50, "%s of %s prints only: %s", name, path, done.stdout)
    for word in ("cut.jsonl", "half.jsonl"):  # a line that is no record ends the run, unless it is to be passed over
        t.expect("%s of %s" % (name, word), t.run(name, "-q", *extra, t.path(word), t.good), FAILED, word)
        done = t.run(name, *extra, "--skip-bad", t.path(word))
        t.expect("%s --skip-bad of %s" % (name, word), done, DONE, word)
        t.report.check(len(done.stdout) > 50, "%s --skip-bad of %s prints only: %s", name, word, done.stdout)
    t.expect(name + " of nothing at all", t.run(name, "-q", *extra, t.path("empty.pcap")), FAILED, "empty.pcap")
    for word in ("nothing", "text.pcap", "random.gz", "cut.pcap"):
        t.expect("%s of %s" % (name, word), t.run(name, "-q", *extra, t.path(word)), FAILED, word)
        done = t.run(name, "-q", *extra, t.path(word), t.good)
        t.expect("%s of %s and a good one" % (name, word), done, FAILED, word)
        t.report.check(len(done.stdout) > 50, "%s of %s and a good one prints only: %s", name, word, done.stdout)
    t.expect(name + " to a full device", t.run(name, "-q", *extra, "-o", "/dev/full", t.good), FAILED, "/dev/full", "No space left")
    t.expect(name + " to no folder", t.run(name, "-q", *extra, "-o", t.path("no-folder/x"), t.good), FAILED, t.path("no-folder/x"))
    with open("/dev/full", "wb") as full:
        done = subprocess.run([dztest.PROGRAM, name, "-q", *extra, t.good], stdout=full, stderr=subprocess.PIPE, check=False)
        done.stdout, done.stderr = b"", done.stderr.decode()
        t.expect(name + " to a full standard output", done, FAILED, "No space left")
    done = subprocess.run("%s %s -q %s %s | true" % (dztest.PROGRAM, name, " ".join(extra), t.good), shell=True, stderr=subprocess.PIPE, check=False)
    t.report.check(not done.stderr, "%s into a closed pipe says: %s", name, done.stderr)


def main():
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        t = Test(report, folder)
        for part in (inputs, unreadable, truncation, corruption, options, outputs, file_size_limits, libraries_print, signals, streams, other_commands):
            part(t)
    report.finish()


if __name__ == "__main__":
    main()
