#!/usr/bin/env python3
"""What is counted as not IP holds no IP packet that tshark finds, on every capture there is.

tshark picks the packets in which it sees an IP header, anywhere; of those none may get a verdict that says that there is
none: not-ip, unsupported-link, encrypted. What neither can be held to is listed below, with its reason.
"""

import os
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402
from counts import all_captures  # noqa: E402

WITHOUT = "not-ip", "unsupported-link", "encrypted"
# Packets of which tshark makes IP and we do not: (how many, why)
APART = {
    # its IPv6 header is compressed (RFC 6282) and stands in no byte of the frame
    "tcpdump-802_15_4-data.pcap": 1,
}


def judge(path):
    """-> (packets with IP for tshark, those of them that are counted as without, by what they were)"""
    with tempfile.TemporaryDirectory() as folder:
        chosen = os.path.join(folder, "ip.pcapng")
        # as it is: what other packets bring (fragments, sessions) must not make an IP header appear
        command = ["tshark", "-n", "-r", path, "-o", "ip.defragment:FALSE", "-o", "ipv6.defragment:FALSE",
                   "-o", "tcp.desegment_tcp_streams:FALSE", "-Y", "ip || ipv6", "-w", chosen]
        subprocess.run(command, capture_output=True, check=False, timeout=300)
        if not os.path.exists(chosen):
            return None
        run = dztest.Run("-q", "-j", "1", chosen)
        if not run.stats or not run.stats["packets"]:
            return 0, 0, {}
        without = sum(run.stats["verdicts"][name] for name in WITHOUT)
        return run.stats["packets"], without, run.stats["not_ip"]


def main():
    dztest.need("tshark")
    report, packets, judged = dztest.Report(), 0, 0
    paths = all_captures()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for path, found in zip(paths, pool.map(judge, paths)):
            if found is None:
                continue
            count, without, what = found
            name = os.path.basename(path)
            report.check(without == APART.get(name, 0), "%s: %d of %d packets with IP are counted as without: %s", name, without, count,
                         what)
            packets += count
            judged += 1
    report.check(judged > 10 and packets > 1000, "only %d captures with %d packets could be judged", judged, packets)
    report.finish("%d captures, %d packets with IP" % (judged, packets))


if __name__ == "__main__":
    main()
