#!/usr/bin/env python3
"""Lengths against tshark: per direction of each flow the number and sum of IP lengths, payloads, frames and TLS records.

tshark's outermost headers are taken (so our tunnels stay closed), and its reassembly of fragments is off. Where fragments are,
later ones have no ports in tshark, so there hosts are compared instead of ports.
"""

import os
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

FIELDS = ["frame.len", "vlan.id", "ip.src", "ip.dst", "ip.proto", "ip.len", "ipv6.src", "ipv6.dst", "ipv6.nxt", "ipv6.plen",
          "tcp.srcport", "tcp.dstport", "tcp.len", "udp.srcport", "udp.dstport", "udp.length", "ip.frag_offset", "ip.flags.mf"]
OWN = ["dns.pcap", "encap-gretap.pcap", "encap-vlan.pcap", "encap-vxlan-frag.pcap", "fragments.pcap", "quic.pcap"]
OWN_TLS = ["web.pcap", "doh.pcap", "netflix.pcap"]
CAPTURES = ["seed/bittorrent.pcap", "seed/doh_luca.pcap", "seed/instagram.pcap", "seed/ssh_27122.pcap",
            "seed/ssh_second_try.pcap", "ndpi/mongodb.pcap", "ndpi/viber.pcap", "ndpi/netbios.pcap", "ndpi/zattoo.pcap",
            "ndpi/dns_dot.pcap", "ndpi/quic_interop_V.pcapng", "ndpi/no_sni.pcap", "ndpi/BGP_Cisco_hdlc_slarp.pcap"]
TLS_CAPTURES = ["seed/doh_luca.pcap", "seed/instagram.pcap", "ndpi/no_sni.pcap", "ndpi/tls_long_cert.pcap", "ndpi/dns_dot.pcap"]


def tshark(path, fields, *options):
    command = ["tshark", "-n", "-r", path, "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE", "-T", "fields", "-E", "separator=/t"]
    command += list(options)
    for field in fields:
        command += ["-e", field]
    done = subprocess.run(command, capture_output=True, check=False, timeout=120)
    for line in done.stdout.decode().split("\n"):
        if line:
            yield dict(zip(fields, line.split("\t")))


def sums(path):
    """-> {layer: {(protocol, source, sport, destination, dport, vlan): [packets, sum]}}, whether there are fragments"""
    layers, fragments = {"ip": {}, "payload": {}, "frame": {}}, False
    for row in tshark(path, FIELDS, "-E", "occurrence=f"):
        if row["ip.src"]:
            a, b, protocol, length = row["ip.src"], row["ip.dst"], int(row["ip.proto"]), int(row["ip.len"])
        elif row["ipv6.src"]:
            a, b, protocol, length = row["ipv6.src"], row["ipv6.dst"], int(row["ipv6.nxt"]), 40 + int(row["ipv6.plen"])
        else:
            continue
        fragments = fragments or row["ip.frag_offset"] not in ("", "0") or row["ip.flags.mf"] in ("1", "True")
        if protocol not in (6, 17):
            continue
        name = "tcp" if protocol == 6 else "udp"
        payload = int(row["tcp.len"] or 0) if protocol == 6 else max(0, int(row["udp.length"] or 8) - 8)
        k = (protocol, a, int(row[name + ".srcport"] or 0), b, int(row[name + ".dstport"] or 0), row["vlan.id"])
        for layer, value in (("ip", length), ("payload", payload), ("frame", int(row["frame.len"]))):
            total = layers[layer].setdefault(k, [0, 0])
            total[0] += 1
            total[1] += value
    return layers, fragments


def one_way(record):
    network = record["network"]
    return (int(network["iana_number"]), record["source"]["ip"], record["source"].get("port", 0), record["destination"]["ip"],
            record["destination"].get("port", 0), network.get("vlan", {}).get("id", ""))


def hosts(totals):
    """Totals by hosts, ports left out."""
    result = {}
    for k, (n, s) in totals.items():
        total = result.setdefault((k[0], k[1], k[3], k[5]), [0, 0])
        total[0] += n
        total[1] += s
    return result


def compare_lengths(report, path):
    name = os.path.basename(path)
    expected, fragments = sums(path)
    for layer, totals in expected.items():
        run = dztest.Run("-q", "--no-expiry", "--no-tunnels", "--unidirectional", "--layer", layer, path)
        got = {}
        for record in run.records:
            k, lengths = one_way(record), record["distribooze"]["lengths"]
            if k[0] in (6, 17):
                got[k] = [lengths["count"], lengths["sum"]]
        if fragments:
            if layer == "payload":
                continue  # a first fragment's UDP header tells the whole datagram's length
            got, totals = hosts(got), hosts(totals)
        for k in sorted(set(got) | set(totals), key=str):
            report.equal("%s (%s): %s" % (name, layer, k), got.get(k), totals.get(k))


def compare_tls(report, path):
    """Count and sum of TLS records of the streams that the capture holds without loss or disorder."""
    name, streams, unclean = os.path.basename(path), {}, set()
    fields = ["tcp.stream", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "tls.record.length", "tcp.analysis.lost_segment",
              "tcp.analysis.out_of_order", "tcp.analysis.retransmission", "tcp.analysis.ack_lost_segment", "tcp.len", "tls.record.opaque_type",
              "tcp.flags.syn"]
    begun, payload = set(), {}
    for row in tshark(path, fields, "-Y", "tcp && ip"):
        k = (row["ip.src"], int(row["tcp.srcport"]), row["ip.dst"], int(row["tcp.dstport"]))
        if row["tcp.flags.syn"] in ("1", "True"):
            begun.add(k)
        payload[k] = payload.get(k, 0) + int(row["tcp.len"] or 0)
        if any(row[f] for f in fields[6:10]):
            unclean.add(k)
        total = streams.setdefault(k, [0, 0])
        for length in filter(None, row["tls.record.length"].split(",")):
            total[0] += 1
            total[1] += int(length)
    run = dztest.Run("-q", "--no-expiry", "--no-tunnels", "--unidirectional", "--layer", "tls", path)
    got = {one_way(r)[1:5]: [r["distribooze"]["lengths"]["count"], r["distribooze"]["lengths"]["sum"]] for r in run.records
           if r["network"]["iana_number"] == "6"}
    compared = 0
    for k, total in streams.items():
        if total[0] and k in begun and k not in unclean:
            compared += 1
            ours = got.get(k)
            # tshark tells a record when it is whole; ours counts from its header on, so the last one may be unfinished.
            unfinished = ours and ours[0] == total[0] + 1 and ours[1] + 5 * ours[0] > payload[k]
            report.check(ours == total or unfinished, "%s (tls): %s: got %s, expected %s", name, k, ours, total)
    report.check(compared > 0, "%s: no stream to compare", name)
    return compared


def main():
    dztest.need("tshark")
    report = dztest.Report()
    captures = [os.path.join(dztest.SOURCE, "pcaps", name) for name in OWN]
    tls_captures = [os.path.join(dztest.SOURCE, "pcaps", name) for name in OWN_TLS]
    if len(dztest.capture_folders()) > 1:
        captures += [dztest.testdata("pcaps", name) for name in CAPTURES]
        tls_captures += [dztest.testdata("pcaps", name) for name in TLS_CAPTURES]
    for path in captures:
        compare_lengths(report, path)
    streams = sum(compare_tls(report, path) for path in tls_captures)
    report.finish("%d captures, %d TLS streams" % (len(captures), streams))


if __name__ == "__main__":
    main()
