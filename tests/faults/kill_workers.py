"""Kill processes of an application at random moments, and check every answer.

    python tests/faults/kill_workers.py [RUNS]        50 runs of each program by default

Each run computes one program's answer while another thread kills workers, several at once, or
the launcher they are forked from, at random moments that cover every phase of a job.
"""

import contextlib
import logging
import os
import random
import signal
import sys
import tempfile
import threading
from collections import Counter
from operator import add

import psutil

from pyrite.core.conf import SparkConf
from pyrite.core.context import SparkContext

WORDS = [f"word{i * i % 997}" for i in range(1000)]
LINES = [" ".join(WORDS[i % 700 : i % 700 + 300]) for i in range(2500)]
COUNTS = Counter(word for line in LINES for word in line.split())

LEFT = [(i % 5000, i) for i in range(120_000)]
RIGHT = [(i, f"name{i}") for i in range(0, 5000, 2)]
NAMES = dict(RIGHT)
JOINED = sorted((k, (v, NAMES[k])) for k, v in LEFT if k in NAMES)


def word_count(sc):
    counts = sc.parallelize(LINES, 6).flatMap(str.split).map(lambda w: (w, 1)).reduceByKey(add, 4)
    return dict(counts.collect()) == COUNTS


def join(sc):
    joined = sc.parallelize(LEFT, 4).join(sc.parallelize(RIGHT, 3), 4)
    return sorted(joined.collect()) == JOINED


def cached_iteration(sc):
    data = sc.parallelize(range(120_000), 4).map(lambda x: (x % 100, x * 3)).cache()
    expected = sum(range(120_000)) * 3
    right = all(
        data.map(lambda pair, i=i: pair[1] + i).sum() == expected + 120_000 * i for i in range(6)
    )
    data.unpersist()
    return right


PROGRAMS = {"wordcount": word_count, "join": join, "cached iteration": cached_iteration}


class Killer(threading.Thread):
    """Kills something of this application every now and then until told to stop."""

    def __init__(self, seed):
        super().__init__(daemon=True)
        self.random = random.Random(seed)
        self.kills = Counter()
        self.over = threading.Event()

    def run(self):
        # At most three kills a run: a task may lose four workers before its job fails.
        for _ in range(3):
            if self.over.wait(self.random.uniform(0, 0.1)):
                return
            self.strike()

    def strike(self):
        launchers = psutil.Process().children()
        workers = [p for p in psutil.Process().children(recursive=True) if p not in launchers]
        what = self.random.choice(["worker", "worker", "all workers", "launcher"])
        targets = {"launcher": launchers, "all workers": workers}.get(
            what, workers and [self.random.choice(workers)]
        )
        for process in targets:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
                self.kills[what] += 1


def run(sc, program, seed):
    """Run a program under fire; return whether its answer was right, and what was killed."""
    killer = Killer(seed)
    killer.start()
    try:
        return program(sc), killer.kills
    finally:
        killer.over.set()
        killer.join()


def main(runs):
    """Run all programs ``runs`` times and print how many answers were right."""
    conf = SparkConf().setMaster("local[2]").setAppName("kill workers")
    conf.set("spark.ui.enabled", "false")
    wrong = 0
    with tempfile.TemporaryDirectory() as scratch:
        for name, program in PROGRAMS.items():
            conf.set("spark.local.dir", scratch)
            kills = Counter()
            right = 0
            with SparkContext(conf=conf) as sc:
                for seed in range(runs):
                    is_right, killed = run(sc, program, seed)
                    right += is_right
                    kills += killed
            wrong += runs - right
            print(f"{name}: {right} of {runs} right; killed: {dict(kills)}", flush=True)
        left = os.listdir(scratch)
    if left:
        print(f"left behind: {left}")
    return 1 if wrong or left else 0


if __name__ == "__main__":
    logging.getLogger("pyrite").setLevel(logging.ERROR)
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 50))
