#!/usr/bin/env python3
"""Labels, all that nDPI tells beside them, and payload vectors against ndpiReader, which drives the same nDPI library, flow by flow, on every capture.

ndpiReader keys flows otherwise, so our records are mapped into its keys: ICMP and portless flows have no ports, IPv6
addresses are the 32-bit sum of their lower halves. What still differs is listed in differences.tsv with its reason; a
difference that is not listed fails, and so does a listed one that is gone.

tests/oracle/labels [CAPTURE]...; `--write` prints the differences found as rows for the list.
"""

import fnmatch
import functools
import ipaddress
import os
import re
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "lib"))
import dztest  # noqa: E402
import pcapread  # noqa: E402

PROTOCOLS = {"ICMP": 1, "IGMP": 2, "TCP": 6, "UDP": 17, "GRE": 47, "ESP": 50, "AH": 51, "ICMPV6": 58, "OSPF": 89, "VRRP": 112,
             "SCTP": 132}
FLOW = re.compile(r"^\t\d+\t(?P<protocol>\S*) (?P<a>\[[^]]*\]|[^:\s]+):(?P<ap>\d+) (?:<?->) (?P<b>\[[^]]*\]|[^:\s]+):(?P<bp>\d+) "
                  r"(?:\[VLAN: (?P<vlan>\d+)\])?\[proto: (?:[A-Z]+:)?(?P<ids>[\d.]+)/(?P<label>[^]]+)\]")
PACKETS = re.compile(r"\[(\d+) pkts/\d+ bytes <?-> (\d+) pkts/\d+ bytes\]")
BINS = re.compile(r"\[Plen Bins: ([\d,]+)\]")
# What else it tells of a flow, and where our record has it: name, its text, our value.
FACTS = [
    ("category", r"\[cat: ([^]/]+)/", lambda r: r["distribooze"]["ndpi"]["category"].replace("Unspecified", "")),
    ("confidence", r"\[Confidence: ([^]]+)\]", lambda r: r["distribooze"]["ndpi"]["confidence"]),
    ("encrypted", r"\[(Encrypted|ClearText)\]", lambda r: "Encrypted" if r["distribooze"]["ndpi"]["encrypted"] else "ClearText"),
    ("risks", r"\[Risk: \*\* (.*?) \*\*\]", lambda r: " **** ".join(r["distribooze"]["ndpi"]["risk"])),
    ("risk score", r"\[Risk Score: (\d+)\]", lambda r: str(r["distribooze"]["ndpi"]["risk_score"] or "")),
    ("name", r"\[Hostname/SNI: ([^]]*)\]", lambda r: (r["related"].get("hosts") or [""])[0]),
    ("ja3", r"\[JA3C: (\w+)", lambda r: r.get("tls", {}).get("client", {}).get("ja3", "")),
    ("ja3s", r"\[JA3S: (\w+)", lambda r: r.get("tls", {}).get("server", {}).get("ja3s", "")),
    # It hashes nothing where it did not see the whole key exchange; we leave that out.
    ("hassh", r"\[HASSH-C: (?!D41D8CD98F00B204E9800998ECF8427E)(\w+)", lambda r: r["distribooze"].get("ssh", {}).get("client_hassh", "")),
    ("hassh server", r"\[HASSH-S: (?!D41D8CD98F00B204E9800998ECF8427E)(\w+)", lambda r: r["distribooze"].get("ssh", {}).get("server_hassh", "")),
]
# What ndpiReader shows as a name is the sender's own, or its software's: no host that was asked for.
NAME_THEMSELVES = ("DHCP", "NetBIOS", "SSH")
FIRST = 255  # ndpiReader bins the first 255 packets of a flow

# It opens no GRE, VXLAN and Teredo, so there our outermost flows are compared.
OPTIONS = {name: ["--no-tunnels"] for name in ("encap-gre.pcap", "encap-gretap.pcap", "encap-vxlan.pcap", "encap-vxlan-frag.pcap",
                                               "encap-vxlan6.pcap", "teredo.pcap")}


class Flow:
    """A flow in ndpiReader's terms."""

    def __init__(self, label, packets, bins, facts, detected=True):
        self.label, self.packets, self.bins, self.facts, self.detected = label, packets, bins, facts, detected


def collapse(text):
    """An address as ndpiReader tells flows apart by."""
    address = ipaddress.ip_address(text)
    if address.version == 4:
        return str(address)
    low, high = struct.unpack("<II", address.packed[8:])
    return "v6:%08x" % ((low + high) & 0xFFFFFFFF)


def key(a, ap, b, bp, protocol, vlan):
    ends = sorted([(collapse(a), ap), (collapse(b), bp)])
    return (protocol, *ends[0], *ends[1], vlan)


def key_text(k):
    return "%s %s:%s %s:%s%s" % (k[0], k[1], k[2], k[3], k[4], " vlan %d" % k[5] if k[5] else "")


# ---- theirs ----

@functools.lru_cache(maxsize=None)
def ndpireader(path, options=()):
    """-> {key: [Flow]}, mostly one of each key"""
    flows = {}
    with tempfile.NamedTemporaryFile() as out:
        subprocess.run(["ndpiReader", "-i", path, "-v", "2", "-q", "-w", out.name, *options], stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, check=False, timeout=120)
        text = out.read().decode("utf-8", "replace")
    undetected = text.find("\nUndetected flows:")
    for match in re.finditer(r"^\t\d+\t.*", text, re.M):
        line = match.group(0)
        flow = FLOW.match(line)
        if not flow:
            continue
        protocol = PROTOCOLS.get(flow["protocol"]) or int(flow["protocol"] or 0)
        a, b = flow["a"].strip("[]"), flow["b"].strip("[]")
        packets, bins = PACKETS.search(line), BINS.search(line)
        k = key(a, int(flow["ap"]), b, int(flow["bp"]), protocol, int(flow["vlan"] or 0))
        flows.setdefault(k, []).append(Flow(flow["label"], int(packets[1]) + int(packets[2]),
                                            [int(n) for n in bins[1].split(",")] if bins else None, facts_of(line),
                                            undetected < 0 or match.start() < undetected))
    return flows


def facts_of(line):
    found = {name: re.search(pattern, line) for name, pattern, _ in FACTS}
    return {name: match[1] if match else "" for name, match in found.items()}


# ---- ours ----

def record_key(record):
    network = record["network"]
    protocol = int(network["iana_number"])
    ports = protocol in (6, 17)
    source, destination = record["source"], record["destination"]
    return key(source["ip"], source.get("port", 0) if ports else 0, destination["ip"],
               destination.get("port", 0) if ports else 0, protocol, int(network.get("vlan", {}).get("id", 0)))


def ours(path, *options):
    """-> ({key: Flow}, run); our records that share a key of theirs are added up, the first one's label counts."""
    run = dztest.Run("-q", "--no-expiry", "--layer", "payload", "--skip-empty", *options, path)
    flows = {}
    for record in sorted(run.records, key=lambda r: r["event"]["start"]):
        k, lengths = record_key(record), record["distribooze"]["lengths"]
        if "--ignore-vlan" in options:
            k = k[:5] + (0,)
        label = record["distribooze"]["ndpi"]["protocol"]
        if k in flows:
            flow = flows[k]
            flow.packets += record["network"]["packets"]
            flow.bins = [x + y for x, y in zip(flow.bins, lengths["counts"])]
        else:
            flows[k] = Flow(label, record["network"]["packets"], list(lengths["counts"]),
                            {name: value(record) for name, _, value in FACTS})
    return flows, run


def percent(counts):
    total = sum(counts)
    return [c * 100 // total if total else 0 for c in counts]


def shortened(path, folder):
    """The capture with the first 255 packets of each flow only, as a file; the keys as in record_key()."""
    seen, kept = {}, []
    for packet in pcapread.read(path):
        ip = pcapread.ip(packet)
        if ip:
            (a, ap), (b, bp) = ip.ends()
            ports = ip.protocol in (6, 17)
            k = key(a, ap if ports else 0, b, bp if ports else 0, ip.protocol, ip.vlan)
            seen[k] = seen.get(k, 0) + 1
            if seen[k] > FIRST:
                continue
        kept.append(packet)
    out = os.path.join(folder, "first.pcap")
    with open(out, "wb") as f:
        f.write(struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 262144, kept[0].linktype))
        for p in kept:
            f.write(struct.pack("<IIII", p.time_ns // 10**9, p.time_ns % 10**9, len(p.bytes), p.wirelen) + p.bytes)
    return out


# ---- comparison ----

class Differences:
    """What differs, as rows (capture, flow, what, ours, theirs)."""

    def __init__(self):
        self.rows = []
        self.compared = {"flow": 0, "label": 0, "packets": 0, "vector": 0, "fact": 0}

    def add(self, capture, flow, what, our, their):
        self.rows.append((capture, flow, what, str(our), str(their)))


def compare(path, options, their_options, differences):
    """-> our run, our flows"""
    capture = os.path.basename(path)
    theirs = ndpireader(path, tuple(their_options))
    mine, run = ours(path, *options, *OPTIONS.get(capture, []))
    for k in sorted(set(theirs) | set(mine), key=str):
        differences.compared["flow"] += 1
        if k not in theirs:
            differences.add(capture, key_text(k), "flow", "%s, %d packets" % (mine[k].label, mine[k].packets), "-")
            continue
        if k not in mine:
            differences.add(capture, key_text(k), "flow", "-", "; ".join(f.label for f in theirs[k]))
            continue
        their, our = theirs[k][0], mine[k]
        for name, a, b in (("label", our.label, their.label),
                           ("packets", our.packets, sum(f.packets for f in theirs[k]))):
            differences.compared[name] += 1
            if a != b:
                differences.add(capture, key_text(k), name, a, b)
        for name, _, _ in FACTS:
            if name == "name" and our.label.split(".")[0] in NAME_THEMSELVES:
                continue
            differences.compared["fact"] += 1
            if our.facts[name] != their.facts[name]:
                differences.add(capture, key_text(k), name, our.facts[name] or "-", their.facts[name] or "-")
    compare_vectors(path, capture, theirs, mine, differences)
    return run, mine


def compare_vectors(path, capture, theirs, mine, differences):
    """Percent of non-empty payload lengths over the first 255 packets, truncated once, and again for known flows."""
    common = [k for k in theirs if k in mine and theirs[k][0].bins]
    if any(mine[k].packets > FIRST for k in common):
        with tempfile.TemporaryDirectory() as folder:
            first, _ = ours(shortened(path, folder), *OPTIONS.get(capture, []))
    else:
        first = mine
    for k in common:
        if k not in first:
            differences.add(capture, key_text(k), "vector", "missing", "present")
            continue
        differences.compared["vector"] += 1
        vector = percent(first[k].bins)
        if theirs[k][0].detected:
            vector = percent(vector)
        if vector != theirs[k][0].bins:
            differences.add(capture, key_text(k), "vector", *short(vector, theirs[k][0].bins))


def short(a, b):
    """The bins that differ, as text."""
    at = [i for i in range(max(len(a), len(b))) if a[i:i + 1] != b[i:i + 1]]
    return tuple(" ".join("%d=%s" % (i, v[i] if i < len(v) else "none") for i in at) for v in (a, b))


def listed():
    """The rows of differences.tsv: patterns for (capture, flow, what, ours, theirs), number, reason."""
    rows = []
    with open(os.path.join(HERE, "differences.tsv"), encoding="utf-8") as f:
        for line in f:
            if line.strip() and not line.startswith("#"):
                *patterns, number, reason = line.rstrip("\n").split("\t")
                rows.append((patterns, int(number), reason))
    return rows


def judge(report, found, names):
    """Every difference is listed, and every listed one of these captures is there."""
    rows = listed()
    met = [0] * len(rows)
    for difference in found:
        for i, (patterns, _, _) in enumerate(rows):
            if all(fnmatch.fnmatchcase(value, pattern) for value, pattern in zip(difference, patterns)):
                met[i] += 1
                break
        else:
            report.check(False, "not listed: %s", "\t".join(difference))
    for (patterns, number, _), times in zip(rows, met):
        if patterns[0] not in names:
            continue
        report.check(times == number, "listed %d times, found %d times: %s", number, times, "\t".join(patterns))
    return sum(met)


class Pass:
    """One way to run both over some captures."""

    def __init__(self, name, options, theirs=(), only=None):
        self.name, self.options, self.theirs, self.only = name, options, theirs, only

    def takes(self, path):
        return self.only is None or os.path.basename(path) in self.only or os.path.basename(os.path.dirname(path)) in self.only


OWN_PROTOCOLS, OWN_CATEGORIES = os.path.join(HERE, "protocols.txt"), os.path.join(HERE, "categories.txt")
PASSES = [
    Pass("one thread", []),
    Pass("-j 3", ["-j", "3"]),
    Pass("--no-guess", ["--no-guess"], ["-d"], ["pcaps", "seed"]),
    Pass("--protocols", ["--protocols", OWN_PROTOCOLS], ["-p", OWN_PROTOCOLS], ["pcaps", "seed"]),
    Pass("--categories", ["--categories", OWN_CATEGORIES], ["-c", OWN_CATEGORIES], ["pcaps", "seed"]),
    Pass("--ignore-vlan", ["--ignore-vlan"], ["-I"], ["encap-vlan.pcap", "mongodb.pcap", "whois.pcapng"]),
]


def run_pass(a_pass, paths, report, schema):
    """-> the differences and totals of the captures of one pass, and {(path, flow): what is said of it}"""
    differences, said = Differences(), {}
    for path in paths:
        run, mine = compare(path, a_pass.options, a_pass.theirs, differences)
        name = " ".join([os.path.basename(path)] + a_pass.options)
        dztest.accounting(report, name, run)
        if not a_pass.options:
            schema.check(report, name, run.records)
        said.update({(path, k): (flow.label, flow.facts["category"]) for k, flow in mine.items()})
    return differences, said


def reader_version():
    return re.search(r"nDPI ([\d.]+\d)", subprocess.run(["ndpiReader", "-h"], capture_output=True, check=False).stdout.decode())


def main():
    dztest.need_ndpi()
    write = "--write" in sys.argv
    named = [a for a in sys.argv[1:] if a != "--write"]
    dztest.need("ndpiReader")
    version, linked = reader_version(), re.search(r"^nDPI ([\d.]+\d)", subprocess.run(
        [dztest.PROGRAM, "--version"], capture_output=True, check=True).stdout.decode(), re.M)[1]
    if not version or version[1] != linked:
        dztest.skip("this ndpiReader is of nDPI %s, the program is linked with %s: no two of one kind" % (version and version[1], linked))
    # The list is of 4.2. Of other releases the labels must agree, and what else differs is told.
    listed_release = linked.startswith("4.2")
    paths = named or dztest.captures(*dztest.capture_folders())
    report, schema = dztest.Report(), dztest.Schema()
    first = None
    for a_pass in PASSES:
        taken = [path for path in paths if a_pass.takes(path)]
        differences, said = run_pass(a_pass, taken, report, schema)
        if write:
            print("\n".join("\t".join(row) for row in differences.rows))
            return
        if not listed_release:
            told = [row for row in differences.rows if row[2] != "label"]
            differences.rows = [row for row in differences.rows if row[2] == "label"]
            print("%s: other differences: %d" % (a_pass.name, len(told)))
        known = judge(report, differences.rows, {os.path.basename(path) for path in taken} if listed_release else set())
        compared = differences.compared
        changed = sum(first[k] != v for k, v in said.items() if k in first) if first else 0
        print("%s: %d captures: %d flows, %d labels, %d packet counts, %d vectors, %d other facts compared; %d differences, all listed but "
              "%d; %d labels or categories changed" % (a_pass.name, len(taken), compared["flow"], compared["label"], compared["packets"],
                                                       compared["vector"], compared["fact"], len(differences.rows),
                                                       len(differences.rows) - known, changed))
        # The project's own captures hold no flow that is guessed, and no flow in two VLANs.
        whole = any(path.endswith("ssh_27122.pcap") for path in taken)
        report.check(not whole or not a_pass.theirs or changed, "%s changes nothing", a_pass.name)
        first = first or said
    report.finish()


if __name__ == "__main__":
    main()
