#!/usr/bin/env python3
"""Times the clustering of 100,000 flows beside scikit-learn's DBSCAN, in one run.

    bench_dbscan.py DRIVER [COUNT]      (DRIVER is the built tests/bench/bench_dbscan)

The flows are made up, with a fixed seed: 40 services, each a distribution over a few lengths; flows of a service
differ from it, some a lot; packets per flow are spread as in real captures, where most flows are short and equal
vectors frequent.  A last data set has no clusters at all: the worst case for any index.
"""
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import sklearn.cluster

BINS = 48


def flows(rng, count, concentration):
    """Vectors of flows around 40 services; the lower the concentration, the more they differ."""
    services = rng.dirichlet(np.full(BINS, 0.06), 40)
    sizes = np.clip(rng.lognormal(2.5, 1.3, count), 1, 20000).astype(int)
    which = rng.choice(40, count, p=rng.dirichlet(np.full(40, 0.7)))
    shapes = rng.gamma(services[which] * concentration + 1e-9)
    shapes /= shapes.sum(axis=1, keepdims=True)
    rows = rng.multinomial(sizes, shapes).astype(float)
    return rows / rows.sum(axis=1, keepdims=True)


def shapeless(rng, count):
    return rng.dirichlet(np.full(BINS, 0.5), count)


def embed(metric, rows):
    """Points whose Euclidean (or Manhattan) distance is the metric, so that scikit-learn may use its own index."""
    if metric == "hellinger":
        return np.sqrt(rows / 2), "euclidean"
    if metric == "euclidean":
        return rows * 100, "euclidean"
    return np.cumsum(rows, axis=1)[:, :-1] * 32, "manhattan"


def same_partition(a, b):
    pairs = np.unique(np.stack([a, b]), axis=1).shape[1]
    return pairs == len(np.unique(a)) == len(np.unique(b))


def ours(driver, folder, metric, eps, min_samples):
    labels = os.path.join(folder, "labels")
    done = subprocess.run([driver, os.path.join(folder, "vectors"), str(BINS), metric, str(eps), str(min_samples), labels],
                          check=True, capture_output=True, text=True)
    return done.stdout.split(), np.fromfile(labels, dtype=np.int32)


def theirs(rows, metric, eps, min_samples):
    start = time.monotonic()
    points, norm = embed(metric, rows)
    result = sklearn.cluster.DBSCAN(eps=eps, min_samples=min_samples, metric=norm).fit(points)
    return time.monotonic() - start, result


def measure(driver, folder, name, rows, metric, eps, min_samples):
    rows.tofile(os.path.join(folder, "vectors"))
    (add, choose, cluster, eps, points, clusters, gaps), labels = ours(driver, folder, metric, eps, min_samples)
    eps = float(eps)
    row = (f"{name:10} {len(rows):7} {int(points):7} {metric:11} {eps:8.4g} {int(clusters):6} {np.mean(labels < 0):6.1%} "
           f"{float(add):6.2f} {float(choose):6.2f} {float(cluster):7.2f}")
    print(row, end=" ", flush=True)
    seconds, result = theirs(rows, metric, eps, min_samples)
    core = result.core_sample_indices_
    same = same_partition(labels[core], result.labels_[core]) and np.array_equal(labels < 0, result.labels_ < 0)
    print(f"{seconds:8.2f} {'same' if same else 'DIFFER'}", flush=True)


def main():
    driver = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100000
    rng = np.random.default_rng(1)
    tight, loose, none = flows(rng, count, 300), flows(rng, count, 30), shapeless(rng, count // 5)
    print("data         flows  points metric           eps clust.  noise    add    eps cluster  sklearn labels")
    print("                                                                 (s)    (s)     (s)      (s)")
    with tempfile.TemporaryDirectory() as folder:
        for name, rows, metric, eps in (("tight", tight, "hellinger", 0.1), ("tight", tight, "hellinger", "auto"),
                                        ("tight", tight, "euclidean", 5), ("tight", tight, "wasserstein", 20.01),
                                        ("loose", loose, "hellinger", 0.1), ("loose", loose, "hellinger", 0.2),
                                        ("shapeless", none, "hellinger", 0.3)):
            measure(driver, folder, name, rows, metric, eps, 10)


if __name__ == "__main__":
    main()
