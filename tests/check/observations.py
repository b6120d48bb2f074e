#!/usr/bin/env python3
"""docs/OBSERVATIONS.md says what the program says: every command in it is run again, and must print what stands there.

    observations.py            compare; exit 1 when the document and the program disagree
    observations.py --update   write what the program prints into the document, for a person to read and to commit

Commands are the lines of ```console blocks that begin with "$ " (continued by "> "); what follows is their output. They run
in the source folder; $SEED is the folder of captures that are not part of the project, and what needs it is left out
where it is missing. Skipped as a whole with another nDPI than 4.2, whose labels these are, and without jq.
"""

import difflib
import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

DOCUMENT = os.path.join(dztest.SOURCE, "docs", "OBSERVATIONS.md")
SEED = os.path.join(dztest.TESTDATA, "pcaps", "seed")
BLOCK = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.S | re.M)


def commands(block):
    """-> [(lines of the command, its output)]"""
    found = []
    for line in block.splitlines(keepends=True):
        if line.startswith("$ "):
            found.append([[line], ""])
        elif line.startswith("> ") and not found[-1][1]:
            found[-1][0].append(line)
        else:
            found[-1][1] += line
    return found


def run(lines):
    environment = dict(os.environ, SEED=SEED, LC_ALL="C.UTF-8", TZ="UTC",
                       PATH=os.path.dirname(os.path.abspath(dztest.PROGRAM)) + os.pathsep + os.environ["PATH"])
    command = "".join(line[2:] for line in lines)
    done = subprocess.run(["sh", "-c", command], cwd=dztest.SOURCE, env=environment, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=60, check=False)
    return done.stdout.decode("utf-8")


def main():
    report, counted = dztest.Report(), {"run": 0, "left out": 0}
    dztest.need("jq")
    version = subprocess.run([dztest.PROGRAM, "--version"], capture_output=True, check=True).stdout.decode()
    if not re.search(r"^nDPI 4\.2\b", version, re.M):
        dztest.skip("the labels in the document are those of nDPI 4.2")
    there = os.path.isdir(SEED)

    def again(match):
        text = ""
        for lines, output in commands(match.group(1)):
            if "$SEED" in "".join(lines) and not there:
                counted["left out"] += 1
                text += "".join(lines) + output
                continue
            counted["run"] += 1
            now = run(lines)
            difference = "".join(difflib.unified_diff(output.splitlines(True), now.splitlines(True), "document", "program"))
            report.check(now == output, "%s%s", "".join(lines), difference)
            text += "".join(lines) + now
        return text

    with open(DOCUMENT, encoding="utf-8") as f:
        old = f.read()
    new = BLOCK.sub(again, old)
    if sys.argv[1:] == ["--update"]:
        with open(DOCUMENT, "w", encoding="utf-8") as f:
            f.write(new)
        print("%d commands run" % counted["run"])
        return
    report.check(counted["run"] > 0, "no commands in %s", DOCUMENT)
    if report.wrong:
        print("observations.py --update writes what the program prints now into the document; read it before you commit it")
    report.finish("%d commands run, %d left out for want of %s" % (counted["run"], counted["left out"], SEED) if not there
                  else "%d commands run" % counted["run"])


main()
