#!/usr/bin/env python3
"""The page of `distribooze report` in a real browser: it draws what the records say, complains of nothing, loads
nothing, keeps hostile names harmless, sorts and filters, and holds with 3 flows and with 100,000.

    report.py [--pictures FOLDER]

--pictures: leaves screenshots in FOLDER (light, dark, narrow, print), for a person to look at.
Skipped without Chromium (Debian: chromium).
"""

import base64
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import chromium  # noqa: E402
import dztest  # noqa: E402

PCAPS = os.path.join(dztest.SOURCE, "pcaps")
CAPTURES = ["ssh", "doh", "dot", "dns", "bittorrent", "netflix", "instagram", "web", "quic", "background"]
MOST_BYTES = 8 << 20
HOSTILE = ["</script><img src=x onerror=\"document.title='owned'\">", "<!--<script>", "a\u202egnp.exe\u0007\u001b[31m",
           "' onmouseover='alert(1)", "&lt;b&gt;&amp;", "line\u2028end\u2029", "x" * 300]

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


# ---- pages ----

def our_captures(browser, folder):
    """All captures of the project: every section is there and says what the records say."""
    paths = [os.path.join(PCAPS, name + ".pcap") for name in CAPTURES]
    records = records_of(*paths)
    labels = {}
    for record in records:
        labels[record["distribooze"]["label"]] = labels.get(record["distribooze"]["label"], 0) + 1
    path = make_page(folder, "captures", "-q", *paths)
    visit(browser, "captures", path)
    tiles = dict(zip(texts(browser, "#tiles dt"), texts(browser, "#tiles dd")))
    report.equal("flows", tiles["Flows"], "{:,}".format(len(records)))
    report.equal("packets", tiles["Packets"], "{:,}".format(sum(map(dztest.record_packets, records))))
    report.equal("labels", tiles["Labels"], str(len(labels)))
    ordered = sorted(labels, key=lambda name: (-labels[name], name))
    report.equal("rows of the heat map", texts(browser, ".heat tbody th bdi"), ordered)
    report.equal("cells of the heat map", len(texts(browser, ".heat tbody td")), 48 * len(labels))
    report.equal("profiles", texts(browser, ".card h3"), ordered)
    report.equal("rows of the matrix", texts(browser, ".matrix tbody th"), ordered)
    report.equal("cells of the matrix", len(texts(browser, ".matrix tbody td")), len(labels) ** 2)
    clustered = texts(browser, ".clusters tbody td:nth-child(2)")
    report.equal("flows in clusters", sum(int(n.replace(",", "")) for n in clustered), len(records))
    report.check("Showing 500 of %s" % "{:,}".format(len(records)) in text(browser, "#flows-about"), "%s", text(browser, "#flows-about"))
    report.equal("inputs", len(texts(browser, "#read-tables div:first-child tbody tr")), len(CAPTURES))
    same_distances(browser, paths, ordered)
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
    shown = texts(browser, ".matrix tbody td")
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
    everything = browser.run("document.querySelector('main').textContent + document.title")
    report.check(not re.search("[\0-\x08\u202a-\u202e\u2028\u2029]", everything), "control characters are on the page")
    report.check(browser.run("document.documentElement.scrollWidth <= innerWidth"), "a long name widens the page")


def shapes(browser, folder):
    """One-way records, other layers and bins, flows that counted nothing, other distances and groups."""
    web = os.path.join(PCAPS, "web.pcap")
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
    program = chromium.find() or dztest.skip("Chromium is missing (Debian: chromium)")
    with tempfile.TemporaryDirectory() as folder, chromium.Browser(program) as browser:
        browser.size(1280, 900)
        page = our_captures(browser, folder)
        three_flows(browser, folder)
        hostile(browser, folder)
        shapes(browser, folder)
        hundred_thousand(browser, folder)
        bad_input(folder)
        wanted = sys.argv[2] if sys.argv[1:2] == ["--pictures"] else os.path.join(folder, "pictures")
        pictures(browser, page, wanted)
    report.finish()


main()
