#!/usr/bin/env python3
"""What score's answers are worth, beside scikit-learn's random forest and what is simpler: the tables of docs/STATISTICS.md.

    tests/bench/score.py FOLDER...      (PYTHON with numpy and scikit-learn; DISTRIBOOZE names the program)

Each FOLDER holds captures, such as nDPI's test captures; the project's own are added. Every capture is judged by a library, or a
forest, of all others: "score --evaluate", and the same vectors (both directions side by side) in the same folds. Truth is nDPI's
label. Three tables: "is it DoH?" (flows of TLS, QUIC and DoH of 20 packets and more), the nearest label (flows of 10 packets and
more of labels that four captures have), and the confidence (flows of 10 packets and more, open world).
"""

import collections
import glob
import json
import os
import subprocess
import sys

import numpy as np
import sklearn.ensemble

TOP = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
PROGRAM = os.environ.get("DISTRIBOOZE", os.path.join(TOP, "build", "distribooze"))
OWN = ["background", "bittorrent", "dns", "doh", "dot", "instagram", "netflix", "quic", "ssh", "web"]  # without copies of one traffic
LAYERS = ["ip", "payload", "tls-data"]
AMONG = ["tls", "quic", "doh_dot"]
LABEL = "DoH_DoT"
RULE = os.path.join(TOP, "share", "profiles", "ndpireader-doh.json")


def captures(folders):
    found = [os.path.join(TOP, "pcaps", name + ".pcap") for name in OWN]
    for folder in folders:
        for kind in ("*.pcap", "*.pcapng", "*.cap"):
            found += sorted(glob.glob(os.path.join(folder, kind)))
    return found


def run(*arguments):
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, check=False)
    return done.stdout


Flows = collections.namedtuple("Flows", "shapes totals labels inputs protocols")


def flows_of(paths, layer, packets):
    shapes, labels, inputs, protocols = [], [], [], []
    for path in paths:
        for line in run("flows", "-q", "-l", layer, path).splitlines():
            record = json.loads(line)
            lengths = record["distribooze"]["lengths"]
            if record["network"]["packets"] < packets or not lengths["count"] or record["distribooze"]["label"] == "Unknown":
                continue
            shapes.append(lengths["source"]["counts"] + lengths["destination"]["counts"])
            labels.append(record["distribooze"]["label"])
            inputs.append(path)
            protocols.append(record["network"]["protocol"])
    shapes = np.array(shapes, dtype=float)
    totals = shapes[:, :48] + shapes[:, 48:]
    return Flows(shapes / shapes.sum(axis=1, keepdims=True), totals / totals.sum(axis=1, keepdims=True), np.array(labels), np.array(inputs),
                 np.array(protocols))


def some(flows, chosen):
    return Flows(*(part[chosen] for part in flows))


def f1(truth, answer, weights):
    right = weights[truth & answer].sum()
    return 2 * right / max(2 * right + weights[truth & ~answer].sum() + weights[~truth & answer].sum(), 1e-12)


def by_input(inputs):
    counts = collections.Counter(inputs)
    return np.array([1 / counts[i] for i in inputs])


def folds(inputs):
    for name in sorted(set(inputs)):
        yield inputs == name


def forest_answers(flows, truth):
    """Probability of being the label."""
    answers = np.zeros(len(truth))
    for fold in folds(flows.inputs):
        forest = sklearn.ensemble.RandomForestClassifier(200, random_state=1).fit(flows.shapes[~fold], truth[~fold])
        if True in forest.classes_:
            answers[fold] = forest.predict_proba(flows.shapes[fold])[:, list(forest.classes_).index(True)]
    return answers


def rule_answers(paths, packets):
    """As (found, missed, false, others) with their inputs: the rule has its own way of measuring."""
    truth, answers, inputs = [], [], []
    for path in paths:
        for line in run("score", "-q", "-p", RULE, path).splitlines():
            record = json.loads(line)
            if record["network"]["packets"] < packets or record["network"]["protocol"] not in AMONG:
                continue
            rules = record["distribooze"].get("match", {}).get("rules", [{"matches": False}])
            truth.append(record["distribooze"]["label"] == LABEL)
            answers.append(rules[0]["matches"])
            inputs.append(path)
    return np.array(truth), np.array(answers), inputs


def row(*cells):
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)


def answer_row(layer, what, truth, answers, inputs):
    weights = by_input(inputs)
    row(layer, what, int((truth & answers).sum()), int((~truth & answers).sum()), "%.3f" % f1(truth, answers, np.ones(len(truth))),
        "%.3f" % f1(truth, answers, weights))


def is_it(paths):
    print("\n| layer | judge | found | wrongly | F1, flows alike | F1, inputs alike |\n|---|---|---|---|---|---|")
    for layer in LAYERS:
        flows = flows_of(paths, layer, 20)
        flows = some(flows, np.isin(flows.protocols, AMONG))
        truth = flows.labels == LABEL
        for threshold in ("0.5", "0.3", "0.65"):
            told = json.loads(run("score", "-q", "--evaluate", "-l", layer, "--min-packets", "20", "--is", LABEL, "--among", ",".join(AMONG),
                                  "--confidence", threshold, "-F", "json", *paths))["is"]
            row("%s: %d of %d" % (layer, truth.sum(), len(truth)) if threshold == "0.5" else "", "`--is`, confidence %s" % threshold, told["found"],
                told["wrongly"], "%.3f" % told["f1"], "%.3f" % told["f1_by_input"])
        answers = forest_answers(flows, truth)
        for threshold in (0.5, 0.3, 0.65):
            answer_row("", "random forest, %s" % threshold, truth, answers >= threshold, list(flows.inputs))
    truth, answers, inputs = rule_answers(paths, 20)
    answer_row("payload: %d of %d" % (truth.sum(), len(truth)), "ndpiReader's rule", truth, answers, inputs)


def nearest_means(flows):
    """As 0.1.0 had it: the mean of each label's flows, both directions added up."""
    told = np.empty(len(flows.labels), dtype=object)
    for fold in folds(flows.inputs):
        names = sorted(set(flows.labels[~fold]))
        means = np.array([flows.totals[~fold][flows.labels[~fold] == n].mean(axis=0) for n in names])
        far = ((np.sqrt(flows.totals[fold])[:, None] - np.sqrt(means)[None]) ** 2).sum(axis=2)
        told[fold] = np.array(names, dtype=object)[far.argmin(axis=1)]
    return told


def forest_labels(flows):
    told = np.empty(len(flows.labels), dtype=object)
    for fold in folds(flows.inputs):
        forest = sklearn.ensemble.RandomForestClassifier(200, random_state=1).fit(flows.shapes[~fold], flows.labels[~fold])
        told[fold] = forest.predict(flows.shapes[fold])
    return told


def by_pairs(flows, told):
    pairs = collections.defaultdict(list)
    for label, name, answer in zip(flows.labels, flows.inputs, told):
        pairs[label, name].append(answer == label)
    return np.mean([np.mean(rights) for rights in pairs.values()]), len(pairs)


def nearest(paths):
    print("\n| layer | flows, labels, pairs | nearest mean (0.1.0) | nearest cell | random forest |\n|---|---|---|---|---|")
    for layer in LAYERS:
        flows = flows_of(paths, layer, 10)
        captures_of = collections.defaultdict(set)
        for label, name in zip(flows.labels, flows.inputs):
            captures_of[label].add(name)
        labels = sorted(label for label, names in captures_of.items() if len(names) >= 4)
        flows = some(flows, np.isin(flows.labels, labels))
        told = json.loads(run("score", "-q", "--evaluate", "-l", layer, "--min-packets", "10", "--label", ",".join(labels), "-F", "json", *paths))
        means, count = by_pairs(flows, nearest_means(flows))
        row(layer, "%d, %d, %d" % (len(flows.labels), len(labels), count), "%.3f" % means, "%.3f" % told["pairs_closed"],
            "%.3f" % by_pairs(flows, forest_labels(flows))[0])


def confidence(paths):
    print("\n| layer | flows, inputs | calibration error by input | right, flows alike | surest fifth | right, inputs alike | surest fifth | told with 0.8 |\n"
          "|---|---|---|---|---|---|---|---|")
    for layer in LAYERS:
        told = json.loads(run("score", "-q", "--evaluate", "-l", layer, "--min-packets", "10", "-F", "json", *paths))
        sure = told["told_with_0.8"]
        row(layer, "%d, %d" % (told["flows"], told["inputs"]), "%.3f" % told["calibration_error"], "%.3f" % told["accuracy_open"]["value"],
            "%.3f" % told["surest_fifth"], "%.3f" % told["accuracy_open_by_input"], "%.3f" % told["surest_fifth_by_input"],
            "not reached" if sure["flows"] < 30 or sure["inputs"] < 10 else "%d of %d right, %d inputs" % (sure["right"], sure["flows"], sure["inputs"]))


def main():
    if len(sys.argv) < 2 or not all(map(os.path.isdir, sys.argv[1:])):
        sys.exit(__doc__)
    paths = captures(sys.argv[1:])
    print("%d captures" % len(paths))
    is_it(paths)
    nearest(paths)
    confidence(paths)


if __name__ == "__main__":
    main()
