#!/usr/bin/env python3
"""The layers of docs/ARCHITECTURE.md, enforced from the #include lines; who may print, and who may exit.

A file's layer is its folder under src/; a header's layer is that of the source of its name.
"""

import os
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

# What each layer may include from include/distribooze.
BELOW = {
    "base": {"base"},
    "core": {"base", "core"},
    "capture": {"base", "core", "capture"},
    "classify": {"base", "core", "classify"},
    "flow": {"base", "core", "classify", "flow"},
    "sink": {"base", "core", "sink"},
    "stats": {"base", "core", "stats"},
    "engine": {"base", "core", "capture", "classify", "flow", "sink", "engine"},
    "cmd": {"base", "core", "capture", "classify", "flow", "sink", "stats", "engine", "cmd"},
    "main": {"base", "cmd"},
}

# Headers without a source of their name.
HEADERS = {"packet": "core", "cursor": "base", "flow_record": "core"}

# Exceptions to BELOW, each with its reason.
ALLOWED = {
    ("src/flow", "tls_records"): "layers tls and tls-data follow records in the order of a flow's segments",
}

# Third-party headers, and the files that may include them.
THIRD = [
    (r"^pcap", r"^src/capture/(source|inputs)"),
    (r"^ndpi", r"^src/classify/(classify_ndpi|ndpi_compat)"),
    (r"^json", r"^src/(core/record_json|stats/|engine/account_json)"),  # the last two: writers of statistics
    (r"^(zlib|zstd)", r"^src/capture/(decompress|source)"),
    (r"^nettle", r"^src/core/|^src/flow/|^src/stats/report_html"),
    (r"^xxhash", r"^src/(core|capture|flow|stats)/"),
    (r"^pthread", r"^src/(engine/|capture/decompress)"),
]

PRINTERS = r"^src/(cmd/|main\.c|base/log\.c)"
PRINTING = re.compile(r"\b(printf|puts|putchar|perror|vprintf)\s*\(|\b\w*(print|put)\w*\s*\([^;]*\b(stdout|stderr)\b")
EXITING = re.compile(r"\b(_?exit|quick_exit|abort|assert)\s*\(")
LONGEST = 700


def strip(text):
    """The code without comments and strings, lines kept."""
    pattern = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
    return pattern.sub(lambda m: re.sub(r"[^\n]", " ", m.group(0)), text)


def sources():
    for top in ("src", "include"):
        for folder, _, names in os.walk(os.path.join(dztest.SOURCE, top)):
            for name in sorted(names):
                if name.endswith((".c", ".h")):
                    yield os.path.relpath(os.path.join(folder, name), dztest.SOURCE)


def layer_of(path):
    return "main" if path == "src/main.c" else path.split("/")[1]


def main():
    report = dztest.Report()
    paths = list(sources())
    report.check(len(paths) > 20, "only %d sources found under %s", len(paths), dztest.SOURCE)
    home = dict(HEADERS)  # module → layer
    for path in paths:
        if path.endswith(".c") and path != "src/main.c":
            home[os.path.basename(path)[:-2]] = layer_of(path)
    for path in paths:
        with open(os.path.join(dztest.SOURCE, path), encoding="utf-8") as f:
            text = f.read()
        module = os.path.basename(path)[:-2]
        if path.startswith("include/"):
            if not report.check(module in home, "%s: no source of its name under src/", path):
                continue
            layer = home[module]
        else:
            layer = layer_of(path)
        includes = re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', text, re.M)
        check_includes(report, path, layer, includes, home)
        if path.endswith(".c"):
            check_order(report, path, module, includes)
        check_calls(report, path, strip(text))
        report.check(text.count("\n") <= LONGEST, "%s: %d lines, more than %d", path, text.count("\n"), LONGEST)
        report.check(text.lstrip().startswith("/*"), "%s: does not begin with a comment that says what it is for", path)
    report.finish("%d files" % len(paths))


def check_includes(report, path, layer, includes, home):
    if not report.check(layer in BELOW, "%s: a layer that nobody knows", path):
        return
    for _, name in includes:
        if name.startswith("distribooze/"):
            used = name[len("distribooze/"):-2]
            there = home.get(used)
            fine = there in BELOW[layer] or (os.path.dirname(path), used) in ALLOWED
            report.check(fine, "%s: layer %s may not include %s of layer %s", path, layer, name, there)
        for third, where in THIRD:
            if re.search(third, name):
                report.check(re.search(where, path), "%s: <%s> belongs in its adapter only", path, name)
        if not name.startswith("distribooze/") and "/" not in name and name.endswith(".h"):
            private = [p for p in sources_named(name)]
            if private:
                report.check(os.path.dirname(path) in private, "%s: %s is private to %s", path, name, private[0])


_NAMED = {}


def sources_named(name):
    if not _NAMED:
        for path in sources():
            if path.startswith("src/") and path.endswith(".h"):
                _NAMED.setdefault(os.path.basename(path), []).append(os.path.dirname(path))
    return _NAMED.get(name, [])


def check_order(report, path, module, includes):
    """config.h first, then the module's own header."""
    names = [name for _, name in includes]
    report.check(names[:1] == ["config.h"], "%s: config.h is not included first", path)
    own = "distribooze/%s.h" % module
    if own in names:
        report.check(names[1] == own, "%s: its own header is not included first", path)


def check_calls(report, path, code):
    for number, line in enumerate(code.split("\n"), 1):
        if not re.match(PRINTERS, path):
            report.check(not PRINTING.search(line), "%s:%d: prints: %s", path, number, line.strip())
        if path not in ("src/main.c", "src/base/mem.c"):  # out of memory ends the program, see mem.h
            report.check(not EXITING.search(line), "%s:%d: exits: %s", path, number, line.strip())


if __name__ == "__main__":
    main()
