#!/usr/bin/env python3
"""generate.py FOLDER [CASE]...: writes captures, and cases.json with what is to come of them.
generate.py --seeds FOLDER [CASE]...: writes a packet or two of each case, as tests/fuzz/fuzz_decode.c reads them.

cases.json is a list of cases: name, captures (files in FOLDER), options, layers to run with, the accounting of packets, and
the records expected. In a record, lengths[LAYER].source and .destination list every length that is measured, in order.
"""

import json
import os
import struct
import sys

import cases_below
import cases_connections
import cases_encap
import cases_flow
import cases_link
import cases_segments
import cases_tls
import cases_tunnels
from capture import FORMATS


def write(scene, folder):
    extension = scene.format
    names = scene.file_names
    if names is None:
        extension = {"pcap-be": "pcap", "pcap-nano": "pcap", "pcap-nano-be": "pcap", "pcapng-be": "pcapng",
                     "pcapng-nano": "pcapng"}.get(extension, extension)
        names = (["%s.%s" % (scene.name, extension)] if len(scene.captures) == 1 else
                 ["%s-%d.%s" % (scene.name, i, extension) for i in range(len(scene.captures))])
    if scene.operands == "directory":
        folder = os.path.join(folder, scene.name)
        os.makedirs(folder, exist_ok=True)
    for name, packets in zip(names, scene.captures):
        with open(os.path.join(folder, name), "wb") as out:
            out.write(FORMATS[scene.format](packets, scene.link.number))
    return scene.expected(names)


def generate(folder, only=()):
    """-> the cases, written to FOLDER"""
    cases = []
    for module in (cases_link, cases_encap, cases_flow, cases_connections, cases_segments, cases_tls, cases_below, cases_tunnels):
        for scene in module.cases():
            if not only or scene.name in only:
                cases.append(write(scene, folder))
    names = [case["name"] for case in cases]
    assert len(names) == len(set(names)), "two cases of one name"
    with open(os.path.join(folder, "cases.json"), "w") as out:
        json.dump(cases, out, indent=1)
        out.write("\n")
    return cases


def seeds(folder, only=()):
    """What decodes headers is to be tried with: the first packet of a case, and the shortest of those of its other flow."""
    for module in (cases_below, cases_tunnels):
        for scene in module.cases():
            if only and scene.name not in only:
                continue
            packets = scene.captures[0]
            chosen = packets[:1] + (sorted(packets[12:], key=lambda p: len(p.bytes))[:1])
            with open(os.path.join(folder, scene.name), "wb") as out:
                out.write(struct.pack(">HB", scene.link.number, 0))
                for beyond, packet in enumerate(chosen):
                    out.write(struct.pack(">HH", len(packet.bytes), beyond) + packet.bytes)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--seeds"]:
        seeds(sys.argv[2], sys.argv[3:])
        sys.exit()
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    print("%d cases in %s" % (len(generate(sys.argv[1], sys.argv[2:])), sys.argv[1]))
