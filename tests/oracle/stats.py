#!/usr/bin/env python3
"""The numbers of compare, cluster, profile and score, against numpy, scipy and scikit-learn on the same JSON lines.

Everything is computed here anew from the records' counts; only the records come from the program.
Skips (exit 77) where numpy, scipy or scikit-learn are missing: see tests/lib/science.py.
"""

import collections
import datetime
import itertools
import json
import math
import os
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402
from science import np, scipy, sklearn, ssd  # noqa: E402

ONE = 1 << 30
BINS, WIDTH = 48, 32
METRICS = ["hellinger", "jensen-shannon", "euclidean", "cosine", "wasserstein", "chi-squared", "total-variation"]
NAMES = {"label": lambda d: d["distribooze"]["label"], "category": lambda d: d["distribooze"]["ndpi"]["category"],
         "input": lambda d: d["distribooze"]["input"], "protocol": lambda d: d["distribooze"]["ndpi"]["protocol"],
         "port": lambda d: "%d/%s" % (d["destination"]["port"], d["network"]["transport"])
         if d["network"]["iana_number"] in ("6", "17", "33", "132", "136") else d["network"]["transport"]}


def run(*arguments, status=0, text=None):
    done = subprocess.run([dztest.PROGRAM, *arguments], input=text, capture_output=True, check=False, timeout=300)
    if done.returncode != status:
        print("WRONG: distribooze %s: exit status %d: %s" % (" ".join(arguments), done.returncode, done.stderr.decode()))
        sys.exit(1)
    return done.stdout


def counts_of(record, direction):
    lengths = record["distribooze"]["lengths"]
    if direction == "both":
        return np.concatenate([counts_of(record, "source"), counts_of(record, "destination")])
    return np.array((lengths if direction == "total" else lengths[direction])["counts"], dtype=float)


def normalise(counts):
    return counts / counts.sum() if counts.sum() else counts * 0.0


def distance(metric, a, b):
    """Neither vector is empty."""
    if metric == "hellinger":
        return ssd.euclidean(np.sqrt(a), np.sqrt(b)) / math.sqrt(2)
    if metric == "jensen-shannon":
        value = ssd.jensenshannon(a, b, 2)
        return 0.0 if np.isnan(value) else value
    if metric == "euclidean":
        return ssd.euclidean(100 * a, 100 * b)
    if metric == "cosine":
        return ssd.cosine(a, b)
    if metric == "wasserstein" and len(a) == 2 * BINS:
        return WIDTH * sum(np.abs(np.cumsum(a[part]) - np.cumsum(b[part])).sum() for part in (slice(0, BINS), slice(BINS, None)))
    if metric == "wasserstein":
        return scipy.stats.wasserstein_distance(np.arange(BINS) * WIDTH, np.arange(BINS) * WIDTH, a, b)
    if metric == "chi-squared":
        full = a + b > 0
        return 0.5 * float((((a - b) ** 2)[full] / (a + b)[full]).sum())
    return ssd.cityblock(a, b) / 2


def near(a, b, scale=1.0):
    return abs(a - b) <= 1e-9 * max(scale, 1.0)


def all_near(a, b):
    return len(a) == len(b) and bool(np.allclose(a, b, rtol=0, atol=1e-9))


def scale_of(metric):
    return {"euclidean": 142.0, "wasserstein": 2 * BINS * WIDTH}.get(metric, 1.0)


class Group:
    def __init__(self, records, direction):
        self.records = records
        self.counts = [counts_of(r, direction) for r in records]
        self.vectors = [normalise(c) for c in self.counts if c.sum()]
        self.pooled = sum(self.counts)
        self.mean = np.mean(self.vectors, axis=0) if self.vectors else np.zeros(len(self.pooled))
        self.sd = np.std(self.vectors, axis=0, ddof=1) if len(self.vectors) > 1 else np.zeros(len(self.pooled))


def group(records, by, direction):
    found = collections.defaultdict(list)
    for record in records:
        found[NAMES[by](record)].append(record)
    return {name: Group(rows, direction) for name, rows in found.items()}


# ---- compare ----

def quantile(vector, share):
    """Where the cumulated distribution, straight within each bin, reaches the share; the last bin gives its lower end."""
    at = share * vector.sum()
    below = np.concatenate([[0], np.cumsum(vector)])
    k = next(i for i in range(BINS) if below[i + 1] >= at - 1e-12 and vector[i] > 0)
    return k * WIDTH if k == BINS - 1 else k * WIDTH + WIDTH * (at - below[k]) / vector[k]


def clamped(value, records):
    """Never outside of the lengths that were seen."""
    seen = [r["distribooze"]["lengths"] for r in records]
    return min(max(value, min(s["min"] for s in seen)), max(s["max"] for s in seen))


def check_group(report, what, told, mine, metric, pooled, direction):
    side = [direction] if direction in ("source", "destination") else ["source", "destination"]
    report.equal(what + ": flows", told["flows"], len(mine.records))
    report.equal(what + ": empty", told["empty_flows"], len(mine.records) - len(mine.vectors))
    report.equal(what + ": packets", told["packets"], sum(r[s]["packets"] for r in mine.records for s in side))
    report.equal(what + ": bytes", told["bytes"], sum(r[s]["bytes"] for r in mine.records for s in side))
    report.equal(what + ": counts", told["counts"], [int(c) for c in mine.pooled])
    report.check(all_near(told["mean"], mine.mean), "%s: mean %s, expected %s", what, told["mean"], mine.mean)
    report.check(all_near(told["sd"], mine.sd), "%s: sd %s, expected %s", what, told["sd"], mine.sd)
    vector = normalise(mine.pooled) if pooled else mine.mean
    if not mine.vectors:
        return vector
    report.check(near(told["entropy"], scipy.stats.entropy(vector, base=2)), "%s: entropy %s", what, told["entropy"])
    for name, share in zip(("p10", "p25", "p50", "p75", "p90"), (0.1, 0.25, 0.5, 0.75, 0.9)):
        lengths = vector.reshape(-1, BINS).sum(axis=0)
        seen = [r for r in mine.records if counts_of(r, direction).sum()]
        report.check(abs(told["quantiles"][name] - clamped(quantile(lengths, share), seen)) < 1e-6, "%s: %s %s, expected %s", what, name,
                     told["quantiles"][name], quantile(lengths, share))
    leading = [(b["bin"], b["share"]) for b in told["leading"]]
    report.check(all_near([s for _, s in leading], sorted(vector[vector > 0], reverse=True)[:3]) and
                 all(near(s, vector[k]) for k, s in leading) and len(dict(leading)) == len(leading), "%s: leading %s", what, leading)
    if len(mine.vectors) == 1:
        report.check("dispersion" not in told, "%s: dispersion of one flow: %s", what, told)
        return vector
    spread = np.mean([distance(metric, v, vector) for v in mine.vectors])
    report.check(near(told["dispersion"], spread, scale_of(metric)), "%s: dispersion %s, expected %s", what, told["dispersion"], spread)
    return vector


def check_compare(report, path, records, by, direction, metric, pooled):
    what = "compare --by %s --direction %s --distance %s%s" % (by, direction, metric, " --pooled" if pooled else "")
    arguments = ["compare", "-q", "-F", "json", "--top", "0", "--permutations", "0", *what.split()[1:], path]
    told = json.loads(run(*arguments))
    mine = group(records, by, direction)
    report.equal(what + ": groups", sorted(g["name"] for g in told["groups"]), sorted(mine))
    order = [(-g["flows"], g["name"].encode()) for g in told["groups"]]
    report.equal(what + ": order", order, sorted(order))
    vectors = [check_group(report, what + " " + g["name"], g, mine[g["name"]], metric, pooled, direction) for g in told["groups"]]
    for i, j in itertools.combinations(range(len(vectors)), 2):
        if vectors[i].sum() and vectors[j].sum():
            expected = distance(metric, vectors[i], vectors[j])
            # The square root of a difference that rounding leaves of equal vectors: 1e-8.
            report.check(abs(told["distances"][i][j] - expected) < 1e-9 * scale_of(metric) or max(told["distances"][i][j], expected) < 1e-7,
                         "%s: %s to %s is %s, expected %s", what, told["groups"][i]["name"], told["groups"][j]["name"],
                         told["distances"][i][j], expected)
        report.equal(what + ": symmetric", told["distances"][i][j], told["distances"][j][i])


def told_apart(vectors, sessions, group):
    """The mean over flows of the probability that of k sessions of each side the nearest flow is of the own group, by drawing."""
    between = pairwise("hellinger", vectors)
    count = [len(set(sessions[group == g])) for g in (0, 1)]
    k, dice, shares = min(min(count) - 1, 10), random.Random(8), [[], []]
    for i in range(len(vectors)):
        nearest = {}
        for j in range(len(vectors)):
            if sessions[j] != sessions[i]:
                key = (group[j], sessions[j])
                nearest[key] = min(nearest.get(key, 9.0), between[i, j])
        own, other = ([d for (g, _), d in nearest.items() if (g == group[i]) == mine] for mine in (True, False))
        won = 0.0
        for _ in range(200):
            a, b = min(dice.sample(own, k)), min(dice.sample(other, k))
            won += 0.5 if abs(a - b) < 1e-9 else a < b
        shares[group[i]].append(won / 200)
    return k, (np.mean(shares[0]) + np.mean(shares[1])) / 2


def check_contrasts(report, path, records):
    """Sessions, numbers of flows and the share told apart, by another way than the program's; energy.py has the test itself."""
    for labels in ("BitTorrent,DoH_DoT", "DNS,DoH_DoT"):
        told = json.loads(run("compare", "-q", "-F", "json", "--label", labels, "--permutations", "199", "--sessions", "10s", path))
        report.equal(labels + ": pairs", len(told["test"]["pairs"]), 1)
        pair = told["test"]["pairs"][0]
        flows = [r for r in records if NAMES["label"](r) in (pair["a"], pair["b"]) and counts_of(r, "both").sum()]
        flows.sort(key=lambda r: (NAMES["label"](r), r["source"]["ip"], seconds(r)))
        numbers, last = [], None
        for flow in flows:
            here = (NAMES["label"](flow), flow["source"]["ip"])
            new = last is None or here != last[0] or seconds(flow) - last[1] > 10
            numbers.append((numbers[-1] if numbers else -1) + new)
            last = (here, seconds(flow))
        group = np.array([int(NAMES["label"](r) == pair["b"]) for r in flows])
        sessions = np.array(numbers)
        report.equal("%s, %s: flows" % (pair["a"], pair["b"]), pair["flows"], [int((group == 0).sum()), int((group == 1).sum())])
        report.equal("%s, %s: sessions" % (pair["a"], pair["b"]), pair["sessions"], [len(set(sessions[group == g])) for g in (0, 1)])
        if min(pair["sessions"]) < 2:  # nobody can be told apart by no session
            continue
        k, share = told_apart(np.array([normalise(counts_of(r, "both")) for r in flows]), sessions, group)
        report.equal("%s, %s: k" % (pair["a"], pair["b"]), pair["k"], k)
        report.check(abs(pair["told_apart"] - share) < 0.01, "%s, %s: told apart %s, by drawing %s", pair["a"], pair["b"], pair["told_apart"], share)
        low, high = pair.get("told_apart_interval", (0, 1))
        report.check(low <= pair["told_apart"] + 0.05 and high >= pair["told_apart"] - 0.05, "interval %s of %s", pair, share)


def seconds(record):
    day, clock = record["event"]["start"].rstrip("Z").split("T")
    year, month, date = (int(x) for x in day.split("-"))
    hour, minute, rest = clock.split(":")
    return ((datetime.date(year, month, date).toordinal() * 24 + int(hour)) * 60 + int(minute)) * 60 + float(rest)


# ---- cluster ----

def check_cluster(report, path, records, metric, eps, samples):
    what = "cluster --distance %s --eps %s --min-samples %s" % (metric, eps, samples)
    told = json.loads(run(*what.split(), "-q", "-F", "json", path))
    rows = [json.loads(line) for line in run(*what.split(), "-q", "--flows", path).splitlines()]
    report.equal(what + ": flows in order", [r["event"]["id"] for r in rows], [r["event"]["id"] for r in records])
    for line, row in zip(open(path, encoding="utf-8"), rows):
        mine = dict(row["distribooze"])
        mine.pop("cluster", None)
        report.check(json.loads(line) == {**row, "distribooze": mine}, "%s: --flows changed the record", what)
    kept = [(r["distribooze"]["cluster"], normalise(counts_of(d, "both")), NAMES["label"](d)) for r, d in zip(rows, records)
            if counts_of(d, "total").sum()]
    report.check(all("cluster" not in r["distribooze"] for r, d in zip(rows, records) if not counts_of(d, "total").sum()), "an empty flow has a place")
    vectors = np.array([v for _, v, _ in kept])
    ours = np.array([-1 if p["noise"] else p["number"] for p, _, _ in kept])
    between = pairwise(metric, vectors)
    if len(set(ours) - {-1}) > 1:
        report.check(abs(told["silhouette"] - sklearn.metrics.silhouette_score(between[np.ix_(ours != -1, ours != -1)], ours[ours != -1],
                                                                               metric="precomputed")) < 1e-6, "%s: silhouette %s", what, told["silhouette"])
    if eps == "auto":
        check_density(report, what, told, records, between, ours)
    else:
        check_dbscan(report, what, told, between, ours, samples)
    check_clusters(report, what, told, kept, vectors, ours, metric)


def check_dbscan(report, what, told, between, ours, samples):
    fitted = sklearn.cluster.DBSCAN(eps=max(told["eps"] * (1 + 1e-12), 1e-12), min_samples=samples, metric="precomputed").fit(between)
    core = np.zeros(len(ours), dtype=bool)
    core[fitted.core_sample_indices_] = True
    report.equal(what + ": number of clusters", len(told["clusters"]), len(set(fitted.labels_) - {-1}))
    report.check(((ours == -1) == (fitted.labels_ == -1)).all(), "%s: noise differs", what)
    if core.any():
        report.check(sklearn.metrics.adjusted_rand_score(fitted.labels_[core], ours[core]) == 1.0, "%s: core flows differ", what)
    for i in np.flatnonzero(~core & (fitted.labels_ != -1)):
        report.check(any(core[j] and ours[j] == ours[i] and between[i, j] <= told["eps"] * (1 + 1e-12) for j in range(len(ours))),
                     "%s: border flow %d is in a cluster of which no core flow is near", what, i)


def check_density(report, what, told, records, between, ours):
    """As near to the labels as scikit-learn's, which takes edges of one length one after the other, in the order of the
    flows: where half of the flows equal another, as here, that is worth a hundredth in either direction."""
    report.equal(what + ": method", told["method"], "hdbscan")
    if not hasattr(sklearn.cluster, "HDBSCAN"):
        return
    theirs = sklearn.cluster.HDBSCAN(min_cluster_size=told["min_cluster_size"], min_samples=told["min_samples"], metric="precomputed",
                                     copy=True).fit(between).labels_
    labels = [NAMES["label"](d) for d in records if counts_of(d, "total").sum()]
    for score in (sklearn.metrics.adjusted_rand_score, sklearn.metrics.adjusted_mutual_info_score):
        report.check(score(labels, ours) >= score(labels, theirs) - 0.02, "%s: %s %.3f, scikit-learn's %.3f", what, score.__name__,
                     score(labels, ours), score(labels, theirs))


def check_clusters(report, what, told, kept, vectors, ours, metric):
    labels = [label for _, _, label in kept]
    for part, chosen in ((told["agreement"], np.ones(len(ours), dtype=bool)), (told["agreement_without_noise"], ours != -1)):
        true, found = [x for x, c in zip(labels, chosen) if c], ours[chosen]
        if len(set(true)) < 2:  # nothing to agree about
            report.check("purity" not in part and "adjusted_rand" not in part, "%s: agreement about one label: %s", what, part)
            continue
        report.check(near(part["adjusted_rand"], sklearn.metrics.adjusted_rand_score(true, found)), "%s: adjusted Rand %s", what, part)
        table = sklearn.metrics.cluster.contingency_matrix(true, found)
        report.check(near(part["purity"], table.max(axis=0).sum() / table.sum()), "%s: purity %s", what, part)
        report.check(near(part["most_frequent"], table.sum(axis=1).max() / table.sum()), "%s: most frequent %s", what, part)
    means = {c: vectors[ours == c].mean(axis=0) for c in set(ours) - {-1}}
    for number, cluster in enumerate(told["clusters"]):
        report.check(all_near(cluster["mean"], means[number]), "%s: mean of cluster %d", what, number)
        report.equal("%s: labels of %d" % (what, number), cluster["labels"],
                     dict(collections.Counter(x for x, c in zip(labels, ours) if c == number)))
    for (place, vector, _), cluster in zip(kept, ours):
        expected = {c: distance(metric, vector, m) for c, m in means.items()}
        if not means:
            continue
        where = cluster if cluster != -1 else place["nearest"]
        report.check(abs(place["distance"] - expected[where]) < 1e-7 * scale_of(metric), "%s: distance to cluster %d: %s, expected %s", what,
                     where, place["distance"], expected[where])
        report.check(cluster != -1 or expected[where] <= min(expected.values()) + 1e-9 * scale_of(metric), "%s: not the nearest", what)


def pairwise(metric, vectors):
    if metric == "hellinger":
        return ssd.squareform(ssd.pdist(np.sqrt(vectors))) / math.sqrt(2)
    if metric == "euclidean":
        return ssd.squareform(ssd.pdist(100 * vectors))
    if metric == "total-variation":
        return ssd.squareform(ssd.pdist(vectors, "cityblock")) / 2
    cumulated = np.cumsum(vectors.reshape(len(vectors), -1, BINS), axis=2).reshape(len(vectors), -1)
    return ssd.squareform(ssd.pdist(cumulated, "cityblock")) * WIDTH


# ---- profiles ----

def shares(counts):
    total = int(sum(counts))
    return [(int(c) * ONE + total // 2) // total if total else 0 for c in counts]


def check_profile(report, path, records, library):
    report.equal("profile: names", [p["name"] for p in library["profiles"]], sorted({NAMES["label"](r) for r in records}, key=str.encode))
    for profile in library["profiles"]:
        rows = [r for r in records if NAMES["label"](r) == profile["name"]]
        what = "profile " + profile["name"]
        report.equal(what + ": flows", profile["flows"], len(rows))
        report.equal(what + ": packets", profile["packets"], sum(r["network"]["packets"] for r in rows))
        report.equal(what + ": bytes", profile["bytes"], sum(r["network"]["bytes"] for r in rows))
        for direction in ("both", "total", "source", "destination"):
            part, counts = profile[direction], [counts_of(r, direction) for r in rows]
            full, size = [c for c in counts if c.sum()], len(counts[0])
            mine = [shares(c) for c in full]
            report.equal(what + ": flows that count", part["flows"], len(full))
            report.equal(what + ": counts", part["counts"], [int(c) for c in sum(counts)])
            report.equal(what + ": shares", part["shares"], [str(sum(m[k] for m in mine)) for k in range(size)])
            report.equal(what + ": squares", part["squares"], [str(sum(m[k] ** 2 for m in mine)) for k in range(size)])
            vectors = [normalise(c) for c in full]
            mean = np.mean(vectors, axis=0) if vectors else np.zeros(size)
            sd = np.std(vectors, axis=0, ddof=1) if len(vectors) > 1 else np.zeros(size)
            report.check(np.allclose(part["mean"], mean, rtol=0, atol=2e-9), "%s %s: mean", what, direction)
            report.check(np.allclose(part["sd"], sd, rtol=0, atol=1e-8), "%s %s: sd", what, direction)
        check_cells(report, what, profile["cells"], rows)


def check_cells(report, what, cells, rows):
    """Cells at level 0, from the definition: cuts are square roots of shares in eighths, cut off."""
    mine = collections.defaultdict(lambda: [0, collections.Counter()])
    for row in rows:
        counts = [int(c) for c in counts_of(row, "both")]
        if not sum(counts):
            continue
        cut = tuple((k, math.isqrt(64 * c // sum(counts))) for k, c in enumerate(counts) if 64 * c >= sum(counts))
        cell = mine[row["distribooze"]["input"], row["network"]["protocol"], cut]
        cell[0] += 1
        cell[1].update({k: q for k, q in enumerate(shares(np.array(counts, dtype=float))) if q})
    report.equal(what + ": level", cells["level"], 0)
    told = [(c["protocol"], tuple((k, q) for k, q in zip(c["at"], c["cut"]) if q), c["flows"], tuple(zip(c["at"], c["shares"]))) for c in cells["list"]]
    report.equal(what + ": cells", sorted(told), sorted((protocol, cut, flows, tuple(sorted(sums.items())))
                                                        for (_, protocol, cut), (flows, sums) in mine.items()))
    pairs = {(c["input"], c["protocol"]) for c in cells["list"]}
    report.equal(what + ": inputs and protocols", len(pairs), len({(i, p) for i, p, _ in mine}))


def check_merging(report, path, folder, whole):
    """Lines dealt to shards at random; libraries merged in shuffled orders and groupings: always the same bytes."""
    dice = random.Random(3)
    lines = open(path, encoding="utf-8").read().splitlines(True)
    few = run("profile", "-q", "--cells", "7", path)
    report.check(any(p["cells"]["level"] > 0 for p in json.loads(few)["profiles"]), "7 cells are enough for all")
    for turn in range(6):
        cells = ["--cells", "7"] if turn > 3 else []
        dice.shuffle(lines)
        cuts = [0] + sorted(dice.sample(range(1, len(lines)), 4)) + [len(lines)]
        shards = []
        for i, (a, b) in enumerate(zip(cuts, cuts[1:])):
            shard = os.path.join(folder, "shard%d.json" % i)
            run("profile", "-q", *cells, "-o", shard, "-", text="".join(lines[a:b]).encode())
            shards.append(shard)
        dice.shuffle(shards)
        two = os.path.join(folder, "two.json")
        run("profile", "-q", "-o", two, *shards[:2])
        report.equal("merge %d" % turn, run("profile", "-q", shards[2], two, *shards[3:]), few if cells else whole)
    half = os.path.join(folder, "half.jsonl")
    with open(half, "w", encoding="utf-8") as f:
        f.writelines(lines[:len(lines) // 2])
    rest = "".join(lines[len(lines) // 2:]).encode()
    library = os.path.join(folder, "half.json")
    run("profile", "-q", "-o", library, half)
    report.equal("a library and lines together", run("profile", "-q", library, "-", text=rest), whole)


# ---- score ----


def cells_of(records, direction):
    """Mean shapes of the cells of each label, folded to the direction: from the definition, as check_cells has it."""
    sums = collections.defaultdict(lambda: np.zeros(2 * BINS))
    for row in records:
        counts = [int(c) for c in counts_of(row, "both")]
        if not sum(counts) or NAMES["label"](row) == "Unknown":
            continue
        cut = tuple(math.isqrt(64 * c // sum(counts)) for c in counts)
        sums[NAMES["label"](row), row["distribooze"]["input"], row["network"]["protocol"], cut] += shares(np.array(counts, dtype=float))
    labels = collections.defaultdict(list)
    for (label, *_), total in sums.items():
        source, destination = total[:BINS], total[BINS:]
        folded = {"both": total, "total": source + destination, "source": source, "destination": destination}[direction]
        if folded.sum():
            labels[label].append(folded / folded.sum())
    return labels


def check_score(report, path, records, folder, library, metric, direction):
    what = "score --distance %s --direction %s" % (metric, direction)
    lines = run(*what.split(), "-q", "-p", library, "--nearest", "4", path).decode().splitlines()
    original = open(path, encoding="utf-8").read().splitlines()
    dztest.Schema().check(report, what, [json.loads(line) for line in lines])
    labels, largest = cells_of(records, direction), scale_of(metric)
    slack = 1e-4 * largest  # cells are sums of rounded shares, and square roots make much of little
    for line, before, record in zip(lines, original, records):
        match = json.loads(line)["distribooze"].get("match")
        vector = normalise(counts_of(record, direction))
        if not vector.sum():
            report.check(match is None, "%s: an empty flow has a match", what)
            continue
        report.equal(what + ": the line without its match", line.replace(',"match":' + compact(match), ""), before)
        far = {label: min(distance(metric, vector, cell) for cell in cells) for label, cells in labels.items()}
        expected = sorted(far.values())
        nearest = match.get("nearest", [])
        for told, value in zip(nearest, expected):
            report.check(abs(told["distance"] - value) < slack, "%s: %s, expected %s", what, told, value)
            report.check(abs(far[told["profile"]] - told["distance"]) < slack, "%s: %s is not that far", what, told)
        report.check(len(nearest) <= 4 and all(v >= nearest[-1]["distance"] - slack for v in expected[len(nearest):]), "%s: how many", what)
        if len(nearest) > 1:
            report.check(abs(match["margin"] - (nearest[1]["distance"] - nearest[0]["distance"])) < 1e-12, "%s: margin", what)
        label = NAMES["label"](record)
        if label in far:
            report.equal(what + ": agrees", match["agrees"], match.get("profile") == label)
            report.check("own_distance" not in match or abs(match["own_distance"] - far[label]) < slack, "%s: own distance", what)
        else:
            report.check("agrees" not in match and "own_distance" not in match, "%s: agrees without a profile", what)
        report.check(match["verdict"] in ("unknown", "unsure", "likely", "label") and 0 <= match.get("confidence", 0) <= 1, "%s: %s", what, match)
    again = os.path.join(folder, "scored.jsonl")
    with open(again, "w", encoding="utf-8") as f:
        f.write("\n".join(lines) + "\n")
    report.equal(what + ": scored twice", run(*what.split(), "-q", "-p", library, "--nearest", "4", again).decode().splitlines(), lines)


def compact(value):
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def check_evaluation(report, path, records):
    """Each capture judged by the cells of all others: the nearest label, from all pairs of flows and cells."""
    records = [r for r in records if r["network"]["packets"] >= 10]
    told = json.loads(run("score", "-q", "--evaluate", "--min-packets", "10", "-F", "json", path))
    inputs = sorted({r["distribooze"]["input"] for r in records})
    ties = known = right = judged = 0
    true, found = [], []
    for name in inputs:
        labels = cells_of([r for r in records if r["distribooze"]["input"] != name], "both")
        roots = {label: np.sqrt(np.array(cells)) for label, cells in labels.items()}
        for record in (r for r in records if r["distribooze"]["input"] == name):
            vector, label = np.sqrt(normalise(counts_of(record, "both"))), NAMES["label"](record)
            if not vector.sum() or label == "Unknown":
                continue
            far = sorted((float(np.sqrt(np.sum((cells - vector) ** 2, axis=1)).min()), other) for other, cells in roots.items())
            ties += far[1][0] - far[0][0] < 1e-4
            judged += 1
            known += label in labels
            right += far[0][1] == label
            true.append(label)
            found.append(far[0][1])
    report.equal("evaluation: flows", told["flows"], judged)
    report.equal("evaluation: labels not known", told["label_not_known"], judged - known)
    report.check(abs(told["accuracy_open"]["value"] * judged - right) <= ties, "evaluation: open %s, expected %s of %s", told["accuracy_open"], right, judged)
    report.check(abs(told["accuracy_closed"]["value"] * known - right) <= ties, "evaluation: closed %s", told["accuracy_closed"])
    report.check(told["accuracy_open"]["low"] <= told["accuracy_open"]["value"] <= told["accuracy_open"]["high"], "evaluation: %s", told["accuracy_open"])
    report.check(abs(told["macro_f1"] - sklearn.metrics.f1_score(true, found, average="macro", zero_division=0)) < 0.01, "evaluation: macro-F1 %s",
                 told["macro_f1"])
    report.equal("evaluation: matrix", sum(map(sum, told["confusion"])), judged)
    return "%d of %d flows right in %d folds, %d near ties" % (right, judged, len(inputs), ties)


def check_truth(report, path, records, folder):
    """Labels from outside, by each key: they are what is judged, flows without one are left out, rows without flows told."""
    for key, value in (("event.id", lambda r: r["event"]["id"]), ("community_id", lambda r: r["network"]["community_id"])):
        rows = {value(r): "even" if int(r["event"]["id"], 16) % 2 else "odd" for r in records[:400]}
        truth = os.path.join(folder, "truth.csv")
        with open(truth, "w", encoding="utf-8") as f:
            f.write("label,%s\n" % key + "".join('"%s",%s\n' % (label, k) for k, label in rows.items()) + "even,nobody\n")
        done = subprocess.run([dztest.PROGRAM, "score", "--evaluate", "--truth", truth, "-F", "json", path], capture_output=True, check=False, timeout=300)
        told = json.loads(done.stdout)
        mine = [r for r in records if value(r) in rows and counts_of(r, "total").sum()]
        report.equal("truth by %s: labels" % key, {c["name"] for c in told["labels"]}, {"even", "odd"})
        report.equal("truth by %s: flows" % key, told["flows"], len(mine))
        report.check(b"of 1 of its %d rows there is no flow" % (len(rows) + 1) in done.stderr, "truth by %s: %s", key, done.stderr)


def main():
    dztest.need_ndpi()
    report = dztest.Report()
    with tempfile.TemporaryDirectory() as folder:
        path, captures = os.path.join(folder, "all.jsonl"), dztest.captures(*dztest.capture_folders())
        with open(path, "wb") as f:
            for capture in captures:
                f.write(dztest.Run("-q", capture, stats=False).stdout)
        records = [json.loads(line) for line in open(path, encoding="utf-8")]
        for metric, by, direction, pooled in zip(METRICS, ["label", "category", "input", "protocol", "port", "label", "label"],
                                                 itertools.cycle(["both", "total", "source", "destination"]), itertools.cycle([False, True, False])):
            check_compare(report, path, records, by, direction, metric, pooled)
        check_contrasts(report, path, records)
        for metric, eps, samples in (("hellinger", 0.2, 5), ("euclidean", 12.5, 3), ("wasserstein", 40, 4), ("hellinger", "auto", 5),
                                     ("hellinger", 0, 2)):
            check_cluster(report, path, records, metric, eps, samples)
        library = os.path.join(folder, "library.json")
        whole = run("profile", "-q", path)
        with open(library, "wb") as f:
            f.write(whole)
        check_profile(report, path, records, json.loads(whole))
        check_merging(report, path, folder, whole)
        for metric, direction in (("hellinger", "both"), ("hellinger", "total"), ("wasserstein", "source"), ("euclidean", "destination")):
            check_score(report, path, records, folder, library, metric, direction)
        summary = [check_evaluation(report, path, records)]
        check_truth(report, path, records, folder)
    report.finish("%d flows; %s" % (len(records), "; ".join(summary)))


if __name__ == "__main__":
    main()
