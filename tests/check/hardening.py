#!/usr/bin/env python3
"""The program is as hard as configure said: position-independent, relocations read-only from the start, no stack that
can be executed, canaries on stacks, copies that are checked. Read from the binary, with readelf and nm."""

import os
import re
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402


def output(*command):
    return subprocess.run(command, stdout=subprocess.PIPE, check=True, text=True).stdout


def main():
    dztest.need("readelf")
    with open(os.path.join(dztest.BUILD, "Makefile"), encoding="utf-8") as f:
        makefile = f.read()
    flags, link = (re.search(r"^%s = *(.*)$" % name, makefile, re.M)[1] for name in ("DZ_FLAGS", "DZ_LDFLAGS"))
    if not link:
        dztest.skip("configured without hardening")
    report = dztest.Report()
    header, segments, dynamic = (output("readelf", "-W", option, dztest.PROGRAM) for option in ("-h", "-l", "-d"))
    symbols = output("readelf", "-W", "--dyn-syms", dztest.PROGRAM)
    # A flag that the tools took must show; one that they did not is told.
    for flag, what, there in (
            ("-pie", "position-independent", re.search(r"Type: +DYN", header)),
            ("-z,relro", "relocations are made read-only", "GNU_RELRO" in segments),
            ("-z,now", "symbols are bound before main", re.search(r"BIND_NOW|Flags:.*NOW", dynamic)),
            ("-z,noexecstack", "no stack is executed", re.search(r"GNU_STACK +\S+ \S+ \S+ \S+ \S+ RW ", segments)),
            ("-fstack-protector-strong", "stacks have canaries", "__stack_chk_fail" in symbols),
            ("-D_FORTIFY_SOURCE", "copies are checked", re.search(r"__\w+_chk\b(?<!__stack_chk)", symbols))):
        if flag in flags + link:
            report.check(there, "not so: %s (%s)", what, flag)
        else:
            print("note: no %s here" % flag)
    report.check(report.checks >= 4, "the tools took only %d of six", report.checks)
    report.finish()


if __name__ == "__main__":
    main()
