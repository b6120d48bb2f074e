#!/usr/bin/env python3
"""The layers of docs/ARCHITECTURE.md, enforced from the #include lines; who may print, and who may exit.

A file's layer is its folder under src/; what a layer may use is the column "uses" of the table there.
"""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

# Third-party headers, and the files that may include them.
THIRD = [
    (r"^pcap", r"^src/capture/(filter|source_live)"),
    (r"^ndpi", r"^src/classify/(classify_ndpi|ndpi_compat)"),
    (r"^json", r"^src/(record/json_(build|tree)|stats/(profile_json|cells_json|json_get)|render/|report/|cmd/(run_stats_json|live_stats))"),
    (r"^(zlib|zstd)", r"^src/base/(un)?pack"),
    (r"^libpsl", r"^src/stats/domain"),
    (r"^nettle", r"^src/(record|flow)/|^src/report/report_html"),
    (r"^xxhash", r"^src/(base|record|capture|decode|flow|stats|math)/"),
    (r"^(seccomp|linux/landlock|sys/capability)", r"^src/sandbox/"),
    (r"^sys/un", r"^src/output/notify"),
    (r"^pthread", r"^src/(engine/|output/write_queue|base/parallel|capture/live_clock|base/stream_ahead|classify/classify\.h|input/parse_ring|input/runs)"),
]

PRINTERS = r"^src/(cmd/|main\.c|base/log\.c)"
PRINTING = re.compile(r"\b(printf|puts|putchar|perror|vprintf)\s*\(|\b\w*(print|put)\w*\s*\([^;]*\b(stdout|stderr)\b")
EXITING = re.compile(r"\b(_?exit|quick_exit|abort|assert)\s*\(")
LONGEST = 700
LICENCE = "/* SPDX-License-Identifier: BSD-2-Clause */\n"


def strip(text):
    """The code without comments and strings, lines kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def sources():
    for folder, _, names in os.walk(os.path.join(dztest.SOURCE, "src")):
        for name in sorted(names):
            if name.endswith((".c", ".h")):
                yield os.path.relpath(os.path.join(folder, name), dztest.SOURCE)


def layers():
    """layer → the layers it may include, itself among them: the table of docs/ARCHITECTURE.md."""
    with open(os.path.join(dztest.SOURCE, "docs/ARCHITECTURE.md"), encoding="utf-8") as f:
        rows = re.findall(r"^\| `(\w+)` \|[^|]*\|([^|]*)\|[^|]*\|$", f.read(), re.M)
    return {name: {name} | set(uses.split()) for name, uses in rows}


def main():
    report = dztest.Report()
    below = layers()
    below["main"] = {"base", "cmd"}
    paths = list(sources())
    report.check(len(paths) > 20, "only %d sources found under %s", len(paths), dztest.SOURCE)
    for path in paths:
        with open(os.path.join(dztest.SOURCE, path), encoding="utf-8") as f:
            text = f.read()
        module = os.path.basename(path)[:-2]
        layer = "main" if path == "src/main.c" else path.split("/")[1]
        includes = re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', text, re.M)
        if report.check(layer in below, "%s: docs/ARCHITECTURE.md has no layer %s", path, layer):
            check_includes(report, path, below[layer], includes)
        if path.endswith(".c"):
            check_order(report, path, layer, module, includes)
        check_calls(report, path, strip(text))
        report.check(text.count("\n") <= LONGEST, "%s: %d lines, more than %d", path, text.count("\n"), LONGEST)
        report.check(text.startswith(LICENCE), "%s: does not begin with %s", path, LICENCE.strip())
        report.check(text[len(LICENCE):].startswith("/*"), "%s: no comment at its top says what it is for", path)
    report.finish("%d files" % len(paths))


def check_includes(report, path, allowed, includes):
    for kind, name in includes:
        if kind == '"' and name != "config.h":
            there = name.split("/")[0]
            report.check("/" in name and there in allowed, "%s may not include %s", path, name)
            report.check(not name.endswith("_internal.h") or os.path.dirname(path) == "src/" + there,
                         "%s: %s is private to src/%s", path, name, there)
        for third, where in THIRD:
            if kind == "<" and re.search(third, name):
                report.check(re.search(where, path), "%s: <%s> belongs in its adapter only", path, name)


def check_order(report, path, layer, module, includes):
    """config.h first, then the module's own header."""
    names = [name for _, name in includes]
    report.check(names[:1] == ["config.h"], "%s: config.h is not included first", path)
    own = "%s/%s.h" % (layer, module)
    if own in names:
        report.check(names[1] == own, "%s: its own header is not included first", path)


def check_calls(report, path, code):
    for number, line in enumerate(code.split("\n"), 1):
        if not re.match(PRINTERS, path):
            report.check(not PRINTING.search(line), "%s:%d: prints: %s", path, number, line.strip())
        # Out of memory ends the program, see mem.h; a forbidden system call does, see sandbox.h.
        if path not in ("src/main.c", "src/cmd/signals.c", "src/base/mem.c", "src/sandbox/seccomp.c"):
            report.check(not EXITING.search(line), "%s:%d: exits: %s", path, number, line.strip())


if __name__ == "__main__":
    main()
