"""Kill executors and machines of an application at random moments, and check every answer.

    python -m tests.clusters.kill_machines [RUNS]     30 runs of each program by default

The cluster is that of the tests: two Ray nodes of one core. In each run one program is computed
while another thread kills the process of an executor, or a node with all that runs on it; a node
that is lost comes back for the next run.
"""

import logging
import os
import random
import signal
import sys
import tempfile
import threading
import time
from collections import Counter
from operator import add

import psutil

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
PROGRAMS = {"wordcount": word_count, "PageRank": page_rank}


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
        right = program(sc)
        while killer.is_alive():  # the kill counts only if something runs
            right = program(sc) and right
    finally:
        killer.join()
    return right, killed[0]


def main(runs):
    """Run all programs ``runs`` times and print how many answers were right."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    wrong = 0
    nodes = RayNodes()
    try:
        with tempfile.TemporaryDirectory() as scratch:
            conf = SparkConf().setMaster(nodes.master).setAppName("kill machines")
            conf.set("spark.ui.enabled", "false").set("spark.local.dir", scratch)
            for name, program in PROGRAMS.items():
                kills, right = Counter(), 0
                began = time.monotonic()
                with SparkContext(conf=conf) as sc:
                    for seed in range(runs):
                        is_right, killed = run(sc, program, nodes, seed)
                        right += is_right
                        kills[killed] += 1
                        nodes.restore()
                wrong += runs - right
                seconds = time.monotonic() - began
                print(
                    f"{name}: {right} of {runs} right in {seconds:.0f} s; killed: {dict(kills)}",
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
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 30))
