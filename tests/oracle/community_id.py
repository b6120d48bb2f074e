#!/usr/bin/env python3
"""Community IDs against the baseline of the specification, default seed and seed 1.

A row is one flow direction of one of six captures. For TCP, UDP and SCTP our record must have the row's ends and its ID; for
ICMP, whose rows hold the message types in place of ports, the ends' addresses and the ID.
"""

import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402
import pcapread  # noqa: E402

WITH_PORTS = 6, 17, 132


def flow(proto, a, ap, b, bp):
    ends = sorted([(a, ap if proto in WITH_PORTS else None), (b, bp if proto in WITH_PORTS else None)], key=str)
    return (proto, *ends)


def main():
    report, schema = dztest.Report(), dztest.Schema()
    folder = dztest.testdata("oracles", "community-id")
    captures = dztest.captures(folder)
    protocols = {ip.protocol for path in captures for ip in map(pcapread.ip, pcapread.read(path)) if ip}
    for baseline, options in (("baseline_deflt.json", []), ("baseline_seed1.json", ["--community-id-seed", "1"])):
        with open(os.path.join(folder, baseline), encoding="utf-8") as f:
            rows = json.load(f)
        ours = {}
        for path in captures:
            run = dztest.Run("-q", "--no-expiry", "--no-tunnels", *options, path)
            report.equal(os.path.basename(path) + ": exit status", run.exit, 0)
            schema.check(report, os.path.basename(path), run.records)
            dztest.accounting(report, os.path.basename(path), run)
            for record in run.records:
                network = record["network"]
                k = flow(int(network["iana_number"]), record["source"]["ip"], record["source"].get("port", 0),
                         record["destination"]["ip"], record["destination"].get("port", 0))
                ours.setdefault(k, set()).add(network["community_id"])
        told, absent = {}, 0
        for row in rows:
            if row["proto"] not in protocols:
                absent += 1
                continue
            k = flow(row["proto"], row["saddr"], row["sport"], row["daddr"], row["dport"])
            told.setdefault(k, set()).add(row["communityid"])
            report.check(row["communityid"] in ours.get(k, ()), "%s: %s: got %s, expected %s", baseline, k,
                         sorted(ours.get(k, ())), row["communityid"])
        for k, ids in ours.items():
            report.check(k in told and ids <= told[k], "%s: %s: %s is not in the baseline", baseline, k, sorted(ids))
        print("%s: %d rows, of which %d of a protocol that none of the captures holds" % (baseline, len(rows), absent))
    report.finish()


if __name__ == "__main__":
    main()
