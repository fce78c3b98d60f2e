"""Hand 1024 x 5024 numbers to the engine, and ask for their statistics."""

import random


def run(sc, case):
    dice = random.Random(5).random
    numbers = [100 * dice() for _ in range(case.sized(1024 * 5024))]
    with case.section("stats"):
        stats = sc.parallelize(numbers).stats()
    return [stats.count(), stats.mean(), stats.stdev(), stats.min(), stats.max()]
