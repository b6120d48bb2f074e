#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The sandbox holds: each forbidden thing is tried, by the main thread and by one started inside, and what is needed goes."""

import os
import signal
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

PROBE = os.path.join(os.environ.get("top_builddir", "."), "tests/check/sandbox_probe")
TRAPPED = 159  # 128 + SIGSYS


def probe(folder, readable, writable, where, what, path=""):
    p = subprocess.run([PROBE, readable, writable, where, what, path], capture_output=True, text=True, cwd=folder, timeout=60)
    return p.returncode, p.stdout.strip(), p.stderr


def main():
    if not os.path.exists(PROBE):
        dztest.skip("the probe is not built")
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        inside, outside = os.path.join(folder, "in"), os.path.join(folder, "out")
        for name in (inside, outside):
            os.mkdir(name)
            with open(os.path.join(name, "file"), "w") as f:
                f.write("x")
        code, state, _ = probe(folder, inside, "-", "main", "state")
        report.equal("entering", code, 0)
        landlock, seccomp = "landlock 0" not in state, "seccomp 1" in state
        if "instrumented" in state:  # sanitizers and coverage need what the sandbox forbids
            report.finish(state)
            return
        if not landlock and not seccomp:
            dztest.skip("neither mechanism is to be had here: " + state)
        for where in ("main", "thread"):
            if seccomp:
                trapped(report, folder, inside, where)
            if landlock:
                files(report, folder, inside, outside, where)
        links(report, folder)
    report.finish(state)


def links(report, folder):
    """A folder of captures may hold symbolic links; what they lead to is read, and nothing else is."""
    captures = os.path.join(folder, "captures")
    os.mkdir(captures)
    for name in ("dns.pcap", "ssh.pcap"):
        os.symlink(os.path.abspath(os.path.join(dztest.SOURCE, "pcaps", name)), os.path.join(captures, name))
    os.symlink(os.path.join(folder, "nowhere"), os.path.join(captures, "broken.pcap"))
    told = subprocess.run([dztest.PROGRAM, "-q", captures], capture_output=True, text=True, timeout=60)
    report.check(told.returncode == 1 and "broken.pcap" in told.stderr and "Permission" not in told.stderr,
                 "links in a folder: %s %s", told.returncode, told.stderr)
    os.unlink(os.path.join(captures, "broken.pcap"))
    web, doh = (os.path.join(dztest.SOURCE, "pcaps", name) for name in ("web.pcap", "doh.pcap"))
    told_beside = subprocess.run([dztest.PROGRAM, "compare", "-q", "--by", "input", "--yardstick", captures, web, doh],
                                 capture_output=True, text=True, timeout=60)
    report.equal("links in a folder that an option names", (told_beside.returncode, told_beside.stderr), (0, ""))
    report.check(told.stdout.count("\n") > 100, "flows of links in a folder: %s", told.stdout.count("\n"))


def trapped(report, folder, inside, where):
    """Ends by the trap, with the name of the call on standard error."""
    for what, name in (("socket", "socket"), ("exec", "execve"), ("fork", "clone"), ("mprotect", "mprotect"),
                       ("ptrace", "ptrace"), ("handler", "rt_sigaction"), ("kill", "kill"), ("mkdir", "mkdir"),
                       ("rename", "rename"), ("remove", "unlink")):
        code, out, err = probe(folder, inside, "-", where, what, os.path.join(inside, "new"))
        report.equal("%s in %s: output" % (what, where), out, "")
        if what == "fork" and code == -signal.SIGSYS:
            continue  # from glibc 2.41 on fork() blocks all signals, and a blocked trap ends the program without a word
        report.equal("%s in %s" % (what, where), code, TRAPPED)
        report.check("system call " + name in err, "%s in %s: says %r, not %s", what, where, err, name)
    code, out, _ = probe(folder, "-", "-", where, "read", os.path.join(inside, "file"))
    report.equal("opening where nothing may be read, in %s" % where, code, TRAPPED)
    report.equal("memory in %s" % where, probe(folder, inside, "-", where, "memory")[:2], (0, "allowed"))
    for readable in (inside, "-"):
        report.equal("memory given back in %s" % where, probe(folder, readable, "-", where, "give-back"), (0, "allowed", ""))


def files(report, folder, inside, outside, where):
    def expect(what, path, expected, writable="-"):
        code, out, err = probe(folder, inside, writable, where, what, path)
        report.equal("%s %s in %s (%s)" % (what, os.path.relpath(path, folder), where, err), (code, out), (0, expected))

    expect("read", os.path.join(inside, "file"), "allowed")
    expect("read", os.path.join(outside, "file"), "refused: Permission denied")
    expect("read", "/etc/passwd", "refused: Permission denied")
    expect("write", os.path.join(inside, "file"), "refused: Permission denied")
    expect("write", os.path.join(outside, "new-" + where), "allowed", outside)
    expect("write", os.path.join(inside, "new"), "refused: Permission denied", outside)
    expect("remove", os.path.join(inside, "file"), "refused: Permission denied", outside)
    expect("remove", os.path.join(outside, "new-" + where), "allowed", outside)


if __name__ == "__main__":
    main()
