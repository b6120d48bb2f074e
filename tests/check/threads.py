#!/usr/bin/env python3
"""Any number of threads prints the same bytes and the same accounting: the project's captures and the generated ones as one stream,
in several shapes, and each capture of the test data by itself. Statistics say the same, too, of captures and of lines, and of inputs that are by themselves."""

import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "gen")]
import dztest  # noqa: E402
from capture import Packet, pcap  # noqa: E402
from generate import generate  # noqa: E402
from wire import ipv4, udp  # noqa: E402

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


def check_as_worth(folder):
    """-j 0: a shard's start has to pay. One thread for 1,000 packets, two for 48 MB, and with a number that number."""
    cores = os.sysconf("SC_NPROCESSORS_ONLN")
    packet = ipv4("192.0.2.1", "192.0.2.2", 17, udp("192.0.2.1", 4000, "192.0.2.2", 4001, bytes(60000)))
    for count, options, expected in ((1, ["-j", "0"], 1), (1, ["-j", "3"], 3), (400, ["-j", "0"], 1), (900, ["-j", "0"], min(2, cores))):
        path = folder.file("worth.pcap", pcap([Packet(i, packet) for i in range(count)], 101))
        run = dztest.Run("-q", *options, path)
        folder.report.equal("%d large packets, %s: threads" % (count, " ".join(options)), run.stats["threads"], expected)
        folder.report.equal("%d large packets, %s: packets" % (count, " ".join(options)), run.stats["packets"], count)


STATISTICS = [["compare", "-F", "json"], ["compare", "--by", "input", "-F", "csv"], ["cluster", "--flows"], ["profile"], ["score"], ["score", "-F", "csv"], ["score", "--is", "QUIC"],
              ["score", "--evaluate", "-F", "json"], ["report"]]


def same_statistics(folder, what, paths, commands, code=0, word=""):
    """Statistics say the same, on both outputs, from any number of threads."""
    for command in commands:
        alone = folder.run(*command, "-q", *paths)
        where = "%s: %s" % (what, " ".join(command))
        folder.expect(where, alone, code, word)
        folder.report.check(alone.stdout or code, "%s: says nothing", where)
        for number in ("2", "5"):
            run = folder.run(*command, "-q", "-j", number, *paths)
            folder.report.check((run.returncode, run.stdout, run.stderr) == (alone.returncode, alone.stdout, alone.stderr),
                                "%s: -j %s differs from one thread: %.300s", where, number, run.stderr)


def check_statistics(folder):
    """Captures, and lines enough for several blocks, with what stands between records and what is none."""
    pcaps = os.path.join(dztest.SOURCE, "pcaps")
    lines = folder.run("-q", pcaps).stdout.splitlines(keepends=True)
    lines[40:40] = [b"\n", b'{"create":{}}\n']
    lines *= 1 + (3 << 20) // sum(map(len, lines))
    good = folder.file("good.jsonl", b"".join(lines))
    bad = folder.file("bad.jsonl", b"".join(lines[:700] + [b'{"distribooze":1}\n'] + lines[700:]))
    # A hit of a search engine that is said twice: the record is found in the first, its line cannot be changed.
    twice = folder.file("twice.jsonl", b"".join(lines[:700] + [b'{"_source":' + lines[0].strip() + b',"_source":1}\n'] + lines[700:]))
    long = folder.file("long.jsonl", b"".join(lines[:700] + [b"x" * (9 << 20) + b"\n"] + lines[700:] + [b"half"]))
    same_statistics(folder, "captures", [pcaps], STATISTICS)
    same_statistics(folder, "lines", [good], STATISTICS)
    same_statistics(folder, "a line that cannot be made", [twice], [["score"]], 1, 'twice.jsonl:701: the line has no object "distribooze"')
    same_statistics(folder, "rules", [pcaps], [["score", "-p", os.path.join(dztest.SOURCE, "share", "profiles", "ndpireader-doh.json")]])
    library = folder.file("library.json", folder.run("profile", "-q", pcaps).stdout)
    same_statistics(folder, "a library", [library], [["compare", "-F", "json"], ["report"]])
    same_statistics(folder, "a bad line", [bad], STATISTICS[:1], 1, "bad.jsonl:701: ")
    same_statistics(folder, "a long line", [long], [["compare", "--skip-bad", "-F", "json"]], 0, "long.jsonl:701: the line is longer")
    same_statistics(folder, "half a line", [long], [["compare", "--skip-bad", "-F", "json"]], 0, "long.jsonl:%d: " % (len(lines) + 2))


APART = [["compare", "--by", "input", "-F", "csv"], ["compare", "--by", "label,input", "-F", "json"], ["profile", "--by", "input"],
         ["score", "--evaluate", "-F", "json"], ["report", "--by", "input"]]


def check_apart(folder):
    """Words that are by themselves are read side by side, and nothing of that is seen: not in what stands in the middle and is damaged,
    empty, no capture, not to be opened, a folder, lines, or standard input."""
    pcaps = os.path.join(dztest.SOURCE, "pcaps")

    def capture(name, size=None):
        with open(os.path.join(pcaps, name), "rb") as file:
            return file.read(size)

    few = [os.path.join(pcaps, name) for name in ("ssh.pcap", "doh.pcap", "dot.pcap", "quic.pcap", "dns.pcap", "web.pcap")]
    same_statistics(folder, "captures apart", few, APART)
    same_statistics(folder, "folders apart", ["a=" + pcaps, "b=" + os.path.join(pcaps, "rotated"), few[0]], APART)
    mixed = folder.path("mixed")
    os.mkdir(mixed)
    for name, data in (("web.pcap", capture("web.pcap")), ("cut.pcap", capture("dot.pcap", 9000)), ("note.txt", b"no capture\n")):
        folder.file(os.path.join("mixed", name), data)
    loop = folder.path("loop")
    os.symlink(loop, loop)
    cut, again, empty, head, text, lines = [folder.file(name, data) for name, data in (
        ("cut.pcap", capture("doh.pcap", 20000)), ("again.pcap", capture("doh.pcap", 20000)), ("empty.pcap", b""), ("head.pcap", capture("doh.pcap", 24)), ("note.txt", b"no capture\n"),
        ("quic.jsonl", folder.run("-q", os.path.join(pcaps, "quic.pcap")).stdout))]
    same_statistics(folder, "one that is damaged", [few[0], cut, few[1]], APART[:3], 1, "cut.pcap: broken off after packet ")
    words = [few[0], cut, few[1], empty, loop, mixed, head, text, lines, few[2], again, few[3]]
    same_statistics(folder, "much that is wrong", words, APART, 1, "cut.pcap: broken off after packet ")
    alone = folder.run(*APART[0], "-q", *words).stderr
    folder.report.equal("much that is wrong: messages", [line.split(": ")[1].rsplit("/", 1)[-1] for line in alone.splitlines()],
                        ["cut.pcap", "empty.pcap", "loop", "cut.pcap", "note.txt", "again.pcap"])
    same_statistics(folder, "records of two kinds", [few[0], few[1], shape(folder, few[2]), few[3]], APART[:1], 1, "they cannot be put together")
    check_full(folder, few)


def shape(folder, capture):
    """Lines with bins of another width."""
    return folder.file("wide.jsonl", folder.run("-q", "-w", "64", "-b", "24", capture).stdout)


def check_full(folder, captures):
    """Where what is written meets a full disk, the captures that are read ahead are left."""
    command = [dztest.PROGRAM, "score", "--by", "input", "-p", folder.file("inputs.json", folder.run("profile", "-q", "--by", "input", *captures).stdout)]
    for number in ("1", "2", "4"):
        with open("/dev/full", "wb") as full:
            run = subprocess.run([*command, "-q", "-j", number, *captures], stdout=full, stderr=subprocess.PIPE, timeout=120, check=False)
        folder.report.equal("a full disk, -j %s" % number, (run.returncode, run.stderr.count(b"No space left on device")), (1, 1))


def can_be_filtered(path):
    """libpcap compiles no filter for some link types."""
    command = [dztest.PROGRAM, "-q", *FILTER, "-o", os.devnull, path]
    return subprocess.run(command, stderr=subprocess.DEVNULL, timeout=120, check=False).returncode != 2


def main():
    report = dztest.Report()
    check_stream(report)
    with tempfile.TemporaryDirectory() as folder:
        check_statistics(dztest.Folder(report, folder))
        check_apart(dztest.Folder(report, folder))
        check_as_worth(dztest.Folder(report, folder))
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
