#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""nfstream on an interface: for each flow, when it is told, a line with its packets."""
import sys

from nfstream import NFStreamer

if __name__ == "__main__":
    for flow in NFStreamer(source=sys.argv[1], idle_timeout=int(sys.argv[2])):
        print(flow.bidirectional_packets, flush=True)
