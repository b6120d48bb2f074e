#!/usr/bin/env python3
"""generate.py FOLDER [CASE]...: writes captures, and cases.json with what is to come of them.

cases.json is a list of cases: name, captures (files in FOLDER), options, layers to run with, the accounting of packets, and
the records expected. In a record, lengths[LAYER].source and .destination list every length that is measured, in order.
"""

import json
import os
import sys

import cases_connections
import cases_encap
import cases_flow
import cases_link
import cases_tls
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
    for module in (cases_link, cases_encap, cases_flow, cases_connections, cases_tls):
        for scene in module.cases():
            if not only or scene.name in only:
                cases.append(write(scene, folder))
    names = [case["name"] for case in cases]
    assert len(names) == len(set(names)), "two cases of one name"
    with open(os.path.join(folder, "cases.json"), "w") as out:
        json.dump(cases, out, indent=1)
        out.write("\n")
    return cases


if __name__ == "__main__":
    if len(sys.argv) < 2:
        sys.exit(__doc__)
    os.makedirs(sys.argv[1], exist_ok=True)
    print("%d cases in %s" % (len(generate(sys.argv[1], sys.argv[2:])), sys.argv[1]))
