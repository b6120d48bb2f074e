#!/usr/bin/env python3
"""--resegment against the kernel: a transfer is captured before and after segmentation, and both give the same flows.

Three network namespaces in a row. The outer ones leave segmentation to their interfaces, so what they send is captured with
up to 64 kB; the one in the middle forwards it with offloads off, so the kernel cuts it there. What one end sends is compared as
captured there, with --resegment, and at the other end, without. For IPv4 and IPv6, up and down, with and without time stamps.
"""

import os
import shutil

import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

SIZE = 3000001
PORT = 8443
CLIENT, SERVER = {4: "10.77.1.1", 6: "fd77:1::1"}, {4: "10.77.2.1", 6: "fd77:2::1"}

# The far end serves one connection: the first byte says who sends.
SERVE = """
import socket, sys
family, host, size = getattr(socket, sys.argv[1]), sys.argv[2], int(sys.argv[3])
listener = socket.socket(family)
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind((host, %d))
listener.listen()
print("ready", flush=True)
peer = listener.accept()[0]
if peer.recv(1) == b"d":
    peer.sendall(b"x" * size)
    peer.shutdown(socket.SHUT_WR)
while peer.recv(1 << 20):
    pass
peer.close()
""" % PORT
ASK = """
import socket, sys
family, host, size, what = getattr(socket, sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
peer = socket.create_connection((host, %d))
peer.sendall(what.encode())
if what == "u":
    peer.sendall(b"x" * size)
peer.shutdown(socket.SHUT_WR)
while peer.recv(1 << 20):
    pass
peer.close()
""" % PORT


class Net:
    """a - hop - b"""

    def __init__(self):
        self.names = ["dz%s%d" % (part, os.getpid()) for part in "ahb"]

    def run(self, *command, inside=None, **more):
        prefix = ["ip", "netns", "exec", self.names[inside]] if inside is not None else []
        return subprocess.run(prefix + list(command), check=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **more)

    def start(self, inside, *command):
        return subprocess.Popen(["ip", "netns", "exec", self.names[inside], *command], stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, text=True)

    def build(self):
        for name in self.names:
            self.run("ip", "netns", "add", name)
        for inside, other in ((0, "left"), (2, "right")):
            self.run("ip", "link", "add", "end", "netns", self.names[inside], "type", "veth", "peer", "name", other, "netns", self.names[1])
        for inside, address in ((0, CLIENT), (2, SERVER)):
            self.address(inside, "end", address[4] + "/24", address[6] + "/64")
        self.address(1, "left", "10.77.1.254/24", "fd77:1::fe/64")
        self.address(1, "right", "10.77.2.254/24", "fd77:2::fe/64")
        for inside, net in ((0, "1"), (2, "2")):
            self.run("ip", "route", "add", "default", "via", "10.77.%s.254" % net, inside=inside)
            self.run("ip", "-6", "route", "add", "default", "via", "fd77:%s::fe" % net, inside=inside)
        self.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1", inside=1)
        for device in ("left", "right"):
            self.run("ethtool", "-K", device, "tso", "off", "gso", "off", "gro", "off", inside=1)
        for inside in (0, 2):
            self.run("ethtool", "-K", "end", "tso", "on", "gso", "on", "gro", "off", inside=inside)

    def address(self, inside, device, v4, v6):
        self.run("ip", "address", "add", v4, "dev", device, inside=inside)
        self.run("ip", "address", "add", v6, "dev", device, "nodad", inside=inside)
        self.run("ip", "link", "set", device, "up", inside=inside)

    def remove(self):
        for name in self.names:
            subprocess.run(["ip", "netns", "delete", name], stderr=subprocess.DEVNULL)


def tcpdump(net, inside, path):
    process = net.start(inside, "tcpdump", "-i", "end", "-s", "128", "-B", "32768", "-U", "--immediate-mode", "-w", path, "tcp port %d" % PORT)
    while "listening on" not in process.stderr.readline():
        if process.poll() is not None:
            dztest.skip("tcpdump does not capture here")
    return process


def transfer(net, version, what, folder):
    """-> captures at the client's and at the server's end"""
    paths = [os.path.join(folder, end + ".pcap") for end in ("client", "server")]
    family = "AF_INET" if version == 4 else "AF_INET6"
    dumps = [tcpdump(net, inside, path) for inside, path in zip((0, 2), paths)]
    server = net.start(2, sys.executable, "-c", SERVE, family, SERVER[version], str(SIZE))
    assert server.stdout.readline() == "ready\n", server.stderr.read()
    net.run(sys.executable, "-c", ASK, family, SERVER[version], str(SIZE), what, inside=0, timeout=60)
    server.communicate(timeout=60)
    for path, dump in zip(paths, dumps):
        closed(dump, path)
    return paths


def closed(dump, path):
    """Ends tcpdump once it has written the end of the connection."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        records = dztest.Run("-q", path).records
        if records and records[0]["distribooze"]["end_reason"] == "fin":
            break
        time.sleep(0.05)
    dump.terminate()
    dump.communicate(timeout=20)


def flow(path, *options):
    run = dztest.Run("-q", "--no-guess", *options, path)
    assert run.exit == 0 and len(run.records) == 1, (run.stderr, len(run.records))
    return run.records[0]


def compare(report, name, version, before, after):
    """Both sides of a flow, but for what one capture has more of retransmissions than the other."""
    for layer in ("ip", "payload", "frame"):
        whole = flow(before, "--resegment", "-l", layer)
        sent = flow(after, "-l", layer)
        if layer == "ip":
            uncut = flow(before)
            report.check(uncut["distribooze"]["lengths"]["oversized"] > 10, "%s: nothing was put together: %s", name, uncut["distribooze"]["lengths"])
            report.check("oversized" not in sent["distribooze"]["lengths"], "%s: the hop did not cut", name)
        for side in ("source", "destination"):
            again = [r["distribooze"]["tcp"]["retransmissions"][side] for r in (whole, sent)]
            got, expected = (r["distribooze"]["lengths"][side]["counts"] for r in (whole, sent))
            off = sum(abs(g - e) for g, e in zip(got, expected))
            report.check(off <= sum(again), "%s: %s, %s: %d of %d packets in another bin (%s sent again)", name, layer, side, off,
                         sum(expected), again)
            if not any(again):
                for what in ("packets", "bytes"):
                    report.equal("%s: %s: %s of %s" % (name, layer, what, side), whole[side][what], sent[side][what])
    print("%s: %d packets captured where they were sent, %d with --resegment, %d on the wire" % (
        name, uncut["network"]["packets"], whole["network"]["packets"], sent["network"]["packets"]))


def main():
    if os.geteuid() != 0:
        dztest.skip("network namespaces need root")
    for tool in ("ip", "ethtool", "tcpdump", "sysctl"):
        if not shutil.which(tool):
            dztest.skip("no " + tool)
    report, net = dztest.Report(), Net()
    try:
        try:
            net.build()
        except subprocess.CalledProcessError as error:
            dztest.skip("no network namespaces here: " + (error.stderr or str(error)).strip())
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)  # tcpdump writes as another user
            for stamps in ("1", "0"):
                for inside in (0, 2):
                    net.run("sysctl", "-qw", "net.ipv4.tcp_timestamps=" + stamps, inside=inside)
                for version in (4, 6):
                    for what in ("u", "d"):
                        name = "IPv%d %s%s" % (version, "up" if what == "u" else "down", "" if stamps == "1" else " without time stamps")
                        paths = transfer(net, version, what, folder)
                        compare(report, name, version, *(paths if what == "u" else paths[::-1]))
                        for path in paths:
                            os.unlink(path)
    finally:
        net.remove()
    report.finish()


if __name__ == "__main__":

    main()
