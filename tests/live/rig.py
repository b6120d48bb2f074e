# SPDX-License-Identifier: BSD-2-Clause
"""Two network namespaces with a wire between them, and a sensor on it.

The test program runs itself again inside a namespace of its own (as root, or as root of a user namespace); a second
namespace holds the other end. Nothing is waited for by sleeping: a sensor says when it captures."""

import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

HERE, THERE = "dz0", "dz1"  # the sensor's end, and the sender's
PATIENCE = 30


def enter():
    """Runs the program again in namespaces of its own; skips where there are none to be had."""
    if os.environ.get("DZ_LIVE_INSIDE"):
        return
    for program in ("unshare", "nsenter", "ip", "tcpreplay", "ethtool"):
        dztest.need(program)
    ways = [["unshare", "-nm"]] if os.geteuid() == 0 else []
    for way in ways + [["unshare", "-Urnm"]]:
        if subprocess.run(way + ["ip", "link", "add", "dz9", "type", "veth"], capture_output=True).returncode == 0:
            os.environ["DZ_LIVE_INSIDE"] = "1"
            os.execvp(way[0], way + [sys.executable] + sys.argv)
    dztest.skip("no network namespace can be made here")


def is_real_root():
    """Root of the machine, who has other users to become, and not of a user namespace."""
    with open("/proc/self/uid_map") as f:
        return os.geteuid() == 0 and f.read().split() == ["0", "0", "4294967295"]


@contextlib.contextmanager
def scene():
    """What a test program has: a report, a wire, and a folder that any user may write to."""
    enter()
    report, wire = dztest.Report(), Wire()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o777)
        try:
            yield report, wire, folder
        finally:
            wire.close()


def run(*words, check=True):
    return subprocess.run(words, capture_output=True, text=True, check=check)


class Wire:
    """veth from HERE to THERE, which is in a namespace of its own; quiet: nothing is on it that was not sent."""

    def __init__(self, offloads=False, mtu=65535, lasts=600):
        run("ip", "link", "set", "lo", "up")
        self.far = subprocess.Popen(["unshare", "-n", "sleep", str(lasts)])
        self.pid = str(self.far.pid)
        ours, deadline = os.readlink("/proc/self/ns/net"), time.monotonic() + PATIENCE
        while os.readlink("/proc/%s/ns/net" % self.pid) == ours and time.monotonic() < deadline:
            time.sleep(0.002)
        self.offloads, self.mtu = offloads, mtu
        self.connect()

    def connect(self):
        run("ip", "link", "add", HERE, "type", "veth", "peer", "name", THERE, "netns", self.pid)
        self.prepare([], HERE)
        self.prepare(self.there(), THERE)

    def prepare(self, prefix, name):
        run(*prefix, "sh", "-c", "echo 1 >/proc/sys/net/ipv6/conf/%s/disable_ipv6" % name, check=False)
        run(*prefix, "ip", "link", "set", name, "mtu", str(self.mtu), "arp", "off" if not self.offloads else "on", "up")
        if not self.offloads:
            run(*prefix, "ethtool", "-K", name, "tso", "off", "gso", "off", "gro", "off", "tx", "off", "rx", "off", check=False)

    def there(self):
        return ["nsenter", "-t", self.pid, "-n"]

    def replay(self, capture, *options):
        """The number of packets that were sent, as fast as it goes unless the options say how fast; None when the capture cannot
        be replayed."""
        speed = [] if any(option.startswith("--pps") for option in options) else ["--topspeed"]
        done = run(*self.there(), "tcpreplay", "-K", *speed, "-i", THERE, *options, capture, check=False)
        sent = [line.split()[-1] for line in done.stdout.splitlines() if "Successful packets" in line]
        failed = [line.split()[-1] for line in done.stdout.splitlines() if "Failed packets" in line]
        return int(sent[0]) if done.returncode == 0 and sent and failed == ["0"] else None

    def close(self):
        run("ip", "link", "del", HERE, check=False)
        self.far.kill()
        self.far.wait()


def hear_signals():
    """Under nohup, or in the background of a shell, some are ignored from the start, and that is inherited."""
    for number in (signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_DFL)


class Sensor:
    """The program on a wire. Its standard error is collected line by line."""

    def __init__(self, *options, interfaces=(HERE,), stdout=None, program=None, ready=True, cwd=None, env=None):
        words = [program or dztest.PROGRAM]
        for name in interfaces:
            words += ["-i", name]
        if "DISTRIBOOZE_LIVE_USER" in os.environ and is_real_root() and "--user" not in options:
            words += ["--user", os.environ["DISTRIBOOZE_LIVE_USER"]]
        self.stdout = subprocess.PIPE if stdout is None else stdout
        self.process = subprocess.Popen(words + list(options), stdin=subprocess.DEVNULL, stdout=self.stdout,
                                        stderr=subprocess.PIPE, cwd=cwd, env=env, preexec_fn=hear_signals)
        self.pid, self.said, self.lines, self.out = self.process.pid, [], queue.Queue(), b""
        self.readers = [threading.Thread(target=self.read_errors, daemon=True)]
        if self.stdout == subprocess.PIPE:
            self.readers.append(threading.Thread(target=self.read_output, daemon=True))
        for reader in self.readers:
            reader.start()
        for _ in interfaces if ready else ():
            self.wait_for("capturing on")

    def read_errors(self):
        for line in self.process.stderr:
            self.said.append(line.decode(errors="replace").rstrip("\n"))
            self.lines.put(self.said[-1])
        self.lines.put(None)

    def read_output(self):
        for block in iter(lambda: self.process.stdout.read1(65536), b""):
            self.out += block

    def wait_for(self, text):
        """The next line on standard error that has the text."""
        deadline = time.monotonic() + PATIENCE
        while True:
            line = self.lines.get(timeout=max(0.01, deadline - time.monotonic()))
            if line is None:
                raise RuntimeError("the sensor ended, and never said %r: %s" % (text, self.said))
            if text in line:
                return line

    def send(self, number):
        self.process.send_signal(number)

    def wait(self):
        """The exit status, when it ended by itself."""
        status = self.process.wait(timeout=PATIENCE)
        for reader in self.readers:
            reader.join()
        return status

    def stop(self, number=signal.SIGTERM):
        self.send(number)
        return self.wait()

    def records(self):
        return [json.loads(line) for line in self.out.decode().splitlines()]

    def status(self, name):
        with open("/proc/%d/status" % self.pid) as f:
            return next(line.split()[1] for line in f if line.startswith(name + ":"))


def until(what, timeout=PATIENCE):
    """Whether it came true in time."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.01)
    return bool(what())


def read_lines(path):
    with open(path) as f:
        return [json.loads(line) for line in f]


def last_stats(path):
    return read_lines(path)[-1]


def count_in(stats, name):
    return sum(interface[name] for interface in stats["interfaces"].values())


def open_folder(parent, name):
    """A folder that whoever the sensor becomes may write in."""
    path = os.path.join(parent, name)
    os.mkdir(path)
    os.chmod(path, 0o777)
    return path


def has(program):
    return shutil.which(program) is not None
