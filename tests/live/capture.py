#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Live capture gives what reading files gives, and what it cannot give it counts.

Oracles: the run over the file that is replayed (whose own oracles are elsewhere), and the number of packets that
tcpreplay says it sent."""

import glob
import json
import os
import signal
import socket
import subprocess
import sys
import time

import rig  # first: it finds the other modules
import dztest

OPTIONS = ("--no-expiry", "--active-timeout", "1000d")  # some captures last for days


def identity(record):
    """What does not depend on when a packet was captured."""
    own, network = record["distribooze"], record["network"]
    sides = [(side["ip"], side.get("port"), side["packets"], side["bytes"]) for side in (record["source"], record["destination"])]
    lengths = own["lengths"]
    return repr((sides, network["transport"], network.get("vlan"), network.get("inner"), network["community_id"], own.get("tunnel"),
                 own["label"], own["ndpi"]["protocol"], lengths["counts"], lengths["source"]["counts"], lengths["destination"]["counts"]))


def is_ethernet(path):
    done = rig.run("capinfos", "-TrE", path, check=False) if rig.has("capinfos") else None
    return not done or "ether" in done.stdout


def replayable():
    """(capture, thread counts)"""
    for path in sorted(glob.glob(os.path.join(dztest.SOURCE, "pcaps", "*.pcap"))):
        yield path, (1, 2)
    for folder in ("seed", "ndpi") if os.path.isdir(os.path.join(os.environ.get("DISTRIBOOZE_TESTDATA", ""), "pcaps")) else ():
        for path in sorted(glob.glob(os.path.join(dztest.testdata("pcaps", folder) or "/nowhere", "*.pcap*"))):
            yield path, (2,)


def same_as_file(report, wire):
    """Each capture, replayed, gives the flows, vectors and labels that reading it gives."""
    compared = 0
    for path, threads in replayable():
        if not is_ethernet(path):
            continue
        name = os.path.basename(path)
        offline = subprocess.run([dztest.PROGRAM, "-q", *OPTIONS, path], capture_output=True)
        expected = sorted(identity(r) for r in map(json.loads, offline.stdout.splitlines()))
        for count in threads:
            sensor = rig.Sensor("-j", str(count), *OPTIONS)
            sent = wire.replay(path)
            status = sensor.stop()
            if sent is None:
                continue  # tcpreplay cannot send it: frames that are too long, or lengths that lie
            report.equal("%s -j %d: exit status (%s)" % (name, count, sensor.said[-1:]), status, 0)
            got = sorted(identity(r) for r in sensor.records())
            differing = [x for x in got if x not in expected] + [x for x in expected if x not in got]
            report.check(got == expected, "%s -j %d: %d flows live, %d from the file; the first that differs: %s",
                         name, count, len(got), len(expected), differing[:1])
            compared += 1
    report.check(compared >= 20, "only %d captures could be compared", compared)
    return compared


def frozen(report, wire, folder):
    """What comes while the sensor stands still is kept or counted as dropped, to the packet."""
    stats, metrics = os.path.join(folder, "frozen.stats"), os.path.join(folder, "frozen.prom")
    sensor = rig.Sensor("--buffer-size", "2M", "--stats", stats, "--metrics", metrics, "--no-expiry")
    sensor.send(signal.SIGSTOP)
    sent = wire.replay(os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap"), "--loop", "30")
    sensor.send(signal.SIGCONT)
    report.equal("frozen: exit status", sensor.stop(), 0)
    last = rig.last_stats(stats)
    received, dropped = rig.count_in(last, "received"), rig.count_in(last, "dropped")
    report.equal("frozen: received", received, sent)
    report.equal("frozen: packets + dropped", last["packets"] + dropped, sent)
    report.check(dropped > 0, "frozen: a ring of 2 MiB held %s packets", sent)
    report.check(any("dropped %d of %d packets" % (dropped, sent) in line for line in sensor.said), "frozen: says %s", sensor.said)
    with open(metrics) as f:
        report.check('distribooze_dropped_packets_total{interface="%s"} %d\n' % (rig.HERE, dropped) in f.read(), "frozen: metrics")


def send_over_loopback(count):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        receiver.bind(("127.0.0.1", 0))
        for _ in range(count):
            sender.sendto(b"abcd", receiver.getsockname())


def stops(report, wire, folder):
    """Nothing is lost at a stop, and it comes when it is to come."""
    stats, capture = os.path.join(folder, "stops.stats"), os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap")
    sensor = rig.Sensor("--stats", stats)
    sent = wire.replay(capture)
    time.sleep(0.01)  # the block that holds the last packets is still the kernel's
    report.equal("TERM: exit status", sensor.stop(), 0)
    report.equal("TERM: told once that it stops", ["a second signal ends at once" in line for line in sensor.said].count(True), 1)
    last = rig.last_stats(stats)
    report.equal("TERM right after the last packet", (last["packets"], rig.count_in(last, "received")), (sent, sent))
    report.equal("TERM: flows", {r["distribooze"]["end_reason"] for r in sensor.records()} - {"fin", "rst", "shutdown"}, set())

    os.unlink(stats)
    sensor = rig.Sensor("-c", "100", "--stats", stats)
    wire.replay(capture)
    report.equal("-c: exit status", sensor.wait(), 0)
    last = rig.last_stats(stats)
    report.equal("-c: packets", last["packets"], 100)
    report.equal("-c: received", rig.count_in(last, "received"), last["packets"] + rig.count_in(last, "dropped") + last["discarded"])

    # The kernel counts packets over loopback as sent and as received; the program is not to wait for the other half.
    for name in ("lo", "any"):
        os.unlink(stats)
        sensor = rig.Sensor("--stats", stats, interfaces=(name,))
        send_over_loopback(20)
        began = time.monotonic()
        report.equal("TERM on %s: exit status" % name, sensor.stop(), 0)
        took = time.monotonic() - began
        report.check(took < 2.5, "TERM on %s took %.2f s", name, took)
        report.check(any("(over loopback as sent and as come)" in line for line in sensor.said), "TERM on %s: says %s", name, sensor.said)
        report.equal("TERM on %s right after the last packet" % name, rig.last_stats(stats)["packets"], 20)

    began = time.monotonic()
    sensor = rig.Sensor("--duration", "1500ms")
    report.equal("--duration: exit status", sensor.wait(), 0)
    took = time.monotonic() - began
    report.check(1.4 < took < 10, "--duration 1500ms on a silent link took %.2f s", took)

    sensor = rig.Sensor("--stats", stats)
    sensor.send(signal.SIGHUP)  # with --stats it opens files anew
    sensor.send(signal.SIGUSR1)
    sensor.wait_for("packets received")
    report.equal("USR1, then TERM", sensor.stop(), 0)
    sensor = rig.Sensor()
    report.equal("HUP without files", sensor.stop(signal.SIGHUP), 0)


def send_udp(wire, count, gap, port=9):
    """Sends datagrams from the other end, some seconds apart."""
    script = ("import socket,time\ns=socket.socket(socket.AF_PACKET,socket.SOCK_RAW)\ns.bind(('%s',0))\n"
              "frame=bytes.fromhex('020000000002020000000001080045000020000100004011b3cd0a0000010a000002')+bytes.fromhex('3039%04x000c0000')+b'abcd'\n"
              "for i in range(%d):\n s.send(frame)\n time.sleep(%r)\n" % (rig.THERE, port, count, gap))
    return subprocess.Popen(wire.there() + [sys.executable, "-c", script])


def quiet_links(report, wire, folder):
    """Flows end, and records come out, without a packet that says so; parts add up."""
    for threads in ("1", "2"):
        sensor = rig.Sensor("-j", threads, "--idle-timeout", "1")
        send_udp(wire, 1, 0).wait()
        sent = time.monotonic()
        report.check(rig.until(lambda: sensor.out.endswith(b"\n"), 10), "-j %s: no record on a quiet link", threads)
        report.check(time.monotonic() - sent < 4, "-j %s: the record came after %.1f s", threads, time.monotonic() - sent)
        report.equal("-j %s: quiet link" % threads, sensor.stop(), 0)
        report.equal("-j %s: end reason" % threads, [r["distribooze"]["end_reason"] for r in sensor.records()], ["idle"])
    sensor = rig.Sensor("--active-timeout", "1")
    send_udp(wire, 25, 0.1).wait()
    report.equal("active time-out: exit status", sensor.stop(), 0)
    parts = sensor.records()
    report.equal("active time-out: packets of all parts", sum(r["source"]["packets"] for r in parts), 25)
    report.check(len(parts) >= 3, "active time-out: 2.5 s in %d parts", len(parts))
    report.check(all(r["source"]["packets"] for r in parts), "a part without packets")
    report.equal("ids of all parts", len({r["event"]["id"] for r in parts}), len(parts))


def words_as_filter(report, wire):
    """The words behind -i let through what they name, and what they leave out is not even counted."""
    for words in (("udp", "port", "7"), ("udp port 7",)):
        sensor = rig.Sensor(*words)
        send_udp(wire, 3, 0).wait()
        send_udp(wire, 5, 0, port=7).wait()
        report.equal("%s: exit status" % (words,), sensor.stop(), 0)
        report.equal("%s: ports, packets" % (words,), [(r["destination"]["port"], r["network"]["packets"]) for r in sensor.records()], [(7, 5)])


def links(report, wire):
    """Interfaces that go down, come up, and go away."""
    sensor = rig.Sensor()
    rig.run("ip", "link", "set", rig.HERE, "down")
    sensor.wait_for("went down")
    rig.run("ip", "link", "set", rig.HERE, "up")
    sensor.wait_for("is up again")
    send_udp(wire, 1, 0).wait()
    report.check(rig.until(lambda: sensor.process.poll() is None), "link down and up: it ended")
    report.equal("link down and up: exit status", sensor.stop(), 0)
    report.equal("link down and up: flows", len(sensor.records()), 1)

    rig.run("ip", "link", "add", "dz2", "type", "veth", "peer", "name", "dz3")
    rig.run("ip", "link", "set", "dz2", "up")
    rig.run("ip", "link", "set", "dz3", "up")
    sensor = rig.Sensor(interfaces=(rig.HERE, "dz2"))
    send_udp(wire, 1, 0).wait()
    rig.run("ip", "link", "del", "dz2")
    sensor.wait_for("dz2: ")
    send_udp(wire, 1, 0, port=10).wait()
    rig.run("ip", "link", "del", rig.HERE)
    report.equal("all interfaces gone: exit status", sensor.wait(), 1)
    report.equal("all interfaces gone: flows", len([r for r in sensor.records() if r["network"]["transport"] == "udp" and
                                                    r["source"]["ip"] == "10.0.0.1"]), 2)
    wire.connect()


def offloads(report):
    """What joins packets is told at the start, with the command that ends it; what is off is not."""
    command = "'ethtool -K %s gro off lro off tso off gso off'" % rig.HERE
    for switch in ("on", "off"):
        rig.run("ethtool", "-K", rig.HERE, "tx", switch, "sg", switch, "tso", switch, "gso", switch, "gro", "off")
        sensor = rig.Sensor()
        report.equal("offloads %s: exit status" % switch, sensor.stop(), 0)
        told = [line for line in sensor.said if "offloads are on" in line]
        report.equal("offloads %s: told" % switch, len(told), 1 if switch == "on" else 0)
        if switch == "on":
            report.check("(tso, gso)" in told[0] and command in told[0], "offloads on: says %r", told)


def privileges(report):
    sensor = rig.Sensor()
    report.equal("capabilities", {sensor.status(name) for name in ("CapInh", "CapPrm", "CapEff", "CapAmb")}, {"0" * 16})
    report.equal("NoNewPrivs", sensor.status("NoNewPrivs"), "1")
    instrumented = any("an instrumented build" in line for line in sensor.said)  # sanitizers, coverage: no sandbox
    report.equal("Seccomp", sensor.status("Seccomp"), "0" if instrumented else "2")
    if rig.is_real_root() and "DISTRIBOOZE_LIVE_USER" not in os.environ:
        report.check(sensor.status("Uid") != "0", "still root")
    report.equal("privileges: exit status", sensor.stop(), 0)


def main():
    with rig.scene() as (report, wire, folder):
        compared = same_as_file(report, wire)
        frozen(report, wire, folder)
        stops(report, wire, folder)
        quiet_links(report, wire, folder)
        words_as_filter(report, wire)
        links(report, wire)
        offloads(report)
        privileges(report)
    report.finish("%d captures replayed" % compared)


if __name__ == "__main__":
    main()
