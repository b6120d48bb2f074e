#!/usr/bin/env python3
"""One call fails, then the next one, and so on: what twenty command lines do about it.

    drive.py [--long] [--jobs N] [COMMAND-LINE-NAME]...

Each command line is run under shim.c with the n-th allocation, read, write, open, close, stat, rename, fsync or thread
failing: every call of the program's own where they are few, a sample of many and of the libraries'. Wrong is:
  crash        ended by a signal other than the abort that the manual names, with "out of memory" said
  hang         not ended within half a minute
  incomplete   exit status 0, and the output is not that of an undisturbed run
  silent       another exit status, and no message
  lost         an output file that was there is neither whole nor as it was: of statistics, where an input that could not
               be read is said to be missing and the rest is all there; flows are written as they end, so of theirs there
               must be whole lines
What dies inside a library in want of memory is counted, not judged: json-c and libgcrypt do not look, and libseccomp goes
round for ever when it cannot have a piece of the filter it makes.
A file is compared with what the same command line gives undisturbed. `make check` takes a small sample, --long all.
"""

import argparse
import collections
import concurrent.futures
import errno
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import dztest  # noqa: E402

KINDS = {"alloc": [errno.ENOMEM], "read": [errno.EIO], "write": [errno.ENOSPC, errno.EINTR], "open": [errno.EMFILE], "close": [errno.EIO],
         "thread": [errno.EAGAIN], "rename": [errno.EACCES], "sync": [errno.EIO], "stat": [errno.EIO]}
OLD = b'{"old":"but good"}\n'
TIME = 30
LINES, WHOLE = 1, 2  # how OUT is written: as flows end, or in one piece


def command_lines(folder):
    """{name: (arguments, standard input or None, how OUT is written)}"""
    captures = os.path.join(dztest.SOURCE, "pcaps")
    ssh, web, lines, library = os.path.join(captures, "ssh.pcap"), os.path.join(captures, "web.pcap"), *(
        os.path.join(folder, name) for name in ("lines.jsonl", "library.json"))
    return {
        "flows": ([ssh], None, 0),
        "flows -o": (["-o", "OUT", ssh], None, LINES),
        "flows -j 3 -o": (["-j", "3", "-o", "OUT", ssh, web], None, LINES),
        "flows -F csv": (["-F", "csv", ssh], None, 0),
        "flows -F bulk": (["-F", "bulk", ssh], None, 0),
        "flows -F table": (["-F", "table", ssh], None, 0),
        "flows gzip": (["-o", "OUT", os.path.join(folder, "ssh.pcap.gz")], None, LINES),
        "flows stdin": (["-"], ssh, 0),
        "flows stdin gzip": (["-"], os.path.join(folder, "ssh.pcap.gz"), 0),
        "flows folder": (["-o", "OUT", os.path.join(captures, "rotated")], None, LINES),
        "flows --stats": (["--stats", "OUT", ssh], None, LINES),
        "flows --protocols": (["--protocols", os.path.join(dztest.SOURCE, "tests", "oracle", "protocols.txt"), ssh], None, 0),
        "compare": (["compare", lines], None, 0),
        "compare -o": (["compare", "-F", "json", "-o", "OUT", lines], None, WHOLE),
        "compare stdin": (["compare", "-F", "json", "-"], lines, 0),
        "compare library -o": (["compare", "-F", "json", "--baseline", library, "-o", "OUT", lines, library], None, WHOLE),
        "cluster -o": (["cluster", "-F", "json", "-o", "OUT", lines], None, WHOLE),
        "profile -o": (["profile", "-o", "OUT", lines], None, WHOLE),
        "profile library -o": (["profile", "-o", "OUT", lines, library], None, WHOLE),
        "score": (["score", "--profiles", library, lines], None, 0),
        "score --evaluate -o": (["score", "--evaluate", "-F", "json", "-o", "OUT", "--profiles", library, lines], None, WHOLE),
        "report -o": (["report", "-o", "OUT", lines], None, WHOLE),
    }


def prepare(folder):
    captures = os.path.join(dztest.SOURCE, "pcaps")
    shim = os.path.join(folder, "shim.so")
    made = subprocess.run(["cc", "-O1", "-fPIC", "-shared", "-o", shim, os.path.join(HERE, "shim.c"), "-ldl", "-pthread"], capture_output=True,
                          text=True, check=False)
    if made.returncode:
        dztest.skip("the shim cannot be built here: %s" % made.stderr.strip().split("\n")[-1])
    with open(os.path.join(folder, "ssh.pcap.gz"), "wb") as f:
        subprocess.run(["gzip", "-c", os.path.join(captures, "ssh.pcap")], stdout=f, check=True)
    with open(os.path.join(folder, "lines.jsonl"), "wb") as f:
        subprocess.run([dztest.PROGRAM, "-q", os.path.join(captures, "ssh.pcap"), os.path.join(captures, "web.pcap")], stdout=f, check=True)
    subprocess.run([dztest.PROGRAM, "profile", "-q", "-o", os.path.join(folder, "library.json"), os.path.join(folder, "lines.jsonl")], check=True)
    return shim


class Result:
    def __init__(self, status, data, file, said, calls, struck, left):
        self.status, self.data, self.file, self.said, self.calls, self.struck, self.left = status, data, file, said, calls, struck, left


def run(shim, folder, line, kind, at, number, own):
    arguments, stdin, writes = line
    scratch = tempfile.mkdtemp(dir=folder)
    try:
        out, report = os.path.join(scratch, "out"), os.path.join(scratch, "report")
        if writes:
            with open(out, "wb") as f:
                f.write(OLD)
        environment = dict(os.environ, LD_PRELOAD=shim, FAULT_KIND=kind, FAULT_AT=str(at), FAULT_ERRNO=str(number), FAULT_REPORT=report,
                           DISTRIBOOZE_HASH_SEED="1")
        if own:
            environment["FAULT_OWN"] = "1"
        with open(stdin or os.devnull, "rb") as source:
            process = subprocess.Popen([dztest.PROGRAM, *[out if a == "OUT" else a for a in arguments]], stdin=source, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, env=environment, cwd=scratch)
            try:
                data, said = process.communicate(timeout=TIME)
                status = process.returncode
            except subprocess.TimeoutExpired:
                process.kill()
                data, said = process.communicate()
                status = None
        file = None
        if writes and os.path.exists(out):
            with open(out, "rb") as f:
                file = f.read()
        calls, struck = 0, False
        if os.path.exists(report):
            with open(report, encoding="ascii") as f:
                words = f.read().split()
            if len(words) == 2:
                calls, struck = int(words[0]), words[1] == "1"
        left = sorted(set(os.listdir(scratch)) - {"out", "report"})
        return Result(status, data, file, said.decode("utf-8", "replace"), calls, struck, left)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def plain(data):
    """Without what no two runs have in common."""
    return re.sub(rb'"seconds":[0-9.e+-]+', b"", data or b"")


def is_document(data):
    """One JSON object on its lines, or a page."""
    if not data or not data.endswith(b"\n"):
        return False
    try:
        return data.rstrip().endswith(b"</html>") or bool(json.loads(data))
    except ValueError:
        return False


def judge(whole, got, writes, kind, own):
    """What is wrong: a word, or None; "library" is what a library does for want of memory."""
    if got.status is None:
        return "library" if kind == "alloc" and not own else "hang"
    aborted = got.status == -signal.SIGABRT and "out of memory" in got.said
    if got.status < 0 and not aborted:
        return "library" if kind == "alloc" and not own else "crash"
    same = plain(got.data) == plain(whole.data) and plain(got.file) == plain(whole.file)
    if got.status == 0 and not same:
        return "incomplete"
    if got.status not in (0,) and not got.said.strip():
        return "silent"
    if writes == WHOLE and not same and got.file != OLD and not is_document(got.file):
        return "lost"
    if writes == LINES and got.file and not got.file.endswith(b"\n"):
        return "half a line"
    return None


def numbers(rng, total, most):
    if total <= most:
        return list(range(1, total + 1))
    first, last = range(1, most // 3), range(total - most // 3 + 1, total + 1)  # where it begins, and where output is made
    return sorted({*first, *last, *rng.sample(range(1, total + 1), most - len(first) - len(last))})


def plan(options, rng, shim, folder, line, whole):
    """The faults to try: (kind, at, errno, own)."""
    for kind, errors in KINDS.items():
        for own in (True, False) if kind == "alloc" else (False,):
            total = run(shim, folder, line, kind, 0, 0, own).calls
            most = 10**9 if options.long and (own or kind != "alloc") else 200 if options.long else 12 if own else 6
            for at in numbers(rng, total, most):
                for number in errors if options.long or kind != "write" else errors[:1]:
                    yield kind, at, number, own


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--long", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("name", nargs="*")
    options = parser.parse_args()
    rng, report, tally, runs = random.Random(1), dztest.Report(), collections.Counter(), 0
    with tempfile.TemporaryDirectory() as folder:
        shim = prepare(folder)
        for name, line in command_lines(folder).items():
            if options.name and name not in options.name:
                continue
            whole = run(shim, folder, line, "none", 0, 0, False)
            if not report.check(whole.status == 0, "%s: undisturbed: exit status %s: %s", name, whole.status, whole.said):
                continue
            faults = list(plan(options, rng, shim, folder, line, whole))
            with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
                results = pool.map(lambda fault, line=line: run(shim, folder, line, *fault), faults)
                for (kind, at, number, own), got in zip(faults, results):
                    runs += got.struck
                    wrong = judge(whole, got, line[2], kind, own) if got.struck else None
                    tally[wrong] += 1
                    report.check(wrong in (None, "library"), "%s: %s: %s %d of %s fails with %s: exit status %s: %s", wrong, name, kind, at,
                                 "the program" if own else "all", errno.errorcode[number], got.status, got.said.strip()[-200:])
                    report.check(not got.left or got.status != 0, "%s: leaves %s", name, got.left)
    report.check(runs > (10 if options.name else 400), "only %d faults were struck", runs)
    report.finish("%d faults struck, %d died in a library for want of memory" % (runs, tally["library"]))


if __name__ == "__main__":
    main()
