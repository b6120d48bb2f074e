#!/usr/bin/env python3
"""The simplest definition, done with scapy: each packet is dissected, and the
length of its IP packet (padding included) is counted for its one-way TCP
flow, in 48 bins of 32. Prints one line per flow."""
import sys

from scapy.layers.inet import IP, TCP
from scapy.utils import PcapReader

flows = {}
for packet in PcapReader(sys.argv[1]):
    if IP in packet and TCP in packet:
        ip, tcp = packet[IP], packet[TCP]
        bins = flows.setdefault((ip.src, tcp.sport, ip.dst, tcp.dport), [0] * 48)
        bins[min(len(ip) // 32, 47)] += 1
for key, bins in flows.items():
    total = sum(bins)
    print(*key, *(count * 100 // total for count in bins))
