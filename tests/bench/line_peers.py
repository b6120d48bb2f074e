"""Adds up the vectors of JSON lines by label, as compare and profile do first: line_peers.py json|duckdb FILE."""
import json
import sys


def by_json(path):
    sums = {}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            own = json.loads(line)["distribooze"]
            counts = own["lengths"]["counts"]
            total = sums.setdefault(own["label"], [0] * len(counts))
            for i, count in enumerate(counts):
                total[i] += count
    return sums


def by_duckdb(path):
    import duckdb
    rows = duckdb.sql("""
        select label, bin, sum(count)
        from (select distribooze.label as label, unnest(distribooze.lengths.counts) as count,
                     generate_subscripts(distribooze.lengths.counts, 1) as bin
              from read_json('%s', format = 'newline_delimited', sample_size = -1, maximum_object_size = 4194304))
        group by label, bin order by label, bin""" % path.replace("'", "''")).fetchall()
    sums = {}
    for label, _, count in rows:
        sums.setdefault(label, []).append(int(count))
    return sums


print(json.dumps({"json": by_json, "duckdb": by_duckdb}[sys.argv[1]](sys.argv[2]), sort_keys=True))
