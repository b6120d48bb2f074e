#!/usr/bin/env python3
"""The words of a command line: options before the command, slips of the keyboard, inputs that are not there, -r with a filter, and
names that would write on a terminal. Nothing is opened for output before all of it is known to be right."""

import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "gen")]
import capture  # noqa: E402
import dztest  # noqa: E402
import wire  # noqa: E402

DONE, FAILED, USAGE = 0, 1, 2
COMMANDS = {"flows": (), "compare": (), "cluster": (), "profile": (), "score": ("--evaluate", "--min-flows", "1"), "report": ()}


def packets(port, count=4):
    """Datagrams of two flows to a port, one packet of each per turn."""
    return [capture.Packet((1592301963 + i) * 10**9, wire.ipv4("192.0.2.1", "198.51.100.2", wire.UDP,
                                                               wire.udp("192.0.2.1", 1000 + i % 2, "198.51.100.2", port, bytes(10 + i))))
            for i in range(count)]


def records(done):
    return [json.loads(line) for line in done.stdout.splitlines()]


def ports(done):
    return sorted({record["destination"]["port"] for record in records(done)})


def before_the_command(t):
    """Options that mean the same everywhere may stand before the command, alone or in one word; others may not."""
    plain = t.run("compare", "-q", "--top", "1", t.good)
    for words in (("-q", "compare"), ("--quiet", "compare"), ("-qu", "compare", "-q"), ("-w", "32", "compare", "-q"), ("-w32", "-q", "compare"),
                  ("--bin-width=32", "-q", "compare"), ("-qw", "32", "compare"), ("-f", "udp", "-q", "compare")):
        done = t.run(*words, "--top", "1", t.good)
        t.expect(" ".join(words), done, DONE)
        t.report.check(words[0] == "-qu" or done.stdout == plain.stdout, "%s: another output", " ".join(words))
    library = t.path("before.json")
    t.expect("-q -o FILE profile", t.run("-q", "-o", library, "profile", t.good), DONE)
    with open(library, encoding="utf-8") as f:
        t.report.equal("-o before the command: what it holds", json.load(f).get("format"), "distribooze-profiles")
    for words, option in ((("--top", "3", "compare"), "--top"), (("-F", "csv", "compare"), "-F"), (("-p", library, "score"), "-p"),
                          (("-q", "--evaluate", "score"), "--evaluate"), (("--skip-bad", "profile"), "--skip-bad")):
        done = t.run(*words, t.good)
        t.expect(" ".join(words), done, USAGE, "put %s after the command: distribooze %s %s" % (option, words[-1], option))
        t.report.equal(" ".join(words) + ": output", done.stdout, b"")
    t.expect("-f compare: a filter, no command", t.run("-q", "-f", "compare", t.good), USAGE, "--filter: 'compare'")
    t.expect("flows -- -q: a file", t.run("--", "-q"), USAGE, "-q: cannot be opened")
    t.expect("-h before the command", t.run("-h", "score"), DONE)


def slips(t):
    for word, meant in (("comapre", "compare"), ("clutser", "cluster"), ("profiel", "profile"), ("reprot", "report"), ("flow", "flows"), ("scroe", "score")):
        done = t.run(word, "-o", t.path("untouched"), t.good)
        t.expect(word, done, USAGE, "'%s' is neither a command nor a file: did you mean %s?" % (word, meant))
        t.expect("help " + word, t.run("help", word), USAGE, "did you mean %s?" % meant)
    t.expect("help sumary", t.run("help", "sumary"), USAGE, "no command 'sumary'")
    t.expect("--lable", t.run("compare", "--lable", "SSH", t.good), USAGE, "did you mean --label?")
    t.report.check(not os.path.exists(t.path("untouched")), "a slip made an output")
    t.file("comapre", capture.pcap(packets(53), 101))
    t.expect("a capture with the name of a slip", t.run("-q", t.path("comapre")), DONE)


def missing(t):
    """An input that does not exist ends every command before its output is opened: what was there stays."""
    for command, extra in COMMANDS.items():
        kept = t.file("kept-" + command, b"precious")
        done = t.run(command, "-q", *extra, "-o", kept, t.good, t.path("gone.pcap"), t.path("gone.too"))
        t.expect(command + " of what is not there", done, USAGE, "gone.pcap: cannot be opened: No such file", "gone.too: cannot be opened")
        with open(kept, "rb") as f:
            t.report.equal(command + ": the old output", f.read(), b"precious")
        done = t.run(command, *extra, t.good, "tcp", "port", "443")
        t.expect(command + " with a filter as words", done, USAGE, "'tcp' does not exist", "-f 'tcp port 443'")
        t.report.equal(command + " with a filter as words: output", done.stdout, b"")
    stats = t.path("none.json")
    t.expect("only an input that cannot be read", t.run("-q", "--stats", stats, t.file("text", b"no capture at all")), FAILED, "text")
    with open(stats, encoding="utf-8") as f:
        t.report.equal("none could be read: --stats", json.load(f)["inputs"]["unreadable"], 1)


def read_option(t):
    """-r FILE: the other words are the filter."""
    other = t.file("other.pcap", capture.pcap(packets(123), 101))
    done = t.run("-q", "-r", t.good, "udp", "port", "53")
    t.expect("-r with a filter", done, DONE)
    t.report.equal("-r with a filter: ports", ports(done), [53])
    t.report.equal("-r with a filter that lets nothing through", records(t.run("-q", "-r", t.good, "port", "99")), [])
    t.report.equal("-r and no words", ports(t.run("-q", "-r", t.good)), [53])
    t.report.equal("-r twice", ports(t.run("-q", "-r", t.good, "-r", other)), [53, 123])
    t.report.equal("-r twice, the filter between", ports(t.run("-q", "-r", t.good, "udp", "-r", other, "port", "123")), [123])
    t.report.equal("-r with -f", ports(t.run("-q", "-r", t.good, "-r", other, "-f", "port 123")), [123])
    t.expect("-r with -f and words", t.run("-r", t.good, "-f", "udp", "port", "53"), USAGE, "'port'", "-r", "--filter")
    t.expect("-r with a wrong filter", t.run("-r", t.good, "udp", "prt", "53"), USAGE, "'udp prt 53'")
    t.expect("-r of nothing", t.run("-r", t.path("gone.pcap"), "udp"), USAGE, "gone.pcap")
    t.expect("compare -r", t.run("compare", "-q", "-r", t.good, "udp"), DONE)


def live_words(t):
    """-i NAME: the other words are the filter. Nothing is captured here: the command line is wrong before that, or the interface
    is not there, which is told once the words are known to be right."""
    gone = "no-such-if0"
    t.expect("-i with a filter", t.run("-i", gone, "udp", "port", "53"), FAILED, gone)
    t.expect("-i, the filter before it", t.run("udp", "-i", gone, "port", "53"), FAILED, gone)
    t.expect("-i with a wrong filter", t.run("-i", gone, "udp", "prt", "53"), USAGE, "'udp prt 53'")
    t.expect("-i with -f and words", t.run("-i", gone, "-f", "udp", "port", "53"), USAGE, "'port'", "-i", "--filter 'udp'")
    t.expect("-i and a capture", t.run("-i", gone, t.good), USAGE, "'%s' is a capture" % t.good)
    t.expect("-i and -r", t.run("-i", gone, "-r", t.good, "udp"), USAGE, "'%s' is a capture" % t.good)


# Option, a value for it, and its default.
LIVE = [("--no-promiscuous", None), ("--snaplen", "100"), ("--buffer-size", "3M"), ("--count", "5"), ("--duration", "5s"), ("--stats-interval", "5s"),
        ("--output-buffer", "3M"), ("--when-full", "wait"), ("--rotate", "1M"), ("--keep", "3"), ("--metrics", "metrics"), ("--user", "nobody")]


def live_options(t):
    """Options of live capture are refused without one, and their values before anything is opened."""
    gone, out = "no-such-if0", t.path("untouched-live")
    for option, value in LIVE:
        done = t.run("-o", out, option, *([value] if value else []), t.good)
        t.expect(option + " without -i", done, USAGE, option + " goes with a live capture: -i INTERFACE")
    for words, said in ((("--buffer-size", "1k"), "--buffer-size: 1024 is not from 1M to 2047M"), (("--buffer-size", "1T"), "--buffer-size: "),
                        (("--output-buffer", "1k"), "--output-buffer: 1024 is less than 1M"), (("--rotate", "1h," * 50), "--rotate"),
                        (("--rotate", "1x"), "--rotate"), (("--rotate", "1h", "-F", "table"), "--rotate: the table is for people"), (("--keep", "3"), "--keep tells"),
                        (("--stats-interval", "0"), "--stats-interval: 0 is not a time to wait"), (("--stats", out), "--stats: ")):
        t.expect("-i " + " ".join(words), t.run("-i", gone, "-o", out, *words), USAGE, said)
    t.expect("--rotate to standard output", t.run("-i", gone, "--rotate", "1h"), USAGE, "--rotate needs a file: -o FILE")
    t.expect("65 interfaces", t.run(*sum((["-i", "if%d" % i] for i in range(65)), [])), USAGE, "'if64' is one too many: 64 are the most")
    t.expect("a short snaplen", t.run("-i", gone, "-s", "100"), FAILED, "--snaplen: 100 bytes may be too few", gone)
    t.expect("any and another", t.run("-i", "any", "-i", gone), FAILED, "any: a packet that is forwarded is seen", gone)
    t.report.check(not os.path.exists(out), "an output was made by what was refused")


def which_flows(t):
    """--label, whatever the case, and --min-packets: for flows as for the statistics, with what they leave out in the account."""
    both = t.file("both.pcap", capture.pcap(packets(53) + packets(123, 6), 101))  # two flows of two packets, two of three
    stats = t.path("which.json")
    everything = records(t.run("-q", both))
    labels = sorted({record["distribooze"]["label"] for record in everything})
    t.report.equal("labels of ports 53 and 123", labels, ["DNS", "NTP"])
    for arguments, kept in ((("--label", "ntp"), 2), (("--label", "NTP,dns"), 4), (("--label", "Ntp", "--label", "DNS"), 4), (("--min-packets", "3"), 2),
                            (("--label", "dns", "--min-packets", "3"), 0), (("--label", "none"), 0)):
        for threads in ("1", "3"):
            done = t.run("-q", "-j", threads, "--stats", stats, *arguments, both)
            name = " ".join(arguments)
            t.expect(name, done, DONE)
            t.report.equal(name + ": records", len(records(done)), kept)
            with open(stats, encoding="utf-8") as f:
                flows = json.load(f)["flows"]
            t.report.equal(name + ": accounted for", (flows["records"], flows["left_out"]), (4, 4 - kept))
    t.expect("a label that no flow has", t.run("--label", "ssh", both), DONE, "none of the 4 flows has the label of --label ssh; there are DNS (2), NTP (2)")
    t.expect("one label of two", t.run("--label", "ssh,ntp", both), DONE, "warning: --label ssh: no flow has it; there are DNS (2), NTP (2)")
    t.expect("--label of nothing", t.run("--label", ",", both), USAGE, "--label", "','")
    t.expect("compare, a label that no flow has", t.run("compare", "--label", "SSH", both), FAILED, "--label SSH; there are DNS (2), NTP (2)")
    done = t.run("compare", "-F", "json", "-q", "--label", "ntp", both)
    t.report.equal("compare --label ntp", [group["name"] for group in json.loads(done.stdout)["groups"]], ["NTP"])


def summary(t):
    """What is said of the run: one flow is one flow."""
    one = t.file("one.pcap", capture.pcap(packets(53)[::2], 101))
    t.expect("one flow", t.run(one), DONE, "2 packets read, 0 filtered out, 2 counted in 1 flow, ")
    t.expect("two flows", t.run(t.good), DONE, "4 packets read, 0 filtered out, 4 counted in 2 flows, ")
    t.expect("one flow of four packets", t.run("-f", "src port 1000", t.good), DONE, "4 packets read, 2 filtered out, 2 counted in 1 flow, ")
    library = t.path("summary.json")
    t.expect("profile of one label", t.run("profile", "-o", library, t.good), DONE, "1 profile of 2 flows, ")


def hostile_names(t):
    """What stands in the name of a file reaches the terminal as ls would show it."""
    name = t.path("a\x1b]0;b\x07\nc\x9b.pcap".encode("utf-8", "surrogateescape").decode("utf-8", "surrogateescape"))
    with open(name, "wb") as f:
        f.write(b"no capture at all")
    for command, extra in COMMANDS.items():
        done = t.run(command, *extra, name, t.good)
        t.expect(command + " of a hostile name", done, FAILED, "a\\033]0;b\\a\\nc\\302\\233.pcap")
        t.report.check(not set(done.stderr) & set("\x1b\x07\x9b"), "%s: raw control characters in %r", command, done.stderr)


def ascii_output(t):
    """Charts and marks are plain ASCII where the locale is not UTF-8, and with --ascii everywhere; every command takes it."""
    pcaps, drawn = os.path.join(dztest.SOURCE, "pcaps"), []
    for command, extra in list(COMMANDS.items()) + [("flows", ("-F", "table"))]:
        for what, locale, option in (("LC_ALL=C", "C", ()), ("LC_ALL=C.UTF-8 --ascii", "C.UTF-8", ("--ascii",)), ("LC_ALL=C.UTF-8", "C.UTF-8", ())):
            done = t.run(command, *option, "-q", *extra, pcaps, env=dict(os.environ, LC_ALL=locale))
            t.expect("%s %s" % (what, command), done, DONE)
            if what == "LC_ALL=C.UTF-8":
                drawn += [command] * (not done.stdout.isascii())
            elif command != "report":  # a page, whose charset stands in it
                t.report.check(done.stdout.isascii(), "%s %s: prints %s", what, command, {c for c in done.stdout.decode() if c > "~"})
    t.report.equal("commands that draw with more than ASCII", [c for c in ("compare", "cluster", "flows") if c in drawn], ["compare", "cluster", "flows"])


def main():
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        t = dztest.Folder(report, folder)
        t.good = t.file("good.pcap", capture.pcap(packets(53), 101))
        for part in (before_the_command, slips, missing, read_option, live_words, live_options, which_flows, summary, hostile_names, ascii_output):
            part(t)
    report.finish()


if __name__ == "__main__":
    main()
