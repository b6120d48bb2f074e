#!/usr/bin/env python3
"""How often captures of one service are told apart: makes src/stats/yardstick.def, and prints docs/STATISTICS.md's table.

    yardstick.py NDPI_CAPTURES    the folder of nDPI's test captures, or one with some of them

The project's captures and those, but no copies of one traffic; figures only, of each layer, as `compare --yardstick` has them.
"""

import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import dztest  # noqa: E402

OWN = ("background", "bittorrent", "dns", "doh", "dot", "instagram", "netflix", "quic", "ssh", "web")
LAYERS = ("ip", "payload", "frame", "tls", "tls-data")
LEAST = 5  # pairs
GAPS = (1, 3, 10, 30, 60)
HEAD = """/* SPDX-License-Identifier: BSD-2-Clause */
/* yardstick.def - how often captures of one service are told apart; made by tests/bench/yardstick.py, docs/STATISTICS.md
 * says of what: layer, place of the GAP, sessions drawn, pairs, labels, inputs, and the quartiles. */
"""


def lines(captures, layer, path):
    """The flows of each capture by itself."""
    with open(path, "wb") as out:
        for capture in captures:
            out.write(subprocess.run([dztest.PROGRAM, "-q", "-l", layer, capture], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False).stdout)


def rows(path):
    # Something has to be compared: two labels will do.
    done = subprocess.run([dztest.PROGRAM, "compare", "-q", "-F", "json", "--top", "2", "--yardstick", path, path], capture_output=True, check=True)
    return json.loads(done.stdout)["yardstick"]["rows"]


def main():
    if len(sys.argv) != 2 or not os.path.isdir(sys.argv[1]):
        sys.exit(__doc__)
    captures = [os.path.join(dztest.SOURCE, "pcaps", name + ".pcap") for name in OWN] + dztest.captures(sys.argv[1])
    table, text = ["| layer | GAP | sessions drawn | told apart: median | half of the pairs | pairs, labels, inputs |", "|---|---|---|---|---|---|"], HEAD
    with tempfile.TemporaryDirectory() as folder:
        for layer in LAYERS:
            path = os.path.join(folder, layer + ".jsonl")
            lines(captures, layer, path)
            for row in (r for r in rows(path) if r["pairs"] >= LEAST):
                low, median, high = row["quartiles"]
                text += "ROW(%s, %d, %d, %d, %d, %d, %.4f, %.4f, %.4f)\n" % (
                    layer.replace("-", "_").upper(), GAPS.index(row["gap"]), row["k"], row["pairs"], row["labels"], row["inputs"], low, median, high)
                if row["gap"] in (1, 10):
                    table.append("| %s | %d s | %d | %.0f %% | %.0f–%.0f %% | %d, %d, %d |" % (
                        layer, row["gap"], row["k"], 100 * median, 100 * low, 100 * high, row["pairs"], row["labels"], row["inputs"]))
    with open(os.path.join(dztest.SOURCE, "src", "stats", "yardstick.def"), "w", encoding="ascii") as f:
        f.write(text)
    print("\n".join(table))


if __name__ == "__main__":
    main()
