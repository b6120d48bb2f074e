#!/usr/bin/env python3
"""Runs the rows of TESTLIST and compares what is printed, byte for byte, with what was reviewed and kept in expected/.

golden.py [--refresh] [NAME]...   with --refresh, shows each difference and asks whether to take it over
"""

import difflib
import os
import re
import shlex
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "gen")]
import dztest  # noqa: E402
import lines  # noqa: E402
from generate import generate  # noqa: E402


def rows():
    with open(os.path.join(HERE, "TESTLIST"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def operand(word, folder):
    """The file that an input of a row, or a library that its options name, stands for."""
    kind, _, name = word.partition(":")
    if kind == "gen":
        generate(folder, [name])
        return os.path.join(folder, name + ".pcap")
    if kind == "lines":
        lines.write(os.path.join(folder, name + ".jsonl"), name)
        return os.path.join(folder, name + ".jsonl")
    if kind == "profile":
        library = os.path.join(folder, name.replace(":", "-") + ".json")
        subprocess.run([dztest.PROGRAM, "profile", "-q", "-o", library, operand(name, folder)], check=True)
        return library
    return os.path.join(dztest.SOURCE, "pcaps", word)


def output(inputs, options, folder):
    command = [dztest.PROGRAM]
    for word in shlex.split(options):
        command.append(operand(word, folder) if word.startswith("profile:") else word)
    command += ["-q"] + [operand(word, folder) for word in inputs.split()]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60,
                          env=dict(os.environ, LC_ALL="C.UTF-8", COLUMNS="120"))
    text = done.stdout.decode("utf-8").replace(folder + "/", "")
    # The versions of the program and of nDPI are no part of what is reviewed.
    text = re.sub(r'("product":"distribooze","version":)"[^"]*"', r'\1"VERSION"', text)
    text = re.sub(r'("ndpi":\{"version":)"[^"]*"', r'\1"VERSION"', text)
    # What is zero but for rounding depends on the compiler.
    text = re.sub(r"\b\d+(\.\d+)?e-(1\d|[2-9]\d)\b", "0", text)
    return text + done.stderr.decode("utf-8").replace(folder + "/", "") + ("exit status %d\n" % done.returncode if done.returncode else "")


def wrapped(text):
    """Long JSON lines as one member a line, so that a difference can be read."""
    return re.sub(r',(?=")|(?<=\})(?=\n)', ",\n   ", text).splitlines(keepends=True)


def expected_of(name):
    try:
        with open(os.path.join(HERE, "expected", name), encoding="utf-8") as f:
            return f.read()
    except FileNotFoundError:
        return ""


def refresh(name, got, difference):
    sys.stdout.writelines(difference)
    if input("take over %s? [y/N] " % name).strip().lower() != "y":
        return
    with open(os.path.join(HERE, "expected", name), "w", encoding="utf-8") as f:
        f.write(got)


def main():
    refreshing, named = "--refresh" in sys.argv, [a for a in sys.argv[1:] if not a.startswith("-")]
    version = subprocess.run([dztest.PROGRAM, "--version"], capture_output=True, check=False).stdout.decode()
    if "nDPI 4.2" not in version:
        dztest.skip("the labels kept are those of nDPI 4.2")
    report, names = dztest.Report(), set()
    for name, inputs, options in rows():
        report.check(name not in names, "two rows are named %s", name)
        names.add(name)
        if named and name not in named:
            continue
        with tempfile.TemporaryDirectory() as folder:
            got = output(inputs, options, folder)
        expected = expected_of(name)
        difference = list(difflib.unified_diff(wrapped(expected), wrapped(got), "expected/" + name, "now", n=2))
        if refreshing and difference:
            refresh(name, got, difference)
        elif not refreshing:
            report.check(not difference, "%s:\n%s", name, "".join(difference[:60]))
    left_over = set(os.listdir(os.path.join(HERE, "expected"))) - names
    report.check(not left_over, "no row expects %s", ", ".join(left_over))
    report.finish()


if __name__ == "__main__":
    main()
