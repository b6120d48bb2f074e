#!/usr/bin/env python3
"""Certificates (SHA-1, validity) and what clients offer (ALPN, versions) against tshark, on every capture with TLS over TCP.

Only flows in which both of them found something are compared: nDPI stops at the first certificate it has whole, tshark
reassembles everything.
"""

import collections
import datetime
import hashlib
import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

FIELDS = ["ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "tls.handshake.certificate", "x509af.utcTime", "tls.handshake.extensions_alpn_str",
          "tls.handshake.extensions.supported_version", "tls.handshake.type"]
# tls.handshake.extensions.supported_version, as nDPI writes it.
VERSIONS = {0x0304: "TLSv1.3", 0x0303: "TLSv1.2", 0x0302: "TLSv1.1", 0x0301: "TLSv1"}


def tshark(path):
    """-> {client and server: {"sha1", "not_before", "not_after", "alpn", "versions"}}, of the first of each"""
    command = ["tshark", "-n", "-r", path, "-Y", "tls.handshake.type == 1 || tls.handshake.certificate", "-T", "fields", "-E", "separator=\t",
               "-E", "aggregator=;"]
    for field in FIELDS:
        command += ["-e", field]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False, timeout=120)
    found = collections.defaultdict(dict)
    for line in done.stdout.split("\n"):
        row = (line.split("\t") + [""] * len(FIELDS))[:len(FIELDS)]
        source, sport, destination, dport, certificate, times, alpn, versions, types = row
        if ";" in source or not source:
            continue  # tunnels
        if certificate:
            flow = found[(destination, dport, source, sport)]
            if "sha1" not in flow:
                flow["sha1"] = hashlib.sha1(bytes.fromhex(certificate.split(";")[0].replace(":", ""))).hexdigest().upper()
                stamps = [datetime.datetime.strptime(t[:19], "%Y-%m-%d %H:%M:%S").strftime("%Y-%m-%dT%H:%M:%SZ")
                          for t in times.split(";")[:2] if t[:2] in ("19", "20")]
                if len(stamps) == 2:
                    flow["not_before"], flow["not_after"] = stamps
        if "1" in types.split(";"):
            flow = found[(source, sport, destination, dport)]
            if alpn:
                flow.setdefault("alpn", alpn.split(";"))
            if versions:
                flow.setdefault("versions", [VERSIONS[int(v, 16)] for v in versions.split(";") if int(v, 16) in VERSIONS])
    return found


def compare(report, path, compared):
    run = dztest.Run("-q", "--no-tunnels", "--no-expiry", path, stats=False)
    mine = {}
    for record in run.records:
        if "tls" in record and record["network"].get("transport") == "tcp":
            mine[(record["source"]["ip"], str(record["source"]["port"]), record["destination"]["ip"], str(record["destination"]["port"]))] = record
    if not mine:
        return
    theirs = tshark(path)
    for key, record in mine.items():
        server, client = record["tls"].get("server", {}), record["distribooze"].get("tls", {})
        ours = {"sha1": server.get("hash", {}).get("sha1"), "not_before": server.get("not_before"), "not_after": server.get("not_after"),
                "alpn": client.get("alpn"), "versions": [v for v in client["versions"] if v in VERSIONS.values()] if "versions" in client else None}
        for name, value in ours.items():
            if value and theirs.get(key, {}).get(name):
                compared[name] += 1
                report.check(value == theirs[key][name], "%s %s: %s is %s, tshark says %s", os.path.basename(path), " ".join(key), name, value,
                             theirs[key][name])


def main():
    dztest.need_ndpi()
    dztest.need("tshark")
    report, compared = dztest.Report(), collections.Counter()
    for path in sys.argv[1:] or dztest.captures(*dztest.capture_folders()):
        compare(report, path, compared)
    report.check(compared["alpn"] > 5 and compared["versions"] > 5, "only %s compared", dict(compared))
    report.finish(", ".join("%d %s" % (n, name) for name, n in sorted(compared.items())) + " compared")


if __name__ == "__main__":
    main()
