#!/usr/bin/env python3
"""The page of `distribooze report` in a real browser: it draws what the records say, complains of nothing, loads
nothing, keeps hostile names harmless, sorts and filters, and holds with 3 flows and with 100,000.

    report.py [--pictures FOLDER]

--pictures: leaves screenshots in FOLDER (light, dark, narrow, print), for a person to look at.
Skipped without Chromium (Debian: chromium).
"""

import base64
import collections
import csv
import datetime
import hashlib
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import chromium  # noqa: E402
import dztest  # noqa: E402

PCAPS = os.path.join(dztest.SOURCE, "pcaps")
CAPTURES = ["ssh", "doh", "dot", "dns", "bittorrent", "netflix", "instagram", "web", "quic", "background"]
MOST_BYTES = 8 << 20
HOSTILE = ["</script><img src=x onerror=\"document.title='owned'\">", "<!--<script>", "a\u202egnp.exe\u0007\u001b[31m",
           "' onmouseover='alert(1)", "&lt;b&gt;&amp;", "line\u2028end\u2029", "x" * 300, "=1+1"]

report = dztest.Report()


def make_page(folder, name, *arguments, stdin=None, expect=0):
    path = os.path.join(folder, name + ".html")
    done = subprocess.run([dztest.PROGRAM, "report", "-o", path, *arguments], input=stdin, capture_output=True,
                          timeout=120, check=False)
    report.check(done.returncode == expect, "%s: exit status %d: %s", name, done.returncode, done.stderr.decode("utf-8", "replace"))
    return path


def records_of(*arguments):
    return dztest.Run(*arguments, "-q", stats=False).records


def lines(records):
    return "".join(json.dumps(record) + "\n" for record in records).encode()


def check_bytes(name, path):
    """What can be said without a browser: size, policy, no way out of the page."""
    with open(path, encoding="utf-8") as f:
        page = f.read()
    report.check(len(page) < MOST_BYTES, "%s: %d bytes", name, len(page))
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', page).group(1)
    report.check("default-src 'none'" in policy, "%s: policy %s", name, policy)
    for kind, tag in (("script", 'script type="module"'), ("style", "style")):
        text = re.search("<%s>(.*?)</%s>" % (tag, kind), page, re.S).group(1)
        want = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        report.check("%s-src 'sha256-%s'" % (kind, want) in policy, "%s: the policy does not let its own %s run", name, kind)
    report.equal(name + ": script elements", len(re.findall(r"<\s*/\s*script", page, re.I)), 2)
    report.check(not re.search(r"""(src|href)\s*=\s*["'](?!#)""", page), "%s: refers to something outside", name)
    return page


def visit(browser, name, path):
    check_bytes(name, path)
    browser.open(path)
    report.equal(name + ": drawn to the end", browser.run("document.documentElement.dataset.ready"), "yes")
    report.equal(name + ": complaints", browser.complaints, [])
    report.equal(name + ": loaded", [url for url in browser.requests if not url.startswith("file://" + path)], [])
    report.equal(name + ": images and frames", browser.run("document.querySelectorAll('img,iframe,object,embed').length"), 0)


def texts(browser, selector):
    return browser.run("[...document.querySelectorAll(%s)].map(e => e.textContent)" % json.dumps(selector))


def text(browser, selector):
    return "".join(texts(browser, selector))


# ---- what the page says beside other commands ----

def page_data(path):
    with open(path, encoding="utf-8") as f:
        return json.loads(re.search(r'id="data">(.*?)</script>', f.read(), re.S).group(1))


def json_of(command, *arguments):
    done = subprocess.run([dztest.PROGRAM, command, "-q", *arguments], capture_output=True, timeout=120, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def pair_mark(pair):
    mark = {"empty": "–", "few-sessions": "few", "differ": "*", "differ-little": "+", "differ-if": "?", "differ-little-if": "?", "no-difference-shown": "·", "alike": "=", "no-test": ""}[pair["verdict"]]
    return mark if pair["verdict"] in ("empty", "few-sessions") else "%d%s" % (int(pair["told_apart"] * 100 + 0.5), mark)


def verdicts(browser, folder):
    """The words and numbers of `compare`: of two groups, and of as many as 999 splits are enough for."""
    two = [os.path.join(PCAPS, name + ".pcap") for name in ("doh", "dot")]
    compare = json_of("compare", "-F", "json", "--by", "input", *two)[0]
    pair = compare["test"]["pairs"][0]
    visit(browser, "two groups", make_page(folder, "two", "-q", "--by", "input", *two))
    report.equal("verdict of two", text(browser, ".verdict"), "%s and %s: %s" % (pair["a"], pair["b"], pair["text"]))
    report.equal("where", [row.split(" B")[0] for row in texts(browser, ".where tbody th")],
                 ["%s %d–%d" % (b["side"], b["from"], b["to"]) for b in pair["where"]])
    shares = [float(cell.replace("<", "").replace("%", "")) for cell in texts(browser, ".where .amount")]
    wanted = [100 * share for b in pair["where"] for share in b["shares"]]
    report.check(len(shares) == len(wanted) and all(abs(a - b) <= 0.5 for a, b in zip(shares, wanted)), "shares: %s, not %s", shares, wanted)
    report.check("%d flows of %d sessions" % (pair["flows"][0], pair["sessions"][0]) in text(browser, "table.details"), "details: %s", text(browser, "table.details"))

    captures = [os.path.join(PCAPS, name + ".pcap") for name in CAPTURES]
    for arguments in ([], ["--permutations", "99"]):
        top = ["--top", "3"] if arguments else []  # 20 * 3 pairs fit into 100, 20 * 6 do not
        path = make_page(folder, "matrix", "-q", *arguments, *captures)
        compare = json_of("compare", "-F", "json", *top, *arguments, *captures)[0]
        visit(browser, "matrix", path)
        names = [group["name"] for group in compare["groups"]]
        report.equal("verdicts on the page, %s" % arguments, page_data(path)["verdicts"]["pairs"], compare["test"]["pairs"])
        cells = texts(browser, "table.verdicts tbody td")
        for pair in compare["test"]["pairs"]:
            a, b = names.index(pair["a"]), names.index(pair["b"])
            report.equal("verdict of %s and %s" % (pair["a"], pair["b"]), cells[a * len(names) + b], pair_mark(pair))
            report.equal("verdict of %s and %s" % (pair["b"], pair["a"]), cells[b * len(names) + a], pair_mark(pair))
    browser.run("document.querySelector('#verdict details').open = true")
    report.equal("pairs in words", browser.run("new Promise(done => setTimeout(() => done(document.querySelectorAll('#verdict details tr').length), 100))"), len(compare["test"]["pairs"]))
    path = make_page(folder, "untested", "-q", "--by", "input", "--permutations", "0", *two)
    visit(browser, "untested", path)
    report.check("No test" in text(browser, "#verdict-about"), "%s", text(browser, "#verdict-about"))


def baseline(browser, folder):
    """The table of `compare --baseline`."""
    library = os.path.join(folder, "known.json")
    known = [os.path.join(PCAPS, name + ".pcap") for name in ("doh", "dot", "dns", "ssh")]
    subprocess.run([dztest.PROGRAM, "profile", "-q", "-o", library, *known], check=True, timeout=120)
    now = [os.path.join(PCAPS, name + ".pcap") for name in ("doh", "ssh", "web")]
    told = json_of("compare", "-F", "json", "--baseline", library, *now)[0]["baseline"]
    path = make_page(folder, "baseline", "-q", "--baseline", library, *now)
    visit(browser, "baseline", path)
    report.equal("baseline on the page", page_data(path)["baseline"], told)
    report.equal("groups beside the baseline", texts(browser, ".drift tbody th"), [row["name"] for row in told["groups"]])
    report.equal("in words", texts(browser, ".drift td:last-child"), [row["text"] for row in told["groups"]])
    report.check("Only in the baseline: DNS" in text(browser, "#drift"), "%s", text(browser, "#drift"))
    for name, arguments in (("another layer", ["-l", "payload", "--baseline", library]), ("no such file", ["--baseline", "/nonexistent"])):
        done = subprocess.run([dztest.PROGRAM, "report", "-o", os.path.join(folder, "x.html"), *arguments, *now], capture_output=True, check=False, timeout=120)
        report.check(done.returncode == 1 and b"--baseline" in done.stderr, "baseline, %s: %d, %s", name, done.returncode, done.stderr)


def libraries(browser, folder):
    """What libraries hold, and no word of what they do not; libraries.py has the numbers."""
    paths = []
    for name in ("doh", "dot", "dns", "ssh"):
        paths.append(os.path.join(folder, name + ".library"))
        subprocess.run([dztest.PROGRAM, "profile", "-q", "-o", paths[-1], os.path.join(PCAPS, name + ".pcap")], check=True, timeout=120)
    kept = ["verdict", "lengths", "profiles", "shapes", "distances", "read"]
    mixed = ["verdict", "lengths", "profiles", "shapes", "time", "distances", "flows", "read"]
    for name, arguments, sections in (("libraries", paths, kept), ("two libraries", ["--by", "input", *paths[:2]], kept),
                                      ("libraries and captures", [*paths[:2], os.path.join(PCAPS, "ssh.pcap")], mixed)):
        path = make_page(folder, "libraries", "-q", *arguments)
        for width in (400, 1280):
            browser.size(width, 900)
            visit(browser, name, path)
            report.check(browser.run("document.documentElement.scrollWidth <= innerWidth"), "%s: wider than %d", name, width)
        report.equal(name + ": sections", browser.run("[...document.querySelectorAll('main section')].map(e => e.id)"), sections)
        report.equal(name + ": ways to them", texts(browser, "nav a"), browser.run("[...document.querySelectorAll('nav a')].filter(a => document.querySelector(a.getAttribute('href'))).map(a => a.textContent)"))
        report.check("libraries keep no sessions" in text(browser, "#verdict-about") and "splits of the sessions" not in text(browser, "#verdict-about"),
                     "%s: %s", name, text(browser, "#verdict-about"))
        report.check("no single flows" in text(browser, "#read-about"), "%s: %s", name, text(browser, "#read-about"))
        said = browser.run("document.body.innerText")
        report.check(not re.search("NaN|undefined|Infinity|Invalid Date", said), "%s: %s", name, re.findall(".{20}(?:NaN|undefined|Infinity|Invalid Date).{20}", said))


def medians(browser, paths):
    compare = json_of("compare", "-F", "json", "--permutations", "0", *paths)[0]
    shown = [re.search("median (.*?) B", line).group(1) for line in texts(browser, ".card .facts:last-of-type")]
    wanted = ["%d" % low if low == high else "in %d–%d" % (low, high) for low, high in (g["quantile_ranges"]["p50"] for g in compare["groups"])]
    report.equal("medians", shown, wanted)


def kind_of(record, steps):
    """A flow's shape, cut: the largest k with k * k * sum <= 64 * count, in eighths, quarters or halves."""
    lengths = record["distribooze"]["lengths"]
    counts = lengths["source"]["counts"] + lengths["destination"]["counts"]
    sums = sum(counts)
    return tuple(max(k for k in range(9) if k * k * sums <= 64 * c) // (8 // steps) for c in counts) if sums else None


def typical_shapes(path, records):
    """Made again from the records: kinds of shape, their flows and inputs, and the choice of steps."""
    data = page_data(path)
    for group, typical in zip(data["groups"], data["typical"]):
        own = [r for r in records if r["distribooze"]["label"] == group["name"]]
        for steps in (8, 4, 2):
            kinds = {}
            for record in own:
                kind = kind_of(record, steps)
                if kind:
                    kinds.setdefault(kind, []).append(record["distribooze"]["input"])
            ordered = sorted(((len(inputs), len(set(inputs))) for inputs in kinds.values()), key=lambda pair: (-pair[0], -pair[1]))
            several = [pair for pair in ordered if pair[0] > 1][:6]
            if 2 * sum(flows for flows, _ in several) >= sum(map(len, kinds.values())) or sum(map(len, kinds.values())) < 2:
                break
        report.equal(group["name"] + ": steps", typical["steps"], steps)
        report.equal(group["name"] + ": kinds", typical["all"], len(kinds))
        report.equal(group["name"] + ": flows and inputs", [(s["flows"], s["inputs"]) for s in typical["shapes"]], several or ordered[:6])
        for shape in typical["shapes"]:
            shares = [n for i, n in enumerate(shape["shape"]) if i % 3]
            report.check(abs(sum(shares) - 100000) <= len(shares), "%s: shares add up to %d", group["name"], sum(shares))


def over_time(browser, path, records):
    """Every flow and every byte is in some slot: of each label, and where the flow was."""
    data = page_data(path)
    told = data["time"]
    report.check(0 < len(told["slots"]) <= 72 and told["slots"] == sorted(set(told["slots"])), "slots: %s", told["slots"])
    named = [data["groups"][series["group"]]["name"] for series in told["series"] if "group" in series]
    for series in told["series"]:
        own = [r for r in records if (r["distribooze"]["label"] == data["groups"][series["group"]]["name"] if "group" in series else r["distribooze"]["label"] not in named)]
        report.equal("flows over time", sum(series["flows"]), len(own))
        report.equal("bytes over time", sum(series["bytes"]), sum(r["source"]["bytes"] + r["destination"]["bytes"] for r in own))
        starts = {}
        for record in own:
            slot = int(nanoseconds(record["event"]["start"]) // int(told["seconds"] * 1e9))
            starts[slot] = starts.get(slot, 0) + 1
        report.equal("flows by slot", {slot: n for slot, n in zip(told["slots"], series["flows"]) if n}, starts)
    browser.run("document.getElementById('time-chart').focus()")
    browser.key("ArrowRight", 39)
    report.check(":" in text(browser, "#time-reading"), "the arrow keys read: %s", text(browser, "#time-reading"))
    browser.run("document.querySelectorAll('#time-switch button')[1].click()")
    browser.run("document.querySelector('#time-numbers details').open = true")
    rows = browser.run("new Promise(done => setTimeout(() => done(document.querySelectorAll('#time-numbers tbody tr').length), 100))")
    report.equal("slots in numbers", rows, len(told["slots"]))


def nanoseconds(text_):
    whole, fraction = text_.rstrip("Z").split(".")
    return int(datetime.datetime.fromisoformat(whole + "+00:00").timestamp()) * 10 ** 9 + int(fraction.ljust(9, "0"))


def map_and_tree(browser, path):
    data = page_data(path)
    clusters = sum(c["number"] >= 0 for c in data["clusters"]["list"])
    report.equal("rings of the map", len(texts(browser, ".map .ring-number")), clusters)
    report.equal("dots of the map", browser.run("document.querySelectorAll('.map .dot').length"), len(data["map"]["flows"]))
    report.equal("drawn", sum(f["drawn"] for f in data["map"]["flows"]), data["map"]["drawn"])
    report.equal("leaves of the dendrogram", sorted(map(int, texts(browser, "#tree-picture strong"))), list(range(clusters)))
    heights = data["map"]["tree"][2::3]
    report.check(heights == sorted(heights) and len(heights) == clusters - 1, "heights: %s", heights)
    places = data["map"]["clusters"] + data["map"]["flows"]
    report.check(all(abs(sum(p[axis] for p in places)) < 1e-4 * len(places) for axis in "xy"), "the map is off its middle")


def scores(browser, folder, paths):
    """What `score` says of each flow, added up."""
    visit(browser, "scores", make_page(folder, "scores", "-q", "--score", *paths))
    data = page_data(os.path.join(folder, "scores.html"))
    wanted = {}
    for record in json_of("score", *paths):
        match = record["distribooze"]["match"]
        if match.get("verdict"):
            wanted.setdefault(record["distribooze"]["label"], []).append(match)
    for group, told in zip(data["groups"], data["scores"]["groups"]):
        own = wanted.get(group["name"], [])
        report.equal(group["name"] + ": scored", told["flows"], len(own))
        report.equal(group["name"] + ": verdicts", {k: v for k, v in told["verdicts"].items() if v}, dict(collections.Counter(m["verdict"] for m in own)))
        if own:
            middle = statistics.median(m["confidence"] for m in own)
            report.check(abs(told["confidence"][1] - middle) < 1e-3, "%s: confidence %s, not %s", group["name"], told["confidence"], middle)
            report.equal(group["name"] + ": nearest", told["nearest"][0]["flows"], max(collections.Counter(m["profile"] for m in own).values()))
    report.check("%d %% is the highest" % round(100 * data["scores"]["best"]) in text(browser, "#scores-about"), "%s", text(browser, "#scores-about"))
    report.equal("rows of the scores", len(texts(browser, ".scores tbody tr")), len(data["groups"]))
    done = subprocess.run([dztest.PROGRAM, "report", "-o", os.path.join(folder, "x.html"), "--profiles", "/nonexistent", *paths], capture_output=True, check=False)
    report.check(done.returncode == 1 and b"/nonexistent" in done.stderr, "--profiles of nothing: %d, %s", done.returncode, done.stderr)


def take_file(browser, button, path):
    browser.run(button + ".click()")
    end = time.monotonic() + 30
    while time.monotonic() < end and not os.path.exists(path):
        browser.run("new Promise(done => setTimeout(done, 20))")


def keep_downloads(browser, folder):
    os.makedirs(folder)
    session, browser.session = browser.session, None
    browser.call("Browser.setDownloadBehavior", behavior="allow", downloadPath=folder)
    browser.session = session


def downloads(browser, page, folder):
    """Every picture as CSV and as SVG: files that other programs can read."""
    kept = os.path.join(folder, "downloads")
    keep_downloads(browser, kept)
    browser.open(page)
    sections = browser.run("[...document.querySelectorAll('.downloads')].map(d => d.closest('section').id)")
    report.equal("pictures with files", sections, ["verdict", "lengths", "profiles", "shapes", "time", "distances", "clusters", "tree", "map", "scores"])
    wanted = ["distribooze-%s.%s" % (section, kind) for section in sections for kind in ("csv", "svg")]
    for i, name in enumerate(wanted):
        if i % 8 == 0:
            browser.open(page)  # Chromium allows ten to a page that nobody touches
        take_file(browser, "document.querySelectorAll('.downloads button')[%d]" % i, os.path.join(kept, name))
    names = sorted(os.listdir(kept))
    report.equal("files", names, sorted(wanted))
    for name in names:
        with open(os.path.join(kept, name), encoding="utf-8", newline="") as f:
            content = f.read()
        if name.endswith(".csv"):
            rows = list(csv.reader(content.splitlines()))
            report.check(len(rows) > 1 and len({len(row) for row in rows}) == 1, "%s: rows of %s", name, {len(row) for row in rows})
        else:
            root = xml.etree.ElementTree.fromstring(content)
            report.check(root.tag.endswith("}svg") and len(list(root.iter())) > 10, "%s: %d elements", name, len(list(root.iter())))
            report.check(not re.search("<script|href|<style|var\\(|class=|NaN|undefined", content), "%s: needs something of the page", name)
    with open(os.path.join(kept, "distribooze-distances.csv"), encoding="utf-8") as f:
        rows = list(csv.reader(f))
    matrix = json_of("compare", "-F", "json", "--permutations", "0", *[os.path.join(PCAPS, n + ".pcap") for n in CAPTURES])[0]["distances"]
    for a, row in enumerate(rows[1:]):
        for b, cell in enumerate(row[1:]):
            report.check(abs(float(cell) - matrix[a][b]) < 1e-4, "distances.csv: %s at %d, %d", cell, a, b)


def many_groups(browser, folder):
    """300 groups: the page stays one that a browser can show, at every width."""
    records = records_of(os.path.join(PCAPS, "web.pcap"), os.path.join(PCAPS, "dns.pcap"))
    crowd = []
    for i in range(900):
        record = json.loads(json.dumps(records[i % len(records)]))
        record["distribooze"]["label"] = "label %d" % (i % 300)
        crowd.append(record)
    path = make_page(folder, "crowd", "-q", "--top", "0", "--score", "-", stdin=lines(crowd))
    for width in (400, 1000, 1800):
        browser.size(width, 900)
        visit(browser, "300 groups", path)
        report.check(browser.run("document.documentElement.scrollWidth <= innerWidth"), "300 groups: wider than %d", width)
    browser.size(1280, 900)
    report.equal("300 groups: heat map", len(texts(browser, ".heat tbody tr")), 300)
    report.equal("300 groups: nearest instead of a matrix", len(texts(browser, "#matrix .nearest tbody tr")), 300)
    report.equal("300 groups: shapes at first", len(texts(browser, ".family")), 12)
    browser.run("document.querySelector('#shapes .more button').click()")
    report.equal("300 groups: all shapes", len(texts(browser, ".family")), 300)


# ---- pages ----

def our_captures(browser, folder):
    """All captures of the project: every section is there and says what the records say."""
    paths = [os.path.join(PCAPS, name + ".pcap") for name in CAPTURES]
    records = records_of(*paths)
    labels = {}
    for record in records:
        labels[record["distribooze"]["label"]] = labels.get(record["distribooze"]["label"], 0) + 1
    path = make_page(folder, "captures", "-q", "--score", *paths)
    visit(browser, "captures", path)
    tiles = dict(zip(texts(browser, "#tiles dt"), texts(browser, "#tiles dd")))
    report.equal("flows", tiles["Flows"], "{:,}".format(len(records)))
    report.equal("packets", tiles["Packets"], "{:,}".format(sum(map(dztest.record_packets, records))))
    report.equal("labels", tiles["Labels"], str(len(labels)))
    ordered = sorted(labels, key=lambda name: (-labels[name], name))
    report.equal("rows of the heat map", texts(browser, ".heat tbody th bdi"), ordered)
    report.equal("cells of the heat map", len(texts(browser, ".heat tbody td")), 48 * len(labels))
    report.equal("profiles", texts(browser, ".card h3"), ordered)
    report.equal("rows of the matrix", texts(browser, "#matrix tbody th"), ordered)
    report.equal("cells of the matrix", len(texts(browser, "#matrix tbody td")), len(labels) ** 2)
    clustered = texts(browser, "#cluster-table tbody td:nth-child(2)")
    report.equal("flows in clusters", sum(int(n.replace(",", "")) for n in clustered), len(records))
    report.check("Showing 500 of %s" % "{:,}".format(len(records)) in text(browser, "#flows-about"), "%s", text(browser, "#flows-about"))
    cluster = json_of("cluster", "-F", "json", *paths)[0]
    report.check("Silhouette of the flows in clusters %.2f" % cluster["silhouette"] in text(browser, "#clusters-about"), "silhouette: %s", text(browser, "#clusters-about"))
    report.equal("inputs", len(texts(browser, "#read-tables div:first-child tbody tr")), len(CAPTURES))
    same_distances(browser, paths, ordered)
    medians(browser, paths)
    typical_shapes(path, records)
    over_time(browser, path, records)
    map_and_tree(browser, path)
    controls(browser)
    keys(browser, ordered)
    weighing(browser)
    return path


def same_distances(browser, paths, ordered):
    """The matrix is the one that `compare` prints."""
    done = subprocess.run([dztest.PROGRAM, "compare", "-q", "-F", "json", *paths], capture_output=True, timeout=120, check=True)
    compare = json.loads(done.stdout)
    names = [group["name"] for group in compare["groups"]]
    report.equal("groups of compare", names, ordered)
    shown = texts(browser, "#matrix tbody td")
    matrix = compare["distances"]
    for a in range(len(names)):
        for b in range(a):
            report.equal("distance of %s and %s" % (names[a], names[b]), shown[a * len(names) + b], "%.2f" % (round(matrix[a][b] * 1e4) / 1e4))


def controls(browser):
    rows = "#flow-table tbody tr"
    report.equal("rows at first", len(texts(browser, rows)), 100)
    browser.run("document.getElementById('more').click()")
    report.equal("rows after 'more'", len(texts(browser, rows)), 200)
    outlier = browser.run("[...document.querySelectorAll('%s')].map(r => !!r.querySelector('.badge'))" % rows)
    report.check(outlier[0] and outlier == sorted(outlier, reverse=True), "outliers are not first: %s", outlier)
    report.equal("sorted at first", browser.run("document.querySelectorAll('#flow-table th[aria-sort=descending]').length"), 0)
    click = "[...document.querySelectorAll('#flow-table th button')].find(b => b.textContent === '%s').click()"
    browser.run(click % "Packets")
    packets = [int(n.replace(",", "")) for n in texts(browser, rows + " td:nth-child(7)")]
    report.check(packets == sorted(packets, reverse=True), "not sorted by packets: %s", packets[:10])
    report.equal("aria-sort", browser.run("[...document.querySelectorAll('#flow-table th[aria-sort=descending]')].map(t => t.textContent).join()"), "Packets")
    browser.run(click % "Packets")
    packets = [int(n.replace(",", "")) for n in texts(browser, rows + " td:nth-child(7)")]
    report.check(packets == sorted(packets), "not sorted the other way: %s", packets[:10])
    browser.run("document.getElementById('filter').value = 'ssh 27122'; document.getElementById('filter').dispatchEvent(new Event('input'))")
    report.equal("labels after filtering", set(texts(browser, rows + " td:nth-child(2) > bdi")), {"SSH"})
    browser.run("document.getElementById('filter').value = 'no such thing'; document.getElementById('filter').dispatchEvent(new Event('input'))")
    report.equal("rows after filtering for nothing", len(texts(browser, rows)), 0)
    report.check(text(browser, "#flow-count").startswith("0 rows"), "%s", text(browser, "#flow-count"))
    browser.run("document.getElementById('filter').value = ''; document.getElementById('reset').click()")
    report.equal("rows again", len(texts(browser, rows)), 100)


def keys(browser, ordered):
    """The heat map can be read, and the table sorted, without a mouse."""
    browser.run("document.getElementById('heat').focus()")
    for name, code in (("ArrowRight", 39), ("ArrowRight", 39), ("ArrowDown", 40)):
        browser.key(name, code)
    reading = text(browser, "#heat-reading")
    report.check(reading.startswith(ordered[1] + " · 32–63 bytes · "), "the arrow keys read: %s", reading)
    browser.run("document.querySelector('#flow-table th button').focus()")
    browser.key("Enter", 13)
    report.equal("sorted by Enter", browser.run("document.querySelector('#flow-table th').getAttribute('aria-sort')"), "descending")
    report.equal("things that take the focus and have no name", browser.run(
        "[...document.querySelectorAll('button,input,select,[tabindex]')].filter(e => !e.hidden && !e.textContent.trim() && !e.labels?.length && !e.getAttribute('aria-label')).length"), 0)


def weighing(browser):
    before = browser.run("document.querySelector('#cards').innerHTML")
    browser.run("document.querySelectorAll('#weighing button')[1].click()")
    report.equal("pressed", browser.run("[...document.querySelectorAll('#weighing button')].map(b => b.ariaPressed).join()"), "false,true")
    report.check(browser.run("document.querySelector('#cards').innerHTML") != before, "the switch changes nothing")
    browser.run("document.querySelectorAll('#weighing button')[0].click()")
    report.check(browser.run("document.querySelector('#cards').innerHTML") == before, "the switch does not change it back")


def three_flows(browser, folder):
    visit(browser, "three", make_page(folder, "three", "-q", os.path.join(PCAPS, "ssh.pcap")))
    report.check("All 3 flows" in text(browser, "#flows-about"), "%s", text(browser, "#flows-about"))
    report.check("one group only" in text(browser, "#distances-about"), "%s", text(browser, "#distances-about"))
    report.equal("rows", len(texts(browser, "#flow-table tbody tr")), 3)


def hostile(browser, folder):
    """Names as an attacker would choose them, in every place where a name goes."""
    template = records_of(os.path.join(PCAPS, "web.pcap"))[:len(HOSTILE)]
    for record, name in zip(template, HOSTILE):
        record["distribooze"]["label"] = name
        record["distribooze"]["input"] = name
        record["destination"]["domain"] = name
        record.setdefault("tls", {}).setdefault("client", {})["server_name"] = name
    visit(browser, "hostile", make_page(folder, "hostile", "-q", "--title", HOSTILE[0], "-", stdin=lines(template)))
    report.equal("title", text(browser, "h1"), HOSTILE[0])
    report.check("owned" not in browser.run("document.title").split("=")[0], "the name ran")
    report.equal("elements from names", browser.run("document.querySelectorAll('main b, main img, [onmouseover], [onerror]').length"), 0)
    shown = texts(browser, "#flow-table td.host")
    for name in HOSTILE:
        seen = re.sub("[\0-\x1f\u2028-\u202e]", "\ufffd", name)
        seen = seen if len(seen) <= 80 else seen[:79] + "…"
        report.check(seen in shown, "%r is not shown", name)
    kept = os.path.join(folder, "hostile")
    keep_downloads(browser, kept)
    for kind, button in (("csv", 0), ("svg", 1)):
        take_file(browser, "document.querySelectorAll('#lengths .downloads button')[%d]" % button, os.path.join(kept, "distribooze-lengths." + kind))
    with open(os.path.join(kept, "distribooze-lengths.csv"), encoding="utf-8", newline="") as f:
        cells = [row[0] for row in csv.reader(f)]
    report.check("'=1+1" in cells and "=1+1" not in cells, "a formula in CSV: %s", cells)
    root = xml.etree.ElementTree.parse(os.path.join(kept, "distribooze-lengths.svg")).getroot()
    report.equal("elements of the SVG", {e.tag.split("}")[1] for e in root.iter()}, {"svg", "title", "rect", "text"})
    everything = browser.run("document.querySelector('main').textContent + document.title")
    report.check(not re.search("[\0-\x08\u202a-\u202e\u2028\u2029]", everything), "control characters are on the page")
    report.check(browser.run("document.documentElement.scrollWidth <= innerWidth"), "a long name widens the page")


def shapes(browser, folder):
    """One-way records, other layers and bins, flows that counted nothing, other distances and groups."""
    web = os.path.join(PCAPS, "web.pcap")
    for by, tile in (("host", "Hosts"), ("category", "Categories"), ("vlan", "VLANs"), ("prefix", "Prefixes"), ("hour", "Hours"), ("ja3", "JA3 fingerprints"),
                     ("host,hour", "Groups by host and hour"), ("hostname", "Host names")):
        visit(browser, "by " + by, make_page(folder, "by-" + by, "-q", "--by", by, web))
        report.equal("by %s: the groups' tile" % by, texts(browser, "#tiles dt")[3], tile)
    for name, arguments in (
            ("one-way", ["-u"]), ("payload", ["-l", "payload", "--skip-empty"]), ("tls", ["-l", "tls"]),
            ("many-bins", ["-w", "1", "-b", "2048"]), ("two-bins", ["-w", "100", "-b", "2"]), ("seed", ["-w", "64", "-b", "47"]),
            ("by-host", ["--by", "hostname"]), ("by-port", ["--by", "port", "--distance", "wasserstein"]),
            ("source", ["--direction", "source", "--distance", "euclidean", "--pooled"]),
            ("top", ["--by", "hostname", "--top", "2", "--flows", "3", "--eps", "0.1", "--min-samples", "2"])):
        visit(browser, name, make_page(folder, name, "-q", *arguments, web, os.path.join(PCAPS, "background.pcap")))
        report.check(len(texts(browser, "#flow-table tbody tr")) > 2, "%s: no flows", name)
        report.check(browser.run("document.documentElement.scrollWidth <= innerWidth"), "%s: wider than the window", name)
    nothing = records_of(web, "-l", "tls-data")
    nothing = [r for r in nothing if r["distribooze"]["lengths"]["count"] == 0] or records_of(os.path.join(PCAPS, "dns.pcap"), "-l", "tls")[:5]
    visit(browser, "nothing", make_page(folder, "nothing", "-q", "-", stdin=lines(nothing)))
    report.check("nothing to put together" in text(browser, "#clusters-about"), "%s", text(browser, "#clusters-about"))


def hundred_thousand(browser, folder):
    template = json.dumps(records_of(os.path.join(PCAPS, "dns.pcap"))[0])
    flow = json.loads(template)
    lengths = flow["distribooze"]["lengths"]
    path = os.path.join(folder, "many.jsonl")
    with open(path, "w", encoding="utf-8") as f:
        for i in range(100000):
            for part, bins in ((lengths["source"], (2, 3)), (lengths["destination"], (4 + i % 9, 20 + i % 11))):
                part["counts"] = [0] * 48
                part["counts"][bins[0]], part["counts"][bins[1]] = 1 + i % 50, 1 + i % 7
                part["count"] = sum(part["counts"])
            if i % 10000 == 77:
                lengths["destination"]["counts"][47] = 9000
                lengths["destination"]["count"] = sum(lengths["destination"]["counts"])
            lengths["counts"] = [a + b for a, b in zip(lengths["source"]["counts"], lengths["destination"]["counts"])]
            lengths["count"] = sum(lengths["counts"])
            for part in (lengths, lengths["source"], lengths["destination"]):
                part.pop("percent", None)
            flow["distribooze"]["label"] = "L%d" % (i % 30)
            f.write(json.dumps(flow, separators=(",", ":")) + "\n")
    visit(browser, "many", make_page(folder, "many", "-q", path))
    about = text(browser, "#flows-about")
    report.check("Showing 500 of 100,000" in about and "seeded sample" in about, "%s", about)
    report.equal("tile", texts(browser, "#tiles dd")[0], "100,000")
    clusters = page_data(os.path.join(folder, "many.html"))["clusters"]
    report.check("Looked at were 3,000 of %s different shapes" % "{:,}".format(clusters["distinct"]) in text(browser, "#clusters-about"), "%s", text(browser, "#clusters-about"))
    listed = sum(c["flows"] for c in clusters["list"])
    report.check(0 < listed <= 100000 - clusters["unseen"] and len(clusters["list"]) <= 61, "clusters: %d flows in %d", listed, len(clusters["list"]))
    report.equal("groups are not sampled", sum(int(n.replace(",", "")) for n in texts(browser, ".heat tbody th .faint")), 100000)
    report.equal("the far ones are found", browser.run("[...document.querySelectorAll('#flow-table tbody tr')].slice(0, 10).every(r => r.querySelector('.badge'))"), True)


def bad_input(folder):
    path = os.path.join(folder, "bad.html")
    for name, arguments, stdin, status, words in (
            ("no input", [], b"", 2, b"no input"), ("empty", ["-"], b"", 1, b"no flows"), ("not JSON", ["-"], b"{\n", 1, b""),
            ("bad eps", ["--eps", "x", "-"], b"", 2, b"'x'"), ("no such file", ["/nonexistent"], b"", 2, b"/nonexistent"),
            ("full disk", ["-o", "/dev/full", os.path.join(PCAPS, "ssh.pcap")], b"", 1, b"/dev/full")):
        done = subprocess.run([dztest.PROGRAM, "report", "-o", path, *arguments], input=stdin, capture_output=True, timeout=60, check=False)
        report.equal(name + ": exit status", done.returncode, status)
        report.check(words in done.stderr, "%s: %s", name, done.stderr)


def pictures(browser, page, folder):
    os.makedirs(folder, exist_ok=True)
    for name, scheme, width in (("light", "light", 1280), ("dark", "dark", 1280), ("narrow", "light", 400), ("narrow-dark", "dark", 400)):
        browser.media(scheme)
        browser.size(width, 900)
        browser.open(page)
        report.check(browser.run("document.documentElement.scrollWidth <= innerWidth"), "%s: wider than the window", name)
        height = browser.run("document.documentElement.scrollHeight")
        browser.size(width, min(height, 9000))
        browser.picture(os.path.join(folder, name + ".png"))
    browser.media("light", "print")
    browser.size(800, 6000)
    browser.picture(os.path.join(folder, "print.png"))
    with open(os.path.join(folder, "print.pdf"), "wb") as f:
        f.write(base64.b64decode(browser.call("Page.printToPDF", printBackground=False)["data"]))


def main():
    dztest.need_ndpi()
    program = chromium.find() or dztest.skip("Chromium is missing (Debian: chromium)")
    with tempfile.TemporaryDirectory() as folder, chromium.Browser(program) as browser:
        browser.size(1280, 900)
        page = our_captures(browser, folder)
        verdicts(browser, folder)
        baseline(browser, folder)
        libraries(browser, folder)
        scores(browser, folder, [os.path.join(PCAPS, name + ".pcap") for name in CAPTURES])
        downloads(browser, page, folder)
        three_flows(browser, folder)
        many_groups(browser, folder)
        hostile(browser, folder)
        shapes(browser, folder)
        hundred_thousand(browser, folder)
        bad_input(folder)
        wanted = sys.argv[2] if sys.argv[1:2] == ["--pictures"] else os.path.join(folder, "pictures")
        pictures(browser, page, wanted)
    report.finish()


main()
