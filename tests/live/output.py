#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What a live capture writes: rotated, reopened, killed, not read, onto a full disk. Every record is there once, or counted
as lost; every line is whole."""

import contextlib
import glob
import json
import os
import signal
import subprocess
import sys
import tempfile
import time

import rig
import dztest

# One datagram a flow, each from a port of its own: as many records as packets.
BURST = """
import socket, sys, time
s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
s.bind((sys.argv[1], 0))
head = bytes.fromhex('020000000002' '020000000001' '0800' '45000020000100004011b3cd0a0000010a000002')
for i in range(int(sys.argv[2])):
    s.send(head + (1024 + i % 60000).to_bytes(2, 'big') + (9 + i // 60000).to_bytes(2, 'big') + b'\\0\\x0c\\0\\0abcd')
    if len(sys.argv) > 3 and i % 100 == 99:
        time.sleep(float(sys.argv[3]))
"""


def burst(wire, count, gap=None):
    return subprocess.Popen(wire.there() + [sys.executable, "-c", BURST, rig.THERE, str(count)] + ([str(gap)] if gap else []))


def all_lines(paths):
    lines = []
    for path in paths:
        with open(path, "rb") as f:
            content = f.read()
        assert content.endswith(b"\n") or not content, path
        lines += content.splitlines()
    return lines


def whole_once(report, what, lines, expected):
    ids = [json.loads(line)["event"]["id"] for line in lines]
    report.equal(what + ": records", len(ids), expected)
    report.equal(what + ": each once", len(set(ids)), len(ids))


def rotated(report, wire, folder):
    path, stats = os.path.join(folder, "rotated.jsonl"), os.path.join(folder, "rotated.stats")
    sensor = rig.Sensor("-o", path, "--rotate", "100k,1s", "--stats", stats, "--idle-timeout", "1")
    burst(wire, 2000, 0.1).wait()
    report.equal("rotation: exit status", sensor.stop(), 0)
    files = sorted(glob.glob(path + "*"))
    report.check(len(files) > 10, "rotation by size and time: %d files", len(files))
    whole_once(report, "rotation", all_lines(files), 2000)
    report.check(all(os.path.getsize(f) <= 102400 for f in files), "rotation: a file is too large")
    report.equal("rotation: counted", rig.last_stats(stats)["output"]["rotations"], len(files) - 1)

    kept = os.path.join(rig.open_folder(folder, "kept"), "f.csv")
    sensor = rig.Sensor("-o", kept, "-F", "csv", "--rotate", "64k", "--keep", "3")
    burst(wire, 2000).wait()
    report.equal("--keep: exit status", sensor.stop(), 0)
    report.equal("--keep 3: files", len(glob.glob(kept + "*")), 4)
    for name in glob.glob(kept + "*"):
        with open(name) as f:
            report.check(f.readline().startswith("label,"), "%s does not begin with the header", os.path.basename(name))


def reopened(report, wire, folder):
    """As logrotate does it: move away, HUP, many times under load."""
    path = os.path.join(rig.open_folder(folder, "hup"), "f.jsonl")
    sensor = rig.Sensor("-o", path, "--idle-timeout", "1")
    sender = burst(wire, 3000, 0.1)
    for i in range(100):
        time.sleep(0.02)
        if os.path.exists(path):
            os.rename(path, "%s.%d" % (path, i))
        sensor.send(signal.SIGHUP)
    sender.wait()
    report.equal("HUP: exit status", sensor.stop(), 0)
    whole_once(report, "HUP 100 times", all_lines(glob.glob(path + "*")), 3000)


def killed(report, wire, folder):
    path = os.path.join(rig.open_folder(folder, "killed"), "f.jsonl")
    sensor = rig.Sensor("-o", path, "--idle-timeout", "1")
    sender = burst(wire, 1000, 0.2)
    rig.until(lambda: os.path.exists(path) and os.path.getsize(path) > 10000)
    sensor.stop(signal.SIGKILL)
    sender.wait()
    with open(path, "ab") as f:
        f.write(b'{"half":')  # as a crash of the machine may leave it
    before = open(path, "rb").read().count(b"\n")
    sensor = rig.Sensor("-o", path)
    report.check(any("unfinished last line" in line for line in sensor.said), "restart: says %s", sensor.said)
    burst(wire, 10).wait()
    report.equal("restart: exit status", sensor.stop(), 0)
    lines = all_lines([path])
    whole_once(report, "killed and restarted", lines, before + 10)


def unpack(path):
    """Its content, and whether it is whole, by the programs that everybody has."""
    done = subprocess.run(["zstd" if path.endswith(".zst") else "gzip", "-dc"], stdin=open(path, "rb"), capture_output=True)
    return done.stdout, done.returncode == 0


def compressed(report, wire, folder):
    """FILE.gz and FILE.zst: whole at any moment, rotated, reopened, and whole again after a kill under load."""
    for end in ("gz", "zst"):
        if end == "zst" and not rig.has("zstd"):
            continue
        here = rig.open_folder(folder, end)
        path = os.path.join(here, "f.jsonl." + end)
        sensor = rig.Sensor("-o", path, "--rotate", "30k", "--idle-timeout", "1")
        sender = burst(wire, 2000, 0.1)
        rig.until(lambda: len(os.listdir(here)) > 1)  # the first file is full
        os.rename(path, os.path.join(here, "moved." + end))
        sensor.send(signal.SIGHUP)
        sender.wait()
        status = sensor.stop()
        report.equal("%s: exit status (%s)" % (end, sensor.said), status, 0)
        files = glob.glob(os.path.join(here, "*." + end))
        report.check(all(os.path.getsize(f) <= 30720 for f in files), "%s: a file is too large", end)
        report.check(len(files) > 2 and all(f.endswith("Z." + end) or "Z-" in f for f in files if os.path.basename(f) not in ("moved." + end, "f.jsonl." + end)),
                     "%s: names %s", end, files)
        contents = [unpack(f) for f in files if os.path.getsize(f)]
        report.check(all(whole for _, whole in contents), "%s: a file is not whole", end)
        whole_once(report, end, b"".join(content for content, _ in contents).splitlines(), 2000)
        cut_by_kill(report, wire, here, end)


def cut_by_kill(report, wire, folder, end):
    path = os.path.join(folder, "killed.jsonl." + end)
    sensor = rig.Sensor("-o", path, "--idle-timeout", "1")
    sender = burst(wire, 3000, 0.05)
    rig.until(lambda: os.path.exists(path) and os.path.getsize(path) > 10000)
    sensor.stop(signal.SIGKILL)
    sender.wait()
    with open(path, "r+b") as f:  # within a frame, wherever the kill came
        f.truncate(os.path.getsize(path) - 3)
    rest = unpack(path)[0].count(b"\n")
    sensor = rig.Sensor("-o", path)
    report.check(any("unfinished last frame" in line for line in sensor.said), "%s: restart says %s", end, sensor.said)
    burst(wire, 10).wait()
    report.equal("%s: restart: exit status" % end, sensor.stop(), 0)
    content, whole = unpack(path)
    report.check(whole, "%s: not whole after the restart", end)
    lines = content.splitlines()
    report.check(10 <= len(lines) <= rest + 10, "%s: %d lines after the restart, %d before", end, len(lines), rest)
    whole_once(report, end + " restarted", lines, len(lines))
    done = subprocess.run([dztest.PROGRAM, "report", "-q", path, "-o", "/dev/null"], capture_output=True, text=True)
    report.equal("%s: read by report (%s)" % (end, done.stderr), done.returncode, 0)


def unread(report, wire):
    """Standard output that nobody reads: records are dropped and counted, memory is bounded, capturing goes on."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        stats = os.path.join(folder, "stats")
        readable, writable = os.pipe()
        sensor = rig.Sensor("--output-buffer", "1M", "--idle-timeout", "1", "--stats", stats, stdout=writable)
        os.close(writable)
        burst(wire, 5000, 0.01).wait()
        report.check(rig.until(lambda: (sensor.send(signal.SIGUSR1), time.sleep(0.2), rig.last_stats(stats) if os.path.exists(stats) and
                                        os.path.getsize(stats) else {"flows": {"open": 1}, "output": {"lost_records": 0}})[2]["output"]["lost_records"] > 0),
                     "nobody reads: nothing was dropped")
        sensor.send(signal.SIGTERM)
        out = b""
        while True:
            block = os.read(readable, 65536)
            if not block:
                break
            out += block
        os.close(readable)
        report.equal("nobody reads: exit status", sensor.wait(), 0)
        last = rig.last_stats(stats)
        report.equal("nobody reads: received", last["packets"], 5000)
        report.equal("nobody reads: written + lost", last["output"]["records"] + last["output"]["lost_records"], 5000)
        whole_once(report, "nobody reads", out.splitlines(), last["output"]["records"])
        report.check(any("records were dropped" in line for line in sensor.said), "nobody reads: says %s", sensor.said)


def full_disk(report, wire, folder):
    """A small file system that is full for a while."""
    disk = rig.open_folder(folder, "disk")
    if rig.run("mount", "-t", "tmpfs", "-o", "size=256k,mode=777", "tmpfs", disk, check=False).returncode:
        return
    path, filler = os.path.join(disk, "f.jsonl"), os.path.join(disk, "filler")
    try:
        with open(filler, "wb") as f:
            f.write(bytes(200 * 1024))
        stats = os.path.join(folder, "full.stats")
        sensor = rig.Sensor("-o", path, "--idle-timeout", "1", "--stats", stats)
        burst(wire, 60).wait()
        sensor.wait_for("No space left on device; tried again each second")
        with open(path, "rb") as f:
            content = f.read()
        report.check(content.endswith(b"\n"), "full disk: the file ends in the middle of a line")
        os.unlink(filler)
        sensor.wait_for("writing goes on")
        report.equal("full disk: exit status", sensor.stop(), 0)
        whole_once(report, "full disk, then room", all_lines([path]), 60)
        report.equal("full disk: nothing lost", rig.last_stats(stats)["output"]["lost_records"], 0)

        with open(filler, "wb") as f:
            with contextlib.suppress(OSError):
                f.write(bytes(300 * 1024))
        sensor = rig.Sensor("-o", path, "--idle-timeout", "1")
        burst(wire, 60).wait()
        sensor.wait_for("No space left on device; tried again each second")
        report.equal("a disk that stays full: exit status", sensor.stop(), 1)
        said = " ".join(sensor.said)
        report.check("60 records were dropped, as the output could not be written" in said and "fast enough" not in said, "a disk that stays full: says %s", said)
    finally:
        rig.run("umount", disk, check=False)


def refused(report, folder):
    """What is wrong is said, with the right status, and names the interface or option."""
    file = os.path.join(folder, "file")
    link = os.path.join(folder, "link")
    os.symlink("file", link)
    private = os.path.join(folder, "private")
    os.mkdir(private, 0o700)
    cases = [(("-i", "nosuch"), 1, "nosuch: there is no such interface"), (("-i", ""), 2, "''"), (("-i", rig.HERE, "x.pcap"), 2, "x.pcap"),
             (("-i", rig.HERE, "--buffer-size", "1000"), 2, "--buffer-size"), (("-i", rig.HERE, "--buffer-size", "1T"), 2, "--buffer-size"),
             (("-i", rig.HERE, "-f", "tcp prot"), 2, "--filter"), (("-i", rig.HERE, "--user", "no-such-user"), 2, "no-such-user"),
             (("-i", rig.HERE, "--rotate", "1"), 2, "--rotate"), (("-i", rig.HERE, "--rotate", "1M"), 2, "-o FILE"),
             (("-i", rig.HERE, "--keep", "2", "-o", file), 2, "--keep"), (("-i", rig.HERE, "-o", folder), 1, folder),
             (("-i", rig.HERE, "-o", link), 1, "symbolic link"), (("-i", rig.HERE, "-o", file, "--stats", file), 2, "--stats"),
             (("--duration", "1"), 2, "--duration"), (("compare", "-i", rig.HERE), 2, "pipe the flows in"),
             (("score", "--rotate=1M", "-"), 2, "pipe the flows in"), (("report", "--metrics", file, "-"), 2, "pipe the flows in"), (("--metrics", file), 2, "--metrics")]
    if rig.is_real_root():
        cases.append((("-i", rig.HERE, "-o", os.path.join(private, "f"), "--rotate", "1M"), 1, "--rotate"))
    for words, status, text in cases:
        done = subprocess.run([dztest.PROGRAM, *words], capture_output=True, text=True, timeout=rig.PATIENCE)
        report.equal(" ".join(words) + ": exit status", done.returncode, status)
        report.check(text in done.stderr, "%s: no %r in %r", " ".join(words), text, done.stderr)
    first = rig.Sensor("-o", file)
    done = subprocess.run([dztest.PROGRAM, "-i", rig.HERE, "-o", file], capture_output=True, text=True, timeout=rig.PATIENCE)
    report.equal("two sensors on one file: exit status", done.returncode, 1)
    report.check("another program writes to it" in done.stderr, "two sensors on one file: %r", done.stderr)
    report.equal("the first of them", first.stop(), 0)
    twice = rig.Sensor(interfaces=(rig.HERE, rig.HERE), ready=False)
    twice.wait_for("named twice")
    twice.wait_for("capturing on")
    report.equal("an interface twice", twice.stop(), 0)


def metrics(report, wire, folder):
    """promtool finds nothing wrong, and counters never fall."""
    path = os.path.join(rig.open_folder(folder, "prom"), "m.prom")
    sensor = rig.Sensor("--metrics", path, "--stats-interval", "500ms")
    sender, last, texts = burst(wire, 2000, 0.1), {}, 0
    while sender.poll() is None or texts < 3:
        if not os.path.exists(path):
            continue
        with open(path) as f:
            text = f.read()
        texts += 1
        now = {line.rsplit(" ", 1)[0]: int(line.rsplit(" ", 1)[1]) for line in text.splitlines() if not line.startswith("#")}
        report.check(all(now[name] >= value for name, value in last.items() if "_total" in name), "a counter fell")
        last = now
        if rig.has("promtool") and texts < 20:
            done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True)
            report.check(done.returncode == 0 and not done.stdout.strip(), "promtool: %s%s", done.stdout, done.stderr)
        time.sleep(0.1)
    report.equal("metrics: exit status", sensor.stop(), 0)
    report.equal("metrics: mode", oct(os.stat(path).st_mode & 0o777), "0o644")


def unit(report):
    if not rig.has("systemd-analyze"):
        return
    name = os.path.join(tempfile.mkdtemp(), "distribooze@eth0.service")
    with open(os.path.join(dztest.SOURCE, "share/systemd/distribooze@.service")) as f, open(name, "w") as g:
        g.write(f.read().replace("/usr/bin/distribooze", os.path.abspath(dztest.PROGRAM)))
    done = rig.run("systemd-analyze", "verify", "--man=no", name, check=False)
    report.check(done.returncode == 0 and not done.stderr.strip(), "systemd-analyze verify: %s", done.stderr)
    done = rig.run("systemd-analyze", "security", "--offline=true", name, check=False)
    exposure = [line for line in done.stdout.splitlines() if "Overall exposure" in line]
    report.check(exposure and float(exposure[0].split(": ")[1].split()[0]) <= 2.0, "systemd-analyze security: %s", exposure)


def main():
    with rig.scene() as (report, wire, folder):
        rotated(report, wire, folder)
        reopened(report, wire, folder)
        killed(report, wire, folder)
        compressed(report, wire, folder)
        unread(report, wire)
        full_disk(report, wire, folder)
        refused(report, folder)
        metrics(report, wire, folder)
        unit(report)
    report.finish()


if __name__ == "__main__":
    main()
