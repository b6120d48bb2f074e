#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A build without nDPI: labels by registered port and IP protocol alone, said in every record; what needs nDPI is refused.

Which port is whose is looked up in /etc/services, where the system has it, and else in the few rows below, which are IANA's."""

import json
import os
import socket
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.join(HERE, "..", "lib"), os.path.join(HERE, "..", "gen")]
import capture  # noqa: E402
import dztest  # noqa: E402
import wire  # noqa: E402

DONE, USAGE = 0, 2
START = 1592301963 * 10**9
# Names of /etc/services, with their ports, and nDPI's for them.
SERVICES = {("tcp", "ssh"): (22, "SSH"), ("tcp", "domain"): (53, "DNS"), ("udp", "domain"): (53, "DNS"), ("tcp", "http"): (80, "HTTP"),
            ("udp", "ntp"): (123, "NTP"), ("tcp", "https"): (443, "TLS"), ("udp", "https"): (443, "QUIC"), ("udp", "mdns"): (5353, "MDNS"),
            ("tcp", "domain-s"): (853, "DoH_DoT"), ("tcp", "smtp"): (25, "SMTP"), ("tcp", "imaps"): (993, "IMAPS"),
            ("tcp", "postgresql"): (5432, "PostgreSQL"), ("udp", "bootps"): (67, "DHCP"), ("tcp", "ms-wbt-server"): (3389, "RDP"),
            ("tcp", "git"): (9418, "Git"), ("udp", "snmp"): (161, "SNMP"), ("tcp", "bgp"): (179, "BGP"), ("udp", "syslog"): (514, "Syslog")}
PROTOCOLS = {1: "ICMP", 2: "IGMP", 47: "GRE", 50: "IPsec", 58: "ICMPV6", 89: "OSPF", 132: "SCTP"}
PORT_OF = {}


def learn(report):
    for (transport, name), (port, label) in SERVICES.items():
        try:
            report.equal("/etc/services: %s/%s" % (name, transport), socket.getservbyname(name, transport), port)
        except OSError:  # no such file, or it leaves this one out
            pass
        PORT_OF[transport, port] = label


def expected(record):
    """By the responder's port, else by the originator's, else by the protocol."""
    network = record["network"]
    protocol = int(network["iana_number"])
    if protocol not in (6, 17):
        return PROTOCOLS.get(protocol, "Unknown")
    for end in ("destination", "source"):
        label = PORT_OF.get((network["transport"], record[end]["port"]))
        if label:
            return label
    return "Unknown"


def judge(report, what, record):
    label, ndpi = expected(record), record["distribooze"]["ndpi"]
    by_port = record["network"]["transport"] in ("tcp", "udp")
    report.equal(what + ": label", record["distribooze"]["label"], label)
    report.equal(what + ": protocol", ndpi["protocol"], label)
    report.equal(what + ": application", record["network"]["application"], label.lower())
    report.equal(what + ": version", ndpi["version"], "none")
    report.equal(what + ": guessed", ndpi["guessed"], by_port and label != "Unknown")
    report.equal(what + ": confidence", ndpi["confidence"], "Unknown" if label == "Unknown" else "Match by port" if by_port else "Match by IP protocol")


def captures(t):
    """The project's captures, where each flow's first packet is its originator's."""
    done = t.run("-q", os.path.join(dztest.SOURCE, "pcaps"))
    records = [json.loads(line) for line in done.stdout.splitlines()]
    t.report.check(len(records) > 500, "only %d records", len(records))
    for record in records:
        judge(t.report, "%s %d to %s" % (record["distribooze"]["input"], record.get("source", {}).get("port", 0), record["destination"]["ip"]), record)
    t.report.check({"SSH", "DNS", "TLS", "QUIC", "DoH_DoT", "ICMP"} <= {r["distribooze"]["label"] for r in records}, "labels are missing")


def packet(protocol, sport, dport):
    ends = "192.0.2.1", sport, "198.51.100.2", dport
    body = wire.tcp(*ends, 1, 1, "A", b"x") if protocol == 6 else wire.udp(*ends, b"x") if protocol == 17 else b"\0" * 8
    if protocol == 132:
        body = wire.sctp(sport, dport, b"x")
    return capture.Packet(START, wire.ipv4("192.0.2.1", "198.51.100.2", protocol, body))


def labels(t, packets, *options):
    path = t.file("made.pcap", capture.pcap(packets, 101))
    return [json.loads(line)["distribooze"]["label"] for line in t.run("-q", *options, path).stdout.splitlines()]


def made(t):
    for what, one, label in (("a client's packet", (6, 40000, 22), "SSH"), ("a server's packet alone", (6, 22, 40000), "SSH"),
                             ("two registered ports: the one that is sent to", (6, 80, 22), "SSH"), ("no registered port", (6, 40000, 40001), "Unknown"),
                             ("a port of UDP's, by TCP", (6, 40000, 123), "Unknown"), ("TCP 443", (6, 40000, 443), "TLS"), ("UDP 443", (17, 40000, 443), "QUIC"),
                             ("both", (17, 53, 53), "DNS"), ("SCTP, and a port of others", (132, 40000, 53), "SCTP"), ("ESP", (50, 0, 0), "IPsec"), ("a protocol without a name", (200, 0, 0), "Unknown")):
        t.report.equal(what, labels(t, [packet(*one)]), [label])
    t.report.equal("--no-guess", labels(t, [packet(6, 40000, 22), packet(1, 0, 0)], "--no-guess"), ["Unknown", "ICMP"])


def refused(t):
    some = t.file("made.pcap", capture.pcap([packet(6, 1, 2)], 101))
    rules = t.file("rules", b"tcp:22@Mine\n")
    for command in ("flows", "compare", "profile"):
        for option, value in (("--protocols", rules), ("--categories", rules), ("--ndpi-set", "dns,subclassification,1")):
            done = t.run(command, option, value, some)
            t.expect("%s %s" % (command, option), done, USAGE, option, value, "without nDPI")
            t.report.equal("%s %s: output" % (command, option), done.stdout, b"")


def mixed(t):
    """Records of both kinds of build are not taken for one."""
    done = t.run("-q", os.path.join(dztest.SOURCE, "pcaps", "dns.pcap"))
    other = done.stdout.replace(b'"version":"none"', b'"version":"4.2.0"')
    t.report.check(other != done.stdout, "no version in the records")
    path = t.file("mixed.jsonl", done.stdout + other)
    done = t.run("compare", "--top", "1", path)
    t.expect("mixed records", done, DONE, "labelled by ports alone and nDPI 4.2.0")


def main():
    if not dztest.without_ndpi():
        dztest.skip("the program was built with nDPI")
    report = dztest.Report()
    learn(report)
    with tempfile.TemporaryDirectory() as folder:
        t = dztest.Folder(report, folder)
        for part in (captures, made, refused, mixed):
            part(t)
    report.finish()


if __name__ == "__main__":
    main()
