#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Real programs on the wire: ssh, curl, logrotate.

Oracle of the sessions: tcpdump beside the sensor, whose capture is read as a file. With offloads on, TCP comes in packets that
are longer than any the wire had: they are told, counted, and taken apart again by --resegment."""

import glob
import grp
import json
import os
import pwd
import signal
import socket
import subprocess
import sys
import time

import rig
import dztest
from capture import OPTIONS, identity
from output import all_lines, burst, whole_once

ADDRESS, OTHER, MTU = "10.1.0.1", "10.1.0.2", 1500  # the sensor's end, the servers' end
PAGE = 2000000  # bytes that curl fetches


def set_offloads(wire, switch):
    for prefix, name in (([], rig.HERE), (wire.there(), rig.THERE)):
        rig.run(*prefix, "ethtool", "-K", name, "tx", switch, "rx", switch, "sg", switch, "tso", switch, "gso", switch, "gro", "off")


def connect(wire):
    """Addresses that answer, and an MTU as it is on the wire."""
    for prefix, name, address in (([], rig.HERE, ADDRESS), (wire.there(), rig.THERE, OTHER)):
        rig.run(*prefix, "ip", "link", "set", name, "arp", "on", "mtu", str(MTU))
        rig.run(*prefix, "ip", "address", "add", address + "/24", "dev", name)


def start_servers(wire, folder):
    """An HTTP server with one page, and an ssh server with a key of its own; both in the other namespace."""
    with open(os.path.join(folder, "page"), "wb") as f:
        f.write(os.urandom(PAGE))
    servers = [subprocess.Popen(wire.there() + [sys.executable, "-m", "http.server", "8080", "--bind", OTHER, "--directory", folder],
                                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)]
    ports = [8080]
    if rig.has("sshd") and rig.has("ssh") and rig.is_real_root():
        for name in ("host", "user"):
            rig.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", os.path.join(folder, name))
        os.makedirs("/run/sshd", exist_ok=True)
        servers.append(subprocess.Popen(
            wire.there() + ["/usr/sbin/sshd", "-D", "-e", "-f", "/dev/null", "-p", "2222", "-h", os.path.join(folder, "host"), "-o", "PidFile=none",
                            "-o", "AuthorizedKeysFile=" + os.path.join(folder, "user.pub"), "-o", "StrictModes=no", "-o", "UsePAM=no"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        ports.append(2222)
    for port in ports:
        assert rig.until(lambda: answers(port), 10), "port %d does not answer" % port
    return servers, len(ports) > 1


def answers(port):
    with socket.socket() as s:
        s.settimeout(1)
        return s.connect_ex((OTHER, port)) == 0


def talk(report, folder, has_ssh):
    done = rig.run("curl", "-s", "-o", os.path.join(folder, "got"), "http://%s:8080/page" % OTHER, check=False)
    report.equal("curl", (done.returncode, os.path.getsize(os.path.join(folder, "got"))), (0, PAGE))
    if has_ssh:
        words = ["ssh", "-F", "/dev/null", "-p", "2222", "-i", os.path.join(folder, "user"), "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                 "-o", "IdentitiesOnly=yes", OTHER, "head -c 500000 /dev/urandom"]
        done = subprocess.run(words, capture_output=True, stdin=subprocess.DEVNULL, timeout=rig.PATIENCE)
        report.equal("ssh (%r)" % done.stderr[-200:], (done.returncode, len(done.stdout)), (0, 500000))


def beside_tcpdump(capture):
    process = subprocess.Popen(["tcpdump", "-i", rig.HERE, "-U", "--immediate-mode", "-s", "0", "-B", "65536", "-Z", "root", "-w", capture, "tcp"],
                               stderr=subprocess.PIPE, text=True)
    line = process.stderr.readline()
    while "listening" not in line and line:
        line = process.stderr.readline()
    return process


def stop_tcpdump(process, capture):
    """When no more comes; it loses what its ring holds at a stop."""
    size = -1
    while size != os.path.getsize(capture):
        size = os.path.getsize(capture)
        time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    process.communicate()


def from_file(capture, *options):
    done = subprocess.run([dztest.PROGRAM, "-q", *OPTIONS, *options, capture], capture_output=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def ports_of(records):
    return sorted({r["destination"]["port"] for r in records})


def sessions(report, wire, folder, switch, options, has_ssh):
    """One sensor, tcpdump beside it; as many over-long packets as tcpdump has."""
    what = "offloads %s %s" % (switch, " ".join(options))
    capture, stats = os.path.join(folder, "beside.pcap"), os.path.join(folder, "stats")
    for path in (capture, stats):
        if os.path.exists(path):
            os.unlink(path)
    set_offloads(wire, switch)
    sensor = rig.Sensor(*OPTIONS, *options, "--stats", stats, "-f", "tcp")
    beside = beside_tcpdump(capture)
    talk(report, folder, has_ssh)
    stop_tcpdump(beside, capture)
    report.equal(what + ": exit status", sensor.stop(), 0)
    expected = from_file(capture, *options)
    report.equal(what + ": flows", sorted(map(identity, sensor.records())), sorted(map(identity, expected)))
    report.equal(what + ": ports", ports_of(expected), [2222, 8080] if has_ssh else [8080])
    long_ones = len(rig.run("tcpdump", "-nr", capture, "greater %d" % (MTU + 15)).stdout.splitlines())
    report.equal(what + ": over_mtu", rig.count_in(rig.last_stats(stats), "over_mtu"), long_ones)
    report.check((long_ones > 10) == (switch == "on"), "%s: %d packets longer than the MTU", what, long_ones)
    report.equal(what + ": told", [any(text in line for line in sensor.said) for text in ("offloads are on", "packets longer than the MTU")],
                 [switch == "on"] * 2)
    return sensor.records()


def longest(records):
    """The last bin of a flow's vector that has a packet."""
    return max(i for r in records for i, n in enumerate(r["distribooze"]["lengths"]["counts"]) if n)


def all_sessions(report, wire, folder):
    for program in ("curl", "tcpdump"):
        if not rig.has(program):
            return
    connect(wire)
    servers, has_ssh = start_servers(wire, folder)
    try:
        off = sessions(report, wire, folder, "off", (), has_ssh)
        on = sessions(report, wire, folder, "on", (), has_ssh)
        again = sessions(report, wire, folder, "on", ("--resegment",), has_ssh)
    finally:
        for server in servers:
            server.kill()
            server.wait()
    # 1,500 bytes of IP are bin 46; what was joined is in the last, and taken apart again is not.
    report.equal("the longest packets", (longest(off), longest(again)), (MTU // 32, MTU // 32))
    report.check(longest(on) > MTU // 32, "offloads on: nothing is longer than bin %d", longest(on))


def logrotate(report, wire, folder):
    """logrotate itself, forced many times under load, as docs/SENSOR.md has it."""
    if not rig.has("logrotate"):
        return
    path = os.path.join(rig.open_folder(folder, "rotate"), "f.jsonl")
    sensor = rig.Sensor("-o", path, "--idle-timeout", "1")
    owner = os.stat(path)
    config = os.path.join(folder, "logrotate.conf")
    with open(config, "w") as f:
        f.write("%s {\n\trotate 100\n\tsu root root\n\tcreate 0640 %s %s\n\tpostrotate\n\t\tkill -HUP %d\n\tendscript\n}\n" % (path, name_of(owner.st_uid), group_of(owner.st_gid), sensor.pid))
    sender = burst(wire, 4000, 0.1)
    for _ in range(7):
        time.sleep(0.6)
        done = rig.run("logrotate", "-f", "-s", os.path.join(folder, "state"), config, check=False)
        report.equal("logrotate (%s)" % done.stderr, done.returncode, 0)
    sender.wait()
    report.equal("logrotate: exit status", sensor.stop(), 0)
    files = glob.glob(path + "*")
    report.equal("logrotate: files", len(files), 8)
    filled = sum(os.path.getsize(f) > 0 for f in files)
    report.check(filled >= 3, "logrotate: only %d of the files have lines", filled)
    whole_once(report, "logrotate", all_lines(files), 4000)


def name_of(number):
    return pwd.getpwuid(number).pw_name


def group_of(number):
    return grp.getgrgid(number).gr_name


def main():
    with rig.scene() as (report, wire, folder):
        if rig.is_real_root():
            logrotate(report, wire, folder)
        all_sessions(report, wire, folder)
    report.finish()


if __name__ == "__main__":
    main()
