#!/usr/bin/env python3
"""Times HDBSCAN of 100,000 flows beside scikit-learn's, and what memory each takes, in one run.

    bench_hdbscan.py DRIVER [COUNT]      (DRIVER is the built tests/bench/bench_hdbscan; scikit-learn 1.3 or later)

Data sets, with a fixed seed, from the flows of the captures at hand, both directions side by side:
  replicated  the flows themselves, drawn again and again
  different   each drawn flow with all its shares changed by some 20 %: no two are equal
"""
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time

import numpy as np
import sklearn.cluster
import sklearn.metrics

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "lib"))
import dztest  # noqa: E402

BINS, SIZE = 48, 5


def real():
    shapes = []
    for path in dztest.captures(*dztest.capture_folders()):
        for line in subprocess.run([dztest.PROGRAM, "-q", path], capture_output=True, check=False).stdout.splitlines():
            lengths = json.loads(line)["distribooze"]["lengths"]
            shapes.append(lengths["source"]["counts"] + lengths["destination"]["counts"])
    shapes = np.array([s for s in shapes if sum(s)], dtype=float)
    return shapes / shapes.sum(axis=1, keepdims=True)


def theirs_in(pipe, rows):
    start = time.process_time()
    labels = sklearn.cluster.HDBSCAN(min_cluster_size=SIZE, copy=True).fit_predict(np.sqrt(rows / 2))
    pipe.send((time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024, labels))


def theirs(rows):
    receiver, sender = multiprocessing.Pipe(False)
    process = multiprocessing.Process(target=theirs_in, args=(sender, rows))
    process.start()
    result = receiver.recv()
    process.join()
    return result


def ours(driver, folder, rows):
    vectors, labels = os.path.join(folder, "vectors"), os.path.join(folder, "labels")
    rows.tofile(vectors)
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = subprocess.run([driver, vectors, str(2 * BINS), str(SIZE), labels], check=True, capture_output=True, text=True)
    seconds = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    return seconds, done.stdout.split(), np.fromfile(labels, dtype=np.int32)


def main():
    driver, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 100000
    rng = np.random.default_rng(1)
    shapes = real()
    drawn = shapes[rng.integers(0, len(shapes), count)]
    changed = (drawn + 1e-9) * np.exp(rng.normal(0, 0.2, drawn.shape))
    print("data         flows  distinct  clusters  CPU s   MiB  scikit-learn: clusters  CPU s   MiB  agreement (ARI)")
    with tempfile.TemporaryDirectory() as folder:
        for name, rows in (("replicated", drawn), ("different", changed / changed.sum(axis=1, keepdims=True))):
            seconds, (_, _, points, clusters, memory), labels = ours(driver, folder, rows)
            print("%-10s %7d %9s %9s %6.1f %5s" % (name, count, points, clusters, seconds, memory), end=" ", flush=True)
            their_seconds, their_memory, their_labels = theirs(rows)
            print("%22d %6.1f %5d  %.3f" % (their_labels.max() + 1, their_seconds, their_memory,
                                             sklearn.metrics.adjusted_rand_score(labels, their_labels)), flush=True)


if __name__ == "__main__":
    main()
