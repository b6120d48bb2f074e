#!/usr/bin/env python3
"""The output formats over the project's captures, each held to something that nobody here wrote.

JSON lines: `jq -c .` reproduces every byte; the schema holds (tests/check/schema-lines), and notices damage.
CSV: Python's csv module finds the JSON lines' values in it. Bulk: action and record lines alternate.
Table: no line is wider than the terminal, and no byte of it is a control character.
"""

import csv
import fcntl
import io
import json
import os
import pty
import re
import struct
import subprocess
import sys
import termios
import unicodedata

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

HERE = os.path.dirname(os.path.abspath(__file__))
PCAPS = os.path.join(dztest.SOURCE, "pcaps")
FEW = ["encap-qinq.pcap", "ssh.pcap", "web.pcap", "fragments.pcap", "doh.pcap"]
SETS = [["-l", "payload"], ["-l", "frame"], ["-l", "tls"], ["-l", "tls-data"], ["-u"], ["-u", "-l", "tls"],
        ["--values", "counts"], ["--values", "percent"], ["--values", "bins"], ["--values", "counts,vector", "-w", "64", "-b", "24"], ["-u", "--values", "percent"], ["-w", "1500", "-b", "2"],
        ["-w", "1", "-b", "2048"], ["--active-timeout", "1"]]


def run(*arguments):
    done = subprocess.run([dztest.PROGRAM, "-q", *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.stdout


def capture(name):
    return os.path.join(PCAPS, name)


def pipe(command, data):
    done = subprocess.run(command, input=data, capture_output=True, check=False)
    return done.returncode, done.stdout


def schema_says(data, *options):
    status, said = pipe([sys.executable, os.path.join(HERE, "schema-lines"), *options], data)
    return status, said.decode("utf-8", "replace").strip()


def check_jsonl(report, jq):
    """Returns the lines, and whether the schema could not be checked."""
    whole = b"".join(run(path) for path in dztest.captures(PCAPS))
    report.check(whole.count(b"\n") > 300, "only %d lines from %s", whole.count(b"\n"), PCAPS)
    for options in SETS:
        names = FEW if "2048" not in options else ["ssh.pcap"]
        some = b"".join(run(*options, capture(name)) for name in names)
        report.check(some.count(b"\n") >= len(names), "%s: only %d lines", " ".join(options), some.count(b"\n"))
        whole += some
    if jq:  # which prints 0.0 as 0
        rest = b"".join(line + b"\n" for line in whole.splitlines() if b'"vector":' not in line)
        report.check(pipe(["jq", "-c", "."], rest)[1] == rest, "jq -c . gives other bytes")
    status, said = schema_says(whole)
    report.check(status in (0, 77), "%s", said)
    return whole, status == 77


def check_numbers(report):
    """Every percentage there is, as the program prints it, is printed so by jq too."""
    text = "".join("%.5g\n" % (i / 100) for i in range(10001)).encode()
    report.check(pipe(["jq", "-c", "."], text)[1] == text, "jq prints percentages otherwise")


def check_damage(report, whole):
    """What schema-lines is for: each of these changes to a good line has to be noticed."""
    line = next(l for l in whole.split(b"\n") if b'"transport":"tcp"' in l and b'"count":0' not in l)
    changes = [
        (b'"@timestamp":"2', b'"@timestamp":"X'), (b'"ecs":', b'"ECS":'), (b'"port":', b'"port":1.5,"x":'),
        (b'"port":', b'"port":"1","x":'), (b'"kind":"event"', b'"kind":"flow"'), (b'"end"', b'"End"'),
        (b'"type":["connection","end"', b'"type":["connection"'), (b'"schema":"1"', b'"schema":1'),
        (b'"packets":', b'"packets":1'), (b'"duration":', b'"duration":-'), (b'"iana_number":"6"', b'"iana_number":6'),
        (b'"community_id":"1:', b'"community_id":"2:'), (b'"layer":"ip"', b'"layer":"IP"'),
        (b'"min":', b'"min":9'), (b'"counts":[', b'"counts":[0,'), (b'"percent":[', b'"percent":[0.001,'),
        (b'"risk":[', b'"risk":[null,'), (b'"flags":{"source":[', b'"flags":{"source":["xyz",'),
        (b'"ndpi":{', b'"ndpi":{"extra":1,'), (b'{"@timestamp"', b'{"extra":1,"@timestamp"'), (b'":', b'": '),
        (b'"guessed":false', b'"guessed":0'), (b'"guessed":true', b'"guessed":1'), (b'"source":{"address":"', b'"source":{"address":"x'),
        (b'"version":"8.11.0"', b'"version":"8.12.0"'), (b'"label":"', b'"label":"","label":"'),
    ]
    swapped = json.loads(line)
    swapped["source"] = dict(reversed(swapped["source"].items()))
    bad = [(b"order", json.dumps(swapped, separators=(",", ":")).encode())]
    bad += [(after, line.replace(before, after, 1)) for before, after in changes if before in line]
    report.check(len(bad) >= 20, "only %d changes could be tried", len(bad))
    status, said = schema_says(b"".join(text + b"\n" for _, text in bad), "--show", "1000")
    report.equal("schema-lines on damaged lines: exit", status, 1)
    for number, (change, _) in enumerate(bad, 1):
        report.check("line %d: " % number in said, "schema-lines takes %s", change.decode())


def bins(row, prefix):
    return [row[name] for name in row if name.startswith(prefix) and name[len(prefix):].isdigit()]


def check_csv(report):
    for name in FEW:
        for options in ([], ["-u"], ["--values", "counts"], ["--values", "percent"], ["-w", "64", "-b", "200"]):
            what = "csv %s %s" % (" ".join(options), name)
            records = [json.loads(line) for line in run(*options, capture(name)).splitlines()]
            table = run("-F", "csv", *options, capture(name)).decode("utf-8")
            rows = list(csv.DictReader(io.StringIO(table, newline=""), strict=True))
            report.equal(what + ": rows", len(rows), len(records))
            report.equal(what + ": lines", table.count("\n"), len(records) + 1)
            for row, record in zip(rows, records):
                check_row(report, what, row, record)


def check_row(report, what, row, record):
    own, lengths = record["distribooze"], record["distribooze"]["lengths"]
    domain = record.get("tls", {}).get("client", {}).get("server_name", record.get("related", {}).get("hosts", [""])[0])
    expected = {
        "label": own["label"], "ndpi_protocol": own["ndpi"]["protocol"], "category": own["ndpi"]["category"],
        "breed": own["ndpi"]["breed"], "confidence": own["ndpi"]["confidence"],
        "guessed": str(own["ndpi"]["guessed"]).lower(), "encrypted": str(own["ndpi"]["encrypted"]).lower(),
        "risk_score": own["ndpi"]["risk_score"], "input": own["input"], "id": record["event"]["id"],
        "community_id": record["network"]["community_id"], "start": record["event"]["start"],
        "end": record["event"]["end"], "duration_ns": record["event"]["duration"], "end_reason": own["end_reason"],
        "role": own.get("role", "both"), "transport": record["network"]["transport"],
        "source_ip": record["source"]["ip"], "source_port": record["source"].get("port", ""),
        "destination_ip": record["destination"]["ip"], "destination_port": record["destination"].get("port", ""),
        "icmp_type": own.get("icmp", {}).get("type", ""), "vlan": record["network"].get("vlan", {}).get("id", ""),
        "inner_vlan": record["network"].get("inner", {}).get("vlan", {}).get("id", ""),
        "tunnel": own.get("tunnel", ""), "domain": domain,
        "ja3": record.get("tls", {}).get("client", {}).get("ja3", ""),
        "ja3s": record.get("tls", {}).get("server", {}).get("ja3s", ""), "ja4": own.get("tls", {}).get("ja4", ""),
        "packets": record["network"]["packets"], "bytes": record["network"]["bytes"], "layer": lengths["layer"],
        "bin_width": lengths["bin_width"], "lengths_count": lengths["count"], "lengths_min": lengths.get("min", ""),
        "lengths_max": lengths.get("max", ""), "lengths_sum": lengths["sum"], "tunnel_id": own.get("tunnel_id", ""),
        "lengths_oversized": lengths.get("oversized", 0),
    }
    if "role" not in own:
        for side in ("source", "destination"):
            expected[side + "_packets"], expected[side + "_bytes"] = record[side]["packets"], record[side]["bytes"]
    got = {column: value for column, value in row.items() if column is not None and not re.fullmatch(r"([sd]_)?[bp]\d+", column)}
    report.equal(what, got, {column: str(value) for column, value in expected.items()})
    for part, prefix in ((lengths, ""), (lengths.get("source", {}), "s_"), (lengths.get("destination", {}), "d_")):
        for values, letter in (("counts", "b"), ("percent", "p")):
            told = [str(value) for value in part.get(values, [])]
            report.equal("%s: %s%s" % (what, prefix, letter), bins(row, prefix + letter), told)
    names = [name for name in row if name[:1] in "bp" and name[1:].isdigit()]
    report.equal(what + ": names", [int(n[1:]) for n in names if n[0] == names[0][0]],
                 [i * lengths["bin_width"] for i in range(len(lengths.get("counts", lengths.get("percent"))))])
    report.check(all(len(name) >= 5 for name in names), "%s: names of bins are too short", what)


def check_bulk(report):
    for name in FEW:
        lines = run("--values", "counts,bins", capture(name)).splitlines()
        bulk = run("-F", "bulk", capture(name)).splitlines()
        report.equal("bulk " + name, bulk[1::2], lines)
        report.equal("bulk once more " + name, run("-F", "bulk", capture(name)).splitlines(), bulk)
        fractions = run("-F", "bulk", "--values", "both", capture(name)).splitlines()[1::2]
        report.equal("bulk percent " + name, [json.loads(line) for line in fractions],
                     [json.loads(line) for line in run(capture(name)).splitlines()])
        report.check(all(type(share) is float for line in fractions for share in json.loads(line)["distribooze"]["lengths"]["percent"]),
                     "bulk percent %s: a share without a decimal point", name)
        # Longer arrays of fractions Elasticsearch takes for vectors.
        for bins in ("127", "128"):
            done = subprocess.run([dztest.PROGRAM, "-F", "bulk", "--values", "percent", "-w", "8", "-b", bins, capture(name)], capture_output=True, check=True)
            report.equal("bulk percent of %s bins %s" % (bins, name), (b'"percent"' in done.stdout, b"without percent" in done.stderr, b'"counts"' in done.stdout),
                         (True, False, False) if bins == "127" else (False, True, True))
        actions = [json.loads(line) for line in bulk[::2]]
        report.equal("bulk actions " + name, [a["create"]["_id"] for a in actions],
                     [json.loads(line)["event"]["id"] for line in lines])
        report.check(all(list(a) == ["create"] for a in actions), "bulk %s: an action that is not create", name)


def width(text):
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def check_table(report):
    """Piped, the table has its natural width; on a terminal, that of the terminal."""
    for name in FEW:
        lines = run(capture(name)).splitlines()
        table = run("-F", "table", capture(name)).decode("utf-8")
        report.equal("table " + name, table.count("\n"), len(lines) + 1)
        report.check(all(unicodedata.category(c) != "Cc" for c in table.replace("\n", "")), "table %s: control characters", name)
        for row, line in zip(table.splitlines()[1:], lines):
            record = json.loads(line)
            report.check(row.startswith(record["distribooze"]["label"]), "table %s: %s", name, row)
            report.check(record["destination"]["ip"] in row, "table %s: %s", name, row)


def on_terminal(columns, *arguments, **environment):
    """What the program writes to a terminal of so many columns."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    with subprocess.Popen([dztest.PROGRAM, "-q", *arguments], stdin=subprocess.DEVNULL, stdout=slave, stderr=subprocess.DEVNULL,
                          env={**os.environ, "TERM": "xterm", "NO_COLOR": "", **environment}):
        os.close(slave)
        out = b""
        try:
            while chunk := os.read(master, 65536):
                out += chunk
        except OSError:  # how Linux tells of the end of a terminal
            pass
    os.close(master)
    return out.decode("utf-8").replace("\r\n", "\n")


def check_terminal(report):
    """Tables fit the terminal, with colours unless they are not wanted; JSON lines stay what they are."""
    path = capture("web.pcap")
    records = len(run(path).splitlines())
    for columns in (40, 80, 132):
        table = on_terminal(columns, "-F", "table", path)
        report.check("\033[1m" in table, "table of %d columns: no colour", columns)
        plain = on_terminal(columns, "-F", "table", path, NO_COLOR="1")
        report.equal("table of %d columns without colours" % columns, plain, re.sub("\033\\[[0-9]*m", "", table))
        report.check("\033" not in on_terminal(columns, "-F", "table", path, TERM="dumb"), "colours on a dumb terminal")
        report.equal("table of %d columns: lines" % columns, plain.count("\n"), records + 1)
        widest = max(len(line) for line in plain.splitlines())
        report.check(widest <= columns, "table of %d columns: a line of %d", columns, widest)
    report.equal("JSON lines on a terminal", on_terminal(80, path), run(path).decode("utf-8"))


def main():
    report = dztest.Report()
    jq = pipe(["sh", "-c", "command -v jq"], b"")[0] == 0
    if not jq:
        print("note: jq is not installed, its bytes are not compared")
    else:
        check_numbers(report)
    whole, blind = check_jsonl(report, jq)
    if blind:
        print("note: python3-jsonschema is not installed, the schema is not checked")
    else:
        check_damage(report, whole)
    check_csv(report)
    check_bulk(report)
    check_table(report)
    check_terminal(report)
    report.finish()


if __name__ == "__main__":
    main()
