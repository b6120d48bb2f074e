#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a live capture costs: a table for docs/PERFORMANCE.md. `make bench-live` builds what it takes.

  live.py [--packets N] [--flows N] [--rounds N] [--idle SECONDS]

A ring that holds all packets is filled while the sensor stands still; what it takes to empty it is compared with a run over
the file. Seconds of CPU are user and system together. Of the sensor's, making and freeing a ring of two gigabytes is left
out; of the run over the file, what a small file costs."""

import argparse
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "live"))
import rig  # noqa: E402
import dztest  # noqa: E402

RING = "2000M"
QUIET = 0.005  # seconds of CPU that are no work
TRACE, FLOOD = (os.path.join(dztest.BUILD, name) for name in ("tests/bench/trace", "tests/live/flood"))


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def used_by(pid):
    with open("/proc/%d/stat" % pid) as f:
        return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")


class Timed:
    """CPU and wall of the children that were waited for inside."""

    def __enter__(self):
        self.cpu, self.wall = -cpu_of_children(), -time.monotonic()
        return self

    def __exit__(self, *_):
        self.cpu += cpu_of_children()
        self.wall += time.monotonic()


def offline(trace, *options):
    with Timed() as timed:
        subprocess.run([dztest.PROGRAM, "-q", "-o", "/dev/null", *options, trace], check=True)
    return timed


class Drained:
    """CPU and wall until processes that were stopped have worked off what waits for them: until they use no more CPU."""

    def __init__(self, *processes):
        before = [used_by(p.pid) for p in processes]
        began = last = time.monotonic()
        now = before
        processes[0].send_signal(signal.SIGCONT)
        while time.monotonic() - last < 1.5:
            time.sleep(0.005)
            newer = [used_by(p.pid) for p in processes]
            if sum(newer) > sum(now) + QUIET:
                now, last = newer, time.monotonic()
        self.cpu, self.wall = sum(now) - sum(before), last - began


def frozen(wire, trace, *options):
    """What is captured while the sensor stands still, and then read."""
    sensor = rig.Sensor("-o", "/dev/null", "--buffer-size", RING, *options)
    sensor.send(signal.SIGSTOP)
    sent = wire.replay(trace)
    drained = Drained(sensor.process)
    if sensor.stop() or not any("%s packets received, 0 dropped" % sent in line for line in sensor.said):
        raise SystemExit("frozen: %s" % sensor.said)
    return drained


def by_tcpdump(wire, trace):
    dump = subprocess.Popen(["tcpdump", "-i", rig.HERE, "-B", str(2000 * 1024), "-s", "0", "-w", "-"], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    reader = subprocess.Popen([dztest.PROGRAM, "-q", "-o", "/dev/null", "-"], stdin=dump.stdout)
    dump.stdout.close()
    while b"listening" not in dump.stderr.readline():
        pass
    dump.send_signal(signal.SIGSTOP)
    wire.replay(trace)
    drained = Drained(dump, reader)
    dump.send_signal(signal.SIGINT)
    dump.wait()
    reader.wait()
    return drained


def dropped_of(wire, trace):
    """What is dropped of a capture that is replayed as fast as it goes, with the default buffer."""
    stats = os.path.join(tempfile.mkdtemp(), "stats")
    os.chmod(os.path.dirname(stats), 0o777)
    sensor = rig.Sensor("-o", "/dev/null", "--stats", stats)
    sent = wire.replay(trace)
    sensor.stop()
    return sent, rig.count_in(rig.last_stats(stats), "dropped")


def at_top_speed(wire, seconds=5):
    """A datagram of its own flow each: the worst there is."""
    stats = os.path.join(tempfile.mkdtemp(), "stats")
    os.chmod(os.path.dirname(stats), 0o777)
    sensor = rig.Sensor("-o", "/dev/null", "--stats", stats)
    sent = int(rig.run(*wire.there(), FLOOD, rig.THERE, "0", str(seconds)).stdout)
    sensor.stop()
    return sent, rig.count_in(rig.last_stats(stats), "dropped")


def idle(seconds):
    sensor = rig.Sensor("-o", "/dev/null")

    time.sleep(1)
    before = used_by(sensor.pid)
    time.sleep(seconds)
    share = (used_by(sensor.pid) - before) / seconds
    sensor.stop()
    return share


def ending(wire, folder, flows):
    """SIGTERM with so many flows open, and the same flows from a file."""
    capture = os.path.join(folder, "flows.pcap")
    subprocess.run([TRACE, "-m", "scan", "-n", str(flows), "-o", capture], check=True, stderr=subprocess.DEVNULL)
    sensor = rig.Sensor("-o", "/dev/null", "--buffer-size", RING, "--output-buffer", "4G")
    wire.replay(capture)
    time.sleep(2)
    with Timed() as live:
        sensor.stop()
    return live, offline(capture)


def seen_by_peers(wire, trace):
    """Packets that other programs say they saw."""
    if rig.has("ndpiReader"):
        with Timed() as timed:
            peer = subprocess.Popen(["ndpiReader", "-i", rig.HERE, "-s", "20"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
            time.sleep(3)
            wire.replay(trace)
            told = peer.communicate()[0]
        yield "ndpiReader -i", timed.cpu, next((line.split()[2] for line in told.splitlines() if "IP packets:" in line), "?")
    if rig.has("softflowd"):
        control = os.path.join(tempfile.mkdtemp(), "control")
        with Timed() as timed:
            peer = subprocess.Popen(["softflowd", "-d", "-i", rig.HERE, "-c", control, "-p", control + ".pid"], stdout=subprocess.DEVNULL,
                                    stderr=subprocess.DEVNULL)
            rig.until(lambda: os.path.exists(control), 10)
            wire.replay(trace)
            time.sleep(1)
            told = rig.run("softflowctl", "-c", control, "statistics", check=False).stdout
            peer.terminate()
            peer.wait()
        yield "softflowd", timed.cpu, next((line.split(":")[1].split()[0] for line in told.splitlines() if "Packets processed" in line), "?")


def middle(runs, member):
    return statistics.median(getattr(run, member) for run in runs)


def row(what, value, target=""):
    print("| %s | %s | %s |" % (what, value, target), flush=True)


def bench(options, wire, folder):
    trace = os.path.join(folder, "trace.pcap")
    captures = [os.path.join(dztest.SOURCE, "pcaps")]
    subprocess.run([TRACE, "-m", "default", "-n", str(options.packets), "-o", trace, *captures], check=True, stderr=subprocess.DEVNULL)
    runs = {name: [] for name in ("start", "offline", "open", "one", "two", "dump")}
    for _ in range(options.rounds):
        runs["start"].append(offline(os.path.join(dztest.SOURCE, "pcaps", "dns.pcap")))
        runs["offline"].append(offline(trace))
        runs["open"].append(offline(trace, "--no-sandbox"))
        runs["one"].append(frozen(wire, trace, "-j", "1"))
        runs["two"].append(frozen(wire, trace, "-j", "2"))
        runs["dump"].append(by_tcpdump(wire, trace))
    cpu = {name: middle(of, "cpu") for name, of in runs.items()}
    row("what", "measured", "target")
    row("---", "---:", "---:")
    row("CPU, frozen ring, -j 1, over a run over the file", "%.2f" % (cpu["one"] / (cpu["offline"] - cpu["start"])), "≤ 1.15")
    row("… over `tcpdump -w - \\| distribooze -`", "%.2f" % (cpu["one"] / cpu["dump"]), "≤ 0.55")
    row("emptying the ring, wall, -j 2 over -j 1", "%.2f" % (middle(runs["two"], "wall") / middle(runs["one"], "wall")), "≤ 0.8")
    row("CPU with the sandbox over without, from a file", "%.3f" % (cpu["offline"] / cpu["open"]), "≤ 1.01")
    drops = [dropped_of(wire, trace) for _ in range(options.rounds)]
    row("dropped of what tcpreplay sends at its fastest, each round", ", ".join("%d of %d" % (d, s) for s, d in drops), "0")
    drops = [at_top_speed(wire) for _ in range(options.rounds)]
    row("dropped of a flood of one-packet flows, five seconds each", ", ".join("%d of %d" % (d, s) for s, d in drops))
    row("idle, share of a core", "%.3f %%" % (100 * idle(options.idle)), "≤ 0.1 %")
    live, file = ending(wire, folder, options.flows)
    row("SIGTERM with %d flows to the end, over the run over their file, wall" % options.flows, "%.2f" % (live.wall / file.wall), "≤ 2")
    for name, used, packets in seen_by_peers(wire, trace):
        row("%s: packets it says it saw of %d; CPU s" % (name, options.packets), "%s; %.2f" % (packets, used))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packets", type=int, default=1000000)
    parser.add_argument("--flows", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--idle", type=int, default=60)
    options = parser.parse_args()
    rig.enter()
    wire = rig.Wire(lasts=7200)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        try:
            bench(options, wire, folder)
        finally:
            wire.close()


if __name__ == "__main__":
    main()
