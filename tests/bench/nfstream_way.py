#!/usr/bin/env python3
"""nfstream as its users run it on a capture: flows with labels, as CSV."""
import sys

from nfstream import NFStreamer

if __name__ == "__main__":
    NFStreamer(source=sys.argv[1]).to_csv(sys.argv[2])
