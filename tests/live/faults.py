#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""A sensor where something is missing, scarce or odd: it says so and goes on, or ends with a message; and it is idle when
nothing comes. Each thread of it is confined."""

import ctypes
import glob
import json
import os
import platform
import resource
import signal
import struct
import subprocess
import time

import rig
import dztest
from capture import OPTIONS, identity

MANY = 16
# Calls that older kernels and containers refuse, and prctl() with PR_SET_SECCOMP.
CALLS = {"x86_64": (317, 444, 157), "aarch64": (277, 444, 167)}


def many_interfaces(report, wire, folder):
    names = ["dzm%d" % i for i in range(MANY)]
    for a, b in zip(names[::2], names[1::2]):
        rig.run("ip", "link", "add", a, "type", "veth", "peer", "name", b)
    for name in names:
        rig.run("sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/%s/disable_ipv6" % name, check=False)
        rig.run("ip", "link", "set", name, "arp", "off", "up")
    stats = os.path.join(folder, "many.stats")
    sensor = rig.Sensor("--buffer-size", "1M", "--stats", stats, "-s", "0", interfaces=names)
    report.equal("16 interfaces: exit status", sensor.stop(), 0)
    report.equal("16 interfaces: counted", sorted(rig.last_stats(stats)["interfaces"]), sorted(names))
    for name in names[::2]:
        rig.run("ip", "link", "del", name)


def filter_of_one_link(report):
    """An expression that one interface's link type takes, and the other's does not: told before anything is captured."""
    for interfaces, status in (([rig.HERE], 0), ([rig.HERE, "any"], 1), (["any"], 1)):
        words = sum((["-i", name] for name in interfaces), [])
        done = subprocess.run([dztest.PROGRAM, *words, "-f", "ether host 02:00:00:00:00:01", "--duration", "100ms"], capture_output=True, text=True, check=False)
        what = "a filter for Ethernet on %s" % " and ".join(interfaces)
        report.equal(what + ": exit status", done.returncode, status)
        report.check(("--filter: 'ether host 02:00:00:00:00:01'" in done.stderr and "(for any)" in done.stderr) == bool(status), "%s: %s", what, done.stderr)
        report.equal(what + ": lines", done.stdout, "")


def scarce_descriptors(report):
    """With any number of descriptors it either captures or says that there are too few."""
    for most in range(4, 20, 3):
        process = subprocess.Popen([dztest.PROGRAM, "-i", rig.HERE, "--duration", "100ms"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True, preexec_fn=lambda most=most: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most)))
        said = process.communicate(timeout=rig.PATIENCE)[1]
        report.check(process.returncode == 0 or (process.returncode in (1, 2) and said.strip()), "%d descriptors: status %d, says %r",
                     most, process.returncode, said)
        report.check(most > 4 or "Too many open files" in said, "4 descriptors: says %r", said)


def stopped_while_starting(report, folder):
    path = os.path.join(rig.open_folder(folder, "starting"), "f.jsonl")
    for ms in range(0, 60, 4):
        sensor = rig.Sensor("-o", path, ready=False)
        time.sleep(ms / 1000)
        status = sensor.stop()
        report.check(status in (0, -signal.SIGTERM, 128 + signal.SIGTERM), "TERM after %d ms: status %d, says %s", ms, status, sensor.said)
    report.equal("TERM while starting: lines", open(path).read(), "")


def without_sysfs(report, wire, folder):
    if rig.run("mount", "-t", "tmpfs", "tmpfs", "/sys", check=False).returncode:
        return
    try:
        stats = os.path.join(folder, "sysfs.stats")
        sensor = rig.Sensor("--stats", stats)
        sent = wire.replay(os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap"))
        report.equal("no /sys: exit status", sensor.stop(), 0)
        report.equal("no /sys: packets", rig.last_stats(stats)["packets"], sent)
    finally:
        rig.run("umount", "/sys")


def refuse_sandboxes():
    """In the child: seccomp(), Landlock and PR_SET_SECCOMP fail from here on, as in some containers and kernels."""
    seccomp, landlock, prctl = CALLS[platform.machine()]
    load, equal, give = 0x20, 0x15, 0x06
    rules = [(load, 0, 0, 0), (equal, 4, 0, seccomp), (equal, 3, 0, landlock), (equal, 0, 3, prctl), (load, 0, 0, 16), (equal, 0, 1, 22),
             (give, 0, 0, 0x00050000 | 38), (give, 0, 0, 0x7fff0000)]
    program = ctypes.create_string_buffer(b"".join(struct.pack("HBBI", *rule) for rule in rules))
    head = ctypes.create_string_buffer(struct.pack("HxxxxxxQ", len(rules), ctypes.addressof(program)))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(38, 1, 0, 0, 0) or libc.prctl(22, 2, head, 0, 0):
        os._exit(99)


def without_sandbox(report):
    if platform.machine() not in CALLS:
        return
    process = subprocess.Popen([dztest.PROGRAM, "-i", rig.HERE, "--duration", "100ms"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               preexec_fn=refuse_sandboxes)
    said = process.communicate(timeout=rig.PATIENCE)[1]
    report.equal("no sandbox to be had: exit status (%s)" % said, process.returncode, 0)
    report.check("the sandbox is not all there" in said and "--no-sandbox" in said, "no sandbox to be had: says %r", said)


def odd_frames(report, wire, folder):
    """Runts, 802.3, a protocol that nobody knows, and a packet of 9,000 bytes: as the file of them."""
    path, stats, offline = (os.path.join(folder, "odd." + end) for end in ("pcap", "stats", "offline"))
    ends = bytes.fromhex("020000000002020000000001")
    long_one = bytes.fromhex("0800" "45002328" "00010000" "4011" "0000" "0a0000010a000002" "30390009" "23140000") + bytes(8972)
    frames = [ends + bytes.fromhex("0800"), ends + bytes.fromhex("0026") + b"\x42\x42\x03" + bytes(35), ends + bytes.fromhex("88b5") + bytes(46),
              ends + bytes.fromhex("08004500"), ends + long_one, ends + bytes.fromhex("0806") + bytes(46)]
    with open(path, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for i, frame in enumerate(frames):
            f.write(struct.pack("<IIII", 1700000000 + i, 0, len(frame), len(frame)) + frame)
    sensor = rig.Sensor(*OPTIONS, "--stats", stats)
    report.equal("odd frames: sent", wire.replay(path), len(frames))
    report.equal("odd frames: exit status", sensor.stop(), 0)
    done = subprocess.run([dztest.PROGRAM, "-q", *OPTIONS, "--stats", offline, path], capture_output=True)
    report.equal("odd frames: flows", sorted(map(identity, sensor.records())), sorted(identity(json.loads(x)) for x in done.stdout.splitlines()))
    live, file = rig.last_stats(stats), json.load(open(offline))
    for member in ("packets", "verdicts", "not_ip", "bytes"):
        report.equal("odd frames: " + member, live[member], file[member])


def threads_status(sensor, name):
    values = []
    for path in glob.glob("/proc/%d/task/*/status" % sensor.pid):
        with open(path) as f:
            values += [line.split()[1] for line in f if line.startswith(name + ":")]
    return values


def every_thread(report):
    sensor = rig.Sensor("-j", "2")
    confined = "0" if any("an instrumented build" in line for line in sensor.said) else "2"
    # It is ready when packets are kept; the threads that take them start then.
    rig.until(lambda: len(threads_status(sensor, "Seccomp")) >= 3)
    report.check(len(threads_status(sensor, "Seccomp")) >= 3, "threads: %s", threads_status(sensor, "Seccomp"))
    for name, value in (("Seccomp", confined), ("NoNewPrivs", "1"), ("CapEff", "0" * 16), ("CapPrm", "0" * 16)):
        report.check(set(threads_status(sensor, name)) == {value}, "%s of all threads: %s", name, threads_status(sensor, name))
    report.equal("every thread: exit status", sensor.stop(), 0)


def idle(report):
    """Wake-ups of all threads, by what the kernel counts. Two shards make 9.6 a second, and a lock that is waited for one more."""
    sensors = {options: rig.Sensor(*options) for options in ((), ("-j", "2"))}
    time.sleep(1)

    def woken(sensor):
        return sum(map(int, threads_status(sensor, "voluntary_ctxt_switches")))
    def rate_of(sensor):
        """The least of three: a machine that is busy wakes threads for nothing."""
        rates = []
        for _ in range(3):
            began = woken(sensor)
            time.sleep(3)
            rates.append((woken(sensor) - began) / 3)
        return min(rates)
    for options, sensor in sensors.items():
        rate = rate_of(sensor)
        report.check(rate <= (11 if options else 10), "idle%s: %.1f wake-ups a second", " ".join(options), rate)
        report.equal("idle: exit status", sensor.stop(), 0)


def every_format(report, wire, folder):
    """With the sandbox on, each format to each kind of output."""
    here = rig.open_folder(folder, "formats")
    for form in ("jsonl", "csv", "table", "bulk"):
        for output in (None, "f." + form, "f.%s.gz" % form):
            path = output and os.path.join(here, output)
            sensor = rig.Sensor("-F", form, *(("-o", path) if path else ()))
            wire.replay(os.path.join(dztest.SOURCE, "pcaps", "ssh.pcap"))
            report.equal("-F %s to %s: exit status (%s)" % (form, output, sensor.said[-2:]), sensor.stop(), 0)
            report.check((os.path.getsize(path) if path else len(sensor.out)) > 50, "-F %s to %s: nothing came", form, output)


def main():
    with rig.scene() as (report, wire, folder):
        many_interfaces(report, wire, folder)
        filter_of_one_link(report)
        scarce_descriptors(report)
        stopped_while_starting(report, folder)
        without_sysfs(report, wire, folder)
        without_sandbox(report)
        odd_frames(report, wire, folder)
        every_thread(report)
        idle(report)
        every_format(report, wire, folder)
    report.finish()


if __name__ == "__main__":
    main()
