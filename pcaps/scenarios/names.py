#!/usr/bin/python3
"""Host names to ask for, the zones that hold them, and the order in which a household asks.

    names.py zones DIR      write one zone file per domain into DIR, and print the domains
    names.py plan COUNT     print COUNT queries as `SECONDS NAME TYPE`: wait so long, then ask

Both come from one fixed seed, so that every capture of DNS carries the same questions and answers.
"""
import os
import random
import sys

SITES = 24
WORDS = ("alder basil cedar delta ember fjord grove harbor indigo juniper kestrel lagoon meadow nectar onyx pepper "
         "quartz river saffron tundra umber velvet willow yarrow zephyr").split()
HOSTS = ["@", "www", "static", "cdn", "img", "api", "login", "mail", "fonts", "telemetry-ingest.eu-central", "video-edge-3.fra"]
TOPS = ["example.com", "example.net", "example.org"]
TYPES = ["A"] * 55 + ["AAAA"] * 28 + ["HTTPS"] * 10 + ["TXT"] * 3 + ["MX"] * 3 + ["SRV"]


def domains():
    return [f"{WORDS[i]}.{TOPS[i % len(TOPS)]}" for i in range(SITES)]


def zone(domain, rng):
    """A zone: addresses for every host, some behind an alias, some with many addresses."""
    net = rng.randrange(1, 250)
    lines = [f"$ORIGIN {domain}.", "$TTL 300",
             f"@ SOA ns1.{domain}. hostmaster.{domain}. 2024030101 7200 3600 1209600 300",
             "@ NS ns1", "@ NS ns2", "ns1 A 192.0.2.11", "ns2 A 192.0.2.12",
             "@ MX 10 mail", "@ MX 20 mail2", "mail2 A 192.0.2.26",
             f'@ TXT "v=spf1 ip4:192.0.2.0/24 include:_spf.{domain} ~all"',
             f'@ TXT "site-verification={rng.getrandbits(200):x}"',
             "_submission._tcp SRV 0 1 587 mail"]
    for host in HOSTS:
        if host in ("cdn", "img") and rng.random() < 0.6:
            lines.append(f"{host} CNAME {domain.replace('.', '-')}.edge-cache.distribution")
            continue
        for _ in range(rng.choice([1, 1, 2, 4])):
            lines.append(f"{host} {rng.choice([60, 300, 3600])} A 198.51.100.{rng.randrange(1, 255)}")
        if rng.random() < 0.7:
            lines.append(f"{host} AAAA 2001:db8:{net:x}::{rng.getrandbits(16):x}")
        if rng.random() < 0.4:
            lines.append(f"{host} HTTPS 1 . alpn=h2,h3 ipv4hint=198.51.100.{net}")
    for _ in range(3):
        lines.append(f"{domain.replace('.', '-')}.edge-cache.distribution A 203.0.113.{rng.randrange(1, 255)}")
    return "\n".join(lines) + "\n"


def plan(count):
    """Page by page: a burst of names that belong together, then reading."""
    rng = random.Random(7)
    sites = domains()
    while count > 0:
        site = sites[min(int(rng.expovariate(0.16)), len(sites) - 1)]
        wait = rng.uniform(0.15, 1.0)
        for host in rng.sample(HOSTS, rng.randrange(2, 8)):
            kind = rng.choice(TYPES)
            name = site if host == "@" or kind in ("MX", "TXT") else f"{host}.{site}"
            if kind == "SRV":
                name = f"_submission._tcp.{site}"
            if rng.random() < 0.03:
                name = f"{rng.choice(WORDS)}-{rng.randrange(99)}.{site}"        # does not exist
            print(f"{wait:.3f} {name} {kind}")
            wait = rng.expovariate(60)
            count -= 1
            if count <= 0:
                return


def main():
    if sys.argv[1] == "plan":
        plan(int(sys.argv[2]))
        return
    rng = random.Random(5)
    for domain in domains():
        with open(os.path.join(sys.argv[2], domain + ".zone"), "w", encoding="ascii") as out:
            out.write(zone(domain, rng))
        print(domain)


if __name__ == "__main__":
    main()
