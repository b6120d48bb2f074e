"""JSON lines for the rows of the statistics: few flows, many groups, names as strangers might choose them.

Every number follows from the place of a flow among the others, so nothing changes but by changing this file.
"""

import json

BINS, WIDTH = 8, 192
START = "2026-11-25T%02d:%02d:%02d.000000Z"

# What is met in captures and rules files, and what nobody should meet in a terminal, a table or a spreadsheet.
NAMES = ["SSH", "DoH_DoT", "QUIC", "ICMP", "two\nlines", "\x1b[31mred\x1b[0m", "=SUM(A1:A9)", 'a,b "c"', "宽い名前", "right\u202eleft", "line\u2028end",
         " edge ", "C1\x9bm", "a name that is longer than any column of a table is wide", "-1", "Caf\xe9", "last"]


def ends(group, flow):
    """(protocol, source, destination, more of distribooze); the fourth group is ICMP: destination unreachable, of several codes."""
    if NAMES[group] == "ICMP":
        return 1, {"ip": "192.0.2.%d" % (1 + flow)}, {"ip": "198.51.100.4"}, {"icmp": {"type": 3, "code": flow}}
    if NAMES[group] == "QUIC":
        return 17, {"ip": "2001:db8::%x" % (1 + flow), "port": 50000 + flow}, {"ip": "2001:db8:ffff::1", "port": 443}, {}
    if NAMES[group] == "last":
        return 47, {"ip": "192.0.2.1"}, {"ip": "198.51.100.47"}, {}
    return 6, {"ip": "192.0.2.%d" % (1 + flow % 3), "port": 40000 + 100 * group + flow}, {"ip": "198.51.100.%d" % (10 + group), "port": 22 + group}, {}


def vectors(group, flow, shift):
    """Most lengths in a bin of the group's own, some beside it; what the responder sends is longer."""
    source, destination = [0] * BINS, [0] * BINS
    source[(group + shift) % BINS] = 8 + flow
    source[(group + shift + flow) % BINS] += 2
    destination[(group + shift + 3) % BINS] = 5
    destination[BINS - 1] += flow
    return source, destination


def side(counts):
    return {"count": sum(counts), "counts": counts}


def line(group, flow, name, shift):
    protocol, source, destination, more = ends(group, flow)
    counts = vectors(group, flow, shift)
    both = [a + b for a, b in zip(*counts)]
    for end, vector in zip((source, destination), counts):
        end.update(packets=sum(vector), bytes=sum(k * WIDTH + 100 for k, n in enumerate(vector) for _ in range(n)))
    second = 600 * group + 45 * flow
    lengths = {"layer": "ip", "bin_width": WIDTH, "count": sum(both), "min": 100, "max": 1500, "sum": source["bytes"] + destination["bytes"],
               "counts": both, "source": side(counts[0]), "destination": side(counts[1])}
    return {"event": {"id": "%032x" % (group * 4096 + flow), "start": START % (second // 3600, second // 60 % 60, second % 60),
                      "end": START % (second // 3600, second // 60 % 60, second % 60 + 5)},
            "source": source, "destination": destination, "network": {"iana_number": str(protocol)},
            "distribooze": {"schema": "1", "input": name + ".pcap", "label": NAMES[group], **more, "lengths": lengths}}


def flows_of(group):
    return 7 - group * 5 // len(NAMES)


def lines(name):
    """groups: all of them. two, few: the first two and five, the one as in `groups`, the other a bin further up."""
    count, shift = {"groups": (len(NAMES), 0), "two": (2, 0), "few": (5, 1)}[name]
    return [line(group, flow, name, shift) for group in range(count) for flow in range(flows_of(group))]


def write(path, name):
    with open(path, "w", encoding="utf-8") as f:
        for record in lines(name):
            f.write(json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n")
