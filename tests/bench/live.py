#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a live capture costs: a table for docs/PERFORMANCE.md. `make bench-live` builds what it takes.

  live.py [--packets N] [--flows N] [--rounds N] [--idle SECONDS] [--python PROGRAM] [--only sensor|peers]

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
import live_peers  # noqa: E402

RING = "2000M"
QUIET = 0.005  # seconds of CPU that are no work
TRACE, SEND, FLOOD = (os.path.join(dztest.BUILD, name) for name in ("tests/bench/trace", "tests/bench/send", "tests/live/flood"))


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


def dropped_of(send):
    """What is dropped of what is sent as fast as it goes, with the default buffer: packets sent, those dropped, and how many
    were sent in a second."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        stats = os.path.join(folder, "stats")
        sensor = rig.Sensor("-o", "/dev/null", "--stats", stats)
        began = time.monotonic()
        sent = int(send())
        rate = sent / (time.monotonic() - began)
        sensor.stop()
        return sent, rig.count_in(rig.last_stats(stats), "dropped"), rate


def row_of_drops(what, send, rounds, target=""):
    drops = [dropped_of(send) for _ in range(rounds)]
    row("dropped of %s (%d/s), default buffer" % (what, statistics.median(rate for _, _, rate in drops)),
        ", ".join("%d of %d" % (dropped, sent) for sent, dropped, _ in drops), target)


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


def middle(runs, member):
    return statistics.median(getattr(run, member) for run in runs)


def row(what, value, target=""):
    print("| %s | %s | %s |" % (what, value, target), flush=True)


def default_mix(options, folder):
    trace = os.path.join(folder, "trace.pcap")
    if not os.path.exists(trace):
        captures = [os.path.join(dztest.SOURCE, "pcaps")]
        subprocess.run([TRACE, "-m", "default", "-n", str(options.packets), "-o", trace, *captures], check=True,
                       stderr=subprocess.DEVNULL)
    return trace


def bench(options, wire, folder):
    trace = default_mix(options, folder)
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
    there = wire.there()
    row_of_drops("what tcpreplay sends at its fastest", lambda: wire.replay(trace), options.rounds, "0")
    row_of_drops("what a sender by sendmmsg() sends at its fastest",
                 lambda: rig.run(*there, SEND, rig.THERE, trace).stdout, options.rounds, "0")
    row_of_drops("a flood in which each packet is a flow, five seconds",
                 lambda: rig.run(*there, FLOOD, rig.THERE, "0", "5").stdout, options.rounds)
    row("idle, share of a core", "%.3f %%" % (100 * idle(options.idle)), "≤ 0.1 %")
    live, file = ending(wire, folder, options.flows)
    row("SIGTERM with %d flows to the end, over the run over their file, wall" % options.flows, "%.2f" % (live.wall / file.wall), "≤ 2")


def bench_peers(options, wire, folder):
    trace = default_mix(options, folder)
    print("\n| program | packets it saw | of | CPU s | flows told %d s after the last packet | flows in all |"
          % (live_peers.IDLE + live_peers.GRACE))
    print("|---|---:|---:|---:|---:|---:|", flush=True)
    for name, sent, seen, cpu, on_time, told in live_peers.rows(wire, trace, options.python):
        print("| %s | %s | %s | %.2f | %d | %d |" % (name, seen, sent, cpu, on_time, told), flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--packets", type=int, default=1000000)
    parser.add_argument("--flows", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--idle", type=int, default=60)
    parser.add_argument("--python", default=sys.executable, help="interpreter that has nfstream")
    parser.add_argument("--only", choices=("sensor", "peers"), help="this table only")
    options = parser.parse_args()
    rig.enter()
    wire = rig.Wire(lasts=7200)
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as folder:
        try:
            if options.only != "peers":
                bench(options, wire, folder)
            if options.only != "sensor":
                bench_peers(options, wire, folder)
        finally:
            wire.close()


if __name__ == "__main__":
    main()
