#!/usr/bin/env python3
"""Times the clustering of 100,000 flows beside scikit-learn's DBSCAN, in one run.

    bench_dbscan.py DRIVER [COUNT]      (DRIVER is the built tests/bench/bench_dbscan)

Data sets, with a fixed seed:
  captures   flows of the captures at hand, drawn again and again, their packets drawn anew each time (left out where
             there are no captures)
  tight      made up: 40 services, each a distribution over a few lengths, flows that differ a little from it
  loose      the same, flows that differ a lot
  shapeless  no clusters at all, a fifth of the flows: the worst case for any index

scikit-learn gets the same points, embedded so that it may use the method that it thinks best, and at most LIMIT bytes
of memory: it lists every point's neighbours.  "labels" says whether noise and the clusters of core points are the same.
"""
import glob
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import sklearn.cluster

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "oracle"))
import numerics

BINS = numerics.BINS
LIMIT = 12 << 30


def normalised(rows):
    return rows / rows.sum(axis=1, keepdims=True)


def captured(rng, count):
    """Resampled flows: as in the captures, most have few packets, and equal vectors are frequent."""
    paths = []
    for folder in (os.path.join(numerics.DATA, "pcaps", "*"), os.path.join(numerics.TOP, "pcaps")):
        paths += sorted(glob.glob(os.path.join(folder, "*.pcap")))
    flows = [flow for path in paths for flow in numerics.counts_of(path)]
    if not flows:
        return None
    flows = np.array(flows)[rng.integers(0, len(flows), count)]
    sizes = np.maximum(1, (flows.sum(axis=1) * rng.lognormal(0, 0.5, count)).astype(int))
    return normalised(rng.multinomial(sizes, normalised(flows)).astype(float))


def made_up(rng, count, concentration):
    """Vectors of flows around 40 services; the lower the concentration, the more they differ."""
    services = rng.dirichlet(np.full(BINS, 0.06), 40)
    sizes = np.clip(rng.lognormal(2.5, 1.3, count), 1, 20000).astype(int)
    which = rng.choice(40, count, p=rng.dirichlet(np.full(40, 0.7)))
    shapes = rng.gamma(services[which] * concentration + 1e-9)
    return normalised(rng.multinomial(sizes, normalised(shapes)).astype(float))


def embed(metric, rows):
    """Points whose Euclidean distance is the metric, so that scikit-learn may use its own index."""
    if metric == "hellinger":
        return np.sqrt(rows / 2)
    return rows * 100


def ours(driver, folder, metric, eps, min_samples):
    labels = os.path.join(folder, "labels")
    done = subprocess.run([driver, os.path.join(folder, "vectors"), str(BINS), metric, str(eps), str(min_samples), labels],
                          check=True, capture_output=True, text=True)
    return done.stdout.split(), np.fromfile(labels, dtype=np.int32)


def cluster_limited(pipe, rows, metric, eps, min_samples):
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))
    try:
        start = time.monotonic()
        result = sklearn.cluster.DBSCAN(eps=eps, min_samples=min_samples).fit(embed(metric, rows))
        pipe.send((time.monotonic() - start, result.labels_, result.core_sample_indices_))
    except MemoryError:
        pipe.send(None)


def theirs(*arguments):
    """Seconds, labels and core points; None when memory does not do."""
    receiver, sender = multiprocessing.Pipe(False)
    process = multiprocessing.Process(target=cluster_limited, args=(sender, *arguments))
    process.start()
    sender.close()
    try:
        result = receiver.recv()
    except EOFError:
        result = None
    process.join()
    return result


def measure(driver, folder, name, rows, metric, eps, min_samples):
    rows.tofile(os.path.join(folder, "vectors"))
    (add, cluster, eps, points, clusters, _), labels = ours(driver, folder, metric, eps, min_samples)
    print(f"{name:10} {len(rows):6} {int(points):6}  {metric:11} {float(eps):7.4g} {int(clusters):8} "
          f"{np.mean(labels < 0):6.1%} {float(add):6.2f} {float(cluster):8.2f}", end=" ", flush=True)
    result = theirs(rows, metric, float(eps), min_samples)
    if not result:
        print(f"     over {LIMIT >> 30} GiB", flush=True)
        return
    seconds, their_labels, core = result
    same = numerics.same_partition(labels[core], their_labels[core]) and np.array_equal(labels < 0, their_labels < 0)
    print(f"{seconds:12.2f}  {'same' if same else 'DIFFER'}", flush=True)


def main():
    driver = sys.argv[1]
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 100000
    rng = np.random.default_rng(1)
    sets = {"captures": captured(rng, count), "tight": made_up(rng, count, 300), "loose": made_up(rng, count, 30),
            "shapeless": rng.dirichlet(np.full(BINS, 0.5), count // 5)}
    print("data        flows points  metric          eps clusters  noise  add(s) cluster(s) sklearn(s)  labels")
    with tempfile.TemporaryDirectory() as folder:
        for name, metric, eps in (("captures", "hellinger", 0.05), ("captures", "euclidean", 5.003), ("tight", "hellinger", 0.1),
                                  ("loose", "hellinger", 0.1), ("shapeless", "hellinger", 0.3)):
            if sets[name] is not None:
                measure(driver, folder, name, sets[name], metric, eps, 10)


if __name__ == "__main__":
    main()
