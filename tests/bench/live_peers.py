# SPDX-License-Identifier: BSD-2-Clause
"""What others do on the wire that a sensor is on: how many packets of a replayed capture each says it saw, at what cost, and
how many flows it has told of a few seconds after the idle time-out, on a link that is silent by then.

Each captures with its own default buffer, and ends flows after IDLE seconds of silence where that can be told it."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

import rig  # found by live.py
import dztest

HERE = os.path.dirname(os.path.abspath(__file__))
IDLE, GRACE, PATIENCE = 5, 5, 30
AFTER = 400  # packets that come then, slowly: some programs look at the time only when one does


def used_by_session(leader):
    """Seconds of CPU of the processes of a session, and of their children that are gone."""
    ticks = 0
    for name in filter(str.isdigit, os.listdir("/proc")):
        try:
            with open("/proc/%s/stat" % name) as f:
                fields = f.read().rsplit(")", 1)[1].split()
        except OSError:
            continue  # it has just ended
        if int(fields[3]) == leader:
            ticks += sum(map(int, fields[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


class Peer:
    """A program in a session of its own. What it tells is counted as it comes: told()."""

    def __init__(self, folder):
        self.folder = folder
        self.out = os.path.join(folder, type(self).__name__)
        self.process = subprocess.Popen(self.command(), stdin=subprocess.DEVNULL, stdout=open(self.out, "wb"),
                                        stderr=open(self.out + ".err", "wb"), start_new_session=True)

    def text(self, suffix=""):
        with open(self.out + suffix, errors="replace") as f:
            return f.read()

    def cpu(self):
        return used_by_session(self.process.pid)

    def wait_ready(self):
        time.sleep(5)

    def end(self):
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Distribooze(Peer):
    name = "distribooze"

    def command(self):
        self.stats = os.path.join(self.folder, "stats")
        words = [dztest.PROGRAM, "-i", rig.HERE, "--idle-timeout", str(IDLE), "--stats", self.stats]
        return words + (["--user", "root"] if rig.is_real_root() else [])

    def wait_ready(self):
        rig.until(lambda: "capturing on" in self.text(".err"), PATIENCE)

    def told(self):
        return self.text().count("\n")

    def packets(self):
        return rig.last_stats(self.stats)["packets"]


class Nfstream(Peer):
    name = "nfstream"
    python = sys.executable

    @classmethod
    def is_there(cls):
        return subprocess.run([cls.python, "-c", "import nfstream"], capture_output=True).returncode == 0

    def command(self):
        return [self.python, os.path.join(HERE, "nfstream_live.py"), rig.HERE, str(IDLE)]

    def told(self):
        return self.text().count("\n")

    def packets(self):
        return sum(int(line) for line in self.text().split())

    def end(self):
        os.killpg(self.process.pid, signal.SIGKILL)  # it hears SIGINT only when packets come
        self.process.wait()


class Softflowd(Peer):
    name = "softflowd"

    @classmethod
    def is_there(cls):
        return rig.has("softflowd")

    def command(self):
        self.exported = 0
        self.collector = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.collector.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 26)
        self.collector.bind(("127.0.0.1", 0))
        threading.Thread(target=self.collect, daemon=True).start()
        self.control = os.path.join(self.folder, "control")
        times = [word for name in ("tcp", "tcp.rst", "tcp.fin", "udp", "icmp", "general")
                 for word in ("-t", "%s=%d" % (name, IDLE))]
        return ["softflowd", "-d", "-i", rig.HERE, "-c", self.control, "-p", self.control + ".pid", "-m", "1000000", "-v", "5",
                "-n", "127.0.0.1:%d" % self.collector.getsockname()[1], *times, "-t", "expint=1"]

    def collect(self):
        # NetFlow 5: the second word is the number of flows, and each direction is one.
        for data in iter(lambda: self.collector.recv(65536), b""):
            self.exported += int.from_bytes(data[2:4], "big")

    def wait_ready(self):
        rig.until(lambda: os.path.exists(self.control), PATIENCE)

    def told(self):
        return self.exported // 2

    def packets(self):
        return self.seen

    def end(self):
        text = rig.run("softflowctl", "-c", self.control, "statistics", check=False).stdout
        found = re.search(r"Packets processed: (\d+)", text)
        self.seen = int(found.group(1)) if found else None
        super().end()


class NdpiReader(Peer):
    name = "ndpiReader"
    seconds = 45

    @classmethod
    def is_there(cls):
        return rig.has("ndpiReader")

    def command(self):
        return ["ndpiReader", "-i", rig.HERE, "-s", str(self.seconds)]

    def told(self):
        found = re.search(r"Unique flows:\s+(\d+)", self.text())
        return int(found.group(1)) if found else 0

    def packets(self):
        return int(re.search(r"IP packets:\s+(\d+)", self.text()).group(1))

    def end(self):
        self.process.wait(self.seconds + PATIENCE)


PEERS = (Distribooze, Nfstream, Softflowd, NdpiReader)


def rows(wire, trace, python):
    """For each: its name, packets sent and seen in all, CPU seconds, flows told on the silent link, flows told in all."""
    Nfstream.python = python
    for kind in PEERS:
        if not getattr(kind, "is_there", lambda: True)():
            print("%s is not installed" % kind.name, file=sys.stderr)
            continue
        with tempfile.TemporaryDirectory() as folder:
            peer = kind(folder)
            try:
                peer.wait_ready()
                before = peer.cpu()
                sent = wire.replay(trace)
                time.sleep(IDLE + GRACE)
                cpu, on_time = peer.cpu() - before, peer.told()
                sent += wire.replay(trace, "--pps=%d" % (AFTER // 4), "--limit=%d" % AFTER)
                peer.end()
                yield kind.name, sent, peer.packets(), cpu, on_time, peer.told()
            finally:
                if peer.process.poll() is None:
                    os.killpg(peer.process.pid, signal.SIGKILL)
