"""Kill executors and machines of an application at random moments, and check every answer.

    python -m tests.clusters.kill_machines --help

The cluster is that of the tests: two Ray nodes of one core. In each run one program is computed
while another thread kills the process of an executor, or a node with all that runs on it; a node
that is lost comes back for the next run.
"""

import argparse
import logging
import math
import os
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from functools import partial
from operator import add
from pathlib import Path

import duckdb
import psutil

from benchmarks.tpch.data import TABLES, prepare, query
from pyrite.connect.local_session import LocalSession
from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext
from tests.clusters.conftest import RayNodes

WORDS = [f"word{i * i % 997}" for i in range(1000)]
LINES = [" ".join(WORDS[i % 700 : i % 700 + 300]) for i in range(4000)]
COUNTS = Counter(word for line in LINES for word in line.split())

LINKS = [(page, [(page * 7 + k) % 500 for k in range(1, 4)]) for page in range(500)]
ROUNDS = 4
#: Kills come within so many seconds of a run's start; a run that nobody disturbs takes as long.
WITHIN = 3.0


def word_count(sc):
    counts = sc.parallelize(LINES, 6).flatMap(str.split).map(lambda w: (w, 1)).reduceByKey(add, 4)
    return dict(counts.collect()) == COUNTS


def page_rank(sc):
    links = sc.parallelize(LINKS, 4).partitionBy(4).cache()
    ranks = links.mapValues(lambda targets: 1.0)
    for _ in range(ROUNDS):
        given = links.join(ranks).flatMap(
            lambda page: [(target, page[1][1] / len(page[1][0])) for target in page[1][0]]
        )
        ranks = given.reduceByKey(add).mapValues(lambda rank: 0.15 + 0.85 * rank)
    right = all(abs(rank - RANKS[page]) < 1e-9 for page, rank in ranks.collect())
    links.unpersist()
    return right


def expected_ranks():
    ranks = dict.fromkeys(range(500), 1.0)
    for _ in range(ROUNDS):
        given = Counter()
        for page, targets in LINKS:
            for target in targets if page in ranks else ():
                given[target] += ranks[page] / len(targets)
        ranks = {page: 0.15 + 0.85 * rank for page, rank in given.items()}
    return ranks


RANKS = expected_ranks()


def volume(folder, expected, sc):
    """TPC-H's fifth query: six tables joined, summed and sorted."""
    session = LocalSession(sc)
    for table in TABLES:
        session.read.parquet(str(folder / f"{table}.parquet")).createOrReplaceTempView(table)
    found = session.sql(query(5, 1)).collect()
    return [row[0] for row in found] == [name for name, _ in expected] and all(
        math.isclose(row[1], revenue) for row, (_, revenue) in zip(found, expected, strict=True)
    )


def expected_volume(folder):
    with duckdb.connect() as connection:
        for table in TABLES:
            path = folder / f"{table}.parquet"
            connection.execute(f"CREATE VIEW {table} AS FROM read_parquet('{path}')")
        return [(name, float(sum)) for name, sum in connection.sql(query(5, 1)).fetchall()]


def programs(cache):
    """The programs by their names; each returns whether its answer is right."""
    tables = prepare(cache.absolute(), 1)
    return {
        "wordcount": word_count,
        "PageRank": page_rank,
        "TPC-H Q5": partial(volume, tables, expected_volume(tables)),
    }


#: Larger tables than this are split, as those of terabytes are.
SPLIT_BYTES = "10m"


def strike(nodes, chance):
    """Kill something; return what."""
    what = chance.choice(["executor", "node"])
    if what == "node":
        nodes.kill()
        return what
    executors = nodes.executors()
    if not executors:
        return "nothing"
    try:
        chance.choice(executors).send_signal(signal.SIGKILL)
    except psutil.NoSuchProcess:
        return "nothing"
    return what


def attempt(program, sc):
    """Return whether a program's answer is right; one that fails has none."""
    try:
        return program(sc)
    except Exception:
        traceback.print_exc()
        return False


def run(sc, program, nodes, seed):
    """Run a program under fire; return whether its answer was right, and what was killed."""
    chance = random.Random(seed)
    killed = []

    def kill():
        time.sleep(chance.uniform(0, WITHIN))
        killed.append(strike(nodes, chance))

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        right = attempt(program, sc)
        while killer.is_alive():  # the kill counts only if something runs
            right = attempt(program, sc) and right
    finally:
        killer.join()
    return right, killed[0]


def main():
    """Run all programs and print how many answers were right."""
    parser = argparse.ArgumentParser(prog="python -m tests.clusters.kill_machines")
    parser.add_argument("--runs", type=int, default=30, help="of each program (30)")
    parser.add_argument("--only", metavar="NAME", help="wordcount, PageRank, or TPC-H Q5 (all)")
    parser.add_argument("--seed", type=int, default=0, help="of the first run (0)")
    parser.add_argument("--cache", type=Path, default=Path(".benchmarks"), help="for TPC-H")
    options = parser.parse_args()
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    wrong = 0
    wanted = programs(options.cache)
    if options.only:
        wanted = {options.only: wanted[options.only]}
    nodes = RayNodes()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            conf = SparkConf().setMaster(nodes.master).setAppName("kill machines")
            conf.set("spark.ui.enabled", "false").set("spark.local.dir", scratch)
            conf.set("spark.sql.files.maxPartitionBytes", SPLIT_BYTES)
            for name, program in wanted.items():
                kills, right = Counter(), 0
                began = time.monotonic()
                with SparkContext(conf=conf) as sc:
                    for seed in range(options.seed, options.seed + options.runs):
                        is_right, killed = run(sc, program, nodes, seed)
                        right += is_right
                        if not is_right:
                            print(f"{name}: wrong with --seed {seed}, killed {killed}", flush=True)
                        kills[killed] += 1
                        nodes.restore()
                wrong += options.runs - right
                seconds = time.monotonic() - began
                print(
                    f"{name}: {right} of {options.runs} right in {seconds:.0f} s;"
                    f" killed: {dict(kills)}",
                    flush=True,
                )
            left = os.listdir(scratch)
    finally:
        nodes.stop()
    if left:
        print(f"left behind: {left}")
    return 1 if wrong or left else 0


if __name__ == "__main__":
    logging.getLogger("pyrite").setLevel(logging.ERROR)
    sys.exit(main())
