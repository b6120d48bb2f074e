#!/usr/bin/env python3
"""The energy test of compare against dcor and hyppo, and against its definition in numpy where flows come in sessions.

Where each flow is a session, no pairs are left out: E is then the energy distance of dcor as a U statistic, on points that
are as far from each other as the distributions are. hyppo gives a p for it without sessions. The C side is numerics_driver.

Skips (exit 77) where numpy, scipy, scikit-learn, dcor or hyppo are missing:
    python3 -m venv VENV && VENV/bin/pip install numpy scipy scikit-learn dcor hyppo
    make check PYTHON=VENV/bin/python3
"""

import json
import os
import subprocess
import sys
import warnings

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402
from science import np  # noqa: E402

try:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import dcor
        import hyppo.ksample
except ImportError as missing:
    dztest.skip("%s (set PYTHON to one that has dcor and hyppo, too)" % missing)

DRIVER = os.path.join(dztest.BUILD, "tests", "oracle", "numerics_driver")
BINS, WIDTH = 48, 32
SPLITS = 200


def drive(commands):
    done = subprocess.run([DRIVER], input="\n".join(commands) + "\n", capture_output=True, text=True, check=True)
    return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]


def command(metric, vectors, sessions, first, permutations, seed=1):
    """Sessions are numbered from 0, those of the first group first."""
    flows = " ".join("%d %s" % (s, " ".join(repr(float(x)) for x in v)) for s, v in zip(sessions, vectors))
    return "energy %s %d %d 2 %d %d %d %d %d %s" % (metric, BINS, WIDTH, permutations, seed, max(sessions) + 1, first, len(vectors), flows)


def points(metric, vectors):
    """As far from each other, by the Euclidean distance, as the distributions are."""
    return np.sqrt(vectors) / np.sqrt(2) if metric == "hellinger" else 100 * vectors


def captured(capture, label):
    """Both directions side by side, as shares of all."""
    done = subprocess.run([dztest.PROGRAM, "-q", os.path.join(dztest.SOURCE, "pcaps", capture)], capture_output=True, check=True)
    rows = []
    for line in done.stdout.splitlines():
        mine = json.loads(line)["distribooze"]
        counts = mine["lengths"]["source"]["counts"] + mine["lengths"]["destination"]["counts"]
        if mine["label"] == label and sum(counts):
            rows.append(np.array(counts) / sum(counts))
    return np.array(rows)


def made(rng, count, shift):
    weights = rng.dirichlet(np.ones(6), count)
    vectors = np.zeros((count, 2 * BINS))
    vectors[:, [1, 2, 3, 46, BINS + 1, BINS + 46]] = weights
    vectors[:, 2] += shift * vectors[:, 1]
    vectors[:, 1] *= 1 - shift
    return vectors


def energy_of(between, a, b):
    """dcor's: of the matrix of all distances it needs the points."""
    return dcor.energy_distance(between[a], between[b], estimation_stat=dcor.EstimationStatistic.U_STATISTIC)


def check_plain(report, what, metric, x, y, rng):
    """No sessions: E by dcor, here and in random splits; the p of E by hyppo."""
    vectors, first = np.vstack([x, y]), len(x)
    placed, order = points(metric, vectors), [np.arange(len(vectors))]
    order += [rng.permutation(len(vectors)) for _ in range(SPLITS)]
    told = drive([command(metric, vectors[o], range(len(vectors)), first, 1) for o in order])
    for (ours, *_), o in zip(told[:25], order):
        theirs = energy_of(placed, o[:first], o[first:])
        report.check(abs(ours - theirs) <= 1e-9 * (100 if metric == "euclidean" else 1), "%s %s: E %r, dcor's %r", what, metric, ours, theirs)
    ours = (1 + sum(t[0] >= told[0][0] - 1e-12 for t in told[1:])) / (1 + SPLITS)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        theirs = hyppo.ksample.Energy().test(placed[:first], placed[first:], reps=SPLITS, workers=1, auto=False)[1]
    spread = np.sqrt(2 * max(theirs * (1 - theirs), 1 / SPLITS) / SPLITS)
    report.check(abs(ours - theirs) < 4.5 * spread, "%s %s: p of E %.4f, hyppo's %.4f", what, metric, ours, theirs)


def by_definition(vectors, sessions, chosen, metric):
    """E and T as math/energy.h has them, for the sessions of one group."""
    placed, sessions = points(metric, vectors), np.asarray(sessions)
    between = np.sqrt(((placed[:, None] - placed[None]) ** 2).sum(axis=2))
    between[sessions[:, None] == sessions[None]] = 0
    one = np.eye(sessions.max() + 1)[sessions]
    sums, n = one.T @ between @ one, one.sum(axis=0)
    a, b = chosen, ~chosen
    size = {True: n[a].sum(), False: n[b].sum()}
    energy = 2 * sums[np.ix_(a, b)].sum() / (size[True] * size[False])
    h = (sums[:, a].sum(axis=1) / size[True] - sums[:, b].sum(axis=1) / size[False]) / n
    v = 0.0
    for part, whole in ((a, size[True]), (b, size[False])):
        energy -= sums[np.ix_(part, part)].sum() / (whole ** 2 - (n[part] ** 2).sum())
        v += ((n[part] / whole * (h[part] - (n[part] * h[part]).sum() / whole)) ** 2).sum()
    return energy, energy / np.sqrt(v)


def check_sessions(report, metric, rng):
    """Sessions of unequal size: E and T by definition, and p by the definition's T in random splits."""
    counts = [int(rng.integers(4, 12)), int(rng.integers(4, 12))]
    sizes = rng.integers(1, 7, sum(counts))
    sessions = np.repeat(np.arange(sum(counts)), sizes)
    vectors = np.vstack([0.7 * made(rng, 1, 0.0) + 0.3 * made(rng, n, 0.4 if s < counts[0] else 0.0) for s, n in enumerate(sizes)])
    chosen = np.arange(sum(counts)) < counts[0]
    energy, statistic = by_definition(vectors, sessions, chosen, metric)
    told = drive([command(metric, vectors, sessions, counts[0], 2000)])[0]
    what = "%d and %d sessions, %s" % (*counts, metric)
    report.check(abs(told[0] - energy) < 1e-9 * (100 if metric == "euclidean" else 1), "%s: E %r, by definition %r", what, told[0], energy)
    report.check(abs(told[1] - statistic) < 1e-7 * abs(statistic), "%s: T %r, by definition %r", what, told[1], statistic)
    reached = sum(by_definition(vectors, sessions, rng.permutation(chosen), metric)[1] >= statistic * (1 - 1e-9) for _ in range(SPLITS))
    expected = (1 + reached) / (1 + SPLITS)
    spread = np.sqrt(max(expected * (1 - expected), 1 / SPLITS) * (1 / SPLITS + 1 / told[4]))
    report.check(abs(told[3] - expected) < 4.5 * spread, "%s: p %.4f, by definition %.4f", what, told[3], expected)


def main():
    report, rng = dztest.Report(), np.random.default_rng(20261)
    dns, dot, doh = captured("dns.pcap", "DNS")[::12], captured("dot.pcap", "DoH_DoT")[::11], captured("doh.pcap", "DoH_DoT")
    for metric in ("hellinger", "euclidean"):
        check_plain(report, "DoH and DoT", metric, doh, dot, rng)
        check_plain(report, "DoT, every other flow", metric, dot[::2], dot[1::2], rng)
        check_plain(report, "DNS, thirds", metric, dns[: len(dns) // 3], dns[len(dns) // 3:], rng)
        for shift in (0.0, 0.3):
            check_plain(report, "made, %.2f moved" % shift, metric, made(rng, 15, 0.0), made(rng, 25, shift), rng)
        for _ in range(4):
            check_sessions(report, metric, rng)
    report.finish("dcor %s, hyppo %s" % (dcor.__version__, hyppo.__version__))


if __name__ == "__main__":
    main()
