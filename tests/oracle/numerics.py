#!/usr/bin/env python3
"""Compares the modules of src/stats with scipy and scikit-learn.

Vectors are random, degenerate (empty, one bin, identical, disjoint) and taken from real captures, which this program
reads by itself.  The C side is numerics_driver, which answers commands on its standard input.

Skips (exit 77) where numpy, scipy or scikit-learn are missing: see tests/lib/science.py.
"""
import decimal
import glob
import itertools
import os
import struct
import subprocess
import sys
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
from science import np, scipy, sklearn, ssd  # noqa: E402

TOP = os.environ.get("top_srcdir", os.path.join(os.path.dirname(__file__), "..", ".."))
BUILD = os.environ.get("top_builddir", os.path.join(TOP, "build"))
DRIVER = os.environ.get("NUMERICS_DRIVER", os.path.join(BUILD, "tests", "oracle", "numerics_driver"))
DATA = os.environ.get("DISTRIBOOZE_TESTDATA", os.path.join(TOP, "..", "shared"))
METRICS = ["hellinger", "jensen-shannon", "euclidean", "cosine", "wasserstein", "chi-squared", "total-variation"]
BINS, WIDTH = 48, 32
failures = 0
checks = 0


def check(good, message):
    global failures, checks
    checks += 1
    if not good:
        failures += 1
        if failures <= 20:
            print(f"FAIL: {message}")


# ---- the driver ----

def words(values):
    return " ".join(repr(float(v)) for v in np.asarray(values, dtype=float).ravel())


def drive(commands):
    """The lines that answer the commands, each a list of words."""
    done = subprocess.run([DRIVER], input="\n".join(commands) + "\n", capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"FAIL: {DRIVER}: exit {done.returncode}: {done.stderr}")
    lines = [line.split() for line in done.stdout.splitlines()]
    if len(lines) != len(commands):
        sys.exit(f"FAIL: {len(commands)} commands, {len(lines)} answers")
    return lines


# ---- vectors ----

def packets(path):
    """(link type, frame) of a classic pcap file; none for other formats."""
    with open(path, "rb") as file:
        data = file.read()
    order = {b"\xd4\xc3\xb2\xa1": "<", b"\xa1\xb2\xc3\xd4": ">", b"\x4d\x3c\xb2\xa1": "<"}.get(data[:4])
    if not order or len(data) < 24:
        return
    link = struct.unpack(order + "I", data[20:24])[0]
    at = 24
    while at + 16 <= len(data):
        size = struct.unpack(order + "I", data[at + 8:at + 12])[0]
        yield link, data[at + 16:at + 16 + size]
        at += 16 + size


def flow_key_and_length(link, frame):
    """Addresses, protocol and ports in either direction, and the IPv4 total length; None for anything else."""
    if link == 1 and len(frame) >= 34 and frame[12:14] == b"\x08\x00":
        packet = frame[14:]
    elif link in (12, 101) and len(frame) >= 20 and frame[0] >> 4 == 4:
        packet = frame
    else:
        return None
    header = (packet[0] & 15) * 4
    ports = (packet[header:header + 2], packet[header + 2:header + 4]) if packet[9] in (6, 17) else (b"", b"")
    ends = sorted([(packet[12:16], ports[0]), (packet[16:20], ports[1])])
    return (packet[9], *ends), struct.unpack(">H", packet[2:4])[0]


def counts_of(path):
    """The flows' counts per bin, both directions together."""
    flows = {}
    for link, frame in packets(path):
        found = flow_key_and_length(link, frame)
        if found:
            counts = flows.setdefault(found[0], np.zeros(BINS))
            counts[min(found[1] // WIDTH, BINS - 1)] += 1
    return list(flows.values())


def real_vectors():
    """Capture name → vectors of its flows."""
    paths = []
    for folder in (os.path.join(DATA, "pcaps", "seed"), os.path.join(DATA, "pcaps", "ndpi"), os.path.join(TOP, "pcaps")):
        paths += sorted(glob.glob(os.path.join(folder, "*.pcap")))
    captures = {os.path.basename(path): counts_of(path) for path in paths}
    return {name: normalised(np.array(flows)) for name, flows in captures.items() if len(flows) >= 4}


def normalised(rows):
    sums = rows.sum(axis=1, keepdims=True)
    return np.divide(rows, sums, out=np.zeros_like(rows), where=sums > 0)


def random_vectors(rng, count):
    """Like flows: few packets in few bins, with equal ones among them."""
    centres = rng.dirichlet(np.full(BINS, 0.08), 6)
    rows = np.array([rng.multinomial(rng.integers(1, 60), centres[i % 6]) for i in range(count)], dtype=float)
    return normalised(rows)


def degenerate_vectors():
    empty, first, last = np.zeros(BINS), np.eye(BINS)[0], np.eye(BINS)[-1]
    even = np.full(BINS, 1 / BINS)
    lower = normalised(np.array([[1.0] * 24 + [0.0] * 24]))[0]
    tiny = first.copy()
    tiny[0], tiny[1] = 1 - 1e-12, 1e-12
    near = even.copy()
    near[3] += 1e-9
    near[7] -= 1e-9
    return np.array([empty, first, last, even, lower, lower[::-1], tiny, near])


# ---- distances ----

def maximum(metric):
    return {"euclidean": 100 * np.sqrt(2), "wasserstein": (BINS - 1) * WIDTH}.get(metric, 1.0)


def outside_distance(metric, a, b):
    """By scipy or scikit-learn where they have it; the rule for empty vectors is ours."""
    if not a.any() or not b.any():
        return 0.0 if not a.any() and not b.any() else maximum(metric)
    places = np.arange(BINS) * float(WIDTH)
    if metric == "hellinger":
        return ssd.euclidean(np.sqrt(a), np.sqrt(b)) / np.sqrt(2)
    if metric == "jensen-shannon":
        return ssd.jensenshannon(a, b, base=2)
    if metric == "euclidean":
        return ssd.euclidean(100 * a, 100 * b)
    if metric == "cosine":
        return ssd.cosine(a, b)
    if metric == "wasserstein":
        return scipy.stats.wasserstein_distance(places, places, a, b)
    if metric == "chi-squared":
        return -sklearn.metrics.pairwise.additive_chi2_kernel(a[None], b[None])[0, 0] / 2
    return ssd.cityblock(a, b) / 2


def exact_jensen_shannon(a, b):
    """With 60 digits, for the pairs so near each other that scipy's double-precision sum has no digits left."""
    decimal.getcontext().prec = 60
    total = decimal.Decimal(0)
    for x, y in zip(map(decimal.Decimal, map(float, a)), map(decimal.Decimal, map(float, b))):
        total += sum(v * (2 * v / (x + y)).ln() for v in (x, y) if v)
    return float((total / 2 / decimal.Decimal(2).ln()).sqrt())


def agree(metric, ours, theirs, a, b):
    if metric == "jensen-shannon" and theirs < 1e-6 and a.any() and b.any():
        theirs = exact_jensen_shannon(a, b)
    return abs(ours - theirs) <= 1e-9 * max(1.0, maximum(metric))


def check_distances(name, vectors, pairs):
    jobs = [(metric, i, j) for metric in METRICS for i, j in pairs]
    answers = drive([f"distance {m} {BINS} {WIDTH} 1 {words(vectors[i])} {words(vectors[j])}" for m, i, j in jobs])
    worst = 0.0
    for (metric, i, j), answer in zip(jobs, answers):
        ours, theirs = float(answer[0]), outside_distance(metric, vectors[i], vectors[j])
        check(agree(metric, ours, theirs, vectors[i], vectors[j]), f"{name} {metric} {i},{j}: {ours!r}, not {theirs!r}")
        check(0 <= ours <= maximum(metric) * (1 + 1e-15), f"{name} {metric} {i},{j}: {ours!r} is out of range")
        check(ours == 0 or not np.array_equal(vectors[i], vectors[j]), f"{name} {metric}: equal vectors at {ours!r}")
        worst = max(worst, abs(ours - theirs) / maximum(metric))
    print(f"distances, {name}: {len(jobs)} of 7 metrics, largest difference {worst:.1e} of the range")


# ---- DBSCAN ----

def matrix(metric, vectors):
    """All distances, by numpy and scipy on whole matrices."""
    if metric == "hellinger":
        result = ssd.cdist(np.sqrt(vectors), np.sqrt(vectors)) / np.sqrt(2)
    elif metric == "jensen-shannon":
        with np.errstate(all="ignore"):
            result = np.nan_to_num(ssd.cdist(vectors, vectors, "jensenshannon")) / np.sqrt(np.log(2))
    elif metric == "euclidean":
        result = ssd.cdist(100 * vectors, 100 * vectors)
    elif metric == "cosine":
        with np.errstate(all="ignore"):
            result = np.nan_to_num(ssd.cdist(vectors, vectors, "cosine"))
    elif metric == "wasserstein":
        result = ssd.cdist(np.cumsum(vectors, axis=1)[:, :-1], np.cumsum(vectors, axis=1)[:, :-1], "cityblock") * WIDTH
    elif metric == "chi-squared":
        result = -sklearn.metrics.pairwise.additive_chi2_kernel(vectors) / 2
    else:
        result = ssd.cdist(vectors, vectors, "cityblock") / 2
    empty = ~vectors.any(axis=1)
    result[np.ix_(empty, ~empty)] = result[np.ix_(~empty, empty)] = maximum(metric)
    result[np.ix_(empty, empty)] = 0
    return np.clip(result, 0, None)


def choose_eps(distances, share):
    """A value at that quantile that no distance comes near, so that rounding decides nothing."""
    values = np.unique(distances[np.triu_indices(len(distances), 1)])
    place = min(int(share * len(values)), len(values) - 2)
    for low, high in zip(values[place:-1], values[place + 1:]):
        if high - low > 1e-7 * values[-1] and low > 1e-7 * values[-1]:
            return (low + high) / 2
    return values[-1] * 1.01


def same_partition(a, b):
    return len(set(zip(a, b))) == len(set(a)) == len(set(b))


def check_labels(name, labels, core, distances, eps, min_samples):
    theirs = sklearn.cluster.DBSCAN(eps=eps, min_samples=min_samples, metric="precomputed").fit(distances)
    their_core = np.zeros(len(labels), dtype=bool)
    their_core[theirs.core_sample_indices_] = True
    check(np.array_equal(core, their_core), f"{name}: {np.sum(core != their_core)} core points differ")
    check(np.array_equal(labels < 0, theirs.labels_ < 0), f"{name}: other noise")
    check(same_partition(labels[core], theirs.labels_[their_core]), f"{name}: other clusters")
    differing = 0
    for i in np.flatnonzero((labels >= 0) & ~core):
        near = np.flatnonzero(their_core & (distances[i] <= eps))
        if not len(near):
            continue  # noise to them: said above
        nearest = near[distances[i][near] <= distances[i][near].min() + 1e-9]
        check(labels[i] in labels[nearest], f"{name}: border point {i} is not with the nearest core point")
        differing += len(set(labels[near])) > 1
    first_seen = list(dict.fromkeys(label for label in labels if label >= 0))
    check(first_seen == list(range(len(first_seen))), f"{name}: clusters are not numbered by first appearance")
    return len(first_seen), differing


def check_dbscan(name, vectors):
    jobs = []
    for metric in METRICS:
        distances = matrix(metric, vectors)
        for share, min_samples in ((0.002, 3), (0.02, 5), (0.02, 1), (0.1, 10), (0.3, 20)):
            jobs.append((metric, distances, choose_eps(distances, share), min_samples))
    answers = drive([f"dbscan {metric} {BINS} {WIDTH} 1 {eps!r} {least} {len(vectors)} {words(vectors)}"
                     for metric, _, eps, least in ((m, d, float(e), k) for m, d, e, k in jobs)])
    clusters = shared = 0
    for (metric, distances, eps, min_samples), answer in zip(jobs, answers):
        answer = np.array(answer, dtype=int).reshape(-1, 2)
        found = check_labels(f"dbscan {name} {metric} eps {eps:.4g} min {min_samples}", answer[:, 0],
                             answer[:, 1].astype(bool), distances, eps, min_samples)
        clusters, shared = clusters + found[0], shared + found[1]
    print(f"dbscan, {name}: {len(vectors)} vectors, {len(jobs)} runs, {clusters} clusters, "
          f"{shared} border points between clusters")


def by_definition(distances, size, min_samples):
    """HDBSCAN* as it is defined: the components of the graph of all pairs, level by level, edges of one length at once."""
    distances = np.round(distances, 11)
    cores = np.sort(distances, axis=1)[:, min_samples - 1]
    reach = np.maximum(distances, np.maximum.outer(cores, cores))
    np.fill_diagonal(reach, cores)
    # Components change at the edges of the minimum spanning tree alone (+ 1, for 0 is no edge there), and points at their cores.
    tree = scipy.sparse.csgraph.minimum_spanning_tree(reach - np.diag(cores) + 1 - np.eye(len(reach)))
    levels = np.unique(np.concatenate([np.round(tree.data - 1, 11), cores]))[::-1]
    clusters = [{"members": np.arange(len(reach)), "birth": 0.0, "parent": None, "stability": 0.0}]
    for number, cluster in enumerate(clusters):
        inside = cluster["members"]
        for level in levels[levels <= reach[np.ix_(inside, inside)].max()]:
            at = 1 / level if level > 0 else np.inf
            alive = inside[cores[inside] < level]
            _, part = scipy.sparse.csgraph.connected_components(reach[np.ix_(alive, alive)] < level, directed=False)
            parts = [alive[part == p] for p in np.unique(part)] if len(alive) else []
            heavy = [p for p in parts if len(p) >= size]
            left = len(inside) - (len(heavy[0]) if len(heavy) == 1 else 0)
            if left:
                cluster["stability"] += left * (at - cluster["birth"])
            if len(heavy) != 1:
                if len(heavy) > 1:
                    clusters.extend({"members": p, "birth": at, "parent": number, "stability": 0.0} for p in heavy)
                break
            inside = heavy[0]
    return clusters


def chosen_labels(clusters, count):
    best = [0.0] * len(clusters)
    taken = [False] * len(clusters)
    for number in range(len(clusters) - 1, 0, -1):
        taken[number] = best[number] <= clusters[number]["stability"]
        best[number] = max(best[number], clusters[number]["stability"])
        best[clusters[number]["parent"]] += best[number]
    labels = np.full(count, -1)
    for number in range(len(clusters) - 1, 0, -1):  # the highest is written last
        if taken[number]:
            labels[clusters[number]["members"]] = number
    return labels


def check_hdbscan(name, vectors, by_others):
    jobs = [(metric, size, least) for metric in ("hellinger", "euclidean", "wasserstein")
            for size, least in ((5, 5), (2, 1), (4, 2), (3, 7), (12, 4)) if least <= len(vectors)]
    answers = drive([f"hdbscan {metric} {BINS} {WIDTH} 1 {size} {least} {len(vectors)} {words(vectors)}" for metric, size, least in jobs])
    found = 0
    for (metric, size, least), answer in zip(jobs, answers):
        what, ours = f"hdbscan {name} {metric} size {size} min {least}", np.array(answer).astype(int)
        distances = matrix(metric, vectors)
        defined = chosen_labels(by_definition(distances, size, least), len(vectors))
        check(np.array_equal(ours < 0, defined < 0) and same_partition(ours, defined), f"{what}: not as defined")
        first_seen = list(dict.fromkeys(label for label in ours if label >= 0))
        check(first_seen == list(range(len(first_seen))), f"{what}: clusters are not numbered by first appearance")
        found += len(first_seen)
        if by_others and least <= 2:  # core gaps tie edges from 3 on
            theirs = sklearn.cluster.HDBSCAN(min_cluster_size=size, min_samples=least, metric="precomputed", copy=True).fit(distances).labels_
            check(np.array_equal(ours < 0, theirs < 0) and same_partition(ours, theirs), f"{what}: not scikit-learn's")
    print(f"hdbscan, {name}: {len(vectors)} vectors, {len(jobs)} runs, {found} clusters")


def check_hdbscans(rng, real):
    others = hasattr(sklearn.cluster, "HDBSCAN")
    for number in range(6):
        centers = rng.dirichlet(np.full(BINS, 0.1), 1 + number)
        rows = [rng.dirichlet(centers[rng.integers(len(centers))] * rng.choice([20, 100, 1000]) + 1e-3) for _ in range(20 + 15 * number)]
        check_hdbscan(f"made up {number}", np.array(rows), others)
    check_hdbscan("captures", real, False)
    if not others:
        print("this scikit-learn has no HDBSCAN: only the definition was compared with")


# ---- the smaller modules ----

def check_agreement(rng):
    jobs = []
    for size, classes in ((0, 1), (1, 1), (2, 2), (50, 3), (500, 9), (500, 40), (3000, 5)):
        for noise in (0.0, 0.3, 1.0):
            truth = rng.integers(0, classes, size)
            found = np.where(rng.random(size) < noise, rng.integers(0, classes, size), truth)
            jobs.append((classes, truth, found))
    jobs += [(4, np.arange(4), np.zeros(4, int)), (4, np.zeros(4, int), np.arange(4)), (4, np.arange(4), np.arange(4))]
    answers = drive([f"agreement {k} {k} {len(t)} " + " ".join(f"{x} {y}" for x, y in zip(t, f)) for k, t, f in jobs])
    for (classes, truth, found), answer in zip(jobs, answers):
        purity, rand, accuracy, f1 = map(float, answer)
        expected = sklearn.metrics.adjusted_rand_score(truth, found)
        check(abs(rand - expected) <= 1e-12, f"Rand index {rand!r}, not {expected!r}")
        if not len(truth):
            continue
        table = sklearn.metrics.cluster.contingency_matrix(truth, found)
        check(abs(purity - table.max(axis=0).sum() / len(truth)) <= 1e-12, f"purity {purity!r}")
        check(abs(accuracy - sklearn.metrics.accuracy_score(truth, found)) <= 1e-12, f"accuracy {accuracy!r}")
        expected = sklearn.metrics.f1_score(truth, found, average="macro", zero_division=0)
        check(abs(f1 - expected) <= 1e-12, f"macro-F1 {f1!r}, not {expected!r}")
    print(f"agreement: {len(jobs)} tables")


def check_summary(name, vectors):
    shares = (0.01, 0.25, 0.5, 0.75, 0.9)
    vectors = [vector for vector in vectors if vector.any()]
    answers = iter(drive([f"summary {BINS} {WIDTH} {share} {words(vector)}" for vector in vectors for share in shares]))
    for vector, share in itertools.product(vectors, shares):
        entropy, bin_number, quantile = map(float, next(answers))
        check(abs(entropy - scipy.stats.entropy(vector, base=2)) <= 1e-9, f"{name}: entropy {entropy!r}")
        cumulated = np.cumsum(vector)
        if np.abs(cumulated - share).min() < 1e-9:
            continue  # at a step both sides are right
        expected = np.searchsorted(cumulated, share)
        check(bin_number == expected, f"{name}: quantile {share} in bin {bin_number}, not {expected}")
        histogram = scipy.stats.rv_histogram((vector, np.arange(BINS + 1) * WIDTH), density=False)
        expected = histogram.ppf(share) if expected < BINS - 1 else (BINS - 1) * WIDTH
        check(abs(quantile - expected) <= 1e-6, f"{name}: quantile {share} is {quantile}, not {expected}")
    print(f"summary, {name}: {len(vectors)} vectors")


def check_random():
    """xoshiro256** seeded by SplitMix64, after the papers, with Python's integers."""
    mask = 2 ** 64 - 1

    def mixed(z):
        z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 & mask
        z = (z ^ z >> 27) * 0x94D049BB133111EB & mask
        return z ^ z >> 31

    def numbers(seed, count):
        s = [mixed(seed + k * 0x9E3779B97F4A7C15 & mask) for k in (1, 2, 3, 4)]
        for _ in range(count):
            x = s[1] * 5 & mask
            yield ((x << 7 | x >> 57) & mask) * 9 & mask
            t = s[1] << 17 & mask
            s[2] ^= s[0]
            s[3] ^= s[1]
            s[1] ^= s[2]
            s[0] ^= s[3]
            s[2] ^= t
            s[3] = (s[3] << 45 | s[3] >> 19) & mask

    for seed in (0, 1, 42, mask):
        ours = list(map(int, drive([f"random {seed} 100"])[0]))
        check(ours == list(numbers(seed, 100)), f"random numbers for seed {seed}")
    print("random numbers: 4 seeds")


def check_scaling(name, vectors):
    """Classical scaling beside numpy's eigenvalues, for every metric; where all is on a plane, the distances come back."""
    for metric in METRICS:
        distances = matrix(metric, vectors)
        n = len(distances)
        answer = np.array(drive([f"scaling {n} {words(distances)}"])[0], dtype=float)
        centre = np.eye(n) - 1 / n
        values, axes = np.linalg.eigh(-centre @ distances ** 2 @ centre / 2)
        order = np.argsort(-values)[:2]
        share = np.maximum(values[order], 0).sum() / np.maximum(values, 0).sum()
        check(abs(answer[0] - share) < 1e-9, f"scaling, {name}, {metric}: share {answer[0]}, not {share}")
        for axis, column in enumerate(order):
            theirs = axes[:, column] * np.sqrt(max(values[column], 0))
            ours = answer[1 + axis::2]
            theirs *= np.sign(theirs @ ours) or 1
            error = np.abs(ours - theirs).max() / max(np.abs(theirs).max(), 1e-300)
            check(error < 1e-7, f"scaling, {name}, {metric}: axis {axis} is off by {error:g}")
            check(ours.max() >= np.abs(ours).max() - 1e-9, f"scaling, {name}, {metric}: axis {axis} is turned")
    flat = np.random.default_rng(9).normal(size=(40, 2))
    between = ssd.squareform(ssd.pdist(flat))
    answer = np.array(drive([f"scaling 40 {words(between)}"])[0], dtype=float)
    check(abs(answer[0] - 1) < 1e-12, f"scaling: a plane holds {answer[0]} of a plane")
    check(np.abs(ssd.squareform(ssd.pdist(answer[1:].reshape(-1, 2))) - between).max() < 1e-9, "scaling: a plane is not given back")
    print(f"scaling, {name}: {len(vectors)} vectors")


def check_linkage(name, vectors):
    """Average linkage beside scipy's: the same heights, and at each height the same parts."""
    import scipy.cluster.hierarchy as hierarchy
    for metric in METRICS:
        distances = matrix(metric, vectors)
        n = len(distances)
        answer = drive([f"linkage {n} {words(distances)}"])[0]
        steps = np.array(answer[:3 * (n - 1)], dtype=float).reshape(-1, 3)
        order = list(map(int, answer[3 * (n - 1):]))
        theirs = hierarchy.linkage(ssd.squareform(distances, checks=False), "average")
        check(np.abs(np.sort(steps[:, 2]) - np.sort(theirs[:, 2])).max() < 1e-9 * max(1, theirs[-1, 2]), f"linkage, {name}, {metric}: heights")
        check(sorted(order) == list(range(n)), f"linkage, {name}, {metric}: order {order}")
        members = [{i} for i in range(n)]
        for a, b, _ in steps:
            members.append(members[int(a)] | members[int(b)])
            check(min(members[int(a)]) < min(members[int(b)]), f"linkage, {name}, {metric}: a is not the lower one")
            places = sorted(order.index(i) for i in members[-1])
            check(places[-1] - places[0] + 1 == len(places), f"linkage, {name}, {metric}: a node's leaves are apart")
        parts = [set() for _ in range(n)] + [None] * (n - 1)
        for i in range(n):
            parts[i] = {i}
        for i, row in enumerate(theirs):
            parts[n + i] = parts[int(row[0])] | parts[int(row[1])]
        check({frozenset(m) for m in members} == {frozenset(m) for m in parts}, f"linkage, {name}, {metric}: other nodes than scipy's")
    print(f"linkage, {name}: {len(vectors)} vectors")


def main():
    warnings.simplefilter("ignore")
    rng = np.random.default_rng(20240517)
    captures = real_vectors()
    some = np.vstack([random_vectors(rng, 200), degenerate_vectors()])
    special = degenerate_vectors()

    check_random()
    check_agreement(rng)
    check_summary("random", some)
    check_distances("degenerate", special, list(itertools.product(range(len(special)), repeat=2)))
    check_distances("random", some, [tuple(rng.integers(0, len(some), 2)) for _ in range(300)])
    check_dbscan("random", some)
    check_scaling("random", some[:60])
    check_linkage("random", random_vectors(rng, 60))

    check_hdbscans(rng, np.vstack(list(captures.values()))[:120] if captures else some[:100])
    if not captures:
        print(f"no captures in {DATA} nor in {TOP}/pcaps: real vectors are not compared")
    else:
        real = np.vstack(list(captures.values()))
        if len(real) > 1200:
            real = real[rng.choice(len(real), 1200, replace=False)]
        check_summary("captures", real[:200])
        check_distances("captures", real, [tuple(rng.integers(0, len(real), 2)) for _ in range(1000)])
        check_dbscan(f"{len(captures)} captures", real)
    print(f"{checks} comparisons, {failures} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
